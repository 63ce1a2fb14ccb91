//! What posts there are to give: roles, units where such a role can be held, and mandates on which a deputy's post rests.

use lianxin_shared::{
    case::{Date, route::Routes},
    id::{RecordId, UnitCode},
    rights::{Post, Role, SpaceKind, may_give},
    schema::Kind,
};

use super::{desk::Desk, input::Pairs, ledger::Choice, problem::Problem, words::Words};
use crate::{hub::contents_of, store::LedgerQuery};

/// Mandates of one name that are offered.
const MANDATES_MAX: u32 = 50;

/// What one can choose from for somebody's post.
pub(super) struct Offers {
    units: Vec<Unit>,
    pub mandates: Vec<Mandate>,
}

/// A place where posts are held.
struct Unit {
    code: UnitCode,
    name: String,
    place: Place,
}

/// What kind of place a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    District,
    Town,
    Station,
    /// 承办单位
    Handling,
}

/// A mandate of the same name as the account, that is not over.
pub(super) struct Mandate {
    pub id: RecordId,
    pub label: String,
    level: String,
}

/// The units of one kind of place, under its name.
pub(super) struct Group {
    pub label: String,
    pub units: Vec<Choice>,
}

impl Place {
    const ALL: [Place; 4] = [Place::Station, Place::Town, Place::District, Place::Handling];

    fn key(self) -> &'static str {
        match self {
            Place::District => "person.places.district",
            Place::Town => "person.places.town",
            Place::Station => "person.places.station",
            Place::Handling => "person.places.handling",
        }
    }

    /// The roles that are held at such a place.
    fn roles(self) -> &'static [Role] {
        match self {
            Place::District => &[Role::District, Role::Leader, Role::Admin, Role::Auditor],
            Place::Town => &[Role::Town],
            Place::Station => &[Role::Deputy, Role::Station, Role::GroupLeader],
            Place::Handling => &[Role::Unit],
        }
    }
}

impl Offers {
    /// What the reader may give to a person of this name.
    pub(super) async fn of(desk: &Desk, name: &str) -> Result<Self, Problem> {
        let mut units: Vec<Unit> = Vec::new();
        for space in desk.store().lasting_spaces().await?.iter() {
            let place = match space.kind {
                SpaceKind::DistrictOffice => Place::District,
                SpaceKind::TownOffice => Place::Town,
                SpaceKind::Station => Place::Station,
                _ => continue,
            };
            units.push(Unit { code: space.unit.clone(), name: space.name.clone(), place });
        }
        let towns: Vec<UnitCode> =
            units.iter().filter(|unit| unit.place == Place::Town).map(|unit| unit.code.clone()).collect();
        let rules = desk.hub().rules(desk.now_ms()).await?;
        if let Some(routes) = rules.book.routes.on(Date::at(desk.now_ms())) {
            units.extend(handling(&towns, routes));
        }
        let mandates = if name.is_empty() { Vec::new() } else { mandates(desk, name).await? };
        units.retain(|unit| unit.place.roles().iter().any(|role| may_give_role(desk, &mandates, *role, unit)));
        Ok(Self { units, mandates })
    }

    /// The roles that can be given somewhere.
    pub(super) fn roles(&self, desk: &Desk, chosen: &str) -> Vec<Choice> {
        let somewhere = |role: &Role| {
            let mut units = self.units.iter().filter(|unit| unit.place.roles().contains(role));
            units.any(|unit| may_give_role(desk, &self.mandates, *role, unit))
        };
        let choice = |role: Role| Choice {
            key: role.key().to_owned(),
            label: desk.words.role(role),
            chosen: role.key() == chosen,
        };
        Role::ALL.into_iter().filter(somewhere).map(choice).collect()
    }

    pub(super) fn groups(&self, words: Words, chosen: &str) -> Vec<Group> {
        let choice = |unit: &Unit| Choice {
            key: unit.code.0.clone(),
            label: format!("{} {}", unit.name, unit.code.0),
            chosen: unit.code.0 == chosen,
        };
        let group = |place: Place| Group {
            label: words.get(place.key()).to_owned(),
            units: self.units.iter().filter(|unit| unit.place == place).map(choice).collect(),
        };
        Place::ALL.into_iter().map(group).filter(|group| !group.units.is_empty()).collect()
    }

    /// The post that the form asks for.
    ///
    /// # Errors
    /// With the key of the words that say what does not fit.
    pub(super) fn post(&self, sent: &Pairs) -> Result<(Post, Option<&str>), &'static str> {
        let role = Role::ALL.into_iter().find(|role| role.key() == sent.get("role")).ok_or("person.wrong_unit")?;
        let here = |unit: &&Unit| unit.code.0 == sent.get("unit") && unit.place.roles().contains(&role);
        let unit = self.units.iter().find(here).ok_or("person.wrong_unit")?.code.clone();
        let rests_on_one = matches!(role, Role::Deputy | Role::GroupLeader);
        let mandate = self.mandates.iter().find(|one| rests_on_one && one.id.to_string() == sent.get("mandate"));
        if role == Role::Deputy && mandate.is_none() {
            return Err("person.needs_mandate");
        }
        let level = mandate.map(|mandate| mandate.level.as_str());
        Ok((Post { role, unit, mandate: mandate.map(|mandate| mandate.id) }, level))
    }
}

/// Whether the reader may give this role there, with one of the mandates or without.
fn may_give_role(desk: &Desk, mandates: &[Mandate], role: Role, unit: &Unit) -> bool {
    let post = |mandate| Post { role, unit: unit.code.clone(), mandate };
    let mut with = mandates.iter().map(|one| (post(Some(one.id)), Some(one.level.as_str())));
    may_give(desk.person(), &post(None), None) || with.any(|(post, level)| may_give(desk.person(), &post, level))
}

/// 承办单位: the district's bureaus, and the offices of these towns.
fn handling(towns: &[UnitCode], routes: &Routes) -> Vec<Unit> {
    let unit = |code: String, name: &str| Unit { code: UnitCode(code), name: name.into(), place: Place::Handling };
    let mut units: Vec<Unit> = Vec::new();
    let mut add = |new: Unit| {
        if units.iter().all(|known| known.code != new.code) {
            units.push(new);
        }
    };
    routes.bureaus.values().for_each(|bureau| add(unit(bureau.code.0.clone(), &bureau.name)));
    for town in towns {
        routes.town_offices.values().for_each(|name| add(unit(format!("{}-{name}", town.0), name)));
    }
    units
}

/// The mandates on record under this name, in whoever's open data, that are not over.
async fn mandates(desk: &Desk, name: &str) -> Result<Vec<Mandate>, Problem> {
    let spaces = desk.store().lasting_spaces().await?;
    let open = spaces.iter().filter(|space| space.kind.holds(Kind::Mandate)).map(|space| space.id).collect();
    let query = LedgerQuery { text: Some(name.to_owned()), ..LedgerQuery::of(Kind::Mandate, open) };
    let mut found = Vec::new();
    for row in desk.store().ledger(&query, None, MANDATES_MAX).await? {
        if row.summary.title != name || desk.hub().is_mandate_over(row.id, desk.now_ms()).await? {
            continue;
        }
        let stored = desk.store().record(row.id).await?;
        let Some(held) = stored.and_then(|stored| contents_of(&stored, row.id)) else { continue };
        let level = held.text("level").to_owned();
        let label = [&desk.words.code("mandate_level", &level), held.text("term"), held.text("constituency")].join(" ");
        found.push(Mandate { id: row.id, label, level });
    }
    Ok(found)
}

/// The level of the mandate on which a post rests, as its record says.
pub(super) async fn level_of(desk: &Desk, post: &Post) -> Result<Option<String>, Problem> {
    let Some(id) = post.mandate else { return Ok(None) };
    let stored = desk.store().record(id).await?.filter(|stored| stored.kind == Kind::Mandate);
    let held = stored.and_then(|stored| contents_of(&stored, id));
    Ok(held.map(|held| held.text("level").to_owned()))
}
