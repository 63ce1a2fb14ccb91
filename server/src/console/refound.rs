//! Clearing away what was ever written in a record and no longer stands there (`hub::refound`).

use axum::{extract::Path, http::StatusCode, response::Response};
use lianxin_shared::blob;

use super::{
    desk::Desk,
    edit_record::to_record,
    input::Sent,
    problem::Problem,
    record::{self, readable},
};
use crate::hub::{RecordPage, RefoundProblem, may_found_anew};

/// Whether this person may do it with this record. It stands behind everything else on the page: it is rare.
pub(super) fn is_offered(desk: &Desk, record: &RecordPage) -> bool {
    may_found_anew(desk.person(), &record.space)
}

pub(super) async fn found_anew(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let record = readable(&desk, &id).await?;
    let who = (&desk.staff.device, desk.person());
    let error = match desk.hub().found_anew(who, record.id, sent.get("reason"), desk.now_ms()).await {
        Ok(contents) => {
            desk.state.blobs.forget_others(desk.hub(), record.id, &blob::named(&contents)).await?;
            return Ok(to_record(record.id, "founded"));
        }
        Err(RefoundProblem::NotFound) => return Err(Problem::NotFound),
        Err(RefoundProblem::Failed(error)) => return Err(error.into()),
        Err(RefoundProblem::InConflict) => desk.words.get("refound.in_conflict").to_owned(),
        Err(RefoundProblem::Invalid(invalid)) => desk.words.of_key(invalid.why.text_key()),
    };
    record::again(&desk, record, StatusCode::UNPROCESSABLE_ENTITY, error).await
}
