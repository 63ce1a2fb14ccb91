//! Loading: everybody gets an account and a phone, lives through the year, and hands in.

use std::{collections::BTreeMap, time::Instant};

use anyhow::Context;
use jiff::civil::Date;
use lianxin_shared::{
    id::{RecordId, UnitCode},
    record::Contents,
    rights::Role,
    schema::Kind,
};
use tokio::task::JoinSet;

use super::{
    ACCOUNTS, Account,
    activities::{self, OfficeYear},
    answers,
    calendar::{Calendar, plus},
    chance::Chance,
    district::{self, Held},
    docket::{Docket, Hand, Hands},
    handling::{self, Moved},
    mandates, mechanisms,
    office::{self, Entered, Offices, Spaces, Suggested, create_user, post},
    people::{self, Level},
    phone::Phone,
    photos,
    places::{DISTRICT, Station, UNITS, Unit, stations},
    roster::{Roster, unit_of},
    stories, suggestions,
    team::Team,
    verified,
    voices::Heard,
    volumes,
    year::{self, Share},
};
use crate::{blob::Blobs, hub::Hub};

/// Stations (later: offices) at work at the same time. Each writes into its own spaces, so the
/// result is the same whatever the order; together they share commits.
const AT_ONCE: usize = 6;

/// Loads the demo set into an empty database. Nobody can sign in until [`super::load_if_empty`]
/// gives the announced accounts their password.
pub(super) async fn load(hub: &Hub, blobs: &Blobs, calendar: Calendar) -> anyhow::Result<()> {
    let started = Instant::now();
    let stations = stations();
    create_onlookers(hub, &stations).await?;
    let bureaus = office::bureaus(hub).await?;
    let spaces = Spaces::create(hub, &stations).await?;
    let mut offices = Offices::open(hub).await?;
    let roster = Roster::enter(hub, calendar, &mut offices, &spaces, &stations, people::deputies()).await?;
    tracing::info!(seconds = started.elapsed().as_secs(), "the demo set: units, deputies, stations are in");

    let of_level = roster.of_level(Level::District);
    let mut entries = suggestions::of_session(spaces.district_office, &of_level);
    entries.extend(mechanisms::of_the_district(calendar, &spaces, &of_level));
    let session = office::enter(hub, &mut offices.district, entries, calendar.last()).await?;

    let mut teams = Vec::new();
    for station in stations.iter().enumerate() {
        teams.push(Team::gather(hub, calendar, &spaces, &roster, station).await?);
    }
    let mut lived = live(hub, teams, shares(calendar, &stations, &roster)).await?;
    for (team, _) in &lived {
        photos::deliver(hub, blobs, team, calendar.last()).await?;
    }
    let heard: Vec<&[Heard]> = lived.iter().map(|(_, heard)| heard.as_slice()).collect();
    tracing::info!(seconds = started.elapsed().as_secs(), "the demo set: the stations' year is in");

    let by_unit: Vec<Vec<Heard>> = group_by_unit(&stations, &heard);
    let Offices { mut district, towns } = offices;
    let mut towns = town_offices(hub, calendar, towns, &spaces, &stations, &roster, by_unit).await?;
    let entries = district_entries(calendar, &spaces, &stations, &roster, &heard);
    let between = office::enter(hub, &mut district, entries, calendar.last()).await?;
    let moved = taken_over(hub, calendar, &mut district, &towns, &spaces).await?;
    let entries = mechanisms::to_be_mended(calendar, &spaces, &between.visits);
    office::enter(hub, &mut district, entries, calendar.last()).await?;
    tracing::info!(seconds = started.elapsed().as_secs(), "the demo set: the offices' records are in");

    let hands = hands(&district, &towns, &bureaus, &lived);
    let mut docket = Docket::new(&hands, calendar);
    let by_desk = session.suggested.iter().chain(&between.suggested).map(|one| (Hand::District, one));
    let by_town = towns.iter().enumerate();
    let by_town = by_town.flat_map(|(n, (_, entered))| entered.suggested.iter().map(move |one| (Hand::Town(n), one)));
    let progress = handling::plan_all(&mut docket, by_desk.chain(by_town), &moved);
    verified::plan(hub, &mut docket, &mut district, &Hand::District, &Hand::District).await?;
    for (n, (town, _)) in towns.iter_mut().enumerate() {
        verified::plan(hub, &mut docket, town, &Hand::Town(n), &Hand::Town(n)).await?;
    }
    for (n, (team, heard)) in lived.iter_mut().enumerate() {
        let unit = unit_of(&stations[n]);
        answers::plan(&mut docket, heard, (n, unit), &progress);
        let office = Hand::Town(unit);
        verified::plan(hub, &mut docket, &mut team.staff, &Hand::Station(n), &office).await?;
        for writer in &mut team.deputies {
            verified::plan(hub, &mut docket, &mut writer.phone, &Hand::Deputy(writer.mandate), &office).await?;
        }
        let mandates: Vec<RecordId> = team.deputies.iter().map(|writer| writer.mandate).collect();
        mandates::contests(&mut docket, &mandates, &office);
    }
    mandates::changes(&mut docket, &of_level);
    docket.carry_out(hub).await?;
    // So that the list of devices is complete when loading is.
    hub.devices().await?;
    tracing::info!(seconds = started.elapsed().as_secs(), "the demo set is loaded");
    Ok(())
}

/// Everybody with an account who acts.
fn hands(
    district: &Phone,
    towns: &[(Phone, Entered)],
    bureaus: &[(UnitCode, Phone)],
    lived: &[(Team, Vec<Heard>)],
) -> Hands {
    let mut hands = Hands::default();
    hands.join(Hand::District, district.clerk());
    bureaus.iter().for_each(|(code, phone)| hands.join(Hand::Unit(code.clone()), phone.clerk()));
    for (n, (phone, _)) in towns.iter().enumerate() {
        hands.join(Hand::Town(n), phone.clerk());
    }
    for (n, (team, _)) in lived.iter().enumerate() {
        hands.join(Hand::Station(n), team.staff.clerk());
        for writer in &team.deputies {
            let clerk = writer.phone.clerk();
            let mandates: Vec<RecordId> = clerk.person.mandates().collect();
            mandates.into_iter().for_each(|mandate| hands.join(Hand::Deputy(mandate), clerk.clone()));
        }
    }
    hands
}

/// The announced accounts that write nothing in the demo set. The administrator first: see
/// [`super::load_if_empty`].
async fn create_onlookers(hub: &Hub, stations: &[Station]) -> anyhow::Result<()> {
    const ROLES: [Role; 4] = [Role::Admin, Role::Auditor, Role::Leader, Role::GroupLeader];
    for Account { login, name, role, unit } in ACCOUNTS.iter().rev().filter(|account| ROLES.contains(&account.role)) {
        let code = match role {
            Role::GroupLeader => stations.iter().find(|station| station.name == *unit).map(Station::code),
            _ => Some(UnitCode(DISTRICT.into())),
        };
        create_user(hub, login, name, vec![post(*role, code.with_context(|| format!("there is no {unit}"))?)]).await?;
    }
    Ok(())
}

/// Days from an express to what the district makes of it, and days of the year that its way needs to be seen.
const TAKEN_OVER_AFTER_DAYS: i64 = 12;
const TAKEN_OVER_WITHIN_DAYS: i64 = 90;

/// Where the scenes of several hands take place: one station of each unit; in 芝麻镇, 竹元村.
fn tells_stories(station: &Station) -> bool {
    if station.unit.name == "芝麻镇" { station.code.ends_with("S01") } else { station.village.is_none() }
}

/// How much of the year's volumes falls to each station.
fn shares(calendar: Calendar, stations: &[Station], roster: &Roster) -> Vec<Share> {
    let mut chance = Chance::of("shares");
    let told = stations.iter().filter(|station| tells_stories(station)).count();
    let pairing: usize = volumes::PAIRINGS.iter().map(|(_, _, done)| done).sum();
    let elsewhere = volumes::DISTRICT_ACTIVITIES + volumes::TOWN_ACTIVITIES + pairing;
    let in_scenes = told * stories::ACTIVITIES + stories::JOBS.len();
    // A town's own station has more to do than a village's room.
    let weights: Vec<usize> = stations.iter().map(|station| if station.village.is_none() { 4 } else { 3 }).collect();
    let activities = chance.shares(volumes::ACTIVITIES - elsewhere - in_scenes, &weights);
    let voices = chance.shares(volumes::VOICES - told * stories::VOICES, &weights);
    let share = |(n, station): (usize, &Station)| Share {
        activities: activities[n],
        voices: voices[n],
        pairing: if station.village.is_none() {
            pairing_days(calendar, stations, roster, station.unit)
        } else {
            Vec::new()
        },
        stories: tells_stories(station).then(|| neighbours(stations, roster, station)),
        jobs: station.name == stories::JOBS_STATION,
    };
    stations.iter().enumerate().map(share).collect()
}

/// The deputies of a station and its neighbours: who may come to a meeting.
fn neighbours(stations: &[Station], roster: &Roster, station: &Station) -> Vec<RecordId> {
    let levels = [Level::Town, Level::District];
    levels.iter().flat_map(|level| roster.of_unit(stations, station.unit.name, *level)).collect()
}

/// Days between the activities of a pair.
const FIRST_PAIRING_AFTER_DAYS: i64 = 25;
/// Deputies of the street who come along.
const PAIRING_GUESTS: usize = 3;

/// R6: when the town's pair meets, and who comes from the street.
fn pairing_days(
    calendar: Calendar,
    stations: &[Station],
    roster: &Roster,
    town: &Unit,
) -> Vec<(Date, RecordId, Vec<RecordId>)> {
    let mut chance = Chance::of(&format!("pairing {}", town.code));
    let pairs = volumes::PAIRINGS.iter().zip(&roster.pairings);
    let mut days = Vec::new();
    for ((street, _, count), pairing) in pairs.filter(|((_, name, _), _)| *name == town.name) {
        let street = roster.of_unit(stations, street, Level::District);
        for n in 0..*count {
            let day = calendar.spread_from(plus(calendar.new_year(), FIRST_PAIRING_AFTER_DAYS), n, *count);
            days.push((day, *pairing, chance.sample(&street, PAIRING_GUESTS)));
        }
    }
    days
}

/// All stations' years; what was heard, by station.
async fn live(hub: &Hub, teams: Vec<Team>, shares: Vec<Share>) -> anyhow::Result<Vec<(Team, Vec<Heard>)>> {
    let mut lived = BTreeMap::new();
    let mut waiting = teams.into_iter().zip(shares).enumerate();
    let mut at_work: JoinSet<anyhow::Result<(usize, Team, Vec<Heard>)>> = JoinSet::new();
    loop {
        while at_work.len() < AT_ONCE
            && let Some((n, (mut team, share))) = waiting.next()
        {
            let hub = hub.clone();
            at_work.spawn(async move {
                let heard = year::live(&hub, &mut team, &share).await?;
                Ok((n, team, heard))
            });
        }
        let Some(done) = at_work.join_next().await else { return Ok(lived.into_values().collect()) };
        let (n, team, heard) = done.context("a station's year")??;
        lived.insert(n, (team, heard));
    }
}

fn group_by_unit(stations: &[Station], heard: &[&[Heard]]) -> Vec<Vec<Heard>> {
    let mut by_unit: Vec<Vec<Heard>> = UNITS.iter().map(|_| Vec::new()).collect();
    for (station, heard) in stations.iter().zip(heard) {
        by_unit[unit_of(station)].extend(heard.iter().cloned());
    }
    by_unit
}

/// The towns' desks: express suggestions, own activities and trainings.
async fn town_offices(
    hub: &Hub,
    calendar: Calendar,
    towns: Vec<Phone>,
    spaces: &Spaces,
    stations: &[Station],
    roster: &Roster,
    heard: Vec<Vec<Heard>>,
) -> anyhow::Result<Vec<(Phone, Entered)>> {
    let mut chance = Chance::of("towns");
    let weights: Vec<usize> = heard.iter().map(|heard| heard.len().max(1)).collect();
    let express = chance.shares(volumes::EXPRESS_SUGGESTIONS, &weights);
    let own = chance.shares(volumes::TOWN_ACTIVITIES, &[1; volumes::UNITS]);
    let mut at_work: JoinSet<anyhow::Result<(usize, Phone, Entered)>> = JoinSet::new();
    for (n, mut town) in towns.into_iter().enumerate() {
        let unit = &UNITS[n];
        let level = if unit.is_town() { Level::Town } else { Level::District };
        let deputies = roster.of_unit(stations, unit.name, level);
        let mut entries = suggestions::express(calendar, spaces.town_office[n], unit, &deputies, &heard[n], express[n]);
        entries.extend(activities::of_office(
            calendar,
            &OfficeYear {
                name: unit.code,
                space: spaces.town_office[n],
                organizer: "town",
                kinds: activities::TOWN_KINDS,
                units: std::slice::from_ref(unit),
                deputies: &deputies,
                count: own[n],
            },
        ));
        for (training, held) in district::training_holders().into_iter().enumerate() {
            if held == Held::Town(n) {
                entries.push(district::training(calendar, training, spaces.town_public[n], &deputies));
            }
        }
        entries.extend(mechanisms::of_a_town(calendar, spaces, stations, n, &deputies));
        entries.extend(mechanisms::contacts(spaces.town_office[n], unit, &roster.people_of_unit(stations, unit.name)));
        let hub = hub.clone();
        at_work.spawn(async move {
            let entered = office::enter(&hub, &mut town, entries, calendar.last()).await?;
            Ok((n, town, entered))
        });
    }
    let mut entered = BTreeMap::new();
    while let Some(done) = at_work.join_next().await {
        let (n, town, of_town) = done.context("a town's desk")??;
        entered.insert(n, (town, of_town));
    }
    Ok(entered.into_values().collect())
}

/// 上收: what some towns give to the district; there the matter is entered as a suggestion of its own.
async fn taken_over(
    hub: &Hub,
    calendar: Calendar,
    district: &mut Phone,
    towns: &[(Phone, Entered)],
    spaces: &Spaces,
) -> anyhow::Result<Vec<Moved>> {
    let early = |suggested: &&Suggested| plus(suggested.day, TAKEN_OVER_WITHIN_DAYS) < calendar.last();
    let mut chosen = Vec::new();
    for (phone, entered) in towns {
        if let Some(express) = entered.suggested.iter().find(early) {
            chosen.push((express.id, express.day, phone.contents(Kind::Suggestion, express.id)?));
        }
    }
    chosen.truncate(volumes::TAKEN_OVER_SUGGESTIONS);
    chosen.sort_by_key(|(id, day, _)| (*day, *id));
    let copy = |(_, day, contents): &(RecordId, Date, Contents)| {
        suggestions::taken_over(spaces.district_office, plus(*day, TAKEN_OVER_AFTER_DAYS), contents)
    };
    let entries = chosen.iter().map(copy).collect();
    let entered = office::enter(hub, district, entries, calendar.last()).await?;
    let froms = chosen.into_iter().map(|(from, ..)| from);
    Ok(froms.zip(entered.suggested).map(|(from, to)| Moved { from, to }).collect())
}

/// The district's desk: suggestions between sessions, activities, trainings, guidance visits.
fn district_entries(
    calendar: Calendar,
    spaces: &Spaces,
    stations: &[Station],
    roster: &Roster,
    heard: &[&[Heard]],
) -> Vec<office::Entry> {
    let deputies = roster.of_level(Level::District);
    let everybody: Vec<RecordId> = roster.seated.iter().filter_map(|seated| seated.mandates.first().copied()).collect();
    let heard: Vec<(&'static Unit, Heard)> = stations
        .iter()
        .zip(heard)
        .flat_map(|(station, heard)| heard.iter().map(move |heard| (station.unit, heard.clone())))
        .collect();
    let mut entries = suggestions::between_sessions(calendar, spaces.district_office, &deputies, &heard);
    entries.extend(activities::of_office(
        calendar,
        &OfficeYear {
            name: DISTRICT,
            space: spaces.district_office,
            organizer: "district",
            kinds: activities::DISTRICT_KINDS,
            units: &UNITS,
            deputies: &deputies,
            count: volumes::DISTRICT_ACTIVITIES,
        },
    ));
    entries.extend(district::guidance_visits(calendar, &spaces.town_office, &deputies));
    for (training, held) in district::training_holders().into_iter().enumerate() {
        if held == Held::District {
            entries.push(district::training(calendar, training, spaces.district_public, &everybody));
        }
    }
    entries
}
