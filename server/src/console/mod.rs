//! The staff console: pages rendered here, linkable and printable, working without JavaScript.
//!
//! A page is a template and a handler that fills it. Everything a page shows passes through
//! [`desk::Desk`]: who is there, in which language, and the spaces that they may read; a record
//! outside of those does not exist for them. Words come from `shared/texts`, names of fields and
//! codes from the schema. What everybody may read has pages of its own (`public`).

mod add_file;
mod alike;
pub(crate) mod api;
mod assets;
mod attachments;
mod audit;
mod codes;
mod contact;
mod coverage;
mod desk;
mod devices;
mod directory;
mod dossier;
mod dossiers;
mod edit_record;
mod figures;
mod files;
mod form;
mod import;
mod input;
mod issued;
mod layout;
mod ledger;
mod names;
mod new_person;
mod new_record;
mod official;
mod overview;
mod pairings;
mod parcel;
mod password;
mod people;
mod person;
mod posts;
mod problem;
mod public;
mod quarantine;
mod raise_again;
mod rates;
mod receptions;
mod record;
mod refound;
mod released;
mod rules;
mod score;
mod sealed;
mod session;
mod sign_in;
mod stations;
mod summary;
mod timeline;
mod to_suggestion;
mod today;
mod tokens;
mod values;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};

use crate::http::AppState;

/// Bytes of a form: some long minutes of a meeting, percent-encoded.
const FORM_BYTES_MAX: usize = 1024 * 1024;

/// The console's pages, under `/console`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/console", get(overview::page))
        .route("/console/", get(overview::page))
        .route("/console/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/language", post(sign_in::language))
        .route("/console/ledger/{kind}", get(ledger::page))
        .route("/console/ledger/{kind}/export/{format}", get(ledger::export))
        .route("/console/ledger/{kind}/act", post(ledger::several))
        .route("/console/record/{id}", get(record::page))
        .route("/console/record/{id}/choose", post(record::choose))
        .route("/console/record/{id}/join", post(alike::join))
        .route("/console/record/{id}/found-anew", post(refound::found_anew))
        .route("/console/record/{id}/act", post(official::act))
        .route(
            "/console/record/{id}/files",
            post(add_file::submit).layer(DefaultBodyLimit::max(add_file::FORM_BYTES_MAX)),
        )
        .route("/console/record/{id}/file/{hash}", get(files::original))
        .route("/console/record/{id}/file/{hash}/preview", get(files::preview))
        .route("/console/record/{id}/file/{hash}/say", get(attachments::page).post(attachments::submit))
        .route("/console/record/{id}/edit", get(edit_record::page).post(edit_record::submit))
        .route("/console/record/{id}/calendar", get(stations::month))
        .route("/console/record/{id}/contact", get(contact::page).post(contact::submit))
        .route("/console/record/{id}/suggestion", get(to_suggestion::page).post(to_suggestion::submit))
        .route("/console/record/{id}/again", get(raise_again::page).post(raise_again::submit))
        .route("/console/record/{id}/sealed/{sealed}/open", post(sealed::open))
        .route("/console/record/{id}/sealed/{sealed}/approve", post(sealed::approve))
        .route("/console/record/{id}/sealed/{sealed}/delete", post(sealed::delete))
        .route("/console/stations", get(stations::map))
        .route("/console/week", get(stations::week))
        .route("/console/new/{kind}", get(new_record::page).post(new_record::submit))
        .route(
            "/console/import/{kind}",
            get(import::page).post(import::submit).layer(DefaultBodyLimit::max(import::FORM_BYTES_MAX)),
        )
        .route("/console/import/{kind}/template", get(import::template))
        .route("/console/quarantine", get(quarantine::page).post(quarantine::settle))
        .route("/console/quarantine/file/{user}/{record}/{hash}", get(quarantine::original))
        .route("/console/quarantine/file/{user}/{record}/{hash}/preview", get(quarantine::preview))
        .route("/console/summary", get(summary::page))
        .route("/console/summary/issue", post(issued::issue))
        .route("/console/summary/issued/{id}", get(issued::page))
        .route("/console/dossier/{mandate}", get(dossier::page))
        .route("/console/dossiers", get(dossiers::page))
        .route("/console/rules", get(rules::page).post(rules::submit))
        .route("/console/audit", get(audit::page))
        .route("/console/password", get(password::page).post(password::submit))
        .route("/console/people", get(people::page))
        .route("/console/people/new", get(new_person::page).post(new_person::submit))
        .route("/console/people/{id}", get(person::page))
        .route("/console/people/{id}/lock", post(people::lock))
        .route("/console/people/{id}/posts/give", post(person::give))
        .route("/console/people/{id}/posts/take", post(person::take))
        .route("/console/people/{id}/password", post(person::password))
        .route("/console/devices", get(devices::page))
        .route("/console/devices/{id}/revoke", post(devices::revoke))
        .route("/console/tokens", get(tokens::page).post(tokens::make))
        .route("/console/tokens/{id}/end", post(tokens::end))
        .route(
            "/console/parcel",
            get(parcel::page).post(parcel::submit).layer(DefaultBodyLimit::max(parcel::UPLOAD_BYTES_MAX)),
        )
        .route("/console/assets/{name}", get(assets::asset))
        .route("/console/{*rest}", get(problem::no_such_page))
        .merge(public::router())
        .layer(middleware::from_fn(problem::dress))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}
