//! The people of a benchmark: a town, its stations, their deputies, and the phones they hold.

use std::sync::Arc;

use lianxin_server::{
    account::Token,
    store::{self, DeviceKind, NewDevice, NewUser, Store},
};
use lianxin_shared::{
    id::{DeviceId, RecordId, SpaceId, UnitCode, UserId},
    record::Edit,
    rights::{Person, Post, Role, SpaceKind},
    schema::Kind,
};

use super::workload::{self, Entry};
use crate::district;

const TOWN: &str = "520303108";
/// When everything was entered: 2024-01-01 08:00 in the district.
const ENTERED_MS: i64 = 1_704_067_200_000;
/// Accounts that nobody signs in to with a password.
const NO_PASSWORD: &str = "-";

/// How many there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) stations: usize,
    pub(super) deputies_per_station: usize,
}

/// A deputy with an account, who writes in the space of a station.
#[derive(Debug, Clone)]
pub(super) struct Deputy {
    pub(super) person: Person,
    pub(super) mandate: RecordId,
    pub(super) space: SpaceId,
}

/// A phone that has signed in.
#[derive(Debug, Clone)]
pub(super) struct Badge {
    pub(super) deputy: Deputy,
    pub(super) device: DeviceId,
    pub(super) token: Token,
}

/// Lays a town down in an empty database, with what the records refer to; its deputies, station by
/// station.
pub(super) async fn settle(store: &Arc<dyn Store>, numbers: Numbers, entries: &[Entry]) -> Vec<Deputy> {
    let town = UnitCode(TOWN.into());
    let public = store.create_space(SpaceKind::TownPublic, &town, "芝麻镇").await.unwrap();
    store.create_space(SpaceKind::TownOffice, &town, "芝麻镇人大").await.unwrap();
    let clerk = Post { role: Role::Town, unit: town, mandate: None };
    let clerk = create_user(&**store, "clerk", "周正", clerk).await;
    enter_references(store, public, clerk, entries).await;

    let mut deputies = Vec::new();
    for station in 0..numbers.stations {
        let unit = UnitCode(format!("{TOWN}S{station:02}"));
        let space = store.create_space(SpaceKind::Station, &unit, &unit.0).await.unwrap();
        for place in 0..numbers.deputies_per_station {
            let number = station * numbers.deputies_per_station + place;
            let mandate = RecordId::derived(Kind::Mandate, &[&number.to_string()]);
            let post = Post { role: Role::Deputy, unit: unit.clone(), mandate: Some(mandate) };
            let name = format!("代表{number}");
            let person = create_user(&**store, &format!("deputy{number}"), &name, post).await;
            deputies.push(Deputy { person, mandate, space });
        }
    }
    deputies
}

/// A new phone of a deputy.
pub(super) async fn sign_in(store: &dyn Store, deputy: &Deputy) -> Badge {
    let token = Token::random();
    let new = NewDevice {
        user: deputy.person.user,
        kind: DeviceKind::Phone,
        label: "红米 Note 11",
        token_hash: &token.hash(),
        now_ms: ENTERED_MS,
    };
    let device = store.create_device(new).await.unwrap();
    Badge { deputy: deputy.clone(), device, token }
}

async fn create_user(store: &dyn Store, login: &str, name: &str, post: Post) -> Person {
    let posts = vec![post];
    let user =
        NewUser { login: login.into(), name: name.into(), password_hash: NO_PASSWORD.into(), posts: posts.clone() };
    let user: UserId = store.create_user(user).await.unwrap().expect("a login of its own");
    Person { user, name: name.into(), posts }
}

/// Stations and villages, as the town's clerk enters them.
async fn enter_references(store: &Arc<dyn Store>, space: SpaceId, clerk: Person, entries: &[Entry]) {
    let (stations, villages) = workload::references(entries);
    let village = |name: &String| {
        let edits = vec![
            Edit::put("code", name.as_str()),
            Edit::put("name", name.as_str()),
            Edit::put("level", "village"),
            Edit::put("parent", TOWN),
        ];
        (Kind::AdminUnit, workload::village(name), edits)
    };
    let station = |code: &String| {
        let edits = vec![
            Edit::put("code", code.as_str()),
            Edit::put("name", code.as_str()),
            Edit::put("kind", "room"),
            Edit::put("unit", workload::village(TOWN)),
            Edit::put("state", "open"),
        ];
        (Kind::Station, workload::station(code), edits)
    };
    let records = villages.iter().map(village).chain(stations.iter().map(station));
    let changes = records.map(|(kind, id, edits)| district::change(space, kind, id, &edits)).collect();
    district::enter(store.clone(), clerk, changes).await;
}

/// Opens a database: a SQLite file or `postgres://…`.
pub(super) async fn open(location: &str) -> Arc<dyn Store> {
    store::open(location).await.unwrap()
}
