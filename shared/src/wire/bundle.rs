//! Many changes in few bytes: what is alike stands together.
//!
//! A change is taken apart into what Automerge made it of (its chunk's frame and its columns), and
//! each part goes into a stream with the same part of all the others, because a compressor finds
//! more in a thousand texts behind each other than in texts between tables. On the way everything
//! is left out that the receiver knows: a change that another one rests on and that travels with
//! it, an actor that was named before, the record's id in the record's first change, and ids that
//! follow from actor and counter. A change that does not come out as it was goes as it is.

use super::{
    chunk,
    codec::{BadBytes, Reader, Writer},
    parts::{Parts, VALUE_COLUMN},
};
use crate::{
    id::{Actor, ChangeHash, RecordId, SpaceId},
    limits::{
        ACTORS_PER_EXCHANGE_MAX, CHANGE_BYTES_MAX, CHANGE_DEPS_MAX, CHANGES_PER_EXCHANGE_MAX, EXCHANGE_BYTES_MAX,
    },
    sorted::Map,
};

/// A change and where it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bundled<'a> {
    pub(super) space: SpaceId,
    pub(super) kind: u8,
    pub(super) record: RecordId,
    pub(super) hash: ChangeHash,
    /// The whole Automerge change chunk.
    pub(super) bytes: &'a [u8],
}

/// The same, read.
#[derive(Debug, Clone)]
pub(super) struct Unbundled {
    pub(super) space: SpaceId,
    pub(super) kind: u8,
    pub(super) record: RecordId,
    pub(super) hash: ChangeHash,
    pub(super) bytes: Vec<u8>,
}

const HASHES_MAX: usize = 4 * CHANGES_PER_EXCHANGE_MAX;
const COLUMNS_MAX: usize = 64;
const OTHER_ACTORS_MAX: usize = 1024;
const ID_BYTES: usize = 16;
/// How far an encoder looks for the counter that an actor's first record here was minted with.
const COUNTERS_TRIED: u64 = 256;
/// … and how far around the one before for the next one.
const COUNTERS_NEAR: u64 = 4;

/// What a change's first number says of its record and its form.
mod form {
    /// Of the record of the change before.
    pub(super) const SAME: u64 = 0;
    /// Of another record, whose id stands in `ids`.
    pub(super) const NAMED: u64 = 1;
    /// Of another record, whose id the change's actor minted.
    pub(super) const MINTED: u64 = 2;
    /// Added when the change is not taken apart.
    pub(super) const WHOLE: u64 = 3;
}

/// The streams, in their order on the wire; the columns follow.
#[derive(Debug, Default)]
struct Streams<T> {
    forms: T,
    ids: T,
    frames: T,
    deps: T,
    times: T,
    shapes: T,
    lengths: T,
    whole: T,
}

impl<T> Streams<T> {
    fn all(&mut self) -> [&mut T; 8] {
        [
            &mut self.forms,
            &mut self.ids,
            &mut self.frames,
            &mut self.deps,
            &mut self.times,
            &mut self.shapes,
            &mut self.lengths,
            &mut self.whole,
        ]
    }
}

pub(super) fn write<'a>(w: &mut Writer, changes: impl ExactSizeIterator<Item = Bundled<'a>>) {
    let count = changes.len();
    let mut bundling = Bundling::default();
    for (index, change) in changes.enumerate() {
        bundling.add(index, change);
    }
    bundling.finish(w, count);
}

#[derive(Default)]
struct Bundling {
    streams: Streams<Writer>,
    columns: Map<u64, Writer>,
    actors: Table<Actor>,
    hashes: Table<ChangeHash>,
    /// Where in this bundle a change stands.
    places: Map<ChangeHash, usize>,
    before: Option<(SpaceId, u8, RecordId)>,
    time_before: i64,
    minted: Map<Actor, Option<u64>>,
}

impl Bundling {
    fn add(&mut self, index: usize, change: Bundled<'_>) {
        // Changes made here are always plain chunks; one that is not would be refused by every receiver.
        let contents = chunk::pack(change.bytes).unwrap_or_default();
        let parts = Parts::of(contents).filter(|parts| parts.join() == contents && self.has_room_for(parts));
        let place = (change.space, change.kind, change.record);
        let whole = if parts.is_some() { 0 } else { form::WHOLE };
        if self.before == Some(place) {
            self.streams.forms.number(form::SAME + whole);
        } else {
            self.other_record(place, parts.as_ref(), whole);
        }
        self.before = Some(place);
        match parts {
            Some(parts) => self.apart(index, change.record, &parts),
            None => self.streams.whole.bytes(contents),
        }
        self.places.insert(change.hash, index);
    }

    fn other_record(&mut self, place: (SpaceId, u8, RecordId), parts: Option<&Parts<'_>>, whole: u64) {
        let (space, kind, record) = place;
        let first = parts.filter(|parts| parts.cut(record).is_some());
        let counter = first.and_then(|parts| self.counter(parts, record));
        let forms = &mut self.streams.forms;
        forms.number(whole + if counter.is_some() { form::MINTED } else { form::NAMED });
        forms.number(space.0.into());
        forms.byte(kind);
        match counter {
            Some(delta) => forms.signed(delta),
            None => self.streams.ids.fixed(&record.0),
        }
    }

    /// The counter with which the actor minted this id, minus the one before. Ids made in another
    /// way are not searched for twice.
    fn counter(&mut self, parts: &Parts<'_>, record: RecordId) -> Option<i64> {
        let actor = parts.actor;
        let is_it = |counter: &u64| minted(actor, *counter, parts.time) == record;
        let before = match self.minted.get(&actor) {
            None => 0,
            Some(before) => (*before)?,
        };
        let found = if before == 0 {
            (1..=COUNTERS_TRIED).find(is_it)
        } else {
            let near = 1..=COUNTERS_NEAR;
            near.flat_map(|by| [before.saturating_sub(by), before + by]).find(is_it)
        };
        self.minted.insert(actor, found.or(Some(before).filter(|before| *before > 0)));
        found.map(|counter| counter.wrapping_sub(before) as i64)
    }

    fn has_room_for(&self, parts: &Parts<'_>) -> bool {
        self.actors.len() + 1 + parts.others.len() <= ACTORS_PER_EXCHANGE_MAX
            && self.hashes.len() + parts.deps.len() <= HASHES_MAX
    }

    fn apart(&mut self, index: usize, record: RecordId, parts: &Parts<'_>) {
        let s = &mut self.streams;
        s.deps.number(parts.deps.len() as u64);
        for dep in &parts.deps {
            s.deps.number(match self.places.get(dep) {
                Some(place) => 2 * (index - place) as u64 - 1,
                None => 2 * self.hashes.index(*dep),
            });
        }
        s.frames.number(self.actors.index(parts.actor));
        s.frames.number(parts.sequence);
        s.frames.number(parts.start);
        s.times.signed(parts.time.wrapping_sub(self.time_before));
        self.time_before = parts.time;
        s.frames.bytes(parts.message);
        s.frames.number(parts.others.len() as u64);
        for other in &parts.others {
            s.frames.number(self.actors.index(*other));
        }
        s.shapes.number(parts.columns.len() as u64);
        let cut = parts.cut(record);
        s.frames.number(cut.map_or(0, |behind| behind as u64 + 1));
        for (specification, data) in &parts.columns {
            s.shapes.number(*specification);
            s.lengths.number(data.len() as u64);
            let column = self.columns.entry(*specification).or_default();
            match cut.filter(|_| *specification == VALUE_COLUMN) {
                Some(behind) => {
                    let (until, from) = (data.len() - behind - ID_BYTES, data.len() - behind);
                    column.fixed(&data[..until]);
                    column.fixed(&data[from..]);
                }
                None => column.fixed(data),
            }
        }
    }

    fn finish(mut self, w: &mut Writer, count: usize) {
        w.number(count as u64);
        w.list(&self.actors.entries, |w, actor| w.fixed(&actor.0));
        w.list(&self.hashes.entries, |w, hash| w.fixed(&hash.0));
        for stream in self.streams.all() {
            w.bytes(&std::mem::take(stream).finish());
        }
        let columns: Vec<(u64, Writer)> = self.columns.into_iter().collect();
        w.list(&columns, |w, (specification, data)| {
            w.number(*specification);
            w.bytes(data.written());
        });
    }
}

/// The id that an actor mints at a time in seconds: that of the record's first change.
fn minted(actor: Actor, counter: u64, time: i64) -> RecordId {
    RecordId::minted(&actor, counter, time.saturating_mul(1000))
}

/// Things that are named once and then by their place.
struct Table<T> {
    entries: Vec<T>,
    places: Map<T, u64>,
}

impl<T: Ord> Default for Table<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), places: Map::new() }
    }
}

impl<T: Copy + Ord> Table<T> {
    fn index(&mut self, entry: T) -> u64 {
        let next = self.entries.len() as u64;
        let entries = &mut self.entries;
        *self.places.entry(entry).or_insert_with(|| {
            entries.push(entry);
            next
        })
    }

    fn len(&self) -> usize {
        self.entries.len()
    }
}

/// # Errors
/// When the bytes are no bundle, or come to more than an exchange may hold: a few bytes can name the
/// same actor or change many times.
pub(super) fn read(r: &mut Reader<'_>, changes_max: usize) -> Result<Vec<Unbundled>, BadBytes> {
    let count = r.count(changes_max)?;
    let mut unbundling = Unbundling {
        actors: r.list(ACTORS_PER_EXCHANGE_MAX, |r| r.fixed().map(Actor))?,
        hashes: r.list(HASHES_MAX, |r| r.fixed().map(ChangeHash))?,
        streams: Streams::default(),
        columns: Map::new(),
        read: Vec::new(),
        time_before: 0,
        minted: Map::new(),
    };
    for stream in unbundling.streams.all() {
        *stream = Reader::new(r.bytes(EXCHANGE_BYTES_MAX)?);
    }
    let columns = r.list(COLUMNS_MAX, |r| Ok((r.number()?, Reader::new(r.bytes(EXCHANGE_BYTES_MAX)?))))?;
    unbundling.columns = columns.into_iter().collect();
    let mut bytes = 0;
    for _ in 0..count {
        let change = unbundling.next()?;
        bytes += change.bytes.len();
        if bytes > EXCHANGE_BYTES_MAX {
            return Err(BadBytes("changes over the limit"));
        }
        unbundling.read.push(change);
    }
    Ok(unbundling.read)
}

struct Unbundling<'a> {
    actors: Vec<Actor>,
    hashes: Vec<ChangeHash>,
    streams: Streams<Reader<'a>>,
    columns: Map<u64, Reader<'a>>,
    read: Vec<Unbundled>,
    time_before: i64,
    minted: Map<Actor, u64>,
}

impl<'a> Unbundling<'a> {
    fn next(&mut self) -> Result<Unbundled, BadBytes> {
        let form = self.streams.forms.number()?;
        if form >= form::WHOLE {
            let (space, kind, record) = self.place(form - form::WHOLE, None)?;
            let (hash, bytes) = chunk::unpack(self.streams.whole.bytes(CHANGE_BYTES_MAX)?);
            return Ok(Unbundled { space, kind, record, hash, bytes });
        }
        let actor = self.streams.frames.number()?;
        let actor = self.actor(actor)?;
        self.time_before = self.time_before.wrapping_add(self.streams.times.signed()?);
        let (space, kind, record) = self.place(form, Some(actor))?;
        let (hash, bytes) = chunk::unpack(&self.joined(actor, record)?);
        Ok(Unbundled { space, kind, record, hash, bytes })
    }

    fn place(&mut self, form: u64, actor: Option<Actor>) -> Result<(SpaceId, u8, RecordId), BadBytes> {
        if form == form::SAME {
            let before = self.read.last().ok_or(BadBytes("no change before"))?;
            return Ok((before.space, before.kind, before.record));
        }
        let space = self.streams.forms.number()?.try_into().map_err(|_| BadBytes("space over 32 bits"))?;
        let kind = self.streams.forms.byte()?;
        let record = match (form, actor) {
            (form::NAMED, _) => RecordId(self.streams.ids.fixed()?),
            (form::MINTED, Some(actor)) => {
                let counter = self.minted.entry(actor).or_default();
                *counter = counter.wrapping_add_signed(self.streams.forms.signed()?);
                minted(actor, *counter, self.time_before)
            }
            _ => return Err(BadBytes("unknown form")),
        };
        Ok((SpaceId(space), kind, record))
    }

    fn joined(&mut self, actor: Actor, record: RecordId) -> Result<Vec<u8>, BadBytes> {
        let deps = self.streams.deps.count(CHANGE_DEPS_MAX as usize)?;
        let deps = (0..deps).map(|_| self.dep()).collect::<Result<_, _>>()?;
        let s = &mut self.streams;
        let (sequence, start) = (s.frames.number()?, s.frames.number()?);
        let message = s.frames.bytes(CHANGE_BYTES_MAX)?;
        let others = s.frames.count(OTHER_ACTORS_MAX)?;
        let others = (0..others)
            .map(|_| {
                let other = self.streams.frames.number()?;
                self.actor(other)
            })
            .collect::<Result<_, _>>()?;
        let cut = self.streams.frames.number()?;
        let mut shape = Vec::new();
        for _ in 0..self.streams.shapes.count(COLUMNS_MAX)? {
            shape.push((self.streams.shapes.number()?, self.streams.lengths.count(CHANGE_BYTES_MAX)?));
        }
        let mut named = Vec::new();
        if let Some(behind) = cut.checked_sub(1) {
            let length = shape.iter().find(|(specification, _)| *specification == VALUE_COLUMN).map_or(0, |(_, l)| *l);
            let behind = usize::try_from(behind).map_err(|_| BadBytes("cut outside"))?;
            let until = length.checked_sub(ID_BYTES).and_then(|rest| rest.checked_sub(behind));
            named.extend_from_slice(self.column(VALUE_COLUMN, until.ok_or(BadBytes("cut outside"))?)?);
            named.extend_from_slice(&record.0);
            named.extend_from_slice(self.column(VALUE_COLUMN, behind)?);
        }
        let mut columns = Vec::new();
        for (specification, length) in shape {
            let is_named = cut > 0 && specification == VALUE_COLUMN;
            columns.push((specification, if is_named { &named[..] } else { self.column(specification, length)? }));
        }
        let time = self.time_before;
        let contents = Parts { deps, actor, sequence, start, time, message, others, columns }.join();
        if contents.len() > CHANGE_BYTES_MAX { Err(BadBytes("change over the limit")) } else { Ok(contents) }
    }

    fn dep(&mut self) -> Result<ChangeHash, BadBytes> {
        let code = self.streams.deps.number()?;
        let found = if code % 2 == 0 {
            usize::try_from(code / 2).ok().and_then(|index| self.hashes.get(index).copied())
        } else {
            let back = usize::try_from(code / 2).ok().and_then(|back| self.read.len().checked_sub(back + 1));
            back.and_then(|index| self.read.get(index)).map(|change| change.hash)
        };
        found.ok_or(BadBytes("no such change"))
    }

    fn actor(&self, index: u64) -> Result<Actor, BadBytes> {
        let actor = usize::try_from(index).ok().and_then(|index| self.actors.get(index));
        actor.copied().ok_or(BadBytes("no such actor"))
    }

    fn column(&mut self, specification: u64, length: usize) -> Result<&'a [u8], BadBytes> {
        self.columns.get_mut(&specification).ok_or(BadBytes("no such column"))?.take(length)
    }
}
