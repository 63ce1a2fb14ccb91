//! The staff console, through the real router: what staff see, what they never see, what they write.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use lianxin_server::{
    account::hash_password,
    hub::Acted,
    store::{DeviceKind, NewUser},
};
use lianxin_shared::{
    blob,
    case::{self, Act, Assign, Date, Decline, Exit, ExitKind, Facts, Opinion, Tier, UnitRef, Way},
    id::{BlobHash, EventId, RecordId, SpaceId, TextHash, UnitCode, UserId},
    record::{Edit, FieldValue, Op, Record, What},
    rights::{Post, Role, SpaceKind},
    schema::Kind,
    wire::{self, SentRequest},
};
use lianxin_tests::office::{
    Draft, NOW, Office, PASSWORD, Phone, activity, bytes_of, mandate, mandate_of, outcomes, request, suggestion,
    voice_by,
};

/// A browser with a session.
struct Browser<'a> {
    office: &'a Office,
    cookie: String,
}

/// A page as a browser got it.
struct Page {
    status: StatusCode,
    location: String,
    html: String,
}

impl<'a> Browser<'a> {
    async fn of(office: &'a Office, login: &str) -> Self {
        let mut browser = Self { office, cookie: String::new() };
        let form = [("login", login), ("password", PASSWORD), ("next", "/console/ledger/voice")];
        let response = browser.office.send(browser.form("/console/sign-in", &form)).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        browser.cookie = cookie.split(';').next().unwrap().to_owned();
        browser
    }

    async fn get(&self, path: &str) -> Page {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        Page::of(self.office.send(request.body(Body::empty()).unwrap()).await).await
    }

    async fn get_bytes(&self, path: &str) -> Vec<u8> {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        bytes_of(self.office.send(request.body(Body::empty()).unwrap()).await).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        Page::of(self.office.send(self.form(path, form)).await).await
    }

    fn form(&self, path: &str, form: &[(&str, &str)]) -> Request<Body> {
        let encoded: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(encoded.join("&").into())
            .unwrap()
    }
}

impl Page {
    async fn of(response: Response<Body>) -> Self {
        let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let html = String::from_utf8(bytes_of(response).await).unwrap();
        Self { status, location: location.unwrap_or_default(), html }
    }

    fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    fn marked(&self, testid: &str) -> usize {
        self.html.matches(&format!("data-testid=\"{testid}\"")).count()
    }

    /// The ids of a ledger's rows.
    fn rows(&self) -> Vec<String> {
        self.html.split("<tr data-id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    /// The values of the hidden inputs of this name.
    fn hidden(&self, name: &str) -> Vec<String> {
        let before = format!("name=\"{name}\" value=\"");
        self.html.split(&before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    fn links(&self) -> Vec<String> {
        let links = self.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links.map(|href| href.replace("&#38;", "&")).collect()
    }

    /// What stands in the link to an address.
    fn number_at(&self, href: &str) -> String {
        let link = format!("href=\"{}\"", href.replace('&', "&#38;"));
        let rest = self.html.split(&link).nth(1).unwrap_or_else(|| panic!("no link to {href}"));
        rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
    }

    /// The links behind this mark, each with the number that stands in it.
    fn numbers(&self, testid: &str) -> Vec<(String, String)> {
        let section = self.html.split(&format!("data-testid=\"{testid}\"")).nth(1).unwrap();
        let links = section.split("</section>").next().unwrap().split("href=\"").skip(1);
        let number = |link: &str| {
            let (href, rest) = link.split_once("\">").unwrap();
            (href.replace("&#38;", "&"), rest.split('<').next().unwrap().to_owned())
        };
        links.map(number).collect()
    }

    fn link(&self, testid: &str) -> String {
        let (before, _) = self.html.split_once(&format!("data-testid=\"{testid}\"")).unwrap();
        let (_, address) = before.rsplit_once("href=\"").unwrap();
        address.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

async fn add_user(office: &Office, login: &str, name: &str, role: Role, unit: &str) {
    let posts = vec![Post { role, unit: UnitCode(unit.into()), mandate: None }];
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: login.into(), name: name.into(), password_hash, posts };
    office.store.create_user(user).await.unwrap().unwrap();
}

/// Another town with a station and staff, and the district's desk with its staff.
async fn add_neighbours(office: &Office) -> SpaceId {
    let unit = |code: &str| UnitCode(code.into());
    let desk = office.store.create_space(SpaceKind::DistrictOffice, &unit("520303"), "汇川区").await.unwrap();
    office.store.create_space(SpaceKind::TownOffice, &unit("520303109"), "松林镇").await.unwrap();
    office.store.create_space(SpaceKind::Station, &unit("520303109S01"), "松林镇联络站").await.unwrap();
    add_user(office, "lou", "娄方勇", Role::Town, "520303109").await;
    add_user(office, "wu", "吴敏", Role::District, "520303").await;
    add_user(office, "guan", "管理员", Role::Admin, "520303").await;
    desk
}

/// A voice that a deputy's phone has sent.
async fn voice(office: &Office, phone: &Phone, number: u64, summary: &str, more: &[Edit]) -> Draft {
    let mut edits = voice_by(mandate(0), summary);
    edits.extend_from_slice(more);
    let draft = Draft::voice(phone, office.stations[0], number, &edits);
    office.exchange(phone, &request(draft.changes.clone(), &[])).await;
    draft
}

fn record(id: RecordId) -> String {
    format!("/console/record/{id}")
}

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
async fn ledgers_show_what_the_address_asks_for() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let roads = [Edit::put("category", "roads"), Edit::put("date", "2026-03-02")];
    let water = [Edit::put("category", "water"), Edit::put("date", "2026-05-09")];
    let road = voice(&office, &huang, 1, "三组断头路没有修", &roads).await.record.id().to_string();
    let pipe = voice(&office, &huang, 2, "水管三天两头断水", &water).await.record.id().to_string();
    let zhou = Browser::of(&office, "zhou").await;
    let rows = async |query: &str| zhou.get(&format!("/console/ledger/voice?{query}")).await.rows();

    assert_eq!(rows("").await, [pipe.clone(), road.clone()], "newest first");
    assert_eq!(rows("code=water").await, std::slice::from_ref(&pipe));
    assert_eq!(rows("from=2026-03&to=2026-04").await, std::slice::from_ref(&road));
    assert_eq!(rows(&format!("q={}", encode("断头路"))).await, std::slice::from_ref(&road));
    assert_eq!(rows(&format!("person={}", mandate(0))).await, Vec::<String>::new(), "no such deputy to be chosen");
    let page = zhou.get("/console/ledger/voice?code=water&q=x").await;
    assert!(page.rows().is_empty() && page.marked("no-rows") == 1 && page.marked("active-filters") == 1);
    assert!(zhou.get("/console/ledger/voice").await.has("共 2 条"));
    // A script asks for the table alone.
    let part = zhou.get("/console/ledger/voice?part=table").await;
    assert!(part.rows().len() == 2 && !part.has("<html"));
}

#[tokio::test]
async fn what_is_no_filter_is_said_and_shows_nothing() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    voice(&office, &huang, 1, "三组断头路没有修", &[]).await;
    let zhou = Browser::of(&office, "zhou").await;
    let garbage = [
        "from=yesterday",
        "from=2026-05&to=2026-03",
        "station=abc",
        "station=00000000000000000000000000000000",
        "unit=1%27%20or%201=1",
        "person=%E7%8E%8B",
        "place=zz",
        "link=00000000000000000000000000000000",
        "after=zz",
        "office=moon",
        "tag=a:b&tag=a:c&tag=a:d&tag=a:e&tag=a:f",
    ];
    for query in garbage {
        let page = zhou.get(&format!("/console/ledger/voice?{query}")).await;
        assert_eq!(
            (page.status, page.marked("filter-problem"), page.rows().len()),
            (StatusCode::BAD_REQUEST, 1, 0),
            "{query}"
        );
    }
    let harmless =
        ["code=%00%ff%27", "q=%25%5F%27%22", "tag=%E4%B9%A1", "after=00000000000000000000000000000000zzz", "%"];
    for query in harmless {
        assert_eq!(zhou.get(&format!("/console/ledger/voice?{query}")).await.status, StatusCode::OK, "{query}");
    }
    let long = format!("/console/ledger/voice?q={}", "x".repeat(5000));
    assert_eq!(zhou.get(&long).await.status, StatusCode::BAD_REQUEST);
    for path in
        ["/console/ledger/moon", "/console/record/zz", "/console/moon", "/console/new/device", "/console/devices"]
    {
        assert_eq!(zhou.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn pages_of_a_ledger_follow_each_other() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let edits = voice_by(mandate(0), "同一天");
    let drafts: Vec<Draft> = (1..=53).map(|n| Draft::voice(&huang, office.stations[0], n, &edits)).collect();
    let changes = drafts.iter().flat_map(|draft| draft.changes.clone()).collect();
    office.exchange(&huang, &request(changes, &[])).await;
    let zhou = Browser::of(&office, "zhou").await;
    let first = zhou.get("/console/ledger/voice?q=%E5%90%8C").await;
    let second = zhou.get(&first.link("next-page")).await;
    assert_eq!((first.rows().len(), second.rows().len(), second.marked("next-page")), (50, 3, 0));
    let mut seen = [first.rows(), second.rows()].concat();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 53);
    assert_eq!(zhou.get(&second.link("first-page")).await.rows(), first.rows());
}

#[tokio::test]
async fn another_towns_records_do_not_exist() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "三组断头路没有修", &[]).await;
    let path = record(draft.record.id());
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.get("/console/ledger/voice").await.rows().len(), 0);
    assert_eq!(lou.get("/console/ledger/voice?unit=520303108").await.rows().len(), 0);
    for page in ["", "/edit", "/suggestion", "?part=version"] {
        let page = lou.get(&format!("{path}{page}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(!page.has("断头路"));
    }
    for (page, form) in
        [("/edit", ("summary", "x")), ("/suggestion", ("tier", "express")), ("/choose", ("field", "date"))]
    {
        assert_eq!(lou.post(&format!("{path}{page}"), &[form]).await.status, StatusCode::NOT_FOUND);
    }
    let link = lou.get(&format!("/console/ledger/suggestion?link={}", draft.record.id())).await;
    assert!(!link.has("断头路"), "not even by name");
    // Whoever may read it sees it.
    for login in ["zhao", "zhou", "wu"] {
        assert!(Browser::of(&office, login).await.get(&path).await.has("断头路"), "{login}");
    }
    // An administrator keeps the devices and reads no content.
    let guan = Browser::of(&office, "guan").await;
    assert_eq!(guan.get("/console").await.location, "/console/devices");
    assert_eq!(guan.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(guan.get("/console/ledger/voice").await.status, StatusCode::NOT_FOUND);
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
async fn a_voice_becomes_a_suggestion_linked_both_ways() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let more = [Edit::put("category", "roads"), Edit::put("tier_suggest", "town")];
    let draft = voice(&office, &huang, 1, "三组断头路没有修，雨天过不去。", &more).await;
    let path = format!("{}/suggestion", record(draft.record.id()));

    // Station staff prepare; they raise no suggestions.
    let zhao = Browser::of(&office, "zhao").await;
    assert_eq!(zhao.get(&record(draft.record.id())).await.marked("make-suggestion"), 0);
    assert_eq!(zhao.get(&path).await.status, StatusCode::FORBIDDEN);

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get(&record(draft.record.id())).await.marked("make-suggestion"), 1);
    let form = zhou.get(&path).await;
    assert!(form.has("关于三组断头路没有修的建议") && form.has("value=\"express\" selected"));
    assert!(!form.has("value=\"district\""), "the town does not write at the district's desk");
    let answers = [
        ("was.tier", ""),
        ("tier", "express"),
        ("was.type", ""),
        ("type", "suggestion"),
        ("was.date", ""),
        ("date", "2026-01-02"),
        ("was.title", ""),
        ("title", "关于修通三组断头路的建议"),
        ("was.facts", ""),
        ("facts", "三组断头路没有修"),
    ];
    // At a desk where one may not write, nothing is made.
    let elsewhere: Vec<_> =
        answers.iter().map(|(key, value)| (*key, if *key == "tier" { "district" } else { value })).collect();
    let refused = zhou.post(&path, &elsewhere).await;
    assert_eq!((refused.status, refused.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert!(refused.has("关于修通三组断头路的建议"), "what was typed is still there");

    let made = zhou.post(&path, &answers).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let suggestion = zhou.get(&made.location).await;
    assert!(suggestion.marked("done") == 1 && suggestion.has(&record(draft.record.id())));
    let id: RecordId = made.location["/console/record/".len()..][..32].parse().unwrap();
    assert_eq!(office.store.record(id).await.unwrap().unwrap().space, office.town_office);
    assert!(zhou.get(&record(draft.record.id())).await.has(&record(id)), "the voice names its suggestion");
    let reads = zhao.get(&record(draft.record.id())).await;
    assert!(!reads.has("关于修通三组断头路的建议"), "what lies at the town's desk is not the station's to read");

    let wu = Browser::of(&office, "wu").await;
    let district: Vec<_> =
        answers.iter().map(|(key, value)| (*key, if *key == "tier" { "district" } else { value })).collect();
    let made = wu.post(&path, &district).await;
    let id: RecordId = made.location["/console/record/".len()..][..32].parse().unwrap();
    assert_eq!(office.store.record(id).await.unwrap().unwrap().space, desk);
}

#[tokio::test]
async fn a_conflict_is_shown_and_settled_by_choosing() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let mut draft = voice(&office, &huang, 1, "三组断头路没有修", &[Edit::put("category", "other")]).await;
    let id = draft.record.id();
    // The deputy and the town change the same field without seeing each other.
    let zhou_at_desk = office.device("zhou", DeviceKind::Console).await;
    office.revise(&zhou_at_desk, id, vec![Edit::put("category", "village")]).await;
    draft.changes.clear();
    draft.edit(huang.actor, &[Edit::put("category", "roads")]);
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console/ledger/voice").await.marked("row-conflict"), 1);
    let page = zhou.get(&record(id)).await;
    assert_eq!((page.marked("conflict"), page.marked("conflict-value"), page.marked("choose")), (1, 2, 2));
    assert!(page.has("黄光明") && page.has("周正") && page.has("交通基础设施") && page.has("村庄整治"));
    assert_eq!((page.marked("contributor"), page.marked("history-entry")), (2, 3));

    let (heads, other) = (page.hidden("head"), page.hidden("change"));
    let road = draft.changes[0].hash.to_string();
    let choose = async |change: &str| {
        let mut form = vec![("field", "category"), ("change", change)];
        form.extend(heads.iter().map(|head| ("head", head.as_str())));
        zhou.post(&format!("{}/choose", record(id)), &form).await
    };
    let chosen = choose(&road).await;
    assert_eq!(chosen.location, format!("{}?done=chosen", record(id)));
    let page = zhou.get(&chosen.location).await;
    assert_eq!((page.marked("conflict"), page.marked("history-entry")), (0, 4));
    let stored = office.state.hub.record_page(&zhou_at_desk.person, id).await.unwrap().unwrap();
    assert_eq!(stored.contents.text("category"), "roads");
    // The form of someone who has not seen that: the other value is not there to be chosen any more.
    let other = other.iter().find(|change| **change != road).unwrap();
    let again = choose(other).await;
    assert_eq!((again.status, again.marked("error")), (StatusCode::CONFLICT, 1));
}

#[tokio::test]
async fn two_captions_of_one_photo_are_settled_by_choosing() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let photo = BlobHash([7; 32]).to_string();
    let caption =
        |said: &str| Edit { field: "files".into(), op: Op::Enter { element: photo.clone(), value: said.into() } };
    let mut draft = voice(&office, &huang, 1, "路灯不亮", &[caption("路灯")]).await;
    let id = draft.record.id();
    let zhou_at_desk = office.device("zhou", DeviceKind::Console).await;
    office.revise(&zhou_at_desk, id, vec![caption("坏了的路灯")]).await;
    draft.changes.clear();
    draft.edit(huang.actor, &[caption("三组的路灯")]);
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;

    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get(&record(id)).await;
    assert_eq!((page.marked("conflict"), page.marked("conflict-value")), (1, 2), "{}", page.html);
    assert!(page.has("坏了的路灯") && page.has("三组的路灯"));
    let (heads, change) = (page.hidden("head"), draft.changes[0].hash.to_string());
    let choose = async |element: &str| {
        let mut form = vec![("field", "files"), ("element", element), ("change", change.as_str())];
        form.extend(heads.iter().map(|head| ("head", head.as_str())));
        zhou.post(&format!("{}/choose", record(id)), &form).await
    };
    for element in ["", "00", &"0".repeat(64)] {
        assert_eq!(choose(element).await.status, StatusCode::CONFLICT, "{element}");
    }
    assert!(choose(&photo).await.location.ends_with("done=chosen"));
    let page = zhou.get(&record(id)).await;
    assert_eq!(page.marked("conflict"), 0);
    assert_eq!(choose(&photo).await.status, StatusCode::CONFLICT, "there is nothing more to choose");
    let stored = office.state.hub.record_page(&zhou_at_desk.person, id).await.unwrap().unwrap();
    let caption = stored.contents.entries("files").find(|(hash, _)| *hash == photo).map(|(_, said)| said.clone());
    assert_eq!(caption, Some("三组的路灯".into()));
}

#[tokio::test]
async fn a_form_that_lay_open_merges_and_sends_only_what_was_changed() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "三组断头路没有修", &[Edit::put("category", "other")]).await;
    let path = format!("{}/edit", record(draft.record.id()));
    let zhou = Browser::of(&office, "zhou").await;
    let open = zhou.get(&path).await;
    assert!(open.marked("edit-form") == 1 && open.has("name=\"was.summary\""));

    // Meanwhile the station adds to the summary and sets the urgency.
    let zhao = office.device("zhao", DeviceKind::Console).await;
    let edits = vec![Edit::write("summary", "三组断头路没有修，雨天过不去"), Edit::put("urgency", "urgent")];
    office.revise(&zhao, draft.record.id(), edits).await;

    let (was, head) = (open.hidden("was.summary"), open.hidden("head"));
    let form = [
        ("head", head[0].as_str()),
        ("was.summary", was[0].as_str()),
        ("summary", "【高原村】三组断头路没有修"),
        ("was.category", "other"),
        ("category", "roads"),
        ("was.urgency", ""),
        ("urgency", ""),
        ("was.channel", "visit"),
        ("channel", "visit"),
    ];
    let saved = zhou.post(&path, &form).await;
    assert_eq!(saved.location, format!("{}?done=saved", record(draft.record.id())));
    let stored = office.state.hub.record_page(&zhao.person, draft.record.id()).await.unwrap().unwrap();
    assert_eq!(stored.contents.text("summary"), "【高原村】三组断头路没有修，雨天过不去");
    assert_eq!((stored.contents.text("category"), stored.contents.text("urgency")), ("roads", "urgent"));
    let mut fields: Vec<&str> =
        stored.history.last().unwrap().entry.fields.iter().map(|change| change.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["category", "summary"]);
    assert!(stored.history.iter().any(|line| line.author.as_ref().is_some_and(|author| author.name == "周正")));

    let unchanged = zhou.post(&path, &[("head", &head[0]), ("was.category", "roads"), ("category", "roads")]).await;
    assert!(unchanged.location.ends_with("?done=unchanged"));
    let wrong = zhou.post(&path, &[("head", &head[0]), ("was.affected", ""), ("affected", "many")]).await;
    assert_eq!((wrong.status, wrong.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert!(wrong.has("value=\"many\""));
    // The villager's words are the deputy's to write.
    let words = zhou.post(&path, &[("was.verbatim", ""), ("verbatim", "路烂得很")]).await;
    assert_eq!(words.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words.has("只能由记录人修改"));
}

#[tokio::test]
async fn records_are_written_at_a_desk() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let wu = Browser::of(&office, "wu").await;
    let visit = [
        ("was.leaders", ""),
        ("leaders", "张主任\r\n李副主任\r\n"),
        ("was.date", ""),
        ("date", "2026-01-05"),
        ("was.topic", ""),
        ("topic", "督导联络站建设"),
    ];
    let refused = wu.post("/console/new/guidance_visit", &visit).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the unit is required");
    assert!(refused.has("督导联络站建设") && refused.has("张主任"));
    let unit = RecordId::derived(Kind::AdminUnit, &["520303108"]).to_string();
    let complete = [&visit[..], &[("was.unit", ""), ("unit", &unit)]].concat();
    let made = wu.post("/console/new/guidance_visit", &complete).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = wu.get(&made.location).await;
    assert!(page.has("李副主任") && page.has("2026年1月5日"));
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console/new/guidance_visit").await.status, StatusCode::FORBIDDEN);
}

/// The fields of a form that showed nothing before.
fn filled<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
    fields.iter().flat_map(|(name, value)| [(format!("was.{name}"), ""), ((*name).to_owned(), *value)]).collect()
}

/// A new record by the form of a desk.
async fn create(browser: &Browser<'_>, kind: Kind, fields: &[(&str, &str)]) -> Page {
    let fields = filled(fields);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    browser.post(&format!("/console/new/{}", kind.key()), &fields).await
}

#[tokio::test]
async fn the_district_adds_to_open_code_lists_renames_and_ends_what_is_in_them() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    office.store.create_space(SpaceKind::DistrictPublic, &UnitCode("520303".into()), "汇川区").await.unwrap();
    let wu = Browser::of(&office, "wu").await;
    let form = wu.get("/console/new/code_entry").await;
    assert!(form.has("<option value=\"category\">类别（群众意见、代表建议）</option>"));
    assert!(form.has("<option value=\"roads\">类别（群众意见、代表建议）: 交通基础设施</option>"));
    assert!(!form.has("<option value=\"urgency\"") && !form.has("安全隐患"), "closed lists are not offered");

    let entry = |code: &'static str, zh: &'static str, order: &'static str| {
        [("list", "category"), ("code", code), ("zh", zh), ("order", order)]
    };
    let made = create(&wu, Kind::CodeEntry, &entry("broadband", "宽带网络", "15")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert!(wu.get(&made.location).await.has("类别（群众意见、代表建议）"), "its page names the list");
    assert_eq!(create(&wu, Kind::CodeEntry, &entry("broadband", "再来", "")).await.status, StatusCode::CONFLICT);
    assert_eq!(create(&wu, Kind::CodeEntry, &entry("roads", "道路交通", "")).await.status, StatusCode::SEE_OTHER);

    // It is offered, named, filtered by and exported.
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "网络断了三天", &[Edit::put("category", "broadband")]).await;
    voice(&office, &huang, 2, "路烂了", &[Edit::put("category", "roads")]).await;
    voice(&office, &huang, 3, "新版本的类别", &[Edit::put("category", "by_drone")]).await;
    let zhou = Browser::of(&office, "zhou").await;
    let offered = zhou.get("/console/new/activity").await;
    assert!(!offered.has("宽带网络"), "another list");
    let edit = format!("{}/edit", record(draft.record.id()));
    let open = zhou.get(&edit).await;
    let place = |label: &str| open.html.find(&format!(">{label}</option>")).unwrap();
    assert!(place("产业发展") < place("宽带网络") && place("宽带网络") < place("道路交通"), "in its place");
    let ledger = zhou.get("/console/ledger/voice").await;
    assert!(ledger.has("宽带网络") && ledger.has("道路交通") && ledger.has("by_drone"), "the unknown by its key");
    let filtered = zhou.get("/console/ledger/voice?code=broadband").await;
    assert_eq!(filtered.rows(), [draft.record.id().to_string()]);
    assert!(filtered.has("<option value=\"broadband\" selected>宽带网络</option>"));
    let csv = zhou.get("/console/ledger/voice/export/csv?cols=code").await.html;
    assert!(csv.contains("网络断了三天,宽带网络"), "{csv}");

    // From the day after its last it is only named.
    let id: RecordId = made.location.split(['/', '?']).nth(3).unwrap().parse().unwrap();
    let chief = office.device("wu", DeviceKind::Console).await;
    office.revise(&chief, id, vec![Edit::put("valid_to", "2025-12-31")]).await;
    let second = zhou.get("/console/ledger/voice").await;
    assert!(second.has("宽带网络") && !second.has("<option value=\"broadband\""));
    assert!(zhou.get(&edit).await.has("<option value=\"broadband\" selected>宽带网络</option>"), "what is held stays");
}

#[tokio::test]
async fn closed_code_lists_are_changed_by_nobody() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let open =
        office.store.create_space(SpaceKind::DistrictPublic, &UnitCode("520303".into()), "汇川区").await.unwrap();
    let wu = Browser::of(&office, "wu").await;
    for list in ["urgency", "no_such_list", ""] {
        let refused = create(&wu, Kind::CodeEntry, &[("list", list), ("code", "danger"), ("zh", "没事")]).await;
        assert_eq!((refused.status, refused.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1), "{list}");
        assert!(refused.has("不能增改。</span>"));
        assert!(refused.has("value=\"danger\""), "what was typed is still there");
    }
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console/new/code_entry").await.status, StatusCode::FORBIDDEN);
    assert_eq!(zhou.get("/console/ledger/code_entry").await.status, StatusCode::OK);

    // One that got in by another way says nothing.
    let chief = office.device("wu", DeviceKind::Console).await;
    let entry =
        |list: &str, code: &str| vec![Edit::put("list", list), Edit::put("code", code), Edit::put("zh", "没事")];
    office.enter(&chief, Kind::CodeEntry, open, entry("urgency", "danger")).await;
    office.enter(&chief, Kind::CodeEntry, open, entry("urgency", "calm")).await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "边坡要垮", &[Edit::put("urgency", "danger")]).await;
    let form = zhou.get(&format!("{}/edit", record(draft.record.id()))).await;
    assert!(form.has("安全隐患") && !form.has("没事"));
}

#[tokio::test]
async fn feedback_on_the_app_is_followed_up_at_the_desks() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let mut draft = Draft::new(Kind::AppFeedback, &huang, office.stations[0], 1);
    draft.edit(
        huang.actor,
        &[Edit::put("kind", "fault"), Edit::put("date", "2026-01-01"), Edit::write("text", "字太小")],
    );
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
    let wu = Browser::of(&office, "wu").await;
    assert!(wu.get("/console").await.links().contains(&"/console/ledger/app_feedback?status=open".to_owned()));
    let open = wu.get("/console/ledger/app_feedback?status=open").await;
    assert!(open.rows() == [draft.record.id().to_string()] && open.has("待处理") && open.has("故障"));

    let edit = format!("{}/edit", record(draft.record.id()));
    let form = wu.get(&edit).await;
    let head = form.hidden("head");
    let answer = [
        ("head", head[0].as_str()),
        ("was.state", ""),
        ("state", "done"),
        ("was.answers", ""),
        ("answers", "新版本已改大"),
    ];
    assert!(wu.post(&edit, &answer).await.location.ends_with("?done=saved"));
    assert!(wu.get(&record(draft.record.id())).await.has("新版本已改大"));
    assert_eq!(wu.get("/console/ledger/app_feedback?status=open").await.rows(), [""; 0]);
    assert_eq!(wu.get("/console/ledger/app_feedback?status=done").await.rows().len(), 1);
    // The station reads it, and has its own say by a form, without a say in what is done about it.
    let zhao = Browser::of(&office, "zhao").await;
    assert!(zhao.get(&record(draft.record.id())).await.has("新版本已改大"));
    assert_eq!(
        zhao.post(&edit, &[("was.state", "done"), ("state", "open")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let new = zhao.get("/console/new/app_feedback").await;
    assert!(new.has("name=\"text\"") && !new.has("name=\"state\"") && !new.has("name=\"app_version\""));
    let said = [("kind", "idea"), ("date", "2026-01-02"), ("text", "希望能打印")];
    assert_eq!(create(&zhao, Kind::AppFeedback, &said).await.status, StatusCode::SEE_OTHER);
    // Another town has no part in it.
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.get(&record(draft.record.id())).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn how_a_deputy_is_reached_is_told_to_station_town_and_district() {
    const NUMBER: &str = "0851-0000 0123";
    let office = Office::new().await;
    add_neighbours(&office).await;
    let town = office.store.create_space(SpaceKind::TownPublic, &UnitCode("520303108".into()), "三合镇").await.unwrap();
    let clerk = office.device("zhou", DeviceKind::Console).await;
    let deputy = office.enter(&clerk, Kind::Deputy, town, vec![Edit::put("name", "陈德贵")]).await;
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let edits = [mandate_of(deputy, "陈德贵"), vec![Edit::put("station", station)]].concat();
    let mandate = office.enter(&clerk, Kind::Mandate, town, edits).await;

    let zhou = Browser::of(&office, "zhou").await;
    let way = format!("{}/contact", record(deputy));
    assert_eq!(zhou.get(&record(deputy)).await.link("contact-change"), way);
    let too_long = "1".repeat(21);
    let refused = zhou.post(&way, &[("was.phone", ""), ("phone", &too_long)]).await;
    assert_eq!((refused.status, refused.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    let empty = zhou.post(&way, &[("was.phone", ""), ("phone", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let entered = [("was.phone", ""), ("phone", NUMBER), ("was.accessibility", ""), ("accessibility", "请用大字版")];
    assert_eq!(zhou.post(&way, &entered).await.location, format!("{}?done=saved", record(deputy)));
    assert_eq!(zhou.post(&way, &entered).await.status, StatusCode::CONFLICT, "it is there already");
    let wu = Browser::of(&office, "wu").await;
    for browser in [&zhou, &wu] {
        let page = browser.get(&record(mandate)).await;
        assert!(page.has(NUMBER) && page.has("请用大字版"));
        assert!(browser.get(&page.link("contact-change")).await.has(NUMBER), "its form");
    }
    let change = zhou.get(&way).await.location;
    let form = zhou.get(&change).await;
    let head = form.hidden("head");
    let changed = [("head", head[0].as_str()), ("was.phone", NUMBER), ("phone", "0851-0000 0999")];
    assert!(zhou.post(&change, &changed).await.location.ends_with("?done=saved"));

    // The deputy's own station is told, and enters nothing.
    let zhao = Browser::of(&office, "zhao").await;
    let page = zhao.get(&record(mandate)).await;
    assert!(page.has("0851-0000 0999") && page.marked("contact-change") == 0);
    assert_eq!(zhao.get(&way).await.status, StatusCode::FORBIDDEN);
    assert_eq!(zhao.get(&change).await.status, StatusCode::NOT_FOUND, "the record itself lies at the desk");
    // Once the mandate is over it is not the station's any more.
    office.revise(&clerk, mandate, vec![Edit::put("status", "ended")]).await;
    assert!(!zhao.get(&record(mandate)).await.has("0851-0000 0999"));
    // Colleagues and other stations are not told.
    add_user(&office, "qian", "钱进", Role::Station, "520303108S02").await;
    for login in ["huang", "qian"] {
        let browser = Browser::of(&office, login).await;
        let page = browser.get(&record(deputy)).await;
        assert!(page.has("陈德贵") && page.marked("contact") == 0, "{login}");
        assert_eq!(browser.get(&way).await.status, StatusCode::FORBIDDEN);
    }
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.get(&way).await.status, StatusCode::NOT_FOUND);
    assert_eq!(zhou.get(&format!("{}/contact", record(station))).await.status, StatusCode::NOT_FOUND);
}

/// Files these acts, one after the other; all are accepted.
async fn file(office: &Office, who: &Phone, id: RecordId, kind: Kind, acts: impl IntoIterator<Item = Act>) {
    for act in acts {
        let proxy = Some("替黄光明代表，依据纸质材料".to_owned());
        let request = case::Request { id: EventId(rand::random()), case: id, kind, seen: 99, made_ms: NOW, proxy, act };
        let now_ms = office.state.clock.now_ms();
        let acted = office.state.hub.act(&who.device, &who.person, &request, now_ms).await.unwrap();
        assert!(matches!(acted, Acted::Accepted { .. }), "{:?}: {acted:?}", request.act);
    }
}

fn submit(text: Option<TextHash>) -> Act {
    Act::Submit { text, declared: true, again: None }
}

/// A suggestion of 五届一次.
fn raised(tier: &str, category: Option<&str>, themed: bool, in_session: bool) -> Vec<Edit> {
    let mut edits = vec![
        Edit::put("tier", tier),
        Edit::put("type", "suggestion"),
        Edit::put("date", "2026-01-06"),
        Edit::put("title", "关于修通三组断头路的建议"),
        Edit::put("term", "五届"),
        Edit::put("session", "一次"),
        Edit::put("in_session", in_session),
        Edit::put("lead", mandate(0)),
        Edit::write("facts", "三组断头路没有修"),
        Edit::write("analysis", "资金没有落实"),
        Edit::write("asks", "请修通"),
    ];
    edits.extend(category.map(|category| Edit::put("category", category)));
    edits.extend(themed.then(|| Edit::add("themes", "rural_revitalization")));
    edits
}

/// Hands a suggestion in, and does with it what comes then.
async fn hand_in(office: &Office, who: &Phone, id: RecordId, then: impl IntoIterator<Item = Act>) {
    let page = office.state.hub.record_page(&who.person, id).await.unwrap().unwrap();
    file(office, who, id, Kind::Suggestion, std::iter::once(submit(Facts::of(&page.contents).text)).chain(then)).await;
}

#[tokio::test]
async fn figures_count_what_their_definition_says_and_link_to_it() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let desk_of_wu = office.device("wu", DeviceKind::Console).await;
    let text = || "来信".to_owned();
    let assign = || {
        let lead = UnitRef { code: UnitCode("520303U02".into()), name: "区交通运输局".into() };
        Act::Assign(Assign { lead, co: vec![], separate: vec![], wide: false, text: String::new() })
    };
    let accepted = || vec![Act::Review, Act::Accept];
    let accepted_and = |more: Vec<Act>| [accepted(), more].concat();
    // What came after handing in; `None` for a draft.
    let rural: [(&str, Option<Vec<Act>>); 8] = [
        ("roads", Some(accepted())),
        ("industry", Some(accepted_and(vec![assign()]))),
        ("industry", Some(accepted_and(vec![assign(), Act::ReturnAssignment { text: text(), propose: None }]))),
        // None of these counts.
        ("roads", None),
        ("roads", Some(vec![Act::Review])),
        ("roads", Some(vec![Act::Review, Act::Decline { reason: Decline::Vague, text: text() }])),
        ("roads", Some(accepted_and(vec![Act::Withdraw { text: text() }]))),
        ("roads", Some(accepted_and(vec![Act::Convert { tier: Tier::Town, to: RecordId([3; 16]), text: text() }]))),
    ];
    let rural = rural.into_iter().map(|(category, acts)| (category, true, true, acts));
    let others = (0..4).map(|_| ("industry", false, true, Some(accepted())));
    let of_no_session = [("roads", true, false, Some(accepted()))];
    for (category, themed, in_session, acts) in rural.chain(others).chain(of_no_session) {
        let edits = raised("district", Some(category), themed, in_session);
        let id = office.enter(&desk_of_wu, Kind::Suggestion, desk, edits).await;
        if let Some(acts) = acts {
            hand_in(&office, &desk_of_wu, id, acts).await;
        }
    }
    let wu = Browser::of(&office, "wu").await;
    let page = wu.get("/console").await;
    assert!(page.has("data-testid=\"r2-share\">42.9%"), "3 of 7, half up");
    assert!(page.has("66.7%") && page.has("33.3%"), "2 and 1 of 3 by category");
    let part = wu.get(&page.link("r2-part")).await;
    assert_eq!((part.rows().len(), wu.get(&page.link("r2-whole")).await.rows().len()), (3, 7));
    assert!(part.has("计入建议总数") && part.has("value=\"counted\" selected"), "the ledger says what it shows");
    for (code, records) in [("industry", 2), ("roads", 1)] {
        let href = page.links().into_iter().find(|href| href.ends_with(&format!("&code={code}"))).unwrap();
        assert_eq!(wu.get(&href).await.rows().len(), records, "{code}");
    }
    assert!(page.html.matches("class=\"definition\"").count() >= 2);
    assert!(page.has("上提出并已立案"));
    // The summary says the same and leads to the same.
    let summary = wu.get("/console/summary").await;
    for (testid, records) in [("r2-part", 3), ("r2-whole", 7)] {
        let href = page.link(testid);
        assert_eq!(summary.number_at(&href), records.to_string());
    }
    // One that the district took over from a town, without a category: it counts, its original does not.
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let taken_over = office.enter(&desk_of_wu, Kind::Suggestion, desk, raised("district", None, true, true)).await;
    let origin = raised("town", Some("roads"), true, true);
    let origin = office.enter(&zhou, Kind::Suggestion, office.town_office, origin).await;
    let convert = Act::Convert { tier: Tier::District, to: taken_over, text: text() };
    hand_in(&office, &zhou, origin, [Act::Review, convert]).await;
    let opened = Act::Opened { origin, tier: Tier::District };
    file(&office, &desk_of_wu, taken_over, Kind::Suggestion, [opened, Act::Accept]).await;
    let page = wu.get("/console").await;
    assert!(page.has("data-testid=\"r2-share\">50.0%"), "4 of 8");
    let href = page.links().into_iter().find(|href| href.ends_with("&code=-")).unwrap();
    let without = wu.get(&href).await;
    assert!(without.rows() == [taken_over.to_string()] && without.has("(未填类别)"));
    // A town does not read the district's desk, so it is told nothing of it.
    assert_eq!(Browser::of(&office, "zhou").await.get("/console").await.marked("r2"), 0);
    for query in ["year=abc", "year=99999", "term=%00", "session=%27"] {
        assert_eq!(wu.get(&format!("/console?{query}")).await.status, StatusCode::OK, "{query}");
    }
}

/// The open data of the district and of two towns, with a station and a deputy in each: their mandates.
async fn add_two_sides(office: &Office, wu: &Phone) -> (SpaceId, [RecordId; 2]) {
    let district = UnitCode("520303".into());
    let public = office.store.create_space(SpaceKind::DistrictPublic, &district, "汇川区").await.unwrap();
    let mut mandates = Vec::new();
    for (code, name) in [("520303001", "上海路街道"), ("520303108", "三合镇")] {
        let space = office.store.create_space(SpaceKind::TownPublic, &UnitCode(code.into()), name).await.unwrap();
        let station = vec![
            Edit::put("code", format!("{code}S01")),
            Edit::put("name", format!("{name}联络站")),
            Edit::put("kind", "station"),
            Edit::put("unit", RecordId::derived(Kind::AdminUnit, &[code])),
            Edit::put("state", "open"),
        ];
        let station = office.enter(wu, Kind::Station, space, station).await;
        let mut deputy = mandate_of(RecordId([9; 16]), "黄光明");
        deputy.push(Edit::put("station", station));
        mandates.push(office.enter(wu, Kind::Mandate, space, deputy).await);
    }
    (public, mandates.try_into().unwrap())
}

/// An activity that the first of two wrote, and what the second then did with it.
async fn hold(office: &Office, (by, desk): (&Phone, &Phone), number: u64, mut edits: Vec<Edit>, acts: Vec<Act>) {
    let mut activity = Draft::new(Kind::Activity, by, office.stations[0], number);
    edits.extend([
        Edit::put("author", mandate(0)),
        Edit::put("village", RecordId([2; 16])),
        Edit::write("body", "共商产业发展"),
    ]);
    activity.edit(by.actor, &edits);
    office.exchange(by, &request(activity.changes, &[])).await;
    file(office, desk, activity.record.id(), Kind::Activity, acts).await;
}

#[tokio::test]
async fn pairing_activities_count_once_verified_and_when_both_sides_were_there() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let wu = office.device("wu", DeviceKind::Console).await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let huang = office.phone("huang").await;
    let (public, [theirs, ours]) = add_two_sides(&office, &wu).await;
    let side = |code: &str| RecordId::derived(Kind::AdminUnit, &[code]);
    let agreed = vec![
        Edit::put("street", side("520303001")),
        Edit::put("town", side("520303108")),
        Edit::put("year", 2026),
        Edit::put("target", 4),
    ];
    let pairing = office.enter(&wu, Kind::Pairing, public, agreed).await;
    // Who was named, when, whether they stayed away, and what became of it; the first one counts.
    let verified = || vec![submit(None), Act::Verify];
    let both = vec![theirs, ours];
    let cases = [
        (&both, "2026-01-01", false, verified()),
        (&both, "2026-01-01", false, vec![submit(None)]),
        (&both, "2026-01-01", false, vec![]),
        (&vec![ours], "2026-01-01", false, verified()),
        (&both, "2026-01-01", true, verified()),
        (&both, "2025-12-30", false, verified()),
    ];
    for (number, (attendees, day, stayed_away, acts)) in (1..).zip(cases) {
        let mut edits = vec![
            Edit::put("kind", "pairing"),
            Edit::put("title", format!("第{number}次结对活动")),
            Edit::put("start", format!("{day}T09:00")),
            Edit::put("pairing", pairing),
        ];
        edits.extend(attendees.iter().map(|mandate| Edit::add("attendees", mandate)));
        edits.extend(stayed_away.then(|| Edit::enter("attendance", theirs, "absent")));
        hold(&office, (&huang, &zhou), number, edits, acts).await;
    }
    let wu = Browser::of(&office, "wu").await;
    let overview = wu.get("/console").await;
    assert_eq!(overview.marked("r6-row"), 1);
    let href = overview.links().into_iter().find(|href| href.contains("counts=pairing")).unwrap();
    assert_eq!(overview.number_at(&href), "1");
    let counted = wu.get(&href).await;
    assert!(counted.rows().len() == 1 && counted.has("第1次结对活动") && counted.has("已核实、双方到场"));
    let all = format!("/console/ledger/activity?link={pairing}");
    assert_eq!(wu.get(&all).await.rows().len(), 6, "all are there, and linked to it");
    let elsewhere = wu.get("/console/ledger/voice?counts=pairing").await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    let summary = wu.get("/console/summary").await;
    let href = summary.links().into_iter().find(|href| href.contains("counts=pairing")).unwrap();
    assert_eq!((summary.number_at(&href).as_str(), wu.get(&href).await.rows().len()), ("1", 1));
    // The town reads its own half of the same, and the other side's deputies are known to be there.
    let zhou = Browser::of(&office, "zhou").await.get("/console").await;
    let href = zhou.links().into_iter().find(|href| href.contains("counts=pairing")).unwrap();
    assert_eq!(zhou.number_at(&href), "1");
}

#[tokio::test]
async fn voices_are_counted_by_where_they_went_with_the_days_that_took() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let office = Office::new().await;
    let town = UnitCode("520303108".into());
    office.store.create_space(SpaceKind::TownPublic, &town, "三合镇").await.unwrap();
    let huang = office.phone("huang").await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let mut voices = Vec::new();
    for number in 1..=4 {
        voices.push(recorded(&office, &huang, number, "三组断头路没有修", &[]).await);
    }
    voice(&office, &huang, 5, "还没有提交", &[]).await;
    let sort = || Act::Sort { proposed: ExitKind::Village, text: String::new() };
    let unit = UnitRef { code: UnitCode("520303108203".into()), name: "竹元村".into() };
    office.wait_ms(2 * DAY_MS);
    let answered = Act::Route { exit: Exit::Spot { text: "已答复".into() } };
    file(&office, &zhou, voices[0], Kind::Voice, [sort(), answered]).await;
    file(&office, &zhou, voices[1], Kind::Voice, [sort(), Act::Route { exit: Exit::Village { unit } }]).await;
    office.wait_ms(3 * DAY_MS);
    let on = Date::at(NOW);
    let told = Act::Feedback { on, way: Way::Phone, text: "已告知".into(), attitude: None };
    file(&office, &zhou, voices[0], Kind::Voice, [told]).await;
    office.wait_ms(4 * DAY_MS);
    file(&office, &zhou, voices[2], Kind::Voice, [sort()]).await;

    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get("/console/summary").await;
    let all = "/console/ledger/voice?from=2026-01-01&to=2026-12-31";
    let month = "/console/ledger/voice?exit=decided&unit=520303108&from=2026-01&to=2026-01";
    for (href, records) in [
        (all.to_owned(), 5),
        (format!("{all}&exit=decided"), 2),
        (format!("{all}&exit=spot"), 1),
        (format!("{all}&exit=village"), 1),
        (month.to_owned(), 2),
    ] {
        assert_eq!(page.number_at(&href), records.to_string(), "{href}");
        assert_eq!(zhou.get(&href).await.rows().len(), records, "{href}");
    }
    assert!(page.has("从登记到分类 2 天，到首次反馈 5 天"), "of those whose exit was decided");
    assert!(page.marked("summary.r10.months") == 1 && page.has(">1月</th>"));
    assert!(zhou.get(&format!("{all}&exit=decided")).await.has("value=\"decided\" selected"));
    assert_eq!(zhou.get(&format!("{all}&exit=moon")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn rates_are_told_with_their_definitions_and_each_number_leads_to_exactly_its_rows() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let wu_device = office.device("wu", DeviceKind::Console).await;
    let unit = |code: &str, name: &str| UnitRef { code: UnitCode(code.into()), name: name.into() };
    let assign = |lead| Act::Assign(Assign { lead, co: vec![], separate: vec![], wide: false, text: String::new() });
    let on = Date::at(NOW);
    let handled = |lead, way, class: &str, commitments: Vec<case::Promise>, result| {
        let reply = case::Reply {
            letter: "1号".into(),
            class: class.into(),
            text: "已列入计划".into(),
            signer: "局长".into(),
            commitments,
            may_publish: true,
        };
        let evaluation =
            case::Evaluation { round: 1, attitude: Opinion::Satisfied, result, way: Way::Phone, text: "来信".into() };
        let contact = Act::Contact { way, on, place: String::new(), text: String::new() };
        let sign = Act::Sign { officer: "陈工".into(), phone: String::new() };
        vec![Act::Review, Act::Accept, assign(lead), sign, contact, Act::Reply(reply), Act::Evaluate(evaluation)]
    };
    let (road, water) = (|| unit("520303U02", "区交通运输局"), || unit("520303108-water", "镇<水务>站"));
    let promise = |day: &str| case::Promise { text: "完工".into(), due: day.parse().unwrap() };
    let promised = vec![promise("2026-01-01"), promise("2026-06-30")];
    let published = vec![Act::Close { text: String::new() }, Act::Publish { objection_considered: false }];
    let all = [
        vec![Act::Review, Act::Accept],
        vec![Act::Review, Act::Accept, assign(road())],
        [handled(road(), Way::Visit, "A", vec![], Opinion::Satisfied), published].concat(),
        handled(water(), Way::Consultation, "B", promised, Opinion::Mostly),
        vec![Act::Review],
    ];
    for acts in all {
        let id = office.enter(&wu_device, Kind::Suggestion, desk, raised("district", Some("roads"), false, true)).await;
        hand_in(&office, &wu_device, id, acts).await;
    }
    // Of the year and not of the session; and an express case of the town, which is no suggestion to a congress.
    let between =
        office.enter(&wu_device, Kind::Suggestion, desk, raised("district", Some("roads"), false, false)).await;
    let answered = handled(road(), Way::Phone, "A", vec![], Opinion::Dissatisfied);
    hand_in(&office, &wu_device, between, answered).await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let express =
        office.enter(&zhou, Kind::Suggestion, office.town_office, raised("express", Some("roads"), false, false)).await;
    hand_in(&office, &zhou, express, [Act::Review, Act::Accept]).await;

    let wu = Browser::of(&office, "wu").await;
    let page = wu.get("/console").await;
    let row = |figure: &str| {
        let row = page.html.split(&format!("data-testid=\"rate-{figure}\"")).nth(1).unwrap();
        let cells = row.split("</tr>").next().unwrap().split("<td>").skip(1);
        let plain = |cell: &str| cell.split('<').map(|part| part.split('>').next_back().unwrap()).collect::<String>();
        cells.map(plain).collect::<Vec<_>>()
    };
    let unevaluated = "，另有未测评 0";
    for (figure, session, year) in [
        ("total", "4", "5"),
        ("replied", "2 / 3 = 66.7%", "3 / 4 = 75.0%"),
        ("timely", "0 / 0 = —", "0 / 0 = —"),
        ("done", "1 / 3 = 33.3%", "1 / 4 = 25.0%"),
        ("satisfied", &format!("1 / 2 = 50.0%{unevaluated}"), &format!("1 / 3 = 33.3%{unevaluated}")),
        ("mostly", &format!("1 / 2 = 50.0%{unevaluated}"), &format!("1 / 3 = 33.3%{unevaluated}")),
        ("content", &format!("2 / 2 = 100.0%{unevaluated}"), &format!("2 / 3 = 66.7%{unevaluated}")),
        ("consulted", "1 / 3 = 33.3%", "1 / 4 = 25.0%"),
        ("met", "2 / 3 = 66.7%", "2 / 4 = 50.0%"),
        ("contacted", "2 / 3 = 66.7%", "3 / 4 = 75.0%"),
        (
            "classes",
            "A 已解决或基本解决 1 = 50.0%；B 正在解决或列入规划逐步解决 1 = 50.0%",
            "A 已解决或基本解决 2 = 66.7%；B 正在解决或列入规划逐步解决 1 = 33.3%",
        ),
        (
            "kept",
            "0 / 1 = 0.0%（兑现涉及建议 0 件，到期涉及 1 件）",
            "0 / 1 = 0.0%（兑现涉及建议 0 件，到期涉及 1 件）",
        ),
        ("published", "1 / 1 = 100.0%", "1 / 1 = 100.0%"),
    ] {
        assert_eq!(row(figure), [session, year], "{figure}");
    }
    for definition in ["已答复÷已交办", "并案的各件分别计", "未测评的不计入分母", "延期须在时限届满前批准"]
    {
        assert!(page.has(definition), "{definition}");
    }
    let units = page.html.split("data-testid=\"rates-units\"").nth(1).unwrap();
    assert!(units.contains("区交通运输局") && units.contains("镇&#60;水务&#62;站"));
    let of_unit = wu.get("/console/ledger/suggestion?lead=520303108-water&counts=assigned").await;
    assert!(
        of_unit.rows().len() == 1 && of_unit.has("镇&#60;水务&#62;站"),
        "a unit that no list has is called by its name"
    );
    let numbers = page.numbers("rates");
    assert!(
        numbers.len() > 50
            && numbers.iter().any(|(href, number)| href.ends_with("&lead=520303U02&counts=assigned") && number == "3")
    );
    let summary = wu.get("/console/summary").await;
    assert_eq!(summary.marked("summary.rates"), 2);
    let told = summary.numbers("summary.rates").into_iter().filter(|(href, _)| href.contains("counts="));
    for (href, number) in numbers.into_iter().chain(told) {
        let ledger = wu.get(&href).await;
        assert_eq!((ledger.status, ledger.rows().len().to_string()), (StatusCode::OK, number), "{href}");
    }
    // The ledger says what it shows, and what it does not know shows nothing.
    let ledger = "/console/ledger/suggestion?counts=";
    let listed = wu.get(&format!("{ledger}unevaluated")).await;
    assert!(listed.has("已答复、未测评") && listed.hidden("counts") == ["unevaluated"]);
    assert!(wu.get(&format!("{ledger}class-B")).await.has("答复类别 B"));
    for unknown in ["moon", "class-", "pairing", "covered-2026"] {
        assert_eq!(wu.get(&format!("{ledger}{unknown}")).await.status, StatusCode::BAD_REQUEST, "{unknown}");
    }
    assert!(wu.get(&format!("{ledger}class-%3Cb%3E")).await.has("&#60;b&#62;"));
    // A limit that has ended is due, whether or not there was a reply.
    office.wait_ms(100 * 24 * 60 * 60 * 1000);
    let wu = Browser::of(&office, "wu").await;
    let page = wu.get("/console?year=2026").await;
    let timely = page.numbers("rates").into_iter().find(|(href, _)| href.ends_with("counts=fallen_due")).unwrap();
    assert_eq!((timely.1.as_str(), wu.get(&timely.0).await.rows().len()), ("3", 3));
    assert!(page.has("<b>66.7%</b>"), "two of three came in time");
    // A town sees its own suggestions only.
    let zhou = Browser::of(&office, "zhou").await;
    assert!(zhou.get("/console").await.numbers("rates").iter().all(|(_, number)| number == "0"));
}

#[tokio::test]
async fn coverage_counts_who_took_part_in_what_was_verified() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let wu = office.device("wu", DeviceKind::Console).await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let huang = office.phone("huang").await;
    let (public, [theirs, ours]) = add_two_sides(&office, &wu).await;
    let retired = office.enter(&wu, Kind::Mandate, public, mandate_of(RecordId([8; 16]), "李秀碧")).await;
    file(&office, &wu, retired, Kind::Mandate, [Act::End { on: Date::at(NOW), text: "换届".into() }]).await;
    let everybody = [theirs, ours, retired];
    // Of the year and verified, of the year before, not verified.
    for (number, day, acts) in [
        (1, "2026-01-01", vec![submit(None), Act::Verify]),
        (2, "2025-12-30", vec![submit(None), Act::Verify]),
        (3, "2026-01-01", vec![submit(None)]),
    ] {
        let mut edits =
            vec![Edit::put("kind", "visit"), Edit::put("title", "走访"), Edit::put("start", format!("{day}T09:00"))];
        edits.extend(everybody.iter().map(|mandate| Edit::add("attendees", mandate)));
        edits.extend((number == 1).then(|| Edit::enter("attendance", theirs, "leave")));
        hold(&office, (&huang, &zhou), number, edits, acts).await;
    }
    let wu = Browser::of(&office, "wu").await;
    for (year, covered) in [("2026", vec![ours]), ("2025", vec![theirs, ours]), ("2024", vec![])] {
        let page = wu.get(&format!("/console?year={year}")).await;
        let numbers = page.numbers("rate-coverage");
        let [(part, counted), (whole, active), ..] = &numbers[..] else { panic!("{numbers:?}") };
        assert_eq!((counted.clone(), active.as_str()), (covered.len().to_string(), "2"), "{year}");
        let mut rows = wu.get(part).await.rows();
        rows.sort_unstable();
        let mut covered: Vec<String> = covered.iter().map(ToString::to_string).collect();
        covered.sort_unstable();
        assert_eq!((rows, wu.get(whole).await.rows().len()), (covered, 2), "{year}");
    }
    let listed = wu.get("/console/ledger/mandate?counts=covered-2026").await;
    assert!(listed.has("2026年参加过已核实的活动"));
    for unknown in ["covered-x", "covered-", "assigned"] {
        let page = wu.get(&format!("/console/ledger/mandate?counts={unknown}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{unknown}");
    }
}

#[tokio::test]
async fn a_case_number_begins_with_the_towns_name_and_not_with_its_desks() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let (wu, zhou) = (office.device("wu", DeviceKind::Console).await, office.device("zhou", DeviceKind::Console).await);
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇公开").await.unwrap();
    let accepted = async || {
        let edits = raised("express", Some("roads"), false, false);
        let id = office.enter(&zhou, Kind::Suggestion, office.town_office, edits).await;
        hand_in(&office, &zhou, id, [Act::Review, Act::Accept]).await;
        office.store.case_rows(&[id]).await.unwrap()[&id].number.clone().unwrap()
    };
    assert_eq!(accepted().await, "三合镇直通车〔2026〕001号", "nobody has entered the unit: the desk's name");
    let unit = vec![Edit::put("code", town.0), Edit::put("name", "芝麻镇"), Edit::put("level", "town")];
    office.enter(&wu, Kind::AdminUnit, public, unit).await;
    assert_eq!(accepted().await, "芝麻镇直通车〔2026〕002号");
}

#[tokio::test]
async fn refused_changes_are_seen_by_the_staff_of_the_place() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let li = office.phone("li").await;
    // A deputy of the other station writes here.
    let stranger = Draft::voice(&li, office.stations[0], 1, &voice_by(mandate(1), "写错了地方"));
    office.exchange(&li, &request(stranger.changes.clone(), &[])).await;
    let page = Browser::of(&office, "zhou").await.get("/console/quarantine").await;
    assert_eq!(page.marked("row"), 1);
    assert!(page.has("李秀碧") && page.has("无权在此填写") && page.has("群众意见"));
    assert_eq!(Browser::of(&office, "lou").await.get("/console/quarantine").await.marked("row"), 0);
}

/// What staff would send to decide on a refused change.
fn deciding<'a>(page: &'a [(String, String)], what: &'a str, note: &'a str) -> Vec<(&'a str, &'a str)> {
    let shown = page.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    shown.chain([("what", what), ("note", note)]).collect()
}

/// The refused changes that a page offers to decide on, the newest first.
async fn offered(browser: &Browser<'_>) -> Vec<[(String, String); 2]> {
    let page = browser.get("/console/quarantine").await;
    let (users, hashes) = (page.hidden("user"), page.hidden("hash"));
    users.into_iter().zip(hashes).map(|(user, hash)| [("user".into(), user), ("hash".into(), hash)]).collect()
}

/// What the audit log has of decisions on refused changes.
async fn decided(office: &Office) -> Vec<String> {
    let log = office.store.audit_after(0, 1000).await.unwrap().into_iter();
    log.map(|entry| entry.act).filter(|act| act.starts_with("refused_")).collect()
}

#[tokio::test]
async fn staff_accept_return_or_discard_what_was_refused_and_the_phone_learns_of_it() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let li = office.phone("li").await;
    let mut sent = Vec::new();
    for (number, summary) in [(1, "收下"), (2, "退回去"), (3, "作废掉"), (4, "冒名的")] {
        // The last one is in somebody else's name: that no lent right makes good.
        let author = mandate(usize::from(number != 4));
        let mut draft = Draft::voice(&li, office.stations[0], number, &voice_by(author, summary));
        if number == 1 {
            draft.edit(li.actor, &[Edit::put("category", "roads")]);
        }
        office.exchange(&li, &request(draft.changes.clone(), &[])).await;
        office.wait_ms(1000);
        sent.push(draft);
    }
    let zhou = Browser::of(&office, "zhou").await;
    let all = offered(&zhou).await;
    assert_eq!(all.len(), 5);
    let of = |draft: &Draft, change: usize| {
        let hash = draft.changes[change].hash.to_string();
        all.iter().find(|[_, (_, offered)]| *offered == hash).unwrap()
    };
    let (accepted, rests) = (of(&sent[0], 0), of(&sent[0], 1));
    let (returned, discarded, forged) = (of(&sent[1], 0), of(&sent[2], 0), of(&sent[3], 0));
    assert!(zhou.get("/console").await.links().contains(&"/console/quarantine".to_owned()));

    // Who has no right there, or decides on their own, learns nothing of it.
    for login in ["lou", "li", "guan"] {
        let page =
            Browser::of(&office, login).await.post("/console/quarantine", &deciding(accepted, "accept", "")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
    }
    let page = zhou.post("/console/quarantine", &deciding(rests, "accept", "")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "what it rests on is not here");
    assert!(page.has("请先处理那一条"));
    assert!(zhou.post("/console/quarantine", &deciding(forged, "accept", "")).await.has("记录人不是本人"));
    for (what, note) in [("return", ""), ("discard", "略"), ("return", "请打13985000123问")] {
        let page = zhou.post("/console/quarantine", &deciding(returned, what, note)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {note}");
        assert!(note.is_empty() || page.has(&format!(">{note}</textarea>")), "the text is still there");
    }
    assert_eq!(zhou.post("/console/quarantine", &[("what", "burn")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(offered(&zhou).await.len(), 5, "nothing was decided so far");

    let done = "/console/quarantine?done=settled";
    for (which, what, note) in [
        (accepted, "accept", ""),
        (rests, "accept", "由站里补录"),
        (returned, "return", "请改到本站再提交"),
        (discarded, "discard", "与上一条重复"),
    ] {
        assert_eq!(zhou.post("/console/quarantine", &deciding(which, what, note)).await.location, done, "{what}");
    }
    // Deciding twice changes nothing, whoever does it and whatever they want.
    let zhao = Browser::of(&office, "zhao").await;
    for which in [accepted, returned, discarded] {
        for what in ["accept", "discard"] {
            let page = zhao.post("/console/quarantine", &deciding(which, what, "再来一次")).await;
            assert_eq!(page.status, StatusCode::CONFLICT);
        }
    }
    let page = zhao.get("/console/quarantine").await;
    assert_eq!((page.marked("row"), page.marked("settled")), (1, 4));
    assert!(page.has("与上一条重复") && !page.has("作废掉"), "what was discarded is not here any more");

    let record = zhao.get(&record(sent[0].record.id())).await;
    assert!(record.has("收下") && record.has("李秀碧") && record.has("交通基础设施"), "under its author's name");
    assert_eq!(decided(&office).await, ["refused_accept", "refused_accept", "refused_return", "refused_discard"]);

    // The phone asks for all five, and for one of another phone, of which it learns nothing.
    let hash = |which: &[(String, String); 2]| which[1].1.parse().unwrap();
    let asked = wire::Request {
        refused: [forged, discarded, returned, rests, accepted].map(hash).into(),
        ..request(Vec::new(), &[])
    };
    let huang = office.phone("huang").await;
    assert!(office.exchange(&huang, &asked).await.settled.is_empty());
    let answer = office.exchange(&li, &asked).await;
    let told = |which| answer.settled.iter().find(|settled| settled.hash == hash(which));
    assert!(told(forged).is_none(), "nobody has decided on it");
    for which in [accepted, rests] {
        assert!(matches!(told(which).unwrap().outcome, wire::Outcome::Received { .. }));
    }
    assert_eq!(told(returned).unwrap().note, "请改到本站再提交");
    assert_eq!(told(discarded).unwrap().note, "与上一条重复");
    assert!(matches!(told(discarded).unwrap().outcome, wire::Outcome::Refused(_)));
    // Sent once more, each has the answer that it has now.
    let again: Vec<_> = sent.iter().flat_map(|draft| draft.changes.clone()).collect();
    let outcomes = outcomes(&office.exchange(&li, &request(again, &[])).await);
    let received = outcomes.iter().map(|outcome| matches!(outcome, wire::Outcome::Received { .. }));
    assert_eq!(received.collect::<Vec<_>>(), [true, true, false, false, false]);
}

#[tokio::test]
async fn of_two_who_decide_at_once_on_a_refused_change_one_does() {
    let office = Office::new().await;
    let li = office.phone("li").await;
    let draft = Draft::voice(&li, office.stations[0], 1, &voice_by(mandate(1), "写错了地方"));
    office.exchange(&li, &request(draft.changes.clone(), &[])).await;
    let (zhou, zhao) = (Browser::of(&office, "zhou").await, Browser::of(&office, "zhao").await);
    let [which] = &offered(&zhou).await[..] else { panic!("one is offered") };
    let (accept, discard) = (deciding(which, "accept", ""), deciding(which, "discard", "写错了地方"));
    let (one, other) =
        tokio::join!(zhou.post("/console/quarantine", &accept), zhao.post("/console/quarantine", &discard));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    assert_eq!(decided(&office).await.len(), 1);
    let stored = office.store.record(draft.record.id()).await.unwrap();
    assert_eq!(stored.is_some(), one.status == StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_lost_phone_is_ended_at_the_district() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let wu = Browser::of(&office, "wu").await;
    assert!(wu.get("/console/devices").await.has("黄光明"));
    let path = format!("/console/devices/{}/revoke", huang.device.id.0);
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.post(&path, &[]).await.location, "/console/devices?done=revoked");
    let response = office.send(huang.sync(request(Vec::new(), &[]).encode())).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(wu.post("/console/devices/999/revoke", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn history_says_who_when_and_what_before_and_after() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    office.wait_ms(3 * 60 * 60 * 1000);
    let mut draft = voice(&office, &huang, 1, "三组断头路没有修", &[Edit::put("category", "other")]).await;
    draft.changes.clear();
    draft.edit(huang.actor, &[Edit::put("category", "roads"), Edit::write("summary", "三组断头路已经修了")]);
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get(&record(draft.record.id())).await;
    assert_eq!(page.marked("history-entry"), 2);
    assert!(page.has("<del>其他</del>") && page.has("<ins>交通基础设施</ins>"));
    assert!(page.has("<del>没有修</del>") && page.has("<ins>已经修了</ins>"));
    assert!(
        page.has("2026年1月1日 08:00") && page.has("2026年1月1日 11:00"),
        "device's and server's clocks, in Beijing"
    );
    assert!(page.has("3小时后送达"));
    let huang = office.device("huang", DeviceKind::Console).await;
    let stored = office.state.hub.record_page(&huang.person, draft.record.id()).await.unwrap().unwrap();
    assert!(matches!(stored.contents.fields["category"], FieldValue::Single { .. }));
    assert!(stored.history[1].entry.fields.iter().any(|change| matches!(change.what, What::Wrote { .. })));
}

#[tokio::test]
async fn old_contents_are_cleared_away_for_a_reason_and_the_history_says_so() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let mut draft = voice(&office, &huang, 1, "王某某家门口没有路灯", &[]).await;
    draft.changes.clear();
    draft.edit(huang.actor, &[Edit::write("summary", "家门口没有路灯")]);
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
    let (zhou, li) = (Browser::of(&office, "zhou").await, Browser::of(&office, "li").await);
    let path = format!("{}/found-anew", record(draft.record.id()));
    assert!(zhou.get(&record(draft.record.id())).await.has("王某某"), "in the history");
    let refused = zhou.post(&path, &[("reason", "删")]).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.marked("error") == 1 && refused.has("王某某")
    );
    assert_eq!(li.post(&path, &[("reason", "群众要求删除")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(zhou.post(&path, &[("reason", "群众要求删除")]).await.status, StatusCode::SEE_OTHER);
    let page = zhou.get(&format!("{}?done=founded", record(draft.record.id()))).await;
    assert!(page.has("家门口没有路灯") && !page.has("王某某"));
    assert_eq!((page.marked("history-entry"), page.marked("founding")), (1, 1));
    let deputy = Browser::of(&office, "huang").await;
    assert_eq!(deputy.get(&record(draft.record.id())).await.marked("found-anew"), 0, "that is for staff");
}

#[tokio::test]
async fn what_may_be_the_same_is_shown_and_two_drafts_are_made_one() {
    let office = Office::new().await;
    let (huang, zhao) = (office.phone("huang").await, office.phone("zhao").await);
    let mut meetings = Vec::new();
    for (phone, author, body) in [(&huang, Some(mandate(0)), "第一人的记录。"), (&zhao, None, "第二人的记录。")]
    {
        let mut draft = Draft::new(Kind::Activity, phone, office.stations[0], 1);
        let mut edits: Vec<Edit> = author.map(|id| Edit::put("author", id)).into_iter().collect();
        edits.extend(activity(mandate(0)).into_iter().filter(|edit| edit.field != "body"));
        edits.push(Edit::write("body", body));
        draft.edit(phone.actor, &edits);
        office.exchange(phone, &request(draft.changes.clone(), &[])).await;
        meetings.push(draft.record.id());
    }
    let (first, second) = (record(meetings[0]), record(meetings[1]));
    let (desk, li) = (Browser::of(&office, "zhao").await, Browser::of(&office, "li").await);
    assert!(desk.get(&second).await.has(&first), "each is shown beside the other");
    let other = meetings[1].to_string();
    assert_eq!(li.post(&format!("{first}/join"), &[("other", &other)]).await.status, StatusCode::NOT_FOUND);
    let itself = desk.post(&format!("{first}/join"), &[("other", &meetings[0].to_string())]).await;
    assert_eq!(itself.status, StatusCode::CONFLICT);
    assert_eq!(desk.post(&format!("{first}/join"), &[("other", &other)]).await.status, StatusCode::SEE_OTHER);
    let page = desk.get(&first).await;
    assert!(page.has("第一人的记录。") && page.has("【赵小兰的记录】") && page.has("第二人的记录。"));
    assert_eq!(page.marked("alike"), 0);
    assert_eq!(desk.get(&second).await.marked("deleted"), 1);
    let again = desk.post(&format!("{first}/join"), &[("other", &other)]).await;
    assert!(again.status == StatusCode::CONFLICT && again.marked("error") == 1);
}

/// From nothing: a district that was set up on the command line, its towns and stations entered at its desk.
#[tokio::test]
async fn towns_and_stations_bring_along_the_places_of_their_records() {
    let office = Office::new().await;
    let district = UnitCode("520303".into());
    for name in ["汇川", "汇川区"] {
        office.state.hub.found_district(&district, name).await.unwrap();
    }
    let places = async |code: &str| -> Vec<(SpaceKind, String)> {
        let spaces = office.store.spaces().await.unwrap();
        let own = spaces.iter().filter(|space| space.unit.0 == code && space.kind != SpaceKind::Private);
        own.map(|space| (space.kind, space.name.clone())).collect()
    };
    let (open, desk) = ("汇川区公开资料".to_owned(), "汇川区工作台".to_owned());
    assert_eq!(places("520303").await, [(SpaceKind::DistrictPublic, open), (SpaceKind::DistrictOffice, desk)]);
    let posts = vec![Post { role: Role::District, unit: district, mandate: None }];
    let new =
        NewUser { login: "wu".into(), name: "吴".into(), password_hash: hash_password(PASSWORD).unwrap(), posts };
    office.store.create_user(new).await.unwrap().unwrap();
    let wu = Browser::of(&office, "wu").await;
    assert!(wu.get("/console/ledger/admin_unit").await.has("/console/new/admin_unit"));
    let created = StatusCode::SEE_OTHER;
    let town = [("code", "520303109"), ("name", "松林镇"), ("level", "town"), ("has_congress", "yes")];
    let entered = create(&wu, Kind::AdminUnit, &town).await;
    assert_eq!(entered.status, created, "{}", entered.html);
    assert!(wu.get("/console/ledger/station").await.has("/console/new/station"));
    let spaces = office.store.spaces().await.unwrap();
    let of = |kind: SpaceKind, unit: &str| {
        spaces.iter().find(|space| space.kind == kind && space.unit.0 == unit).map(|space| space.id.0.to_string())
    };
    let (made, also) = ("松林镇公开资料".to_owned(), "松林镇工作台".to_owned());
    assert_eq!(places("520303109").await, [(SpaceKind::TownPublic, made), (SpaceKind::TownOffice, also)]);
    let (town_space, unit) =
        (of(SpaceKind::TownPublic, "520303109").unwrap(), RecordId::derived(Kind::AdminUnit, &["520303109"]));
    let unit = unit.to_string();
    let station = |code: &'static str| {
        vec![
            ("space", town_space.as_str()),
            ("code", code),
            ("name", "松林镇联络站"),
            ("kind", "station"),
            ("unit", unit.as_str()),
            ("state", "in_use"),
        ]
    };
    assert_eq!(create(&wu, Kind::Station, &station("520303109S01")).await.status, created);
    assert_eq!(places("520303109S01").await, [(SpaceKind::Station, "松林镇联络站".into())]);
    // One with the code of another town opens nothing there.
    assert_eq!(create(&wu, Kind::Station, &station("520303108S77")).await.status, created);
    assert_eq!(places("520303108S77").await, []);
}

#[tokio::test]
async fn it_is_said_of_each_who_takes_part_whether_they_came() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let mut draft = Draft::new(Kind::Activity, &huang, office.stations[0], 1);
    let edits = [vec![Edit::put("author", mandate(0))], activity(mandate(0)), vec![Edit::add("attendees", mandate(1))]];
    draft.edit(huang.actor, &edits.concat());
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
    let zhao = Browser::of(&office, "zhao").await;
    let path = format!("{}/edit", record(draft.record.id()));
    let form = zhao.get(&path).await;
    let (came, away) = (format!("{}: present", mandate(0)), format!("{}: leave", mandate(1)));
    assert!(form.has(&came) && form.has(&away) && form.has("请假"));
    let sent = [("was.attendance", ""), ("attendance", came.as_str()), ("attendance", away.as_str())];
    assert_eq!(zhao.post(&path, &sent).await.status, StatusCode::SEE_OTHER);
    let stored = office.store.record(draft.record.id()).await.unwrap().unwrap();
    let people = &stored.summary.people;
    assert!(
        people.contains(&mandate(0).to_string()) && !people.contains(&mandate(1).to_string()),
        "who is away does not count"
    );
    let chosen = zhao.get(&path).await;
    assert!(chosen.has(&format!("value=\"{away}\" selected")));
    let taken_back =
        [("was.attendance", format!("{came}\n{away}")), ("attendance", came), ("attendance", String::new())];
    let taken_back: Vec<(&str, &str)> = taken_back.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(zhao.post(&path, &taken_back).await.status, StatusCode::SEE_OTHER);
    let stored = office.store.record(draft.record.id()).await.unwrap().unwrap();
    assert!(stored.summary.people.contains(&mandate(1).to_string()));
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

#[tokio::test]
async fn staff_act_on_a_case_and_the_second_of_two_gets_the_text_back() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let mut activity = Draft::new(Kind::Activity, &huang, space, 1);
    let edits = [
        Edit::put("author", mandate(0)),
        Edit::put("kind", "courtyard"),
        Edit::put("title", "竹元院坝会"),
        Edit::put("start", "2026-01-01T09:00"),
        Edit::put("village", RecordId([2; 16])),
        Edit::add("attendees", mandate(0)),
        Edit::write("body", "讲解新国发2号文件"),
    ];
    activity.edit(huang.actor, &edits);
    let (id, kind, seen) = (activity.record.id(), Kind::Activity, 0);
    let act = Act::Submit { text: None, declared: true, again: None };
    let submit = case::Request { id: EventId([1; 16]), case: id, kind, seen, made_ms: NOW, proxy: None, act };
    let sent = wire::Request { requests: vec![SentRequest::of(space, &submit)], ..request(activity.changes, &[]) };
    office.exchange(&huang, &sent).await;

    let (zhou, other) = (Browser::of(&office, "zhou").await, Browser::of(&office, "zhou").await);
    let (page, seen_by_other) = (zhou.get(&record(id)).await.html, other.get(&record(id)).await.html);
    assert!(
        page.contains("已提交") && page.contains("data-act=\"verify\"") && page.contains("data-act=\"ask_revision\"")
    );
    assert!(!page.contains("data-act=\"submit\"") && !page.contains("data-act=\"assign\""), "only what is possible");
    let request_of = |html: &str, act: &str| {
        let form = html.split(&format!("name=\"act\" value=\"{act}\"")).nth(1).unwrap();
        form.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let verify = request_of(&page, "verify");
    let form = [("act", "verify"), ("request", verify.as_str()), ("seen", "1")];
    let done = zhou.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!((done.status, done.location.contains("done=acted")), (StatusCode::SEE_OTHER, true));
    let again = zhou.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "a form that is sent twice is one act");

    let revise = request_of(&seen_by_other, "ask_revision");
    let words = "请补充<到场>群众人数";
    let form = [("act", "ask_revision"), ("request", revise.as_str()), ("seen", "1"), ("text", words)];
    let back = other.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!(back.status, StatusCode::CONFLICT);
    assert!(back.html.contains("请补充&#60;到场&#62;群众人数"), "the text is in the form again");
    assert!(back.html.contains("已核实") && back.html.contains("周正") && back.html.contains("data-testid=\"error\""));
    assert_ne!(request_of(&back.html, "ask_revision"), revise, "trying again is another request");

    let page = zhou.get(&record(id)).await.html;
    assert_eq!(page.matches("data-testid=\"case-event\"").count(), 2);
    assert!(!page.contains("data-act=\"verify\"") && page.contains("data-act=\"correct\""));
    let empty = [("act", "correct"), ("request", "nonsense"), ("seen", "1")];
    assert_eq!(zhou.post(&format!("{}/act", record(id)), &empty).await.status, StatusCode::BAD_REQUEST);
    let quarantine = zhou.get("/console/quarantine").await.html;
    assert!(quarantine.contains("请补充&#60;到场&#62;群众人数"), "staff see what came back");
}

/// Does an act by the form that the page offers, and says what became of it.
async fn do_act(browser: &Browser<'_>, id: RecordId, form: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&record(id)).await;
    let (request, seen) = form_keys(&page.html, form);
    let mut sent = vec![("act", form), ("request", request.as_str()), ("seen", seen.as_str())];
    sent.extend_from_slice(fields);
    browser.post(&format!("{}/act", record(id)), &sent).await
}

/// The id of the request and what was seen, as a form carries them.
fn form_keys(html: &str, form: &str) -> (String, String) {
    let offered = html.split(&format!("name=\"act\" value=\"{form}\"")).nth(1);
    let offered = offered.unwrap_or_else(|| panic!("{form} is not offered"));
    let value = |name: &str| {
        let value = offered.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    (value("request"), value("seen"))
}

/// The value of the choice with this label.
fn choice(html: &str, label: &str) -> String {
    let before = html.split(&format!("{label}</option>")).next().unwrap();
    before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

async fn suggestion_at_the_district(office: &Office, desk: SpaceId, title: &str) -> RecordId {
    let mut edits = suggestion("district", title);
    edits.extend([Edit::put("term", "五届"), Edit::put("session", "一次")]);
    written(office, "wu", Kind::Suggestion, desk, edits).await
}

#[tokio::test]
async fn a_suggestion_goes_its_whole_way_by_the_forms_of_its_page() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let id = suggestion_at_the_district(&office, desk, "关于修通三组断头路的建议").await;
    let wu = Browser::of(&office, "wu").await;
    let proxy = ("proxy", "替黄光明代表，依据纸质建议纸");
    let done = async |form: &str, fields: &[(&str, &str)]| {
        let page = do_act(&wu, id, form, fields).await;
        assert_eq!(
            page.status,
            StatusCode::SEE_OTHER,
            "{form}: {}",
            page.html.split("data-testid=\"error\"").nth(1).unwrap_or_default().chars().take(200).collect::<String>()
        );
    };
    // From paper: it must be said for whom.
    let silent = do_act(&wu, id, "submit", &[("declared", "yes")]).await;
    assert_eq!(silent.status, StatusCode::CONFLICT);
    assert!(silent.has("代录请注明") && silent.has("name=\"proxy\""));
    done("submit", &[("declared", "yes"), proxy]).await;
    done("review", &[]).await;
    done("accept", &[]).await;
    let page = wu.get(&record(id)).await.html;
    let (road, water) = (choice(&page, "区交通运输局"), "520303U03|区水务局");
    assert!(page.contains(&format!("name=\"co\" value=\"{water}\"")), "joint units are chosen from the list");
    let same = do_act(&wu, id, "assign", &[("lead", &road), ("co", &road)]).await;
    assert!(same.status == StatusCode::CONFLICT && same.has("不能指向它自己"));
    let note = "请按时答复";
    done("assign", &[("lead", &road), ("co", water), ("text", note)]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("区交通运输局") && page.has("区水务局") && page.has(note) && page.has("汇人建〔2026〕001号"));
    done("sign", &[("officer", "陈工"), proxy]).await;
    // A day further than the limit is what an extension asks for; the form begins with the first possible.
    assert!(wu.get(&record(id)).await.has("name=\"until\" value=\"2026-04-0"));
    let far = do_act(&wu, id, "ask_extension", &[("until", "2027-01-01"), ("text", "要重新设计"), proxy]).await;
    assert!(far.status == StatusCode::CONFLICT && far.has("要重新设计") && far.has("最多只能延到"));
    done("ask_extension", &[("until", "2026-05-06"), ("text", "要重新设计"), proxy]).await;
    done("decide_extension", &[("grant", "no"), ("text", "请按期")]).await;
    done("contact", &[("on", "2026-01-01"), ("way", "visit"), ("place", "竹元村"), proxy]).await;
    done("co_opinion", &[("text", "管道可同步迁改"), proxy]).await;
    let reply = [
        ("letter", "汇交函〔2026〕3号"),
        ("class", "B"),
        ("signer", "刘局长"),
        ("text", "列入今年计划"),
        ("may_publish", "yes"),
        ("commitments.0.text", "六月底前完工"),
        proxy,
    ];
    let without_day = do_act(&wu, id, "reply", &reply).await;
    assert_eq!(without_day.status, StatusCode::CONFLICT);
    assert!(without_day.has("列入今年计划") && without_day.has("承诺事项要写明完成日期"));
    done("reply", &[&reply[..], &[("commitments.0.due", "2026-06-30")]].concat()).await;
    done("urge", &[("level", "1"), ("text", "请测评")]).await;
    done("evaluate", &[("attitude", "satisfied"), ("result", "mostly"), ("way", "letter"), proxy]).await;
    done("mark", &[("flag", "key_supervision"), ("on", "yes")]).await;
    done("close", &[]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("承诺跟踪") && page.has("重点督办") && page.has("基本满意") && page.has("2026年6月30日"));
    done("commitment", &[("commitment", "1"), ("outcome", "adjusted"), ("due", "2026-07-31"), ("text", "雨季")]).await;
    done("commitment", &[("commitment", "1"), ("outcome", "kept"), ("text", "已完工")]).await;
    done("publish", &[]).await;
    done("archive", &[]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("已归档") && page.has("data-act=\"unpublish\"") && !page.has("data-act=\"reply\""));
    assert!(!page.html.contains(">act.") && !page.html.contains("urge."), "all has words");
}

/// A suggestion's photos that are here, by their hashes.
async fn with_photos<const N: usize>(office: &Office, desk: SpaceId) -> (RecordId, [BlobHash; N]) {
    let photos: [Vec<u8>; N] =
        std::array::from_fn(|n| [&[0xff, 0xd8, 0xff, 0xe0, 0, 2], &[n as u8 + 1; 200][..]].concat());
    let hashes = photos.each_ref().map(|photo| BlobHash::of(photo));
    let wu = office.phone("wu").await;
    let named = hashes.iter().map(|hash| Edit::enter("files", hash, "现场"));
    let edits = suggestion("district", "关于修通三组断头路的建议").into_iter().chain(named).collect();
    let id = office.enter(&wu, Kind::Suggestion, desk, edits).await;
    for (photo, hash) in photos.iter().zip(&hashes) {
        let address = format!("/api/v1/files/{id}/{hash}?at=0&of={}", photo.len());
        let request = wu.authorized(Request::post(address)).body(photo.clone().into()).unwrap();
        assert_eq!(office.send(request).await.status(), StatusCode::OK);
    }
    (id, hashes)
}

/// 附件: with a suggestion those of its files are published that somebody holds may be, and nobody may not.
#[tokio::test]
async fn a_publication_takes_along_the_files_that_may_be_public() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let (id, [first, second, third]) = with_photos::<3>(&office, desk).await;
    let say = |hash: BlobHash| format!("{}/file/{hash}/say", record(id));
    let wu = Browser::of(&office, "wu").await;
    assert_eq!(wu.get(&record(id)).await.marked("file-say"), 0, "a draft moves, and what was said would stay behind");
    assert_eq!(wu.get(&say(first)).await.status, StatusCode::FORBIDDEN);
    let proxy = ("proxy", "替黄光明代表，依据纸质建议纸");
    let done = async |form: &str, fields: &[(&str, &str)]| {
        assert_eq!(do_act(&wu, id, form, fields).await.status, StatusCode::SEE_OTHER, "{form}");
    };
    done("submit", &[("declared", "yes"), proxy]).await;

    // The deputy may object to a file, and allow none.
    let huang = Browser::of(&office, "huang").await;
    let form = huang.get(&say(second)).await;
    assert!(form.has("name=\"not_public\"") && !form.has("name=\"may_be_public\""));
    let kind = [("was.kind", ""), ("kind", "photo")];
    let allowed = [&kind[..], &[("was.may_be_public", ""), ("may_be_public", "yes")]].concat();
    assert_eq!(huang.post(&say(third), &allowed).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let objects = [&kind[..], &[("was.not_public", ""), ("not_public", "yes")]].concat();
    assert_eq!(huang.post(&say(second), &objects).await.location, format!("{}?done=saved", record(id)));
    // Whoever has no part in the case, and who asks for a file that it does not name, finds nothing.
    let li = Browser::of(&office, "li").await;
    assert_eq!(li.post(&say(first), &objects).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.get(&say(BlobHash([9; 32]))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.get(&format!("{}/file/no-hash/say", record(id))).await.status, StatusCode::NOT_FOUND);

    let more = [
        &allowed[..],
        &[("was.blurred", ""), ("blurred", "yes"), ("was.transcribed_by", ""), ("transcribed_by", "赵小兰")],
    ];
    assert_eq!(wu.post(&say(first), &more.concat()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(wu.post(&say(first), &allowed).await.status, StatusCode::CONFLICT, "it is there already");
    let page = wu.get(&record(id)).await;
    assert!(page.has("data-testid=\"file-mark\">可公开<") && page.has(">已打码<") && page.has("转写人：赵小兰"));
    // The office allows what the deputy objected to: the objection stands.
    let of_second = blob::attachment(id, second);
    let chief = office.device("wu", DeviceKind::Console).await;
    office.revise(&chief, of_second, vec![Edit { field: "may_be_public".into(), op: Op::Mark }]).await;

    // What a station says where it may write says nothing here.
    let zhao = office.phone("zhao").await;
    let of_third = blob::attachment(id, third);
    let mut forged =
        Draft { record: Record::new(Kind::Attachment, of_third), space: office.stations[0], changes: vec![] };
    let names = [("record", id.to_string()), ("hash", third.to_string())].map(|(field, value)| Edit::put(field, value));
    forged.edit(zhao.actor, &[&names[..], &[Edit { field: "may_be_public".into(), op: Op::Mark }]].concat());
    office.exchange(&zhao, &request(forged.changes, &[])).await;
    assert!(office.store.record(of_third).await.unwrap().is_some(), "it is stored");

    done("review", &[]).await;
    done("accept", &[]).await;
    let road = choice(&wu.get(&record(id)).await.html, "区交通运输局");
    done("assign", &[("lead", &road)]).await;
    done("sign", &[("officer", "陈工"), proxy]).await;
    done("contact", &[("on", "2026-01-01"), ("way", "visit"), ("place", "竹元村"), proxy]).await;
    let reply = [
        ("letter", "汇交函〔2026〕3号"),
        ("class", "A"),
        ("signer", "刘局长"),
        ("text", "已修通"),
        ("may_publish", "yes"),
    ];
    done("reply", &[&reply[..], &[proxy]].concat()).await;
    done("evaluate", &[("attitude", "satisfied"), ("result", "satisfied"), ("way", "letter"), proxy]).await;
    done("close", &[]).await;
    assert!(wu.get(&record(id)).await.has("附件共3个，会一起公开的有1个"));
    done("publish", &[]).await;

    let events = office.store.case_events(id).await.unwrap();
    let published = events.last().unwrap().read().unwrap();
    assert_eq!((published.act.key(), published.added.files), ("publish", vec![first]));
    let page = wu.get(&record(id)).await;
    assert!(page.has("data-testid=\"file-mark\">已公开<") && page.has("公开的附件数"));
    // An objection that comes later still wins.
    let of_first = blob::attachment(id, first);
    office.revise(&chief, of_first, vec![Edit { field: "not_public".into(), op: Op::Mark }]).await;
    assert!(!wu.get(&record(id)).await.has("data-testid=\"file-mark\">已公开<"));
}

#[tokio::test]
async fn of_two_who_assign_at_once_the_second_learns_to_whom_it_went_and_may_reassign() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    add_user(&office, "tang", "唐丽", Role::District, "520303").await;
    let id = suggestion_at_the_district(&office, desk, "关于修通三组断头路的建议").await;
    let (wu, tang) = (Browser::of(&office, "wu").await, Browser::of(&office, "tang").await);
    for (form, fields) in
        [("submit", vec![("declared", "yes"), ("proxy", "替黄光明，纸质")]), ("review", vec![]), ("accept", vec![])]
    {
        assert_eq!(do_act(&wu, id, form, &fields).await.status, StatusCode::SEE_OTHER, "{form}");
    }
    let (request, seen) = form_keys(&tang.get(&record(id)).await.html, "assign");
    let road = "520303U02|区交通运输局";
    assert_eq!(do_act(&wu, id, "assign", &[("lead", road)]).await.status, StatusCode::SEE_OTHER);
    let late = [
        ("act", "assign"),
        ("request", request.as_str()),
        ("seen", seen.as_str()),
        ("lead", ""),
        ("lead.other", "区自然资源局"),
        ("co", road),
        ("text", "先看用地"),
    ];
    let back = tang.post(&format!("{}/act", record(id)), &late).await;
    assert_eq!(back.status, StatusCode::CONFLICT);
    assert!(back.has("已由吴敏于") && back.has("区交通运输局") && back.has("是否改派"));
    assert!(back.has("先看用地") && back.has("value=\"区自然资源局\""), "what was typed is in the form again");
    assert!(back.has(&format!("value=\"{road}\" checked")), "and what was ticked");
    let again = do_act(&tang, id, "reassign", &[("lead.other", "区自然资源局"), ("text", "先看用地")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert!(wu.get(&record(id)).await.has("区自然资源局"));
}

/// Submits a voice from a phone.
async fn recorded(office: &Office, phone: &Phone, number: u64, summary: &str, more: &[Edit]) -> RecordId {
    let more = [
        &[Edit::put("category", "roads"), Edit::put("village", RecordId([2; 16])), Edit::write("verbatim", summary)],
        more,
    ]
    .concat();
    let draft = voice(office, phone, number, summary, &more).await;
    let id = draft.record.id();
    let act = Act::Submit { text: None, declared: true, again: None };
    let submit = case::Request {
        id: EventId([number as u8; 16]),
        case: id,
        kind: Kind::Voice,
        seen: 0,
        made_ms: NOW,
        proxy: None,
        act,
    };
    let sent =
        wire::Request { requests: vec![SentRequest::of(office.stations[0], &submit)], ..request(Vec::new(), &[]) };
    office.exchange(phone, &sent).await;
    id
}

#[tokio::test]
async fn voices_are_sorted_by_the_station_and_sent_each_its_way_by_the_town() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let road = recorded(&office, &huang, 1, "三组断头路没有修", &[]).await;
    let same = recorded(&office, &huang, 2, "三组的路还是断头", &[]).await;
    let (zhao, zhou) = (Browser::of(&office, "zhao").await, Browser::of(&office, "zhou").await);
    let page = zhao.get(&record(road)).await;
    assert_eq!(page.marked("proposal"), 1);
    assert!(
        page.has("类别是“交通基础设施”") && page.has("value=\"town\" selected"),
        "the form begins with the proposal"
    );
    for id in [road, same] {
        let sorted = do_act(&zhao, id, "sort", &[("proposed", "town"), ("text", "按类别")]).await;
        assert_eq!(sorted.status, StatusCode::SEE_OTHER);
    }
    let page = zhao.get(&record(road)).await;
    assert!(page.has("data-act=\"route.spot\"") && page.has("data-act=\"route.merged\""));
    assert!(!page.has("data-act=\"route.upper\""), "that is the town's to decide");
    let page = zhou.get(&record(road)).await;
    for exit in ["spot", "upper", "petition", "declined", "merged"] {
        assert!(page.has(&format!("data-act=\"route.{exit}\"")), "{exit}");
    }
    assert!(!page.has("data-act=\"route.town\""), "there is no suggestion yet for it to go on as");
    assert_eq!((page.marked("lacks-suggestion"), zhao.get(&record(road)).await.marked("lacks-suggestion")), (1, 0));
    let made = zhou
        .post(
            &format!("{}/suggestion", record(road)),
            &[
                ("was.tier", ""),
                ("tier", "express"),
                ("was.type", ""),
                ("type", "suggestion"),
                ("was.date", ""),
                ("date", "2026-01-01"),
                ("was.title", ""),
                ("title", "关于修通三组断头路的建议"),
            ],
        )
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = zhou.get(&record(road)).await;
    assert!(page.has("data-act=\"route.town\"") && page.has("关于修通三组断头路的建议</option>"));
    assert!(page.marked("lacks-suggestion") == 0 && !page.has("data-act=\"route.district\""));
    let merged = do_act(&zhou, same, "route.merged", &[("into", &road.to_string())]).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER);
    let page = zhou.get(&record(same)).await;
    assert!(page.has("已并入") && page.has(&record(road)), "where it went is a link");
    let circle = do_act(&zhou, road, "route.merged", &[("into", &same.to_string())]).await;
    assert!(circle.status == StatusCode::CONFLICT && circle.has("不能指向它自己"));
    let told = do_act(&zhou, road, "route.petition", &[("matter", "appeal"), ("office.other", "区信访局")]).await;
    assert!(told.status == StatusCode::CONFLICT && told.has("信访事项只登记"), "of a petition nothing is told");
    assert!(told.has("value=\"区信访局\""));
    assert_eq!(do_act(&zhou, road, "route.spot", &[("text", "已列入计划")]).await.status, StatusCode::SEE_OTHER);
    for day in ["2025-12-30", "2025-12-31"] {
        assert_eq!(do_act(&zhao, road, "miss", &[("on", day), ("way", "phone")]).await.status, StatusCode::SEE_OTHER);
    }
    let again = format!("{}/again", record(road));
    assert_eq!(zhao.get(&again).await.status, StatusCode::NOT_FOUND, "the matter is still open");
    let closed = do_act(&zhao, road, "close", &[]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    assert!(zhao.get(&record(road)).await.has("已销号"));

    // 再次反映: the closed one stays closed, and the new one names it.
    let form = zhao.get(&zhao.get(&record(road)).await.link("raise-again")).await;
    assert!(form.marked("again-form") == 1 && form.marked("source") == 1);
    let refused = zhao.post(&again, &[("was.summary", ""), ("summary", "又塌了")]).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has("又塌了"),
        "what is missing is asked for"
    );
    let said = [("slip_no", "9-009"), ("channel", "visit"), ("date", "2026-01-05"), ("summary", "又塌了")];
    let said = filled(&said);
    let mut said: Vec<(&str, &str)> = said.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let by = mandate(0).to_string();
    said.extend([("was.collectors", ""), ("collectors", by.as_str())]);
    let made = zhao.post(&again, &said).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.html);
    let page = zhao.get(&made.location).await;
    assert!(page.has("再次反映") && page.links().contains(&record(road)));
}

/// 换届: what the old deputy's phone brought last is a line of today, and the line leads to exactly that.
#[tokio::test]
async fn what_was_handed_over_is_the_towns_work_of_today() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let station = office.stations[0];
    let own = Draft::voice(&huang, station, 1, &voice_by(mandate(0), "三组断头路没有修"));
    office.exchange(&huang, &request(own.changes.clone(), &[])).await;
    office.store.set_posts(huang.user(), &[], NOW).await.unwrap();
    let last = Draft::voice(&huang, station, 2, &voice_by(mandate(0), "二组断水"));
    office.exchange(&huang, &request(last.changes.clone(), &[])).await;

    let zhou = Browser::of(&office, "zhou").await;
    let today = zhou.get("/console").await;
    let list = zhou.get(&today.link("today.handed_over.voice")).await;
    assert_eq!(list.rows(), [last.record.id().to_string()]);
    assert!(list.has("已转交") && list.has("二组断水") && !list.has("断头路"));
    assert_eq!(today.marked("today.handed_over.suggestion"), 0, "nothing of what there is none of");
    let page = zhou.get(&record(last.record.id())).await;
    assert!(page.has("转交（原任职已终止）") && page.has("黄光明"));
    assert_eq!(Browser::of(&office, "zhao").await.get("/console").await.marked("today.handed_over.voice"), 0);
}

#[tokio::test]
async fn what_waits_is_counted_and_links_to_the_list_on_which_several_are_done_at_once() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let mut voices = Vec::new();
    for number in 1..=3 {
        voices.push(recorded(&office, &huang, number, "三组断头路没有修", &[]).await);
    }
    let zhao = Browser::of(&office, "zhao").await;
    let page = zhao.get("/console").await;
    assert!(page.marked("today.sort") == 1 && page.marked("today.route") == 0, "each role sees its own work");
    let board = zhao.get(&page.link("today.sort")).await;
    assert_eq!((board.rows().len(), board.marked("several"), board.marked("active-filters")), (3, 1, 1));
    assert!(board.has("已登记") && board.has("2026年1月"), "state and limit are columns");

    let request = board.hidden("request").remove(0);
    let ids: Vec<String> = voices.iter().map(ToString::to_string).collect();
    // A colleague sorts one of them first.
    assert_eq!(do_act(&zhao, voices[0], "sort", &[("proposed", "village")]).await.status, StatusCode::SEE_OTHER);
    let seen: Vec<String> = ids.iter().map(|id| format!("seen.{id}")).collect();
    let mut form = vec![("act", "sort"), ("request", request.as_str()), ("back", "//evil.example")];
    for (id, seen) in ids.iter().zip(&seen) {
        form.extend([("case", id.as_str()), (seen.as_str(), "1")]);
    }
    let done = zhao.post("/console/ledger/voice/act", &form).await;
    assert_eq!((done.status, done.marked("several-returned")), (StatusCode::OK, 1));
    assert!(done.has("2 条") && done.has("赵小兰已于") && !done.has("evil.example"));
    let again = zhao.post("/console/ledger/voice/act", &form).await;
    assert!(again.has("2 条"), "the form sent twice is the same requests");
    assert!(zhao.get(&record(voices[1])).await.has("类别是“交通基础设施”"), "sorted as proposed, with the reason");
    assert_eq!(zhao.get("/console/ledger/voice?state=recorded").await.rows().len(), 0);
    assert_eq!(zhao.get("/console/ledger/voice?state=sorted&order=due").await.rows().len(), 3);
    assert_eq!(Browser::of(&office, "zhou").await.get("/console").await.marked("today.route"), 1);

    // Time passes: the limits of routing are over.
    office.wait_ms(60 * 24 * 60 * 60 * 1000);
    let zhou = Browser::of(&office, "zhou").await;
    let late = zhou.get(&zhou.get("/console").await.link("today.over_voices")).await;
    assert!(late.rows().len() == 3 && late.has("超期"));
    assert_eq!(zhou.get("/console/ledger/voice?due=near").await.rows().len(), 3);
    for query in ["state=moon", "due=tomorrow", "order=up"] {
        let page = zhou.get(&format!("/console/ledger/voice?{query}")).await;
        assert_eq!((page.status, page.rows().len()), (StatusCode::BAD_REQUEST, 0), "{query}");
    }
    // Another town's staff act on nothing here, and what is no act for several is none.
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.post("/console/ledger/voice/act", &form).await.status, StatusCode::NOT_FOUND);
    for bad in [("act", "void"), ("act", "assign")] {
        let form = [bad, ("request", request.as_str()), ("case", ids[0].as_str())];
        assert_eq!(zhou.post("/console/ledger/voice/act", &form).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_ledger_is_exported_as_it_is_shown_and_holds_no_formulas() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let edits = voice_by(mandate(0), "=HYPERLINK(\"x\"), 三组");
    let drafts: Vec<Draft> = (1..=1203).map(|n| Draft::voice(&huang, office.stations[0], n, &edits)).collect();
    for drafts in drafts.chunks(400) {
        let changes = drafts.iter().flat_map(|draft| draft.changes.clone()).collect();
        office.exchange(&huang, &request(changes, &[])).await;
    }
    voice(&office, &huang, 2000, "水管断水", &[Edit::put("category", "water"), Edit::put("affected", 30)]).await;
    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get("/console/ledger/voice?code=water&cols=number&cols=code").await;
    assert!(
        page.has("class=\"number\"") && !page.has("class=\"urgency\"") && !page.has("<th scope=\"col\" class=\"date\"")
    );
    let csv = zhou.get(&page.link("export-csv")).await;
    assert_eq!(
        csv.html, "\u{feff}代表归纳,类别,涉及人数\r\n水管断水,水利饮水,30\r\n",
        "the columns and rows of the page"
    );
    let all = zhou.get("/console/ledger/voice/export/csv").await.html;
    assert_eq!(all.lines().count(), 1 + 1204, "all pages of it");
    assert!(all.contains("\"'=HYPERLINK(\"\"x\"\"), 三组\"") && !all.contains(",=") && !all.contains("\n="));
    let xlsx = office.send(authorized(&zhou, "/console/ledger/voice/export/xlsx?code=water")).await;
    assert!(xlsx.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().contains("voice-2026-01-01.xlsx"));
    assert!(bytes_of(xlsx).await.starts_with(b"PK"));
    for (path, status) in [
        ("voice/export/pdf", StatusCode::NOT_FOUND),
        ("moon/export/csv", StatusCode::NOT_FOUND),
        ("score_rule/export/csv", StatusCode::NOT_FOUND),
        ("voice/export/csv?from=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(zhou.get(&format!("/console/ledger/{path}")).await.status, status, "{path}");
    }
    let log = office.store.audit_after(0, 100).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.act == "export" && entry.subject == "voice").count(), 3);
}

fn authorized(browser: &Browser<'_>, path: &str) -> Request<Body> {
    Request::get(path).header(header::COOKIE, &browser.cookie).body(Body::empty()).unwrap()
}

/// A spreadsheet with these rows.
fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// Sends a file with these fields, as a browser's form does.
async fn upload(browser: &Browser<'_>, path: &str, file: &[u8], fields: &[(&str, &str)]) -> Page {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    if !file.is_empty() {
        body.extend(b"--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let request = Request::post(path)
        .header(header::COOKIE, &browser.cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .header("sec-fetch-site", "same-origin");
    Page::of(browser.office.send(request.body(body.into()).unwrap()).await).await
}

const ACTIVITY_IMPORT: &str = "/console/import/activity";
const ACTIVITY_HEADS: [&str; 7] = ["活动类型*", "活动名称", "开始时间", "群众人数", "重点方面", "归属", "备注"];

#[tokio::test]
async fn a_ledger_is_taken_over_whole_and_never_twice() {
    let office = Office::new().await;
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get("/console/ledger/activity").await.link("import"), ACTIVITY_IMPORT);
    let rows: [&[&str]; 3] = [
        &["院坝会/座谈会", "竹元院坝会", "2026年3月2日 9:30", "35", "产业兴旺、生态宜居", "520303108S01", "老台账"],
        &["courtyard", "新民院坝会", "2026/3/5", "", "", "520303108S02", ""],
        &["院坝会/座谈会", "镇里的会", "2026-03-06 14:00", "12", "", "", ""],
    ];
    let file = xlsx(&[&[&ACTIVITY_HEADS[..]], &rows[..]].concat());
    let desk = office.town_office.0.to_string();
    let page = upload(&zhou, ACTIVITY_IMPORT, &file, &[("space", &desk)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    assert!(page.has("共 3 行：新增 3 行，已有 0 行，有误 0 处。") && page.has("备注"));
    assert_eq!(zhou.get("/console/ledger/activity").await.rows().len(), 0, "it is only shown");

    // The page carries the file.
    let [again] = &page.hidden("again")[..] else { panic!("the file is in the page") };
    let go = [("again", again.as_str()), ("space", &desk), ("go", "yes")];
    let page = upload(&zhou, ACTIVITY_IMPORT, &[], &go).await;
    assert_eq!(page.location, "/console/ledger/activity?done=imported");
    let ledger = zhou.get("/console/ledger/activity").await;
    assert_eq!(ledger.rows().len(), 3);
    assert!(ledger.has("竹元院坝会") && ledger.has("2026年3月2日") && ledger.has("院坝会"));
    let [(by, subject, reason)] = &noted(&office, "import").await[..] else { panic!("it is noted once") };
    assert!(by.is_some() && subject == "activity" && reason.starts_with("3 "));

    // Sent twice, the rows are there; a row more, and one that somebody has changed since, make one.
    let page = upload(&zhou, ACTIVITY_IMPORT, &file, &[("space", &desk)]).await;
    assert!(page.has("新增 0 行，已有 3 行") && page.marked("go") == 0);
    upload(&zhou, ACTIVITY_IMPORT, &[], &go).await;
    assert_eq!(zhou.get("/console/ledger/activity").await.rows().len(), 3);
    let new: &[&str] = &["院坝会/座谈会", "第四场", "2026-03-07", "", "", "", ""];
    let more = xlsx(&[&[&ACTIVITY_HEADS[..]], &rows[..], &[new]].concat());
    let go = [("space", desk.as_str()), ("go", "yes")];
    assert!(upload(&zhou, ACTIVITY_IMPORT, &more, &go).await.location.ends_with("done=imported"));
    assert_eq!(zhou.get("/console/ledger/activity").await.rows().len(), 4);
}

#[tokio::test]
async fn one_wrong_row_and_nothing_is_taken_over() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let zhou = Browser::of(&office, "zhou").await;
    let good: &[&str] = &["院坝会/座谈会", "好的一行", "2026-03-02", "", "", "520303108S01", ""];
    let wrong: [(&[&str], &str); 7] = [
        (&["", "没有类型", "2026-03-02", "", "", "520303108S01", ""], "活动类型"),
        (&["坝坝会", "没有这一类", "2026-03-02", "", "", "520303108S01", ""], "没有“坝坝会”这一项"),
        (&["院坝会/座谈会", "日期不对", "明天", "", "", "520303108S01", ""], "开始时间"),
        (&["院坝会/座谈会", "人数不对", "2026-03-02", "很多", "", "520303108S01", ""], "群众人数"),
        (&["院坝会/座谈会", "别的镇", "2026-03-02", "", "", "松林镇联络站", ""], "没有叫“松林镇联络站”的归属"),
        (&["院坝会/座谈会", "没有归属", "2026-03-02", "", "", "", ""], "没有写明归属"),
        (good, "和第 2 行完全相同"),
    ];
    for (row, said) in wrong {
        let file = xlsx(&[&ACTIVITY_HEADS, good, row]);
        let page = upload(&zhou, ACTIVITY_IMPORT, &file, &[("go", "yes")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(page.has(said) && page.marked("problem") == 1 && page.marked("go") == 0, "{said} {}", page.html);
    }
    for (heads, said) in [(&["活动名称", "Title"][..], "有两列都是"), (&["活动名称"][..], "没有列名或内容")]
    {
        assert!(upload(&zhou, ACTIVITY_IMPORT, &xlsx(&[heads]), &[]).await.has(said) || heads.len() == 2, "{said}");
    }
    for file in [&b"hello"[..], b"PK\x03\x04 no archive"] {
        assert!(upload(&zhou, ACTIVITY_IMPORT, file, &[("go", "yes")]).await.has("这不是 xlsx 文件"));
    }
    let page = upload(&zhou, ACTIVITY_IMPORT, &vec![0; 3 << 20], &[]).await;
    assert!(matches!(page.status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE));
    let bad = upload(&zhou, ACTIVITY_IMPORT, &[], &[("again", "*"), ("go", "yes")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(zhou.get("/console/ledger/activity").await.rows().len(), 0, "none of the good rows either");
    assert!(noted(&office, "import").await.is_empty());
    // Only for who may write such records, and only kinds that people have as files.
    for (login, kind, status) in [
        ("wu", "voice", StatusCode::FORBIDDEN),
        ("guan", "activity", StatusCode::FORBIDDEN),
        ("zhou", "code_entry", StatusCode::NOT_FOUND),
        ("zhou", "moon", StatusCode::NOT_FOUND),
    ] {
        let path = format!("/console/import/{kind}");
        let browser = Browser::of(&office, login).await;
        assert_eq!(browser.get(&path).await.status, status, "{login} {kind}");
        assert_eq!(upload(&browser, &path, &xlsx(&[&["标题"], &["x"]]), &[("go", "yes")]).await.status, status);
    }
}

#[tokio::test]
async fn the_template_has_a_column_for_each_field_and_is_read_back() {
    let office = Office::new().await;
    let zhou = Browser::of(&office, "zhou").await;
    let response = office.send(authorized(&zhou, "/console/import/activity/template")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let file = bytes_of(response).await;
    let page = upload(&zhou, ACTIVITY_IMPORT, &file, &[]).await;
    assert!(page.has("没有列名或内容"), "an empty template brings nothing");
}

#[tokio::test]
async fn rules_change_by_versions_and_old_cases_keep_theirs() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let (old, new) = (
        suggestion_at_the_district(&office, desk, "关于修通三组断头路的建议").await,
        suggestion_at_the_district(&office, desk, "关于修水管的建议").await,
    );
    let wu = Browser::of(&office, "wu").await;
    let until_assigned = async |id: RecordId| {
        let road = "520303U02|区交通运输局";
        let submit = [("declared", "yes"), ("proxy", "替黄光明，纸质")];
        for (form, fields) in [("submit", &submit[..]), ("review", &[]), ("accept", &[]), ("assign", &[("lead", road)])]
        {
            assert_eq!(do_act(&wu, id, form, fields).await.status, StatusCode::SEE_OTHER, "{form}");
        }
        wu.get(&record(id)).await
    };
    assert!(until_assigned(old).await.has("2026年4月1日"), "three months from the first of January");
    let page = wu.get("/console/rules").await;
    let version = page.hidden("version").remove(0);
    let rule = [
        ("form", "rule"),
        ("version", version.as_str()),
        ("clock", "reply"),
        ("tier", ""),
        ("value", "10"),
        ("unit", "days"),
        ("valid_from", "2026-01-01"),
        ("source", "区办法<第九条>"),
    ];
    let put = wu.post("/console/rules", &rule).await;
    assert_eq!((put.status, put.location.as_str()), (StatusCode::SEE_OTHER, "/console/rules?done=rules"));
    let page = wu.get("/console/rules").await;
    assert!(
        page.has("区办法&#60;第九条&#62;") && page.has("10 日") && page.has("代表法(2025)"),
        "old and new side by side"
    );
    assert!(until_assigned(new).await.has("2026年1月12日"), "ten days, and the end is no Sunday");
    assert!(wu.get(&record(old)).await.has("2026年4月1日"), "the old case keeps its limit");

    // The same form again: someone has changed the rules since it was made, and what was typed stays.
    let late = wu.post("/console/rules", &rule).await;
    assert!(
        late.status == StatusCode::CONFLICT
            && late.has("刚刚被别人更改")
            && late.has("value=\"区办法&#60;第九条&#62;\"")
    );
    let now = late.hidden("version").remove(0);
    let silent = wu
        .post("/console/rules", &[("form", "number"), ("version", &now), ("tier", "town"), ("pattern", "x{seq}")])
        .await;
    assert!(silent.status == StatusCode::CONFLICT && silent.has("请写明依据"));
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.post("/console/rules", &rule).await.status, StatusCode::FORBIDDEN);
    let page = zhou.get("/console/rules").await;
    assert!(page.status == StatusCode::OK && page.marked("rule-form") == 0);
    let log = office.store.audit_after(0, 100).await.unwrap();
    assert!(
        log.iter()
            .any(|entry| entry.act == "rule_change" && entry.subject == "2 reply" && entry.reason == "区办法<第九条>")
    );
}

#[tokio::test]
async fn classes_extensions_and_routes_have_versions_and_old_cases_keep_theirs() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let wu = Browser::of(&office, "wu").await;
    let proxy = ("proxy", "替黄光明，纸质");
    let in_hand = async |title: &str| {
        let id = suggestion_at_the_district(&office, desk, title).await;
        let road = [("lead", "520303U02|区交通运输局")];
        let submit = [("declared", "yes"), proxy];
        let sign = [("officer", "陈工"), proxy];
        let contact = [("on", "2026-01-01"), ("way", "visit"), proxy];
        let steps: [(&str, &[(&str, &str)]); 6] = [
            ("submit", &submit),
            ("review", &[]),
            ("accept", &[]),
            ("assign", &road),
            ("sign", &sign),
            ("contact", &contact),
        ];
        for (form, fields) in steps {
            assert_eq!(do_act(&wu, id, form, fields).await.status, StatusCode::SEE_OTHER, "{form}");
        }
        id
    };
    let old = in_hand("关于修通三组断头路的建议").await;
    let put = async |form: &str, fields: &[(&str, &str)]| {
        let version = wu.get("/console/rules").await.hidden("version").remove(0);
        let shared = [("version", version.as_str()), ("valid_from", "2026-01-01"), ("source", "区办法第九条")];
        wu.post("/console/rules", &[&[("form", form)], &shared[..], fields].concat()).await
    };
    let class = [("class.0.key", "甲"), ("class.0.zh", "已<采纳>"), ("class.0.en", "Taken up")];
    let unmapped = put("classes", &class).await;
    assert!(
        unmapped.status == StatusCode::CONFLICT && unmapped.has("归为哪种结果") && unmapped.has("已&#60;采纳&#62;")
    );
    let mapped = [&class[..], &[("class.0.outcome", "solved")]].concat();
    let far = put("extensions", &[("value", "99")]).await;
    assert!(far.status == StatusCode::CONFLICT && far.has("value=\"99\""));
    let offices = [("office.roads", "镇交通办"), ("bureau_code.roads", "520303U02"), ("bureau.roads", "区交通局")];
    for (form, fields) in [("classes", &mapped[..]), ("extensions", &[("value", "0")]), ("routes", &offices)] {
        assert_eq!(put(form, fields).await.status, StatusCode::SEE_OTHER, "{form}");
    }
    let page = wu.get("/console/rules").await;
    for both in ["甲 已&#60;采纳&#62; → 已解决", "A 已解决或基本解决 → 已解决", "交通基础设施：镇交通办；区交通局"]
    {
        assert!(page.has(both), "{both}: the new beside the old");
    }
    assert!(page.has("交通基础设施：镇规划建设办；区交通运输局") && page.marked("classes-versions") == 1);
    assert!(
        page.has("name=\"class.0.key\" aria-label=\"类别代号，如 A\" maxlength=\"200\" value=\"甲\""),
        "to go on from"
    );

    let new = in_hand("关于修水管的建议").await;
    let reply = async |id: RecordId, class: &str| {
        let fields = [("letter", "1号"), ("class", class), ("signer", "刘局长"), ("text", "已修通"), proxy];
        do_act(&wu, id, "reply", &fields).await.status
    };
    let [of_old, of_new] = [wu.get(&record(old)).await, wu.get(&record(new)).await];
    assert!(of_old.has("B 正在解决或列入规划逐步解决") && !of_old.has("甲 已"));
    assert!(of_new.has("甲 已&#60;采纳&#62;") && !of_new.has("B 正在解决"));
    let extension = "data-act=\"ask_extension\"";
    assert!(of_old.has(extension) && !of_new.has(extension), "the new scheme knows no extensions");
    assert_eq!([reply(old, "甲").await, reply(new, "B").await], [StatusCode::CONFLICT; 2]);
    assert_eq!([reply(old, "B").await, reply(new, "甲").await], [StatusCode::SEE_OTHER; 2]);
    assert!(wu.get(&record(old)).await.has("B 正在解决") && wu.get(&record(new)).await.has("甲 已&#60;采纳&#62;"));
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

/// A leader of the district reads what deputies do, and of what villagers say how much there is (DOMAIN §6.6).
#[tokio::test]
async fn leaders_are_told_how_many_voices_there_are_and_not_what_they_say() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    add_user(&office, "feng", "冯主任", Role::Leader, "520303").await;
    let huang = office.phone("huang").await;
    let said = voice(&office, &huang, 1, "三组断头路没有修", &[]).await.record.id();
    let did = office.enter(&huang, Kind::Activity, office.stations[0], activity(mandate(0))).await;
    let feng = Browser::of(&office, "feng").await;
    let ledger = feng.get("/console/ledger/voice").await;
    assert!(ledger.has("共 1 条") && ledger.rows().is_empty() && !ledger.has("断头路"));
    assert!(ledger.has("只看统计数字"));
    let searched = feng.get(&format!("/console/ledger/voice?q={}", encode("断头路"))).await;
    assert_eq!(searched.status, StatusCode::BAD_REQUEST, "how many say a word says what was said");
    for path in [record(said), "/console/ledger/voice/export/csv".to_owned()] {
        assert_eq!(feng.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(feng.get(&record(did)).await.status, StatusCode::OK);
    assert_eq!(feng.get("/console/ledger/activity").await.rows(), [did.to_string()]);
    let phone = office.phone("feng").await;
    let answer = office.exchange(&phone, &request(Vec::new(), &[])).await;
    let held = answer.grants.unwrap().spaces;
    assert!(held.iter().all(|granted| granted.space.kind != SpaceKind::Station), "nor does a phone get them");
}

#[tokio::test]
async fn a_record_says_what_it_lacks_and_hides_what_is_personal() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let draft = voice(&office, &huang, 1, "找王大爷，电话13985000123", &[]).await;
    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get(&record(draft.record.id())).await;
    let findings = page.html.split("data-testid=\"findings\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(findings.contains("像是手机号") && findings.contains("村居") && findings.contains("交出之前"));
    assert!(!findings.contains("13985000123"), "not spelled out once more");
    assert_eq!(zhou.get(&format!("{}/edit", record(draft.record.id()))).await.marked("findings"), 1);
}

#[tokio::test]
async fn the_summary_links_each_number_and_a_dossier_is_checked_by_its_code() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let public =
        office.store.create_space(SpaceKind::TownPublic, &UnitCode("520303108".into()), "三合镇").await.unwrap();
    let huang = office.phone("huang").await;
    let zhou_device = office.device("zhou", DeviceKind::Console).await;
    let edits = mandate_of(RecordId([9; 16]), "黄光明");
    let holder = office.enter(&zhou_device, Kind::Mandate, public, edits).await;
    // The last one is not verified, so it counts nowhere.
    for (number, roles, jobs) in
        [(1, ["publicist", "adviser"], 20), (2, ["pathfinder", "adviser"], 30), (3, ["pathfinder", "adviser"], 99)]
    {
        let mut activity = Draft::new(Kind::Activity, &huang, office.stations[0], number);
        let mut edits = vec![
            Edit::put("author", mandate(0)),
            Edit::put("kind", "industry"),
            Edit::put("title", "茶叶合作社"),
            Edit::put("start", format!("2026-01-01T0{number}:00")),
            Edit::put("village", RecordId([2; 16])),
            Edit::write("body", "带动就业"),
            Edit::add("attendees", holder),
            Edit::put("jobs", jobs),
            Edit::add("focus", "industry"),
        ];
        edits.extend(roles.map(|role| Edit::add("role", role)));
        let id = activity.record.id();
        activity.edit(huang.actor, &edits);
        office.exchange(&huang, &request(activity.changes, &[])).await;
        let acts = [submit(None), Act::Verify].into_iter().take(if number == 3 { 1 } else { 2 });
        file(&office, &zhou_device, id, Kind::Activity, acts).await;
    }
    voice(&office, &huang, 9, "三组断头路没有修", &[]).await;
    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get("/console/summary").await;
    assert!(page.has("项目 ") && page.has(">30</a>"), "of a project the latest number, not the sum");
    assert_eq!((page.marked("summary.r9"), page.marked("summary.r10"), page.marked("summary.r7")), (1, 1, 1));
    let cell = |link: &String| link.contains("role%3Aadviser&tag=focus%3Aindustry");
    let href = page.links().into_iter().find(cell).unwrap();
    assert_eq!(
        (page.number_at(&href).as_str(), zhou.get(&href).await.rows().len()),
        ("2", 2),
        "those behind the number"
    );
    let projects = page.links().into_iter().find(|link| link.contains("code=industry")).unwrap();
    assert_eq!((page.number_at(&projects).as_str(), zhou.get(&projects).await.rows().len()), ("1", 2));
    for query in ["year=abc", "year=99999", "term=%27"] {
        assert_eq!(zhou.get(&format!("/console/summary?{query}")).await.status, StatusCode::OK, "{query}");
    }

    let path = format!("/console/dossier/{holder}?year=2026");
    assert!(zhou.get(&record(holder)).await.has(&format!("/console/dossier/{holder}")));
    let dossier = zhou.get(&path).await;
    assert!(dossier.marked("section") == 8 && dossier.has("茶叶合作社") && dossier.has("第三选区"));
    assert!(dossier.has("共 3 条，计入 2 条"), "what is not verified is listed and does not count");
    let code = code_of(&dossier);
    let checked = async |code: &str| zhou.get(&format!("{path}&code={}", encode(code))).await;
    assert_eq!(checked(&code).await.marked("code-same"), 1);
    assert_eq!(checked(&code.replace(' ', "")).await.marked("code-same"), 1);
    assert_eq!(checked("0000 0000 0000").await.marked("code-differs"), 1);
    let mut later = Draft::new(Kind::Activity, &huang, office.stations[0], 4);
    later.edit(
        huang.actor,
        &[Edit::put("kind", "sit_in"), Edit::put("start", "2026-01-01T09:00"), Edit::add("attendees", holder)],
    );
    office.exchange(&huang, &request(later.changes, &[])).await;
    assert_eq!(checked(&code).await.marked("code-differs"), 1, "the ledger has changed since");
    // The district reads more, and checks the town's sheet over what the town reads.
    let wu = Browser::of(&office, "wu").await;
    let town_code = code_of(&zhou.get(&path).await);
    let district_code = code_of(&wu.get(&path).await);
    assert!(town_code.starts_with("T ") && district_code.starts_with("D "));
    let by_district = wu.get(&format!("{path}&code={}", encode(&town_code))).await;
    assert_eq!(by_district.marked("code-same"), 1);
    assert_eq!(checked(&district_code).await.marked("code-differs"), 1, "the town cannot see all that it counts");
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(zhou.get("/console/dossier/zz").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_changes_in_an_issued_summary_is_told_with_the_records_behind_it() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let (huang, desk) = (office.phone("huang").await, office.device("zhou", DeviceKind::Console).await);
    let verified = async |number: u64, title: &str| {
        let mut draft = Draft::new(Kind::Activity, &huang, office.stations[0], number);
        let more = [Edit::put("author", mandate(0)), Edit::put("title", title), Edit::put("kind", "industry")];
        let more = [more.to_vec(), vec![Edit::put("jobs", 20)]].concat();
        let edits: Vec<Edit> = activity(mandate(0))
            .into_iter()
            .filter(|edit| !more.iter().any(|other| other.field == edit.field))
            .chain(more.clone())
            .collect();
        draft.edit(huang.actor, &edits);
        let id = draft.record.id();
        office.exchange(&huang, &request(draft.changes, &[])).await;
        file(&office, &desk, id, Kind::Activity, [submit(None), Act::Verify]).await;
        id
    };
    let first = verified(1, "茶叶合作社").await;
    let zhou = Browser::of(&office, "zhou").await;
    let asked = [("year", "2026"), ("term", "五届"), ("session", "一次")];
    let issued = zhou.post("/console/summary/issue", &asked).await.location;
    let path = issued.split('?').next().unwrap();
    let page = zhou.get(path).await;
    assert_eq!((page.marked("unchanged"), page.marked("change")), (1, 0), "{}", page.html);
    assert!(page.has("项目"));
    assert_eq!(zhou.get("/console/summary").await.marked("issued"), 1);

    // One more counts, and one is taken back.
    let second = verified(2, "辣椒合作社").await;
    let page = zhou.get(path).await;
    assert!(page.marked("came") >= 1 && page.marked("went") == 0 && page.has("辣椒合作社"), "{}", page.html);
    assert!(page.links().contains(&record(second)));
    file(&office, &desk, first, Kind::Activity, [Act::Void { text: "重复登记".into() }]).await;
    let page = zhou.get(path).await;
    assert!(page.marked("went") >= 1 && page.links().contains(&record(first)), "{}", page.html);
    assert!(page.html.split("data-testid=\"issued-text\"").nth(1).unwrap().contains("20"), "the text stands");
    assert_eq!(noted(&office, "summary_issue").await.len(), 1);
    // It is its office's.
    for login in ["lou", "wu", "zhao", "guan"] {
        let browser = Browser::of(&office, login).await;
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{login}");
    }
    let page = Browser::of(&office, "zhao").await.post("/console/summary/issue", &asked).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(zhou.get("/console/summary/issued/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_dossiers_of_a_town_come_in_one_page_with_what_voters_said() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "三合镇").await.unwrap();
    let (huang, desk) = (office.phone("huang").await, office.device("zhou", DeviceKind::Console).await);
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let at_station = [mandate_of(RecordId([9; 16]), "黄光明"), vec![Edit::put("station", station)]].concat();
    let holder = office.enter(&desk, Kind::Mandate, public, at_station).await;
    office.enter(&desk, Kind::Mandate, public, mandate_of(RecordId([8; 16]), "安秀碧")).await;
    let ended = [mandate_of(RecordId([7; 16]), "离任人"), vec![Edit::put("status", "ended")]].concat();
    office.enter(&desk, Kind::Mandate, public, ended).await;
    let heard = |number, summary, more: &[Edit]| {
        let edits = [voice_by(mandate(0), summary), vec![Edit::add("collectors", holder)], more.to_vec()].concat();
        Draft::voice(&huang, office.stations[0], number, &edits)
    };
    let voices =
        [heard(1, "路灯不亮", &[]), heard(2, "家里的事", &[Edit { field: "confidential".into(), op: Op::Mark }])];
    for voice in &voices {
        office.exchange(&huang, &request(voice.changes.clone(), &[])).await;
    }
    let day = vec![Edit::put("station", station), Edit::put("date", "2026-01-01"), Edit::add("deputies", holder)];
    office.enter(&desk, Kind::ReceptionDay, office.stations[0], day).await;

    let zhou = Browser::of(&office, "zhou").await;
    let one = zhou.get(&format!("/console/dossier/{holder}?year=2026")).await;
    assert!(one.has("联系群众") && one.has("路灯不亮") && !one.has("家里的事"), "nothing said in confidence");
    assert!(one.has("共 3 条，计入 1 条"), "the day counts; voices do once they are registered");
    let form = zhou.get("/console/dossiers").await;
    assert_eq!((form.status, form.marked("dossier")), (StatusCode::OK, 0));
    let whole = zhou.get("/console/dossiers?year=2026&unit=520303108").await;
    assert_eq!((whole.marked("dossier"), whole.marked("whole")), (2, 1), "who has left is not in it");
    assert!(whole.has("第 2 份，共 2 份") && whole.html.trim_end().ends_with("</html>"));
    assert!(whole.has(&code_of(&one)), "the same sheet as alone");
    let of_station = zhou.get(&format!("/console/dossiers?year=2026&station={station}")).await;
    assert_eq!(of_station.marked("dossier"), 1);
    assert_eq!(noted(&office, "export").await.len(), 2);
    assert_eq!(zhou.get("/console/dossiers?station=x").await.status, StatusCode::BAD_REQUEST);
    let lou = Browser::of(&office, "lou").await;
    assert_eq!(lou.get("/console/dossiers?unit=520303108").await.marked("dossier"), 0, "not another town's");
    assert_eq!(
        Browser::of(&office, "guan").await.get("/console/dossiers?unit=520303108").await.status,
        StatusCode::NOT_FOUND
    );
}

/// The verification code of a dossier.
fn code_of(dossier: &Page) -> String {
    let code = dossier.html.split("data-testid=\"code\"").nth(1).unwrap();
    code.split("<b>").nth(1).unwrap().split("</b>").next().unwrap().to_owned()
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

/// What was noted of an act, with who did it.
async fn noted(office: &Office, act: &str) -> Vec<(Option<UserId>, String, String)> {
    let log = office.store.audit_after(0, 1000).await.unwrap().into_iter().filter(|entry| entry.act == act);
    log.map(|entry| (entry.user, entry.subject, entry.reason)).collect()
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

/// A record that somebody enters at a desk of their own.
async fn written(office: &Office, login: &str, kind: Kind, space: SpaceId, edits: Vec<Edit>) -> RecordId {
    let desk = office.device(login, DeviceKind::Console).await;
    office.enter(&desk, kind, space, edits).await
}

#[tokio::test]
async fn who_rewrote_one_sentence_at_the_same_time_are_named_until_it_is_mended() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let mut draft = voice(&office, &huang, 1, "三组断头路没有修。雨天难走。", &[]).await;
    let id = draft.record.id();
    let zhou_at_desk = office.device("zhou", DeviceKind::Console).await;
    let edit = async |text: &str| office.revise(&zhou_at_desk, id, vec![Edit::write("summary", text)]).await;
    edit("三组和四组断头路没有修。雨天难走。").await;
    draft.changes.clear();
    draft.edit(huang.actor, &[Edit::write("summary", "三组断头路至今没有修。雨天难走。")]);
    office.exchange(&huang, &request(draft.changes.clone(), &[])).await;

    let zhou = Browser::of(&office, "zhou").await;
    let page = zhou.get(&record(id)).await;
    assert_eq!(page.marked("rewritten"), 1);
    assert!(page.has("都改了“三组断头路没有修”") && page.has("黄光明") && page.has("周正"));
    edit("三组、四组断头路至今没有修。雨天难走。").await;
    assert_eq!(zhou.get(&record(id)).await.marked("rewritten"), 0, "somebody who saw both has written on");
}

#[tokio::test]
async fn a_stations_page_says_when_it_receives_next() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇公开").await.unwrap();
    let station = |number: u8, rule: &str| {
        vec![
            Edit::put("code", format!("520303108S{number:02}")),
            Edit::put("name", format!("第{number}联络室")),
            Edit::put("kind", "room"),
            Edit::put("unit", RecordId::derived(Kind::AdminUnit, &["520303108"])),
            Edit::put("reception_rule", rule),
            Edit::put("state", "open"),
        ]
    };
    // Today is Thursday, 1 January 2026, a day off; so is Saturday, the 3rd.
    let wu = Browser::of(&office, "wu").await;
    for (number, rule, said) in [
        (11, "每周三上午", "2026年1月7日、2026年1月14日"),
        (12, "每月3日，遇节假日顺延", "2026年1月4日、2026年2月3日"),
        (13, "农历逢五、十", "2026年1月3日"),
        (14, "随时欢迎", "没有看懂"),
        (15, "预约接待", "没有固定日子"),
    ] {
        let id = written(&office, "wu", Kind::Station, public, station(number, rule)).await;
        let page = wu.get(&record(id)).await;
        let shown = page.html.split("data-testid=\"receptions\"").nth(1).unwrap_or_else(|| panic!("{rule}"));
        let shown = shown.split("</p>").next().unwrap();
        assert!(shown.contains(said), "{rule}: {shown}");
        assert_eq!(shown.contains("公告最迟"), number <= 12, "{rule}: {shown}");
    }
}

#[tokio::test]
async fn a_dossier_has_points_only_where_the_district_has_switched_scoring_on() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇公开").await.unwrap();
    let deputy = written(&office, "zhou", Kind::Deputy, public, vec![Edit::put("name", "黄光明")]).await;
    let holder = written(&office, "zhou", Kind::Mandate, public, mandate_of(deputy, "黄光明")).await;
    for (number, day) in (1..).zip(["2026-01-01", "2026-01-01", "2025-12-31"]) {
        let edits = [
            Edit::put("author", mandate(0)),
            Edit::put("kind", "survey"),
            Edit::put("title", "调研饮水"),
            Edit::put("start", format!("{day}T09:00")),
            Edit::put("village", RecordId([2; 16])),
            Edit::add("attendees", holder),
            Edit::write("body", "看了三处水源。"),
        ];
        let mut draft = Draft::new(Kind::Activity, &huang, office.stations[0], number);
        draft.edit(huang.actor, &edits);
        office.exchange(&huang, &request(draft.changes.clone(), &[])).await;
        let zhou = Browser::of(&office, "zhou").await;
        for act in ["submit", "verify"] {
            let done = do_act(&zhou, draft.record.id(), act, &[]).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{act} {}", done.html);
        }
    }
    let path = format!("/console/dossier/{holder}?year=2026");
    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get(&path).await.marked("scores"), 0, "off until somebody switches it on");

    let rule = |per: &str, value: i64| {
        vec![
            Edit::put("section", "inspections"),
            Edit::put("title", format!("视察调研 {per}")),
            Edit::put("per", per),
            Edit::put("value", value),
            Edit::put("valid_from", "2026-01-01"),
            Edit::put("basis", "示例办法"),
            Edit::put("sample", true),
        ]
    };
    written(&office, "wu", Kind::ScoreRule, desk, rule("act", 150)).await;
    written(&office, "wu", Kind::ScoreRule, desk, rule("day", 25)).await;
    assert_eq!(zhou.get(&path).await.marked("scores"), 0, "rules alone score nothing");
    let period = vec![Edit::put("title", "2026年度"), Edit::put("start", "2026-01-01"), Edit::put("end", "2026-12-31")];
    written(&office, "wu", Kind::ScoreBatch, desk, period).await;
    let page = zhou.get(&path).await;
    assert_eq!(page.marked("scores"), 1);
    assert!(page.has("2026年度") && page.has("2 × 1.5分") && page.has("1 × 0.25分") && page.has("<b>3.25</b>"));
    assert!(page.has("示例规则"), "a sample is called one");
    assert_eq!(zhou.get(&format!("/console/dossier/{holder}?year=2025")).await.marked("scores"), 0);

    // Their own dossier deputies are told whole, with its points; nobody else's points.
    let post = Post { role: Role::Deputy, unit: UnitCode("520303108S01".into()), mandate: Some(holder) };
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: "gang".into(), name: "黄光明".into(), password_hash, posts: vec![post] };
    office.store.create_user(user).await.unwrap().unwrap();
    let entry = |text: &str| {
        let said = [("section", "meetings"), ("date", "2026-01-01"), ("text", text)];
        let mut edits: Vec<Edit> = said.map(|(field, said)| Edit::put(field, said)).into();
        edits.push(Edit::put("mandate", holder));
        edits
    };
    let kept = written(&office, "zhou", Kind::DossierEntry, office.town_office, entry("出席镇人代会")).await;
    written(&office, "zhou", Kind::DossierEntry, office.town_office, entry("还没有核实")).await;
    for act in ["submit", "verify"] {
        assert_eq!(do_act(&zhou, kept, act, &[]).await.status, StatusCode::SEE_OTHER, "{act}");
    }
    let page = Browser::of(&office, "gang").await.get(&path).await;
    assert!(page.marked("scores") == 1 && page.has("出席镇人代会") && !page.has("还没有核实"));
    assert!(!page.links().contains(&record(kept)) && page.marked("code") == 0, "what lies at the desk stays there");
    add_user(&office, "feng", "冯主任", Role::Leader, "520303").await;
    for login in ["huang", "feng"] {
        let page = Browser::of(&office, login).await.get(&path).await;
        assert_eq!(
            (page.status, page.marked("scores"), page.has("出席镇人代会")),
            (StatusCode::OK, 0, login == "feng")
        );
    }
}

/// Who leads, chairs or heads is a mandate where the person has one, and a name where not.
#[tokio::test]
async fn leaders_chairs_and_heads_are_mandates_or_names() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "三合镇").await.unwrap();
    let unit = RecordId::derived(Kind::AdminUnit, &[&town.0]).to_string();
    let [lou, he] = [(1, "娄方勇"), (2, "何朝会")].map(|(n, name)| (RecordId([n; 16]), name));
    let mut mandates = Vec::new();
    for (deputy, name) in [lou, he] {
        mandates.push(written(&office, "zhou", Kind::Mandate, public, mandate_of(deputy, name)).await);
    }
    let wu = Browser::of(&office, "wu").await;
    let form = wu.get("/console/new/guidance_visit").await;
    assert!(form.has("name=\"more.leader_mandates\"") && form.has("name=\"leaders\""));
    let visit = |leader: &'static str| {
        let mut fields = filled(&[("leaders", "赵廷文"), ("date", "2026-01-05"), ("topic", "督导站室建设")]);
        fields.extend([("was.unit".into(), ""), ("was.leader_mandates".into(), "")]);
        fields.push(("more.leader_mandates".into(), leader));
        fields
    };
    let send = async |fields: &[(String, &str)]| {
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        fields.push(("unit", &unit));
        wu.post("/console/new/guidance_visit", &fields).await
    };
    let nobody = send(&visit("不在册的人")).await;
    assert_eq!((nobody.status, nobody.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    let made = send(&visit("娄方勇")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = wu.get(&made.location).await;
    assert!(page.links().contains(&record(mandates[0])) && page.has("赵廷文"));
    for (person, found) in
        [(mandates[0].to_string(), 1), ("娄方勇".into(), 1), ("赵廷文".into(), 1), ("何朝会".into(), 0)]
    {
        let ledger = wu.get(&format!("/console/ledger/guidance_visit?person={}", encode(&person))).await;
        assert_eq!(ledger.rows().len(), found, "{person}");
    }

    // A chair who is no mandate but some other record is none.
    let zhou = Browser::of(&office, "zhou").await;
    let huang = office.phone("huang").await;
    let id = office.enter(&huang, Kind::Activity, office.stations[0], activity(mandate(0))).await;
    let edit = format!("{}/edit", record(id));
    let head = zhou.get(&edit).await.hidden("head");
    for (value, status) in [("三合镇", StatusCode::UNPROCESSABLE_ENTITY), ("何朝会", StatusCode::SEE_OTHER)] {
        let chair = [("head", head[0].as_str()), ("was.chair_mandate", ""), ("chair_mandate", value)];
        assert_eq!(zhou.post(&edit, &chair).await.status, status, "{value}");
    }
    assert!(zhou.get(&record(id)).await.links().contains(&record(mandates[1])));
    let chaired = zhou.get(&format!("/console/ledger/activity?person={}", mandates[1])).await;
    assert_eq!(chaired.rows(), [id.to_string()]);
}

/// 督促指导: what a visit found is a line of today for the town and the district until it is solved.
#[tokio::test]
async fn what_guidance_visits_found_is_followed_until_it_is_solved() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let unit = RecordId::derived(Kind::AdminUnit, &["520303108"]);
    let visit = vec![Edit::put("date", "2025-12-20"), Edit::put("unit", unit), Edit::put("topic", "督导站室建设")];
    let visit = written(&office, "wu", Kind::GuidanceVisit, desk, visit).await;
    let problem = |state: &str| {
        vec![
            Edit::put("visit", visit),
            Edit::put("unit", unit),
            Edit::put("title", "反馈日期未填"),
            Edit::put("date", "2025-12-20"),
            Edit::put("due", "2026-01-20"),
            Edit::put("state", state),
        ]
    };
    let open = written(&office, "wu", Kind::Rectification, office.town_office, problem("open")).await;
    written(&office, "wu", Kind::Rectification, office.town_office, problem("solved")).await;
    let zhou = Browser::of(&office, "zhou").await;
    let today = zhou.get("/console").await;
    assert_eq!((today.marked("today.rectification.open"), today.marked("today.rectification.mending")), (1, 0));
    assert_eq!(zhou.get(&today.link("today.rectification.open")).await.rows(), [open.to_string()]);
    let at_desk = office.device("zhou", DeviceKind::Console).await;
    office.revise(&at_desk, open, vec![Edit::put("state", "mending")]).await;
    let today = Browser::of(&office, "wu").await.get("/console").await;
    assert_eq!((today.marked("today.rectification.open"), today.marked("today.rectification.mending")), (0, 1));
}

/// 公众: what is public is read without an account, and nothing else is.
#[tokio::test]
async fn everybody_reads_stations_deputies_and_what_was_published() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let town = UnitCode("520303108".into());
    let open = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇").await.unwrap();
    let station = |code: &str, name: &str, state: &str| {
        vec![
            Edit::put("code", code),
            Edit::put("name", name),
            Edit::put("kind", "room"),
            Edit::put("unit", RecordId::derived(Kind::AdminUnit, &["520303108"])),
            Edit::put("address", "村委会<一楼>"),
            Edit::put("reception_rule", "每月15日"),
            Edit::put("state", state),
        ]
    };
    let room = written(&office, "zhou", Kind::Station, open, station("520303108S01", "竹元村联络室", "open")).await;
    let planned = written(&office, "zhou", Kind::Station, open, station("520303108S09", "筹建站", "planned")).await;
    let deputy = vec![Edit::put("name", "黄光明"), Edit::write("profile", "种茶二十年。")];
    let deputy = written(&office, "zhou", Kind::Deputy, open, deputy).await;
    let holds = [mandate_of(deputy, "黄光明"), vec![Edit::put("station", room)]].concat();
    let holder = written(&office, "zhou", Kind::Mandate, open, holds).await;
    let gone = [mandate_of(deputy, "前代表"), vec![Edit::put("status", "ended"), Edit::put("station", room)]].concat();
    let gone = written(&office, "zhou", Kind::Mandate, open, gone).await;

    let nobody = Browser { office: &office, cookie: String::new() };
    let list = nobody.get("/public").await;
    assert!(list.marked("station") == 1 && list.has("竹元村联络室") && !list.has("筹建站"));
    let page = nobody.get(&format!("/public/station/{room}")).await;
    assert!(page.has("村委会&#60;一楼&#62;") && page.has("2026年1月15日") && page.marked("deputy") == 1);
    let known = nobody.get(&format!("/public/deputy/{holder}")).await;
    assert!(known.has("种茶二十年") && known.has("竹元村联络室"));

    // A suggestion is nobody's to read before it is published, and when it is taken back.
    let wu_device = office.device("wu", DeviceKind::Console).await;
    let id = office.enter(&wu_device, Kind::Suggestion, desk, raised("district", Some("roads"), false, true)).await;
    let told = format!("/public/suggestion/{id}");
    let sees = async |published: bool| {
        let (page, list) = (nobody.get(&told).await, nobody.get("/public/suggestions").await);
        let expected = if published { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!((page.status, list.marked("suggestion")), (expected, usize::from(published)));
        page
    };
    let unit = UnitRef { code: UnitCode("520303U02".into()), name: "区交通运输局".into() };
    let reply = case::Reply {
        letter: "1号".into(),
        class: "A".into(),
        text: "已经修好".into(),
        signer: "局长".into(),
        commitments: vec![],
        may_publish: true,
    };
    let satisfied = Opinion::Satisfied;
    let evaluation =
        case::Evaluation { round: 1, attitude: satisfied, result: satisfied, way: Way::Phone, text: "来信".into() };
    let handled = vec![
        Act::Review,
        Act::Accept,
        Act::Assign(Assign { lead: unit, co: vec![], separate: vec![], wide: false, text: String::new() }),
        Act::Sign { officer: "陈工".into(), phone: "13985000123".into() },
        Act::Contact { way: Way::Visit, on: Date::at(NOW), place: String::new(), text: "王大爷在场".into() },
        Act::Reply(reply),
        Act::Evaluate(evaluation),
        Act::Close { text: String::new() },
    ];
    hand_in(&office, &wu_device, id, handled).await;
    sees(false).await;
    file(&office, &wu_device, id, Kind::Suggestion, [Act::Publish { objection_considered: false }]).await;
    let page = sees(true).await;
    assert!(page.has("区交通运输局") && page.has("已经修好") && page.marked("reply") == 1);
    for inner in ["13985000123", "王大爷", "陈工", "来信"] {
        assert!(!page.has(inner), "what the office knows stays there: {inner}");
    }
    file(&office, &wu_device, id, Kind::Suggestion, [Act::Unpublish { text: "有误".into() }]).await;
    sees(false).await;

    let huang = office.phone("huang").await;
    let said = voice(&office, &huang, 1, "三组断头路没有修", &[]).await.record.id();
    for path in [
        format!("/public/station/{planned}"),
        format!("/public/deputy/{gone}"),
        format!("/public/suggestion/{said}"),
        format!("/public/station/{said}"),
        format!("/public/deputy/{deputy}"),
        format!("/public/file/{id}/{}", "0".repeat(64)),
        "/public/file/x/y".into(),
        "/public/station/x".into(),
    ] {
        assert_eq!(nobody.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(nobody.get("/public/suggestions?after=moon").await.status, StatusCode::OK);
    let english = nobody.post("/console/language", &[("language", "en"), ("back", "/public/suggestions")]).await;
    assert_eq!(english.location, "/public/suggestions");
}

/// U: what a handling unit has to do today, and what it need not do any more.
#[tokio::test]
async fn a_handling_unit_sees_its_own_work_of_today() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    add_user(&office, "tang", "唐工", Role::Unit, "520303U02").await;
    add_user(&office, "gan", "甘工", Role::Unit, "520303U03").await;
    let wu = office.device("wu", DeviceKind::Console).await;
    let tang_device = office.device("tang", DeviceKind::Console).await;
    let [tang, gan] = [Browser::of(&office, "tang").await, Browser::of(&office, "gan").await];
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = office.enter(&wu, Kind::Suggestion, desk, raised("district", Some("roads"), false, true)).await;
        let lead = UnitRef { code: UnitCode("520303U02".into()), name: "区交通运输局".into() };
        let assign = Assign { lead, co: vec![], separate: vec![], wide: false, text: String::new() };
        hand_in(&office, &wu, id, [Act::Review, Act::Accept, Act::Assign(assign)]).await;
        ids.push(id);
    }
    let waits = async |browser: &Browser<'_>| {
        let today = browser.get("/console").await;
        ["sign", "reply", "ended"].map(|line| today.marked(&format!("today.unit.{line}")))
    };
    assert_eq!((waits(&tang).await, waits(&gan).await), ([1, 0, 0], [0, 0, 0]));
    let list = tang.get(&tang.get("/console").await.link("today.unit.sign")).await;
    assert_eq!(list.rows().len(), 2);
    let sign = Act::Sign { officer: "唐工".into(), phone: String::new() };
    file(&office, &tang_device, ids[0], Kind::Suggestion, [sign]).await;
    assert_eq!(waits(&tang).await, [1, 1, 0]);
    file(&office, &wu, ids[1], Kind::Suggestion, [Act::Withdraw { text: "书面撤回".into() }]).await;
    assert_eq!(waits(&tang).await, [0, 1, 1]);
}

/// Paper stays valid: a scan is added at a desk. What is none, or tells where it was taken, changes nothing.
#[tokio::test]
async fn a_photo_is_added_to_a_record_at_a_desk() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    add_user(&office, "shen", "沈静", Role::Auditor, "520303").await;
    let huang = office.phone("huang").await;
    let id = voice(&office, &huang, 1, "三组断头路没有修", &[]).await.record.id();
    let zhao = Browser::of(&office, "zhao").await;
    let path = format!("{}/files", record(id));
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0, 0, 2][..], &[7; 300_000], &[0xff, 0xd9]].concat();
    let located = [&[0xff, 0xd8, 0xff, 0xe0, 0, 2][..], b"<x exif:GPSLatitude='27,53N'/>"].concat();
    for (file, says) in [
        (b"%PDF-1.7".to_vec(), "这不是照片"),
        (located, "拍摄位置"),
        (vec![], "没有选择文件"),
        ([&jpeg[..], &vec![7; 4 * 1024 * 1024]].concat(), ""),
    ] {
        let refused = upload(&zhao, &path, &file, &[("caption", "登记表")]).await;
        assert!(refused.status.is_client_error() && refused.has(says), "{says} {}", refused.status);
    }
    assert_eq!(zhao.get(&record(id)).await.marked("file"), 0);
    for _ in 0..2 {
        assert_eq!(upload(&zhao, &path, &jpeg, &[("caption", "登记表<1>")]).await.status, StatusCode::SEE_OTHER);
    }
    let page = zhao.get(&record(id)).await;
    assert!(page.marked("file") == 1 && page.has("登记表&#60;1&#62;") && page.has("data-whole=\"true\""));
    let href = page.links().into_iter().find(|link| link.contains("/file/")).unwrap();
    assert_eq!(zhao.get_bytes(&href).await, jpeg);
    for (login, status) in
        [("lou", StatusCode::NOT_FOUND), ("wu", StatusCode::FORBIDDEN), ("shen", StatusCode::NOT_FOUND)]
    {
        let browser = Browser::of(&office, login).await;
        assert_eq!(upload(&browser, &path, &jpeg, &[]).await.status, status, "{login}");
    }
}

/// 届次: forms begin with the session on record, and so do the figures.
#[tokio::test]
async fn the_session_on_record_is_where_forms_and_figures_begin() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let district = UnitCode("520303".into());
    let open = office.store.create_space(SpaceKind::DistrictPublic, &district, "汇川区").await.unwrap();
    let wu = Browser::of(&office, "wu").await;
    let form = async || {
        let form = wu.get("/console/new/suggestion").await;
        ["term\" value=\"六届", "session\" value=\"二次", "value=\"yes\" selected", "value=\"no\" selected"]
            .map(|said| form.has(said))
    };
    assert_eq!(form().await, [false; 4], "nothing on record, nothing begun");
    let session = |congress: [&str; 2]| {
        vec![
            Edit::put("unit", RecordId::derived(Kind::AdminUnit, &[&district.0])),
            Edit::put("term", "六届"),
            Edit::put("session", "二次"),
            Edit::put("start", "2025-12-30"),
            Edit::put("congress_start", congress[0]),
            Edit::put("congress_end", congress[1]),
        ]
    };
    let sitting = written(&office, "wu", Kind::Term, open, session(["2025-12-30", "2026-01-02"])).await;
    assert_eq!(form().await, [true, true, true, false], "today is the first of January");
    assert!(wu.get("/console").await.has("六届二次"));
    assert!(wu.get("/console?term=%E4%BA%94%E5%B1%8A&session=%E4%B8%80%E6%AC%A1").await.has("五届一次"));
    let at_desk = office.device("wu", DeviceKind::Console).await;
    office.revise(&at_desk, sitting, vec![Edit::put("congress_end", "2025-12-31")]).await;
    assert_eq!(form().await, [true, true, false, true]);
}
