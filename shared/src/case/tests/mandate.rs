use super::*;

fn mandate() -> Play {
    Play::new(Kind::Mandate, space(SpaceKind::TownPublic, TOWN, "芝麻镇"), Facts::default())
}

#[test]
fn a_mandate_is_suspended_resumed_and_ended() {
    let mut play = mandate();
    let on = date("2026-03-02");
    assert_eq!(play.no(&station(), Act::End { on, text: text("换届") }).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&town(), Act::Resume { on }).reason, ReturnReason::WrongState);
    play.ok(&town(), Act::Suspend { on, text: text("第六十一条第一项") });
    assert_eq!(play.state(), "suspended");
    play.ok(&town(), Act::Resume { on });
    assert_eq!(play.state(), "active");
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
    play.facts.suspended.clear();
    play.ok(&lead(), hand_in);
}

#[test]
fn what_is_missing_in_the_dossier_is_contested_by_its_deputy() {
    let mut play = mandate();
    let contest = Act::Contest { fault: Fault::Missing, about: None, text: text("漏了三月的走访") };
    assert_eq!(play.no(&lead(), contest.clone()).reason, ReturnReason::NotAllowed);
    let own = person("陈德贵", Role::Deputy, STATION, Some(RECORD));
    let contest = play.ok(&own, contest);
    play.ok(&town(), Act::SettleContest { contest: contest.seq, upheld: false, text: text("未经核实") });
    assert_eq!(play.case.row().disputes, 0);
}
