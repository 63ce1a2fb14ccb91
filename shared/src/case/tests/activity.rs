use super::*;

fn activity() -> Play {
    let facts = Facts { owner: Some(LEAD), filled: filled(Kind::Activity), ..Facts::default() };
    Play::new(Kind::Activity, space(SpaceKind::Station, STATION, "竹元村联络室"), facts)
}

#[test]
fn what_a_deputy_did_counts_once_the_town_has_verified_it() {
    let mut play = activity();
    play.ok(&lead(), hand_in());
    assert_eq!(play.no(&lead(), Act::Verify).reason, ReturnReason::NotAllowed);
    play.ok(&town(), Act::AskRevision { text: text("请补充参加代表") });
    assert_eq!(play.state(), "returned");
    play.ok(&station(), hand_in());
    play.ok(&town(), Act::Verify);
    assert_eq!(play.state(), "verified");
    let returned = play.no(&lead(), hand_in());
    assert_eq!((returned.reason, returned.happened.unwrap().act.as_str()), (ReturnReason::WrongState, "verify"));
}

#[test]
fn a_missing_field_is_named() {
    let mut play = activity();
    play.facts.in_the_way = found("body", ReturnReason::Missing);
    let returned = play.no(&lead(), hand_in());
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::Missing, "body"));
}

#[test]
fn strangers_and_other_towns_do_nothing() {
    let mut play = activity();
    assert_eq!(play.no(&cosigner(), hand_in()).reason, ReturnReason::NotAllowed);
    play.ok(&lead(), hand_in());
    let other = person("周正", Role::Town, "520303107", None);
    assert_eq!(play.no(&other, Act::Verify).reason, ReturnReason::NotAllowed);
    for role in [Role::Leader, Role::Admin, Role::Unit] {
        assert_eq!(play.no(&person("", role, DISTRICT, None), Act::Verify).reason, ReturnReason::NotAllowed);
    }
}

#[test]
fn after_verification_there_are_corrections_and_only_the_office_voids() {
    let mut play = activity();
    play.ok(&lead(), hand_in());
    assert_eq!(play.stage(), Stage::Submitted);
    let unaware = [Act::AskRevision { text: text("请补充人数") }, Act::Void { text: text("重复") }];
    let unaware = unaware.map(|act| play.request(act));
    play.ok(&town(), Act::Verify);
    assert_eq!(play.stage(), Stage::Verified);
    for late in &unaware {
        let back = play.back(&town(), late);
        let happened = back.happened.map(|happened| happened.seq);
        assert_eq!((back.reason, happened), (ReturnReason::WrongState, Some(2)), "they did not know that it was");
    }
    play.ok(&lead(), Act::Correct { text: text("到场应为三十二人") });
    // A wrong number is changed in the record: opened by the office, and verified anew.
    assert_eq!(play.no(&lead(), Act::AskRevision { text: text("改") }).reason, ReturnReason::NotAllowed);
    play.ok(&town(), Act::AskRevision { text: text("请把人数改为三十二") });
    assert_eq!((play.state(), play.stage()), ("returned", Stage::Draft));
    play.ok(&lead(), hand_in());
    play.ok(&town(), Act::Verify);
    assert_eq!(play.no(&lead(), Act::Void { text: text("重复") }).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&town(), Act::Void { text: text(" ") }).reason, ReturnReason::Empty);
    play.ok(&town(), Act::Void { text: text("与另一条重复") });
    assert_eq!(play.state(), "void");
    assert_eq!(play.no(&town(), Act::Verify).reason, ReturnReason::WrongState);
}

#[test]
fn a_deputy_contests_and_the_office_answers_once() {
    let mut play = activity();
    play.ok(&lead(), hand_in());
    play.ok(&town(), Act::Verify);
    let contest = play.ok(&lead(), Act::Contest { fault: Fault::Wrong, about: None, text: text("日期不对") });
    assert_eq!(play.case.row().disputes, 1);
    let settle = |contest| Act::SettleContest { contest, upheld: true, text: text("已更正") };
    assert_eq!(play.no(&town(), settle(99)).reason, ReturnReason::NoSuch);
    assert_eq!(play.no(&lead(), settle(contest.seq)).reason, ReturnReason::NotAllowed);
    play.ok(&town(), settle(contest.seq));
    assert_eq!(play.case.row().disputes, 0);
    assert_eq!(play.no(&town(), settle(contest.seq)).reason, ReturnReason::AlreadyDecided);
}

#[test]
fn a_suggestions_acts_are_none_of_an_activitys() {
    let mut play = activity();
    assert_eq!(play.no(&district(), Act::Accept).reason, ReturnReason::WrongKind);
}

/// 述职 and 档案条目 (E16, E17) go the same way: handed in by the deputy, or by staff for them, verified by
/// the office, contested by the deputy.
#[test]
fn duty_reports_and_dossier_entries_are_verified_too() {
    let at_station = space(SpaceKind::Station, STATION, "竹元村联络室");
    let at_town = space(SpaceKind::TownOffice, TOWN, "芝麻镇");
    let at_district = space(SpaceKind::DistrictOffice, DISTRICT, "汇川区");
    for (kind, place, office) in [
        (Kind::DutyReport, at_station, town()),
        (Kind::DossierEntry, at_town, town()),
        (Kind::DossierEntry, at_district, district()),
    ] {
        let facts = Facts { owner: Some(LEAD), filled: filled(kind), ..Facts::default() };
        let mut play = Play::new(kind, place, facts);
        assert_eq!(play.no(&office, Act::Verify).reason, ReturnReason::WrongState, "{kind:?}");
        assert_eq!(play.no(&cosigner(), hand_in()).reason, ReturnReason::NotAllowed);
        play.ok(&lead(), hand_in());
        assert_eq!(play.no(&lead(), Act::Verify).reason, ReturnReason::NotAllowed);
        play.ok(&office, Act::AskRevision { text: text("请附证书") });
        assert_eq!(play.stage(), Stage::Draft);
        play.ok(&office, hand_in());
        play.ok(&office, Act::Verify);
        assert_eq!((play.state(), play.stage()), ("verified", Stage::Verified));
        let contest = play.ok(&lead(), Act::Contest { fault: Fault::Duplicate, about: None, text: text("与上月重复") });
        play.ok(&office, Act::SettleContest { contest: contest.seq, upheld: true, text: text("属实") });
        play.ok(&office, Act::Void { text: text("重复") });
        assert_eq!(play.state(), "void");
    }
    let mut empty = Play::new(
        Kind::DossierEntry,
        space(SpaceKind::TownOffice, TOWN, "芝麻镇"),
        Facts { owner: Some(LEAD), in_the_way: found("title", ReturnReason::Missing), ..Facts::default() },
    );
    assert_eq!(empty.no(&lead(), hand_in()).reason, ReturnReason::Missing);
}
