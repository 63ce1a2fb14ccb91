//! From draft to acceptance: co-signing, handing in, review, return, refusal, number, withdrawal.

use super::{State, Suggestion};
use crate::{
    case::{
        Act, ReturnReason,
        act::Tier,
        desk::{Decision, Desk, No},
        rules::Clock,
        verification::hand_over,
        who::Part,
    },
    id::{RecordId, TextHash},
    rights::SpaceKind,
};

/// The states in which the text may still be another, and is handed in.
const DRAFT: [State; 3] = [State::Draft, State::HandedOver, State::Revision];

impl Suggestion {
    /// 联名: one's name under one wording. A later wording asks again (ordering conflict 7).
    pub(super) fn confirm(&self, desk: &Desk<'_>, text: TextHash, mandate: Option<RecordId>) -> Decision {
        let mut step = match mandate {
            Some(mandate) => desk.by_or_for(&[Part::Holder(mandate)], &self.typists(desk))?,
            None => desk.by(&[Part::Member])?,
        };
        self.only_in(desk, &DRAFT)?;
        if desk.facts.text != Some(text) {
            return Err(No::because(ReturnReason::TextChanged));
        }
        let mandate = mandate.or(step.post.mandate);
        if !mandate.is_some_and(|mandate| desk.facts.taking_part.contains(&mandate)) {
            return Err(No::because(ReturnReason::NotAllowed));
        }
        step.act = Some(Act::Confirm { text, mandate });
        Ok(step)
    }

    pub(super) fn submit(&self, desk: &Desk<'_>, text: Option<TextHash>, declared: bool) -> Decision {
        if let Some(step) = hand_over(desk, DRAFT.contains(&self.state))? {
            return Ok(step);
        }
        let mut step = desk.by_or_for(&[Part::Owner], &self.typists(desk))?;
        self.only_in(desk, &DRAFT)?;
        let facts = desk.facts;
        desk.nothing_is_in_the_way()?;
        if text.is_none() || text != facts.text {
            return Err(No::because(ReturnReason::TextChanged));
        }
        let mut cosigners = facts.taking_part.iter().copied().filter(|mandate| Some(*mandate) != facts.owner);
        if let Some(open) = cosigners.find(|mandate| self.confirmed.get(mandate) != text.as_ref()) {
            return Err(No::because(ReturnReason::NotConfirmed).detail(open.to_string()));
        }
        if !declared {
            return Err(No::because(ReturnReason::NotDeclared));
        }
        let Some(tier) = facts.tier else { return Err(No::because(ReturnReason::Missing).detail("tier")) };
        has_its_place(desk, tier)?;
        step.added.tier = facts.tier;
        Ok(step.due(desk.due(Clock::Accept, facts.tier)))
    }

    pub(super) fn review(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Submitted])?;
        Ok(step)
    }

    pub(super) fn ask_revision(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Review])?;
        desk.says(&[("text", text)])?;
        Ok(step)
    }

    pub(super) fn decline(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Review])?;
        desk.says(&[("text", text)])?;
        step.added.tells = desk.facts.voices.clone();
        Ok(step)
    }

    pub(super) fn accept(&self, desk: &Desk<'_>) -> Decision {
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Review])?;
        let number = crate::case::number(desk, self.tier).ok_or(No::because(ReturnReason::NoNumber))?;
        step.added.number = Some(number);
        Ok(step)
    }

    /// 撤回, in writing. After assignment it ends the handling, and the units are told (ordering
    /// conflict 2; 重庆 第十二条 practice).
    pub(super) fn withdraw(&self, desk: &Desk<'_>, text: &str) -> Decision {
        use State::*;
        let mut step = desk.by_or_for(&[Part::Owner], &self.typists(desk))?;
        self.only_in(desk, &[Submitted, Review, Revision, Accepted, Assigned, InHand])?;
        desk.says(&[("text", text)])?;
        step.added.notify = self.units().map(|unit| unit.code.clone()).collect();
        step.added.tells = desk.facts.voices.clone();
        Ok(step)
    }

    /// Who may type in from paper what a deputy did (代录).
    pub(super) fn typists(&self, desk: &Desk<'_>) -> [Part<'static>; 2] {
        let tier = self.tier.or(desk.facts.tier).unwrap_or(Tier::District);
        [Part::Station, Part::Office(tier)]
    }
}

/// A matter does not lie at the desk of the office that does not decide on it; and a street has no
/// congress, so no suggestion to one (组织法 第五十九、六十条).
pub(super) fn has_its_place(desk: &Desk<'_>, tier: Tier) -> Result<(), No> {
    let wrong = match tier {
        Tier::Express | Tier::Town => SpaceKind::DistrictOffice,
        Tier::District | Tier::Upper => SpaceKind::TownOffice,
    };
    if desk.space.kind == wrong {
        return Err(No::because(ReturnReason::WrongPlace).detail(tier.key()));
    }
    has_congress(desk, tier)
}

/// Whether a suggestion of this tier can be there at all.
pub(super) fn has_congress(desk: &Desk<'_>, tier: Tier) -> Result<(), No> {
    if tier == Tier::Town && !desk.facts.has_congress {
        return Err(No::because(ReturnReason::NoCongress));
    }
    Ok(())
}
