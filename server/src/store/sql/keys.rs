//! The spaces of cases: under which keys they are read, and which of them are new or others.
//!
//! A change of the spaces has a number, counted in one row that whoever changes them holds until the commit. So who has
//! read up to a number has missed none below it, and reads only what came after.

use lianxin_shared::{
    id::{RecordId, SpaceId},
    rights::{self, Space},
};

use super::{
    SqlStore, Writing, accounts,
    engine::{Columns, Engine},
    log::IN_MAX,
    statement::Statement,
    write::insert,
};
use crate::store::CaseSpaces;

/// To be run in the transaction of every change of the spaces, before what it writes.
pub(super) const COUNT: &str = "update meta set value = value + 1 where key = 'spaces'";
/// Cases of before that get their keys in one piece.
const KEYED_AT_ONCE: i64 = 500;

/// Numbers the change of these records' spaces and writes under which keys they are read now; the spaces as they are.
pub(super) async fn note<DB: Engine>(writing: &mut Writing<DB>, records: &[RecordId]) -> anyhow::Result<Vec<Space>> {
    const NUMBER: &str = "update spaces set changed = (select value from meta where key = 'spaces') where record in ";
    let mut spaces = Vec::new();
    if records.is_empty() {
        return Ok(spaces);
    }
    writing.run(Statement::new(COUNT)).await?;
    for records in records.chunks(IN_MAX) {
        let mut number = Statement::new(NUMBER);
        number.list(records.iter().map(|id| id.0));
        writing.run(number).await?;
        let mut select = Statement::new(accounts::SPACE_COLUMNS);
        select.push(" from spaces where record in ").list(records.iter().map(|id| id.0));
        for row in writing.run(select).await? {
            spaces.push(accounts::space_row(&mut Columns::<DB>::of(&row))?);
        }
    }
    writing.run_all(keys(&spaces)).await?;
    Ok(spaces)
}

/// The keys of these spaces, in the place of those that they had.
fn keys(spaces: &[Space]) -> Vec<Statement> {
    const INSERT: &str = "insert into case_keys (key, space) values ";
    let old = |spaces: &[Space]| {
        let mut delete = Statement::new("delete from case_keys where space in ");
        delete.list(spaces.iter().map(|space| space.id.0));
        delete
    };
    let rows = spaces
        .iter()
        .flat_map(|space| rights::case_keys(space).into_iter().map(|key| vec![key.into(), space.id.0.into()]));
    let mut statements: Vec<Statement> = spaces.chunks(IN_MAX).map(old).collect();
    statements.append(&mut insert(INSERT, rows.collect(), ""));
    statements
}

impl<DB: Engine> SqlStore<DB> {
    /// Writes the keys of the cases that were there before there were keys. Done once, when the store is opened.
    pub(super) async fn key_cases(&self) -> anyhow::Result<()> {
        const SOME: &str = " from spaces where id in (select space from unkeyed order by space limit ";
        loop {
            let mut select = Statement::new(accounts::SPACE_COLUMNS);
            select.push(SOME).arg(KEYED_AT_ONCE).push(")");
            let spaces = self.space_rows(select).await?;
            if spaces.is_empty() {
                return Ok(());
            }
            let mut done = Statement::new("delete from unkeyed where space in ");
            done.list(spaces.iter().map(|space| space.id.0));
            let mut writing = self.begin().await?;
            writing.run_all(keys(&spaces)).await?;
            writing.run(done).await?;
            writing.commit().await?;
        }
    }

    pub(super) async fn has_case(&self, cases: &CaseSpaces) -> anyhow::Result<bool> {
        let mut select = Statement::new("select space from case_keys where key in ");
        select.list(cases.under.iter().map(String::as_str)).push(" limit 1");
        Ok(!cases.under.is_empty() && !self.rows(select).await?.is_empty())
    }
}

/// ` column in (…)`, or in a case that is read: where a reader finds what they may read.
pub(super) fn readable(select: &mut Statement, column: &'static str, spaces: &[SpaceId], cases: &CaseSpaces) {
    let in_cases = !cases.under.is_empty();
    select.push(if in_cases { "(" } else { "" });
    select.push(column).push(" in ").list(spaces.iter().map(|space| space.0));
    if !in_cases {
        return;
    }
    let mut has_one_of = |before: &'static str, keys: &[String]| {
        select.push(before).push("exists (select 1 from case_keys k where k.space = ").push(column);
        select.push(" and k.key in ").list(keys.iter().map(String::as_str)).push(")");
    };
    has_one_of(" or ", &cases.under);
    cases.having.iter().for_each(|key| has_one_of(" and ", std::slice::from_ref(key)));
    cases.lacking.iter().for_each(|key| has_one_of(" and not ", std::slice::from_ref(key)));
    select.push(")");
}
