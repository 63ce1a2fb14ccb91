//! Sealed personal records from end to end: phones, HTTP, console, database files, backups.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{fs, path::Path, sync::LazyLock};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use lianxin_server::{
    AppState,
    account::{SignIn, hash_password},
    app,
    clock::Clock,
    hub::{Opened, SealedProblem, StartProblem},
    store::{self, Act, Device as ServerDevice, DeviceKind, Durability, NewUser, Options, Scrub, audit},
    vault::MasterKey,
};
use lianxin_shared::{
    device::{SealedAt, Target},
    id::{Actor, RecordId, SealedId, UnitCode},
    rights::{Person, Post, Role, Space, SpaceKind},
    schema::Kind,
    sealed::{Contents, WhyInvalid},
    wire::Answer,
};
use lianxin_tests::{
    handset::{Handset, villager},
    office::{NOW, PASSWORD, bytes_of, contains, sealing, sync_request, voice},
    postgres::{Cluster, Fsync},
    scratch::Scratch,
};
use tower::ServiceExt;

/// What nobody else may ever find.
const NAME: &str = "金丝雀鸣春";
const NUMBER: &str = "13987654321";
const OTHER_NUMBER: &str = "13912345678";
const REASON: &str = "回访核实办理情况";
const STATION: &str = "520303108S01";

/// A server on a database and a data folder, both of which outlive it.
struct Office {
    state: AppState,
    station: Space,
    /// Everything that was ever answered, by who got it.
    answers: std::sync::Mutex<Vec<(String, Vec<u8>)>>,
}

struct Place {
    location: String,
    data: Scratch,
}

impl Place {
    fn sqlite() -> Self {
        let data = Scratch::new("sealed");
        Self { location: data.path().join("lianxin.sqlite").to_string_lossy().into_owned(), data }
    }

    async fn postgres() -> Self {
        static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(Fsync::Off));
        Self { location: CLUSTER.database().await, data: Scratch::new("sealed") }
    }

    async fn start(&self, now_ms: i64) -> Office {
        self.try_start(now_ms, MasterKey::of_folder(self.data.path()).unwrap()).await.unwrap()
    }

    async fn try_start(&self, now_ms: i64, key: MasterKey) -> Result<Office, StartProblem> {
        let options =
            Options { durability: Durability::Process, epoch: Some(41), ..Options::at(self.location.as_str()) };
        let store = store::open_with(options).await.unwrap();
        if store.spaces().await.unwrap().is_empty() {
            populate(&*store).await;
        }
        let state = AppState::new(store, Clock::from_fn(move || now_ms), None);
        let state = state.with_sealing(sealing(key, self.data.path()));
        state.hub.prepare_sealed(now_ms).await?;
        let spaces = state.hub.store().spaces().await.unwrap();
        let station = spaces.iter().find(|space| space.kind == SpaceKind::Station).unwrap();
        Ok(Office { state, station: station.clone(), answers: std::sync::Mutex::default() })
    }
}

async fn populate(store: &dyn store::Store) {
    store.create_space(SpaceKind::TownOffice, &UnitCode("520303108".into()), "三合镇").await.unwrap();
    store.create_space(SpaceKind::Station, &UnitCode(STATION.into()), "竹元村联络室").await.unwrap();
    let people = [
        ("huang", Role::Deputy, STATION, Some(RecordId([0xa0; 16]))),
        ("li", Role::Deputy, STATION, Some(RecordId([0xa1; 16]))),
        ("zhao", Role::Station, STATION, None),
        ("zhou", Role::Town, "520303108", None),
        ("wu", Role::District, "520303", None),
        ("ma", Role::District, "520303", None),
    ];
    for (login, role, unit, mandate) in people {
        let posts = vec![Post { role, unit: UnitCode(unit.into()), mandate }];
        let password_hash = hash_password(PASSWORD).unwrap();
        let user = NewUser { login: login.into(), name: format!("{login}某"), password_hash, posts };
        store.create_user(user).await.unwrap().unwrap();
    }
}

impl Office {
    async fn staff(&self, login: &str) -> (ServerDevice, Person) {
        let attempt = SignIn { login, password: PASSWORD, kind: DeviceKind::Console, label: "test" };
        let signed_in = self.state.accounts.sign_in(attempt, NOW).await.unwrap();
        (signed_in.device, signed_in.person)
    }

    async fn post(&self, who: &str, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = app(self.state.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = bytes_of(response).await;
        self.answers.lock().unwrap().push((who.into(), bytes.clone()));
        (status, bytes)
    }

    async fn open(
        &self,
        (device, person): &(ServerDevice, Person),
        id: SealedId,
        reason: &str,
        now_ms: i64,
    ) -> Result<Opened, SealedProblem> {
        self.state.hub.open_sealed((device, person), &self.station, id, reason, now_ms).await
    }

    async fn delete(
        &self,
        (device, person): &(ServerDevice, Person),
        id: SealedId,
        reason: &str,
    ) -> Result<u64, SealedProblem> {
        self.state.hub.delete_sealed((device, person), &self.station, id, reason, NOW + 60_000).await
    }

    async fn acts(&self) -> Vec<String> {
        let entries = self.state.hub.store().audit_after(0, 1000).await.unwrap();
        entries.into_iter().map(|entry| entry.act).filter(|act| act != "sign_in").collect()
    }
}

/// A handset that speaks with the server over HTTP.
struct Phone {
    login: String,
    token: String,
    handset: Handset,
}

impl Phone {
    async fn new(office: &Office, login: &str) -> Self {
        let attempt = SignIn { login, password: PASSWORD, kind: DeviceKind::Phone, label: "test" };
        let signed_in = office.state.accounts.sign_in(attempt, NOW).await.unwrap();
        let token = signed_in.token.secret().to_owned();
        let mut phone = Self { login: login.into(), token, handset: Handset::new(Actor(rand::random())) };
        phone.sync(office).await;
        phone
    }

    /// What the office answers to these bytes.
    async fn posts(&self, office: &Office, body: Vec<u8>) -> Vec<u8> {
        let (status, answer) = office.post(&self.login, sync_request(&self.token, body)).await;
        assert_eq!(status, StatusCode::OK);
        answer
    }

    async fn sync(&mut self, office: &Office) {
        loop {
            let exchange = self.handset.device.exchange(NOW, "test", 1 << 20);
            let answer = Answer::decode(&self.posts(office, exchange.body.clone()).await).unwrap();
            self.handset.receive(&exchange, &answer, NOW);
            if self.handset.device.sendable() == 0 && !answer.hello.more {
                return;
            }
        }
    }

    fn voice(&mut self, office: &Office) -> RecordId {
        let mandate = self.handset.device.account().unwrap().mandate.unwrap();
        self.handset.edit(Target::New { new: Kind::Voice, space: office.station.id }, voice(mandate, "饮水管网老化"))
    }

    fn seal(&mut self, id: Option<SealedId>, voice: RecordId, number: &str) -> SealedId {
        self.handset.seal(id, voice, contents(number))
    }

    fn at(&self, voice: RecordId) -> SealedAt {
        self.handset.device.sealed(voice).pop().unwrap().state
    }
}

fn contents(number: &str) -> Contents {
    villager(NAME, number)
}

/// Whether bytes hold a canary, as they are or as hexadecimal digits.
fn sings(bytes: &[u8]) -> bool {
    [NAME, NUMBER, OTHER_NUMBER].iter().any(|canary| {
        let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
        contains(bytes, canary) || contains(bytes, hex)
    })
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

/// Everything that is stored of sealed records, as bytes: what must not be left of them.
async fn secrets(office: &Office, voice: RecordId) -> Vec<Vec<u8>> {
    let records = office.state.hub.store().sealed_of(voice).await.unwrap();
    let encrypted = records.into_iter().filter_map(|record| match record.held {
        store::sealed::Held::Active(encrypted) => Some([encrypted.ciphertext, encrypted.key.wrapped]),
        store::sealed::Held::Deleted(_) => None,
    });
    encrypted.flatten().collect()
}

/// DOMAIN §6.8, invariant 5, and §8, story 8: after a sealed deletion no database file, list, answer to
/// others, other phone or restored backup yields the name or the number, nor the means to get at them.
#[tokio::test]
async fn invariant_5_the_canary_is_found_nowhere() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let (mut huang, mut li) = (Phone::new(&office, "huang").await, Phone::new(&office, "li").await);
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    assert!(matches!(huang.at(voice), SealedAt::Received { .. }));
    huang.seal(Some(id), voice, OTHER_NUMBER);
    huang.sync(&office).await;
    let mut drawer = Phone::new(&office, "huang").await;
    assert_eq!(drawer.handset.device.sealed(voice).pop().unwrap().contents, Some(contents(OTHER_NUMBER)));
    li.sync(&office).await;
    assert!(li.handset.device.has(voice) && li.handset.device.sealed(voice).is_empty());

    // While it is there the database has it encrypted only, and the backup as well.
    office.state.hub.store().scrub(Scrub::Sealed).await.unwrap();
    let kept = secrets(&office, voice).await;
    let backup = fs::read(place.data.path().join("lianxin.sqlite")).unwrap();
    assert!(kept.len() == 2 && kept.iter().all(|secret| contains(&backup, secret)));
    for (path, bytes) in files(place.data.path()) {
        assert!(!sings(&bytes), "{path}");
    }

    let zhao = office.staff("zhao").await;
    let Opened::Contents(opened) = office.open(&zhao, id, REASON, NOW + 5).await.unwrap() else { panic!() };
    assert_eq!(*opened, contents(OTHER_NUMBER));
    // The villager asks the station to delete it while the deputy, offline, corrects it.
    huang.seal(Some(id), voice, NUMBER);
    let receipt = office.delete(&zhao, id, "群众来站要求删除").await.unwrap();
    assert!(receipt > 0);
    huang.sync(&office).await;
    let gone = SealedAt::Deleted { reason: "sealed.deleted.citizen", at_ms: Some(NOW + 60_000) };
    assert_eq!(huang.at(voice), gone);
    assert_eq!(office.acts().await, ["sealed_open", "sealed_delete"]);
    li.sync(&office).await;

    let nowhere = |office: &Office, phones: [&Phone; 2]| {
        for (path, bytes) in files(place.data.path()) {
            assert!(!sings(&bytes), "{path}");
            assert!(!kept.iter().any(|secret| contains(&bytes, secret)), "{path} holds the ciphertext or its key");
        }
        for phone in phones {
            for ((store, key), value) in phone.handset.disk.iter() {
                assert!(!sings(value), "{}'s phone, {store:?} {key}", phone.login);
            }
        }
        for (who, answer) in office.answers.lock().unwrap().iter() {
            assert!(who == "huang" || !sings(answer), "an answer to {who}");
        }
    };
    nowhere(&office, [&huang, &li]);
    office.state.hub.stop().await;
    office.state.hub.store().close().await;

    // A backup from before the deletion is put back.
    for file in ["lianxin.sqlite-wal", "lianxin.sqlite-shm"] {
        let _ = fs::remove_file(place.data.path().join(file));
    }
    fs::write(place.data.path().join("lianxin.sqlite"), &backup).unwrap();
    let office = place.start(NOW + 100_000).await;
    assert_eq!(secrets(&office, voice).await, Vec::<Vec<u8>>::new());
    nowhere(&office, [&huang, &li]);
    assert_eq!(office.acts().await, ["sealed_replay"]);
    let zhao = office.staff("zhao").await;
    let opened = office.open(&zhao, id, REASON, NOW).await;
    assert!(matches!(opened, Err(SealedProblem::Deleted(_))), "{opened:?}");
    // And a phone of the author that was in a drawer all the time does not bring it back either.
    drawer.seal(Some(id), voice, NUMBER);
    drawer.sync(&office).await;
    assert_eq!(drawer.at(voice), gone);
    nowhere(&office, [&drawer, &li]);
}

/// The same on PostgreSQL, as far as its tables go: a dump of all rows. Dead rows are vacuumed; the
/// engine's own log and its base backups hold ciphertexts until they are rotated, never the master key.
#[tokio::test]
async fn on_postgresql_no_row_yields_the_canary() {
    let place = Place::postgres().await;
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let kept = secrets(&office, voice).await;
    assert_eq!(kept.len(), 2);
    let zhao = office.staff("zhao").await;
    office.open(&zhao, id, REASON, NOW + 5).await.unwrap();
    let dump = dump(&place.location).await;
    assert!(!sings(&dump) && kept.iter().all(|secret| contains(&dump, hex(secret))));
    office.delete(&zhao, id, "群众来站要求删除").await.unwrap();
    let dump = self::dump(&place.location).await;
    assert!(!sings(&dump) && !kept.iter().any(|secret| contains(&dump, hex(secret))));
    huang.sync(&office).await;
    assert!(!huang.handset.disk.iter().any(|(_, value)| sings(value)));
    audit::verify(office.state.hub.store()).await.unwrap().unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every row of every table as text.
async fn dump(location: &str) -> Vec<u8> {
    use sqlx::{AssertSqlSafe, Connection, Row};
    let mut connection = sqlx::PgConnection::connect(location).await.unwrap();
    let tables = sqlx::query("select tablename::text from pg_tables where schemaname = 'public'");
    let tables = tables.fetch_all(&mut connection).await.unwrap();
    let mut dump = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let rows = sqlx::query(AssertSqlSafe(format!("select t::text from \"{table}\" t")));
        for row in rows.fetch_all(&mut connection).await.unwrap() {
            dump.extend(row.get::<String, _>(0).into_bytes());
        }
    }
    assert!(dump.len() > 1000, "tables have rows");
    dump
}

#[tokio::test]
async fn another_phone_of_the_author_gets_it_and_two_edits_are_both_shown() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut first = Phone::new(&office, "huang").await;
    let voice = first.voice(&office);
    let id = first.seal(None, voice, NUMBER);
    first.sync(&office).await;
    let mut second = Phone::new(&office, "huang").await;
    assert_eq!(second.handset.device.sealed(voice).pop().unwrap().contents, Some(contents(NUMBER)));
    first.seal(Some(id), voice, OTHER_NUMBER);
    first.sync(&office).await;
    second.seal(Some(id), voice, "13700001111");
    second.sync(&office).await;
    assert_eq!(second.at(voice), SealedAt::Conflict { theirs: Some(contents(OTHER_NUMBER)) });
    second.seal(Some(id), voice, "13700001111");
    second.sync(&office).await;
    first.sync(&office).await;
    assert_eq!(first.handset.device.sealed(voice).pop().unwrap().contents, Some(contents("13700001111")));
    assert!(office.acts().await.is_empty(), "writing one's own is no act of staff");
}

#[tokio::test]
async fn staff_open_with_a_reason_that_names_nobody_and_the_author_is_told() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let (zhao, li) = (office.staff("zhao").await, office.staff("li").await);
    let why = |result: Result<Opened, SealedProblem>| match result {
        Err(SealedProblem::Invalid(invalid)) => invalid.why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(office.open(&zhao, id, "看", NOW).await), WhyInvalid::TooShort);
    assert_eq!(why(office.open(&zhao, id, &format!("给{NAME}打电话"), NOW).await), WhyInvalid::Citizen);
    assert!(matches!(office.open(&li, id, REASON, NOW).await, Err(SealedProblem::NotFound)), "no other deputy");
    assert!(matches!(office.delete(&li, id, REASON).await, Err(SealedProblem::NotFound)));
    assert!(matches!(office.open(&zhao, id, REASON, NOW + 9).await, Ok(Opened::Contents(_))));
    huang.sync(&office).await;
    let openings = huang.handset.device.sealed(voice).pop().unwrap().openings;
    let told: Vec<_> =
        openings.iter().map(|opening| (opening.by.as_str(), opening.reason.as_str(), opening.at_ms)).collect();
    assert_eq!(told, [("zhao某", REASON, NOW + 9)]);
    let entry = office.state.hub.store().audit_head().await.unwrap().unwrap();
    assert_eq!(
        (entry.act.as_str(), entry.subject, entry.reason),
        (Act::SealedOpen.key(), id.to_string(), REASON.into())
    );
    assert_eq!(entry.user, Some(zhao.1.user));
}

#[tokio::test]
async fn the_district_needs_a_second_person() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let (wu, ma) = (office.staff("wu").await, office.staff("ma").await);
    assert!(matches!(office.open(&wu, id, REASON, NOW).await, Ok(Opened::Asked)));
    let hub = &office.state.hub;
    let marks = hub.sealed_marks(&ma.1, &office.station, voice, NOW).await.unwrap();
    let asked = marks[0].pending[0].clone();
    assert_eq!((asked.by.as_str(), asked.own, asked.approved), ("wu某", false, false));
    let approve = async |who: &(ServerDevice, Person)| {
        hub.approve_sealed((&who.0, &who.1), &office.station, id, asked.opening, NOW + 10).await
    };
    assert!(matches!(approve(&wu).await, Err(SealedProblem::NotFound)), "not by the one who asked");
    approve(&ma).await.unwrap();
    assert!(approve(&ma).await.is_err(), "once");
    let day = 24 * 60 * 60 * 1000;
    assert!(matches!(office.open(&wu, id, REASON, NOW + 10 + day).await, Ok(Opened::Asked)), "too late");
    assert!(matches!(office.open(&wu, id, REASON, NOW + 20).await, Ok(Opened::Contents(_))));
    assert!(matches!(office.open(&wu, id, REASON, NOW + 30).await, Ok(Opened::Asked)), "once");
    huang.sync(&office).await;
    assert_eq!(huang.handset.device.sealed(voice).pop().unwrap().openings.len(), 1, "asking is no opening");
    assert_eq!(office.acts().await, ["sealed_ask", "sealed_approve", "sealed_ask", "sealed_open", "sealed_ask"]);
}

#[tokio::test]
async fn what_has_been_kept_long_enough_is_erased_and_said() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let end = NOW + 730 * 24 * 60 * 60 * 1000;
    assert_eq!(office.state.hub.sweep_sealed(end - 1).await.unwrap(), 0);
    assert_eq!(office.state.hub.sweep_sealed(end).await.unwrap(), 1);
    assert_eq!(office.state.hub.sweep_sealed(end).await.unwrap(), 0);
    huang.sync(&office).await;
    assert_eq!(huang.at(voice), SealedAt::Deleted { reason: "sealed.deleted.expired", at_ms: Some(end) });
    assert_eq!(office.acts().await, ["sealed_expire"]);
}

#[tokio::test]
async fn a_closed_voice_keeps_it_for_twelve_months_more() {
    use sqlx::Connection;
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let day = 24 * 60 * 60 * 1000;
    let closed = NOW + 700 * day;
    let mut database = sqlx::SqliteConnection::connect(&place.location).await.unwrap();
    for statement in [
        "insert into cases (record, kind, space, seq, state, lead_unit, tier, folded) \
         select id, kind, space, 1, 'closed', '', '', '{}' from records where $1 > 0",
        "insert into events (space, position, record, kind, seq, id, user_id, device, made_ms, received_ms, body) \
         select space, 1000, id, kind, 1, x'01', 1, 1, $1, $1, '{}' from records",
    ] {
        sqlx::query(statement).bind(closed).execute(&mut database).await.unwrap();
    }
    let sweep = async |now_ms| office.state.hub.sweep_sealed(now_ms).await.unwrap();
    assert_eq!(sweep(NOW + 730 * day).await, 0);
    huang.sync(&office).await;
    assert_eq!(huang.handset.device.sealed(voice)[0].expires_ms, Some(closed + 365 * day), "the author is told");
    assert_eq!((sweep(closed + 365 * day - 1).await, sweep(closed + 365 * day).await), (0, 1));
}

#[tokio::test]
async fn a_deletion_that_overtakes_its_write_stands() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    let late = huang.handset.device.exchange(NOW, "test", 1000).body;
    let prepared = huang.handset.device.prepare_unseal(id).unwrap();
    huang.handset.keep(prepared);
    huang.sync(&office).await;
    huang.posts(&office, late).await;
    assert!(secrets(&office, voice).await.is_empty());
}

#[tokio::test]
async fn a_server_with_another_master_key_does_not_start() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let other = place.try_start(NOW, MasterKey::from_bytes([1; 32])).await;
    assert!(matches!(other.err(), Some(StartProblem::OtherMasterKey)));
}

#[tokio::test]
async fn a_server_without_a_vault_leaves_sealed_records_on_the_phone() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let state = AppState::new(store::open(&place.location).await.unwrap(), Clock::from_fn(|| NOW), None);
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    huang.seal(None, voice, NUMBER);
    let without = Office { state, station: office.station.clone(), answers: std::sync::Mutex::default() };
    let exchange = huang.handset.device.exchange(NOW, "test", 1000);
    let answer = Answer::decode(&huang.posts(&without, exchange.body.clone()).await).unwrap();
    huang.handset.receive(&exchange, &answer, NOW);
    assert_eq!(huang.at(voice), SealedAt::Phone);
    huang.sync(&office).await;
    assert!(matches!(huang.at(voice), SealedAt::Received { .. }));
}

/// A console session, as a browser has it.
struct Browser<'a> {
    office: &'a Office,
    login: &'a str,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn of(office: &'a Office, login: &'a str) -> Self {
        let form = [("login", login), ("password", PASSWORD), ("next", "/console")];
        let request = Self::form(String::new(), "/console/sign-in", &form);
        let response = app(office.state.clone()).oneshot(request).await.unwrap();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        Self { office, login, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    fn form(cookie: String, path: &str, form: &[(&str, &str)]) -> Request<Body> {
        let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
        Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(body.join("&").into())
            .unwrap()
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.answered(request).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
        self.answered(Self::form(self.cookie.clone(), path, form)).await
    }

    async fn answered(&self, request: Request<Body>) -> (StatusCode, String) {
        let (status, bytes) = self.office.post(self.login, request).await;
        (status, String::from_utf8(bytes).unwrap())
    }
}

#[tokio::test]
async fn a_voices_page_opens_with_a_reason_and_gives_a_receipt_for_a_deletion() {
    let place = Place::sqlite();
    let office = place.start(NOW).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.voice(&office);
    let id = huang.seal(None, voice, NUMBER);
    huang.sync(&office).await;
    let (zhao, li, wu) =
        (Browser::of(&office, "zhao").await, Browser::of(&office, "li").await, Browser::of(&office, "wu").await);
    let page = format!("/console/record/{voice}");
    let act = |what: &str| format!("{page}/sealed/{id}/{what}");

    for (reader, marks) in [(&zhao, 1), (&wu, 1), (&li, 0)] {
        let (status, html) = reader.get(&page).await;
        let marked = html.matches("data-testid=\"sealed-mark\"").count();
        assert_eq!((status, marked, sings(html.as_bytes())), (StatusCode::OK, marks, false), "{}", reader.login);
    }
    let percent: String = NAME.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let (_, html) = zhao.get(&format!("/console/ledger/voice?q={percent}")).await;
    assert!(!html.contains(&voice.to_string()), "it is not found by search");

    let (status, html) = zhao.post(&act("open"), &[("reason", "看")]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && !sings(html.as_bytes()));
    let (status, html) = zhao.post(&act("open"), &[("reason", REASON)]).await;
    assert!(status == StatusCode::OK && html.contains(NAME) && html.contains(NUMBER));
    assert_eq!(li.post(&act("open"), &[("reason", REASON)]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(li.post(&act("delete"), &[("reason", REASON)]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(wu.post(&act("open"), &[("reason", REASON)]).await.0, StatusCode::SEE_OTHER, "asked for");

    let (status, html) = zhao.post(&act("delete"), &[("reason", "群众来站要求删除")]).await;
    let number = office.state.hub.store().audit_head().await.unwrap().unwrap().number;
    assert!(status == StatusCode::OK && html.contains(&format!("{number:06}")), "the receipt is the audit's number");
    let (status, html) = zhao.post(&act("open"), &[("reason", REASON)]).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("该信息已按群众要求删除"));
    audit::verify(office.state.hub.store()).await.unwrap().unwrap();
}
