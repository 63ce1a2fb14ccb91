//! What all pages share: head, navigation, language, and how a template becomes an answer.

use std::io;

use askama::Template;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
    response::Html,
};
use futures_util::{Stream, StreamExt};
use lianxin_shared::{rights::Role, schema::Kind};

use super::{
    assets, audit, desk::Desk, input::Pairs, parcel, people, problem::Problem, stations, tokens, words::Words,
};
use crate::http::session::is_local_page;

/// The kinds whose ledgers are in the navigation, in its order. The others are reached from records.
const LEDGERS: [Kind; 9] = [
    Kind::Activity,
    Kind::Voice,
    Kind::Suggestion,
    Kind::ReceptionDay,
    Kind::Station,
    Kind::Mandate,
    Kind::Training,
    Kind::Pairing,
    Kind::GuidanceVisit,
];

/// The kinds whose ledgers are among what an office looks after.
const KEPT: [Kind; 2] = [Kind::CodeEntry, Kind::AppFeedback];

/// What may be said at the top of a page after something was done: `?done=<key>`.
const DONE: [&str; 22] = [
    "created",
    "saved",
    "unchanged",
    "acted",
    "chosen",
    "revoked",
    "token_ended",
    "rules",
    "locked",
    "unlocked",
    "post_given",
    "post_taken",
    "suggested",
    "half_suggested",
    "sealed_asked",
    "sealed_approved",
    "founded",
    "joined",
    "settled",
    "imported",
    "password",
    "issued",
];

/// What every template can reach as `page`.
pub(super) struct Page {
    pub words: Words,
    pub title: String,
    pub nav: Vec<NavGroup>,
    pub reader: Option<Reader>,
    /// The page's address, for coming back after the language was switched.
    pub here: String,
    pub done: Option<String>,
    pub style: String,
    pub script: String,
    pub icon: String,
    /// When and for whom the page was made, for the printed sheet.
    pub made: String,
}

pub(super) struct Reader {
    pub name: String,
    pub role: String,
}

pub(super) struct NavGroup {
    pub label: &'static str,
    pub links: Vec<NavLink>,
}

pub(super) struct NavLink {
    pub href: String,
    pub label: &'static str,
    pub current: bool,
}

impl Page {
    /// A page of someone who is signed in. `current` is the navigation's address that it belongs to.
    pub(super) fn new(desk: &Desk, title: impl Into<String>, current: &str, asked: &Pairs) -> Self {
        let words = desk.words;
        let name = desk.person().name.clone();
        let made = words.fill("print.made", &[("when", &words.moment(desk.now_ms())), ("who", &name)]);
        let mut page = Self {
            nav: navigation(desk, current),
            reader: Some(Reader { name, role: role(desk) }),
            here: desk.here.clone(),
            made,
            ..Self::outside(words, title)
        };
        page.say_done(asked);
        page
    }

    /// Says at the top what was done, as the address tells.
    pub(super) fn say_done(&mut self, asked: &Pairs) {
        let done = DONE.iter().find(|key| **key == asked.get("done"));
        self.done = done.map(|key| self.words.of_key(&format!("done.{key}")));
    }

    /// A page for anyone.
    pub(super) fn outside(words: Words, title: impl Into<String>) -> Self {
        Self {
            words,
            title: title.into(),
            nav: Vec::new(),
            reader: None,
            here: String::new(),
            done: None,
            style: assets::STYLE.href(),
            script: assets::SCRIPT.href(),
            icon: assets::ICON.href(),
            made: String::new(),
        }
    }

    /// A text with one gap.
    pub(super) fn fill(&self, key: &'static str, gap: &str, value: impl std::fmt::Display) -> String {
        self.words.fill(key, &[(gap, &value.to_string())])
    }

    /// A text.
    pub(super) fn t(&self, key: &'static str) -> &'static str {
        self.words.get(key)
    }
}

fn role(desk: &Desk) -> String {
    let mut roles: Vec<Role> = desk.person().posts.iter().map(|post| post.role).collect();
    roles.sort_unstable();
    roles.dedup();
    let roles: Vec<String> = roles.iter().map(|role| desk.words.role(*role)).collect();
    roles.join("、")
}

fn navigation(desk: &Desk, current: &str) -> Vec<NavGroup> {
    let words = desk.words;
    let link = |href: &str, label| NavLink { current: href == current, href: href.into(), label };
    let reads_any = desk.reads_anything();
    let mut overview = vec![link("/console", words.get("nav.overview"))];
    if desk.reads(Kind::Activity) {
        overview.push(link("/console/summary", words.get("nav.summary")));
    }
    if desk.reads(Kind::Station) && desk.reads(Kind::ReceptionDay) {
        overview.push(link(stations::WEEK, words.get("week.title")));
        overview.push(link(stations::MAP, words.get("station_map.title")));
    }
    let ledgers = LEDGERS
        .into_iter()
        .filter(|kind| desk.reads(*kind))
        .map(|kind| link(&ledger_href(kind), ledger_name(words, kind)))
        .collect();
    let mut care = Vec::new();
    if reads_any {
        care.push(link("/console/quarantine", words.get("nav.quarantine")));
    }
    if reads_any {
        care.push(link("/console/rules", words.get("nav.rules")));
    }
    care.extend(
        KEPT.into_iter()
            .filter(|kind| desk.reads(*kind))
            .map(|kind| link(&ledger_href(kind), ledger_name(words, kind))),
    );
    if parcel::may_carry(desk) {
        care.push(link("/console/parcel", words.get("nav.parcel")));
    }
    care.push(link("/console/audit", words.get(audit::title(desk))));
    if people::may_look(desk) {
        care.push(link("/console/people", words.get("nav.people")));
    }
    if tokens::may_make(desk) {
        care.push(link(tokens::TOKENS, words.get("tokens.title")));
    }
    if desk.manages_devices() {
        care.push(link("/console/devices", words.get("nav.devices")));
    }
    let groups = [("", overview), (words.get("nav.ledgers"), ledgers), (words.get("nav.care"), care)];
    groups
        .into_iter()
        .filter(|(_, links): &(_, Vec<_>)| !links.is_empty())
        .map(|(label, links)| NavGroup { label, links })
        .collect()
}

/// A page or a file that is sent as it is made. What compresses it asks once more behind its end, which an unfolded
/// stream would not stand.
pub(super) fn streamed(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    Body::from_stream(pieces.fuse())
}

/// What a kind's ledger is called.
pub(super) fn ledger_name(words: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::Mandate => words.get("ledger.mandates"),
        Kind::CodeEntry => words.get("ledger.codes"),
        Kind::AppFeedback => words.get("ledger.feedback"),
        kind => words.kind(kind),
    }
}

/// The address of a kind's ledger.
pub(super) fn ledger_href(kind: Kind) -> String {
    format!("/console/ledger/{}", kind.key())
}

/// The address of a record's page.
pub(super) fn record_href(id: impl std::fmt::Display) -> String {
    format!("/console/record/{id}")
}

/// A template as an answer. Pages are of one reader and one moment: nothing keeps them.
pub(super) fn html(template: &impl Template) -> Result<(HeaderMap, Html<String>), Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok((headers, Html(template.render()?)))
}

/// A page of the console to go on to; the overview where the text is none.
pub(super) fn local_page(path: &str) -> &str {
    if is_local_page(path) { path } else { "/console" }
}

/// The page that says why there is no page.
#[derive(Template)]
#[template(path = "problem.html")]
pub(super) struct ProblemPage {
    page: Page,
    title: String,
    text: String,
}

impl ProblemPage {
    pub(super) fn new(words: Words, key: &str) -> Self {
        let title = words.of_key(&format!("problem.{key}"));
        let text = words.of_key(&format!("problem.{key}.help"));
        Self { page: Page::outside(words, title.clone()), title, text }
    }
}
