//! Time limits, case numbers and holiday tables: what is data because it differs by place and year.
//!
//! Nothing is changed in place. A new version of a limit holds from its day on and the old one stays;
//! a case keeps those that it was assigned under. Each change is a version of the whole book, noted in
//! the audit log with who made it and the text it rests on.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    case::{Book, Clock, Date, Rule, Tier, calendar::Unit, holidays::YearTable},
    rights::Role,
};

use super::{
    desk::Desk,
    input::{Asked, Pairs, Sent},
    layout::{self, Page},
    ledger::Choice,
    problem::Problem,
    words::Words,
};
use crate::{hub::InForce, store::Act};

const RULES: &str = "/console/rules";
/// The longest limit, in its unit.
const VALUE_MAX: u32 = 1000;
/// Rules that one book holds; old ones are never removed.
const RULES_MAX: usize = 2000;
/// Characters of a source, and of a pattern.
const LINE_CHARS_MAX: usize = 200;
/// Days of one list of a holiday table.
const DAYS_MAX: usize = 100;
const UNITS: [(Unit, &str); 3] = [(Unit::Months, "months"), (Unit::Days, "days"), (Unit::WorkingDays, "working_days")];

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    page: Page,
    error: Option<String>,
    may_change: bool,
    version: u32,
    rules: Vec<RuleShown>,
    numbers: Vec<(String, String)>,
    years: Vec<YearShown>,
    clocks: Vec<Choice>,
    tiers: Vec<Choice>,
    units: Vec<Choice>,
    sent: Pairs,
}

struct RuleShown {
    clock: String,
    tier: String,
    value: String,
    from: String,
    to: String,
    source: String,
    set_by: String,
    in_force: bool,
}

struct YearShown {
    year: i32,
    off: String,
    worked: String,
    source: String,
}

impl RulesPage {
    /// What was typed, after a form came back.
    fn typed(&self, name: &str) -> &str {
        self.sent.get(name)
    }
}

fn may_change(desk: &Desk) -> bool {
    desk.has_role(Role::District)
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if desk.spaces.is_empty() {
        return Err(Problem::NotFound);
    }
    Ok(layout::html(&template(&desk, &asked, None, Pairs::default()).await?)?.into_response())
}

/// Puts a new version of the book in force, with what the form says.
pub(super) async fn submit(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    if !may_change(&desk) {
        return Err(Problem::NotAllowed);
    }
    let InForce { version, book } = desk.hub().rules(desk.now_ms()).await?;
    let words = desk.words;
    // Someone else changed the rules since this form was made: what they say now must be seen first.
    if sent.get("version") != version.to_string() {
        return came_back(&desk, sent, words.get("rules.changed")).await;
    }
    let by = desk.person().name.clone();
    let (changed, what) = match changed(&book, &sent, &by) {
        Ok(changed) => changed,
        Err(key) => return came_back(&desk, sent, words.get(key)).await,
    };
    let json = serde_json::to_string(&changed).map_err(|_| Problem::Broken)?;
    if !desk.store().add_book(version + 1, &json, desk.now_ms()).await? {
        return came_back(&desk, sent, words.get("rules.changed")).await;
    }
    desk.note(Act::RuleChange, format!("{} {what}", version + 1), sent.get("source")).await?;
    tracing::info!(version = version + 1, by = desk.person().user.0, "the rules were changed");
    Ok(Redirect::to(&format!("{RULES}?done=rules")).into_response())
}

async fn came_back(desk: &Desk, sent: Pairs, error: &str) -> Result<Response, Problem> {
    let page = template(desk, &Pairs::default(), Some(error.to_owned()), sent).await?;
    Ok((StatusCode::CONFLICT, layout::html(&page)?).into_response())
}

/// The book with what a form says, and what of it that is; the key of the words where it makes no sense.
fn changed(book: &Book, sent: &Pairs, by: &str) -> Result<(Book, String), &'static str> {
    let source = sent.get("source");
    if source.is_empty() || source.chars().count() > LINE_CHARS_MAX {
        return Err("rules.no_source");
    }
    let mut book = book.clone();
    let what = match sent.get("form") {
        "rule" => {
            let rule = rule(&book, sent, source, by).ok_or("rules.wrong")?;
            if book.rules.0.len() >= RULES_MAX {
                return Err("rules.wrong");
            }
            let what = rule.key.key().to_owned();
            book.rules.0.push(rule);
            what
        }
        "number" => {
            let tier = Tier::from_key(sent.get("tier")).ok_or("rules.wrong")?;
            let pattern = sent.get("pattern");
            // Without its number in it, every case of a year would have the same.
            let fits = pattern.contains("{seq}") && pattern.chars().count() <= LINE_CHARS_MAX;
            if !fits {
                return Err("rules.no_seq");
            }
            book.numbers.insert(tier, pattern.to_owned());
            format!("number {}", tier.key())
        }
        "holidays" => {
            let year: i32 = sent.get("year").parse().map_err(|_| "rules.wrong")?;
            let (off, worked) = (days(sent.get("off"), year)?, days(sent.get("worked"), year)?);
            if !(2000..=2999).contains(&year) || off.is_empty() {
                return Err("rules.wrong");
            }
            book.holidays.years.insert(year, YearTable { source: source.to_owned(), off, worked });
            format!("holidays {year}")
        }
        _ => return Err("rules.wrong"),
    };
    Ok((book, what))
}

fn rule(book: &Book, sent: &Pairs, source: &str, by: &str) -> Option<Rule> {
    let key = Clock::ALL.into_iter().find(|clock| clock.key() == sent.get("clock"))?;
    let tier = match sent.get("tier") {
        "" => None,
        tier => Some(Tier::from_key(tier)?),
    };
    let (unit, _) = *UNITS.iter().find(|(_, unit)| *unit == sent.get("unit"))?;
    let value = sent.get("value").parse().ok().filter(|value| (1..=VALUE_MAX).contains(value))?;
    let valid_from: Date = sent.get("valid_from").parse().ok()?;
    // From which step it runs is part of what the limit is, and the same in all versions.
    let start_event = book.rules.0.iter().find(|rule| rule.key == key).map(|rule| rule.start_event.clone());
    Some(Rule {
        key,
        tier,
        value,
        unit,
        start_event: start_event.unwrap_or_default(),
        source_text: source.to_owned(),
        valid_from,
        valid_to: None,
        set_by: by.to_owned(),
    })
}

/// Days as people type them: `2026-01-01`, separated by blanks, commas or lines; `2026-02-15..2026-02-23` for a run.
fn days(text: &str, year: i32) -> Result<Vec<Date>, &'static str> {
    let mut days = Vec::new();
    for part in text.split([' ', '\n', ',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once("..").unwrap_or((part, part));
        let (first, last): (Date, Date) = match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) => (first, last),
            _ => return Err("rules.wrong_day"),
        };
        let mut day = first;
        while day <= last && days.len() <= DAYS_MAX {
            days.push(day);
            day = day.plus_days(1);
        }
    }
    days.sort_unstable();
    days.dedup();
    let fits = days.len() <= DAYS_MAX && days.iter().all(|day| day.year() == year);
    if fits { Ok(days) } else { Err("rules.wrong_day") }
}

async fn template(desk: &Desk, asked: &Pairs, error: Option<String>, sent: Pairs) -> Result<RulesPage, Problem> {
    let words = desk.words;
    let InForce { version, book } = desk.hub().rules(desk.now_ms()).await?;
    let today = Date::at(desk.now_ms());
    let mut rules: Vec<&Rule> = book.rules.0.iter().collect();
    rules.sort_by_key(|rule| (rule.key, rule.tier, std::cmp::Reverse(rule.valid_from)));
    let choice = |key: &str, label: String, name: &str| Choice {
        key: key.to_owned(),
        label,
        chosen: !key.is_empty() && sent.get(name) == key,
    };
    Ok(RulesPage {
        page: Page::new(desk, words.get("rules.title"), RULES, asked),
        error,
        may_change: may_change(desk),
        version,
        rules: rules.into_iter().map(|rule| rule_shown(words, &book, rule, today)).collect(),
        numbers: book.numbers.iter().map(|(tier, pattern)| (tier_label(words, *tier), pattern.clone())).collect(),
        years: book.holidays.years.iter().rev().map(|(year, table)| year_shown(*year, table)).collect(),
        clocks: Clock::ALL.iter().map(|clock| choice(clock.key(), clock_label(words, *clock), "clock")).collect(),
        tiers: Tier::ALL.iter().map(|tier| choice(tier.key(), tier_label(words, *tier), "tier")).collect(),
        units: UNITS.iter().map(|(_, unit)| choice(unit, words.of_key(&format!("rules.{unit}")), "unit")).collect(),
        sent,
    })
}

fn rule_shown(words: Words, book: &Book, rule: &Rule, today: Date) -> RuleShown {
    let unit = UNITS.iter().find(|(unit, _)| *unit == rule.unit).map(|(_, unit)| *unit).unwrap_or_default();
    let day = |day: Date| if day == Date::MIN { String::new() } else { words.day(&day.to_string()) };
    RuleShown {
        clock: clock_label(words, rule.key),
        tier: rule.tier.map(|tier| tier_label(words, tier)).unwrap_or_default(),
        value: format!("{} {}", rule.value, words.of_key(&format!("rules.{unit}"))),
        from: day(rule.valid_from),
        to: rule.valid_to.map(day).unwrap_or_default(),
        source: rule.source_text.clone(),
        set_by: rule.set_by.clone(),
        in_force: book.rules.find(rule.key, rule.tier, today) == Some(rule),
    }
}

fn year_shown(year: i32, table: &YearTable) -> YearShown {
    let days = |days: &[Date]| days.iter().map(|day| day.to_string()[5..].to_owned()).collect::<Vec<_>>().join(" ");
    YearShown { year, off: days(&table.off), worked: days(&table.worked), source: table.source.clone() }
}

fn clock_label(words: Words, clock: Clock) -> String {
    words.of_key(&format!("clock.{}", clock.key()))
}

fn tier_label(words: Words, tier: Tier) -> String {
    words.code("suggestion_tier", tier.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Pairs {
        Pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn a_new_version_stands_beside_the_old_one_from_its_day_on() {
        let form = [
            ("form", "rule"),
            ("clock", "reply"),
            ("tier", "town"),
            ("value", "45"),
            ("unit", "days"),
            ("valid_from", "2026-07-01"),
            ("source", "区办法第九条"),
        ];
        let old = Book::sample();
        let Ok((new, what)) = changed(&old, &sent(&form), "吴敏") else { panic!("the form is right") };
        assert_eq!((what.as_str(), new.rules.0.len()), ("reply", old.rules.0.len() + 1));
        let value = |book: &Book, day: &str| {
            let day: Option<Date> = day.parse().ok();
            day.and_then(|day| book.rules.find(Clock::Reply, Some(Tier::Town), day)).map(|rule| (rule.value, rule.unit))
        };
        assert_eq!(value(&new, "2026-06-30"), value(&old, "2026-06-30"));
        assert_eq!(value(&new, "2026-07-01"), Some((45, Unit::Days)));
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let source = ("source", "办法");
        let wrong: [(&[(&str, &str)], &str); 7] = [
            (&[("form", "rule"), ("clock", "reply")], "rules.no_source"),
            (&[("form", "rule"), ("clock", "moon"), source], "rules.wrong"),
            (&[("form", "number"), ("tier", "town"), ("pattern", "人建"), source], "rules.no_seq"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "2026-01-01"), source], "rules.wrong_day"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "春节"), source], "rules.wrong_day"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "0001-01-01..9999-12-31"), source], "rules.wrong_day"),
            (&[("form", "else"), source], "rules.wrong"),
        ];
        for (form, key) in wrong {
            assert_eq!(changed(&Book::sample(), &sent(form), "吴敏").err(), Some(key), "{form:?}");
        }
    }

    #[test]
    fn runs_of_days_are_written_short() {
        let run = days("2027-02-05..2027-02-07, 2027-01-01", 2027);
        let days: Vec<String> = run.unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07"]);
    }
}
