//! The way of a case, step by step, so that every act is asked for where it has its place.

use super::{HANDLING_UNIT, MANDATE, TEXT};
use crate::{
    case::{
        Act, Assign, Case, CommitmentOutcome, Date, Decline, Evaluation, Exit, ExitKind, Fault, Flag, Opinion,
        Petition, Promise, Reply, Tier, UnitRef, Way,
    },
    id::{RecordId, UnitCode},
    schema::Kind,
};

/// Who co-signs, or leads where the deputy of the table co-signs.
pub(super) const OTHER_MANDATE: RecordId = RecordId([8; 16]);
/// Another record, into which this one is merged or moves on.
pub(super) const OTHER_RECORD: RecordId = RecordId([10; 16]);
pub(super) const OTHER_UNIT: &str = "520303U08";
/// The stories begin on 2026-12-28: limits run beyond the year of the last table of holidays.
pub(super) const BEGINS_MS: i64 = 1_798_430_400_000;
/// Later than any limit that runs in a story.
const LONG_AFTER: i32 = 60;

/// An act that is asked for.
pub(super) struct Step {
    pub act: Act,
    /// What tells its row from another one with the same act.
    pub note: &'static str,
    /// Whether it is entered, so that the case goes on from there.
    pub enters: bool,
    /// How many days have passed since the step before.
    pub after_days: i32,
}

/// The story of a case; of a suggestion, of one of this tier.
pub(super) fn of(kind: Kind, tier: Option<Tier>) -> Vec<Step> {
    match kind {
        Kind::Voice => voice(),
        Kind::Suggestion => suggestion(tier.unwrap_or(Tier::District)),
        Kind::Mandate => mandate(),
        _ => verification(),
    }
}

/// The act with the numbers of the events that it is about.
pub(super) fn numbered(act: &Act, case: &Case) -> Act {
    let last = |key| case.last(key).unwrap_or_default();
    let mut act = act.clone();
    match &mut act {
        Act::SettleContest { contest, .. } => *contest = last("contest"),
        Act::SettleEvaluation { keep, .. } => *keep = last("disputed_evaluation"),
        Act::AcceptLate { event, .. } => *event = last("reply"),
        _ => {}
    }
    act
}

fn verification() -> Vec<Step> {
    vec![
        done(hand_in()),
        tried(Act::Void { text: words() }),
        done(Act::AskRevision { text: words() }),
        done(hand_in()),
        done(Act::Verify),
        tried(Act::Correct { text: words() }),
        tried(Act::Void { text: words() }).when("verified"),
        done(contest()),
        done(settle_contest()),
    ]
}

fn mandate() -> Vec<Step> {
    vec![
        done(Act::Suspend { on: begins(), text: words() }),
        done(Act::Resume { on: begins() }),
        done(Act::End { on: begins(), text: words() }),
        done(contest()),
        done(settle_contest()),
    ]
}

fn voice() -> Vec<Step> {
    let office = || unit(HANDLING_UNIT);
    vec![
        done(hand_in()),
        done(Act::Sort { proposed: ExitKind::Village, text: words() }),
        tried(Act::FixDates),
        tried(Act::Route { exit: Exit::Spot { text: words() } }).when("spot"),
        tried(Act::Route { exit: Exit::Petition { matter: Petition::Request, office: office() } }).when("petition"),
        tried(Act::Route { exit: Exit::Declined { reason: Decline::Vague } }).when("declined"),
        tried(Act::Route { exit: Exit::Merged { into: OTHER_RECORD } }).when("merged"),
        tried(Act::Route { exit: Exit::Town { suggestion: OTHER_RECORD } }).when("town"),
        tried(Act::Route { exit: Exit::District { suggestion: OTHER_RECORD } }).when("district"),
        tried(Act::Route { exit: Exit::Upper { office: words() } }).when("upper"),
        done(Act::Route { exit: Exit::Village { unit: office() } }).when("village"),
        done(Act::Outcome { text: words() }),
        tried(Act::Miss { on: begins(), way: Way::Phone }),
        done(Act::Feedback { on: begins(), way: Way::Phone, text: words(), attitude: None }),
        done(Act::Close { text: words() }),
    ]
}

fn suggestion(tier: Tier) -> Vec<Step> {
    let other = if tier == Tier::Town { Tier::District } else { Tier::Town };
    let mut steps = vec![
        tried(Act::Opened { origin: OTHER_RECORD, tier }),
        tried(submit()),
        tried(confirm(None)),
        tried(confirm(Some(MANDATE))),
        done(confirm(Some(OTHER_MANDATE))),
        done(submit()),
        tried(Act::FixDates),
        tried(Act::Withdraw { text: words() }),
        tried(Act::Object { text: words() }),
        done(Act::Review),
        tried(Act::Decline { reason: Decline::Vague, text: words() }),
        tried(Act::Convert { tier: other, to: OTHER_RECORD, text: words() }),
        done(Act::AskRevision { text: words() }),
        done(submit()),
        done(Act::Review),
        done(Act::Accept),
    ];
    steps.extend(handling());
    steps.extend(judgement());
    steps
}

fn handling() -> Vec<Step> {
    vec![
        // First the table's unit is asked for its opinion, then it leads.
        done(Act::Assign(assign(OTHER_UNIT, &[HANDLING_UNIT]))),
        done(Act::CoOpinion { text: words() }),
        done(Act::Reassign(assign(HANDLING_UNIT, &[]))),
        done(Act::ReturnAssignment { text: words(), propose: None }),
        done(Act::DecideReturn { grant: false, text: words() }),
        done(Act::Sign { officer: words(), phone: String::new() }),
        done(Act::AskExtension { until: begins().plus_months(3).plus_days(15), text: words() }),
        done(Act::DecideExtension { grant: false, text: words() }),
        tried(Act::Mark { flag: Flag::KeySupervision, on: true, text: words() }),
        done(Act::Contact { way: Way::Consultation, on: begins(), place: words(), text: words() }),
        done(Act::Reply(reply())),
        done(Act::Urge { level: 1, text: words() }),
    ]
}

fn judgement() -> Vec<Step> {
    let view = || evaluation(1, Opinion::Mostly);
    vec![
        tried(Act::NotEvaluated).after(LONG_AFTER),
        done(Act::Evaluate(evaluation(1, Opinion::Satisfied))),
        tried(Act::Close { text: words() }),
        tried(Act::CosignerView { view: view(), mandate: None }),
        tried(Act::CosignerView { view: view(), mandate: Some(MANDATE) }),
        done(Act::Evaluate(evaluation(1, Opinion::Dissatisfied))),
        done(Act::SettleEvaluation { keep: 0, text: words() }),
        done(Act::Rehandle { text: words() }),
        done(Act::Reply(reply())).after(LONG_AFTER),
        done(Act::AcceptLate { event: 0, text: words() }),
        done(Act::Evaluate(evaluation(2, Opinion::Dissatisfied))),
        done(Act::Coordinate { text: words() }),
        done(Act::Conclude { deputy: words(), unit: words(), text: words() }),
        done(commitment(1)),
        done(commitment(2)),
        done(Act::Publish { objection_considered: true }),
        done(Act::Unpublish { text: words() }),
        done(Act::Archive),
    ]
}

fn done(act: Act) -> Step {
    Step { enters: true, ..tried(act) }
}

fn tried(act: Act) -> Step {
    Step { act, note: "", enters: false, after_days: 0 }
}

impl Step {
    fn when(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    fn after(self, after_days: i32) -> Self {
        Self { after_days, ..self }
    }
}

fn begins() -> Date {
    Date::at(BEGINS_MS)
}

/// Something is written there; what, matters to no rule.
fn words() -> String {
    "示例".into()
}

fn unit(code: &str) -> UnitRef {
    UnitRef { code: UnitCode(code.into()), name: words() }
}

fn hand_in() -> Act {
    Act::Submit { text: None, declared: false, again: None }
}

fn submit() -> Act {
    Act::Submit { text: Some(TEXT), declared: true, again: None }
}

fn confirm(mandate: Option<RecordId>) -> Act {
    Act::Confirm { text: TEXT, mandate }
}

fn contest() -> Act {
    Act::Contest { fault: Fault::Wrong, about: None, text: words() }
}

fn settle_contest() -> Act {
    Act::SettleContest { contest: 0, upheld: true, text: words() }
}

fn commitment(number: u32) -> Act {
    Act::Commitment { commitment: number, outcome: CommitmentOutcome::Kept, due: None, text: words() }
}

fn assign(lead: &str, co: &[&str]) -> Assign {
    let co = co.iter().map(|code| unit(code)).collect();
    Assign { lead: unit(lead), co, separate: Vec::new(), wide: false, text: words() }
}

fn reply() -> Reply {
    let commitments = vec![Promise { text: words(), due: begins().plus_months(12) }];
    Reply { letter: words(), class: "B".into(), text: words(), signer: words(), commitments, may_publish: true }
}

fn evaluation(round: u32, result: Opinion) -> Evaluation {
    Evaluation { round, attitude: Opinion::Satisfied, result, way: Way::Phone, text: words() }
}
