//! A request that was not accepted: why, what happened meanwhile, and the person's text untouched.

use serde::{Deserialize, Serialize};

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
    /// Someone assigned it first; the detail is the unit.
    AlreadyAssigned = "already_assigned",
}
