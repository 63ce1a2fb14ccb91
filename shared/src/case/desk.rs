//! One request on the desk, with all that a decision may look at, and the two answers.

use super::{
    Added, Case, Happened, Request, ReturnReason, Returned,
    act::{Act, Tier},
    book::Book,
    calendar::Date,
    clocks::Clocks,
    facts::Facts,
    rules::{Clock, Due, Rule},
    who::{Part, acting, is_suspended},
};
use crate::rights::{Person, Post, Space};

/// What a decision may look at.
pub(super) struct Desk<'a> {
    pub case: &'a Case,
    pub facts: &'a Facts,
    pub book: &'a Book,
    pub person: &'a Person,
    pub space: &'a Space,
    pub request: &'a Request,
    pub now_ms: i64,
}

/// An act to be entered: as what post, what the server adds, and the act where it differs from the
/// one that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub post: Post,
    pub act: Option<Act>,
    pub added: Added,
}

/// Why not.
#[derive(Debug, Clone)]
pub(super) struct No {
    pub reason: ReturnReason,
    /// The event that stands in the way.
    pub event: Option<u32>,
    pub detail: String,
}

pub(super) type Decision = Result<Step, No>;

impl No {
    pub(super) fn because(reason: ReturnReason) -> No {
        No { reason, event: None, detail: String::new() }
    }

    pub(super) fn detail(self, detail: impl Into<String>) -> No {
        No { detail: detail.into(), ..self }
    }

    pub(super) fn event(self, seq: Option<u32>) -> No {
        No { event: seq, ..self }
    }

    pub(super) fn returned(self, case: &Case) -> Returned {
        let done = self.event.and_then(|seq| case.log.iter().find(|done| done.seq == seq));
        let happened = done.map(|done| Happened {
            seq: done.seq,
            by: done.by.name.clone(),
            act: done.act.clone(),
            at_ms: done.received_ms,
        });
        Returned { reason: self.reason, happened, detail: self.detail }
    }
}

impl<'a> Desk<'a> {
    /// Today in the district.
    pub(super) fn today(&self) -> Date {
        Date::at(self.now_ms)
    }

    /// The act is done as the first of these parts that the person has.
    pub(super) fn by(&self, parts: &[Part<'_>]) -> Decision {
        let why = || match is_suspended(self, parts) {
            true => ReturnReason::Suspended,
            false => ReturnReason::NotAllowed,
        };
        let post = acting(self, parts).ok_or_else(|| No::because(why()))?;
        Ok(Step { post: post.clone(), act: None, added: Added::default() })
    }

    /// Like [`Desk::by`], or as one of the `others` who say that they enter it for them (代录).
    pub(super) fn by_or_for(&self, parts: &[Part<'_>], others: &[Part<'_>]) -> Decision {
        match self.by(parts) {
            Err(no) if acting(self, others).is_none() => Err(no),
            Err(_) if self.request.proxy.as_deref().is_none_or(|proxy| proxy.trim().is_empty()) => {
                Err(No::because(ReturnReason::NotProxied))
            }
            Err(_) => self.by(others),
            step => step,
        }
    }

    /// The act has its place only in certain states.
    pub(super) fn only(&self, here: bool) -> Result<(), No> {
        if here { Ok(()) } else { Err(self.wrong_state()) }
    }

    /// The person knew of this event.
    pub(super) fn seen(&self, event: Option<u32>, reason: ReturnReason) -> Result<(), No> {
        match event {
            Some(seq) if self.request.seen < seq => Err(No::because(reason).event(event)),
            _ => Ok(()),
        }
    }

    pub(super) fn not_after_today(&self, date: Date) -> Result<(), No> {
        if date <= self.today() { Ok(()) } else { Err(No::because(ReturnReason::FutureDate).detail(date.to_string())) }
    }

    /// None of these texts is empty.
    pub(super) fn says(&self, texts: &[(&str, &str)]) -> Result<(), No> {
        match texts.iter().find(|(_, text)| text.trim().is_empty()) {
            Some((key, _)) => Err(No::because(ReturnReason::Empty).detail(*key)),
            None => Ok(()),
        }
    }

    /// Computes again what was provisional, by the rules that the case keeps or that are in force.
    pub(super) fn fix_dates(&self, clocks: &Clocks, parts: &[Part<'_>]) -> Decision {
        let mut step = self.by(parts)?;
        let fixed = clocks.all().filter(|due| due.provisional).filter_map(|due| due.fixed(&self.book.holidays));
        step.added.dues = fixed.collect();
        if step.added.dues.is_empty() {
            let open = clocks.all().find(|due| due.provisional);
            return Err(match open {
                Some(due) => No::because(ReturnReason::NoHolidayTable).detail(due.on.year().to_string()),
                None => self.wrong_state(),
            });
        }
        Ok(step)
    }

    /// Refuses because of the state, naming what happened last.
    pub(super) fn wrong_state(&self) -> No {
        No::because(ReturnReason::WrongState).event(self.case.log.last().map(|done| done.seq))
    }

    /// The rule in force today.
    pub(super) fn rule(&self, clock: Clock, tier: Option<Tier>) -> Option<&'a Rule> {
        self.book.rules.find(clock, tier, self.today())
    }

    /// The end of a limit that begins today by the rule in force; none where there is no rule.
    pub(super) fn due(&self, clock: Clock, tier: Option<Tier>) -> Option<Due> {
        self.rule(clock, tier).map(|rule| Due::from(rule, self.today(), &self.book.holidays))
    }
}

impl Step {
    pub(super) fn due(mut self, due: Option<Due>) -> Step {
        self.added.dues.extend(due);
        self
    }
}
