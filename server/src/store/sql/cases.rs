//! Official events: the log of a case, the fold beside it, its numbers, and what came back.

use std::{collections::HashMap, sync::LazyLock};

use lianxin_shared::{
    case::CaseRow,
    id::{DeviceId, EventId, Position, RecordId, SpaceId, UnitCode, UserId},
    wire::SentEvent,
};

use super::{
    SqlStore, Writing,
    engine::{Columns, Engine},
    keys,
    log::{self, IN_MAX, position_arg},
    rates,
    statement::{Arg, Statement},
    write::{each_in, insert, storable},
};
use crate::store::{
    CaseSpaces, Decision, FiledEvent, NewEvent, Release, ReturnedRequest, Snapshot, StoredCase, WritePlan,
};

/// Rows that one piece of the log is read in.
const EVENT_ROWS: i64 = 256;
const EVENT_COLUMNS: &str = "select space, position, record, kind, seq, id, made_ms, received_ms, body from events";
const RETURNED_COLUMNS: &str =
    "select id, user_id, space, record, kind, device, made_ms, received_ms, body, why from returned";

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn read_events(
        &self,
        space: SpaceId,
        after: Position,
        to: Position,
        bytes_max: usize,
    ) -> anyhow::Result<Vec<SentEvent>> {
        let (mut events, mut bytes, mut after) = (Vec::new(), 0, position_arg(after));
        loop {
            let mut select = Statement::new(EVENT_COLUMNS);
            select.push(" where space = ").arg(space.0).push(" and position > ").arg(after);
            select.push(" and position <= ").arg(position_arg(to)).push(" order by position limit ").arg(EVENT_ROWS);
            let rows = self.rows(select).await?;
            for row in &rows {
                let event = event::<DB>(row)?;
                bytes += event.body.len();
                after = position_arg(event.position);
                events.push(event);
                if bytes >= bytes_max {
                    return Ok(events);
                }
            }
            if rows.len() < EVENT_ROWS as usize {
                return Ok(events);
            }
        }
    }

    pub(super) async fn read_case_events(&self, record: RecordId) -> anyhow::Result<Vec<SentEvent>> {
        let mut select = Statement::new(EVENT_COLUMNS);
        select.push(" where record = ").arg(record.0).push(" order by seq");
        self.rows(select).await?.iter().map(event::<DB>).collect()
    }

    pub(super) async fn read_case_rows(&self, records: &[RecordId]) -> anyhow::Result<HashMap<RecordId, CaseRow>> {
        let mut found = HashMap::new();
        for records in records.chunks(IN_MAX) {
            let mut select = Statement::new("select record, folded from cases where record in ");
            select.list(records.iter().map(|id| id.0));
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                found.insert(columns.id()?, serde_json::from_str(&columns.text()?)?);
            }
        }
        Ok(found)
    }

    pub(super) async fn read_returned(
        &self,
        spaces: &[SpaceId],
        cases: &CaseSpaces,
        limit: u32,
    ) -> anyhow::Result<Vec<ReturnedRequest>> {
        self.rows(returned_in(spaces, cases, limit)).await?.iter().map(returned::<DB>).collect()
    }

    pub(super) async fn read_releases(
        &self,
        unit: &UnitCode,
        since_ms: i64,
        limit: u32,
    ) -> anyhow::Result<Vec<Release>> {
        let select = "select received_ms, record, seq, act from releases where unit = $1 and received_ms >= $2 \
             order by received_ms desc, record desc, seq desc limit $3";
        let select = Statement::new(select).bind(unit.0.as_str()).bind(since_ms).bind(i64::from(limit));
        let read = |row: &DB::Row| {
            let mut columns = Columns::<DB>::of(row);
            Ok(Release {
                received_ms: columns.int()?,
                case: columns.id()?,
                seq: columns.number(|seq| seq.try_into().ok())?,
                act: columns.text()?,
                unit: unit.clone(),
            })
        };
        self.rows(select).await?.iter().map(read).collect()
    }

    pub(super) async fn read_book(&self, after: u32) -> anyhow::Result<Option<(u32, String)>> {
        let select = "select version, book from books where version > $1 order by version desc limit 1";
        let rows = self.rows(Statement::new(select).bind(after)).await?;
        let read = |row: &DB::Row| {
            let mut columns = Columns::<DB>::of(row);
            Ok((columns.number(|version| version.try_into().ok())?, columns.text()?))
        };
        rows.first().map(read).transpose()
    }

    pub(super) async fn insert_book(&self, version: u32, book: &str, now_ms: i64) -> anyhow::Result<bool> {
        let insert = "insert into books (version, made_ms, book) values ($1, $2, $3) \
             on conflict (version) do nothing returning version";
        let insert = Statement::new(insert).bind(version).bind(now_ms).bind(book);
        Ok(!self.change(insert).await?.is_empty())
    }
}

fn returned_in(spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Statement {
    let mut select = Statement::new(RETURNED_COLUMNS);
    keys::readable(select.push(" where "), "+returned.space", spaces, cases);
    select.push(" order by received_ms desc, id limit ").arg(i64::from(limit));
    select
}

/// Reads the states of the records' cases, on which rights depend, and what a decision on cases needs;
/// nothing of that when there are none.
pub(super) async fn read<DB: Engine>(
    writing: &mut Writing<DB>,
    plan: &WritePlan,
    snapshot: &mut Snapshot,
) -> anyhow::Result<()> {
    const CASES: &str = "select space, position, record, kind, seq, id, made_ms, received_ms, body from events \
         where record in ";
    const FILED: &str = "select id, user_id, record, seq, position, received_ms from events where id in ";
    const RETURNED: &str = "select user_id, id, why from returned where id in ";
    const STATES: &str = "select record, state from cases where record in ";
    let records: Vec<[u8; 16]> = plan.records.iter().map(|id| id.0).collect();
    for row in writing.run_all(each_in(STATES, &records)).await? {
        let mut columns = Columns::<DB>::of(&row);
        snapshot.states.insert(columns.id()?, columns.text()?);
    }
    if plan.cases.is_empty() {
        return Ok(());
    }
    let cases: Vec<[u8; 16]> = plan.cases.iter().map(|id| id.0).collect();
    for row in writing.run_all(each_in(CASES, &cases)).await? {
        let event = event::<DB>(&row)?;
        snapshot.cases.entry(event.case).or_default().push(event);
    }
    snapshot.cases.values_mut().for_each(|events| events.sort_unstable_by_key(|event| event.seq));
    let ids: Vec<[u8; 16]> = plan.requests.iter().map(|id| id.0).collect();
    for row in writing.run_all(each_in(FILED, &ids)).await? {
        let mut columns = Columns::<DB>::of(&row);
        let id: EventId = columns.id()?;
        let filed = FiledEvent {
            user: UserId(columns.int()?),
            case: columns.id()?,
            seq: columns.number(|seq| seq.try_into().ok())?,
            position: log::position(&mut columns)?,
            received_ms: columns.int()?,
        };
        snapshot.filed.insert(id, filed);
    }
    for row in writing.run_all(each_in(RETURNED, &ids)).await? {
        let mut columns = Columns::<DB>::of(&row);
        let key = (UserId(columns.int()?), columns.id()?);
        snapshot.returned.insert(key, columns.text()?);
    }
    let mut numbers = Statement::new("select space, series, last from case_numbers where space in ");
    numbers.list(snapshot.spaces.keys().map(|space| space.0));
    for row in writing.run(numbers).await? {
        let mut columns = Columns::<DB>::of(&row);
        let key = (log::space(&mut columns)?, columns.text()?);
        snapshot.numbers.insert(key, columns.number(|last| last.try_into().ok())?);
    }
    Ok(())
}

/// The columns of `cases`, in the order of [`case_row`]: what each is there for, the migrations say.
const COLUMNS: &[&str] = &["record", "kind", "space", "seq", "state", "lead_unit", "tier", "folded", "lead_name"];
/// Those that stay what they were when the case opened.
const FIXED: [&str; 3] = ["record", "kind", "space"];
static CASES: LazyLock<String> = LazyLock::new(|| {
    let columns = [COLUMNS, rates::COLUMNS].concat().join(", ");
    format!("insert into cases ({columns}) values ")
});
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let columns = [COLUMNS, rates::COLUMNS].concat();
    let written = columns.iter().filter(|column| !FIXED.contains(column));
    let written: Vec<String> = written.map(|column| format!("{column} = excluded.{column}")).collect();
    format!(" on conflict (record) do update set {}", written.join(", "))
});

/// What a decision on requests comes to.
pub(super) fn statements(decision: &Decision) -> anyhow::Result<Vec<Statement>> {
    const EVENTS: &str = "insert into events (space, position, record, kind, seq, id, user_id, device, made_ms, \
         received_ms, body) values ";
    const NUMBERS: &str = "insert into case_numbers (space, series, last) values ";
    const LAST: &str = " on conflict (space, series) do update set last = excluded.last";
    const RETURNED: &str = "insert into returned (id, user_id, space, record, kind, device, made_ms, received_ms, \
         body, why) values ";
    const NOT_TWICE: &str = " on conflict (id, user_id) do nothing";
    let mut statements = insert(EVENTS, decision.events.iter().map(event_row).collect(), "");
    let cases = decision.cases.iter().map(|(id, case)| case_row(*id, case)).collect::<anyhow::Result<_>>()?;
    statements.append(&mut insert(&CASES, cases, &UPDATE));
    statements.extend(decision.cases.iter().map(|(id, case)| standing(*id, case)));
    statements.append(&mut rates::promised(&decision.cases));
    const RELEASES: &str = "insert into releases (unit, received_ms, record, seq, act) values ";
    statements.append(&mut insert(RELEASES, decision.releases.iter().map(release_row).collect(), ""));
    let number =
        |(space, series, last): &(SpaceId, String, u32)| vec![space.0.into(), series.as_str().into(), (*last).into()];
    statements.append(&mut insert(NUMBERS, decision.numbers.iter().map(number).collect(), LAST));
    statements.append(&mut insert(RETURNED, decision.returned.iter().map(returned_row).collect(), NOT_TWICE));
    Ok(statements)
}

fn event_row(new: &NewEvent) -> Vec<Arg> {
    let event = &new.event;
    vec![
        event.space.0.into(),
        position_arg(event.position).into(),
        event.case.0.into(),
        event.kind.into(),
        event.seq.into(),
        event.id.0.into(),
        new.user.0.into(),
        new.device.0.into(),
        event.made_ms.into(),
        event.received_ms.into(),
        event.body.as_str().into(),
    ]
}

fn release_row(release: &Release) -> Vec<Arg> {
    vec![
        storable(&release.unit.0).into(),
        release.received_ms.into(),
        release.case.0.into(),
        release.seq.into(),
        release.act.as_str().into(),
    ]
}

fn case_row(id: RecordId, case: &StoredCase) -> anyhow::Result<Vec<Arg>> {
    let row = &case.row;
    let mut values = vec![
        id.0.into(),
        (case.kind as u8).into(),
        case.space.0.into(),
        row.seq.into(),
        row.state.as_str().into(),
        row.lead.as_ref().map(|lead| lead.code.0.clone()).unwrap_or_default().into(),
        row.tier.map(|tier| tier.key()).unwrap_or_default().into(),
        serde_json::to_string(row)?.into(),
        row.lead.as_ref().map(|lead| lead.name.clone()).unwrap_or_default().into(),
    ];
    values.extend(rates::columns(&case.measures));
    Ok(values)
}

/// What the record's own row says of its case, so that ledgers need no other.
fn standing(id: RecordId, case: &StoredCase) -> Statement {
    // Due is the day of the first limit that runs; empty where none does.
    const UPDATE: &str = "update records set state = $2, due = $3, exit = $4, sort_days = $5, feedback_days = $6 \
         where id = $1";
    let row = &case.row;
    Statement::new(UPDATE)
        .bind(id.0)
        .bind(row.state.as_str())
        .bind(row.next_due().map(|due| due.on.to_string()).unwrap_or_default())
        .bind(row.exit.map(|exit| exit.key()).unwrap_or_default())
        .bind(row.sort_days)
        .bind(row.feedback_days)
}

fn returned_row(request: &ReturnedRequest) -> Vec<Arg> {
    vec![
        request.id.0.into(),
        request.user.0.into(),
        request.space.0.into(),
        request.case.0.into(),
        request.kind.into(),
        request.device.0.into(),
        request.made_ms.into(),
        request.received_ms.into(),
        request.body.as_str().into(),
        request.why.as_str().into(),
    ]
}

fn event<DB: Engine>(row: &DB::Row) -> anyhow::Result<SentEvent> {
    let mut columns = Columns::<DB>::of(row);
    Ok(SentEvent {
        space: log::space(&mut columns)?,
        position: log::position(&mut columns)?,
        case: columns.id()?,
        kind: columns.number(|kind| kind.try_into().ok())?,
        seq: columns.number(|seq| seq.try_into().ok())?,
        id: columns.id()?,
        made_ms: columns.int()?,
        received_ms: columns.int()?,
        body: columns.text()?,
    })
}

fn returned<DB: Engine>(row: &DB::Row) -> anyhow::Result<ReturnedRequest> {
    let mut columns = Columns::<DB>::of(row);
    Ok(ReturnedRequest {
        id: columns.id()?,
        user: UserId(columns.int()?),
        space: log::space(&mut columns)?,
        case: columns.id()?,
        kind: columns.number(|kind| kind.try_into().ok())?,
        device: DeviceId(columns.int()?),
        made_ms: columns.int()?,
        received_ms: columns.int()?,
        body: columns.text()?,
        why: columns.text()?,
    })
}
