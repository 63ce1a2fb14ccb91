//! Who takes part in a case, and so where its record lies.
//!
//! A draft lies in its deputy's private space, or at the station. Once somebody else is named in it, or
//! it is handed in, it gets a space of its own and moves there, log and all: so a device learns of a case
//! by being granted a space, and loses it when that is taken away, like any other space.

use lianxin_shared::{
    case::{Case, Machine, Tier},
    id::{RecordId, SpaceId, UnitCode},
    record::Contents,
    rights::{Space, SpaceKind},
    schema::Kind,
};

use crate::store::{CaseSpace, OpenedSpace};

/// Whether records of a kind get a space of their own.
pub(super) fn has_own_space(kind: Kind) -> bool {
    matches!(kind, Kind::Suggestion | Kind::DossierEntry)
}

/// The desk of the office that decides on a record which does not lie there; its numbers are counted there.
pub(super) fn desk_of(spaces: &[Space], lies_in: &Space, kind: Kind, tier: Option<Tier>) -> Option<SpaceId> {
    if !has_own_space(kind) || !matches!(lies_in.kind, SpaceKind::Station | SpaceKind::Private | SpaceKind::Case) {
        return None;
    }
    let desk = match tier {
        Some(Tier::District | Tier::Upper) => SpaceKind::DistrictOffice,
        Some(Tier::Express | Tier::Town) | None => SpaceKind::TownOffice,
    };
    spaces.iter().find(|space| space.kind == desk && lies_in.unit.within(&space.unit)).map(|space| space.id)
}

/// The space of a record's case after a decision; `case` when it has a new event. `None` when the record
/// stays where it is and nobody joins or leaves.
pub(super) fn case_space(
    record: RecordId,
    lies_in: &Space,
    contents: &Contents,
    case: Option<&Case>,
) -> Option<CaseSpace> {
    let named = named(contents);
    let is_new = lies_in.kind != SpaceKind::Case;
    let leaves = case.is_some() && (contents.kind == Kind::Suggestion || lies_in.kind == SpaceKind::Private)
        || lies_in.kind == SpaceKind::Private && !named.is_empty();
    if is_new && !leaves {
        return None;
    }
    let mut parties = match case {
        Some(case) => official(case, lies_in, contents),
        None => lies_in.parties.iter().filter(|party| party.deputy().is_none()).cloned().collect(),
    };
    parties.extend(named);
    parties.sort_unstable();
    parties.dedup();
    if !is_new && parties == lies_in.parties {
        return None;
    }
    let opens = is_new.then(|| OpenedSpace {
        from: lies_in.id,
        unit: own_place(lies_in, contents),
        name: contents.text("title").to_owned(),
    });
    Some(CaseSpace { record, opens, parties })
}

/// Co-signers, as parties.
fn named(contents: &Contents) -> Vec<UnitCode> {
    let cosigners = contents.elements("cosigners").iter().filter(|_| contents.kind == Kind::Suggestion);
    cosigners.filter_map(|id| id.parse().ok()).map(UnitCode::of_mandate).collect()
}

/// The office and the handling units, as the events tell.
fn official(case: &Case, lies_in: &Space, contents: &Contents) -> Vec<UnitCode> {
    let tier = case.row().tier.or_else(|| Tier::from_key(contents.text("tier")));
    let office = match tier {
        Some(Tier::District | Tier::Upper) => lies_in.unit.district(),
        _ => lies_in.unit.town().or(lies_in.unit.district()),
    };
    let units = match &case.machine {
        Machine::Suggestion(suggestion) => suggestion.units().map(|unit| unit.code.clone()).collect(),
        _ => Vec::new(),
    };
    let office = office.map(|code| UnitCode(code.into()));
    // Codes are kept one behind the other.
    office.into_iter().chain(units).filter(|code| !code.0.contains(char::is_whitespace)).collect()
}

/// The deputy's place in the space's unit: who leads it, whose entry it is.
fn own_place(lies_in: &Space, contents: &Contents) -> UnitCode {
    let owner = contents.reference("lead").or(contents.reference("mandate"));
    match (lies_in.owner(), owner) {
        (None, Some(owner)) => UnitCode::of_deputy(&lies_in.unit, owner),
        _ => lies_in.unit.clone(),
    }
}
