//! 代表建议 and 直通车: the status machine of §6.4 b).
//!
//! In reading order: what a suggestion is, as its events tell; then, step by step, who may do what:
//! handing in and accepting, handling, replying and evaluating, what comes after, and the change of tier.

mod accept;
mod after;
mod convert;
mod evaluate;
mod fold;
mod handle;
mod reply;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Act, Book, HANDED_OVER, ReplyClass, ReturnReason,
    act::{Assign, CommitmentOutcome, Decline, Evaluation, Tier, UnitRef, Way},
    calendar::Date,
    clocks::Clocks,
    desk::{Decision, Desk, No},
    rules::{Due, Rules},
    who::Part,
};
use crate::id::{BlobHash, RecordId, TextHash, UnitCode};

/// Where a suggestion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// S0 草稿
    #[default]
    Draft,
    /// 转交: a draft whose lead's mandate had ended
    HandedOver,
    /// S1 已提交
    Submitted,
    /// S2 审核中
    Review,
    /// S2r 退回修改
    Revision,
    /// S2x 不予受理, 转参考
    Declined,
    /// S3 已立案
    Accepted,
    /// S4 已交办
    Assigned,
    /// S5 已签收办理中
    InHand,
    /// S6 已答复
    Answered,
    /// S7 已测评
    Evaluated,
    /// S7n 未测评
    NotEvaluated,
    /// S8 重新办理
    Rehandling,
    /// S8e 协调督办
    Coordination,
    /// S9 办结
    Closed,
    /// S9c 承诺跟踪
    Tracking,
    /// S10 归档
    Archived,
    /// SW 已撤回
    Withdrawn,
    /// SX 已转出
    Converted,
}

/// A suggestion, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestion {
    pub state: State,
    pub tier: Option<Tier>,
    /// 案号, once accepted.
    pub number: Option<String>,
    /// The wording that was handed in.
    pub text: Option<TextHash>,
    /// Which wording each co-signing deputy confirmed.
    pub confirmed: BTreeMap<RecordId, TextHash>,
    pub declined: Option<Decline>,
    /// The case that this one goes on from, and the one in which it goes on (上收、下沉).
    pub origin: Option<RecordId>,
    pub moved_to: Option<(RecordId, Tier)>,
    pub assigned: Option<Assigned>,
    /// What the unit asked for, while it is not decided (S4q, S5q).
    pub asked: Option<Asked>,
    pub extensions: u32,
    /// The limit that counts for 按期, where an extension was granted only after it had passed.
    pub passed: Option<Date>,
    pub contacts: Vec<(Way, Date)>,
    /// Units that gave their opinion.
    pub opinions: BTreeSet<UnitCode>,
    pub replies: Vec<Replied>,
    /// The evaluations that stand, the last one for the last round.
    pub evaluations: Vec<Evaluated>,
    /// Evaluations that came second (争议).
    pub disputes: Vec<Evaluated>,
    pub views: Vec<(RecordId, Evaluation)>,
    pub commitments: Vec<Commitment>,
    /// The number of the event with which the lead deputy objected to publication.
    pub objection: Option<u32>,
    /// The files that were published with it.
    pub public_files: Vec<BlobHash>,
    pub marks: Marks,
    /// The rule versions in force when it was assigned, with the classes of replies and the number of extensions;
    /// of one that was assigned before these two were kept, the book still knows them.
    pub rules: Rules,
    pub classes: Vec<ReplyClass>,
    pub extensions_max: Option<u32>,
    pub clocks: Clocks,
}

/// To whom it was assigned, when, by which event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub seq: u32,
    /// t0, from which the limits run.
    pub on: Date,
    pub to: Assign,
    pub signed: Option<Date>,
}

/// What the lead unit asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// S4q 申请退办
    Return { seq: u32 },
    /// S5q 申请延期
    Extension { seq: u32, until: Date },
}

impl Asked {
    const RETURN: &'static str = "return_asked";
    const EXTENSION: &'static str = "extension_asked";

    /// The state's key meanwhile.
    fn key(self) -> &'static str {
        match self {
            Asked::Return { .. } => Self::RETURN,
            Asked::Extension { .. } => Self::EXTENSION,
        }
    }
}

/// A reply that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    pub seq: u32,
    pub on: Date,
    pub class: String,
    /// The last day that counts for 按期: an extension counts only if it was granted before the limit passed.
    pub due: Option<Date>,
    /// Received after its limit (超期).
    pub late: bool,
    /// 补录: accepted as in time on paper proof.
    pub excused: bool,
    pub may_publish: bool,
}

/// An evaluation, by the number of its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    pub seq: u32,
    pub evaluation: Evaluation,
}

/// Something promised in a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// From 1, over all replies.
    pub number: u32,
    pub text: String,
    pub due: Date,
    /// `None` while it is open; never `Adjusted`, which only moves the day.
    pub outcome: Option<CommitmentOutcome>,
}

/// The parallel flags of §6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// 重点督办
    pub key_supervision: bool,
    /// 优秀建议
    pub excellent: bool,
    /// 已公开
    pub published: bool,
    /// 催办级别, 0 to 3.
    pub urged: u8,
    /// The number of the last event that urged.
    pub urged_seq: u32,
}

impl State {
    pub const ALL: [State; 19] = [
        State::Draft,
        State::HandedOver,
        State::Submitted,
        State::Review,
        State::Revision,
        State::Declined,
        State::Accepted,
        State::Assigned,
        State::InHand,
        State::Answered,
        State::Evaluated,
        State::NotEvaluated,
        State::Rehandling,
        State::Coordination,
        State::Closed,
        State::Tracking,
        State::Archived,
        State::Withdrawn,
        State::Converted,
    ];

    pub fn key(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::HandedOver => HANDED_OVER,
            State::Submitted => "submitted",
            State::Review => "review",
            State::Revision => "revision",
            State::Declined => "declined",
            State::Accepted => "accepted",
            State::Assigned => "assigned",
            State::InHand => "in_hand",
            State::Answered => "answered",
            State::Evaluated => "evaluated",
            State::NotEvaluated => "not_evaluated",
            State::Rehandling => "rehandling",
            State::Coordination => "coordination",
            State::Closed => "closed",
            State::Tracking => "tracking",
            State::Archived => "archived",
            State::Withdrawn => "withdrawn",
            State::Converted => "converted",
        }
    }

    /// 计入建议总数 (DOMAIN §7.0): S3 or later, and neither withdrawn nor moved on to another tier.
    pub fn is_counted(self) -> bool {
        (State::Accepted..=State::Archived).contains(&self)
    }

    /// The keys of the states that count; what a unit asks for concerns one that is assigned.
    pub fn counted_keys() -> impl Iterator<Item = &'static str> {
        let states = State::ALL.into_iter().filter(|state| state.is_counted());
        states.map(State::key).chain([Asked::RETURN, Asked::EXTENSION])
    }

    /// S9 or later on the way of those that were handled.
    pub fn is_done(self) -> bool {
        matches!(self, State::Closed | State::Tracking | State::Archived)
    }

    /// Nothing more happens to it.
    pub fn is_final(self) -> bool {
        matches!(self, State::Declined | State::Archived | State::Withdrawn | State::Converted)
    }
}

impl Suggestion {
    /// The state's key, with what the unit asked for (S4q, S5q).
    pub fn key(&self) -> &'static str {
        self.asked.map_or(self.state.key(), Asked::key)
    }

    /// 主办
    pub fn lead(&self) -> Option<&UnitRef> {
        self.assigned.as_ref().map(|assigned| &assigned.to.lead)
    }

    /// All units that it is assigned to, the lead first.
    pub fn units(&self) -> impl Iterator<Item = &UnitRef> {
        self.assigned.iter().flat_map(|assigned| assigned.to.units())
    }

    /// Which round of handling this is, by the replies so far.
    pub fn round(&self) -> u32 {
        self.replies.len() as u32
    }

    /// The evaluation of the last reply.
    pub fn evaluation(&self) -> Option<&Evaluated> {
        self.evaluations.last().filter(|last| last.evaluation.round == self.round())
    }

    /// The last reply.
    pub fn reply(&self) -> Option<&Replied> {
        self.replies.last()
    }

    /// The classes from which its reply has one.
    pub fn classes<'a>(&'a self, book: &'a Book) -> &'a [ReplyClass] {
        if !self.classes.is_empty() {
            return &self.classes;
        }
        let in_force = self.assigned.as_ref().and_then(|assigned| book.classes.on(assigned.on));
        in_force.map(Vec::as_slice).unwrap_or_default()
    }

    /// How often its reply may be put off.
    fn extensions_max(&self, book: &Book) -> u32 {
        let in_force = || book.extensions_max.on(self.assigned.as_ref()?.on).copied();
        self.extensions_max.or_else(in_force).unwrap_or(0)
    }

    pub fn open_commitments(&self) -> impl Iterator<Item = &Commitment> {
        self.commitments.iter().filter(|commitment| commitment.outcome.is_none())
    }

    /// 面商 held.
    pub fn consulted(&self) -> bool {
        self.contacts.iter().any(|(way, _)| *way == Way::Consultation)
    }

    /// The limit that the next step must keep: of the reply, the evaluation, a commitment.
    pub fn next_due(&self) -> Option<Due> {
        self.clocks.all().min_by_key(|due| due.on)
    }

    /// T for what the town decides, C for what the district decides.
    fn office(&self) -> Part<'static> {
        Part::Office(self.tier.unwrap_or(Tier::District))
    }

    fn only_in(&self, desk: &Desk<'_>, states: &[State]) -> Result<(), No> {
        if states.contains(&self.state) {
            return Ok(());
        }
        // The usual surprise has a reason of its own, which says that the reply is there.
        let answered = self.state >= State::Answered && states.iter().any(|state| *state < State::Answered);
        match self.reply() {
            Some(reply) if answered && !self.state.is_final() => {
                Err(No::because(ReturnReason::AlreadyAnswered).event(Some(reply.seq)))
            }
            _ => Err(desk.wrong_state()),
        }
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        match &desk.request.act {
            Act::Confirm { text, mandate } => self.confirm(desk, *text, *mandate),
            Act::Submit { text, declared, .. } => self.submit(desk, *text, *declared),
            Act::Review => self.review(desk),
            Act::AskRevision { text } => self.ask_revision(desk, text),
            Act::Decline { text, .. } => self.decline(desk, text),
            Act::Accept => self.accept(desk),
            Act::Withdraw { text } => self.withdraw(desk, text),
            Act::Convert { tier, to, text } => self.convert(desk, *tier, *to, text),
            Act::Opened { origin, tier } => self.open(desk, *origin, *tier),
            Act::Assign(to) => self.assign(desk, to),
            Act::Reassign(to) => self.reassign(desk, to),
            Act::Sign { officer, .. } => self.sign(desk, officer),
            Act::ReturnAssignment { text, .. } => self.ask_return(desk, text),
            Act::DecideReturn { grant, text } => self.decide_return(desk, *grant, text),
            Act::AskExtension { until, text } => self.ask_extension(desk, *until, text),
            Act::DecideExtension { grant, text } => self.decide_extension(desk, *grant, text),
            Act::Contact { on, .. } => self.contact(desk, *on),
            Act::CoOpinion { text } => self.co_opinion(desk, text),
            Act::Reply(reply) => self.give_reply(desk, reply),
            Act::AcceptLate { event, text } => self.accept_late(desk, *event, text),
            Act::Evaluate(evaluation) => self.evaluate(desk, evaluation),
            Act::CosignerView { view, mandate } => self.cosigner_view(desk, view, *mandate),
            Act::SettleEvaluation { keep, text } => self.settle_evaluation(desk, *keep, text),
            Act::NotEvaluated => self.not_evaluated(desk),
            Act::Rehandle { text } => self.rehandle(desk, text),
            Act::Coordinate { text } => self.coordinate(desk, text),
            Act::Conclude { deputy, unit, text } => self.conclude(desk, [deputy, unit, text]),
            Act::Close { .. } => self.close(desk),
            Act::Commitment { commitment, outcome, due, text } => {
                self.commitment(desk, *commitment, *outcome, *due, text)
            }
            Act::Archive => self.archive(desk),
            Act::Urge { level, text } => self.urge(desk, *level, text),
            Act::Mark { .. } => self.mark(desk),
            Act::Object { text } => self.object(desk, text),
            Act::Publish { objection_considered } => self.publish(desk, *objection_considered),
            Act::Unpublish { text } => self.unpublish(desk, text),
            Act::FixDates => desk.fix_dates(&self.clocks, &[self.office()]),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }
}
