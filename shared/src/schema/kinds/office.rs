//! What the offices keep: notices, feedback on this system, code lists, what is known of files.

use super::*;

/// E20.
pub(in super::super) static NOTICE: Schema = Schema {
    kind: Kind::Notice,
    label: label("通知", "Notice"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("title", "标题", "Title", Shown, TITLE, Create).help("一句话说清楚。", "In one sentence."),
        added("audience", "发给", "For", Shown, code("audience"), Create).help("谁应当看到。", "Who should read it."),
        added("date", "日期", "Date", Shown, Date, Create).help("发出的日期。", "The day it is sent."),
        added("until", "有效至", "Until", Shown, Date, Optional)
            .help("过期后不再提示。", "After this day it is no longer shown first."),
        added("text", "内容", "Text", Class::Prose, Type::Prose, Submit)
            .help("时间、地点、要求。", "When, where, what is asked."),
        FILES,
        DELETED.since(2),
    ],
};

/// E21, required of government apps (国办函〔2026〕12号).
pub(in super::super) static APP_FEEDBACK: Schema = Schema {
    kind: Kind::AppFeedback,
    label: label("反馈投诉", "Feedback on this app"),
    since: 2,
    natural_key: &[],
    fields: &[
        added("kind", "类别", "Kind", Shown, code("feedback_kind"), Create)
            .help("故障、投诉或建议。", "Fault, complaint or idea."),
        added("date", "日期", "Date", Shown, Date, Create).help("提出的日期。", "The day."),
        added("text", "内容", "Text", Class::Prose, Type::Prose, Submit)
            .help("哪里不好用，希望怎样。", "What is wrong, and what you wish."),
        added("app_version", "应用版本", "App version", Once, NAME, Optional)
            .help("由系统填写。", "Filled in by the app."),
        third("state", "进展", "State", Shown, code("feedback_state"), Optional)
            .help("由镇街、区里跟进；空着就是待处理。", "Town and district follow it up; empty while nobody has."),
        added("answers", "回复", "Answers", Log, NOTE, Optional)
            .help("处理情况，一次一条。", "What was done about it, an entry each."),
        FILES,
    ],
};

/// E25. The lists that come with the software are the start; these entries add to them and end them.
pub(in super::super) static CODE_ENTRY: Schema = Schema {
    kind: Kind::CodeEntry,
    label: label("代码", "Code"),
    since: 2,
    natural_key: &["list", "code"],
    fields: &[
        added("list", "代码表", "List", Once, NAME, Create).help(
            "这里没有列出的代码表由法律、规则或统计确定，不能增改。",
            "On the lists that are not offered rest the law, rules or figures: they are not added to.",
        ),
        added("code", "代码", "Code", Once, Line { chars_max: 40 }, Create).help(
            "小写字母、数字和下划线，不再更改；填已有的代码，就是给它改名或停用。",
            "Small letters, digits and underscores; never changed. A code that there is already is renamed or ended.",
        ),
        added("zh", "中文名称", "Chinese name", Shown, NAME, Create).help("界面上显示的名称。", "As it is shown."),
        added("en", "英文名称", "English name", Shown, NAME, Optional)
            .help("英文界面显示的名称。", "As it is shown in English."),
        added("order", "顺序", "Order", Quiet, Number, Optional).help(
            "在列表里的先后；原有的依次为10、20、30等。",
            "Its place in the list; those that came with the list have 10, 20, 30 and so on.",
        ),
        added("valid_from", "自何日起", "Valid from", Shown, Date, Optional)
            .help("从这一天起可选。", "Offered from this day on."),
        added("valid_to", "至何日止", "Valid until", Shown, Date, Optional)
            .help("此后不再提供选择，旧记录照常显示。", "No longer offered then; old records still show it."),
        added("sample", "示例，待区人大确认", "A sample, to be confirmed", Quiet, Bool, Optional)
            .help("正式名称确认前标“是”。", "Yes until it is confirmed."),
    ],
};

/// E18. The bytes travel by their hash; a record holds a set of hashes with captions.
pub(in super::super) static ATTACHMENT: Schema = Schema {
    kind: Kind::Attachment,
    label: label("附件", "Attachment"),
    since: 2,
    natural_key: &["record", "hash"],
    fields: &[
        added("record", "所属记录", "Record", Once, AnyRef, Create).help("由系统填写。", "Filled in by the app."),
        added("hash", "内容标识", "Hash", Once, Blob, Create)
            .help("由系统填写：内容的SHA-256。", "Filled in by the app: the SHA-256 of its bytes."),
        added("kind", "种类", "Kind", Once, code("attachment_kind"), Create)
            .help("照片、录音、扫描件或文档。", "Photo, recording, scan or document."),
        added("mime", "格式", "Format", Once, NAME, Create).help("由系统填写。", "Filled in by the app."),
        added("bytes", "大小（字节）", "Size (bytes)", Once, Number, Create)
            .help("由系统填写。", "Filled in by the app."),
        added("taken", "拍摄时间", "Taken at", Quiet, DateTime, Optional).help("可不填。", "Optional."),
        added("exif_stripped", "已去除位置信息", "Position removed", Quiet, Bool, Optional)
            .help("默认去除照片里的位置信息。", "By default photos lose their position."),
        added("preview", "缩略图", "Preview", Quiet, Blob, Optional).help("由系统填写。", "Filled in by the app."),
        added("may_be_public", "可公开", "May be published", Flag, Bool, Optional)
            .help("有人认为可以公开；默认不公开。", "Somebody holds that it may; by default it is not."),
        added("not_public", "不可公开", "Not to be published", Flag, Bool, Optional).help(
            "任何一人勾选即不公开（如有人脸未征得同意）。",
            "One mark is enough, such as a face without consent.",
        ),
        added("blurred", "已打码", "Blurred", Quiet, Bool, Optional)
            .help("人脸、门牌等已处理。", "Faces and house numbers are hidden."),
        third("transcribed_by", "转写人", "Written down by", Shown, NAME, Optional)
            .help("录音由谁转成文字；机器转写写明软件。", "Who wrote the recording down, or which software."),
    ],
};
