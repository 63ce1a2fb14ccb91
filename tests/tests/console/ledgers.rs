//! Ledgers: filters, pages, exports, and what of them waits for whom.

use axum::http::{StatusCode, header};
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    case::{Act, Assign, UnitRef},
    id::{RecordId, UnitCode},
    record::Edit,
    rights::{Role, SpaceKind},
    schema::Kind,
};
use lianxin_tests::office::{Draft, NOW, Office, activity, bytes_of, mandate, request, voice_by};

use super::browser::{Browser, authorized, do_act, encode};
use super::district::{
    add_holder, add_neighbours, add_user, file, hand_in, post, raised, record, recorded, voice, written,
};

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
    assert_eq!(zhou.get_gzipped("/console/ledger/voice/export/csv").await, all, "to its end");
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

/// Where records mention, list or link to voices, leaders are told no more of them either; of a station whose deputy they
/// are they read what villagers say.
#[tokio::test]
async fn leaders_are_told_nowhere_what_voices_say_but_those_of_a_station_of_their_own() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    add_user(&office, "feng", "冯主任", Role::Leader, "520303").await;
    let posts = vec![post(Role::Leader, "520303", None), post(Role::Deputy, "520303108S02", Some(RecordId([9; 16])))];
    add_holder(&office, "tian", "田主任", posts).await;
    let [huang, li] = [office.phone("huang").await, office.phone("li").await];
    let did = office.enter(&huang, Kind::Activity, office.stations[0], activity(mandate(0))).await;
    let said = voice(&office, &huang, 1, "三组老井填了没人管", &[Edit::put("source_activity", did)]).await.record.id();
    let there = office.enter(&li, Kind::Voice, office.stations[1], voice_by(mandate(1), "水管三天断水")).await;
    let raised = [raised("district", Some("roads"), false, true), vec![Edit::add("voices", said)]].concat();
    let raised = written(&office, "wu", Kind::Suggestion, desk, raised).await;
    // Refused: a deputy of the other station writes what a villager said.
    let stranger = Draft::voice(&li, office.stations[0], 1, &voice_by(mandate(1), "老井谁来管"));
    office.exchange(&li, &request(stranger.changes.clone(), &[])).await;

    for login in ["feng", "tian"] {
        let leader = Browser::of(&office, login).await;
        let pages = [record(did), record(raised), "/console/quarantine".into(), "/console".into()];
        for path in &pages {
            let page = leader.get(path).await;
            assert_eq!((page.status, page.has("老井")), (StatusCode::OK, false), "{login} {path}");
            assert!(!page.links().contains(&record(said)) && page.marked("row") == 0, "{login} {path}");
            assert_eq!(page.marked("today.refused"), 0, "nor how many voices were refused");
        }
        assert!(
            leader.get(&record(did)).await.links().iter().any(|link| link.contains("/ledger/voice?link=")),
            "a number"
        );
        assert_eq!(leader.get(&record(said)).await.status, StatusCode::NOT_FOUND);
    }
    assert!(Browser::of(&office, "wu").await.get(&record(raised)).await.has("老井"), "whom they concern are told");

    let tian = Browser::of(&office, "tian").await;
    let ledger = tian.get("/console/ledger/voice").await;
    assert!(ledger.has("共 2 条") && ledger.has("其中一部分"), "{}", ledger.html);
    assert_eq!(ledger.rows(), [there.to_string()]);
    assert_eq!(tian.get(&record(there)).await.status, StatusCode::OK);
    let searched = tian.get(&format!("/console/ledger/voice?q={}", encode("断"))).await;
    assert_eq!(searched.status, StatusCode::BAD_REQUEST, "how many say a word says what was said");
    let exported = String::from_utf8(tian.get_bytes("/console/ledger/voice/export/csv").await).unwrap();
    assert!(exported.contains("水管三天断水") && !exported.contains("老井"), "{exported}");
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

    // What went to another unit is told by its number and the day, and by nothing else; not for ever.
    assert_eq!((tang.get("/console").await.marked("told-line"), gan.get("/console").await.marked("told-line")), (1, 0));
    let lead = UnitRef { code: UnitCode("520303U03".into()), name: "区农业农村局".into() };
    let to = Assign { lead, co: vec![], separate: vec![], wide: false, text: "属农业农村局职责".into() };
    office.wait_ms(1_000);
    file(&office, &wu, ids[0], Kind::Suggestion, [Act::Reassign(to)]).await;
    let today = tang.get("/console").await;
    assert_eq!(today.marked("told-line"), 2);
    let number = office.store.case_rows(&[ids[0]]).await.unwrap()[&ids[0]].number.clone().unwrap();
    assert!(today.has(&format!("建议 {number} 已改派其他单位")) && today.has("已由代表撤回"));
    assert!(!today.has("属农业农村局职责"));
    assert_eq!(tang.get(&record(ids[0])).await.status, StatusCode::NOT_FOUND, "the case is another's");
    assert_eq!(gan.get("/console").await.marked("told-line"), 0);
    office.wait_ms(31 * 24 * 60 * 60 * 1000);
    let tang = Browser::of(&office, "tang").await;
    assert_eq!(tang.get("/console").await.marked("told-line"), 0);
}
