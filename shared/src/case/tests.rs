//! The whole of it: requests decided, events folded.

use super::*;
use crate::{
    id::{SpaceId, TextHash, UnitCode},
    rights::{Role, SpaceKind},
};

pub(super) const LEAD: RecordId = RecordId([1; 16]);
pub(super) const RECORD: RecordId = RecordId([9; 16]);
pub(super) const TEXT: TextHash = TextHash([5; 16]);

pub(super) fn person(role: Role, unit: &str) -> Person {
    let mandate = (role == Role::Deputy).then_some(LEAD);
    let post = Post { role, unit: UnitCode(unit.into()), mandate };
    Person { user: UserId(role as i64), name: format!("{role:?}"), posts: vec![post] }
}

pub(super) fn district_office() -> Space {
    Space { id: SpaceId(1), kind: SpaceKind::DistrictOffice, unit: UnitCode("520303".into()), name: "汇川区".into() }
}

pub(super) fn unit(code: &str, name: &str) -> UnitRef {
    UnitRef { code: UnitCode(code.into()), name: name.into() }
}

/// Noon in the district.
pub(super) fn noon(date: &str) -> i64 {
    date.parse::<Date>().unwrap().starts_ms() + 12 * 60 * 60 * 1000
}

pub(super) fn request(number: u8, kind: Kind, seen: u32, act: Act) -> Request {
    Request { id: EventId([number; 16]), case: RECORD, kind, seen, made_ms: 0, proxy: None, act }
}

pub(super) fn suggestion_facts() -> Facts {
    Facts {
        filled: verification::required(Kind::Suggestion).into_iter().map(str::to_owned).collect(),
        owner: Some(LEAD),
        tier: Some(Tier::District),
        text: Some(TEXT),
        next_number: 32,
        ..Facts::default()
    }
}

#[test]
fn a_suggestion_is_submitted_numbered_and_assigned() {
    let (facts, book, space) = (suggestion_facts(), Book::sample(), district_office());
    let mut case = Case::new(Kind::Suggestion);
    let assign = Act::Assign(Assign {
        lead: unit("520303U07", "区交通运输局"),
        co: vec![],
        separate: vec![],
        wide: false,
        text: String::new(),
    });
    let steps = [
        (person(Role::Deputy, "520303108S01"), Act::Submit { text: Some(TEXT), declared: true, again: None }),
        (person(Role::District, "520303"), Act::Review),
        (person(Role::District, "520303"), Act::Accept),
        (person(Role::District, "520303"), assign),
    ];
    for (index, (person, act)) in steps.into_iter().enumerate() {
        let request = request(index as u8 + 1, Kind::Suggestion, index as u32, act);
        let verdict = decide(&case, &facts, &book, &person, &space, &request, noon("2025-11-28"));
        let Verdict::Accepted(event) = verdict else { panic!("{verdict:?}") };
        assert!(case.apply(&event));
        assert!(!case.apply(&event), "a repeat changes nothing");
        let again = decide(&case, &facts, &book, &person, &space, &request, noon("2025-11-29"));
        assert_eq!(again, Verdict::Known { seq: event.seq });
    }
    let row = case.row();
    assert_eq!(row.number.as_deref(), Some("汇人建〔2025〕032号"));
    assert_eq!((row.state.as_str(), row.seq), ("assigned", 4));
    let reply = row.dues.iter().find(|due| due.clock == Clock::Reply).unwrap();
    assert_eq!(reply.on.to_string(), "2026-02-28", "a Saturday that is worked");
}

#[test]
fn an_activity_is_submitted_and_verified_by_the_town() {
    let space = Space { kind: SpaceKind::Station, unit: UnitCode("520303108S01".into()), ..district_office() };
    let (mut case, book) = (Case::new(Kind::Activity), Book::sample());
    let facts = Facts { owner: Some(LEAD), ..Facts::default() };
    let submit = request(1, Kind::Activity, 0, Act::Submit { text: None, declared: false, again: None });
    let deputy = person(Role::Deputy, "520303108S01");
    let returned = decide(&case, &facts, &book, &deputy, &space, &submit, 0);
    let Verdict::Returned(Returned { reason: ReturnReason::Missing, .. }) = returned else { panic!("{returned:?}") };
    let filled = verification::required(Kind::Activity).into_iter().map(str::to_owned).collect();
    let facts = Facts { filled, ..facts };
    let Verdict::Accepted(event) = decide(&case, &facts, &book, &deputy, &space, &submit, 0) else { panic!() };
    case.apply(&event);
    let verify = request(2, Kind::Activity, 1, Act::Verify);
    let no = decide(&case, &facts, &book, &deputy, &space, &verify, 0);
    assert!(matches!(no, Verdict::Returned(Returned { reason: ReturnReason::NotAllowed, .. })));
    let town = person(Role::Town, "520303108");
    let Verdict::Accepted(event) = decide(&case, &facts, &book, &town, &space, &verify, 0) else { panic!() };
    case.apply(&event);
    assert_eq!(case.state(), "verified");
}

#[test]
fn an_act_of_a_newer_version_survives_and_is_returned() {
    let json = r#"{"id":"01010101010101010101010101010101","case":"09090909090909090909090909090909","kind":"suggestion","seen":0,"made_ms":5,"act":{"act":"teleport","kind":"x","text":"原文"}}"#;
    let request: Request = serde_json::from_str(json).unwrap();
    assert_eq!(request.act.key(), "teleport");
    assert_eq!(serde_json::to_string(&request).unwrap(), json);
    let (case, facts) = (Case::new(Kind::Suggestion), Facts::default());
    let person = person(Role::District, "520303");
    let verdict = decide(&case, &facts, &Book::sample(), &person, &district_office(), &request, 0);
    assert!(matches!(verdict, Verdict::Returned(Returned { reason: ReturnReason::Unknown, .. })));
}
