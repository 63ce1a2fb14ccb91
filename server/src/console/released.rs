//! 请知悉: what a handling unit need not go on with (改派, 撤回, 层级转换), and since when. It is told by the number, which
//! is all that a unit is told of a case that is another's now.

use std::collections::BTreeMap;

use lianxin_shared::{
    id::RecordId,
    rights::{Post, Role},
};

use super::{desk::Desk, problem::Problem};
use crate::store::Release;

/// How long something is told.
const TOLD_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The latest that are told, of each unit.
const TOLD_MAX: u32 = 20;

/// One line of the board.
pub(super) struct Told {
    pub when: String,
    pub what: String,
}

/// For who works at a handling unit, the latest first.
pub(super) async fn told(desk: &Desk) -> Result<Vec<Told>, Problem> {
    let since_ms = desk.now_ms() - TOLD_DAYS * DAY_MS;
    let mut releases = Vec::new();
    for Post { unit, .. } in desk.person().posts.iter().filter(|post| post.role == Role::Unit) {
        releases.append(&mut desk.store().releases(unit, since_ms, TOLD_MAX).await?);
    }
    releases.sort_by_key(|release| std::cmp::Reverse(release.received_ms));
    let cases: Vec<RecordId> = releases.iter().map(|release| release.case).collect();
    let numbers: BTreeMap<RecordId, String> =
        desk.store().case_rows(&cases).await?.into_iter().filter_map(|(id, row)| Some((id, row.number?))).collect();
    let line = |release: &Release| {
        let number = numbers.get(&release.case)?;
        let what = desk.words.fill(text_of(&release.act)?, &[("number", number)]);
        Some(Told { when: desk.words.moment(release.received_ms), what })
    };
    Ok(releases.iter().filter_map(line).collect())
}

/// The words for what took it away; `None` for an act that this server does not know.
fn text_of(act: &str) -> Option<&'static str> {
    match act {
        "reassign" => Some("told.reassign"),
        "withdraw" => Some("told.withdraw"),
        "convert" => Some("told.convert"),
        _ => None,
    }
}
