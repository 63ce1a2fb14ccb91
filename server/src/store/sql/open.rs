//! Opening a database: connect, migrate, read the epoch.

use std::{
    borrow::Cow,
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use rand::RngExt;
use sqlx::{
    Pool, Postgres, SqlSafeStr, Sqlite,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Semaphore;

use super::{
    SqlStore,
    engine::{Columns, Engine},
    signals::Signals,
    spaces::Spaces,
    statement::Statement,
};
use crate::store::{Result, Store, StoreError};

/// Connections to one database: readers beside the writer.
const CONNECTIONS_MAX: u32 = 10;
/// How long a statement waits for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);
/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 256;
/// SQLite's page cache per connection, in KiB (negative, as the pragma wants it).
const PAGE_CACHE_KIB: &str = "-16384";
/// Pages of 4 KiB in the write-ahead log before they are copied into the database: a page that many writes touch is
/// copied once.
const PAGES_PER_CHECKPOINT: &str = "4000";
/// What undoes a statement of many rows is kept in memory, not in a file.
const TEMP_STORE_MEMORY: &str = "2";
/// What is freed is overwritten, always: what has to be destroyed one day leaves its traces with each edit before.
const OVERWRITE_DELETED: &str = "on";
const IN_MEMORY: &str = ":memory:";
const EPOCH: &str = "epoch";

const SQLITE_MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("../../../migrations/sqlite/0001_initial.sql")),
    (2, "snapshot", include_str!("../../../migrations/sqlite/0002_snapshot.sql")),
    (3, "cases", include_str!("../../../migrations/sqlite/0003_cases.sql")),
    (4, "sealed", include_str!("../../../migrations/sqlite/0004_sealed.sql")),
    (5, "case_spaces", include_str!("../../../migrations/sqlite/0005_case_spaces.sql")),
    (6, "blobs", include_str!("../../../migrations/sqlite/0006_blobs.sql")),
    (7, "refused_by_user", include_str!("../../../migrations/sqlite/0007_refused_by_user.sql")),
    (8, "exits", include_str!("../../../migrations/sqlite/0008_exits.sql")),
    (9, "former_posts", include_str!("../../../migrations/sqlite/0009_former_posts.sql")),
    (10, "foundings", include_str!("../../../migrations/sqlite/0010_foundings.sql")),
    (11, "rates", include_str!("../../../migrations/sqlite/0011_rates.sql")),
    (12, "one_space", include_str!("../../../migrations/sqlite/0012_one_space.sql")),
    (13, "console", include_str!("../../../migrations/sqlite/0013_console.sql")),
    (16, "settled", include_str!("../../../migrations/sqlite/0016_settled.sql")),
    (17, "one_time_passwords", include_str!("../../../migrations/sqlite/0017_one_time_passwords.sql")),
    (18, "issued", include_str!("../../../migrations/sqlite/0018_issued.sql")),
    (19, "signed_out", include_str!("../../../migrations/sqlite/0019_signed_out.sql")),
    (20, "refused", include_str!("../../../migrations/sqlite/0020_refused.sql")),
    (21, "published", include_str!("../../../migrations/sqlite/0021_published.sql")),
    (23, "apart", include_str!("../../../migrations/sqlite/0023_apart.sql")),
    (24, "releases", include_str!("../../../migrations/sqlite/0024_releases.sql")),
];
const POSTGRES_MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("../../../migrations/postgres/0001_initial.sql")),
    (2, "snapshot", include_str!("../../../migrations/postgres/0002_snapshot.sql")),
    (3, "cases", include_str!("../../../migrations/postgres/0003_cases.sql")),
    (4, "sealed", include_str!("../../../migrations/postgres/0004_sealed.sql")),
    (5, "case_spaces", include_str!("../../../migrations/postgres/0005_case_spaces.sql")),
    (6, "blobs", include_str!("../../../migrations/postgres/0006_blobs.sql")),
    (7, "refused_by_user", include_str!("../../../migrations/postgres/0007_refused_by_user.sql")),
    (8, "exits", include_str!("../../../migrations/postgres/0008_exits.sql")),
    (9, "former_posts", include_str!("../../../migrations/postgres/0009_former_posts.sql")),
    (10, "foundings", include_str!("../../../migrations/postgres/0010_foundings.sql")),
    (11, "rates", include_str!("../../../migrations/postgres/0011_rates.sql")),
    (12, "one_space", include_str!("../../../migrations/postgres/0012_one_space.sql")),
    (13, "console", include_str!("../../../migrations/postgres/0013_console.sql")),
    (16, "settled", include_str!("../../../migrations/postgres/0016_settled.sql")),
    (17, "one_time_passwords", include_str!("../../../migrations/postgres/0017_one_time_passwords.sql")),
    (18, "issued", include_str!("../../../migrations/postgres/0018_issued.sql")),
    (19, "signed_out", include_str!("../../../migrations/postgres/0019_signed_out.sql")),
    (20, "refused", include_str!("../../../migrations/postgres/0020_refused.sql")),
    (21, "published", include_str!("../../../migrations/postgres/0021_published.sql")),
    (23, "apart", include_str!("../../../migrations/postgres/0023_apart.sql")),
    (24, "releases", include_str!("../../../migrations/postgres/0024_releases.sql")),
];

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// `postgres://…`, the path of a SQLite file (made if it is missing), or `:memory:`.
    pub location: String,
    /// The epoch of a database that has none yet; random without it. Tests fix it.
    pub epoch: Option<u64>,
    pub durability: Durability,
}

/// What an acknowledgement is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives the loss of power.
    Power,
    /// It survives the death of the process. For tests and demonstrations.
    Process,
}

impl Options {
    /// A database at this place, durable.
    pub fn at(location: impl Into<String>) -> Self {
        Self { location: location.into(), epoch: None, durability: Durability::Power }
    }
}

/// Opens a database, durable; brings its tables up to date.
///
/// # Errors
/// When it cannot be reached or was made by a newer version.
pub async fn open(location: &str) -> Result<Arc<dyn Store>> {
    open_with(Options::at(location)).await
}

/// Opens a database; brings its tables up to date.
///
/// # Errors
/// When it cannot be reached or was made by a newer version.
pub async fn open_with(options: Options) -> Result<Arc<dyn Store>> {
    let location = &options.location;
    let store: anyhow::Result<Arc<dyn Store>> = if is_postgres(location) {
        open_postgres(&options).await.context("the PostgreSQL database")
    } else {
        open_sqlite(&options).await.with_context(|| format!("the database {location}"))
    };
    store.map_err(StoreError)
}

fn is_postgres(location: &str) -> bool {
    location.starts_with("postgres://") || location.starts_with("postgresql://")
}

async fn open_sqlite(options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    let synchronous = match options.durability {
        Durability::Power => SqliteSynchronous::Full,
        Durability::Process => SqliteSynchronous::Off,
    };
    let in_memory = options.location == IN_MEMORY;
    let connect = SqliteConnectOptions::new()
        .filename(Path::new(&options.location))
        .in_memory(in_memory)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(if in_memory { SqliteJournalMode::Memory } else { SqliteJournalMode::Wal })
        .synchronous(synchronous)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_KEPT)
        .pragma("cache_size", PAGE_CACHE_KIB)
        .pragma("wal_autocheckpoint", PAGES_PER_CHECKPOINT)
        .pragma("temp_store", TEMP_STORE_MEMORY)
        .pragma("secure_delete", OVERWRITE_DELETED);
    // A file does not hang up, so no connection is tried out before each statement.
    let pool = PoolOptions::<Sqlite>::new().acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
    // In memory every connection would be a database of its own.
    let pool = if in_memory {
        pool.max_connections(1).idle_timeout(None).max_lifetime(None)
    } else {
        pool.max_connections(CONNECTIONS_MAX)
    };
    let pool = pool.connect_with(connect).await?;
    migrator(SQLITE_MIGRATIONS).run(&pool).await?;
    let one_writer = Some(Arc::new(Semaphore::new(1)));
    finish(
        SqlStore {
            pool,
            one_writer,
            epoch: AtomicU64::default(),
            spaces: Spaces::default(),
            signals: Signals::local(),
        },
        options,
    )
    .await
}

async fn open_postgres(options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    let mut connect = PgConnectOptions::from_str(&options.location)?
        .statement_cache_capacity(STATEMENTS_KEPT)
        .application_name("lianxin");
    if options.durability == Durability::Process {
        connect = connect.options([("synchronous_commit", "off")]);
    }
    let pool: Pool<Postgres> = PoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(connect)
        .await?;
    migrator(POSTGRES_MIGRATIONS).run(&pool).await?;
    let signals = Signals::between_servers(&pool).await?;
    finish(
        SqlStore { pool, one_writer: None, epoch: AtomicU64::default(), spaces: Spaces::default(), signals },
        options,
    )
    .await
}

fn migrator(migrations: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = migrations.iter().map(|(version, name, sql)| {
        Migration::new(*version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

async fn finish<DB: Engine>(store: SqlStore<DB>, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    // 32 random bits: it is in every message, and only has to differ from the epochs before.
    let first = options.epoch.unwrap_or_else(|| rand::rng().random_range(1..=u64::from(u32::MAX)));
    let insert = "insert into meta (key, value) values ($1, $2) on conflict (key) do nothing";
    store.change(Statement::new(insert).bind(EPOCH).bind(signed(first))).await?;
    store.read_epoch().await?;
    store.measure_cases().await?;
    store.key_cases().await?;
    Ok(Arc::new(store))
}

impl<DB: Engine> SqlStore<DB> {
    /// Whether it is another one than was known.
    pub(super) async fn read_epoch(&self) -> anyhow::Result<bool> {
        let rows = self.rows(Statement::new("select value from meta where key = $1").bind(EPOCH)).await?;
        let epoch = rows.first().map(|row| Columns::<DB>::of(row).int()).transpose()?.context("no epoch")?;
        Ok(self.renewed(epoch.cast_unsigned()))
    }

    pub(super) async fn write_epoch(&self, epoch: u64) -> anyhow::Result<()> {
        let update = "update meta set value = $2 where key = $1";
        self.change(Statement::new(update).bind(EPOCH).bind(signed(epoch))).await?;
        self.renewed(epoch);
        Ok(())
    }

    /// Takes over the epoch, and forgets what is known of the one before; whether it is another.
    fn renewed(&self, epoch: u64) -> bool {
        let is_new = self.epoch.swap(epoch, Ordering::Relaxed) != epoch;
        if is_new {
            self.spaces.forget();
        }
        is_new
    }
}

/// PostgreSQL has no unsigned numbers: the bits are kept.
fn signed(number: u64) -> i64 {
    number.cast_signed()
}
