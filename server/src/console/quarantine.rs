//! Refused changes and returned requests: what the rules did not allow is kept, staff see that it happened, and decide
//! what becomes of refused changes (`hub::settle`).

use std::{
    collections::{HashMap, HashSet},
    panic::catch_unwind,
};

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    device::Part,
    id::{BlobHash, ChangeHash, DeviceId, RecordId, SpaceId, UserId},
    record::{Action, inspect},
    rights::may_settle,
    schema::Kind,
    wire::read_returned,
};

use super::{
    desk::Desk,
    input::{Asked, Pairs, Sent},
    layout::{self, Page, record_href},
    names::Names,
    official,
    problem::Problem,
    values::{entry_text, show, show_text},
    words::{Words, number},
};
use crate::{
    http::blob::shown as given_out,
    hub::SettleProblem,
    store::{ApartFile, Quarantined, RefusalOf, ReturnedRequest, SettledChange, Settlement},
};

/// Changes shown, newest first.
const SHOWN_MAX: u32 = 200;
/// Decisions shown, the latest first.
const SETTLED_SHOWN_MAX: u32 = 50;
const QUARANTINE: &str = "/console/quarantine";

#[derive(Template)]
#[template(path = "quarantine.html")]
struct QuarantinePage {
    page: Page,
    rows: Vec<Row>,
    full: bool,
    settled: Vec<SettledRow>,
    error: Option<String>,
}

struct Row {
    received: String,
    who: String,
    device: String,
    space: String,
    kind: String,
    /// The record, where there is one that the reader may see.
    record: Option<(String, String)>,
    reason: String,
    attempts: Vec<(String, String)>,
    /// What an ended phone handed over beside it, for who decides on it.
    beside: Beside,
    /// Where the reader decides on it.
    deciding: Option<Deciding>,
}

/// What waits beside the refused changes of a record.
#[derive(Default)]
struct Beside {
    files: Vec<FileRow>,
    /// That there are sealed records, and nothing else of them.
    sealed: Option<String>,
}

struct FileRow {
    name: String,
    href: String,
    preview: Option<String>,
}

/// The form with which somebody decides.
struct Deciding {
    user: i64,
    hash: String,
    /// What was written before something was wrong.
    note: Option<String>,
}

/// A change that was decided on.
struct SettledRow {
    at: String,
    by: String,
    who: String,
    kind: String,
    record: Option<(String, String)>,
    settlement: String,
    note: String,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    Ok(layout::html(&fill(&desk, &asked, None).await?)?.into_response())
}

/// Accepts, returns or discards a refused change.
pub(super) async fn settle(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    let settlement = Settlement::ALL.into_iter().find(|settlement| settlement.key() == sent.get("what"));
    let settlement = settlement.ok_or(Problem::BadForm)?;
    let user = UserId(sent.get("user").parse().map_err(|_| Problem::BadForm)?);
    let hash: ChangeHash = sent.get("hash").parse().map_err(|_| Problem::BadForm)?;
    let who = (&desk.staff.device, desk.person());
    let settled = desk.hub().settle(who, (user, hash), settlement, sent.get("note"), desk.now_ms()).await;
    let (status, error) = match settled {
        Ok(record) => {
            if let Err(error) = desk.state.blobs.settle_apart(desk.hub(), user, record).await {
                tracing::error!(%error, "files wait for the next look though their record was decided on");
            }
            return Ok(Redirect::to(&format!("{QUARANTINE}?done=settled")).into_response());
        }
        Err(problem) => said(&desk, problem)?,
    };
    let page = fill(&desk, &Pairs::default(), Some((&sent, error))).await?;
    Ok((status, layout::html(&page)?).into_response())
}

/// Why nothing was decided.
fn said(desk: &Desk, problem: SettleProblem) -> Result<(StatusCode, String), Problem> {
    let words = desk.words;
    Ok(match problem {
        SettleProblem::Settled => (StatusCode::CONFLICT, words.get("quarantine.settled").to_owned()),
        SettleProblem::Missing => (StatusCode::UNPROCESSABLE_ENTITY, words.get("quarantine.missing").to_owned()),
        SettleProblem::Refused(refused) => {
            let reason = words.of_key(&format!("quarantine.{}", refused.reason.text_key()));
            let text = words.fill("quarantine.not_accepted", &[("reason", &reason)]);
            (StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        SettleProblem::Invalid(invalid) => (StatusCode::UNPROCESSABLE_ENTITY, words.of_key(invalid.why.text_key())),
        SettleProblem::NotFound => return Err(Problem::NotFound),
        SettleProblem::Failed(error) => return Err(error.into()),
    })
}

/// Whether the reader is told what was to be done in a space to a record of the kind with this number. Of a kind that is
/// not known there is nothing to tell but that it happened.
pub(super) fn is_told(desk: &Desk, space: SpaceId, kind: u8) -> bool {
    Kind::from_number(kind).is_none_or(|kind| desk.may_read(space, kind))
}

async fn fill(desk: &Desk, asked: &Pairs, wrong: Option<(&Pairs, String)>) -> Result<QuarantinePage, Problem> {
    if !desk.reads_anything() {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let spaces: Vec<SpaceId> = desk.spaces.iter().map(|granted| granted.space.id).collect();
    let cases = desk.cases();
    let mut refused = desk.store().quarantine(&spaces, &cases, SHOWN_MAX).await?;
    let mut returned = desk.store().returned(&spaces, &cases, SHOWN_MAX).await?;
    let mut settled = desk.store().settled_in(&spaces, &cases, SETTLED_SHOWN_MAX).await?;
    let full = [refused.len(), returned.len()].contains(&(SHOWN_MAX as usize));
    refused.retain(|change| is_told(desk, change.space, change.kind));
    returned.retain(|request| is_told(desk, request.space, request.kind));
    settled.retain(|change| is_told(desk, change.space, change.kind));
    let people = People::of(desk, !refused.is_empty() || !returned.is_empty() || !settled.is_empty()).await?;
    let records = refused.iter().map(|change| change.record).chain(returned.iter().map(|request| request.case));
    let records = records.chain(settled.iter().map(|change| change.record));
    let records: HashSet<RecordId> = records.collect();
    let mut readable = HashMap::new();
    for id in records {
        let record = desk.store().record(id).await?;
        if let Some(record) = record.filter(|record| desk.may_read(record.space, record.kind)) {
            readable.insert(id, super::names::readable_title(words, record.kind, &record.summary.title));
        }
    }
    let names = Names::of(desk, refused.iter().flat_map(mentioned)).await?;
    let mut beside = beside(desk, &refused).await?;
    let changes = refused.iter().map(|change| {
        let deciding = deciding(desk, change, wrong.as_ref().map(|(sent, _)| *sent));
        // Once for each record, with its newest change.
        let beside = deciding.as_ref().and_then(|_| beside.remove(&(change.user, change.record))).unwrap_or_default();
        (change.received_ms, Row { deciding, beside, ..row(desk, change, &people, &readable, &names) })
    });
    let requests =
        returned.iter().map(|request| (request.received_ms, returned_row(desk, request, &people, &readable)));
    let mut rows: Vec<(i64, Row)> = changes.chain(requests).collect();
    rows.sort_by_key(|(received_ms, _)| std::cmp::Reverse(*received_ms));
    Ok(QuarantinePage {
        page: Page::new(desk, words.get("quarantine.title"), QUARANTINE, asked),
        full,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        settled: settled.iter().map(|change| settled_row(desk, change, &people, &readable)).collect(),
        error: wrong.map(|(_, error)| error),
    })
}

/// Nobody decides on their own changes.
fn may_decide(desk: &Desk, user: UserId, space: SpaceId) -> bool {
    user != desk.person().user && desk.readable(space).is_some_and(|space| may_settle(desk.person(), space))
}

fn deciding(desk: &Desk, change: &Quarantined, sent: Option<&Pairs>) -> Option<Deciding> {
    if !may_decide(desk, change.user, change.space) {
        return None;
    }
    let (user, hash) = (change.user.0, change.hash.to_string());
    let sent = sent.filter(|sent| sent.get("hash") == hash && sent.get("user") == user.to_string());
    Some(Deciding { user, hash, note: sent.map(|sent| sent.get("note").to_owned()) })
}

/// What ended phones handed over beside these changes, by whose and of which record.
async fn beside(desk: &Desk, refused: &[Quarantined]) -> Result<HashMap<(UserId, RecordId), Beside>, Problem> {
    let mut beside: HashMap<(UserId, RecordId), Beside> = HashMap::new();
    if refused.is_empty() {
        return Ok(beside);
    }
    let records: HashSet<RecordId> = refused.iter().map(|change| change.record).collect();
    let records = Vec::from_iter(records);
    for file in desk.store().apart_files(&records).await? {
        beside.entry((file.user, file.record)).or_default().files.push(file_row(desk, &file));
    }
    let mut sealed: HashMap<(UserId, RecordId), i64> = HashMap::new();
    for waiting in desk.store().sealed_apart_of(&records).await? {
        *sealed.entry((waiting.author, waiting.voice)).or_default() += 1;
    }
    for (of, count) in sealed {
        let said = desk.words.fill("quarantine.sealed", &[("count", &number(count))]);
        beside.entry(of).or_default().sealed = Some(said);
    }
    Ok(beside)
}

fn file_row(desk: &Desk, file: &ApartFile) -> FileRow {
    let href = format!("{QUARANTINE}/file/{}/{}/{}", file.user.0, file.record, file.hash);
    let photo = file.mime.starts_with("image/");
    let key = if photo { "quarantine.photo" } else { "quarantine.recording" };
    let size = number(i64::try_from(file.bytes.div_ceil(1024)).unwrap_or(i64::MAX));
    let shown = if file.previewed { format!("{href}/preview") } else { href.clone() };
    FileRow { name: desk.words.fill(key, &[("size", &size)]), href, preview: photo.then_some(shown) }
}

type Address = Path<(String, String, String)>;

pub(super) async fn original(desk: Desk, address: Address) -> Result<Response, Problem> {
    give(desk, address, Part::Original).await
}

pub(super) async fn preview(desk: Desk, address: Address) -> Result<Response, Problem> {
    give(desk, address, Part::Preview).await
}

/// A file that waits, for who decides on a change of its record.
async fn give(desk: Desk, Path((user, record, hash)): Address, part: Part) -> Result<Response, Problem> {
    let user = UserId(user.parse().map_err(|_| Problem::NotFound)?);
    let record: RecordId = record.parse().map_err(|_| Problem::NotFound)?;
    let hash: BlobHash = hash.parse().map_err(|_| Problem::NotFound)?;
    let decides = |refusal: &RefusalOf| {
        refusal.settled.is_none()
            && is_told(&desk, refusal.space, refusal.kind)
            && may_decide(&desk, user, refusal.space)
    };
    if !desk.store().refusals_of(user, record).await?.iter().any(decides) {
        return Err(Problem::NotFound);
    }
    let files = desk.store().apart_files(&[record]).await?;
    let file = files.into_iter().find(|file| (file.user, file.hash) == (user, hash)).ok_or(Problem::NotFound)?;
    let found = desk.state.blobs.give_apart(&file, part).await?;
    Ok(found.map(given_out).ok_or(Problem::NotFound)?.into_response())
}

/// What the people and devices behind the changes are called.
struct People {
    users: HashMap<UserId, String>,
    devices: HashMap<DeviceId, String>,
}

impl People {
    async fn of(desk: &Desk, wanted: bool) -> Result<Self, Problem> {
        if !wanted {
            return Ok(Self { users: HashMap::new(), devices: HashMap::new() });
        }
        let users = desk.store().users().await?.into_iter().map(|user| (user.person.user, user.person.name));
        let devices = desk.hub().devices().await?.into_iter().map(|device| (device.id, device.label));
        Ok(Self { users: users.collect(), devices: devices.collect() })
    }

    fn name(&self, words: Words, user: UserId) -> String {
        self.users.get(&user).cloned().unwrap_or_else(|| words.get("unknown").to_owned())
    }
}

fn settled_row(
    desk: &Desk,
    change: &SettledChange,
    people: &People,
    readable: &HashMap<RecordId, String>,
) -> SettledRow {
    let words = desk.words;
    let kind = Kind::from_number(change.kind).map_or("", |kind| words.kind(kind)).to_owned();
    SettledRow {
        at: words.moment(change.at_ms),
        by: people.name(words, change.by),
        who: people.name(words, change.user),
        kind,
        record: readable.get(&change.record).map(|title| (record_href(change.record), title.clone())),
        settlement: words.of_key(&format!("quarantine.did.{}", change.settlement.key())),
        note: change.note.clone(),
    }
}

fn row(desk: &Desk, change: &Quarantined, people: &People, readable: &HashMap<RecordId, String>, names: &Names) -> Row {
    let words = desk.words;
    let kind = Kind::from_number(change.kind);
    let unknown = || words.get("unknown").to_owned();
    Row {
        received: words.moment(change.received_ms),
        who: people.name(words, change.user),
        device: people.devices.get(&change.device).cloned().unwrap_or_default(),
        space: desk.space_name(change.space).unwrap_or_default().to_owned(),
        kind: kind.map_or_else(unknown, |kind| words.kind(kind).to_owned()),
        record: readable.get(&change.record).map(|title| (record_href(change.record), title.clone())),
        reason: reason(words, kind, change),
        attempts: kind.map(|kind| attempts(words, kind, change, names)).unwrap_or_default(),
        beside: Beside::default(),
        deciding: None,
    }
}

/// A request that came back, with what is written in it.
fn returned_row(desk: &Desk, request: &ReturnedRequest, people: &People, readable: &HashMap<RecordId, String>) -> Row {
    let words = desk.words;
    let kind = Kind::from_number(request.kind);
    let unknown = || words.get("unknown").to_owned();
    let why = read_returned(&request.why);
    Row {
        received: words.moment(request.received_ms),
        who: people.name(words, request.user),
        device: people.devices.get(&request.device).cloned().unwrap_or_default(),
        space: desk.space_name(request.space).unwrap_or_default().to_owned(),
        kind: kind.map_or_else(unknown, |kind| words.kind(kind).to_owned()),
        record: readable.get(&request.case).map(|title| (record_href(request.case), title.clone())),
        reason: official::say(words, kind, &why),
        attempts: vec![official::asked_for(words, &request.body)],
        beside: Beside::default(),
        deciding: None,
    }
}

/// Said to staff, not to the person whose change it is.
fn reason(words: Words, kind: Option<Kind>, change: &Quarantined) -> String {
    let said = words.of_key(&format!("quarantine.{}", change.refused.reason.text_key()));
    match (kind, change.refused.field.as_str()) {
        (_, "") | (None, _) => said,
        (Some(kind), field) => {
            words.fill("quarantine.field", &[("reason", &said), ("field", &words.field(kind, field))])
        }
    }
}

/// What the change would have done, as far as its bytes say so.
fn attempts(words: Words, kind: Kind, change: &Quarantined, names: &Names) -> Vec<(String, String)> {
    touches(kind, change)
        .into_iter()
        .map(|(key, action)| {
            let field = kind.schema().field(&key);
            let value = match &action {
                Action::Put(value) => show(words, names, field, value).text,
                Action::Add(element) if field.is_some() => show_text(words, names, field, element).text,
                Action::Append(text) => text.clone(),
                Action::Increment(by) | Action::Count(by) => format!("+{by}"),
                Action::Enter { element, value } => entry_text(words, names, field, element, value),
                Action::Clear => "—".into(),
                Action::Remove(element) => format!("− {}", show_text(words, names, field, element).text),
                Action::Splice | Action::Add(_) => words.get("quarantine.text").into(),
            };
            (words.field(kind, &key), value)
        })
        .collect()
}

/// One action for each field. Bytes that were refused as malformed say nothing.
fn touches(kind: Kind, change: &Quarantined) -> Vec<(String, Action)> {
    let inspected = catch_unwind(|| inspect(kind, change.record, &change.bytes));
    let Ok(Ok(inspected)) = inspected else { return Vec::new() };
    let mut touches: Vec<(String, Action)> = Vec::new();
    for touch in inspected.touches {
        if touches.iter().all(|(key, _)| *key != touch.field) {
            touches.push((touch.field, touch.action));
        }
    }
    touches
}

fn mentioned(change: &Quarantined) -> Vec<RecordId> {
    let touches = Kind::from_number(change.kind).map(|kind| touches(kind, change)).unwrap_or_default();
    touches
        .into_iter()
        .filter_map(|(_, action)| match action {
            Action::Put(value) => value.as_text()?.parse().ok(),
            Action::Add(element) | Action::Remove(element) | Action::Enter { element, .. } => element.parse().ok(),
            _ => None,
        })
        .collect()
}
