//! 再次反映: a matter that was struck off is not opened again. What the villager says now is a record of its own, which
//! names the one before (DOMAIN §6.4 a).

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    case::{Case, Machine, voice::State},
    record::{Contents, Edit, FieldValue, Value},
    rights,
    schema::{Field, Kind, Type},
    sorted::Map,
};

use super::{
    desk::Desk,
    edit_record::{FormPage, Typed, Written, create_with, to_record},
    form::{self, Filling, Form, Offers, Treat},
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    problem::Problem,
    record::{self, prefilled},
    to_suggestion::source,
    words::today,
};
use crate::hub::RecordPage;

/// Whether the person may take down that a voice is raised again.
pub(super) fn is_offered(desk: &Desk, voice: &RecordPage) -> bool {
    let closed =
        matches!(&Case::of(voice.kind, &voice.events).machine, Machine::Voice(it) if it.state == State::Closed);
    let target = rights::Target::new(Kind::Voice, &voice.space);
    closed && rights::may_change(desk.person(), target, &[]).is_ok()
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let voice = closed(&desk, &id).await?;
    let offers = Offers::of(&desk, Kind::Voice).await?;
    Ok(layout::html(&form_page(&desk, &voice, &offers, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let voice = closed(&desk, &id).await?;
    let offers = Offers::of(&desk, Kind::Voice).await?;
    let known = vec![Edit::put("repeats", voice.id)];
    match create_with(&desk, (Kind::Voice, voice.space.id), known, (&offers, &sent)).await? {
        Written::Done(again) => Ok(to_record(again, "created")),
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, &voice, &offers, Typed::again(&sent, errors, error)).await?;
            Ok((status, layout::html(&page)?).into_response())
        }
    }
}

async fn closed(desk: &Desk, id: &str) -> Result<RecordPage, Problem> {
    let voice = record::readable(desk, id).await?;
    if is_offered(desk, &voice) { Ok(voice) } else { Err(Problem::NotFound) }
}

async fn form_page(
    desk: &Desk,
    voice: &RecordPage,
    offers: &Offers,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let contents = prefill(voice, today(desk.now_ms()));
    let filling = Filling { desk, offers, contents: &contents, sent, errors: &errors, new: true };
    Ok(FormPage {
        page: Page::new(desk, words.get("again.title"), &ledger_href(Kind::Voice), &Pairs::default()),
        purpose: "again",
        action: format!("{}/again", record_href(voice.id)),
        cancel: record_href(voice.id),
        submit: words.get("form.create"),
        intro: words.get("again.intro"),
        error,
        findings: Vec::new(),
        source: Some(source(desk, voice).await?),
        heads: Vec::new(),
        spaces: Vec::new(),
        form: Form::fill(&filling, treat).await?,
        people: offers.people(),
    })
}

fn treat(field: &Field) -> Treat {
    let by_place = matches!(field.key, "author" | "station" | "deleted" | "follow_ups");
    let links = matches!(field.ty, Type::Ref { kind: Kind::Voice | Kind::Suggestion });
    if by_place || links || !form::can_ask(field) { Treat::Leave } else { Treat::Ask }
}

/// Where the matter lies and what it is about. What was said then stands beside the form, and is not said again.
fn prefill(voice: &RecordPage, today: String) -> Contents {
    let mut fields: Map<&'static str, FieldValue> = Map::new();
    for key in ["village", "group", "category", "channel"] {
        let said = voice.contents.text(key);
        if !said.is_empty() {
            fields.insert(key, prefilled(Value::Text(said.to_owned())));
        }
    }
    fields.insert("date", prefilled(Value::Text(today)));
    Contents { kind: Kind::Voice, fields, unknown: Map::new() }
}
