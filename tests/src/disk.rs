//! A phone's storage: what IndexedDB promises, and the ways in which it fails.

use std::collections::BTreeMap;

use lianxin_shared::device::{Store, Write};

/// A key-value store whose batches are atomic and durable: all of a batch is there, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Disk(BTreeMap<(Store, String), Vec<u8>>);

impl Disk {
    pub fn store(&mut self, batch: &[Write]) {
        for write in batch {
            let key = (write.store, write.key.clone());
            match &write.value {
                Some(value) => drop(self.0.insert(key, value.clone())),
                None => drop(self.0.remove(&key)),
            }
        }
    }

    pub fn get(&self, store: Store, key: &str) -> Option<&[u8]> {
        self.0.get(&(store, key.to_owned())).map(Vec::as_slice)
    }

    pub fn keys(&self, store: Store) -> impl Iterator<Item = &str> {
        self.0.keys().filter(move |(of, _)| *of == store).map(|(_, key)| key.as_str())
    }

    /// Everything that lies there.
    pub fn iter(&self) -> impl Iterator<Item = (&(Store, String), &[u8])> {
        self.0.iter().map(|(key, value)| (key, value.as_slice()))
    }

    /// What a device reads when it starts.
    pub fn loaded_at_start(&self) -> Vec<(Store, String, Vec<u8>)> {
        let loaded = self.0.iter().filter(|((store, _), _)| Store::LOADED_AT_START.contains(store));
        loaded.map(|((store, key), value)| (*store, key.clone(), value.clone())).collect()
    }
}
