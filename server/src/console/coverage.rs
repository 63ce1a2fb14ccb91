//! 代表参与面 (DOMAIN §7.0): how many of the active mandates took part in a verified activity of the year. Coverage, and
//! no list of who did how much.

use std::collections::HashSet;

use lianxin_shared::{
    case::{figures::Share, mandate},
    id::RecordId,
    schema::Kind,
};

use super::{
    desk::Desk,
    directory::everything,
    figures::{Piece, share, verified},
    layout::ledger_href,
    overview::{Asking, year_of},
    problem::Problem,
    words::number,
};
use crate::store::{CaseFilter, LedgerQuery};

/// In an address, the active mandates.
const ACTIVE: &str = "active";
/// In an address, those that took part; the year comes behind it.
const COVERED: &str = "covered-";
/// Mandates that are looked at. A district has some 900.
const MANDATES_MAX: u32 = 5000;

/// The figure of the year; nothing for who reads no mandates or no activities.
pub(super) async fn figure(desk: &Desk, asking: &Asking) -> Result<Vec<Piece>, Problem> {
    if !desk.reads(Kind::Mandate) || !desk.reads(Kind::Activity) {
        return Ok(Vec::new());
    }
    let active = active(desk).await?;
    let covered = covered(desk, &active, asking.year).await?.len();
    let link = |records: usize, counts: &str| {
        Piece::link(number(records as i64), format!("{}?counts={counts}", ledger_href(Kind::Mandate)))
    };
    let part = link(covered, &format!("{COVERED}{}", asking.year));
    Ok(share(part, link(active.len(), ACTIVE), Share::new(covered, active.len()).percent()))
}

/// The mandates that an address means by this name, and the key of its words with the year; `None` where it is no name.
pub(super) async fn named(
    desk: &Desk,
    name: &str,
) -> Result<Option<(Vec<RecordId>, &'static str, Option<i64>)>, Problem> {
    let year = name.strip_prefix(COVERED).and_then(|year| year.parse().ok());
    Ok(match (name, year) {
        (ACTIVE, _) => Some((active(desk).await?, "part.active", None)),
        (_, Some(year)) => {
            let active = active(desk).await?;
            let covered = covered(desk, &active, year).await?;
            Some((covered.into_iter().collect(), "part.covered", Some(year)))
        }
        _ => None,
    })
}

/// The mandates in force, as their records say and their events do not contradict.
async fn active(desk: &Desk) -> Result<Vec<RecordId>, Problem> {
    let all = everything(desk, Kind::Mandate);
    let ids = async |query: LedgerQuery| -> Result<Vec<RecordId>, Problem> {
        let rows = desk.store().ledger(&query, None, MANDATES_MAX).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    };
    let states = [mandate::State::Suspended, mandate::State::Ended].map(|state| state.key().to_owned());
    let not_in_force = CaseFilter { states: states.into(), ..CaseFilter::default() };
    let ended: HashSet<RecordId> = ids(LedgerQuery { case: not_in_force, ..all.clone() }).await?.into_iter().collect();
    let mut active = Vec::new();
    // Nothing entered is in force too.
    for status in ["", mandate::State::Active.key()] {
        active.append(&mut ids(LedgerQuery { status: Some(status.to_owned()), ..all.clone() }).await?);
    }
    active.retain(|mandate| !ended.contains(mandate));
    Ok(active)
}

async fn covered(desk: &Desk, active: &[RecordId], year: i64) -> Result<HashSet<RecordId>, Problem> {
    let (from, to) = year_of(year);
    let activities =
        LedgerQuery { from: Some(from), to: Some(to), case: verified(), ..everything(desk, Kind::Activity) };
    Ok(desk.store().took_part(&activities, active).await?)
}
