//! 上收、下沉: the matter goes on as a new case of another tier, and one chain of identity remains.
//! The old clock stops; the new one starts when the new tier assigns.

use super::{State, Suggestion, accept::has_congress};
use crate::{
    case::{
        Act, Event, ReturnReason,
        act::Tier,
        desk::{Decision, Desk, No},
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
        has_congress(desk, Some(tier))?;
        step.added.notify = self.units().map(|unit| unit.code.clone()).collect();
        Ok(step)
    }

    /// What the events of this case bring about in others.
    pub(in crate::case) fn caused(event: &Event) -> Vec<(RecordId, Kind, Act)> {
        match &event.act {
            Act::Convert { tier, to, .. } => {
                vec![(*to, Kind::Suggestion, Act::Opened { origin: event.case, tier: *tier })]
            }
            // The villagers behind it can be told now.
            Act::Reply(reply) => {
                let text = format!("{} {}", reply.letter, reply.class);
                let outcome = |voice: &RecordId| (*voice, Kind::Voice, Act::Outcome { text: text.clone() });
                event.added.tells.iter().map(outcome).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an event that another case brings about has its place here.
    pub(in crate::case) fn takes(&self, act: &Act) -> bool {
        matches!(act, Act::Opened { .. }) && self.state == State::Draft
    }
}
