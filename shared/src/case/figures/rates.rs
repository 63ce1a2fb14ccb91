//! The rates of §7.0 over suggestions, and what is counted in people.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Figure, Filter, Item, Share, date_of,
    measures::{self, Part, has_come, is_kept},
};
use crate::{
    case::{Machine, calendar::Date, mandate, suggestion::Suggestion},
    id::RecordId,
    schema::Kind,
    summary::summarize,
};

/// 建议总数: accepted, of the filter's term, session, days and tiers; without what was
/// withdrawn, declined or moved on to another tier. Each piece that a deputy filed counts.
pub fn counted<'a>(items: &[Item<'a>], filter: &Filter) -> Vec<(Item<'a>, &'a Suggestion)> {
    let suggestions = items.iter().filter_map(|item| Some((*item, item.suggestion()?)));
    let counts = |(item, suggestion): &(Item<'_>, &Suggestion)| {
        let tier = suggestion.tier.is_some_and(|tier| filter.takes_tier(tier));
        suggestion.state.is_counted() && tier && filter.takes(item.contents)
    };
    suggestions.filter(counts).collect()
}

/// How many of each value of a single-valued field, empty for those without one. They add up to all.
pub fn by_field(items: &[(Item<'_>, &Suggestion)], field: &str) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for (item, _) in items {
        *groups.entry(item.contents.text(field).to_owned()).or_default() += 1;
    }
    groups
}

/// How many of each tier.
pub fn by_tier(items: &[(Item<'_>, &Suggestion)]) -> BTreeMap<&'static str, usize> {
    let mut groups = BTreeMap::new();
    for tier in items.iter().filter_map(|(_, suggestion)| suggestion.tier) {
        *groups.entry(tier.key()).or_default() += 1;
    }
    groups
}

/// A/B/C/D of the latest reply. They add up to those replied.
pub fn by_class(items: &[(Item<'_>, &Suggestion)]) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for reply in items.iter().filter_map(|(_, suggestion)| suggestion.reply()) {
        *groups.entry(reply.class.clone()).or_default() += 1;
    }
    groups
}

/// How many are in a part today.
pub fn count(items: &[(Item<'_>, &Suggestion)], part: Part, today: Date) -> usize {
    items.iter().filter(|(_, suggestion)| part.takes(&measures::of(suggestion), today)).count()
}

/// A rate of suggestions; nothing of nothing for a figure that is none. What is not in the denominator, as those without
/// an evaluation, is shown beside it.
pub fn rate(items: &[(Item<'_>, &Suggestion)], figure: Figure, today: Date) -> Share {
    let share = |(part, whole)| Share::new(count(items, part, today), count(items, whole, today));
    figure.rate().map(share).unwrap_or_default()
}

/// 兑现率: kept ÷ commitments whose day has come or that were settled.
pub fn kept(items: &[(Item<'_>, &Suggestion)], today: Date) -> Share {
    let commitments = items.iter().flat_map(|(_, suggestion)| &suggestion.commitments);
    let due: Vec<_> = commitments.filter(|commitment| has_come(commitment, today)).collect();
    Share::new(due.iter().filter(|commitment| is_kept(commitment)).count(), due.len())
}

/// 人次 of a training: those of the roster who came, and the unnamed.
pub fn person_times(training: &Item<'_>) -> i64 {
    summarize(training.contents).number
}

/// 代表参与面: mandates with at least one verified activity ÷ active mandates. Coverage, no ranking. An activity is of
/// those who took part, by its list or because they wrote it down; not of those who were excused or absent.
pub fn coverage(items: &[Item<'_>], filter: &Filter) -> Share {
    let active: BTreeSet<RecordId> = items.iter().filter(|item| is_active(item)).map(|item| item.id).collect();
    let acts = items
        .iter()
        .filter(|item| item.is_live(Kind::Activity) && item.is_verified() && filter.takes_date(date_of(item.contents)));
    let took_part = |item: &Item<'_>| summarize(item.contents).people;
    let people = acts.flat_map(took_part).filter_map(|id| id.parse().ok());
    let covered: BTreeSet<RecordId> = people.filter(|mandate| active.contains(mandate)).collect();
    Share::new(covered.len(), active.len())
}

/// 履职档案, the manual part: how much of each section counts for a mandate. Nothing that is not verified
/// (E17), and each report to the voters (E16) in its section.
pub fn dossier(items: &[Item<'_>], mandate: RecordId, filter: &Filter) -> BTreeMap<String, u64> {
    const REPORTS: &str = "report";
    let mut sections = BTreeMap::new();
    let counts = |item: &&Item<'_>| item.is_verified() && filter.takes_date(date_of(item.contents));
    for item in items.iter().filter(counts) {
        let section = match item.contents.kind {
            Kind::DossierEntry if item.contents.reference("mandate") == Some(mandate) => item.contents.text("section"),
            Kind::DutyReport if item.contents.reference("author") == Some(mandate) => REPORTS,
            _ => continue,
        };
        if !item.contents.is_true("deleted") {
            *sections.entry(section.to_owned()).or_default() += 1;
        }
    }
    sections
}

fn is_active(item: &Item<'_>) -> bool {
    let by_events = matches!(&item.case.machine, Machine::Mandate(mandate) if mandate.state == mandate::State::Active);
    item.is_live(Kind::Mandate) && by_events && matches!(item.contents.text("status"), "" | "active")
}
