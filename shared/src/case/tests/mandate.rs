use super::*;
use crate::{
    case::mandate,
    id::Actor,
    record::{Contents, Edit, Record},
};

fn seat() -> Play {
    Play::new(Kind::Mandate, space(SpaceKind::TownPublic, TOWN, "芝麻镇"), Facts::default())
}

#[test]
fn a_mandate_is_suspended_resumed_and_ended() {
    let mut play = seat();
    let on = date("2026-03-02");
    assert_eq!(play.no(&station(), Act::End { on, text: text("换届") }).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&town(), Act::Resume { on }).reason, ReturnReason::WrongState);
    play.ok(&town(), Act::Suspend { on, text: text("第六十一条第一项") });
    assert_eq!(play.state(), "suspended");
    play.ok(&town(), Act::Resume { on });
    assert_eq!(play.state(), "active");
    let tomorrow = play.today().plus_days(1);
    assert_eq!(play.no(&town(), Act::End { on: tomorrow, text: text("换届") }).reason, ReturnReason::FutureDate);
    play.ok(&district(), Act::End { on, text: text("任期届满") });
    assert_eq!(play.state(), "ended");
    assert_eq!(play.no(&town(), Act::Suspend { on, text: text("第六十一条") }).reason, ReturnReason::WrongState);
}

/// 代表法 第六十一条.
#[test]
fn by_a_suspended_mandate_nothing_is_done() {
    let mut play = Play::suggestion();
    play.facts.suspended.insert(LEAD);
    let hand_in = Act::Submit { text: Some(TEXT), declared: true, again: None };
    assert_eq!(play.no(&lead(), hand_in.clone()).reason, ReturnReason::Suspended);
    let mut both = lead();
    both.posts.push(Post { role: Role::Deputy, unit: UnitCode(STATION.into()), mandate: Some(OTHER_RECORD) });
    assert_eq!(play.no(&both, hand_in.clone()).reason, ReturnReason::Suspended, "another mandate is no help");
    play.facts.suspended = Set::new();
    play.ok(&lead(), hand_in);
}

fn read(kind: Kind, edits: &[Edit]) -> Contents {
    let mut record = Record::new(kind, RECORD);
    record.edit(Actor([1; 16]), 1_760_000_000_000, None, edits).unwrap();
    record.read()
}

#[test]
fn a_mandate_is_over_by_its_events_its_record_or_its_term() {
    let held = |more: &[Edit]| read(Kind::Mandate, &[&[Edit::put("status", "active")], more].concat());
    let today = date("2026-11-18");
    let over = |more: &[Edit], state, term| mandate::is_over(&held(more), state, term, today);
    assert!(!over(&[], "active", None) && !over(&[], "suspended", None));
    assert!(over(&[], "ended", None));
    assert!(over(&[Edit::put("status", "ended")], "active", None));
    for (last, is_over) in [("2026-11-17", true), ("2026-11-18", false), ("2026-11-19", false)] {
        assert_eq!(over(&[Edit::put("end", last)], "active", None), is_over, "{last} is a day in office");
        assert_eq!(over(&[], "active", Some(date(last))), is_over, "{last} of the term");
        assert_eq!(over(&[Edit::put("end", last)], "active", Some(date("2027-01-01"))), is_over, "the first of both");
    }
}

#[test]
fn a_term_ends_the_mandates_of_its_own_congress() {
    let town = space(SpaceKind::TownPublic, TOWN, "芝麻镇");
    let term = |unit: &str, more: &[Edit]| {
        let unit = RecordId::derived(Kind::AdminUnit, &[unit]);
        let edits = [Edit::put("unit", unit), Edit::put("term", "五届"), Edit::put("start", "2021-11-18")];
        read(Kind::Term, &[&edits, more].concat())
    };
    let end = Edit::put("end", "2026-11-17");
    let of = |term: &Contents| mandate::end_of_term(term, &town);
    assert_eq!(of(&term(TOWN, std::slice::from_ref(&end))), Some(("五届".into(), date("2026-11-17"))));
    assert_eq!(of(&term(TOWN, &[])), None, "it goes on");
    assert_eq!(of(&term(TOWN, &[end.clone(), Edit::put("session", "六次")])), None, "a session is no term");
    assert_eq!(of(&term(DISTRICT, &[end])), None, "a town does not end the district's term");
    let congress =
        |level: &str| mandate::congress(&read(Kind::Mandate, &[Edit::put("level", level)]), &town).map(|unit| unit.0);
    assert_eq!(congress("town").as_deref(), Some(TOWN));
    assert_eq!(congress("district").as_deref(), Some(DISTRICT));
    assert_eq!(congress("city"), None);
}

#[test]
fn what_is_missing_in_the_dossier_is_contested_by_its_deputy() {
    let mut play = seat();
    let contest = Act::Contest { fault: Fault::Missing, about: None, text: text("漏了三月的走访") };
    assert_eq!(play.no(&lead(), contest.clone()).reason, ReturnReason::NotAllowed);
    let own = person("陈德贵", Role::Deputy, STATION, Some(RECORD));
    let contest = play.ok(&own, contest);
    play.ok(&town(), Act::SettleContest { contest: contest.seq, upheld: false, text: text("未经核实") });
    assert_eq!(play.case.row().disputes, 0);
}
