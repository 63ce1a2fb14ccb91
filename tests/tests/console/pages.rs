//! What holds for every page: who sees one, in which language, and that nothing typed becomes markup.

use axum::http::{StatusCode, header};
use lianxin_tests::office::{Office, PASSWORD};

use super::browser::Browser;
use super::district::{add_neighbours, record, voice};

#[tokio::test]
async fn only_who_has_signed_in_sees_a_page() {
    let office = Office::new().await;
    let nobody = Browser { office: &office, cookie: String::new() };
    for path in ["/console", "/console/", "/console/ledger/voice", "/console/quarantine", "/console/devices"] {
        let page = nobody.get(path).await;
        assert_eq!((page.status, page.location.split('?').next()), (StatusCode::SEE_OTHER, Some("/console/sign-in")));
    }
    let asked = nobody.get("/console/ledger/voice?code=roads").await;
    assert!(asked.location.ends_with("?next=/console/ledger/voice%3Fcode%3Droads"), "{}", asked.location);
    let form = nobody.get(&asked.location).await;
    assert_eq!(form.hidden("next"), ["/console/ledger/voice?code=roads"]);
    assert!(nobody.get("/console/sign-in?next=//evil.example").await.has("value=\"/console\""));

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console").await.status, StatusCode::OK);
    assert_eq!(zhou.post("/console/sign-out", &[]).await.location, "/console/sign-in");
    assert_eq!(zhou.get("/console").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_says_what_is_wrong() {
    let office = Office::new().await;
    let nobody = Browser { office: &office, cookie: String::new() };
    let wrong = [("login", "zhou"), ("password", "wrong password")];
    for _ in 0..3 {
        let page = nobody.post("/console/sign-in", &wrong).await;
        assert_eq!((page.status, page.marked("sign-in-error")), (StatusCode::UNAUTHORIZED, 1));
        assert!(page.has("用户名或密码不正确") && page.has("value=\"zhou\"") && !page.has("wrong password"));
    }
    let page = nobody.post("/console/sign-in", &wrong).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.has("请等 2 秒"));

    office.wait_ms(60 * 60 * 1000);
    let user = office.phone("li").await.user();
    office.store.set_locked(user, true).await.unwrap();
    let page = nobody.post("/console/sign-in", &[("login", "li"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.has("已停用"));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let office = Office::new().await;
    let zhou = Browser::of(&office, "zhou").await;
    let mut request = zhou.form("/console/sign-out", &[]);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(office.send(request).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(zhou.get("/console").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_people_write_is_never_markup() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "<script>alert(1)</script>", &[]).await;
    let zhou = Browser::of(&office, "zhou").await;
    for path in
        ["/console/ledger/voice".to_owned(), record(draft.record.id()), format!("{}/edit", record(draft.record.id()))]
    {
        let page = zhou.get(&path).await;
        assert!(!page.has("<script>alert") && page.has("alert(1)"), "{path}");
    }
}

#[tokio::test]
async fn the_language_is_the_readers_choice() {
    let office = Office::new().await;
    let mut zhou = Browser::of(&office, "zhou").await;
    assert!(zhou.get("/console").await.has("lang=\"zh-CN\""));
    let request = zhou.form("/console/language", &[("language", "en"), ("back", "/console/ledger/voice")]);
    let response = office.send(request).await;
    assert_eq!(response.headers()[header::LOCATION], "/console/ledger/voice");
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    zhou.cookie = format!("{}; {cookie}", zhou.cookie);
    let page = zhou.get("/console").await;
    assert!(page.has("lang=\"en\"") && page.has("Overview"));
    let away = zhou.post("/console/language", &[("language", "zh"), ("back", "https://evil.example")]).await;
    assert_eq!(away.location, "/console");
}

#[tokio::test]
async fn pages_hold_no_script_and_no_style_of_their_own() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "三组断头路没有修", &[]).await;
    let wu = Browser::of(&office, "wu").await;
    let path = record(draft.record.id());
    for page in [
        "/console",
        "/console/ledger/voice",
        &path,
        &format!("{path}/edit"),
        &format!("{path}/suggestion"),
        "/console/devices",
        "/console/quarantine",
    ] {
        let html = wu.get(page).await.html;
        assert!(!html.contains(" style=") && !html.contains(" onclick=") && !html.contains("<style"), "{page}");
        assert_eq!(html.matches("<script").count(), 1, "{page}");
        for asset in html.split("/console/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let response = office.get(&format!("/console/assets/{asset}")).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
    }
}
