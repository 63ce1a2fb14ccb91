use super::*;

pub(super) fn voice() -> Play {
    let mut filled = filled(Kind::Voice);
    filled.insert("verbatim");
    let facts = Facts { owner: Some(LEAD), filled, ..Facts::default() };
    Play::new(Kind::Voice, space(SpaceKind::Station, STATION, "竹元村联络室"), facts)
}

fn petition() -> Play {
    let mut play = voice();
    for narrative in ["verbatim", "summary"] {
        play.facts.filled.remove(narrative);
    }
    play.facts.tier_suggest = Some(ExitKind::Petition);
    play
}

fn sort(proposed: ExitKind) -> Act {
    Act::Sort { proposed, text: String::new() }
}

fn route(exit: Exit) -> Act {
    Act::Route { exit }
}

fn spot() -> Act {
    route(Exit::Spot { text: text("当场解释了政策") })
}

fn feedback(on: Date) -> Act {
    Act::Feedback { on, way: Way::Visit, text: text("已当面告知"), attitude: Some(Opinion::Satisfied) }
}

#[test]
fn an_answer_on_the_spot_is_told_and_struck_off() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    assert_eq!(play.state(), "recorded");
    assert_eq!(play.due(Clock::Sort).as_deref(), Some("2026-03-05"));
    assert_eq!(play.no(&lead(), sort(ExitKind::Spot)).reason, ReturnReason::NotAllowed);
    play.ok(&station(), sort(ExitKind::Spot));
    assert_eq!(play.due(Clock::Route).as_deref(), Some("2026-03-09"));
    play.ok(&station(), spot());
    assert_eq!(play.state(), "result");
    assert_eq!(play.due(Clock::Feedback).as_deref(), Some("2026-03-09"));
    assert_eq!(play.no(&station(), Act::Close { text: String::new() }).reason, ReturnReason::NoFeedback);
    play.ok(&lead(), feedback(play.today()));
    play.ok(&station(), Act::Close { text: String::new() });
    assert_eq!((play.state(), play.case.row().exit), ("closed", Some(ExitKind::Spot)));
    assert_eq!(play.case.row().next_due(), None);
    assert_eq!(play.no(&lead(), hand_in()).reason, ReturnReason::WrongState, "it is never reopened");
}

/// R10: the first time counts, and phones are not told.
#[test]
fn the_row_keeps_how_many_days_sorting_and_feedback_took() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    let days = |play: &Play| (play.case.row().sort_days, play.case.row().feedback_days);
    assert_eq!(days(&play), (None, None));
    play.on("2026-03-04").ok(&station(), sort(ExitKind::Town));
    play.on("2026-03-09").ok(&station(), sort(ExitKind::Spot));
    play.ok(&station(), spot());
    assert_eq!(days(&play), (Some(2), None));
    let told = |play: &mut Play| play.ok(&lead(), feedback(play.today()));
    told(play.on("2026-03-11"));
    told(play.on("2026-03-20"));
    assert_eq!(days(&play), (Some(2), Some(9)));
    let standing = play.case.row().to_standing();
    assert!(!standing.contains("sort_days") && !standing.contains("feedback_days"), "{standing}");
}

#[test]
fn what_leaves_the_station_is_the_towns_decision() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Town));
    let express = route(Exit::Town { suggestion: OTHER_RECORD });
    assert_eq!(play.no(&station(), express.clone()).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&town(), express.clone()).reason, ReturnReason::NoTarget, "there must be one to go on as");
    play.facts.target = Some(Target::default());
    play.ok(&town(), express);
    assert_eq!(play.state(), "town");
    let returned = play.no(&station(), spot());
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::AlreadyRouted, "town"));
    assert_eq!(returned.happened.unwrap().by, "张绍芬");
    play.ok(&station(), Act::Outcome { text: text("路已硬化") });
    assert_eq!(play.state(), "result");
}

#[test]
fn sorting_needs_category_village_and_words() {
    for (missing, detail) in [("category", "category"), ("village", "village"), ("verbatim", "verbatim")] {
        let mut play = voice();
        play.ok(&lead(), hand_in());
        play.facts.filled.remove(missing);
        let returned = play.no(&station(), sort(ExitKind::Spot));
        assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::Missing, detail));
    }
    let mut spoken = voice();
    spoken.facts.filled.remove("verbatim");
    spoken.facts.filled.insert("audio");
    spoken.ok(&lead(), hand_in());
    spoken.ok(&station(), sort(ExitKind::Spot));
}

#[test]
fn sorting_again_is_for_those_who_know_that_it_was_sorted() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    let mut late = play.request(sort(ExitKind::District));
    play.ok(&station(), sort(ExitKind::Town));
    assert_eq!(play.back(&town(), &late).reason, ReturnReason::AlreadySorted);
    late.seen = 2;
    play.file(&town(), &late);
}

#[test]
fn a_petition_is_guided_and_nothing_of_it_is_told() {
    let mut play = petition();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Petition));
    let office = unit("520303108U05", "镇综治（信访）办");
    play.ok(&station(), route(Exit::Petition { matter: Petition::Request, office }));
    assert_eq!((play.state(), play.case.row().exit), ("petition", Some(ExitKind::Petition)));
    assert_eq!(play.stage(), Stage::Verified, "nothing more is written into it");
    let told = play.no(&lead(), feedback(play.today()));
    assert_eq!(told.reason, ReturnReason::PetitionNarrative);
    let wordless = Act::Feedback { on: play.today(), way: Way::Visit, text: String::new(), attitude: None };
    play.ok(&lead(), wordless);
    assert_eq!((play.state(), play.stage()), ("petition_told", Stage::Verified));
    let close = |said: &str| Act::Close { text: text(said) };
    assert_eq!(play.no(&station(), close("他说的是征地的事")).reason, ReturnReason::PetitionNarrative);
    play.ok(&station(), close(""));
    let log = serde_json::to_string(&play.events).unwrap();
    assert!(!log.contains("narrative") && !log.contains("verbatim"));
}

#[test]
fn a_petition_with_a_narrative_comes_back_at_every_step() {
    let mut play = petition();
    play.facts.in_the_way = found("verbatim", ReturnReason::PetitionNarrative);
    let returned = play.no(&lead(), hand_in());
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::PetitionNarrative, "verbatim"));

    let mut play = voice();
    play.ok(&lead(), hand_in());
    assert_eq!(play.no(&station(), sort(ExitKind::Petition)).reason, ReturnReason::PetitionNarrative);
}

#[test]
fn the_narrative_of_an_accusation_is_blocked() {
    let mut play = petition();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Petition));
    play.facts.filled.insert("follow_ups");
    let office = unit("520303U30", "区纪委监委信访室");
    let accuse = route(Exit::Petition { matter: Petition::Accusation, office });
    // The general guard speaks first; either way nothing is stored.
    assert!(matches!(
        play.no(&station(), accuse.clone()).reason,
        ReturnReason::PetitionNarrative | ReturnReason::AccusationNarrative
    ));
    play.facts.filled.remove("follow_ups");
    play.ok(&station(), accuse);
}

#[test]
fn two_dated_tries_stand_for_a_feedback() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Spot));
    play.ok(&station(), spot());
    let miss = |on| Act::Miss { on, way: Way::Phone };
    let close = || Act::Close { text: text("无法联系") };
    play.ok(&lead(), miss(date("2026-03-02")));
    play.ok(&lead(), miss(date("2026-03-02")));
    assert_eq!(play.no(&station(), close()).reason, ReturnReason::NoFeedback, "twice on one day is one try");
    assert_eq!(play.no(&lead(), miss(date("2026-03-04"))).reason, ReturnReason::FutureDate);
    play.on("2026-03-04").ok(&lead(), miss(date("2026-03-04")));
    play.ok(&station(), close());
}

#[test]
fn merging_makes_no_circle_and_does_not_reach_closed_voices() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Merged));
    let merge = |into| route(Exit::Merged { into });
    assert_eq!(play.no(&station(), merge(OTHER_RECORD)).reason, ReturnReason::NoTarget);
    assert_eq!(play.no(&station(), merge(RECORD)).reason, ReturnReason::Circle);
    play.facts.target = Some(Target { closed: true, ..Target::default() });
    assert_eq!(play.no(&station(), merge(OTHER_RECORD)).reason, ReturnReason::TargetClosed);
    play.facts.target = Some(Target { merged_into: vec![RecordId([77; 16]), RECORD], ..Target::default() });
    assert_eq!(play.no(&station(), merge(OTHER_RECORD)).reason, ReturnReason::Circle);
    play.facts.target = Some(Target::default());
    let event = play.ok(&station(), merge(OTHER_RECORD));

    // The other learns of it, and when its result is known, this one's is.
    let mut other = voice();
    other.ok(&lead(), hand_in());
    let joined = &caused(&play.case, &event, &play.book)[0];
    let entered = joined.enter(&other.case, &event).unwrap();
    other.case.apply(&entered);
    assert_eq!(joined.enter(&other.case, &event), None, "once");
    other.events.push(entered);
    other.ok(&station(), sort(ExitKind::Village));
    other.ok(&town(), route(Exit::Village { unit: unit("520303108V01", "竹元村委会") }));
    let result = other.ok(&station(), Act::Outcome { text: text("已清理") });
    let told = &caused(&other.case, &result, &other.book)[0];
    let told = told.enter(&play.case, &result).unwrap();
    play.case.apply(&told);
    assert_eq!(play.state(), "result");
    assert_eq!(play.due(Clock::Feedback).as_deref(), Some("2026-03-09"));
}

#[test]
fn a_telephone_number_does_not_enter_the_log() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::Spot));
    let exit = Exit::Spot { text: text("请她打13800138000") };
    assert_eq!(play.no(&station(), route(exit)).reason, ReturnReason::PersonalData);
    let again = Act::Sort { proposed: ExitKind::Village, text: text("她的电话13800138000") };
    assert_eq!(play.no(&station(), again).reason, ReturnReason::PersonalData);
}

/// What the town declines, or the deputy withdraws, the villager is told too.
#[test]
fn a_voice_does_not_wait_for_a_suggestion_that_has_ended() {
    let mut suggestion = Play::suggestion();
    suggestion.facts.voices = vec![RECORD];
    suggestion.record = OTHER_RECORD;
    suggestion.ok(&lead(), Act::Submit { text: Some(TEXT), declared: true, again: None });
    let ended = suggestion.ok(&lead(), Act::Withdraw { text: text("已由村里解决") });
    let mut play = voice();
    play.ok(&lead(), hand_in());
    play.ok(&station(), sort(ExitKind::District));
    play.facts.target = Some(Target::default());
    play.ok(&town(), route(Exit::District { suggestion: OTHER_RECORD }));
    let told = &caused(&suggestion.case, &ended, &suggestion.book)[0];
    let told = told.enter(&play.case, &ended).unwrap();
    play.case.apply(&told);
    assert_eq!(play.state(), "result");
    assert!(play.due(Clock::Feedback).is_some());
}

#[test]
fn of_a_petition_no_note_is_kept() {
    let mut play = voice();
    play.ok(&lead(), hand_in());
    for field in crate::check::NARRATIVE {
        play.facts.filled.remove(field);
    }
    let noted = Act::Sort { proposed: ExitKind::Petition, text: text("反映邻居打人") };
    let event = play.ok(&station(), noted);
    assert_eq!(event.act, Act::Sort { proposed: ExitKind::Petition, text: String::new() });
}

#[test]
fn what_is_raised_again_is_a_new_voice() {
    let mut play = voice();
    let again = |of| Act::Submit { text: None, declared: false, again: Some(of) };
    assert_eq!(play.no(&lead(), again(RECORD)).reason, ReturnReason::Circle);
    play.ok(&lead(), again(OTHER_RECORD));
    let Machine::Voice(voice) = &play.case.machine else { panic!() };
    assert_eq!(voice.again, Some(OTHER_RECORD));
}
