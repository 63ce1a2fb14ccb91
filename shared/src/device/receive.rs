//! The server's answer: receipts, grants and a page of changes, stored in one transaction with the
//! cursors, so that a dropped connection costs at most this page.

use super::{
    After, Device, Exchange, Meta, Notice, Prepared, Reached, Row, Store, Waiting, Write,
    case::{Filed, filed_write},
    files::file_write,
    meta_write,
    sealed::{Sealed, sealed_write},
    stored,
};
use crate::{
    id::{ChangeHash, Position, RecordId, SealedId, SpaceId},
    record::{NewChange, Record},
    rights::Person,
    schema::Kind,
    sorted::{Map, Set},
    summary::summarize,
    wire::{Answer, Author, Outcome, PageEntry, RefusalReason, SnapshotRecord},
};

/// An answer that does not fit. Nothing is believed of it; the exchange is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    #[error("the answer has {answered} receipts for {sent} changes")]
    ReceiptsMissing { sent: usize, answered: usize },
    #[error("the answer has {answered} outcomes for {sent} sealed records")]
    OutcomesMissing { sent: usize, answered: usize },
    #[error("the answer has {answered} verdicts for {sent} requests")]
    VerdictsMissing { sent: usize, answered: usize },
    #[error("the stored record {0} is unreadable")]
    Unreadable(RecordId),
    #[error("the changes of record {0} do not apply")]
    DoesNotApply(RecordId),
}

impl Device {
    /// The stored records that the answer changes: the shell loads their documents. After a restore
    /// of the server from a backup these are all, because each may hold something that is lost there.
    pub fn records_needed(&self, answer: &Answer) -> Vec<RecordId> {
        if self.is_restored(answer) {
            return self.rows.keys().copied().collect();
        }
        let in_page = answer.page.iter().map(|entry| entry.record);
        let ids: Set<RecordId> = in_page.chain(answer.snapshot.records.iter().map(|whole| whole.record)).collect();
        ids.into_iter().filter(|id| self.rows.contains_key(id)).collect()
    }

    /// Prepares to believe an answer. `docs` are the documents of [`Device::records_needed`], `cases`
    /// the stored cases of [`Device::cases_needed`].
    ///
    /// # Errors
    /// When the answer does not fit the exchange or its changes do not apply.
    pub fn prepare_receive(
        &self,
        exchange: &Exchange,
        answer: &Answer,
        docs: &Map<RecordId, Vec<u8>>,
        cases: &Map<RecordId, Vec<u8>>,
        now_ms: i64,
    ) -> Result<Prepared, ReceiveError> {
        if exchange.sent.len() != answer.receipts.len() {
            return Err(ReceiveError::ReceiptsMissing { sent: exchange.sent.len(), answered: answer.receipts.len() });
        }
        // A server from before sealed records says nothing of them: they wait.
        let outcomes = answer.sealed.as_ref().map_or(0, |sealed| sealed.outcomes.len());
        if answer.sealed.is_some() && exchange.sealed.len() != outcomes {
            return Err(ReceiveError::OutcomesMissing { sent: exchange.sealed.len(), answered: outcomes });
        }
        // Nor does one from before official events.
        let (sent, answered) = (exchange.asked.len(), answer.verdicts.len());
        if answered != 0 && answered != sent {
            return Err(ReceiveError::VerdictsMissing { sent, answered });
        }
        let mut receiving = Receiving::new(self);
        // What was asked before a restore says nothing about the server after it: the receipts are void.
        if exchange.epoch != self.meta.epoch {
            return Ok(receiving.finish(self.meta.clone()));
        }
        let mut meta = receiving.meta(exchange, answer, now_ms);
        receiving.receipts(exchange, answer);
        receiving.records(&mut meta, exchange, answer, docs, now_ms)?;
        if self.is_restored(answer) {
            let again = receiving.offer_again(answer, docs)?;
            receiving.offer_sealed_again();
            for (key, file) in self.files_again() {
                receiving.writes.push(file_write(key, Some(&file)));
                receiving.after.files.insert(key, Some(file));
            }
            meta.tell(Notice::ServerRestored { at_ms: now_ms, again });
        }
        receiving.verdicts(&exchange.asked, answer);
        if self.is_restored(answer) {
            receiving.file_again(cases);
            receiving.events(answer, &Map::new());
        } else {
            receiving.events(answer, cases);
        }
        if let Some(sealed) = &answer.sealed {
            receiving.sealed(&exchange.sealed, sealed);
        }
        receiving.authors(answer);
        receiving.after.name_all = Some(answer.hello.name_all);
        receiving.drop_lost_spaces(&mut meta, now_ms);
        Ok(receiving.finish(meta))
    }

    /// Whether the device is still where it was when it asked, as far as a space is concerned: an
    /// answer that was overtaken may bring records but no positions.
    fn stands_as_in(&self, exchange: &Exchange, space: SpaceId) -> bool {
        let (cursor, older) = (self.meta.cursors.get(&space), self.meta.older.get(&space));
        (cursor, older) == (exchange.cursors.get(&space), exchange.older.get(&space))
    }

    /// Whether the server is no longer the one whose receipts this device has.
    pub(super) fn is_restored(&self, answer: &Answer) -> bool {
        self.meta.epoch != 0 && self.meta.epoch != answer.hello.epoch
    }
}

/// An answer, or a repair, on its way into the device.
pub(super) struct Receiving<'a> {
    pub(super) device: &'a Device,
    pub(super) writes: Vec<Write>,
    rows: Map<RecordId, Option<Row>>,
    pub(super) sealed: Map<SealedId, Option<Sealed>>,
    pub(super) filed: Map<u64, Option<Filed>>,
    pub(super) remade: Vec<(ChangeHash, ChangeHash)>,
    pub(super) after: After,
}

impl<'a> Receiving<'a> {
    pub(super) fn new(device: &'a Device) -> Self {
        let (writes, rows, remade) = (Vec::new(), Map::new(), Vec::new());
        let (sealed, filed) = (Map::new(), Map::new());
        Self { device, writes, rows, sealed, filed, remade, after: After::default() }
    }

    fn receipts(&mut self, exchange: &Exchange, answer: &Answer) {
        let mut held_back = self.device.held_back.clone();
        let receipts = exchange.sent.iter().zip(&answer.receipts);
        let receipts = receipts.map(|((order, hash), receipt)| (*order, *hash, &receipt.outcome, ""));
        let settled = answer.settled.iter().filter_map(|settled| {
            let (order, _) = self.device.outbox.iter().find(|(_, waiting)| waiting.hash == settled.hash)?;
            Some((*order, settled.hash, &settled.outcome, settled.note.as_str()))
        });
        for (order, hash, outcome, note) in receipts.chain(settled) {
            let Some(waiting) = self.device.outbox.get(&order).filter(|waiting| waiting.hash == hash) else { continue };
            match outcome {
                Outcome::Received { received_ms, .. } => {
                    if let Some(row) = self.row(waiting.record) {
                        row.received_ms = row.received_ms.max(Some(*received_ms));
                    }
                    held_back.remove(&waiting.record);
                    self.outbox(order, None);
                }
                Outcome::Refused(refused) => {
                    let (refused, note) = (Some(refused.clone()), note.to_owned());
                    self.outbox(order, Some(Waiting { refused, note, ..waiting.clone() }));
                    // So that the view hears of it.
                    self.row(waiting.record);
                }
                // To the end, so that what rests on something that is lost does not hold up the rest.
                Outcome::Missing => {
                    let waiting = waiting.clone();
                    held_back.insert(waiting.record);
                    self.outbox(order, None);
                    self.queue(waiting);
                }
            }
        }
        self.after.held_back = Some(held_back);
    }

    /// Puts everything that this user ever wrote, and that the server does not show in this answer,
    /// back into the outbox, before what waits there. What the server still has is known by its hash.
    /// Returns how many.
    fn offer_again(&mut self, answer: &Answer, docs: &Map<RecordId, Vec<u8>>) -> Result<usize, ReceiveError> {
        let Some(user) = self.device.meta.grants.as_ref().map(|grants| grants.person.user) else { return Ok(0) };
        let own = |actor| self.device.actors.get(&actor).is_some_and(|author| author.user == user);
        let in_page = answer.page.iter().map(|entry| entry.hash);
        let there: Set<ChangeHash> = in_page.chain(answer.snapshot.records.iter().flat_map(hashes)).collect();
        let waiting: Vec<(u64, Waiting)> =
            self.outbox_after().into_iter().filter(|(_, waiting)| waiting.refused.is_none()).collect();
        let kept: Set<ChangeHash> = self.device.outbox.values().map(|waiting| waiting.hash).collect();
        let mut again = Vec::new();
        for (id, row) in &self.device.rows {
            let Some(doc) = docs.get(id) else { continue };
            let record = Record::of_stored(row.kind, *id, doc).map_err(|_| ReceiveError::Unreadable(*id))?;
            let changes = record.changes_by(own).into_iter();
            let lost = changes.filter(|change| !there.contains(&change.hash) && !kept.contains(&change.hash));
            again.extend(lost.map(|change| Waiting::new(*id, row, change)));
        }
        let count = again.len();
        for (order, _) in &waiting {
            self.outbox(*order, None);
        }
        for waiting in again.into_iter().chain(waiting.into_iter().map(|(_, waiting)| waiting)) {
            self.row(waiting.record);
            self.queue(waiting);
        }
        Ok(count)
    }

    /// Merges the records that came.
    fn records(
        &mut self,
        meta: &mut Meta,
        exchange: &Exchange,
        answer: &Answer,
        docs: &Map<RecordId, Vec<u8>>,
        now_ms: i64,
    ) -> Result<(), ReceiveError> {
        let own_session = answer.authors.iter().any(|author| author.actor == self.device.session);
        for (id, arriving) in arriving(answer) {
            let Some((number, space, updated_ms)) = arriving.place() else { continue };
            let Some(kind) = Kind::from_number(number) else {
                // Left at the server until this app is a newer one.
                arriving.skip(meta);
                continue;
            };
            let doc = docs.get(&id);
            let mut record = match doc {
                Some(doc) => Record::of_stored(kind, id, doc).map_err(|_| ReceiveError::Unreadable(id))?,
                None => Record::new(kind, id),
            };
            let mut incoming = arriving.changes();
            let anew = record.founded_by(&incoming).map_err(|_| ReceiveError::DoesNotApply(id))?;
            if let Some(anew) = anew {
                record = self.take_anew(&record, anew, exchange, answer);
            } else if record.founded() > 0 && !self.device.stands_as_in(exchange, space) {
                // What comes too late may be from before; as its positions do not count, it comes again.
                continue;
            } else {
                if self.may_lack(exchange, answer, space) {
                    incoming = record.what_fits(incoming);
                }
                // Nobody else should make changes under the names of this phone's sessions.
                let mut doubled =
                    own_session && doc.is_some() && record.lacks_of(self.device.session, incoming.clone());
                if record.apply(incoming.clone()).is_err() {
                    record = self.yield_to(meta, id, doc, &incoming).ok_or(ReceiveError::DoesNotApply(id))?;
                    doubled = true;
                }
                if doubled {
                    meta.tell(Notice::Doubled { at_ms: now_ms });
                    self.renew_session(now_ms);
                }
            }
            if record.is_blank() {
                continue;
            }
            if let Some(held_back) = &mut self.after.held_back {
                held_back.remove(&id);
            }
            let (received_ms, case) = self.row(id).map(|row| (row.received_ms, row.case.clone())).unwrap_or_default();
            let row = Row { kind, space, summary: summarize(&record.read()), updated_ms, received_ms, case };
            self.put_record(&record, row);
        }
        Ok(())
    }

    /// Takes a record as it was founded anew: what was before leaves the phone, and what it has not delivered is made
    /// once more on what is there now.
    fn take_anew(&mut self, was: &Record, mut anew: Record, exchange: &Exchange, answer: &Answer) -> Record {
        let id = was.id();
        // What the server took of this phone just now it does not send back. (Position 0: it is of what was before.)
        let taken = exchange.sent.iter().zip(&answer.receipts).filter_map(|((order, _), receipt)| {
            let waiting = self.device.outbox.get(order).filter(|waiting| waiting.record == id)?;
            let position = match receipt.outcome {
                Outcome::Received { position, .. } => position,
                _ => return None,
            };
            (position > Position(0)).then_some(waiting.bytes.as_slice())
        });
        let taken = anew.what_fits(taken);
        if anew.apply(taken).is_err() {
            return anew;
        }
        let waiting = self.outbox_after().into_iter().filter(|(_, waiting)| waiting.record == id);
        for (order, waiting) in waiting {
            if anew.contains(waiting.hash) {
                continue;
            }
            // What does not fit stays with its person as refused.
            let Ok(changes) = anew.carry_over(was, waiting.hash, self.device.session) else { continue };
            self.outbox(order, None);
            let refused = waiting.refused.clone().filter(|refused| refused.reason != RefusalReason::Founded);
            for NewChange { hash, bytes } in changes {
                self.remade.push((waiting.hash, hash));
                self.queue(Waiting { hash, bytes, refused: refused.clone(), ..waiting.clone() });
            }
        }
        let person = self.device.meta.grants.as_ref().map(|grants| &grants.person);
        if let Some(Person { user, name, .. }) =
            person.filter(|_| !self.device.actors.contains_key(&self.device.session))
        {
            self.own_actor(Author { actor: self.device.session, user: *user, name: name.clone() });
        }
        self.drop_files(was, &anew);
        anew
    }

    /// Whether a change may come of which the device does not have what it rests on. While older
    /// records are still to come, such a change is left out, because its record comes later with
    /// everything it is by then. So it is when the answer does not go on from where the device is.
    fn may_lack(&self, exchange: &Exchange, answer: &Answer, space: SpaceId) -> bool {
        self.device.is_restored(answer)
            || !self.device.stands_as_in(exchange, space)
            || self.device.meta.older.contains_key(&space)
            || answer.snapshot.older.iter().any(|older| older.space == space)
    }

    pub(super) fn put_record(&mut self, record: &Record, row: Row) {
        let id = record.id();
        self.rows.insert(id, Some(row));
        self.writes.push(Write { store: Store::Docs, key: id.to_string(), value: Some(record.to_stored()) });
    }

    fn authors(&mut self, answer: &Answer) {
        for author in &answer.authors {
            if self.device.actors.get(&author.actor) != Some(author) {
                let (key, value) = (author.actor.to_string(), Some(stored::encode(author)));
                self.writes.push(Write { store: Store::Actors, key, value });
                self.after.actors.push(author.clone());
            }
        }
    }

    fn meta(&self, exchange: &Exchange, answer: &Answer, now_ms: i64) -> Meta {
        let mut meta = self.device.meta.clone();
        // After a restore the old cursors mean nothing; what comes again is known by its hash.
        // (`offer_again` does the rest.)
        let anew = meta.epoch != answer.hello.epoch;
        if anew {
            meta.cursors.clear();
            meta.older.clear();
            meta.sealed_cursor = 0;
            meta.skipped.clear();
            meta.epoch = answer.hello.epoch;
        }
        for cursor in answer.cursors.iter().filter(|cursor| anew || self.device.stands_as_in(exchange, cursor.space)) {
            meta.cursors.insert(cursor.space, cursor.position);
        }
        for older in
            answer.snapshot.older.iter().filter(|older| anew || self.device.stands_as_in(exchange, older.space))
        {
            match older.below {
                Position(0) => meta.older.remove(&older.space),
                below => meta.older.insert(older.space, Reached { below, ms: older.reached_ms }),
            };
        }
        if let Some(sealed) = &answer.sealed {
            meta.sealed_cursor = sealed.cursor;
        }
        meta.last_success_ms = Some(answer.hello.server_time_ms);
        meta.clock_offset_ms = now_ms.saturating_sub(answer.hello.server_time_ms);
        if let Some(grants) = &answer.grants {
            meta.grants = Some(grants.clone());
        }
        meta
    }

    /// What the user may no longer read leaves the device, except records with undelivered changes.
    /// At every answer, not only when the grants change: a record that stayed for its undelivered
    /// change goes once that is delivered, and an answer that comes late may bring a lost space back.
    fn drop_lost_spaces(&mut self, meta: &mut Meta, now_ms: i64) {
        let Some(grants) = &meta.grants else { return };
        let granted: Set<SpaceId> = grants.spaces.iter().map(|granted| granted.space.id).collect();
        self.let_accepted_go(&granted);
        let mut kept: Set<RecordId> = self.outbox_after().into_values().map(|waiting| waiting.record).collect();
        kept.extend(self.filed_after().into_values().map(|filed| filed.case()));
        kept.extend(self.device.records_with_files_to_send());
        let stored = self.device.rows.iter().map(|(id, row)| (*id, row.space));
        let received = self.rows.iter().filter_map(|(id, row)| Some((*id, row.as_ref()?.space)));
        let lost: Set<RecordId> = stored
            .chain(received)
            .filter(|(id, space)| !granted.contains(space) && !kept.contains(id))
            .map(|(id, _)| id)
            .collect();
        let before = self.device.meta.grants.iter().flat_map(|grants| &grants.spaces);
        let gone = before.filter(|before| !granted.contains(&before.space.id));
        let names: Vec<String> = gone.map(|gone| gone.space.name.clone()).collect();
        if !names.is_empty() {
            let here = |id: &RecordId| self.device.rows.get(id).is_some_and(|row| !granted.contains(&row.space));
            let kept = kept.iter().filter(|id| here(id)).count();
            meta.tell(Notice::SpacesLost { at_ms: now_ms, names, kept });
        }
        for id in lost {
            for store in [Store::Docs, Store::Cases] {
                self.writes.push(Write { store, key: id.to_string(), value: None });
            }
            self.rows.insert(id, None);
        }
        self.drop_lost_sealed(|space| granted.contains(&space));
        // Without its records a cursor would say that they are here.
        meta.cursors.retain(|space, _| granted.contains(space));
        meta.skipped.retain(|space, _| granted.contains(space));
        meta.older.retain(|space, _| granted.contains(space));
    }

    /// Where a record that the device holds will lie.
    pub(super) fn place(&self, id: RecordId) -> Option<SpaceId> {
        match self.rows.get(&id) {
            Some(row) => row.as_ref().map(|row| row.space),
            None => self.device.rows.get(&id).map(|row| row.space),
        }
    }

    /// The outbox as it will be.
    pub(super) fn outbox_after(&self) -> Map<u64, Waiting> {
        let mut outbox = self.device.outbox.clone();
        for (order, waiting) in &self.after.outbox {
            match waiting {
                Some(waiting) => drop(outbox.insert(*order, waiting.clone())),
                None => drop(outbox.remove(order)),
            }
        }
        outbox
    }

    /// Behind everything that waits or has waited.
    pub(super) fn queue(&mut self, waiting: Waiting) {
        let stored = self.device.outbox.last().map(|(order, _)| *order);
        let queued = self.after.outbox.iter().map(|(order, _)| *order).max();
        let order = stored.max(queued).unwrap_or(0) + 1;
        self.outbox(order, Some(waiting));
    }

    pub(super) fn outbox(&mut self, order: u64, waiting: Option<Waiting>) {
        let value = waiting.as_ref().map(Waiting::encode);
        self.writes.push(Write { store: Store::Outbox, key: Waiting::key(order), value });
        self.after.outbox.push((order, waiting));
    }

    /// The row as it will be, marked as changed.
    pub(super) fn row(&mut self, id: RecordId) -> Option<&mut Row> {
        let stored = self.device.rows.get(&id);
        self.rows.entry(id).or_insert_with(|| stored.map(|row| (**row).clone())).as_mut()
    }

    pub(super) fn finish(mut self, mut meta: Meta) -> Prepared {
        if !meta.remade.is_empty() {
            let waits: Set<ChangeHash> = self.outbox_after().into_values().map(|waiting| waiting.hash).collect();
            meta.remade.retain(|hash| waits.contains(hash));
        }
        self.writes.push(meta_write(&meta));
        self.after.meta = Some(meta);
        self.rows.retain(|id, row| row.is_some() || self.device.rows.contains_key(id));
        for (id, row) in &self.rows {
            let value = row.as_ref().map(Row::encode);
            self.writes.push(Write { store: Store::Rows, key: id.to_string(), value });
        }
        let mut changed: Set<RecordId> = self.rows.keys().copied().collect();
        for (id, sealed) in &self.sealed {
            self.writes.push(sealed_write(*id, sealed.as_ref()));
            changed.extend(sealed.as_ref().map(Sealed::voice));
        }
        for (order, filed) in &self.filed {
            self.writes.push(filed_write(*order, filed.as_ref()));
            let case = filed.as_ref().or(self.device.filed.get(order)).map(Filed::case);
            changed.extend(case);
        }
        let changed = changed.into_iter().collect();
        self.after.filed = self.filed.into_iter().collect();
        self.after.sealed = self.sealed.into_iter().collect();
        self.after.rows = self.rows.into_iter().collect();
        Prepared { writes: self.writes, changed, remade: self.remade, after: self.after }
    }
}

/// What an answer brings of one record.
#[derive(Default)]
struct Arriving<'a> {
    whole: Option<&'a SnapshotRecord>,
    entries: Vec<&'a PageEntry>,
}

fn arriving(answer: &Answer) -> Map<RecordId, Arriving<'_>> {
    let mut arriving: Map<RecordId, Arriving<'_>> = Map::new();
    for whole in &answer.snapshot.records {
        arriving.entry(whole.record).or_default().whole = Some(whole);
    }
    for entry in &answer.page {
        arriving.entry(entry.record).or_default().entries.push(entry);
    }
    arriving
}

impl<'a> Arriving<'a> {
    /// The number of the kind, the space, and when the last of it was received.
    fn place(&self) -> Option<(u8, SpaceId, i64)> {
        let whole = self.whole.map(|whole| (whole.kind, whole.space, whole.updated_ms));
        let entry = self.entries.last().map(|entry| (entry.kind, entry.space, entry.received_ms));
        entry.or(whole)
    }

    fn skip(&self, meta: &mut Meta) {
        if let Some(whole) = self.whole {
            // Where it began is not said.
            meta.skip(whole.space, Position(1), whole.kind);
        }
        self.entries.iter().for_each(|entry| meta.skip(entry.space, entry.position, entry.kind));
    }

    /// The changes, parents first.
    fn changes(&self) -> Vec<&'a [u8]> {
        let whole = self.whole.iter().flat_map(|whole| &whole.changes).map(|(_, bytes)| bytes.as_slice());
        whole.chain(self.entries.iter().map(|entry| entry.bytes.as_slice())).collect()
    }
}

fn hashes(whole: &SnapshotRecord) -> impl Iterator<Item = ChangeHash> {
    whole.changes.iter().map(|(hash, _)| *hash)
}
