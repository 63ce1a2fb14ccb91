//! The beginning of the corpus: golden bytes and real messages, for the fuzzer to start from. `cargo xtask fuzz --seeds`
//! writes them; the suite `corpus` notices when they are no longer what today's code sends.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use lianxin_shared::{
    id::{Actor, DeviceId, Position, RecordId, SpaceId},
    record::{Edit, NewChange, Op, Record},
    schema::{Class, Field, Kind, Type},
    wire::{
        Answer, Author, Cursor, Outcome, PARCEL_NONCE_BYTES, PageEntry, Parcel, ParcelContents, Receipt, RefusalReason,
        Refused, Request, RequestHello, SentChange, pack,
    },
};

use super::{phone, record::RECORD};

/// An input for a target.
pub struct Seed {
    pub target: &'static str,
    pub name: String,
    pub bytes: Vec<u8>,
}

const ANNE: Actor = Actor([1; 16]);
const BERT: Actor = Actor([2; 16]);

pub fn seeds() -> Vec<Seed> {
    [requests(), parcels(), changes(), answers(), stored(), signals(), http()].into_iter().flatten().collect()
}

fn seed(target: &'static str, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed { target, name: format!("seed-{}", name.into()), bytes: bytes.into() }
}

fn requests() -> Vec<Seed> {
    let golden = hex(include_str!("../../../shared/golden/request.v1.hex"));
    let official = hex(include_str!("../../../shared/golden/official_request.v1.hex"));
    let mut seeds = vec![
        seed("request", "golden", golden),
        seed("request", "official", official),
        seed("request", "idle", request(Vec::new()).encode()),
    ];
    for kind in Kind::ALL {
        let changes = written_by_two(kind).into_iter().map(|change| sent(kind, RECORD, change)).collect();
        seeds.push(seed("record", kind.key(), request(changes).encode()));
    }
    let two: Vec<SentChange> = [Kind::Voice, Kind::Activity]
        .into_iter()
        .flat_map(|kind| {
            let id = RecordId::derived(kind, &["seed"]);
            written(kind, id).into_iter().map(move |change| sent(kind, id, change))
        })
        .collect();
    seeds.push(seed("request", "two-records", request(two.clone()).encode()));
    seeds.push(seed("record", "two-records", request(two).encode()));
    seeds
}

fn parcels() -> Vec<Seed> {
    let changes = written(Kind::Voice, RECORD).into_iter().map(|change| sent(Kind::Voice, RECORD, change)).collect();
    let messages = vec![request(changes).encode()];
    let contents = ParcelContents { made_ms: phone::NOW, messages, files: Vec::new() };
    let parcel = Parcel { device: DeviceId(7), nonce: [0; PARCEL_NONCE_BYTES], locked: contents.encode() };
    let golden = hex(include_str!("../../../shared/golden/parcel.v1.hex"));
    vec![seed("parcel", "golden", golden), seed("parcel", "voice", parcel.encode())]
}

fn changes() -> Vec<Seed> {
    let place = |kind: Kind| Kind::ALL.iter().position(|other| *other == kind).unwrap() as u8;
    let of = |kind: Kind| {
        written(kind, RECORD).into_iter().enumerate().map(move |(number, change)| {
            let bytes = [&[place(kind)], pack(&change.bytes).unwrap()].concat();
            seed("change", format!("{}-{number}", kind.key()), bytes)
        })
    };
    Kind::ALL.into_iter().flat_map(of).collect()
}

fn answers() -> Vec<Seed> {
    let author = |actor| Author { actor, user: lianxin_shared::id::UserId(12), name: "黄光明".into() };
    let received = Outcome::Received { position: Position(1), received_ms: phone::NOW };
    let refused = Outcome::Refused(Refused { reason: RefusalReason::Depends, field: "summary".into() });
    let page = |kinds: &[Kind]| -> Vec<PageEntry> {
        let changes = kinds.iter().flat_map(|kind| {
            let id = RecordId::derived(*kind, &["seed"]);
            written_by_two_of(*kind, id).into_iter().map(move |change| (*kind, id, change))
        });
        let entry = |(number, (kind, record, change)): (usize, (Kind, RecordId, NewChange))| PageEntry {
            space: phone::SPACE,
            position: Position(2 + number as u64),
            received_ms: phone::NOW + number as i64,
            kind: kind as u8,
            record,
            hash: change.hash,
            bytes: change.bytes,
        };
        changes.enumerate().map(entry).collect()
    };
    let with = |outcome: Outcome, page: Vec<PageEntry>| {
        let end = page.last().map_or(1, |entry| entry.position.0);
        Answer {
            hello: phone::hello(),
            receipts: vec![Receipt { outcome }],
            authors: vec![author(ANNE), author(BERT)],
            page,
            cursors: vec![Cursor { space: phone::SPACE, position: Position(end) }],
            ..Answer::default()
        }
    };
    let golden = hex(include_str!("../../../shared/golden/answer.v1.hex"));
    let official = hex(include_str!("../../../shared/golden/official_answer.v1.hex"));
    let snapshot = hex(include_str!("../../../shared/golden/snapshot.v1.hex"));
    let mut seeds = vec![
        seed("answer", "golden", golden),
        seed("answer", "official", official),
        seed("answer", "snapshot", snapshot),
    ];
    for kind in Kind::ALL {
        seeds.push(seed("receive", kind.key(), with(received.clone(), page(&[kind])).encode()));
    }
    let restored =
        Answer { hello: lianxin_shared::wire::AnswerHello { epoch: 78, ..phone::hello() }, ..Answer::default() };
    let shut_out = Answer {
        grants: Some(lianxin_shared::wire::Grants { spaces: Vec::new(), ..phone::grants() }),
        ..with(refused, Vec::new())
    };
    let several = [
        ("idle", with(Outcome::Missing, Vec::new())),
        ("shut-out", shut_out),
        ("restored", Answer { receipts: vec![Receipt { outcome: Outcome::Missing }], ..restored }),
        ("page", with(received, page(&[Kind::Voice, Kind::Activity, Kind::ReceptionDay]))),
    ];
    for (name, answer) in several {
        seeds.push(seed("answer", name, answer.encode()));
        seeds.push(seed("receive", name, answer.encode()));
    }
    seeds
}

fn stored() -> Vec<Seed> {
    let entry = |store: lianxin_shared::device::Store, key: &str, value: &[u8]| {
        let place = lianxin_shared::device::Store::ALL.iter().position(|other| *other == store).unwrap() as u8;
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        [&[place, key.len() as u8], key.as_bytes(), &length, value].concat()
    };
    let all: Vec<u8> = phone::SIGNED_IN.iter().flat_map(|((store, key), value)| entry(*store, key, value)).collect();
    let waiting = hex(include_str!("../../../shared/golden/waiting.v1.hex"));
    let waiting = entry(lianxin_shared::device::Store::Outbox, "00000000000000000001", &waiting);
    vec![seed("stored", "phone", all), seed("stored", "waiting", waiting)]
}

fn signals() -> Vec<Seed> {
    let stream = ": hello\n\nevent: space\r\ndata: {\"space\": 3, \"position\": 17}\n\nevent: other\ndata: {}\n\n";
    vec![seed("signal", "stream", stream), seed("signal", "half", &stream.as_bytes()[..40])]
}

/// The first byte is the way (`WAYS` of that target).
fn http() -> Vec<Seed> {
    let changes = written(Kind::Voice, RECORD).into_iter().map(|change| sent(Kind::Voice, RECORD, change)).collect();
    let exchange = request(changes).encode();
    let sign_in =
        serde_json::json!({ "login": "huang", "password": "correct horse battery", "device_label": "Redmi 9A" })
            .to_string();
    let voice = "was.channel=&channel=visit&was.date=&date=2026-01-01&was.summary=&summary=%E8%B7%AF%0D%0A&was.focus=&focus=ecology";
    let activity = "was.leaflets=&leaflets=12&was.kind=&kind=visit&was.title=&title=%E8%B5%B0%E8%AE%BF&was.body=&body=x&more.guests=%E7%8E%8B%E3%80%81%E6%9D%8E";
    let ways: [(&str, u8, Vec<u8>); 9] = [
        ("exchange", 0, exchange.clone()),
        ("gzip", 1, gzip(&exchange)),
        ("bomb", 1, gzip(&vec![1; 64 * 1024])),
        ("sign-in", 2, sign_in.into()),
        ("console-sign-in", 3, "login=zhao&password=x&next=%2Fconsole".into()),
        ("new-voice", 4, voice.into()),
        ("new-activity", 5, activity.into()),
        ("ledger", 6, "from=2026-01&to=2026-12-31&q=%E8%B7%AF&category=roads&sort=date&page=2".into()),
        ("record", 7, format!("record/{RECORD}").into()),
    ];
    ways.into_iter().map(|(name, way, bytes)| seed("http", name, [vec![way], bytes].concat())).collect()
}

/// A record in which every field is written.
fn written(kind: Kind, id: RecordId) -> Vec<NewChange> {
    let mut record = Record::new(kind, id);
    let fields = kind.schema().fields;
    let first: Vec<Edit> = fields.iter().filter_map(|field| edit(field, 0)).collect();
    let again: Vec<Edit> =
        fields.iter().filter(|field| field.class != Class::Once).filter_map(|field| edit(field, 1)).collect();
    [first, again].iter().flat_map(|edits| record.write(ANNE, phone::NOW, None, edits).unwrap()).collect()
}

/// A record that two people write into at the same time, with what is taken out again.
fn written_by_two(kind: Kind) -> Vec<NewChange> {
    written_by_two_of(kind, RECORD)
}

fn written_by_two_of(kind: Kind, id: RecordId) -> Vec<NewChange> {
    let mut changes = written(kind, id);
    let mut record = Record::new(kind, id);
    record.apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap();
    let seen = record.heads();
    for (actor, variant) in [(ANNE, 2), (BERT, 3)] {
        let fields = kind.schema().fields.iter().filter(|field| field.class != Class::Once);
        let edits: Vec<Edit> = fields.filter_map(|field| edit(field, variant)).collect();
        changes.extend(record.write(actor, phone::NOW + 60_000, Some(&seen), &edits).unwrap());
    }
    changes
}

fn edit(field: &Field, variant: usize) -> Option<Edit> {
    let op = match field.class {
        Class::Once | Class::Shown | Class::Quiet if variant == 3 && field.ty == Type::Bool => Op::Clear,
        Class::Once | Class::Shown | Class::Quiet => Op::Put { value: value(field.ty, variant)? },
        Class::Prose | Class::AuthorProse => Op::Write {
            text: ["上午来了三个人。", "上午来了三个人。路烂了", "路烂了", "今天上午来了3个人。🙂"][variant].into(),
        },
        Class::Entries => {
            let Type::Each { of, value: ty } = field.ty else { return None };
            match variant {
                2 => Op::Remove { element: text(*of, 0)? },
                _ => Op::Enter { element: text(*of, variant % 2)?, value: value(*ty, variant)? },
            }
        }
        Class::Set if variant == 2 => Op::Remove { element: text(field.ty, 0)? },
        Class::Set => Op::Add { element: text(field.ty, variant)? },
        Class::Counter => Op::Increment { by: 1 + variant as i64 },
        Class::Log => Op::Append { text: format!("去看过了 {variant}") },
        Class::Flag if variant == 3 => Op::Unmark,
        Class::Flag => Op::Mark,
    };
    Some(Edit { field: field.key.into(), op })
}

fn value(ty: Type, variant: usize) -> Option<lianxin_shared::record::Value> {
    Some(match ty {
        Type::Number => (30_i64 + variant as i64).into(),
        Type::Bool => variant.is_multiple_of(2).into(),
        _ => text(ty, variant)?.into(),
    })
}

fn text(ty: Type, variant: usize) -> Option<String> {
    Some(match ty {
        Type::Line { .. } => ["院坝会", "走访", "座谈", "meeting"][variant].into(),
        Type::Date => format!("2026-03-0{}", 1 + variant),
        Type::DateTime => format!("2026-03-0{}T10:00", 1 + variant),
        Type::Code { .. } => ["roads", "water", "visit", "other"][variant].into(),
        Type::Ref { kind } => RecordId::derived(kind, &[["a", "b", "c", "d"][variant]]).to_string(),
        Type::AnyRef => RecordId::derived(Kind::Activity, &[["a", "b", "c", "d"][variant]]).to_string(),
        Type::Blob => ["0a", "1b", "2c", "3d"][variant].repeat(32),
        Type::Point => format!("27.889{variant},106.6634,30"),
        Type::Prose | Type::Number | Type::Bool | Type::Each { .. } => return None,
    })
}

fn request(changes: Vec<SentChange>) -> Request {
    let hello = RequestHello {
        epoch: phone::EPOCH,
        device_time_ms: phone::NOW,
        download_bytes_max: 65_536,
        unsent: 2,
        grants_mark: 0,
        app_version: "0.1.0".into(),
    };
    Request { hello, cursors: vec![Cursor { space: SpaceId(2), position: Position(0) }], changes, ..Request::default() }
}

fn sent(kind: Kind, record: RecordId, change: NewChange) -> SentChange {
    SentChange { space: SpaceId(2), kind: kind as u8, record, hash: change.hash, bytes: change.bytes }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
