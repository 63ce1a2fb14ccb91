//! Founding a record anew (彻底清除旧内容; DESIGN, Records 9): what was ever written in it and no longer stands there is
//! destroyed, here and, as soon as they hear of it, on the phones. `shared::record::refound` has the change itself.
//!
//! For a name that slipped into a text, for what was told in a petition, for a photo that somebody wants gone. Staff take it
//! out like anything else first; then this makes sure that nobody finds it any more.

mod files;
mod petitions;

use std::panic::catch_unwind;

use lianxin_shared::{
    id::{Actor, DeviceId, Position, RecordId, SpaceId},
    record::{Contents, NewChange, Record},
    rights::{Person, Space},
    sealed::{self, Invalid, check_reason},
    summary::summarize,
};
use rand::RngExt;

use super::{Hub, HubError, read::looked_at};
use crate::store::{Act, Decision, Device, Doer, NewAudit, NewLogEntry, Scrub, Snapshot, StoredRecord, WritePlan};
use files::Founding;

pub use files::FoundingFiles;

/// Why a record was not founded anew. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RefoundProblem {
    /// There is no such record, or not for this person: which of the two is not told.
    #[error("no such record")]
    NotFound,
    /// Values in conflict are to be chosen first: only what stands in the record stays.
    #[error("the record holds values in conflict")]
    InConflict,
    /// Fit to be told.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Failed(#[from] HubError),
}

/// Whether a person may found records of a space anew: who deletes at a citizen's request (DOMAIN §6.6, SealedPerson).
pub fn may_found_anew(person: &Person, space: &Space) -> bool {
    sealed::allowed(person, space).delete
}

impl Hub {
    /// Founds a record anew, for a stated reason that is kept in the audit log; what it says then.
    ///
    /// # Errors
    /// When the person may not, the reason says too little or too much, something is in conflict, or the server fails.
    pub async fn found_anew(
        &self,
        (device, person): (&Device, &Person),
        id: RecordId,
        reason: &str,
        now_ms: i64,
    ) -> Result<Contents, RefoundProblem> {
        let (stored, granted) = self.readable(person, id).await?.ok_or(RefoundProblem::NotFound)?;
        if !may_found_anew(person, &granted.space) {
            return Err(RefoundProblem::NotFound);
        }
        check_reason(reason, None)?;
        self.carry_out(device, (id, stored.space), reason.trim(), now_ms).await
    }

    async fn carry_out(
        &self,
        device: &Device,
        (id, space): (RecordId, SpaceId),
        reason: &str,
        now_ms: i64,
    ) -> Result<Contents, RefoundProblem> {
        let audit = NewAudit::of(Doer::of(device), Act::RecordFounded, &id.to_string(), reason, now_ms);
        let wish = Wish { id, space, device: device.id, audit, now_ms };
        let plan = WritePlan { spaces: vec![space], records: vec![id], ..WritePlan::default() };
        let (contents, founding) = self.write_told(plan, move |snapshot| wish.decide(snapshot)).await?;
        self.keep_founding(founding).await;
        self.scrub_records().await;
        Ok(contents)
    }

    /// To be called before anything is answered: what was founded anew and is not so in the database (it was restored from
    /// an older backup) is founded anew again, by the same change, which phones have.
    ///
    /// # Errors
    /// When the files cannot be read, or the server fails.
    pub async fn repeat_foundings(&self, now_ms: i64) -> Result<(), HubError> {
        let files = self.foundings.clone();
        let kept = tokio::task::spawn_blocking(move || files.all()).await.map_err(|_| HubError::Unavailable)?;
        let mut repeated = 0;
        for founding in kept.map_err(|error| HubError::Store(anyhow::Error::from(error).into()))? {
            let received = self.store.received(founding.record).await?;
            if received.iter().any(|change| change.hash == founding.change.hash) {
                continue;
            }
            let plan = WritePlan {
                spaces: vec![founding.space],
                records: vec![founding.record],
                hashes: vec![founding.change.hash],
                ..WritePlan::default()
            };
            let deciding = move |snapshot: Snapshot| founding.again(&snapshot, now_ms).unwrap_or_default();
            self.store.write(plan, Box::new(deciding)).await?;
            repeated += 1;
        }
        if repeated > 0 {
            tracing::warn!(records = repeated, "records were founded anew again after a restore");
            self.scrub_records().await;
        }
        Ok(())
    }

    /// It is committed; what fails here is a matter for the log.
    async fn keep_founding(&self, founding: Founding) {
        let files = self.foundings.clone();
        match tokio::task::spawn_blocking(move || files.keep(&founding)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a founding is in the database alone: a restore would undo it"),
            Err(error) => tracing::error!(%error, "a founding is in the database alone: a restore would undo it"),
        }
    }

    async fn scrub_records(&self) {
        if let Err(error) = self.store.scrub(Scrub::Records).await {
            tracing::error!(%error, "traces of what was cleared away stay in the database's files for now");
        }
    }
}

struct Wish {
    id: RecordId,
    space: SpaceId,
    device: DeviceId,
    audit: NewAudit,
    now_ms: i64,
}

impl Wish {
    fn decide(self, snapshot: &Snapshot) -> Result<(Decision, (Contents, Founding)), RefoundProblem> {
        let Self { id, space, device, audit, now_ms } = self;
        let stored = snapshot.records.get(&id).filter(|stored| stored.space == space);
        let stored = stored.ok_or(HubError::Unavailable)?;
        let actor = Actor(rand::rng().random());
        let founded = looked_at(stored, id, |record| {
            let in_conflict = record.read().conflicts().count() > 0;
            record.found_anew(actor, now_ms).map(|anew| (anew, in_conflict))
        });
        let Some(Ok(((record, change), in_conflict))) = founded else { return Err(HubError::Unreadable(id).into()) };
        if in_conflict {
            return Err(RefoundProblem::InConflict);
        }
        let contents = record.read();
        let founding = Founding { record: id, kind: stored.kind, space, actor, device, received_ms: now_ms, change };
        let mut decision = founding.decision(snapshot, record.save(), contents.clone(), stored.created_ms);
        decision.audit = vec![audit];
        Ok((decision, (contents, founding)))
    }
}

impl Founding {
    /// The same founding once more, on what an older backup had.
    fn again(&self, snapshot: &Snapshot, now_ms: i64) -> Option<Decision> {
        let hash = self.change.hash;
        if snapshot.known.contains_key(&hash) || snapshot.gone.contains_key(&hash) {
            return None;
        }
        let stored = snapshot.records.get(&self.record).filter(|stored| stored.space == self.space);
        let created_ms = stored.map_or(self.received_ms, |stored| stored.created_ms);
        let founded = catch_unwind(|| {
            let record = match stored {
                Some(stored) => Record::load(stored.kind, self.record, &stored.doc)?,
                None => Record::new(self.kind, self.record),
            };
            record.founded_by(&[&self.change.bytes])
        });
        let Ok(Ok(Some(record))) = founded else { return None };
        let mut decision = self.decision(snapshot, record.save(), record.read(), created_ms);
        decision.audit =
            vec![NewAudit::of(Doer::SERVER, Act::RecordFoundedAgain, &self.record.to_string(), "", now_ms)];
        Some(decision)
    }

    fn decision(&self, snapshot: &Snapshot, doc: Vec<u8>, contents: Contents, created_ms: i64) -> Decision {
        let Self { record, kind, space, actor, device, received_ms, ref change } = *self;
        let end = snapshot.spaces.get(&space).map(|(_, end)| *end).unwrap_or_default();
        let NewChange { hash, bytes } = change.clone();
        let entry = NewLogEntry {
            space,
            position: Position(end.0 + 1),
            record,
            kind,
            hash,
            actor,
            device,
            device_time_ms: received_ms,
            received_ms,
            bytes,
        };
        let stored =
            StoredRecord { kind, space, doc, summary: summarize(&contents), created_ms, updated_ms: received_ms };
        Decision {
            changes: vec![entry],
            actors: vec![(actor, device)],
            records: vec![(record, stored)],
            foundings: vec![record],
            ..Decision::default()
        }
    }
}
