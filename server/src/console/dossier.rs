//! A deputy's dossier (履职档案, DOMAIN §1.6): one mandate, one year, in its sections, as a page that
//! prints on A4. What was verified counts; what was not is shown beside it. No scores, no ranking.
//!
//! The sheet carries a code made of all that it counts. Whoever holds the paper can open the check and
//! see whether the ledger still says the same.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    case::{Act as CaseAct, CaseRow, Event},
    id::RecordId,
    schema::{CodeList, Kind},
};
use sha2::{Digest, Sha256};

use super::{
    desk::Desk,
    directory::everything,
    input::Asked,
    layout::{self, Page, ledger_href, record_href},
    names::{Names, readable_title},
    official,
    overview::{Asking, year_of},
    problem::Problem,
    record,
    values::show_text,
    words::{Words, number},
};
use crate::{
    hub::RecordPage,
    store::{LedgerQuery, LedgerRow},
};

/// Records of one kind that one dossier holds: more than one a day.
const RECORDS_MAX: u32 = 400;
/// Digits of the code on the sheet.
const CODE_DIGITS: usize = 12;
const VERIFIED: &str = "verified";

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage {
    page: Page,
    mandate: String,
    year: i64,
    basics: Vec<(String, String)>,
    sections: Vec<Section>,
    contests: Vec<String>,
    code: String,
    check: String,
    /// What came of checking a code against the ledger.
    checked: Option<(bool, String)>,
}

struct Section {
    key: String,
    label: String,
    count: String,
    rows: Vec<Row>,
}

struct Row {
    date: String,
    title: String,
    href: String,
    what: String,
    state: String,
    counts: bool,
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>, Asked(asked): Asked) -> Result<Response, Problem> {
    let mandate = record::readable(&desk, &id).await?;
    if mandate.kind != Kind::Mandate {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let (asking, _) = Asking::read(&desk, &asked);
    let (sections, code) = sections(&desk, mandate.id, asking.year).await?;
    let names = Names::of(&desk, mandate.contents.reference("station")).await?;
    let name = mandate.contents.text("name").to_owned();
    let path = format!("/console/dossier/{}?year={}", mandate.id, asking.year);
    let checked = match asked.get("code") {
        "" => None,
        typed if typed.replace(' ', "") == code.replace(' ', "") => Some((true, words.get("dossier.same").to_owned())),
        _ => Some((false, words.get("dossier.differs").to_owned())),
    };
    let title = words.fill("dossier.title", &[("name", &name), ("year", &asking.year.to_string())]);
    let page = DossierPage {
        page: Page::new(&desk, title, &ledger_href(Kind::Mandate), &asked),
        basics: basics(words, &names, &mandate),
        contests: mandate.events.iter().filter_map(|event| contested(words, event)).collect(),
        mandate: mandate.id.to_string(),
        year: asking.year,
        sections,
        code,
        check: path,
        checked,
    };
    Ok(layout::html(&page)?.into_response())
}

fn basics(words: Words, names: &Names, mandate: &RecordPage) -> Vec<(String, String)> {
    let fields = ["name", "level", "term", "constituency", "station", "start", "end", "status"];
    let fields = fields.iter().filter_map(|key| Kind::Mandate.schema().field(key));
    fields
        .filter(|field| !mandate.contents.text(field.key).is_empty() || mandate.contents.reference(field.key).is_some())
        .map(|field| {
            let text = match mandate.contents.reference(field.key) {
                Some(id) => names.title(words, id).unwrap_or_default(),
                None => show_text(words, names, Some(field), mandate.contents.text(field.key)).text,
            };
            (words.label(field.label).to_owned(), text)
        })
        .collect()
}

/// The sections with what the deputy took part in, and the code of all that counts.
async fn sections(desk: &Desk, mandate: RecordId, year: i64) -> Result<(Vec<Section>, String), Problem> {
    let words = desk.words;
    let mut by_section: HashMap<&'static str, Vec<Row>> = HashMap::new();
    let mut hasher = Sha256::new().chain_update(b"lianxin/dossier/1").chain_update(mandate.0);
    hasher.update(year.to_be_bytes());
    let (from, to) = year_of(year);
    let kinds =
        [Kind::Activity, Kind::ReceptionDay, Kind::Training, Kind::Suggestion, Kind::DutyReport, Kind::DossierEntry];
    for kind in kinds.into_iter().filter(|kind| desk.reads(*kind)) {
        let query = LedgerQuery {
            person: Some(mandate.to_string()),
            from: Some(from.clone()),
            to: Some(to.clone()),
            ..everything(desk, kind)
        };
        let rows = desk.store().ledger(&query, None, RECORDS_MAX).await?;
        let cases = desk.store().case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        for row in &rows {
            let case = cases.get(&row.id);
            hasher.update(row.id.0);
            hasher.update(row.summary.date.as_bytes());
            hasher.update(case.map(|case| case.state.as_str()).unwrap_or_default().as_bytes());
            by_section.entry(section_of(row)).or_default().push(shown(words, row, case));
        }
    }
    let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let code = digest[..CODE_DIGITS].as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let sections = CodeList::find("dossier_section").map(|list| list.codes).unwrap_or_default();
    let sections = sections.iter().filter(|section| section.key != "basics").map(|section| {
        let mut rows = by_section.remove(section.key).unwrap_or_default();
        rows.sort_by(|a, b| a.date.cmp(&b.date));
        let verified = rows.iter().filter(|row| row.counts).count();
        let values = [("n", number(rows.len() as i64)), ("verified", number(verified as i64))];
        let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
        Section {
            key: section.key.to_owned(),
            label: words.label(section.label).to_owned(),
            count: words.fill("dossier.count", &values),
            rows: rows.into_iter().map(|row| Row { date: words.day(&row.date), ..row }).collect(),
        }
    });
    Ok((sections.collect(), code))
}

/// In which section a record stands (八个方面).
fn section_of(row: &LedgerRow) -> &'static str {
    match (row.kind, row.summary.code.as_str()) {
        (Kind::Training, _) | (Kind::Activity, "training") => "training",
        (Kind::Suggestion, _) => "suggestions",
        (Kind::DutyReport, _) | (Kind::Activity, "duty_report") => "report",
        (Kind::Activity, "inspection" | "survey" | "law_check" | "appraisal" | "inquiry" | "supervision") => {
            "inspections"
        }
        (Kind::Activity, "sit_in") => "meetings",
        (Kind::DossierEntry, code) => {
            let known = CodeList::find("dossier_section").map(|list| list.codes).unwrap_or_default();
            known.iter().map(|section| section.key).find(|key| *key == code && *key != "basics").unwrap_or("honours")
        }
        // Among them reception days and visits: how a deputy keeps in touch between sessions.
        _ => "group",
    }
}

fn shown(words: Words, row: &LedgerRow, case: Option<&CaseRow>) -> Row {
    let field = match row.kind {
        Kind::Activity => Kind::Activity.schema().field("kind"),
        Kind::Suggestion => Kind::Suggestion.schema().field("category"),
        _ => None,
    };
    let state = |case: &CaseRow| official::state(words, row.kind, &case.state);
    Row {
        date: row.summary.date.clone(),
        title: readable_title(words, row.kind, &row.summary.title),
        href: record_href(row.id),
        what: field.map_or_else(|| words.kind(row.kind).to_owned(), |field| words.code_of(field, &row.summary.code)),
        state: case.map(state).unwrap_or_else(|| words.get("dossier.not_verified").to_owned()),
        counts: case.is_some_and(|case| case.state == VERIFIED || row.kind == Kind::Suggestion),
    }
}

/// What the deputy contested in the dossier, and what the office answered.
fn contested(words: Words, event: &Event) -> Option<String> {
    let text = match &event.act {
        CaseAct::Contest { text, .. } | CaseAct::SettleContest { text, .. } => text,
        _ => return None,
    };
    let act = words.of_key(&format!("act.{}", event.act.key()));
    Some(format!("{} {} {act}{}{text}", words.moment(event.received_ms), event.by.name, words.get("colon")))
}
