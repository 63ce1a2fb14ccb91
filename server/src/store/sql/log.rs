//! Reading the log and single records.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    id::{Actor, ChangeHash, DeviceId, Position, RecordId, SpaceId, UserId},
    schema::Kind,
    summary::Summary,
    wire::{Author, RefusalReason, Refused},
};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    keys,
    statement::Statement,
};
use crate::store::{CaseSpaces, LogEntry, Quarantined, ReceivedChange, RecordBegun, StoredRecord};

/// Rows that one piece of the log is read in: bounded memory whatever the changes' size.
const LOG_ROWS: i64 = 256;
/// Values in one `in (…)`.
pub(super) const IN_MAX: usize = 512;

pub(super) const QUARANTINE_COLUMNS: &str =
    "select hash, space, record, kind, device, user_id, reason, field, received_ms, bytes from quarantine";
pub(super) const RECORD_COLUMNS: &str = "select r.id, r.kind, r.space, d.doc, r.summary, r.search, r.created_ms, r.updated_ms \
     from records r join documents d on d.record = r.id where r.id in ";

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn read_record(&self, id: RecordId) -> anyhow::Result<Option<StoredRecord>> {
        let mut select = Statement::new(RECORD_COLUMNS);
        select.list([id.0]);
        let rows = self.rows(select).await?;
        rows.first().map(|row| Ok(record::<DB>(row)?.1)).transpose()
    }

    pub(super) async fn read_log(
        &self,
        space: SpaceId,
        after: Position,
        bytes_max: usize,
    ) -> anyhow::Result<Vec<LogEntry>> {
        const SELECT: &str = "select position, record, kind, hash, actor, received_ms, bytes from changes \
             where space = $1 and position > $2 order by position limit $3";
        let (mut entries, mut bytes, mut after) = (Vec::new(), 0, position_arg(after));
        loop {
            let select = Statement::new(SELECT).bind(space.0).bind(after).bind(LOG_ROWS);
            let rows = self.rows(select).await?;
            for row in &rows {
                let entry = log_entry(space, Columns::<DB>::of(row))?;
                bytes += entry.bytes.len();
                after = position_arg(entry.position);
                entries.push(entry);
                if bytes >= bytes_max {
                    return Ok(entries);
                }
            }
            if rows.len() < LOG_ROWS as usize {
                return Ok(entries);
            }
        }
    }

    pub(super) async fn read_records_before(
        &self,
        space: SpaceId,
        below: Position,
        limit: usize,
    ) -> anyhow::Result<Vec<RecordBegun>> {
        // 0 says that nothing of a record is in the log.
        const SELECT: &str = "select id, first_position, created_ms, updated_ms, changes from records \
             where space = $1 and first_position > 0 and first_position < $2 order by first_position desc limit $3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let select = Statement::new(SELECT).bind(space.0).bind(position_arg(below)).bind(limit);
        self.rows(select)
            .await?
            .iter()
            .map(|row| {
                let mut columns = Columns::<DB>::of(row);
                Ok(RecordBegun {
                    id: columns.id()?,
                    first: position(&mut columns)?,
                    created_ms: columns.int()?,
                    updated_ms: columns.int()?,
                    changes: columns.number(|number| number.try_into().ok())?,
                })
            })
            .collect()
    }

    pub(super) async fn read_changes_of(
        &self,
        records: &[RecordId],
    ) -> anyhow::Result<HashMap<RecordId, Vec<LogEntry>>> {
        let mut changes: HashMap<RecordId, Vec<LogEntry>> = HashMap::new();
        for records in records.chunks(IN_MAX) {
            let mut select = Statement::new(
                "select space, position, record, kind, hash, actor, received_ms, bytes from changes where record in ",
            );
            select.list(records.iter().map(|record| record.0));
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                let entry = log_entry(space(&mut columns)?, columns)?;
                changes.entry(entry.record).or_default().push(entry);
            }
        }
        changes.values_mut().for_each(|changes| changes.sort_unstable_by_key(|entry| entry.position));
        Ok(changes)
    }

    pub(super) async fn read_places(&self, ids: &[RecordId]) -> anyhow::Result<HashMap<RecordId, SpaceId>> {
        let mut places = HashMap::new();
        for ids in ids.chunks(IN_MAX) {
            let mut select = Statement::new("select id, space from records where id in ");
            select.list(ids.iter().map(|id| id.0));
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                places.insert(columns.id()?, space(&mut columns)?);
            }
        }
        Ok(places)
    }

    pub(super) async fn read_ends(&self, spaces: &[SpaceId]) -> anyhow::Result<HashMap<SpaceId, Position>> {
        let mut ends = HashMap::new();
        for spaces in spaces.chunks(IN_MAX) {
            let mut select = Statement::new("select id, position from spaces where id in ");
            select.list(spaces.iter().map(|space| space.0));
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                ends.insert(space(&mut columns)?, position(&mut columns)?);
            }
        }
        Ok(ends)
    }

    pub(super) async fn read_authors(&self, actors: &HashSet<Actor>) -> anyhow::Result<Vec<Author>> {
        let actors: Vec<Actor> = actors.iter().copied().collect();
        let mut authors = Vec::with_capacity(actors.len());
        for actors in actors.chunks(IN_MAX) {
            let mut select = Statement::new(
                "select a.actor, u.id, u.name from actors a join devices d on d.id = a.device \
                 join users u on u.id = d.user_id where a.actor in ",
            );
            select.list(actors.iter().map(|actor| actor.0)).push(" order by a.actor");
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                let (actor, user, name) = (columns.id()?, UserId(columns.int()?), columns.text()?);
                authors.push(Author { actor, user, name });
            }
        }
        Ok(authors)
    }

    pub(super) async fn read_founded(&self, since_ms: i64) -> anyhow::Result<Vec<RecordId>> {
        let select = "select distinct record from founded_away where received_ms >= $1";
        let rows = self.rows(Statement::new(select).bind(since_ms)).await?;
        rows.iter().map(|row| Columns::<DB>::of(row).id()).collect()
    }

    pub(super) async fn read_received(&self, record: RecordId) -> anyhow::Result<Vec<ReceivedChange>> {
        let select = "select hash, received_ms from changes where record = $1 order by position";
        let rows = self.rows(Statement::new(select).bind(record.0)).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::<DB>::of(row);
                Ok(ReceivedChange { hash: columns.id()?, received_ms: columns.int()? })
            })
            .collect()
    }

    pub(super) async fn read_quarantine(
        &self,
        spaces: &[SpaceId],
        cases: &CaseSpaces,
        limit: u32,
    ) -> anyhow::Result<Vec<Quarantined>> {
        self.rows(refused_in(spaces, cases, limit)).await?.iter().map(quarantined::<DB>).collect()
    }
}

/// All that is open is looked at: there is a bound on what is kept of each user.
fn refused_in(spaces: &[SpaceId], cases: &CaseSpaces, limit: u32) -> Statement {
    let mut select = Statement::new(QUARANTINE_COLUMNS);
    keys::readable(select.push(" where settled is null and "), "+quarantine.space", spaces, cases);
    select.push(" order by received_ms desc, hash limit ").arg(i64::from(limit));
    select
}

/// What [`RECORD_COLUMNS`] selects.
pub(super) fn record<DB: Engine>(row: &DB::Row) -> anyhow::Result<(RecordId, StoredRecord)> {
    let mut columns = Columns::<DB>::of(row);
    let id = columns.id()?;
    let kind = kind(&mut columns)?;
    let space = space(&mut columns)?;
    let doc = columns.bytes()?;
    let summary: Summary = serde_json::from_str(&columns.text()?)?;
    let summary = Summary { search: columns.text()?, ..summary };
    Ok((id, StoredRecord { kind, space, doc, summary, created_ms: columns.int()?, updated_ms: columns.int()? }))
}

fn log_entry<DB: Engine>(space: SpaceId, mut columns: Columns<'_, DB>) -> anyhow::Result<LogEntry> {
    Ok(LogEntry {
        space,
        position: position(&mut columns)?,
        record: columns.id()?,
        kind: kind(&mut columns)?,
        hash: columns.id()?,
        actor: columns.id()?,
        received_ms: columns.int()?,
        bytes: columns.bytes()?,
    })
}

pub(super) fn quarantined<DB: Engine>(row: &DB::Row) -> anyhow::Result<Quarantined> {
    let mut columns = Columns::<DB>::of(row);
    let hash: ChangeHash = columns.id()?;
    let space = space(&mut columns)?;
    let record = columns.id()?;
    let kind = columns.number(|number| u8::try_from(number).ok())?;
    let (device, user) = (DeviceId(columns.int()?), UserId(columns.int()?));
    let refused = refused(&mut columns)?;
    Ok(Quarantined {
        hash,
        space,
        record,
        kind,
        device,
        user,
        refused,
        received_ms: columns.int()?,
        bytes: columns.bytes()?,
    })
}

pub(super) fn kind<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Kind> {
    columns.number(|number| Kind::from_number(number.try_into().ok()?))
}

pub(super) fn space<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<SpaceId> {
    columns.number(|number| number.try_into().ok().map(SpaceId))
}

pub(super) fn position<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Position> {
    columns.number(|number| number.try_into().ok().map(Position))
}

pub(super) fn refused<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Refused> {
    let reason = columns.number(|number| number.try_into().ok().map(RefusalReason::from_number))?;
    Ok(Refused { reason, field: columns.text()? })
}

/// A position beyond what the engines count is behind everything.
pub(super) fn position_arg(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
