//! Words for people, in Chinese and English, from one place: `texts/*.json`.
//!
//! The console reads them here; the app's view bundles the same files.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Zh,
    En,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Both {
    pub zh: String,
    pub en: String,
}

/// Texts by key.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Texts(BTreeMap<String, Both>);

impl Texts {
    /// The words of the staff console and of what the server says.
    pub fn console() -> &'static Texts {
        static CONSOLE: LazyLock<Texts> = LazyLock::new(|| {
            let mut texts = parse(include_str!("../texts/common.json"));
            texts.0.extend(parse(include_str!("../texts/case.json")).0);
            texts.0.extend(parse(include_str!("../texts/console.json")).0);
            texts.0.extend(parse(include_str!("../texts/files.json")).0);
            texts
        });
        &CONSOLE
    }

    /// The words for a key; the key itself where a text is missing, so that a gap is seen.
    pub fn get<'a>(&'a self, language: Language, key: &'a str) -> &'a str {
        match (self.0.get(key), language) {
            (Some(both), Language::Zh) => &both.zh,
            (Some(both), Language::En) => &both.en,
            (None, _) => key,
        }
    }

    /// Every key, for the test that finds gaps.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn parse(json: &str) -> Texts {
    serde_json::from_str(json).expect("the texts are checked by a test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_both_languages() {
        let app = parse(include_str!("../texts/app.json"));
        for texts in [Texts::console(), &app] {
            for (key, both) in &texts.0 {
                assert!(!both.zh.is_empty() && !both.en.is_empty(), "{key} lacks a language");
            }
        }
    }
}
