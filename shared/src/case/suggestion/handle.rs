//! Handling: assignment, signing, sending back, extension, contact, opinions.

use super::{Asked, Assigned, State, Suggestion};
use crate::case::{
    ReturnReason,
    act::Assign,
    calendar::{Date, due},
    desk::{Decision, Desk, No, Step},
    rules::{Clock, Due, Rule},
    who::Part,
};
use crate::id::UnitCode;

impl Suggestion {
    /// 交办. Who comes second is told to whom it went, and may reassign (ordering conflict 1).
    pub(super) fn assign(&self, desk: &Desk<'_>, to: &Assign) -> Decision {
        let step = desk.by(&[self.office()])?;
        if let Some(assigned) = &self.assigned {
            return Err(already(assigned));
        }
        self.only_in(desk, &[State::Accepted])?;
        self.start(desk, step, to)
    }

    /// 改派, by someone who knew to whom it was assigned.
    pub(super) fn reassign(&self, desk: &Desk<'_>, to: &Assign) -> Decision {
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Assigned, State::InHand])?;
        let Some(assigned) = &self.assigned else { return Err(desk.wrong_state()) };
        if desk.request.seen < assigned.seq {
            return Err(already(assigned));
        }
        // Who goes on with it, in whatever part, hears of that by the assignment.
        let stays = |code: &UnitCode| to.units().any(|unit| unit.code == *code);
        step.added.notify = self.units().map(|unit| unit.code.clone()).filter(|code| !stays(code)).collect();
        self.start(desk, step, to)
    }

    /// t0 is today: the rule versions that the case keeps, and the limits that begin to run.
    fn start(&self, desk: &Desk<'_>, mut step: Step, to: &Assign) -> Decision {
        desk.says(&[("lead", &to.lead.name), ("lead", &to.lead.code.0)])?;
        if to.co.iter().chain(&to.separate).any(|unit| unit.code == to.lead.code) {
            return Err(No::because(ReturnReason::Circle).detail(&to.lead.name));
        }
        let today = desk.today();
        if let Err(missing) = desk.book.holidays.is_working(today) {
            return Err(No::because(ReturnReason::NoHolidayTable).detail(missing.year.to_string()));
        }
        step.added.rules = desk.book.rules.kept(self.tier, today);
        step.added.classes = desk.book.classes.on(today).cloned().unwrap_or_default();
        step.added.extensions_max = desk.book.extensions_max.on(today).copied();
        let limit = |clock| step.added.rules.find(clock, self.tier, today).map(|rule| from(rule, today, desk));
        let reply = if to.wide { Clock::ReplyWide } else { Clock::Reply };
        let Some(reply) = limit(reply) else {
            return Err(No::because(ReturnReason::NoRule).detail(reply.key()));
        };
        let mut dues = vec![Due { clock: Clock::Reply, ..reply }];
        dues.extend(limit(Clock::Sign));
        dues.extend(limit(Clock::ReturnAssignment));
        if !(to.co.is_empty() && to.separate.is_empty()) {
            dues.extend(limit(Clock::CoOpinion));
        }
        step.added.dues = dues;
        Ok(step)
    }

    pub(super) fn sign(&self, desk: &Desk<'_>, officer: &str) -> Decision {
        let step = self.by_lead(desk)?;
        self.only_in(desk, &[State::Assigned])?;
        self.nothing_asked(desk)?;
        desk.says(&[("officer", officer)])?;
        Ok(step)
    }

    pub(super) fn ask_return(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = self.by_lead(desk)?;
        self.only_in(desk, &[State::Assigned, State::InHand])?;
        self.nothing_asked(desk)?;
        desk.says(&[("text", text)])?;
        if let Some(due) = self.clocks.get(Clock::ReturnAssignment).filter(|due| desk.today() > due.on) {
            return Err(No::because(ReturnReason::TooLate).detail(due.on.to_string()));
        }
        Ok(step.due(self.due(desk, Clock::Decide)))
    }

    pub(super) fn decide_return(&self, desk: &Desk<'_>, grant: bool, text: &str) -> Decision {
        let step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::Assigned, State::InHand])?;
        if !matches!(self.asked, Some(Asked::Return { .. })) {
            return Err(self.decided(desk, "decide_return"));
        }
        if !grant {
            desk.says(&[("text", text)])?;
        }
        Ok(step)
    }

    pub(super) fn ask_extension(&self, desk: &Desk<'_>, until: Date, text: &str) -> Decision {
        let step = self.by_lead(desk)?;
        self.only_in(desk, &[State::InHand])?;
        self.nothing_asked(desk)?;
        desk.says(&[("text", text)])?;
        if self.extensions >= self.extensions_max(desk.book) {
            return Err(No::because(ReturnReason::ExtendedBefore).event(desk.case.last("decide_extension")));
        }
        if let Some(due) = self.clocks.get(Clock::Reply) {
            if desk.today() > due.on {
                return Err(No::because(ReturnReason::TooLate).detail(due.on.to_string()));
            }
            if until <= due.on {
                return Err(No::because(ReturnReason::TooEarly).detail(due.on.to_string()));
            }
        }
        if let Some(end) = self.extensible_to(desk).filter(|end| until > *end) {
            return Err(No::because(ReturnReason::TooFar).detail(end.to_string()));
        }
        Ok(step.due(self.due(desk, Clock::Decide)))
    }

    pub(super) fn decide_extension(&self, desk: &Desk<'_>, grant: bool, text: &str) -> Decision {
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[State::InHand])?;
        let Some(Asked::Extension { until, .. }) = self.asked else {
            return Err(self.decided(desk, "decide_extension"));
        };
        if !grant {
            desk.says(&[("text", text)])?;
            return Ok(step);
        }
        let start = self.assigned.as_ref().map_or(desk.today(), |assigned| assigned.on);
        step = step.due(Some(Due::agreed(Clock::Reply, start, until)));
        Ok(step)
    }

    pub(super) fn contact(&self, desk: &Desk<'_>, on: Date) -> Decision {
        let units: Vec<Part<'_>> = self.units().map(|unit| Part::Unit(&unit.code)).collect();
        let step = desk.by_or_for(&units, &[self.office()])?;
        self.only_in(desk, &[State::Assigned, State::InHand, State::Rehandling])?;
        desk.not_after_today(on)?;
        Ok(step)
    }

    pub(super) fn co_opinion(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let asked: Vec<_> = self.units().skip(1).map(|unit| &unit.code).collect();
        let units: Vec<Part<'_>> = asked.iter().map(|code| Part::Unit(code)).collect();
        let mut step = desk.by_or_for(&units, &[self.office()])?;
        self.only_in(desk, &[State::Assigned, State::InHand])?;
        desk.says(&[("text", text)])?;
        if !asked.contains(&&step.post.unit) {
            // Entered by the office: of the first unit whose opinion is missing.
            let open = asked.iter().find(|code| !self.opinions.contains(**code));
            step.added.opinion_of = open.map(|code| (*code).clone());
        }
        Ok(step)
    }

    /// U: the lead unit; or the office, that enters it for a unit without an account (村居).
    pub(super) fn by_lead(&self, desk: &Desk<'_>) -> Decision {
        let lead: Vec<Part<'_>> = self.lead().map(|lead| Part::Unit(&lead.code)).into_iter().collect();
        desk.by_or_for(&lead, &[self.office()])
    }

    /// The end of a limit that begins today, by the rule that the case keeps.
    pub(super) fn due(&self, desk: &Desk<'_>, clock: Clock) -> Option<Due> {
        let on = self.assigned.as_ref().map_or(desk.today(), |assigned| assigned.on);
        let kept = self.rules.find(clock, self.tier, on);
        kept.or_else(|| desk.rule(clock, self.tier)).map(|rule| from(rule, desk.today(), desk))
    }

    /// As far as an extension may go: the longer limit, from assignment.
    fn extensible_to(&self, desk: &Desk<'_>) -> Option<Date> {
        let assigned = self.assigned.as_ref()?;
        let rule = self.rules.find(Clock::ReplyWide, self.tier, assigned.on)?;
        Some(due(assigned.on, rule.value, rule.unit, &desk.book.holidays).unwrap_or(from(rule, assigned.on, desk).on))
    }

    fn nothing_asked(&self, desk: &Desk<'_>) -> Result<(), No> {
        desk.only(self.asked.is_none())
    }

    fn decided(&self, desk: &Desk<'_>, act: &str) -> No {
        match desk.case.last(act) {
            Some(seq) => No::because(ReturnReason::AlreadyDecided).event(Some(seq)),
            None => desk.wrong_state(),
        }
    }
}

fn already(assigned: &Assigned) -> No {
    No::because(ReturnReason::AlreadyAssigned).event(Some(assigned.seq)).detail(&assigned.to.lead.name)
}

fn from(rule: &Rule, start: Date, desk: &Desk<'_>) -> Due {
    Due::from(rule, start, &desk.book.holidays)
}
