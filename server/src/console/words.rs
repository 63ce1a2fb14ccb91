//! How things are said: texts in the reader's language, dates and numbers as people write them.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::CookieJar;
use jiff::{Timestamp, civil, tz};
use lianxin_shared::{
    case::{Date, LunarDate, ReplyClass, calendar::Weekday},
    rights::Role,
    schema::{CodeList, Kind, Label},
    text::{Language, Texts},
};

/// The cookie that keeps the language.
pub(super) const LANGUAGE_COOKIE: &str = "lianxin_language";

/// All of China is on Beijing time, and has no summer time.
const BEIJING: tz::Offset = tz::Offset::constant(8);

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The language of a page, and how it says things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words(pub Language);

impl Words {
    /// The language that the browser asks for by cookie; Chinese without one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match CookieJar::from_headers(headers).get(LANGUAGE_COOKIE).map(|cookie| cookie.value()) {
            Some("en") => Words(Language::En),
            _ => Words(Language::Zh),
        }
    }

    /// The language's name in HTML.
    pub(super) fn tag(self) -> &'static str {
        match self.0 {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    pub(super) fn get(self, key: &'static str) -> &'static str {
        Texts::console().get(self.0, key)
    }

    /// A text whose key is made at run time.
    pub(super) fn of_key(self, key: &str) -> String {
        Texts::console().get(self.0, key).to_owned()
    }

    /// A text with its gaps (`{name}`) filled.
    pub(super) fn fill(self, key: &'static str, values: &[(&str, &str)]) -> String {
        fill(self.get(key), values)
    }

    pub(super) fn label(self, label: Label) -> &'static str {
        match self.0 {
            Language::Zh => label.zh,
            Language::En => label.en,
        }
    }

    pub(super) fn kind(self, kind: Kind) -> &'static str {
        self.label(kind.schema().label)
    }

    pub(super) fn role(self, role: Role) -> String {
        self.of_key(&format!("role.{}", role.key()))
    }

    /// A field's name; the key itself for a field that only a newer version knows.
    pub(super) fn field(self, kind: Kind, key: &str) -> String {
        kind.schema().field(key).map_or_else(|| key.to_owned(), |field| self.label(field.label).to_owned())
    }

    /// The words for a code of a closed list; the code itself where the list does not know it. Of an open one
    /// [`super::codes::Codes`] knows what the district has made of it.
    pub(super) fn code(self, list: &str, key: &str) -> String {
        let label = CodeList::find(list).and_then(|list| list.label(key));
        label.map_or_else(|| key.to_owned(), |label| self.label(label).to_owned())
    }

    /// A class of replies with its key: 「A 已解决或基本解决」.
    pub(super) fn class(self, class: &ReplyClass) -> String {
        let label = match self.0 {
            Language::Zh => &class.zh,
            Language::En => &class.en,
        };
        format!("{} {label}", class.key)
    }

    /// The code that a person means who types its words in either language, or the code itself.
    pub(super) fn code_key(self, list: &str, typed: &str) -> String {
        let codes = CodeList::find(list).map(|list| list.codes).unwrap_or_default();
        let meant = codes.iter().find(|code| code.label.zh == typed || code.label.en.eq_ignore_ascii_case(typed));
        meant.map_or_else(|| typed.to_owned(), |code| code.key.to_owned())
    }

    /// A moment of a clock in milliseconds since 1970, in Beijing: 「2026年3月2日 10:32」.
    pub(super) fn moment(self, ms: i64) -> String {
        match at(ms) {
            Some(at) => format!("{} {:02}:{:02}", self.civil_day(at.date()), at.hour(), at.minute()),
            None => self.get("unknown").to_owned(),
        }
    }

    /// A date as records hold it (`YYYY-MM-DD`): 「2026年3月2日」. Anything else is shown as it is.
    pub(super) fn day(self, date: &str) -> String {
        date.parse::<civil::Date>().map_or_else(|_| date.to_owned(), |date| self.civil_day(date))
    }

    /// A month as dates begin (`YYYY-MM`): 「3月」. Anything else is shown as it is.
    pub(super) fn month(self, month: &str) -> String {
        match (self.0, format!("{month}-01").parse::<civil::Date>()) {
            (Language::Zh, Ok(date)) => format!("{}月", date.month()),
            (Language::En, Ok(date)) => MONTHS[(date.month() - 1) as usize].to_owned(),
            (_, Err(_)) => month.to_owned(),
        }
    }

    /// A month with its year: 「2026年3月」.
    pub(super) fn year_month(self, date: Date) -> String {
        let (year, month, _) = date.civil();
        match self.0 {
            Language::Zh => format!("{year}年{month}月"),
            Language::En => format!("{} {year}", MONTHS[month as usize - 1]),
        }
    }

    /// A day as a calendar names it: 「3月2日 星期一」.
    pub(super) fn long_day(self, date: Date) -> String {
        let (_, month, day) = date.civil();
        let weekday = self.weekday(date.weekday());
        match self.0 {
            Language::Zh => format!("{month}月{day}日 {weekday}"),
            Language::En => format!("{weekday} {day} {}", MONTHS[month as usize - 1]),
        }
    }

    pub(super) fn weekday(self, weekday: Weekday) -> String {
        self.of_key(&format!("weekday.{}", weekday as u8 + 1))
    }

    /// A lunar day as calendars print it: 「初三」, on the first of a month the month.
    pub(super) fn lunar(self, date: LunarDate) -> String {
        let LunarDate { month, is_leap, day, .. } = date;
        if self.0 == Language::En {
            return format!("{month}/{day}");
        }
        let numeral = |number: u32| NUMERALS.get(number as usize).copied().unwrap_or_default();
        match day {
            1 => format!("{}{}月", if is_leap { "闰" } else { "" }, LUNAR_MONTHS[month as usize - 1]),
            2..=10 => format!("初{}", numeral(day)),
            11..=19 => format!("十{}", numeral(day - 10)),
            20 => "二十".to_owned(),
            30 => "三十".to_owned(),
            _ => format!("廿{}", numeral(day - 20)),
        }
    }

    /// A local date and time as records hold it (`YYYY-MM-DDThh:mm`).
    pub(super) fn local_time(self, text: &str) -> String {
        match text.split_once('T') {
            Some((date, time)) => format!("{} {time}", self.day(date)),
            None => self.day(text),
        }
    }

    fn civil_day(self, date: civil::Date) -> String {
        match self.0 {
            Language::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Language::En => format!("{} {} {}", date.day(), MONTHS[(date.month() - 1) as usize], date.year()),
        }
    }

    /// A length of time, as coarse as people say it.
    pub(super) fn duration(self, ms: i64) -> String {
        let ms = ms.abs();
        let (key, number) = match ms {
            ..HOUR_MS => ("duration.minutes", ms / MINUTE_MS),
            HOUR_MS..DAY_MS => ("duration.hours", ms / HOUR_MS),
            _ => ("duration.days", ms / DAY_MS),
        };
        self.fill(key, &[("n", &number.to_string())])
    }

    /// Yes or no.
    pub(super) fn yes_no(self, yes: bool) -> &'static str {
        self.get(if yes { "yes" } else { "no" })
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const NUMERALS: [&str; 11] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
const LUNAR_MONTHS: [&str; 12] = ["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"];

/// Today's date in Beijing, `YYYY-MM-DD`.
pub(super) fn today(now_ms: i64) -> String {
    at(now_ms).map(|at| at.date().to_string()).unwrap_or_default()
}

/// A whole number with its thousands apart, as both languages write them: 1,234,567.
pub(super) fn number(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn at(ms: i64) -> Option<civil::DateTime> {
    Some(BEIJING.to_datetime(Timestamp::from_millisecond(ms).ok()?))
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let gap = after
            .split_once('}')
            .and_then(|(name, after)| values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value, after)));
        let Some((value, after)) = gap else {
            filled.push('{');
            rest = after;
            continue;
        };
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: Words = Words(Language::Zh);
    const EN: Words = Words(Language::En);

    #[test]
    fn times_are_beijing_times() {
        // 2026-03-02 02:32 UTC.
        assert_eq!(ZH.moment(1_772_418_720_000), "2026年3月2日 10:32");
        assert_eq!(EN.moment(1_772_418_720_000), "2 Mar 2026 10:32");
        assert_eq!(today(1_772_467_200_000), "2026-03-03", "already the next day in Beijing");
        assert_eq!(ZH.moment(i64::MAX), ZH.get("unknown"));
    }

    #[test]
    fn dates_of_records_are_read_and_others_shown_as_they_are() {
        assert_eq!(ZH.day("2026-03-02"), "2026年3月2日");
        assert_eq!(ZH.local_time("2026-03-02T09:05"), "2026年3月2日 09:05");
        assert_eq!(ZH.day("明天"), "明天");
        assert_eq!([ZH.month("2026-03"), EN.month("2026-03"), ZH.month("")], ["3月", "Mar", ""]);
    }

    #[test]
    fn days_of_a_calendar_are_named_as_on_paper() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let lunar = |text: &str| ZH.lunar(LunarDate::of(day(text)).unwrap());
        assert_eq!([ZH.long_day(day("2026-03-02")), EN.long_day(day("2026-03-02"))], ["3月2日 星期一", "Mon 2 Mar"]);
        assert_eq!([ZH.year_month(day("2026-03-02")), EN.year_month(day("2026-03-02"))], ["2026年3月", "Mar 2026"]);
        let named = ["2026-02-16", "2026-02-17", "2026-02-26", "2026-03-07", "2026-03-08", "2026-03-09"].map(lunar);
        assert_eq!(named, ["廿九", "正月", "初十", "十九", "二十", "廿一"]);
        assert_eq!(EN.lunar(LunarDate::of(day("2026-02-26")).unwrap()), "1/10");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!([number(0), number(999), number(1_000), number(-1_234_567)], ["0", "999", "1,000", "-1,234,567"]);
    }

    #[test]
    fn values_are_never_filled_into_each_other() {
        assert_eq!(fill("{a} of {b}{c", &[("a", "{b}"), ("b", "2")]), "{b} of 2{c");
    }
}
