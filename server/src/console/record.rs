//! A record's page: what it says, who wrote it, what is in conflict, what happened to it.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    case::Machine,
    check::{self, Aim, Circumstances, Finding},
    id::{ChangeHash, RecordId},
    limits::CHANGE_DEPS_MAX,
    record::{self, Candidate, Contents, Edit, FieldValue, Op, Value},
    rights::{self, Access, SpaceKind, Stage},
    schema::{Class, Field, Kind, Type},
};

use super::{
    add_file,
    alike::{self, Alike},
    contact::{self, Contact},
    desk::Desk,
    directory,
    files::{self, FileShown},
    input::{Asked, Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    names::{Names, readable_title},
    official::{self, Official},
    problem::Problem,
    raise_again,
    receptions::{self, Receptions},
    refound, sealed,
    stations::calendar_href,
    timeline::{self, Contributor, Entry},
    values::{Shown, entry_text, references, show, show_text},
    words::{Words, number, today},
};
use crate::hub::{Command, EditFailure, REWRITTEN_MARKED_MS, RecordPage, Target};
use crate::store::LedgerQuery;

/// Changes shown at first; the rest is a link away.
const HISTORY_SHOWN: usize = 50;
/// Linked records shown on a record's page.
const RELATED_SHOWN: u32 = 8;
/// `part=` of an address of which the script only wants to know whether the record has changed.
const VERSION_PART: &str = "version";

#[derive(Template)]
#[template(path = "record.html")]
pub(super) struct RecordTemplate {
    page: Page,
    id: String,
    kind: &'static str,
    kind_label: &'static str,
    ledger: String,
    space: String,
    created: String,
    updated: String,
    updated_ms: i64,
    deleted: bool,
    heads: Vec<String>,
    error: Option<String>,
    edit: Option<String>,
    suggest: Option<String>,
    /// Where a closed matter that is raised again is taken down.
    again: Option<String>,
    dossier: Option<String>,
    contact: Option<Contact>,
    conflicts: Vec<Conflict>,
    rewritten: Vec<Rewritten>,
    /// What is missing or doubtful: the field, and the words.
    findings: Vec<(&'static str, String)>,
    official: Option<Official>,
    fields: Vec<FieldShown>,
    files: Vec<FileShown>,
    /// Where a file is added to the record, for those who may.
    add_file: Option<String>,
    empty: Vec<&'static str>,
    receptions: Option<Receptions>,
    /// The months of a station.
    calendar: Option<String>,
    related: Vec<Related>,
    alike: Vec<Alike>,
    sealed: Vec<sealed::Shown>,
    contributors: Vec<Contributor>,
    history: Vec<Entry>,
    history_hidden: usize,
    may_found_anew: bool,
    seen: String,
    part: String,
}

/// A field with what it holds.
struct FieldShown {
    key: String,
    label: String,
    /// `line`, `prose`, `list` or `log`.
    shape: &'static str,
    values: Vec<Shown>,
    notes: Vec<String>,
    conflict: bool,
}

/// A sentence that two rewrote at the same time: the merge keeps the letters of both.
struct Rewritten {
    label: &'static str,
    text: String,
}

/// A field with several concurrent values, or an entry of one.
struct Conflict {
    field: &'static str,
    /// Of an entry: which.
    element: String,
    anchor: String,
    label: String,
    /// The file of which something was said.
    preview: Option<String>,
    /// Deleted by one, written on by another.
    revived: bool,
    may_choose: bool,
    values: Vec<ConflictValue>,
}

struct ConflictValue {
    change: String,
    shown: Shown,
    who: String,
    device_time: String,
    received: String,
    /// The value that everyone sees until someone chooses.
    current: bool,
}

/// Records that belong to this one.
struct Related {
    label: &'static str,
    count: String,
    all: String,
    rows: Vec<RelatedRow>,
}

struct RelatedRow {
    href: String,
    date: String,
    title: String,
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>, Asked(asked): Asked) -> Result<Response, Problem> {
    let record = readable(&desk, &id).await?;
    if asked.get("part") == VERSION_PART {
        return Ok(record.updated_ms.to_string().into_response());
    }
    let page = template(&desk, record, &asked, None, None).await?;
    Ok(layout::html(&page)?.into_response())
}

/// Settles a conflict: one of the values is put again, by someone who has seen them all.
pub(super) async fn choose(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let record = readable(&desk, &id).await?;
    let field = sent.get("field");
    let element = sent.get("element");
    let chosen = candidate(&record.contents, (field, element), sent.get("change").parse().ok());
    let Some(value) = chosen else {
        // Someone else was faster, or the form is old: the page as it is now says what there is.
        let error = desk.words.get("conflict.gone").to_owned();
        return again(&desk, record, StatusCode::CONFLICT, error).await;
    };
    let op = match element {
        "" => Op::Put { value },
        element => Op::Enter { element: element.into(), value },
    };
    let edit = Edit { field: field.into(), op };
    let command =
        Command { target: Target::Existing { record: record.id }, base: Some(heads(&sent)), edits: vec![edit] };
    match desk.hub().edit(&desk.staff.device, desk.person(), command, desk.now_ms()).await {
        Ok(id) => Ok(Redirect::to(&format!("{}?done=chosen", record_href(id))).into_response()),
        Err(EditFailure::Failed(error)) => Err(error.into()),
        Err(EditFailure::Problem(problem)) => {
            let error = desk.words.of_key(&problem.text_key());
            again(&desk, record, StatusCode::UNPROCESSABLE_ENTITY, error).await
        }
    }
}

/// The value that this change wrote, of a field or of one of its entries.
fn candidate(contents: &Contents, (field, element): (&str, &str), change: Option<ChangeHash>) -> Option<Value> {
    let (by, others) = match contents.fields.get(field)? {
        FieldValue::Single { by, others, .. } if element.is_empty() => (by, others),
        FieldValue::Entries { entries } => entries.get(element).map(|entry| (&entry.by, &entry.others))?,
        _ => return None,
    };
    let mut candidates = std::iter::once(by).chain(others);
    candidates.find(|one| one.change.is_some() && one.change == change).map(|one| one.value.clone())
}

/// The record's page again, with what is wrong.
pub(super) async fn again(
    desk: &Desk,
    record: RecordPage,
    status: StatusCode,
    error: String,
) -> Result<Response, Problem> {
    let page = template(desk, record, &Pairs::default(), Some(error), None).await?;
    Ok((status, layout::html(&page)?).into_response())
}

/// The record of an address, if there is one that the person may read.
pub(super) async fn readable(desk: &Desk, id: &str) -> Result<RecordPage, Problem> {
    let id: RecordId = id.parse().map_err(|_| Problem::NotFound)?;
    desk.hub().record_page(desk.person(), id).await?.ok_or(Problem::NotFound)
}

/// What in a form names what the person had seen: no field is called so, a station has a `head` of its own.
pub(super) const SEEN_HEAD: &str = "seen.head";

/// What the person had seen when the form was made.
pub(super) fn heads(sent: &Pairs) -> Vec<ChangeHash> {
    sent.all(SEEN_HEAD).filter_map(|head| head.parse().ok()).take(CHANGE_DEPS_MAX as usize).collect()
}

/// The title of a record's page.
pub(super) fn title(words: Words, record: &RecordPage, names: &Names) -> String {
    let name = |key: &str| record.contents.reference(key).and_then(|id| names.title(words, id)).unwrap_or_default();
    match record.kind {
        Kind::Pairing => format!("{} {}—{}", record.summary.title, name("street"), name("town")),
        Kind::ReceptionDay => {
            format!("{} {}", name("station"), readable_title(words, record.kind, &record.summary.title))
        }
        Kind::DeputyContact => format!("{} {}", name("deputy"), words.kind(record.kind)),
        kind => readable_title(words, kind, &record.summary.title),
    }
}

/// What the rules need to know of a stored record.
pub(super) fn target(record: &RecordPage) -> rights::Target<'_> {
    rights::Target {
        record: Some(record.id),
        exists: true,
        author: record.summary.author,
        ..rights::Target::new(record.kind, &record.space)
    }
}

/// The page after an act came back, with the form as it was sent.
pub(super) async fn template_after(
    desk: &Desk,
    record: RecordPage,
    sent: &Pairs,
    error: String,
) -> Result<impl Template + use<>, Problem> {
    template(desk, record, &Pairs::default(), Some(error), Some(sent)).await
}

pub(super) async fn template(
    desk: &Desk,
    record: RecordPage,
    asked: &Pairs,
    error: Option<String>,
    act: Option<&Pairs>,
) -> Result<RecordTemplate, Problem> {
    let words = desk.words;
    let seen = desk.seen(&[record.space.id]).await?;
    let changes = record.history.iter().flat_map(|line| &line.entry.fields);
    let names = Names::of(desk, references(&record.contents, changes)).await?;
    let href = record_href(record.id);
    let writes = record.access == Access::Write && rights::may_change(desk.person(), target(&record), &[]).is_ok();
    let suggests = record.kind == Kind::Voice && !super::to_suggestion::tiers(desk, &record.space).is_empty();
    let mut history = timeline::entries(words, &names, record.kind, &record.history);
    let shown = if asked.get("history") == "all" { history.len() } else { HISTORY_SHOWN };
    let history_hidden = history.len().saturating_sub(shown);
    history.truncate(shown);
    let ledger = ledger_href(record.kind);
    Ok(RecordTemplate {
        page: Page::new(desk, title(words, &record, &names), &ledger, asked),
        id: record.id.to_string(),
        kind: record.kind.key(),
        kind_label: words.kind(record.kind),
        ledger,
        space: record.space.name.clone(),
        created: words.moment(record.created_ms),
        updated: words.moment(record.updated_ms),
        updated_ms: record.updated_ms,
        deleted: record.summary.deleted,
        heads: record.heads.iter().map(ToString::to_string).collect(),
        error,
        edit: writes.then(|| format!("{href}/edit")),
        dossier: (record.kind == Kind::Mandate).then(|| format!("/console/dossier/{}", record.id)),
        contact: contact::shown(desk, &record).await?,
        suggest: suggests.then(|| format!("{href}/suggestion")),
        again: raise_again::is_offered(desk, &record).then(|| format!("{href}/again")),
        conflicts: conflicts(desk, &record, &names),
        rewritten: rewritten(desk, &record),
        findings: findings(desk, &record).await?,
        official: official::official(desk, &record, act).await?,
        fields: fields(words, &record, &names),
        files: files::shown(desk, &record).await?,
        add_file: add_file::is_offered(desk, &record).then(|| format!("{href}/files")),
        empty: empty_fields(words, &record),
        calendar: desk.stations().contains_key(&record.id).then(|| calendar_href(record.id)),
        receptions: receptions::coming(&desk.state, desk.words, &record.contents).await?,
        related: related(desk, &record).await?,
        alike: alike::shown(desk, &record).await?,
        sealed: sealed::shown(desk, &record).await?,
        contributors: timeline::contributors(words, &record.history),
        history,
        history_hidden,
        may_found_anew: refound::is_offered(desk, &record),
        seen,
        part: format!("{href}?part={VERSION_PART}"),
    })
}

fn conflicts(desk: &Desk, record: &RecordPage, names: &Names) -> Vec<Conflict> {
    let words = desk.words;
    let fields = record.kind.schema().fields;
    let held = fields.iter().filter_map(|field| Some((field, record.contents.fields.get(field.key)?)));
    let open = held
        .flat_map(|(field, value)| in_conflict(value).map(move |(element, by, others)| (field, element, by, others)));
    let conflict =
        |(place, (field, element, by, others)): (usize, (&'static Field, &str, &Candidate, &Vec<Candidate>))| {
            Conflict {
                field: field.key,
                element: element.to_owned(),
                anchor: format!("{}-{place}", field.key),
                label: conflict_label(words, names, field, element),
                preview: (field.key == "files").then(|| format!("{}/file/{element}/preview", record_href(record.id))),
                revived: field.key == "deleted",
                may_choose: desk.may_write(target(record), field),
                values: std::iter::once((by, true))
                    .chain(others.iter().map(|other| (other, false)))
                    .map(|(candidate, current)| conflict_value(words, record, names, field, candidate, current))
                    .collect(),
            }
        };
    open.enumerate().map(conflict).collect()
}

/// What of a field waits for somebody to choose: the entry, or nothing of a single value; the value that is shown until
/// then, and the others.
fn in_conflict(value: &FieldValue) -> impl Iterator<Item = (&str, &Candidate, &Vec<Candidate>)> {
    let all: Vec<(&str, &Candidate, &Vec<Candidate>)> = match value {
        FieldValue::Single { by, others, .. } => vec![("", by, others)],
        FieldValue::Entries { entries } => {
            entries.iter().map(|(element, entry)| (element.as_str(), &entry.by, &entry.others)).collect()
        }
        _ => Vec::new(),
    };
    all.into_iter().filter(|(_, _, others)| !others.is_empty())
}

/// The field's name, and which of its entries it is about. A file has no name but its hash, which says nothing.
fn conflict_label(words: Words, names: &Names, field: &Field, element: &str) -> String {
    let label = words.label(field.label);
    match field.ty {
        Type::Each { of, .. } if *of != Type::Blob => {
            format!("{label} · {}", super::values::typed(words, names, *of, element).text)
        }
        _ => label.to_owned(),
    }
}

/// For a week, or until somebody who saw both has written on.
fn rewritten(desk: &Desk, record: &RecordPage) -> Vec<Rewritten> {
    let words = desk.words;
    let since_ms = desk.now_ms() - REWRITTEN_MARKED_MS;
    let recent = record.rewritten.iter().filter(|rewritten| rewritten.time_ms >= since_ms);
    let shown = |rewritten: &record::Rewritten| {
        let [one, other] = rewritten.by.map(|actor| who(words, record, Some(&actor)));
        let values = [("one", one.as_str()), ("other", &other), ("sentence", &rewritten.sentence)];
        let label = record.kind.schema().field(rewritten.field).map_or("", |field| words.label(field.label));
        Rewritten { label, text: words.fill("rewritten.sentence", &values) }
    };
    recent.map(shown).collect()
}

/// What the record lacks and what looks wrong in it, by the rules that the phone goes by
/// (`shared::check`). Before it is handed in, also what will be needed then.
pub(super) async fn findings(desk: &Desk, record: &RecordPage) -> Result<Vec<(&'static str, String)>, Problem> {
    let words = desk.words;
    if record.summary.deleted {
        return Ok(Vec::new());
    }
    let case = record.case();
    // What is never handed in is to be complete as it stands.
    let is_open = matches!(case.machine, Machine::None) || Stage::of_state(case.state()) == Stage::Draft;
    let aim = if is_open { Aim::HandIn } else { Aim::Keep };
    let unit = match record.space.kind {
        SpaceKind::TownOffice => desk.unit(&record.space.unit.0).await?,
        _ => None,
    };
    let has_congress = unit.map(|unit| unit.is_true("has_congress"));
    let circumstances = Circumstances { aim, today: &today(desk.now_ms()), has_congress };
    let said = |finding: Finding| {
        let field = record.kind.schema().field(finding.field).map_or("", |field| words.label(field.label));
        (field, words.of_key(finding.text).replace("{shown}", &finding.shown))
    };
    Ok(check::check(&record.contents, circumstances).into_iter().map(said).collect())
}

fn conflict_value(
    words: Words,
    record: &RecordPage,
    names: &Names,
    field: &Field,
    candidate: &Candidate,
    current: bool,
) -> ConflictValue {
    let unknown = || words.get("unknown").to_owned();
    let line = record.history.iter().find(|line| Some(line.entry.change) == candidate.change);
    let shown = match (field.ty, &candidate.value) {
        (Type::Each { value, .. }, Value::Text(text)) => super::values::typed(words, names, *value, text),
        _ => show(words, names, Some(field), &candidate.value),
    };
    ConflictValue {
        change: candidate.change.map(|change| change.to_string()).unwrap_or_default(),
        shown,
        who: who(words, record, candidate.actor.as_ref()),
        device_time: words.moment(candidate.time_ms),
        received: line.and_then(|line| line.received_ms).map_or_else(unknown, |ms| words.moment(ms)),
        current,
    }
}

fn who(words: Words, record: &RecordPage, actor: Option<&lianxin_shared::id::Actor>) -> String {
    let author = actor.and_then(|actor| record.authors.get(actor));
    author.map_or_else(|| words.get("unknown_person").to_owned(), |author| author.name.clone())
}

fn fields(words: Words, record: &RecordPage, names: &Names) -> Vec<FieldShown> {
    let known = record.kind.schema().fields.iter().filter(|field| field.key != "deleted" && !field.holds_files());
    let known = known.filter_map(|field| field_shown(words, record, names, field));
    // What a newer version wrote is shown as it is.
    let unknown = record.contents.unknown.iter().map(|(key, value)| FieldShown {
        key: key.clone(),
        label: key.clone(),
        shape: "line",
        values: vec![show(words, names, None, value)],
        notes: Vec::new(),
        conflict: false,
    });
    known.chain(unknown).collect()
}

fn field_shown(words: Words, record: &RecordPage, names: &Names, field: &Field) -> Option<FieldShown> {
    let value = record.contents.fields.get(field.key)?;
    let (shape, values, notes) = match value {
        FieldValue::Single { value, .. } => ("line", vec![show(words, names, Some(field), value)], Vec::new()),
        FieldValue::Prose { text } => ("prose", vec![Shown::plain(text.as_str())], Vec::new()),
        FieldValue::Set { elements } => {
            ("list", elements.iter().map(|element| show_text(words, names, Some(field), element)).collect(), Vec::new())
        }
        FieldValue::Count { count } => ("line", vec![Shown::plain(number(*count))], Vec::new()),
        FieldValue::Flag { on } => ("line", vec![Shown::plain(words.yes_no(*on))], Vec::new()),
        FieldValue::Entries { entries } => {
            let line = |(element, entry): (&String, &lianxin_shared::record::Entry)| {
                Shown::plain(entry_text(words, names, Some(field), element, &entry.value))
            };
            ("list", entries.iter().map(line).collect(), Vec::new())
        }
        FieldValue::Log { entries } => {
            let note = |entry: &lianxin_shared::record::LogEntry| {
                format!("{} {}", who(words, record, entry.actor.as_ref()), words.moment(entry.time_ms))
            };
            let texts = entries.iter().map(|entry| Shown::plain(entry.text.as_str())).collect();
            ("log", texts, entries.iter().map(note).collect())
        }
    };
    let conflict = value.is_in_conflict();
    Some(FieldShown { key: field.key.into(), label: words.label(field.label).into(), shape, values, notes, conflict })
}

fn empty_fields(words: Words, record: &RecordPage) -> Vec<&'static str> {
    let fields = record.kind.schema().fields.iter();
    fields
        .filter(|field| field.class != Class::Flag && field.key != "deleted")
        .filter(|field| !matches!(field.ty, Type::Bool))
        .filter(|field| !record.contents.fields.contains_key(field.key))
        .map(|field| words.label(field.label))
        .collect()
}

/// Which ledgers are about a record of a kind, and by which of their filters.
fn relations(kind: Kind) -> &'static [(Kind, &'static str)] {
    match kind {
        Kind::Station => &[(Kind::ReceptionDay, "station"), (Kind::Activity, "station"), (Kind::Voice, "station")],
        Kind::Mandate => &[(Kind::Activity, "person"), (Kind::Voice, "person"), (Kind::Suggestion, "person")],
        Kind::AdminUnit => &[(Kind::Activity, "place"), (Kind::Voice, "place"), (Kind::Station, "place")],
        Kind::Activity | Kind::ReceptionDay => &[(Kind::Voice, "link")],
        Kind::Voice => &[(Kind::Suggestion, "link")],
        Kind::Pairing => &[(Kind::Activity, "link")],
        Kind::Deputy => &[(Kind::Mandate, "person")],
        // A suggestion names its voices itself.
        Kind::GuidanceVisit => &[(Kind::Rectification, "link")],
        Kind::Group => &[(Kind::Activity, "link")],
        Kind::ChecklistDefinition => &[(Kind::ChecklistAnswer, "link")],
        _ => &[],
    }
}

async fn related(desk: &Desk, record: &RecordPage) -> Result<Vec<Related>, Problem> {
    let words = desk.words;
    let mut related = Vec::new();
    for (kind, by) in relations(record.kind).iter().filter(|(kind, _)| desk.reads(*kind)) {
        let query = related_query(directory::everything(desk, *kind), by, record.id);
        let count = desk.store().count(&query).await?.records;
        if count == 0 {
            continue;
        }
        let rows = desk.store().ledger(&desk.one_by_one(query), None, RELATED_SHOWN).await?;
        let rows = rows.iter().map(|row| RelatedRow {
            href: record_href(row.id),
            date: words.day(&row.summary.date),
            title: readable_title(words, *kind, &row.summary.title),
        });
        related.push(Related {
            label: words.kind(*kind),
            count: number(count),
            all: format!("{}?{by}={}", ledger_href(*kind), record.id),
            rows: rows.collect(),
        });
    }
    Ok(related)
}

fn related_query(query: LedgerQuery, by: &str, id: RecordId) -> LedgerQuery {
    match by {
        "station" => LedgerQuery { station: Some(id), ..query },
        "place" => LedgerQuery { place: Some(id), ..query },
        "person" => LedgerQuery { person: Some(id.to_string()), ..query },
        _ => LedgerQuery { link: Some(id), ..query },
    }
}

/// A value of a contents field that is being prefilled.
pub(super) fn prefilled(value: Value) -> FieldValue {
    let by = Candidate { value: value.clone(), actor: None, time_ms: 0, change: None };
    FieldValue::Single { value, by, others: Vec::new() }
}
