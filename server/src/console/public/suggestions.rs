//! The suggestions that were published, with the replies to them.

use askama::Template;
use axum::{extract::Path, response::IntoResponse};
use lianxin_shared::{
    case::{Act, Case, Machine, figures::Part, suggestion::Suggestion},
    id::{BlobHash, RecordId},
    record::Contents,
    rights::SpaceKind,
    schema::Kind,
};

use super::{Answer, Guest, Line};
use crate::{
    console::{
        input::{Asked, page_key, parse_page_key},
        layout::{self, Page},
        problem::Problem,
    },
    hub::{contents_of, public_files},
    store::{CaseFilter, CaseSpaces, LedgerKey, LedgerQuery, StoredRecord},
};

/// Where suggestions lie that were handed in, besides their cases.
const LIES_IN: [SpaceKind; 2] = [SpaceKind::DistrictOffice, SpaceKind::TownOffice];
/// Suggestions of one page.
const PAGE_ROWS: u32 = 30;

#[derive(Template)]
#[template(path = "public_suggestions.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Row {
    href: String,
    title: String,
    number: String,
    date: String,
}

pub(super) async fn list(guest: Guest, Asked(asked): Asked) -> Answer {
    let words = guest.words;
    let published = CaseFilter { parts: vec![Part::Published], ..CaseFilter::default() };
    let query = LedgerQuery {
        case: published,
        cases: CaseSpaces { under: guest.districts(), ..CaseSpaces::default() },
        ..LedgerQuery::of(Kind::Suggestion, guest.spaces_of(&LIES_IN))
    };
    let mut rows = guest.store().ledger(&query, parse_page_key(asked.get("after")), PAGE_ROWS + 1).await?;
    let more = rows.len() > PAGE_ROWS as usize;
    rows.truncate(PAGE_ROWS as usize);
    let cases = guest.store().case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let next = rows.last().filter(|_| more).map(|last| {
        let key = LedgerKey { date: last.summary.date.clone(), id: last.id };
        format!("/public/suggestions?after={}", page_key(&key))
    });
    let page = ListPage {
        rows: rows
            .iter()
            .map(|row| Row {
                href: format!("/public/suggestion/{}", row.id),
                title: row.summary.title.clone(),
                number: cases.get(&row.id).and_then(|case| case.number.clone()).unwrap_or_default(),
                date: words.day(&row.summary.date),
            })
            .collect(),
        next,
        page: guest.page(words.get("public.suggestions")),
    };
    Ok(layout::html(&page)?.into_response())
}

#[derive(Template)]
#[template(path = "public_suggestion.html")]
struct SuggestionPage {
    page: Page,
    lines: Vec<Line>,
    texts: Vec<Line>,
    replies: Vec<Told>,
    files: Vec<String>,
}

/// A reply, as it was given.
struct Told {
    date: String,
    unit: String,
    class: String,
    text: String,
}

pub(super) async fn page(guest: Guest, Path(id): Path<String>) -> Answer {
    let (id, stored) = guest.stored(&id, Kind::Suggestion).await?;
    let Published { contents, suggestion, replies } = published(&guest, id, &stored).await?;
    let words = guest.words;
    let names = guest.names(contents.reference("lead")).await?;
    let mut lines = guest.lines(&names, &contents, &["lead", "type", "category", "date"]);
    if let Some(number) = suggestion.number.clone() {
        lines.insert(0, Line { label: words.get("case.number"), text: number });
    }
    let files = public(&guest, id, &stored, &contents, &suggestion).await?;
    let page = SuggestionPage {
        lines,
        texts: guest.lines(&names, &contents, &["facts", "analysis", "asks"]),
        replies: replies.into_iter().map(|reply| Told { date: words.day(&reply.date), ..reply }).collect(),
        files: files.iter().map(|hash| format!("/public/file/{id}/{hash}")).collect(),
        page: guest.page(contents.text("title")),
    };
    Ok(layout::html(&page)?.into_response())
}

/// A suggestion that is published now.
pub(super) struct Published {
    pub(super) contents: Contents,
    pub(super) suggestion: Suggestion,
    replies: Vec<Told>,
}

/// What a suggestion says, if it is published.
pub(super) async fn published(guest: &Guest, id: RecordId, stored: &StoredRecord) -> Result<Published, Problem> {
    let events = guest.state.hub.events(id).await?;
    let Machine::Suggestion(suggestion) = Case::of(Kind::Suggestion, &events).machine else {
        return Err(Problem::NotFound);
    };
    if !suggestion.marks.published {
        return Err(Problem::NotFound);
    }
    let contents = contents_of(stored, id).ok_or(Problem::Broken)?;
    // A class is called as it was when the suggestion was assigned.
    let called = |key: &str| suggestion.classes.iter().find(|class| class.key == key);
    let replies = events.iter().filter_map(|event| match &event.act {
        Act::Reply(reply) if reply.may_publish => Some(Told {
            date: suggestion.replies.iter().find(|told| told.seq == event.seq).map(|told| told.on.to_string())?,
            unit: suggestion.lead().map(|unit| unit.name.clone()).unwrap_or_default(),
            class: called(&reply.class).map_or_else(|| reply.class.clone(), |class| guest.words.class(class)),
            text: reply.text.clone(),
        }),
        _ => None,
    });
    let replies = replies.collect();
    Ok(Published { contents, replies, suggestion: *suggestion })
}

/// The files that were published with it, and that nobody has objected to since.
pub(super) async fn public(
    guest: &Guest,
    id: RecordId,
    stored: &StoredRecord,
    contents: &Contents,
    suggestion: &Suggestion,
) -> Result<Vec<BlobHash>, Problem> {
    let mut files = public_files(guest.store(), id, stored.space, contents).await?;
    files.retain(|hash| suggestion.public_files.contains(hash));
    Ok(files)
}
