//! `POST /api/v1/sign-in`: login and password for a device token.

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::device::LeftBehind;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AppState, headers::NO_STORE};
use crate::{
    account::{SignIn, SignInError, SignedIn},
    store::DeviceKind,
};

/// Bytes of a sign-in.
const BODY_BYTES_MAX: usize = 8 * 1024;

#[derive(Deserialize)]
struct Wanted {
    login: String,
    password: String,
    #[serde(default)]
    device_label: String,
}

#[derive(Serialize)]
struct Given<'a> {
    token: &'a str,
    device: i64,
    user: i64,
    name: &'a str,
    /// What the phone locks a file with (PROTOCOL.md, Parcels); none of a server without a vault.
    parcel_key: Option<String>,
    /// Phones of the same person that were left with something unsent.
    left_behind: Vec<LeftBehind>,
}

pub(super) async fn sign_in(State(state): State<AppState>, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await;
    let wanted = body.ok().and_then(|body| serde_json::from_slice::<Wanted>(&body).ok());
    let Some(wanted) = wanted else { return failed(StatusCode::BAD_REQUEST, "malformed") };
    let attempt = SignIn {
        login: &wanted.login,
        password: &wanted.password,
        kind: DeviceKind::Phone,
        label: &wanted.device_label,
    };
    match state.accounts.sign_in(attempt, state.clock.now_ms()).await {
        Ok(SignedIn { token, device, person }) => {
            // Not worth failing for: the person is in.
            let left_behind = state.hub.left_behind(person.user).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "nobody knows what was left behind");
                Vec::new()
            });
            let device_id = device.id;
            let (token, device, user) = (token.secret(), device.id.0, person.user.0);
            let key = state.hub.vault().and_then(|vault| vault.parcel_key(device_id).ok());
            let parcel_key = key.map(|key| key.secret());
            let given = Given { token, device, user, name: &person.name, parcel_key, left_behind };
            ([NO_STORE], Json(given)).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &SignInError) -> Response {
    match error {
        SignInError::Wrong => failed(StatusCode::UNAUTHORIZED, "wrong"),
        SignInError::Locked => failed(StatusCode::FORBIDDEN, "locked"),
        SignInError::MustChange => failed(StatusCode::FORBIDDEN, "must_change"),
        SignInError::Busy => failed(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        SignInError::Wait { seconds } => {
            let body = Json(json!({ "error": "wait", "seconds": seconds }));
            (StatusCode::TOO_MANY_REQUESTS, [NO_STORE, (header::RETRY_AFTER, (*seconds).into())], body).into_response()
        }
        SignInError::Store(error) => {
            tracing::error!(%error, "a sign-in failed");
            failed(StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}

fn failed(status: StatusCode, key: &str) -> Response {
    (status, [NO_STORE], Json(json!({ "error": key }))).into_response()
}
