//! Sessions of the staff console: a device of kind Console whose token is in a cookie.

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use lianxin_shared::{limits::LABEL_CHARS_MAX, rights::Person};

use super::AppState;
use crate::{
    account::{Authenticated, NoEntry, SignIn, SignInError, SignedIn, Token},
    store::{Device, DeviceKind, StoreError},
};

/// The session cookie's name.
pub const COOKIE: &str = "lianxin_session";
/// Where people without a session are sent.
pub const SIGN_IN_PATH: &str = "/console/sign-in";
/// Where people are sent who have to set a password of their own first.
pub const PASSWORD_PATH: &str = "/console/password";
/// How long a browser keeps the session, in seconds: thirty days of office work.
const COOKIE_SECONDS_MAX: i64 = 30 * 24 * 60 * 60;

/// A person of staff with a session. As an extractor it sends everyone else to the sign-in page,
/// with the page that was asked for as `?next=`, or to where the password is changed.
#[derive(Debug, Clone)]
pub struct Staff {
    pub person: Person,
    pub device: Device,
}

/// A session, of whatever it opens.
#[derive(Debug, Clone)]
pub struct Session {
    pub staff: Staff,
    /// The password was for one time: the person can set their own, or sign out, and nothing else.
    pub must_change: bool,
}

impl FromRequestParts<AppState> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match current(state, &parts.headers).await {
            Ok(Some(session)) if session.must_change => Err(Redirect::to(PASSWORD_PATH).into_response()),
            Ok(Some(session)) => Ok(session.staff),
            Ok(None) => Err(to_sign_in(parts).into_response()),
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                Err(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
        }
    }
}

/// The session of a request, if it has a valid one.
///
/// # Errors
/// When the store fails.
pub async fn current(state: &AppState, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
    let jar = CookieJar::from_headers(headers);
    let Some(token) = jar.get(COOKIE).and_then(|cookie| Token::presented(cookie.value())) else { return Ok(None) };
    match state.accounts.authenticate(&token).await {
        Ok(Authenticated { device, person, must_change }) if is_current(&device, state.clock.now_ms()) => {
            Ok(Some(Session { staff: Staff { person, device }, must_change }))
        }
        Ok(_) | Err(NoEntry::SignedOut | NoEntry::Revoked) => Ok(None),
        Err(NoEntry::Store(error)) => Err(error),
    }
}

/// A phone's token is no session, and a session ends even if the browser keeps its cookie.
fn is_current(device: &Device, now_ms: i64) -> bool {
    device.kind == DeviceKind::Console && now_ms.saturating_sub(device.created_ms) < COOKIE_SECONDS_MAX * 1000
}

/// Checks the password and starts a session; the jar with its cookie goes into the response.
///
/// # Errors
/// When the person is not let in; the reason is fit to be told.
pub async fn sign_in(
    state: &AppState,
    headers: &HeaderMap,
    jar: CookieJar,
    login: &str,
    password: &str,
) -> Result<CookieJar, SignInError> {
    let label = browser_label(headers);
    let attempt = SignIn { login, password, kind: DeviceKind::Console, label: &label };
    let SignedIn { token, .. } = state.accounts.sign_in(attempt, state.clock.now_ms()).await?;
    let cookie = session_cookie(token.secret().to_owned(), COOKIE_SECONDS_MAX, is_https(headers));
    Ok(jar.add(cookie))
}

/// Ends the session; the jar takes the cookie away.
///
/// # Errors
/// When the store fails; the session is then still valid.
pub async fn sign_out(
    state: &AppState,
    headers: &HeaderMap,
    jar: CookieJar,
    staff: &Staff,
) -> Result<CookieJar, StoreError> {
    state.accounts.sign_out(&staff.device, state.clock.now_ms()).await?;
    Ok(jar.add(session_cookie(String::new(), 0, is_https(headers))))
}

fn session_cookie(value: String, seconds_max: i64, secure: bool) -> Cookie<'static> {
    let mut cookie = Cookie::new(COOKIE, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(secure);
    cookie.set_max_age(time::Duration::seconds(seconds_max));
    cookie
}

/// Whether the browser came over HTTPS, as the proxy in front of this server says.
fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

/// What the list of devices calls a console session: the beginning of the browser's own name.
fn browser_label(headers: &HeaderMap) -> String {
    let browser = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    browser.chars().take(LABEL_CHARS_MAX).collect()
}

/// To the sign-in page; after it, back to where one wanted to go, if that was a page.
fn to_sign_in(parts: &Parts) -> Redirect {
    let wanted = parts.uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
    if parts.method != Method::GET || !is_local_page(wanted) {
        return Redirect::to(SIGN_IN_PATH);
    }
    let next: String = percent_encode(wanted);
    Redirect::to(&format!("{SIGN_IN_PATH}?next={next}"))
}

/// Whether this is a page of the console, or one for everybody: where a form may send someone on to.
pub fn is_local_page(path: &str) -> bool {
    let under =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let inside = under("/console") || under("/public");
    inside && !path.contains(['\\', '\r', '\n']) && !path.contains("//")
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Refuses what another site's page sends with this browser's cookie. Layered over all of the console.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_site(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This form was sent from another site. 此请求来自其他网站，已拒绝。").into_response()
}

/// Every browser since 2020 says where a POST comes from, by `Sec-Fetch-Site` or `Origin`.
fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
    if let Some(site) = headers.get("sec-fetch-site").and_then(text) {
        return matches!(site.as_str(), "same-origin" | "none");
    }
    let origin = headers.get(header::ORIGIN).and_then(text);
    let host = headers.get(header::HOST).and_then(text);
    match (origin, host) {
        (Some(origin), Some(host)) => {
            origin.strip_prefix("https://").or(origin.strip_prefix("http://")) == Some(host.as_str())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_our_own_forms_are_taken() {
        assert!(is_same_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_same_site(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_same_site(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_same_site(&headers(&[("origin", "https://lianxin.example"), ("host", "lianxin.example")])));
        assert!(!is_same_site(&headers(&[("origin", "https://evil.example"), ("host", "lianxin.example")])));
        assert!(!is_same_site(&headers(&[("host", "lianxin.example")])), "a browser that says nothing is too old");
    }

    #[test]
    fn sign_in_sends_on_to_our_own_pages_only() {
        assert!(is_local_page("/console") && is_local_page("/console/ledger/voice?from=2026-01-01"));
        assert!(
            is_local_page("/public") && is_local_page("/public/suggestions?after=2026") && !is_local_page("/publicly")
        );
        assert!(!is_local_page("//evil.example") && !is_local_page("https://evil.example"));
        assert!(!is_local_page("/console//evil.example") && !is_local_page("/consolexyz"));
    }
}
