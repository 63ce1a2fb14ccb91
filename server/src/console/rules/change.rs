//! What a form of the rules' page makes of the book: a new version of one thing, beside the old ones.

use std::collections::{BTreeMap, BTreeSet};

use lianxin_shared::{
    case::{
        Book, Clock, Date, ReplyClass, Rule, Tier, UnitRef,
        book::Outcome,
        dated::{Dated, Version},
        holidays::YearTable,
        route::Routes,
    },
    id::UnitCode,
    schema::{Code, CodeList},
};

use super::{super::input::Pairs, CLASSES_MAX, EXTENSIONS_MAX, LINE_CHARS_MAX, UNITS, VALUE_MAX, WORD_CHARS, YEARS};

/// Versions of one thing that a book holds; old ones are never removed.
const VERSIONS_MAX: usize = 2000;
/// Days of one list of a holiday table.
const DAYS_MAX: usize = 100;
/// Characters of a class's key: A, 甲, 第一类.
const CLASS_KEY_CHARS_MAX: usize = 8;
/// Words of one list that routes look for.
const WORDS_MAX: usize = 200;

/// The book with what a form says, and what of it that is; the key of the words where it makes no sense.
pub(super) fn changed(book: &Book, sent: &Pairs, by: &str) -> Result<(Book, String), &'static str> {
    let source = sent.get("source");
    if !is_line(source) {
        return Err("rules.no_source");
    }
    let mut book = book.clone();
    let from = || version_of(sent, source, by);
    let what = match sent.get("form") {
        "rule" => {
            let rule = rule(&book, sent, source, by).ok_or("rules.wrong")?;
            let what = rule.key.key().to_owned();
            if book.rules.0.len() >= VERSIONS_MAX {
                return Err("rules.wrong");
            }
            book.rules.0.push(rule);
            what
        }
        "extensions" => {
            let value = sent.get("value").parse().ok().filter(|value| *value <= EXTENSIONS_MAX);
            add(&mut book.extensions_max, value.ok_or("rules.wrong")?, from()?)?;
            "extensions".to_owned()
        }
        "number" => {
            let tier = Tier::from_key(sent.get("tier")).ok_or("rules.wrong")?;
            let pattern = sent.get("pattern");
            // Without its number in it, every case of a year would have the same.
            if !pattern.contains("{seq}") || !is_line(pattern) {
                return Err("rules.no_seq");
            }
            add(book.numbers.entry(tier).or_default(), pattern.to_owned(), from()?)?;
            format!("number {}", tier.key())
        }
        "classes" => {
            add(&mut book.classes, classes(sent)?, from()?)?;
            "classes".to_owned()
        }
        "routes" => {
            add(&mut book.routes, routes(sent)?, from()?)?;
            "routes".to_owned()
        }
        "holidays" => {
            let year: i32 = sent.get("year").parse().map_err(|_| "rules.wrong")?;
            let (off, worked) = (days(sent.get("off"), year)?, days(sent.get("worked"), year)?);
            if !YEARS.contains(&year) || off.is_empty() {
                return Err("rules.wrong");
            }
            book.holidays.years.insert(year, YearTable { source: source.to_owned(), off, worked });
            format!("holidays {year}")
        }
        _ => return Err("rules.wrong"),
    };
    Ok((book, what))
}

/// From when a new version is in force, by which text and by whom; its value comes beside it.
fn version_of(sent: &Pairs, source: &str, by: &str) -> Result<Version<()>, &'static str> {
    let valid_from = sent.get("valid_from").parse().map_err(|_| "rules.wrong")?;
    Ok(Version { value: (), valid_from, source_text: source.to_owned(), set_by: by.to_owned() })
}

fn add<T>(dated: &mut Dated<T>, value: T, version: Version<()>) -> Result<(), &'static str> {
    if dated.versions().len() >= VERSIONS_MAX {
        return Err("rules.wrong");
    }
    let Version { valid_from, source_text, set_by, .. } = version;
    dated.add(Version { value, valid_from, source_text, set_by });
    Ok(())
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LINE_CHARS_MAX
}

fn rule(book: &Book, sent: &Pairs, source: &str, by: &str) -> Option<Rule> {
    let key = Clock::ALL.into_iter().find(|clock| clock.key() == sent.get("clock"))?;
    let tier = match sent.get("tier") {
        "" => None,
        tier => Some(Tier::from_key(tier)?),
    };
    let (unit, _) = *UNITS.iter().find(|(_, unit)| *unit == sent.get("unit"))?;
    let value = sent.get("value").parse().ok().filter(|value| (1..=VALUE_MAX).contains(value))?;
    let valid_from: Date = sent.get("valid_from").parse().ok()?;
    // From which step it runs is part of what the limit is, and the same in all versions.
    let start_event = book.rules.0.iter().find(|rule| rule.key == key).map(|rule| rule.start_event.clone());
    Some(Rule {
        key,
        tier,
        value,
        unit,
        start_event: start_event.unwrap_or_default(),
        source_text: source.to_owned(),
        valid_from,
        valid_to: None,
        set_by: by.to_owned(),
    })
}

/// A scheme of classes: the rows of the form that say something.
fn classes(sent: &Pairs) -> Result<Vec<ReplyClass>, &'static str> {
    let cell = |row: usize, name: &str| sent.get(&format!("class.{row}.{name}")).to_owned();
    let (mut classes, mut keys) = (Vec::new(), BTreeSet::new());
    for row in 0..CLASSES_MAX {
        let [key, zh, en] = ["key", "zh", "en"].map(|name| cell(row, name));
        if key.is_empty() && zh.is_empty() && en.is_empty() {
            continue;
        }
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.key() == cell(row, "outcome"));
        let fits = !key.is_empty() && key.chars().count() <= CLASS_KEY_CHARS_MAX && is_line(&zh) && is_line(&en);
        let (Some(outcome), true, true) = (outcome, fits, keys.insert(key.clone())) else {
            return Err("rules.wrong_class");
        };
        classes.push(ReplyClass { key, zh, en, outcome });
    }
    if classes.is_empty() { Err("rules.wrong_class") } else { Ok(classes) }
}

/// The tables of where voices go: by category the town's office and the district's bureau, and the words to look for.
fn routes(sent: &Pairs) -> Result<Routes, &'static str> {
    let cell = |name: &str, category: &str| sent.get(&format!("{name}.{category}")).to_owned();
    let (mut town_offices, mut bureaus, mut names) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for Code { key: category, .. } in categories() {
        let [office, code, name] = ["office", "bureau_code", "bureau"].map(|cells| cell(cells, category));
        if !office.is_empty() {
            town_offices.insert((*category).to_owned(), office);
        }
        if code.is_empty() && name.is_empty() {
            continue;
        }
        // One bureau has one name, or its cases would be listed under two.
        let known = names.entry(code.clone()).or_insert_with(|| name.clone());
        if !is_code(&code) || !is_line(&name) || *known != name {
            return Err("rules.wrong_unit");
        }
        bureaus.insert((*category).to_owned(), UnitRef { code: UnitCode(code), name });
    }
    let danger_office = sent.get("danger_office").to_owned();
    if town_offices.values().chain([&danger_office]).any(|office| office.chars().count() > LINE_CHARS_MAX) {
        return Err("rules.wrong_unit");
    }
    let [petition_words, district_words] = [words(sent.get("petition_words"))?, words(sent.get("district_words"))?];
    Ok(Routes { town_offices, bureaus, danger_office, petition_words, district_words })
}

/// The categories of matters.
pub(super) fn categories() -> &'static [Code] {
    CodeList::find("category").map(|list| list.codes).unwrap_or_default()
}

fn is_code(code: &str) -> bool {
    is_line(code) && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Words to look for, as people type them.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let words: Vec<String> = parts(text).map(str::to_owned).collect();
    let fits = words.len() <= WORDS_MAX && words.iter().all(|word| WORD_CHARS.contains(&word.chars().count()));
    if fits { Ok(words) } else { Err("rules.wrong_word") }
}

/// What is separated by blanks, commas or lines.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n', '\r', ',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

/// Days as people type them: `2026-01-01`, separated by blanks, commas or lines; `2026-02-15..2026-02-23` for a run.
fn days(text: &str, year: i32) -> Result<Vec<Date>, &'static str> {
    let mut days = Vec::new();
    for part in parts(text) {
        let (first, last) = part.split_once("..").unwrap_or((part, part));
        let (first, last): (Date, Date) = match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) => (first, last),
            _ => return Err("rules.wrong_day"),
        };
        let mut day = first;
        while day <= last && days.len() <= DAYS_MAX {
            days.push(day);
            day = day.plus_days(1);
        }
    }
    days.sort_unstable();
    days.dedup();
    let fits = days.len() <= DAYS_MAX && days.iter().all(|day| day.year() == year);
    if fits { Ok(days) } else { Err("rules.wrong_day") }
}

#[cfg(test)]
mod tests {
    use lianxin_shared::case::calendar::Unit;

    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Pairs {
        Pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn a_new_version_stands_beside_the_old_one_from_its_day_on() {
        let form = [
            ("form", "rule"),
            ("clock", "reply"),
            ("tier", "town"),
            ("value", "45"),
            ("unit", "days"),
            ("valid_from", "2026-07-01"),
            ("source", "区办法第九条"),
        ];
        let old = Book::sample();
        let Ok((new, what)) = changed(&old, &sent(&form), "吴敏") else { panic!("the form is right") };
        assert_eq!((what.as_str(), new.rules.0.len()), ("reply", old.rules.0.len() + 1));
        let value = |book: &Book, day: &str| {
            let day: Option<Date> = day.parse().ok();
            day.and_then(|day| book.rules.find(Clock::Reply, Some(Tier::Town), day)).map(|rule| (rule.value, rule.unit))
        };
        assert_eq!(value(&new, "2026-06-30"), value(&old, "2026-06-30"));
        assert_eq!(value(&new, "2026-07-01"), Some((45, Unit::Days)));
    }

    #[test]
    fn classes_numbers_extensions_and_routes_have_versions_too() {
        let from = [("valid_from", "2026-07-01"), ("source", "区办法第九条")];
        let change = |form: &[(&str, &str)]| {
            let (book, what) = changed(&Book::sample(), &sent(&[form, &from].concat()), "吴敏").unwrap();
            assert_eq!(what.split(' ').next(), form.first().map(|(_, name)| *name));
            book
        };
        let [before, after] = ["2026-06-30", "2026-07-01"].map(|day| day.parse::<Date>().unwrap());
        let old = Book::sample();

        let new = change(&[("form", "extensions"), ("value", "0")]).extensions_max;
        assert_eq!((new.on(before), new.on(after)), (Some(&1), Some(&0)));
        let set = new.version_on(after).map(|version| (version.source_text.as_str(), version.set_by.as_str()));
        assert_eq!(set, Some(("区办法第九条", "吴敏")));

        let new = change(&[("form", "number"), ("tier", "town"), ("pattern", "{place}〔{year}〕{seq}")]).numbers;
        let town = &new[&Tier::Town];
        assert_eq!(town.on(before), old.numbers[&Tier::Town].on(before));
        assert_eq!(town.on(after).map(String::as_str), Some("{place}〔{year}〕{seq}"));

        let class = [("class.2.key", "甲"), ("class.2.zh", "已采纳"), ("class.2.en", "Taken up")];
        let new = change(&[&[("form", "classes")], &class[..], &[("class.2.outcome", "solved")]].concat()).classes;
        assert_eq!(new.on(before), old.classes.on(before));
        assert_eq!(new.on(after).map(|classes| (classes.len(), classes[0].key.as_str())), Some((1, "甲")));

        let rows = [("office.roads", "规建办"), ("bureau_code.roads", "U02"), ("bureau.roads", "区交通运输局")];
        let new =
            change(&[&[("form", "routes")], &rows[..], &[("petition_words", "欠薪、判决\r\n举报")]].concat()).routes;
        assert_eq!(new.on(before), old.routes.on(before));
        let routes = new.on(after).unwrap();
        assert_eq!(routes.bureaus["roads"].name, "区交通运输局");
        assert_eq!(
            (routes.town_offices.len(), routes.petition_words.as_slice()),
            (1, ["欠薪", "判决", "举报"].map(String::from).as_slice())
        );
    }

    #[test]
    fn what_makes_no_sense_changes_nothing() {
        let source = ("source", "办法");
        let from = ("valid_from", "2026-07-01");
        let class = [("class.0.key", "A"), ("class.0.zh", "已解决"), ("class.0.en", "Solved")];
        let [key, zh, en] = class;
        let solved = ("class.0.outcome", "solved");
        let again =
            [("class.1.key", "A"), ("class.1.zh", "推进"), ("class.1.en", "On"), ("class.1.outcome", "promised")];
        let wrong: [(&[(&str, &str)], &str); 18] = [
            (&[("form", "rule"), ("clock", "reply")], "rules.no_source"),
            (&[("form", "rule"), ("clock", "moon"), source], "rules.wrong"),
            (&[("form", "number"), ("tier", "town"), ("pattern", "人建"), source], "rules.no_seq"),
            (&[("form", "number"), ("tier", "town"), ("pattern", "{seq}"), source], "rules.wrong"),
            (&[("form", "extensions"), ("value", "10"), from, source], "rules.wrong"),
            (&[("form", "extensions"), ("value", "2"), ("valid_from", "明天"), source], "rules.wrong"),
            (&[("form", "classes"), from, source], "rules.wrong_class"),
            (&[("form", "classes"), key, zh, en, from, source], "rules.wrong_class"),
            (&[("form", "classes"), key, en, solved, from, source], "rules.wrong_class"),
            (&[&[("form", "classes"), key, zh, en, solved, from, source], &again[..]].concat(), "rules.wrong_class"),
            (&[("form", "routes"), ("bureau.roads", "区交通运输局"), from, source], "rules.wrong_unit"),
            (
                &[("form", "routes"), ("bureau_code.roads", "<b>"), ("bureau.roads", "局"), from, source],
                "rules.wrong_unit",
            ),
            (
                &[
                    ("form", "routes"),
                    ("bureau_code.roads", "U02"),
                    ("bureau.roads", "区交通运输局"),
                    ("bureau_code.water", "U02"),
                    ("bureau.water", "区水务局"),
                    from,
                    source,
                ],
                "rules.wrong_unit",
            ),
            (&[("form", "routes"), ("petition_words", "的"), from, source], "rules.wrong_word"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "2026-01-01"), source], "rules.wrong_day"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "春节"), source], "rules.wrong_day"),
            (&[("form", "holidays"), ("year", "2027"), ("off", "0001-01-01..9999-12-31"), source], "rules.wrong_day"),
            (&[("form", "else"), source], "rules.wrong"),
        ];
        for (form, key) in wrong {
            assert_eq!(changed(&Book::sample(), &sent(form), "吴敏").err(), Some(key), "{form:?}");
        }
    }

    #[test]
    fn runs_of_days_are_written_short() {
        let run = days("2027-02-05..2027-02-07, 2027-01-01", 2027);
        let days: Vec<String> = run.unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07"]);
    }
}
