//! Changes that wait for the server.

use super::Row;
use crate::{
    id::{ChangeHash, RecordId, SpaceId},
    limits::{CHANGE_BYTES_MAX, LABEL_CHARS_MAX, SEALED_REASON_CHARS_MAX},
    record::NewChange,
    schema::Kind,
    wire::{
        BadBytes, RefusalReason, Refused, SentChange,
        codec::{Reader, Writer},
    },
};

/// A change that the server has not acknowledged. A refused one is kept until its author decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub space: SpaceId,
    pub kind: Kind,
    pub record: RecordId,
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
    pub refused: Option<Refused>,
    /// What staff say about a refused one, once they have decided on it.
    pub note: String,
}

/// The first byte of the stored form.
const STORED_VERSION: u8 = 1;

impl Waiting {
    pub(super) fn new(record: RecordId, row: &Row, NewChange { hash, bytes }: NewChange) -> Self {
        Self { space: row.space, kind: row.kind, record, hash, bytes, refused: None, note: String::new() }
    }

    /// The key of the `order`-th change: text that sorts like the number.
    pub(super) fn key(order: u64) -> String {
        format!("{order:020}")
    }

    pub(super) fn to_sent(&self) -> SentChange {
        SentChange {
            space: self.space,
            kind: self.kind as u8,
            record: self.record,
            hash: self.hash,
            bytes: self.bytes.clone(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.byte(STORED_VERSION);
        w.number(self.space.0.into());
        w.byte(self.kind as u8);
        w.fixed(&self.record.0);
        w.fixed(&self.hash.0);
        w.bytes(&self.bytes);
        w.list(self.refused.as_slice(), |w, refused| {
            w.number(refused.reason.number());
            w.text(&refused.field);
        });
        if !self.note.is_empty() {
            w.text(&self.note);
        }
        w.finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut r = Reader::new(bytes);
        if r.byte()? != STORED_VERSION {
            return Err(BadBytes("unknown version"));
        }
        Ok(Self {
            space: SpaceId(r.number()?.try_into().map_err(|_| BadBytes("space over 32 bits"))?),
            kind: Kind::from_number(r.byte()?).ok_or(BadBytes("unknown kind"))?,
            record: RecordId(r.fixed()?),
            hash: ChangeHash(r.fixed()?),
            bytes: r.bytes(CHANGE_BYTES_MAX)?.to_vec(),
            refused: r
                .list(1, |r| {
                    let reason = RefusalReason::from_number(r.number()?);
                    Ok(Refused { reason, field: r.text(4 * LABEL_CHARS_MAX)? })
                })?
                .pop(),
            // Most have none, and an older app knew of none.
            note: if r.is_empty() { String::new() } else { r.text(4 * SEALED_REASON_CHARS_MAX)? },
        })
    }
}
