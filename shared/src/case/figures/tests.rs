use std::collections::BTreeMap;

use super::*;
use crate::{
    case::{
        Added, By, Clock, Due, Event,
        act::{Act, Assign, Decline, Evaluation, Exit, ExitKind, Opinion, Petition, Reply, UnitRef, Way},
        suggestion::State,
    },
    id::{Actor, EventId, UserId},
    record::{Edit, Record},
    rights::{Post, Role},
};

/// A record with its case, kept for the figures.
struct Kept {
    id: RecordId,
    unit: UnitCode,
    contents: Contents,
    case: Case,
}

#[derive(Default)]
struct World(Vec<Kept>);

impl World {
    fn add(&mut self, kind: Kind, unit: &str, edits: Vec<Edit>, acts: Vec<(&str, Act, Added)>) -> RecordId {
        let number = self.0.len() as u64 + 1;
        let actor = Actor([7; 16]);
        let id = RecordId::minted(&actor, number, 0);
        let mut record = Record::new(kind, id);
        record.edit(actor, 0, None, &edits).unwrap();
        let mut case = Case::new(kind);
        for (seq, (day, act, added)) in acts.into_iter().enumerate() {
            let post = Post { role: Role::District, unit: UnitCode("520303".into()), mandate: None };
            let at: Date = day.parse().unwrap();
            let event = Event {
                seq: seq as u32 + 1,
                id: EventId(RecordId::minted(&actor, number * 1000 + seq as u64, 0).0),
                case: id,
                kind,
                by: By { user: UserId(1), name: "袁国强".into(), post },
                made_ms: at.starts_ms(),
                received_ms: at.starts_ms(),
                proxy: None,
                act,
                added,
            };
            assert!(case.apply(&event));
        }
        self.0.push(Kept { id, unit: UnitCode(unit.into()), contents: record.read(), case });
        id
    }

    fn items(&self) -> Vec<Item<'_>> {
        self.0
            .iter()
            .map(|kept| Item { id: kept.id, unit: &kept.unit, contents: &kept.contents, case: &kept.case })
            .collect()
    }

    /// A suggestion of 五届一次, accepted, and whatever comes then.
    fn suggestion(&mut self, category: &str, themes: &[&str], tier: Tier, more: Vec<(&str, Act, Added)>) {
        let mut edits = vec![
            Edit::put("term", "五届"),
            Edit::put("session", "一次"),
            Edit::put("in_session", true),
            Edit::put("date", "2026-02-27"),
            Edit::put("category", category),
        ];
        edits.extend(themes.iter().map(|theme| Edit::add("themes", theme)));
        let number = Some(format!("{}号", self.0.len() + 1));
        let mut acts = vec![
            (
                "2026-02-27",
                Act::Submit { text: None, declared: true, again: None },
                added(|added| added.tier = Some(tier)),
            ),
            ("2026-02-28", Act::Review, Added::default()),
            ("2026-02-28", Act::Accept, added(|added| added.number = number)),
        ];
        acts.extend(more);
        self.add(Kind::Suggestion, "520303", edits, acts);
    }
}

fn added(fill: impl FnOnce(&mut Added)) -> Added {
    let mut added = Added::default();
    fill(&mut added);
    added
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn assigned(limit: &str) -> (&'static str, Act, Added) {
    let lead = UnitRef { code: UnitCode("520303U02".into()), name: "区交通运输局".into() };
    let act = Act::Assign(Assign { lead, co: vec![], separate: vec![], wide: false, text: String::new() });
    let due = Due::agreed(Clock::Reply, date("2026-03-02"), date(limit));
    ("2026-03-02", act, added(|added| added.dues.push(due)))
}

fn replied_on<'a>(day: &'a str, class: &str, limit: &str) -> (&'a str, Act, Added) {
    let reply = Reply {
        letter: "1号".into(),
        class: class.into(),
        text: "答复".into(),
        signer: "局长".into(),
        commitments: vec![],
        may_publish: true,
    };
    (day, Act::Reply(reply), added(|added| added.limit = Some(date(limit))))
}

fn evaluated_as(result: Opinion) -> (&'static str, Act, Added) {
    let evaluation =
        Evaluation { round: 1, attitude: Opinion::Satisfied, result, way: Way::Phone, text: String::new() };
    ("2026-06-10", Act::Evaluate(evaluation), Added::default())
}

fn all() -> Filter {
    Filter::default()
}

fn of_session() -> Filter {
    Filter { term: Some("五届".into()), session: Some("一次".into()), ..Filter::default() }
}

/// DOMAIN §2.5, first vector [S:49]: 128 suggestions.
#[test]
fn the_first_published_example_by_category_and_class() {
    let percent = |count| Share::new(count, 128).percent();
    let categories = [(20, "15.6%"), (7, "5.5%"), (32, "25.0%"), (44, "34.4%"), (25, "19.5%")];
    let classes = [(64, "50.0%"), (38, "29.7%"), (21, "16.4%"), (5, "3.9%")];
    for (count, printed) in categories.into_iter().chain(classes) {
        assert_eq!(percent(count), printed);
    }
    assert_eq!(categories.iter().map(|(count, _)| count).sum::<usize>(), 128);
    let tenths: u64 = categories.iter().filter_map(|(count, _)| Share::new(*count, 128).tenths()).sum();
    assert_eq!(tenths, 1000);
}

/// DOMAIN §2.5, second vector [S:78]: 52 suggestions, printed there as 63.4%, 27%, 9.6% by hand.
#[test]
fn the_second_published_example_is_rounded_half_up_and_not_by_hand() {
    let percent = |count| Share::new(count, 52).percent();
    assert_eq!([33, 14, 5].map(percent), ["63.5%", "26.9%", "9.6%"]);
}

#[test]
fn half_up_means_half_up() {
    assert_eq!(Share::new(1, 2000).percent(), "0.1%", "exactly half a tenth goes up");
    assert_eq!(Share::new(1, 2001).percent(), "0.0%");
    assert_eq!(Share::new(25, 129).percent(), "19.4%");
    assert_eq!(Share::new(24, 129).percent(), "18.6%");
    assert_eq!((Share::new(25, 128).percent(), Share::new(25, 130).percent()), ("19.5%".into(), "19.2%".into()));
    assert_eq!(Share::new(0, 0).percent(), "—");
    assert_eq!(Share { count: u64::MAX, of: u64::MAX }.percent(), "100.0%");
}

#[test]
fn r2_and_r3_rural_revitalization_is_25_of_129() {
    let mut world = World::default();
    let themed = [("industry", 8), ("roads", 7), ("village", 5), ("education_health", 4), ("other", 1)];
    for (category, count) in themed {
        for _ in 0..count {
            world.suggestion(category, &["rural_revitalization", "safety"], Tier::District, vec![]);
        }
    }
    for _ in 25..129 {
        world.suggestion("city", &["business"], Tier::District, vec![]);
    }
    // None of these counts: the express, another session, a withdrawn and a converted one.
    world.suggestion("city", &[], Tier::Express, vec![]);
    let withdraw = Act::Withdraw { text: "不用了".into() };
    world.suggestion(
        "city",
        &["rural_revitalization"],
        Tier::District,
        vec![("2026-03-01", withdraw, Added::default())],
    );
    let convert = Act::Convert { tier: Tier::Town, to: RecordId([3; 16]), text: "镇里能办".into() };
    world.suggestion(
        "city",
        &["rural_revitalization"],
        Tier::District,
        vec![("2026-03-01", convert, Added::default())],
    );
    let items = world.items();
    let share = super::themed(&items, &of_session(), "rural_revitalization");
    assert_eq!((share, share.percent()), (Share { count: 25, of: 129 }, "19.4%".into()));
    let groups = themed_by_category(&items, &of_session(), "rural_revitalization");
    let expected = [("industry", 8), ("roads", 7), ("village", 5), ("education_health", 4), ("other", 1)]
        .map(|(k, n)| (k.into(), n));
    assert_eq!(groups, expected);
    assert_eq!(express(&items, &all()), 1);
    let other = Filter { session: Some("二次".into()), ..of_session() };
    assert_eq!(super::themed(&items, &other, "rural_revitalization"), Share { count: 0, of: 0 });
}

#[test]
fn invariant_4_the_groups_of_a_total_add_up_to_it() {
    let mut world = World::default();
    for (index, category) in ["roads", "water", "roads", ""].into_iter().enumerate() {
        let tier = if index == 1 { Tier::Town } else { Tier::District };
        let more = match index {
            0 => vec![assigned("2026-06-02"), replied_on("2026-05-01", "A", "2026-06-02")],
            2 => vec![assigned("2026-06-02"), replied_on("2026-05-01", "B", "2026-06-02")],
            _ => vec![],
        };
        world.suggestion(if category.is_empty() { "other" } else { category }, &[], tier, more);
    }
    let items = world.items();
    let total = counted(&items, &all());
    assert_eq!(total.len(), 4);
    assert_eq!(by_field(&total, "category").values().sum::<usize>(), 4);
    assert_eq!(by_tier(&total), [("district", 3), ("town", 1)].into());
    let classes = by_class(&total);
    assert_eq!(classes, BTreeMap::from([("A".to_owned(), 1), ("B".to_owned(), 1)]));
    assert_eq!(classes.values().sum::<usize>() as u64, rate(&total, Figure::Replied, date("2026-12-31")).count);
}

#[test]
fn the_rates_have_the_denominators_that_are_printed() {
    let mut world = World::default();
    let contact = |way| {
        (
            "2026-04-01",
            Act::Contact { way, on: date("2026-04-01"), place: "".into(), text: "".into() },
            Added::default(),
        )
    };
    let limit = "2026-06-02";
    // Assigned only; replied late; replied in time and satisfied; replied in time, dissatisfied.
    world.suggestion("roads", &[], Tier::District, vec![assigned(limit), contact(Way::Phone)]);
    world.suggestion(
        "roads",
        &[],
        Tier::District,
        vec![assigned(limit), contact(Way::Visit), replied_on("2026-06-03", "A", limit)],
    );
    let close = ("2026-06-11", Act::Close { text: "".into() }, Added::default());
    let publish = ("2026-06-12", Act::Publish { objection_considered: false }, Added::default());
    world.suggestion(
        "roads",
        &[],
        Tier::District,
        vec![
            assigned(limit),
            contact(Way::Consultation),
            replied_on("2026-06-02", "A", limit),
            evaluated_as(Opinion::Satisfied),
            close,
            publish,
        ],
    );
    world.suggestion(
        "roads",
        &[],
        Tier::District,
        vec![assigned(limit), replied_on("2026-05-01", "C", limit), evaluated_as(Opinion::Dissatisfied)],
    );
    world.suggestion("roads", &[], Tier::District, vec![]);
    let items = world.items();
    let total = counted(&items, &all());
    let share = |count, of| Share { count, of };
    assert_eq!(total.len(), 5);
    let today = date("2026-06-30");
    let expected = [
        (Figure::Replied, (3, 4)),
        (Figure::Timely, (2, 4)),
        (Figure::Done, (1, 4)),
        (Figure::Satisfied, (1, 2)),
        (Figure::Mostly, (0, 2)),
        (Figure::Content, (1, 2)),
        (Figure::First, (1, 2)),
        (Figure::Consulted, (1, 4)),
        (Figure::Met, (2, 4)),
        (Figure::Contacted, (3, 4)),
        (Figure::Published, (1, 1)),
    ];
    for (figure, (part, whole)) in expected {
        assert_eq!(rate(&total, figure, today), share(part, whole), "{figure:?}");
    }
    assert_eq!(Figure::ALL.iter().filter(|figure| figure.rate().is_some()).count(), expected.len());
    assert_eq!(rate(&total, Figure::Timely, date("2026-06-01")), share(0, 0), "no limit has passed yet");
    assert_eq!(count(&total, Part::Unevaluated, today), 1);
}

#[test]
fn commitments_are_kept_broken_or_not_yet_due() {
    let mut world = World::default();
    let promise = |day: &str| crate::case::Promise { text: "完工".into(), due: date(day) };
    let (day, reply, added) = replied_on("2026-05-01", "B", "2026-06-02");
    let Act::Reply(reply) = reply else { panic!() };
    let commitments = vec![promise("2026-08-01"), promise("2026-09-01"), promise("2027-09-01")];
    let reply = Act::Reply(Reply { commitments, ..reply });
    let kept_one = Act::Commitment {
        commitment: 1,
        outcome: crate::case::CommitmentOutcome::Kept,
        due: None,
        text: "验收".into(),
    };
    let acts = vec![
        assigned("2026-06-02"),
        (day, reply, added),
        evaluated_as(Opinion::Mostly),
        ("2026-06-11", Act::Close { text: "".into() }, Added::default()),
        ("2026-07-30", kept_one, Added::default()),
    ];
    world.suggestion("roads", &[], Tier::District, acts);
    let items = world.items();
    let total = counted(&items, &all());
    assert_eq!(kept(&total, date("2026-07-31")), Share { count: 1, of: 1 });
    let parts = |day| [Part::Promised, Part::Kept].map(|part| count(&total, part, date(day)));
    assert_eq!([parts("2026-07-31"), parts("2025-01-01")], [[1, 1]; 2], "settled before its day");
    assert_eq!(kept(&total, date("2026-12-31")), Share { count: 1, of: 2 });
}

#[test]
fn r1_counts_the_stations_in_use() {
    let mut world = World::default();
    for (code, kind, state) in
        [("520303108S01", "station", "open"), ("520303108S02", "room", "open"), ("520303107S01", "room", "planned")]
    {
        let edits = vec![Edit::put("code", code), Edit::put("kind", kind), Edit::put("state", state)];
        world.add(Kind::Station, "520303", edits, vec![]);
    }
    let found = stations(&world.items());
    assert_eq!(found.total, 2);
    assert_eq!(found.by_kind, BTreeMap::from([("room".into(), 1), ("station".into(), 1)]));
    assert_eq!(found.by_township, BTreeMap::from([("520303108".into(), 2)]));
}

#[test]
fn r4_eleven_trainings_are_620_person_times() {
    let mut world = World::default();
    for (index, count) in [72, 60, 55, 48, 64, 50, 58, 45, 66, 52, 50].into_iter().enumerate() {
        let level = if index < 3 { "district" } else { "town" };
        let edits = vec![
            Edit::put("term", "五届"),
            Edit::put("level", level),
            Edit::put("date", "2026-03-05"),
            Edit::add("roster", RecordId([1; 16])),
            Edit::add("roster", RecordId([2; 16])),
            Edit::put("unnamed_count", count - 2),
        ];
        world.add(Kind::Training, "520303", edits, vec![]);
    }
    let filter = Filter { term: Some("五届".into()), ..all() };
    let groups = trainings(&world.items(), &filter);
    assert_eq!(groups, BTreeMap::from([("district".into(), (3, 187)), ("town".into(), (8, 433))]));
    assert_eq!(groups.values().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1)), (11, 620));
}

#[test]
fn r5_a_visit_written_down_twice_is_one() {
    let mut world = World::default();
    let lou = || Edit::add("leader_mandates", RecordId([5; 16]));
    let official = || Edit::add("leaders", "周兴碧");
    let led = [
        (vec![lou(), official()], "2026-03-05"),
        (vec![official(), lou()], "2026-03-05"),
        (vec![official()], "2026-03-05"),
        (vec![lou(), official()], "2026-05-05"),
    ];
    for (leaders, day) in led {
        let edits = [leaders, vec![Edit::put("date", day), Edit::put("unit", RecordId([4; 16]))]].concat();
        world.add(Kind::GuidanceVisit, "520303", edits, vec![]);
    }
    let until = Filter { from: Some(date("2026-01-01")), to: Some(date("2026-04-27")), ..all() };
    assert_eq!(visits(&world.items(), &until), 2);
}

/// Whoever filters by the states' keys finds what the folds count.
#[test]
fn the_keys_that_count_are_those_of_the_folds_that_count() {
    let mut world = World::default();
    let text = || "来信".to_owned();
    let ask = Act::ReturnAssignment { text: text(), propose: None };
    let put_off = Act::AskExtension { until: date("2026-07-01"), text: text() };
    let convert = Act::Convert { tier: Tier::Town, to: RecordId([3; 16]), text: text() };
    let limit = "2026-06-02";
    for more in [
        vec![],
        vec![assigned(limit)],
        vec![assigned(limit), ("2026-03-03", ask, Added::default())],
        vec![assigned(limit), ("2026-03-03", put_off, Added::default())],
        vec![assigned(limit), replied_on("2026-05-01", "A", limit)],
        vec![assigned(limit), replied_on("2026-05-01", "A", limit), evaluated_as(Opinion::Satisfied)],
        vec![("2026-03-01", Act::Withdraw { text: text() }, Added::default())],
        vec![("2026-03-01", convert, Added::default())],
    ] {
        world.suggestion("roads", &[], Tier::District, more);
    }
    let submit = ("2026-03-01", Act::Submit { text: None, declared: true, again: None }, Added::default());
    let decline = Act::Decline { reason: Decline::Vague, text: text() };
    for acts in [vec![], vec![submit.clone()], vec![submit, ("2026-03-02", decline, Added::default())]] {
        let tier = added(|added| added.tier = Some(Tier::District));
        let acts = acts.into_iter().map(|(day, act, _)| (day, act, tier.clone())).collect();
        world.add(Kind::Suggestion, "520303", vec![], acts);
    }
    let items = world.items();
    let counted: Vec<RecordId> = counted(&items, &all()).iter().map(|(item, _)| item.id).collect();
    assert_eq!(counted.len(), 6);
    for item in items {
        let key = item.case.state();
        assert_eq!(State::counted_keys().any(|known| known == key), counted.contains(&item.id), "{key}");
    }
}

fn verified() -> Vec<(&'static str, Act, Added)> {
    let submit = Act::Submit { text: None, declared: false, again: None };
    vec![("2026-03-05", submit, Added::default()), ("2026-03-06", Act::Verify, Added::default())]
}

#[test]
fn r6_pairing_activities_count_when_verified_and_both_sides_were_there() {
    let mut world = World::default();
    let unit =
        |world: &mut World, code: &str| world.add(Kind::AdminUnit, "520303", vec![Edit::put("code", code)], vec![]);
    let (street, town) = (unit(&mut world, "520303003"), unit(&mut world, "520303107"));
    let mandate = |world: &mut World, code: &str| {
        let station = world.add(Kind::Station, code, vec![Edit::put("code", code)], vec![]);
        world.add(Kind::Mandate, "520303", vec![Edit::put("station", station), Edit::put("status", "active")], vec![])
    };
    let (theirs, ours) = (mandate(&mut world, "520303003S01"), mandate(&mut world, "520303107S01"));
    let edits =
        vec![Edit::put("street", street), Edit::put("town", town), Edit::put("year", 2026), Edit::put("target", 4)];
    let pairing = world.add(Kind::Pairing, "520303", edits, vec![]);
    let act = |world: &mut World, day: &str, who: &[RecordId], acts, more| {
        let mut edits = vec![
            Edit::put("kind", "pairing"),
            Edit::put("start", format!("{day}T09:00")),
            Edit::put("pairing", pairing),
        ];
        edits.extend(who.iter().map(|mandate| Edit::add("attendees", mandate)));
        edits.extend::<Vec<Edit>>(more);
        world.add(Kind::Activity, "520303107", edits, acts);
    };
    let absent = |mandate: RecordId| vec![Edit::enter("attendance", mandate, "absent")];
    act(&mut world, "2026-02-03", &[theirs, ours], verified(), vec![]);
    act(&mut world, "2026-03-09", &[theirs, ours], verified(), absent(theirs));
    act(&mut world, "2026-03-03", &[theirs, ours], verified(), vec![]);
    act(&mut world, "2026-03-10", &[ours], verified(), vec![]);
    act(&mut world, "2026-03-11", &[theirs, ours], vec![], vec![]);
    act(&mut world, "2025-03-11", &[theirs, ours], verified(), vec![]);
    let at = |day| pairings(&world.items(), date(day))[0];
    assert_eq!((at("2026-06-30").count, at("2026-06-30").target), (2, 4));
    assert_eq!(at("2026-06-30").progress, Progress::OnTheWay);
    // Story 10: half of it is too little from the seventh whole month on.
    assert_eq!((at("2026-07-31").progress, at("2026-08-01").progress), (Progress::OnTheWay, Progress::Behind));
    assert_eq!(at("2026-12-31").progress, Progress::Behind);
    assert_eq!(coverage(&world.items(), &all()), Share { count: 2, of: 2 });
    // In March the one of the other side was named twice, and away once.
    let march = Filter { from: Some(date("2026-03-04")), to: Some(date("2026-03-31")), ..all() };
    assert_eq!(coverage(&world.items(), &march), Share { count: 1, of: 2 });
}

#[test]
fn r7_and_r9_verified_activities_by_role_and_the_latest_jobs_of_each_project() {
    let mut world = World::default();
    let project = |world: &mut World, title: &str, day: &str, jobs: i64, acts| {
        let edits = vec![
            Edit::put("kind", "industry"),
            Edit::put("title", title),
            Edit::put("start", format!("{day}T09:00")),
            Edit::put("jobs", jobs),
            Edit::add("role", "pathfinder"),
            Edit::add("focus", "industry"),
            Edit::add("focus", "prosperity"),
        ];
        world.add(Kind::Activity, "520303108", edits, acts);
    };
    project(&mut world, "辣椒合作社", "2026-01-05", 30, verified());
    project(&mut world, "辣椒合作社", "2026-04-05", 38, verified());
    project(&mut world, "辣椒合作社", "2026-02-05", 35, verified());
    project(&mut world, "高粱基地", "2026-02-05", 12, verified());
    project(&mut world, "高粱基地", "2026-03-05", 99, vec![]);
    assert_eq!(jobs(&world.items(), &all()), 50);
    let cells = roles(&world.items(), &all());
    let cell = |focus: &str| (("pathfinder".to_owned(), focus.to_owned()), 4);
    assert_eq!(cells, [cell("industry"), cell("prosperity")].into());
}

#[test]
fn r10_voices_by_exit_township_and_month_with_median_days() {
    let mut world = World::default();
    let voice = |world: &mut World, unit: &str, sorted: &str, exit| {
        let acts = vec![
            ("2026-03-02", Act::Submit { text: None, declared: false, again: None }, Added::default()),
            (sorted, Act::Sort { proposed: ExitKind::Town, text: "".into() }, Added::default()),
            (sorted, Act::Route { exit }, Added::default()),
        ];
        world.add(Kind::Voice, unit, vec![Edit::put("date", "2026-03-01")], acts);
    };
    let office = UnitRef { code: UnitCode("520303U30".into()), name: "区信访局".into() };
    let town = || Exit::Town { suggestion: RecordId([3; 16]) };
    voice(&mut world, "520303108S01", "2026-03-03", Exit::Petition { matter: Petition::Request, office });
    voice(&mut world, "520303108S01", "2026-03-05", town());
    voice(&mut world, "520303107S01", "2026-03-12", town());
    let found = exits(&world.items(), &all());
    assert_eq!(found.by_exit, BTreeMap::from([(ExitKind::Petition, 1), (ExitKind::Town, 2)]));
    let key = |unit: &str| (unit.to_owned(), "2026-03".to_owned());
    assert_eq!(found.by_township, BTreeMap::from([(key("520303107"), 1), (key("520303108"), 2)]));
    assert_eq!((found.days_to_sort, found.days_to_feedback), (Some(3), None));
}

#[test]
fn what_was_deleted_counts_nowhere() {
    let mut world = World::default();
    let edits = vec![Edit::put("term", "五届"), Edit::put("date", "2026-03-01"), Edit::put("deleted", true)];
    let number = added(|added| (added.number, added.tier) = (Some("1号".into()), Some(Tier::District)));
    world.add(Kind::Suggestion, "520303", edits, vec![("2026-03-01", Act::Accept, number)]);
    assert!(counted(&world.items(), &all()).is_empty());
}

#[test]
fn the_dossier_holds_what_is_verified_and_nothing_else() {
    let (mandate, other) = (RecordId([7; 16]), RecordId([8; 16]));
    let submit = ("2026-03-01", Act::Submit { text: None, declared: false, again: None }, Added::default());
    let verify = ("2026-03-02", Act::Verify, Added::default());
    let void = ("2026-03-03", Act::Void { text: "重复".into() }, Added::default());
    let entry = |mandate: RecordId, section: &str, date: &str| {
        let text = Edit::put("text", "区人代会发言");
        vec![Edit::put("mandate", mandate), Edit::put("section", section), Edit::put("date", date), text]
    };
    let mut world = World::default();
    let mut add = |edits, acts| world.add(Kind::DossierEntry, "520303108", edits, acts);
    add(entry(mandate, "honours", "2026-02-01"), vec![submit.clone(), verify.clone()]);
    add(entry(mandate, "honours", "2026-02-02"), vec![submit.clone()]);
    add(entry(mandate, "honours", "2026-02-03"), vec![]);
    add(entry(mandate, "honours", "2026-02-04"), vec![submit.clone(), verify.clone(), void]);
    add(entry(mandate, "honours", "2025-02-01"), vec![submit.clone(), verify.clone()]);
    add(entry(other, "meetings", "2026-02-01"), vec![submit.clone(), verify.clone()]);
    let report = vec![Edit::put("author", mandate), Edit::put("date", "2026-01-20")];
    world.add(Kind::DutyReport, "520303108S01", report, vec![submit, verify]);
    let items = world.items();
    let this_year = Filter { from: "2026-01-01".parse().ok(), to: "2026-12-31".parse().ok(), ..Filter::default() };
    let counted = [("honours".to_owned(), 1), ("report".to_owned(), 1)];
    assert_eq!(dossier(&items, mandate, &this_year), BTreeMap::from(counted));
}

#[test]
fn a_pairing_is_on_the_way_when_it_keeps_up_with_the_months_that_have_passed() {
    assert_eq!(Progress::of(4, 4, 2), Progress::Reached);
    assert_eq!([Progress::of(1, 4, 3), Progress::of(0, 4, 3)], [Progress::OnTheWay, Progress::Behind]);
    assert_eq!([Progress::of(0, 4, 0), Progress::of(3, 4, 12)], [Progress::OnTheWay, Progress::Behind]);
    assert_eq!(months_passed(2022, date("2022-04-27")), 3);
    assert_eq!([months_passed(2021, date("2022-04-27")), months_passed(2023, date("2022-04-27"))], [12, 0]);
}

#[test]
fn shares_of_the_published_table_and_of_nothing() {
    let percent = |count, of| Share { count, of }.percent();
    assert_eq!([percent(25, 129), percent(25, 128), percent(25, 130)], ["19.4%", "19.5%", "19.2%"]);
    assert_eq!([percent(1, 2000), percent(1, 2001)], ["0.1%", "0.0%"], "a half goes up, less than a half does not");
    assert_eq!([percent(0, 7), percent(7, 7), percent(0, 0)], ["0.0%", "100.0%", "—"]);
    assert_eq!(Share { count: u64::MAX, of: u64::MAX }.tenths(), Some(1000));
}
