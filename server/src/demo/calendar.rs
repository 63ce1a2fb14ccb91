//! Days: the demo year, the term, reception days by rule (market days follow the lunar calendar).

use jiff::{
    Span,
    civil::{Date, Weekday, date},
    tz::Offset,
};

/// 届: the term that began with the change of term in 2021.
pub const TERM: &str = "五届";
/// 次: the session whose suggestions the article counts.
pub const SESSION: &str = "一次";
/// When the term began, and the days of its first session (invented; the article names no days).
pub const TERM_START: Date = date(2021, 11, 18);
pub(super) const SESSION_START: Date = date(2022, 1, 5);
pub(super) const SESSION_DAYS: i64 = 4;

/// The day on which the demo set stands when it is loaded on `today`: today, so that records that
/// visitors add are of the same year; in the first quarter the end of last year, because "12 visits
/// this year" are no plausible figure in January.
pub fn as_of(today: Date) -> Date {
    if today.month() < FIRST_MONTH { date(today.year() - 1, 12, 31) } else { today }
}

const FIRST_MONTH: i8 = 4;
const DAYS_OF_YEAR: i64 = 365;

/// The days that the demo set tells of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) as_of: Date,
}

impl Calendar {
    /// The year that the figures R5 and R6 are about.
    pub(super) fn year(self) -> i16 {
        self.as_of.year()
    }

    /// The first day of the demo year.
    pub(super) fn first(self) -> Date {
        plus(self.as_of, -DAYS_OF_YEAR)
    }

    /// The last day that has records: everything of it had reached the server when the day `as_of` began.
    pub(super) fn last(self) -> Date {
        plus(self.as_of, -1)
    }

    /// The n-th of `count` days that are spread over the demo year, shifted by some days.
    pub(super) fn spread(self, n: usize, count: usize, shift: i64) -> Date {
        let day = (n as i64 * DAYS_OF_YEAR + shift.rem_euclid(DAYS_OF_YEAR)) / count.max(1) as i64;
        plus(self.first(), day.min(DAYS_OF_YEAR - 1))
    }

    /// The n-th of `count` days that are spread from a day to the last one.
    pub(super) fn spread_from(self, first: Date, n: usize, count: usize) -> Date {
        let days = days_between(first, self.last()).max(0);
        plus(first, (2 * n as i64 + 1) * days / (2 * count.max(1) as i64))
    }

    /// The first day of the figures' year.
    pub(super) fn new_year(self) -> Date {
        date(self.year(), 1, 1)
    }

    /// This day, or the last one if it is later.
    pub(super) fn no_later(self, day: Date) -> Date {
        day.min(self.last())
    }
}

pub(super) fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().days(days))
}

pub(super) fn days_between(from: Date, to: Date) -> i64 {
    (ms(to, 0, 0) - ms(from, 0, 0)) / MS_PER_DAY
}

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// A time of day in the district, in milliseconds since 1970.
pub(super) fn ms(day: Date, hour: i8, minute: i8) -> i64 {
    let local = day.at(hour, minute, 0, 0);
    Offset::constant(8).to_timestamp(local).map_or(0, |timestamp| timestamp.as_millisecond())
}

/// `YYYY-MM-DDThh:mm`, as the forms write it.
pub(super) fn date_time(day: Date, hour: i8, minute: i8) -> String {
    format!("{day}T{hour:02}:{minute:02}")
}

/// 「3月9日」
pub(super) fn spoken(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// A station's rule for its reception days (接待日规则). The customs are those of DOMAIN §1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReceptionRule {
    DayOfMonth(i8),
    /// The n-th such weekday of the month.
    WeekdayOfMonth(i8, Weekday),
    /// 赶场天: days of the lunar month whose last digit is one of these.
    LunarDigits([u8; 3]),
}

impl ReceptionRule {
    pub(super) const ALL: [ReceptionRule; 6] = [
        ReceptionRule::DayOfMonth(15),
        ReceptionRule::WeekdayOfMonth(1, Weekday::Friday),
        ReceptionRule::LunarDigits([2, 5, 8]),
        ReceptionRule::DayOfMonth(9),
        ReceptionRule::WeekdayOfMonth(2, Weekday::Wednesday),
        ReceptionRule::LunarDigits([3, 6, 9]),
    ];

    /// In words, for the station's page.
    pub(super) fn text(self) -> &'static str {
        match self {
            ReceptionRule::DayOfMonth(15) => "每月15日 9:00—11:00,遇节假日顺延",
            ReceptionRule::DayOfMonth(_) => "每月9日 9:00—11:30,其余时间预约接待",
            ReceptionRule::WeekdayOfMonth(1, _) => "每月第一个星期五 15:00—16:00",
            ReceptionRule::WeekdayOfMonth(..) => "每月第二个星期三 9:00—11:00",
            ReceptionRule::LunarDigits([2, ..]) => "赶场天(农历逢二、五、八)每月一次,9:30—12:00",
            ReceptionRule::LunarDigits(_) => "赶场天(农历逢三、六、九)每月一次,9:30—12:00",
        }
    }

    pub(super) fn slot(self) -> &'static str {
        match self {
            ReceptionRule::DayOfMonth(15) | ReceptionRule::WeekdayOfMonth(2, _) => "9:00—11:00",
            ReceptionRule::DayOfMonth(_) => "9:00—11:30",
            ReceptionRule::WeekdayOfMonth(..) => "15:00—16:00",
            ReceptionRule::LunarDigits(_) => "9:30—12:00",
        }
    }

    pub(super) fn hour(self) -> i8 {
        if matches!(self, ReceptionRule::WeekdayOfMonth(1, _)) { 15 } else { 9 }
    }

    fn fits(self, day: Date) -> bool {
        match self {
            ReceptionRule::DayOfMonth(wanted) => day.day() == wanted,
            ReceptionRule::WeekdayOfMonth(nth, weekday) => day.weekday() == weekday && (day.day() + 6) / 7 == nth,
            ReceptionRule::LunarDigits(digits) => digits.contains(&(lunar_day(day) % 10)),
        }
    }

    /// So many of the demo year's days that fit, spread over it.
    pub(super) fn days(self, calendar: Calendar, count: usize) -> Vec<Date> {
        let year = (0..DAYS_OF_YEAR).map(|day| plus(calendar.first(), day));
        let fitting: Vec<Date> = year.filter(|day| self.fits(*day)).collect();
        let mut days: Vec<Date> = (0..count).filter_map(|n| fitting.get(n * fitting.len() / count).copied()).collect();
        days.dedup();
        days
    }

    /// The next day that fits after at least the three days of public notice.
    pub(super) fn next(self, calendar: Calendar) -> Option<Date> {
        (NOTICE_DAYS..LOOK_AHEAD_DAYS).map(|days| plus(calendar.as_of, days)).find(|day| self.fits(*day))
    }
}

/// The notice is public this long before (DOMAIN §1.3).
pub(super) const NOTICE_DAYS: i64 = 3;
const LOOK_AHEAD_DAYS: i64 = 45;

/// The day of the lunar month, 1 to 30: days since the new moon, both by the calendar of UTC+8.
fn lunar_day(day: Date) -> u8 {
    let here = julian_day(day);
    let near = ((f64::from(here) - NEW_MOON_2000) / SYNODIC_MONTH).floor() as i32;
    let begun = (near - 1..=near + 1).rev().map(new_moon_day).find(|begun| *begun <= here);
    u8::try_from(here - begun.unwrap_or(here) + 1).unwrap_or(1)
}

/// Julian day of the first new moon of 2000, and days from one to the next (Meeus, Astronomical Algorithms, ch. 49).
const NEW_MOON_2000: f64 = 2_451_550.097_66;
const SYNODIC_MONTH: f64 = 29.530_588_861;

/// The day (Julian, UTC+8) on which the k-th new moon since 2000 falls: the mean one and the largest
/// periodic terms, exact to some minutes.
fn new_moon_day(k: i32) -> i32 {
    let k = f64::from(k);
    let t = k / 1236.85;
    let sun = (2.5534 + 29.105_356_70 * k).to_radians();
    let moon = (201.5643 + 385.816_935_28 * k + 0.010_758_2 * t * t).to_radians();
    let latitude = (160.7108 + 390.670_502_84 * k).to_radians();
    let node = (124.7746 - 1.563_755_88 * k).to_radians();
    let terms = -0.407_20 * moon.sin()
        + 0.172_41 * sun.sin()
        + 0.016_08 * (2.0 * moon).sin()
        + 0.010_39 * (2.0 * latitude).sin()
        + 0.007_39 * (moon - sun).sin()
        - 0.005_14 * (moon + sun).sin()
        + 0.002_08 * (2.0 * sun).sin()
        - 0.001_11 * (moon - 2.0 * latitude).sin()
        - 0.000_57 * (moon + 2.0 * latitude).sin()
        - 0.000_17 * node.sin();
    let instant = NEW_MOON_2000 + SYNODIC_MONTH * k + 0.000_154_37 * t * t + terms;
    // A Julian day begins at noon; the civil day of UTC+8 four hours (half a day less eight hours) later than UTC's noon would.
    (instant + 0.5 + 8.0 / 24.0).floor() as i32
}

/// The number of the Julian day that begins at this civil day's noon.
fn julian_day(day: Date) -> i32 {
    const JULIAN_DAY_OF_2000: i32 = 2_451_545;
    JULIAN_DAY_OF_2000 + i32::try_from(days_between(date(2000, 1, 1), day)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lunar_months_begin_where_the_almanac_says() {
        // 春节 is the first day of a lunar month; 中秋 the fifteenth.
        for first in [date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)] {
            assert_eq!(lunar_day(first), 1, "{first}");
        }
        for fifteenth in [date(2022, 9, 10), date(2023, 9, 29), date(2024, 9, 17), date(2025, 10, 6), date(2026, 9, 25)]
        {
            assert_eq!(lunar_day(fifteenth), 15, "{fifteenth}");
        }
    }

    #[test]
    fn every_rule_finds_its_days() {
        let calendar = Calendar { as_of: date(2026, 11, 22) };
        for rule in ReceptionRule::ALL {
            let days = rule.days(calendar, 12);
            assert_eq!(days.len(), 12, "{rule:?}");
            assert!(days.iter().all(|day| rule.fits(*day) && *day <= calendar.last()));
            assert!(rule.next(calendar) > Some(calendar.as_of));
        }
    }

    #[test]
    fn early_in_the_year_the_demo_tells_of_the_last_one() {
        assert_eq!(as_of(date(2027, 2, 3)), date(2026, 12, 31));
        assert_eq!(as_of(date(2026, 4, 27)), date(2026, 4, 27));
    }
}
