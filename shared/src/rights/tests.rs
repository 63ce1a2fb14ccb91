use super::*;
use crate::record::{Action, Value};

fn unit(code: &str) -> UnitCode {
    UnitCode(code.into())
}

fn space(kind: SpaceKind, code: &str) -> Space {
    Space { id: SpaceId(1), kind, unit: unit(code), name: String::new() }
}

const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
const STATION: &str = "520303108S01";
const MANDATE: RecordId = RecordId([7; 16]);

fn person(role: Role, code: &str) -> Person {
    let mandate = (role == Role::Deputy).then_some(MANDATE);
    Person { user: UserId(1), name: "陈德贵".into(), posts: vec![Post { role, unit: unit(code), mandate }] }
}

fn touch(field: &str, action: Action) -> Touch {
    Touch { field: field.into(), action }
}

fn put(field: &str, value: impl Into<Value>) -> Touch {
    touch(field, Action::Put(value.into()))
}

/// Who reaches which space: read down the columns district public, district office, town public,
/// town office, own station, another station of the town, a station of another town.
#[test]
fn access_by_role_and_space() {
    let spaces = [
        space(SpaceKind::DistrictPublic, DISTRICT),
        space(SpaceKind::DistrictOffice, DISTRICT),
        space(SpaceKind::TownPublic, TOWN),
        space(SpaceKind::TownOffice, TOWN),
        space(SpaceKind::Station, STATION),
        space(SpaceKind::Station, "520303108S02"),
        space(SpaceKind::Station, "520303107S01"),
    ];
    let table = [
        (person(Role::Deputy, STATION), "r-r-w--"),
        (person(Role::Station, STATION), "r-w-w--"),
        (person(Role::Town, TOWN), "r-wwww-"),
        (person(Role::District, DISTRICT), "wwwwwww"),
        (person(Role::Leader, DISTRICT), "rrrrrrr"),
        (person(Role::Admin, DISTRICT), "-------"),
        (person(Role::Unit, "520303U07"), "-------"),
    ];
    for (person, expected) in table {
        let actual: String = spaces
            .iter()
            .map(|space| match best_access(&person, space) {
                Access::None => '-',
                Access::Read => 'r',
                Access::Write => 'w',
            })
            .collect();
        assert_eq!(actual, expected, "{:?}", person.posts[0].role);
    }
}

#[test]
fn several_posts_add_up() {
    let mut both = person(Role::Deputy, STATION);
    both.posts.extend(person(Role::Town, "520303107").posts);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, "520303107S01")), Access::Write);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, STATION)), Access::Write);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, "520303110S01")), Access::None);
}

#[test]
fn a_deputy_writes_what_deputies_write_where_it_belongs() {
    let deputy = person(Role::Deputy, STATION);
    let (station, town) = (space(SpaceKind::Station, STATION), space(SpaceKind::TownPublic, TOWN));
    let target = |kind, space| Target { kind, space, exists: false, author: None };
    let title = [put("title", "院坝会")];
    assert_eq!(may_change(&deputy, target(Kind::Activity, &station), &title), Ok(()));
    assert_eq!(may_change(&deputy, target(Kind::Suggestion, &station), &title), Err(Denied::WrongPlace));
    assert_eq!(may_change(&deputy, target(Kind::Station, &town), &title), Err(Denied::Space));
    let elsewhere = space(SpaceKind::Station, "520303107S01");
    assert_eq!(may_change(&deputy, target(Kind::Activity, &elsewhere), &title), Err(Denied::Space));
}

#[test]
fn the_villagers_words_are_the_authors_alone() {
    let station = space(SpaceKind::Station, STATION);
    let words = [touch("verbatim", Action::Splice)];
    let theirs = Target { kind: Kind::Voice, space: &station, exists: true, author: Some(RecordId([9; 16])) };
    let own = Target { author: Some(MANDATE), ..theirs };
    let unclaimed = Target { author: None, ..theirs };
    let (deputy, staff) = (person(Role::Deputy, STATION), person(Role::Station, STATION));
    assert_eq!(may_change(&deputy, own, &words), Ok(()));
    assert_eq!(may_change(&deputy, theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&staff, theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&person(Role::District, DISTRICT), theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&staff, unclaimed, &words), Ok(()), "taken down for someone who is no deputy");
    assert_eq!(may_change(&deputy, unclaimed, &words), Err(Denied::NotAuthor));
}

#[test]
fn nobody_writes_under_another_name() {
    let station = space(SpaceKind::Station, STATION);
    let new = Target { kind: Kind::Voice, space: &station, exists: false, author: None };
    let deputy = person(Role::Deputy, STATION);
    assert_eq!(may_change(&deputy, new, &[put("author", MANDATE), touch("verbatim", Action::Splice)]), Ok(()));
    let foreign = [put("author", RecordId([9; 16])), touch("verbatim", Action::Splice)];
    assert_eq!(may_change(&deputy, new, &foreign), Err(Denied::ForeignAuthor));
    let later = Target { exists: true, ..new };
    assert_eq!(may_change(&deputy, later, &[put("author", MANDATE)]), Err(Denied::ForeignAuthor));
}

#[test]
fn only_the_district_opens_and_closes_stations() {
    let public = space(SpaceKind::TownPublic, TOWN);
    let station = Target { kind: Kind::Station, space: &public, exists: true, author: None };
    let close = [put("state", "closed")];
    assert_eq!(may_change(&person(Role::Town, TOWN), station, &close), Err(Denied::Field));
    assert_eq!(may_change(&person(Role::District, DISTRICT), station, &close), Ok(()));
    assert_eq!(may_change(&person(Role::Town, TOWN), station, &[put("address", "村委会一楼")]), Ok(()));
}

#[test]
fn leaders_and_administrators_write_nothing() {
    for role in [Role::Leader, Role::Admin] {
        for kind in SpaceKind::ALL {
            let space = space(kind, DISTRICT);
            for record in Kind::ALL {
                let target = Target { kind: record, space: &space, exists: false, author: None };
                assert_eq!(may_change(&person(role, DISTRICT), target, &[]), Err(Denied::Space));
            }
        }
    }
}
