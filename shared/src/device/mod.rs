//! The device's side: what a phone holds, edits and exchanges.
//!
//! Pure. The shell around it (the worker in the browser, a test's world) owns the clock, the storage
//! and the network, and follows one rule: **store first, then believe**. Every operation is prepared
//! as a list of writes; the shell makes them durable in one transaction, and only then calls
//! [`Device::commit`]. A crash between the two loses nothing and shows nothing that is not stored.
//! Operations do not overlap: the shell finishes one before it prepares the next.

mod case;
mod edit;
mod outbox;
mod receive;
mod recovery;
mod row;
mod sealed;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use recovery::Skipped;

use crate::{
    id::{Actor, ChangeHash, DeviceId, EventId, Position, RecordId, SealedId, SpaceId},
    json,
    limits::{CHANGES_PER_EXCHANGE_MAX, UPLOAD_PAGE_BYTES},
    rights::{Access, Role, SpaceKind},
    schema::Kind,
    wire::{Author, BadBytes, Cursor, Grants, Request, RequestHello, SealedRequest, SentChange},
};

pub use case::{CaseView, Filing, FilingProblem, RequestState, RequestView};
pub use edit::{Command, DayKey, EditProblem, Target, has_what_it_needs};
pub use outbox::Waiting;
pub use receive::ReceiveError;
pub use recovery::{CannotRemake, LeftBehind, Notice};
pub use row::{RecordState, Row, RowView};
pub use sealed::{Seal, SealProblem, SealedAt, SealedView};
pub use view::{Account, Filter, RecordView};

/// The device's stores: opaque bytes under text keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// One entry: [`META_KEY`].
    Meta,
    /// A row per record, by record id. Loaded at start.
    Rows,
    /// A document per record, by record id. Loaded one at a time.
    Docs,
    /// Changes that the server has not acknowledged, in order. Loaded at start.
    Outbox,
    /// Who made changes, by actor. Loaded at start.
    Actors,
    /// The person's own sealed personal records, by id. Loaded at start: they are few.
    Sealed,
    /// The official events of a record's case, by record id. Loaded one at a time.
    Cases,
    /// Requests that the server has not accepted, in order. Loaded at start.
    Requests,
}

impl Store {
    pub const ALL: [Store; 8] = [
        Store::Meta,
        Store::Rows,
        Store::Docs,
        Store::Outbox,
        Store::Actors,
        Store::Sealed,
        Store::Cases,
        Store::Requests,
    ];
    /// The stores that [`Device::open`] wants; documents and cases stay where they are.
    pub const LOADED_AT_START: [Store; 6] =
        [Store::Meta, Store::Rows, Store::Outbox, Store::Actors, Store::Sealed, Store::Requests];

    /// The name in the browser's database. Never changed.
    pub fn name(self) -> &'static str {
        match self {
            Store::Meta => "meta",
            Store::Rows => "rows",
            Store::Docs => "docs",
            Store::Outbox => "outbox",
            Store::Actors => "actors",
            Store::Sealed => "sealed",
            Store::Cases => "cases",
            Store::Requests => "requests",
        }
    }
}

/// How many endings a slip number may have: five digits.
const SLIP_CHANCE: u32 = 100_000;

/// The key of the only entry of [`Store::Meta`].
pub const META_KEY: &str = "state";

/// One write; `None` deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub store: Store,
    pub key: String,
    pub value: Option<Vec<u8>>,
}

/// An operation that is ready to be stored, and what to believe afterwards.
#[derive(Debug)]
#[must_use = "store the writes, then give it to Device::commit"]
pub struct Prepared {
    /// To be made durable in one transaction.
    pub writes: Vec<Write>,
    /// The records that the operation touches.
    pub changed: Vec<RecordId>,
    /// Changes that are made anew under another actor (see [`Device::prepare_mend`]): as they were, as they are.
    pub remade: Vec<(ChangeHash, ChangeHash)>,
    after: After,
}

impl Prepared {
    fn nothing() -> Self {
        Self { writes: Vec::new(), changed: Vec::new(), remade: Vec::new(), after: After::default() }
    }
}

#[derive(Debug, Default)]
struct After {
    meta: Option<Meta>,
    rows: Vec<(RecordId, Option<Row>)>,
    outbox: Vec<(u64, Option<Waiting>)>,
    actors: Vec<Author>,
    sealed: Vec<(SealedId, Option<sealed::Sealed>)>,
    filed: Vec<(u64, Option<case::Filed>)>,
    minted: u64,
    /// Under which name the device goes on.
    session: Option<Actor>,
}

/// What the device knows beside its records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Meta {
    /// The device's number at the server; the prefix of slip numbers.
    device: Option<DeviceId>,
    grants: Option<Grants>,
    epoch: u64,
    cursors: BTreeMap<SpaceId, Position>,
    last_success_ms: Option<i64>,
    /// The device's clock minus the server's at the last exchange, in milliseconds.
    clock_offset_ms: i64,
    slips: u64,
    /// Up to where the server has told of the person's sealed records.
    sealed_cursor: u64,
    /// What only a newer app can read, by space: it was left at the server.
    skipped: BTreeMap<SpaceId, Skipped>,
    /// Changes that were made anew and have not been acknowledged as such.
    remade: BTreeSet<ChangeHash>,
    /// What the user has not been told yet, or has not put away.
    notices: Vec<Notice>,
    /// Spaces whose events, up to the cursor, have not all come: up to where they have.
    missed: BTreeMap<SpaceId, Position>,
    /// Not there in what an app from before official events has stored.
    #[serde(default = "KnowsEvents::not_yet")]
    knows_events: KnowsEvents,
}

/// Whether the cursors have been moved only by apps that know of official events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct KnowsEvents(bool);

impl Default for KnowsEvents {
    fn default() -> Self {
        Self(true)
    }
}

impl KnowsEvents {
    fn not_yet() -> Self {
        Self(false)
    }
}

/// Stored bytes that this version cannot read. Nothing is deleted; the shell tells the user.
#[derive(Debug, thiserror::Error)]
#[error("the stored {store:?} entry {key} is unreadable: {detail}")]
pub struct Corrupt {
    pub store: Store,
    pub key: String,
    pub detail: String,
}

/// A device: everything but its documents is in memory.
#[derive(Debug)]
pub struct Device {
    session: Actor,
    minted: u64,
    meta: Meta,
    rows: BTreeMap<RecordId, Row>,
    outbox: BTreeMap<u64, Waiting>,
    actors: BTreeMap<Actor, Author>,
    sealed: BTreeMap<SealedId, sealed::Sealed>,
    filed: BTreeMap<u64, case::Filed>,
}

/// A request on its way, and which waiting changes it carries.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub body: Vec<u8>,
    /// With the hash, because numbers come again once the outbox was empty: an answer that comes
    /// late must not acknowledge another change.
    sent: Vec<(u64, ChangeHash)>,
    /// Sealed records with the number of the edit that was sent, for the same reason.
    sealed: Vec<(SealedId, u64)>,
    /// Requests for official acts.
    asked: Vec<(u64, EventId)>,
    /// Spaces of which it asks for the events that cursors have passed.
    missed: Vec<SpaceId>,
    /// The server's epoch as this device knew it when it asked.
    epoch: u64,
}

impl Exchange {
    /// How many changes, sealed records and requests it carries.
    pub fn carries(&self) -> usize {
        self.sent.len() + self.sealed.len() + self.asked.len()
    }
}

impl Device {
    /// Opens what is stored. `session` is 16 new random bytes: who makes this session's changes.
    ///
    /// # Errors
    /// When an entry is unreadable.
    pub fn open(session: Actor, stored: impl IntoIterator<Item = (Store, String, Vec<u8>)>) -> Result<Device, Corrupt> {
        let mut device = Device {
            session,
            minted: 0,
            meta: Meta::default(),
            rows: BTreeMap::new(),
            outbox: BTreeMap::new(),
            actors: BTreeMap::new(),
            sealed: BTreeMap::new(),
            filed: BTreeMap::new(),
        };
        for (store, key, value) in stored {
            device.load(store, &key, &value).map_err(|detail| Corrupt { store, key, detail })?;
        }
        device.meta.ask_again_for_skipped();
        if device.meta.knows_events == KnowsEvents(false) {
            device.meta.missed = case::passed(&device.meta.cursors);
            device.meta.knows_events = KnowsEvents(true);
        }
        Ok(device)
    }

    fn load(&mut self, store: Store, key: &str, value: &[u8]) -> Result<(), String> {
        let text = |error: serde_json::Error| error.to_string();
        match store {
            Store::Meta => self.meta = json::read(value).map_err(text)?,
            Store::Rows => {
                let id = key.parse().map_err(|_| "not a record id".to_owned())?;
                self.rows.insert(id, json::read(value).map_err(text)?);
            }
            Store::Outbox => {
                let order = key.parse().map_err(|_| "not a number".to_owned())?;
                self.outbox.insert(order, Waiting::decode(value).map_err(|BadBytes(why)| why.to_owned())?);
            }
            Store::Actors => {
                let author: Author = json::read(value).map_err(text)?;
                self.actors.insert(author.actor, author);
            }
            Store::Sealed => {
                let id = key.parse().map_err(|_| "not a sealed record's id".to_owned())?;
                self.sealed.insert(id, json::read(value).map_err(text)?);
            }
            Store::Requests => {
                let order = key.parse().map_err(|_| "not a number".to_owned())?;
                self.filed.insert(order, json::read(value).map_err(text)?);
            }
            Store::Docs | Store::Cases => {}
        }
        Ok(())
    }

    /// Believes an operation after its writes have become durable.
    pub fn commit(&mut self, prepared: Prepared) {
        let After { meta, rows, outbox, actors, sealed, filed, minted, session } = prepared.after;
        if let Some(meta) = meta {
            self.meta = meta;
        }
        for (id, row) in rows {
            match row {
                Some(row) => self.rows.insert(id, row),
                None => self.rows.remove(&id),
            };
        }
        for (order, waiting) in outbox {
            match waiting {
                Some(waiting) => self.outbox.insert(order, waiting),
                None => self.outbox.remove(&order),
            };
        }
        self.actors.extend(actors.into_iter().map(|author| (author.actor, author)));
        for (id, sealed) in sealed {
            match sealed {
                Some(sealed) => self.sealed.insert(id, sealed),
                None => self.sealed.remove(&id),
            };
        }
        for (order, filed) in filed {
            match filed {
                Some(filed) => self.filed.insert(order, filed),
                None => self.filed.remove(&order),
            };
        }
        self.minted += minted;
        self.session = session.unwrap_or(self.session);
    }

    /// After sign-in: which device this is at the server.
    pub fn prepare_sign_in(&self, device: DeviceId) -> Prepared {
        self.prepare_sign_in_after(device, &[])
    }

    /// A number to read to the villager (回执号): the device's number, a counter, and five digits of
    /// chance, because a phone that was set back to an older copy of its storage, or was copied, counts
    /// the same numbers again. All together they are no longer than a telephone number.
    pub fn prepare_slip_number(&self, now_ms: i64) -> (String, Prepared) {
        let slips = self.meta.slips + 1;
        let device = self.meta.device.map_or(0, |device| device.0);
        let chance = RecordId::minted(&self.session, slips, now_ms).0;
        let digits = u32::from_be_bytes([chance[0], chance[1], chance[2], chance[3]]) % SLIP_CHANCE;
        (format!("{device}-{slips}-{digits:05}"), self.prepare_meta(Meta { slips, ..self.meta.clone() }))
    }

    fn prepare_meta(&self, meta: Meta) -> Prepared {
        let writes = vec![meta_write(&meta)];
        let after = After { meta: Some(meta), ..After::default() };
        Prepared { writes, changed: Vec::new(), remade: Vec::new(), after }
    }

    /// Builds the next exchange: the cursors, and the oldest unsent changes up to a page.
    pub fn exchange(&self, now_ms: i64, app_version: &str, download_bytes_max: u64) -> Exchange {
        self.exchange_within(now_ms, app_version, UPLOAD_PAGE_BYTES, download_bytes_max)
    }

    /// The same with a page of another size: after `too_large`, or on a link that keeps breaking off.
    /// The oldest unsent change goes in any case.
    pub fn exchange_within(
        &self,
        now_ms: i64,
        app_version: &str,
        upload_bytes_max: usize,
        download_bytes_max: u64,
    ) -> Exchange {
        let page = self.page(upload_bytes_max);
        let sealed = self.sealed_page(|voice| page.iter().any(|(_, waiting)| waiting.record == voice));
        let asked = self.request_page(&page, upload_bytes_max);
        let going = page.len() + sealed.len() + asked.len();
        let missed = self.meta.missed.iter().map(|(space, position)| Cursor { space: *space, position: *position });
        let request = Request {
            hello: RequestHello {
                epoch: self.meta.epoch,
                device_time_ms: now_ms,
                download_bytes_max,
                unsent: (self.unsent() - going) as u64,
                grants_mark: self.meta.grants.as_ref().map_or(0, |grants| grants.mark),
                app_version: app_version.into(),
            },
            cursors: self
                .meta
                .cursors
                .iter()
                .map(|(space, position)| Cursor { space: *space, position: *position })
                .collect(),
            changes: page.iter().map(|(_, waiting)| waiting.to_sent()).collect::<Vec<SentChange>>(),
            sealed: Some(SealedRequest {
                cursor: self.meta.sealed_cursor,
                writes: sealed.iter().map(|(.., write)| write.clone()).collect(),
            }),
            requests: asked.iter().map(|(_, request)| request.clone()).collect(),
            missed: missed.collect(),
        };
        Exchange {
            body: request.encode(),
            sent: page.into_iter().map(|(order, waiting)| (order, waiting.hash)).collect(),
            sealed: sealed.into_iter().map(|(id, edit, _)| (id, edit)).collect(),
            asked: asked.into_iter().map(|(order, request)| (order, request.id)).collect(),
            missed: request.missed.iter().map(|cursor| cursor.space).collect(),
            epoch: self.meta.epoch,
        }
    }

    fn page(&self, upload_bytes_max: usize) -> Vec<(u64, &Waiting)> {
        let mut bytes = 0;
        self.outbox
            .iter()
            .filter(|(_, waiting)| waiting.refused.is_none())
            .take(CHANGES_PER_EXCHANGE_MAX)
            .take_while(|(_, waiting)| {
                let fits = bytes == 0 || bytes + waiting.bytes.len() <= upload_bytes_max;
                bytes += waiting.bytes.len();
                fits
            })
            .map(|(order, waiting)| (*order, waiting))
            .collect()
    }

    /// Changes, sealed records and requests that the server has neither acknowledged nor refused.
    pub fn unsent(&self) -> usize {
        self.unsent_changes() + self.unsent_sealed() + self.unsent_requests()
    }

    /// What the next exchange can carry of these: a sealed record waits for its voice.
    pub fn sendable(&self) -> usize {
        let in_page = |voice| self.outbox.values().any(|waiting| waiting.record == voice && waiting.refused.is_none());
        self.unsent_changes() + self.sealed_page(in_page).len() + self.sendable_requests()
    }

    fn unsent_changes(&self) -> usize {
        self.outbox.values().filter(|waiting| waiting.refused.is_none()).count()
    }

    /// Changes and sealed records that the server has not taken and this device keeps until its user decides.
    pub fn refused(&self) -> usize {
        self.outbox.len() - self.unsent_changes() + self.undecided_sealed()
    }

    /// The server's time at the last complete exchange, milliseconds since 1970.
    pub fn last_success_ms(&self) -> Option<i64> {
        self.meta.last_success_ms
    }

    /// How far the device's clock was ahead of the server's at the last exchange, in milliseconds.
    pub fn clock_offset_ms(&self) -> i64 {
        self.meta.clock_offset_ms
    }

    /// How far a space has been received: whether a live signal says anything new.
    pub fn position(&self, space: SpaceId) -> Position {
        self.meta.cursors.get(&space).copied().unwrap_or_default()
    }

    /// Whether the device holds this record.
    pub fn has(&self, id: RecordId) -> bool {
        self.rows.contains_key(&id)
    }

    /// Who is signed in; `None` until the first exchange has brought the grants.
    pub fn account(&self) -> Option<Account> {
        let grants = self.meta.grants.as_ref()?;
        let post = grants.person.posts.iter().find(|post| matches!(post.role, Role::Deputy | Role::Station));
        let station = post.map(|post| RecordId::derived(Kind::Station, &[&post.unit.0]));
        let home = grants.spaces.iter().find(|granted| {
            granted.space.kind == SpaceKind::Station
                && granted.access == Access::Write
                && post.is_some_and(|post| post.unit == granted.space.unit)
        });
        Some(Account {
            user: grants.person.user,
            name: grants.person.name.clone(),
            posts: grants.person.posts.clone(),
            spaces: grants.spaces.clone(),
            mandate: grants.person.mandates().next(),
            station: station.filter(|station| self.has(*station)),
            home_space: home.map(|granted| granted.space.id),
        })
    }
}

fn meta_write(meta: &Meta) -> Write {
    Write { store: Store::Meta, key: META_KEY.into(), value: Some(to_json(meta)) }
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    json::write(value).into_bytes()
}

#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
