use automerge::{
    Automerge, ObjType, ROOT, ScalarValue,
    transaction::{CommitOptions, Transactable},
};
use proptest::prelude::*;

use super::*;
use crate::limits::{CHANGE_BYTES_MAX, SET_ELEMENTS_MAX};

const ID: RecordId = RecordId([0xee; 16]);
const ANNE: Actor = Actor([1; 16]);
const BERT: Actor = Actor([2; 16]);
const T0: i64 = 1_760_000_000_000;

fn note(field: &str, text: &str) -> Edit {
    Edit { field: field.into(), op: Op::Append { text: text.into() } }
}

fn op(field: &str, op: Op) -> Edit {
    Edit { field: field.into(), op }
}

fn edit(record: &mut Record, actor: Actor, edits: &[Edit]) -> NewChange {
    record.edit(actor, T0, None, edits).expect("the edit fits").expect("something differs")
}

fn merge(into: &mut Record, from: &Record) {
    let changes = from.changes();
    into.apply(changes.iter().map(|change| change.bytes.as_slice())).expect("own changes apply");
}

/// The genesis of each kind is a constant of the protocol: devices that disagree on it never merge.
/// A failure here means that a released kind was changed; give the new container its own change.
#[test]
fn the_genesis_changes_never_change() {
    let hashes: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| format!("{} {}", kind.key(), ChangeHash::from(Shape::of(*kind).genesis_hash())))
        .collect();
    assert_eq!(hashes.join("\n"), include_str!("../../golden/genesis.txt").trim_end());
}

#[test]
fn two_devices_that_create_the_same_record_offline_have_one() {
    let mut anne = Record::new(Kind::ReceptionDay, ID);
    let mut bert = Record::new(Kind::ReceptionDay, ID);
    edit(&mut anne, ANNE, &[Edit::put("date", "2026-03-02"), Edit::add("deputies", "a".repeat(32))]);
    edit(&mut bert, BERT, &[Edit::put("date", "2026-03-02"), Edit::add("deputies", "b".repeat(32))]);
    edit(&mut bert, BERT, &[Edit::write("minutes", "上午来了三个人。")]);
    let mut merged = anne.clone();
    merge(&mut merged, &bert);
    merge(&mut bert, &anne);
    assert_eq!(merged.read(), bert.read());
    assert_eq!(merged.read().elements("deputies").len(), 2);
    assert_eq!(merged.read().text("minutes"), "上午来了三个人。");
    assert_eq!(merged.read().conflicts().count(), 0, "the same date twice is no conflict");
}

#[test]
fn a_stale_form_does_not_undo_a_colleagues_prose() {
    let mut anne = Record::new(Kind::Activity, ID);
    edit(&mut anne, ANNE, &[Edit::write("body", "第一段。")]);
    let mut bert = Record::new(Kind::Activity, ID);
    merge(&mut bert, &anne);
    let form_opened = bert.heads();
    edit(&mut anne, ANNE, &[Edit::write("body", "第一段。第二段是安妮写的。")]);
    merge(&mut bert, &anne);
    bert.edit(BERT, T0, Some(&form_opened), &[Edit::write("body", "开头。第一段。")]).unwrap();
    assert_eq!(bert.read().text("body"), "开头。第一段。第二段是安妮写的。");
}

#[test]
fn a_stale_form_makes_a_conflict_that_one_choice_settles() {
    let mut record = Record::new(Kind::Activity, ID);
    edit(&mut record, ANNE, &[Edit::put("crowd", 30)]);
    let seen = record.heads();
    edit(&mut record, ANNE, &[Edit::put("crowd", 32)]);
    record.edit(BERT, T0, Some(&seen), &[Edit::put("crowd", 35)]).unwrap();
    let contents = record.read();
    let (key, FieldValue::Single { value, others, .. }) = contents.conflicts().next().unwrap() else { panic!() };
    assert_eq!(key, "crowd");
    let mut both = vec![value.as_number().unwrap(), others[0].value.as_number().unwrap()];
    both.sort_unstable();
    assert_eq!(both, [32, 35]);
    assert!(others[0].actor.is_some() && others[0].change.is_some());

    let winner = value.as_number().unwrap();
    edit(&mut record, ANNE, &[Edit::put("crowd", winner)]);
    assert_eq!(record.read().number("crowd"), Some(winner));
    assert_eq!(record.read().conflicts().count(), 0, "choosing the winner settles it too");
    let chosen = &record.history().pop().unwrap().fields[0].what;
    assert!(matches!(chosen, What::Set { after: Some(after), .. } if after == value), "and is no emptying: {chosen:?}");
}

/// DOMAIN §6.2: delete hides; a concurrent edit brings the record back, and says so.
#[test]
fn who_writes_on_beside_a_deletion_brings_the_record_back_until_somebody_chooses() {
    let mut anne = Record::new(Kind::Activity, ID);
    edit(&mut anne, ANNE, &[Edit::put("title", "院坝会")]);
    let mut bert = Record::new(Kind::Activity, ID);
    merge(&mut bert, &anne);
    edit(&mut anne, ANNE, &[Edit::put("deleted", true)]);
    assert!(anne.read().is_true("deleted") && anne.read().conflicts().count() == 0);
    edit(&mut bert, BERT, &[Edit::put("crowd", 32)]);
    merge(&mut bert, &anne);
    merge(&mut anne, &bert);
    assert_eq!(anne.read(), bert.read());
    let contents = anne.read();
    let (key, FieldValue::Single { value, by, others }) = contents.conflicts().next().unwrap() else { panic!() };
    assert_eq!((key, value, by.actor), ("deleted", &Value::Bool(false), Some(BERT)));
    assert!(matches!(&others[..], [one] if one.value == Value::Bool(true) && one.actor == Some(ANNE)));

    let mut kept = anne.clone();
    edit(&mut kept, ANNE, &[Edit::put("deleted", false)]);
    assert!(!kept.read().is_true("deleted") && kept.read().conflicts().count() == 0);
    // Who deletes it now has seen what was written.
    edit(&mut anne, BERT, &[Edit::put("deleted", true)]);
    assert!(anne.read().is_true("deleted") && anne.read().conflicts().count() == 0);
    edit(&mut anne, BERT, &[Edit::put("crowd", 33)]);
    assert!(anne.read().is_true("deleted"), "what comes after a deletion was written by who saw it");
}

#[test]
fn ones_own_edits_follow_each_other_even_from_a_stale_form() {
    let mut record = Record::new(Kind::Activity, ID);
    edit(&mut record, ANNE, &[Edit::put("title", "一")]);
    let seen = record.heads();
    edit(&mut record, BERT, &[Edit::put("crowd", 1)]);
    edit(&mut record, ANNE, &[Edit::put("title", "二")]);
    record.edit(ANNE, T0, Some(&seen), &[Edit::put("title", "三")]).unwrap();
    assert_eq!(record.read().text("title"), "三");
    assert_eq!(record.read().conflicts().count(), 0);
    let actors: Set<_> = record.history().iter().map(|entry| entry.actor).collect();
    assert_eq!(actors.len(), 2, "no actor was made up");
}

#[test]
fn counters_add_logs_collect_and_a_flag_stays() {
    let mut anne = Record::new(Kind::Activity, ID);
    let mut bert = Record::new(Kind::Activity, ID);
    edit(&mut anne, ANNE, &[op("leaflets", Op::Increment { by: 38 })]);
    edit(&mut bert, BERT, &[op("leaflets", Op::Increment { by: 22 })]);
    merge(&mut anne, &bert);
    assert_eq!(anne.read().number("leaflets"), Some(60));

    let mut anne = Record::new(Kind::Voice, ID);
    let mut bert = Record::new(Kind::Voice, ID);
    edit(&mut anne, ANNE, &[note("follow_ups", "去看过了")]);
    edit(&mut anne, ANNE, &[note("follow_ups", "去看过了"), op("confidential", Op::Mark)]);
    edit(&mut bert, BERT, &[note("follow_ups", "打过电话")]);
    merge(&mut anne, &bert);
    let contents = anne.read();
    assert!(matches!(contents.fields.get("follow_ups"), Some(FieldValue::Log { entries }) if entries.len() == 3));
    assert!(contents.is_true("confidential"));
}

#[test]
fn adding_wins_over_a_removal_that_did_not_see_it() {
    let deputy = "c".repeat(32);
    let mut anne = Record::new(Kind::Activity, ID);
    edit(&mut anne, ANNE, &[Edit::add("attendees", &deputy)]);
    let mut bert = Record::new(Kind::Activity, ID);
    merge(&mut bert, &anne);
    edit(&mut bert, BERT, &[Edit::remove("attendees", &deputy)]);
    let mut carl = Record::new(Kind::Activity, ID);
    edit(&mut carl, Actor([3; 16]), &[Edit::add("attendees", &deputy)]);
    merge(&mut anne, &bert);
    merge(&mut anne, &carl);
    assert_eq!(anne.read().elements("attendees"), [deputy]);
}

#[test]
fn an_edit_that_does_not_fit_changes_nothing() {
    let mut record = Record::new(Kind::Activity, ID);
    let wrong = [
        (Edit::put("nonsense", "x"), Why::UnknownField),
        (Edit::put("body", "x"), Why::WrongOperation),
        (Edit::put("title", "长".repeat(61)), Why::WrongValue),
        (Edit::put("title", "两\n行"), Why::WrongValue),
        (Edit::put("crowd", -1), Why::WrongValue),
        (Edit::put("start", "2026-02-30T10:00"), Why::WrongValue),
        (Edit::put("village", "nobody"), Why::WrongValue),
        (op("leaflets", Op::Increment { by: 0 }), Why::WrongValue),
        (Edit::write("body", &"字".repeat(20_001)), Why::WrongValue),
    ];
    for (edit, why) in wrong {
        let error = record.edit(ANNE, T0, None, &[Edit::put("crowd", 5), edit]).unwrap_err();
        assert_eq!(error.why, why, "{}", error.field);
    }
    assert_eq!(record.read().fields.len(), 0);
    assert!(record.changes().is_empty());
}

#[test]
fn what_is_set_once_stays() {
    let mut record = Record::new(Kind::ReceptionDay, ID);
    edit(&mut record, ANNE, &[Edit::put("date", "2026-03-02")]);
    let error = record.edit(ANNE, T0, None, &[Edit::put("date", "2026-03-03")]).unwrap_err();
    assert_eq!(error.why, Why::SetOnce);
    assert_eq!(record.edit(ANNE, T0, None, &[Edit::put("date", "2026-03-02")]), Ok(None));
}

#[test]
fn a_full_set_says_so() {
    let mut record = Record::new(Kind::Activity, ID);
    let guests: Vec<Edit> = (0..SET_ELEMENTS_MAX).map(|n| Edit::add("guests", n)).collect();
    edit(&mut record, ANNE, &guests);
    let error = record.edit(ANNE, T0, None, &[Edit::add("guests", "one more")]).unwrap_err();
    assert_eq!(error.why, Why::TooMany);
}

#[test]
fn nothing_typed_means_no_change() {
    let mut record = Record::new(Kind::Activity, ID);
    edit(&mut record, ANNE, &[Edit::put("title", "院坝会"), Edit::write("body", "内容")]);
    let again = [Edit::put("title", "院坝会"), Edit::write("body", "内容"), Edit::remove("guests", "x")];
    assert_eq!(record.edit(ANNE, T0, None, &again), Ok(None));
}

#[test]
fn history_reads_who_what_when() {
    let mut record = Record::new(Kind::Voice, ID);
    edit(&mut record, ANNE, &[Edit::put("category", "roads"), Edit::write("summary", "路烂了")]);
    record.edit(BERT, T0 + 60_000, None, &[Edit::put("category", "water")]).unwrap();
    let history = record.history();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].actor, BERT);
    assert_eq!(history[1].time_ms, T0 + 60_000);
    let json = serde_json::to_value(&history[1].fields).unwrap();
    assert_eq!(json, serde_json::json!([{ "field": "category", "what": "set", "before": "roads", "after": "water" }]));
    let first = serde_json::to_value(&history[0].fields).unwrap();
    assert!(
        first
            .as_array()
            .unwrap()
            .contains(&serde_json::json!({ "field": "summary", "what": "wrote", "before": "", "after": "路烂了" }))
    );
}

#[test]
fn inspection_names_what_a_change_touches() {
    let mut record = Record::new(Kind::Voice, ID);
    let change = edit(
        &mut record,
        ANNE,
        &[Edit::put("category", "roads"), Edit::write("verbatim", "路烂得很"), Edit::add("focus", "ecology")],
    );
    let inspected = inspect(Kind::Voice, ID, &change.bytes).unwrap();
    assert_eq!((inspected.hash, inspected.actor, inspected.seq), (change.hash, ANNE, 1));
    let touches = [
        Touch { field: "category".into(), action: Action::Put("roads".into()) },
        Touch { field: "verbatim".into(), action: Action::Splice },
        Touch { field: "focus".into(), action: Action::Add("ecology".into()) },
    ];
    assert_eq!(inspected.touches, touches);
}

/// A change made with Automerge directly, as a modified app could.
fn foreign(kind: Kind, make: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Vec<u8> {
    let mut doc = Shape::of(kind).document().with_actor(BERT.into());
    let mut transaction = doc.transaction();
    transaction.put(ROOT, ID_KEY, ScalarValue::Bytes(ID.0.to_vec())).unwrap();
    make(&mut transaction);
    transaction.commit_with(CommitOptions::default().with_time(1));
    doc.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[test]
fn changes_that_our_edits_cannot_make_are_refused() {
    let body = |t: &automerge::transaction::Transaction<'_>| t.get(ROOT, "body").unwrap().unwrap().1;
    let cases: [(&str, Vec<u8>, Malformed); 8] = [
        ("an object", foreign(Kind::Activity, |t| drop(t.put_object(ROOT, "x", ObjType::Map))), Malformed::Structure),
        ("over a container", foreign(Kind::Activity, |t| drop(t.put(ROOT, "body", "x"))), Malformed::Structure),
        ("without a container", foreign(Kind::Activity, |t| drop(t.delete(ROOT, "guests"))), Malformed::Structure),
        ("over a counter", foreign(Kind::Activity, |t| drop(t.put(ROOT, "leaflets", 5))), Malformed::Structure),
        ("back", foreign(Kind::Activity, |t| drop(t.increment(ROOT, "leaflets", -5))), Malformed::Structure),
        ("a float", foreign(Kind::Activity, |t| drop(t.put(ROOT, "crowd", 1.5))), Malformed::WrongValue),
        (
            "a long title",
            foreign(Kind::Activity, |t| drop(t.put(ROOT, "title", "x".repeat(61)))),
            Malformed::WrongValue,
        ),
        (
            "a block in prose",
            foreign(Kind::Activity, |t| {
                let body = body(t);
                drop(t.split_block(body, 0));
            }),
            Malformed::Structure,
        ),
    ];
    for (what, bytes, malformed) in cases {
        assert_eq!(inspect(Kind::Activity, ID, &bytes), Err(malformed), "{what}");
    }
}

#[test]
fn a_change_without_the_genesis_is_refused() {
    let mut doc = Automerge::new().with_actor(BERT.into());
    let mut transaction = doc.transaction();
    transaction.put(ROOT, "title", "x").unwrap();
    transaction.commit();
    let bytes = doc.get_last_local_change().unwrap().raw_bytes().to_vec();
    assert_eq!(inspect(Kind::Activity, ID, &bytes), Err(Malformed::NoGenesis));
}

#[test]
fn records_that_begin_alike_begin_with_different_changes() {
    let other = RecordId([0xdd; 16]);
    let [one, two] = [ID, other].map(|id| {
        let mut record = Record::new(Kind::Voice, id);
        edit(&mut record, ANNE, &[Edit::put("category", "roads")])
    });
    assert_ne!(one.hash, two.hash);
    assert!(inspect(Kind::Voice, ID, &one.bytes).is_ok());
    assert_eq!(inspect(Kind::Voice, other, &one.bytes), Err(Malformed::WrongRecord), "passed off as another's");
    let unnamed = {
        let mut doc = Shape::of(Kind::Voice).document().with_actor(BERT.into());
        let mut transaction = doc.transaction();
        transaction.put(ROOT, "category", "roads").unwrap();
        transaction.commit();
        doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    assert_eq!(inspect(Kind::Voice, ID, &unnamed), Err(Malformed::WrongRecord));
}

#[test]
fn a_derived_id_fits_its_natural_key() {
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let id = RecordId::reception_day(station, "2026-03-02");
    let first = |date: &str| {
        let mut record = Record::new(Kind::ReceptionDay, id);
        edit(&mut record, ANNE, &[Edit::put("station", station), Edit::put("date", date)]).bytes
    };
    assert!(inspect(Kind::ReceptionDay, id, &first("2026-03-02")).is_ok());
    assert_eq!(inspect(Kind::ReceptionDay, id, &first("2026-03-03")), Err(Malformed::WrongRecord));
}

#[test]
fn compressed_and_oversized_changes_are_refused_unread() {
    let long = foreign(Kind::Activity, |t| drop(t.put(ROOT, "title", "长".repeat(400))));
    let mut change = automerge::Change::from_bytes(long).unwrap();
    let compressed = change.bytes().to_vec();
    assert_eq!(compressed[8], 2, "this change is long enough to be deflated");
    assert_eq!(inspect(Kind::Activity, ID, &compressed), Err(Malformed::Compressed));
    assert_eq!(inspect(Kind::Activity, ID, &vec![0; CHANGE_BYTES_MAX + 1]), Err(Malformed::TooLarge));
}

#[test]
fn ten_bytes_cannot_claim_a_quintillion_operations() {
    let honest = foreign(Kind::Activity, |t| drop(t.put(ROOT, "crowd", 3)));
    let (_, contents) = (&honest[..], crate::wire::pack(&honest).unwrap().to_vec());
    // The columns of this change of two operations begin with runs of 2; claim more.
    let mut refused = 0;
    for index in 0..contents.len() {
        if contents[index] != 2 {
            continue;
        }
        let mut claimed = contents.clone();
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f];
        claimed.splice(index..=index, huge);
        let (_, chunk) = crate::wire::unpack(&claimed);
        refused += usize::from(inspect(Kind::Activity, ID, &chunk).is_err());
    }
    assert!(refused > 3);
}

#[test]
fn a_field_from_a_newer_version_survives() {
    let newer = foreign(Kind::Activity, |t| drop(t.put(ROOT, "weather", "雨")));
    let inspected = inspect(Kind::Activity, ID, &newer).unwrap();
    assert_eq!(inspected.touches[0].field, "weather");
    let mut record = Record::new(Kind::Activity, ID);
    record.apply([newer.as_slice()]).unwrap();
    edit(&mut record, ANNE, &[Edit::put("title", "院坝会")]);
    let again = Record::load(Kind::Activity, ID, &record.save()).unwrap();
    assert_eq!(again.read().unknown.get("weather"), Some(&Value::text("雨")));
}

#[test]
fn changes_may_arrive_before_what_they_rest_on() {
    let mut record = Record::new(Kind::Voice, ID);
    let first = edit(&mut record, ANNE, &[Edit::put("category", "roads")]);
    let second = edit(&mut record, ANNE, &[Edit::put("category", "water")]);
    let mut other = Record::new(Kind::Voice, ID);
    assert_eq!(other.apply([second.bytes.as_slice()]).unwrap(), Applied::Incomplete);
    assert_eq!(other.read().text("category"), "");
    assert_eq!(other.apply([first.bytes.as_slice()]).unwrap(), Applied::Merged);
    assert_eq!(other.read(), record.read());
}

pub(super) fn any_edit() -> impl Strategy<Value = Edit> {
    let element = (0..4_u8).prop_map(|n| format!("{n:032x}"));
    prop_oneof![
        (0..100_i64).prop_map(|n| Edit::put("crowd", n)),
        "[一-三]{1,5}".prop_map(|text| Edit::put("title", text)),
        "[一-五]{0,30}".prop_map(|text| Edit::write("body", &text)),
        element.clone().prop_map(|element| Edit::add("attendees", element)),
        element.prop_map(|element| Edit::remove("attendees", element)),
        (1..9_i64).prop_map(|by| op("leaflets", Op::Increment { by })),
        Just(op("title", Op::Clear)),
        any::<bool>().prop_map(|yes| Edit::put("deleted", yes)),
    ]
}

/// An edit by one of the devices, or a one-way exchange between two.
#[derive(Debug, Clone)]
enum Step {
    Edit(usize, Vec<Edit>),
    Stale(usize, Edit),
    Merge(usize, usize),
}

fn any_step(devices: usize) -> impl Strategy<Value = Step> {
    let device = 0..devices;
    prop_oneof![
        3 => (device.clone(), prop::collection::vec(any_edit(), 1..3)).prop_map(|(d, edits)| Step::Edit(d, edits)),
        1 => (device.clone(), any_edit()).prop_map(|(d, edit)| Step::Stale(d, edit)),
        2 => (device.clone(), device).prop_map(|(from, to)| Step::Merge(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// DOMAIN §6.8: replicas that exchanged all changes show the same fields and the same conflicts, in any order,
    /// with any duplication.
    #[test]
    fn invariant_1_replicas_converge(count in 2..=6_usize, steps in prop::collection::vec(any_step(6), 1..25), order in any::<u64>()) {
        let mut devices = vec![Record::new(Kind::Activity, ID); count];
        let mut leaflets = 0;
        for step in steps {
            match step {
                Step::Edit(device, edits) => {
                    let device = device % count;
                    leaflets += increments(&edits);
                    devices[device].edit(Actor([device as u8 + 1; 16]), T0, None, &edits).unwrap();
                }
                Step::Stale(device, edit) => {
                    let device = device % count;
                    let seen: Vec<ChangeHash> = devices[device].changes().first().map(|c| c.hash).into_iter().collect();
                    leaflets += increments(std::slice::from_ref(&edit));
                    devices[device].edit(Actor([device as u8 + 1; 16]), T0, Some(&seen), &[edit]).unwrap();
                }
                Step::Merge(from, to) => {
                    let from = devices[from % count].clone();
                    merge(&mut devices[to % count], &from);
                }
            }
        }
        let mut all: Vec<NewChange> = devices.iter().flat_map(Record::changes).collect();
        let mut shuffled = Record::new(Kind::Activity, ID);
        all.sort_by_key(|change| change.hash.0.map(|byte| byte.rotate_left((order % 8) as u32) ^ order as u8));
        shuffled.apply(all.iter().map(|change| change.bytes.as_slice())).unwrap();
        for device in &mut devices {
            device.apply(all.iter().rev().map(|change| change.bytes.as_slice())).unwrap();
            prop_assert_eq!(device.read(), shuffled.read());
        }
        prop_assert_eq!(shuffled.read().number("leaflets").unwrap_or(0), leaflets);
        for change in &all {
            prop_assert!(inspect(Kind::Activity, ID, &change.bytes).is_ok());
        }
    }

    /// Hostile bytes give an error, never a panic, and never much work.
    #[test]
    fn inspection_survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = inspect(Kind::Voice, ID, &bytes);
        let (_, chunk) = crate::wire::unpack(&bytes);
        let _ = inspect(Kind::Voice, ID, &chunk);
    }

    /// A mutated change with a repaired checksum is refused, or applies without a panic.
    #[test]
    fn inspection_survives_mutated_changes(index in 0..300_usize, byte in any::<u8>()) {
        let mut record = Record::new(Kind::Voice, ID);
        let change = edit(&mut record, ANNE, &[Edit::put("category", "roads"), Edit::write("summary", "路烂了,一落雨就恼火")]);
        let mut contents = crate::wire::pack(&change.bytes).unwrap().to_vec();
        let index = index % contents.len();
        contents[index] = byte;
        let (_, chunk) = crate::wire::unpack(&contents);
        let _ = inspect(Kind::Voice, ID, &chunk);
    }
}

fn increments(edits: &[Edit]) -> i64 {
    edits.iter().map(|edit| if let Op::Increment { by } = edit.op { by } else { 0 }).sum()
}

#[test]
fn a_scalar_of_an_unknown_type_is_shown_not_lost() {
    let newer = foreign(Kind::Activity, |t| drop(t.put(ROOT, "when", ScalarValue::Str("x".into()))));
    assert!(inspect(Kind::Activity, ID, &newer).is_ok());
}

/// Two copies of one running phone, which both go on under the same actor.
fn copies() -> (Record, Record) {
    let mut one = Record::new(Kind::Voice, ID);
    edit(&mut one, ANNE, &[Edit::put("slip_no", "1-1-00001"), Edit::write("summary", "上午来了三个人。")]);
    edit(&mut one, ANNE, &[note("follow_ups", "开门"), op("confidential", Op::Mark)]);
    let other = one.clone();
    (one, other)
}

fn noted(contents: &Contents) -> Set<&str> {
    match &contents.fields["follow_ups"] {
        FieldValue::Log { entries } => entries.iter().map(|entry| entry.text.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn changes_under_a_number_that_is_taken_are_made_anew_and_say_the_same() {
    let (mut one, mut other) = copies();
    let first = edit(&mut one, ANNE, &[note("follow_ups", "甲"), Edit::add("focus", "roads")]);
    let edits = [note("follow_ups", "乙"), Edit::write("summary", "上午来了四个人,"), op("confidential", Op::Unmark)];
    let wrong: Set<ChangeHash> = [edit(&mut other, ANNE, &edits).hash].into();
    let edits =
        [Edit::write("summary", "上午来了四个人,都谈路。"), note("follow_ups", "丙"), op("confidential", Op::Mark)];
    edit(&mut other, ANNE, &edits);
    let rests = edit(&mut other, ANNE, &[op("confidential", Op::Unmark)]);
    assert!(other.clone().apply([first.bytes.as_slice()]).is_err(), "one number, two changes");
    assert_eq!(other.rivals([first.bytes.as_slice()]), wrong);
    assert!(other.lacks_of(ANNE, [first.bytes.as_slice()]) && !one.lacks_of(ANNE, [first.bytes.as_slice()]));

    let Remade { mut record, changes, dropped } = other.remake(&wrong, |_| true).unwrap();
    assert_eq!(changes.iter().map(|change| change.before).next_back(), Some(rests.hash), "with what rests on it");
    assert!(dropped.is_empty());
    assert_eq!(record.apply([first.bytes.as_slice()]).unwrap(), Applied::Merged);
    let contents = record.read();
    assert_eq!(contents.text("summary"), "上午来了四个人,都谈路。");
    assert_eq!(noted(&contents), Set::from(["开门", "甲", "乙", "丙"]), "none under the key of another");
    assert!(!contents.is_true("confidential"), "marks that were made anew are taken back anew");

    let mut server = one.clone();
    for RemadeChange { change, .. } in &changes {
        let inspected = inspect(Kind::Voice, ID, &change.bytes).expect("the server accepts it");
        assert!(server.follows(&inspected) && inspected.hash == change.hash);
        server.apply([change.bytes.as_slice()]).unwrap();
    }
    assert_eq!(server.read(), contents);
}

#[test]
fn two_copies_that_make_the_same_change_anew_make_one() {
    let (_, mut other) = copies();
    let wrong: Set<ChangeHash> = [edit(&mut other, ANNE, &[note("follow_ups", "乙")]).hash].into();
    let made = |record: &Record| record.remake(&wrong, |_| true).unwrap().changes[0].change.clone();
    assert_eq!(made(&other), made(&other.clone()));
}

#[test]
fn what_a_colleague_built_on_it_is_dropped_and_said() {
    let (_, mut other) = copies();
    let wrong: Set<ChangeHash> = [edit(&mut other, ANNE, &[note("follow_ups", "乙")]).hash].into();
    let theirs = edit(&mut other, BERT, &[note("follow_ups", "丁")]);
    let remade = other.remake(&wrong, |actor| actor == ANNE).unwrap();
    assert_eq!(remade.dropped, [theirs.hash]);
    assert_eq!(noted(&remade.record.read()), Set::from(["开门", "乙"]));
}
