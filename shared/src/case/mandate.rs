//! 任职: suspension and end of a mandate (代表法 第六十一、六十二条), the change of term (换届), and
//! what a deputy contests in the dossier of the mandate as a whole.

use super::{
    Act, Event, ReturnReason,
    calendar::Date,
    contest::Contests,
    desk::{Decision, Desk, No},
    who::{Part, office},
};

/// Where a mandate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// 在任
    #[default]
    Active,
    /// 暂停执行
    Suspended,
    /// 终止
    Ended,
}

/// A mandate, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mandate {
    pub state: State,
    /// The last day, once it has ended.
    pub ended_on: Option<Date>,
    pub contests: Contests,
}

impl State {
    pub fn key(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Suspended => "suspended",
            State::Ended => "ended",
        }
    }
}

impl Mandate {
    pub(super) fn apply(&mut self, event: &Event) {
        match &event.act {
            Act::Suspend { .. } => self.state = State::Suspended,
            Act::Resume { .. } => self.state = State::Active,
            Act::End { on, .. } => {
                self.state = State::Ended;
                self.ended_on = Some(*on);
            }
            _ => {}
        }
        self.contests.apply(event);
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        let offices = [office(desk), Part::District];
        match &desk.request.act {
            Act::Suspend { text, .. } => {
                desk.only(self.state == State::Active)?;
                desk.says(&[("text", text)])?;
                desk.by(&offices)
            }
            Act::Resume { .. } => {
                desk.only(self.state == State::Suspended)?;
                desk.by(&offices)
            }
            Act::End { text, .. } => {
                desk.only(self.state != State::Ended)?;
                desk.says(&[("text", text)])?;
                desk.by(&offices)
            }
            Act::Contest { text, .. } => self.contests.contest(desk, &[Part::Holder(desk.request.case)], text),
            Act::SettleContest { contest, text, .. } => self.contests.settle(desk, &offices, *contest, text),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }
}
