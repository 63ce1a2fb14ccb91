//! Official events on this device: the cases of the records that it holds, and the requests that its
//! person has filed.
//!
//! A request is *sent / accepted / returned*, never more than the server has said. One that came back
//! stays, with the person's text, until the person takes it up again or lets it go.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{After, Device, Meta, Prepared, Store, Waiting, Write, receive::Receiving, to_json};
use crate::{
    case::{self, Act, Book, Case, CaseRow, Evaluation, Event, Facts, Opinion, Request, ReturnReason, Returned, Way},
    id::{EventId, Position, RecordId, SpaceId, TextHash},
    json::flat,
    limits::{EVENTS_PER_CASE_MAX, REQUESTS_PER_EXCHANGE_MAX},
    record::Record,
    rights::{Person, Space},
    schema::Kind,
    wire::{
        Answer, SentEvent, SentRequest, Verdict,
        codec::{Reader, Writer},
        official::{read_events, write_events},
        read_returned,
    },
};

/// A request that this device has filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filed {
    pub(super) space: SpaceId,
    request: Request,
    #[serde(default)]
    fate: Fate,
}

/// What is known to have become of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
enum Fate {
    /// It waits for the server.
    #[default]
    Waiting,
    /// The server lacked the record whose case it is.
    Missing,
    /// It is an event that has not come yet; then it goes from here.
    Accepted {
        seq: u32,
    },
    Returned {
        why: Returned,
        at_ms: i64,
    },
}

flat!(Fate, "at");

/// What a person wants entered.
#[derive(Debug, Clone, Deserialize)]
pub struct Filing {
    pub record: RecordId,
    pub act: Act,
    #[serde(default)]
    pub proxy: Option<String>,
    /// The returned request that this one takes up again: it goes in the same moment.
    #[serde(default)]
    pub replaces: Option<EventId>,
}

/// Why a request was not filed. Nothing was stored; the person's text is still in the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilingProblem {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the device does not hold this record")]
    UnknownRecord,
    #[error("the stored record is unreadable")]
    Unreadable,
    /// As far as this device knows, the server would return it.
    #[error("it would come back: {0:?}")]
    Returned(Returned),
}

impl FilingProblem {
    /// The key of the words for people.
    pub fn text_key(&self) -> String {
        match self {
            FilingProblem::SignedOut => "edit.signed_out".into(),
            FilingProblem::UnknownRecord => "edit.unknown_record".into(),
            FilingProblem::Unreadable => "edit.unreadable".into(),
            FilingProblem::Returned(returned) => returned.reason.text_key(),
        }
    }

    /// The field concerned, where there is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            FilingProblem::Returned(why) if why.reason == ReturnReason::Missing => Some(&why.detail),
            _ => None,
        }
    }
}

/// The case of a record as a page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseView {
    /// As of the last exchange: 截至上次同步.
    pub row: CaseRow,
    pub as_of_ms: Option<i64>,
    /// In their order.
    pub events: Vec<Event>,
    /// What this person has asked for and is not an event yet, oldest first.
    pub requests: Vec<RequestView>,
    /// The keys of the acts that could be filed now, as far as this device knows.
    pub possible: Vec<String>,
    /// These acts, with what the person need not type.
    pub offered: Vec<Act>,
}

/// A filed request as a page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestView {
    pub id: EventId,
    pub made_ms: i64,
    pub act: Act,
    pub state: RequestState,
}

/// Where a request has got to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum RequestState {
    /// On this device only, as far as it knows.
    Phone,
    Accepted,
    Returned {
        why: Returned,
        at_ms: i64,
    },
}

/// What a person with a telephone can be offered, each with what the person need not type.
fn offers(facts: &Facts, case: &Case) -> [Act; 6] {
    let wording = facts.text.unwrap_or(TextHash([0; 16]));
    let round = match &case.machine {
        case::Machine::Suggestion(suggestion) => suggestion.round(),
        _ => 0,
    };
    let (attitude, result) = (Opinion::Mostly, Opinion::Mostly);
    [
        Act::Submit { text: facts.text, declared: true, again: None },
        Act::Confirm { text: wording, mandate: None },
        Act::Evaluate(Evaluation { round, attitude, result, way: Way::Online, text: BLANK.into() }),
        Act::Correct { text: BLANK.into() },
        Act::Void { text: BLANK.into() },
        Act::Withdraw { text: BLANK.into() },
    ]
}

/// In place of what the person types, to see whether an act is possible.
const BLANK: &str = "-";

impl Device {
    /// Prepares to file a request. `doc` is the record's stored document, `events` its stored case,
    /// where there is one.
    ///
    /// # Errors
    /// When it would come back anyway, as far as this device knows.
    pub fn prepare_request(
        &self,
        filing: &Filing,
        doc: Option<&[u8]>,
        events: Option<&[u8]>,
        now_ms: i64,
    ) -> Result<(EventId, Prepared), FilingProblem> {
        let row = self.rows.get(&filing.record).ok_or(FilingProblem::UnknownRecord)?;
        let desk = self.desk(filing.record, doc.ok_or(FilingProblem::UnknownRecord)?, events)?;
        let id = EventId(RecordId::minted(&self.session, self.minted + 1, now_ms).0);
        let request = Request {
            id,
            case: filing.record,
            kind: row.kind,
            seen: desk.seen,
            made_ms: now_ms,
            proxy: filing.proxy.clone(),
            act: filing.act.clone(),
        };
        desk.would_accept(&request, now_ms).map_err(FilingProblem::Returned)?;
        let order = self.filed.last_key_value().map_or(1, |(order, _)| order + 1);
        let mut filed = vec![(order, Some(Filed { space: row.space, request, fate: Fate::Waiting }))];
        filed.extend(filing.replaces.and_then(|id| self.returned_request(id)).map(|order| (order, None)));
        let writes = filed.iter().map(|(order, filed)| filed_write(*order, filed.as_ref())).collect();
        let after = After { filed, minted: 1, ..After::default() };
        Ok((id, Prepared { writes, changed: vec![filing.record], after, ..Prepared::nothing() }))
    }

    /// Lets a returned request go. `None` when there is none such.
    pub fn prepare_dismiss(&self, id: EventId) -> Option<Prepared> {
        let order = self.returned_request(id)?;
        let changed = self.filed.get(&order).map(|filed| filed.request.case).into_iter().collect();
        let after = After { filed: vec![(order, None)], ..After::default() };
        Some(Prepared { writes: vec![filed_write(order, None)], changed, after, ..Prepared::nothing() })
    }

    fn returned_request(&self, id: EventId) -> Option<u64> {
        let found = self.filed.iter().find(|(_, filed)| filed.request.id == id)?;
        matches!(found.1.fate, Fate::Returned { .. }).then_some(*found.0)
    }

    /// Requests that came back and wait for their person.
    pub fn returned(&self) -> usize {
        self.filed.values().filter(|filed| matches!(filed.fate, Fate::Returned { .. })).count()
    }

    pub(super) fn unsent_requests(&self) -> usize {
        self.filed.values().filter(|filed| filed.waits()).count()
    }

    /// Requests of a record that wait for the server, and that came back.
    pub(super) fn filed_of(&self, record: RecordId) -> (usize, usize) {
        let of = self.filed.values().filter(|filed| filed.request.case == record);
        of.fold((0, 0), |(waiting, returned), filed| match filed.fate {
            Fate::Returned { .. } => (waiting, returned + 1),
            Fate::Accepted { .. } => (waiting, returned),
            Fate::Waiting | Fate::Missing => (waiting + 1, returned),
        })
    }

    /// The requests that can go out with a page of changes: those whose record has nothing that would
    /// stay behind, because the server decides with what it has.
    pub(super) fn request_page(&self, page: &[(u64, &Waiting)], bytes_max: usize) -> Vec<(u64, SentRequest)> {
        let goes = |order: &u64| page.iter().any(|(going, _)| going == order);
        let stays = |record: RecordId| {
            let mut waiting = self.outbox.iter().filter(|(_, waiting)| waiting.record == record);
            waiting.any(|(order, waiting)| waiting.refused.is_none() && !goes(order))
        };
        let mut bytes: usize = page.iter().map(|(_, waiting)| waiting.bytes.len()).sum();
        let mut first = page.is_empty();
        self.filed
            .iter()
            .filter(|(_, filed)| filed.waits() && !self.is_held_back(filed) && !stays(filed.request.case))
            .take(REQUESTS_PER_EXCHANGE_MAX)
            .map(|(order, filed)| (*order, SentRequest::of(filed.space, &filed.request)))
            .take_while(|(_, sent)| {
                bytes += sent.body.len();
                std::mem::take(&mut first) || bytes <= bytes_max
            })
            .collect()
    }

    /// How many requests could go out if the changes that wait did.
    pub(super) fn sendable_requests(&self) -> usize {
        self.filed.values().filter(|filed| filed.waits() && !self.is_held_back(filed)).count()
    }

    /// A record that the server lacks and of which it has refused something: until the person has
    /// settled that, its requests lead nowhere.
    fn is_held_back(&self, filed: &Filed) -> bool {
        let refused = |waiting: &Waiting| waiting.record == filed.request.case && waiting.refused.is_some();
        filed.fate == Fate::Missing && self.outbox.values().any(refused)
    }

    /// The records whose stored cases an answer touches: the shell loads them. After a restore of the
    /// server from a backup these are all, because each may hold events that are lost there.
    pub fn cases_needed(&self, answer: &Answer) -> Vec<RecordId> {
        if self.is_restored(answer) {
            return self.rows.iter().filter(|(_, row)| row.case.is_some()).map(|(id, _)| *id).collect();
        }
        let mut ids: Vec<RecordId> = answer.events.iter().map(|event| event.case).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The case of a record, for its page.
    pub(super) fn case_view(&self, id: RecordId, doc: &[u8], events: Option<&[u8]>, now_ms: i64) -> Option<CaseView> {
        let desk = self.desk(id, doc, events).ok()?;
        let requests = self.filed.values().filter(|filed| filed.request.case == id).map(Filed::view).collect();
        let offered = desk.possible(now_ms);
        let view = CaseView {
            row: desk.known.row(),
            as_of_ms: self.meta.last_success_ms,
            possible: offered.iter().map(|act| act.key().to_owned()).collect(),
            offered,
            events: desk.events,
            requests,
        };
        let nothing = view.events.is_empty() && view.requests.is_empty() && view.possible.is_empty();
        (!nothing).then_some(view)
    }

    fn desk<'a>(&'a self, id: RecordId, doc: &[u8], events: Option<&[u8]>) -> Result<Desk<'a>, FilingProblem> {
        let grants = self.meta.grants.as_ref().ok_or(FilingProblem::SignedOut)?;
        let row = self.rows.get(&id).ok_or(FilingProblem::UnknownRecord)?;
        let space = self.space(row.space).ok_or(FilingProblem::UnknownRecord)?;
        let contents = Record::of_stored(row.kind, id, doc).map_err(|_| FilingProblem::Unreadable)?.read();
        let events: Vec<Event> = stored_events(events).values().filter_map(SentEvent::read).collect();
        let known = Case::of(row.kind, &events);
        let facts = Facts { next_number: 1, has_congress: true, ..Facts::of(&contents) };
        let mut desk =
            Desk { person: &grants.person, space, facts, seen: known.seq(), expected: known.clone(), known, events };
        for filed in self.filed.values().filter(|filed| filed.request.case == id && filed.is_open()) {
            desk.expect(&filed.request);
        }
        Ok(desk)
    }
}

/// One case with all that can be known of it here.
struct Desk<'a> {
    person: &'a Person,
    space: &'a Space,
    facts: Facts,
    events: Vec<Event>,
    known: Case,
    /// The case if all that waits here is accepted.
    expected: Case,
    seen: u32,
}

impl Desk<'_> {
    fn decide(&self, request: &Request, now_ms: i64) -> case::Verdict {
        case::decide(&self.expected, &self.facts, &Book::sample(), self.person, self.space, request, now_ms)
    }

    fn expect(&mut self, request: &Request) {
        if let case::Verdict::Accepted(event) = self.decide(request, request.made_ms) {
            self.expected.apply(&event);
        }
    }

    /// Whether the server would accept it, except for what only the server knows.
    fn would_accept(&self, request: &Request, now_ms: i64) -> Result<(), Returned> {
        use ReturnReason::{NoCongress, NoHolidayTable, NoRule};
        match self.decide(request, now_ms) {
            case::Verdict::Returned(why) if !matches!(why.reason, NoHolidayTable | NoRule | NoCongress) => Err(why),
            _ => Ok(()),
        }
    }

    /// The acts against which nothing stands but what the person can mend, in the record or in the act.
    fn possible(&self, now_ms: i64) -> Vec<Act> {
        use ReturnReason::{Empty, Missing, NotConfirmed, PersonalData, TextChanged};
        let offered = |act: &Act| {
            let (id, case, kind, seen) = (EventId([0; 16]), RecordId([0; 16]), self.known.kind, self.seen);
            let request = Request { id, case, kind, seen, made_ms: now_ms, proxy: None, act: act.clone() };
            match self.would_accept(&request, now_ms) {
                Err(why) => matches!(why.reason, Empty | Missing | NotConfirmed | PersonalData | TextChanged),
                Ok(()) => true,
            }
        };
        offers(&self.facts, &self.expected).into_iter().filter(offered).collect()
    }
}

impl Filed {
    /// Whether it has to go to the server.
    fn waits(&self) -> bool {
        matches!(self.fate, Fate::Waiting | Fate::Missing)
    }

    /// Whether it may yet be an event that this device does not have.
    fn is_open(&self) -> bool {
        !matches!(self.fate, Fate::Returned { .. })
    }

    fn view(&self) -> RequestView {
        let state = match &self.fate {
            Fate::Waiting | Fate::Missing => RequestState::Phone,
            Fate::Accepted { .. } => RequestState::Accepted,
            Fate::Returned { why, at_ms } => RequestState::Returned { why: why.clone(), at_ms: *at_ms },
        };
        RequestView { id: self.request.id, made_ms: self.request.made_ms, act: self.request.act.clone(), state }
    }

    /// The record whose case it is.
    pub(super) fn case(&self) -> RecordId {
        self.request.case
    }
}

/// Believing the server about requests and events.
impl Receiving<'_> {
    pub(super) fn verdicts(&mut self, asked: &[(u64, EventId)], answer: &Answer) {
        for ((order, id), verdict) in asked.iter().zip(&answer.verdicts) {
            let Some(mut filed) = self.device.filed.get(order).filter(|filed| filed.request.id == *id).cloned() else {
                continue;
            };
            filed.fate = match verdict {
                Verdict::Accepted { seq, .. } => Fate::Accepted { seq: *seq },
                Verdict::Returned { why } => {
                    Fate::Returned { why: read_returned(why), at_ms: answer.hello.server_time_ms }
                }
                Verdict::Missing => Fate::Missing,
            };
            self.row(filed.request.case);
            self.filed.insert(*order, Some(filed));
        }
    }

    /// Puts the events into the cases of the records that the device holds. One whose record is not
    /// here is left out: a record that comes whole comes with its events.
    pub(super) fn events(&mut self, answer: &Answer, cases: &HashMap<RecordId, Vec<u8>>) {
        let mut by_case: BTreeMap<RecordId, Vec<&SentEvent>> = BTreeMap::new();
        for event in answer.events.iter().filter(|event| Kind::from_number(event.kind).is_some()) {
            by_case.entry(event.case).or_default().push(event);
        }
        for (id, events) in by_case {
            let Some(row) = self.row(id) else { continue };
            let mut case = stored_events(cases.get(&id).map(Vec::as_slice));
            case.extend(events.iter().map(|event| (event.seq, (*event).clone())));
            case.retain(|seq, _| *seq as usize <= EVENTS_PER_CASE_MAX);
            row.case = Some(folded(row.kind, &case));
            self.write_case(id, Some(case.into_values().collect()));
        }
        let come: Vec<EventId> = answer.events.iter().map(|event| event.id).collect();
        for (order, filed) in self.filed_after() {
            if come.contains(&filed.request.id) {
                self.filed.insert(order, None);
            }
        }
    }

    /// After a restore of the server the cases that it had are gone: what this person had entered is
    /// asked for again, before what waits. What the server still has is known by its id.
    pub(super) fn file_again(&mut self, cases: &HashMap<RecordId, Vec<u8>>) {
        let Some(user) = self.device.meta.grants.as_ref().map(|grants| grants.person.user) else { return };
        let mut again: Vec<(i64, Position, Filed)> = Vec::new();
        for (id, bytes) in cases.iter().collect::<BTreeMap<_, _>>() {
            let Some(row) = self.row(*id) else { continue };
            row.case = None;
            let space = row.space;
            for sent in stored_events(Some(bytes)).into_values() {
                let own = sent.read().filter(|event| event.by.user == user);
                again.extend(own.map(|event| (sent.received_ms, sent.position, Filed::again(space, event))));
            }
            self.write_case(*id, None);
        }
        again.sort_by_key(|(received_ms, position, _)| (*received_ms, *position));
        let again = again.into_iter().map(|(.., filed)| filed);
        let open: Vec<(u64, Filed)> = self.filed_after().into_iter().filter(|(_, filed)| filed.is_open()).collect();
        let last = self.device.filed.last_key_value().map_or(0, |(order, _)| *order);
        for (order, _) in &open {
            self.filed.insert(*order, None);
        }
        let waiting = open.into_iter().map(|(_, filed)| Filed { fate: Fate::Waiting, ..filed });
        for (order, filed) in (last + 1..).zip(again.chain(waiting)) {
            self.filed.insert(order, Some(filed));
        }
    }

    /// How far the events have come that cursors had passed before this app knew of events.
    pub(super) fn missed(&self, asked: &[SpaceId], answer: &Answer, meta: &mut Meta) {
        for space in asked {
            let reached = answer.missed.iter().find(|cursor| cursor.space == *space);
            match reached {
                Some(cursor) => meta.missed.insert(*space, cursor.position),
                None => meta.missed.remove(space),
            };
        }
    }

    /// What is filed, as it will be.
    pub(super) fn filed_after(&self) -> BTreeMap<u64, Filed> {
        let mut filed = self.device.filed.clone();
        for (order, changed) in &self.filed {
            match changed {
                Some(changed) => drop(filed.insert(*order, changed.clone())),
                None => drop(filed.remove(order)),
            }
        }
        filed
    }

    fn write_case(&mut self, id: RecordId, events: Option<Vec<SentEvent>>) {
        let value = events.map(|events| encode_events(&events));
        self.writes.push(Write { store: Store::Cases, key: id.to_string(), value });
    }
}

impl Filed {
    /// The request that an event was.
    fn again(space: SpaceId, event: Event) -> Self {
        let Event { seq, id, case, kind, made_ms, proxy, act, .. } = event;
        let request = Request { id, case, kind, seen: seq.saturating_sub(1), made_ms, proxy, act };
        Filed { space, request, fate: Fate::Waiting }
    }
}

pub(super) fn filed_write(order: u64, filed: Option<&Filed>) -> Write {
    Write { store: Store::Requests, key: Waiting::key(order), value: filed.map(to_json) }
}

fn folded(kind: Kind, events: &BTreeMap<u32, SentEvent>) -> CaseRow {
    let events: Vec<Event> = events.values().filter_map(SentEvent::read).collect();
    Case::of(kind, &events).row()
}

/// The first byte of a stored case.
const STORED_VERSION: u8 = 1;

fn encode_events(events: &[SentEvent]) -> Vec<u8> {
    let mut w = Writer::default();
    w.byte(STORED_VERSION);
    write_events(&mut w, events, &[]);
    w.finish()
}

/// The events of a stored case by their numbers. What is unreadable comes again with the next restore
/// of the storage; nothing of it was made here.
fn stored_events(bytes: Option<&[u8]>) -> BTreeMap<u32, SentEvent> {
    let read = |bytes: &[u8]| {
        let mut r = Reader::new(bytes);
        if r.byte().ok()? != STORED_VERSION {
            return None;
        }
        Some(read_events(&mut r).ok()?.0)
    };
    let events = bytes.and_then(read).unwrap_or_default();
    events.into_iter().map(|event| (event.seq, event)).collect()
}

/// The spaces and how far they were received, of which an app from before official events has passed
/// the events.
pub(super) fn passed(cursors: &BTreeMap<SpaceId, Position>) -> BTreeMap<SpaceId, Position> {
    cursors.keys().map(|space| (*space, Position(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phones in drawers hold these bytes.
    #[test]
    fn the_stored_forms_of_requests_and_cases_never_change() {
        let request = Request {
            id: EventId([0xee; 16]),
            case: RecordId([0xab; 16]),
            kind: Kind::Activity,
            seen: 1,
            made_ms: 1_767_225_600_000,
            proxy: None,
            act: Act::Void { text: "重复登记".into() },
        };
        let why = Returned { reason: ReturnReason::WrongState, happened: None, detail: String::new() };
        let fate = Fate::Returned { why, at_ms: 1_767_225_601_000 };
        let filed = Filed { space: SpaceId(300), request, fate };
        let stored = filed_write(7, Some(&filed));
        assert_eq!(stored.key, Waiting::key(7));
        let stored = stored.value.unwrap();
        assert_eq!(std::str::from_utf8(&stored), Ok(include_str!("../../golden/filed.v1.json").trim_end()));
        assert_eq!(serde_json::from_slice::<Filed>(&stored).unwrap(), filed);

        let event = SentEvent {
            space: SpaceId(300),
            position: Position(12),
            received_ms: 1_767_225_601_000,
            kind: Kind::Activity as u8,
            case: RecordId([0xab; 16]),
            seq: 1,
            id: EventId([0xef; 16]),
            made_ms: 1_767_225_600_000,
            body: r#"{"act":"submit"}"#.into(),
        };
        let stored = encode_events(std::slice::from_ref(&event));
        let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, include_str!("../../golden/case.v1.hex").trim_end());
        assert_eq!(stored_events(Some(&stored)), BTreeMap::from([(1, event)]));
    }
}
