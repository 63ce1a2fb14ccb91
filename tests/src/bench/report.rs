//! One line of JSON per result.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// A result. Fields are printed in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(super) struct Line(Vec<(&'static str, Value)>);

impl Line {
    pub(super) fn new(bench: &str, case: &str) -> Self {
        Self::default().with("bench", bench).with("case", case)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.0.push((name, serde_json::to_value(value).expect("plain data has a JSON form")));
        self
    }

    /// A measured value as a multiple of another, in hundredths.
    pub(super) fn ratio(self, name: &'static str, value: f64, of: f64) -> Self {
        self.with(name, if of > 0.0 { Value::from(rounded(value / of, 3)) } else { Value::Null })
    }

    pub(super) fn print(self) {
        println!("{}", serde_json::to_string(&self).expect("plain data has a JSON form"));
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// No more digits than were measured.
pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
