//! Single values of fields.

use automerge::ScalarValue;
use serde::Serialize;

use crate::{id::RecordId, limits::PROSE_CHARS_MAX, schema::Type};

/// A single value. Dates, codes and references are text in the form that their [`Type`] says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Number(i64),
    Text(String),
}

impl Value {
    /// A truth value, a whole number or text; there are no others.
    pub fn of_json(json: serde_json::Value) -> Option<Self> {
        match json {
            serde_json::Value::Bool(yes) => Some(Value::Bool(yes)),
            serde_json::Value::Number(number) => number.as_i64().map(Value::Number),
            serde_json::Value::String(text) => Some(Value::Text(text)),
            _ => None,
        }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether the value has the form that the type asks for. An unknown code is well-formed: a
    /// newer version may have written it.
    pub fn fits(&self, ty: Type) -> bool {
        match (ty, self) {
            (Type::Line { chars_max }, Value::Text(text)) => {
                text.chars().count() <= chars_max && !text.contains(['\n', '\r', '\0'])
            }
            (Type::Prose, Value::Text(text)) => text.chars().count() <= PROSE_CHARS_MAX,
            (Type::Date, Value::Text(text)) => is_date(text),
            (Type::DateTime, Value::Text(text)) => is_date_time(text),
            (Type::Code { .. }, Value::Text(text)) => is_code(text),
            (Type::Ref { .. } | Type::AnyRef, Value::Text(text)) => text.parse::<RecordId>().is_ok(),
            (Type::Blob, Value::Text(text)) => text.parse::<crate::id::BlobHash>().is_ok(),
            (Type::Point, Value::Text(text)) => is_point(text),
            (Type::Number, Value::Number(number)) => *number >= 0,
            (Type::Bool, Value::Bool(_)) => true,
            _ => false,
        }
    }

    /// Outside data: of floats, bytes and times, which no version writes, it is shown that something is there.
    pub(super) fn from_scalar(scalar: &ScalarValue) -> Self {
        match scalar {
            ScalarValue::Str(text) => Value::Text(text.to_string()),
            ScalarValue::Int(number) => Value::Number(*number),
            ScalarValue::Uint(number) => Value::Number(i64::try_from(*number).unwrap_or(i64::MAX)),
            ScalarValue::Counter(counter) => Value::Number(counter.into()),
            ScalarValue::Boolean(yes) => Value::Bool(*yes),
            _ => Value::text("…"),
        }
    }

    pub(super) fn to_scalar(&self) -> ScalarValue {
        match self {
            Value::Bool(yes) => ScalarValue::Boolean(*yes),
            Value::Number(number) => ScalarValue::Int(*number),
            Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        }
    }
}

const CODE_CHARS_MAX: usize = 40;

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= CODE_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month)
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some((hour, minute)) = time.split_once(':') else { return false };
    is_date(date) && digits(hour, 2).is_some_and(|hour| hour < 24) && digits(minute, 2).is_some_and(|m| m < 60)
}

/// Degrees of latitude and longitude, and how many metres they may be off. Looked at as digits: reading floats takes
/// twelve kilobytes of what a phone downloads.
fn is_point(text: &str) -> bool {
    const POINT_CHARS_MAX: usize = 40;
    let parts: Vec<&str> = text.split(',').collect();
    let accuracy = |text: &&str| text.len() <= 6 && is_digits(text);
    text.len() <= POINT_CHARS_MAX
        && matches!(parts.len(), 2 | 3)
        && is_degrees(parts[0], 90)
        && is_degrees(parts[1], 180)
        && parts.get(2).is_none_or(accuracy)
}

fn is_degrees(text: &str, max: u32) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let within = |whole: u32| whole < max || whole == max && fraction.bytes().all(|digit| digit == b'0');
    is_digits(whole) && is_digits(fraction) && whole.parse().is_ok_and(within)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str, len: usize) -> Option<u32> {
    (text.len() == len && is_digits(text)).then(|| text.parse().ok()).flatten()
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
