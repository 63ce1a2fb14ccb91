//! The server's compare-and-set, as a pure decision.

use serde::{Deserialize, Serialize};

use super::{Allowed, Contents, Packed};
use crate::id::{RecordId, SealedId, SpaceId, UserId};

/// What a device wants written. Sent until the server has said what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedWrite {
    pub id: SealedId,
    /// The voice that it belongs to; said when it is first written, the same for ever.
    pub voice: RecordId,
    /// The voice's space.
    pub space: SpaceId,
    /// The version that the person saw; 0 for none.
    pub base: u64,
    /// `None` deletes.
    pub contents: Option<Packed>,
}

/// What became of a write. A value, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedOutcome {
    /// Durable at the server, as this version, since this time of its clock, and kept until that.
    Stored { version: u64, received_ms: i64, expires_ms: i64 },
    /// Someone wrote since the version that the person saw: both are shown, the person picks.
    Conflict { version: u64, contents: Packed },
    /// It is deleted, by this write or long before; nothing brings it back.
    Deleted(Deletion),
    /// Not stored, and it will not be.
    Refused(Refusal),
    /// Not stored yet: its voice is not at the server. To be sent again after that.
    Waiting,
}

/// A deletion, as everyone may know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub why: WhyDeleted,
    /// By the server's clock, milliseconds since 1970.
    pub at_ms: i64,
}

/// On whose word something was deleted; the words are in the texts under `sealed.deleted.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum WhyDeleted {
    /// 采集人删除.
    Author = 1,
    /// 群众要求 (PIPL 第四十七条).
    Citizen = 2,
    /// 保存期满 (PIPL 第十九条).
    Expired = 3,
    /// 作废: an ended phone had handed it over, and staff did not accept its voice.
    Discarded = 4,
}

impl WhyDeleted {
    pub const ALL: [WhyDeleted; 4] =
        [WhyDeleted::Author, WhyDeleted::Citizen, WhyDeleted::Expired, WhyDeleted::Discarded];

    /// A reason that only a newer server knows reads as the citizen's: it is gone all the same.
    pub fn from_number(number: u64) -> Self {
        WhyDeleted::ALL.into_iter().find(|why| *why as u64 == number).unwrap_or(WhyDeleted::Citizen)
    }

    /// The key of the words for people.
    pub fn text_key(self) -> &'static str {
        match self {
            WhyDeleted::Author => "sealed.deleted.author",
            WhyDeleted::Citizen => "sealed.deleted.citizen",
            WhyDeleted::Expired => "sealed.deleted.expired",
            WhyDeleted::Discarded => "sealed.deleted.discarded",
        }
    }
}

/// Why a write is not taken; the words are in the texts under `sealed.refused.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Refusal {
    /// The contents are not what this server can read or may keep.
    Malformed = 1,
    /// No right to write in the voice's space.
    Space = 2,
    /// Someone else took it down.
    NotAuthor = 3,
    /// It belongs to another voice than the write says.
    WrongVoice = 4,
}

impl Refusal {
    pub const ALL: [Refusal; 4] = [Refusal::Malformed, Refusal::Space, Refusal::NotAuthor, Refusal::WrongVoice];

    /// One that only a newer server knows reads as `Malformed`: "please update the app".
    pub fn from_number(number: u64) -> Self {
        Refusal::ALL.into_iter().find(|refusal| *refusal as u64 == number).unwrap_or(Refusal::Malformed)
    }

    /// The key of the words for people.
    pub fn text_key(self) -> &'static str {
        match self {
            Refusal::Malformed => "sealed.refused.malformed",
            Refusal::Space => "sealed.refused.space",
            Refusal::NotAuthor => "sealed.refused.not_author",
            Refusal::WrongVoice => "sealed.refused.malformed",
        }
    }
}

/// What the server holds under an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current<'a> {
    Absent,
    Active(Stored<'a>),
    Deleted(Deletion),
}

/// A sealed record at the server, opened for the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    pub author: UserId,
    pub voice: RecordId,
    pub version: u64,
    pub contents: &'a Packed,
}

/// What is to be done with a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Encrypt and store the contents as this version.
    Store {
        version: u64,
    },
    /// The same contents are there already, as this version: a write that was sent again.
    Same {
        version: u64,
    },
    /// Show both to the writer.
    Conflict {
        version: u64,
        contents: Packed,
    },
    /// Destroy the key and the contents, and remember that.
    Delete,
    /// It is deleted already.
    Deleted(Deletion),
    Refused(Refusal),
    Waiting,
}

/// Decides on one write of `writer`. `allowed` is what the writer may do in the space that the write names;
/// `voice_is_there` whether the voice is at the server, in that space.
pub fn decide(
    current: Current<'_>,
    write: &SealedWrite,
    writer: UserId,
    allowed: Allowed,
    voice_is_there: bool,
) -> Verdict {
    let stored = match current {
        // First of all, whatever else is said: deletion beats edit.
        Current::Deleted(deletion) => return Verdict::Deleted(deletion),
        Current::Active(stored) => Some(stored),
        Current::Absent => None,
    };
    if stored.is_some_and(|stored| stored.author != writer) {
        return Verdict::Refused(Refusal::NotAuthor);
    }
    // Also of what is not here yet: the write may still be under way, and must find the deletion.
    let Some(contents) = &write.contents else { return Verdict::Delete };
    if !allowed.write {
        return Verdict::Refused(Refusal::Space);
    }
    if contents.unpack().map_or(true, |contents| Contents::check(&contents).is_err()) {
        return Verdict::Refused(Refusal::Malformed);
    }
    match stored {
        None if voice_is_there => Verdict::Store { version: write.base.saturating_add(1) },
        None => Verdict::Waiting,
        Some(stored) if stored.voice != write.voice => Verdict::Refused(Refusal::WrongVoice),
        Some(Stored { version, contents: held, .. }) if held == contents => Verdict::Same { version },
        Some(stored) if stored.version == write.base => Verdict::Store { version: write.base.saturating_add(1) },
        Some(stored) => Verdict::Conflict { version: stored.version, contents: stored.contents.clone() },
    }
}
