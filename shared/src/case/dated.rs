//! Rules of a place as dated versions: a new value stands beside the old one and holds from its day on.

use serde::{Deserialize, Serialize};

use super::calendar::Date;

/// One version of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version<T> {
    pub value: T,
    pub valid_from: Date,
    /// The text it comes from; 「示例」 marks a sample value. Empty where it was entered before sources were kept.
    pub source_text: String,
    pub set_by: String,
}

/// All versions of a value that were ever set, in the order in which they were. One holds until the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored<T>")]
pub struct Dated<T>(Vec<Version<T>>);

/// As books hold it. Books of before have the bare value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored<T> {
    Versions(Vec<Version<T>>),
    Bare(T),
}

impl<T> From<Stored<T>> for Dated<T> {
    fn from(stored: Stored<T>) -> Self {
        match stored {
            Stored::Versions(versions) => Dated(versions),
            Stored::Bare(value) => Dated::always(value, ""),
        }
    }
}

impl<T> Default for Dated<T> {
    fn default() -> Self {
        Dated(Vec::new())
    }
}

impl<T> Dated<T> {
    /// A value that has been in force as long as anybody can tell.
    pub fn always(value: T, source: &str) -> Self {
        let (source_text, set_by) = (source.to_owned(), source.to_owned());
        Dated(vec![Version { value, valid_from: Date::MIN, source_text, set_by }])
    }

    /// The value in force on a day: that of the version that began last, of two of one day the one set later.
    pub fn on(&self, day: Date) -> Option<&T> {
        self.version_on(day).map(|version| &version.value)
    }

    /// The version in force on a day.
    pub fn version_on(&self, day: Date) -> Option<&Version<T>> {
        self.0.iter().filter(|version| version.valid_from <= day).max_by_key(|version| version.valid_from)
    }

    /// All versions, in the order in which they were set.
    pub fn versions(&self) -> &[Version<T>] {
        &self.0
    }

    /// Puts a version beside the others.
    pub fn add(&mut self, version: Version<T>) {
        self.0.push(version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(value: u32, from: &str) -> Version<u32> {
        Version { value, valid_from: from.parse().unwrap(), source_text: "办法".into(), set_by: "吴敏".into() }
    }

    #[test]
    fn a_version_holds_from_its_day_until_the_next_begins() {
        let mut dated = Dated::default();
        let on = |dated: &Dated<u32>, day: &str| dated.on(day.parse().unwrap()).copied();
        assert_eq!(on(&dated, "2026-01-01"), None);
        for (value, from) in [(1, "2026-03-01"), (3, "2027-01-01"), (2, "2026-07-01"), (9, "2027-01-01")] {
            dated.add(version(value, from));
        }
        let found = ["2026-02-28", "2026-03-01", "2026-06-30", "2026-07-01", "2027-01-01"].map(|day| on(&dated, day));
        assert_eq!(found, [None, Some(1), Some(1), Some(2), Some(9)], "of two of one day the one set later");
    }

    #[test]
    fn a_value_that_was_stored_bare_has_always_been_in_force() {
        let bare: Dated<u32> = serde_json::from_str("2").unwrap();
        assert_eq!(bare, Dated::always(2, ""));
        let list: Dated<Vec<String>> = serde_json::from_str(r#"["A"]"#).unwrap();
        assert_eq!(list.on(Date::MIN), Some(&vec!["A".to_owned()]));
        let written = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<Dated<Vec<String>>>(&written).unwrap(), list);
        assert!(serde_json::from_str::<Dated<u32>>(r#""two""#).is_err());
    }
}
