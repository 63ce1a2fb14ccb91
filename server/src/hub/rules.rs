//! The rules in force. Every request is decided by them and they hardly ever change, so they are read again only when
//! the store has newer ones, or was set back to an older state.

use std::sync::{Arc, Mutex, PoisonError};

use lianxin_shared::case::Book;

use super::{Hub, HubError};
use crate::store::{Store, StoreError};

/// A version of the rules.
#[derive(Debug, Clone)]
pub struct InForce {
    /// From 1. Never given twice.
    pub version: u32,
    pub book: Arc<Book>,
}

/// The rules as they were read last, and in which epoch of the store.
#[derive(Default)]
pub(super) struct Rules(Mutex<Option<(u64, InForce)>>);

impl Rules {
    /// The first who asks puts the sample into the store, marked as such.
    pub(super) async fn in_force(&self, store: &dyn Store, now_ms: i64) -> Result<InForce, HubError> {
        let epoch = store.epoch().await?;
        let known = self.known(epoch);
        let newer = match (store.book_after(known.as_ref().map_or(0, |known| known.version)).await?, known) {
            (Some(newer), _) => newer,
            (None, Some(known)) => return Ok(known),
            (None, None) => {
                let sample = serde_json::to_string(&Book::sample()).map_err(unreadable)?;
                store.add_book(1, &sample, now_ms).await?;
                // It may be another's: two servers may start at the same time.
                store.book_after(0).await?.unwrap_or((1, sample))
            }
        };
        let (version, json) = newer;
        let in_force = InForce { version, book: Arc::new(serde_json::from_str(&json).map_err(unreadable)?) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((epoch, in_force.clone()));
        Ok(in_force)
    }

    fn known(&self, epoch: u64) -> Option<InForce> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(of, _)| *of == epoch).map(|(_, known)| known.clone())
    }
}

fn unreadable(error: serde_json::Error) -> HubError {
    HubError::Store(StoreError(error.into()))
}

impl Hub {
    /// The rules in force.
    ///
    /// # Errors
    /// When the store fails, or holds rules that this version cannot read.
    pub async fn rules(&self, now_ms: i64) -> Result<InForce, HubError> {
        self.writer.rules.in_force(&*self.store, now_ms).await
    }
}
