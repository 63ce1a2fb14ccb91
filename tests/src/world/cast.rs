//! Who and what there is in every world: one town, two stations, six people.

use lianxin_shared::{
    id::{RecordId, UnitCode},
    rights::{Post, Role, SpaceKind},
    schema::Kind,
};

pub const DISTRICT: &str = "520303";
pub const TOWN: &str = "520303108";
pub const STATIONS: [&str; 2] = ["520303108S01", "520303108S02"];

/// The spaces of the world, in the order in which they are made.
pub const SPACES: [(SpaceKind, &str); 6] = [
    (SpaceKind::DistrictPublic, DISTRICT),
    (SpaceKind::DistrictOffice, DISTRICT),
    (SpaceKind::TownPublic, TOWN),
    (SpaceKind::TownOffice, TOWN),
    (SpaceKind::Station, STATIONS[0]),
    (SpaceKind::Station, STATIONS[1]),
];

/// A member of the cast, by place in [`CAST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member(pub usize);

pub struct Part {
    pub name: &'static str,
    pub role: Role,
    pub unit: &'static str,
}

const fn cast(name: &'static str, role: Role, unit: &'static str) -> Part {
    Part { name, role, unit }
}

/// The first two are deputies of one station: in every world they write into the same records.
pub const CAST: [Part; 6] = [
    cast("黄光明", Role::Deputy, STATIONS[0]),
    cast("李秀碧", Role::Deputy, STATIONS[0]),
    cast("陈德贵", Role::Deputy, STATIONS[1]),
    cast("赵小兰", Role::Station, STATIONS[0]),
    cast("周正", Role::Town, TOWN),
    cast("吴敏", Role::District, DISTRICT),
];

/// What a member may do at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As the cast says.
    Full,
    /// Moved to the other station, or, where one has none, to the station instead of the office.
    Elsewhere,
    /// The same post by a new mandate: one's earlier records are another author's.
    NewMandate,
    /// No post at all.
    Out,
}

impl Member {
    pub fn name(self) -> &'static str {
        CAST[self.0].name
    }

    pub fn role(self) -> Role {
        CAST[self.0].role
    }

    pub fn posts(self, standing: Standing) -> Vec<Post> {
        let Part { role, unit, .. } = CAST[self.0];
        let post = |unit: &str, mandate: u8| Post {
            role,
            unit: UnitCode(unit.into()),
            mandate: (role == Role::Deputy).then_some(RecordId([0xa0 + 16 * mandate + self.0 as u8; 16])),
        };
        match standing {
            Standing::Full => vec![post(unit, 0)],
            Standing::Elsewhere if unit == STATIONS[0] => vec![post(STATIONS[1], 0)],
            Standing::Elsewhere => vec![post(STATIONS[0], 0)],
            Standing::NewMandate => vec![post(unit, 1)],
            Standing::Out => Vec::new(),
        }
    }
}

pub fn station(code: &str) -> RecordId {
    RecordId::derived(Kind::Station, &[code])
}
