//! Ledgers and figures: filtered lists of summary rows, and counts of them.

use std::collections::HashMap;

use lianxin_shared::{
    id::RecordId,
    schema::Kind,
    summary::{Summary, folded},
};

use super::{
    SqlStore,
    engine::{Columns, Engine},
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
        Ok(group.unwrap_or(Group { key: String::new(), records: 0, total: 0 }))
    }

    pub(super) async fn group_ledger(&self, query: &LedgerQuery, by: GroupBy) -> anyhow::Result<Vec<Group>> {
        let column = match by {
            GroupBy::Code => "r.code",
            GroupBy::Status => "r.status",
            GroupBy::Station => "r.station",
            GroupBy::Place => "r.place",
            GroupBy::Space => "r.space",
            GroupBy::Month => "substr(r.date, 1, 7)",
            GroupBy::Exit => "c.exit",
        };
        let mut select = Statement::new("select ");
        select.push(column).push(", count(*), cast(coalesce(sum(r.number), 0) as bigint)");
        filter(&mut select, query, by_case(query) || by == GroupBy::Exit);
        select.push(" group by ").push(column).push(" order by 2 desc, 1");
        let rows = self.rows(select).await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::<DB>::of(row);
                let key = match by {
                    GroupBy::Code | GroupBy::Status | GroupBy::Month | GroupBy::Exit => columns.text()?,
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
        let column = match took {
            Took::ToSort => "c.sort_days",
            Took::ToFeedback => "c.feedback_days",
        };
        let mut count = Statement::new("select count(");
        count.push(column).push(")");
        filter(&mut count, query, true);
        let rows = self.rows(count).await?;
        let known = rows.first().map_or(Ok(0), |row| Columns::<DB>::of(row).int())?;
        if known == 0 {
            return Ok(None);
        }
        let mut select = Statement::new("select ");
        select.push(column);
        filter(&mut select, query, true);
        select.push(" and ").push(column).push(" is not null order by ").push(column);
        select.push(" limit 1 offset ").arg((known - 1) / 2);
        let rows = self.rows(select).await?;
        rows.first().map(|row| Columns::<DB>::of(row).number(|days| days.try_into().ok())).transpose()
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
        Order::Due => (" and (c.due, r.id) > (", " order by c.due, r.id limit "),
    };
    if let Some(after) = after {
        select.push(behind).arg(after.date).push(", ").arg(after.id.0).push(")");
    }
    select.push(order).arg(i64::from(limit));
    select
}

/// Whether a query looks at the cases of its records.
fn by_case(query: &LedgerQuery) -> bool {
    query.case != CaseFilter::default() || query.order == Order::Due
}

/// ` from … where …`. The spaces come first and are never left out.
pub(super) fn filter(select: &mut Statement, query: &LedgerQuery, by_case: bool) {
    select.push(" from ");
    // What leads finds few records directly, the rest is checked on those: open cases, or else the first term.
    let mut terms = terms(query).into_iter();
    let leading = if by_case { None } else { terms.next() };
    if by_case {
        select.push("cases c cross join ");
    } else if leading.is_some() {
        select.push("record_terms t cross join ");
    }
    select.push("records r where ");
    if by_case {
        cases(select, query);
    }
    if let Some((class, term)) = leading {
        select.push("t.class = ").arg(class as i64).push(" and t.term = ").arg(term);
        select.push(" and r.id = t.record and ");
    }
    select.push("r.kind = ").arg(query.kind as u8);
    select.push(if query.spaces.len() <= SPACES_LOOKED_UP && !by_case {
        " and r.space in "
    } else {
        " and +r.space in "
    });
    select.list(query.spaces.iter().map(|space| space.0));
    select.push(" and r.deleted = 0");
    for (class, term) in terms {
        select.push(" and exists (select 1 from record_terms o where o.class = ").arg(class as i64);
        select.push(" and o.term = ").arg(term).push(" and o.record = r.id)");
    }
    columns(select, query);
    words(select, query);
}

fn cases(select: &mut Statement, query: &LedgerQuery) {
    let CaseFilter { states, due_to, lead, exits, counted, class, parts, as_of } = &query.case;
    select.push("c.kind = ").arg(query.kind as u8);
    select.push(" and c.space in ").list(query.spaces.iter().map(|space| space.0));
    if !states.is_empty() {
        select.push(" and c.state in ").list(states.iter().map(String::as_str));
    }
    if due_to.is_some() || query.order == Order::Due {
        select.push(" and c.due > ''");
    }
    if let Some(due_to) = due_to {
        select.push(" and c.due <= ").arg(due_to.as_str());
    }
    if let Some(lead) = lead {
        select.push(" and c.lead_unit = ").arg(lead.as_str());
    }
    if !exits.is_empty() {
        select.push(" and c.exit in ").list(exits.iter().map(String::as_str));
    }
    if *counted {
        rates::counted(select.push(" and "));
    }
    if let Some(class) = class {
        select.push(" and c.class = ").arg(class.as_str());
    }
    for part in parts {
        rates::takes(select.push(" and "), *part, as_of);
    }
    select.push(" and r.id = c.record and ");
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
    use lianxin_shared::{case::figures::Part, id::SpaceId};
    use sqlx::{Connection as _, Executor as _, Row as _};

    use super::*;
    use crate::store::TallyBy;

    /// Every kind of filter alone and in each order: none reads a whole table.
    #[tokio::test]
    async fn no_ledger_is_read_without_an_index() {
        let mut connection = sqlx::SqliteConnection::connect(":memory:").await.unwrap();
        for sql in [
            include_str!("../../../migrations/sqlite/0001_initial.sql"),
            include_str!("../../../migrations/sqlite/0002_snapshot.sql"),
            include_str!("../../../migrations/sqlite/0003_cases.sql"),
            include_str!("../../../migrations/sqlite/0008_exits.sql"),
            include_str!("../../../migrations/sqlite/0011_rates.sql"),
        ] {
            connection.execute(sql).await.unwrap();
        }
        let all = LedgerQuery::of(Kind::Voice, vec![SpaceId(1), SpaceId(2)]);
        let id = RecordId([1; 16]);
        let states = CaseFilter { states: vec!["sorted".into()], ..CaseFilter::default() };
        let due = CaseFilter { due_to: Some("2026-01-01".into()), ..CaseFilter::default() };
        let parts = CaseFilter {
            counted: true,
            parts: vec![Part::Timely, Part::Promised],
            as_of: "2026-01-01".into(),
            ..CaseFilter::default()
        };
        let filters = [
            all.clone(),
            LedgerQuery { spaces: (1..60).map(SpaceId).collect(), ..all.clone() },
            LedgerQuery { station: Some(id), ..all.clone() },
            LedgerQuery { code: Some("roads".into()), ..all.clone() },
            LedgerQuery { person: Some("黄光明".into()), ..all.clone() },
            LedgerQuery { link: Some(id), tags: vec!["focus:all".into()], ..all.clone() },
            LedgerQuery { from: Some("2026-01-01".into()), text: Some("路".into()), ..all.clone() },
            LedgerQuery { case: states, person: Some("黄光明".into()), ..all.clone() },
            LedgerQuery { case: due, ..all.clone() },
            LedgerQuery { case: CaseFilter { lead: Some("U01".into()), ..CaseFilter::default() }, ..all.clone() },
            LedgerQuery { case: CaseFilter { exits: vec!["town".into()], ..CaseFilter::default() }, ..all.clone() },
            LedgerQuery { case: parts.clone(), ..all.clone() },
            LedgerQuery { ids: Some(vec![id]), ..all.clone() },
        ];
        let mut statements = Vec::new();
        for query in filters {
            for order in [Order::Newest, Order::Oldest, Order::Due] {
                let query = LedgerQuery { order, ..query.clone() };
                let after = LedgerKey { date: "2026-01-01".into(), id };
                statements.push(ledger(&query, Some(after), 50));
            }
        }
        let rated = LedgerQuery { case: parts, tags: vec!["session:五届一次".into()], ..all.clone() };
        for by in [TallyBy::All, TallyBy::Lead, TallyBy::Class] {
            statements.push(rates::tallied(&rated, Part::ALL, by));
        }
        statements.extend([rates::promised_of(&rated), rates::took_part(&all, &[id, id])]);
        for statement in statements {
            let explained = sqlx::AssertSqlSafe(format!("explain query plan {}", statement.text));
            for row in connection.fetch_all(explained).await.unwrap() {
                let step: String = row.try_get("detail").unwrap();
                // The people asked for are walked through, and nothing else.
                let whole =
                    step.starts_with("SCAN") && !["INDEX", "CONSTANT", "SCAN p"].iter().any(|ok| step.contains(ok));
                assert!(!whole, "{step}: {}", statement.text);
            }
        }
    }

    #[test]
    fn what_is_searched_for_is_never_a_pattern() {
        assert_eq!(escaped("50%_a\\b"), "50\\%\\_a\\\\b");
    }
}
