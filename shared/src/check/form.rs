//! A form before it is saved: what the record would say, and what would not fit at all.

use super::{Circumstances, Finding, Weight, check};
use crate::{
    record::{Candidate, Contents, Edit, Entry, FieldValue, LogEntry, Op, Value, Why},
    schema::{Kind, Type},
    sorted::Map,
};

pub(super) const TOO_LONG: &str = "check.too_long";
pub(super) const WRONG_VALUE: &str = "check.wrong_value";

/// What is missing or doubtful if these edits are made. `before` is what the form's fields said when it was opened, as
/// edits: what nobody touches is not held against this person.
pub fn check_form(kind: Kind, before: &[Edit], edits: &[Edit], circumstances: Circumstances<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = edits.iter().filter_map(|edit| misfit(kind, edit)).collect();
    findings.extend(check(&foreseen(kind, before.iter().chain(edits)), circumstances));
    findings
}

fn misfit(kind: Kind, edit: &Edit) -> Option<Finding> {
    let field = kind.schema().field(&edit.field)?;
    if edit.misfit(kind) != Some(Why::WrongValue) {
        return None;
    }
    let holds_words = matches!(field.ty, Type::Line { .. } | Type::Prose);
    Some(Finding::new(field.key, Weight::Mend, if holds_words { TOO_LONG } else { WRONG_VALUE }))
}

/// What a record would say after these edits, whether they fit or not. Text of nothing but blanks says nothing.
fn foreseen<'a>(kind: Kind, edits: impl Iterator<Item = &'a Edit>) -> Contents {
    let mut fields = Map::new();
    for edit in edits {
        let Some(field) = kind.schema().field(&edit.field) else { continue };
        let held = fields.remove(field.key);
        if let Some(value) = after(held, &edit.op) {
            fields.insert(field.key, value);
        }
    }
    Contents { kind, fields, unknown: Map::new() }
}

fn after(held: Option<FieldValue>, op: &Op) -> Option<FieldValue> {
    match (op, held) {
        (Op::Put { value }, _) => {
            let said = value.as_text().is_none_or(|text| !is_blank(text));
            said.then(|| FieldValue::Single { value: value.clone(), by: from_here(value), others: Vec::new() })
        }
        (Op::Write { text }, _) => (!is_blank(text)).then(|| FieldValue::Prose { text: text.clone() }),
        (Op::Clear | Op::Unmark, _) => None,
        (Op::Mark, _) => Some(FieldValue::Flag { on: true }),
        (Op::Add { element }, held) => {
            let mut elements = if let Some(FieldValue::Set { elements }) = held { elements } else { Vec::new() };
            elements.push(element.clone());
            Some(FieldValue::Set { elements })
        }
        (Op::Remove { element }, Some(FieldValue::Set { mut elements })) => {
            elements.retain(|other| other != element);
            (!elements.is_empty()).then_some(FieldValue::Set { elements })
        }
        (Op::Remove { element }, Some(FieldValue::Entries { mut entries })) => {
            entries.remove(element);
            (!entries.is_empty()).then_some(FieldValue::Entries { entries })
        }
        (Op::Remove { .. }, held) => held,
        (Op::Enter { element, value }, held) => {
            let mut entries = if let Some(FieldValue::Entries { entries }) = held { entries } else { Map::new() };
            let entry = Entry { value: value.clone(), by: from_here(value), others: Vec::new() };
            entries.insert(element.clone(), entry);
            Some(FieldValue::Entries { entries })
        }
        (Op::Increment { by }, held) => {
            let count = if let Some(FieldValue::Count { count }) = held { count } else { 0 };
            Some(FieldValue::Count { count: count.saturating_add(*by) })
        }
        (Op::Append { text }, held) => {
            let mut entries = if let Some(FieldValue::Log { entries }) = held { entries } else { Vec::new() };
            entries.push(LogEntry { text: text.clone(), actor: None, time_ms: 0 });
            Some(FieldValue::Log { entries })
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn from_here(value: &Value) -> Candidate {
    Candidate { value: value.clone(), actor: None, time_ms: 0, change: None }
}
