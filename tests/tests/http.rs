//! The HTTP surface, through the real router.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{io::Write, path::Path, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;
use lianxin_server::{account::Token, http::session, serve, store::DeviceKind};
use lianxin_shared::{
    id::SpaceId,
    limits::EXCHANGE_BYTES_MAX,
    rights::Denied,
    wire::{Answer, Outcome, RefusalReason},
};
use lianxin_tests::{
    office::{Draft, Office, PASSWORD, Phone, bytes_of, json_of, mandate, outcomes, request, voice_by},
    postgres::{Cluster, Fsync},
    scratch::Scratch,
    server::command,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn status_and_error(response: Response<Body>) -> (u16, String) {
    let status = response.status().as_u16();
    (status, json_of(response).await["error"].as_str().unwrap().to_owned())
}

fn error(status: u16, key: &str) -> (u16, String) {
    (status, key.to_owned())
}

// Signing in

#[tokio::test]
async fn signing_in_gives_a_token_until_signing_out() {
    let office = Office::new().await;
    let (status, given) = office.sign_in("huang", PASSWORD).await;
    assert_eq!((status, given["name"].as_str()), (StatusCode::OK, Some("黄光明")));
    assert!(given["device"].is_i64() && given["user"].is_i64());
    let mut huang = office.phone("huang").await;
    huang.token = given["token"].as_str().unwrap().to_owned();
    office.exchange(&huang, &request(Vec::new(), &[])).await;
    let devices = office.state.hub.devices().await.unwrap();
    let device = devices.iter().find(|device| device.id.0 == given["device"].as_i64().unwrap()).unwrap();
    assert_eq!((device.label.as_str(), device.app_version.as_str()), ("Redmi 9A", "test"));

    let sign_out = || huang.authorized(Request::post("/api/v1/sign-out")).body(Body::empty()).unwrap();
    assert_eq!(office.send(sign_out()).await.status(), StatusCode::NO_CONTENT);
    let response = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(status_and_error(response).await, error(401, "signed_out"));
    assert_eq!(status_and_error(office.send(sign_out()).await).await, error(401, "signed_out"));
}

#[tokio::test]
async fn wrong_passwords_wait_longer_each_time() {
    let office = Office::new().await;
    for _ in 0..3 {
        let (status, body) = office.sign_in("huang", "wrong password").await;
        assert_eq!((status, body), (StatusCode::UNAUTHORIZED, json!({ "error": "wrong" })));
    }
    let mut waits = Vec::new();
    for _ in 0..4 {
        // Also the right one is not looked at before its time.
        let (status, body) = office.sign_in("huang", PASSWORD).await;
        assert_eq!((status, &body["error"]), (StatusCode::TOO_MANY_REQUESTS, &json!("wait")));
        let seconds = body["seconds"].as_i64().unwrap();
        waits.push(seconds);
        office.wait_ms(seconds * 1000);
        assert_eq!(office.sign_in("huang", "wrong password").await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(waits, [2, 4, 8, 16]);
    office.wait_ms(32_000);
    assert_eq!(office.sign_in("huang", PASSWORD).await.0, StatusCode::OK);
    assert_eq!(office.sign_in("huang", "wrong password").await.0, StatusCode::UNAUTHORIZED, "counted anew");
    assert_eq!(office.sign_in("li", PASSWORD).await.0, StatusCode::OK, "others never waited");
}

#[tokio::test]
async fn waiting_says_for_how_long() {
    let office = Office::new().await;
    for _ in 0..3 {
        office.sign_in("huang", "wrong password").await;
    }
    let body = json!({ "login": "huang", "password": "x" }).to_string();
    let response = office.send(Request::post("/api/v1/sign-in").body(body.into()).unwrap()).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_in_parallel_is_no_faster() {
    let office = std::sync::Arc::new(Office::new().await);
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let office = office.clone();
            tokio::spawn(async move { office.sign_in("huang", "wrong password").await.0 })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += usize::from(guess.await.unwrap() == StatusCode::UNAUTHORIZED);
    }
    assert!(looked_at <= 3, "{looked_at} guesses were looked at");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let office = Office::new().await;
    let unknown = office.sign_in("nobody", PASSWORD).await;
    assert_eq!(unknown, office.sign_in("huang", "wrong password").await);
    for _ in 0..2 {
        office.sign_in("nobody", PASSWORD).await;
    }
    assert_eq!(office.sign_in("nobody", PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS, "also they wait");
}

#[tokio::test]
async fn a_locked_account_is_shut_out_with_its_devices() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    office.store.set_locked(huang.user(), true).await.unwrap();
    assert_eq!(office.sign_in("huang", PASSWORD).await, (StatusCode::FORBIDDEN, json!({ "error": "locked" })));
    assert_eq!(office.sign_in("huang", "wrong password").await.0, StatusCode::UNAUTHORIZED);
    let response = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(status_and_error(response).await, error(403, "revoked"));
}

#[tokio::test]
async fn a_sign_in_that_is_no_sign_in_is_refused() {
    let office = Office::new().await;
    let long = json!({ "login": "x".repeat(20_000), "password": "y" }).to_string();
    for body in ["", "{}", "[]", "{\"login\": 1}", long.as_str()] {
        let response = office.send(Request::post("/api/v1/sign-in").body(body.to_owned().into()).unwrap()).await;
        assert_eq!(status_and_error(response).await, error(400, "malformed"));
    }
    assert_eq!(office.sign_in("a\0b", PASSWORD).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(office.sign_in(" huang ", PASSWORD).await.0, StatusCode::OK, "a blank behind the name is a slip");
}

#[tokio::test]
async fn what_is_locked_on_a_phone_opens_for_its_person_and_for_nobody_else() {
    let vault = Scratch::new("http-vault");
    let office = Office::new().await.with_vault(&vault).await;
    let [huangs, lis] = [office.phone("huang").await, office.phone("li").await].map(|phone| phone.device.id);
    let opens = async |locked: Value| {
        let body = json!({ "login": "huang", "password": PASSWORD, "locked": locked }).to_string();
        let response = office.send(Request::post("/api/v1/sign-in").body(body.into()).unwrap()).await;
        json_of(response).await.get("opens").cloned()
    };
    let key = office.state.hub.vault().unwrap().parcel_key(huangs).unwrap().secret();
    assert_eq!(opens(json!([lis.0, huangs.0])).await, Some(json!(key)));
    assert_eq!(opens(json!([lis.0, 0, -1, i64::MAX])).await, None);
    let ninth = [vec![lis.0; 8], vec![huangs.0]].concat();
    assert_eq!(opens(json!(ninth)).await, None, "no phone has so many accounts");
}

// Exchanges

#[tokio::test]
async fn a_voice_goes_up_and_comes_down() {
    let office = Office::new().await;
    let space = office.stations[0];
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水管网老化"));
    let answer = office.exchange(&huang, &request(voice.changes.clone(), &[])).await;
    assert!(matches!(outcomes(&answer)[..], [Outcome::Received { .. }]));
    let answer = office.exchange(&zhao, &request(Vec::new(), &[])).await;
    assert_eq!(answer.page[0].bytes, voice.changes[0].bytes);
    assert_eq!(answer.authors[0].name, "黄光明");
}

#[tokio::test]
async fn a_change_for_a_foreign_space_is_refused_and_the_rest_goes_on() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let huang = office.phone("huang").await;
    let mut changes = Draft::voice(&huang, foreign, 1, &voice_by(mandate(0), "公路")).changes;
    changes.extend(Draft::voice(&huang, own, 2, &voice_by(mandate(0), "饮水")).changes);
    let answer = office.exchange(&huang, &request(changes, &[])).await;
    let [Outcome::Refused(refused), Outcome::Received { .. }] = &outcomes(&answer)[..] else { panic!("{answer:?}") };
    assert_eq!(refused.reason, RefusalReason::Denied(Denied::Space));
    assert_eq!(office.stored().await, (1, 1));
}

#[tokio::test]
async fn the_answer_is_compressed_as_the_device_wishes() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let drafts: Vec<_> = (1..=20)
        .flat_map(|n| Draft::voice(&huang, office.stations[0], n, &voice_by(mandate(0), "饮水管网老化")).changes)
        .collect();
    office.exchange(&huang, &request(drafts, &[])).await;
    let zhao = office.phone("zhao").await;
    let mut sizes = Vec::new();
    for wished in ["identity", "gzip", "br", "zstd", "gzip, deflate, br, zstd"] {
        let mut sync = zhao.sync(request(Vec::new(), &[]).encode());
        sync.headers_mut().insert(header::ACCEPT_ENCODING, wished.parse().unwrap());
        let response = office.send(sync).await;
        let used = response.headers().get(header::CONTENT_ENCODING).map(|used| used.to_str().unwrap().to_owned());
        match wished {
            "identity" => assert_eq!(used, None),
            "gzip" | "br" | "zstd" => assert_eq!(used.as_deref(), Some(wished)),
            _ => assert!(used.is_some_and(|used| used == "zstd" || used == "br")),
        }
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        sizes.push(bytes_of(response).await.len());
    }
    assert!(sizes[1..].iter().all(|size| size * 3 < sizes[0]), "{sizes:?}");
}

#[tokio::test]
async fn foreign_bytes_change_nothing() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let voice = Draft::voice(&huang, office.stations[0], 1, &voice_by(mandate(0), "饮水"));
    let good = request(voice.changes.clone(), &[]).encode();
    let mut bodies: Vec<Vec<u8>> = vec![Vec::new(), vec![1], b"{\"json\": true}".to_vec(), vec![1; 5_000]];
    bodies.extend((1..good.len()).map(|length| good[..length].to_vec()));
    let mut shorter = 0;
    for body in bodies {
        let response = office.send(huang.sync(body.clone())).await;
        // Cut where a section ends, it is a shorter message.
        if response.status() == StatusCode::OK {
            shorter += 1;
            continue;
        }
        let foreign = body.first().is_some_and(|version| *version != 1);
        let expected = if foreign { error(426, "unknown_version") } else { error(400, "malformed") };
        assert_eq!(status_and_error(response).await, expected, "{} bytes", body.len());
    }
    assert_eq!(shorter, 1);
    assert_eq!(office.stored().await, (0, 0));

    let typed = |kind: &str| {
        let mut sync = huang.sync(good.clone());
        sync.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        sync
    };
    assert_eq!(status_and_error(office.send(typed("text/plain")).await).await, error(400, "malformed"));
    assert_eq!(office.stored().await, (0, 0));
    assert_eq!(office.get("/api/v1/sync").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(office.send(huang.sync(good)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn flipped_bits_never_break_the_server() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let voice = Draft::voice(&huang, office.stations[0], 1, &voice_by(mandate(0), "饮水"));
    let good = request(voice.changes.clone(), &[]).encode();
    for at in 0..good.len() {
        let mut body = good.clone();
        body[at] ^= 1 << (at % 8);
        let status = office.send(huang.sync(body)).await.status();
        assert!(matches!(status.as_u16(), 200 | 400 | 426), "{status} for a flipped bit in byte {at}");
    }
    let answer = office.exchange(&huang, &request(voice.changes, &[])).await;
    assert!(matches!(outcomes(&answer)[..], [Outcome::Received { .. }]), "the true one is taken: {answer:?}");
    let zhao = office.phone("zhao").await;
    for entry in office.exchange(&zhao, &request(Vec::new(), &[])).await.page {
        let page = office.state.hub.record_page(&zhao.person, entry.record).await.unwrap();
        assert!(page.is_some(), "everything that was taken can be shown");
    }
}

#[tokio::test]
async fn compressed_bodies_are_bounded() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let good = request(Vec::new(), &[]).encode();
    let send = async |encoding: &str, body: Vec<u8>| {
        let mut sync = huang.sync(body);
        sync.headers_mut().insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
        office.send(sync).await
    };
    let answer = Answer::decode(&bytes_of(send("gzip", gzip(&good)).await).await).unwrap();
    assert!(answer.grants.is_some());
    assert_eq!(send("identity", good.clone()).await.status(), StatusCode::OK);

    let bomb = gzip(&vec![0; 100 * 1024 * 1024]);
    assert!(bomb.len() < 200 * 1024);
    assert_eq!(status_and_error(send("gzip", bomb).await).await, error(413, "too_large"));
    let half = gzip(&good);
    let half = half[..half.len() / 2].to_vec();
    assert_eq!(status_and_error(send("gzip", half).await).await, error(400, "malformed"));
    assert_eq!(status_and_error(send("gzip", good.clone()).await).await, error(400, "malformed"));
    assert_eq!(status_and_error(send("br", good).await).await, error(400, "malformed"));
    let large = vec![1; EXCHANGE_BYTES_MAX + 1];
    assert_eq!(status_and_error(office.send(huang.sync(large)).await).await, error(413, "too_large"));
}

#[tokio::test]
async fn only_a_token_that_is_valid_now_opens_anything() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let body = request(Vec::new(), &[]).encode();
    let with = |authorization: Option<String>| {
        let mut sync = huang.sync(body.clone());
        sync.headers_mut().remove(header::AUTHORIZATION);
        if let Some(authorization) = authorization {
            sync.headers_mut().insert(header::AUTHORIZATION, authorization.parse().unwrap());
        }
        sync
    };
    let unknown = Token::random();
    for authorization in [
        None,
        Some(String::new()),
        Some(huang.token.clone()),
        Some(format!("Basic {}", huang.token)),
        Some("Bearer x".into()),
        Some(format!("Bearer {}", unknown.secret())),
    ] {
        let response = office.send(with(authorization.clone())).await;
        assert_eq!(status_and_error(response).await, error(401, "signed_out"), "{authorization:?}");
    }
    assert_eq!(office.send(with(Some(format!("bearer {}", huang.token)))).await.status(), StatusCode::OK);
    let query = Request::post(format!("/api/v1/sync?token={}", huang.token)).body(Body::from(body.clone())).unwrap();
    assert_ne!(office.send(query).await.status(), StatusCode::OK, "a token in an address is none");
    office.store.revoke(huang.device.id, 1).await.unwrap();
    assert_eq!(status_and_error(office.send(huang.sync(body)).await).await, error(403, "revoked"));
}

// Live

/// Reads a stream of events up to the one that is waited for.
struct Events {
    body: Body,
    text: String,
}

impl Events {
    async fn open(office: &Office, phone: &Phone) -> Self {
        let listen = phone.authorized(Request::get("/api/v1/live")).body(Body::empty()).unwrap();
        let response = office.send(listen).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The text up to and including this; `None` when the stream ends before.
    async fn until(&mut self, wanted: &str) -> Option<String> {
        timeout(PATIENCE, async {
            while !self.text.contains(wanted) {
                let frame = self.body.frame().await?.unwrap();
                self.text.push_str(std::str::from_utf8(frame.data_ref()?).unwrap());
            }
            Some(std::mem::take(&mut self.text))
        })
        .await
        .expect("the event comes in time")
    }
}

fn event(space: SpaceId, position: u64) -> String {
    format!("event: space\ndata: {{\"space\": {}, \"position\": {position}}}\n\n", space.0)
}

#[tokio::test]
async fn a_listener_hears_of_its_own_spaces_only() {
    let office = Office::new().await;
    let [own, foreign] = office.stations;
    let (huang, li, zhao) = (office.phone("huang").await, office.phone("li").await, office.phone("zhao").await);
    let mut events = Events::open(&office, &zhao).await;
    assert_eq!(events.until(&event(own, 0)).await.unwrap(), event(own, 0), "where it stands, at first");
    let foreign_voice = Draft::voice(&li, foreign, 1, &voice_by(mandate(1), "公路"));
    office.exchange(&li, &request(foreign_voice.changes, &[])).await;
    let voice = Draft::voice(&huang, own, 1, &voice_by(mandate(0), "饮水"));
    office.exchange(&huang, &request(voice.changes, &[])).await;
    assert_eq!(events.until("position").await.unwrap(), event(own, 1), "and nothing of the other space");
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams() {
    let office = Office::new().await;
    let zhao = office.phone("zhao").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, office.state.clone(), async {
        let _ = stopped.await;
    }));
    let mut live = TcpStream::connect(address).await.unwrap();
    let ask = format!("GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", zhao.token);
    live.write_all(ask.as_bytes()).await.unwrap();
    let mut heard = vec![0; 4096];
    while !String::from_utf8_lossy(&heard).contains("event: space") {
        let length = timeout(PATIENCE, live.read(&mut heard)).await.unwrap().unwrap();
        assert_ne!(length, 0);
    }
    // An idle connection that is kept alive must not hold the server either.
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let length = timeout(PATIENCE, idle.read(&mut heard)).await.unwrap().unwrap();
    assert!(heard[..length].starts_with(b"HTTP/1.1 200"));

    stop.send(()).unwrap();
    timeout(PATIENCE, serving).await.expect("within its bound").unwrap().unwrap();
    timeout(PATIENCE, live.read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nothing is taken any more");
    let listen = zhao.authorized(Request::get("/api/v1/live")).body(Body::empty()).unwrap();
    assert_ne!(office.send(listen).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_receives_the_other_announces() {
    let cluster = Cluster::start(Fsync::Off);
    let database = cluster.database().await;
    let (one, two) = (Office::on(&database, None, None).await, Office::on(&database, None, None).await);
    let (huang, zhao) = (one.phone("huang").await, two.phone("zhao").await);
    let mut events = Events::open(&two, &zhao).await;
    let space = one.stations[0];
    events.until(&event(space, 0)).await.unwrap();
    let voice = Draft::voice(&huang, space, 1, &voice_by(mandate(0), "饮水"));
    one.exchange(&huang, &request(voice.changes.clone(), &[])).await;
    assert_eq!(events.until("position").await.unwrap(), event(space, 1));
    let answer = two.exchange(&zhao, &request(Vec::new(), &[(space, 0)])).await;
    assert_eq!(answer.page[0].hash, voice.changes[0].hash);
    for office in [&one, &two] {
        office.state.hub.stop().await;
        office.store.close().await;
    }
}

// Sessions of the console

#[tokio::test]
async fn the_console_sends_strangers_to_the_sign_in_page_and_knows_its_people() {
    let office = Office::new().await;
    let response = office.get("/console").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/console/sign-in?next=/console");

    let headers = HeaderMap::new();
    let jar = session::sign_in(&office.state, &headers, Default::default(), "zhao", PASSWORD).await.unwrap();
    let cookie = jar.get(session::COOKIE).unwrap().clone();
    let carried = format!("{}={}", session::COOKIE, cookie.value()).parse().unwrap();
    let signed_in = HeaderMap::from_iter([(header::COOKIE, carried)]);
    let staff = session::current(&office.state, &signed_in).await.unwrap().unwrap().staff;
    assert_eq!((staff.person.name.as_str(), staff.device.kind), ("赵小兰", DeviceKind::Console));
    let text = cookie.to_string();
    assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax") && text.contains("Path=/"), "{text}");
    let with_cookie = |path: &str| {
        let cookie = format!("{}={}", session::COOKIE, cookie.value());
        Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()
    };
    let staff = session::current(&office.state, with_cookie("/console").headers()).await.unwrap().unwrap().staff;
    assert_eq!((staff.person.name.as_str(), staff.device.kind), ("赵小兰", DeviceKind::Console));
    assert_eq!(office.send(with_cookie("/console")).await.status(), StatusCode::OK);
    let live = office.send(with_cookie("/api/v1/live")).await;
    assert_eq!(live.status(), StatusCode::OK, "the console may listen too");
    office.wait_ms(31 * 24 * 60 * 60 * 1000);
    assert_eq!(office.send(with_cookie("/console")).await.status(), StatusCode::SEE_OTHER, "a session ends");
    office.wait_ms(-31 * 24 * 60 * 60 * 1000);
    let _ = session::sign_out(&office.state, &headers, jar, &staff).await.unwrap();
    assert_eq!(office.send(with_cookie("/console")).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_phones_token_is_no_session_and_other_sites_post_nothing() {
    let office = Office::new().await;
    let zhao = office.phone("zhao").await;
    let get = Request::get("/console").header(header::COOKIE, zhao.cookie()).body(Body::empty()).unwrap();
    assert_eq!(office.send(get).await.status(), StatusCode::SEE_OTHER);
    let console = office.device("zhao", DeviceKind::Console).await;
    let cookie = console.cookie();
    let post = |site: Option<&str>| {
        let mut post = Request::post("/console/sign-out").header(header::COOKIE, &cookie).header(header::HOST, "here");
        if let Some(site) = site {
            post = post.header("sec-fetch-site", site);
        }
        post.body(Body::empty()).unwrap()
    };
    for site in [None, Some("cross-site"), Some("same-site")] {
        assert_eq!(office.send(post(site)).await.status(), StatusCode::FORBIDDEN, "{site:?}");
    }
    assert_ne!(office.send(post(Some("same-origin"))).await.status(), StatusCode::FORBIDDEN);
}

// The app's files, and the rest

fn app_dir() -> Scratch {
    let files = Scratch::new("app");
    let write = |name: &str, bytes: &[u8]| {
        let path = files.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("index.html", b"<!doctype html><title>app</title>");
    write("index.html.br", b"brotli of the page");
    write("sw.js", b"// service worker");
    write("manifest.webmanifest", b"{}");
    write("assets/engine-0123456789ab.wasm", b"\0asm");
    write("assets/engine-0123456789ab.wasm.br", b"brotli of the engine");
    write("assets/engine-0123456789ab.wasm.gz", b"gzip of the engine");
    files
}

async fn served(office: &Office, path: &str, accept: &str) -> Response<Body> {
    office.send(Request::get(path).header(header::ACCEPT_ENCODING, accept).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_apps_files_are_compressed_once_and_kept_by_name() {
    let files = app_dir();
    let office = Office::with_app(Some(files.path().to_owned())).await;
    for page in ["/", "/app", "/app/record/1"] {
        let response = served(&office, page, "gzip, br").await;
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
        assert_eq!(bytes_of(response).await, b"brotli of the page");
    }
    let engine = "/assets/engine-0123456789ab.wasm";
    for (accept, expected) in [("br", "brotli of the engine"), ("gzip", "gzip of the engine"), ("identity", "\0asm")] {
        let response = served(&office, engine, accept).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/wasm");
        assert_eq!(bytes_of(response).await, expected.as_bytes());
    }
    for (path, kind) in [("/sw.js", "text/javascript"), ("/manifest.webmanifest", "application/manifest+json")] {
        let response = served(&office, path, "br").await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache", "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
    }
    let missing = served(&office, "/assets/gone-0123456789ab.js", "br").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(missing.headers()[header::CACHE_CONTROL], "no-cache", "a file that is not there yet is not remembered");
}

#[tokio::test]
async fn nothing_outside_of_the_apps_folder_is_served() {
    let files = app_dir();
    std::fs::write(files.path().with_extension("secret"), "secret").unwrap();
    let office = Office::with_app(Some(files.path().to_owned())).await;
    let secret = Path::new(files.path()).with_extension("secret");
    let name = secret.file_name().unwrap().to_str().unwrap();
    for path in
        [format!("/../{name}"), format!("/%2e%2e/{name}"), format!("/assets/..%2f..%2f{name}"), "//etc/passwd".into()]
    {
        let response = served(&office, &path, "identity").await;
        assert_ne!(response.status(), StatusCode::OK, "{path}");
    }
    std::fs::remove_file(secret).unwrap();
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let files = app_dir();
    let office = Office::with_app(Some(files.path().to_owned())).await;
    for path in ["/", "/console/sign-in", "/health", "/nowhere", "/api/v1/live"] {
        let response = office.get(path).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(response.headers().contains_key(header::REFERRER_POLICY));
    }
    assert_eq!(office.get("/nowhere").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_answer_to_an_exchange_carries_no_headers_for_pages() {
    let office = Office::new().await;
    let phone = office.phone("huang").await;
    let response = office.send(phone.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    for page in [header::CONTENT_SECURITY_POLICY, header::REFERRER_POLICY, header::X_FRAME_OPTIONS] {
        assert!(!response.headers().contains_key(&page), "{page}");
    }
}

#[tokio::test]
async fn without_the_app_the_front_door_is_the_console() {
    let office = Office::new().await;
    assert_eq!(office.get("/").await.headers()[header::LOCATION], "/console");
    assert_eq!(office.get("/nowhere").await.status(), StatusCode::NOT_FOUND);
}

// The command line

#[tokio::test]
async fn a_password_that_the_command_line_makes_up_is_for_one_time() {
    let data = Scratch::new("commands");
    let office = Office::on(&data.path().join("lianxin.sqlite").to_string_lossy(), None, None).await;
    let shown = |said: &str| said.lines().find_map(|line| line.strip_prefix("password ")).map(str::to_owned);
    let account = ["user", "add", "--role", "station", "--unit", "520303108S01", "--name", "吴"];
    let added = |login, given| command(data.path(), &[&account[..], &["--login", login]].concat(), given);
    let changed = |given| command(data.path(), &["user", "password", "--login", "huang"], given);
    for (login, said) in [("wu", added("wu", "")), ("huang", changed(""))] {
        let (status, answer) = office.sign_in(login, &shown(&said).unwrap()).await;
        assert_eq!((status, answer["error"].as_str()), (StatusCode::FORBIDDEN, Some("must_change")), "{login}");
    }
    // One that is given stands, and is not shown.
    for (login, said) in [("he", added("he", "their own words\n")), ("huang", changed("their own words\n"))] {
        assert_eq!(shown(&said), None, "{login}");
        assert_eq!(office.sign_in(login, "their own words").await.0, StatusCode::OK, "{login}");
    }
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let office = Office::new().await;
    assert_eq!(office.get("/health").await.status(), StatusCode::OK);
    assert_eq!(office.get("/ready").await.status(), StatusCode::OK);
    office.store.close().await;
    assert_eq!(office.get("/health").await.status(), StatusCode::OK);
    assert_eq!(office.get("/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
}
