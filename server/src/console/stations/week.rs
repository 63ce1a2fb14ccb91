//! The week over all stations of the reader's area: who receives when, and what else there is.

use askama::Template;
use axum::response::{IntoResponse, Response};
use lianxin_shared::case::Date;

use super::{
    MAP, Station, WEEK,
    days::{self, Day},
};
use crate::console::{
    desk::Desk,
    input::{Asked, encode},
    layout::{self, Page},
    ledger::Choice,
    problem::Problem,
};

const DAYS_OF_WEEK: i32 = 7;

#[derive(Template)]
#[template(path = "stations_week.html")]
struct WeekPage {
    page: Page,
    span: String,
    days: Vec<Day>,
    legend: [(&'static str, &'static str); 6],
    /// One town or street of several.
    towns: Vec<Choice>,
    scope: String,
    from: String,
    before: Option<String>,
    behind: Option<String>,
    now: String,
    map: &'static str,
    empty: bool,
    cut: bool,
    problems: Vec<String>,
}

pub(in crate::console) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    let words = desk.words;
    let all = super::area(&desk).await?;
    let mut problems = Vec::new();
    let mut unclear = |key: &'static str, value: &str| problems.push(words.fill(key, &[("value", value)]));
    let today = Date::at(desk.now_ms());
    let typed = asked.get("from");
    let day = typed.parse().unwrap_or_else(|_| {
        if !typed.is_empty() {
            unclear("filter.date", typed);
        }
        today
    });
    let from = day.plus_days(-(day.weekday() as i32));
    let to = from.plus_days(DAYS_OF_WEEK - 1);
    let unit = asked.get("unit");
    let known = all.iter().any(|town| town.code.0 == unit);
    if !known && !unit.is_empty() {
        unclear("filter.unknown", unit);
    }
    let shown = all.iter().filter(|town| !known || town.code.0 == unit);
    let stations: Vec<&Station> = shown.clone().flat_map(|town| &town.stations).collect();
    let found = days::days(&desk, &stations, (from, to), true).await?;
    let towns = all.iter().map(|town| Choice {
        key: town.code.0.clone(),
        label: town.name.clone(),
        chosen: town.code.0 == unit,
    });
    let kept = if known { format!("&unit={}", encode(unit)) } else { String::new() };
    let href = |from: Date| format!("{WEEK}?from={from}{kept}");
    let names: Vec<&str> = shown.map(|town| town.name.as_str()).collect();
    let scope = [("names", &*names.join("、")), ("n", &stations.len().to_string())];
    let page = WeekPage {
        page: Page::new(&desk, words.get("week.title"), WEEK, &asked),
        span: format!("{} — {}", words.day(&from.to_string()), words.day(&to.to_string())),
        empty: found.days.iter().all(|day| day.entries.is_empty()),
        days: found.days,
        legend: days::legend(words),
        towns: if all.len() > 1 { towns.collect() } else { Vec::new() },
        scope: if stations.is_empty() { String::new() } else { words.fill("week.scope", &scope) },
        from: from.to_string(),
        before: (from > Date::MIN).then(|| href(from.plus_days(-DAYS_OF_WEEK))),
        behind: (to < Date::MAX).then(|| href(from.plus_days(DAYS_OF_WEEK))),
        now: format!("{WEEK}?{}", kept.trim_start_matches('&')),
        map: MAP,
        cut: found.cut,
        problems,
    };
    Ok(layout::html(&page)?.into_response())
}
