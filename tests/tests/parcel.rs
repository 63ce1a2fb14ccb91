//! Files with what a phone had not sent (手机文件): carried to the desk, or to the server by another phone, through the
//! real router. What is in one arrives once, under its true author, and nobody on the way reads or changes it.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::http::{Request, StatusCode, header};
use lianxin_server::{
    blob::Blobs,
    hub::Opened,
    parcel,
    store::{Act, ApartFile, CaseSpaces, DeviceKind, Doer},
};
use lianxin_shared::{
    device::{Part, Target},
    id::{BlobHash, DeviceId, RecordId, SpaceId},
    limits::BLOB_BYTES_PER_DAY_MAX,
    record::Edit,
    rights::SpaceKind,
    schema::Kind,
    sealed::{SealedWrite, WhyDeleted},
    wire::{Answer, Outcome, Parcel, ParcelContents, ParcelFile, Request as Message, SealedRequest},
};
use lianxin_tests::{
    handset::{self, Handset, villager},
    office::{self, NOW, Office, activity_by, bytes_of, contains, json_of, mandate, outcomes, request, voice_by},
    scratch::Scratch,
};
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

const SUMMARY: &str = "三组断头路要修";
const NUMBER: &str = "13987654321";

async fn office(vault: &Scratch) -> Office {
    Office::new().await.with_vault(vault).await
}

/// A phone that works without a network.
struct Phone {
    who: office::Phone,
    handset: Handset,
}

impl Phone {
    async fn new(office: &Office, login: &str) -> Self {
        let who = office.phone(login).await;
        let mut phone = Self { handset: Handset::new(who.actor), who };
        phone.sync(office).await;
        phone
    }

    async fn sync(&mut self, office: &Office) -> Answer {
        let exchange = self.handset.device.exchange(NOW, "0.9", 1 << 20);
        let response = office.send(self.who.sync(exchange.body.clone())).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer = Answer::decode(&bytes_of(response).await).unwrap();
        self.handset.receive(&exchange, &answer, NOW);
        answer
    }

    fn station(&self) -> SpaceId {
        let spaces = self.handset.device.account().unwrap().spaces;
        spaces.iter().find(|granted| granted.space.kind == SpaceKind::Station).unwrap().space.id
    }

    /// An activity that is handed in, and a voice with the villager's number; the voice.
    fn works(&mut self) -> RecordId {
        let new = |new| Target::New { new, space: self.station() };
        let (activity, voice) = (new(Kind::Activity), new(Kind::Voice));
        let activity = self.handset.edit(activity, activity_by(mandate(0)));
        self.handset.hand_in(activity);
        let voice = self.handset.edit(voice, voice_by(mandate(0), SUMMARY));
        self.handset.seal(None, voice, villager("金国强", NUMBER));
        voice
    }

    /// As it came with the welcome.
    fn key(&self, office: &Office) -> [u8; 32] {
        *office.state.hub.vault().unwrap().parcel_key(self.who.device.id).unwrap().bytes()
    }

    /// Saves what it has not sent as a file.
    async fn packs(&self, office: &Office) -> Vec<u8> {
        let messages = self.handset.device.unsent_messages(NOW, "0.9");
        let contents = ParcelContents { made_ms: NOW, messages, files: Vec::new() };
        handset::lock(self.who.device.id, &self.key(office), &contents)
    }

    /// Hands a file to the server.
    async fn carries(&self, office: &Office, file: &[u8]) -> (StatusCode, Value) {
        let request = self.who.authorized(Request::post("/api/v1/parcels")).body(file.to_vec().into()).unwrap();
        let response = office.send(request).await;
        (response.status(), json_of(response).await)
    }
}

/// Words and how many, of an answer.
fn lines(answer: &Value) -> Vec<(String, u64)> {
    let text = |line: &Value| (line["text"].as_str().unwrap().to_owned(), line["count"].as_u64().unwrap());
    answer["lines"].as_array().unwrap().iter().map(text).collect()
}

/// The desk of the first station takes a file in; the page that it sees.
async fn desk_takes(office: &Office, login: &str, file: &[u8]) -> (StatusCode, String) {
    let desk = office.device(login, DeviceKind::Console).await;
    let head = "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.lxp\"\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--limit--\r\n"].concat();
    let upload = Request::post("/console/parcel").header("sec-fetch-site", "same-origin");
    let upload = upload
        .header(header::COOKIE, desk.cookie())
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit");
    let response = office.send(upload.body(body.into()).unwrap()).await;
    (response.status(), String::from_utf8(bytes_of(response).await).unwrap())
}

#[tokio::test]
async fn what_the_desk_takes_in_is_its_authors_and_comes_once() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.works();
    let file = huang.packs(&office).await;
    for hidden in [SUMMARY, NUMBER, "金国强"] {
        assert!(!contains(&file, hidden), "who carries the file reads {hidden}");
    }

    let (status, page) = desk_takes(&office, "zhao", &file).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("黄光明的手机") && page.contains("已收到") && !page.contains(NUMBER), "{page}");
    let stored = office.store.changes_of(&[voice]).await.unwrap().remove(&voice).unwrap();
    assert!(stored.iter().all(|entry| entry.actor == huang.who.actor));
    let authors = office.store.authors(&[huang.who.actor].into()).await.unwrap();
    assert_eq!((authors[0].user, authors[0].name.as_str()), (huang.who.user(), "黄光明"));
    let ends = office.store.ends(&[huang.station()]).await.unwrap();
    assert_eq!(ends.into_values().map(|end| end.0).collect::<Vec<_>>(), [3], "two records, and one is handed in");
    let audit = office.store.audit_after(0, 100).await.unwrap();
    let noted = audit.iter().find(|entry| entry.act == Act::ParcelTake.key()).unwrap();
    let zhao = office.store.user_by_login("zhao").await.unwrap().unwrap();
    assert_eq!(
        (noted.user, noted.subject.clone()),
        (Some(zhao.person.user), format!("{} huang", huang.who.device.id.0))
    );

    // The same again changes nothing, and the phone itself gets its receipts.
    office.wait_ms(1000);
    let before = office.stored().await;
    let (_, page) = desk_takes(&office, "zhao", &file).await;
    assert!(page.contains("早已收到"), "{page}");
    let answer = huang.sync(&office).await;
    assert!(matches!(outcomes(&answer)[..], [Outcome::Received { received_ms: NOW, .. }, _]));
    assert_eq!((huang.handset.device.unsent(), office.stored().await), (0, before));
}

#[tokio::test]
async fn another_deputys_phone_carries_it_and_hears_no_more_than_what_became_of_it() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.works();
    let file = huang.packs(&office).await;
    let li = Phone::new(&office, "li").await;
    let (status, answer) = li.carries(&office, &file).await;
    assert_eq!(status, StatusCode::OK);
    let fared = [("parcel.sealed", 1), ("parcel.acted", 1), ("parcel.received", 1), ("parcel.received", 1)];
    assert_eq!(lines(&answer), fared.map(|(text, count)| (text.to_owned(), count)));
    assert!(!answer.to_string().contains(SUMMARY));
    let stored = office.store.changes_of(&[voice]).await.unwrap().remove(&voice).unwrap();
    assert!(stored.iter().all(|entry| entry.actor == huang.who.actor));
    office.wait_ms(1000);
    assert_eq!(
        lines(&li.carries(&office, &file).await.1),
        [("parcel.sealed", 1), ("parcel.known", 2), ("parcel.known", 1)].map(|(text, count)| (text.to_owned(), count))
    );
}

#[tokio::test]
async fn who_carried_a_file_is_noted_also_when_not_all_of_it_was_taken() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.works();
    let file = huang.packs(&office).await;
    let li = Phone::new(&office, "li").await;
    // What is sealed comes behind the changes of its message.
    let mut database = SqliteConnection::connect(&office.file().to_string_lossy()).await.unwrap();
    database.execute("alter table sealed rename to lost").await.unwrap();
    assert_eq!(li.carries(&office, &file).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(office.store.record(voice).await.unwrap().is_some(), "a part is here");
    let audit = office.store.audit_after(0, 100).await.unwrap();
    let noted = audit.iter().find(|entry| entry.act == Act::ParcelTake.key()).unwrap();
    assert_eq!((noted.user, noted.reason.as_str()), (Some(li.who.user()), "4"));
}

#[tokio::test]
async fn nothing_of_a_file_that_is_changed_cut_or_foreign_is_taken() {
    let (vault, other_vault) = (Scratch::new("parcel"), Scratch::new("other"));
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    huang.works();
    let file = huang.packs(&office).await;
    let li = Phone::new(&office, "li").await;
    let whole = Parcel::decode(&file).unwrap();
    // Under another device's name, by who knows a key of their own only.
    let contents =
        ParcelContents { made_ms: NOW, messages: huang.handset.device.unsent_messages(NOW, "0.9"), files: Vec::new() };
    let forged = handset::lock(huang.who.device.id, &li.key(&office), &contents);
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    let renamed = Parcel { device: li.who.device.id, ..whole.clone() }.encode();
    let unknown = Parcel { device: DeviceId(9_999), ..whole }.encode();
    let mut newer = file.clone();
    newer[4] = 2;
    let bad = [
        ("changed", changed, "forged"),
        ("cut", file[..file.len() - 1].to_vec(), "forged"),
        ("forged", forged, "forged"),
        ("under another name", renamed, "forged"),
        ("of a device that there is not", unknown, "forged"),
        ("a photo", b"\xff\xd8\xff\xe0 JFIF".to_vec(), "foreign"),
        ("of a newer app", newer, "newer"),
    ];
    let before = office.stored().await;
    for (what, bytes, key) in bad {
        let (status, answer) = li.carries(&office, &bytes).await;
        assert_eq!((status, answer["error"].as_str().unwrap()), (StatusCode::UNPROCESSABLE_ENTITY, key), "{what}");
        let (status, page) = desk_takes(&office, "zhao", &bytes).await;
        assert!(status == StatusCode::OK && page.contains("parcel-failed"), "{what}");
    }
    assert_eq!(office.stored().await, before);
    // Another server, which has a key of its own.
    let elsewhere = self::office(&other_vault).await;
    let zhao = Phone::new(&elsewhere, "zhao").await;
    assert_eq!(zhao.carries(&elsewhere, &file).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_comes_from_an_ended_phone_lies_in_quarantine() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let known = huang.works();
    huang.sync(&office).await;
    huang.sync(&office).await;
    let voice = huang.works();
    let file = huang.packs(&office).await;
    office.store.revoke(huang.who.device.id, NOW).await.unwrap();

    let (accepted, refused) = office.stored().await;
    let (_, page) = desk_takes(&office, "zhao", &file).await;
    assert!(page.contains("已停用"), "{page}");
    assert_eq!(office.stored().await, (accepted, refused + 2));
    assert!(office.store.record(voice).await.unwrap().is_none() && office.store.record(known).await.unwrap().is_some());
    let spaces = [huang.station()];
    let kept = office.store.quarantine(&spaces, &CaseSpaces::default(), 10).await.unwrap();
    assert_eq!((kept[0].user, kept[0].device), (huang.who.user(), huang.who.device.id));
    assert_eq!(office.store.returned(&spaces, &CaseSpaces::default(), 10).await.unwrap().len(), 1);

    // It may hand over its own, and nothing else.
    let li = Phone::new(&office, "li").await;
    assert_eq!(huang.carries(&office, &file).await.0, StatusCode::OK);
    assert_eq!(huang.carries(&office, &li.packs(&office).await).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let sync = huang.who.sync(request(Vec::new(), &[]).encode());
    assert_eq!(office.send(sync).await.status(), StatusCode::FORBIDDEN);
}

/// A photo by its beginning; `number` tells them apart.
fn photo(number: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 2];
    bytes.resize(300_000, number);
    bytes
}

fn preview() -> Vec<u8> {
    photo(0)[..2_000].to_vec()
}

/// What an ended phone hands over in several files: a voice with two photos, and the villager behind it.
struct HandedOver {
    huang: Phone,
    voice: RecordId,
    first: Vec<u8>,
    rest: Vec<u8>,
    hashes: [BlobHash; 2],
}

impl HandedOver {
    async fn by_huang(office: &Office) -> Self {
        let mut huang = Phone::new(office, "huang").await;
        let photos = [photo(1), photo(2)];
        let hashes = photos.each_ref().map(|photo| BlobHash::of(photo));
        let target = Target::New { new: Kind::Voice, space: huang.station() };
        let named = hashes.map(|hash| Edit::enter("files", hash, "断头路"));
        let edits = voice_by(mandate(0), SUMMARY).into_iter().chain(named).collect();
        let voice = huang.handset.edit(target, edits);
        huang.handset.seal(None, voice, villager("金国强", NUMBER));
        office.store.revoke(huang.who.device.id, NOW).await.unwrap();
        let file = |original: Vec<u8>| ParcelFile { record: voice, preview: Some(preview()), original };
        let messages = huang.handset.device.unsent_messages(NOW, "0.9");
        let pack = |messages, photo| {
            let contents = ParcelContents { made_ms: NOW, messages, files: vec![file(photo)] };
            handset::lock(huang.who.device.id, &huang.key(office), &contents)
        };
        let [one, two] = photos;
        let (first, rest) = (pack(messages, one), pack(Vec::new(), two));
        Self { huang, voice, first, rest, hashes }
    }

    async fn all(&self, office: &Office) {
        for file in [&self.first, &self.rest] {
            assert_eq!(self.huang.carries(office, file).await.0, StatusCode::OK);
        }
    }

    /// What waits beside the refused changes: photos and sealed records.
    async fn waiting(&self, office: &Office) -> (usize, usize) {
        let files = office.store.apart_files(&[self.voice]).await.unwrap();
        let sealed = office.store.sealed_apart_of(&[self.voice]).await.unwrap();
        (files.len(), sealed.len())
    }

    async fn is_decided(&self, office: &Office, what: &str) {
        let refused = office.store.quarantine(&[self.huang.station()], &CaseSpaces::default(), 10).await.unwrap();
        let zhao = office.device("zhao", DeviceKind::Console).await;
        let form = format!("user={}&hash={}&what={what}&note=not+for+here", refused[0].user.0, refused[0].hash);
        let post = Request::post("/console/quarantine").header("sec-fetch-site", "same-origin");
        let post = post
            .header(header::COOKIE, zhao.cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into())
            .unwrap();
        assert_eq!(office.send(post).await.status(), StatusCode::SEE_OTHER);
    }
}

async fn page_of(office: &Office, login: &str, path: &str) -> (StatusCode, Vec<u8>) {
    let desk = office.device(login, DeviceKind::Console).await;
    let request = Request::get(path).header(header::COOKIE, desk.cookie()).body(Vec::new().into()).unwrap();
    let response = office.send(request).await;
    (response.status(), bytes_of(response).await)
}

#[tokio::test]
async fn an_ended_phone_hands_over_photos_and_sealed_details_in_several_files_once() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    let (_, answer) = phone.huang.carries(&office, &phone.first).await;
    let said = lines(&answer).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
    assert_eq!(said, ["parcel.sealed", "parcel.file_apart", "refused.ended"]);
    assert_eq!(phone.waiting(&office).await, (1, 1));
    // What a cut took away comes again, with what was there.
    phone.all(&office).await;
    phone.all(&office).await;
    assert_eq!(phone.waiting(&office).await, (2, 1));
    assert_eq!(office.store.changes_of(&[phone.voice]).await.unwrap().len(), 0);

    // Who decides sees the photos, and of the villager that there is something.
    let (_, page) = page_of(&office, "zhao", "/console/quarantine").await;
    assert!(contains(&page, "beside-files") && contains(&page, "群众身份信息 1 份"));
    assert!(!contains(&page, NUMBER) && !contains(&page, "金国强"));
    let address = |end: &str| {
        let user = phone.huang.who.user().0;
        format!("/console/quarantine/file/{user}/{}/{}{end}", phone.voice, phone.hashes[0])
    };
    assert_eq!(page_of(&office, "zhao", &address("")).await, (StatusCode::OK, photo(1)));
    assert_eq!(page_of(&office, "zhao", &address("/preview")).await, (StatusCode::OK, preview()));
    for other in ["li", "huang"] {
        assert_eq!(page_of(&office, other, &address("")).await.0, StatusCode::NOT_FOUND, "{other}");
    }
}

#[tokio::test]
async fn what_is_accepted_of_an_ended_phone_brings_its_photos_and_sealed_details() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    assert_eq!(phone.huang.carries(&office, &phone.first).await.0, StatusCode::OK);
    phone.is_decided(&office, "accept").await;
    assert_eq!(phone.waiting(&office).await, (0, 0));
    // The other photo comes when it has been decided already.
    phone.all(&office).await;
    for hash in phone.hashes {
        assert!(office.store.blob(phone.voice, hash).await.unwrap().is_some());
    }
    let zhao = office.device("zhao", DeviceKind::Console).await;
    let person = zhao.person.clone();
    let space = office.store.spaces().await.unwrap();
    let space = space.iter().find(|space| space.id == phone.huang.station()).unwrap().clone();
    let hub = &office.state.hub;
    let marks = hub.sealed_marks(&person, &space, phone.voice, NOW).await.unwrap();
    assert_eq!(marks.len(), 1);
    let opened = hub.open_sealed((&zhao.device, &person), &space, marks[0].id, "回访核实情况", NOW).await.unwrap();
    let Opened::Contents(contents) = opened else { panic!("the station opens with a reason") };
    assert_eq!((contents.name.as_str(), contents.phone.as_str()), ("金国强", NUMBER));
    // Handed over again, nothing waits anew.
    phone.all(&office).await;
    assert_eq!(phone.waiting(&office).await, (0, 0));
}

#[tokio::test]
async fn what_is_discarded_of_an_ended_phone_is_destroyed_with_all_beside_it() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    phone.all(&office).await;
    let sealed = office.store.sealed_apart_of(&[phone.voice]).await.unwrap()[0].id;
    phone.is_decided(&office, "discard").await;
    assert_eq!(phone.waiting(&office).await, (0, 0));
    let deleted = office.store.sealed_deleted().await.unwrap();
    assert!(deleted.iter().any(|(id, deletion)| *id == sealed && deletion.why == WhyDeleted::Discarded));
    let blobs = &office.state.blobs;
    for hash in phone.hashes {
        let file = ApartFile {
            record: phone.voice,
            user: phone.huang.who.user(),
            hash,
            mime: String::new(),
            bytes: 0,
            previewed: true,
            received_ms: NOW,
        };
        assert!(blobs.give_apart(&file, Part::Original).await.unwrap().is_none());
        assert!(blobs.give_apart(&file, Part::Preview).await.unwrap().is_none());
    }
    // Nothing refers to it any more: sent again, it is not taken.
    let (_, answer) = phone.huang.carries(&office, &phone.rest).await;
    assert_eq!(lines(&answer), [("file.unnamed".to_owned(), 1)]);
    phone.huang.carries(&office, &phone.first).await;
    assert_eq!(phone.waiting(&office).await, (0, 0));
}

/// A decision that was cut off before what follows from it.
#[tokio::test]
async fn what_a_decision_left_behind_is_mended_by_the_next_look() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    phone.all(&office).await;
    let mut database = SqliteConnection::connect(&office.file().to_string_lossy()).await.unwrap();
    database.execute("update quarantine set settled = 3, settled_by = 1, settled_ms = 1, bytes = x''").await.unwrap();
    office.state.hub.sweep_sealed(NOW).await.unwrap();
    office.state.blobs.sweep(&office.state.hub, NOW).await.unwrap();
    assert_eq!(phone.waiting(&office).await, (0, 0));
}

/// What waits is kept as long as an open voice's, and not longer.
#[tokio::test]
async fn sealed_details_that_nobody_decides_on_end_at_their_time() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    phone.all(&office).await;
    const THREE_YEARS_MS: i64 = 3 * 365 * 24 * 60 * 60 * 1_000;
    assert_eq!(office.state.hub.sweep_sealed(NOW + THREE_YEARS_MS).await.unwrap(), 1);
    assert_eq!(phone.waiting(&office).await, (2, 0));
}

/// Who has a stolen phone changes nothing that is here.
#[tokio::test]
async fn an_ended_phone_overwrites_and_deletes_no_sealed_details() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.works();
    huang.sync(&office).await;
    huang.sync(&office).await;
    let before = office.store.sealed_of(voice).await.unwrap();
    assert_eq!(before.len(), 1);
    huang.handset.seal(Some(before[0].id), voice, villager("金国强", "13900000000"));
    office.store.revoke(huang.who.device.id, NOW).await.unwrap();
    let file = huang.packs(&office).await;
    for _ in 0..2 {
        assert_eq!(huang.carries(&office, &file).await.0, StatusCode::OK);
    }
    let after = office.store.sealed_of(voice).await.unwrap();
    assert_eq!(after.len(), 2, "the other number lies beside the first");
    assert!(after.contains(&before[0]));
    let write = SealedWrite { id: before[0].id, voice, space: huang.station(), base: 1, contents: None };
    let sealed = Some(SealedRequest { cursor: 0, writes: vec![write] });
    let messages = vec![Message { sealed, ..Message::default() }.encode()];
    let contents = ParcelContents { made_ms: NOW, messages, files: Vec::new() };
    let file = handset::lock(huang.who.device.id, &huang.key(&office), &contents);
    assert_eq!(lines(&huang.carries(&office, &file).await.1), [("refused.ended".to_owned(), 1)]);
    assert_eq!(office.store.sealed_of(voice).await.unwrap(), after);
}

#[tokio::test]
async fn an_ended_phone_waits_with_what_has_no_room_today() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let phone = HandedOver::by_huang(&office).await;
    let day = NOW.div_euclid(24 * 60 * 60 * 1_000);
    let user = phone.huang.who.user();
    let full = BLOB_BYTES_PER_DAY_MAX;
    assert!(office.store.count_blob_bytes(user, day, full, full).await.unwrap());
    let (status, answer) = phone.huang.carries(&office, &phone.first).await;
    assert_eq!((status, answer["error"].as_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    let (_, page) = desk_takes(&office, "zhao", &phone.first).await;
    assert!(page.contains("已到上限"), "{page}");
    office.wait_ms(24 * 60 * 60 * 1_000);
    phone.all(&office).await;
    assert_eq!(phone.waiting(&office).await, (2, 1));
}

#[tokio::test]
async fn who_signed_out_by_themselves_is_believed_and_a_locked_account_is_not() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let mut huang = Phone::new(&office, "huang").await;
    let voice = huang.works();
    let file = huang.packs(&office).await;
    office.state.accounts.sign_out(&huang.who.device, NOW).await.unwrap();
    let (status, answer) = huang.carries(&office, &file).await;
    assert_eq!((status, answer["error"].as_str().unwrap()), (StatusCode::UNAUTHORIZED, "signed_out"));
    desk_takes(&office, "zhao", &file).await;
    assert!(office.store.record(voice).await.unwrap().is_some());

    let mut li = Phone::new(&office, "li").await;
    let target = Target::New { new: Kind::Voice, space: li.station() };
    let other = li.handset.edit(target, voice_by(mandate(1), SUMMARY));
    let file = li.packs(&office).await;
    office.store.set_locked(li.who.user(), true).await.unwrap();
    assert_eq!(lines(&li.carries(&office, &file).await.1), [("refused.ended".to_owned(), 1)]);
    assert!(office.store.record(other).await.unwrap().is_none());
}

#[tokio::test]
async fn who_has_no_desk_takes_no_files_in() {
    let vault = Scratch::new("parcel");
    let office = office(&vault).await;
    let huang = Phone::new(&office, "huang").await;
    let file = huang.packs(&office).await;
    assert_eq!(desk_takes(&office, "li", &file).await.0, StatusCode::NOT_FOUND);
    // A session of the console is no phone: it makes no files.
    let zhao = office.device("zhao", DeviceKind::Console).await;
    let key = office.state.hub.vault().unwrap().parcel_key(zhao.device.id).unwrap();
    let file = handset::lock(zhao.device.id, key.bytes(), &ParcelContents::default());
    let taken = parcel::take(&office.state.hub, &Blobs::in_memory(), &file, Doer::SERVER, None, NOW).await;
    assert!(taken.is_err());
}
