//! `POST /api/v1/sync`: one exchange (shared/PROTOCOL.md).

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    limits::{DOWNLOAD_PAGE_BYTES_MAX, EXCHANGE_BYTES_MAX},
    wire::{self, ExchangeError},
};
use serde_json::json;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::{
    AppState, bearer, body,
    headers::{NO_STORE, OCTETS},
};

/// What all exchanges together may hold in memory, in KiB.
pub(super) const EXCHANGE_KIB_IN_MEMORY_MAX: usize = 256 * 1024;
/// An idle exchange's share; what one with changes takes is a multiple of its body.
const EXCHANGE_KIB_MIN: usize = 64;
/// Body, decoded changes, merged documents, statements: copies of the inflated body at worst.
const COPIES: usize = 4;
/// How long an exchange waits for its share of memory.
const TURN_TIMEOUT: Duration = Duration::from_secs(20);

const _: () = assert!(EXCHANGE_KIB_IN_MEMORY_MAX > 2 * COPIES * (EXCHANGE_BYTES_MAX + DOWNLOAD_PAGE_BYTES_MAX) / 1024);

/// An exchange that failed as a whole.
pub(super) struct Failed(pub(super) ExchangeError);

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [NO_STORE], Json(json!({ "error": self.0.key() }))).into_response()
    }
}

impl From<ExchangeError> for Failed {
    fn from(error: ExchangeError) -> Self {
        Self(error)
    }
}

pub(super) async fn sync(State(state): State<AppState>, request: Request) -> Result<Response, Failed> {
    let (parts, body) = request.into_parts();
    if parts.headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != OCTETS) {
        return Err(ExchangeError::Malformed.into());
    }
    let who = bearer::authenticate(&state, &parts.headers).await?;
    let body = body::read(body).await?;
    let _share = share_of_memory(&state, body.len(), parts.headers.contains_key(header::CONTENT_ENCODING)).await?;
    let body = body::inflate(&parts.headers, body)?;
    if body.first().is_some_and(|version| *version != wire::VERSION) {
        return Err(ExchangeError::UnknownVersion.into());
    }
    let request = wire::Request::decode(&body).map_err(|_| ExchangeError::Malformed)?;
    drop(body);
    let answer = state.hub.exchange(&who.device, &who.person, request, state.clock.now_ms()).await;
    let answer = answer.map_err(|error| {
        tracing::error!(%error, device = who.device.id.0, "an exchange failed");
        error.exchange_error()
    })?;
    let octets = (header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    let answer = answer.encode();
    Ok(match body::packed(&parts.headers, &answer).await {
        Some(packed) => {
            let zstd = (header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
            ([octets, NO_STORE, zstd], packed).into_response()
        }
        None => ([octets, NO_STORE], answer).into_response(),
    })
}

/// Waits until there is room; the server rather answers late than runs out of memory.
async fn share_of_memory(
    state: &AppState,
    body_bytes: usize,
    compressed: bool,
) -> Result<OwnedSemaphorePermit, ExchangeError> {
    // What a compressed body becomes is not known before: at most the limit, seldom over twenty times.
    let inflated = if compressed { (body_bytes * 20).min(EXCHANGE_BYTES_MAX) } else { body_bytes };
    let kib = EXCHANGE_KIB_MIN + COPIES * inflated / 1024;
    let share = Arc::clone(&state.exchanges).acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
    match timeout(TURN_TIMEOUT, share).await {
        Ok(Ok(share)) => Ok(share),
        Ok(Err(_)) | Err(_) => Err(ExchangeError::Unavailable),
    }
}
