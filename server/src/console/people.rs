//! Who has an account: roles, areas, devices, last contact. An administrator shuts an account out and
//! lets it in again; both are in the audit log. A town sees the accounts of its own area.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::UserId,
    rights::{Post, Role},
};

use super::{
    desk::Desk,
    input::{Asked, Sent},
    layout::{self, Page},
    problem::Problem,
    words::number,
};
use crate::store::{Device, User};

/// Accounts shown: a district has some 900 deputies and 200 staff.
const SHOWN_MAX: usize = 3000;
pub(super) const PEOPLE: &str = "/console/people";

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    page: Page,
    q: String,
    count: String,
    may_lock: bool,
    rows: Vec<Row>,
}

struct Row {
    id: i64,
    name: String,
    login: String,
    posts: String,
    devices: String,
    seen: String,
    locked: bool,
    /// Whoever looks at the page: nobody shuts themselves out.
    own: bool,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !may_look(&desk) {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let q = asked.get("q").to_owned();
    let mut users = Vec::new();
    for user in desk.store().users().await? {
        let asked_for = q.is_empty() || user.person.name.contains(&q) || user.login.contains(&q);
        if asked_for && may_know(&desk, &user).await? {
            users.push(user);
        }
    }
    users.sort_by(|a, b| a.person.name.cmp(&b.person.name));
    let count = words.fill("people.count", &[("n", &number(users.len() as i64))]);
    users.truncate(SHOWN_MAX);
    let mut devices: HashMap<UserId, Vec<Device>> = HashMap::new();
    for device in desk.hub().devices().await?.into_iter().filter(|device| device.revoked_ms.is_none()) {
        devices.entry(device.user).or_default().push(device);
    }
    let page = PeoplePage {
        page: Page::new(&desk, words.get("people.title"), PEOPLE, &asked),
        rows: users.iter().map(|user| row(&desk, user, devices.get(&user.person.user))).collect(),
        may_lock: desk.has_role(Role::Admin),
        q,
        count,
    };
    Ok(layout::html(&page)?.into_response())
}

/// Who sees this page at all, and makes accounts: each of these roles has posts to give (`rights::may_give`).
pub(super) fn may_look(desk: &Desk) -> bool {
    desk.manages_devices() || desk.has_role(Role::Town)
}

/// Whether the reader may know of an account: all of them, or those who hold a post in the own town, or held one last.
pub(super) async fn may_know(desk: &Desk, user: &User) -> Result<bool, Problem> {
    if desk.manages_devices() {
        return Ok(true);
    }
    let is_here = |post: &Post| {
        let mut towns = desk.person().posts.iter().filter(|own| own.role == Role::Town);
        towns.any(|own| post.unit.within(&own.unit))
    };
    if !user.person.posts.is_empty() {
        return Ok(user.person.posts.iter().any(is_here));
    }
    Ok(desk.store().former_posts(user.person.user).await?.iter().any(|former| is_here(&former.post)))
}

fn row(desk: &Desk, user: &User, devices: Option<&Vec<Device>>) -> Row {
    let words = desk.words;
    let devices = devices.map(Vec::as_slice).unwrap_or_default();
    let post = |post: &Post| format!("{} {}", words.role(post.role), post.unit.0);
    let seen = devices.iter().map(|device| device.last_seen_ms).max();
    Row {
        id: user.person.user.0,
        name: user.person.name.clone(),
        login: user.login.clone(),
        posts: user.person.posts.iter().map(post).collect::<Vec<_>>().join("、"),
        devices: number(devices.len() as i64),
        seen: seen.map(|ms| words.moment(ms)).unwrap_or_default(),
        locked: user.locked,
        own: user.person.user == desk.person().user,
    }
}

/// Locks an account, or unlocks it.
pub(super) async fn lock(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    if !desk.has_role(Role::Admin) {
        return Err(Problem::NotFound);
    }
    let id = UserId(id.parse().map_err(|_| Problem::NotFound)?);
    let user = desk.store().user(id).await?.ok_or(Problem::NotFound)?;
    let locks = match sent.get("lock") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::BadForm),
    };
    if locks && id == desk.person().user {
        return Err(Problem::NotAllowed);
    }
    desk.state.accounts.set_locked(desk.doer(), &user, locks, desk.now_ms()).await?;
    tracing::info!(user = id.0, locks, by = desk.person().user.0, "an account was locked or unlocked");
    Ok(Redirect::to(&format!("{PEOPLE}?done={}", if locks { "locked" } else { "unlocked" })).into_response())
}
