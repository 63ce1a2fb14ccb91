//! What is missing or doubtful in a record, said so that a deputy understands it: one place, the
//! same on phone and server. What a value may look like at all is [`crate::record::Value::fits`];
//! this is about what the values say together.

mod form;
mod plausible;
pub mod privacy;

use serde::Serialize;

use crate::{
    record::{Contents, FieldValue, Value},
    schema::{Class, Field, Kind, Need, Type},
    sorted::Set,
};

pub use form::check_form;
pub(crate) use plausible::{END_BEFORE_START, FUTURE, PETITION_NARRATIVE};

/// What the person is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Keep it, perhaps as a draft.
    Keep,
    /// Hand it in.
    HandIn,
}

/// What a check needs to know beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub aim: Aim,
    /// Today in the district, `YYYY-MM-DD`.
    pub today: &'a str,
    /// Whether the unit whose desk it is has a congress; `None` where that is not known.
    pub has_congress: Option<bool>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth a look; nothing is held up.
    Notice,
    /// Personal data that belongs into the sealed record: the person is offered to move it, and it is not handed in.
    Private,
    /// To be mended before it is done.
    Mend,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub field: &'static str,
    pub weight: Weight,
    /// The key of the words for people.
    pub text: &'static str,
    /// For the words' `{shown}`: what was found, made unreadable where it is personal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shown: String,
}

impl Finding {
    fn new(field: &'static str, weight: Weight, text: &'static str) -> Self {
        Self { field, weight, text, shown: String::new() }
    }

    /// Whether this holds up what the person is about to do. Personal data can still be moved until it is handed in.
    pub fn holds_up(&self, aim: Aim) -> bool {
        match self.weight {
            Weight::Notice => false,
            Weight::Private => aim == Aim::HandIn,
            Weight::Mend => true,
        }
    }
}

/// Every text that a finding may ask for, for the test that finds gaps.
pub const TEXTS: [&str; 22] = [
    MISSING,
    MISSING_TO_HAND_IN,
    form::TOO_LONG,
    form::WRONG_VALUE,
    privacy::TELEPHONE,
    privacy::IDENTITY,
    plausible::SAY_SOMETHING,
    plausible::WORDS_OR_AUDIO,
    plausible::PETITION_NARRATIVE,
    plausible::END_BEFORE_START,
    plausible::FUTURE,
    plausible::LONG_AGO,
    plausible::LARGE,
    plausible::NOTICE_LATE,
    plausible::NOTICE_MISSING,
    plausible::NO_CONGRESS,
    plausible::LEAD_COSIGNS,
    plausible::TITLE_FORM,
    plausible::ONE_MATTER,
    plausible::VOTES,
    plausible::TARGET,
    plausible::BAD_CODE,
];

const MISSING: &str = "check.missing";
const MISSING_TO_HAND_IN: &str = "check.missing_to_hand_in";

/// What is missing or doubtful, the weightiest first within the order of the form.
pub fn check(contents: &Contents, circumstances: Circumstances<'_>) -> Vec<Finding> {
    let mut findings = missing(contents, circumstances.aim);
    findings.extend(plausible::check(contents, circumstances));
    findings.extend(private(contents));
    in_order(contents.kind, &findings)
}

/// Picked out one by one: sorting is compiled for each type anew, and phones download it.
fn in_order(kind: Kind, findings: &[Finding]) -> Vec<Finding> {
    let mut ordered = Vec::new();
    for field in kind.schema().fields {
        for weight in [Weight::Mend, Weight::Private, Weight::Notice] {
            let next = findings.iter().filter(|finding| finding.field == field.key && finding.weight == weight);
            ordered.extend(next.cloned());
        }
    }
    ordered
}

fn missing(contents: &Contents, aim: Aim) -> Vec<Finding> {
    let lacks = |field: &&Field| !contents.fields.contains_key(field.key) && !field.retired;
    let needed = contents.kind.schema().fields.iter().filter(lacks).filter(|field| !is_excused(contents, field));
    needed
        .filter_map(|field| match (field.need, aim) {
            (Need::Create, _) => Some(Finding::new(field.key, Weight::Mend, MISSING)),
            (Need::Submit, Aim::HandIn) => Some(Finding::new(field.key, Weight::Mend, MISSING_TO_HAND_IN)),
            (Need::Submit, Aim::Keep) | (Need::Optional, _) => None,
        })
        .collect()
}

/// Of a petition matter nothing is told but where and when (DOMAIN §8, story 3). A guidance visit is led by deputies, or
/// by others who are named.
fn is_excused(contents: &Contents, field: &Field) -> bool {
    is_petition(contents) && field.class == Class::Prose
        || field.key == "leader_mandates" && !contents.elements("leaders").is_empty()
}

/// What people said: of a petition matter nothing of it is kept (DOMAIN §2.3).
pub const NARRATIVE: [&str; 6] = ["verbatim", "transcript", "summary", "follow_ups", "audio", "files"];

/// Whether this is a voice that is guided to the petition office.
pub fn is_petition(contents: &Contents) -> bool {
    contents.kind == Kind::Voice && contents.text("tier_suggest") == "petition"
}

/// Kinds in which villagers may be written about. A station's own telephone is public, a deputy's is
/// kept apart.
fn is_about_people(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Activity
            | Kind::ReceptionDay
            | Kind::Voice
            | Kind::Suggestion
            | Kind::Training
            | Kind::GuidanceVisit
            | Kind::Rectification
            | Kind::DutyReport
            | Kind::DossierEntry
            | Kind::AppFeedback
    )
}

/// The fields in which something like a telephone or identity number was typed. Ids and codes are not typed.
pub fn private_fields(contents: &Contents) -> Set<&'static str> {
    private(contents).into_iter().map(|finding| finding.field).collect()
}

fn private(contents: &Contents) -> Vec<Finding> {
    if !is_about_people(contents.kind) {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = Vec::new();
    for field in contents.kind.schema().fields.iter().filter(|field| holds_words(field)) {
        for text in contents.fields.get(field.key).map(texts).unwrap_or_default() {
            for slip in privacy::slips(text) {
                let finding =
                    Finding { shown: slip.shown(), ..Finding::new(field.key, Weight::Private, slip.kind.text_key()) };
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

fn holds_words(field: &Field) -> bool {
    matches!(field.ty, Type::Line { .. } | Type::Prose | Type::Each { value: Type::Line { .. }, .. })
        && field.key != "slip_no"
}

fn texts(value: &FieldValue) -> Vec<&str> {
    match value {
        FieldValue::Single { value, .. } => value.as_text().into_iter().collect(),
        FieldValue::Prose { text } => vec![text],
        FieldValue::Set { elements } => elements.iter().map(String::as_str).collect(),
        FieldValue::Log { entries } => entries.iter().map(|entry| entry.text.as_str()).collect(),
        FieldValue::Entries { entries } => entries.values().filter_map(|entry| Value::as_text(&entry.value)).collect(),
        FieldValue::Count { .. } | FieldValue::Flag { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
