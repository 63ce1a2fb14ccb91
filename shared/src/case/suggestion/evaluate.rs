//! 测评: the deputies' judgement of the reply, and what follows from it.

use super::{State, Suggestion};
use crate::{
    case::{
        Act, ReturnReason,
        act::{Evaluation, Opinion},
        desk::{Decision, Desk, No},
        rules::Clock,
        who::Part,
    },
    id::RecordId,
};

impl Suggestion {
    /// The first evaluation of a reply stands; one that comes second, typed from paper while the
    /// deputy's phone was offline, is kept as a dispute (ordering conflict 3).
    pub(super) fn evaluate(&self, desk: &Desk<'_>, evaluation: &Evaluation) -> Decision {
        let mut step = desk.by_or_for(&[Part::Owner], &self.typists(desk))?;
        let Some(reply) = self.reply() else { return Err(desk.wrong_state()) };
        if evaluation.round != self.round() {
            let no = No::because(ReturnReason::OtherReply).event(Some(reply.seq));
            return Err(no.detail(self.round().to_string()));
        }
        if evaluation.result == Opinion::Dissatisfied {
            desk.says(&[("text", &evaluation.text)])?;
        }
        match self.state {
            State::Answered => {}
            state if state.is_final() => return Err(desk.wrong_state()),
            _ => step.act = Some(Act::DisputedEvaluation(evaluation.clone())),
        }
        Ok(step)
    }

    pub(super) fn cosigner_view(&self, desk: &Desk<'_>, view: &Evaluation, mandate: Option<RecordId>) -> Decision {
        let mut step = match mandate {
            Some(mandate) => desk.by_or_for(&[Part::Holder(mandate)], &self.typists(desk))?,
            None => desk.by(&[Part::Member])?,
        };
        let mandate = mandate.or(step.post.mandate);
        if !mandate.is_some_and(|mandate| desk.facts.taking_part.contains(&mandate)) {
            return Err(No::because(ReturnReason::NotAllowed));
        }
        let Some(reply) = self.reply().filter(|_| !self.state.is_final()) else { return Err(desk.wrong_state()) };
        if view.round != self.round() {
            return Err(No::because(ReturnReason::OtherReply).event(Some(reply.seq)));
        }
        step.act = Some(Act::CosignerView { view: view.clone(), mandate });
        Ok(step)
    }

    pub(super) fn settle_evaluation(&self, desk: &Desk<'_>, keep: u32, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        desk.says(&[("text", text)])?;
        if self.disputes.is_empty() {
            return Err(desk.wrong_state());
        }
        let stands = self.evaluation().is_some_and(|standing| standing.seq == keep);
        // Once something followed from the first evaluation, the second cannot take its place.
        let takes_over = self.state == State::Evaluated && self.disputes.iter().any(|dispute| dispute.seq == keep);
        if !(stands || takes_over) {
            return Err(No::because(ReturnReason::NoSuch).detail(keep.to_string()));
        }
        Ok(step)
    }

    /// 未测评: the time is over and the deputy was reminded.
    pub(super) fn not_evaluated(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Answered])?;
        if let Some(due) = self.clocks.get(Clock::Evaluate).filter(|due| desk.today() <= due.on) {
            return Err(No::because(ReturnReason::TooEarly).detail(due.on.to_string()));
        }
        if self.reply().is_none_or(|reply| self.marks.urged_seq <= reply.seq) {
            return Err(No::because(ReturnReason::NotUrged));
        }
        Ok(step)
    }

    /// 重新办理, after the first 不满意.
    pub(super) fn rehandle(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Evaluated])?;
        self.judged(desk, |result| result == Opinion::Dissatisfied)?;
        desk.only(self.round() == 1)?;
        desk.says(&[("text", text)])?;
        Ok(step.due(self.due(desk, Clock::Rehandle)))
    }

    /// 协调督办, after the second.
    pub(super) fn coordinate(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Evaluated])?;
        self.judged(desk, |result| result == Opinion::Dissatisfied)?;
        desk.only(self.round() > 1)?;
        desk.says(&[("text", text)])?;
        Ok(step)
    }

    /// The conclusion that people reached, with what both sides said.
    pub(super) fn conclude(&self, desk: &Desk<'_>, [deputy, unit, text]: [&String; 3]) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Coordination])?;
        desk.says(&[("deputy", deputy), ("unit", unit), ("text", text)])?;
        Ok(step)
    }

    /// 办结.
    pub(super) fn close(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Evaluated, State::NotEvaluated])?;
        if self.state == State::Evaluated {
            self.judged(desk, |result| result != Opinion::Dissatisfied)?;
        }
        Ok(step)
    }

    /// The evaluation that stands says what the step rests on, and nobody disputes it.
    fn judged(&self, desk: &Desk<'_>, fits: impl Fn(Opinion) -> bool) -> Result<(), No> {
        if let Some(dispute) = self.disputes.first() {
            return Err(No::because(ReturnReason::OpenDispute).event(Some(dispute.seq)));
        }
        match self.evaluation() {
            Some(standing) if fits(standing.evaluation.result) => Ok(()),
            Some(standing) => {
                let no = No::because(ReturnReason::OtherEvaluation).event(Some(standing.seq));
                Err(no.detail(standing.evaluation.result.key()))
            }
            None => Err(desk.wrong_state()),
        }
    }
}
