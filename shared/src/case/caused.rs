//! Events that an event brings about in other cases: the new case of a conversion, the villagers
//! who can be told when a suggestion is answered, a voice that another was merged into.

use super::{
    Added, Book, Case, Clock, Date, Due, Event, Exit, Facts, Machine, act::Act, suggestion::Suggestion, voice::Voice,
};
use crate::{
    id::{EventId, RecordId},
    limits::ACT_REACHES_MAX,
    schema::Kind,
};

/// An event to be entered into another case, in the same transaction as its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caused {
    pub id: EventId,
    pub case: RecordId,
    pub kind: Kind,
    pub act: Act,
    added: Added,
}

/// The records whose cases this act would look at or bring something about in, so that the server
/// can have them at hand. `facts` are those of the record the act is about.
pub fn reaches(case: &Case, facts: &Facts, act: &Act) -> Vec<RecordId> {
    let mut reached = match (act, &case.machine) {
        (Act::Convert { to, .. }, _) => vec![*to],
        (Act::Opened { origin, .. }, _) => vec![*origin],
        (Act::Route { exit: Exit::Merged { into } }, _) => vec![*into],
        (Act::Route { exit: Exit::Town { suggestion } | Exit::District { suggestion } }, _) => vec![*suggestion],
        (act, _) if act.tells_voices() => facts.voices.clone(),
        (Act::Outcome { .. }, Machine::Voice(voice)) => voice.joined.clone(),
        _ => Vec::new(),
    };
    reached.truncate(ACT_REACHES_MAX);
    reached
}

/// What an accepted event brings about in other cases. `case` is the event's own, before or after it.
pub fn caused(case: &Case, event: &Event, book: &Book) -> Vec<Caused> {
    let others = match &case.machine {
        Machine::Suggestion(_) => Suggestion::caused(event),
        Machine::Voice(voice) => Voice::caused(event, &voice.joined),
        _ => Vec::new(),
    };
    let caused = |(case, kind, act): (RecordId, Kind, Act)| {
        let mut added = Added::default();
        match &act {
            Act::Opened { tier, .. } => added.tier = Some(*tier),
            Act::Outcome { .. } => {
                let today = Date::at(event.received_ms);
                let rule = book.rules.find(Clock::Feedback, None, today);
                added.dues.extend(rule.map(|rule| Due::from(rule, today, &book.holidays)));
            }
            _ => {}
        }
        Caused { id: EventId::caused(event.id, case), case, kind, act, added }
    };
    others.into_iter().map(caused).collect()
}

impl Caused {
    /// The event, if it has its place in that case as it stands; `None` where the case has gone on
    /// or knows it already.
    pub fn enter(&self, case: &Case, cause: &Event) -> Option<Event> {
        let takes = match &case.machine {
            Machine::Suggestion(suggestion) => suggestion.takes(&self.act),
            Machine::Voice(voice) => voice.takes(&self.act),
            _ => false,
        };
        (takes && case.kind == self.kind && case.seq_of(self.id).is_none()).then(|| Event {
            seq: case.seq() + 1,
            id: self.id,
            case: self.case,
            kind: self.kind,
            by: cause.by.clone(),
            made_ms: cause.made_ms,
            received_ms: cause.received_ms,
            proxy: None,
            act: self.act.clone(),
            added: self.added.clone(),
        })
    }
}
