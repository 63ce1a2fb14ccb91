//! 代表建议 and 直通车: the status machine of §6.4 b).

use std::collections::BTreeMap;

use super::{
    Act, Event, ReturnReason,
    act::{Assign, Tier},
    desk::{Decision, Desk, No, Step},
    rules::{Clock, Due, Rules},
    who::Part,
};
use crate::id::{RecordId, TextHash};

/// Where a suggestion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    /// S0 草稿
    #[default]
    Draft,
    /// S1 已提交
    Submitted,
    /// S2 审核中
    Review,
    /// S3 已立案
    Accepted,
    /// S4 已交办
    Assigned,
}

/// A suggestion, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestion {
    pub state: State,
    pub tier: Option<Tier>,
    pub number: Option<String>,
    /// The wording that was handed in.
    pub text: Option<TextHash>,
    /// Which wording each co-signing deputy confirmed.
    pub confirmed: BTreeMap<RecordId, TextHash>,
    pub assigned: Option<Assigned>,
    /// The rule versions in force when it was assigned.
    pub rules: Rules,
    /// The limits that run.
    pub dues: BTreeMap<Clock, Due>,
}

/// To whom it was assigned, by which event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub seq: u32,
    pub to: Assign,
}

impl State {
    pub fn key(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Review => "review",
            State::Accepted => "accepted",
            State::Assigned => "assigned",
        }
    }
}

impl Suggestion {
    pub(super) fn apply(&mut self, event: &Event) {
        match &event.act {
            Act::Confirm { text } => {
                if let Some(mandate) = event.by.post.mandate {
                    self.confirmed.insert(mandate, *text);
                }
            }
            Act::Submit { text, .. } => {
                self.state = State::Submitted;
                self.text = *text;
            }
            Act::Review => self.state = State::Review,
            Act::Accept => {
                self.state = State::Accepted;
                self.dues.remove(&Clock::Accept);
            }
            Act::Assign(to) => {
                self.state = State::Assigned;
                self.assigned = Some(Assigned { seq: event.seq, to: to.clone() });
            }
            _ => {}
        }
        let added = &event.added;
        self.tier = added.tier.or(self.tier);
        self.number = added.number.clone().or(self.number.take());
        if !added.rules.0.is_empty() {
            self.rules = added.rules.clone();
        }
        self.dues.extend(added.dues.iter().map(|due| (due.clock, *due)));
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        match &desk.request.act {
            Act::Confirm { text } => self.confirm(desk, *text),
            Act::Submit { text, declared, .. } => self.submit(desk, *text, *declared),
            Act::Review => self.office_from(desk, &[State::Submitted]),
            Act::Accept => self.accept(desk),
            Act::Assign(_) => self.assign(desk),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }

    fn confirm(&self, desk: &Desk<'_>, text: TextHash) -> Decision {
        let step = desk.by(&[Part::TakingPart])?;
        if self.state != State::Draft {
            return Err(desk.wrong_state());
        }
        if desk.facts.text != Some(text) {
            return Err(No::because(ReturnReason::TextChanged));
        }
        Ok(step)
    }

    fn submit(&self, desk: &Desk<'_>, text: Option<TextHash>, declared: bool) -> Decision {
        let step = desk.by(&[Part::Owner])?;
        if self.state != State::Draft {
            return Err(desk.wrong_state());
        }
        let facts = desk.facts;
        desk.needs(&super::verification::required(desk.request.kind))?;
        if let Some(field) = facts.personal.first() {
            return Err(No::because(ReturnReason::PersonalData).detail(field));
        }
        if text.is_none() || text != facts.text {
            return Err(No::because(ReturnReason::TextChanged));
        }
        let cosigners = facts.taking_part.iter().filter(|mandate| Some(**mandate) != facts.owner);
        if let Some(open) = cosigners.copied().find(|mandate| self.confirmed.get(mandate) != text.as_ref()) {
            return Err(No::because(ReturnReason::NotConfirmed).detail(open.to_string()));
        }
        if !declared {
            return Err(No::because(ReturnReason::NotDeclared));
        }
        if facts.tier == Some(Tier::Town) && !facts.has_congress {
            return Err(No::because(ReturnReason::NoCongress));
        }
        let mut step = step.due(desk.due(Clock::Accept, facts.tier));
        step.added.tier = facts.tier;
        Ok(step)
    }

    fn office(&self) -> Part<'static> {
        Part::Office(self.tier.unwrap_or(Tier::District))
    }

    fn office_from(&self, desk: &Desk<'_>, states: &[State]) -> Decision {
        let step = desk.by(&[self.office()])?;
        if states.contains(&self.state) { Ok(step) } else { Err(desk.wrong_state()) }
    }

    fn accept(&self, desk: &Desk<'_>) -> Decision {
        let mut step = self.office_from(desk, &[State::Submitted, State::Review])?;
        step.added.number = super::number(desk, self.tier);
        Ok(step)
    }

    fn assign(&self, desk: &Desk<'_>) -> Decision {
        let step = desk.by(&[self.office()])?;
        if let Some(assigned) = &self.assigned {
            let no = No::because(ReturnReason::AlreadyAssigned);
            return Err(no.event(Some(assigned.seq)).detail(&assigned.to.lead.name));
        }
        if self.state != State::Accepted {
            return Err(desk.wrong_state());
        }
        self.start_clocks(desk, step)
    }

    fn start_clocks(&self, desk: &Desk<'_>, mut step: Step) -> Decision {
        let today = desk.today();
        desk.book
            .holidays
            .is_working(today)
            .map_err(|missing| No::because(ReturnReason::NoHolidayTable).detail(missing.year.to_string()))?;
        step.added.rules = desk.book.rules.kept(self.tier, today);
        let Some(reply) = desk.due(Clock::Reply, self.tier) else {
            return Err(No::because(ReturnReason::NoRule).detail(Clock::Reply.key()));
        };
        let sign = desk.due(Clock::Sign, self.tier);
        Ok(step.due(Some(reply)).due(sign))
    }
}
