//! A new record, written at a desk.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    id::RecordId,
    record::{Contents, Edit, Value},
    rights::{Space, SpaceKind},
    schema::{Class, Field, Kind, Type},
    sorted::Map,
};

use super::{
    desk::Desk,
    edit_record::{self, FormPage, Typed, Written, refused, to_record},
    form::{self, Filling, Form, Offers, Treat},
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href},
    ledger::Choice,
    problem::Problem,
    record::prefilled,
    session,
    words::today,
};
use crate::hub::{Command, DayKey, Target};

/// The kinds that staff write at a desk.
pub(super) const CREATABLE: [Kind; 23] = [
    Kind::AdminUnit,
    Kind::Station,
    Kind::Deputy,
    Kind::Mandate,
    Kind::Activity,
    Kind::ReceptionDay,
    Kind::Voice,
    Kind::Suggestion,
    Kind::Training,
    Kind::Pairing,
    Kind::GuidanceVisit,
    Kind::Rectification,
    Kind::MechanismPlan,
    Kind::Term,
    Kind::Group,
    Kind::DossierEntry,
    Kind::ChecklistDefinition,
    Kind::ChecklistAnswer,
    Kind::Notice,
    Kind::AppFeedback,
    Kind::CodeEntry,
    Kind::ScoreRule,
    Kind::ScoreBatch,
];

pub(super) async fn page(desk: Desk, Path(kind): Path<String>) -> Result<Response, Problem> {
    let (kind, spaces) = creatable(&desk, &kind)?;
    let offers = Offers::of(&desk, kind).await?;
    Ok(layout::html(&form_page(&desk, kind, &spaces, &offers, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(desk: Desk, Path(kind): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let (kind, spaces) = creatable(&desk, &kind)?;
    let offers = Offers::of(&desk, kind).await?;
    let written = match form::edits(desk.words, &offers, kind, &sent) {
        Ok(edits) => match target(kind, &spaces, &sent, &edits) {
            Ok(target) => edit_record::create(&desk, Command { target, base: None, edits }).await?,
            Err(missing) => refused(&desk, vec![(missing.into(), desk.words.get("edit.required").to_owned())]),
        },
        Err(errors) => refused(&desk, errors),
    };
    match written {
        Written::Done(id) => Ok(to_record(id, "created")),
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, kind, &spaces, &offers, Typed::again(&sent, errors, error)).await?;
            Ok((status, layout::html(&page)?).into_response())
        }
    }
}

/// The field that says where a record of the kind lies, so that nobody is asked for it.
fn placed_by(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ReceptionDay => Some("station"),
        Kind::GuidanceVisit => Some("unit"),
        _ => None,
    }
}

/// Where the record goes. A reception day is found by its station and date, and lies where its
/// station's work does: whoever opens it first, it is one day. What was found in a town lies at the town's desk.
///
/// # Errors
/// With the input that is missing.
fn target(kind: Kind, spaces: &[&Space], sent: &Pairs, edits: &[Edit]) -> Result<Target, &'static str> {
    let put = |field: &str| edits.iter().find_map(|edit| edit.puts_text(field));
    if kind == Kind::ReceptionDay {
        let station: RecordId = put("station").and_then(|station| station.parse().ok()).ok_or("station")?;
        let date = put("date").ok_or("date")?.to_owned();
        let own = |space: &&&Space| RecordId::derived(Kind::Station, &[&space.unit.0]) == station;
        let space = spaces.iter().find(own).ok_or("station")?.id;
        return Ok(Target::ReceptionDay { reception_day: DayKey { station, date }, space });
    }
    let space = match spaces {
        [only] => Some(only.id),
        several if kind == Kind::GuidanceVisit => {
            let unit: RecordId = put("unit").and_then(|unit| unit.parse().ok()).ok_or("unit")?;
            let visited = |space: &&&Space| {
                space.kind == SpaceKind::TownOffice && RecordId::derived(Kind::AdminUnit, &[&space.unit.0]) == unit
            };
            let districts = |space: &&&Space| space.kind == SpaceKind::DistrictOffice;
            several.iter().find(visited).or(several.iter().find(districts)).map(|space| space.id)
        }
        several => several.iter().map(|space| space.id).find(|id| id.0.to_string() == sent.get("space")),
    };
    Ok(Target::New { new: kind, space: space.ok_or("space")? })
}

fn creatable<'a>(desk: &'a Desk, kind: &str) -> Result<(Kind, Vec<&'a Space>), Problem> {
    let kind = Kind::from_key(kind).filter(|kind| CREATABLE.contains(kind)).ok_or(Problem::NotFound)?;
    let spaces = desk.spaces_to_create(kind);
    if spaces.is_empty() { Err(Problem::NotAllowed) } else { Ok((kind, spaces)) }
}

async fn form_page(
    desk: &Desk,
    kind: Kind,
    spaces: &[&Space],
    offers: &Offers,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let contents = beginning(desk, kind).await?;
    let filling = Filling { desk, offers, contents: &contents, sent, errors: &errors, new: true };
    let form = Form::fill(&filling, |field| treat(kind, field)).await?;
    let chosen = sent.map(|sent| sent.get("space").to_owned()).unwrap_or_default();
    let options = spaces.iter().map(|space| {
        let key = space.id.0.to_string();
        Choice { chosen: key == chosen, label: space.name.clone(), key }
    });
    let mut options: Vec<Choice> =
        if spaces.len() > 1 && placed_by(kind).is_none() { options.collect() } else { Vec::new() };
    options.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(FormPage {
        page: Page::new(
            desk,
            words.fill("form.new_title", &[("kind", words.kind(kind))]),
            &ledger_href(kind),
            &Pairs::default(),
        ),
        purpose: "new",
        action: format!("/console/new/{}", kind.key()),
        cancel: ledger_href(kind),
        submit: words.get("form.create"),
        intro: words.get("form.new_intro"),
        error,
        findings: Vec::new(),
        source: None,
        heads: Vec::new(),
        spaces: options,
        form,
        people: offers.people(),
    })
}

/// Today, where the kind has a date, and the session where it is raised in one.
async fn beginning(desk: &Desk, kind: Kind) -> Result<Contents, Problem> {
    let mut fields = Map::new();
    if kind.schema().field("date").is_some() {
        fields.insert("date", prefilled(Value::Text(today(desk.now_ms()))));
    }
    if kind == Kind::Suggestion {
        session::prefill(desk, &mut fields).await?;
    }
    Ok(Contents { kind, fields, unknown: Map::new() })
}

/// A record written at a desk has no deputy as its author; where it lies says its station, except
/// for reception days, which are found by it.
pub(super) fn treat(kind: Kind, field: &Field) -> Treat {
    let by_place = field.key == "station" && placed_by(kind) != Some("station");
    // What is done about feedback, and which app it came from, is not for who gives it to say.
    let not_asked = kind == Kind::AppFeedback && matches!(field.key, "state" | "app_version");
    let later = matches!(field.class, Class::Log) || field.key == "deleted" || field.retired || not_asked;
    let mandate = field.key == "author" && matches!(field.ty, Type::Ref { .. });
    if by_place || later || mandate || !form::can_ask(field) { Treat::Leave } else { Treat::Ask }
}
