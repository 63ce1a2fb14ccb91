//! 接待日规则: on which days a station receives, and when the notice goes up.
//!
//! Customs found (DOMAIN §1.3): every Wednesday, the first Friday, the 15th, the 9th or 19th, lunar
//! days ending in 2, 5, 8, market days (圩日、赶场), by appointment.

use serde::{Deserialize, Serialize};

use super::{
    calendar::{Date, Weekday},
    holidays::{Holidays, NoTable},
    lunar::LunarDate,
};

/// When a station receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceptionRule {
    pub days: Days,
    /// What happens when such a day is a day off.
    #[serde(default)]
    pub on_holidays: OnHolidays,
    /// The hours, as people say them.
    #[serde(default)]
    pub hours: String,
}

/// Which days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Days {
    /// Every week on these days; or only the first, second … of a month.
    Week {
        weekdays: Vec<Weekday>,
        #[serde(default)]
        nth: Option<u32>,
    },
    /// These dates of every month. A month that lacks one has none.
    Month { dates: Vec<u32> },
    /// Lunar days that end in these digits (农历逢二、五、八; 0 is 初十、二十、三十).
    Lunar { digits: Vec<u32> },
    /// Every `every` days, counted from a known market day (圩日).
    Market { known: Date, every: u32 },
    /// 预约
    Appointment,
}

impl ReceptionRule {
    /// What a station's rule says, as people write it (the field `reception_rule`): 每月15日、每月第一个星期五、
    /// 每周三、农历逢二五八、每5天赶场(2026-03-03为场期)、预约接待; with the hours, and what happens on days off
    /// (顺延, 遇节假日不接待). `None` where it cannot be told; the words stand all the same.
    pub fn read(text: &str) -> Option<ReceptionRule> {
        let days = read_lunar(text)
            .or_else(|| read_market(text))
            .or_else(|| read_week(text))
            .or_else(|| read_month(text))
            .or_else(|| text.contains("预约").then_some(Days::Appointment))?;
        let on_holidays = match text {
            text if text.contains("顺延") => OnHolidays::Moved,
            text if ["不接待", "除外", "暂停"].iter().any(|word| text.contains(word)) => OnHolidays::Dropped,
            _ => OnHolidays::Held,
        };
        Some(ReceptionRule { days, on_holidays, hours: read_hours(text).unwrap_or_default() })
    }
}

/// 农历逢二、五、八.
fn read_lunar(text: &str) -> Option<Days> {
    let (_, said) = text.split_once("农历")?;
    let digits = numbers(said.trim_start_matches(['逢', '每', '月'])).into_iter().filter(|digit| *digit <= 10);
    let digits: Vec<u32> = digits.map(|digit| digit % 10).collect();
    (!digits.is_empty()).then_some(Days::Lunar { digits })
}

/// 每5天赶场, with a day on which there is market.
fn read_market(text: &str) -> Option<Days> {
    let (_, said) = text.split_once('每')?;
    let every = numbers(said).first().copied().filter(|every| (2..=31).contains(every))?;
    let day = said.trim_start_matches(|letter| number_of(letter).is_some()).starts_with('天');
    let known = text.char_indices().find_map(|(at, _)| text.get(at..at + 10)?.parse().ok())?;
    day.then_some(Days::Market { known, every })
}

/// 每周三、五; 每月第一个星期五.
fn read_week(text: &str) -> Option<Days> {
    let (before, said) = ["星期", "周"].iter().find_map(|word| text.split_once(word))?;
    let mut weekdays = Vec::new();
    for letter in said.chars() {
        match WEEKDAYS.iter().find(|(name, _)| *name == letter) {
            Some((_, weekday)) => weekdays.push(*weekday),
            None if ['、', ',', '，', '和', '周', '星', '期'].contains(&letter) => {}
            None => break,
        }
    }
    let nth = match before.split_once('第') {
        Some((_, ordinal)) => Some(*numbers(ordinal).first().filter(|nth| (1..=5).contains(*nth))?),
        None => None,
    };
    (!weekdays.is_empty()).then_some(Days::Week { weekdays, nth })
}

/// 每月9日、19日; 每月15号; 每月十五日.
fn read_month(text: &str) -> Option<Days> {
    let (_, said) = text.split_once("每月")?;
    let mut dates = Vec::new();
    for piece in said.split_inclusive(['日', '号']) {
        let piece = piece.trim_start_matches(['、', ',', '，', '和', ' ']);
        let date = piece.strip_suffix(['日', '号']).and_then(number).filter(|date| (1..=31).contains(date));
        let Some(date) = date else { break };
        dates.push(date);
    }
    (!dates.is_empty()).then_some(Days::Month { dates })
}

/// 9:00—11:00, or 上午, 下午.
fn read_hours(text: &str) -> Option<String> {
    let is_time = |letter: char| letter.is_ascii_digit() || [':', '：'].contains(&letter);
    let is_span = |letter: char| is_time(letter) || ['-', '—', '–', '~', '～', '至', '到'].contains(&letter);
    let spans = text.split(|letter| !is_span(letter));
    let mut spans = spans.filter(|span| span.chars().filter(|letter| [':', '：'].contains(letter)).count() == 2);
    let part = || ["上午", "下午", "全天"].into_iter().find(|part| text.contains(part)).map(str::to_owned);
    spans.next().map(str::to_owned).or_else(part)
}

const WEEKDAYS: [(char, Weekday); 8] = [
    ('一', Weekday::Monday),
    ('二', Weekday::Tuesday),
    ('三', Weekday::Wednesday),
    ('四', Weekday::Thursday),
    ('五', Weekday::Friday),
    ('六', Weekday::Saturday),
    ('日', Weekday::Sunday),
    ('天', Weekday::Sunday),
];

fn number_of(letter: char) -> Option<u32> {
    let chinese = "〇一二三四五六七八九十".chars().position(|one| one == letter);
    letter.to_digit(10).or_else(|| u32::try_from(chinese?).ok())
}

/// 15; 十五; 二十.
fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (tens, ones) = text.split_once('十')?;
    let digit = |text: &str, none: u32| {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (None, _) => Some(none),
            (Some(letter), None) => number_of(letter).filter(|digit| *digit < 10),
            _ => None,
        }
    };
    Some(digit(tens, 1)? * 10 + digit(ones, 0)?)
}

/// The numbers that a list begins with: 二、五、八; 二五八; 9、19.
fn numbers(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = Vec::new();
    let mut goes_on = false;
    for letter in text.chars() {
        match (number_of(letter), letter.to_digit(10)) {
            (_, Some(digit)) if goes_on => {
                let last = numbers.pop().unwrap_or(0);
                numbers.push(last.saturating_mul(10).saturating_add(digit));
            }
            (Some(number), arabic) => {
                numbers.push(number);
                goes_on = arabic.is_some();
            }
            (None, _) if ['、', ',', '，', '和', ' '].contains(&letter) => goes_on = false,
            (None, _) => break,
        }
    }
    numbers
}

/// What happens when a reception day is a day off. Market days go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnHolidays {
    #[default]
    Held,
    Dropped,
    /// 顺延 to the next working day.
    Moved,
}

/// A day on which a station receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reception {
    pub date: Date,
    /// The day it was moved from.
    pub moved_from: Option<Date>,
}

/// 公告 goes up at least so many days before (小冀、武穴).
pub const NOTICE_DAYS: i32 = 3;

/// No more days are looked through at a time.
const SPAN_DAYS_MAX: i32 = 800;

impl ReceptionRule {
    /// The receptions from one day to another, both included, in order.
    ///
    /// # Errors
    /// When a day off matters and the year's table is missing.
    pub fn between(&self, from: Date, to: Date, holidays: &Holidays) -> Result<Vec<Reception>, NoTable> {
        if to < from {
            return Ok(Vec::new());
        }
        // A day before the span may be moved into it.
        let reach = if self.on_holidays == OnHolidays::Moved { 31 } else { 0 };
        let span = to.days_since(from).min(SPAN_DAYS_MAX);
        let mut found = Vec::new();
        for day in (-reach..=span).map(|days| from.plus_days(days)).filter(|day| self.days.include(*day)) {
            found.extend(self.held(day, holidays)?);
        }
        found.retain(|reception| reception.date >= from && reception.date <= to);
        found.sort_unstable();
        found.dedup_by_key(|reception| reception.date);
        Ok(found)
    }

    fn held(&self, day: Date, holidays: &Holidays) -> Result<Option<Reception>, NoTable> {
        let as_it_is = Some(Reception { date: day, moved_from: None });
        Ok(match self.on_holidays {
            OnHolidays::Held => as_it_is,
            _ if holidays.is_working(day)? => as_it_is,
            OnHolidays::Dropped => None,
            OnHolidays::Moved => Some(Reception { date: holidays.working_day_from(day)?, moved_from: Some(day) }),
        })
    }
}

impl Reception {
    /// The last day on which the notice is in time.
    pub fn notice_by(self) -> Date {
        self.date.plus_days(-NOTICE_DAYS)
    }
}

impl Days {
    /// Whether a day is one of them.
    pub fn include(&self, day: Date) -> bool {
        let (_, _, of_month) = day.civil();
        match self {
            Days::Week { weekdays, nth } => {
                weekdays.contains(&day.weekday()) && nth.is_none_or(|nth| of_month.div_ceil(7) == nth)
            }
            Days::Month { dates } => dates.contains(&of_month),
            Days::Lunar { digits } => LunarDate::of(day).is_some_and(|lunar| digits.contains(&(lunar.day % 10))),
            Days::Market { known, every } => {
                i32::try_from(*every).is_ok_and(|every| every > 0 && day.days_since(*known).rem_euclid(every) == 0)
            }
            Days::Appointment => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Book;

    fn dates(days: Days, on_holidays: OnHolidays, from: &str, to: &str) -> Vec<String> {
        let rule = ReceptionRule { days, on_holidays, hours: "9:00-11:00".into() };
        let found = rule.between(from.parse().unwrap(), to.parse().unwrap(), &Book::sample().holidays).unwrap();
        found.iter().map(|reception| reception.date.to_string()).collect()
    }

    #[test]
    fn every_wednesday_and_the_first_friday() {
        let wednesdays = Days::Week { weekdays: vec![Weekday::Wednesday], nth: None };
        let expected = ["2026-03-04", "2026-03-11", "2026-03-18", "2026-03-25"];
        assert_eq!(dates(wednesdays, OnHolidays::Held, "2026-03-01", "2026-03-31"), expected);
        let first = Days::Week { weekdays: vec![Weekday::Friday], nth: Some(1) };
        assert_eq!(dates(first, OnHolidays::Held, "2026-03-01", "2026-04-30"), ["2026-03-06", "2026-04-03"]);
    }

    #[test]
    fn dates_of_the_month_move_over_holidays_or_are_dropped() {
        let fifteenth = || Days::Month { dates: vec![15] };
        let (from, to) = ("2026-02-01", "2026-03-31");
        // 15 February begins the Spring Festival holidays; 15 March is a Sunday.
        assert_eq!(dates(fifteenth(), OnHolidays::Held, from, to), ["2026-02-15", "2026-03-15"]);
        assert_eq!(dates(fifteenth(), OnHolidays::Moved, from, to), ["2026-02-24", "2026-03-16"]);
        assert!(dates(fifteenth(), OnHolidays::Dropped, from, to).is_empty());
        // What was moved out of one span appears in the next, once.
        assert_eq!(dates(fifteenth(), OnHolidays::Moved, "2026-02-20", "2026-02-28"), ["2026-02-24"]);
        assert!(dates(Days::Month { dates: vec![31] }, OnHolidays::Held, "2026-02-01", "2026-02-28").is_empty());
    }

    #[test]
    fn lunar_days_that_end_in_three_six_nine() {
        let days = Days::Lunar { digits: vec![3, 6, 9] };
        // 农历二〇二六年正月初一 is 17 February.
        let expected = ["2026-02-19", "2026-02-22", "2026-02-25", "2026-03-01", "2026-03-04", "2026-03-07"];
        assert_eq!(dates(days, OnHolidays::Held, "2026-02-17", "2026-03-10"), expected);
    }

    #[test]
    fn market_days_come_round_in_both_directions() {
        let days = |every| Days::Market { known: "2026-03-03".parse().unwrap(), every };
        assert_eq!(
            dates(days(5), OnHolidays::Held, "2026-02-21", "2026-03-10"),
            ["2026-02-21", "2026-02-26", "2026-03-03", "2026-03-08"]
        );
        assert!(dates(days(0), OnHolidays::Held, "2026-02-21", "2026-03-10").is_empty());
        assert!(dates(Days::Appointment, OnHolidays::Held, "2026-01-01", "2026-12-31").is_empty());
    }

    #[test]
    fn rules_are_read_as_people_write_them() {
        let read = |text: &str| ReceptionRule::read(text).unwrap_or_else(|| panic!("{text}"));
        let rule = read("每月15日 9:00—11:00，遇节假日顺延");
        assert_eq!((rule.days, rule.on_holidays), (Days::Month { dates: vec![15] }, OnHolidays::Moved));
        assert_eq!(rule.hours, "9:00—11:00");
        assert_eq!(read("每月十五日、二十日").days, Days::Month { dates: vec![15, 20] });
        let rule = read("每月9日、19日，遇节假日不接待");
        assert_eq!((rule.days, rule.on_holidays), (Days::Month { dates: vec![9, 19] }, OnHolidays::Dropped));
        let friday = Days::Week { weekdays: vec![Weekday::Friday], nth: Some(1) };
        assert_eq!(read("每月第一个星期五 15:00—16:00").days, friday);
        let twice = Days::Week { weekdays: vec![Weekday::Wednesday, Weekday::Friday], nth: None };
        assert_eq!(
            read("每周三、五上午"),
            ReceptionRule { days: twice, on_holidays: OnHolidays::Held, hours: "上午".into() }
        );
        let lunar = Days::Lunar { digits: vec![2, 5, 8] };
        assert_eq!(read("赶场天（农历逢二、五、八）,9:30—12:00").days, lunar);
        assert_eq!(read("农历逢二五八").days, lunar);
        assert_eq!(read("农历逢三、六、十").days, Days::Lunar { digits: vec![3, 6, 0] });
        let market = Days::Market { known: "2026-03-03".parse().unwrap(), every: 5 };
        assert_eq!(read("每5天赶场（2026-03-03为场期），全天").days, market);
        assert_eq!(read("预约接待，随到随接").days, Days::Appointment);
        for unclear in ["", "有空就来", "每月", "每月第九个星期五", "星期", "每0天赶场(2026-03-03)"]
        {
            assert_eq!(ReceptionRule::read(unclear), None, "{unclear}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_words_are_too_odd(text in "[每周月第个星期农历逢赶场天日号一二五十0-9、:— 顺延预约]{0,24}") {
            if let Some(rule) = ReceptionRule::read(&text) {
                let (from, to) = ("2026-01-01".parse().unwrap(), "2026-03-31".parse().unwrap());
                let found = rule.between(from, to, &Book::sample().holidays).unwrap();
                proptest::prop_assert!(found.len() <= 90);
            }
        }
    }

    #[test]
    fn a_missing_table_is_said_and_a_span_the_wrong_way_round_is_empty() {
        let days = Days::Month { dates: vec![15] };
        let rule = ReceptionRule { days, on_holidays: OnHolidays::Moved, hours: String::new() };
        let (from, to) = ("2031-01-01".parse().unwrap(), "2031-02-01".parse().unwrap());
        assert_eq!(rule.between(from, to, &Holidays::default()), Err(NoTable { year: 2030 }));
        assert_eq!(rule.between(to, from, &Book::sample().holidays), Ok(vec![]));
    }

    #[test]
    fn the_notice_goes_up_three_days_before() {
        let reception = Reception { date: "2026-03-03".parse().unwrap(), moved_from: None };
        assert_eq!(reception.notice_by().to_string(), "2026-02-28");
    }
}
