//! One account: its posts, given and taken away by whom the rights allow (`rights::may_give`), and a new password. Each act
//! is in the audit log.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::{RecordId, UserId},
    rights::{Post, Role, may_give},
    schema::Kind,
};

use super::{
    desk::Desk,
    input::{Asked, Pairs, Sent},
    layout::{self, Page, record_href},
    ledger::Choice,
    people::{self, PEOPLE},
    posts::{Group, Mandate, Offers, level_of},
    problem::Problem,
};
use crate::store::User;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    id: i64,
    login: String,
    locked: bool,
    posts: Vec<Held>,
    former: Vec<Former>,
    roles: Vec<Choice>,
    units: Vec<Group>,
    mandates: Vec<Mandate>,
    mandate: String,
    may_reset: bool,
    /// Shown this once.
    password: Option<String>,
    error: Option<&'static str>,
}

/// A post that somebody holds.
struct Held {
    role: &'static str,
    unit: String,
    name: String,
    mandate: Option<RecordId>,
    /// To the mandate's record, for who reads it.
    href: Option<String>,
    may_take: bool,
}

/// One that was taken away, or ended.
struct Former {
    name: String,
    unit: String,
    taken: String,
}

/// What is said beside the account.
#[derive(Default)]
struct Said<'a> {
    sent: Option<&'a Pairs>,
    error: Option<&'static str>,
    password: Option<String>,
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>, Asked(asked): Asked) -> Result<Response, Problem> {
    let user = known(&desk, &id).await?;
    let offers = Offers::of(&desk, &user.person.name).await?;
    let said = Said { sent: Some(&asked), ..Said::default() };
    Ok(layout::html(&fill(&desk, &user, offers, said).await?)?.into_response())
}

/// Gives a post beside those that are held.
pub(super) async fn give(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let user = known(&desk, &id).await?;
    let offers = Offers::of(&desk, &user.person.name).await?;
    let (post, level) = match offers.post(&sent) {
        Ok(asked) => asked,
        Err(error) => {
            let said = Said { sent: Some(&sent), error: Some(error), ..Said::default() };
            return Ok(
                (StatusCode::BAD_REQUEST, layout::html(&fill(&desk, &user, offers, said).await?)?).into_response()
            );
        }
    };
    if !may_change(&desk, &user, &post, level) {
        return Err(Problem::NotAllowed);
    }
    let mut posts = user.person.posts.clone();
    if !posts.contains(&post) {
        posts.push(post);
        desk.hub().set_posts(desk.doer(), &user, &posts, desk.now_ms()).await?;
    }
    Ok(back(&user, "post_given"))
}

/// Takes one of the posts away.
pub(super) async fn take(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let user = known(&desk, &id).await?;
    let is_meant = |post: &Post| {
        let mandate = post.mandate.map(|mandate| mandate.to_string()).unwrap_or_default();
        (post.role.key(), post.unit.0.as_str(), mandate.as_str())
            == (sent.get("role"), sent.get("unit"), sent.get("mandate"))
    };
    let Some(post) = user.person.posts.iter().find(|post| is_meant(post)) else { return Ok(back(&user, "post_taken")) };
    if !may_change(&desk, &user, post, level_of(&desk, post).await?.as_deref()) {
        return Err(Problem::NotAllowed);
    }
    let rest: Vec<Post> = user.person.posts.iter().filter(|post| !is_meant(post)).cloned().collect();
    desk.hub().set_posts(desk.doer(), &user, &rest, desk.now_ms()).await?;
    Ok(back(&user, "post_taken"))
}

/// Sets a new password for one time, and shows it this once.
pub(super) async fn password(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = known(&desk, &id).await?;
    if !desk.has_role(Role::Admin) {
        return Err(Problem::NotFound);
    }
    with_password(&desk, &user).await
}

/// Gives the account a password for one time, on the page that shows it.
pub(super) async fn with_password(desk: &Desk, user: &User) -> Result<Response, Problem> {
    let password = desk.state.accounts.set_one_time_password(desk.doer(), user, desk.now_ms()).await;
    let password = password.map_err(|error| {
        tracing::error!(%error, user = user.person.user.0, "a password could not be set");
        Problem::Broken
    })?;
    let offers = Offers::of(desk, &user.person.name).await?;
    let said = Said { password: Some(password), ..Said::default() };
    Ok(layout::html(&fill(desk, user, offers, said).await?)?.into_response())
}

/// The account, if the reader may know of it.
async fn known(desk: &Desk, id: &str) -> Result<User, Problem> {
    let id = UserId(id.parse().map_err(|_| Problem::NotFound)?);
    let user = desk.store().user(id).await?.ok_or(Problem::NotFound)?;
    if people::may_know(desk, &user).await? { Ok(user) } else { Err(Problem::NotFound) }
}

/// Nobody gives posts to oneself, or takes one's own away.
fn may_change(desk: &Desk, user: &User, post: &Post, level: Option<&str>) -> bool {
    user.person.user != desk.person().user && may_give(desk.person(), post, level)
}

fn back(user: &User, done: &str) -> Response {
    Redirect::to(&format!("{PEOPLE}/{}?done={done}", user.person.user.0)).into_response()
}

async fn fill(desk: &Desk, user: &User, offers: Offers, said: Said<'_>) -> Result<PersonPage, Problem> {
    let words = desk.words;
    let own = user.person.user == desk.person().user;
    let none = Pairs::default();
    let sent = said.sent.unwrap_or(&none);
    let mut posts = Vec::with_capacity(user.person.posts.len());
    for post in &user.person.posts {
        posts.push(held(desk, user, post).await?);
    }
    let former = desk.store().former_posts(user.person.user).await?.into_iter().map(|former| Former {
        name: words.role(former.post.role),
        unit: former.post.unit.0,
        taken: words.moment(former.taken_ms),
    });
    Ok(PersonPage {
        page: Page::new(desk, user.person.name.clone(), PEOPLE, sent),
        id: user.person.user.0,
        login: user.login.clone(),
        locked: user.locked,
        posts,
        former: former.collect(),
        roles: if own { Vec::new() } else { offers.roles(desk, sent.get("role")) },
        units: offers.groups(words, sent.get("unit")),
        mandate: sent.get("mandate").to_owned(),
        mandates: offers.mandates,
        may_reset: desk.has_role(Role::Admin),
        password: said.password,
        error: said.error.map(|key| words.get(key)),
    })
}

async fn held(desk: &Desk, user: &User, post: &Post) -> Result<Held, Problem> {
    let level = level_of(desk, post).await?;
    let lies_in = match post.mandate {
        Some(mandate) => desk.store().places(&[mandate]).await?.remove(&mandate),
        None => None,
    };
    let href =
        post.mandate.filter(|_| lies_in.is_some_and(|space| desk.may_read(space, Kind::Mandate))).map(record_href);
    Ok(Held {
        role: post.role.key(),
        unit: post.unit.0.clone(),
        name: desk.words.role(post.role),
        mandate: post.mandate,
        href,
        may_take: may_change(desk, user, post, level.as_deref()),
    })
}
