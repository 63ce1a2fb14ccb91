//! Summaries as they were issued.

use async_trait::async_trait;
use lianxin_shared::id::{UnitCode, UserId};

use super::Result;

/// A year's summary as an office issued it. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedSummary {
    /// Given by the store.
    pub id: i64,
    /// Whose summary it is.
    pub unit: UnitCode,
    pub year: i64,
    pub by: UserId,
    /// Milliseconds since 1970.
    pub issued_ms: i64,
    /// What it said, and the records behind its numbers, as JSON.
    pub body: String,
}

/// A summary in a list, without what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedHead {
    pub id: i64,
    pub year: i64,
    pub issued_ms: i64,
}

#[async_trait]
pub trait IssuedStore: Send + Sync {
    /// Keeps a summary; the id that it gets.
    async fn add_issued(&self, summary: &IssuedSummary) -> Result<i64>;
    /// The summaries of a unit, the latest first, at most so many.
    async fn issued(&self, unit: &UnitCode, limit: u32) -> Result<Vec<IssuedHead>>;
    /// One of them, if it is the unit's.
    async fn issued_one(&self, unit: &UnitCode, id: i64) -> Result<Option<IssuedSummary>>;
}
