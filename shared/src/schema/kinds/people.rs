//! Deputies, their mandates, terms and groups.

use super::*;

/// E3. No identity number, by rule; the telephone stands in [`DEPUTY_CONTACT`].
pub(in super::super) static DEPUTY: Schema = Schema {
    kind: Kind::Deputy,
    label: label("代表", "Deputy"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("name", "姓名", "Name", Shown, NAME, Create).help(
            "同名者分别建档；统计按任职，不按姓名。",
            "Two people of one name are two records; figures go by mandate.",
        ),
        field("gender", "性别", "Gender", Quiet, code("gender"), Optional).help("可不填。", "Optional."),
        field("ethnicity", "民族", "Ethnic group", Quiet, NAME, Optional).help("可不填。", "Optional."),
        added("birth_year", "出生年份", "Year of birth", Quiet, Number, Optional)
            .help("只记年份，不记全日期。", "Only the year, never the full date."),
        field("post", "单位职务", "Work and post", Shown, NAME, Optional)
            .help("工作单位和职务。", "Where the deputy works and as what."),
        field("strengths", "行业特长", "Fields of work", Set, NAME, Optional)
            .help("便于按专长邀请参加调研。", "So that surveys find those who know the subject."),
        added("industry", "产业/合作社", "Business or cooperative", Shown, NAME, Optional)
            .help("领办的产业或合作社（领航员）。", "What the deputy leads as a pathfinder."),
        field("profile", "简介", "Profile", Class::Prose, Type::Prose, Optional)
            .help("对外公示的简介（代表法第五十八条）。", "Published (Deputies Law, article 58)."),
        added("photo", "照片", "Photo", Quiet, Blob, Optional).help("公示用，可不放。", "For publication; optional."),
    ],
};

/// E3, the part that lies at the town's and the district's desks. The staff of the deputy's station is told it by the
/// console (`server/src/console/contact.rs`).
pub(in super::super) static DEPUTY_CONTACT: Schema = Schema {
    kind: Kind::DeputyContact,
    label: label("代表联系方式", "How to reach a deputy"),
    since: 2,
    natural_key: &["deputy"],
    fields: &[
        added("deputy", "代表", "Deputy", Once, Ref { kind: Kind::Deputy }, Create)
            .help("哪一位代表。", "Which deputy."),
        added("phone", "电话", "Telephone", Shown, Line { chars_max: 20 }, Create).help(
            "仅本站、镇街、区里可见，不下发到其他代表手机。",
            "Told to the deputy's station, town and district only; never on other deputies' phones.",
        ),
        added("accessibility", "无障碍需要", "Needs", Quiet, NOTE, Optional).help(
            "大字、手语、民族语言等（代表法第五十三、五十四条）。",
            "Large type, sign language, another language (articles 53, 54).",
        ),
    ],
};

/// E3b. The name is kept beside the reference so that a list needs no second record.
pub(in super::super) static MANDATE: Schema = Schema {
    kind: Kind::Mandate,
    label: label("任职", "Mandate"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("deputy", "代表", "Deputy", Once, Ref { kind: Kind::Deputy }, Create)
            .help("哪一位代表。", "Which deputy."),
        field("name", "姓名", "Name", Shown, NAME, Create).help("与代表档案一致。", "As in the deputy's record."),
        field("level", "代表级别", "Level", Once, code("mandate_level"), Create).help(
            "一人可有几个任职，分别建档；街道不设代表大会，没有街道代表。",
            "One person may hold several, each its own record; a street has no congress and so no deputies.",
        ),
        field("term", "届", "Term", Once, NAME, Create).help("如五届。", "Such as the fifth."),
        field("constituency", "选区/原选举单位", "Constituency", Shown, NAME, Create).help(
            "区、镇代表填选区，市以上填原选举单位。",
            "The district for town and district deputies; the electing body above.",
        ),
        added("certificate_no", "代表证号", "Certificate number", Quiet, NAME, Optional)
            .help("代表证上的编号。", "As on the deputy's card."),
        added("delegation", "代表团", "Delegation", Shown, NAME, Optional)
            .help("大会期间所在代表团。", "At the congress."),
        added("group", "代表小组", "Group", Shown, Ref { kind: Kind::Group }, Optional)
            .help("闭会期间所在小组（代表法第二十六条）。", "Between sessions (article 26)."),
        field("station", "联络站", "Station", Shown, STATION_REF, Optional)
            .help("进哪个站室。", "The station where the deputy receives voters."),
        field("start", "任期开始", "From", Shown, Date, Create).help("任职生效之日。", "The day the mandate begins."),
        field("end", "任期结束", "Until", Shown, Date, Optional).help("在任者留空。", "Empty while in office."),
        field("status", "状态", "State", Shown, code("mandate_status"), Create)
            .help("在任、暂停执行或终止。", "In office, suspended or ended."),
        added("end_reason", "暂停或终止原因", "Why it ended", Shown, code("mandate_end_reason"), Optional)
            .help("依代表法第六十一、六十二条选择。", "By articles 61 and 62 of the Deputies Law."),
    ],
};

/// E4. Whether something was raised in session stands on the record, not on a switch.
pub(in super::super) static TERM: Schema = Schema {
    kind: Kind::Term,
    label: label("届次", "Term or session"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("unit", "哪一级人大", "Whose congress", Once, UNIT_REF, Create)
            .help("区或镇；街道没有。", "The district's or a town's; a street has none."),
        added("term", "届", "Term", Once, NAME, Create).help("如五届。", "Such as the fifth."),
        added("session", "次", "Session", Once, NAME, Optional)
            .help("如一次；只记届时留空。", "Such as the first; empty for the term itself."),
        added("start", "开始", "From", Shown, Date, Create).help("届或次开始之日。", "The day it begins."),
        added("end", "结束", "Until", Shown, Date, Optional).help("届满或闭会之日。", "The day it ends."),
        added("congress_start", "大会开幕", "Congress opens", Shown, Date, Optional)
            .help("大会期间提出的为会上建议。", "Suggestions raised while it sits are raised in session."),
        added("congress_end", "大会闭幕", "Congress closes", Shown, Date, Optional).help("闭幕之日。", "The last day."),
    ],
};

/// E5.
pub(in super::super) static GROUP: Schema = Schema {
    kind: Kind::Group,
    label: label("代表小组", "Deputies' group"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("name", "名称", "Name", Shown, NAME, Create)
            .help("如山盆镇第一代表小组。", "Such as the first group of a town."),
        added("kind", "划分", "Formed", Shown, code("group_kind"), Optional)
            .help("按地域或按领域（代表法第二十七条）。", "By area or by field (article 27)."),
        added("leader", "组长", "Leader", Shown, MANDATE_REF, Submit).help("选一个任职。", "One mandate."),
        added("members", "成员", "Members", Set, MANDATE_REF, Submit).help("按任职选择。", "Chosen by mandate."),
        added("plan", "年度计划", "Plan", Class::Prose, Type::Prose, Optional)
            .help("每季度至少一次活动的安排。", "At least one activity a quarter."),
    ],
};
