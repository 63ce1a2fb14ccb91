//! What an account in the wrong hands can send: refused in bounded time and memory, and everybody else goes on.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![expect(unsafe_code, reason = "the allocator that counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    io::Write,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use axum::http::{StatusCode, header};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder},
};
use lianxin_shared::{
    id::{Actor, ChangeHash, RecordId},
    limits::{
        CHANGE_BYTES_MAX, CHANGE_DEPS_MAX, CHANGE_OPS_MAX, COUNT_STEP_MAX, EXCHANGE_BYTES_MAX, PROSE_CHARS_MAX,
        RECORD_OPS_MAX,
    },
    record::{Edit, GENESIS_ACTOR, Record},
    schema::Kind,
    wire::{self, Outcome, RefusalReason, Refused, SentChange},
};
use lianxin_tests::{
    forge::{self, Forged, number, prefixed, run},
    office::{NOW, Office, Phone, outcomes, request},
};
use tokio::sync::{Mutex, MutexGuard};

/// Counts what this program holds.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIB: usize = 1024 * 1024;
/// For one hostile change, of all cores' time, in a debug build.
const CHANGE_TIME_MAX: Duration = Duration::from_secs(2);
const CHANGE_BYTES_HELD_MAX: usize = 8 * MIB;

/// One test at a time: what is held is the whole program's.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What something takes, from here on. (Time of the processor, not of the clock: a machine that does other things beside
/// does not make it longer.)
struct Measure {
    cpu: Duration,
    held: usize,
}

impl Measure {
    fn start() -> Self {
        let held = HELD.load(Relaxed);
        PEAK.store(held, Relaxed);
        Self { cpu: cpu(), held }
    }

    /// Ends; panics when it took more.
    fn at_most(self, what: &str, time: Duration, bytes: usize) {
        let (took, peak) = (cpu() - self.cpu, PEAK.load(Relaxed).saturating_sub(self.held));
        println!("{what}: {} ms, {} KiB", took.as_millis(), peak / 1024);
        assert!(took <= time, "{what} took {took:?}");
        assert!(peak <= bytes, "{what} held {} MiB", peak / MIB);
    }
}

/// What this program has used of all cores, in the kernel's hundredths of a second.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // Behind the name, which may hold anything: state, parent, …; user and system are the 12th and 13th.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// An office with an activity of Huang's, into which someone with Huang's phone writes what they like.
struct Scene {
    office: Office,
    phone: Phone,
    /// A member of staff who goes on with honest work.
    zhao: Phone,
    record: Record,
    /// The number behind the last operation of the record.
    next_op: u64,
    _alone: MutexGuard<'static, ()>,
}

impl Scene {
    async fn new() -> Self {
        let alone = ALONE.lock().await;
        let office = Office::new().await;
        let phone = office.phone("huang").await;
        let zhao = office.phone("zhao").await;
        let mut record = Record::new(Kind::Activity, RecordId::minted(&phone.actor, 1, NOW));
        let edits = [Edit::put("kind", "courtyard"), Edit::put("title", "院坝会")];
        let change = record.edit(phone.actor, NOW, None, &edits).unwrap().unwrap();
        let mut scene = Self { office, phone, zhao, record, next_op: 0, _alone: alone };
        let answer = scene.send(vec![change.bytes]).await;
        assert!(matches!(answer[..], [Outcome::Received { .. }]));
        // The genesis's operations, and the three of the first change.
        scene.next_op = 10 + 3 + 1;
        scene
    }

    /// A well-formed second change, that only has to be spoilt.
    fn second(&self) -> Forged {
        Forged::sets(self.phone.actor, 2, self.next_op, &self.record.heads(), 1)
    }

    async fn send(&self, chunks: Vec<Vec<u8>>) -> Vec<Outcome> {
        let answer = self.office.exchange(&self.phone, &request(self.changes(chunks), &[])).await;
        outcomes(&answer)
    }

    fn changes(&self, chunks: Vec<Vec<u8>>) -> Vec<SentChange> {
        let sent = |bytes: Vec<u8>| {
            let (hash, bytes) = wire::unpack(wire::pack(&bytes).unwrap());
            SentChange {
                space: self.office.stations[0],
                kind: Kind::Activity as u8,
                record: self.record.id(),
                hash,
                bytes,
            }
        };
        chunks.into_iter().map(sent).collect()
    }

    /// The hostile change has this outcome, within the bounds, and afterwards the record is as it was and takes what
    /// people write.
    async fn is_refused(&self, what: &str, forged: &Forged, expected: RefusalReason) {
        self.has_outcome(what, forged.chunk().1, &refused(expected)).await;
    }

    async fn has_outcome(&self, what: &str, chunk: Vec<u8>, expected: &Outcome) {
        self.has_outcome_within(what, chunk, expected, (CHANGE_TIME_MAX, CHANGE_BYTES_HELD_MAX)).await;
    }

    async fn has_outcome_within(
        &self,
        what: &str,
        chunk: Vec<u8>,
        expected: &Outcome,
        (time, bytes): (Duration, usize),
    ) {
        let measure = Measure::start();
        let outcome = self.send(vec![chunk]).await;
        measure.at_most(what, time, bytes);
        assert_eq!(outcome, std::slice::from_ref(expected), "{what}");
        self.goes_on(what).await;
    }

    async fn goes_on(&self, what: &str) {
        // Another session each time, so that each begins with its first change.
        let zhao = Phone { actor: Actor(rand::random()), ..self.zhao.clone() };
        let page = self.office.state.hub.record_page(&zhao.person, self.record.id()).await.unwrap().unwrap();
        assert_eq!(page.contents.text("title"), "院坝会", "{what}");
        let mut copy = self.record.clone();
        let honest = copy.edit(zhao.actor, NOW, None, &[Edit::put("place", what)]).unwrap().unwrap();
        let answer = self.office.exchange(&zhao, &request(self.changes(vec![honest.bytes]), &[])).await;
        assert!(matches!(outcomes(&answer)[..], [Outcome::Received { .. }]), "after {what}: {answer:?}");
    }
}

fn refused(reason: RefusalReason) -> Outcome {
    Outcome::Refused(Refused { reason, field: String::new() })
}

#[tokio::test]
async fn a_well_formed_forgery_is_taken_so_that_the_spoilt_ones_fail_for_their_spoiling() {
    let scene = Scene::new().await;
    let outcome = scene.send(vec![scene.second().chunk().1]).await;
    assert!(matches!(outcome[..], [Outcome::Received { .. }]), "{outcome:?}");
    scene.goes_on("a forgery that could be true").await;
}

#[tokio::test]
async fn huge_counts_are_refused_unread() {
    let scene = Scene::new().await;
    for (what, times) in [("a quintillion operations", 1 << 60), ("one operation too many", CHANGE_OPS_MAX + 1)] {
        let forged = Forged::sets(scene.phone.actor, 2, scene.next_op, &scene.record.heads(), times);
        scene.is_refused(what, &forged, RefusalReason::Malformed).await;
    }
    for column in [forge::KEY_TEXT, forge::ACTION, forge::VALUE_META, forge::PRED_COUNT] {
        let item = if column == forge::KEY_TEXT { prefixed(b"crowd") } else { number(1) };
        let forged = scene.second().with(column, run(1 << 60, &item));
        scene.is_refused("one column with a huge count", &forged, RefusalReason::Malformed).await;
    }
    let nulls = [vec![0], number(u64::MAX)].concat();
    scene.is_refused("endless nulls", &scene.second().with(forge::KEY_TEXT, nulls), RefusalReason::Malformed).await;
    let many = run(1, &number(u64::MAX));
    scene
        .is_refused("endless predecessors", &scene.second().with(forge::PRED_COUNT, many), RefusalReason::Malformed)
        .await;
}

#[tokio::test]
async fn what_would_make_a_record_dear_to_read_is_refused() {
    let scene = Scene::new().await;
    let bounds = (Duration::from_secs(4), 160 * MIB);
    // A hundred thousand values of one field at once: as many conflicts, and as many lines of the history.
    let values = Forged::sets(scene.phone.actor, 2, scene.next_op, &scene.record.heads(), CHANGE_OPS_MAX);
    let malformed = refused(RefusalReason::Malformed);
    scene.has_outcome_within("100,000 values of one field", values.chunk().1, &malformed, bounds).await;
    let guests = Forged { other_actors: vec![GENESIS_ACTOR.to_vec()], ..values }
        .with(0x01, run(CHANGE_OPS_MAX, &number(1)))
        .with(0x02, run(CHANGE_OPS_MAX, &number(2)))
        .with(forge::VALUE_META, run(CHANGE_OPS_MAX, &number(2)))
        .with(forge::VALUE_RAW, []);
    scene.has_outcome_within("100,000 elements of a set", guests.chunk().1, &malformed, bounds).await;
}

#[tokio::test]
async fn as_much_as_is_allowed_takes_bounded_time_to_merge_and_to_read() {
    let scene = Scene::new().await;
    let mut copy = scene.record.clone();
    let long = "写".repeat(PROSE_CHARS_MAX);
    let edits = [Edit::write("body", &long), Edit::write("outcome", &long)];
    let written = copy.edit(scene.phone.actor, NOW, None, &edits).unwrap().unwrap();
    let struck = [Edit::write("body", ""), Edit::write("outcome", "")];
    let struck = copy.edit(scene.phone.actor, NOW, None, &struck).unwrap().unwrap();
    let measure = Measure::start();
    let outcome = scene.send(vec![written.bytes, struck.bytes]).await;
    measure.at_most("40,000 characters written and struck out", Duration::from_secs(6), 160 * MIB);
    assert!(outcome.iter().all(|outcome| matches!(outcome, Outcome::Received { .. })), "{outcome:?}");
    let measure = Measure::start();
    scene.goes_on("40,000 characters").await;
    measure.at_most("and the record is read and written", Duration::from_secs(6), 160 * MIB);
}

#[tokio::test]
async fn what_the_merge_engine_would_have_written_otherwise_spoils_no_record() {
    let scene = Scene::new().await;
    let second = || scene.second();
    let pred = |actor: u64, counter: i64| {
        let columns = [(forge::PRED_COUNT, run(1, &number(1))), (0x71, run(1, &number(actor)))];
        let with = columns.into_iter().fold(second(), |forged, (column, data)| forged.with(column, data));
        with.with(0x73, run(1, &forge::signed(counter)))
    };
    let unknown = vec![vec![0x77; 16]];
    let lies = [
        ("a predecessor that does not exist", pred(0, 9_999)),
        ("a predecessor that comes later", pred(0, 5_000_000)),
        ("a predecessor of another key", pred(0, 11)),
        ("a predecessor of an unknown actor", Forged { other_actors: unknown.clone(), ..pred(1, 1) }),
        ("an actor that is not used", Forged { other_actors: unknown, ..second() }),
        ("a run where one would do", second().with(forge::ACTION, [vec![1], number(forge::SET)].concat())),
        ("a column that nobody knows", second().with(0x102, run(1, &number(1)))),
        ("nulls at the end", second().with(forge::PRED_COUNT, [run(1, &number(0)), vec![0, 1]].concat())),
        ("a mark's name", second().with(0xa5, run(1, &prefixed(b"bold")))),
    ];
    for (what, forged) in lies {
        let copy = scene.office.state.hub.record_page(&scene.phone.person, scene.record.id()).await.unwrap().unwrap();
        let seq = 1 + copy.history.iter().filter(|line| line.entry.actor == scene.phone.actor).count() as u64;
        // Behind whatever was accepted of the lies before.
        let heads = copy.history.iter().rev().find(|line| line.entry.actor == scene.phone.actor);
        let forged =
            Forged { seq, start_op: scene.next_op + 10 * seq, deps: vec![heads.unwrap().entry.change], ..forged };
        let outcome = scene.send(vec![forged.chunk().1]).await;
        println!("{what}: {outcome:?}");
        scene.goes_on(what).await;
    }
}

#[tokio::test]
async fn nested_objects_are_refused() {
    let scene = Scene::new().await;
    let depth = 10_000;
    let forged = scene
        .second()
        .with(forge::KEY_TEXT, run(depth, &prefixed(b"deeper")))
        .with(forge::ACTION, run(depth, &number(forge::MAKE_MAP)))
        .with(forge::INSERT, number(depth))
        .with(forge::VALUE_META, run(depth, &number(0)))
        .with(forge::VALUE_RAW, [])
        .with(forge::PRED_COUNT, run(depth, &number(0)))
        // Each inside the one before.
        .with(0x01, [vec![0, 1], run(depth - 1, &number(0))].concat())
        .with(0x02, {
            let counters: Vec<u8> = (0..depth - 1).flat_map(|n| number(scene.next_op + n)).collect();
            let count = forge::signed(-(i64::try_from(depth).unwrap() - 1));
            [vec![0, 1], count, counters].concat()
        });
    scene.is_refused("ten thousand nested maps", &forged, RefusalReason::Malformed).await;
}

#[tokio::test]
async fn deflated_columns_and_chunks_are_refused_unread() {
    let scene = Scene::new().await;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![3; 100 * MIB]).unwrap();
    let bomb = encoder.finish().unwrap();
    let forged = scene.second().with(forge::VALUE_RAW | forge::DEFLATED, bomb.clone());
    scene.is_refused("a column that inflates to 100 MiB", &forged, RefusalReason::Malformed).await;
    // On the wire a chunk cannot say that it is compressed: this one says so inside.
    let (_, chunk) =
        wire::unpack(&[&[0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 2][..], &number(bomb.len() as u64), &bomb].concat());
    scene.has_outcome("a compressed chunk in a chunk", chunk, &refused(RefusalReason::Malformed)).await;
}

#[tokio::test]
async fn forged_actors_are_refused() {
    let scene = Scene::new().await;
    let zhao = scene.office.phone("zhao").await;
    let mut theirs = scene.record.clone();
    let change = theirs.edit(zhao.actor, NOW, None, &[Edit::put("crowd", 5)]).unwrap().unwrap();
    scene.office.exchange(&zhao, &request(scene.changes(vec![change.bytes.clone()]), &[])).await;
    let as_zhao = Forged::sets(zhao.actor, 2, scene.next_op + 1, &[change.hash], 1);
    scene.is_refused("somebody else's actor", &as_zhao, RefusalReason::Actor).await;
    for (what, actor) in [
        ("the genesis's actor", GENESIS_ACTOR.to_vec()),
        ("no actor", Vec::new()),
        ("a short actor", vec![1]),
        ("an endless actor", vec![1; 200_000]),
    ] {
        let forged = Forged { actor, seq: 1, ..scene.second() };
        scene.is_refused(what, &forged, RefusalReason::Malformed).await;
    }
}

#[tokio::test]
async fn gaps_and_reused_numbers_are_refused() {
    let scene = Scene::new().await;
    for seq in [1, 3, 1000, u64::MAX] {
        let forged = Forged { seq, ..scene.second() };
        scene.is_refused(&format!("number {seq} instead of 2"), &forged, RefusalReason::Actor).await;
    }
    scene.is_refused("number 0", &Forged { seq: 0, ..scene.second() }, RefusalReason::Actor).await;
    let outcome = scene.send(vec![scene.second().chunk().1]).await;
    assert!(matches!(outcome[..], [Outcome::Received { .. }]));
    let other = scene.second().with_text(b"place", b"elsewhere");
    scene.is_refused("the same number with other content", &other, RefusalReason::Actor).await;
}

#[tokio::test]
async fn operation_numbers_that_would_spoil_the_record_are_refused() {
    let scene = Scene::new().await;
    // Behind such a number nobody could write any more: Automerge's operations have 32 bits.
    let last = u64::from(u32::MAX);
    for start_op in [0, RECORD_OPS_MAX + 1, last - CHANGE_OPS_MAX, last - 1, last, 1 << 40, u64::MAX] {
        let forged = Forged { start_op, ..scene.second() };
        scene.is_refused(&format!("operation number {start_op}"), &forged, RefusalReason::Malformed).await;
    }
    // The first two are other operations' names; the third leaves too few for the others.
    for start_op in [1, scene.next_op - 1, scene.next_op + 2 * CHANGE_OPS_MAX] {
        let forged = Forged { start_op, ..scene.second() };
        scene.is_refused(&format!("operation number {start_op}"), &forged, RefusalReason::Actor).await;
    }
}

#[tokio::test]
async fn unknown_foreign_and_countless_dependencies_are_not_taken() {
    let scene = Scene::new().await;
    let unknown = |n: u64| ChangeHash(std::array::from_fn(|at| (n >> (8 * (at % 8))) as u8 ^ 0x5a));
    let with = |deps: Vec<ChangeHash>| Forged { deps, ..scene.second() };
    scene.has_outcome("an unknown dependency", with(vec![unknown(1)]).chunk().1, &Outcome::Missing).await;
    let as_many_as_allowed: Vec<_> = (0..CHANGE_DEPS_MAX).map(unknown).collect();
    scene.has_outcome("256 unknown dependencies", with(as_many_as_allowed).chunk().1, &Outcome::Missing).await;
    let other = Record::new(Kind::Voice, RecordId([9; 16]));
    scene.has_outcome("another kind's genesis", with(other.heads()).chunk().1, &Outcome::Missing).await;
    scene.is_refused("no dependency", &with(Vec::new()), RefusalReason::Malformed).await;
    let many: Vec<_> = (0..7_000).map(unknown).collect();
    scene.is_refused("7,000 dependencies", &with(many), RefusalReason::Malformed).await;
    // A hundred thousand hashes are more than a change may have bytes.
    let mut message = request(Vec::new(), &[]).encode();
    let hashes = vec![0x5a; 100_000 * 32];
    let contents = [number(100_000), hashes].concat();
    let change = [vec![1, 5], vec![7; 16], prefixed(&contents)].concat();
    let section = [number(1), change].concat();
    message.extend([number(3), prefixed(&section)].concat());
    let measure = Measure::start();
    let response = scene.office.send(scene.phone.sync(message)).await;
    measure.at_most("100,000 dependencies", CHANGE_TIME_MAX, CHANGE_BYTES_HELD_MAX);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    scene.goes_on("100,000 dependencies").await;
}

#[tokio::test]
async fn enormous_strings_are_refused() {
    let scene = Scene::new().await;
    let long = "长".repeat((CHANGE_BYTES_MAX - 1000) / 3);
    for key in ["title", "place"] {
        let forged = scene.second().with_text(key.as_bytes(), long.as_bytes());
        scene.is_refused(&format!("80,000 characters of {key}"), &forged, RefusalReason::Malformed).await;
    }
    let forged = scene.second().with_text(b"title", "长".repeat(CHANGE_BYTES_MAX).as_bytes());
    let measure = Measure::start();
    let response =
        scene.office.send(scene.phone.sync(request(scene.changes(vec![forged.chunk().1]), &[]).encode())).await;
    measure.at_most("a change of 768 KiB", CHANGE_TIME_MAX, CHANGE_BYTES_HELD_MAX);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "more than a change may have makes no message");
    let forged = scene.second().with_text(long.as_bytes(), b"x");
    scene.is_refused("a key of 80,000 characters", &forged, RefusalReason::Malformed).await;
}

#[tokio::test]
async fn a_count_that_no_tally_reaches_is_refused() {
    let scene = Scene::new().await;
    for by in [i64::MAX, COUNT_STEP_MAX + 1, 0, -1, i64::MIN] {
        let by_bytes = forge::signed(by);
        let forged = Forged { other_actors: vec![GENESIS_ACTOR.to_vec()], ..scene.second() }
            .with(forge::KEY_TEXT, run(1, &prefixed(b"leaflets")))
            .with(forge::ACTION, run(1, &number(5)))
            .with(forge::VALUE_META, run(1, &number((by_bytes.len() as u64) << 4 | forge::INTEGER)))
            .with(forge::VALUE_RAW, by_bytes)
            .with(forge::PRED_COUNT, run(1, &number(1)))
            .with(0x71, run(1, &number(1)))
            .with(0x73, run(1, &forge::signed(3)));
        scene.is_refused(&format!("{by} leaflets"), &forged, RefusalReason::Malformed).await;
    }
}

#[tokio::test]
async fn text_that_is_no_text_is_refused() {
    let scene = Scene::new().await;
    let broken = [0xff, 0xfe, b'x', 0xc3];
    scene
        .is_refused("a value that is no UTF-8", &scene.second().with_text(b"title", &broken), RefusalReason::Malformed)
        .await;
    scene
        .is_refused("a key that is no UTF-8", &scene.second().with_text(&broken, b"x"), RefusalReason::Malformed)
        .await;
    let cut = scene.second().with_text(b"title", "长".as_bytes()).with(forge::VALUE_RAW, "长".as_bytes()[..2].to_vec());
    scene.is_refused("a value that is cut off", &cut, RefusalReason::Malformed).await;
}

#[tokio::test]
async fn a_change_that_names_another_record_is_refused() {
    let scene = Scene::new().await;
    let naming = |id: &[u8]| {
        scene
            .second()
            .with(forge::KEY_TEXT, run(1, &prefixed(b"_id")))
            .with(forge::VALUE_META, run(1, &number((id.len() as u64) << 4 | 7)))
            .with(forge::VALUE_RAW, id)
    };
    scene.is_refused("another record's name", &naming(&[9; 16]), RefusalReason::Malformed).await;
    scene.is_refused("a name of 15 bytes", &naming(&[9; 15]), RefusalReason::Malformed).await;
    let kind = scene.second().with_text(b"_kind", b"voice");
    scene.is_refused("another kind", &kind, RefusalReason::Malformed).await;
}

#[tokio::test]
async fn millions_of_tiny_operations_in_one_exchange_are_refused_unread() {
    let scene = Scene::new().await;
    // Deleting repeats nothing: a change of two hundred bytes may claim all the operations that one may have.
    let forged = |seq: u64| {
        let ops = CHANGE_OPS_MAX;
        let start_op = scene.next_op + (seq - 2) * ops;
        Forged::sets(scene.phone.actor, seq, start_op, &scene.record.heads(), ops)
            .with(forge::ACTION, run(ops, &number(3)))
            .with(forge::VALUE_META, run(ops, &number(0)))
            .with(forge::VALUE_RAW, [])
    };
    let chunks: Vec<_> = (2..4002).map(|seq| forged(seq).chunk().1).collect();
    let message = request(scene.changes(chunks), &[]).encode();
    assert!(message.len() < EXCHANGE_BYTES_MAX / 4, "{}", message.len());
    let measure = Measure::start();
    let response = scene.office.send(scene.phone.sync(message)).await;
    measure.at_most("400 million operations", CHANGE_TIME_MAX, CHANGE_BYTES_HELD_MAX);
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    scene.goes_on("400 million operations").await;
}

#[tokio::test]
async fn a_full_exchange_of_nonsense_takes_bounded_time() {
    let scene = Scene::new().await;
    let unknown = |n: u64| ChangeHash(std::array::from_fn(|at| (n >> (8 * (at % 8))) as u8 ^ 0xa5));
    // As many unknown dependencies as fit: each of them is looked up.
    let forged = |seq: u64| {
        let deps = (0..CHANGE_DEPS_MAX).map(|n| unknown(seq << 16 | n)).collect();
        Forged { deps, ..Forged::sets(scene.phone.actor, seq, scene.next_op, &[], 1) }.chunk().1
    };
    let chunks: Vec<_> = (2..490).map(forged).collect();
    let measure = Measure::start();
    let outcome = scene.send(chunks).await;
    measure.at_most("125,000 unknown dependencies", Duration::from_secs(10), 64 * MIB);
    assert!(outcome.iter().all(|outcome| *outcome == Outcome::Missing));
    scene.goes_on("125,000 unknown dependencies").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gzip_bombs_in_parallel_share_the_memory_that_there_is() {
    let scene = Scene::new().await;
    // Each becomes exactly what is allowed, out of four kilobytes.
    let mut message = request(Vec::new(), &[]).encode();
    let filler = EXCHANGE_BYTES_MAX - message.len() - 5;
    message.extend([number(0x7f), number(filler as u64)].concat());
    message.resize(EXCHANGE_BYTES_MAX, 0);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&message).unwrap();
    let bomb = encoder.finish().unwrap();
    drop(message);
    assert!(bomb.len() < 8 * 1024);
    let measure = Measure::start();
    let sending: Vec<_> = (0..400)
        .map(|_| {
            let (app, mut sync) = (scene.office.app.clone(), scene.phone.sync(bomb.clone()));
            sync.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
            tokio::spawn(async move {
                use tower::ServiceExt;
                app.oneshot(sync).await.unwrap().status()
            })
        })
        .collect();
    for sent in sending {
        let status = sent.await.unwrap();
        assert!(matches!(status.as_u16(), 200 | 503), "{status}");
    }
    measure.at_most("400 gzip bombs at once", Duration::from_secs(20), 280 * MIB);
    scene.goes_on("400 gzip bombs").await;
}
