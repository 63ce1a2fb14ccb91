//! Fields that are spread over the root: an element is a scalar under `<field>/<element>`.
//!
//! Containers that came after the first version are kept like this. To a version that does not know
//! the field, an element is one more single value: it merges, survives, and rests on nothing new.

use automerge::{ROOT, ScalarValue, legacy::OpType};

use super::{
    Action, EditError, Malformed, Op, SPREAD, Value, Why,
    compose::Composer,
    edit::{is_element, is_entry, log_key, room_for_one},
};
use crate::{
    id::Actor,
    schema::{Class, Field, Type},
    sorted::Map,
};

/// The root's key of an element.
pub(super) fn key(field: &str, element: &str) -> String {
    format!("{field}{SPREAD}{element}")
}

/// The field and the element of a root's key.
pub(super) fn split(key: &str) -> Option<(&str, &str)> {
    key.split_once(SPREAD)
}

/// The elements of all spread fields, by field.
pub(super) fn elements(keys: impl Iterator<Item = String>) -> Map<String, Vec<String>> {
    let mut elements: Map<String, Vec<String>> = Map::new();
    for key in keys {
        if let Some((field, element)) = split(&key) {
            elements.entry(field.into()).or_default().push(element.into());
        }
    }
    elements
}

pub(super) fn apply(composer: &mut Composer<'_>, field: &Field, actor: Actor, op: &Op) -> Result<(), EditError> {
    match op {
        Op::Add { element } => put_new(composer, field, element, true.into())?,
        Op::Mark => put_new(composer, field, &actor.to_string(), true.into())?,
        Op::Remove { element } => composer.delete(&ROOT, &key(field.key, element)),
        Op::Unmark => {
            for mark in present(composer, field) {
                composer.delete(&ROOT, &key(field.key, &mark));
            }
        }
        Op::Append { text } => {
            let entry = log_key(actor, present(composer, field).len());
            put_new(composer, field, &entry, ScalarValue::Str(text.as_str().into()))?;
        }
        Op::Enter { element, value } => enter(composer, field, element, value)?,
        // Each actor has a total of its own, so that nobody's count is counted twice.
        Op::Increment { by } => {
            let own = key(field.key, &actor.to_string());
            let held = composer.held(&ROOT, &own).pop().and_then(|held| held.value);
            let counted = held.and_then(|value| value.as_i64()).unwrap_or(0);
            composer.put(&ROOT, &own, ScalarValue::Int(counted.saturating_add(*by)));
        }
        Op::Put { .. } | Op::Clear | Op::Write { .. } => return Err(EditError::new(field.key, Why::WrongOperation)),
    }
    Ok(())
}

fn put_new(composer: &mut Composer<'_>, field: &Field, element: &str, value: ScalarValue) -> Result<(), EditError> {
    let key = key(field.key, element);
    if composer.held(&ROOT, &key).is_empty() {
        room_for_one(&present(composer, field), field)?;
        composer.put(&ROOT, &key, value);
    }
    Ok(())
}

fn enter(composer: &mut Composer<'_>, field: &Field, element: &str, value: &Value) -> Result<(), EditError> {
    let key = key(field.key, element);
    if composer.held(&ROOT, &key).is_empty() {
        room_for_one(&present(composer, field), field)?;
    }
    composer.put(&ROOT, &key, value.to_scalar());
    Ok(())
}

fn present(composer: &Composer<'_>, field: &Field) -> Vec<String> {
    elements(composer.keys(&ROOT).into_iter()).remove(field.key).unwrap_or_default()
}

/// What an operation on an element does, if it is one that [`apply`] makes.
pub(super) fn action(
    field: &Field,
    element: &str,
    actor: Actor,
    action: &OpType,
    overwrites: bool,
) -> Result<Action, Malformed> {
    let element = element.to_owned();
    match (field.class, action) {
        (Class::Set, OpType::Put(ScalarValue::Boolean(true))) if is_element(&element, field.ty) => {
            Ok(Action::Add(element))
        }
        (Class::Flag, OpType::Put(ScalarValue::Boolean(true))) => Ok(Action::Add(element)),
        (Class::Set | Class::Flag | Class::Entries, OpType::Delete) => Ok(Action::Remove(element)),
        (Class::Log, OpType::Put(ScalarValue::Str(text))) if !overwrites => {
            let fits = !text.is_empty() && Value::text(text.as_str()).fits(Type::Prose);
            if fits { Ok(Action::Append(text.to_string())) } else { Err(Malformed::WrongValue) }
        }
        (Class::Counter, OpType::Put(ScalarValue::Int(total))) if *total > 0 && element == actor.to_string() => {
            Ok(Action::Count(*total))
        }
        (Class::Entries, OpType::Put(scalar)) => {
            let simple = matches!(scalar, ScalarValue::Str(_) | ScalarValue::Int(_) | ScalarValue::Boolean(_));
            let value = Value::from_scalar(scalar);
            let fits = simple && is_entry(field, &element, &value);
            if fits { Ok(Action::Enter { element, value }) } else { Err(Malformed::WrongValue) }
        }
        (Class::Set, OpType::Put(_)) => Err(Malformed::WrongValue),
        (_, OpType::Make(_)) => Err(Malformed::Structure),
        _ => Err(Malformed::WrongOperation),
    }
}
