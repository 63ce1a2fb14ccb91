//! Who may read and write what: one pure answer, with which the view greys out and the server enforces.
//!
//! A *post* is a role at a unit. A *space* is what is replicated as a whole: a device holds the
//! spaces that its user may read, and what a user may not read never reaches the device.

mod former;
mod matrix;
mod posts;
mod reading;
mod rules;
mod settle;

use serde::{Deserialize, Serialize};

use crate::{
    case::HANDED_OVER,
    id::{RecordId, SpaceId, UnitCode, UserId},
    record::Touch,
    schema::Kind,
};

pub use former::{may_still_change, taken_away};
pub use matrix::matrix;
pub use posts::may_give;
pub use reading::{case_keys, district_key, party_key, reads_cases_as, reads_others_cases, town_key};
pub use rules::{named, own_mandate, owner, owner_fields, owner_named};
pub use settle::{lent, may_settle};

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
    /// G 代表小组组长: keeps the group's record and activities.
    GroupLeader = 8,
    /// B 安全审计员: the audit log, nothing else.
    Auditor = 9,
}

impl Role {
    pub const ALL: [Role; 9] = [
        Role::Deputy,
        Role::Station,
        Role::Town,
        Role::District,
        Role::Leader,
        Role::Admin,
        Role::Unit,
        Role::GroupLeader,
        Role::Auditor,
    ];

    /// The role's letter in the domain model's tables.
    pub fn letter(self) -> &'static str {
        match self {
            Role::Deputy => "D",
            Role::Station => "S",
            Role::Town => "T",
            Role::District => "C",
            Role::Leader => "L",
            Role::Admin => "A",
            Role::Unit => "U",
            Role::GroupLeader => "G",
            Role::Auditor => "B",
        }
    }

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
            Role::GroupLeader => "group_leader",
            Role::Auditor => "auditor",
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
    /// One deputy's own (个人空间): drafts that nobody else sees before they are handed in.
    Private = 6,
    /// One case: read by who takes part in it, as long as that lasts.
    Case = 7,
}

impl SpaceKind {
    pub const ALL: [SpaceKind; 7] = [
        SpaceKind::DistrictPublic,
        SpaceKind::DistrictOffice,
        SpaceKind::TownPublic,
        SpaceKind::TownOffice,
        SpaceKind::Station,
        SpaceKind::Private,
        SpaceKind::Case,
    ];

    pub fn from_number(number: u8) -> Option<SpaceKind> {
        SpaceKind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// Whether forms refer to what is in it: units, stations, mandates.
    pub fn is_reference(self) -> bool {
        matches!(self, SpaceKind::DistrictPublic | SpaceKind::TownPublic)
    }

    /// Whether records of a kind may live here.
    pub fn holds(self, kind: Kind) -> bool {
        rules::places(kind).contains(&self)
    }
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub kind: SpaceKind,
    /// The unit that the space belongs to; of a private space and of a case, its deputy's place there
    /// ([`UnitCode::of_deputy`]).
    pub unit: UnitCode,
    /// For people: 「竹元村联络室」.
    pub name: String,
    /// Of a case: who takes part in it besides its deputy. Offices and handling units by their codes,
    /// co-signers by their mandates. In what a device is granted, only the person's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<UnitCode>,
}

impl Space {
    /// Of a private space and of a case: the mandate whose it is.
    pub fn owner(&self) -> Option<RecordId> {
        self.unit.deputy()
    }
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
        (_, Private | Case) => access_as_party(post, space),
        (Role::Admin | Role::Unit | Role::Auditor, _) => Access::None,
        // Guidance visits lie at the desk of the town that was visited.
        (Role::Leader, DistrictOffice | TownOffice) => Access::Write,
        (Role::Leader, _) => Access::Read,
        (Role::District, _) => Access::Write,
        (_, DistrictPublic) => Access::Read,
        (_, DistrictOffice) => Access::None,
        (Role::Town, TownPublic | TownOffice | Station) if space.unit.within(&post.unit) => Access::Write,
        (Role::Town, _) => Access::None,
        (Role::Deputy | Role::Station | Role::GroupLeader, Station) if space.unit == post.unit => Access::Write,
        (Role::Station | Role::GroupLeader, TownPublic) if post.unit.within(&space.unit) => Access::Write,
        (Role::Deputy, TownPublic) if post.unit.within(&space.unit) => Access::Read,
        (Role::Deputy | Role::Station | Role::GroupLeader, _) => Access::None,
    }
}

/// What a post gives in a deputy's private space, or in a case.
fn access_as_party(post: &Post, space: &Space) -> Access {
    let mandate = post.mandate.filter(|_| post.role == Role::Deputy);
    if mandate.is_some() && mandate == space.owner() {
        return Access::Write;
    }
    let takes_part = |code: &UnitCode| space.kind == SpaceKind::Case && space.parties.contains(code);
    // The district, and who leads it, reads what any office of it has.
    let below = space.kind == SpaceKind::Case && space.parties.iter().any(|party| party.within(&post.unit));
    let is_handed_in = space.kind == SpaceKind::Case && space.parties.iter().any(|party| party.deputy().is_none());
    match post.role {
        Role::Deputy if mandate.is_some_and(|mandate| takes_part(&UnitCode::of_mandate(mandate))) => Access::Write,
        Role::Town if takes_part(&post.unit) => Access::Write,
        // Once it is handed in, the station types in what its deputies do on paper (代录).
        Role::Station if is_handed_in && space.unit.within(&post.unit) => Access::Write,
        Role::District if below => Access::Write,
        Role::Leader if below => Access::Read,
        Role::Unit if takes_part(&post.unit) => Access::Read,
        _ => Access::None,
    }
}

/// As which parties a person may take part in a case: the posts' units, the mandates.
pub fn own_parties(person: &Person, space: &Space) -> Vec<UnitCode> {
    if space.kind != SpaceKind::Case {
        return Vec::new();
    }
    let units = person.posts.iter().map(|post| post.unit.clone());
    units.chain(person.mandates().map(UnitCode::of_mandate)).collect()
}

/// Whether the person reads the records of a kind in a space one by one. Who only leads the district is told how many
/// voices there are, and not what villagers said (DOMAIN §6.6, r° counts).
pub fn reads(person: &Person, space: &Space, kind: Kind) -> bool {
    let is_told = |post: &Post| post.role != Role::Leader || kind != Kind::Voice;
    person.posts.iter().any(|post| access(post, space) > Access::None && is_told(post))
}

/// Whether a person's devices hold the space. Offices read their cases in the console: a phone that
/// held a space for each of a district's cases would be told of every one that changes hands. Leaders read there too what
/// stations record: a space is replicated as a whole, and theirs is not all of it ([`reads`]).
pub fn replicates(person: &Person, space: &Space) -> bool {
    let is_party = |post: &Post| matches!(post.role, Role::Deputy | Role::Unit) && access(post, space) > Access::None;
    match space.kind {
        SpaceKind::Case => person.posts.iter().any(is_party),
        SpaceKind::Station => reads(person, space, Kind::Voice),
        _ => best_access(person, space) > Access::None,
    }
}

/// The most that any of a person's posts gives in a space.
pub fn best_access(person: &Person, space: &Space) -> Access {
    person.posts.iter().map(|post| access(post, space)).max().unwrap_or(Access::None)
}

/// How far a record has got, as far as its fields are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not handed in, or returned to be amended.
    #[default]
    Draft,
    /// Handed in: what was confirmed stands, nothing is deleted.
    Submitted,
    /// Verified, closed, void, or guided to the petition office: only events say more.
    Verified,
}

impl Stage {
    /// The stage of a record whose case is in the state with this key (`case`); without a case, a draft.
    pub fn of_state(key: &str) -> Stage {
        match key {
            "" | "draft" | "returned" | "revision" | HANDED_OVER => Stage::Draft,
            "verified" | "void" | "closed" | "archived" | "withdrawn" | "declined" | "converted" => Stage::Verified,
            // Of a petition matter nothing is told afterwards either (DOMAIN §2.3).
            "petition" | "petition_told" => Stage::Verified,
            _ => Stage::Submitted,
        }
    }
}

/// What the rules need to know about the record that a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    pub kind: Kind,
    pub space: &'a Space,
    /// The record; `None` for one that is yet to be made.
    pub record: Option<RecordId>,
    /// Whether the record exists yet.
    pub exists: bool,
    /// The mandate in the record's `author` field, if it has one; of a deputy's record, the person's mandate whose deputy
    /// it is ([`own_mandate`]).
    pub author: Option<RecordId>,
    pub stage: Stage,
}

impl<'a> Target<'a> {
    /// A record that is yet to be made.
    pub fn new(kind: Kind, space: &'a Space) -> Self {
        Self { kind, space, record: None, exists: false, author: None, stage: Stage::Draft }
    }
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
    #[error("the record has been handed in or verified")]
    Stage = 7,
}

impl Denied {
    pub const ALL: [Denied; 7] = [
        Denied::Space,
        Denied::WrongPlace,
        Denied::Kind,
        Denied::NotAuthor,
        Denied::ForeignAuthor,
        Denied::Field,
        Denied::Stage,
    ];

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
            Denied::Stage => "stage",
        }
    }
}

/// Whether a person may do all of this to a record.
pub fn may_change(person: &Person, target: Target<'_>, touches: &[Touch]) -> Result<(), Denied> {
    if rules::is_own_part(person, target, touches) {
        return Ok(());
    }
    if best_access(person, target.space) < Access::Write {
        return Err(Denied::Space);
    }
    if !target.space.kind.holds(target.kind) {
        return Err(Denied::WrongPlace);
    }
    if !person.posts.iter().any(|post| rules::writes_kind(post, target)) {
        return Err(Denied::Kind);
    }
    touches.iter().try_for_each(|touch| rules::may_touch(person, target, touches, touch))
}

#[cfg(test)]
mod tests;
