//! What the server keeps, and the contract that every engine fulfils.
//!
//! The contract, tested by one suite on every engine:
//! - **A write is one transaction with a pure decision in the middle** ([`Store::write`]): lock the
//!   spaces by touching their counter rows first (in the order of their ids, so that two writers
//!   never wait for each other), read what the decision needs, let it decide, apply what it says,
//!   commit. Nothing of it is visible before the commit, all of it after.
//! - **Positions of a space are commit-ordered and without gaps**, over its changes and its official
//!   events together: whoever reads up to position n will never see either appear at or below n later.
//! - A returned `Ok` means durable: it survives the loss of power.
//! - A dropped future has either committed everything or nothing.
//! - A decision that panics, or an insert that fails, leaves nothing behind.
//! - Of what was refused to one user, as much is kept as `limits` says, the first of it; the rest is answered alike.
//! - A record that is founded anew leaves of its earlier log nothing but hashes ([`Decision::foundings`]), and gaps.
//! - Ledgers and figures show records of the spaces that the query names, and no deleted ones.

mod apart;
pub mod audit;
pub mod blobs;
pub mod issued;
mod scopes;
pub mod sealed;
pub mod settled;
mod sql;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use lianxin_shared::{
    case::{
        CaseRow,
        figures::{Measures, Part},
    },
    id::{Actor, ChangeHash, DeviceId, EventId, Position, RecordId, SpaceId, UnitCode, UserId},
    rights::{Person, Post, Space, SpaceKind},
    schema::Kind,
    summary::Summary,
    wire::{Author, Outcome, Refused, SentEvent, Verdict},
};
use tokio::sync::broadcast;

pub use apart::{ApartFile, ApartSealed, ApartStore, RefusalOf};
pub use audit::{Act, AuditLog, Doer, NewAudit};
pub use blobs::{BlobStore, StoredBlob};
pub use issued::{IssuedHead, IssuedStore, IssuedSummary};
pub use scopes::{Scope, Scopes};
pub use sealed::{Scrub, SealedStore};
pub use settled::{NewSettlement, SettledChange, SettledStore, Settlement};
pub use sql::{Durability, Options, open, open_with};

/// The engine failed. The detail is for the log, never for a person.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(#[from] pub anyhow::Error);

pub type Result<T> = std::result::Result<T, StoreError>;

/// What one write needs to see and to lock.
#[derive(Debug, Clone, Default)]
pub struct WritePlan {
    /// Spaces to lock; changes and events can be appended to these only.
    pub spaces: Vec<SpaceId>,
    pub records: Vec<RecordId>,
    pub hashes: Vec<ChangeHash>,
    pub actors: Vec<Actor>,
    /// Requests to decide.
    pub requests: Vec<EventId>,
    /// Cases that may get events. Without any, nothing of cases and numbers is read but the records' states.
    pub cases: Vec<RecordId>,
}

/// What the store holds of what a plan named, under the lock.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub spaces: HashMap<SpaceId, (Space, Position)>,
    pub records: HashMap<RecordId, StoredRecord>,
    /// The named changes that are in the log already.
    pub known: HashMap<ChangeHash, StoredAt>,
    /// The named changes that are gone because their record was founded anew, with when that was received, in
    /// milliseconds since 1970.
    pub gone: HashMap<ChangeHash, i64>,
    /// The named changes that are in quarantine and not accepted since, by whom they came from: what one user was refused
    /// says nothing about the same bytes from another.
    pub quarantined: HashMap<(UserId, ChangeHash), Refused>,
    /// Those of them that nobody has decided on.
    pub open: HashSet<(UserId, ChangeHash)>,
    /// Whose the named actors are.
    pub actors: HashMap<Actor, ActorOwner>,
    /// The states of the named records' cases, by their keys.
    pub states: HashMap<RecordId, String>,
    /// The events of the named cases, in their order.
    pub cases: HashMap<RecordId, Vec<SentEvent>>,
    /// The named requests that are events already.
    pub filed: HashMap<EventId, FiledEvent>,
    /// Why the named requests came back, by who had made them.
    pub returned: HashMap<(UserId, EventId), String>,
    /// The last number given of each series of the locked spaces.
    pub numbers: HashMap<(SpaceId, String), u32>,
}

/// Where and when a request became an event, and whose it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiledEvent {
    pub user: UserId,
    pub case: RecordId,
    pub seq: u32,
    pub position: Position,
    pub received_ms: i64,
}

/// Whose an actor is. The user decides: who signs in again on the same phone gets a new device, and
/// what the phone's old session has not sent yet is still the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorOwner {
    pub device: DeviceId,
    pub user: UserId,
}

/// A record as stored: its document with history, and where it belongs.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub kind: Kind,
    pub space: SpaceId,
    pub doc: Vec<u8>,
    pub summary: Summary,
    pub created_ms: i64,
    pub updated_ms: i64,
}

/// Where and when a change was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredAt {
    pub space: SpaceId,
    pub position: Position,
    pub received_ms: i64,
}

/// What a decision wants stored, and what is answered once it is.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    pub changes: Vec<NewLogEntry>,
    pub records: Vec<(RecordId, StoredRecord)>,
    /// Records that the one change which is here for each founds anew: everything else of their log, and of what was
    /// refused of them, is destroyed. Of a change that is gone only its hash is kept ([`Snapshot::gone`]).
    pub foundings: Vec<RecordId>,
    /// Actors seen for the first time.
    pub actors: Vec<(Actor, DeviceId)>,
    pub quarantine: Vec<Quarantined>,
    /// Decisions on changes that were refused before.
    pub settled: Vec<NewSettlement>,
    pub events: Vec<NewEvent>,
    /// The units that these events take a case from.
    pub releases: Vec<Release>,
    /// The fold over each case that has a new event.
    pub cases: Vec<(RecordId, StoredCase)>,
    /// The last number given of each series that goes on.
    pub numbers: Vec<(SpaceId, String, u32)>,
    pub returned: Vec<ReturnedRequest>,
    /// The spaces of cases that open, or whose parties may be others now.
    pub case_spaces: Vec<CaseSpace>,
    pub audit: Vec<NewAudit>,
    pub answers: Answers,
}

/// The space of a record's case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSpace {
    pub record: RecordId,
    /// When it is new: the record moves into it with its log, positions kept.
    pub opens: Option<OpenedSpace>,
    pub parties: Vec<UnitCode>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSpace {
    pub from: SpaceId,
    pub unit: UnitCode,
    pub name: String,
}

/// Handed back by [`Store::write`] after the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// One per change, in their order.
    pub outcomes: Vec<Outcome>,
    /// One per request, in their order.
    pub verdicts: Vec<Verdict>,
}

/// A change to append at exactly this position, the next of its space.
#[derive(Debug, Clone)]
pub struct NewLogEntry {
    pub space: SpaceId,
    pub position: Position,
    pub record: RecordId,
    pub kind: Kind,
    pub hash: ChangeHash,
    pub actor: Actor,
    pub device: DeviceId,
    pub device_time_ms: i64,
    pub received_ms: i64,
    pub bytes: Vec<u8>,
}

/// A refused change, kept for staff to see.
#[derive(Debug, Clone)]
pub struct Quarantined {
    pub hash: ChangeHash,
    pub space: SpaceId,
    pub record: RecordId,
    pub kind: u8,
    pub device: DeviceId,
    pub user: UserId,
    pub refused: Refused,
    pub received_ms: i64,
    pub bytes: Vec<u8>,
}

/// An event to append at exactly its position, the next of its space, and with exactly its number,
/// the next of its case.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub event: SentEvent,
    pub user: UserId,
    pub device: DeviceId,
}

/// A handling unit need not go on with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub unit: UnitCode,
    pub case: RecordId,
    /// The event that brought it about, and its act's key.
    pub seq: u32,
    pub act: String,
    pub received_ms: i64,
}

/// A case as ledgers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    pub kind: Kind,
    pub space: SpaceId,
    pub row: CaseRow,
    pub measures: Measures,
}

/// A request that came back, kept for staff to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedRequest {
    pub id: EventId,
    pub user: UserId,
    pub space: SpaceId,
    pub case: RecordId,
    pub kind: u8,
    pub device: DeviceId,
    pub made_ms: i64,
    pub received_ms: i64,
    /// What was asked for, as JSON.
    pub body: String,
    /// JSON.
    pub why: String,
}

/// A stored change as devices receive it.
#[derive(Debug, Clone)]
pub struct LogEntry {
    pub space: SpaceId,
    pub position: Position,
    pub record: RecordId,
    pub kind: Kind,
    pub hash: ChangeHash,
    pub actor: Actor,
    pub received_ms: i64,
    pub bytes: Vec<u8>,
}

/// A record, as a first download looks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordBegun {
    pub id: RecordId,
    /// Where its first change stands: never changes.
    pub first: Position,
    /// When that was received, milliseconds since 1970.
    pub created_ms: i64,
    pub updated_ms: i64,
    /// How many changes it has.
    pub changes: u64,
}

/// Says that a space has grown. A hint: it may come twice, late, or (after a lost connection to the
/// database) not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal {
    pub space: SpaceId,
    pub position: Position,
}

/// When the server received a change, for histories.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedChange {
    pub hash: ChangeHash,
    pub received_ms: i64,
}

/// The tag by which ledgers find records with values that someone has to choose between. It is the
/// store's own: a summary only counts them.
pub const IN_CONFLICT: &str = "store:conflict";

/// The cases that somebody looks into besides some spaces, by the keys of their spaces (`rights::case_keys`): a district has
/// a hundred thousand, too many to be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseSpaces {
    /// Read under any of these; without one there are none.
    pub under: Vec<String>,
    /// Those of them that have all of these too,
    pub having: Vec<String>,
    /// and none of these.
    pub lacking: Vec<String>,
}

/// Which records a ledger shows. Only ever records of `spaces` and `cases`, the ones the reader may read.
#[derive(Debug, Clone)]
pub struct LedgerQuery {
    pub kind: Kind,
    pub spaces: Vec<SpaceId>,
    pub cases: CaseSpaces,
    pub station: Option<RecordId>,
    /// Village or unit.
    pub place: Option<RecordId>,
    /// A mandate id or a name in `Summary::people`.
    pub person: Option<String>,
    pub code: Option<String>,
    pub status: Option<String>,
    /// All of these tags (`list:code`).
    pub tags: Vec<String>,
    /// `YYYY-MM-DD`, inclusive.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Every word (split at blanks) must occur.
    pub text: Option<String>,
    /// A record that the shown ones link to (`Summary::links`).
    pub link: Option<RecordId>,
    /// None but these.
    pub ids: Option<Vec<RecordId>>,
    pub case: CaseFilter,
    pub order: Order,
}

impl LedgerQuery {
    /// All records of a kind in these spaces, the newest first.
    pub fn of(kind: Kind, spaces: Vec<SpaceId>) -> Self {
        Self {
            kind,
            spaces,
            cases: CaseSpaces::default(),
            station: None,
            place: None,
            person: None,
            code: None,
            status: None,
            tags: Vec::new(),
            from: None,
            to: None,
            text: None,
            link: None,
            ids: None,
            case: CaseFilter::default(),
            order: Order::default(),
        }
    }
}

/// Which cases: with a filter, only records that have one are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Keys of states; any of them. Empty for all.
    pub states: Vec<String>,
    /// `YYYY-MM-DD`: the first limit that runs ends on this day or before.
    pub due_to: Option<String>,
    /// The code of the lead unit.
    pub lead: Option<String>,
    /// Keys of a voice's exits; any of them. Empty for all.
    pub exits: Vec<String>,
    /// 计入建议总数: suggestions to a congress in a state that counts.
    pub counted: bool,
    /// The class of the last reply.
    pub class: Option<String>,
    /// In all of these parts.
    pub parts: Vec<Part>,
    /// `YYYY-MM-DD`, the day on which parts are looked at. Without it nothing has fallen due.
    pub as_of: String,
}

/// In which order a ledger shows its records; by id where that is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By date, the newest first.
    #[default]
    Newest,
    Oldest,
    /// By the first limit that runs; without the records that have none.
    Due,
}

/// A ledger's row. `Summary::search` is left empty: it is long, and for searching only.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    pub id: RecordId,
    pub kind: Kind,
    pub space: SpaceId,
    pub summary: Summary,
    pub updated_ms: i64,
}

/// Where a page of a ledger begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerKey {
    /// The record's date; in the order of limits, the day of its first limit.
    pub date: String,
    pub id: RecordId,
}

/// What to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Code,
    Status,
    Station,
    Place,
    Space,
    /// `YYYY-MM` of the date.
    Month,
    /// Where a voice went; records without a case are in no group.
    Exit,
    /// Role and focus of an activity: its tags of both, one a line, in their order.
    Marks,
}

/// Days that a case took, where it has come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// From recording to sorting.
    ToSort,
    /// From recording to the first feedback.
    ToFeedback,
}

/// What to tally suggestions by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TallyBy {
    /// All in one, whose key is empty.
    All,
    /// 主办单位: the code of the lead unit.
    Lead,
    /// The class of the last reply.
    Class,
}

/// How many suggestions there are, and how many in each part that was asked for, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub key: String,
    /// Of a lead unit: what it is called.
    pub name: String,
    pub all: u64,
    pub parts: Vec<u64>,
}

/// Commitments whose day has come or that were settled, and those of them that were kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commitments {
    pub due: u64,
    pub kept: u64,
}

/// A count, and the sum of `Summary::number`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub key: String,
    pub records: u64,
    pub total: i64,
}

/// A user as stored.
#[derive(Debug, Clone)]
pub struct User {
    pub person: Person,
    pub login: String,
    pub password_hash: String,
    pub locked: bool,
    /// The password is for one time: the person sets their own before anything else.
    pub must_change: bool,
}

/// A post that was taken away from a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerPost {
    pub post: Post,
    /// By the server's clock, milliseconds since 1970.
    pub taken_ms: i64,
}

/// A user to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub login: String,
    pub name: String,
    pub password_hash: String,
    pub posts: Vec<Post>,
}

/// What kind of device a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    Phone,
    Console,
    /// A program of an office, which reads so much.
    Api(Scopes),
}

/// A signed-in device.
#[derive(Debug, Clone)]
pub struct Device {
    pub id: DeviceId,
    pub user: UserId,
    pub kind: DeviceKind,
    pub label: String,
    pub created_ms: i64,
    pub last_seen_ms: i64,
    pub revoked_ms: Option<i64>,
    /// It was its user who ended it, by signing out.
    pub signed_out: bool,
    pub app_version: String,
    pub unsent: i64,
    pub clock_offset_ms: i64,
}

impl Device {
    /// Whether staff have ended it: nothing that is new of it is believed.
    pub fn is_ended(&self) -> bool {
        self.revoked_ms.is_some() && !self.signed_out
    }
}

/// A device to create.
#[derive(Debug, Clone, Copy)]
pub struct NewDevice<'a> {
    pub user: UserId,
    pub kind: DeviceKind,
    pub label: &'a str,
    /// SHA-256 of the token: who reads the database cannot sign in with it.
    pub token_hash: &'a [u8],
    pub now_ms: i64,
}

/// What a device said of itself in an exchange.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    pub app_version: String,
    pub unsent: i64,
    pub clock_offset_ms: i64,
    pub seen_ms: i64,
}

/// Failed sign-ins under one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: u32,
    pub last_ms: i64,
}

/// Decides under the lock. Pure: it may run once, or not at all.
pub type Decide = Box<dyn FnOnce(Snapshot) -> Decision + Send>;

#[async_trait]
pub trait Store:
    SealedStore + SettledStore + ApartStore + AuditLog + BlobStore + IssuedStore + Send + Sync + 'static
{
    /// Changes when the database was restored from a backup. Never 0. As last read: see [`Store::look_up_epoch`].
    async fn epoch(&self) -> Result<u64>;
    /// Reads the epoch anew, in case another process has renewed it; whether it has. As long as servers on one database
    /// disagree, devices that meet both offer everything again each time: at no loss, but for nothing.
    async fn look_up_epoch(&self) -> Result<bool>;
    /// To be called after a restore: devices then offer again what the backup lacks.
    async fn renew_epoch(&self, epoch: u64) -> Result<()>;
    /// Whether the engine answers.
    async fn ping(&self) -> Result<()>;
    /// Closes the connections, after what is under way.
    async fn close(&self);

    // Records
    /// See the contract above. The answers are the decision's.
    async fn write(&self, plan: WritePlan, decide: Decide) -> Result<Answers>;
    /// What has grown, here or through another server on the same database, from now on.
    fn signals(&self) -> broadcast::Receiver<Signal>;
    async fn record(&self, id: RecordId) -> Result<Option<StoredRecord>>;
    /// Changes of a space after a position, in order, until `bytes_max` is passed (at least one if there is one).
    async fn changes_after(&self, space: SpaceId, position: Position, bytes_max: usize) -> Result<Vec<LogEntry>>;
    /// Where each of these spaces' logs end.
    async fn ends(&self, spaces: &[SpaceId]) -> Result<HashMap<SpaceId, Position>>;
    /// Records of a space that began before a position, the newest first, at most so many.
    async fn records_before(&self, space: SpaceId, below: Position, limit: usize) -> Result<Vec<RecordBegun>>;
    /// All changes of these records, each record's in order.
    async fn changes_of(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Vec<LogEntry>>>;
    async fn authors(&self, actors: &HashSet<Actor>) -> Result<Vec<Author>>;
    /// The records that were founded anew since then, milliseconds since 1970.
    async fn founded_since(&self, since_ms: i64) -> Result<Vec<RecordId>>;
    async fn received(&self, record: RecordId) -> Result<Vec<ReceivedChange>>;
    /// Refused changes that were meant for these spaces and cases and that nobody has decided on, newest first.
    async fn quarantine(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<Quarantined>>;

    // Official events
    /// Events of a space behind one position and up to another, in order, until `bytes_max` is passed
    /// (at least one if there is one).
    async fn events_between(
        &self,
        space: SpaceId,
        after: Position,
        to: Position,
        bytes_max: usize,
    ) -> Result<Vec<SentEvent>>;
    /// All events of a case, in their order.
    async fn case_events(&self, record: RecordId) -> Result<Vec<SentEvent>>;
    /// The folds of those of these records that have a case.
    async fn case_rows(&self, records: &[RecordId]) -> Result<HashMap<RecordId, CaseRow>>;
    /// Requests that came back in these spaces and cases, newest first.
    async fn returned(&self, spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Result<Vec<ReturnedRequest>>;
    /// What a unit was released from since then, milliseconds since 1970, newest first.
    async fn releases(&self, unit: &UnitCode, since_ms: i64, limit: u32) -> Result<Vec<Release>>;
    /// The rules in force, as JSON, with their version; `None` where there are none after this version.
    async fn book_after(&self, version: u32) -> Result<Option<(u32, String)>>;
    /// Puts rules in force; `false` when this version is there already.
    async fn add_book(&self, version: u32, book: &str, now_ms: i64) -> Result<bool>;

    // Ledgers and figures
    async fn ledger(&self, query: &LedgerQuery, after: Option<LedgerKey>, limit: u32) -> Result<Vec<LedgerRow>>;
    /// All of the query in one group, whose key is empty.
    async fn count(&self, query: &LedgerQuery) -> Result<Group>;
    /// Most records first.
    async fn groups(&self, query: &LedgerQuery, by: GroupBy) -> Result<Vec<Group>>;
    /// The middle one of the days that the query's cases took, of an even number the lower of the two; `None` of none.
    async fn median_days(&self, query: &LedgerQuery, took: Took) -> Result<Option<u32>>;
    /// Counts the query's cases and their parts, as of the query's day, in one pass; by key.
    async fn tally(&self, query: &LedgerQuery, parts: &[Part], by: TallyBy) -> Result<Vec<Tally>>;
    /// The commitments of the query's cases, as of the query's day.
    async fn commitments(&self, query: &LedgerQuery) -> Result<Commitments>;
    /// Those of these people (mandates) who took part in a record of the query. Of the query its kind,
    /// spaces, days and the states of cases are looked at.
    async fn took_part(&self, query: &LedgerQuery, people: &[RecordId]) -> Result<HashSet<RecordId>>;
    /// Where records lie, of those that are here.
    async fn places(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, SpaceId>>;
    /// Kind and title of records, for showing references.
    async fn titles(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, (Kind, String)>>;

    // Spaces, users, devices
    async fn create_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> Result<SpaceId>;
    /// Makes the one space of this kind that a unit has; one that is there takes the name.
    async fn make_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> Result<()>;
    /// All spaces, by id. One that another process has just made may be missing for two seconds.
    async fn spaces(&self) -> Result<Arc<[Space]>>;
    /// The same without those of cases.
    async fn lasting_spaces(&self) -> Result<Arc<[Space]>>;
    /// Whether there is a case among these; `having` and `lacking` are not looked at.
    async fn has_case(&self, cases: &CaseSpaces) -> Result<bool>;
    /// `None` when the login is taken.
    async fn create_user(&self, user: NewUser) -> Result<Option<UserId>>;
    async fn users(&self) -> Result<Vec<User>>;
    async fn user(&self, id: UserId) -> Result<Option<User>>;
    async fn user_by_login(&self, login: &str) -> Result<Option<User>>;
    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<()>;
    /// Says whether the password is for one time.
    async fn set_must_change(&self, user: UserId, must_change: bool) -> Result<()>;
    /// Replaces the posts that a user holds. Those that are taken away by it are remembered, until they are given back.
    async fn set_posts(&self, user: UserId, posts: &[Post], now_ms: i64) -> Result<()>;
    /// Takes away the posts that rest on a mandate, and remembers them; whose they were, each once.
    async fn take_posts(&self, mandate: RecordId, now_ms: i64) -> Result<Vec<UserId>>;
    /// The posts that were taken away from a user, in the order of their going.
    async fn former_posts(&self, user: UserId) -> Result<Vec<FormerPost>>;
    /// A locked user's devices get nothing more, and hand over what they had not sent.
    async fn set_locked(&self, user: UserId, locked: bool) -> Result<()>;
    async fn create_device(&self, device: NewDevice<'_>) -> Result<DeviceId>;
    async fn device_by_token(&self, token_hash: &[u8]) -> Result<Option<Device>>;
    async fn device(&self, id: DeviceId) -> Result<Option<Device>>;
    async fn devices(&self) -> Result<Vec<Device>>;
    /// What devices said of themselves, many in one transaction.
    async fn report(&self, reports: &[(DeviceId, DeviceReport)]) -> Result<()>;
    /// Staff end a device's token, also after its user has signed out; the first time stands.
    async fn revoke(&self, device: DeviceId, now_ms: i64) -> Result<()>;
    /// Its user ends it, unless it has ended.
    async fn sign_out(&self, device: DeviceId, now_ms: i64) -> Result<()>;
    async fn failures(&self, login: &str) -> Result<Failures>;
    /// Notes a failed sign-in, unless another was noted since `before` was read (then `false`):
    /// many guesses at once count one after the other.
    async fn note_failure(&self, login: &str, before: Failures, after: Failures) -> Result<bool>;
    async fn clear_failures(&self, login: &str) -> Result<()>;
    /// Forgets failures older than this, so that invented names do not fill the disk.
    async fn forget_failures(&self, before_ms: i64) -> Result<()>;
}
