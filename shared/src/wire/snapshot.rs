//! The first download: whole records, the newest first (answer section 9), and how far it has come.

use super::{
    bundle::{self, Bundled},
    codec::{BadBytes, Reader, Writer},
    v1::{Author, read_authors, small, write_authors},
};
use crate::{
    id::{ChangeHash, Position, RecordId, SpaceId},
    limits::{CHANGES_PER_EXCHANGE_MAX, EXCHANGE_BYTES_MAX, SPACES_PER_USER_MAX},
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
    pub form: RecordForm,
}

/// How a record travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordForm {
    /// Its changes, each after those that it rests on; at least one.
    Changes(Vec<(ChangeHash, Vec<u8>)>),
    /// The Automerge document, uncompressed: cheaper for a record of many changes.
    Document(Vec<u8>),
}

const MS_PER_SECOND: i64 = 1000;

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
    let of_changes = |record: &&SnapshotRecord| matches!(record.form, RecordForm::Changes(_));
    let (apart, whole): (Vec<_>, Vec<_>) = snapshot.records.iter().partition(of_changes);
    let changes: Vec<Bundled<'_>> = apart.iter().copied().flat_map(bundled).collect();
    bundle::write(w, changes.into_iter());
    let mut before = now;
    let mut write_updated = |w: &mut Writer, record: &SnapshotRecord| {
        let updated = record.updated_ms.div_euclid(MS_PER_SECOND);
        w.signed(before.wrapping_sub(updated));
        before = updated;
    };
    w.list(&apart, |w, record| write_updated(w, record));
    w.list(&whole, |w, record| {
        write_updated(w, record);
        w.number(record.space.0.into());
        w.byte(record.kind);
        w.fixed(&record.record.0);
        w.bytes(document(record));
    });
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
    for change in bundle::read(r)? {
        let content = (change.hash, change.bytes);
        match records.last_mut() {
            Some(SnapshotRecord { record, form: RecordForm::Changes(changes), .. }) if *record == change.record => {
                changes.push(content);
            }
            _ => records.push(SnapshotRecord {
                space: change.space,
                kind: change.kind,
                record: change.record,
                updated_ms: 0,
                form: RecordForm::Changes(vec![content]),
            }),
        }
    }
    let mut before = now;
    let mut read_updated = |r: &mut Reader<'_>| {
        before = before.wrapping_sub(r.signed()?);
        Ok::<_, BadBytes>(before.wrapping_mul(MS_PER_SECOND))
    };
    let updated = r.list(CHANGES_PER_EXCHANGE_MAX, &mut read_updated)?;
    if updated.len() != records.len() {
        return Err(BadBytes("times and records do not fit"));
    }
    for (record, updated_ms) in records.iter_mut().zip(updated) {
        record.updated_ms = updated_ms;
    }
    records.append(&mut r.list(CHANGES_PER_EXCHANGE_MAX, |r| {
        let updated_ms = read_updated(r)?;
        let (space, kind, record) = (SpaceId(small(r.number()?)?), r.byte()?, RecordId(r.fixed()?));
        let form = RecordForm::Document(r.bytes(EXCHANGE_BYTES_MAX)?.to_vec());
        Ok(SnapshotRecord { space, kind, record, updated_ms, form })
    })?);
    Ok((Snapshot { older, records }, authors))
}

fn bundled(record: &SnapshotRecord) -> Vec<Bundled<'_>> {
    let RecordForm::Changes(changes) = &record.form else { return Vec::new() };
    let (space, kind, record) = (record.space, record.kind, record.record);
    changes.iter().map(|(hash, bytes)| Bundled { space, kind, record, hash: *hash, bytes }).collect()
}

fn document(record: &SnapshotRecord) -> &[u8] {
    match &record.form {
        RecordForm::Document(bytes) => bytes,
        RecordForm::Changes(_) => &[],
    }
}
