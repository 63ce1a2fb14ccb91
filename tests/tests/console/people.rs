//! Accounts, posts, devices, and the log of who did what.

use axum::http::{StatusCode, header};
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    id::{RecordId, UnitCode},
    record::Edit,
    rights::{Role, SpaceKind},
    schema::Kind,
    wire,
};
use lianxin_tests::office::{NOW, Office, PASSWORD, mandate, mandate_of, request, sync_request};

use super::browser::{Browser, Page, authorized, encode};
use super::district::{add_neighbours, add_user, noted, record, written};

#[tokio::test]
async fn a_lost_phone_is_ended_at_the_district() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let wu = Browser::of(&office, "wu").await;
    let report = wire::RequestHello { device_time_ms: NOW + 3 * 60 * 60 * 1000, ..request(Vec::new(), &[]).hello };
    office.exchange(&huang, &wire::Request { hello: report, ..request(Vec::new(), &[]) }).await;
    let devices = wu.get("/console/devices").await;
    assert!(devices.has("黄光明") && devices.has("版本 test：1 部") && devices.has("快3小时"), "{}", devices.html);
    let path = format!("/console/devices/{}/revoke", huang.device.id.0);
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.post(&path, &[]).await.location, "/console/devices?done=revoked");
    let response = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(wu.post("/console/devices/999/revoke", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_auditor_reads_the_whole_log_and_everybody_what_they_did() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    add_user(&office, "shen", "沈静", Role::Auditor, "520303").await;
    let nobody = Browser { office: &office, cookie: String::new() };
    for login in ["zhou", "nobody-of-this-name"] {
        nobody.post("/console/sign-in", &[("login", login), ("password", "wrong password")]).await;
    }
    office.wait_ms(60 * 60 * 1000);
    let shen = Browser::of(&office, "shen").await;
    assert_eq!(shen.get("/console").await.location, "/console/audit");
    let page = shen.get("/console/audit").await;
    assert!(page.marked("row") == 2 && page.has("登录失败") && page.has("沈静"));
    assert!(!page.has("nobody-of-this-name"), "invented names do not fill the log");
    assert_eq!(shen.get("/console/audit?act=sign_in_failed").await.marked("row"), 1);
    assert_eq!(shen.get("/console/audit?login=shen").await.marked("row"), 1);
    assert_eq!(shen.get("/console/audit?login=moon").await.marked("row"), 0);
    for query in ["before=x", "act=moon", "before=99999999999999999999"] {
        assert_eq!(shen.get(&format!("/console/audit?{query}")).await.status, StatusCode::OK, "{query}");
    }
    let verified = shen.get("/console/audit?verify=yes").await;
    assert!(verified.marked("chain-holds") == 1 && verified.marked("chain-broken") == 0);
    for path in
        ["/console/ledger/voice", "/console/rules", "/console/summary", "/console/quarantine", "/console/devices"]
    {
        assert_eq!(shen.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for login in ["wu", "guan"] {
        let browser = Browser::of(&office, login).await;
        let own = browser.get("/console/audit").await;
        assert_eq!(own.marked("row"), 1, "{login} has signed in");
        assert!(own.has("我的操作记录") && !own.has("沈静") && !own.has("name=\"login\""));
        assert_eq!(browser.get("/console/audit?login=shen").await.rows(), own.rows(), "{login}");
        assert_eq!(browser.get("/console/audit?verify=yes").await.status, StatusCode::FORBIDDEN, "{login}");
    }
}

#[tokio::test]
async fn an_administrator_shuts_an_account_out_and_lets_it_in_again() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let guan = Browser::of(&office, "guan").await;
    let page = guan.get("/console/people").await;
    assert!(page.has("黄光明") && page.has("娄方勇") && page.marked("lock") == page.marked("row") - 1, "not oneself");
    assert_eq!(guan.get(&format!("/console/people?q={}", encode("黄"))).await.marked("row"), 1);
    let path = format!("/console/people/{}/lock", huang.user().0);
    let locked = guan.post(&path, &[("lock", "yes")]).await;
    assert_eq!(locked.location, "/console/people?done=locked");
    let refused = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(guan.get("/console/people").await.marked("unlock"), 1);
    assert_eq!(guan.post(&path, &[("lock", "no")]).await.location, "/console/people?done=unlocked");
    office.exchange(&huang, &request(Vec::new(), &[])).await;

    // The district sees who is there, but shuts nobody out; others see nothing.
    let wu = Browser::of(&office, "wu").await;
    let page = wu.get("/console/people").await;
    assert!(page.status == StatusCode::OK && page.marked("lock") == 0);
    assert_eq!(wu.post(&path, &[("lock", "yes")]).await.status, StatusCode::NOT_FOUND);
    let page = Browser::of(&office, "zhou").await.get("/console/people").await;
    assert!(page.has("黄光明") && !page.has("娄方勇") && page.marked("lock") == 0, "a town sees those of its own area");
    assert_eq!(Browser::of(&office, "zhao").await.get("/console/people").await.status, StatusCode::NOT_FOUND);
    let own = office.device("guan", DeviceKind::Console).await.user().0;
    let itself = guan.post(&format!("/console/people/{own}/lock"), &[("lock", "yes")]).await;
    assert_eq!(itself.status, StatusCode::FORBIDDEN);
    for bad in ["/console/people/0/lock", "/console/people/x/lock"] {
        assert_eq!(guan.post(bad, &[("lock", "yes")]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(guan.post(&path, &[("lock", "maybe")]).await.status, StatusCode::BAD_REQUEST);
    let acts: Vec<String> =
        office.store.audit_after(0, 100).await.unwrap().into_iter().map(|entry| entry.act).collect();
    assert!(acts.contains(&"user_lock".into()) && acts.contains(&"user_unlock".into()));
}

/// Somebody's posts now: roles with units.
async fn posts_of(office: &Office, login: &str) -> Vec<(Role, String, Option<RecordId>)> {
    let user = office.store.user_by_login(login).await.unwrap().unwrap();
    user.person.posts.into_iter().map(|post| (post.role, post.unit.0, post.mandate)).collect()
}

#[tokio::test]
async fn posts_are_given_and_taken_away_by_whom_the_rights_allow_and_each_is_noted() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "三合镇").await.unwrap();
    let of_level = |name: &str, level: &str| {
        let mut edits = mandate_of(RecordId([9; 16]), name);
        edits.iter_mut().filter(|edit| edit.field == "level").for_each(|edit| *edit = Edit::put("level", level));
        edits
    };
    let seat = written(&office, "zhou", Kind::Mandate, public, of_level("黄光明", "town")).await;
    let of_district = written(&office, "zhou", Kind::Mandate, public, of_level("黄光明", "district")).await;
    let mut past = of_level("黄光明", "town");
    past.push(Edit::put("end", "2025-12-31"));
    let past = written(&office, "zhou", Kind::Mandate, public, past).await;
    let foreign = written(&office, "zhou", Kind::Mandate, public, of_level("李秀碧", "town")).await;
    let huang = office.phone("huang").await.user();
    let path = format!("/console/people/{}", huang.0);
    let (give, take) = (format!("{path}/posts/give"), format!("{path}/posts/take"));
    let station = "520303108S01";
    let post = |role: &'static str, unit: &'static str, mandate: Option<RecordId>| {
        let mandate = mandate.map(|id| id.to_string()).unwrap_or_default();
        vec![("role", role.to_owned()), ("unit", unit.to_owned()), ("mandate", mandate)]
    };
    let send = async |who: &str, path: &str, form: &[(&str, String)]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Browser::of(&office, who).await.post(path, &form).await
    };

    // The town: the mandates of its own congress.
    let given = send("zhou", &give, &post("deputy", station, Some(seat))).await;
    assert_eq!(given.location, format!("{path}?done=post_given"));
    let old = Some(mandate(0));
    let both = [(Role::Deputy, station.into(), old), (Role::Deputy, station.into(), Some(seat))];
    assert_eq!(posts_of(&office, "huang").await, both);
    let page = Browser::of(&office, "zhou").await.get(&path).await;
    assert_eq!((page.marked("post"), page.marked("take"), page.marked("reset")), (2, 1, 0), "not of one not on record");
    assert!(page.has(&record(seat)) && page.has(&of_district.to_string()) && !page.has(&past.to_string()));
    for (form, status) in [
        (post("deputy", station, Some(of_district)), StatusCode::FORBIDDEN),
        (post("station", station, None), StatusCode::FORBIDDEN),
        (post("deputy", station, None), StatusCode::BAD_REQUEST),
        (post("deputy", station, Some(past)), StatusCode::BAD_REQUEST),
        (post("deputy", station, Some(foreign)), StatusCode::BAD_REQUEST),
        (post("town", "520303108", None), StatusCode::BAD_REQUEST),
        (post("deputy", "520303109S01", Some(seat)), StatusCode::BAD_REQUEST),
        (post("emperor", station, None), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(send("zhou", &give, &form).await.status, status, "{form:?}");
    }
    assert_eq!(send("zhou", &take, &post("deputy", station, old)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(posts_of(&office, "huang").await, both, "nothing of it was done");
    // Whose last post was here is still known here, and can be given one again.
    assert_eq!(send("guan", &take, &post("deputy", station, old)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send("zhou", &take, &post("deputy", station, Some(seat))).await.status, StatusCode::SEE_OTHER);
    assert_eq!(posts_of(&office, "huang").await, []);
    assert_eq!(Browser::of(&office, "zhou").await.get(&path).await.marked("former"), 2);
    assert_eq!(send("zhou", &give, &post("deputy", station, Some(seat))).await.status, StatusCode::SEE_OTHER);

    // Another town and a station see nothing; the district all mandates, the administrator all posts.
    for who in ["lou", "zhao"] {
        assert_eq!(Browser::of(&office, who).await.get(&path).await.status, StatusCode::NOT_FOUND);
        for path in [&give, &take] {
            let sent = send(who, path, &post("deputy", station, Some(seat))).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{who}");
        }
    }
    assert_eq!(send("wu", &give, &post("deputy", station, Some(of_district))).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send("wu", &give, &post("station", station, None)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send("guan", &give, &post("station", station, None)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(posts_of(&office, "huang").await.len(), 3);
    let guan = office.device("guan", DeviceKind::Console).await.user();
    let own = format!("/console/people/{}/posts/give", guan.0);
    assert_eq!(send("guan", &own, &post("district", "520303", None)).await.status, StatusCode::FORBIDDEN, "to oneself");
    assert_eq!(
        send("guan", "/console/people/0/posts/give", &post("town", "520303108", None)).await.status,
        StatusCode::NOT_FOUND
    );

    let log = noted(&office, "user_posts").await;
    let zhou = office.device("zhou", DeviceKind::Console).await.user();
    assert_eq!((log.len(), &log[0]), (6, &(Some(zhou), "huang".into(), format!("+deputy {station} {seat}"))));
    assert_eq!(log[1], (Some(guan), "huang".into(), format!("-deputy {station} {}", mandate(0))));
}

/// The password that a page shows.
fn shown_password(page: &Page) -> String {
    let shown = page.html.split("data-testid=\"password\">").nth(1).unwrap();
    shown.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_made_by_whom_the_rights_allow_with_a_password_for_one_time() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let unit = |code: &str| UnitCode(code.into());
    let public = office.store.create_space(SpaceKind::TownPublic, &unit("520303108"), "三合镇").await.unwrap();
    let zhou_desk = office.device("zhou", DeviceKind::Console).await;
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let deputy = office.enter(&zhou_desk, Kind::Deputy, public, vec![Edit::put("name", "陈德贵")]).await;
    let edits = [mandate_of(deputy, "陈德贵"), vec![Edit::put("station", station)]].concat();
    let mandate = office.enter(&zhou_desk, Kind::Mandate, public, edits).await;

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console/people").await.link("new-person"), "/console/people/new");
    let page = zhou.get("/console/people/new").await;
    assert_eq!(page.marked("without"), 1, "{}", page.html);
    assert!(page.has("陈德贵"));
    let filled = page.links().into_iter().find(|link| link.contains("mandate=")).unwrap();
    assert!(zhou.get(&filled).await.has("value=\"陈德贵\""));
    let mandate = mandate.to_string();
    let form = |login: &'static str| {
        [("name", "陈德贵"), ("login", login), ("role", "deputy"), ("unit", "520303108S01"), ("mandate", &*mandate)]
    };
    // Not by who gives no such post, not without a mandate, not twice, not under a name that is none.
    for (login, status) in
        [("lou", StatusCode::FORBIDDEN), ("zhao", StatusCode::NOT_FOUND), ("li", StatusCode::NOT_FOUND)]
    {
        let page = Browser::of(&office, login).await.post("/console/people/new", &form("chen")).await;
        assert!(page.status == status || page.status == StatusCode::UNPROCESSABLE_ENTITY, "{login} {}", page.status);
    }
    let (mut none, mut admin) = (form("chen"), form("chen"));
    none[4].1 = "";
    admin[2].1 = "admin";
    for (form, said) in [(form("a b"), "不能有空格"), (form("huang"), "已经有人用了"), (none, ""), (admin, "")]
    {
        let page = zhou.post("/console/people/new", &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(page.has(said) && page.marked("password") == 0);
    }
    assert!(office.store.user_by_login("chen").await.unwrap().is_none());

    let page = zhou.post("/console/people/new", &form("chen")).await;
    assert_eq!(page.status, StatusCode::OK);
    let password = shown_password(&page);
    let posts = posts_of(&office, "chen").await;
    assert!(matches!(&posts[..], [(Role::Deputy, unit, Some(_))] if unit == "520303108S01"));
    assert_eq!(noted(&office, "user_add").await.last().unwrap().1, "chen");
    assert_eq!(zhou.get("/console/people/new").await.marked("without"), 0);

    // The password leads nowhere but to where it is changed.
    let (status, said) = office.sign_in("chen", &password).await;
    assert_eq!((status, said["error"].as_str()), (StatusCode::FORBIDDEN, Some("must_change")));
    let mut chen = Browser { office: &office, cookie: String::new() };
    let form = [("login", "chen"), ("password", password.as_str())];
    let response = office.send(chen.form("/console/sign-in", &form)).await;
    chen.cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    for path in ["/console", "/console/ledger/voice", "/console/people"] {
        assert_eq!(chen.get(path).await.location, "/console/password", "{path}");
    }
    assert_eq!(chen.post("/console/people/new", &[]).await.location, "/console/password");
    for part in ["", "/preview"] {
        let file = format!("/console/record/{mandate}/file/{}{part}", "0".repeat(64));
        assert_eq!(chen.get(&file).await.location, "/console/password", "nor to any file");
    }
    let live = office.send(authorized(&chen, "/api/v1/live")).await;
    assert_eq!(live.status(), StatusCode::UNAUTHORIZED);
    let token = chen.cookie.split_once('=').unwrap().1;
    let exchange = office.send(sync_request(token, request(Vec::new(), &[]).encode())).await;
    assert_eq!(exchange.status(), StatusCode::UNAUTHORIZED, "nor does the session exchange");
    assert!(chen.get("/console/password").await.marked("one-time") == 1);
    let change = |present: &str, new: &str, again: &str| {
        [("login", "chen"), ("present", present), ("new", new), ("again", again)].map(|(k, v)| (k, v.to_owned()))
    };
    for (sent, status) in [
        (change("wrong one", "my own words", "my own words"), StatusCode::UNAUTHORIZED),
        (change(&password, "my own words", "others"), StatusCode::UNPROCESSABLE_ENTITY),
        (change(&password, "short", "short"), StatusCode::UNPROCESSABLE_ENTITY),
        (change(&password, &password, &password), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let sent = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(chen.post("/console/password", &sent).await.status, status, "{sent:?}");
        office.wait_ms(60_000);
    }
    let sent = change(&password, "my own words", "my own words");
    let sent = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(chen.post("/console/password", &sent).await.location, "/console?done=password");
    assert_eq!(office.sign_in("chen", "my own words").await.0, StatusCode::OK);
    assert_eq!(office.sign_in("chen", &password).await.0, StatusCode::UNAUTHORIZED);
    assert_ne!(chen.get("/console").await.location, "/console/password");
    assert_eq!(office.send(authorized(&chen, "/api/v1/live")).await.status(), StatusCode::OK);
    assert_eq!(chen.post("/console/sign-out", &[]).await.location, "/console/sign-in");
}

#[tokio::test]
async fn an_administrator_sets_a_new_password_that_is_shown_once() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await.user();
    let path = format!("/console/people/{}/password", huang.0);
    for who in ["wu", "zhou", "zhao"] {
        assert_eq!(Browser::of(&office, who).await.post(&path, &[]).await.status, StatusCode::NOT_FOUND, "{who}");
    }
    assert_eq!(office.sign_in("huang", PASSWORD).await.0, StatusCode::OK);
    let guan = Browser::of(&office, "guan").await;
    let shown = guan.post(&path, &[]).await;
    let password = shown_password(&shown);
    let (status, said) = office.sign_in("huang", &password).await;
    assert_eq!((status, said["error"].as_str()), (StatusCode::FORBIDDEN, Some("must_change")), "it is for one time");
    assert_eq!(office.sign_in("huang", PASSWORD).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(guan.get(&format!("/console/people/{}", huang.0)).await.marked("password"), 0);
    let by = office.device("guan", DeviceKind::Console).await.user();
    assert_eq!(noted(&office, "user_password").await, [(Some(by), "huang".into(), String::new())]);
    assert_eq!(guan.post("/console/people/x/password", &[]).await.status, StatusCode::NOT_FOUND);
}
