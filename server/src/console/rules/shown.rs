//! The versions of the rules as the page shows them: all that were ever set, the newest first.

use std::cmp::Reverse;

use lianxin_shared::case::{
    Book, Clock, Date, ReplyClass, Rule, Tier,
    dated::{Dated, Version},
    holidays::YearTable,
    route::Routes,
};

use super::{super::words::Words, UNITS, change::categories};

/// One version of something.
pub(super) struct Shown {
    /// What it is about; empty where the table says it.
    pub name: String,
    pub lines: Vec<String>,
    pub from: String,
    pub to: String,
    pub source: String,
    pub set_by: String,
    pub in_force: bool,
    /// Its day has not come.
    pub coming: bool,
}

/// A year's holidays.
pub(super) struct YearShown {
    pub year: i32,
    pub off: String,
    pub worked: String,
    pub source: String,
}

/// All versions of a value, the newest first.
pub(super) fn versions<T>(
    words: Words,
    name: &str,
    dated: &Dated<T>,
    today: Date,
    lines: impl Fn(&T) -> Vec<String>,
) -> Vec<Shown> {
    let in_force = dated.version_on(today);
    let mut versions: Vec<&Version<T>> = dated.versions().iter().rev().collect();
    versions.sort_by_key(|version| Reverse(version.valid_from));
    let shown = |version: &Version<T>| Shown {
        name: name.to_owned(),
        lines: lines(&version.value),
        from: from(words, version.valid_from),
        to: String::new(),
        source: source(words, &version.source_text),
        set_by: version.set_by.clone(),
        in_force: in_force.is_some_and(|one| std::ptr::eq(one, version)),
        coming: version.valid_from > today,
    };
    versions.into_iter().map(shown).collect()
}

/// The patterns of numbers, tier by tier.
pub(super) fn numbers(words: Words, book: &Book, today: Date) -> Vec<Shown> {
    let of_tier = |(tier, dated): (&Tier, &Dated<String>)| {
        versions(words, &tier_label(words, *tier), dated, today, |pattern| vec![pattern.clone()])
    };
    book.numbers.iter().flat_map(of_tier).collect()
}

/// The limits, by what they are about.
pub(super) fn limits(words: Words, book: &Book, today: Date) -> Vec<(Shown, String)> {
    let mut rules: Vec<&Rule> = book.rules.0.iter().collect();
    rules.sort_by_key(|rule| (rule.key, rule.tier, Reverse(rule.valid_from)));
    let shown = |rule: &Rule| {
        let unit = UNITS.iter().find(|(unit, _)| *unit == rule.unit).map(|(_, unit)| *unit).unwrap_or_default();
        let shown = Shown {
            name: clock_label(words, rule.key),
            lines: vec![format!("{} {}", rule.value, words.of_key(&format!("rules.{unit}")))],
            from: from(words, rule.valid_from),
            to: rule.valid_to.map(|to| words.day(&to.to_string())).unwrap_or_default(),
            source: rule.source_text.clone(),
            set_by: rule.set_by.clone(),
            in_force: book.rules.find(rule.key, rule.tier, today) == Some(rule),
            coming: rule.valid_from > today,
        };
        (shown, rule.tier.map(|tier| tier_label(words, tier)).unwrap_or_default())
    };
    rules.into_iter().map(shown).collect()
}

/// 「A 已解决或基本解决 → 已解决」, class by class.
pub(super) fn classes(words: Words, classes: &[ReplyClass]) -> Vec<String> {
    let line = |class: &ReplyClass| {
        let outcome = words.of_key(&format!("outcome.{}", class.outcome.key()));
        words.fill("rules.class_line", &[("class", &words.class(class)), ("outcome", &outcome)])
    };
    classes.iter().map(line).collect()
}

/// Category by category the office and the bureau, then the words.
pub(super) fn routes(words: Words, routes: &Routes) -> Vec<String> {
    let mut lines = Vec::new();
    for category in categories() {
        let office = routes.town_offices.get(category.key).map(String::as_str);
        let bureau = routes.bureaus.get(category.key).map(|bureau| bureau.name.as_str());
        let units: Vec<&str> = office.into_iter().chain(bureau).collect();
        if !units.is_empty() {
            lines.push(named(words, words.label(category.label), &units.join(words.get("rules.units_comma"))));
        }
    }
    let comma = words.get("summary.comma");
    let further = [
        ("rules.danger_office", routes.danger_office.clone()),
        ("rules.petition_words", routes.petition_words.join(comma)),
        ("rules.district_words", routes.district_words.join(comma)),
    ];
    let further = further.into_iter().filter(|(_, text)| !text.is_empty());
    lines.extend(further.map(|(key, text)| named(words, words.get(key), &text)));
    lines
}

fn named(words: Words, name: &str, text: &str) -> String {
    words.fill("rules.named", &[("name", name), ("text", text)])
}

pub(super) fn year(year: i32, table: &YearTable) -> YearShown {
    let days = |days: &[Date]| days.iter().map(|day| day.to_string()[5..].to_owned()).collect::<Vec<_>>().join(" ");
    YearShown { year, off: days(&table.off), worked: days(&table.worked), source: table.source.clone() }
}

pub(super) fn clock_label(words: Words, clock: Clock) -> String {
    words.of_key(&format!("clock.{}", clock.key()))
}

pub(super) fn tier_label(words: Words, tier: Tier) -> String {
    words.code("suggestion_tier", tier.key())
}

/// Empty for what has been in force as long as anybody can tell.
fn from(words: Words, day: Date) -> String {
    if day == Date::MIN { String::new() } else { words.day(&day.to_string()) }
}

/// Books of before kept no sources of these; the audit log has them.
fn source(words: Words, source: &str) -> String {
    if source.is_empty() { words.get("rules.no_record").to_owned() } else { source.to_owned() }
}
