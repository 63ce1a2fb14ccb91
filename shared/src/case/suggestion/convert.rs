//! 上收、下沉: the matter goes on as a new case of another tier, and one chain of identity remains.
//! The old clock stops; the new one starts when the new tier assigns.
//!
//! Where the record of the new case is there already, it is opened together with the conversion. A
//! town cannot write in the district's space; then the district takes the matter over from there.

use super::{
    State, Suggestion,
    accept::{has_congress, has_its_place},
};
use crate::{
    case::{
        Act, Event, ReturnReason,
        act::Tier,
        desk::{Decision, Desk, No},
        who::Part,
    },
    id::RecordId,
    schema::Kind,
};

impl Suggestion {
    /// Refused once it is answered (ordering conflict 5).
    pub(super) fn convert(&self, desk: &Desk<'_>, tier: Tier, to: RecordId, text: &str) -> Decision {
        use State::*;
        let mut step = desk.by(&[self.office()])?;
        self.only_in(desk, &[Submitted, Review, Revision, Accepted, Assigned, InHand])?;
        desk.says(&[("text", text)])?;
        if Some(tier) == self.tier || to == desk.request.case {
            return Err(No::because(ReturnReason::Circle).detail(tier.key()));
        }
        has_congress(desk, tier)?;
        step.added.notify = self.units().map(|unit| unit.code.clone()).collect();
        Ok(step)
    }

    /// The office of the new tier takes over what was converted to it.
    pub(super) fn open(&self, desk: &Desk<'_>, origin: RecordId, tier: Tier) -> Decision {
        let mut step = desk.by(&[Part::Office(tier)])?;
        self.only_in(desk, &[State::Draft])?;
        has_its_place(desk, tier)?;
        let moved_to = desk.facts.target.as_ref().and_then(|target| target.moved_to);
        if moved_to != Some((desk.request.case, tier)) {
            return Err(No::because(ReturnReason::NoTarget).detail(origin.to_string()));
        }
        step.added.tier = Some(tier);
        Ok(step)
    }

    /// What the events of this case bring about in others.
    pub(in crate::case) fn caused(event: &Event) -> Vec<(RecordId, Kind, Act)> {
        match &event.act {
            Act::Convert { tier, to, .. } => {
                vec![(*to, Kind::Suggestion, Act::Opened { origin: event.case, tier: *tier })]
            }
            // The villagers behind it can be told now.
            Act::Reply(reply) => told(event, &format!("{} {}", reply.letter, reply.class)),
            // Nor do they wait for what will not come.
            Act::Decline { text, .. } | Act::Withdraw { text } => told(event, text),
            _ => Vec::new(),
        }
    }

    /// Whether an event that another case brings about has its place here.
    pub(in crate::case) fn takes(&self, act: &Act) -> bool {
        matches!(act, Act::Opened { .. }) && self.state == State::Draft
    }
}

fn told(event: &Event, text: &str) -> Vec<(RecordId, Kind, Act)> {
    let outcome = |voice: &RecordId| (*voice, Kind::Voice, Act::Outcome { text: text.to_owned() });
    event.added.tells.iter().map(outcome).collect()
}
