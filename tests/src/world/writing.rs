//! What people write. Every text carries the mark of its space, so that words that reach a phone
//! that may not read them are found in the bytes of the answer.

use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::{Contents, Edit, Op, Value},
    schema::{Class, CodeList, Field, Kind, Place, Type},
};

use super::{random::Random, step::FieldEdit};

/// The mark of a space.
pub(super) fn mark(space: SpaceId) -> String {
    format!("⟦{}⟧", space.0)
}

pub(super) fn new_voice(space: SpaceId, slip: &str) -> Vec<Edit> {
    vec![
        Edit::put("slip_no", slip),
        Edit::put("channel", "visit"),
        Edit::put("date", "2026-01-05"),
        Edit::add("collectors", RecordId([1; 16])),
        Edit::write("verbatim", &format!("{}三组断头路", mark(space))),
        Edit::write("summary", &format!("{}修路", mark(space))),
    ]
}

pub(super) fn new_activity(space: SpaceId) -> Vec<Edit> {
    vec![Edit::put("kind", "courtyard"), Edit::put("title", format!("{}院坝会", mark(space)))]
}

pub(super) fn new_suggestion(space: SpaceId) -> Vec<Edit> {
    vec![
        Edit::put("tier", "town"),
        Edit::put("type", "suggestion"),
        Edit::put("date", "2026-01-06"),
        Edit::put("title", format!("{}关于修路的建议", mark(space))),
    ]
}

/// Opening a reception day and signing in on it.
pub(super) fn day(station: RecordId, date: usize, who: usize) -> Vec<Edit> {
    vec![
        Edit::put("station", station),
        Edit::put("date", format!("2026-01-{:02}", date + 1)),
        Edit::add("deputies", RecordId([who as u8; 16])),
    ]
}

/// Edits of the fields that the numbers choose, each field at most once.
pub(super) fn edits(space: SpaceId, seen: &Contents, chosen: &[FieldEdit]) -> Vec<Edit> {
    let fields = editable(seen.kind);
    let mut edits: Vec<Edit> = Vec::new();
    for choice in chosen {
        let field = fields[choice.field % fields.len()];
        if edits.iter().all(|edit| edit.field != field.key) {
            let op = op(space, field, seen, &mut Random::new(choice.words));
            edits.push(Edit { field: field.key.into(), op });
        }
    }
    edits
}

/// The fields that are edited, as [`FieldEdit`] counts them.
pub(super) fn editable(kind: Kind) -> Vec<&'static Field> {
    let schema = kind.schema();
    // Prose with an extension makes several changes of one edit, which the ledger does not count; the suites
    // `record::evolution` and `python` write it.
    let later = |field: &&Field| matches!(schema.place(field), Place::Extension(_));
    schema.fields.iter().filter(|field| field.class != Class::Once && !later(field)).collect()
}

/// What the edits add to counters.
pub(super) fn increments(edits: &[Edit]) -> Vec<(String, i64)> {
    let by = |edit: &Edit| match edit.op {
        Op::Increment { by } => Some((edit.field.clone(), by)),
        _ => None,
    };
    edits.iter().filter_map(by).collect()
}

fn op(space: SpaceId, field: &Field, seen: &Contents, random: &mut Random) -> Op {
    match field.class {
        Class::Shown | Class::Quiet if random.percent(15) => Op::Clear,
        Class::Once | Class::Shown | Class::Quiet => Op::Put { value: value(space, field.ty, random) },
        Class::Prose | Class::AuthorProse => Op::Write { text: rewritten(space, seen.text(field.key), random) },
        Class::Set => match (seen.elements(field.key), random.percent(30)) {
            (elements @ [_, ..], true) => Op::Remove { element: random.pick(elements).clone() },
            _ => match value(space, field.ty, random) {
                Value::Text(element) => Op::Add { element },
                other => Op::Add { element: format!("{other:?}") },
            },
        },
        Class::Counter => Op::Increment { by: 1 + random.below(40) as i64 },
        Class::Log => Op::Append { text: format!("{}{}", mark(space), random.below(1000)) },
        Class::Entries => {
            let Type::Each { of, value: ty } = field.ty else { unreachable!("entries have a type for both") };
            let text = |value: Value| value.as_text().unwrap_or_default().to_owned();
            let element = text(value(space, *of, random));
            match random.percent(25) {
                true => Op::Remove { element },
                false => Op::Enter { element, value: value(space, *ty, random) },
            }
        }
        Class::Flag => [Op::Mark, Op::Unmark][random.below(2)].clone(),
    }
}

fn value(space: SpaceId, ty: Type, random: &mut Random) -> Value {
    match ty {
        Type::Line { chars_max } => {
            let line = format!("{}{}", mark(space), random.below(1000));
            Value::Text(line.chars().take(chars_max).collect())
        }
        Type::Prose => Value::Text(mark(space)),
        Type::Date => Value::Text(format!("2026-01-{:02}", 1 + random.below(28))),
        Type::DateTime => Value::Text(format!("2026-01-{:02}T{:02}:30", 1 + random.below(28), random.below(24))),
        Type::Number => Value::Number(random.below(100) as i64),
        Type::Bool => Value::Bool(random.percent(50)),
        Type::Code { list } => {
            let list = CodeList::find(list).expect("a field's code list exists");
            Value::text(random.pick(list.codes).key)
        }
        Type::Ref { .. } | Type::AnyRef => Value::Text(RecordId([random.below(4) as u8; 16]).to_string()),
        Type::Blob => Value::Text(format!("{:064x}", random.below(4))),
        Type::Point => Value::Text(format!("27.{},106.{}", random.below(1000), random.below(1000))),
        // Of single values there are none; an entry's element and value have types of their own.
        Type::Each { value: ty, .. } => value(space, *ty, random),
    }
}

/// A person goes on writing somewhere in a text, or strikes something out.
fn rewritten(space: SpaceId, seen: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = seen.chars().collect();
    let at = random.below(letters.len() + 1);
    if random.percent(25) {
        letters.drain(at..(at + 6).min(letters.len()));
    } else {
        let sentence = format!("{}第{}句。", mark(space), random.below(1000));
        letters.splice(at..at, sentence.chars());
    }
    letters.into_iter().collect()
}
