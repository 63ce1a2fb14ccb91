//! The sections of official events: requests on their way up, verdicts and events on their way down.
//!
//! What a request asks for and what an event did travels as its JSON text: acts are many and grow,
//! and a device keeps the text of one that it does not understand yet.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    codec::{BadBytes, Reader, Writer},
    v1::{read_positions, small, write_positions},
};
use crate::{
    case::{Act, Added, Event, Request, ReturnReason, Returned},
    id::{EventId, Position, RecordId, SpaceId},
    json,
    limits::{
        ACT_BYTES_MAX, EVENT_BYTES_MAX, EVENTS_PER_EXCHANGE_MAX, REQUESTS_PER_EXCHANGE_MAX, RETURNED_BYTES_MAX,
        STANDING_BYTES_MAX,
    },
    schema::Kind,
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

/// Where a case stands, on its way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentStanding {
    pub case: RecordId,
    /// Its [`crate::case::CaseRow`] as JSON, without what is empty. It may know more events than come with it.
    pub row: String,
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

pub(crate) fn write_events(w: &mut Writer, events: &[SentEvent], missed: &[Cursor]) {
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

pub(crate) fn read_events(r: &mut Reader<'_>) -> Result<(Vec<SentEvent>, Vec<Cursor>), BadBytes> {
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

pub(super) fn write_standings(w: &mut Writer, standings: &[SentStanding]) {
    w.list(standings, |w, standing| {
        w.fixed(&standing.case.0);
        w.text(&standing.row);
    });
}

pub(super) fn read_standings(r: &mut Reader<'_>) -> Result<Vec<SentStanding>, BadBytes> {
    r.list(EVENTS_PER_EXCHANGE_MAX, |r| {
        Ok(SentStanding { case: RecordId(r.fixed()?), row: r.text(STANDING_BYTES_MAX)? })
    })
}

/// What is said beside an act.
pub(crate) const PROXY: &str = "proxy";
pub(crate) const BY: &str = "by";
pub(crate) const ADDED: &str = "added";

/// The fields of an act in the JSON of a request or an event; what is said beside it is added to them.
pub fn act_fields(act: &Act) -> Map<String, Value> {
    match serde_json::to_value(act) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// Takes what is said beside the act out of the JSON of a request or an event.
fn beside<T: DeserializeOwned>(fields: &mut Map<String, Value>, key: &str) -> Option<T> {
    serde_json::from_value(fields.remove(key).unwrap_or(Value::Null)).ok()
}

impl SentRequest {
    pub fn of(space: SpaceId, request: &Request) -> Self {
        let mut body = act_fields(&request.act);
        body.extend(request.proxy.as_deref().map(|proxy| (PROXY.to_owned(), proxy.into())));
        Self {
            space,
            kind: request.kind as u8,
            case: request.case,
            id: request.id,
            seen: request.seen,
            made_ms: request.made_ms,
            body: json::write(&body),
        }
    }

    /// `None` when it asks for nothing that could be understood or kept.
    pub fn read(&self) -> Option<Request> {
        let mut body = json::read(self.body.as_bytes()).ok()?;
        let proxy = beside(&mut body, PROXY)?;
        let act = serde_json::from_value(body.into()).ok()?;
        let kind = Kind::from_number(self.kind)?;
        Some(Request { id: self.id, case: self.case, kind, seen: self.seen, made_ms: self.made_ms, proxy, act })
    }
}

impl SentEvent {
    pub fn of(space: SpaceId, position: Position, event: &Event) -> Self {
        let mut body = act_fields(&event.act);
        body.extend(serde_json::to_value(&event.by).ok().map(|by| (BY.to_owned(), by)));
        body.extend(event.proxy.as_deref().map(|proxy| (PROXY.to_owned(), proxy.into())));
        let added = Some(&event.added).filter(|added| **added != Added::default());
        body.extend(added.and_then(|added| Some((ADDED.to_owned(), serde_json::to_value(added).ok()?))));
        Self {
            space,
            position,
            received_ms: event.received_ms,
            kind: event.kind as u8,
            case: event.case,
            seq: event.seq,
            id: event.id,
            made_ms: event.made_ms,
            body: json::write(&body),
        }
    }

    /// `None` when it is of a kind or a form that only a newer version knows.
    pub fn read(&self) -> Option<Event> {
        let mut body = json::read(self.body.as_bytes()).ok()?;
        let (by, proxy) = (beside(&mut body, BY)?, beside(&mut body, PROXY)?);
        let added = beside::<Option<Added>>(&mut body, ADDED)?.unwrap_or_default();
        let act = serde_json::from_value(body.into()).ok()?;
        Some(Event {
            seq: self.seq,
            id: self.id,
            case: self.case,
            kind: Kind::from_number(self.kind)?,
            by,
            made_ms: self.made_ms,
            received_ms: self.received_ms,
            proxy,
            act,
            added,
        })
    }
}

/// The JSON of why a request came back.
pub fn returned_json(returned: &Returned) -> String {
    json::write(returned)
}

/// Why a request came back; a reason that only a newer server knows reads as unknown.
pub fn read_returned(why: &str) -> Returned {
    let unknown = Returned { reason: ReturnReason::Unknown, happened: None, detail: String::new() };
    json::read(why.as_bytes()).unwrap_or(unknown)
}
