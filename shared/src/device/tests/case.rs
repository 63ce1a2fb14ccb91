//! Requests and events on the device.

use std::collections::BTreeMap;

use super::*;
use crate::{
    case::{Act, By, Case, CaseRow, Event, Fault, Happened, ReturnReason, Returned, offer::Said},
    device::{Filing, FilingProblem, RequestState},
    id::EventId,
    sorted::Map,
    wire::{SentEvent, SentStanding, Verdict, act_fields, returned_json},
};

fn activity(phone: &mut Phone) -> RecordId {
    let edits = vec![
        Edit::put("kind", "courtyard"),
        Edit::put("title", "竹元院坝会"),
        Edit::put("start", "2026-01-01T09:00"),
        Edit::put("village", RecordId([2; 16])),
        Edit::add("attendees", MANDATE),
        Edit::write("body", "讲解新国发2号文件"),
    ];
    phone.edit(Target::New { new: Kind::Activity, space: STATION }, edits).unwrap()
}

fn submit() -> Act {
    Act::Submit { text: None, declared: true, again: None }
}

fn filing(record: RecordId, act: Act) -> Filing {
    Filing { record, act: act_fields(&act), proxy: None, replaces: None }
}

impl Phone {
    fn file(&mut self, filing: &Filing) -> Result<EventId, FilingProblem> {
        let doc = self.doc(filing.record).cloned();
        let (id, prepared) = self.device.prepare_request(filing, doc.as_deref(), NOW)?;
        self.store(prepared);
        Ok(id)
    }

    fn case_view(&self, id: RecordId) -> CaseView {
        let view = self.device.view(id, self.doc(id).unwrap(), self.case(id));
        view.unwrap().unwrap().case.unwrap()
    }

    /// Sends, and receives an answer in which all changes are received.
    fn exchange_with(&mut self, answer: Answer) -> WireRequest {
        let exchange = self.device.exchange(NOW, "test", 1000);
        let request = WireRequest::decode(&exchange.body).unwrap();
        let receipts = (1..).map(received).take(request.changes.len()).collect();
        self.receive(&exchange, &Answer { receipts, ..standing(answer) });
        request
    }
}

/// The answer with where the cases of its events stand.
fn standing(answer: Answer) -> Answer {
    let mut cases: BTreeMap<RecordId, Case> = BTreeMap::new();
    for event in answer.events.iter().filter_map(SentEvent::read) {
        cases.entry(event.case).or_insert_with(|| Case::new(event.kind)).apply(&event);
    }
    let of = |(case, folded): (RecordId, Case)| SentStanding { case, row: folded.row().to_standing() };
    Answer { standings: cases.into_iter().map(of).collect(), ..answer }
}

impl CaseView {
    fn stands(&self) -> CaseRow {
        serde_json::from_str(&self.row.0).unwrap()
    }

    fn offers(&self) -> Vec<&str> {
        self.offered.iter().map(|act| act["act"].as_str().unwrap()).collect()
    }
}

fn said(value: &impl serde::Serialize) -> Said {
    Said(crate::json::write(value))
}

/// The `seq`-th event of a case.
fn event(case: RecordId, seq: u32, id: EventId, user: i64, act: Act) -> SentEvent {
    let post = Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(MANDATE) };
    let by = By { user: UserId(user), name: "周正".into(), post };
    let event = Event {
        seq,
        id,
        case,
        kind: Kind::Activity,
        by,
        made_ms: NOW,
        received_ms: NOW + i64::from(seq),
        proxy: None,
        act,
        added: Default::default(),
    };
    SentEvent::of(STATION, Position(u64::from(seq) + 1), &event)
}

fn accepted(seq: u32) -> Verdict {
    Verdict::Accepted { seq, position: Position(u64::from(seq) + 1), received_ms: NOW + 1 }
}

fn came_back() -> (Returned, Verdict) {
    let happened = Happened { seq: 1, by: "周正".into(), act: "void".into(), at_ms: NOW };
    let why = Returned { reason: ReturnReason::WrongState, happened: Some(happened), detail: String::new() };
    let verdict = Verdict::Returned { why: returned_json(&why) };
    (why, verdict)
}

#[test]
fn a_request_goes_with_its_record_and_becomes_an_event() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    assert_eq!(phone.case_view(record).offers(), ["submit"]);
    let id = phone.file(&filing(record, submit())).unwrap();
    assert_eq!((phone.device.unsent(), phone.device.state(record)), (2, RecordState::Phone { unsent: 2 }));
    assert_eq!(phone.case_view(record).requests[0].state, RequestState::Phone);
    assert!(phone.case_view(record).offers().is_empty(), "it is asked for already");

    let mut phone = phone.reopen(2);
    let events = vec![event(record, 1, id, 1, submit())];
    let sent = phone.exchange_with(Answer { verdicts: vec![accepted(1)], events, ..answer() });
    assert_eq!((sent.changes.len(), sent.requests.len(), sent.hello.unsent), (1, 1, 0));
    assert_eq!((sent.requests[0].id, sent.requests[0].case, sent.requests[0].seen), (id, record, 0));
    let case = phone.case_view(record);
    assert_eq!((case.stands().state.as_str(), case.events.len(), case.requests.len()), ("submitted", 1, 0));
    assert_eq!(phone.device.unsent(), 0);

    let phone = phone.reopen(3);
    let rows = phone.device.list(&Filter { kinds: vec![Kind::Activity], ..Filter::default() });
    assert!(rows[0].case.unwrap().0.contains(r#""state":"submitted""#), "lists know it without the case");
}

#[test]
fn an_accepted_request_waits_for_its_event_and_is_not_sent_again() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    let id = phone.file(&filing(record, submit())).unwrap();
    phone.exchange_with(Answer { verdicts: vec![accepted(1)], ..answer() });
    assert_eq!(phone.case_view(record).requests[0].state, RequestState::Accepted);
    assert_eq!(phone.device.unsent(), 0);
    let sent = phone.exchange_with(Answer { events: vec![event(record, 1, id, 1, submit())], ..answer() });
    assert!(sent.requests.is_empty());
    assert!(phone.case_view(record).requests.is_empty());
}

#[test]
fn an_event_that_comes_before_its_verdict_ends_the_request() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    let id = phone.file(&filing(record, submit())).unwrap();
    let lost = phone.device.exchange(NOW, "test", 1000);
    let events = vec![event(record, 1, id, 1, submit())];
    phone.exchange_with(Answer { verdicts: vec![accepted(1)], events: events.clone(), ..answer() });
    // The answer to the first try comes after all, with the same event.
    let late = Answer { receipts: vec![received(1)], verdicts: vec![accepted(1)], events, ..answer() };
    phone.receive(&lost, &standing(late));
    let case = phone.case_view(record);
    assert_eq!((case.events.len(), case.requests.len(), phone.device.unsent()), (1, 0, 0));
}

#[test]
fn a_returned_request_stays_with_its_text_until_the_person_decides() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    phone.exchange_with(answer());
    let first = phone.file(&filing(record, submit())).unwrap();
    let (why, verdict) = came_back();
    phone.exchange_with(Answer { verdicts: vec![verdict], ..answer() });
    let mut phone = phone.reopen(2);
    let request = &phone.case_view(record).requests[0];
    assert_eq!((request.id, &request.act), (first, &said(&submit())));
    assert_eq!(request.state, RequestState::Returned { why: said(&why), at_ms: NOW });
    assert_eq!((phone.device.unsent(), phone.device.returned()), (0, 1));
    assert!(phone.exchange_with(answer()).requests.is_empty(), "it is not sent again by itself");

    let anew = phone.file(&Filing { replaces: Some(first), ..filing(record, submit()) }).unwrap();
    let case = phone.case_view(record);
    assert_eq!(case.requests.iter().map(|request| request.id).collect::<Vec<_>>(), [anew]);
    assert!(phone.device.prepare_dismiss(anew).is_none(), "what waits cannot be called back");
    let (_, verdict) = came_back();
    phone.exchange_with(Answer { verdicts: vec![verdict], ..answer() });
    let prepared = phone.device.prepare_dismiss(anew).unwrap();
    phone.store(prepared);
    assert_eq!((phone.device.returned(), phone.case_view(record).requests.len()), (0, 0));
    assert_eq!(phone.reopen(3).device.returned(), 0);
}

#[test]
fn a_request_waits_until_all_of_its_record_goes() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    for _ in 0..3 {
        let long = Edit::write("outcome", &"成效".repeat(2_000));
        phone.edit(Target::Existing { record }, vec![long, Edit::put("crowd", 30)]).unwrap();
        phone.edit(Target::Existing { record }, vec![Edit::write("outcome", "")]).unwrap();
    }
    phone.file(&filing(record, submit())).unwrap();
    let exchange = phone.device.exchange_within(NOW, "test", 100, 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    assert_eq!((request.changes.len(), request.requests.len()), (1, 0));
    assert_eq!(request.hello.unsent as usize, phone.device.unsent() - 1);
    assert_eq!(WireRequest::decode(&phone.device.exchange(NOW, "test", 0).body).unwrap().requests.len(), 1);
}

#[test]
fn what_would_come_back_is_not_filed() {
    let mut phone = Phone::new(1);
    let edits = vec![Edit::put("kind", "courtyard")];
    let record = phone.edit(Target::New { new: Kind::Activity, space: STATION }, edits).unwrap();
    let problem = phone.file(&filing(record, submit())).unwrap_err();
    assert_eq!((problem.text_key().as_str(), problem.detail()), ("returned.missing", Some("title")));
    let numbered = activity(&mut phone);
    let edits = vec![Edit::write("body", "张大爷的电话13800123456")];
    phone.edit(Target::Existing { record: numbered }, edits).unwrap();
    let problem = phone.file(&filing(numbered, submit())).unwrap_err();
    assert_eq!((problem.text_key().as_str(), problem.detail()), ("returned.personal_data", Some("body")));
    let problem = phone.file(&filing(record, Act::Verify)).unwrap_err();
    assert!(matches!(problem, FilingProblem::Returned { .. }));
    assert_eq!(phone.device.unsent(), 3, "the edits, and no request");
    assert_eq!(phone.case_view(record).offers(), ["submit"], "what is missing is said when it is tried");
}

#[test]
fn what_was_verified_is_contested_with_words() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    let id = phone.file(&filing(record, submit())).unwrap();
    let events = vec![event(record, 1, id, 1, submit()), event(record, 2, EventId([9; 16]), 2, Act::Verify)];
    phone.exchange_with(Answer { verdicts: vec![accepted(1)], events, ..answer() });
    assert_eq!(phone.case_view(record).offers(), ["correct", "contest"]);
    let contest = |text: &str| Act::Contest { fault: Fault::Wrong, about: Some(record), text: text.into() };
    let problem = phone.file(&filing(record, contest(" "))).unwrap_err();
    assert_eq!((problem.text_key().as_str(), problem.detail()), ("returned.empty", Some("text")));
    phone.file(&filing(record, contest("参加人数有误"))).unwrap();
    assert_eq!(phone.case_view(record).offers(), ["correct"], "it is asked for already");
}

#[test]
fn a_request_without_a_verdict_waits() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    phone.file(&filing(record, submit())).unwrap();
    phone.exchange_with(answer());
    assert_eq!(phone.device.unsent(), 1, "a server from before official events says nothing of it");
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let two = Answer { verdicts: vec![accepted(1), accepted(2)], ..answer() };
    assert!(phone.device.prepare_receive(&exchange, &two, &Map::new(), &Map::new(), NOW).is_err());
    phone.exchange_with(Answer { verdicts: vec![Verdict::Missing], ..answer() });
    assert_eq!((phone.device.unsent(), phone.exchange_with(answer()).requests.len()), (1, 1));
}

#[test]
fn after_a_restore_ones_own_events_are_asked_for_again() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    let id = phone.file(&filing(record, submit())).unwrap();
    let theirs = EventId([9; 16]);
    let events = vec![event(record, 1, id, 1, submit()), event(record, 2, theirs, 2, Act::Verify)];
    phone.exchange_with(Answer { verdicts: vec![accepted(1)], events, ..answer() });
    assert_eq!(phone.case_view(record).stands().state, "verified");

    let restored = AnswerHello { epoch: 10, ..answer().hello };
    phone.exchange_with(Answer { hello: restored.clone(), ..answer() });
    let case = phone.case_view(record);
    assert_eq!((case.stands().seq, case.requests[0].id, &case.requests[0].act), (0, id, &said(&submit())));
    let events = vec![event(record, 1, id, 1, submit())];
    let again = phone.exchange_with(Answer { hello: restored, verdicts: vec![accepted(1)], events, ..answer() });
    assert_eq!(again.requests.iter().map(|request| request.id).collect::<Vec<_>>(), [id]);
    let case = phone.case_view(record);
    assert_eq!((case.stands().state.as_str(), case.requests.len()), ("submitted", 0));
}

#[test]
fn a_lost_space_takes_its_cases_along_but_no_text() {
    let mut phone = Phone::new(1);
    let (kept, lost) = (activity(&mut phone), activity(&mut phone));
    let events = [kept, lost].map(|id| event(id, 1, EventId([id.0[0]; 16]), 2, submit()));
    phone.exchange_with(Answer { events: events.into(), ..answer() });
    phone.file(&filing(kept, Act::Void { text: "重复登记".into() })).unwrap();
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    let (_, verdict) = came_back();
    phone.exchange_with(Answer { grants: Some(nothing), verdicts: vec![verdict], ..answer() });
    assert!(phone.case(lost).is_none() && !phone.device.has(lost));
    assert!(phone.case(kept).is_some() && phone.device.has(kept));
    assert_eq!(phone.device.returned(), 1);
}

#[test]
fn an_act_of_tomorrow_is_kept_and_shown_as_it_is() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    phone.exchange_with(answer());
    let mut tomorrow = event(record, 1, EventId([1; 16]), 2, submit());
    tomorrow.body = tomorrow.body.replace("\"submit\"", "\"of_tomorrow\"");
    phone.exchange_with(Answer { events: vec![tomorrow.clone()], ..answer() });
    let case = phone.case_view(record);
    assert_eq!(case.events[0]["act"]["act"], "of_tomorrow");
    assert_eq!(case.stands().seq, 1);
}

/// The limit on an old phone is as of the last exchange, and the phone says so; later attempts that failed, and what is
/// done meanwhile, do not make it look newer.
#[test]
fn hot_spot_12_a_deadline_carries_the_time_of_the_last_exchange() {
    let mut phone = Phone::new(1);
    let record = activity(&mut phone);
    let id = phone.file(&filing(record, submit())).unwrap();
    phone.exchange_with(Answer {
        verdicts: vec![accepted(1)],
        events: vec![event(record, 1, id, 1, submit())],
        ..answer()
    });
    let shown = |phone: &Phone| phone.case_view(record).as_of_ms;
    let received = shown(&phone);
    assert_eq!(received, Some(NOW), "by the server's clock");
    let _unanswered = phone.device.exchange(NOW + 86_400_000, "test", 1000);
    phone.edit(Target::Existing { record }, vec![Edit::put("crowd", 3)]).unwrap();
    assert_eq!(shown(&phone), received);
    assert_eq!(shown(&phone.reopen(2)), received, "also after a kill");
}
