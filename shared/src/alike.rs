//! 疑似重复: records that may be one thing entered twice, and one made of the two (DOMAIN §6.7).
//!
//! Only a person knows whether they are: what is alike is shown and offered, and nothing is joined by itself.

use crate::{
    case::Date,
    record::{Contents, Edit, FieldValue, Op},
    schema::{Class, Kind},
    sorted::Set,
};

/// Voices and suggestions further apart are about what happened again.
pub const MATTER_DAYS_MAX: i32 = 90;
/// How much of two texts is the same, in percent of their pairs of neighbouring characters, so that they may be one.
const TEXT_ALIKE_PERCENT: usize = 35;

/// Whether two records of one kind may be the same thing. An activity: the same village, at the same time, with somebody in
/// common. A voice or a suggestion: the same category and nearly the same words within three months, a voice in the same village.
pub fn alike(one: &Contents, other: &Contents) -> bool {
    one.kind == other.kind
        && match one.kind {
            Kind::Activity => {
                same(one, other, "village") && times_meet(one, other) && somebody_in_common(one, other, "attendees")
            }
            Kind::Voice => {
                same(one, other, "village")
                    && same(one, other, "category")
                    && days_apart(one, other).is_some_and(|days| days <= MATTER_DAYS_MAX)
                    && texts_alike(&said(one), &said(other))
            }
            Kind::Suggestion => {
                same(one, other, "category")
                    && days_apart(one, other).is_some_and(|days| days <= MATTER_DAYS_MAX)
                    && texts_alike(matter(one), matter(other))
            }
            _ => false,
        }
}

/// What has to be written into one record so that it also says what the other does. Sets are united, texts stacked under
/// `heading`, logs continued, and of single values those that are missing are taken over. What was counted adds up only
/// where two people counted.
pub fn joined(into: &Contents, other: &Contents, heading: &str) -> Vec<Edit> {
    let two_counted = into.text("author") != other.text("author");
    let mut edits = Vec::new();
    for (key, value) in other.fields.iter().filter(|(key, _)| !NOT_JOINED.contains(key)) {
        let Some(field) = other.kind.schema().field(key) else { continue };
        let mut add = |op| edits.push(Edit { field: (*key).to_owned(), op });
        match value {
            FieldValue::Single { value, .. } if field.class != Class::Once && into.single(key).is_none() => {
                add(Op::Put { value: value.clone() });
            }
            FieldValue::Single { .. } => {}
            FieldValue::Prose { text } if into.text(key).is_empty() => add(Op::Write { text: text.clone() }),
            FieldValue::Prose { text } if into.text(key).contains(text.as_str()) => {}
            FieldValue::Prose { text } => {
                add(Op::Write { text: format!("{}\n\n{heading}\n{text}", into.text(key)) });
            }
            FieldValue::Set { elements } => {
                let missing = elements.iter().filter(|element| !into.elements(key).contains(element));
                missing.for_each(|element| add(Op::Add { element: element.clone() }));
            }
            FieldValue::Count { count } if two_counted => add(Op::Increment { by: *count }),
            FieldValue::Count { .. } => {}
            FieldValue::Log { entries } => {
                entries.iter().for_each(|entry| add(Op::Append { text: entry.text.clone() }))
            }
            FieldValue::Flag { on: true } if !into.is_true(key) => add(Op::Mark),
            FieldValue::Flag { .. } => {}
            FieldValue::Entries { entries } => {
                let missing = entries.iter().filter(|(element, _)| into.entry(key, element).is_none());
                for (element, entry) in missing {
                    add(Op::Enter { element: element.clone(), value: entry.value.clone() });
                }
            }
        }
    }
    edits
}

/// What a record says of itself and not of what happened.
const NOT_JOINED: [&str; 2] = ["deleted", "author"];

fn same(one: &Contents, other: &Contents, key: &str) -> bool {
    !one.text(key).is_empty() && one.text(key) == other.text(key)
}

fn somebody_in_common(one: &Contents, other: &Contents, key: &str) -> bool {
    one.elements(key).iter().any(|element| other.elements(key).contains(element))
}

/// Without an end a meeting may have lasted the whole day. Moments as the records write them sort like time.
fn times_meet(one: &Contents, other: &Contents) -> bool {
    let span = |contents: &Contents| {
        let (start, end) = (contents.text("start").to_owned(), contents.text("end").to_owned());
        let day = start.get(..10).unwrap_or_default().to_owned();
        (!day.is_empty()).then(|| if end.is_empty() { (start, day + "T24") } else { (start, end) })
    };
    matches!((span(one), span(other)), (Some((a, b)), Some((c, d))) if a <= d && c <= b)
}

fn days_apart(one: &Contents, other: &Contents) -> Option<i32> {
    let day = |contents: &Contents| contents.text("date").get(..10)?.parse::<Date>().ok();
    Some(day(one)?.days_since(day(other)?).abs())
}

fn said(voice: &Contents) -> String {
    [voice.text("summary"), voice.text("verbatim")].concat()
}

/// Of 「关于…的建议」 what is its own.
fn matter(suggestion: &Contents) -> &str {
    suggestion.text("title").trim_start_matches("关于").trim_end_matches("的建议")
}

/// By pairs of neighbouring characters: Chinese has no blanks between words, and order counts for little.
fn texts_alike(one: &str, other: &str) -> bool {
    let (one, other) = (pairs(one), pairs(other));
    let common = one.iter().filter(|pair| other.contains(pair)).count();
    let all = one.len() + other.len();
    all > 0 && 2 * common * 100 >= all * TEXT_ALIKE_PERCENT
}

fn pairs(text: &str) -> Set<(char, char)> {
    let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::{Actor, RecordId},
        record::Record,
    };

    const ANNE: Actor = Actor([1; 16]);
    const VILLAGE: RecordId = RecordId([2; 16]);

    fn record(kind: Kind, edits: &[Edit]) -> Record {
        let mut record = Record::new(kind, RecordId([kind as u8; 16]));
        record.edit(ANNE, 0, None, edits).unwrap();
        record
    }

    fn meeting(author: u8, start: &str, end: &str, attendees: &[u8]) -> Vec<Edit> {
        let mut edits = vec![
            Edit::put("author", RecordId([author; 16])),
            Edit::put("village", VILLAGE),
            Edit::put("start", start),
            Edit::put("title", "竹元村院坝会"),
        ];
        edits.extend((!end.is_empty()).then(|| Edit::put("end", end)));
        edits.extend(attendees.iter().map(|n| Edit::add("attendees", RecordId([*n; 16]))));
        edits
    }

    fn meet(one: (&str, &str, &[u8]), other: (&str, &str, &[u8])) -> bool {
        let of = |(start, end, who): (&str, &str, &[u8])| record(Kind::Activity, &meeting(7, start, end, who)).read();
        let (one, other) = (of(one), of(other));
        assert_eq!(alike(&one, &other), alike(&other, &one));
        alike(&one, &other)
    }

    #[test]
    fn a_meeting_in_one_village_at_one_time_with_somebody_in_common_may_be_one() {
        let morning = ("2026-03-02T09:00", "2026-03-02T11:00", &[1, 2][..]);
        assert!(meet(morning, ("2026-03-02T10:30", "2026-03-02T12:00", &[2, 3])));
        assert!(meet(morning, ("2026-03-02T08:00", "", &[2])), "without an end it may have lasted");
        assert!(!meet(morning, ("2026-03-02T14:00", "2026-03-02T15:00", &[2])), "the same people in the afternoon");
        assert!(!meet(morning, ("2026-03-03T09:00", "", &[2])));
        assert!(!meet(morning, ("2026-03-02T09:00", "2026-03-02T11:00", &[3])), "nobody in common");
    }

    #[test]
    fn a_matter_told_twice_in_nearly_the_same_words_may_be_one() {
        let voice = |village: RecordId, category: &str, date: &str, summary: &str| {
            let single = [("category", category), ("date", date)].map(|(key, value)| Edit::put(key, value));
            record(
                Kind::Voice,
                &[&[Edit::put("village", village), Edit::write("summary", summary)][..], &single].concat(),
            )
            .read()
        };
        let one = voice(VILLAGE, "roads", "2026-03-02", "三组到新民村的断头路没有修通，群众出行不便。");
        assert!(alike(&one, &voice(VILLAGE, "roads", "2026-03-20", "新民村三组断头路一直没有修通，出行不便")));
        assert!(!alike(&one, &voice(VILLAGE, "roads", "2026-03-20", "桥头路灯坏了三个月没有人管")), "other words");
        assert!(!alike(
            &one,
            &voice(RecordId([3; 16]), "roads", "2026-03-20", "三组到新民村的断头路没有修通，群众出行不便。")
        ));
        assert!(
            !alike(&one, &voice(VILLAGE, "roads", "2026-09-20", "三组到新民村的断头路没有修通，群众出行不便。")),
            "again"
        );
        let suggestion = |title: &str| {
            let edits = [("title", title), ("category", "roads"), ("date", "2026-03-02")];
            record(Kind::Suggestion, &edits.map(|(key, value)| Edit::put(key, value))).read()
        };
        let one = suggestion("关于将新民村断头路纳入“组组通”提质的建议");
        assert!(alike(&one, &suggestion("关于修通新民村三组断头路的建议")));
        assert!(!alike(&one, &suggestion("关于扶持酒用高粱订单种植的建议")));
    }

    #[test]
    fn one_made_of_two_has_both_texts_everybody_once_and_what_was_counted_by_both() {
        let morning = meeting(7, "2026-03-02T09:00", "", &[1, 2]);
        let mut into = record(Kind::Activity, &morning);
        let theirs = [
            meeting(8, "2026-03-02T09:10", "", &[2, 3]),
            vec![
                Edit::write("body", "第二人的记录。"),
                Edit::put("crowd", 35),
                Edit::enter("files", "ab".repeat(32), "会场"),
                Edit { field: "leaflets".into(), op: Op::Increment { by: 22 } },
            ],
        ];
        let other = record(Kind::Activity, &theirs.concat()).read();
        let mine =
            [Edit::write("body", "第一人的记录。"), Edit { field: "leaflets".into(), op: Op::Increment { by: 38 } }];
        into.edit(ANNE, 0, None, &mine).unwrap();
        let edits = joined(&into.read(), &other, "【李秀碧】");
        into.edit(ANNE, 0, None, &edits).unwrap();
        let both = into.read();
        assert_eq!(both.text("body"), "第一人的记录。\n\n【李秀碧】\n第二人的记录。");
        assert_eq!(both.elements("attendees").len(), 3);
        assert_eq!((both.number("leaflets"), both.number("crowd")), (Some(60), Some(35)));
        assert_eq!(both.text("start"), "2026-03-02T09:00", "what stands stays");
        assert_eq!(both.entries("files").count(), 1);
        assert_eq!(joined(&into.read(), &both, "").len(), 0, "once is enough");
    }

    proptest! {
        #[test]
        fn a_record_is_alike_to_itself_and_joins_without_a_change(summary in "[一-十]{4,30}") {
            let edits = [("category", "roads"), ("date", "2026-03-02")].map(|(key, value)| Edit::put(key, value));
            let more = [Edit::put("village", VILLAGE), Edit::write("summary", &summary)];
            let voice = record(Kind::Voice, &[&edits[..], &more].concat()).read();
            prop_assert!(alike(&voice, &voice));
            prop_assert_eq!(joined(&voice, &voice, ""), vec![]);
        }
    }
}
