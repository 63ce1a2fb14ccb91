//! Why there is no answer, as `application/problem+json` (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::super::problem::Problem;

/// Seconds until asking again is worth it, for who has asked too often: one more request is free then.
const RETRY_AFTER_S: &str = "1";

/// What programs can tell apart: the code never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ApiProblem {
    /// No token, or one that opens nothing: unknown, revoked, run out, of a phone or a page.
    SignedOut,
    /// The token is not for this.
    Scope,
    /// The record is kept in confidence.
    Confidential,
    /// No such thing, or not for this token's owner: which of the two is not told.
    NotFound,
    /// What of the address could not be understood, in words.
    BadAddress(Vec<String>),
    TooMany,
    Busy,
    Broken,
}

impl ApiProblem {
    pub(super) const CODES: [&str; 8] =
        ["signed_out", "scope", "confidential", "not_found", "bad_address", "too_many", "busy", "broken"];

    fn told(&self) -> (StatusCode, &'static str, &'static str) {
        let [signed_out, scope, confidential, not_found, bad_address, too_many, busy, broken] = Self::CODES;
        match self {
            ApiProblem::SignedOut => (StatusCode::UNAUTHORIZED, signed_out, "No token that opens this"),
            ApiProblem::Scope => (StatusCode::FORBIDDEN, scope, "The token's scopes do not go so far"),
            ApiProblem::Confidential => (StatusCode::FORBIDDEN, confidential, "Kept in confidence"),
            ApiProblem::NotFound => (StatusCode::NOT_FOUND, not_found, "Nothing here for this token"),
            ApiProblem::BadAddress(_) => (StatusCode::BAD_REQUEST, bad_address, "The address is not understood"),
            ApiProblem::TooMany => (StatusCode::TOO_MANY_REQUESTS, too_many, "Too many requests"),
            ApiProblem::Busy => (StatusCode::SERVICE_UNAVAILABLE, busy, "Busy, try again"),
            ApiProblem::Broken => (StatusCode::INTERNAL_SERVER_ERROR, broken, "Something is broken"),
        }
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.told();
        let mut body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": code });
        if let ApiProblem::BadAddress(problems) = &self {
            body["detail"] = problems.join(" ").into();
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            ApiProblem::TooMany => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S))),
            ApiProblem::SignedOut => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::NotFound | Problem::NotAllowed => ApiProblem::NotFound,
            Problem::BadAddress | Problem::BadForm | Problem::TooLarge => ApiProblem::BadAddress(Vec::new()),
            Problem::Busy => ApiProblem::Busy,
            Problem::Broken => ApiProblem::Broken,
        }
    }
}
