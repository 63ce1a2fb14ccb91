//! History: who changed which field, when, in words that a page can show.

use automerge::{Automerge, ROOT, ReadDoc};
use serde::Serialize;

use super::{Action, Inspected, Record, Value, inspect::inspect_change, refound, shape, spread};
use crate::{
    id::{Actor, ChangeHash},
    schema::{Class, Schema},
};

/// One change, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    pub change: ChangeHash,
    pub actor: Actor,
    /// By the device's clock, milliseconds since 1970.
    pub time_ms: i64,
    /// The record was founded anew: what was before is gone, on purpose, and the fields are left out.
    pub founding: bool,
    pub fields: Vec<FieldChange>,
}

/// What a change did to one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    pub field: String,
    #[serde(flatten)]
    pub what: What,
}

/// What happened to the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A single value was set, or emptied.
    Set {
        before: Option<Value>,
        after: Option<Value>,
    },
    /// Prose was rewritten.
    Wrote {
        before: String,
        after: String,
    },
    Added {
        element: String,
    },
    Removed {
        element: String,
    },
    Counted {
        by: i64,
    },
    Noted {
        text: String,
    },
    /// The value of one element was set, or emptied.
    Entered {
        element: String,
        before: Option<Value>,
        after: Option<Value>,
    },
}

pub(super) fn history(record: &Record) -> Vec<HistoryEntry> {
    record
        .all_changes()
        .iter()
        .filter_map(|change| {
            let actor = Actor::try_from(change.actor_id().to_bytes()).ok().filter(|actor| !shape::is_nobody(*actor))?;
            // A change that only a newer version understands is shown too, without its fields.
            let (fields, founding) = match inspect_change(record.shape, record.id, change) {
                Ok(inspected) => (field_changes(&record.doc, record.shape.schema, &inspected), false),
                Err(_) => (Vec::new(), refound::founding(change).is_some()),
            };
            Some(HistoryEntry {
                change: change.hash().into(),
                actor,
                time_ms: change.timestamp().saturating_mul(1000),
                founding,
                fields,
            })
        })
        .collect()
}

pub(super) fn field_changes(doc: &Automerge, schema: &Schema, change: &Inspected) -> Vec<FieldChange> {
    let before: Vec<automerge::ChangeHash> = change.deps.iter().map(|hash| (*hash).into()).collect();
    let after = [automerge::ChangeHash::from(change.hash)];
    let mut changes: Vec<FieldChange> = Vec::new();
    for touch in &change.touches {
        let class = schema.field(&touch.field).map(|field| field.class);
        let element_before = |element: &str| single_at(doc, &spread::key(&touch.field, element), &before);
        let what = match &touch.action {
            Action::Put(value) => {
                What::Set { before: single_at(doc, &touch.field, &before), after: Some(value.clone()) }
            }
            Action::Clear => What::Set { before: single_at(doc, &touch.field, &before), after: None },
            Action::Splice => {
                let seen = |change: &FieldChange| change.field == touch.field;
                if changes.iter().any(seen) {
                    continue;
                }
                What::Wrote { before: text_at(doc, &touch.field, &before), after: text_at(doc, &touch.field, &after) }
            }
            Action::Add(_) if class == Some(Class::Flag) => What::Set { before: None, after: Some(Value::Bool(true)) },
            Action::Remove(_) if class == Some(Class::Flag) => {
                What::Set { before: Some(Value::Bool(true)), after: None }
            }
            Action::Add(element) => What::Added { element: element.clone() },
            Action::Remove(element) if class == Some(Class::Entries) => {
                What::Entered { element: element.clone(), before: element_before(element), after: None }
            }
            Action::Enter { element, value } => {
                What::Entered { element: element.clone(), before: element_before(element), after: Some(value.clone()) }
            }
            Action::Count(total) => {
                let counted = element_before(&change.actor.to_string()).and_then(|value| value.as_number());
                What::Counted { by: total.saturating_sub(counted.unwrap_or(0)) }
            }
            Action::Remove(element) => What::Removed { element: element.clone() },
            Action::Increment(by) => What::Counted { by: *by },
            Action::Append(text) => What::Noted { text: text.clone() },
        };
        changes.push(FieldChange { field: touch.field.clone(), what });
    }
    changes
}

fn single_at(doc: &Automerge, key: &str, heads: &[automerge::ChangeHash]) -> Option<Value> {
    let (value, _) = doc.get_at(ROOT, key, heads).ok()??;
    Some(Value::from_scalar(value.as_scalar()?))
}

fn text_at(doc: &Automerge, key: &str, heads: &[automerge::ChangeHash]) -> String {
    match doc.get(ROOT, key) {
        Ok(Some((automerge::Value::Object(_), object))) => doc.text_at(object, heads).unwrap_or_default(),
        _ => String::new(),
    }
}
