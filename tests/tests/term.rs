//! 换届 (DOMAIN §8, story 9; §6.4, ordering conflict 8): the mandates of a term have ended, posts were taken away, and old
//! phones come back. What was written is handed over to the office; nothing of the new term goes out.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use lianxin_server::{
    account::hash_password,
    hub::{Acted, Opened},
    store::{CaseSpaces, DeviceKind, Doer, LedgerQuery, NewUser, Quarantined},
};
use lianxin_shared::{
    case::{self, Act, Assign, Date, Evaluation, Event, Facts, HANDED_OVER, Opinion, Reply, UnitRef, Way},
    device::{Allowed, Notice, RecordState, Target},
    id::{Actor, EventId, RecordId, SpaceId, UnitCode},
    record::{Edit, Op, Record, Value},
    rights::{Denied, Post, Role, SpaceKind},
    schema::Kind,
    wire::{Answer, RefusalReason, SentRequest, Verdict},
};
use lianxin_tests::{
    handset::{Handset, villager},
    office::{
        self, Draft, NOW, Office, PASSWORD, activity, bytes_of, contains, mandate, mandate_of, request, suggestion,
        voice, voice_by,
    },
    scratch::Scratch,
};

const CHEN: RecordId = RecordId([0xc0; 16]);
const WU: RecordId = RecordId([0xc1; 16]);
/// A villager, whom nobody but the vault may hold in the end.
const VILLAGER: &str = "金丝雀鸣春";
/// What the old deputy writes into a colleague's record.
const MEDDLED: &str = "补充:那边也停了";
/// What is written in the new term.
const NEW_TERM: &str = "新一届的头一条意见";
const TOWN: &str = "520303108";
const ONE_DAY_MS: i64 = 24 * 60 * 60 * 1000;
const THREE_WEEKS_MS: i64 = 21 * 24 * 60 * 60 * 1000;

/// An office with a vault, and a colleague of Huang's at the station.
async fn office(vault: &Scratch) -> Office {
    let office = Office::new().await.with_vault(vault).await;
    add(&office, "chen", deputy(CHEN)).await;
    office
}

async fn add(office: &Office, login: &str, post: Post) {
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: login.into(), name: login.into(), password_hash, posts: vec![post] };
    office.store.create_user(user).await.unwrap().unwrap();
}

/// A deputy of the first station.
fn deputy(mandate: RecordId) -> Post {
    Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(mandate) }
}

async fn take_posts_away(office: &Office, login: &str, instead: &[Post]) {
    let user = office.store.user_by_login(login).await.unwrap().unwrap();
    office.state.hub.set_posts(Doer::SERVER, &user, instead, office.state.clock.now_ms()).await.unwrap();
}

/// A handset that speaks with the server over HTTP.
struct Phone {
    who: office::Phone,
    handset: Handset,
    /// Bytes of changes and requests in one exchange.
    page: usize,
}

impl Phone {
    async fn new(office: &Office, login: &str, page: usize) -> Self {
        let who = office.phone(login).await;
        let handset = Handset::new(who.actor);
        let mut phone = Self { who, handset, page };
        phone.sync(office).await;
        phone
    }

    /// What lies on another phone of the same person.
    fn is_copied(&self) -> Self {
        let handset = Handset::on(self.handset.disk.clone(), Actor(rand::random()));
        Self { who: self.who.clone(), handset, page: self.page }
    }

    /// Exchanges until nothing waits that could go; what came.
    async fn sync(&mut self, office: &Office) -> Vec<Answer> {
        let mut answers = Vec::new();
        loop {
            let now_ms = office.state.clock.now_ms();
            let exchange = self.handset.device.exchange_within(now_ms, "0.9", self.page, 1 << 20);
            let response = office.send(self.who.sync(exchange.body.clone())).await;
            assert_eq!(response.status(), StatusCode::OK);
            let answer = Answer::decode(&bytes_of(response).await).unwrap();
            self.handset.receive(&exchange, &answer, now_ms);
            let more = answer.hello.more;
            answers.push(answer);
            if self.handset.device.sendable() == 0 && !more {
                return answers;
            }
        }
    }

    fn space(&self, kind: SpaceKind) -> SpaceId {
        let spaces = self.handset.device.account().unwrap().spaces;
        spaces.iter().find(|granted| granted.space.kind == kind).unwrap().space.id
    }

    fn records(&self) -> BTreeSet<RecordId> {
        self.handset.listed().into_keys().collect()
    }

    fn holds(&self, text: &str) -> bool {
        self.handset.disk.iter().any(|(_, value)| contains(value, text))
    }
}

fn a_voice() -> Vec<Edit> {
    voice(mandate(0), "饮水管网老化")
}

async fn events(office: &Office, record: RecordId) -> Vec<Event> {
    office.store.case_events(record).await.unwrap().iter().map(|event| event.read().unwrap()).collect()
}

async fn state(office: &Office, record: RecordId) -> String {
    office.store.case_rows(&[record]).await.unwrap().remove(&record).map(|row| row.state).unwrap_or_default()
}

/// Whether the town's clerk reads the record, and its ledger of what was handed over lists it.
async fn is_on_the_towns_list(office: &Office, record: RecordId, kind: Kind) -> bool {
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let spaces = office.state.hub.readable_spaces(&zhou.person).await.unwrap();
    let mut query = LedgerQuery::of(kind, spaces.iter().map(|granted| granted.space.id).collect());
    query.case.states = vec![HANDED_OVER.into()];
    let listed = office.store.ledger(&query, None, 100).await.unwrap();
    let read = office.state.hub.record_page(&zhou.person, record).await.unwrap();
    listed.iter().any(|row| row.id == record) && read.is_some()
}

async fn quarantined(office: &Office) -> Vec<Quarantined> {
    let spaces: Vec<SpaceId> = office.store.spaces().await.unwrap().iter().map(|space| space.id).collect();
    office.store.quarantine(&spaces, &CaseSpaces::default(), 100).await.unwrap()
}

#[tokio::test]
async fn four_drafts_of_an_old_phone_reach_the_towns_list_and_nothing_of_the_new_term_reaches_the_phone() {
    // All in one exchange; and each change and request in one of its own, most of them after the phone has heard.
    for page in [1 << 20, 1] {
        let vault = Scratch::new("term");
        let office = office(&vault).await;
        let station = office.stations[0];
        let chen = office.phone("chen").await;
        let theirs = Draft::voice(&chen, station, 1, &voice_by(CHEN, "二组断水"));
        office.exchange(&chen, &request(theirs.changes.clone(), &[])).await;

        let mut phone = Phone::new(&office, "huang", page).await;
        let private = phone.space(SpaceKind::Private);
        assert!(phone.records().contains(&theirs.record.id()));
        let here = |new: Kind| Target::New { new, space: station };
        let voice = phone.handset.edit(here(Kind::Voice), a_voice());
        let sealed = phone.handset.seal(None, voice, villager(VILLAGER, "13987654321"));
        let activity = phone.handset.edit(here(Kind::Activity), activity(mandate(0)));
        let alone = |new: Kind| Target::New { new, space: private };
        let saved = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "关于修路的建议"));
        let handed_in = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "关于修桥的建议"));
        phone.handset.hand_in(activity);
        phone.handset.hand_in(handed_in);
        phone.handset.edit(Target::Existing { record: theirs.record.id() }, vec![Edit::write("summary", MEDDLED)]);

        // Mandates end; the new term begins.
        take_posts_away(&office, "huang", &[]).await;
        take_posts_away(&office, "chen", &[]).await;
        add(&office, "wu", deputy(WU)).await;
        let wu = office.phone("wu").await;
        let new = Draft::voice(&wu, station, 1, &voice_by(WU, NEW_TERM));
        office.exchange(&wu, &request(new.changes, &[])).await;
        office.wait_ms(THREE_WEEKS_MS);

        let before = (phone.handset.device.unsent(), phone.records());
        phone.handset.reopen(Actor(rand::random()));
        assert_eq!((phone.handset.device.unsent(), phone.records()), before, "an update touches nothing unsent");
        let answers = phone.sync(&office).await;

        // 4 of 4, each handed over in Huang's name.
        let drafts = [
            (voice, Kind::Voice),
            (activity, Kind::Activity),
            (saved, Kind::Suggestion),
            (handed_in, Kind::Suggestion),
        ];
        for (record, kind) in drafts {
            assert!(is_on_the_towns_list(&office, record, kind).await, "{kind:?} {record}, page {page}");
            for event in events(&office, record).await {
                let by = (event.act, event.by.name.as_str(), event.by.post);
                assert_eq!(by, (Act::HandOver { mandate: mandate(0) }, "黄光明", deputy(mandate(0))));
            }
        }
        assert_eq!(state(&office, theirs.record.id()).await, "", "a colleague's record is nobody's to hand over");

        // What is a colleague's is refused, with the text where staff see it and on the phone.
        let refused = quarantined(&office).await;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].refused.reason, RefusalReason::Denied(Denied::Space));
        assert!(refused[0].record == theirs.record.id() && contains(&refused[0].bytes, MEDDLED));
        assert_eq!(phone.records(), BTreeSet::from([theirs.record.id()]), "only what is returned is still there");
        assert!(matches!(phone.handset.device.state(theirs.record.id()), RecordState::Refused { .. }));
        assert_eq!(phone.handset.contents(theirs.record.id()).text("summary"), MEDDLED);
        assert_eq!(
            (phone.handset.device.unsent(), phone.handset.device.returned(), phone.handset.device.refused()),
            (0, 0, 1)
        );

        // The villager is in the vault, and nowhere on the phone.
        assert!(phone.handset.device.sealed(voice).is_empty() && !phone.holds(VILLAGER));
        let zhou = office.device("zhou", DeviceKind::Console).await;
        let spaces = office.store.spaces().await.unwrap();
        let space = spaces.iter().find(|space| space.id == station).unwrap();
        let now_ms = office.state.clock.now_ms();
        let by = (&zhou.device, &zhou.person);
        let opened = office.state.hub.open_sealed(by, space, sealed, "回访核实办理情况", now_ms).await.unwrap();
        assert!(matches!(opened, Opened::Contents(contents) if contents.name == VILLAGER));

        // Nothing of the space came, then or later.
        for answer in answers.iter().chain(&phone.sync(&office).await) {
            assert!(answer.page.is_empty() && answer.snapshot.records.is_empty() && answer.events.is_empty());
            assert!(answer.cursors.is_empty() && answer.standings.is_empty());
            assert!(answer.grants.as_ref().is_none_or(|grants| grants.spaces.is_empty()));
            assert!(!contains(&answer.encode(), NEW_TERM));
        }
        assert!(!phone.holds(NEW_TERM));
        assert!(
            phone.handset.device.notices().iter().any(|notice| matches!(notice, Notice::SpacesLost { .. })),
            "and is told so"
        );
    }
}

/// The town's open data, with a mandate on record there for each of these names.
async fn mandates_of(office: &Office, level: &str, names: &[&str]) -> (SpaceId, Vec<RecordId>) {
    let spaces = office.store.spaces().await.unwrap();
    let public = match spaces.iter().find(|space| space.kind == SpaceKind::TownPublic) {
        Some(public) => public.id,
        None => office.store.create_space(SpaceKind::TownPublic, &UnitCode(TOWN.into()), "三合镇").await.unwrap(),
    };
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let mut mandates = Vec::new();
    for name in names {
        let mut edits = mandate_of(RecordId([9; 16]), name);
        edits.iter_mut().filter(|edit| edit.field == "level").for_each(|edit| *edit = Edit::put("level", level));
        mandates.push(office.enter(&zhou, Kind::Mandate, public, edits).await);
    }
    (public, mandates)
}

/// How many posts somebody holds.
async fn posts(office: &Office, login: &str) -> usize {
    office.store.user_by_login(login).await.unwrap().unwrap().person.posts.len()
}

fn dossier_entry() -> Vec<Edit> {
    vec![
        Edit::put("mandate", mandate(0)),
        Edit::put("section", "honours"),
        Edit::put("date", "2025-12-30"),
        Edit::put("text", "获评优秀代表"),
    ]
}

/// What nobody hands in.
fn attachment(space: SpaceId, of: RecordId) -> Draft {
    let hash = "ab".repeat(32);
    let id = RecordId::derived(Kind::Attachment, &[&of.to_string(), &hash]);
    let mut draft = Draft { record: Record::new(Kind::Attachment, id), space, changes: Vec::new() };
    let edits = [
        Edit::put("record", of),
        Edit::put("hash", hash),
        Edit::put("kind", "photo"),
        Edit::put("mime", "image/jpeg"),
        Edit::put("bytes", 900),
    ];
    draft.edit(Actor(rand::random()), &edits);
    draft
}

#[tokio::test]
async fn posts_end_with_the_mandate_by_its_record_by_an_event_and_by_its_term() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let (public, held) = mandates_of(&office, "town", &["甲", "乙", "丙", "丁"]).await;
    for (login, mandate) in ["jia", "yi", "bing", "ding"].into_iter().zip(&held) {
        add(&office, login, deputy(*mandate)).await;
    }
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let hub = &office.state.hub;
    let now_ms = || office.state.clock.now_ms();

    // Its record: the last day is a day in office, and nobody has to do anything the day after.
    office.revise(&zhou, held[0], vec![Edit::put("end", "2026-01-01")]).await;
    assert_eq!((hub.end_mandates(now_ms()).await.unwrap(), posts(&office, "jia").await), (0, 1));
    let jia = office.phone("jia").await;
    office.wait_ms(ONE_DAY_MS);
    assert_eq!((hub.end_mandates(now_ms()).await.unwrap(), posts(&office, "jia").await), (1, 0));
    assert_eq!(hub.end_mandates(now_ms()).await.unwrap(), 0, "once");
    let answer = office.exchange(&jia, &request(Vec::new(), &[(office.stations[0], 0)])).await;
    assert!(answer.grants.is_some_and(|grants| grants.spaces.is_empty()), "it may deliver, and reads nothing");
    let former = office.store.former_posts(jia.user()).await.unwrap();
    assert_eq!(former[0].post, deputy(held[0]));
    let log = office.store.audit_after(0, 1000).await.unwrap();
    let noted: Vec<_> = log.iter().filter(|entry| entry.act == "mandate_end").collect();
    assert_eq!((noted.len(), noted[0].subject.as_str(), noted[0].user), (1, "jia", None));
    assert_eq!(noted[0].reason, held[0].to_string());

    // An event: at once.
    let end = Act::End { on: Date::at(NOW), text: "辞职获准".into() };
    assert!(is_accepted(&acts(&office, "zhou", held[1], Kind::Mandate, end, None).await));
    assert_eq!(posts(&office, "yi").await, 0);

    // The term of the own congress, not the end of a session and not what a town says of the district's.
    let unit = |code: &str| RecordId::derived(Kind::AdminUnit, &[code]);
    let term = |congress: &str| {
        vec![Edit::put("unit", unit(congress)), Edit::put("term", "五届"), Edit::put("start", "2021-11-18")]
    };
    let ends = Edit::put("end", "2025-12-31");
    let session = [term(TOWN), vec![ends.clone(), Edit::put("session", "六次")]].concat();
    office.enter(&zhou, Kind::Term, public, session).await;
    office.enter(&zhou, Kind::Term, public, [term("520303"), vec![ends.clone()]].concat()).await;
    let other = vec![Edit::put("unit", unit(TOWN)), Edit::put("term", "四届"), Edit::put("start", "2016-11-18")];
    office.enter(&zhou, Kind::Term, public, [other, vec![ends.clone()]].concat()).await;
    let (_, of_district) = mandates_of(&office, "district", &["戊"]).await;
    add(&office, "wuu", deputy(of_district[0])).await;
    assert_eq!((posts(&office, "bing").await, posts(&office, "wuu").await), (1, 1));
    let running = office.enter(&zhou, Kind::Term, public, term(TOWN)).await;
    assert_eq!(posts(&office, "bing").await, 1, "it has no end yet");
    office.revise(&zhou, running, vec![ends]).await;
    assert_eq!((posts(&office, "bing").await, posts(&office, "ding").await), (0, 0));
    assert_eq!(posts(&office, "wuu").await, 1, "of another congress");
    assert_eq!(posts(&office, "huang").await, 1, "a mandate that is not on record is not known to be over");
}

#[tokio::test]
async fn drafts_that_lay_unread_when_the_mandate_ended_reach_the_towns_list_and_the_rest_stays_private() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let private = phone.space(SpaceKind::Private);
    let alone = |new: Kind| Target::New { new, space: private };
    let saved = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "关于修路的建议"));
    let mut half = suggestion("express", "关于打井的建议");
    half.retain(|edit| !["lead", "asks"].contains(&edit.field.as_str()));
    let bare = phone.handset.edit(alone(Kind::Suggestion), half);
    let named = [suggestion("express", "关于修桥的建议"), vec![Edit::add("cosigners", CHEN)]].concat();
    let shared = phone.handset.edit(alone(Kind::Suggestion), named);
    let entry = phone.handset.edit(alone(Kind::DossierEntry), dossier_entry());
    let deleted = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "写错了"));
    phone.handset.edit(Target::Existing { record: deleted }, vec![Edit::put("deleted", true)]);
    let at_station = phone.handset.edit(Target::New { new: Kind::Voice, space: office.stations[0] }, a_voice());
    let handed_in = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "关于路灯的建议"));
    phone.handset.hand_in(handed_in);
    let to_amend = phone.handset.edit(alone(Kind::Suggestion), suggestion("express", "关于水渠的建议"));
    phone.handset.hand_in(to_amend);
    phone.sync(&office).await;
    for act in [Act::Review, Act::AskRevision { text: "请补充情况".into() }] {
        assert!(is_accepted(&acts(&office, "zhou", to_amend, Kind::Suggestion, act, None).await));
    }
    let mut photo = attachment(private, saved);
    office.exchange(&phone.who, &request(std::mem::take(&mut photo.changes), &[])).await;
    let zhou = office.phone("zhou").await;
    for draft in [saved, bare, shared, entry] {
        assert_eq!(state(&office, draft).await, "");
        assert!(office.state.hub.record_page(&zhou.person, draft).await.unwrap().is_none(), "nobody else reads it");
    }

    take_posts_away(&office, "huang", &[]).await;
    let drafts =
        [(saved, Kind::Suggestion), (bare, Kind::Suggestion), (shared, Kind::Suggestion), (entry, Kind::DossierEntry)];
    for (draft, kind) in drafts {
        assert!(is_on_the_towns_list(&office, draft, kind).await, "{kind:?} {draft}");
        let [event] = events(&office, draft).await.try_into().unwrap();
        assert_eq!((event.act, event.by.post), (Act::HandOver { mandate: mandate(0) }, deputy(mandate(0))));
    }
    for kept in [deleted, photo.record.id()] {
        assert!(office.state.hub.record_page(&zhou.person, kept).await.unwrap().is_none(), "stays private");
        assert!(events(&office, kept).await.is_empty());
    }
    assert_eq!(state(&office, at_station).await, "", "a draft of the whole station, as before");
    assert_eq!(state(&office, handed_in).await, "submitted", "a case goes on");
    assert!(is_on_the_towns_list(&office, to_amend, Kind::Suggestion).await, "nobody else would amend it");

    // Looked at again, nothing happens twice; the office goes on with them.
    office.state.hub.end_mandates(office.state.clock.now_ms()).await.unwrap();
    take_posts_away(&office, "huang", &[]).await;
    assert_eq!(events(&office, saved).await.len(), 1);
    let page = office.state.hub.record_page(&zhou.person, saved).await.unwrap().unwrap();
    let submit = Act::Submit { text: Facts::of(&page.contents).text, declared: true, again: None };
    let paper = Some("黄光明,据其手机上的草稿");
    assert!(is_accepted(&acts(&office, "zhou", saved, Kind::Suggestion, submit, paper).await));

    // The old phone hears that they have gone.
    phone.sync(&office).await;
    assert!(phone.records().is_empty());
}

/// Who may change the villager's words is gone; the matter is not held up by a number in them.
#[tokio::test]
async fn a_number_in_the_old_deputys_words_does_not_keep_a_matter_from_going_on() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let told = [
        Edit::write("verbatim", "水管坏了,打13987654321"),
        Edit::put("village", RecordId([2; 16])),
        Edit::put("category", "water"),
    ];
    let target = Target::New { new: Kind::Voice, space: office.stations[0] };
    let voice = phone.handset.edit(target, [a_voice(), told.to_vec()].concat());
    take_posts_away(&office, "huang", &[]).await;
    phone.sync(&office).await;
    assert_eq!(state(&office, voice).await, HANDED_OVER);
    let submit = || Act::Submit { text: None, declared: false, again: None };
    let zhao = office.device("zhao", DeviceKind::Console).await;
    office.revise(&zhao, voice, vec![Edit::write("summary", "电话13987654321")]).await;
    let acted = acts(&office, "zhao", voice, Kind::Voice, submit(), None).await;
    assert!(matches!(acted, Acted::Returned(why) if why.detail == "summary"), "what the office can mend it mends");
    office.revise(&zhao, voice, vec![Edit::write("summary", "饮水管网老化")]).await;
    let acted = acts(&office, "zhao", voice, Kind::Voice, submit(), None).await;
    assert!(is_accepted(&acted), "{acted:?}");
}

/// An act of somebody at a desk; from paper where `proxy` says so.
async fn acts(office: &Office, login: &str, case: RecordId, kind: Kind, act: Act, proxy: Option<&str>) -> Acted {
    let desk = office.device(login, DeviceKind::Console).await;
    let now_ms = office.state.clock.now_ms();
    let (id, proxy) = (EventId(rand::random()), proxy.map(str::to_owned));
    let request = case::Request { id, case, kind, seen: 99, made_ms: now_ms, proxy, act };
    office.state.hub.act(&desk.device, &desk.person, &request, now_ms).await.unwrap()
}

fn is_accepted(acted: &Acted) -> bool {
    matches!(acted, Acted::Accepted { .. })
}

#[tokio::test]
async fn the_office_takes_over_what_was_handed_over_and_later_words_of_the_old_phone_are_refused() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let target = Target::New { new: Kind::Activity, space: office.stations[0] };
    let activity = phone.handset.edit(target, activity(mandate(0)));
    take_posts_away(&office, "huang", &[]).await;
    let half = phone.is_copied();
    phone.sync(&office).await;
    assert_eq!(state(&office, activity).await, HANDED_OVER);

    // A second phone of his, which knows of nothing, adds to the draft as long as it is one.
    let mut second = half;
    second.handset.edit(Target::Existing { record: activity }, vec![Edit::put("crowd", 35)]);
    second.sync(&office).await;
    assert_eq!((second.handset.device.unsent(), second.handset.device.refused()), (0, 0));
    let submit = || Act::Submit { text: None, declared: true, again: None };
    assert!(is_accepted(&acts(&office, "zhou", activity, Kind::Activity, submit(), None).await));
    assert!(is_accepted(&acts(&office, "zhou", activity, Kind::Activity, Act::Verify, None).await));
    assert_eq!(state(&office, activity).await, "verified");
    let zhou = office.phone("zhou").await;
    let page = office.state.hub.record_page(&zhou.person, activity).await.unwrap().unwrap();
    assert!(page.contents.fields.contains_key("crowd"));

    // From then on the record is the office's: the old deputy changes nothing, files nothing, and is told nothing of it.
    let huang = office.phone("huang").await;
    let mut late = Draft::new(Kind::Activity, &huang, office.stations[0], 9);
    late.edit(huang.actor, &[Edit::put("author", mandate(0)), Edit::put("kind", "courtyard")]);
    let ask = |case, act| {
        let id = EventId(rand::random());
        let kind = Kind::Activity;
        let request = case::Request { id, case, kind, seen: 0, made_ms: NOW, proxy: None, act };
        SentRequest::of(office.stations[0], &request)
    };
    let void = Act::Void { text: "不算".into() };
    let requests = vec![ask(activity, submit()), ask(activity, void), ask(late.record.id(), submit())];
    let mut asked = request(late.changes.clone(), &[(office.stations[0], 0)]);
    asked.requests = requests;
    let answer = office.exchange(&huang, &asked).await;
    for verdict in &answer.verdicts[..2] {
        let Verdict::Returned { why } = verdict else { panic!("{verdict:?}") };
        assert!(!why.contains("周正"), "{why}");
    }
    assert!(matches!(answer.verdicts[2], Verdict::Accepted { .. }), "a new draft is still his last");
    assert!(answer.page.is_empty() && answer.events.is_empty());

    // The account that is locked sends nothing more.
    office.store.set_locked(huang.user(), true).await.unwrap();
    let response = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_is_elected_anew_hands_over_the_old_terms_drafts_and_goes_on_under_the_new_mandate() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let station = office.stations[0];
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let here = || Target::New { new: Kind::Voice, space: station };
    let old = phone.handset.edit(here(), a_voice());
    take_posts_away(&office, "huang", &[deputy(WU)]).await;
    phone.sync(&office).await;
    assert_eq!(state(&office, old).await, HANDED_OVER);
    assert!(phone.records().contains(&old), "the station is still read");
    let new = phone.handset.edit(here(), a_voice());
    phone.sync(&office).await;
    assert_eq!(
        (state(&office, new).await.as_str(), phone.handset.device.refused()),
        ("", 0),
        "a draft of one's own as ever"
    );

    // Who has only moved holds the mandate: nothing is handed over, nothing goes to the old station.
    let mut moved = Phone::new(&office, "li", 1 << 20).await;
    moved.handset.edit(Target::New { new: Kind::Voice, space: office.stations[1] }, a_voice());
    take_posts_away(&office, "li", &[deputy(mandate(1))]).await;
    moved.sync(&office).await;
    assert_eq!(moved.handset.device.refused(), 1);
}

#[tokio::test]
async fn open_cases_carry_over_the_change_of_term() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let roads = Post { role: Role::Unit, unit: UnitCode("520303U07".into()), mandate: None };
    add(&office, "roads", roads).await;
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let private = phone.space(SpaceKind::Private);
    let case = phone
        .handset
        .edit(Target::New { new: Kind::Suggestion, space: private }, suggestion("express", "关于修路的建议"));
    phone.handset.hand_in(case);
    phone.sync(&office).await;
    let unit = UnitRef { code: UnitCode("520303U07".into()), name: "区交通运输局".into() };
    let assign = Assign { lead: unit, co: vec![], separate: vec![], wide: false, text: String::new() };
    for act in [Act::Review, Act::Accept, Act::Assign(assign)] {
        assert!(is_accepted(&acts(&office, "zhou", case, Kind::Suggestion, act, None).await));
    }

    take_posts_away(&office, "huang", &[]).await;
    take_posts_away(&office, "chen", &[deputy(WU)]).await;
    phone.sync(&office).await;
    assert!(phone.records().is_empty() && !phone.holds("三组断头路"), "the case has left the phone");

    // The unit and the desk go on; nobody of the new term is its lead.
    let on = Date::at(NOW);
    let reply = Reply {
        letter: "1号".into(),
        class: "A".into(),
        text: "已修通".into(),
        signer: "局长".into(),
        commitments: vec![],
        may_publish: true,
    };
    let contact = Act::Contact { way: Way::Visit, on, place: String::new(), text: String::new() };
    for act in [Act::Sign { officer: "罗永富".into(), phone: String::new() }, contact, Act::Reply(reply)] {
        let acted = acts(&office, "roads", case, Kind::Suggestion, act, None).await;
        assert!(is_accepted(&acted), "{acted:?}");
    }
    let evaluate = || {
        let (attitude, result) = (Opinion::Satisfied, Opinion::Satisfied);
        Act::Evaluate(Evaluation { round: 1, attitude, result, way: Way::Phone, text: String::new() })
    };
    for (login, proxy) in [("huang", None), ("chen", None), ("zhou", None), ("chen", Some("代填"))] {
        let acted = acts(&office, login, case, Kind::Suggestion, evaluate(), proxy).await;
        assert!(matches!(acted, Acted::Returned(_)), "{login}: {acted:?}");
    }
    let paper = Some("黄光明,据纸质测评表");
    assert!(is_accepted(&acts(&office, "zhou", case, Kind::Suggestion, evaluate(), paper).await));
    let close = Act::Close { text: String::new() };
    assert!(is_accepted(&acts(&office, "zhou", case, Kind::Suggestion, close, None).await));
    assert_eq!(state(&office, case).await, "closed");
    let successor = office.phone("chen").await;
    let answer = office.exchange(&successor, &request(Vec::new(), &[])).await;
    assert!(!contains(&answer.encode(), "关于修路的建议"), "the successor holds no case of the old term");
}

#[tokio::test]
async fn photos_of_the_last_drafts_follow_them_and_are_given_back_to_nobody() {
    let vault = Scratch::new("term");
    let office = office(&vault).await;
    let mut phone = Phone::new(&office, "huang", 1 << 20).await;
    let mut photo = vec![0xff, 0xd8, 0xff, 0xe0, 0, 2];
    photo.resize(900, 7);
    let (hash, prepared) = phone.handset.device.prepare_keep(photo.clone(), None, NOW).unwrap();
    phone.handset.keep(prepared);
    let named =
        Edit { field: "files".into(), op: Op::Enter { element: hash.to_string(), value: Value::text("水管") } };
    let target = Target::New { new: Kind::Voice, space: office.stations[0] };
    let voice = phone.handset.edit(target, [a_voice(), vec![named]].concat());
    take_posts_away(&office, "huang", &[]).await;
    phone.sync(&office).await;
    assert_eq!(state(&office, voice).await, HANDED_OVER);
    let upload =
        phone.handset.device.next_upload(Allowed::Everything).expect("the record stays as long as its photo is here");
    assert_eq!((upload.hash, upload.record), (hash, voice));

    let address = |end: &str| format!("/api/v1/files/{voice}/{hash}{end}");
    let huang = office.phone("huang").await;
    let post = huang.authorized(Request::post(address(&format!("?at=0&of={}", photo.len()))));
    assert_eq!(office.send(post.body(photo.clone().into()).unwrap()).await.status(), StatusCode::OK);
    let prepared = phone.handset.device.prepare_delivered(upload);
    phone.handset.keep(prepared);
    phone.sync(&office).await;
    assert!(phone.records().is_empty(), "then it goes");
    let zhou = office.phone("zhou").await;
    for (reader, status) in [(&huang, StatusCode::NOT_FOUND), (&zhou, StatusCode::OK)] {
        let get = reader.authorized(Request::get(address(""))).body(Body::empty()).unwrap();
        assert_eq!(office.send(get).await.status(), status);
    }
}
