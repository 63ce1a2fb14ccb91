//! The year's summary in the sentences of the method's report (DOMAIN §7.1, R1 to R10; §7.0): every number is
//! a link to the records behind it, every sentence has its definition under it.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::{IntoResponse, Response};
use lianxin_shared::{
    case::figures::{Figure, Part, Progress, latest_jobs},
    id::RecordId,
    schema::{Code, CodeList, Kind},
};

use super::{
    desk::Desk,
    directory::everything,
    figures::{self, DECIDED, Piece, VERIFIED},
    input::{Asked, encode},
    issued::{self, Issued},
    layout::{self, Page, ledger_href},
    names::{Town, towns},
    overview::{self, Asking, year_of},
    pairings,
    problem::Problem,
    rates::{self, Scope},
    words::{Words, number},
};
use crate::store::{Group, GroupBy, LedgerQuery, Took};

/// Verified activities of deputies' own industries that are read for the jobs they brought: the newest of the year.
const JOBS_READ_MAX: u32 = 500;

#[derive(Template)]
#[template(path = "summary.html")]
struct SummaryPage {
    page: Page,
    year: i64,
    term: String,
    session: String,
    scope: String,
    /// What of the address could not be understood, in words.
    problems: Vec<String>,
    sentences: Vec<Sentence>,
    tables: Vec<Table>,
    issued: Vec<Issued>,
    may_issue: bool,
}

/// A sentence of the report.
pub(super) struct Sentence {
    pub key: &'static str,
    pub pieces: Vec<Piece>,
    definition: String,
}

/// Numbers by two things, each with the way to its records: R7, R10.
struct Table {
    key: &'static str,
    title: &'static str,
    heads: Vec<String>,
    rows: Vec<(String, Vec<(String, String)>)>,
    definition: &'static str,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !desk.reads(Kind::Activity) {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let (asking, problems) = Asking::read(&desk, &asked).await?;
    let towns = towns(&desk).await?;
    let sentences = sentences(&desk, &asking, &towns).await?;
    let mut tables = vec![roles(&desk, &asking).await?];
    tables.extend(months(&desk, &asking, &towns).await?);
    let page = SummaryPage {
        page: Page::new(
            &desk,
            words.fill("summary.title", &[("year", &asking.year.to_string())]),
            "/console/summary",
            &asked,
        ),
        scope: overview::scope(&desk, &towns),
        problems,
        issued: issued::listed(&desk).await?,
        may_issue: issued::office(&desk).is_some(),
        sentences,
        tables,
        year: asking.year,
        term: asking.term,
        session: asking.session,
    };
    Ok(layout::html(&page)?.into_response())
}

/// All that the summary says in sentences.
pub(super) async fn sentences(desk: &Desk, asking: &Asking, towns: &[Town]) -> Result<Vec<Sentence>, Problem> {
    let mut sentences = Vec::new();
    counts(desk, asking, towns, &mut sentences).await?;
    sentences.extend(rates(desk, asking).await?);
    sentences.extend(jobs(desk, asking).await?);
    sentences.extend(exits(desk, asking).await?);
    Ok(sentences)
}

/// R1 to R6, as the overview counts them.
async fn counts(desk: &Desk, asking: &Asking, towns: &[Town], sentences: &mut Vec<Sentence>) -> Result<(), Problem> {
    let words = desk.words;
    if let Some(found) = overview::stations(desk, towns).await? {
        let all = format!("{}?status=open", ledger_href(Kind::Station));
        let values = [
            ("all", (found.all.clone(), Some(all))),
            ("stations", (found.stations.number.clone(), Some(found.stations.href.clone()))),
            ("rooms", (found.rooms.number.clone(), Some(found.rooms.href.clone()))),
        ];
        sentences.push(sentence(words, "summary.r1", &values, found.definition));
    }
    if let Some(found) = overview::rural(desk, asking).await? {
        let session = format!("{}{}", asking.term, asking.session);
        let values = [
            ("session", (session, None)),
            ("whole", (found.whole.number.clone(), Some(found.whole.href.clone()))),
            ("part", (found.part.number.clone(), Some(found.part.href.clone()))),
            ("share", (found.share.clone(), None)),
        ];
        let mut told = sentence(words, "summary.r2", &values, found.definition);
        let mut separator = words.get("summary.r3");
        for category in found.categories {
            told.pieces.push(Piece::text(format!("{separator}{}", category.label)));
            told.pieces.push(Piece::link(category.records, category.href));
            separator = words.get("summary.comma");
        }
        told.pieces.push(Piece::text(words.get("summary.stop")));
        sentences.push(told);
    }
    if let Some(found) = overview::trainings(desk, asking).await? {
        let values = [
            ("term", (asking.term.clone(), None)),
            ("sessions", (found.all.number.clone(), Some(found.all.href.clone()))),
            ("person_times", (found.person_times.clone(), Some(found.all.href.clone()))),
        ];
        sentences.push(sentence(words, "summary.r4", &values, found.all.definition));
    }
    if let Some(found) = overview::visits(desk, asking).await? {
        let values = [("visits", (found.number.clone(), Some(found.href.clone())))];
        sentences.push(sentence(words, "summary.r5", &values, found.definition));
    }
    let pairings = pairings::figure(desk, asking).await?;
    if !pairings.is_empty() {
        let met = pairings.iter().filter(|pairing| pairing.light == Progress::Reached.key()).count();
        let done: u64 = pairings.iter().map(|pairing| pairing.done).sum();
        let values = [
            ("pairings", (number(pairings.len() as i64), Some(ledger_href(Kind::Pairing)))),
            ("done", (number(done), Some(pairings::activities_href(asking)))),
            ("met", (number(met as i64), Some(ledger_href(Kind::Pairing)))),
        ];
        sentences.push(sentence(words, "summary.r6", &values, words.get("overview.pairings.definition").to_owned()));
    }
    Ok(())
}

/// The rates of the session's suggestions and of the year's (§7.0), those that a report names.
async fn rates(desk: &Desk, asking: &Asking) -> Result<Vec<Sentence>, Problem> {
    if !desk.reads(Kind::Suggestion) {
        return Ok(Vec::new());
    }
    let words = desk.words;
    const TOLD: [Figure; 4] = [Figure::Replied, Figure::Done, Figure::Satisfied, Figure::Content];
    let definitions: Vec<String> = TOLD
        .iter()
        .map(|figure| {
            let [name, definition] =
                ["figure", "definition"].map(|family| words.of_key(&format!("{family}.{}", figure.key())));
            words.fill("rules.named", &[("name", &name), ("text", &definition)])
        })
        .collect();
    let told = |scope: &Scope| {
        let number = |piece: Piece| (piece.text, piece.href);
        let percent = |figure| (scope.percent(figure), None);
        let values = [
            ("scope", (scope.label.clone(), None)),
            ("total", number(scope.total())),
            ("assigned", number(scope.part(Part::Assigned))),
            ("replied", number(scope.part(Part::Replied))),
            ("replied_share", percent(Figure::Replied)),
            ("done", number(scope.part(Part::Done))),
            ("done_share", percent(Figure::Done)),
            ("evaluated", number(scope.part(Part::Evaluated))),
            ("satisfied", number(scope.part(Part::Satisfied))),
            ("satisfied_share", percent(Figure::Satisfied)),
            ("content", number(scope.part(Part::Content))),
            ("content_share", percent(Figure::Content)),
        ];
        sentence(words, "summary.rates", &values, definitions.join(" "))
    };
    Ok(rates::scopes(desk, asking).await?.iter().map(told).collect())
}

/// R7: verified activities of the year by role and focus; one with several is in several cells.
async fn roles(desk: &Desk, asking: &Asking) -> Result<Table, Problem> {
    let words = desk.words;
    let codes = |list: &str| CodeList::find(list).map(|list| list.codes).unwrap_or_default();
    let (from, to) = year_of(asking.year);
    let all = format!("{}?state={VERIFIED}&from={from}&to={to}", ledger_href(Kind::Activity));
    let query = LedgerQuery {
        from: Some(from.clone()),
        to: Some(to.clone()),
        case: figures::verified(),
        ..everything(desk, Kind::Activity)
    };
    let groups = desk.store().groups(&query, GroupBy::Marks).await?;
    let cell = |role: &str, focus: &str| {
        let tags = [format!("role:{role}"), format!("focus:{focus}")];
        let has_both = |group: &&Group| tags.iter().all(|tag| group.key.lines().any(|mark| mark == tag));
        let records = groups.iter().filter(has_both).map(|group| group.records).sum::<u64>();
        let link: Vec<String> = tags.iter().map(|tag| format!("tag={}", encode(tag))).collect();
        (number(records), format!("{all}&{}", link.join("&")))
    };
    let row = |role: &Code| {
        let cells = codes("focus").iter().map(|focus| cell(role.key, focus.key)).collect();
        (words.label(role.label).to_owned(), cells)
    };
    let rows = codes("role").iter().map(row).collect();
    Ok(Table {
        key: "summary.r7",
        title: words.get("summary.r7"),
        heads: codes("focus").iter().map(|focus| words.label(focus.label).to_owned()).collect(),
        rows,
        definition: words.get("summary.r7.definition"),
    })
}

/// R9: of each project the latest verified number of the year, never summed over visits.
async fn jobs(desk: &Desk, asking: &Asking) -> Result<Option<Sentence>, Problem> {
    let (from, to) = year_of(asking.year);
    let href = format!("{}?code=industry&state={VERIFIED}&from={from}&to={to}", ledger_href(Kind::Activity));
    let query = LedgerQuery {
        code: Some("industry".into()),
        from: Some(from),
        to: Some(to),
        case: figures::verified(),
        ..everything(desk, Kind::Activity)
    };
    let rows = desk.store().ledger(&query, None, JOBS_READ_MAX).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let activities = desk.hub().contents(desk.person(), &ids).await?;
    let latest = latest_jobs(activities.iter().map(|(id, contents)| (*id, contents)));
    if latest.is_empty() {
        return Ok(None);
    }
    let values = [
        ("projects", (number(latest.len() as i64), Some(href.clone()))),
        ("jobs", (number(latest.values().sum::<i64>()), Some(href))),
    ];
    Ok(Some(sentence(desk.words, "summary.r9", &values, desk.words.get("summary.r9.definition").to_owned())))
}

/// R10: the voices of the year by where they went, and how long that took.
async fn exits(desk: &Desk, asking: &Asking) -> Result<Option<Sentence>, Problem> {
    if !desk.reads(Kind::Voice) {
        return Ok(None);
    }
    let words = desk.words;
    let (from, to) = year_of(asking.year);
    let all = format!("{}?from={from}&to={to}", ledger_href(Kind::Voice));
    let query = LedgerQuery { from: Some(from), to: Some(to), ..everything(desk, Kind::Voice) };
    let voices = desk.store().count(&query).await?.records;
    let decided = LedgerQuery { case: figures::decided(), ..query };
    let by_exit = desk.store().groups(&decided, GroupBy::Exit).await?;
    let routed: u64 = by_exit.iter().map(|group| group.records).sum();
    let values = [
        ("voices", (number(voices), Some(all.clone()))),
        ("routed", (number(routed), Some(format!("{all}&exit={DECIDED}")))),
    ];
    let mut told = sentence(words, "summary.r10", &values, words.get("summary.r10.definition").to_owned());
    let mut separator = words.get("summary.r10.exits");
    for group in by_exit {
        let label = words.of_key(&format!("exit.{}", group.key));
        told.pieces.push(Piece::text(format!("{separator}{label}")));
        told.pieces.push(Piece::link(number(group.records), format!("{all}&exit={}", group.key)));
        separator = words.get("summary.comma");
    }
    let values = [
        ("sort", (median(desk, &decided, Took::ToSort).await?, None)),
        ("feedback", (median(desk, &decided, Took::ToFeedback).await?, None)),
    ];
    told.pieces.append(&mut pieces(words.get("summary.r10.days"), &values));
    Ok(Some(told))
}

/// Median days, or a dash.
async fn median(desk: &Desk, query: &LedgerQuery, took: Took) -> Result<String, Problem> {
    Ok(desk.store().median_days(query, took).await?.map_or("—".into(), number))
}

/// R10 by town and month: the voices of the year whose exit was decided.
async fn months(desk: &Desk, asking: &Asking, towns: &[Town]) -> Result<Option<Table>, Problem> {
    if !desk.reads(Kind::Voice) {
        return Ok(None);
    }
    let words = desk.words;
    let (from, to) = year_of(asking.year);
    let mut by_town = Vec::new();
    for town in towns {
        let query = LedgerQuery {
            from: Some(from.clone()),
            to: Some(to.clone()),
            case: figures::decided(),
            ..LedgerQuery::of(Kind::Voice, desk.spaces_within(Kind::Voice, &town.unit))
        };
        by_town.push((town, desk.store().groups(&query, GroupBy::Month).await?));
    }
    let months: BTreeSet<&str> =
        by_town.iter().flat_map(|(_, groups)| groups).map(|group| group.key.as_str()).collect();
    let row = |(town, groups): &(&Town, Vec<Group>)| {
        let cell = |month: &&str| {
            let records = groups.iter().find(|group| group.key == *month).map_or(0, |group| group.records);
            let unit = encode(&town.unit.0);
            let href = format!("{}?exit={DECIDED}&unit={unit}&from={month}&to={month}", ledger_href(Kind::Voice));
            (number(records), href)
        };
        (town.name.clone(), months.iter().map(cell).collect())
    };
    Ok((!months.is_empty()).then(|| Table {
        key: "summary.r10.months",
        title: words.get("summary.r10.months"),
        heads: months.iter().map(|month| words.month(month)).collect(),
        rows: by_town.iter().map(row).collect(),
        definition: words.get("summary.r10.months.definition"),
    }))
}

/// A sentence with its gaps (`{name}`) filled by numbers and their addresses.
fn sentence(
    words: Words,
    key: &'static str,
    values: &[(&str, (String, Option<String>))],
    definition: String,
) -> Sentence {
    Sentence { key, pieces: pieces(words.get(key), values), definition }
}

fn pieces(text: &str, values: &[(&str, (String, Option<String>))]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        pieces.push(Piece::text(before));
        if let Some((_, (text, href))) = values.iter().find(|(known, _)| *known == name) {
            pieces.push(Piece { href: href.clone(), ..Piece::text(text) });
        }
        rest = after;
    }
    pieces.push(Piece::text(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_words_and_numbers_that_lead_somewhere() {
        let found = pieces("共 {all} 个。", &[("all", ("51".into(), Some("/x".into())))]);
        let texts: Vec<&str> = found.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, ["共 ", "51", " 个。"]);
        assert_eq!(found[1].href.as_deref(), Some("/x"));
    }
}
