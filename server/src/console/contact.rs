//! How a deputy is reached (代表联系方式, E3): shown on the deputy's page, and entered from there.
//!
//! The record lies at a desk, so that no phone has it. The staff of a deputy's own station is told it here and nowhere
//! else: their station's space is also the other deputies'.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::{Contents, Edit},
    rights::Role,
    schema::Kind,
    sorted::Map,
};

use super::{
    desk::Desk,
    directory::everything,
    edit_record::{FormPage, Typed, Written, create_with, to_record},
    form::{Filling, Form, Offers, Treat},
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    problem::Problem,
    record,
};
use crate::{
    hub::{RecordPage, contents_of},
    store::LedgerQuery,
};

/// What a deputy's page says of it.
pub(super) struct Contact {
    /// Empty while nothing is known.
    pub lines: Vec<(&'static str, String)>,
    /// Where it is entered or changed, for those who may.
    pub change: Option<String>,
}

/// On the page of a deputy or of a mandate; `None` on others, and for those whom it does not concern.
pub(super) async fn shown(desk: &Desk, page: &RecordPage) -> Result<Option<Contact>, Problem> {
    let Some(deputy) = deputy_of(page) else { return Ok(None) };
    let id = contact_of(deputy);
    let stored = desk.store().record(id).await?;
    let home = home(desk, page);
    let Some(stored) = stored else {
        let change = home.map(|_| format!("{}/contact", record_href(page.id)));
        return Ok(change.map(|change| Contact { lines: Vec::new(), change: Some(change) }));
    };
    let at_desk =
        desk.may_read(stored.space, stored.kind) && (desk.has_role(Role::Town) || desk.has_role(Role::District));
    if !at_desk && !is_of_own_station(desk, deputy).await? {
        return Ok(None);
    }
    let contents = contents_of(&stored, id).ok_or(Problem::Broken)?;
    let change = (at_desk && home.is_some()).then(|| format!("{}/edit", record_href(id)));
    Ok(Some(Contact { lines: lines(desk, &contents), change }))
}

fn lines(desk: &Desk, contents: &Contents) -> Vec<(&'static str, String)> {
    let told = contents.kind.schema().fields.iter().filter(|field| field.key != "deputy");
    let told = told.map(|field| (desk.words.label(field.label), contents.text(field.key).to_owned()));
    told.filter(|(_, text)| !text.is_empty()).collect()
}

/// The deputy that a record is, or is a mandate of.
fn deputy_of(page: &RecordPage) -> Option<RecordId> {
    match page.kind {
        Kind::Deputy => Some(page.id),
        Kind::Mandate => page.contents.reference("deputy"),
        _ => None,
    }
}

fn contact_of(deputy: RecordId) -> RecordId {
    RecordId::derived(Kind::DeputyContact, &[&deputy.to_string()])
}

/// The desk of the town, or of the district, where the deputy's records lie, if the person may enter it there.
fn home(desk: &Desk, page: &RecordPage) -> Option<SpaceId> {
    let desks = desk.spaces_to_create(Kind::DeputyContact);
    desks.into_iter().find(|space| space.unit == page.space.unit).map(|space| space.id)
}

/// Whether the deputy holds a mandate now at a station whose staff this person is.
async fn is_of_own_station(desk: &Desk, deputy: RecordId) -> Result<bool, Problem> {
    let own = desk.person().posts.iter().filter(|post| post.role == Role::Station);
    for station in own.map(|post| RecordId::derived(Kind::Station, &[&post.unit.0])) {
        let query = LedgerQuery {
            person: Some(deputy.to_string()),
            station: Some(station),
            status: Some("active".into()),
            ..everything(desk, Kind::Mandate)
        };
        if desk.store().count(&query).await?.records > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let (page, deputy, _) = reachable(&desk, &id).await?;
    let contact = contact_of(deputy);
    if desk.store().record(contact).await?.is_some_and(|stored| desk.may_read(stored.space, stored.kind)) {
        return Ok(axum::response::Redirect::to(&format!("{}/edit", record_href(contact))).into_response());
    }
    let offers = Offers::of(&desk, Kind::DeputyContact).await?;
    Ok(layout::html(&form_page(&desk, &page, &offers, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let (page, deputy, space) = reachable(&desk, &id).await?;
    let offers = Offers::of(&desk, Kind::DeputyContact).await?;
    let known = vec![Edit::put("deputy", deputy)];
    match create_with(&desk, (Kind::DeputyContact, space), known, (&offers, &sent)).await? {
        Written::Done(_) => Ok(to_record(page.id, "saved")),
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, &page, &offers, Typed::again(&sent, errors, error)).await?;
            Ok((status, layout::html(&page)?).into_response())
        }
    }
}

/// The deputy's page, and the desk at which the person may enter it.
async fn reachable(desk: &Desk, id: &str) -> Result<(RecordPage, RecordId, SpaceId), Problem> {
    let page = record::readable(desk, id).await?;
    let deputy = deputy_of(&page).ok_or(Problem::NotFound)?;
    let home = home(desk, &page).ok_or(Problem::NotAllowed)?;
    Ok((page, deputy, home))
}

async fn form_page(
    desk: &Desk,
    page: &RecordPage,
    offers: &Offers,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let contents = Contents { kind: Kind::DeputyContact, fields: Map::new(), unknown: Map::new() };
    let filling = Filling { desk, offers, contents: &contents, sent, errors: &errors, new: true };
    let form = Form::fill(&filling, |field| if field.key == "deputy" { Treat::Leave } else { Treat::Ask }).await?;
    let title = words.fill("contact.of", &[("name", page.contents.text("name"))]);
    Ok(FormPage {
        page: Page::new(desk, title, &ledger_href(Kind::Mandate), &Pairs::default()),
        purpose: "contact",
        action: format!("{}/contact", record_href(page.id)),
        cancel: record_href(page.id),
        submit: words.get("form.save"),
        intro: words.get("form.new_intro"),
        error,
        findings: Vec::new(),
        source: None,
        heads: Vec::new(),
        spaces: Vec::new(),
        form,
        people: Vec::new(),
    })
}
