//! Reading: what a record says, with every concurrent value of a field in conflict.

use automerge::{Automerge, ObjId, ROOT, ReadDoc};
use serde::Serialize;

use super::{Value, edit, refound, spread};
use crate::{
    id::{Actor, ChangeHash, RecordId},
    limits::CONFLICT_VALUES_MAX,
    schema::{Class, DELETED, Field, Kind, Place, Schema, codes},
    sorted::{Map, Set},
};

/// The contents of a record: its known fields that hold something, and the keys of unknown ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contents {
    pub kind: Kind,
    pub fields: Map<&'static str, FieldValue>,
    /// Single values that a newer version wrote. They survive; this version only shows them.
    pub unknown: Map<String, Value>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum FieldValue {
    /// A single value; `others` are the concurrent ones that lost. Empty means no conflict.
    Single {
        value: Value,
        by: Candidate,
        others: Vec<Candidate>,
    },
    Prose {
        text: String,
    },
    Set {
        elements: Vec<String>,
    },
    Count {
        count: i64,
    },
    Log {
        entries: Vec<LogEntry>,
    },
    Flag {
        on: bool,
    },
    Entries {
        entries: Map<String, Entry>,
    },
}

/// The value of one element, with the concurrent ones that lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub value: Value,
    pub by: Candidate,
    pub others: Vec<Candidate>,
}

/// One of several concurrent values, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    pub value: Value,
    pub actor: Option<Actor>,
    /// By the device's clock, milliseconds since 1970.
    pub time_ms: i64,
    pub change: Option<ChangeHash>,
}

/// An entry of a log, with who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    pub text: String,
    pub actor: Option<Actor>,
    pub time_ms: i64,
}

impl Contents {
    /// The single value of a field.
    pub fn single(&self, key: &str) -> Option<&Value> {
        match self.fields.get(key)? {
            FieldValue::Single { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The single text (line, code, date, reference) or the prose of a field; empty if there is none.
    pub fn text(&self, key: &str) -> &str {
        match self.fields.get(key) {
            Some(FieldValue::Single { value: Value::Text(text), .. }) => text,
            Some(FieldValue::Prose { text }) => text,
            _ => "",
        }
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        match self.fields.get(key)? {
            FieldValue::Single { value, .. } => value.as_number(),
            FieldValue::Count { count } => Some(*count),
            _ => None,
        }
    }

    pub fn is_true(&self, key: &str) -> bool {
        matches!(
            self.fields.get(key),
            Some(FieldValue::Single { value: Value::Bool(true), .. } | FieldValue::Flag { on: true })
        )
    }

    /// The elements of a set, sorted.
    pub fn elements(&self, key: &str) -> &[String] {
        match self.fields.get(key) {
            Some(FieldValue::Set { elements }) => elements,
            _ => &[],
        }
    }

    /// The values of a field of entries, by element.
    pub fn entries(&self, key: &str) -> impl Iterator<Item = (&str, &Value)> {
        let entries = match self.fields.get(key) {
            Some(FieldValue::Entries { entries }) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(element, entry)| (element.as_str(), &entry.value))
    }

    /// The value of one element of a field of entries.
    pub fn entry(&self, key: &str, element: &str) -> Option<&Value> {
        match self.fields.get(key)? {
            FieldValue::Entries { entries } => entries.get(element).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The reference of a field to another record.
    pub fn reference(&self, key: &str) -> Option<RecordId> {
        self.text(key).parse().ok()
    }

    /// The fields that hold more than one concurrent value.
    pub fn conflicts(&self) -> impl Iterator<Item = (&'static str, &FieldValue)> {
        self.fields.iter().filter(|(_, value)| value.is_in_conflict()).map(|(key, value)| (*key, value))
    }
}

impl FieldValue {
    /// Whether people wrote different values at the same time and nobody has chosen yet.
    pub fn is_in_conflict(&self) -> bool {
        match self {
            FieldValue::Single { others, .. } => !others.is_empty(),
            FieldValue::Entries { entries } => entries.values().any(|entry| !entry.others.is_empty()),
            _ => false,
        }
    }
}

pub(super) fn read(doc: &Automerge, schema: &'static Schema) -> Contents {
    let spread = spread::elements(doc.keys(ROOT));
    let none = Vec::new();
    let mut fields = Map::new();
    for field in schema.fields {
        let value = match schema.place(field) {
            Place::Spread => spread_value(doc, field, spread.get(field.key).unwrap_or(&none)),
            Place::Single | Place::Genesis | Place::Extension(_) => value(doc, field),
        };
        if let Some(value) = value {
            fields.insert(field.key, value);
        }
    }
    Contents { kind: schema.kind, fields, unknown: unknown(doc, schema) }
}

fn value(doc: &Automerge, field: &Field) -> Option<FieldValue> {
    if field.key == DELETED {
        return deletion(doc);
    }
    match field.class {
        Class::Once | Class::Shown | Class::Quiet => single(doc, field),
        Class::Prose | Class::AuthorProse => prose(doc, field.key),
        Class::Set => set(doc, field.key),
        Class::Counter => count(doc, field.key),
        Class::Log => log(doc, field.key),
        Class::Flag => flag(doc, field.key),
        // Entries are spread in every version.
        Class::Entries => None,
    }
}

fn spread_value(doc: &Automerge, field: &Field, elements: &[String]) -> Option<FieldValue> {
    if elements.is_empty() {
        return None;
    }
    let keyed = |element: &String| spread::key(field.key, element);
    match field.class {
        Class::Set => Some(FieldValue::Set { elements: elements.to_vec() }),
        Class::Flag => Some(FieldValue::Flag { on: true }),
        Class::Counter => {
            let totals = elements.iter().filter_map(|element| doc.get(ROOT, keyed(element)).ok()?);
            let count = totals.filter_map(|(value, _)| value.as_i64()).fold(0, i64::saturating_add);
            (count != 0).then_some(FieldValue::Count { count })
        }
        Class::Log => in_order(elements.iter().filter_map(|entry| log_entry(doc, ROOT, &keyed(entry))).collect()),
        Class::Entries => {
            let entry = |element: &String| {
                let (by, others) = candidates(doc, &keyed(element))?;
                Some((element.clone(), Entry { value: by.value.clone(), by, others }))
            };
            Some(FieldValue::Entries { entries: elements.iter().filter_map(entry).collect() })
        }
        Class::Once | Class::Shown | Class::Quiet | Class::Prose | Class::AuthorProse => None,
    }
}

fn single(doc: &Automerge, field: &Field) -> Option<FieldValue> {
    let (mut by, mut others) = candidates(doc, field.key)?;
    if field.class != Class::Shown {
        others.clear();
    }
    if field.ty == codes::URGENCY {
        let rank = |of: &Candidate| of.value.as_text().map(codes::urgency_rank);
        for other in &mut others {
            if rank(other) > rank(&by) {
                std::mem::swap(other, &mut by);
            }
        }
        others.retain(|other| other.value != by.value);
    }
    Some(FieldValue::Single { value: by.value.clone(), by, others })
}

/// Deleting hides a draft, and somebody who wrote on without having seen that brings it back, until one of the two is chosen
/// (已删除，但有新修改; DOMAIN §6.2). So it reads as a conflict: not deleted, by who wrote on, and deleted.
fn deletion(doc: &Automerge) -> Option<FieldValue> {
    let (deleted, _) = candidates(doc, DELETED)?;
    let wrote_on = (deleted.value == Value::Bool(true)).then(|| wrote_on(doc)).flatten();
    Some(match wrote_on {
        Some(by) => FieldValue::Single { value: by.value.clone(), by, others: vec![deleted] },
        None => FieldValue::Single { value: deleted.value.clone(), by: deleted, others: Vec::new() },
    })
}

/// The last change that was made beside all deletions that stand: neither did it see one of them, nor was it seen.
fn wrote_on(doc: &Automerge) -> Option<Candidate> {
    let standing = doc.get_all(ROOT, DELETED).ok()?;
    let deletions: Vec<_> = standing.iter().filter_map(|(_, id)| doc.hash_for_opid(id)).collect();
    let mut behind: Set<automerge::ChangeHash> = deletions.iter().copied().collect();
    let mut beside = Vec::new();
    for change in doc.get_changes_meta(&deletions) {
        if change.deps.iter().any(|dep| behind.contains(dep)) {
            behind.insert(change.hash);
        } else {
            beside.push(change);
        }
    }
    // Their order here is that in which they came, so it does not say which is the last.
    beside.into_iter().max_by_key(|change| (change.timestamp, change.hash)).map(|change| Candidate {
        value: Value::Bool(false),
        actor: Actor::try_from(change.actor.to_bytes()).ok(),
        time_ms: change.timestamp.saturating_mul(1000),
        change: Some(change.hash.into()),
    })
}

/// The value at a key of the root that wins, and the different ones that were written at the same time.
fn candidates(doc: &Automerge, key: &str) -> Option<(Candidate, Vec<Candidate>)> {
    let all = doc.get_all(ROOT, key).ok()?;
    // More than people make is somebody's malice, and where each comes from takes a look into the history.
    // Automerge lists the winner last.
    let mut candidates = all.iter().rev().take(CONFLICT_VALUES_MAX).filter_map(|(value, id)| {
        let value = Value::from_scalar(value.as_scalar()?);
        let (actor, time_ms, change) = origin(doc, id);
        Some(Candidate { value, actor, time_ms, change })
    });
    let by = candidates.next()?;
    let others = candidates.filter(|other| other.value != by.value).collect();
    Some((by, others))
}

fn prose(doc: &Automerge, key: &str) -> Option<FieldValue> {
    let text = doc.text(object(doc, key)?).ok()?;
    (!text.is_empty()).then_some(FieldValue::Prose { text })
}

fn set(doc: &Automerge, key: &str) -> Option<FieldValue> {
    let elements: Vec<String> = doc.keys(object(doc, key)?).collect();
    (!elements.is_empty()).then_some(FieldValue::Set { elements })
}

fn count(doc: &Automerge, key: &str) -> Option<FieldValue> {
    let (value, _) = doc.get(ROOT, key).ok()??;
    let count = Value::from_scalar(value.as_scalar()?).as_number()?;
    (count != 0).then_some(FieldValue::Count { count })
}

fn log(doc: &Automerge, key: &str) -> Option<FieldValue> {
    let object = object(doc, key)?;
    in_order(doc.keys(&object).filter_map(|entry| log_entry(doc, object.clone(), &entry)).collect())
}

fn log_entry(doc: &Automerge, object: ObjId, key: &str) -> Option<LogEntry> {
    let (value, id) = doc.get(object, key).ok()??;
    let Value::Text(text) = Value::from_scalar(value.as_scalar()?) else { return None };
    let (actor, time_ms, _) = origin(doc, &id);
    // A founding wrote the entries again; who wrote them first is in their keys.
    let again = actor.is_some() && actor == refound::founder(doc);
    let actor = if again { edit::log_key_actor(key).or(actor) } else { actor };
    Some(LogEntry { text, actor, time_ms })
}

fn in_order(mut entries: Vec<LogEntry>) -> Option<FieldValue> {
    entries.sort_by_key(|entry| (entry.time_ms, entry.actor));
    (!entries.is_empty()).then_some(FieldValue::Log { entries })
}

fn flag(doc: &Automerge, key: &str) -> Option<FieldValue> {
    (doc.length(object(doc, key)?) > 0).then_some(FieldValue::Flag { on: true })
}

/// A spread field of a newer version is shown element by element, under the root's keys.
fn unknown(doc: &Automerge, schema: &Schema) -> Map<String, Value> {
    let is_known = |key: &str| schema.field(spread::split(key).map_or(key, |(field, _)| field)).is_some();
    doc.keys(ROOT)
        .filter(|key| !super::OWN_KEYS.contains(&key.as_str()) && !is_known(key))
        .filter_map(|key| {
            let (value, _) = doc.get(ROOT, key.as_str()).ok()??;
            Some((key, Value::from_scalar(value.as_scalar()?)))
        })
        .collect()
}

fn object(doc: &Automerge, key: &str) -> Option<ObjId> {
    match doc.get(ROOT, key).ok()?? {
        (automerge::Value::Object(_), object) => Some(object),
        _ => None,
    }
}

/// Who wrote the value that this operation set, when, in which change.
fn origin(doc: &Automerge, operation: &ObjId) -> (Option<Actor>, i64, Option<ChangeHash>) {
    let Some(hash) = doc.hash_for_opid(operation) else { return (None, 0, None) };
    let Some(change) = doc.get_change_meta_by_hash(&hash) else { return (None, 0, None) };
    (Actor::try_from(change.actor.to_bytes()).ok(), change.timestamp.saturating_mul(1000), Some(hash.into()))
}
