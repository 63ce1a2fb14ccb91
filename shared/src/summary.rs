//! Summary rows: what lists, ledgers, filters and figures need to know of a record, so that none of
//! them ever loads one. Built here, for phone and server alike.

use serde::{Deserialize, Serialize};

use crate::{
    id::RecordId,
    record::{Contents, FieldValue, Value},
    schema::{Class, Field, Kind, Type},
};

/// A record in one row. Empty text means "not filled in".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// What a list shows first.
    pub title: String,
    /// `YYYY-MM-DD`, as the person typed it; the ledgers' period is about this date.
    pub date: String,
    pub station: Option<RecordId>,
    /// The village or unit.
    pub place: Option<RecordId>,
    /// The deputy who recorded it.
    pub author: Option<RecordId>,
    /// The mandates and other people's names it concerns, for the filter by deputy.
    pub people: Vec<String>,
    /// The main code: activity kind, a voice's and a suggestion's category, a station's type.
    pub code: String,
    /// Urgency of a voice, tier of a suggestion, level of a training, state of a station, of a matter to be mended or
    /// of feedback, the code itself of a code entry.
    pub status: String,
    /// Themes, roles and focuses, as `list:code`; `session:五届一次` of a suggestion raised in session; `term:五届` of a training;
    /// `en:…` and `until:2026-12-31` of a code entry.
    pub tags: Vec<String>,
    /// Records it belongs to or came from: reception day, activity, voices, suggestions, pairing, visit, checklist.
    pub links: Vec<RecordId>,
    /// People present, person-times, people concerned, year of a pairing or plan, items that a station has, 1 for a
    /// suggestion raised in session, the place of a code entry in its list.
    pub number: i64,
    /// Fields in conflict.
    pub conflicts: u32,
    pub deleted: bool,
    /// All words of the record, for search; lower case.
    pub search: String,
}

/// The tag of a voice that the villager wants kept in confidence, or that is sensitive: its words are in no file that is
/// taken away, and in no list of who does not handle it (DOMAIN §4.1).
pub const CONFIDENTIAL: &str = "mark:confidential";

/// Characters of a title that is cut out of prose.
const TITLE_CHARS_MAX: usize = 40;

/// The row of a record.
pub fn summarize(contents: &Contents) -> Summary {
    Summary {
        title: title(contents),
        date: date(contents),
        station: contents.reference("station"),
        place: contents.reference(place_key(contents.kind)),
        author: contents.reference("author"),
        people: people(contents),
        code: contents.text(code_key(contents.kind)).into(),
        status: status(contents).into(),
        tags: tags(contents),
        links: links(contents),
        number: number(contents),
        conflicts: contents.conflicts().count().try_into().unwrap_or(u32::MAX),
        deleted: contents.is_true("deleted"),
        search: search_text(contents),
    }
}

fn place_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Station | Kind::GuidanceVisit | Kind::Rectification | Kind::MechanismPlan | Kind::Term => "unit",
        Kind::Pairing => "street",
        _ => "village",
    }
}

fn code_key(kind: Kind) -> &'static str {
    match kind {
        Kind::AdminUnit | Kind::Mandate => "level",
        Kind::Voice | Kind::Suggestion => "category",
        Kind::MechanismPlan => "mechanism",
        Kind::DossierEntry | Kind::ScoreRule => "section",
        Kind::ChecklistDefinition | Kind::CodeEntry => "list",
        _ => "kind",
    }
}

/// Feedback that nobody has taken up says nothing of that, and is looked for by it.
fn status(contents: &Contents) -> &str {
    match (contents.kind, contents.text(status_key(contents.kind))) {
        (Kind::AppFeedback, "") => "open",
        (_, status) => status,
    }
}

fn status_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Voice => "urgency",
        Kind::Suggestion => "tier",
        Kind::Training => "level",
        Kind::Station | Kind::Rectification | Kind::AppFeedback => "state",
        Kind::Pairing => "town",
        Kind::Notice => "audience",
        Kind::CodeEntry => "code",
        _ => "status",
    }
}

fn title(contents: &Contents) -> String {
    let first_of = |keys: [&str; 2]| {
        let [first, second] = keys.map(|key| contents.text(key));
        beginning(if first.is_empty() { second } else { first })
    };
    match contents.kind {
        Kind::AdminUnit | Kind::Station | Kind::Deputy | Kind::Mandate | Kind::Group => contents.text("name").into(),
        Kind::Activity
        | Kind::Suggestion
        | Kind::MechanismPlan
        | Kind::ChecklistDefinition
        | Kind::Notice
        | Kind::ScoreRule
        | Kind::ScoreBatch
        | Kind::Rectification => contents.text("title").into(),
        Kind::ReceptionDay | Kind::ChecklistAnswer => contents.text("date").into(),
        Kind::Voice => first_of(["summary", "verbatim"]),
        Kind::Training | Kind::GuidanceVisit => contents.text("topic").into(),
        Kind::Pairing => contents.number("year").map(|year| year.to_string()).unwrap_or_default(),
        Kind::Term => format!("{}{}", contents.text("term"), contents.text("session")),
        Kind::DutyReport => first_of(["venue", "text"]),
        Kind::DossierEntry | Kind::AppFeedback => beginning(contents.text("text")),
        Kind::CodeEntry => contents.text("zh").into(),
        Kind::Attachment => contents.text("mime").into(),
        // The telephone is for whoever opens the record, not for every list.
        Kind::DeputyContact => String::new(),
    }
}

fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(TITLE_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.into(),
    }
}

fn date(contents: &Contents) -> String {
    let date = contents.text(match contents.kind {
        Kind::Activity | Kind::Mandate | Kind::Term | Kind::ScoreBatch => "start",
        Kind::ScoreRule | Kind::CodeEntry | Kind::ChecklistDefinition => "valid_from",
        _ => "date",
    });
    date.get(..10).unwrap_or(date).into()
}

fn people(contents: &Contents) -> Vec<String> {
    // Who stayed away did not take part.
    let sets = [
        "attendees",
        "deputies",
        "collectors",
        "cosigners",
        "roster",
        "leaders",
        "members",
        "leader_mandates",
        "member_mandates",
        "liaison_mandates",
    ];
    let mut people: Vec<String> = sets.iter().flat_map(|key| present(contents, key).cloned()).collect();
    let single = ["author", "lead", "deputy", "mandate", "leader", "chair_mandate", "head_mandate"];
    people.extend(single.iter().map(|key| contents.text(key)).filter(|p| !p.is_empty()).map(Into::into));
    people.sort_unstable();
    people.dedup();
    people
}

fn tags(contents: &Contents) -> Vec<String> {
    let mut tags = coded_tags(contents);
    match contents.kind {
        Kind::Suggestion if contents.is_true("in_session") => {
            tags.push(format!("session:{}{}", contents.text("term"), contents.text("session")));
        }
        Kind::Training => tags.push(format!("term:{}", contents.text("term"))),
        Kind::Voice if contents.is_true("confidential") || contents.is_true("sensitive") => {
            tags.push(CONFIDENTIAL.to_owned());
        }
        Kind::CodeEntry => {
            let said = [("en", "en"), ("until", "valid_to")].map(|(tag, field)| (tag, contents.text(field)));
            tags.extend(said.iter().filter(|(_, text)| !text.is_empty()).map(|(tag, text)| format!("{tag}:{text}")));
        }
        _ => {}
    }
    tags
}

fn coded_tags(contents: &Contents) -> Vec<String> {
    ["themes", "role", "focus"]
        .iter()
        .filter_map(|key| contents.kind.schema().field(key))
        .filter_map(|field| match field.ty {
            Type::Code { list } => Some((field, list)),
            _ => None,
        })
        .flat_map(|(field, list)| contents.elements(field.key).iter().map(move |code| format!("{list}:{code}")))
        .collect()
}

fn links(contents: &Contents) -> Vec<RecordId> {
    let single =
        ["source_day", "source_activity", "pairing", "group", "repeats", "visit", "definition", "source", "record"];
    let single = single.iter().filter_map(|key| contents.reference(key));
    let sets = ["voices", "suggestions", "links"].iter().flat_map(|key| contents.elements(key));
    single.chain(sets.filter_map(|id| id.parse().ok())).collect()
}

fn number(contents: &Contents) -> i64 {
    match contents.kind {
        Kind::Activity => contents.number("crowd").unwrap_or(0),
        Kind::Voice => contents.number("affected").unwrap_or(0),
        Kind::ReceptionDay => contents.number("visitors").unwrap_or(0),
        Kind::DutyReport => contents.number("listeners").unwrap_or(0),
        Kind::Training => person_times(contents),
        Kind::Pairing | Kind::MechanismPlan => contents.number("year").unwrap_or(0),
        Kind::Suggestion => contents.is_true("in_session").into(),
        Kind::ScoreRule => contents.number("value").unwrap_or(0),
        Kind::CodeEntry => contents.number("order").unwrap_or(0),
        Kind::ChecklistAnswer => {
            contents.entries("answers").filter(|(_, answer)| answer.as_text() == Some("yes")).count() as i64
        }
        _ => 0,
    }
}

/// DOMAIN §7.0: person-times are those on the roster who came, plus the unnamed count.
fn person_times(contents: &Contents) -> i64 {
    let named = present(contents, "roster").count() as i64;
    named.saturating_add(contents.number("unnamed_count").unwrap_or(0))
}

/// Those of a set of mandates of whom the attendance does not say that they were away.
pub(crate) fn present<'a>(contents: &'a Contents, set: &str) -> impl Iterator<Item = &'a String> {
    contents.elements(set).iter().filter(|mandate| !was_away(contents, mandate))
}

fn was_away(contents: &Contents, mandate: &str) -> bool {
    let said = contents.entry("attendance", mandate).and_then(Value::as_text);
    matches!(said, Some("leave" | "absent"))
}

fn search_text(contents: &Contents) -> String {
    let mut words = String::new();
    for field in contents.kind.schema().fields {
        if !is_words(field) {
            continue;
        }
        match contents.fields.get(field.key) {
            Some(FieldValue::Single { value: Value::Text(text), .. } | FieldValue::Prose { text }) => {
                push_words(&mut words, text);
            }
            Some(FieldValue::Set { elements }) => elements.iter().for_each(|text| push_words(&mut words, text)),
            Some(FieldValue::Log { entries }) => entries.iter().for_each(|entry| push_words(&mut words, &entry.text)),
            Some(FieldValue::Entries { entries }) => {
                entries
                    .values()
                    .filter_map(|entry| entry.value.as_text())
                    .for_each(|text| push_words(&mut words, text));
            }
            _ => {}
        }
    }
    words
}

fn is_words(field: &Field) -> bool {
    match field.ty {
        Type::Line { .. } | Type::Prose => field.class != Class::Flag,
        Type::Each { value: Type::Line { .. }, .. } => !field.retired,
        _ => false,
    }
}

fn push_words(words: &mut String, text: &str) {
    if !words.is_empty() {
        words.push('\n');
    }
    words.push_str(&folded(text));
}

/// A text as it is searched in and for: a letter is found whether it is large or small. Of the letters that people here
/// write beside Chinese; the tables of all others are four kilobytes of what a phone downloads.
pub fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}
