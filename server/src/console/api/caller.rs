//! Who asks: the owner of a token, as far as the token goes.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{super::desk::Desk, problem::ApiProblem};
use crate::{
    account::{Authenticated, NoEntry},
    http::{AppState, session::Staff, token_of},
    store::{Device, DeviceKind, Scope},
};

/// How long a token is good for, in milliseconds: a year, as long as the data that it is for is asked for.
const TOKEN_MS_MAX: i64 = 365 * 24 * 60 * 60 * 1000;

/// The owner of the token, with all that a page knows of its reader.
pub(super) struct Caller(pub Desk);

/// Lets in who has a token with the endpoint's scope, and not more often than is bearable.
pub(super) async fn admit(
    State((state, scope)): State<(AppState, Scope)>,
    mut request: Request,
    next: Next,
) -> Response {
    match admitted(&state, scope, request.headers()).await {
        Ok(staff) => {
            request.extensions_mut().insert(Arc::new(staff));
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn admitted(state: &AppState, scope: Scope, headers: &HeaderMap) -> Result<Staff, ApiProblem> {
    let token = token_of(headers).ok_or(ApiProblem::SignedOut)?;
    let Authenticated { device, person, must_change } =
        state.accounts.authenticate(&token).await.map_err(|no| match no {
            NoEntry::SignedOut | NoEntry::Revoked => ApiProblem::SignedOut,
            NoEntry::Store(error) => {
                tracing::error!(%error, "a token could not be looked up");
                ApiProblem::Broken
            }
        })?;
    let DeviceKind::Api(scopes) = device.kind else { return Err(ApiProblem::SignedOut) };
    if must_change || has_run_out(&device, state.clock.now_ms()) {
        return Err(ApiProblem::SignedOut);
    }
    if !state.limits.takes(device.id) {
        return Err(ApiProblem::TooMany);
    }
    state.hub.saw(device.id, state.clock.now_ms());
    if !scopes.has(scope) {
        return Err(ApiProblem::Scope);
    }
    Ok(Staff { person, device })
}

/// Whether a token is too old to open anything.
pub(in super::super) fn has_run_out(token: &Device, now_ms: i64) -> bool {
    now_ms.saturating_sub(token.created_ms) >= TOKEN_MS_MAX
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiProblem> {
        let staff = parts.extensions.get::<Arc<Staff>>().cloned().ok_or(ApiProblem::SignedOut)?;
        Ok(Caller(Desk::of(Staff::clone(&staff), parts, state).await?))
    }
}
