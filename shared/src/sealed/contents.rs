//! What a sealed record says, and when it may be kept.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    json::{FromObject, Object, Unfit},
    limits::{
        SEALED_BYTES_MAX, SEALED_LINE_CHARS_MAX, SEALED_NOTE_CHARS_MAX, SEALED_REASON_CHARS_MAX,
        SEALED_REASON_CHARS_MIN,
    },
    sorted::Set,
    wire::{
        BadBytes,
        codec::{Reader, Writer},
    },
};

/// On what the collecting rests (PIPL 第十三条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Basis {
    /// 履行法定职责.
    Duty = 1,
    /// 个人同意.
    Consent = 2,
}

/// Sensitive personal information in it (PIPL 第二十八条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Sensitive {
    /// 医疗健康.
    Health = 1,
    /// 特定身份: hardship, disability and the like.
    Status = 2,
    /// 不满十四周岁未成年人: a guardian must have agreed.
    Minor = 3,
}

/// A villager, as far as it was needed and told. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// 称呼: 王某某, 张大爷.
    pub alias: String,
    pub name: String,
    pub phone: String,
    pub address: String,
    pub note: String,
    pub basis: Basis,
    /// Which words of the spoken notice the villager heard ([`super::NOTICE_VERSION`]).
    pub notice_version: String,
    /// 告知时间, by the device's clock, milliseconds since 1970.
    pub noticed_ms: i64,
    /// Who agreed, where it was not the villager: a guardian.
    pub consent_by: String,
    pub sensitive: Set<Sensitive>,
    /// What a newer app wrote behind these; kept as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub newer: Vec<u8>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents(…)")
    }
}

/// [`Contents`] as bytes: what is sent, compared, encrypted and stored. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed(pub Vec<u8>);

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} bytes)", self.0.len())
    }
}

/// A field that keeps a sealed record from being kept, or a reason from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {why:?}")]
pub struct Invalid {
    pub field: &'static str,
    pub why: WhyInvalid,
}

/// What is wrong with a field; the words are in the texts under `sealed.invalid.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyInvalid {
    Missing,
    TooLong,
    TooShort,
    /// Not a telephone number.
    Phone,
    /// An identity number: it is collected nowhere (DOMAIN §4.1, 第六条).
    IdentityNumber,
    /// A reason that names the villager: reasons are kept in the audit log, which no citizen is in.
    Citizen,
}

impl WhyInvalid {
    pub const ALL: [WhyInvalid; 6] = [
        WhyInvalid::Missing,
        WhyInvalid::TooLong,
        WhyInvalid::TooShort,
        WhyInvalid::Phone,
        WhyInvalid::IdentityNumber,
        WhyInvalid::Citizen,
    ];

    /// The key of the words for people.
    pub fn text_key(self) -> &'static str {
        match self {
            WhyInvalid::Missing => "sealed.invalid.missing",
            WhyInvalid::TooLong => "sealed.invalid.too_long",
            WhyInvalid::TooShort => "sealed.invalid.too_short",
            WhyInvalid::Phone => "sealed.invalid.phone",
            WhyInvalid::IdentityNumber => "sealed.invalid.identity_number",
            WhyInvalid::Citizen => "sealed.invalid.citizen",
        }
    }
}

impl FromObject for Contents {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let mut line = |key| object.maybe(key, Object::text).map(Option::unwrap_or_default);
        let (alias, name, phone, address) = (line("alias")?, line("name")?, line("phone")?, line("address")?);
        let (note, consent_by) = (line("note")?, line("consent_by")?);
        let basis = match object.text("basis")?.as_str() {
            "duty" => Basis::Duty,
            "consent" => Basis::Consent,
            _ => return Err(Unfit("basis")),
        };
        let sensitive = |value: Value| match value.as_str() {
            Some("health") => Some(Sensitive::Health),
            Some("status") => Some(Sensitive::Status),
            Some("minor") => Some(Sensitive::Minor),
            _ => None,
        };
        let told = object.maybe("sensitive", |object, key| object.each(key, sensitive))?;
        let byte = |value: Value| value.as_u64()?.try_into().ok();
        let newer = object.maybe("newer", |object, key| object.each(key, byte))?;
        Ok(Self {
            alias,
            name,
            phone,
            address,
            note,
            basis,
            notice_version: object.text("notice_version")?,
            noticed_ms: object.number("noticed_ms")?,
            consent_by,
            sensitive: told.unwrap_or_default().into_iter().collect(),
            newer: newer.unwrap_or_default(),
        })
    }
}

impl Contents {
    /// Whether this may be kept. The same on phone and server.
    ///
    /// # Errors
    /// With the first field that is not as it must be.
    pub fn check(&self) -> Result<(), Invalid> {
        let invalid = |field, why| Err(Invalid { field, why });
        for (field, text, chars_max) in self.texts() {
            if text.chars().count() > chars_max {
                return invalid(field, WhyInvalid::TooLong);
            }
            if has_identity_number(text) {
                return invalid(field, WhyInvalid::IdentityNumber);
            }
        }
        for (field, text) in [("alias", &self.alias), ("notice_version", &self.notice_version)] {
            if text.trim().is_empty() {
                return invalid(field, WhyInvalid::Missing);
            }
        }
        if self.noticed_ms <= 0 {
            return invalid("noticed_ms", WhyInvalid::Missing);
        }
        if self.sensitive.contains(&Sensitive::Minor) && self.consent_by.trim().is_empty() {
            return invalid("consent_by", WhyInvalid::Missing);
        }
        if !self.phone.is_empty() && !is_phone(&self.phone) {
            return invalid("phone", WhyInvalid::Phone);
        }
        Ok(())
    }

    fn texts(&self) -> [(&'static str, &str, usize); 7] {
        [
            ("alias", &self.alias, SEALED_LINE_CHARS_MAX),
            ("name", &self.name, SEALED_LINE_CHARS_MAX),
            ("phone", &self.phone, SEALED_LINE_CHARS_MAX),
            ("address", &self.address, SEALED_NOTE_CHARS_MAX),
            ("note", &self.note, SEALED_NOTE_CHARS_MAX),
            ("notice_version", &self.notice_version, SEALED_LINE_CHARS_MAX),
            ("consent_by", &self.consent_by, SEALED_LINE_CHARS_MAX),
        ]
    }

    pub fn pack(&self) -> Packed {
        let mut w = Writer::default();
        for text in [&self.alias, &self.name, &self.phone, &self.address, &self.note] {
            w.text(text);
        }
        w.byte(self.basis as u8);
        w.text(&self.notice_version);
        w.signed(self.noticed_ms);
        w.text(&self.consent_by);
        let kinds: Vec<Sensitive> = self.sensitive.iter().copied().collect();
        w.list(&kinds, |w, kind| w.byte(*kind as u8));
        w.fixed(&self.newer);
        Packed(w.finish())
    }
}

impl Packed {
    /// # Errors
    /// When the bytes are no contents that this version can read.
    pub fn unpack(&self) -> Result<Contents, BadBytes> {
        let mut r = Reader::new(&self.0);
        let mut text = || r.text(SEALED_BYTES_MAX);
        let (alias, name, phone, address, note) = (text()?, text()?, text()?, text()?, text()?);
        let basis = match r.byte()? {
            1 => Basis::Duty,
            2 => Basis::Consent,
            _ => return Err(BadBytes("unknown legal basis")),
        };
        let notice_version = r.text(SEALED_BYTES_MAX)?;
        let noticed_ms = r.signed()?;
        let consent_by = r.text(SEALED_BYTES_MAX)?;
        let sensitive = r.list(u8::MAX.into(), |r| match r.byte()? {
            1 => Ok(Sensitive::Health),
            2 => Ok(Sensitive::Status),
            3 => Ok(Sensitive::Minor),
            _ => Err(BadBytes("unknown kind of sensitive information")),
        })?;
        Ok(Contents {
            alias,
            name,
            phone,
            address,
            note,
            basis,
            notice_version,
            noticed_ms,
            consent_by,
            sensitive: sensitive.into_iter().collect(),
            newer: r.rest().to_vec(),
        })
    }
}

/// Whether a stated reason for opening or deleting may be taken and kept. `contents` is what it is about.
///
/// # Errors
/// When it says too little, or names the villager.
pub fn check_reason(reason: &str, contents: Option<&Contents>) -> Result<(), Invalid> {
    let invalid = |why| Err(Invalid { field: "reason", why });
    let chars = reason.trim().chars().count();
    if chars < SEALED_REASON_CHARS_MIN {
        return invalid(WhyInvalid::TooShort);
    }
    if chars > SEALED_REASON_CHARS_MAX {
        return invalid(WhyInvalid::TooLong);
    }
    if has_identity_number(reason) {
        return invalid(WhyInvalid::IdentityNumber);
    }
    let (said, digits) = (reason.to_lowercase(), digits(reason));
    let names = contents.into_iter().flat_map(|contents| [&contents.name, &contents.alias]);
    let named = names.map(|name| name.trim().to_lowercase()).any(|name| !name.is_empty() && said.contains(&name));
    let number = contents.map(|contents| self::digits(&contents.phone)).unwrap_or_default();
    let numbered = number.len() >= PHONE_DIGITS_MIN && digits.contains(&number);
    if named || numbered || has_mobile_number(&digits) { invalid(WhyInvalid::Citizen) } else { Ok(()) }
}

/// Digits of the shortest number that is worth calling.
const PHONE_DIGITS_MIN: usize = 5;
/// Digits of a mobile number: 1, then 3 to 9, then nine more.
const MOBILE_DIGITS: usize = 11;
const IDENTITY_DIGITS: usize = 18;

fn is_phone(text: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_digit() || " +-()/转、,\u{ff0c}".contains(letter);
    text.chars().all(letter) && digits(text).len() >= PHONE_DIGITS_MIN
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn has_mobile_number(digits: &str) -> bool {
    digits.as_bytes().windows(MOBILE_DIGITS).any(|window| window[0] == b'1' && window[1] >= b'3')
}

/// Seventeen digits and a digit or X, by themselves.
fn has_identity_number(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit() && !matches!(letter, 'x' | 'X')).any(|word| {
        let bytes = word.as_bytes();
        bytes.len() == IDENTITY_DIGITS && bytes[..IDENTITY_DIGITS - 1].iter().all(u8::is_ascii_digit)
    })
}
