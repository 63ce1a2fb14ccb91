//! A phone in this process: the app's engine around a store of its own on disk.
//!
//! What `client-wasm/src/sync.rs` does, without a view: page sizes, what follows an answer, and how
//! long to wait after a failure are the app's own modules.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use lianxin_shared::{
    device::{Command, Device, Exchange, Prepared, Store, Target, Write},
    id::{Actor, RecordId},
    record::{Contents, Edit, Record},
    schema::Kind,
    sorted::Map,
    wire::Answer,
};
use sqlx::{
    Connection as _, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::sleep;

use super::{
    app::{
        backoff::Backoff,
        pages::{Carried, Pages},
        verdict::{self, Failure, Next},
    },
    http::{Connection, compressed},
    people::Badge,
};

const APP_VERSION: &str = "0.1.0";
/// Exchanges after which a phone that still has something to do is stuck.
const EXCHANGES_MAX: u32 = 10_000;
/// How long one coming to rest may take.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// What coming to rest took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Effort {
    /// Bytes of bodies of completed exchanges, as they travelled.
    pub(super) body_up: u64,
    pub(super) body_down: u64,
    pub(super) exchanges: u32,
    /// Exchanges that brought nothing.
    pub(super) failures: u32,
    /// Until the last change that waited was acknowledged; and until nothing more was to be done.
    pub(super) acknowledged_s: f64,
    pub(super) seconds: f64,
    /// Until the first page of records was stored.
    pub(super) first_page_s: f64,
}

pub(super) struct Phone {
    badge: Badge,
    device: Device,
    disk: Disk,
    connection: Connection,
    pages: Pages,
    backoff: Backoff,
}

impl Phone {
    /// A phone that has just signed in: it holds nothing yet.
    pub(super) async fn new(badge: Badge, file: &Path, connection: Connection) -> Self {
        let mut disk = Disk::open(file).await;
        let stored = disk.load().await;
        let device = Device::open(Actor(rand::random()), stored).expect("what this phone stored is readable");
        let signed_in = device.prepare_sign_in(badge.device);
        let mut phone = Self { badge, device, disk, connection, pages: Pages::default(), backoff: Backoff::default() };
        phone.store(signed_in).await;
        phone
    }

    /// Reaches the server by another line.
    pub(super) fn connect(&mut self, connection: Connection) {
        self.connection = connection;
        self.pages = Pages::default();
    }

    pub(super) fn unsent(&self) -> usize {
        self.device.unsent()
    }

    /// Records an activity of this phone's deputy; durable when this returns.
    pub(super) async fn create(&mut self, edits: Vec<Edit>, now_ms: i64) -> RecordId {
        let target = Target::New { new: Kind::Activity, space: self.badge.deputy.space };
        self.edit(Command { target, base: None, edits }, now_ms).await
    }

    pub(super) async fn revise(&mut self, record: RecordId, edits: Vec<Edit>, now_ms: i64) {
        self.edit(Command { target: Target::Existing { record }, base: None, edits }, now_ms).await;
    }

    async fn edit(&mut self, command: Command, now_ms: i64) -> RecordId {
        let document = match command.record() {
            Some(id) => self.disk.entry(Store::Docs, id).await,
            None => None,
        };
        let (id, prepared) = self.device.prepare_edit(&command, document.as_deref(), now_ms).expect("a fitting edit");
        self.store(prepared).await;
        id
    }

    /// What the phone says of a record.
    pub(super) async fn contents(&mut self, id: RecordId) -> Option<Contents> {
        let document = self.disk.entry(Store::Docs, id).await?;
        Some(Record::of_stored(Kind::Activity, id, &document).expect("a stored document").read())
    }

    /// Exchanges until nothing is left to be sent or fetched, through whatever the line does.
    ///
    /// # Errors
    /// When it does not come to rest within bounds, or is turned away.
    pub(super) async fn sync(&mut self) -> anyhow::Result<Effort> {
        let began = Instant::now();
        let mut effort = Effort::default();
        while effort.exchanges + effort.failures < EXCHANGES_MAX && began.elapsed() < PATIENCE {
            let end = self.exchange(&mut effort, began).await;
            if self.unsent() == 0 && effort.acknowledged_s == 0.0 {
                effort.acknowledged_s = began.elapsed().as_secs_f64();
            }
            match end {
                Ok(Next::Again) => {}
                Ok(Next::Idle) => {
                    self.backoff.reset();
                    effort.seconds = began.elapsed().as_secs_f64();
                    return Ok(effort);
                }
                Ok(Next::Stuck) => self.pause().await,
                Err(failure @ (Failure::SignInNeeded { .. } | Failure::UpdateNeeded)) => {
                    anyhow::bail!("turned away: {failure:?}")
                }
                Err(Failure::Network | Failure::Server { .. } | Failure::Smaller) => {
                    effort.failures += 1;
                    self.pause().await;
                }
            }
        }
        anyhow::bail!("did not come to rest: {effort:?}, {} unsent", self.unsent())
    }

    async fn pause(&mut self) {
        let ms = self.backoff.next_ms(rand::random());
        sleep(Duration::from_millis(ms.unsigned_abs())).await;
    }

    /// One exchange, from the outbox to the stored answer.
    async fn exchange(&mut self, effort: &mut Effort, began: Instant) -> Result<Next, Failure> {
        let Pages { upload, download, .. } = self.pages;
        let exchange = self.device.exchange_within(now_ms(), APP_VERSION, upload, download);
        let body = compressed(&exchange.body);
        let asked = Instant::now();
        let reply = self.connection.exchange(self.badge.token.secret(), &body).await;
        let network_ms = ms(asked.elapsed());
        let reply = reply.map_err(|_| Failure::Network);
        if let Ok(reply) = &reply {
            effort.exchanges += 1;
            effort.body_up += body.bytes.len() as u64;
            effort.body_down += reply.body_bytes;
        }
        let down = reply.as_ref().map_or(0, |reply| reply.body.len());
        let answer = reply.and_then(|reply| verdict::of_exchange(reply.status, &reply.body));
        let answer = answer.inspect_err(|failure| match failure {
            Failure::Smaller => self.pages.shrink_upload(),
            Failure::Network => self.pages.broke_off(),
            _ => {}
        })?;
        let carried = Carried { up: exchange.body.len(), down, network_ms, merging_ms: 0 };
        self.believe(&exchange, &answer, carried).await;
        if answer.brings_something() && effort.first_page_s == 0.0 {
            effort.first_page_s = began.elapsed().as_secs_f64();
        }
        Ok(verdict::next(exchange.carries(), &answer, self.device.sendable()))
    }

    async fn believe(&mut self, exchange: &Exchange, answer: &Answer, carried: Carried) {
        let began = Instant::now();
        let mut documents = Map::new();
        for id in self.device.records_needed(answer) {
            if let Some(document) = self.disk.entry(Store::Docs, id).await {
                documents.insert(id, document);
            }
        }
        let mut cases = Map::new();
        for id in self.device.cases_needed(answer) {
            if let Some(events) = self.disk.entry(Store::Cases, id).await {
                cases.insert(id, events);
            }
        }
        let prepared = self.device.prepare_receive(exchange, answer, &documents, &cases, now_ms());
        let prepared = prepared.expect("a fitting answer");
        self.store(prepared).await;
        self.pages.went_well(Carried { merging_ms: ms(began.elapsed()), ..carried });
    }

    /// Makes an operation durable, then believes it.
    async fn store(&mut self, prepared: Prepared) {
        self.disk.write(&prepared.writes).await;
        self.device.commit(prepared);
    }
}

/// The phone's storage: a database file, durable at every write.
struct Disk(SqliteConnection);

impl Disk {
    async fn open(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let create = "create table if not exists entries \
             (store text not null, key text not null, value blob not null, primary key (store, key)) without rowid";
        sqlx::query(create).execute(&mut connection).await.unwrap();
        Self(connection)
    }

    /// What is loaded at start.
    async fn load(&mut self) -> Vec<(Store, String, Vec<u8>)> {
        let mut entries = Vec::new();
        for store in Store::LOADED_AT_START {
            let select = sqlx::query("select key, value from entries where store = $1").bind(store.name());
            let rows = select.fetch_all(&mut self.0).await.unwrap();
            entries.extend(rows.iter().map(|row| (store, row.get(0), row.get(1))));
        }
        entries
    }

    async fn entry(&mut self, store: Store, id: RecordId) -> Option<Vec<u8>> {
        let select = sqlx::query("select value from entries where store = $1 and key = $2");
        let row = select.bind(store.name()).bind(id.to_string()).fetch_optional(&mut self.0).await.unwrap();
        row.map(|row| row.get(0))
    }

    async fn write(&mut self, writes: &[Write]) {
        const PUT: &str = "insert into entries (store, key, value) values ($1, $2, $3) \
             on conflict (store, key) do update set value = excluded.value";
        const DELETE: &str = "delete from entries where store = $1 and key = $2";
        let mut transaction = self.0.begin().await.unwrap();
        for Write { store, key, value } in writes {
            let query = match value {
                Some(value) => sqlx::query(PUT).bind(store.name()).bind(key.as_str()).bind(value.as_slice()),
                None => sqlx::query(DELETE).bind(store.name()).bind(key.as_str()),
            };
            query.execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
}

pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, ms)
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
