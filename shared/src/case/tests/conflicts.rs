//! The eight ordering conflicts of DOMAIN §6.4, by their numbers.

use super::*;

#[test]
fn conflict_1_two_assignments_the_first_stands_the_second_is_asked_whether_to_reassign() {
    let mut play = Play::suggestion().accepted();
    let mut second = play.request(Act::Assign(assign(unit(FARMING, "区农业农村局"))));
    play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
    let clerk = person("田维珍", Role::District, DISTRICT, None);
    let returned = play.back(&clerk, &second);
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::AlreadyAssigned, "区交通运输局"));
    let happened = returned.happened.unwrap();
    assert_eq!((happened.by.as_str(), happened.act.as_str(), happened.at_ms), ("袁国强", "assign", play.now_ms));
    let Act::Assign(mut to) = second.act.clone() else { panic!() };
    assert_eq!(to.text, "请按期办理", "the note is still in the request");
    // Never two leads: a reassignment by one who had not seen the first comes back too.
    second.act = Act::Reassign(to.clone());
    assert_eq!(play.back(&clerk, &second).reason, ReturnReason::AlreadyAssigned);
    // Who has seen it may reassign; the first unit is told.
    to.text = "改派".into();
    let event = play.ok(&clerk, Act::Reassign(to));
    assert_eq!(event.added.notify, [UnitCode(ROADS.into())]);
    assert_eq!(play.suggestion_state().lead().unwrap().name, "区农业农村局");
}

#[test]
fn who_goes_on_with_what_is_reassigned_is_not_told_that_it_is_over() {
    let mut play = Play::suggestion().accepted();
    let mut first = assign(unit(ROADS, "区交通运输局"));
    first.co = vec![unit(FARMING, "区农业农村局")];
    play.ok(&district(), Act::Assign(first));
    let mut second = assign(unit(FARMING, "区农业农村局"));
    let event = play.ok(&district(), Act::Reassign(second.clone()));
    assert_eq!(event.added.notify, [UnitCode(ROADS.into())], "farming was taking part and leads now");
    second.separate = vec![unit(ROADS, "区交通运输局")];
    assert_eq!(play.ok(&district(), Act::Reassign(second)).added.notify, []);
}

#[test]
fn conflict_2_a_withdrawal_that_comes_after_the_assignment_ends_the_handling_and_the_units_are_told() {
    let mut play = Play::suggestion().accepted();
    let withdrawal = play.request(Act::Withdraw { text: text("村里自己修好了") });
    let mut to = assign(unit(ROADS, "区交通运输局"));
    to.co = vec![unit(FARMING, "区农业农村局")];
    play.ok(&district(), Act::Assign(to));
    let event = play.file(&lead(), &withdrawal);
    assert_eq!(event.added.notify, [UnitCode(ROADS.into()), UnitCode(FARMING.into())]);
    assert_eq!(play.state(), "withdrawn");
    assert_eq!(play.case.row().next_due(), None);
    assert_eq!(
        play.no(&roads(), Act::Sign { officer: text("罗永富"), phone: String::new() }).reason,
        ReturnReason::WrongState
    );

    let mut answered = Play::suggestion().answered();
    let returned = answered.no(&lead(), Act::Withdraw { text: text("不用了") });
    assert_eq!(returned.reason, ReturnReason::AlreadyAnswered);
}

#[test]
fn conflict_3_an_evaluation_that_arrives_twice_the_first_stands_the_second_is_kept_as_a_dispute() {
    let mut play = Play::suggestion().answered();
    let phone = play.request(Act::Evaluate(evaluation(1, Opinion::Dissatisfied)));
    let mut paper = play.request(Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    assert_eq!(play.back(&station(), &paper).reason, ReturnReason::NotProxied);
    paper.proxy = Some("陈德贵，纸质回执".into());
    play.file(&station(), &paper);
    let second = play.file(&lead(), &phone);
    assert_eq!(second.act, Act::DisputedEvaluation(evaluation(1, Opinion::Dissatisfied)));
    assert_eq!(play.state(), "evaluated");
    assert_eq!(play.case.row().result, Some(Opinion::Satisfied));
    assert_eq!(play.no(&district(), Act::Close { text: String::new() }).reason, ReturnReason::OpenDispute);
    play.ok(&district(), Act::SettleEvaluation { keep: second.seq, text: text("电话核实") });
    assert_eq!(play.case.row().result, Some(Opinion::Dissatisfied));
    let returned = play.no(&district(), Act::Close { text: String::new() });
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::OtherEvaluation, "dissatisfied"));
    play.ok(&district(), Act::Rehandle { text: text("重新办理") });
}

#[test]
fn conflict_4_reply_and_extension_cross_the_reply_wins() {
    let ask = || Act::AskExtension { until: date("2026-07-01"), text: text("跨年度实施") };
    // The request is open when the reply comes: it falls, and cannot be granted afterwards.
    let mut play = Play::suggestion().in_hand();
    play.ok(&roads(), contact(Way::Phone, play.today()));
    play.ok(&roads(), ask());
    assert_eq!(play.state(), "extension_asked");
    let grant = play.request(Act::DecideExtension { grant: true, text: String::new() });
    play.ok(&roads(), Act::Reply(reply()));
    assert_eq!(play.state(), "answered");
    let returned = play.back(&district(), &grant);
    assert_eq!(returned.reason, ReturnReason::AlreadyAnswered);
    assert_eq!(returned.happened.unwrap().act, "reply");
    // The reply is there when the request comes.
    assert_eq!(play.no(&roads(), ask()).reason, ReturnReason::AlreadyAnswered);
}

#[test]
fn conflict_5_a_conversion_is_refused_once_it_is_answered() {
    let convert = || Act::Convert { tier: Tier::Town, to: OTHER_RECORD, text: text("镇里能办") };
    let mut play = Play::suggestion().answered();
    let returned = play.no(&district(), convert());
    assert_eq!(returned.reason, ReturnReason::AlreadyAnswered);
    assert_eq!(returned.happened.unwrap().by, "罗永富");

    let mut play = Play::suggestion().in_hand();
    play.ok(&roads(), contact(Way::Phone, play.today()));
    let late = play.request(Act::Reply(reply()));
    play.ok(&district(), convert());
    let returned = play.back(&roads(), &late);
    assert_eq!((returned.reason, returned.happened.unwrap().act.as_str()), (ReturnReason::WrongState, "convert"));
}

#[test]
fn conflict_6_a_reply_made_in_time_and_received_late_shows_both_times_and_may_be_excused() {
    let mut play = Play::suggestion().in_hand();
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2026-06-02"));
    play.ok(&roads(), contact(Way::Phone, play.today()));
    let mut request = play.request(Act::Reply(reply()));
    request.made_ms = noon("2026-06-01");
    play.on("2026-06-04");
    let event = play.file(&roads(), &request);
    assert_eq!((event.made_ms, event.received_ms), (noon("2026-06-01"), noon("2026-06-04")));
    assert_eq!(event.added.limit, Some(date("2026-06-02")));
    assert!(play.case.row().replied_late);
    let excuse = Act::AcceptLate { event: event.seq, text: text("六月一日的签收单") };
    assert_eq!(play.no(&roads(), excuse.clone()).reason, ReturnReason::NotAllowed);
    play.ok(&district(), excuse.clone());
    assert!(!play.case.row().replied_late);
    assert_eq!(play.no(&district(), excuse).reason, ReturnReason::AlreadyDecided);
}

#[test]
fn conflict_7_a_confirmation_of_an_older_wording_is_void_and_asked_again() {
    let mut play = Play::suggestion();
    play.facts.taking_part.insert(COSIGNER);
    assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::NotConfirmed);
    let third = play.request(Act::Confirm { text: TEXT, mandate: None });
    play.file(&cosigner(), &third);
    // The lead edits offline; the record's wording is another now.
    let edited = TextHash([6; 16]);
    play.facts.text = Some(edited);
    assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::TextChanged);
    let submit = || Act::Submit { text: Some(edited), declared: true, again: None };
    let returned = play.no(&lead(), submit());
    assert_eq!((returned.reason, returned.detail), (ReturnReason::NotConfirmed, COSIGNER.to_string()));
    // A confirmation of the old wording that arrives only now is void at once.
    let late = play.request(Act::Confirm { text: TEXT, mandate: None });
    assert_eq!(play.back(&cosigner(), &late).reason, ReturnReason::TextChanged);
    play.ok(&cosigner(), Act::Confirm { text: edited, mandate: None });
    play.ok(&lead(), submit());
}

#[test]
fn conflict_8_drafts_of_an_ended_mandate_are_handed_over_and_not_lost() {
    let former = Post { role: Role::Deputy, unit: UnitCode(STATION.into()), mandate: Some(LEAD) };
    let nobody = Person { posts: vec![], ..lead() };
    for kind in [Kind::Voice, Kind::Activity, Kind::Suggestion] {
        let mut play = if kind == Kind::Suggestion {
            Play::suggestion()
        } else {
            let facts = Facts { owner: Some(LEAD), filled: filled(kind), ..Facts::default() };
            Play::new(kind, space(SpaceKind::Station, STATION, "竹元村联络室"), facts)
        };
        let request = play.request(submit());
        assert_eq!(play.back(&nobody, &request).reason, ReturnReason::NotAllowed);
        let mut holds_it_still = play.clone();
        holds_it_still.facts.owner_ended = true;
        assert_eq!(holds_it_still.file(&lead(), &request).act, Act::HandOver { mandate: LEAD });
        play.facts.former = Some(former.clone());
        let event = play.file(&nobody, &request);
        assert_eq!(event.act, Act::HandOver { mandate: LEAD });
        assert_eq!((event.id, event.by.post.mandate), (request.id, Some(LEAD)));
        assert_eq!((play.state(), play.stage()), (HANDED_OVER, Stage::Draft), "the office can go on writing");
        let again = play.ok(&nobody, submit());
        assert_eq!(again.act, event.act, "what came before its request, and the request, are the same to the office");
        for act in [Act::Withdraw { text: text("不提了") }, Act::Void { text: text("重复") }, Act::Review, Act::Verify]
        {
            assert!(matches!(play.decide(&nobody, &play.clone().request(act)), Verdict::Returned(_)), "nothing else");
        }
        // The office takes it over: also somebody who was the deputy before.
        let clerk = Person { user: nobody.user, ..if kind == Kind::Suggestion { district() } else { town() } };
        play.facts.filled.insert("verbatim");
        let mut taken_over = play.request(submit());
        taken_over.proxy = Some("原代表任职已终止，由机关接办".into());
        assert_eq!(play.file(&clerk, &taken_over).act.key(), "submit");
        let late = play.no(&nobody, submit());
        assert_eq!(
            (late.reason, late.happened),
            (ReturnReason::WrongState, None),
            "and is told nothing of the new term"
        );
    }
}

/// Whoever may not read a case any more gets an answer to one question only.
#[test]
fn one_whose_mandate_was_taken_away_may_ask_for_handing_in_and_nothing_else() {
    let station = space(SpaceKind::Station, STATION, "竹元村联络室");
    let former = Post { role: Role::Deputy, unit: UnitCode(STATION.into()), mandate: Some(LEAD) };
    let nobody = Person { posts: vec![], ..lead() };
    for act in every_act() {
        let asks = |person: &Person, former| may_ask(person, former, &station, &act);
        assert!(asks(&lead(), None) && !asks(&nobody, None));
        assert_eq!(asks(&nobody, Some(&former)), act.key() == "submit", "{}", act.key());
    }
}

/// Open suggestions carry over: what its lead did, the office types in from paper (代录).
#[test]
fn a_suggestion_whose_leads_mandate_ended_goes_on_to_its_end() {
    let nobody = Person { posts: vec![], ..lead() };
    let mut play = Play::suggestion().answered();
    play.facts.owner_ended = true;
    let evaluate = || Act::Evaluate(evaluation(1, Opinion::Satisfied));
    assert_eq!(play.no(&nobody, evaluate()).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&district(), evaluate()).reason, ReturnReason::NotProxied);
    let mut paper = play.request(evaluate());
    paper.proxy = Some("陈德贵，据纸质测评表".into());
    play.file(&district(), &paper);
    assert_eq!(play.state(), "evaluated");
    play.ok(&district(), Act::Close { text: String::new() });
    assert!(play.suggestion_state().state.is_done());
}
