//! An event in words: who did what and when, and everything that the act says.

use std::collections::HashSet;

use lianxin_shared::{case::Event, id::RecordId};
use serde_json::Value;

use crate::console::{layout::record_href, names::Names, words::Words};

/// An event as the page tells it.
pub(in super::super) struct EventShown {
    pub seq: u32,
    pub act: String,
    pub who: String,
    pub made: String,
    pub received: String,
    pub lines: Vec<Line>,
}

/// One thing that an act says.
pub(in super::super) struct Line {
    /// Empty for the person's own words.
    pub label: String,
    pub text: String,
    pub href: Option<String>,
}

/// What the parts of acts are called: the part's key, the key of its label, and the family of the words for its codes.
const PARTS: [(&str, &str, &str); 31] = [
    ("to", "case.proposed", "exit"),
    ("proposed", "case.proposed", "exit"),
    ("matter", "case.matter", "petition"),
    ("office", "case.office", ""),
    ("reason", "case.reason", "decline"),
    ("suggestion", "case.suggestion", ""),
    ("into", "case.into", ""),
    ("voice", "case.into", ""),
    ("origin", "case.origin", ""),
    ("lead", "case.lead", ""),
    ("co", "case.co", ""),
    ("separate", "case.separate", ""),
    ("propose", "case.propose", ""),
    ("officer", "case.officer", ""),
    ("on", "case.on", ""),
    ("until", "case.until", ""),
    ("way", "case.way", "way"),
    ("place", "case.place", ""),
    ("attitude", "case.attitude", "opinion"),
    ("result", "case.result", "opinion"),
    ("letter", "case.letter", ""),
    ("class", "case.class", ""),
    ("signer", "case.signed_by", ""),
    ("outcome", "case.outcome", "commitment"),
    ("fault", "case.fault", "fault"),
    ("level", "case.level", "urge"),
    ("flag", "case.flag", "mark"),
    ("due", "case.new_due", ""),
    ("tier", "case.tier", "tier"),
    ("mandate", "case.mandate", ""),
    ("again", "case.raised_again", ""),
];

pub(super) fn event(words: Words, names: &Names, event: &Event) -> EventShown {
    let act = serde_json::to_value(&event.act).unwrap_or_default();
    let mut lines = Vec::new();
    tell(words, names, &act, &mut lines);
    lines.extend(event.proxy.iter().map(|proxy| plain(words.fill("case.proxy", &[("text", proxy)]))));
    if !event.added.files.is_empty() {
        lines.push(labelled(words.get("case.public_files"), &event.added.files.len().to_string()));
    }
    lines.extend(event.added.number.iter().map(|number| labelled(words.get("case.number"), number)));
    EventShown {
        seq: event.seq,
        act: words.of_key(&format!("act.{}", event.act.key())),
        who: event.by.name.clone(),
        made: words.moment(event.made_ms),
        received: words.moment(event.received_ms),
        lines,
    }
}

/// The act that a stored request asks for, and what is written in it.
pub(in super::super) fn asked_for(words: Words, body: &str) -> (String, String) {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let mut lines = Vec::new();
    tell(words, &Names::default(), &body, &mut lines);
    let act = body.get("act").and_then(Value::as_str).unwrap_or("unknown");
    let texts: Vec<String> = lines.into_iter().map(|line| line.text).collect();
    (words.of_key(&format!("act.{act}")), texts.join(" · "))
}

/// The records that events name.
pub(super) fn mentioned<'a>(events: impl IntoIterator<Item = &'a Event>) -> HashSet<RecordId> {
    let mut found = HashSet::new();
    for event in events {
        collect(&serde_json::to_value(&event.act).unwrap_or_default(), &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut HashSet<RecordId>) {
    match value {
        Value::String(text) => found.extend(text.parse::<RecordId>().ok()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn tell(words: Words, names: &Names, act: &Value, lines: &mut Vec<Line>) {
    let Value::Object(fields) = act else { return };
    for (key, label, family) in PARTS {
        if let Some(value) = fields.get(key) {
            part(words, names, (words.get(label), family), value, lines);
        }
    }
    if let (true, Some(on)) = (fields.contains_key("flag"), fields.get("on").and_then(Value::as_bool)) {
        lines.push(labelled(words.get("case.mark_on"), words.yes_no(on)));
    }
    if let Some(granted) = fields.get("grant").or(fields.get("upheld")).and_then(Value::as_bool) {
        lines.push(plain(words.get(if granted { "case.grant" } else { "case.grant_no" })));
    }
    for inner in ["exit", "view", "request"] {
        if let Some(inner) = fields.get(inner) {
            tell(words, names, inner, lines);
        }
    }
    if let Some(Value::Array(promises)) = fields.get("commitments") {
        promises.iter().for_each(|promise| tell(words, names, promise, lines));
    }
    for key in ["deputy", "unit", "text"] {
        match fields.get(key) {
            // The wording of a suggestion is named by its hash, which says nothing to people.
            Some(Value::String(text)) if !text.is_empty() && !is_hash(text) => lines.push(plain(text)),
            Some(unit @ Value::Object(_)) => part(words, names, (words.get("case.unit"), ""), unit, lines),
            _ => {}
        }
    }
}

fn part(words: Words, names: &Names, (label, family): (&str, &str), value: &Value, lines: &mut Vec<Line>) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => match text.parse::<RecordId>() {
            // Where a case moved to is a record; where a voice goes is a code.
            Ok(id) if !family.is_empty() => lines.push(reference(words, names, words.get("case.moved_to"), id)),
            Ok(id) => lines.push(reference(words, names, label, id)),
            Err(_) if family == "tier" => lines.push(labelled(label, &words.code("suggestion_tier", text))),
            Err(_) if !family.is_empty() => lines.push(labelled(label, &words.of_key(&format!("{family}.{text}")))),
            Err(_) => lines.push(labelled(label, &words.day(text))),
        },
        Value::Number(number) if !family.is_empty() => {
            lines.push(labelled(label, &words.of_key(&format!("{family}.{number}"))));
        }
        Value::Object(unit) => {
            let name = unit.get("name").and_then(Value::as_str).unwrap_or_default();
            lines.push(labelled(label, name));
        }
        Value::Array(units) => units.iter().for_each(|unit| part(words, names, (label, family), unit, lines)),
        _ => {}
    }
}

fn reference(words: Words, names: &Names, label: &str, id: RecordId) -> Line {
    match names.title(words, id) {
        Some(title) => Line { href: Some(record_href(id)), ..labelled(label, &title) },
        None => labelled(label, words.get("unknown_record")),
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn plain(text: impl Into<String>) -> Line {
    Line { label: String::new(), text: text.into(), href: None }
}

fn labelled(label: &str, text: &str) -> Line {
    Line { label: label.to_owned(), text: text.to_owned(), href: None }
}
