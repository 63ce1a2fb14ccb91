//! Code lists: the values that a field offers, with their words.
//!
//! A value that is not in its list (written by a newer version) survives and is shown as it is. To an open list the
//! district adds by records of kind [`super::Kind::CodeEntry`].

use serde::Serialize;

use super::{Label, Type, label};

/// One value of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Code {
    pub key: &'static str,
    pub label: Label,
}

/// A list of values.
#[derive(Debug, Serialize)]
pub struct CodeList {
    pub key: &'static str,
    pub codes: &'static [Code],
}

/// 紧急程度. Of marks that were made at the same time the more urgent one stands (DOMAIN §6.3, E8), until somebody chooses.
pub const URGENCY: Type = Type::Code { list: "urgency" };

/// How urgent a mark is among the others.
pub fn urgency_rank(key: &str) -> u8 {
    match key {
        "danger" => 2,
        "urgent" => 1,
        _ => 0,
    }
}

impl CodeList {
    /// The list with this key.
    pub fn find(key: &str) -> Option<&'static CodeList> {
        ALL.iter().find(|list| list.key == key)
    }

    /// Whether the district may add to it, rename what it has, and end it (代码表, E25).
    pub fn is_open(&self) -> bool {
        OPEN.contains(&self.key)
    }

    /// The words for a value, if the list knows it.
    pub fn label(&self, key: &str) -> Option<Label> {
        self.codes.iter().find(|code| code.key == key).map(|code| code.label)
    }
}

const fn code(key: &'static str, zh: &'static str, en: &'static str) -> Code {
    Code { key, label: label(zh, en) }
}

/// The lists that a district may change (DOMAIN §6.3, "code list editable"). On the others rest rules, figures or the
/// law: a value that these do not know would be counted nowhere.
pub const OPEN: [&str; 6] = ["activity_kind", "theme", "channel", "category", "training_kind", "pairing_activity"];

/// Every list.
pub static ALL: &[CodeList] = &[
    CodeList {
        key: "unit_level",
        codes: &[
            code("district", "区", "District"),
            code("street", "街道", "Street"),
            code("town", "镇", "Town"),
            code("village", "村", "Village"),
            code("community", "社区（居）", "Community"),
            code("group", "村民组", "Villagers' group"),
        ],
    },
    CodeList {
        key: "station_kind",
        codes: &[
            code("station", "联络站", "Station"),
            code("room", "联络室", "Room"),
            code("home", "代表之家", "Deputies' home"),
            code("studio", "代表工作室", "Studio"),
            code("mobile", "流动联络点", "Mobile point"),
        ],
    },
    CodeList {
        key: "station_state",
        codes: &[code("open", "启用", "In use"), code("closed", "停用", "Closed"), code("planned", "筹建", "Planned")],
    },
    CodeList { key: "gender", codes: &[code("male", "男", "Male"), code("female", "女", "Female")] },
    CodeList {
        key: "mandate_level",
        codes: &[
            code("town", "镇人大代表", "Town deputy"),
            code("district", "区人大代表", "District deputy"),
            code("city", "市人大代表", "City deputy"),
            code("province", "省人大代表", "Provincial deputy"),
            code("nation", "全国人大代表", "National deputy"),
        ],
    },
    CodeList {
        key: "mandate_status",
        codes: &[
            code("active", "在任", "In office"),
            code("suspended", "暂停执行", "Suspended"),
            code("ended", "终止", "Ended"),
        ],
    },
    // DOMAIN §6.3, code list A.
    CodeList {
        key: "activity_kind",
        codes: &[
            code("home_visit", "走访选民", "Home visits"),
            code("courtyard", "院坝会/座谈会", "Courtyard meeting"),
            code("publicity", "政策宣讲", "Explaining policy"),
            code("group", "代表小组活动", "Group activity"),
            code("inspection", "视察", "Inspection"),
            code("survey", "专题调研", "Survey"),
            code("law_check", "执法检查", "Law-enforcement check"),
            code("appraisal", "工作评议/述职评议", "Appraisal"),
            code("inquiry", "专题询问", "Special inquiry"),
            code("sit_in", "列席会议", "Attending a meeting"),
            code("supervision", "建议督办", "Following up suggestions"),
            code("help", "帮扶/助困", "Help"),
            code("industry", "领办产业/合作社", "Leading an industry or cooperative"),
            code("volunteering", "志愿服务/环境整治", "Volunteering"),
            code("training", "学习培训", "Training"),
            code("pairing", "结对活动", "Pairing activity"),
            code("duty_report", "向选民述职", "Report to voters"),
            code("project", "民生实事票决/监督", "Livelihood projects"),
            code("legislation", "立法/法规意见征集", "Opinions on legislation"),
            code("reception", "选民接待日", "Reception day"),
            code("other", "其他", "Other"),
        ],
    },
    CodeList {
        key: "role",
        codes: &[
            code("publicist", "宣传员", "Publicist"),
            code("adviser", "参谋员", "Adviser"),
            code("pathfinder", "领航员", "Pathfinder"),
        ],
    },
    CodeList {
        key: "focus",
        codes: &[
            code("industry", "产业兴旺", "Thriving industry"),
            code("ecology", "生态宜居", "Liveable environment"),
            code("civility", "乡风文明", "Civility"),
            code("governance", "治理有效", "Good governance"),
            code("prosperity", "生活富裕", "Prosperity"),
        ],
    },
    CodeList {
        key: "theme",
        codes: &[
            code("rural_revitalization", "乡村振兴", "Rural revitalization"),
            code("business", "营商环境", "Business environment"),
            code("livelihood", "民生实事", "Livelihood projects"),
            code("safety", "安全生产", "Work safety"),
        ],
    },
    CodeList {
        key: "organizer",
        codes: &[
            code("district", "区", "District"),
            code("town", "镇街", "Town or street"),
            code("station", "联络站", "Station"),
            code("group", "代表小组", "Group"),
            code("person", "个人", "Deputy"),
        ],
    },
    CodeList {
        key: "channel",
        codes: &[
            code("reception", "接待", "Reception"),
            code("visit", "走访", "Visit"),
            code("courtyard", "院坝会", "Courtyard meeting"),
            code("phone", "电话", "Telephone"),
            code("box", "意见箱", "Suggestion box"),
            code("code", "扫码", "QR code"),
            code("other", "其他", "Other"),
        ],
    },
    CodeList {
        key: "category",
        codes: &[
            code("industry", "产业发展", "Industry"),
            code("roads", "交通基础设施", "Roads and transport"),
            code("village", "村庄整治", "Village improvement"),
            code("education_health", "教育医疗", "Education and health"),
            code("water", "水利饮水", "Water"),
            code("power", "电力通信", "Power and telecom"),
            code("housing", "住房与用地", "Housing and land"),
            code("welfare", "社会保障与就业", "Welfare and work"),
            code("culture", "文化旅游", "Culture and tourism"),
            code("ecology", "生态环保", "Environment"),
            code("order", "社会治安与治理", "Public order"),
            code("city", "城市管理", "City management"),
            code("other", "其他", "Other"),
        ],
    },
    CodeList {
        key: "urgency",
        codes: &[
            code("normal", "一般", "Normal"),
            code("urgent", "急", "Urgent"),
            code("danger", "安全隐患", "Danger"),
        ],
    },
    CodeList {
        key: "tier_suggest",
        codes: &[
            code("spot", "当场答复", "Answered on the spot"),
            code("village", "村居办理", "Village"),
            code("town", "镇街办理", "Town or street"),
            code("district", "报区", "District"),
            code("upper", "转上级", "Higher up"),
            code("petition", "信访引导", "Petition office"),
            code("declined", "不予受理", "Not accepted"),
        ],
    },
    CodeList {
        key: "suggestion_tier",
        codes: &[
            code("express", "代表直通车", "Deputies' express"),
            code("town", "镇人大", "Town congress"),
            code("district", "区人大", "District congress"),
            code("upper", "转上级", "Higher up"),
        ],
    },
    CodeList {
        key: "suggestion_type",
        codes: &[
            code("suggestion", "建议", "Suggestion"),
            code("criticism", "批评", "Criticism"),
            code("opinion", "意见", "Opinion"),
            code("motion", "议案转建议", "Motion turned suggestion"),
        ],
    },
    CodeList {
        key: "organizer_level",
        codes: &[code("district", "区级", "District"), code("town", "镇街级", "Town or street")],
    },
    CodeList {
        key: "training_kind",
        codes: &[
            code("go_out", "走出去", "Visiting others"),
            code("invite", "请进来", "Inviting teachers"),
            code("meeting", "以会代训", "At a meeting"),
            code("online", "线上", "Online"),
        ],
    },
    CodeList {
        key: "attendance",
        codes: &[
            code("present", "到场", "Present"),
            code("leave", "请假", "Excused"),
            code("absent", "缺席", "Absent"),
        ],
    },
    // 代表法 第六十一、六十二条.
    CodeList {
        key: "mandate_end_reason",
        codes: &[
            code("term", "任期届满", "End of the term"),
            code("moved", "迁出或调离", "Moved away"),
            code("resigned", "辞职被接受", "Resigned"),
            code("absent", "未经批准两次不出席会议", "Absent twice without leave"),
            code("recalled", "被罢免", "Recalled"),
            code("rights_lost", "丧失权利或国籍", "Lost rights or nationality"),
            code("unable", "丧失行为能力", "Unable to act"),
            code("died", "去世", "Died"),
            code("custody", "被羁押或服刑（暂停）", "In custody (suspended)"),
        ],
    },
    CodeList {
        key: "group_kind",
        codes: &[code("area", "按地域", "By area"), code("field", "按领域", "By field of work")],
    },
    CodeList {
        key: "pairing_activity",
        codes: &[
            code("visit", "调研视察", "Survey or inspection"),
            code("help", "帮扶", "Help"),
            code("industry", "产业对接", "Linking industries"),
            code("other", "其他", "Other"),
        ],
    },
    CodeList {
        key: "mechanism",
        codes: &[
            code("service", "服务保障", "Service and support"),
            code("training", "履职培训", "Training"),
            code("assessment", "履职考核", "Assessment"),
            code("pairing", "结对联系", "Pairing"),
            code("routing", "建议分级交办", "Tiered routing"),
            code("guidance", "督促指导", "Guidance"),
        ],
    },
    // 八个方面, DOMAIN §1.6.
    CodeList {
        key: "dossier_section",
        codes: &[
            code("basics", "基本情况", "Basics"),
            code("meetings", "参加会议", "Meetings"),
            code("inspections", "视察调研", "Inspections and surveys"),
            code("training", "学习培训", "Training"),
            code("group", "代表小组活动", "Group activities"),
            code("suggestions", "提出建议意见", "Suggestions"),
            code("report", "述职接受监督", "Reports to voters"),
            code("honours", "表彰奖励", "Honours"),
        ],
    },
    CodeList {
        key: "checklist",
        codes: &[code("haves", "八有", "Eight haves"), code("standards", "九化", "Nine standards")],
    },
    CodeList {
        key: "checklist_answer",
        codes: &[code("yes", "有", "Has it"), code("no", "无", "Lacks it"), code("mending", "整改中", "Being mended")],
    },
    CodeList {
        key: "rectification_state",
        codes: &[
            code("open", "未整改", "Open"),
            code("mending", "整改中", "Being mended"),
            code("solved", "已解决", "Solved"),
        ],
    },
    CodeList {
        key: "audience",
        codes: &[
            code("deputies", "代表", "Deputies"),
            code("stations", "联络站", "Stations"),
            code("all", "全体", "Everybody"),
        ],
    },
    CodeList {
        key: "feedback_kind",
        codes: &[code("fault", "故障", "Fault"), code("complaint", "投诉", "Complaint"), code("idea", "建议", "Idea")],
    },
    CodeList {
        key: "feedback_state",
        codes: &[
            code("open", "待处理", "Open"),
            code("in_hand", "处理中", "In hand"),
            code("done", "已处理", "Dealt with"),
        ],
    },
    CodeList {
        key: "attachment_kind",
        codes: &[
            code("photo", "照片", "Photo"),
            code("audio", "录音", "Recording"),
            code("scan", "扫描件", "Scan"),
            code("document", "文档", "Document"),
        ],
    },
    CodeList {
        key: "score_unit",
        codes: &[code("act", "每次", "Per act"), code("day", "每天", "Per day"), code("piece", "每件", "Per piece")],
    },
];
