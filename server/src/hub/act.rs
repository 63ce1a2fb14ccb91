//! Official acts from the console: filed, judged and logged like a phone's.

use lianxin_shared::{
    case::{Case, Date, Event, Facts, Request, ReturnReason, Returned},
    id::{RecordId, SpaceId},
    rights::Person,
    wire::{SentEvent, SentRequest, Verdict, read_returned},
};

use super::{Hub, HubError, RecordPage, read::granted_in, writer::Sent};
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
        let acted = self.acts(device, person, std::slice::from_ref(request), now_ms).await?;
        acted.into_iter().next().ok_or(HubError::Unreadable(request.case))
    }

    /// Files requests as this person, one after the other in one exchange; an answer to each.
    ///
    /// # Errors
    /// When the server fails; requests that were answered by then stand, and have their answers when they come again.
    pub async fn acts(
        &self,
        device: &Device,
        person: &Person,
        requests: &[Request],
        now_ms: i64,
    ) -> Result<Vec<Acted>, HubError> {
        let spaces = self.store.spaces().await?;
        // Whoever may not read a record does not learn that it exists.
        let mut readable: Vec<Option<SpaceId>> = Vec::with_capacity(requests.len());
        for request in requests {
            let stored = self.store.record(request.case).await?;
            readable.push(stored.map(|it| it.space).filter(|space| granted_in(&spaces, person, *space).is_some()));
        }
        let home = readable.iter().rev().find_map(|space| *space);
        let filed = requests.iter().zip(&readable);
        let filed = filed.filter_map(|(request, space)| Some(SentRequest::of((*space)?, request))).collect();
        let sent = Sent { requests: filed, ..Sent::default() };
        let verdicts = self.submit(device, person, home, sent, now_ms).await?.verdicts;
        let mut verdicts = verdicts.into_iter();
        let unknown = Returned { reason: ReturnReason::NotAllowed, happened: None, detail: String::new() };
        let answer = |(request, space): (&Request, Option<SpaceId>)| {
            if space.is_none() {
                return Ok(Acted::Returned(unknown.clone()));
            }
            match verdicts.next() {
                Some(Verdict::Accepted { seq, .. }) => Ok(Acted::Accepted { seq }),
                Some(Verdict::Returned { why }) => Ok(Acted::Returned(read_returned(&why))),
                Some(Verdict::Missing) | None => Err(HubError::Unreadable(request.case)),
            }
        };
        requests.iter().zip(readable).map(answer).collect()
    }

    /// The events of a record's case that this version can read.
    pub async fn events(&self, record: RecordId) -> Result<Vec<Event>, HubError> {
        Ok(self.store.case_events(record).await?.iter().filter_map(SentEvent::read).collect())
    }
}

impl RecordPage {
    /// The case, folded from its events.
    pub fn case(&self) -> Case {
        Case::of(self.kind, &self.events)
    }

    /// What the guards know of the record itself, on this day.
    pub fn facts(&self, today: Date) -> Facts {
        Facts::to_hand_in(&self.contents, today)
    }
}
