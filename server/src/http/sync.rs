//! `POST /api/v1/sync`: one exchange (shared/PROTOCOL.md).

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    limits::{DOWNLOAD_PAGE_BYTES_MAX, EXCHANGE_BYTES_MAX, EXCHANGE_OPS_MAX},
    record::operations_claimed,
    wire::{self, ExchangeError},
};
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    AppState, bearer,
    body::{self, Encoding},
    headers::{NO_STORE, OCTETS},
};

/// What all exchanges together may hold of what they brought, in KiB.
pub(super) const EXCHANGE_KIB_IN_MEMORY_MAX: usize = 256 * 1024;
/// What they may hold of what they are answered, in KiB. Apart from the other, because an exchange holds both.
pub(super) const ANSWER_KIB_IN_MEMORY_MAX: usize = 128 * 1024;
/// Entries of the log, and the answer as bytes.
const ANSWER_COPIES: usize = 2;
/// An idle exchange's share; what one with changes takes is a multiple of its body.
const EXCHANGE_KIB_MIN: usize = 64;
/// Body, decoded changes, merged documents, statements: copies of the inflated body at worst.
const COPIES: usize = 4;
const PARCEL_COPIES: usize = 3;
/// How long an exchange waits for its share of memory.
const TURN_TIMEOUT: Duration = Duration::from_secs(20);
/// What a gzipped body is expected to become, in multiples: real exchanges stay below.
const GZIP_GAIN: usize = 20;

const _: () = assert!(EXCHANGE_KIB_IN_MEMORY_MAX > 2 * COPIES * EXCHANGE_BYTES_MAX / 1024);
const _: () = assert!(ANSWER_KIB_IN_MEMORY_MAX > 2 * ANSWER_COPIES * DOWNLOAD_PAGE_BYTES_MAX / 1024);

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
    let arrived = state.arrivals.read(who.device.id, body).await?;
    let encoding = Encoding::of(&parts.headers)?;
    let (body, _share) = inflated(&state, encoding, &arrived.bytes).await?;
    drop(arrived);
    if body.first().is_some_and(|version| *version != wire::VERSION) {
        return Err(ExchangeError::UnknownVersion.into());
    }
    let request = wire::Request::decode(&body).map_err(|_| ExchangeError::Malformed)?;
    drop(body);
    if request.changes.iter().map(|change| operations_claimed(&change.bytes)).sum::<u64>() > EXCHANGE_OPS_MAX {
        return Err(ExchangeError::TooLarge.into());
    }
    let wanted = usize::try_from(request.hello.download_bytes_max).unwrap_or(usize::MAX).min(DOWNLOAD_PAGE_BYTES_MAX);
    let _answer_share = share_of_memory(&state.answers, ANSWER_COPIES * wanted).await?;
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

/// The body as it was meant, and its share of the memory.
async fn inflated(
    state: &AppState,
    encoding: Encoding,
    bytes: &[u8],
) -> Result<(Vec<u8>, OwnedSemaphorePermit), ExchangeError> {
    let expected = match encoding {
        Encoding::Identity => bytes.len(),
        Encoding::Gzip => bytes.len().saturating_mul(GZIP_GAIN).min(EXCHANGE_BYTES_MAX),
    };
    let share = share_of_memory(&state.exchanges, COPIES * expected).await?;
    match encoding.undo(bytes, expected) {
        // It becomes more than its share allows. Given back before the larger one is waited for, or all would wait.
        Err(ExchangeError::TooLarge) if expected < EXCHANGE_BYTES_MAX => drop(share),
        body => return Ok((body?, share)),
    }
    let share = share_of_memory(&state.exchanges, COPIES * EXCHANGE_BYTES_MAX).await?;
    Ok((encoding.undo(bytes, EXCHANGE_BYTES_MAX)?, share))
}

/// A phone's file is held three times at worst: as it came, opened, and taken apart.
pub(crate) async fn share_of_parcel(state: &AppState, bytes: usize) -> Result<OwnedSemaphorePermit, ExchangeError> {
    share_of_memory(&state.exchanges, PARCEL_COPIES * bytes).await
}

/// Waits until there is room; the server rather answers late than runs out of memory.
async fn share_of_memory(memory: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, ExchangeError> {
    let kib = EXCHANGE_KIB_MIN + bytes / 1024;
    let share = Arc::clone(memory).acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
    match timeout(TURN_TIMEOUT, share).await {
        Ok(Ok(share)) => Ok(share),
        Ok(Err(_)) | Err(_) => Err(ExchangeError::Unavailable),
    }
}
