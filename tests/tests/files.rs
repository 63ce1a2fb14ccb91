//! Photos and recordings over HTTP, through the real router: resumed at the byte, checked, and shown to nobody who may
//! not read the record.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use lianxin_server::{blob::Blobs, serve, store::DeviceKind};
use lianxin_shared::{
    id::{BlobHash, RecordId},
    limits::{BLOB_BYTES_MAX, BLOB_BYTES_PER_DAY_MAX, BLOB_PART_BYTES_MAX, PREVIEW_BYTES_MAX},
    record::{Edit, Op, Value},
    wire::Outcome,
};
use lianxin_tests::{
    office::{Draft, Office, Phone, bytes_of, json_of, mandate, outcomes, request, voice_by},
    scratch::Scratch,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// A JPEG by its beginning, of this length; `number` tells photos apart.
fn photo(length: usize, number: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 2];
    bytes.resize(length.max(8), number);
    bytes
}

fn enter(hash: BlobHash) -> Edit {
    let (element, value) = (hash.to_string(), Value::text("村口的路"));
    Edit { field: "files".into(), op: Op::Enter { element, value } }
}

/// The deputy of a station with a voice there that names these files.
struct Author {
    phone: Phone,
    draft: Draft,
}

impl Author {
    async fn of(office: &Office, station: usize, login: &str, files: &[&[u8]]) -> Self {
        let phone = office.phone(login).await;
        let mut edits = voice_by(mandate(station), "路断了");
        edits.extend(files.iter().map(|bytes| enter(BlobHash::of(bytes))));
        let mut author = Self { draft: Draft::voice(&phone, office.stations[station], 1, &edits), phone };
        author.delivers(office).await;
        author
    }

    async fn delivers(&mut self, office: &Office) {
        let changes = std::mem::take(&mut self.draft.changes);
        let answer = office.exchange(&self.phone, &request(changes, &[])).await;
        assert!(outcomes(&answer).iter().all(|outcome| matches!(outcome, Outcome::Received { .. })));
    }

    fn record(&self) -> RecordId {
        self.draft.record.id()
    }

    async fn part(&self, office: &Office, file: &[u8], at: usize, bytes: &[u8]) -> (u16, serde_json::Value) {
        let address = part_address(self.record(), file, at, file.len());
        let request = self.phone.authorized(Request::post(address)).body(bytes.to_vec().into()).unwrap();
        said(office.send(request).await).await
    }

    async fn whole(&self, office: &Office, file: &[u8]) -> (u16, serde_json::Value) {
        let mut at = 0;
        loop {
            let end = file.len().min(at + BLOB_PART_BYTES_MAX);
            let (status, answer) = self.part(office, file, at, &file[at..end]).await;
            if status != 200 || end == file.len() {
                return (status, answer);
            }
            at = end;
        }
    }
}

fn part_address(record: RecordId, file: &[u8], at: usize, of: usize) -> String {
    format!("/api/v1/files/{record}/{}?at={at}&of={of}", BlobHash::of(file))
}

async fn said(response: Response<Body>) -> (u16, serde_json::Value) {
    (response.status().as_u16(), json_of(response).await)
}

async fn get(office: &Office, phone: &Phone, record: RecordId, file: &[u8], end: &str) -> Response<Body> {
    let address = format!("/api/v1/files/{record}/{}{end}", BlobHash::of(file));
    office.send(phone.authorized(Request::get(address)).body(Body::empty()).unwrap()).await
}

fn error((status, answer): (u16, serde_json::Value)) -> (u16, String) {
    (status, answer["error"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, key: &str) -> (u16, String) {
    (status, key.to_owned())
}

#[tokio::test]
async fn a_photo_is_delivered_in_parts_and_given_to_those_who_read_its_record() {
    let office = Office::new().await;
    let file = photo(1_000, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    assert_eq!(huang.part(&office, &file, 0, &[]).await, (200, serde_json::json!({ "at": 0 })));
    assert_eq!(huang.part(&office, &file, 0, &file[..400]).await.1["at"], 400);
    let (status, answer) = huang.part(&office, &file, 0, &file[..500]).await;
    assert_eq!((status, &answer["error"], &answer["at"]), (409, &"offset".into(), &400.into()));
    assert_eq!(get(&office, &huang.phone, huang.record(), &file, "").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(huang.part(&office, &file, 0, &[]).await.1["at"], 400, "asked anew after a cut");
    assert_eq!(huang.part(&office, &file, 400, &file[400..]).await.1["at"], 1_000);
    assert_eq!(huang.whole(&office, &file).await.1["at"], 1_000, "what is there is not sent again");

    let zhou = office.phone("zhou").await;
    for phone in [&huang.phone, &zhou] {
        let response = get(&office, phone, huang.record(), &file, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header(header::CONTENT_TYPE), "image/jpeg");
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
        assert!(header(header::CACHE_CONTROL).starts_with("private"));
        assert!(header(header::CONTENT_DISPOSITION).starts_with("inline"));
        assert_eq!(bytes_of(response).await, file);
    }
}

#[tokio::test]
async fn who_may_not_read_the_record_has_no_use_of_the_hash() {
    let office = Office::new().await;
    let file = photo(100, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    assert_eq!(huang.whole(&office, &file).await.0, 200);
    // Li writes at the other station. Neither Huang's record nor the hash in a record of Li's own opens the bytes.
    let li = Author::of(&office, 1, "li", &[&file]).await;
    for record in [huang.record(), li.record()] {
        let response = get(&office, &li.phone, record, &file, "").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
    let address = part_address(huang.record(), &file, 0, file.len());
    let request = li.phone.authorized(Request::post(address)).body(Body::empty()).unwrap();
    assert_eq!(error(said(office.send(request).await).await), refused(404, "unnamed"));
    assert_eq!(li.part(&office, &file, 0, &[]).await.1["at"], 0, "not even that it is there");
    let nobody = Request::get(format!("/api/v1/files/{}/{}", huang.record(), BlobHash::of(&file)));
    let response = office.send(nobody.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_file_that_no_record_names_is_neither_taken_nor_given() {
    let office = Office::new().await;
    let (file, other) = (photo(100, 1), photo(100, 2));
    let mut huang = Author::of(&office, 0, "huang", &[&file]).await;
    assert_eq!(error(huang.whole(&office, &other).await), refused(404, "unnamed"));
    assert_eq!(huang.whole(&office, &file).await.0, 200);
    let remove = Edit { field: "files".into(), op: Op::Remove { element: BlobHash::of(&file).to_string() } };
    huang.draft.edit(huang.phone.actor, &[remove]);
    huang.delivers(&office).await;
    let response = get(&office, &huang.phone, huang.record(), &file, "").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND, "taken out of the record it is out of reach");
}

#[tokio::test]
async fn bytes_that_are_not_what_they_were_said_to_be_are_thrown_away() {
    let office = Office::new().await;
    let file = photo(600, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    assert_eq!(huang.part(&office, &file, 0, &file[..300]).await.0, 200);
    assert_eq!(error(huang.part(&office, &file, 300, &[7; 300]).await), refused(422, "wrong_hash"));
    assert_eq!(huang.part(&office, &file, 0, &[]).await.1["at"], 0, "it begins anew");
    assert_eq!(error(huang.part(&office, &file, 0, &[7; 601]).await), refused(413, "file_too_large"));
    assert_eq!(huang.whole(&office, &file).await.1["at"], 600);

    // Another phone's bad bytes do not spoil a delivery that is under way.
    let second = photo(600, 2);
    let zhao = office.phone("zhao").await;
    let huang = Author::of(&office, 0, "huang", &[&second]).await;
    assert_eq!(huang.part(&office, &second, 0, &second[..300]).await.0, 200);
    let address = part_address(huang.record(), &second, 0, second.len());
    let poison = zhao.authorized(Request::post(address)).body(vec![7; 600].into()).unwrap();
    assert_eq!(error(said(office.send(poison).await).await), refused(422, "wrong_hash"));
    assert_eq!(huang.part(&office, &second, 300, &second[300..]).await.1["at"], 600);
}

#[tokio::test]
async fn only_photos_and_recordings_of_a_reasonable_size_are_taken() {
    let office = Office::new().await;
    let page = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
    let located = [&photo(60, 1)[..], b"<x exif:GPSLatitude='27,53.3N'/>"].concat();
    let voice = b"OggS\0\x02\0\0\0\0\0\0\0\0 a villager speaks".to_vec();
    let large = photo(BLOB_BYTES_MAX + 1, 3);
    let huang = Author::of(&office, 0, "huang", &[&page, &svg, &located, &voice, &large]).await;
    for foreign in [&page, &svg] {
        assert_eq!(error(huang.whole(&office, foreign).await), refused(415, "foreign_type"));
    }
    assert_eq!(error(huang.whole(&office, &located).await), refused(422, "located"));
    assert_eq!(error(huang.whole(&office, &large).await), refused(413, "file_too_large"));
    assert_eq!(huang.whole(&office, &voice).await.0, 200);
    let response = get(&office, &huang.phone, huang.record(), &voice, "").await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "audio/ogg");
    for address in ["/api/v1/files/xyz/abc?at=0&of=1".to_owned(), part_address(huang.record(), &voice, 0, 1) + "x"] {
        let request = huang.phone.authorized(Request::post(address)).body(Body::empty()).unwrap();
        assert_eq!(office.send(request).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_preview_is_small_and_the_first_one_stays() {
    let office = Office::new().await;
    let file = photo(9_000, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    let preview = |bytes: Vec<u8>| {
        let address = format!("/api/v1/files/{}/{}/preview", huang.record(), BlobHash::of(&file));
        office.send(huang.phone.authorized(Request::post(address)).body(bytes.into()).unwrap())
    };
    assert_eq!(error(said(preview(photo(PREVIEW_BYTES_MAX + 1, 1)).await).await), refused(413, "file_too_large"));
    assert_eq!(error(said(preview(b"<html>".to_vec()).await).await), refused(415, "foreign_type"));
    assert_eq!(said(preview(photo(500, 4)).await).await.0, 200);
    assert_eq!(said(preview(photo(600, 5)).await).await.0, 200);
    let shown = get(&office, &huang.phone, huang.record(), &file, "/preview").await;
    assert_eq!(bytes_of(shown).await, photo(500, 4));
    let original = get(&office, &huang.phone, huang.record(), &file, "").await;
    assert_eq!(original.status(), StatusCode::NOT_FOUND, "the original comes later");
    let li = office.phone("li").await;
    let response = get(&office, &li, huang.record(), &file, "/preview").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_day_has_a_limit_and_the_next_one_begins_anew() {
    let office = Office::new().await;
    let file = photo(1_000, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    let day = lianxin_tests::office::NOW.div_euclid(86_400_000);
    let used = BLOB_BYTES_PER_DAY_MAX - 500;
    let counted = office.store.count_blob_bytes(huang.phone.user(), day, used, BLOB_BYTES_PER_DAY_MAX).await.unwrap();
    assert!(counted);
    assert_eq!(huang.part(&office, &file, 0, &file[..500]).await.0, 200);
    assert_eq!(error(huang.part(&office, &file, 500, &file[500..]).await), refused(429, "day_full"));
    office.wait_ms(86_400_000);
    assert_eq!(huang.part(&office, &file, 500, &file[500..]).await.1["at"], 1_000);
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_thrown_away() {
    let office = Office::new().await;
    let file = photo(1_000, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    assert_eq!(huang.part(&office, &file, 0, &file[..500]).await.0, 200);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert_eq!(office.state.blobs.sweep(&office.state.hub, now + 13 * 86_400_000).await.unwrap(), 0);
    assert_eq!(office.state.blobs.sweep(&office.state.hub, now + 15 * 86_400_000).await.unwrap(), 1);
    assert_eq!(huang.part(&office, &file, 0, &[]).await.1["at"], 0);
}

/// Over a real connection that breaks off in the middle of a part, into a real folder.
#[tokio::test]
async fn a_part_that_breaks_off_goes_on_at_the_byte() {
    let folder = Scratch::new("blobs");
    let office = Office::new().await;
    let state = office.state.clone().with_blobs(Blobs::of_folder(folder.path()).unwrap());
    let file = photo(200_000, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, state.clone(), async move { drop(stopped.await) }));

    let mut line = TcpStream::connect(address).await.unwrap();
    let path = part_address(huang.record(), &file, 0, file.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        huang.phone.token,
        file.len()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    line.write_all(&file[..70_001]).await.unwrap();
    line.shutdown().await.unwrap();
    drop(line);

    let app = lianxin_server::app(state.clone());
    let ask = |at: usize, bytes: &[u8]| {
        let request = Request::post(part_address(huang.record(), &file, at, file.len()));
        let request = huang.phone.authorized(request).body(Body::from(bytes.to_vec())).unwrap();
        let app = app.clone();
        async move { said(tower::ServiceExt::oneshot(app, request).await.unwrap()).await }
    };
    let arrived = async {
        loop {
            let at = ask(0, &[]).await.1["at"].as_u64().unwrap();
            if at > 0 {
                return at;
            }
            tokio::task::yield_now().await;
        }
    };
    let at = tokio::time::timeout(Duration::from_secs(30), arrived).await.unwrap();
    assert_eq!(at, 70_001, "to the byte");
    assert_eq!(ask(70_001, &file[70_001..]).await.1["at"], 200_000);
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(folder.path().join("originals").is_dir());
}

#[tokio::test]
async fn the_desk_shows_what_has_arrived_and_nobody_elses() {
    let office = Office::new().await;
    let (file, later) = (photo(1_000, 1), photo(1_000, 2));
    let speech = b"OggS\0\x02\0\0\0\0\0\0\0\0 a villager speaks".to_vec();
    let huang = Author::of(&office, 0, "huang", &[&file, &later, &speech]).await;
    for whole in [&file, &speech] {
        assert_eq!(huang.whole(&office, whole).await.0, 200);
    }
    let address = format!("/api/v1/files/{}/{}/preview", huang.record(), BlobHash::of(&later));
    let preview = huang.phone.authorized(Request::post(address)).body(Body::from(photo(300, 3))).unwrap();
    assert_eq!(office.send(preview).await.status(), StatusCode::OK);

    let page = async |login: &str, end: &str| {
        let desk = office.device(login, DeviceKind::Console).await;
        let request = Request::get(format!("/console/record/{}{end}", huang.record()));
        office.send(request.header(header::COOKIE, desk.cookie()).body(Body::empty()).unwrap()).await
    };
    let html = String::from_utf8(bytes_of(page("zhou", "").await).await).unwrap();
    let shown = |file: &[u8]| format!("/console/record/{}/file/{}", huang.record(), BlobHash::of(file));
    assert!(html.contains(&format!("<img src=\"{}\"", shown(&file))), "a photo without a preview is shown itself");
    assert!(html.contains(&format!("<img src=\"{}/preview\"", shown(&later))) && html.contains("原件还没有到"));
    assert!(html.contains(&format!("<audio controls preload=\"none\" src=\"{}\"", shown(&speech))));
    let end = format!("/file/{}", BlobHash::of(&file));
    let response = page("zhou", &end).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/jpeg");
    assert_eq!(bytes_of(response).await, file);
    assert_eq!(page("li", &end).await.status(), StatusCode::NOT_FOUND);
    let unnamed = format!("/file/{}", BlobHash::of(b"another"));
    assert_eq!(page("zhou", &unnamed).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_session_of_the_console_is_no_phone() {
    let office = Office::new().await;
    let file = photo(100, 1);
    let huang = Author::of(&office, 0, "huang", &[&file]).await;
    let desk = office.device("zhou", DeviceKind::Console).await;
    let address = format!("/api/v1/files/{}/{}", huang.record(), BlobHash::of(&file));
    let request = Request::get(address).header(header::COOKIE, desk.cookie()).body(Body::empty()).unwrap();
    assert_eq!(office.send(request).await.status(), StatusCode::UNAUTHORIZED);
}
