//! The hot spots of DOMAIN §6.7 that merging decides, by their numbers: what people expect who edit the same thing at
//! the same time, in worlds of 2 to 6 phones whose apps are of several versions, with whatever else happens to the
//! record before, meanwhile and after. The others: 7 in `sealed`, 10 and 11 in `case`, 12 in `device`.
//!
//! A failure prints its history; its seed is kept in `proptest-regressions` and runs first from then on.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    evolution::{Phone, Server, Step, T0, any_step, edit_of, versions},
    inspect::inspect_shaped,
    *,
};
use crate::{
    id::{SpaceId, UnitCode, UserId},
    rights::{self, Person, Post, Role, Space, SpaceKind, Target},
    schema::Class,
};

const ID: RecordId = RecordId([0xee; 16]);
const PHONES_MAX: usize = 6;

/// Phones that hold one record, and the server between them. Whatever else people write, it is not in the fields under
/// test.
struct World {
    server: Server,
    phones: Vec<Phone>,
    tested: &'static [&'static str],
}

impl World {
    /// Nobody has the record yet.
    fn new(kind: Kind, id: RecordId, versions: &[u8], tested: &'static [&'static str]) -> Self {
        let phones = versions.iter().enumerate().map(|(n, version)| Phone::new(n, *version, kind, id)).collect();
        Self { server: Server::new(kind, id), phones, tested }
    }

    /// Everybody has the record as the first phone began it, and what happened to it since then.
    fn begun(kind: Kind, versions: &[u8], tested: &'static [&'static str], first: &[Edit], before: &[Step]) -> Self {
        let mut world = Self::new(kind, ID, versions, tested);
        world.phones[0].write(None, first);
        world.everybody_exchanges();
        world.happens(before);
        world.everybody_exchanges();
        world
    }

    /// Other things.
    fn happens(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Write(phone, field, n) | Step::Stale(phone, field, n) => {
                    let phone = self.phone(*phone);
                    let edit = edit_of(phone.0.record.shape, phone.1, *field, *n);
                    let first = phone.0.record.changes().first().map(|change| change.hash);
                    let base = first.filter(|_| matches!(step, Step::Stale(..)));
                    phone.0.write(base.as_ref().map(std::slice::from_ref), &[edit]);
                }
                Step::Exchange(phone) => {
                    let place = phone % self.phones.len();
                    self.server.exchange(&mut self.phones[place]);
                }
            }
        }
    }

    fn phone(&mut self, n: usize) -> (&mut Phone, &'static [&'static str]) {
        let count = self.phones.len();
        (&mut self.phones[n % count], self.tested)
    }

    /// Offline, at the same time as the others; a phone whose version does not know the field does not.
    fn each_writes(&mut self, edits: impl Fn(usize) -> Vec<Edit>) -> Vec<usize> {
        let mut who = Vec::new();
        for (place, phone) in self.phones.iter_mut().enumerate() {
            let edits: Vec<Edit> = edits(place).into_iter().filter(|edit| phone.knows(&edit.field)).collect();
            if !edits.is_empty() {
                phone.write(None, &edits);
                who.push(place);
            }
        }
        who
    }

    fn everybody_exchanges(&mut self) {
        for _ in 0..2 {
            self.phones.iter_mut().for_each(|phone| self.server.exchange(phone));
        }
    }

    /// All have exchanged everything: what every phone and the server show, which is the same.
    fn settled(&mut self, after: &[Step]) -> Contents {
        self.happens(after);
        self.everybody_exchanges();
        let whole = self.server.record.read();
        for phone in &self.phones {
            assert_eq!(phone.record.heads(), self.server.record.heads());
            let shown = phone.record.read();
            for field in self.tested.iter().filter(|field| phone.knows(field)) {
                assert_eq!(shown.fields.get(field), whole.fields.get(field), "{field}");
            }
        }
        whole
    }
}

/// What else happens.
fn others() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any_step(), 0..12)
}

/// One of these for each phone that there can be.
fn for_each<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(of, PHONES_MAX)
}

/// Every value that a field in conflict keeps, the winner first.
fn kept(contents: &Contents, field: &str) -> Vec<Value> {
    match contents.fields.get(field) {
        Some(FieldValue::Single { value, others, .. }) => {
            std::iter::once(value.clone()).chain(others.iter().map(|other| other.value.clone())).collect()
        }
        _ => Vec::new(),
    }
}

fn mandate(n: usize) -> String {
    format!("{n:032x}")
}

/// 登记人 of the station, who is nobody's deputy.
fn clerk() -> (Person, Space) {
    let unit = UnitCode("520303108S01".into());
    let post = Post { role: Role::Station, unit: unit.clone(), mandate: None };
    let name = "竹元村联络室".into();
    let space = Space { id: SpaceId(3), kind: SpaceKind::Station, unit, name, parties: Vec::new() };
    (Person { user: UserId(2), name: "赵小兰".into(), posts: vec![post] }, space)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn hot_spot_1_minutes_typed_on_several_phones_are_all_there_in_one_record(
        versions in versions(), places in for_each(any::<prop::sample::Index>()), meanwhile in others(), after in others(),
    ) {
        let station = RecordId::derived(Kind::Station, &["520303108S01"]);
        let id = RecordId::reception_day(station, "2026-03-02");
        let mut world = World::new(Kind::ReceptionDay, id, &versions, &["minutes", "deputies", "station", "date"]);
        // Each opens the day offline and begins its minutes.
        world.each_writes(|place| vec![
            Edit::put("station", station),
            Edit::put("date", "2026-03-02"),
            Edit::add("deputies", mandate(place)),
            Edit::write("minutes", &format!("{place}记:上午来了。")),
        ]);
        world.happens(&meanwhile);
        // Each goes on writing wherever the cursor is: between two sentences of what is there.
        for (place, phone) in world.phones.iter_mut().enumerate() {
            let minutes = phone.record.read().text("minutes").to_owned();
            let mut sentences: Vec<&str> = minutes.split_inclusive('。').collect();
            let more = format!("{place}补:谈了路。");
            sentences.insert(places[place].index(sentences.len() + 1), &more);
            phone.write(None, &[Edit::write("minutes", &sentences.concat())]);
        }
        let day = world.settled(&after);
        for place in 0..versions.len() {
            for sentence in [format!("{place}记:上午来了。"), format!("{place}补:谈了路。")] {
                prop_assert_eq!(day.text("minutes").matches(&sentence).count(), 1, "{}: {}", sentence, day.text("minutes"));
            }
        }
        prop_assert_eq!(day.elements("deputies").len(), versions.len());
        prop_assert!(day.conflicts().all(|(key, _)| key != "station" && key != "date"), "one day, not several");
    }

    #[test]
    fn hot_spot_2_who_is_ticked_by_several_is_there_once(
        versions in versions(),
        ticked in for_each(prop::collection::btree_set(0..8_usize, 1..6)), before in others(), after in others(),
    ) {
        let first = [Edit::put("kind", "courtyard"), Edit::add("attendees", mandate(0))];
        let mut world = World::begun(Kind::Activity, &versions, &["attendees"], &first, &before);
        world.each_writes(|place| ticked[place].iter().map(|n| Edit::add("attendees", mandate(*n))).collect());
        let all: BTreeSet<usize> = ticked[..versions.len()].iter().flatten().copied().chain([0]).collect();
        let attendees = all.into_iter().map(mandate).collect::<Vec<_>>();
        let activity = world.settled(&after);
        prop_assert_eq!(activity.elements("attendees"), attendees);
    }

    #[test]
    fn hot_spot_3_head_counts_that_differ_are_one_number_with_the_others_beside_it_and_never_a_sum(
        versions in versions(), crowds in for_each(30..40_i64), before in others(), after in others(),
    ) {
        let first = [Edit::put("kind", "courtyard"), Edit::put("crowd", 5)];
        let mut world = World::begun(Kind::Activity, &versions, &["crowd"], &first, &before);
        world.each_writes(|place| vec![Edit::put("crowd", crowds[place])]);
        let activity = world.settled(&after);
        let values = kept(&activity, "crowd");
        let typed: BTreeSet<i64> = crowds[..versions.len()].iter().copied().collect();
        prop_assert_eq!(values.iter().filter_map(Value::as_number).collect::<BTreeSet<_>>(), typed.clone());
        prop_assert_eq!(activity.conflicts().any(|(key, _)| key == "crowd"), typed.len() > 1);
        // One tap settles it, for everybody.
        let chosen = crowds[0];
        world.phone(1).0.write(None, &[Edit::put("crowd", chosen)]);
        let activity = world.settled(&[]);
        prop_assert_eq!(kept(&activity, "crowd"), [Value::Number(chosen)]);
    }

    #[test]
    fn hot_spot_4_leaflets_tallied_by_several_add_up(
        versions in versions(), taps in prop::collection::vec((0..PHONES_MAX, 1..40_i64, any::<bool>()), 1..20),
        before in others(), after in others(),
    ) {
        let mut world = World::begun(Kind::Activity, &versions, &["leaflets"], &[Edit::put("kind", "courtyard")], &before);
        for (phone, by, exchanges) in &taps {
            world.phone(*phone).0.write(None, &[Edit { field: "leaflets".into(), op: Op::Increment { by: *by } }]);
            if *exchanges {
                world.happens(&[Step::Exchange(*phone)]);
            }
        }
        let sum = taps.iter().map(|(_, by, _)| by).sum();
        prop_assert_eq!(world.settled(&after).number("leaflets"), Some(sum));
    }

    #[test]
    fn hot_spot_5_the_stations_later_category_is_shown_and_the_deputys_is_kept(
        versions in versions(), ahead_days in -400..400_i64, knew: bool, before in others(), after in others(),
    ) {
        let first = [Edit::put("slip_no", "7-001"), Edit::put("category", "other")];
        let mut world = World::begun(Kind::Voice, &versions, &["category"], &first, &before);
        let (deputy, station) = (0, 1);
        // Whose clock is right says nothing of who was later.
        world.phones[deputy].clock_ms = T0 + ahead_days * 86_400_000;
        world.phones[deputy].write(None, &[Edit::put("category", "roads")]);
        if knew {
            world.happens(&[Step::Exchange(deputy), Step::Exchange(station)]);
        }
        world.phones[station].write(None, &[Edit::put("category", "water")]);
        let voice = world.settled(&after);
        let (roads, water) = (Value::text("roads"), Value::text("water"));
        if knew {
            prop_assert_eq!(kept(&voice, "category"), std::slice::from_ref(&water));
        } else {
            let values = kept(&voice, "category");
            prop_assert!(values.len() == 2 && values.contains(&roads) && values.contains(&water), "{values:?}");
        }
        let history = world.server.record.history();
        let was_set = |to: &Value| history.iter().flat_map(|entry| &entry.fields).any(|change| {
            change.field == "category" && matches!(&change.what, What::Set { after: Some(after), .. } if after == to)
        });
        prop_assert!(was_set(&roads) && was_set(&water), "the history keeps both");
    }

    /// E8: of two marks at the same time the more urgent one stands, and the other is shown.
    #[test]
    fn a_danger_is_not_merged_away(
        versions in versions(), marks in prop::collection::vec(0..3_usize, 2..4), before in others(), after in others(),
    ) {
        const RISING: [&str; 3] = ["normal", "urgent", "danger"];
        let mut world = World::begun(Kind::Voice, &versions, &["urgency"], &[Edit::put("slip_no", "7-001")], &before);
        let phones = world.phones.len();
        let marks: Vec<usize> = marks.into_iter().take(phones).collect();
        for (phone, mark) in marks.iter().enumerate() {
            world.phones[phone].write(None, &[Edit::put("urgency", RISING[*mark])]);
        }
        let voice = world.settled(&after);
        let most = RISING[*marks.iter().max().unwrap()];
        prop_assert_eq!(voice.text("urgency"), most);
        let different: BTreeSet<&str> = marks.iter().map(|mark| RISING[*mark]).collect();
        let kept = kept(&voice, "urgency");
        prop_assert_eq!(kept.iter().filter_map(Value::as_text).collect::<BTreeSet<_>>(), different);
    }

    #[test]
    fn hot_spot_6_the_station_changes_the_summary_and_never_the_villagers_words(
        versions in versions(), tries in prop::collection::vec((0..3_u8, "[一-五]{1,8}"), 1..8),
        before in others(), after in others(),
    ) {
        let author = RecordId([1; 16]);
        let words = "我们院坝前头那截路,一落雨就恼火得很。";
        let first = [
            Edit::put("slip_no", "7-001"),
            Edit::put("author", author),
            Edit::write("verbatim", words),
            Edit::write("summary", "修路。"),
        ];
        let mut world = World::begun(Kind::Voice, &versions, &["author", "verbatim", "summary"], &first, &before);
        let (clerk, space) = clerk();
        let target = Target { exists: true, author: Some(author), ..Target::new(Kind::Voice, &space) };
        let mut summary = "修路。".to_owned();
        for (what, text) in tries {
            let edit = match what {
                0 => Edit::write("verbatim", &text),
                _ => Edit::write("summary", &format!("{summary}站:{text}。")),
            };
            // What both sides do before a change is merged.
            let shape = world.phones[1].record.shape;
            let mut tried = world.phones[1].record.clone();
            let Some(change) = tried.edit(world.phones[1].actor, T0, None, std::slice::from_ref(&edit)).unwrap() else { continue };
            let inspected = inspect_shaped(shape, ID, &change.bytes).unwrap();
            let allowed = rights::may_change(&clerk, target, &inspected.touches).is_ok();
            prop_assert_eq!(allowed, what != 0);
            if allowed {
                world.phones[1].write(None, std::slice::from_ref(&edit));
                summary = world.phones[1].record.read().text("summary").to_owned();
            }
        }
        world.phones[0].write(None, &[Edit::write("summary", "代表:到现场看过。修路。")]);
        let voice = world.settled(&after);
        prop_assert_eq!(voice.text("verbatim"), words);
        let text = voice.text("summary");
        prop_assert!(text.starts_with("代表:到现场看过。修路。") && text.ends_with(summary.trim_start_matches("修路。")), "{text}");
    }

    #[test]
    fn hot_spot_8_a_photo_that_one_removes_and_another_captions_is_kept(
        versions in versions(), deeds in for_each(0..3_u8), before in others(), after in others(),
    ) {
        let photo = "ab".repeat(32);
        let mut world = World::begun(Kind::Activity, &versions, &["files"], &[Edit::put("kind", "courtyard")], &before);
        let Some(taker) = world.phones.iter().position(|phone| phone.knows("files")) else { return Ok(()) };
        world.phones[taker].write(None, &[Edit::enter("files", &photo, "院坝")]);
        world.everybody_exchanges();
        let who = world.each_writes(|place| match deeds[place] {
            0 => vec![Edit::remove("files", &photo)],
            1 => vec![Edit::enter("files", &photo, format!("{place}号手机"))],
            _ => vec![],
        });
        let removed = who.iter().any(|place| deeds[*place] == 0);
        let captions: Vec<Value> =
            who.iter().filter(|place| deeds[**place] == 1).map(|place| Value::text(format!("{place}号手机"))).collect();
        let activity = world.settled(&after);
        match activity.entry("files", &photo) {
            Some(caption) if captions.is_empty() => prop_assert!(!removed && *caption == Value::text("院坝")),
            Some(caption) => prop_assert!(captions.contains(caption)),
            None => prop_assert!(removed && captions.is_empty()),
        }
    }

    #[test]
    fn hot_spot_9_what_one_has_marked_confidential_stays_so(
        versions in versions(), marks in for_each(0..3_u8), before in others(), after in others(),
    ) {
        let mut world = World::begun(Kind::Voice, &versions, &["confidential"], &[Edit::put("slip_no", "7-001")], &before);
        world.phones[0].write(None, &[Edit { field: "confidential".into(), op: Op::Mark }]);
        world.everybody_exchanges();
        world.each_writes(|place| match marks[place] {
            0 => vec![Edit { field: "confidential".into(), op: Op::Unmark }],
            1 => vec![Edit { field: "confidential".into(), op: Op::Mark }],
            _ => vec![],
        });
        let marks = &marks[..versions.len()];
        // The first phone's own mark stands already; to mark again says nothing new.
        let marked_anew = marks[1..].contains(&1);
        let taken_back = marks.contains(&0);
        let on = world.settled(&after).is_true("confidential");
        prop_assert_eq!(on, marked_anew || !taken_back, "{:?}", marks);
    }

    /// What several type at the same time is there once; only taps on a counter add.
    #[test]
    fn invariant_7_only_counters_add(
        phones in 2..=PHONES_MAX, kind in prop::sample::select(Kind::ALL.to_vec()), choice: usize, n: u8,
    ) {
        let prose = kind.schema().fields.iter().filter(|field| matches!(field.class, Class::Prose | Class::AuthorProse | Class::Log));
        let prose: Vec<&str> = prose.map(|field| field.key).collect();
        let edit = edit_of(super::shape::Shape::of(kind), &prose, choice, n);
        let mut merged = Record::new(kind, ID);
        let mut alone = Record::new(kind, ID);
        for place in 0..phones {
            alone = Record::new(kind, ID);
            alone.edit(Actor([place as u8 + 1; 16]), T0, None, std::slice::from_ref(&edit)).unwrap();
            merged.apply(alone.changes().iter().map(|change| change.bytes.as_slice())).unwrap();
        }
        let (one, all) = (alone.read(), merged.read());
        match &edit.op {
            Op::Increment { by } => prop_assert_eq!(all.number(&edit.field), Some(by * phones as i64)),
            _ => {
                prop_assert_eq!(kept(&all, &edit.field), kept(&one, &edit.field));
                prop_assert_eq!(all.elements(&edit.field), one.elements(&edit.field));
                prop_assert_eq!(all.is_true(&edit.field), one.is_true(&edit.field));
            }
        }
    }
}
