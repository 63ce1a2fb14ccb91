//! Starting with what was deleted in mind, and erasing what is over.

use lianxin_shared::{
    id::SealedId,
    sealed::{Deletion, WhyDeleted},
};

use super::{Hub, HubError, Sealing, destroyed, of_ids};
use crate::store::{
    Act, NewAudit, Scrub,
    sealed::{Held, SealedDecision, SealedRecord, SealedSnapshot},
};

/// Records erased in one transaction.
const ERASED_AT_ONCE: u32 = 256;

/// Why a server must not start.
#[derive(Debug, thiserror::Error)]
pub enum StartProblem {
    #[error(
        "sealed records were encrypted with another master key: put the file sealed-master.key of that server back, or give its key"
    )]
    OtherMasterKey,
    #[error("the list of deletions cannot be read: {0}")]
    DeletionList(#[from] std::io::Error),
    #[error(transparent)]
    Failed(#[from] HubError),
}

impl Hub {
    /// To be called before anything is answered: the master key must be the right one, what the list of
    /// deletions names is deleted (again, after a restore from an older backup), and the list gets what
    /// only the database knows of.
    ///
    /// # Errors
    /// When sealed records could not be opened, or a deletion not be kept.
    pub async fn prepare_sealed(&self, now_ms: i64) -> Result<(), StartProblem> {
        let Some(sealing) = &self.sealing else { return Ok(()) };
        let masters = self.store.sealed_masters().await.map_err(HubError::from)?;
        if masters.iter().any(|master| *master != sealing.vault.master()) {
            return Err(StartProblem::OtherMasterKey);
        }
        self.reconcile(sealing, now_ms).await
    }

    /// Makes the list of deletions and the database say the same.
    async fn reconcile(&self, sealing: &Sealing, now_ms: i64) -> Result<(), StartProblem> {
        let list = sealing.vault.deletions().clone();
        let listed = tokio::task::spawn_blocking(move || list.read()).await.map_err(|_| HubError::Unavailable)??;
        let stored = self.store.sealed_deleted().await.map_err(HubError::from)?;
        let in_list: std::collections::HashSet<SealedId> = listed.iter().map(|(id, _)| *id).collect();
        let in_store: std::collections::HashSet<SealedId> = stored.iter().map(|(id, _)| *id).collect();
        let missing: Vec<_> = stored.into_iter().filter(|(id, _)| !in_list.contains(id)).collect();
        sealing.vault.deletions().append(&missing)?;
        let again: Vec<_> = listed.into_iter().filter(|(id, _)| !in_store.contains(id)).collect();
        for deletions in again.chunks(ERASED_AT_ONCE as usize) {
            tracing::warn!(records = deletions.len(), "sealed records are deleted again after a restore");
            self.replay(deletions.to_vec(), now_ms).await?;
        }
        if !again.is_empty() {
            self.store.scrub(Scrub::Sealed).await.map_err(HubError::from)?;
        }
        Ok(())
    }

    async fn replay(&self, deletions: Vec<(SealedId, Deletion)>, now_ms: i64) -> Result<(), HubError> {
        let ids: Vec<SealedId> = deletions.iter().map(|(id, _)| *id).collect();
        let decide = move |snapshot: SealedSnapshot| {
            let records = deletions.iter().map(|(id, deletion)| match snapshot.records.get(id) {
                Some(record) => destroyed(record, *deletion),
                None => unknown(*id, *deletion),
            });
            let audit = deletions.iter().map(|(id, _)| noted(Act::SealedReplay, *id, now_ms)).collect();
            (SealedDecision { records: records.collect(), openings: Vec::new(), audit }, ())
        };
        self.seal(of_ids(&ids, &[]), decide).await?;
        Ok(())
    }

    /// Erases what has been kept long enough (PIPL 第十九条), completes the list of deletions, and writes
    /// the head of the audit log into the server's log, where whoever changes the database does not reach
    /// it. To be called now and then; how many records were erased.
    ///
    /// # Errors
    /// When the store fails, or a deletion cannot be kept.
    pub async fn sweep_sealed(&self, now_ms: i64) -> Result<usize, StartProblem> {
        let mut erased = 0;
        if let Some(sealing) = &self.sealing {
            self.settle_all_sealed(now_ms).await?;
            self.follow_closings(sealing).await?;
            loop {
                let ids = self.store.sealed_expired(now_ms, ERASED_AT_ONCE).await.map_err(HubError::from)?;
                if ids.is_empty() {
                    break;
                }
                let deleted = self.erase(ids, now_ms).await?;
                erased += deleted.len();
                self.after_deletion(sealing, deleted).await;
            }
            self.reconcile(sealing, now_ms).await?;
        }
        if let Some(head) = self.store.audit_head().await.map_err(HubError::from)? {
            let hash: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
            tracing::info!(entry = head.number, hash, "the head of the audit log");
        }
        Ok(erased)
    }

    /// Sets until when records are kept whose voice was closed, or opened again. Their authors' devices are told.
    async fn follow_closings(&self, sealing: &Sealing) -> Result<(), HubError> {
        let handled = self.store.sealed_handled().await?;
        for handled in handled.chunks(ERASED_AT_ONCE as usize) {
            let ids: Vec<SealedId> = handled.iter().map(|handled| handled.id).collect();
            let (handled, sealing) = (handled.to_vec(), sealing.clone());
            let decide = move |snapshot: SealedSnapshot| {
                let moved = handled.iter().filter_map(|handled| {
                    let record = snapshot.records.get(&handled.id)?;
                    let expires_ms = sealing.expires_ms(record.written_ms, handled.closed.then_some(handled.last_ms));
                    let moves = matches!(record.held, Held::Active(_)) && record.expires_ms != expires_ms;
                    moves.then(|| SealedRecord { expires_ms, ..record.clone() })
                });
                (SealedDecision { records: moved.collect(), ..SealedDecision::default() }, ())
            };
            self.seal(of_ids(&ids, &[]), decide).await?;
        }
        Ok(())
    }

    async fn erase(&self, ids: Vec<SealedId>, now_ms: i64) -> Result<Vec<(SealedId, Deletion)>, HubError> {
        let deletion = Deletion { why: WhyDeleted::Expired, at_ms: now_ms };
        let decide = move |snapshot: SealedSnapshot| {
            // Written again, or deleted, since it was looked for: then it stays as it is.
            let over = |record: &&SealedRecord| matches!(record.held, Held::Active(_)) && record.expires_ms <= now_ms;
            let mut over: Vec<&SealedRecord> = snapshot.records.values().filter(over).collect();
            over.sort_unstable_by_key(|record| record.id);
            let deleted: Vec<_> = over.iter().map(|record| (record.id, deletion)).collect();
            let records = over.iter().map(|record| destroyed(record, deletion)).collect();
            let audit = over.iter().map(|record| noted(Act::SealedExpire, record.id, now_ms)).collect();
            (SealedDecision { records, openings: Vec::new(), audit }, deleted)
        };
        Ok(self.seal(of_ids(&ids, &[]), decide).await?.0)
    }
}

fn noted(act: Act, id: SealedId, at_ms: i64) -> NewAudit {
    NewAudit { at_ms, user: None, device: None, act, subject: id.to_string(), reason: String::new() }
}

/// Of what the restored database knows nothing: its id must stay deleted all the same.
fn unknown(id: SealedId, deletion: Deletion) -> SealedRecord {
    SealedRecord {
        id,
        voice: None,
        space: None,
        author: None,
        version: 0,
        position: 0,
        written_ms: deletion.at_ms,
        expires_ms: deletion.at_ms,
        held: Held::Deleted(deletion),
    }
}
