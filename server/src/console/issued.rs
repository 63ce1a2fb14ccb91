//! The year's summary as it was issued (定稿), and what of its numbers has changed since (数据变动说明; DOMAIN §8, story 10).
//!
//! With each number the records behind it are kept. Later the same question is asked again: a number that differs is told
//! with the records that came and went. Town and district count over different desks, so a summary is its office's.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::{RecordId, UnitCode},
    rights::Role,
    schema::Kind,
};
use serde::{Deserialize, Serialize};

use super::{
    desk::Desk,
    figures::Piece,
    input::{Asked, Pairs, Sent},
    layout::{self, Page, record_href},
    ledger::{self, withhold},
    names::{readable_title, towns},
    overview::Asking,
    problem::Problem,
    summary::{self, Sentence},
    words::Words,
};
use crate::store::{Act, IssuedSummary, LedgerRow};

/// Summaries that are listed, the latest first. An office issues one or two a year.
const LISTED_MAX: u32 = 50;
/// Records behind one number that are kept.
const BEHIND_MAX: u32 = 5000;
/// Records that one change of a number names.
const NAMED_MAX: usize = 50;
const SUMMARY: &str = "/console/summary";

/// What is kept of a summary.
#[derive(Serialize, Deserialize)]
struct Kept {
    term: String,
    session: String,
    sentences: Vec<String>,
    numbers: Vec<Number>,
}

/// A number of a summary, with the way to its records and which these were.
#[derive(Serialize, Deserialize)]
struct Number {
    /// The sentence in which it stands.
    sentence: usize,
    /// The sentence's key, the number's address, and the place among those with the same.
    key: String,
    href: String,
    place: usize,
    text: String,
    records: Vec<RecordId>,
}

/// A summary in the list of those that were issued.
pub(super) struct Issued {
    pub href: String,
    pub title: String,
    pub when: String,
}

#[derive(Template)]
#[template(path = "issued.html")]
struct IssuedPage {
    page: Page,
    when: String,
    sentences: Vec<String>,
    changes: Vec<Change>,
}

/// A number that is another by now.
struct Change {
    sentence: String,
    href: String,
    before: String,
    now: String,
    came: Vec<Named>,
    went: Vec<Named>,
    /// Records came or went beyond those named.
    more: bool,
}

struct Named {
    title: String,
    href: String,
    when: String,
}

/// The office whose summaries the reader issues and reads.
pub(super) fn office(desk: &Desk) -> Option<UnitCode> {
    let at = |role: Role| desk.person().posts.iter().find(|post| post.role == role).map(|post| post.unit.clone());
    at(Role::District).or_else(|| at(Role::Town))
}

pub(super) async fn listed(desk: &Desk) -> Result<Vec<Issued>, Problem> {
    let Some(unit) = office(desk) else { return Ok(Vec::new()) };
    let words = desk.words;
    let issued = desk.store().issued(&unit, LISTED_MAX).await?;
    let shown = issued.iter().map(|one| Issued {
        href: format!("{SUMMARY}/issued/{}", one.id),
        title: words.fill("summary.title", &[("year", &one.year.to_string())]),
        when: words.moment(one.issued_ms),
    });
    Ok(shown.collect())
}

/// Issues the summary as it is now.
pub(super) async fn issue(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    let unit = office(&desk).ok_or(Problem::NotFound)?;
    let (asking, problems) = Asking::read(&desk, &sent).await?;
    if !problems.is_empty() {
        return Err(Problem::BadForm);
    }
    let sentences = summary::sentences(&desk, &asking, &towns(&desk).await?).await?;
    let mut numbers = numbers(&sentences);
    for number in &mut numbers {
        let behind = ledger::behind(&desk, &number.href, BEHIND_MAX).await?.unwrap_or_default();
        number.records = behind.into_iter().map(|row| row.id).collect();
    }
    let kept = Kept {
        term: asking.term.clone(),
        session: asking.session.clone(),
        sentences: sentences.iter().map(|sentence| text(&sentence.pieces)).collect(),
        numbers,
    };
    let body = serde_json::to_string(&kept).map_err(|_| Problem::Broken)?;
    let (by, issued_ms) = (desk.person().user, desk.now_ms());
    let subject = format!("{} {}", unit.0, asking.year);
    let summary = IssuedSummary { id: 0, unit, year: asking.year, by, issued_ms, body };
    let id = desk.store().add_issued(&summary).await?;
    desk.note(Act::SummaryIssue, subject, "").await?;
    Ok(Redirect::to(&format!("{SUMMARY}/issued/{id}?done=issued")).into_response())
}

/// A summary that was issued, and what has changed since.
pub(super) async fn page(desk: Desk, Path(id): Path<String>, Asked(asked): Asked) -> Result<Response, Problem> {
    let unit = office(&desk).ok_or(Problem::NotFound)?;
    let id: i64 = id.parse().map_err(|_| Problem::NotFound)?;
    let issued = desk.store().issued_one(&unit, id).await?.ok_or(Problem::NotFound)?;
    let words = desk.words;
    let kept: Kept = serde_json::from_str(&issued.body).map_err(|error| {
        tracing::error!(%error, id, "an issued summary cannot be read");
        Problem::Broken
    })?;
    let page = IssuedPage {
        page: Page::new(&desk, words.fill("issued.title", &[("year", &issued.year.to_string())]), SUMMARY, &asked),
        when: words.fill("issued.when", &[("when", &words.moment(issued.issued_ms))]),
        changes: changes(&desk, issued.year, &kept).await?,
        sentences: kept.sentences,
    };
    Ok(layout::html(&page)?.into_response())
}

/// The numbers that lead to records, as they stand in the sentences.
fn numbers(sentences: &[Sentence]) -> Vec<Number> {
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut numbers = Vec::new();
    for (place, sentence) in sentences.iter().enumerate() {
        for piece in &sentence.pieces {
            let Some(href) = &piece.href else { continue };
            let same = places.entry((sentence.key, href)).or_default();
            numbers.push(Number {
                sentence: place,
                key: sentence.key.to_owned(),
                href: href.clone(),
                place: *same,
                text: piece.text.clone(),
                records: Vec::new(),
            });
            *same += 1;
        }
    }
    numbers
}

fn text(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Asks the same again, and tells what differs.
async fn changes(desk: &Desk, year: i64, kept: &Kept) -> Result<Vec<Change>, Problem> {
    let asked = [("year", year.to_string()), ("term", kept.term.clone()), ("session", kept.session.clone())];
    let asked = Pairs(asked.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let (asking, _) = Asking::read(desk, &asked).await?;
    let now = numbers(&summary::sentences(desk, &asking, &towns(desk).await?).await?);
    let mut changes = Vec::new();
    for number in &kept.numbers {
        let is_same = |now: &&Number| (&now.key, &now.href, now.place) == (&number.key, &number.href, number.place);
        let text = now.iter().find(is_same).map_or("—", |now| now.text.as_str());
        let behind = ledger::behind(desk, &number.href, BEHIND_MAX).await?.unwrap_or_default();
        let change = change(desk, number, text, behind).await?;
        if text != number.text || !change.came.is_empty() || !change.went.is_empty() {
            let sentence = kept.sentences.get(number.sentence).cloned().unwrap_or_default();
            changes.push(Change { sentence, ..change });
        }
    }
    Ok(changes)
}

async fn change(desk: &Desk, number: &Number, now: &str, mut behind: Vec<LedgerRow>) -> Result<Change, Problem> {
    let words = desk.words;
    withhold(desk, &mut behind);
    let before: HashSet<RecordId> = number.records.iter().copied().collect();
    let after: HashSet<RecordId> = behind.iter().map(|row| row.id).collect();
    let came: Vec<Named> = behind
        .iter()
        .filter(|row| !before.contains(&row.id))
        .map(|row| Named::of(words, row.id, row.kind, &row.summary.title, row.updated_ms))
        .collect();
    let gone: Vec<RecordId> = number.records.iter().copied().filter(|id| !after.contains(id)).collect();
    let mut went = Vec::new();
    for id in gone.iter().take(NAMED_MAX) {
        let stored = desk.store().record(*id).await?.filter(|stored| desk.may_read(stored.space, stored.kind));
        went.push(match stored {
            Some(stored) => Named::of(words, *id, stored.kind, &stored.summary.title, stored.updated_ms),
            None => Named { title: words.get("unknown_record").to_owned(), href: String::new(), when: String::new() },
        });
    }
    let more = came.len() > NAMED_MAX || gone.len() > NAMED_MAX;
    Ok(Change {
        sentence: String::new(),
        href: number.href.clone(),
        before: number.text.clone(),
        now: now.to_owned(),
        came: came.into_iter().take(NAMED_MAX).collect(),
        went,
        more,
    })
}

impl Named {
    /// Of a voice only that it is one: who reads why a number changed need not read what was said.
    fn of(words: Words, id: RecordId, kind: Kind, title: &str, updated_ms: i64) -> Self {
        let title = match kind {
            Kind::Voice => words.kind(kind).to_owned(),
            kind => readable_title(words, kind, title),
        };
        Self { title, href: record_href(id), when: words.moment(updated_ms) }
    }
}
