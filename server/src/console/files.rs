//! The photos and recordings of a record: previews on its page, all of one by a click, recordings to be heard.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    blob::{self, Refusal},
    device::Part,
    id::{BlobHash, RecordId},
    record::FieldValue,
};

use super::{
    attachments::{self, SaidOf},
    desk::Desk,
    layout::record_href,
    problem::Problem,
};
use crate::{
    blob::{BlobError, BlobState},
    http::{AppState, blob::shown as given_out, session::Staff},
    hub::RecordPage,
};

/// A file as a record's page shows it.
pub(super) struct FileShown {
    pub name: String,
    pub caption: String,
    pub href: String,
    /// The address of what is shown in the page.
    pub preview: Option<String>,
    pub recording: bool,
    /// Whether all of it is here.
    pub whole: bool,
    pub said: SaidOf,
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Hub(error) => error.into(),
            BlobError::Store(error) => error.into(),
            BlobError::Refused(Refusal::Unnamed) => Problem::NotFound,
            BlobError::Refused(_) | BlobError::Offset { .. } => Problem::BadForm,
            BlobError::Objects(error) => {
                tracing::error!(%error, "a file could not be read");
                Problem::Broken
            }
        }
    }
}

/// The record's files, in the order of its fields.
pub(super) async fn shown(desk: &Desk, record: &RecordPage) -> Result<Vec<FileShown>, Problem> {
    let mut files: Vec<FileShown> = Vec::new();
    let public = attachments::public(desk, record).await?;
    for hash in blob::named(&record.contents) {
        let state = desk.state.blobs.state(desk.hub(), record.id, hash).await?;
        let whole = state.mime.is_some();
        let said = attachments::said_of(desk, record, hash, whole, public.contains(&hash)).await?;
        files.push(FileShown { said, ..file(record, hash, &state) });
    }
    files.sort_by_key(|file| file.recording);
    let number = |of: &FileShown, index: usize| {
        let key = if of.recording { "files.recording" } else { "files.photo" };
        desk.words.fill(key, &[("n", &(index + 1).to_string())])
    };
    for (index, file) in files.iter_mut().enumerate() {
        file.name = number(file, index);
    }
    Ok(files)
}

fn file(record: &RecordPage, hash: BlobHash, BlobState { mime, previewed }: &BlobState) -> FileShown {
    let href = format!("{}/file/{hash}", record_href(record.id));
    // Until it is here, the field says what it is.
    let heard = record.contents.entry("audio", &hash.to_string()).is_some();
    let recording = mime.as_ref().map_or(heard, |mime| mime.starts_with("audio/"));
    let whole = mime.is_some();
    let preview = match (recording, previewed, whole) {
        (true, ..) | (false, false, false) => None,
        (false, true, _) => Some(format!("{href}/preview")),
        (false, false, true) => Some(href.clone()),
    };
    FileShown {
        name: String::new(),
        caption: caption(record, hash),
        href,
        preview,
        recording,
        whole,
        said: SaidOf::default(),
    }
}

fn caption(record: &RecordPage, hash: BlobHash) -> String {
    let hash = hash.to_string();
    let entries = record.contents.fields.values().filter_map(|value| match value {
        FieldValue::Entries { entries } => entries.get(&hash),
        _ => None,
    });
    entries.filter_map(|entry| entry.value.as_text()).find(|caption| !caption.is_empty()).unwrap_or_default().to_owned()
}

type Address = Path<(String, String)>;

pub(super) async fn original(who: Staff, state: State<AppState>, address: Address) -> Result<Response, Problem> {
    give(who, state, address, Part::Original).await
}

pub(super) async fn preview(who: Staff, state: State<AppState>, address: Address) -> Result<Response, Problem> {
    give(who, state, address, Part::Preview).await
}

/// Without a [`Desk`]: a page has dozens of them, and none needs to know more of its reader.
async fn give(
    who: Staff,
    State(state): State<AppState>,
    Path(address): Address,
    part: Part,
) -> Result<Response, Problem> {
    let found = state.blobs.give(&state.hub, &who.person, file_of(&address)?, part).await?;
    Ok(found.map(given_out).ok_or(Problem::NotFound)?.into_response())
}

fn file_of((record, hash): &(String, String)) -> Result<(RecordId, BlobHash), Problem> {
    let not_found = |_| Problem::NotFound;
    Ok((record.parse().map_err(not_found)?, hash.parse().map_err(not_found)?))
}
