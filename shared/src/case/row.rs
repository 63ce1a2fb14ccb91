//! A case in one row: what lists, ledgers and reminders need.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Case, Machine,
    act::{ExitKind, Opinion, Tier, UnitRef},
    calendar::Date,
    rules::{Clock, Due},
    suggestion::Suggestion,
};
use crate::{
    id::{RecordId, UnitCode},
    json,
};

/// A case in one row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseRow {
    /// The state's key.
    pub state: String,
    /// The number of the last event.
    pub seq: u32,
    /// How many replies there are.
    pub round: u32,
    pub tier: Option<Tier>,
    /// 案号
    pub number: Option<String>,
    /// Where a voice went.
    pub exit: Option<ExitKind>,
    /// Of a voice: days from recording to sorting, and to the first feedback, once it came (figure R10).
    pub sort_days: Option<u32>,
    pub feedback_days: Option<u32>,
    /// 主办
    pub lead: Option<UnitRef>,
    /// All units that it is assigned to.
    pub units: Vec<UnitCode>,
    /// t0, the day of assignment.
    pub assigned_on: Option<Date>,
    /// The day of the last reply.
    pub replied_on: Option<Date>,
    /// The class of the last reply.
    pub class: String,
    /// The result of the evaluation that stands.
    pub result: Option<Opinion>,
    /// The limits that run.
    pub dues: Vec<Due>,
    /// Days before its end from which a limit counts as near.
    pub near_days: u32,
    /// The last reply came after its limit, and was not accepted as in time.
    pub replied_late: bool,
    pub key_supervision: bool,
    pub excellent: bool,
    pub published: bool,
    /// 已面商
    pub consulted: bool,
    /// 催办级别
    pub urged: u8,
    /// Evaluations in dispute, contests without an answer.
    pub disputes: u32,
    pub origin: Option<RecordId>,
    pub moved_to: Option<RecordId>,
}

/// How close a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    None,
    /// 临期
    Near,
    /// 超期
    Over,
}

/// What only figures need: phones show none.
const FOR_FIGURES: [&str; 2] = ["sort_days", "feedback_days"];

/// Where the kept rules say nothing.
const NEAR_DAYS: u32 = 7;

impl CaseRow {
    /// As phones get it: JSON without what is empty, as a reader takes what is missing.
    pub fn to_standing(&self) -> String {
        let mut row = match serde_json::to_value(self) {
            Ok(Value::Object(row)) => row,
            _ => Map::new(),
        };
        row.retain(|key, value| !is_empty(value) && !FOR_FIGURES.contains(&key.as_str()));
        json::write(&row)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Case {
    /// What lists and ledgers need to know.
    pub fn row(&self) -> CaseRow {
        let row =
            CaseRow { state: self.state().to_owned(), seq: self.seq(), near_days: NEAR_DAYS, ..CaseRow::default() };
        match &self.machine {
            Machine::Suggestion(suggestion) => of_suggestion(suggestion, row),
            Machine::Voice(voice) => CaseRow {
                exit: voice.exit.as_ref().map(super::Exit::kind),
                sort_days: voice.on.to_sort(),
                feedback_days: voice.on.to_feedback(),
                dues: voice.clocks.all().collect(),
                ..row
            },
            Machine::Verification(verification) => {
                CaseRow { disputes: verification.contests.open().count() as u32, ..row }
            }
            Machine::Mandate(mandate) => CaseRow { disputes: mandate.contests.open().count() as u32, ..row },
            Machine::None => row,
        }
    }
}

fn of_suggestion(suggestion: &Suggestion, row: CaseRow) -> CaseRow {
    let assigned_on = suggestion.assigned.as_ref().map(|assigned| assigned.on);
    let near = assigned_on.and_then(|on| suggestion.rules.find(Clock::Near, suggestion.tier, on));
    let reply = suggestion.reply();
    CaseRow {
        tier: suggestion.tier,
        number: suggestion.number.clone(),
        lead: suggestion.lead().cloned(),
        units: suggestion.units().map(|unit| unit.code.clone()).collect(),
        round: suggestion.round(),
        assigned_on,
        replied_on: reply.map(|reply| reply.on),
        class: reply.map(|reply| reply.class.clone()).unwrap_or_default(),
        result: suggestion.evaluation().map(|standing| standing.evaluation.result),
        dues: suggestion.clocks.all().collect(),
        near_days: near.map_or(NEAR_DAYS, |rule| rule.value),
        replied_late: reply.is_some_and(|reply| reply.late && !reply.excused),
        key_supervision: suggestion.marks.key_supervision,
        excellent: suggestion.marks.excellent,
        published: suggestion.marks.published,
        consulted: suggestion.consulted(),
        urged: suggestion.marks.urged,
        disputes: suggestion.disputes.len() as u32,
        origin: suggestion.origin,
        moved_to: suggestion.moved_to.map(|(case, _)| case),
        ..row
    }
}

impl CaseRow {
    /// The limit that ends first.
    pub fn next_due(&self) -> Option<Due> {
        self.dues.iter().copied().min_by_key(|due| due.on)
    }

    /// How close the first limit is on a day.
    pub fn pressure(&self, today: Date) -> Pressure {
        match self.next_due() {
            Some(due) if due.on < today => Pressure::Over,
            Some(due) if due.on.days_since(today) <= self.near_days as i32 => Pressure::Near,
            _ => Pressure::None,
        }
    }
}
