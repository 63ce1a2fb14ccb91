//! `GET /health`: the process answers. `GET /ready`: so does its database, and it is not stopping.

use axum::{extract::State, http::StatusCode};

use super::AppState;

pub(super) async fn health() -> &'static str {
    "ok"
}

pub(super) async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match state.hub.store().ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
