//! What a change's bytes alone tell: done before any lock is taken, for many submissions at once.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lianxin_shared::{
    id::{ChangeHash, RecordId, SpaceId},
    record::{Contents, Inspected, Record, genesis, inspect_and_read},
    schema::Kind,
    summary::{Summary, summarize},
    wire::{RefusalReason, Refused, SentChange},
};

use crate::store::StoreError;

/// A sent change with the verdict on its bytes.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) space: SpaceId,
    pub(super) kind: u8,
    pub(super) record: RecordId,
    pub(super) hash: ChangeHash,
    pub(super) bytes: Vec<u8>,
    pub(super) verdict: Result<(Kind, Inspected), Refused>,
    /// What the record says if this change is all there is of it, where that can be told without merging.
    alone: Option<Contents>,
}

/// A record made of sent changes alone, in case the server does not have it yet: most records
/// arrive whole and are never touched by two people at once, so that the merging is done before
/// the lock.
pub(super) struct Fresh {
    pub(super) hashes: Vec<ChangeHash>,
    /// As it is stored: what [`Record::load`] takes.
    pub(super) doc: Vec<u8>,
    pub(super) contents: Contents,
    pub(super) summary: Summary,
}

pub(super) fn malformed() -> Refused {
    Refused { reason: RefusalReason::Malformed, field: String::new() }
}

/// Looks at each change by itself.
fn verify(sent: SentChange) -> Verified {
    let SentChange { space, kind, record, hash, bytes } = sent;
    let looked = Kind::from_number(kind).ok_or_else(malformed).and_then(|kind| {
        let (inspected, alone) = inspect_and_read(kind, record, &bytes).map_err(|_| malformed())?;
        if inspected.hash == hash { Ok((kind, inspected, alone)) } else { Err(malformed()) }
    });
    let (verdict, alone) = match looked {
        Ok((kind, inspected, alone)) => (Ok((kind, inspected)), alone),
        Err(refused) => (Err(refused), None),
    };
    Verified { space, kind, record, hash, bytes, verdict, alone }
}

/// Looks at all of them, and makes the records of them; not on a thread that others wait for.
pub(super) async fn verify_all(
    changes: Vec<SentChange>,
) -> Result<(Vec<Verified>, HashMap<RecordId, Fresh>), StoreError> {
    let prepare = move || {
        let changes: Vec<_> = changes.into_iter().map(verify).collect();
        let fresh = fresh(&changes);
        (changes, fresh)
    };
    tokio::task::spawn_blocking(prepare).await.map_err(|error| StoreError(error.into()))
}

/// The records that these changes make when there is nothing else. A record that does not come out
/// whole is left out: it is merged change by change later.
fn fresh(changes: &[Verified]) -> HashMap<RecordId, Fresh> {
    let mut by_record: HashMap<RecordId, Vec<&Verified>> = HashMap::new();
    for change in changes {
        by_record.entry(change.record).or_default().push(change);
    }
    by_record.into_iter().filter_map(|(id, changes)| Some((id, build(id, &changes)?))).collect()
}

fn build(id: RecordId, changes: &[&Verified]) -> Option<Fresh> {
    if let [Verified { hash, bytes, alone: Some(contents), .. }] = changes {
        let summary = summarize(contents);
        return Some(Fresh { hashes: vec![*hash], doc: bytes.clone(), contents: contents.clone(), summary });
    }
    let built = catch_unwind(AssertUnwindSafe(|| {
        let (kind, first) = changes.first()?.verdict.as_ref().ok()?;
        // An edit of a record that is stored: nothing can come of it here.
        if first.deps != [genesis(*kind).hash().into()] {
            return None;
        }
        let mut record = Record::new(*kind, id);
        let mut hashes = Vec::with_capacity(changes.len());
        for change in changes {
            let (its_kind, inspected) = change.verdict.as_ref().ok()?;
            if its_kind != kind || hashes.contains(&change.hash) || !record.follows(inspected) {
                return None;
            }
            record.apply([change.bytes.as_slice()]).ok()?;
            hashes.push(change.hash);
        }
        let contents = record.read();
        let summary = summarize(&contents);
        Some(Fresh { hashes, doc: record.save_checked().ok()?, contents, summary })
    }));
    built.ok().flatten()
}
