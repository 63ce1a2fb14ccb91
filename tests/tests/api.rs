//! The JSON interface, through the real router: what a program gets with a token, and what it never gets.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use lianxin_server::{http::session::COOKIE, store::DeviceKind};
use lianxin_shared::{
    case::Act,
    id::{EventId, RecordId, UnitCode},
    record::{Edit, Op},
    rights::SpaceKind,
    schema::Kind,
    wire,
};
use lianxin_tests::office::{
    Office, Phone, activity_by, bytes_of, json_of, mandate, suggestion, sync_request, voice_by,
};
use serde_json::Value;

const ALL_SCOPES: [&str; 6] = ["ledgers", "records", "cases", "figures", "stations", "deputies"];
/// More than one token may ask for at once.
const MANY: usize = 200;

/// What came back.
struct Answer {
    status: StatusCode,
    etag: Option<String>,
    body: Value,
}

/// A program with a token.
struct Program<'a> {
    office: &'a Office,
    token: String,
}

impl<'a> Program<'a> {
    /// With a token that somebody has made in the console.
    async fn of(office: &'a Office, owner: &str, scopes: &[&str]) -> Self {
        let session = office.device(owner, DeviceKind::Console).await;
        let html = make(office, &session, scopes).await;
        let token = html.split("data-testid=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        Self { office, token }
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_with(path, None).await
    }

    async fn get_with(&self, path: &str, known: Option<&str>) -> Answer {
        let mut request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        let response = self.office.send(request.body(Body::empty()).unwrap()).await;
        let status = response.status();
        let etag = response.headers().get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned());
        if status.is_client_error() {
            let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
            assert_eq!(kind, "application/problem+json", "{path}");
        }
        let body = serde_json::from_slice(&bytes_of(response).await).unwrap_or_default();
        Answer { status, etag, body }
    }

    async fn ids(&self, path: &str) -> Vec<String> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let items = answer.body["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }
}

impl Answer {
    fn code(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }
}

/// With a town's open data, where stations and deputies are.
async fn office_with_town() -> Office {
    let office = Office::new().await;
    office.store.create_space(SpaceKind::TownPublic, &UnitCode("520303108".into()), "三合镇").await.unwrap();
    office
}

/// Fills in the form of the console's page; the page that comes.
async fn make(office: &Office, session: &Phone, scopes: &[&str]) -> String {
    let scopes: Vec<String> = scopes.iter().map(|scope| format!("&scope={scope}")).collect();
    post(office, session, "/console/tokens", format!("label=report{}", scopes.concat())).await.1
}

async fn post(office: &Office, session: &Phone, path: &str, form: String) -> (StatusCode, String) {
    let request = Request::post(path)
        .header(header::COOKIE, session.cookie())
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = office.send(request.body(form.into()).unwrap()).await;
    (response.status(), String::from_utf8(bytes_of(response).await).unwrap())
}

async fn voices(office: &Office, who: &Phone, station: usize, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let voice = voice_by(mandate(station), &format!("路灯 {number}"));
        ids.push(office.enter(who, Kind::Voice, office.stations[station], voice).await.to_string());
    }
    ids.sort();
    ids
}

#[tokio::test]
async fn a_program_reads_what_its_owner_reads_page_by_page() {
    let office = Office::new().await;
    let [huang, li] = [office.phone("huang").await, office.phone("li").await];
    let mut here = voices(&office, &huang, 0, 5).await;
    here.extend(voices(&office, &li, 1, 2).await);
    here.sort();
    let program = Program::of(&office, "zhou", &["ledgers"]).await;
    let (mut found, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let answer = program.get(&format!("/api/v1/ledgers/voice?limit=3&after={after}")).await;
        let items = answer.body["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = answer.body["next"].as_str() else { break };
        after = next.to_owned();
    }
    found.sort();
    assert_eq!((found, pages), (here, 3), "each once, by keys that go on where the page before ended");
    let none = program.ids("/api/v1/ledgers/voice?from=2030").await;
    assert!(none.is_empty(), "the ledger's own filters");
    assert_eq!(program.get("/api/v1/ledgers/voice?from=nonsense").await.code(), (400, "bad_address"));
    for limit in ["0", "201", "-1", "many"] {
        let path = format!("/api/v1/ledgers/voice?limit={limit}");
        assert_eq!(program.get(&path).await.code(), (400, "bad_address"), "{limit}");
    }
    assert_eq!(program.get("/api/v1/ledgers/nonsense").await.code(), (404, "not_found"));
    assert_eq!(program.get("/api/v1/ledgers/deputy_contact").await.code(), (404, "not_found"), "pages only");
    assert_eq!(program.get("/api/v1/ledgers/score_rule").await.code(), (404, "not_found"), "the district's");
}

#[tokio::test]
async fn a_record_and_its_case_are_told_with_what_has_changed() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let id = office.enter(&huang, Kind::Activity, office.stations[0], activity_by(mandate(0))).await;
    let program = Program::of(&office, "zhou", &ALL_SCOPES).await;
    let path = format!("/api/v1/records/{id}");
    let record = program.get(&path).await;
    assert_eq!((record.status, record.body["fields"]["title"].as_str()), (StatusCode::OK, Some("竹元院坝会")));
    assert_eq!(record.body["fields"]["attendees"], serde_json::json!([mandate(0).to_string()]));
    let tag = record.etag.unwrap();
    assert_eq!(program.get_with(&path, Some(&tag)).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(program.get(&format!("{path}/case")).await.code(), (404, "not_found"), "nothing has happened yet");

    let submit = Act::Submit { text: None, declared: false, again: None };
    let filed = lianxin_shared::case::Request {
        id: EventId([7; 16]),
        case: id,
        kind: Kind::Activity,
        seen: 0,
        made_ms: 0,
        proxy: None,
        act: submit,
    };
    office.state.hub.act(&huang.device, &huang.person, &filed, lianxin_tests::office::NOW).await.unwrap();
    assert_eq!(program.get_with(&path, Some(&tag)).await.status, StatusCode::OK, "an event is a change");
    let case = program.get(&format!("{path}/case")).await.body;
    assert_eq!((case["standing"]["state"].as_str(), case["events"][0]["seq"].as_u64()), (Some("submitted"), Some(1)));
    assert_eq!(case["events"][0]["act"]["act"], "submit");
    assert_eq!(case["events"][0]["by"]["name"], "黄光明");
    let row = &program.get("/api/v1/ledgers/activity?state=submitted").await.body["items"][0];
    assert_eq!((row["id"].as_str(), row["case"]["state"].as_str()), (Some(&*id.to_string()), Some("submitted")));
    let figures = program.get("/api/v1/figures?year=2026").await.body;
    assert_eq!(figures["records"]["activity"], 1, "{figures}");
    assert_eq!(figures["suggestions"]["year"]["counted"], 0);

    for path in ["nonsense", &RecordId([9; 16]).to_string()] {
        assert_eq!(program.get(&format!("/api/v1/records/{path}")).await.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn scopes_are_doors_and_a_token_is_nothing_else() {
    let office = office_with_town().await;
    let id = voices(&office, &office.phone("huang").await, 0, 1).await.remove(0);
    let doors = [
        ("ledgers", "/api/v1/ledgers/voice".to_owned()),
        ("records", format!("/api/v1/records/{id}")),
        ("cases", format!("/api/v1/records/{id}/case")),
        ("figures", "/api/v1/figures".to_owned()),
        ("stations", "/api/v1/stations".to_owned()),
        ("deputies", "/api/v1/deputies".to_owned()),
    ];
    for scope in ALL_SCOPES {
        let program = Program::of(&office, "zhou", &[scope]).await;
        for (opens, path) in &doors {
            let shut = program.get(path).await.code() == (403, "scope");
            assert_eq!(shut, *opens != scope, "{path} with {scope}");
        }
    }
    let program = Program::of(&office, "zhou", &ALL_SCOPES).await;
    let authorized = |request: axum::http::request::Builder| {
        request.header(header::AUTHORIZATION, format!("Bearer {}", program.token))
    };
    let sync = sync_request(&program.token, wire::Request::default().encode());
    assert_eq!(office.send(sync).await.status(), StatusCode::UNAUTHORIZED, "a program exchanges nothing");
    let page = Request::get("/console/ledger/voice").header(header::COOKIE, format!("{COOKIE}={}", program.token));
    let page = office.send(page.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER, "and sees no page");
    let write = authorized(Request::post(format!("/api/v1/records/{id}"))).body(Body::empty()).unwrap();
    assert_eq!(office.send(write).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    for (owner, kind) in [("huang", DeviceKind::Phone), ("zhou", DeviceKind::Console)] {
        let other = Program { office: &office, token: office.device(owner, kind).await.token };
        assert_eq!(other.get("/api/v1/ledgers/voice").await.code(), (401, "signed_out"), "{owner}'s own device");
    }
}

#[tokio::test]
async fn what_is_kept_in_confidence_is_told_to_no_program() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let kept =
        [voice_by(mandate(0), "只说给代表听的事"), vec![Edit { field: "confidential".into(), op: Op::Mark }]].concat();
    let id = office.enter(&huang, Kind::Voice, office.stations[0], kept).await;
    let program = Program::of(&office, "zhou", &ALL_SCOPES).await;
    assert_eq!(program.get(&format!("/api/v1/records/{id}")).await.code(), (403, "confidential"));
    assert_eq!(program.get(&format!("/api/v1/records/{id}/case")).await.code(), (403, "confidential"));
    let ledger = program.get("/api/v1/ledgers/voice").await.body;
    assert_eq!(ledger["items"].as_array().unwrap().len(), 1, "it is counted");
    assert!(!ledger.to_string().contains("只说给代表听的事"));
}

#[tokio::test]
async fn tokens_are_made_by_offices_listed_ended_and_run_out() {
    let office = Office::new().await;
    let [zhou, zhao] =
        [office.device("zhou", DeviceKind::Console).await, office.device("zhao", DeviceKind::Console).await];
    let form = || "label=x&scope=ledgers".to_owned();
    assert_eq!(post(&office, &zhao, "/console/tokens", form()).await.0, StatusCode::NOT_FOUND, "a station makes none");
    for form in ["label=x", "scope=ledgers", "label=x&scope=everything"] {
        let (status, _) = post(&office, &zhou, "/console/tokens", form.into()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    let ended = Program::of(&office, "zhou", &["ledgers"]).await;
    let left = Program::of(&office, "zhou", &["ledgers"]).await;
    let tokens = office.state.hub.devices().await.unwrap();
    let token = tokens.iter().find(|device| matches!(device.kind, DeviceKind::Api(_))).unwrap().id.0;
    assert_eq!(
        post(&office, &zhao, &format!("/console/tokens/{token}/end"), String::new()).await.0,
        StatusCode::NOT_FOUND
    );
    let (status, _) = post(&office, &zhou, &format!("/console/tokens/{token}/end"), String::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(ended.get("/api/v1/ledgers/voice").await.code(), (401, "signed_out"));
    assert_eq!(left.get("/api/v1/ledgers/voice").await.status, StatusCode::OK);
    let noted = office.store.audit_before(u64::MAX, Default::default(), 10).await.unwrap();
    let acts: Vec<&str> = noted.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts.iter().filter(|act| **act == "token_make").count(), 2, "{acts:?}");
    assert_eq!(acts.first(), Some(&"device_revoke"));
    let secret = &left.token;
    assert!(noted.iter().all(|entry| !entry.subject.contains(secret)), "the secret is nowhere");
    office.wait_ms(365 * 24 * 60 * 60 * 1000);
    assert_eq!(left.get("/api/v1/ledgers/voice").await.code(), (401, "signed_out"), "after a year");
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let office = office_with_town().await;
    let program = Program::of(&office, "zhou", &["stations"]).await;
    let mut refused = None;
    for _ in 0..MANY {
        let answer = program.get("/api/v1/stations").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer.body["code"].clone());
            break;
        }
    }
    assert_eq!(refused, Some("too_many".into()));
    let other = Program::of(&office, "zhou", &["stations"]).await;
    assert_eq!(other.get("/api/v1/stations").await.status, StatusCode::OK, "each token for itself");
}

#[tokio::test]
async fn the_description_is_of_what_is_there() {
    let office = office_with_town().await;
    let suggestion = suggestion("town", "硬化三组断头路");
    let zhou = office.phone("zhou").await;
    let id = office.enter(&zhou, Kind::Suggestion, office.town_office, suggestion).await;
    let description = json_of(office.get("/api/v1/openapi.json").await).await;
    assert_eq!(description["openapi"], "3.1.0");
    let program = Program::of(&office, "zhou", &ALL_SCOPES).await;
    let nobody = Program { office: &office, token: "0".repeat(64) };
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 6);
    let schemas = &description["components"]["schemas"];
    for (path, methods) in paths {
        let get = &methods["get"];
        let asked = path.replace("{kind}", "suggestion").replace("{id}", &id.to_string());
        assert_eq!(nobody.get(&asked).await.code(), (401, "signed_out"), "{path}");
        let answer = program.get(&asked).await;
        let known = answer.status == StatusCode::OK || answer.code() == (404, "not_found") && path.ends_with("/case");
        assert!(known, "{path}: {}", answer.body);
        let schema = get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let schema = &schemas[schema.rsplit('/').next().unwrap()];
        if answer.status == StatusCode::OK {
            let said: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
            let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(said, described, "{path}");
        }
        let in_path = get["parameters"].as_array().unwrap().iter().filter(|parameter| parameter["in"] == "path");
        assert_eq!(in_path.count(), path.matches('{').count(), "{path}");
        assert!(ALL_SCOPES.contains(&get["x-scope"].as_str().unwrap()));
    }
    let row = program.get("/api/v1/ledgers/suggestion").await.body["items"][0].clone();
    let said: Vec<&String> = row.as_object().unwrap().keys().collect();
    let described: Vec<&String> = schemas["Row"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(said, described);
}
