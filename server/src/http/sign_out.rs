//! `POST /api/v1/sign-out`: ends the device's token.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use lianxin_shared::wire::ExchangeError;

use super::{AppState, bearer, sync::Failed};

pub(super) async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Result<StatusCode, Failed> {
    let who = bearer::authenticate(&state, &headers).await?;
    state.accounts.sign_out(&who.device, state.clock.now_ms()).await.map_err(|error| {
        tracing::error!(%error, "a sign-out failed");
        ExchangeError::Internal
    })?;
    Ok(StatusCode::NO_CONTENT)
}
