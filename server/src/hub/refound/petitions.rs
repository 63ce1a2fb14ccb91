//! What was told in a petition (信访) and taken out again before the villager was guided away: cleared away as soon as that
//! has been decided, because of petition matters nothing is kept (DOMAIN §2.3).

use lianxin_shared::{
    case::{CaseRow, ExitKind},
    id::RecordId,
    rights::Person,
};

use super::{Hub, HubError, RefoundProblem, looked_at};
use crate::store::{Device, StoredRecord};

/// What the audit log says of why.
const REASON: &str = "信访引导";

impl Hub {
    /// Clears away what was ever told in those of these voices that are petitions. It is tried again with each later event
    /// of the case, so a failure is only logged; so is a conflict, which somebody has to settle before.
    pub(in crate::hub) async fn clear_petitions(&self, who: (&Device, &Person), voices: &[RecordId], now_ms: i64) {
        if let Err(error) = self.try_to_clear_petitions(who, voices, now_ms).await {
            tracing::warn!(%error, "what was told in a petition is not cleared away yet");
        }
    }

    async fn try_to_clear_petitions(
        &self,
        who: (&Device, &Person),
        voices: &[RecordId],
        now_ms: i64,
    ) -> Result<(), RefoundProblem> {
        if voices.is_empty() {
            return Ok(());
        }
        let rows = self.store.case_rows(voices).await.map_err(HubError::from)?;
        for (id, _) in rows.iter().filter(|(_, row)| is_guided(row)) {
            let stored = self.store.record(*id).await.map_err(HubError::from)?;
            if let Some(stored) = stored.filter(|stored| !is_founded(*id, stored)) {
                self.carry_out(who.0, (*id, stored.space), REASON, now_ms).await?;
            }
        }
        Ok(())
    }
}

fn is_guided(row: &CaseRow) -> bool {
    row.exit == Some(ExitKind::Petition)
}

fn is_founded(id: RecordId, stored: &StoredRecord) -> bool {
    looked_at(stored, id, |record| record.founded()) != Some(0)
}
