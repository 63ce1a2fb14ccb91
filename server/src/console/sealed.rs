//! A villager's sealed details: a voice's page says that there are some; they are opened with a stated
//! reason, and deleted at the villager's request with a receipt.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::SealedId,
    schema::Kind,
    sealed::{Basis, Contents, Open, Sensitive},
};

use super::{
    desk::Desk,
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    problem::Problem,
    record::readable,
    words::Words,
};
use crate::hub::{Opened, RecordPage, SealedMark, SealedProblem};

/// That there is something, and what this person may do about it.
pub(super) struct Shown {
    pub id: String,
    pub written: String,
    pub until: String,
    pub deleted: Option<String>,
    pub needs_approval: bool,
    pub may_delete: bool,
    pub pending: Vec<PendingShown>,
}

pub(super) struct PendingShown {
    pub opening: u64,
    pub line: String,
    pub reason: String,
    pub may_approve: bool,
    pub may_open: bool,
}

#[derive(Template)]
#[template(path = "sealed.html")]
struct SealedPage {
    page: Page,
    back: String,
    /// Name and value, in the order of the form.
    fields: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "sealed_receipt.html")]
struct ReceiptPage {
    page: Page,
    back: String,
    number: String,
    at: String,
}

/// What a voice's page shows of sealed records; nothing for who may not open them.
pub(super) async fn shown(desk: &Desk, record: &RecordPage) -> Result<Vec<Shown>, Problem> {
    if record.kind != Kind::Voice {
        return Ok(Vec::new());
    }
    let marks = desk.hub().sealed_marks(desk.person(), &record.space, record.id, desk.now_ms()).await?;
    Ok(marks.iter().map(|mark| show(desk.words, mark)).collect())
}

fn show(words: Words, mark: &SealedMark) -> Shown {
    let deleted = mark.deleted.map(|deletion| {
        let why = words.of_key(deletion.why.text_key());
        format!("{why} {}", words.moment(deletion.at_ms))
    });
    let pending = mark.pending.iter().map(|pending| PendingShown {
        opening: pending.opening,
        line: format!("{} {}", pending.by, words.moment(pending.asked_ms)),
        reason: pending.reason.clone(),
        may_approve: !pending.own && !pending.approved,
        may_open: pending.own && pending.approved,
    });
    Shown {
        id: mark.id.to_string(),
        written: words.moment(mark.written_ms),
        until: words.moment(mark.expires_ms),
        needs_approval: mark.open == Open::WithApproval,
        may_delete: mark.may_delete,
        pending: if deleted.is_some() { Vec::new() } else { pending.collect() },
        deleted,
    }
}

/// Opens one. A form that is sent, never an address: nothing of it can be linked, reloaded or kept.
pub(super) async fn open(
    desk: Desk,
    Path((voice, id)): Path<(String, String)>,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let (record, id) = named(&desk, &voice, &id).await?;
    let who = (&desk.staff.device, desk.person());
    match desk.hub().open_sealed(who, &record.space, id, sent.get("reason"), desk.now_ms()).await {
        Ok(Opened::Contents(contents)) => {
            let page = SealedPage {
                page: page(&desk, "sealed.title"),
                back: record_href(record.id),
                fields: fields(desk.words, &contents),
            };
            Ok(layout::html(&page)?.into_response())
        }
        Ok(Opened::Asked) => Ok(Redirect::to(&format!("{}?done=sealed_asked", record_href(record.id))).into_response()),
        Err(problem) => refused(&desk, record, problem).await,
    }
}

pub(super) async fn approve(
    desk: Desk,
    Path((voice, id)): Path<(String, String)>,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let (record, id) = named(&desk, &voice, &id).await?;
    let opening = sent.get("opening").parse().map_err(|_| Problem::BadForm)?;
    let who = (&desk.staff.device, desk.person());
    match desk.hub().approve_sealed(who, &record.space, id, opening, desk.now_ms()).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?done=sealed_approved", record_href(record.id))).into_response()),
        Err(problem) => refused(&desk, record, problem).await,
    }
}

/// Deletes one; the page is the receipt that the villager takes along.
pub(super) async fn delete(
    desk: Desk,
    Path((voice, id)): Path<(String, String)>,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let (record, id) = named(&desk, &voice, &id).await?;
    let who = (&desk.staff.device, desk.person());
    match desk.hub().delete_sealed(who, &record.space, id, sent.get("reason"), desk.now_ms()).await {
        Ok(number) => {
            let page = ReceiptPage {
                page: page(&desk, "sealed.receipt.title"),
                back: record_href(record.id),
                number: format!("{number:06}"),
                at: desk.words.moment(desk.now_ms()),
            };
            Ok(layout::html(&page)?.into_response())
        }
        Err(problem) => refused(&desk, record, problem).await,
    }
}

fn page(desk: &Desk, title: &'static str) -> Page {
    Page::new(desk, desk.words.get(title), &ledger_href(Kind::Voice), &Pairs::default())
}

async fn named(desk: &Desk, voice: &str, id: &str) -> Result<(RecordPage, SealedId), Problem> {
    let record = readable(desk, voice).await?;
    Ok((record, id.parse().map_err(|_| Problem::NotFound)?))
}

/// The voice's page again, with what is wrong.
async fn refused(desk: &Desk, record: RecordPage, problem: SealedProblem) -> Result<Response, Problem> {
    let error = match problem {
        SealedProblem::NotFound => return Err(Problem::NotFound),
        SealedProblem::Failed(error) => return Err(error.into()),
        SealedProblem::Deleted(deletion) => desk.words.of_key(deletion.why.text_key()),
        SealedProblem::Invalid(invalid) => desk.words.of_key(invalid.why.text_key()),
    };
    super::record::again(desk, record, StatusCode::UNPROCESSABLE_ENTITY, error).await
}

fn fields(words: Words, contents: &Contents) -> Vec<(&'static str, String)> {
    let basis = words.get(match contents.basis {
        Basis::Duty => "sealed.basis.duty",
        Basis::Consent => "sealed.basis.consent",
    });
    let sensitive: Vec<&str> = contents.sensitive.iter().map(|kind| sensitive(words, *kind)).collect();
    let notice = format!("{} {}", words.moment(contents.noticed_ms), contents.notice_version);
    let fields = [
        ("sealed.field.alias", contents.alias.clone()),
        ("sealed.field.name", contents.name.clone()),
        ("sealed.field.phone", contents.phone.clone()),
        ("sealed.field.address", contents.address.clone()),
        ("sealed.field.note", contents.note.clone()),
        ("sealed.field.sensitive", sensitive.join("、")),
        ("sealed.field.basis", basis.to_owned()),
        ("sealed.field.notice", notice),
        ("sealed.field.consent_by", contents.consent_by.clone()),
    ];
    let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(key, value)| (words.get(key), value)).collect()
}

fn sensitive(words: Words, kind: Sensitive) -> &'static str {
    words.get(match kind {
        Sensitive::Health => "sealed.sensitive.health",
        Sensitive::Status => "sealed.sensitive.status",
        Sensitive::Minor => "sealed.sensitive.minor",
    })
}
