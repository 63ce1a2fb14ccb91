//! Headers that every answer has, and who compresses what.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::{
    CompressionLevel,
    compression::CompressionLayer,
    trace::{DefaultOnFailure, TraceLayer},
};
use tracing::Level;

/// Scripts and styles from here only; WebAssembly, because the app's engine is; nobody frames us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const COMMON: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
/// For all that a browser may show. The answer to an exchange is bytes for a program: the half
/// kilobyte of these would be more than all the rest of an idle one.
const SHOWN: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// What exchanges carry.
pub(super) const OCTETS: &str = "application/octet-stream";

/// Of zstd's, brotli's and gzip's steps: a village waits longer for a byte than the server for a core.
const EXCHANGE_QUALITY: i32 = 9;

/// Wraps everything: the headers that all answers have, and the log line.
pub(super) fn with_common(router: Router) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(|request: &Request| {
            // The path alone: a query may hold what someone searches for.
            tracing::info_span!("http", method = %request.method(), path = %request.uri().path())
        })
        .on_request(())
        .on_response(|response: &Response, latency: std::time::Duration, _: &tracing::Span| {
            tracing::info!(status = response.status().as_u16(), ms = latency.as_millis() as u64, "answered");
        })
        .on_failure(DefaultOnFailure::new().level(Level::WARN));
    router.layer(middleware::from_fn(add_common)).layer(trace)
}

async fn add_common(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_shown = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != OCTETS);
    let shown = SHOWN.into_iter().filter(|_| is_shown);
    for (name, value) in std::iter::once(COMMON).chain(shown) {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// For exchanges: bytes are dear.
pub(super) fn exchange_compression() -> CompressionLayer {
    CompressionLayer::new().no_deflate().quality(CompressionLevel::Precise(EXCHANGE_QUALITY))
}

/// For pages of the console: the office has a line, and waits for the page.
pub(super) fn page_compression() -> CompressionLayer {
    CompressionLayer::new().no_deflate().quality(CompressionLevel::Fastest)
}

/// For what belongs to one person or one moment.
pub(super) const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
