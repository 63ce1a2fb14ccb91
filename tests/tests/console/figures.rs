//! Figures with their definitions, each leading to exactly its rows; the year's summary.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    case::{self, Act, Assign, Date, Decline, Exit, ExitKind, Opinion, Tier, UnitRef, Way},
    id::{RecordId, SpaceId, UnitCode},
    record::Edit,
    rights::SpaceKind,
    schema::Kind,
};
use lianxin_tests::office::{Draft, NOW, Office, Phone, activity, mandate, mandate_of, request};

use super::browser::Browser;
use super::district::{add_neighbours, file, hand_in, noted, raised, record, recorded, submit, voice, written};

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

/// An office with consoles of the district and of a town, and a deputy's phone; the district's open data, and the
/// mandates of a deputy in each of two towns.
async fn two_sides() -> (Office, [Phone; 3], SpaceId, [RecordId; 2]) {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let wu = office.device("wu", DeviceKind::Console).await;
    let zhou = office.device("zhou", DeviceKind::Console).await;
    let huang = office.phone("huang").await;
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
        let station = office.enter(&wu, Kind::Station, space, station).await;
        let mut deputy = mandate_of(RecordId([9; 16]), "黄光明");
        deputy.push(Edit::put("station", station));
        mandates.push(office.enter(&wu, Kind::Mandate, space, deputy).await);
    }
    (office, [wu, zhou, huang], public, mandates.try_into().unwrap())
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
    let (office, [wu, zhou, huang], public, [theirs, ours]) = two_sides().await;
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
    let (office, [wu, zhou, huang], public, [theirs, ours]) = two_sides().await;
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
