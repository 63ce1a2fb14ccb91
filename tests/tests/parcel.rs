//! Files with what a phone had not sent (手机文件): carried to the desk, or to the server by another phone, through the
//! real router. What is in one arrives once, under its true author, and nobody on the way reads or changes it.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::http::{Request, StatusCode, header};
use lianxin_server::{
    blob::Blobs,
    parcel,
    store::{Act, CaseSpaces, DeviceKind, Doer},
};
use lianxin_shared::{
    device::Target,
    id::{DeviceId, RecordId, SpaceId},
    rights::SpaceKind,
    schema::Kind,
    wire::{Answer, Outcome, Parcel, ParcelContents},
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
