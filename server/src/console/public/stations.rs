//! The stations in use, town by town, and each with its reception days, notices and deputies.

use askama::Template;
use axum::{extract::Path, response::IntoResponse};
use lianxin_shared::{case::Date, id::RecordId, record::Contents, rights::SpaceKind, schema::Kind};

use super::{Answer, Guest, Line, unit_record};
use crate::{
    console::{
        layout::{self, Page},
        problem::Problem,
        receptions,
    },
    hub::contents_of,
    store::{LedgerQuery, Order},
};

/// Stations of a district; the article counts 51.
const STATIONS_MAX: u32 = 500;
/// Announced reception days that are shown, and days to come that are looked through for them: a station plans some two
/// years ahead at the most.
const DAYS_MAX: usize = 10;
const DAYS_READ_MAX: u32 = 100;
/// Deputies of one station.
const DEPUTIES_MAX: u32 = 200;

#[derive(Template)]
#[template(path = "public_stations.html")]
struct ListPage {
    page: Page,
    towns: Vec<Town>,
}

struct Town {
    name: String,
    stations: Vec<Link>,
}

struct Link {
    href: String,
    name: String,
    note: String,
}

pub(super) async fn list(guest: Guest) -> Answer {
    let words = guest.words;
    let query = LedgerQuery { status: Some("open".into()), ..LedgerQuery::of(Kind::Station, Vec::new()) };
    let rows = guest.open(query, STATIONS_MAX).await?;
    let mut places: Vec<_> = guest.spaces.iter().filter(|space| space.kind == SpaceKind::TownPublic).collect();
    places.sort_by(|a, b| a.unit.cmp(&b.unit));
    let names = guest.names(places.iter().map(|space| unit_record(&space.unit))).await?;
    let towns = places.into_iter().map(|space| {
        let own = rows.iter().filter(|row| row.space == space.id);
        let mut stations: Vec<Link> = own
            .map(|row| Link {
                href: format!("/public/station/{}", row.id),
                name: row.summary.title.clone(),
                note: words.code("station_kind", &row.summary.code),
            })
            .collect();
        stations.sort_by(|a, b| a.name.cmp(&b.name));
        Town { name: names.title(words, unit_record(&space.unit)).unwrap_or_else(|| space.name.clone()), stations }
    });
    let towns = towns.filter(|town| !town.stations.is_empty()).collect();
    let page = ListPage { page: guest.page(words.get("public.stations")), towns };
    Ok(layout::html(&page)?.into_response())
}

#[derive(Template)]
#[template(path = "public_station.html")]
struct StationPage {
    page: Page,
    lines: Vec<Line>,
    receptions: Option<receptions::Receptions>,
    days: Vec<Announced>,
    deputies: Vec<Link>,
}

/// A reception day whose notice was published (接待公告).
struct Announced {
    date: String,
    slot: String,
    venue: String,
    deputies: String,
    notice: String,
    cancelled: bool,
}

pub(super) async fn page(guest: Guest, Path(id): Path<String>) -> Answer {
    let (id, station) = guest.open_record(&id, Kind::Station).await?;
    if station.text("state") != "open" {
        return Err(Problem::NotFound);
    }
    let words = guest.words;
    let names = guest.names(station.reference("unit")).await?;
    let of_station =
        LedgerQuery { station: Some(id), status: Some("active".into()), ..LedgerQuery::of(Kind::Mandate, Vec::new()) };
    let mut deputies: Vec<Link> = guest
        .open(of_station, DEPUTIES_MAX)
        .await?
        .into_iter()
        .map(|row| Link {
            href: format!("/public/deputy/{}", row.id),
            name: row.summary.title,
            note: words.code("mandate_level", &row.summary.code),
        })
        .collect();
    deputies.sort_by(|a, b| a.name.cmp(&b.name));
    let page = StationPage {
        lines: guest.lines(&names, &station, &["kind", "unit", "address", "reception_rule"]),
        receptions: receptions::coming(&guest.state, words, &station).await?,
        days: announced(&guest, id).await?,
        deputies,
        page: guest.page(station.text("name")),
    };
    Ok(layout::html(&page)?.into_response())
}

/// The days to come whose notice is out, the next one first.
async fn announced(guest: &Guest, station: RecordId) -> Result<Vec<Announced>, Problem> {
    let query = LedgerQuery {
        station: Some(station),
        from: Some(Date::at(guest.now_ms()).to_string()),
        order: Order::Oldest,
        ..LedgerQuery::of(Kind::ReceptionDay, guest.spaces_of(&[SpaceKind::Station]))
    };
    let mut days: Vec<Contents> = Vec::new();
    for row in guest.store().ledger(&query, None, DAYS_READ_MAX).await? {
        let day = guest.store().record(row.id).await?.and_then(|stored| contents_of(&stored, row.id));
        days.extend(day.filter(|day| !day.text("notice_published").is_empty()));
        if days.len() == DAYS_MAX {
            break;
        }
    }
    let on_duty = |day: &Contents| day.elements("deputies").iter().filter_map(|id| id.parse().ok()).collect::<Vec<_>>();
    let names = guest.names(days.iter().flat_map(on_duty)).await?;
    let shown = |day: &Contents| {
        let deputies: Vec<String> = on_duty(day).into_iter().filter_map(|id| names.title(guest.words, id)).collect();
        Announced {
            date: guest.words.day(day.text("date")),
            slot: day.text("slot").to_owned(),
            venue: day.text("venue").to_owned(),
            deputies: deputies.join("、"),
            notice: day.text("notice").to_owned(),
            cancelled: !day.text("cancelled").is_empty(),
        }
    };
    Ok(days.iter().map(shown).collect())
}
