//! What deputies did is handed in and verified before it counts (竹山 practice, DOMAIN §1.6, E6):
//! 草稿 → 已提交 → (退回补充 → 已提交) → 已核实, or 作废. After that only corrections are entered.

use super::{
    Act, Event, ReturnReason,
    desk::{Decision, Desk, No},
    who::{Part, office},
};
use crate::schema::{Kind, Need};

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
}

impl State {
    pub fn key(self) -> &'static str {
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
            Act::Verify => self.state = State::Verified,
            Act::Void { .. } => self.state = State::Void,
            Act::Correct { .. } => self.corrections += 1,
            _ => {}
        }
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        match (&desk.request.act, self.state) {
            (Act::Submit { .. }, State::Draft | State::Returned) => {
                let step = desk.by(&[Part::Owner, Part::TakingPart, Part::Station, office(desk)])?;
                desk.needs(&required(desk.request.kind))?;
                Ok(step)
            }
            (Act::AskRevision { .. }, State::Submitted) => desk.by(&[office(desk)]),
            (Act::Verify, State::Submitted) => desk.by(&[office(desk)]),
            (Act::Correct { .. }, State::Verified) => {
                desk.by(&[office(desk), Part::Owner, Part::TakingPart, Part::Station])
            }
            (Act::Void { .. }, State::Submitted | State::Returned) => {
                desk.by(&[office(desk), Part::Owner, Part::Station])
            }
            (Act::Void { .. }, State::Verified) => desk.by(&[office(desk)]),
            (
                Act::Submit { .. } | Act::AskRevision { .. } | Act::Verify | Act::Correct { .. } | Act::Void { .. },
                _,
            ) => Err(desk.wrong_state()),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }
}

/// The fields that a record of this kind needs when it is handed in.
pub(super) fn required(kind: Kind) -> Vec<&'static str> {
    let fields = kind.schema().fields.iter();
    fields.filter(|field| field.need != Need::Optional).map(|field| field.key).collect()
}
