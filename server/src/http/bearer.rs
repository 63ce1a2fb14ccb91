//! Phones: a token in the `Authorization` header, never in an address.

use axum::http::{HeaderMap, header};
use lianxin_shared::wire::ExchangeError;

use super::AppState;
use crate::account::{Authenticated, NoEntry, Token};

/// Whose request this is.
pub(super) async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Authenticated, ExchangeError> {
    let token = token(headers).ok_or(ExchangeError::SignedOut)?;
    state.accounts.authenticate(&token).await.map_err(exchange_error)
}

/// The same where staff may have ended the device or the account, and whether they have.
pub(super) async fn known(state: &AppState, headers: &HeaderMap) -> Result<(Authenticated, bool), ExchangeError> {
    let token = token(headers).ok_or(ExchangeError::SignedOut)?;
    state.accounts.holder(&token).await.map_err(exchange_error)
}

fn exchange_error(no_entry: NoEntry) -> ExchangeError {
    match no_entry {
        NoEntry::SignedOut => ExchangeError::SignedOut,
        NoEntry::Revoked => ExchangeError::Revoked,
        NoEntry::Store(error) => {
            tracing::error!(%error, "a token could not be looked up");
            ExchangeError::Internal
        }
    }
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Token::presented(token.trim()) } else { None }
}
