//! The messages: whatever can be read is written in one way, and reads as the same again.

use lianxin_shared::wire::{Answer, Parcel, ParcelContents, Request};

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

/// A phone's file; of one that opens, what stands behind its head is what was locked.
pub(super) fn parcel(bytes: &[u8]) {
    let Ok(parcel) = Parcel::decode(bytes) else { return };
    assert_eq!(Parcel::decode(&parcel.encode()), Ok(parcel.clone()));
    if let Ok(contents) = ParcelContents::decode(&parcel.locked) {
        assert_eq!(ParcelContents::decode(&contents.encode()), Ok(contents.clone()));
        contents.messages.iter().for_each(|message| request(message));
    }
}
