//! Under which keys cases are read, so that a database finds a person's cases among a hundred thousand without asking
//! [`access`](super::access) of each. A property test holds the two against each other.

use super::{Person, Post, Role, Space, SpaceKind};
use crate::id::UnitCode;

/// The keys of a case's space: under any of them somebody may read it, or looks for a part of what they read.
pub fn case_keys(space: &Space) -> Vec<String> {
    if space.kind != SpaceKind::Case {
        return Vec::new();
    }
    let (mandates, offices): (Vec<&UnitCode>, Vec<&UnitCode>) =
        space.parties.iter().partition(|party| party.deputy().is_some());
    let mandates = mandates.iter().filter_map(|party| party.deputy()).chain(space.owner());
    let station = space.unit.0.split('/').next().unwrap_or_default();
    let mut keys: Vec<String> = mandates.map(|mandate| UnitCode::of_mandate(mandate).0).collect();
    for office in &offices {
        keys.push(party_key(office));
        keys.extend(office.district().map(|district| district_key(&UnitCode(district.to_owned()))));
    }
    if !offices.is_empty() {
        keys.push(station_key(station));
    }
    keys.extend(space.unit.town().map(|town| town_key(&UnitCode(town.to_owned()))));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key under which a post reads cases; `None` where it reads none.
pub fn reads_cases_as(post: &Post) -> Option<String> {
    match post.role {
        Role::Deputy => post.mandate.map(|mandate| UnitCode::of_mandate(mandate).0),
        Role::Town | Role::Unit => Some(party_key(&post.unit)),
        Role::District | Role::Leader => Some(district_key(&post.unit)),
        Role::Station => Some(station_key(&post.unit.0)),
        Role::Admin | Role::GroupLeader | Role::Auditor => None,
    }
}

/// Whether somebody reads cases that their devices do not hold ([`replicates`](super::replicates)): at an office.
pub fn reads_others_cases(person: &Person) -> bool {
    let held = |role| matches!(role, Role::Deputy | Role::Unit);
    person.posts.iter().any(|post| !held(post.role) && reads_cases_as(post).is_some())
}

/// The key of the cases in which an office or a handling unit takes part.
pub fn party_key(unit: &UnitCode) -> String {
    format!("party {}", unit.0)
}

/// The key of the cases in which an office or a unit of a district takes part.
pub fn district_key(district: &UnitCode) -> String {
    format!("above {}", district.0)
}

/// The key of the cases of a station that have left it: an office takes part.
fn station_key(code: &str) -> String {
    format!("station {code}")
}

/// The key of the cases of a town's or street's deputies.
pub fn town_key(town: &UnitCode) -> String {
    format!("town {}", town.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::{RecordId, SpaceId},
        rights::{Access, access},
    };

    const UNITS: [&str; 8] = [
        "520303",
        "520303108",
        "520303108S01",
        "520303108S02",
        "520303001",
        "520303001S01",
        "520303-U01",
        "520303108-党政办",
    ];

    fn unit() -> impl Strategy<Value = UnitCode> {
        prop::sample::select(UNITS.to_vec()).prop_map(|code| UnitCode(code.into()))
    }

    fn mandate() -> impl Strategy<Value = RecordId> {
        (0_u8..3).prop_map(|number| RecordId([number; 16]))
    }

    fn post() -> impl Strategy<Value = Post> {
        // Each role where it is held.
        let place = |role: Role| match role {
            Role::District | Role::Leader | Role::Admin | Role::Auditor => &UNITS[..1],
            Role::Town => &UNITS[1..5],
            Role::Unit => &UNITS[6..],
            _ => &UNITS[2..4],
        };
        let role = prop::sample::select(Role::ALL.to_vec());
        role.prop_flat_map(move |role| {
            let unit = prop::sample::select(place(role).to_vec()).prop_map(|code| UnitCode(code.into()));
            (unit, prop::option::of(mandate())).prop_map(move |(unit, mandate)| Post { role, unit, mandate })
        })
    }

    fn case() -> impl Strategy<Value = Space> {
        let party = prop_oneof![unit(), mandate().prop_map(UnitCode::of_mandate)];
        (unit(), prop::option::of(mandate()), prop::collection::vec(party, 0..4)).prop_map(|(unit, owner, parties)| {
            let unit = owner.map_or(unit.clone(), |owner| UnitCode::of_deputy(&unit, owner));
            Space { id: SpaceId(1), kind: SpaceKind::Case, unit, name: String::new(), parties }
        })
    }

    proptest! {
        #[test]
        fn a_case_is_found_under_a_posts_key_if_and_only_if_the_post_reads_it(post in post(), case in case()) {
            let found = reads_cases_as(&post).is_some_and(|key| case_keys(&case).contains(&key));
            prop_assert_eq!(found, access(&post, &case) > Access::None);
        }
    }
}
