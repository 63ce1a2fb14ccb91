//! An app from before a kind of records: it takes that kind for one of the future.
//!
//! Played at the edges of the real device: in what comes down, the kind has a number that no app
//! knows; on the disk it has its own, as an old app would have written it.

use lianxin_shared::{
    device::{META_KEY, Store},
    schema::Kind,
    wire::Answer,
};
use serde_json::Value;

/// Far beyond the kinds that there are.
const UNKNOWN: u64 = 200;

/// What the app of a phone does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OldApp(pub(super) Option<Kind>);

impl OldApp {
    pub(super) fn knows(self, kind: Kind) -> bool {
        self.0 != Some(kind)
    }

    pub(super) fn reads(self, answer: &mut Answer) {
        let Some(kind) = self.0 else { return };
        for entry in answer.page.iter_mut().filter(|entry| entry.kind == kind as u8) {
            entry.kind += UNKNOWN as u8;
        }
        for whole in answer.snapshot.records.iter_mut().filter(|whole| whole.kind == kind as u8) {
            whole.kind += UNKNOWN as u8;
        }
    }

    pub(super) fn written(self, store: Store, key: &str, value: Vec<u8>) -> Vec<u8> {
        match self.0 {
            Some(kind) => renumbered(store, key, value, UNKNOWN + kind as u64, kind as u64),
            None => value,
        }
    }

    pub(super) fn read(self, store: Store, key: &str, value: Vec<u8>) -> Vec<u8> {
        match self.0 {
            Some(kind) => renumbered(store, key, value, kind as u64, UNKNOWN + kind as u64),
            None => value,
        }
    }
}

/// Puts another number into the list of kinds that were skipped.
fn renumbered(store: Store, key: &str, value: Vec<u8>, from: u64, to: u64) -> Vec<u8> {
    if (store, key) != (Store::Meta, META_KEY) {
        return value;
    }
    let mut meta: Value = serde_json::from_slice(&value).expect("the device's state is JSON");
    let spaces = meta["skipped"].as_object_mut().into_iter().flat_map(|spaces| spaces.values_mut());
    for kind in spaces.flat_map(|skipped| skipped["kinds"].as_array_mut()).flatten() {
        if *kind == from {
            *kind = to.into();
        }
    }
    serde_json::to_vec(&meta).expect("JSON again")
}
