//! What deputies did is handed in and verified before it counts (竹山 practice, DOMAIN §1.6, E6):
//! 草稿 → 已提交 → (退回补充 → 已提交) → 已核实, or 作废. After that only corrections are entered.

use super::{
    Act, Event, ReturnReason,
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
    pub handed_over: bool,
    pub contests: Contests,
    /// The day on which it was verified, by the server's date.
    pub verified_on: Option<Date>,
}

impl State {
    pub const fn key(self) -> &'static str {
        match self {
            State::Draft => "draft",
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
            Act::HandOver { .. } => self.handed_over = true,
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
                desk.only(state == Submitted)?;
                desk.says(&[("text", text)])?;
                desk.by(&[office])
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
                if state == Verified { desk.by(&[office]) } else { desk.by(&[office, Part::Owner, Part::Station]) }
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
        let draft = matches!(self.state, State::Draft | State::Returned);
        if let Some(step) = hand_over(desk, draft, self.handed_over)? {
            return Ok(step);
        }
        let step = desk.by(&[Part::Owner, Part::Member, Part::Station, office(desk)])?;
        desk.only(draft)?;
        desk.facts.are_complete(desk.request.kind)?;
        Ok(step)
    }
}

/// 换届: what someone hands in whose mandate has ended goes to the office, and is not lost (ordering
/// conflict 8). `None` for everybody else.
pub(super) fn hand_over(desk: &Desk<'_>, draft: bool, handed_over: bool) -> Result<Option<Step>, No> {
    let held = || acting(desk, &[Part::Owner]).filter(|_| desk.facts.owner_ended);
    let (Some(post), Some(mandate)) = (desk.facts.former.as_ref().or_else(held), desk.facts.owner) else {
        return Ok(None);
    };
    if !draft || handed_over {
        return Err(desk.wrong_state());
    }
    let act = Some(Act::HandOver { mandate });
    Ok(Some(Step { post: post.clone(), act, added: Default::default() }))
}
