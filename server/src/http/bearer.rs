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
    of_a_person(state.accounts.authenticate(&token).await.map_err(exchange_error)?)
}

/// The same where staff may have ended the device or the account, and whether they have.
pub(super) async fn known(state: &AppState, headers: &HeaderMap) -> Result<(Authenticated, bool), ExchangeError> {
    let token = token_of(headers).ok_or(ExchangeError::SignedOut)?;
    let (authenticated, ended) = state.accounts.holder(&token).await.map_err(exchange_error)?;
    Ok((of_a_person(authenticated)?, ended))
}

/// A program's token opens what it was made for, and nothing else; so does a password for one time. A phone that is signed
/// in stays so, whatever password is set after that.
fn of_a_person(authenticated: Authenticated) -> Result<Authenticated, ExchangeError> {
    match authenticated.device.kind {
        DeviceKind::Api(_) => Err(ExchangeError::SignedOut),
        DeviceKind::Console if authenticated.must_change => Err(ExchangeError::SignedOut),
        DeviceKind::Phone | DeviceKind::Console => Ok(authenticated),
    }
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

/// The token that a request presents.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Token::presented(token.trim()) } else { None }
}
