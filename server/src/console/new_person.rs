//! A new account (新建账号), for a deputy on record or for somebody of staff, by whom the rights allow to give such a post
//! (`rights::may_give`). Its password is made up, shown once, and for one time.

use std::collections::HashSet;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    id::{RecordId, UnitCode},
    rights::{Post, Role, SpaceKind, may_give},
    schema::Kind,
};

use super::{
    desk::Desk,
    directory,
    input::{Asked, Pairs, Sent},
    layout::{self, Page},
    ledger::Choice,
    people::{self, PEOPLE},
    person,
    posts::{Group, Mandate, Offers},
    problem::Problem,
    words::number,
};
use crate::{
    account::{ChangeError, generate_password},
    store::{LedgerQuery, LedgerRow},
};

/// Mandates that are looked through: a district has some 900.
const MANDATES_MAX: u32 = 3000;

#[derive(Template)]
#[template(path = "new_person.html")]
struct NewPersonPage {
    page: Page,
    name: String,
    login: String,
    roles: Vec<Choice>,
    units: Vec<Group>,
    mandates: Vec<Mandate>,
    mandate: String,
    error: Option<&'static str>,
    /// Deputies in office for whom there is no account, with the way to make one.
    without: Vec<Without>,
    count: String,
}

struct Without {
    name: String,
    label: String,
    href: String,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    let offers = offers(&desk, &asked).await?;
    Ok(layout::html(&fill(&desk, &asked, offers, None).await?)?.into_response())
}

/// What there is to give to whom the form names, for those who make accounts.
async fn offers(desk: &Desk, sent: &Pairs) -> Result<Offers, Problem> {
    // Whoever sees the accounts makes them.
    if !people::may_look(desk) {
        return Err(Problem::NotFound);
    }
    Offers::of(desk, sent.get("name")).await
}

pub(super) async fn submit(desk: Desk, Sent(sent): Sent) -> Result<Response, Problem> {
    let offers = offers(&desk, &sent).await?;
    let post = match offers.post(&sent) {
        Ok((post, level)) if may_give(desk.person(), &post, level) => post,
        Ok(_) => return Err(Problem::NotAllowed),
        Err(error) => return again(&desk, &sent, offers, error).await,
    };
    let accounts = &desk.state.accounts;
    let who = (sent.get("login"), sent.get("name"));
    // Nobody is told this one: it stands until the one for one time is set.
    let nobodys = generate_password();
    let user = match accounts.create(desk.doer(), who, vec![post], &nobodys, desk.now_ms()).await {
        Ok(user) => user,
        Err(ChangeError::BadLogin) => return again(&desk, &sent, offers, "new_person.bad_login").await,
        Err(ChangeError::BadName) => return again(&desk, &sent, offers, "new_person.bad_name").await,
        Err(ChangeError::Taken) => return again(&desk, &sent, offers, "new_person.taken").await,
        Err(error) => {
            tracing::error!(%error, "an account could not be made");
            return Err(Problem::Broken);
        }
    };
    tracing::info!(user = user.person.user.0, by = desk.person().user.0, "an account was made");
    person::with_password(&desk, &user).await
}

async fn again(desk: &Desk, sent: &Pairs, offers: Offers, error: &'static str) -> Result<Response, Problem> {
    let page = fill(desk, sent, offers, Some(error)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, layout::html(&page)?).into_response())
}

async fn fill(
    desk: &Desk,
    sent: &Pairs,
    offers: Offers,
    error: Option<&'static str>,
) -> Result<NewPersonPage, Problem> {
    let words = desk.words;
    let without = without_account(desk).await?;
    Ok(NewPersonPage {
        page: Page::new(desk, words.get("new_person.title"), PEOPLE, sent),
        name: sent.get("name").to_owned(),
        login: sent.get("login").to_owned(),
        roles: offers.roles(desk, sent.get("role")),
        units: offers.groups(words, sent.get("unit")),
        mandate: sent.get("mandate").to_owned(),
        mandates: offers.mandates,
        error: error.map(|key| words.get(key)),
        count: words.fill("new_person.without", &[("n", &number(without.len() as i64))]),
        without,
    })
}

/// Deputies in office whose mandate no account has, of those to whom the reader may give a post.
async fn without_account(desk: &Desk) -> Result<Vec<Without>, Problem> {
    let users = desk.store().users().await?;
    let held: HashSet<RecordId> = users.iter().flat_map(|user| user.person.mandates()).collect();
    let spaces = desk.store().lasting_spaces().await?;
    let stations: Vec<(RecordId, UnitCode)> = spaces
        .iter()
        .filter(|space| space.kind == SpaceKind::Station)
        .map(|space| (RecordId::derived(Kind::Station, &[&space.unit.0]), space.unit.clone()))
        .collect();
    // Administrators read no records; whom there is they know from the open data.
    let open = spaces.iter().filter(|space| space.kind.holds(Kind::Mandate)).map(|space| space.id).collect();
    let query = LedgerQuery { status: Some("active".into()), ..LedgerQuery::of(Kind::Mandate, open) };
    let rows = desk.store().ledger(&query, None, MANDATES_MAX).await?;
    let labels = directory::offers(desk, Kind::Mandate).await?;
    let mut without = Vec::new();
    for row in rows.iter().filter(|row| !held.contains(&row.id)) {
        let Some(unit) = unit_of(row, &stations) else { continue };
        let post = Post { role: Role::Deputy, unit, mandate: Some(row.id) };
        if may_give(desk.person(), &post, Some(&row.summary.code)) {
            let label = directory::label_of(&labels, row.id);
            without.push(Without { name: row.summary.title.clone(), label, href: href(&row.summary.title, &post) });
        }
    }
    without.sort_by(|a, b| (&a.name, &a.label).cmp(&(&b.name, &b.label)));
    Ok(without)
}

/// The station where the deputy is at home.
fn unit_of(row: &LedgerRow, stations: &[(RecordId, UnitCode)]) -> Option<UnitCode> {
    let station = row.summary.station?;
    stations.iter().find(|(id, _)| *id == station).map(|(_, unit)| unit.clone())
}

/// The form, filled in as far as the mandate tells.
fn href(name: &str, post: &Post) -> String {
    let mandate = post.mandate.map(|mandate| mandate.to_string()).unwrap_or_default();
    let name = super::input::encode(name);
    format!("{PEOPLE}/new?name={name}&role={}&unit={}&mandate={mandate}", post.role.key(), post.unit.0)
}
