//! What must hold. Each rule says what it found in words.

use std::collections::{BTreeMap, HashMap, HashSet};

use lianxin_shared::{
    device::Notice,
    id::{ChangeHash, RecordId, SpaceId},
    record::{Applied, Contents, Record},
    rights::Access,
    schema::Kind,
    summary::summarize,
    wire::{Answer, Outcome, Request},
};
use sha2::Digest;

use super::{
    Outcomes, Verdict, World,
    cast::Member,
    ledger::Ledger,
    phone::Phone,
    server::{Logged, Server},
    writing,
};
use crate::office::contains;

pub(super) fn receipts(answer: &[u8]) -> Result<Vec<Outcome>, String> {
    Ok(decoded(answer)?.receipts.into_iter().map(|receipt| receipt.outcome).collect())
}

/// Whether an exchange told either side anything.
pub(super) fn carries_news(request: &[u8], answer: &[u8]) -> bool {
    sends_changes(request) || decoded(answer).is_ok_and(|answer| answer.brings_something() || answer.hello.more)
}

pub(super) fn sends_changes(request: &[u8]) -> bool {
    Request::decode(request).is_ok_and(|request| !request.changes.is_empty())
}

fn decoded(answer: &[u8]) -> Result<Answer, String> {
    Answer::decode(answer).map_err(|bad| format!("the server's answer is unreadable: {bad:?}"))
}

/// An answer on the wire: acknowledges only what is in the log, shows only what its reader may read.
pub(super) fn answer(server: &Server, ledger: &Ledger, reader: Member, request: &[u8], body: &[u8]) -> Verdict {
    let request = Request::decode(request).map_err(|bad| format!("the request is unreadable: {bad:?}"))?;
    let answer = decoded(body)?;
    if request.changes.len() != answer.receipts.len() {
        return Err(format!("{} receipts for {} changes", answer.receipts.len(), request.changes.len()));
    }
    for (sent, receipt) in request.changes.iter().zip(&answer.receipts) {
        if let Outcome::Received { position, received_ms } = &receipt.outcome {
            let Some((space, at)) = ledger.logged(sent.hash) else {
                return Err(format!("{:?} was acknowledged but is not in the log", sent.hash));
            };
            let entry = &ledger.logs()[&space][at.0 as usize - 1];
            if at != *position || space != sent.space || entry.received_ms != *received_ms {
                return Err(format!("{:?} was acknowledged at {position:?} but is at {at:?}", sent.hash));
            }
        }
    }
    only_what_may_be_read(server, reader, &answer, body)
}

fn only_what_may_be_read(server: &Server, reader: Member, answer: &Answer, body: &[u8]) -> Verdict {
    let person = server.person(reader);
    // What a station is called is the town's word; who may read the station is told it.
    let granted = answer.grants.iter().flat_map(|grants| &grants.spaces).map(|granted| granted.space.name.as_bytes());
    let told = granted.fold(body.to_vec(), |rest, name| without(&rest, name));
    for space in server.spaces() {
        if server.access(&person, space.id) >= Access::Read {
            continue;
        }
        let named = answer.page.iter().any(|entry| entry.space == space.id)
            || answer.snapshot.records.iter().any(|record| record.space == space.id)
            || answer.snapshot.older.iter().any(|older| older.space == space.id)
            || answer.cursors.iter().any(|cursor| cursor.space == space.id)
            || answer.grants.iter().flat_map(|grants| &grants.spaces).any(|granted| granted.space.id == space.id);
        if named {
            return Err(format!("{} was told of {:?} ({})", reader.name(), space.id, space.name));
        }
        if contains(&told, writing::mark(space.id)) {
            return Err(format!("{} was sent words of {:?} ({})", reader.name(), space.id, space.name));
        }
    }
    Ok(())
}

/// The bytes without the first occurrence of these.
fn without(bytes: &[u8], name: &[u8]) -> Vec<u8> {
    let at = bytes.windows(name.len().max(1)).position(|window| window == name);
    at.map_or(bytes.to_vec(), |at| [&bytes[..at], &bytes[at + name.len()..]].concat())
}

impl World {
    /// What must hold after every single step.
    pub(super) fn check_now(&self) -> Verdict {
        for (place, phone) in self.phones.iter().enumerate() {
            let owed = self.owed(place);
            says_what_it_owes(place, phone, &owed)?;
        }
        Ok(())
    }

    /// What a phone tells the server of itself, and so its staff: never less unsent than there is.
    pub(super) fn check_request(&self, place: usize, body: &[u8]) -> Verdict {
        let request = Request::decode(body).map_err(|bad| format!("the request is unreadable: {bad:?}"))?;
        let said = request.hello.unsent as usize + request.changes.len();
        let owed = self.owed(place).values().sum();
        if said < owed {
            return Err(format!(
                "phone {place} tells the server of {said} unsent, but {owed} changes are nowhere else"
            ));
        }
        Ok(())
    }

    /// By record, what a phone has saved and is nowhere else.
    fn owed(&self, place: usize) -> BTreeMap<RecordId, usize> {
        let mut seen = HashSet::new();
        let mut owed: BTreeMap<RecordId, usize> = BTreeMap::new();
        for saved in self.ledger.saved_on(place).iter().filter(|saved| seen.insert(saved.hash)) {
            let delivered = self.ledger.was_delivered(saved.hash) || self.ledger.is_refused(saved.hash);
            *owed.entry(saved.record).or_default() += usize::from(!delivered);
        }
        owed
    }

    /// What must hold when everything has been exchanged.
    pub(super) fn check_at_rest(mut self) -> Result<Outcomes, String> {
        let stored = self.server_is_its_log()?;
        self.everything_logged_was_saved()?;
        self.nothing_saved_is_lost()?;
        self.people_are_told()?;
        self.counters_add_up(&stored)?;
        self.slip_numbers_differ(&stored)?;
        self.phones_hold_what_they_may(&stored)?;
        let mut digest = self.answered.clone();
        for entry in self.ledger.logs().values().flatten() {
            digest.update(entry.position.0.to_be_bytes());
            digest.update(&entry.bytes);
        }
        let tally = &mut self.tally;
        tally.events("changes accepted", self.ledger.logs().values().map(Vec::len).sum());
        tally.events("changes refused", self.ledger.refused());
        tally.events("fields in conflict", stored.values().map(|record| record.contents.conflicts().count()).sum());
        tally.events("exchanges", self.letters as usize);
        Ok(Outcomes { digest: digest.finalize().into(), tally: self.tally })
    }

    /// What must hold when everything has been exchanged, while some apps are old ones.
    pub(super) fn check_holdings(&self) -> Verdict {
        self.phones_hold_what_they_may(&self.server_is_its_log()?)
    }

    fn phones_hold_what_they_may(&self, stored: &HashMap<RecordId, Merged>) -> Verdict {
        for (place, phone) in self.phones.iter().enumerate() {
            self.phone_holds_what_it_may(place, phone, stored).map_err(|what| format!("phone {place}: {what}"))?;
        }
        Ok(())
    }

    /// Nothing is in the log that nobody made, nothing that is also refused.
    fn everything_logged_was_saved(&self) -> Verdict {
        let made: HashSet<ChangeHash> = self.ledger.all_edits().map(|saved| saved.hash).collect();
        for entry in self.ledger.logs().values().flatten().filter(|entry| entry.kind != Kind::Station) {
            if !made.contains(&entry.hash) {
                return Err(format!("{:?} of {} is in the log, but nobody made it", entry.hash, entry.record));
            }
            if self.ledger.is_refused(entry.hash) {
                return Err(format!("{:?} of {} is in the log and in quarantine", entry.hash, entry.record));
            }
        }
        Ok(())
    }

    /// What has happened to a phone's storage is said on it, and nothing that has not.
    fn people_are_told(&self) -> Verdict {
        for (place, phone) in self.phones.iter().enumerate() {
            if let Some(record) = phone.device().record_to_mend() {
                return Err(format!("phone {place} keeps misnumbered changes of {record}"));
            }
            let told = phone.device().notices().iter().any(|notice| matches!(notice, Notice::Doubled { .. }));
            if told && !self.ledger.is_twin(place) {
                return Err(format!("phone {place} says that there is a copy of it, and there is none"));
            }
            if !told && self.ledger.has_mended(place) {
                return Err(format!("phone {place} has made changes anew and has not said why"));
            }
        }
        Ok(())
    }

    /// The stored records are what their log says, merged anew.
    fn server_is_its_log(&self) -> Result<HashMap<RecordId, Merged>, String> {
        let mut by_record: BTreeMap<RecordId, Vec<&Logged>> = BTreeMap::new();
        for entry in self.ledger.logs().values().flatten() {
            by_record.entry(entry.record).or_default().push(entry);
        }
        let mut stored = HashMap::new();
        for (id, entries) in by_record {
            let merged = Merged::of(id, &entries)?;
            let Some(held) = self.server.record(id) else { return Err(format!("the record {id} is not stored")) };
            let doc = Record::load(held.kind, id, &held.doc).map_err(|error| format!("stored {id}: {error}"))?;
            if doc.heads() != merged.heads || doc.read() != merged.contents {
                return Err(format!("the stored record {id} is not the merge of its log"));
            }
            if held.summary != summarize(&merged.contents) || held.space != merged.space {
                return Err(format!("the row of {id} is not what the record says"));
            }
            stored.insert(id, merged);
        }
        Ok(stored)
    }

    /// What someone was told is saved is in the log, or refused on the phone and at the server alike.
    fn nothing_saved_is_lost(&self) -> Verdict {
        for (place, phone) in self.phones.iter().enumerate() {
            let saved = self.ledger.saved_on(place).iter();
            let undelivered = saved.filter(|saved| self.ledger.logged(saved.hash).is_none());
            let mut refused = HashSet::new();
            for saved in undelivered {
                if !self.ledger.is_refused(saved.hash) {
                    return Err(format!("phone {place} saved {:?} of {}: it is nowhere", saved.hash, saved.record));
                }
                refused.insert(saved.hash);
            }
            let refused = refused.len();
            if (phone.device().unsent(), phone.device().refused()) != (0, refused) {
                let (unsent, kept) = (phone.device().unsent(), phone.device().refused());
                return Err(format!(
                    "phone {place} has {unsent} unsent and {kept} refused changes, but {refused} were refused"
                ));
            }
        }
        Ok(())
    }

    fn counters_add_up(&self, stored: &HashMap<RecordId, Merged>) -> Verdict {
        let mut sums: BTreeMap<(RecordId, &str), i64> = BTreeMap::new();
        for saved in self.ledger.all_edits().filter(|saved| self.ledger.logged(saved.hash).is_some()) {
            for (field, by) in &saved.increments {
                *sums.entry((saved.record, field)).or_default() += by;
            }
        }
        for ((record, field), sum) in sums {
            let count = stored.get(&record).and_then(|merged| merged.contents.number(field)).unwrap_or(0);
            if count != sum {
                return Err(format!("{field} of {record} is {count}, but {sum} were counted"));
            }
        }
        Ok(())
    }

    fn slip_numbers_differ(&self, stored: &HashMap<RecordId, Merged>) -> Verdict {
        let mut slips: HashMap<&str, RecordId> = HashMap::new();
        for (id, merged) in stored.iter().filter(|(_, merged)| merged.kind == Kind::Voice) {
            if let Some(other) = slips.insert(merged.contents.text("slip_no"), *id) {
                return Err(format!("{other} and {id} have the same slip number"));
            }
        }
        Ok(())
    }

    /// A phone holds every record that its user may read, exactly as the server does, and no other.
    fn phone_holds_what_it_may(&self, place: usize, phone: &Phone, stored: &HashMap<RecordId, Merged>) -> Verdict {
        let person = self.server.person(phone.holder);
        let readable = |space: SpaceId| self.server.access(&person, space) >= Access::Read;
        let kept: HashSet<RecordId> = self
            .ledger
            .saved_on(place)
            .iter()
            .filter(|saved| self.ledger.logged(saved.hash).is_none())
            .map(|saved| saved.record)
            .collect();
        let known = |merged: &Merged| readable(merged.space) && phone.app.knows(merged.kind);
        for (id, merged) in stored.iter().filter(|(_, merged)| known(merged)) {
            let Some(held) = phone.held(*id) else { return Err(format!("the record {id} never came")) };
            // With a refused change of one's own in it, a record is not what the others see.
            if kept.contains(id) {
                let lacks = merged.hashes.iter().any(|hash| !held.record.contains(*hash));
                if lacks {
                    return Err(format!("the record {id} lacks changes of others"));
                }
                continue;
            }
            if held.record.heads() != merged.heads || held.contents() != merged.contents {
                return Err(format!("the record {id} differs from the server's"));
            }
            if held.summary != summarize(&merged.contents) || held.space != merged.space {
                return Err(format!("the row of {id} differs from the server's"));
            }
        }
        for id in phone.records() {
            let Some(held) = phone.held(id) else { return Err(format!("{id} is stored without a row")) };
            let known = stored.contains_key(&id) && readable(held.space);
            if !known && !kept.contains(&id) {
                return Err(format!("the record {id} of {:?} may not be here", held.space));
            }
        }
        Ok(())
    }
}

/// `unsent` never says less than there is, in all and record by record.
fn says_what_it_owes(place: usize, phone: &Phone, owed: &BTreeMap<RecordId, usize>) -> Verdict {
    let all: usize = owed.values().sum();
    let said = phone.device().unsent();
    if said < all {
        return Err(format!("phone {place} says {said} unsent, but {all} changes are nowhere else"));
    }
    for (record, owed) in owed.iter().filter(|(_, owed)| **owed > 0) {
        use lianxin_shared::device::RecordState;
        let said = match phone.device().state(*record) {
            RecordState::Phone { unsent } | RecordState::Refused { unsent, .. } => unsent,
            RecordState::Received { .. } | RecordState::Theirs => 0,
        };
        if said < *owed {
            return Err(format!("phone {place} says {said} unsent of {record}, but there are {owed}"));
        }
    }
    Ok(())
}

/// A record, merged from nothing but its log.
struct Merged {
    kind: Kind,
    space: SpaceId,
    heads: Vec<ChangeHash>,
    hashes: Vec<ChangeHash>,
    contents: Contents,
}

impl Merged {
    fn of(id: RecordId, entries: &[&Logged]) -> Result<Self, String> {
        let (kind, space) = (entries[0].kind, entries[0].space);
        let mut record = Record::new(kind, id);
        for entry in entries {
            let applied = record.apply([entry.bytes.as_slice()]);
            let applied = applied.map_err(|error| format!("the log of {id} does not apply: {error}"))?;
            if applied == Applied::Incomplete || (entry.kind, entry.space) != (kind, space) {
                return Err(format!("the log of {id} is out of order at {:?}", entry.position));
            }
        }
        let hashes = entries.iter().map(|entry| entry.hash).collect();
        Ok(Self { kind, space, heads: record.heads(), hashes, contents: record.read() })
    }
}
