//! `GET /api/v1/parcel-key` and `POST /api/v1/parcels`: files with what a phone had not sent (PROTOCOL.md, Parcels).

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use lianxin_shared::{limits::PARCEL_BYTES_MAX, wire::ExchangeError};
use serde_json::json;

use super::{
    AppState, bearer,
    headers::NO_STORE,
    sync::{Failed, share_of_parcel},
};
use crate::{
    parcel::{self, ParcelProblem},
    store::Doer,
};

/// The key of the device that asks, also of one that staff have ended: it may hand over what it had not sent.
pub(super) async fn key(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Failed> {
    let (who, _) = bearer::known(&state, &headers).await?;
    let vault = state.hub.vault().ok_or(ExchangeError::Unavailable)?;
    let key = vault.parcel_key(who.device.id).map_err(|_| ExchangeError::Internal)?;
    Ok(([NO_STORE], Json(json!({ "key": key.secret() }))).into_response())
}

/// Takes a file from whoever carries it. A device that staff have ended hands over its own, and nothing else.
pub(super) async fn take(State(state): State<AppState>, request: Request) -> Result<Response, Failed> {
    let (parts, body) = request.into_parts();
    let (who, ended) = bearer::known(&state, &parts.headers).await?;
    let arrived = state.arrivals.read_within(who.device.id, body, PARCEL_BYTES_MAX).await?;
    let _share = share_of_parcel(&state, arrived.bytes.len()).await?;
    let by = Doer { user: Some(who.person.user), device: Some(who.device.id) };
    let own = ended.then_some(who.device.id);
    let taken = parcel::take(&state.hub, &state.blobs, &arrived.bytes, by, own, state.clock.now_ms()).await;
    Ok(match taken {
        Ok(taken) => ([NO_STORE], Json(taken)).into_response(),
        Err(ParcelProblem::NoVault) => return Err(ExchangeError::Unavailable.into()),
        Err(ParcelProblem::Hub(error)) => {
            tracing::error!(%error, device = who.device.id.0, "a phone's file could not be taken");
            return Err(error.exchange_error().into());
        }
        Err(problem) => {
            (StatusCode::UNPROCESSABLE_ENTITY, [NO_STORE], Json(json!({ "error": problem.key() }))).into_response()
        }
    })
}
