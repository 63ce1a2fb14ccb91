//! The hub through its public face: what is accepted, refused, acknowledged, shown, and to whom.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;

use lianxin_server::{
    hub::{Command, EditFailure, EditProblem, HubError, Target},
    store::{CaseSpaces, DeviceKind, LedgerQuery},
};
use lianxin_shared::{
    id::{Actor, ChangeHash, Position, RecordId, SpaceId, UnitCode},
    json::{FromObject, Object},
    limits::DOWNLOAD_PAGE_BYTES_MAX,
    record::{Edit, Record},
    rights::{Access, Denied, Role, SpaceKind},
    schema::Kind,
    wire::{Answer, Outcome, RefusalReason, Refused, Request, SentChange},
};
use lianxin_tests::office::{Draft, NOW, Office, Phone, hashes, mandate, mandate_of, outcomes, request, voice_by};
use sqlx::{Connection as _, Executor as _, SqliteConnection};

async fn exchange(office: &Office, phone: &Phone, request: Request) -> Answer {
    office.state.hub.exchange(&phone.device, &phone.person, request, office.state.clock.now_ms()).await.unwrap()
}

fn received(position: u64) -> Outcome {
    Outcome::Received { position: Position(position), received_ms: NOW }
}

fn refused(reason: RefusalReason, field: &str) -> Outcome {
    Outcome::Refused(Refused { reason, field: field.into() })
}

fn voices(spaces: &[SpaceId]) -> LedgerQuery {
    LedgerQuery::of(Kind::Voice, spaces.to_vec())
}

#[tokio::test]
async fn what_is_acknowledged_is_in_the_ledger_and_comes_to_colleagues() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let mut voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水管网老化"));
    voice.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
    let answer = exchange(&office, &huang, request(voice.changes.clone(), &[(space, 0)])).await;
    assert_eq!(outcomes(&answer), [received(1), received(2)]);
    assert!(answer.page.is_empty() && answer.authors.is_empty(), "one's own changes do not come back");
    assert_eq!(answer.cursors.iter().find(|cursor| cursor.space == space).unwrap().position, Position(2));
    assert!(!answer.hello.more);

    let rows = office.store.ledger(&voices(&[space]), None, 10).await.unwrap();
    assert_eq!((rows[0].id, rows[0].summary.title.as_str()), (voice.record.id(), "饮水管网老化"));
    assert_eq!(rows[0].summary.status, "urgent");

    let answer = exchange(&office, &zhao, request(Vec::new(), &[])).await;
    assert_eq!(hashes(&answer), voice.changes.iter().map(|change| change.hash).collect::<Vec<_>>());
    assert_eq!((answer.authors[0].actor, answer.authors[0].name.as_str()), (huang.actor, "黄光明"));
    let mut record = Record::new(Kind::Voice, voice.record.id());
    record.apply(answer.page.iter().map(|entry| entry.bytes.as_slice())).unwrap();
    assert_eq!(record.read(), voice.record.read());
}

#[tokio::test]
async fn a_change_that_is_sent_again_gets_the_receipt_it_had() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    let twice = [voice.changes.clone(), voice.changes.clone()].concat();
    let answer = exchange(&office, &huang, request(twice, &[])).await;
    assert_eq!(outcomes(&answer), [received(1), received(1)]);
    office.wait_ms(60_000);
    let answer = exchange(&office, &huang, request(voice.changes.clone(), &[(space, 0)])).await;
    assert_eq!(outcomes(&answer), [received(1)], "also its time is that of the first receipt");
    assert_eq!(office.stored().await, (1, 0));
}

#[tokio::test]
async fn one_refused_change_does_not_hold_up_the_others() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let huang = office.phone("huang").await;
    let good = Draft::voice(&huang, own, 1, &voice_by(mandate(0), "饮水"));
    let elsewhere = Draft::voice(&huang, foreign, 2, &voice_by(mandate(0), "公路"));
    let nowhere = Draft::voice(&huang, SpaceId(99), 3, &voice_by(mandate(0), "公路"));
    let not_own = Draft::voice(&huang, own, 4, &voice_by(mandate(1), "冒名"));
    let newer_kind =
        SentChange { kind: 200, ..Draft::voice(&huang, own, 5, &voice_by(mandate(0), "新")).changes[0].clone() };
    let also_good = Draft::voice(&huang, own, 6, &voice_by(mandate(0), "路灯"));
    let changes =
        [&good.changes, &elsewhere.changes, &nowhere.changes, &not_own.changes, &vec![newer_kind], &also_good.changes];
    let changes: Vec<SentChange> = changes.into_iter().flatten().cloned().collect();
    let expected = [
        received(1),
        refused(RefusalReason::Denied(Denied::Space), ""),
        refused(RefusalReason::Denied(Denied::Space), ""),
        refused(RefusalReason::Denied(Denied::ForeignAuthor), "author"),
        refused(RefusalReason::Malformed, ""),
        received(2),
    ];
    let answer = exchange(&office, &huang, request(changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), expected);
    let answer = exchange(&office, &huang, request(changes, &[])).await;
    assert_eq!(outcomes(&answer), expected, "a refusal stays what it was");
    assert!(!answer.cursors.iter().any(|cursor| cursor.space == foreign), "nor is the other space mentioned");
    let quarantine = office.store.quarantine(&[own, foreign], &CaseSpaces::default(), 10).await.unwrap();
    assert_eq!(quarantine.len(), 4, "staff see what was refused, also what was meant for nowhere");
    assert!(quarantine.iter().all(|change| change.user == huang.user() && !change.bytes.is_empty()));
}

/// DOMAIN §6.6: the deputy's own part of a record that the town keeps.
#[tokio::test]
async fn a_deputy_writes_the_own_introduction_and_nobody_elses() {
    let office = Office::new().await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "三合镇").await.unwrap();
    let (zhou, huang) = (office.phone("zhou").await, office.phone("huang").await);
    let entered = |number: u64, name: &str, held: RecordId| {
        let mut deputy = Draft::new(Kind::Deputy, &zhou, public, number);
        deputy.edit(zhou.actor, &[Edit::put("name", name)]);
        let record = Record::new(Kind::Mandate, held);
        let mut mandate = Draft { record, space: public, changes: Vec::new() };
        mandate.edit(zhou.actor, &mandate_of(deputy.record.id(), name));
        (deputy, mandate)
    };
    let (mut own, own_mandate) = entered(1, "黄光明", mandate(0));
    let (mut colleague, other_mandate) = entered(2, "李秀碧", mandate(1));
    let all = [&own, &own_mandate, &colleague, &other_mandate].map(|draft| draft.changes.clone()).concat();
    let expected = [1, 2, 3, 4].map(received);
    assert_eq!(outcomes(&exchange(&office, &zhou, request(all, &[])).await), expected);

    let change = |draft: &mut Draft, edit: Edit| {
        draft.changes.clear();
        draft.edit(huang.actor, &[edit]).changes.clone()
    };
    let introduces = change(&mut own, Edit::write("profile", "种了三十年辣椒。"));
    let renames = change(&mut own, Edit::put("name", "黄光亮"));
    let speaks_for = change(&mut colleague, Edit::write("profile", "他说的"));
    let mut unknown = Draft::new(Kind::Deputy, &huang, public, 9);
    let invents = change(&mut unknown, Edit::write("profile", "没有这个人"));
    let answer = exchange(&office, &huang, request([introduces, renames, speaks_for, invents].concat(), &[])).await;
    let denied = || refused(RefusalReason::Denied(Denied::Space), "");
    assert_eq!(outcomes(&answer), [received(5), denied(), denied(), denied()]);
    let page = office.state.hub.record_page(&zhou.person, own.record.id()).await.unwrap().unwrap();
    assert_eq!((page.contents.text("profile"), page.contents.text("name")), ("种了三十年辣椒。", "黄光明"));
    assert_eq!(page.history.last().unwrap().author.as_ref().unwrap().name, "黄光明");
    let page = office.state.hub.record_page(&zhou.person, colleague.record.id()).await.unwrap().unwrap();
    assert_eq!(page.contents.text("profile"), "");
}

#[tokio::test]
async fn what_rests_on_something_else_waits_for_it_or_falls_with_it() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let huang = office.phone("huang").await;
    let mut voice = Draft::voice(&huang, own, 1, &voice_by(mandate(0), "饮水"));
    voice.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
    let late = voice.changes.split_off(1);
    let answer = exchange(&office, &huang, request(late.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [Outcome::Missing]);
    assert_eq!(office.stored().await, (0, 0), "neither stored nor refused");
    let both = [late.clone(), voice.changes.clone(), late].concat();
    let answer = exchange(&office, &huang, request(both, &[])).await;
    assert_eq!(outcomes(&answer), [Outcome::Missing, received(1), received(2)]);

    let mut wrong = Draft::voice(&huang, own, 2, &voice_by(mandate(1), "冒名"));
    wrong.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
    let answer = exchange(&office, &huang, request(wrong.changes.clone(), &[])).await;
    let denied = refused(RefusalReason::Denied(Denied::ForeignAuthor), "author");
    assert_eq!(outcomes(&answer), [denied, refused(RefusalReason::Depends, "")]);

    // The same record, said to be elsewhere.
    voice.space = foreign;
    voice.changes.clear();
    voice.edit(huang.actor, &[Edit::put("urgency", "normal")]);
    let zhou = office.phone("zhou").await;
    let mut by_town = voice.changes.clone();
    by_town[0].space = foreign;
    let answer = exchange(&office, &zhou, request(by_town, &[])).await;
    assert_eq!(outcomes(&answer), [refused(RefusalReason::Actor, "")], "the actor is Huang's");
}

#[tokio::test]
async fn a_record_stays_where_it_is() {
    let office = Office::new().await;
    let zhou = office.phone("zhou").await;
    let mut voice =
        Draft::voice(&zhou, office.stations[0], 1, &[Edit::put("slip_no", "1"), Edit::put("channel", "visit")]);
    exchange(&office, &zhou, request(voice.changes.clone(), &[])).await;
    voice.space = office.stations[1];
    voice.changes.clear();
    voice.edit(zhou.actor, &[Edit::put("urgency", "urgent")]);
    let answer = exchange(&office, &zhou, request(voice.changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [refused(RefusalReason::WrongRecord, "")]);
}

#[tokio::test]
async fn an_actor_is_one_persons_also_after_signing_in_again() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let mut voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    exchange(&office, &huang, request(voice.changes.clone(), &[])).await;
    // The token was lost; the phone's old session has more to send.
    let again = Phone { actor: huang.actor, ..office.phone("huang").await };
    voice.changes.clear();
    voice.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
    let answer = exchange(&office, &again, request(voice.changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [received(2)]);
    // Someone else with the same actor is no one.
    let zhao = office.phone("zhao").await;
    voice.changes.clear();
    voice.edit(huang.actor, &[Edit::put("urgency", "normal")]);
    let answer = exchange(&office, &zhao, request(voice.changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [refused(RefusalReason::Actor, "")]);
    let answer = exchange(&office, &again, request(voice.changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [received(3)], "what one was refused says nothing about the other");
}

#[tokio::test]
async fn a_number_that_was_used_for_another_change_is_refused() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    // A phone that was restored from a copy goes on from the past, twice.
    let (mut one, mut two) = (copy(&voice), copy(&voice));
    one.edit(huang.actor, &[Edit::put("urgency", "urgent")]);
    two.edit(huang.actor, &[Edit::put("urgency", "normal")]);
    let changes = [voice.changes.clone(), one.changes.clone(), two.changes.clone()].concat();
    let answer = exchange(&office, &huang, request(changes, &[])).await;
    assert_eq!(outcomes(&answer), [received(1), received(2), refused(RefusalReason::Actor, "")]);
    let page = office.state.hub.record_page(&huang.person, voice.record.id()).await.unwrap().unwrap();
    assert_eq!(page.contents.text("urgency"), "urgent");
    // What is sound goes on.
    one.changes.clear();
    one.edit(huang.actor, &[Edit::put("urgency", "normal")]);
    let answer = exchange(&office, &huang, request(one.changes.clone(), &[])).await;
    assert_eq!(outcomes(&answer), [received(3)]);
}

fn copy(draft: &Draft) -> Draft {
    Draft { record: draft.record.clone(), space: draft.space, changes: Vec::new() }
}

#[tokio::test]
async fn two_who_write_into_one_record_at_once_are_merged() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    exchange(&office, &huang, request(voice.changes.clone(), &[])).await;
    let (mut by_huang, mut by_zhao) = (copy(&voice), copy(&voice));
    by_huang.edit(huang.actor, &[Edit::put("urgency", "urgent"), Edit::put("affected", 12_i64)]);
    by_zhao.edit(zhao.actor, &[Edit::put("urgency", "normal"), Edit::write("summary", "饮水管网")]);
    exchange(&office, &huang, request(by_huang.changes.clone(), &[])).await;
    let answer = exchange(&office, &zhao, request(by_zhao.changes.clone(), &[(space, 1)])).await;
    assert_eq!(outcomes(&answer), [received(3)]);
    assert_eq!(hashes(&answer), [by_huang.changes[0].hash], "the other's, and not one's own");
    assert_eq!(answer.cursors.iter().find(|cursor| cursor.space == space).unwrap().position, Position(3));
    let row = &office.store.ledger(&voices(&[space]), None, 1).await.unwrap()[0];
    assert_eq!((row.summary.title.as_str(), row.summary.number, row.summary.conflicts), ("饮水管网", 12, 1));
}

#[tokio::test]
async fn nobody_is_shown_a_space_that_is_not_theirs() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let (huang, li) = (office.phone("huang").await, office.phone("li").await);
    let voice = Draft::voice(&li, foreign, 1, &voice_by(mandate(1), "秘密"));
    exchange(&office, &li, request(voice.changes.clone(), &[])).await;
    let asked = request(Vec::new(), &[(foreign, 0), (own, 0), (office.town_office, 0)]);
    let answer = exchange(&office, &huang, asked).await;
    assert!(answer.page.is_empty());
    let granted = answer.grants.unwrap().spaces;
    let kinds: Vec<SpaceKind> = granted.iter().map(|granted| granted.space.kind).collect();
    assert_eq!(kinds, [SpaceKind::Station, SpaceKind::Private]);
    assert!(granted[0].space.id == own && granted[1].space.owner() == Some(mandate(0)));
    assert!(answer.cursors.iter().all(|cursor| granted.iter().any(|granted| granted.space.id == cursor.space)));
    let id = voice.record.id();
    assert!(office.state.hub.record_page(&huang.person, id).await.unwrap().is_none());
    assert!(office.state.hub.record_page(&li.person, id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_long_log_comes_in_pages_of_the_wished_size() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let drafts: Vec<_> =
        (1..=30).map(|number| Draft::voice(&huang, space, number, &voice_by(mandate(0), "饮水"))).collect();
    let changes: Vec<SentChange> = drafts.iter().flat_map(|draft| draft.changes.clone()).collect();
    let bytes = changes[0].bytes.len() as u64;
    exchange(&office, &huang, request(changes.clone(), &[])).await;
    let (mut seen, mut at, mut pages) = (Vec::new(), 0, 0);
    loop {
        let mut asked = request(Vec::new(), &[(space, at)]);
        asked.hello.download_bytes_max = 4 * bytes;
        let answer = exchange(&office, &zhao, asked).await;
        assert!((1..=5).contains(&answer.page.len()));
        seen.extend(hashes(&answer));
        at = answer.cursors.iter().find(|cursor| cursor.space == space).unwrap().position.0;
        pages += 1;
        if !answer.hello.more {
            break;
        }
    }
    assert_eq!(seen, changes.iter().map(|change| change.hash).collect::<Vec<_>>());
    assert!(pages >= 6);
    let mut nothing = request(Vec::new(), &[(space, 3)]);
    nothing.hello.download_bytes_max = 0;
    let answer = exchange(&office, &zhao, nothing).await;
    assert!(answer.page.is_empty() && answer.hello.more, "0 asks for nothing, and is told that there is more");
    assert!(bytes * 30 < DOWNLOAD_PAGE_BYTES_MAX as u64);
}

#[tokio::test]
async fn grants_are_sent_when_they_differ() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let answer = exchange(&office, &huang, request(Vec::new(), &[])).await;
    let grants = answer.grants.unwrap();
    assert_eq!((grants.person.name.as_str(), grants.spaces.len()), ("黄光明", 2), "the station and the private space");
    assert_ne!(grants.mark, 0);
    let mut known = request(Vec::new(), &[]);
    known.hello.grants_mark = grants.mark;
    assert_eq!(exchange(&office, &huang, known.clone()).await.grants, None);

    let mut posts = huang.person.posts.clone();
    posts[0].role = Role::Station;
    office.store.set_posts(huang.user(), &posts, NOW).await.unwrap();
    let person = office.store.user(huang.user()).await.unwrap().unwrap().person;
    let answer = exchange(&office, &Phone { person, ..huang }, known).await;
    assert_ne!(answer.grants.unwrap().mark, grants.mark);
}

#[tokio::test]
async fn after_a_restore_everything_is_told_again() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    exchange(&office, &huang, request(voice.changes.clone(), &[])).await;
    let up_to_date = request(Vec::new(), &[(space, 1)]);
    assert!(exchange(&office, &zhao, up_to_date.clone()).await.page.is_empty());
    let ahead = request(Vec::new(), &[(space, 500)]);
    assert_eq!(exchange(&office, &zhao, ahead).await.page.len(), 1, "a position that the log does not have");
    office.store.renew_epoch(1234).await.unwrap();
    let answer = exchange(&office, &zhao, up_to_date).await;
    assert_eq!((answer.hello.epoch, answer.page.len()), (1234, 1));
}

#[tokio::test]
async fn after_a_restore_the_rules_are_those_of_the_backup() {
    let office = Office::new().await;
    let version = async || office.state.hub.rules(NOW).await.unwrap().version;
    assert_eq!(version().await, 1);
    let (_, book) = office.store.book_after(0).await.unwrap().unwrap();
    assert!(office.store.add_book(2, &book, NOW).await.unwrap());
    assert_eq!(version().await, 2);
    let mut database = SqliteConnection::connect(&office.file().to_string_lossy()).await.unwrap();
    database.execute("delete from books where version = 2").await.unwrap();
    office.store.renew_epoch(1234).await.unwrap();
    assert_eq!(version().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_phones_at_once_are_written_together_and_one_broken_harms_none() {
    let office = std::sync::Arc::new(Office::new().await);
    let space = office.stations[0];
    let phones = 24;
    let exchanges: Vec<_> = (0..phones)
        .map(|number| {
            let office = office.clone();
            tokio::spawn(async move {
                let huang = office.phone("huang").await;
                let mut changes = Vec::new();
                for number in 1..=5 {
                    changes.extend(Draft::voice(&huang, space, number, &voice_by(mandate(0), "饮水")).changes);
                }
                if number % 3 == 0 {
                    let half = changes[2].bytes.len() / 2;
                    changes[2].bytes.truncate(half);
                }
                let answer = exchange(&office, &huang, request(changes, &[(space, 0)])).await;
                let positions: Vec<u64> = outcomes(&answer)
                    .iter()
                    .filter_map(|outcome| match outcome {
                        Outcome::Received { position, .. } => Some(position.0),
                        _ => None,
                    })
                    .collect();
                assert_eq!(positions.len(), if number % 3 == 0 { 4 } else { 5 });
                positions
            })
        })
        .collect();
    let mut positions = BTreeSet::new();
    for exchange in exchanges {
        positions.extend(exchange.await.unwrap());
    }
    let total = phones * 5 - phones / 3;
    assert!(positions.into_iter().eq(1..=total));
    assert_eq!(office.stored().await, (total, (phones / 3) as usize));
}

#[tokio::test]
async fn a_stopped_hub_takes_nothing_and_says_so() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let voice = Draft::voice(&huang, office.stations[0], 1, &voice_by(mandate(0), "饮水"));
    exchange(&office, &huang, request(Vec::new(), &[])).await;
    office.state.hub.stop().await;
    let hub = &office.state.hub;
    let sent = hub.exchange(&huang.device, &huang.person, request(voice.changes, &[]), NOW).await;
    assert!(matches!(sent, Err(HubError::Unavailable)));
    assert_eq!(office.store.devices().await.unwrap()[0].app_version, "test", "what it knew is written down");
}

fn command(target: Target, base: Option<Vec<ChangeHash>>, edits: Vec<Edit>) -> Command {
    Command { target, base, edits }
}

fn new_voice(space: SpaceId) -> Command {
    let edits = vec![
        Edit::put("slip_no", "c-001"),
        Edit::put("channel", "visit"),
        Edit::put("date", "2026-01-02"),
        Edit::add("collectors", mandate(0)),
    ];
    command(Target::New { new: Kind::Voice, space }, None, edits)
}

async fn edit(office: &Office, staff: &Phone, command: Command) -> Result<RecordId, EditFailure> {
    office.state.hub.edit(&staff.device, &staff.person, command, office.state.clock.now_ms()).await
}

#[tokio::test]
async fn the_console_writes_through_the_same_door() {
    let office = Office::new().await;
    let space = office.stations[0];
    let zhao = office.device("zhao", DeviceKind::Console).await;
    let id = edit(&office, &zhao, new_voice(space)).await.unwrap();
    let page = office.state.hub.record_page(&zhao.person, id).await.unwrap().unwrap();
    assert_eq!((page.space.id, page.access, page.history.len()), (space, Access::Write, 1));
    assert_eq!(page.history[0].author.as_ref().unwrap().name, "赵小兰");
    assert_eq!(page.history[0].received_ms, Some(NOW));
    assert_eq!(page.contents.text("author"), "", "staff are nobody's mandate");

    // Two forms are open; the second does not know of the first.
    let put = |value: &str| vec![Edit::put("urgency", value)];
    let existing = Target::Existing { record: id };
    edit(&office, &zhao, command(existing.clone(), Some(page.heads.clone()), put("urgent"))).await.unwrap();
    office.wait_ms(1_000);
    edit(&office, &zhao, command(existing.clone(), Some(page.heads.clone()), put("normal"))).await.unwrap();
    let page = office.state.hub.record_page(&zhao.person, id).await.unwrap().unwrap();
    assert_eq!(page.contents.conflicts().count(), 1, "a stale form does not overwrite");
    assert_eq!((page.updated_ms, page.created_ms), (NOW + 1_000, NOW));
    // Choosing settles it, and choosing again changes nothing.
    for _ in 0..2 {
        edit(&office, &zhao, command(existing.clone(), None, put("urgent"))).await.unwrap();
    }
    let page = office.state.hub.record_page(&zhao.person, id).await.unwrap().unwrap();
    assert_eq!((page.contents.conflicts().count(), page.history.len()), (0, 4));
    let actors: BTreeSet<Actor> = page.history.iter().map(|line| line.entry.actor).collect();
    assert_eq!(actors.len(), 4, "an actor never comes back");
    assert!(actors.iter().all(|actor| page.authors[actor].user == zhao.user()));
}

#[tokio::test]
async fn the_console_says_why_an_edit_is_not_made_and_stores_nothing() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let (zhao, li) = (office.device("zhao", DeviceKind::Console).await, office.phone("li").await);
    let voice = Draft::voice(&li, foreign, 1, &voice_by(mandate(1), "秘密"));
    exchange(&office, &li, request(voice.changes.clone(), &[])).await;
    let hidden = Target::Existing { record: voice.record.id() };
    let problem = async |command| match edit(&office, &zhao, command).await {
        Err(EditFailure::Problem(problem)) => (problem.text_key(), problem.field().unwrap_or("").to_owned()),
        other => panic!("{other:?}"),
    };
    let unknown = ("edit.unknown_record".to_owned(), String::new());
    assert_eq!(problem(command(hidden, None, vec![Edit::put("urgency", "urgent")])).await, unknown);
    let nowhere = Target::Existing { record: RecordId([1; 16]) };
    assert_eq!(problem(command(nowhere, None, Vec::new())).await, unknown, "as if it did not exist");
    assert_eq!(problem(new_voice(foreign)).await, unknown);
    let incomplete = command(Target::New { new: Kind::Voice, space: own }, None, vec![Edit::put("slip_no", "1")]);
    assert_eq!(problem(incomplete).await.0, "edit.required");
    let wrong = command(Target::New { new: Kind::Voice, space: own }, None, vec![Edit::put("date", "yesterday")]);
    assert_eq!(problem(wrong).await, ("edit.wrong_value".to_owned(), "date".to_owned()));
    let wrong_place = command(
        Target::New { new: Kind::Training, space: own },
        None,
        vec![Edit::put("term", "五届"), Edit::put("level", "town")],
    );
    let EditFailure::Problem(EditProblem::Denied(denied)) = edit(&office, &zhao, wrong_place).await.unwrap_err() else {
        panic!("denied by the rules");
    };
    assert_eq!(denied, Denied::WrongPlace);
    assert_eq!(office.stored().await, (1, 0), "a form needs no quarantine");
}

#[tokio::test]
async fn a_deputys_new_record_names_its_maker_and_a_day_is_one_for_all() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) =
        (office.device("huang", DeviceKind::Console).await, office.device("zhao", DeviceKind::Console).await);
    let id = edit(&office, &huang, new_voice(space)).await.unwrap();
    let page = office.state.hub.record_page(&huang.person, id).await.unwrap().unwrap();
    assert_eq!(page.contents.reference("author"), Some(mandate(0)));

    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let day = serde_json::json!({ "reception_day": { "station": station, "date": "2026-01-05" }, "space": space });
    let day = Target::take_from(&mut Object::of(day).unwrap()).unwrap();
    let note = |text: &str| vec![Edit::write("minutes", text)];
    let first = edit(&office, &huang, command(day.clone(), None, note("上午三人。"))).await.unwrap();
    let second = edit(&office, &zhao, command(day, None, vec![Edit::put("visitors", 3_i64)])).await.unwrap();
    assert_eq!(first, second);
    let page = office.state.hub.record_page(&zhao.person, first).await.unwrap().unwrap();
    assert_eq!((page.contents.text("date"), page.contents.text("minutes")), ("2026-01-05", "上午三人。"));
    assert_eq!(page.history.len(), 2);
}
