//! The overview: the article's figures (DOMAIN §7.1, R1 to R6, R6 in `pairings`) and the rates (§7.0, in `rates`), each
//! with its definition under it and the way to the records behind it.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use lianxin_shared::{
    case::figures,
    id::{RecordId, SpaceId},
    rights::SpaceKind,
    schema::Kind,
};

use super::{
    audit,
    desk::Desk,
    directory::everything,
    figures::{COUNTED, counted},
    input::{Asked, Pairs, encode},
    layout::{self, Page, ledger_href},
    ledger::NO_CODE,
    names::{Town, towns},
    pairings::{self, Pairing},
    problem::Problem,
    rates::{self, Rates},
    released::{self, Told},
    session,
    today::{self, Waiting},
    words::{number, today as day_of},
};
use crate::store::{Group, GroupBy, LedgerQuery};

/// The session that the article reports on, where none is on record.
const TERM: &str = "五届";
const SESSION: &str = "一次";
/// Guidance visits of a year that are looked at: a district has a dozen.
const VISITS_READ_MAX: u32 = 500;
const RURAL: &str = "theme:rural_revitalization";

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    scope: String,
    year: i64,
    term: String,
    session: String,
    problems: Vec<String>,
    waiting: Vec<Waiting>,
    told: Vec<Told>,
    cards: Vec<Card>,
    stations: Option<Stations>,
    rural: Option<Rural>,
    trainings: Option<Trainings>,
    visits: Option<Figure>,
    pairings: Vec<Pairing>,
    pairings_shown: bool,
    rates: Option<Rates>,
}

/// How many records of a kind a year has.
struct Card {
    label: &'static str,
    number: String,
    href: String,
}

/// A number and the records behind it.
pub(super) struct Figure {
    pub number: String,
    pub href: String,
    pub definition: String,
}

/// R1.
pub(super) struct Stations {
    pub all: String,
    pub stations: Figure,
    pub rooms: Figure,
    towns: Vec<TownStations>,
    pub definition: String,
}

struct TownStations {
    name: String,
    stations: u64,
    rooms: u64,
    href: String,
}

/// R2 and R3.
pub(super) struct Rural {
    pub part: Figure,
    pub whole: Figure,
    pub share: String,
    pub categories: Vec<Share>,
    pub definition: String,
    pub by_category: String,
}

pub(super) struct Share {
    pub label: String,
    pub records: String,
    pub share: String,
    pub href: String,
}

/// R4.
pub(super) struct Trainings {
    pub all: Figure,
    pub person_times: String,
    levels: Vec<Level>,
}

struct Level {
    label: String,
    records: String,
    person_times: String,
    href: String,
}

/// What the figures are about.
pub(super) struct Asking {
    pub year: i64,
    pub term: String,
    pub session: String,
    pub today: String,
}

impl Asking {
    /// Reads the address; with what of it could not be understood. The session is the district's last one, until another
    /// is asked for.
    pub(super) async fn read(desk: &Desk, asked: &Pairs) -> Result<(Self, Vec<String>), Problem> {
        let (year, problem) = Self::year(desk, asked);
        let [mut term, mut session] = ["term", "session"].map(|name| asked.get(name).to_owned());
        if term.is_empty() || session.is_empty() {
            let last = session::of_district(desk).await?.filter(|last| !last.session.is_empty());
            let last = last.map_or_else(|| (TERM.into(), SESSION.into()), |last| (last.term, last.session));
            for (asked, last) in [(&mut term, last.0), (&mut session, last.1)] {
                if asked.is_empty() {
                    *asked = last;
                }
            }
        }
        Ok((Self { year, term, session, today: day_of(desk.now_ms()) }, problem.into_iter().collect()))
    }

    /// The year of an address, or this one; with what is said of one that could not be understood.
    pub(super) fn year(desk: &Desk, asked: &Pairs) -> (i64, Option<String>) {
        let this_year = day_of(desk.now_ms()).get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        let typed = asked.get("year");
        match typed.parse().ok().filter(|year| (1900..=2999).contains(year)) {
            Some(year) => (year, None),
            None if typed.is_empty() => (this_year, None),
            None => (this_year, Some(desk.words.fill("filter.date", &[("value", typed)]))),
        }
    }

    /// The first and the last day of the year, as far as it has gone. A year that has not begun ends before it begins.
    pub(super) fn year_so_far(&self) -> (String, String) {
        let (from, end) = year_of(self.year);
        (from, end.min(self.today.clone()))
    }
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !desk.reads_anything() && audit::reads_all(&desk) {
        return Ok(Redirect::to("/console/audit").into_response());
    }
    if !desk.reads_anything() && desk.manages_devices() {
        return Ok(Redirect::to("/console/devices").into_response());
    }
    let words = desk.words;
    let (asking, problems) = Asking::read(&desk, &asked).await?;
    let towns = towns(&desk).await?;
    let overview = Overview {
        page: Page::new(&desk, words.get("nav.overview"), "/console", &asked),
        scope: scope(&desk, &towns),
        year: asking.year,
        waiting: today::waiting(&desk).await?,
        told: released::told(&desk).await?,
        cards: cards(&desk, &asking).await?,
        stations: stations(&desk, &towns).await?,
        rural: rural(&desk, &asking).await?,
        trainings: trainings(&desk, &asking).await?,
        visits: visits(&desk, &asking).await?,
        pairings: pairings::figure(&desk, &asking).await?,
        pairings_shown: pairings::shown_to(&desk),
        rates: rates::rates(&desk, &asking).await?,
        problems,
        term: asking.term,
        session: asking.session,
    };
    Ok(layout::html(&overview)?.into_response())
}

/// Whose records the figures count: what the reader may read, in words.
pub(super) fn scope(desk: &Desk, towns: &[Town]) -> String {
    let words = desk.words;
    if !desk.reads_anything() {
        return words.get("overview.nothing").into();
    }
    if desk.district().is_some() {
        return words.get("overview.whole_district").into();
    }
    let own = desk.spaces.iter().filter(|granted| granted.space.kind == SpaceKind::Station);
    let mut stations: Vec<&str> = own.map(|granted| granted.space.name.as_str()).collect();
    if stations.len() > 1 {
        stations.clear();
    }
    let towns = towns.iter().map(|town| town.name.as_str());
    let names = towns.chain(stations).collect::<Vec<_>>().join("、");
    words.fill("overview.scope", &[("names", &names)])
}

async fn cards(desk: &Desk, asking: &Asking) -> Result<Vec<Card>, Problem> {
    let mut cards = Vec::new();
    for kind in [Kind::Activity, Kind::Voice, Kind::Suggestion, Kind::ReceptionDay] {
        if desk.reads(kind) {
            let (from, to) = year_of(asking.year);
            let href = format!("{}?from={from}&to={to}", ledger_href(kind));
            let query = LedgerQuery { from: Some(from), to: Some(to), ..everything(desk, kind) };
            let records = desk.store().count(&query).await?.records;
            cards.push(Card { label: desk.words.kind(kind), number: number(records), href });
        }
    }
    Ok(cards)
}

/// R1: stations and rooms in use, by town.
pub(super) async fn stations(desk: &Desk, towns: &[Town]) -> Result<Option<Stations>, Problem> {
    if !desk.reads(Kind::Station) {
        return Ok(None);
    }
    let words = desk.words;
    let of = |code: &str| LedgerQuery {
        code: Some(code.into()),
        status: Some("open".into()),
        ..everything(desk, Kind::Station)
    };
    let stations = desk.store().groups(&of("station"), GroupBy::Space).await?;
    let rooms = desk.store().groups(&of("room"), GroupBy::Space).await?;
    let in_space = |groups: &[Group], space: SpaceId| {
        groups.iter().find(|group| group.key == space.0.to_string()).map_or(0, |group| group.records)
    };
    let href = |code: &str| format!("{}?status=open&code={code}", ledger_href(Kind::Station));
    let towns = towns.iter().map(|town| TownStations {
        name: town.name.clone(),
        stations: in_space(&stations, town.space),
        rooms: in_space(&rooms, town.space),
        href: format!("{}?status=open&unit={}", ledger_href(Kind::Station), encode(&town.unit.0)),
    });
    let sum = |groups: &[Group]| groups.iter().map(|group| group.records).sum::<u64>();
    let figure = |code: &str, records: u64| Figure {
        number: number(records),
        href: href(code),
        definition: words.code("station_kind", code),
    };
    Ok(Some(Stations {
        all: number(sum(&stations) + sum(&rooms)),
        towns: towns.collect(),
        stations: figure("station", sum(&stations)),
        rooms: figure("room", sum(&rooms)),
        definition: words.get("overview.stations.definition").into(),
    }))
}

/// R2: accepted suggestions on rural revitalization raised in a session of the district; R3: by category.
pub(super) async fn rural(desk: &Desk, asking: &Asking) -> Result<Option<Rural>, Problem> {
    if desk.district().is_none() {
        return Ok(None);
    }
    let words = desk.words;
    let session = format!("session:{}{}", asking.term, asking.session);
    let office = desk.at_desk(everything(desk, Kind::Suggestion), SpaceKind::DistrictOffice);
    let whole = LedgerQuery { tags: vec![session.clone()], case: counted(), ..office };
    let part = LedgerQuery { tags: vec![session.clone(), RURAL.into()], ..whole.clone() };
    let (all, rural) = (desk.store().count(&whole).await?.records, desk.store().count(&part).await?.records);
    let groups = desk.store().groups(&part, GroupBy::Code).await?;
    let all_href =
        format!("{}?office=district&state={COUNTED}&tag={}", ledger_href(Kind::Suggestion), encode(&session));
    let rural_href = format!("{all_href}&tag={}", encode(RURAL));
    let categories = groups.iter().map(|group| Share {
        label: match group.key.as_str() {
            "" => words.get("overview.no_category").into(),
            code => desk.codes.word(words, "category", code),
        },
        records: number(group.records),
        share: figures::Share { count: group.records, of: rural }.percent(),
        href: match group.key.as_str() {
            "" => format!("{rural_href}&code={NO_CODE}"),
            code => format!("{rural_href}&code={}", encode(code)),
        },
    });
    let session_name = format!("{}{}", asking.term, asking.session);
    let figure =
        |records: u64, href: &str| Figure { number: number(records), href: href.into(), definition: String::new() };
    Ok(Some(Rural {
        categories: categories.collect(),
        part: figure(rural, &rural_href),
        whole: figure(all, &all_href),
        share: figures::Share { count: rural, of: all }.percent(),
        definition: words.fill("overview.rural.definition", &[("session", &session_name)]),
        by_category: words.get("overview.categories.definition").into(),
    }))
}

/// R4: trainings since the change of term, by organiser's level.
pub(super) async fn trainings(desk: &Desk, asking: &Asking) -> Result<Option<Trainings>, Problem> {
    if !desk.reads(Kind::Training) {
        return Ok(None);
    }
    let words = desk.words;
    let tag = format!("term:{}", asking.term);
    let query = LedgerQuery { tags: vec![tag.clone()], ..everything(desk, Kind::Training) };
    let all = desk.store().count(&query).await?;
    let groups = desk.store().groups(&query, GroupBy::Status).await?;
    let href = format!("{}?tag={}", ledger_href(Kind::Training), encode(&tag));
    let levels = groups.iter().map(|group| Level {
        label: words.code("organizer_level", &group.key),
        records: number(group.records),
        person_times: number(group.total),
        href: format!("{href}&status={}", encode(&group.key)),
    });
    Ok(Some(Trainings {
        levels: levels.collect(),
        person_times: number(all.total),
        all: Figure {
            number: number(all.records),
            definition: words.fill("overview.trainings.definition", &[("term", &asking.term)]),
            href,
        },
    }))
}

/// R5: guidance visits of the year so far.
pub(super) async fn visits(desk: &Desk, asking: &Asking) -> Result<Option<Figure>, Problem> {
    if !desk.reads(Kind::GuidanceVisit) {
        return Ok(None);
    }
    let (from, to) = asking.year_so_far();
    let href = format!("{}?from={from}&to={to}", ledger_href(Kind::GuidanceVisit));
    let words = desk.words;
    let definition = words.fill("overview.visits.definition", &[("from", &words.day(&from)), ("to", &words.day(&to))]);
    let query = LedgerQuery { from: Some(from), to: Some(to), ..everything(desk, Kind::GuidanceVisit) };
    let rows = desk.store().ledger(&query, None, VISITS_READ_MAX).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let visits = desk.hub().contents(desk.person(), &ids).await?;
    let visits = figures::different_visits(visits.values()) as u64;
    Ok(Some(Figure { number: number(visits), href, definition }))
}

pub(super) fn year_of(year: i64) -> (String, String) {
    (format!("{year:04}-01-01"), format!("{year:04}-12-31"))
}
