//! Ledgers: rows by kind with the filters of their pages, page by page.

use axum::{
    Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{case::CaseRow, id::RecordId, schema::Kind};
use serde_json::{Value, json};

use super::{
    super::{
        desk::Desk,
        input::{Asked, page_key},
        ledger::{Filter, Rows, withhold},
    },
    caller::Caller,
    problem::ApiProblem,
};
use crate::store::LedgerRow;

/// Rows of one page: without a wish, and at the most.
const ROWS: u32 = 50;
const ROWS_MAX: u32 = 200;

/// How an address comes in: what is too long or too much is a problem for a program too.
pub(super) type Address = Result<Asked, Response>;

pub(super) async fn ledger(caller: Caller, Path(kind): Path<String>, asked: Address) -> Result<Response, ApiProblem> {
    let kind = Kind::from_key(&kind).filter(|kind| is_told(*kind)).ok_or(ApiProblem::NotFound)?;
    of_kind(kind, caller, asked).await
}

/// How a deputy is reached is on pages only.
pub(super) fn is_told(kind: Kind) -> bool {
    kind != Kind::DeputyContact
}

pub(super) async fn of_kind(kind: Kind, Caller(desk): Caller, asked: Address) -> Result<Response, ApiProblem> {
    let Asked(asked) = asked.map_err(|_| ApiProblem::BadAddress(Vec::new()))?;
    // Who is only told how many there are gets that among the figures.
    if !desk.reads(kind) || desk.only_counts(kind) {
        return Err(ApiProblem::NotFound);
    }
    let limit = match asked.get("limit") {
        "" => ROWS,
        typed => typed
            .parse()
            .ok()
            .filter(|limit| (1..=ROWS_MAX).contains(limit))
            .ok_or_else(|| ApiProblem::BadAddress(vec![format!("limit: 1 to {ROWS_MAX}")]))?,
    };
    let filter = Filter::read(&desk, kind, &asked).await?;
    if !filter.problems.is_empty() {
        return Err(ApiProblem::BadAddress(filter.problems));
    }
    let mut rows = Rows::read(&desk, &filter.query, filter.after, limit).await?;
    withhold(&desk, &mut rows.rows);
    let items: Vec<Value> = rows.rows.iter().map(|row| item(&desk, &rows, row)).collect();
    Ok(Json(json!({ "items": items, "next": rows.next.as_ref().map(page_key) })).into_response())
}

fn item(desk: &Desk, rows: &Rows, row: &LedgerRow) -> Value {
    let summary = &row.summary;
    let named = |id: Option<RecordId>| {
        let id = id?;
        Some(json!({ "id": id.to_string(), "name": rows.names.title(desk.words, id) }))
    };
    let person = |person: &String| {
        let id = person.parse::<RecordId>().ok().map(|id| id.to_string());
        json!({ "id": id, "name": rows.names.person(desk.words, person) })
    };
    json!({
        "id": row.id.to_string(),
        "kind": row.kind.key(),
        "title": summary.title,
        "date": summary.date,
        "station": named(summary.station),
        "place": named(summary.place),
        "people": summary.people.iter().map(person).collect::<Vec<_>>(),
        "code": summary.code,
        "status": summary.status,
        "tags": summary.tags,
        "number": summary.number,
        "conflicts": summary.conflicts,
        "updated_ms": row.updated_ms,
        "case": rows.case(row).map(standing),
    })
}

/// Where a case stands.
pub(super) fn standing(case: &CaseRow) -> Value {
    json!({
        "state": case.state,
        "events": case.seq,
        "number": case.number,
        "tier": case.tier,
        "exit": case.exit,
        "lead": case.lead,
        "class": case.class,
        "result": case.result,
        "due": case.next_due().map(|due| due.on.to_string()),
    })
}
