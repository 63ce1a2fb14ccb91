//! What needs the reader today: counts of what waits for their role, each with the way to the list.

use lianxin_shared::{
    case::{Date, HANDED_OVER},
    id::SpaceId,
    rights::{Role, SpaceKind},
    schema::Kind,
};

use super::{
    desk::Desk, devices, directory::everything, input::encode, layout::ledger_href, problem::Problem, quarantine,
    words::number,
};
use crate::store::{CaseFilter, IN_CONFLICT, LedgerQuery};

/// Refused changes that are counted; more are said to be at least so many.
const REFUSED_COUNTED_MAX: u32 = 200;

/// A kind of work that waits.
pub(super) struct Waiting {
    pub key: &'static str,
    pub label: String,
    pub number: String,
    pub href: String,
    /// Something is late or stuck.
    pub pressing: bool,
}

/// What waits in one state, and for whom.
struct Work {
    key: &'static str,
    kind: Kind,
    states: &'static [&'static str],
    roles: &'static [Role],
}

const fn work(key: &'static str, kind: Kind, states: &'static [&'static str], roles: &'static [Role]) -> Work {
    Work { key, kind, states, roles }
}

/// In the order in which a day's work goes. Whose work it is, the judge of each act says (`shared::case`).
const WORK: [Work; 18] = [
    work("today.handed_over.voice", Kind::Voice, &[HANDED_OVER], &[Role::Town]),
    work("today.handed_over.suggestion", Kind::Suggestion, &[HANDED_OVER], &[Role::Town, Role::District]),
    work("today.handed_over.activity", Kind::Activity, &[HANDED_OVER], &[Role::Town]),
    work("today.handed_over.duty_report", Kind::DutyReport, &[HANDED_OVER], &[Role::Town]),
    work("today.handed_over.dossier_entry", Kind::DossierEntry, &[HANDED_OVER], &[Role::Town]),
    work("today.sort", Kind::Voice, &["recorded"], &[Role::Station, Role::Town]),
    work("today.route", Kind::Voice, &["sorted"], &[Role::Town]),
    work("today.tell", Kind::Voice, &["result", "petition"], &[Role::Station, Role::Town]),
    work("today.strike_off", Kind::Voice, &["fed_back", "petition_told"], &[Role::Station]),
    work("today.verify", Kind::Activity, &["submitted"], &[Role::Town]),
    work("today.review", Kind::Suggestion, &["submitted", "review"], &[Role::Town, Role::District]),
    work("today.assign", Kind::Suggestion, &["accepted"], &[Role::Town, Role::District]),
    work("today.decide", Kind::Suggestion, &["return_asked", "extension_asked"], &[Role::Town, Role::District]),
    work("today.answered", Kind::Suggestion, &["answered"], &[Role::Town, Role::District]),
    work(
        "today.conclude",
        Kind::Suggestion,
        &["evaluated", "not_evaluated", "coordination"],
        &[Role::Town, Role::District],
    ),
    work("today.unit.sign", Kind::Suggestion, &["assigned"], &[Role::Unit]),
    work("today.unit.reply", Kind::Suggestion, &["in_hand", "rehandling"], &[Role::Unit]),
    // What a unit need not go on with is told as long as the case is on its list.
    work("today.unit.ended", Kind::Suggestion, &["withdrawn", "converted"], &[Role::Unit]),
];

/// What waits for this reader; nothing of what there is none of.
pub(super) async fn waiting(desk: &Desk) -> Result<Vec<Waiting>, Problem> {
    let mut waiting = Vec::new();
    for work in WORK.iter().filter(|work| desk.reads(work.kind) && work.roles.iter().any(|role| desk.has_role(*role))) {
        let states = work.states.iter().map(|state| (*state).to_owned()).collect();
        let query = LedgerQuery { case: CaseFilter { states, ..CaseFilter::default() }, ..own(desk, work.kind) };
        let states: Vec<String> = work.states.iter().map(|state| format!("state={state}")).collect();
        let href = format!("{}?{}{}", ledger_href(work.kind), states.join("&"), own_desk(desk, work.kind));
        counted(desk, work.key, &query, href, false, &mut waiting).await?;
    }
    limits(desk, &mut waiting).await?;
    to_be_mended(desk, &mut waiting).await?;
    feedback(desk, &mut waiting).await?;
    conflicts(desk, &mut waiting).await?;
    refused(desk, &mut waiting).await?;
    if desk.manages_devices() {
        let silent = devices::silent(desk).await?;
        push(desk, "today.devices", silent, "/console/devices?silent=yes".into(), true, &mut waiting);
    }
    Ok(waiting)
}

/// 超期 and 临期.
async fn limits(desk: &Desk, waiting: &mut Vec<Waiting>) -> Result<(), Problem> {
    let yesterday = Date::at(desk.now_ms()).plus_days(-1).to_string();
    let kinds = [(Kind::Suggestion, "today.over_suggestions"), (Kind::Voice, "today.over_voices")];
    for (kind, key) in kinds.into_iter().filter(|(kind, _)| desk.reads(*kind)) {
        let case = CaseFilter { due_to: Some(yesterday.clone()), ..CaseFilter::default() };
        let query = LedgerQuery { case, ..everything(desk, kind) };
        let href = format!("{}?due=over&order=due", ledger_href(kind));
        counted(desk, key, &query, href, true, waiting).await?;
    }
    Ok(())
}

/// What guidance visits found: followed until it is solved (E14).
async fn to_be_mended(desk: &Desk, waiting: &mut Vec<Waiting>) -> Result<(), Problem> {
    let follows = desk.has_role(Role::Town) || desk.has_role(Role::District) || desk.has_role(Role::Leader);
    if !follows || !desk.reads(Kind::Rectification) {
        return Ok(());
    }
    for (state, key) in [("open", "today.rectification.open"), ("mending", "today.rectification.mending")] {
        let query = LedgerQuery { status: Some(state.into()), ..everything(desk, Kind::Rectification) };
        let href = format!("{}?status={state}", ledger_href(Kind::Rectification));
        counted(desk, key, &query, href, false, waiting).await?;
    }
    Ok(())
}

/// What users say of this system, until somebody takes it up (E21).
async fn feedback(desk: &Desk, waiting: &mut Vec<Waiting>) -> Result<(), Problem> {
    if !desk.has_role(Role::Town) && !desk.has_role(Role::District) {
        return Ok(());
    }
    let query = LedgerQuery { status: Some("open".into()), ..everything(desk, Kind::AppFeedback) };
    let href = format!("{}?status=open", ledger_href(Kind::AppFeedback));
    counted(desk, "today.feedback", &query, href, false, waiting).await
}

async fn conflicts(desk: &Desk, waiting: &mut Vec<Waiting>) -> Result<(), Problem> {
    let kinds = [
        (Kind::Activity, "today.conflicts.activity"),
        (Kind::Voice, "today.conflicts.voice"),
        (Kind::Suggestion, "today.conflicts.suggestion"),
        (Kind::ReceptionDay, "today.conflicts.reception_day"),
    ];
    for (kind, key) in kinds.into_iter().filter(|(kind, _)| desk.reads(*kind)) {
        let query = LedgerQuery { tags: vec![IN_CONFLICT.into()], ..everything(desk, kind) };
        let href = format!("{}?tag={}", ledger_href(kind), encode(IN_CONFLICT));
        counted(desk, key, &query, href, false, waiting).await?;
    }
    Ok(())
}

/// What waits for a decision. A returned request is its author's to take up again.
async fn refused(desk: &Desk, waiting: &mut Vec<Waiting>) -> Result<(), Problem> {
    let spaces: Vec<SpaceId> = desk.spaces.iter().map(|granted| granted.space.id).collect();
    let refused = desk.store().quarantine(&spaces, &desk.cases(), REFUSED_COUNTED_MAX).await?;
    let changes = refused.iter().filter(|change| quarantine::is_told(desk, change.space, change.kind)).count();
    push(desk, "today.refused", changes as u64, "/console/quarantine".into(), false, waiting);
    Ok(())
}

/// Whoever decides for the district decides at the district's desk; the towns' cases are theirs.
fn own(desk: &Desk, kind: Kind) -> LedgerQuery {
    let query = everything(desk, kind);
    if kind == Kind::Suggestion && desk.has_role(Role::District) {
        return desk.at_desk(query, SpaceKind::DistrictOffice);
    }
    query
}

fn own_desk(desk: &Desk, kind: Kind) -> &'static str {
    if kind == Kind::Suggestion && desk.has_role(Role::District) { "&office=district" } else { "" }
}

async fn counted(
    desk: &Desk,
    key: &'static str,
    query: &LedgerQuery,
    href: String,
    pressing: bool,
    waiting: &mut Vec<Waiting>,
) -> Result<(), Problem> {
    let records = desk.store().count(query).await?.records;
    push(desk, key, records, href, pressing, waiting);
    Ok(())
}

fn push(desk: &Desk, key: &'static str, records: u64, href: String, pressing: bool, waiting: &mut Vec<Waiting>) {
    if records > 0 {
        waiting.push(Waiting { key, label: desk.words.get(key).to_owned(), number: number(records), href, pressing });
    }
}
