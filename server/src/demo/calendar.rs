//! Days: the demo year, the term, reception days by rule.

use jiff::{
    Span,
    civil::{Date, date},
    tz::Offset,
};
use lianxin_shared::case::{
    self,
    reception::{Days, OnHolidays, ReceptionRule},
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

/// A station's rule for its reception days (接待日规则), in the words of its record. The customs are those of DOMAIN §1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReceptionDays(pub(super) &'static str);

impl ReceptionDays {
    pub(super) const ALL: [ReceptionDays; 6] = [
        ReceptionDays("每月15日 9:00—11:00，遇节假日顺延"),
        ReceptionDays("每月第一个星期五 15:00—16:00"),
        ReceptionDays("赶场天（农历逢二、五、八）9:30—12:00"),
        ReceptionDays("每月9日 9:00—11:30，其余时间预约接待"),
        ReceptionDays("每月第二个星期三 9:00—11:00"),
        ReceptionDays("赶场天（农历逢三、六、九）9:30—12:00"),
    ];

    fn rule(self) -> ReceptionRule {
        let by_appointment =
            || ReceptionRule { days: Days::Appointment, on_holidays: OnHolidays::default(), hours: String::new() };
        ReceptionRule::read(self.0).unwrap_or_else(by_appointment)
    }

    pub(super) fn slot(self) -> String {
        self.rule().hours
    }

    /// The hour at which it begins.
    pub(super) fn hour(self) -> i8 {
        self.slot().split(':').next().and_then(|hour| hour.parse().ok()).unwrap_or(9)
    }

    /// So many of the demo year's days that fit, spread over it.
    pub(super) fn days(self, calendar: Calendar, count: usize) -> Vec<Date> {
        let days = self.rule().days;
        let year = (0..DAYS_OF_YEAR).map(|day| plus(calendar.first(), day));
        let fitting: Vec<Date> = year.filter(|day| official(*day).is_some_and(|day| days.include(day))).collect();
        let mut days: Vec<Date> = (0..count).filter_map(|n| fitting.get(n * fitting.len() / count).copied()).collect();
        days.dedup();
        days
    }

    /// The next day that fits after at least the three days of public notice.
    pub(super) fn next(self, calendar: Calendar) -> Option<Date> {
        let rule = self.rule();
        let ahead = (NOTICE_DAYS..LOOK_AHEAD_DAYS).map(|days| plus(calendar.as_of, days));
        ahead.into_iter().find(|day| official(*day).is_some_and(|day| rule.days.include(day)))
    }
}

/// The notice is public this long before (DOMAIN §1.3).
pub(super) const NOTICE_DAYS: i64 = 3;
const LOOK_AHEAD_DAYS: i64 = 45;

/// The day as official events have it.
pub(super) fn official(day: Date) -> Option<case::Date> {
    let (month, of_month) = (u32::from(day.month().unsigned_abs()), u32::from(day.day().unsigned_abs()));
    case::Date::new(day.year().into(), month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_its_days() {
        let calendar = Calendar { as_of: date(2026, 11, 22) };
        for rule in ReceptionDays::ALL {
            let days = rule.days(calendar, 12);
            assert_eq!(days.len(), 12, "{rule:?}");
            assert!(days.iter().all(|day| *day <= calendar.last()));
            assert!(rule.next(calendar) > Some(calendar.as_of));
            assert!(rule.slot().contains('—') && (9..=15).contains(&rule.hour()));
        }
    }

    #[test]
    fn early_in_the_year_the_demo_tells_of_the_last_one() {
        assert_eq!(as_of(date(2027, 2, 3)), date(2026, 12, 31));
        assert_eq!(as_of(date(2026, 4, 27)), date(2026, 4, 27));
    }
}
