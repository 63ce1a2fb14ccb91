//! The audit log as a page: who did what to accounts, devices, sealed records, rules and ledgers, and
//! whether the chain still fits. All of it for the security auditor, who reads nothing else; everybody else reads what
//! they did themselves.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse, Response};
use lianxin_shared::{
    id::{DeviceId, UserId},
    rights::Role,
};

use super::{
    desk::Desk,
    input::{Asked, encode},
    layout::{self, Page},
    ledger::Choice,
    problem::Problem,
    words::number,
};
use crate::store::{
    Act,
    audit::{self, AuditEntry, AuditFilter},
};

/// Entries of one page.
const PAGE_ENTRIES: u32 = 100;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    acts: Vec<Choice>,
    /// The reader sees everybody's acts, not only the own.
    whole: bool,
    login: String,
    rows: Vec<Row>,
    next: Option<String>,
    verified: Option<Verified>,
}

struct Row {
    number: u64,
    at: String,
    who: String,
    device: String,
    act: String,
    subject: String,
    reason: String,
}

/// What recomputing the chain came to.
struct Verified {
    holds: bool,
    text: String,
}

/// Who may read all of the audit log (DOMAIN §6.6).
pub(super) fn reads_all(desk: &Desk) -> bool {
    desk.has_role(Role::Auditor)
}

/// What the page is called: whose acts it shows.
pub(super) fn title(desk: &Desk) -> &'static str {
    if reads_all(desk) { "audit.title" } else { "audit.own" }
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    let whole = reads_all(&desk);
    let words = desk.words;
    let act = Act::ALL.iter().find(|act| act.key() == asked.get("act"));
    let login = if whole { asked.get("login").to_owned() } else { String::new() };
    let users = desk.store().users().await?;
    let user = users.iter().find(|user| user.login == login).map(|user| user.person.user);
    // Nobody has this login: then nobody did anything.
    let nobody = (!login.is_empty() && user.is_none()).then_some(UserId(-1));
    let own = (!whole).then_some(desk.person().user);
    let filter = AuditFilter { act: act.copied(), user: own.or(user).or(nobody) };
    let before = asked.get("before").parse().unwrap_or(u64::MAX);
    let entries = desk.store().audit_before(before, filter, PAGE_ENTRIES).await?;
    let names: HashMap<UserId, String> =
        users.into_iter().map(|user| (user.person.user, format!("{} ({})", user.person.name, user.login))).collect();
    let devices: HashMap<DeviceId, String> =
        desk.hub().devices().await?.into_iter().map(|device| (device.id, device.label)).collect();
    let more = entries.last().filter(|_| entries.len() == PAGE_ENTRIES as usize);
    let next = more.map(|last| {
        let kept = asked.query_without(|name, _| name == "before" || name == "verify");
        format!("/console/audit?{kept}&before={}", encode(&last.number.to_string()))
    });
    let verified = match asked.get("verify") {
        "" => None,
        _ if !whole => return Err(Problem::NotAllowed),
        _ => Some(verified(&desk).await?),
    };
    let page = AuditPage {
        page: Page::new(&desk, words.get(title(&desk)), "/console/audit", &asked),
        whole,
        acts: Act::ALL
            .iter()
            .map(|one| Choice {
                key: one.key().to_owned(),
                label: words.of_key(&format!("audit.{}", one.key())),
                chosen: Some(one) == act,
            })
            .collect(),
        rows: entries.iter().map(|entry| row(&desk, entry, &names, &devices)).collect(),
        login,
        next,
        verified,
    };
    Ok(layout::html(&page)?.into_response())
}

async fn verified(desk: &Desk) -> Result<Verified, Problem> {
    let words = desk.words;
    Ok(match audit::verify(desk.store()).await? {
        Ok(chain) => {
            let head: String = chain.head.iter().map(|byte| format!("{byte:02x}")).collect();
            let values = [("n", number(chain.entries)), ("head", format!("{}:{head}", chain.entries))];
            let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
            Verified { holds: true, text: words.fill("audit.holds", &values) }
        }
        Err(broken) => {
            tracing::error!(entry = broken.0, "the audit log is broken");
            Verified { holds: false, text: words.fill("audit.broken", &[("n", &broken.0.to_string())]) }
        }
    })
}

fn row(desk: &Desk, entry: &AuditEntry, names: &HashMap<UserId, String>, devices: &HashMap<DeviceId, String>) -> Row {
    let words = desk.words;
    let who = entry.user.map(|user| names.get(&user).cloned().unwrap_or_else(|| words.get("unknown_person").into()));
    let device = entry.device.map(|device| {
        let label = devices.get(&device).map(String::as_str).unwrap_or_default();
        format!("#{} {label}", device.0)
    });
    Row {
        number: entry.number,
        at: words.moment(entry.at_ms),
        who: who.unwrap_or_else(|| words.get("audit.server").to_owned()),
        device: device.unwrap_or_default(),
        act: words.of_key(&format!("audit.{}", entry.act)),
        subject: entry.subject.clone(),
        reason: entry.reason.clone(),
    }
}
