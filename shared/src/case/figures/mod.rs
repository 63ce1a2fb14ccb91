//! 数出有据: every figure that is published, as a function of raw records (what the fields say, and
//! the fold of the events), with the definition that is printed under it (DOMAIN §7.0, §7.1).
//!
//! Nothing here ranks anybody: there are totals, shares and coverage.

pub mod measures;
mod rates;
mod seed;
mod share;

use serde::Serialize;

pub use measures::{Measures, Part, Reach};
pub use rates::*;
pub use seed::*;
pub use share::Share;

use super::{Case, Machine, act::Tier, calendar::Date, suggestion::Suggestion, verification};
use crate::{
    id::{RecordId, UnitCode},
    record::Contents,
    schema::Kind,
};

/// A record as the figures see it.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    pub id: RecordId,
    /// The unit of its space: the town's, the street's, the station's code.
    pub unit: &'a UnitCode,
    pub contents: &'a Contents,
    pub case: &'a Case,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $key:literal),+ $(,)?) => {
        /// The figures of suggestions, and 代表参与面, in the order in which they are told; the words of each are in the texts under `figure.<key>`, its definition
        /// under `definition.<key>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Figure { $($(#[$doc])* #[serde(rename = $key)] $name),+ }

        impl Figure {
            pub const ALL: &[Figure] = &[$(Figure::$name),+];

            pub fn key(self) -> &'static str {
                match self { $(Figure::$name => $key),+ }
            }
        }
    };
}

figures! {
    /// 建议总数
    Total = "total",
    /// 办复率
    Replied = "replied",
    /// 按期办复率
    Timely = "timely",
    /// 办结率
    Done = "done",
    /// 满意率
    Satisfied = "satisfied",
    /// 基本满意率
    Mostly = "mostly",
    /// 满意率(含基本满意)
    Content = "content",
    /// 初次办理满意率
    First = "first",
    /// 面商率
    Consulted = "consulted",
    /// 见面率
    Met = "met",
    /// 沟通率
    Contacted = "contacted",
    /// A/B/C/D 占比
    Classes = "classes",
    /// 兑现率
    Kept = "kept",
    /// 公开率
    Published = "published",
    /// 代表参与面
    Coverage = "coverage",
}

/// Which records a figure is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The field `term` (届).
    pub term: Option<String>,
    /// The field `session` (次), which also asks for what was raised in session.
    pub session: Option<String>,
    /// By the date that people typed, both days included.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Of suggestions: these tiers. Empty means the statutory ones, to a congress; an express case
    /// is none, and a street has no other.
    pub tiers: Vec<Tier>,
}

/// The tiers of 代表建议 in statutory statistics.
pub const STATUTORY: [Tier; 3] = [Tier::Town, Tier::District, Tier::Upper];

impl Filter {
    /// Whether a record lies in the filter's term, session and days.
    pub fn takes(&self, contents: &Contents) -> bool {
        let in_term = self.term.as_ref().is_none_or(|term| contents.text("term") == term);
        let in_session = self
            .session
            .as_ref()
            .is_none_or(|session| contents.is_true("in_session") && contents.text("session") == session);
        in_term && in_session && self.takes_date(date_of(contents))
    }

    fn takes_date(&self, date: Option<Date>) -> bool {
        let after = self.from.is_none_or(|from| date.is_some_and(|date| date >= from));
        after && self.to.is_none_or(|to| date.is_some_and(|date| date <= to))
    }

    fn takes_tier(&self, tier: Tier) -> bool {
        if self.tiers.is_empty() { STATUTORY.contains(&tier) } else { self.tiers.contains(&tier) }
    }
}

/// The date that people typed.
fn date_of(contents: &Contents) -> Option<Date> {
    let key = if contents.kind == Kind::Activity { "start" } else { "date" };
    contents.text(key).get(..10)?.parse().ok()
}

impl<'a> Item<'a> {
    fn is_live(&self, kind: Kind) -> bool {
        self.contents.kind == kind && !self.contents.is_true("deleted")
    }

    fn suggestion(&self) -> Option<&'a Suggestion> {
        match &self.case.machine {
            Machine::Suggestion(suggestion) if self.is_live(Kind::Suggestion) => Some(suggestion),
            _ => None,
        }
    }

    fn is_verified(&self) -> bool {
        matches!(&self.case.machine, Machine::Verification(v) if v.state == verification::State::Verified)
    }

    /// The code of the town or street that it belongs to.
    fn township(&self) -> &'a str {
        let code = &self.unit.0;
        code.get(..TOWNSHIP_CHARS).unwrap_or(code)
    }
}

/// Characters of a town's or street's code (行政区划代码).
const TOWNSHIP_CHARS: usize = 9;

#[cfg(test)]
mod tests;
