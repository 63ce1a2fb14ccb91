//! The first sheet of a spreadsheet file (XLSX), as rows of values; of a file that may be anything.
//!
//! A few kilobytes can unpack to gigabytes, and a cell can claim to stand in the millionth row. So everything in the file
//! is unpacked once up to a bound before the library sees it, and cells are read as a stream, up to a bound.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

/// Bytes of a file. A ledger of a thousand rows is some 200 KB.
pub(in super::super) const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that everything in the file unpacks to.
const UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Files in the file. A spreadsheet has some twenty.
const ENTRIES_MAX: usize = 200;
/// Rows below the heads.
pub(in super::super) const ROWS_MAX: usize = 1000;
/// Columns, whether they are known or not.
const COLUMNS_MAX: usize = 64;
/// Where the library keeps the sheets.
const SHEETS: &str = "xl/worksheets/";

/// A sheet as it was read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub heads: Vec<String>,
    /// Rows in which something stands, with their number in the file, from 1.
    pub rows: Vec<(usize, Vec<Cell>)>,
}

/// What stands in a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Bool(bool),
    /// `YYYY-MM-DDThh:mm`.
    Moment(String),
}

/// Why a file is not read. The words are in the texts under `import.bad.<key>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadFile {
    /// Not a spreadsheet, or a damaged one.
    NotXlsx,
    TooLarge,
    TooManyRows,
    TooManyColumns,
    /// What a formula comes to is not in the file, or may be out of date.
    Formulas,
    /// No head, or nothing below it.
    Nothing,
}

impl BadFile {
    pub(super) fn key(self) -> &'static str {
        match self {
            BadFile::NotXlsx => "not_xlsx",
            BadFile::TooLarge => "too_large",
            BadFile::TooManyRows => "too_many_rows",
            BadFile::TooManyColumns => "too_many_columns",
            BadFile::Formulas => "formulas",
            BadFile::Nothing => "nothing",
        }
    }
}

/// Reads the first sheet of a file: its first row are the heads. Takes a core's time: not on a thread that others wait for.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, BadFile> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(BadFile::TooLarge);
    }
    weigh(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| BadFile::NotXlsx)?;
    let name = book.sheet_names().first().cloned().ok_or(BadFile::Nothing)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| BadFile::NotXlsx)?;
    let mut sheet = Sheet::default();
    while let Some(cell) = cells.next_cell().map_err(|_| BadFile::NotXlsx)? {
        let (row, column) = cell.get_position();
        put(&mut sheet, row as usize, column as usize, value(cell.get_value()))?;
    }
    if sheet.heads.is_empty() || sheet.rows.is_empty() { Err(BadFile::Nothing) } else { Ok(sheet) }
}

/// Unpacks everything once, up to the bound, whatever the file claims of its sizes. Nothing is kept.
fn weigh(bytes: &[u8]) -> Result<(), BadFile> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| BadFile::NotXlsx)?;
    if archive.len() > ENTRIES_MAX {
        return Err(BadFile::TooLarge);
    }
    let mut left = UNPACKED_BYTES_MAX;
    let mut contents = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| BadFile::NotXlsx)?;
        let name = entry.name().map_err(|_| BadFile::NotXlsx)?;
        let is_sheet = name.trim_start_matches('/').to_ascii_lowercase().starts_with(SHEETS);
        contents.clear();
        let unpacked = entry.take(left + 1).read_to_end(&mut contents).map_err(|_| BadFile::NotXlsx)?;
        left = left.checked_sub(unpacked as u64).ok_or(BadFile::TooLarge)?;
        if is_sheet && has_formula(&contents) {
            return Err(BadFile::Formulas);
        }
    }
    Ok(())
}

/// Whether there is an element `f`, with a prefix or without.
fn has_formula(xml: &[u8]) -> bool {
    xml.split(|byte| *byte == b'<').skip(1).any(|tag| {
        let end = tag.iter().position(|byte| matches!(byte, b'>' | b' ' | b'/' | b'\t' | b'\n' | b'\r'));
        let name = &tag[..end.unwrap_or(tag.len())];
        name == b"f" || name.ends_with(b":f")
    })
}

fn put(sheet: &mut Sheet, row: usize, column: usize, cell: Cell) -> Result<(), BadFile> {
    if cell == Cell::Empty {
        return Ok(());
    }
    if row > ROWS_MAX {
        return Err(BadFile::TooManyRows);
    }
    if column >= COLUMNS_MAX {
        return Err(BadFile::TooManyColumns);
    }
    if row == 0 {
        sheet.heads.resize(sheet.heads.len().max(column + 1), String::new());
        sheet.heads[column] = cell.text();
        return Ok(());
    }
    let number = row + 1;
    // Rows come in their order; one that comes again goes on.
    if sheet.rows.last().is_none_or(|(last, _)| *last != number) {
        if sheet.rows.iter().any(|(known, _)| *known > number) {
            return Err(BadFile::NotXlsx);
        }
        sheet.rows.push((number, Vec::new()));
    }
    if let Some((_, cells)) = sheet.rows.last_mut() {
        cells.resize(cells.len().max(column + 1), Cell::Empty);
        cells[column] = cell;
    }
    Ok(())
}

fn value(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| match text.trim() {
        "" => Cell::Empty,
        text => Cell::Text(text.replace("\r\n", "\n").replace(['\r', '\0'], "")),
    };
    match value {
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(said) => text(said),
        DataRef::SharedString(said) => text(said),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            Cell::Moment(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"))
        }
        DataRef::DateTimeIso(said) | DataRef::DurationIso(said) => text(said),
        DataRef::Error(_) | DataRef::Empty => Cell::Empty,
    }
}

impl Cell {
    /// As a person reads it.
    pub(super) fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Bool(yes) => yes.to_string(),
            Cell::Moment(moment) => moment.strip_suffix("T00:00").unwrap_or(moment).replace('T', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{Format, Formula, Workbook};
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        workbook.save_to_buffer().expect("a workbook is made")
    }

    /// A file in which this entry has this content.
    fn packed(name: &str, contents: &[u8]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, SimpleFileOptions::default()).expect("an entry begins");
        archive.write_all(contents).expect("it is written");
        archive.finish().expect("it ends").into_inner()
    }

    #[test]
    fn a_sheet_is_read_as_people_see_it() {
        let bytes = book(|sheet| {
            let day = Format::new().set_num_format("yyyy/m/d");
            let moment = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 2).expect("a day");
            for (column, head) in (0..).zip(["日期", "", "人数"]) {
                sheet.write(0, column, head).expect("a head");
            }
            sheet.write_with_format(2, 0, &moment, &day).expect("a day");
            sheet.write(2, 2, 35).expect("a number");
            sheet.write(2, 1, "  ").expect("blanks");
        });
        let sheet = read(&bytes).expect("it is read");
        assert_eq!(sheet.heads, ["日期", "", "人数"]);
        let row = vec![Cell::Moment("2026-03-02T00:00".into()), Cell::Empty, Cell::Number(35.0)];
        assert_eq!(sheet.rows, [(3, row)]);
        assert_eq!(sheet.rows[0].1[0].text(), "2026-03-02");
        assert_eq!(sheet.rows[0].1[2].text(), "35");
    }

    #[test]
    fn what_is_no_spreadsheet_is_refused() {
        for bytes in [&b""[..], b"a,b,c", b"PK\x03\x04", &packed("a.txt", b"hello"), &[0; 5000]] {
            assert_eq!(read(bytes), Err(BadFile::NotXlsx));
        }
        assert_eq!(read(&vec![0; FILE_BYTES_MAX + 1]), Err(BadFile::TooLarge));
        assert_eq!(read(&book(|_| {})), Err(BadFile::Nothing));
        let cut = book(|sheet| drop(sheet.write(0, 0, "标题")));
        for end in (0..cut.len()).step_by(97) {
            assert!(read(&cut[..end]).is_err());
        }
    }

    #[test]
    fn what_unpacks_to_more_than_a_ledger_is_not_unpacked() {
        let bomb = packed("xl/sharedStrings.xml", &vec![b' '; 64 * 1024 * 1024]);
        assert!(bomb.len() < FILE_BYTES_MAX);
        assert_eq!(read(&bomb), Err(BadFile::TooLarge));
    }

    #[test]
    fn formulas_and_sheets_without_end_are_refused() {
        let formula = book(|sheet| {
            sheet.write(0, 0, "标题").expect("a head");
            sheet.write(1, 0, Formula::new("=1+1")).expect("a formula");
        });
        assert_eq!(read(&formula), Err(BadFile::Formulas));
        let far = |row: u32, column: u16| {
            book(|sheet| {
                sheet.write(0, 0, "标题").expect("a head");
                sheet.write(row, column, "远").expect("a cell far away");
            })
        };
        assert_eq!(read(&far(1_048_575, 0)), Err(BadFile::TooManyRows));
        assert_eq!(read(&far(1, 16_383)), Err(BadFile::TooManyColumns));
        assert!(read(&far(ROWS_MAX as u32, COLUMNS_MAX as u16 - 1)).is_ok());
        assert!(has_formula(b"<c r=\"A1\"><x:f>1+1</x:f></c>") && !has_formula(b"<font/><fill>f</fill>"));
    }
}
