//! The stations of a reader's area: a month of one, a week of all, how all stand.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    id::{RecordId, UnitCode},
    record::{Edit, Op},
    rights::{Role, SpaceKind},
    schema::Kind,
};
use lianxin_tests::office::{Office, activity, mandate_of};

use super::browser::Browser;
use super::district::{add_neighbours, add_user, hand_in, raised, record, recorded};

const TOWNS: [(&str, &str); 2] = [("520303108", "三合镇"), ("520303109", "松林镇")];
const MAP: &str = "/console/stations";
const WEEK: &str = "/console/week";

/// Two towns, each with a station that receives every Thursday, the first one with a position. It is Thursday, 1 January 2026.
async fn two_towns() -> (Office, [RecordId; 2], RecordId) {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let wu = office.device("wu", DeviceKind::Console).await;
    let mut stations = Vec::new();
    let mut holder = None;
    for (code, name) in TOWNS {
        let space = office.store.create_space(SpaceKind::TownPublic, &UnitCode(code.into()), name).await.unwrap();
        let mut said = vec![
            Edit::put("code", format!("{code}S01")),
            Edit::put("name", format!("{name}联络站")),
            Edit::put("kind", "station"),
            Edit::put("unit", RecordId::derived(Kind::AdminUnit, &[code])),
            Edit::put("state", "open"),
            Edit::put("reception_rule", "每周四 9:00—11:00"),
        ];
        if holder.is_none() {
            said.push(Edit::put("geo", "27.8893,106.6634,30"));
        }
        let station = office.enter(&wu, Kind::Station, space, said).await;
        if holder.is_none() {
            let holds = [mandate_of(RecordId([9; 16]), "黄光明"), vec![Edit::put("station", station)]].concat();
            holder = Some(office.enter(&wu, Kind::Mandate, space, holds).await);
        }
        stations.push(station);
    }
    (office, stations.try_into().unwrap(), holder.unwrap())
}

/// A reception day of the first station.
async fn receive(office: &Office, station: RecordId, date: &str, more: Vec<Edit>) -> RecordId {
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let day = [vec![Edit::put("station", station), Edit::put("date", date)], more].concat();
    office.enter(&zhou, Kind::ReceptionDay, office.stations[0], day).await
}

fn calendar(station: RecordId) -> String {
    format!("{}/calendar", record(station))
}

/// What stands on a day, from its mark to the next one's.
fn on<'a>(html: &'a str, date: &str) -> &'a str {
    let rest = html.split(&format!("data-date=\"{date}\"")).nth(1).unwrap_or_else(|| panic!("no {date}"));
    rest.split("data-testid=\"day\"").next().unwrap()
}

#[tokio::test]
async fn a_month_shows_the_days_of_the_rule_and_what_became_of_them() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let (office, [station, _], holder) = two_towns().await;
    let held = receive(&office, station, "2026-01-08", vec![Edit::put("slot", "上午"), Edit::add("deputies", holder)]);
    let held = held.await;
    receive(&office, station, "2026-01-15", vec![Edit::put("cancelled", "下大雪封路")]).await;
    receive(&office, station, "2026-01-29", vec![Edit::put("venue", "院坝")]).await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let done = [activity(holder), vec![Edit::put("start", "2026-01-13T09:00")]].concat();
    let done = office.enter(&zhou, Kind::Activity, office.stations[0], done).await;
    office.wait_ms(15 * DAY_MS);

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get(&record(station)).await.link("calendar"), calendar(station));
    let page = zhou.get(&calendar(station)).await;
    let state = |date: &str, state: &str| on(&page.html, date).matches(&format!("data-state=\"{state}\"")).count();
    assert_eq!(state("2026-01-01", "missing"), 1);
    assert_eq!((state("2026-01-08", "held"), state("2026-01-08", "missing")), (1, 0));
    assert!(on(&page.html, "2026-01-08").contains("值班：黄光明") && page.links().contains(&record(held)));
    assert_eq!(state("2026-01-15", "cancelled"), 1);
    assert!(on(&page.html, "2026-01-15").contains("下大雪封路"));
    assert_eq!((state("2026-01-22", "planned"), state("2026-01-29", "announced")), (1, 1));
    assert!(on(&page.html, "2026-01-22").contains("9:00—11:00"));
    assert!(on(&page.html, "2026-01-13").contains(&record(done)) && state("2026-01-13", "activity") == 1);
    assert!(on(&page.html, "2026-01-16").contains("今天") && page.html.matches("aria-current=\"date\"").count() == 1);
    assert!(page.has("本月按规则接待5次，到昨天应接待3次；已接待1次，取消1次。") && page.has("少接待1次"));
    // A whole number of weeks; days of the months around it are told apart.
    assert_eq!((page.marked("day"), page.html.matches("class=\"outside").count()), (35, 4));

    let before = zhou.get(&page.link("before")).await;
    assert!(before.has("2025年12月") && on(&before.html, "2025-12-25").contains("missing"));
    let behind = zhou.get(&page.link("behind")).await;
    assert!(behind.has("2026年2月") && !behind.has("data-testid=\"standing\""), "of a month to come nothing is due");
    assert!(behind.html.matches("data-state=\"planned\"").count() == 4);
    assert_eq!(zhou.get(&behind.link("before")).await.marked("entry"), page.marked("entry"));
    for month in ["0001-01", "9999-12"] {
        let page = zhou.get(&format!("{}?month={month}", calendar(station))).await;
        assert_eq!((page.status, page.marked("month")), (StatusCode::OK, 1), "{month}");
    }
    for month in ["2026-13", "abc", "%27"] {
        let page = zhou.get(&format!("{}?month={month}", calendar(station))).await;
        assert!(page.has("2026年1月") && page.has("role=\"alert\""), "{month}");
    }
}

#[tokio::test]
async fn a_rule_that_tells_no_days_is_said_in_words() {
    let (office, [station, _], _) = two_towns().await;
    let desk = office.device("wu", DeviceKind::Console).await;
    let wu = Browser::of(&office, "wu").await;
    for (rule, state, said) in [
        ("预约接待", "appointment", "预约接待，没有固定日子"),
        ("有空就来", "untold", "没有看懂"),
        ("", "untold", "还没有写接待日规则"),
        ("每月15日，遇节假日顺延", "not_yet", "到昨天应接待0次"),
    ] {
        let edit = if rule.is_empty() {
            Edit { field: "reception_rule".into(), op: Op::Clear }
        } else {
            Edit::put("reception_rule", rule)
        };
        office.revise(&desk, station, vec![edit]).await;
        let page = wu.get(&calendar(station)).await;
        assert!(page.has(said), "{rule}");
        let map = wu.get(MAP).await;
        assert_eq!(
            map.html.matches(&format!("data-testid=\"tile\" data-state=\"{state}\"")).count(),
            1 + usize::from(state == "not_yet"),
            "{rule}"
        );
    }
    // Of a year whose holidays are not on record nothing is guessed.
    let far = wu.get(&format!("{}?month=2099-01", calendar(station))).await;
    assert!(far.has("节假日表还没有录入") && far.marked("entry") == 0);
}

#[tokio::test]
async fn a_stations_rule_is_changed_by_its_form() {
    let (office, [station, _], _) = two_towns().await;
    let zhou = Browser::of(&office, "zhou").await;
    let edit = format!("{}/edit", record(station));
    let form = zhou.get(&edit).await;
    let seen = form.hidden("seen.head");
    // As a browser sends it: with the field of the head who is no deputy, empty as it was.
    let sent = [
        ("seen.head", seen[0].as_str()),
        ("was.head", ""),
        ("head", ""),
        ("was.reception_rule", "每周四 9:00—11:00"),
        ("reception_rule", "每周五 15:00—17:00"),
    ];
    let saved = zhou.post(&edit, &sent).await;
    assert_eq!(saved.location, format!("{}?done=saved", record(station)));
    let page = zhou.get(&calendar(station)).await;
    assert!(on(&page.html, "2026-01-02").contains("15:00—17:00") && !on(&page.html, "2026-01-08").contains("entry"));
    assert!(form.html.matches("name=\"head\"").count() == 1, "nothing else is called as a field is");
}

#[tokio::test]
async fn a_week_shows_all_stations_of_the_readers_area_and_nobody_elses() {
    let (office, stations, holder) = two_towns().await;
    receive(&office, stations[0], "2026-01-01", vec![Edit::add("deputies", holder)]).await;
    add_user(&office, "zhang", "张敏", Role::Leader, "520303").await;
    // The district and its leaders see both towns, a town its own, a station itself.
    for (login, towns) in [("wu", 2), ("zhang", 2), ("zhou", 1), ("zhao", 1)] {
        let reader = Browser::of(&office, login).await;
        let page = reader.get(WEEK).await;
        assert_eq!((page.status, page.marked("day")), (StatusCode::OK, 7), "{login}");
        assert!(page.has("2025年12月29日 — 2026年1月4日"));
        let today = on(&page.html, "2026-01-01");
        assert!(today.contains("今天") && today.contains("值班：黄光明") && today.contains("data-state=\"held\""));
        assert_eq!((page.marked("entry"), page.has("松林镇联络站")), (towns, towns == 2), "{login}");
        assert_eq!(reader.get(MAP).await.marked("tile"), towns, "{login}");
        for (station, number) in stations.iter().zip(1..) {
            let status = if number <= towns { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(reader.get(&calendar(*station)).await.status, status, "{login}");
        }
    }
    let guan = Browser::of(&office, "guan").await;
    for path in [WEEK, MAP, &calendar(stations[0])] {
        assert_eq!(guan.get(path).await.status, StatusCode::NOT_FOUND, "who keeps accounts reads no stations: {path}");
    }

    let wu = Browser::of(&office, "wu").await;
    let ledger = wu.get("/console/ledger/station").await;
    assert_eq!([ledger.link("to-week"), ledger.link("to-map")], [WEEK, MAP]);
    assert_eq!(wu.get("/console/ledger/voice").await.marked("to-week"), 0);
    let one = wu.get(&format!("{WEEK}?unit=520303109")).await;
    assert!(one.marked("entry") == 1 && one.has("松林镇联络站") && !one.has("三合镇联络站"));
    let next = wu.get(&one.link("behind")).await;
    assert!(next.has("2026年1月5日") && next.marked("entry") == 1 && on(&next.html, "2026-01-08").contains("planned"));
    assert_eq!(wu.get(&next.link("before")).await.marked("entry"), 1);
    for query in ["from=abc", "unit=999", "from=0001-01-01", "from=9999-12-31"] {
        let page = wu.get(&format!("{WEEK}?{query}")).await;
        let is_wrong = query.contains("abc") || query.contains("999") && query.contains("unit");
        assert_eq!((page.status, page.has("role=\"alert\"")), (StatusCode::OK, is_wrong), "{query}");
    }
}

#[tokio::test]
async fn the_diagram_says_how_stations_stand_and_its_numbers_lead_to_their_records() {
    let (office, [station, other], _) = two_towns().await;
    let huang = office.phone("huang").await;
    let open = recorded(&office, &huang, 1, "三组断头路没有修", &[Edit::put("station", station)]).await;
    let wu_desk = office.device("wu", DeviceKind::Console).await;
    let desk = office.store.spaces().await.unwrap().iter().find(|s| s.kind == SpaceKind::DistrictOffice).unwrap().id;
    let mut lead = raised("district", Some("roads"), false, false);
    lead.retain(|edit| edit.field != "lead");
    let holder = mandate_of(RecordId([9; 16]), "黄光明");
    let public = office.store.places(&[station]).await.unwrap()[&station];
    let holder = [holder, vec![Edit::put("station", station)]].concat();
    let holder = office.enter(&wu_desk, Kind::Mandate, public, holder).await;
    lead.push(Edit::put("lead", holder));
    let suggestion = office.enter(&wu_desk, Kind::Suggestion, desk, lead).await;
    let wu = Browser::of(&office, "wu").await;
    let figures = |page: &super::browser::Page| {
        ["voice", "suggestion"]
            .map(|kind| page.number_at(&format!("/console/ledger/{kind}?station={station}&state=open")))
    };
    assert_eq!(figures(&wu.get(MAP).await), ["1", "0"], "a draft is nobody's to handle");
    hand_in(&office, &wu_desk, suggestion, []).await;
    let page = wu.get(MAP).await;
    assert_eq!(figures(&page), ["1", "1"]);
    for (kind, id) in [("voice", open), ("suggestion", suggestion)] {
        let ledger = wu.get(&format!("/console/ledger/{kind}?station={station}&state=open")).await;
        assert_eq!(ledger.rows(), [id.to_string()], "{kind}");
        assert!(ledger.has("未办结（全部）") && ledger.has("三合镇联络站"));
        let elsewhere = wu.get(&format!("/console/ledger/{kind}?station={other}&state=open")).await;
        assert_eq!((elsewhere.status, elsewhere.rows().len()), (StatusCode::OK, 0), "{kind}");
    }
    // Both stand, each in words; the one with a position is drawn, the other is said to have none.
    assert_eq!((page.marked("tile"), page.marked("row"), page.marked("mark"), page.marked("town")), (2, 2, 1, 2));
    assert!(page.has("还有1个站室没有填位置") && page.has("还没到接待日"));
    assert!(page.html.matches(&format!("href=\"{}\"", calendar(station))).count() >= 2);
    assert!(!page.html.contains(" style=") && !page.html.contains("<style"));
    office.wait_ms(24 * 60 * 60 * 1000);
    receive(&office, station, "2026-01-01", vec![]).await;
    let page = wu.get(MAP).await;
    let states = |state: &str| page.html.matches(&format!("data-testid=\"tile\" data-state=\"{state}\"")).count();
    assert_eq!((states("kept"), states("behind")), (1, 1));
    assert!(page.has("按次接待") && page.has("少接待1次"));
    // Who is only told of one town is told of its station alone.
    let zhou = Browser::of(&office, "zhou").await.get(MAP).await;
    assert!(zhou.marked("tile") == 1 && !zhou.has("松林镇联络站"));
}
