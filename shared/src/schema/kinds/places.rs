//! Units, stations, and what stations are checked by.

use super::*;

/// E1. Reference data.
pub(in super::super) static ADMIN_UNIT: Schema = Schema {
    kind: Kind::AdminUnit,
    label: label("行政区划", "Administrative unit"),
    since: 1,
    natural_key: &["code"],
    fields: &[
        field("code", "代码", "Code", Once, UNIT_CODE, Create)
            .help("国家统计局9位或12位区划代码。", "The statistics bureau's code of 9 or 12 digits."),
        field("name", "名称", "Name", Shown, NAME, Create).help("现行正式名称。", "The official name as it is now."),
        field("level", "级别", "Level", Shown, code("unit_level"), Create)
            .help("区、街道、镇、村、社区或村民组。", "District, street, town, village, community or group."),
        field("parent", "上级代码", "Parent code", Quiet, UNIT_CODE, Optional)
            .help("上一级单位的代码。", "The code of the unit above."),
        field("has_congress", "设人民代表大会", "Has a congress", Quiet, Bool, Optional).help(
            "镇为是，街道为否（组织法第五十九条）。",
            "Yes for a town, no for a street (Organic Law, article 59).",
        ),
        added("aliases", "别名", "Other names", Set, NAME, Optional)
            .help("旧名、俗名，便于查找。", "Former and common names, to be found by."),
        added("valid_from", "启用日期", "Valid from", Quiet, Date, Optional)
            .help("区划调整后自何日起有效。", "The day from which the unit exists in this form."),
        added("valid_to", "停用日期", "Valid until", Quiet, Date, Optional)
            .help("撤并之日；现行单位留空。", "The day it was dissolved; empty for a unit of today."),
        added("geo", "位置", "Position", Shown, Point, Optional)
            .help("村居委会所在地,WGS-84坐标。", "Where its office is, in WGS-84."),
    ],
};

/// E2.
pub(in super::super) static STATION: Schema = Schema {
    kind: Kind::Station,
    label: label("联络站（室）", "Liaison station"),
    since: 1,
    natural_key: &["code"],
    fields: &[
        field("code", "编码", "Code", Once, UNIT_CODE, Create)
            .help("镇街代码加S和序号。", "The town's code, an S, and a number."),
        field("name", "名称", "Name", Shown, NAME, Create).help("牌子上的名称。", "As on its sign."),
        field("kind", "类别", "Type", Shown, code("station_kind"), Create).help(
            "镇街建站、村居建室；统计51个时站、室合计。",
            "Towns have stations, villages rooms; the count of 51 takes both.",
        ),
        field("unit", "所属镇街/村居", "Town or village", Shown, UNIT_REF, Create)
            .help("站室所在的镇街或村居。", "The town or village it belongs to."),
        field("address", "地址", "Address", Shown, PLACE, Optional)
            .help("选民找得到的地址，对外公示。", "An address that voters find; it is public."),
        added("geo", "位置", "Position", Shown, Point, Optional)
            .help("门口的坐标，可不填。", "The position of its door, if you like."),
        field("reception_rule", "接待日规则", "Reception days", Shown, NOTE, Optional).help(
            "如每月15日、每月第一个星期五、每周三上午、农历逢二五八、每5天赶场（2026-03-03为场期）、预约接待；可加“遇节假日顺延”或“遇节假日不接待”。",
            "In Chinese: 每月15日, 每周三上午, 农历逢二五八, 每5天赶场（2026-03-03为场期）, 预约接待; with 遇节假日顺延 if days off move it.",
        ),
        third("head_mandate", "站长", "Head", Shown, MANDATE_REF, Optional)
            .help("站长是代表的在这里选。", "Chosen here where the head is a deputy."),
        added("head", "站长（非代表）", "Head (no deputy)", Shown, NAME, Optional)
            .help("站长不是代表的写姓名。", "The name of a head who is no deputy."),
        third("liaison_mandates", "联络员", "Liaison officers", Set, MANDATE_REF, Optional).help(
            "负责通知、签到、登记；是代表的在这里选。",
            "Those who send notices and keep the register; deputies are chosen here.",
        ),
        field("liaisons", "联络员（非代表）", "Liaison officers (no deputies)", Set, NAME, Optional)
            .help("不是代表的写姓名，一人一行。", "The names of those who are no deputies, one a line."),
        field("deputies", "进站代表", "Deputies", Set, MANDATE_REF, Optional)
            .help("按任职选择，不按姓名。", "Chosen by mandate, not by name."),
        added("funds", "专项经费", "Funds", Log, NOTE, Optional).help(
            "每笔一条：年度、金额、用途（服务保障机制）。",
            "One entry each: year, amount, use (mechanism of service and support).",
        ),
        field("state", "状态", "State", Shown, code("station_state"), Create)
            .help("只有“启用”的计入站室总数；由区里确定。", "Only stations in use are counted; the district decides."),
        FILES,
    ],
};

/// E2, 八有 and 九化: the client's own lists were not found, so they are versioned data.
pub(in super::super) static CHECKLIST_DEFINITION: Schema = Schema {
    kind: Kind::ChecklistDefinition,
    label: label("核查标准", "Checklist"),
    since: 2,
    natural_key: &["list", "version"],
    fields: &[
        added("list", "清单", "List", Once, code("checklist"), Create)
            .help("八有或九化。", "Eight haves or nine standards."),
        added("version", "版本", "Version", Once, NAME, Create)
            .help("如2022；改一项就出新版本。", "Such as 2022; a changed item is a new version."),
        added("title", "名称", "Title", Shown, TITLE, Create).help("清单全称。", "The list's full name."),
        added("items", "条目", "Items", Entries, Each { of: &NAME, value: &PLACE }, Submit)
            .help("序号和内容，如1:有场所。", "Number and wording, such as 1: has rooms."),
        added("sample", "示例，待区人大确认", "A sample, to be confirmed", Quiet, Bool, Optional)
            .help("区人大的正式文本到位前标“是”。", "Yes until the district congress has given its own text."),
        added("basis", "依据", "Basis", Quiet, PLACE, Optional)
            .help("所依据的文件名称和文号。", "The document that it rests on."),
        added("valid_from", "自何日起", "Valid from", Quiet, Date, Optional)
            .help("从这一天起按此版核查。", "Stations are checked by this version from this day on."),
    ],
};

/// E2: per item an answer and a note, each with its own merge.
pub(in super::super) static CHECKLIST_ANSWER: Schema = Schema {
    kind: Kind::ChecklistAnswer,
    label: label("核查结果", "Check of a station"),
    since: 2,
    natural_key: &["station", "definition"],
    fields: &[
        added("station", "联络站", "Station", Once, STATION_REF, Create)
            .help("被核查的站室。", "The station that is checked."),
        added("definition", "核查标准", "Checklist", Once, Ref { kind: Kind::ChecklistDefinition }, Create)
            .help("按哪一版清单核查。", "By which version of the list."),
        added("answers", "结果", "Answers", Entries, Each { of: &NAME, value: &CHECKED }, Optional)
            .help("逐项选择有、无或整改中。", "For each item: has it, lacks it, or being mended."),
        added("notes", "说明", "Notes", Entries, Each { of: &NAME, value: &NOTE }, Optional)
            .help("逐项可写一句说明。", "A sentence on an item, if needed."),
        added("date", "核查日期", "Checked on", Shown, Date, Optional)
            .help("最近一次核查的日期。", "The day of the last check."),
        FILES,
    ],
};
