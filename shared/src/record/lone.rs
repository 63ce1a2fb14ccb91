//! A record that is its first change and nothing else: what it says is read from the change's operations.
//!
//! Most records are written once and sent whole, and merging one change into the genesis is what costs a server most. So
//! for a change exactly as this system's edits make a first one, and for no other, [`read`] tells what
//! [`Record::read`](super::Record::read) would (a property test and the fuzzer compare them), and the change's bytes can be
//! stored as they are. That it is encoded as Automerge would encode it matters beyond this record's reader: a document that
//! is saved later makes the change anew from its operations.

use std::collections::{BTreeMap, btree_map};

use automerge::{
    Change, ExpandedChange, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpType},
};

use super::{
    Candidate, Contents, Entry, FieldValue, GENESIS_ACTOR, ID_KEY, LogEntry, Value, shape, shape::Shape, spread,
};
use crate::{
    id::Actor,
    schema::{Class, Field, Place},
    sorted::Map,
};

/// What the record says. `None` where only merging tells.
pub(super) fn read(shape: &'static Shape, change: &Change, decoded: ExpandedChange) -> Option<Contents> {
    let actor = Actor::try_from(change.actor_id().to_bytes()).ok()?;
    let plain = change.deps() == [shape.genesis_hash()]
        && !shape::is_nobody(actor)
        && change.seq() == 1
        && change.start_op().get() == shape.first_op()
        && change.message().is_none()
        && change.extra_bytes().is_empty();
    if !plain {
        return None;
    }
    let writes = Writes::of(shape, change, &decoded.operations)?;
    let by = |value: Value| Candidate {
        value,
        actor: Some(actor),
        time_ms: change.timestamp().saturating_mul(1000),
        change: Some(change.hash().into()),
    };
    let contents = writes.contents(shape, &by);
    // Encoded by Automerge once more: the same bytes, or else it is left to merging to judge it.
    (Change::from(decoded).hash() == change.hash()).then_some(contents)
}

/// What a first change writes, sorted like the document would be.
#[derive(Default)]
struct Writes {
    /// Keys of the root, those of spread fields among them.
    root: BTreeMap<String, Value>,
    /// Elements of the containers that the genesis made.
    elements: BTreeMap<&'static str, BTreeMap<String, Value>>,
    prose: BTreeMap<&'static str, String>,
}

impl Writes {
    /// `None` unless each operation writes something of its own: a key for the first time, or the next character.
    fn of(shape: &'static Shape, change: &Change, operations: &[Op]) -> Option<Writes> {
        let mut writes = Writes::default();
        let mut last_characters: BTreeMap<&'static str, u64> = BTreeMap::new();
        for (number, operation) in (shape.first_op()..).zip(operations) {
            let OpType::Put(scalar) = &operation.action else { return None };
            if !operation.pred.is_empty() {
                return None;
            }
            let (object, key) = (&operation.obj, &operation.key);
            match (object, key, operation.insert) {
                (ObjectId::Root, Key::Map(key), false) => {
                    put_first(&mut writes.root, key, Value::from_scalar(scalar))?;
                }
                (ObjectId::Id(object), key, insert) => {
                    if object.actor().to_bytes() != GENESIS_ACTOR {
                        return None;
                    }
                    let field = shape.container(&GENESIS_ACTOR, object.counter())?;
                    let is_prose = matches!(field.class, Class::Prose | Class::AuthorProse);
                    match key {
                        Key::Map(key) if !is_prose && !insert => {
                            put_first(writes.elements.entry(field.key).or_default(), key, Value::from_scalar(scalar))?;
                        }
                        Key::Seq(after) if is_prose && insert => {
                            let follows = match (after, last_characters.insert(field.key, number)) {
                                (ElementId::Head, None) => true,
                                (ElementId::Id(id), Some(last)) => {
                                    id.counter() == last && id.actor() == change.actor_id()
                                }
                                _ => false,
                            };
                            let ScalarValue::Str(character) = scalar else { return None };
                            if !follows || character.chars().count() != 1 {
                                return None;
                            }
                            writes.prose.entry(field.key).or_default().push_str(character);
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        Some(writes)
    }

    fn contents(mut self, shape: &'static Shape, by: &impl Fn(Value) -> Candidate) -> Contents {
        self.root.remove(ID_KEY);
        let mut spread: BTreeMap<&'static str, BTreeMap<String, Value>> = BTreeMap::new();
        let (mut fields, mut unknown) = (Map::new(), Map::new());
        for (key, value) in self.root {
            let (name, element) = spread::split(&key).map_or((key.as_str(), None), |(name, e)| (name, Some(e)));
            match (shape.schema.field(name), element) {
                (Some(field), Some(element)) => {
                    spread.entry(field.key).or_default().insert(element.to_owned(), value);
                }
                (Some(field), None) => {
                    fields.insert(field.key, FieldValue::Single { by: by(value.clone()), value, others: Vec::new() });
                }
                (None, _) => {
                    unknown.insert(key, value);
                }
            }
        }
        fields.extend(self.prose.into_iter().map(|(key, text)| (key, FieldValue::Prose { text })));
        for (key, elements) in self.elements.into_iter().chain(spread) {
            if let Some(field) = shape.schema.field(key)
                && let Some(value) = container(field, shape.schema.place(field) == Place::Spread, elements, by)
            {
                fields.insert(key, value);
            }
        }
        Contents { kind: shape.schema.kind, fields, unknown }
    }
}

/// `None` when the key is taken: two values at once are a conflict, even of one with oneself.
fn put_first(values: &mut BTreeMap<String, Value>, key: &str, value: Value) -> Option<()> {
    match values.entry(key.to_owned()) {
        btree_map::Entry::Vacant(entry) => {
            entry.insert(value);
            Some(())
        }
        btree_map::Entry::Occupied(_) => None,
    }
}

fn container(
    field: &Field,
    spread: bool,
    elements: BTreeMap<String, Value>,
    by: &impl Fn(Value) -> Candidate,
) -> Option<FieldValue> {
    match field.class {
        Class::Set => Some(FieldValue::Set { elements: elements.into_keys().collect() }),
        Class::Flag => Some(FieldValue::Flag { on: true }),
        Class::Counter if spread => {
            let count = elements.values().filter_map(Value::as_number).fold(0, i64::saturating_add);
            (count != 0).then_some(FieldValue::Count { count })
        }
        Class::Log => {
            let entry = |value| {
                let Candidate { value, actor, time_ms, .. } = by(value);
                let Value::Text(text) = value else { return None };
                Some(LogEntry { text, actor, time_ms })
            };
            let entries: Vec<LogEntry> = elements.into_values().filter_map(entry).collect();
            (!entries.is_empty()).then_some(FieldValue::Log { entries })
        }
        Class::Entries => {
            let entry = |(element, value): (String, Value)| {
                (element, Entry { by: by(value.clone()), value, others: Vec::new() })
            };
            Some(FieldValue::Entries { entries: elements.into_iter().map(entry).collect() })
        }
        Class::Counter | Class::Once | Class::Shown | Class::Quiet | Class::Prose | Class::AuthorProse => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::RecordId,
        record::{Edit, Record, edit, inspect_and_read},
        schema::Kind,
    };

    const ID: RecordId = RecordId([0xee; 16]);
    const ANNE: Actor = Actor([1; 16]);
    const T0: i64 = 1_760_000_000_000;

    /// Edits that the field's class and type allow, of those that `seed` may choose from.
    fn edits_of(shape: &Shape, field: &'static Field, seed: usize) -> Option<Edit> {
        use crate::record::Op;
        let texts = [
            "院坝会",
            "路烂了,一落雨就恼火。\n第二行",
            "2026-03-02",
            "2026-03-02T10:00",
            "courtyard",
            "x",
            "十/七",
            "0123456789abcdef0123456789abcdef",
            "28.5,105.5,10",
        ];
        let text = texts[seed % texts.len()].to_owned();
        let values = [Value::Text(text.clone()), Value::Number(seed as i64), Value::Bool(seed.is_multiple_of(2))];
        let mut ops = vec![
            Op::Write { text: text.clone() },
            Op::Add { element: text.clone() },
            Op::Append { text: text.clone() },
            Op::Increment { by: 1 + seed as i64 },
            Op::Mark,
        ];
        ops.extend(values.iter().map(|value| Op::Put { value: value.clone() }));
        ops.extend(values.map(|value| Op::Enter { element: text.clone(), value }));
        ops.into_iter()
            .map(|op| Edit { field: field.key.into(), op })
            .find(|edit| edit::check(shape.schema, std::slice::from_ref(edit)).is_ok())
            .filter(|_| !matches!(shape.schema.place(field), Place::Extension(_)))
    }

    /// A first change of the kind with some of its fields, and the record that it makes.
    fn first_change(kind: Kind, picks: &[(usize, usize)]) -> Option<(Record, Vec<u8>)> {
        let shape = Shape::of(kind);
        let fields = shape.schema.fields;
        let edits: Vec<Edit> =
            picks.iter().filter_map(|(n, seed)| edits_of(shape, &fields[n % fields.len()], *seed)).collect();
        let mut record = Record::new(kind, ID);
        let change = record.edit(ANNE, T0, None, &edits).ok()??;
        Some((record, change.bytes))
    }

    fn agrees_with_merging(kind: Kind, bytes: &[u8]) -> Result<bool, TestCaseError> {
        let Ok((inspected, contents)) = inspect_and_read(kind, ID, bytes) else { return Ok(false) };
        let Some(contents) = contents else { return Ok(false) };
        let mut merged = Record::new(kind, ID);
        prop_assert!(merged.follows(&inspected));
        merged.apply([bytes]).expect("what is read without merging can be merged");
        prop_assert_eq!(&merged.read(), &contents);
        let saved = merged.save_checked().expect("and saved as a document");
        let stored = Record::load(kind, ID, bytes).expect("and stored as it is");
        prop_assert_eq!(stored.heads(), merged.heads());
        prop_assert_eq!(Record::load(kind, ID, &saved).expect("a document").read(), contents);
        Ok(true)
    }

    #[test]
    fn the_first_change_of_a_usual_record_needs_no_merging() {
        for kind in Kind::ALL {
            if !kind.schema().natural_key.is_empty() {
                continue;
            }
            let several = |class| matches!(class, Class::Set | Class::Log | Class::Entries);
            let fields = (0..).zip(kind.schema().fields).filter(|(_, field)| field.class != Class::Counter);
            let all: Vec<(usize, usize)> = fields
                .flat_map(|(n, field)| [(n, 7)].into_iter().chain(several(field.class).then_some((n, 4))))
                .collect();
            let (record, bytes) = first_change(kind, &all).expect("a change");
            assert!(agrees_with_merging(kind, &bytes).expect("it agrees"), "{kind:?}: {:?}", record.read());
        }
    }

    #[test]
    fn a_second_change_is_left_to_merging() {
        let (mut record, first) = first_change(Kind::Activity, &[(1, 0), (3, 4)]).expect("a change");
        assert!(matches!(inspect_and_read(Kind::Activity, ID, &first), Ok((_, Some(_)))));
        let second = record.edit(ANNE, T0, None, &[Edit::put("crowd", 3)]).expect("it fits").expect("it differs");
        assert!(matches!(inspect_and_read(Kind::Activity, ID, &second.bytes), Ok((_, None))));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a first change writes: read alone and read after merging are the same.
        #[test]
        fn alone_and_merged_read_the_same(
            kind in 0..Kind::ALL.len(),
            picks in prop::collection::vec((any::<usize>(), 0..64_usize), 1..12),
        ) {
            if let Some((_, bytes)) = first_change(Kind::ALL[kind], &picks) {
                agrees_with_merging(Kind::ALL[kind], &bytes)?;
            }
        }

        /// … and also when the bytes are not those of an honest app.
        #[test]
        fn altered_changes_read_the_same_or_are_left_to_merging(
            picks in prop::collection::vec((any::<usize>(), 0..64_usize), 1..12),
            alterations in prop::collection::vec((any::<usize>(), any::<u8>()), 1..3),
        ) {
            if let Some((_, bytes)) = first_change(Kind::Activity, &picks) {
                let mut contents = crate::wire::pack(&bytes).expect("own changes can be packed").to_vec();
                for (index, byte) in alterations {
                    let index = index % contents.len();
                    contents[index] = byte;
                }
                agrees_with_merging(Kind::Activity, &crate::wire::unpack(&contents).1)?;
            }
        }
    }
}
