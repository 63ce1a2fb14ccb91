//! How an exchange can fail as a whole, before anything is stored: a closed list that answers what
//! the device must know.

use serde::{Deserialize, Serialize};

/// Why the server took nothing of an exchange. Sent as JSON: `{"error": "<key>"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeError {
    #[error("the body is no message of this protocol")]
    Malformed,
    #[error("the body is too large")]
    TooLarge,
    #[error("this protocol version is not spoken here")]
    UnknownVersion,
    #[error("the device is not signed in")]
    SignedOut,
    #[error("the device has been revoked")]
    Revoked,
    #[error("too many requests")]
    TooMany,
    #[error("the server is busy or stopping")]
    Unavailable,
    #[error("the server failed")]
    Internal,
}

/// What the device does next. It keeps everything that is unsent; where staff have ended it, until the server has taken
/// that as a file (PROTOCOL.md, Parcels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Try again by itself, later and later.
    Later,
    /// Ask the user to sign in; then try again.
    AfterSignIn,
    /// Send fewer changes at once.
    Smaller,
    /// Only a newer app can help.
    AfterUpdate,
}

impl ExchangeError {
    pub const ALL: [ExchangeError; 8] = [
        ExchangeError::Malformed,
        ExchangeError::TooLarge,
        ExchangeError::UnknownVersion,
        ExchangeError::SignedOut,
        ExchangeError::Revoked,
        ExchangeError::TooMany,
        ExchangeError::Unavailable,
        ExchangeError::Internal,
    ];

    pub fn key(self) -> &'static str {
        match self {
            ExchangeError::Malformed => "malformed",
            ExchangeError::TooLarge => "too_large",
            ExchangeError::UnknownVersion => "unknown_version",
            ExchangeError::SignedOut => "signed_out",
            ExchangeError::Revoked => "revoked",
            ExchangeError::TooMany => "too_many",
            ExchangeError::Unavailable => "unavailable",
            ExchangeError::Internal => "internal",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        ExchangeError::ALL.into_iter().find(|error| error.key() == key)
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            ExchangeError::Malformed => 400,
            ExchangeError::TooLarge => 413,
            ExchangeError::UnknownVersion => 426,
            ExchangeError::SignedOut => 401,
            ExchangeError::Revoked => 403,
            ExchangeError::TooMany => 429,
            ExchangeError::Unavailable => 503,
            ExchangeError::Internal => 500,
        }
    }

    pub fn retry(self) -> Retry {
        match self {
            ExchangeError::Malformed | ExchangeError::UnknownVersion => Retry::AfterUpdate,
            ExchangeError::TooLarge => Retry::Smaller,
            ExchangeError::SignedOut | ExchangeError::Revoked => Retry::AfterSignIn,
            ExchangeError::TooMany | ExchangeError::Unavailable | ExchangeError::Internal => Retry::Later,
        }
    }
}
