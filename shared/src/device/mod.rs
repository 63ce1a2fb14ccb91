//! The device's side: what a phone holds, edits and exchanges.
//!
//! Pure. The shell around it (the worker in the browser, a test's world) owns the clock, the storage
//! and the network, and follows one rule: **store first, then believe**. Every operation is prepared
//! as a list of writes; the shell makes them durable in one transaction, and only then calls
//! [`Device::commit`]. A crash between the two loses nothing and shows nothing that is not stored.
//! Operations do not overlap: the shell finishes one before it prepares the next.

mod case;
mod edit;
mod exchange;
mod files;
mod outbox;
mod parcel;
mod receive;
mod recovery;
mod row;
mod sealed;
mod stored;
mod view;

use recovery::Skipped;
use stored::stored;

use crate::{
    id::{Actor, BlobHash, ChangeHash, DeviceId, Position, RecordId, SealedId, SpaceId},
    json::{FromObject, Object, Unfit},
    rights::{Access, Role, SpaceKind},
    schema::Kind,
    sorted::{Map, Set},
    wire::{Author, BadBytes, Grants},
};

pub use case::{CaseView, Filing, FilingProblem, RequestState, RequestView};
pub use edit::{Command, DayKey, EditProblem, Target, has_what_it_needs};
pub use exchange::{Ask, Exchange};
pub use files::{Allowed, BadFile, FileView, Part, Upload, preview_write};
pub use outbox::Waiting;
pub use receive::ReceiveError;
pub use recovery::{CannotRemake, LeftBehind, Notice, with_skipped_kinds};
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
    /// The changes of a record, by its id (`record::stored`). Loaded one at a time.
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
    /// Photos and recordings that the server does not have, by hash and record. Loaded at start.
    Files,
    /// The bytes of photos and recordings, by hash. Loaded one at a time.
    Blobs,
    /// Previews of photos, by the photo's hash. Loaded one at a time.
    Previews,
}

impl Store {
    pub const ALL: [Store; 11] = [
        Store::Meta,
        Store::Rows,
        Store::Docs,
        Store::Outbox,
        Store::Actors,
        Store::Sealed,
        Store::Cases,
        Store::Requests,
        Store::Files,
        Store::Blobs,
        Store::Previews,
    ];
    /// The stores that [`Device::open`] wants; documents, cases and bytes of files stay where they are.
    pub const LOADED_AT_START: [Store; 7] =
        [Store::Meta, Store::Rows, Store::Outbox, Store::Actors, Store::Sealed, Store::Requests, Store::Files];

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
            Store::Files => "files",
            Store::Blobs => "blobs",
            Store::Previews => "previews",
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
    files: Map<files::FileKey, Option<files::File>>,
    minted: u64,
    /// Under which name the device goes on.
    session: Option<Actor>,
    name_all: Option<bool>,
    held_back: Option<Set<RecordId>>,
}

/// What the device knows beside its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Meta {
    /// The device's number at the server; the prefix of slip numbers.
    device: Option<DeviceId>,
    grants: Option<Grants>,
    epoch: u64,
    cursors: Map<SpaceId, Position>,
    /// Spaces whose older records are still to come. What begins at its cursor comes by the log.
    older: Map<SpaceId, Reached>,
    traffic: Traffic,
    last_success_ms: Option<i64>,
    /// The device's clock minus the server's at the last exchange, in milliseconds.
    clock_offset_ms: i64,
    slips: u64,
    /// Up to where the server has told of the person's sealed records.
    sealed_cursor: u64,
    /// What only a newer app can read, by space: it was left at the server.
    skipped: Map<SpaceId, Skipped>,
    /// Changes that were made anew and have not been acknowledged as such.
    remade: Set<ChangeHash>,
    /// What the user has not been told yet, or has not put away.
    notices: Vec<Notice>,
    text_only: bool,
    wifi_only: bool,
}

stored!(Meta {
    device,
    grants,
    epoch,
    cursors,
    older,
    traffic,
    last_success_ms,
    clock_offset_ms,
    slips,
    sealed_cursor,
    skipped,
    remade,
    notices,
    text_only,
    wifi_only,
});
stored!(Reached { below, ms });
stored!(Traffic { day, up, down });

/// What its user lets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DataUse {
    /// No photos and recordings, neither up nor down.
    pub text_only: bool,
    /// Originals wait for Wi-Fi; previews do not.
    pub wifi_only: bool,
}

impl FromObject for DataUse {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self { text_only: object.flag("text_only")?, wifi_only: object.flag("wifi_only")? })
    }
}

/// How far back the first download of a space has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    /// Records that began before this position are still to come.
    below: Position,
    /// When the oldest that has come began, by the server's clock.
    ms: Option<i64>,
}

/// Bytes of bodies that travelled on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Traffic {
    /// Days since 1970 where the phone is.
    day: i64,
    up: u64,
    down: u64,
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
    /// Boxed, because a download brings them in no order of their ids.
    rows: Map<RecordId, Box<Row>>,
    outbox: Map<u64, Waiting>,
    actors: Map<Actor, Author>,
    sealed: Map<SealedId, sealed::Sealed>,
    filed: Map<u64, case::Filed>,
    files: Map<files::FileKey, files::File>,
    /// Of files, how many bytes the server has.
    progress: Map<BlobHash, u64>,
    /// Where spaces have been heard to be.
    heard: Map<SpaceId, Position>,
    /// The server wants all cursors named.
    name_all: bool,
    /// Records with a change that rests on one that the server does not have: the others go first.
    held_back: Set<RecordId>,
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
            rows: Map::new(),
            outbox: Map::new(),
            actors: Map::new(),
            sealed: Map::new(),
            filed: Map::new(),
            files: Map::new(),
            progress: Map::new(),
            heard: Map::new(),
            name_all: false,
            held_back: Set::new(),
        };
        for (store, key, value) in stored {
            device.load(store, &key, &value).map_err(|detail| Corrupt { store, key, detail })?;
        }
        device.meta.ask_again_for_skipped();
        Ok(device)
    }

    fn load(&mut self, store: Store, key: &str, value: &[u8]) -> Result<(), String> {
        let text = |BadBytes(why)| why.to_owned();
        match store {
            Store::Meta => self.meta = stored::decode(value).map_err(text)?,
            Store::Rows => {
                let id = key.parse().map_err(|_| "not a record id".to_owned())?;
                self.rows.insert(id, Box::new(stored::decode(value).map_err(text)?));
            }
            Store::Outbox => {
                let order = key.parse().map_err(|_| "not a number".to_owned())?;
                self.outbox.insert(order, Waiting::decode(value).map_err(text)?);
            }
            Store::Actors => {
                let author: Author = stored::decode(value).map_err(text)?;
                self.actors.insert(author.actor, author);
            }
            Store::Sealed => {
                let id = key.parse().map_err(|_| "not a sealed record's id".to_owned())?;
                self.sealed.insert(id, stored::decode(value).map_err(text)?);
            }
            Store::Requests => {
                let order = key.parse().map_err(|_| "not a number".to_owned())?;
                self.filed.insert(order, stored::decode(value).map_err(text)?);
            }
            Store::Files => self.load_file(key, value).map_err(|BadBytes(why)| why.to_owned())?,
            Store::Docs | Store::Cases | Store::Blobs | Store::Previews => {}
        }
        Ok(())
    }

    /// Believes an operation after its writes have become durable.
    pub fn commit(&mut self, prepared: Prepared) {
        let After { meta, rows, outbox, actors, sealed, filed, files, minted, session, name_all, held_back } =
            prepared.after;
        if let Some(meta) = meta {
            self.meta = meta;
        }
        for (id, row) in rows {
            match row {
                Some(row) => self.rows.insert(id, Box::new(row)),
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
        self.believe_files(files);
        self.minted += minted;
        self.session = session.unwrap_or(self.session);
        self.name_all = name_all.unwrap_or(self.name_all);
        self.held_back = held_back.unwrap_or_else(|| std::mem::take(&mut self.held_back));
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
        let chance = RecordId::chance(&self.session, slips, now_ms);
        let digits = u32::from_be_bytes([chance[0], chance[1], chance[2], chance[3]]) % SLIP_CHANCE;
        (format!("{device}-{slips}-{digits:05}"), self.prepare_meta(Meta { slips, ..self.meta.clone() }))
    }

    /// What the user lets travel.
    pub fn data_use(&self) -> DataUse {
        let Meta { text_only, wifi_only, .. } = self.meta;
        DataUse { text_only, wifi_only }
    }

    /// The user decides what may travel.
    pub fn prepare_data_use(&self, DataUse { text_only, wifi_only }: DataUse) -> Prepared {
        self.prepare_meta(Meta { text_only, wifi_only, ..self.meta.clone() })
    }

    fn prepare_meta(&self, meta: Meta) -> Prepared {
        let writes = vec![meta_write(&meta)];
        let after = After { meta: Some(meta), ..After::default() };
        Prepared { writes, changed: Vec::new(), remade: Vec::new(), after }
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

    /// Whether there are older records that have not come yet.
    pub fn lacks_older(&self) -> bool {
        !self.meta.older.is_empty()
    }

    /// A live signal says that a space is at this position.
    pub fn hear(&mut self, space: SpaceId, position: Position) {
        self.heard.insert(space, position);
    }

    /// Counts bytes that travelled on a day. Believed at once and stored with the next exchange: a
    /// count is not worth a write of its own.
    pub fn count_traffic(&mut self, day: i64, up: u64, down: u64) {
        let (before_up, before_down) = self.traffic(day);
        self.meta.traffic = Traffic { day, up: before_up + up, down: before_down + down };
    }

    /// Bytes that travelled up and down on a day.
    pub fn traffic(&self, day: i64) -> (u64, u64) {
        let traffic = self.meta.traffic;
        if traffic.day == day { (traffic.up, traffic.down) } else { (0, 0) }
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
    Write { store: Store::Meta, key: META_KEY.into(), value: Some(stored::encode(meta)) }
}

#[cfg(test)]
mod recovery_tests;
#[cfg(test)]
mod tests;
