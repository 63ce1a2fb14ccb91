//! The rates of §7.0 over suggestions, and what is counted in people.

use std::collections::{BTreeMap, BTreeSet};

use super::{Filter, Item, Share, date_of};
use crate::{
    case::{
        Machine,
        act::{CommitmentOutcome, Opinion, Way},
        calendar::Date,
        mandate,
        suggestion::Suggestion,
    },
    id::RecordId,
    schema::Kind,
    summary::{present, summarize},
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

fn rate(
    items: &[(Item<'_>, &Suggestion)],
    whole: impl Fn(&Suggestion) -> bool,
    part: impl Fn(&Suggestion) -> bool,
) -> Share {
    let of: Vec<_> = items.iter().filter(|(_, suggestion)| whole(suggestion)).collect();
    Share::new(of.iter().filter(|(_, suggestion)| part(suggestion)).count(), of.len())
}

fn is_assigned(suggestion: &Suggestion) -> bool {
    suggestion.assigned.is_some()
}

/// 办复率: replied ÷ assigned. Not 办结.
pub fn replied(items: &[(Item<'_>, &Suggestion)]) -> Share {
    rate(items, is_assigned, |suggestion| suggestion.reply().is_some())
}

/// 按期办复率: first reply on or before its limit (or excused on paper proof) ÷ those whose limit
/// ended in the period. An extension counts only if it was granted before the limit had passed.
pub fn timely(items: &[(Item<'_>, &Suggestion)], from: Date, to: Date) -> Share {
    let limit = |suggestion: &Suggestion| match suggestion.replies.first() {
        Some(reply) => reply.due,
        None => suggestion.passed.or(suggestion.clocks.get(crate::case::Clock::Reply).map(|due| due.on)),
    };
    let due = |suggestion: &Suggestion| limit(suggestion).is_some_and(|limit| limit >= from && limit <= to);
    rate(items, due, |suggestion| suggestion.replies.first().is_some_and(|reply| !reply.late || reply.excused))
}

/// 办结率: closed or later ÷ assigned.
pub fn done(items: &[(Item<'_>, &Suggestion)]) -> Share {
    rate(items, is_assigned, |suggestion| suggestion.state.is_done())
}

/// 满意率, 基本满意率, or both together: ÷ evaluated. What was not evaluated is not in the
/// denominator and is shown beside it.
pub fn evaluated(items: &[(Item<'_>, &Suggestion)], opinions: &[Opinion]) -> Share {
    let standing = |suggestion: &Suggestion| suggestion.evaluation().map(|standing| standing.evaluation.result);
    rate(
        items,
        |suggestion| standing(suggestion).is_some(),
        |suggestion| standing(suggestion).is_some_and(|result| opinions.contains(&result)),
    )
}

/// 未测评: replied, and closed without an evaluation.
pub fn not_evaluated(items: &[(Item<'_>, &Suggestion)]) -> usize {
    let without = |suggestion: &Suggestion| suggestion.reply().is_some() && suggestion.evaluation().is_none();
    items.iter().filter(|(_, suggestion)| without(suggestion)).count()
}

/// 初次办理满意率: the evaluation of the first reply ÷ first replies evaluated.
pub fn evaluated_at_first(items: &[(Item<'_>, &Suggestion)], opinions: &[Opinion]) -> Share {
    let first = |suggestion: &Suggestion| {
        let first = suggestion.evaluations.iter().find(|evaluated| evaluated.evaluation.round == 1);
        first.map(|evaluated| evaluated.evaluation.result)
    };
    rate(
        items,
        |suggestion| first(suggestion).is_some(),
        |suggestion| first(suggestion).is_some_and(|result| opinions.contains(&result)),
    )
}

/// 面商率, 见面率 or 沟通率, by which ways count: cases with at least one such contact ÷ assigned.
pub fn contacted(items: &[(Item<'_>, &Suggestion)], counts: impl Fn(Way) -> bool) -> Share {
    rate(items, is_assigned, |suggestion| suggestion.contacts.iter().any(|(way, _)| counts(*way)))
}

/// 兑现率: kept ÷ commitments whose day has come.
pub fn kept(items: &[(Item<'_>, &Suggestion)], today: Date) -> Share {
    let commitments = items.iter().flat_map(|(_, suggestion)| &suggestion.commitments);
    let due: Vec<_> =
        commitments.filter(|commitment| commitment.due <= today || commitment.outcome.is_some()).collect();
    let kept = due.iter().filter(|commitment| commitment.outcome == Some(CommitmentOutcome::Kept)).count();
    Share::new(kept, due.len())
}

/// 公开率: published ÷ closed with a reply that may be published.
pub fn published(items: &[(Item<'_>, &Suggestion)]) -> Share {
    let may = |suggestion: &Suggestion| {
        suggestion.state.is_done() && suggestion.reply().is_some_and(|reply| reply.may_publish)
    };
    rate(items, may, |suggestion| suggestion.marks.published)
}

/// 人次 of a training: those of the roster who came, and the unnamed.
pub fn person_times(training: &Item<'_>) -> i64 {
    summarize(training.contents).number
}

/// 代表参与面: mandates with at least one verified act ÷ active mandates. Coverage, no ranking.
pub fn coverage(items: &[Item<'_>], filter: &Filter) -> Share {
    let active: BTreeSet<RecordId> = items.iter().filter(|item| is_active(item)).map(|item| item.id).collect();
    let acts = items
        .iter()
        .filter(|item| item.is_live(Kind::Activity) && item.is_verified() && filter.takes_date(date_of(item.contents)));
    let present = acts.flat_map(|item| present(item.contents, "attendees")).filter_map(|id| id.parse().ok());
    let present: BTreeSet<RecordId> = present.filter(|mandate| active.contains(mandate)).collect();
    Share::new(present.len(), active.len())
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
