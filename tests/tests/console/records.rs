//! Records: written at a desk, in conflict, their history, what they lack.

use axum::http::StatusCode;
use lianxin_server::{
    account::hash_password,
    store::{DeviceKind, NewUser},
};
use lianxin_shared::{
    id::{BlobHash, RecordId, UnitCode},
    record::{Edit, FieldValue, Op, What},
    rights::{Post, Role, SpaceKind},
    schema::Kind,
};
use lianxin_tests::office::{Draft, Office, PASSWORD, activity, mandate, mandate_of, request};

use super::browser::{Browser, create, encode, filled, upload};
use super::district::{add_neighbours, add_user, record, voice, written};

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

    let (heads, other) = (page.hidden("seen.head"), page.hidden("change"));
    let road = draft.changes[0].hash.to_string();
    let choose = async |change: &str| {
        let mut form = vec![("field", "category"), ("change", change)];
        form.extend(heads.iter().map(|head| ("seen.head", head.as_str())));
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
    let (heads, change) = (page.hidden("seen.head"), draft.changes[0].hash.to_string());
    let choose = async |element: &str| {
        let mut form = vec![("field", "files"), ("element", element), ("change", change.as_str())];
        form.extend(heads.iter().map(|head| ("seen.head", head.as_str())));
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

    let (was, head) = (open.hidden("was.summary"), open.hidden("seen.head"));
    let form = [
        ("seen.head", head[0].as_str()),
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

    let unchanged =
        zhou.post(&path, &[("seen.head", &head[0]), ("was.category", "roads"), ("category", "roads")]).await;
    assert!(unchanged.location.ends_with("?done=unchanged"));
    let wrong = zhou.post(&path, &[("seen.head", &head[0]), ("was.affected", ""), ("affected", "many")]).await;
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
    let head = form.hidden("seen.head");
    let answer = [
        ("seen.head", head[0].as_str()),
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
    let head = form.hidden("seen.head");
    let changed = [("seen.head", head[0].as_str()), ("was.phone", NUMBER), ("phone", "0851-0000 0999")];
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
    let head = zhou.get(&edit).await.hidden("seen.head");
    for (value, status) in [("三合镇", StatusCode::UNPROCESSABLE_ENTITY), ("何朝会", StatusCode::SEE_OTHER)] {
        let chair = [("seen.head", head[0].as_str()), ("was.chair_mandate", ""), ("chair_mandate", value)];
        assert_eq!(zhou.post(&edit, &chair).await.status, status, "{value}");
    }
    assert!(zhou.get(&record(id)).await.links().contains(&record(mandates[1])));
    let chaired = zhou.get(&format!("/console/ledger/activity?person={}", mandates[1])).await;
    assert_eq!(chaired.rows(), [id.to_string()]);
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
