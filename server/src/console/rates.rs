//! The rates of DOMAIN §7.0: of a session's suggestions and of a year's, each with its definition, and by handling unit.
//! Every number leads to exactly its rows: the ledger is filtered by the part that the number counts.

use lianxin_shared::{
    case::{
        Book, Date,
        figures::{Figure, Part, Share},
    },
    rights::SpaceKind,
    schema::Kind,
};

use super::{
    coverage,
    desk::Desk,
    directory::everything,
    figures::{self, COUNTED, Piece, share},
    input::encode,
    layout::ledger_href,
    overview::{Asking, year_of},
    problem::Problem,
    words::{Words, number},
};
use crate::store::{Commitments, LedgerQuery, Tally, TallyBy};

/// What the overview shows.
pub(super) struct Rates {
    /// Whose suggestions each column counts.
    pub columns: Vec<String>,
    pub rows: Vec<RateRow>,
    pub units: Vec<UnitRow>,
}

/// A figure, with a cell for each column.
pub(super) struct RateRow {
    pub figure: &'static str,
    pub name: String,
    pub definition: String,
    pub cells: Vec<Vec<Piece>>,
}

/// A handling unit and what it was assigned in the year.
pub(super) struct UnitRow {
    pub name: String,
    pub cells: Vec<Vec<Piece>>,
}

/// Some suggestions, and what was found of them.
pub(super) struct Scope {
    pub label: String,
    query: LedgerQuery,
    /// The ledger of what the query finds, as far as its filters go without the part.
    href: String,
    tally: Tally,
}

/// The rates, for who reads suggestions.
pub(super) async fn rates(desk: &Desk, asking: &Asking) -> Result<Option<Rates>, Problem> {
    if !desk.reads(Kind::Suggestion) {
        return Ok(None);
    }
    let scopes = scopes(desk, asking).await?;
    let book = desk.hub().rules(desk.now_ms()).await?.book;
    let mut rows = Vec::new();
    for figure in Figure::ALL {
        rows.extend(row(desk, asking, &book, &scopes, *figure).await?);
    }
    let units = match scopes.last() {
        Some(year) => units(desk, year).await?,
        None => Vec::new(),
    };
    Ok(Some(Rates { columns: scopes.into_iter().map(|scope| scope.label).collect(), rows, units }))
}

/// The suggestions of the session, and those of the year.
pub(super) async fn scopes(desk: &Desk, asking: &Asking) -> Result<[Scope; 2], Problem> {
    let words = desk.words;
    let ledger = ledger_href(Kind::Suggestion);
    let tag = format!("session:{}{}", asking.term, asking.session);
    let all = LedgerQuery { case: figures::counted_by(Date::at(desk.now_ms())), ..everything(desk, Kind::Suggestion) };
    // A session is the district's, for who reads its desk; for a town it is the town's own.
    let (own, office) = match desk.district() {
        None => (all.clone(), ""),
        Some(_) => (desk.at_desk(all.clone(), SpaceKind::DistrictOffice), "&office=district"),
    };
    let session = LedgerQuery { tags: vec![tag.clone()], ..own };
    let session_href = format!("{ledger}?tag={}{office}", encode(&tag));
    let (from, to) = year_of(asking.year);
    let year_href = format!("{ledger}?from={from}&to={to}");
    let year = LedgerQuery { from: Some(from), to: Some(to), ..all };
    let session_name = format!("{}{}", asking.term, asking.session);
    Ok([
        Scope::of(desk, words.fill("rates.session", &[("session", &session_name)]), session, session_href).await?,
        Scope::of(desk, words.fill("rates.year", &[("year", &asking.year.to_string())]), year, year_href).await?,
    ])
}

impl Scope {
    async fn of(desk: &Desk, label: String, query: LedgerQuery, href: String) -> Result<Self, Problem> {
        let mut tallies = desk.store().tally(&query, Part::ALL, TallyBy::All).await?;
        let none = || Tally { key: String::new(), name: String::new(), all: 0, parts: Vec::new() };
        Ok(Self { label, query, href, tally: tallies.pop().unwrap_or_else(none) })
    }

    /// All that count, with the way to them.
    pub(super) fn total(&self) -> Piece {
        self.linked(self.tally.all, COUNTED)
    }

    /// A part, with the way to it.
    pub(super) fn part(&self, part: Part) -> Piece {
        self.linked(in_part(&self.tally, part), part.key())
    }

    pub(super) fn percent(&self, figure: Figure) -> String {
        let share = |(part, whole)| Share { count: in_part(&self.tally, part), of: in_part(&self.tally, whole) };
        figure.rate().map(share).unwrap_or_default().percent()
    }

    /// All that count, and how many of them are in each part, by key.
    pub(super) fn parts(&self) -> Vec<(&'static str, u64)> {
        let parts = Part::ALL.iter().map(|part| (part.key(), in_part(&self.tally, *part)));
        std::iter::once((COUNTED, self.tally.all)).chain(parts).collect()
    }

    fn linked(&self, records: u64, counts: &str) -> Piece {
        Piece::link(number(records), format!("{}&counts={}", self.href, encode(counts)))
    }
}

fn in_part(tally: &Tally, part: Part) -> u64 {
    tally.parts.get(part as usize).copied().unwrap_or(0)
}

async fn row(
    desk: &Desk,
    asking: &Asking,
    book: &Book,
    scopes: &[Scope],
    figure: Figure,
) -> Result<Option<RateRow>, Problem> {
    let words = desk.words;
    let mut cells = Vec::new();
    for (column, scope) in scopes.iter().enumerate() {
        cells.push(match figure {
            Figure::Total => vec![scope.total()],
            Figure::Classes => classes(desk, book, scope).await?,
            Figure::Kept => kept(words, scope, desk.store().commitments(&scope.query).await?),
            // Deputies take part in a year, not in the suggestions of a session.
            Figure::Coverage if column + 1 < scopes.len() => vec![Piece::text("—")],
            Figure::Coverage => coverage::figure(desk, asking).await?,
            figure => rate(words, scope, figure),
        });
    }
    let row = RateRow {
        figure: figure.key(),
        name: words.of_key(&format!("figure.{}", figure.key())),
        definition: words.of_key(&format!("definition.{}", figure.key())),
        cells,
    };
    // A figure that the reader is told nothing of has no cell.
    Ok(row.cells.iter().all(|cell| !cell.is_empty()).then_some(row))
}

/// 「3 / 4 = 75.0%」; of what is evaluated also how many are not.
fn rate(words: Words, scope: &Scope, figure: Figure) -> Vec<Piece> {
    let Some((part, whole)) = figure.rate() else { return Vec::new() };
    let mut cell = share(scope.part(part), scope.part(whole), scope.percent(figure));
    if whole == Part::Evaluated {
        cell.extend([Piece::text(words.get("rates.unevaluated")), scope.part(Part::Unevaluated)]);
    }
    cell
}

/// 「A 已解决或基本解决 12 = 50.0%」, class by class, of those replied.
async fn classes(desk: &Desk, book: &Book, scope: &Scope) -> Result<Vec<Piece>, Problem> {
    let words = desk.words;
    let tallies = desk.store().tally(&scope.query, &[], TallyBy::Class).await?;
    let replied: u64 = tallies.iter().filter(|tally| !tally.key.is_empty()).map(|tally| tally.all).sum();
    let mut cell = Vec::new();
    for tally in tallies.iter().filter(|tally| !tally.key.is_empty()) {
        let separator = if cell.is_empty() { "" } else { words.get("rates.comma") };
        cell.push(Piece::text(format!("{separator}{} ", class_name(words, book, &tally.key))));
        cell.push(scope.linked(tally.all, &figures::class_name(&tally.key)));
        let share = Share { count: tally.all, of: replied }.percent();
        cell.extend([Piece::text(" = "), Piece::strong(share)]);
    }
    if cell.is_empty() {
        cell.push(Piece::text("—"));
    }
    Ok(cell)
}

/// What the schemes call a class, the newest first: a case keeps the scheme of its assignment.
fn class_name(words: Words, book: &Book, key: &str) -> String {
    let mut schemes = book.classes.versions().iter().rev();
    let class = schemes.find_map(|scheme| scheme.value.iter().find(|class| class.key == key));
    class.map_or_else(|| key.to_owned(), |class| words.class(class))
}

/// Commitments are counted, and lead to the suggestions whose replies made them.
fn kept(words: Words, scope: &Scope, commitments: Commitments) -> Vec<Piece> {
    let Commitments { due, kept } = commitments;
    let mut cell = share(Piece::text(number(kept)), Piece::text(number(due)), Share { count: kept, of: due }.percent());
    let of_suggestions = [
        Piece::text(words.get("rates.kept_in")),
        scope.part(Part::Kept),
        Piece::text(words.get("rates.promised_in")),
        scope.part(Part::Promised),
        Piece::text(words.get("rates.pieces_end")),
    ];
    cell.extend(of_suggestions);
    cell
}

/// By 主办单位: assigned, replied, in time, satisfied.
async fn units(desk: &Desk, year: &Scope) -> Result<Vec<UnitRow>, Problem> {
    let tallies = desk.store().tally(&year.query, Part::ALL, TallyBy::Lead).await?;
    let tallies = tallies.into_iter().filter(|tally| !tally.key.is_empty() && in_part(tally, Part::Assigned) > 0);
    let row = |tally: Tally| {
        let name = if tally.name.is_empty() { tally.key.clone() } else { tally.name.clone() };
        let of_unit = format!("{}&lead={}", year.href, encode(&tally.key));
        let scope = Scope { label: String::new(), query: year.query.clone(), href: of_unit, tally };
        let rate = |figure: Figure| match figure.rate() {
            Some((part, whole)) => share(scope.part(part), scope.part(whole), scope.percent(figure)),
            None => Vec::new(),
        };
        let cells = vec![
            vec![scope.part(Part::Assigned)],
            rate(Figure::Replied),
            rate(Figure::Timely),
            rate(Figure::Satisfied),
            rate(Figure::Content),
        ];
        UnitRow { name, cells }
    };
    Ok(tallies.map(row).collect())
}
