//! A small district on disk: one town, one station with three deputies, and those who look after
//! them. Laid down before a server starts on it.

use std::{future::Future, path::Path, sync::Arc};

use lianxin_server::{
    account::hash_password,
    hub::Hub,
    store::{self, DeviceKind, NewDevice, NewUser, Store},
};
use lianxin_shared::{
    id::{Actor, RecordId, SpaceId, UnitCode},
    record::{Edit, Record},
    rights::{Person, Post, Role, SpaceKind},
    schema::Kind,
    wire::{Outcome, Request, SentChange},
};

pub const PASSWORD: &str = "竹元村的红灯笼-2026";
pub const STATION_NAME: &str = "竹元村联络室";
const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
const VILLAGE: &str = "520303108203";
const STATION: &str = "520303108S01";

/// Someone with an account.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    pub login: &'static str,
    pub name: &'static str,
    role: Role,
    unit: &'static str,
}

const fn account(login: &'static str, name: &'static str, role: Role, unit: &'static str) -> Account {
    Account { login, name, role, unit }
}

/// The deputies of the station.
pub const DEPUTIES: [Account; 3] = [
    account("huang", "黄光明", Role::Deputy, STATION),
    account("li", "李秀碧", Role::Deputy, STATION),
    account("chen", "陈德贵", Role::Deputy, STATION),
];
pub const TOWN_CLERK: Account = account("zhou", "周正", Role::Town, TOWN);
pub const DISTRICT_CLERK: Account = account("wu", "吴敏", Role::District, DISTRICT);

/// When the district was entered: 2026-01-01 08:00 there.
const ENTERED_MS: i64 = 1_767_225_600_000;

/// Lays the district down in a server's data folder.
pub fn lay(data: &Path) {
    wait_for(async {
        let store = open(data).await;
        let password_hash = hash_password(PASSWORD).unwrap();
        for (kind, unit, name) in [
            (SpaceKind::DistrictPublic, DISTRICT, "汇川区"),
            (SpaceKind::DistrictOffice, DISTRICT, "汇川区人大"),
            (SpaceKind::TownPublic, TOWN, "芝麻镇"),
            (SpaceKind::TownOffice, TOWN, "芝麻镇人大"),
            (SpaceKind::Station, STATION, STATION_NAME),
        ] {
            store.create_space(kind, &UnitCode(unit.into()), name).await.unwrap();
        }
        for account in DEPUTIES.into_iter().chain([TOWN_CLERK, DISTRICT_CLERK]) {
            let user = NewUser {
                login: account.login.into(),
                name: account.name.into(),
                password_hash: password_hash.clone(),
                posts: vec![post(account)],
            };
            store.create_user(user).await.unwrap().expect("a login of its own");
        }
        enter_reference_data(store.clone()).await;
        store.close().await;
    });
}

/// 换届: a deputy's mandate is over, and the post with it.
pub fn end_mandate(data: &Path, deputy: Account) {
    wait_for(async {
        let store = open(data).await;
        let user = store.user_by_login(deputy.login).await.unwrap().expect("an account");
        store.set_posts(user.person.user, &[], ENTERED_MS).await.unwrap();
        store.close().await;
    });
}

fn post(account: Account) -> Post {
    let mandate = (account.role == Role::Deputy).then(|| mandate(account));
    Post { role: account.role, unit: UnitCode(account.unit.into()), mandate }
}

fn mandate(deputy: Account) -> RecordId {
    let place = DEPUTIES.iter().position(|other| other.login == deputy.login).expect("a deputy") as u64;
    RecordId::minted(&TOWN_SESSION, 1 + place, 0)
}

/// The deputy's record, the person.
fn deputy(account: Account) -> RecordId {
    RecordId::derived(Kind::Deputy, &[account.login])
}

/// The session in which the town entered everything.
const TOWN_SESSION: Actor = Actor(*b"the town's desk.");

async fn enter_reference_data(store: Arc<dyn Store>) {
    let (town, village) = (unit(TOWN), unit(VILLAGE));
    let mut records = vec![
        (Kind::AdminUnit, town, unit_edits(TOWN, "芝麻镇", "town", DISTRICT)),
        (Kind::AdminUnit, village, unit_edits(VILLAGE, "竹元村", "village", TOWN)),
        (
            Kind::Station,
            RecordId::derived(Kind::Station, &[STATION]),
            vec![
                Edit::put("code", STATION),
                Edit::put("name", STATION_NAME),
                Edit::put("kind", "room"),
                Edit::put("unit", village),
                Edit::put("state", "open"),
            ],
        ),
    ];
    records.extend(DEPUTIES.map(|account| (Kind::Deputy, deputy(account), vec![Edit::put("name", account.name)])));
    records.extend(DEPUTIES.map(|deputy| (Kind::Mandate, mandate(deputy), mandate_edits(deputy))));

    let user = store.user_by_login(TOWN_CLERK.login).await.unwrap().expect("the town's clerk");
    let space = space_of(&*store, SpaceKind::TownPublic).await;
    let changes = records.into_iter().map(|(kind, id, edits)| change(space, kind, id, &edits)).collect();
    enter(store, user.person, changes).await;
}

/// Enters records at a desk of this person; all must be taken.
pub(crate) async fn enter(store: Arc<dyn Store>, person: Person, changes: Vec<SentChange>) {
    let token = b"not a token that a client could have";
    let desk = NewDevice {
        user: person.user,
        kind: DeviceKind::Console,
        label: "desk",
        token_hash: token,
        now_ms: ENTERED_MS,
    };
    store.create_device(desk).await.unwrap();
    let device = store.device_by_token(token).await.unwrap().expect("the desk");
    let request = Request { changes, ..Request::default() };
    let hub = Hub::new(store);
    let answer = hub.exchange(&device, &person, request, ENTERED_MS).await.unwrap();
    for receipt in answer.receipts {
        assert!(matches!(receipt.outcome, Outcome::Received { .. }), "the district is not as the rules want it");
    }
    hub.stop().await;
}

/// The first change of a record of the town.
pub(crate) fn change(space: SpaceId, kind: Kind, id: RecordId, edits: &[Edit]) -> SentChange {
    let mut record = Record::new(kind, id);
    let change = record.edit(TOWN_SESSION, ENTERED_MS, None, edits).unwrap().expect("a change");
    SentChange { space, kind: kind as u8, record: id, hash: change.hash, bytes: change.bytes }
}

fn unit(code: &str) -> RecordId {
    RecordId::derived(Kind::AdminUnit, &[code])
}

pub(crate) fn unit_edits(code: &str, name: &str, level: &str, parent: &str) -> Vec<Edit> {
    vec![Edit::put("code", code), Edit::put("name", name), Edit::put("level", level), Edit::put("parent", parent)]
}

fn mandate_edits(account: Account) -> Vec<Edit> {
    vec![
        Edit::put("deputy", deputy(account)),
        Edit::put("name", account.name),
        Edit::put("level", "town"),
        Edit::put("term", "二十届"),
        Edit::put("constituency", "竹元村选区"),
        Edit::put("station", RecordId::derived(Kind::Station, &[STATION])),
        Edit::put("start", "2021-11-20"),
        Edit::put("status", "active"),
    ]
}

async fn space_of(store: &dyn Store, kind: SpaceKind) -> SpaceId {
    let spaces = store.spaces().await.unwrap();
    spaces.iter().find(|space| space.kind == kind).expect("a space of each kind").id
}

async fn open(data: &Path) -> Arc<dyn Store> {
    std::fs::create_dir_all(data).unwrap();
    store::open(&data.join("lianxin.sqlite").to_string_lossy()).await.unwrap()
}

fn wait_for(work: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(work);
}
