//! 履职档案: what counts is computed from verified acts; these are the parts that people write.

use super::*;

/// E16 (代表法 第五十八条).
pub(in super::super) static DUTY_REPORT: Schema = Schema {
    kind: Kind::DutyReport,
    label: label("代表述职", "Duty report"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("author", "述职代表", "Deputy", Once, MANDATE_REF, Create)
            .help("由系统填写：以哪个任职述职。", "Filled in by the app: under which mandate."),
        added("station", "联络站", "Station", Once, STATION_REF, Optional)
            .help("由系统填写。", "Filled in by the app."),
        added("date", "日期", "Date", Shown, Date, Create).help("述职的日期。", "The day of the report."),
        added("venue", "地点", "Venue", Shown, PLACE, Submit)
            .help("在哪里向选民述职。", "Where it was given to the voters."),
        added("listeners", "到会选民", "Voters present", Shown, Number, Optional)
            .help("大致人数，不相加。", "About how many; figures are never added."),
        added("text", "述职报告", "Report", Class::Prose, Type::Prose, Submit)
            .help("一年来的履职情况(F4)。", "The year's work (form F4)."),
        added("satisfied", "满意票", "Satisfied", Shown, Number, Optional).help("选民测评的票数。", "Votes counted."),
        added("basically", "基本满意票", "Basically satisfied", Shown, Number, Optional)
            .help("选民测评的票数。", "Votes counted."),
        added("dissatisfied", "不满意票", "Dissatisfied", Shown, Number, Optional)
            .help("选民测评的票数。", "Votes counted."),
        added("abstained", "弃权票", "Abstained", Shown, Number, Optional).help("选民测评的票数。", "Votes counted."),
        added("questions", "选民提问", "Questions", Log, NOTE, Optional)
            .help("一问一条，不写姓名。", "One an entry, without names."),
        FILES,
        PROXY,
        DELETED.since(2),
    ],
};

/// E17, the manual part. It counts once it is verified.
pub(in super::super) static DOSSIER_ENTRY: Schema = Schema {
    kind: Kind::DossierEntry,
    label: label("履职档案条目", "Dossier entry"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("mandate", "任职", "Mandate", Once, MANDATE_REF, Create)
            .help("一人一档、一任一册。", "One dossier per mandate."),
        added("section", "档案方面", "Section", Shown, code("dossier_section"), Create)
            .help("八个方面之一。", "One of the eight."),
        added("date", "日期", "Date", Shown, Date, Create).help("事情发生的日期。", "The day it happened."),
        added("text", "内容", "What", Shown, NOTE, Create).help(
            "会议出席、发言、表彰等；活动和建议由系统自动归档。",
            "Meetings, speeches, honours; activities and suggestions come by themselves.",
        ),
        added("source", "依据记录", "Source", Shown, AnyRef, Optional)
            .help("系统内有据的关联记录。", "The record it rests on, if there is one."),
        added("objections", "代表异议", "Objections", Log, NOTE, Optional)
            .help("代表对错、重、漏的说明。", "What the deputy says is wrong, twice or missing.")
            // Contested by an event, which is answered.
            .retired(),
        FILES,
    ],
};

/// E17b. No official values were seen: any that are entered are marked as samples.
pub(in super::super) static SCORE_RULE: Schema = Schema {
    kind: Kind::ScoreRule,
    label: label("评分规则", "Rule of scoring"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("section", "档案方面", "Section", Once, code("dossier_section"), Create)
            .help("给哪一方面计分。", "Which section it scores."),
        added("title", "名称", "Title", Shown, TITLE, Create).help("如出席人代会。", "Such as attending the congress."),
        added("per", "计分单位", "Per", Once, code("score_unit"), Create)
            .help("每次、每天或每件。", "Per act, day or piece."),
        added("value", "分值（百分之一分）", "Value (hundredths)", Once, Number, Create)
            .help("以百分之一分计，改分另立新规则。", "In hundredths of a point; another value is another rule."),
        added("cap", "封顶（百分之一分）", "Cap (hundredths)", Once, Number, Optional)
            .help("一年最多计多少。", "The most in a year."),
        added("valid_from", "自何日起", "Valid from", Once, Date, Create)
            .help("从这一天起的行为按此计。", "For acts from this day on."),
        added("valid_to", "至何日止", "Valid until", Shown, Date, Optional)
            .help("现行规则留空。", "Empty while it is in force."),
        added("basis", "依据", "Basis", Shown, PLACE, Create).help("哪个文件规定的。", "The document that says so."),
        added("sample", "示例，待区人大确认", "A sample, to be confirmed", Quiet, Bool, Optional)
            .help("没有正式文件时标“是”。", "Yes while there is no official text."),
    ],
};

/// E17b. There is no field for a rank.
pub(in super::super) static SCORE_BATCH: Schema = Schema {
    kind: Kind::ScoreBatch,
    label: label("评分批次", "Scoring period"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("title", "名称", "Title", Shown, TITLE, Create).help("如2026年度。", "Such as the year 2026."),
        added("start", "开始", "From", Once, Date, Create).help("统计期的第一天。", "The first day."),
        added("end", "结束", "Until", Once, Date, Create).help("统计期的最后一天。", "The last day."),
        added("raters", "评定方", "Raters", Set, NAME, Optional)
            .help("自评、小组、镇街、代表部门。", "Self, group, town, committee."),
        added("adjustments", "评定调整", "Adjustments", Log, NOTE, Optional)
            .help("谁、调多少、为什么，一次一条。", "Who, how much, why: an entry each."),
    ],
};
