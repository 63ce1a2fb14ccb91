//! The first download of a space: whole records, those that began last first. A device can be used
//! after the first page, and goes on where it stopped; what changes meanwhile comes by the log.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    id::{Actor, Position, RecordId, SpaceId},
    limits::{
        ACTORS_PER_EXCHANGE_MAX, CHANGES_PER_EXCHANGE_MAX, DOWNLOAD_PAGE_BYTES_MAX, EVENTS_PER_CASE_MAX,
        EVENTS_PER_EXCHANGE_MAX, EXCHANGE_BYTES_MAX, RECORD_CHANGES_MAX,
    },
    wire::{Cursor, GrantedSpace, Older, SentEvent, Snapshot, SnapshotRecord},
};

use super::{Hub, HubError, pull::Page};
use crate::store::{LogEntry, RecordBegun};

/// Records that are looked at together.
const RECORDS_AT_ONCE: usize = 64;
/// So many bytes are few enough for one record: not more records than that are read at once.
const RECORD_BYTES_LEAST: usize = 256;
/// Changes of a record that is read together with others.
const SHORT_CHANGES: u64 = 16;
/// Bytes of one record's changes: with what else a page holds, an exchange.
const RECORD_BYTES_MAX: usize = EXCHANGE_BYTES_MAX - DOWNLOAD_PAGE_BYTES_MAX;
/// What a space gets of a page at the least: several records.
const SHARE_LEAST: usize = 4 * 1024;

/// A space whose older records are to be sent, below a position.
pub(super) struct Download {
    space: SpaceId,
    below: Position,
    is_reference: bool,
    begins: bool,
}

/// What there is to say of older records.
#[derive(Default)]
pub(super) struct Whole {
    pub(super) snapshot: Snapshot,
    pub(super) more: bool,
}

/// What to download, in this order: what forms refer to, then what begins, then as the device wants.
/// Of the spaces that its person may read, and of no others.
pub(super) fn downloads(spaces: &[GrantedSpace], begun: &[(SpaceId, Position)], wanted: Vec<Cursor>) -> Vec<Download> {
    let reference: HashMap<SpaceId, bool> =
        spaces.iter().map(|granted| (granted.space.id, granted.space.kind.is_reference())).collect();
    let begins = |space: SpaceId| begun.iter().any(|(begun, _)| *begun == space);
    let mut seen = HashSet::new();
    let goes_on = wanted.iter().map(|cursor| (cursor.space, cursor.position)).filter(|(space, _)| !begins(*space));
    let mut downloads: Vec<Download> = begun
        .iter()
        .copied()
        .chain(goes_on)
        .filter(|(space, _)| seen.insert(*space))
        .filter_map(|(space, below)| {
            let is_reference = *reference.get(&space)?;
            Some(Download { space, below, is_reference, begins: begins(space) })
        })
        .collect();
    downloads.sort_by_key(|download| !download.is_reference);
    downloads
}

/// A page of whole records while it is filled.
struct Filling<'a> {
    page: &'a mut Page,
    records: Vec<SnapshotRecord>,
    changes: usize,
}

impl Filling<'_> {
    /// Whether a record fits by its numbers. The first one always does.
    fn has_place_for(&self, begun: &RecordBegun) -> bool {
        let changes = usize::try_from(begun.changes).unwrap_or(usize::MAX);
        self.page.events.len() + EVENTS_PER_CASE_MAX <= EVENTS_PER_EXCHANGE_MAX
            && (self.records.is_empty()
                || self.changes.saturating_add(changes) <= CHANGES_PER_EXCHANGE_MAX
                    && self.page.actors.len().saturating_add(changes) <= ACTORS_PER_EXCHANGE_MAX)
    }

    fn add(&mut self, read: Read) {
        self.page.room = self.page.room.saturating_sub(read.bytes);
        self.page.actors.extend(read.actors);
        self.page.events.extend(read.events);
        self.changes += read.changes;
        self.records.push(read.record);
    }
}

impl Hub {
    /// Fills what is left of a page with older records.
    pub(super) async fn older(&self, downloads: Vec<Download>, page: &mut Page) -> Result<Whole, HubError> {
        let mut filling = Filling { page, records: Vec::new(), changes: 0 };
        let (mut older, mut more, mut left) = (Vec::new(), false, downloads.len());
        for download in downloads {
            let share =
                if download.is_reference { filling.page.room } else { (filling.page.room / left).max(SHARE_LEAST) };
            left -= 1;
            let share = share.min(filling.page.room);
            let reached = if share > 0 { self.download(&download, share, &mut filling).await? } else { None };
            let unchanged = Older { space: download.space, below: download.below, reached_ms: None };
            let now = reached.unwrap_or(unchanged);
            more |= now.below > Position(0);
            if download.begins || reached.is_some() {
                older.push(now);
            }
        }
        Ok(Whole { snapshot: Snapshot { older, records: filling.records }, more })
    }

    /// Adds records of one space, about so many bytes; `None` when not one has found a place.
    async fn download(
        &self,
        download: &Download,
        share: usize,
        filling: &mut Filling<'_>,
    ) -> Result<Option<Older>, HubError> {
        let Download { space, below, .. } = *download;
        let (mut reached, mut bytes) = (Older { space, below, reached_ms: None }, 0);
        loop {
            let limit = (share.saturating_sub(bytes) / RECORD_BYTES_LEAST).clamp(1, RECORDS_AT_ONCE);
            let begun = self.store.records_before(space, reached.below, limit).await?;
            let short: Vec<RecordId> = begun.iter().filter(|begun| is_short(begun)).map(|begun| begun.id).collect();
            let mut changes = self.store.changes_of(&short).await?;
            let all: Vec<RecordId> = begun.iter().map(|begun| begun.id).collect();
            let cases = self.store.case_rows(&all).await?;
            for begun in &begun {
                if bytes >= share || !filling.has_place_for(begun) {
                    return Ok((reached.below < below).then_some(reached));
                }
                reached = Older { space, below: begun.first, reached_ms: Some(begun.created_ms) };
                let Some(mut read) = self.whole(space, begun, changes.remove(&begun.id)).await? else { continue };
                if cases.contains_key(&begun.id) {
                    read.events = self.store.case_events(begun.id).await?;
                    read.bytes += read.events.iter().map(|event| event.body.len()).sum::<usize>();
                }
                bytes += read.bytes;
                filling.add(read);
            }
            if begun.len() < limit {
                return Ok(Some(Older { below: Position(0), ..reached }));
            }
        }
    }

    /// A record as it travels. A long one is read by itself.
    async fn whole(
        &self,
        space: SpaceId,
        begun: &RecordBegun,
        changes: Option<Vec<LogEntry>>,
    ) -> Result<Option<Read>, HubError> {
        let changes = match changes {
            Some(changes) => changes,
            None if begun.changes <= RECORD_CHANGES_MAX as u64 => {
                self.store.changes_of(&[begun.id]).await?.remove(&begun.id).unwrap_or_default()
            }
            None => Vec::new(),
        };
        let bytes = changes.iter().map(|entry| entry.bytes.len()).sum();
        let Some(kind) = changes.first().map(|entry| entry.kind as u8).filter(|_| bytes <= RECORD_BYTES_MAX) else {
            tracing::error!(record = %begun.id, changes = begun.changes, bytes, "a record is too long to be sent");
            return Ok(None);
        };
        let count = changes.len();
        let actors = changes.iter().map(|entry| entry.actor).collect();
        let changes = changes.into_iter().map(|entry| (entry.hash, entry.bytes)).collect();
        let record = SnapshotRecord { space, kind, record: begun.id, updated_ms: begun.updated_ms, changes };
        Ok(Some(Read { record, actors, events: Vec::new(), changes: count, bytes }))
    }
}

struct Read {
    record: SnapshotRecord,
    actors: HashSet<Actor>,
    /// Of its case: a record comes with what has been decided on it.
    events: Vec<SentEvent>,
    /// Changes that it travels as.
    changes: usize,
    bytes: usize,
}

fn is_short(begun: &RecordBegun) -> bool {
    begun.changes <= SHORT_CHANGES
}
