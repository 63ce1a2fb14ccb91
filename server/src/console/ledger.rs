//! A ledger: the records of one kind that the reader may read, filtered by the address.

mod columns;
mod export;
mod filter;
mod rows;
mod several;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    case::{Date, Pressure},
    id::EventId,
    schema::Kind,
};
use rand::RngExt;

use super::{
    desk::Desk,
    input::{Asked, Pairs, page_key},
    layout::{self, Page, ledger_href, record_href},
    official,
    problem::Problem,
    words::{Words, number},
};
use crate::store::{Group, GroupBy, LedgerKey, LedgerQuery, LedgerRow};
use columns::Column;

pub(super) use export::file as export;
pub(super) use filter::{Choice, Filter, NO_CODE};
pub(super) use rows::{Rows, withhold};
pub(super) use several::act as several;

/// Rows of one page.
const PAGE_ROWS: u32 = 50;
/// Rows of one page that is to be printed, with `rows=` in the address.
const PRINT_ROWS: u32 = 500;
/// `part=` of an address whose table alone is wanted: the script asks for it when something is new.
const TABLE_PART: &str = "table";

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    page: Page,
    kind: &'static str,
    action: String,
    form: filter::FilterForm,
    chips: Vec<filter::Chip>,
    problems: Vec<String>,
    table: Table,
    /// Where a new record of this kind is written, for those who may.
    create: Option<String>,
    /// Where a whole ledger is taken over.
    import: Option<String>,
    /// Where all of them are shown otherwise: their week, and how they stand.
    views: Vec<(&'static str, &'static str, &'static str)>,
    filtered: bool,
}

/// The table with its counts: what the script replaces when something is new.
#[derive(Template)]
#[template(path = "ledger_table.html")]
struct Table {
    words: Words,
    heads: Vec<Head>,
    rows: Vec<Row>,
    count: String,
    total: Option<String>,
    by_code: Vec<CodeCount>,
    /// One code alone is nothing to choose from.
    show_codes: bool,
    first_page: Option<String>,
    next_page: Option<String>,
    /// The same with more rows, for printing.
    long_page: Option<String>,
    /// The same as a file, by its format.
    exports: [(&'static str, String); 2],
    /// What can be done with many of the rows at once.
    several: Option<Several>,
    /// The address of this very table.
    part: String,
    /// How far the shown spaces had grown when it was made.
    seen: String,
    /// What is said where the reader is told how many there are, and of some or all of them no more.
    counts: Option<&'static str>,
}

/// The form that acts on the rows that are ticked.
struct Several {
    act: &'static str,
    label: String,
    request: String,
    back: String,
    action: String,
}

struct Head {
    class: &'static str,
    name: String,
}

struct Row {
    id: String,
    href: String,
    updated_ms: i64,
    conflicts: u32,
    /// The number of its case's last event.
    seen: u32,
    cells: Vec<Cell>,
}

struct Cell {
    class: &'static str,
    name: String,
    text: String,
    /// Of a limit: `over`, `near`, or empty.
    pressure: &'static str,
}

/// How many of the records have a code, and the address of those.
struct CodeCount {
    label: String,
    count: String,
    href: String,
    chosen: bool,
}

pub(super) async fn page(desk: Desk, Path(kind): Path<String>, Asked(asked): Asked) -> Result<Response, Problem> {
    let kind = Kind::from_key(&kind).ok_or(Problem::NotFound)?;
    if !desk.reads(kind) {
        return Err(Problem::NotFound);
    }
    let filter = Filter::read(&desk, kind, &asked).await?;
    let status = if filter.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let table = table(&desk, kind, &asked, &filter).await?;
    if asked.get("part") == TABLE_PART {
        return Ok((status, layout::html(&table)?).into_response());
    }
    let words = desk.words;
    let create = (super::new_record::CREATABLE.contains(&kind) && !desk.spaces_to_create(kind).is_empty())
        .then(|| format!("/console/new/{}", kind.key()));
    let page = LedgerPage {
        page: Page::new(&desk, layout::ledger_name(words, kind), &ledger_href(kind), &asked),
        kind: kind.key(),
        action: ledger_href(kind),
        filtered: !filter.chips.is_empty(),
        form: filter.form,
        chips: filter.chips,
        problems: filter.problems,
        table,
        create,
        import: super::import::href(&desk, kind),
        views: if kind == Kind::Station { super::stations::views(words).into() } else { Vec::new() },
    };
    Ok((status, layout::html(&page)?).into_response())
}

/// The records behind an address of a ledger that the reader may read, the newest first, at most so many; `None` where it
/// is none that is understood.
pub(super) async fn behind(desk: &Desk, href: &str, limit: u32) -> Result<Option<Vec<LedgerRow>>, Problem> {
    let path = href.split('?').next().unwrap_or_default();
    let kind = path.strip_prefix("/console/ledger/").and_then(Kind::from_key);
    let pairs = href.parse::<Uri>().ok().and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    let (Some(kind), Some(Query(pairs))) = (kind, pairs) else { return Ok(None) };
    let Filter { query, problems, .. } = Filter::read(desk, kind, &Pairs(pairs)).await?;
    if !problems.is_empty() {
        return Ok(None);
    }
    Ok(Some(desk.store().ledger(&desk.one_by_one(query), None, limit).await?))
}

async fn table(desk: &Desk, kind: Kind, asked: &Pairs, filter: &Filter) -> Result<Table, Problem> {
    let words = desk.words;
    let page_rows = if asked.get("rows") == PRINT_ROWS.to_string() { PRINT_ROWS } else { PAGE_ROWS };
    // An address that is not understood shows nothing, rather than more than was asked for.
    let readable = filter.problems.is_empty();
    let mut watched = filter.query.spaces.clone();
    if readable && !filter.query.cases.under.is_empty() {
        let shown = desk.store().ledger(&filter.query, filter.after.clone(), page_rows).await?;
        watched.extend(shown.iter().map(|row| row.space));
        watched.sort_unstable();
        watched.dedup();
    }
    let seen = desk.seen(&watched).await?;
    let Found { rows, all, by_code } =
        if readable { find(desk, &filter.query, filter.after.clone(), page_rows).await? } else { Found::nothing() };
    let named = columns::columns(kind).iter().filter(|(column, _)| filter.columns.contains(column));
    let heads = named.map(|(column, key)| Head { class: column.key(), name: columns::name(words, kind, *column, key) });
    let heads: Vec<Head> = heads.collect();
    let count = words.fill("ledger.count", &[("n", &number(all.records))]);
    let total = columns::total_label(kind).filter(|_| all.total > 0 && kind != Kind::Voice).map(|key| {
        let label = columns::name(words, kind, Column::Number, key);
        words.fill("ledger.total", &[("label", &label), ("n", &number(all.total))])
    });
    let by_code = code_counts(desk, kind, asked, &by_code);
    let counts = match (desk.only_counts(kind), desk.counts_some(kind)) {
        (true, _) => Some(words.get("ledger.only_counts")),
        (false, true) => Some(words.get("ledger.some_counts")),
        (false, false) => None,
    };
    let act = several::act_for(kind, &filter.query.case.states).filter(|_| !rows.rows.is_empty());
    Ok(Table {
        words,
        count,
        total,
        show_codes: by_code.len() > 1 || by_code.iter().any(|code| code.chosen),
        by_code,
        exports: ["xlsx", "csv"].map(|format| (format, export_address(kind, asked, format))),
        several: act.map(|act| Several {
            act,
            label: official::label(words, kind, act),
            request: EventId(rand::rng().random()).to_string(),
            back: address(kind, asked, asked.get("after")),
            action: format!("{}/act", ledger_href(kind)),
        }),
        first_page: filter.after.is_some().then(|| address(kind, asked, "")),
        next_page: rows.next.as_ref().map(|next| address(kind, asked, &page_key(next))),
        long_page: (rows.next.is_some() && page_rows < PRINT_ROWS).then(|| {
            let query = asked.query_without(|name, _| matches!(name, "after" | "part" | "done" | "rows"));
            format!("{}?{}", ledger_href(kind), format!("{query}&rows={PRINT_ROWS}").trim_start_matches('&'))
        }),
        part: part_address(kind, asked),
        seen,
        counts,
        rows: rows.rows.iter().map(|row| shown_row(desk, &rows, &heads, &filter.columns, row)).collect(),
        heads,
    })
}

struct Found {
    rows: Rows,
    all: Group,
    by_code: Vec<Group>,
}

impl Found {
    fn nothing() -> Self {
        Self { rows: Rows::none(), all: Group::default(), by_code: Vec::new() }
    }
}

async fn find(desk: &Desk, query: &LedgerQuery, after: Option<LedgerKey>, page_rows: u32) -> Result<Found, Problem> {
    let store = desk.store();
    let rows = Rows::read(desk, query, after, page_rows).await?;
    if columns::code_field(query.kind).is_none() {
        return Ok(Found { rows, all: store.count(query).await?, by_code: Vec::new() });
    }
    // All records are in a group by their code: counted once, they are counted together.
    let by_code = store.groups(&LedgerQuery { code: None, ..query.clone() }, GroupBy::Code).await?;
    let found = by_code.iter().filter(|group| query.code.as_ref().is_none_or(|code| *code == group.key));
    let all = found.fold(Group::default(), |all, group| Group {
        key: String::new(),
        records: all.records + group.records,
        total: all.total + group.total,
    });
    Ok(Found { rows, all, by_code })
}

fn shown_row(desk: &Desk, rows: &Rows, heads: &[Head], columns: &[Column], row: &LedgerRow) -> Row {
    let case = rows.case(row);
    let cell = |(column, head): (&Column, &Head)| Cell {
        class: head.class,
        name: head.name.clone(),
        text: columns::cell(desk.words, &rows.names, row, case, *column),
        pressure: match case.filter(|_| *column == Column::Due).map(|case| case.pressure(Date::at(desk.now_ms()))) {
            Some(Pressure::Over) => "over",
            Some(Pressure::Near) => "near",
            _ => "",
        },
    };
    Row {
        id: row.id.to_string(),
        href: record_href(row.id),
        updated_ms: row.updated_ms,
        conflicts: row.summary.conflicts,
        seen: case.map_or(0, |case| case.seq),
        cells: columns.iter().zip(heads).map(cell).collect(),
    }
}

fn code_counts(desk: &Desk, kind: Kind, asked: &Pairs, groups: &[Group]) -> Vec<CodeCount> {
    let Some(field) = columns::code_field(kind) else { return Vec::new() };
    let chosen = asked.get("code");
    let others = asked.query_without(|name, _| matches!(name, "code" | "after" | "part" | "done"));
    groups
        .iter()
        .filter(|group| !group.key.is_empty())
        .map(|group| {
            let is_chosen = group.key == chosen;
            let code = if is_chosen { String::new() } else { format!("&code={}", super::input::encode(&group.key)) };
            CodeCount {
                label: desk.codes.word_of(desk.words, field, &group.key),
                count: number(group.records),
                href: format!("{}?{}", ledger_href(kind), format!("{others}{code}").trim_start_matches('&')),
                chosen: is_chosen,
            }
        })
        .collect()
}

/// This ledger's address with another page.
fn address(kind: Kind, asked: &Pairs, after: &str) -> String {
    let mut query = asked.query_without(|name, _| matches!(name, "after" | "part" | "done"));
    if !after.is_empty() {
        query = format!("{query}&after={}", super::input::encode(after));
    }
    format!("{}?{}", ledger_href(kind), query.trim_start_matches('&'))
}

fn part_address(kind: Kind, asked: &Pairs) -> String {
    let query = asked.query_without(|name, _| matches!(name, "part" | "done"));
    format!("{}?{}", ledger_href(kind), format!("{query}&part={TABLE_PART}").trim_start_matches('&'))
}

fn export_address(kind: Kind, asked: &Pairs, format: &str) -> String {
    let query = asked.query_without(|name, _| matches!(name, "after" | "part" | "done" | "rows"));
    format!("{}/export/{format}?{query}", ledger_href(kind)).trim_end_matches('?').to_owned()
}
