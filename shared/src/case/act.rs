//! Official acts: what a person asks the server to enter into a case's log.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::{Map, Value};

use super::{calendar::Date, facts::looks_personal};
use crate::{
    id::{RecordId, TextHash, UnitCode},
    json::{self, flat},
    limits::{ACT_LINE_CHARS_MAX, ACT_LIST_MAX, ACT_TEXT_CHARS_MAX},
};

/// An official act. An act of a newer version survives as [`Act::Unknown`] and is returned to its
/// author, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Act {
    // What is handed in and verified: activities, duty reports, dossier entries; voices and suggestions begin so too.
    /// 提交. For a suggestion: the wording that was on the screen, and the declaration that it is
    /// none of what may not become a suggestion (§2.3). For a voice: the one that it raises again (再次反映).
    Submit {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextHash>,
        #[serde(default)]
        declared: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<RecordId>,
    },
    /// 退回修改, 退回补充.
    AskRevision {
        text: String,
    },
    /// 核实.
    Verify,
    /// 更正: what is wrong in a verified record.
    Correct {
        text: String,
    },
    /// 作废.
    Void {
        text: String,
    },
    /// 转交: a draft whose author's mandate has ended goes to the town or the district.
    HandOver {
        mandate: RecordId,
    },

    // Dossier and mandate.
    /// 异议: an entry of one's dossier is wrong, doubled or missing (错、重、漏).
    Contest {
        fault: Fault,
        about: Option<RecordId>,
        text: String,
    },
    /// The answer to a contest, by its number.
    SettleContest {
        contest: u32,
        upheld: bool,
        text: String,
    },
    /// 暂停执行代表职务 (代表法 第六十一条).
    Suspend {
        on: Date,
        text: String,
    },
    /// 恢复执行.
    Resume {
        on: Date,
    },
    /// 代表资格终止 (代表法 第六十二条), 换届.
    End {
        on: Date,
        text: String,
    },

    // Voice.
    /// 分类, with the exit that the station proposes and the reason line of the routing rule.
    Sort {
        proposed: ExitKind,
        #[serde(default)]
        text: String,
    },
    /// 确定去向.
    Route {
        exit: Exit,
    },
    /// 并入的另一条: entered here by the server when another voice is merged into this one.
    Joined {
        voice: RecordId,
    },
    /// 结果: what came of it, so that the villager can be told.
    Outcome {
        text: String,
    },
    /// 反馈.
    Feedback {
        on: Date,
        way: Way,
        text: String,
        attitude: Option<Opinion>,
    },
    /// 无法联系: a try that did not reach the villager.
    Miss {
        on: Date,
        way: Way,
    },
    /// 销号 of a voice, 办结 of a suggestion.
    Close {
        #[serde(default)]
        text: String,
    },

    // Suggestion.
    /// 联名确认 of one wording; for whom, if it is entered from paper.
    Confirm {
        text: TextHash,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mandate: Option<RecordId>,
    },
    /// 进入审查.
    Review,
    /// 不予受理 or 转参考, with the coded reason.
    Decline {
        reason: Decline,
        text: String,
    },
    /// 立案: the server gives the number.
    Accept,
    /// 交办.
    Assign(Assign),
    /// 改派, by someone who knows to whom it was assigned.
    Reassign(Assign),
    /// 签收.
    Sign {
        officer: String,
        #[serde(default)]
        phone: String,
    },
    /// 申请退办.
    ReturnAssignment {
        text: String,
        propose: Option<UnitRef>,
    },
    DecideReturn {
        grant: bool,
        #[serde(default)]
        text: String,
    },
    /// 申请延期.
    AskExtension {
        until: Date,
        text: String,
    },
    DecideExtension {
        grant: bool,
        #[serde(default)]
        text: String,
    },
    /// 与代表联系沟通.
    Contact {
        way: Way,
        on: Date,
        #[serde(default)]
        place: String,
        #[serde(default)]
        text: String,
    },
    /// 协办意见.
    CoOpinion {
        text: String,
    },
    /// 答复.
    Reply(Reply),
    /// 测评 by the lead deputy, of the reply of this round.
    Evaluate(Evaluation),
    /// The view of a co-signing deputy; whose, if it is entered from paper.
    CosignerView {
        view: Evaluation,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mandate: Option<RecordId>,
    },
    /// An evaluation that came second: kept for the office (争议), the first stands.
    DisputedEvaluation(Evaluation),
    /// Which evaluation stands, by its number.
    SettleEvaluation {
        keep: u32,
        text: String,
    },
    /// 补录: an event counts as in time on paper proof.
    AcceptLate {
        event: u32,
        text: String,
    },
    /// 未测评.
    NotEvaluated,
    /// 重新办理.
    Rehandle {
        text: String,
    },
    /// 协调督办.
    Coordinate {
        text: String,
    },
    /// The conclusion of the coordination, with what both sides said.
    Conclude {
        deputy: String,
        unit: String,
        text: String,
    },
    /// 承诺事项: kept, broken or adjusted.
    Commitment {
        commitment: u32,
        outcome: CommitmentOutcome,
        due: Option<Date>,
        text: String,
    },
    /// 归档.
    Archive,
    /// 撤回.
    Withdraw {
        text: String,
    },
    /// 层级转换: the matter goes on as a new case of another tier.
    Convert {
        tier: Tier,
        to: RecordId,
        text: String,
    },
    /// The new case of a conversion: entered together with it, or when the new tier takes it over.
    Opened {
        origin: RecordId,
        tier: Tier,
    },
    /// 催办.
    Urge {
        level: u8,
        text: String,
    },
    /// 重点督办, 优秀建议.
    Mark {
        flag: Flag,
        on: bool,
        #[serde(default)]
        text: String,
    },
    /// 不同意公开, by the lead deputy.
    Object {
        text: String,
    },
    /// 公开.
    Publish {
        #[serde(default)]
        objection_considered: bool,
    },
    Unpublish {
        text: String,
    },
    /// Computes provisional dates again, now that the holiday table is there.
    FixDates,

    /// An act that this version does not know, as it came.
    #[serde(skip)]
    Unknown(Value),
}

/// The fields of acts in which people write what they like.
const TEXTS: [&str; 6] = ["text", "deputy", "unit", "place", "letter", "signer"];

impl Act {
    /// Whether the voices behind a suggestion learn of it: of a reply, and that there will be none.
    pub fn tells_voices(&self) -> bool {
        matches!(self, Act::Reply(_) | Act::Decline { .. } | Act::Withdraw { .. })
    }

    /// The field in which something like a telephone or identity number is written. (The officer's own number at 签收 is
    /// no such text.)
    pub(super) fn personal(&self) -> Option<&'static str> {
        let value = serde_json::to_value(self).ok()?;
        personal_text(&value)
    }
}

fn personal_text(value: &Value) -> Option<&'static str> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(key, value)| {
            let text = TEXTS.into_iter().find(|text| text == key);
            text.filter(|_| value.as_str().is_some_and(looks_personal)).or_else(|| personal_text(value))
        }),
        Value::Array(items) => items.iter().find_map(personal_text),
        _ => None,
    }
}

/// The name of the act, beside its fields.
const TAG: &str = "act";

impl Serialize for Act {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Act::Unknown(value) = self {
            return value.serialize(serializer);
        }
        let value = Act::serialize(self, serde_json::value::Serializer).map_err(ser::Error::custom)?;
        json::flatten(TAG, value).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Act {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = Map::deserialize(deserializer)?;
        let known = json::unflatten(TAG, flat.clone(), Act::deserialize);
        Ok(known.unwrap_or(Act::Unknown(flat.into())))
    }
}

/// To whom a case is assigned. One lead, by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assign {
    /// 主办.
    pub lead: UnitRef,
    /// 协办.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co: Vec<UnitRef>,
    /// 分办.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separate: Vec<UnitRef>,
    /// 涉及面广、处理难度大: the longer limit.
    #[serde(default)]
    pub wide: bool,
    #[serde(default)]
    pub text: String,
}

impl Assign {
    /// All units that handle it, the lead first.
    pub fn units(&self) -> impl Iterator<Item = &UnitRef> {
        std::iter::once(&self.lead).chain(&self.co).chain(&self.separate)
    }
}

/// A handling unit, with the name it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRef {
    pub code: UnitCode,
    pub name: String,
}

/// A reply (答复); a later one is a new reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// 文号.
    pub letter: String,
    /// A class of the scheme in force (A/B/C/D).
    pub class: String,
    pub text: String,
    /// 签发人.
    pub signer: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Promise>,
    #[serde(default)]
    pub may_publish: bool,
}

/// Something promised, with its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub text: String,
    pub due: Date,
}

/// An evaluation (测评). `round` is the number of the reply, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    pub round: u32,
    pub attitude: Opinion,
    pub result: Opinion,
    pub way: Way,
    #[serde(default)]
    pub text: String,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $key)] $variant),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn key(self) -> &'static str {
                match self { $($name::$variant => $key),+ }
            }

            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.key() == key)
            }
        }
    };
}

codes! {
    /// Where a suggestion is handled (`suggestion_tier`).
    Tier {
        /// 代表直通车: within the town or street, no statutory suggestion.
        Express = "express",
        /// 镇人大.
        Town = "town",
        /// 区人大.
        District = "district",
        /// 转上级.
        Upper = "upper",
    }
}

codes! {
    /// The exits of a voice (`tier_suggest`; merging beside them).
    ExitKind {
        Spot = "spot",
        Petition = "petition",
        Declined = "declined",
        Village = "village",
        Town = "town",
        District = "district",
        Upper = "upper",
        Merged = "merged",
    }
}

/// Where a voice goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Exit {
    /// 当场答复.
    Spot { text: String },
    /// 信访引导: what kind of matter and to which office, nothing else.
    Petition { matter: Petition, office: UnitRef },
    /// 不予受理.
    Declined { reason: Decline },
    /// 村居办理.
    Village { unit: UnitRef },
    /// 代表直通车: the suggestion record of tier `express` or, in a town, `town`.
    Town { suggestion: RecordId },
    /// 报区.
    District { suggestion: RecordId },
    /// 转上级.
    Upper { office: String },
    /// 并入.
    Merged { into: RecordId },
}

flat!(Exit, "to");

codes! {
    /// Kinds of petition matters (信访). Of accusations (检举控告) no narrative may be stored.
    Petition {
        Request = "request",
        Appeal = "appeal",
        Accusation = "accusation",
        Litigation = "litigation",
        Other = "other",
    }
}

codes! {
    /// What may not become a suggestion (§2.3).
    Decline {
        Personal = "personal",
        Judicial = "judicial",
        Forwarded = "forwarded",
        Academic = "academic",
        Vague = "vague",
        Tender = "tender",
        Accusation = "accusation",
        /// 转参考.
        Reference = "reference",
        Other = "other",
    }
}

codes! {
    /// 满意度.
    Opinion { Satisfied = "satisfied", Mostly = "mostly", Dissatisfied = "dissatisfied" }
}

codes! {
    /// How people were in touch.
    Way {
        Phone = "phone",
        /// 走访.
        Visit = "visit",
        /// 座谈.
        Meeting = "meeting",
        /// 面商.
        Consultation = "consultation",
        Letter = "letter",
        Online = "online",
        Other = "other",
    }
}

codes! {
    /// What came of a commitment.
    CommitmentOutcome { Kept = "kept", Broken = "broken", Adjusted = "adjusted" }
}

codes! {
    /// What is wrong with a dossier: 错、重、漏.
    Fault { Wrong = "wrong", Duplicate = "duplicate", Missing = "missing" }
}

codes! {
    /// Marks beside the state.
    Flag { KeySupervision = "key_supervision", Excellent = "excellent" }
}

impl Way {
    /// 见面: the two were in one room.
    pub fn is_face_to_face(self) -> bool {
        matches!(self, Way::Visit | Way::Meeting | Way::Consultation)
    }
}

impl Act {
    /// The act's name in data and in the texts (`act.<key>`).
    pub fn key(&self) -> &str {
        match self {
            Act::Submit { .. } => "submit",
            Act::AskRevision { .. } => "ask_revision",
            Act::Verify => "verify",
            Act::Correct { .. } => "correct",
            Act::Void { .. } => "void",
            Act::HandOver { .. } => "hand_over",
            Act::Contest { .. } => "contest",
            Act::SettleContest { .. } => "settle_contest",
            Act::Suspend { .. } => "suspend",
            Act::Resume { .. } => "resume",
            Act::End { .. } => "end",
            Act::Sort { .. } => "sort",
            Act::Route { .. } => "route",
            Act::Joined { .. } => "joined",
            Act::Outcome { .. } => "outcome",
            Act::Feedback { .. } => "feedback",
            Act::Miss { .. } => "miss",
            Act::Close { .. } => "close",
            Act::Confirm { .. } => "confirm",
            Act::Review => "review",
            Act::Decline { .. } => "decline",
            Act::Accept => "accept",
            Act::Assign(_) => "assign",
            Act::Reassign(_) => "reassign",
            Act::Sign { .. } => "sign",
            Act::ReturnAssignment { .. } => "return_assignment",
            Act::DecideReturn { .. } => "decide_return",
            Act::AskExtension { .. } => "ask_extension",
            Act::DecideExtension { .. } => "decide_extension",
            Act::Contact { .. } => "contact",
            Act::CoOpinion { .. } => "co_opinion",
            Act::Reply(_) => "reply",
            Act::Evaluate(_) => "evaluate",
            Act::CosignerView { .. } => "cosigner_view",
            Act::DisputedEvaluation(_) => "disputed_evaluation",
            Act::SettleEvaluation { .. } => "settle_evaluation",
            Act::AcceptLate { .. } => "accept_late",
            Act::NotEvaluated => "not_evaluated",
            Act::Rehandle { .. } => "rehandle",
            Act::Coordinate { .. } => "coordinate",
            Act::Conclude { .. } => "conclude",
            Act::Commitment { .. } => "commitment",
            Act::Archive => "archive",
            Act::Withdraw { .. } => "withdraw",
            Act::Convert { .. } => "convert",
            Act::Opened { .. } => "opened",
            Act::Urge { .. } => "urge",
            Act::Mark { .. } => "mark",
            Act::Object { .. } => "object",
            Act::Publish { .. } => "publish",
            Act::Unpublish { .. } => "unpublish",
            Act::FixDates => "fix_dates",
            Act::Unknown(value) => value.get("act").and_then(Value::as_str).unwrap_or("unknown"),
        }
    }

    /// Whether all texts and lists stay within the limits.
    pub(super) fn is_bounded(&self) -> bool {
        let Ok(value) = serde_json::to_value(self) else { return false };
        bounded(&value)
    }
}

/// Which texts are prose; all others are a line.
const PROSE_KEYS: [&str; 4] = ["text", "deputy", "unit", "lead"];

fn bounded(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.len() <= ACT_LIST_MAX && list.iter().all(bounded),
        Value::Object(fields) => fields.iter().all(|(key, value)| match value {
            Value::String(text) => {
                let most = if PROSE_KEYS.contains(&key.as_str()) { ACT_TEXT_CHARS_MAX } else { ACT_LINE_CHARS_MAX };
                text.chars().count() <= most
            }
            value => bounded(value),
        }),
        _ => true,
    }
}
