//! 站室分布: how the stations of the reader's area stand, town by town, and where they lie as far as their positions are
//! on record. Drawn here, without a map from elsewhere; nothing is told by colour alone.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse, Response};
use lianxin_shared::{
    case::Date,
    id::{RecordId, SpaceId},
    rights::Space,
    schema::Kind,
};

use super::{
    MAP, Station, WEEK, calendar_href, days,
    month::{counts, first_of},
    raised::Origins,
    standing::{Counted, Standing},
};
use crate::{
    console::{
        desk::Desk,
        directory::everything,
        figures::{self, OPEN},
        input::Asked,
        layout::{self, Page, ledger_href, record_href},
        problem::Problem,
        words::number,
    },
    store::{GroupBy, LedgerQuery},
};

/// The drawing: its width, the most of its height, and the room for a mark.
const WIDTH: f64 = 1000.0;
const HEIGHT_MAX: f64 = 620.0;
const MARK: f64 = 20.0;
const MARGIN: f64 = 2.0 * MARK;
/// Metres do not matter here, only that a degree of longitude is shorter than one of latitude.
const DEGREES_OF_ARC: f64 = 180.0;

#[derive(Template)]
#[template(path = "station_map.html")]
struct MapPage {
    page: Page,
    month: String,
    /// How many stations stand how.
    totals: Vec<(&'static str, String, usize)>,
    towns: Vec<TownShown>,
    drawing: Option<Drawing>,
    /// Whether the person is told of voices, and of suggestions.
    voices: bool,
    suggestions: bool,
    week: &'static str,
    cut: bool,
}

struct TownShown {
    name: String,
    stations: Vec<StationShown>,
}

struct StationShown {
    number: usize,
    name: String,
    kind: String,
    href: String,
    calendar: String,
    standing: &'static str,
    state: String,
    counted: Counted,
    counts: String,
    voices: (String, String),
    suggestions: (String, String),
}

/// The stations whose positions are on record.
struct Drawing {
    height: u32,
    marks: Vec<Mark>,
    /// Stations without a position.
    without: String,
}

struct Mark {
    number: usize,
    x: u32,
    y: u32,
    standing: &'static str,
    /// Its corners, where it is no circle.
    square: bool,
    label: String,
    href: String,
}

pub(in crate::console) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    let words = desk.words;
    let towns = super::area(&desk).await?;
    let today = Date::at(desk.now_ms());
    let first = first_of(today);
    let last = first.plus_months(1).plus_days(-1);
    let stations = || towns.iter().flat_map(|town| &town.stations);
    let planned = days::planned(&desk, stations(), first, last).await?;
    let spaces: Vec<SpaceId> = stations().map(|station| station.space).collect();
    let (held, cut) = days::held(&desk, spaces, first, last).await?;
    let voices = open_voices(&desk).await?;
    let suggestions = open_suggestions(&desk).await?;
    let mut totals: Vec<(&'static str, String, usize)> = Vec::new();
    let mut marks = Vec::new();
    let mut numbers = 1..;
    let mut shown = |station: &Station| {
        let plan = planned.get(&station.space).and_then(|plan| plan.as_ref().ok());
        let lack = planned.get(&station.space).and_then(|plan| plan.as_ref().err()).copied();
        let own = held.iter().filter(|day| day.space == station.space).map(days::Held::counts_as);
        let counted = Counted::of(plan.map(|plan| &*plan.days).unwrap_or_default(), own, today);
        let standing = counted.standing(lack);
        // How many are missing is told station by station.
        let kind_of_state = match standing {
            Standing::Behind(_) => words.get("standing.behind_some").to_owned(),
            standing => standing.words(words),
        };
        match totals.iter_mut().find(|(_, words, _)| *words == kind_of_state) {
            Some((_, _, count)) => *count += 1,
            None => totals.push((standing.key(), kind_of_state, 1)),
        }
        let figure = |kind: Kind, counts: &HashMap<RecordId, u64>| {
            let href = format!("{}?station={}&state={OPEN}", ledger_href(kind), station.id);
            (number(counts.get(&station.id).copied().unwrap_or_default()), href)
        };
        let shown = StationShown {
            number: numbers.next().unwrap_or_default(),
            name: station.name.clone(),
            kind: words.code("station_kind", &station.kind),
            href: record_href(station.id),
            calendar: calendar_href(station.id),
            standing: standing.key(),
            state: standing.words(words),
            counted,
            counts: counts(words, counted),
            voices: figure(Kind::Voice, &voices),
            suggestions: figure(Kind::Suggestion, &suggestions),
        };
        if let Some(place) = position(&station.geo) {
            let label = format!("{} {}{}{}", shown.number, shown.name, words.get("colon"), shown.state);
            marks.push((
                place,
                Mark {
                    number: shown.number,
                    x: 0,
                    y: 0,
                    standing: standing.key(),
                    square: matches!(standing, Standing::Behind(_)),
                    label,
                    href: shown.href.clone(),
                },
            ));
        }
        shown
    };
    let towns: Vec<TownShown> = towns
        .iter()
        .map(|town| TownShown { name: town.name.clone(), stations: town.stations.iter().map(&mut shown).collect() })
        .collect();
    let without = numbers.start - 1 - marks.len();
    let drawing = (!marks.is_empty()).then(|| Drawing {
        without: match without {
            0 => String::new(),
            without => words.fill("station_map.without", &[("n", &without.to_string())]),
        },
        ..drawn(marks)
    });
    totals.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    let page = MapPage {
        page: Page::new(&desk, words.get("station_map.title"), MAP, &asked),
        month: words.year_month(first),
        totals,
        towns,
        drawing,
        voices: desk.reads(Kind::Voice),
        suggestions: desk.reads(Kind::Suggestion),
        week: WEEK,
        cut,
    };
    Ok(layout::html(&page)?.into_response())
}

/// Voices that were handed in and not struck off, by station.
async fn open_voices(desk: &Desk) -> Result<HashMap<RecordId, u64>, Problem> {
    let query = LedgerQuery { case: figures::open(Kind::Voice), ..everything(desk, Kind::Voice) };
    let groups = desk.store().groups(&query, GroupBy::Station).await?;
    Ok(groups.into_iter().filter_map(|group| Some((group.key.parse().ok()?, group.records))).collect())
}

/// Suggestions that were handed in and not closed, by the station from which they come.
async fn open_suggestions(desk: &Desk) -> Result<HashMap<RecordId, u64>, Problem> {
    let query = LedgerQuery { case: figures::open(Kind::Suggestion), ..everything(desk, Kind::Suggestion) };
    let groups = desk.store().groups(&query, GroupBy::Space).await?;
    let spaces: Vec<(&Space, u64)> = groups
        .iter()
        .filter_map(|group| Some((desk.readable(SpaceId(group.key.parse().ok()?))?, group.records)))
        .collect();
    let origins = Origins::of(desk, spaces.iter().map(|(space, _)| *space)).await?;
    let mut found = HashMap::new();
    for (space, records) in spaces {
        if let Some(station) = origins.station(space) {
            *found.entry(station).or_default() += records;
        }
    }
    Ok(found)
}

/// Latitude and longitude.
fn position(geo: &str) -> Option<(f64, f64)> {
    let mut parts = geo.split(',').map(str::parse);
    let (Some(Ok(latitude)), Some(Ok(longitude))) = (parts.next(), parts.next()) else { return None };
    Some((latitude, longitude))
}

/// Puts marks where they are to each other, north above. One that would cover another moves aside.
fn drawn(marks: Vec<((f64, f64), Mark)>) -> Drawing {
    let span = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
    };
    let (south, north) = span(&mut marks.iter().map(|((latitude, _), _)| *latitude));
    let (west, east) = span(&mut marks.iter().map(|((_, longitude), _)| *longitude));
    let shrink = ((south + north) / 2.0 / DEGREES_OF_ARC * std::f64::consts::PI).cos().max(f64::EPSILON);
    let (across, up) = ((east - west) * shrink, north - south);
    let room = |length: f64, room: f64| if length > 0.0 { (room - 2.0 * MARGIN) / length } else { f64::INFINITY };
    let scale = room(across, WIDTH).min(room(up, HEIGHT_MAX));
    let scale = if scale.is_finite() { scale } else { 0.0 };
    // What is narrower than the drawing lies in its middle.
    let left = (WIDTH - across * scale) / 2.0;
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let place = |((latitude, longitude), mark): ((f64, f64), Mark)| {
        let mut x = left + (longitude - west) * shrink * scale;
        let mut y = MARGIN + (north - latitude) * scale;
        let covers = |x: f64, y: f64| move |(a, b): &(f64, f64)| (x - a).hypot(y - b) < 2.0 * MARK;
        while taken.iter().any(covers(x, y)) {
            x += 2.0 * MARK;
            if x > WIDTH - MARGIN {
                (x, y) = (MARGIN, y + 2.0 * MARK);
            }
        }
        taken.push((x, y));
        Mark { x: x.round() as u32, y: y.round() as u32, ..mark }
    };
    let marks: Vec<Mark> = marks.into_iter().map(place).collect();
    let lowest = marks.iter().map(|mark| mark.y).max().unwrap_or_default();
    Drawing { height: lowest + MARGIN as u32, marks, without: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(places: &[(f64, f64)]) -> Vec<((f64, f64), Mark)> {
        let mark =
            Mark { number: 1, x: 0, y: 0, standing: "kept", square: false, label: String::new(), href: String::new() };
        places
            .iter()
            .map(|place| (*place, Mark { label: mark.label.clone(), href: mark.href.clone(), ..mark }))
            .collect()
    }

    #[test]
    fn north_is_above_east_is_right_and_all_is_within() {
        let drawing = drawn(marks(&[(27.9, 106.8), (27.7, 106.8), (27.8, 107.0)]));
        let [north, south, east] = &drawing.marks[..] else { panic!("three") };
        assert!(north.y < east.y && east.y < south.y && north.x == south.x && south.x < east.x);
        assert!(drawing.marks.iter().all(|mark| mark.x <= 1000 && mark.y < drawing.height));
        assert!(f64::from(drawing.height) <= HEIGHT_MAX);
    }

    #[test]
    fn no_mark_covers_another_and_one_alone_is_in_the_middle() {
        let drawing = drawn(marks(&[(27.9, 106.8); 60]));
        for (place, one) in drawing.marks.iter().enumerate() {
            let apart =
                |other: &Mark| (f64::from(one.x) - f64::from(other.x)).hypot(f64::from(one.y) - f64::from(other.y));
            assert!(drawing.marks[..place].iter().all(|other| apart(other) >= 2.0 * MARK - 1.0));
            assert!(one.x <= 1000 && one.y < drawing.height);
        }
        let alone = drawn(marks(&[(27.9, 106.8)]));
        assert_eq!((alone.marks[0].x, alone.marks[0].y), (500, 40));
    }

    #[test]
    fn positions_are_read_with_and_without_their_accuracy() {
        assert_eq!(position("27.8893,106.6634,30"), Some((27.8893, 106.6634)));
        assert_eq!(position("27.8893,106.6634"), Some((27.8893, 106.6634)));
        assert_eq!([position(""), position("27.9")], [None, None]);
    }
}
