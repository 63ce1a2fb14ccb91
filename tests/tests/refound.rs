//! Records founded anew (DESIGN, Records 9; DOMAIN §6.7, the photo that is removed for privacy): what was taken out of a
//! record is afterwards nowhere, on no phone and in no byte of the server's files, and nothing else is lost.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use lianxin_server::{
    hub::{Acted, Command, FoundingFiles, RefoundProblem, Target},
    store::{self, CaseSpaces},
};
use lianxin_shared::{
    case::{self, Act, Exit, ExitKind, Petition, UnitRef, Way},
    device::{Exchange, RecordState},
    id::{Actor, EventId, RecordId, UnitCode},
    record::{Contents, Edit, FieldValue, Op, Record},
    schema::Kind,
    wire::{Answer, Outcome, RefusalReason, Refused, Request},
};
use lianxin_tests::{
    handset::Handset,
    office::{self, EPOCH, NOW, Office, activity, contains, mandate, outcomes, request, voice},
    scratch::Scratch,
    world::random::Random,
};

/// A villager's name and number that slipped into a text.
const CANARY: &str = "金丝雀鸣春13900002222";
/// What a villager tells, who is then guided away.
const TOLD: &str = "金丝雀说法院判得不公";
const REASON: &str = "群众要求删除本人信息";

/// An office whose files can be looked at, and put back.
struct Place {
    data: Scratch,
}

impl Place {
    fn new() -> Self {
        Self { data: Scratch::new("refound") }
    }

    fn database(&self) -> String {
        self.data.path().join("lianxin.sqlite").to_string_lossy().into_owned()
    }

    async fn start(&self) -> Office {
        let mut office = Office::on(&self.database(), None, None).await;
        office.state = office.state.clone().with_foundings(FoundingFiles::of_folder(self.data.path()));
        office.state.hub.repeat_foundings(office.state.clock.now_ms()).await.unwrap();
        office
    }

    fn yields(&self, text: &str) -> Option<String> {
        files_below(self.data.path()).into_iter().find(|path| contains(&fs::read(path).unwrap(), text))
    }
}

fn files_below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path.to_string_lossy().into_owned()] })
        .collect()
}

/// A phone that speaks with the hub.
struct Phone {
    who: office::Phone,
    handset: Handset,
}

impl Phone {
    async fn new(office: &Office, login: &str) -> Self {
        let who = office.phone(login).await;
        let handset = Handset::new(who.actor);
        let mut phone = Self { who, handset };
        phone.sync(office).await;
        phone
    }

    async fn ask(&self, office: &Office) -> (Exchange, Answer) {
        let exchange = self.handset.device.exchange(NOW, "test", 1 << 20);
        let request = Request::decode(&exchange.body).unwrap();
        let answer =
            office.state.hub.exchange(&self.who.device, &self.who.person, request, office.state.clock.now_ms());
        (exchange, Answer::decode(&answer.await.unwrap().encode()).unwrap())
    }

    async fn sync(&mut self, office: &Office) {
        for _ in 0..20 {
            let (exchange, answer) = self.ask(office).await;
            self.handset.receive(&exchange, &answer, NOW);
            if self.handset.device.sendable() == 0 && !answer.hello.more {
                return;
            }
        }
        panic!("there is always more");
    }

    fn edit(&mut self, record: RecordId, edits: Vec<Edit>) {
        self.handset.edit(Target::Existing { record }, edits);
    }

    fn yields(&self, text: impl AsRef<[u8]> + Copy) -> bool {
        self.handset.disk.iter().any(|(_, value)| contains(value, text))
    }
}

async fn clear(office: &Office, desk: &office::Phone, record: RecordId) -> Result<Contents, RefoundProblem> {
    let now_ms = office.state.clock.now_ms();
    office.state.hub.found_anew((&desk.device, &desk.person), record, REASON, now_ms).await
}

async fn contents(office: &Office, desk: &office::Phone, record: RecordId) -> Contents {
    office.state.hub.contents(&desk.person, &[record]).await.unwrap().remove(&record).unwrap()
}

/// A voice that names its villager, on the server, on its author's phone and on a colleague's.
async fn slipped(office: &Office) -> (Phone, Phone, office::Phone, RecordId) {
    let mut huang = Phone::new(office, "huang").await;
    let summary = format!("{CANARY}家门口路灯坏了。");
    let target = Target::New { new: Kind::Voice, space: office.stations[0] };
    let record = huang.handset.edit(target, voice(mandate(0), &summary));
    huang.sync(office).await;
    let zhao = Phone::new(office, "zhao").await;
    (huang, zhao, office.phone("zhou").await, record)
}

#[tokio::test]
async fn what_was_taken_out_is_found_nowhere_and_what_was_written_meanwhile_arrives() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, mut zhao, zhou, record) = slipped(&office).await;
    assert!(zhao.yields(CANARY) && place.yields(CANARY).is_some());
    // Both write on, without signal, in what names the villager.
    huang.edit(record, vec![Edit::write("summary", &format!("{CANARY}家门口路灯坏了，晚上看不见。"))]);
    zhao.edit(record, vec![Edit::put("urgency", "urgent"), note("去看过了")]);

    office.revise(&zhou, record, vec![Edit::write("summary", "家门口路灯坏了。")]).await;
    assert!(place.yields(CANARY).is_some(), "a history forgets nothing");
    clear(&office, &zhou, record).await.unwrap();
    assert_eq!(place.yields(CANARY), None);

    for phone in [&mut huang, &mut zhao] {
        assert_eq!(phone.handset.device.state(record), RecordState::Phone { unsent: 1 });
        phone.sync(&office).await;
        assert!(!phone.yields(CANARY));
        assert_eq!((phone.handset.device.unsent(), phone.handset.device.refused()), (0, 0));
    }
    huang.sync(&office).await;
    let said = contents(&office, &zhou, record).await;
    assert_eq!((said.text("summary"), said.text("urgency")), ("家门口路灯坏了，晚上看不见。", "urgent"));
    assert_eq!(notes(&said), BTreeSet::from(["去看过了".to_owned()]));
    assert_eq!(huang.handset.contents(record).fields, said.fields);
    assert_eq!(place.yields(CANARY), None);
    let new = Phone::new(&office, "huang").await;
    assert_eq!(new.handset.contents(record).fields, said.fields);

    // The history says that it was, by whom, and nothing else of what was before.
    let page = office.state.hub.record_page(&zhou.person, record).await.unwrap().unwrap();
    assert!(page.history[0].entry.founding && page.history.iter().filter(|line| line.entry.founding).count() == 1);
    let audit = office.store.audit_after(0, 100).await.unwrap();
    let noted = audit.iter().find(|entry| entry.act == "record_founded").unwrap();
    assert_eq!((noted.subject.as_str(), noted.reason.as_str()), (record.to_string().as_str(), REASON));
}

#[tokio::test]
async fn what_is_sent_again_was_received_and_does_not_come_back() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, _, zhou, record) = slipped(&office).await;
    let old: Vec<_> = office.store.changes_of(&[record]).await.unwrap().remove(&record).unwrap();
    office.revise(&zhou, record, vec![Edit::write("summary", "路灯坏了。")]).await;
    clear(&office, &zhou, record).await.unwrap();

    // Set back to an older copy, the phone offers what the server had long ago.
    let mut was = Record::new(Kind::Voice, record);
    was.apply(old.iter().map(|entry| entry.bytes.as_slice())).unwrap();
    let rests = was.edit(Actor([7; 16]), NOW, None, &[Edit::put("urgency", "urgent")]).unwrap().unwrap();
    let sent = |hash, bytes: &[u8]| lianxin_shared::wire::SentChange {
        space: office.stations[0],
        kind: Kind::Voice as u8,
        record,
        hash,
        bytes: bytes.to_vec(),
    };
    let changes = vec![sent(old[0].hash, &old[0].bytes), sent(rests.hash, &rests.bytes)];
    let answer = office.exchange(&huang.who, &request(changes, &[])).await;
    let founded = Refused { reason: RefusalReason::Founded, field: String::new() };
    assert!(matches!(&outcomes(&answer)[..], [Outcome::Received { .. }, Outcome::Refused(why)] if *why == founded));
    assert_eq!(place.yields(CANARY), None, "nor in what was refused");
    assert!(office.store.quarantine(&office.stations, &CaseSpaces::default(), 10).await.unwrap().is_empty());
    huang.sync(&office).await;
    assert!(!huang.yields(CANARY));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_brings_nothing_back() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, mut zhao, zhou, record) = slipped(&office).await;
    huang.edit(record, vec![Edit::put("group", CANARY)]);
    huang.sync(&office).await;
    let (late, from_before) = zhao.ask(&office).await;
    office.revise(&zhou, record, vec![Edit::write("summary", "路灯坏了。"), clear_field("group")]).await;
    clear(&office, &zhou, record).await.unwrap();
    zhao.sync(&office).await;
    zhao.handset.receive(&late, &from_before, NOW);
    assert!(!zhao.yields(CANARY));
    zhao.sync(&office).await;
    assert_eq!(zhao.handset.contents(record).fields, contents(&office, &zhou, record).await.fields);
}

#[tokio::test]
async fn a_form_that_was_open_in_the_console_brings_nothing_back() {
    let place = Place::new();
    let office = place.start().await;
    let (.., zhou, record) = slipped(&office).await;
    let seen = office.state.hub.record_page(&zhou.person, record).await.unwrap().unwrap().heads;
    office.revise(&zhou, record, vec![Edit::write("summary", "路灯坏了。")]).await;
    clear(&office, &zhou, record).await.unwrap();
    let edits = vec![Edit::write("summary", &format!("{CANARY}，急"))];
    let command = Command { target: Target::Existing { record }, base: Some(seen), edits };
    let refused = office.state.hub.edit(&zhou.device, &zhou.person, command, NOW).await.unwrap_err();
    assert!(refused.to_string().contains("Founded"), "{refused}");
    assert_eq!(place.yields(CANARY), None);
}

#[tokio::test]
async fn only_who_deletes_for_citizens_may_and_says_why() {
    let office = Office::new().await;
    let (huang, zhao, zhou, record) = slipped(&office).await;
    let li = office.phone("li").await;
    for nobody in [&huang.who, &li] {
        assert!(matches!(clear(&office, nobody, record).await, Err(RefoundProblem::NotFound)));
    }
    let hub = &office.state.hub;
    for reason in ["删", "请删除13800001111", &"长".repeat(300)] {
        let refused = hub.found_anew((&zhou.device, &zhou.person), record, reason, NOW).await;
        assert!(matches!(refused, Err(RefoundProblem::Invalid(_))), "{reason}");
    }
    let unknown = clear(&office, &zhou, RecordId([9; 16])).await;
    assert!(matches!(unknown, Err(RefoundProblem::NotFound)));
    // Two values of which nobody has chosen one: clearing away one of them would choose.
    let heads = hub.record_page(&zhou.person, record).await.unwrap().unwrap().heads;
    for (who, group) in [(&zhou, "一组"), (&zhao.who, "二组")] {
        let edits = vec![Edit::put("group", group)];
        let command = Command { target: Target::Existing { record }, base: Some(heads.clone()), edits };
        hub.edit(&who.device, &who.person, command, NOW).await.unwrap();
    }
    assert!(matches!(clear(&office, &zhou, record).await, Err(RefoundProblem::InConflict)));
    assert_eq!(
        office.store.audit_after(0, 100).await.unwrap().iter().filter(|entry| entry.act == "record_founded").count(),
        0
    );
    office.revise(&zhou, record, vec![Edit::put("group", "三组")]).await;
    clear(&office, &zhao.who, record).await.unwrap();
}

/// DOMAIN §6.7: kept unless it was removed for privacy, and that wins over whoever captions it.
#[tokio::test]
async fn a_photo_that_is_removed_for_privacy_stays_gone_although_somebody_captions_it() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, zhou) = (Phone::new(&office, "huang").await, office.phone("zhou").await);
    let photo = [b"\xff\xd8\xff".as_slice(), CANARY.as_bytes()].concat();
    let (hash, prepared) = huang.handset.device.prepare_keep(photo, Some(CANARY.as_bytes().to_vec()), NOW).unwrap();
    huang.handset.keep(prepared);
    let target = Target::New { new: Kind::Activity, space: office.stations[0] };
    let record = huang.handset.edit(target, [activity(mandate(0)), vec![Edit::enter("files", hash, "会场")]].concat());
    huang.sync(&office).await;
    assert!(huang.yields(CANARY));
    let mut zhao = Phone::new(&office, "zhao").await;
    zhao.edit(record, vec![Edit::enter("files", hash, "院坝会现场"), Edit::put("crowd", 32)]);
    office.revise(&zhou, record, vec![Edit::remove("files", hash)]).await;
    clear(&office, &zhou, record).await.unwrap();
    for phone in [&mut huang, &mut zhao] {
        phone.sync(&office).await;
        assert!(!phone.yields(CANARY) && !phone.yields(hash.to_string().as_str()));
        assert_eq!(phone.handset.device.unsent_files(), (0, 0));
    }
    let said = contents(&office, &zhou, record).await;
    assert_eq!((said.number("crowd"), said.fields.contains_key("files")), (Some(32), false));
    assert_eq!(place.yields(&hash.to_string()), None);
}

#[tokio::test]
async fn a_restored_backup_does_not_bring_it_back() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, mut zhao, zhou, record) = slipped(&office).await;
    office.state.hub.stop().await;
    office.store.close().await;
    let backup = fs::read(place.database()).unwrap();
    assert!(contains(&backup, CANARY));

    let office = place.start().await;
    office.revise(&zhou, record, vec![Edit::write("summary", "路灯坏了。")]).await;
    clear(&office, &zhou, record).await.unwrap();
    huang.sync(&office).await;
    huang.edit(record, vec![Edit::put("urgency", "urgent")]);
    huang.sync(&office).await;
    office.state.hub.stop().await;
    office.store.close().await;

    for file in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.database() + file);
    }
    fs::write(place.database(), &backup).unwrap();
    // The server of the backup is told that it is one, and started.
    let database: Arc<dyn store::Store> = store::open(&place.database()).await.unwrap();
    database.renew_epoch(EPOCH + 1).await.unwrap();
    database.close().await;
    let office = place.start().await;
    assert_eq!(place.yields(CANARY), None);
    for phone in [&mut huang, &mut zhao] {
        phone.sync(&office).await;
        phone.sync(&office).await;
        assert!(!phone.yields(CANARY));
    }
    let said = contents(&office, &zhou, record).await;
    assert_eq!(
        (said.text("summary"), said.text("urgency")),
        ("路灯坏了。", "urgent"),
        "what came after it comes again"
    );
    office.state.hub.repeat_foundings(NOW).await.unwrap();
    assert_eq!(contents(&office, &zhou, record).await.fields, said.fields, "once is enough");
}

fn note(text: &str) -> Edit {
    Edit { field: "follow_ups".into(), op: Op::Append { text: text.into() } }
}

fn clear_field(field: &str) -> Edit {
    Edit { field: field.into(), op: Op::Clear }
}

fn notes(contents: &Contents) -> BTreeSet<String> {
    match contents.fields.get("follow_ups") {
        Some(FieldValue::Log { entries }) => entries.iter().map(|entry| entry.text.clone()).collect(),
        _ => BTreeSet::new(),
    }
}

const SEEDS: std::ops::Range<u64> = 0..24;
const STEPS: usize = 60;
const ROUNDS_TO_REST_MAX: usize = 30;

/// Three phones and a desk write, name the villager, clear that away again, and lose answers.
async fn world(seed: u64) -> (usize, usize) {
    let place = Place::new();
    let office = place.start().await;
    let mut random = Random::new(seed);
    let (huang, zhao, zhou, record) = slipped(&office).await;
    let mut phones = [huang, zhao, Phone::new(&office, "zhou").await];
    let mut late: [Option<(Exchange, Answer)>; 3] = [None, None, None];
    let mut written = BTreeSet::new();
    let (mut foundings, mut edits) = (0, 0);
    for number in 0..STEPS {
        office.wait_ms(1_700);
        let place = random.below(phones.len());
        let phone = &mut phones[place];
        match random.below(20) {
            0..6 => {
                let text = format!("第{number}步");
                let edit = match random.below(5) {
                    0 => Edit::put("group", if random.percent(40) { CANARY.to_owned() } else { text }),
                    1 => {
                        let before = phone.handset.contents(record).text("summary").to_owned();
                        Edit::write("summary", &format!("{before}{}", if random.percent(30) { CANARY } else { &text }))
                    }
                    2 => Edit::add("collectors", RecordId([number as u8; 16])),
                    _ => {
                        written.insert(text.clone());
                        note(&text)
                    }
                };
                phone.edit(record, vec![edit]);
                edits += 1;
            }
            6..13 => {
                let (exchange, answer) = phone.ask(&office).await;
                match random.below(5) {
                    0 => {}
                    1 => late[place] = Some((exchange, answer)),
                    2 => {
                        phone.handset.receive(&exchange, &answer, NOW);
                        phone.handset.receive(&exchange, &answer, NOW);
                    }
                    _ => phone.handset.receive(&exchange, &answer, NOW),
                }
            }
            13..15 => {
                if let Some((exchange, answer)) = late[place].take() {
                    phone.handset.receive(&exchange, &answer, NOW);
                }
            }
            15 => {
                let session = Actor(random.bytes());
                phone.handset.reopen(session);
                late[place] = None;
            }
            _ => {
                clean(&office, &zhou, record).await;
                foundings += 1;
            }
        }
    }
    for _ in 0..3 {
        for round in 0.. {
            let mut news = false;
            for phone in &mut phones {
                let (exchange, answer) = phone.ask(&office).await;
                news |= exchange.carries() > 0 || !answer.page.is_empty() || answer.hello.more;
                phone.handset.receive(&exchange, &answer, NOW);
            }
            if !news {
                break;
            }
            assert!(round < ROUNDS_TO_REST_MAX, "there is always something new");
        }
        clean(&office, &zhou, record).await;
    }
    for phone in &mut phones {
        phone.sync(&office).await;
    }
    let said = contents(&office, &zhou, record).await;
    assert_eq!(place.yields(CANARY), None);
    let noted = notes(&said);
    assert!(written.iter().all(|text| noted.contains(text)), "{written:?} against {noted:?}");
    let Some(FieldValue::Log { entries }) = said.fields.get("follow_ups") else { return (foundings, edits) };
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    entries.iter().for_each(|entry| *times.entry(&entry.text).or_default() += 1);
    assert!(times.values().all(|times| *times == 1), "nothing is there twice: {times:?}");
    for phone in &phones {
        assert!(!phone.yields(CANARY));
        assert_eq!((phone.handset.device.unsent(), phone.handset.device.refused()), (0, 0));
        assert_eq!(phone.handset.contents(record).fields, said.fields);
    }
    (foundings, edits)
}

/// The desk takes out what names the villager and has it cleared away.
async fn clean(office: &Office, desk: &office::Phone, record: RecordId) {
    let said = contents(office, desk, record).await;
    let mut edits: Vec<Edit> = said
        .conflicts()
        .map(|(field, _)| Edit { field: field.into(), op: Op::Put { value: said.single(field).unwrap().clone() } })
        .collect();
    if said.text("group").contains(CANARY) {
        edits.retain(|edit| edit.field != "group");
        edits.push(clear_field("group"));
    }
    edits.push(Edit::write("summary", &said.text("summary").replace(CANARY, "")));
    office.revise(desk, record, edits).await;
    clear(office, desk, record).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_worlds_of_lost_and_late_answers_nothing_else_is_lost() {
    let (mut foundings, mut edits) = (0, 0);
    for seed in SEEDS {
        println!("seed {seed}");
        let (founded, edited) = world(seed).await;
        foundings += founded;
        edits += edited;
    }
    println!("{SEEDS:?}: {foundings} foundings, {edits} edits");
    assert!(foundings > 100 && edits > 200, "worlds in which nothing happens prove nothing");
}

/// DOMAIN §2.3: of a petition nothing is kept, also not what was typed before anybody saw that it is one.
#[tokio::test]
async fn a_villager_who_is_guided_away_leaves_nothing_behind() {
    let place = Place::new();
    let office = place.start().await;
    let (mut huang, mut zhao, zhou, record) = slipped(&office).await;
    // With a number in it, it could not be handed in.
    let words = ["summary", "verbatim"].map(|field| Edit::write(field, TOLD));
    huang.edit(record, words.into());
    huang.edit(record, vec![Edit::put("category", "social"), Edit::put("village", RecordId([2; 16]))]);
    huang.handset.hand_in(record);
    huang.sync(&office).await;
    huang.edit(record, vec![Edit::write("verbatim", "")]);
    huang.sync(&office).await;
    zhao.sync(&office).await;
    office.revise(&zhou, record, vec![Edit::write("summary", "")]).await;
    let exit = Exit::Petition {
        matter: Petition::Appeal,
        office: UnitRef { code: UnitCode("520303X01".into()), name: "区信访局".into() },
    };
    act(&office, &zhao.who, record, Act::Sort { proposed: ExitKind::Petition, text: String::new() }).await;
    assert!(place.yields(TOLD).is_some());
    act(&office, &zhao.who, record, Act::Route { exit }).await;
    assert_eq!((place.yields(TOLD), place.yields(CANARY)), (None, None));
    for phone in [&mut huang, &mut zhao] {
        phone.sync(&office).await;
        assert!(!phone.yields(TOLD));
    }
    let page = office.state.hub.record_page(&zhou.person, record).await.unwrap().unwrap();
    assert_eq!((page.case().state(), page.history.len()), ("petition", 1));
    // Once is enough, whatever else happens to the case.
    let told =
        Act::Feedback { on: "2026-01-01".parse().unwrap(), way: Way::Phone, text: String::new(), attitude: None };
    act(&office, &zhao.who, record, told).await;
    assert_eq!(office.state.hub.record_page(&zhou.person, record).await.unwrap().unwrap().history.len(), 1);
}

async fn act(office: &Office, who: &office::Phone, case: RecordId, act: Act) {
    let seen = office.store.case_events(case).await.unwrap().len() as u32;
    let id = EventId(rand::random());
    let request = case::Request { id, case, kind: Kind::Voice, seen, made_ms: NOW, proxy: None, act };
    let acted = office.state.hub.act(&who.device, &who.person, &request, NOW).await.unwrap();
    assert!(matches!(acted, Acted::Accepted { .. }), "{acted:?}");
}
