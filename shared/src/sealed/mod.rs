//! 群众个人信息 (DOMAIN §6.3 E19): a villager's name and telephone, sealed.
//!
//! A sealed record never merges and is in no document's history. It is on the devices of the person
//! who took it down and, encrypted under a key of its own, on the server; nobody else's device ever
//! receives it. The server compares and sets ([`decide`]), staff open it with a stated reason, and
//! **deletion beats edit**: what was deleted never comes back, whoever still edits it.
//!
//! The voice that it belongs to knows nothing of it: the link is in the sealed record alone.

mod contents;
mod decide;
mod rights;

pub use contents::{Basis, Contents, Invalid, Packed, Sensitive, WhyInvalid, check_reason};
pub use decide::{Current, Deletion, Refusal, SealedOutcome, SealedWrite, Stored, Verdict, WhyDeleted, decide};
pub use rights::{Allowed, FORMERLY, Open, allowed};

/// The version of the spoken notice (告知卡) whose words are in the texts under `sealed.notice`. Other words are
/// another version.
pub const NOTICE_VERSION: &str = "2026-1";

#[cfg(test)]
mod tests;
