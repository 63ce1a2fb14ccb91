//! R1 to R10: each figure of the source article, recomputed (DOMAIN §7.1). R8 is the six mechanisms
//! together: [`trainings`], [`coverage`], [`pairings`], [`by_tier`], [`visits`].

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;

use super::{Filter, Item, Share, counted, date_of, person_times};
use crate::{
    case::{
        Machine,
        act::{ExitKind, Tier},
        calendar::Date,
        suggestion::Suggestion,
    },
    id::RecordId,
    record::Contents,
    schema::Kind,
    summary::present,
};

/// R1: stations in use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Stations {
    pub total: usize,
    /// By type: 站、室 …
    pub by_kind: BTreeMap<String, usize>,
    /// By the code of the town or street.
    pub by_township: BTreeMap<String, usize>,
}

/// The kinds that the published number of stations counts (站、室).
const COUNTED_STATIONS: [&str; 2] = ["station", "room"];

/// R1: 启用 stations and rooms.
pub fn stations(items: &[Item<'_>]) -> Stations {
    let mut found = Stations::default();
    let open = items.iter().filter(|item| item.is_live(Kind::Station) && item.contents.text("state") == "open");
    for item in open.filter(|item| COUNTED_STATIONS.contains(&item.contents.text("kind"))) {
        found.total += 1;
        *found.by_kind.entry(item.contents.text("kind").to_owned()).or_default() += 1;
        let code = item.contents.text("code");
        let township = code.get(..super::TOWNSHIP_CHARS).unwrap_or(item.township());
        *found.by_township.entry(township.to_owned()).or_default() += 1;
    }
    found
}

/// R2: suggestions of the filter with a theme ÷ all of the filter.
pub fn themed(items: &[Item<'_>], filter: &Filter, theme: &str) -> Share {
    let all = counted(items, filter);
    Share::new(all.iter().filter(|(item, _)| has_theme(item, theme)).count(), all.len())
}

/// R3: those with a theme, by category; the largest first, then by key.
pub fn themed_by_category(items: &[Item<'_>], filter: &Filter, theme: &str) -> Vec<(String, usize)> {
    let themed: Vec<(Item<'_>, &Suggestion)> =
        counted(items, filter).into_iter().filter(|(item, _)| has_theme(item, theme)).collect();
    let mut groups: Vec<_> = super::by_field(&themed, "category").into_iter().collect();
    groups.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    groups
}

fn has_theme(item: &Item<'_>, theme: &str) -> bool {
    item.contents.elements("themes").iter().any(|one| one == theme)
}

/// R4: trainings and person-times, by the level that held them.
pub fn trainings(items: &[Item<'_>], filter: &Filter) -> BTreeMap<String, (usize, i64)> {
    let mut groups: BTreeMap<String, (usize, i64)> = BTreeMap::new();
    for item in items.iter().filter(|item| item.is_live(Kind::Training) && filter.takes(item.contents)) {
        let group = groups.entry(item.contents.text("level").to_owned()).or_default();
        *group = (group.0 + 1, group.1 + person_times(item));
    }
    groups
}

/// R5: guidance visits. One visit is one team of leaders at one unit on one day, however many wrote it down.
pub fn visits(items: &[Item<'_>], filter: &Filter) -> usize {
    let visits = items.iter().filter(|item| item.is_live(Kind::GuidanceVisit) && filter.takes(item.contents));
    different_visits(visits.map(|item| item.contents))
}

/// R5, of visits' records: those that are not the same visit written down twice.
pub fn different_visits<'a>(visits: impl IntoIterator<Item = &'a Contents>) -> usize {
    let visit = |contents: &Contents| {
        let mut leaders = [contents.elements("leader_mandates"), contents.elements("leaders")].concat();
        leaders.sort_unstable();
        (leaders, contents.text("unit").to_owned(), contents.text("date").to_owned())
    };
    visits.into_iter().map(visit).collect::<BTreeSet<_>>().len()
}

/// R6: how a pairing stands in its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// 已达标
    Reached,
    /// 进度正常: at least the part of the target that the months gone by call for.
    OnTheWay,
    /// 需加快
    Behind,
}

/// R6: a pairing with its verified activities of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PairingFigure {
    pub pairing: RecordId,
    pub count: usize,
    pub target: usize,
    pub progress: Progress,
}

const MONTHS: u64 = 12;

impl Progress {
    /// `count` activities of `target` after so many whole months of the year: as many as the months that have passed
    /// ask for (of four a year, a third of them; DOMAIN §7.1) is on the way.
    pub fn of(count: u64, target: u64, months_passed: u64) -> Progress {
        let (count, target, months) = (u128::from(count), u128::from(target), u128::from(months_passed.min(MONTHS)));
        match count {
            _ if count >= target => Progress::Reached,
            _ if count * u128::from(MONTHS) >= target * months => Progress::OnTheWay,
            _ => Progress::Behind,
        }
    }

    /// The last part of the key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Progress::Reached => "met",
            Progress::OnTheWay => "on_track",
            Progress::Behind => "behind",
        }
    }
}

/// Whole months of a year that have passed today.
pub fn months_passed(year: i32, today: Date) -> u64 {
    let (this_year, month, _) = today.civil();
    match year.cmp(&this_year) {
        Ordering::Less => MONTHS,
        Ordering::Equal => u64::from(month.saturating_sub(1)),
        Ordering::Greater => 0,
    }
}

/// R6: per pairing of a year, the verified pairing activities dated in it, up to `today`. Both
/// sides must have been there: a deputy of the street and one of the town.
pub fn pairings(items: &[Item<'_>], today: Date) -> Vec<PairingFigure> {
    let homes = homes(items);
    let codes: BTreeMap<String, &str> = items
        .iter()
        .filter(|item| item.is_live(Kind::AdminUnit))
        .map(|item| (item.id.to_string(), item.contents.text("code")))
        .collect();
    let pairings = items.iter().filter(|item| item.is_live(Kind::Pairing));
    let this_year = pairings.filter(|item| item.contents.number("year") == Some(today.year().into()));
    let figure = |pairing: &Item<'_>| {
        let sides = ["street", "town"].map(|side| codes.get(pairing.contents.text(side)).copied());
        let counts = |act: &&Item<'_>| {
            act.is_live(Kind::Activity)
                && act.is_verified()
                && act.contents.text("kind") == "pairing"
                && act.contents.reference("pairing") == Some(pairing.id)
                && date_of(act.contents).is_some_and(|date| date.year() == today.year() && date <= today)
                && both_there(act.contents, sides, |mandate| homes.get(mandate).copied())
        };
        let count = items.iter().filter(counts).count();
        let target = pairing.contents.number("target").and_then(|target| usize::try_from(target).ok()).unwrap_or(0);
        let progress = Progress::of(count as u64, target as u64, months_passed(today.year(), today));
        PairingFigure { pairing: pairing.id, count, target, progress }
    };
    this_year.map(figure).collect()
}

/// Where each mandate is at home: the code of its station.
fn homes<'a>(items: &[Item<'a>]) -> BTreeMap<String, &'a str> {
    let stations: BTreeMap<String, &str> = items
        .iter()
        .filter(|item| item.is_live(Kind::Station))
        .map(|item| (item.id.to_string(), item.contents.text("code")))
        .collect();
    let mandates = items.iter().filter(|item| item.is_live(Kind::Mandate));
    let home = |item: &Item<'a>| Some((item.id.to_string(), *stations.get(item.contents.text("station"))?));
    mandates.filter_map(home).collect()
}

/// R6: whether somebody of each side was there. `sides` are the units' codes, `home` says the code of
/// where a mandate is at home.
pub fn both_there<'a>(act: &Contents, sides: [Option<&str>; 2], home: impl Fn(&str) -> Option<&'a str>) -> bool {
    sides.into_iter().all(|side| {
        let from = |mandate: &String| home(mandate).zip(side).is_some_and(|(home, side)| home.starts_with(side));
        present(act, "attendees").any(from)
    })
}

/// R7: verified activities by role and focus. An activity with two of either is in two cells.
pub fn roles(items: &[Item<'_>], filter: &Filter) -> BTreeMap<(String, String), usize> {
    let mut cells = BTreeMap::new();
    let acts = items.iter().filter(|item| item.is_live(Kind::Activity) && item.is_verified());
    for item in acts.filter(|item| filter.takes(item.contents)) {
        for role in item.contents.elements("role") {
            for focus in item.contents.elements("focus") {
                *cells.entry((role.clone(), focus.clone())).or_default() += 1;
            }
        }
    }
    cells
}

/// R9: jobs that deputies' projects created: of each project (by its title) the latest verified
/// number, never summed over visits.
pub fn jobs(items: &[Item<'_>], filter: &Filter) -> i64 {
    let acts = items
        .iter()
        .filter(|item| item.is_live(Kind::Activity) && item.is_verified() && item.contents.text("kind") == "industry");
    let acts = acts.filter(|item| filter.takes(item.contents)).map(|item| (item.id, item.contents));
    latest_jobs(acts).values().sum()
}

/// R9: of each project (by its title) the number that was written last.
pub fn latest_jobs<'a>(acts: impl IntoIterator<Item = (RecordId, &'a Contents)>) -> BTreeMap<&'a str, i64> {
    let mut latest: BTreeMap<&str, (&str, RecordId, i64)> = BTreeMap::new();
    for (id, contents) in acts {
        let Some(jobs) = contents.number("jobs") else { continue };
        let at = (contents.text("start"), id, jobs);
        let entry = latest.entry(contents.text("title")).or_insert(at);
        *entry = at.max(*entry);
    }
    latest.into_iter().map(|(project, (_, _, jobs))| (project, jobs)).collect()
}

/// R10: voices by where they went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Exits {
    pub by_exit: BTreeMap<ExitKind, usize>,
    /// By the code of the town or street, and the month (`YYYY-MM`).
    pub by_township: BTreeMap<(String, String), usize>,
    /// Median days from recording to sorting, and from recording to the first feedback; `None` of none.
    pub days_to_sort: Option<u32>,
    pub days_to_feedback: Option<u32>,
}

/// R10: voices by confirmed exit.
pub fn exits(items: &[Item<'_>], filter: &Filter) -> Exits {
    let mut found = Exits::default();
    let (mut to_sort, mut to_feedback) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|item| item.is_live(Kind::Voice) && filter.takes(item.contents)) {
        let Machine::Voice(voice) = &item.case.machine else { continue };
        let Some(exit) = &voice.exit else { continue };
        *found.by_exit.entry(exit.kind()).or_default() += 1;
        let month = item.contents.text("date").get(..7).unwrap_or_default().to_owned();
        *found.by_township.entry((item.township().to_owned(), month)).or_default() += 1;
        to_sort.extend(voice.on.to_sort());
        to_feedback.extend(voice.on.to_feedback());
    }
    found.days_to_sort = median(to_sort);
    found.days_to_feedback = median(to_feedback);
    found
}

/// The middle one; of an even number the lower of the two.
fn median(mut days: Vec<u32>) -> Option<u32> {
    days.sort_unstable();
    days.get(days.len().checked_sub(1)? / 2).copied()
}

/// Express cases in a street are settled and counted, but never as 代表建议.
pub fn express(items: &[Item<'_>], filter: &Filter) -> usize {
    counted(items, &Filter { tiers: vec![Tier::Express], ..filter.clone() }).len()
}
