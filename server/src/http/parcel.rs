//! `POST /api/v1/parcels`: files with what a phone had not sent (PROTOCOL.md, Parcels).

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
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

/// Takes a file from whoever carries it. A device that staff have ended hands over its own, and nothing else.
pub(super) async fn take(State(state): State<AppState>, request: Request) -> Result<Response, Failed> {
    let (parts, body) = request.into_parts();
    let (who, ended) = bearer::known(&state, &parts.headers).await?;
    let arrived = state.arrivals.read_within(who.device.id, body, PARCEL_BYTES_MAX).await?;
    let _share = share_of_parcel(&state, arrived.bytes.len()).await?;
    let by = Doer::of(&who.device);
    let own = ended.then_some(who.device.id);
    let taken = parcel::take(&state.hub, &state.blobs, &arrived.bytes, by, own, state.clock.now_ms()).await;
    Ok(match taken {
        Ok(taken) => ([NO_STORE], Json(taken)).into_response(),
        Err(ParcelProblem::NoVault | ParcelProblem::Full) => return Err(ExchangeError::Unavailable.into()),
        Err(ParcelProblem::Hub(error)) => {
            tracing::error!(%error, device = who.device.id.0, "a phone's file could not be taken");
            return Err(error.exchange_error().into());
        }
        Err(problem) => {
            (StatusCode::UNPROCESSABLE_ENTITY, [NO_STORE], Json(json!({ "error": problem.key() }))).into_response()
        }
    })
}
