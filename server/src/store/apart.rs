//! What a phone handed over that staff have ended, beside its refused changes: photos, recordings and sealed records.

use async_trait::async_trait;
use lianxin_shared::id::{BlobHash, ChangeHash, RecordId, SealedId, SpaceId, UserId};

use super::{Result, Settlement};

/// A photo or recording that waits beside refused changes of its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApartFile {
    pub record: RecordId,
    /// Whose phone handed it over.
    pub user: UserId,
    pub hash: BlobHash,
    /// By its content.
    pub mime: String,
    pub bytes: u64,
    pub previewed: bool,
    /// Milliseconds since 1970.
    pub received_ms: i64,
}

/// A sealed record that waits for its voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApartSealed {
    pub id: SealedId,
    pub voice: RecordId,
    pub author: UserId,
}

/// That a user's change of a record was refused, and what was decided on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalOf {
    pub space: SpaceId,
    /// As the device named it.
    pub kind: u8,
    pub settled: Option<Settlement>,
}

impl RefusalOf {
    /// Whether the change is still here: nobody has decided on it, or it was returned.
    pub fn is_kept(&self) -> bool {
        matches!(self.settled, None | Some(Settlement::Returned))
    }
}

#[async_trait]
pub trait ApartStore: Send + Sync {
    /// The refused changes of a user's to a record.
    async fn refusals_of(&self, user: UserId, record: RecordId) -> Result<Vec<RefusalOf>>;
    /// Of these changes, how many lie among what was refused of the user, whatever was decided on them.
    async fn count_refused(&self, user: UserId, hashes: &[ChangeHash]) -> Result<usize>;
    /// Notes a file; whoever comes second changes nothing.
    async fn add_apart(&self, file: &ApartFile) -> Result<()>;
    /// The files that wait beside changes of these records, by record, user and hash.
    async fn apart_files(&self, records: &[RecordId]) -> Result<Vec<ApartFile>>;
    /// Whose files of which records wait at all.
    async fn apart_records(&self) -> Result<Vec<(UserId, RecordId)>>;
    async fn drop_apart(&self, file: &ApartFile) -> Result<()>;
    /// The sealed records that wait for these voices.
    async fn sealed_apart_of(&self, voices: &[RecordId]) -> Result<Vec<ApartSealed>>;
    /// All sealed records that wait.
    async fn sealed_apart(&self) -> Result<Vec<ApartSealed>>;
}
