//! The server of a world: the real hub on a real SQLite file, with accounts and rights that the
//! world turns.

use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::{Arc, OnceLock},
};

use lianxin_server::{
    hub::Hub,
    store::{self, CaseSpaces, Device, DeviceKind, Durability, NewDevice, NewUser, Store, StoredRecord},
};
use lianxin_shared::{
    device::LeftBehind,
    id::{Actor, ChangeHash, DeviceId, Position, RecordId, SpaceId, UnitCode, UserId},
    record::{Edit, Record},
    rights::{self, Access, Person, Space},
    schema::Kind,
    wire::{Answer, AnswerHello, Outcome, Receipt, Request, SentChange},
};
use tokio::runtime::{self, Runtime};

use super::{
    Flaw,
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
    flaw: Flaw,
    /// The servers on the one store, each with a connection and a memory of its own.
    nodes: Vec<Node>,
    users: Vec<UserId>,
    standings: Vec<Standing>,
    spaces: Vec<Space>,
    devices: HashMap<DeviceId, Device>,
    /// Devices whose token has ended.
    ended: HashSet<DeviceId>,
    tokens: u64,
}

struct Node {
    store: Arc<dyn Store>,
    hub: Hub,
}

/// A store with the people, the spaces and the stations of every world: made once.
struct Founded {
    database: Vec<u8>,
    users: Vec<UserId>,
    spaces: Vec<Space>,
}

impl Server {
    pub(super) fn start(count: usize, flaw: Flaw, now_ms: i64) -> Self {
        static FOUNDED: OnceLock<Founded> = OnceLock::new();
        let Founded { database, users, spaces } = FOUNDED.get_or_init(|| found(now_ms));
        let runtime = runtime();
        let files = Scratch::new("world");
        fs::write(files.path().join(DATABASE), database).unwrap();
        let mut server = Self {
            runtime,
            files,
            backup: Scratch::new("backup"),
            restores: 0,
            flaw,
            nodes: Vec::new(),
            users: users.clone(),
            standings: vec![Standing::Full; CAST.len()],
            spaces: spaces.clone(),
            devices: HashMap::new(),
            ended: HashSet::new(),
            tokens: 0,
        };
        server.nodes = (0..count).map(|_| server.node()).collect();
        server
    }

    /// A process dies and comes back: what is in its memory is gone.
    pub(super) fn restart(&mut self, server: usize) {
        let at = server % self.nodes.len();
        let Node { store, hub } = self.nodes.remove(at);
        drop(hub);
        self.runtime.block_on(store.close());
        self.nodes.insert(at, self.node());
    }

    /// A copy of the files, taken while the servers are down.
    pub(super) fn back_up(&mut self) {
        self.down_while(|_, files, backup| copy(files, backup));
    }

    /// Another machine starts on the last copy; without one there is nothing to start on.
    pub(super) fn restore(&mut self) -> bool {
        if !self.backup.path().join(DATABASE).exists() {
            return false;
        }
        self.restores += 1;
        let renewed = (self.flaw != Flaw::ServerKeepsItsEpoch).then_some(EPOCH + self.restores);
        self.down_while(|runtime, files, backup| {
            copy(backup, files);
            // Before any server runs on it: each reads the epoch once, when it starts.
            if let Some(epoch) = renewed {
                let store = runtime.block_on(open(files));
                runtime.block_on(store.renew_epoch(epoch)).unwrap();
                runtime.block_on(store.close());
            }
        });
        true
    }

    fn down_while(&mut self, work: impl FnOnce(&Runtime, &Scratch, &Scratch)) {
        let count = self.nodes.len();
        for Node { store, hub } in self.nodes.drain(..) {
            drop(hub);
            self.runtime.block_on(store.close());
        }
        work(&self.runtime, &self.files, &self.backup);
        self.nodes = (0..count).map(|_| self.node()).collect();
    }

    fn node(&self) -> Node {
        let _inside = self.runtime.enter();
        let store = self.runtime.block_on(open(&self.files));
        Node { hub: Hub::new(store.clone()), store }
    }

    fn store(&self) -> &dyn Store {
        &*self.nodes[0].store
    }

    pub(super) fn sign_in(&mut self, member: Member, now_ms: i64) -> DeviceId {
        self.tokens += 1;
        let token = self.tokens.to_be_bytes();
        let device = NewDevice {
            user: self.users[member.0],
            kind: DeviceKind::Phone,
            label: member.name(),
            token_hash: &token,
            now_ms,
        };
        let id = self.runtime.block_on(self.store().create_device(device)).unwrap();
        let device = self.runtime.block_on(self.store().device_by_token(&token)).unwrap().expect("a device");
        self.devices.insert(id, device);
        id
    }

    /// What someone hears who signs in.
    pub(super) fn left_behind(&self, member: Member) -> Vec<LeftBehind> {
        // What the others hold in memory they have written down by then.
        for node in &self.nodes {
            self.runtime.block_on(node.hub.devices()).unwrap();
        }
        self.runtime.block_on(self.nodes[0].hub.left_behind(self.users[member.0])).unwrap()
    }

    pub(super) fn end_token(&mut self, device: DeviceId) {
        self.ended.insert(device);
    }

    pub(super) fn knows(&self, device: DeviceId) -> bool {
        !self.ended.contains(&device)
    }

    /// One exchange, from bytes to bytes.
    pub(super) fn exchange(
        &self,
        server: usize,
        device: DeviceId,
        person: &Person,
        body: &[u8],
        now_ms: i64,
    ) -> Result<Vec<u8>, String> {
        let request = Request::decode(body).map_err(|bad| format!("the request is unreadable: {bad:?}"))?;
        let hub = &self.nodes[server % self.nodes.len()].hub;
        let answer = hub.exchange(&self.devices[&device], person, request, now_ms);
        let answer = self.runtime.block_on(answer).map_err(|error| format!("the hub failed: {error}"))?;
        Ok(answer.encode())
    }

    /// What a server says that does not wait for its store: only for a flaw.
    pub(super) fn acknowledge_without_storing(&self, body: &[u8], now_ms: i64) -> Vec<u8> {
        let request = Request::decode(body).expect("a phone's request");
        let received = Outcome::Received { position: Position(1), received_ms: now_ms };
        let receipts = request.changes.iter().map(|_| Receipt { outcome: received.clone() }).collect();
        let hello = AnswerHello { epoch: EPOCH, server_time_ms: now_ms, ..AnswerHello::default() };
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
        self.runtime.block_on(self.store().changes_after(space, position, ALL_BYTES)).unwrap()
    }

    pub(super) fn record(&self, id: RecordId) -> Option<StoredRecord> {
        self.runtime.block_on(self.store().record(id)).unwrap()
    }

    pub(super) fn quarantined(&self) -> HashSet<ChangeHash> {
        let spaces: Vec<SpaceId> = self.spaces.iter().map(|space| space.id).collect();
        if self.flaw == Flaw::ServerThrowsAwayWhatItRefuses {
            return HashSet::new();
        }
        let refused =
            self.runtime.block_on(self.store().quarantine(&spaces, &CaseSpaces::default(), ALL_ROWS)).unwrap();
        refused.into_iter().map(|change| change.hash).collect()
    }

    /// Whose an actor is, as the server knows it.
    pub(super) fn owner(&self, actor: Actor) -> Option<UserId> {
        let authors = self.runtime.block_on(self.store().authors(&HashSet::from([actor]))).unwrap();
        authors.first().map(|author| author.user)
    }
}

fn runtime() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The store as every world finds it: the town has entered its stations.
fn found(now_ms: i64) -> Founded {
    let runtime = runtime();
    let files = Scratch::new("founding");
    let store = runtime.block_on(open(&files));
    let (users, spaces) = runtime.block_on(populate(&*store));
    runtime.block_on(enter_stations(store.clone(), users[FOUNDER.0], spaces[2].id, now_ms));
    runtime.block_on(store.close());
    let database = fs::read(files.path().join(DATABASE)).unwrap();
    Founded { database, users, spaces }
}

async fn enter_stations(store: Arc<dyn Store>, user: UserId, town: SpaceId, now_ms: i64) {
    let token = 0_u64.to_be_bytes();
    let device = NewDevice { user, kind: DeviceKind::Phone, label: FOUNDER.name(), token_hash: &token, now_ms };
    store.create_device(device).await.unwrap();
    let device = store.device_by_token(&token).await.unwrap().expect("a device");
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
    let person = Person { user, name: FOUNDER.name().into(), posts: FOUNDER.posts(Standing::Full) };
    let hub = Hub::new(store);
    let answer = hub.exchange(&device, &person, request, now_ms).await.unwrap();
    assert!(answer.receipts.iter().all(|receipt| matches!(receipt.outcome, Outcome::Received { .. })));
    hub.stop().await;
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
    (users, store.spaces().await.unwrap().to_vec())
}
