//! The phone app without a browser: the real device core around a disk in memory.

use std::collections::BTreeMap;

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use lianxin_shared::{
    case::{Act, Facts},
    device::{Command, Device, Exchange, Filing, Filter, Prepared, Seal, Store, Target},
    id::{Actor, DeviceId, RecordId, SealedId},
    record::{self, Edit, Record},
    schema::Kind,
    sealed::{self, Basis, NOTICE_VERSION},
    sorted::Map,
    wire::{Answer, Parcel, ParcelContents, act_fields},
};

use crate::{disk::Disk, office::NOW};

/// What it is asked to do becomes durable first, and is believed then.
pub struct Handset {
    pub device: Device,
    pub disk: Disk,
}

impl Handset {
    /// A new one.
    pub fn new(session: Actor) -> Self {
        Self::on(Disk::default(), session)
    }

    /// The app starts on what is stored.
    pub fn on(disk: Disk, session: Actor) -> Self {
        Self { device: Device::open(session, disk.loaded_at_start()).unwrap(), disk }
    }

    /// The app is closed, or updated, and starts anew.
    pub fn reopen(&mut self, session: Actor) {
        self.device = Device::open(session, self.disk.loaded_at_start()).unwrap();
    }

    pub fn keep(&mut self, prepared: Prepared) {
        self.disk.store(&prepared.writes);
        self.device.commit(prepared);
    }

    /// What an answer is about to change.
    pub fn prepare_receive(&self, exchange: &Exchange, answer: &Answer, now_ms: i64) -> Prepared {
        let needed = self.device.records_needed(answer).into_iter();
        let docs: Map<_, _> = needed.filter_map(|id| Some((id, self.doc(id)?.to_vec()))).collect();
        let needed = self.device.cases_needed(answer).into_iter();
        let cases: Map<_, _> = needed.filter_map(|id| Some((id, self.case(id)?.to_vec()))).collect();
        self.device.prepare_receive(exchange, answer, &docs, &cases, now_ms).unwrap()
    }

    pub fn receive(&mut self, exchange: &Exchange, answer: &Answer, now_ms: i64) {
        let prepared = self.prepare_receive(exchange, answer, now_ms);
        self.keep(prepared);
    }

    pub fn edit(&mut self, target: Target, edits: Vec<Edit>) -> RecordId {
        let command = Command { target, base: None, edits };
        let doc = command.record().and_then(|id| self.doc(id));
        let (id, prepared) = self.device.prepare_edit(&command, doc, NOW).unwrap();
        self.keep(prepared);
        id
    }

    /// 提交.
    pub fn hand_in(&mut self, record: RecordId) {
        let text = Facts::of(&self.contents(record)).text;
        let act = act_fields(&Act::Submit { text, declared: true, again: None });
        let filing = Filing { record, act, proxy: None, replaces: None };
        let (_, prepared) = self.device.prepare_request(&filing, self.doc(record), NOW).unwrap();
        self.keep(prepared);
    }

    /// Writes about the villager behind a voice; anew, or over what was written.
    pub fn seal(&mut self, id: Option<SealedId>, voice: RecordId, contents: sealed::Contents) -> SealedId {
        let (id, prepared) = self.device.prepare_seal(&Seal { id, voice, contents }).unwrap();
        self.keep(prepared);
        id
    }

    /// The records that are listed, of all kinds.
    pub fn listed(&self) -> BTreeMap<RecordId, Kind> {
        let everything = Filter { kinds: Kind::ALL.into(), ..Filter::default() };
        self.device.list(&everything).iter().map(|row| (row.id, row.kind)).collect()
    }

    /// What a listed record says.
    pub fn contents(&self, record: RecordId) -> record::Contents {
        let kind = self.listed()[&record];
        Record::of_stored(kind, record, self.doc(record).unwrap()).unwrap().read()
    }

    /// A record as it is stored.
    pub fn doc(&self, id: RecordId) -> Option<&[u8]> {
        self.disk.get(Store::Docs, &id.to_string())
    }

    /// A record's case as it is stored.
    pub fn case(&self, id: RecordId) -> Option<&[u8]> {
        self.disk.get(Store::Cases, &id.to_string())
    }
}

/// A phone's file (手机文件), as a browser locks it with the key of its device.
pub fn lock(device: DeviceId, key: &[u8; 32], contents: &ParcelContents) -> Vec<u8> {
    let nonce = rand::random();
    let payload = Payload { msg: &contents.encode(), aad: &Parcel::head(device, &nonce) };
    let locked = Aes256Gcm::new(&(*key).into()).encrypt(&nonce.into(), payload).unwrap();
    Parcel { device, nonce, locked }.encode()
}

/// A villager who agreed.
pub fn villager(name: &str, phone: &str) -> sealed::Contents {
    sealed::Contents {
        alias: "金大爷".into(),
        name: name.into(),
        phone: phone.into(),
        address: String::new(),
        note: String::new(),
        basis: Basis::Consent,
        notice_version: NOTICE_VERSION.into(),
        noticed_ms: NOW,
        consent_by: String::new(),
        sensitive: Default::default(),
        newer: Vec::new(),
    }
}
