//! Rows of a sheet as new records: what stands in the cells becomes what a form would have sent, and goes the same way.

use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::Edit,
    rights::Space,
    schema::{Class, Field, Kind, Type},
};

use super::{
    super::{
        desk::Desk,
        form::{self, Errors, Offers, more_key, was_key},
        input::Pairs,
    },
    columns::Column,
    sheet::Cell,
};
use crate::hub::ImportRow;

const YES: [&str; 7] = ["是", "有", "√", "yes", "y", "true", "1"];
const NO: [&str; 7] = ["否", "无", "×", "no", "n", "false", "0"];
/// Hexadecimal digits of a slip number that a row without one gets.
const SLIP_DIGITS: usize = 8;

/// Reads rows of one kind.
pub(super) struct Reading<'a> {
    pub desk: &'a Desk,
    pub offers: &'a Offers,
    pub kind: Kind,
    pub columns: &'a [Column],
    /// Where the person may create such records.
    pub spaces: &'a [&'a Space],
    /// Where rows go that do not say it.
    pub place: Option<SpaceId>,
}

impl Reading<'_> {
    /// The new record that a row makes.
    ///
    /// # Errors
    /// With what cannot be understood, field by field; of the place the key is empty.
    pub(super) fn row(&self, cells: &[Cell]) -> Result<ImportRow, Errors> {
        let space = self.space(cells).map_err(|error| vec![(String::new(), error)])?;
        let (mut pairs, mut errors) = (Vec::new(), Vec::new());
        for (column, cell) in self.columns.iter().zip(cells) {
            let Column::Field(field) = column else { continue };
            if *cell == Cell::Empty {
                continue;
            }
            match self.sent(field, cell) {
                Ok(mut sent) => {
                    pairs.push((was_key(field), String::new()));
                    pairs.append(&mut sent);
                }
                Err(error) => errors.push((field.key.to_owned(), error)),
            }
        }
        let sent = Pairs(pairs);
        match form::edits(self.desk.words, self.offers, self.kind, &sent) {
            Ok(edits) if errors.is_empty() => Ok(self.record(space, edits)),
            Ok(_) => Err(errors),
            Err(more) => Err([errors, more].concat()),
        }
    }

    fn space(&self, cells: &[Cell]) -> Result<&Space, String> {
        let named = self.columns.iter().position(|column| *column == Column::Place);
        let named = named.and_then(|place| cells.get(place)).map(Cell::text).unwrap_or_default();
        let is_meant = |space: &&&Space| match named.as_str() {
            "" => Some(space.id) == self.place,
            named => space.name == named,
        };
        let mut meant = self.spaces.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(space), None) => Ok(space),
            _ if named.is_empty() => Err(self.desk.words.get("import.no_place").to_owned()),
            _ => Err(self.desk.words.fill("import.wrong_place", &[("value", &named)])),
        }
    }

    /// The record's id is told from what the row says and where it goes.
    fn record(&self, space: &Space, mut edits: Vec<Edit>) -> ImportRow {
        if self.kind == Kind::ReceptionDay && !edits.iter().any(|edit| edit.field == "station") {
            edits.push(Edit::put("station", RecordId::derived(Kind::Station, &[&space.unit.0])));
        }
        let puts = |field: &str| edits.iter().find_map(|edit| edit.puts_text(field));
        let id = RecordId::from_natural_key(self.kind, puts).unwrap_or_else(|| {
            let mut said: Vec<String> = edits.iter().map(|edit| format!("{edit:?}")).collect();
            said.sort();
            RecordId::derived(self.kind, &["import", &space.unit.0, &said.join("\n")])
        });
        if self.kind == Kind::Voice && puts("slip_no").is_none() {
            let slip = &id.to_string()[..SLIP_DIGITS];
            edits.push(Edit::put("slip_no", format!("补录{slip}").as_str()));
        }
        ImportRow { id, space: space.id, edits }
    }

    /// What a form would send of the field.
    fn sent(&self, field: &'static Field, cell: &Cell) -> Result<Vec<(String, String)>, String> {
        let words = self.desk.words;
        let text = cell.text();
        let key = field.key.to_owned();
        let wrong = || words.get("edit.wrong_value").to_owned();
        if field.class == Class::Set && matches!(field.ty, Type::Ref { kind: Kind::Mandate }) {
            return Ok(vec![(more_key(field), text)]);
        }
        if field.class == Class::Set {
            return form::parted(&text).map(|part| Ok((key.clone(), self.code(field, part)?))).collect();
        }
        if field.class == Class::Flag {
            return Ok(if yes_or_no(&text).ok_or_else(wrong)? { vec![(key, form::YES.into())] } else { Vec::new() });
        }
        let value = match field.ty {
            Type::Date => day(cell),
            Type::DateTime => moment(cell),
            Type::Bool => String::from(if yes_or_no(&text).ok_or_else(wrong)? { form::YES } else { form::NO }),
            Type::Code { .. } => self.code(field, &text)?,
            Type::Ref { kind: Kind::Mandate } => text,
            Type::Ref { kind } => {
                let values = [("value", text.as_str()), ("kind", words.kind(kind))];
                let none = || words.fill("import.no_such", &values);
                form::meant(words, self.offers, kind, &text, none)?.to_string()
            }
            _ => text,
        };
        Ok(vec![(key, value)])
    }

    /// The code that a word means, of a field that takes codes.
    fn code(&self, field: &'static Field, text: &str) -> Result<String, String> {
        let Type::Code { list } = field.ty else { return Ok(text.to_owned()) };
        let no_such = || self.desk.words.fill("import.no_such_code", &[("value", text)]);
        self.desk.codes.key(list, text).ok_or_else(no_such)
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    let said = |words: [&str; 7]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if said(YES) { Some(true) } else { said(NO).then_some(false) }
}

/// A day as records hold it, of what people write: 2026-3-2, 2026/3/2, 2026.3.2, 2026年3月2日. Anything else as it is.
fn day(cell: &Cell) -> String {
    match cell {
        Cell::Moment(moment) => moment.split('T').next().unwrap_or_default().to_owned(),
        cell => {
            let text = cell.text();
            written_day(&text).unwrap_or(text)
        }
    }
}

/// The same with a time of the day behind it; of a day alone its beginning.
fn moment(cell: &Cell) -> String {
    if let Cell::Moment(moment) = cell {
        return moment.clone();
    }
    let text = cell.text();
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((&text, "00:00"));
    let (hour, minute) = time.trim().split_once([':', '：']).unwrap_or_default();
    match (written_day(date), hour.parse::<u8>(), minute.parse::<u8>()) {
        (Some(date), Ok(hour), Ok(minute)) => format!("{date}T{hour:02}:{minute:02}"),
        _ => text,
    }
}

fn written_day(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim().trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts[..] else { return None };
    let (year, month, day) = (year.parse::<u16>().ok()?, month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for written in ["2026-03-02", "2026/3/2", "2026.3.2", "2026年3月2日", " 2026-3-02 "] {
            assert_eq!(day(&text(written)), "2026-03-02", "{written}");
        }
        assert_eq!(day(&Cell::Moment("2026-03-02T09:30".into())), "2026-03-02");
        for other in ["明天", "2026-3", "3月2日", "2026-3-2-1"] {
            assert_eq!(day(&text(other)), other, "and the form says that it is none");
        }
    }

    #[test]
    fn moments_have_a_time_and_days_their_beginning() {
        assert_eq!(moment(&text("2026年3月2日 9:05")), "2026-03-02T09:05");
        assert_eq!(moment(&text("2026/3/2")), "2026-03-02T00:00");
        assert_eq!(moment(&text("2026-03-02 上午")), "2026-03-02 上午");
        assert_eq!(moment(&Cell::Moment("2026-03-02T09:30".into())), "2026-03-02T09:30");
    }

    #[test]
    fn yes_and_no_are_said_in_several_ways_and_nothing_else_is_either() {
        assert_eq!(["是", "√", "YES", "1"].map(yes_or_no), [Some(true); 4]);
        assert_eq!(["否", "无", "No", "0"].map(yes_or_no), [Some(false); 4]);
        assert_eq!(["", "大概", "2"].map(yes_or_no), [None; 3]);
    }
}
