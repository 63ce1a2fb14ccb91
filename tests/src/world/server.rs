//! The server of a world: the real hub on a real SQLite file, with accounts and rights that the
//! world turns.

use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::Arc,
};

use lianxin_server::{
    hub::Hub,
    store::{self, Device, DeviceKind, Durability, NewDevice, NewUser, Store, StoredRecord},
};
use lianxin_shared::{
    id::{Actor, ChangeHash, DeviceId, Position, RecordId, SpaceId, UnitCode, UserId},
    record::{Edit, Record},
    rights::{self, Access, Person, Space},
    schema::Kind,
    wire::{Answer, AnswerHello, Outcome, Receipt, Request, SentChange},
};
use tokio::runtime::{self, Runtime};

use super::{
    cast::{CAST, Member, SPACES, STATIONS, Standing, station},
    writing,
};
use crate::scratch::Scratch;

pub(super) use lianxin_server::store::LogEntry as Logged;

/// Who has entered the stations before anyone arrives: the town.
pub(super) const FOUNDER: Member = Member(4);

/// Fixed, because it is in every answer.
const EPOCH: u64 = 77;
/// More than any world logs or refuses.
const ALL_BYTES: usize = usize::MAX;
const ALL_ROWS: u32 = u32::MAX;

pub(super) struct Server {
    runtime: Runtime,
    files: Scratch,
    backup: Scratch,
    /// So that no epoch comes twice.
    restores: u64,
    /// `None` only while it restarts.
    hub: Option<Hub>,
    store: Arc<dyn Store>,
    users: Vec<UserId>,
    standings: Vec<Standing>,
    spaces: Vec<Space>,
    devices: HashMap<DeviceId, Device>,
}

impl Server {
    pub(super) fn start(now_ms: i64) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let files = Scratch::new("world");
        let store = runtime.block_on(open(&files));
        let (users, spaces) = runtime.block_on(populate(&*store));
        let mut server = Self {
            runtime,
            files,
            backup: Scratch::new("backup"),
            restores: 0,
            hub: None,
            store,
            users,
            standings: vec![Standing::Full; CAST.len()],
            spaces,
            devices: HashMap::new(),
        };
        server.start_hub();
        server.found(now_ms);
        server
    }

    /// The process dies and comes back: what is in its memory is gone.
    pub(super) fn restart(&mut self) {
        self.down_while(|_, _| {});
    }

    /// A copy of the files, taken while the server is down.
    pub(super) fn back_up(&mut self) {
        self.down_while(copy);
    }

    /// Another machine starts on the last copy; without one there is nothing to start on.
    pub(super) fn restore(&mut self) {
        if !self.backup.path().join(DATABASE).exists() {
            return;
        }
        self.down_while(|files, backup| copy(backup, files));
        let epoch = self.runtime.block_on(self.store.epoch()).unwrap();
        self.restores += 1;
        self.runtime.block_on(self.store.renew_epoch(epoch + self.restores)).unwrap();
    }

    fn down_while(&mut self, work: impl FnOnce(&Scratch, &Scratch)) {
        self.hub = None;
        self.runtime.block_on(self.store.close());
        work(&self.files, &self.backup);
        self.store = self.runtime.block_on(open(&self.files));
        self.start_hub();
    }

    pub(super) fn sign_in(&mut self, member: Member, now_ms: i64) -> DeviceId {
        let token = (self.devices.len() as u64).to_be_bytes();
        let device = NewDevice {
            user: self.users[member.0],
            kind: DeviceKind::Phone,
            label: member.name(),
            token_hash: &token,
            now_ms,
        };
        let id = self.runtime.block_on(self.store.create_device(device)).unwrap();
        let device = self.runtime.block_on(self.store.device_by_token(&token)).unwrap().expect("a device");
        self.devices.insert(id, device);
        id
    }

    /// One exchange, from bytes to bytes.
    pub(super) fn exchange(
        &self,
        device: DeviceId,
        member: Member,
        body: &[u8],
        now_ms: i64,
    ) -> Result<Vec<u8>, String> {
        let request = Request::decode(body).map_err(|bad| format!("the request is unreadable: {bad:?}"))?;
        let hub = self.hub.as_ref().expect("the hub runs");
        let person = self.person(member);
        let answer = hub.exchange(&self.devices[&device], &person, request, now_ms);
        let answer = self.runtime.block_on(answer).map_err(|error| format!("the hub failed: {error}"))?;
        Ok(answer.encode())
    }

    /// What a server says that does not wait for its store: only for a flaw.
    pub(super) fn acknowledge_without_storing(&self, body: &[u8], now_ms: i64) -> Vec<u8> {
        let request = Request::decode(body).expect("a phone's request");
        let received = Outcome::Received { position: Position(1), received_ms: now_ms };
        let receipts = request.changes.iter().map(|_| Receipt { outcome: received.clone() }).collect();
        let hello = AnswerHello { epoch: EPOCH, server_time_ms: now_ms, more: false };
        Answer { hello, receipts, cursors: request.cursors, ..Answer::default() }.encode()
    }

    pub(super) fn grant(&mut self, member: Member, standing: Standing) {
        self.standings[member.0] = standing;
    }

    /// A member with the posts held now.
    pub(super) fn person(&self, member: Member) -> Person {
        let posts = member.posts(self.standings[member.0]);
        Person { user: self.users[member.0], name: member.name().into(), posts }
    }

    pub(super) fn spaces(&self) -> &[Space] {
        &self.spaces
    }

    pub(super) fn access(&self, person: &Person, space: SpaceId) -> Access {
        let space = self.spaces.iter().find(|known| known.id == space).expect("a space of this world");
        rights::best_access(person, space)
    }

    pub(super) fn may_write(&self, person: &Person, space: SpaceId) -> bool {
        self.access(person, space) == Access::Write
    }

    pub(super) fn log_after(&self, space: SpaceId, position: Position) -> Vec<Logged> {
        self.runtime.block_on(self.store.changes_after(space, position, ALL_BYTES)).unwrap()
    }

    pub(super) fn record(&self, id: RecordId) -> Option<StoredRecord> {
        self.runtime.block_on(self.store.record(id)).unwrap()
    }

    pub(super) fn quarantined(&self) -> HashSet<ChangeHash> {
        let spaces: Vec<SpaceId> = self.spaces.iter().map(|space| space.id).collect();
        let refused = self.runtime.block_on(self.store.quarantine(&spaces, ALL_ROWS)).unwrap();
        refused.into_iter().map(|change| change.hash).collect()
    }

    fn start_hub(&mut self) {
        let _inside = self.runtime.enter();
        self.hub = Some(Hub::new(self.store.clone()));
    }

    /// The town enters its stations.
    fn found(&mut self, now_ms: i64) {
        let device = self.sign_in(FOUNDER, now_ms);
        let town = self.spaces[2].id;
        let changes = STATIONS.map(|code| {
            let mut record = Record::new(Kind::Station, station(code));
            let edits = [
                Edit::put("code", code),
                Edit::put("name", format!("{}站", writing::mark(town))),
                Edit::put("kind", "station"),
                Edit::put("unit", RecordId([2; 16])),
                Edit::put("state", "open"),
            ];
            let change = record.edit(Actor([9; 16]), now_ms, None, &edits).unwrap().expect("a change");
            let (kind, record) = (Kind::Station as u8, record.id());
            SentChange { space: town, kind, record, hash: change.hash, bytes: change.bytes }
        });
        let request = Request { changes: changes.into(), ..Request::default() };
        self.exchange(device, FOUNDER, &request.encode(), now_ms).unwrap();
    }
}

const DATABASE: &str = "store.db";

/// All files of a database that is closed.
fn copy(from: &Scratch, to: &Scratch) {
    for folder in [from, to] {
        // What SQLite leaves beside a database belongs to that database only.
        for rest in ["store.db-wal", "store.db-shm"] {
            let _ = fs::remove_file(folder.path().join(rest));
        }
    }
    fs::copy(from.path().join(DATABASE), to.path().join(DATABASE)).unwrap();
}

async fn open(files: &Scratch) -> Arc<dyn Store> {
    let location = files.path().join(DATABASE).to_string_lossy().into_owned();
    // A world's power does not fail; its processes do.
    let options = store::Options { location, epoch: Some(EPOCH), durability: Durability::Process };
    store::open_with(options).await.expect("a database")
}

async fn populate(store: &dyn Store) -> (Vec<UserId>, Vec<Space>) {
    for (kind, unit) in SPACES {
        store.create_space(kind, &UnitCode(unit.into()), unit).await.unwrap();
    }
    let mut users = Vec::new();
    for member in (0..CAST.len()).map(Member) {
        let (login, posts) = (format!("member{}", member.0), member.posts(Standing::Full));
        let user = NewUser { login, name: member.name().into(), password_hash: String::new(), posts };
        users.push(store.create_user(user).await.unwrap().expect("a login of its own"));
    }
    (users, store.spaces().await.unwrap())
}
