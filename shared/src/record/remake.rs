//! Changes made anew under another actor.
//!
//! Automerge knows a change's operations by (actor, number). Where a phone's storage was set back or
//! copied, two different changes of one record carry the same pair; the server takes the first, and
//! the other can never be merged as it is. It says the same under another actor, and so does all
//! that rests on it.
//!
//! The new actor comes from the change's hash: two copies of one phone that mend the same change
//! make the same new change, so that nothing is counted twice.

use automerge::{
    ActorId, Automerge, Change, ROOT, ReadDoc, ScalarValue,
    legacy::{Key, ObjectId, Op, OpId, OpType},
};
use sha2::{Digest, Sha256};

use super::{Actor, ChangeHash, NewChange, Record, Unreadable, Value, spread};
use crate::sorted::{Map, Set};

/// A record some of whose changes were made anew.
#[derive(Debug)]
pub struct Remade {
    pub record: Record,
    /// Parents first.
    pub changes: Vec<RemadeChange>,
    /// Others' changes that rested on them; no longer in the record.
    pub dropped: Vec<ChangeHash>,
}

/// A change that says under another actor what it said before.
#[derive(Debug)]
pub struct RemadeChange {
    pub before: ChangeHash,
    pub actor: Actor,
    pub change: NewChange,
}

impl Record {
    /// Makes `wrong` changes, and everything of one's own that rests on them, anew.
    ///
    /// # Errors
    /// When the outcome does not merge.
    pub fn remake(&self, wrong: &Set<ChangeHash>, own: impl Fn(Actor) -> bool) -> Result<Remade, Unreadable> {
        let mut remaking = Remaking::default();
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for change in self.all_changes() {
            let hash = ChangeHash::from(change.hash());
            let rests = |gone: &[ChangeHash]| change.deps().iter().any(|dep| gone.contains(&ChangeHash::from(*dep)));
            let made_by_own = Actor::try_from(change.actor_id().to_bytes()).is_ok_and(&own);
            if rests(&dropped) || (remaking.touches(&change) && !made_by_own) {
                dropped.push(hash);
            } else if wrong.contains(&hash) || remaking.touches(&change) {
                remaking.remake(&self.doc, &change);
            } else {
                kept.push(change);
            }
        }
        let mut record = Record::shaped(self.shape, self.id);
        kept.extend(remaking.made.iter().map(|(_, change)| change.clone()));
        record.merge(kept)?;
        let whole = remaking.made.iter().all(|(_, change)| record.contains(change.hash().into()));
        if !whole {
            return Err(Unreadable::Damaged("a change that was made anew does not merge"));
        }
        let changes = remaking.made.iter().map(|(before, change)| remade_change(*before, change)).collect();
        Ok(Remade { record, changes, dropped })
    }

    /// The changes of this record whose actor and number an incoming change claims for itself.
    pub fn rivals<'a>(&self, incoming: impl IntoIterator<Item = &'a [u8]>) -> Set<ChangeHash> {
        let incoming: Map<(ActorId, u64), ChangeHash> = incoming
            .into_iter()
            .filter_map(|bytes| Change::from_bytes(bytes.to_vec()).ok())
            .map(|change| ((change.actor_id().clone(), change.seq()), change.hash().into()))
            .collect();
        self.doc
            .get_changes_meta(&[self.shape.genesis_hash()])
            .into_iter()
            .filter(|meta| {
                let claimed = incoming.get(&(meta.actor.clone().into_owned(), meta.seq));
                claimed.is_some_and(|hash| *hash != ChangeHash::from(meta.hash))
            })
            .map(|meta| meta.hash.into())
            .collect()
    }

    /// Whether one of the incoming changes was made by this actor and is not in this record.
    pub fn lacks_of<'a>(&self, actor: Actor, incoming: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let actor = ActorId::from(actor);
        let mut incoming = incoming.into_iter().filter_map(|bytes| Change::from_bytes(bytes.to_vec()).ok());
        incoming.any(|change| *change.actor_id() == actor && !self.contains(change.hash().into()))
    }
}

#[derive(Default)]
struct Remaking {
    made: Vec<(ChangeHash, Change)>,
    /// Actor and operations that have moved, and to whom.
    moved: Vec<(ActorId, std::ops::Range<u64>, ActorId)>,
}

impl Remaking {
    fn touches(&self, change: &Change) -> bool {
        change.deps().iter().any(|dep| self.new_hash(dep).is_some())
    }

    fn new_hash(&self, old: &automerge::ChangeHash) -> Option<automerge::ChangeHash> {
        let old = ChangeHash::from(*old);
        self.made.iter().find(|(hash, _)| *hash == old).map(|(_, change)| change.hash())
    }

    fn remake(&mut self, doc: &Automerge, change: &Change) {
        let hash = ChangeHash::from(change.hash());
        let mut said = change.decode();
        let (old, new) = (said.actor_id.clone(), ActorId::from(remade_actor(hash)));
        let first = said.start_op.get();
        self.moved.push((old.clone(), first..first + said.operations.len() as u64, new.clone()));
        for operation in &mut said.operations {
            if !recount(doc, change.deps(), operation, &old, &new) {
                self.move_operation(operation, &old, &new);
            }
        }
        said.actor_id = new;
        said.seq = 1;
        said.deps = said.deps.iter().map(|dep| self.new_hash(dep).unwrap_or(*dep)).collect();
        said.deps.sort();
        said.hash = None;
        self.made.push((hash, Change::from(said)));
    }

    fn move_operation(&self, operation: &mut Op, old: &ActorId, new: &ActorId) {
        if let Key::Map(key) = &operation.key
            && let Some((field, element)) = match operation.obj {
                ObjectId::Root => spread::split(key).map(|(field, element)| (Some(field), element)),
                ObjectId::Id(_) => Some((None, key.as_str())),
            }
        {
            // Entries of logs and marks of flags are keyed by who made them.
            let maker = match operation.pred.get(0) {
                Some(replaced) => self.moved_to(replaced).map(|new| (&replaced.1, new)),
                None => Some((old, new)),
            };
            let renamed = maker.and_then(|(old, new)| {
                let rest = element.strip_prefix(old.to_hex_string().as_str())?;
                let renamed = format!("{}{rest}", new.to_hex_string());
                Some(field.map_or_else(|| renamed.clone(), |field| spread::key(field, &renamed)))
            });
            if let Some(renamed) = renamed {
                operation.key = Key::Map(renamed.into());
            }
        }
        if let Some(id) = operation.key.to_opid()
            && let Some(new) = self.moved_to(&id)
        {
            operation.key = Key::from(OpId(id.0, new.clone()));
        }
        let preds: Vec<OpId> = operation.pred.iter().map(|id| self.moved_id(id)).collect();
        operation.pred = preds.into_iter().collect();
    }

    fn moved_id(&self, id: &OpId) -> OpId {
        OpId(id.0, self.moved_to(id).unwrap_or(&id.1).clone())
    }

    fn moved_to(&self, id: &OpId) -> Option<&ActorId> {
        self.moved.iter().find(|(old, range, _)| *old == id.1 && range.contains(&id.0)).map(|(.., new)| new)
    }
}

/// A spread counter holds what its actor has counted in all; the new actor has counted only what this
/// change added. Whether the operation was one of a spread counter.
fn recount(doc: &Automerge, deps: &[automerge::ChangeHash], operation: &mut Op, old: &ActorId, new: &ActorId) -> bool {
    let (ObjectId::Root, Key::Map(key), OpType::Put(ScalarValue::Int(total))) =
        (&operation.obj, &operation.key, &operation.action)
    else {
        return false;
    };
    let Some((field, _)) = spread::split(key).filter(|(_, element)| *element == old.to_hex_string()) else {
        return false;
    };
    let before = doc.get_at(ROOT, key.as_str(), deps).ok().flatten().and_then(|(value, _)| value.as_i64());
    let by = total.saturating_sub(before.unwrap_or(0));
    let key = spread::key(field, &new.to_hex_string());
    operation.action = OpType::Put(Value::Number(by).to_scalar());
    operation.key = Key::Map(key.into());
    operation.pred = Vec::new().into_iter().collect();
    true
}

fn remade_actor(hash: ChangeHash) -> Actor {
    let digest = Sha256::new().chain_update(b"lianxin/remade/").chain_update(hash.0).finalize();
    let mut actor = [0; 16];
    actor.copy_from_slice(&digest[..16]);
    Actor(actor)
}

fn remade_change(before: ChangeHash, change: &Change) -> RemadeChange {
    let change_now = NewChange { hash: change.hash().into(), bytes: change.raw_bytes().to_vec() };
    RemadeChange { before, actor: remade_actor(before), change: change_now }
}
