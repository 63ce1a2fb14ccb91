//! Records that are on the server before anything is measured.

use std::{collections::BTreeMap, sync::Arc};

use lianxin_server::{
    hub::Hub,
    store::{Decision, Device, NewLogEntry, Snapshot, Store, StoredRecord, WritePlan},
};
use lianxin_shared::{
    id::{Actor, ChangeHash, DeviceId, Position, RecordId, SpaceId},
    record::{Edit, Record},
    schema::Kind,
    summary::summarize,
    wire::{Outcome, Request, SentChange},
};
use sha2::{Digest, Sha256};

use super::{people::Badge, workload::Entry};

/// Records that one phone makes in one session: an app is opened, used for a day or two, closed.
const RECORDS_PER_SESSION: usize = 20;
/// Changes that are handed in together.
const CHANGES_AT_ONCE: usize = 500;

/// Enters records through the hub, in this process, by the phones of these deputies in turn.
pub(super) async fn enter(store: &Arc<dyn Store>, badges: &[Badge], entries: impl Iterator<Item = &Entry>) {
    let hub = Hub::new(store.clone());
    let devices = devices(&**store, badges).await;
    let mut waiting: BTreeMap<usize, Vec<SentChange>> = BTreeMap::new();
    for (number, entry) in entries.enumerate() {
        let session = number / RECORDS_PER_SESSION;
        let badge = session % badges.len();
        let (_, change) = first_change(&badges[badge], actor(session), number as u64, entry);
        let changes = waiting.entry(badge).or_default();
        changes.push(change);
        if changes.len() >= CHANGES_AT_ONCE {
            hand_in(&hub, &badges[badge], &devices[badge], std::mem::take(changes), entry.created_ms()).await;
        }
    }
    for (badge, changes) in waiting {
        hand_in(&hub, &badges[badge], &devices[badge], changes, 0).await;
    }
    hub.stop().await;
}

/// Enters so many records of each phone, and gives them back, so that they can be edited.
pub(super) async fn enter_held(
    store: &Arc<dyn Store>,
    badges: &[Badge],
    per_badge: usize,
    entries: &[Entry],
) -> Vec<Vec<(Record, Entry)>> {
    let hub = Hub::new(store.clone());
    let devices = devices(&**store, badges).await;
    let mut entries = entries.iter().cycle();
    let mut held = Vec::with_capacity(badges.len());
    for (place, (badge, device)) in badges.iter().zip(&devices).enumerate() {
        let session = actor(place);
        let (mut records, mut changes) = (Vec::new(), Vec::new());
        for (number, entry) in (0..per_badge as u64).zip(&mut entries) {
            let (record, change) = first_change(badge, session, number, entry);
            records.push((record, entry.clone()));
            changes.push(change);
        }
        hand_in(&hub, badge, device, changes, 0).await;
        held.push(records);
    }
    hub.stop().await;
    held
}

/// Stores records beside those that are there, past the hub: real documents, rows and changes, each
/// of a few hundred copied many times under new ids and hashes. Nobody downloads or edits them; they
/// fill tables and indexes as real ones would, in minutes instead of hours.
pub(super) async fn copy(
    store: &Arc<dyn Store>,
    badges: &[Badge],
    entries: &[Entry],
    count: usize,
) -> anyhow::Result<()> {
    let devices = devices(&**store, badges).await;
    let models: Vec<Model> =
        entries.iter().take(MODELS).enumerate().map(|(n, entry)| Model::of(badges, n, entry)).collect();
    let mut left = count;
    let mut from = 0;
    while left > 0 {
        let (badge, at_once) = (&badges[from % badges.len()], left.min(COPIES_AT_ONCE));
        let device = devices[from % badges.len()].id;
        let space = badge.deputy.space;
        let (models, plan) = (models.clone(), WritePlan { spaces: vec![space], ..WritePlan::default() });
        let decide = move |snapshot: Snapshot| {
            let end = snapshot.spaces.get(&space).map_or(Position(0), |(_, end)| *end);
            copies(&models, device, space, end, at_once)
        };
        store.write(plan, Box::new(decide)).await?;
        (left, from) = (left - at_once, from + 1);
    }
    Ok(())
}

/// Different records that are copied.
const MODELS: usize = 200;
/// Copies in one transaction.
const COPIES_AT_ONCE: usize = 2_000;

#[derive(Clone)]
struct Model {
    stored: StoredRecord,
    change: Vec<u8>,
}

impl Model {
    fn of(badges: &[Badge], number: usize, entry: &Entry) -> Self {
        let badge = &badges[number % badges.len()];
        let (record, change) = first_change(badge, actor(usize::MAX), number as u64, entry);
        let at_ms = entry.created_ms();
        let stored = StoredRecord {
            kind: Kind::Activity,
            space: badge.deputy.space,
            doc: record.save(),
            summary: summarize(&record.read()),
            created_ms: at_ms,
            updated_ms: at_ms,
        };
        Self { stored, change: change.bytes }
    }
}

fn copies(models: &[Model], device: DeviceId, space: SpaceId, end: Position, count: usize) -> Decision {
    let session = Actor(rand::random());
    let mut decision = Decision { actors: vec![(session, device)], ..Decision::default() };
    for number in 0..count {
        let model = &models[number % models.len()];
        let id = RecordId(rand::random());
        decision.changes.push(NewLogEntry {
            space,
            position: Position(end.0 + 1 + number as u64),
            record: id,
            kind: Kind::Activity,
            hash: ChangeHash(rand::random()),
            actor: session,
            device,
            device_time_ms: model.stored.created_ms,
            received_ms: model.stored.created_ms,
            bytes: model.change.clone(),
        });
        decision.records.push((id, StoredRecord { space, ..model.stored.clone() }));
    }
    decision
}

/// A new activity, and the change that makes it.
pub(super) fn first_change(badge: &Badge, session: Actor, number: u64, entry: &Entry) -> (Record, SentChange) {
    let mut record = Record::new(Kind::Activity, RecordId::minted(&session, number, entry.created_ms()));
    let edits = [vec![Edit::put("author", badge.deputy.mandate)], entry.edits()].concat();
    let change = next_change(badge, session, &mut record, &edits, entry.created_ms());
    (record, change)
}

/// One more change of a record.
pub(super) fn next_change(
    badge: &Badge,
    session: Actor,
    record: &mut Record,
    edits: &[Edit],
    now_ms: i64,
) -> SentChange {
    let change = record.edit(session, now_ms, None, edits).unwrap().expect("an edit that changes something");
    SentChange {
        space: badge.deputy.space,
        kind: Kind::Activity as u8,
        record: record.id(),
        hash: change.hash,
        bytes: change.bytes,
    }
}

/// The actor of a session, the same in every run.
pub(super) fn actor(session: usize) -> Actor {
    let hash = Sha256::digest(format!("session {session}"));
    Actor(hash[..16].try_into().expect("16 of 32 bytes"))
}

/// The devices as the store knows them.
pub(super) async fn devices(store: &dyn Store, badges: &[Badge]) -> Vec<Device> {
    let mut devices = Vec::with_capacity(badges.len());
    for badge in badges {
        devices.push(store.device_by_token(&badge.token.hash()).await.unwrap().expect("a signed-in phone"));
    }
    devices
}

async fn hand_in(hub: &Hub, badge: &Badge, device: &Device, changes: Vec<SentChange>, now_ms: i64) {
    let request = Request { changes, ..Request::default() };
    let answer = hub.exchange(device, &badge.deputy.person, request, now_ms).await.unwrap();
    let taken = answer.receipts.iter().all(|receipt| matches!(receipt.outcome, Outcome::Received { .. }));
    assert!(taken, "a record of the workload was not taken");
}
