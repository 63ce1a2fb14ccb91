//! What staff decided on refused changes.

use async_trait::async_trait;
use lianxin_shared::{
    id::{ChangeHash, Position, SpaceId, UserId},
    wire::{Outcome, Settled},
};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    keys,
    log::{self, IN_MAX, QUARANTINE_COLUMNS, quarantined},
    statement::Statement,
};
use crate::store::{
    CaseSpaces, Quarantined, Result,
    settled::{NewSettlement, SettledChange, SettledStore, Settlement},
};

#[async_trait]
impl<DB: Engine> SettledStore for SqlStore<DB> {
    async fn open_refusal(&self, user: UserId, hash: ChangeHash) -> Result<Option<Quarantined>> {
        let mut select = Statement::new(QUARANTINE_COLUMNS);
        select.push(" where settled is null and hash = ").arg(hash.0).push(" and user_id = ").arg(user.0);
        let rows = self.rows(select).await?;
        Ok(rows.first().map(quarantined::<DB>).transpose()?)
    }

    async fn settled_of(&self, user: UserId, hashes: &[ChangeHash]) -> Result<Vec<Settled>> {
        const SELECT: &str = "select hash, settled, settled_ms, reason, field, note from quarantine \
             where settled is not null and user_id = ";
        let mut found = Vec::new();
        for hashes in hashes.chunks(IN_MAX) {
            let mut select = Statement::new(SELECT);
            select.arg(user.0).push(" and hash in ").list(hashes.iter().map(|hash| hash.0));
            for row in self.rows(select).await? {
                found.push(settled::<DB>(&row)?);
            }
        }
        Ok(found)
    }

    async fn settled_in(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<SettledChange>> {
        const SELECT: &str = "select record, kind, space, user_id, settled, settled_by, settled_ms, note \
             from quarantine where settled_ms is not null and ";
        let mut select = Statement::new(SELECT);
        keys::readable(&mut select, "+quarantine.space", spaces, cases);
        select.push(" order by settled_ms desc, hash limit ").arg(i64::from(limit));
        let rows = self.rows(select).await?;
        Ok(rows.iter().map(settled_change::<DB>).collect::<anyhow::Result<_>>()?)
    }
}

/// Enters a decision. Of what is in the log now, or is to be gone, the copy is emptied.
pub(super) fn statement(new: &NewSettlement) -> Statement {
    const SETTLE: &str = "update quarantine set settled = $3, settled_by = $4, settled_ms = $5, note = $6, \
         bytes = coalesce($7, bytes) where hash = $1 and user_id = $2 and settled is null";
    let emptied = (new.settlement != Settlement::Returned).then(Vec::new);
    Statement::new(SETTLE)
        .bind(new.hash.0)
        .bind(new.user.0)
        .bind(new.settlement as i64)
        .bind(new.by.0)
        .bind(new.at_ms)
        .bind(new.note.as_str())
        .bind(emptied)
}

fn settled<DB: Engine>(row: &DB::Row) -> anyhow::Result<Settled> {
    let mut columns = Columns::<DB>::of(row);
    let hash = columns.id()?;
    let settlement = columns.number(Settlement::from_number)?;
    let received_ms = columns.int()?;
    let refused = log::refused(&mut columns)?;
    let outcome = match settlement {
        Settlement::Accepted => Outcome::Received { position: Position(0), received_ms },
        Settlement::Returned | Settlement::Discarded => Outcome::Refused(refused),
    };
    Ok(Settled { hash, outcome, note: columns.text()? })
}

fn settled_change<DB: Engine>(row: &DB::Row) -> anyhow::Result<SettledChange> {
    let mut columns = Columns::<DB>::of(row);
    Ok(SettledChange {
        record: columns.id()?,
        kind: columns.number(|number| u8::try_from(number).ok())?,
        space: log::space(&mut columns)?,
        user: UserId(columns.int()?),
        settlement: columns.number(Settlement::from_number)?,
        by: UserId(columns.int()?),
        at_ms: columns.int()?,
        note: columns.text()?,
    })
}
