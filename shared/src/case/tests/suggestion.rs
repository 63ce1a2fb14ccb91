use super::*;

fn close() -> Act {
    Act::Close { text: String::new() }
}

fn sign() -> Act {
    Act::Sign { officer: text("罗永富"), phone: text("0851-28000000") }
}

#[test]
fn from_draft_to_archive() {
    let mut play = Play::suggestion();
    assert_eq!(play.stage(), Stage::Draft);
    play.ok(&lead(), submit());
    assert_eq!(play.stage(), Stage::Submitted);
    assert_eq!(play.due(Clock::Accept).as_deref(), Some("2026-03-11"));
    play.ok(&district(), Act::Review);
    play.ok(&district(), Act::AskRevision { text: text("请补充情况") });
    assert_eq!(play.stage(), Stage::Draft);
    play.ok(&lead(), submit());
    play.ok(&district(), Act::Review);
    let accepted = play.ok(&district(), Act::Accept);
    assert_eq!(accepted.added.number.as_deref(), Some("汇人建〔2026〕032号"));
    play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2026-06-02"));
    assert_eq!(play.due(Clock::Sign).as_deref(), Some("2026-03-05"));
    play.ok(&roads(), sign());
    play.ok(&roads(), contact(Way::Consultation, play.today()));
    play.on("2026-05-20").ok(&roads(), Act::Reply(reply()));
    assert_eq!(play.due(Clock::Evaluate).as_deref(), Some("2026-06-10"));
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Mostly)));
    play.ok(&district(), close());
    assert_eq!(play.state(), "closed");
    play.ok(&district(), Act::Publish { objection_considered: false });
    play.ok(&district(), Act::Archive);
    let row = play.case.row();
    assert_eq!((row.state.as_str(), row.class.as_str(), row.replied_late), ("archived", "B", false));
    assert!(row.published && row.consulted && row.dues.is_empty());
}

#[test]
fn three_months_from_the_last_of_november_end_in_february_and_holidays_roll() {
    for (day, due) in [("2025-11-30", "2026-02-28"), ("2025-11-16", "2026-02-24"), ("2026-03-31", "2026-06-30")] {
        let mut play = Play::suggestion();
        play.on(day);
        let mut play = play.accepted();
        play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
        assert_eq!(play.due(Clock::Reply).as_deref(), Some(due));
    }
}

#[test]
fn a_wide_matter_has_six_months_and_a_town_has_two() {
    let mut play = Play::suggestion().accepted();
    let to = Assign { wide: true, ..assign(unit(ROADS, "区交通运输局")) };
    play.ok(&district(), Act::Assign(to));
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2026-09-02"));

    let mut play = Play::suggestion();
    play.space = space(SpaceKind::TownOffice, TOWN, "芝麻镇");
    play.facts.tier = Some(Tier::Town);
    play.ok(&lead(), submit());
    assert_eq!(play.no(&district(), Act::Review).reason, ReturnReason::NotAllowed, "the town's own");
    play.ok(&town(), Act::Review);
    let accepted = play.ok(&town(), Act::Accept);
    assert_eq!(accepted.added.number.as_deref(), Some("芝麻镇人建〔2026〕032号"));
    play.ok(&town(), Act::Assign(assign(unit("520303108U02", "规划建设办"))));
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2026-05-06"), "2 May is a holiday");
}

#[test]
fn a_street_has_the_express_and_no_suggestion_of_its_own() {
    let mut play = Play::suggestion();
    play.space = space(SpaceKind::TownOffice, "520303001", "上海路街道");
    play.facts.has_congress = false;
    play.facts.tier = Some(Tier::Town);
    assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::NoCongress);
    play.facts.tier = Some(Tier::Express);
    play.ok(&lead(), submit());
}

#[test]
fn handing_in_checks_what_the_deputy_can_mend() {
    let mut play = Play::suggestion();
    play.facts.in_the_way = found("asks", ReturnReason::Missing);
    assert_eq!(play.no(&lead(), submit()).detail, "asks");
    play.facts.in_the_way = found("facts", ReturnReason::PersonalData);
    assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::PersonalData);
    play.facts.in_the_way.clear();
    let undeclared = Act::Submit { text: Some(TEXT), declared: false, again: None };
    assert_eq!(play.no(&lead(), undeclared).reason, ReturnReason::NotDeclared);
    assert_eq!(play.no(&cosigner(), submit()).reason, ReturnReason::NotAllowed);
    let mut paper = play.request(submit());
    assert_eq!(play.back(&district(), &paper).reason, ReturnReason::NotProxied);
    paper.proxy = Some(text("陈德贵，大会期间纸质件"));
    assert_eq!(play.file(&district(), &paper).proxy, paper.proxy);
}

#[test]
fn a_declined_one_keeps_its_coded_reason_and_gets_no_number() {
    let mut play = Play::suggestion();
    play.ok(&lead(), submit());
    play.ok(&district(), Act::Review);
    play.ok(&district(), Act::Decline { reason: Decline::Judicial, text: text("涉及未审结案件") });
    assert_eq!((play.state(), play.case.row().number), ("declined", None));
    assert_eq!(play.no(&district(), Act::Accept).reason, ReturnReason::WrongState);
}

#[test]
fn sending_back_in_time_leads_to_another_unit() {
    let mut play = Play::suggestion().in_hand();
    let ask = || Act::ReturnAssignment { text: text("农村道路归农业农村局"), propose: None };
    play.ok(&roads(), ask());
    assert_eq!(play.state(), "return_asked");
    play.ok(&district(), Act::DecideReturn { grant: false, text: text("按职责分工仍由你局办理") });
    assert_eq!(play.state(), "in_hand", "as it was");
    play.ok(&roads(), ask());
    play.ok(&district(), Act::DecideReturn { grant: true, text: String::new() });
    assert_eq!((play.state(), play.case.row().lead), ("accepted", None));
    play.ok(&district(), Act::Assign(assign(unit(FARMING, "区农业农村局"))));

    let mut late = Play::suggestion().in_hand();
    let returned = late.on("2026-03-12").no(&roads(), ask());
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::TooLate, "2026-03-11"));
}

#[test]
fn an_extension_is_asked_before_the_limit_once_and_not_too_far() {
    let ask = |until| Act::AskExtension { until: date(until), text: text("需跨年度实施") };
    let mut play = Play::suggestion().in_hand();
    assert_eq!(play.no(&roads(), ask("2026-06-02")).reason, ReturnReason::TooEarly);
    let far = play.no(&roads(), ask("2026-09-03"));
    assert_eq!((far.reason, far.detail.as_str()), (ReturnReason::TooFar, "2026-09-02"));
    play.ok(&roads(), ask("2026-09-02"));
    play.ok(&district(), Act::DecideExtension { grant: true, text: String::new() });
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2026-09-02"));
    assert_eq!(play.no(&roads(), ask("2026-09-02")).reason, ReturnReason::ExtendedBefore);

    let mut late = Play::suggestion().in_hand();
    assert_eq!(late.on("2026-06-03").no(&roads(), ask("2026-08-03")).reason, ReturnReason::TooLate);
}

#[test]
fn an_extension_granted_after_the_limit_does_not_make_the_reply_timely() {
    let mut play = Play::suggestion().in_hand();
    play.ok(&roads(), contact(Way::Phone, play.today()));
    play.ok(&roads(), Act::AskExtension { until: date("2026-08-03"), text: text("情况复杂") });
    play.on("2026-06-05").ok(&district(), Act::DecideExtension { grant: true, text: String::new() });
    play.on("2026-07-01").ok(&roads(), Act::Reply(reply()));
    assert!(play.case.row().replied_late);
}

#[test]
fn a_reply_needs_contact_consultation_opinions_and_a_class() {
    let mut play = Play::suggestion().accepted();
    play.facts.wants_meeting = true;
    let to = Assign { co: vec![unit(FARMING, "区农业农村局")], ..assign(unit(ROADS, "区交通运输局")) };
    play.ok(&district(), Act::Assign(to));
    assert_eq!(play.no(&roads(), Act::Reply(reply())).reason, ReturnReason::WrongState, "not signed for");
    assert_eq!(play.no(&farming(), sign()).reason, ReturnReason::NotAllowed, "the lead unit signs");
    play.ok(&roads(), sign());
    assert_eq!(play.no(&roads(), Act::Reply(reply())).reason, ReturnReason::NoContact);
    play.ok(&farming(), contact(Way::Phone, play.today()));
    assert_eq!(play.no(&roads(), Act::Reply(reply())).reason, ReturnReason::NoConsultation);
    play.ok(&roads(), contact(Way::Consultation, play.today()));
    let returned = play.no(&roads(), Act::Reply(reply()));
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::NoOpinion, "区农业农村局"));
    assert_eq!(play.no(&roads(), Act::CoOpinion { text: text("同意") }).reason, ReturnReason::NotAllowed);
    let mut overdue = play.clone();
    play.ok(&farming(), Act::CoOpinion { text: text("同意") });
    let other = Reply { class: text("E"), ..reply() };
    assert_eq!(play.no(&roads(), Act::Reply(other)).reason, ReturnReason::UnknownClass);
    play.ok(&roads(), Act::Reply(reply()));
    overdue.on("2026-04-03").ok(&roads(), Act::Reply(reply()));
}

#[test]
fn for_a_village_without_an_account_the_office_types_it_in_and_says_so() {
    let mut play = Play::suggestion().accepted();
    play.ok(&district(), Act::Assign(assign(unit("520303108V01", "竹元村委会"))));
    assert_eq!(play.no(&district(), sign()).reason, ReturnReason::NotProxied);
    let mut typed = play.request(sign());
    typed.proxy = Some(text("竹元村委会，电话"));
    let event = play.file(&district(), &typed);
    assert_eq!((event.by.post.role, event.proxy), (Role::District, typed.proxy));
}

#[test]
fn dissatisfied_twice_leads_to_coordination_and_a_conclusion_by_people() {
    let mut play = Play::suggestion().answered();
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Dissatisfied)));
    assert_eq!(play.no(&district(), close()).reason, ReturnReason::OtherEvaluation);
    assert_eq!(play.no(&district(), Act::Coordinate { text: text("召集") }).reason, ReturnReason::WrongState);
    play.ok(&district(), Act::Rehandle { text: text("重新研究") });
    assert_eq!(play.due(Clock::Rehandle).as_deref(), Some("2026-04-02"));
    play.ok(&roads(), Act::Reply(Reply { class: text("C"), ..reply() }));
    let first = play.no(&lead(), Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    assert_eq!((first.reason, first.detail.as_str()), (ReturnReason::OtherReply, "2"));
    play.ok(&lead(), Act::Evaluate(evaluation(2, Opinion::Dissatisfied)));
    assert_eq!(play.no(&district(), Act::Rehandle { text: text("再办") }).reason, ReturnReason::WrongState);
    play.ok(&district(), Act::Coordinate { text: text("召集双方") });
    let conclude = |deputy| Act::Conclude { deputy, unit: text("资金未到位"), text: text("列入2027年计划") };
    assert_eq!(play.no(&district(), conclude(String::new())).reason, ReturnReason::Empty);
    play.ok(&district(), conclude(text("要求明确时间")));
    assert_eq!(play.state(), "closed");
}

#[test]
fn without_an_evaluation_it_is_closed_only_after_urging_and_the_limit() {
    let mut play = Play::suggestion().answered();
    assert_eq!(play.no(&district(), Act::NotEvaluated).reason, ReturnReason::TooEarly);
    play.on("2026-03-24");
    assert_eq!(play.no(&district(), Act::NotEvaluated).reason, ReturnReason::NotUrged);
    play.ok(&district(), Act::Urge { level: 1, text: text("请填测评表") });
    play.ok(&district(), Act::NotEvaluated);
    assert_eq!(play.state(), "not_evaluated");
    let late = play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    assert!(matches!(late.act, Act::DisputedEvaluation(_)), "kept, and not counted");
    play.ok(&district(), close());
    assert_eq!(play.case.row().result, None);
}

#[test]
fn what_was_promised_is_tracked_until_all_is_settled() {
    let mut play = Play::suggestion().in_hand();
    play.ok(&roads(), contact(Way::Phone, play.today()));
    let promise = |text: &str, due| Promise { text: text.into(), due: date(due) };
    let commitments = vec![promise("路基完工", "2026-10-30"), promise("硬化完工", "2027-03-31")];
    play.ok(&roads(), Act::Reply(Reply { commitments, ..reply() }));
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Mostly)));
    play.ok(&district(), close());
    assert_eq!(play.state(), "tracking");
    assert_eq!(play.due(Clock::Commitment).as_deref(), Some("2026-10-30"));
    let row = play.case.row();
    assert_eq!(row.pressure(date("2026-10-01")), row::Pressure::None);
    assert_eq!(row.pressure(date("2026-10-25")), row::Pressure::Near);
    assert_eq!(row.pressure(date("2026-10-31")), row::Pressure::Over, "a lapsed promise turns red");
    assert_eq!(play.no(&district(), Act::Archive).reason, ReturnReason::OpenCommitment);
    let settle = |commitment, outcome, due: Option<&str>| Act::Commitment {
        commitment,
        outcome,
        due: due.map(date),
        text: text("验收单"),
    };
    play.ok(&roads(), settle(1, CommitmentOutcome::Kept, None));
    assert_eq!(play.due(Clock::Commitment).as_deref(), Some("2027-03-31"));
    assert_eq!(play.no(&roads(), settle(1, CommitmentOutcome::Broken, None)).reason, ReturnReason::AlreadyDecided);
    assert_eq!(play.no(&roads(), settle(2, CommitmentOutcome::Adjusted, None)).reason, ReturnReason::Empty);
    play.ok(&roads(), settle(2, CommitmentOutcome::Adjusted, Some("2027-06-30")));
    assert_eq!(play.due(Clock::Commitment).as_deref(), Some("2027-06-30"));
    play.ok(&district(), settle(2, CommitmentOutcome::Broken, None));
    play.ok(&district(), Act::Archive);
}

#[test]
fn story_4_an_express_case_taken_up_to_the_district_keeps_one_chain_and_both_clocks() {
    let mut express = Play::suggestion();
    express.space = space(SpaceKind::TownOffice, TOWN, "芝麻镇");
    express.facts.tier = Some(Tier::Express);
    express.ok(&lead(), submit());
    express.ok(&town(), Act::Review);
    express.ok(&town(), Act::Accept);
    express.ok(&town(), Act::Assign(assign(unit("520303108U02", "规划建设办"))));
    assert_eq!(express.due(Clock::Reply).as_deref(), Some("2026-03-23"));
    let convert = Act::Convert { tier: Tier::District, to: OTHER_RECORD, text: text("是县道") };
    let event = express.ok(&town(), convert);
    assert_eq!((express.state(), express.case.row().moved_to), ("converted", Some(OTHER_RECORD)));
    assert_eq!(express.case.row().next_due(), None, "the town's clock stops");

    let mut case = Play::suggestion();
    let opening = &caused(&express.case, &event, &express.book)[0];
    assert_eq!((opening.case, opening.kind), (OTHER_RECORD, Kind::Suggestion));
    let opened = opening.enter(&case.case, &event).unwrap();
    case.case.apply(&opened);
    case.events.push(opened);
    assert_eq!((case.state(), case.case.row().origin), ("review", Some(RECORD)));
    assert_eq!(opening.enter(&case.case, &event), None, "once");
    case.on("2026-03-10").ok(&district(), Act::Accept);
    case.on("2026-04-02").ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
    assert_eq!(case.due(Clock::Reply).as_deref(), Some("2026-07-02"));
}

#[test]
fn the_district_takes_over_what_a_town_converted_and_nothing_else() {
    let mut case = Play::suggestion();
    let take_over = |tier| Act::Opened { origin: OTHER_RECORD, tier };
    assert_eq!(case.no(&district(), take_over(Tier::District)).reason, ReturnReason::NoTarget);
    case.facts.target = Some(Target { moved_to: Some((OTHER_RECORD, Tier::District)), ..Target::default() });
    assert_eq!(case.no(&district(), take_over(Tier::District)).reason, ReturnReason::NoTarget, "to another case");
    case.facts.target = Some(Target { moved_to: Some((RECORD, Tier::District)), ..Target::default() });
    assert_eq!(case.no(&town(), take_over(Tier::District)).reason, ReturnReason::NotAllowed);
    assert_eq!(case.no(&district(), take_over(Tier::Upper)).reason, ReturnReason::NoTarget);
    case.ok(&district(), take_over(Tier::District));
    assert_eq!((case.state(), case.case.row().origin), ("review", Some(OTHER_RECORD)));
    assert_eq!(case.case.row().tier, Some(Tier::District));
}

#[test]
fn a_reply_tells_the_villagers_behind_it() {
    let mut play = Play::suggestion().in_hand();
    play.facts.voices = vec![OTHER_RECORD];
    play.ok(&roads(), contact(Way::Phone, play.today()));
    let event = play.ok(&roads(), Act::Reply(reply()));
    let told = caused(&play.case, &event, &play.book);
    assert_eq!((told.len(), told[0].case, told[0].kind), (1, OTHER_RECORD, Kind::Voice));
    assert_eq!(told[0].enter(&Case::new(Kind::Voice), &event), None, "only where the result is waited for");
}

#[test]
fn a_case_keeps_the_rules_in_force_when_it_was_assigned() {
    let mut play = Play::suggestion().accepted();
    play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
    for rule in &mut play.book.rules.0 {
        rule.value *= 9;
    }
    play.ok(&roads(), sign());
    play.ok(&roads(), contact(Way::Phone, play.today()));
    play.ok(&roads(), Act::Reply(reply()));
    assert_eq!(play.due(Clock::Evaluate).as_deref(), Some("2026-03-23"));
}

fn from_today<T>(value: T) -> dated::Version<T> {
    dated::Version { value, valid_from: date("2026-03-02"), source_text: text("区办法"), set_by: text("吴敏") }
}

/// Another scheme of classes and other extensions, from the second of March on.
fn changed(play: &mut Play) {
    let taken_up =
        ReplyClass { key: "甲".into(), zh: "已采纳".into(), en: "Taken up".into(), outcome: book::Outcome::Solved };
    play.book.extensions_max.add(from_today(0));
    play.book.classes.add(from_today(vec![taken_up]));
}

#[test]
fn a_case_keeps_its_classes_and_its_extensions_and_the_next_one_has_the_new_ones() {
    let of_class = |class: &str| Act::Reply(Reply { class: class.into(), ..reply() });
    let later = |play: &Play| Act::AskExtension { until: play.today().plus_days(120), text: text("要重新设计") };
    let mut old = Play::suggestion().in_hand();
    changed(&mut old);
    old.ok(&roads(), contact(Way::Phone, old.today()));
    let mut put_off = old.clone();
    put_off.ok(&roads(), later(&put_off));
    assert_eq!(old.no(&roads(), of_class("甲")).reason, ReturnReason::UnknownClass);
    old.ok(&roads(), of_class("B"));

    let mut new = Play::suggestion();
    changed(&mut new);
    let mut new = new.in_hand();
    new.ok(&roads(), contact(Way::Phone, new.today()));
    assert_eq!(new.no(&roads(), later(&new)).reason, ReturnReason::ExtendedBefore);
    assert_eq!(new.no(&roads(), of_class("B")).reason, ReturnReason::UnknownClass);
    new.ok(&roads(), of_class("甲"));
}

/// Events of before say nothing of classes and extensions: those of the day of assignment hold.
#[test]
fn a_case_that_was_assigned_before_classes_were_kept_has_those_of_its_day() {
    let mut play = Play::suggestion().in_hand();
    for event in &mut play.events {
        (event.added.classes, event.added.extensions_max) = (vec![], None);
    }
    play.case = Case::of(Kind::Suggestion, &play.events);
    play.on("2026-03-03");
    play.book.classes = dated::Dated::default();
    play.ok(&roads(), contact(Way::Phone, play.today()));
    assert_eq!(play.no(&roads(), Act::Reply(reply())).reason, ReturnReason::UnknownClass, "no book knows any");
    play.book = Book::sample();
    play.ok(&roads(), Act::Reply(reply()));
}

#[test]
fn a_number_is_made_by_the_pattern_of_its_day() {
    let mut play = Play::suggestion();
    play.book.numbers.get_mut(&Tier::District).unwrap().add(from_today(text("汇人大建〔{year}〕{seq}号")));
    let mut before = play.clone();
    before.on("2026-03-01");
    let number = |play: Play| play.accepted().case.row().number.unwrap();
    assert_eq!([number(before), number(play)], ["汇人建〔2026〕032号", "汇人大建〔2026〕032号"]);
}

#[test]
fn without_this_years_table_nothing_is_assigned_and_without_the_next_the_date_is_provisional() {
    let mut play = Play::suggestion();
    play.on("2026-11-02");
    let mut play = play.accepted();
    let mut bare = play.clone();
    bare.book.holidays.years.clear();
    let assignment = || Act::Assign(assign(unit(ROADS, "区交通运输局")));
    let returned = bare.no(&district(), assignment());
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::NoHolidayTable, "2026"));

    play.ok(&district(), assignment());
    let reply = play.case.row().dues.into_iter().find(|due| due.clock == Clock::Reply).unwrap();
    assert_eq!((reply.on, reply.provisional), (date("2027-02-02"), true));
    assert_eq!(play.no(&district(), Act::FixDates).reason, ReturnReason::NoHolidayTable);
    let off = (1..=7).map(|day| Date::new(2027, 2, day).unwrap()).collect();
    play.book.holidays.years.insert(2027, holidays::YearTable { off, ..Default::default() });
    play.ok(&district(), Act::FixDates);
    assert_eq!(play.due(Clock::Reply).as_deref(), Some("2027-02-08"));
    assert_eq!(play.no(&district(), Act::FixDates).reason, ReturnReason::WrongState);
}

#[test]
fn marks_urging_and_publicity() {
    let mut play = Play::suggestion().in_hand();
    let leader = person("娄方勇", Role::Leader, DISTRICT, None);
    let mark = |flag| Act::Mark { flag, on: true, text: String::new() };
    play.ok(&leader, mark(Flag::KeySupervision));
    assert_eq!(play.no(&roads(), mark(Flag::Excellent)).reason, ReturnReason::NotAllowed);
    assert_eq!(play.no(&leader, Act::Urge { level: 4, text: text("快") }).reason, ReturnReason::Empty);
    play.ok(&leader, Act::Urge { level: 3, text: text("请抓紧") });
    let row = play.case.row();
    assert_eq!((row.key_supervision, row.urged), (true, 3));
    play.ok(&roads(), contact(Way::Phone, play.today()));
    let named = Reply { text: text("联系人电话13985200000"), ..reply() };
    let returned = play.no(&roads(), Act::Reply(named));
    assert_eq!((returned.reason, returned.detail.as_str()), (ReturnReason::PersonalData, "text"));
    play.ok(&roads(), Act::Reply(reply()));
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    play.ok(&lead(), Act::Object { text: text("涉及本村名誉") });
    let publish = |objection_considered| Act::Publish { objection_considered };
    assert_eq!(play.no(&district(), publish(true)).reason, ReturnReason::WrongState);
    play.ok(&district(), close());
    play.ok(&district(), publish(true));

    let mut play = Play::suggestion().answered();
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    play.ok(&lead(), Act::Object { text: text("涉及本村名誉") });
    play.ok(&district(), close());
    assert_eq!(play.no(&district(), publish(false)).reason, ReturnReason::Objected);
    let may_be = vec![BlobHash([1; 32])];
    play.facts.public_files = may_be.clone();
    assert_eq!(play.ok(&district(), publish(true)).added.files, may_be);
    assert_eq!(play.suggestion_state().public_files, may_be);
    play.ok(&district(), Act::Unpublish { text: text("核对后再公开") });
    assert!(!play.case.row().published && play.suggestion_state().public_files.is_empty());

    // What the deputy wrote in the record counts like an objection.
    let mut play = Play::suggestion().answered();
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Satisfied)));
    play.ok(&district(), close());
    play.facts.refuses_publicity = true;
    assert_eq!(play.no(&district(), publish(false)).reason, ReturnReason::Objected);
    play.ok(&district(), publish(true));
}

#[test]
fn a_cosigner_adds_a_view_that_changes_nothing() {
    let mut play = Play::suggestion();
    play.facts.taking_part.insert(COSIGNER);
    play.ok(&cosigner(), Act::Confirm { text: TEXT, mandate: None });
    let mut play = play.answered();
    play.ok(&lead(), Act::Evaluate(evaluation(1, Opinion::Mostly)));
    let mut view = evaluation(1, Opinion::Satisfied);
    view.attitude = Opinion::Dissatisfied;
    let event = play.ok(&cosigner(), Act::CosignerView { view: view.clone(), mandate: None });
    assert_eq!(event.act, Act::CosignerView { view: view.clone(), mandate: Some(COSIGNER) });
    assert_eq!(play.case.row().result, Some(Opinion::Mostly));
    assert_eq!(play.suggestion_state().views, [(COSIGNER, view.clone())]);
    let stranger = person("杨昌华", Role::Deputy, STATION, Some(RecordId([66; 16])));
    assert_eq!(play.no(&stranger, Act::CosignerView { view, mandate: None }).reason, ReturnReason::NotAllowed);
}
