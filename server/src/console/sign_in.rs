//! Signing in and out, and choosing the language.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use super::{
    input::{Asked, Sent},
    layout::{self, Page, local_page},
    problem::Problem,
    words::{LANGUAGE_COOKIE, Words},
};
use crate::{
    account::SignInError,
    http::{
        AppState,
        session::{self, SIGN_IN_PATH},
    },
};

/// How long a browser keeps the language, in days.
const LANGUAGE_DAYS: i64 = 365;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    login: String,
    next: String,
    error: Option<String>,
}

pub(super) async fn page(
    State(state): State<AppState>,
    headers: HeaderMap,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let next = local_page(asked.get("next")).to_owned();
    if session::current(&state, &headers).await?.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let mut page = sign_in_page(Words::of(&headers), next, String::new(), None);
    page.page.say_done(&asked);
    Ok(layout::html(&page)?.into_response())
}

pub(super) async fn submit(
    State(state): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let words = Words::of(&headers);
    let (next, login) = (local_page(sent.get("next")).to_owned(), sent.get("login").to_owned());
    // A password may begin with a blank: it is taken as it is.
    let password = sent.all("password").next().unwrap_or_default();
    let error = match session::sign_in(&state, &headers, jar, &login, password).await {
        Ok(jar) => return Ok((jar, Redirect::to(&next)).into_response()),
        Err(error) => error,
    };
    let (status, said) = refused(words, error)?;
    Ok((status, layout::html(&sign_in_page(words, next, login, Some(said)))?).into_response())
}

/// What is said to who is not let in.
pub(super) fn refused(words: Words, error: SignInError) -> Result<(StatusCode, String), Problem> {
    Ok(match error {
        SignInError::Wrong => (StatusCode::UNAUTHORIZED, words.get("sign_in.wrong").to_owned()),
        SignInError::Locked => (StatusCode::FORBIDDEN, words.get("sign_in.locked").to_owned()),
        SignInError::MustChange => (StatusCode::FORBIDDEN, words.get("password.one_time").to_owned()),
        SignInError::Wait { seconds } => (StatusCode::TOO_MANY_REQUESTS, wait(words, seconds)),
        SignInError::Busy => (StatusCode::SERVICE_UNAVAILABLE, words.get("sign_in.busy").to_owned()),
        SignInError::Store(error) => return Err(error.into()),
    })
}

pub(super) async fn sign_out(
    State(state): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Problem> {
    let jar = match session::current(&state, &headers).await? {
        Some(session) => session::sign_out(&state, &headers, jar, &session.staff).await?,
        None => jar,
    };
    Ok((jar, Redirect::to(SIGN_IN_PATH)).into_response())
}

pub(super) async fn language(jar: CookieJar, Sent(sent): Sent) -> Response {
    let chosen = if sent.get("language") == "en" { "en" } else { "zh" };
    let mut cookie = Cookie::new(LANGUAGE_COOKIE, chosen);
    cookie.set_path("/console");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(time::Duration::days(LANGUAGE_DAYS));
    (jar.add(cookie), Redirect::to(local_page(sent.get("back")))).into_response()
}

fn sign_in_page(words: Words, next: String, login: String, error: Option<String>) -> SignInPage {
    let mut page = Page::outside(words, words.get("sign_in.title"));
    page.here = SIGN_IN_PATH.into();
    SignInPage { page, login, next, error }
}

fn wait(words: Words, seconds: i64) -> String {
    const MINUTE: i64 = 60;
    if seconds < 2 * MINUTE {
        return words.fill("sign_in.wait", &[("n", &seconds.to_string())]);
    }
    words.fill("sign_in.wait_minutes", &[("n", &((seconds + MINUTE - 1) / MINUTE).to_string())])
}
