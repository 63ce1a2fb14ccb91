//! Ledgers and figures: filtered lists of summary rows, and counts of them.

use std::collections::HashMap;

use lianxin_shared::{id::RecordId, schema::Kind, summary::Summary};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    log::{self, IN_MAX},
    statement::Statement,
    write::TermClass,
};
use crate::store::{Group, GroupBy, LedgerKey, LedgerQuery, LedgerRow};

/// Up to so many spaces are looked up one by one in their own order; with more, the list is walked
/// in its order and filtered, because sorting what many spaces hold costs more than it skips.
const SPACES_LOOKED_UP: usize = 4;
/// Words of a search; the rest are left out.
const WORDS_MAX: usize = 8;

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn read_ledger(
        &self,
        query: &LedgerQuery,
        after: Option<LedgerKey>,
        limit: u32,
    ) -> anyhow::Result<Vec<LedgerRow>> {
        let mut select = Statement::new("select r.id, r.kind, r.space, r.summary, r.updated_ms");
        filter(&mut select, query);
        if let Some(after) = after {
            select.push(" and (r.date, r.id) < (").arg(after.date).push(", ").arg(after.id.0).push(")");
        }
        select.push(" order by r.date desc, r.id desc limit ").arg(i64::from(limit));
        self.rows(select).await?.iter().map(|row| ledger_row::<DB>(row)).collect()
    }

    pub(super) async fn count_ledger(&self, query: &LedgerQuery) -> anyhow::Result<Group> {
        let mut select = Statement::new("select count(*), cast(coalesce(sum(r.number), 0) as bigint)");
        filter(&mut select, query);
        let rows = self.rows(select).await?;
        let group = rows.first().map(|row| group(String::new(), &mut Columns::<DB>::of(row))).transpose()?;
        Ok(group.unwrap_or(Group { key: String::new(), records: 0, total: 0 }))
    }

    pub(super) async fn group_ledger(&self, query: &LedgerQuery, by: GroupBy) -> anyhow::Result<Vec<Group>> {
        let column = match by {
            GroupBy::Code => "r.code",
            GroupBy::Status => "r.status",
            GroupBy::Station => "r.station",
            GroupBy::Place => "r.place",
            GroupBy::Space => "r.space",
        };
        let mut select = Statement::new("select ");
        select.push(column).push(", count(*), cast(coalesce(sum(r.number), 0) as bigint)");
        filter(&mut select, query);
        select.push(" group by ").push(column).push(" order by 2 desc, 1");
        let rows = self.rows(select).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::<DB>::of(row);
                let key = match by {
                    GroupBy::Code | GroupBy::Status => columns.text()?,
                    GroupBy::Station | GroupBy::Place => {
                        columns.id_or_null::<RecordId>()?.map(|id| id.to_string()).unwrap_or_default()
                    }
                    GroupBy::Space => columns.int()?.to_string(),
                };
                group(key, &mut columns)
            })
            .collect()
    }

    pub(super) async fn read_titles(&self, ids: &[RecordId]) -> anyhow::Result<HashMap<RecordId, (Kind, String)>> {
        let mut titles = HashMap::new();
        for ids in ids.chunks(IN_MAX) {
            let mut select = Statement::new("select id, kind, title from records where id in ");
            select.list(ids.iter().map(|id| id.0));
            for row in self.rows(select).await? {
                let mut columns = Columns::<DB>::of(&row);
                titles.insert(columns.id()?, (log::kind(&mut columns)?, columns.text()?));
            }
        }
        Ok(titles)
    }
}

/// ` from … where …`. The spaces come first and are never left out.
fn filter(select: &mut Statement, query: &LedgerQuery) {
    select.push(" from ");
    // The first of the terms leads: it finds few records directly, the rest is checked on those.
    let mut terms = terms(query).into_iter();
    let leading = terms.next();
    if leading.is_some() {
        select.push("record_terms t cross join ");
    }
    select.push("records r where ");
    if let Some((class, term)) = leading {
        select.push("t.class = ").arg(class as i64).push(" and t.term = ").arg(term);
        select.push(" and r.id = t.record and ");
    }
    select.push("r.kind = ").arg(query.kind as u8);
    select.push(if query.spaces.len() <= SPACES_LOOKED_UP { " and r.space in " } else { " and +r.space in " });
    select.list(query.spaces.iter().map(|space| space.0));
    select.push(" and r.deleted = 0");
    for (class, term) in terms {
        select.push(" and exists (select 1 from record_terms o where o.class = ").arg(class as i64);
        select.push(" and o.term = ").arg(term).push(" and o.record = r.id)");
    }
    columns(select, query);
    words(select, query);
}

fn terms(query: &LedgerQuery) -> Vec<(TermClass, String)> {
    let link = query.link.iter().map(|id| (TermClass::Link, id.to_string()));
    let person = query.person.iter().map(|person| (TermClass::Person, person.clone()));
    let tags = query.tags.iter().map(|tag| (TermClass::Tag, tag.clone()));
    link.chain(person).chain(tags).collect()
}

fn columns(select: &mut Statement, query: &LedgerQuery) {
    if let Some(station) = query.station {
        select.push(" and r.station = ").arg(station.0);
    }
    if let Some(place) = query.place {
        select.push(" and r.place = ").arg(place.0);
    }
    let texts = [
        (" and r.code = ", &query.code),
        (" and r.status = ", &query.status),
        (" and r.date >= ", &query.from),
        (" and r.date <= ", &query.to),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            select.push(condition).arg(value.clone());
        }
    }
}

fn words(select: &mut Statement, query: &LedgerQuery) {
    let text = query.text.as_deref().unwrap_or_default().to_lowercase();
    for word in text.split_whitespace().take(WORDS_MAX) {
        select.push(" and r.search like ").arg(format!("%{}%", escaped(word))).push(" escape '\\'");
    }
}

/// A word as `like` finds it literally.
fn escaped(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn ledger_row<DB: Engine>(row: &DB::Row) -> anyhow::Result<LedgerRow> {
    let mut columns = Columns::<DB>::of(row);
    let (id, kind, space) = (columns.id()?, log::kind(&mut columns)?, log::space(&mut columns)?);
    let summary: Summary = serde_json::from_str(&columns.text()?)?;
    Ok(LedgerRow { id, kind, space, summary, updated_ms: columns.int()? })
}

fn group<DB: Engine>(key: String, columns: &mut Columns<'_, DB>) -> anyhow::Result<Group> {
    Ok(Group { key, records: columns.number(|count| count.try_into().ok())?, total: columns.int()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_never_a_pattern() {
        assert_eq!(escaped("50%_a\\b"), "50\\%\\_a\\\\b");
    }
}
