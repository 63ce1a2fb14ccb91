//! Versions that meet: phones with an older and a newer schema, and one that is newer still, edit
//! the same records. What must hold: nobody is kept from merging by what one does not know, nothing
//! unknown is lost, and what two versions both know they read alike.

use automerge::transaction::Transactable;
use proptest::prelude::*;

use super::{inspect::inspect_shaped, shape::Shape, *};
use crate::{
    limits::SET_ELEMENTS_MAX,
    schema::{Class, Field, Label, Need, Schema, Type},
};

const ID: RecordId = RecordId([0xee; 16]);
pub(super) const T0: i64 = 1_760_000_000_000;
const VERSIONS: [u8; 3] = [1, 2, 3];

const fn newer(key: &'static str, class: Class, ty: Type) -> Field {
    Field::new(key, Label { zh: "新", en: "New" }, class, ty, Need::Optional).since(3)
}

/// What a third version could bring: a field, every sort of container, and prose.
const NEWER: [Field; 8] = [
    newer("weather", Class::Shown, Type::Line { chars_max: 20 }),
    newer("tools", Class::Set, Type::Line { chars_max: 20 }),
    newer("remarks_log", Class::Log, Type::Line { chars_max: 60 }),
    newer("umbrellas", Class::Counter, Type::Number),
    newer("wet", Class::Flag, Type::Bool),
    newer(
        "houses",
        Class::Entries,
        Type::Each { of: &Type::Line { chars_max: 20 }, value: &Type::Line { chars_max: 20 } },
    ),
    newer("remarks", Class::Prose, Type::Prose),
    newer("afterword", Class::Prose, Type::Prose),
];
/// A field that the third version no longer asks for.
const RETIRED: &str = "affected";
/// A value that only the third version's list has.
const NEW_CODE: &str = "by_drone";

/// The kind as a version declares it.
fn shape(kind: Kind, version: u8) -> &'static Shape {
    let now = kind.schema();
    let mut fields: Vec<Field> = now.fields.iter().filter(|field| field.since <= version).copied().collect();
    if version == 3 {
        fields.extend(NEWER);
        for field in fields.iter_mut().filter(|field| field.key == RETIRED) {
            *field = field.retired();
        }
    }
    let Schema { kind, label, since, natural_key, .. } = *now;
    let schema = Schema { kind, label, since, natural_key, fields: Box::leak(fields.into_boxed_slice()) };
    Shape::of_schema(Box::leak(Box::new(schema)))
}

pub(super) struct Phone {
    version: u8,
    pub(super) actor: Actor,
    pub(super) record: Record,
    /// What its clock shows.
    pub(super) clock_ms: i64,
    unsent: Vec<NewChange>,
    received: usize,
}

impl Phone {
    pub(super) fn new(number: usize, version: u8, kind: Kind, id: RecordId) -> Self {
        let record = Record::shaped(shape(kind, version), id);
        let actor = Actor([number as u8 + 1; 16]);
        Self { version, actor, record, clock_ms: T0, unsent: Vec::new(), received: 0 }
    }

    pub(super) fn write(&mut self, base: Option<&[ChangeHash]>, edits: &[Edit]) {
        self.unsent.extend(self.record.write(self.actor, self.clock_ms, base, edits).unwrap());
    }

    pub(super) fn knows(&self, field: &str) -> bool {
        self.record.shape.schema.field(field).is_some()
    }
}

/// The server has the newest version, as after an update, and checks like the hub.
pub(super) struct Server {
    pub(super) record: Record,
    log: Vec<NewChange>,
}

impl Server {
    pub(super) fn new(kind: Kind, id: RecordId) -> Self {
        Self { record: Record::shaped(shape(kind, 3), id), log: Vec::new() }
    }

    pub(super) fn exchange(&mut self, phone: &mut Phone) {
        for change in phone.unsent.drain(..) {
            if self.log.iter().any(|known| known.hash == change.hash) {
                continue;
            }
            let inspected = inspect_shaped(self.record.shape, self.record.id, &change.bytes)
                .expect("no version's change is refused");
            assert!(self.record.follows(&inspected), "it comes in order: {inspected:?}");
            assert_eq!(self.record.apply([change.bytes.as_slice()]).unwrap(), Applied::Merged);
            self.log.push(change);
        }
        let new = self.log[phone.received..].iter().map(|change| change.bytes.as_slice());
        assert_eq!(phone.record.apply(new).unwrap(), Applied::Merged, "nothing waits for what this version lacks");
        phone.received = self.log.len();
    }
}

/// Of 2 to 6 phones.
pub(super) fn versions() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(VERSIONS.to_vec()), 2..=6)
}

/// The `n`-th edit of one of the fields that this version offers, but of these.
pub(super) fn edit_of(shape: &Shape, but: &[&str], choice: usize, n: u8) -> Edit {
    let offered = |field: &&Field| field.class != Class::Once && !field.retired && !but.contains(&field.key);
    let fields: Vec<&Field> = shape.schema.fields.iter().filter(offered).collect();
    let field = fields[choice % fields.len()];
    let op = match field.class {
        Class::Shown | Class::Quiet | Class::Once => Op::Put { value: value_of(field.ty, n) },
        Class::Prose | Class::AuthorProse => Op::Write { text: "一二三四五六".repeat(1 + n as usize % 3) },
        Class::Set if n.is_multiple_of(4) => Op::Remove { element: text_of(field.ty, n / 4) },
        Class::Set => Op::Add { element: text_of(field.ty, n / 4) },
        Class::Counter => Op::Increment { by: 1 + i64::from(n % 5) },
        Class::Log => Op::Append { text: format!("第{n}条") },
        Class::Flag if n.is_multiple_of(3) => Op::Unmark,
        Class::Flag => Op::Mark,
        Class::Entries => match field.ty {
            Type::Each { of, .. } if n.is_multiple_of(5) => Op::Remove { element: text_of(*of, n % 3) },
            Type::Each { of, value } => Op::Enter { element: text_of(*of, n % 3), value: value_of(*value, n) },
            _ => unreachable!("entries have a type for both"),
        },
    };
    Edit { field: field.key.into(), op }
}

fn value_of(ty: Type, n: u8) -> Value {
    match ty {
        Type::Number => Value::Number(n.into()),
        Type::Bool => Value::Bool(n.is_multiple_of(2)),
        ty => Value::Text(text_of(ty, n)),
    }
}

fn text_of(ty: Type, n: u8) -> String {
    match ty {
        Type::Date => format!("2026-03-{:02}", 1 + n % 28),
        Type::DateTime => format!("2026-03-{:02}T08:30", 1 + n % 28),
        Type::Code { .. } if n.is_multiple_of(3) => NEW_CODE.into(),
        Type::Code { .. } => "roads".into(),
        Type::Ref { .. } | Type::AnyRef => format!("{n:032x}"),
        Type::Blob => format!("{n:064x}"),
        Type::Point => format!("27.{n},106.5"),
        _ => format!("词{n}"),
    }
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Write(usize, usize, u8),
    /// From a form that was opened before everything but the first change.
    Stale(usize, usize, u8),
    Exchange(usize),
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6_usize, any::<usize>(), any::<u8>()).prop_map(|(phone, field, n)| Step::Write(phone, field, n)),
        1 => (0..6_usize, any::<usize>(), any::<u8>()).prop_map(|(phone, field, n)| Step::Stale(phone, field, n)),
        2 => (0..6_usize).prop_map(Step::Exchange),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// DOMAIN §6.8, invariants 1 and 7, with 2 to 6 phones of three versions in one world.
    #[test]
    fn invariants_1_and_7_hold_among_apps_of_several_versions(
        versions in versions(),
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut server = Server::new(Kind::Voice, ID);
        let mut phones: Vec<Phone> = versions.iter().enumerate().map(|(n, version)| Phone::new(n, *version, Kind::Voice, ID)).collect();
        let mut counted = 0;
        // The first phone opens the record; the others have it from the server, or begin as it did.
        phones[0].write(None, &[Edit::put("slip_no", "7-001"), Edit::put("category", "roads")]);
        server.exchange(&mut phones[0]);
        let began = phones[0].record.changes()[0].hash;
        for phone in &mut phones[1..] {
            server.exchange(phone);
        }
        let count = phones.len();
        for step in steps {
            match step {
                Step::Write(phone, field, n) | Step::Stale(phone, field, n) => {
                    let phone = &mut phones[phone % count];
                    let edit = edit_of(phone.record.shape, &[], field, n);
                    if let ("umbrellas", Op::Increment { by }) = (edit.field.as_str(), &edit.op) {
                        counted += by;
                    }
                    let seen = [began];
                    let base = matches!(step, Step::Stale(..)).then_some(&seen[..]);
                    phone.write(base, &[edit]);
                }
                Step::Exchange(phone) => server.exchange(&mut phones[phone % count]),
            }
        }
        for _ in 0..2 {
            phones.iter_mut().for_each(|phone| server.exchange(phone));
        }
        let whole = server.record.read();
        prop_assert_eq!(whole.number("umbrellas").unwrap_or(0), counted, "only counters add, and nothing twice");
        for phone in &phones {
            prop_assert_eq!(phone.record.heads(), server.record.heads());
            let contents = phone.record.read();
            for field in phone.record.shape.schema.fields {
                prop_assert_eq!(contents.fields.get(field.key), whole.fields.get(field.key), "{}", field.key);
            }
            // Stored and loaded by an older app, then opened by a newer one: nothing is lost.
            let stored = Record { doc: Automerge::load(&phone.record.save()).unwrap(), ..server.record.clone() };
            prop_assert_eq!(stored.read(), whole.clone(), "version {}", phone.version);
        }
    }
}

fn device(number: usize, version: u8, kind: Kind) -> (Actor, Record) {
    (Actor([number as u8; 16]), Record::shaped(shape(kind, version), ID))
}

#[test]
fn an_older_version_sees_what_it_knows_although_it_lacks_the_rest() {
    let (new, mut newer) = device(1, 3, Kind::Voice);
    let (old, mut older) = device(2, 1, Kind::Voice);
    let edits = [
        Edit::put("category", NEW_CODE),
        Edit::write("summary", "路烂了"),
        Edit::write("remarks", "新的一段"),
        Edit::add("tools", "锄头"),
        Edit::enter("houses", "三组", "十二户"),
    ];
    let changes = newer.write(new, T0, None, &edits).unwrap();
    assert_eq!(changes.len(), 3, "the edit, the extension, the prose that needs it");
    assert_eq!(older.apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap(), Applied::Merged);
    let contents = older.read();
    assert_eq!((contents.text("category"), contents.text("summary")), (NEW_CODE, "路烂了"));
    assert_eq!(contents.unknown.get("tools/锄头"), Some(&Value::Bool(true)));
    let back = older.write(old, T0, None, &[Edit::write("summary", "路烂了,一落雨更烂")]).unwrap();
    newer.apply(back.iter().map(|change| change.bytes.as_slice())).unwrap();
    assert_eq!(newer.read().text("summary"), "路烂了,一落雨更烂");
    assert_eq!(newer.read().text("remarks"), "新的一段");
    assert_eq!(newer.read().elements("tools"), ["锄头"]);
}

/// What was a name is a mandate in the third version: apps of both go on in the same record.
#[test]
fn an_app_that_names_leaders_in_words_and_one_that_names_mandates_share_a_record() {
    let kind = Kind::GuidanceVisit;
    let (old, mut older) = device(1, 2, kind);
    let first = older.write(old, T0, None, &[Edit::add("leaders", "赵廷文"), Edit::put("topic", "督导")]).unwrap();
    let (new, mut newer) = device(2, 3, kind);
    newer.apply(first.iter().map(|change| change.bytes.as_slice())).unwrap();
    let mandate = RecordId([9; 16]).to_string();
    let by_mandate = newer.write(new, T0, None, &[Edit::add("leader_mandates", &mandate)]).unwrap();
    let in_words = older.write(old, T0, None, &[Edit::add("leaders", "吴成林")]).unwrap();
    older.apply(by_mandate.iter().map(|change| change.bytes.as_slice())).unwrap();
    newer.apply(in_words.iter().map(|change| change.bytes.as_slice())).unwrap();
    assert_eq!(newer.read().elements("leader_mandates"), std::slice::from_ref(&mandate));
    assert_eq!(newer.read().elements("leaders").len(), 2, "what older apps write is still read");
    assert_eq!(older.read().elements("leaders"), newer.read().elements("leaders"));
    assert!(older.read().unknown.contains_key(&format!("leader_mandates/{mandate}")), "kept, and shown as it is");
}

#[test]
fn two_that_begin_new_prose_offline_have_one() {
    let (anne, mut at_anne) = device(1, 3, Kind::Voice);
    let first = at_anne.write(anne, T0, None, &[Edit::put("category", "roads")]).unwrap();
    let (bert, mut at_bert) = device(2, 3, Kind::Voice);
    at_bert.apply(first.iter().map(|change| change.bytes.as_slice())).unwrap();
    let ours = at_anne.write(anne, T0, None, &[Edit::write("remarks", "安妮写的。")]).unwrap();
    let theirs = at_bert.write(bert, T0, None, &[Edit::write("remarks", "伯特写的。")]).unwrap();
    assert_eq!(ours[0].hash, theirs[0].hash, "the extension is the same change");
    at_anne.apply(theirs.iter().map(|change| change.bytes.as_slice())).unwrap();
    at_bert.apply(ours.iter().map(|change| change.bytes.as_slice())).unwrap();
    let text = at_anne.read().text("remarks").to_owned();
    assert_eq!(at_bert.read().text("remarks"), text);
    assert!(text.contains("安妮写的。") && text.contains("伯特写的。"), "{text}");
}

#[test]
fn an_extension_is_made_once_and_only_where_it_is_needed() {
    let (anne, mut record) = device(1, 2, Kind::Voice);
    let plain = [Edit::put("category", "roads"), Edit::write("transcript", "")];
    assert_eq!(record.write(anne, T0, None, &plain).unwrap().len(), 1);
    assert_eq!(record.write(anne, T0, None, &[Edit::write("transcript", "那截路")]).unwrap().len(), 2);
    assert_eq!(record.write(anne, T0, None, &[Edit::write("transcript", "那截路,恼火")]).unwrap().len(), 1);
    assert_eq!(record.history().len(), 3, "the extension is nobody's act");
}

#[test]
fn an_extension_that_is_not_the_constant_is_refused() {
    let (anne, mut record) = device(1, 2, Kind::Voice);
    let changes =
        record.write(anne, T0, None, &[Edit::put("category", "roads"), Edit::write("transcript", "路")]).unwrap();
    let extension = &changes[1];
    assert!(inspect(Kind::Voice, ID, &extension.bytes).unwrap().touches.is_empty());
    assert_eq!(inspect(Kind::Voice, RecordId([1; 16]), &extension.bytes), Err(Malformed::BadActor), "another record's");
    assert_eq!(inspect(Kind::Activity, ID, &extension.bytes), Err(Malformed::BadActor), "another kind's");
    let inspected: Vec<Inspected> =
        changes.iter().map(|change| inspect(Kind::Voice, ID, &change.bytes).unwrap()).collect();
    let mut server = Record::new(Kind::Voice, ID);
    assert!(!server.follows(&inspected[1]), "it begins no record");
    server.apply([changes[0].bytes.as_slice()]).unwrap();
    assert!(!server.follows(&inspected[2]), "the prose comes behind it");
    assert!(server.follows(&inspected[1]));
}

#[test]
fn prose_that_claims_a_text_it_does_not_rest_on_does_not_follow() {
    let (anne, mut record) = device(1, 2, Kind::Voice);
    let changes =
        record.write(anne, T0, None, &[Edit::put("category", "roads"), Edit::write("transcript", "路")]).unwrap();
    let mut claim = inspect(Kind::Voice, ID, &changes[2].bytes).unwrap();
    let mut server = Record::new(Kind::Voice, ID);
    server.apply(changes[..2].iter().map(|change| change.bytes.as_slice())).unwrap();
    assert!(server.follows(&claim));
    claim.deps = vec![changes[0].hash];
    assert!(!server.follows(&claim), "another replica might get it before the Text");
}

#[test]
fn a_spread_counter_is_counted_by_its_own_actor_only() {
    let shape = shape(Kind::Voice, 3);
    let forged = |key: &str, total: i64| {
        let mut doc = shape.document().with_actor(Actor([2; 16]).into());
        let mut transaction = doc.transaction();
        transaction.put(ROOT, ID_KEY, ScalarValue::Bytes(ID.0.to_vec())).unwrap();
        transaction.put(ROOT, format!("umbrellas/{key}"), total).unwrap();
        transaction.commit();
        inspect_shaped(shape, ID, doc.get_last_local_change().unwrap().raw_bytes())
    };
    assert!(forged(&Actor([2; 16]).to_string(), 3).is_ok());
    assert_eq!(forged(&Actor([1; 16]).to_string(), 3), Err(Malformed::WrongOperation));
    assert_eq!(forged(&Actor([2; 16]).to_string(), -3), Err(Malformed::WrongOperation));
}

#[test]
fn a_spread_key_cannot_pass_for_an_older_fields_element() {
    let mut doc = Shape::of(Kind::Activity).document().with_actor(Actor([2; 16]).into());
    let mut transaction = doc.transaction();
    transaction.put(ROOT, ID_KEY, ScalarValue::Bytes(ID.0.to_vec())).unwrap();
    transaction.put(ROOT, "guests/某人", true).unwrap();
    transaction.commit();
    let bytes = doc.get_last_local_change().unwrap().raw_bytes().to_vec();
    assert_eq!(inspect(Kind::Activity, ID, &bytes), Err(Malformed::Structure));
}

#[test]
fn a_full_spread_set_says_so() {
    let (anne, mut record) = device(1, 3, Kind::Voice);
    let tools: Vec<Edit> = (0..SET_ELEMENTS_MAX).map(|n| Edit::add("tools", n)).collect();
    record.write(anne, T0, None, &tools).unwrap();
    let error = record.write(anne, T0, None, &[Edit::add("tools", "one more")]).unwrap_err();
    assert_eq!(error.why, Why::TooMany);
}

#[test]
fn entries_keep_a_photo_that_one_captions_and_another_takes_out() {
    let photo = "ab".repeat(32);
    let (anne, mut at_anne) = device(1, 2, Kind::Activity);
    let first = at_anne.write(anne, T0, None, &[Edit::enter("files", &photo, "院坝")]).unwrap();
    let (bert, mut at_bert) = device(2, 2, Kind::Activity);
    at_bert.apply(first.iter().map(|change| change.bytes.as_slice())).unwrap();
    let captioned = at_anne.write(anne, T0, None, &[Edit::enter("files", &photo, "竹元村院坝会")]).unwrap();
    at_bert.write(bert, T0, None, &[Edit::remove("files", &photo)]).unwrap();
    at_bert.apply(captioned.iter().map(|change| change.bytes.as_slice())).unwrap();
    assert_eq!(at_bert.read().entry("files", &photo), Some(&Value::text("竹元村院坝会")));
}

#[test]
fn an_entry_that_two_set_differently_is_a_conflict_that_one_choice_settles() {
    let deputy = "c".repeat(32);
    let (anne, mut at_anne) = device(1, 2, Kind::Activity);
    let (bert, mut at_bert) = device(2, 2, Kind::Activity);
    at_anne.write(anne, T0, None, &[Edit::enter("attendance", &deputy, "present")]).unwrap();
    let theirs = at_bert.write(bert, T0, None, &[Edit::enter("attendance", &deputy, "leave")]).unwrap();
    at_anne.apply(theirs.iter().map(|change| change.bytes.as_slice())).unwrap();
    assert_eq!(at_anne.read().conflicts().map(|(key, _)| key).collect::<Vec<_>>(), ["attendance"]);
    at_anne.write(anne, T0, None, &[Edit::enter("attendance", &deputy, "present")]).unwrap();
    assert_eq!(at_anne.read().conflicts().count(), 0);
    let history = serde_json::to_value(&at_anne.history()[2].fields).unwrap();
    assert_eq!(history[0]["what"], "entered");
}
