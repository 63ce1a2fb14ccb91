//! The dossiers of a whole station or town in one go (整册档案), one on each sheet of paper.
//!
//! The page is sent piece by piece as it is made, so that a town's hundred dossiers take the memory of one and show how far
//! they have come. One that broke off has no last line.

use askama::Template;
use axum::{
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use lianxin_shared::{
    id::{RecordId, UnitCode},
    rights::SpaceKind,
    schema::Kind,
};

use super::{
    desk::Desk,
    directory::{self, everything},
    dossier::Dossier,
    input::{Asked, Pairs},
    layout::{self, Page, ledger_href},
    ledger::Choice,
    names::towns,
    overview::Asking,
    problem::Problem,
    words::{Words, number},
};
use crate::store::{Act, LedgerQuery, LedgerRow};

/// Dossiers of one page: a district has some 900 deputies.
const DOSSIERS_MAX: u32 = 1000;
/// Where the dossiers go in the page.
const GAP: &str = "<!-- dossiers -->";

#[derive(Template)]
#[template(path = "dossiers.html")]
struct DossiersPage {
    page: Page,
    year: i64,
    towns: Vec<Choice>,
    stations: Vec<Choice>,
    gap: &'static str,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !desk.reads(Kind::Mandate) {
        return Err(Problem::NotFound);
    }
    let (year, _) = Asking::year(&desk, &asked);
    let whole = fill(&desk, &asked, year).await?;
    if asked.get("unit").is_empty() && asked.get("station").is_empty() {
        return Ok(layout::html(&whole)?.into_response());
    }
    let mandates = mandates(&desk, &asked).await?;
    desk.note(Act::Export, format!("dossiers {}", mandates.len()), "").await?;
    let (headers, html) = layout::html(&whole)?;
    let (before, after) = html.0.split_once(GAP).ok_or(Problem::Broken)?;
    let making = Making { year, all: mandates.len(), mandates, done: 0, after: after.to_owned(), desk };
    let body = stream::unfold((Some(making), before.to_owned()), |(making, begun)| async move {
        let making = making?;
        if !begun.is_empty() {
            return Some((Ok(Bytes::from(begun)), (Some(making), String::new())));
        }
        match making.next().await {
            Ok((piece, making)) => Some((Ok(Bytes::from(piece)), (making, String::new()))),
            // The page breaks off: half a volume must not look like a whole one.
            Err(_) => Some((Err(std::io::Error::other("a dossier could not be made")), (None, String::new()))),
        }
    });
    let html = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    Ok((headers, [html], layout::streamed(body)).into_response())
}

/// A page on its way.
struct Making {
    desk: Desk,
    year: i64,
    mandates: Vec<RecordId>,
    all: usize,
    done: usize,
    /// What comes behind the last dossier.
    after: String,
}

impl Making {
    /// The next piece, and what is left.
    async fn next(mut self) -> Result<(String, Option<Self>), Problem> {
        let words = self.desk.words;
        let Some(id) = self.mandates.get(self.done).copied() else {
            let end =
                format!("<p class=\"made\" data-testid=\"whole\">{}</p>", said(words, "dossiers.end", self.all, 0));
            return Ok((end + &self.after, None));
        };
        self.done += 1;
        let Some(mandate) = self.desk.hub().record_page(self.desk.person(), id).await? else {
            return Ok((String::from("\n"), Some(self)));
        };
        let dossier = Dossier::of(&self.desk, &mandate, self.year).await?;
        let piece = Piece {
            title: dossier.title.clone(),
            progress: said(words, "dossiers.progress", self.all, self.done),
            dossier,
        };
        Ok((piece.render()?, Some(self)))
    }
}

/// One dossier of many.
#[derive(Template)]
#[template(path = "dossiers_piece.html")]
struct Piece {
    title: String,
    progress: String,
    dossier: Dossier,
}

fn said(words: Words, key: &'static str, all: usize, done: usize) -> String {
    words.fill(key, &[("all", &number(all as i64)), ("n", &number(done as i64))])
}

/// The mandates in office whose dossiers are wanted, by name.
async fn mandates(desk: &Desk, asked: &Pairs) -> Result<Vec<RecordId>, Problem> {
    let station = match asked.get("station") {
        "" => None,
        station => Some(station.parse::<RecordId>().map_err(|_| Problem::BadAddress)?),
    };
    let unit = UnitCode(asked.get("unit").to_owned());
    let query = LedgerQuery { station, status: Some("active".into()), ..everything(desk, Kind::Mandate) };
    let mut rows = desk.store().ledger(&query, None, DOSSIERS_MAX).await?;
    if station.is_none() {
        let spaces = desk.store().lasting_spaces().await?;
        let inside = spaces.iter().filter(|space| space.unit.within(&unit));
        let own: Vec<_> = inside.clone().map(|space| space.id).collect();
        let stations = inside.filter(|space| space.kind == SpaceKind::Station);
        let stations: Vec<RecordId> =
            stations.map(|space| RecordId::derived(Kind::Station, &[&space.unit.0])).collect();
        // Of another level's deputies the station tells where they are at home.
        let is_here = |row: &LedgerRow| match row.summary.station {
            Some(station) => stations.contains(&station),
            None => own.contains(&row.space),
        };
        rows.retain(is_here);
    }
    rows.sort_by(|a, b| (&a.summary.title, a.id).cmp(&(&b.summary.title, b.id)));
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn fill(desk: &Desk, asked: &Pairs, year: i64) -> Result<DossiersPage, Problem> {
    let words = desk.words;
    let chosen = |name: &str, key: String, label: String| Choice { chosen: asked.get(name) == key, label, key };
    let stations = directory::offers(desk, Kind::Station).await?.into_iter();
    Ok(DossiersPage {
        page: Page::new(desk, words.get("dossiers.title"), &ledger_href(Kind::Mandate), asked),
        year,
        towns: towns(desk).await?.into_iter().map(|town| chosen("unit", town.unit.0, town.name)).collect(),
        stations: stations.map(|offer| chosen("station", offer.id.to_string(), offer.label)).collect(),
        gap: GAP,
    })
}
