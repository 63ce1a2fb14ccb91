//! The six mechanisms: training, pairing, guidance, and the year's plans for them.

use super::*;

/// E12, form F8. Person-times = those present on the roster plus the unnamed count.
pub(in super::super) static TRAINING: Schema = Schema {
    kind: Kind::Training,
    label: label("履职培训", "Training"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("term", "届", "Term", Once, NAME, Create)
            .help("如五届；统计“换届以来”。", "Figures are counted since the term began."),
        field("level", "主办层级", "Organised by", Once, code("organizer_level"), Create)
            .help("区级或镇街级。", "District, or town and street."),
        field("topic", "主题", "Topic", Shown, TITLE, Submit).help("这一期学什么。", "What it is about."),
        field("kind", "方式", "Way", Shown, code("training_kind"), Optional)
            .help("走出去、请进来、以会代训或线上。", "Visiting, inviting, at a meeting, online."),
        field("date", "日期", "Date", Shown, Date, Submit).help("开班的日期。", "The first day."),
        added("end", "结束日期", "Until", Shown, Date, Optional).help("多日培训填写。", "If it takes several days."),
        field("place", "地点", "Place", Shown, PLACE, Optional).help("在哪里举办。", "Where it takes place."),
        field("subjects", "科目", "Subjects", Set, NAME, Optional).help("如新国发2号文件。", "One a line."),
        field("lecturers", "讲师", "Teachers", Set, NAME, Optional).help("一人一行。", "One a line."),
        field("roster", "参训人员", "Roster", Set, MANDATE_REF, Optional)
            .help("按任职勾选，一人一次。", "Ticked by mandate, each once."),
        added("attendance", "出席情况", "Attendance", Entries, Each { of: &MANDATE_REF, value: &ATTENDANCE }, Optional)
            .help("请假、缺席的不计人次。", "Who was excused or absent is not counted."),
        field("unnamed_count", "未列名人数", "Others, not named", Shown, Number, Optional)
            .help("名单之外的人数；人次为名单加此数。", "Person-times are the roster plus this number."),
        field("summary", "小结", "Summary", Class::Prose, Type::Prose, Optional).help("效果和反映。", "How it went."),
        FILES,
    ],
};

/// E13.
pub(in super::super) static PAIRING: Schema = Schema {
    kind: Kind::Pairing,
    label: label("结对", "Pairing"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("street", "街道", "Street", Once, UNIT_REF, Create)
            .help("没有乡村振兴任务的街道。", "A street without villages of its own."),
        field("town", "镇", "Town", Once, UNIT_REF, Create).help("结对的镇。", "The town it is paired with."),
        field("year", "年度", "Year", Once, Number, Create).help("按年计次。", "Activities are counted by year."),
        field("target", "年度目标次数", "Activities aimed at", Shown, Number, Create)
            .help("每年不少于4次。", "At least four a year."),
        added("contacts", "联络人", "Contacts", Set, NAME, Optional).help("双方联络人。", "Of both sides."),
        field("plan", "计划", "Plan", Class::Prose, Type::Prose, Optional)
            .help("全年怎么安排。", "How the year is planned."),
    ],
};

/// E14, form F9.
pub(in super::super) static GUIDANCE_VISIT: Schema = Schema {
    kind: Kind::GuidanceVisit,
    label: label("督导调研", "Guidance visit"),
    since: 1,
    natural_key: &[],
    fields: &[
        third("leader_mandates", "带队领导", "Leaders", Set, MANDATE_REF, Submit)
            .help("同一批领导同一天到一地计一次。", "The same leaders at one place on one day are one visit."),
        field("leaders", "带队领导（非代表）", "Leaders (no deputies)", Set, NAME, Optional)
            .help("不是代表的写姓名，一人一行。", "The names of those who are no deputies, one a line."),
        field("date", "日期", "Date", Shown, Date, Create).help("调研的日期。", "The day of the visit."),
        field("unit", "镇街", "Town or street", Shown, UNIT_REF, Create).help("去了哪里。", "Where they went."),
        field("topic", "主题", "Topic", Shown, TITLE, Submit).help("调研什么。", "What it is about."),
        field("issues", "发现问题", "Problems found", Log, NOTE, Optional)
            .help("一条一个；要跟踪的另建整改事项。", "One an entry; what is followed up gets a record of its own."),
        added("meeting_date", "座谈会日期", "Meeting on", Shown, Date, Optional)
            .help("开了座谈会的填写。", "If there was a meeting."),
        field("minutes", "座谈会纪要", "Minutes", Class::Prose, Type::Prose, Optional)
            .help("座谈会上说了什么。", "What was said at the meeting."),
        added("report_no", "情况通报文号", "Report number", Shown, NAME, Optional)
            .help("印发通报的文号。", "The number of the report that was sent out."),
        added("report_date", "通报日期", "Reported on", Shown, Date, Optional)
            .help("印发的日期。", "The day it was sent out."),
        added("follow_ups", "跟踪记录", "Follow-ups", Log, NOTE, Optional)
            .help("后续情况，一次一条。", "What happened since, an entry each."),
        FILES,
    ],
};

/// E14: lies at the town's desk, so that the town that has to mend it can write.
pub(in super::super) static RECTIFICATION: Schema = Schema {
    kind: Kind::Rectification,
    label: label("整改事项", "Matter to be mended"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("visit", "来自督导", "From visit", Once, Ref { kind: Kind::GuidanceVisit }, Create)
            .help("哪一次督导调研发现。", "Which visit found it."),
        added("unit", "镇街", "Town or street", Once, UNIT_REF, Create).help("由谁整改。", "Who has to mend it."),
        added("title", "问题", "Problem", Shown, TITLE, Create)
            .help("一句话说明问题。", "The problem in one sentence."),
        added("date", "发现日期", "Found on", Shown, Date, Create)
            .help("通常为督导当天。", "Usually the day of the visit."),
        added("owner", "责任人", "Responsible", Shown, NAME, Optional).help("姓名和职务。", "Name and post."),
        added("due", "整改时限", "To be mended by", Shown, Date, Submit).help("约定的日期。", "The day agreed on."),
        added("state", "进展", "State", Shown, code("rectification_state"), Create)
            .help("跟到解决为止。", "It is followed until it is solved."),
        added("progress", "整改情况", "Progress", Log, NOTE, Optional).help("一次一条。", "An entry each time."),
        FILES,
    ],
};

/// E15 (代表法 第四十三条: the yearly plan of deputies' work).
pub(in super::super) static MECHANISM_PLAN: Schema = Schema {
    kind: Kind::MechanismPlan,
    label: label("机制台账", "Plan of a mechanism"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("mechanism", "机制", "Mechanism", Once, code("mechanism"), Create)
            .help("六项机制之一。", "One of the six."),
        added("unit", "单位", "Unit", Once, UNIT_REF, Create).help("区或镇街。", "The district, a town or a street."),
        added("year", "年度", "Year", Once, Number, Create).help("哪一年的计划。", "The plan of which year."),
        added("title", "名称", "Title", Shown, TITLE, Create).help("计划或方案的名称。", "The plan's name."),
        third("head_mandate", "领导小组组长", "Head", Shown, MANDATE_REF, Optional)
            .help("领导小组由谁牵头；是代表的在这里选。", "Who leads the group; chosen here where it is a deputy."),
        added("head", "领导小组组长（非代表）", "Head (no deputy)", Shown, NAME, Optional)
            .help("组长不是代表的写姓名。", "The name of a head who is no deputy."),
        third("member_mandates", "领导小组成员", "Members", Set, MANDATE_REF, Optional)
            .help("是代表的在这里选。", "Deputies are chosen here."),
        added("members", "领导小组成员（非代表）", "Members (no deputies)", Set, NAME, Optional)
            .help("不是代表的写姓名，一人一行。", "The names of those who are no deputies, one a line."),
        added("budget", "经费（元）", "Budget (yuan)", Shown, Number, Optional)
            .help("年度安排的经费。", "Set aside for the year."),
        added("funds", "经费使用", "Spending", Log, NOTE, Optional)
            .help("每笔一条：日期、金额、用途。", "An entry each: day, amount, use."),
        added("venue", "活动阵地", "Venue", Shown, PLACE, Optional)
            .help("固定的活动场所。", "Where activities take place."),
        added("plan", "计划内容", "Plan", Class::Prose, Type::Prose, Submit)
            .help("目标、项目、时间。", "Aims, items, times."),
        FILES,
    ],
};
