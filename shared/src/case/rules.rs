//! 规则 (E24): time limits as dated data, because they differ by province, tier and year.

use serde::{Deserialize, Serialize};

use super::{
    act::Tier,
    calendar::{Date, Unit, due},
    holidays::{Holidays, NoTable, YearTable},
};

/// What a limit is about. The key is its name in data and in the texts (`clock.<key>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// A voice is sorted, from its recording.
    Sort,
    /// The town confirms where a voice goes, from sorting.
    Route,
    /// The villager is told, from the result.
    Feedback,
    /// 审查立案, from submission.
    Accept,
    /// 签收, from assignment.
    Sign,
    /// 申请退办, from assignment.
    ReturnAssignment,
    /// 答复退办、延期申请, from the asking.
    Decide,
    /// 协办意见, from assignment.
    CoOpinion,
    /// 答复, from assignment (代表法 第五十一条: three months).
    Reply,
    /// 答复 where the matter is wide or hard (six months). Also as far as an extension may go.
    ReplyWide,
    /// 测评, from the reply.
    Evaluate,
    /// When the deputy is first reminded of the evaluation, from the reply.
    UrgeEvaluation,
    /// 重新办理后再答复, from the order.
    Rehandle,
    /// 承诺事项, on the day promised.
    Commitment,
    /// How long before its end a limit counts as near (临期).
    Near,
}

impl Clock {
    pub const ALL: [Clock; 15] = [
        Clock::Sort,
        Clock::Route,
        Clock::Feedback,
        Clock::Accept,
        Clock::Sign,
        Clock::ReturnAssignment,
        Clock::Decide,
        Clock::CoOpinion,
        Clock::Reply,
        Clock::ReplyWide,
        Clock::Evaluate,
        Clock::UrgeEvaluation,
        Clock::Rehandle,
        Clock::Commitment,
        Clock::Near,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Clock::Sort => "sort",
            Clock::Route => "route",
            Clock::Feedback => "feedback",
            Clock::Accept => "accept",
            Clock::Sign => "sign",
            Clock::ReturnAssignment => "return_assignment",
            Clock::Decide => "decide",
            Clock::CoOpinion => "co_opinion",
            Clock::Reply => "reply",
            Clock::ReplyWide => "reply_wide",
            Clock::Evaluate => "evaluate",
            Clock::UrgeEvaluation => "urge_evaluation",
            Clock::Rehandle => "rehandle",
            Clock::Commitment => "commitment",
            Clock::Near => "near",
        }
    }
}

/// One version of one limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub key: Clock,
    /// For which tier; `None` for all that have no rule of their own.
    pub tier: Option<Tier>,
    pub value: u32,
    pub unit: Unit,
    /// The key of the act from whose day it runs.
    pub start_event: String,
    /// The text it comes from; 「示例」 marks a sample value.
    pub source_text: String,
    pub valid_from: Date,
    /// The last day on which it is in force.
    pub valid_to: Option<Date>,
    pub set_by: String,
}

impl Rule {
    fn in_force(&self, on: Date) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|end| on <= end)
    }
}

/// A set of rules: all that were ever set, or the versions that one case keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// The rule of a tier in force on a day: the tier's own before the common one, the newest first.
    pub fn find(&self, key: Clock, tier: Option<Tier>, on: Date) -> Option<&Rule> {
        let fits = |rule: &&Rule| rule.key == key && rule.in_force(on) && (rule.tier.is_none() || rule.tier == tier);
        self.0.iter().filter(fits).max_by_key(|rule| (rule.tier.is_some(), rule.valid_from))
    }

    /// The versions that a case assigned on this day keeps.
    pub fn kept(&self, tier: Option<Tier>, on: Date) -> Rules {
        Rules(Clock::ALL.into_iter().filter_map(|key| self.find(key, tier, on)).cloned().collect())
    }
}

/// The end of a limit in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    pub clock: Clock,
    /// The last day.
    pub on: Date,
    /// The day from which it runs, not counted.
    pub start: Date,
    pub value: u32,
    pub unit: Unit,
    /// Computed without the holiday table of the year in which it ends: weekends count, holidays
    /// are not known yet. [`super::Act::FixDates`] computes it again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub provisional: bool,
}

impl Due {
    /// The end of a limit that runs from `start`.
    pub fn from(rule: &Rule, start: Date, holidays: &Holidays) -> Due {
        let (value, unit) = (rule.value, rule.unit);
        let (on, provisional) = match due(start, value, unit, holidays) {
            Ok(on) => (on, false),
            Err(NoTable { .. }) => (due_by_weekends(start, value, unit), true),
        };
        Due { clock: rule.key, on, start, value, unit, provisional }
    }

    /// A day that was agreed on.
    pub fn agreed(clock: Clock, start: Date, on: Date) -> Due {
        let value = on.days_since(start).try_into().unwrap_or(0);
        Due { clock, on, start, value, unit: Unit::Days, provisional: false }
    }

    /// The end, now that the holiday tables are there.
    pub fn fixed(self, holidays: &Holidays) -> Option<Due> {
        let on = due(self.start, self.value, self.unit, holidays).ok()?;
        Some(Due { on, provisional: false, ..self })
    }
}

/// The end of a limit, as if every year had weekends and nothing else.
fn due_by_weekends(start: Date, value: u32, unit: Unit) -> Date {
    let mut plain = Holidays::default();
    let days = match unit {
        Unit::Months => value.saturating_mul(31),
        Unit::Days => value,
        Unit::WorkingDays => value.saturating_mul(2),
    };
    let last = start.plus_days(days.saturating_add(7).try_into().unwrap_or(i32::MAX)).year();
    plain.years = (start.year()..=last).map(|year| (year, YearTable::default())).collect();
    due(start, value, unit, &plain).unwrap_or(Date::MAX)
}

fn is_false(yes: &bool) -> bool {
    !yes
}
