//! Drafts that nobody else sees, co-signers, and the units that hold a case: who gets what of a
//! suggestion, and when, by looking at what their devices received.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use lianxin_server::{
    account::hash_password,
    hub::Acted,
    store::{LedgerQuery, NewUser},
};
use lianxin_shared::{
    case::{Act, Assign, Facts, Request, UnitRef},
    id::{EventId, RecordId, SpaceId, UnitCode},
    record::Edit,
    rights::{Post, Role, SpaceKind},
    schema::Kind,
    wire::{self, Answer, SentRequest, Verdict},
};
use lianxin_tests::office::{Draft, NOW, Office, PASSWORD, Phone, contains, mandate, outcomes, request, suggestion};

const ROADS: &str = "520303U07";
const WATER: &str = "520303U08";
const FARMS: &str = "520303U09";
const CANARY: &str = "关于修通新民村断头路的建议";

async fn exchange(office: &Office, phone: &Phone, request: wire::Request) -> Answer {
    office.state.hub.exchange(&phone.device, &phone.person, request, NOW).await.unwrap()
}

/// Everything that a device gets which asks for everything; whether a text is in it (DOMAIN §6.8, invariant 6: looked at
/// on the wire, not on the screen).
async fn receives(office: &Office, phone: &Phone, text: &str) -> bool {
    let answer = exchange(office, phone, request(Vec::new(), &[])).await;
    holds(&answer, text)
}

fn holds(answer: &Answer, text: &str) -> bool {
    contains(&answer.encode(), text)
}

fn space(answer: &Answer, kind: SpaceKind) -> Option<SpaceId> {
    let grants = answer.grants.as_ref().unwrap();
    grants.spaces.iter().find(|granted| granted.space.kind == kind).map(|granted| granted.space.id)
}

/// An office with people of three handling units.
async fn office() -> Office {
    let office = Office::new().await;
    for (login, unit) in [("roads", ROADS), ("water", WATER), ("farms", FARMS)] {
        let posts = vec![Post { role: Role::Unit, unit: UnitCode(unit.into()), mandate: None }];
        let password_hash = hash_password(PASSWORD).unwrap();
        let user = NewUser { login: login.into(), name: login.into(), password_hash, posts };
        office.store.create_user(user).await.unwrap().unwrap();
    }
    office
}

async fn private_space(office: &Office, phone: &Phone) -> SpaceId {
    space(&exchange(office, phone, request(Vec::new(), &[])).await, SpaceKind::Private).unwrap()
}

fn draft_of(phone: &Phone, space: SpaceId, number: u64) -> Draft {
    let mut draft = Draft::new(Kind::Suggestion, phone, space, number);
    draft.edit(phone.actor, &suggestion("express", CANARY));
    draft
}

fn ask(space: SpaceId, case: RecordId, number: u8, act: Act) -> SentRequest {
    let (kind, id) = (Kind::Suggestion, EventId([number; 16]));
    SentRequest::of(space, &Request { id, case, kind, seen: 99, made_ms: NOW, proxy: None, act })
}

fn submit(draft: &Draft) -> Act {
    Act::Submit { text: Facts::of(&draft.record.read()).text, declared: true, again: None }
}

fn accepted(answer: &Answer) -> bool {
    matches!(answer.verdicts[..], [Verdict::Accepted { .. }])
}

async fn act(office: &Office, phone: &Phone, case: RecordId, number: u8, act: Act) {
    let (kind, id) = (Kind::Suggestion, EventId([number; 16]));
    let filed = Request { id, case, kind, seen: 99, made_ms: NOW, proxy: None, act };
    let acted = office.state.hub.act(&phone.device, &phone.person, &filed, NOW).await.unwrap();
    assert!(matches!(acted, Acted::Accepted { .. }), "{acted:?}");
}

fn to(lead: &str, co: &[&str]) -> Assign {
    let unit = |code: &str| UnitRef { code: UnitCode(code.into()), name: code.into() };
    let co = co.iter().map(|code| unit(code)).collect();
    Assign { lead: unit(lead), co, separate: vec![], wide: false, text: String::new() }
}

/// How many suggestions the console would list.
async fn listed(office: &Office, phone: &Phone) -> u64 {
    let spaces = office.state.hub.readable_spaces(&phone.person).await.unwrap();
    let spaces = spaces.iter().map(|granted| granted.space.id).collect();
    let query = LedgerQuery::of(Kind::Suggestion, spaces);
    office.store.count(&query).await.unwrap().records
}

#[tokio::test]
async fn invariant_6_a_draft_is_its_deputys_alone_until_it_is_handed_in_from_the_phone() {
    let office = office().await;
    let [huang, li, zhao, zhou] =
        [office.phone("huang").await, office.phone("li").await, office.phone("zhao").await, office.phone("zhou").await];
    let own = private_space(&office, &huang).await;
    assert_ne!(own, private_space(&office, &li).await);
    let draft = draft_of(&huang, own, 1);
    let case = draft.record.id();
    let sent = exchange(&office, &huang, request(draft.changes.clone(), &[(own, 0)])).await;
    assert!(matches!(outcomes(&sent)[..], [wire::Outcome::Received { .. }]));

    let mine = office.phone("huang").await;
    assert!(receives(&office, &mine, CANARY).await, "on the deputy's other phone");
    for other in [&li, &zhao, &zhou] {
        assert!(!receives(&office, other, CANARY).await);
        assert!(office.state.hub.record_page(&other.person, case).await.unwrap().is_none());
        let foreign = exchange(
            &office,
            other,
            wire::Request { requests: vec![ask(own, case, 90, Act::Review)], ..request(Vec::new(), &[]) },
        )
        .await;
        assert!(matches!(&foreign.verdicts[..], [Verdict::Returned { .. }]) && !holds(&foreign, CANARY));
        let planted = exchange(&office, other, request(draft_of(other, own, 7).changes, &[])).await;
        assert!(matches!(outcomes(&planted)[..], [wire::Outcome::Refused(_)]), "nor does anybody write there");
    }

    let asked = wire::Request { requests: vec![ask(own, case, 1, submit(&draft))], ..request(Vec::new(), &[(own, 1)]) };
    let answer = exchange(&office, &huang, asked.clone()).await;
    assert!(accepted(&answer), "{:?}", answer.verdicts);
    let moved = space(&answer, SpaceKind::Case).unwrap();
    assert!(
        answer.page.iter().all(|entry| entry.space == moved) && answer.events.iter().all(|event| event.space == moved)
    );
    assert_eq!((answer.page.len(), answer.events.len()), (1, 1), "the record comes with its new space");
    assert!(accepted(&exchange(&office, &huang, asked).await), "sent again, it is the same event");
    assert_eq!(office.store.case_events(case).await.unwrap().len(), 1);

    assert!(office.state.hub.record_page(&zhou.person, case).await.unwrap().is_some(), "the town's staff see it");
    assert_eq!((listed(&office, &zhou).await, listed(&office, &zhao).await, listed(&office, &li).await), (1, 1, 0));
    assert!(!receives(&office, &li, CANARY).await && !receives(&office, &zhao, CANARY).await);

    // What another phone of the deputy had changed meanwhile, in the place where the draft was.
    let mut late = Draft { space: own, changes: Vec::new(), ..draft_of(&huang, own, 1) };
    late.edit(mine.actor, &[Edit::put("title", "另一个题目")]);
    let refused = exchange(&office, &mine, request(late.changes, &[])).await;
    assert!(matches!(outcomes(&refused)[..], [wire::Outcome::Refused(_)]), "what was handed in stands");
    let page = office.state.hub.record_page(&zhou.person, case).await.unwrap().unwrap();
    assert_eq!(page.contents.text("title"), CANARY);

    act(&office, &zhou, case, 2, Act::Review).await;
    act(&office, &zhou, case, 3, Act::Accept).await;
    let numbered = exchange(&office, &huang, request(Vec::new(), &[(moved, 2)])).await;
    assert_eq!(numbered.events.len(), 2, "the deputy hears what becomes of it");
    let number = office.store.case_rows(&[case]).await.unwrap()[&case].number.clone();
    assert!(number.is_some_and(|number| number.contains("001")));
}

#[tokio::test]
async fn a_cosigner_gets_the_draft_confirms_it_and_loses_it_when_taken_out() {
    let office = office().await;
    let [huang, li, zhou] = [office.phone("huang").await, office.phone("li").await, office.phone("zhou").await];
    let own = private_space(&office, &huang).await;
    let mut draft = draft_of(&huang, own, 1);
    let case = draft.record.id();
    exchange(&office, &huang, request(draft.changes.clone(), &[])).await;
    assert!(!receives(&office, &li, CANARY).await);
    draft.changes.clear();
    draft.edit(huang.actor, &[Edit::add("cosigners", mandate(1))]);
    exchange(&office, &huang, request(draft.changes.clone(), &[])).await;

    let answer = exchange(&office, &li, request(Vec::new(), &[])).await;
    assert!(holds(&answer, CANARY) && !receives(&office, &zhou, CANARY).await, "named, and nobody else");
    assert!(office.state.hub.record_page(&zhou.person, case).await.unwrap().is_none());
    let shared = space(&answer, SpaceKind::Case).unwrap();
    // The co-signer writes into it too, and the lead still from where the draft was.
    let mut theirs = Draft { space: shared, changes: Vec::new(), record: draft.record };
    theirs.edit(li.actor, &[Edit::write("asks", "列入明年计划")]);
    let written = exchange(&office, &li, request(theirs.changes.clone(), &[])).await;
    assert!(matches!(outcomes(&written)[..], [wire::Outcome::Received { .. }]), "{:?}", outcomes(&written));
    let mut lead = Draft { space: own, changes: Vec::new(), record: theirs.record };
    lead.edit(huang.actor, &[Edit::put("category", "water")]);
    let written = exchange(&office, &huang, request(lead.changes.clone(), &[(own, 2)])).await;
    assert!(matches!(outcomes(&written)[..], [wire::Outcome::Received { .. }]), "{:?}", outcomes(&written));

    let too_early = ask(own, case, 1, submit(&lead));
    let asked = |requests| wire::Request { requests, ..request(Vec::new(), &[]) };
    let returned = exchange(&office, &huang, asked(vec![too_early])).await;
    assert!(matches!(&returned.verdicts[..], [Verdict::Returned { why }] if why.contains("not_confirmed")));
    let text = Facts::of(&lead.record.read()).text.unwrap();
    let confirm = ask(shared, case, 2, Act::Confirm { text, mandate: None });
    assert!(accepted(&exchange(&office, &li, asked(vec![confirm])).await));
    let again = ask(own, case, 3, submit(&lead));
    assert!(accepted(&exchange(&office, &huang, asked(vec![again])).await));
    assert!(office.state.hub.record_page(&zhou.person, case).await.unwrap().is_some());

    // Another draft, from which the co-signer is taken out again.
    let mut second = draft_of(&huang, own, 2);
    second.edit(huang.actor, &[Edit::put("title", "关于打井的建议"), Edit::add("cosigners", mandate(1))]);
    exchange(&office, &huang, request(second.changes.clone(), &[])).await;
    assert!(receives(&office, &li, "关于打井的建议").await);
    second.changes.clear();
    second.edit(huang.actor, &[Edit::remove("cosigners", mandate(1))]);
    exchange(&office, &huang, request(second.changes.clone(), &[])).await;
    assert!(!receives(&office, &li, "关于打井的建议").await && receives(&office, &li, CANARY).await);
}

#[tokio::test]
async fn invariant_6_a_unit_holds_exactly_what_is_assigned_to_it_as_long_as_it_is() {
    let office = office().await;
    let [huang, zhou] = [office.phone("huang").await, office.phone("zhou").await];
    let [roads, water, farms] = [office.phone("roads").await, office.phone("water").await, office.phone("farms").await];
    let own = private_space(&office, &huang).await;
    let (draft, other) = (draft_of(&huang, own, 1), draft_of(&huang, own, 2));
    let case = draft.record.id();
    let changes = draft.changes.iter().chain(&other.changes).cloned().collect();
    let requests = vec![ask(own, case, 1, submit(&draft)), ask(own, other.record.id(), 2, submit(&other))];
    exchange(&office, &huang, wire::Request { requests, ..request(changes, &[]) }).await;
    for unit in [&roads, &water, &farms] {
        assert!(!receives(&office, unit, CANARY).await && listed(&office, unit).await == 0);
    }
    act(&office, &zhou, case, 3, Act::Review).await;
    act(&office, &zhou, case, 4, Act::Accept).await;
    act(&office, &zhou, case, 5, Act::Assign(to(ROADS, &[WATER]))).await;

    assert!(receives(&office, &roads, CANARY).await && receives(&office, &water, CANARY).await);
    assert!(!receives(&office, &farms, CANARY).await);
    assert_eq!(
        (listed(&office, &roads).await, listed(&office, &water).await, listed(&office, &farms).await),
        (1, 1, 0)
    );
    assert!(office.state.hub.record_page(&roads.person, other.record.id()).await.unwrap().is_none());
    let held = exchange(&office, &roads, request(Vec::new(), &[])).await;
    let space = space(&held, SpaceKind::Case).unwrap();
    let grants = held.grants.as_ref().unwrap();
    assert_eq!(grants.spaces.len(), 1, "the case, and nothing else of the district");

    // It signs, not the one that takes part, nor one that has nothing to do with it; and writes no field.
    let asked = |requests| wire::Request { requests, ..request(Vec::new(), &[]) };
    let sign = |number| ask(space, case, number, Act::Sign { officer: "罗永富".into(), phone: String::new() });
    for (unit, number) in [(&water, 10), (&farms, 11)] {
        assert!(!accepted(&exchange(&office, unit, asked(vec![sign(number)])).await));
    }
    let mut theirs = Draft { space, changes: Vec::new(), ..draft_of(&huang, own, 1) };
    theirs.edit(roads.actor, &[Edit::put("title", "改过的题目")]);
    let written = exchange(&office, &roads, request(theirs.changes, &[])).await;
    assert!(matches!(outcomes(&written)[..], [wire::Outcome::Refused(_)]));
    assert!(accepted(&exchange(&office, &roads, asked(vec![sign(12)])).await));
    let wish = Act::ReturnAssignment { text: "属水务职责".into(), propose: None };
    assert!(accepted(&exchange(&office, &roads, asked(vec![ask(space, case, 13, wish)])).await));
    act(&office, &zhou, case, 14, Act::DecideReturn { grant: false, text: "仍由你单位办理".into() }).await;

    let before = exchange(&office, &roads, request(Vec::new(), &[])).await;
    act(&office, &zhou, case, 15, Act::Reassign(to(FARMS, &[WATER]))).await;
    act(&office, &zhou, case, 16, Act::Urge { level: 1, text: "请于本周签收办理".into() }).await;
    let mark = before.grants.as_ref().unwrap().mark;
    let mut asks = request(Vec::new(), &[(space, 0)]);
    asks.hello.grants_mark = mark;
    let after = exchange(&office, &roads, asks).await;
    let grants = after.grants.as_ref().unwrap();
    assert!(grants.spaces.is_empty() && after.page.is_empty() && after.events.is_empty(), "{after:?}");
    assert!(!holds(&after, CANARY) && !holds(&after, "请于本周签收办理"));
    assert_eq!((listed(&office, &roads).await, listed(&office, &farms).await), (0, 1));
    assert!(office.state.hub.record_page(&roads.person, case).await.unwrap().is_none());
    assert!(receives(&office, &farms, CANARY).await && receives(&office, &farms, "请于本周签收办理").await);
    assert!(receives(&office, &water, CANARY).await);
    assert!(!accepted(&exchange(&office, &roads, asked(vec![sign(17)])).await), "nor does it act any more");
}

/// DOMAIN §6.6: the station reads the cases of its deputies and types in what they did on paper (代录); another one neither.
#[tokio::test]
async fn the_station_of_its_deputy_types_in_and_another_does_not() {
    let office = Office::new().await;
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let mut draft = Draft::new(Kind::Suggestion, &huang, office.stations[0], 1);
    draft.edit(huang.actor, &suggestion("town", "关于修通三组断头路的建议"));
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
    let record = draft.record.id();
    let text = Facts::of(&draft.record.read()).text;
    let submitted = file(&office, &huang, record, None, Act::Submit { text, declared: true, again: None }).await;
    assert!(matches!(submitted, Acted::Accepted { .. }), "{submitted:?}");
    let elsewhere = NewUser {
        login: "wu".into(),
        name: "吴".into(),
        password_hash: hash_password(PASSWORD).unwrap(),
        posts: vec![Post { role: Role::Station, unit: UnitCode("520303108S02".into()), mandate: None }],
    };
    office.store.create_user(elsewhere).await.unwrap().unwrap();
    let wu = office.phone("wu").await;
    assert!(office.state.hub.record_page(&wu.person, record).await.unwrap().is_none());
    let withdraw = || Act::Withdraw { text: "书面撤回".into() };
    for (who, proxy) in [(&wu, Some("替黄光明")), (&zhao, None)] {
        let refused = file(&office, who, record, proxy, withdraw()).await;
        assert!(matches!(refused, Acted::Returned(_)), "{refused:?}");
    }
    let typed = file(&office, &zhao, record, Some("替黄光明录入，凭书面申请"), withdraw()).await;
    assert!(matches!(typed, Acted::Accepted { .. }), "{typed:?}");
    assert!(!office.exchange(&zhao, &request(Vec::new(), &[])).await.events.iter().any(|event| event.case == record));
}

async fn file(office: &Office, who: &Phone, case: RecordId, proxy: Option<&str>, act: Act) -> Acted {
    let proxy = proxy.map(str::to_owned);
    let (id, seen) = (EventId(rand::random()), office.store.case_events(case).await.unwrap().len() as u32);
    let request = Request { id, case, kind: Kind::Suggestion, seen, made_ms: NOW, proxy, act };
    office.state.hub.act(&who.device, &who.person, &request, NOW).await.unwrap()
}
