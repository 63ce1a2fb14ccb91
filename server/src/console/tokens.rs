//! 数据接口: the tokens by which other systems read what their owner may read. Whoever works at an office makes them for
//! themselves; each is shown once, listed, and ended here or among the devices.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{id::DeviceId, limits::LABEL_CHARS_MAX, rights::Role};

use super::{
    api::has_run_out,
    desk::Desk,
    input::{Asked, Pairs, Sent},
    layout::{self, Page},
    ledger::Choice,
    problem::Problem,
};
use crate::{
    account::Token,
    store::{Act, Device, DeviceKind, NewDevice, Scope, Scopes},
};

pub(super) const TOKENS: &str = "/console/tokens";
/// Tokens in use that one person has.
const TOKENS_MAX: usize = 10;

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    page: Page,
    scopes: Vec<Choice>,
    label: String,
    rows: Vec<Row>,
    /// The secret of the one that was just made.
    made: Option<String>,
    error: Option<&'static str>,
}

struct Row {
    id: i64,
    label: String,
    scopes: String,
    created: String,
    seen: String,
    /// Why it opens nothing any more.
    over: Option<&'static str>,
}

/// Who makes tokens: offices. What they open is never more than their owner reads.
pub(super) fn may_make(desk: &Desk) -> bool {
    [Role::Town, Role::District, Role::Leader].into_iter().any(|role| desk.has_role(role))
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    show(&desk, &asked, None, None).await
}

/// Makes a token for the reader.
pub(super) async fn make(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    if !may_make(&desk) {
        return Err(Problem::NotFound);
    }
    let label = sent.get("label");
    let chosen = |scope: &Scope| sent.all("scope").any(|key| key == scope.key());
    let scopes: Scopes = Scope::ALL.into_iter().filter(chosen).collect();
    if label.is_empty() || label.chars().count() > LABEL_CHARS_MAX || scopes.is_empty() {
        return show(&desk, &sent, None, Some("tokens.needs")).await;
    }
    if own(&desk).await?.iter().filter(|token| over(&desk, token).is_none()).count() >= TOKENS_MAX {
        return show(&desk, &sent, None, Some("tokens.full")).await;
    }
    let token = Token::random();
    let new = NewDevice {
        user: desk.person().user,
        kind: DeviceKind::Api(scopes),
        label,
        token_hash: &token.hash(),
        now_ms: desk.now_ms(),
    };
    let id = desk.store().create_device(new).await?;
    let keys: Vec<&str> = scopes.iter().map(Scope::key).collect();
    desk.note(Act::TokenMake, format!("{} {}", id.0, keys.join(" ")), "").await?;
    tracing::info!(device = id.0, by = desk.person().user.0, "a token was made");
    show(&desk, &Pairs::default(), Some(token.secret().to_owned()), None).await
}

/// Ends one of the reader's own tokens.
pub(super) async fn end(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = DeviceId(id.parse().map_err(|_| Problem::NotFound)?);
    if !own(&desk).await?.iter().any(|token| token.id == id) {
        return Err(Problem::NotFound);
    }
    desk.store().revoke(id, desk.now_ms()).await?;
    desk.note(Act::DeviceRevoke, id.0.to_string(), "").await?;
    tracing::info!(device = id.0, by = desk.person().user.0, "a token was ended");
    Ok(Redirect::to(&format!("{TOKENS}?done=token_ended")).into_response())
}

async fn show(
    desk: &Desk,
    asked: &Pairs,
    made: Option<String>,
    error: Option<&'static str>,
) -> Result<Response, Problem> {
    if !may_make(desk) {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let choice = |scope: Scope| Choice {
        key: scope.key().to_owned(),
        label: words.of_key(&format!("scope.{}", scope.key())),
        chosen: asked.all("scope").any(|key| key == scope.key()),
    };
    let page = TokensPage {
        page: Page::new(desk, words.get("tokens.title"), TOKENS, asked),
        scopes: Scope::ALL.into_iter().map(choice).collect(),
        label: asked.get("label").to_owned(),
        rows: own(desk).await?.iter().rev().map(|token| row(desk, token)).collect(),
        made,
        error: error.map(|key| words.get(key)),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, layout::html(&page)?).into_response())
}

async fn own(desk: &Desk) -> Result<Vec<Device>, Problem> {
    let devices = desk.hub().devices().await?.into_iter();
    let is_token = |device: &Device| device.user == desk.person().user && matches!(device.kind, DeviceKind::Api(_));
    Ok(devices.filter(is_token).collect())
}

fn over(desk: &Desk, token: &Device) -> Option<&'static str> {
    match token.revoked_ms {
        Some(_) => Some(desk.words.get("tokens.ended")),
        None if has_run_out(token, desk.now_ms()) => Some(desk.words.get("tokens.run_out")),
        None => None,
    }
}

fn row(desk: &Desk, token: &Device) -> Row {
    let words = desk.words;
    let scopes = match token.kind {
        DeviceKind::Api(scopes) => scopes,
        _ => Scopes::default(),
    };
    let names: Vec<String> = scopes.iter().map(|scope| words.of_key(&format!("scope.{}", scope.key()))).collect();
    Row {
        id: token.id.0,
        label: token.label.clone(),
        scopes: names.join("、"),
        created: words.moment(token.created_ms),
        seen: words.moment(token.last_seen_ms),
        over: over(desk, token),
    }
}
