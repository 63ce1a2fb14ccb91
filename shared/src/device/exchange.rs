//! What a device sends and asks for in one exchange.

use std::cmp::Reverse;

use super::{Device, Reached, Waiting};
use crate::{
    id::{ChangeHash, EventId, Position, RecordId, SealedId, SpaceId},
    limits::{CHANGES_PER_EXCHANGE_MAX, CURSORS_NAMED_MAX, SETTLED_PER_EXCHANGE_MAX, UPLOAD_PAGE_BYTES},
    schema::Kind,
    sorted::{Map, Set},
    wire::{Cursor, Request, RequestHello, SealedRequest, SentChange, mark_of},
};

const MINUTE_MS: i64 = 60_000;

/// How much an exchange may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Bytes of changes up, before compression. The first change goes in any case.
    pub upload_bytes_max: usize,
    /// Bytes of records and changes down, before compression.
    pub download_bytes_max: u64,
    /// Older records are asked for as long as they began after this, by the server's clock in
    /// milliseconds since 1970; the newest of each space and what forms refer to in any case.
    pub since_ms: i64,
}

/// A request on its way, and what it rests on.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub body: Vec<u8>,
    /// The waiting changes that it carries. With the hash, because numbers come again once the outbox
    /// was empty: an answer that comes late must not acknowledge another change.
    pub(super) sent: Vec<(u64, ChangeHash)>,
    /// Sealed records with the number of the edit that was sent, for the same reason.
    pub(super) sealed: Vec<(SealedId, u64)>,
    /// Requests for official acts.
    pub(super) asked: Vec<(u64, EventId)>,
    /// The server's epoch as this device knew it when it asked.
    pub(super) epoch: u64,
    /// Where the spaces stood: an answer says how it goes on from there, and from nowhere else.
    pub(super) cursors: Map<SpaceId, Position>,
    pub(super) older: Map<SpaceId, Reached>,
}

impl Exchange {
    /// How many changes, sealed records and requests it carries.
    pub fn carries(&self) -> usize {
        self.sent.len() + self.sealed.len() + self.asked.len()
    }
}

impl Device {
    /// Builds the next exchange: the cursors, and the unsent changes that matter most up to a page.
    pub fn exchange(&self, now_ms: i64, app_version: &str, download_bytes_max: u64) -> Exchange {
        self.exchange_within(now_ms, app_version, UPLOAD_PAGE_BYTES, download_bytes_max)
    }

    /// The same with a page of another size: after `too_large`, or on a link that keeps breaking off.
    pub fn exchange_within(
        &self,
        now_ms: i64,
        app_version: &str,
        upload_bytes_max: usize,
        download_bytes_max: u64,
    ) -> Exchange {
        self.exchange_asking(now_ms, app_version, Ask { upload_bytes_max, download_bytes_max, since_ms: i64::MIN })
    }

    /// The same for a link that does not carry everything.
    pub fn exchange_asking(&self, now_ms: i64, app_version: &str, ask: Ask) -> Exchange {
        let page = self.upload_page(ask.upload_bytes_max);
        let sealed = self.sealed_page(|voice| page.iter().any(|(_, waiting)| waiting.record == voice));
        let asked = self.request_page(&page, ask.upload_bytes_max);
        let going = page.len() + sealed.len() + asked.len();
        let (cursors, rest) = self.named_cursors(
            page.iter().map(|(_, waiting)| waiting.space).chain(asked.iter().map(|(_, asked)| asked.space)),
        );
        let request = Request {
            hello: RequestHello {
                epoch: self.meta.epoch,
                device_time_ms: now_ms,
                download_bytes_max: ask.download_bytes_max,
                unsent: (self.unsent() - going) as u64,
                grants_mark: self.meta.grants.as_ref().map_or(0, |grants| grants.mark),
                app_version: app_version.into(),
            },
            cursors,
            rest,
            changes: page.iter().map(|(_, waiting)| waiting.to_sent()).collect::<Vec<SentChange>>(),
            sealed: Some(SealedRequest {
                cursor: self.meta.sealed_cursor,
                writes: sealed.iter().map(|(.., write)| write.clone()).collect(),
            }),
            requests: asked.iter().map(|(_, request)| request.clone()).collect(),
            missed: Vec::new(),
            wanted: Some(self.wanted(ask.since_ms)),
            refused: self.unsettled(now_ms),
        };
        Exchange {
            body: request.encode(),
            sent: page.into_iter().map(|(order, waiting)| (order, waiting.hash)).collect(),
            sealed: sealed.into_iter().map(|(id, edit, _)| (id, edit)).collect(),
            asked: asked.into_iter().map(|(order, request)| (order, request.id)).collect(),
            epoch: self.meta.epoch,
            cursors: self.meta.cursors.clone(),
            older: self.meta.older.clone(),
        }
    }

    /// The unsent changes of the next page: what people wait for before the rest, new records before
    /// old ones, so that today's suggestion is not behind a winter's activities; each record's in
    /// their order, because they rest on each other.
    fn upload_page(&self, bytes_max: usize) -> Vec<(u64, &Waiting)> {
        let mut changes = self.changes_in_order();
        changes.truncate(fitting(&changes, bytes_max));
        changes
    }

    /// All unsent changes, in that order.
    pub(super) fn changes_in_order(&self) -> Vec<(u64, &Waiting)> {
        let mut records: Map<RecordId, Vec<(u64, &Waiting)>> = Map::new();
        for (order, waiting) in self.outbox.iter().filter(|(_, waiting)| waiting.refused.is_none()) {
            records.entry(waiting.record).or_default().push((*order, waiting));
        }
        let (held_back, mut free): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|(record, _)| self.held_back.contains(record));
        free.sort_unstable_by_key(|(_, changes)| {
            changes.last().map(|(order, last)| (haste(last.kind), Reverse(*order)))
        });
        let mut held_back: Vec<(u64, &Waiting)> = held_back.into_iter().flat_map(|(_, changes)| changes).collect();
        held_back.sort_unstable_by_key(|(order, _)| *order);
        free.into_iter().flat_map(|(_, changes)| changes).chain(held_back).collect()
    }

    /// The cursors that the request names, and the mark of the others. Who reads few spaces names
    /// all; who reads a hundred names those where something is known to be new.
    fn named_cursors(&self, sent_to: impl Iterator<Item = SpaceId>) -> (Vec<Cursor>, Option<u64>) {
        let all = self.meta.cursors.iter().map(|(space, position)| Cursor { space: *space, position: *position });
        let mut news: Set<SpaceId> = sent_to.collect();
        news.extend(
            self.heard.iter().filter(|(space, heard)| self.position(**space) < **heard).map(|(space, _)| *space),
        );
        if self.name_all || self.meta.cursors.len() <= CURSORS_NAMED_MAX || news.len() > CURSORS_NAMED_MAX {
            return (all.collect(), None);
        }
        let (named, rest): (Vec<Cursor>, Vec<Cursor>) = all.partition(|cursor| news.contains(&cursor.space));
        (named, Some(mark_of(rest)))
    }

    /// Refused changes on which this device knows no decision: each minute others come first, so that none that staff
    /// leave undecided keeps a later one from being asked about.
    fn unsettled(&self, now_ms: i64) -> Vec<ChangeHash> {
        let open = self.outbox.values().filter(|waiting| waiting.refused.is_some() && waiting.note.is_empty());
        let open: Vec<ChangeHash> = open.map(|waiting| waiting.hash).collect();
        let first = (now_ms / MINUTE_MS).rem_euclid(open.len().max(1) as i64);
        let (later, now) = open.split_at(first as usize);
        now.iter().chain(later).take(SETTLED_PER_EXCHANGE_MAX).copied().collect()
    }

    /// Whose older records are wanted, in this order: what forms refer to, then the space that has
    /// come least far back, so that all come back in time together.
    fn wanted(&self, since_ms: i64) -> Vec<Cursor> {
        let mut wanted: Vec<(bool, Reverse<i64>, Cursor)> = self
            .meta
            .older
            .iter()
            .map(|(space, reached)| {
                let cursor = Cursor { space: *space, position: reached.below };
                (!self.is_reference(*space), Reverse(reached.ms.unwrap_or(i64::MAX)), cursor)
            })
            .filter(|(optional, Reverse(reached_ms), _)| !optional || *reached_ms >= since_ms)
            .collect();
        wanted.sort_unstable_by_key(|(optional, reached, cursor)| (*optional, *reached, cursor.space));
        wanted.into_iter().map(|(_, _, cursor)| cursor).collect()
    }

    /// Whether the space holds what forms refer to: units, stations, mandates.
    fn is_reference(&self, space: SpaceId) -> bool {
        let grants = self.meta.grants.as_ref();
        let mut spaces = grants.iter().flat_map(|grants| &grants.spaces).map(|granted| &granted.space);
        spaces.find(|granted| granted.id == space).is_some_and(|space| space.kind.is_reference())
    }
}

/// How many of these changes one exchange carries. The first goes in any case.
pub(super) fn fitting(changes: &[(u64, &Waiting)], bytes_max: usize) -> usize {
    let mut bytes = 0;
    let fits = |(_, waiting): &&(u64, &Waiting)| {
        let is_first = bytes == 0;
        bytes += waiting.bytes.len();
        is_first || bytes <= bytes_max
    };
    changes.iter().take(CHANGES_PER_EXCHANGE_MAX).take_while(fits).count()
}

/// Which records go up first; smaller is sooner.
fn haste(kind: Kind) -> u8 {
    match kind {
        Kind::Suggestion | Kind::Voice => 0,
        Kind::ReceptionDay => 1,
        _ => 2,
    }
}
