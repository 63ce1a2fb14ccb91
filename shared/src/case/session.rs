//! 届次 (E4): in which term and session of a congress a day falls, as its records of kind [`Kind::Term`] say. Whether
//! something was raised in session is a field of its record, and is told by the day; there is no switch.

use super::calendar::Date;
use crate::{id::RecordId, record::Contents, schema::Kind};

/// A term, its last session, and whether the congress sits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sitting {
    /// 如五届.
    pub term: String,
    /// 如一次; empty before a term's first session.
    pub session: String,
    /// 大会期间.
    pub in_session: bool,
}

/// How things stand with a unit's congress on a day; `None` before its first term on record.
pub fn on(records: &[Contents], unit: RecordId, day: Date) -> Option<Sitting> {
    let own = records.iter().filter(|one| one.kind == Kind::Term && one.reference("unit") == Some(unit));
    let begun = own.filter_map(|one| Some((begins(one)?, one))).filter(|(begins, _)| *begins <= day);
    // A term and its first session may begin on one day: the session says more.
    let (_, last) = begun.max_by_key(|(begins, one)| (*begins, !one.text("session").is_empty()))?;
    let sits = |from: Date, to: Date| (from..=to).contains(&day);
    let congress = ["congress_start", "congress_end"].map(|field| last.text(field).parse().ok());
    Some(Sitting {
        term: last.text("term").to_owned(),
        session: last.text("session").to_owned(),
        in_session: matches!(congress, [Some(from), Some(to)] if sits(from, to)),
    })
}

fn begins(record: &Contents) -> Option<Date> {
    record.text("start").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::Actor,
        record::{Edit, Record},
    };

    const UNIT: RecordId = RecordId([7; 16]);

    fn record(unit: RecordId, term: &str, session: &str, days: [&str; 3]) -> Contents {
        let [start, opens, closes] = days;
        let said = [
            ("term", term),
            ("session", session),
            ("start", start),
            ("congress_start", opens),
            ("congress_end", closes),
        ];
        let mut edits: Vec<Edit> =
            said.into_iter().filter(|(_, text)| !text.is_empty()).map(|(field, text)| Edit::put(field, text)).collect();
        edits.push(Edit::put("unit", unit));
        let mut record = Record::new(Kind::Term, RecordId([5; 16]));
        record.edit(Actor([1; 16]), 1_760_000_000_000, None, &edits).unwrap();
        record.read()
    }

    #[test]
    fn the_day_tells_term_and_session_and_whether_the_congress_sits() {
        let records = [
            record(UNIT, "五届", "", ["2021-11-01", "", ""]),
            record(UNIT, "五届", "一次", ["2021-11-01", "2021-11-01", "2021-11-04"]),
            record(UNIT, "五届", "二次", ["2022-02-10", "2022-02-12", "2022-02-14"]),
            record(UNIT, "六届", "", ["2026-12-01", "", ""]),
            record(RecordId([8; 16]), "九届", "三次", ["2022-02-01", "2022-02-01", "2022-12-31"]),
        ];
        for (day, expected) in [
            ("2021-10-31", None),
            ("2021-11-01", Some(("五届", "一次", true))),
            ("2021-11-05", Some(("五届", "一次", false))),
            ("2022-02-11", Some(("五届", "二次", false))),
            ("2022-02-12", Some(("五届", "二次", true))),
            ("2022-02-14", Some(("五届", "二次", true))),
            ("2022-02-15", Some(("五届", "二次", false))),
            ("2026-12-01", Some(("六届", "", false))),
        ] {
            let sitting = on(&records, UNIT, day.parse().unwrap());
            let told = sitting.as_ref().map(|it| (it.term.as_str(), it.session.as_str(), it.in_session));
            assert_eq!(told, expected, "{day}");
        }
    }
}
