//! The first download: whole records, the newest first (answer section 9), and how far it has come.

use super::{
    bundle::{self, Bundled},
    codec::{BadBytes, Reader, Writer},
    v1::{Author, read_authors, small, write_authors},
};
use crate::{
    id::{ChangeHash, Position, RecordId, SpaceId},
    limits::{CHANGES_PER_EXCHANGE_MAX, RECORD_CHANGES_MAX, SPACES_PER_USER_MAX},
};

/// Records as they are now, for a device that does not have them yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Where the first download of spaces goes on.
    pub older: Vec<Older>,
    pub records: Vec<SnapshotRecord>,
}

/// Up to where a space's first download has come. What began at `below` or later has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Older {
    pub space: SpaceId,
    /// Records that began before this position are still to come; none when it is 0.
    pub below: Position,
    /// When the oldest record sent so far began, by the server's clock in milliseconds since 1970, to
    /// the second; `None` before the first one.
    pub reached_ms: Option<i64>,
}

/// A whole record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRecord {
    pub space: SpaceId,
    pub kind: u8,
    pub record: RecordId,
    /// When the server received its last change, milliseconds since 1970, to the second.
    pub updated_ms: i64,
    /// Each after those that it rests on; at least one.
    pub changes: Vec<(ChangeHash, Vec<u8>)>,
}

const MS_PER_SECOND: i64 = 1000;
/// Where records once followed as Automerge documents: a phone would have to bring the code that loads them.
const NO_DOCUMENTS: u64 = 0;

impl Snapshot {
    pub fn is_empty(&self) -> bool {
        self.older.is_empty() && self.records.is_empty()
    }
}

pub(super) fn write(w: &mut Writer, snapshot: &Snapshot, authors: &[Author], now_ms: i64) {
    let now = now_ms.div_euclid(MS_PER_SECOND);
    w.list(&snapshot.older, |w, older| {
        w.number(older.space.0.into());
        w.number(older.below.0);
        w.list(older.reached_ms.as_slice(), |w, ms| w.signed(now.wrapping_sub(ms.div_euclid(MS_PER_SECOND))));
    });
    write_authors(w, authors);
    let changes: Vec<Bundled<'_>> = snapshot.records.iter().flat_map(bundled).collect();
    bundle::write(w, changes.into_iter());
    let mut before = now;
    w.list(&snapshot.records, |w, record| {
        let updated = record.updated_ms.div_euclid(MS_PER_SECOND);
        w.signed(before.wrapping_sub(updated));
        before = updated;
    });
    w.number(NO_DOCUMENTS);
}

pub(super) fn read(r: &mut Reader<'_>, now_ms: i64) -> Result<(Snapshot, Vec<Author>), BadBytes> {
    let now = now_ms.div_euclid(MS_PER_SECOND);
    let older = r.list(SPACES_PER_USER_MAX, |r| {
        let (space, below) = (SpaceId(small(r.number()?)?), Position(r.number()?));
        let seconds = r.list(1, Reader::signed)?.pop();
        let reached_ms = seconds.map(|before| now.wrapping_sub(before).wrapping_mul(MS_PER_SECOND));
        Ok(Older { space, below, reached_ms })
    })?;
    let authors = read_authors(r)?;
    let mut records: Vec<SnapshotRecord> = Vec::new();
    for change in bundle::read(r, RECORD_CHANGES_MAX)? {
        let content = (change.hash, change.bytes);
        match records.last_mut() {
            Some(SnapshotRecord { record, changes, .. }) if *record == change.record => changes.push(content),
            _ => records.push(SnapshotRecord {
                space: change.space,
                kind: change.kind,
                record: change.record,
                updated_ms: 0,
                changes: vec![content],
            }),
        }
    }
    let mut before = now;
    let updated = r.list(CHANGES_PER_EXCHANGE_MAX, |r| {
        before = before.wrapping_sub(r.signed()?);
        Ok(before.wrapping_mul(MS_PER_SECOND))
    })?;
    if updated.len() != records.len() {
        return Err(BadBytes("times and records do not fit"));
    }
    for (record, updated_ms) in records.iter_mut().zip(updated) {
        record.updated_ms = updated_ms;
    }
    if r.number()? != NO_DOCUMENTS {
        return Err(BadBytes("a record that is no list of changes"));
    }
    Ok((Snapshot { older, records }, authors))
}

fn bundled(record: &SnapshotRecord) -> impl Iterator<Item = Bundled<'_>> {
    let SnapshotRecord { space, kind, record, changes, .. } = record;
    changes.iter().map(|(hash, bytes)| Bundled { space: *space, kind: *kind, record: *record, hash: *hash, bytes })
}
