//! One field's declaration, and where a record keeps it.

use serde::Serialize;

use super::{Kind, Label};

/// The declaration of one kind of record.
#[derive(Debug, Serialize)]
pub struct Schema {
    pub kind: Kind,
    pub label: Label,
    /// The schema version in which the kind came.
    #[serde(skip)]
    pub since: u8,
    /// The fields that make a record's id where two people may create the same record offline, in
    /// order. Empty where ids are minted.
    pub natural_key: &'static [&'static str],
    /// In the order in which forms and pages show them.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field with this key, if this version knows it.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Where the kind's records keep a field.
    pub fn place(&self, field: &Field) -> Place {
        match field.class {
            Class::Once | Class::Shown | Class::Quiet => Place::Single,
            Class::Prose | Class::AuthorProse if field.since == self.since => Place::Genesis,
            Class::Prose | Class::AuthorProse => Place::Extension(field.since),
            Class::Set | Class::Counter | Class::Log | Class::Flag if field.since == 1 => Place::Genesis,
            Class::Set | Class::Counter | Class::Log | Class::Flag | Class::Entries => Place::Spread,
        }
    }
}

/// The declaration of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The name inside the document. Never changed, never used again; without a slash.
    pub key: &'static str,
    pub label: Label,
    /// What to put there, and from which rule or form it comes. The phone's engine does without: its
    /// view has the sentences of the forms that it shows.
    #[cfg(not(target_arch = "wasm32"))]
    #[serde(skip)]
    pub help: Label,
    pub class: Class,
    #[serde(rename = "type")]
    pub ty: Type,
    pub need: Need,
    /// The schema version in which the field came.
    #[serde(skip)]
    pub since: u8,
    /// No form offers it any more. What it holds is still read, merged and shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

impl Field {
    /// Whether its value, or its elements, are photos or recordings.
    pub fn holds_files(&self) -> bool {
        matches!(self.ty, Type::Blob | Type::Each { of: Type::Blob, .. })
    }

    /// A field of the first version.
    pub const fn new(key: &'static str, label: Label, class: Class, ty: Type, need: Need) -> Field {
        Field {
            key,
            label,
            #[cfg(not(target_arch = "wasm32"))]
            help: Label { zh: "", en: "" },
            class,
            ty,
            need,
            since: 1,
            retired: false,
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) const fn help(mut self, zh: &'static str, en: &'static str) -> Field {
        self.help = Label { zh, en };
        self
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) const fn help(self, _zh: &'static str, _en: &'static str) -> Field {
        self
    }

    /// The field came in a later version.
    pub const fn since(mut self, version: u8) -> Field {
        self.since = version;
        self
    }

    /// The field is no longer asked for.
    pub const fn retired(mut self) -> Field {
        self.retired = true;
        self
    }
}

/// How concurrent edits of a field merge (DOMAIN §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// IMM: set when the record is created, then never.
    Once,
    /// LW!: one value wins, the same everywhere; all concurrent values are shown until someone chooses.
    Shown,
    /// LW: one value wins quietly.
    Quiet,
    /// TX: prose that merges character by character.
    Prose,
    /// TX with one permitted writer: the record's author (群众原话).
    AuthorProse,
    /// SET: elements by id; adding wins over a removal that did not see it.
    Set,
    /// CTR: increments add up. For tally buttons only.
    Counter,
    /// APP: entries that are never edited.
    Log,
    /// OR: true as soon as one person has marked it (保密).
    Flag,
    /// SET with an LW! value each: elements by id; setting a value wins over a removal that did not see it.
    Entries,
}

/// Where a record keeps a field. Two things must hold at once: devices that create a record offline
/// agree on every object in it, and a device with an older version must not be kept from merging by
/// what it does not know. `ARCHITECTURE.md` tells why it is done like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A scalar at the root.
    Single,
    /// A container that the kind's genesis makes.
    Genesis,
    /// Scalars at the root, one per element, under `<field>/<element>`: containers that came after
    /// the first version. They need no object, so an older version merges and keeps them.
    Spread,
    /// Prose that came after its kind: a Text that the record's extension of that version makes, a
    /// change that travels like any other.
    Extension(u8),
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// One line of text, at most this many characters.
    Line { chars_max: usize },
    /// Prose, at most `limits::PROSE_CHARS_MAX` characters.
    Prose,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A local date and time in the district, `YYYY-MM-DDThh:mm`.
    DateTime,
    /// A whole number from 0.
    Number,
    /// Yes or no.
    Bool,
    /// A key of a code list.
    Code { list: &'static str },
    /// Another record.
    Ref { kind: Kind },
    /// Another record of any kind.
    AnyRef,
    /// A file, by the SHA-256 of its bytes in 64 hexadecimal digits.
    Blob,
    /// A place: WGS-84 latitude and longitude in degrees, and the accuracy in metres if known:
    /// `27.8891,106.6634` or `27.8891,106.6634,30`.
    Point,
    /// A value for each element (class [`Class::Entries`]).
    Each { of: &'static Type, value: &'static Type },
}

/// Whether a field must be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// ●: without it the record is not created.
    Create,
    /// ◎: needed when the record is handed in; until then a draft may lack it.
    Submit,
    /// ○
    Optional,
}
