//! Official acts from the console: filed, judged and logged like a phone's.

use lianxin_shared::{
    case::{Case, Event, Facts, Request, ReturnReason, Returned},
    id::RecordId,
    rights::{self, Access, Person, Space},
    wire::{SentEvent, SentRequest, Verdict, read_returned},
};

use super::{Hub, HubError, RecordPage, writer::Sent};
use crate::store::Device;

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// The `seq`-th event of the case.
    Accepted { seq: u32 },
    /// Nothing was entered; the person's text is still in the form.
    Returned(Returned),
}

impl Hub {
    /// Files a request as this person. One that comes again has the answer it had.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn act(
        &self,
        device: &Device,
        person: &Person,
        request: &Request,
        now_ms: i64,
    ) -> Result<Acted, HubError> {
        // Whoever may not read a record does not learn that it exists.
        let unknown =
            Acted::Returned(Returned { reason: ReturnReason::NotAllowed, happened: None, detail: String::new() });
        let Some(stored) = self.store.record(request.case).await? else { return Ok(unknown) };
        let spaces = self.store.spaces().await?;
        let readable = |space: &Space| rights::best_access(person, space) >= Access::Read;
        if !spaces.iter().any(|space| space.id == stored.space && readable(space)) {
            return Ok(unknown);
        }
        let sent = Sent { requests: vec![SentRequest::of(stored.space, request)], ..Sent::default() };
        let answers = self.writer.submit(device, person, Some(stored.space), sent, now_ms).await?;
        match answers.verdicts.into_iter().next() {
            Some(Verdict::Accepted { seq, .. }) => Ok(Acted::Accepted { seq }),
            Some(Verdict::Returned { why }) => Ok(Acted::Returned(read_returned(&why))),
            Some(Verdict::Missing) | None => Err(HubError::Unreadable(request.case)),
        }
    }

    /// The events of a record's case that this version can read.
    pub(super) async fn events(&self, record: RecordId) -> Result<Vec<Event>, HubError> {
        Ok(self.store.case_events(record).await?.iter().filter_map(SentEvent::read).collect())
    }
}

impl RecordPage {
    /// The case, folded from its events.
    pub fn case(&self) -> Case {
        Case::of(self.kind, &self.events)
    }

    /// What the guards know of the record itself.
    pub fn facts(&self) -> Facts {
        Facts::of(&self.contents)
    }
}
