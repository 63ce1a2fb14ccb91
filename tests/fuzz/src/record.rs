//! Changes: what inspection lets through can be merged in any order, stored, read again and shown.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lianxin_shared::{
    id::RecordId,
    record::{Applied, Record, inspect, inspect_and_read},
    schema::Kind,
    summary::summarize,
    wire::{self, Request, SentChange},
};

/// The record that the changes of the target `change` are said to belong to.
pub(super) const RECORD: RecordId = RecordId([0xab; 16]);

/// The kind's place in [`Kind::ALL`], then a change as the wire carries it.
pub(super) fn change(bytes: &[u8]) {
    let Some((kind, contents)) = bytes.split_first() else { return };
    let Some(kind) = Kind::ALL.get(usize::from(*kind)) else { return };
    let (_, chunk) = wire::unpack(contents);
    let Ok(inspected) = inspect(*kind, RECORD, &chunk) else { return };
    let record = Record::new(*kind, RECORD);
    if record.follows(&inspected)
        && let Some(merged) = merged(&record, &chunk)
    {
        assert!(merged.contains(inspected.hash));
        can_be_shown(&merged);
    }
    if let Ok((same, Some(contents))) = inspect_and_read(*kind, RECORD, &chunk) {
        assert_eq!(same, inspected);
        assert!(record.follows(&inspected));
        let merged = merged(&record, &chunk).expect("what is read without merging can be merged and stored");
        assert_eq!(merged.read(), contents);
        assert_eq!(Record::load(*kind, RECORD, &chunk).unwrap().heads(), [inspected.hash]);
    }
}

/// A request; its changes are merged as the server merges those of records that it does not have.
pub(super) fn records_of_a_request(bytes: &[u8]) {
    let Ok(request) = Request::decode(bytes) else { return };
    let mut by_record: BTreeMap<(RecordId, u8), Vec<&SentChange>> = BTreeMap::new();
    for change in &request.changes {
        by_record.entry((change.record, change.kind)).or_default().push(change);
    }
    for ((id, kind), changes) in by_record {
        let Some(kind) = Kind::from_number(kind) else { continue };
        let mut record = Record::new(kind, id);
        let mut accepted: Vec<&[u8]> = Vec::new();
        for change in changes {
            let Ok(inspected) = inspect(kind, id, &change.bytes) else { continue };
            assert_eq!(inspected.hash, change.hash);
            if record.contains(inspected.hash) || !record.follows(&inspected) {
                continue;
            }
            if let Some(merged) = merged(&record, &change.bytes) {
                record = merged;
                accepted.push(&change.bytes);
            }
        }
        can_be_shown(&record);
        let mut backwards = Record::new(kind, id);
        backwards.apply(accepted.iter().rev().copied()).unwrap();
        assert_eq!(backwards.read(), record.read(), "the order of arrival makes no difference");
    }
}

/// The record with the change, as the server accepts it: when merging neither fails nor panics, and what would be stored
/// can be loaded.
fn merged(record: &Record, chunk: &[u8]) -> Option<Record> {
    let merged = catch_unwind(AssertUnwindSafe(|| {
        let mut record = record.clone();
        let merged = record.apply([chunk]).ok()? == Applied::Merged;
        summarize(&record.read());
        (merged && record.save_checked().is_ok()).then_some(record)
    }));
    merged.ok().flatten()
}

/// What was accepted is the same for whoever loads it, and its page can be made.
fn can_be_shown(record: &Record) {
    let loaded = Record::load(record.kind(), record.id(), &record.save()).unwrap();
    assert_eq!(loaded.read(), record.read());
    assert_eq!(loaded.history(), record.history());
}
