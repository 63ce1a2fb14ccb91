//! A ledger as a file: exactly the rows and columns that its address shows, all pages of it.

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use lianxin_shared::schema::Kind;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{
    super::{desk::Desk, input::Asked, layout, problem::Problem, words::today},
    columns::{self, Column, Plain},
    filter::Filter,
    rows::{Rows, withhold},
};
use crate::store::{Act, LedgerKey, LedgerQuery};

/// Rows read at once.
const PIECE_ROWS: u32 = 500;
/// Rows of a spreadsheet, which is made as a whole before it is sent; a CSV file has no end.
const XLSX_ROWS_MAX: u64 = 100_000;
/// So that spreadsheet programs read the file as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// What a spreadsheet program would take for the beginning of a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
const COLUMN_WIDTH: f64 = 16.0;
const TITLE_WIDTH: f64 = 48.0;

pub(in super::super) async fn file(
    desk: Desk,
    Path((kind, format)): Path<(String, String)>,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let kind = Kind::from_key(&kind).ok_or(Problem::NotFound)?;
    let is_xlsx = match format.as_str() {
        "csv" => false,
        "xlsx" => true,
        _ => return Err(Problem::NotFound),
    };
    if !desk.reads(kind) || desk.only_counts(kind) {
        return Err(Problem::NotFound);
    }
    let Filter { query, columns, problems, .. } = Filter::read(&desk, kind, &asked).await?;
    if !problems.is_empty() {
        return Err(Problem::BadAddress);
    }
    if is_xlsx && desk.store().count(&query).await?.records > XLSX_ROWS_MAX {
        return Err(Problem::TooLarge);
    }
    note(&desk, kind, &asked.query_without(|_, _| false)).await?;
    let name = format!("{}-{}.{format}", kind.key(), today(desk.now_ms()));
    let exporting = Exporting { desk, kind, query, columns };
    let (mime, body) = if is_xlsx {
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Body::from(xlsx(exporting).await?))
    } else {
        ("text/csv; charset=utf-8", csv(exporting))
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::OK, headers, body).into_response())
}

/// Who took which ledger away is in the audit log; the filter may hold a name, so it is cut to its parts.
async fn note(desk: &Desk, kind: Kind, query: &str) -> Result<(), Problem> {
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    desk.note(Act::Export, kind.key().to_owned(), names.join(" ").trim()).await
}

struct Exporting {
    desk: Desk,
    kind: Kind,
    query: LedgerQuery,
    columns: Vec<Column>,
}

impl Exporting {
    fn heads(&self) -> Vec<String> {
        let named = columns::columns(self.kind).iter().filter(|(column, _)| self.columns.contains(column));
        named.map(|(column, key)| columns::name(self.desk.words, self.kind, *column, key)).collect()
    }

    /// The next rows, and where those behind them begin.
    async fn piece(&self, after: Option<LedgerKey>) -> Result<(Vec<Vec<Plain>>, Option<LedgerKey>), Problem> {
        let mut page = Rows::read(&self.desk, &self.query, after, PIECE_ROWS).await?;
        withhold(&self.desk, &mut page.rows);
        let cells = |row| {
            let plain = |column: &Column| columns::plain(self.desk.words, &page.names, row, page.case(row), *column);
            self.columns.iter().map(plain).collect()
        };
        Ok((page.rows.iter().map(cells).collect(), page.next))
    }
}

/// Where a CSV file has got to.
enum Next {
    Heads,
    After(Option<LedgerKey>),
    End,
}

fn csv(exporting: Exporting) -> Body {
    let pieces = stream::unfold((exporting, Next::Heads), |(exporting, next)| async {
        match next {
            Next::Heads => {
                let heads: Vec<Plain> = exporting.heads().into_iter().map(Plain::Text).collect();
                let text = format!("{BYTE_ORDER_MARK}{}", line(&heads));
                Some((Ok(Bytes::from(text)), (exporting, Next::After(None))))
            }
            Next::After(after) => match exporting.piece(after).await {
                Ok((rows, next)) => {
                    let text: String = rows.iter().map(|cells| line(cells)).collect();
                    let next = next.map_or(Next::End, |after| Next::After(Some(after)));
                    Some((Ok(Bytes::from(text)), (exporting, next)))
                }
                // The file breaks off: half a ledger must not look like a whole one.
                Err(_) => Some((Err(std::io::Error::other("the ledger could not be read")), (exporting, Next::End))),
            },
            Next::End => None,
        }
    });
    layout::streamed(pieces)
}

/// A line of a CSV file (RFC 4180).
fn line(cells: &[Plain]) -> String {
    let cell = |cell: &Plain| match cell {
        Plain::Number(number) => number.to_string(),
        Plain::Text(text) => {
            // An apostrophe makes text of what would be a formula.
            let harmless = if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.clone() };
            if harmless.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", harmless.replace('"', "\"\""))
            } else {
                harmless
            }
        }
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

async fn xlsx(exporting: Exporting) -> Result<Vec<u8>, Problem> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let (mut piece, next) = exporting.piece(after).await?;
        rows.append(&mut piece);
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let heads = exporting.heads();
    let title = exporting.columns.iter().position(|column| *column == Column::Title);
    let name = layout::ledger_name(exporting.desk.words, exporting.kind);
    let made = tokio::task::spawn_blocking(move || workbook(name, &heads, title, &rows)).await;
    match made {
        Ok(Ok(bytes)) => Ok(bytes),
        failed => {
            tracing::error!(?failed, "a spreadsheet could not be made");
            Err(Problem::Broken)
        }
    }
}

/// The library writes text as text: nothing in a cell becomes a formula.
fn workbook(name: &str, heads: &[String], title: Option<usize>, rows: &[Vec<Plain>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    // A sheet's name takes no slashes and brackets.
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).take(31).collect();
    sheet.set_name(name)?;
    let head = Format::new().set_bold();
    for (column, text) in (0..).zip(heads) {
        let width = if title == Some(usize::from(column)) { TITLE_WIDTH } else { COLUMN_WIDTH };
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, text.as_str(), &head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (place, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Plain::Number(number) => sheet.write_number(place, column, *number as f64)?,
                Plain::Text(text) => sheet.write_string(place, column, text.as_str())?,
            };
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Plain {
        Plain::Text(text.into())
    }

    #[test]
    fn lines_quote_what_would_break_them_and_hold_no_formulas() {
        assert_eq!(line(&[text("三组"), Plain::Number(-3), text("a,\"b\"\nc")]), "三组,-3,\"a,\"\"b\"\"\nc\"\r\n");
        assert_eq!(line(&[text("=1+1"), text("+86"), text("-x"), text("@sum")]), "'=1+1,'+86,'-x,'@sum\r\n");
        assert_eq!(line(&[text("=a\"b\"")]), "\"'=a\"\"b\"\"\"\r\n");
    }

    #[test]
    fn a_spreadsheet_is_made_of_any_text() {
        let rows = vec![vec![text("=HYPERLINK(\"x\")\u{1}"), Plain::Number(7)], vec![text(""), text("𠮷")]];
        let made = workbook("联络站（室）/[x]", &["标题".into(), "数".into()], Some(0), &rows);
        assert!(made.is_ok_and(|bytes| bytes.starts_with(b"PK")));
    }
}
