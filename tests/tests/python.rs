//! A second client, in Python and made from PROTOCOL.md alone (`tests/python`), sees what this one sees.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use lianxin_server::{
    account::hash_password,
    serve,
    store::{NewUser, Store},
};
use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    record::{Contents, Edit, FieldValue, NewChange, Op, Record, Value},
    rights::{Post, Role, SpaceKind},
    schema::{Class, Field, Kind, Type},
    wire::{Outcome, SentChange},
};
use lianxin_tests::{
    office::{NOW, Office, PASSWORD, Phone, outcomes, request},
    world::random::Random,
};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
/// The one whose space is taken for station spaces.
const STATION: &str = "520303108S02";
const STAFF: [&str; 3] = ["wang", "sun", "qian"];
const SEED: u64 = 4;
const RECORDS_PER_KIND: usize = 3;
/// Edits of a record after it was made.
const EDITS: usize = 14;
/// How often, in percent, a writer looks at what the others have written before an edit.
const LOOKS: usize = 35;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_another_language_reads_the_same_ledger() {
    let office = Office::new().await;
    let spaces = add_district(&*office.store).await;
    let mut staff = Vec::new();
    for login in STAFF {
        staff.push(office.phone(login).await);
    }
    let mut random = Random::new(SEED);
    let mut expected = BTreeMap::new();
    for (number, kind) in Kind::ALL.into_iter().flat_map(|kind| [kind; RECORDS_PER_KIND]).enumerate() {
        let space = spaces[&place(kind)];
        let record = write_together(&office, &staff, space, kind, number, &mut random).await;
        expected.insert(record.id().to_string(), (kind, space, record.read()));
    }
    let conflicts: usize = expected.values().map(|(_, _, contents)| contents.conflicts().count()).sum();
    assert!(conflicts >= 10, "only {conflicts} conflicts: the records are too tame");

    let ledger = read_with_python(&office).await;
    assert_eq!(ledger["spaces"][spaces[&SpaceKind::DistrictOffice].0.to_string()], "区人大");
    let records = ledger["records"].as_object().unwrap();
    let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(ids(records.keys().collect()), ids(expected.keys().collect()));
    for (id, (kind, space, contents)) in &expected {
        let read = &records[id];
        assert_eq!((&read["kind"], &read["space"]), (&json!(kind.key()), &json!(space.0)));
        for field in kind.schema().fields {
            assert_eq!(
                as_python_says(field, &read["fields"]),
                as_we_say(field, contents),
                "{kind:?} {id} {}",
                field.key
            );
        }
        let known = |key: &String| kind.schema().field(key).is_some();
        assert!(read["fields"].as_object().unwrap().keys().all(known), "{kind:?} {id}");
    }
}

/// Runs the client against the server, as someone who may read everything.
async fn read_with_python(office: &Office) -> Json {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, office.state.clone(), async {
        let _ = stopped.await;
    }));
    let output = tokio::task::spawn_blocking(move || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut python = Command::new("python3")
            // No folder of compiled modules in the tree.
            .arg("-B")
            .arg(root.join("tests/python/ledger.py"))
            .arg(root.join("shared/PROTOCOL.md"))
            .args([address.as_str(), STAFF[0]])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3: `cargo xtask test python` installs it");
        writeln!(python.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        python.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The district with its spaces and those who may write everywhere.
async fn add_district(store: &dyn Store) -> BTreeMap<SpaceKind, SpaceId> {
    let unit = |code: &str| UnitCode(code.into());
    store.create_space(SpaceKind::DistrictPublic, &unit(DISTRICT), "区").await.unwrap();
    store.create_space(SpaceKind::DistrictOffice, &unit(DISTRICT), "区人大").await.unwrap();
    store.create_space(SpaceKind::TownPublic, &unit("520303108"), "三合镇").await.unwrap();
    let password_hash = hash_password(PASSWORD).unwrap();
    for login in STAFF {
        let posts = [(Role::District, DISTRICT), (Role::Town, TOWN), (Role::Station, STATION)];
        let posts = posts.map(|(role, code)| Post { role, unit: unit(code), mandate: None }).into();
        let user = NewUser { login: login.into(), name: login.into(), password_hash: password_hash.clone(), posts };
        store.create_user(user).await.unwrap().unwrap();
    }
    store.spaces().await.unwrap().iter().map(|space| (space.kind, space.id)).collect()
}

fn place(kind: Kind) -> SpaceKind {
    SpaceKind::ALL.into_iter().find(|space| space.holds(kind)).unwrap()
}

/// A record that several people write into, seldom seeing what the others do. Every change is at the server at once, so
/// that it follows those that it rests on.
async fn write_together(
    office: &Office,
    staff: &[Phone],
    space: SpaceId,
    kind: Kind,
    number: usize,
    random: &mut Random,
) -> Record {
    let fields: Vec<&Field> = kind.schema().fields.iter().filter(|field| field.key != "author").collect();
    let mut first: Vec<Edit> = fields.iter().filter_map(|field| edit(field, random)).collect();
    // What the id is derived from must differ.
    if let Some(key) = kind.schema().natural_key.last() {
        let field = kind.schema().field(key).unwrap();
        first.retain(|edit| edit.field != *key);
        first.push(Edit { field: (*key).into(), op: Op::Put { value: unique(field.ty, number) } });
    }
    let text = |key: &str| first.iter().find_map(|edit| edit.puts_text(key));
    let id =
        RecordId::from_natural_key(kind, text).unwrap_or_else(|| RecordId::minted(&staff[0].actor, number as u64, 0));
    let mut whole = Record::new(kind, id);
    let mut copies = vec![whole.clone(); staff.len()];
    for round in 0..=EDITS {
        let who = if round == 0 { 0 } else { random.below(staff.len()) };
        if random.percent(LOOKS) {
            copies[who] = whole.clone();
        }
        let edits = if round == 0 {
            first.clone()
        } else {
            let chosen = fields.iter().filter(|field| field.class != Class::Once && random.percent(30));
            chosen.collect::<Vec<_>>().into_iter().filter_map(|field| edit(field, random)).collect()
        };
        let changes = copies[who].write(staff[who].actor, NOW + round as i64 * 1000, None, &edits).unwrap();
        if changes.is_empty() {
            continue;
        }
        whole.apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap();
        if round == 0 {
            copies.fill(whole.clone());
        }
        let sent = |change: NewChange| SentChange {
            space,
            kind: kind as u8,
            record: id,
            hash: change.hash,
            bytes: change.bytes,
        };
        let answer = office.exchange(&staff[who], &request(changes.into_iter().map(sent).collect(), &[])).await;
        let received = |outcome: &Outcome| matches!(outcome, Outcome::Received { .. });
        assert!(outcomes(&answer).iter().all(received), "{kind:?} {:?}", answer.receipts);
    }
    whole
}

fn edit(field: &Field, random: &mut Random) -> Option<Edit> {
    let op = match field.class {
        Class::Shown | Class::Quiet if random.percent(15) => Op::Clear,
        Class::Once | Class::Shown | Class::Quiet => Op::Put { value: value(field.ty, random) },
        Class::Prose | Class::AuthorProse => Op::Write { text: prose(random) },
        Class::Set => match (value(field.ty, random), random.percent(25)) {
            (Value::Text(element), false) => Op::Add { element },
            (Value::Text(element), true) => Op::Remove { element },
            _ => return None,
        },
        Class::Counter => Op::Increment { by: 1 + random.below(200) as i64 },
        Class::Log => Op::Append { text: prose(random) },
        Class::Flag => [Op::Mark, Op::Unmark][random.below(2)].clone(),
        Class::Entries => {
            let Type::Each { of, value: ty } = field.ty else { return None };
            let Value::Text(element) = value(*of, random) else { return None };
            match random.percent(25) {
                true => Op::Remove { element },
                false => Op::Enter { element, value: value(*ty, random) },
            }
        }
    };
    Some(Edit { field: field.key.into(), op })
}

fn value(ty: Type, random: &mut Random) -> Value {
    match ty {
        Type::Line { .. } | Type::Prose => ["走访", "座谈", "x", "院坝会"][random.below(4)].into(),
        Type::Date => format!("2026-03-{:02}", 1 + random.below(28)).into(),
        Type::DateTime => format!("2026-03-{:02}T10:30", 1 + random.below(28)).into(),
        Type::Number => Value::Number([0, 3, 64, 1000, i64::MAX][random.below(5)]),
        Type::Bool => random.percent(50).into(),
        Type::Code { .. } => ["roads", "water", "other"][random.below(3)].into(),
        Type::Ref { kind } => RecordId::derived(kind, &[["a", "b", "c"][random.below(3)]]).into(),
        Type::AnyRef => RecordId::derived(Kind::Activity, &[["a", "b", "c"][random.below(3)]]).into(),
        Type::Blob => ["0a", "1b"][random.below(2)].repeat(32).into(),
        Type::Point => format!("27.88{},106.6634", random.below(10)).into(),
        Type::Each { .. } => unreachable!("entries are no single value"),
    }
}

/// A value that no other record has.
fn unique(ty: Type, number: usize) -> Value {
    match ty {
        Type::Date => format!("2026-{:02}-{:02}", 1 + number / 28, 1 + number % 28),
        Type::Blob => format!("{number:064x}"),
        Type::Ref { .. } | Type::AnyRef => format!("{number:032x}"),
        _ => format!("n{number:03}"),
    }
    .into()
}

/// Some sentences out of a few, so that two people's texts have something in common and something not.
fn prose(random: &mut Random) -> String {
    const SENTENCES: [&str; 6] = ["饮水管网老化。", "公路烂得很。", "🙂", "Street lights.\n", "上午来了三个人。", "é"];
    (0..random.below(12)).map(|_| *random.pick(&SENTENCES)).collect::<String>() + "完"
}

/// What a field says, in a form that both can be brought into.
fn as_we_say(field: &Field, contents: &Contents) -> Json {
    match contents.fields.get(field.key) {
        None => Json::Null,
        Some(FieldValue::Single { value, others, .. }) => {
            let others: Vec<&Value> = others.iter().map(|other| &other.value).collect();
            json!({ "value": value, "others": others })
        }
        Some(FieldValue::Prose { text }) => json!(text),
        Some(FieldValue::Set { elements }) => json!(elements),
        Some(FieldValue::Count { count }) => json!(count),
        Some(FieldValue::Flag { on }) => json!(on),
        Some(FieldValue::Log { entries }) => {
            let mut texts: Vec<&String> = entries.iter().map(|entry| &entry.text).collect();
            texts.sort_unstable();
            json!(texts)
        }
        Some(FieldValue::Entries { entries }) => {
            let said = entries.iter().map(|(element, entry)| {
                let others: Vec<&Value> = entry.others.iter().map(|other| &other.value).collect();
                (element.clone(), json!({ "value": entry.value, "others": others }))
            });
            json!(said.collect::<BTreeMap<_, _>>())
        }
    }
}

/// The client does not know the fields' classes: it says what stands there.
fn as_python_says(field: &Field, fields: &Json) -> Json {
    let read = &fields[field.key];
    // A container in an object, or spread over the root; nothing there says that nothing was ever in it.
    let nothing = serde_json::Map::new();
    let spread = read["spread"].as_object().unwrap_or(&nothing);
    let first_of = |(element, values): (&String, &Json)| (element.clone(), values[0].clone());
    let entries: BTreeMap<String, Json> = match read["entries"].as_object() {
        Some(entries) => entries.clone().into_iter().collect(),
        None => spread.iter().map(first_of).collect(),
    };
    let said = match field.class {
        Class::Once | Class::Shown | Class::Quiet => match read["values"].as_array().map(Vec::as_slice) {
            Some([value, others @ ..]) => {
                let is_shown = field.class == Class::Shown || field.key == "deleted";
                let differ = |other: &&Json| is_shown && *other != value;
                let others: Vec<&Json> = others.iter().filter(differ).collect();
                json!({ "value": value, "others": others })
            }
            _ => Json::Null,
        },
        Class::Prose | Class::AuthorProse => read["prose"].clone(),
        Class::Counter => read["count"].clone(),
        Class::Entries => {
            let said = spread.iter().map(|(element, values)| {
                let values = values.as_array().unwrap();
                let others: Vec<&Json> = values[1..].iter().filter(|other| **other != values[0]).collect();
                (element.clone(), json!({ "value": values[0], "others": others }))
            });
            json!(said.collect::<BTreeMap<_, _>>())
        }
        Class::Set => json!(entries.keys().collect::<BTreeSet<_>>()),
        Class::Flag => json!(!entries.is_empty()),
        Class::Log => {
            let mut texts: Vec<&str> = entries.values().map(|text| text.as_str().unwrap()).collect();
            texts.sort_unstable();
            json!(texts)
        }
    };
    let nothing = [json!(""), json!([]), json!({}), json!(0), json!(false)];
    if nothing.contains(&said) { Json::Null } else { said }
}
