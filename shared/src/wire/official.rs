//! The sections of official events: requests on their way up, verdicts and events on their way down.
//!
//! What a request asks for and what an event did travels as its JSON text: acts are many and grow,
//! and a device keeps the text of one that it does not understand yet.

use super::{
    codec::{BadBytes, Reader, Writer},
    v1::{read_positions, small, write_positions},
};
use crate::{
    id::{EventId, Position, RecordId, SpaceId},
    limits::{ACT_BYTES_MAX, EVENT_BYTES_MAX, EVENTS_PER_EXCHANGE_MAX, REQUESTS_PER_EXCHANGE_MAX, RETURNED_BYTES_MAX},
    wire::Cursor,
};

/// A request for a transition, on its way up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRequest {
    pub space: SpaceId,
    /// As a number: see [`super::SentChange::kind`].
    pub kind: u8,
    /// The record whose case it is.
    pub case: RecordId,
    pub id: EventId,
    /// Up to which of the case's events the person had seen.
    pub seen: u32,
    /// By the device's clock, milliseconds since 1970.
    pub made_ms: i64,
    /// What is asked for, as JSON.
    pub body: String,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is an event now: the `seq`-th of its case, at this position of its space.
    Accepted { seq: u32, position: Position, received_ms: i64 },
    /// It is not, and why, as JSON. The device still has the person's text.
    Returned { why: String },
    /// The record whose case it is has not arrived. Send it again later, after that.
    Missing,
}

/// An event on its way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentEvent {
    pub space: SpaceId,
    pub position: Position,
    pub received_ms: i64,
    pub kind: u8,
    pub case: RecordId,
    pub seq: u32,
    pub id: EventId,
    /// By the clock of the device that asked for it.
    pub made_ms: i64,
    /// Who did what, and what the server added, as JSON.
    pub body: String,
}

pub(super) fn write_requests(w: &mut Writer, requests: &[SentRequest], missed: &[Cursor]) {
    w.list(requests, |w, request| {
        w.number(request.space.0.into());
        w.byte(request.kind);
        w.fixed(&request.case.0);
        w.fixed(&request.id.0);
        w.number(request.seen.into());
        w.signed(request.made_ms);
        w.text(&request.body);
    });
    write_positions(w, missed);
}

pub(super) fn read_requests(r: &mut Reader<'_>) -> Result<(Vec<SentRequest>, Vec<Cursor>), BadBytes> {
    let requests = r.list(REQUESTS_PER_EXCHANGE_MAX, |r| {
        Ok(SentRequest {
            space: SpaceId(small(r.number()?)?),
            kind: r.byte()?,
            case: RecordId(r.fixed()?),
            id: EventId(r.fixed()?),
            seen: small(r.number()?)?,
            made_ms: r.signed()?,
            body: r.text(ACT_BYTES_MAX)?,
        })
    })?;
    Ok((requests, read_positions(r)?))
}

const ACCEPTED: u64 = 0;
const RETURNED: u64 = 1;
const MISSING: u64 = 2;

pub(super) fn write_verdicts(w: &mut Writer, verdicts: &[Verdict], now_ms: i64) {
    w.list(verdicts, |w, verdict| match verdict {
        Verdict::Accepted { seq, position, received_ms } => {
            w.number(ACCEPTED);
            w.number((*seq).into());
            w.number(position.0);
            w.signed(now_ms.wrapping_sub(*received_ms));
        }
        Verdict::Returned { why } => {
            w.number(RETURNED);
            w.text(why);
        }
        Verdict::Missing => w.number(MISSING),
    });
}

pub(super) fn read_verdicts(r: &mut Reader<'_>, now_ms: i64) -> Result<Vec<Verdict>, BadBytes> {
    r.list(REQUESTS_PER_EXCHANGE_MAX, |r| match r.number()? {
        ACCEPTED => Ok(Verdict::Accepted {
            seq: small(r.number()?)?,
            position: Position(r.number()?),
            received_ms: now_ms.wrapping_sub(r.signed()?),
        }),
        RETURNED => Ok(Verdict::Returned { why: r.text(RETURNED_BYTES_MAX)? }),
        MISSING => Ok(Verdict::Missing),
        _ => Err(BadBytes("unknown verdict")),
    })
}

pub(super) fn write_events(w: &mut Writer, events: &[SentEvent], missed: &[Cursor]) {
    let mut before = (0, 0_i64);
    w.list(events, |w, event| {
        w.number(event.space.0.into());
        w.signed((event.position.0 as i64).wrapping_sub(before.0));
        w.signed(event.received_ms.wrapping_sub(before.1));
        before = (event.position.0 as i64, event.received_ms);
        w.byte(event.kind);
        w.fixed(&event.case.0);
        w.number(event.seq.into());
        w.fixed(&event.id.0);
        w.signed(event.received_ms.wrapping_sub(event.made_ms));
        w.text(&event.body);
    });
    write_positions(w, missed);
}

pub(super) fn read_events(r: &mut Reader<'_>) -> Result<(Vec<SentEvent>, Vec<Cursor>), BadBytes> {
    let mut before = (0_i64, 0_i64);
    let events = r.list(EVENTS_PER_EXCHANGE_MAX, |r| {
        let space = SpaceId(small(r.number()?)?);
        before.0 = before.0.wrapping_add(r.signed()?);
        before.1 = before.1.wrapping_add(r.signed()?);
        Ok(SentEvent {
            space,
            position: Position(before.0 as u64),
            received_ms: before.1,
            kind: r.byte()?,
            case: RecordId(r.fixed()?),
            seq: small(r.number()?)?,
            id: EventId(r.fixed()?),
            made_ms: before.1.wrapping_sub(r.signed()?),
            body: r.text(EVENT_BYTES_MAX)?,
        })
    })?;
    Ok((events, read_positions(r)?))
}
