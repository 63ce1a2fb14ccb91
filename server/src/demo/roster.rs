//! The standing data: units and villages (E1), deputies (E3) and mandates (E3b), stations (E2),
//! pairings (E13). Town clerks enter what is the town's, the district's clerk the rest.

use anyhow::Context;
use lianxin_shared::{id::RecordId, record::Edit, schema::Kind};

use super::{
    calendar::{Calendar, TERM, TERM_START, ms, plus},
    chance::Chance,
    office::{Offices, Spaces},
    people::{Deputy, Level, Seat, staff_name},
    phone::{Phone, add_all},
    places::{DISTRICT, DISTRICT_NAME, Station, UNITS},
    volumes,
};
use crate::hub::Hub;

/// A deputy with the records that stand for them, in the order of the seats.
#[derive(Debug, Clone)]
pub(super) struct Seated {
    pub(super) deputy: Deputy,
    pub(super) person: Option<RecordId>,
    pub(super) mandates: Vec<RecordId>,
}

impl Seated {
    /// The mandate of a level, if the deputy holds one.
    pub(super) fn mandate(&self, level: Level) -> Option<RecordId> {
        let held = self.deputy.seats.iter().zip(&self.mandates);
        held.filter(|(seat, _)| seat.level == level).map(|(_, mandate)| *mandate).next()
    }
}

/// Everybody's mandates, and where.
pub(super) struct Roster {
    pub(super) seated: Vec<Seated>,
    /// By pair, in the order of [`volumes::PAIRINGS`].
    pub(super) pairings: Vec<RecordId>,
}

impl Roster {
    /// The first mandates of the deputies of a station.
    pub(super) fn of_station(&self, station: usize) -> Vec<RecordId> {
        let here = self.seated.iter().filter(|seated| seated.deputy.station == station);
        here.filter_map(|seated| seated.mandates.first().copied()).collect()
    }

    /// The mandates of a level in a unit.
    pub(super) fn of_unit(&self, stations: &[Station], unit: &str, level: Level) -> Vec<RecordId> {
        let here = self.seated.iter().filter(|seated| stations[seated.deputy.station].unit.name == unit);
        here.filter_map(|seated| seated.mandate(level)).collect()
    }

    /// The deputies of a unit, as persons.
    pub(super) fn people_of_unit(&self, stations: &[Station], unit: &str) -> Vec<RecordId> {
        let here = self.seated.iter().filter(|seated| stations[seated.deputy.station].unit.name == unit);
        here.filter_map(|seated| seated.person).collect()
    }

    /// The mandates of a level.
    pub(super) fn of_level(&self, level: Level) -> Vec<RecordId> {
        self.seated.iter().filter_map(|seated| seated.mandate(level)).collect()
    }

    pub(super) async fn enter(
        hub: &Hub,
        calendar: Calendar,
        offices: &mut Offices,
        spaces: &Spaces,
        stations: &[Station],
        deputies: Vec<Deputy>,
    ) -> anyhow::Result<Self> {
        let mut seated = Vec::with_capacity(deputies.len());
        units(&mut offices.district, spaces)?;
        for deputy in deputies {
            seated.push(seat(offices, spaces, stations, deputy)?);
        }
        for (n, town) in offices.towns.iter_mut().enumerate() {
            villages(town, n, spaces)?;
            town.sync(hub, plus(TERM_START, 3)).await?;
        }
        let mut roster = Self { seated, pairings: Vec::new() };
        for (n, station) in stations.iter().enumerate() {
            enter_station(&mut offices.district, spaces, station, &roster.of_station(n))?;
        }
        offices.district.sync(hub, plus(TERM_START, 5)).await?;
        roster.pairings = pairings(&mut offices.district, spaces, calendar)?;
        offices.district.sync(hub, plus(calendar.new_year(), PAIRED_AFTER_DAYS)).await?;
        Ok(roster)
    }
}

/// The place of a station's unit in [`UNITS`].
pub(super) fn unit_of(station: &Station) -> usize {
    UNITS.iter().position(|unit| unit.code == station.unit.code).unwrap_or(0)
}

fn units(district: &mut Phone, spaces: &Spaces) -> anyhow::Result<()> {
    let at = ms(TERM_START, 9, 0);
    let own = [("code", DISTRICT), ("name", DISTRICT_NAME), ("level", "district")];
    let mut edits: Vec<Edit> = own.iter().map(|(field, value)| Edit::put(field, *value)).collect();
    edits.push(Edit::put("has_congress", true));
    district.create(Kind::AdminUnit, spaces.district_public, edits, at)?;
    for unit in &UNITS {
        let edits = vec![
            Edit::put("code", unit.code),
            Edit::put("name", unit.name),
            Edit::put("level", unit.level()),
            Edit::put("parent", DISTRICT),
            Edit::put("has_congress", unit.is_town()),
        ];
        district.create(Kind::AdminUnit, spaces.district_public, edits, at)?;
    }
    Ok(())
}

fn villages(town: &mut Phone, unit: usize, spaces: &Spaces) -> anyhow::Result<()> {
    for village in UNITS[unit].all_villages() {
        let edits = vec![
            Edit::put("code", village.code.as_str()),
            Edit::put("name", village.name),
            Edit::put("level", village.level),
            Edit::put("parent", UNITS[unit].code),
        ];
        town.create(Kind::AdminUnit, spaces.town_public[unit], edits, ms(TERM_START, 10, 0))?;
    }
    Ok(())
}

/// Enters a deputy with all mandates. The town's seats are the town clerk's to enter, the others the district's.
fn seat(offices: &mut Offices, spaces: &Spaces, stations: &[Station], deputy: Deputy) -> anyhow::Result<Seated> {
    let station = &stations[deputy.station];
    let unit = unit_of(station);
    let at = ms(TERM_START, 14, 0);
    let mut record = None;
    let mut mandates = Vec::new();
    for seat in &deputy.seats {
        let clerk = match seat.level {
            Level::Town => &mut offices.towns[unit],
            Level::District | Level::City => &mut offices.district,
        };
        let person = match record {
            Some(record) => record,
            None => clerk.create(Kind::Deputy, spaces.town_public[unit], deputy_edits(&deputy, station), at)?,
        };
        record = Some(person);
        // A city deputy is of interest to the whole district.
        let space = match seat.level {
            Level::City => spaces.district_public,
            Level::Town | Level::District => spaces.town_public[unit],
        };
        mandates.push(clerk.create(Kind::Mandate, space, mandate_edits(&deputy, person, seat, station), at)?);
    }
    Ok(Seated { deputy, person: record, mandates })
}

fn deputy_edits(deputy: &Deputy, station: &Station) -> Vec<Edit> {
    let mut edits = vec![
        Edit::put("name", deputy.name.as_str()),
        Edit::put("gender", deputy.gender),
        Edit::put("ethnicity", deputy.ethnicity),
        Edit::put("post", deputy.post.as_str()),
    ];
    edits.extend(add_all("strengths", &deputy.strengths));
    let mut chance = Chance::of(&format!("profile {} {}", deputy.name, station.code));
    if chance.percent(25) {
        let years = chance.between(4, 22);
        let strength = deputy.strengths.first().map_or(String::new(), |what| format!(",熟悉{what}"));
        let profile = format!(
            "{}，在{}工作生活{years}年{strength}。当选以来坚持走访选民，每月到{}参加接待。",
            deputy.post, station.unit.name, station.name
        );
        edits.push(Edit::write("profile", &profile));
    }
    edits
}

fn mandate_edits(deputy: &Deputy, person: RecordId, seat: &Seat, station: &Station) -> Vec<Edit> {
    vec![
        Edit::put("deputy", person),
        Edit::put("name", deputy.name.as_str()),
        Edit::put("level", seat.level.code()),
        Edit::put("term", TERM),
        Edit::put("constituency", seat.constituency.as_str()),
        Edit::put("station", station.record()),
        Edit::put("start", TERM_START.to_string()),
        Edit::put("status", "active"),
    ]
}

/// The head and the liaison officer; the one of 竹元村 is announced.
pub(super) fn liaison(station: &Station) -> String {
    let announced = super::ACCOUNTS.iter().find(|account| account.unit == station.name && account.login == "station");
    announced.map_or_else(|| staff_name(&station.code), |account| account.name.into())
}

fn enter_station(
    district: &mut Phone,
    spaces: &Spaces,
    station: &Station,
    deputies: &[RecordId],
) -> anyhow::Result<()> {
    let mut edits = vec![
        Edit::put("code", station.code.as_str()),
        Edit::put("name", station.name.as_str()),
        Edit::put("kind", station.kind),
        Edit::put("unit", station.place()),
        Edit::put("address", station.address()),
        Edit::put("reception_rule", station.rule.0),
        Edit::put("state", "open"),
    ];
    // A village's room is headed by one of its deputies, a town's station by its staff.
    match deputies.first().filter(|_| station.village.is_some()) {
        Some(deputy) => edits.push(Edit::put("head_mandate", *deputy)),
        None => edits.push(Edit::put("head", staff_name(&format!("head {}", station.code)))),
    }
    edits.push(Edit::add("liaisons", liaison(station)));
    edits.extend(add_all("deputies", deputies));
    let space = spaces.town_public[unit_of(station)];
    district.create(Kind::Station, space, edits, ms(plus(TERM_START, 4), 15, 0)).map(drop)
}

const PAIRED_AFTER_DAYS: i64 = 9;

/// R6: the year's pairs, agreed in January.
fn pairings(district: &mut Phone, spaces: &Spaces, calendar: Calendar) -> anyhow::Result<Vec<RecordId>> {
    let at = ms(plus(calendar.new_year(), PAIRED_AFTER_DAYS), 10, 0);
    let unit = |name: &str| UNITS.iter().find(|unit| unit.name == name).context("no such unit");
    let pair = |(street, town, _): &(&str, &str, usize)| {
        let plan = format!(
            "{street}与{town}结对联系，全年开展活动不少于{}次：调研视察、产业对接、困难帮扶、联合接待选民各一次；双方代表小组轮流组织，每次至少各有一名代表参加，活动后三个工作日内记录。",
            volumes::PAIRING_TARGET
        );
        let edits = vec![
            Edit::put("street", unit(street)?.record()),
            Edit::put("town", unit(town)?.record()),
            Edit::put("year", i64::from(calendar.year())),
            Edit::put("target", volumes::PAIRING_TARGET),
            Edit::write("plan", &plan),
        ];
        district.create(Kind::Pairing, spaces.district_public, edits, at)
    };
    volumes::PAIRINGS.iter().map(pair).collect()
}
