//! Rules, classes, extensions and routes as dated versions.

use axum::http::StatusCode;
use lianxin_shared::id::RecordId;
use lianxin_tests::office::Office;

use super::browser::{Browser, do_act};
use super::district::{add_neighbours, record, suggestion_at_the_district};

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
