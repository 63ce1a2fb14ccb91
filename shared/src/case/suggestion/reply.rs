//! The reply, and the one that came too late.

use super::{State, Suggestion};
use crate::case::{
    ReturnReason,
    act::Reply,
    desk::{Decision, Desk, No},
    rules::Clock,
};

impl Suggestion {
    pub(super) fn give_reply(&self, desk: &Desk<'_>, reply: &Reply) -> Decision {
        let mut step = self.by_lead(desk)?;
        self.only_in(desk, &[State::InHand, State::Rehandling])?;
        desk.says(&[("text", &reply.text), ("signer", &reply.signer), ("class", &reply.class)])?;
        if !self.classes(desk.book).iter().any(|class| class.key == reply.class) {
            return Err(No::because(ReturnReason::UnknownClass).detail(&reply.class));
        }
        if self.contacts.is_empty() {
            return Err(No::because(ReturnReason::NoContact));
        }
        if desk.facts.wants_meeting && !self.consulted() {
            return Err(No::because(ReturnReason::NoConsultation));
        }
        let mut missing = self.units().skip(1).filter(|unit| !self.opinions.contains(&unit.code));
        if let Some(unit) = missing.next()
            && !self.clocks.is_over(Clock::CoOpinion, desk.today())
        {
            return Err(No::because(ReturnReason::NoOpinion).detail(&unit.name));
        }
        step.added.limit = self.clocks.get(Clock::Reply).or(self.clocks.get(Clock::Rehandle)).map(|due| due.on);
        step.added.tells = desk.facts.voices.clone();
        Ok(step.due(self.due(desk, Clock::Evaluate)).due(self.due(desk, Clock::UrgeEvaluation)))
    }

    /// 补录: the device says before the limit, the server received it after; both times are shown,
    /// and the office may let it count on paper proof (ordering conflict 6).
    pub(super) fn accept_late(&self, desk: &Desk<'_>, event: u32, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        desk.only(self.replies.iter().any(|reply| reply.late))?;
        desk.says(&[("text", text)])?;
        match self.replies.iter().find(|reply| reply.seq == event) {
            None => Err(No::because(ReturnReason::NoSuch).detail(event.to_string())),
            Some(reply) if reply.late && !reply.excused => Ok(step),
            Some(_) => Err(No::because(ReturnReason::AlreadyDecided).event(desk.case.last("accept_late"))),
        }
    }
}
