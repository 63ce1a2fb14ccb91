//! What everybody reads without an account.

use axum::http::{Request, StatusCode};
use lianxin_server::store::{Decision, DeviceKind, Snapshot, StoredRecord, WritePlan};
use lianxin_shared::{
    case::Act,
    id::{BlobHash, RecordId, UnitCode},
    record::Edit,
    rights::SpaceKind,
    schema::Kind,
    summary::Summary,
};
use lianxin_tests::office::{Office, handled, mandate_of};

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
    hand_in(&office, &wu_device, id, handled()).await;
    sees(false).await;
    file(&office, &wu_device, id, Kind::Suggestion, [Act::Publish { objection_considered: false }]).await;
    let page = sees(true).await;
    assert!(page.has("区交通运输局") && page.has("已经修好") && page.marked("reply") == 1);
    for inner in ["13985000123", "王大爷", "陈工", "来信"] {
        assert!(!page.has(inner), "what the office knows stays there: {inner}");
    }
    // Should one be hidden that was published, it is hidden here too.
    let shown = office.store.record(id).await.unwrap().unwrap();
    for deleted in [true, false] {
        let record = StoredRecord { summary: Summary { deleted, ..shown.summary.clone() }, ..shown.clone() };
        let plan = WritePlan { spaces: vec![shown.space], records: vec![id], ..WritePlan::default() };
        let decide = move |_: Snapshot| Decision { records: vec![(id, record)], ..Decision::default() };
        office.store.write(plan, Box::new(decide)).await.unwrap();
        sees(!deleted).await;
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

/// A photo is public as long as its deputy is in office, a reception day once it is announced.
#[tokio::test]
async fn a_photo_is_public_in_office_and_a_day_once_it_is_announced() {
    let office = Office::new().await;
    let town = UnitCode("520303108".into());
    let open = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇").await.unwrap();
    let room = vec![
        Edit::put("code", "520303108S01"),
        Edit::put("name", "竹元村联络室"),
        Edit::put("kind", "room"),
        Edit::put("unit", RecordId::derived(Kind::AdminUnit, &["520303108"])),
        Edit::put("state", "open"),
    ];
    let room = written(&office, "zhou", Kind::Station, open, room).await;
    let photo = [&[0xff, 0xd8, 0xff, 0xe0, 0, 2][..], &[7; 200]].concat();
    let hash = BlobHash::of(&photo);
    let deputy = vec![Edit::put("name", "黄光明"), Edit::put("photo", hash.to_string())];
    let deputy = written(&office, "zhou", Kind::Deputy, open, deputy).await;
    let holder = written(&office, "zhou", Kind::Mandate, open, mandate_of(deputy, "黄光明")).await;
    let zhou = office.phone("zhou").await;
    let address = format!("/api/v1/files/{deputy}/{hash}?at=0&of={}", photo.len());
    let request = zhou.authorized(Request::post(address)).body(photo.clone().into()).unwrap();
    assert_eq!(office.send(request).await.status(), StatusCode::OK);

    let nobody = Browser { office: &office, cookie: String::new() };
    let status = async |path: String| nobody.get(&path).await.status;
    assert_eq!(nobody.get_bytes(&format!("/public/file/{deputy}/{hash}")).await, photo);
    office.revise(&zhou, holder, vec![Edit::put("status", "ended")]).await;
    assert_eq!(status(format!("/public/file/{deputy}/{hash}")).await, StatusCode::NOT_FOUND, "the office is over");

    // Many days are planned, and the last of them are announced.
    for day in 2..=28 {
        let mut edits = vec![Edit::put("station", room), Edit::put("date", format!("2026-01-{day:02}"))];
        if day > 16 {
            edits.push(Edit::put("notice_published", "2026-01-01"));
        }
        written(&office, "zhou", Kind::ReceptionDay, office.stations[0], edits).await;
    }
    let page = nobody.get(&format!("/public/station/{room}")).await;
    assert_eq!(page.html.matches("<article>").count(), 10, "the next that were announced: {}", page.html);
    assert!(page.has("2026年1月17日") && page.has("2026年1月26日") && !page.has("2026年1月16日"));
}
