//! The exchange: what a device sent is decided, then it gets what is new in the spaces that its
//! user may read, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lianxin_shared::{
    id::{Actor, Position, RecordId, SpaceId, UnitCode},
    limits::{CHANGES_PER_EXCHANGE_MAX, DOWNLOAD_PAGE_BYTES_MAX, EVENTS_PER_EXCHANGE_MAX, SPACES_PER_USER_MAX},
    rights::{self, Access, Person, Role, SpaceKind},
    schema::Kind,
    sealed::SealedOutcome,
    wire::{
        Answer, AnswerHello, Cursor, GrantedSpace, Grants, Outcome, PageEntry, Receipt, Request, SealedRequest,
        SentChange, SentEvent, SentRequest, SentStanding, mark_of,
    },
};
use sha2::{Digest, Sha256};

use super::{Hub, HubError, older, party, read::space_in, writer::Sent};
use crate::store::{Answers, Device, LogEntry, Store};

impl Hub {
    /// One exchange with a device of this person.
    ///
    /// # Errors
    /// When the server fails; then nothing was acknowledged, though it may have been stored.
    pub async fn exchange(
        &self,
        device: &Device,
        person: &Person,
        request: Request,
        now_ms: i64,
    ) -> Result<Answer, HubError> {
        let Request { hello, cursors, rest, changes, requests, missed, sealed, wanted, refused } = request;
        let sent = Sent { changes, requests, ended: false };
        let Brought { answers, sent, mut spaces } = self.bring(device, person, sent, now_ms).await?;
        let Answers { outcomes, verdicts } = answers;
        self.reports.note(device.id, &hello, now_ms);

        let epoch = self.store.epoch().await?;
        if spaces.len() > SPACES_PER_USER_MAX {
            tracing::warn!(user = person.user.0, spaces = spaces.len(), "more spaces than a device can hold");
            spaces.truncate(SPACES_PER_USER_MAX);
        }
        let mark = mark(person, &spaces);
        let sealed = match sealed {
            Some(asked) => {
                let cursor = if hello.epoch == epoch { asked.cursor } else { 0 };
                self.exchange_sealed(device, person, &spaces, SealedRequest { cursor, ..asked }, now_ms).await?
            }
            None => (None, false),
        };
        // After a restore the device's positions are those of another past.
        let (cursors, rest) = if hello.epoch == epoch { (cursors, rest) } else { (Vec::new(), None) };
        let asked = Asked {
            spaces: spaces.iter().map(|granted| granted.space.id).collect(),
            cursors: cursors.iter().map(|cursor| (cursor.space, cursor.position)).collect(),
            rest,
            takes_records: wanted.is_some(),
            own: own(&sent, &outcomes),
            missed,
            bytes_max: usize::try_from(hello.download_bytes_max).unwrap_or(usize::MAX).min(DOWNLOAD_PAGE_BYTES_MAX),
        };
        let mut page = self.page(asked).await?;
        let wanted = wanted.filter(|_| hello.epoch == epoch).unwrap_or_default();
        let downloads = older::downloads(&spaces, &page.begun, wanted);
        let whole = self.older(downloads, &mut page).await?;
        let authors = if page.actors.is_empty() { Vec::new() } else { self.store.authors(&page.actors).await? };
        let standings = self.standings(&page.events).await?;
        Ok(Answer {
            hello: AnswerHello {
                epoch,
                server_time_ms: now_ms,
                more: page.more || whole.more || sealed.1,
                name_all: page.name_all,
            },
            grants: (hello.grants_mark != mark).then(|| Grants { mark, person: person.clone(), spaces }),
            receipts: outcomes.into_iter().map(|outcome| Receipt { outcome }).collect(),
            authors,
            page: page.entries.into_iter().map(page_entry).collect(),
            snapshot: whole.snapshot,
            cursors: page.cursors,
            verdicts,
            events: page.events,
            missed: page.missed,
            standings,
            sealed: sealed.0,
            settled: if refused.is_empty() { Vec::new() } else { self.store.settled_of(person.user, &refused).await? },
        })
    }

    /// Decides on what somebody carried here for a device (手机文件), as if it had come by itself; nothing goes back. Of a
    /// device that staff have `ended` nothing is believed: what is new of it goes into quarantine, and nothing that is
    /// sealed is opened.
    ///
    /// # Errors
    /// When the server fails; what was decided before stays.
    pub async fn carry(
        &self,
        device: &Device,
        person: &Person,
        request: Request,
        ended: bool,
        now_ms: i64,
    ) -> Result<Carried, HubError> {
        let Request { changes, requests, sealed, .. } = request;
        let sent = Sent { changes, requests, ended };
        let Brought { answers, spaces, .. } = self.bring(device, person, sent, now_ms).await?;
        let sealed = match (sealed, &self.sealing) {
            (Some(sealed), Some(sealing)) if ended => {
                self.write_sealed_apart(sealing, device, person, &spaces, sealed.writes, now_ms).await?
            }
            (Some(sealed), Some(sealing)) => {
                let outcomes = self.write_sealed(sealing, device, person, &spaces, sealed.writes, now_ms).await?;
                outcomes.into_iter().map(Some).collect()
            }
            // Without a vault no file with sealed records was opened.
            _ => Vec::new(),
        };
        Ok(Carried { answers, sealed })
    }

    /// Decides on changes and requests; with the spaces of the person's phones as they are afterwards.
    async fn bring(&self, device: &Device, person: &Person, mut sent: Sent, now_ms: i64) -> Result<Brought, HubError> {
        self.where_they_lie(&mut sent.changes, &mut sent.requests).await?;
        let to: Vec<SpaceId> = sent.changes.iter().map(|change| change.space).collect();
        let brings = !sent.changes.is_empty() || !sent.requests.is_empty();
        let mut spaces = self.readable_spaces(person).await?;
        if self.lacks_private_space(person, &spaces).await? {
            spaces = self.readable_spaces(person).await?;
        }
        let home = spaces.iter().find(|granted| granted.access == Access::Write).map(|granted| granted.space.id);
        let answers = self.submit(device, person, home, sent, now_ms).await?;
        if brings {
            // What was handed in may have got a space of its own.
            spaces = self.readable_spaces(person).await?;
        }
        spaces.retain(|granted| rights::replicates(person, &granted.space));
        Ok(Brought { answers, sent: to, spaces })
    }

    /// Where the cases of these events stand: phones do not fold.
    async fn standings(&self, events: &[SentEvent]) -> Result<Vec<SentStanding>, HubError> {
        let cases: BTreeSet<RecordId> = events.iter().map(|event| event.case).collect();
        let cases: Vec<RecordId> = cases.into_iter().collect();
        let mut rows: Vec<_> = self.store.case_rows(&cases).await?.into_iter().collect();
        rows.sort_unstable_by_key(|(case, _)| *case);
        Ok(rows.into_iter().map(|(case, row)| SentStanding { case, row: row.to_standing() }).collect())
    }

    /// What is sent to where a record was before its case opened goes to where it is.
    async fn where_they_lie(&self, changes: &mut [SentChange], requests: &mut [SentRequest]) -> Result<(), HubError> {
        let own_space = |kind: u8| Kind::from_number(kind).is_some_and(party::has_own_space);
        let changed = changes.iter().filter(|change| own_space(change.kind)).map(|change| change.record);
        let asked = requests.iter().filter(|request| own_space(request.kind)).map(|request| request.case);
        let records: BTreeSet<RecordId> = changed.chain(asked).collect();
        if records.is_empty() {
            return Ok(());
        }
        let places = self.store.places(&Vec::from_iter(records)).await?;
        let spaces = self.store.spaces().await?;
        let is_case = |place: &SpaceId| space_in(&spaces, *place).is_some_and(|space| space.kind == SpaceKind::Case);
        let case = |id: &RecordId| places.get(id).copied().filter(is_case);
        for change in changes.iter_mut().filter(|change| own_space(change.kind)) {
            change.space = case(&change.record).unwrap_or(change.space);
        }
        for request in requests.iter_mut().filter(|request| own_space(request.kind)) {
            request.space = case(&request.case).unwrap_or(request.space);
        }
        Ok(())
    }

    /// Each mandate has a private space; whether one was made now.
    async fn lacks_private_space(&self, person: &Person, spaces: &[GrantedSpace]) -> Result<bool, HubError> {
        let mut made = false;
        for post in person.posts.iter().filter(|post| post.role == Role::Deputy) {
            let Some(mandate) = post.mandate else { continue };
            let has = |granted: &GrantedSpace| {
                granted.space.kind == SpaceKind::Private && granted.space.owner() == Some(mandate)
            };
            if !spaces.iter().any(has) {
                let unit = UnitCode::of_deputy(&post.unit, mandate);
                self.store.make_space(SpaceKind::Private, &unit, &person.name).await?;
                made = true;
            }
        }
        Ok(made)
    }

    async fn page(&self, asked: Asked) -> Result<Page, HubError> {
        let ends = self.store.ends(&asked.spaces).await?;
        let Starts { cursors: starts, begun, name_all } = asked.starts(&ends);
        let mut filling =
            Filling { store: &*self.store, entries: Vec::new(), events: Vec::new(), room: asked.bytes_max };
        let mut cursors = starts.clone();
        for (space, cursor) in &mut cursors {
            let end = ends.get(space).copied().unwrap_or_default();
            *cursor = filling.space(*space, *cursor, end, asked.own.get(space)).await?;
        }
        let missed = filling.missed(&asked.missed, &starts).await?;
        let behind = cursors.iter().any(|(space, cursor)| ends.get(space).is_some_and(|end| cursor < end));
        // Where a space stands still there is nothing to say.
        cursors.retain(|space, cursor| asked.cursors.get(space) != Some(cursor));
        Ok(Page {
            more: behind || name_all || !missed.is_empty(),
            name_all,
            begun,
            actors: filling.entries.iter().map(|entry| entry.actor).collect(),
            entries: filling.entries,
            cursors: cursors.into_iter().map(|(space, position)| Cursor { space, position }).collect(),
            events: filling.events,
            missed,
            room: filling.room,
        })
    }
}

/// What came of changes and requests.
struct Brought {
    answers: Answers,
    /// Of each change, its space.
    sent: Vec<SpaceId>,
    spaces: Vec<GrantedSpace>,
}

/// What came of a message that somebody carried here.
#[derive(Debug)]
pub struct Carried {
    pub answers: Answers,
    /// One per sealed record, in their order; `None` of what an ended device is not believed.
    pub sealed: Vec<Option<SealedOutcome>>,
}

/// A page that is being filled.
struct Filling<'a> {
    store: &'a dyn Store,
    entries: Vec<LogEntry>,
    events: Vec<SentEvent>,
    room: usize,
}

impl Filling<'_> {
    /// Takes what a space has behind the cursor, up to its end as it was seen; how far that came.
    async fn space(
        &mut self,
        space: SpaceId,
        start: Position,
        end: Position,
        own: Option<&Own>,
    ) -> Result<Position, HubError> {
        let mut cursor = start;
        skip_own(&mut cursor, own);
        if cursor >= end || self.room == 0 {
            return Ok(cursor);
        }
        // What is at or below the end is all there, so both kinds of entries are read up to it.
        let events = self.store.events_between(space, cursor, end, self.room).await?;
        let (events, end) = self.events_that_fit(events, cursor, end);
        cursor = self.changes(space, cursor, end, own).await?;
        let reached = events.into_iter().filter(|event| event.position <= cursor);
        for event in reached {
            self.room = self.room.saturating_sub(event.body.len());
            self.events.push(event);
        }
        Ok(cursor)
    }

    /// The events that may still go, of those read between two positions, and up to where they are whole.
    fn events_that_fit(
        &self,
        mut events: Vec<SentEvent>,
        after: Position,
        end: Position,
    ) -> (Vec<SentEvent>, Position) {
        let bytes: usize = events.iter().map(|event| event.body.len()).sum();
        let places = EVENTS_PER_EXCHANGE_MAX - self.events.len();
        // The store stops when so many bytes are full: there may be more.
        let cut = events.len() > places || bytes >= self.room;
        events.truncate(places);
        let whole = if cut { events.last().map_or(after, |event| event.position) } else { end };
        (events, whole)
    }

    async fn changes(
        &mut self,
        space: SpaceId,
        start: Position,
        end: Position,
        own: Option<&Own>,
    ) -> Result<Position, HubError> {
        let mut cursor = start;
        while cursor < end && self.room > 0 && self.entries.len() < CHANGES_PER_EXCHANGE_MAX {
            let read = self.store.changes_after(space, cursor, self.room).await?;
            let Some(last) = read.last().map(|entry| entry.position) else { return Ok(end) };
            for entry in read {
                if entry.position > end {
                    return Ok(end);
                }
                if self.room == 0 || self.entries.len() == CHANGES_PER_EXCHANGE_MAX {
                    return Ok(cursor);
                }
                cursor = entry.position;
                if own.is_some_and(|own| own.contains(&entry.position)) {
                    continue;
                }
                self.room = self.room.saturating_sub(entry.bytes.len());
                self.entries.push(entry);
            }
            cursor = last;
            skip_own(&mut cursor, own);
        }
        Ok(cursor.min(end))
    }

    /// Takes the events that cursors had passed before the app knew of events; where it has to go on.
    async fn missed(
        &mut self,
        missed: &[Cursor],
        starts: &BTreeMap<SpaceId, Position>,
    ) -> Result<Vec<Cursor>, HubError> {
        let mut unfinished = Vec::new();
        for Cursor { space, position } in missed {
            // A space that may not be read is not looked at.
            let Some(to) = starts.get(space).copied().filter(|to| position < to) else { continue };
            let events = self.store.events_between(*space, *position, to, self.room).await?;
            let (events, whole) = self.events_that_fit(events, *position, to);
            self.room = self.room.saturating_sub(events.iter().map(|event| event.body.len()).sum());
            self.events.extend(events);
            if whole < to {
                unfinished.push(Cursor { space: *space, position: whole });
            }
        }
        Ok(unfinished)
    }
}

struct Asked {
    /// The spaces that the person may read: nothing else is looked at.
    spaces: Vec<SpaceId>,
    cursors: HashMap<SpaceId, Position>,
    /// The mark of the cursors that are not named.
    rest: Option<u64>,
    /// Whether the device takes whole records for a space that it has nothing of.
    takes_records: bool,
    own: HashMap<SpaceId, Own>,
    /// Spaces whose events up to the cursor are not all there: up to where they are.
    missed: Vec<Cursor>,
    /// Bytes of changes and events wanted at the most; 0 for none.
    bytes_max: usize,
}

pub(super) struct Page {
    entries: Vec<LogEntry>,
    pub(super) actors: HashSet<Actor>,
    cursors: Vec<Cursor>,
    pub(super) events: Vec<SentEvent>,
    missed: Vec<Cursor>,
    /// Spaces whose first download begins with this exchange, and below which position.
    begun: Vec<(SpaceId, Position)>,
    more: bool,
    name_all: bool,
    /// Bytes that are left.
    pub(super) room: usize,
}

/// From where each space goes on.
struct Starts {
    cursors: BTreeMap<SpaceId, Position>,
    begun: Vec<(SpaceId, Position)>,
    /// The cursors that are not named are not all at their ends.
    name_all: bool,
}

/// Where the device's own changes of this exchange stand in a space: it has them.
type Own = HashSet<Position>;

impl Asked {
    /// A position that the log does not have is of another past.
    fn starts(&self, ends: &HashMap<SpaceId, Position>) -> Starts {
        let end = |space: &SpaceId| ends.get(space).copied().unwrap_or_default();
        let unnamed = self.spaces.iter().filter(|space| !self.cursors.contains_key(space));
        let unnamed = unnamed.map(|space| Cursor { space: *space, position: end(space) });
        let name_all = self.rest.is_some_and(|mark| mark != mark_of(unnamed));
        let mut starts = Starts { cursors: BTreeMap::new(), begun: Vec::new(), name_all };
        for space in &self.spaces {
            let end = end(space);
            match self.cursors.get(space) {
                Some(position) if *position <= end => drop(starts.cursors.insert(*space, *position)),
                None if self.rest.is_some() => {}
                _ if self.takes_records => {
                    starts.cursors.insert(*space, end);
                    starts.begun.push((*space, Position(end.0 + 1)));
                }
                _ => drop(starts.cursors.insert(*space, Position(0))),
            }
        }
        starts
    }
}

/// A device that is alone in a space does not get its own changes read to it.
fn skip_own(cursor: &mut Position, own: Option<&Own>) {
    while own.is_some_and(|own| own.contains(&Position(cursor.0 + 1))) {
        *cursor = Position(cursor.0 + 1);
    }
}

fn own(sent: &[SpaceId], outcomes: &[Outcome]) -> HashMap<SpaceId, Own> {
    let mut own: HashMap<SpaceId, Own> = HashMap::new();
    for (space, outcome) in sent.iter().zip(outcomes) {
        if let Outcome::Received { position, .. } = outcome {
            own.entry(*space).or_default().insert(*position);
        }
    }
    own
}

fn page_entry(entry: LogEntry) -> PageEntry {
    PageEntry {
        space: entry.space,
        position: entry.position,
        received_ms: entry.received_ms,
        kind: entry.kind as u8,
        record: entry.record,
        hash: entry.hash,
        bytes: entry.bytes,
    }
}

/// Differs whenever the person or the spaces do; never 0, which says "none".
fn mark(person: &Person, spaces: &[GrantedSpace]) -> u32 {
    // Plain data always has a JSON form; were it not so, the grants would be sent each time.
    let json = serde_json::to_vec(&(person, spaces)).unwrap_or_default();
    let hash = Sha256::digest(&json);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).max(1)
}
