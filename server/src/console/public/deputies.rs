//! A deputy in office: what is made known of every one (公示).

use askama::Template;
use axum::{extract::Path, response::IntoResponse};
use lianxin_shared::schema::Kind;

use super::{Answer, Guest, Line};
use crate::console::{
    layout::{self, Page},
    problem::Problem,
};

#[derive(Template)]
#[template(path = "public_deputy.html")]
struct DeputyPage {
    page: Page,
    photo: Option<String>,
    lines: Vec<Line>,
    station: Option<(String, String)>,
    profile: String,
}

pub(super) async fn page(guest: Guest, Path(id): Path<String>) -> Answer {
    let (_, mandate) = guest.open_record(&id, Kind::Mandate).await?;
    // What was made known of somebody ends with the office.
    if mandate.text("status") != "active" {
        return Err(Problem::NotFound);
    }
    let deputy = mandate.text("deputy").to_owned();
    let deputy = guest.open_record(&deputy, Kind::Deputy).await.ok();
    let station = mandate.reference("station");
    let names = guest.names(station).await?;
    let mut lines = guest.lines(&names, &mandate, &["level", "term", "constituency", "delegation"]);
    if let Some((_, deputy)) = &deputy {
        lines.extend(guest.lines(&names, deputy, &["post"]));
    }
    let page = DeputyPage {
        photo: deputy
            .as_ref()
            .filter(|(_, deputy)| !deputy.text("photo").is_empty())
            .map(|(id, deputy)| format!("/public/file/{id}/{}", deputy.text("photo"))),
        station: station.and_then(|id| Some((format!("/public/station/{id}"), names.title(guest.words, id)?))),
        profile: deputy.map(|(_, deputy)| deputy.text("profile").to_owned()).unwrap_or_default(),
        lines,
        page: guest.page(mandate.text("name")),
    };
    Ok(layout::html(&page)?.into_response())
}
