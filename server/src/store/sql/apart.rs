//! What an ended phone handed over beside its refused changes.

use async_trait::async_trait;
use lianxin_shared::id::{ChangeHash, RecordId, UserId};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    log::{self, IN_MAX},
    statement::Statement,
};
use crate::store::{
    Result, Settlement,
    apart::{ApartFile, ApartSealed, ApartStore, RefusalOf},
};

const SEALED: &str = "select id, voice, author from sealed where space is null and deleted_ms is null \
     and voice is not null and author is not null";

#[async_trait]
impl<DB: Engine> ApartStore for SqlStore<DB> {
    async fn refusals_of(&self, user: UserId, record: RecordId) -> Result<Vec<RefusalOf>> {
        const SELECT: &str = "select space, kind, settled from quarantine where record = $1 and user_id = $2";
        let rows = self.rows(Statement::new(SELECT).bind(record.0).bind(user.0)).await?;
        let refusal = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            let space = log::space(&mut columns)?;
            let kind = columns.number(|number| u8::try_from(number).ok())?;
            Ok(RefusalOf { space, kind, settled: columns.int_or_null()?.and_then(Settlement::from_number) })
        };
        Ok(rows.iter().map(refusal).collect::<anyhow::Result<_>>()?)
    }

    async fn count_refused(&self, user: UserId, hashes: &[ChangeHash]) -> Result<usize> {
        let mut count = 0;
        for hashes in hashes.chunks(IN_MAX) {
            let mut select = Statement::new("select count(*) from quarantine where user_id = ");
            select.arg(user.0).push(" and hash in ").list(hashes.iter().map(|hash| hash.0));
            for row in self.rows(select).await? {
                count += Columns::<DB>::of(&row).number(|number| usize::try_from(number).ok())?;
            }
        }
        Ok(count)
    }

    async fn add_apart(&self, file: &ApartFile) -> Result<()> {
        const INSERT: &str = "insert into apart_files (record, user_id, hash, mime, bytes, previewed, received_ms) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (record, user_id, hash) do nothing";
        let insert = Statement::new(INSERT).bind(file.record.0).bind(file.user.0).bind(file.hash.0);
        let insert = insert.bind(file.mime.as_str()).bind(i64::try_from(file.bytes).unwrap_or(i64::MAX));
        self.change(insert.bind(i64::from(file.previewed)).bind(file.received_ms)).await?;
        Ok(())
    }

    async fn apart_files(&self, records: &[RecordId]) -> Result<Vec<ApartFile>> {
        const SELECT: &str = "select record, user_id, hash, mime, bytes, previewed, received_ms from apart_files \
             where record in ";
        let mut files = Vec::new();
        for records in records.chunks(IN_MAX) {
            let mut select = Statement::new(SELECT);
            select.list(records.iter().map(|record| record.0)).push(" order by record, user_id, hash");
            for row in self.rows(select).await? {
                files.push(file::<DB>(&row)?);
            }
        }
        Ok(files)
    }

    async fn apart_records(&self) -> Result<Vec<(UserId, RecordId)>> {
        let rows = self.rows(Statement::new("select distinct record, user_id from apart_files")).await?;
        let of = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            let record = columns.id()?;
            Ok((UserId(columns.int()?), record))
        };
        Ok(rows.iter().map(of).collect::<anyhow::Result<_>>()?)
    }

    async fn drop_apart(&self, file: &ApartFile) -> Result<()> {
        const DELETE: &str = "delete from apart_files where record = $1 and user_id = $2 and hash = $3";
        self.change(Statement::new(DELETE).bind(file.record.0).bind(file.user.0).bind(file.hash.0)).await?;
        Ok(())
    }

    async fn sealed_apart_of(&self, voices: &[RecordId]) -> Result<Vec<ApartSealed>> {
        let mut found = Vec::new();
        for voices in voices.chunks(IN_MAX) {
            let mut select = Statement::new(SEALED);
            select.push(" and voice in ").list(voices.iter().map(|voice| voice.0)).push(" order by id");
            for row in self.rows(select).await? {
                found.push(sealed::<DB>(&row)?);
            }
        }
        Ok(found)
    }

    async fn sealed_apart(&self) -> Result<Vec<ApartSealed>> {
        let rows = self.rows(Statement::new(SEALED)).await?;
        Ok(rows.iter().map(sealed::<DB>).collect::<anyhow::Result<_>>()?)
    }
}

fn file<DB: Engine>(row: &DB::Row) -> anyhow::Result<ApartFile> {
    let mut columns = Columns::<DB>::of(row);
    let record = columns.id()?;
    Ok(ApartFile {
        record,
        user: UserId(columns.int()?),
        hash: columns.id()?,
        mime: columns.text()?,
        bytes: columns.number(|bytes| bytes.try_into().ok())?,
        previewed: columns.int()? != 0,
        received_ms: columns.int()?,
    })
}

fn sealed<DB: Engine>(row: &DB::Row) -> anyhow::Result<ApartSealed> {
    let mut columns = Columns::<DB>::of(row);
    Ok(ApartSealed { id: columns.id()?, voice: columns.id()?, author: UserId(columns.int()?) })
}
