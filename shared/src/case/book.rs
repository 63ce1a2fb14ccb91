//! The book of rules: what is data and not code, because it differs by place and year.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    act::Tier,
    calendar::{Date, Unit},
    dated::Dated,
    holidays::{Holidays, YearTable},
    route::Routes,
    rules::{Clock, Rule, Rules},
};

/// The rules, tables and code lists, each with its versions. What a case needs of them later is kept in the event that
/// fixes it: limits, classes and extensions at assignment, its number when it is accepted, the reasons of a route when
/// a voice is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    pub rules: Rules,
    pub holidays: Holidays,
    /// How often a reply may be put off.
    pub extensions_max: Dated<u32>,
    /// The pattern of a case's number by tier: `{year}`, `{place}`, `{seq}` (three digits at least).
    pub numbers: BTreeMap<Tier, Dated<String>>,
    /// The classes of replies (A/B/C/D), with what they come to.
    pub classes: Dated<Vec<ReplyClass>>,
    /// Where voices go (§6.5).
    pub routes: Dated<Routes>,
}

/// A class of replies, mapped to a neutral outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyClass {
    pub key: String,
    pub zh: String,
    pub en: String,
    pub outcome: Outcome,
}

/// What a reply comes to; its words are in the texts under `outcome.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 已解决
    Solved,
    /// 推进中(有承诺)
    Promised,
    /// 解释说明
    Explained,
}

impl Outcome {
    pub const ALL: [Outcome; 3] = [Outcome::Solved, Outcome::Promised, Outcome::Explained];

    pub fn key(self) -> &'static str {
        match self {
            Outcome::Solved => "solved",
            Outcome::Promised => "promised",
            Outcome::Explained => "explained",
        }
    }
}

const SAMPLE: &str = "示例";

impl Book {
    /// Sample values, marked as such; to be replaced by the district's own.
    pub fn sample() -> Book {
        Book {
            rules: sample_rules(),
            holidays: sample_holidays(),
            extensions_max: Dated::always(1, SAMPLE),
            numbers: sample_numbers(),
            classes: Dated::always(sample_classes(), SAMPLE),
            routes: Dated::always(Routes::sample(), SAMPLE),
        }
    }
}

fn sample_rules() -> Rules {
    use Clock::*;
    use Unit::*;
    let law = "代表法(2025) 第五十一条";
    let rows = [
        (Sort, None, 3, WorkingDays, "submit", SAMPLE),
        (Route, None, 5, WorkingDays, "sort", SAMPLE),
        (Feedback, None, 5, WorkingDays, "outcome", SAMPLE),
        (Accept, None, 7, WorkingDays, "submit", SAMPLE),
        (Sign, None, 3, WorkingDays, "assign", SAMPLE),
        (ReturnAssignment, None, 7, WorkingDays, "assign", SAMPLE),
        (Decide, None, 5, WorkingDays, "return_assignment", SAMPLE),
        (CoOpinion, None, 1, Months, "assign", SAMPLE),
        (Reply, None, 3, Months, "assign", law),
        (ReplyWide, None, 6, Months, "assign", law),
        (Reply, Some(Tier::Town), 2, Months, "assign", SAMPLE),
        (ReplyWide, Some(Tier::Town), 4, Months, "assign", SAMPLE),
        (Reply, Some(Tier::Express), 15, WorkingDays, "assign", SAMPLE),
        (ReplyWide, Some(Tier::Express), 2, Months, "assign", SAMPLE),
        (Evaluate, None, 15, WorkingDays, "reply", SAMPLE),
        (UrgeEvaluation, None, 10, WorkingDays, "reply", SAMPLE),
        (Rehandle, None, 1, Months, "rehandle", SAMPLE),
        (Near, None, 7, Days, "", SAMPLE),
    ];
    let rule = |(key, tier, value, unit, start, source): (Clock, Option<Tier>, u32, Unit, &str, &str)| Rule {
        key,
        tier,
        value,
        unit,
        start_event: start.into(),
        source_text: source.into(),
        valid_from: Date::MIN,
        valid_to: None,
        set_by: SAMPLE.into(),
    };
    Rules(rows.map(rule).into())
}

/// As announced by the State Council's general office; to be checked by staff. 2022 is the year of the term's first session.
fn sample_holidays() -> Holidays {
    Holidays { years: [(2022, year_2022()), (2025, year_2025()), (2026, year_2026())].into() }
}

fn days(year: i32, ranges: &[(u32, u32, u32)]) -> Vec<Date> {
    let days = ranges.iter().flat_map(|&(month, from, to)| (from..=to).map(move |day| (month, day)));
    days.filter_map(|(month, day)| Date::new(year, month, day)).collect()
}

fn year_2022() -> YearTable {
    YearTable {
        source: format!("国办发明电〔2021〕11号（{SAMPLE},待核对）"),
        off: days(
            2022,
            &[(1, 1, 3), (1, 31, 31), (2, 1, 6), (4, 3, 5), (4, 30, 30), (5, 1, 4), (6, 3, 5), (9, 10, 12), (10, 1, 7)],
        ),
        worked: days(2022, &[(1, 29, 30), (4, 2, 2), (4, 24, 24), (5, 7, 7), (10, 8, 9)]),
    }
}

fn year_2025() -> YearTable {
    YearTable {
        source: format!("国办发明电〔2024〕12号（{SAMPLE},待核对）"),
        off: days(2025, &[(1, 1, 1), (1, 28, 31), (2, 1, 4), (4, 4, 6), (5, 1, 5), (5, 31, 31), (6, 1, 2), (10, 1, 8)]),
        worked: days(2025, &[(1, 26, 26), (2, 8, 8), (4, 27, 27), (9, 28, 28), (10, 11, 11)]),
    }
}

fn year_2026() -> YearTable {
    YearTable {
        source: format!("国办发明电〔2025〕7号（{SAMPLE},待核对）"),
        off: days(2026, &[(1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)]),
        worked: days(2026, &[(1, 4, 4), (2, 14, 14), (2, 28, 28), (5, 9, 9), (9, 20, 20), (10, 10, 10)]),
    }
}

fn sample_numbers() -> BTreeMap<Tier, Dated<String>> {
    [
        (Tier::Express, "{place}直通车〔{year}〕{seq}号"),
        (Tier::Town, "{place}人建〔{year}〕{seq}号"),
        (Tier::District, "汇人建〔{year}〕{seq}号"),
        (Tier::Upper, "汇人转〔{year}〕{seq}号"),
    ]
    .map(|(tier, pattern)| (tier, Dated::always(pattern.to_owned(), SAMPLE)))
    .into()
}

fn sample_classes() -> Vec<ReplyClass> {
    let class =
        |key: &str, zh: &str, en: &str, outcome| ReplyClass { key: key.into(), zh: zh.into(), en: en.into(), outcome };
    vec![
        class("A", "已解决或基本解决", "Solved or nearly", Outcome::Solved),
        class("B", "正在解决或列入规划逐步解决", "Under way or planned", Outcome::Promised),
        class("C", "因条件限制待以后解决", "Later, for lack of means", Outcome::Explained),
        class("D", "留作参考", "Kept for reference", Outcome::Explained),
    ]
}
