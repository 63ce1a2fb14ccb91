//! How the databases answer what the console asks: no statement reads a table through that grows with the years. Every
//! statement is caught as it runs, behind the real router, and explained by the engine itself.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::BTreeSet,
    fmt,
    sync::{LazyLock, Mutex},
};

use axum::{
    body::Body,
    http::{Request, header},
};
use lianxin_server::{
    account::hash_password,
    http::session::COOKIE,
    store::{
        CaseFilter, CaseSpaces, Decision, DeviceKind, GroupBy, LedgerKey, LedgerQuery, NewUser, Order, Snapshot, Store,
        StoredCase, StoredRecord, TallyBy, Took, WritePlan,
    },
};
use lianxin_shared::{
    case::{
        Act, CaseRow, Date, Exit, ExitKind, Tier, Way,
        figures::{Measures, Part},
        suggestion::Commitment,
    },
    id::{BlobHash, RecordId, SpaceId, UnitCode},
    record::{Edit, Record},
    rights::{Post, Role, SpaceKind},
    schema::Kind,
    summary::Summary,
};
use lianxin_tests::{
    office::{NOW, Office, PASSWORD, activity, bytes_of, file, hand_in, handled, mandate_of, suggestion, voice},
    postgres::{Cluster, Fsync},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, SqliteConnection};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

/// The tables that grow with the years, and what statements call them.
const GROWING: [(&str, &[&str]); 10] = [
    ("records", &["r"]),
    ("cases", &["c"]),
    ("record_terms", &["t", "o"]),
    ("case_keys", &["k"]),
    ("commitments", &["m"]),
    ("documents", &[]),
    ("changes", &[]),
    ("events", &[]),
    ("spaces", &[]),
    ("quarantine", &[]),
];
/// Enough for an engine to prefer an index.
const RECORDS: u64 = 3_000;
/// So that a year is a small part.
const YEARS: u64 = 50;
const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";

/// What sqlx says of every statement that it runs.
struct Statements;
static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut said = Said::default();
            event.record(&mut said);
            let statement = if said.statement.trim().is_empty() { said.summary } else { said.statement };
            SEEN.lock().unwrap().insert(statement.trim().to_owned());
        }
    }
}

#[derive(Default)]
struct Said {
    summary: String,
    statement: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// One test, because what is caught is caught for the whole process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_statement_of_the_console_reads_a_growing_table_through() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Statements)).unwrap();
    let office = Office::new().await;
    let sqlite = asked(&office).await;
    let file = office.file().to_string_lossy().into_owned();
    let mut connection = SqliteConnection::connect(&file).await.unwrap();
    let mut through = Vec::new();
    for statement in &sqlite {
        let explain = AssertSqlSafe(format!("explain query plan {statement}"));
        for row in connection.fetch_all(explain).await.unwrap() {
            let step: String = row.try_get("detail").unwrap();
            let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            through.extend(table.filter(|table| grows(table)).map(|_| format!("SQLite: {step}\n  {statement}")));
        }
    }
    let cluster = Cluster::start(Fsync::Off);
    let location = cluster.database().await;
    let office = Office::on(&location, None, None).await;
    let asked = asked(&office).await;
    sqlx::PgConnection::connect(&location).await.unwrap().execute("analyze").await.unwrap();
    for statement in asked {
        through.extend(explained(&location, &statement).await.map(|plan| format!("PostgreSQL: {plan}\n  {statement}")));
    }
    assert!(sqlite.len() > 60, "only {} statements were caught", sqlite.len());
    assert!(through.is_empty(), "{} of them:\n{}", through.len(), through.join("\n"));
}

fn grows(table: &str) -> bool {
    GROWING.iter().any(|(name, aliases)| *name == table || aliases.contains(&table))
}

/// What reads a growing table through in PostgreSQL's plan, where every other way is preferred.
async fn explained(location: &str, statement: &str) -> Option<String> {
    let mut connection = sqlx::PgConnection::connect(location).await.unwrap();
    let count = (1..).take_while(|number| statement.contains(&format!("${number}"))).count();
    let nulls = vec!["null"; count].join(", ");
    let execute = if count == 0 { "execute asked".to_owned() } else { format!("execute asked ({nulls})") };
    let prepared = format!(
        "set enable_seqscan = off; set plan_cache_mode = force_generic_plan; set jit = off; prepare asked as {statement}"
    );
    sqlx::raw_sql(AssertSqlSafe(prepared)).execute(&mut connection).await.unwrap();
    let rows = sqlx::raw_sql(AssertSqlSafe(format!("explain {execute}"))).fetch_all(&mut connection).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    let scans = lines.iter().enumerate().filter(|(_, line)| {
        let table = line.split(" on ").nth(1).and_then(|rest| rest.split(' ').next());
        line.contains("Scan") && table.is_some_and(grows) && !line.contains("Bitmap")
    });
    let is_through = |(place, _): &(usize, &String)| {
        let below = lines[place + 1..].iter().take_while(|line| !line.contains("->"));
        !below.into_iter().any(|line| line.contains("Index Cond"))
    };
    let found = scans.filter(is_through).map(|(_, line)| line.trim().to_owned()).next();
    connection.close().await.unwrap();
    found
}

/// Every statement that reads, of all pages that readers of all kinds open, and of all ways to filter and to count.
async fn asked(office: &Office) -> BTreeSet<String> {
    let hash = hash_password(PASSWORD).unwrap();
    let district = UnitCode(DISTRICT.into());
    office.store.create_space(SpaceKind::DistrictPublic, &district, "汇川区").await.unwrap();
    let desk = office.store.create_space(SpaceKind::DistrictOffice, &district, "汇川区人大").await.unwrap();
    for (login, role) in [("wu", Role::District), ("lou", Role::Leader), ("admin", Role::Admin)] {
        let posts = vec![Post { role, unit: district.clone(), mandate: None }];
        let user = NewUser { login: login.into(), name: login.into(), password_hash: hash.clone(), posts };
        office.store.create_user(user).await.unwrap().unwrap();
    }
    let ids = fill(office).await;
    let shown = [shown(&ids), of_a_story(office, desk).await].concat();
    let pages = [shown.clone(), tried(&ids)].concat();
    let mut unseen: BTreeSet<&String> = shown.iter().collect();
    SEEN.lock().unwrap().clear();
    for login in ["zhou", "zhao", "wu", "lou", "admin", "gang"] {
        let cookie = format!("{COOKIE}={}", office.device(login, DeviceKind::Console).await.token);
        for page in &pages {
            let request = Request::get(page).header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
            let response = office.send(request).await;
            let status = response.status();
            // Long pages are made while they are sent.
            bytes_of(response).await;
            // What a kind has no filter for, and what a reader may not see, is asked for in vain.
            assert!(!status.is_server_error(), "{login}, {page}: {status}");
            if status.is_success() {
                unseen.remove(page);
            }
        }
    }
    assert!(unseen.is_empty(), "nobody is shown {unseen:?}");
    queries(&*office.store).await;
    let seen = std::mem::take(&mut *SEEN.lock().unwrap());
    seen.into_iter().filter(|statement| statement.starts_with("select") || statement.starts_with("with")).collect()
}

/// Records in a station's space; one of each kind.
async fn fill(office: &Office) -> Vec<RecordId> {
    let space = office.stations[0];
    let mut ids = Vec::new();
    for (number, kind) in (0_u8..).zip([Kind::Activity, Kind::Voice, Kind::Suggestion]) {
        let record = |count: u64| {
            let mut id = [number; 16];
            id[..8].copy_from_slice(&count.to_be_bytes());
            let id = RecordId(id);
            let summary = Summary {
                title: format!("断头路 {count}"),
                date: format!("{}-01-{:02}", 2026 - count % YEARS, 1 + count % 28),
                tags: vec![format!("session:{}", count % YEARS)],
                code: ["roads", "water"][count as usize % 2].into(),
                search: format!("断头路 {count}"),
                ..Summary::default()
            };
            let doc = Record::new(kind, id).save();
            (id, StoredRecord { kind, space, doc, summary, created_ms: 0, updated_ms: 0 })
        };
        let records: Vec<_> = (0..RECORDS / 3).map(record).collect();
        ids.push(records[0].0);
        let row = CaseRow { state: "closed".into(), tier: Some(Tier::Town), ..CaseRow::default() };
        let promise =
            Commitment { number: 1, text: "完工".into(), due: "2026-03-02".parse().unwrap(), outcome: None };
        let replied =
            Measures { assigned: true, class: Some("A".into()), commitments: vec![promise], ..Measures::default() };
        let measures = [Measures::default(), replied];
        let case = |(number, id): (usize, RecordId)| {
            (id, StoredCase { kind, space, row: row.clone(), measures: measures[number % 2].clone() })
        };
        let cases = records.iter().map(|(id, _)| *id).enumerate().map(case).collect();
        let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
        let decide = move |_: Snapshot| Decision { records, cases, ..Decision::default() };
        office.store.write(plan, Box::new(decide)).await.unwrap();
    }
    ids
}

/// A deputy in office, a voice that was raised again, a published suggestion and an issued summary, each as it comes to be;
/// the pages that show them.
async fn of_a_story(office: &Office, desk: SpaceId) -> Vec<String> {
    let [zhou, wu] = [office.device("zhou", DeviceKind::Console).await, office.device("wu", DeviceKind::Console).await];
    let open = office.store.create_space(SpaceKind::TownPublic, &UnitCode(TOWN.into()), "三合镇").await.unwrap();
    let room = [
        Edit::put("code", "520303108S01"),
        Edit::put("name", "竹元村联络室"),
        Edit::put("kind", "room"),
        Edit::put("unit", RecordId::derived(Kind::AdminUnit, &[TOWN])),
        Edit::put("state", "open"),
    ];
    let room = office.enter(&zhou, Kind::Station, open, room.into()).await;
    let photo = [0xff, 0xd8, 0xff, 0xe0, 0, 2];
    let hash = BlobHash::of(&photo);
    let deputy = vec![Edit::put("name", "黄光明"), Edit::put("photo", hash.to_string())];
    let deputy = office.enter(&zhou, Kind::Deputy, open, deputy).await;
    let holds = [mandate_of(deputy, "黄光明"), vec![Edit::put("station", room)]].concat();
    let holder = office.enter(&zhou, Kind::Mandate, open, holds).await;
    let posts = vec![Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(holder) }];
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: "gang".into(), name: "黄光明".into(), password_hash, posts };
    office.store.create_user(user).await.unwrap().unwrap();
    let day = vec![Edit::put("station", room), Edit::put("date", "2026-01-02")];
    let day = office.enter(&zhou, Kind::ReceptionDay, office.stations[0], day).await;
    let done = [activity(holder), vec![Edit::enter("files", hash, "院坝会")]].concat();
    let done = office.enter(&zhou, Kind::Activity, office.stations[0], done).await;
    for record in [deputy, done] {
        let address = format!("/api/v1/files/{record}/{hash}?at=0&of={}", photo.len());
        let sent = zhou.authorized(Request::post(address)).body(photo.to_vec().into()).unwrap();
        assert!(office.send(sent).await.status().is_success());
    }
    let said =
        [Edit::put("category", "roads"), Edit::put("village", RecordId([2; 16])), Edit::write("verbatim", "塌了")];
    let said = [voice(holder, "断头路"), said.into()].concat();
    let said = office.enter(&zhou, Kind::Voice, office.stations[0], said).await;
    let told = Act::Feedback { on: Date::at(NOW), way: Way::Phone, text: "已告知".into(), attitude: None };
    let acts = [
        Act::Submit { text: None, declared: true, again: None },
        Act::Sort { proposed: ExitKind::Spot, text: String::new() },
        Act::Route { exit: Exit::Spot { text: "已答复".into() } },
        told,
        Act::Close { text: String::new() },
    ];
    file(office, &zhou, said, Kind::Voice, acts).await;
    let raised = office.enter(&wu, Kind::Suggestion, desk, suggestion("district", "断头路")).await;
    let publish = Act::Publish { objection_considered: false };
    hand_in(office, &wu, raised, handled().into_iter().chain([publish])).await;
    let issue = Request::post("/console/summary/issue")
        .header(header::COOKIE, format!("{COOKIE}={}", zhou.token))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("year=2026".into());
    let issued = office.send(issue.unwrap()).await;
    let issued = issued.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let records = [room, deputy, holder, day, done, said, raised];
    let mut pages: Vec<String> = records.map(|id| format!("/console/record/{id}")).into();
    let of_room = ["voice", "suggestion"].map(|kind| format!("/console/ledger/{kind}?station={room}&state=open"));
    pages.extend(of_room);
    pages.extend([
        issued,
        format!("/console/record/{said}/again"),
        format!("/console/record/{said}/suggestion"),
        format!("/console/record/{room}/calendar"),
        format!("/console/record/{holder}/contact"),
        format!("/console/record/{holder}/edit"),
        format!("/console/dossier/{holder}?year=2026&code=0000"),
        format!("/console/dossiers?year=2026&unit={TOWN}"),
        format!("/console/dossiers?year=2026&station={room}"),
        format!("/console/people/{}", zhou.user().0),
        "/public".into(),
        "/public/suggestions".into(),
        format!("/public/station/{room}"),
        format!("/public/deputy/{holder}"),
        format!("/public/suggestion/{raised}"),
        format!("/public/file/{deputy}/{hash}"),
        format!("/console/record/{done}/file/{hash}"),
        format!("/console/record/{done}/file/{hash}/say"),
    ]);
    pages
}

/// Pages that somebody is shown.
fn shown(ids: &[RecordId]) -> Vec<String> {
    let pages = [
        "",
        "/summary",
        "/quarantine",
        "/rules",
        "/audit",
        "/people",
        "/people/new",
        "/devices",
        "/tokens",
        "/dossiers",
        "/parcel",
        "/import/activity",
        "/import/activity/template",
        "/password",
        "/stations",
        "/week",
        "/ledger/activity/export/csv",
        "/ledger/activity/export/xlsx",
        "/ledger/voice/export/csv",
        "/ledger/suggestion/export/csv",
    ];
    let mut pages: Vec<String> = pages.map(|page| format!("/console{page}")).into();
    for id in ids {
        pages.extend(["", "/edit", "?part=version"].map(|part| format!("/console/record/{id}{part}")));
    }
    pages
}

/// Pages that not every kind has.
fn tried(ids: &[RecordId]) -> Vec<String> {
    let mut pages: Vec<String> = Kind::ALL.map(|kind| format!("/console/new/{}", kind.key())).into();
    let of_year = "from=2026&to=2026";
    let key = format!("{}2026-01-15", ids[0]);
    pages.extend(Kind::ALL.map(|kind| format!("/console/ledger/{}", kind.key())));
    for kind in [Kind::Activity, Kind::Voice, Kind::Suggestion, Kind::Mandate] {
        let ledger = format!("/console/ledger/{}", kind.key());
        let person = format!("person={}", ids[0]);
        let filters = [
            of_year,
            "order=oldest",
            "order=due",
            "due=over",
            "code=roads",
            "status=open",
            "state=closed",
            "state=submitted&state=review",
            "exit=decided",
            "tag=focus%3Aall&tag=theme%3Aroads",
            "q=%E8%B7%AF",
            "counts=replied&from=2026&to=2026",
            "counts=published",
            "lead=U01",
            "unit=520303108",
            "office=district",
            "office=town",
            "state=open",
            &person,
        ];
        pages.extend(filters.map(|filter| format!("{ledger}?{filter}")));
        pages.push(format!("{ledger}?after={key}"));
    }
    pages
}

/// What pages ask only of a district with cases.
async fn queries(store: &dyn Store) {
    let cases = CaseSpaces {
        under: vec![format!("above {DISTRICT}")],
        having: vec!["town 520303108".into()],
        lacking: vec![format!("party {DISTRICT}")],
    };
    let spaces: Vec<SpaceId> = (1..60).map(SpaceId).collect();
    let all = LedgerQuery { cases: cases.clone(), ..LedgerQuery::of(Kind::Suggestion, spaces.clone()) };
    let year = LedgerQuery { from: Some("2026-01-01".into()), to: Some("2026-12-31".into()), ..all.clone() };
    let session = LedgerQuery { tags: vec!["session:五届一次".into()], ..all.clone() };
    let counted = CaseFilter { counted: true, as_of: "2026-06-01".into(), ..CaseFilter::default() };
    let lead = CaseFilter { lead: Some("U01".into()), ..CaseFilter::default() };
    let after = LedgerKey { date: "2026-01-15".into(), id: RecordId([1; 16]) };
    for query in [all.clone(), year.clone(), session.clone(), LedgerQuery { case: lead, ..all.clone() }] {
        for order in [Order::Newest, Order::Oldest, Order::Due] {
            let query = LedgerQuery { order, ..query.clone() };
            store.ledger(&query, Some(after.clone()), 50).await.unwrap();
        }
        store.count(&query).await.unwrap();
        for by in [GroupBy::Code, GroupBy::Status, GroupBy::Month, GroupBy::Exit, GroupBy::Marks, GroupBy::Station] {
            store.groups(&query, by).await.unwrap();
        }
    }
    for rated in [year.clone(), session] {
        let rated = LedgerQuery { case: counted.clone(), ..rated };
        for by in [TallyBy::All, TallyBy::Lead, TallyBy::Class] {
            store.tally(&rated, Part::ALL, by).await.unwrap();
        }
        store.commitments(&rated).await.unwrap();
        store.median_days(&rated, Took::ToSort).await.unwrap();
    }
    let done = CaseFilter { states: vec!["verified".into()], ..CaseFilter::default() };
    store.took_part(&LedgerQuery { case: done, ..year }, &[after.id]).await.unwrap();
    store.quarantine(&spaces, &cases, 50).await.unwrap();
    store.returned(&spaces, &cases, 50).await.unwrap();
    store.releases(&UnitCode("520303U02".into()), 0, 20).await.unwrap();
}
