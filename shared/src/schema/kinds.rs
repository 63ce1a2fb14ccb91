//! The fields of each kind (DOMAIN §6.3; the paper forms F1, F3, F5, F8 and F9 of §1.5).

use super::{Class, Class::*, Field, Kind, Need::*, Schema, Type, Type::*, label};

const fn field(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    class: Class,
    ty: Type,
    need: super::Need,
) -> Field {
    Field { key, label: label(zh, en), class, ty, need }
}

const TITLE: Type = Line { chars_max: 60 };
const NAME: Type = Line { chars_max: 60 };
const PLACE: Type = Line { chars_max: 120 };
const NOTE: Type = Line { chars_max: 500 };
const MANDATE_REF: Type = Ref { kind: Kind::Mandate };
const UNIT_REF: Type = Ref { kind: Kind::AdminUnit };
const STATION_REF: Type = Ref { kind: Kind::Station };

const fn code(list: &'static str) -> Type {
    Code { list }
}

/// E1. Reference data.
pub(super) static ADMIN_UNIT: Schema = Schema {
    kind: Kind::AdminUnit,
    label: label("行政区划", "Administrative unit"),
    natural_key: &["code"],
    fields: &[
        field("code", "代码", "Code", Once, Line { chars_max: 20 }, Create),
        field("name", "名称", "Name", Shown, NAME, Create),
        field("level", "级别", "Level", Shown, code("unit_level"), Create),
        field("parent", "上级代码", "Parent code", Quiet, Line { chars_max: 20 }, Optional),
        field("has_congress", "设人民代表大会", "Has a congress", Quiet, Bool, Optional),
    ],
};

/// E2.
pub(super) static STATION: Schema = Schema {
    kind: Kind::Station,
    label: label("联络站(室)", "Liaison station"),
    natural_key: &["code"],
    fields: &[
        field("code", "编码", "Code", Once, Line { chars_max: 20 }, Create),
        field("name", "名称", "Name", Shown, NAME, Create),
        field("kind", "类别", "Type", Shown, code("station_kind"), Create),
        field("unit", "所属镇街/村居", "Town or village", Shown, UNIT_REF, Create),
        field("address", "地址", "Address", Shown, PLACE, Optional),
        field("reception_rule", "接待日规则", "Reception days", Shown, NOTE, Optional),
        field("liaisons", "站长、联络员", "Head and liaison officers", Set, NAME, Optional),
        field("deputies", "进站代表", "Deputies", Set, MANDATE_REF, Optional),
        field("state", "状态", "State", Shown, code("station_state"), Create),
    ],
};

/// E3. No identity number, by rule.
pub(super) static DEPUTY: Schema = Schema {
    kind: Kind::Deputy,
    label: label("代表", "Deputy"),
    natural_key: &[],
    fields: &[
        field("name", "姓名", "Name", Shown, NAME, Create),
        field("gender", "性别", "Gender", Quiet, code("gender"), Optional),
        field("ethnicity", "民族", "Ethnic group", Quiet, NAME, Optional),
        field("post", "单位职务", "Work and post", Shown, NAME, Optional),
        field("strengths", "行业特长", "Fields of work", Set, NAME, Optional),
        field("profile", "简介", "Profile", Class::Prose, Type::Prose, Optional),
    ],
};

/// E3b. The name is kept beside the reference so that a list needs no second record.
pub(super) static MANDATE: Schema = Schema {
    kind: Kind::Mandate,
    label: label("任职", "Mandate"),
    natural_key: &[],
    fields: &[
        field("deputy", "代表", "Deputy", Once, Ref { kind: Kind::Deputy }, Create),
        field("name", "姓名", "Name", Shown, NAME, Create),
        field("level", "代表级别", "Level", Once, code("mandate_level"), Create),
        field("term", "届", "Term", Once, NAME, Create),
        field("constituency", "选区/原选举单位", "Constituency", Shown, NAME, Create),
        field("station", "联络站", "Station", Shown, STATION_REF, Optional),
        field("start", "任期开始", "From", Shown, Date, Create),
        field("end", "任期结束", "Until", Shown, Date, Optional),
        field("status", "状态", "State", Shown, code("mandate_status"), Create),
    ],
};

/// E6, form F3.
pub(super) static ACTIVITY: Schema = Schema {
    kind: Kind::Activity,
    label: label("履职活动", "Activity"),
    natural_key: &[],
    fields: &[
        field("author", "记录人", "Recorded by", Once, MANDATE_REF, Optional),
        field("station", "联络站", "Station", Once, STATION_REF, Optional),
        field("kind", "活动类型", "Kind", Shown, code("activity_kind"), Create),
        field("title", "活动名称", "Title", Shown, TITLE, Submit),
        field("start", "开始时间", "From", Shown, DateTime, Submit),
        field("end", "结束时间", "Until", Shown, DateTime, Optional),
        field("village", "村居", "Village", Shown, UNIT_REF, Submit),
        field("place", "具体地点", "Place", Shown, PLACE, Optional),
        field("organizer", "组织层级", "Organised by", Shown, code("organizer"), Optional),
        field("attendees", "参加代表", "Deputies taking part", Set, MANDATE_REF, Submit),
        field("guests", "其他参加人员", "Others taking part", Set, NAME, Optional),
        field("crowd", "群众人数", "People present", Shown, Number, Optional),
        field("leaflets", "发放资料", "Leaflets handed out", Counter, Number, Optional),
        field("households", "入户数", "Households visited", Counter, Number, Optional),
        field("body", "活动内容", "What was done", Class::Prose, Type::Prose, Submit),
        field("outcome", "成果成效", "Outcome", Class::Prose, Type::Prose, Optional),
        field("jobs", "带动就业人数", "Jobs created", Shown, Number, Optional),
        field("role", "作用", "Role", Set, code("role"), Optional),
        field("focus", "重点方面", "Focus", Set, code("focus"), Optional),
        field("themes", "主题", "Themes", Set, code("theme"), Optional),
        field("pairing", "关联结对", "Pairing", Shown, Ref { kind: Kind::Pairing }, Optional),
        field("deleted", "已删除", "Deleted", Quiet, Bool, Optional),
    ],
};

/// E7, with the register F1's head. Derived from station and date: whoever opens it first, it is one day.
pub(super) static RECEPTION_DAY: Schema = Schema {
    kind: Kind::ReceptionDay,
    label: label("接待日", "Reception day"),
    natural_key: &["station", "date"],
    fields: &[
        field("station", "联络站", "Station", Once, STATION_REF, Create),
        field("date", "日期", "Date", Once, Date, Create),
        field("slot", "时间", "Time", Shown, NAME, Optional),
        field("venue", "地点", "Venue", Shown, PLACE, Optional),
        field("deputies", "接待代表", "Deputies on duty", Set, MANDATE_REF, Submit),
        field("visitors", "来访人数", "Visitors", Shown, Number, Optional),
        field("notice", "接待公告", "Public notice", Class::Prose, Type::Prose, Optional),
        field("minutes", "接待纪要", "Minutes", Class::Prose, Type::Prose, Optional),
        field("cancelled", "取消原因", "Reason for cancelling", Shown, NOTE, Optional),
    ],
};

/// E8, forms F1 and F2. No name, no telephone: those belong into a sealed record.
pub(super) static VOICE: Schema = Schema {
    kind: Kind::Voice,
    label: label("群众意见", "Voice"),
    natural_key: &[],
    fields: &[
        field("author", "记录人", "Recorded by", Once, MANDATE_REF, Optional),
        field("station", "联络站", "Station", Once, STATION_REF, Optional),
        field("slip_no", "回执号", "Slip number", Once, Line { chars_max: 16 }, Create),
        field("channel", "渠道", "Channel", Shown, code("channel"), Create),
        field("source_day", "来自接待日", "From reception day", Shown, Ref { kind: Kind::ReceptionDay }, Optional),
        field("source_activity", "来自活动", "From activity", Shown, Ref { kind: Kind::Activity }, Optional),
        field("date", "收集日期", "Date", Shown, Date, Create),
        field("collectors", "收集代表", "Collected by", Set, MANDATE_REF, Create),
        field("village", "村居", "Village", Shown, UNIT_REF, Submit),
        field("group", "村民组", "Group", Shown, NAME, Optional),
        field("verbatim", "群众原话", "In the villager's words", AuthorProse, Type::Prose, Optional),
        field("summary", "代表归纳", "Deputy's summary", Class::Prose, Type::Prose, Submit),
        field("category", "类别", "Category", Shown, code("category"), Submit),
        field("focus", "重点方面", "Focus", Set, code("focus"), Optional),
        field("affected", "涉及人数", "People concerned", Shown, Number, Optional),
        field("urgency", "紧急程度", "Urgency", Shown, code("urgency"), Optional),
        field("confidential", "群众要求保密", "Confidential", Flag, Bool, Optional),
        field("tier_suggest", "建议去向", "Where it should go", Shown, code("tier_suggest"), Optional),
        field("follow_ups", "跟进记录", "Follow-ups", Log, NOTE, Optional),
        field("suggestions", "关联建议", "Suggestions", Set, Ref { kind: Kind::Suggestion }, Optional),
        field("deleted", "已删除", "Deleted", Quiet, Bool, Optional),
    ],
};

/// E9, form F5.
pub(super) static SUGGESTION: Schema = Schema {
    kind: Kind::Suggestion,
    label: label("代表建议", "Suggestion"),
    natural_key: &[],
    fields: &[
        field("tier", "层级", "Tier", Shown, code("suggestion_tier"), Create),
        field("type", "类型", "Type", Shown, code("suggestion_type"), Create),
        field("term", "届次", "Term", Shown, NAME, Optional),
        field("session", "会次", "Session", Shown, NAME, Optional),
        field("in_session", "会上提出", "Raised in session", Shown, Bool, Optional),
        field("date", "提出日期", "Date", Shown, Date, Create),
        field("title", "标题", "Title", Shown, Line { chars_max: 50 }, Submit),
        field("facts", "情况", "Facts", Class::Prose, Type::Prose, Submit),
        field("analysis", "分析", "Analysis", Class::Prose, Type::Prose, Submit),
        field("asks", "具体意见", "What is asked for", Class::Prose, Type::Prose, Submit),
        field("category", "类别", "Category", Shown, code("category"), Submit),
        field("themes", "主题", "Themes", Set, code("theme"), Optional),
        field("lead", "领衔代表", "Lead deputy", Shown, MANDATE_REF, Submit),
        field("cosigners", "联名代表", "Co-signing deputies", Set, MANDATE_REF, Optional),
        field("voices", "来源意见", "Voices behind it", Set, Ref { kind: Kind::Voice }, Optional),
        field("wish_units", "希望承办单位", "Units wished for", Set, NAME, Optional),
        field("deleted", "已删除", "Deleted", Quiet, Bool, Optional),
    ],
};

/// E12, form F8. Person-times = those present on the roster plus the unnamed count.
pub(super) static TRAINING: Schema = Schema {
    kind: Kind::Training,
    label: label("履职培训", "Training"),
    natural_key: &[],
    fields: &[
        field("term", "届", "Term", Once, NAME, Create),
        field("level", "主办层级", "Organised by", Once, code("organizer_level"), Create),
        field("topic", "主题", "Topic", Shown, TITLE, Submit),
        field("kind", "方式", "Way", Shown, code("training_kind"), Optional),
        field("date", "日期", "Date", Shown, Date, Submit),
        field("place", "地点", "Place", Shown, PLACE, Optional),
        field("subjects", "科目", "Subjects", Set, NAME, Optional),
        field("lecturers", "讲师", "Teachers", Set, NAME, Optional),
        field("roster", "参训人员", "Roster", Set, MANDATE_REF, Optional),
        field("unnamed_count", "未列名人数", "Others, not named", Shown, Number, Optional),
        field("summary", "小结", "Summary", Class::Prose, Type::Prose, Optional),
    ],
};

/// E13.
pub(super) static PAIRING: Schema = Schema {
    kind: Kind::Pairing,
    label: label("结对", "Pairing"),
    natural_key: &[],
    fields: &[
        field("street", "街道", "Street", Once, UNIT_REF, Create),
        field("town", "镇", "Town", Once, UNIT_REF, Create),
        field("year", "年度", "Year", Once, Number, Create),
        field("target", "年度目标次数", "Activities aimed at", Shown, Number, Create),
        field("plan", "计划", "Plan", Class::Prose, Type::Prose, Optional),
    ],
};

/// E14, form F9.
pub(super) static GUIDANCE_VISIT: Schema = Schema {
    kind: Kind::GuidanceVisit,
    label: label("督导调研", "Guidance visit"),
    natural_key: &[],
    fields: &[
        field("leaders", "带队领导", "Leaders", Set, NAME, Submit),
        field("date", "日期", "Date", Shown, Date, Create),
        field("unit", "镇街", "Town or street", Shown, UNIT_REF, Create),
        field("topic", "主题", "Topic", Shown, TITLE, Submit),
        field("issues", "发现问题", "Problems found", Log, NOTE, Optional),
        field("minutes", "座谈会纪要", "Minutes", Class::Prose, Type::Prose, Optional),
    ],
};
