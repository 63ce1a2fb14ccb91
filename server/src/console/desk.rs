//! Who sits at the console: the person, the language, and what they may read and write.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    record::{Action, Contents, Touch, Value},
    rights::{self, Access, Person, Role, Space, SpaceKind},
    schema::{Class, Field, Kind},
    wire::GrantedSpace,
};

use super::{codes::Codes, problem::Problem, words::Words};
use crate::{
    http::{AppState, session::Staff},
    hub::{Hub, space_in},
    store::{Act, CaseSpaces, Doer, LedgerQuery, NewAudit, Store},
};

/// Everything that a page needs to know of its reader. No page asks the store for more than
/// [`Desk::spaces`] holds.
pub(super) struct Desk {
    pub staff: Staff,
    pub words: Words,
    pub state: AppState,
    /// The page's own address, for coming back to it.
    pub here: String,
    /// The spaces that the person may read, but those of cases.
    pub spaces: Vec<GrantedSpace>,
    /// Under which keys the person reads cases; none where there is no case to read.
    cases: Vec<String>,
    /// All spaces, to look one up.
    everywhere: Arc<[Space]>,
    /// The code lists as they are today.
    pub codes: Arc<Codes>,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, state).await?;
        Self::of(staff, parts, state).await.map_err(IntoResponse::into_response)
    }
}

impl Desk {
    /// Of somebody who is known already.
    pub(super) async fn of(staff: Staff, parts: &Parts, state: &AppState) -> Result<Self, Problem> {
        let (hub, person) = (&state.hub, &staff.person);
        let mut cases = CaseSpaces::default();
        cases.under.extend(person.posts.iter().filter_map(rights::reads_cases_as));
        if !hub.store().has_case(&cases).await? {
            cases.under.clear();
        }
        let spaces = hub.readable_lasting_spaces(person).await?;
        let everywhere = hub.store().spaces().await?;
        let codes = Arc::new(Codes::in_force(state.hub.store(), state.clock.now_ms()).await?);
        let here = parts.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
        Ok(Desk {
            staff,
            words: Words::of(&parts.headers),
            state: state.clone(),
            here,
            spaces,
            cases: cases.under,
            everywhere,
            codes,
        })
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.state.hub
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.state.hub.store()
    }

    pub(super) fn person(&self) -> &Person {
        &self.staff.person
    }

    /// Notes in the audit log what this person has done.
    pub(super) async fn note(&self, act: Act, subject: String, reason: &str) -> Result<(), Problem> {
        self.store().audit(&[NewAudit::of(self.doer(), act, &subject, reason, self.now_ms())]).await?;
        Ok(())
    }

    /// This person, for the audit log.
    pub(super) fn doer(&self) -> Doer {
        Doer::of(&self.staff.device)
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.state.clock.now_ms()
    }

    /// The readable spaces where records of this kind can be.
    pub(super) fn spaces_of(&self, kind: Kind) -> Vec<SpaceId> {
        self.granted_of(kind).map(|granted| granted.space.id).collect()
    }

    /// The cases that the person may read where records of this kind can be.
    pub(super) fn cases_of(&self, kind: Kind) -> CaseSpaces {
        let under = if SpaceKind::Case.holds(kind) { self.cases.clone() } else { Vec::new() };
        CaseSpaces { under, ..CaseSpaces::default() }
    }

    /// All cases that the person may read.
    pub(super) fn cases(&self) -> CaseSpaces {
        CaseSpaces { under: self.cases.clone(), ..CaseSpaces::default() }
    }

    /// The readable spaces of one town or street where records of this kind can be.
    pub(super) fn spaces_within(&self, kind: Kind, unit: &UnitCode) -> Vec<SpaceId> {
        self.granted_of(kind)
            .filter(|granted| granted.space.unit.within(unit))
            .map(|granted| granted.space.id)
            .collect()
    }

    /// Whether there is anything of this kind for the person, and be it a number.
    pub(super) fn reads(&self, kind: Kind) -> bool {
        self.granted_of(kind).next().is_some() || !self.cases_of(kind).under.is_empty()
    }

    pub(super) fn reads_anything(&self) -> bool {
        !self.spaces.is_empty() || !self.cases.is_empty()
    }

    /// Whether the person is only told how many there are of this kind.
    pub(super) fn only_counts(&self, kind: Kind) -> bool {
        let mut places = self.granted_of(kind);
        self.cases_of(kind).under.is_empty()
            && !places.any(|granted| rights::reads(self.person(), &granted.space, kind))
    }

    /// Whether there is a place of which the person is only told how many of this kind it has.
    pub(super) fn counts_some(&self, kind: Kind) -> bool {
        self.granted_of(kind).any(|granted| !rights::reads(self.person(), &granted.space, kind))
    }

    /// Whether the person reads records of this kind in a space one by one.
    pub(super) fn may_read(&self, space: SpaceId, kind: Kind) -> bool {
        self.readable(space).is_some_and(|space| rights::reads(self.person(), space, kind))
    }

    /// Of a query that counts, what the person reads one by one.
    pub(super) fn one_by_one(&self, query: LedgerQuery) -> LedgerQuery {
        let LedgerQuery { mut spaces, .. } = query;
        spaces.retain(|space| self.may_read(*space, query.kind));
        LedgerQuery { spaces, ..query }
    }

    pub(super) fn space_name(&self, space: SpaceId) -> Option<&str> {
        self.readable(space).map(|space| space.name.as_str())
    }

    /// The space with this id, if the person reads there at all.
    pub(super) fn readable(&self, space: SpaceId) -> Option<&Space> {
        let space = space_in(&self.everywhere, space)?;
        (rights::best_access(self.person(), space) >= Access::Read).then_some(space)
    }

    /// The spaces of cases that the person reads, of those that are looked for.
    pub(super) fn case_spaces(&self, wanted: impl Fn(&Space) -> bool) -> Vec<SpaceId> {
        let cases = self.everywhere.iter().filter(|space| space.kind == SpaceKind::Case && wanted(space));
        cases.filter(|space| rights::best_access(self.person(), space) >= Access::Read).map(|space| space.id).collect()
    }

    /// The district whose desk the person reads.
    pub(super) fn district(&self) -> Option<&UnitCode> {
        let mut spaces = self.spaces.iter().map(|granted| &granted.space);
        spaces.find(|space| space.kind == SpaceKind::DistrictOffice).map(|space| &space.unit)
    }

    /// The spaces of the towns and streets whose open data the person reads, by code.
    pub(super) fn town_spaces(&self) -> Vec<&Space> {
        let mut towns: Vec<&Space> = self
            .spaces
            .iter()
            .map(|granted| &granted.space)
            .filter(|space| space.kind == SpaceKind::TownPublic)
            .collect();
        towns.sort_by(|a, b| a.unit.cmp(&b.unit));
        towns
    }

    /// The stations whose reception days the person reads one by one, each with the space of its work.
    pub(super) fn stations(&self) -> HashMap<RecordId, &Space> {
        let places = self.granted_of(Kind::ReceptionDay).map(|granted| &granted.space);
        let read = places.filter(|space| rights::reads(self.person(), space, Kind::ReceptionDay));
        read.map(|space| (RecordId::derived(Kind::Station, &[&space.unit.0]), space)).collect()
    }

    /// The towns and streets whose desks the person reads.
    pub(super) fn own_units(&self) -> Vec<RecordId> {
        let offices = self.spaces.iter().filter(|granted| granted.space.kind == SpaceKind::TownOffice);
        offices.map(|granted| RecordId::derived(Kind::AdminUnit, &[&granted.space.unit.0])).collect()
    }

    /// What the record of a unit says, if the person may read it.
    pub(super) async fn unit(&self, code: &str) -> Result<Option<Contents>, Problem> {
        let id = RecordId::derived(Kind::AdminUnit, &[code]);
        Ok(self.hub().contents(self.person(), &[id]).await?.remove(&id))
    }

    /// Whether what lies in a space is for the district's desk, or for a town's: cases lie in spaces of
    /// their own.
    pub(super) fn is_at(&self, id: SpaceId, desk: SpaceKind) -> bool {
        self.readable(id).is_some_and(|space| {
            let is_districts = || self.district().is_some_and(|district| space.parties.contains(district));
            space.kind == desk || space.kind == SpaceKind::Case && is_districts() == (desk == SpaceKind::DistrictOffice)
        })
    }

    /// Of a query, what is for that desk.
    pub(super) fn at_desk(&self, query: LedgerQuery, desk: SpaceKind) -> LedgerQuery {
        let LedgerQuery { mut spaces, mut cases, .. } = query;
        spaces.retain(|id| self.is_at(*id, desk));
        match (self.district(), desk) {
            (Some(district), SpaceKind::DistrictOffice) => cases.having.push(rights::party_key(district)),
            (Some(district), _) => cases.lacking.push(rights::party_key(district)),
            (None, SpaceKind::DistrictOffice) => cases.under.clear(),
            (None, _) => {}
        }
        LedgerQuery { spaces, cases, ..query }
    }

    /// Of a query, what lies in one town or street.
    pub(super) fn within(&self, query: LedgerQuery, town: &UnitCode) -> LedgerQuery {
        let mut cases = query.cases;
        cases.having.push(rights::town_key(town));
        LedgerQuery { spaces: self.spaces_within(query.kind, town), cases, ..query }
    }

    /// The spaces in which the person may create records of this kind.
    pub(super) fn spaces_to_create(&self, kind: Kind) -> Vec<&Space> {
        self.granted_of(kind)
            .filter(|granted| granted.access == Access::Write)
            .map(|granted| &granted.space)
            .filter(|space| {
                let target = rights::Target::new(kind, space);
                rights::may_change(self.person(), target, &[]).is_ok()
            })
            .collect()
    }

    /// Whether the rules let the person write this field of a record.
    pub(super) fn may_write(&self, target: rights::Target<'_>, field: &Field) -> bool {
        let action = match field.class {
            Class::Prose | Class::AuthorProse => Action::Splice,
            _ => Action::Put(Value::text("")),
        };
        let touch = Touch { field: field.key.into(), action };
        rights::may_change(self.person(), target, &[touch]).is_ok()
    }

    /// How far spaces have grown, for the script that waits for more: `space:position …`. To be asked
    /// before what the page shows is read, so that nothing falls between the two.
    pub(super) async fn seen(&self, spaces: &[SpaceId]) -> Result<String, Problem> {
        let ends = self.store().ends(spaces).await?;
        let mut seen: Vec<(u32, u64)> =
            spaces.iter().map(|space| (space.0, ends.get(space).copied().unwrap_or_default().0)).collect();
        seen.sort_unstable();
        Ok(seen.iter().map(|(space, position)| format!("{space}:{position}")).collect::<Vec<_>>().join(" "))
    }

    pub(super) fn has_role(&self, role: Role) -> bool {
        self.person().posts.iter().any(|post| post.role == role)
    }

    /// Whose work it is to know the devices.
    pub(super) fn manages_devices(&self) -> bool {
        self.has_role(Role::District) || self.has_role(Role::Admin)
    }

    fn granted_of(&self, kind: Kind) -> impl Iterator<Item = &GrantedSpace> {
        self.spaces.iter().filter(move |granted| granted.space.kind.holds(kind))
    }
}
