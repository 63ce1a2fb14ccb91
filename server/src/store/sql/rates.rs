//! The rates of suggestions: the measures in columns beside the fold, and what each part of them is in SQL. One
//! condition serves the count and the ledger behind it; the suite of stores holds it against `shared::case::figures`.

use std::collections::HashSet;

use lianxin_shared::{
    case::{
        Case, Event,
        figures::{Measures, Part, STATUTORY},
        suggestion,
    },
    id::RecordId,
    schema::Kind,
    wire::SentEvent,
};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    keys,
    ledger::filter,
    log::IN_MAX,
    statement::{Arg, Statement},
    write::{TermClass, insert},
};
use crate::store::{Commitments, LedgerQuery, StoredCase, Tally, TallyBy};

/// Cases of before that are measured in one piece.
const MEASURED_AT_ONCE: i64 = 500;

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn read_tally(
        &self,
        query: &LedgerQuery,
        parts: &[Part],
        by: TallyBy,
    ) -> anyhow::Result<Vec<Tally>> {
        let tally = |row: &DB::Row| {
            let mut columns = Columns::<DB>::of(row);
            let (key, name) = (columns.text()?, columns.text()?);
            let mut number = || columns.number(|count| count.try_into().ok());
            let all = number()?;
            Ok(Tally { key, name, all, parts: parts.iter().map(|_| number()).collect::<anyhow::Result<_>>()? })
        };
        self.rows(tallied(query, parts, by)).await?.iter().map(tally).collect()
    }

    pub(super) async fn read_commitments(&self, query: &LedgerQuery) -> anyhow::Result<Commitments> {
        let rows = self.rows(promised_of(query)).await?;
        let Some(row) = rows.first() else { return Ok(Commitments::default()) };
        let mut columns = Columns::<DB>::of(row);
        let mut number = || columns.number(|count| count.try_into().ok());
        Ok(Commitments { due: number()?, kept: number()? })
    }

    /// Each person is looked up until one record is found, so that it does not matter how many there are.
    pub(super) async fn read_took_part(
        &self,
        query: &LedgerQuery,
        people: &[RecordId],
    ) -> anyhow::Result<HashSet<RecordId>> {
        let mut found = HashSet::new();
        for people in people.chunks(IN_MAX) {
            for row in self.rows(took_part(query, people)).await? {
                found.extend(Columns::<DB>::of(&row).text()?.parse::<RecordId>().ok());
            }
        }
        Ok(found)
    }

    /// Measures the cases that were folded before there were measures. Done once, when the store is opened.
    pub(super) async fn measure_cases(&self) -> anyhow::Result<()> {
        const SOME: &str = "select u.record, c.seq from unmeasured u join cases c on c.record = u.record limit ";
        loop {
            let mut select = Statement::new(SOME);
            select.arg(MEASURED_AT_ONCE);
            let rows = self.rows(select).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut statements = Vec::new();
            for row in &rows {
                let mut columns = Columns::<DB>::of(row);
                let (record, seq): (RecordId, i64) = (columns.id()?, columns.int()?);
                let events: Vec<Event> =
                    self.read_case_events(record).await?.iter().filter_map(SentEvent::read).collect();
                statements.append(&mut measured(record, seq, &Case::of(Kind::Suggestion, &events)));
            }
            let mut writing = self.begin().await?;
            writing.run_all(statements).await?;
            writing.commit().await?;
            tracing::info!(cases = rows.len(), "cases of before were measured for the figures");
        }
    }
}

/// The cases of a query and how many of them are in each part, by key.
fn tallied(query: &LedgerQuery, parts: &[Part], by: TallyBy) -> Statement {
    let (key, name, group) = match by {
        TallyBy::All => ("''", "''", ""),
        TallyBy::Lead => ("c.lead_unit", "max(c.lead_name)", " group by c.lead_unit order by c.lead_unit"),
        TallyBy::Class => ("c.class", "''", " group by c.class order by c.class"),
    };
    let mut select = Statement::new("select ");
    select.push(key).push(", ").push(name).push(", count(*)");
    for part in parts {
        select.push(", count(case when ");
        takes(&mut select, *part, &query.case.as_of);
        select.push(" then 1 end)");
    }
    filter(&mut select, query, true);
    select.push(group);
    select
}

/// How many of the commitments of a query's cases are due, and how many were kept.
fn promised_of(query: &LedgerQuery) -> Statement {
    let mut select = Statement::new("select count(case when ");
    has_come(&mut select, &query.case.as_of);
    select.push(" then 1 end), count(case when m.outcome = 'kept' then 1 end)");
    select.push(" from commitments m where m.record in (select r.id");
    filter(&mut select, query, true);
    select.push(")");
    select
}

/// The columns of what the rates look at, in the order of [`columns`].
pub(super) const COLUMNS: &[&str] = &[
    "assigned",
    "class",
    "reply_due",
    "in_time",
    "done",
    "result",
    "first_result",
    "reach",
    "may_publish",
    "published",
];

/// The values of [`COLUMNS`].
pub(super) fn columns(measures: &Measures) -> Vec<Arg> {
    let due = measures.due.map(|due| due.to_string());
    vec![
        measures.assigned.into(),
        measures.class.clone().unwrap_or_default().into(),
        due.unwrap_or_default().into(),
        measures.in_time.into(),
        measures.done.into(),
        measures.result.map(|result| result.key()).unwrap_or_default().into(),
        measures.first_result.map(|result| result.key()).unwrap_or_default().into(),
        measures.reach.map_or(0, |reach| reach as i64).into(),
        measures.may_publish.into(),
        measures.published.into(),
    ]
}

/// What these cases have promised.
pub(super) fn promised(cases: &[(RecordId, StoredCase)]) -> Vec<Statement> {
    commitments(cases.iter().map(|(id, case)| (*id, &case.measures)))
}

fn commitments<'a>(cases: impl Iterator<Item = (RecordId, &'a Measures)>) -> Vec<Statement> {
    const INSERT: &str = "insert into commitments (record, number, due, outcome) values ";
    const UPDATE: &str = " on conflict (record, number) do update set due = excluded.due, outcome = excluded.outcome";
    let rows = cases.flat_map(|(id, measures)| {
        measures.commitments.iter().map(move |one| {
            let outcome = one.outcome.map(|outcome| outcome.key()).unwrap_or_default();
            vec![id.0.into(), one.number.into(), one.due.to_string().into(), outcome.into()]
        })
    });
    insert(INSERT, rows.collect(), UPDATE)
}

/// What was found of a case of before, unless another server has gone on with it and so has measured it.
fn measured(record: RecordId, seq: i64, case: &Case) -> Vec<Statement> {
    let (measures, row) = (case.measures(), case.row());
    let mut update = Statement::new("update cases set lead_name = ");
    update.arg(row.lead.map(|lead| lead.name).unwrap_or_default());
    for (column, value) in COLUMNS.iter().zip(columns(&measures)) {
        update.push(", ").push(column).push(" = ").arg(value);
    }
    update.push(" where record = ").arg(record.0).push(" and seq = ").arg(seq);
    let done = Statement::new("delete from unmeasured where record = $1").bind(record.0);
    [vec![update], commitments(std::iter::once((record, &measures))), vec![done]].concat()
}

/// 计入建议总数.
pub(super) fn counted(select: &mut Statement) {
    select.push("c.tier in ").list(STATUTORY.map(|tier| tier.key()));
    select.push(" and c.state in ").list(suggestion::State::counted_keys());
}

/// Whether a case is in a part, as of a day (`YYYY-MM-DD`).
pub(super) fn takes(select: &mut Statement, part: Part, as_of: &str) {
    let condition = match part {
        Part::Assigned => "c.assigned = 1",
        Part::Replied => "c.assigned = 1 and c.class <> ''",
        Part::FallenDue => return fallen_due(select, as_of),
        Part::Timely => {
            fallen_due(select, as_of);
            " and c.in_time = 1"
        }
        Part::Done => "c.assigned = 1 and c.done = 1",
        Part::Evaluated => "c.result <> ''",
        Part::Satisfied => "c.result = 'satisfied'",
        Part::Mostly => "c.result = 'mostly'",
        Part::Content => "c.result in ('satisfied', 'mostly')",
        Part::Unevaluated => "c.class <> '' and c.result = ''",
        Part::FirstEvaluated => "c.first_result <> ''",
        Part::FirstSatisfied => "c.first_result = 'satisfied'",
        Part::Contacted => "c.assigned = 1 and c.reach >= 1",
        Part::Met => "c.assigned = 1 and c.reach >= 2",
        Part::Consulted => "c.assigned = 1 and c.reach >= 3",
        Part::Publishable => "c.done = 1 and c.may_publish = 1",
        Part::Published => "c.done = 1 and c.may_publish = 1 and c.published = 1",
        Part::Promised => {
            select.push("exists (select 1 from commitments m where m.record = c.record and ");
            has_come(select, as_of);
            ")"
        }
        Part::Kept => "exists (select 1 from commitments m where m.record = c.record and m.outcome = 'kept')",
    };
    select.push(condition);
}

fn fallen_due(select: &mut Statement, as_of: &str) {
    select.push("c.reply_due <> '' and c.reply_due <= ").arg(as_of);
}

/// A commitment whose day has come, or that was settled before.
fn has_come(select: &mut Statement, as_of: &str) {
    select.push("(m.outcome <> '' or m.due <= ").arg(as_of).push(")");
}

/// Those of these people for whom there is a record of the query in which they took part.
fn took_part(query: &LedgerQuery, people: &[RecordId]) -> Statement {
    let mut select = Statement::new("with people (person) as (values ");
    for (index, person) in people.iter().enumerate() {
        select.push(if index == 0 { "(" } else { ", (" }).arg(person.to_string()).push(")");
    }
    select.push(") select p.person from people p where exists (select 1 from record_terms t cross join records r");
    select.push(" where t.class = ").arg(TermClass::Person as i64);
    select.push(" and t.term = p.person and r.id = t.record and r.kind = ").arg(query.kind as u8);
    keys::readable(select.push(" and "), "r.space", &query.spaces, &query.cases);
    select.push(" and r.deleted = 0");
    for (condition, day) in [(" and r.date >= ", &query.from), (" and r.date <= ", &query.to)] {
        if let Some(day) = day {
            select.push(condition).arg(day.as_str());
        }
    }
    select.push(" and r.state in ").list(query.case.states.iter().map(String::as_str));
    select.push(")");
    select
}
