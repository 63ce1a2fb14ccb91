//! The console's data as JSON, for the programs of offices: `/api/v1/…` with a token that somebody has made for one.
//!
//! A token sees what its owner may read, as far as its scopes go, by the same functions as the pages. It writes nothing, and
//! sealed records are not here. What is kept in confidence leaves the console in no form (DOMAIN §4.1).

mod caller;
mod endpoints;
mod figures;
mod ledgers;
mod limit;
mod openapi;
mod problem;
mod records;

use axum::{Router, middleware, routing::get};

use crate::http::AppState;

pub(super) use caller::has_run_out;
pub(crate) use limit::Limits;

/// The endpoints, each behind its scope, and their description.
pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let described = Router::new().route(openapi::PATH, get(openapi::description));
    endpoints::ENDPOINTS.iter().fold(described, |router, endpoint| {
        let scoped = middleware::from_fn_with_state((state.clone(), endpoint.scope), caller::admit);
        router.route(endpoint.path, (endpoint.handler)().layer(scoped))
    })
}
