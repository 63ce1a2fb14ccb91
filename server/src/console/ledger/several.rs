//! One act on several cases at once, for boards where people work so. Each case is judged by itself:
//! what comes back is listed with the reason, and does not hold up the others.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{id::EventId, schema::Kind};

use super::super::{
    desk::Desk,
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, local_page, record_href},
    names::Names,
    official,
    problem::Problem,
    record,
};

/// Cases that one form acts on.
const SEVERAL_MAX: usize = 50;

/// What can be done with many at once: the kind, the state in which the ledger lists them, the act.
const SEVERAL: [(Kind, &str, &str); 7] = [
    (Kind::Activity, "submitted", "verify"),
    (Kind::Voice, "recorded", "sort"),
    (Kind::Voice, "fed_back", "close"),
    (Kind::Voice, "petition_told", "close"),
    (Kind::Suggestion, "submitted", "review"),
    (Kind::Suggestion, "review", "accept"),
    (Kind::Suggestion, "closed", "archive"),
];

/// The act that the rows of a ledger in this state wait for.
pub(super) fn act_for(kind: Kind, states: &[String]) -> Option<&'static str> {
    let [state] = states else { return None };
    SEVERAL.iter().find(|(of, in_state, _)| *of == kind && *in_state == state).map(|(_, _, act)| *act)
}

#[derive(Template)]
#[template(path = "several.html")]
struct SeveralPage {
    page: Page,
    done: String,
    back: String,
    returned: Vec<Came>,
}

/// A case whose act came back.
struct Came {
    href: String,
    title: String,
    why: String,
}

pub(in super::super) async fn act(desk: Desk, Path(kind): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let kind = Kind::from_key(&kind).ok_or(Problem::NotFound)?;
    let known = SEVERAL.iter().find(|(of, _, act)| *of == kind && *act == sent.get("act"));
    let (Some((_, _, act)), Ok(form)) = (known, sent.get("request").parse::<EventId>()) else {
        return Err(Problem::BadForm);
    };
    let mut done = 0_usize;
    let mut returned = Vec::new();
    for id in sent.all("case").take(SEVERAL_MAX) {
        let page = record::readable(&desk, id).await?;
        if page.kind != kind {
            return Err(Problem::BadForm);
        }
        let seen = sent.get(&format!("seen.{id}")).parse().unwrap_or_default();
        // The same form sent twice is one request for each case.
        let request = EventId::caused(form, page.id);
        match official::act_as_proposed(&desk, &page, act, request, seen).await? {
            None => done += 1,
            Some(why) => {
                let names = Names::of(&desk, page.contents.reference("station")).await?;
                returned.push(Came {
                    href: record_href(page.id),
                    title: record::title(desk.words, &page, &names),
                    why,
                });
            }
        }
    }
    let words = desk.words;
    let label = official::label(words, kind, act);
    let back = match sent.get("back") {
        "" => ledger_href(kind),
        back => local_page(back).to_owned(),
    };
    let page = SeveralPage {
        page: Page::new(&desk, words.fill("several.title", &[("act", &label)]), &ledger_href(kind), &Pairs::default()),
        done: words.fill("several.done", &[("n", &done.to_string()), ("act", &label)]),
        back,
        returned,
    };
    Ok(layout::html(&page)?.into_response())
}
