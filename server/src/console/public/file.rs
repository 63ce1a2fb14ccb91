//! A photo that is public: of a deputy, or one that was published with a suggestion.

use axum::{extract::Path, response::IntoResponse};
use lianxin_shared::{
    device::Part,
    id::{BlobHash, RecordId},
    schema::Kind,
};

use super::{
    Answer, Guest,
    suggestions::{Published, public, published},
};
use crate::{console::problem::Problem, http::blob::shown as given_out, store::LedgerQuery};

pub(super) async fn given(guest: Guest, Path((record, hash)): Path<(String, String)>) -> Answer {
    let hash: BlobHash = hash.parse().map_err(|_| Problem::NotFound)?;
    let id = record.parse().map_err(|_| Problem::NotFound)?;
    let is_photo = async || -> Result<bool, Problem> {
        let Ok((id, deputy)) = guest.open_record(&record, Kind::Deputy).await else { return Ok(false) };
        Ok(deputy.text("photo") == hash.to_string() && is_in_office(&guest, id).await?)
    };
    let is_published = async || -> Result<bool, Problem> {
        let (_, stored) = guest.stored(&record, Kind::Suggestion).await?;
        let Published { contents, suggestion, .. } = published(&guest, id, &stored).await?;
        Ok(public(&guest, id, &stored, &contents, &suggestion).await?.contains(&hash))
    };
    if !is_photo().await? && !is_published().await? {
        return Err(Problem::NotFound);
    }
    let found = guest.state.blobs.give_public(&guest.state.hub, (id, hash), Part::Original).await?;
    Ok(found.map(given_out).ok_or(Problem::NotFound)?.into_response())
}

/// What was made known of somebody ends with the office.
async fn is_in_office(guest: &Guest, deputy: RecordId) -> Result<bool, Problem> {
    let of_deputy = LedgerQuery {
        person: Some(deputy.to_string()),
        status: Some("active".into()),
        ..LedgerQuery::of(Kind::Mandate, Vec::new())
    };
    Ok(!guest.open(of_deputy, 1).await?.is_empty())
}
