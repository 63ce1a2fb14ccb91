//! A record while it is being decided on: what is stored, and what has been accepted on top.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lianxin_shared::{
    id::{ChangeHash, RecordId, SpaceId},
    record::{Applied, Contents, Inspected, Record},
    rights,
    schema::Kind,
    summary::{Summary, summarize},
};

use super::verify::Fresh;
use crate::store::StoredRecord;

/// The merge engine panicked, or could not read what it wrote.
#[derive(Debug)]
pub(super) struct Broken;

/// Why a change cannot be merged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CannotMerge {
    /// A change that it rests on is not here.
    Missing,
    /// Its actor has used its number, or left some out.
    Number,
    /// The merge engine refuses it.
    Refused,
}

/// A record under decision.
pub(super) struct Draft<'a> {
    pub(super) id: RecordId,
    pub(super) kind: Kind,
    pub(super) space: SpaceId,
    stored: Option<&'a StoredRecord>,
    fresh: Option<&'a Fresh>,
    /// While only the beginning of the prepared record has been accepted, nothing is merged here.
    only_fresh: bool,
    /// Accepted in this decision, in order.
    accepted: Vec<(ChangeHash, &'a [u8])>,
    author: Option<RecordId>,
    updated_ms: i64,
    merged: Option<Record>,
}

impl<'a> Draft<'a> {
    pub(super) fn of_stored(id: RecordId, stored: &'a StoredRecord) -> Self {
        Self {
            id,
            kind: stored.kind,
            space: stored.space,
            stored: Some(stored),
            fresh: None,
            only_fresh: false,
            accepted: Vec::new(),
            author: stored.summary.author,
            updated_ms: stored.updated_ms,
            merged: None,
        }
    }

    pub(super) fn new(id: RecordId, kind: Kind, space: SpaceId, fresh: Option<&'a Fresh>) -> Self {
        Self {
            id,
            kind,
            space,
            stored: None,
            fresh,
            only_fresh: true,
            accepted: Vec::new(),
            author: None,
            updated_ms: 0,
            merged: None,
        }
    }

    /// Whether there is anything of the record but its genesis.
    pub(super) fn exists(&self) -> bool {
        self.stored.is_some() || !self.accepted.is_empty()
    }

    pub(super) fn author(&self) -> Option<RecordId> {
        self.author
    }

    pub(super) fn is_changed(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// Whether it is what is stored, and that is this document.
    pub(super) fn is_stored_as(&self, doc: &[u8]) -> bool {
        !self.is_changed() && self.stored.is_some_and(|stored| stored.doc == doc)
    }

    /// Whether the change can come next; without merging it.
    pub(super) fn check(&mut self, hash: ChangeHash, inspected: &Inspected) -> Result<(), CannotMerge> {
        if self.is_next_of_fresh(hash) {
            return Ok(());
        }
        // What cannot be read now may be repaired; a refusal would stay.
        let record = self.record().map_err(|Broken| CannotMerge::Missing)?;
        let present = |dep: &ChangeHash| record.contains(*dep);
        if !inspected.deps.iter().all(present) {
            return Err(CannotMerge::Missing);
        }
        if !record.follows(inspected) {
            return Err(CannotMerge::Number);
        }
        Ok(())
    }

    /// Merges a change that [`Draft::check`] has let through. `carefully` also makes sure that the
    /// outcome can be read, saved and loaded.
    pub(super) fn merge(
        &mut self,
        hash: ChangeHash,
        bytes: &'a [u8],
        inspected: &Inspected,
        carefully: bool,
        now_ms: i64,
    ) -> Result<(), CannotMerge> {
        if !carefully && self.is_next_of_fresh(hash) {
            self.merged = None;
        } else {
            self.only_fresh = false;
            self.apply(bytes).map_err(|Broken| CannotMerge::Refused)?;
            if carefully && self.finish().is_err() {
                self.merged = None;
                return Err(CannotMerge::Refused);
            }
        }
        if !self.exists() {
            self.author = rights::named(&inspected.touches, "author");
        }
        self.accepted.push((hash, bytes));
        self.updated_ms = now_ms;
        Ok(())
    }

    /// What is to be stored.
    pub(super) fn finish(&mut self) -> Result<StoredRecord, Broken> {
        let (doc, summary) = match self.whole_fresh() {
            Some(fresh) => (fresh.doc.clone(), fresh.summary.clone()),
            None => written(self.record()?)?,
        };
        let created_ms = self.stored.map_or(self.updated_ms, |stored| stored.created_ms);
        Ok(StoredRecord { kind: self.kind, space: self.space, doc, summary, created_ms, updated_ms: self.updated_ms })
    }

    /// What it holds.
    pub(super) fn contents(&mut self) -> Result<Contents, Broken> {
        if let Some(fresh) = self.whole_fresh() {
            return Ok(fresh.contents.clone());
        }
        let record = self.record()?;
        catch_unwind(AssertUnwindSafe(|| record.read())).map_err(|_| Broken)
    }

    fn is_next_of_fresh(&self, hash: ChangeHash) -> bool {
        let next = self.fresh.and_then(|fresh| fresh.hashes.get(self.accepted.len()));
        self.only_fresh && next == Some(&hash)
    }

    fn whole_fresh(&self) -> Option<&'a Fresh> {
        self.fresh.filter(|fresh| self.only_fresh && fresh.hashes.len() == self.accepted.len())
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let record = self.record()?;
        let applied = catch_unwind(AssertUnwindSafe(|| record.apply([bytes])));
        if matches!(applied, Ok(Ok(Applied::Merged))) {
            return Ok(());
        }
        // The record may hold half of it: from here on it is built again from what was accepted.
        self.merged = None;
        Err(Broken)
    }

    fn record(&mut self) -> Result<&mut Record, Broken> {
        let record = match self.merged.take() {
            Some(record) => record,
            None => self.build()?,
        };
        Ok(self.merged.insert(record))
    }

    fn build(&self) -> Result<Record, Broken> {
        let built = catch_unwind(AssertUnwindSafe(|| {
            if let Some(fresh) = self.whole_fresh() {
                return Record::load(self.kind, self.id, &fresh.doc).map_err(|_| Broken);
            }
            let mut record = match self.stored {
                Some(stored) => Record::load(stored.kind, self.id, &stored.doc).map_err(|_| Broken)?,
                None => Record::new(self.kind, self.id),
            };
            record.apply(self.accepted.iter().map(|(_, bytes)| *bytes)).map_err(|_| Broken)?;
            Ok(record)
        }));
        built.unwrap_or(Err(Broken))
    }
}

fn written(record: &Record) -> Result<(Vec<u8>, Summary), Broken> {
    let written = catch_unwind(AssertUnwindSafe(|| {
        let doc = record.save_checked().map_err(|_| Broken)?;
        Ok((doc, summarize(&record.read())))
    }));
    written.unwrap_or(Err(Broken))
}

/// The records that were found broken when all was merged: they are merged carefully the next time.
pub(super) type Careful = HashSet<RecordId>;
