//! A change, composed of what it writes.
//!
//! Automerge has transactions for this, and they are not used: a phone that has them downloads 37 KB more (brotli,
//! measured), for what is a list of operations that each name what they replace. So Automerge merges and reads, and
//! changes are made here. A property holds them against Automerge's own transactions.

use std::num::NonZeroU64;

use automerge::{
    ActorId, Automerge, Change, ExpandedChange, ObjId, ROOT, ReadDoc, ScalarValue, ScalarValueRef, ValueRef,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};
use similar::algorithms::{DiffHook, Replace, myers};

/// A change in the making, as of some heads of a document.
pub(super) struct Composer<'a> {
    doc: &'a Automerge,
    heads: &'a [automerge::ChangeHash],
    actor: ActorId,
    seq: u64,
    first_op: u64,
    operations: Vec<Op>,
    /// What this change itself has left under keys that it has written, the latest last.
    written: Vec<(ObjId, String, Vec<Held>)>,
}

/// One of the values that stand under a key, and the operation that put it there.
pub(super) struct Held {
    /// `None` for an object.
    pub(super) value: Option<ScalarValue>,
    pub(super) object: ObjId,
}

impl<'a> Composer<'a> {
    /// Heads must contain the actor's own last change: one actor's changes follow each other.
    pub(super) fn new(doc: &'a Automerge, heads: &'a [automerge::ChangeHash], actor: ActorId) -> Self {
        let all = doc.get_changes_meta(&[]);
        let seq = all.iter().filter(|meta| *meta.actor == actor).map(|meta| meta.seq).max().unwrap_or(0) + 1;
        let first_op = all.iter().map(|meta| meta.max_op).max().unwrap_or(0) + 1;
        Self { doc, heads, actor, seq, first_op, operations: Vec::new(), written: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// All values under a key, the winner last; none if there is no such key.
    pub(super) fn held(&self, object: &ObjId, key: &str) -> Vec<Held> {
        if let Some((.., held)) = self.written.iter().rev().find(|(of, at, _)| of == object && at == key) {
            return held.iter().map(|held| Held { value: held.value.clone(), object: held.object.clone() }).collect();
        }
        let found = self.doc.get_all_at(object, key, self.heads).unwrap_or_default();
        found.into_iter().map(|(value, object)| Held { value: value.as_scalar().cloned(), object }).collect()
    }

    /// The keys of a map.
    pub(super) fn keys(&self, object: &ObjId) -> Vec<String> {
        let mut keys: Vec<String> = self.doc.keys_at(object, self.heads).collect();
        for (_, key, held) in self.written.iter().filter(|(of, ..)| of == object) {
            keys.retain(|present| present != key);
            if !held.is_empty() {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// The text of a Text.
    pub(super) fn text(&self, object: &ObjId) -> String {
        self.doc.text_at(object, self.heads).unwrap_or_default()
    }

    /// Leaves one value under a key, whatever stood there.
    pub(super) fn put(&mut self, object: &ObjId, key: &str, value: ScalarValue) {
        if !matches!(&self.held(object, key)[..], [one] if one.value.as_ref() == Some(&value)) {
            self.put_again(object, key, value);
        }
    }

    /// The same, also where that is what stands there: to say that one has seen what was written meanwhile.
    pub(super) fn put_again(&mut self, object: &ObjId, key: &str, value: ScalarValue) {
        let pred = self.replaced(object, key);
        let id = self.push(object, Key::Map(key.into()), OpType::Put(value.clone()), false, pred);
        self.written.push((object.clone(), key.into(), vec![Held { value: Some(value), object: exid(&id) }]));
    }

    /// Makes an object under a key that nothing stands under.
    pub(super) fn make(&mut self, key: &str, kind: automerge::ObjType) {
        self.push(&ROOT, Key::Map(key.into()), OpType::Make(kind), false, Vec::new());
    }

    /// Takes away what stands under a key, if something does.
    pub(super) fn delete(&mut self, object: &ObjId, key: &str) {
        let pred = self.replaced(object, key);
        if !pred.is_empty() {
            self.push(object, Key::Map(key.into()), OpType::Delete, false, pred);
            self.written.push((object.clone(), key.into(), Vec::new()));
        }
    }

    /// Adds to a counter of the root.
    pub(super) fn increment(&mut self, key: &str, by: i64) {
        let pred = self.replaced(&ROOT, key);
        self.push(&ROOT, Key::Map(key.into()), OpType::Increment(by), false, pred);
    }

    /// Leaves a Text as given. Only the differences are written.
    pub(super) fn write(&mut self, object: &ObjId, text: &str) {
        let elements: Vec<(String, OpId)> = self
            .doc
            .list_range_at(object, .., self.heads)
            .filter_map(|element| match &element.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => Some((text.to_string(), opid(&element.id())?)),
                _ => None,
            })
            .collect();
        let (before, ids): (Vec<String>, Vec<OpId>) = elements.into_iter().unzip();
        let after: Vec<String> = text.chars().map(String::from).collect();
        let splices = Splices { composer: self, object, ids: &ids, after: &after };
        let Ok(()) = myers::diff(&mut Replace::new(splices), &before, 0..before.len(), &after, 0..after.len());
    }

    /// The change; `None` when nothing was written. Time in seconds since 1970.
    pub(super) fn finish(self, time: i64) -> Option<Change> {
        if self.is_empty() {
            return None;
        }
        let mut deps = self.heads.to_vec();
        deps.sort_unstable();
        Some(Change::from(ExpandedChange {
            operations: self.operations,
            actor_id: self.actor,
            hash: None,
            seq: self.seq,
            start_op: NonZeroU64::new(self.first_op)?,
            time,
            message: None,
            deps,
            extra_bytes: Vec::new(),
            author: None,
        }))
    }

    fn replaced(&self, object: &ObjId, key: &str) -> Vec<OpId> {
        self.held(object, key).iter().filter_map(|held| opid(&held.object)).collect()
    }

    fn push(&mut self, object: &ObjId, key: Key, action: OpType, insert: bool, pred: Vec<OpId>) -> OpId {
        let id = OpId(self.first_op + self.operations.len() as u64, self.actor.clone());
        let obj = opid(object).map_or(ObjectId::Root, ObjectId::Id);
        self.operations.push(Op { action, obj, key, pred: pred.into(), insert });
        id
    }
}

/// What the comparison of two texts finds, as operations.
struct Splices<'c, 'a, 't> {
    composer: &'c mut Composer<'a>,
    object: &'t ObjId,
    ids: &'t [OpId],
    after: &'t [String],
}

impl DiffHook for Splices<'_, '_, '_> {
    type Error = std::convert::Infallible;

    fn delete(&mut self, old: usize, len: usize, _new: usize) -> Result<(), Self::Error> {
        for id in &self.ids[old..old + len] {
            let key = Key::Seq(ElementId::Id(id.clone()));
            self.composer.push(self.object, key, OpType::Delete, false, vec![id.clone()]);
        }
        Ok(())
    }

    fn insert(&mut self, old: usize, new: usize, len: usize) -> Result<(), Self::Error> {
        let mut behind = old.checked_sub(1).map_or(ElementId::Head, |last| ElementId::Id(self.ids[last].clone()));
        for character in &self.after[new..new + len] {
            let action = OpType::Put(ScalarValue::Str(character.as_str().into()));
            behind = ElementId::Id(self.composer.push(self.object, Key::Seq(behind), action, true, Vec::new()));
        }
        Ok(())
    }

    fn replace(&mut self, old: usize, old_len: usize, new: usize, new_len: usize) -> Result<(), Self::Error> {
        self.insert(old, new, new_len)?;
        self.delete(old, old_len, new)
    }
}

/// The operation that made this; none made the root.
fn opid(object: &ObjId) -> Option<OpId> {
    match object {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId(*counter, actor.clone())),
    }
}

/// Only what it says of the operation counts.
fn exid(id: &OpId) -> ObjId {
    ObjId::Id(id.0, id.1.clone(), 0)
}

#[cfg(test)]
mod tests {
    use automerge::{
        ObjType, PatchLog,
        transaction::{CommitOptions, Transactable},
    };
    use proptest::prelude::*;

    use super::*;

    const KEYS: [&str; 4] = ["a", "b", "c", "d"];

    /// One thing that an edit does, to a map of the document or to its Text.
    #[derive(Debug, Clone)]
    enum Step {
        Put { nested: bool, key: usize, value: i64 },
        Delete { nested: bool, key: usize },
        Count { by: i64 },
        Write { text: String },
    }

    /// What one of three actors does, having seen all or only what stood some changes ago.
    #[derive(Debug, Clone)]
    struct Turn {
        actor: u8,
        back: usize,
        steps: Vec<Step>,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (any::<bool>(), 0..4_usize, 0..9_i64).prop_map(|(nested, key, value)| Step::Put { nested, key, value }),
            (any::<bool>(), 0..4_usize).prop_map(|(nested, key)| Step::Delete { nested, key }),
            (1..5_i64).prop_map(|by| Step::Count { by }),
            "[路灯坏了。x]{0,9}".prop_map(|text| Step::Write { text }),
        ]
    }

    fn turns() -> impl Strategy<Value = Vec<Turn>> {
        let turn = (0..3_u8, 0..4_usize, prop::collection::vec(step(), 1..5)).prop_map(|(actor, back, steps)| Turn {
            actor,
            back,
            steps,
        });
        prop::collection::vec(turn, 1..8)
    }

    struct Began {
        doc: Automerge,
        map: ObjId,
        text: ObjId,
    }

    fn began() -> Began {
        let mut doc = Automerge::new().with_actor(ActorId::from([9; 16]));
        let mut transaction = doc.transaction();
        let map = transaction.put_object(ROOT, "map", ObjType::Map).unwrap();
        let text = transaction.put_object(ROOT, "text", ObjType::Text).unwrap();
        transaction.put(ROOT, "count", ScalarValue::counter(0)).unwrap();
        transaction.commit_with(CommitOptions::default().with_time(0));
        Began { doc, map, text }
    }

    fn composed(at: &Began, heads: &[automerge::ChangeHash], turn: &Turn) -> Option<Change> {
        let mut composer = Composer::new(&at.doc, heads, ActorId::from([turn.actor; 16]));
        // A change writes a Text once; `edit::apply` sees to that.
        let last_text = turn.steps.iter().rposition(|step| matches!(step, Step::Write { .. }));
        for (n, step) in turn.steps.iter().enumerate() {
            let object = |nested: bool| if nested { at.map.clone() } else { ROOT };
            match step {
                Step::Put { nested, key, value } => {
                    composer.put(&object(*nested), KEYS[*key], ScalarValue::Int(*value))
                }
                Step::Delete { nested, key } => composer.delete(&object(*nested), KEYS[*key]),
                Step::Count { by } => composer.increment("count", *by),
                Step::Write { text } if last_text == Some(n) => composer.write(&at.text, text),
                Step::Write { .. } => {}
            }
        }
        composer.finish(7)
    }

    fn transacted(at: &mut Began, heads: &[automerge::ChangeHash], turn: &Turn) -> Option<Change> {
        at.doc.set_actor(ActorId::from([turn.actor; 16]));
        let last_text = turn.steps.iter().rposition(|step| matches!(step, Step::Write { .. }));
        let mut transaction = at.doc.transaction_at(PatchLog::inactive(), heads).unwrap();
        for (n, step) in turn.steps.iter().enumerate() {
            let object = |nested: bool| if nested { at.map.clone() } else { ROOT };
            match step {
                Step::Put { nested, key, value } => {
                    // Whoever puts the winner of a conflict chooses it, and a choice stands beside what somebody else
                    // writes meanwhile. Automerge would only delete the other values, and the choice could vanish.
                    if transaction.get_all(object(*nested), KEYS[*key]).unwrap().len() > 1 {
                        transaction.delete(object(*nested), KEYS[*key]).unwrap();
                    }
                    transaction.put(object(*nested), KEYS[*key], *value).unwrap();
                }
                Step::Delete { nested, key } => {
                    if transaction.get(object(*nested), KEYS[*key]).unwrap().is_some() {
                        transaction.delete(object(*nested), KEYS[*key]).unwrap();
                    }
                }
                Step::Count { by } => transaction.increment(ROOT, "count", *by).unwrap(),
                Step::Write { text } if last_text == Some(n) => transaction.update_text(&at.text, text).unwrap(),
                Step::Write { .. } => {}
            }
        }
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(7));
        at.doc.get_change_by_hash(&hash?)
    }

    /// Everything that can be read, with every value in conflict.
    fn read(at: &Began) -> (Vec<String>, String) {
        let values = |object: &ObjId| {
            let all = |key: &String| at.doc.get_all(object, key).unwrap().into_iter().map(|(value, _)| value);
            let line = |key: String| format!("{key} {:?}", all(&key).collect::<Vec<_>>());
            at.doc.keys(object).map(line).collect::<Vec<_>>()
        };
        ([values(&ROOT), values(&at.map)].concat(), at.doc.text(&at.text).unwrap())
    }

    /// The heads some changes ago, and the actor's own last change.
    fn heads(at: &Began, turn: &Turn) -> Vec<automerge::ChangeHash> {
        let own = ActorId::from([turn.actor; 16]);
        let all: Vec<_> =
            at.doc.get_changes_meta(&[]).into_iter().map(|meta| (meta.hash, *meta.actor == own)).collect();
        let own_last = all.iter().rposition(|(_, own)| *own).unwrap_or(0);
        let seen = all.len().saturating_sub(turn.back).max(own_last + 1);
        let seen: Vec<_> = all[..seen].iter().map(|(hash, _)| *hash).collect();
        // The heads of what was seen: what no other seen change rests on.
        let rests = |on: &automerge::ChangeHash| {
            seen.iter().any(|hash| at.doc.get_change_by_hash(hash).unwrap().deps().contains(on))
        };
        let mut heads: Vec<_> = seen.iter().filter(|hash| !rests(hash)).copied().collect();
        heads.sort_unstable();
        heads
    }

    proptest! {
        #[test]
        fn a_text_reads_as_it_was_written(texts in prop::collection::vec("[路灯坏了。x👨‍👩‍👧e\u{301}]{0,12}", 1..6)) {
            let mut at = began();
            for text in texts {
                let heads = at.doc.get_heads();
                let mut composer = Composer::new(&at.doc, &heads, ActorId::from([1; 16]));
                composer.write(&at.text, &text);
                let change = composer.finish(7);
                at.doc.apply_changes(change).unwrap();
                prop_assert_eq!(at.doc.text(&at.text).unwrap(), text);
            }
        }

        #[test]
        fn a_composed_change_says_what_automerge_would_have_said(turns in turns()) {
            let mut at = began();
            for turn in turns {
                let heads = heads(&at, &turn);
                let mut beside = Began { doc: at.doc.fork(), map: at.map.clone(), text: at.text.clone() };
                let wanted = transacted(&mut beside, &heads, &turn);
                let change = composed(&at, &heads, &turn);
                let writes = turn.steps.iter().any(|step| matches!(step, Step::Write { .. }));
                let several = |object: &ObjId, key: &str| at.doc.get_all_at(object, key, &heads).unwrap().len() > 1;
                let in_conflict = KEYS.iter().any(|key| several(&ROOT, key) || several(&at.map, key));
                // Of the shortest ways from one text to another it may take a different one; and a choice in a conflict
                // is one operation here, and two there.
                if !writes && !in_conflict {
                    prop_assert_eq!(change.as_ref().map(Change::hash), wanted.as_ref().map(Change::hash));
                }
                at.doc.apply_changes(change).unwrap();
                prop_assert_eq!(read(&at), read(&beside));
            }
        }
    }
}
