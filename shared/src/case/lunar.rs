//! 农历: the lunar day of a civil date, for reception days such as 农历逢二、五、八.
//!
//! A table and not a crate: the crates that convert lunar dates bring a date library of their own,
//! and the table is 804 bytes. One number a year from 1900 to 2100, in the form in which the Hong
//! Kong Observatory's published calendar is commonly encoded: the lowest four bits name the month
//! after which the leap month comes (0: none), bit 15 down to bit 4 say of months 1 to 12 whether
//! they have 30 days (or 29), bit 16 says it of the leap month. Compared day by day with two
//! independent implementations; where they differ (1933, 1954, 2057, 2089, 2097) the Observatory's
//! correction is the one taken.

use super::calendar::Date;

/// A date in the lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LunarDate {
    pub year: i32,
    /// From 1.
    pub month: u32,
    /// 闰月
    pub is_leap: bool,
    /// From 1.
    pub day: u32,
}

const FIRST_YEAR: i32 = 1900;

/// 1900-01-31, the first day of the first year, in days before 1970-01-01.
const FIRST_DAY: i32 = -25_537;

impl LunarDate {
    /// The lunar date of a civil one, from 1900-01-31 to 2101-01-28.
    pub fn of(date: Date) -> Option<LunarDate> {
        let mut left = u32::try_from(date.days() - FIRST_DAY).ok()?;
        for (index, year) in YEARS.iter().copied().enumerate() {
            if left >= days_of(year) {
                left -= days_of(year);
                continue;
            }
            for (month, is_leap, days) in months(year) {
                if left < days {
                    return Some(LunarDate { year: FIRST_YEAR + index as i32, month, is_leap, day: left + 1 });
                }
                left -= days;
            }
        }
        None
    }
}

fn days_of(year: u32) -> u32 {
    let leap = if year & 0xf == 0 { 0 } else { 29 + (year >> 16 & 1) };
    12 * 29 + (year >> 4 & 0xfff).count_ones() + leap
}

/// The months of a year: number, leap or not, days.
fn months(year: u32) -> impl Iterator<Item = (u32, bool, u32)> {
    let leap = year & 0xf;
    let ordinary = move |month: u32| (month, false, 29 + (year >> (16 - month) & 1));
    let after = move |month: u32| (month == leap).then_some((month, true, 29 + (year >> 16 & 1)));
    (1..=12).flat_map(move |month| std::iter::once(ordinary(month)).chain(after(month)))
}

#[rustfmt::skip]
static YEARS: [u32; 201] = [
    0x04bd8, 0x04ae0, 0x0a570, 0x054d5, 0x0d260, 0x0d950, 0x16554, 0x056a0, 0x09ad0, 0x055d2,
    0x04ae0, 0x0a5b6, 0x0a4d0, 0x0d250, 0x1d255, 0x0b540, 0x0d6a0, 0x0ada2, 0x095b0, 0x14977,
    0x04970, 0x0a4b0, 0x0b4b5, 0x06a50, 0x06d40, 0x1ab54, 0x02b60, 0x09570, 0x052f2, 0x04970,
    0x06566, 0x0d4a0, 0x0ea50, 0x16a95, 0x05ad0, 0x02b60, 0x186e3, 0x092e0, 0x1c8d7, 0x0c950,
    0x0d4a0, 0x1d8a6, 0x0b550, 0x056a0, 0x1a5b4, 0x025d0, 0x092d0, 0x0d2b2, 0x0a950, 0x0b557,
    0x06ca0, 0x0b550, 0x15355, 0x04da0, 0x0a5b0, 0x14573, 0x052b0, 0x0a9a8, 0x0e950, 0x06aa0,
    0x0aea6, 0x0ab50, 0x04b60, 0x0aae4, 0x0a570, 0x05260, 0x0f263, 0x0d950, 0x05b57, 0x056a0,
    0x096d0, 0x04dd5, 0x04ad0, 0x0a4d0, 0x0d4d4, 0x0d250, 0x0d558, 0x0b540, 0x0b6a0, 0x195a6,
    0x095b0, 0x049b0, 0x0a974, 0x0a4b0, 0x0b27a, 0x06a50, 0x06d40, 0x0af46, 0x0ab60, 0x09570,
    0x04af5, 0x04970, 0x064b0, 0x074a3, 0x0ea50, 0x06b58, 0x05ac0, 0x0ab60, 0x096d5, 0x092e0,
    0x0c960, 0x0d954, 0x0d4a0, 0x0da50, 0x07552, 0x056a0, 0x0abb7, 0x025d0, 0x092d0, 0x0cab5,
    0x0a950, 0x0b4a0, 0x0baa4, 0x0ad50, 0x055d9, 0x04ba0, 0x0a5b0, 0x15176, 0x052b0, 0x0a930,
    0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260, 0x0ea65, 0x0d530,
    0x05aa0, 0x076a3, 0x096d0, 0x04afb, 0x04ad0, 0x0a4d0, 0x1d0b6, 0x0d250, 0x0d520, 0x0dd45,
    0x0b5a0, 0x056d0, 0x055b2, 0x049b0, 0x0a577, 0x0a4b0, 0x0aa50, 0x1b255, 0x06d20, 0x0ada0,
    0x14b63, 0x09370, 0x049f8, 0x04970, 0x064b0, 0x168a6, 0x0ea50, 0x06b20, 0x1a6c4, 0x0aae0,
    0x092e0, 0x0d2e3, 0x0c960, 0x0d557, 0x0d4a0, 0x0da50, 0x05d55, 0x056a0, 0x0a6d0, 0x055d4,
    0x052d0, 0x0a9b8, 0x0a950, 0x0b4a0, 0x0b6a6, 0x0ad50, 0x055a0, 0x0aba4, 0x0a5b0, 0x052b0,
    0x0b273, 0x06930, 0x07337, 0x06aa0, 0x0ad50, 0x14b55, 0x04b60, 0x0a570, 0x054e4, 0x0d260,
    0x0e968, 0x0d520, 0x0daa0, 0x16aa6, 0x056d0, 0x04ae0, 0x0a9d4, 0x0a4d0, 0x0d150, 0x0f252,
    0x0d520,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn lunar(date: &str) -> (i32, u32, bool, u32) {
        let LunarDate { year, month, is_leap, day } = LunarDate::of(date.parse().unwrap()).unwrap();
        (year, month, is_leap, day)
    }

    #[test]
    fn known_days() {
        // Spring Festivals, Mid-Autumns, leap months.
        assert_eq!(lunar("1900-01-31"), (1900, 1, false, 1));
        assert_eq!(lunar("1949-10-01"), (1949, 8, false, 10));
        assert_eq!(lunar("2000-02-05"), (2000, 1, false, 1));
        assert_eq!(lunar("2020-05-23"), (2020, 4, true, 1));
        assert_eq!(lunar("2022-02-01"), (2022, 1, false, 1));
        assert_eq!(lunar("2022-09-10"), (2022, 8, false, 15));
        assert_eq!(lunar("2023-01-22"), (2023, 1, false, 1));
        assert_eq!(lunar("2023-03-22"), (2023, 2, true, 1));
        assert_eq!(lunar("2023-09-29"), (2023, 8, false, 15));
        assert_eq!(lunar("2024-02-10"), (2024, 1, false, 1));
        assert_eq!(lunar("2024-09-17"), (2024, 8, false, 15));
        assert_eq!(lunar("2025-01-28"), (2024, 12, false, 29));
        assert_eq!(lunar("2025-01-29"), (2025, 1, false, 1));
        assert_eq!(lunar("2025-07-25"), (2025, 6, true, 1));
        assert_eq!(lunar("2025-10-06"), (2025, 8, false, 15));
        assert_eq!(lunar("2026-02-16"), (2025, 12, false, 29));
        assert_eq!(lunar("2026-02-17"), (2026, 1, false, 1));
        assert_eq!(lunar("2026-09-25"), (2026, 8, false, 15));
        assert_eq!(lunar("2027-02-06"), (2027, 1, false, 1));
        assert_eq!(lunar("2033-12-22"), (2033, 11, true, 1));
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut date: Date = "1900-01-31".parse().unwrap();
        let mut before = LunarDate::of(date).unwrap();
        let last: Date = "2101-01-28".parse().unwrap();
        while date < last {
            date = date.plus_days(1);
            let next = LunarDate::of(date).unwrap();
            assert!(next.day == before.day + 1 || next.day == 1 && before.day >= 29, "{date}: {before:?} {next:?}");
            assert!(next > before || next.month == before.month && next.is_leap && !before.is_leap, "{date}");
            before = next;
        }
        assert_eq!(LunarDate::of(last.plus_days(1)), None);
        assert_eq!(LunarDate::of("1900-01-30".parse().unwrap()), None);
    }
}
