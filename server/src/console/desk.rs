//! Who sits at the console: the person, the language, and what they may read and write.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    record::{Action, Contents, Touch, Value},
    rights::{self, Access, Person, Role, Space, SpaceKind},
    schema::{Class, Field, Kind},
    wire::GrantedSpace,
};

use super::{codes::Codes, password::PASSWORD, problem::Problem, words::Words};
use crate::{
    http::{AppState, session::Staff},
    hub::Hub,
    store::{Act, Doer, NewAudit, Store},
};

/// Everything that a page needs to know of its reader. No page asks the store for more than
/// [`Desk::spaces`] holds.
pub(super) struct Desk {
    pub staff: Staff,
    pub words: Words,
    pub state: AppState,
    /// The page's own address, for coming back to it.
    pub here: String,
    /// The spaces that the person may read.
    pub spaces: Vec<GrantedSpace>,
    /// The code lists as they are today.
    pub codes: Arc<Codes>,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, state).await?;
        if staff.must_change {
            return Err(Redirect::to(PASSWORD).into_response());
        }
        let spaces = state.hub.readable_spaces(&staff.person).await;
        let spaces = spaces.map_err(|error| Problem::from(error).into_response())?;
        let codes = Codes::in_force(state.hub.store(), state.clock.now_ms()).await;
        let codes = Arc::new(codes.map_err(IntoResponse::into_response)?);
        let here = parts.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
        Ok(Desk { staff, words: Words::of(&parts.headers), state: state.clone(), here, spaces, codes })
    }
}

impl Desk {
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
        Doer { user: Some(self.person().user), device: Some(self.staff.device.id) }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.state.clock.now_ms()
    }

    /// The readable spaces where records of this kind can be.
    pub(super) fn spaces_of(&self, kind: Kind) -> Vec<SpaceId> {
        self.granted_of(kind).map(|granted| granted.space.id).collect()
    }

    /// The same, of one town or street only.
    pub(super) fn spaces_within(&self, kind: Kind, unit: &UnitCode) -> Vec<SpaceId> {
        self.granted_of(kind)
            .filter(|granted| granted.space.unit.within(unit))
            .map(|granted| granted.space.id)
            .collect()
    }

    /// Whether there is anything of this kind for the person, and be it a number.
    pub(super) fn reads(&self, kind: Kind) -> bool {
        self.granted_of(kind).next().is_some()
    }

    /// Whether the person is only told how many there are of this kind.
    pub(super) fn only_counts(&self, kind: Kind) -> bool {
        let mut places = self.granted_of(kind);
        !places.any(|granted| rights::reads(self.person(), &granted.space, kind))
    }

    pub(super) fn may_read(&self, space: SpaceId) -> bool {
        self.spaces.iter().any(|granted| granted.space.id == space)
    }

    pub(super) fn space_name(&self, space: SpaceId) -> Option<&str> {
        self.spaces.iter().map(|granted| &granted.space).find(|own| own.id == space).map(|own| own.name.as_str())
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
        let mut spaces = self.spaces.iter().map(|granted| &granted.space);
        let district = spaces.clone().find(|space| space.kind == SpaceKind::DistrictOffice);
        spaces.find(|space| space.id == id).is_some_and(|space| {
            let is_districts = || district.is_some_and(|district| space.parties.contains(&district.unit));
            space.kind == desk || space.kind == SpaceKind::Case && is_districts() == (desk == SpaceKind::DistrictOffice)
        })
    }

    /// The spaces in which the person may create records of this kind.
    pub(super) fn spaces_to_create(&self, kind: Kind) -> Vec<&Space> {
        self.granted_of(kind)
            .filter(|granted| granted.access == Access::Write && granted.space.kind != SpaceKind::Case)
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
