//! The demo set: the district of DOMAIN §9 with a year of its life, such that the console's figures
//! are those of the source article. All people are invented.
//!
//! - **One seed, the same bytes everywhere**: `chance` is the only source of invention. Given the same
//!   `as_of` day and an empty database, every change has the same hash on every machine.
//! - **Through the same door**: nothing is written into tables. Virtual phones (`phone`) edit through
//!   the device core and exchange with the hub, as users who have the right to do it, on the days
//!   that the records tell of.
//! - **The year is relative to the day it is loaded on** ([`as_of`]), so that records which visitors
//!   add count in the same year: a fourth activity of the third pair turns its light. The figures do
//!   not depend on the day: R5 and R6 are of the year of `as_of` (which is the year of the newest
//!   guidance visit: where a page takes its default year from), R1–R4 of the term [`TERM`] and the
//!   session [`SESSION`].
//!
//! The modules stand in reading order: words, people, places, days; then what writes; then what is written; then what
//! becomes of it at the desks.

mod calendar;
mod chance;
mod people;
mod places;
mod vocabulary;
pub mod volumes;

mod office;
mod phone;
mod photos;
mod team;

mod activities;
mod district;
mod load;
mod mechanisms;
mod reception;
mod roster;
mod stories;
mod suggestions;
mod voices;
mod year;

mod answers;
mod docket;
mod handling;
mod mandates;
mod verified;
mod villagers;

use std::fmt;

use anyhow::{Context, bail};
use jiff::{Timestamp, civil::Date, tz::Offset};
use lianxin_shared::rights::Role;

use crate::{
    account::hash_password,
    http::AppState,
    store::{Store, User},
};

pub use calendar::{SESSION, TERM, TERM_START, as_of};
pub use people::FORBIDDEN_NAMES;

/// The password of every announced account.
pub const PASSWORD: &str = "huichuan-demo";

/// An account that a visitor may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub role: Role,
    pub login: &'static str,
    pub name: &'static str,
    /// The station, office or district.
    pub unit: &'static str,
}

/// The announced accounts, one of each role and two more deputies of the same station. The
/// administrator is the last to get a password.
pub const ACCOUNTS: [Account; 11] = [
    account_of(Role::Deputy, "deputy", "黄光明", "竹元村联络室"),
    account_of(Role::Deputy, "deputy2", "陈德贵", "竹元村联络室"),
    account_of(Role::Deputy, "deputy3", "李秀碧", "竹元村联络室"),
    account_of(Role::GroupLeader, "group", "冯国庆", "竹元村联络室"),
    account_of(Role::Station, "station", "赵小兰", "竹元村联络室"),
    account_of(Role::Town, "town", "张绍芬", "芝麻镇人大"),
    account_of(Role::District, "district", "袁国强", "区代表联络服务中心"),
    account_of(Role::Leader, "leader", "娄方勇", "区人大常委会主任会议"),
    account_of(Role::Unit, "unit", "韦明建", "区交通运输局"),
    account_of(Role::Auditor, "auditor", "申玉兰", "汇川区"),
    account_of(Role::Admin, "admin", "系统管理员", "汇川区"),
];

const fn account_of(role: Role, login: &'static str, name: &'static str, unit: &'static str) -> Account {
    Account { role, login, name, unit }
}

fn account(login: &str) -> anyhow::Result<Account> {
    ACCOUNTS.iter().find(|account| account.login == login).copied().context("no such demo account")
}

/// How to sign in: what the server prints at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAccounts {
    pub password: &'static str,
    pub accounts: Vec<Account>,
}

impl fmt::Display for DemoAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Demo set loaded. Password of every demo account: {}", self.password)?;
        for Account { role, login, name, unit } in &self.accounts {
            writeln!(f, "  {login:9} {:12} {name} {unit}", role.key())?;
        }
        Ok(())
    }
}

/// Loads the demo set if the database is empty, and says how to sign in. `None` where other users
/// are in the database.
///
/// # Errors
/// When loading fails, or an earlier loading did not come to its end: then nobody can sign in to it.
pub async fn load_if_empty(state: &AppState) -> anyhow::Result<Option<DemoAccounts>> {
    load_into(state, as_of(today(state.clock.now_ms())?)).await
}

/// [`load_if_empty`] for a day that the caller chooses.
///
/// # Errors
/// As [`load_if_empty`].
pub async fn load_into(state: &AppState, as_of: Date) -> anyhow::Result<Option<DemoAccounts>> {
    let AppState { hub, blobs, .. } = state;
    match state_of(hub.store()).await? {
        State::Empty => {
            tracing::info!(%as_of, "loading the demo set into the empty database");
            load::load(hub, blobs, calendar::Calendar { as_of }).await?;
            open_accounts(hub.store()).await?;
        }
        State::Complete => {}
        State::Other => {
            tracing::info!("the database has users of its own: no demo set");
            return Ok(None);
        }
        State::Incomplete => bail!(
            "loading the demo set was interrupted and the database holds only a part of it; nobody can sign in. \
             Delete the data directory (or the database) and start again"
        ),
    }
    Ok(Some(DemoAccounts { password: PASSWORD, accounts: ACCOUNTS.to_vec() }))
}

/// What is in the database, as far as the demo set is concerned.
enum State {
    Empty,
    /// The administrator is the first user to be made and the last to get a password.
    Incomplete,
    Complete,
    Other,
}

async fn state_of(store: &dyn Store) -> anyhow::Result<State> {
    let admin = account("admin")?;
    let is_demo = |user: &User| user.person.name == admin.name;
    Ok(match store.user_by_login(admin.login).await?.filter(is_demo) {
        Some(user) if user.password_hash == office::NO_PASSWORD => State::Incomplete,
        Some(_) if store.user_by_login(ACCOUNTS[0].login).await?.is_some() => State::Complete,
        None if store.users().await?.is_empty() && store.spaces().await?.is_empty() => State::Empty,
        _ => State::Other,
    })
}

/// Gives the announced accounts their password: only now is the demo set complete.
async fn open_accounts(store: &dyn Store) -> anyhow::Result<()> {
    for account in &ACCOUNTS {
        let user = store.user_by_login(account.login).await?.context("an announced account is missing")?;
        store.set_password(user.person.user, &hash_password(PASSWORD)?).await?;
    }
    Ok(())
}

/// Today in the district.
fn today(now_ms: i64) -> anyhow::Result<Date> {
    let now = Timestamp::from_millisecond(now_ms).context("the server's clock")?;
    Ok(Offset::constant(8).to_datetime(now).date())
}
