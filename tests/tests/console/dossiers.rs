//! Dossiers: their sections, the code that a paper is checked by, points.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    case::Act,
    id::{RecordId, UnitCode},
    record::{Edit, Op},
    rights::{Role, SpaceKind},
    schema::Kind,
};
use lianxin_tests::office::{Draft, Office, activity, mandate, mandate_of, request, voice_by};

use super::browser::{Browser, Page, do_act, encode};
use super::district::{add_holder, add_neighbours, add_user, file, noted, post, record, submit, voice, written};

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
    assert!(zhou.get_gzipped("/console/dossiers?year=2026&unit=520303108").await.ends_with("</html>"), "to its end");
}

/// The verification code of a dossier.
fn code_of(dossier: &Page) -> String {
    let code = dossier.html.split("data-testid=\"code\"").nth(1).unwrap();
    code.split("<b>").nth(1).unwrap().split("</b>").next().unwrap().to_owned()
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

    // A clerk who holds the mandate prints the sheet that colleagues can check, whatever lies at other desks.
    let elsewhere = [activity(holder), vec![Edit::put("kind", "survey")]].concat();
    let elsewhere = elsewhere.into_iter().filter(|edit| edit.puts_text("kind") != Some("courtyard")).collect();
    written(&office, "wu", Kind::Activity, desk, elsewhere).await;
    let posts = vec![post(Role::Town, "520303108", None), post(Role::Deputy, "520303108S01", Some(holder))];
    add_holder(&office, "lin", "林丽", posts).await;
    let own = Browser::of(&office, "lin").await.get(&path).await;
    let checked = zhou.get(&format!("{path}&code={}", encode(&code_of(&own)))).await;
    assert_eq!((checked.marked("code-same"), own.marked("scores")), (1, 1), "{}", own.html);

    // Their own dossier deputies are told whole, with its points; nobody else's points.
    add_holder(&office, "gang", "黄光明", vec![post(Role::Deputy, "520303108S01", Some(holder))]).await;
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
