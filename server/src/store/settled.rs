//! What staff decided on refused changes.

use async_trait::async_trait;
use lianxin_shared::{
    id::{ChangeHash, RecordId, SpaceId, UserId},
    wire::Settled,
};

use super::{CaseSpaces, Quarantined, Result};

/// What becomes of a refused change (处理).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// 接收: it is in the log, by the right of who decided.
    Accepted = 1,
    /// 退回: its author is told what to do; the copy is kept.
    Returned = 2,
    /// 作废: its author is told why; the copy here is destroyed.
    Discarded = 3,
}

impl Settlement {
    pub const ALL: [Settlement; 3] = [Settlement::Accepted, Settlement::Returned, Settlement::Discarded];

    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|settlement| *settlement as i64 == number)
    }

    /// The name in forms and texts.
    pub fn key(self) -> &'static str {
        match self {
            Settlement::Accepted => "accept",
            Settlement::Returned => "return",
            Settlement::Discarded => "discard",
        }
    }
}

/// A decision to enter. Only ever on a change that is still open ([`super::Snapshot::open`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSettlement {
    pub user: UserId,
    pub hash: ChangeHash,
    pub settlement: Settlement,
    pub by: UserId,
    pub at_ms: i64,
    pub note: String,
}

/// A change that was decided on, without what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledChange {
    pub record: RecordId,
    pub kind: u8,
    pub space: SpaceId,
    /// Whose change it is.
    pub user: UserId,
    pub settlement: Settlement,
    pub by: UserId,
    pub at_ms: i64,
    pub note: String,
}

#[async_trait]
pub trait SettledStore: Send + Sync {
    /// A refused change of a user that nobody has decided on.
    async fn open_refusal(&self, user: UserId, hash: ChangeHash) -> Result<Option<Quarantined>>;
    /// Of these refused changes of a user, those that were decided on, as their author is told.
    async fn settled_of(&self, user: UserId, hashes: &[ChangeHash]) -> Result<Vec<Settled>>;
    /// What was decided on in these spaces and cases, the latest first.
    async fn settled_in(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<SettledChange>>;
}
