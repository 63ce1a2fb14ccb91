//! What a record is made of: one declaration per field, from which reading, commands, rights,
//! validation, forms, help and labels are driven. No field is described twice.

pub mod codes;
mod field;
mod kinds;

use serde::{Deserialize, Serialize};

pub use codes::{Code, CodeList};
pub use field::{Class, Field, Need, Place, Schema, Type};
pub(crate) use kinds::DELETED_KEY as DELETED;

/// The version of the declarations below. No record carries it: each field says in which version it
/// came, and a record holds what its writers' versions knew.
pub const SCHEMA_VERSION: u8 = 3;

/// Words for people: Chinese first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Label {
    pub zh: &'static str,
    pub en: &'static str,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $key:literal, $schema:path;)*) => {
        /// The kinds of field records (DOMAIN §6.3). The number is the wire's and the store's; it is never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $name = $number,)*
        }

        impl Kind {
            /// Every kind, in the order of their numbers.
            pub const ALL: [Kind; [$($number),*].len()] = [$(Kind::$name,)*];

            /// The kind's name in addresses, texts and derived ids. Never changed.
            pub const fn key(self) -> &'static str {
                match self { $(Kind::$name => $key,)* }
            }

            /// The kind's declaration.
            pub const fn schema(self) -> &'static Schema {
                match self { $(Kind::$name => &$schema,)* }
            }
        }
    };
}

kinds! {
    /// 行政区划: a town, street, village or community.
    AdminUnit = 1, "admin_unit", kinds::places::ADMIN_UNIT;
    /// 联络站(室): a liaison station or room.
    Station = 2, "station", kinds::places::STATION;
    /// 代表: a deputy, the person.
    Deputy = 3, "deputy", kinds::people::DEPUTY;
    /// 任职: one mandate of a deputy; everything refers to it, never to a name.
    Mandate = 4, "mandate", kinds::people::MANDATE;
    /// 履职活动: what deputies did.
    Activity = 5, "activity", kinds::fieldwork::ACTIVITY;
    /// 接待日: a station's reception day, one per station and date.
    ReceptionDay = 6, "reception_day", kinds::fieldwork::RECEPTION_DAY;
    /// 群众意见: what one villager said.
    Voice = 7, "voice", kinds::voices::VOICE;
    /// 代表建议: a deputy's formal suggestion.
    Suggestion = 8, "suggestion", kinds::voices::SUGGESTION;
    /// 培训: a training session.
    Training = 9, "training", kinds::mechanisms::TRAINING;
    /// 结对: a street paired with a town.
    Pairing = 10, "pairing", kinds::mechanisms::PAIRING;
    /// 督导调研: a leader's guidance visit.
    GuidanceVisit = 11, "guidance_visit", kinds::mechanisms::GUIDANCE_VISIT;
    /// 届次: a term of a congress, or one of its sessions.
    Term = 12, "term", kinds::people::TERM;
    /// 代表小组: a group of deputies.
    Group = 13, "group", kinds::people::GROUP;
    /// 机制台账: a year's plan for one of the six mechanisms.
    MechanismPlan = 14, "mechanism_plan", kinds::mechanisms::MECHANISM_PLAN;
    /// 述职: a deputy's report to the voters.
    DutyReport = 15, "duty_report", kinds::dossier::DUTY_REPORT;
    /// 履职档案条目: what is entered into a dossier by hand.
    DossierEntry = 16, "dossier_entry", kinds::dossier::DOSSIER_ENTRY;
    /// 核查标准: a version of 八有 or 九化.
    ChecklistDefinition = 17, "checklist_definition", kinds::places::CHECKLIST_DEFINITION;
    /// 核查结果: a station's answers to one definition.
    ChecklistAnswer = 18, "checklist_answer", kinds::places::CHECKLIST_ANSWER;
    /// 通知: a notice to deputies and staff.
    Notice = 19, "notice", kinds::office::NOTICE;
    /// 反馈投诉: what users say of this system.
    AppFeedback = 20, "app_feedback", kinds::office::APP_FEEDBACK;
    /// 代码: one value of a code list, with its dates.
    CodeEntry = 21, "code_entry", kinds::office::CODE_ENTRY;
    /// 附件: what is known of a file that a record refers to.
    Attachment = 22, "attachment", kinds::office::ATTACHMENT;
    /// 评分规则: a dated rule of scoring, off by default.
    ScoreRule = 23, "score_rule", kinds::dossier::SCORE_RULE;
    /// 评分批次: a period in which raters add to what the dossier says.
    ScoreBatch = 24, "score_batch", kinds::dossier::SCORE_BATCH;
    /// 整改事项: a problem that a guidance visit found, followed until it is solved.
    Rectification = 25, "rectification", kinds::mechanisms::RECTIFICATION;
    /// 代表联系方式: apart from the deputy, because fewer people may read it.
    DeputyContact = 26, "deputy_contact", kinds::people::DEPUTY_CONTACT;
}

impl Kind {
    /// The kind with this number, if there is one.
    pub fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The kind with this key, if there is one.
    pub fn from_key(key: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// The phone's view has the words from its own copy of the schema; in the engine they would only be downloaded.
const fn label(zh: &'static str, en: &'static str) -> Label {
    if cfg!(target_family = "wasm") { Label { zh: "", en: "" } } else { Label { zh, en } }
}

#[cfg(test)]
mod tests;
