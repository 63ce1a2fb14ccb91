//! `POST /api/v1/sign-in`: login and password for a device token.

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::{device::LeftBehind, id::DeviceId};
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
    /// Devices that accounts on the phone are locked under, behind a PIN.
    #[serde(default)]
    locked: Vec<i64>,
}

#[derive(Serialize)]
struct Given<'a> {
    token: &'a str,
    device: i64,
    user: i64,
    name: &'a str,
    /// What the phone locks a file with (PROTOCOL.md, Parcels); none of a server without a vault.
    parcel_key: Option<String>,
    /// The key of the first of the locked devices that is this person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<String>,
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
            let locked: Vec<DeviceId> = wanted.locked.into_iter().map(DeviceId).collect();
            let own = state.hub.own_device(person.user, &locked).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "nobody knows whose a locked account is");
                None
            });
            let key = |device| Some(state.hub.vault()?.parcel_key(device).ok()?.secret());
            let (parcel_key, opens) = (key(device_id), own.and_then(key));
            let given = Given { token, device, user, name: &person.name, parcel_key, opens, left_behind };
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
