//! First downloads and what idle phones say: the real device core against the real hub.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use lianxin_shared::{
    case::{self, Act},
    device::{Ask, Exchange, Filter, Target},
    id::{Actor, EventId, Position, RecordId, SpaceId, UnitCode},
    limits::CURSORS_NAMED_MAX,
    record::{Edit, Record},
    rights::SpaceKind,
    schema::Kind,
    wire::{Answer, Cursor, Request, SentChange, SentRequest, Verdict},
};
use lianxin_tests::{
    handset::Handset,
    office::{Draft, NOW, Office, Phone, activity_by, mandate, outcomes, request, voice_by},
};

/// A handset whose holder has signed in.
struct App {
    handset: Handset,
    phone: Phone,
}

impl App {
    async fn new(office: &Office, login: &str) -> Self {
        let phone = office.phone(login).await;
        Self { handset: Handset::new(phone.actor), phone }
    }

    fn ask(&self, download_bytes_max: u64) -> Exchange {
        let ask = Ask { upload_bytes_max: 100_000, download_bytes_max, since_ms: i64::MIN };
        self.handset.device.exchange_asking(NOW, "test", ask)
    }

    async fn exchange(&mut self, office: &Office, download_bytes_max: u64) -> Answer {
        let exchange = self.ask(download_bytes_max);
        let answer = office.exchange(&self.phone, &Request::decode(&exchange.body).unwrap()).await;
        self.handset.receive(&exchange, &answer, NOW);
        answer
    }

    async fn exchange_all(&mut self, office: &Office) {
        while self.exchange(office, 1_000_000).await.hello.more {}
    }

    fn titles(&self) -> Vec<String> {
        let rows = self.handset.device.list(&Filter { kinds: Kind::ALL.to_vec(), ..Filter::default() });
        rows.iter().map(|row| row.title.to_owned()).collect()
    }

    /// Every record of the space is held as the server has it.
    async fn holds_all_of(&self, office: &Office, space: SpaceId) {
        let records = office.store.records_before(space, Position(u64::MAX), 100_000).await.unwrap();
        assert!(!records.is_empty());
        for begun in records {
            let stored = office.store.record(begun.id).await.unwrap().unwrap();
            let there = Record::load(stored.kind, begun.id, &stored.doc).unwrap();
            let doc = self.handset.doc(begun.id).unwrap_or_else(|| panic!("{} never came", begun.id));
            let here = Record::of_stored(stored.kind, begun.id, doc).unwrap();
            assert_eq!((here.heads(), here.read()), (there.heads(), there.read()));
            let events = office.store.case_events(begun.id).await.unwrap();
            let view = self.handset.device.view(begun.id, doc, self.handset.case(begun.id)).unwrap().unwrap();
            assert_eq!(view.case.map_or(0, |case| case.events.len()), events.len());
            assert_eq!(here.history().len(), there.history().len());
        }
    }
}

/// Voices with the numbers as their summaries, each in an exchange of its own.
async fn write_voices(office: &Office, phone: &Phone, space: SpaceId, numbers: std::ops::Range<u64>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for number in numbers {
        let draft = Draft::voice(phone, space, number, &voice_by(mandate(0), &format!("第{number}件")));
        office.exchange(phone, &request(draft.changes.clone(), &[])).await;
        drafts.push(draft);
    }
    drafts
}

#[tokio::test]
async fn a_new_phone_gets_the_newest_first_and_goes_on_where_it_stopped() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let drafts = write_voices(&office, &huang, space, 1..31).await;
    let bytes = drafts[0].changes[0].bytes.len() as u64;

    let mut zhao = App::new(&office, "zhao").await;
    zhao.exchange(&office, 4 * bytes).await;
    let first = zhao.titles();
    assert!((3..8).contains(&first.len()), "about a page: {first:?}");
    assert!(first.contains(&"第30件".into()) && !first.contains(&"第20件".into()), "the newest: {first:?}");
    assert_eq!(zhao.handset.device.position(space), Position(30), "what comes from now on comes by the log");

    // Meanwhile one that has come and one that has not are changed, and a new one is written.
    let (mut newest, mut oldest) = (drafts.into_iter().rev(), Vec::new());
    for draft in [newest.next().unwrap(), newest.next_back().unwrap()].iter_mut() {
        draft.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
        oldest.push(draft.changes[1].clone());
    }
    office.exchange(&huang, &request(oldest, &[])).await;
    write_voices(&office, &huang, space, 31..32).await;

    zhao.handset.reopen(Actor([0x77; 16]));
    let mut pages = 1;
    while zhao.exchange(&office, 4 * bytes).await.hello.more {
        pages += 1;
        if pages == 3 {
            zhao.handset.reopen(Actor([0x77; 16]));
        }
    }
    assert!(pages > 5, "{pages} pages");
    assert_eq!(zhao.titles().len(), 31);
    assert!(!zhao.handset.device.lacks_older());
    zhao.holds_all_of(&office, space).await;
    let idle = zhao.exchange(&office, 4 * bytes).await;
    assert!(!idle.hello.more && !idle.brings_something() && idle.cursors.is_empty());
}

#[tokio::test]
async fn a_page_that_was_lost_comes_again() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    write_voices(&office, &huang, space, 1..15).await;
    let mut zhao = App::new(&office, "zhao").await;
    zhao.exchange(&office, 1_000).await;
    let lost = zhao.ask(1_000);
    let lost = office.exchange(&zhao.phone, &Request::decode(&lost.body).unwrap()).await;
    let again = zhao.exchange(&office, 1_000).await;
    assert_eq!(lost.snapshot, again.snapshot);
    zhao.exchange_all(&office).await;
    zhao.holds_all_of(&office, space).await;
}

fn compressed(answer: &Answer) -> usize {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&answer.encode()).unwrap();
    encoder.finish().unwrap().len()
}

#[tokio::test]
async fn a_record_of_many_changes_comes_at_once_with_its_history() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let mut drafts = write_voices(&office, &huang, space, 1..3).await;
    let draft = &mut drafts[0];
    for number in 0..300_i64 {
        draft.edit(huang.actor, &[Edit::put("affected", number)]);
    }
    office.exchange(&huang, &request(draft.changes[1..].to_vec(), &[])).await;
    let raw: usize = draft.changes.iter().map(|change| change.bytes.len()).sum();

    let mut zhao = App::new(&office, "zhao").await;
    let answer = zhao.exchange(&office, 1_000_000).await;
    let changes: Vec<usize> = answer.snapshot.records.iter().map(|whole| whole.changes.len()).collect();
    assert_eq!(changes, [1, 301]);
    let bytes = compressed(&answer);
    assert!(bytes * 10 < raw, "{bytes} of {raw} bytes");
    zhao.holds_all_of(&office, space).await;
    let record = zhao.handset.doc(draft.record.id()).unwrap();
    let view = zhao.handset.device.view(draft.record.id(), record, None).unwrap().unwrap();
    assert_eq!((view.history.len(), view.people.values().next()), (301, Some(&"黄光明")));
}

#[tokio::test]
async fn what_was_decided_comes_with_the_record() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    for number in 1..7 {
        let mut draft = Draft::new(Kind::Activity, &huang, space, number);
        draft.edit(huang.actor, &activity_by(mandate(0)));
        let (kind, id, case) = (Kind::Activity, EventId([number as u8; 16]), draft.record.id());
        let act = Act::Submit { text: None, declared: false, again: None };
        let asked = case::Request { id, case, kind, seen: 0, made_ms: NOW, proxy: None, act };
        let requests = vec![SentRequest::of(space, &asked)];
        let answer = office.exchange(&huang, &Request { requests, ..request(draft.changes, &[]) }).await;
        assert!(matches!(answer.verdicts[..], [Verdict::Accepted { .. }]));
    }
    let mut zhao = App::new(&office, "zhao").await;
    let first = zhao.exchange(&office, 1_000).await;
    assert!(first.hello.more && !first.snapshot.records.is_empty());
    assert_eq!(first.events.len(), first.snapshot.records.len(), "each with its own, and no others");
    zhao.exchange_all(&office).await;
    zhao.holds_all_of(&office, space).await;
}

#[tokio::test]
async fn two_phones_that_begin_the_same_day_meet_in_a_first_download() {
    let office = Office::new().await;
    let space = office.stations[0];
    let mut apps = [App::new(&office, "huang").await, App::new(&office, "zhao").await];
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    for app in &mut apps {
        app.exchange(&office, 0).await;
    }
    // Both know their rights and nothing else; both open the day without a network.
    for (number, app) in apps.iter_mut().enumerate() {
        let edits = vec![
            Edit::put("station", station),
            Edit::put("date", "2026-01-05"),
            Edit::add("deputies", RecordId([number as u8; 16])),
        ];
        app.handset.edit(Target::New { new: Kind::ReceptionDay, space }, edits);
    }
    for _ in 0..2 {
        for app in &mut apps {
            app.exchange_all(&office).await;
        }
    }
    for app in &apps {
        app.holds_all_of(&office, space).await;
        assert_eq!(app.handset.device.unsent(), 0);
    }
    let mut third = App::new(&office, "zhao").await;
    third.exchange_all(&office).await;
    third.holds_all_of(&office, space).await;
}

#[tokio::test]
async fn what_forms_refer_to_comes_before_the_rest_and_foreign_spaces_never() {
    let office = Office::new().await;
    let [space, foreign] = office.stations;
    let public = office.store.create_space(SpaceKind::TownPublic, &UnitCode("520303108".into()), "镇").await.unwrap();
    let (huang, zhao, li) = (office.phone("huang").await, office.phone("zhao").await, office.phone("li").await);
    write_voices(&office, &huang, space, 1..10).await;
    let secret = Draft::voice(&li, foreign, 1, &voice_by(mandate(1), "秘密"));
    office.exchange(&li, &request(secret.changes, &[])).await;
    let mut station = Record::new(Kind::Station, RecordId::derived(Kind::Station, &["520303108S01"]));
    let edits = [
        Edit::put("code", "520303108S01"),
        Edit::put("name", "竹元村联络室"),
        Edit::put("kind", "room"),
        Edit::put("unit", RecordId([2; 16])),
        Edit::put("state", "open"),
    ];
    let change = station.edit(zhao.actor, NOW, None, &edits).unwrap().unwrap();
    let (kind, record) = (Kind::Station as u8, station.id());
    let change = SentChange { space: public, kind, record, hash: change.hash, bytes: change.bytes };
    let answer = office.exchange(&zhao, &request(vec![change], &[])).await;
    assert!(matches!(outcomes(&answer)[..], [lianxin_shared::wire::Outcome::Received { .. }]));

    let mut app = App::new(&office, "huang").await;
    let answer = app.exchange(&office, 1_000).await;
    assert_eq!(answer.snapshot.records[0].record, station.id());
    let spaces = office.state.hub.readable_spaces(&huang.person).await.unwrap();
    let private = spaces.iter().find(|granted| granted.space.kind == SpaceKind::Private).unwrap().space.id;
    let mut asked = request(Vec::new(), &[(space, 9), (public, 1), (private, 0), (foreign, 1)]);
    asked.wanted = Some(vec![Cursor { space: foreign, position: Position(2) }]);
    let answer = office.exchange(&huang, &asked).await;
    assert!(answer.snapshot.is_empty() && answer.page.is_empty() && !answer.hello.more);
}

#[tokio::test]
async fn an_idle_exchange_does_not_grow_with_the_spaces() {
    let office = Office::new().await;
    let spaces = 60;
    for number in 10..10 + spaces {
        let unit = UnitCode(format!("520303108S{number}"));
        office.store.create_space(SpaceKind::Station, &unit, "联络室").await.unwrap();
    }
    let huang = office.phone("huang").await;
    write_voices(&office, &huang, office.stations[0], 1..3).await;
    let mut clerk = App::new(&office, "zhou").await;
    clerk.exchange_all(&office).await;
    assert!(clerk.handset.device.account().unwrap().spaces.len() > CURSORS_NAMED_MAX);

    let idle = clerk.ask(1_000_000);
    let answer = clerk.exchange(&office, 1_000_000).await;
    let bytes = idle.body.len() + answer.encode().len();
    assert!(bytes < 100, "{bytes} bytes");
    assert!(!answer.hello.more && !answer.hello.name_all);

    // Something new that the clerk has not heard of costs one more exchange; one that was heard of none.
    write_voices(&office, &huang, office.stations[0], 3..4).await;
    let answer = clerk.exchange(&office, 1_000_000).await;
    assert!(answer.hello.name_all && answer.hello.more && answer.page.is_empty());
    assert_eq!(clerk.exchange(&office, 1_000_000).await.page.len(), 1);
    write_voices(&office, &huang, office.stations[0], 4..5).await;
    clerk.handset.device.hear(office.stations[0], Position(4));
    assert_eq!(clerk.exchange(&office, 1_000_000).await.page.len(), 1);
    assert!(!clerk.exchange(&office, 1_000_000).await.hello.more);
    clerk.holds_all_of(&office, office.stations[0]).await;
}

#[tokio::test]
async fn a_client_that_does_not_take_whole_records_gets_the_log() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    write_voices(&office, &huang, space, 1..4).await;
    let answer = office.exchange(&huang, &request(Vec::new(), &[])).await;
    assert_eq!((answer.page.len(), answer.snapshot.is_empty()), (3, true));
}
