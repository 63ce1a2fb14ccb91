//! R6 (DOMAIN §7.1, E13): each pairing of the year with its activities against what it aims at. An activity
//! counts when it is verified, dated in its pairing's year, and somebody of each side was there.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    case::{
        Date,
        figures::{Progress, both_there, months_passed},
    },
    id::{RecordId, SpaceId, UnitCode},
    rights::SpaceKind,
    schema::Kind,
    summary::Summary,
};

use super::{
    desk::Desk,
    directory::{everything, pairing},
    figures::verified,
    layout::{ledger_href, record_href},
    names::Names,
    overview::Asking,
    problem::Problem,
};
use crate::store::{LedgerQuery, LedgerRow};

/// Pairings that are looked at.
const PAIRINGS_MAX: u32 = 500;
/// Verified pairing activities that are read for who was there: the newest. A district has dozens a year.
const ACTIVITIES_READ_MAX: u32 = 500;
/// Records that are looked up at once.
const PIECE: usize = 500;

/// A pairing of the year.
pub(super) struct Pairing {
    pub label: String,
    pub href: String,
    pub done: u64,
    pub target: u64,
    pub activities: String,
    pub light: &'static str,
    pub light_label: String,
}

/// Whether the reader reads what pairings do, and so may be told how much that is. Who reads no desk,
/// where suggestions lie, reads too few activities.
pub(super) fn shown_to(desk: &Desk) -> bool {
    desk.reads(Kind::Pairing) && desk.reads(Kind::Suggestion)
}

/// Whether the reader reads the activities of this one: those of the own unit, and of all at the district.
fn is_counted(desk: &Desk, own: &[RecordId], row: &LedgerRow) -> bool {
    desk.district().is_some() || sides(&row.summary).into_iter().flatten().any(|side| own.contains(&side))
}

/// The pairings of the year, by name.
pub(super) async fn figure(desk: &Desk, asking: &Asking) -> Result<Vec<Pairing>, Problem> {
    if !desk.reads(Kind::Pairing) {
        return Ok(Vec::new());
    }
    let mut rows = desk.store().ledger(&everything(desk, Kind::Pairing), None, PAIRINGS_MAX).await?;
    let own = desk.own_units();
    rows.retain(|row| row.summary.number == asking.year && is_counted(desk, &own, row));
    let units: Vec<RecordId> = rows.iter().flat_map(|row| sides(&row.summary)).flatten().collect();
    let names = Names::of(desk, units).await?;
    // The target is not part of the summary; a year has a handful of pairings.
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let contents = desk.hub().contents(desk.person(), &ids).await?;
    let (from, to) = asking.year_so_far();
    let of_year = LedgerQuery { from: Some(from), to: Some(to), ..everything(desk, Kind::Activity) };
    let activities = counted(desk, &of_year).await?;
    let figure = |row: &LedgerRow| {
        let target = contents.get(&row.id).and_then(|pairing| pairing.number("target")).unwrap_or_default();
        let target = u64::try_from(target).unwrap_or_default();
        let done = activities.iter().filter(|(_, pairing)| *pairing == row.id).count() as u64;
        let year = i32::try_from(asking.year).unwrap_or_default();
        let light = Progress::of(done, target, months_passed(year, Date::at(desk.now_ms())));
        Pairing {
            label: pairing(desk.words, &names, row),
            href: record_href(row.id),
            done,
            target,
            activities: format!("{}&link={}", activities_href(asking), row.id),
            light: light.key(),
            light_label: desk.words.of_key(&format!("light.{}", light.key())),
        }
    };
    let mut pairings: Vec<Pairing> = rows.iter().map(figure).collect();
    pairings.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(pairings)
}

/// The address of the year's activities that count.
pub(super) fn activities_href(asking: &Asking) -> String {
    let (from, to) = asking.year_so_far();
    format!("{}?counts=pairing&from={from}&to={to}", ledger_href(Kind::Activity))
}

/// The activities of a query that count, each with its pairing.
pub(super) async fn counted(desk: &Desk, query: &LedgerQuery) -> Result<Vec<(RecordId, RecordId)>, Problem> {
    let query = LedgerQuery { code: Some("pairing".into()), case: verified(), ..query.clone() };
    let rows = desk.store().ledger(&query, None, ACTIVITIES_READ_MAX).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let activities = desk.hub().contents(desk.person(), &ids).await?;
    let pairings = desk.store().ledger(&everything(desk, Kind::Pairing), None, PAIRINGS_MAX).await?;
    let pairings: HashMap<RecordId, Summary> = pairings.into_iter().map(|row| (row.id, row.summary)).collect();
    let attendees = activities.values().flat_map(|activity| activity.elements("attendees"));
    let places = Places::of(desk, attendees.filter_map(|id| id.parse().ok()).collect()).await?;
    let counts = |id: &RecordId| {
        let activity = activities.get(id)?;
        let pairing = activity.reference("pairing")?;
        let agreed = pairings.get(&pairing)?;
        let year: i64 = activity.text("start").get(..4)?.parse().ok()?;
        let sides = sides(agreed).map(|side| places.code(side?));
        let both = both_there(activity, sides, |mandate| places.home(mandate.parse().ok()?));
        (year == agreed.number && both).then_some((*id, pairing))
    };
    Ok(ids.iter().filter_map(counts).collect())
}

/// The street and the town of a pairing, as its summary has them.
fn sides(pairing: &Summary) -> [Option<RecordId>; 2] {
    [pairing.place, pairing.status.parse().ok()]
}

/// The codes of towns and streets, and in which of them mandates are at home: where their station is.
struct Places {
    units: HashMap<RecordId, UnitCode>,
    homes: HashMap<RecordId, UnitCode>,
}

impl Places {
    /// Looked up in all open data: where a deputy is at home is no secret, and the other side of a
    /// pairing is of another town.
    async fn of(desk: &Desk, mandates: HashSet<RecordId>) -> Result<Self, Problem> {
        let spaces = desk.store().lasting_spaces().await?;
        let is_open = |kind| matches!(kind, SpaceKind::TownPublic | SpaceKind::DistrictPublic);
        let open: HashMap<SpaceId, &UnitCode> =
            spaces.iter().filter(|space| is_open(space.kind)).map(|space| (space.id, &space.unit)).collect();
        let at: Vec<SpaceId> = open.keys().copied().collect();
        let mandates = look_up(desk, Kind::Mandate, &at, mandates).await?;
        let stations = mandates.iter().filter_map(|mandate| mandate.summary.station).collect();
        let stations = look_up(desk, Kind::Station, &at, stations).await?;
        let stations: HashMap<RecordId, &UnitCode> =
            stations.iter().filter_map(|station| Some((station.id, *open.get(&station.space)?))).collect();
        let home = |mandate: &LedgerRow| Some((mandate.id, UnitCode::clone(stations.get(&mandate.summary.station?)?)));
        Ok(Self {
            units: open
                .values()
                .map(|code| (RecordId::derived(Kind::AdminUnit, &[&code.0]), (*code).clone()))
                .collect(),
            homes: mandates.iter().filter_map(home).collect(),
        })
    }

    fn code(&self, unit: RecordId) -> Option<&str> {
        self.units.get(&unit).map(|code| code.0.as_str())
    }

    fn home(&self, mandate: RecordId) -> Option<&str> {
        self.homes.get(&mandate).map(|code| code.0.as_str())
    }
}

async fn look_up(
    desk: &Desk,
    kind: Kind,
    spaces: &[SpaceId],
    ids: HashSet<RecordId>,
) -> Result<Vec<LedgerRow>, Problem> {
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let mut rows = Vec::new();
    for ids in ids.chunks(PIECE) {
        let query = LedgerQuery { ids: Some(ids.to_vec()), ..LedgerQuery::of(kind, spaces.to_vec()) };
        rows.append(&mut desk.store().ledger(&query, None, PIECE as u32).await?);
    }
    Ok(rows)
}
