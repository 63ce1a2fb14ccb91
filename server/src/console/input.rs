//! What comes in by address and form: named values, judged before anything is asked of the store.

use axum::{
    extract::{Form, FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use lianxin_shared::id::RecordId;

use super::problem::Problem;
use crate::{http::AppState, store::LedgerKey};

/// Characters of one value of an address. The longest is another address, to go on to.
const VALUE_CHARS_MAX: usize = 2000;
/// Values in one address.
const ADDRESS_VALUES_MAX: usize = 40;
/// Values in one form. A training's roster of a district is some 700.
const FORM_VALUES_MAX: usize = 4096;

/// Named values, in the order sent; a name may come more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pairs(pub Vec<(String, String)>);

/// The values of an address.
pub(super) struct Asked(pub Pairs);

/// The values of a form that was sent.
pub(super) struct Sent(pub Pairs);

impl Pairs {
    /// The first value of this name, without blanks around it; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// These values as an address's query, without empty ones and without `left_out`.
    pub(super) fn query_without(&self, left_out: impl Fn(&str, &str) -> bool) -> String {
        let kept: Vec<String> = self
            .0
            .iter()
            .filter(|(name, value)| !value.trim().is_empty() && !left_out(name, value))
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        kept.join("&")
    }
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Query(pairs) =
            Query::from_request_parts(parts, state).await.map_err(|_| Problem::BadAddress.into_response())?;
        let pairs = Pairs(pairs);
        let too_long = pairs.0.iter().any(|(_, value)| value.chars().count() > VALUE_CHARS_MAX);
        if too_long || pairs.0.len() > ADDRESS_VALUES_MAX {
            return Err(Problem::BadAddress.into_response());
        }
        // Control characters are nothing that one searches for, and not every store takes them.
        let clean = |text: String| text.chars().filter(|c| !c.is_control()).collect::<String>();
        Ok(Asked(Pairs(pairs.0.into_iter().map(|(name, value)| (name, clean(value))).collect())))
    }
}

impl FromRequest<AppState> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let Form(pairs) = Form::from_request(request, state).await.map_err(|_| Problem::BadForm.into_response())?;
        let pairs = Pairs(pairs);
        if pairs.0.len() > FORM_VALUES_MAX {
            return Err(Problem::BadForm.into_response());
        }
        // Browsers send line ends as two characters, and nothing in a record contains a NUL.
        let clean = |text: String| text.replace("\r\n", "\n").replace(['\r', '\0'], "");
        Ok(Sent(Pairs(pairs.0.into_iter().map(|(name, value)| (name, clean(value))).collect())))
    }
}

/// Percent-encodes a part of an address.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// An end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    From,
    To,
}

/// A day, month or year as people type it (`2026-03-02`, `2026/3/2`, `2026-03`, `2026`), as the first
/// or last day that it means. `Ok(None)` for nothing.
///
/// # Errors
/// When it cannot be read.
pub(super) fn period_end(text: &str, end: End) -> Result<Option<String>, NotADate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split(['-', '/', '.']);
    let year = parts.next().and_then(|year| year.parse::<i16>().ok()).filter(|year| (1..=9999).contains(year));
    let year = year.ok_or(NotADate)?;
    let mut part = || parts.next().map(|part| part.parse::<i8>().map_err(|_| NotADate)).transpose();
    let (month, day) = (part()?, part()?);
    let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map_err(|_| NotADate)?;
    let date = match (end, month, day) {
        (End::To, None, _) => first.last_of_year(),
        (End::To, Some(_), None) => first.last_of_month(),
        _ => first,
    };
    if parts.next().is_none() { Ok(Some(date.to_string())) } else { Err(NotADate) }
}

/// The text is no day, month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotADate;

/// Digits of a record's id in an address.
const ID_DIGITS: usize = 32;

/// The key of a page of a ledger as an address holds it: the id of the row before, and its date.
pub(super) fn page_key(key: &LedgerKey) -> String {
    format!("{}{}", key.id, key.date)
}

/// The key in an address.
pub(super) fn parse_page_key(text: &str) -> Option<LedgerKey> {
    let (id, date) = text.split_at_checked(ID_DIGITS)?;
    Some(LedgerKey { date: date.into(), id: id.parse::<RecordId>().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> [Option<String>; 2] {
        [period_end(from, End::From).unwrap(), period_end(to, End::To).unwrap()]
    }

    fn days(from: &str, to: &str) -> [Option<String>; 2] {
        [Some(from.into()), Some(to.into())]
    }

    #[test]
    fn a_period_begins_with_the_first_and_ends_with_the_last_day_of_what_was_typed() {
        assert_eq!(period("2026-03-02", "2026/3/9"), days("2026-03-02", "2026-03-09"));
        assert_eq!(period("2026-02", "2024-2"), days("2026-02-01", "2024-02-29"));
        assert_eq!(period(" 2026 ", "2026"), days("2026-01-01", "2026-12-31"));
        assert_eq!(period("", "  "), [None, None]);
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        for text in ["2026-13", "2026-02-30", "99999", "-1", "0", "2026-03-02-01", "昨天", "2026-03-", "2026--02"] {
            assert_eq!(period_end(text, End::From), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn page_keys_survive_the_address() {
        for date in ["2026-03-02", ""] {
            let key = LedgerKey { date: date.into(), id: RecordId([0xab; 16]) };
            assert_eq!(parse_page_key(&page_key(&key)), Some(key));
        }
        assert_eq!([parse_page_key(""), parse_page_key("连心连心连心连心连心连心")], [None, None]);
    }

    #[test]
    fn queries_are_put_together_again_without_what_is_left_out() {
        let pairs = Pairs(vec![
            ("q".into(), "断头路 & 桥".into()),
            ("station".into(), " ".into()),
            ("after".into(), "ab".into()),
        ]);
        assert_eq!(pairs.query_without(|name, _| name == "after"), "q=%E6%96%AD%E5%A4%B4%E8%B7%AF%20%26%20%E6%A1%A5");
    }
}
