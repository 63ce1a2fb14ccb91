//! The messages: whatever can be read is written in one way, and reads as the same again.

use lianxin_shared::wire::{Answer, Request};

pub(super) fn request(bytes: &[u8]) {
    if let Ok(read) = Request::decode(bytes) {
        let written = read.encode();
        assert_eq!(Request::decode(&written).map(|again| again.encode()), Ok(written));
    }
}

pub(super) fn answer(bytes: &[u8]) {
    if let Ok(read) = Answer::decode(bytes) {
        let written = read.encode();
        assert_eq!(Answer::decode(&written).map(|again| again.encode()), Ok(written));
    }
}
