//! 评分 (E17b): points for what was verified, by dated rules. Off until the district enters a period and rules of its own;
//! there is no rank anywhere (DOMAIN §1.6: no official values were seen).

use std::collections::BTreeSet;

use super::calendar::Date;
use crate::{record::Contents, schema::Kind};

/// A rule of scoring, in force from one day to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The section of the dossier that it scores (`dossier_section`).
    pub section: String,
    pub title: String,
    pub per: Per,
    /// Hundredths of a point.
    pub value: i64,
    /// The most that it gives in a period, in hundredths.
    pub cap: Option<i64>,
    pub from: Date,
    /// The last day; none while it is in force.
    pub to: Option<Date>,
    /// A sample, not an official value (示例).
    pub sample: bool,
}

/// What a rule counts (`score_unit`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// 每次, 每件: each verified record.
    Act,
    /// 每天: each day with at least one.
    Day,
}

/// A verified record of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done<'a> {
    pub section: &'a str,
    pub on: Date,
}

/// What one rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points<'a> {
    pub rule: &'a Rule,
    /// Acts or days that the rule counts.
    pub count: usize,
    /// Hundredths of a point, at most the cap.
    pub points: i64,
}

impl Rule {
    /// The rule that a record states; `None` where it does not say enough to be applied.
    pub fn of(contents: &Contents) -> Option<Rule> {
        if contents.kind != Kind::ScoreRule {
            return None;
        }
        let date = |key: &str| contents.text(key).parse::<Date>().ok();
        Some(Rule {
            section: Some(contents.text("section")).filter(|section| !section.is_empty())?.to_owned(),
            title: contents.text("title").to_owned(),
            per: match contents.text("per") {
                "act" | "piece" => Per::Act,
                "day" => Per::Day,
                _ => return None,
            },
            value: contents.number("value")?,
            cap: contents.number("cap"),
            from: date("valid_from")?,
            to: date("valid_to"),
            sample: contents.is_true("sample"),
        })
    }

    fn counts(&self, done: &Done<'_>) -> bool {
        done.section == self.section && done.on >= self.from && self.to.is_none_or(|to| done.on <= to)
    }
}

/// What each rule gives for what was done in a period, both days included; in the order of the rules.
pub fn points<'a>(rules: &'a [Rule], done: &[Done<'_>], (from, to): (Date, Date)) -> Vec<Points<'a>> {
    let within = |done: &&Done<'_>| done.on >= from && done.on <= to;
    let of = |rule: &'a Rule| {
        let counted = done.iter().filter(within).filter(|done| rule.counts(done));
        let count = match rule.per {
            Per::Act => counted.count(),
            Per::Day => counted.map(|done| done.on).collect::<BTreeSet<_>>().len(),
        };
        let all = rule.value.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        Points { rule, count, points: rule.cap.map_or(all, |cap| all.min(cap)) }
    };
    rules.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{Actor, RecordId},
        record::{Edit, Record},
    };

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rule(section: &str, per: Per, value: i64, cap: Option<i64>, from: &str, to: Option<&str>) -> Rule {
        let (title, to) = (section.to_owned(), to.map(day));
        Rule { section: section.into(), title, per, value, cap, from: day(from), to, sample: true }
    }

    #[test]
    fn acts_and_days_count_under_the_rule_in_force_then_up_to_the_cap() {
        let rules = [
            rule("meetings", Per::Act, 200, Some(500), "2026-01-01", None),
            rule("inspections", Per::Day, 150, None, "2026-01-01", Some("2026-06-30")),
            rule("inspections", Per::Day, 100, None, "2026-07-01", None),
        ];
        let on = |section, date| Done { section, on: day(date) };
        let done = [
            on("meetings", "2025-12-31"),
            on("meetings", "2026-01-01"),
            on("meetings", "2026-02-01"),
            on("meetings", "2026-03-01"),
            on("inspections", "2026-06-30"),
            on("inspections", "2026-06-30"),
            on("inspections", "2026-07-01"),
            on("group", "2026-07-01"),
        ];
        let points = points(&rules, &done, (day("2026-01-01"), day("2026-12-31")));
        let found: Vec<(usize, i64)> = points.iter().map(|points| (points.count, points.points)).collect();
        assert_eq!(found, [(3, 500), (1, 150), (1, 100)]);
    }

    #[test]
    fn a_rule_is_what_its_record_says_or_none() {
        let mut record = Record::new(Kind::ScoreRule, RecordId([3; 16]));
        let mut edits = vec![
            Edit::put("section", "meetings"),
            Edit::put("title", "出席人代会"),
            Edit::put("per", "day"),
            Edit::put("value", 200),
            Edit::put("valid_from", "2026-01-01"),
        ];
        record.edit(Actor([1; 16]), 1_760_000_000_000, None, &edits).unwrap();
        let found = Rule::of(&record.read()).unwrap();
        assert_eq!((found.per, found.value, found.cap, found.to, found.sample), (Per::Day, 200, None, None, false));
        edits.pop();
        let mut undated = Record::new(Kind::ScoreRule, RecordId([4; 16]));
        undated.edit(Actor([1; 16]), 1_760_000_000_000, None, &edits).unwrap();
        assert_eq!(Rule::of(&undated.read()), None);
    }

    /// No screen can rank by it: points belong to one dossier, and nothing here compares two.
    #[test]
    fn without_rules_there_are_no_points() {
        let done = [Done { section: "meetings", on: day("2026-02-01") }];
        assert!(points(&[], &done, (day("2026-01-01"), day("2026-12-31"))).is_empty());
    }
}
