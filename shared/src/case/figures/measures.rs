//! What the rates of §7.0 look at in one suggestion, and the parts of all suggestions that they divide by each other.
//! The server keeps the measures in columns beside the fold, so that no figure reads folds.

use serde::Serialize;

use super::Figure;
use crate::case::{
    Case, Clock, Machine,
    act::{CommitmentOutcome, Opinion, Way},
    calendar::Date,
    suggestion::{Commitment, Suggestion},
};

/// A suggestion as the rates see it. Of anything else, and of one that was not handed in, nothing is true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measures {
    pub assigned: bool,
    /// The class of the last reply; `None` before the first.
    pub class: Option<String>,
    /// The last day for the first reply.
    pub due: Option<Date>,
    /// The first reply came by then, or counts so on paper proof. An extension counts only if it was granted before
    /// the limit had passed.
    pub in_time: bool,
    pub done: bool,
    /// The evaluation of the last reply, and of the first.
    pub result: Option<Opinion>,
    pub first_result: Option<Opinion>,
    pub reach: Option<Reach>,
    pub may_publish: bool,
    pub published: bool,
    pub commitments: Vec<Commitment>,
}

/// How close the units and the deputy came: each takes in those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// 沟通, in any way.
    Contacted = 1,
    /// 见面: a visit or a meeting.
    Met = 2,
    /// 面商
    Consulted = 3,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident = $key:literal),+ $(,)?) => {
        /// A part of the suggestions that count (建议总数). Its key is its name in addresses; its words are in the
        /// texts under `part.<key>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Part { $($(#[$doc])* #[serde(rename = $key)] $name),+ }

        impl Part {
            pub const ALL: &[Part] = &[$(Part::$name),+];

            pub fn key(self) -> &'static str {
                match self { $(Part::$name => $key),+ }
            }
        }
    };
}

parts! {
    /// 已交办
    Assigned = "assigned",
    /// 已答复
    Replied = "replied",
    /// 答复时限已届满
    FallenDue = "fallen_due",
    /// 按期答复
    Timely = "timely",
    /// 已办结
    Done = "done",
    /// 已测评
    Evaluated = "evaluated",
    /// 满意
    Satisfied = "satisfied",
    /// 基本满意
    Mostly = "mostly",
    /// 满意或基本满意
    Content = "content",
    /// 已答复、未测评
    Unevaluated = "unevaluated",
    /// 首次答复已测评
    FirstEvaluated = "first_evaluated",
    /// 首次答复满意
    FirstSatisfied = "first_satisfied",
    /// 有沟通记录
    Contacted = "contacted",
    /// 见过面
    Met = "met",
    /// 面商过
    Consulted = "consulted",
    /// 已办结、可公开
    Publishable = "publishable",
    /// 已公开
    Published = "published",
    /// 有承诺到期或已了结
    Promised = "promised",
    /// 有承诺已兑现
    Kept = "kept",
}

impl Figure {
    /// What a rate divides by what.
    pub fn rate(self) -> Option<(Part, Part)> {
        Some(match self {
            Figure::Replied => (Part::Replied, Part::Assigned),
            Figure::Timely => (Part::Timely, Part::FallenDue),
            Figure::Done => (Part::Done, Part::Assigned),
            Figure::Satisfied => (Part::Satisfied, Part::Evaluated),
            Figure::Mostly => (Part::Mostly, Part::Evaluated),
            Figure::Content => (Part::Content, Part::Evaluated),
            Figure::First => (Part::FirstSatisfied, Part::FirstEvaluated),
            Figure::Consulted => (Part::Consulted, Part::Assigned),
            Figure::Met => (Part::Met, Part::Assigned),
            Figure::Contacted => (Part::Contacted, Part::Assigned),
            Figure::Published => (Part::Published, Part::Publishable),
            _ => return None,
        })
    }
}

impl Part {
    /// Whether a suggestion with these measures is in the part today.
    pub fn takes(self, measures: &Measures, today: Date) -> bool {
        let Measures { assigned, in_time, done, result, .. } = *measures;
        let replied = measures.class.is_some();
        let fallen_due = measures.due.is_some_and(|due| due <= today);
        let reached = |reach| assigned && measures.reach >= Some(reach);
        match self {
            Part::Assigned => assigned,
            Part::Replied => assigned && replied,
            Part::FallenDue => fallen_due,
            Part::Timely => fallen_due && in_time,
            Part::Done => assigned && done,
            Part::Evaluated => result.is_some(),
            Part::Satisfied => result == Some(Opinion::Satisfied),
            Part::Mostly => result == Some(Opinion::Mostly),
            Part::Content => matches!(result, Some(Opinion::Satisfied | Opinion::Mostly)),
            Part::Unevaluated => replied && result.is_none(),
            Part::FirstEvaluated => measures.first_result.is_some(),
            Part::FirstSatisfied => measures.first_result == Some(Opinion::Satisfied),
            Part::Contacted => reached(Reach::Contacted),
            Part::Met => reached(Reach::Met),
            Part::Consulted => reached(Reach::Consulted),
            Part::Publishable => done && measures.may_publish,
            Part::Published => done && measures.may_publish && measures.published,
            Part::Promised => measures.commitments.iter().any(|one| has_come(one, today)),
            Part::Kept => measures.commitments.iter().any(is_kept),
        }
    }
}

/// A commitment whose day has come, or that was settled before.
pub fn has_come(commitment: &Commitment, today: Date) -> bool {
    commitment.due <= today || commitment.outcome.is_some()
}

/// 已兑现
pub fn is_kept(commitment: &Commitment) -> bool {
    commitment.outcome == Some(CommitmentOutcome::Kept)
}

impl Case {
    /// What the rates look at.
    pub fn measures(&self) -> Measures {
        match &self.machine {
            Machine::Suggestion(suggestion) => of(suggestion),
            _ => Measures::default(),
        }
    }
}

pub(super) fn of(suggestion: &Suggestion) -> Measures {
    let (first, last) = (suggestion.replies.first(), suggestion.reply());
    let limit = || suggestion.passed.or(suggestion.clocks.get(Clock::Reply).map(|due| due.on));
    let of_first = suggestion.evaluations.iter().find(|evaluated| evaluated.evaluation.round == 1);
    Measures {
        assigned: suggestion.assigned.is_some(),
        class: last.map(|reply| reply.class.clone()),
        due: first.map_or_else(limit, |reply| reply.due),
        in_time: first.is_some_and(|reply| !reply.late || reply.excused),
        done: suggestion.state.is_done(),
        result: suggestion.evaluation().map(|standing| standing.evaluation.result),
        first_result: of_first.map(|evaluated| evaluated.evaluation.result),
        reach: suggestion.contacts.iter().map(|(way, _)| Reach::by(*way)).max(),
        may_publish: last.is_some_and(|reply| reply.may_publish),
        published: suggestion.marks.published,
        commitments: suggestion.commitments.clone(),
    }
}

impl Reach {
    fn by(way: Way) -> Reach {
        match way {
            Way::Consultation => Reach::Consulted,
            way if way.is_face_to_face() => Reach::Met,
            _ => Reach::Contacted,
        }
    }
}
