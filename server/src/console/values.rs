//! What a record says, as a page shows it: codes and references in words.

use lianxin_shared::{
    id::RecordId,
    record::{Contents, FieldChange, FieldValue, Value, What},
    schema::{Field, Kind, Type},
};

use super::{
    codes::names_list,
    layout::record_href,
    names::Names,
    words::{Words, number},
};

/// A value in words, with the address of what it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub text: String,
    pub href: Option<String>,
}

impl Shown {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None }
    }
}

/// A single value of a field; `None` for the field says that only a newer version knows it.
pub(super) fn show(words: Words, names: &Names, field: Option<&Field>, value: &Value) -> Shown {
    match value {
        Value::Bool(yes) => Shown::plain(words.yes_no(*yes)),
        Value::Number(count) if field.is_some_and(|field| field.key == "year") => Shown::plain(count.to_string()),
        Value::Number(count) => Shown::plain(number(*count)),
        Value::Text(text) => show_text(words, names, field, text),
    }
}

/// A text of a field: a code, a reference, a date, or words.
pub(super) fn show_text(words: Words, names: &Names, field: Option<&Field>, text: &str) -> Shown {
    match field {
        Some(field) if names_list(field) => Shown::plain(names.codes.word_of(words, field, text)),
        Some(field) => typed(words, names, field.ty, text),
        None => Shown::plain(text),
    }
}

pub(super) fn typed(words: Words, names: &Names, ty: Type, text: &str) -> Shown {
    match ty {
        Type::Code { list } => Shown::plain(names.codes.word(words, list, text)),
        Type::Date => Shown::plain(words.day(text)),
        Type::DateTime => Shown::plain(words.local_time(text)),
        Type::Ref { .. } | Type::AnyRef => show_reference(words, names, text),
        _ => Shown::plain(text),
    }
}

/// One entry of a field of entries: the element and its value.
pub(super) fn entry_text(words: Words, names: &Names, field: Option<&Field>, element: &str, value: &Value) -> String {
    let (of, ty) = match field.map(|field| field.ty) {
        Some(Type::Each { of, value }) => (*of, *value),
        _ => (Type::AnyRef, Type::AnyRef),
    };
    let said = match value {
        Value::Text(text) => typed(words, names, ty, text).text,
        other => show(words, names, field, other).text,
    };
    // A file has no name but its hash, which says nothing to people.
    let named = if of == Type::Blob {
        element.get(..8).unwrap_or(element).to_owned()
    } else {
        typed(words, names, of, element).text
    };
    format!("{named}: {said}")
}

fn show_reference(words: Words, names: &Names, text: &str) -> Shown {
    let named = text.parse::<RecordId>().ok().and_then(|id| Some((id, names.title(words, id)?)));
    match named {
        Some((id, title)) => Shown { text: title, href: Some(record_href(id)) },
        None => Shown::plain(words.get("unknown_record")),
    }
}

/// The records that a record's contents and history mention.
pub(super) fn references<'a>(contents: &'a Contents, history: impl Iterator<Item = &'a FieldChange>) -> Vec<RecordId> {
    let kind = contents.kind;
    let held = contents.fields.iter().filter(|(key, _)| is_reference(kind, key)).flat_map(|(_, value)| texts(value));
    let changed = history.filter(|change| is_reference(kind, &change.field)).flat_map(|change| match &change.what {
        What::Set { before, after } => {
            [before, after].into_iter().flatten().filter_map(|value| value.as_text()).collect()
        }
        What::Added { element } | What::Removed { element } | What::Entered { element, .. } => vec![element.as_str()],
        _ => Vec::new(),
    });
    held.chain(changed).filter_map(|text| text.parse().ok()).collect()
}

fn is_reference(kind: Kind, key: &str) -> bool {
    kind.schema().field(key).is_some_and(|field| {
        matches!(field.ty, Type::Ref { .. } | Type::AnyRef | Type::Each { of: Type::Ref { .. }, .. })
    })
}

fn texts(value: &FieldValue) -> Vec<&str> {
    match value {
        FieldValue::Single { value, others, .. } => std::iter::once(value)
            .chain(others.iter().map(|other| &other.value))
            .filter_map(|value| value.as_text())
            .collect(),
        FieldValue::Set { elements } => elements.iter().map(String::as_str).collect(),
        FieldValue::Entries { entries } => entries.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}
