//! What deputies did is handed in and verified before it counts (竹山 practice, DOMAIN §1.6, E6):
//! 草稿 → 已提交 → (退回补充 → 已提交) → 已核实, or 作废. After that corrections are entered as notes, or the office opens it
//! once more.

use super::{
    Act, Event, HANDED_OVER, ReturnReason,
    calendar::Date,
    contest::Contests,
    desk::{Decision, Desk, No, Step},
    who::{Part, acting, office},
};

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// 草稿
    #[default]
    Draft,
    /// 转交: a draft whose deputy's mandate had ended
    HandedOver,
    /// 已提交
    Submitted,
    /// 退回补充
    Returned,
    /// 已核实
    Verified,
    /// 作废
    Void,
}

/// A record that is verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    pub state: State,
    /// 更正 entered after verification.
    pub corrections: u32,
    pub contests: Contests,
    /// The day on which it was verified, by the server's date.
    pub verified_on: Option<Date>,
}

impl State {
    pub const fn key(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::HandedOver => HANDED_OVER,
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Verified => "verified",
            State::Void => "void",
        }
    }
}

impl Verification {
    pub(super) fn apply(&mut self, event: &Event) {
        match event.act {
            Act::Submit { .. } => self.state = State::Submitted,
            Act::AskRevision { .. } => self.state = State::Returned,
            Act::Verify => {
                self.state = State::Verified;
                self.verified_on = Some(Date::at(event.received_ms));
            }
            Act::Void { .. } => self.state = State::Void,
            Act::Correct { .. } => self.corrections += 1,
            Act::HandOver { .. } => self.state = State::HandedOver,
            _ => {}
        }
        self.contests.apply(event);
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        use State::*;
        let (office, state) = (office(desk), self.state);
        match &desk.request.act {
            Act::Submit { .. } => self.submit(desk),
            Act::AskRevision { text } => {
                // Also what turns out wrong later: until it is verified again it does not count.
                desk.only(matches!(state, Submitted | Verified))?;
                desk.says(&[("text", text)])?;
                knowing_of_verification(desk, desk.by(&[office]))
            }
            Act::Verify => {
                desk.only(state == Submitted)?;
                desk.by(&[office])
            }
            Act::Correct { text } => {
                desk.only(state == Verified)?;
                desk.says(&[("text", text)])?;
                desk.by(&[office, Part::Owner, Part::Member, Part::Station])
            }
            Act::Void { text } => {
                desk.only(matches!(state, Submitted | Returned | Verified))?;
                desk.says(&[("text", text)])?;
                // What was verified is voided by those who verified it.
                let by = if state == Verified { &[office][..] } else { &[office, Part::Owner, Part::Station] };
                knowing_of_verification(desk, desk.by(by))
            }
            Act::Contest { text, .. } => {
                desk.only(state == Verified)?;
                self.contests.contest(desk, &[Part::Owner, Part::Member], text)
            }
            Act::SettleContest { contest, text, .. } => self.contests.settle(desk, &[office], *contest, text),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }

    fn submit(&self, desk: &Desk<'_>) -> Decision {
        let draft = matches!(self.state, State::Draft | State::HandedOver | State::Returned);
        if let Some(step) = hand_over(desk, draft)? {
            return Ok(step);
        }
        let step = desk.by(&[Part::Owner, Part::Member, Part::Station, office(desk)])?;
        desk.only(draft)?;
        desk.nothing_is_in_the_way()?;
        Ok(step)
    }
}

/// What was verified is undone by someone who knows that it was.
fn knowing_of_verification(desk: &Desk<'_>, step: Decision) -> Decision {
    let step = step?;
    desk.seen(desk.case.last("verify"), ReturnReason::WrongState)?;
    Ok(step)
}

/// 换届: what someone hands in whose mandate has ended goes to the office, and is not lost (ordering
/// conflict 8). Again as often as it comes: a draft may come before its request. `None` for everybody else,
/// and for whoever is of the staff by now that takes such drafts over.
pub(super) fn hand_over(desk: &Desk<'_>, draft: bool) -> Result<Option<Step>, No> {
    let former = desk.facts.former.as_ref().filter(|_| acting(desk, &[Part::Station, office(desk)]).is_none());
    let held = || acting(desk, &[Part::Owner]).filter(|_| desk.facts.owner_ended);
    let (Some(post), Some(mandate)) = (former.or_else(held), desk.facts.owner) else {
        return Ok(None);
    };
    if !draft {
        // Whoever may not read the case any more is not told what happened in it.
        return Err(if former.is_some() { No::because(ReturnReason::WrongState) } else { desk.wrong_state() });
    }
    let act = Some(Act::HandOver { mandate });
    Ok(Some(Step { post: post.clone(), act, added: Default::default() }))
}
