//! 节假日表 (E26): the days off and the make-up working days (调休) that the State Council publishes
//! for each year. Data kept by staff; a year whose table is missing is an outcome, never a guess.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calendar::{Date, Weekday};

/// The tables by year.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Holidays {
    pub years: BTreeMap<i32, YearTable>,
}

/// One year's table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct YearTable {
    /// Where it was published; 「示例」 marks a sample.
    pub source: String,
    /// Days off, beside ordinary weekends.
    pub off: Vec<Date>,
    /// Saturdays and Sundays that are worked.
    pub worked: Vec<Date>,
}

/// The holiday table of this year has not been entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no holiday table for the year {year}")]
pub struct NoTable {
    pub year: i32,
}

/// No run of days off is longer; a table that says otherwise is treated as if the year were missing.
const DAYS_OFF_RUN_MAX: i32 = 31;

impl Holidays {
    /// Whether people work on this day.
    pub fn is_working(&self, date: Date) -> Result<bool, NoTable> {
        let year = date.year();
        let table = self.years.get(&year).ok_or(NoTable { year })?;
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(if weekend { table.worked.contains(&date) } else { !table.off.contains(&date) })
    }

    /// The date itself if it is worked, or else the first working day after it.
    pub fn working_day_from(&self, date: Date) -> Result<Date, NoTable> {
        for days in 0..=DAYS_OFF_RUN_MAX {
            let day = date.plus_days(days);
            if self.is_working(day)? {
                return Ok(day);
            }
        }
        Err(NoTable { year: date.year() })
    }

    /// The `count`-th working day after a date, which is not counted.
    pub fn working_days_after(&self, start: Date, count: u32) -> Result<Date, NoTable> {
        let mut day = start;
        for _ in 0..count {
            day = self.working_day_from(day.plus_days(1))?;
        }
        Ok(day)
    }
}
