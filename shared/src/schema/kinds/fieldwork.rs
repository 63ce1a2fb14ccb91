//! What deputies do: activities and reception days.

use super::*;

/// E6, forms F3 and F10.
pub(in super::super) static ACTIVITY: Schema = Schema {
    kind: Kind::Activity,
    label: label("履职活动", "Activity"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("author", "记录人", "Recorded by", Once, MANDATE_REF, Optional)
            .help("由系统填写：以哪个任职记录。", "Filled in by the app: under which mandate."),
        field("station", "联络站", "Station", Once, STATION_REF, Optional)
            .help("由系统填写：在哪个站室。", "Filled in by the app."),
        field("kind", "活动类型", "Kind", Shown, code("activity_kind"), Create)
            .help("选最接近的一类。", "The closest one."),
        field("title", "活动名称", "Title", Shown, TITLE, Submit).help(
            "如竹元村院坝会暨人居环境整治宣讲。",
            "Such as “Courtyard meeting at Zhuyuan on tidying the village”.",
        ),
        field("start", "开始时间", "From", Shown, DateTime, Submit).help("实际开始的时间。", "When it really began."),
        field("end", "结束时间", "Until", Shown, DateTime, Optional).help("实际结束的时间。", "When it really ended."),
        field("village", "村居", "Village", Shown, UNIT_REF, Submit)
            .help("在列表里选，不靠定位。", "Chosen from the list, not by position."),
        field("place", "具体地点", "Place", Shown, PLACE, Optional)
            .help("如村委会院坝。", "Such as the yard of the village office."),
        added("geo", "位置", "Position", Shown, Point, Optional)
            .help("默认不记；不记录轨迹。", "Off unless you add it; no track is ever kept."),
        field("organizer", "组织层级", "Organised by", Shown, code("organizer"), Optional)
            .help("由哪一级组织。", "Which level organised it."),
        third("chair_mandate", "主持代表", "Chairing deputy", Shown, MANDATE_REF, Optional)
            .help("主持或召集的代表。", "The deputy who led or called it."),
        added("chair", "主持人（非代表）", "Chair (no deputy)", Shown, NAME, Optional)
            .help("主持人不是代表的写姓名。", "The name of who led or called it and is no deputy."),
        added("group", "代表小组", "Group", Shown, Ref { kind: Kind::Group }, Optional)
            .help("小组活动填写。", "For a group's activity."),
        field("attendees", "参加代表", "Deputies taking part", Set, MANDATE_REF, Submit)
            .help("每人只计一次，两人同记也不重复。", "Each counts once, however many tick the name."),
        added("attendance", "出席情况", "Attendance", Entries, Each { of: &MANDATE_REF, value: &ATTENDANCE }, Optional)
            .help("请假、缺席的在这里注明；不打卡。", "Who was excused or absent; there is no check-in."),
        field("guests", "其他参加人员", "Others taking part", Set, NAME, Optional)
            .help("列席单位和人员。", "Units and people beside the deputies."),
        field("crowd", "群众人数", "People present", Shown, Number, Optional).help(
            "现场大致人数；两人所记不同会并列提示，不相加。",
            "About how many; two different figures are shown, never added.",
        ),
        field("leaflets", "发放资料", "Leaflets handed out", Counter, Number, Optional)
            .help("边发边点，几部手机相加。", "Tapped while handing out; phones add up."),
        field("households", "入户数", "Households visited", Counter, Number, Optional)
            .help("走一户点一次，几部手机相加。", "One tap a household; phones add up."),
        field("body", "活动内容", "What was done", Class::Prose, Type::Prose, Submit)
            .help("做了什么、说了什么；不写群众姓名电话。", "What was done and said; no villager's name or telephone."),
        added("points", "意见要点", "Points made", Log, NOTE, Optional)
            .help("代表发言和意见，一条一件。", "What deputies said, one point an entry."),
        added("issues", "发现问题", "Problems found", Log, NOTE, Optional).help(
            "视察、调研发现的问题；转交处理，代表不直接处理（代表法第三十一条）。",
            "To be passed on; deputies do not decide (article 31).",
        ),
        field("outcome", "成果成效", "Outcome", Class::Prose, Type::Prose, Optional)
            .help("形成了什么成果。", "What came of it."),
        field("jobs", "带动就业人数", "Jobs created", Shown, Number, Optional)
            .help("领办产业时填最新人数，不逐次累加。", "The latest number of the project, not summed over visits."),
        added("households_helped", "带动户数", "Households helped", Shown, Number, Optional)
            .help("帮扶、带动的户数。", "Helped or brought along."),
        added("funds", "资金（元）", "Funds (yuan)", Shown, Number, Optional)
            .help("投入或筹集的资金。", "Spent or raised."),
        field("role", "作用", "Role", Set, code("role"), Optional)
            .help("三大作用，可多选。", "The three roles; several may fit."),
        field("focus", "重点方面", "Focus", Set, code("focus"), Optional)
            .help("五个重点，可多选。", "The five focuses; several may fit."),
        field("themes", "主题", "Themes", Set, code("theme"), Optional)
            .help("勾“乡村振兴”的计入相关统计。", "Figures on rural revitalization go by this."),
        field("pairing", "关联结对", "Pairing", Shown, Ref { kind: Kind::Pairing }, Optional)
            .help("结对活动填写，计入每年不少于4次。", "For a pairing's activity; it counts towards four a year."),
        added("pairing_kind", "结对活动类型", "Kind of pairing activity", Shown, code("pairing_activity"), Optional)
            .help("调研视察、帮扶或产业对接(F10)。", "Survey, help, or linking industries (form F10)."),
        added("links", "关联记录", "Linked records", Set, AnyRef, Optional)
            .help("相关的建议、计划。", "Suggestions and plans that it is about."),
        FILES,
        PROXY,
        DELETED,
    ],
};

/// E7, with the register F1's head. Derived from station and date: whoever opens it first, it is one day.
pub(in super::super) static RECEPTION_DAY: Schema = Schema {
    kind: Kind::ReceptionDay,
    label: label("接待日", "Reception day"),
    since: 1,
    natural_key: &["station", "date"],
    fields: &[
        field("station", "联络站", "Station", Once, STATION_REF, Create)
            .help("在哪个站室接待。", "Where voters are received."),
        field("date", "日期", "Date", Once, Date, Create).help("接待的日期。", "The day."),
        field("slot", "时间", "Time", Shown, NAME, Optional).help("如上午9点到11点。", "Such as 9 to 11."),
        field("venue", "地点", "Venue", Shown, PLACE, Optional)
            .help("不在站室时填写。", "If it is not at the station."),
        field("deputies", "接待代表", "Deputies on duty", Set, MANDATE_REF, Submit)
            .help("值班接待的代表。", "Who receives."),
        field("visitors", "来访人数", "Visitors", Shown, Number, Optional).help("一共来了几位。", "How many came."),
        field("notice", "接待公告", "Public notice", Class::Prose, Type::Prose, Optional)
            .help("时间、地点、代表、接待范围，对外公示。", "When, where, who, and about what; it is public."),
        added("notice_published", "公告发布日期", "Notice published on", Shown, Date, Optional)
            .help("应提前3天发布。", "Three days ahead, by custom."),
        field("minutes", "接待纪要", "Minutes", Class::Prose, Type::Prose, Optional)
            .help("当天情况；每件意见另记一条。", "The day in short; each matter is a record of its own."),
        field("cancelled", "取消原因", "Reason for cancelling", Shown, NOTE, Optional)
            .help("未接待时写明原因。", "If nobody received."),
        FILES,
        PROXY,
    ],
};
