//! The fold: what each accepted event makes of a suggestion.

use super::{Asked, Assigned, Commitment, Evaluated, Replied, State, Suggestion};
use crate::case::{
    Act, Event,
    act::{Assign, CommitmentOutcome, Flag, Reply},
    calendar::Date,
    rules::{Clock, Due},
};

impl Suggestion {
    pub(in crate::case) fn apply(&mut self, event: &Event) {
        match &event.act {
            Act::Confirm { text, mandate } => {
                if let Some(mandate) = mandate {
                    self.confirmed.insert(*mandate, *text);
                }
            }
            Act::HandOver { .. } => self.state = State::HandedOver,
            Act::Submit { text, .. } => {
                self.state = State::Submitted;
                self.text = *text;
            }
            Act::Opened { origin, .. } => {
                self.state = State::Review;
                self.origin = Some(*origin);
            }
            Act::Review => self.state = State::Review,
            Act::AskRevision { .. } => {
                self.state = State::Revision;
                self.clocks.stop(Clock::Accept);
            }
            Act::Decline { reason, .. } => {
                self.declined = Some(*reason);
                self.end(State::Declined);
            }
            Act::Accept => {
                self.state = State::Accepted;
                self.clocks.stop(Clock::Accept);
            }
            Act::Withdraw { .. } => self.end(State::Withdrawn),
            Act::Convert { to, tier, .. } => {
                self.moved_to = Some((*to, *tier));
                self.end(State::Converted);
            }
            _ => self.apply_handling(event),
        }
        self.enter(event);
    }

    fn apply_handling(&mut self, event: &Event) {
        match &event.act {
            Act::Assign(to) | Act::Reassign(to) => self.assigned_to(event, to),
            Act::Sign { .. } => {
                self.state = State::InHand;
                self.clocks.stop(Clock::Sign);
                if let Some(assigned) = &mut self.assigned {
                    assigned.signed = Some(Date::at(event.received_ms));
                }
            }
            Act::ReturnAssignment { .. } => self.asked = Some(Asked::Return { seq: event.seq }),
            Act::DecideReturn { grant, .. } => {
                self.asked = None;
                self.clocks.stop(Clock::Decide);
                if *grant {
                    self.assigned = None;
                    self.opinions.clear();
                    self.clocks.stop_all();
                    self.state = State::Accepted;
                }
            }
            Act::AskExtension { until, .. } => self.asked = Some(Asked::Extension { seq: event.seq, until: *until }),
            Act::DecideExtension { grant, .. } => {
                self.asked = None;
                self.clocks.stop(Clock::Decide);
                if *grant {
                    self.extensions += 1;
                    let over = |due: &Due| Date::at(event.received_ms) > due.on;
                    self.passed = self.passed.or(self.clocks.get(Clock::Reply).filter(over).map(|due| due.on));
                }
            }
            Act::Contact { way, on, .. } => self.contacts.push((*way, *on)),
            Act::CoOpinion { .. } => {
                self.opinions.insert(event.by.post.unit.clone());
                self.opinions.extend(event.added.opinion_of.clone());
                if self.units().skip(1).all(|unit| self.opinions.contains(&unit.code)) {
                    self.clocks.stop(Clock::CoOpinion);
                }
            }
            Act::Reply(reply) => self.replied(event, reply),
            _ => self.apply_judgement(event),
        }
    }

    fn apply_judgement(&mut self, event: &Event) {
        let evaluated = |evaluation: &_| Evaluated { seq: event.seq, evaluation: Clone::clone(evaluation) };
        match &event.act {
            Act::AcceptLate { event: late, .. } => {
                if let Some(reply) = self.replies.iter_mut().find(|reply| reply.seq == *late) {
                    reply.excused = true;
                }
            }
            Act::Evaluate(evaluation) => {
                self.state = State::Evaluated;
                self.evaluations.push(evaluated(evaluation));
                self.stop_evaluation();
            }
            Act::DisputedEvaluation(evaluation) => self.disputes.push(evaluated(evaluation)),
            Act::CosignerView { view, mandate } => {
                self.views.extend(mandate.map(|mandate| (mandate, view.clone())));
            }
            Act::SettleEvaluation { keep, .. } => {
                if let Some(at) = self.disputes.iter().position(|dispute| dispute.seq == *keep) {
                    let kept = self.disputes.swap_remove(at);
                    self.evaluations.pop();
                    self.evaluations.push(kept);
                }
                self.disputes.clear();
            }
            Act::NotEvaluated => {
                self.state = State::NotEvaluated;
                self.stop_evaluation();
            }
            Act::Rehandle { .. } => self.state = State::Rehandling,
            Act::Coordinate { .. } => self.state = State::Coordination,
            Act::Close { .. } | Act::Conclude { .. } => self.close_case(),
            Act::Commitment { commitment, outcome, due, .. } => self.settle(*commitment, *outcome, *due),
            Act::Archive => self.end(State::Archived),
            Act::Urge { level, .. } => {
                self.marks.urged = *level;
                self.marks.urged_seq = event.seq;
                self.clocks.stop(Clock::UrgeEvaluation);
            }
            Act::Mark { flag: Flag::KeySupervision, on, .. } => self.marks.key_supervision = *on,
            Act::Mark { flag: Flag::Excellent, on, .. } => self.marks.excellent = *on,
            Act::Object { .. } => self.objection = Some(event.seq),
            Act::Publish { .. } => {
                self.marks.published = true;
                self.public_files = event.added.files.clone();
            }
            Act::Unpublish { .. } => {
                self.marks.published = false;
                self.public_files.clear();
            }
            _ => {}
        }
    }

    /// What the server added.
    fn enter(&mut self, event: &Event) {
        let added = &event.added;
        self.tier = added.tier.or(self.tier);
        if added.number.is_some() {
            self.number = added.number.clone();
        }
        if !added.rules.0.is_empty() {
            self.rules = added.rules.clone();
        }
        if !added.classes.is_empty() {
            self.classes = added.classes.clone();
        }
        self.extensions_max = added.extensions_max.or(self.extensions_max);
        self.clocks.enter(added);
    }

    fn assigned_to(&mut self, event: &Event, to: &Assign) {
        let on = Date::at(event.received_ms);
        self.state = State::Assigned;
        self.asked = None;
        self.passed = None;
        self.opinions.clear();
        self.clocks.stop_all();
        self.assigned = Some(Assigned { seq: event.seq, on, to: to.clone(), signed: None });
    }

    fn replied(&mut self, event: &Event, reply: &Reply) {
        let due = self.passed.take().or(event.added.limit);
        let on = Date::at(event.received_ms);
        self.replies.push(Replied {
            seq: event.seq,
            on,
            class: reply.class.clone(),
            due,
            late: due.is_some_and(|due| on > due),
            excused: false,
            may_publish: reply.may_publish,
        });
        for promise in &reply.commitments {
            let number = self.commitments.len() as u32 + 1;
            self.commitments.push(Commitment { number, text: promise.text.clone(), due: promise.due, outcome: None });
        }
        // A request that is still open falls: the reply wins (ordering conflict 4).
        self.asked = None;
        self.clocks.stop_all();
        self.promise_clock(on);
        self.state = State::Answered;
    }

    fn stop_evaluation(&mut self) {
        self.clocks.stop(Clock::Evaluate);
        self.clocks.stop(Clock::UrgeEvaluation);
    }

    fn close_case(&mut self) {
        self.stop_evaluation();
        let open = self.open_commitments().next().is_some();
        self.state = if open { State::Tracking } else { State::Closed };
    }

    fn settle(&mut self, number: u32, outcome: CommitmentOutcome, due: Option<Date>) {
        let Some(commitment) = self.commitments.iter_mut().find(|one| one.number == number) else { return };
        match outcome {
            CommitmentOutcome::Adjusted => commitment.due = due.unwrap_or(commitment.due),
            settled => commitment.outcome = Some(settled),
        }
        self.clocks.stop(Clock::Commitment);
        self.promise_clock(Date::MIN);
    }

    /// The clock of what was promised shows the earliest day.
    fn promise_clock(&mut self, start: Date) {
        if let Some(first) = self.open_commitments().map(|open| open.due).min() {
            self.clocks.set(Due::agreed(Clock::Commitment, start, first));
        }
    }

    fn end(&mut self, state: State) {
        self.state = state;
        self.asked = None;
        self.clocks.stop_all();
    }
}
