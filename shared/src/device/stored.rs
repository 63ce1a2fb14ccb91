//! How the device's entries are stored: the wire's primitives, one declaration per type.
//!
//! Not JSON: reading a type from JSON costs several times the code, and the app is downloaded over 2G.
//!
//! Fields are only ever appended. What an older app stored ends before them, and they are then what
//! [`Stored::absent`] says; what a newer one stored behind them is passed over.

use crate::{
    case::offer::Said,
    id::{Actor, ChangeHash, DeviceId, EventId, Position, RecordId, SealedId, SpaceId, UserId},
    limits::SEALED_BYTES_MAX,
    schema::Kind,
    sealed::{Deletion, Packed, Refusal, WhyDeleted},
    sorted::{Map, Set},
    summary::Summary,
    wire::{
        Author, BadBytes, Grants, Opening, SentRequest,
        codec::{Reader, Writer},
        v1::{read_grants, small, write_grants},
    },
};

/// The first byte of every entry.
const VERSION: u8 = 1;
/// Elements of one list: more than the limits of anything in it let come about.
const ELEMENTS_MAX: usize = 1 << 20;
/// Bytes of one text or part.
const BYTES_MAX: usize = 16 * 1024 * 1024;

pub(super) fn encode(value: &impl Stored) -> Vec<u8> {
    let mut w = Writer::default();
    w.byte(VERSION);
    value.write(&mut w);
    w.finish()
}

pub(super) fn decode<T: Stored>(bytes: &[u8]) -> Result<T, BadBytes> {
    let mut r = Reader::new(bytes);
    if r.byte()? != VERSION {
        return Err(BadBytes("unknown version"));
    }
    T::read(&mut r)
}

/// What can be stored.
pub(super) trait Stored: Sized {
    fn write(&self, w: &mut Writer);

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes>;

    /// What stands for a field that an older app did not know.
    fn absent() -> Result<Self, BadBytes> {
        Err(BadBytes("cut short"))
    }
}

/// Stores a struct as its fields, with their length before them.
macro_rules! stored {
    ($name:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::device::stored::Stored for $name {
            fn write(&self, w: &mut $crate::wire::codec::Writer) {
                let mut fields = $crate::wire::codec::Writer::default();
                $($crate::device::stored::Stored::write(&self.$field, &mut fields);)+
                w.bytes(fields.written());
            }

            fn read(r: &mut $crate::wire::codec::Reader<'_>) -> Result<Self, $crate::wire::BadBytes> {
                let mut fields = $crate::device::stored::part(r)?;
                Ok(Self { $($field: $crate::device::stored::field(&mut fields)?),+ })
            }
        }
    };
}
pub(super) use stored;

pub(super) fn part<'a>(r: &mut Reader<'a>) -> Result<Reader<'a>, BadBytes> {
    Ok(Reader::new(r.bytes(BYTES_MAX)?))
}

pub(super) fn field<T: Stored>(r: &mut Reader<'_>) -> Result<T, BadBytes> {
    if r.is_empty() { T::absent() } else { T::read(r) }
}

stored!(Summary {
    title,
    date,
    station,
    place,
    author,
    people,
    code,
    status,
    tags,
    links,
    number,
    conflicts,
    deleted,
    search,
});
stored!(SentRequest { space, kind, case, id, seen, made_ms, body });
stored!(Author { actor, user, name });
stored!(Opening { at_ms, by, reason });
stored!(Deletion { why, at_ms });

impl Stored for u64 {
    fn write(&self, w: &mut Writer) {
        w.number(*self);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        r.number()
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(0)
    }
}

impl Stored for i64 {
    fn write(&self, w: &mut Writer) {
        w.signed(*self);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        r.signed()
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(0)
    }
}

impl Stored for String {
    fn write(&self, w: &mut Writer) {
        w.text(self);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        r.text(BYTES_MAX)
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(String::new())
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, w: &mut Writer) {
        w.list(self, |w, item| item.write(w));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        r.list(ELEMENTS_MAX, T::read)
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(Vec::new())
    }
}

/// Stores a type as another.
macro_rules! stored_as {
    ($($name:ty: $as:ty, |$value:ident| $to:expr, |$stored:ident| $from:expr;)+) => {
        $(impl Stored for $name {
            fn write(&self, w: &mut Writer) {
                let $value = self;
                <$as>::write(&$to, w);
            }

            fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
                let $stored = <$as>::read(r)?;
                $from
            }

            fn absent() -> Result<Self, BadBytes> {
                let $stored = <$as>::absent()?;
                $from
            }
        })+
    };
}

stored_as! {
    u32: u64, |value| u64::from(*value), |stored| small(stored);
    u8: u64, |value| u64::from(*value), |stored| stored.try_into().map_err(|_| BadBytes("number too large"));
    bool: u64, |value| u64::from(*value), |stored| Ok(stored != 0);
    SpaceId: u64, |value| value.0.into(), |stored| small(stored).map(SpaceId);
    UserId: i64, |value| value.0, |stored| Ok(UserId(stored));
    DeviceId: i64, |value| value.0, |stored| Ok(DeviceId(stored));
    Position: u64, |value| value.0, |stored| Ok(Position(stored));
    Kind: u8, |value| *value as u8, |stored| Kind::from_number(stored).ok_or(BadBytes("unknown kind"));
    WhyDeleted: u64, |value| *value as u64, |stored| Ok(WhyDeleted::from_number(stored));
    Refusal: u64, |value| *value as u64, |stored| Ok(Refusal::from_number(stored));
    Said: String, |value| value.0.clone(), |stored| Ok(Said(stored));
}

macro_rules! stored_id {
    ($($name:ident),+) => {
        $(impl Stored for $name {
            fn write(&self, w: &mut Writer) {
                w.fixed(&self.0);
            }

            fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
                r.fixed().map($name)
            }
        })+
    };
}

stored_id!(RecordId, SealedId, EventId, Actor, ChangeHash);

impl Stored for Packed {
    fn write(&self, w: &mut Writer) {
        w.bytes(&self.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(Packed(r.bytes(SEALED_BYTES_MAX)?.to_vec()))
    }
}

impl Stored for Grants {
    fn write(&self, w: &mut Writer) {
        let mut part = Writer::default();
        write_grants(&mut part, self);
        w.bytes(part.written());
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        read_grants(&mut part(r)?)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, w: &mut Writer) {
        w.list(self.as_slice(), |w, value| value.write(w));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(r.list(1, T::read)?.pop())
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(None)
    }
}

impl<K: Stored + Ord, V: Stored> Stored for Map<K, V> {
    fn write(&self, w: &mut Writer) {
        w.number(self.len() as u64);
        for (key, value) in self {
            key.write(w);
            value.write(w);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(r.list(ELEMENTS_MAX, |r| Ok((K::read(r)?, V::read(r)?)))?.into_iter().collect())
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(Map::new())
    }
}

impl<T: Stored + Ord> Stored for Set<T> {
    fn write(&self, w: &mut Writer) {
        w.number(self.len() as u64);
        self.iter().for_each(|item| item.write(w));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(r.list(ELEMENTS_MAX, T::read)?.into_iter().collect())
    }

    fn absent() -> Result<Self, BadBytes> {
        Ok(Set::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{Notice, Row, recovery::LeftBehind};

    fn row() -> Row {
        let summary =
            Summary { title: "路灯不亮".into(), date: "2026-03-02".into(), number: -3, ..Summary::default() };
        let case = Some(Said(r#"{"state":"submitted","seq":1}"#.into()));
        Row { kind: Kind::Voice, space: SpaceId(300), summary, updated_ms: 1_767_225_600_000, received_ms: None, case }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Phones in drawers hold these bytes.
    #[test]
    fn the_stored_form_of_a_row_never_changes() {
        assert_eq!(hex(&row().encode()), include_str!("../../golden/row.v1.hex").trim_end());
        assert_eq!(Row::decode(&row().encode()), Ok(row()));
    }

    #[test]
    fn every_notice_reads_back() {
        let left = LeftBehind { label: "Redmi".into(), seen_ms: 5, unsent: 7 };
        let notices = vec![
            Notice::ServerRestored { at_ms: -1, again: 3 },
            Notice::Doubled { at_ms: 2 },
            Notice::SpacesLost { at_ms: 3, names: vec!["竹元村".into()], kept: 4 },
            Notice::LeftBehind(left),
        ];
        assert_eq!(decode(&encode(&notices)), Ok(notices));
    }

    #[derive(Debug, PartialEq)]
    struct Old {
        number: u64,
    }

    #[derive(Debug, PartialEq)]
    struct New {
        number: u64,
        text: String,
        maybe: Option<RecordId>,
    }

    stored!(Old { number });
    stored!(New { number, text, maybe });

    #[test]
    fn appended_fields_are_absent_in_what_is_older_and_passed_over_by_it() {
        let new = New { number: 7, text: "新".into(), maybe: Some(RecordId([1; 16])) };
        let pair = vec![(SpaceId(1), Position(2))].into_iter().collect::<Map<_, _>>();
        assert_eq!(decode(&encode(&new)), Ok(Old { number: 7 }));
        assert_eq!(decode(&encode(&Old { number: 7 })), Ok(New { number: 7, text: String::new(), maybe: None }));
        assert_eq!(decode(&encode(&pair)), Ok(pair));
    }

    #[test]
    fn what_is_cut_short_is_an_error_or_an_older_form_and_never_a_panic() {
        let bytes = row().encode();
        for end in 0..bytes.len() {
            assert!(Row::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert!(Row::decode(b"{\"kind\":\"voice\"}").is_err(), "the form of trial versions");
    }
}
