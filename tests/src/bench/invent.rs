//! Records made up from a seed, for whoever has no workload file: of the same form, Chinese text of
//! about the entropy of real notes.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

/// Records made up when no file is given.
pub(super) const RECORDS: usize = 5_000;
const SEED: u64 = 2026;
/// Records of one station, as in a busy station's year.
const RECORDS_PER_STATION: usize = 200;
const DEPUTIES_PER_STATION: usize = 5;
const KINDS: [&str; 6] = ["走访", "接待", "会议", "调解", "宣传", "调研"];
const TAGS: [&str; 6] = ["农业", "教育", "医疗", "水利", "就业", "交通"];
const WORDS: [&str; 32] = [
    "饮水",
    "水渠",
    "村道",
    "路灯",
    "硬化",
    "灌溉",
    "低保",
    "医保",
    "校车",
    "养老",
    "老人",
    "儿童",
    "果园",
    "茶叶",
    "合作社",
    "贫困户",
    "危房",
    "改造",
    "走访",
    "座谈",
    "反映",
    "调解",
    "落实",
    "督办",
    "政策",
    "宣传",
    "整治",
    "垃圾",
    "卫生室",
    "基站",
    "账目",
    "纠纷",
];
const PROSE_CHARS: usize = 120;
const TITLE_CHARS: usize = 12;
/// Every so many words a character that comes at random: names, places, turns of phrase.
const CHARACTERS_PER_WORD: f64 = 0.6;
const COMMON: std::ops::Range<u32> = 0x4e00..0x5e00;
/// A day in milliseconds, and the first one: 2025-01-01.
const DAY_MS: i64 = 24 * 3_600 * 1_000;
const FIRST_MS: i64 = 1_735_689_600_000;

/// One line per record.
pub(super) fn lines(count: usize) -> Vec<String> {
    let mut chance = StdRng::seed_from_u64(SEED);
    (0..count).map(|number| line(&mut chance, number)).collect()
}

fn line(chance: &mut StdRng, number: usize) -> String {
    let station = number / RECORDS_PER_STATION;
    let made_ms = FIRST_MS + chance.random_range(0..300) * DAY_MS + chance.random_range(0..DAY_MS);
    let made = jiff::Timestamp::from_millisecond(made_ms).expect("a time of this century").to_string();
    let deputy = station * DEPUTIES_PER_STATION + chance.random_range(0..DEPUTIES_PER_STATION);
    let first_tag = chance.random_range(0..TAGS.len());
    json!({
        "id": uuid(chance.random()),
        "station_id": format!("st-{:03}", station + 1),
        "deputy_id": uuid(StdRng::seed_from_u64(deputy as u64).random()),
        "kind": KINDS[chance.random_range(0..KINDS.len())],
        "title": text(chance, TITLE_CHARS),
        "body": format!("{}。", text(chance, PROSE_CHARS)),
        "occurred_on": made[..10],
        "village": format!("{}村", WORDS[(station * 7 + chance.random_range(0..4)) % WORDS.len()]),
        "people_count": chance.random_range(3..80),
        "gps": {
            "lat": 32.3 + f64::from(chance.random_range(-50_000..50_000)) / 1e6,
            "lon": 103.2 + f64::from(chance.random_range(-50_000..50_000)) / 1e6,
        },
        "tags": [TAGS[first_tag], TAGS[(first_tag + chance.random_range(1..TAGS.len())) % TAGS.len()]],
        "created_at": made,
    })
    .to_string()
}

fn text(chance: &mut StdRng, chars: usize) -> String {
    let mut text = String::new();
    while text.chars().count() < chars {
        text += WORDS[chance.random_range(0..WORDS.len())];
        if chance.random_bool(CHARACTERS_PER_WORD) {
            text.extend(char::from_u32(chance.random_range(COMMON)));
        }
    }
    text
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
