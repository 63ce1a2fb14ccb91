//! 异议: a deputy contests what stands in the dossier (错、重、漏, 江北 practice), the office answers.

use super::{
    Act, Event, ReturnReason,
    act::Fault,
    desk::{Decision, Desk, No},
    who::Part,
};
use crate::id::RecordId;

/// What was contested in a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contests(pub Vec<Contest>);

/// One contest, by the number of its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    pub seq: u32,
    pub fault: Fault,
    /// The record that is wrong or doubled; none where something is missing.
    pub about: Option<RecordId>,
    /// Whether the office agreed; `None` while it has not answered.
    pub upheld: Option<bool>,
}

impl Contests {
    pub fn open(&self) -> impl Iterator<Item = &Contest> {
        self.0.iter().filter(|contest| contest.upheld.is_none())
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match &event.act {
            Act::Contest { fault, about, .. } => {
                self.0.push(Contest { seq: event.seq, fault: *fault, about: *about, upheld: None });
            }
            Act::SettleContest { contest, upheld, .. } => {
                if let Some(found) = self.0.iter_mut().find(|found| found.seq == *contest) {
                    found.upheld = Some(*upheld);
                }
            }
            _ => {}
        }
    }

    pub(super) fn contest(&self, desk: &Desk<'_>, parts: &[Part<'_>], text: &str) -> Decision {
        let step = desk.by(parts)?;
        desk.says(&[("text", text)])?;
        Ok(step)
    }

    pub(super) fn settle(&self, desk: &Desk<'_>, parts: &[Part<'_>], contest: u32, text: &str) -> Decision {
        let step = desk.by(parts)?;
        desk.says(&[("text", text)])?;
        let Some(found) = self.0.iter().find(|found| found.seq == contest) else {
            return Err(No::because(ReturnReason::NoSuch).detail(contest.to_string()));
        };
        match found.upheld {
            None => Ok(step),
            Some(_) => Err(No::because(ReturnReason::AlreadyDecided).event(desk.case.last("settle_contest"))),
        }
    }
}
