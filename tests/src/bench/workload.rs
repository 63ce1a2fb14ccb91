//! Records of a workload file: one JSON object a line, a village activity each.
//!
//! Every piece of information of a line goes into the activity, or it would be no fair comparison:
//!
//! | the line's | becomes |
//! | --- | --- |
//! | `id` | the record's id: 16 bytes, minted on the phone as for every record (the value itself is another) |
//! | `station_id` | `station`, a reference; the station itself is a record that the town entered before |
//! | `deputy_id` | `attendees`, one element: a reference with the same 16 bytes. `author` is the phone's own deputy |
//! | `kind` | `kind`, by a code |
//! | `title`, `body` | `title`, and `body` as prose |
//! | `occurred_on` | `start`, at midnight: the line knows no time of day |
//! | `village` | `village`, a reference; its name is in a record that the town entered before |
//! | `people_count` | `crowd` |
//! | `gps` | `place`, as `lat,lon` |
//! | `tags` | `themes`, by codes |
//! | `created_at` | the time of the change (seconds), and its milliseconds in `jobs`, because nothing of ours keeps them |
//!
//! Beyond the line, the activity has `author`, the change's hash links, and the record's id inside.

use std::{fs, path::Path};

use anyhow::Context;
use lianxin_shared::{id::RecordId, record::Edit, schema::Kind};
use serde::Deserialize;

use super::invent;

/// A line of the file, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) json: String,
    fields: Fields,
    created_ms: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Fields {
    station_id: String,
    deputy_id: String,
    kind: String,
    title: String,
    body: String,
    occurred_on: String,
    village: String,
    people_count: i64,
    gps: Place,
    tags: Vec<String>,
    created_at: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Place {
    lat: f64,
    lon: f64,
}

/// The file's words for what the schema has codes for.
const KINDS: [(&str, &str); 9] = [
    ("走访", "home_visit"),
    ("接待", "courtyard"),
    ("会议", "group"),
    ("调解", "help"),
    ("宣传", "publicity"),
    ("督办", "supervision"),
    ("调研", "survey"),
    ("培训", "sit_in"),
    ("视察", "inspection"),
];
const THEMES: [(&str, &str); 12] = [
    ("农业", "agriculture"),
    ("教育", "education"),
    ("医疗", "health"),
    ("水利", "water"),
    ("就业", "employment"),
    ("交通", "traffic"),
    ("电力", "power"),
    ("环保", "ecology"),
    ("安全", "safety"),
    ("养老", "elderly"),
    ("文化", "culture"),
    ("民生", "livelihood"),
];

/// Reads a workload file; without one, records are made up.
///
/// # Errors
/// When it cannot be read or a line is not of the form.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Vec<Entry>> {
    let Some(file) = file else {
        return invent::lines(invent::RECORDS).iter().map(|line| Entry::read(line)).collect();
    };
    let text = fs::read_to_string(file).with_context(|| format!("the workload {}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let entries: Vec<Entry> = lines
        .map(|(number, line)| Entry::read(line).with_context(|| format!("{}:{}", file.display(), number + 1)))
        .collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(!entries.is_empty(), "the workload {} is empty", file.display());
    Ok(entries)
}

impl Entry {
    fn read(line: &str) -> anyhow::Result<Self> {
        let fields: Fields = serde_json::from_str(line)?;
        let created_ms = fields.created_at.parse::<jiff::Timestamp>()?.as_millisecond();
        Ok(Self { json: line.to_owned(), fields, created_ms })
    }

    /// When the record was made, by the phone's clock.
    pub(super) fn title(&self) -> &str {
        &self.fields.title
    }

    pub(super) fn created_ms(&self) -> i64 {
        self.created_ms
    }

    /// The edits that make the activity; its author is added by whoever writes it.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let fields = &self.fields;
        let mut edits = vec![
            Edit::put("station", station(&fields.station_id)),
            Edit::put("kind", code(&KINDS, &fields.kind)),
            Edit::put("title", fields.title.as_str()),
            Edit::put("start", format!("{}T00:00", fields.occurred_on)),
            Edit::put("village", village(&fields.village)),
            Edit::put("place", format!("{},{}", fields.gps.lat, fields.gps.lon)),
            Edit::add("attendees", deputy(&fields.deputy_id)),
            Edit::put("crowd", fields.people_count),
            Edit::write("body", &fields.body),
            Edit::put("jobs", self.created_ms.rem_euclid(1000)),
        ];
        edits.extend(fields.tags.iter().map(|tag| Edit::add("themes", code(&THEMES, tag))));
        edits
    }

    /// A later edit by someone: a sentence more in the body, and a corrected number. `number` tells
    /// edits apart.
    pub(super) fn revision(&self, number: usize) -> Vec<Edit> {
        let body = format!("{}第{number}次回访,村民表示满意。", self.fields.body);
        vec![Edit::write("body", &body), Edit::put("crowd", self.fields.people_count + number as i64 + 1)]
    }
}

/// The codes of stations, and the names of villages, that these records refer to.
pub(super) fn references(entries: &[Entry]) -> (Vec<String>, Vec<String>) {
    let distinct = |mut names: Vec<String>| {
        names.sort();
        names.dedup();
        names
    };
    let stations = entries.iter().map(|entry| entry.fields.station_id.clone()).collect();
    let villages = entries.iter().map(|entry| entry.fields.village.clone()).collect();
    (distinct(stations), distinct(villages))
}

pub(super) fn station(code: &str) -> RecordId {
    RecordId::derived(Kind::Station, &[code])
}

pub(super) fn village(name: &str) -> RecordId {
    RecordId::derived(Kind::AdminUnit, &[name])
}

/// A deputy's id is 16 bytes already.
fn deputy(uuid: &str) -> RecordId {
    uuid.replace('-', "").parse().unwrap_or_else(|_| RecordId::derived(Kind::Mandate, &[uuid]))
}

/// A code for a word: the known one, or the word's bytes.
fn code(known: &[(&str, &str)], word: &str) -> String {
    let known = known.iter().find(|(said, _)| *said == word).map(|(_, code)| (*code).to_owned());
    known.unwrap_or_else(|| word.bytes().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use lianxin_shared::{
        id::Actor,
        record::{FieldValue, Record, Value},
    };

    use super::*;

    const LINE: &str = r#"{"id":"849d5cfc-c77a-4676-b9d6-e356ff53e34a","station_id":"st-001","deputy_id":"7016afd4-fd7d-4e69-bc96-7f492b528df4","kind":"接待","title":"灌溉安装","body":"品牌合作社。","occurred_on":"2025-04-12","village":"痊家村","people_count":26,"gps":{"lat":32.281241,"lon":103.279759},"tags":["农业","教育"],"created_at":"2025-04-12T15:42:34.843Z"}"#;

    #[test]
    fn a_line_becomes_an_activity_with_everything_that_it_says() {
        let entry = Entry::read(LINE).unwrap();
        let mut record = Record::new(Kind::Activity, RecordId([1; 16]));
        record.edit(Actor([2; 16]), entry.created_ms(), None, &entry.edits()).unwrap().unwrap();
        let contents = record.read();
        let single = |field: &str| match &contents.fields[field] {
            FieldValue::Single { value, .. } => value.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(single("place"), Value::text("32.281241,103.279759"));
        assert_eq!((single("crowd"), single("jobs")), (Value::Number(26), Value::Number(843)));
        assert_eq!(single("start"), Value::text("2025-04-12T00:00"));
        assert!(matches!(&contents.fields["themes"], FieldValue::Set { elements } if elements.len() == 2));
        let FieldValue::Set { elements } = &contents.fields["attendees"] else { panic!("no set") };
        assert_eq!(elements, &["7016afd4fd7d4e69bc967f492b528df4"]);
    }

    #[test]
    fn made_up_records_have_the_form_of_the_files() {
        let entries: Vec<Entry> = invent::lines(300).iter().map(|line| Entry::read(line).unwrap()).collect();
        assert_eq!(references(&entries).0, ["st-001", "st-002"]);
        assert!(entries.iter().all(|entry| (100..500).contains(&entry.fields.body.len())));
        assert_eq!(invent::lines(3)[..2], invent::lines(2), "the same in every run");
    }

    #[test]
    fn a_word_that_nobody_knows_keeps_its_bytes() {
        assert_eq!(code(&KINDS, "走访"), "home_visit");
        assert_eq!(code(&KINDS, "a走"), "61e8b5b0");
    }
}
