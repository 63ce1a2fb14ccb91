//! Official events through the hub: requests become events or come back, and every device gets the
//! events of what it may read, once.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::HashSet;

use lianxin_server::{
    account::hash_password,
    hub::Acted,
    store::{CaseSpaces, DeviceKind, NewUser},
};
use lianxin_shared::{
    case::{Act, Assign, Case, Date, Event, Exit, ExitKind, Facts, Reply, Request, ReturnReason, UnitRef, Way},
    id::{EventId, Position, RecordId, SpaceId, UnitCode},
    record::{Edit, Op},
    rights::{Post, Role, SpaceKind},
    schema::Kind,
    wire::{self, Answer, Cursor, RequestHello, SentChange, SentEvent, SentRequest, Verdict, read_returned},
};
use lianxin_tests::office::{
    Draft, NOW, Office, PASSWORD, Phone, activity_by, mandate, mandate_of, request, suggestion, voice_by,
};

async fn exchange(office: &Office, phone: &Phone, request: wire::Request) -> Answer {
    office.state.hub.exchange(&phone.device, &phone.person, request, office.state.clock.now_ms()).await.unwrap()
}

/// An activity, ready to be handed in.
fn activity_at(office: &Office, phone: &Phone, number: u64, author: RecordId) -> Draft {
    let mut draft = Draft::new(Kind::Activity, phone, office.stations[0], number);
    draft.edit(phone.actor, &activity_by(author));
    draft
}

/// One by the deputy of the first station.
fn activity(office: &Office, phone: &Phone, number: u64) -> Draft {
    activity_at(office, phone, number, mandate(0))
}

fn submit() -> Act {
    Act::Submit { text: None, declared: false, again: None }
}

fn ask(space: SpaceId, case: RecordId, number: u8, act: Act) -> SentRequest {
    let (kind, id) = (Kind::Activity, EventId([number; 16]));
    SentRequest::of(space, &Request { id, case, kind, seen: 0, made_ms: NOW - 60_000, proxy: None, act })
}

/// A request of somebody at a desk, who has seen that the activity was handed in.
fn filed(number: u8, case: RecordId, act: Act) -> Request {
    let (kind, id) = (Kind::Activity, EventId([number; 16]));
    Request { id, case, kind, seen: 1, made_ms: NOW, proxy: None, act }
}

fn with(requests: Vec<SentRequest>, changes: Vec<SentChange>, cursors: &[(SpaceId, u64)]) -> wire::Request {
    wire::Request { requests, ..request(changes, cursors) }
}

fn returned(verdict: &Verdict) -> ReturnReason {
    match verdict {
        Verdict::Returned { why } => read_returned(why).reason,
        other => panic!("{other:?} is not returned"),
    }
}

fn acts(answer: &Answer) -> Vec<(u32, u64, String)> {
    let key = |event: &SentEvent| event.read().unwrap().act.key().to_owned();
    answer.events.iter().map(|event| (event.seq, event.position.0, key(event))).collect()
}

/// Whether the answer leaves the space's cursor where it was.
fn stands_still(answer: &Answer, space: SpaceId) -> bool {
    answer.cursors.iter().all(|cursor| cursor.space != space)
}

fn cursor(answer: &Answer, space: SpaceId) -> u64 {
    answer.cursors.iter().find(|cursor| cursor.space == space).unwrap().position.0
}

#[tokio::test]
async fn a_record_and_its_submission_arrive_in_one_exchange() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let draft = activity(&office, &huang, 1);
    let asked = ask(space, draft.record.id(), 1, submit());
    let answer = exchange(&office, &huang, with(vec![asked.clone()], draft.changes.clone(), &[(space, 0)])).await;
    assert_eq!(answer.verdicts, [Verdict::Accepted { seq: 1, position: Position(2), received_ms: NOW }]);
    assert_eq!((acts(&answer), cursor(&answer, space)), (vec![(1, 2, "submit".into())], 2));
    assert!(!answer.hello.more && answer.page.is_empty());

    let theirs = exchange(&office, &zhao, request(Vec::new(), &[])).await;
    assert_eq!((theirs.page.len(), acts(&theirs), cursor(&theirs, space)), (1, acts(&answer), 2));
    let event: Event = theirs.events[0].read().unwrap();
    assert_eq!((event.by.name.as_str(), event.made_ms, event.received_ms), ("黄光明", NOW - 60_000, NOW));
    let page = office.state.hub.record_page(&zhao.person, draft.record.id()).await.unwrap().unwrap();
    assert_eq!((page.events, page.updated_ms), (vec![event], NOW));
    let rows = office.store.case_rows(&[draft.record.id()]).await.unwrap();
    assert_eq!((rows[&draft.record.id()].state.as_str(), rows[&draft.record.id()].seq), ("submitted", 1));

    office.wait_ms(5_000);
    let again = exchange(&office, &huang, with(vec![asked], Vec::new(), &[(space, 2)])).await;
    assert_eq!(again.verdicts, answer.verdicts, "sent again, it gets the verdict it had");
    assert!(again.events.is_empty() && stands_still(&again, space));
}

#[tokio::test]
async fn of_two_who_decide_at_once_the_first_stands_and_the_second_hears_what_happened() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhou, other) = (office.phone("huang").await, office.phone("zhou").await, office.phone("zhou").await);
    let draft = activity(&office, &huang, 1);
    let case = draft.record.id();
    let submitted = ask(space, case, 1, submit());
    exchange(&office, &huang, with(vec![submitted], draft.changes.clone(), &[])).await;

    let revision = Act::AskRevision { text: "请补充到场群众人数".into() };
    let (verify, revise) = (ask(space, case, 2, Act::Verify), ask(space, case, 3, revision));
    let first = exchange(&office, &zhou, with(vec![verify], Vec::new(), &[])).await;
    assert!(matches!(first.verdicts[..], [Verdict::Accepted { seq: 2, .. }]));
    let second = exchange(&office, &other, with(vec![revise.clone()], Vec::new(), &[])).await;
    let [Verdict::Returned { why }] = &second.verdicts[..] else { panic!("{:?}", second.verdicts) };
    let why = read_returned(why);
    let happened = why.happened.unwrap();
    assert_eq!((why.reason, happened.seq, happened.by.as_str()), (ReturnReason::WrongState, 2, "周正"));
    assert_eq!(acts(&second).len(), 2, "what stands in the way comes with the answer");

    let kept = office.store.returned(&[space], &CaseSpaces::default(), 10).await.unwrap();
    assert_eq!((kept.len(), kept[0].body.as_str(), kept[0].id), (1, revise.body.as_str(), revise.id));
    assert!(kept[0].body.contains("请补充到场群众人数"), "with the person's text");
    let again = exchange(&office, &other, with(vec![revise], Vec::new(), &[])).await;
    assert_eq!(again.verdicts, second.verdicts);
    assert_eq!(office.store.returned(&[space], &CaseSpaces::default(), 10).await.unwrap().len(), 1);
    assert_eq!(office.store.case_events(case).await.unwrap().len(), 2);
}

/// What the form's check would have held up comes back for the same reason, also from an app that did not ask it.
#[tokio::test]
async fn what_the_check_finds_comes_back_with_its_reason_and_doubts_hold_nothing_up() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let why = |answer: &Answer| match &answer.verdicts[..] {
        [Verdict::Returned { why }] => Some(read_returned(why)),
        _ => None,
    };
    let flaws = [
        (Edit::write("body", "张大爷的电话13800123456"), ReturnReason::PersonalData, "body"),
        (Edit::put("end", "2026-01-01T08:00"), ReturnReason::EndBeforeStart, "end"),
        (Edit::put("start", "2026-01-02T09:00"), ReturnReason::FutureDate, "2026-01-02"),
    ];
    for (number, (flaw, reason, detail)) in (1..).zip(flaws) {
        let mut draft = activity(&office, &huang, u64::from(number));
        let clean = draft.record.read();
        draft.edit(huang.actor, std::slice::from_ref(&flaw));
        let asked = ask(space, draft.record.id(), number, submit());
        let answer = exchange(&office, &huang, with(vec![asked], draft.changes.clone(), &[])).await;
        let returned = why(&answer).unwrap();
        assert_eq!((returned.reason, returned.detail.as_str(), returned.happened), (reason, detail, None));
        let page = office.state.hub.record_page(&huang.person, draft.record.id()).await.unwrap().unwrap();
        assert_eq!(page.contents.text(&flaw.field), draft.record.read().text(&flaw.field), "nothing is taken out");
        assert!(office.store.case_rows(&[draft.record.id()]).await.unwrap().is_empty(), "nothing was entered");

        // Mended, with another doubt that only a person can judge, it is accepted.
        let mend = match clean.text(&flaw.field) {
            "" => Edit { field: flaw.field.clone(), op: Op::Clear },
            said if flaw.field == "body" => Edit::write("body", said),
            said => Edit::put(&flaw.field, said),
        };
        let sent = draft.changes.len();
        draft.edit(huang.actor, &[mend, Edit::put("crowd", 300_000)]);
        let asked = ask(space, draft.record.id(), number + 100, submit());
        let answer = exchange(&office, &huang, with(vec![asked], draft.changes[sent..].to_vec(), &[])).await;
        assert_eq!((why(&answer), state(&office, draft.record.id()).await.as_str()), (None, "submitted"));
    }
}

#[tokio::test]
async fn a_bad_request_holds_up_nothing_else() {
    let office = Office::new().await;
    let [space, elsewhere] = office.stations;
    let (huang, li) = (office.phone("huang").await, office.phone("li").await);
    let (draft, unsent) = (activity(&office, &huang, 1), activity(&office, &huang, 2));
    let case = draft.record.id();
    let nonsense = SentRequest { body: "{\"act\":".into(), ..ask(space, case, 1, submit()) };
    let newer = SentRequest { body: r#"{"act":"of_tomorrow","x":[1]}"#.into(), ..ask(space, case, 2, submit()) };
    let kind = SentRequest { kind: Kind::Voice as u8, ..ask(space, case, 3, submit()) };
    let nowhere = ask(SpaceId(99), case, 4, submit());
    let not_here = ask(elsewhere, case, 5, submit());
    let missing = ask(space, unsent.record.id(), 6, submit());
    let deep = SentRequest { body: "[".repeat(100_000), ..ask(space, case, 7, submit()) };
    let good = ask(space, case, 8, submit());
    let requests = vec![nonsense, newer, kind, nowhere, not_here, missing.clone(), deep, good];
    let answer = exchange(&office, &huang, with(requests, draft.changes.clone(), &[])).await;
    use ReturnReason::*;
    let reasons: Vec<ReturnReason> = answer.verdicts[..5].iter().map(returned).collect();
    assert_eq!(reasons, [Unknown, Unknown, WrongKind, NotAllowed, NotAllowed]);
    assert_eq!((&answer.verdicts[5], returned(&answer.verdicts[6])), (&Verdict::Missing, Unknown));
    assert!(matches!(answer.verdicts[7], Verdict::Accepted { seq: 1, .. }));

    // Its record has arrived meanwhile.
    let answer = exchange(&office, &huang, with(vec![missing], unsent.changes.clone(), &[])).await;
    assert!(matches!(answer.verdicts[..], [Verdict::Accepted { seq: 1, .. }]));

    // Who may not read a record learns nothing of its case; another's event id opens nothing.
    let probes = vec![ask(space, case, 20, submit()), ask(elsewhere, case, 8, submit())];
    let answer = exchange(&office, &li, with(probes, Vec::new(), &[])).await;
    for verdict in &answer.verdicts {
        let Verdict::Returned { why } = verdict else { panic!("{verdict:?}") };
        let why = read_returned(why);
        assert_eq!((why.reason, why.happened, why.detail.as_str()), (NotAllowed, None, ""));
    }
    assert!(answer.events.is_empty());
}

#[tokio::test]
async fn long_logs_come_in_pages_that_fit_and_miss_nothing() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhou, zhao) = (office.phone("huang").await, office.phone("zhou").await, office.phone("zhao").await);
    let draft = activity(&office, &huang, 1);
    let case = draft.record.id();
    exchange(&office, &huang, with(vec![ask(space, case, 1, submit())], draft.changes.clone(), &[])).await;
    let verify = vec![ask(space, case, 2, Act::Verify)];
    exchange(&office, &zhou, with(verify, Vec::new(), &[])).await;
    for number in 3..20 {
        let correct = Act::Correct { text: format!("第{number}处更正").repeat(20) };
        let voice = activity(&office, &huang, number.into());
        let requests = vec![ask(space, case, number, correct)];
        exchange(&office, &huang, with(requests, voice.changes.clone(), &[])).await;
    }
    let (mut at, mut seqs, mut changes) = (0, Vec::new(), 0);
    for _ in 0..100 {
        let hello = RequestHello { download_bytes_max: 900, ..request(Vec::new(), &[]).hello };
        let answer = exchange(&office, &zhao, wire::Request { hello, ..request(Vec::new(), &[(space, at)]) }).await;
        assert!(cursor(&answer, space) > at, "each page goes on");
        at = cursor(&answer, space);
        assert!(answer.events.iter().all(|event| event.position.0 <= at), "no event beyond its cursor");
        seqs.extend(answer.events.iter().map(|event| event.seq));
        changes += answer.page.len();
        if !answer.hello.more {
            break;
        }
    }
    assert_eq!((seqs, changes), ((1..=19).collect::<Vec<u32>>(), 18));
}

#[tokio::test]
async fn an_app_that_learns_of_events_later_gets_those_that_it_skipped() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhou, zhao) = (office.phone("huang").await, office.phone("zhou").await, office.phone("zhao").await);
    for number in 1..6 {
        let draft = activity(&office, &huang, number.into());
        let requests = vec![ask(space, draft.record.id(), number, submit())];
        exchange(&office, &huang, with(requests, draft.changes.clone(), &[])).await;
        let verify = vec![ask(space, draft.record.id(), number + 100, Act::Verify)];
        exchange(&office, &zhou, with(verify, Vec::new(), &[])).await;
    }
    let end = exchange(&office, &zhao, request(Vec::new(), &[])).await;
    let at = cursor(&end, space);
    assert_eq!((at, end.events.len()), (15, 10));

    let (mut missed, mut seen) = (vec![Cursor { space, position: Position(0) }], Vec::new());
    while !missed.is_empty() {
        let hello = RequestHello { download_bytes_max: 600, ..request(Vec::new(), &[]).hello };
        let asked = wire::Request { hello, missed: missed.clone(), ..request(Vec::new(), &[(space, at)]) };
        let answer = exchange(&office, &zhao, asked).await;
        assert!(answer.page.is_empty() && stands_still(&answer, space), "records are not sent again");
        assert_eq!(answer.hello.more, !answer.missed.is_empty());
        seen.extend(answer.events);
        missed = answer.missed;
    }
    assert_eq!(seen, end.events);

    // What may not be read was not missed.
    let elsewhere = vec![Cursor { space: office.stations[1], position: Position(0) }];
    let answer = exchange(&office, &zhao, wire::Request { missed: elsewhere, ..request(Vec::new(), &[]) }).await;
    assert!(answer.missed.is_empty());
}

#[tokio::test]
async fn the_console_acts_through_the_same_judge() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhou, li) = (office.phone("huang").await, office.phone("zhou").await, office.phone("li").await);
    let draft = activity(&office, &huang, 1);
    let case = draft.record.id();
    exchange(&office, &huang, with(vec![ask(space, case, 1, submit())], draft.changes.clone(), &[])).await;
    let hub = &office.state.hub;
    let verify = filed(2, case, Act::Verify);
    assert_eq!(hub.act(&zhou.device, &zhou.person, &verify, NOW).await.unwrap(), Acted::Accepted { seq: 2 });
    assert_eq!(hub.act(&zhou.device, &zhou.person, &verify, NOW).await.unwrap(), Acted::Accepted { seq: 2 });
    let void = filed(3, case, Act::Void { text: "重复".into() });
    for person in [&huang, &li] {
        let acted = hub.act(&person.device, &person.person, &void, NOW).await.unwrap();
        assert!(matches!(acted, Acted::Returned(why) if why.reason == ReturnReason::NotAllowed));
    }
    let page = hub.record_page(&zhou.person, case).await.unwrap().unwrap();
    assert_eq!((page.case(), page.case().state()), (Case::of(Kind::Activity, &page.events), "verified"));
    let (version, book) = office.store.book_after(0).await.unwrap().unwrap();
    assert_eq!((version, hub.rules(NOW).await.unwrap().version), (1, 1), "the sample was put in force");
    assert!(office.store.add_book(2, &book, NOW).await.unwrap());
    assert_eq!(hub.rules(NOW).await.unwrap().version, 2, "newer ones are seen at once");
}

/// 换届 by an event alone: the post stands yet, but what is handed in goes to the office.
#[tokio::test]
async fn what_a_deputy_hands_in_whose_mandate_was_ended_by_an_event_is_handed_over() {
    let office = Office::new().await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇公开").await.unwrap();
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let hub = &office.state.hub;
    let held = office.enter(&zhou, Kind::Mandate, public, mandate_of(RecordId([9; 16]), "罗永富")).await;
    let post = Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(held) };
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: "luo".into(), name: "罗永富".into(), password_hash, posts: vec![post] };
    office.store.create_user(user).await.unwrap().unwrap();
    let luo = office.phone("luo").await;
    let hands_in = async |number: u8| {
        let draft = activity_at(&office, &luo, number.into(), held);
        let asked = vec![ask(office.stations[0], draft.record.id(), number, submit())];
        exchange(&office, &luo, with(asked, draft.changes.clone(), &[])).await;
        state(&office, draft.record.id()).await
    };
    assert_eq!(hands_in(1).await, "submitted");
    let end = Act::End { on: Date::new(2025, 12, 31).unwrap(), text: "换届".into() };
    let (id, kind) = (EventId([0x33; 16]), Kind::Mandate);
    let end = Request { id, case: held, kind, seen: 0, made_ms: NOW, proxy: None, act: end };
    assert_eq!(hub.act(&zhou.device, &zhou.person, &end, NOW).await.unwrap(), Acted::Accepted { seq: 1 });
    assert_eq!(hands_in(2).await, "handed_over");
}

/// Several at once: each is judged on what the ones before it have made of the case, and each has its own answer.
#[tokio::test]
async fn a_desk_files_several_acts_in_one_exchange() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhou) = (office.phone("huang").await, office.phone("zhou").await);
    let drafts = [activity(&office, &huang, 1), activity(&office, &huang, 2)];
    for (number, draft) in (1..).zip(&drafts) {
        let requests = vec![ask(space, draft.record.id(), number, submit())];
        exchange(&office, &huang, with(requests, draft.changes.clone(), &[])).await;
    }
    let [first, second] = [drafts[0].record.id(), drafts[1].record.id()];
    let requests = [
        filed(11, first, Act::Verify),
        filed(12, RecordId([0x77; 16]), Act::Verify),
        filed(13, first, Act::Verify),
        filed(14, second, Act::Verify),
        filed(15, first, Act::Correct { text: "人数应为32".into() }),
    ];
    let hub = &office.state.hub;
    let acted = hub.acts(&zhou.device, &zhou.person, &requests, NOW).await.unwrap();
    let reasons: Vec<Result<u32, ReturnReason>> = acted
        .iter()
        .map(|acted| match acted {
            Acted::Accepted { seq } => Ok(*seq),
            Acted::Returned(why) => Err(why.reason),
        })
        .collect();
    let expected = [Ok(2), Err(ReturnReason::NotAllowed), Err(ReturnReason::WrongState), Ok(2), Ok(3)];
    assert_eq!(reasons, expected);
    assert_eq!(hub.acts(&zhou.device, &zhou.person, &requests, NOW + 9).await.unwrap(), acted, "the answers they had");
    assert!(hub.acts(&zhou.device, &zhou.person, &[], NOW).await.unwrap().is_empty());
}

/// A voice of a deputy, handed in and sorted by the town; its case.
async fn sorted_voice(office: &Office, number: u8) -> RecordId {
    let (huang, zhou) = (office.phone("huang").await, office.phone("zhou").await);
    let space = office.stations[0];
    let mut edits = voice_by(mandate(0), "断头路");
    edits.extend([Edit::put("village", RecordId([2; 16])), Edit::put("category", "roads")]);
    edits.push(Edit::write("verbatim", "一落雨就恼火得很"));
    let draft = Draft::voice(&huang, space, number.into(), &edits);
    let case = draft.record.id();
    let ask = |id: u8, act| SentRequest { kind: Kind::Voice as u8, ..ask(space, case, id, act) };
    exchange(office, &huang, with(vec![ask(number, submit())], draft.changes.clone(), &[])).await;
    let sort = Act::Sort { proposed: ExitKind::Town, text: String::new() };
    let answer = exchange(office, &zhou, with(vec![ask(number + 1, sort)], Vec::new(), &[])).await;
    assert!(matches!(answer.verdicts[..], [Verdict::Accepted { seq: 2, .. }]), "{:?}", answer.verdicts);
    case
}

async fn state(office: &Office, case: RecordId) -> String {
    let rows = office.store.case_rows(&[case]).await.unwrap();
    rows[&case].state.clone()
}

#[tokio::test]
async fn a_reply_tells_the_villagers_behind_it_and_those_merged_with_them() {
    let office = Office::new().await;
    let station = office.stations[0];
    let (zhou, zhao) = (office.phone("zhou").await, office.phone("zhao").await);
    let (first, second) = (sorted_voice(&office, 10).await, sorted_voice(&office, 20).await);
    let spaces = office.store.spaces().await.unwrap();
    let desk = spaces.iter().find(|space| space.kind == SpaceKind::TownOffice).unwrap().id;
    let mut draft = Draft::new(Kind::Suggestion, &zhou, desk, 1);
    let edits = [suggestion("express", "关于修通断头路的建议"), vec![Edit::add("voices", first)]].concat();
    draft.edit(zhou.actor, &edits);
    let case = draft.record.id();
    let wording = Facts::of(&draft.record.read()).text;
    exchange(&office, &zhou, with(Vec::new(), draft.changes.clone(), &[])).await;

    let file = async |case, kind, number: u8, act| {
        let proxy = Some("据纸质件".to_owned());
        let id = EventId([number; 16]);
        let filed = Request { id, case, kind, seen: 99, made_ms: NOW, proxy, act };
        let acted = office.state.hub.act(&zhou.device, &zhou.person, &filed, NOW).await.unwrap();
        assert!(matches!(acted, Acted::Accepted { .. }), "{acted:?}");
    };
    let merge = Act::Route { exit: Exit::Merged { into: first } };
    file(second, Kind::Voice, 40, merge).await;
    let express = Act::Route { exit: Exit::Town { suggestion: case } };
    file(first, Kind::Voice, 41, express).await;
    assert_eq!((state(&office, first).await, state(&office, second).await), ("town".into(), "merged".into()));

    let village = UnitRef { code: UnitCode("520303108V01".into()), name: "竹元村委会".into() };
    let assign = Assign { lead: village, co: vec![], separate: vec![], wide: false, text: String::new() };
    let on = Date::at(NOW);
    let reply = Reply {
        letter: "1号".into(),
        class: "B".into(),
        text: "已列入计划".into(),
        signer: "主任".into(),
        commitments: vec![],
        may_publish: true,
    };
    let acts = [
        Act::Submit { text: wording, declared: true, again: None },
        Act::Review,
        Act::Accept,
        Act::Assign(assign),
        Act::Sign { officer: "罗永富".into(), phone: String::new() },
        Act::Contact { way: Way::Visit, on, place: String::new(), text: String::new() },
        Act::Reply(reply),
    ];
    for (number, act) in acts.into_iter().enumerate() {
        file(case, Kind::Suggestion, 50 + number as u8, act).await;
    }
    assert_eq!(state(&office, case).await, "answered");
    assert_eq!((state(&office, first).await, state(&office, second).await), ("result".into(), "result".into()));
    // The station, which does not see the town's desk, has the news.
    let answer = exchange(&office, &zhao, request(Vec::new(), &[(station, 0)])).await;
    let told = answer.events.iter().filter(|event| event.read().unwrap().act.key() == "outcome");
    assert_eq!(told.map(|event| event.case).collect::<HashSet<_>>(), HashSet::from([first, second]));
}
