//! What a phone does when its past is not what it was: its storage was set back or copied, its app
//! has learnt more kinds, its user may again what was refused.

use serde::Serialize;

use super::{
    Device, Meta, Prepared, Row, Store, Waiting, Write,
    receive::Receiving,
    stored::{self, Stored, stored},
};
use crate::{
    id::{Actor, ChangeHash, DeviceId, Position, RecordId, SpaceId},
    json::{FromObject, Object, Unfit},
    record::{Record, Remade, RemadeChange, Unreadable},
    rights::Person,
    schema::Kind,
    sorted::Set,
    summary::summarize,
    wire::{
        Author, BadBytes, RefusalReason,
        codec::{Reader, Writer},
    },
};

/// Something that happened to what this phone holds, told to its user until it is put away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Notice {
    /// The server was restored from a backup: so many changes that it had received wait again.
    ServerRestored { at_ms: i64, again: usize },
    /// Another copy of this phone's storage makes changes in its name: the phone was set back to an
    /// older copy, or its storage was copied to another one. What was not sent before is not here.
    Doubled { at_ms: i64 },
    /// The user may no longer read these spaces, by name; `kept` records stay here because of
    /// changes that the server has not accepted.
    SpacesLost { at_ms: i64, names: Vec<String>, kept: usize },
    /// This storage is new, but a phone of the same user was left with changes that the server does
    /// not have. If it was this phone, they are gone.
    LeftBehind(LeftBehind),
}

/// A phone of one's own, still signed in, that said at its last contact how much it had not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// What the phone called itself.
    pub label: String,
    /// Its last contact, by the server's clock, milliseconds since 1970.
    pub seen_ms: i64,
    pub unsent: u64,
}

impl FromObject for LeftBehind {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self { label: object.text("label")?, seen_ms: object.number("seen_ms")?, unsent: object.counted("unsent")? })
    }
}

impl Notice {
    /// The last part of the key of its words, and how it is put away.
    pub fn key(&self) -> &'static str {
        match self {
            Notice::ServerRestored { .. } => "server_restored",
            Notice::Doubled { .. } => "doubled",
            Notice::SpacesLost { .. } => "spaces_lost",
            Notice::LeftBehind(_) => "left_behind",
        }
    }
}

/// Why changes were not made anew. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CannotRemake {
    #[error("this device does not hold the record")]
    UnknownRecord,
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

stored!(LeftBehind { label, seen_ms, unsent });

impl Stored for Notice {
    fn write(&self, w: &mut Writer) {
        match self {
            Notice::ServerRestored { at_ms, again } => {
                w.number(0);
                at_ms.write(w);
                (*again as u64).write(w);
            }
            Notice::Doubled { at_ms } => {
                w.number(1);
                at_ms.write(w);
            }
            Notice::SpacesLost { at_ms, names, kept } => {
                w.number(2);
                at_ms.write(w);
                names.write(w);
                (*kept as u64).write(w);
            }
            Notice::LeftBehind(left) => {
                w.number(3);
                left.write(w);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let count = |r: &mut Reader<'_>| r.number().map(|count| count as usize);
        Ok(match r.number()? {
            0 => Notice::ServerRestored { at_ms: Stored::read(r)?, again: count(r)? },
            1 => Notice::Doubled { at_ms: Stored::read(r)? },
            2 => Notice::SpacesLost { at_ms: Stored::read(r)?, names: Stored::read(r)?, kept: count(r)? },
            3 => Notice::LeftBehind(Stored::read(r)?),
            _ => return Err(BadBytes("unknown notice")),
        })
    }
}

/// What of a space was left at the server because this app does not know its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Skipped {
    /// The first of it.
    from: Position,
    kinds: Set<u8>,
}

stored!(Skipped { from, kinds });

/// The stored state as an app that knows other kinds would have it: tests let apps of several versions meet.
///
/// # Errors
/// When the bytes are no stored state.
pub fn with_skipped_kinds(meta: &[u8], kind: impl Fn(u8) -> Option<u8>) -> Result<Vec<u8>, BadBytes> {
    let mut meta: Meta = stored::decode(meta)?;
    for skipped in meta.skipped.values_mut() {
        skipped.kinds = skipped.kinds.iter().filter_map(|number| kind(*number)).collect();
    }
    meta.skipped.retain(|_, skipped| !skipped.kinds.is_empty());
    Ok(stored::encode(&meta))
}

impl Meta {
    /// Of two of one kind the later is told.
    pub(super) fn tell(&mut self, notice: Notice) {
        self.notices.retain(|told| told.key() != notice.key());
        self.notices.push(notice);
    }

    pub(super) fn skip(&mut self, space: SpaceId, from: Position, kind: u8) {
        let skipped = self.skipped.entry(space).or_insert_with(|| Skipped { from, kinds: Set::new() });
        skipped.from = skipped.from.min(from);
        skipped.kinds.insert(kind);
    }

    /// An app that knows more kinds than the one before asks for the spaces again from where that
    /// one began to skip; what comes twice is known by its hash.
    pub(super) fn ask_again_for_skipped(&mut self) {
        let Meta { skipped, cursors, .. } = self;
        skipped.retain(|space, skipped| {
            let still_unknown = skipped.kinds.iter().all(|kind| Kind::from_number(*kind).is_none());
            if !still_unknown && let Some(cursor) = cursors.get_mut(space) {
                *cursor = (*cursor).min(Position(skipped.from.0.saturating_sub(1)));
            }
            still_unknown
        });
    }
}

impl Device {
    /// What the user is to be told.
    pub fn notices(&self) -> &[Notice] {
        &self.meta.notices
    }

    /// After a sign-in: which device this is at the server, and which other phones of its user were
    /// left with something unsent, the latest first. That is told where the storage is new: the
    /// browser may have thrown the old one away.
    pub fn prepare_sign_in_after(&self, device: DeviceId, left_behind: &[LeftBehind]) -> Prepared {
        let mut meta = Meta { device: Some(device), ..self.meta.clone() };
        if let (None, Some(left)) = (self.meta.device, left_behind.first()) {
            meta.tell(Notice::LeftBehind(left.clone()));
        }
        self.prepare_meta(meta)
    }

    /// The user has read a notice ([`Notice::key`]).
    pub fn prepare_put_away(&self, key: &str) -> Prepared {
        let mut meta = self.meta.clone();
        meta.notices.retain(|notice| notice.key() != key);
        self.prepare_meta(meta)
    }

    /// Whether the server has records that only a newer app can show.
    pub fn lacks_kinds(&self) -> bool {
        !self.meta.skipped.is_empty()
    }

    /// A record with a change that was refused because the server has another one under its number:
    /// this phone was set back or copied. The shell mends it ([`Device::prepare_mend`]).
    pub fn record_to_mend(&self) -> Option<RecordId> {
        self.outbox.values().find(|waiting| self.is_misnumbered(waiting)).map(|waiting| waiting.record)
    }

    /// Makes the changes of [`Device::record_to_mend`] anew under another actor, and goes on under a
    /// new one. `doc` is the record's stored document.
    ///
    /// # Errors
    /// When the document cannot be read or the changes cannot be made anew.
    pub fn prepare_mend(&self, id: RecordId, doc: &[u8], now_ms: i64) -> Result<Prepared, CannotRemake> {
        let wrong = self.hashes_of(id, |waiting| self.is_misnumbered(waiting));
        let mut receiving = Receiving::new(self);
        let mut meta = self.meta.clone();
        receiving.remake(&mut meta, id, doc, &wrong, &[])?;
        meta.tell(Notice::Doubled { at_ms: now_ms });
        receiving.renew_session(now_ms);
        Ok(receiving.finish(meta))
    }

    /// Offers the refused changes of a record once more, for the rules or the rights may be others
    /// now. They are made anew, because the server remembers what it has refused. `doc` is the
    /// record's stored document.
    ///
    /// # Errors
    /// When the document cannot be read or the changes cannot be made anew.
    pub fn prepare_offer_again(&self, id: RecordId, doc: &[u8]) -> Result<Prepared, CannotRemake> {
        let refused = self.hashes_of(id, |waiting| waiting.refused.is_some());
        let mut receiving = Receiving::new(self);
        let mut meta = self.meta.clone();
        receiving.remake(&mut meta, id, doc, &refused, &[])?;
        Ok(receiving.finish(meta))
    }

    fn hashes_of(&self, id: RecordId, fits: impl Fn(&Waiting) -> bool) -> Set<ChangeHash> {
        let waiting = self.outbox.values().filter(|waiting| waiting.record == id && fits(waiting));
        waiting.map(|waiting| waiting.hash).collect()
    }

    /// What was made anew once and is refused all the same stays refused, or it would go on for ever.
    fn is_misnumbered(&self, waiting: &Waiting) -> bool {
        let misnumbered = waiting.refused.as_ref().is_some_and(|refused| refused.reason == RefusalReason::Actor);
        misnumbered && !self.meta.remade.contains(&waiting.hash)
    }
}

impl Receiving<'_> {
    /// Makes changes of a record anew and merges what came. Whatever of the record waited waits as
    /// it is now.
    pub(super) fn remake(
        &mut self,
        meta: &mut Meta,
        id: RecordId,
        doc: &[u8],
        wrong: &Set<ChangeHash>,
        incoming: &[&[u8]],
    ) -> Result<Record, CannotRemake> {
        let row = self.device.rows.get(&id).ok_or(CannotRemake::UnknownRecord)?;
        let person = self.device.meta.grants.as_ref().map(|grants| &grants.person);
        let Person { user, name, .. } = person.ok_or(CannotRemake::UnknownRecord)?;
        let own = |actor| self.device.actors.get(&actor).is_some_and(|author| author.user == *user);
        let Remade { mut record, changes, dropped } = Record::of_stored(row.kind, id, doc)?.remake(wrong, own)?;
        record.apply(incoming.iter().copied())?;
        if !dropped.is_empty() {
            // What others built on it comes again with the space.
            meta.cursors.remove(&row.space);
        }
        let outbox = self.outbox_after();
        for RemadeChange { before, actor, change } in changes {
            let waits = outbox.iter().find(|(_, waiting)| waiting.hash == before);
            let waiting = Waiting::new(id, row, change);
            meta.remade.insert(waiting.hash);
            self.remade.push((before, waiting.hash));
            self.own_actor(Author { actor, user: *user, name: name.clone() });
            match waits {
                Some((order, _)) => self.outbox(*order, Some(waiting)),
                None => self.queue(waiting),
            }
        }
        self.put_record(&record, Row { summary: summarize(&record.read()), ..(**row).clone() });
        Ok(record)
    }

    /// Merges changes some of which carry the numbers of changes that are here. The server has
    /// those, so the ones here are made anew. `None` when that is not what keeps them from merging.
    pub(super) fn yield_to(
        &mut self,
        meta: &mut Meta,
        id: RecordId,
        doc: Option<&Vec<u8>>,
        incoming: &[&[u8]],
    ) -> Option<Record> {
        let (doc, row) = (doc?, self.device.rows.get(&id)?);
        let rivals = Record::of_stored(row.kind, id, doc).ok()?.rivals(incoming.iter().copied());
        if rivals.is_empty() {
            return None;
        }
        self.remake(meta, id, doc, &rivals, incoming).ok()
    }

    pub(super) fn own_actor(&mut self, author: Author) {
        let (key, value) = (author.actor.to_string(), Some(stored::encode(&author)));
        self.writes.push(Write { store: Store::Actors, key, value });
        self.after.actors.push(author);
    }

    /// The device goes on under a name that nobody else has.
    pub(super) fn renew_session(&mut self, now_ms: i64) {
        self.after.session = Some(Actor(RecordId::chance(&self.device.session, u64::MAX, now_ms)));
    }
}
