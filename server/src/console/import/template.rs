//! The empty ledger to fill in: a head for each field, and a second sheet that says what to put there.

use lianxin_shared::schema::{Field, Kind, Need, Type};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{
    super::{desk::Desk, layout, words::Words},
    columns::{NEEDED, fields},
};

const COLUMN_WIDTH: f64 = 18.0;
const HELP_WIDTH: f64 = 60.0;

/// A field, as the template explains it.
struct Line {
    head: String,
    need: &'static str,
    help: &'static str,
    /// What can be chosen.
    choices: String,
}

/// The file. `has_places`: rows may say where they go.
pub(super) fn workbook(desk: &Desk, kind: Kind, has_places: bool) -> Result<Vec<u8>, XlsxError> {
    let words = desk.words;
    let mut lines: Vec<Line> = fields(kind).map(|field| line(desk, kind, field)).collect();
    if has_places {
        lines.push(Line {
            head: words.get("form.space").into(),
            need: "",
            help: words.get("import.place_help"),
            choices: String::new(),
        });
    }
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name(layout::ledger_name(words, kind)))?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, line) in (0..).zip(&lines) {
        sheet.set_column_width(column, COLUMN_WIDTH)?;
        sheet.write_with_format(0, column, line.head.as_str(), &bold)?;
    }
    explain(&mut workbook, words, &lines, &bold)?;
    workbook.save_to_buffer()
}

fn explain(workbook: &mut Workbook, words: Words, lines: &[Line], bold: &Format) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(name(words.get("import.explained")))?;
    let heads = ["import.column", "import.need", "import.what", "import.choices"];
    for (column, (head, width)) in (0..).zip(heads.iter().zip([COLUMN_WIDTH, COLUMN_WIDTH, HELP_WIDTH, HELP_WIDTH])) {
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, words.get(head), bold)?;
    }
    for (row, line) in (1..).zip(lines) {
        for (column, text) in (0..).zip([line.head.as_str(), line.need, line.help, &line.choices]) {
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}

fn line(desk: &Desk, kind: Kind, field: &'static Field) -> Line {
    let words = desk.words;
    let label = words.label(field.label);
    let (head, need) = match field.need {
        // A voice without a slip number gets one.
        _ if kind == Kind::Voice && field.key == "slip_no" => (label.to_owned(), ""),
        Need::Create => (format!("{label}{NEEDED}"), words.get("import.needed")),
        Need::Submit => (label.to_owned(), words.get("import.needed_later")),
        Need::Optional => (label.to_owned(), ""),
    };
    let choices: Vec<String> = match field.ty {
        Type::Code { .. } => desk.codes.choices(words, field, &[]).into_iter().map(|choice| choice.label).collect(),
        Type::Bool => vec![words.yes_no(true).to_owned(), words.yes_no(false).to_owned()],
        _ => Vec::new(),
    };
    Line { head, need, help: words.label(field.help), choices: choices.join("、") }
}

/// A sheet's name takes no slashes and brackets.
fn name(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).take(31).collect()
}
