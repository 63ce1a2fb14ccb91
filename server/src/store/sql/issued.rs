//! Summaries as they were issued.

use async_trait::async_trait;
use lianxin_shared::id::{UnitCode, UserId};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    statement::Statement,
};
use crate::store::{
    Result,
    issued::{IssuedHead, IssuedStore, IssuedSummary},
};

#[async_trait]
impl<DB: Engine> IssuedStore for SqlStore<DB> {
    async fn add_issued(&self, summary: &IssuedSummary) -> Result<i64> {
        const INSERT: &str = "insert into issued_summaries (unit, year, issued_by, issued_ms, body) \
             values ($1, $2, $3, $4, $5) returning id";
        let insert = Statement::new(INSERT).bind(summary.unit.0.as_str()).bind(summary.year).bind(summary.by.0);
        let rows = self.change(insert.bind(summary.issued_ms).bind(summary.body.as_str())).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(anyhow::Error::from)?;
        Ok(Columns::<DB>::of(row).int()?)
    }

    async fn issued(&self, unit: &UnitCode, limit: u32) -> Result<Vec<IssuedHead>> {
        const SELECT: &str = "select id, year, issued_ms from issued_summaries where unit = $1 \
             order by issued_ms desc, id desc limit $2";
        let rows = self.rows(Statement::new(SELECT).bind(unit.0.as_str()).bind(i64::from(limit))).await?;
        let head = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            Ok(IssuedHead { id: columns.int()?, year: columns.int()?, issued_ms: columns.int()? })
        };
        Ok(rows.iter().map(head).collect::<anyhow::Result<_>>()?)
    }

    async fn issued_one(&self, unit: &UnitCode, id: i64) -> Result<Option<IssuedSummary>> {
        const SELECT: &str =
            "select id, year, issued_by, issued_ms, body from issued_summaries where unit = $1 and id = $2";
        let rows = self.rows(Statement::new(SELECT).bind(unit.0.as_str()).bind(id)).await?;
        let summary = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            Ok(IssuedSummary {
                id: columns.int()?,
                unit: unit.clone(),
                year: columns.int()?,
                by: UserId(columns.int()?),
                issued_ms: columns.int()?,
                body: columns.text()?,
            })
        };
        Ok(rows.first().map(summary).transpose()?)
    }
}
