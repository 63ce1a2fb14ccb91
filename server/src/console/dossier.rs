//! A deputy's dossier (履职档案, DOMAIN §1.6): one mandate, one year, in its sections, as a page that
//! prints on A4. What was verified counts; what was not is shown beside it. Points only where scoring is switched on
//! ([`score`]); no ranking.
//!
//! The sheet carries a code made of all that it counts. Whoever holds the paper can open the check and
//! see whether the ledger still says the same. Town and district read different desks, so the code
//! begins with whose sheet it is, and is checked over what that office reads.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    case::{Act as CaseAct, CaseRow, Event, suggestion},
    id::{SpaceId, UnitCode},
    rights::{self, SpaceKind, Stage},
    schema::{CodeList, Kind},
};
use sha2::{Digest, Sha256};

use super::{
    desk::Desk,
    directory::everything,
    figures::VERIFIED,
    input::Asked,
    layout::{self, Page, ledger_href, record_href},
    ledger::withhold,
    names::{Names, readable_title},
    official,
    overview::{Asking, year_of},
    problem::Problem,
    record,
    score::{self, Scores},
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

/// The section of how a deputy keeps in touch with voters: reception days and what villagers said (联系群众). The list of
/// sections has none for it, because nobody enters it by hand.
const CONTACT: &str = "contact";

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage {
    page: Page,
    mandate: String,
    year: i64,
    dossier: Dossier,
    /// What came of checking a code against the ledger.
    checked: Option<(bool, String)>,
}

/// The sheet itself: alone on its page, or one of many.
#[derive(Template)]
#[template(path = "dossier_sheet.html")]
pub(super) struct Dossier {
    words: Words,
    pub(super) title: String,
    basics: Vec<(String, String)>,
    sections: Vec<Section>,
    scores: Option<Scores>,
    contests: Vec<String>,
    /// None for who reads only a part.
    code: Option<String>,
    code_help: String,
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
    /// `None` of what the reader is told of, and may not open.
    href: Option<String>,
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
    let (year, _) = Asking::year(&desk, &asked);
    let dossier = Dossier::of(&desk, &mandate, year).await?;
    let checked = check(&desk, &mandate, year, Scope::of(&desk, &mandate), asked.get("code")).await?;
    let checked =
        checked.map(|same| (same, words.get(if same { "dossier.same" } else { "dossier.differs" }).to_owned()));
    let page = DossierPage {
        page: Page::new(&desk, dossier.title.clone(), &ledger_href(Kind::Mandate), &asked),
        mandate: mandate.id.to_string(),
        year,
        dossier,
        checked,
    };
    Ok(layout::html(&page)?.into_response())
}

impl Dossier {
    /// What the reader is told of a mandate's year.
    pub(super) async fn of(desk: &Desk, mandate: &RecordPage, year: i64) -> Result<Self, Problem> {
        let words = desk.words;
        let own = Scope::of(desk, mandate);
        let Sheet { sections, code, counted } = sheet(desk, mandate, year, own).await?;
        let district = mandate.space.unit.district().unwrap_or_default();
        let scores = match own.is_some() || is_own(desk, mandate) {
            true => score::of(desk, year, district, &counted).await?,
            false => None,
        };
        let names = Names::of(desk, mandate.contents.reference("station")).await?;
        let name = mandate.contents.text("name").to_owned();
        let path = format!("/console/dossier/{}?year={year}", mandate.id);
        Ok(Self {
            words,
            title: words.fill("dossier.title", &[("name", &name), ("year", &year.to_string())]),
            basics: basics(words, &names, mandate),
            contests: mandate.events.iter().filter_map(|event| contested(words, event)).collect(),
            sections,
            scores,
            code: own.map(|scope| scope.mark(&code)),
            code_help: words.fill("dossier.code_help", &[("path", &path)]),
        })
    }
}

/// Whose sheet it is: over which desks it counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Town,
    District,
}

impl Scope {
    /// What the reader's sheet counts; `None` for who reads only a part of what the deputy did.
    fn of(desk: &Desk, mandate: &RecordPage) -> Option<Self> {
        let reads = |kind: SpaceKind| {
            let mut spaces = desk.spaces.iter().map(|granted| &granted.space);
            spaces.any(|space| space.kind == kind && mandate.space.unit.within(&space.unit))
        };
        match mandate.space.kind {
            // A leader is not told what villagers said, so their sheet would be another.
            _ if desk.counts_some(Kind::Voice) => None,
            _ if reads(SpaceKind::DistrictOffice) => Some(Scope::District),
            SpaceKind::TownPublic if reads(SpaceKind::TownOffice) => Some(Scope::Town),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Scope::Town => 'T',
            Scope::District => 'D',
        }
    }

    fn mark(self, digits: &str) -> String {
        format!("{} {digits}", self.letter())
    }

    /// What the sheet counts of a kind.
    fn counted(self, desk: &Desk, kind: Kind, mandate: &RecordPage) -> LedgerQuery {
        let all = everything(desk, kind);
        if self == Scope::District {
            return all;
        }
        let open = desk.spaces.iter().filter(|granted| granted.space.kind == SpaceKind::DistrictPublic);
        let open = open.map(|granted| granted.space.id).filter(|id| all.spaces.contains(id));
        let open: Vec<SpaceId> = open.collect();
        let mut counted = desk.within(all, &mandate.space.unit);
        counted.spaces.extend(open);
        counted
    }
}

/// Whether the code on a paper is that of the ledger now; `None` where none was typed.
async fn check(
    desk: &Desk,
    mandate: &RecordPage,
    year: i64,
    own: Option<Scope>,
    typed: &str,
) -> Result<Option<bool>, Problem> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(letter) = typed.chars().next() else { return Ok(None) };
    let scope = [Scope::Town, Scope::District].into_iter().find(|scope| letter.eq_ignore_ascii_case(&scope.letter()));
    // Who reads the town alone cannot check the district's sheet.
    let scope = scope.filter(|scope| own == Some(Scope::District) || own == Some(*scope));
    let Some(scope) = scope else { return Ok(Some(false)) };
    let sheet = sheet(desk, mandate, year, Some(scope)).await?;
    Ok(Some(scope.mark(&sheet.code).replace(' ', "").eq_ignore_ascii_case(&typed)))
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

/// What the deputy took part in.
struct Sheet {
    sections: Vec<Section>,
    /// Of all that it shows.
    code: String,
    /// Section and date of what counts.
    counted: Vec<(&'static str, String)>,
}

/// Whether the dossier is the reader's own.
pub(super) fn is_own(desk: &Desk, mandate: &RecordPage) -> bool {
    desk.person().mandates().any(|held| held == mandate.id)
}

/// Where the sheet looks. A sheet with a code counts the same whoever prints it. Their own dossier deputies are told whole
/// (DOMAIN §6.6, D r own), also what lies at desks that they do not read; of others everybody is told what they read anyway.
async fn looked_into(
    desk: &Desk,
    kind: Kind,
    mandate: &RecordPage,
    scope: Option<Scope>,
) -> Result<LedgerQuery, Problem> {
    if let Some(scope) = scope {
        return Ok(scope.counted(desk, kind, mandate));
    }
    if !is_own(desk, mandate) {
        return Ok(desk.one_by_one(everything(desk, kind)));
    }
    let all = desk.store().lasting_spaces().await?;
    // What is drafted in a private space nobody else has seen.
    let open = all.iter().filter(|space| space.kind != SpaceKind::Private && space.kind.holds(kind));
    let mut whole = LedgerQuery::of(kind, open.map(|space| space.id).collect());
    if SpaceKind::Case.holds(kind) {
        whole.cases.under.push(UnitCode::of_mandate(mandate.id).0);
        whole
            .cases
            .under
            .extend(mandate.space.unit.district().map(|code| rights::district_key(&UnitCode(code.into()))));
    }
    Ok(whole)
}

async fn sheet(desk: &Desk, mandate: &RecordPage, year: i64, scope: Option<Scope>) -> Result<Sheet, Problem> {
    let words = desk.words;
    let own = is_own(desk, mandate);
    let mut by_section: HashMap<&'static str, Vec<Row>> = HashMap::new();
    let mut counts = Vec::new();
    let mut hasher = Sha256::new().chain_update(b"lianxin/dossier/2").chain_update(mandate.id.0);
    hasher.update(year.to_be_bytes());
    let (from, to) = year_of(year);
    const KINDS: [Kind; 7] = [
        Kind::Activity,
        Kind::ReceptionDay,
        Kind::Voice,
        Kind::Training,
        Kind::Suggestion,
        Kind::DutyReport,
        Kind::DossierEntry,
    ];
    for kind in KINDS.into_iter().filter(|kind| own || desk.reads(*kind) && !desk.only_counts(*kind)) {
        let query = LedgerQuery {
            person: Some(mandate.id.to_string()),
            from: Some(from.clone()),
            to: Some(to.clone()),
            ..looked_into(desk, kind, mandate, scope).await?
        };
        let mut rows = desk.store().ledger(&query, None, RECORDS_MAX).await?;
        // A dossier is handed on: what villagers said in confidence is not in it.
        withhold(desk, &mut rows);
        let cases = desk.store().case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        for row in &rows {
            let case = cases.get(&row.id);
            hasher.update(row.id.0);
            hasher.update(row.summary.date.as_bytes());
            hasher.update(case.map(|case| case.state.as_str()).unwrap_or_default().as_bytes());
            let (section, shown) = (section_of(row), shown(desk, row, case));
            // What lies at a desk is told to its deputy once it counts.
            if shown.href.is_none() && !shown.counts {
                continue;
            }
            if shown.counts {
                counts.push((section, shown.date.clone()));
            }
            by_section.entry(section).or_default().push(shown);
        }
    }
    let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let code = digest.as_bytes()[..CODE_DIGITS].chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let sections = CodeList::find("dossier_section").map(|list| list.codes).unwrap_or_default();
    let sections = sections.iter().filter(|section| section.key != "basics");
    let sections = sections.map(|section| (section.key, words.label(section.label)));
    let sections = sections.chain([(CONTACT, words.get("dossier.contact"))]).map(|(key, label)| {
        let mut rows = by_section.remove(key).unwrap_or_default();
        rows.sort_by(|a, b| a.date.cmp(&b.date));
        let verified = rows.iter().filter(|row| row.counts).count();
        let values = [("n", number(rows.len() as i64)), ("verified", number(verified as i64))];
        let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
        Section {
            key: key.to_owned(),
            label: label.to_owned(),
            count: words.fill("dossier.count", &values),
            rows: rows.into_iter().map(|row| Row { date: words.day(&row.date), ..row }).collect(),
        }
    });
    Ok(Sheet { sections: sections.collect(), code, counted: counts })
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
        (Kind::Voice | Kind::ReceptionDay, _) | (Kind::Activity, "reception" | "visit") => CONTACT,
        _ => "group",
    }
}

fn shown(desk: &Desk, row: &LedgerRow, case: Option<&CaseRow>) -> Row {
    let words = desk.words;
    let field = match row.kind {
        Kind::Activity => Kind::Activity.schema().field("kind"),
        Kind::Suggestion => Kind::Suggestion.schema().field("category"),
        _ => None,
    };
    let state = |case: &CaseRow| official::state(words, row.kind, &case.state);
    let stands = |case: &CaseRow| match row.kind {
        Kind::Suggestion => suggestion::State::counted_keys().any(|key| key == case.state),
        // A voice counts once it is registered, whatever comes of it.
        Kind::Voice => Stage::of_state(&case.state) != Stage::Draft,
        _ => case.state == VERIFIED,
    };
    // Who holds a training writes its roster, and a station its register: nobody else verifies them.
    let by_office = matches!(row.kind, Kind::Training | Kind::ReceptionDay);
    let not_yet = || words.get(if by_office { "dossier.by_office" } else { "dossier.not_verified" }).to_owned();
    Row {
        date: row.summary.date.clone(),
        title: readable_title(words, row.kind, &row.summary.title),
        href: desk.may_read(row.space, row.kind).then(|| record_href(row.id)),
        what: field.map_or_else(
            || words.kind(row.kind).to_owned(),
            |field| desk.codes.word_of(words, field, &row.summary.code),
        ),
        state: case.map(state).unwrap_or_else(not_yet),
        counts: by_office || case.is_some_and(stands),
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
