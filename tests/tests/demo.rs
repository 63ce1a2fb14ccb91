//! The demo set: the figures of the source article from the raw records, and the rules it is made by.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Instant,
};

use lianxin_server::{
    clock::Clock,
    demo::{self, FORBIDDEN_NAMES, volumes},
    http::AppState,
    store::{
        self, CaseFilter, CaseSpaces, GroupBy, LedgerKey, LedgerQuery, LedgerRow, LogEntry, Store, TallyBy,
        sealed::Held,
    },
    vault::MasterKey,
};
use lianxin_shared::{
    blob,
    case::{
        Act, Case, CaseRow, Event, ExitKind, Machine,
        figures::{self, Part},
        mandate,
    },
    id::{Position, RecordId, SpaceId, UnitCode},
    record::{Contents, Record, inspect},
    rights::{self, Person, Role, SpaceKind},
    schema::Kind,
    summary::summarize,
    wire::SentEvent,
};
use lianxin_tests::{office::sealing, scratch::Scratch};

/// Every test's demo set stands on this day.
const AS_OF: &str = "2026-11-22";
const YEAR: &str = "2026";

/// A loaded demo set in a database of its own.
struct Loaded {
    state: AppState,
    spaces: Vec<SpaceId>,
    _folder: Scratch,
}

impl Loaded {
    async fn fresh(name: &str, as_of: &str) -> Self {
        let folder = Scratch::new(name);
        let store = store::open(&folder.path().join("demo.sqlite").to_string_lossy()).await.unwrap();
        let sealing = sealing(MasterKey::of_folder(folder.path()).unwrap(), folder.path());
        let state = AppState::new(store, Clock::system(), None).with_sealing(sealing);
        let started = Instant::now();
        let accounts = demo::load_into(&state, as_of.parse().unwrap()).await.unwrap().expect("an empty database");
        eprintln!("{name}: loaded in {:.1} s", started.elapsed().as_secs_f64());
        assert_eq!(accounts.accounts.len(), 11);
        let spaces = state.hub.store().spaces().await.unwrap().iter().map(|space| space.id).collect();
        Self { state, spaces, _folder: folder }
    }

    fn store(&self) -> &dyn Store {
        self.state.hub.store()
    }

    async fn rows(&self, query: LedgerQuery) -> Vec<LedgerRow> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = self.store().ledger(&query, after, 500).await.unwrap();
            let Some(last) = page.last() else { return rows };
            after = Some(LedgerKey { date: last.summary.date.clone(), id: last.id });
            rows.extend(page);
        }
    }

    /// The records of a kind, and the cases of those that have one.
    async fn cases(&self, kind: Kind) -> (Vec<RecordId>, HashMap<RecordId, CaseRow>) {
        let ids: Vec<RecordId> = self.rows(self.all(kind)).await.iter().map(|row| row.id).collect();
        let cases = self.store().case_rows(&ids).await.unwrap();
        (ids, cases)
    }

    fn all(&self, kind: Kind) -> LedgerQuery {
        query(kind, self.spaces.clone())
    }

    async fn count(&self, query: &LedgerQuery) -> u64 {
        self.store().count(query).await.unwrap().records
    }

    /// The Automerge document itself.
    async fn contents(&self, id: RecordId) -> Contents {
        let stored = self.store().record(id).await.unwrap().expect("a listed record is stored");
        Record::load(stored.kind, id, &stored.doc).unwrap().read()
    }

    async fn documents(&self, kind: Kind) -> Vec<Contents> {
        let mut documents = Vec::new();
        for row in self.rows(self.all(kind)).await {
            documents.push(self.contents(row.id).await);
        }
        documents
    }

    async fn log(&self, space: SpaceId) -> Vec<LogEntry> {
        let mut log: Vec<LogEntry> = Vec::new();
        loop {
            let after = log.last().map_or(Position(0), |entry| entry.position);
            let page = self.store().changes_after(space, after, 1 << 20).await.unwrap();
            if page.is_empty() {
                return log;
            }
            log.extend(page);
        }
    }

    /// Everything that is in the log, in its order, and the cases. The spaces of cases have the numbers in which the desks
    /// came to make them; so a space counts as what lies in it. What was told in a petition was cleared away, by an
    /// author whom chance named; of two on one day, either may be the first.
    async fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for space in &self.spaces {
            let log = self.log(*space).await;
            let records: BTreeSet<RecordId> = log.iter().map(|entry| entry.record).collect();
            let mut cleared = BTreeSet::new();
            for (id, row) in self.store().case_rows(&Vec::from_iter(records)).await.unwrap() {
                cleared.extend((row.exit == Some(ExitKind::Petition)).then_some(id));
                lines.push(format!("{id} {row:?}"));
            }
            let begins = log.first().map(|entry| entry.record.to_string()).unwrap_or_default();
            for LogEntry { position, received_ms, record, hash, .. } in &log {
                let made = if cleared.contains(record) { "cleared" } else { &format!("{position:?} {hash}") };
                lines.push(format!("{begins} {received_ms} {record} {made}"));
            }
        }
        lines.sort_unstable();
        lines
    }

    async fn close(self) {
        self.state.hub.stop().await;
        self.store().close().await;
    }
}

fn query(kind: Kind, spaces: Vec<SpaceId>) -> LedgerQuery {
    LedgerQuery::of(kind, spaces)
}

/// One test, because loading is what takes the time.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_set_shows_the_articles_figures_and_keeps_the_rules() {
    let (demo, again) = tokio::join!(Loaded::fresh("demo", AS_OF), Loaded::fresh("demo-again", AS_OF));
    let (lines, lines_again) = (demo.lines().await, again.lines().await);
    let differs = lines.iter().zip(&lines_again).find(|(one, other)| one != other);
    assert_eq!((differs, lines.len()), (None, lines_again.len()), "the same seed makes the same bytes");
    again.close().await;
    volumes_are_those_of_the_domain(&demo).await;
    suggestions_went_through_the_desks(&demo).await;
    voices_were_answered(&demo).await;
    what_deputies_did_was_verified(&demo).await;
    the_offices_keep_their_records(&demo).await;
    every_act_and_every_kind_is_used(&demo).await;
    r1_stations_and_rooms(&demo).await;
    r2_and_r3_suggestions(&demo).await;
    r4_trainings(&demo).await;
    r5_guidance_visits(&demo).await;
    r6_pairings(&demo).await;
    rates_by_columns_are_those_by_the_folds(&demo).await;
    coverage_by_terms_is_that_by_the_documents(&demo).await;
    references_lead_somewhere(&demo).await;
    concurrent_edits_are_seen(&demo).await;
    everybody_did_what_they_may(&demo).await;
    villagers_are_sealed_and_photos_are_there(&demo).await;
    no_real_person_is_named(&demo).await;
    accounts_are_announced_and_no_others_open(&demo).await;
    demo.close().await;
}

/// The figures do not depend on the day, neither right after New Year nor in spring.
#[tokio::test(flavor = "multi_thread")]
async fn the_figures_hold_whatever_the_day() {
    let demo = Loaded::fresh("demo-spring", "2027-04-02").await;
    r2_and_r3_suggestions(&demo).await;
    r4_trainings(&demo).await;
    let visits = demo.rows(demo.all(Kind::GuidanceVisit)).await;
    assert_eq!(visits.len(), volumes::GUIDANCE_VISITS);
    assert!(visits.iter().all(|row| ("2027-01-01".."2027-04-02").contains(&row.summary.date.as_str())));
    demo.close().await;
}

#[tokio::test]
async fn a_database_with_users_is_left_alone_and_half_a_demo_set_is_named() {
    let state = AppState::new(store::open(":memory:").await.unwrap(), Clock::system(), None);
    let user = |login: &str, name: &str, password_hash: &str| store::NewUser {
        login: login.into(),
        name: name.into(),
        password_hash: password_hash.into(),
        posts: Vec::new(),
    };
    state.hub.store().create_user(user("someone", "某人", "!")).await.unwrap();
    assert_eq!(demo::load_into(&state, AS_OF.parse().unwrap()).await.unwrap(), None);

    let state = AppState::new(store::open(":memory:").await.unwrap(), Clock::system(), None);
    state.hub.store().create_user(user("admin", "系统管理员", "!")).await.unwrap();
    let error = demo::load_into(&state, AS_OF.parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("interrupted"), "{error}");
}

async fn volumes_are_those_of_the_domain(demo: &Loaded) {
    let mut counts = BTreeMap::new();
    for kind in Kind::ALL {
        counts.insert(kind.key(), demo.count(&demo.all(kind)).await as usize);
    }
    eprintln!("{counts:?}");
    let suggestions =
        volumes::SESSION_SUGGESTIONS + volumes::BETWEEN_SESSIONS_SUGGESTIONS + volumes::EXPRESS_SUGGESTIONS;
    assert_eq!(counts["admin_unit"], 1 + volumes::UNITS + volumes::VILLAGES);
    assert_eq!(counts["station"], volumes::STATIONS);
    assert_eq!(counts["mandate"], volumes::MANDATES);
    assert_eq!(counts["deputy"], volumes::MANDATES - volumes::FURTHER_MANDATES);
    assert_eq!(counts["activity"], volumes::ACTIVITIES);
    assert_eq!(counts["voice"], volumes::VOICES);
    assert_eq!(counts["suggestion"], suggestions);
    assert_eq!(counts["training"], volumes::TRAININGS.len());
    assert_eq!(counts["pairing"], volumes::PAIRINGS.len());
    assert!(counts["reception_day"] >= volumes::STATIONS * 12, "one a month at each station");
    let express = LedgerQuery { status: Some("express".into()), ..demo.all(Kind::Suggestion) };
    assert_eq!(demo.count(&express).await as usize, volumes::EXPRESS_SUGGESTIONS);
}

async fn r1_stations_and_rooms(demo: &Loaded) {
    let open = LedgerQuery { status: Some("open".into()), ..demo.all(Kind::Station) };
    let groups = demo.store().groups(&open, GroupBy::Code).await.unwrap();
    let by_kind: BTreeMap<&str, u64> = groups.iter().map(|group| (group.key.as_str(), group.records)).collect();
    assert_eq!(by_kind, BTreeMap::from([("room", 37), ("station", 14)]));
}

async fn r2_and_r3_suggestions(demo: &Loaded) {
    let of_session = LedgerQuery { tags: vec!["session:五届一次".into()], ..demo.all(Kind::Suggestion) };
    assert_eq!(demo.count(&of_session).await, 129);
    let mut rural = of_session.clone();
    rural.tags.push("theme:rural_revitalization".into());
    assert_eq!(demo.count(&rural).await, 25);
    let (part, whole) = (demo.count(&rural).await, demo.count(&of_session).await);
    assert_eq!((part * 1000 + whole / 2) / whole, 194, "19.4 per cent");

    // And from the documents.
    let documents = demo.documents(Kind::Suggestion).await;
    let in_session: Vec<&Contents> = documents
        .iter()
        .filter(|it| it.is_true("in_session") && it.text("term") == "五届" && it.text("session") == "一次")
        .collect();
    assert_eq!(in_session.len(), 129);
    let rural = in_session.iter().filter(|it| it.elements("themes").iter().any(|it| it == "rural_revitalization"));
    let mut by_category: BTreeMap<&str, usize> = BTreeMap::new();
    rural.for_each(|it| *by_category.entry(it.text("category")).or_default() += 1);
    assert_eq!(by_category, volumes::RURAL_BY_CATEGORY.into_iter().collect());
    let titles: BTreeSet<&str> = in_session.iter().map(|it| it.text("title")).collect();
    assert!(titles.len() > 120, "titles differ: {}", titles.len());
    for suggestion in &documents {
        for prose in ["facts", "analysis", "asks"] {
            assert!(suggestion.text(prose).chars().count() > 15, "{}: {prose}", suggestion.text("title"));
        }
    }
}

async fn r4_trainings(demo: &Loaded) {
    let since = LedgerQuery {
        tags: vec!["term:五届".into()],
        from: Some(demo::TERM_START.to_string()),
        ..demo.all(Kind::Training)
    };
    let all = demo.store().count(&since).await.unwrap();
    assert_eq!((all.records, all.total), (11, 620));

    let mandates: HashSet<String> =
        demo.rows(demo.all(Kind::Mandate)).await.into_iter().map(|row| row.id.to_string()).collect();
    let mut by_level: BTreeMap<String, (usize, i64)> = BTreeMap::new();
    for training in demo.documents(Kind::Training).await {
        let roster = training.elements("roster");
        assert!(!roster.is_empty() && roster.iter().all(|mandate| mandates.contains(mandate)));
        let level = by_level.entry(training.text("level").into()).or_default();
        level.0 += 1;
        level.1 += roster.len() as i64 + training.number("unnamed_count").unwrap_or(0);
    }
    assert_eq!(by_level, BTreeMap::from([("district".into(), (5, 320)), ("town".into(), (6, 300))]));
}

async fn r5_guidance_visits(demo: &Loaded) {
    let this_year =
        LedgerQuery { from: Some(format!("{YEAR}-01-01")), to: Some(AS_OF.into()), ..demo.all(Kind::GuidanceVisit) };
    assert_eq!(demo.count(&this_year).await, 12);
    for visit in demo.documents(Kind::GuidanceVisit).await {
        let has = |field: &str| visit.fields.contains_key(field);
        assert!(has("issues") && has("leader_mandates") && has("minutes") && has("topic"));
    }
}

async fn r6_pairings(demo: &Loaded) {
    let mandates = demo.documents_by_id(Kind::Mandate).await;
    let units = demo.documents_by_id(Kind::AdminUnit).await;
    let mut done: BTreeMap<String, u64> = BTreeMap::new();
    for pair in demo.rows(demo.all(Kind::Pairing)).await {
        let pairing = demo.contents(pair.id).await;
        assert_eq!((pairing.number("year"), pairing.number("target")), (Some(2026), Some(4)));
        let name = |field: &str| units[&pairing.reference(field).unwrap()].text("name").to_owned();
        let (street, town) = (name("street"), name("town"));
        let of_pair = LedgerQuery {
            link: Some(pair.id),
            code: Some("pairing".into()),
            from: Some(format!("{YEAR}-01-01")),
            to: Some(format!("{YEAR}-12-31")),
            ..demo.all(Kind::Activity)
        };
        let activities = demo.rows(of_pair).await;
        for activity in &activities {
            let activity = demo.contents(activity.id).await;
            let constituencies: Vec<&str> = activity
                .elements("attendees")
                .iter()
                .map(|mandate| mandates[&mandate.parse().unwrap()].text("constituency"))
                .collect();
            assert!(constituencies.iter().any(|it| it.starts_with(&street)), "{street} was there");
            assert!(!constituencies.iter().all(|it| it.starts_with(&street)), "{town} was there");
        }
        done.insert(format!("{street}—{town}"), activities.len() as u64);
    }
    let expected = [("上海路街道—芝麻镇", 4), ("大连路街道—山盆镇", 3), ("洗马路街道—毛石镇", 4)];
    assert_eq!(done, expected.into_iter().map(|(pair, count)| (pair.to_owned(), count)).collect());
}

/// Records as the pure figures see them: documents, and the folds of their events.
struct Raw(Vec<(RecordId, Contents, Case)>);

impl Raw {
    async fn of(demo: &Loaded, kinds: &[Kind]) -> Self {
        let mut records = Vec::new();
        for kind in kinds {
            for row in demo.rows(demo.all(*kind)).await {
                let events = demo.store().case_events(row.id).await.unwrap();
                let events: Vec<Event> = events.iter().filter_map(SentEvent::read).collect();
                records.push((row.id, demo.contents(row.id).await, Case::of(*kind, &events)));
            }
        }
        Self(records)
    }

    fn items<'a>(&'a self, unit: &'a UnitCode) -> Vec<figures::Item<'a>> {
        self.0.iter().map(|(id, contents, case)| figures::Item { id: *id, unit, contents, case }).collect()
    }
}

/// §7.0: the rates over documents and events are what the columns beside the folds say.
async fn rates_by_columns_are_those_by_the_folds(demo: &Loaded) {
    let (raw, unit, today) =
        (Raw::of(demo, &[Kind::Suggestion]).await, UnitCode("520303".into()), AS_OF.parse().unwrap());
    let items = raw.items(&unit);
    let (from, to) = (format!("{YEAR}-01-01"), format!("{YEAR}-12-31"));
    let session = figures::Filter { term: Some("五届".into()), session: Some("一次".into()), ..Default::default() };
    let year = figures::Filter { from: from.parse().ok(), to: to.parse().ok(), ..Default::default() };
    let case = CaseFilter { counted: true, as_of: AS_OF.into(), ..CaseFilter::default() };
    let all = LedgerQuery { case, ..demo.all(Kind::Suggestion) };
    let of_session = LedgerQuery { tags: vec!["session:五届一次".into()], ..all.clone() };
    let of_year = LedgerQuery { from: Some(from), to: Some(to), ..all };
    for (filter, query) in [(session, of_session), (year, of_year)] {
        let counted = figures::counted(&items, &filter);
        let tally = demo.store().tally(&query, Part::ALL, TallyBy::All).await.unwrap().remove(0);
        let by_folds = |part: &Part| figures::count(&counted, *part, today) as u64;
        assert_eq!((tally.all, tally.parts), (counted.len() as u64, Part::ALL.iter().map(by_folds).collect()));
        let commitments = demo.store().commitments(&query).await.unwrap();
        let share = figures::Share { count: commitments.kept, of: commitments.due };
        assert_eq!(share, figures::kept(&counted, today));
        let classes = demo.store().tally(&query, &[], TallyBy::Class).await.unwrap();
        let classes = classes.into_iter().filter(|tally| !tally.key.is_empty());
        let classes: BTreeMap<String, usize> = classes.map(|tally| (tally.key, tally.all as usize)).collect();
        assert_eq!(classes, figures::by_class(&counted));
        eprintln!("{} suggestions count; {classes:?}; commitments {share:?}", tally.all);
    }
}

async fn coverage_by_terms_is_that_by_the_documents(demo: &Loaded) {
    let (raw, unit) = (Raw::of(demo, &[Kind::Mandate, Kind::Activity]).await, UnitCode("520303".into()));
    let (from, to) = (format!("{YEAR}-01-01"), format!("{YEAR}-12-31"));
    let year = figures::Filter { from: from.parse().ok(), to: to.parse().ok(), ..Default::default() };
    let in_force = |(_, contents, case): &&(RecordId, Contents, Case)| {
        matches!(&case.machine, Machine::Mandate(mandate) if mandate.state == mandate::State::Active)
            && matches!(contents.text("status"), "" | "active")
    };
    let active: Vec<RecordId> = raw.0.iter().filter(in_force).map(|(id, ..)| *id).collect();
    let verified = CaseFilter { states: vec!["verified".into()], ..CaseFilter::default() };
    let query = LedgerQuery { from: Some(from), to: Some(to), case: verified, ..demo.all(Kind::Activity) };
    let covered = demo.store().took_part(&query, &active).await.unwrap();
    let share = figures::Share::new(covered.len(), active.len());
    assert_eq!(share, figures::coverage(&raw.items(&unit), &year));
    eprintln!("coverage {share:?}");
}

async fn references_lead_somewhere(demo: &Loaded) {
    let mut known = HashSet::new();
    for kind in Kind::ALL {
        known.extend(demo.rows(demo.all(kind)).await.into_iter().map(|row| row.id));
    }
    let mut links = 0;
    for kind in [Kind::Activity, Kind::Voice, Kind::Suggestion, Kind::ReceptionDay, Kind::Mandate, Kind::Station] {
        for row in demo.rows(demo.all(kind)).await {
            let summary = row.summary;
            let ids = summary.links.iter().chain(&summary.station).chain(&summary.place).chain(&summary.author);
            assert!(ids.clone().all(|id| known.contains(id)), "{} {}", kind.key(), summary.title);
            links += ids.count();
        }
    }
    assert!(links > 15_000, "{links}");
    let from_days = demo.rows(demo.all(Kind::Voice)).await;
    let days: HashSet<RecordId> = demo.rows(demo.all(Kind::ReceptionDay)).await.into_iter().map(|row| row.id).collect();
    let heard = from_days.iter().filter(|voice| voice.summary.links.iter().any(|link| days.contains(link))).count();
    assert!(heard > volumes::VOICES / 2, "several voices per reception day: {heard}");
}

async fn concurrent_edits_are_seen(demo: &Loaded) {
    let mut conflicts: BTreeMap<&str, u32> = BTreeMap::new();
    for kind in [Kind::Activity, Kind::Voice, Kind::ReceptionDay] {
        let rows = demo.rows(demo.all(kind)).await;
        conflicts.insert(kind.key(), rows.iter().filter(|row| row.summary.conflicts > 0).count() as u32);
    }
    assert_eq!(conflicts, BTreeMap::from([("activity", 14), ("reception_day", 14), ("voice", 14)]));

    let meeting = LedgerQuery {
        text: Some("竹元村院坝会暨人居环境整治宣讲 渣渣车".into()),
        ..demo.all(Kind::Activity)
    };
    let found = demo.rows(meeting).await;
    let row = found.iter().find(|row| row.summary.conflicts == 1).expect("the meeting of two scribes");
    let minutes = demo.contents(row.id).await;
    let (field, crowd) = minutes.conflicts().next().unwrap();
    let shown = format!("{crowd:?}");
    assert!(field == "crowd" && shown.contains("Number(32)") && shown.contains("Number(35)"), "{shown}");
    assert_eq!(minutes.number("leaflets"), Some(60));
    assert_eq!(minutes.elements("attendees").len(), 41);
    let body = minutes.text("body");
    assert!(body.contains("渣渣车") && body.contains("沟渠堵塞"), "both paragraphs: {body}");
}

/// Suggestions went through the desks: those of the session are done, those of the year stand everywhere on the way.
async fn suggestions_went_through_the_desks(demo: &Loaded) {
    let (ids, cases) = demo.cases(Kind::Suggestion).await;
    let (mut session, mut year) = (BTreeMap::new(), BTreeMap::new());
    for id in ids {
        let states = if demo.contents(id).await.is_true("in_session") { &mut session } else { &mut year };
        let state = cases.get(&id).map_or("draft", |case| case.state.as_str()).to_owned();
        *states.entry(state).or_insert(0) += 1;
    }
    assert_eq!(session.values().sum::<usize>(), volumes::SESSION_SUGGESTIONS);
    assert!(session.keys().all(|state| ["archived", "tracking", "closed"].contains(&state.as_str())), "{session:?}");
    let wanted = [
        "draft",
        "submitted",
        "declined",
        "withdrawn",
        "converted",
        "assigned",
        "in_hand",
        "answered",
        "tracking",
        "archived",
    ];
    for state in wanted {
        assert!(year.get(state).is_some_and(|count| *count > 0), "no suggestion is {state}: {year:?}");
    }
    let field = |json: &str, key: &str| {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        json[key].as_str().unwrap().to_owned()
    };
    let returned = demo.store().returned(&demo.spaces, &CaseSpaces::default(), 10).await.unwrap();
    let mut why: Vec<_> = returned.iter().map(|it| (field(&it.body, "act"), field(&it.why, "reason"))).collect();
    why.sort_unstable();
    let expected =
        [("ask_extension", "extended_before"), ("decide_return", "already_decided"), ("withdraw", "already_answered")];
    assert_eq!(why, expected.map(|(act, reason)| (act.to_owned(), reason.to_owned())), "what came too late");
}

/// One act of each kind, as they are stored.
const GOLDEN_ACTS: &str = include_str!("../../shared/golden/acts.v1.jsonl");
/// Acts for which the demo year has no occasion.
const ABSENT_ACTS: [&str; 2] = [
    // 换届: nobody's post is taken away in the demo year.
    "hand_over",
    // The holiday tables are there before anything is assigned; without one nothing is.
    "fix_dates",
];
/// Kinds of which there is nothing.
const ABSENT_KINDS: [Kind; 2] = [
    // There are no files in the demo set.
    Kind::Attachment,
    // Scoring is off until a district enters a period.
    Kind::ScoreBatch,
];

/// The demo set uses all of it: each act was done, and there is something of each kind.
async fn every_act_and_every_kind_is_used(demo: &Loaded) {
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for (space, end) in demo.store().ends(&demo.spaces).await.unwrap() {
        for event in demo.store().events_between(space, Position(0), end, usize::MAX).await.unwrap() {
            let act = event.read().expect("an event of this version").act;
            *done.entry(act.key().to_owned()).or_default() += 1;
            if let Act::Submit { again: Some(_), .. } = act {
                *done.entry("submit again".to_owned()).or_default() += 1;
            }
        }
    }
    eprintln!("{done:?}");
    assert!(done.contains_key("submit again"), "再次反映");
    for line in GOLDEN_ACTS.lines() {
        let act: Act = serde_json::from_str(line).unwrap();
        assert_eq!(done.contains_key(act.key()), !ABSENT_ACTS.contains(&act.key()), "{}", act.key());
    }
    for kind in Kind::ALL {
        let is_used = demo.count(&demo.all(kind)).await > 0;
        assert_eq!(is_used, !ABSENT_KINDS.contains(&kind), "{}", kind.key());
    }
    for sample in [Kind::CodeEntry, Kind::ScoreRule] {
        assert!(demo.documents(sample).await.iter().all(|it| it.is_true("sample")), "{}", sample.key());
    }
}

/// R10: voices went every way, and most villagers were told; of a petition nothing was kept.
async fn voices_were_answered(demo: &Loaded) {
    let (ids, cases) = demo.cases(Kind::Voice).await;
    let (mut states, mut exits) = (BTreeMap::new(), BTreeMap::new());
    for id in ids {
        let state = cases.get(&id).map_or("draft", |case| case.state.as_str()).to_owned();
        *states.entry(state).or_insert(0) += 1;
        let exit = cases.get(&id).and_then(|case| case.exit);
        *exits.entry(exit).or_insert(0) += 1;
        if exit == Some(ExitKind::Petition) {
            let petition = demo.contents(id).await;
            let told = ["verbatim", "summary", "transcript", "follow_ups"];
            assert!(told.iter().all(|field| !petition.fields.contains_key(field)), "{id}");
        }
    }
    for exit in ExitKind::ALL {
        assert!(exits.get(&Some(*exit)).is_some_and(|count| *count > 5), "{exit:?}: {exits:?}");
    }
    for state in ["draft", "recorded", "sorted", "village", "town", "result", "closed"] {
        assert!(states.get(state).is_some_and(|count| *count > 5), "{state}: {states:?}");
    }
    assert!(states["closed"] > volumes::VOICES * 7 / 10, "{states:?}");
}

/// R6, R7 and R9 count what was verified; some is still on its way.
async fn what_deputies_did_was_verified(demo: &Loaded) {
    let rows = demo.rows(demo.all(Kind::Activity)).await;
    let cases = demo.store().case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await.unwrap();
    let mut states = BTreeMap::new();
    for row in &rows {
        let state = cases.get(&row.id).map_or("draft", |case| case.state.as_str());
        *states.entry(state.to_owned()).or_insert(0) += 1;
        let is_counted = row.summary.code == "pairing" || row.summary.title == "领办辣椒合作社带动就业";
        assert!(state == "verified" || !is_counted, "{} is {state}", row.summary.title);
    }
    assert!(states["verified"] > volumes::ACTIVITIES * 8 / 10, "{states:?}");
    assert!(["draft", "submitted", "returned"].iter().all(|state| states[*state] > 5), "{states:?}");
    for kind in [Kind::DutyReport, Kind::DossierEntry] {
        let (ids, cases) = demo.cases(kind).await;
        let verified = cases.values().filter(|case| case.state == "verified").count();
        assert!(verified > 30 && verified * 10 > ids.len() * 8, "{}: {verified} of {}", kind.key(), ids.len());
    }
    let (_, contested) = demo.cases(Kind::Mandate).await;
    assert!(!contested.is_empty(), "some deputies contest their dossiers");
}

/// Checklists of both lists for every station, and something of every kind that the offices keep.
async fn the_offices_keep_their_records(demo: &Loaded) {
    assert_eq!(demo.count(&demo.all(Kind::ChecklistDefinition)).await, 2);
    assert_eq!(demo.count(&demo.all(Kind::ChecklistAnswer)).await as usize, 2 * volumes::STATIONS);
    for definition in demo.documents(Kind::ChecklistDefinition).await {
        assert!(definition.is_true("sample"), "the district's own lists were not found");
    }
    for kind in [Kind::Term, Kind::Group, Kind::MechanismPlan, Kind::Notice, Kind::Rectification] {
        assert!(demo.count(&demo.all(kind)).await > 0, "{}", kind.key());
    }
}

/// Replays the log and asks the rules about each change, of the person as stored.
async fn everybody_did_what_they_may(demo: &Loaded) {
    assert_eq!(demo.store().quarantine(&demo.spaces, &CaseSpaces::default(), 10).await.unwrap().len(), 0);
    let people: HashMap<_, Person> =
        demo.store().users().await.unwrap().into_iter().map(|user| (user.person.user, user.person)).collect();
    let (mut changes, mut authored, mut foundings, mut writers) = (0, 0, 0, HashSet::new());
    for space in demo.store().spaces().await.unwrap().iter() {
        let log = demo.log(space.id).await;
        let actors = log.iter().map(|entry| entry.actor).collect();
        let authors: HashMap<_, _> = demo
            .store()
            .authors(&actors)
            .await
            .unwrap()
            .into_iter()
            .map(|author| (author.actor, author.user))
            .collect();
        let mut records: HashMap<RecordId, Record> = HashMap::new();
        let mut received = 0;
        for entry in log {
            let person = &people[&authors[&entry.actor]];
            let record = records.get(&entry.record);
            let Ok(inspected) = inspect(entry.kind, entry.record, &entry.bytes) else {
                // What no person can write, the server wrote when it cleared a petition away.
                let was = record.cloned().unwrap_or_else(|| Record::new(entry.kind, entry.record));
                let founded = was.founded_by(&[&entry.bytes]).unwrap().expect("a founding");
                assert_eq!((entry.kind, founded.read().text("verbatim")), (Kind::Voice, ""));
                records.insert(entry.record, founded);
                foundings += 1;
                continue;
            };
            let target = rights::Target {
                record: Some(entry.record),
                exists: record.is_some(),
                author: record.and_then(|record| record.read().reference("author")),
                ..rights::Target::new(entry.kind, space)
            };
            rights::may_change(person, target, &inspected.touches).unwrap();
            assert!(entry.received_ms >= inspected.time_ms, "received before it was written");
            received = entry.received_ms.max(received);
            let record = records.entry(entry.record).or_insert_with(|| Record::new(entry.kind, entry.record));
            record.apply([entry.bytes.as_slice()]).unwrap();
            changes += 1;
            writers.insert(person.user);
        }
        for (id, record) in records {
            let contents = record.read();
            if let Some(author) = contents.reference("author") {
                authored += 1;
                let own = people.values().any(|person| person.mandates().any(|mandate| mandate == author));
                let with = contents.elements("attendees").iter().chain(contents.elements("collectors")).count();
                assert!(own && (with > 0 || contents.kind == Kind::DutyReport));
            }
            let stored = demo.store().record(id).await.unwrap().unwrap();
            let mut expected = summarize(&contents);
            expected.search = stored.summary.search.clone();
            assert_eq!(stored.summary, expected, "the read tables are what the log says");
        }
        assert!(received < 1_795_276_800_000, "nothing is of the day after {AS_OF}");
    }
    eprintln!("{changes} changes by {} people; {authored} records with an author", writers.len());
    assert!(authored > 3_000 && writers.len() > 200 && foundings > 0);
}

/// E18 and E19: whom a voice is from lies in the vault and in no record, and every photo that a record names has come.
async fn villagers_are_sealed_and_photos_are_there(demo: &Loaded) {
    let mut sealed = 0;
    for row in demo.rows(demo.all(Kind::Voice)).await {
        sealed += demo
            .store()
            .sealed_of(row.id)
            .await
            .unwrap()
            .iter()
            .filter(|one| matches!(one.held, Held::Active(_)))
            .count();
    }
    assert!((60..250).contains(&sealed), "{sealed} sealed records");
    let mut photos = 0;
    for row in demo.rows(demo.all(Kind::Activity)).await {
        for hash in blob::named(&demo.contents(row.id).await) {
            let state = demo.state.blobs.state(&demo.state.hub, row.id, hash).await.unwrap();
            assert!(state.mime.as_deref() == Some("image/jpeg") && state.previewed, "{} {hash}", row.id);
            photos += 1;
        }
    }
    assert!((80..250).contains(&photos), "{photos} photos");
}

async fn no_real_person_is_named(demo: &Loaded) {
    for kind in Kind::ALL {
        for row in demo.rows(demo.all(kind)).await {
            let contents = format!("{:?}", demo.contents(row.id).await);
            assert!(FORBIDDEN_NAMES.iter().all(|name| !contents.contains(name)), "{contents}");
            assert!(!contents.contains(['{', '}']) || !contents.contains("{v}"), "an unfilled slot: {contents}");
        }
    }
    let users = demo.store().users().await.unwrap();
    assert!(users.iter().all(|user| !FORBIDDEN_NAMES.contains(&user.person.name.as_str())));
    let mandates = demo.rows(demo.all(Kind::Mandate)).await;
    let named = mandates.iter().filter(|row| row.summary.title == "黄光明").count();
    assert!(named >= 2, "names repeat");
}

async fn accounts_are_announced_and_no_others_open(demo: &Loaded) {
    let users = demo.store().users().await.unwrap();
    let announced: HashSet<&str> = demo::ACCOUNTS.iter().map(|account| account.login).collect();
    for user in &users {
        assert_eq!(
            user.password_hash.starts_with("$argon2id$"),
            announced.contains(user.login.as_str()),
            "{}",
            user.login
        );
        assert_ne!(user.person.posts.len(), 0);
    }
    let spaces = demo.store().spaces().await.unwrap();
    let deputy = users.iter().find(|user| user.login == "deputy").unwrap();
    let home: Vec<&str> = spaces
        .iter()
        .filter(|space| space.kind == SpaceKind::Station)
        .filter(|space| rights::best_access(&deputy.person, space) == rights::Access::Write)
        .map(|space| space.name.as_str())
        .collect();
    assert_eq!((deputy.person.name.as_str(), &home[..]), ("黄光明", &["竹元村联络室"][..]));
    assert!(deputy.person.posts.iter().all(|post| post.role == Role::Deputy && post.mandate.is_some()));
    let again = demo::load_into(&demo.state, AS_OF.parse().unwrap()).await.unwrap();
    assert!(again.is_some(), "a complete demo set is announced at every start");
    let devices = demo.state.hub.devices().await.unwrap();
    assert!(devices.iter().all(|device| device.unsent == 0));
}

impl Loaded {
    async fn documents_by_id(&self, kind: Kind) -> HashMap<RecordId, Contents> {
        let mut documents = HashMap::new();
        for row in self.rows(self.all(kind)).await {
            documents.insert(row.id, self.contents(row.id).await);
        }
        documents
    }
}
