//! A page of a ledger's rows with all that its cells name: for the table and for exports alike.

use std::collections::HashMap;

use lianxin_shared::{case::CaseRow, id::RecordId, rights::Role, summary::CONFIDENTIAL};

use super::{
    super::{desk::Desk, names::Names, problem::Problem},
    columns,
};
use crate::store::{LedgerKey, LedgerQuery, LedgerRow, Order};

/// Whether the person's posts have to do with what villagers say: others do not read what is kept in confidence.
fn handles_voices(desk: &Desk) -> bool {
    desk.person().posts.iter().any(|post| matches!(post.role, Role::Station | Role::Town | Role::District))
}

/// Takes the words out of rows that are kept in confidence.
pub(in super::super) fn withhold(desk: &Desk, rows: &mut [LedgerRow]) {
    for row in rows.iter_mut().filter(|row| row.summary.tags.iter().any(|tag| tag == CONFIDENTIAL)) {
        row.summary.title = desk.words.get("ledger.confidential").to_owned();
    }
}

/// Rows, with the names and cases that their cells need.
pub(in super::super) struct Rows {
    pub rows: Vec<LedgerRow>,
    pub names: Names,
    cases: HashMap<RecordId, CaseRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<LedgerKey>,
}

impl Rows {
    pub(super) fn none() -> Self {
        Self { rows: Vec::new(), names: Names::default(), cases: HashMap::new(), next: None }
    }

    pub(in super::super) async fn read(
        desk: &Desk,
        query: &LedgerQuery,
        after: Option<LedgerKey>,
        limit: u32,
    ) -> Result<Self, Problem> {
        let query = &desk.one_by_one(query.clone());
        // One more than shown tells whether there is a next page.
        let mut rows = desk.store().ledger(query, after, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        if !handles_voices(desk) {
            withhold(desk, &mut rows);
        }
        let names = Names::of(desk, rows.iter().flat_map(columns::mentioned)).await?;
        let cases = match columns::states(query.kind) {
            [] => HashMap::new(),
            _ => desk.store().case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?,
        };
        let mut page = Self { rows, names, cases, next: None };
        page.next = page.rows.last().filter(|_| more).map(|last| page.key(query.order, last));
        Ok(page)
    }

    pub(in super::super) fn case(&self, row: &LedgerRow) -> Option<&CaseRow> {
        self.cases.get(&row.id)
    }

    fn key(&self, order: Order, row: &LedgerRow) -> LedgerKey {
        let due = || self.case(row).and_then(CaseRow::next_due).map(|due| due.on.to_string()).unwrap_or_default();
        let date = match order {
            Order::Newest | Order::Oldest => row.summary.date.clone(),
            Order::Due => due(),
        };
        LedgerKey { date, id: row.id }
    }
}
