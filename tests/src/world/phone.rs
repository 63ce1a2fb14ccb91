//! A phone: the real device core around an in-memory disk, with the shell's few duties.

use std::collections::{BTreeMap, HashMap};

use lianxin_shared::{
    device::{Command, Device, EditProblem, Exchange, Filter, LeftBehind, Prepared, Row, Store, Target},
    id::{Actor, ChangeHash, DeviceId, RecordId, SpaceId},
    record::{Contents, Edit, Record},
    rights::{Access, Space, SpaceKind},
    schema::Kind,
    summary::Summary,
    wire::Answer,
};
use sha2::{Digest, Sha256};

use super::{
    Flaw,
    cast::{Member, STATIONS, station},
    old_app::OldApp,
    step::{Deed, DiskFault, Session},
    writing,
};
use crate::disk::Disk;

const APP_VERSION: &str = "simulated";
/// Small, so that most of what goes up or down takes several pages.
const DOWNLOAD_BYTES: u64 = 2_000;
const UPLOAD_BYTES: usize = 1_500;

pub(super) struct Phone {
    pub(super) holder: Member,
    /// Which device this is at the server; a new one after an eviction.
    pub(super) id: DeviceId,
    pub(super) ahead_ms: i64,
    pub(super) app: OldApp,
    place: usize,
    seed: u64,
    sessions: u64,
    session: Actor,
    flaw: Flaw,
    device: Device,
    disk: Disk,
    copy: Option<Storage>,
    under_way: HashMap<u64, Exchange>,
    looked_at: BTreeMap<RecordId, (Vec<ChangeHash>, Contents)>,
}

/// A phone's storage as it was once, with whose it was.
#[derive(Debug, Clone)]
struct Storage {
    holder: Member,
    id: DeviceId,
    session: Actor,
    disk: Disk,
}

/// A change that the phone made anew: as it was, as it is.
pub(super) type Remade = (ChangeHash, ChangeHash);

/// An edit that is durable on the phone: from here on it may not be lost.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) record: RecordId,
    pub(super) hash: ChangeHash,
    /// What it adds to counters.
    pub(super) increments: Vec<(String, i64)>,
}

/// What became of something that the phone wanted to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    Yes,
    No,
}

/// A record as the phone holds it.
pub(super) struct Held {
    pub(super) kind: Kind,
    pub(super) space: SpaceId,
    pub(super) record: Record,
    pub(super) summary: Summary,
}

impl Held {
    pub(super) fn contents(&self) -> Contents {
        self.record.read()
    }
}

impl Phone {
    pub(super) fn new(seed: u64, place: usize, holder: Member, id: DeviceId, app: OldApp, flaw: Flaw) -> Self {
        let (disk, device, session) = (Disk::default(), Device::open(Actor([0; 16]), []).unwrap(), Actor([0; 16]));
        let (under_way, looked_at, copy) = (HashMap::new(), BTreeMap::new(), None);
        let (ahead_ms, sessions) = (0, 0);
        let mut phone = Self {
            holder,
            id,
            ahead_ms,
            app,
            place,
            seed,
            sessions,
            session,
            flaw,
            device,
            disk,
            copy,
            under_way,
            looked_at,
        };
        phone.reopen();
        phone.sign_in(id);
        phone
    }

    /// The user signs in (again): the phone is another device at the server, on the same storage.
    pub(super) fn sign_in(&mut self, id: DeviceId) {
        self.id = id;
        let signed_in = self.device.prepare_sign_in(id);
        self.store(signed_in, DiskFault::Works);
    }

    /// The storage is gone; what is left is the phone, its clock and its app.
    pub(super) fn evict(&mut self, id: DeviceId, left_behind: &[LeftBehind]) {
        (self.disk, self.copy) = (Disk::default(), None);
        self.reopen();
        self.id = id;
        let signed_in = self.device.prepare_sign_in_after(id, left_behind);
        self.store(signed_in, DiskFault::Works);
    }

    pub(super) fn copy(&mut self) {
        self.copy = Some(self.storage());
    }

    /// Goes on from the last copy of its storage. Whether there was one.
    pub(super) fn set_back(&mut self, session: Session) -> bool {
        let Some(copy) = self.copy.clone() else { return false };
        self.go_on_from(copy, session);
        true
    }

    /// Becomes another phone: its storage, its app, its user.
    pub(super) fn become_copy_of(&mut self, other: &Phone, session: Session) {
        (self.app, self.copy) = (other.app, None);
        self.go_on_from(other.storage(), session);
    }

    fn storage(&self) -> Storage {
        Storage { holder: self.holder, id: self.id, session: self.session, disk: self.disk.clone() }
    }

    fn go_on_from(&mut self, storage: Storage, session: Session) {
        (self.holder, self.id, self.disk) = (storage.holder, storage.id, storage.disk);
        match session {
            Session::New => self.reopen(),
            Session::Same => self.open(storage.session),
        }
    }

    /// The app is brought up to date. Whether it was an old one.
    pub(super) fn update(&mut self) -> bool {
        let old = std::mem::replace(&mut self.app, OldApp(None));
        self.reopen();
        old != self.app
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// Kills the browser and starts it again on what is stored.
    pub(super) fn reopen(&mut self) {
        self.sessions += 1;
        let digest = Sha256::digest(format!("{} {} {}", self.seed, self.place, self.sessions));
        self.open(Actor(digest[..16].try_into().unwrap()));
    }

    fn open(&mut self, session: Actor) {
        self.session = session;
        let stored = self.disk.loaded_at_start().into_iter().map(|(store, key, value)| {
            let value = self.app.read(store, &key, value);
            (store, key, value)
        });
        self.device = Device::open(session, stored.collect::<Vec<_>>()).expect("what the phone stored is readable");
        self.under_way.clear();
        self.looked_at.clear();
    }

    /// Remembers a record as it is now: what a person sees who opens its form.
    pub(super) fn look(&mut self, record: usize) {
        if let Some(held) = self.nth_record(record) {
            self.looked_at.insert(held.record.id(), (held.record.heads(), held.contents()));
        }
    }

    /// Edits; `Ok(None)` when nothing came to be stored.
    pub(super) fn edit(&mut self, deed: &Deed, now_ms: i64, fault: DiskFault) -> Result<Option<Saved>, EditProblem> {
        let Some(command) = self.command(deed, now_ms + self.ahead_ms) else { return Ok(None) };
        let known = command.record().and_then(|id| self.doc(id));
        let doc = known.map(<[u8]>::to_vec);
        let (id, prepared) = self.device.prepare_edit(&command, doc.as_deref(), now_ms + self.ahead_ms)?;
        if prepared.writes.is_empty() {
            return Ok(None);
        }
        let saved = saved(id, doc.as_deref(), &prepared, &command.edits);
        Ok((self.store(prepared, fault) == Stored::Yes).then_some(saved))
    }

    /// Begins an exchange and returns the body of its request.
    pub(super) fn send(&mut self, number: u64, now_ms: i64) -> Vec<u8> {
        let exchange = self.device.exchange_within(now_ms + self.ahead_ms, APP_VERSION, UPLOAD_BYTES, DOWNLOAD_BYTES);
        let body = exchange.body.clone();
        self.under_way.insert(number, exchange);
        body
    }

    /// Believes an answer, if it is still waited for; then mends what the answer has shown to be
    /// misnumbered. Returns what was made anew.
    pub(super) fn receive(
        &mut self,
        number: u64,
        body: &[u8],
        now_ms: i64,
        fault: DiskFault,
    ) -> Result<Vec<Remade>, String> {
        let Some(exchange) = self.under_way.get(&number).cloned() else { return Ok(Vec::new()) };
        let mut answer = Answer::decode(body).map_err(|bad| format!("the answer is unreadable: {bad:?}"))?;
        self.app.reads(&mut answer);
        let needed = self.device.records_needed(&answer).into_iter();
        let docs = needed.filter_map(|id| Some((id, self.doc(id)?.to_vec()))).collect();
        let needed = self.device.cases_needed(&answer).into_iter();
        let cases = needed.filter_map(|id| Some((id, self.case(id)?.to_vec()))).collect();
        let prepared = self
            .device
            .prepare_receive(&exchange, &answer, &docs, &cases, now_ms + self.ahead_ms)
            .map_err(|error| format!("the answer does not fit: {error}"))?;
        let mut remade = prepared.remade.clone();
        if self.flaw == Flaw::PhoneDoesNotMend && !remade.is_empty() {
            return Ok(Vec::new());
        }
        if self.store(prepared, fault) == Stored::No {
            remade.clear();
        }
        if self.flaw != Flaw::PhoneDoesNotMend {
            self.mend(now_ms, &mut remade)?;
        }
        Ok(remade)
    }

    fn mend(&mut self, now_ms: i64, remade: &mut Vec<Remade>) -> Result<(), String> {
        while let Some(id) = self.device.record_to_mend() {
            let doc = self.doc(id).map(<[u8]>::to_vec).unwrap_or_default();
            let prepared = self.device.prepare_mend(id, &doc, now_ms + self.ahead_ms);
            let prepared = prepared.map_err(|error| format!("the record {id} cannot be mended: {error}"))?;
            remade.extend(&prepared.remade);
            self.store(prepared, DiskFault::Works);
        }
        Ok(())
    }

    /// Offers again what was refused of a record. Returns what was made anew.
    pub(super) fn offer_again(&mut self, id: RecordId) -> Result<Vec<Remade>, String> {
        let doc = self.doc(id).map(<[u8]>::to_vec).unwrap_or_default();
        let prepared = self.device.prepare_offer_again(id, &doc);
        let prepared = prepared.map_err(|error| format!("the record {id} cannot be offered again: {error}"))?;
        let remade = prepared.remade.clone();
        self.store(prepared, DiskFault::Works);
        Ok(remade)
    }

    /// The shell's one rule: store first, then believe.
    fn store(&mut self, mut prepared: Prepared, fault: DiskFault) -> Stored {
        let mut writes = std::mem::take(&mut prepared.writes);
        for write in &mut writes {
            let value = write.value.take().map(|value| self.app.written(write.store, &write.key, value));
            write.value = value.map(|value| self.flaw.written(write.store, value));
        }
        match fault {
            DiskFault::Works => {
                self.disk.store(&writes);
                self.device.commit(prepared);
                Stored::Yes
            }
            DiskFault::Full if self.flaw == Flaw::PhoneBelievesBeforeStoring => {
                self.device.commit(prepared);
                Stored::Yes
            }
            DiskFault::Full => Stored::No,
            DiskFault::DiesBefore => {
                if self.flaw == Flaw::PhoneStoresCursorsFirst {
                    writes.retain(|write| write.store == Store::Meta);
                    self.disk.store(&writes);
                }
                self.reopen();
                Stored::No
            }
            DiskFault::DiesAfter => {
                self.disk.store(&writes);
                self.reopen();
                Stored::Yes
            }
        }
    }

    fn command(&mut self, deed: &Deed, here_ms: i64) -> Option<Command> {
        let (target, edits, base) = match deed {
            Deed::NewVoice => {
                let (mut slip, prepared) = self.device.prepare_slip_number(here_ms);
                self.store(prepared, DiskFault::Works);
                if self.flaw == Flaw::PhoneCountsSlipsAlone {
                    slip.truncate(slip.rfind('-').unwrap_or(slip.len()));
                }
                let space = self.space_for(Kind::Voice)?;
                (Target::New { new: Kind::Voice, space }, writing::new_voice(space, &slip), None)
            }
            Deed::NewActivity => {
                let space = self.space_for(Kind::Activity)?;
                (Target::New { new: Kind::Activity, space }, writing::new_activity(space), None)
            }
            Deed::NewSuggestion => {
                let space = self.space_for(Kind::Suggestion)?;
                (Target::New { new: Kind::Suggestion, space }, writing::new_suggestion(space), None)
            }
            Deed::OpenDay { station: place, date } => {
                let unit = STATIONS[*place];
                if !self.app.knows(Kind::ReceptionDay) {
                    return None;
                }
                let space = self.spaces(|granted| granted.kind == SpaceKind::Station && granted.unit.0 == unit)?;
                let edits = writing::day(station(unit), *date, self.place);
                (Target::New { new: Kind::ReceptionDay, space }, edits, None)
            }
            Deed::Change { record, edits } => {
                let held = self.nth_record(*record)?;
                let id = held.record.id();
                let (base, seen) = match self.looked_at.get(&id) {
                    Some((heads, contents)) => (Some(heads.clone()), contents.clone()),
                    None => (None, held.contents()),
                };
                (Target::Existing { record: id }, writing::edits(held.space, &seen, edits), base)
            }
        };
        Some(Command { target, base, edits })
    }

    /// Where the holder may write a record of this kind, as far as the phone knows.
    fn space_for(&self, kind: Kind) -> Option<SpaceId> {
        self.spaces(|space| space.kind.holds(kind)).filter(|_| self.app.knows(kind))
    }

    fn spaces(&self, fits: impl Fn(&Space) -> bool) -> Option<SpaceId> {
        let account = self.device.account()?;
        let granted = account.spaces.iter().find(|granted| granted.access == Access::Write && fits(&granted.space));
        granted.map(|granted| granted.space.id)
    }

    /// The n-th of the records that the phone's lists show.
    pub(super) fn nth_record(&self, n: usize) -> Option<Held> {
        let rows = self.device.list(&Filter { kinds: Kind::ALL.to_vec(), ..Filter::default() });
        let row = rows.get(n % rows.len().max(1))?;
        self.held(row.id)
    }

    /// A record as it is stored.
    pub(super) fn held(&self, id: RecordId) -> Option<Held> {
        let row = stored_row(self.disk.get(Store::Rows, &id.to_string())?);
        let record = Record::of_stored(row.kind, id, self.doc(id)?).expect("a stored document");
        Some(Held { kind: row.kind, space: row.space, record, summary: row.summary })
    }

    /// Every record that is stored.
    pub(super) fn records(&self) -> Vec<RecordId> {
        self.disk.keys(Store::Docs).map(|key| key.parse().expect("documents are stored by record")).collect()
    }

    fn case(&self, id: RecordId) -> Option<&[u8]> {
        self.disk.get(Store::Cases, &id.to_string())
    }

    fn doc(&self, id: RecordId) -> Option<&[u8]> {
        self.disk.get(Store::Docs, &id.to_string())
    }
}

fn stored_row(bytes: &[u8]) -> Row {
    Row::decode(bytes).expect("a stored row")
}

/// What an edit does, read from what it stores: the head that was not there before is its change.
fn saved(record: RecordId, before: Option<&[u8]>, prepared: &Prepared, edits: &[Edit]) -> Saved {
    let stored = |store| prepared.writes.iter().find(|write| write.store == store)?.value.as_deref();
    let doc = stored(Store::Docs);
    let Row { kind, .. } = stored_row(stored(Store::Rows).expect("an edit stores its row"));
    let heads = |doc: &[u8]| Record::of_stored(kind, record, doc).expect("a document").heads();
    let known = before.map(heads).unwrap_or_default();
    let mut new = doc.map(heads).expect("an edit stores its document");
    new.retain(|head| !known.contains(head));
    assert_eq!(new.len(), 1, "an edit makes one change");
    Saved { record, hash: new[0], increments: writing::increments(edits) }
}
