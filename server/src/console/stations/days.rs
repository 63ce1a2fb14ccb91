//! What stations have on some days: reception days by rule, those on record, and activities.

use std::collections::HashMap;

use lianxin_shared::{
    case::{Date, LunarDate},
    id::{RecordId, SpaceId},
    schema::Kind,
};

use super::{Station, calendar_href, standing::OnRecord};
use crate::{
    console::{
        desk::Desk,
        layout::record_href,
        ledger::Rows,
        names::{Names, readable_title},
        problem::Problem,
        receptions::{self, Lack, Planned},
        words::Words,
    },
    store::{LedgerQuery, Order},
};

/// Reception days, and activities, that are read for one page: of all stations in a month, each with two market days a
/// week. What is more is said to be left out.
const DAYS_MAX: usize = 1500;
const ACTIVITIES_MAX: u32 = 1500;

/// The name in styles of what is no reception day.
const ACTIVITY: &str = "activity";

/// A day with what there is on it.
pub(super) struct Day {
    pub number: u32,
    /// 「3月4日 星期三」
    pub long: String,
    pub date: String,
    pub lunar: String,
    pub today: bool,
    /// Of the month before or behind the one that is shown.
    pub outside: bool,
    pub entries: Vec<Entry>,
}

/// Something on a day.
pub(super) struct Entry {
    /// The name in styles, one of those of [`legend`].
    pub class: &'static str,
    /// What that means, in words.
    pub mark: &'static str,
    /// The station and the way to its month, where several are shown.
    pub station: Option<(String, String)>,
    pub title: String,
    pub href: Option<String>,
    pub detail: String,
}

/// A reception day on record.
pub(super) struct Held {
    pub space: SpaceId,
    pub date: Date,
    id: RecordId,
    slot: String,
    venue: String,
    deputies: Vec<RecordId>,
    /// Why nobody received.
    cancelled: String,
}

impl Held {
    pub(super) fn counts_as(&self) -> OnRecord {
        OnRecord { date: self.date, cancelled: !self.cancelled.is_empty() }
    }
}

/// The days asked for.
pub(super) struct Found {
    pub days: Vec<Day>,
    /// Reception days by rule, by station's space, or why there are none.
    pub planned: HashMap<SpaceId, Result<Planned, Lack>>,
    pub held: Vec<Held>,
    /// There are more records than are read.
    pub cut: bool,
}

/// What a rule says of each station, by its space.
pub(super) async fn planned<'a>(
    desk: &Desk,
    stations: impl IntoIterator<Item = &'a Station>,
    from: Date,
    to: Date,
) -> Result<HashMap<SpaceId, Result<Planned, Lack>>, Problem> {
    let book = desk.hub().rules(desk.now_ms()).await?.book;
    let of_station = |station: &Station| (station.space, receptions::planned(&station.rule, from, to, &book.holidays));
    Ok(stations.into_iter().map(of_station).collect())
}

/// The reception days on record in these spaces, the first one first; and whether there are more.
pub(super) async fn held(
    desk: &Desk,
    spaces: Vec<SpaceId>,
    from: Date,
    to: Date,
) -> Result<(Vec<Held>, bool), Problem> {
    let query = between(Kind::ReceptionDay, spaces, from, to);
    let mut rows = desk.store().ledger(&desk.one_by_one(query), None, DAYS_MAX as u32 + 1).await?;
    let cut = rows.len() > DAYS_MAX;
    rows.truncate(DAYS_MAX);
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let mut said = desk.hub().contents(desk.person(), &ids).await?;
    let day = |row: &crate::store::LedgerRow| {
        let day = said.remove(&row.id)?;
        Some(Held {
            space: row.space,
            date: row.summary.date.parse().ok()?,
            id: row.id,
            slot: day.text("slot").to_owned(),
            venue: day.text("venue").to_owned(),
            deputies: day.elements("deputies").iter().filter_map(|id| id.parse().ok()).collect(),
            cancelled: day.text("cancelled").to_owned(),
        })
    };
    Ok((rows.iter().filter_map(day).collect(), cut))
}

/// All that these stations have from one day to another, both included; `several` names the station with each.
pub(super) async fn days(
    desk: &Desk,
    stations: &[&Station],
    (from, to): (Date, Date),
    several: bool,
) -> Result<Found, Problem> {
    let words = desk.words;
    let today = Date::at(desk.now_ms());
    let spaces: Vec<SpaceId> = stations.iter().map(|station| station.space).collect();
    let planned = planned(desk, stations.iter().copied(), from, to).await?;
    let (held, cut) = held(desk, spaces.clone(), from, to).await?;
    let done = Rows::read(desk, &between(Kind::Activity, spaces, from, to), None, ACTIVITIES_MAX).await?;
    let names = Names::of(desk, held.iter().flat_map(|day| day.deputies.iter().copied())).await?;
    let mut entries: HashMap<Date, Vec<Entry>> = HashMap::new();
    for station in stations {
        let mut add = |date: Date, entry: Entry| {
            let station = several.then(|| (station.name.clone(), calendar_href(station.id)));
            entries.entry(date).or_default().push(Entry { station, ..entry });
        };
        let own = held.iter().filter(|day| day.space == station.space);
        own.clone().for_each(|day| add(day.date, of_record(words, &names, day, today)));
        if let Some(Ok(plan)) = planned.get(&station.space) {
            for reception in plan.days.iter().filter(|one| own.clone().all(|day| day.date != one.date)) {
                add(reception.date, by_rule(words, &plan.hours, reception.moved_from, reception.date < today));
            }
        }
        for row in done.rows.iter().filter(|row| row.space == station.space) {
            let Ok(date) = row.summary.date.parse() else { continue };
            let kind = desk.codes.word(words, "activity_kind", &row.summary.code);
            add(date, activity(words, record_href(row.id), readable_title(words, row.kind, &row.summary.title), kind));
        }
    }
    let count = to.days_since(from).max(0);
    let day = |date: Date| Day {
        number: date.civil().2,
        long: words.long_day(date),
        date: date.to_string(),
        lunar: LunarDate::of(date).map(|lunar| words.lunar(lunar)).unwrap_or_default(),
        today: date == today,
        outside: false,
        entries: in_order(entries.remove(&date).unwrap_or_default()),
    };
    let cut = cut || done.next.is_some();
    Ok(Found { days: (0..=count).map(|days| from.plus_days(days)).map(day).collect(), planned, held, cut })
}

/// Who receives comes before what else there is.
fn in_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| entry.class == ACTIVITY);
    entries
}

fn between(kind: Kind, spaces: Vec<SpaceId>, from: Date, to: Date) -> LedgerQuery {
    let (from, to) = (Some(from.to_string()), Some(to.to_string()));
    LedgerQuery { from, to, order: Order::Oldest, ..LedgerQuery::of(kind, spaces) }
}

/// A reception day on record: held, cancelled, or announced for a day to come.
fn of_record(words: Words, names: &Names, day: &Held, today: Date) -> Entry {
    let (class, mark) = match (day.cancelled.is_empty(), day.date > today) {
        (false, _) => ("cancelled", words.get("calendar.cancelled")),
        (true, true) => ("announced", words.get("calendar.announced")),
        (true, false) => ("held", words.get("calendar.held")),
    };
    let on_duty: Vec<String> = day.deputies.iter().filter_map(|id| names.title(words, *id)).collect();
    let on_duty = (!on_duty.is_empty()).then(|| words.fill("calendar.on_duty", &[("names", &on_duty.join("、"))]));
    let detail = [on_duty.unwrap_or_default(), day.venue.clone(), day.cancelled.clone()];
    let title = [words.kind(Kind::ReceptionDay), &day.slot].join(" ");
    Entry {
        class,
        mark,
        station: None,
        title: title.trim_end().to_owned(),
        href: Some(record_href(day.id)),
        detail: detail
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(words.get("calendar.comma")),
    }
}

/// A reception day by rule of which nothing is on record.
fn by_rule(words: Words, hours: &str, moved_from: Option<Date>, past: bool) -> Entry {
    let (class, mark) = match past {
        true => ("missing", words.get("calendar.missing")),
        false => ("planned", words.get("calendar.planned")),
    };
    let moved = moved_from.map(|from| words.fill("calendar.moved_from", &[("day", &words.day(&from.to_string()))]));
    let title = [words.kind(Kind::ReceptionDay), hours].join(" ").trim_end().to_owned();
    Entry { class, mark, station: None, title, href: None, detail: moved.unwrap_or_default() }
}

fn activity(words: Words, href: String, title: String, kind: String) -> Entry {
    let mark = words.get("calendar.activity");
    Entry { class: ACTIVITY, mark, station: None, title, href: Some(href), detail: kind }
}

/// What the marks mean, in the order of a day.
pub(super) fn legend(words: Words) -> [(&'static str, &'static str); 6] {
    [
        ("planned", words.get("calendar.planned")),
        ("announced", words.get("calendar.announced")),
        ("held", words.get("calendar.held")),
        ("missing", words.get("calendar.missing")),
        ("cancelled", words.get("calendar.cancelled")),
        (ACTIVITY, words.get("calendar.activity")),
    ]
}
