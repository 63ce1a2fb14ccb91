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
