use super::*;
use crate::case::Book;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn dates_to_text_and_back_and_in_order() {
    let mut day = date("1899-12-25");
    let mut weekday = Weekday::Monday;
    while day < date("2105-01-01") {
        assert_eq!(day.weekday(), weekday, "{day}");
        assert_eq!(date(&day.to_string()), day);
        let (year, month, number) = day.civil();
        assert_eq!(Date::new(year, month, number), Some(day));
        assert!(day.plus_days(1).to_string() > day.to_string());
        (day, weekday) = (day.plus_days(1), Weekday::ALL[(weekday as usize + 1) % 7]);
    }
    for wrong in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "20260101", "2026-01-01-", "", "0000-01-01"] {
        assert_eq!(wrong.parse::<Date>(), Err(NotADate), "{wrong}");
    }
    assert_eq!((Date::MIN.to_string(), Date::MAX.to_string()), ("0001-01-01".into(), "9999-12-31".into()));
    assert_eq!((Date::MAX.plus_days(1), Date::MAX.plus_months(1)), (Date::MAX, Date::MAX));
}

#[test]
fn the_districts_day_begins_eight_hours_before_the_worlds() {
    let midnight = date("2026-03-02").starts_ms();
    assert_eq!(Date::at(midnight - 1), date("2026-03-01"));
    assert_eq!(Date::at(midnight), date("2026-03-02"));
    assert_eq!(Date::at(0), date("1970-01-01"));
    assert_eq!(Date::at(-9 * 60 * 60 * 1000), date("1969-12-31"));
    assert_eq!((Date::at(i64::MIN), Date::at(i64::MAX)), (Date::MIN, Date::MAX));
}

/// 民法典 第二百零二条: the corresponding day, or the last of the month.
#[test]
fn months_end_on_the_corresponding_day_or_the_months_last() {
    for (start, months, end) in [
        ("2025-11-30", 3, "2026-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-03-31", 6, "2026-09-30"),
        ("2026-08-15", 6, "2027-02-15"),
        ("2026-12-31", 12, "2027-12-31"),
    ] {
        assert_eq!(date(start).plus_months(months), date(end), "{start}");
    }
}

#[test]
fn a_limit_that_ends_on_a_day_off_ends_on_the_next_working_day() {
    let holidays = Book::sample().holidays;
    let due = |start, value, unit| due(date(start), value, unit, &holidays).unwrap().to_string();
    assert_eq!(due("2025-11-30", 3, Unit::Months), "2026-02-28", "a Saturday that is worked (调休)");
    assert_eq!(due("2025-12-07", 3, Unit::Months), "2026-03-09", "from Saturday 7 March");
    assert_eq!(due("2026-07-01", 3, Unit::Months), "2026-10-08", "over the National Day");
    assert_eq!(due("2026-02-10", 10, Unit::Days), "2026-02-24", "over the Spring Festival");
}

#[test]
fn working_days_skip_holidays_and_count_worked_weekends() {
    let holidays = Book::sample().holidays;
    let due = |start, value| due(date(start), value, Unit::WorkingDays, &holidays).unwrap().to_string();
    assert_eq!(due("2026-03-02", 0), "2026-03-02");
    assert_eq!(due("2026-03-02", 3), "2026-03-05");
    assert_eq!(due("2026-03-06", 1), "2026-03-09");
    assert_eq!(due("2026-02-13", 1), "2026-02-14", "a worked Saturday");
    assert_eq!(due("2026-02-13", 2), "2026-02-24");
    assert_eq!(due("2026-02-14", 5), "2026-02-28", "Tuesday to Friday, and the worked Saturday");
}

#[test]
fn a_year_without_a_table_is_said() {
    let holidays = Book::sample().holidays;
    let missing = due(date("2026-11-30"), 3, Unit::Months, &holidays);
    assert_eq!(missing, Err(NoTable { year: 2027 }));
    assert_eq!(due(date("2026-12-30"), 5, Unit::WorkingDays, &holidays), Err(NoTable { year: 2027 }));
    assert_eq!(due(date("2026-12-30"), 1, Unit::WorkingDays, &holidays), Ok(date("2026-12-31")));
}
