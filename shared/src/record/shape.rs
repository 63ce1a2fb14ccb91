//! What a kind's records look like inside: the constant first change of each kind, and the
//! extensions that later versions need for new prose.

use std::sync::LazyLock;

use automerge::{ActorId, Automerge, Change, ChangeHash, ObjType, ROOT, ScalarValue};

use super::compose::Composer;
use crate::{
    id::{Actor, RecordId},
    schema::{Class, Field, Kind, Place, Schema},
};

/// Who "makes" the genesis changes, on every device. The extension of version *n* is made by
/// `lianxin/genesis<n>`.
pub const GENESIS_ACTOR: [u8; 16] = *b"lianxin/genesis1";

/// The genesis change of a kind, as bytes. Never sent; guarded by golden hashes.
pub fn genesis(kind: Kind) -> &'static Change {
    &Shape::of(kind).change
}

/// Whether changes of this actor are constants that nobody owns: the genesis and the extensions.
pub fn is_nobody(actor: Actor) -> bool {
    extension_version(&actor.0).is_some() || actor.0 == GENESIS_ACTOR
}

/// The version whose extension this actor makes.
pub(super) fn extension_version(actor: &[u8]) -> Option<u8> {
    let (digit, name) = actor.split_last()?;
    let version = digit.checked_sub(b'0').filter(|version| (2..=9).contains(version))?;
    (name == &GENESIS_ACTOR[..15]).then_some(version)
}

fn extension_actor(version: u8) -> ActorId {
    let mut actor = GENESIS_ACTOR;
    actor[15] = b'0' + version;
    ActorId::from(actor)
}

/// Who "makes" extensions, of all versions that there can be.
pub fn extension_actors() -> impl Iterator<Item = Actor> {
    (2..=9).filter_map(|version| Actor::try_from(extension_actor(version).to_bytes()).ok())
}

/// A kind's declaration with the genesis that follows from it.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) schema: &'static Schema,
    change: Change,
    /// The fields whose containers the genesis makes, in the order of its operations.
    contained: Vec<&'static Field>,
}

impl Shape {
    pub(super) fn of(kind: Kind) -> &'static Shape {
        static SHAPES: LazyLock<Vec<Shape>> =
            LazyLock::new(|| Kind::ALL.into_iter().map(|kind| Shape::build(kind.schema())).collect());
        &SHAPES[kind as usize - 1]
    }

    /// Of a declaration that is not this version's, for the tests of versions that meet.
    #[cfg(test)]
    pub(super) fn of_schema(schema: &'static Schema) -> &'static Shape {
        Box::leak(Box::new(Shape::build(schema)))
    }

    fn build(schema: &'static Schema) -> Shape {
        let nothing = Automerge::new();
        let mut composer = Composer::new(&nothing, &[], ActorId::from(GENESIS_ACTOR));
        let contained: Vec<_> = schema.fields.iter().filter(|field| schema.place(field) == Place::Genesis).collect();
        for field in &contained {
            match field.class {
                Class::Prose | Class::AuthorProse => composer.make(field.key, ObjType::Text),
                Class::Counter => composer.put(&ROOT, field.key, ScalarValue::counter(0)),
                _ => composer.make(field.key, ObjType::Map),
            }
        }
        // A kind without containers has a genesis too: the kind's name, so that the change is not empty.
        composer.put(&ROOT, super::KIND_KEY, schema.kind.key().into());
        let change = composer.finish(0).expect("the kind's name was just written");
        Shape { schema, change, contained }
    }

    pub(super) fn genesis(&self) -> &Change {
        &self.change
    }

    /// A new document: the genesis, nothing else.
    pub(super) fn document(&self) -> Automerge {
        let mut document = Automerge::new();
        document.apply_changes(vec![self.change.clone()]).expect("an empty document takes every genesis");
        document
    }

    pub(super) fn genesis_hash(&self) -> ChangeHash {
        self.change.hash()
    }

    /// The number of the first operation behind the genesis's.
    pub(super) fn first_op(&self) -> u64 {
        self.change.max_op() + 1
    }

    /// The change that gives a record the Texts of prose that came in this version; `None` where none
    /// came. The same on every device, so that two that need it offline make one Text. It names its
    /// record, because a change belongs to one record, and rests on the genesis alone.
    pub(super) fn extension(&self, version: u8, id: RecordId) -> Option<Change> {
        let mut fields = self.extended(version).peekable();
        fields.peek()?;
        let document = self.document();
        let heads = [self.genesis_hash()];
        let mut composer = Composer::new(&document, &heads, extension_actor(version));
        composer.put(&ROOT, super::ID_KEY, ScalarValue::Bytes(id.0.to_vec()));
        for field in fields {
            composer.make(field.key, ObjType::Text);
        }
        composer.finish(0)
    }

    /// The field whose container is the object that this actor's operation `counter` made.
    pub(super) fn container(&self, actor: &[u8], counter: u64) -> Option<&'static Field> {
        let counter = usize::try_from(counter).ok()?;
        if actor == GENESIS_ACTOR {
            return self.contained.get(counter.checked_sub(1)?).copied();
        }
        // Behind the genesis's operations (its last names the kind) and the one that names the record.
        let before = self.contained.len() + 1 + 1;
        self.extended(extension_version(actor)?).nth(counter.checked_sub(before + 1)?)
    }

    fn extended(&self, version: u8) -> impl Iterator<Item = &'static Field> {
        self.schema.fields.iter().filter(move |field| self.schema.place(field) == Place::Extension(version))
    }
}
