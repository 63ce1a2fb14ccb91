//! What the store keeps of sealed personal records, and the contract: a write is one transaction that
//! first touches the counter of all sealed records, reads what the decision needs, decides, applies and
//! appends to the audit log. So two writers of one record come one after the other on both engines, and
//! positions are commit-ordered. What is destroyed leaves neither ciphertext nor key in the tables; how
//! much is left in the files of an engine is said at [`SealedStore::scrub`].

use std::collections::HashMap;

use async_trait::async_trait;
use lianxin_shared::{
    id::{RecordId, SealedId, SpaceId, UserId},
    schema::Kind,
    sealed::Deletion,
};

use super::{NewAudit, Result};
use crate::vault::{Encrypted, MasterId};

/// A sealed record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    pub id: SealedId,
    /// `None`, as are space and author, where only the list of deletions knows of it.
    pub voice: Option<RecordId>,
    pub space: Option<SpaceId>,
    pub author: Option<UserId>,
    pub version: u64,
    /// Given by the store whenever something of it changes.
    pub position: u64,
    pub written_ms: i64,
    pub expires_ms: i64,
    pub held: Held,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    Active(Encrypted),
    Deleted(Deletion),
}

/// An opening by staff, or the request for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedOpening {
    /// Given by the store to a new one; 0 before.
    pub id: u64,
    pub sealed: SealedId,
    pub user: UserId,
    /// The user's name, as the store reads it.
    pub name: String,
    pub reason: String,
    pub asked_ms: i64,
    pub approved: Option<(UserId, i64)>,
    pub opened_ms: Option<i64>,
}

/// How far the handling of a sealed record's voice has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handled {
    pub id: SealedId,
    pub closed: bool,
    /// When the last official event was received.
    pub last_ms: i64,
}

/// What a write needs to see.
#[derive(Debug, Clone, Default)]
pub struct SealedPlan {
    pub ids: Vec<SealedId>,
    pub voices: Vec<RecordId>,
}

/// What the store holds of it, under the lock.
#[derive(Debug, Clone, Default)]
pub struct SealedSnapshot {
    pub records: HashMap<SealedId, SealedRecord>,
    /// Openings of the named records, oldest first.
    pub openings: Vec<SealedOpening>,
    /// Kind and space of the named voices that are there.
    pub voices: HashMap<RecordId, (Kind, SpaceId)>,
}

/// What is to be stored.
#[derive(Debug, Clone, Default)]
pub struct SealedDecision {
    /// New, or in the place of what was there.
    pub records: Vec<SealedRecord>,
    pub openings: Vec<SealedOpening>,
    pub audit: Vec<NewAudit>,
}

pub type SealedDecide = Box<dyn FnOnce(SealedSnapshot) -> SealedDecision + Send>;

/// What was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrub {
    Sealed,
    /// Records that were founded anew.
    Records,
}

#[async_trait]
pub trait SealedStore: Send + Sync {
    /// See above. The numbers of the audit entries.
    async fn seal(&self, plan: SealedPlan, decide: SealedDecide) -> Result<Vec<u64>>;
    /// The sealed records of a voice, oldest first.
    async fn sealed_of(&self, voice: RecordId) -> Result<Vec<SealedRecord>>;
    /// An author's records that have changed behind this position, in order.
    async fn sealed_changed(&self, author: UserId, position: u64, limit: u32) -> Result<Vec<SealedRecord>>;
    /// Openings of records, oldest first.
    async fn sealed_openings(&self, ids: &[SealedId]) -> Result<Vec<SealedOpening>>;
    /// Records that are there and whose voice has official events.
    async fn sealed_handled(&self) -> Result<Vec<Handled>>;
    /// Records whose time is over.
    async fn sealed_expired(&self, now_ms: i64, limit: u32) -> Result<Vec<SealedId>>;
    /// Everything that is deleted.
    async fn sealed_deleted(&self) -> Result<Vec<(SealedId, Deletion)>>;
    /// The master keys that stored keys are wrapped with.
    async fn sealed_masters(&self) -> Result<Vec<MasterId>>;
    /// After something was destroyed: removes what the engine still keeps of it in its files. On SQLite
    /// deleted bytes are overwritten and the write-ahead log is emptied. On PostgreSQL dead rows are
    /// vacuumed; its own log and its base backups keep them until they are rotated.
    async fn scrub(&self, of: Scrub) -> Result<()>;
}
