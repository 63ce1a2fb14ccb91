//! Sealed personal records: between their author's devices and the vault, and what staff may do.
//!
//! Every way in is one decision under the store's lock. A server without a vault takes none: they wait
//! on the phones.

mod apart;
mod exchange;
mod keeping;
mod staff;

use lianxin_shared::{
    id::{RecordId, SealedId},
    sealed::{Deletion, Invalid, Packed},
};
use tokio::sync::oneshot;

use super::{Hub, HubError};
use crate::{
    store::{
        Scrub, StoreError,
        sealed::{Held, SealedDecision, SealedPlan, SealedRecord, SealedSnapshot},
    },
    vault::Vault,
};

pub use keeping::StartProblem;
pub use staff::{Opened, Pending, SealedMark};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The vault, and how long it keeps what is in it.
#[derive(Debug, Clone)]
pub struct Sealing {
    pub vault: Vault,
    pub kept: Kept,
}

/// For how long, in days (DOMAIN §4.1, PIPL 第十九条: until closed + 12 months).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// After the last official event of a voice that is closed.
    pub closed_days: u32,
    /// After the last writing while it is not: what nobody ever closes is not kept for ever.
    pub open_days: u32,
}

/// Why staff's wish was not done. Nothing was changed or shown.
#[derive(Debug, thiserror::Error)]
pub enum SealedProblem {
    /// There is no such record, or not for this person: which of the two is not told.
    #[error("no such sealed record")]
    NotFound,
    #[error("it is deleted: {0:?}")]
    Deleted(Deletion),
    /// Fit to be told.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Failed(#[from] HubError),
}

impl From<StoreError> for SealedProblem {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl Hub {
    /// The same hub, with a vault.
    #[must_use]
    pub fn with_sealing(self, sealing: Sealing) -> Self {
        Self { sealing: Some(sealing), ..self }
    }

    /// What encrypts and opens files with what phones had not sent (手机文件); `None` without a vault.
    pub fn vault(&self) -> Option<&Vault> {
        self.sealing.as_ref().map(|sealing| &sealing.vault)
    }

    /// One decision on sealed records, with an answer for whoever asked and the numbers of its audit entries.
    async fn seal<T: Send + 'static>(
        &self,
        plan: SealedPlan,
        decide: impl FnOnce(SealedSnapshot) -> (SealedDecision, T) + Send + 'static,
    ) -> Result<(T, Vec<u64>), HubError> {
        let (tell, told) = oneshot::channel();
        let deciding = move |snapshot| {
            let (decision, answer) = decide(snapshot);
            // Whoever asked may have gone; what was decided is stored all the same.
            let _ = tell.send(answer);
            decision
        };
        let numbers = self.store.seal(plan, Box::new(deciding)).await?;
        let answer = told.await.map_err(|_| HubError::Unavailable)?;
        Ok((answer, numbers))
    }

    /// After records were destroyed and that is committed: remembers it beside the database, and removes
    /// what the engine's files still hold. A failure is mended by the next sweep, so it is only logged.
    async fn after_deletion(&self, sealing: &Sealing, deletions: Vec<(SealedId, Deletion)>) {
        if deletions.is_empty() {
            return;
        }
        let list = sealing.vault.deletions().clone();
        match tokio::task::spawn_blocking(move || list.append(&deletions)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the list of deletions could not be written"),
            Err(error) => tracing::error!(%error, "the list of deletions could not be written"),
        }
        if let Err(error) = self.store.scrub(Scrub::Sealed).await {
            tracing::error!(%error, "traces of deleted sealed records stay in the database's files for now");
        }
    }
}

impl Sealing {
    fn expires_ms(&self, written_ms: i64, closed_ms: Option<i64>) -> i64 {
        let (from_ms, days) = closed_ms.map_or((written_ms, self.kept.open_days), |ms| (ms, self.kept.closed_days));
        from_ms.saturating_add(i64::from(days).saturating_mul(DAY_MS))
    }

    /// The contents, or `None` with a line in the log: what one row lost must not hold up the others.
    fn open(&self, record: &SealedRecord) -> Option<Packed> {
        let Held::Active(encrypted) = &record.held else { return None };
        let opened = self.vault.decrypt(record.id, record.version, encrypted);
        opened.inspect_err(|error| tracing::error!(%error, sealed = %record.id, "a sealed record is lost")).ok()
    }
}

/// The record after its deletion: neither contents nor key.
fn destroyed(record: &SealedRecord, deletion: Deletion) -> SealedRecord {
    SealedRecord { held: Held::Deleted(deletion), ..record.clone() }
}

fn of_ids(ids: &[SealedId], voices: &[RecordId]) -> SealedPlan {
    SealedPlan { ids: ids.to_vec(), voices: voices.to_vec() }
}
