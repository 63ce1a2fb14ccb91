//! What a person is told when a page cannot be shown.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    layout::{self, ProblemPage},
    words::Words,
};
use crate::{hub::HubError, store::StoreError};

/// Why there is no page. The words are in the texts under `problem.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// No such page or record, or not for this person: which of the two is not told.
    NotFound,
    /// The person may see the page but not do this.
    NotAllowed,
    BadAddress,
    BadForm,
    /// More was asked for than one file holds.
    TooLarge,
    /// The server takes nothing more at the moment.
    Busy,
    /// Something is broken; the detail is in the log.
    Broken,
}

impl Problem {
    fn key(self) -> &'static str {
        match self {
            Problem::NotFound => "not_found",
            Problem::NotAllowed => "not_allowed",
            Problem::BadAddress => "bad_address",
            Problem::BadForm => "bad_form",
            Problem::TooLarge => "too_large",
            Problem::Busy => "busy",
            Problem::Broken => "broken",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::NotAllowed => StatusCode::FORBIDDEN,
            Problem::BadAddress | Problem::BadForm | Problem::TooLarge => StatusCode::BAD_REQUEST,
            Problem::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A bare answer; [`dress`] makes a page of it in the reader's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<HubError> for Problem {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Unavailable => Problem::Busy,
            error => {
                tracing::error!(%error, "a console page could not be made");
                Problem::Broken
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a console template could not be filled");
        Problem::Broken
    }
}

/// Makes a page of every [`Problem`] that a handler answered.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let words = Words::of(request.headers());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().copied() else { return response };
    let page = ProblemPage::new(words, problem.key());
    match layout::html(&page) {
        Ok(page) => (problem.status(), page).into_response(),
        Err(_) => response,
    }
}

pub(super) async fn no_such_page() -> Problem {
    Problem::NotFound
}
