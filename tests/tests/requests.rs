//! Small worlds of requests from seeds: people file official acts offline, exchanges break off, phones
//! die, two act at once. At rest every state is the fold over the server's events, everywhere; every
//! request is an event once, or is back with its author, text and all.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lianxin_server::store::CaseSpaces;
use lianxin_shared::{
    case::{Act, Case, Event, offer::Said},
    device::{Command, Exchange, Filing, Filter, Prepared, RequestState, Target},
    id::{Actor, EventId, RecordId},
    record::Edit,
    schema::Kind,
    wire::{Answer, Request, SentEvent, act_fields},
};
use lianxin_tests::{
    handset::Handset,
    office::{self, NOW, Office, mandate},
    world::random::Random,
};

const SEEDS: std::ops::Range<u64> = 0..16;
const STEPS: usize = 90;
const ROUNDS_TO_REST_MAX: usize = 30;
/// Who holds the phones: a deputy, the station's staff, and the same person of the town with two.
const PEOPLE: [&str; 4] = ["huang", "zhao", "zhou", "zhou"];

/// Somebody with a phone.
struct Holder {
    place: usize,
    seed: u64,
    who: office::Phone,
    handset: Handset,
    sessions: u8,
    /// What became durable here: the id and the text of each request.
    filed: BTreeMap<EventId, String>,
    /// What its person has let go.
    let_go: BTreeSet<EventId>,
    /// An answer that is under way still.
    late: Option<(Exchange, Answer)>,
    flaw: Flaw,
}

/// Something built wrong on purpose, to see that the checks notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// The phone believes what its storage refused.
    BelievesBeforeStoring,
    /// The phone lets a returned request go by itself.
    DropsWhatCameBack,
}

impl Holder {
    fn new(seed: u64, place: usize, who: office::Phone, flaw: Flaw) -> Self {
        let (filed, let_go, late) = (BTreeMap::new(), BTreeSet::new(), None);
        let handset = Handset::new(Actor([0; 16]));
        let mut holder = Self { place, seed, who, handset, sessions: 0, filed, let_go, late, flaw };
        holder.starts_again();
        holder
    }

    fn starts_again(&mut self) {
        self.sessions += 1;
        let mut session = [self.sessions; 16];
        session[..8].copy_from_slice(&(self.seed * 100 + self.place as u64).to_be_bytes());
        self.handset.reopen(Actor(session));
        self.late = None;
    }

    /// Stores, then believes; or the phone dies between the two.
    fn store(&mut self, prepared: Prepared, dies: bool) {
        if dies {
            self.handset.disk.store(&prepared.writes);
            self.starts_again();
        } else {
            self.handset.keep(prepared);
        }
    }

    fn records(&self) -> Vec<RecordId> {
        let filter = Filter { kinds: vec![Kind::Activity], ..Filter::default() };
        self.handset.device.list(&filter).iter().map(|row| row.id).collect()
    }

    fn record(&mut self, target: Target, edits: Vec<Edit>) {
        let command = Command { target, base: None, edits };
        let doc = command.record().and_then(|id| self.handset.doc(id));
        if let Ok((_, prepared)) = self.handset.device.prepare_edit(&command, doc, NOW) {
            self.store(prepared, false);
        }
    }

    fn file(&mut self, filing: &Filing, text: String, dies: bool) {
        // What would come back anyway is said at once and not filed.
        let Ok((id, prepared)) = self.handset.device.prepare_request(filing, self.handset.doc(filing.record), NOW)
        else {
            return;
        };
        self.store(prepared, dies);
        self.filed.insert(id, text);
        self.let_go.extend(filing.replaces);
    }

    /// The requests that came back, with the record that they are about.
    fn returned(&self) -> Vec<(RecordId, EventId, Said)> {
        let requests = self.records().into_iter().filter_map(|id| {
            let view = self.handset.device.view(id, self.handset.doc(id)?, self.handset.case(id));
            Some((id, view.unwrap()?.case?.requests))
        });
        let back = |id, requests: Vec<lianxin_shared::device::RequestView>| {
            let back = requests.into_iter().filter(|request| matches!(request.state, RequestState::Returned { .. }));
            back.map(move |request| (id, request.id, request.act)).collect::<Vec<_>>()
        };
        requests.flat_map(|(id, requests)| back(id, requests)).collect()
    }

    fn hears(&mut self, exchange: &Exchange, answer: &Answer, fate: Fate) {
        let prepared = self.handset.prepare_receive(exchange, answer, NOW);
        match (fate, self.flaw) {
            (Fate::DiskFull, Flaw::BelievesBeforeStoring) => self.handset.device.commit(prepared),
            (Fate::DiskFull, _) => {}
            (fate, _) => self.store(prepared, fate == Fate::Dies),
        }
        if self.flaw == Flaw::DropsWhatCameBack {
            for (_, id, _) in self.returned() {
                let prepared = self.handset.device.prepare_dismiss(id).unwrap();
                self.store(prepared, false);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Works,
    RequestLost,
    AnswerLost,
    AnswerTwice,
    AnswerLate,
    DiskFull,
    Dies,
}

const FATES: [Fate; 9] = [
    Fate::Works,
    Fate::Works,
    Fate::Works,
    Fate::RequestLost,
    Fate::AnswerLost,
    Fate::AnswerTwice,
    Fate::AnswerLate,
    Fate::DiskFull,
    Fate::Dies,
];

/// One exchange; whether it told either side anything.
async fn exchange(office: &Office, holder: &mut Holder, fate: Fate) -> bool {
    let exchange = holder.handset.device.exchange(NOW, "test", 3_000);
    if fate == Fate::RequestLost {
        return false;
    }
    let request = Request::decode(&exchange.body).unwrap();
    let who = &holder.who;
    let answer = office.state.hub.exchange(&who.device, &who.person, request, office.state.clock.now_ms());
    // Over the wire, as it would come.
    let answer = Answer::decode(&answer.await.unwrap().encode()).unwrap();
    let news = exchange.carries() > 0 || !answer.page.is_empty() || !answer.events.is_empty() || answer.hello.more;
    match fate {
        Fate::AnswerLost => {}
        Fate::AnswerLate => holder.late = Some((exchange, answer)),
        Fate::AnswerTwice => {
            holder.hears(&exchange, &answer, Fate::Works);
            holder.hears(&exchange, &answer, Fate::Works);
        }
        fate => holder.hears(&exchange, &answer, fate),
    }
    news
}

fn act(random: &mut Random, text: &str) -> Act {
    let text = text.to_owned();
    match random.below(6) {
        0..2 => Act::Submit { text: None, declared: true, again: None },
        2 => Act::AskRevision { text },
        3 => Act::Verify,
        4 => Act::Correct { text },
        _ => Act::Void { text },
    }
}

async fn step(office: &Office, holders: &mut [Holder], random: &mut Random, number: usize) {
    let place = random.below(holders.len());
    let holder = &mut holders[place];
    match random.below(100) {
        0..10 => {
            let edits = vec![
                Edit::put("kind", "courtyard"),
                Edit::put("title", format!("第{number}次院坝会")),
                Edit::put("start", "2026-01-01T09:00"),
                Edit::put("village", RecordId([2; 16])),
                Edit::add("attendees", mandate(0)),
                Edit::write("body", "讲解新国发2号文件"),
            ];
            holder.record(Target::New { new: Kind::Activity, space: office.stations[0] }, edits);
        }
        10..20 => {
            let records = holder.records();
            if !records.is_empty() {
                let record = *random.pick(&records);
                holder.record(Target::Existing { record }, vec![Edit::put("crowd", random.below(90) as i64)]);
            }
        }
        20..55 => {
            let records = holder.records();
            if !records.is_empty() {
                let text = format!("第{number}步的说明");
                let act = act_fields(&act(random, &text));
                let filing = Filing { record: *random.pick(&records), act, proxy: None, replaces: None };
                holder.file(&filing, text, random.percent(10));
            }
        }
        55..62 => {
            if let Some((record, id, act)) = holder.returned().into_iter().next() {
                let text = holder.filed[&id].clone();
                if random.percent(50) {
                    let act = serde_json::from_str(&act.0).unwrap();
                    holder.file(&Filing { record, act, proxy: None, replaces: Some(id) }, text, false);
                } else if let Some(prepared) = holder.handset.device.prepare_dismiss(id) {
                    holder.store(prepared, false);
                    holder.let_go.insert(id);
                }
            }
        }
        62..92 => drop(exchange(office, holder, *random.pick(&FATES)).await),
        92..97 => {
            if let Some((exchange, answer)) = holder.late.take() {
                holder.hears(&exchange, &answer, Fate::Works);
            }
        }
        97 => {
            // The server says that it is another one: everybody offers everything again.
            let epoch = office.store.epoch().await.unwrap();
            office.store.renew_epoch(epoch + 1).await.unwrap();
        }
        _ => holder.starts_again(),
    }
}

/// Requests that are events or came back, as the server has them.
async fn settled(office: &Office) -> (HashMap<EventId, SentEvent>, BTreeMap<EventId, String>) {
    let end = office.store.ends(&office.stations).await.unwrap()[&office.stations[0]];
    let events = office.store.events_between(office.stations[0], Default::default(), end, usize::MAX).await.unwrap();
    let count = events.len();
    let events: HashMap<EventId, SentEvent> = events.into_iter().map(|event| (event.id, event)).collect();
    assert_eq!(events.len(), count, "no event is there twice");
    let returned = office.store.returned(&office.stations, &CaseSpaces::default(), u32::MAX).await.unwrap();
    (events, returned.into_iter().map(|request| (request.id, request.body)).collect())
}

async fn nobody_says_less_than_there_is(office: &Office, holders: &[Holder]) {
    let (events, returned) = settled(office).await;
    for holder in holders {
        let nowhere_else =
            |id: &&EventId| !events.contains_key(*id) && !returned.contains_key(*id) && !holder.let_go.contains(*id);
        let owed = holder.filed.keys().filter(nowhere_else).count();
        assert!(
            holder.handset.device.unsent() >= owed,
            "phone {}: {} of {owed}",
            holder.place,
            holder.handset.device.unsent()
        );
    }
}

async fn everything_is_where_it_should_be(office: &Office, holders: &[Holder]) -> (usize, usize) {
    let (events, returned) = settled(office).await;
    let mut by_case: BTreeMap<RecordId, BTreeMap<u32, Event>> = BTreeMap::new();
    for event in events.values() {
        by_case.entry(event.case).or_default().insert(event.seq, event.read().unwrap());
    }
    let ids: Vec<RecordId> = by_case.keys().copied().collect();
    let rows = office.store.case_rows(&ids).await.unwrap();
    for (id, events) in &by_case {
        assert!(events.keys().copied().eq(1..=events.len() as u32), "the events of {id} have no gap");
        assert_eq!(rows[id], Case::of(Kind::Activity, events.values()).row(), "the server's row is the fold");
    }
    for holder in holders {
        assert_eq!(holder.handset.device.unsent(), 0, "phone {}", holder.place);
        let listed = holder.handset.device.list(&Filter { kinds: vec![Kind::Activity], ..Filter::default() });
        for (id, events) in &by_case {
            let row = listed.iter().find(|row| row.id == *id).unwrap();
            let standing = row.case.map(|case| case.0.clone());
            assert_eq!(standing, Some(rows[id].to_standing()), "phone {}: the row is the fold", holder.place);
            let view = holder.handset.device.view(*id, holder.handset.doc(*id).unwrap(), holder.handset.case(*id));
            let view = view.unwrap().unwrap().case.unwrap();
            let shown: Vec<_> = view.events.iter().map(|event| (event["seq"].clone(), event["act"].clone())).collect();
            let entered: Vec<_> =
                events.values().map(|event| (event.seq.into(), act_fields(&event.act).into())).collect();
            assert_eq!(shown, entered, "phone {}: the case is the server's", holder.place);
        }
        let back: BTreeMap<EventId, Said> = holder.returned().into_iter().map(|(_, id, act)| (id, act)).collect();
        for (id, text) in holder.filed.iter().filter(|(id, _)| !holder.let_go.contains(*id)) {
            match (events.contains_key(id), back.get(id)) {
                (true, None) => {}
                (false, Some(act)) => {
                    assert!(returned.contains_key(id), "staff see it too");
                    let written = &act.0;
                    assert!(!written.contains("text") || written.contains(text.as_str()), "{written} lacks {text}");
                }
                other => panic!("phone {}: the request {id} is {other:?}", holder.place),
            }
        }
    }
    (events.len(), returned.len())
}

async fn world(seed: u64, flaw: Flaw) -> (usize, usize) {
    let office = Office::new().await;
    let mut random = Random::new(seed);
    let mut holders = Vec::new();
    for (place, login) in PEOPLE.into_iter().enumerate() {
        holders.push(Holder::new(seed, place, office.phone(login).await, flaw));
        exchange(&office, &mut holders[place], Fate::Works).await;
    }
    for number in 0..STEPS {
        office.wait_ms(1_700);
        step(&office, &mut holders, &mut random, number).await;
        nobody_says_less_than_there_is(&office, &holders).await;
    }
    for _ in 0..ROUNDS_TO_REST_MAX {
        let mut news = false;
        for holder in &mut holders {
            news |= exchange(&office, holder, Fate::Works).await;
        }
        if !news {
            return everything_is_where_it_should_be(&office, &holders).await;
        }
    }
    panic!("after {ROUNDS_TO_REST_MAX} rounds without a fault there is still something new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_becomes_one_event_or_comes_back_with_its_text() {
    let (mut events, mut returned) = (0, 0);
    for seed in SEEDS {
        println!("seed {seed}");
        let (entered, back) = world(seed, Flaw::None).await;
        events += entered;
        returned += back;
    }
    println!("{SEEDS:?}: {events} events, {returned} requests returned");
    assert!(events > 60 && returned > 15, "worlds in which nothing happens prove nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_that_are_built_wrong_are_caught() {
    for flaw in [Flaw::BelievesBeforeStoring, Flaw::DropsWhatCameBack] {
        let mut caught = None;
        for seed in SEEDS {
            if tokio::spawn(world(seed, flaw)).await.is_err_and(|error| error.is_panic()) {
                caught = Some(seed);
                break;
            }
        }
        println!("{flaw:?} was noticed with seed {:?}", caught.unwrap_or_else(|| panic!("{flaw:?} went unnoticed")));
    }
}
