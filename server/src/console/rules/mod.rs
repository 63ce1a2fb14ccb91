//! Time limits, case numbers, classes of replies, tables of routes, holidays: what is data because it differs by place
//! and year.
//!
//! Nothing is changed in place. A new version holds from its day on and the old one stays; a case keeps those that it
//! was assigned under. Each change is a version of the whole book, noted in the audit log with who made it and the text
//! it rests on.

mod change;
mod shown;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    case::{Book, Clock, Date, Tier, book::Outcome, calendar::Unit},
    rights::Role,
};

use super::{
    desk::Desk,
    input::{Asked, Pairs, Sent},
    layout::{self, Page},
    ledger::Choice,
    problem::Problem,
};
use crate::{hub::InForce, store::Act};
use change::{categories, changed};
use shown::{Shown, YearShown, clock_label, tier_label};

const RULES: &str = "/console/rules";
/// The longest limit, in its unit.
const VALUE_MAX: u32 = 1000;
/// How often a reply may be put off, at the most.
const EXTENSIONS_MAX: u32 = 9;
/// Classes of one scheme.
const CLASSES_MAX: usize = 8;
/// Characters of a source, a pattern, a name of a class or a unit.
const LINE_CHARS_MAX: usize = 200;
/// Characters of a word that routes look for: one alone is in every other text.
const WORD_CHARS: std::ops::RangeInclusive<usize> = 2..=20;
/// Years for which a holiday table can be entered.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;
const UNITS: [(Unit, &str); 3] = [(Unit::Months, "months"), (Unit::Days, "days"), (Unit::WorkingDays, "working_days")];

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    page: Page,
    error: Option<String>,
    may_change: bool,
    version: u32,
    limits: Vec<(Shown, String)>,
    extensions: Vec<Shown>,
    numbers: Vec<Shown>,
    classes: Vec<Shown>,
    routes: Vec<Shown>,
    years: Vec<YearShown>,
    clocks: Vec<Choice>,
    tiers: Vec<Choice>,
    units: Vec<Choice>,
    class_rows: Vec<ClassRow>,
    route_rows: Vec<RouteRow>,
    sent: Pairs,
    /// What is in force, under the names of the forms' inputs.
    now: Pairs,
}

/// A class in the form of a new scheme.
struct ClassRow {
    row: usize,
    /// The names of its inputs, with the keys of their labels.
    cells: [(String, &'static str); 3],
    outcomes: Vec<Choice>,
}

/// A category in the form of new routes.
struct RouteRow {
    label: &'static str,
    /// The names of its inputs, with the keys of their labels.
    cells: [(String, &'static str); 3],
}

impl RulesPage {
    /// Whether this form came back.
    fn is_back(&self, form: &str) -> bool {
        self.sent.get("form") == form
    }

    /// What stands in a form's input: what was typed, after it came back; before, what is in force.
    fn typed(&self, form: &str, name: &str) -> &str {
        if self.is_back(form) { self.sent.get(name) } else { self.now.get(name) }
    }
}

fn may_change(desk: &Desk) -> bool {
    desk.has_role(Role::District)
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !desk.reads_anything() {
        return Err(Problem::NotFound);
    }
    Ok(layout::html(&template(&desk, &asked, None, Pairs::default()).await?)?.into_response())
}

/// Puts a new version of the book in force, with what the form says.
pub(super) async fn submit(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    if !may_change(&desk) {
        return Err(Problem::NotAllowed);
    }
    let InForce { version, book } = desk.hub().rules(desk.now_ms()).await?;
    let words = desk.words;
    // Someone else changed the rules since this form was made: what they say now must be seen first.
    if sent.get("version") != version.to_string() {
        return came_back(&desk, sent, words.get("rules.changed")).await;
    }
    let by = desk.person().name.clone();
    let (changed, what) = match changed(&book, &sent, &by) {
        Ok(changed) => changed,
        Err(key) => return came_back(&desk, sent, words.get(key)).await,
    };
    let json = serde_json::to_string(&changed).map_err(|_| Problem::Broken)?;
    if !desk.store().add_book(version + 1, &json, desk.now_ms()).await? {
        return came_back(&desk, sent, words.get("rules.changed")).await;
    }
    desk.note(Act::RuleChange, format!("{} {what}", version + 1), sent.get("source")).await?;
    tracing::info!(version = version + 1, by = desk.person().user.0, "the rules were changed");
    Ok(Redirect::to(&format!("{RULES}?done=rules")).into_response())
}

async fn came_back(desk: &Desk, sent: Pairs, error: &str) -> Result<Response, Problem> {
    let page = template(desk, &Pairs::default(), Some(error.to_owned()), sent).await?;
    Ok((StatusCode::CONFLICT, layout::html(&page)?).into_response())
}

async fn template(desk: &Desk, asked: &Pairs, error: Option<String>, sent: Pairs) -> Result<RulesPage, Problem> {
    let words = desk.words;
    let InForce { version, book } = desk.hub().rules(desk.now_ms()).await?;
    let today = Date::at(desk.now_ms());
    let choice = |key: &str, label: String, chosen: &str| Choice {
        key: key.to_owned(),
        label,
        chosen: !key.is_empty() && chosen == key,
    };
    let now = in_force(&book, today);
    let outcomes = |row: usize| {
        let name = format!("class.{row}.outcome");
        let chosen = if sent.get("form") == "classes" { sent.get(&name) } else { now.get(&name) };
        let outcome = |one: Outcome| choice(one.key(), words.of_key(&format!("outcome.{}", one.key())), chosen);
        let cells = [("key", "rules.class.key"), ("zh", "rules.class.zh"), ("en", "rules.class.en")]
            .map(|(name, label)| (format!("class.{row}.{name}"), label));
        ClassRow { row, cells, outcomes: Outcome::ALL.map(outcome).into() }
    };
    let clock = |clock: &Clock| choice(clock.key(), clock_label(words, *clock), sent.get("clock"));
    let tier = |tier: &Tier| choice(tier.key(), tier_label(words, *tier), sent.get("tier"));
    let unit = |(_, unit): &(Unit, &str)| choice(unit, words.of_key(&format!("rules.{unit}")), sent.get("unit"));
    let times = |times: &u32| vec![words.fill("rules.times", &[("n", &times.to_string())])];
    Ok(RulesPage {
        page: Page::new(desk, words.get("rules.title"), RULES, asked),
        error,
        may_change: may_change(desk),
        version,
        limits: shown::limits(words, &book, today),
        extensions: shown::versions(words, "", &book.extensions_max, today, times),
        numbers: shown::numbers(words, &book, today),
        classes: shown::versions(words, "", &book.classes, today, |classes| shown::classes(words, classes)),
        routes: shown::versions(words, "", &book.routes, today, |routes| shown::routes(words, routes)),
        years: book.holidays.years.iter().rev().map(|(year, table)| shown::year(*year, table)).collect(),
        clocks: Clock::ALL.iter().map(clock).collect(),
        tiers: Tier::ALL.iter().map(tier).collect(),
        units: UNITS.iter().map(unit).collect(),
        class_rows: (0..CLASSES_MAX).map(outcomes).collect(),
        route_rows: categories()
            .iter()
            .map(|code| RouteRow { label: words.label(code.label), cells: route_cells(code.key) })
            .collect(),
        sent,
        now,
    })
}

fn route_cells(category: &str) -> [(String, &'static str); 3] {
    [("office", "rules.office"), ("bureau", "rules.bureau"), ("bureau_code", "rules.bureau_code")]
        .map(|(name, label)| (format!("{name}.{category}"), label))
}

/// Classes and routes of today as their forms send them: what a new version begins with.
fn in_force(book: &Book, today: Date) -> Pairs {
    let mut now = Pairs::default();
    let mut put = |name: String, value: &str| now.0.push((name, value.to_owned()));
    for (row, class) in book.classes.on(today).into_iter().flatten().take(CLASSES_MAX).enumerate() {
        let cells =
            [("key", class.key.as_str()), ("zh", &class.zh), ("en", &class.en), ("outcome", class.outcome.key())];
        cells.into_iter().for_each(|(name, value)| put(format!("class.{row}.{name}"), value));
    }
    if let Some(routes) = book.routes.on(today) {
        routes.town_offices.iter().for_each(|(category, office)| put(format!("office.{category}"), office));
        for (category, bureau) in &routes.bureaus {
            put(format!("bureau_code.{category}"), &bureau.code.0);
            put(format!("bureau.{category}"), &bureau.name);
        }
        put("danger_office".to_owned(), &routes.danger_office);
        put("petition_words".to_owned(), &routes.petition_words.join("、"));
        put("district_words".to_owned(), &routes.district_words.join("、"));
    }
    now
}
