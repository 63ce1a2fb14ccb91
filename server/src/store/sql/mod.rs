//! The store on SQL: one body of code for SQLite (embedded) and PostgreSQL (several servers).
//!
//! Shared: every statement. Per engine: the types in `migrations/`, how to connect, and how signals
//! travel between servers. Common ground is what both engines were measured to understand alike:
//! `$n`, `on conflict`, `returning`, row comparison, `coalesce`; time and randomness are arguments.

mod accounts;
mod apart;
mod audit;
mod blobs;
mod cases;
mod engine;
mod issued;
mod keys;
mod ledger;
mod log;
mod open;
mod rates;
mod sealed;
mod settled;
mod signals;
mod spaces;
mod statement;
mod write;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use lianxin_shared::{
    case::{CaseRow, figures::Part},
    id::{Actor, DeviceId, Position, RecordId, SpaceId, UnitCode, UserId},
    rights::{Post, Space, SpaceKind},
    schema::Kind,
    wire::{Author, SentEvent},
};
use sqlx::{Pool, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use self::{engine::Engine, signals::Signals, spaces::Spaces, statement::Statement};
use super::{
    Answers, CaseSpaces, Commitments, Decide, Device, DeviceReport, Failures, FormerPost, Group, GroupBy, LedgerKey,
    LedgerQuery, LedgerRow, LogEntry, NewDevice, NewUser, Quarantined, ReceivedChange, RecordBegun, Release, Result,
    ReturnedRequest, Signal, Store, StoredRecord, Tally, TallyBy, Took, User, WritePlan,
};

pub use open::{Durability, Options, open, open_with};

struct SqlStore<DB: Engine> {
    pool: Pool<DB>,
    /// SQLite has one writer at a time: waiting here is fair, waiting in the engine is polling.
    one_writer: Option<Arc<Semaphore>>,
    epoch: AtomicU64,
    spaces: Spaces,
    signals: Signals,
}

/// A transaction that writes. Dropped without [`Writing::commit`], it has done nothing.
struct Writing<DB: Engine> {
    transaction: Transaction<'static, DB>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl<DB: Engine> Writing<DB> {
    async fn run(&mut self, statement: Statement) -> anyhow::Result<Vec<DB::Row>> {
        Ok(DB::rows(&mut self.transaction, statement).await?)
    }

    /// Runs statements one after the other; the rows of all.
    async fn run_all(&mut self, statements: Vec<Statement>) -> anyhow::Result<Vec<DB::Row>> {
        let mut rows = Vec::new();
        for statement in statements {
            rows.append(&mut self.run(statement).await?);
        }
        Ok(rows)
    }

    async fn commit(self) -> anyhow::Result<()> {
        Ok(self.transaction.commit().await?)
    }

    async fn rollback(self) -> anyhow::Result<()> {
        Ok(self.transaction.rollback().await?)
    }
}

impl<DB: Engine> SqlStore<DB> {
    async fn begin(&self) -> anyhow::Result<Writing<DB>> {
        let turn = match &self.one_writer {
            Some(one) => Some(one.clone().acquire_owned().await?),
            None => None,
        };
        Ok(Writing { transaction: self.pool.begin().await?, _turn: turn })
    }

    /// A statement that only reads.
    async fn rows(&self, statement: Statement) -> anyhow::Result<Vec<DB::Row>> {
        let mut connection = self.pool.acquire().await?;
        Ok(DB::rows(&mut connection, statement).await?)
    }

    /// One statement that writes, in a transaction of its own.
    async fn change(&self, statement: Statement) -> anyhow::Result<Vec<DB::Row>> {
        let mut writing = self.begin().await?;
        let rows = writing.run(statement).await?;
        writing.commit().await?;
        Ok(rows)
    }
}

/// The contract's methods, each in the file of its concept.
#[async_trait]
impl<DB: Engine> Store for SqlStore<DB> {
    async fn epoch(&self) -> Result<u64> {
        Ok(self.epoch.load(Ordering::Relaxed))
    }

    async fn look_up_epoch(&self) -> Result<bool> {
        Ok(self.read_epoch().await?)
    }

    async fn renew_epoch(&self, epoch: u64) -> Result<()> {
        Ok(self.write_epoch(epoch).await?)
    }

    async fn ping(&self) -> Result<()> {
        self.rows(Statement::new("select value from meta")).await?;
        Ok(())
    }

    async fn close(&self) {
        self.signals.stop();
        self.pool.close().await;
    }

    async fn write(&self, plan: WritePlan, decide: Decide) -> Result<Answers> {
        Ok(self.decide_and_write(plan, decide).await?)
    }

    fn signals(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    async fn record(&self, id: RecordId) -> Result<Option<StoredRecord>> {
        Ok(self.read_record(id).await?)
    }

    async fn changes_after(&self, space: SpaceId, position: Position, bytes_max: usize) -> Result<Vec<LogEntry>> {
        Ok(self.read_log(space, position, bytes_max).await?)
    }

    async fn ends(&self, spaces: &[SpaceId]) -> Result<HashMap<SpaceId, Position>> {
        Ok(self.read_ends(spaces).await?)
    }

    async fn records_before(&self, space: SpaceId, below: Position, limit: usize) -> Result<Vec<RecordBegun>> {
        Ok(self.read_records_before(space, below, limit).await?)
    }

    async fn changes_of(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Vec<LogEntry>>> {
        Ok(self.read_changes_of(records).await?)
    }

    async fn authors(&self, actors: &HashSet<Actor>) -> Result<Vec<Author>> {
        Ok(self.read_authors(actors).await?)
    }

    async fn founded_since(&self, since_ms: i64) -> Result<Vec<RecordId>> {
        Ok(self.read_founded(since_ms).await?)
    }

    async fn received(&self, record: RecordId) -> Result<Vec<ReceivedChange>> {
        Ok(self.read_received(record).await?)
    }

    async fn quarantine(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<Quarantined>> {
        Ok(self.read_quarantine(spaces, cases, limit).await?)
    }

    async fn events_between(
        &self,
        space: SpaceId,
        after: Position,
        to: Position,
        bytes_max: usize,
    ) -> Result<Vec<SentEvent>> {
        Ok(self.read_events(space, after, to, bytes_max).await?)
    }

    async fn case_events(&self, record: RecordId) -> Result<Vec<SentEvent>> {
        Ok(self.read_case_events(record).await?)
    }

    async fn case_rows(&self, records: &[RecordId]) -> Result<HashMap<RecordId, CaseRow>> {
        Ok(self.read_case_rows(records).await?)
    }

    async fn returned(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<ReturnedRequest>> {
        Ok(self.read_returned(spaces, cases, limit).await?)
    }

    async fn releases(&self, unit: &UnitCode, since_ms: i64, limit: u32) -> Result<Vec<Release>> {
        Ok(self.read_releases(unit, since_ms, limit).await?)
    }

    async fn book_after(&self, version: u32) -> Result<Option<(u32, String)>> {
        Ok(self.read_book(version).await?)
    }

    async fn add_book(&self, version: u32, book: &str, now_ms: i64) -> Result<bool> {
        Ok(self.insert_book(version, book, now_ms).await?)
    }

    async fn ledger(&self, query: &LedgerQuery, after: Option<LedgerKey>, limit: u32) -> Result<Vec<LedgerRow>> {
        Ok(self.read_ledger(query, after, limit).await?)
    }

    async fn count(&self, query: &LedgerQuery) -> Result<Group> {
        Ok(self.count_ledger(query).await?)
    }

    async fn groups(&self, query: &LedgerQuery, by: GroupBy) -> Result<Vec<Group>> {
        Ok(self.group_ledger(query, by).await?)
    }

    async fn tally(&self, query: &LedgerQuery, parts: &[Part], by: TallyBy) -> Result<Vec<Tally>> {
        Ok(self.read_tally(query, parts, by).await?)
    }

    async fn commitments(&self, query: &LedgerQuery) -> Result<Commitments> {
        Ok(self.read_commitments(query).await?)
    }

    async fn took_part(&self, query: &LedgerQuery, people: &[RecordId]) -> Result<HashSet<RecordId>> {
        Ok(self.read_took_part(query, people).await?)
    }

    async fn median_days(&self, query: &LedgerQuery, took: Took) -> Result<Option<u32>> {
        Ok(self.read_median_days(query, took).await?)
    }

    async fn places(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, SpaceId>> {
        Ok(self.read_places(ids).await?)
    }

    async fn titles(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, (Kind, String)>> {
        Ok(self.read_titles(ids).await?)
    }

    async fn create_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> Result<SpaceId> {
        Ok(self.insert_space(kind, unit, name).await?)
    }

    async fn make_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> Result<()> {
        Ok(self.make_or_name_space(kind, unit, name).await?)
    }

    async fn spaces(&self) -> Result<Arc<[Space]>> {
        Ok(self.read_spaces().await?.all)
    }

    async fn lasting_spaces(&self) -> Result<Arc<[Space]>> {
        Ok(self.read_spaces().await?.lasting)
    }

    async fn has_case(&self, cases: &CaseSpaces) -> Result<bool> {
        Ok(SqlStore::has_case(self, cases).await?)
    }

    async fn create_user(&self, user: NewUser) -> Result<Option<UserId>> {
        Ok(self.insert_user(user).await?)
    }

    async fn users(&self) -> Result<Vec<User>> {
        Ok(self.read_users(accounts::Which::All).await?)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.read_users(accounts::Which::Id(id)).await?.pop())
    }

    async fn user_by_login(&self, login: &str) -> Result<Option<User>> {
        Ok(self.read_users(accounts::Which::Login(login)).await?.pop())
    }

    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<()> {
        Ok(self.update_password(user, password_hash).await?)
    }

    async fn set_must_change(&self, user: UserId, must_change: bool) -> Result<()> {
        Ok(self.update_must_change(user, must_change).await?)
    }

    async fn set_posts(&self, user: UserId, posts: &[Post], now_ms: i64) -> Result<()> {
        Ok(self.replace_posts(user, posts, now_ms).await?)
    }

    async fn take_posts(&self, mandate: RecordId, now_ms: i64) -> Result<Vec<UserId>> {
        Ok(self.end_posts(mandate, now_ms).await?)
    }

    async fn former_posts(&self, user: UserId) -> Result<Vec<FormerPost>> {
        Ok(self.read_former_posts(user).await?)
    }

    async fn set_locked(&self, user: UserId, locked: bool) -> Result<()> {
        Ok(self.update_locked(user, locked).await?)
    }

    async fn create_device(&self, device: NewDevice<'_>) -> Result<DeviceId> {
        Ok(self.insert_device(device).await?)
    }

    async fn device_by_token(&self, token_hash: &[u8]) -> Result<Option<Device>> {
        Ok(self.read_device_by_token(token_hash).await?)
    }

    async fn device(&self, id: DeviceId) -> Result<Option<Device>> {
        Ok(self.read_device_by_id(id).await?)
    }

    async fn devices(&self) -> Result<Vec<Device>> {
        Ok(self.read_devices().await?)
    }

    async fn report(&self, reports: &[(DeviceId, DeviceReport)]) -> Result<()> {
        Ok(self.update_devices(reports).await?)
    }

    async fn revoke(&self, device: DeviceId, now_ms: i64) -> Result<()> {
        Ok(self.update_revoked(device, now_ms).await?)
    }

    async fn sign_out(&self, device: DeviceId, now_ms: i64) -> Result<()> {
        Ok(self.update_signed_out(device, now_ms).await?)
    }

    async fn failures(&self, login: &str) -> Result<Failures> {
        Ok(self.read_failures(login).await?)
    }

    async fn note_failure(&self, login: &str, before: Failures, after: Failures) -> Result<bool> {
        Ok(self.swap_failures(login, before, after).await?)
    }

    async fn clear_failures(&self, login: &str) -> Result<()> {
        Ok(self.delete_failures(login).await?)
    }

    async fn forget_failures(&self, before_ms: i64) -> Result<()> {
        Ok(self.delete_failures_before(before_ms).await?)
    }
}
