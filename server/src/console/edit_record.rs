//! Editing a record's fields.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::Edit,
    rights::{self, Access},
    schema::{Class, Field, Kind},
};

use super::{
    desk::Desk,
    form::{self, Errors, Filling, Form, Offers, Treat, Widget},
    input::{Asked, Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    ledger::Choice,
    names::Names,
    problem::Problem,
    record,
    values::{Shown, references},
};
use crate::hub::{Command, EditFailure, RecordPage, Target};

/// A page with a form for a record: one that is there, or a new one.
#[derive(Template)]
#[template(path = "form.html")]
pub(super) struct FormPage {
    pub page: Page,
    /// `edit`, `new`, `again`, `contact`, `attachment` or `suggestion`.
    pub purpose: &'static str,
    pub action: String,
    pub cancel: String,
    pub submit: &'static str,
    pub intro: &'static str,
    pub error: Option<String>,
    /// What the record lacks or what looks wrong in it, as it is stored.
    pub findings: Vec<(&'static str, String)>,
    /// What the form is made from, shown beside it.
    pub source: Option<Source>,
    pub heads: Vec<String>,
    /// Where a new record may be put, if there is a choice.
    pub spaces: Vec<Choice>,
    pub form: Form,
    pub people: Vec<String>,
}

/// The record that a form is prefilled from.
pub(super) struct Source {
    pub title: String,
    pub href: String,
    pub lines: Vec<(&'static str, Vec<Shown>)>,
    pub confidential: bool,
}

/// What a form is shown with: nothing at first, and then all that was typed and why it was not taken.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub sent: Option<&'a Pairs>,
    pub errors: Errors,
    pub error: Option<String>,
}

impl<'a> Typed<'a> {
    pub(super) fn again(sent: &'a Pairs, errors: Errors, error: String) -> Self {
        Self { sent: Some(sent), errors, error: Some(error) }
    }
}

/// What came of writing a form's edits.
pub(super) enum Written {
    Done(RecordId),
    /// Not written: what to say, field by field and of the whole; the form is shown again with all
    /// that was typed.
    Refused {
        status: StatusCode,
        errors: Errors,
        error: String,
    },
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let record = editable(&desk, &id).await?;
    let offers = Offers::of(&desk, record.kind).await?;
    Ok(layout::html(&form_page(&desk, &record, &offers, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(
    desk: Desk,
    Path(id): Path<String>,
    Asked(_): Asked,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let record = editable(&desk, &id).await?;
    let offers = Offers::of(&desk, record.kind).await?;
    let edits = match form::edits(desk.words, &offers, record.kind, &sent) {
        Ok(edits) if edits.is_empty() => return Ok(to_record(record.id, "unchanged")),
        Ok(edits) => Ok(edits),
        Err(errors) => Err(refused(&desk, errors)),
    };
    let written = match edits {
        Ok(edits) => {
            let target = Target::Existing { record: record.id };
            write(&desk, Command { target, base: Some(record::heads(&sent)), edits }).await
        }
        Err(refused) => refused,
    };
    match written {
        Written::Done(id) => Ok(to_record(id, "saved")),
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, &record, &offers, Typed::again(&sent, errors, error)).await?;
            Ok((status, layout::html(&page)?).into_response())
        }
    }
}

/// Writes a form's edits, as the person.
pub(super) async fn write(desk: &Desk, command: Command) -> Written {
    let written = desk.hub().edit(&desk.staff.device, desk.person(), command, desk.now_ms()).await;
    let (status, field, key) = match written {
        Ok(id) => return Written::Done(id),
        Err(EditFailure::Problem(problem)) => {
            tracing::info!(%problem, "a form was refused");
            (StatusCode::UNPROCESSABLE_ENTITY, problem.field().map(str::to_owned), problem.text_key())
        }
        Err(EditFailure::Failed(error)) => {
            tracing::error!(%error, "a form could not be written");
            (StatusCode::SERVICE_UNAVAILABLE, None, "edit.failed".to_owned())
        }
    };
    let said = desk.words.of_key(&key);
    match field {
        Some(field) => {
            let error = desk.words.get("form.errors").to_owned();
            Written::Refused { status, errors: vec![(field, said)], error }
        }
        None => Written::Refused { status, errors: Vec::new(), error: said },
    }
}

/// Writes a new record as the person, unless it is there already: then it is changed on its own page, where one sees what it holds.
pub(super) async fn create(desk: &Desk, command: Command) -> Result<Written, Problem> {
    if let (Target::New { .. }, Some(id)) = (&command.target, command.record())
        && desk.store().record(id).await?.is_some_and(|record| desk.may_read(record.space, record.kind))
    {
        let error = desk.words.get("form.exists").to_owned();
        return Ok(Written::Refused { status: StatusCode::CONFLICT, errors: Errors::new(), error });
    }
    Ok(write(desk, command).await)
}

/// Writes a new record in its place of what is `known` of it and of what was typed.
pub(super) async fn create_with(
    desk: &Desk,
    (kind, space): (Kind, SpaceId),
    known: Vec<Edit>,
    (offers, sent): (&Offers, &Pairs),
) -> Result<Written, Problem> {
    match form::edits(desk.words, offers, kind, sent) {
        Ok(typed) => {
            let target = Target::New { new: kind, space };
            create(desk, Command { target, base: None, edits: [known, typed].concat() }).await
        }
        Err(errors) => Ok(refused(desk, errors)),
    }
}

/// What is said of a form whose values cannot be understood.
pub(super) fn refused(desk: &Desk, errors: Errors) -> Written {
    let error = desk.words.get("form.errors").to_owned();
    Written::Refused { status: StatusCode::UNPROCESSABLE_ENTITY, errors, error }
}

pub(super) fn to_record(id: RecordId, done: &str) -> Response {
    Redirect::to(&format!("{}?done={done}", record_href(id))).into_response()
}

async fn editable(desk: &Desk, id: &str) -> Result<RecordPage, Problem> {
    let record = record::readable(desk, id).await?;
    let may = record.access == Access::Write
        && rights::may_change(desk.person(), record::target(&record), &[] as &[_]).is_ok();
    if may { Ok(record) } else { Err(Problem::NotAllowed) }
}

async fn form_page(
    desk: &Desk,
    record: &RecordPage,
    offers: &Offers,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let filling = Filling { desk, offers, contents: &record.contents, sent, errors: &errors, new: false };
    let form = Form::fill(&filling, |field| treat(desk, record, field)).await?;
    let names = Names::of(desk, references(&record.contents, std::iter::empty())).await?;
    let title = words.fill("form.edit_title", &[("title", &record::title(words, record, &names))]);
    let heads = match sent {
        Some(sent) => sent.all(record::SEEN_HEAD).map(Into::into).collect(),
        None => record.heads.iter().map(ToString::to_string).collect(),
    };
    Ok(FormPage {
        page: Page::new(desk, title, &ledger_href(record.kind), &Pairs::default()),
        purpose: "edit",
        action: format!("{}/edit", record_href(record.id)),
        cancel: record_href(record.id),
        submit: words.get("form.save"),
        intro: words.get("form.edit_intro"),
        error,
        findings: record::findings(desk, record).await?,
        source: None,
        heads,
        spaces: Vec::new(),
        form,
        people: offers.people(),
    })
}

fn treat(desk: &Desk, record: &RecordPage, field: &Field) -> Treat {
    let may = form::can_ask(field) && desk.may_write(record::target(record), field);
    match field.class {
        Class::Once => Treat::Show,
        _ if may => Treat::Ask,
        _ => Treat::Show,
    }
}
