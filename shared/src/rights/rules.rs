//! Who writes what, kind by kind and field by field (DOMAIN §6.6). `RIGHTS.md` is printed from here.

use super::{
    Access, Denied, Person, Post, Role, Role::*, Space, SpaceKind, SpaceKind::*, Stage, Target, access, best_access,
};
use crate::{
    id::RecordId,
    record::{Action, Contents, Touch},
    schema::{Class, Kind},
};

/// Where records of a kind live. A kind has its places by nature. A record moves once at the most,
/// into the space of its case.
pub(super) fn places(kind: Kind) -> &'static [SpaceKind] {
    match kind {
        Kind::AdminUnit | Kind::Deputy | Kind::Mandate | Kind::Training => &[DistrictPublic, TownPublic],
        Kind::Term | Kind::Group | Kind::MechanismPlan => &[DistrictPublic, TownPublic],
        Kind::Notice => &[DistrictPublic, TownPublic, SpaceKind::Station],
        Kind::Pairing | Kind::ChecklistDefinition | Kind::CodeEntry => &[DistrictPublic],
        Kind::Station | Kind::ChecklistAnswer => &[TownPublic],
        Kind::ScoreRule | Kind::ScoreBatch => &[DistrictOffice],
        // The town that was visited reads what was found there.
        Kind::GuidanceVisit | Kind::DeputyContact => &[DistrictOffice, TownOffice],
        Kind::DossierEntry => &[DistrictOffice, TownOffice, Private, Case],
        Kind::Rectification => &[TownOffice],
        // Deputies draft by themselves, or at their station, where the others can add to it.
        Kind::Suggestion => &[DistrictOffice, TownOffice, SpaceKind::Station, Private, Case],
        Kind::Activity | Kind::AppFeedback => &[DistrictOffice, TownOffice, SpaceKind::Station],
        Kind::ReceptionDay | Kind::Voice | Kind::DutyReport => &[SpaceKind::Station],
        Kind::Attachment => &SpaceKind::ALL,
    }
}

/// Which roles write records of a kind, where they may write at all.
pub(super) fn writers(kind: Kind, space: SpaceKind) -> &'static [Role] {
    match kind {
        // A town knows its villages and groups.
        Kind::AdminUnit if space == TownPublic => &[Town, District],
        Kind::AdminUnit | Kind::Pairing | Kind::ChecklistDefinition | Kind::CodeEntry => &[District],
        Kind::ScoreRule | Kind::ScoreBatch => &[District],
        Kind::Term | Kind::Deputy | Kind::Mandate | Kind::DeputyContact | Kind::MechanismPlan => &[Town, District],
        Kind::Notice | Kind::Rectification => &[Town, District],
        Kind::DossierEntry if space == Private => &[Deputy],
        Kind::DossierEntry if space == Case => &[Deputy, Town, District],
        Kind::DossierEntry => &[Town, District],
        Kind::Station | Kind::ChecklistAnswer | Kind::Training => &[Role::Station, Town, District],
        Kind::Group => &[GroupLeader, Town, District],
        Kind::GuidanceVisit => &[Leader, District],
        // The district reads what stations record; it verifies by events.
        Kind::Activity if space == SpaceKind::Station => &[Deputy, GroupLeader, Role::Station, Town],
        Kind::Activity => &[Town, District],
        // The register of a day is filled in by all who receive (form F1).
        Kind::ReceptionDay | Kind::Voice => &[Deputy, Role::Station, Town],
        Kind::DutyReport => &[Deputy, Role::Station],
        Kind::Suggestion if space == SpaceKind::Station => &[Deputy, Role::Station],
        Kind::Suggestion if space == Private => &[Deputy],
        Kind::Suggestion if space == Case => &[Deputy, Town, District],
        Kind::Suggestion => &[Town, District],
        Kind::AppFeedback | Kind::Attachment => &[Deputy, GroupLeader, Role::Station, Town, District],
    }
}

/// Which of these roles write a field that the others of the kind's writers only read; `None`: all of them.
pub(super) fn field_writers(kind: Kind, field: &str, exists: bool) -> Option<&'static [Role]> {
    match (kind, field) {
        // Whether a station counts as one of the 51 is the district's word, once it exists.
        (Kind::Station, "state") if exists => Some(&[District]),
        (Kind::ReceptionDay, "notice_published") => Some(&[Role::Station, Town]),
        (Kind::AppFeedback, "answers" | "state") => Some(&[Town, District]),
        (Kind::Attachment, "may_be_public") => Some(&[Role::Station, Town, District]),
        _ => None,
    }
}

/// What deputies write of the record that their office keeps of them (DOMAIN §6.6, own part): what the public reads.
const OWN_PART: &str = "profile";

/// Whether all of this is a deputy's own part of the deputy's own record, wherever it lies and is read.
pub(super) fn is_own_part(person: &Person, target: Target<'_>, touches: &[Touch]) -> bool {
    let is_own = target.author.is_some_and(|author| person.mandates().any(|mandate| mandate == author));
    is_own
        && target.exists
        && target.kind == Kind::Deputy
        && best_access(person, target.space) > Access::None
        && !touches.is_empty()
        && touches.iter().all(|touch| touch.field == OWN_PART)
}

/// The person's mandate of which this is the deputy's record. `people` are those that a mandate's row names.
pub fn own_mandate<'a>(
    person: &Person,
    deputy: RecordId,
    people: impl Fn(RecordId) -> Option<&'a [String]>,
) -> Option<RecordId> {
    let deputy = deputy.to_string();
    person.mandates().find(|mandate| people(*mandate).is_some_and(|people| people.contains(&deputy)))
}

/// The fields that say which mandate a record is: who recorded it, raises it, or whose entry it is.
pub fn owner_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Suggestion => &["lead"],
        Kind::Mandate => &[],
        _ => &["author", "mandate"],
    }
}

/// The mandate whose a record is: as it says, or in whose private space or case it lies.
pub fn owner(contents: &Contents, space: &Space) -> Option<RecordId> {
    owner_fields(contents.kind).iter().find_map(|field| contents.reference(field)).or(space.owner())
}

/// The same of a record that begins with this change.
pub fn owner_named(kind: Kind, space: &Space, touches: &[Touch]) -> Option<RecordId> {
    owner_fields(kind).iter().find_map(|field| named(touches, field)).or(space.owner())
}

/// The record that a change names in a field.
pub fn named(touches: &[Touch], field: &str) -> Option<RecordId> {
    touches.iter().find_map(|touch| match &touch.action {
        Action::Put(value) if touch.field == field => value.as_text()?.parse().ok(),
        _ => None,
    })
}

/// What of a suggestion that was handed in is not what people put their names to.
const FILED_BY: [&str; 3] = ["category", "themes", "voices"];

/// Whether a field may still be written in a stage: afterwards only events say more (DOMAIN §6.3).
pub(super) fn is_open(kind: Kind, field: &str, stage: Stage) -> bool {
    match (kind, stage) {
        (_, Stage::Draft) => true,
        // How it is filed is the offices' to correct, and which voices stand behind it grows.
        (Kind::Suggestion, Stage::Submitted) => FILED_BY.contains(&field),
        // The text that was handed in is the text that was confirmed.
        (Kind::Suggestion, Stage::Verified) => field == "themes" || field == "category",
        // What was handed in is withdrawn by an event, not deleted.
        (_, Stage::Submitted) => field != "deleted",
        (_, Stage::Verified) => false,
    }
}

/// Whether a post writes records of the target's kind at all.
pub(super) fn writes_kind(post: &Post, target: Target<'_>) -> bool {
    let may =
        access(post, target.space) == Access::Write && writers(target.kind, target.space.kind).contains(&post.role);
    let foreign_station = post.role == Role::Station && target.kind == Kind::Station && !is_own_station(post, target);
    may && !foreign_station
}

/// A station's staff write their own station's record, not that of another in the same town.
fn is_own_station(post: &Post, target: Target<'_>) -> bool {
    target.record.is_none_or(|record| record == RecordId::derived(Kind::Station, &[&post.unit.0]))
}

pub(super) fn may_touch(person: &Person, target: Target<'_>, touches: &[Touch], touch: &Touch) -> Result<(), Denied> {
    if !is_open(target.kind, &touch.field, target.stage) {
        return Err(Denied::Stage);
    }
    if touch.field == "author" {
        return may_name_author(person, target, touch);
    }
    let class = target.kind.schema().field(&touch.field).map(|field| field.class);
    if class == Some(Class::AuthorProse) && !may_write_words(person, target, touches) {
        return Err(Denied::NotAuthor);
    }
    let mut posts = person.posts.iter().filter(|post| writes_kind(post, target));
    if target.kind == Kind::Suggestion && target.stage != Stage::Draft {
        let office = posts.any(|post| matches!(post.role, Town | District));
        return if office { Ok(()) } else { Err(Denied::Stage) };
    }
    let writes = match field_writers(target.kind, &touch.field, target.exists) {
        Some(roles) => posts.any(|post| roles.contains(&post.role)),
        None => posts.next().is_some(),
    };
    if writes { Ok(()) } else { Err(Denied::Field) }
}

fn may_name_author(person: &Person, target: Target<'_>, touch: &Touch) -> Result<(), Denied> {
    let own = |value: &str| person.mandates().any(|mandate| mandate.to_string() == value);
    let is_own = matches!(&touch.action, Action::Put(value) if value.as_text().is_some_and(own));
    // 述职 is the one record that staff enter for a deputy under the deputy's mandate.
    let for_another = target.kind == Kind::DutyReport
        && person.posts.iter().any(|post| post.role == Role::Station && writes_kind(post, target));
    // Later it would turn someone's record, and the words in it, into one's own.
    if (is_own || for_another) && !target.exists { Ok(()) } else { Err(Denied::ForeignAuthor) }
}

fn may_write_words(person: &Person, target: Target<'_>, touches: &[Touch]) -> bool {
    let creates_as_author = !target.exists && touches.iter().any(|touch| touch.field == "author");
    let is_author = target.author.is_some_and(|author| person.mandates().any(|mandate| mandate == author));
    // 代录: staff may take down the words of a record that no deputy is the author of.
    let unclaimed = target.author.is_none() && !creates_as_author;
    let staff = person.posts.iter().any(|post| post.role != Deputy && writes_kind(post, target));
    creates_as_author || is_author || (unclaimed && staff)
}
