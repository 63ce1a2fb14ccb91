//! Code lists as the district makes them.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    id::{RecordId, UnitCode},
    record::Edit,
    rights::SpaceKind,
    schema::Kind,
};
use lianxin_tests::office::Office;

use super::browser::{Browser, create};
use super::district::{add_neighbours, record, voice};

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
