//! 导入手机文件: a file with what a phone had not sent is taken at the desk.

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request},
    response::{IntoResponse, Response},
};
use lianxin_shared::{limits::PARCEL_BYTES_MAX, rights::Role};

use super::{
    desk::Desk,
    input::{Asked, Pairs},
    layout::{self, Page},
    problem::Problem,
    words::{Words, number},
};
use crate::{
    http::share_of_parcel,
    parcel::{self, Line, ParcelProblem, Taken},
};

/// The file, and what a form puts around it.
pub(super) const UPLOAD_BYTES_MAX: usize = PARCEL_BYTES_MAX + 64 * 1024;

#[derive(Template)]
#[template(path = "parcel.html")]
struct ParcelPage {
    page: Page,
    failed: Option<String>,
    from: Option<String>,
    ended: bool,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    result: String,
    count: String,
}

/// Who takes files in: the desks of stations, towns and the district.
pub(super) fn may_carry(desk: &Desk) -> bool {
    [Role::Station, Role::Town, Role::District].into_iter().any(|role| desk.has_role(role))
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !may_carry(&desk) {
        return Err(Problem::NotFound);
    }
    shown(&desk, &asked, None)
}

pub(super) async fn submit(desk: Desk, request: Request) -> Result<Response, Problem> {
    if !may_carry(&desk) {
        return Err(Problem::NotFound);
    }
    let taken = match uploaded(request).await {
        Ok(bytes) => take(&desk, &bytes).await,
        Err(key) => Err(key),
    };
    shown(&desk, &Pairs::default(), Some(taken))
}

/// What became of the file, or the end of the key of why nothing of it was taken.
async fn take(desk: &Desk, bytes: &[u8]) -> Result<Taken, &'static str> {
    let state = &desk.state;
    let _share = share_of_parcel(state, bytes.len()).await.map_err(|_| "failed")?;
    parcel::take(&state.hub, &state.blobs, bytes, desk.doer(), None, desk.now_ms()).await.map_err(|problem| {
        if let ParcelProblem::Hub(error) = &problem {
            tracing::error!(%error, "a phone's file could not be taken");
        }
        problem.key()
    })
}

/// The first file of the form, or the end of the key of what is wrong with it.
async fn uploaded(request: Request) -> Result<Vec<u8>, &'static str> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| "empty")?;
    while let Some(field) = form.next_field().await.map_err(|_| "too_large")? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(|_| "too_large")?;
            return if bytes.is_empty() { Err("empty") } else { Ok(bytes.into()) };
        }
    }
    Err("empty")
}

fn shown(desk: &Desk, asked: &Pairs, taken: Option<Result<Taken, &'static str>>) -> Result<Response, Problem> {
    let words = desk.words;
    let (failed, taken) = match taken {
        Some(Err(key)) => (Some(words.of_key(&format!("parcel.failed.{key}"))), None),
        Some(Ok(taken)) => (None, Some(taken)),
        None => (None, None),
    };
    let from = taken.as_ref().map(|Taken { name, label, made_ms, .. }| {
        words.fill("parcel.from", &[("name", name), ("label", label), ("when", &words.moment(*made_ms))])
    });
    let page = ParcelPage {
        page: Page::new(desk, words.get("parcel.title"), "/console/parcel", asked),
        failed,
        from,
        ended: taken.as_ref().is_some_and(|taken| taken.ended),
        rows: taken.iter().flat_map(|taken| &taken.lines).map(|line| row(words, line)).collect(),
    };
    Ok(layout::html(&page)?.into_response())
}

fn row(words: Words, line: &Line) -> Row {
    let what = line.kind.map_or(words.get("parcel.sealed_kind"), |kind| words.kind(kind));
    // What is refused has other words for staff than for its author.
    let staffs = format!("quarantine.{}", line.text);
    let said = words.of_key(&staffs);
    let result = if said == staffs { words.of_key(&line.text) } else { said };
    Row { what: what.to_owned(), result, count: number(line.count as i64) }
}
