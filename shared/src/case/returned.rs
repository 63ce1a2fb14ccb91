//! A request that was not accepted: why, what happened meanwhile, and the person's text untouched.

use serde::{Deserialize, Serialize};

use super::calendar::{Date, clock_time};
use crate::{
    schema::{Kind, Label},
    text::{Language, Texts},
};

/// A request that comes back. The device keeps the request itself, text and all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    pub reason: ReturnReason,
    /// The event that stands in the way, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Happened>,
    /// A name, a date or a field that the words need (`{detail}`).
    #[serde(default)]
    pub detail: String,
}

/// What had happened when the request arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub seq: u32,
    /// Who, by name.
    pub by: String,
    /// The act's key.
    pub act: String,
    /// When the server received it, in milliseconds since 1970.
    pub at_ms: i64,
}

impl Returned {
    /// The whole of it in words: why, who did what and when meanwhile, what is safe and what to do.
    /// `kind` is that of the record, if it is known, for the names of its fields.
    pub fn say(&self, texts: &Texts, language: Language, kind: Option<Kind>) -> String {
        let key = self.reason.text_key();
        let mut words = texts.get(language, &key).replace("{detail}", &self.detail_in_words(texts, language, kind));
        let Some(happened) = &self.happened else { return words };
        if !words.contains("{who}") {
            words = format!("{words}{}", texts.get(language, "returned.happened"));
        }
        let act = texts.get(language, &format!("act.{}", happened.act)).to_owned();
        let when = format!("{} {}", Date::at(happened.at_ms), clock_time(happened.at_ms));
        words.replace("{who}", &happened.by).replace("{when}", &when).replace("{act}", &act)
    }

    /// The detail is a field's key, another key of the texts, or words as they are.
    fn detail_in_words(&self, texts: &Texts, language: Language, kind: Option<Kind>) -> String {
        if let Some(field) = kind.and_then(|kind| kind.schema().field(&self.detail)) {
            let Label { zh, en } = field.label;
            return (if language == Language::Zh { zh } else { en }).to_owned();
        }
        let families = ["clock", "exit", "opinion", "input"];
        let keys = families.map(|family| format!("{family}.{}", self.detail));
        let known = keys.iter().find(|key| texts.get(language, key) != key.as_str());
        known.map_or_else(|| self.detail.clone(), |key| texts.get(language, key).to_owned())
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $key:literal),+ $(,)?) => {
        /// Why a request comes back; the words are in the texts under `returned.<key>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ReturnReason { $($(#[$doc])* #[serde(rename = $key)] $variant),+ }

        impl ReturnReason {
            pub const ALL: &[ReturnReason] = &[$(ReturnReason::$variant),+];

            pub fn key(self) -> &'static str {
                match self { $(ReturnReason::$variant => $key),+ }
            }

            /// The key of the words.
            pub fn text_key(self) -> String {
                format!("returned.{}", self.key())
            }
        }
    };
}

reasons! {
    /// The server does not know this act.
    Unknown = "unknown",
    /// A text or list is longer than allowed.
    TooLong = "too_long",
    /// Records of this kind know no such act.
    WrongKind = "wrong_kind",
    /// The person has no post that may do this.
    NotAllowed = "not_allowed",
    /// The mandate by which the person might is suspended (代表法 第六十一条).
    Suspended = "suspended",
    /// The case is not in a state in which this can be done.
    WrongState = "wrong_state",
    /// A field must be filled in first; the detail is its key.
    Missing = "missing",
    /// Something like a telephone or identity number is in the text.
    PersonalData = "personal_data",
    /// The wording has changed since the person saw it.
    TextChanged = "text_changed",
    /// A co-signing deputy has not confirmed this wording; the detail is the mandate.
    NotConfirmed = "not_confirmed",
    /// The declaration about what may not become a suggestion is missing.
    NotDeclared = "not_declared",
    /// A street has no congress, so there is no suggestion of that tier.
    NoCongress = "no_congress",
    /// The holiday table of a year is missing; the detail is the year.
    NoHolidayTable = "no_holiday_table",
    /// There is no rule for the limit; the detail is its key.
    NoRule = "no_rule",
    /// There is no pattern for the case's number.
    NoNumber = "no_number",
    /// A suggestion of this tier does not belong into this space.
    WrongPlace = "wrong_place",
    /// Someone assigned it first; the detail is the unit. Should it be reassigned?
    AlreadyAssigned = "already_assigned",
    /// Someone sorted it first.
    AlreadySorted = "already_sorted",
    /// Someone decided first where it goes; the detail is the exit's key.
    AlreadyRouted = "already_routed",
    /// It has been answered; there is nothing left to extend, send back, withdraw or convert.
    AlreadyAnswered = "already_answered",
    /// It has been decided; the detail says how.
    AlreadyDecided = "already_decided",
    /// The reply that was evaluated is not the last one; the detail is its number.
    OtherReply = "other_reply",
    /// A reason, a text or a name must be given; the detail is its key.
    Empty = "empty",
    /// The date lies in the future.
    FutureDate = "future_date",
    /// It ends before it begins; the detail is the field with the end.
    EndBeforeStart = "end_before_start",
    /// The limit has passed; the detail is its last day.
    TooLate = "too_late",
    /// The limit still runs; the detail is its last day.
    TooEarly = "too_early",
    /// The extension reaches further than the rules allow; the detail is the last day possible.
    TooFar = "too_far",
    /// It has been extended as often as the rules allow.
    ExtendedBefore = "extended_before",
    /// The unit has not been in touch with the deputy.
    NoContact = "no_contact",
    /// The deputy asked for a consultation (面商), which has not been held.
    NoConsultation = "no_consultation",
    /// A co-handling unit has not given its opinion, and still has time; the detail is the unit.
    NoOpinion = "no_opinion",
    /// The reply's class is not of the scheme in force.
    UnknownClass = "unknown_class",
    /// The deputy has not been reminded.
    NotUrged = "not_urged",
    /// The evaluation does not call for this; the detail is the evaluation.
    OtherEvaluation = "other_evaluation",
    /// Two evaluations differ, and the office has not said which stands.
    OpenDispute = "open_dispute",
    /// A commitment is still open; the detail is its text.
    OpenCommitment = "open_commitment",
    /// There is no such event, commitment or contest; the detail is its number.
    NoSuch = "no_such",
    /// The lead deputy objects to publication, which must be considered.
    Objected = "objected",
    /// The reply may not be published.
    NotPublic = "not_public",
    /// The villager has neither been told nor been tried to reach on two days.
    NoFeedback = "no_feedback",
    /// Of a petition nothing is stored but date, place, kind and office; the detail is a field.
    PetitionNarrative = "petition_narrative",
    /// Of an accusation no narrative may be stored; the detail is a field.
    AccusationNarrative = "accusation_narrative",
    /// It would refer to itself.
    Circle = "circle",
    /// The record that it refers to is not there.
    NoTarget = "no_target",
    /// The record that it refers to is closed.
    TargetClosed = "target_closed",
    /// Staff had ended the device, or its user's account (停用).
    Ended = "ended",
    /// It must be said for whom and from what paper it is entered.
    NotProxied = "not_proxied",
}
