//! Forms from the schema: inputs for what a record holds, and edits for what a person changed.
//!
//! Each input carries what it showed (`was.<field>`). Only what differs from that becomes an edit,
//! and the edits are made at the heads that the person saw: a form that lay open for an hour
//! overwrites nothing.

use std::collections::{BTreeSet, HashMap};

use lianxin_shared::{
    id::RecordId,
    limits::PROSE_CHARS_MAX,
    record::{Contents, Edit, FieldValue, Op, Value},
    schema::{Class, Code, CodeList, Field, Kind, Need, Type},
};
use sha2::{Digest, Sha256};

use super::{
    codes::{self, names_code, names_list},
    desk::Desk,
    directory::{self, Meant, Offer, label_of},
    input::Pairs,
    ledger::Choice,
    names::Names,
    problem::Problem,
    values::{Shown, references, show_text},
    words::Words,
};

/// Digits of a prose's fingerprint: it is there to notice a change, not to withstand anyone.
const FINGERPRINT_DIGITS: usize = 16;

/// A line of this many characters takes a form's whole width.
const WIDE_FROM_CHARS: usize = 100;

/// A form for a record of a kind.
pub(super) struct Form {
    pub inputs: Vec<Input>,
}

/// One field in a form.
pub(super) struct Input {
    pub key: &'static str,
    pub label: &'static str,
    /// What to put there.
    pub help: &'static str,
    /// `create`, `submit` or nothing.
    pub need: &'static str,
    pub widget: Widget,
    pub was: String,
    pub error: Option<String>,
}

impl Input {
    /// Whether it takes a form's whole width.
    pub(super) fn is_wide(&self) -> bool {
        match &self.widget {
            Widget::Prose { .. }
            | Widget::Checks { .. }
            | Widget::People { .. }
            | Widget::Each { .. }
            | Widget::Lines { .. }
            | Widget::Log { .. } => true,
            Widget::Line { chars_max, .. } => *chars_max >= WIDE_FROM_CHARS,
            Widget::Fixed { values } => values.iter().any(|value| value.text.chars().count() >= WIDE_FROM_CHARS),
            Widget::Typed { .. }
            | Widget::Choice { .. }
            | Widget::Code { .. }
            | Widget::Person { .. }
            | Widget::Counter { .. }
            | Widget::Flag { .. } => false,
        }
    }
}

/// A person of whom something is to be chosen. The choices' keys say of whom they are.
pub(super) struct Asked {
    pub label: String,
    pub options: Vec<Choice>,
}

/// How a field is filled in.
pub(super) enum Widget {
    Line {
        value: String,
        chars_max: usize,
    },
    Prose {
        value: String,
        chars_max: usize,
    },
    /// `date`, `datetime-local` or `number`.
    Typed {
        value: String,
        ty: &'static str,
    },
    Choice {
        options: Vec<Choice>,
    },
    /// A code of an entry: a new one, or one that there is, with the words of these.
    Code {
        value: String,
        known: Vec<(String, String)>,
    },
    /// A deputy, by a label of the list of people.
    Person {
        value: String,
    },
    Checks {
        options: Vec<Choice>,
    },
    /// Deputies: those who are in it, and more by label.
    People {
        present: Vec<Choice>,
        more: String,
    },
    /// For each of the people of the record, one of several words.
    Each {
        people: Vec<Asked>,
    },
    /// Names, one a line.
    Lines {
        value: String,
    },
    /// A log's entries so far, and one more.
    Log {
        entries: Vec<String>,
        more: String,
    },
    /// A tally so far, and what is added.
    Counter {
        count: i64,
        more: String,
    },
    Flag {
        on: bool,
    },
    Fixed {
        values: Vec<Shown>,
    },
}

/// How a form treats a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treat {
    Ask,
    /// Shown, but not to be changed here or by this person.
    Show,
    Leave,
}

/// What a field's person may have typed wrongly: the field's key, and the words.
pub(super) type Errors = Vec<(String, String)>;

/// What fields that refer to records offer.
pub(super) struct Offers(HashMap<Kind, Vec<Offer>>);

impl Offers {
    /// The offers for a kind's fields.
    pub(super) async fn of(desk: &Desk, kind: Kind) -> Result<Self, Problem> {
        let mut offers = HashMap::new();
        for field in kind.schema().fields {
            if let Type::Ref { kind: wanted } = field.ty
                && is_offered(wanted)
                && !offers.contains_key(&wanted)
            {
                offers.insert(wanted, directory::offers(desk, wanted).await?);
            }
        }
        Ok(Self(offers))
    }

    pub(super) fn all(&self, kind: Kind) -> &[Offer] {
        self.0.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The labels of the deputies, for the inputs to complete from.
    pub(super) fn people(&self) -> Vec<String> {
        self.all(Kind::Mandate).iter().map(|offer| offer.label.clone()).collect()
    }
}

/// Kinds that a form offers to choose from. Of the others there are too many; they are linked where
/// they are made.
fn is_offered(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AdminUnit
            | Kind::Station
            | Kind::Deputy
            | Kind::Mandate
            | Kind::Pairing
            | Kind::Group
            | Kind::GuidanceVisit
            | Kind::ChecklistDefinition
    )
}

/// Whether a form can ask for this field at all.
pub(super) fn can_ask(field: &Field) -> bool {
    match field.ty {
        _ if field.retired => false,
        Type::Ref { kind } => is_offered(kind),
        Type::AnyRef | Type::Blob => false,
        Type::Each { of, .. } => matches!(of, Type::Line { .. } | Type::Ref { kind: Kind::Mandate }),
        _ => true,
    }
}

/// The form for what a record holds, or, where `sent` has been refused, for what was sent.
pub(super) struct Filling<'a> {
    pub desk: &'a Desk,
    pub offers: &'a Offers,
    pub contents: &'a Contents,
    pub sent: Option<&'a Pairs>,
    pub errors: &'a Errors,
    /// Nothing is stored yet: all that is filled in counts as changed.
    pub new: bool,
}

impl Form {
    pub(super) async fn fill(filling: &Filling<'_>, treat: impl Fn(&Field) -> Treat) -> Result<Self, Problem> {
        let names = Names::of(filling.desk, references(filling.contents, std::iter::empty())).await?;
        let fields = filling.contents.kind.schema().fields.iter();
        let inputs = fields.filter_map(|field| filling.input(field, treat(field), &names)).collect();
        Ok(Self { inputs })
    }
}

impl Filling<'_> {
    fn input(&self, field: &'static Field, treat: Treat, names: &Names) -> Option<Input> {
        let held = self.contents.fields.get(field.key);
        let widget = match treat {
            Treat::Leave => return None,
            Treat::Show if held.is_none() => return None,
            Treat::Show => Widget::Fixed { values: fixed(self.desk.words, names, field, held) },
            Treat::Ask => self.widget(field, held, names),
        };
        // Nobody is in the record yet of whom it could be said.
        if matches!(&widget, Widget::Each { people } if people.is_empty()) {
            return None;
        }
        let was = match (self.sent, self.new) {
            (Some(sent), _) => sent.all(&was_key(field)).next().unwrap_or_default().to_owned(),
            (None, true) => String::new(),
            (None, false) => was(held),
        };
        Some(Input {
            key: field.key,
            label: self.desk.words.label(field.label),
            help: self.desk.words.label(field.help),
            need: match field.need {
                Need::Create => "create",
                Need::Submit => "submit",
                Need::Optional => "",
            },
            widget,
            was,
            error: self.errors.iter().find(|(key, _)| key == field.key).map(|(_, words)| words.clone()),
        })
    }

    fn widget(&self, field: &'static Field, held: Option<&FieldValue>, names: &Names) -> Widget {
        match field.class {
            Class::Once | Class::Shown | Class::Quiet => self.single(field, held),
            Class::Prose | Class::AuthorProse => {
                Widget::Prose { value: self.text(field, held), chars_max: PROSE_CHARS_MAX }
            }
            Class::Set => self.set(field, held, names),
            Class::Counter => Widget::Counter {
                count: match held {
                    Some(FieldValue::Count { count }) => *count,
                    _ => 0,
                },
                more: self.sent_text(field.key),
            },
            Class::Log => Widget::Log {
                entries: match held {
                    Some(FieldValue::Log { entries }) => entries.iter().map(|entry| entry.text.clone()).collect(),
                    _ => Vec::new(),
                },
                more: self.sent_text(field.key),
            },
            Class::Entries if matches!(field.ty, Type::Each { of: Type::Ref { .. }, .. }) => {
                Widget::Each { people: self.each(field, held, names) }
            }
            Class::Entries => Widget::Lines {
                value: match self.sent {
                    Some(_) => self.sent_text(field.key),
                    None => entry_lines(held).join("\n"),
                },
            },
            Class::Flag => Widget::Flag {
                on: match self.sent {
                    Some(sent) => sent.has(field.key),
                    None => matches!(held, Some(FieldValue::Flag { on: true })),
                },
            },
        }
    }

    fn single(&self, field: &'static Field, held: Option<&FieldValue>) -> Widget {
        let words = self.desk.words;
        let value = self.text(field, held);
        match field.ty {
            _ if names_list(field) => Widget::Choice { options: self.desk.codes.choices(words, field, &[&value]) },
            _ if names_code(field) => Widget::Code { value, known: self.desk.codes.known(words) },
            Type::Line { chars_max } => Widget::Line { value, chars_max },
            Type::Prose => Widget::Prose { value, chars_max: PROSE_CHARS_MAX },
            Type::Date => Widget::Typed { value, ty: "date" },
            Type::DateTime => Widget::Typed { value, ty: "datetime-local" },
            Type::Number => Widget::Typed { value, ty: "number" },
            Type::Bool => Widget::Choice {
                options: [YES, NO]
                    .map(|key| Choice { key: key.into(), label: words.yes_no(key == YES).into(), chosen: value == key })
                    .into(),
            },
            Type::Code { .. } => Widget::Choice { options: self.desk.codes.choices(words, field, &[&value]) },
            Type::Ref { kind: Kind::Mandate } => Widget::Person { value: self.person(&value) },
            Type::Ref { kind } => Widget::Choice { options: choose_from(self.offers.all(kind), &value) },
            Type::Point | Type::AnyRef | Type::Blob | Type::Each { .. } => {
                Widget::Line { value, chars_max: MACHINE_CHARS_MAX }
            }
        }
    }

    /// A deputy as the input shows one: by label, where the person can choose that deputy.
    fn person(&self, value: &str) -> String {
        let label = value.parse().map(|id: RecordId| label_of(self.offers.all(Kind::Mandate), id)).unwrap_or_default();
        if label.is_empty() { value.to_owned() } else { label }
    }

    fn set(&self, field: &'static Field, held: Option<&FieldValue>, names: &Names) -> Widget {
        let words = self.desk.words;
        let elements: Vec<String> = match held {
            Some(FieldValue::Set { elements }) => elements.clone(),
            _ => Vec::new(),
        };
        let kept: Vec<String> = match self.sent {
            Some(sent) => sent.all(field.key).map(Into::into).collect(),
            None => elements.clone(),
        };
        match field.ty {
            Type::Code { .. } => {
                let held: Vec<&str> = elements.iter().map(String::as_str).collect();
                let mut options = self.desk.codes.choices(words, field, &held);
                options.iter_mut().for_each(|option| option.chosen = kept.contains(&option.key));
                Widget::Checks { options }
            }
            Type::Ref { .. } => {
                let label = |element: &String| {
                    let id = element.parse().ok();
                    let known = id.map(|id| label_of(self.offers.all(Kind::Mandate), id)).unwrap_or_default();
                    if known.is_empty() { show_text(words, names, Some(field), element).text } else { known }
                };
                let present = elements
                    .iter()
                    .map(|element| Choice {
                        key: element.clone(),
                        label: label(element),
                        chosen: kept.contains(element),
                    })
                    .collect();
                Widget::People { present, more: self.sent_text(&more_key(field)) }
            }
            _ => Widget::Lines { value: if self.sent.is_some() { kept.join("\n") } else { elements.join("\n") } },
        }
    }

    /// Those who take part, and those of whom something is said already.
    fn each(&self, field: &'static Field, held: Option<&FieldValue>, names: &Names) -> Vec<Asked> {
        let Type::Each { value: Type::Code { list }, .. } = field.ty else { return Vec::new() };
        let words = self.desk.words;
        let taking_part = PEOPLE_SETS.iter().flat_map(|key| self.contents.elements(key)).cloned();
        let said = entry_lines(held).into_iter().filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
        let people: BTreeSet<String> = taking_part.chain(said).collect();
        let chosen: Vec<String> = match self.sent {
            Some(sent) => sent.all(field.key).map(Into::into).collect(),
            None => entry_lines(held),
        };
        let codes = CodeList::find(list).map(|list| list.codes).unwrap_or_default();
        let asked = |id: String| {
            let option = |code: &Code| {
                let key = format!("{id}: {}", code.key);
                Choice { chosen: chosen.contains(&key), label: self.desk.codes.word(words, list, code.key), key }
            };
            let options = codes.iter().map(option).collect();
            let known = id.parse().ok().map(|id| label_of(self.offers.all(Kind::Mandate), id)).unwrap_or_default();
            let label = if known.is_empty() { show_text(words, names, Some(field), &id).text } else { known };
            Asked { label, options }
        };
        people.into_iter().map(asked).collect()
    }

    /// The text of a single value or of prose: what was sent, or what the record holds.
    fn text(&self, field: &Field, held: Option<&FieldValue>) -> String {
        match (self.sent, held) {
            (Some(sent), _) => sent.all(field.key).next().unwrap_or_default().to_owned(),
            (None, Some(FieldValue::Single { value, .. })) => raw(value),
            (None, Some(FieldValue::Prose { text })) => text.clone(),
            _ => String::new(),
        }
    }

    fn sent_text(&self, name: &str) -> String {
        self.sent.and_then(|sent| sent.all(name).next()).unwrap_or_default().to_owned()
    }
}

fn fixed(words: Words, names: &Names, field: &Field, held: Option<&FieldValue>) -> Vec<Shown> {
    let show = |text: &str| show_text(words, names, Some(field), text);
    match held {
        Some(FieldValue::Single { value, .. }) => vec![super::values::show(words, names, Some(field), value)],
        Some(FieldValue::Prose { text }) => vec![Shown::plain(text.as_str())],
        Some(FieldValue::Set { elements }) => elements.iter().map(|element| show(element)).collect(),
        Some(FieldValue::Count { count }) => vec![Shown::plain(count.to_string())],
        Some(FieldValue::Flag { on }) => vec![Shown::plain(words.yes_no(*on))],
        Some(FieldValue::Log { entries }) => entries.iter().map(|entry| Shown::plain(entry.text.as_str())).collect(),
        Some(FieldValue::Entries { entries }) => entries
            .iter()
            .map(|(element, entry)| {
                Shown::plain(super::values::entry_text(words, names, Some(field), element, &entry.value))
            })
            .collect(),
        None => Vec::new(),
    }
}

fn choose_from(offers: &[Offer], value: &str) -> Vec<Choice> {
    let mut options: Vec<Choice> = offers
        .iter()
        .map(|offer| {
            let key = offer.id.to_string();
            Choice { chosen: key == value, label: offer.label.clone(), key }
        })
        .collect();
    // What the person cannot choose stays as it is.
    if !value.is_empty() && options.iter().all(|option| !option.chosen) {
        options.push(Choice { key: value.into(), label: "…".into(), chosen: true });
    }
    options
}

/// Who is named in a record as taking part, of whom it can be said whether they came.
const PEOPLE_SETS: [&str; 2] = ["attendees", "roster"];
/// A position, or another value that machines write.
const MACHINE_CHARS_MAX: usize = 64;
pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";

pub(super) fn was_key(field: &Field) -> String {
    format!("was.{}", field.key)
}

pub(super) fn more_key(field: &Field) -> String {
    format!("more.{}", field.key)
}

/// What an input showed, in a form that a form can carry.
fn was(held: Option<&FieldValue>) -> String {
    match held {
        Some(FieldValue::Single { value, .. }) => raw(value),
        Some(FieldValue::Prose { text }) => fingerprint(text),
        Some(FieldValue::Set { elements }) => elements.join("\n"),
        Some(FieldValue::Flag { on: true }) => YES.into(),
        Some(FieldValue::Entries { .. }) => entry_lines(held).join("\n"),
        _ => String::new(),
    }
}

fn raw(value: &Value) -> String {
    match value {
        Value::Bool(yes) => String::from(if *yes { YES } else { NO }),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// The same for the same text, whatever line ends the browser made of it.
fn fingerprint(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if text.is_empty() {
        return String::new();
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..FINGERPRINT_DIGITS].into()
}

/// The edits that a sent form asks for: of the fields that it showed, what differs from what it showed.
///
/// # Errors
/// With what cannot be understood, field by field.
pub(super) fn edits(words: Words, offers: &Offers, kind: Kind, sent: &Pairs) -> Result<Vec<Edit>, Errors> {
    let mut edits = Vec::new();
    let mut errors = Vec::new();
    for field in kind.schema().fields.iter().filter(|field| sent.has(&was_key(field))) {
        match field_edits(words, offers, field, sent) {
            Ok(ops) => edits.extend(ops.into_iter().map(|op| Edit { field: field.key.into(), op })),
            Err(error) => errors.push((field.key.to_owned(), error)),
        }
    }
    if errors.is_empty() { Ok(edits) } else { Err(errors) }
}

fn field_edits(words: Words, offers: &Offers, field: &Field, sent: &Pairs) -> Result<Vec<Op>, String> {
    let was = sent.all(&was_key(field)).next().unwrap_or_default();
    let text = sent.all(field.key).next().unwrap_or_default();
    match field.class {
        Class::Once | Class::Shown | Class::Quiet => single_edit(words, offers, field, was, text.trim()),
        Class::Prose | Class::AuthorProse if fingerprint(text) == was => Ok(Vec::new()),
        Class::Prose | Class::AuthorProse => Ok(vec![Op::Write { text: text.into() }]),
        Class::Set => set_edits(words, offers, field, was, sent),
        Class::Flag => Ok(match (was == YES, sent.has(field.key)) {
            (false, true) => vec![Op::Mark],
            (true, false) => vec![Op::Unmark],
            _ => Vec::new(),
        }),
        Class::Entries => entry_edits(words, field, was, &sent.all(field.key).collect::<Vec<_>>().join("\n")),
        Class::Log if text.trim().is_empty() => Ok(Vec::new()),
        Class::Log => Ok(vec![Op::Append { text: text.trim().into() }]),
        Class::Counter => match text.trim() {
            "" | "0" => Ok(Vec::new()),
            text => match text.parse() {
                Ok(by) if by > 0 => Ok(vec![Op::Increment { by }]),
                _ => Err(words.get("edit.wrong_value").into()),
            },
        },
    }
}

/// Entries as a form shows them: `element: value`, one a line.
fn entry_lines(held: Option<&FieldValue>) -> Vec<String> {
    match held {
        Some(FieldValue::Entries { entries }) => {
            entries.iter().map(|(element, entry)| format!("{element}: {}", raw(&entry.value))).collect()
        }
        _ => Vec::new(),
    }
}

fn entry_edits(words: Words, field: &Field, was: &str, text: &str) -> Result<Vec<Op>, String> {
    let entry = |line: &str| {
        let (element, value) = line.split_once([':', '：'])?;
        Some((element.trim().to_owned(), value.trim().to_owned()))
    };
    let Type::Each { of, value: ty } = field.ty else { return Ok(Vec::new()) };
    let before: Vec<(String, String)> = was.lines().filter_map(entry).collect();
    let mut after = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (element, said) = entry(line).ok_or_else(|| words.get("edit.wrong_value").to_owned())?;
        let said = match ty {
            Type::Code { list } => words.code_key(list, &said),
            _ => said,
        };
        let fits =
            !element.is_empty() && Value::text(element.as_str()).fits(*of) && Value::text(said.as_str()).fits(*ty);
        if !fits {
            return Err(words.get("edit.wrong_value").into());
        }
        after.push((element, said));
    }
    let gone = before.iter().filter(|(element, _)| !after.iter().any(|(now, _)| now == element));
    let gone = gone.map(|(element, _)| Op::Remove { element: element.clone() });
    let new = after.iter().filter(|entry| !before.contains(entry));
    let new = new.map(|(element, said)| Op::Enter { element: element.clone(), value: said.as_str().into() });
    Ok(gone.chain(new).collect())
}

fn single_edit(words: Words, offers: &Offers, field: &Field, was: &str, text: &str) -> Result<Vec<Op>, String> {
    if text == was.trim() {
        return Ok(Vec::new());
    }
    if text.is_empty() {
        return Ok(if field.class == Class::Once { Vec::new() } else { vec![Op::Clear] });
    }
    // It is offered nowhere, and would do nothing.
    if names_list(field) && !codes::is_open(text) {
        return Err(words.get("code.closed").into());
    }
    let value = match field.ty {
        Type::Number => Value::Number(text.parse().map_err(|_| words.get("edit.wrong_value").to_owned())?),
        Type::Bool => Value::Bool(text == YES),
        Type::Ref { kind: Kind::Mandate } => {
            let id = person(words, offers, text)?.to_string();
            if id == was {
                return Ok(Vec::new());
            }
            Value::Text(id)
        }
        _ => Value::text(text),
    };
    if value.fits(field.ty) { Ok(vec![Op::Put { value }]) } else { Err(words.get("edit.wrong_value").into()) }
}

fn set_edits(words: Words, offers: &Offers, field: &Field, was: &str, sent: &Pairs) -> Result<Vec<Op>, String> {
    let was: Vec<&str> = was.lines().filter(|line| !line.is_empty()).collect();
    let mut now: Vec<String> = match field.ty {
        Type::Line { .. } => sent.all(field.key).flat_map(str::lines).map(|line| line.trim().into()).collect(),
        _ => sent.all(field.key).map(Into::into).collect(),
    };
    if matches!(field.ty, Type::Ref { kind: Kind::Mandate }) {
        let more = sent.all(&more_key(field)).next().unwrap_or_default();
        for typed in parted(more) {
            now.push(person(words, offers, typed)?.to_string());
        }
    }
    now.retain(|element| !element.is_empty());
    now.sort();
    now.dedup();
    let removed = was.iter().filter(|element| !now.iter().any(|now| now == **element));
    let removed = removed.map(|element| Op::Remove { element: (*element).into() });
    let added = now.iter().filter(|element| !was.contains(&element.as_str()));
    let added: Vec<Op> = added.map(|element| Op::Add { element: element.clone() }).collect();
    let fits = |op: &Op| matches!(op, Op::Add { element } if Value::text(element.as_str()).fits(field.ty));
    if !added.iter().all(fits) {
        return Err(words.get("edit.wrong_value").into());
    }
    Ok(removed.chain(added).collect())
}

/// The deputy that someone means.
fn person(words: Words, offers: &Offers, typed: &str) -> Result<RecordId, String> {
    meant(words, offers, Kind::Mandate, typed, || words.fill("form.nobody", &[("value", typed)]))
}

/// The record of a kind that someone means; `none` says that there is no such.
pub(super) fn meant(
    words: Words,
    offers: &Offers,
    kind: Kind,
    typed: &str,
    none: impl FnOnce() -> String,
) -> Result<RecordId, String> {
    match directory::find(offers.all(kind), typed) {
        Meant::One(offer) => Ok(offer.id),
        Meant::Several(several) => {
            let labels: Vec<&str> = several.iter().map(|offer| offer.label.as_str()).collect();
            Err(words.fill("form.several", &[("value", &labels.join(" / "))]))
        }
        Meant::Nobody => Err(none()),
    }
}

/// The values that someone has typed one after the other.
pub(super) fn parted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '、', '，', ',', ';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::Language;

    use super::*;

    const WORDS: Words = Words(Language::Zh);

    fn offers() -> Offers {
        let offer = |id: u8, label: &str| Offer { id: RecordId([id; 16]), label: label.into() };
        let people = vec![offer(1, "黄光明 · 区"), offer(2, "黄光明 · 镇"), offer(3, "李秀碧 · 镇")];
        Offers(HashMap::from([(Kind::Mandate, people)]))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        Pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    fn sent(kind: Kind, fields: &[(&str, &str)]) -> Result<Vec<Edit>, Errors> {
        edits(WORDS, &offers(), kind, &pairs(fields))
    }

    #[test]
    fn only_what_differs_from_what_was_shown_is_an_edit() {
        let summary = fingerprint("第一行\n第二行");
        let unchanged = [
            ("was.summary", summary.as_str()),
            ("summary", "第一行\r\n第二行"),
            ("was.category", "roads"),
            ("category", "roads"),
            ("was.affected", "30"),
            ("affected", " 30 "),
            ("was.focus", "industry\necology"),
            ("focus", "ecology"),
            ("focus", "industry"),
            ("was.confidential", ""),
            ("village", "sent without having been shown"),
        ];
        assert_eq!(sent(Kind::Voice, &unchanged), Ok(Vec::new()));
    }

    #[test]
    fn each_class_of_field_has_its_edits() {
        let change = [
            ("was.category", "roads"),
            ("category", "water"),
            ("was.affected", "30"),
            ("affected", ""),
            ("was.summary", ""),
            ("summary", "归纳"),
            ("was.focus", "industry\necology"),
            ("focus", "ecology"),
            ("focus", "civility"),
            ("was.confidential", ""),
            ("confidential", "yes"),
            ("was.follow_ups", ""),
            ("follow_ups", " 已电话回复 "),
        ];
        let edit = |field: &str, op| Edit { field: field.into(), op };
        let expected = vec![
            Edit::write("summary", "归纳"),
            Edit::put("category", "water"),
            Edit::remove("focus", "industry"),
            Edit::add("focus", "civility"),
            edit("affected", Op::Clear),
            edit("confidential", Op::Mark),
            edit("follow_ups", Op::Append { text: "已电话回复".into() }),
        ];
        assert_eq!(sent(Kind::Voice, &change), Ok(expected));
        let tally = [("was.leaflets", ""), ("leaflets", "12"), ("was.households", ""), ("households", "0")];
        assert_eq!(sent(Kind::Activity, &tally), Ok(vec![edit("leaflets", Op::Increment { by: 12 })]));
    }

    #[test]
    fn deputies_are_meant_by_label_and_never_guessed() {
        let [first, third] = [RecordId([1; 16]).to_string(), RecordId([3; 16]).to_string()];
        let shown = [("was.lead", first.as_str()), ("lead", "黄光明 · 区")];
        assert_eq!(sent(Kind::Suggestion, &shown), Ok(Vec::new()));
        let chosen = [("was.lead", first.as_str()), ("lead", "李秀碧")];
        assert_eq!(sent(Kind::Suggestion, &chosen), Ok(vec![Edit::put("lead", third.as_str())]));
        for name in ["黄光明", "王大文"] {
            let errors = sent(Kind::Suggestion, &[("was.lead", ""), ("lead", name)]);
            assert!(errors.is_err_and(|errors| errors[0].0 == "lead" && errors[0].1.contains(name)));
        }
        let set = [("was.attendees", first.as_str()), ("more.attendees", "李秀碧、黄光明 · 镇")];
        let second = RecordId([2; 16]);
        let expected =
            vec![Edit::remove("attendees", &first), Edit::add("attendees", second), Edit::add("attendees", third)];
        assert_eq!(sent(Kind::Activity, &set), Ok(expected));
    }

    #[test]
    fn values_that_do_not_fit_are_pointed_out_and_nothing_is_edited() {
        let wrong = [
            ("was.date", ""),
            ("date", "明天"),
            ("was.affected", ""),
            ("affected", "-3"),
            ("was.category", ""),
            ("category", "water"),
        ];
        let fields: Vec<String> = sent(Kind::Voice, &wrong).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["date", "affected"]);
    }
}
