//! Identifiers: a newtype for each, so that none is taken for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::schema::Kind;

/// A record, the same on every device and server. Sixteen bytes; shown as 32 hexadecimal digits.
///
/// Either *minted* (made from the creator's actor, a counter and the time, so that it needs no
/// randomness of its own) or *derived* from a natural key where two people may create the same record offline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// The `counter`-th record that `actor` creates, at this time of its device's clock (milliseconds
    /// since 1970). An actor belongs to one session of one device; the time is for the phone whose
    /// running session was copied or set back, where actor and counter come twice. Of the time the
    /// seconds count, as in the record's first change: so the id need not travel beside it.
    pub fn minted(actor: &Actor, counter: u64, time_ms: i64) -> Self {
        let seconds = time_ms / 1000;
        Self::hashed("minted", &[&actor.0, &counter.to_be_bytes(), &seconds.to_be_bytes()])
    }

    /// Sixteen bytes that nobody else has: of this actor, for this counter, at this time in milliseconds.
    pub(crate) fn chance(actor: &Actor, counter: u64, time_ms: i64) -> [u8; 16] {
        Self::hashed("chance", &[&actor.0, &counter.to_be_bytes(), &time_ms.to_be_bytes()]).0
    }

    /// The record of `kind` whose natural key is `key`: the same on every device.
    pub fn derived(kind: Kind, key: &[&str]) -> Self {
        let mut parts: Vec<&[u8]> = vec![kind.key().as_bytes()];
        parts.extend(key.iter().map(|part| part.as_bytes()));
        Self::hashed("derived", &parts)
    }

    /// The reception day (接待日) of a station on a date (`YYYY-MM-DD`).
    pub fn reception_day(station: RecordId, date: &str) -> Self {
        Self::derived(Kind::ReceptionDay, &[&station.to_string(), date])
    }

    /// The record of a kind with a natural key that these values, by field, belong to; `None` for
    /// other kinds and where a key field is missing.
    pub fn from_natural_key<'a>(kind: Kind, value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let key = kind.schema().natural_key;
        let values = key.iter().map(|field| value(field)).collect::<Option<Vec<&str>>>()?;
        (!key.is_empty()).then(|| Self::derived(kind, &values))
    }

    fn hashed(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"lianxin/record/");
        hasher.update(purpose.as_bytes());
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }
}

/// A sealed personal record: made on the phone, known to its author's devices and the server only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealedId(pub [u8; 16]);

impl SealedId {
    /// The `counter`-th sealed record that `actor` makes. The voice is for the session that was copied
    /// ([`RecordId::minted`]).
    pub fn minted(actor: &Actor, counter: u64, voice: RecordId) -> Self {
        Self(RecordId::hashed("sealed", &[&actor.0, &counter.to_be_bytes(), &voice.0]).0)
    }

    /// Where other contents lie that must not take the place of what this one holds; the same for the same contents.
    pub fn beside(self, contents: &[u8]) -> Self {
        Self(RecordId::hashed("beside", &[&self.0, contents]).0)
    }
}

/// Who makes changes: one session of one device. Automerge orders a record's changes by (actor,
/// sequence), and a reused pair is lost, so a session that starts takes a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub [u8; 16]);

/// A request for an official act, made on the device that files it. The server keeps the id with
/// the event, so a request that arrives twice is one event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The event that `cause` brings about in another case: the same whoever computes it.
    pub fn caused(cause: EventId, case: RecordId) -> Self {
        Self(RecordId::hashed("caused", &[&cause.0, &case.0]).0)
    }

    /// The event that a change of a record brings about in its own case.
    pub fn caused_by_change(cause: ChangeHash, case: RecordId) -> Self {
        Self(RecordId::hashed("caused", &[&cause.0, &case.0]).0)
    }
}

/// The hash of a wording that people put their names to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextHash(pub [u8; 16]);

impl TextHash {
    /// The hash of these texts, in this order.
    pub fn of(texts: &[&str]) -> Self {
        let parts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        Self(RecordId::hashed("text", &parts).0)
    }
}

/// The SHA-256 of an Automerge change: how a change is known everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

/// The SHA-256 of a file's bytes: how a photo or a recording is known everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobHash(pub [u8; 32]);

impl BlobHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

macro_rules! hex_id {
    ($name:ident, $len:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_hex(text).map(Self).ok_or(NotAnId)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = NotAnId;

            fn try_from(bytes: &[u8]) -> Result<Self, NotAnId> {
                bytes.try_into().map(Self).map_err(|_| NotAnId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

hex_id!(RecordId, 16);
hex_id!(SealedId, 16);
hex_id!(Actor, 16);
hex_id!(ChangeHash, 32);
hex_id!(BlobHash, 32);
hex_id!(EventId, 16);
hex_id!(TextHash, 16);

impl From<automerge::ChangeHash> for ChangeHash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<ChangeHash> for automerge::ChangeHash {
    fn from(hash: ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<Actor> for automerge::ActorId {
    fn from(actor: Actor) -> Self {
        automerge::ActorId::from(actor.0)
    }
}

/// The text or bytes are no identifier of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

/// A space's number, given out by the server. Small, because every exchange names all of a device's spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpaceId(pub u32);

/// A user's number, given out by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UserId(pub i64);

/// A device's number, given out by the server at sign-in. A console session is a device too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceId(pub i64);

/// Where a change stands in its space's log: 1, 2, 3 … in commit order, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Position(pub u64);

/// The place of a unit in the district's tree (行政区划 or station code): a town's code begins with
/// its district's, a station's with its town's, so "lies within" is "begins with".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitCode(pub String);

/// Characters of a town's or street's code, and of a district's (行政区划代码).
const TOWN_CODE_CHARS: usize = 9;
const DISTRICT_CODE_CHARS: usize = 6;
/// Streets have the numbers below.
const FIRST_TOWN_NUMBER: u32 = 100;

impl UnitCode {
    /// Whether `self` is `other` or lies within it.
    pub fn within(&self, other: &UnitCode) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The code of the town or street that it is or lies in; none of what lies directly in the district.
    pub fn town(&self) -> Option<&str> {
        self.0.get(..TOWN_CODE_CHARS).filter(|town| !town.contains('/'))
    }

    /// Whether it is or lies in a street (街道), by its code: the statistics bureau numbers streets from 001, towns from 100.
    pub fn is_in_a_street(&self) -> bool {
        let number = self.town().and_then(|town| town.get(DISTRICT_CODE_CHARS..)?.parse::<u32>().ok());
        number.is_some_and(|number| number < FIRST_TOWN_NUMBER)
    }

    /// The code of the district that it is or lies in.
    pub fn district(&self) -> Option<&str> {
        self.0.get(..DISTRICT_CODE_CHARS)
    }

    /// A deputy's own place at a station: what belongs to one mandate.
    pub fn of_deputy(station: &UnitCode, mandate: RecordId) -> UnitCode {
        UnitCode(format!("{}/{mandate}", station.0))
    }

    /// A mandate as a party to a case.
    pub fn of_mandate(mandate: RecordId) -> UnitCode {
        UnitCode(format!("/{mandate}"))
    }

    /// The mandate whose own place it is.
    pub fn deputy(&self) -> Option<RecordId> {
        self.0.rsplit_once('/')?.1.parse().ok()
    }
}

/// So many bytes, written as hexadecimal digits and nothing else.
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = (pair[0] as char).to_digit(16)?;
        let low = (pair[1] as char).to_digit(16)?;
        *byte = (high << 4 | low) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reception_day_has_the_same_id_on_every_device() {
        let station = RecordId::derived(Kind::Station, &["520303108S01"]);
        let day = RecordId::reception_day(station, "2026-03-02");
        assert_eq!(day.to_string(), "ebdca3678fe22ef3a015d92439654c47");
        assert_ne!(day, RecordId::reception_day(station, "2026-03-03"));
    }

    #[test]
    fn natural_keys_do_not_run_into_each_other() {
        assert_ne!(RecordId::derived(Kind::Station, &["ab", "c"]), RecordId::derived(Kind::Station, &["a", "bc"]));
    }

    #[test]
    fn streets_and_towns_are_told_apart_by_their_codes() {
        let street = |code: &str| UnitCode(code.into()).is_in_a_street();
        assert!(street("520303003") && street("520303003S00") && street("520303003008"));
        assert!(!street("520303108") && !street("520303108S01") && !street("520303") && !street("520303U02"));
    }

    #[test]
    fn text_and_back() {
        let id = RecordId::minted(&Actor([7; 16]), 1, 0);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("zz".parse::<RecordId>(), Err(NotAnId));
        assert_eq!("é".repeat(16).parse::<RecordId>(), Err(NotAnId));
    }
}
