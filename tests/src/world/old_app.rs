//! An app from before a kind of records: it takes that kind for one of the future.
//!
//! Played at the edges of the real device: in what comes down, the kind has a number that no app
//! knows; on the disk it has its own, as an old app would have written it.

use lianxin_shared::{
    device::{META_KEY, Store, with_skipped_kinds},
    schema::Kind,
    wire::Answer,
};

/// Far beyond the kinds that there are.
const UNKNOWN: u8 = 200;

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
            entry.kind += UNKNOWN;
        }
        for whole in answer.snapshot.records.iter_mut().filter(|whole| whole.kind == kind as u8) {
            whole.kind += UNKNOWN;
        }
    }

    pub(super) fn written(self, store: Store, key: &str, value: Vec<u8>) -> Vec<u8> {
        match self.0 {
            Some(kind) => renumbered(store, key, value, UNKNOWN + kind as u8, kind as u8),
            None => value,
        }
    }

    pub(super) fn read(self, store: Store, key: &str, value: Vec<u8>) -> Vec<u8> {
        match self.0 {
            Some(kind) => renumbered(store, key, value, kind as u8, UNKNOWN + kind as u8),
            None => value,
        }
    }
}

/// Puts another number into the list of kinds that were skipped.
fn renumbered(store: Store, key: &str, value: Vec<u8>, from: u8, to: u8) -> Vec<u8> {
    if (store, key) != (Store::Meta, META_KEY) {
        return value;
    }
    let other = |number| if number == from { Some(to) } else { Some(number) };
    with_skipped_kinds(&value, other).expect("the device's state")
}
