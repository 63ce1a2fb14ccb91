//! What villagers say, and what deputies make of it.

use super::*;

/// E8, forms F1 and F2. No name, no telephone: those belong into a sealed record.
pub(in super::super) static VOICE: Schema = Schema {
    kind: Kind::Voice,
    label: label("群众意见", "Voice"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("author", "记录人", "Recorded by", Once, MANDATE_REF, Optional)
            .help("由系统填写：以哪个任职记录。", "Filled in by the app: under which mandate."),
        field("station", "联络站", "Station", Once, STATION_REF, Optional)
            .help("由系统填写：在哪个站室。", "Filled in by the app."),
        field("slip_no", "回执号", "Slip number", Once, Line { chars_max: 16 }, Create)
            .help("念给群众听，日后凭它询问。", "Read it to the villager, who can ask by it later."),
        field("channel", "渠道", "Channel", Shown, code("channel"), Create)
            .help("怎样收集到的。", "How it reached you."),
        field("source_day", "来自接待日", "From reception day", Shown, Ref { kind: Kind::ReceptionDay }, Optional)
            .help("接待日收集的自动关联。", "Linked by itself on a reception day."),
        field("source_activity", "来自活动", "From activity", Shown, Ref { kind: Kind::Activity }, Optional)
            .help("活动中收集的自动关联。", "Linked by itself at an activity."),
        field("date", "收集日期", "Date", Shown, Date, Create).help("群众提出的日期。", "The day it was said."),
        field("collectors", "收集代表", "Collected by", Set, MANDATE_REF, Create)
            .help("一位或几位代表。", "One deputy or several."),
        field("village", "村居", "Village", Shown, UNIT_REF, Submit).help("事情所在的村居。", "Where the matter lies."),
        field("group", "村民组", "Group", Shown, NAME, Optional)
            .help("到组即可，不写门牌。", "The group is enough, no house number."),
        field("verbatim", "群众原话", "In the villager's words", AuthorProse, Type::Prose, Optional).help(
            "照原话记，不加分析；别人改不了。信访类不记内容。",
            "As it was said, without analysis; nobody else can change it. Nothing for petition matters.",
        ),
        added("audio", "原声", "Recordings", Entries, Each { of: &Blob, value: &NOTE }, Optional)
            .help("经同意的录音，转写后也保留。", "With consent; kept after it is written down."),
        added("transcript", "转写", "Transcript", Class::Prose, Type::Prose, Optional)
            .help("录音转成的文字，可校对。", "The recording as text, to be proofread."),
        added("transcript_engine", "转写方式", "Transcribed by", Quiet, NAME, Optional)
            .help("机器转写写明软件，人工写“人工”。", "The software, or “by hand”."),
        added("transcript_checked", "已校对", "Proofread", Quiet, Bool, Optional)
            .help("有人对照录音校对过。", "Somebody has compared it with the recording."),
        field("summary", "代表归纳", "Deputy's summary", Class::Prose, Type::Prose, Submit)
            .help("用自己的话归纳，一事一件。", "In your own words, one matter only."),
        field("category", "类别", "Category", Shown, code("category"), Submit).help("选主要的一类。", "The main one."),
        added("categories", "其他类别", "Further categories", Set, code("category"), Optional)
            .help("也涉及的类别。", "What else it is about."),
        field("focus", "重点方面", "Focus", Set, code("focus"), Optional)
            .help("五个重点，可多选。", "The five focuses; several may fit."),
        field("affected", "涉及人数", "People concerned", Shown, Number, Optional)
            .help("大约多少人。", "About how many."),
        added("affected_households", "涉及户数", "Households concerned", Shown, Number, Optional)
            .help("大约多少户。", "About how many."),
        field("urgency", "紧急程度", "Urgency", Shown, code("urgency"), Optional)
            .help("有危险的选“安全隐患”。", "Choose danger where there is any."),
        field("confidential", "群众要求保密", "Confidential", Flag, Bool, Optional)
            .help("任何一人勾选即保密。", "One mark is enough."),
        added("sensitive", "内容敏感", "Sensitive", Flag, Bool, Optional).help(
            "涉及健康、残疾、未成年人等，不进入公开材料。",
            "Health, disability, minors: never in anything public.",
        ),
        field("tier_suggest", "建议去向", "Where it should go", Shown, code("tier_suggest"), Optional)
            .help("代表的判断，由站和镇街确认。", "Your guess; station and town decide."),
        field("follow_ups", "跟进记录", "Follow-ups", Log, NOTE, Optional)
            .help("看过、问过、催过，一次一条。", "Looked, asked, urged: one entry each."),
        field("suggestions", "关联建议", "Suggestions", Set, Ref { kind: Kind::Suggestion }, Optional)
            .help("由此形成的代表建议。", "What deputies made of it."),
        added("repeats", "再次反映", "Raised again", Once, Ref { kind: Kind::Voice }, Optional)
            .help("同一件事销号后再提，关联原来那条。", "The closed record of the same matter."),
        FILES,
        PROXY,
        DELETED,
    ],
};

/// E9, form F5.
pub(in super::super) static SUGGESTION: Schema = Schema {
    kind: Kind::Suggestion,
    label: label("代表建议", "Suggestion"),
    since: 1,
    natural_key: &[],
    fields: &[
        field("tier", "层级", "Tier", Shown, code("suggestion_tier"), Create).help(
            "街道事务走直通车，不是法定代表建议。",
            "A street's own matters go by the express; they are no statutory suggestion.",
        ),
        field("type", "类型", "Type", Shown, code("suggestion_type"), Create)
            .help("建议、批评、意见或议案转建议。", "What it is."),
        field("term", "届次", "Term", Shown, NAME, Optional).help("如五届。", "Such as the fifth."),
        field("session", "会次", "Session", Shown, NAME, Optional).help("如一次。", "Such as the first."),
        field("in_session", "会上提出", "Raised in session", Shown, Bool, Optional)
            .help("大会期间提出为是，闭会期间为否。", "Yes while the congress sits, no between sessions."),
        field("date", "提出日期", "Date", Shown, Date, Create).help("代表提出的日期。", "The day it is raised."),
        field("title", "标题", "Title", Shown, Line { chars_max: 50 }, Submit)
            .help("关于……的建议，不超过50字。", "At most 50 characters."),
        field("facts", "情况", "Facts", Class::Prose, Type::Prose, Submit)
            .help("有情况：时间、地点、影响。", "What is so: when, where, whom it concerns."),
        field("analysis", "分析", "Analysis", Class::Prose, Type::Prose, Submit)
            .help("有分析：原因。", "Why it is so."),
        field("asks", "具体意见", "What is asked for", Class::Prose, Type::Prose, Submit)
            .help("有具体意见：希望谁做什么，一事一件。", "Who should do what; one matter only."),
        field("category", "类别", "Category", Shown, code("category"), Submit).help("选主要的一类。", "The main one."),
        field("themes", "主题", "Themes", Set, code("theme"), Optional)
            .help("勾“乡村振兴”的计入占比统计。", "The share on rural revitalization goes by this."),
        field("lead", "领衔代表", "Lead deputy", Shown, MANDATE_REF, Submit).help("选一个任职。", "One mandate."),
        added("delegation", "代表团/小组", "Delegation", Shown, NAME, Optional)
            .help("以代表团或小组名义时填写。", "If it is raised in its name."),
        field("cosigners", "联名代表", "Co-signing deputies", Set, MANDATE_REF, Optional)
            .help("邀请联名的代表。", "Who is asked to sign."),
        added(
            "confirmations",
            "联名确认",
            "Confirmed",
            Entries,
            Each { of: &MANDATE_REF, value: &Line { chars_max: 64 } },
            Optional,
        )
        .help(
            "各人确认的是哪一稿；改稿后要重新确认。",
            "Which version each has confirmed; a changed text is asked again.",
        )
        // The events say so, and the server checks them.
        .retired(),
        field("voices", "来源意见", "Voices behind it", Set, Ref { kind: Kind::Voice }, Optional)
            .help("由哪些群众意见形成。", "What villagers said about it."),
        field("wish_units", "希望承办单位", "Units wished for", Set, NAME, Optional)
            .help("最终由交办机关确定。", "The assigning body decides."),
        added("wants_meeting", "要求面商", "Asks to be met", Shown, Bool, Optional)
            .help("答复前要求当面沟通。", "Before the reply is given."),
        added("may_be_public", "同意公开", "May be published", Shown, Bool, Optional)
            .help("是否公开由区里决定，这里是代表的意见。", "The deputy's wish; the district decides."),
        added("open_to_cosign", "可联名", "Open to co-signers", Shown, Bool, Optional)
            .help("其他代表可以附议。", "Others may second it."),
        added("declared", "不属于不予受理情形", "Within what is accepted", Shown, Bool, Optional)
            .help("不涉及具体案件、个人诉求等不予受理情形。", "No court case and no personal claim.")
            // Declared with the act of handing in, by whom and when.
            .retired(),
        FILES,
        PROXY,
        DELETED,
    ],
};
