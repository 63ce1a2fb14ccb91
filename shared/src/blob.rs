//! Files beside records: photos and recordings, known by the hash of their bytes (DOMAIN E18).
//!
//! A record names its files in the fields whose elements are files (`files`, `audio`, `photo`), which merge like any
//! other. The bytes travel apart from it, after it, and it never waits for them. Whoever may read the record may
//! read what it names; a file that no record names any more is out of reach.

use crate::{
    id::{BlobHash, RecordId},
    record::{Contents, Edit, FieldValue, Op, Record, Value, What},
    schema::{Field, Kind},
    sorted::Set,
};

/// The files that a record names, in all values that are in conflict.
pub fn named(contents: &Contents) -> Set<BlobHash> {
    let fields = contents.fields.iter().filter(|(key, _)| holds_files(contents.kind, key));
    let texts = fields.flat_map(|(_, value)| match value {
        FieldValue::Single { value, others, .. } => {
            std::iter::once(value).chain(others.iter().map(|other| &other.value)).filter_map(Value::as_text).collect()
        }
        FieldValue::Entries { entries } => entries.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    });
    texts.filter_map(|text| text.parse().ok()).collect()
}

/// The record that says of one file of a record whether it may be published, and whether faces are hidden.
pub fn attachment(record: RecordId, hash: BlobHash) -> RecordId {
    RecordId::derived(Kind::Attachment, &[&record.to_string(), &hash.to_string()])
}

/// 可公开: somebody holds that the file may be published, and nobody that it may not.
pub fn may_be_public(attachment: &Contents) -> bool {
    attachment.kind == Kind::Attachment && attachment.is_true("may_be_public") && !attachment.is_true("not_public")
}

/// The files that edits name, and those that they take away.
pub fn named_by(kind: Kind, edits: &[Edit]) -> (Vec<BlobHash>, Vec<BlobHash>) {
    let (mut named, mut removed) = (Vec::new(), Vec::new());
    for edit in edits.iter().filter(|edit| holds_files(kind, &edit.field)) {
        match &edit.op {
            Op::Enter { element, .. } => named.extend(element.parse::<BlobHash>()),
            Op::Put { value: Value::Text(text) } => named.extend(text.parse::<BlobHash>()),
            Op::Remove { element } => removed.extend(element.parse::<BlobHash>()),
            _ => {}
        }
    }
    (named, removed)
}

/// The files that a record has ever named, by its history.
pub fn named_once(record: &Record) -> Set<BlobHash> {
    let history = record.history();
    let changes = history.iter().flat_map(|entry| &entry.fields);
    let texts =
        changes.filter(|change| holds_files(record.kind(), &change.field)).filter_map(|change| match &change.what {
            What::Entered { element, .. } => Some(element.as_str()),
            What::Set { after, .. } => after.as_ref().and_then(Value::as_text),
            _ => None,
        });
    texts.filter_map(|text| text.parse().ok()).collect()
}

fn holds_files(kind: Kind, field: &str) -> bool {
    kind.schema().field(field).is_some_and(Field::holds_files)
}

/// Why the server did not take a file, or a part of one. Nothing else is affected by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no record that this person may read, or write, and that names it.
    Unnamed,
    /// The part does not begin where the server's copy ends.
    Offset,
    /// It is larger than any file may be, or than it was said to be.
    TooLarge,
    /// By its content neither photo nor recording.
    ForeignType,
    /// The photo tells where it was taken.
    Located,
    /// The bytes are not those of its name; what had arrived is thrown away.
    WrongHash,
    /// This person has delivered as much today as one may.
    DayFull,
}

impl Refusal {
    pub const ALL: [Refusal; 7] = [
        Refusal::Unnamed,
        Refusal::Offset,
        Refusal::TooLarge,
        Refusal::ForeignType,
        Refusal::Located,
        Refusal::WrongHash,
        Refusal::DayFull,
    ];

    /// The word on the wire, and the end of the key of the words for people (`file.…`).
    pub fn key(self) -> &'static str {
        match self {
            Refusal::Unnamed => "unnamed",
            Refusal::Offset => "offset",
            Refusal::TooLarge => "file_too_large",
            Refusal::ForeignType => "foreign_type",
            Refusal::Located => "located",
            Refusal::WrongHash => "wrong_hash",
            Refusal::DayFull => "day_full",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Refusal::ALL.into_iter().find(|refusal| refusal.key() == key)
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Refusal::Unnamed => 404,
            Refusal::Offset => 409,
            Refusal::TooLarge => 413,
            Refusal::ForeignType => 415,
            Refusal::Located | Refusal::WrongHash => 422,
            Refusal::DayFull => 429,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{FromObject, Object};
    use crate::{
        id::{Actor, RecordId},
        record::Record,
    };

    fn enter(hash: BlobHash) -> Edit {
        let (element, value) = (hash.to_string(), Value::text("村口的路"));
        Edit { field: "files".into(), op: Op::Enter { element, value } }
    }

    #[test]
    fn a_record_names_what_was_entered_until_it_is_removed() {
        let (one, two) = (BlobHash::of(b"one"), BlobHash::of(b"two"));
        let mut record = Record::new(Kind::Activity, RecordId([1; 16]));
        let edits = [enter(one), enter(two)];
        record.edit(Actor([2; 16]), 0, None, &edits).unwrap().unwrap();
        assert_eq!(named(&record.read()), Set::from([one, two]));
        assert_eq!(named_by(Kind::Activity, &edits), (vec![one, two], vec![]));
        let remove = Edit { field: "files".into(), op: Op::Remove { element: one.to_string() } };
        record.edit(Actor([2; 16]), 1, None, std::slice::from_ref(&remove)).unwrap().unwrap();
        assert_eq!(named(&record.read()), Set::from([two]));
        assert_eq!(named_by(Kind::Activity, &[remove]), (vec![], vec![one]));
    }

    #[test]
    fn a_file_is_named_as_the_view_says_it() {
        let hash = BlobHash::of(b"one");
        let json = format!(r#"{{"field":"files","op":"enter","element":"{hash}","value":""}}"#);
        let edit = Edit::take_from(&mut Object::read(json.as_bytes()).unwrap()).unwrap();
        assert_eq!(named_by(Kind::Activity, &[edit]).0, [hash]);
    }

    #[test]
    fn what_only_looks_like_a_file_is_none() {
        let hash = BlobHash::of(b"one");
        let title = Edit::put("title", hash.to_string().as_str());
        assert_eq!(named_by(Kind::Activity, &[title]), (vec![], vec![]));
    }

    #[test]
    fn refusals_are_known_by_their_words() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::from_key(refusal.key()), Some(refusal));
        }
        assert_eq!(Refusal::from_key("malformed"), None);
    }
}
