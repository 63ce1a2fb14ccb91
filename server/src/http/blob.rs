//! Photos and recordings: delivered in parts, given out whole (PROTOCOL.md, Files).

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    blob::Refusal,
    device::Part,
    id::{BlobHash, RecordId},
    limits::{BLOB_PART_BYTES_MAX, PREVIEW_BYTES_MAX},
    wire::ExchangeError,
};
use serde::Deserialize;
use serde_json::json;

use super::{AppState, bearer, headers::NO_STORE, sync};
use crate::{
    account::Authenticated,
    blob::{BlobError, GivenOut, NewPart},
};

/// A file is shown, not run: it may load nothing, and is no page of ours.
const INERT: (HeaderName, HeaderValue) =
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
/// A file never changes; but a record may stop naming it, so the browser alone keeps it, and not for long.
const KEPT_BRIEFLY: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));

/// Which file, of which record.
type Address = Path<(String, String)>;

/// Where a part belongs.
#[derive(Debug, Deserialize)]
pub(super) struct PartOf {
    at: u64,
    of: u64,
}

/// A file that was not taken or not given.
pub(super) enum Failed {
    Blob(BlobError),
    Exchange(ExchangeError),
}

impl From<BlobError> for Failed {
    fn from(error: BlobError) -> Self {
        Failed::Blob(error)
    }
}

impl From<ExchangeError> for Failed {
    fn from(error: ExchangeError) -> Self {
        Failed::Exchange(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let (refusal, at) = match self {
            Failed::Exchange(error) => return sync::Failed(error).into_response(),
            Failed::Blob(BlobError::Offset { has }) => (Refusal::Offset, Some(has)),
            Failed::Blob(BlobError::Refused(refusal)) => (refusal, None),
            Failed::Blob(BlobError::Hub(error)) => {
                tracing::error!(%error, "a file's record could not be read");
                return sync::Failed(error.exchange_error()).into_response();
            }
            Failed::Blob(error @ (BlobError::Store(_) | BlobError::Objects(_))) => {
                tracing::error!(%error, "a file could not be stored or read");
                return sync::Failed(ExchangeError::Internal).into_response();
            }
        };
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
        (status, [NO_STORE], Json(json!({ "error": refusal.key(), "at": at }))).into_response()
    }
}

pub(super) async fn part(
    State(state): State<AppState>,
    Path((record, hash)): Address,
    Query(PartOf { at, of }): Query<PartOf>,
    request: Request,
) -> Result<Response, Failed> {
    let (parts, body) = request.into_parts();
    let (record, hash) = address(&record, &hash)?;
    let Authenticated { device, person, .. } = bearer::authenticate(&state, &parts.headers).await?;
    // A task of its own: when the line breaks off this handler is dropped, but what has arrived is to be kept.
    let taking = tokio::spawn(async move {
        let arrived = state.arrivals.read_what_comes(device.id, body, BLOB_PART_BYTES_MAX).await?;
        let bytes = Bytes::from(arrived.bytes);
        let part = NewPart { record, hash, device: device.id, at, of, bytes };
        Ok::<_, Failed>(state.blobs.take(&state.hub, &person, part, state.clock.now_ms()).await?)
    });
    let at = taking.await.map_err(|_| ExchangeError::Internal)??;
    Ok(taken(at))
}

pub(super) async fn take_preview(
    State(state): State<AppState>,
    Path((record, hash)): Address,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failed> {
    let file = address(&record, &hash)?;
    let Authenticated { device, person, .. } = bearer::authenticate(&state, &headers).await?;
    let arrived = state.arrivals.read(device.id, body).await?;
    if arrived.bytes.len() > PREVIEW_BYTES_MAX {
        return Err(BlobError::from(Refusal::TooLarge).into());
    }
    let length = arrived.bytes.len() as u64;
    state.blobs.take_preview(&state.hub, &person, file, arrived.bytes.into(), state.clock.now_ms()).await?;
    Ok(taken(length))
}

pub(super) async fn original(state: State<AppState>, address: Address, headers: HeaderMap) -> Result<Response, Failed> {
    give(state, address, headers, Part::Original).await
}

pub(super) async fn preview(state: State<AppState>, address: Address, headers: HeaderMap) -> Result<Response, Failed> {
    give(state, address, headers, Part::Preview).await
}

async fn give(
    State(state): State<AppState>,
    Path((record, hash)): Address,
    headers: HeaderMap,
    part: Part,
) -> Result<Response, Failed> {
    let file = address(&record, &hash)?;
    let Authenticated { person, .. } = bearer::authenticate(&state, &headers).await?;
    let found = state.blobs.give(&state.hub, &person, file, part).await?;
    Ok(shown(found.ok_or(BlobError::from(Refusal::Unnamed))?))
}

/// A file with the headers that keep a browser from doing anything but showing it.
pub(crate) fn shown(GivenOut { mime, bytes }: GivenOut) -> Response {
    let end = mime.split_once('/').map_or("bin", |(_, end)| end);
    let disposition = HeaderValue::from_str(&format!("inline; filename=\"lianxin.{end}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(mime));
    ([kind, INERT, KEPT_BRIEFLY, (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

fn taken(at: u64) -> Response {
    ([NO_STORE], Json(json!({ "at": at }))).into_response()
}

fn address(record: &str, hash: &str) -> Result<(RecordId, BlobHash), ExchangeError> {
    let malformed = |_| ExchangeError::Malformed;
    Ok((record.parse().map_err(malformed)?, hash.parse().map_err(malformed)?))
}
