//! The sections of sealed personal records: between the devices of the one who took them down and the
//! server, and nobody else.

use serde::{Deserialize, Serialize};

use super::{
    codec::{BadBytes, Reader, Writer},
    v1::{TEXT_BYTES_MAX, small},
};
use crate::{
    id::{RecordId, SealedId, SpaceId},
    limits::{SEALED_BYTES_MAX, SEALED_OPENINGS_MAX, SEALED_PER_EXCHANGE_MAX},
    sealed::{Deletion, Packed, Refusal, SealedOutcome, SealedWrite, WhyDeleted},
};

/// What a device that knows of sealed records says about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealedRequest {
    /// Up to where the device has been told of its user's sealed records.
    pub cursor: u64,
    pub writes: Vec<SealedWrite>,
}

/// What the server answers to that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealedAnswer {
    pub cursor: u64,
    /// One per write, in the order of the request.
    pub outcomes: Vec<SealedOutcome>,
    /// The user's own sealed records that have changed since the request's cursor.
    pub changed: Vec<SealedChange>,
}

/// One of the user's own sealed records, as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedChange {
    pub id: SealedId,
    pub voice: RecordId,
    pub space: SpaceId,
    pub version: u64,
    pub received_ms: i64,
    /// Until when it is kept, by the server's clock.
    pub expires_ms: i64,
    pub state: SealedState,
    /// Who opened it, the latest last.
    pub openings: Vec<Opening>,
}

/// 有效, or 已删除.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedState {
    Active(Packed),
    Deleted(Deletion),
}

/// That somebody of staff opened a sealed record: its author is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub at_ms: i64,
    pub by: String,
    pub reason: String,
}

const STORED: u64 = 0;
const CONFLICT: u64 = 1;
const DELETED: u64 = 2;
const REFUSED: u64 = 3;
const WAITING: u64 = 4;

impl SealedRequest {
    pub(super) fn write(&self, w: &mut Writer) {
        w.number(self.cursor);
        w.list(&self.writes, |w, write| {
            w.fixed(&write.id.0);
            w.fixed(&write.voice.0);
            w.number(write.space.0.into());
            w.number(write.base);
            w.list(write.contents.as_slice(), write_packed);
        });
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let cursor = r.number()?;
        let writes = r.list(SEALED_PER_EXCHANGE_MAX, |r| {
            Ok(SealedWrite {
                id: SealedId(r.fixed()?),
                voice: RecordId(r.fixed()?),
                space: SpaceId(small(r.number()?)?),
                base: r.number()?,
                contents: r.list(1, read_packed)?.pop(),
            })
        })?;
        Ok(Self { cursor, writes })
    }
}

impl SealedAnswer {
    pub(super) fn write(&self, w: &mut Writer) {
        w.number(self.cursor);
        w.list(&self.outcomes, |w, outcome| match outcome {
            SealedOutcome::Stored { version, received_ms, expires_ms } => {
                w.number(STORED);
                w.number(*version);
                w.signed(*received_ms);
                w.signed(*expires_ms);
            }
            SealedOutcome::Conflict { version, contents } => {
                w.number(CONFLICT);
                w.number(*version);
                write_packed(w, contents);
            }
            SealedOutcome::Deleted(deletion) => {
                w.number(DELETED);
                write_deletion(w, deletion);
            }
            SealedOutcome::Refused(refusal) => {
                w.number(REFUSED);
                w.number(*refusal as u64);
            }
            SealedOutcome::Waiting => w.number(WAITING),
        });
        w.list(&self.changed, write_change);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let cursor = r.number()?;
        let outcomes = r.list(SEALED_PER_EXCHANGE_MAX, |r| {
            Ok(match r.number()? {
                STORED => {
                    let (version, received_ms) = (r.number()?, r.signed()?);
                    SealedOutcome::Stored { version, received_ms, expires_ms: r.signed()? }
                }
                CONFLICT => SealedOutcome::Conflict { version: r.number()?, contents: read_packed(r)? },
                DELETED => SealedOutcome::Deleted(read_deletion(r)?),
                REFUSED => SealedOutcome::Refused(Refusal::from_number(r.number()?)),
                WAITING => SealedOutcome::Waiting,
                _ => return Err(BadBytes("unknown outcome of a sealed record")),
            })
        })?;
        Ok(Self { cursor, outcomes, changed: r.list(SEALED_PER_EXCHANGE_MAX, read_change)? })
    }
}

fn write_change(w: &mut Writer, change: &SealedChange) {
    w.fixed(&change.id.0);
    w.fixed(&change.voice.0);
    w.number(change.space.0.into());
    w.number(change.version);
    w.signed(change.received_ms);
    w.signed(change.expires_ms);
    let (contents, deletion) = match &change.state {
        SealedState::Active(contents) => (Some(contents), None),
        SealedState::Deleted(deletion) => (None, Some(deletion)),
    };
    w.list(contents.as_slice(), |w, contents| write_packed(w, contents));
    w.list(deletion.as_slice(), |w, deletion| write_deletion(w, deletion));
    w.list(&change.openings, |w, opening| {
        w.signed(opening.at_ms);
        w.text(&opening.by);
        w.text(&opening.reason);
    });
}

fn read_change(r: &mut Reader<'_>) -> Result<SealedChange, BadBytes> {
    let (id, voice) = (SealedId(r.fixed()?), RecordId(r.fixed()?));
    let space = SpaceId(small(r.number()?)?);
    let (version, received_ms, expires_ms) = (r.number()?, r.signed()?, r.signed()?);
    let contents = r.list(1, read_packed)?.pop();
    let deletion = r.list(1, read_deletion)?.pop();
    let state = match (contents, deletion) {
        (Some(contents), None) => SealedState::Active(contents),
        (None, Some(deletion)) => SealedState::Deleted(deletion),
        _ => return Err(BadBytes("a sealed record is either there or deleted")),
    };
    let openings = r.list(SEALED_OPENINGS_MAX, |r| {
        Ok(Opening { at_ms: r.signed()?, by: r.text(TEXT_BYTES_MAX)?, reason: r.text(SEALED_BYTES_MAX)? })
    })?;
    Ok(SealedChange { id, voice, space, version, received_ms, expires_ms, state, openings })
}

fn write_packed(w: &mut Writer, contents: &Packed) {
    w.bytes(&contents.0);
}

fn read_packed(r: &mut Reader<'_>) -> Result<Packed, BadBytes> {
    Ok(Packed(r.bytes(SEALED_BYTES_MAX)?.to_vec()))
}

fn write_deletion(w: &mut Writer, deletion: &Deletion) {
    w.number(deletion.why as u64);
    w.signed(deletion.at_ms);
}

fn read_deletion(r: &mut Reader<'_>) -> Result<Deletion, BadBytes> {
    Ok(Deletion { why: WhyDeleted::from_number(r.number()?), at_ms: r.signed()? })
}
