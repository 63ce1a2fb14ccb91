use proptest::prelude::*;

use super::*;
use crate::{
    id::{Actor, EventId, Position, RecordId, SealedId, SpaceId, UnitCode, UserId},
    record::{Edit, NewChange, Record},
    rights::{Access, Denied, Person, Post, Role, Space, SpaceKind},
    schema::Kind,
    sealed::{Deletion, Packed, Refusal, SealedOutcome, SealedWrite, WhyDeleted},
};

fn change() -> NewChange {
    let mut record = Record::new(Kind::Voice, RecordId([0xab; 16]));
    let edits = [Edit::put("category", "roads"), Edit::write("summary", "院坝前的路一落雨就烂")];
    record.edit(Actor([1; 16]), 1_767_225_600_000, None, &edits).unwrap().unwrap()
}

fn request() -> Request {
    let NewChange { hash, bytes } = change();
    Request {
        hello: RequestHello {
            epoch: 77,
            device_time_ms: 1_767_225_600_123,
            download_bytes_max: 65_536,
            unsent: 2,
            grants_mark: 0xdead_beef,
            app_version: "0.1.0".into(),
        },
        cursors: vec![
            Cursor { space: SpaceId(3), position: Position(41) },
            Cursor { space: SpaceId(300), position: Position(0) },
        ],
        changes: vec![SentChange {
            space: SpaceId(3),
            kind: Kind::Voice as u8,
            record: RecordId([0xab; 16]),
            hash,
            bytes,
        }],
        ..Request::default()
    }
}

/// A request whose person also asks for a transition, on an app that has just learned of events.
fn official_request() -> Request {
    let asked = SentRequest {
        space: SpaceId(300),
        kind: Kind::Suggestion as u8,
        case: RecordId([0xcd; 16]),
        id: EventId([0xef; 16]),
        seen: 3,
        made_ms: 1_767_225_500_000,
        body: r#"{"act":"assign","text":"请镇农服中心办理"}"#.into(),
    };
    let missed = vec![Cursor { space: SpaceId(3), position: Position(0) }];
    Request { changes: Vec::new(), requests: vec![asked], missed, ..request() }
}

fn official_answer() -> Answer {
    let now = 1_767_225_600_500;
    let event = SentEvent {
        space: SpaceId(300),
        position: Position(12),
        received_ms: now - 1000,
        kind: Kind::Suggestion as u8,
        case: RecordId([0xcd; 16]),
        seq: 4,
        id: EventId([0xee; 16]),
        made_ms: now - 5000,
        body: r#"{"by":{"user":12,"name":"周正"},"act":"assign"}"#.into(),
    };
    let later =
        SentEvent { position: Position(15), received_ms: now, seq: 5, id: EventId([0xe0; 16]), ..event.clone() };
    Answer {
        hello: AnswerHello { epoch: 77, server_time_ms: now, ..AnswerHello::default() },
        cursors: vec![Cursor { space: SpaceId(300), position: Position(15) }],
        verdicts: vec![
            Verdict::Accepted { seq: 5, position: Position(15), received_ms: now },
            Verdict::Returned { why: r#"{"reason":"state"}"#.into() },
            Verdict::Missing,
        ],
        events: vec![event, later],
        missed: vec![Cursor { space: SpaceId(3), position: Position(9) }],
        ..Answer::default()
    }
}

fn answer() -> Answer {
    let NewChange { hash, bytes } = change();
    let post = Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(RecordId([7; 16])) };
    let space = Space {
        id: SpaceId(3),
        kind: SpaceKind::Station,
        unit: UnitCode("520303108S01".into()),
        name: "竹元村联络室".into(),
        parties: Vec::new(),
    };
    let now = 1_767_225_600_500;
    let received =
        |position, received_ms| Receipt { outcome: Outcome::Received { position: Position(position), received_ms } };
    let refused = |reason| Receipt { outcome: Outcome::Refused(Refused { reason, field: "verbatim".into() }) };
    Answer {
        hello: AnswerHello { epoch: 77, server_time_ms: now, more: true, name_all: false },
        grants: Some(Grants {
            mark: 5,
            person: Person { user: UserId(12), name: "黄光明".into(), posts: vec![post] },
            spaces: vec![GrantedSpace { space, access: Access::Write }],
        }),
        receipts: vec![
            received(42, now),
            received(7, now - 86_400_000),
            refused(RefusalReason::Denied(Denied::NotAuthor)),
            refused(RefusalReason::Depends),
            Receipt { outcome: Outcome::Missing },
        ],
        authors: vec![Author { actor: Actor([1; 16]), user: UserId(12), name: "黄光明".into() }],
        page: vec![PageEntry {
            space: SpaceId(3),
            position: Position(43),
            received_ms: now - 1000,
            kind: Kind::Voice as u8,
            record: RecordId([0xab; 16]),
            hash,
            bytes,
        }],
        cursors: vec![Cursor { space: SpaceId(3), position: Position(43) }],
        ..Answer::default()
    }
}

fn sealed_request() -> Request {
    let write = SealedWrite {
        id: SealedId([0xcd; 16]),
        voice: RecordId([0xab; 16]),
        space: SpaceId(3),
        base: 2,
        contents: Some(Packed(vec![1, 2, 3])),
    };
    let deletion = SealedWrite { id: SealedId([0xce; 16]), contents: None, ..write.clone() };
    let sealed = Some(SealedRequest { cursor: 300, writes: vec![write, deletion] });
    Request { changes: Vec::new(), sealed, ..request() }
}

fn sealed_answer() -> Answer {
    let deletion = Deletion { why: WhyDeleted::Citizen, at_ms: 1_767_225_600_400 };
    let change = SealedChange {
        id: SealedId([0xcd; 16]),
        voice: RecordId([0xab; 16]),
        space: SpaceId(3),
        version: 3,
        received_ms: 1_767_225_600_300,
        expires_ms: 1_830_297_600_000,
        state: SealedState::Active(Packed(vec![1, 2, 3])),
        openings: vec![Opening {
            at_ms: 1_767_225_600_350, by: "赵小兰".into(), reason: "回访核实情况".into()
        }],
    };
    let deleted = SealedChange { state: SealedState::Deleted(deletion), openings: Vec::new(), ..change.clone() };
    let outcomes = vec![
        SealedOutcome::Stored { version: 3, received_ms: 1_767_225_600_300, expires_ms: 1_830_297_600_000 },
        SealedOutcome::Conflict { version: 4, contents: Packed(vec![9]) },
        SealedOutcome::Deleted(deletion),
        SealedOutcome::Refused(Refusal::NotAuthor),
        SealedOutcome::Waiting,
    ];
    let sealed = Some(SealedAnswer { cursor: 301, outcomes, changed: vec![change, deleted] });
    Answer { sealed, hello: answer().hello, ..Answer::default() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Phones in drawers speak these bytes. A failure here means a new version of the protocol.
#[test]
fn the_bytes_of_version_1_never_change() {
    assert_eq!(hex(&request().encode()), include_str!("../../golden/request.v1.hex").trim_end());
    assert_eq!(hex(&answer().encode()), include_str!("../../golden/answer.v1.hex").trim_end());
    assert_eq!(hex(&with_snapshot().encode()), include_str!("../../golden/snapshot.v1.hex").trim_end());
    let official = (hex(&official_request().encode()), hex(&official_answer().encode()));
    assert_eq!(official.0, include_str!("../../golden/official_request.v1.hex").trim_end());
    assert_eq!(official.1, include_str!("../../golden/official_answer.v1.hex").trim_end());
    assert_eq!(hex(&sealed_request().encode()), include_str!("../../golden/sealed_request.v1.hex").trim_end());
    assert_eq!(hex(&sealed_answer().encode()), include_str!("../../golden/sealed_answer.v1.hex").trim_end());
}

#[test]
fn messages_read_back_as_written() {
    assert_eq!(Request::decode(&request().encode()), Ok(request()));
    assert_eq!(Answer::decode(&answer().encode()), Ok(answer()));
    assert_eq!(Request::decode(&official_request().encode()), Ok(official_request()));
    assert_eq!(Answer::decode(&official_answer().encode()), Ok(official_answer()));
    assert_eq!(Request::decode(&sealed_request().encode()), Ok(sealed_request()));
    assert_eq!(Answer::decode(&sealed_answer().encode()), Ok(sealed_answer()));
}

#[test]
fn a_change_loses_nothing_on_the_wire() {
    let change = change();
    let (hash, chunk) = unpack(pack(&change.bytes).unwrap());
    assert_eq!((hash, chunk), (change.hash, change.bytes));
}

#[test]
fn sections_of_a_newer_version_are_skipped() {
    let mut bytes = request().encode();
    bytes.extend([0x7f, 3, 1, 2, 3]);
    assert_eq!(Request::decode(&bytes), Ok(request()));
}

#[test]
fn cut_messages_are_errors() {
    let bytes = request().encode();
    for length in 0..bytes.len() {
        if let Ok(read) = Request::decode(&bytes[..length]) {
            assert!(read != request(), "cut at {length} reads as whole");
        }
    }
    assert!(Request::decode(&[2, 0]).is_err(), "another version");
}

fn long_record() -> Record {
    let mut record = Record::new(Kind::Voice, RecordId::minted(&Actor([1; 16]), 7, NOW));
    record.edit(Actor([1; 16]), NOW, None, &[Edit::put("category", "roads"), Edit::write("summary", "路")]).unwrap();
    for round in 0..40 {
        let actor = Actor([1 + round % 3; 16]);
        let urgency = Edit::put("urgency", ["urgent", "normal"][usize::from(round) % 2]);
        record.edit(actor, NOW + 1000 * i64::from(round), None, &[urgency]).unwrap();
        let stale: Vec<_> = record.changes().first().map(|change| change.hash).into_iter().collect();
        record.edit(actor, NOW, Some(&stale), &[Edit::write("summary", &"路烂了,一落雨就恼火".repeat(2))]).unwrap();
    }
    record
}

const NOW: i64 = 1_767_225_600_000;

fn sent(record: &Record) -> Vec<SentChange> {
    let (kind, record_id) = (record.kind() as u8, record.id());
    let changes = record.changes().into_iter();
    changes
        .map(|NewChange { hash, bytes }| SentChange { space: SpaceId(3), kind, record: record_id, hash, bytes })
        .collect()
}

#[test]
fn changes_of_every_shape_come_out_of_a_bundle_as_they_were() {
    let mut changes = sent(&long_record());
    changes.extend((1..50).flat_map(|counter| {
        let mut record = Record::new(Kind::Activity, RecordId::minted(&Actor([9; 16]), 50 - counter, NOW));
        record
            .edit(Actor([9; 16]), NOW - 7, None, &[Edit::put("kind", "visit"), Edit::put("title", "院坝会")])
            .unwrap();
        sent(&record)
    }));
    // One that is not taken apart, of a kind that nobody knows, and one that names another record.
    let (hash, bytes) = unpack(b"no change at all");
    changes.push(SentChange { space: SpaceId(9), kind: 200, record: RecordId([5; 16]), hash, bytes });
    changes.push(SentChange { record: RecordId([6; 16]), ..changes[0].clone() });
    let request = Request { changes, ..request() };
    assert_eq!(Request::decode(&request.encode()), Ok(request));
}

#[test]
fn a_record_of_many_changes_costs_little_more_than_what_was_written() {
    let changes = sent(&long_record());
    let raw: usize = changes.iter().map(|change| change.bytes.len()).sum();
    let bundled = Request { changes, ..Request::default() }.encode().len();
    assert!(bundled * 2 < raw, "{bundled} of {raw} bytes");
}

#[test]
fn a_bundle_that_claims_more_than_an_exchange_holds_is_refused() {
    let mut record = Record::new(Kind::Voice, RecordId([4; 16]));
    let text = "长".repeat(20_000);
    record.edit(Actor([1; 16]), NOW, None, &[Edit::write("summary", &text), Edit::put("category", "roads")]).unwrap();
    let changes = sent(&record).into_iter().cycle().take(100).collect();
    assert!(Request::decode(&Request { changes, ..request() }.encode()).is_err());
}

fn with_snapshot() -> Answer {
    let mut record = Record::new(Kind::Voice, RecordId::minted(&Actor([1; 16]), 7, NOW));
    for (edit, by) in [(Edit::put("category", "roads"), 1), (Edit::put("urgency", "urgent"), 2)] {
        record.edit(Actor([by; 16]), NOW, None, &[edit]).unwrap();
    }
    let changes = record.changes().into_iter().map(|change| (change.hash, change.bytes)).collect();
    let whole = SnapshotRecord {
        space: SpaceId(3),
        kind: Kind::Voice as u8,
        record: record.id(),
        updated_ms: 1_767_225_123_000,
        changes,
    };
    let older = vec![
        Older { space: SpaceId(3), below: Position(40), reached_ms: Some(1_767_000_000_000) },
        Older { space: SpaceId(4), below: Position(900), reached_ms: None },
    ];
    let snapshot = Snapshot { older, records: vec![whole] };
    Answer { snapshot, ..answer() }
}

#[test]
fn a_snapshot_reads_back_as_written() {
    let alone = Answer { page: Vec::new(), ..with_snapshot() };
    for answer in [with_snapshot(), alone] {
        assert_eq!(Answer::decode(&answer.encode()), Ok(answer));
    }
}

#[test]
fn wishes_and_unnamed_cursors_read_back_as_written() {
    let cursors = request().cursors;
    let mark = mark_of(cursors.iter().rev().copied());
    assert_eq!(mark, mark_of(cursors.clone()), "in any order");
    assert_ne!(mark, mark_of(cursors[1..].to_vec()));
    let request = Request { rest: Some(mark), wanted: Some(cursors), ..request() };
    assert_eq!(Request::decode(&request.encode()), Ok(request));
}

#[test]
fn an_idle_exchange_is_small() {
    let sealed = Some(SealedRequest { cursor: 300, writes: Vec::new() });
    let idle = Request { changes: Vec::new(), sealed, ..request() };
    assert!(idle.encode().len() < 60, "{}", idle.encode().len());
}

#[test]
fn refusal_reasons_and_errors_keep_their_numbers_and_keys() {
    for reason in RefusalReason::all() {
        assert_eq!(RefusalReason::from_number(reason.number()), reason);
    }
    assert_eq!(RefusalReason::from_number(9999), RefusalReason::Malformed);
    for error in ExchangeError::ALL {
        assert_eq!(ExchangeError::from_key(error.key()), Some(error));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Request::decode(&bytes);
        let _ = Answer::decode(&bytes);
        let _ = pack(&bytes);
    }

    #[test]
    fn requests_and_events_read_back_as_written(
        (kind, seen, made_ms) in any::<(u8, u32, i64)>(),
        (case, id) in any::<([u8; 16], [u8; 16])>(),
        (space, position, received_ms, seq) in any::<(u32, u64, i64, u32)>(),
        body in ".{0,200}",
    ) {
        let (space, case, id) = (SpaceId(space), RecordId(case), EventId(id));
        let position = Position(position);
        let asked = SentRequest { space, kind, case, id, seen, made_ms, body: body.clone() };
        let request = Request { requests: vec![asked.clone(), asked], ..official_request() };
        prop_assert_eq!(Request::decode(&request.encode()), Ok(request));
        let event = SentEvent { space, position, received_ms, kind, case, seq, id, made_ms, body: body.clone() };
        let verdicts = vec![Verdict::Accepted { seq, position, received_ms }, Verdict::Returned { why: body }];
        let answer = Answer { events: vec![event.clone(), event], verdicts, ..official_answer() };
        prop_assert_eq!(Answer::decode(&answer.encode()), Ok(answer));
    }

    #[test]
    fn reading_survives_mutated_messages(index in 0..500_usize, byte in any::<u8>()) {
        for mut bytes in [
            request().encode(),
            answer().encode(),
            official_request().encode(),
            official_answer().encode(),
            sealed_request().encode(),
            sealed_answer().encode(),
        ] {
            let index = index % bytes.len();
            bytes[index] = byte;
            let _ = Request::decode(&bytes);
            let _ = Answer::decode(&bytes);
        }
    }
}
