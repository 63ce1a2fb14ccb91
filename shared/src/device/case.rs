//! Official events on this device: the cases of the records that it holds, and the requests that its
//! person has filed.
//!
//! The server decides and folds; the device stores what it says, as JSON, and shows it. So an app downloads
//! neither the rules of fifty acts nor their types, and shows those that only a newer server knows.
//! What it does tell beforehand is in [`crate::case::offer`].
//!
//! A request is *sent / accepted / returned*, never more than the server has said. One that came back
//! stays, with the person's text, until the person takes it up again or lets it go.

use serde::Serialize;
use serde_json::Value;

use super::{
    After, Device, Prepared, Store, Waiting, Write,
    receive::Receiving,
    stored::{Stored, encode, stored},
};
use crate::{
    case::{
        Date, Facts, ReturnReason,
        complete::{Obstacle, first_obstacle, in_the_way},
        offer::{self, Offers, Said, Standing},
    },
    id::{EventId, Position, RecordId, SpaceId, TextHash, UserId},
    json::{self, FromObject, Object, Unfit},
    limits::{ACT_BYTES_MAX, ACT_TEXT_CHARS_MAX, EVENTS_PER_CASE_MAX, REQUESTS_PER_EXCHANGE_MAX},
    record::{Contents, Record},
    schema::Kind,
    sorted::{Map, Set},
    wire::{
        Answer, BadBytes, SentEvent, SentRequest, Verdict,
        codec::{Reader, Writer},
        official::{ADDED, BY, PROXY, read_events, write_events},
    },
};

/// A request that this device has filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filed {
    pub(super) request: SentRequest,
    fate: Fate,
}

/// What is known to have become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// It waits for the server.
    Waiting,
    /// The server lacked the record whose case it is.
    Missing,
    /// It is an event that has not come yet; then it goes from here.
    Accepted {
        seq: u32,
    },
    Returned {
        why: Said,
        at_ms: i64,
    },
}

/// What a person wants entered.
#[derive(Debug, Clone)]
pub struct Filing {
    pub record: RecordId,
    /// A [`crate::case::Act`].
    pub act: serde_json::Map<String, Value>,
    pub proxy: Option<String>,
    /// The returned request that this one takes up again: it goes in the same moment.
    pub replaces: Option<EventId>,
}

impl FromObject for Filing {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self {
            record: object.parsed("record")?,
            act: object.object("act")?.into_fields(),
            proxy: object.maybe("proxy", Object::text)?,
            replaces: object.maybe("replaces", Object::parsed)?,
        })
    }
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
    #[error("it would come back: {}", reason.key())]
    Returned { reason: ReturnReason, detail: String },
}

impl FilingProblem {
    fn because(reason: ReturnReason, detail: &str) -> Self {
        FilingProblem::Returned { reason, detail: detail.into() }
    }

    /// The key of the words for people.
    pub fn text_key(&self) -> String {
        match self {
            FilingProblem::SignedOut => "edit.signed_out".into(),
            FilingProblem::UnknownRecord => "edit.unknown_record".into(),
            FilingProblem::Unreadable => "edit.unreadable".into(),
            FilingProblem::Returned { reason, .. } => reason.text_key(),
        }
    }

    /// What the words need: the field concerned, where there is one.
    pub fn detail(&self) -> Option<&str> {
        match self {
            FilingProblem::Returned { detail, .. } if !detail.is_empty() => Some(detail),
            _ => None,
        }
    }
}

/// The case of a record as a page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseView {
    /// A [`crate::case::CaseRow`] as of the last exchange: 截至上次同步.
    pub row: Said,
    pub as_of_ms: Option<i64>,
    /// In their order: [`crate::case::Event`]s.
    pub events: Vec<Value>,
    /// What this person has asked for and is not an event yet, oldest first.
    pub requests: Vec<RequestView>,
    /// The acts that could be filed now, as far as this device knows, with what the person need not type.
    pub offered: Vec<serde_json::Map<String, Value>>,
}

/// A filed request as a page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestView {
    pub id: EventId,
    pub made_ms: i64,
    pub act: Said,
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
        why: Said,
        at_ms: i64,
    },
}

impl Device {
    /// Prepares to file a request. `doc` is the record's stored document.
    ///
    /// # Errors
    /// When it would come back anyway, as far as this device knows.
    pub fn prepare_request(
        &self,
        filing: &Filing,
        doc: Option<&[u8]>,
        now_ms: i64,
    ) -> Result<(EventId, Prepared), FilingProblem> {
        let row = self.rows.get(&filing.record).ok_or(FilingProblem::UnknownRecord)?;
        let standing = row.standing();
        let contents = self.contents(filing.record, doc.ok_or(FilingProblem::UnknownRecord)?)?;
        let offers = self.offers(filing.record, &standing, &contents)?;
        may_file(&offers, &filing.act)?;
        if said(&filing.act, ACT) == "submit" {
            let obstacles = in_the_way(&contents, Date::at(now_ms));
            if let Some(Obstacle { reason, detail, .. }) = first_obstacle(&obstacles, row.kind, &standing.state) {
                return Err(FilingProblem::because(*reason, detail));
            }
        }
        let mut body = json::write(&filing.act);
        if let Some(proxy) = &filing.proxy {
            // Behind the act, which has a field at least.
            body.truncate(body.len() - 1);
            body.push_str(&format!(",\"{PROXY}\":{}}}", json::write(proxy)));
        }
        let id = EventId(RecordId::minted(&self.session, self.minted + 1, now_ms).0);
        let request = SentRequest {
            space: row.space,
            kind: row.kind as u8,
            case: filing.record,
            id,
            seen: standing.seq,
            made_ms: now_ms,
            body,
        };
        let order = self.filed.last().map_or(1, |(order, _)| order + 1);
        let mut filed = vec![(order, Some(Filed { request, fate: Fate::Waiting }))];
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
            .map(|(order, filed)| (*order, filed.request.clone()))
            .take_while(|(_, sent)| {
                bytes += sent.body.len();
                std::mem::take(&mut first) || bytes <= bytes_max
            })
            .collect()
    }

    /// All requests that wait for the server.
    pub(super) fn waiting_requests(&self) -> Vec<SentRequest> {
        self.filed.values().filter(|filed| filed.waits()).map(|filed| filed.request.clone()).collect()
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
    pub(super) fn case_view(&self, id: RecordId, doc: &[u8], events: Option<&[u8]>) -> Option<CaseView> {
        let standing = self.rows.get(&id)?.standing();
        let offers = self.offers(id, &standing, &self.contents(id, doc).ok()?).ok()?;
        let filed = || self.filed.values().filter(|filed| filed.request.case == id);
        let asked: Vec<String> = filed().filter(|filed| filed.is_open()).filter_map(Filed::act).collect();
        let acts = offers.acts.iter().filter(|act| !asked.iter().any(|asked| asked == *act));
        let row = self.rows.get(&id)?.case.clone();
        let view = CaseView {
            row: row.unwrap_or_else(|| Said(format!("{{\"state\":\"{}\"}}", standing.state))),
            as_of_ms: self.meta.last_success_ms,
            events: stored_events(events).into_values().filter_map(event_view).collect(),
            requests: filed().map(Filed::view).collect(),
            offered: acts.map(|act| offered(act, &standing, offers.text)).collect(),
        };
        let nothing = view.events.is_empty() && view.requests.is_empty() && view.offered.is_empty();
        (!nothing).then_some(view)
    }

    fn contents(&self, id: RecordId, doc: &[u8]) -> Result<Contents, FilingProblem> {
        let row = self.rows.get(&id).ok_or(FilingProblem::UnknownRecord)?;
        Ok(Record::of_stored(row.kind, id, doc).map_err(|_| FilingProblem::Unreadable)?.read())
    }

    fn offers(&self, id: RecordId, standing: &Standing, contents: &Contents) -> Result<Offers, FilingProblem> {
        let grants = self.meta.grants.as_ref().ok_or(FilingProblem::SignedOut)?;
        let row = self.rows.get(&id).ok_or(FilingProblem::UnknownRecord)?;
        let space = self.space(row.space).ok_or(FilingProblem::UnknownRecord)?;
        Ok(offer::offers(row.kind, id, standing, &Facts::of(contents), &grants.person, space))
    }
}

/// Whether an act is among those on offer, and says what it must say.
fn may_file(offers: &Offers, act: &serde_json::Map<String, Value>) -> Result<(), FilingProblem> {
    let (key, text) = (said(act, ACT), said(act, TEXT));
    if !offers.acts.contains(&key) {
        return Err(FilingProblem::because(ReturnReason::WrongState, ""));
    }
    let too_long = text.chars().count() > ACT_TEXT_CHARS_MAX || json::write(act).len() > ACT_BYTES_MAX;
    if too_long {
        return Err(FilingProblem::because(ReturnReason::TooLong, TEXT));
    }
    let needs_words =
        matches!(key, "withdraw" | "correct" | "void" | "contest" | "object") || said(act, "result") == "dissatisfied";
    if needs_words && text.trim().is_empty() {
        return Err(FilingProblem::because(ReturnReason::Empty, TEXT));
    }
    Ok(())
}

fn said<'a>(act: &'a serde_json::Map<String, Value>, key: &str) -> &'a str {
    act.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// An act with what its person need not type.
fn offered(act: &str, standing: &Standing, text: Option<TextHash>) -> serde_json::Map<String, Value> {
    let wording = || text.map_or(Value::Null, |text| text.to_string().into());
    let mut offered = serde_json::Map::new();
    offered.insert(ACT.into(), act.into());
    match act {
        "submit" => {
            offered.insert(TEXT.into(), wording());
            offered.insert("declared".into(), true.into());
        }
        "confirm" => drop(offered.insert(TEXT.into(), wording())),
        "evaluate" => offered.extend(judged(standing)),
        "cosigner_view" => drop(offered.insert("view".into(), judged(standing).into())),
        _ => {}
    }
    offered
}

/// Which reply is judged, and how that is said.
fn judged(standing: &Standing) -> serde_json::Map<String, Value> {
    let mut judged = serde_json::Map::new();
    judged.insert("round".into(), standing.round.into());
    judged.insert("way".into(), "online".into());
    judged
}

const ACT: &str = "act";
const TEXT: &str = "text";

/// An event as a page shows it.
fn event_view(event: SentEvent) -> Option<Value> {
    let mut said = Object::read(event.body.as_bytes()).ok()?;
    let mut view = serde_json::Map::new();
    view.insert("by".into(), said.take(BY)?);
    said.take(ADDED);
    view.extend(said.take(PROXY).map(|proxy| (PROXY.to_owned(), proxy)));
    view.insert(ACT.into(), said.into_fields().into());
    view.insert("seq".into(), event.seq.into());
    view.insert("made_ms".into(), event.made_ms.into());
    view.insert("received_ms".into(), event.received_ms.into());
    Some(view.into())
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

    /// The key of what is asked for.
    fn act(&self) -> Option<String> {
        Object::read(self.request.body.as_bytes()).ok()?.text(ACT).ok()
    }

    fn view(&self) -> RequestView {
        let state = match &self.fate {
            Fate::Waiting | Fate::Missing => RequestState::Phone,
            Fate::Accepted { .. } => RequestState::Accepted,
            Fate::Returned { why, at_ms } => RequestState::Returned { why: why.clone(), at_ms: *at_ms },
        };
        let SentRequest { id, made_ms, body, .. } = &self.request;
        RequestView { id: *id, made_ms: *made_ms, act: Said(body.clone()), state }
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
                    Fate::Returned { why: Said(why.clone()), at_ms: answer.hello.server_time_ms }
                }
                Verdict::Missing => Fate::Missing,
            };
            self.row(filed.request.case);
            self.filed.insert(*order, Some(filed));
        }
    }

    /// Puts the events into the cases of the records that the device holds. One whose record is not
    /// here is left out: a record that comes whole comes with its events.
    pub(super) fn events(&mut self, answer: &Answer, cases: &Map<RecordId, Vec<u8>>) {
        let mut by_case: Map<RecordId, Vec<&SentEvent>> = Map::new();
        for event in answer.events.iter().filter(|event| Kind::from_number(event.kind).is_some()) {
            by_case.entry(event.case).or_default().push(event);
        }
        for (id, events) in by_case {
            if self.row(id).is_none() {
                continue;
            }
            let mut case = stored_events(cases.get(&id).map(Vec::as_slice));
            case.extend(events.iter().map(|event| (event.seq, (*event).clone())));
            case.retain(|seq, _| *seq as usize <= EVENTS_PER_CASE_MAX);
            self.write_case(id, Some(case.into_values().collect()));
        }
        for standing in &answer.standings {
            if let Some(row) = self.row(standing.case) {
                let known = row.standing();
                let said = Standing::of(row.kind, Some(&standing.row));
                // An answer that comes late knows less.
                if said.seq >= known.seq {
                    row.case = Some(Said(standing.row.clone()));
                }
            }
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
    pub(super) fn file_again(&mut self, cases: &Map<RecordId, Vec<u8>>) {
        let Some(user) = self.device.meta.grants.as_ref().map(|grants| grants.person.user) else { return };
        let mut again: Vec<(i64, Position, Filed)> = Vec::new();
        for (id, bytes) in cases {
            let Some(row) = self.row(*id) else { continue };
            row.case = None;
            let space = row.space;
            for sent in stored_events(Some(bytes)).into_values() {
                let (received_ms, position) = (sent.received_ms, sent.position);
                again.extend(Filed::again(space, user, sent).map(|filed| (received_ms, position, filed)));
            }
            self.write_case(*id, None);
        }
        again.sort_unstable_by_key(|(received_ms, position, _)| (*received_ms, *position));
        let again = again.into_iter().map(|(.., filed)| filed);
        let open: Vec<(u64, Filed)> = self.filed_after().into_iter().filter(|(_, filed)| filed.is_open()).collect();
        let last = self.device.filed.last().map_or(0, |(order, _)| *order);
        for (order, _) in &open {
            self.filed.insert(*order, None);
        }
        let waiting = open.into_iter().map(|(_, filed)| Filed { fate: Fate::Waiting, ..filed });
        for (order, filed) in (last + 1..).zip(again.chain(waiting)) {
            self.filed.insert(order, Some(filed));
        }
    }

    /// An accepted request waits for its event. In a space that its person may no longer read the event does not come.
    pub(super) fn let_accepted_go(&mut self, granted: &Set<SpaceId>) {
        for (order, filed) in self.filed_after() {
            let lost = self.place(filed.case()).is_some_and(|space| !granted.contains(&space));
            if lost && matches!(filed.fate, Fate::Accepted { .. }) {
                self.filed.insert(order, None);
            }
        }
    }

    /// What is filed, as it will be.
    pub(super) fn filed_after(&self) -> Map<u64, Filed> {
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
    /// The request that an event was, if it was this user's.
    fn again(space: SpaceId, user: UserId, event: SentEvent) -> Option<Self> {
        let SentEvent { kind, case, id, seq, made_ms, .. } = event;
        let mut said = Object::read(event.body.as_bytes()).ok()?;
        let by = said.take(BY)?;
        said.take(ADDED);
        let body = json::write(&said.into_fields());
        let request = SentRequest { space, kind, case, id, seen: seq.saturating_sub(1), made_ms, body };
        (by.get("user")?.as_i64() == Some(user.0)).then_some(Filed { request, fate: Fate::Waiting })
    }
}

stored!(Filed { request, fate });

impl Stored for Fate {
    fn write(&self, w: &mut Writer) {
        match self {
            Fate::Waiting => w.number(0),
            Fate::Missing => w.number(1),
            Fate::Accepted { seq } => {
                w.number(2);
                seq.write(w);
            }
            Fate::Returned { why, at_ms } => {
                w.number(3);
                why.write(w);
                at_ms.write(w);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(match r.number()? {
            0 => Fate::Waiting,
            1 => Fate::Missing,
            2 => Fate::Accepted { seq: Stored::read(r)? },
            3 => Fate::Returned { why: Stored::read(r)?, at_ms: Stored::read(r)? },
            _ => return Err(BadBytes("unknown fate")),
        })
    }
}

pub(super) fn filed_write(order: u64, filed: Option<&Filed>) -> Write {
    Write { store: Store::Requests, key: Waiting::key(order), value: filed.map(encode) }
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
fn stored_events(bytes: Option<&[u8]>) -> Map<u32, SentEvent> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::stored::decode;

    /// Phones in drawers hold these bytes.
    #[test]
    fn the_stored_forms_of_requests_and_cases_never_change() {
        let request = SentRequest {
            space: SpaceId(300),
            kind: Kind::Activity as u8,
            case: RecordId([0xab; 16]),
            id: EventId([0xee; 16]),
            seen: 1,
            made_ms: 1_767_225_600_000,
            body: r#"{"act":"void","text":"重复登记"}"#.into(),
        };
        let fate = Fate::Returned { why: Said(r#"{"reason":"wrong_state"}"#.into()), at_ms: 1_767_225_601_000 };
        let filed = Filed { request, fate };
        let stored = filed_write(7, Some(&filed));
        assert_eq!(stored.key, Waiting::key(7));
        let stored = stored.value.unwrap();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&stored), include_str!("../../golden/filed.v1.hex").trim_end());
        assert_eq!(decode(&stored), Ok(filed));

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
        assert_eq!(hex(&stored), include_str!("../../golden/case.v1.hex").trim_end());
        assert_eq!(stored_events(Some(&stored)), Map::from_iter([(1, event)]));
    }
}
