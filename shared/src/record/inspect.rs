//! What a change does, learnt from its bytes alone.
//!
//! Nothing reaches Automerge's document code before [`guard`] has counted what the bytes claim and
//! this module has named every field they touch. That is possible without loading the record,
//! because every object of a record comes from its genesis, a constant.

use automerge::{
    Change, ExpandedChange, ScalarValue,
    legacy::{Key, ObjectId, OpType},
};

use super::{
    Contents, Value, edit, guard, lone,
    shape::{self, Shape},
    spread,
};
use crate::{
    id::{Actor, ChangeHash, RecordId},
    limits::{CHANGE_BYTES_MAX, CHANGE_SINGLES_MAX, CHANGE_TOUCHES_MAX, COUNT_STEP_MAX, LABEL_CHARS_MAX},
    schema::{Class, Field, Kind, Place, Type},
    sorted::Set,
};

/// A change, well-formed and understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    pub hash: ChangeHash,
    pub actor: Actor,
    /// 1 for the actor's first change of this record.
    pub seq: u64,
    /// The number of its first operation; those of a record count up.
    pub start_op: u64,
    /// By the device's clock, milliseconds since 1970.
    pub time_ms: i64,
    pub deps: Vec<ChangeHash>,
    pub touches: Vec<Touch>,
    /// The versions whose extensions made the Texts that the change writes into.
    pub extensions: Set<u8>,
}

/// One thing that a change does to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The field's key; it may be one that only a newer version knows.
    pub field: String,
    pub action: Action,
}

/// What is done to the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Put(Value),
    Clear,
    /// Prose was edited somewhere.
    Splice,
    Add(String),
    Remove(String),
    Increment(i64),
    /// A spread counter: what this actor has counted in all.
    Count(i64),
    Append(String),
    Enter {
        element: String,
        value: Value,
    },
}

/// Why bytes are no change that this system makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the change is too large")]
    TooLarge,
    #[error("the bytes are no change")]
    NotAChange,
    #[error("the change is compressed, which the protocol does not use")]
    Compressed,
    #[error("the change has no author, or the genesis's")]
    BadActor,
    #[error("the change makes or removes a container")]
    Structure,
    #[error("the change does to a field what its class does not allow")]
    WrongOperation,
    #[error("the change puts a value that does not fit its field")]
    WrongValue,
    #[error("the change does not rest on the genesis")]
    NoGenesis,
    #[error("the change belongs to another record")]
    WrongRecord,
}

/// Reads a change of the record `id` of `kind`.
///
/// # Errors
/// For anything that this system's own edits cannot make. Bounded in time and memory by
/// `limits::CHANGE_BYTES_MAX` and `CHANGE_OPS_MAX`.
pub fn inspect(kind: Kind, id: RecordId, bytes: &[u8]) -> Result<Inspected, Malformed> {
    inspect_shaped(Shape::of(kind), id, bytes)
}

/// The same, and what the record says as long as it is this change and nothing else: without merging, which costs ten
/// times as much. `None` where only merging tells: not a first change, or not one as this system's edits make it.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_and_read(kind: Kind, id: RecordId, bytes: &[u8]) -> Result<(Inspected, Option<Contents>), Malformed> {
    let shape = Shape::of(kind);
    parsed(bytes, |change| {
        let operations = change.decode();
        let inspected = inspect_decoded(shape, id, change, &operations)?;
        let contents = lone::read(shape, change, operations);
        Ok((inspected, contents))
    })
}

pub(super) fn inspect_shaped(shape: &'static Shape, id: RecordId, bytes: &[u8]) -> Result<Inspected, Malformed> {
    parsed(bytes, |change| inspect_change(shape, id, change))
}

fn parsed<T>(
    bytes: &[u8],
    look: impl FnOnce(&Change) -> Result<T, Malformed> + std::panic::UnwindSafe,
) -> Result<T, Malformed> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(Malformed::TooLarge);
    }
    guard::check(bytes)?;
    // What the guard does not know of, Automerge 0.12 may answer with a panic instead of an error.
    // (In the browser a panic aborts, but there only the server's and one's own changes are read.)
    std::panic::catch_unwind(|| {
        let change = Change::from_bytes(bytes.to_vec()).map_err(|_| Malformed::NotAChange)?;
        look(&change)
    })
    .unwrap_or(Err(Malformed::NotAChange))
}

/// How many operations a change claims to have, learnt without decoding them: what inspecting it costs. 0 for bytes that
/// are refused at once.
pub fn operations_claimed(bytes: &[u8]) -> u64 {
    guard::check(bytes).unwrap_or(0)
}

pub(super) fn inspect_change(shape: &'static Shape, id: RecordId, change: &Change) -> Result<Inspected, Malformed> {
    inspect_decoded(shape, id, change, &change.decode())
}

fn inspect_decoded(
    shape: &'static Shape,
    id: RecordId,
    change: &Change,
    decoded: &ExpandedChange,
) -> Result<Inspected, Malformed> {
    let actor = Actor::try_from(change.actor_id().to_bytes()).map_err(|_| Malformed::BadActor)?;
    let extends = shape::is_nobody(actor);
    if extends && !is_extension(shape, id, change) {
        return Err(Malformed::BadActor);
    }
    if change.deps().is_empty() {
        return Err(Malformed::NoGenesis);
    }
    let seen = if extends { Seen::default() } else { Seen::all(shape, id, actor, decoded)? };
    let first = change.deps() == [shape.genesis_hash()] && !extends;
    if first && !(seen.named && fits_natural_key(shape, id, &seen.touches)) {
        return Err(Malformed::WrongRecord);
    }
    Ok(Inspected {
        hash: change.hash().into(),
        actor,
        seq: change.seq(),
        start_op: change.start_op().get(),
        time_ms: change.timestamp().saturating_mul(1000),
        deps: change.deps().iter().map(|hash| (*hash).into()).collect(),
        touches: seen.touches,
        extensions: seen.extensions,
    })
}

/// Whether the change is the constant that gives this record the prose of a later version.
fn is_extension(shape: &Shape, id: RecordId, change: &Change) -> bool {
    let version = shape::extension_version(change.actor_id().to_bytes());
    version.and_then(|version| shape.extension(version, id)).is_some_and(|constant| constant.hash() == change.hash())
}

/// What was seen in a change's operations.
#[derive(Default)]
struct Seen {
    named: bool,
    touches: Vec<Touch>,
    extensions: Set<u8>,
}

impl Seen {
    fn all(shape: &Shape, id: RecordId, actor: Actor, decoded: &ExpandedChange) -> Result<Seen, Malformed> {
        let (mut seen, mut singles) = (Seen::default(), 0);
        for operation in &decoded.operations {
            if names_record(operation, id)? {
                seen.named = true;
                continue;
            }
            if let ObjectId::Id(object) = &operation.obj {
                seen.extensions.extend(shape::extension_version(object.actor().to_bytes()));
            }
            // A typed sentence is one touch, not one per character.
            if let Some(field) = seen.spliced_last(shape, operation)
                && container_action(field, operation)? == Action::Splice
            {
                continue;
            }
            seen.touches.push(touch(shape, actor, operation)?);
            singles += usize::from(is_single(operation));
            if singles > CHANGE_SINGLES_MAX || seen.touches.len() > CHANGE_TOUCHES_MAX {
                return Err(Malformed::TooLarge);
            }
        }
        Ok(seen)
    }

    /// The operation's field, if the last touch was a splice of it too.
    fn spliced_last(&self, shape: &Shape, operation: &automerge::legacy::Op) -> Option<&'static Field> {
        let (ObjectId::Id(object), Some(Touch { field: last, action: Action::Splice })) =
            (&operation.obj, self.touches.last())
        else {
            return None;
        };
        shape.container(object.actor().to_bytes(), object.counter()).filter(|field| field.key == last)
    }
}

/// Whether the operation is about a single value of the root, and not about an element of a field that is spread there.
fn is_single(operation: &automerge::legacy::Op) -> bool {
    matches!((&operation.obj, &operation.key), (ObjectId::Root, Key::Map(key)) if spread::split(key).is_none())
}

/// Whether a first change sets the key that the record's id was derived from.
fn fits_natural_key(shape: &Shape, id: RecordId, touches: &[Touch]) -> bool {
    let value = |field: &str| {
        touches.iter().find_map(|touch| match &touch.action {
            Action::Put(Value::Text(text)) if touch.field == field => Some(text.as_str()),
            _ => None,
        })
    };
    shape.schema.natural_key.is_empty() || RecordId::from_natural_key(shape.schema.kind, value) == Some(id)
}

/// Whether the operation is the one with which a first change names its record.
fn names_record(operation: &automerge::legacy::Op, id: RecordId) -> Result<bool, Malformed> {
    match (&operation.obj, &operation.key, &operation.action) {
        (ObjectId::Root, Key::Map(key), action) if key == super::ID_KEY => {
            let right = matches!(action, OpType::Put(ScalarValue::Bytes(bytes)) if bytes[..] == id.0);
            if right { Ok(true) } else { Err(Malformed::WrongRecord) }
        }
        _ => Ok(false),
    }
}

fn touch(shape: &Shape, actor: Actor, operation: &automerge::legacy::Op) -> Result<Touch, Malformed> {
    match &operation.obj {
        ObjectId::Root => {
            let Key::Map(key) = &operation.key else { return Err(Malformed::NotAChange) };
            root_touch(shape, actor, key, operation)
        }
        ObjectId::Id(id) => {
            let field = shape.container(id.actor().to_bytes(), id.counter()).ok_or(Malformed::Structure)?;
            let action = container_action(field, operation)?;
            Ok(Touch { field: field.key.into(), action })
        }
    }
}

fn root_touch(shape: &Shape, actor: Actor, key: &str, operation: &automerge::legacy::Op) -> Result<Touch, Malformed> {
    // What makes a record, and what founds it anew, is not for a person's change.
    if key == super::KIND_KEY || key == super::refound::FOUNDED_KEY {
        return Err(Malformed::Structure);
    }
    if let Some((name, element)) = spread::split(key)
        && let Some(field) = shape.schema.field(name)
    {
        if shape.schema.place(field) != Place::Spread {
            return Err(Malformed::Structure);
        }
        let action = spread::action(field, element, actor, &operation.action, !operation.pred.is_empty())?;
        return Ok(Touch { field: name.into(), action });
    }
    let field = shape.schema.field(key);
    if field.is_none() && key.chars().count() > LABEL_CHARS_MAX {
        return Err(Malformed::WrongValue);
    }
    // A field that a newer version knows merges quietly and is kept.
    let class = field.map_or(Class::Quiet, |field| field.class);
    let action = match (class, &operation.action) {
        (Class::Once, OpType::Put(value)) if operation.pred.is_empty() => put(field, value)?,
        (Class::Shown | Class::Quiet, OpType::Put(value)) => put(field, value)?,
        (Class::Shown | Class::Quiet, OpType::Delete) => Action::Clear,
        (Class::Counter, OpType::Increment(by))
            if (1..=COUNT_STEP_MAX).contains(by)
                && field.is_some_and(|field| shape.schema.place(field) == Place::Genesis) =>
        {
            Action::Increment(*by)
        }
        (_, OpType::Make(_)) => return Err(Malformed::Structure),
        (Class::Once | Class::Shown | Class::Quiet, _) => return Err(Malformed::WrongOperation),
        _ => return Err(Malformed::Structure),
    };
    Ok(Touch { field: key.into(), action })
}

fn put(field: Option<&'static Field>, scalar: &ScalarValue) -> Result<Action, Malformed> {
    let simple = matches!(scalar, ScalarValue::Str(_) | ScalarValue::Int(_) | ScalarValue::Boolean(_));
    let value = Value::from_scalar(scalar);
    let fits = match field {
        Some(field) => value.fits(field.ty),
        None => value.as_text().is_none() || value.fits(Type::Prose),
    };
    if simple && fits { Ok(Action::Put(value)) } else { Err(Malformed::WrongValue) }
}

fn container_action(field: &'static Field, operation: &automerge::legacy::Op) -> Result<Action, Malformed> {
    match (field.class, &operation.key, &operation.action) {
        (Class::Prose | Class::AuthorProse, Key::Seq(_), OpType::Put(ScalarValue::Str(_)) | OpType::Delete) => {
            Ok(Action::Splice)
        }
        (Class::Set, Key::Map(element), OpType::Put(ScalarValue::Boolean(true))) => {
            let fits = edit::is_element(element, field.ty);
            if fits { Ok(Action::Add(element.to_string())) } else { Err(Malformed::WrongValue) }
        }
        (Class::Flag, Key::Map(mark), OpType::Put(ScalarValue::Boolean(true))) => {
            if mark.len() <= LABEL_CHARS_MAX {
                Ok(Action::Add(mark.to_string()))
            } else {
                Err(Malformed::WrongValue)
            }
        }
        (Class::Set | Class::Flag, Key::Map(element), OpType::Delete) => Ok(Action::Remove(element.to_string())),
        (Class::Log, Key::Map(entry), OpType::Put(ScalarValue::Str(text))) if operation.pred.is_empty() => {
            let fits = entry.len() <= LABEL_CHARS_MAX && Value::text(text.as_str()).fits(Type::Prose);
            if fits { Ok(Action::Append(text.to_string())) } else { Err(Malformed::WrongValue) }
        }
        (_, _, OpType::Make(_)) => Err(Malformed::Structure),
        _ => Err(Malformed::WrongOperation),
    }
}
