//! The constant first change of each kind.

use std::sync::LazyLock;

use automerge::{
    ActorId, Automerge, Change, ChangeHash, ObjType, ROOT, ScalarValue,
    transaction::{CommitOptions, Transactable},
};

use crate::schema::{Class, Field, Kind};

/// Who "makes" the genesis changes, on every device.
pub const GENESIS_ACTOR: [u8; 16] = *b"lianxin/genesis1";

/// The genesis change of a kind, as bytes. Never sent; guarded by golden hashes.
pub fn genesis(kind: Kind) -> &'static Change {
    &built(kind).change
}

pub(super) fn document(kind: Kind) -> Automerge {
    built(kind).document.clone()
}

pub(super) fn hash(kind: Kind) -> ChangeHash {
    built(kind).change.hash()
}

/// The field whose container is the object that operation `counter` of the genesis change made.
pub(super) fn container(kind: Kind, counter: u64) -> Option<&'static Field> {
    let index = usize::try_from(counter).ok()?.checked_sub(1)?;
    contained(kind).nth(index)
}

struct Built {
    document: Automerge,
    change: Change,
}

fn built(kind: Kind) -> &'static Built {
    static BUILT: LazyLock<Vec<Built>> = LazyLock::new(|| Kind::ALL.into_iter().map(build).collect());
    &BUILT[kind as usize - 1]
}

/// The fields that need a container, in order: one operation of the genesis change each.
fn contained(kind: Kind) -> impl Iterator<Item = &'static Field> {
    kind.schema().fields.iter().filter(|field| !matches!(field.class, Class::Once | Class::Shown | Class::Quiet))
}

fn build(kind: Kind) -> Built {
    let mut document = Automerge::new().with_actor(ActorId::from(GENESIS_ACTOR));
    let mut transaction = document.transaction();
    for field in contained(kind) {
        let made = match field.class {
            Class::Prose | Class::AuthorProse => transaction.put_object(ROOT, field.key, ObjType::Text).map(drop),
            Class::Counter => transaction.put(ROOT, field.key, ScalarValue::counter(0)),
            Class::Set | Class::Log | Class::Flag => transaction.put_object(ROOT, field.key, ObjType::Map).map(drop),
            Class::Once | Class::Shown | Class::Quiet => Ok(()),
        };
        made.expect("the root of a new document takes every key");
    }
    // A kind without containers has a genesis too: the kind's name, so that the change is not empty.
    transaction.put(ROOT, super::KIND_KEY, kind.key()).expect("the root of a new document takes every key");
    transaction.commit_with(CommitOptions::default().with_time(0));
    let change = document.get_last_local_change().expect("the genesis change was just made");
    Built { document, change }
}
