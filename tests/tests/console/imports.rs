//! Ledgers taken over from spreadsheets.

use axum::http::StatusCode;
use lianxin_tests::office::{Office, bytes_of};

use super::browser::{Browser, authorized, upload};
use super::district::{add_neighbours, noted};

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
