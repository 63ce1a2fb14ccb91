//! A month of one station, as a calendar.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{case::Date, id::RecordId, schema::Kind};

use super::{
    Station, calendar_href,
    days::{self, Day, Found},
    standing::Counted,
};
use crate::console::{
    desk::Desk,
    input::{Asked, Pairs},
    layout::{self, Page, ledger_href, record_href},
    problem::Problem,
    receptions::Planned,
};

const DAYS_OF_WEEK: usize = 7;

#[derive(Template)]
#[template(path = "station_month.html")]
struct MonthPage {
    page: Page,
    station: String,
    record: String,
    month: String,
    rule: String,
    /// Why the rule tells no days.
    lack: Option<String>,
    /// How the station stands with this month's reception days; not of a month to come.
    standing: Option<(&'static str, String)>,
    counts: String,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Day>>,
    legend: [(&'static str, &'static str); 6],
    empty: bool,
    cut: bool,
    before: Option<String>,
    behind: Option<String>,
    now: String,
    /// The ledgers of the same days.
    ledgers: [(&'static str, String); 2],
    views: [(&'static str, &'static str, &'static str); 2],
    problem: Option<String>,
}

pub(in crate::console) async fn page(
    desk: Desk,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let id: RecordId = id.parse().map_err(|_| Problem::NotFound)?;
    let station = station(&desk, id).await?;
    let words = desk.words;
    let today = Date::at(desk.now_ms());
    let (first, problem) = asked_month(&desk, &asked, today);
    let last = first.plus_months(1).plus_days(-1);
    // The weeks are whole.
    let from = first.plus_days(-(first.weekday() as i32));
    let to = last.plus_days(DAYS_OF_WEEK as i32 - 1 - last.weekday() as i32);
    let Found { mut days, mut planned, held, cut } = days::days(&desk, &[&station], (from, to), false).await?;
    let plan = planned.remove(&station.space).unwrap_or(Ok(Planned { days: Vec::new(), hours: String::new() }));
    let within = |date: Date| first <= date && date <= last;
    let receptions: Vec<_> = plan.iter().flat_map(|plan| &plan.days).copied().filter(|one| within(one.date)).collect();
    let on_record = held.iter().filter(|day| within(day.date)).map(days::Held::counts_as);
    let counted = Counted::of(&receptions, on_record, today);
    let lack = plan.err();
    for (place, day) in (0..).zip(&mut days) {
        day.outside = !within(from.plus_days(place));
    }
    let empty = days.iter().all(|day| day.outside || day.entries.is_empty());
    let mut days = days.into_iter();
    let weeks = (0..days.len() / DAYS_OF_WEEK).map(|_| days.by_ref().take(DAYS_OF_WEEK).collect()).collect();
    let href = |month: Date| format!("{}?month={}", calendar_href(id), key(month));
    let ledger = |kind: Kind| (words.kind(kind), format!("{}?station={id}&from={first}&to={last}", ledger_href(kind)));
    let title = words.fill("calendar.title", &[("station", &station.name)]);
    let page = MonthPage {
        page: Page::new(&desk, title, &ledger_href(Kind::Station), &asked),
        record: record_href(id),
        month: words.year_month(first),
        standing: (first <= today).then(|| counted.standing(lack)).map(|one| (one.key(), one.words(words))),
        counts: counts(words, counted),
        lack: lack.map(|lack| lack.text(words)),
        weekdays: (0..DAYS_OF_WEEK as i32).map(|day| words.weekday(from.plus_days(day).weekday())).collect(),
        weeks,
        legend: days::legend(words),
        empty,
        cut,
        before: (first > Date::MIN).then(|| href(first.plus_days(-1))),
        behind: (last < Date::MAX).then(|| href(last.plus_days(1))),
        now: calendar_href(id),
        ledgers: [ledger(Kind::ReceptionDay), ledger(Kind::Activity)],
        views: super::views(words),
        problem,
        rule: station.rule,
        station: station.name,
    };
    Ok(layout::html(&page)?.into_response())
}

/// The station of an address, also one that is not in use, where the person reads its reception days.
async fn station(desk: &Desk, id: RecordId) -> Result<Station, Problem> {
    let stations = desk.stations();
    let space = stations.get(&id).ok_or(Problem::NotFound)?;
    let said = desk.hub().contents(desk.person(), &[id]).await?.remove(&id).ok_or(Problem::NotFound)?;
    Ok(Station {
        id,
        space: space.id,
        code: space.unit.clone(),
        name: said.text("name").to_owned(),
        kind: said.text("kind").to_owned(),
        rule: said.text("reception_rule").to_owned(),
        geo: said.text("geo").to_owned(),
    })
}

/// The first day of the month in the address, or of this one; with what is said of one that was not understood.
fn asked_month(desk: &Desk, asked: &Pairs, today: Date) -> (Date, Option<String>) {
    let typed = asked.get("month");
    let this = first_of(today);
    match format!("{typed}-01").parse() {
        Ok(first) => (first, None),
        Err(_) if typed.is_empty() => (this, None),
        Err(_) => (this, Some(desk.words.fill("filter.date", &[("value", typed)]))),
    }
}

pub(super) fn first_of(date: Date) -> Date {
    date.plus_days(1 - date.civil().2 as i32)
}

/// 「本月按规则接待3次，到昨天应接待2次；已接待1次，取消1次。」
pub(super) fn counts(words: crate::console::words::Words, counted: Counted) -> String {
    let [planned, due, held, cancelled] =
        [counted.planned, counted.due, counted.held, counted.cancelled].map(|number| number.to_string());
    let gaps = [("planned", &*planned), ("due", &*due), ("held", &*held), ("cancelled", &*cancelled)];
    words.fill("calendar.counts", &gaps)
}

/// A month as an address names it.
fn key(month: Date) -> String {
    let (year, month, _) = month.civil();
    format!("{year:04}-{month:02}")
}
