//! The whole of it: requests decided, events folded.

mod activity;
mod conflicts;
mod hot_spots;
mod invariants;
mod mandate;
mod suggestion;
mod voice;

use super::*;
use crate::{
    id::{SpaceId, TextHash, UnitCode},
    rights::{Role, SpaceKind, Stage},
    schema::Need,
    sorted::Set,
};

const LEAD: RecordId = RecordId([1; 16]);
const COSIGNER: RecordId = RecordId([2; 16]);
const RECORD: RecordId = RecordId([9; 16]);
const OTHER_RECORD: RecordId = RecordId([10; 16]);
const TEXT: TextHash = TextHash([5; 16]);

const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
const STATION: &str = "520303108S01";
/// 区交通运输局
const ROADS: &str = "520303U02";
/// 区农业农村局
const FARMING: &str = "520303U01";

fn person(name: &str, role: Role, unit: &str, mandate: Option<RecordId>) -> Person {
    let post = Post { role, unit: UnitCode(unit.into()), mandate };
    Person { user: UserId(role as i64), name: name.into(), posts: vec![post] }
}

fn lead() -> Person {
    person("陈德贵", Role::Deputy, STATION, Some(LEAD))
}

fn cosigner() -> Person {
    person("李秀碧", Role::Deputy, STATION, Some(COSIGNER))
}

fn station() -> Person {
    person("赵小兰", Role::Station, STATION, None)
}

fn town() -> Person {
    person("张绍芬", Role::Town, TOWN, None)
}

fn district() -> Person {
    person("袁国强", Role::District, DISTRICT, None)
}

fn roads() -> Person {
    person("罗永富", Role::Unit, ROADS, None)
}

fn farming() -> Person {
    person("王大文", Role::Unit, FARMING, None)
}

fn space(kind: SpaceKind, unit: &str, name: &str) -> Space {
    Space { id: SpaceId(1), kind, unit: UnitCode(unit.into()), name: name.into(), parties: Vec::new() }
}

fn unit(code: &str, name: &str) -> UnitRef {
    UnitRef { code: UnitCode(code.into()), name: name.into() }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Noon in the district.
fn noon(day: &str) -> i64 {
    date(day).starts_ms() + 12 * 60 * 60 * 1000
}

fn filled(kind: Kind) -> Set<&'static str> {
    let fields = kind.schema().fields.iter().filter(|field| field.need != Need::Optional);
    fields.map(|field| field.key).collect()
}

/// What the check has found in the way of handing it in.
fn found(field: &'static str, reason: ReturnReason) -> Vec<complete::Obstacle> {
    vec![complete::Obstacle { field, reason, detail: field.into() }]
}

/// A case as it is played: people ask, the day passes.
#[derive(Clone)]
struct Play {
    record: RecordId,
    case: Case,
    events: Vec<Event>,
    facts: Facts,
    book: Book,
    space: Space,
    now_ms: i64,
    asked: u32,
}

impl Play {
    fn new(kind: Kind, space: Space, facts: Facts) -> Play {
        let (case, book, now_ms) = (Case::new(kind), Book::sample(), noon("2026-03-02"));
        Play { record: RECORD, case, events: vec![], facts, book, space, now_ms, asked: 0 }
    }

    /// A suggestion to the district, its draft complete.
    fn suggestion() -> Play {
        let facts = Facts {
            filled: filled(Kind::Suggestion),
            owner: Some(LEAD),
            tier: Some(Tier::District),
            text: Some(TEXT),
            next_number: 32,
            has_congress: true,
            ..Facts::default()
        };
        Play::new(Kind::Suggestion, space(SpaceKind::DistrictOffice, DISTRICT, "汇川区"), facts)
    }

    fn on(&mut self, day: &str) -> &mut Play {
        self.now_ms = noon(day);
        self
    }

    fn request(&mut self, act: Act) -> Request {
        self.asked += 1;
        Request {
            id: EventId::caused(
                EventId([7; 16]),
                RecordId::minted(&crate::id::Actor(self.record.0), self.asked.into(), 0),
            ),
            case: self.record,
            kind: self.case.kind,
            seen: self.case.seq(),
            made_ms: self.now_ms,
            proxy: None,
            act,
        }
    }

    fn decide(&self, person: &Person, request: &Request) -> Verdict {
        decide(&self.case, &self.facts, &self.book, person, &self.space, request, self.now_ms)
    }

    fn enter(&mut self, verdict: Verdict) -> Event {
        let Verdict::Accepted(event) = verdict else { panic!("not accepted: {verdict:?}") };
        assert!(self.case.apply(&event));
        assert_eq!(self.case, Case::of(self.case.kind, self.events.iter().chain([&event])));
        self.events.push(event.clone());
        event
    }

    /// It is accepted.
    fn ok(&mut self, person: &Person, act: Act) -> Event {
        let request = self.request(act);
        self.file(person, &request)
    }

    /// It is accepted.
    fn file(&mut self, person: &Person, request: &Request) -> Event {
        let verdict = self.decide(person, request);
        self.enter(verdict)
    }

    /// It comes back.
    fn no(&mut self, person: &Person, act: Act) -> Returned {
        let request = self.request(act);
        self.back(person, &request)
    }

    /// It comes back.
    fn back(&self, person: &Person, request: &Request) -> Returned {
        match self.decide(person, request) {
            Verdict::Returned(returned) => returned,
            verdict => panic!("not returned: {verdict:?}"),
        }
    }

    fn state(&self) -> &'static str {
        self.case.state()
    }

    fn stage(&self) -> Stage {
        Stage::of_state(self.state())
    }

    fn due(&self, clock: Clock) -> Option<String> {
        self.case.row().dues.iter().find(|due| due.clock == clock).map(|due| due.on.to_string())
    }

    fn suggestion_state(&self) -> &crate::case::suggestion::Suggestion {
        let Machine::Suggestion(suggestion) = &self.case.machine else { panic!() };
        suggestion
    }

    fn accepted(mut self) -> Play {
        self.ok(&lead(), submit());
        self.ok(&district(), Act::Review);
        self.ok(&district(), Act::Accept);
        self
    }

    fn in_hand(self) -> Play {
        let mut play = self.accepted();
        play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
        play.ok(&roads(), Act::Sign { officer: "罗永富".into(), phone: String::new() });
        play
    }

    fn answered(self) -> Play {
        let mut play = self.in_hand();
        play.ok(&roads(), contact(Way::Consultation, play.today()));
        play.ok(&roads(), Act::Reply(reply()));
        play
    }

    fn today(&self) -> Date {
        Date::at(self.now_ms)
    }
}

fn submit() -> Act {
    Act::Submit { text: Some(TEXT), declared: true, again: None }
}

fn hand_in() -> Act {
    Act::Submit { text: None, declared: false, again: None }
}

fn assign(lead: UnitRef) -> Assign {
    Assign { lead, co: vec![], separate: vec![], wide: false, text: "请按期办理".into() }
}

fn contact(way: Way, on: Date) -> Act {
    Act::Contact { way, on, place: "新民村三组".into(), text: String::new() }
}

fn reply() -> Reply {
    Reply {
        letter: "汇交函〔2026〕8号".into(),
        class: "B".into(),
        text: "已列入计划".into(),
        signer: "局长".into(),
        commitments: vec![],
        may_publish: true,
    }
}

fn evaluation(round: u32, result: Opinion) -> Evaluation {
    Evaluation { round, attitude: Opinion::Satisfied, result, way: Way::Phone, text: "路还没有修".into() }
}

fn text(text: &str) -> String {
    text.into()
}

#[test]
fn a_repeat_is_a_no_op() {
    let mut play = Play::suggestion();
    let request = play.request(submit());
    let event = play.file(&lead(), &request);
    assert_eq!(play.decide(&lead(), &request), Verdict::Known { seq: 1 });
    let before = play.case.clone();
    assert!(!play.case.apply(&event));
    assert_eq!(play.case, before);
}

#[test]
fn an_act_of_a_newer_version_survives_and_is_returned() {
    let json = r#"{"id":"01010101010101010101010101010101","case":"09090909090909090909090909090909","kind":"suggestion","seen":0,"made_ms":5,"act":{"act":"teleport","kind":"x","text":"原文"}}"#;
    let request: Request = serde_json::from_str(json).unwrap();
    assert_eq!(request.act.key(), "teleport");
    assert_eq!(serde_json::to_string(&request).unwrap(), json);
    assert_eq!(Play::suggestion().back(&district(), &request).reason, ReturnReason::Unknown);
}

#[test]
fn a_known_act_with_broken_fields_survives_too() {
    let json = r#"{"act":"assign","lead":7}"#;
    let act: Act = serde_json::from_str(json).unwrap();
    assert!(matches!(act, Act::Unknown(_)));
    assert_eq!(serde_json::to_string(&act).unwrap(), json);
}

#[test]
fn too_long_a_text_comes_back() {
    let mut play = Play::suggestion().accepted();
    let mut to = assign(unit(ROADS, "区交通运输局"));
    to.text = "长".repeat(crate::limits::ACT_TEXT_CHARS_MAX + 1);
    assert_eq!(play.no(&district(), Act::Assign(to)).reason, ReturnReason::TooLong);
}

#[test]
fn an_acts_key_is_its_tag() {
    for act in every_act() {
        assert_eq!(serde_json::to_value(&act).unwrap()["act"], act.key());
    }
}

/// One of each.
fn every_act() -> Vec<Act> {
    let on = date("2026-03-02");
    vec![
        submit(),
        Act::AskRevision { text: text("请补充") },
        Act::Verify,
        Act::Correct { text: text("日期应为三月一日") },
        Act::Void { text: text("重复") },
        Act::HandOver { mandate: LEAD },
        Act::Contest { fault: Fault::Missing, about: None, text: text("漏了一次走访") },
        Act::SettleContest { contest: 1, upheld: true, text: text("已补") },
        Act::Suspend { on, text: text("第六十一条") },
        Act::Resume { on },
        Act::End { on, text: text("换届") },
        Act::Sort { proposed: ExitKind::Town, text: String::new() },
        Act::Route { exit: Exit::Spot { text: text("已解释") } },
        Act::Joined { voice: OTHER_RECORD },
        Act::Outcome { text: text("已修好") },
        Act::Feedback { on, way: Way::Phone, text: text("已告知"), attitude: Some(Opinion::Satisfied) },
        Act::Miss { on, way: Way::Phone },
        Act::Close { text: String::new() },
        Act::Confirm { text: TEXT, mandate: None },
        Act::Review,
        Act::Decline { reason: Decline::Vague, text: text("无具体内容") },
        Act::Accept,
        Act::Assign(assign(unit(ROADS, "区交通运输局"))),
        Act::Reassign(assign(unit(FARMING, "区农业农村局"))),
        Act::Sign { officer: text("罗永富"), phone: String::new() },
        Act::ReturnAssignment { text: text("不属本单位职责"), propose: None },
        Act::DecideReturn { grant: true, text: String::new() },
        Act::AskExtension { until: date("2026-08-01"), text: text("情况复杂") },
        Act::DecideExtension { grant: true, text: String::new() },
        contact(Way::Consultation, on),
        Act::CoOpinion { text: text("同意") },
        Act::Reply(reply()),
        Act::Evaluate(evaluation(1, Opinion::Satisfied)),
        Act::CosignerView { view: evaluation(1, Opinion::Mostly), mandate: None },
        Act::DisputedEvaluation(evaluation(1, Opinion::Mostly)),
        Act::SettleEvaluation { keep: 1, text: text("以纸质为准") },
        Act::AcceptLate { event: 1, text: text("有签收单") },
        Act::NotEvaluated,
        Act::Rehandle { text: text("重新办理") },
        Act::Coordinate { text: text("召集双方") },
        Act::Conclude { deputy: text("仍不满意"), unit: text("资金未到"), text: text("列入明年") },
        Act::Commitment { commitment: 1, outcome: CommitmentOutcome::Kept, due: None, text: text("已完工") },
        Act::Archive,
        Act::Withdraw { text: text("已解决") },
        Act::Convert { tier: Tier::Town, to: OTHER_RECORD, text: text("镇里能办") },
        Act::Opened { origin: OTHER_RECORD, tier: Tier::District },
        Act::Urge { level: 1, text: text("请抓紧") },
        Act::Mark { flag: Flag::KeySupervision, on: true, text: String::new() },
        Act::Object { text: text("不同意公开") },
        Act::Publish { objection_considered: true },
        Act::Unpublish { text: text("有误") },
        Act::FixDates,
    ]
}

#[test]
fn every_act_and_event_reads_back_as_written() {
    let mut play = Play::suggestion();
    let mut event = play.ok(&lead(), submit());
    for act in every_act() {
        let request = play.request(act.clone());
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
        event.act = act;
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
    let book = serde_json::to_string(&Book::sample()).unwrap();
    assert_eq!(serde_json::from_str::<Book>(&book).unwrap(), Book::sample());
}

/// Books lie in the store for ever: each form in which they were written is read.
#[test]
fn a_book_of_before_its_parts_were_dated_says_the_same() {
    let [before, now] = [include_str!("../../../golden/book.v1.json"), include_str!("../../../golden/book.v2.json")]
        .map(|golden| (golden.trim_end(), serde_json::from_str::<Book>(golden).unwrap()));
    assert_eq!(before.1, now.1);
    assert_eq!(serde_json::to_string(&before.1).unwrap(), now.0);
    let book = before.1;
    assert_eq!((book.extensions_max.on(Date::MIN), book.classes.on(Date::MIN).map(Vec::len)), (Some(&2), Some(1)));
    assert_eq!(book.numbers[&Tier::District].on(Date::MIN).unwrap(), "汇人建〔{year}〕{seq}号");
    assert_eq!(book.routes.on(Date::MIN).unwrap().bureaus["roads"].name, "区交通运输局");
}

#[test]
fn everything_that_people_are_told_has_words() {
    use crate::text::{Language, Texts};
    let mut keys: Vec<String> = ReturnReason::ALL.iter().map(|reason| reason.text_key()).collect();
    keys.extend(every_act().iter().map(|act| format!("act.{}", act.key())));
    keys.extend(Clock::ALL.map(|clock| format!("clock.{}", clock.key())));
    for figure in figures::Figure::ALL {
        keys.extend([format!("figure.{}", figure.key()), format!("definition.{}", figure.key())]);
    }
    keys.extend(crate::case::suggestion::State::ALL.map(|state| format!("state.suggestion.{}", state.key())));
    let codes: [(&str, Vec<&str>); 9] = [
        ("exit", ExitKind::ALL.iter().map(|one| one.key()).collect()),
        ("petition", Petition::ALL.iter().map(|one| one.key()).collect()),
        ("decline", Decline::ALL.iter().map(|one| one.key()).collect()),
        ("opinion", Opinion::ALL.iter().map(|one| one.key()).collect()),
        ("way", Way::ALL.iter().map(|one| one.key()).collect()),
        ("commitment", CommitmentOutcome::ALL.iter().map(|one| one.key()).collect()),
        ("fault", Fault::ALL.iter().map(|one| one.key()).collect()),
        ("mark", Flag::ALL.iter().map(|one| one.key()).collect()),
        ("outcome", book::Outcome::ALL.iter().map(|one| one.key()).collect()),
    ];
    keys.extend(codes.iter().flat_map(|(family, codes)| codes.iter().map(move |code| format!("{family}.{code}"))));
    for key in keys {
        assert_ne!(Texts::console().get(Language::Zh, &key), key, "no words");
    }
}

#[test]
fn a_returned_request_says_who_did_what_and_what_is_safe() {
    use crate::text::{Language, Texts};
    let mut play = Play::suggestion().accepted();
    let mut second = play.request(Act::Assign(assign(unit(FARMING, "区农业农村局"))));
    play.now_ms = noon("2026-03-02") - 78 * 60 * 1000;
    play.ok(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局"))));
    second.seen = 3;
    let say = |play: &Play, request: &Request, language| {
        play.back(&district(), request).say(Texts::console(), language, Some(Kind::Suggestion))
    };
    let words = say(&play, &second, Language::Zh);
    assert_eq!(words, "已由袁国强于2026-03-02 10:42交办给区交通运输局。是否改派？您写的意见还在。");
    let late = play.request(Act::Review);
    assert_eq!(
        say(&play, &late, Language::Zh),
        "现在不能办这一步。请看最新进展后再定。您写的内容还在。最新进展：袁国强于2026-03-02 10:42办理“交办”。"
    );
    let mut play = Play::suggestion();
    play.facts.in_the_way = found("asks", ReturnReason::Missing);
    let returned = play.no(&lead(), submit());
    assert_eq!(
        returned.say(Texts::console(), Language::En, Some(Kind::Suggestion)),
        "“What is asked for” is missing. Please fill it in. What you wrote is kept."
    );
}

/// Stored events must stay readable: the file only ever grows.
#[test]
fn every_act_is_written_as_the_golden_lines_say() {
    let golden = include_str!("../../../golden/acts.v1.jsonl");
    let written: Vec<String> = every_act().iter().map(|act| serde_json::to_string(act).unwrap()).collect();
    assert_eq!(golden.lines().collect::<Vec<_>>(), written, "{}", written.join("\n"));
    for line in golden.lines() {
        let act: Act = serde_json::from_str(line).unwrap();
        assert!(!matches!(act, Act::Unknown(_)), "{line}");
    }
}

#[test]
fn a_case_with_an_event_of_a_newer_version_goes_on() {
    let mut play = Play::suggestion();
    let mut event = play.ok(&lead(), submit());
    (event.seq, event.id) = (2, EventId([200; 16]));
    event.act = serde_json::from_str(r#"{"act":"teleport"}"#).unwrap();
    assert!(play.case.apply(&event));
    play.events.push(event);
    assert_eq!((play.state(), play.case.seq()), ("submitted", 2));
    play.ok(&district(), Act::Review);
}

#[test]
fn a_suggestion_lies_where_its_office_can_reach_it() {
    let mut play = Play::suggestion();
    for tier in [Tier::Express, Tier::Town] {
        play.facts.tier = Some(tier);
        assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::WrongPlace);
    }
    play.space = space(SpaceKind::TownOffice, TOWN, "芝麻镇");
    play.facts.tier = Some(Tier::District);
    assert_eq!(play.no(&lead(), submit()).reason, ReturnReason::WrongPlace);
    play.facts.tier = None;
    assert_eq!(play.no(&lead(), submit()).detail, "tier");
}

#[test]
fn without_a_pattern_no_number_is_made_up() {
    let mut play = Play::suggestion();
    play.book.numbers.clear();
    play.ok(&lead(), submit());
    play.ok(&district(), Act::Review);
    assert_eq!(play.no(&district(), Act::Accept).reason, ReturnReason::NoNumber);
}
