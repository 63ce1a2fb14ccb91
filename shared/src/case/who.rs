//! Who may act: the post with which a person does something, or none (DOMAIN §6.1, §6.6).

use super::{
    act::{Act, Tier},
    desk::Desk,
    facts::Facts,
};
use crate::{
    id::{RecordId, UnitCode},
    rights::{Access, Person, Post, Role, Space, best_access},
    schema::Kind,
};

/// Someone's part in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// D: the holder of the mandate that owns the record.
    Owner,
    /// D: the holder of a mandate that takes part in it.
    Member,
    /// D: the holder of this mandate.
    Holder(RecordId),
    /// S: staff of the station of the space.
    Station,
    /// T: the congress of the town, or the street's working committee, of the space.
    Town,
    /// C.
    District,
    /// T for what the town decides, C for what the district decides.
    Office(Tier),
    /// L.
    Leader,
    /// U: a person of this unit.
    Unit(&'a UnitCode),
}

impl Part<'_> {
    /// Whether the post gives this part.
    fn is_given_by(self, post: &Post, space: &Space, facts: &Facts) -> bool {
        let space = &space.unit;
        let town = post.role == Role::Town && space.within(&post.unit);
        let district = post.role == Role::District && space.within(&post.unit);
        match self {
            Part::Owner => post.mandate.is_some() && post.mandate == facts.owner,
            Part::Member => post.mandate.is_some_and(|mandate| facts.taking_part.contains(&mandate)),
            Part::Holder(mandate) => post.mandate == Some(mandate),
            Part::Station => post.role == Role::Station && post.unit.within(space),
            Part::Town => town,
            Part::District => district,
            Part::Office(Tier::Express | Tier::Town) => town,
            Part::Office(Tier::District | Tier::Upper) => district,
            Part::Leader => post.role == Role::Leader && space.within(&post.unit),
            Part::Unit(unit) => post.role == Role::Unit && post.unit == *unit,
        }
    }
}

/// Whether someone gets an answer about a case at all: who may read it, and about handing in whoever held the mandate
/// of its record (换届, `former`). Nobody else learns what happened in it.
pub fn may_ask(person: &Person, former: Option<&Post>, space: &Space, act: &Act) -> bool {
    best_access(person, space) >= Access::Read || former.is_some() && matches!(act, Act::Submit { .. })
}

/// The first of the person's posts that gives one of the parts, in the parts' order.
pub(super) fn acting<'a>(desk: &Desk<'a>, parts: &[Part<'_>]) -> Option<&'a Post> {
    held_by(desk.person, desk.space, desk.facts, parts)
}

pub(super) fn held_by<'a>(person: &'a Person, space: &Space, facts: &Facts, parts: &[Part<'_>]) -> Option<&'a Post> {
    let active = |post: &&Post| !post.mandate.is_some_and(|mandate| facts.suspended.contains(&mandate));
    parts.iter().find_map(|part| person.posts.iter().filter(active).find(|post| part.is_given_by(post, space, facts)))
}

/// Whether the person, who does not act as one of the parts, would if the mandate were not suspended.
pub(super) fn is_suspended(desk: &Desk<'_>, parts: &[Part<'_>]) -> bool {
    let given = |part: &Part<'_>, post: &Post| part.is_given_by(post, desk.space, desk.facts);
    parts.iter().any(|part| desk.person.posts.iter().any(|post| given(part, post)))
}

/// The office that is responsible for records of a kind in a space: what it verifies and takes over.
pub(super) fn office(desk: &Desk<'_>) -> Part<'static> {
    office_of(desk.request.kind, desk.space)
}

pub(super) fn office_of(kind: Kind, space: &Space) -> Part<'static> {
    use crate::rights::SpaceKind::*;
    match (space.kind, kind) {
        (DistrictPublic | DistrictOffice, _) | (_, Kind::Pairing | Kind::GuidanceVisit) => Part::District,
        _ => Part::Town,
    }
}
