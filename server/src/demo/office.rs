//! Users, spaces and phones: who writes the demo set, made through the store's own functions.

use std::collections::BTreeMap;

use anyhow::Context;
use jiff::civil::Date;
use lianxin_shared::{
    case::{Facts, route::Routes},
    id::{RecordId, SpaceId, TextHash, UnitCode},
    record::{Contents, Edit},
    rights::{Person, Post, Role, SpaceKind},
    schema::Kind,
};

use super::{
    calendar::TERM_START,
    people::staff_name,
    phone::Phone,
    places::{DISTRICT, DISTRICT_NAME, Station, UNITS, Unit},
};
use crate::{
    hub::{Hub, space_name},
    store::NewUser,
};

/// The hash of no password: nobody can sign in.
pub(super) const NO_PASSWORD: &str = "!";

/// The spaces of the district.
pub(super) struct Spaces {
    pub(super) district_public: SpaceId,
    pub(super) district_office: SpaceId,
    /// By unit.
    pub(super) town_public: Vec<SpaceId>,
    pub(super) town_office: Vec<SpaceId>,
    /// By station.
    pub(super) stations: Vec<SpaceId>,
}

impl Spaces {
    pub(super) async fn create(hub: &Hub, stations: &[Station]) -> anyhow::Result<Self> {
        let store = hub.store();
        let district = UnitCode(DISTRICT.into());
        let create = async |kind, code: &UnitCode, name| store.create_space(kind, code, &space_name(kind, name)).await;
        let district_public = create(SpaceKind::DistrictPublic, &district, DISTRICT_NAME).await?;
        let district_office = create(SpaceKind::DistrictOffice, &district, DISTRICT_NAME).await?;
        let (mut town_public, mut town_office, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for unit in &UNITS {
            town_public.push(create(SpaceKind::TownPublic, &unit.code(), unit.name).await?);
            town_office.push(create(SpaceKind::TownOffice, &unit.code(), unit.name).await?);
        }
        for station in stations {
            own.push(create(SpaceKind::Station, &station.code(), &station.name).await?);
        }
        Ok(Self { district_public, district_office, town_public, town_office, stations: own })
    }
}

/// A user without a password.
pub(super) async fn create_user(hub: &Hub, login: &str, name: &str, posts: Vec<Post>) -> anyhow::Result<Person> {
    let new =
        NewUser { login: login.into(), name: name.into(), password_hash: NO_PASSWORD.into(), posts: posts.clone() };
    let user = hub.store().create_user(new).await?.with_context(|| format!("the login {login} is taken"))?;
    Ok(Person { user, name: name.into(), posts })
}

pub(super) fn post(role: Role, unit: UnitCode) -> Post {
    Post { role, unit, mandate: None }
}

/// The district's two clerks and one at each town or street, with their phones.
pub(super) struct Offices {
    /// 区代表联络服务中心.
    pub(super) district: Phone,
    pub(super) towns: Vec<Phone>,
}

/// The login and name of a town's clerk: the one of 芝麻镇 is announced.
fn town_clerk(unit: &Unit) -> (String, String) {
    match super::ACCOUNTS.iter().find(|account| account.role == Role::Town && account.unit == unit.office()) {
        Some(announced) => (announced.login.into(), announced.name.into()),
        None => (format!("town-{}", unit.code), staff_name(unit.code)),
    }
}

impl Offices {
    pub(super) async fn open(hub: &Hub) -> anyhow::Result<Self> {
        let clerk = super::account("district")?;
        let posts = vec![post(Role::District, UnitCode(DISTRICT.into()))];
        let person = create_user(hub, clerk.login, clerk.name, posts).await?;
        let district = Phone::sign_in(hub, person, clerk.login, TERM_START).await?.on_a_line();
        let mut towns = Vec::new();
        for unit in &UNITS {
            let (login, name) = town_clerk(unit);
            let person = create_user(hub, &login, &name, vec![post(Role::Town, unit.code())]).await?;
            towns.push(Phone::sign_in(hub, person, &login, TERM_START).await?.on_a_line());
        }
        Ok(Self { district, towns })
    }
}

/// A record that an office enters.
pub(super) struct Entry {
    pub(super) day: Date,
    pub(super) at: i64,
    pub(super) kind: Kind,
    pub(super) space: SpaceId,
    pub(super) edits: Vec<Edit>,
}

/// A suggestion that was entered.
pub(super) struct Suggested {
    pub(super) id: RecordId,
    pub(super) day: Date,
    pub(super) category: String,
    pub(super) in_session: bool,
    pub(super) lead: RecordId,
    pub(super) cosigners: Vec<RecordId>,
    pub(super) voices: Vec<RecordId>,
    /// What people put their names to.
    pub(super) text: TextHash,
}

/// A guidance visit that was entered.
pub(super) struct Visited {
    pub(super) id: RecordId,
    pub(super) day: Date,
    /// Which town or street.
    pub(super) unit: RecordId,
}

/// What later records and acts go on from.
#[derive(Default)]
pub(super) struct Entered {
    pub(super) suggested: Vec<Suggested>,
    pub(super) visits: Vec<Visited>,
}

/// Enters records in the order of their days, exchanging now and then, and at last on `until`. What is the office's own
/// to hand in is handed in.
pub(super) async fn enter(
    hub: &Hub,
    office: &mut Phone,
    mut entries: Vec<Entry>,
    until: Date,
) -> anyhow::Result<Entered> {
    entries.sort_by_key(|entry| entry.at);
    let mut entered = Entered::default();
    for Entry { day, at, kind, space, edits } in entries {
        let id = office.create(kind, space, edits, at)?;
        match kind {
            Kind::Suggestion => entered.suggested.push(Suggested::of(id, day, &office.contents(kind, id)?)?),
            Kind::GuidanceVisit => {
                let unit = office.contents(kind, id)?.reference("unit").context("a visit has its place")?;
                entered.visits.push(Visited { id, day, unit });
            }
            Kind::Activity | Kind::DossierEntry => office.hand_in(kind, id, at)?,
            _ => {}
        }
        office.sync_if_due(hub, day).await?;
    }
    office.sync(hub, until).await?;
    Ok(entered)
}

impl Suggested {
    fn of(id: RecordId, day: Date, contents: &Contents) -> anyhow::Result<Self> {
        let facts = Facts::of(contents);
        let lead = facts.owner.context("a suggestion has a lead")?;
        Ok(Self {
            id,
            day,
            category: contents.text("category").to_owned(),
            in_session: contents.is_true("in_session"),
            lead,
            cosigners: facts.taking_part.into_iter().filter(|mandate| *mandate != lead).collect(),
            voices: facts.voices,
            text: facts.text.context("a suggestion has its wording")?,
        })
    }
}

/// The district's bureaus (区直部门), each with an account; the one of 区交通运输局 is announced.
pub(super) async fn bureaus(hub: &Hub) -> anyhow::Result<Vec<(UnitCode, Phone)>> {
    let routes = Routes::sample();
    let bureaus: BTreeMap<&UnitCode, &str> =
        routes.bureaus.values().map(|bureau| (&bureau.code, bureau.name.as_str())).collect();
    let mut open = Vec::new();
    for (code, name) in bureaus {
        let announced = super::ACCOUNTS.iter().find(|account| account.role == Role::Unit && account.unit == name);
        let (login, holder) = match announced {
            Some(announced) => (announced.login.to_owned(), announced.name.to_owned()),
            None => (format!("unit-{}", code.0), staff_name(&code.0)),
        };
        let person = create_user(hub, &login, &holder, vec![post(Role::Unit, code.clone())]).await?;
        open.push((code.clone(), Phone::sign_in(hub, person, &login, TERM_START).await?));
    }
    Ok(open)
}
