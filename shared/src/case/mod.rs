//! Official events (公文流转): the part of a record that is not merged but decided.
//!
//! Each record may have a *case*: a log of events that the server orders. A person files a
//! [`Request`], offline too; [`decide`] accepts it as the next [`Event`] or returns it with the
//! reason and the text intact. The state is a fold over the events: [`Case`]. All of it is pure, so
//! that the phone can say beforehand what the server will say, as far as it knows.

mod act;
pub mod book;
pub mod calendar;
mod caused;
pub mod clocks;
pub mod complete;
pub mod contest;
pub mod dated;
mod desk;
pub mod facts;
pub mod figures;
pub mod holidays;
mod lunar;
pub mod mandate;
pub mod offer;
pub mod reception;
mod returned;
pub mod route;
mod row;
pub mod rules;
pub mod score;
pub mod session;
pub mod suggestion;
pub mod verification;
pub mod voice;
mod who;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use act::*;
pub use book::{Book, ReplyClass};
pub use calendar::Date;
pub use caused::{Caused, caused, reaches};
pub use facts::{Facts, Target};
pub use lunar::LunarDate;
pub use returned::{Happened, ReturnReason, Returned};
pub use row::{CaseRow, Pressure};
pub use rules::{Clock, Due, Rule, Rules};
pub use who::may_ask;

use crate::{
    id::{BlobHash, EventId, RecordId, UnitCode, UserId},
    rights::{Person, Post, Space},
    schema::Kind,
};
use desk::{Decision, Desk, No};
use mandate::Mandate;
use suggestion::Suggestion;
use verification::Verification;
use voice::Voice;

/// What a person asks for: made on the device, offline too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// A repeat is a no-op.
    pub id: EventId,
    /// The record whose case it is.
    pub case: RecordId,
    pub kind: Kind,
    /// How many events of the case the person had seen.
    pub seen: u32,
    /// By the device's clock, in milliseconds since 1970.
    pub made_ms: i64,
    /// 代录: for whom and from what it was entered, when it was not done here by the person oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    pub act: Act,
}

/// What the server entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3 … within the case.
    pub seq: u32,
    pub id: EventId,
    pub case: RecordId,
    pub kind: Kind,
    pub by: By,
    pub made_ms: i64,
    pub received_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// As accepted, which may differ from what was asked for: an evaluation that came second is
    /// entered as a dispute.
    pub act: Act,
    #[serde(default, skip_serializing_if = "Added::is_empty")]
    pub added: Added,
}

/// Who did it, and as which post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub user: UserId,
    pub name: String,
    pub post: Post,
}

/// What the server adds to an accepted act.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Added {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Limits that begin to run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dues: Vec<Due>,
    /// The rule versions that the case keeps.
    #[serde(skip_serializing_if = "no_rules")]
    pub rules: Rules,
    /// The classes of replies that the case keeps, and how often its reply may be put off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ReplyClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions_max: Option<u32>,
    /// Of a reply: the last day of its limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Date>,
    /// Units that must be told, because it is no longer theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<UnitCode>,
    /// Of a reply, and of what ends without one: the voices behind the suggestion, whose result is known now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<RecordId>,
    /// Of an opinion that the office typed in: whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opinion_of: Option<UnitCode>,
    /// Of a publication: the files that are public with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<BlobHash>,
}

fn no_rules(rules: &Rules) -> bool {
    rules.0.is_empty()
}

impl Added {
    fn is_empty(&self) -> bool {
        *self == Added::default()
    }
}

/// The answer to a request.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is moved once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// To be appended to the case's log.
    Accepted(Event),
    /// The request is in the log already, as this event: nothing is appended.
    Known {
        seq: u32,
    },
    Returned(Returned),
}

/// A case: the fold over its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub kind: Kind,
    /// What was done, in short, in the order of the events.
    pub log: Vec<Done>,
    pub machine: Machine,
    known: BTreeMap<EventId, u32>,
}

/// An event in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub seq: u32,
    pub by: By,
    /// The act's key.
    pub act: String,
    pub received_ms: i64,
}

/// The state of a draft that was handed over to the office, because its deputy's mandate had ended (换届).
pub const HANDED_OVER: &str = "handed_over";

/// The status machine of a kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Machine {
    Suggestion(Box<Suggestion>),
    Voice(Box<Voice>),
    Verification(Verification),
    Mandate(Mandate),
    /// Records of this kind know no official acts.
    None,
}

impl Case {
    pub fn new(kind: Kind) -> Case {
        let machine = match kind {
            Kind::Suggestion => Machine::Suggestion(Box::default()),
            Kind::Voice => Machine::Voice(Box::default()),
            Kind::Activity | Kind::DutyReport | Kind::DossierEntry => Machine::Verification(Verification::default()),
            Kind::Mandate => Machine::Mandate(Mandate::default()),
            _ => Machine::None,
        };
        Case { kind, log: Vec::new(), machine, known: BTreeMap::new() }
    }

    /// The case with these events, in their order.
    pub fn of<'a>(kind: Kind, events: impl IntoIterator<Item = &'a Event>) -> Case {
        let mut case = Case::new(kind);
        for event in events {
            case.apply(event);
        }
        case
    }

    /// Enters the next event. A repeat, and an event that leaves a gap, change nothing.
    pub fn apply(&mut self, event: &Event) -> bool {
        if event.seq != self.seq() + 1 || self.known.contains_key(&event.id) {
            return false;
        }
        match &mut self.machine {
            Machine::Suggestion(suggestion) => suggestion.apply(event),
            Machine::Voice(voice) => voice.apply(event),
            Machine::Verification(verification) => verification.apply(event),
            Machine::Mandate(mandate) => mandate.apply(event),
            Machine::None => {}
        }
        self.known.insert(event.id, event.seq);
        self.log.push(Done {
            seq: event.seq,
            by: event.by.clone(),
            act: event.act.key().to_owned(),
            received_ms: event.received_ms,
        });
        true
    }

    /// The number of the last event.
    pub fn seq(&self) -> u32 {
        self.log.last().map_or(0, |done| done.seq)
    }

    /// The number of the last event with this act.
    pub fn last(&self, act: &str) -> Option<u32> {
        self.log.iter().rev().find(|done| done.act == act).map(|done| done.seq)
    }

    /// The event with this id, if it is in the log.
    pub fn seq_of(&self, id: EventId) -> Option<u32> {
        self.known.get(&id).copied()
    }

    /// The state's key; its words are in the texts under `state.<kind>.<key>`.
    pub fn state(&self) -> &'static str {
        match &self.machine {
            Machine::Suggestion(suggestion) => suggestion.key(),
            Machine::Voice(voice) => voice.key(),
            Machine::Verification(verification) => verification.state.key(),
            Machine::Mandate(mandate) => mandate.state.key(),
            Machine::None => "none",
        }
    }
}

/// The answer to a request, at the server's time `now_ms`. `case` must hold all events so far.
pub fn decide(
    case: &Case,
    facts: &Facts,
    book: &Book,
    person: &Person,
    space: &Space,
    request: &Request,
    now_ms: i64,
) -> Verdict {
    if let Some(seq) = case.known.get(&request.id) {
        return Verdict::Known { seq: *seq };
    }
    let desk = Desk { case, facts, book, person, space, request, now_ms };
    match consider(&desk) {
        Ok(step) => Verdict::Accepted(Event {
            seq: case.seq() + 1,
            id: request.id,
            case: request.case,
            kind: request.kind,
            by: By { user: person.user, name: person.name.clone(), post: step.post },
            made_ms: request.made_ms,
            received_ms: now_ms,
            proxy: request.proxy.clone(),
            act: step.act.unwrap_or_else(|| request.act.clone()),
            added: step.added,
        }),
        Err(no) => Verdict::Returned(no.returned(case)),
    }
}

fn consider(desk: &Desk<'_>) -> Decision {
    if matches!(desk.request.act, Act::Unknown(_)) {
        return Err(No::because(ReturnReason::Unknown));
    }
    if !desk.request.act.is_bounded() {
        return Err(No::because(ReturnReason::TooLong));
    }
    if desk.request.kind != desk.case.kind {
        return Err(No::because(ReturnReason::WrongKind));
    }
    let step = match &desk.case.machine {
        Machine::Suggestion(suggestion) => suggestion.decide(desk),
        Machine::Voice(voice) => voice.decide(desk),
        Machine::Verification(verification) => verification.decide(desk),
        Machine::Mandate(mandate) => mandate.decide(desk),
        Machine::None => Err(No::because(ReturnReason::WrongKind)),
    }?;
    // The log forgets nothing, so nobody's number gets into it.
    match step.act.as_ref().unwrap_or(&desk.request.act).personal() {
        Some(text) => Err(No::because(ReturnReason::PersonalData).detail(text)),
        None if desk.request.proxy.as_deref().is_some_and(facts::looks_personal) => {
            Err(No::because(ReturnReason::PersonalData).detail("proxy"))
        }
        None => Ok(step),
    }
}

/// The series in which a case of this tier gets its number: the server counts each by itself.
pub fn series(tier: Tier, space: &Space, now_ms: i64) -> String {
    format!("{}:{}:{}", tier.key(), space.unit.0, Date::at(now_ms).year())
}

fn number(desk: &Desk<'_>, tier: Option<Tier>) -> Option<String> {
    let pattern = desk.book.numbers.get(&tier?)?.on(desk.today())?;
    let year = desk.today().year().to_string();
    let seq = format!("{:03}", desk.facts.next_number);
    // The desk has a name of its own (「芝麻镇工作台」), which is no place.
    let place = if desk.facts.place.is_empty() { &desk.space.name } else { &desk.facts.place };
    Some(pattern.replace("{year}", &year).replace("{place}", place).replace("{seq}", &seq))
}

#[cfg(test)]
mod tests;
