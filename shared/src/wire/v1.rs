//! Version 1 of the messages.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    bundle::{self, Bundled},
    chunk,
    codec::{BadBytes, Reader, Writer},
    official::{
        SentEvent, SentRequest, SentStanding, Verdict, read_events, read_requests, read_standings, read_verdicts,
        write_events, write_requests, write_standings, write_verdicts,
    },
    sealed::{SealedAnswer, SealedRequest},
    snapshot::{self, Snapshot},
};
use crate::{
    id::{Actor, ChangeHash, Position, RecordId, SpaceId, UnitCode, UserId},
    limits::{
        ACTORS_PER_EXCHANGE_MAX, CHANGE_BYTES_MAX, CHANGES_PER_EXCHANGE_MAX, LABEL_CHARS_MAX, SEALED_REASON_CHARS_MAX,
        SETTLED_PER_EXCHANGE_MAX, SPACES_PER_USER_MAX,
    },
    rights::{self, Access, Denied, Person, Post, Role, Space, SpaceKind},
};

/// The first byte of every message.
pub const VERSION: u8 = 1;

pub(super) const TEXT_BYTES_MAX: usize = 4 * LABEL_CHARS_MAX;
const POSTS_MAX: usize = 64;

mod request_tag {
    pub(super) const HELLO: u64 = 1;
    pub(super) const CURSORS: u64 = 2;
    pub(super) const CHANGES: u64 = 3;
    pub(super) const REQUESTS: u64 = 4;
    pub(super) const SEALED: u64 = 5;
    pub(super) const WANTED: u64 = 6;
    pub(super) const UNDECIDED: u64 = 7;
}

/// The flags of the answer's greeting.
mod flag {
    pub(super) const MORE: u8 = 1;
    pub(super) const NAME_ALL: u8 = 2;
}

mod answer_tag {
    pub(super) const HELLO: u64 = 1;
    pub(super) const GRANTS: u64 = 2;
    pub(super) const RECEIPTS: u64 = 3;
    pub(super) const PAGE: u64 = 4;
    pub(super) const CURSORS: u64 = 5;
    pub(super) const VERDICTS: u64 = 6;
    pub(super) const EVENTS: u64 = 7;
    pub(super) const SEALED: u64 = 8;
    pub(super) const SNAPSHOT: u64 = 9;
    pub(super) const STANDINGS: u64 = 11;
    pub(super) const SETTLED: u64 = 12;
}

/// What a device sends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    pub hello: RequestHello,
    pub cursors: Vec<Cursor>,
    /// The [`mark_of`] the device's other cursors: a request of somebody who reads a hundred spaces
    /// names few of them. `None` when all are named.
    pub rest: Option<u64>,
    pub changes: Vec<SentChange>,
    /// Decided after the changes.
    pub requests: Vec<SentRequest>,
    /// Spaces that were received up to their cursors by an app that did not know of events: up to
    /// which position their events have been received since.
    pub missed: Vec<Cursor>,
    /// `None` from an app that knows nothing of sealed records: it gets none.
    pub sealed: Option<SealedRequest>,
    /// Present when the device takes whole records for what it has nothing of: of which spaces the
    /// first download goes on, below which position, in the order in which they are wanted.
    pub wanted: Option<Vec<Cursor>>,
    /// Refused changes that the device holds and of which it does not know yet what staff decided.
    pub refused: Vec<ChangeHash>,
}

/// Who calls and what it wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestHello {
    /// The server's epoch as the device knows it; 0 before the first exchange.
    pub epoch: u64,
    /// The device's clock, milliseconds since 1970.
    pub device_time_ms: i64,
    /// Bytes of changes that the device wants at the most, before compression.
    pub download_bytes_max: u64,
    /// Changes that wait on the device beside those in this exchange.
    pub unsent: u64,
    /// The mark of the grants that the device has; 0 for none.
    pub grants_mark: u32,
    /// For the list of devices that staff see.
    pub app_version: String,
}

/// How far a space has been received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub space: SpaceId,
    pub position: Position,
}

/// What stands for cursors that a request does not name: equal for equal cursors. Eight bytes of a
/// SHA-256; should two ever agree by chance, the next change tells them apart.
pub fn mark_of(cursors: impl IntoIterator<Item = Cursor>) -> u64 {
    let mut cursors: Vec<Cursor> = cursors.into_iter().collect();
    cursors.sort_unstable_by_key(|cursor| cursor.space);
    let mut named = Writer::default();
    for cursor in cursors {
        named.number(cursor.space.0.into());
        named.number(cursor.position.0);
    }
    let hash = Sha256::digest(named.written());
    u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

/// A change on its way up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentChange {
    pub space: SpaceId,
    /// As a number, because a newer app may know kinds that this server does not: such a change is
    /// refused, the rest of the exchange goes on.
    pub kind: u8,
    pub record: RecordId,
    pub hash: ChangeHash,
    /// The whole Automerge change chunk.
    pub bytes: Vec<u8>,
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub hello: AnswerHello,
    /// Present when the device's grants are not the present ones.
    pub grants: Option<Grants>,
    /// One per sent change, in the order of the request.
    pub receipts: Vec<Receipt>,
    /// Who made the changes of the page and of the snapshot.
    pub authors: Vec<Author>,
    pub page: Vec<PageEntry>,
    pub snapshot: Snapshot,
    pub cursors: Vec<Cursor>,
    /// One per request, in the order of the request.
    pub verdicts: Vec<Verdict>,
    /// In the order of their positions within each space.
    pub events: Vec<SentEvent>,
    /// How far the events of [`Request::missed`] have been sent; a space that is left out is complete.
    pub missed: Vec<Cursor>,
    /// Where the cases of these events stand.
    pub standings: Vec<SentStanding>,
    /// Only to a request that has the section, and only when it says something.
    pub sealed: Option<SealedAnswer>,
    /// Of [`Request::refused`], what staff have decided on.
    pub settled: Vec<Settled>,
}

/// The server's side of the greeting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnswerHello {
    /// Changes when the server's database was restored from a backup.
    pub epoch: u64,
    /// The server's clock, milliseconds since 1970.
    pub server_time_ms: i64,
    /// Whether more is waiting behind this page.
    pub more: bool,
    /// Whether the mark of the unnamed cursors is not that of the spaces' ends: the next request is
    /// to name them all.
    pub name_all: bool,
}

/// What the user may do: the person with posts, and the spaces they open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Changes whenever anything of the grants does; the device sends it back.
    pub mark: u32,
    pub person: Person,
    pub spaces: Vec<GrantedSpace>,
}

/// A space that the user may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedSpace {
    pub space: Space,
    pub access: Access,
}

/// What became of a sent change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub outcome: Outcome,
}

/// A change's fate. A protocol outcome is a value, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Stored durably, at this position of its space, at this time of the server's clock.
    Received { position: Position, received_ms: i64 },
    /// Not merged, kept in quarantine where staff see it.
    Refused(Refused),
    /// Not stored: the server lacks a change that this one rests on. Send it again later, after that one.
    Missing,
}

/// What staff decided on a refused change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub hash: ChangeHash,
    /// Received, now that somebody with the right has accepted it; or refused for good.
    pub outcome: Outcome,
    /// What they say about it to its author.
    pub note: String,
}

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub reason: RefusalReason,
    /// The field concerned, where there is one.
    pub field: String,
}

/// The reasons, closed. The words for people are in the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The bytes are no change that this system makes.
    Malformed,
    /// The change rests on one that was refused.
    Depends,
    /// The actor belongs to another device, or the sequence number was used for another change.
    Actor,
    /// The space or the record is not what the change says.
    WrongRecord,
    /// The record was founded anew: the change rests on what is gone. It can be made anew.
    Founded,
    /// Staff had ended the device, or its user's account (停用).
    Ended,
    /// The rules do not allow it.
    Denied(Denied),
}

const MALFORMED: u64 = 1;
const DEPENDS: u64 = 2;
const ACTOR: u64 = 3;
const WRONG_RECORD: u64 = 4;
const FOUNDED: u64 = 5;
const ENDED: u64 = 6;
const DENIED_FROM: u64 = 32;

impl RefusalReason {
    /// All that there are.
    pub fn all() -> impl Iterator<Item = RefusalReason> {
        let own = [Self::Malformed, Self::Depends, Self::Actor, Self::WrongRecord, Self::Founded, Self::Ended];
        own.into_iter().chain(Denied::ALL.map(Self::Denied))
    }

    /// The number on the wire and in the store.
    pub fn number(self) -> u64 {
        match self {
            RefusalReason::Malformed => MALFORMED,
            RefusalReason::Depends => DEPENDS,
            RefusalReason::Actor => ACTOR,
            RefusalReason::WrongRecord => WRONG_RECORD,
            RefusalReason::Founded => FOUNDED,
            RefusalReason::Ended => ENDED,
            RefusalReason::Denied(denied) => DENIED_FROM + denied as u64,
        }
    }

    /// A reason that only a newer server knows reads as `Malformed`: "please update the app".
    pub fn from_number(number: u64) -> Self {
        match number {
            DEPENDS => RefusalReason::Depends,
            ACTOR => RefusalReason::Actor,
            WRONG_RECORD => RefusalReason::WrongRecord,
            FOUNDED => RefusalReason::Founded,
            ENDED => RefusalReason::Ended,
            _ => number
                .checked_sub(DENIED_FROM)
                .and_then(|number| Denied::from_number(number.try_into().ok()?))
                .map_or(RefusalReason::Malformed, RefusalReason::Denied),
        }
    }

    /// The key of the words for people.
    pub fn text_key(self) -> String {
        match self {
            RefusalReason::Malformed => "refused.malformed".into(),
            RefusalReason::Depends => "refused.depends".into(),
            RefusalReason::Actor => "refused.actor".into(),
            RefusalReason::WrongRecord => "refused.malformed".into(),
            RefusalReason::Founded => "refused.founded".into(),
            RefusalReason::Ended => "refused.ended".into(),
            RefusalReason::Denied(denied) => format!("denied.{}", denied.key()),
        }
    }
}

/// Who an actor is, for histories and conflicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub actor: Actor,
    pub user: UserId,
    pub name: String,
}

/// A change on its way down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageEntry {
    pub space: SpaceId,
    pub position: Position,
    pub received_ms: i64,
    pub kind: u8,
    pub record: RecordId,
    pub hash: ChangeHash,
    /// The whole Automerge change chunk.
    pub bytes: Vec<u8>,
}

impl SentChange {
    fn bundled(&self) -> Bundled<'_> {
        Bundled { space: self.space, kind: self.kind, record: self.record, hash: self.hash, bytes: &self.bytes }
    }
}

impl Request {
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Writer::default();
        message.byte(VERSION);
        message.section(request_tag::HELLO, |w| {
            w.number(self.hello.epoch);
            w.signed(self.hello.device_time_ms);
            w.number(self.hello.download_bytes_max);
            w.number(self.hello.unsent);
            w.number(self.hello.grants_mark.into());
            w.text(&self.hello.app_version);
        });
        if !self.cursors.is_empty() || self.rest.is_some() {
            message.section(request_tag::CURSORS, |w| {
                write_positions(w, &self.cursors);
                self.rest.into_iter().for_each(|mark| w.fixed(&mark.to_be_bytes()));
            });
        }
        if !self.changes.is_empty() {
            message.section(request_tag::CHANGES, |w| {
                bundle::write(w, self.changes.iter().map(SentChange::bundled));
            });
        }
        if !self.requests.is_empty() || !self.missed.is_empty() {
            message.section(request_tag::REQUESTS, |w| write_requests(w, &self.requests, &self.missed));
        }
        if let Some(sealed) = &self.sealed {
            message.section(request_tag::SEALED, |w| sealed.write(w));
        }
        if let Some(wanted) = &self.wanted {
            message.section(request_tag::WANTED, |w| write_positions(w, wanted));
        }
        if !self.refused.is_empty() {
            message.section(request_tag::UNDECIDED, |w| w.list(&self.refused, |w, hash| w.fixed(&hash.0)));
        }
        message.finish()
    }

    /// # Errors
    /// When the bytes are no request, or claim more than the limits allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = versioned(bytes)?;
        let mut hello = None;
        let mut request = Request::default();
        while !reader.is_empty() {
            let (tag, mut r) = reader.section()?;
            match tag {
                request_tag::HELLO => {
                    hello = Some(RequestHello {
                        epoch: r.number()?,
                        device_time_ms: r.signed()?,
                        download_bytes_max: r.number()?,
                        unsent: r.number()?,
                        grants_mark: small(r.number()?)?,
                        app_version: r.text(TEXT_BYTES_MAX)?,
                    });
                }
                request_tag::CURSORS => {
                    request.cursors = read_positions(&mut r)?;
                    request.rest = if r.is_empty() { None } else { Some(u64::from_be_bytes(r.fixed()?)) };
                }
                request_tag::CHANGES => {
                    let changes = bundle::read(&mut r, CHANGES_PER_EXCHANGE_MAX)?.into_iter();
                    request.changes = changes
                        .map(|change| SentChange {
                            space: change.space,
                            kind: change.kind,
                            record: change.record,
                            hash: change.hash,
                            bytes: change.bytes,
                        })
                        .collect();
                }
                request_tag::WANTED => request.wanted = Some(read_positions(&mut r)?),
                request_tag::UNDECIDED => {
                    request.refused = r.list(SETTLED_PER_EXCHANGE_MAX, |r| r.fixed().map(ChangeHash))?;
                }
                request_tag::REQUESTS => (request.requests, request.missed) = read_requests(&mut r)?,
                request_tag::SEALED => request.sealed = Some(SealedRequest::read(&mut r)?),
                _ => {}
            }
        }
        request.hello = hello.ok_or(BadBytes("no greeting"))?;
        Ok(request)
    }
}

impl Answer {
    /// Whether it brings records, changes or events, or moves a first download on.
    pub fn brings_something(&self) -> bool {
        !self.page.is_empty() || !self.snapshot.is_empty() || !self.events.is_empty()
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut message = Writer::default();
        message.byte(VERSION);
        message.section(answer_tag::HELLO, |w| {
            w.number(self.hello.epoch);
            w.signed(self.hello.server_time_ms);
            w.byte(u8::from(self.hello.more) * flag::MORE + u8::from(self.hello.name_all) * flag::NAME_ALL);
        });
        if let Some(grants) = &self.grants {
            message.section(answer_tag::GRANTS, |w| write_grants(w, grants));
        }
        if !self.receipts.is_empty() {
            message.section(answer_tag::RECEIPTS, |w| {
                w.list(&self.receipts, |w, receipt| write_outcome(w, &receipt.outcome, self.hello.server_time_ms));
            });
        }
        if !self.page.is_empty() {
            message.section(answer_tag::PAGE, |w| self.write_page(w));
        }
        if !self.snapshot.is_empty() {
            // The page names the authors, if there is one.
            let authors = if self.page.is_empty() { &self.authors[..] } else { &[] };
            let now_ms = self.hello.server_time_ms;
            message.section(answer_tag::SNAPSHOT, |w| snapshot::write(w, &self.snapshot, authors, now_ms));
        }
        write_cursors(&mut message, answer_tag::CURSORS, &self.cursors);
        if !self.verdicts.is_empty() {
            let now_ms = self.hello.server_time_ms;
            message.section(answer_tag::VERDICTS, |w| write_verdicts(w, &self.verdicts, now_ms));
        }
        if !self.events.is_empty() || !self.missed.is_empty() {
            message.section(answer_tag::EVENTS, |w| write_events(w, &self.events, &self.missed));
        }
        if !self.standings.is_empty() {
            message.section(answer_tag::STANDINGS, |w| write_standings(w, &self.standings));
        }
        if let Some(sealed) = &self.sealed {
            message.section(answer_tag::SEALED, |w| sealed.write(w));
        }
        if !self.settled.is_empty() {
            let now_ms = self.hello.server_time_ms;
            message.section(answer_tag::SETTLED, |w| {
                w.list(&self.settled, |w, settled| {
                    w.fixed(&settled.hash.0);
                    write_outcome(w, &settled.outcome, now_ms);
                    w.text(&settled.note);
                });
            });
        }
        message.finish()
    }

    /// # Errors
    /// When the bytes are no answer, or claim more than the limits allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = versioned(bytes)?;
        let mut hello = None;
        let mut answer = Answer::default();
        while !reader.is_empty() {
            let (tag, mut r) = reader.section()?;
            match tag {
                answer_tag::HELLO => {
                    let (epoch, server_time_ms, flags) = (r.number()?, r.signed()?, r.byte()?);
                    let (more, name_all) = (flags & flag::MORE != 0, flags & flag::NAME_ALL != 0);
                    hello = Some(AnswerHello { epoch, server_time_ms, more, name_all });
                }
                answer_tag::GRANTS => answer.grants = Some(read_grants(&mut r)?),
                answer_tag::RECEIPTS => {
                    let now = hello.as_ref().ok_or(BadBytes("receipts before the greeting"))?.server_time_ms;
                    answer.receipts =
                        r.list(CHANGES_PER_EXCHANGE_MAX, |r| Ok(Receipt { outcome: read_outcome(r, now)? }))?;
                }
                answer_tag::PAGE => answer.read_page(&mut r)?,
                answer_tag::SNAPSHOT => {
                    let now = hello.as_ref().ok_or(BadBytes("records before the greeting"))?.server_time_ms;
                    let (snapshot, mut authors) = snapshot::read(&mut r, now)?;
                    answer.snapshot = snapshot;
                    answer.authors.append(&mut authors);
                }
                answer_tag::CURSORS => answer.cursors = read_positions(&mut r)?,
                answer_tag::VERDICTS => {
                    let now = hello.as_ref().ok_or(BadBytes("verdicts before the greeting"))?.server_time_ms;
                    answer.verdicts = read_verdicts(&mut r, now)?;
                }
                answer_tag::EVENTS => (answer.events, answer.missed) = read_events(&mut r)?,
                answer_tag::STANDINGS => answer.standings = read_standings(&mut r)?,
                answer_tag::SEALED => answer.sealed = Some(SealedAnswer::read(&mut r)?),
                answer_tag::SETTLED => {
                    let now = hello.as_ref().ok_or(BadBytes("decisions before the greeting"))?.server_time_ms;
                    answer.settled = r.list(SETTLED_PER_EXCHANGE_MAX, |r| {
                        let hash = ChangeHash(r.fixed()?);
                        let outcome = read_outcome(r, now)?;
                        Ok(Settled { hash, outcome, note: r.text(4 * SEALED_REASON_CHARS_MAX)? })
                    })?;
                }
                _ => {}
            }
        }
        answer.hello = hello.ok_or(BadBytes("no greeting"))?;
        Ok(answer)
    }

    fn write_page(&self, w: &mut Writer) {
        write_authors(w, &self.authors);
        let mut before = (0, 0_i64);
        w.list(&self.page, |w, entry| {
            w.number(entry.space.0.into());
            w.signed((entry.position.0 as i64).wrapping_sub(before.0));
            w.signed(entry.received_ms.wrapping_sub(before.1));
            before = (entry.position.0 as i64, entry.received_ms);
            w.byte(entry.kind);
            w.fixed(&entry.record.0);
            write_change(w, &entry.bytes);
        });
    }

    fn read_page(&mut self, r: &mut Reader<'_>) -> Result<(), BadBytes> {
        self.authors.append(&mut read_authors(r)?);
        let mut before = (0_i64, 0_i64);
        self.page = r.list(CHANGES_PER_EXCHANGE_MAX, |r| {
            let space = SpaceId(small(r.number()?)?);
            before.0 = before.0.wrapping_add(r.signed()?);
            before.1 = before.1.wrapping_add(r.signed()?);
            let kind = r.byte()?;
            let record = RecordId(r.fixed()?);
            let (hash, bytes) = read_change(r)?;
            Ok(PageEntry {
                space,
                position: Position(before.0 as u64),
                received_ms: before.1,
                kind,
                record,
                hash,
                bytes,
            })
        })?;
        Ok(())
    }
}

fn versioned(bytes: &[u8]) -> Result<Reader<'_>, BadBytes> {
    let mut reader = Reader::new(bytes);
    match reader.byte()? {
        VERSION => Ok(reader),
        _ => Err(BadBytes("unknown version")),
    }
}

pub(crate) fn small(number: u64) -> Result<u32, BadBytes> {
    number.try_into().map_err(|_| BadBytes("number over 32 bits"))
}

fn write_cursors(message: &mut Writer, tag: u64, cursors: &[Cursor]) {
    if cursors.is_empty() {
        return;
    }
    message.section(tag, |w| write_positions(w, cursors));
}

pub(super) fn write_positions(w: &mut Writer, cursors: &[Cursor]) {
    w.list(cursors, |w, cursor| {
        w.number(cursor.space.0.into());
        w.number(cursor.position.0);
    });
}

pub(super) fn read_positions(r: &mut Reader<'_>) -> Result<Vec<Cursor>, BadBytes> {
    r.list(SPACES_PER_USER_MAX, |r| Ok(Cursor { space: SpaceId(small(r.number()?)?), position: Position(r.number()?) }))
}

pub(super) fn write_authors(w: &mut Writer, authors: &[Author]) {
    w.list(authors, |w, author| {
        w.fixed(&author.actor.0);
        w.signed(author.user.0);
        w.text(&author.name);
    });
}

pub(super) fn read_authors(r: &mut Reader<'_>) -> Result<Vec<Author>, BadBytes> {
    r.list(ACTORS_PER_EXCHANGE_MAX, |r| {
        Ok(Author { actor: Actor(r.fixed()?), user: UserId(r.signed()?), name: r.text(TEXT_BYTES_MAX)? })
    })
}

/// Changes made here are always plain chunks; one that is not would be refused by every receiver.
fn write_change(w: &mut Writer, chunk: &[u8]) {
    w.bytes(chunk::pack(chunk).unwrap_or_default());
}

fn read_change(r: &mut Reader<'_>) -> Result<(ChangeHash, Vec<u8>), BadBytes> {
    Ok(chunk::unpack(r.bytes(CHANGE_BYTES_MAX)?))
}

const RECEIVED: u64 = 0;
const REFUSED: u64 = 1;
const MISSING: u64 = 2;

fn write_outcome(w: &mut Writer, outcome: &Outcome, now_ms: i64) {
    match outcome {
        Outcome::Received { position, received_ms } => {
            w.number(RECEIVED);
            w.number(position.0);
            w.signed(now_ms.wrapping_sub(*received_ms));
        }
        Outcome::Refused(refused) => {
            w.number(REFUSED);
            w.number(refused.reason.number());
            w.text(&refused.field);
        }
        Outcome::Missing => w.number(MISSING),
    }
}

fn read_outcome(r: &mut Reader<'_>, now_ms: i64) -> Result<Outcome, BadBytes> {
    Ok(match r.number()? {
        RECEIVED => {
            Outcome::Received { position: Position(r.number()?), received_ms: now_ms.wrapping_sub(r.signed()?) }
        }
        REFUSED => {
            let reason = RefusalReason::from_number(r.number()?);
            Outcome::Refused(Refused { reason, field: r.text(TEXT_BYTES_MAX)? })
        }
        MISSING => Outcome::Missing,
        _ => return Err(BadBytes("unknown outcome")),
    })
}

pub(crate) fn write_grants(w: &mut Writer, grants: &Grants) {
    w.number(grants.mark.into());
    w.signed(grants.person.user.0);
    w.text(&grants.person.name);
    w.list(&grants.person.posts, |w, post| {
        w.byte(post.role as u8);
        w.text(&post.unit.0);
        w.list(post.mandate.as_slice(), |w, mandate| w.fixed(&mandate.0));
    });
    w.list(&grants.spaces, |w, granted| {
        w.number(granted.space.id.0.into());
        w.byte(granted.space.kind as u8);
        w.text(&granted.space.unit.0);
        w.text(&granted.space.name);
        w.byte((granted.access == Access::Write).into());
    });
}

pub(crate) fn read_grants(r: &mut Reader<'_>) -> Result<Grants, BadBytes> {
    let mark = small(r.number()?)?;
    let user = UserId(r.signed()?);
    let name = r.text(TEXT_BYTES_MAX)?;
    // A role or a kind of space that only a newer server knows gives nothing here.
    let posts = r.list(POSTS_MAX, |r| {
        let role = Role::from_number(r.byte()?);
        let unit = UnitCode(r.text(TEXT_BYTES_MAX)?);
        let mandate = r.list(1, |r| r.fixed().map(RecordId))?.pop();
        Ok(role.map(|role| Post { role, unit, mandate }))
    })?;
    let spaces = r.list(SPACES_PER_USER_MAX, |r| {
        let id = SpaceId(small(r.number()?)?);
        let kind = SpaceKind::from_number(r.byte()?);
        let unit = UnitCode(r.text(TEXT_BYTES_MAX)?);
        let name = r.text(TEXT_BYTES_MAX)?;
        let access = if r.byte()? & 1 == 1 { Access::Write } else { Access::Read };
        Ok(kind.map(|kind| GrantedSpace { space: Space { id, kind, unit, name, parties: Vec::new() }, access }))
    })?;
    let person = Person { user, name, posts: posts.into_iter().flatten().collect() };
    let mut spaces: Vec<GrantedSpace> = spaces.into_iter().flatten().collect();
    // As what the person takes part in a case goes without saying.
    for granted in &mut spaces {
        granted.space.parties = rights::own_parties(&person, &granted.space);
    }
    Ok(Grants { mark, person, spaces })
}
