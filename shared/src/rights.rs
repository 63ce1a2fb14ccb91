//! Who may read and write what: one pure answer, with which the view greys out and the server enforces.
//!
//! A *post* is a role at a unit. A *space* is what is replicated as a whole: a device holds the
//! spaces that its user may read, and what a user may not read never reaches the device.

use serde::{Deserialize, Serialize};

use crate::{
    id::{RecordId, SpaceId, UnitCode, UserId},
    record::{Action, Touch},
    schema::{Class, Kind},
};

/// What a person is (DOMAIN §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Role {
    /// D 代表, at a station.
    Deputy = 1,
    /// S 联络站站长、联络员, at a station.
    Station = 2,
    /// T 镇人大 or 街道人大工委, at a town or street.
    Town = 3,
    /// C 区选任联工委、代表联络服务中心, at the district.
    District = 4,
    /// L 主任会议成员: reads the district.
    Leader = 5,
    /// A 系统管理员: accounts and devices, no content.
    Admin = 6,
    /// U 承办单位经办人, at a handling unit: what is assigned to the unit, nothing else.
    Unit = 7,
}

impl Role {
    pub const ALL: [Role; 7] =
        [Role::Deputy, Role::Station, Role::Town, Role::District, Role::Leader, Role::Admin, Role::Unit];

    pub fn from_number(number: u8) -> Option<Role> {
        Role::ALL.into_iter().find(|role| *role as u8 == number)
    }

    /// The role's name in texts (`role.<key>`) and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Role::Deputy => "deputy",
            Role::Station => "station",
            Role::Town => "town",
            Role::District => "district",
            Role::Leader => "leader",
            Role::Admin => "admin",
            Role::Unit => "unit",
        }
    }
}

/// A role at a unit; for a deputy, by which mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub role: Role,
    pub unit: UnitCode,
    pub mandate: Option<RecordId>,
}

/// Someone who acts: a user with the posts held now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub user: UserId,
    pub name: String,
    pub posts: Vec<Post>,
}

impl Person {
    /// The person's mandates.
    pub fn mandates(&self) -> impl Iterator<Item = RecordId> {
        self.posts.iter().filter_map(|post| post.mandate)
    }
}

/// What a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum SpaceKind {
    /// The district's open data: its units, trainings, pairings. Read by all.
    DistrictPublic = 1,
    /// The district's desk: its suggestions, guidance visits.
    DistrictOffice = 2,
    /// A town's open data: villages, stations, deputies. Read by the town's deputies.
    TownPublic = 3,
    /// A town's desk: its suggestions and express cases.
    TownOffice = 4,
    /// A station's work: reception days, activities, voices.
    Station = 5,
}

impl SpaceKind {
    pub const ALL: [SpaceKind; 5] = [
        SpaceKind::DistrictPublic,
        SpaceKind::DistrictOffice,
        SpaceKind::TownPublic,
        SpaceKind::TownOffice,
        SpaceKind::Station,
    ];

    pub fn from_number(number: u8) -> Option<SpaceKind> {
        SpaceKind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// Where records of a kind live. A kind has its place by nature; a record never moves.
    pub fn holds(self, kind: Kind) -> bool {
        match self {
            SpaceKind::DistrictPublic => {
                matches!(kind, Kind::AdminUnit | Kind::Training | Kind::Pairing | Kind::Deputy | Kind::Mandate)
            }
            SpaceKind::DistrictOffice => matches!(kind, Kind::Suggestion | Kind::GuidanceVisit | Kind::Activity),
            SpaceKind::TownPublic => {
                matches!(kind, Kind::AdminUnit | Kind::Station | Kind::Deputy | Kind::Mandate | Kind::Training)
            }
            SpaceKind::TownOffice => matches!(kind, Kind::Suggestion | Kind::Activity),
            SpaceKind::Station => matches!(kind, Kind::ReceptionDay | Kind::Activity | Kind::Voice),
        }
    }
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub kind: SpaceKind,
    /// The unit that the space belongs to.
    pub unit: UnitCode,
    /// For people: 「竹元村联络室」.
    pub name: String,
}

/// What a person may do in a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    None,
    Read,
    Write,
}

/// What a post gives in a space (DOMAIN §6.6, by space).
pub fn access(post: &Post, space: &Space) -> Access {
    use SpaceKind::*;
    match (post.role, space.kind) {
        (Role::Admin | Role::Unit, _) => Access::None,
        (Role::Leader, _) => Access::Read,
        (Role::District, _) => Access::Write,
        (_, DistrictPublic) => Access::Read,
        (_, DistrictOffice) => Access::None,
        (Role::Town, TownPublic | TownOffice | Station) if space.unit.within(&post.unit) => Access::Write,
        (Role::Town, _) => Access::None,
        (Role::Deputy | Role::Station, Station) if space.unit == post.unit => Access::Write,
        (Role::Station, TownPublic) if post.unit.within(&space.unit) => Access::Write,
        (Role::Deputy, TownPublic) if post.unit.within(&space.unit) => Access::Read,
        (Role::Deputy | Role::Station, _) => Access::None,
    }
}

/// The most that any of a person's posts gives in a space.
pub fn best_access(person: &Person, space: &Space) -> Access {
    person.posts.iter().map(|post| access(post, space)).max().unwrap_or(Access::None)
}

/// What the rules need to know about the record that a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    pub kind: Kind,
    pub space: &'a Space,
    /// Whether the record exists yet.
    pub exists: bool,
    /// The mandate in the record's `author` field, if it has one.
    pub author: Option<RecordId>,
}

/// Why a change is refused; the words for people are in the texts under `denied.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Denied {
    #[error("no right to write in this space")]
    Space = 1,
    #[error("records of this kind do not belong into this space")]
    WrongPlace = 2,
    #[error("the person's role may not write records of this kind")]
    Kind = 3,
    #[error("only the author may write this field")]
    NotAuthor = 4,
    #[error("the author must be one's own mandate")]
    ForeignAuthor = 5,
    #[error("the person's role may not write this field")]
    Field = 6,
}

impl Denied {
    pub const ALL: [Denied; 6] =
        [Denied::Space, Denied::WrongPlace, Denied::Kind, Denied::NotAuthor, Denied::ForeignAuthor, Denied::Field];

    pub fn from_number(number: u8) -> Option<Denied> {
        Denied::ALL.into_iter().find(|denied| *denied as u8 == number)
    }

    pub fn key(self) -> &'static str {
        match self {
            Denied::Space => "space",
            Denied::WrongPlace => "wrong_place",
            Denied::Kind => "kind",
            Denied::NotAuthor => "not_author",
            Denied::ForeignAuthor => "foreign_author",
            Denied::Field => "field",
        }
    }
}

/// Whether a person may do all of this to a record.
pub fn may_change(person: &Person, target: Target<'_>, touches: &[Touch]) -> Result<(), Denied> {
    if best_access(person, target.space) < Access::Write {
        return Err(Denied::Space);
    }
    if !target.space.kind.holds(target.kind) {
        return Err(Denied::WrongPlace);
    }
    if !person.posts.iter().any(|post| writes_kind(post, target)) {
        return Err(Denied::Kind);
    }
    touches.iter().try_for_each(|touch| may_touch(person, target, touches, touch))
}

/// Whether a role writes records of a kind at all (DOMAIN §6.6, column by column).
fn writes_kind(post: &Post, target: Target<'_>) -> bool {
    if access(post, target.space) < Access::Write {
        return false;
    }
    match post.role {
        Role::Deputy => matches!(target.kind, Kind::Activity | Kind::ReceptionDay | Kind::Voice),
        Role::Station => {
            matches!(target.kind, Kind::Activity | Kind::ReceptionDay | Kind::Voice | Kind::Station | Kind::Training)
        }
        Role::Town => !matches!(target.kind, Kind::Pairing | Kind::GuidanceVisit),
        Role::District => true,
        Role::Leader | Role::Admin | Role::Unit => false,
    }
}

fn may_touch(person: &Person, target: Target<'_>, touches: &[Touch], touch: &Touch) -> Result<(), Denied> {
    if touch.field == "author" {
        let own = |value: &str| person.mandates().any(|mandate| mandate.to_string() == value);
        let is_own = matches!(&touch.action, Action::Put(value) if value.as_text().is_some_and(own));
        // Later it would turn someone's record, and the words in it, into one's own.
        return if is_own && !target.exists { Ok(()) } else { Err(Denied::ForeignAuthor) };
    }
    let class = target.kind.schema().field(&touch.field).map(|field| field.class);
    if class == Some(Class::AuthorProse) {
        let creates_as_author = !target.exists && touches.iter().any(|touch| touch.field == "author");
        let is_author = target.author.is_some_and(|author| person.mandates().any(|mandate| mandate == author));
        // 代录: staff may take down the words of a record that no deputy is the author of.
        let unclaimed = target.author.is_none() && !creates_as_author;
        let staff = person.posts.iter().any(|post| post.role != Role::Deputy && writes_kind(post, target));
        if !(creates_as_author || is_author || (unclaimed && staff)) {
            return Err(Denied::NotAuthor);
        }
    }
    // Whether a station counts as one of the 51 is the district's word, once it exists.
    let station_state = target.kind == Kind::Station && touch.field == "state" && target.exists;
    if station_state && !person.posts.iter().any(|post| post.role == Role::District) {
        return Err(Denied::Field);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
