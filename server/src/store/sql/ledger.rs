//! Ledgers and figures: filtered lists of summary rows, and counts of them.

use std::collections::HashMap;

use lianxin_shared::{
    case::figures::Part,
    id::RecordId,
    schema::Kind,
    summary::{Summary, folded},
};

use super::{
    SqlStore,
    engine::{Columns, Engine},
    keys,
    log::{self, IN_MAX},
    rates,
    statement::Statement,
    write::TermClass,
};
use crate::store::{CaseFilter, Group, GroupBy, LedgerKey, LedgerQuery, LedgerRow, Order, Took};

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
        self.rows(ledger(query, after, limit)).await?.iter().map(|row| ledger_row::<DB>(row)).collect()
    }

    pub(super) async fn count_ledger(&self, query: &LedgerQuery) -> anyhow::Result<Group> {
        let mut select = Statement::new("select count(*), cast(coalesce(sum(r.number), 0) as bigint)");
        filter(&mut select, query, by_case(query));
        let rows = self.rows(select).await?;
        let group = rows.first().map(|row| group(String::new(), &mut Columns::<DB>::of(row))).transpose()?;
        Ok(group.unwrap_or_default())
    }

    pub(super) async fn group_ledger(&self, query: &LedgerQuery, by: GroupBy) -> anyhow::Result<Vec<Group>> {
        let column = match by {
            GroupBy::Code => "r.code",
            GroupBy::Status => "r.status",
            GroupBy::Station => "r.station",
            GroupBy::Place => "r.place",
            GroupBy::Space => "r.space",
            GroupBy::Month => "substr(r.date, 1, 7)",
            GroupBy::Exit => "r.exit",
            GroupBy::Marks => "r.marks",
        };
        let mut select = Statement::new("select ");
        select.push(column).push(", count(*), cast(coalesce(sum(r.number), 0) as bigint)");
        filter(&mut select, query, by_case(query));
        if by == GroupBy::Exit {
            select.push(" and r.exit <> ''");
        }
        select.push(" group by ").push(column).push(" order by 2 desc, 1");
        let rows = self.rows(select).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::<DB>::of(row);
                let key = match by {
                    GroupBy::Code | GroupBy::Status | GroupBy::Month | GroupBy::Exit | GroupBy::Marks => {
                        columns.text()?
                    }
                    GroupBy::Station | GroupBy::Place => {
                        columns.id_or_null::<RecordId>()?.map(|id| id.to_string()).unwrap_or_default()
                    }
                    GroupBy::Space => columns.int()?.to_string(),
                };
                group(key, &mut columns)
            })
            .collect()
    }

    pub(super) async fn read_median_days(&self, query: &LedgerQuery, took: Took) -> anyhow::Result<Option<u32>> {
        let mut days: Vec<(i64, i64)> = Vec::new();
        for row in self.rows(by_days(query, took)).await? {
            let mut columns = Columns::<DB>::of(&row);
            days.push((columns.int()?, columns.int()?));
        }
        let known: i64 = days.iter().map(|(_, records)| records).sum();
        let mut behind = (known - 1) / 2;
        let middle = days.into_iter().find(|(_, records)| {
            behind -= records;
            behind < 0
        });
        Ok(middle.map(|(days, _)| days.try_into()).transpose()?)
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

fn ledger(query: &LedgerQuery, after: Option<LedgerKey>, limit: u32) -> Statement {
    let mut select = Statement::new("select r.id, r.kind, r.space, r.summary, r.updated_ms");
    filter(&mut select, query, by_case(query));
    let (behind, order) = match query.order {
        Order::Newest => (" and (r.date, r.id) < (", " order by r.date desc, r.id desc limit "),
        Order::Oldest => (" and (r.date, r.id) > (", " order by r.date, r.id limit "),
        Order::Due => (" and (r.due, r.id) > (", " order by r.due, r.id limit "),
    };
    if let Some(after) = after {
        select.push(behind).arg(after.date).push(", ").arg(after.id.0).push(")");
    }
    select.push(order).arg(i64::from(limit));
    select
}

/// How many records of a query took how many days.
fn by_days(query: &LedgerQuery, took: Took) -> Statement {
    let column = match took {
        Took::ToSort => "r.sort_days",
        Took::ToFeedback => "r.feedback_days",
    };
    let mut select = Statement::new("select ");
    select.push(column).push(", count(*)");
    filter(&mut select, query, by_case(query));
    select.push(" and ").push(column).push(" is not null group by ").push(column).push(" order by ").push(column);
    select
}

/// Whether a query looks at more of its records' cases than their rows say.
fn by_case(query: &LedgerQuery) -> bool {
    let CaseFilter { lead, counted, class, parts, .. } = &query.case;
    lead.is_some() || *counted || class.is_some() || !parts.is_empty()
}

/// ` from … where …`. The spaces come first and are never left out.
pub(super) fn filter(select: &mut Statement, query: &LedgerQuery, by_case: bool) {
    // What leads finds few records directly, the rest is checked on those: the first term, or else the cases of a unit
    // or those that were published.
    let mut terms = terms(query).into_iter();
    let leading = terms.next();
    let few = query.case.lead.is_some() || query.case.parts.contains(&Part::Published);
    let by_few = leading.is_none() && few;
    select.push(match (leading.is_some(), by_case) {
        (true, true) => " from record_terms t cross join records r cross join cases c where ",
        (true, false) => " from record_terms t cross join records r where ",
        (false, true) if by_few => " from cases c cross join records r where ",
        (false, true) => " from records r cross join cases c where ",
        (false, false) => " from records r where ",
    });
    if let Some((class, term)) = leading {
        select.push("t.class = ").arg(class as i64).push(" and t.term = ").arg(term);
        select.push(" and r.id = t.record and ");
    }
    if by_case {
        cases(select, query, by_few);
    }
    select.push("r.kind = ").arg(query.kind as u8).push(" and ");
    let looked_up =
        query.spaces.len() <= SPACES_LOOKED_UP && query.cases.under.is_empty() && query.case.states.is_empty();
    keys::readable(select, if looked_up { "r.space" } else { "+r.space" }, &query.spaces, &query.cases);
    select.push(" and r.deleted = 0");
    for (class, term) in terms {
        select.push(" and exists (select 1 from record_terms o where o.class = ").arg(class as i64);
        select.push(" and o.term = ").arg(term).push(" and o.record = r.id)");
    }
    standing(select, query);
    columns(select, query);
    words(select, query);
}

/// What the record's row says of its case. That it says something is repeated for the indexes that hold those only.
fn standing(select: &mut Statement, query: &LedgerQuery) {
    let CaseFilter { states, due_to, exits, .. } = &query.case;
    if !states.is_empty() {
        select.push(" and r.state <> '' and r.state in ").list(states.iter().map(String::as_str));
    }
    if due_to.is_some() || query.order == Order::Due {
        select.push(" and r.due <> ''");
    }
    if let Some(due_to) = due_to {
        select.push(" and r.due <= ").arg(due_to.as_str());
    }
    if !exits.is_empty() {
        select.push(" and r.exit <> '' and r.exit in ").list(exits.iter().map(String::as_str));
    }
}

/// What only the case itself says.
fn cases(select: &mut Statement, query: &LedgerQuery, leading: bool) {
    let CaseFilter { lead, counted, class, parts, as_of, .. } = &query.case;
    if leading {
        select.push("c.kind = ").arg(query.kind as u8).push(" and ");
    }
    if let Some(lead) = lead {
        select.push("c.lead_unit = ").arg(lead.as_str()).push(" and ");
    }
    if *counted {
        rates::counted(select);
        select.push(" and ");
    }
    if let Some(class) = class {
        select.push("c.class = ").arg(class.as_str()).push(" and ");
    }
    for part in parts {
        rates::takes(select, *part, as_of);
        select.push(" and ");
    }
    select.push(if leading { "r.id = c.record and " } else { "c.record = r.id and " });
}

fn terms(query: &LedgerQuery) -> Vec<(TermClass, String)> {
    let link = query.link.iter().map(|id| (TermClass::Link, id.to_string()));
    let person = query.person.iter().map(|person| (TermClass::Person, person.clone()));
    let tags = query.tags.iter().map(|tag| (TermClass::Tag, tag.clone()));
    link.chain(person).chain(tags).collect()
}

fn columns(select: &mut Statement, query: &LedgerQuery) {
    if let Some(ids) = &query.ids {
        select.push(" and r.id in ").list(ids.iter().map(|id| id.0));
    }
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
    let text = folded(query.text.as_deref().unwrap_or_default());
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
