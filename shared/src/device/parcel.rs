//! All that waits on this device, for a file that somebody else carries to the server (手机文件).

use super::{Device, exchange::fitting};
use crate::{
    limits::{REQUESTS_PER_EXCHANGE_MAX, SEALED_PER_EXCHANGE_MAX, UPLOAD_PAGE_BYTES},
    wire::{Request, RequestHello, SealedRequest},
};

impl Device {
    /// What waits, as requests in the order in which the server is to decide on them: changes, then what rests on
    /// them. They ask for nothing back. What the server has refused is there already.
    pub fn unsent_messages(&self, now_ms: i64, app_version: &str) -> Vec<Vec<u8>> {
        let hello = RequestHello {
            epoch: self.meta.epoch,
            device_time_ms: now_ms,
            app_version: app_version.into(),
            ..RequestHello::default()
        };
        let mut filled = Request { hello, ..Request::default() };
        let mut messages = Vec::new();
        let mut changes = &self.changes_in_order()[..];
        while !changes.is_empty() {
            let (page, rest) = changes.split_at(fitting(changes, UPLOAD_PAGE_BYTES));
            filled.changes = page.iter().map(|(_, waiting)| waiting.to_sent()).collect();
            messages.push(filled.encode());
            changes = rest;
        }
        filled.changes.clear();
        for requests in self.waiting_requests().chunks(REQUESTS_PER_EXCHANGE_MAX) {
            filled.requests = requests.to_vec();
            messages.push(filled.encode());
        }
        filled.requests.clear();
        for writes in self.waiting_sealed().chunks(SEALED_PER_EXCHANGE_MAX) {
            filled.sealed = Some(SealedRequest { cursor: self.meta.sealed_cursor, writes: writes.to_vec() });
            messages.push(filled.encode());
        }
        messages
    }
}
