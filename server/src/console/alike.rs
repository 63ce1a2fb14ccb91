//! 疑似重复: what may be the same thing, entered twice, is shown beside a record, and two drafts can be made one.

use axum::{extract::Path, http::StatusCode, response::Response};
use lianxin_shared::{
    alike::{self, MATTER_DAYS_MAX},
    blob,
    case::Date,
    id::RecordId,
    record::Edit,
    rights::{self, Access, Stage},
    schema::Kind,
};

use super::{
    desk::Desk,
    directory,
    edit_record::{Written, to_record, write},
    input::Sent,
    layout::record_href,
    names::readable_title,
    problem::Problem,
    record::{self, readable, target},
};
use crate::{
    hub::{Command, RecordPage, Target},
    store::{LedgerQuery, LedgerRow},
};

/// Records that are compared: those nearest in a ledger.
const COMPARED_MAX: u32 = 40;

/// A record that may be the same.
pub(super) struct Alike {
    pub id: String,
    pub href: String,
    pub date: String,
    pub title: String,
    /// Both are drafts that this person may write: it can be taken over into the one that is shown.
    pub may_join: bool,
}

/// What may be the same as a record, as far as this person may read it.
pub(super) async fn shown(desk: &Desk, record: &RecordPage) -> Result<Vec<Alike>, Problem> {
    let Some(query) = nearest(desk, record) else { return Ok(Vec::new()) };
    let rows = desk.store().ledger(&query, None, COMPARED_MAX).await?;
    let rows: Vec<LedgerRow> = rows.into_iter().filter(|row| row.id != record.id).collect();
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let contents = desk.hub().contents(desk.person(), &ids).await?;
    let is_alike = |row: &&LedgerRow| contents.get(&row.id).is_some_and(|other| alike::alike(&record.contents, other));
    let mut found = Vec::new();
    let joins = record.kind == Kind::Activity && is_open_draft(desk, record);
    for row in rows.iter().filter(is_alike) {
        found.push(Alike {
            id: row.id.to_string(),
            href: record_href(row.id),
            date: desk.words.day(&row.summary.date),
            title: readable_title(desk.words, record.kind, &row.summary.title),
            may_join: joins && is_open_draft(desk, &readable(desk, &row.id.to_string()).await?),
        });
    }
    Ok(found)
}

/// Takes another draft over into this one. The other is hidden, and can be brought back like any that was deleted.
pub(super) async fn join(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let into = readable(&desk, &id).await?;
    let other = readable(&desk, sent.get("other")).await?;
    let drafts = is_open_draft(&desk, &into) && is_open_draft(&desk, &other);
    if !drafts || into.id == other.id || !alike::alike(&into.contents, &other.contents) {
        let error = desk.words.get("alike.gone").to_owned();
        return record::again(&desk, into, StatusCode::CONFLICT, error).await;
    }
    let heading = heading(&desk, &other);
    // Its files belong to it: they are here before anything names them here.
    let files: Vec<_> = blob::named(&other.contents).into_iter().collect();
    desk.state.blobs.copy(desk.hub(), other.id, into.id, &files).await?;
    let edits = alike::joined(&into.contents, &other.contents, &heading);
    let hidden = vec![Edit::put("deleted", true)];
    for (record, seen, edits) in [(into.id, into.heads.clone(), edits), (other.id, other.heads, hidden)] {
        let command = Command { target: Target::Existing { record }, base: Some(seen), edits };
        if let Written::Refused { status, error, .. } = write(&desk, command).await {
            return record::again(&desk, into, status, error).await;
        }
    }
    Ok(to_record(into.id, "joined"))
}

/// Who wrote the other, over what is taken over of its texts.
fn heading(desk: &Desk, other: &RecordPage) -> String {
    let author = other.history.first().and_then(|line| line.author.as_ref());
    let name = author.map_or_else(|| desk.words.get("unknown_person").to_owned(), |author| author.name.clone());
    desk.words.fill("alike.heading", &[("name", &name)])
}

fn is_open_draft(desk: &Desk, record: &RecordPage) -> bool {
    record.access == Access::Write
        && !record.summary.deleted
        && Stage::of_state(record.case().state()) == Stage::Draft
        && rights::may_change(desk.person(), target(record), &[]).is_ok()
}

/// The ledger in which something alike would stand; `None` for kinds and records of which that cannot be said.
fn nearest(desk: &Desk, record: &RecordPage) -> Option<LedgerQuery> {
    let summary = &record.summary;
    let date: Date = summary.date.parse().ok()?;
    let days = match record.kind {
        Kind::Activity => 0,
        Kind::Voice | Kind::Suggestion => MATTER_DAYS_MAX,
        _ => return None,
    };
    let place = match record.kind {
        Kind::Suggestion => None,
        _ => Some(summary.place?),
    };
    let code = (record.kind != Kind::Activity).then(|| summary.code.clone());
    Some(LedgerQuery {
        place,
        code: code.filter(|code| !code.is_empty()),
        from: Some(date.plus_days(-days).to_string()),
        to: Some(date.plus_days(days).to_string()),
        ..directory::everything(desk, record.kind)
    })
}
