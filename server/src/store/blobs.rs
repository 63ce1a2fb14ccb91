//! What the store knows of photos and recordings; their bytes lie elsewhere (`crate::blob`).

use async_trait::async_trait;
use lianxin_shared::id::{BlobHash, RecordId, UserId};

use super::Result;

/// A file that has arrived whole and was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    pub record: RecordId,
    pub hash: BlobHash,
    /// By its content.
    pub mime: String,
    pub bytes: u64,
    /// Who delivered the last of it.
    pub user: UserId,
    /// Milliseconds since 1970.
    pub received_ms: i64,
}

#[async_trait]
pub trait BlobStore: Send + Sync {
    /// A file of a record. The same file of another record is another one.
    async fn blob(&self, record: RecordId, hash: BlobHash) -> Result<Option<StoredBlob>>;
    /// Notes a file; whoever comes second changes nothing.
    async fn add_blob(&self, blob: &StoredBlob) -> Result<()>;
    /// Forgets a file of a record.
    async fn drop_blob(&self, record: RecordId, hash: BlobHash) -> Result<()>;
    /// Counts what a user delivers on a day (days since 1970), unless it would become more than `bytes_max`; whether it
    /// was counted.
    async fn count_blob_bytes(&self, user: UserId, day: i64, bytes: u64, bytes_max: u64) -> Result<bool>;
    /// Forgets the counts of earlier days.
    async fn forget_blob_days(&self, before: i64) -> Result<()>;
}
