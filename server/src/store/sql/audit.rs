//! Appending to the audit log and reading it.

use async_trait::async_trait;
use lianxin_shared::id::{DeviceId, UserId};

use super::{
    SqlStore, Writing,
    engine::{Columns, Engine},
    statement::Statement,
};
use crate::store::{
    Result,
    audit::{AuditEntry, AuditFilter, AuditHash, AuditLog, BEGINNING, NewAudit},
};

#[async_trait]
impl<DB: Engine> AuditLog for SqlStore<DB> {
    async fn audit(&self, entries: &[NewAudit]) -> Result<Vec<u64>> {
        let mut writing = self.begin().await?;
        let numbers = append(&mut writing, entries).await?;
        writing.commit().await?;
        Ok(numbers)
    }

    async fn audit_after(&self, number: u64, limit: u32) -> Result<Vec<AuditEntry>> {
        const SELECT: &str = "select number, at_ms, user_id, device, act, subject, reason, hash from audit \
             where number > $1 order by number limit $2";
        let select = Statement::new(SELECT).bind(i64::try_from(number).unwrap_or(i64::MAX)).bind(limit);
        let rows = self.rows(select).await?;
        Ok(rows.iter().map(entry::<DB>).collect::<anyhow::Result<_>>()?)
    }

    async fn audit_before(&self, number: u64, filter: AuditFilter, limit: u32) -> Result<Vec<AuditEntry>> {
        const SELECT: &str = "select number, at_ms, user_id, device, act, subject, reason, hash from audit \
             where number < ";
        let mut select = Statement::new(SELECT);
        select.arg(i64::try_from(number).unwrap_or(i64::MAX));
        if let Some(act) = filter.act {
            select.push(" and act = ").arg(act.key());
        }
        if let Some(user) = filter.user {
            select.push(" and user_id = ").arg(user.0);
        }
        select.push(" order by number desc limit ").arg(i64::from(limit));
        let rows = self.rows(select).await?;
        Ok(rows.iter().map(entry::<DB>).collect::<anyhow::Result<_>>()?)
    }

    async fn audit_head(&self) -> Result<Option<AuditEntry>> {
        const SELECT: &str = "select number, at_ms, user_id, device, act, subject, reason, hash from audit \
             order by number desc limit 1";
        let rows = self.rows(Statement::new(SELECT)).await?;
        Ok(rows.first().map(entry::<DB>).transpose()?)
    }

    async fn audit_count(&self) -> Result<u64> {
        let rows = self.rows(Statement::new("select value from meta where key = 'audit'")).await?;
        let count = rows.first().map(|row| Columns::<DB>::of(row).number(|count| u64::try_from(count).ok()));
        Ok(count.transpose()?.unwrap_or_default())
    }
}

/// Appends within a transaction. The counter comes first: whoever appends waits for whoever did before.
pub(super) async fn append<DB: Engine>(writing: &mut Writing<DB>, entries: &[NewAudit]) -> anyhow::Result<Vec<u64>> {
    const COUNT: &str = "update meta set value = value + $1 where key = 'audit' returning value";
    const HEAD: &str = "select hash from audit where number = $1";
    const INSERT: &str = "insert into audit (number, at_ms, user_id, device, act, subject, reason, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)";
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let added = i64::try_from(entries.len())?;
    let rows = writing.run(Statement::new(COUNT).bind(added)).await?;
    let end = Columns::<DB>::of(rows.first().ok_or(sqlx::Error::RowNotFound)?).int()?;
    let first = end - added;
    let rows = writing.run(Statement::new(HEAD).bind(first)).await?;
    // An entry that was cut off at the end leaves a gap in the chain, which `verify` finds; the log goes on.
    let mut before = rows.first().map(|row| hash::<DB>(&mut Columns::of(row))).transpose()?.unwrap_or(BEGINNING);
    let mut numbers = Vec::with_capacity(entries.len());
    for (number, new) in (first + 1..).zip(entries) {
        let entry = AuditEntry::chained(new, number.cast_unsigned(), &before);
        let insert = Statement::new(INSERT)
            .bind(number)
            .bind(entry.at_ms)
            .bind(entry.user.map(|user| user.0))
            .bind(entry.device.map(|device| device.0))
            .bind(entry.act)
            .bind(entry.subject)
            .bind(entry.reason)
            .bind(entry.hash);
        writing.run(insert).await?;
        before = entry.hash;
        numbers.push(entry.number);
    }
    Ok(numbers)
}

fn entry<DB: Engine>(row: &DB::Row) -> anyhow::Result<AuditEntry> {
    let mut columns = Columns::<DB>::of(row);
    Ok(AuditEntry {
        number: columns.number(|number| u64::try_from(number).ok())?,
        at_ms: columns.int()?,
        user: columns.int_or_null()?.map(UserId),
        device: columns.int_or_null()?.map(DeviceId),
        act: columns.text()?,
        subject: columns.text()?,
        reason: columns.text()?,
        hash: hash(&mut columns)?,
    })
}

fn hash<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<AuditHash> {
    columns.fixed()
}
