//! The messages: whatever can be read is written the same way and read again.

use lianxin_shared::wire::{Answer, Request};

pub(super) fn request(bytes: &[u8]) {
    if let Ok(read) = Request::decode(bytes) {
        assert_eq!(Request::decode(&read.encode()), Ok(read));
    }
}

pub(super) fn answer(bytes: &[u8]) {
    if let Ok(read) = Answer::decode(bytes) {
        assert_eq!(Answer::decode(&read.encode()), Ok(read));
    }
}
