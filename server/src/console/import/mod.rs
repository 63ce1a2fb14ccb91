//! Taking over an existing ledger from a spreadsheet (导入台账): upload, columns known by their words, a preview with what is
//! wrong row by row, and then all of it or nothing, through the hub like every write.
//!
//! Between the preview and the going ahead the server keeps nothing: the page carries the file, which is read and judged
//! anew.

mod columns;
mod rows;
mod sheet;
mod template;

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Multipart, Path},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use lianxin_shared::{
    id::{BlobHash, RecordId, SpaceId},
    rights::Space,
    schema::Kind,
};
use tokio::sync::Semaphore;

use super::{
    desk::Desk,
    form::Offers,
    input::Pairs,
    layout::{self, Page, ledger_href},
    ledger::Choice,
    problem::Problem,
    words::number,
};
use crate::hub::{ImportFailure, ImportPlan, ImportRow};
use columns::Column;
use rows::Reading;
use sheet::{BadFile, FILE_BYTES_MAX, ROWS_MAX, Sheet};

/// The kinds whose ledgers people have in spreadsheets.
const IMPORTABLE: [Kind; 10] = [
    Kind::AdminUnit,
    Kind::Deputy,
    Kind::Mandate,
    Kind::Activity,
    Kind::ReceptionDay,
    Kind::Voice,
    Kind::Suggestion,
    Kind::Training,
    Kind::Pairing,
    Kind::GuidanceVisit,
];
/// Bytes of the form: the file, or its Base64, and what stands around it.
pub(super) const FORM_BYTES_MAX: usize = 2 * FILE_BYTES_MAX;
/// Wrong rows that are named; of more, only how many there are.
const PROBLEMS_SHOWN_MAX: usize = 100;
/// Rows that are shown as they were understood.
const ROWS_SHOWN: usize = 10;
/// One file at a time is read: it takes a core and some memory.
static READING: Semaphore = Semaphore::const_new(1);

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    page: Page,
    kind: &'static str,
    back: String,
    intro: String,
    spaces: Vec<Choice>,
    error: Option<String>,
    preview: Option<Preview>,
}

/// What a file comes to.
struct Preview {
    name: String,
    known: Vec<String>,
    unknown: Vec<String>,
    counts: String,
    problems: Vec<RowProblem>,
    more_problems: Option<String>,
    rows: Vec<(usize, Vec<String>)>,
    /// The file, to go ahead with; where nothing is in the way.
    file: Option<String>,
    space: String,
}

struct RowProblem {
    row: String,
    field: String,
    text: String,
}

/// What the form brought.
#[derive(Default)]
struct Brought {
    file: Vec<u8>,
    name: String,
    space: String,
    goes_ahead: bool,
}

/// Where the ledger of a kind is taken over, for who may.
pub(super) fn href(desk: &Desk, kind: Kind) -> Option<String> {
    let may = IMPORTABLE.contains(&kind) && !desk.spaces_to_create(kind).is_empty();
    may.then(|| format!("/console/import/{}", kind.key()))
}

pub(super) async fn page(desk: Desk, Path(kind): Path<String>) -> Result<Response, Problem> {
    let (kind, spaces) = importable(&desk, &kind)?;
    Ok(layout::html(&fill(&desk, kind, &spaces, &Brought::default()))?.into_response())
}

pub(super) async fn template(desk: Desk, Path(kind): Path<String>) -> Result<Response, Problem> {
    let (kind, spaces) = importable(&desk, &kind)?;
    let bytes = template::workbook(&desk, kind, spaces.len() > 1).map_err(|error| {
        tracing::error!(%error, "a template could not be made");
        Problem::Broken
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-template.xlsx\"", kind.key())),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Shows what a file comes to, or takes it over.
pub(super) async fn submit(desk: Desk, Path(kind): Path<String>, form: Multipart) -> Result<Response, Problem> {
    let (kind, spaces) = importable(&desk, &kind)?;
    let brought = Brought::of(form).await?;
    let mut page = fill(&desk, kind, &spaces, &brought);
    let sheet = match read(brought.file.clone()).await {
        Ok(sheet) => sheet,
        Err(bad) => {
            page.error = Some(desk.words.of_key(&format!("import.bad.{}", bad.key())));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, layout::html(&page)?).into_response());
        }
    };
    let columns = match columns::matched(desk.words, kind, &sheet.heads) {
        Ok(columns) => columns,
        Err(twice) => {
            page.error = Some(desk.words.fill("import.twice", &[("value", &twice)]));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, layout::html(&page)?).into_response());
        }
    };
    let read = Read::of(&desk, kind, &spaces, &brought, &sheet, &columns).await?;
    if brought.goes_ahead && read.problems.is_empty() {
        let who = (&desk.staff.device, desk.person());
        let file = BlobHash::of(&brought.file).to_string();
        match desk.hub().import(who, read.plan, &file, desk.now_ms()).await {
            Ok(()) => return Ok(Redirect::to(&format!("{}?done=imported", ledger_href(kind))).into_response()),
            Err(ImportFailure::Failed(error)) => return Err(error.into()),
            Err(ImportFailure::Changed) => {
                page.error = Some(desk.words.get("import.changed").to_owned());
                return Ok((StatusCode::CONFLICT, layout::html(&page)?).into_response());
            }
        }
    }
    let is_wrong = !read.problems.is_empty();
    page.preview = Some(read.preview(&desk, &brought, &sheet, &columns));
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, layout::html(&page)?).into_response())
}

fn importable<'a>(desk: &'a Desk, kind: &str) -> Result<(Kind, Vec<&'a Space>), Problem> {
    let kind = Kind::from_key(kind).filter(|kind| IMPORTABLE.contains(kind)).ok_or(Problem::NotFound)?;
    let mut spaces = desk.spaces_to_create(kind);
    spaces.sort_by(|a, b| a.name.cmp(&b.name));
    if spaces.is_empty() { Err(Problem::NotAllowed) } else { Ok((kind, spaces)) }
}

fn fill(desk: &Desk, kind: Kind, spaces: &[&Space], brought: &Brought) -> ImportPage {
    let words = desk.words;
    let name = layout::ledger_name(words, kind);
    let choice = |space: &&Space| {
        let key = space.id.0.to_string();
        Choice { chosen: key == brought.space, label: space.name.clone(), key }
    };
    let (rows, mib) = (number(ROWS_MAX as i64), (FILE_BYTES_MAX >> 20).to_string());
    ImportPage {
        page: Page::new(desk, words.fill("import.title", &[("kind", name)]), &ledger_href(kind), &Pairs::default()),
        kind: kind.key(),
        back: ledger_href(kind),
        intro: words.fill("import.intro", &[("rows", rows.as_str()), ("mib", &mib)]),
        spaces: if spaces.len() > 1 { spaces.iter().map(choice).collect() } else { Vec::new() },
        error: None,
        preview: None,
    }
}

async fn read(file: Vec<u8>) -> Result<Sheet, BadFile> {
    let _turn = READING.acquire().await;
    tokio::task::spawn_blocking(move || sheet::read(&file)).await.unwrap_or(Err(BadFile::NotXlsx))
}

impl Brought {
    async fn of(mut form: Multipart) -> Result<Self, Problem> {
        let mut brought = Brought::default();
        while let Some(field) = form.next_field().await.map_err(|_| Problem::BadForm)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|_| Problem::BadForm)?;
            let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
            match name.as_str() {
                "file" => (brought.file, brought.name) = (bytes.to_vec(), file_name.unwrap_or_default()),
                "again" => brought.file = BASE64_STANDARD.decode(text()).map_err(|_| Problem::BadForm)?,
                "name" => brought.name = text(),
                "space" => brought.space = text(),
                "go" => brought.goes_ahead = true,
                _ => {}
            }
        }
        Ok(brought)
    }
}

/// The rows of a file, as far as they were understood, and what is wrong.
struct Read {
    plan: ImportPlan,
    problems: Vec<(usize, RowProblem)>,
}

impl Read {
    async fn of(
        desk: &Desk,
        kind: Kind,
        spaces: &[&Space],
        brought: &Brought,
        sheet: &Sheet,
        columns: &[Column],
    ) -> Result<Self, Problem> {
        let words = desk.words;
        let offers = Offers::of(desk, kind).await?;
        let place = match spaces {
            [only] => Some(only.id),
            _ => brought.space.parse().ok().map(SpaceId),
        };
        let reading = Reading { desk, offers: &offers, kind, columns, spaces, place };
        let mut problems: Vec<(usize, RowProblem)> = Vec::new();
        let mut wrong = |row: usize, field: &str, text: String| {
            let field = if field.is_empty() { String::new() } else { words.field(kind, field) };
            problems.push((row, RowProblem { row: row.to_string(), field, text }));
        };
        let (mut taken, mut numbers): (Vec<ImportRow>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut seen: HashMap<RecordId, usize> = HashMap::new();
        for (number, cells) in &sheet.rows {
            match reading.row(cells) {
                Err(errors) => errors.into_iter().for_each(|(field, text)| wrong(*number, &field, text)),
                Ok(row) => match seen.insert(row.id, *number) {
                    Some(first) => wrong(*number, "", words.fill("import.same", &[("row", &first.to_string())])),
                    None => {
                        taken.push(row);
                        numbers.push(*number);
                    }
                },
            }
        }
        let plan = desk.hub().plan_import(desk.person(), kind, taken, desk.now_ms()).await?;
        for (place, problem) in &plan.problems {
            wrong(numbers[*place], problem.field().unwrap_or_default(), words.of_key(&problem.text_key()));
        }
        problems.sort_by_key(|(number, _)| *number);
        Ok(Self { plan, problems })
    }

    fn preview(self, desk: &Desk, brought: &Brought, sheet: &Sheet, columns: &[Column]) -> Preview {
        let words = desk.words;
        let heads = columns.iter().zip(&sheet.heads);
        let (unknown, known): (Vec<_>, Vec<_>) = heads.partition(|(column, _)| **column == Column::Unknown);
        let said = |heads: Vec<(&Column, &String)>| -> Vec<String> {
            heads.into_iter().map(|(_, head)| head.clone()).filter(|head| !head.is_empty()).collect()
        };
        let counts = [
            ("all", number(sheet.rows.len() as i64)),
            ("new", number(self.plan.records() as i64)),
            ("there", number(self.plan.there.len() as i64)),
            ("wrong", number(self.problems.len() as i64)),
        ];
        let counts: Vec<(&str, &str)> = counts.iter().map(|(key, count)| (*key, count.as_str())).collect();
        let cells = |(number, cells): &(usize, Vec<sheet::Cell>)| {
            let known = columns.iter().zip(cells).filter(|(column, _)| **column != Column::Unknown);
            (*number, known.map(|(_, cell)| cell.text()).collect())
        };
        let goes = self.problems.is_empty() && self.plan.records() > 0;
        let hidden = self.problems.len().saturating_sub(PROBLEMS_SHOWN_MAX);
        Preview {
            name: brought.name.clone(),
            known: said(known),
            unknown: said(unknown),
            counts: words.fill("import.counts", &counts),
            more_problems: (hidden > 0).then(|| words.fill("import.more", &[("n", &number(hidden as i64))])),
            problems: self.problems.into_iter().map(|(_, problem)| problem).take(PROBLEMS_SHOWN_MAX).collect(),
            rows: sheet.rows.iter().take(ROWS_SHOWN).map(cells).collect(),
            file: goes.then(|| BASE64_STANDARD.encode(&brought.file)),
            space: brought.space.clone(),
        }
    }
}
