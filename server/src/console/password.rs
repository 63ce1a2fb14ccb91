//! Setting one's own password: for whoever has an account, with a session or without. A password that somebody else has
//! made up leads nowhere but here.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    input::Sent,
    layout::{self, Page},
    problem::Problem,
    sign_in::refused,
    words::Words,
};
use crate::{
    account::{ChangeError, PASSWORD_CHARS_MIN, PasswordError},
    http::{
        AppState,
        session::{self, PASSWORD_PATH, Session},
    },
};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    page: Page,
    login: String,
    /// It was for one time.
    must_change: bool,
    chars_min: usize,
    error: Option<String>,
}

pub(super) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let (login, must_change) = known(&state, &headers).await?;
    Ok(layout::html(&fill(Words::of(&headers), login, must_change, None))?.into_response())
}

pub(super) async fn submit(
    State(state): State<AppState>,
    headers: HeaderMap,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let words = Words::of(&headers);
    // A password may begin with a blank: it is taken as it is.
    let [present, new, again] = ["present", "new", "again"].map(|name| sent.all(name).next().unwrap_or_default());
    let login = sent.get("login");
    let changed = match new == again {
        true => state.accounts.change_own_password((login, present), new, state.clock.now_ms()).await,
        false => return wrong(words, &state, &headers, login, "password.not_the_same").await,
    };
    let key = match changed {
        Ok(()) => {
            let is_in = session::current(&state, &headers).await?.is_some();
            let next = if is_in { "/console" } else { session::SIGN_IN_PATH };
            return Ok(Redirect::to(&format!("{next}?done=password")).into_response());
        }
        Err(ChangeError::SignIn(error)) => {
            let (status, said) = refused(words, error)?;
            let (_, must_change) = known(&state, &headers).await?;
            return Ok((status, layout::html(&fill(words, login.to_owned(), must_change, Some(said)))?).into_response());
        }
        Err(ChangeError::Same) => "password.same",
        Err(ChangeError::Password(PasswordError::TooShort)) => "password.too_short",
        Err(ChangeError::Password(PasswordError::TooLong)) => "password.too_long",
        Err(error) => {
            tracing::error!(%error, "a password could not be set");
            return Err(Problem::Broken);
        }
    };
    wrong(words, &state, &headers, login, key).await
}

async fn wrong(
    words: Words,
    state: &AppState,
    headers: &HeaderMap,
    login: &str,
    key: &'static str,
) -> Result<Response, Problem> {
    let (_, must_change) = known(state, headers).await?;
    let said = words.fill(key, &[("n", &PASSWORD_CHARS_MIN.to_string())]);
    let page = fill(words, login.to_owned(), must_change, Some(said));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, layout::html(&page)?).into_response())
}

/// The login of who has a session, and whether the password was for one time.
async fn known(state: &AppState, headers: &HeaderMap) -> Result<(String, bool), Problem> {
    let Some(Session { staff, must_change }) = session::current(state, headers).await? else {
        return Ok((String::new(), false));
    };
    let user = state.hub.store().user(staff.person.user).await?;
    Ok((user.map(|user| user.login).unwrap_or_default(), must_change))
}

fn fill(words: Words, login: String, must_change: bool, error: Option<String>) -> PasswordPage {
    let mut page = Page::outside(words, words.get("password.title"));
    page.here = PASSWORD_PATH.into();
    PasswordPage { page, login, must_change, chars_min: PASSWORD_CHARS_MIN, error }
}
