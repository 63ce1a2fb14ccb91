//! What there is to ask for: one list, of which both the router and the description are made.

use axum::routing::{MethodRouter, get};
use lianxin_shared::schema::Kind;

use super::{figures, ledgers, records};
use crate::{http::AppState, store::Scope};

/// An address that answers `GET`.
pub(super) struct Endpoint {
    pub path: &'static str,
    pub scope: Scope,
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    /// The name of its answer's schema.
    pub answer: &'static str,
    pub handler: fn() -> MethodRouter<AppState>,
}

/// A value in the path or behind the question mark.
pub(super) struct Parameter {
    pub name: &'static str,
    pub in_path: bool,
    pub about: &'static str,
}

const fn path(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, in_path: true, about }
}

const fn query(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, in_path: false, about }
}

const AFTER: Parameter = query("after", "Where the page begins: `next` of the page before.");
const LIMIT: Parameter = query("limit", "Rows of the page, 1 to 200; 50 without it.");
const FROM: Parameter = query("from", "The first day: `2026-03-02`, or a month or a year.");
const TO: Parameter = query("to", "The last day, alike.");
const STATION: Parameter = query("station", "The id of a station.");
const TEXT: Parameter = query("q", "Words that all have to occur.");
const UNIT: Parameter = query("unit", "The code of a town or street.");
const ID: Parameter = path("id", "The id of a record, 32 hexadecimal digits.");

/// The filters of the ledgers' pages; which of them a kind knows is the same there and here.
const LEDGER: &[Parameter] = &[
    path("kind", "The kind of records, for example `activity`, `voice` or `suggestion`."),
    AFTER,
    LIMIT,
    FROM,
    TO,
    STATION,
    TEXT,
    UNIT,
    query("office", "Suggestions at the desk of the `district` or of a `town`."),
    query("person", "A mandate's id, or the name of a deputy."),
    query("code", "The main code, for example a category; `-` for none."),
    query("status", "The second code, for example an urgency."),
    query("tag", "`list:code`; up to four."),
    query("place", "The id of a village or unit."),
    query("link", "The id of a record to which they belong."),
    query("state", "The state of the case; any of several."),
    query("exit", "Where a voice went; any of several."),
    query("due", "`over` or `near`: how close the first limit is."),
    query("lead", "The code of the unit that handles a suggestion."),
    query("counts", "The part of a figure, for example `replied`."),
    query("order", "`oldest` or `due`; the newest first without it."),
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/api/v1/ledgers/{kind}",
        scope: Scope::Ledgers,
        summary: "The records of a kind that the token's owner may read, page by page.",
        parameters: LEDGER,
        answer: "Page",
        handler: || get(ledgers::ledger),
    },
    Endpoint {
        path: "/api/v1/stations",
        scope: Scope::Stations,
        summary: "The stations (联络站、室).",
        parameters: &[AFTER, LIMIT, TEXT, UNIT],
        answer: "Page",
        handler: || get(|caller, asked| ledgers::of_kind(Kind::Station, caller, asked)),
    },
    Endpoint {
        path: "/api/v1/deputies",
        scope: Scope::Deputies,
        summary: "The deputies by their mandates (代表).",
        parameters: &[AFTER, LIMIT, TEXT, UNIT, STATION],
        answer: "Page",
        handler: || get(|caller, asked| ledgers::of_kind(Kind::Mandate, caller, asked)),
    },
    Endpoint {
        path: "/api/v1/records/{id}",
        scope: Scope::Records,
        summary: "What a record says. With `ETag`: asked again with `If-None-Match`, 304 where nothing has changed.",
        parameters: &[ID],
        answer: "Record",
        handler: || get(records::record),
    },
    Endpoint {
        path: "/api/v1/records/{id}/case",
        scope: Scope::Cases,
        summary: "Where a record's case stands, with its events in their order.",
        parameters: &[ID],
        answer: "Case",
        handler: || get(records::case),
    },
    Endpoint {
        path: "/api/v1/figures",
        scope: Scope::Figures,
        summary: "Records of a year by kind, and the parts of which the rates of suggestions are made.",
        parameters: &[
            query("year", "This year without it."),
            query("term", "The term of the congress, for example `五届`."),
            query("session", "Its session, for example `一次`."),
        ],
        answer: "Figures",
        handler: || get(figures::figures),
    },
];
