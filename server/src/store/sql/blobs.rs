//! Photos and recordings, and how much of them a user delivers in a day.

use async_trait::async_trait;
use lianxin_shared::id::{BlobHash, RecordId, UserId};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    statement::Statement,
};
use crate::store::{
    Result,
    blobs::{BlobStore, StoredBlob},
};

#[async_trait]
impl<DB: Engine> BlobStore for SqlStore<DB> {
    async fn blob(&self, record: RecordId, hash: BlobHash) -> Result<Option<StoredBlob>> {
        const SELECT: &str = "select mime, bytes, user_id, received_ms from blobs where record = $1 and hash = $2";
        let rows = self.rows(Statement::new(SELECT).bind(record.0).bind(hash.0)).await?;
        let stored = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            Ok(StoredBlob {
                record,
                hash,
                mime: columns.text()?,
                bytes: columns.number(|bytes| bytes.try_into().ok())?,
                user: UserId(columns.int()?),
                received_ms: columns.int()?,
            })
        };
        Ok(rows.first().map(stored).transpose()?)
    }

    async fn add_blob(&self, blob: &StoredBlob) -> Result<()> {
        const INSERT: &str = "insert into blobs (record, hash, mime, bytes, user_id, received_ms) \
             values ($1, $2, $3, $4, $5, $6) on conflict (record, hash) do nothing";
        let bytes = i64::try_from(blob.bytes).unwrap_or(i64::MAX);
        let insert = Statement::new(INSERT).bind(blob.record.0).bind(blob.hash.0).bind(blob.mime.as_str());
        self.change(insert.bind(bytes).bind(blob.user.0).bind(blob.received_ms)).await?;
        Ok(())
    }

    async fn drop_blob(&self, record: RecordId, hash: BlobHash) -> Result<()> {
        const DELETE: &str = "delete from blobs where record = $1 and hash = $2";
        self.change(Statement::new(DELETE).bind(record.0).bind(hash.0)).await?;
        Ok(())
    }

    async fn count_blob_bytes(&self, user: UserId, day: i64, bytes: u64, bytes_max: u64) -> Result<bool> {
        const COUNT: &str = "insert into blob_days (user_id, day, bytes) values ($1, $2, $3) \
             on conflict (user_id, day) do update set bytes = blob_days.bytes + excluded.bytes \
             where blob_days.bytes + excluded.bytes <= $4 returning bytes";
        let as_stored = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        if bytes > bytes_max {
            return Ok(false);
        }
        let count = Statement::new(COUNT).bind(user.0).bind(day).bind(as_stored(bytes)).bind(as_stored(bytes_max));
        Ok(!self.change(count).await?.is_empty())
    }

    async fn forget_blob_days(&self, before: i64) -> Result<()> {
        self.change(Statement::new("delete from blob_days where day < $1").bind(before)).await?;
        Ok(())
    }
}
