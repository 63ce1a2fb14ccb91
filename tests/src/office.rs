//! A small district behind the server's real router, in this process: two stations of one town, a
//! deputy at each, the town's staff. Requests go in as HTTP, without a port.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header, request::Builder},
};
use http_body_util::BodyExt;
use lianxin_server::{
    AppState,
    account::{SignIn, hash_password},
    app,
    clock::Clock,
    http::session::COOKIE,
    hub::{Command, Kept, Sealing, Target},
    store::{self, CaseSpaces, Device, DeviceKind, Durability, NewUser, Options, Store},
    vault::{DeletionList, MasterKey, Vault},
};
use lianxin_shared::{
    id::{Actor, ChangeHash, Position, RecordId, SpaceId, UnitCode, UserId},
    record::{Edit, Record},
    rights::{Person, Post, Role, SpaceKind},
    schema::Kind,
    wire::{self, Answer, Cursor, Outcome, RequestHello, SentChange},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::scratch::Scratch;

pub const NOW: i64 = 1_767_225_600_000;
pub const PASSWORD: &str = "correct horse battery";
pub const EPOCH: u64 = 41;
const TOWN: &str = "520303108";
const STATIONS: [&str; 2] = ["520303108S01", "520303108S02"];

/// The server with its people.
pub struct Office {
    pub state: AppState,
    pub store: Arc<dyn Store>,
    pub app: Router,
    pub town_office: SpaceId,
    /// The two stations' spaces.
    pub stations: [SpaceId; 2],
    now_ms: Arc<AtomicI64>,
    files: Option<Scratch>,
}

/// Someone who has signed in.
#[derive(Clone)]
pub struct Phone {
    pub token: String,
    pub device: Device,
    pub person: Person,
    pub actor: Actor,
}

/// The mandate of the deputy at a station, by place.
pub fn mandate(station: usize) -> RecordId {
    RecordId([0xa0 + station as u8; 16])
}

impl Office {
    pub async fn new() -> Self {
        Self::with_app(None).await
    }

    pub async fn with_app(app_dir: Option<PathBuf>) -> Self {
        let files = Scratch::new("office");
        let location = files.path().join("store.sqlite").to_string_lossy().into_owned();
        Self::on(&location, app_dir, Some(files)).await
    }

    /// On a database that may hold the district already: another server beside the first.
    pub async fn on(location: &str, app_dir: Option<PathBuf>, files: Option<Scratch>) -> Self {
        let options = Options { durability: Durability::Process, ..Options::at(location) };
        Self::on_with(options, app_dir, files).await
    }

    pub async fn on_with(options: Options, app_dir: Option<PathBuf>, files: Option<Scratch>) -> Self {
        let store = store::open_with(Options { epoch: Some(EPOCH), ..options }).await.unwrap();
        if store.spaces().await.unwrap().is_empty() {
            populate(&*store).await;
        }
        let spaces = store.spaces().await.unwrap();
        let now_ms = Arc::new(AtomicI64::new(NOW));
        let clock = now_ms.clone();
        let clock = Clock::from_fn(move || clock.load(Ordering::Relaxed));
        let state = AppState::new(store.clone(), clock, app_dir);
        Self {
            app: app(state.clone()),
            state,
            store,
            town_office: spaces[0].id,
            stations: [spaces[1].id, spaces[2].id],
            now_ms,
            files,
        }
    }

    /// The database's file, where it is one.
    pub fn file(&self) -> PathBuf {
        self.files.as_ref().expect("a database in a file").path().join("store.sqlite")
    }

    /// The same with a vault, whose key and deletions are in this folder.
    pub async fn with_vault(mut self, folder: &Scratch) -> Self {
        let key = MasterKey::of_folder(folder.path()).unwrap();
        self.state = self.state.with_sealing(sealing(key, folder.path()));
        self.state.hub.prepare_sealed(NOW).await.unwrap();
        self.app = app(self.state.clone());
        self
    }

    /// Lets time pass.
    pub fn wait_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Signs someone in without HTTP.
    pub async fn phone(&self, login: &str) -> Phone {
        self.device(login, DeviceKind::Phone).await
    }

    pub async fn device(&self, login: &str, kind: DeviceKind) -> Phone {
        let attempt = SignIn { login, password: PASSWORD, kind, label: "test" };
        let signed_in = self.state.accounts.sign_in(attempt, self.state.clock.now_ms()).await.unwrap();
        Phone {
            token: signed_in.token.secret().to_owned(),
            device: signed_in.device,
            person: signed_in.person,
            actor: Actor(rand::random()),
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Response<Body> {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> (StatusCode, Value) {
        let body = json!({ "login": login, "password": password, "device_label": "Redmi 9A" }).to_string();
        let request = Request::post("/api/v1/sign-in").header(header::CONTENT_TYPE, "application/json");
        let response = self.send(request.body(body.into()).unwrap()).await;
        (response.status(), json_of(response).await)
    }

    /// One exchange over HTTP that must succeed.
    pub async fn exchange(&self, phone: &Phone, request: &wire::Request) -> Answer {
        let response = self.send(phone.sync(request.encode())).await;
        assert_eq!(response.status(), StatusCode::OK);
        Answer::decode(&bytes_of(response).await).unwrap()
    }

    /// A new record, entered at a desk.
    pub async fn enter(&self, who: &Phone, kind: Kind, space: SpaceId, edits: Vec<Edit>) -> RecordId {
        self.write(who, Target::New { new: kind, space }, edits).await
    }

    /// A record is changed at a desk.
    pub async fn revise(&self, who: &Phone, record: RecordId, edits: Vec<Edit>) {
        self.write(who, Target::Existing { record }, edits).await;
    }

    async fn write(&self, who: &Phone, target: Target, edits: Vec<Edit>) -> RecordId {
        let command = Command { target, base: None, edits };
        self.state.hub.edit(&who.device, &who.person, command, NOW).await.unwrap()
    }

    /// How many changes and refused changes there are in all spaces.
    pub async fn stored(&self) -> (u64, usize) {
        let spaces: Vec<SpaceId> = self.store.spaces().await.unwrap().iter().map(|space| space.id).collect();
        let ends = self.store.ends(&spaces).await.unwrap();
        let refused = self.store.quarantine(&spaces, &CaseSpaces::default(), u32::MAX).await.unwrap().len();
        (ends.values().map(|end| end.0).sum(), refused)
    }
}

/// A vault with this key, whose deletions are in this folder.
pub fn sealing(key: MasterKey, folder: &Path) -> Sealing {
    let vault = Vault::new(key, DeletionList::of_folder(folder));
    Sealing { vault, kept: Kept { closed_days: 365, open_days: 730 } }
}

async fn populate(store: &dyn Store) {
    let town = UnitCode(TOWN.into());
    store.create_space(SpaceKind::TownOffice, &town, "三合镇").await.unwrap();
    for station in STATIONS {
        store.create_space(SpaceKind::Station, &UnitCode(station.into()), station).await.unwrap();
    }
    let hash = hash_password(PASSWORD).unwrap();
    let people = [
        ("huang", "黄光明", Role::Deputy, STATIONS[0], Some(mandate(0))),
        ("li", "李秀碧", Role::Deputy, STATIONS[1], Some(mandate(1))),
        ("zhao", "赵小兰", Role::Station, STATIONS[0], None),
        ("zhou", "周正", Role::Town, TOWN, None),
    ];
    for (login, name, role, unit, mandate) in people {
        let posts = vec![Post { role, unit: UnitCode(unit.into()), mandate }];
        let user = NewUser { login: login.into(), name: name.into(), password_hash: hash.clone(), posts };
        store.create_user(user).await.unwrap().unwrap();
    }
}

impl Phone {
    pub fn user(&self) -> UserId {
        self.person.user
    }

    /// `POST /api/v1/sync` with this body.
    pub fn sync(&self, body: Vec<u8>) -> Request<Body> {
        sync_request(&self.token, body)
    }

    /// What a browser sends along that has the token as its session.
    pub fn cookie(&self) -> String {
        format!("{COOKIE}={}", self.token)
    }

    pub fn authorized(&self, request: Builder) -> Builder {
        authorized(&self.token, request)
    }
}

/// `POST /api/v1/sync` with this body, for who signs in on their own.
pub fn sync_request(token: &str, body: Vec<u8>) -> Request<Body> {
    authorized(token, Request::post("/api/v1/sync"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(body.into())
        .unwrap()
}

fn authorized(token: &str, request: Builder) -> Builder {
    request.header(header::AUTHORIZATION, format!("Bearer {token}"))
}

/// A new voice, by whom the phone or the desk says.
pub fn voice(collector: RecordId, summary: &str) -> Vec<Edit> {
    vec![
        Edit::put("slip_no", "7-001"),
        Edit::put("channel", "visit"),
        Edit::put("date", "2026-01-01"),
        Edit::add("collectors", collector),
        Edit::write("summary", summary),
    ]
}

/// The edits of a new voice by the deputy of a station.
pub fn voice_by(author: RecordId, summary: &str) -> Vec<Edit> {
    [vec![Edit::put("author", author)], voice(author, summary)].concat()
}

/// A new activity with all that it needs to be handed in, by whom the phone or the desk says.
pub fn activity(attendee: RecordId) -> Vec<Edit> {
    vec![
        Edit::put("kind", "courtyard"),
        Edit::put("title", "竹元院坝会"),
        Edit::put("start", "2026-01-01T09:00"),
        Edit::put("village", RecordId([2; 16])),
        Edit::add("attendees", attendee),
        Edit::write("body", "讲解新国发2号文件"),
    ]
}

/// An [`activity`] by the deputy of a station.
pub fn activity_by(author: RecordId) -> Vec<Edit> {
    [vec![Edit::put("author", author)], activity(author)].concat()
}

/// A new suggestion with all that it needs to be handed in, led by the deputy of the first station.
pub fn suggestion(tier: &str, title: &str) -> Vec<Edit> {
    vec![
        Edit::put("tier", tier),
        Edit::put("type", "suggestion"),
        Edit::put("date", "2026-01-01"),
        Edit::put("title", title),
        Edit::write("facts", "三组断头路"),
        Edit::write("analysis", "无资金"),
        Edit::write("asks", "列入计划"),
        Edit::put("category", "roads"),
        Edit::put("lead", mandate(0)),
    ]
}

/// A new mandate that is in force.
pub fn mandate_of(deputy: RecordId, name: &str) -> Vec<Edit> {
    vec![
        Edit::put("deputy", deputy),
        Edit::put("name", name),
        Edit::put("level", "town"),
        Edit::put("term", "五届"),
        Edit::put("constituency", "第三选区"),
        Edit::put("start", "2021-11-18"),
        Edit::put("status", "active"),
    ]
}

/// A record on a phone, with the changes that it makes.
pub struct Draft {
    pub record: Record,
    pub space: SpaceId,
    pub changes: Vec<SentChange>,
}

impl Draft {
    /// A record without anything yet; `number` tells this phone's records apart.
    pub fn new(kind: Kind, phone: &Phone, space: SpaceId, number: u64) -> Self {
        let id = RecordId::minted(&phone.actor, number, 0);
        Self { record: Record::new(kind, id), space, changes: Vec::new() }
    }

    /// A new voice.
    pub fn voice(phone: &Phone, space: SpaceId, number: u64, edits: &[Edit]) -> Self {
        let mut draft = Self::new(Kind::Voice, phone, space, number);
        draft.edit(phone.actor, edits);
        draft
    }

    pub fn edit(&mut self, actor: Actor, edits: &[Edit]) -> &mut Self {
        let change = self.record.edit(actor, NOW, None, edits).unwrap().unwrap();
        self.changes.push(SentChange {
            space: self.space,
            kind: self.record.kind() as u8,
            record: self.record.id(),
            hash: change.hash,
            bytes: change.bytes,
        });
        self
    }
}

/// A request that asks for everything.
pub fn request(changes: Vec<SentChange>, cursors: &[(SpaceId, u64)]) -> wire::Request {
    wire::Request {
        hello: RequestHello {
            epoch: EPOCH,
            device_time_ms: NOW,
            download_bytes_max: u64::MAX,
            app_version: "test".into(),
            ..RequestHello::default()
        },
        cursors: cursors.iter().map(|(space, at)| Cursor { space: *space, position: Position(*at) }).collect(),
        changes,
        ..wire::Request::default()
    }
}

pub fn outcomes(answer: &Answer) -> Vec<Outcome> {
    answer.receipts.iter().map(|receipt| receipt.outcome.clone()).collect()
}

pub fn hashes(answer: &Answer) -> Vec<ChangeHash> {
    answer.page.iter().map(|entry| entry.hash).collect()
}

pub async fn bytes_of(response: Response<Body>) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().into()
}

/// Whether the bytes of a text, or others, are somewhere in these.
pub fn contains(bytes: &[u8], wanted: impl AsRef<[u8]>) -> bool {
    let wanted = wanted.as_ref();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

pub async fn json_of(response: Response<Body>) -> Value {
    serde_json::from_slice(&bytes_of(response).await).unwrap()
}
