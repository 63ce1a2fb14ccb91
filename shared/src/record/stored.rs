//! A record as a phone stores it: its changes, as they travel.
//!
//! Not the Automerge document that servers store. The code that loads and writes documents is an eighth of all that a
//! phone downloads, and for records of the usual age it gains nothing: merging some changes into a genesis takes
//! as long as loading a document of them.

use super::{Record, Unreadable};
use crate::{
    id::RecordId,
    limits::{CHANGE_BYTES_MAX, RECORD_CHANGES_MAX},
    schema::Kind,
    wire::{
        self, BadBytes,
        codec::{Reader, Writer},
    },
};

/// The first byte of the stored form.
const STORED_VERSION: u8 = 1;

impl Record {
    /// What a phone stores, history included.
    pub fn to_stored(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.byte(STORED_VERSION);
        w.list(&self.changes(), |w, change| w.bytes(&change.bytes));
        w.finish()
    }

    /// Reads what [`Record::to_stored`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged.
    pub fn of_stored(kind: Kind, id: RecordId, bytes: &[u8]) -> Result<Self, Unreadable> {
        let changes = stored_changes(bytes).map_err(|BadBytes(why)| Unreadable::Damaged(why))?;
        Self::of_changes(kind, id, changes)
    }
}

fn stored_changes(bytes: &[u8]) -> Result<Vec<&[u8]>, BadBytes> {
    let mut r = Reader::new(bytes);
    if r.byte()? != STORED_VERSION {
        return Err(BadBytes("unknown version"));
    }
    let changes = r.list(RECORD_CHANGES_MAX, |r| r.bytes(CHANGE_BYTES_MAX))?;
    if !r.is_empty() {
        return Err(BadBytes("more than changes"));
    }
    // Merging believes the checksums, and panics at what it did not write.
    let is_whole = |change: &&[u8]| wire::pack(change).is_ok_and(|contents| wire::unpack(contents).1 == *change);
    if changes.iter().all(is_whole) { Ok(changes) } else { Err(BadBytes("a damaged change")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{id::Actor, record::Edit};

    fn written(edits: &[(u8, String)]) -> Record {
        let mut record = Record::new(Kind::Voice, RecordId([7; 16]));
        for (actor, text) in edits {
            let edit = [Edit::put("category", "roads"), Edit::write("verbatim", text)];
            record.edit(Actor([*actor; 16]), 1_767_225_600_000, None, &edit).unwrap();
        }
        record
    }

    proptest! {
        #[test]
        fn what_is_stored_reads_back(edits in prop::collection::vec((1..4_u8, "[路灯坏了。]{0,12}"), 0..12)) {
            let record = written(&edits);
            let again = Record::of_stored(Kind::Voice, record.id(), &record.to_stored()).unwrap();
            prop_assert_eq!((again.heads(), again.read()), (record.heads(), record.read()));
            prop_assert_eq!(again.history(), record.history());
        }

        #[test]
        fn damaged_bytes_are_unreadable_and_no_panic(at in 0..200_usize, bit in 0..8_u8) {
            let mut bytes = written(&[(1, "一".into()), (2, "二".into())]).to_stored();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(Record::of_stored(Kind::Voice, RecordId([7; 16]), &bytes).is_err());
        }
    }

    #[test]
    fn every_beginning_is_unreadable() {
        let bytes = written(&[(1, "一".into())]).to_stored();
        for end in 0..bytes.len() {
            assert!(Record::of_stored(Kind::Voice, RecordId([7; 16]), &bytes[..end]).is_err(), "{end}");
        }
    }
}
