//! What everybody reads without an account.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    case::{self, Act, Assign, Date, Opinion, UnitRef, Way},
    id::{RecordId, UnitCode},
    record::Edit,
    rights::SpaceKind,
    schema::Kind,
};
use lianxin_tests::office::{NOW, Office, mandate_of};

use super::browser::Browser;
use super::district::{add_neighbours, file, hand_in, raised, voice, written};

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
