//! The devices: when each was last heard of, what it has not sent, and how to end one.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    id::{DeviceId, UserId},
    limits::CLOCK_OFFSET_NOTICE_MS,
};

use super::{
    desk::Desk,
    input::Asked,
    layout::{self, Page},
    problem::Problem,
    words::{Words, number},
};
use crate::store::{Act, Device, DeviceKind};

/// A phone with unsent records that was not heard of for longer is pointed out, in milliseconds
/// (DOMAIN §7.2: three days).
const SILENT_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// Devices shown: a district has some 900 deputies and 200 staff.
const SHOWN_MAX: usize = 3000;

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    page: Page,
    rows: Vec<Row>,
    count: String,
    ended: bool,
}

struct Row {
    id: i64,
    who: String,
    label: String,
    kind: &'static str,
    seen: String,
    version: String,
    unsent: String,
    warnings: Vec<String>,
    revoked: Option<String>,
    /// The session that looks at the page.
    own: bool,
}

pub(super) async fn page(desk: Desk, Asked(asked): Asked) -> Result<Response, Problem> {
    if !desk.manages_devices() {
        return Err(Problem::NotFound);
    }
    let words = desk.words;
    let ended = asked.get("ended") == "yes";
    let silent = asked.get("silent") == "yes";
    let users = desk.store().users().await?.into_iter().map(|user| (user.person.user, user.person.name));
    let users: HashMap<UserId, String> = users.collect();
    let mut devices = desk.hub().devices().await?;
    devices.retain(|device| ended || device.revoked_ms.is_none());
    devices.retain(|device| !silent || is_silent(device, desk.now_ms()));
    devices.sort_by_key(|device| (device.kind == DeviceKind::Console, std::cmp::Reverse(device.last_seen_ms)));
    let count = words.fill("devices.count", &[("n", &number(devices.len() as i64))]);
    devices.truncate(SHOWN_MAX);
    let page = DevicesPage {
        page: Page::new(&desk, words.get("devices.title"), "/console/devices", &asked),
        rows: devices.iter().map(|device| row(&desk, device, &users)).collect(),
        count,
        ended,
    };
    Ok(layout::html(&page)?.into_response())
}

/// Phones with unsent records that were not heard of for long.
pub(super) async fn silent(desk: &Desk) -> Result<u64, Problem> {
    let devices = desk.hub().devices().await?;
    Ok(devices.iter().filter(|device| is_silent(device, desk.now_ms())).count() as u64)
}

fn is_silent(device: &Device, now_ms: i64) -> bool {
    let silent = now_ms.saturating_sub(device.last_seen_ms) > SILENT_MS;
    silent && device.unsent > 0 && device.revoked_ms.is_none() && device.kind == DeviceKind::Phone
}

pub(super) async fn revoke(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    if !desk.manages_devices() {
        return Err(Problem::NotFound);
    }
    let id: i64 = id.parse().map_err(|_| Problem::NotFound)?;
    let known = desk.hub().devices().await?.into_iter().any(|device| device.id == DeviceId(id));
    if !known {
        return Err(Problem::NotFound);
    }
    desk.store().revoke(DeviceId(id), desk.now_ms()).await?;
    desk.note(Act::DeviceRevoke, id.to_string(), "").await?;
    tracing::info!(device = id, by = desk.person().user.0, "a device was revoked");
    Ok(Redirect::to("/console/devices?done=revoked").into_response())
}

fn row(desk: &Desk, device: &Device, users: &HashMap<UserId, String>) -> Row {
    let words = desk.words;
    Row {
        id: device.id.0,
        who: users.get(&device.user).cloned().unwrap_or_else(|| words.get("unknown_person").to_owned()),
        label: device.label.clone(),
        kind: words.get(match device.kind {
            DeviceKind::Phone => "devices.phone",
            DeviceKind::Console => "devices.console",
            DeviceKind::Api(_) => "devices.api",
        }),
        seen: words.moment(device.last_seen_ms),
        version: device.app_version.clone(),
        unsent: if device.kind == DeviceKind::Phone { number(device.unsent) } else { String::new() },
        warnings: warnings(words, device, desk.now_ms()),
        revoked: device.revoked_ms.map(|ms| words.moment(ms)),
        own: device.id == desk.staff.device.id,
    }
}

fn warnings(words: Words, device: &Device, now_ms: i64) -> Vec<String> {
    let silent = now_ms.saturating_sub(device.last_seen_ms);
    let mut warnings = Vec::new();
    if device.unsent > 0 && silent > SILENT_MS {
        warnings.push(words.fill("devices.silent", &[("time", &words.duration(silent))]));
    }
    if device.clock_offset_ms.saturating_abs() > CLOCK_OFFSET_NOTICE_MS {
        warnings.push(words.fill("devices.clock", &[("time", &words.duration(device.clock_offset_ms))]));
    }
    warnings
}
