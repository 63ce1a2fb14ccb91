//! The acts that the console offers: what each asks for, and how a form becomes an act.

use lianxin_shared::case::{self, Act, Facts};
use serde_json::{Map, Value, json};

use super::menu::{List, Menu};
use crate::console::input::Pairs;

/// Commitments that one reply can be entered with; a later reply may add more.
pub(super) const PROMISES_MAX: usize = 3;
/// Between a unit's code and its name in the value of a choice.
const UNIT_SEPARATOR: char = '|';

/// One thing that an act asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// The field of the act.
    pub name: &'static str,
    /// The key of its words.
    pub label: &'static str,
    pub what: What,
    pub needed: bool,
}

/// How it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Prose,
    Line,
    Day,
    Check,
    Choice(List),
    /// One unit of the list, or another by name.
    Unit,
    /// Any number of units of the list.
    Units,
    /// Texts, each with a day.
    Promises,
}

use What::{Check, Choice, Day, Line, Promises, Prose, Unit, Units};

const fn need(name: &'static str, label: &'static str, what: What) -> Ask {
    Ask { name, label, what, needed: true }
}

const fn may(name: &'static str, label: &'static str, what: What) -> Ask {
    Ask { name, label, what, needed: false }
}

const TEXT: Ask = need("text", "case.text", Prose);
const NOTE: Ask = may("text", "case.text", Prose);
const ON: Ask = need("on", "case.on", Day);
const WAY: Ask = need("way", "case.way", Choice(List::Ways));
const ATTITUDE: Ask = need("attitude", "case.attitude", Choice(List::Opinions));
const RESULT: Ask = need("result", "case.result", Choice(List::Opinions));
const LEAD: Ask = need("lead", "case.lead", Unit);
const CO: Ask = may("co", "case.co", Units);
const SEPARATE: Ask = may("separate", "case.separate", Units);
const WIDE: Ask = may("wide", "case.wide", Check);

/// The acts by the key of their form, in the order of a case's life. Behind a point stands where a
/// voice goes: each exit asks for something else.
pub(super) const ACTS: &[(&str, &[Ask])] = &[
    ("submit", &[may("declared", "case.declared", Check)]),
    ("ask_revision", &[TEXT]),
    ("verify", &[]),
    ("correct", &[TEXT]),
    ("void", &[TEXT]),
    ("contest", &[need("fault", "case.fault", Choice(List::Faults)), TEXT]),
    (
        "settle_contest",
        &[
            need("contest", "case.contest", Choice(List::Contests)),
            need("upheld", "case.upheld", Choice(List::YesNo)),
            TEXT,
        ],
    ),
    ("suspend", &[ON, TEXT]),
    ("resume", &[ON]),
    ("end", &[ON, TEXT]),
    ("sort", &[need("proposed", "case.proposed", Choice(List::Exits)), NOTE]),
    ("route.spot", &[TEXT]),
    ("route.village", &[need("unit", "case.village", Choice(List::Villages))]),
    ("route.town", &[need("suggestion", "case.suggestion", Choice(List::TownSuggestions))]),
    ("route.district", &[need("suggestion", "case.suggestion", Choice(List::DistrictSuggestions))]),
    ("route.upper", &[need("office", "case.office", Line)]),
    ("route.petition", &[need("matter", "case.matter", Choice(List::Petitions)), need("office", "case.office", Unit)]),
    ("route.declined", &[need("reason", "case.reason", Choice(List::Declines))]),
    ("route.merged", &[need("into", "case.into", Choice(List::Voices))]),
    ("outcome", &[TEXT]),
    ("feedback", &[ON, WAY, NOTE, may("attitude", "case.result", Choice(List::Opinions))]),
    ("miss", &[ON, WAY]),
    ("confirm", &[need("mandate", "case.mandate", Choice(List::Members))]),
    ("review", &[]),
    ("decline", &[need("reason", "case.reason", Choice(List::Declines)), TEXT]),
    ("accept", &[]),
    ("assign", &[LEAD, CO, SEPARATE, WIDE, NOTE]),
    ("reassign", &[LEAD, CO, SEPARATE, WIDE, NOTE]),
    ("sign", &[need("officer", "case.officer", Line), may("phone", "case.phone", Line)]),
    ("return_assignment", &[TEXT, may("propose", "case.propose", Unit)]),
    ("decide_return", &[need("grant", "case.decision", Choice(List::YesNo)), NOTE]),
    ("ask_extension", &[need("until", "case.until", Day), TEXT]),
    ("decide_extension", &[need("grant", "case.decision", Choice(List::YesNo)), NOTE]),
    ("contact", &[ON, WAY, may("place", "case.place", Line), NOTE]),
    ("co_opinion", &[TEXT]),
    (
        "reply",
        &[
            need("letter", "case.letter", Line),
            need("class", "case.class", Choice(List::Classes)),
            need("signer", "case.signed_by", Line),
            TEXT,
            may("commitments", "case.promises", Promises),
            may("may_publish", "case.may_publish", Check),
        ],
    ),
    ("accept_late", &[need("event", "case.late_reply", Choice(List::LateReplies)), TEXT]),
    ("evaluate", &[ATTITUDE, RESULT, WAY, NOTE]),
    ("cosigner_view", &[need("mandate", "case.mandate", Choice(List::Members)), ATTITUDE, RESULT, WAY, NOTE]),
    ("settle_evaluation", &[need("keep", "case.keep", Choice(List::Evaluations)), TEXT]),
    ("not_evaluated", &[]),
    ("rehandle", &[TEXT]),
    ("coordinate", &[TEXT]),
    ("conclude", &[need("deputy", "case.deputy", Prose), need("unit", "case.unit_says", Prose), TEXT]),
    ("close", &[NOTE]),
    (
        "commitment",
        &[
            need("commitment", "case.promise", Choice(List::Commitments)),
            need("outcome", "case.outcome", Choice(List::CommitmentOutcomes)),
            may("due", "case.new_due", Day),
            TEXT,
        ],
    ),
    ("archive", &[]),
    ("convert", &[need("tier", "case.tier", Choice(List::OtherTiers)), TEXT]),
    ("withdraw", &[TEXT]),
    ("urge", &[need("level", "case.level", Choice(List::Levels)), TEXT]),
    ("mark", &[need("flag", "case.flag", Choice(List::Flags)), need("on", "case.mark_on", Choice(List::OnOff)), NOTE]),
    ("object", &[TEXT]),
    ("publish", &[may("objection_considered", "case.objection_considered", Check)]),
    ("unpublish", &[TEXT]),
    ("fix_dates", &[]),
];

/// What a form's act asks for; `None` for a form that is none of these.
pub(super) fn asks(form: &str) -> Option<(&'static str, &'static [Ask])> {
    ACTS.iter().find(|(key, _)| *key == form).copied()
}

/// The act that a form asks for; `None` when something of it is missing.
pub(super) fn act_of(form: &str, sent: &Pairs, menu: &Menu<'_>) -> Option<Act> {
    let (form, asks) = asks(form)?;
    let mut fields = Map::new();
    for ask in asks {
        if let Some(value) = value(ask, sent)? {
            fields.insert(ask.name.into(), value);
        }
    }
    let (key, exit) = form.split_once('.').map_or((form, None), |(key, exit)| (key, Some(exit)));
    let (facts, case) = (&menu.facts, &menu.case);
    let mut act = match (key, exit) {
        (_, Some(exit)) => {
            fields.insert("to".into(), json!(exit));
            Map::from_iter([("exit".to_owned(), Value::Object(fields))])
        }
        ("cosigner_view", _) => {
            let mandate = fields.remove("mandate").unwrap_or_default();
            fields.insert("round".into(), json!(round(case)));
            Map::from_iter([("mandate".to_owned(), mandate), ("view".to_owned(), Value::Object(fields))])
        }
        _ => fields,
    };
    match key {
        "submit" | "confirm" => drop(act.insert("text".into(), json!(facts.text))),
        "evaluate" => drop(act.insert("round".into(), json!(round(case)))),
        "contest" => drop(act.insert("about".into(), contested(menu, sent))),
        "convert" => drop(act.insert("to".into(), json!(sent.get("to")))),
        _ => {}
    }
    act.insert("act".into(), json!(key));
    let act: Act = serde_json::from_value(Value::Object(act)).ok()?;
    (!matches!(act, Act::Unknown(_))).then_some(act)
}

/// The value of one field: `Some(None)` for one that may be left out and is, `None` for one that is
/// missing or makes no sense.
fn value(ask: &Ask, sent: &Pairs) -> Option<Option<Value>> {
    let typed = sent.get(ask.name);
    let value = match ask.what {
        // What is missing in prose the judge says, with the name of the field.
        Prose | Line => Some(json!(typed)),
        Check => Some(json!(sent.has(ask.name))),
        Unit => unit(sent, ask.name),
        Units => Some(Value::Array(sent.all(ask.name).filter_map(unit_value).collect())),
        Promises => Some(Value::Array(promises(sent)?)),
        Day | Choice(_) if typed.is_empty() => None,
        Day => Some(json!(typed)),
        Choice(List::YesNo | List::OnOff) => Some(json!(typed == "yes")),
        Choice(List::Villages) => unit_value(typed),
        Choice(list) if list.is_numbered() => Some(json!(typed.parse::<u32>().ok()?)),
        Choice(_) => Some(json!(typed)),
    };
    match value {
        None if ask.needed => None,
        value => Some(value),
    }
}

/// The unit that was chosen, or that was typed because the list lacks it: then its name stands for its code.
fn unit(sent: &Pairs, name: &str) -> Option<Value> {
    match sent.get(&other_key(name)) {
        "" => unit_value(sent.get(name)),
        other => Some(json!({ "code": other, "name": other })),
    }
}

/// The value of a choice of units.
pub(super) fn unit_key(code: &str, name: &str) -> String {
    format!("{code}{UNIT_SEPARATOR}{name}")
}

fn unit_value(key: &str) -> Option<Value> {
    let (code, name) = key.split_once(UNIT_SEPARATOR)?;
    Some(json!({ "code": code, "name": name }))
}

/// The input for a unit that the list lacks.
pub(super) fn other_key(name: &str) -> String {
    format!("{name}.other")
}

/// The inputs of one commitment: what, and until when.
pub(super) fn promise_keys(place: usize) -> [String; 2] {
    [format!("commitments.{place}.text"), format!("commitments.{place}.due")]
}

/// `None` where a commitment has no day.
fn promises(sent: &Pairs) -> Option<Vec<Value>> {
    let mut promises = Vec::new();
    for place in 0..PROMISES_MAX {
        let [text, due] = promise_keys(place);
        match (sent.get(&text), sent.get(&due)) {
            ("", _) => {}
            (_, "") => return None,
            (text, due) => promises.push(json!({ "text": text, "due": due })),
        }
    }
    Some(promises)
}

/// What is contested: this record, unless something is missing or the dossier as a whole is meant.
fn contested(menu: &Menu<'_>, sent: &Pairs) -> Value {
    let this = matches!(menu.case.machine, case::Machine::Verification(_)) && sent.get("fault") != "missing";
    if this { json!(menu.id) } else { Value::Null }
}

/// The reply that is evaluated: the last one.
fn round(case: &case::Case) -> u32 {
    match &case.machine {
        case::Machine::Suggestion(suggestion) => suggestion.round(),
        _ => 0,
    }
}

/// A form filled in somehow, to see whether the act is possible; `None` where there is nothing to choose.
pub(super) fn plausible(asks: &[Ask], menu: &Menu<'_>) -> Option<Pairs> {
    /// What is typed, for the judge to find something.
    const TYPED: &str = "-";
    let mut pairs = Vec::new();
    for ask in asks {
        let value = match ask.what {
            Prose | Line => TYPED.to_owned(),
            Check => "yes".to_owned(),
            Day if ask.name == "until" => menu.day_to_extend_to().to_string(),
            Day => menu.today.to_string(),
            Choice(list) => match menu.choices(list).into_iter().next() {
                Some(first) => first.key,
                None if ask.needed => return None,
                None => continue,
            },
            Unit => unit_key(TYPED, TYPED),
            Units | Promises => continue,
        };
        pairs.push((ask.name.to_owned(), value));
    }
    Some(Pairs(pairs))
}

/// The facts that a probe assumes: whatever depends on others is in order.
pub(super) fn assumed(facts: &Facts) -> Facts {
    let target = Some(case::Target::default());
    Facts { next_number: 1, has_congress: true, target, ..facts.clone() }
}
