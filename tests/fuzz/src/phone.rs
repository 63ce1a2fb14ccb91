//! The phone: answers, stored bytes, the live signal.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use lianxin_shared::{
    device::{Command, Device, Filter, Prepared, Store, Target},
    id::{Actor, DeviceId, RecordId, SpaceId, UnitCode, UserId},
    record::Edit,
    rights::{Access, Person, Post, Role, Space, SpaceKind},
    schema::Kind,
    sorted::Map,
    wire::{Answer, AnswerHello, GrantedSpace, Grants},
};

/// The phone's reader, which a browser cannot lend us: it is compiled here as it stands there.
#[path = "../../../client-wasm/src/sse.rs"]
mod sse;

pub(super) const NOW: i64 = 1_767_225_600_000;
pub(super) const EPOCH: u64 = 77;
pub(super) const SPACE: SpaceId = SpaceId(3);
const STATION: &str = "520303108S01";
const MANDATE: RecordId = RecordId([7; 16]);
const SESSIONS: [Actor; 2] = [Actor([1; 16]), Actor([2; 16])];

/// A phone's storage.
type Stored = BTreeMap<(Store, String), Vec<u8>>;

/// Bytes that a server answered with: read, merged, stored, shown, and the phone opens again. The phone has one
/// unsent voice, whose receipt the answer has to bring.
pub(super) fn receive(bytes: &[u8]) {
    let Ok(answer) = Answer::decode(bytes) else { return };
    let (mut device, mut stored) = (open(SESSIONS[1], &SIGNED_IN), SIGNED_IN.clone());
    let exchange = device.exchange(NOW, "fuzz", u64::MAX);
    // The second time is the answer that comes twice.
    for _ in 0..2 {
        let docs: Map<_, _> = device
            .records_needed(&answer)
            .into_iter()
            .filter_map(|id| Some((id, stored.get(&(Store::Docs, id.to_string()))?.clone())))
            .collect();
        let cases: Map<_, _> = device
            .cases_needed(&answer)
            .into_iter()
            .filter_map(|id| Some((id, stored.get(&(Store::Cases, id.to_string()))?.clone())))
            .collect();
        // A phone takes the changes of its own server, which has inspected them, as they are: what makes the merge engine
        // panic cannot come from there. Whatever else an answer says must hold.
        let prepared = AssertUnwindSafe(|| device.prepare_receive(&exchange, &answer, &docs, &cases, NOW).ok());
        let Ok(Some(prepared)) = catch_unwind(prepared) else { break };
        store(&mut device, &mut stored, prepared);
    }
    let shown = show(&device, &stored);
    assert_eq!(shown, show(&open(SESSIONS[1], &stored), &stored), "what is stored is what was believed");
}

/// Entries of the phone's stores: store, length of the key, key, length of the value (two bytes), value.
pub(super) fn open_stored(bytes: &[u8]) {
    let Some(stored) = entries(bytes) else { return };
    let loaded = stored.into_iter().filter(|(store, ..)| Store::LOADED_AT_START.contains(store));
    let Ok(device) = Device::open(SESSIONS[1], loaded) else { return };
    let exchange = device.exchange(NOW, "fuzz", u64::MAX);
    lianxin_shared::wire::Request::decode(&exchange.body).unwrap();
    show(&device, &Stored::new());
}

fn entries(mut bytes: &[u8]) -> Option<Vec<(Store, String, Vec<u8>)>> {
    let mut entries = Vec::new();
    while let Some((store, rest)) = bytes.split_first() {
        let store = *Store::ALL.get(usize::from(*store))?;
        let (key_length, rest) = rest.split_first()?;
        let (key, rest) = rest.split_at_checked(usize::from(*key_length))?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        entries.push((store, String::from_utf8(key.to_vec()).ok()?, value.to_vec()));
        bytes = rest;
    }
    Some(entries)
}

/// The bytes of the live stream, cut here and there: the same signals.
pub(super) fn live_signal(bytes: &[u8]) {
    let whole = sse::Reader::default().read(bytes);
    for portion in [1, 3, 1000] {
        let mut reader = sse::Reader::default();
        let read: Vec<_> = bytes.chunks(portion).flat_map(|bytes| reader.read(bytes)).collect();
        assert_eq!(read, whole);
    }
}

/// A deputy's phone with one voice that waits for the server.
pub(super) static SIGNED_IN: LazyLock<Stored> = LazyLock::new(|| {
    let (mut device, mut stored) = (open(SESSIONS[0], &Stored::new()), Stored::new());
    let prepared = device.prepare_sign_in(DeviceId(7));
    store(&mut device, &mut stored, prepared);
    let first = device.exchange(NOW, "fuzz", 0);
    let answer = Answer { hello: hello(), grants: Some(grants()), ..Answer::default() };
    let prepared = device.prepare_receive(&first, &answer, &Map::new(), &Map::new(), NOW).unwrap();
    store(&mut device, &mut stored, prepared);
    let edits = vec![
        Edit::put("slip_no", "7-001"),
        Edit::put("channel", "visit"),
        Edit::put("date", "2026-01-01"),
        Edit::add("collectors", MANDATE),
        Edit::write("summary", "饮水管网老化"),
    ];
    let command = Command { target: Target::New { new: Kind::Voice, space: SPACE }, base: None, edits };
    let (_, prepared) = device.prepare_edit(&command, None, NOW).unwrap();
    store(&mut device, &mut stored, prepared);
    stored
});

pub(super) fn hello() -> AnswerHello {
    AnswerHello { epoch: EPOCH, server_time_ms: NOW, ..AnswerHello::default() }
}

pub(super) fn grants() -> Grants {
    let unit = UnitCode(STATION.into());
    let post = Post { role: Role::Deputy, unit: unit.clone(), mandate: Some(MANDATE) };
    let space =
        Space { id: SPACE, kind: SpaceKind::Station, unit, name: "竹元村联络室".into(), parties: Vec::new() };
    Grants {
        mark: 5,
        person: Person { user: UserId(12), name: "黄光明".into(), posts: vec![post] },
        spaces: vec![GrantedSpace { space, access: Access::Write }],
    }
}

fn open(session: Actor, stored: &Stored) -> Device {
    let entries = stored.iter().filter(|((store, _), _)| Store::LOADED_AT_START.contains(store));
    Device::open(session, entries.map(|((store, key), value)| (*store, key.clone(), value.clone()))).unwrap()
}

fn store(device: &mut Device, stored: &mut Stored, prepared: Prepared) {
    for write in &prepared.writes {
        let key = (write.store, write.key.clone());
        match &write.value {
            Some(value) => drop(stored.insert(key, value.clone())),
            None => drop(stored.remove(&key)),
        }
    }
    device.commit(prepared);
}

/// Everything that the screen could show.
fn show(device: &Device, stored: &Stored) -> String {
    let filter = Filter { kinds: Kind::ALL.into(), ..Filter::default() };
    let rows = device.list(&filter);
    let mut shown = format!("{:?} {:?} {rows:?}", device.account(), device.last_success_ms());
    for row in rows {
        if let Some(doc) = stored.get(&(Store::Docs, row.id.to_string())) {
            let case = stored.get(&(Store::Cases, row.id.to_string())).map(Vec::as_slice);
            let view = device.view(row.id, doc, case).unwrap();
            shown.push_str(&serde_json::to_string(&view).unwrap());
        }
    }
    shown
}
