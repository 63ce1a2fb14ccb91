//! Single records: what they say, and what happened in their cases.

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    case::Event,
    record::{Contents, FieldValue},
    summary::CONFIDENTIAL,
};
use serde_json::{Map, Value, json};

use super::{
    super::{desk::Desk, record::readable},
    caller::Caller,
    ledgers::{is_told, standing},
    problem::ApiProblem,
};
use crate::hub::RecordPage;

pub(super) async fn record(
    Caller(desk): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let page = open(&desk, &id).await?;
    let tag = format!("\"{}-{}\"", page.updated_ms, page.events.len());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *tag);
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let answer = json!({
        "id": page.id.to_string(),
        "kind": page.kind.key(),
        "unit": page.space.unit.0,
        "created_ms": page.created_ms,
        "updated_ms": page.updated_ms,
        "fields": fields(&page.contents),
        "conflicts": page.contents.conflicts().map(|(key, _)| key).collect::<Vec<_>>(),
    });
    Ok(([(header::ETAG, tag)], Json(answer)).into_response())
}

pub(super) async fn case(Caller(desk): Caller, Path(id): Path<String>) -> Result<Response, ApiProblem> {
    let page = open(&desk, &id).await?;
    if page.events.is_empty() {
        return Err(ApiProblem::NotFound);
    }
    let events: Vec<Value> = page.events.iter().map(event).collect();
    Ok(Json(json!({ "id": page.id.to_string(), "standing": standing(&page.case().row()), "events": events }))
        .into_response())
}

/// The record, if it may be told here.
async fn open(desk: &Desk, id: &str) -> Result<RecordPage, ApiProblem> {
    let page = readable(desk, id).await?;
    if !is_told(page.kind) || page.summary.deleted {
        return Err(ApiProblem::NotFound);
    }
    if page.summary.tags.iter().any(|tag| tag == CONFIDENTIAL) {
        return Err(ApiProblem::Confidential);
    }
    Ok(page)
}

/// The fields that hold something, each in the plainest form that it has.
fn fields(contents: &Contents) -> Map<String, Value> {
    let field = |(key, value): (&&'static str, &FieldValue)| ((*key).to_owned(), plain(value));
    contents.fields.iter().map(field).collect()
}

fn plain(value: &FieldValue) -> Value {
    match value {
        FieldValue::Single { value, .. } => json!(value),
        FieldValue::Prose { text } => json!(text),
        FieldValue::Set { elements } => json!(elements),
        FieldValue::Count { count } => json!(count),
        FieldValue::Flag { on } => json!(on),
        FieldValue::Log { entries } => {
            entries.iter().map(|entry| json!({ "text": entry.text, "time_ms": entry.time_ms })).collect()
        }
        FieldValue::Entries { entries } => {
            Value::Object(entries.iter().map(|(element, entry)| (element.clone(), json!(entry.value))).collect())
        }
    }
}

fn event(event: &Event) -> Value {
    json!({
        "seq": event.seq,
        "received_ms": event.received_ms,
        "by": { "name": event.by.name, "role": event.by.post.role, "unit": event.by.post.unit },
        "act": event.act,
    })
}
