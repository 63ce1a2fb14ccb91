//! What travels between a device and the server: one request, one answer, everything in it.
//!
//! `PROTOCOL.md` beside this crate is the authority; a test ties it to this module.

mod bundle;
mod chunk;
pub(crate) mod codec;
mod error;
pub(crate) mod official;
mod parcel;
mod parts;
mod sealed;
mod snapshot;
pub(crate) mod v1;

pub use chunk::{pack, unpack};
pub use codec::BadBytes;
pub use error::{ExchangeError, Retry};
pub use official::{SentEvent, SentRequest, SentStanding, Verdict, act_fields, read_returned, returned_json};
pub use parcel::{BadParcel, PARCEL_NONCE_BYTES, Parcel, ParcelContents, ParcelFile};
pub use sealed::{Opening, SealedAnswer, SealedChange, SealedRequest, SealedState};
pub use snapshot::{Older, Snapshot, SnapshotRecord};
pub use v1::{
    Answer, AnswerHello, Author, Cursor, GrantedSpace, Grants, Outcome, PageEntry, Receipt, RefusalReason, Refused,
    Request, RequestHello, SentChange, Settled, VERSION, mark_of,
};

#[cfg(test)]
mod tests;
