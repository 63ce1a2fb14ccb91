//! Sealed personal records.

use std::collections::HashMap;

use anyhow::Context;
use async_trait::async_trait;
use lianxin_shared::{
    id::{RecordId, SealedId, UserId},
    sealed::{Deletion, WhyDeleted},
};

use super::{
    SqlStore, Writing, audit,
    engine::{Columns, Engine},
    log::{self, IN_MAX},
    statement::Statement,
};
use crate::{
    store::{
        Result,
        sealed::{
            Handled, Held, Scrub, SealedDecide, SealedOpening, SealedPlan, SealedRecord, SealedSnapshot, SealedStore,
        },
    },
    vault::{Encrypted, MasterId, WrappedKey},
};

const COLUMNS: &str = "select s.id, s.voice, s.space, s.author, s.version, s.position, s.written_ms, s.expires_ms, \
     s.deleted_ms, s.deleted_why, s.nonce, s.ciphertext, k.master, k.nonce, k.wrapped \
     from sealed s left join sealed_keys k on k.sealed = s.id where ";
/// The key of the closed state of a voice's case.
const CLOSED: &str = "closed";
const OPENINGS: &str = "select o.id, o.sealed, o.user_id, u.name, o.reason, o.asked_ms, o.approved_by, o.approved_ms, \
     o.opened_ms from sealed_openings o join users u on u.id = o.user_id where o.sealed in ";

#[async_trait]
impl<DB: Engine> SealedStore for SqlStore<DB> {
    async fn seal(&self, plan: SealedPlan, decide: SealedDecide) -> Result<Vec<u64>> {
        Ok(self.decide_and_seal(plan, decide).await?)
    }

    async fn sealed_of(&self, voice: RecordId) -> Result<Vec<SealedRecord>> {
        let mut select = Statement::new(COLUMNS);
        select.push("s.voice = ").arg(voice.0).push(" order by s.written_ms, s.id");
        Ok(self.rows(select).await?.iter().map(record::<DB>).collect::<anyhow::Result<_>>()?)
    }

    async fn sealed_changed(&self, author: UserId, position: u64, limit: u32) -> Result<Vec<SealedRecord>> {
        let mut select = Statement::new(COLUMNS);
        select.push("s.author = ").arg(author.0).push(" and s.position > ");
        select.arg(i64::try_from(position).unwrap_or(i64::MAX)).push(" order by s.position limit ").arg(limit);
        Ok(self.rows(select).await?.iter().map(record::<DB>).collect::<anyhow::Result<_>>()?)
    }

    async fn sealed_openings(&self, ids: &[SealedId]) -> Result<Vec<SealedOpening>> {
        let mut found = Vec::new();
        for ids in ids.chunks(IN_MAX) {
            let rows = self.rows(openings_of(ids)).await?;
            found.extend(rows.iter().map(opening::<DB>).collect::<anyhow::Result<Vec<_>>>()?);
        }
        Ok(found)
    }

    async fn sealed_handled(&self) -> Result<Vec<Handled>> {
        const SELECT: &str = "select s.id, c.state, max(e.received_ms) from sealed s join cases c on c.record = s.voice \
             join events e on e.record = s.voice where s.deleted_ms is null group by s.id, c.state";
        let handled = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            let (id, state) = (columns.id()?, columns.text()?);
            Ok(Handled { id, closed: state == CLOSED, last_ms: columns.int()? })
        };
        Ok(self.rows(Statement::new(SELECT)).await?.iter().map(handled).collect::<anyhow::Result<_>>()?)
    }

    async fn sealed_expired(&self, now_ms: i64, limit: u32) -> Result<Vec<SealedId>> {
        let select = "select id from sealed where deleted_ms is null and expires_ms <= $1 order by expires_ms limit $2";
        let rows = self.rows(Statement::new(select).bind(now_ms).bind(limit)).await?;
        Ok(rows.iter().map(|row| Columns::<DB>::of(row).id()).collect::<anyhow::Result<_>>()?)
    }

    async fn sealed_deleted(&self) -> Result<Vec<(SealedId, Deletion)>> {
        let select = "select id, deleted_ms, deleted_why from sealed where deleted_ms is not null order by position";
        let rows = self.rows(Statement::new(select)).await?;
        let deleted = |row| -> anyhow::Result<_> {
            let mut columns = Columns::<DB>::of(row);
            let (id, at_ms) = (columns.id()?, columns.int()?);
            Ok((id, Deletion { at_ms, why: why(&mut columns)? }))
        };
        Ok(rows.iter().map(deleted).collect::<anyhow::Result<_>>()?)
    }

    async fn sealed_masters(&self) -> Result<Vec<MasterId>> {
        let rows = self.rows(Statement::new("select distinct master from sealed_keys")).await?;
        Ok(rows.iter().map(|row| Columns::<DB>::of(row).id()).collect::<anyhow::Result<_>>()?)
    }

    async fn scrub(&self, of: Scrub) -> Result<()> {
        // Beside no writer: on SQLite emptying the log waits for the one there is.
        let _turn = match &self.one_writer {
            Some(one) => Some(one.clone().acquire_owned().await.map_err(anyhow::Error::from)?),
            None => None,
        };
        let command = match of {
            _ if self.is_sqlite() => "pragma wal_checkpoint(truncate)",
            Scrub::Sealed => "vacuum sealed, sealed_keys",
            Scrub::Records => "vacuum changes, documents, records, record_terms, quarantine",
        };
        self.rows(Statement::new(command)).await?;
        Ok(())
    }
}

impl<DB: Engine> SqlStore<DB> {
    fn is_sqlite(&self) -> bool {
        self.one_writer.is_some()
    }

    async fn decide_and_seal(&self, plan: SealedPlan, decide: SealedDecide) -> anyhow::Result<Vec<u64>> {
        const LOCK: &str = "update meta set value = value where key = 'sealed' returning value";
        const END: &str = "update meta set value = $1 where key = 'sealed'";
        let mut writing = self.begin().await?;
        let rows = writing.run(Statement::new(LOCK)).await?;
        let mut end = Columns::<DB>::of(rows.first().ok_or(sqlx::Error::RowNotFound)?).int()?;
        let snapshot = read(&mut writing, plan).await?;
        // Encrypting is quick, but a panic in a decision must be an error here.
        let decision = tokio::task::spawn_blocking(move || decide(snapshot)).await.context("the decision failed")?;
        for record in &decision.records {
            end += 1;
            put(&mut writing, record, end).await?;
        }
        for opening in &decision.openings {
            end += 1;
            put_opening(&mut writing, opening, end).await?;
        }
        writing.run(Statement::new(END).bind(end)).await?;
        let numbers = audit::append(&mut writing, &decision.audit).await?;
        writing.commit().await?;
        Ok(numbers)
    }
}

async fn read<DB: Engine>(writing: &mut Writing<DB>, plan: SealedPlan) -> anyhow::Result<SealedSnapshot> {
    let mut snapshot = SealedSnapshot::default();
    for ids in plan.ids.chunks(IN_MAX) {
        let mut select = Statement::new(COLUMNS);
        select.push("s.id in ").list(ids.iter().map(|id| id.0));
        for row in writing.run(select).await? {
            let record = record::<DB>(&row)?;
            snapshot.records.insert(record.id, record);
        }
        for row in writing.run(openings_of(ids)).await? {
            snapshot.openings.push(opening::<DB>(&row)?);
        }
    }
    snapshot.voices = HashMap::new();
    for ids in plan.voices.chunks(IN_MAX) {
        let mut select = Statement::new("select id, kind, space from records where id in ");
        select.list(ids.iter().map(|id| id.0));
        for row in writing.run(select).await? {
            let mut columns = Columns::<DB>::of(&row);
            let (id, kind) = (columns.id()?, log::kind(&mut columns)?);
            snapshot.voices.insert(id, (kind, log::space(&mut columns)?));
        }
    }
    Ok(snapshot)
}

async fn put<DB: Engine>(writing: &mut Writing<DB>, record: &SealedRecord, position: i64) -> anyhow::Result<()> {
    const FORGET: &str = "delete from sealed_keys where sealed = $1";
    const PUT: &str = "insert into sealed (id, voice, space, author, version, position, written_ms, expires_ms, nonce, \
         ciphertext, deleted_ms, deleted_why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         on conflict (id) do update set space = excluded.space, version = excluded.version, position = excluded.position, \
         written_ms = excluded.written_ms, expires_ms = excluded.expires_ms, nonce = excluded.nonce, \
         ciphertext = excluded.ciphertext, deleted_ms = excluded.deleted_ms, deleted_why = excluded.deleted_why";
    const KEY: &str = "insert into sealed_keys (sealed, master, nonce, wrapped) values ($1, $2, $3, $4)";
    let (encrypted, deletion) = match &record.held {
        Held::Active(encrypted) => (Some(encrypted), None),
        Held::Deleted(deletion) => (None, Some(deletion)),
    };
    writing.run(Statement::new(FORGET).bind(record.id.0)).await?;
    let put = Statement::new(PUT)
        .bind(record.id.0)
        .bind(record.voice.map(|id| id.0))
        .bind(record.space.map(|space| space.0))
        .bind(record.author.map(|author| author.0))
        .bind(record.version.cast_signed())
        .bind(position)
        .bind(record.written_ms)
        .bind(record.expires_ms)
        .bind(encrypted.map(|encrypted| encrypted.nonce.to_vec()))
        .bind(encrypted.map(|encrypted| encrypted.ciphertext.clone()))
        .bind(deletion.map(|deletion| deletion.at_ms))
        .bind(deletion.map(|deletion| deletion.why as u8));
    writing.run(put).await?;
    if let Some(Encrypted { key, .. }) = encrypted {
        let key =
            Statement::new(KEY).bind(record.id.0).bind(key.master.0).bind(key.nonce.to_vec()).bind(key.wrapped.clone());
        writing.run(key).await?;
    }
    Ok(())
}

async fn put_opening<DB: Engine>(writing: &mut Writing<DB>, opening: &SealedOpening, id: i64) -> anyhow::Result<()> {
    const PUT: &str = "insert into sealed_openings (id, sealed, user_id, reason, asked_ms, approved_by, approved_ms, \
         opened_ms) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set \
         approved_by = excluded.approved_by, approved_ms = excluded.approved_ms, opened_ms = excluded.opened_ms";
    let id = if opening.id == 0 { id } else { opening.id.cast_signed() };
    let put = Statement::new(PUT)
        .bind(id)
        .bind(opening.sealed.0)
        .bind(opening.user.0)
        .bind(opening.reason.as_str())
        .bind(opening.asked_ms)
        .bind(opening.approved.map(|(by, _)| by.0))
        .bind(opening.approved.map(|(_, at_ms)| at_ms))
        .bind(opening.opened_ms);
    writing.run(put).await?;
    Ok(())
}

fn openings_of(ids: &[SealedId]) -> Statement {
    let mut select = Statement::new(OPENINGS);
    select.list(ids.iter().map(|id| id.0)).push(" order by o.id");
    select
}

fn record<DB: Engine>(row: &DB::Row) -> anyhow::Result<SealedRecord> {
    let mut columns = Columns::<DB>::of(row);
    let (id, voice) = (columns.id()?, columns.id_or_null()?);
    let space = columns.int_or_null()?.map(u32::try_from).transpose()?.map(lianxin_shared::id::SpaceId);
    let author = columns.int_or_null()?.map(UserId);
    let version = columns.int()?.cast_unsigned();
    let position = columns.number(|number| u64::try_from(number).ok())?;
    let (written_ms, expires_ms) = (columns.int()?, columns.int()?);
    let held = match columns.int_or_null()? {
        Some(at_ms) => Held::Deleted(Deletion { at_ms, why: why(&mut columns)? }),
        None => {
            columns.int_or_null()?;
            Held::Active(Encrypted {
                nonce: columns.fixed()?,
                ciphertext: columns.bytes()?,
                key: WrappedKey { master: columns.id()?, nonce: columns.fixed()?, wrapped: columns.bytes()? },
            })
        }
    };
    Ok(SealedRecord { id, voice, space, author, version, position, written_ms, expires_ms, held })
}

fn opening<DB: Engine>(row: &DB::Row) -> anyhow::Result<SealedOpening> {
    let mut columns = Columns::<DB>::of(row);
    let id = columns.number(|number| u64::try_from(number).ok())?;
    let (sealed, user, name, reason) = (columns.id()?, UserId(columns.int()?), columns.text()?, columns.text()?);
    let asked_ms = columns.int()?;
    let approved = columns.int_or_null()?.map(UserId).zip(columns.int_or_null()?);
    Ok(SealedOpening { id, sealed, user, name, reason, asked_ms, approved, opened_ms: columns.int_or_null()? })
}

fn why<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<WhyDeleted> {
    columns.number(|number| Some(WhyDeleted::from_number(number.try_into().ok()?)))
}
