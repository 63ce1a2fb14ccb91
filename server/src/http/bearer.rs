//! Phones: a token in the `Authorization` header, never in an address.

use axum::http::{HeaderMap, header};
use lianxin_shared::wire::ExchangeError;

use super::AppState;
use crate::{
    account::{Authenticated, NoEntry, Token},
    store::DeviceKind,
};

/// Whose request this is.
pub(super) async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Authenticated, ExchangeError> {
    let token = token_of(headers).ok_or(ExchangeError::SignedOut)?;
    let authenticated = state.accounts.authenticate(&token).await.map_err(|no_entry| match no_entry {
        NoEntry::SignedOut => ExchangeError::SignedOut,
        NoEntry::Revoked => ExchangeError::Revoked,
        NoEntry::Store(error) => {
            tracing::error!(%error, "a token could not be looked up");
            ExchangeError::Internal
        }
    })?;
    // A program's token opens what it was made for, and nothing else.
    if matches!(authenticated.device.kind, DeviceKind::Api(_)) {
        return Err(ExchangeError::SignedOut);
    }
    Ok(authenticated)
}

/// The token that a request presents.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Token::presented(token.trim()) } else { None }
}
