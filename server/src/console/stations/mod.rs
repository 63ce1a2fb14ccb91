//! The stations of a reader's area: a month of one, a week of all, and how all of them stand.
//!
//! The area is where the person reads reception days one by one: rights are those of the ledgers.

mod days;
mod map;
mod month;
mod raised;
mod standing;
mod week;

use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    schema::Kind,
};

use super::{desk::Desk, directory::everything, layout::record_href, names::towns, problem::Problem, words::Words};
use crate::store::LedgerQuery;

pub(super) use map::page as map;
pub(super) use month::page as month;
pub(super) use raised::of_station as suggestions_of;
pub(super) use week::page as week;

/// Stations of a district; the article counts 51.
const STATIONS_MAX: u32 = 500;
/// Where the diagram is, and the week.
pub(super) const MAP: &str = "/console/stations";
pub(super) const WEEK: &str = "/console/week";

/// A station in use.
struct Station {
    id: RecordId,
    /// Where its work lies.
    space: SpaceId,
    code: UnitCode,
    name: String,
    kind: String,
    /// Its reception days, as people write them.
    rule: String,
    /// Where its door is, `latitude,longitude` as records hold it.
    geo: String,
}

/// A town or street with its stations in use.
struct Town {
    code: UnitCode,
    name: String,
    stations: Vec<Station>,
}

/// The address of a station's month.
pub(super) fn calendar_href(station: impl std::fmt::Display) -> String {
    format!("{}/calendar", record_href(station))
}

/// The ways from a ledger or a page of stations to what shows all of them.
pub(super) fn views(words: Words) -> [(&'static str, &'static str, &'static str); 2] {
    [(WEEK, words.get("week.title"), "to-week"), (MAP, words.get("station_map.title"), "to-map")]
}

/// The stations in use whose work the person reads, town by town.
async fn area(desk: &Desk) -> Result<Vec<Town>, Problem> {
    if !desk.reads(Kind::Station) {
        return Err(Problem::NotFound);
    }
    let spaces = desk.stations();
    let query = LedgerQuery { status: Some("open".into()), ..everything(desk, Kind::Station) };
    let mut rows = desk.store().ledger(&query, None, STATIONS_MAX).await?;
    rows.retain(|row| spaces.contains_key(&row.id));
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let said = desk.hub().contents(desk.person(), &ids).await?;
    let text = |id: RecordId, key: &str| said.get(&id).map(|said| said.text(key).to_owned()).unwrap_or_default();
    let mut found = Vec::new();
    for town in towns(desk).await? {
        let own = rows.iter().filter(|row| row.space == town.space);
        let mut stations: Vec<Station> = own
            .filter_map(|row| {
                let space = spaces.get(&row.id)?;
                Some(Station {
                    id: row.id,
                    space: space.id,
                    code: space.unit.clone(),
                    name: row.summary.title.clone(),
                    kind: row.summary.code.clone(),
                    rule: text(row.id, "reception_rule"),
                    geo: text(row.id, "geo"),
                })
            })
            .collect();
        stations.sort_by(|a, b| a.code.cmp(&b.code));
        if !stations.is_empty() {
            found.push(Town { code: town.unit, name: town.name, stations });
        }
    }
    Ok(found)
}
