//! Edits: commands that write only the fields they touch.

use std::slice;

use automerge::{ObjId, ROOT, ScalarValue};
use serde::Serialize;

use super::{Value, compose::Composer, spread};
use crate::{
    id::Actor,
    json::{FromObject, Object, Unfit},
    limits::{COUNT_STEP_MAX, PROSE_CHARS_MAX, SET_ELEMENTS_MAX},
    schema::{Class, DELETED, Field, Kind, Place, Schema, Type},
};

/// One edit of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    pub field: String,
    #[serde(flatten)]
    pub op: Op,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Sets a single value (classes Once, Shown, Quiet). Setting it again settles a conflict.
    Put { value: Value },
    /// Empties a single value.
    Clear,
    /// Leaves prose as the person left it; only the differences are written.
    Write { text: String },
    /// Adds an element to a set.
    Add { element: String },
    /// Removes an element from a set, or an entry.
    Remove { element: String },
    /// Sets the value of an entry. Setting it again settles a conflict.
    Enter { element: String, value: Value },
    /// Adds to a counter.
    Increment { by: i64 },
    /// Adds an entry to a log.
    Append { text: String },
    /// Marks a flag.
    Mark,
    /// Takes back all marks that are seen here.
    Unmark,
}

impl FromObject for Edit {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let field = object.text("field")?;
        let value = |object: &mut Object| object.take("value").and_then(Value::of_json).ok_or(Unfit("value"));
        let op = match object.text("op")?.as_str() {
            "put" => Op::Put { value: value(object)? },
            "clear" => Op::Clear,
            "write" => Op::Write { text: object.text("text")? },
            "add" => Op::Add { element: object.text("element")? },
            "remove" => Op::Remove { element: object.text("element")? },
            "enter" => Op::Enter { element: object.text("element")?, value: value(object)? },
            "increment" => Op::Increment { by: object.number("by")? },
            "append" => Op::Append { text: object.text("text")? },
            "mark" => Op::Mark,
            "unmark" => Op::Unmark,
            _ => return Err(Unfit("op")),
        };
        Ok(Edit { field, op })
    }
}

impl Edit {
    /// A list of edits.
    ///
    /// # Errors
    /// When there is no list, or something else in it.
    pub fn take_list(object: &mut Object, key: &'static str) -> Result<Vec<Self>, Unfit> {
        object.objects(key)
    }

    /// Why it does not fit its field, if so.
    pub fn misfit(&self, kind: Kind) -> Option<Why> {
        check(kind.schema(), slice::from_ref(self)).err().map(|error| error.why)
    }

    pub fn put(field: &str, value: impl Into<Value>) -> Self {
        Self { field: field.into(), op: Op::Put { value: value.into() } }
    }

    /// The text that this edit puts into a field.
    pub fn puts_text(&self, field: &str) -> Option<&str> {
        match &self.op {
            Op::Put { value } if self.field == field => value.as_text(),
            _ => None,
        }
    }

    pub fn write(field: &str, text: &str) -> Self {
        Self { field: field.into(), op: Op::Write { text: text.into() } }
    }

    pub fn add(field: &str, element: impl ToString) -> Self {
        Self { field: field.into(), op: Op::Add { element: element.to_string() } }
    }

    pub fn remove(field: &str, element: impl ToString) -> Self {
        Self { field: field.into(), op: Op::Remove { element: element.to_string() } }
    }

    pub fn enter(field: &str, element: impl ToString, value: impl Into<Value>) -> Self {
        Self { field: field.into(), op: Op::Enter { element: element.to_string(), value: value.into() } }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Value::Bool(yes)
    }
}

impl From<crate::id::RecordId> for Value {
    fn from(id: crate::id::RecordId) -> Self {
        Value::Text(id.to_string())
    }
}

/// An edit that does not fit. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("field {field}: {why:?}")]
pub struct EditError {
    pub field: String,
    pub why: Why,
}

/// Why an edit does not fit; the words for people are in the texts under `edit.<key>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// This version knows no such field.
    UnknownField,
    /// The field merges in another way than the edit assumes.
    WrongOperation,
    /// The value has not the form that the field asks for, or is too long.
    WrongValue,
    /// The field was set when the record was created and does not change.
    SetOnce,
    /// The set or log is full.
    TooMany,
    /// A record of this kind is not created without the field.
    Required,
    /// The record was founded anew since the form was opened: what the form holds may be what had to go.
    Founded,
    /// The merge engine refused; the detail is for the log.
    Engine(String),
}

impl Why {
    /// The last part of the text's key.
    pub fn key(&self) -> &'static str {
        match self {
            Why::UnknownField => "unknown_field",
            Why::WrongOperation => "wrong_operation",
            Why::WrongValue => "wrong_value",
            Why::SetOnce => "set_once",
            Why::TooMany => "too_many",
            Why::Required => "required",
            Why::Founded => "founded",
            Why::Engine(_) => "engine",
        }
    }
}

impl EditError {
    pub(crate) fn new(field: &str, why: Why) -> Self {
        Self { field: field.into(), why }
    }

    pub(super) fn engine(detail: &str) -> Self {
        Self::new("", Why::Engine(detail.into()))
    }
}

/// Whether every edit fits its field, before anything is written.
pub(super) fn check(schema: &Schema, edits: &[Edit]) -> Result<(), EditError> {
    edits.iter().try_for_each(|edit| {
        let field = schema.field(&edit.field).ok_or_else(|| EditError::new(&edit.field, Why::UnknownField))?;
        check_one(field, &edit.op).map_err(|why| EditError::new(&edit.field, why))
    })
}

fn check_one(field: &Field, op: &Op) -> Result<(), Why> {
    let fits = match (field.class, op) {
        (Class::Once | Class::Shown | Class::Quiet, Op::Put { value }) => value.fits(field.ty),
        (Class::Prose | Class::AuthorProse, Op::Write { text }) => text.chars().count() <= PROSE_CHARS_MAX,
        (Class::Set, Op::Add { element }) => is_element(element, field.ty),
        (Class::Log, Op::Append { text }) => !text.is_empty() && Value::text(text.as_str()).fits(Type::Prose),
        (Class::Counter, Op::Increment { by }) => (1..=COUNT_STEP_MAX).contains(by),
        (Class::Entries, Op::Enter { element, value }) => is_entry(field, element, value),
        (Class::Shown | Class::Quiet, Op::Clear)
        | (Class::Set | Class::Entries, Op::Remove { .. })
        | (Class::Flag, Op::Mark | Op::Unmark) => true,
        _ => return Err(Why::WrongOperation),
    };
    if fits { Ok(()) } else { Err(Why::WrongValue) }
}

/// Whether an element with this value fits a field of entries.
pub(super) fn is_entry(field: &Field, element: &str, value: &Value) -> bool {
    match field.ty {
        Type::Each { of, value: ty } => is_element(element, *of) && value.fits(*ty),
        _ => false,
    }
}

pub(super) fn is_element(element: &str, ty: Type) -> bool {
    !element.is_empty() && Value::text(element).fits(ty)
}

/// Whether the edit is there only because a form sent an empty field.
pub(super) fn writes_nothing(edit: &Edit) -> bool {
    matches!(&edit.op, Op::Write { text } if text.is_empty())
}

/// Writes the edits into a change, one after the other.
pub(super) fn apply(
    composer: &mut Composer<'_>,
    schema: &Schema,
    actor: Actor,
    edits: &[Edit],
) -> Result<(), EditError> {
    for (n, edit) in edits.iter().enumerate() {
        let Some(field) = schema.field(&edit.field) else { continue };
        let is_rewritten = |later: &Edit| later.field == edit.field && matches!(later.op, Op::Write { .. });
        if matches!(edit.op, Op::Write { .. }) && edits[n + 1..].iter().any(is_rewritten) {
            continue;
        }
        match schema.place(field) {
            Place::Spread => spread::apply(composer, field, actor, &edit.op)?,
            Place::Single | Place::Genesis | Place::Extension(_) => apply_one(composer, field, actor, &edit.op)?,
        }
    }
    Ok(())
}

fn apply_one(composer: &mut Composer<'_>, field: &Field, actor: Actor, op: &Op) -> Result<(), EditError> {
    match op {
        Op::Put { value } => {
            let scalar = value.to_scalar();
            let differs = composer.held(&ROOT, field.key).iter().any(|held| held.value.as_ref() != Some(&scalar));
            if field.class == Class::Once && differs {
                return Err(EditError::new(field.key, Why::SetOnce));
            }
            if field.key == DELETED && *value == Value::Bool(true) {
                composer.put_again(&ROOT, field.key, scalar);
            } else {
                composer.put(&ROOT, field.key, scalar);
            }
        }
        Op::Clear => composer.delete(&ROOT, field.key),
        Op::Write { text } => {
            let object = container(composer, field)?;
            if composer.text(&object) != *text {
                composer.write(&object, text);
            }
        }
        Op::Add { element } => put_new(composer, field, element, true.into())?,
        Op::Remove { element } => composer.delete(&container(composer, field)?, element),
        Op::Increment { by } => composer.increment(field.key, *by),
        Op::Append { text } => {
            let entries = composer.keys(&container(composer, field)?).len();
            put_new(composer, field, &log_key(actor, entries), ScalarValue::Str(text.as_str().into()))?;
        }
        Op::Mark => put_new(composer, field, &actor.to_string(), true.into())?,
        Op::Unmark => {
            let object = container(composer, field)?;
            for mark in composer.keys(&object) {
                composer.delete(&object, &mark);
            }
        }
        // Entries are spread in every version.
        Op::Enter { .. } => return Err(EditError::new(field.key, Why::WrongOperation)),
    }
    Ok(())
}

fn put_new(composer: &mut Composer<'_>, field: &Field, key: &str, value: ScalarValue) -> Result<(), EditError> {
    let object = container(composer, field)?;
    if composer.held(&object, key).is_empty() {
        room_for_one(&composer.keys(&object), field)?;
        composer.put(&object, key, value);
    }
    Ok(())
}

/// Unique because one actor's edits follow each other: it never sees the log shorter than before.
pub(super) fn log_key(actor: Actor, entries_seen: usize) -> String {
    format!("{actor}-{entries_seen:06}")
}

/// Who wrote the entry with this key, of a map or of the root.
pub(super) fn log_key_actor(key: &str) -> Option<Actor> {
    let entry = spread::split(key).map_or(key, |(_, entry)| entry);
    entry.split_once('-')?.0.parse().ok()
}

pub(super) fn room_for_one(present: &[String], field: &Field) -> Result<(), EditError> {
    if present.len() >= SET_ELEMENTS_MAX {
        return Err(EditError::new(field.key, Why::TooMany));
    }
    Ok(())
}

fn container(composer: &Composer<'_>, field: &Field) -> Result<ObjId, EditError> {
    match composer.held(&ROOT, field.key).pop() {
        Some(held) if held.value.is_none() => Ok(held.object),
        _ => Err(EditError::engine("the genesis container is missing")),
    }
}
