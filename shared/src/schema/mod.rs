//! What a record is made of: one declaration per field, from which reading, commands, rights,
//! validation, forms and labels are driven. No field is described twice.

pub mod codes;
mod kinds;

use serde::{Deserialize, Serialize};

pub use codes::{Code, CodeList};

/// The version of the declarations below, carried by each record that is created with them.
pub const SCHEMA_VERSION: u32 = 1;

/// Words for people: Chinese first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Label {
    pub zh: &'static str,
    pub en: &'static str,
}

/// The kinds of field records (DOMAIN §6.3). The number is the wire's and the store's; it is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// 行政区划: a town, street, village or community.
    AdminUnit = 1,
    /// 联络站(室): a liaison station or room.
    Station = 2,
    /// 代表: a deputy, the person.
    Deputy = 3,
    /// 任职: one mandate of a deputy; everything refers to it, never to a name.
    Mandate = 4,
    /// 履职活动: what deputies did.
    Activity = 5,
    /// 接待日: a station's reception day, one per station and date.
    ReceptionDay = 6,
    /// 群众意见: what one villager said.
    Voice = 7,
    /// 代表建议: a deputy's formal suggestion.
    Suggestion = 8,
    /// 培训: a training session.
    Training = 9,
    /// 结对: a street paired with a town.
    Pairing = 10,
    /// 督导调研: a leader's guidance visit.
    GuidanceVisit = 11,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Kind; 11] = [
        Kind::AdminUnit,
        Kind::Station,
        Kind::Deputy,
        Kind::Mandate,
        Kind::Activity,
        Kind::ReceptionDay,
        Kind::Voice,
        Kind::Suggestion,
        Kind::Training,
        Kind::Pairing,
        Kind::GuidanceVisit,
    ];

    /// The kind with this number, if there is one.
    pub fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The kind with this key, if there is one.
    pub fn from_key(key: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The kind's name in addresses, texts and derived ids. Never changed.
    pub const fn key(self) -> &'static str {
        match self {
            Kind::AdminUnit => "admin_unit",
            Kind::Station => "station",
            Kind::Deputy => "deputy",
            Kind::Mandate => "mandate",
            Kind::Activity => "activity",
            Kind::ReceptionDay => "reception_day",
            Kind::Voice => "voice",
            Kind::Suggestion => "suggestion",
            Kind::Training => "training",
            Kind::Pairing => "pairing",
            Kind::GuidanceVisit => "guidance_visit",
        }
    }

    /// The kind's declaration.
    pub const fn schema(self) -> &'static Schema {
        match self {
            Kind::AdminUnit => &kinds::ADMIN_UNIT,
            Kind::Station => &kinds::STATION,
            Kind::Deputy => &kinds::DEPUTY,
            Kind::Mandate => &kinds::MANDATE,
            Kind::Activity => &kinds::ACTIVITY,
            Kind::ReceptionDay => &kinds::RECEPTION_DAY,
            Kind::Voice => &kinds::VOICE,
            Kind::Suggestion => &kinds::SUGGESTION,
            Kind::Training => &kinds::TRAINING,
            Kind::Pairing => &kinds::PAIRING,
            Kind::GuidanceVisit => &kinds::GUIDANCE_VISIT,
        }
    }
}

/// The declaration of one kind of record.
#[derive(Debug, Serialize)]
pub struct Schema {
    pub kind: Kind,
    pub label: Label,
    /// The fields that make a record's id where two people may create the same record offline, in
    /// order. Empty where ids are minted.
    pub natural_key: &'static [&'static str],
    /// In the order in which forms and pages show them.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field with this key, if this version knows it.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// The declaration of one field.
#[derive(Debug, Serialize)]
pub struct Field {
    /// The name inside the document. Never changed.
    pub key: &'static str,
    pub label: Label,
    pub class: Class,
    #[serde(rename = "type")]
    pub ty: Type,
    pub need: Need,
}

/// How concurrent edits of a field merge (DOMAIN §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// IMM: set when the record is created, then never.
    Once,
    /// LW!: one value wins, the same everywhere; all concurrent values are shown until someone chooses.
    Shown,
    /// LW: one value wins quietly.
    Quiet,
    /// TX: prose that merges character by character.
    Prose,
    /// TX with one permitted writer: the record's author (群众原话).
    AuthorProse,
    /// SET: elements by id; adding wins over a removal that did not see it.
    Set,
    /// CTR: increments add up. For tally buttons only.
    Counter,
    /// APP: entries that are never edited.
    Log,
    /// OR: true as soon as one person has marked it (保密).
    Flag,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// One line of text, at most this many characters.
    Line { chars_max: usize },
    /// Prose, at most `limits::PROSE_CHARS_MAX` characters.
    Prose,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A local date and time in the district, `YYYY-MM-DDThh:mm`.
    DateTime,
    /// A whole number from 0.
    Number,
    /// Yes or no.
    Bool,
    /// A key of a code list.
    Code { list: &'static str },
    /// Another record.
    Ref { kind: Kind },
}

/// Whether a field must be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// ●: without it the record is not created.
    Create,
    /// ◎: needed when the record is handed in; until then a draft may lack it.
    Submit,
    /// ○
    Optional,
}

/// The phone's view has the words from its own copy of the schema; in the engine they would only be downloaded.
const fn label(zh: &'static str, en: &'static str) -> Label {
    if cfg!(target_family = "wasm") { Label { zh: "", en: "" } } else { Label { zh, en } }
}
