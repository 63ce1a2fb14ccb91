//! Every bound of the protocol and of the records, in one place.
//!
//! A bound that differs between phone and server is a record that one keeps and the other refuses,
//! so both read them here.

/// Largest body of one exchange, after decompression, in bytes. The server refuses more unread.
pub const EXCHANGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of changes that a device puts into one exchange (before compression) unless it has
/// measured a better link. About 60 KB compressed: half a minute of a 20 kbit/s uplink.
pub const UPLOAD_PAGE_BYTES: usize = 192 * 1024;
/// Bytes of changes that the server puts into one answer (before compression) at the most.
pub const DOWNLOAD_PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Changes in one exchange, either way.
pub const CHANGES_PER_EXCHANGE_MAX: usize = 4096;
/// Bytes of one change. A long minute of a meeting is 20 KB.
pub const CHANGE_BYTES_MAX: usize = 256 * 1024;
/// Operations in one change. Every inserted character of a prose field is one.
pub const CHANGE_OPS_MAX: u64 = 100_000;
/// What one change does to single values, and to anything but the letters of prose. A form has some thirty fields, a set
/// two thousand elements; and who looks at the history pays for each.
pub const CHANGE_SINGLES_MAX: usize = 256;
pub const CHANGE_TOUCHES_MAX: usize = 4 * SET_ELEMENTS_MAX;
/// Concurrent values of a field that are shown.
pub const CONFLICT_VALUES_MAX: usize = 64;
/// Operations in all changes of one exchange: a change of a hundred bytes may claim as many as one may have.
pub const EXCHANGE_OPS_MAX: u64 = 4 * CHANGE_OPS_MAX;
/// Operations in a record's whole history. Automerge numbers them with 32 bits.
pub const RECORD_OPS_MAX: u64 = 1 << 31;
/// Dependencies of one change: as many devices as may have edited a record at the same time.
pub const CHANGE_DEPS_MAX: u64 = 256;
/// Spaces that one user may hold.
pub const SPACES_PER_USER_MAX: usize = 1024;
/// Cursors that a request names one by one; of more spaces it names those where something is new.
pub const CURSORS_NAMED_MAX: usize = 8;
/// Changes of one record that are sent to a new device, in one answer even where it carries nothing else.
pub const RECORD_CHANGES_MAX: usize = 65_536;
/// Actors named in one exchange.
pub const ACTORS_PER_EXCHANGE_MAX: usize = 4096;
/// Characters of a device's label, an app version and the like.
pub const LABEL_CHARS_MAX: usize = 120;
/// Characters of a prose field.
pub const PROSE_CHARS_MAX: usize = 20_000;
/// What one change adds to a counter. A record's operations cannot add up to more than an integer holds.
pub const COUNT_STEP_MAX: i64 = 1_000_000;
/// Elements of one set field.
pub const SET_ELEMENTS_MAX: usize = 2_000;
/// Refused changes, and apart from them returned requests, of one user that the server keeps a copy of; and their bytes.
/// What is refused beyond that is refused like any other, with its reason, and lies on the phone that sent it.
pub const REFUSED_KEPT_PER_USER_MAX: usize = 2_000;
pub const REFUSED_BYTES_KEPT_PER_USER_MAX: usize = 32 * 1024 * 1024;
/// Refused changes of which one exchange asks what staff decided on them.
pub const SETTLED_PER_EXCHANGE_MAX: usize = 64;
/// Requests for transitions in one exchange.
pub const REQUESTS_PER_EXCHANGE_MAX: usize = 256;
/// Official events in one answer.
pub const EVENTS_PER_EXCHANGE_MAX: usize = 4096;
/// Official events of one case. A case that is urged every day for years has fewer.
pub const EVENTS_PER_CASE_MAX: usize = 2_000;
/// Bytes of an act as JSON: a reply letter of 20,000 Chinese characters, with what belongs to it.
pub const ACT_BYTES_MAX: usize = 128 * 1024;
/// Bytes of an event as JSON: the act, who did it, and what the server added (limits, rules).
pub const EVENT_BYTES_MAX: usize = ACT_BYTES_MAX + 32 * 1024;
/// Bytes of where a case stands, as JSON: 50 units and all limits are 8 KB.
pub const STANDING_BYTES_MAX: usize = 16 * 1024;
/// Bytes of why a request came back, as JSON.
pub const RETURNED_BYTES_MAX: usize = 16 * 1024;
/// Characters of a text that goes with an official act: a reply, a reason, a note.
pub const ACT_TEXT_CHARS_MAX: usize = PROSE_CHARS_MAX;
/// Characters of a name, a place or a letter's number in an official act.
pub const ACT_LINE_CHARS_MAX: usize = 200;
/// Other cases in which one act brings something about. Beyond that people enter it by hand.
pub const ACT_REACHES_MAX: usize = 200;
/// Units that one case is assigned to, and commitments of one reply.
pub const ACT_LIST_MAX: usize = 50;
/// Sealed records that one exchange carries, either way.
pub const SEALED_PER_EXCHANGE_MAX: usize = 64;
/// Bytes of a sealed record's contents. All its fields at their longest are about 8 KB.
pub const SEALED_BYTES_MAX: usize = 16 * 1024;
/// Characters of a name, a telephone number and the like in a sealed record.
pub const SEALED_LINE_CHARS_MAX: usize = 60;
/// Characters of an address or a note in a sealed record.
pub const SEALED_NOTE_CHARS_MAX: usize = 500;
/// Openings of one sealed record that its author is told of, the latest ones.
pub const SEALED_OPENINGS_MAX: usize = 32;
/// Characters of a reason that says something.
pub const SEALED_REASON_CHARS_MIN: usize = 4;
/// Characters of a reason for opening or deleting a sealed record.
pub const SEALED_REASON_CHARS_MAX: usize = 200;
/// Bytes of one photo or recording. The app makes photos of 300 KB; three minutes of a phone that records only in a
/// dear format are 3 MB.
pub const BLOB_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a photo's preview, which travels before all originals.
pub const PREVIEW_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a file in one request: what a cut may cost where the server has got nothing of it.
pub const BLOB_PART_BYTES_MAX: usize = 256 * 1024;
/// Bytes of files that one user may deliver in one day: some three hundred photos.
pub const BLOB_BYTES_PER_DAY_MAX: u64 = 100 * 1024 * 1024;
/// Bytes of a file with what a phone had not sent (手机文件): some hundred records with twenty photos.
pub const PARCEL_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A device's clock that differs more than this from the server's is pointed out to its user, in milliseconds.
pub const CLOCK_OFFSET_NOTICE_MS: i64 = 10 * 60 * 1000;

const _: () = assert!(i64::MAX / COUNT_STEP_MAX > RECORD_OPS_MAX as i64);
const _: () = assert!(RECORD_OPS_MAX + CHANGE_OPS_MAX < u32::MAX as u64);
const _: () = assert!(UPLOAD_PAGE_BYTES < EXCHANGE_BYTES_MAX);
const _: () = assert!(EVENT_BYTES_MAX < DOWNLOAD_PAGE_BYTES_MAX);
const _: () = assert!(CHANGE_BYTES_MAX < DOWNLOAD_PAGE_BYTES_MAX);
const _: () = assert!(EXCHANGE_BYTES_MAX < PARCEL_BYTES_MAX && BLOB_BYTES_MAX < PARCEL_BYTES_MAX);
const _: () = assert!(PREVIEW_BYTES_MAX < BLOB_PART_BYTES_MAX && BLOB_PART_BYTES_MAX < BLOB_BYTES_MAX);
const _: () = assert!((BLOB_BYTES_MAX as u64) < BLOB_BYTES_PER_DAY_MAX);
const _: () = assert!(SEALED_PER_EXCHANGE_MAX * SEALED_BYTES_MAX < EXCHANGE_BYTES_MAX);
const _: () = assert!(4 * (5 * SEALED_LINE_CHARS_MAX + 2 * SEALED_NOTE_CHARS_MAX) < SEALED_BYTES_MAX);
const _: () = assert!(DOWNLOAD_PAGE_BYTES_MAX < EXCHANGE_BYTES_MAX);
