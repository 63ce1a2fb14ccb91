//! What goes on beside and after the handling: commitments, archive, urging, marks, publicity.

use super::{State, Suggestion};
use crate::case::{
    ReturnReason,
    act::CommitmentOutcome,
    calendar::Date,
    desk::{Decision, Desk, No},
    who::Part,
};

/// 催办级别 go from 1 to 3.
const URGE_LEVEL_MAX: u8 = 3;

impl Suggestion {
    pub(super) fn commitment(
        &self,
        desk: &Desk<'_>,
        number: u32,
        outcome: CommitmentOutcome,
        due: Option<Date>,
        text: &str,
    ) -> Decision {
        let mut parts: Vec<Part<'_>> = vec![self.office()];
        parts.extend(self.lead().map(|lead| Part::Unit(&lead.code)));
        let step = desk.by(&parts)?;
        self.only_in(desk, &[State::Tracking])?;
        desk.says(&[("text", text)])?;
        let Some(found) = self.commitments.iter().find(|found| found.number == number) else {
            return Err(No::because(ReturnReason::NoSuch).detail(number.to_string()));
        };
        if found.outcome.is_some() {
            return Err(No::because(ReturnReason::AlreadyDecided).event(desk.case.last("commitment")));
        }
        if outcome == CommitmentOutcome::Adjusted && due.is_none() {
            return Err(No::because(ReturnReason::Empty).detail("due"));
        }
        Ok(step)
    }

    pub(super) fn archive(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Closed, State::Tracking])?;
        match self.open_commitments().next() {
            Some(open) => Err(No::because(ReturnReason::OpenCommitment).detail(&open.text)),
            None => Ok(step),
        }
    }

    /// 催办: of the unit while it handles, of the deputy while the evaluation is open, of what was promised.
    pub(super) fn urge(&self, desk: &Desk<'_>, level: u8, text: &str) -> Decision {
        use State::*;
        let step = desk.by(&[self.office(), Part::District, Part::Leader])?;
        if ![Assigned, InHand, Rehandling, Answered, Tracking].contains(&self.state) {
            return Err(desk.wrong_state());
        }
        desk.says(&[("text", text)])?;
        if !(1..=URGE_LEVEL_MAX).contains(&level) {
            return Err(No::because(ReturnReason::Empty).detail("level"));
        }
        Ok(step)
    }

    /// 重点督办 (代表法 第五十二条), 优秀建议.
    pub(super) fn mark(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office(), Part::Leader])?;
        desk.only(self.state >= State::Accepted && !matches!(self.state, State::Withdrawn | State::Converted))?;
        Ok(step)
    }

    pub(super) fn object(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by_or_for(&[Part::Owner], &self.typists(desk))?;
        desk.only(self.state >= State::Submitted && !self.marks.published)?;
        desk.says(&[("text", text)])?;
        Ok(step)
    }

    /// 公开: nothing personal in it, the unit lets the reply be public, the deputy's objection was considered. Of its
    /// files, those are public that may be.
    pub(super) fn publish(&self, desk: &Desk<'_>, objection_considered: bool) -> Decision {
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Closed, State::Tracking, State::Archived])?;
        desk.only(!self.marks.published)?;
        let Some(reply) = self.reply() else { return Err(desk.wrong_state()) };
        if let Some(field) = desk.facts.personal.first() {
            return Err(No::because(ReturnReason::PersonalData).detail(*field));
        }
        if !reply.may_publish {
            return Err(No::because(ReturnReason::NotPublic).event(Some(reply.seq)));
        }
        let objects = self.objection.is_some() || desk.facts.refuses_publicity;
        if objects && !objection_considered {
            return Err(No::because(ReturnReason::Objected).event(self.objection));
        }
        step.added.files = desk.facts.public_files.clone();
        Ok(step)
    }

    pub(super) fn unpublish(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        desk.only(self.marks.published)?;
        desk.says(&[("text", text)])?;
        Ok(step)
    }
}
