//! The contract of `lianxin_server::store`, one suite, on every engine.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use lianxin_server::{
    store::{
        self, Act, ActorOwner, Answers, ApartFile, ApartSealed, CaseFilter, CaseSpace, CaseSpaces, Commitments,
        Decision, DeviceKind, DeviceReport, Durability, Failures, FiledEvent, FormerPost, GroupBy, IssuedHead,
        IssuedSummary, LedgerKey, LedgerQuery, NewAudit, NewDevice, NewEvent, NewLogEntry, NewSettlement, NewUser,
        OpenedSpace, Options, Order, Quarantined, RefusalOf, Release, ReturnedRequest, Scrub, Settlement, Snapshot,
        Store, StoredBlob, StoredCase, StoredRecord, Tally, TallyBy, Took, WritePlan, audit,
        sealed::{Held, SealedDecision, SealedPlan, SealedRecord, SealedSnapshot},
    },
    vault::{Encrypted, MasterId, WrappedKey},
};
use lianxin_shared::{
    case::{
        self, Added, Assign, By, CaseRow, Clock, CommitmentOutcome, Date, Due, Event, ExitKind, Opinion, Promise,
        Reply, Tier, UnitRef,
        figures::{Measures, Part, Reach},
        suggestion::Commitment,
    },
    id::{Actor, BlobHash, ChangeHash, DeviceId, EventId, Position, RecordId, SealedId, SpaceId, UnitCode, UserId},
    limits::{REFUSED_BYTES_KEPT_PER_USER_MAX, REFUSED_KEPT_PER_USER_MAX},
    rights::{Denied, Post, Role, SpaceKind},
    schema::Kind,
    sealed::{Deletion, WhyDeleted},
    summary::Summary,
    wire::{Outcome, RefusalReason, Refused, SentEvent, Settled},
};
use lianxin_tests::{
    postgres::{Cluster, Fsync},
    scratch::Scratch,
};
use sqlx::{Connection as _, Executor as _};

const NOW: i64 = 1_767_225_600_000;

/// A database that can be opened again.
struct Place {
    location: String,
    durability: Durability,
    _files: Option<Scratch>,
}

impl Place {
    fn sqlite() -> Self {
        let files = Scratch::new("store");
        let location = files.path().join("store.sqlite").to_string_lossy().into_owned();
        Self { location, durability: Durability::Process, _files: Some(files) }
    }

    async fn postgres() -> Self {
        static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(Fsync::Off));
        let location = CLUSTER.database().await;
        Self { location, durability: Durability::Process, _files: None }
    }

    /// Statements that no version of the server makes.
    async fn execute(&self, statements: &[&'static str]) {
        if self.location.starts_with("postgres") {
            let mut connection = sqlx::PgConnection::connect(&self.location).await.unwrap();
            for statement in statements {
                connection.execute(*statement).await.unwrap();
            }
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&self.location).await.unwrap();
            for statement in statements {
                connection.execute(*statement).await.unwrap();
            }
        }
    }

    async fn open(&self) -> Arc<dyn Store> {
        let options = Options { durability: self.durability, ..Options::at(self.location.as_str()) };
        store::open_with(options).await.unwrap()
    }
}

/// A store with a user, a device and some spaces.
struct Fixture {
    store: Arc<dyn Store>,
    user: UserId,
    device: DeviceId,
    spaces: Vec<SpaceId>,
}

impl Fixture {
    async fn new(place: &Place, spaces: usize) -> Self {
        let store = place.open().await;
        let user = store.create_user(new_user("huang")).await.unwrap().unwrap();
        let device = store.create_device(new_device(user, &[1; 32])).await.unwrap();
        let mut ids = Vec::new();
        for number in 0..spaces {
            let unit = UnitCode(format!("520303108S{number:02}"));
            ids.push(store.create_space(SpaceKind::Station, &unit, "竹元村联络室").await.unwrap());
        }
        Self { store, user, device, spaces: ids }
    }

    /// Appends these changes, each to the end of its space.
    async fn append(&self, changes: Vec<(SpaceId, NewLogEntry)>) -> store::Result<Answers> {
        let plan = WritePlan { spaces: changes.iter().map(|(space, _)| *space).collect(), ..WritePlan::default() };
        self.store.write(plan, Box::new(move |snapshot| appended(&snapshot, changes))).await
    }

    fn change(&self, number: u64) -> NewLogEntry {
        NewLogEntry {
            space: SpaceId(0),
            position: Position(0),
            record: record_id(number),
            kind: Kind::Voice,
            hash: hash(number),
            actor: Actor([7; 16]),
            device: self.device,
            device_time_ms: NOW - 5,
            received_ms: NOW + number as i64,
            bytes: number.to_be_bytes().repeat(8),
        }
    }

    /// An event as the `seq`-th of a record's case; `number` tells events apart.
    fn event(&self, record: RecordId, seq: u32, number: u64) -> NewEvent {
        let event = SentEvent {
            space: SpaceId(0),
            position: Position(0),
            received_ms: NOW + number as i64,
            kind: Kind::Suggestion as u8,
            case: record,
            seq,
            id: event_id(number),
            made_ms: NOW - 7,
            body: format!(r#"{{"act":"submit","number":{number}}}"#),
        };
        NewEvent { event, user: self.user, device: self.device }
    }

    /// Appends an entry of either kind to the end of its space.
    async fn append_event(&self, space: SpaceId, new: NewEvent) -> store::Result<Answers> {
        let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
        let decide = move |snapshot: Snapshot| {
            let position = Position(snapshot.spaces[&space].1.0 + 1);
            let event = SentEvent { space, position, ..new.event };
            let folded = stored_case(Kind::Suggestion, space, case_row(event.seq));
            let cases = vec![(event.case, folded)];
            Decision { events: vec![NewEvent { event, ..new }], cases, ..Decision::default() }
        };
        self.store.write(plan, Box::new(decide)).await
    }

    async fn put(&self, id: RecordId, record: StoredRecord) {
        let plan = WritePlan { spaces: vec![record.space], records: vec![id], ..WritePlan::default() };
        let decide = move |_| Decision { records: vec![(id, record)], ..Decision::default() };
        self.store.write(plan, Box::new(decide)).await.unwrap();
    }
}

/// The pure decision of most tests: each change at the next position of its space.
fn appended(snapshot: &Snapshot, changes: Vec<(SpaceId, NewLogEntry)>) -> Decision {
    let mut ends: HashMap<SpaceId, u64> = snapshot.spaces.iter().map(|(id, (_, end))| (*id, end.0)).collect();
    let mut decision = Decision::default();
    for (space, change) in changes {
        let end = ends.get_mut(&space).unwrap();
        *end += 1;
        let position = Position(*end);
        decision.answers.outcomes.push(Outcome::Received { position, received_ms: change.received_ms });
        decision.changes.push(NewLogEntry { space, position, ..change });
    }
    decision
}

fn new_user(login: &str) -> NewUser {
    NewUser {
        login: login.into(),
        name: "黄光明".into(),
        password_hash: "hash".into(),
        posts: vec![Post {
            role: Role::Deputy,
            unit: UnitCode("520303108S01".into()),
            mandate: Some(RecordId([9; 16])),
        }],
    }
}

fn new_device(user: UserId, token_hash: &[u8]) -> NewDevice<'_> {
    NewDevice { user, kind: DeviceKind::Phone, label: "Redmi", token_hash, now_ms: NOW }
}

fn hash(number: u64) -> ChangeHash {
    let mut bytes = [0xaa; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    ChangeHash(bytes)
}

fn event_id(number: u64) -> EventId {
    let mut bytes = [0xee; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    EventId(bytes)
}

fn case_row(seq: u32) -> CaseRow {
    CaseRow {
        state: "submitted".into(), seq, number: Some(format!("汇人建〔2026〕{seq:03}号")), ..CaseRow::default()
    }
}

fn stored_case(kind: Kind, space: SpaceId, row: CaseRow) -> StoredCase {
    StoredCase { kind, space, row, measures: Measures::default() }
}

fn record_id(number: u64) -> RecordId {
    let mut bytes = [0xbb; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    RecordId(bytes)
}

fn record(space: SpaceId, summary: Summary) -> StoredRecord {
    StoredRecord { kind: Kind::Voice, space, doc: b"document".to_vec(), summary, created_ms: NOW, updated_ms: NOW + 1 }
}

fn query(spaces: &[SpaceId]) -> LedgerQuery {
    LedgerQuery::of(Kind::Voice, spaces.to_vec())
}

macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(&super::Place::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(&super::Place::postgres().await).await;
            })+
        }
    };
}

on_every_engine! {
    positions_have_no_gaps_and_never_appear_behind_a_reader,
    a_write_that_breaks_in_the_middle_leaves_nothing,
    a_decision_that_panics_leaves_nothing,
    a_position_that_is_not_the_next_is_refused,
    a_dropped_write_has_done_all_or_nothing,
    what_was_written_is_there_after_reopening,
    a_decision_sees_what_its_plan_names,
    a_record_founded_anew_leaves_only_the_hashes_of_what_was,
    a_record_that_appeared_elsewhere_is_not_overwritten,
    events_share_the_positions_of_changes,
    two_events_never_take_the_same_place_in_a_case,
    a_record_moves_into_the_space_of_its_case_with_its_log,
    a_decision_on_requests_sees_case_numbers_and_what_came_back,
    requests_that_came_back_are_shown_per_space,
    a_unit_is_told_what_it_was_released_from_the_latest_first,
    rules_are_kept_by_version,
    the_log_is_read_in_pieces,
    a_first_download_finds_records_newest_first,
    records_from_before_first_downloads_are_found_too,
    a_thousand_rows_go_into_one_write,
    ledgers_filter,
    ledgers_filter_and_order_by_the_cases_of_records,
    ledgers_never_show_other_spaces_nor_deleted_records,
    ledgers_search_words_literally,
    ledgers_page_without_gap_or_repetition,
    lists_follow_when_a_record_changes,
    figures_count_what_the_ledger_shows,
    voices_are_counted_by_exit_with_the_days_that_took,
    what_was_decided_before_figures_knew_of_exits_counts_too,
    cases_are_found_under_their_keys_those_of_before_too,
    parts_of_suggestions_are_in_sql_what_they_are_by_the_fold,
    suggestions_of_before_are_measured_when_the_store_opens,
    who_took_part_is_found,
    text_that_no_database_likes_is_kept_or_cleaned,
    quarantine_is_kept_per_user_and_shown_per_space,
    a_refused_change_is_decided_on_once_and_its_author_is_told,
    issued_summaries_are_kept_by_unit,
    a_password_may_be_for_one_time,
    of_one_user_no_more_refused_changes_are_kept_than_there_is_room_for,
    users_hold_posts,
    posts_that_were_taken_away_are_remembered_until_they_are_given_back,
    devices_are_known_by_their_token,
    failed_sign_ins_are_counted_one_after_the_other,
    whoever_listens_hears_what_has_grown,
    the_epoch_stays_until_it_is_renewed,
    spaces_of_another_past_are_forgotten_with_the_epoch,
    the_audit_log_is_one_chain_whoever_writes,
    an_entry_that_was_changed_or_cut_off_is_named,
    sealed_writers_come_one_after_the_other,
    a_destroyed_record_leaves_neither_contents_nor_key,
    what_an_ended_phone_handed_over_waits_by_whose_it_is,
    files_belong_to_one_record,
    what_a_user_delivers_in_a_day_is_bounded_whoever_counts,
}

async fn positions_have_no_gaps_and_never_appear_behind_a_reader(place: &Place) {
    const WRITERS: u64 = 8;
    const WRITES: u64 = 25;
    let fixture = Arc::new(Fixture::new(place, 3).await);
    // A second store on the same database: on PostgreSQL another server, on SQLite another process.
    let other = Arc::new(Fixture { store: place.open().await, spaces: fixture.spaces.clone(), ..*fixture });
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(watch(place.open().await, fixture.spaces.clone(), done.clone()));
    let number = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let fixture = if writer % 2 == 0 { fixture.clone() } else { other.clone() };
            let number = number.clone();
            tokio::spawn(async move {
                for write in 0..WRITES {
                    // Two of the three spaces, named in either order.
                    let (a, b) = ((writer + write) as usize % 3, (writer + write + 1 + write % 2) as usize % 3);
                    let next = || fixture.change(number.fetch_add(1, Ordering::Relaxed));
                    let changes = vec![(fixture.spaces[a], next()), (fixture.spaces[b], next())];
                    fixture.append(changes).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let seen = reader.await.unwrap();
    let (mut all, mut hashes) = (0, HashSet::new());
    for log in seen.values() {
        assert!(log.keys().map(|position| position.0).eq(1..=log.len() as u64), "gap-free");
        all += log.len();
        hashes.extend(log.values().copied());
    }
    assert_eq!(all as u64, WRITERS * WRITES * 2);
    assert_eq!(hashes.len(), all, "nothing twice");
}

/// Reads the logs over and over: what was below an end that was seen never changes.
async fn watch(
    store: Arc<dyn Store>,
    spaces: Vec<SpaceId>,
    done: Arc<AtomicBool>,
) -> BTreeMap<SpaceId, BTreeMap<Position, ChangeHash>> {
    let mut seen: BTreeMap<SpaceId, BTreeMap<Position, ChangeHash>> = BTreeMap::new();
    loop {
        let last_round = done.load(Ordering::Relaxed);
        let ends = store.ends(&spaces).await.unwrap();
        for space in &spaces {
            let log = store.changes_after(*space, Position(0), usize::MAX).await.unwrap();
            let log: BTreeMap<Position, ChangeHash> = log.iter().map(|entry| (entry.position, entry.hash)).collect();
            assert!(log.len() as u64 >= ends[space].0, "an end is never ahead of its log");
            let before = seen.insert(*space, log.clone()).unwrap_or_default();
            let again: BTreeMap<_, _> = log.range(..=Position(before.len() as u64)).map(|(p, h)| (*p, *h)).collect();
            assert_eq!(again, before, "nothing appears or changes behind a reader");
        }
        if last_round {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

async fn a_write_that_breaks_in_the_middle_leaves_nothing(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    fixture.append(vec![(space, fixture.change(1))]).await.unwrap();
    // The third has the hash of one that is there.
    let twice = vec![(space, fixture.change(2)), (space, fixture.change(3)), (space, fixture.change(1))];
    fixture.append(twice).await.unwrap_err();
    let log = fixture.store.changes_after(space, Position(0), usize::MAX).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(fixture.store.ends(&[space]).await.unwrap()[&space], Position(1));
    fixture.append(vec![(space, fixture.change(2))]).await.unwrap();
    assert_eq!(fixture.store.ends(&[space]).await.unwrap()[&space], Position(2), "the store goes on");
}

async fn a_decision_that_panics_leaves_nothing(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
    fixture.store.write(plan, Box::new(|_| panic!("on purpose"))).await.unwrap_err();
    assert_eq!(fixture.store.ends(&[space]).await.unwrap()[&space], Position(0));
    fixture.append(vec![(space, fixture.change(1))]).await.unwrap();
}

async fn a_position_that_is_not_the_next_is_refused(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let write = |space: SpaceId, position: u64| {
        let change = NewLogEntry { space, position: Position(position), ..fixture.change(1) };
        let plan = WritePlan { spaces: vec![fixture.spaces[0]], ..WritePlan::default() };
        let decide = |_| Decision { changes: vec![change], ..Decision::default() };
        fixture.store.write(plan, Box::new(decide))
    };
    write(fixture.spaces[0], 2).await.unwrap_err();
    write(fixture.spaces[0], 0).await.unwrap_err();
    write(fixture.spaces[1], 1).await.unwrap_err();
    write(fixture.spaces[0], 1).await.unwrap();
}

async fn a_dropped_write_has_done_all_or_nothing(place: &Place) {
    let fixture = Arc::new(Fixture::new(place, 1).await);
    let space = fixture.spaces[0];
    for round in 0..40_u64 {
        let changes: Vec<_> = (0..20).map(|n| (space, fixture.change(round * 20 + n))).collect();
        let write = fixture.append(changes);
        // Dropped at another place each time; some get through.
        let _ = tokio::time::timeout(Duration::from_micros(round * 150), write).await;
    }
    // Whoever comes next waits for what is being rolled back.
    fixture.append(vec![(space, fixture.change(9_999))]).await.unwrap();
    let log = fixture.store.changes_after(space, Position(0), usize::MAX).await.unwrap();
    assert!(log.iter().map(|entry| entry.position.0).eq(1..=log.len() as u64));
    assert_eq!(log.len() % 20, 1, "{} changes: a write is there in part", log.len());
    assert_eq!(fixture.store.ends(&[space]).await.unwrap()[&space], Position(log.len() as u64));
}

async fn what_was_written_is_there_after_reopening(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    fixture.append(vec![(space, fixture.change(1))]).await.unwrap();
    fixture.put(record_id(1), record(space, Summary { title: "饮水".into(), ..Summary::default() })).await;
    let epoch = fixture.store.epoch().await.unwrap();
    fixture.store.close().await;
    let store = place.open().await;
    assert_eq!(store.epoch().await.unwrap(), epoch);
    assert_eq!(store.ends(&[space]).await.unwrap()[&space], Position(1));
    let entry = &store.changes_after(space, Position(0), 1).await.unwrap()[0];
    let written = fixture.change(1);
    assert_eq!((entry.hash, entry.record, entry.kind), (written.hash, written.record, written.kind));
    assert_eq!((entry.actor, entry.received_ms, &entry.bytes), (written.actor, written.received_ms, &written.bytes));
    let stored = store.record(record_id(1)).await.unwrap().unwrap();
    assert_eq!((stored.summary.title.as_str(), stored.doc.as_slice()), ("饮水", b"document".as_slice()));
    assert_eq!(store.received(record_id(1)).await.unwrap()[0].received_ms, NOW + 1);
    assert!(store.record(record_id(2)).await.unwrap().is_none());
}

async fn a_decision_sees_what_its_plan_names(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let actor = Actor([5; 16]);
    let refused = Refused { reason: RefusalReason::Denied(Denied::NotAuthor), field: "verbatim".into() };
    let quarantined = quarantined(&fixture, space, 8, &refused);
    let change = NewLogEntry { space, position: Position(1), ..fixture.change(1) };
    let device = fixture.device;
    let summary = Summary { author: Some(RecordId([9; 16])), search: "饮水".into(), ..Summary::default() };
    let first = Decision {
        changes: vec![change],
        records: vec![(record_id(1), record(space, summary.clone()))],
        actors: vec![(actor, device)],
        quarantine: vec![quarantined],
        ..Decision::default()
    };
    let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
    fixture.store.write(plan, Box::new(|_| first)).await.unwrap();

    let plan = WritePlan {
        spaces: vec![other, space, SpaceId(4_000_000_000), space],
        records: vec![record_id(1), record_id(2)],
        hashes: vec![hash(1), hash(8), hash(3)],
        actors: vec![actor, Actor([6; 16])],
        ..WritePlan::default()
    };
    let (seen, sees) = tokio::sync::oneshot::channel();
    let decide = |snapshot: Snapshot| {
        seen.send(snapshot).unwrap();
        Decision::default()
    };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
    let snapshot = sees.await.unwrap();
    assert_eq!(snapshot.spaces.len(), 2);
    assert_eq!(snapshot.spaces[&space].1, Position(1));
    assert_eq!(snapshot.spaces[&other].1, Position(0));
    assert_eq!(snapshot.records.len(), 1);
    assert_eq!(snapshot.records[&record_id(1)].summary, summary);
    assert_eq!(snapshot.known.len(), 1);
    assert_eq!((snapshot.known[&hash(1)].space, snapshot.known[&hash(1)].position), (space, Position(1)));
    assert_eq!(snapshot.quarantined, HashMap::from([((fixture.user, hash(8)), refused)]));
    assert_eq!(snapshot.actors, HashMap::from([(actor, ActorOwner { device, user: fixture.user })]));
}

async fn a_record_founded_anew_leaves_only_the_hashes_of_what_was(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    write_records(&fixture, space, &[(1, 1), (2, 2), (3, 1)]).await;
    let extension = Actor(*b"lianxin/genesis2");
    let constant = NewLogEntry { record: record_id(1), actor: extension, ..fixture.change(4) };
    fixture.append(vec![(space, constant)]).await.unwrap();
    let refused = Refused { reason: RefusalReason::Depends, field: String::new() };
    let of_both =
        [1, 2].map(|of| Quarantined { record: record_id(of), ..quarantined(&fixture, space, 10 + of, &refused) });
    let first = Decision { quarantine: of_both.into(), ..Decision::default() };
    fixture.store.write(WritePlan::default(), Box::new(|_| first)).await.unwrap();

    let founding = NewLogEntry { record: record_id(1), ..fixture.change(5) };
    let (received_ms, reason) = (founding.received_ms, "群众要求删除");
    let audit = vec![NewAudit { reason: reason.into(), ..noted(1) }];
    let plan = WritePlan { spaces: vec![space], records: vec![record_id(1)], ..WritePlan::default() };
    let decide = move |snapshot: Snapshot| Decision {
        records: vec![(record_id(1), record(space, Summary::default()))],
        foundings: vec![record_id(1)],
        audit,
        ..appended(&snapshot, vec![(space, founding)])
    };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();

    let store = &*fixture.store;
    assert_eq!(positions(store, space).await, [(2, record_id(2)), (4, record_id(1)), (5, record_id(1))]);
    assert_eq!(begun(store, space, 100, 10).await, [(record_id(2), 2, 1), (record_id(1), 1, 2)]);
    let kept: Vec<RecordId> =
        store.quarantine(&[space], &CaseSpaces::default(), 10).await.unwrap().iter().map(|kept| kept.record).collect();
    assert_eq!(kept, [record_id(2)]);
    assert_eq!(store.audit_after(0, 10).await.unwrap()[0].reason, reason);
    assert_eq!(store.founded_since(received_ms).await.unwrap(), [record_id(1)]);
    assert_eq!(store.founded_since(received_ms + 1).await.unwrap(), []);
    store.scrub(Scrub::Records).await.unwrap();

    let (seen, sees) = tokio::sync::oneshot::channel();
    let plan = WritePlan { hashes: (1..=5).map(hash).collect(), ..WritePlan::default() };
    let decide = |snapshot: Snapshot| {
        seen.send(snapshot).unwrap();
        Decision::default()
    };
    store.write(plan, Box::new(decide)).await.unwrap();
    let snapshot = sees.await.unwrap();
    assert_eq!(snapshot.gone, HashMap::from([1, 3].map(|number| (hash(number), received_ms))));
    assert_eq!(snapshot.known.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from([2, 4, 5].map(hash)));
}

async fn a_record_that_appeared_elsewhere_is_not_overwritten(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    fixture.put(record_id(1), record(fixture.spaces[0], Summary::default())).await;
    // A decision that was made without having seen it.
    let elsewhere = record(fixture.spaces[1], Summary::default());
    let plan = WritePlan { spaces: vec![fixture.spaces[1]], ..WritePlan::default() };
    let decide = |_| Decision { records: vec![(record_id(1), elsewhere)], ..Decision::default() };
    fixture.store.write(plan, Box::new(decide)).await.unwrap_err();
    let stored = fixture.store.record(record_id(1)).await.unwrap().unwrap();
    assert_eq!(stored.space, fixture.spaces[0]);
}

/// The race of the contract: changes and events into the same spaces, from two servers, while a
/// reader follows by cursor, as a phone does.
async fn events_share_the_positions_of_changes(place: &Place) {
    const WRITERS: u64 = 6;
    const WRITES: u64 = 20;
    let fixture = Arc::new(Fixture::new(place, 2).await);
    for (number, space) in fixture.spaces.iter().enumerate() {
        fixture.put(record_id(9_000 + number as u64), record(*space, Summary::default())).await;
    }
    let other = Arc::new(Fixture { store: place.open().await, spaces: fixture.spaces.clone(), ..*fixture });
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(follow(place.open().await, fixture.spaces.clone(), done.clone()));
    let (number, seqs) = (Arc::new(AtomicU64::new(0)), Arc::new([AtomicU64::new(0), AtomicU64::new(0)]));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let fixture = if writer % 2 == 0 { fixture.clone() } else { other.clone() };
            let (number, seqs) = (number.clone(), seqs.clone());
            tokio::spawn(async move {
                for write in 0..WRITES {
                    let at = (writer + write) as usize % 2;
                    let (space, next) = (fixture.spaces[at], number.fetch_add(1, Ordering::Relaxed));
                    if write % 3 == 0 {
                        let seq = seqs[at].fetch_add(1, Ordering::Relaxed) as u32 + 1;
                        let event = fixture.event(record_id(9_000 + at as u64), seq, next);
                        fixture.append_event(space, event).await.unwrap();
                    } else {
                        fixture.append(vec![(space, fixture.change(next))]).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let seen = reader.await.unwrap();
    assert_eq!(seen.values().map(BTreeSet::len).sum::<usize>() as u64, WRITERS * WRITES, "nothing was missed");
    for positions in seen.values() {
        assert!(positions.iter().copied().eq(1..=positions.len() as u64), "one log without gaps");
    }
    for (at, space) in fixture.spaces.iter().enumerate() {
        let events = fixture.store.case_events(record_id(9_000 + at as u64)).await.unwrap();
        assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as u32) && events.len() > 10);
        assert!(events.iter().all(|event| event.space == *space));
        let rows = fixture.store.case_rows(&[record_id(9_000 + at as u64), record_id(1)]).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}

/// Reads what comes behind its cursors, never anything again.
async fn follow(
    store: Arc<dyn Store>,
    spaces: Vec<SpaceId>,
    done: Arc<AtomicBool>,
) -> BTreeMap<SpaceId, BTreeSet<u64>> {
    let mut seen: BTreeMap<SpaceId, BTreeSet<u64>> = BTreeMap::new();
    let mut cursors: HashMap<SpaceId, Position> = HashMap::new();
    loop {
        let last_round = done.load(Ordering::Relaxed);
        let ends = store.ends(&spaces).await.unwrap();
        for space in &spaces {
            let (cursor, end) = (cursors.get(space).copied().unwrap_or_default(), ends[space]);
            let changes = store.changes_after(*space, cursor, usize::MAX).await.unwrap();
            let events = store.events_between(*space, cursor, end, usize::MAX).await.unwrap();
            assert!(events.iter().map(|event| event.position).is_sorted());
            let changes = changes.iter().map(|entry| entry.position).filter(|position| *position <= end);
            for position in changes.chain(events.iter().map(|event| event.position)) {
                assert!(seen.entry(*space).or_default().insert(position.0), "{position:?} came twice");
            }
            cursors.insert(*space, end);
        }
        if last_round {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

async fn two_events_never_take_the_same_place_in_a_case(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    fixture.put(record_id(1), record(space, Summary::default())).await;
    fixture.append_event(space, fixture.event(record_id(1), 1, 1)).await.unwrap();
    fixture.append_event(space, fixture.event(record_id(1), 1, 2)).await.unwrap_err();
    fixture.append_event(space, fixture.event(record_id(1), 2, 1)).await.unwrap_err();
    fixture.append_event(space, fixture.event(record_id(7), 1, 3)).await.unwrap_err();
    fixture.append_event(space, fixture.event(record_id(1), 2, 2)).await.unwrap();
    let events = fixture.store.case_events(record_id(1)).await.unwrap();
    assert_eq!(events.iter().map(|event| (event.seq, event.position.0)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    let expected = SentEvent { space, position: Position(2), ..fixture.event(record_id(1), 2, 2).event };
    assert_eq!(events[1], expected);
    assert_eq!(fixture.store.ends(&[space]).await.unwrap()[&space], Position(2), "what failed left nothing");
    let read = async |after, to, bytes| {
        let events = fixture.store.events_between(space, Position(after), Position(to), bytes).await.unwrap();
        events.iter().map(|event| event.position.0).collect::<Vec<_>>()
    };
    assert_eq!((read(0, 9, usize::MAX).await, read(1, 9, 0).await), (vec![1, 2], vec![2]));
    assert_eq!((read(0, 1, usize::MAX).await, read(0, 9, 1).await), (vec![1], vec![1]));
    let row = fixture.store.case_rows(&[record_id(1)]).await.unwrap().remove(&record_id(1));
    assert_eq!(row, Some(case_row(2)));
}

/// Positions in the space of a case, and where they come from.
async fn positions(store: &dyn Store, space: SpaceId) -> Vec<(u64, RecordId)> {
    let changes = store.changes_after(space, Position(0), usize::MAX).await.unwrap();
    changes.iter().map(|change| (change.position.0, change.record)).collect()
}

async fn a_record_moves_into_the_space_of_its_case_with_its_log(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let (from, moving, staying) = (fixture.spaces[0], record_id(1), record_id(2));
    write_records(&fixture, from, &[(1, 1), (2, 2), (3, 1)]).await;
    fixture.append_event(from, fixture.event(moving, 1, 4)).await.unwrap();

    let unit = UnitCode("520303108S00".into());
    let opens = OpenedSpace { from, unit: unit.clone(), name: "硬化通组路".into() };
    let parties = vec![UnitCode("520303108".into()), UnitCode("520303U02".into())];
    let case = CaseSpace { record: moving, opens: Some(opens), parties: parties.clone() };
    let plan = || WritePlan { spaces: vec![from], records: vec![moving], ..WritePlan::default() };
    let decision = Decision { case_spaces: vec![case.clone()], ..Decision::default() };
    fixture.store.write(plan(), Box::new(move |_| decision)).await.unwrap();

    let spaces = fixture.store.spaces().await.unwrap();
    let own = spaces.iter().find(|space| space.kind == SpaceKind::Case).unwrap();
    assert_eq!((&own.unit, own.name.as_str(), &own.parties), (&unit, "硬化通组路", &parties));
    assert_eq!(positions(&*fixture.store, own.id).await, [(1, moving), (3, moving)], "positions stay");
    assert_eq!(positions(&*fixture.store, from).await, [(2, staying)]);
    assert_eq!(fixture.store.record(moving).await.unwrap().unwrap().space, own.id);
    assert_eq!(fixture.store.case_events(moving).await.unwrap()[0].space, own.id);
    assert_eq!(begun(&*fixture.store, own.id, u64::MAX, 9).await, [(moving, 1, 2)]);
    assert_eq!(begun(&*fixture.store, from, u64::MAX, 9).await, [(staying, 2, 1)]);

    // What comes next stands behind everything that has moved; nothing of the old space is given twice.
    fixture.append(vec![(own.id, NewLogEntry { record: moving, ..fixture.change(5) })]).await.unwrap();
    fixture.append(vec![(from, NewLogEntry { record: staying, ..fixture.change(6) })]).await.unwrap();
    assert_eq!(positions(&*fixture.store, own.id).await.last(), Some(&(5, moving)));
    assert_eq!(positions(&*fixture.store, from).await.last(), Some(&(5, staying)));

    let twice = Decision { case_spaces: vec![case], ..Decision::default() };
    assert!(fixture.store.write(plan(), Box::new(move |_| twice)).await.is_err(), "another server was faster");
    let fewer = CaseSpace { record: moving, opens: None, parties: parties[..1].to_vec() };
    let decision = Decision { case_spaces: vec![fewer], ..Decision::default() };
    fixture.store.write(plan(), Box::new(move |_| decision)).await.unwrap();
    let spaces = fixture.store.spaces().await.unwrap();
    let cases: Vec<_> = spaces.iter().filter(|space| space.kind == SpaceKind::Case).collect();
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].parties, parties[..1]);
}

async fn a_decision_on_requests_sees_case_numbers_and_what_came_back(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    fixture.put(record_id(1), record(space, Summary::default())).await;
    fixture.append_event(space, fixture.event(record_id(1), 1, 1)).await.unwrap();
    let returned = returned(&fixture, space, 5);
    let (kept, numbers) = (returned.clone(), vec![(space, "town:2026".to_owned(), 31)]);
    let decide = move |_| Decision { numbers, returned: vec![kept], ..Decision::default() };
    let plan = || WritePlan { spaces: vec![space, other], ..WritePlan::default() };
    fixture.store.write(plan(), Box::new(decide)).await.unwrap();
    let numbers = vec![(space, "town:2026".to_owned(), 32), (other, "town:2026".to_owned(), 1)];
    let decide = move |_| Decision { numbers, ..Decision::default() };
    fixture.store.write(plan(), Box::new(decide)).await.unwrap();

    let look = async |plan: WritePlan| {
        let (seen, sees) = tokio::sync::oneshot::channel();
        let decide = |snapshot: Snapshot| {
            seen.send(snapshot).unwrap();
            Decision::default()
        };
        fixture.store.write(plan, Box::new(decide)).await.unwrap();
        sees.await.unwrap()
    };
    let requests = vec![event_id(1), event_id(5), event_id(6)];
    let snapshot = look(WritePlan { requests, cases: vec![record_id(1), record_id(2)], ..plan() }).await;
    assert_eq!(snapshot.cases.len(), 1);
    assert_eq!(snapshot.cases[&record_id(1)][0].id, event_id(1));
    let filed =
        FiledEvent { user: fixture.user, case: record_id(1), seq: 1, position: Position(1), received_ms: NOW + 1 };
    assert_eq!(snapshot.filed, HashMap::from([(event_id(1), filed)]));
    assert_eq!(snapshot.returned, HashMap::from([((fixture.user, event_id(5)), returned.why)]));
    let town = |space, last| ((space, "town:2026".to_owned()), last);
    assert_eq!(snapshot.numbers, HashMap::from([town(space, 32), town(other, 1)]));

    let without = look(WritePlan { records: vec![record_id(1)], ..plan() }).await;
    assert!(without.cases.is_empty() && without.numbers.is_empty(), "without cases nothing is read");
}

fn returned(fixture: &Fixture, space: SpaceId, number: u64) -> ReturnedRequest {
    ReturnedRequest {
        id: event_id(number),
        user: fixture.user,
        space,
        case: record_id(number),
        kind: 200,
        device: fixture.device,
        made_ms: NOW - 5,
        received_ms: NOW + number as i64,
        body: r#"{"act":"withdraw","text":"另行处理"}"#.into(),
        why: r#"{"reason":"not_allowed","detail":""}"#.into(),
    }
}

async fn requests_that_came_back_are_shown_per_space(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let all = [(space, 1), (other, 2), (space, 3), (space, 3)];
    for (space, number) in all {
        let returned = vec![returned(&fixture, space, number)];
        let decide = move |_| Decision { returned, ..Decision::default() };
        fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    }
    let shown = fixture.store.returned(&[space], &CaseSpaces::default(), 10).await.unwrap();
    assert_eq!(shown, [returned(&fixture, space, 3), returned(&fixture, space, 1)], "newest first, none twice");
    assert_eq!(fixture.store.returned(&[space, other], &CaseSpaces::default(), 2).await.unwrap().len(), 2);
    assert!(fixture.store.returned(&[], &CaseSpaces::default(), 10).await.unwrap().is_empty());
}

async fn a_unit_is_told_what_it_was_released_from_the_latest_first(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let [roads, farms] = ["520303U02", "520303U03"].map(|code| UnitCode(code.into()));
    let release = |unit: &UnitCode, number: u64, act: &str| Release {
        unit: unit.clone(),
        case: record_id(number),
        seq: 5,
        act: act.into(),
        received_ms: NOW + number as i64,
    };
    let all = vec![release(&roads, 1, "reassign"), release(&farms, 2, "withdraw"), release(&roads, 3, "convert")];
    let releases = all.clone();
    let decide = move |_| Decision { releases, ..Decision::default() };
    fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    let found = async |unit, since_ms, limit| fixture.store.releases(unit, since_ms, limit).await.unwrap();
    assert_eq!(found(&roads, 0, 10).await, [all[2].clone(), all[0].clone()]);
    assert_eq!(found(&roads, NOW + 2, 10).await, [all[2].clone()], "what was long ago is left out");
    assert_eq!(found(&roads, 0, 1).await, [all[2].clone()]);
    assert_eq!(found(&farms, 0, 10).await, [all[1].clone()]);
    assert_eq!(found(&UnitCode("520303".into()), 0, 10).await, []);
}

async fn rules_are_kept_by_version(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.book_after(0).await.unwrap(), None);
    assert!(store.add_book(1, "{}", NOW).await.unwrap());
    assert!(!store.add_book(1, "{\"other\":1}", NOW).await.unwrap(), "a version is never replaced");
    assert_eq!(store.book_after(0).await.unwrap(), Some((1, "{}".into())));
    assert!(store.add_book(2, "{\"a\":2}", NOW).await.unwrap());
    assert_eq!(store.book_after(0).await.unwrap(), Some((2, "{\"a\":2}".into())));
    assert_eq!(store.book_after(1).await.unwrap().map(|(version, _)| version), Some(2));
    assert_eq!(store.book_after(2).await.unwrap(), None);
}

async fn the_log_is_read_in_pieces(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let changes = (0..600).map(|number| (space, fixture.change(number))).collect();
    fixture.append(changes).await.unwrap();
    fixture.append(vec![(other, fixture.change(1_000))]).await.unwrap();
    let read = async |after, bytes_max| fixture.store.changes_after(space, Position(after), bytes_max).await.unwrap();
    assert_eq!(read(0, usize::MAX).await.len(), 600);
    assert_eq!(read(0, 0).await.len(), 1, "at least one");
    assert_eq!(read(0, 64).await.len(), 1, "each has 64 bytes");
    assert_eq!(read(0, 65).await.len(), 2);
    let tail: Vec<u64> = read(597, usize::MAX).await.iter().map(|entry| entry.position.0).collect();
    assert_eq!(tail, [598, 599, 600]);
    assert!(read(600, 10).await.is_empty() && read(u64::MAX, 10).await.is_empty());
}

/// Appends changes and writes the records that they belong to, each with its change's number.
async fn write_records(fixture: &Fixture, space: SpaceId, changes: &[(u64, u64)]) {
    let entries: Vec<(SpaceId, NewLogEntry)> = changes
        .iter()
        .map(|(number, of)| (space, NewLogEntry { record: record_id(*of), ..fixture.change(*number) }))
        .collect();
    let records: BTreeSet<RecordId> = changes.iter().map(|(_, of)| record_id(*of)).collect();
    let plan = WritePlan { spaces: vec![space], records: records.iter().copied().collect(), ..WritePlan::default() };
    let decide = move |snapshot: Snapshot| {
        let records = records.into_iter().map(|id| (id, record(space, Summary::default()))).collect();
        Decision { records, ..appended(&snapshot, entries) }
    };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
}

async fn begun(store: &dyn Store, space: SpaceId, below: u64, limit: usize) -> Vec<(RecordId, u64, u64)> {
    let found = store.records_before(space, Position(below), limit).await.unwrap();
    found.iter().map(|begun| (begun.id, begun.first.0, begun.changes)).collect()
}

async fn a_first_download_finds_records_newest_first(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let space = fixture.spaces[0];
    write_records(&fixture, space, &[(1, 1), (2, 2), (3, 1)]).await;
    write_records(&fixture, space, &[(4, 3), (5, 1)]).await;
    write_records(&fixture, fixture.spaces[1], &[(6, 4)]).await;
    fixture.put(record_id(9), record(space, Summary::default())).await;
    let store = &*fixture.store;
    let all = [(record_id(3), 4, 1), (record_id(2), 2, 1), (record_id(1), 1, 3)];
    assert_eq!(begun(store, space, 100, 10).await, all, "what changes later keeps its place; what has no log has none");
    assert_eq!(begun(store, space, 100, 2).await, all[..2]);
    assert_eq!(begun(store, space, 2, 10).await, all[2..]);
    assert_eq!(begun(store, space, 1, 10).await, []);
    assert_eq!(begun(store, space, u64::MAX, 10).await.len(), 3);

    let changes = store.changes_of(&[record_id(1), record_id(3), record_id(77)]).await.unwrap();
    let positions = |of: u64| changes[&record_id(of)].iter().map(|entry| entry.position.0).collect::<Vec<_>>();
    assert_eq!((changes.len(), positions(1), positions(3)), (2, vec![1, 3, 5], vec![4]));
    assert_eq!(changes[&record_id(1)][2].bytes, fixture.change(5).bytes);
}

async fn records_from_before_first_downloads_are_found_too(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    write_records(&fixture, space, &[(1, 1), (2, 2), (3, 1)]).await;
    let before = begun(&*fixture.store, space, 100, 10).await;
    fixture.store.close().await;
    // As the migration before that one had left it.
    place
        .execute(&[
            "drop index records_by_first",
            "alter table records drop column first_position",
            "alter table records drop column changes",
            "delete from _sqlx_migrations where version = 2",
        ])
        .await;
    assert_eq!(begun(&*place.open().await, space, 100, 10).await, before);
}

async fn a_thousand_rows_go_into_one_write(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let records: Vec<_> = (0..1_001_u64)
        .map(|number| {
            let people = vec!["黄光明".to_owned(), format!("{number}")];
            (record_id(number), record(space, Summary { people, ..Summary::default() }))
        })
        .collect();
    let ids: Vec<RecordId> = records.iter().map(|(id, _)| *id).collect();
    let plan = WritePlan { spaces: vec![space], records: ids.clone(), ..WritePlan::default() };
    let decide = |_| Decision { records, ..Decision::default() };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
    assert_eq!(fixture.store.count(&query(&[space])).await.unwrap().records, 1_001);
    assert_eq!(fixture.store.titles(&ids).await.unwrap().len(), 1_001);
    let plan = WritePlan { spaces: vec![space], records: ids, ..WritePlan::default() };
    let (seen, sees) = tokio::sync::oneshot::channel();
    let decide = |snapshot: Snapshot| {
        seen.send(snapshot.records.len()).unwrap();
        Decision::default()
    };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
    assert_eq!(sees.await.unwrap(), 1_001);
}

/// Five records whose ledger says which filter finds which.
async fn ledger(place: &Place) -> Fixture {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let rows = [
        (space, "2026-01-05", "water", "urgent", "黄光明", 3),
        (space, "2026-02-05", "water", "", "李秀碧", 4),
        (space, "2026-03-05", "road", "urgent", "黄光明", 5),
        (other, "2026-02-05", "water", "urgent", "黄光明", 6),
        (other, "", "road", "", "李秀碧", 7),
    ];
    for (number, (space, date, code, status, person, total)) in (1_u64..).zip(rows) {
        let summary = Summary {
            title: format!("意见{number}"),
            date: date.into(),
            code: code.into(),
            status: status.into(),
            people: vec![person.into(), "共同".into()],
            station: Some(record_id(100 + u64::from(space == other))),
            place: (number % 2 == 1).then(|| record_id(200)),
            tags: vec![format!("theme:{code}"), "focus:all".into()],
            links: vec![record_id(300 + number % 2)],
            number: total,
            search: format!("意见{number}\n{code} 饮水管网 100%_a\\b"),
            ..Summary::default()
        };
        fixture.put(record_id(number), record(space, summary)).await;
    }
    fixture
}

async fn found(fixture: &Fixture, query: &LedgerQuery) -> BTreeSet<u64> {
    let rows = fixture.store.ledger(query, None, 100).await.unwrap();
    let number = |id: RecordId| u64::from_be_bytes(id.0[..8].try_into().unwrap());
    let found: BTreeSet<u64> = rows.iter().map(|row| number(row.id)).collect();
    assert_eq!(found.len(), rows.len(), "no row twice");
    assert_eq!(fixture.store.count(query).await.unwrap().records, rows.len() as u64);
    found
}

async fn ledgers_filter(place: &Place) {
    let fixture = ledger(place).await;
    let all = query(&fixture.spaces);
    let cases: [(LedgerQuery, &[u64]); 17] = [
        (all.clone(), &[1, 2, 3, 4, 5]),
        (LedgerQuery { kind: Kind::Activity, ..all.clone() }, &[]),
        (LedgerQuery { code: Some("water".into()), ..all.clone() }, &[1, 2, 4]),
        (LedgerQuery { status: Some("urgent".into()), ..all.clone() }, &[1, 3, 4]),
        (LedgerQuery { station: Some(record_id(101)), ..all.clone() }, &[4, 5]),
        (LedgerQuery { place: Some(record_id(200)), ..all.clone() }, &[1, 3, 5]),
        (LedgerQuery { person: Some("黄光明".into()), ..all.clone() }, &[1, 3, 4]),
        (LedgerQuery { tags: vec!["theme:road".into()], ..all.clone() }, &[3, 5]),
        (LedgerQuery { tags: vec!["theme:road".into(), "focus:all".into()], ..all.clone() }, &[3, 5]),
        (LedgerQuery { tags: vec!["focus:all".into(), "theme:none".into()], ..all.clone() }, &[]),
        (LedgerQuery { link: Some(record_id(301)), ..all.clone() }, &[1, 3, 5]),
        (LedgerQuery { ids: Some([1, 4, 9].map(record_id).into()), ..all.clone() }, &[1, 4]),
        (LedgerQuery { ids: Some([1, 4].map(record_id).into()), ..query(&fixture.spaces[..1]) }, &[1]),
        (LedgerQuery { ids: Some(Vec::new()), ..all.clone() }, &[]),
        (LedgerQuery { from: Some("2026-02-05".into()), ..all.clone() }, &[2, 3, 4]),
        (LedgerQuery { from: Some("2026-01-06".into()), to: Some("2026-02-05".into()), ..all.clone() }, &[2, 4]),
        (
            LedgerQuery {
                link: Some(record_id(301)),
                person: Some("黄光明".into()),
                tags: vec!["theme:water".into()],
                status: Some("urgent".into()),
                ..all
            },
            &[1],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&fixture, &query).await, expected.iter().copied().collect(), "{query:?}");
    }
}

async fn ledgers_filter_and_order_by_the_cases_of_records(place: &Place) {
    let fixture = ledger(place).await;
    // Voice 1 has no limit that runs, voice 5 no case.
    let cases =
        [(1_u64, "submitted", "", "U01"), (2, "assigned", "2026-03-02", "U01"), (3, "assigned", "2026-02-01", "U02")];
    let other = [(4, "closed", "2026-02-01", "U01")];
    for (space, cases) in [(fixture.spaces[0], &cases[..]), (fixture.spaces[1], &other[..])] {
        let row = |(number, state, due, lead): &(u64, &str, &str, &str)| {
            let due = due.parse().ok().map(|on| Due::agreed(Clock::Reply, on, on));
            let lead = UnitRef { code: UnitCode((*lead).into()), name: "区交通运输局".into() };
            let row =
                CaseRow { state: (*state).into(), dues: due.into_iter().collect(), lead: Some(lead), ..case_row(1) };
            (record_id(*number), stored_case(Kind::Voice, space, row))
        };
        let cases: Vec<_> = cases.iter().map(row).collect();
        let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
        let decide = move |_: Snapshot| Decision { cases, ..Decision::default() };
        fixture.store.write(plan, Box::new(decide)).await.unwrap();
    }
    let all = query(&fixture.spaces);
    let of = |case: CaseFilter| LedgerQuery { case, ..all.clone() };
    let states = |states: &[&str]| CaseFilter {
        states: states.iter().map(|s| (*s).to_owned()).collect(),
        ..CaseFilter::default()
    };
    let due_to = |day: &str| CaseFilter { due_to: Some(day.into()), ..CaseFilter::default() };
    let expected: [(LedgerQuery, &[u64]); 8] = [
        (of(states(&["assigned"])), &[2, 3]),
        (of(states(&["closed", "submitted"])), &[1, 4]),
        (of(states(&["' or 1=1 --"])), &[]),
        (of(due_to("2026-02-01")), &[3, 4]),
        (of(CaseFilter { due_to: Some("2026-12-31".into()), ..states(&["assigned"]) }), &[2, 3]),
        (of(CaseFilter { lead: Some("U01".into()), ..CaseFilter::default() }), &[1, 2, 4]),
        (LedgerQuery { case: states(&["assigned"]), person: Some("黄光明".into()), ..all.clone() }, &[3]),
        (LedgerQuery { case: states(&["assigned", "closed"]), ..query(&fixture.spaces[1..]) }, &[4]),
    ];
    for (query, expected) in expected {
        assert_eq!(found(&fixture, &query).await, expected.iter().copied().collect(), "{query:?}");
    }
    let groups = fixture.store.groups(&of(states(&["assigned"])), GroupBy::Code).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.records).sum::<u64>(), 2);

    // In the order of limits, a row at a time; two end on the same day.
    let due = LedgerQuery { order: Order::Due, ..all.clone() };
    let (mut order, mut after) = (Vec::new(), None);
    for day in ["2026-02-01", "2026-02-01", "2026-03-02"] {
        let row = fixture.store.ledger(&due, after, 1).await.unwrap().remove(0);
        after = Some(LedgerKey { date: day.into(), id: row.id });
        order.push(row.id);
    }
    assert_eq!(order, [record_id(3), record_id(4), record_id(2)]);
    assert!(fixture.store.ledger(&due, after, 1).await.unwrap().is_empty());
    let oldest = fixture.store.ledger(&LedgerQuery { order: Order::Oldest, ..all.clone() }, None, 9).await.unwrap();
    let newest = fixture.store.ledger(&all, None, 9).await.unwrap();
    assert!(oldest.iter().map(|row| row.id).eq(newest.iter().rev().map(|row| row.id)));

    let conflict = Summary { conflicts: 2, ..Summary::default() };
    fixture.put(record_id(5), record(fixture.spaces[1], conflict)).await;
    let tagged = LedgerQuery { tags: vec![store::IN_CONFLICT.into()], ..all };
    assert_eq!(found(&fixture, &tagged).await, BTreeSet::from([5]));
    fixture.put(record_id(5), record(fixture.spaces[1], Summary::default())).await;
    assert_eq!(found(&fixture, &tagged).await, BTreeSet::new(), "settled");
}

async fn ledgers_never_show_other_spaces_nor_deleted_records(place: &Place) {
    let fixture = ledger(place).await;
    assert_eq!(found(&fixture, &query(&fixture.spaces[..1])).await, BTreeSet::from([1, 2, 3]));
    assert_eq!(found(&fixture, &query(&[])).await, BTreeSet::new());
    let person = LedgerQuery { person: Some("黄光明".into()), ..query(&fixture.spaces[1..]) };
    assert_eq!(found(&fixture, &person).await, BTreeSet::from([4]));
    // More spaces than are looked up one by one.
    let mut many = fixture.spaces.clone();
    many.extend((1_000..2_000).map(SpaceId));
    assert_eq!(found(&fixture, &query(&many)).await.len(), 5);
    assert_eq!(found(&fixture, &query(&many[1..])).await, BTreeSet::from([4, 5]));

    let deleted = Summary { deleted: true, date: "2026-01-05".into(), ..Summary::default() };
    fixture.put(record_id(1), record(fixture.spaces[0], deleted)).await;
    assert_eq!(found(&fixture, &query(&fixture.spaces)).await, BTreeSet::from([2, 3, 4, 5]));
    assert!(fixture.store.groups(&query(&[]), GroupBy::Code).await.unwrap().is_empty());
}

async fn ledgers_search_words_literally(place: &Place) {
    let fixture = ledger(place).await;
    let search = async |text: &str| {
        found(&fixture, &LedgerQuery { text: Some(text.into()), ..query(&fixture.spaces) }).await.len()
    };
    assert_eq!(search("管网").await, 5);
    assert_eq!(search("管网  WATER").await, 3, "each word, in any order, in any case");
    assert_eq!(search("意见1").await, 1);
    assert_eq!(search("100%_A\\b").await, 5);
    assert_eq!(search("1%饮").await, 0, "a percent sign is a percent sign");
    assert_eq!(search("饮_管").await, 0);
    assert_eq!(search("' or 1=1 --").await, 0);
    assert_eq!(search("   ").await, 5);
}

async fn ledgers_page_without_gap_or_repetition(place: &Place) {
    let fixture = Fixture::new(place, 6).await;
    for number in 0..60_u64 {
        // Many on the same day, some without a date, spread over spaces.
        let date = if number % 7 == 0 { String::new() } else { format!("2026-01-{:02}", number % 4 + 1) };
        let space = fixture.spaces[number as usize % 6];
        fixture.put(record_id(number), record(space, Summary { date, ..Summary::default() })).await;
    }
    for spaces in [&fixture.spaces[..], &fixture.spaces[..2]] {
        let query = query(spaces);
        let whole = fixture.store.ledger(&query, None, 1_000).await.unwrap();
        assert!(whole.is_sorted_by_key(|row| std::cmp::Reverse((row.summary.date.clone(), row.id))));
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = fixture.store.ledger(&query, after, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(LedgerKey { date: last.summary.date.clone(), id: last.id });
            pages.extend(page.into_iter().map(|row| row.id));
        }
        assert!(pages.iter().eq(whole.iter().map(|row| &row.id)));
    }
}

async fn lists_follow_when_a_record_changes(place: &Place) {
    let fixture = ledger(place).await;
    let person = |name: &str| LedgerQuery { person: Some(name.into()), ..query(&fixture.spaces) };
    let tagged = |tag: &str| LedgerQuery { tags: vec![tag.into()], ..query(&fixture.spaces) };
    let summary = Summary { people: vec!["赵小兰".into()], tags: vec!["focus:all".into()], ..Summary::default() };
    fixture.put(record_id(3), record(fixture.spaces[0], summary)).await;
    assert_eq!(found(&fixture, &person("黄光明")).await, BTreeSet::from([1, 4]));
    assert_eq!(found(&fixture, &person("赵小兰")).await, BTreeSet::from([3]));
    assert_eq!(found(&fixture, &tagged("theme:road")).await, BTreeSet::from([5]));
    assert_eq!(found(&fixture, &tagged("focus:all")).await.len(), 5);
    let link = LedgerQuery { link: Some(record_id(301)), ..query(&fixture.spaces) };
    assert_eq!(found(&fixture, &link).await, BTreeSet::from([1, 5]));
}

async fn figures_count_what_the_ledger_shows(place: &Place) {
    let fixture = ledger(place).await;
    let all = query(&fixture.spaces);
    let count = fixture.store.count(&all).await.unwrap();
    assert_eq!((count.key.as_str(), count.records, count.total), ("", 5, 25));
    let groups = async |query: &LedgerQuery, by| {
        let groups = fixture.store.groups(query, by).await.unwrap();
        groups.into_iter().map(|group| (group.key, group.records, group.total)).collect::<Vec<_>>()
    };
    assert_eq!(groups(&all, GroupBy::Code).await, [("water".into(), 3, 13), ("road".into(), 2, 12)]);
    assert_eq!(groups(&all, GroupBy::Status).await, [("urgent".into(), 3, 14), (String::new(), 2, 11)]);
    let station = |n| record_id(n).to_string();
    assert_eq!(groups(&all, GroupBy::Station).await, [(station(100), 3, 12), (station(101), 2, 13)]);
    assert_eq!(groups(&all, GroupBy::Place).await, [(station(200), 3, 15), (String::new(), 2, 10)]);
    let spaces = [fixture.spaces[0].0.to_string(), fixture.spaces[1].0.to_string()];
    assert_eq!(groups(&all, GroupBy::Space).await, [(spaces[0].clone(), 3, 12), (spaces[1].clone(), 2, 13)]);
    let urgent = LedgerQuery { status: Some("urgent".into()), ..query(&fixture.spaces[..1]) };
    assert_eq!(groups(&urgent, GroupBy::Code).await, [("road".into(), 1, 5), ("water".into(), 1, 3)]);
    let months = ["2026-02", "", "2026-01", "2026-03"].map(str::to_owned);
    let [february, none, january, march] = months;
    assert_eq!(groups(&all, GroupBy::Month).await, [(february, 2, 10), (none, 1, 7), (january, 1, 3), (march, 1, 5)]);
    let none = fixture.store.count(&query(&[])).await.unwrap();
    assert_eq!((none.records, none.total), (0, 0));
}

/// A voice of the ledger's first space: where it went, after how many days it was sorted and fed back.
type Went = (u64, Option<ExitKind>, Option<u32>, Option<u32>);

/// Puts these voices into cases.
async fn went(fixture: &Fixture, cases: &[Went]) {
    let space = fixture.spaces[0];
    let of = |(number, exit, sort_days, feedback_days): &Went| {
        let row = CaseRow { exit: *exit, sort_days: *sort_days, feedback_days: *feedback_days, ..case_row(1) };
        (record_id(*number), stored_case(Kind::Voice, space, row))
    };
    let cases: Vec<_> = cases.iter().map(of).collect();
    let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
    let decide = move |_: Snapshot| Decision { cases, ..Decision::default() };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
}

async fn voices_are_counted_by_exit_with_the_days_that_took(place: &Place) {
    let fixture = ledger(place).await;
    let all = query(&fixture.spaces);
    let median = async |query: &LedgerQuery| {
        let store = &fixture.store;
        [
            store.median_days(query, Took::ToSort).await.unwrap(),
            store.median_days(query, Took::ToFeedback).await.unwrap(),
        ]
    };
    assert_eq!(median(&all).await, [None, None], "nothing has a case");
    let (town, spot) = (Some(ExitKind::Town), Some(ExitKind::Spot));
    went(&fixture, &[(1, town, Some(3), None), (2, None, Some(8), None)]).await;
    let exits = |exits: &[ExitKind]| CaseFilter {
        exits: exits.iter().map(|exit| exit.key().to_owned()).collect(),
        ..CaseFilter::default()
    };
    let decided = LedgerQuery { case: exits(ExitKind::ALL), ..all.clone() };
    assert_eq!((found(&fixture, &decided).await, median(&decided).await), (BTreeSet::from([1]), [Some(3), None]));
    assert_eq!(median(&all).await, [Some(3), None], "of an even number the lower");
    went(&fixture, &[(2, town, Some(8), Some(20)), (3, spot, Some(4), Some(0))]).await;
    assert_eq!((found(&fixture, &decided).await, median(&decided).await), ([1, 2, 3].into(), [Some(4), Some(0)]));
    let to_town = LedgerQuery { case: exits(&[ExitKind::Town]), ..all.clone() };
    assert_eq!((found(&fixture, &to_town).await, median(&to_town).await), ([1, 2].into(), [Some(3), Some(20)]));
    let groups = fixture.store.groups(&all, GroupBy::Exit).await.unwrap();
    let groups: Vec<_> = groups.iter().map(|group| (group.key.as_str(), group.records)).collect();
    assert_eq!(groups, [("town", 2), ("spot", 1)], "without the voices that have no case");
    let february = LedgerQuery { from: Some("2026-02-01".into()), ..decided };
    assert_eq!(fixture.store.groups(&february, GroupBy::Month).await.unwrap().len(), 2);
    assert_eq!(median(&february).await, [Some(4), Some(0)]);
    let nowhere = LedgerQuery { spaces: fixture.spaces[1..].to_vec(), ..february };
    assert_eq!(median(&nowhere).await, [None, None], "never of other spaces");
}

async fn what_was_decided_before_figures_knew_of_exits_counts_too(place: &Place) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let fixture = ledger(place).await;
    let space = fixture.spaces[0];
    let decided = [(1, Some(ExitKind::Town), None, None)];
    went(&fixture, &decided).await;
    // Recorded late in the evening of the district's first day, sorted early on its third: two days.
    let evening = NOW - NOW.rem_euclid(DAY_MS) + 15 * DAY_MS / 24;
    let done = [("submit", evening), ("sort", evening + DAY_MS + DAY_MS / 6), ("feedback", evening + 9 * DAY_MS)];
    for (seq, (act, received_ms)) in (1_u32..).zip(done) {
        let new = fixture.event(record_id(1), seq, seq.into());
        let event =
            SentEvent { kind: Kind::Voice as u8, received_ms, body: format!(r#"{{"act":"{act}"}}"#), ..new.event };
        fixture.append_event(space, NewEvent { event, ..new }).await.unwrap();
    }
    went(&fixture, &decided).await;
    fixture.store.close().await;
    // As the migration before had left it.
    place.execute(&BEFORE_CONSOLE).await;
    place.execute(&["delete from _sqlx_migrations where version = 8"]).await;
    let store = place.open().await;
    let to_town = CaseFilter { exits: vec!["town".into()], ..CaseFilter::default() };
    let to_town = LedgerQuery { case: to_town, ..query(&fixture.spaces) };
    assert_eq!(store.count(&to_town).await.unwrap().records, 1);
    assert_eq!(store.median_days(&to_town, Took::ToSort).await.unwrap(), Some(2));
    assert_eq!(store.median_days(&to_town, Took::ToFeedback).await.unwrap(), Some(9));
}

async fn cases_are_found_under_their_keys_those_of_before_too(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [station, other] = [fixture.spaces[0], fixture.spaces[1]];
    let office = UnitCode("520303".into());
    let suggestion = |space| StoredRecord { kind: Kind::Suggestion, ..record(space, Summary::default()) };
    for number in 1..=3 {
        fixture.put(record_id(number), suggestion(station)).await;
    }
    let open = async |number: u64, parties: Vec<UnitCode>, from: Option<SpaceId>| {
        let unit = UnitCode::of_deputy(&UnitCode("520303108S01".into()), record_id(70));
        let opens = from.map(|from| OpenedSpace { from, unit, name: "断头路".into() });
        let space = CaseSpace { record: record_id(number), opens, parties };
        let plan = WritePlan { spaces: vec![station, other], ..WritePlan::default() };
        let decide = move |_: Snapshot| Decision { case_spaces: vec![space], ..Decision::default() };
        fixture.store.write(plan, Box::new(decide)).await.unwrap();
    };
    open(1, vec![UnitCode("520303108".into())], Some(station)).await;
    open(2, vec![office.clone()], Some(station)).await;
    let cases = |under: &str, having: &[&str], lacking: &[&str]| CaseSpaces {
        under: vec![under.into()],
        having: having.iter().map(|key| (*key).into()).collect(),
        lacking: lacking.iter().map(|key| (*key).into()).collect(),
    };
    let of = |spaces: &[SpaceId], cases| LedgerQuery { cases, ..LedgerQuery::of(Kind::Suggestion, spaces.to_vec()) };
    let in_cases = async |cases| found(&fixture, &of(&[], cases)).await;
    assert_eq!(in_cases(cases("above 520303", &[], &[])).await, BTreeSet::from([1, 2]));
    assert_eq!(in_cases(cases("above 520303", &["party 520303"], &[])).await, BTreeSet::from([2]));
    assert_eq!(in_cases(cases("above 520303", &["town 520303108"], &["party 520303"])).await, BTreeSet::from([1]));
    assert_eq!(in_cases(cases("station 520303108S02", &[], &[])).await, BTreeSet::new());
    assert_eq!(in_cases(CaseSpaces { under: Vec::new(), ..cases("", &["party 520303"], &[]) }).await, BTreeSet::new());
    let both = of(&[station], cases("party 520303", &[], &[]));
    assert_eq!(found(&fixture, &both).await, BTreeSet::from([2, 3]), "spaces and cases together");

    // Another office joins: it reads the case from then on, and the one that leaves does not.
    open(1, vec![office], None).await;
    assert_eq!(in_cases(cases("party 520303", &[], &[])).await, BTreeSet::from([1, 2]));
    assert_eq!(in_cases(cases("party 520303108", &[], &[])).await, BTreeSet::new());
    let under = |key: &str| cases(key, &[], &[]);
    assert!(fixture.store.has_case(&under("above 520303")).await.unwrap());
    assert!(!fixture.store.has_case(&under("party 520303108")).await.unwrap());
    assert_eq!(fixture.store.lasting_spaces().await.unwrap().len(), 2);
    assert_eq!(fixture.store.spaces().await.unwrap().len(), 4);

    fixture.store.close().await;
    place.execute(&BEFORE_CONSOLE).await;
    place.execute(&["create index cases_by_exit on cases (kind)"]).await;
    for column in ["exit text not null default ''", "sort_days bigint", "feedback_days bigint"] {
        place.execute(&[String::leak(format!("alter table cases add column {column}"))]).await;
    }
    let store = place.open().await;
    let found = store.ledger(&of(&[], cases("party 520303", &[], &[])), None, 10).await.unwrap();
    assert_eq!(found.len(), 2, "the keys of before are written when the store opens");
}

/// What undoes the migration by which records say of their cases what ledgers need, and the later ones of the same tables.
const BEFORE_CONSOLE: [&str; 39] = [
    "delete from _sqlx_migrations where version in (13, 20, 25)",
    "drop index records_by_station",
    "create index records_by_station on records (station)",
    "alter table cases add column due text not null default ''",
    "alter table cases add column clock text not null default ''",
    "alter table cases add column number text not null default ''",
    "drop index returned_by_record",
    "create index returned_by_space on returned (space)",
    "drop index quarantine_by_record",
    "drop index quarantine_by_user",
    "create index quarantine_by_user on quarantine (user_id)",
    "drop index quarantine_by_settled",
    "drop index quarantine_open",
    "create index quarantine_by_space on quarantine (space)",
    "drop table case_keys",
    "drop table unkeyed",
    "delete from meta where key = 'spaces'",
    "drop index spaces_by_change",
    "alter table spaces drop column changed",
    "drop index returned_by_time",
    "drop index cases_by_lead",
    "drop index records_by_space",
    "drop index records_by_date",
    "drop index records_by_code",
    "drop index records_by_state",
    "drop index records_by_due",
    "drop index records_by_exit",
    "alter table records drop column state",
    "alter table records drop column due",
    "alter table records drop column exit",
    "alter table records drop column sort_days",
    "alter table records drop column feedback_days",
    "alter table records drop column marks",
    "create index records_by_space on records (kind)",
    "create index records_by_date on records (kind)",
    "create index records_by_code on records (kind)",
    "create index cases_by_state on cases (kind)",
    "create index cases_by_due on cases (kind)",
    "create index cases_by_rate on cases (kind)",
];

/// Measures that differ in what each part looks at.
fn various_measures() -> Vec<Measures> {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let promise = |number, due: &str, outcome| Commitment { number, text: "完工".into(), due: day(due), outcome };
    let assigned = Measures { assigned: true, due: Some(day("2026-03-02")), ..Measures::default() };
    let replied = Measures { class: Some("B".into()), in_time: true, reach: Some(Reach::Met), ..assigned.clone() };
    let evaluated = Measures {
        result: Some(Opinion::Satisfied),
        first_result: Some(Opinion::Mostly),
        reach: Some(Reach::Consulted),
        ..replied.clone()
    };
    let closed = Measures { done: true, may_publish: true, ..evaluated.clone() };
    let kept = vec![promise(1, "2027-01-01", Some(CommitmentOutcome::Kept)), promise(2, "2027-01-01", None)];
    vec![
        Measures::default(),
        Measures { reach: Some(Reach::Contacted), ..assigned.clone() },
        Measures { due: Some(day("2026-03-03")), ..assigned },
        Measures { class: Some("A".into()), in_time: false, ..replied.clone() },
        Measures { commitments: vec![promise(1, "2026-03-02", None)], ..replied },
        Measures { result: Some(Opinion::Mostly), first_result: Some(Opinion::Satisfied), ..evaluated.clone() },
        Measures { result: Some(Opinion::Dissatisfied), ..evaluated },
        Measures { commitments: vec![promise(1, "2026-03-03", None)], ..closed.clone() },
        Measures { published: true, may_publish: false, commitments: kept, ..closed.clone() },
        Measures { published: true, ..closed },
    ]
}

async fn parts_of_suggestions_are_in_sql_what_they_are_by_the_fold(place: &Place) {
    const TODAY: &str = "2026-03-02";
    let fixture = Fixture::new(place, 2).await;
    let (space, various) = (fixture.spaces[0], various_measures());
    let (accepted, lead) = ("accepted".to_owned(), UnitRef { code: UnitCode("U02".into()), name: "区交通局".into() });
    let mut cases = Vec::new();
    for (number, measures) in (0..).zip(&various) {
        let (id, lead) = (record_id(number), Some(lead.clone()).filter(|_| measures.assigned));
        fixture.put(id, StoredRecord { kind: Kind::Suggestion, ..record(space, Summary::default()) }).await;
        let row = CaseRow { state: accepted.clone(), tier: Some(Tier::District), lead, ..case_row(1) };
        cases.push((id, StoredCase { measures: measures.clone(), ..stored_case(Kind::Suggestion, space, row) }));
    }
    // None of these counts: an express, one that was withdrawn, one of another space.
    for (number, space, state, tier) in [
        (100, space, "accepted", Tier::Express),
        (101, space, "withdrawn", Tier::Town),
        (102, fixture.spaces[1], "accepted", Tier::Town),
    ] {
        let id = record_id(number);
        fixture.put(id, StoredRecord { kind: Kind::Suggestion, ..record(space, Summary::default()) }).await;
        let row = CaseRow { state: state.into(), tier: Some(tier), ..case_row(1) };
        cases.push((id, StoredCase { measures: various[9].clone(), ..stored_case(Kind::Suggestion, space, row) }));
    }
    // Written again, as with each event: nothing is there twice.
    for _ in 0..2 {
        let (plan, cases) = (WritePlan { spaces: fixture.spaces.clone(), ..WritePlan::default() }, cases.clone());
        let decide = move |_: Snapshot| Decision { cases, ..Decision::default() };
        fixture.store.write(plan, Box::new(decide)).await.unwrap();
    }
    let of = |case: CaseFilter| LedgerQuery { case, ..LedgerQuery::of(Kind::Suggestion, vec![space]) };
    let counted = CaseFilter { counted: true, as_of: TODAY.into(), ..CaseFilter::default() };
    let tally = async |by| fixture.store.tally(&of(counted.clone()), Part::ALL, by).await.unwrap();
    let by_fold: Vec<BTreeSet<u64>> = Part::ALL
        .iter()
        .map(|part| {
            let takes = |measures: &Measures| part.takes(measures, TODAY.parse().unwrap());
            (0..).zip(&various).filter(|(_, measures)| takes(measures)).map(|(number, _)| number).collect()
        })
        .collect();
    let all = tally(TallyBy::All).await.remove(0);
    assert_eq!((all.all, all.parts), (10, by_fold.iter().map(|part| part.len() as u64).collect()));
    for (part, by_fold) in Part::ALL.iter().zip(&by_fold) {
        assert!(!by_fold.is_empty() && by_fold.len() < various.len(), "{part:?} is told from others");
        let listed = of(CaseFilter { parts: vec![*part], ..counted.clone() });
        assert_eq!(found(&fixture, &listed).await, *by_fold, "{part:?}: the rows behind the number");
    }
    let by = async |by| tally(by).await.into_iter().map(|one| (one.key, one.name, one.all)).collect::<Vec<_>>();
    let text = str::to_owned;
    assert_eq!(by(TallyBy::Lead).await, [(text(""), text(""), 1), (text("U02"), text("区交通局"), 9)]);
    assert_eq!(by(TallyBy::Class).await, [(text(""), text(""), 3), (text("A"), text(""), 1), (text("B"), text(""), 6)]);
    let class = of(CaseFilter { class: Some("A".into()), ..counted.clone() });
    assert_eq!(found(&fixture, &class).await, BTreeSet::from([3]));
    let commitments = async |case| fixture.store.commitments(&of(case)).await.unwrap();
    assert_eq!(commitments(counted.clone()).await, Commitments { due: 2, kept: 1 }, "one more is not due yet");
    let later = CaseFilter { as_of: "2027-01-01".into(), ..counted.clone() };
    assert_eq!(commitments(later).await, Commitments { due: 4, kept: 1 });
    let nowhere = LedgerQuery { spaces: vec![], ..of(counted) };
    assert_eq!(fixture.store.tally(&nowhere, &[Part::Kept], TallyBy::All).await.unwrap()[0].all, 0);
}

async fn suggestions_of_before_are_measured_when_the_store_opens(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let id = record_id(1);
    fixture.put(id, StoredRecord { kind: Kind::Suggestion, ..record(space, Summary::default()) }).await;
    let lead = UnitRef { code: UnitCode("U02".into()), name: "区交通局".into() };
    let assign = case::Act::Assign(Assign { lead, co: vec![], separate: vec![], wide: false, text: String::new() });
    let reply = Reply {
        letter: String::new(),
        class: "B".into(),
        text: "已列入计划".into(),
        signer: "局长".into(),
        commitments: vec![Promise { text: "完工".into(), due: "2026-06-30".parse().unwrap() }],
        may_publish: false,
    };
    let limit = Due::agreed(Clock::Reply, Date::at(NOW), Date::at(NOW));
    let added = [
        (case::Act::Accept, Added { tier: Some(Tier::District), ..Added::default() }),
        (assign, Added { dues: vec![limit], ..Added::default() }),
        (case::Act::Reply(reply), Added { limit: Some(limit.on), ..Added::default() }),
    ];
    for (seq, (act, added)) in (1_u32..).zip(added) {
        let by = By { user: fixture.user, name: "吴敏".into(), post: new_user("wu").posts.remove(0) };
        let event = Event {
            seq,
            id: event_id(seq.into()),
            case: id,
            kind: Kind::Suggestion,
            by,
            made_ms: NOW,
            received_ms: NOW,
            proxy: None,
            act,
            added,
        };
        let new =
            NewEvent { event: SentEvent::of(space, Position(0), &event), user: fixture.user, device: fixture.device };
        fixture.append_event(space, new).await.unwrap();
    }
    fixture.store.close().await;
    // As a server of before had left it: nothing is measured.
    place.execute(&["insert into unmeasured (record) select record from cases"]).await;
    let store = place.open().await;
    let case = CaseFilter { as_of: "2026-12-31".into(), ..CaseFilter::default() };
    let query = LedgerQuery { case, ..LedgerQuery::of(Kind::Suggestion, vec![space]) };
    let parts = [Part::Assigned, Part::Replied, Part::Timely, Part::Promised, Part::Done];
    let tally = store.tally(&query, &parts, TallyBy::Lead).await.unwrap();
    let measured = Tally { key: String::new(), name: "区交通局".into(), all: 1, parts: vec![1, 1, 1, 1, 0] };
    assert_eq!(tally, [measured], "the lead's code is in a column of before");
    assert_eq!(store.commitments(&query).await.unwrap(), Commitments { due: 1, kept: 0 });
}

async fn who_took_part_is_found(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let (there, later, unverified, elsewhere) = (900, 902, 903, 904);
    let acts = [
        (1, space, vec![there], "2026-03-02", "verified"),
        (2, space, vec![there, later], "2026-04-02", "verified"),
        (3, space, vec![unverified], "2026-03-02", "submitted"),
        (4, other, vec![elsewhere], "2026-03-02", "verified"),
    ];
    for (number, space, people, date, state) in acts {
        let people = people.iter().map(|person| record_id(*person).to_string()).collect();
        let summary = Summary { people, date: date.into(), ..Summary::default() };
        fixture.put(record_id(number), record(space, summary)).await;
        let cases =
            vec![(record_id(number), stored_case(Kind::Voice, space, CaseRow { state: state.into(), ..case_row(1) }))];
        let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
        let decide = move |_: Snapshot| Decision { cases, ..Decision::default() };
        fixture.store.write(plan, Box::new(decide)).await.unwrap();
    }
    let people: Vec<RecordId> = (900..1000).map(record_id).collect();
    let found = async |query: &LedgerQuery| fixture.store.took_part(query, &people).await.unwrap();
    let verified = CaseFilter { states: vec!["verified".into()], ..CaseFilter::default() };
    let all = LedgerQuery { case: verified, ..query(&[space]) };
    assert_eq!(found(&all).await, [there, later].map(record_id).into());
    let march = LedgerQuery { from: Some("2026-03-01".into()), to: Some("2026-03-31".into()), ..all.clone() };
    assert_eq!(found(&march).await, [there].map(record_id).into());
    assert!(found(&LedgerQuery { spaces: vec![], ..all.clone() }).await.is_empty());
    assert!(fixture.store.took_part(&all, &[]).await.unwrap().is_empty());
}

async fn text_that_no_database_likes_is_kept_or_cleaned(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let summary = Summary {
        title: "nul \0 'quote' \u{1F600} 𠮷".into(),
        search: "nul \0 𠮷".into(),
        people: vec!["o'neill\0".into()],
        tags: vec!["\"; drop table records; --".into()],
        ..Summary::default()
    };
    fixture.put(record_id(1), record(space, summary)).await;
    let titles = fixture.store.titles(&[record_id(1)]).await.unwrap();
    assert_eq!(titles[&record_id(1)], (Kind::Voice, "nul   'quote' \u{1F600} 𠮷".into()));
    let search = LedgerQuery { text: Some("𠮷".into()), ..query(&[space]) };
    assert_eq!(found(&fixture, &search).await.len(), 1);
}

fn quarantined(fixture: &Fixture, space: SpaceId, number: u64, refused: &Refused) -> Quarantined {
    Quarantined {
        hash: hash(number),
        space,
        record: record_id(number),
        kind: 200,
        device: fixture.device,
        user: fixture.user,
        refused: refused.clone(),
        received_ms: NOW + number as i64,
        bytes: vec![0, 1, 2],
    }
}

async fn quarantine_is_kept_per_user_and_shown_per_space(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let [space, other] = fixture.spaces[..] else { panic!("two spaces") };
    let refused = Refused { reason: RefusalReason::Depends, field: String::new() };
    let mut quarantine: Vec<_> = (1..=3).map(|number| quarantined(&fixture, space, number, &refused)).collect();
    quarantine.push(quarantined(&fixture, SpaceId(77), 4, &refused));
    quarantine.push(quarantined(&fixture, other, 5, &refused));
    quarantine.push(Quarantined { user: UserId(999), ..quarantined(&fixture, space, 1, &refused) });
    for _ in 0..2 {
        let quarantine = quarantine.clone();
        let decide = |_| Decision { quarantine, ..Decision::default() };
        fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    }
    let seen = fixture.store.quarantine(&[space], &CaseSpaces::default(), 100).await.unwrap();
    let numbers: Vec<i64> = seen.iter().map(|change| change.received_ms - NOW).collect();
    assert_eq!(numbers, [3, 2, 1, 1], "newest first");
    assert_eq!((seen[0].kind, seen[0].refused.clone(), seen[0].bytes.as_slice()), (200, refused, &[0, 1, 2][..]));
    assert_eq!(fixture.store.quarantine(&[space, other], &CaseSpaces::default(), 2).await.unwrap().len(), 2);
    assert!(fixture.store.quarantine(&[], &CaseSpaces::default(), 100).await.unwrap().is_empty());
}

async fn a_refused_change_is_decided_on_once_and_its_author_is_told(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let refused = Refused { reason: RefusalReason::Depends, field: "title".into() };
    let quarantine: Vec<_> = (1..=4).map(|number| quarantined(&fixture, space, number, &refused)).collect();
    let decide = |_| Decision { quarantine, ..Decision::default() };
    fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    let user = fixture.user;
    let settle = async |number: u64, settlement, note: &str| {
        let note = note.to_owned();
        let new = NewSettlement { user, hash: hash(number), settlement, by: UserId(9), at_ms: NOW, note };
        let decide = |_| Decision { settled: vec![new], ..Decision::default() };
        fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    };
    settle(1, Settlement::Accepted, "").await;
    settle(2, Settlement::Returned, "请补充").await;
    settle(3, Settlement::Discarded, "重复了").await;
    settle(2, Settlement::Discarded, "later").await;
    assert_eq!(fixture.store.quarantine(&[space], &CaseSpaces::default(), 9).await.unwrap().len(), 1, "one is open");
    assert!(fixture.store.open_refusal(user, hash(4)).await.unwrap().is_some());
    for (of, number) in [(user, 2), (UserId(999), 4)] {
        assert!(fixture.store.open_refusal(of, hash(number)).await.unwrap().is_none());
    }
    let all: Vec<_> = (1..=5).map(hash).collect();
    let mut told = fixture.store.settled_of(user, &all).await.unwrap();
    told.sort_by_key(|settled| settled.hash);
    let accepted = Outcome::Received { position: Position(0), received_ms: NOW };
    let outcomes =
        [(1, accepted, ""), (2, Outcome::Refused(refused.clone()), "请补充"), (3, Outcome::Refused(refused), "重复了")];
    let settled = outcomes.map(|(of, outcome, note)| Settled { hash: hash(of), outcome, note: note.into() });
    assert_eq!(told, settled);
    assert!(fixture.store.settled_of(UserId(999), &all).await.unwrap().is_empty());
    let listed = fixture.store.settled_in(&[space], &CaseSpaces::default(), 2).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|change| change.by == UserId(9) && change.user == user));
    let plan = WritePlan { hashes: all, ..WritePlan::default() };
    let (seen, sees) = tokio::sync::oneshot::channel();
    let decide = |snapshot: Snapshot| {
        seen.send(snapshot).unwrap();
        Decision::default()
    };
    fixture.store.write(plan, Box::new(decide)).await.unwrap();
    let snapshot = sees.await.unwrap();
    let still: HashSet<_> = [2, 3, 4].map(|number| (user, hash(number))).into();
    assert_eq!(snapshot.quarantined.into_keys().collect::<HashSet<_>>(), still, "what was accepted is not refused");
    assert_eq!(snapshot.open, HashSet::from([(user, hash(4))]));
}

async fn issued_summaries_are_kept_by_unit(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let unit = UnitCode("520303108".into());
    let summary = |year: i64| IssuedSummary {
        id: 0,
        unit: unit.clone(),
        year,
        by: fixture.user,
        issued_ms: NOW + year,
        body: format!("{{\"年\":{year}}}"),
    };
    let mut ids = Vec::new();
    for year in [2025, 2026] {
        ids.push(fixture.store.add_issued(&summary(year)).await.unwrap());
    }
    let issued = fixture.store.issued(&unit, 10).await.unwrap();
    let head = |place: usize, year| IssuedHead { id: ids[place], year, issued_ms: NOW + year };
    assert_eq!(issued, [head(1, 2026), head(0, 2025)], "the latest first");
    for (id, year) in ids.iter().zip([2025, 2026]) {
        let one = fixture.store.issued_one(&unit, *id).await.unwrap();
        assert_eq!(one, Some(IssuedSummary { id: *id, ..summary(year) }));
        assert_eq!(fixture.store.issued_one(&UnitCode("520303".into()), *id).await.unwrap(), None, "another unit's");
    }
    assert_eq!(fixture.store.issued_one(&unit, ids[0] + 1000).await.unwrap(), None);
    assert_eq!(fixture.store.issued(&unit, 1).await.unwrap().len(), 1);
    assert!(fixture.store.issued(&UnitCode("520303".into()), 10).await.unwrap().is_empty());
}

async fn a_password_may_be_for_one_time(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let must_change = async || fixture.store.user(fixture.user).await.unwrap().unwrap().must_change;
    assert!(!must_change().await);
    for must in [true, false] {
        fixture.store.set_must_change(fixture.user, must).await.unwrap();
        assert_eq!(must_change().await, must);
    }
}

async fn of_one_user_no_more_refused_changes_are_kept_than_there_is_room_for(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let space = fixture.spaces[0];
    let refused = Refused { reason: RefusalReason::Depends, field: String::new() };
    let write = async |quarantine: Vec<Quarantined>| {
        let decide = |_| Decision { quarantine, ..Decision::default() };
        fixture.store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    };
    let kept = async || fixture.store.quarantine(&[space], &CaseSpaces::default(), 10_000).await.unwrap().len();
    let change = |number| quarantined(&fixture, space, number, &refused);
    let max = REFUSED_KEPT_PER_USER_MAX as u64;
    write((1..max).map(change).collect()).await;
    write((max..max + 10).map(change).collect()).await;
    assert_eq!(kept().await, REFUSED_KEPT_PER_USER_MAX);
    let colleague = UserId(999);
    let large = vec![0; REFUSED_BYTES_KEPT_PER_USER_MAX / 2];
    let larger = |number| Quarantined { user: colleague, bytes: large.clone(), ..change(number) };
    write((1..=3).map(larger).collect()).await;
    assert_eq!(kept().await, REFUSED_KEPT_PER_USER_MAX + 2, "others have room, of their own and by bytes too");
}

async fn users_hold_posts(place: &Place) {
    let store = place.open().await;
    let id = store.create_user(new_user("huang")).await.unwrap().unwrap();
    assert_eq!(store.create_user(new_user("huang")).await.unwrap(), None, "a login is one person's");
    let other = store.create_user(new_user("li")).await.unwrap().unwrap();
    let user = store.user_by_login("huang").await.unwrap().unwrap();
    assert_eq!((user.person.user, user.person.name.as_str(), user.locked), (id, "黄光明", false));
    assert_eq!(user.person.posts, new_user("huang").posts);
    assert!(store.user_by_login("nobody").await.unwrap().is_none());

    let posts = vec![
        Post { role: Role::Town, unit: UnitCode("520303108".into()), mandate: None },
        Post { role: Role::Deputy, unit: UnitCode("520303108S02".into()), mandate: Some(RecordId([3; 16])) },
    ];
    store.set_posts(id, &posts, NOW).await.unwrap();
    store.set_password(id, "other").await.unwrap();
    store.set_locked(id, true).await.unwrap();
    let user = store.user(id).await.unwrap().unwrap();
    assert_eq!((user.person.posts, user.password_hash.as_str(), user.locked), (posts, "other", true));
    let users = store.users().await.unwrap();
    assert!(users.iter().map(|user| user.person.user).eq([id, other]));
    assert_eq!(users[1].person.posts.len(), 1);
}

async fn posts_that_were_taken_away_are_remembered_until_they_are_given_back(place: &Place) {
    let store = place.open().await;
    let (id, other) = (store.create_user(new_user("huang")).await.unwrap().unwrap(), new_user("li"));
    let other = store.create_user(other).await.unwrap().unwrap();
    assert!(store.former_posts(id).await.unwrap().is_empty());
    let [first] = new_user("huang").posts.try_into().unwrap();
    let town = Post { role: Role::Town, unit: UnitCode("520303108".into()), mandate: None };
    let again = Post { mandate: Some(RecordId([8; 16])), ..first.clone() };
    let gone = |post: &Post, at| FormerPost { post: post.clone(), taken_ms: NOW + at };

    store.set_posts(id, &[first.clone(), town.clone()], NOW + 1).await.unwrap();
    assert!(store.former_posts(id).await.unwrap().is_empty(), "what is kept is not gone");
    store.set_posts(id, std::slice::from_ref(&again), NOW + 2).await.unwrap();
    let former = store.former_posts(id).await.unwrap();
    assert_eq!(former, [gone(&town, 2), gone(&first, 2)], "another mandate is another post");
    store.set_posts(id, &[], NOW + 3).await.unwrap();
    store.set_posts(id, &[], NOW + 4).await.unwrap();
    let former = store.former_posts(id).await.unwrap();
    assert_eq!(former, [gone(&town, 2), gone(&first, 2), gone(&again, 3)], "each since it went");
    store.set_posts(id, std::slice::from_ref(&town), NOW + 5).await.unwrap();
    assert_eq!(store.former_posts(id).await.unwrap(), [gone(&first, 2), gone(&again, 3)], "given back");
    assert!(store.former_posts(other).await.unwrap().is_empty());

    // With a mandate go the posts that rest on it, whoever holds them.
    let leader = Post { role: Role::GroupLeader, ..again.clone() };
    store.set_posts(id, &[town.clone(), again.clone(), leader.clone()], NOW + 6).await.unwrap();
    store.set_posts(other, std::slice::from_ref(&again), NOW + 6).await.unwrap();
    let mandate = again.mandate.unwrap();
    let mut users = store.take_posts(mandate, NOW + 7).await.unwrap();
    users.sort_unstable();
    assert_eq!(users, [id, other]);
    assert_eq!(store.user(id).await.unwrap().unwrap().person.posts, std::slice::from_ref(&town));
    let former = store.former_posts(id).await.unwrap();
    assert!(former.contains(&gone(&again, 7)) && former.contains(&gone(&leader, 7)));
    assert!(store.former_posts(other).await.unwrap().contains(&gone(&again, 7)));
    assert!(store.take_posts(mandate, NOW + 8).await.unwrap().is_empty(), "once");
    store.set_posts(id, &[town, again.clone()], NOW + 9).await.unwrap();
    assert!(!store.former_posts(id).await.unwrap().contains(&gone(&again, 7)), "given back");
}

async fn devices_are_known_by_their_token(place: &Place) {
    let store = place.open().await;
    let user = store.create_user(new_user("huang")).await.unwrap().unwrap();
    let phone = store.create_device(new_device(user, &[1; 32])).await.unwrap();
    let console = NewDevice { kind: DeviceKind::Console, label: "office", ..new_device(user, &[2; 32]) };
    let console = store.create_device(console).await.unwrap();
    store.create_device(new_device(user, &[1; 32])).await.unwrap_err();
    let found = store.device_by_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((found.id, found.user, found.kind, found.revoked_ms), (phone, user, DeviceKind::Phone, None));
    assert!(store.device_by_token(&[3; 32]).await.unwrap().is_none());

    let report = |seen_ms| DeviceReport { app_version: "1.2".into(), unsent: 7, clock_offset_ms: -90_000, seen_ms };
    store.report(&[(console, report(NOW + 9)), (phone, report(NOW + 10))]).await.unwrap();
    let late = DeviceReport { unsent: 99, ..report(NOW + 5) };
    store.report(&[(phone, late)]).await.unwrap();
    store.sign_out(phone, NOW + 20).await.unwrap();
    assert!(store.device_by_token(&[1; 32]).await.unwrap().unwrap().signed_out);
    // Staff have the last word, and the first time stands.
    store.revoke(phone, NOW + 30).await.unwrap();
    store.sign_out(phone, NOW + 40).await.unwrap();
    let devices = store.devices().await.unwrap();
    assert_eq!(devices.len(), 2);
    let phone = &devices[0];
    assert_eq!((phone.app_version.as_str(), phone.unsent, phone.clock_offset_ms), ("1.2", 7, -90_000));
    assert_eq!((phone.last_seen_ms, phone.revoked_ms, phone.signed_out), (NOW + 10, Some(NOW + 20), false));
    assert_eq!((devices[1].kind, devices[1].label.as_str()), (DeviceKind::Console, "office"));
}

async fn failed_sign_ins_are_counted_one_after_the_other(place: &Place) {
    let store = place.open().await;
    let none = Failures::default();
    assert_eq!(store.failures("huang").await.unwrap(), none);
    let guesses: Vec<_> = (1..=8)
        .map(|guess| {
            let store = store.clone();
            tokio::spawn(async move {
                let after = Failures { count: 1, last_ms: NOW + guess };
                store.note_failure("huang", Failures::default(), after).await.unwrap()
            })
        })
        .collect();
    let mut noted = 0;
    for guess in guesses {
        noted += usize::from(guess.await.unwrap());
    }
    assert_eq!(noted, 1, "of many at once one counts, the others must look again");
    let failures = store.failures("huang").await.unwrap();
    let after = Failures { count: 2, last_ms: NOW + 50 };
    assert!(store.note_failure("huang", failures, after).await.unwrap());
    assert_eq!(store.failures("huang").await.unwrap(), after);
    store.forget_failures(NOW + 50).await.unwrap();
    assert_eq!(store.failures("huang").await.unwrap(), after);
    store.forget_failures(NOW + 51).await.unwrap();
    assert_eq!(store.failures("huang").await.unwrap(), none);
    assert!(store.note_failure("huang", none, after).await.unwrap());
    store.clear_failures("huang").await.unwrap();
    assert_eq!(store.failures("huang").await.unwrap(), none);
}

async fn whoever_listens_hears_what_has_grown(place: &Place) {
    let fixture = Fixture::new(place, 2).await;
    let mut here = fixture.store.signals();
    let other = place.open().await;
    let mut elsewhere = other.signals();
    let space = fixture.spaces[1];
    fixture.append(vec![(space, fixture.change(1)), (space, fixture.change(2))]).await.unwrap();
    let signal = here.recv().await.unwrap();
    assert_eq!((signal.space, signal.position), (space, Position(2)));
    if place.location.starts_with("postgres") {
        let signal = tokio::time::timeout(Duration::from_secs(20), elsewhere.recv()).await.unwrap().unwrap();
        assert_eq!((signal.space, signal.position), (space, Position(2)), "another server hears it too");
    }
    fixture.append(vec![(space, fixture.change(1))]).await.unwrap_err();
    assert!(here.try_recv().is_err(), "what was not committed is not announced");
}

async fn the_epoch_stays_until_it_is_renewed(place: &Place) {
    let store = place.open().await;
    let epoch = store.epoch().await.unwrap();
    assert_ne!(epoch, 0);
    assert_eq!(place.open().await.epoch().await.unwrap(), epoch);
    let other = place.open().await;
    assert!(!other.look_up_epoch().await.unwrap());
    store.renew_epoch(epoch + 1).await.unwrap();
    assert_eq!(store.epoch().await.unwrap(), epoch + 1);
    assert!(other.look_up_epoch().await.unwrap(), "another server notices");
    assert_eq!(other.epoch().await.unwrap(), epoch + 1);
    assert_eq!(place.open().await.epoch().await.unwrap(), epoch + 1);
    store.ping().await.unwrap();
}

async fn spaces_of_another_past_are_forgotten_with_the_epoch(place: &Place) {
    let names = async |store: &dyn Store| -> Vec<String> {
        store.spaces().await.unwrap().iter().map(|space| space.name.clone()).collect()
    };
    let store = place.open().await;
    let unit = |number: usize| UnitCode(format!("520303108S0{number}"));
    for number in 1..=3 {
        store.create_space(SpaceKind::Station, &unit(number), "竹元村联络室").await.unwrap();
    }
    let other = place.open().await;
    assert_eq!((names(&*store).await.len(), names(&*other).await.len()), (3, 3));
    // The database is set back to before the third was made, and goes on from there.
    place
        .execute(&[
            "delete from spaces where unit = '520303108S03'",
            "update spaces set name = '旧址联络室', changed = 1 where unit = '520303108S02'",
            "update meta set value = 2 where key = 'spaces'",
        ])
        .await;
    let epoch = store.epoch().await.unwrap();
    store.renew_epoch(epoch + 1).await.unwrap();
    assert!(other.look_up_epoch().await.unwrap());
    for server in [&store, &other] {
        assert_eq!(names(&**server).await, ["竹元村联络室", "旧址联络室"]);
    }
}

fn noted(number: u64) -> NewAudit {
    NewAudit {
        at_ms: NOW + number as i64,
        user: number.is_multiple_of(2).then_some(UserId(1)),
        device: None,
        act: Act::SignIn,
        subject: format!("{number}"),
        reason: "回访核实".into(),
    }
}

async fn the_audit_log_is_one_chain_whoever_writes(place: &Place) {
    const WRITERS: u64 = 8;
    const ENTRIES: u64 = 12;
    let stores = [place.open().await, place.open().await];
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = stores[writer as usize % 2].clone();
            tokio::spawn(async move {
                for number in 0..ENTRIES / 2 {
                    store.audit(&[noted(writer), noted(number)]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let chain = audit::verify(&*stores[0]).await.unwrap().unwrap();
    assert_eq!(chain.entries, WRITERS * ENTRIES);
    assert_eq!(stores[1].audit_head().await.unwrap().unwrap().hash, chain.head);
}

async fn an_entry_that_was_changed_or_cut_off_is_named(place: &Place) {
    let store = place.open().await;
    store.audit(&(0..5).map(noted).collect::<Vec<_>>()).await.unwrap();
    audit::verify(&*store).await.unwrap().unwrap();
    for (tamper, broken) in [
        ("update audit set reason = 'x' where number = 4", 4),
        ("delete from audit where number = 3", 3),
        ("delete from audit where number > 2", 3),
    ] {
        tamper_with(&place.location, tamper).await;
        assert_eq!(audit::verify(&*store).await.unwrap(), Err(audit::Broken(broken)), "{tamper}");
    }
    store.audit(&[noted(9)]).await.unwrap();
    assert_eq!(audit::verify(&*store).await.unwrap(), Err(audit::Broken(3)), "it stays broken");
}

/// As someone does who has the database's password.
async fn tamper_with(location: &str, statement: &'static str) {
    use sqlx::{Connection, Executor};
    if location.starts_with("postgres") {
        sqlx::PgConnection::connect(location).await.unwrap().execute(statement).await.unwrap();
    } else {
        sqlx::SqliteConnection::connect(location).await.unwrap().execute(statement).await.unwrap();
    }
}

fn sealed_record(id: SealedId, fixture: &Fixture, held: Held) -> SealedRecord {
    SealedRecord {
        id,
        voice: Some(record_id(1)),
        space: Some(fixture.spaces[0]),
        author: Some(fixture.user),
        version: 1,
        position: 0,
        written_ms: NOW,
        expires_ms: NOW + 10,
        held,
    }
}

fn encrypted(byte: u8) -> Held {
    let key = WrappedKey { master: MasterId([1; 16]), nonce: [2; 24], wrapped: vec![byte; 48] };
    Held::Active(Encrypted { nonce: [3; 24], ciphertext: vec![byte ^ 0xff; 300], key })
}

async fn sealed_writers_come_one_after_the_other(place: &Place) {
    const WRITERS: u64 = 8;
    const WRITES: u64 = 10;
    let fixture = Arc::new(Fixture::new(place, 1).await);
    let other = Arc::new(Fixture { store: place.open().await, spaces: fixture.spaces.clone(), ..*fixture });
    let id = SealedId([7; 16]);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let fixture = if writer % 2 == 0 { fixture.clone() } else { other.clone() };
            tokio::spawn(async move {
                for _ in 0..WRITES {
                    let new = sealed_record(id, &fixture, encrypted(writer as u8));
                    let plan = SealedPlan { ids: vec![id], ..SealedPlan::default() };
                    let decide = move |snapshot: SealedSnapshot| {
                        let version = snapshot.records.get(&id).map_or(0, |record| record.version) + 1;
                        let records = vec![SealedRecord { version, ..new }];
                        SealedDecision { records, openings: Vec::new(), audit: vec![noted(version)] }
                    };
                    fixture.store.seal(plan, Box::new(decide)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let changed = fixture.store.sealed_changed(fixture.user, 0, 10).await.unwrap();
    assert_eq!((changed.len(), changed[0].version, changed[0].position), (1, WRITERS * WRITES, WRITERS * WRITES));
    assert!(fixture.store.sealed_changed(fixture.user, changed[0].position, 10).await.unwrap().is_empty());
    assert!(fixture.store.sealed_changed(UserId(99), 0, 10).await.unwrap().is_empty(), "nobody else's");
    assert_eq!(audit::verify(&*fixture.store).await.unwrap().unwrap().entries, WRITERS * WRITES);
}

async fn a_destroyed_record_leaves_neither_contents_nor_key(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let store = &fixture.store;
    let (id, other) = (SealedId([7; 16]), SealedId([8; 16]));
    let put = async |record: SealedRecord| {
        let decide = move |_| SealedDecision { records: vec![record], ..SealedDecision::default() };
        store.seal(SealedPlan::default(), Box::new(decide)).await.unwrap();
    };
    put(sealed_record(id, &fixture, encrypted(5))).await;
    let kept = SealedRecord { position: 2, ..sealed_record(other, &fixture, encrypted(6)) };
    put(kept.clone()).await;
    assert_eq!(store.sealed_expired(NOW + 10, 9).await.unwrap().len(), 2);
    let deletion = Deletion { why: WhyDeleted::Citizen, at_ms: NOW + 5 };
    put(sealed_record(id, &fixture, Held::Deleted(deletion))).await;
    store.scrub(Scrub::Sealed).await.unwrap();
    assert_eq!(store.sealed_deleted().await.unwrap(), [(id, deletion)]);
    assert_eq!(store.sealed_expired(NOW + 10, 9).await.unwrap(), [other]);
    assert_eq!(store.sealed_of(record_id(1)).await.unwrap()[1], kept, "the other is what it was");
    assert_eq!(store.sealed_masters().await.unwrap(), [MasterId([1; 16])]);
    if !place.location.starts_with("postgres") {
        let bytes = std::fs::read(&place.location).unwrap();
        let found = |byte: u8, length: usize| bytes.windows(length).any(|window| window == vec![byte; length]);
        assert!(found(6, 48) && found(6 ^ 0xff, 300), "the search finds what is there");
        assert!(!found(5, 8) && !found(5 ^ 0xff, 8));
    }
}

async fn what_an_ended_phone_handed_over_waits_by_whose_it_is(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let store = &fixture.store;
    let refused = Refused { reason: RefusalReason::Ended, field: String::new() };
    let quarantine: Vec<_> = [1, 2].map(|number| quarantined(&fixture, fixture.spaces[0], number, &refused)).into();
    let decide = |_| Decision { quarantine, ..Decision::default() };
    store.write(WritePlan::default(), Box::new(decide)).await.unwrap();
    let refusal = RefusalOf { space: fixture.spaces[0], kind: 200, settled: None };
    assert_eq!(store.refusals_of(fixture.user, record_id(1)).await.unwrap(), [refusal]);
    assert!(store.refusals_of(UserId(999), record_id(1)).await.unwrap().is_empty());
    let hashes: Vec<_> = (1..=3).map(hash).collect();
    assert_eq!(store.count_refused(fixture.user, &hashes).await.unwrap(), 2);
    assert_eq!(store.count_refused(UserId(999), &hashes).await.unwrap(), 0);

    let file = |record, number: u8| ApartFile {
        record: record_id(record),
        user: fixture.user,
        hash: BlobHash([number; 32]),
        mime: "image/jpeg".into(),
        bytes: 5,
        previewed: number == 1,
        received_ms: NOW,
    };
    for wanted in [file(1, 1), file(1, 2), file(2, 1)] {
        for mime in ["image/jpeg", "image/png"] {
            store.add_apart(&ApartFile { mime: mime.into(), ..wanted.clone() }).await.unwrap();
        }
    }
    assert_eq!(store.apart_files(&[record_id(1)]).await.unwrap(), [file(1, 1), file(1, 2)]);
    let mut records = store.apart_records().await.unwrap();
    records.sort();
    assert_eq!(records, [1, 2].map(|number| (fixture.user, record_id(number))));
    store.drop_apart(&file(1, 1)).await.unwrap();
    assert_eq!(store.apart_files(&[record_id(1), record_id(2)]).await.unwrap(), [file(1, 2), file(2, 1)]);

    let (waiting, lies) = (SealedId([7; 16]), SealedId([8; 16]));
    let put = async |record: SealedRecord| {
        let decide = move |_| SealedDecision { records: vec![record], ..SealedDecision::default() };
        store.seal(SealedPlan::default(), Box::new(decide)).await.unwrap();
    };
    let apart = SealedRecord { space: None, ..sealed_record(waiting, &fixture, encrypted(5)) };
    put(apart.clone()).await;
    put(sealed_record(lies, &fixture, encrypted(6))).await;
    let found = [ApartSealed { id: waiting, voice: record_id(1), author: fixture.user }];
    assert_eq!(store.sealed_apart().await.unwrap(), found);
    assert_eq!(store.sealed_apart_of(&[record_id(1), record_id(2)]).await.unwrap(), found);
    put(SealedRecord { space: Some(fixture.spaces[0]), ..apart }).await;
    assert!(store.sealed_apart().await.unwrap().is_empty());
    assert!(store.sealed_of(record_id(1)).await.unwrap().iter().all(|record| record.space.is_some()));
}

async fn files_belong_to_one_record(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let hash = BlobHash::of(b"the road");
    let (here, there) = (RecordId([1; 16]), RecordId([2; 16]));
    assert_eq!(fixture.store.blob(here, hash).await.unwrap(), None);
    let mime = "image/jpeg".to_owned();
    let blob = StoredBlob { record: here, hash, mime, bytes: 8, user: fixture.user, received_ms: NOW };
    fixture.store.add_blob(&blob).await.unwrap();
    fixture.store.add_blob(&StoredBlob { received_ms: NOW + 1, ..blob.clone() }).await.unwrap();
    assert_eq!(fixture.store.blob(here, hash).await.unwrap(), Some(blob), "the first stays");
    assert_eq!(fixture.store.blob(there, hash).await.unwrap(), None, "the hash alone opens nothing");
}

async fn what_a_user_delivers_in_a_day_is_bounded_whoever_counts(place: &Place) {
    let fixture = Fixture::new(place, 1).await;
    let counts = (0..20).map(|_| {
        let (store, user) = (fixture.store.clone(), fixture.user);
        tokio::spawn(async move { store.count_blob_bytes(user, 7, 10, 105).await.unwrap() })
    });
    let mut counted = 0;
    for count in counts.collect::<Vec<_>>() {
        counted += u32::from(count.await.unwrap());
    }
    assert_eq!(counted, 10);
    let count = async |day, bytes| fixture.store.count_blob_bytes(fixture.user, day, bytes, 105).await.unwrap();
    assert!(count(7, 5).await && !count(7, 1).await, "to the byte");
    assert!(count(8, 105).await && !count(9, 106).await, "each day anew");
    fixture.store.forget_blob_days(8).await.unwrap();
    assert!(count(7, 105).await && !count(8, 1).await, "only earlier days are forgotten");
}

/// The power fails right after an acknowledgement.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_what_was_acknowledged_when_the_power_fails() {
    let mut cluster = Cluster::start(Fsync::On);
    let place = Place { location: cluster.database().await, durability: Durability::Power, _files: None };
    let fixture = Fixture::new(&place, 1).await;
    let space = fixture.spaces[0];
    for number in 0..5 {
        fixture.append(vec![(space, fixture.change(number))]).await.unwrap();
    }
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.crash();
        cluster
    });
    let cluster = cluster.await.unwrap();
    assert_eq!(place.open().await.ends(&[space]).await.unwrap()[&space], Position(5));
    // The store that was open finds its way back.
    let mut listening = fixture.store.signals();
    let mut appended = fixture.append(vec![(space, fixture.change(10))]).await;
    for _ in 0..20 {
        if appended.is_ok() {
            break;
        }
        appended = fixture.append(vec![(space, fixture.change(10))]).await;
    }
    appended.unwrap();
    while listening.recv().await.unwrap().position < Position(6) {}
    drop(cluster);
}

/// What a killed process leaves behind are the files as they are at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_was_acknowledged_when_the_process_is_killed() {
    let place = Place { durability: Durability::Power, ..Place::sqlite() };
    let fixture = Fixture::new(&place, 1).await;
    let space = fixture.spaces[0];
    for number in 0..5 {
        fixture.append(vec![(space, fixture.change(number))]).await.unwrap();
    }
    let left = Scratch::new("killed");
    for suffix in ["", "-wal"] {
        let name = format!("store.sqlite{suffix}");
        let from = std::path::Path::new(&place.location).with_file_name(&name);
        std::fs::copy(from, left.path().join(name)).unwrap();
    }
    let location = left.path().join("store.sqlite").to_string_lossy().into_owned();
    let store = store::open(&location).await.unwrap();
    assert_eq!(store.ends(&[space]).await.unwrap()[&space], Position(5));
    assert_eq!(store.changes_after(space, Position(0), usize::MAX).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_which() {
    let error = store::open("/nowhere/at/all/store.sqlite").await.err().unwrap();
    assert!(format!("{:?}", error.0).contains("/nowhere/at/all"));
}
