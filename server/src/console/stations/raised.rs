//! From which station a suggestion comes. It does not say it itself: the space of its case is its deputy's place where it
//! was drafted, at a station; of one that an office has entered, the mandate of the deputy who leads says it.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    id::RecordId,
    rights::{self, Space},
    schema::Kind,
};

use crate::{
    console::{desk::Desk, directory::everything, problem::Problem},
    store::LedgerQuery,
};

/// Mandates that are looked up. A district has some 900.
const MANDATES_MAX: u32 = 5000;

/// What tells it.
pub(super) struct Origins {
    /// Stations by their codes.
    stations: HashMap<String, RecordId>,
    /// The stations of mandates.
    mandates: HashMap<RecordId, RecordId>,
}

impl Origins {
    /// For these spaces.
    pub(super) async fn of<'a>(desk: &Desk, spaces: impl Iterator<Item = &'a Space>) -> Result<Self, Problem> {
        let owners: HashSet<RecordId> = spaces.filter_map(Space::owner).collect();
        let mandates = LedgerQuery { ids: Some(owners.into_iter().collect()), ..everything(desk, Kind::Mandate) };
        Self::by(desk, mandates).await
    }

    /// With what mandates of the query say.
    async fn by(desk: &Desk, mandates: LedgerQuery) -> Result<Self, Problem> {
        let rows = desk.store().ledger(&mandates, None, MANDATES_MAX).await?;
        let stations = desk.stations().into_iter().map(|(id, space)| (space.unit.0.clone(), id));
        Ok(Self {
            stations: stations.collect(),
            mandates: rows.into_iter().filter_map(|row| Some((row.id, row.summary.station?))).collect(),
        })
    }

    pub(super) fn station(&self, space: &Space) -> Option<RecordId> {
        let place = space.unit.0.split('/').next()?;
        self.stations.get(place).copied().or_else(|| self.mandates.get(&space.owner()?).copied())
    }
}

/// Of a query for suggestions, those that come from a station, its drafts included.
pub(in crate::console) async fn of_station(
    desk: &Desk,
    query: LedgerQuery,
    station: RecordId,
) -> Result<LedgerQuery, Problem> {
    let of_station = LedgerQuery { station: Some(station), ..everything(desk, Kind::Mandate) };
    let origins = Origins::by(desk, of_station).await?;
    let comes_from_there = |space: &Space| origins.station(space) == Some(station);
    let LedgerQuery { mut spaces, mut cases, .. } = query;
    spaces.retain(|id| desk.readable(*id).is_some_and(comes_from_there));
    // One station has few cases: they are named, those of them that the query means already.
    spaces.extend(desk.case_spaces(|space| {
        comes_from_there(space) && {
            let keys = rights::case_keys(space);
            let has = |key: &String| keys.contains(key);
            cases.having.iter().all(has) && !cases.lacking.iter().any(has)
        }
    }));
    cases.under.clear();
    Ok(LedgerQuery { spaces, cases, ..query })
}
