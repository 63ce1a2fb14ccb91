//! The phone app's files, from a folder: compressed neighbours (`.br`, `.gz`) where they exist, and
//! caching by name: what is below `assets/` carries its content's hash in its name and never
//! changes, everything else is asked for anew each time.

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use tower_http::services::{ServeDir, ServeFile};

use super::AppState;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
/// The addresses of the app's screens, which are all the one page.
const APP: &str = "/app";

/// The app's files; without a folder, the front door leads to the console.
pub(super) fn router(folder: Option<&Path>) -> Router<AppState> {
    let Some(folder) = folder else {
        return Router::new().route("/", get(|| async { Redirect::to("/console") })).fallback(|| async { not_found() });
    };
    let page = || ServeFile::new(folder.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip().fallback(get(|| async { not_found() }));
    Router::new()
        .route_service(APP, page())
        .route_service("/app/{*screen}", page())
        .fallback_service(files)
        .layer(middleware::from_fn(cache_by_name))
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found. 没有这个页面。").into_response()
}

async fn cache_by_name(request: Request, next: Next) -> Response {
    let forever = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let value = if forever && found { FOREVER } else { ASK_FIRST };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(value);
    response
}
