//! Files with what a phone had not sent (手机文件): somebody else carries one here, at the desk or from another phone.
//!
//! What is in it arrives as if its own phone had sent it: under that device and its user, decided by the same rules,
//! once. Who carries it can neither read nor change it ([`crate::vault`]), is noted in the audit log, and hears what
//! arrived and what did not, by kinds and reasons, because the contents may be nothing for them.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use lianxin_shared::{
    blob::Refusal,
    id::{BlobHash, ChangeHash, DeviceId, RecordId},
    limits::{BLOB_PART_BYTES_MAX, EXCHANGE_OPS_MAX},
    record::operations_claimed,
    rights::Person,
    schema::Kind,
    sealed::SealedOutcome,
    wire::{BadParcel, Outcome, Parcel, ParcelContents, ParcelFile, RefusalReason, Request, Verdict, read_returned},
};
use serde::{Serialize, Serializer};

use crate::{
    blob::{BlobError, Blobs, NewPart},
    hub::{Carried, Hub, HubError},
    store::{Act, Device, DeviceKind, Doer, NewAudit, StoreError},
};

/// What became of a file that was carried here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Whose phone made it.
    pub name: String,
    /// What the list of devices calls that phone.
    pub label: String,
    /// By the phone's clock, in milliseconds since 1970.
    pub made_ms: i64,
    /// Staff had ended the device or the account: what is new lies apart.
    pub ended: bool,
    pub lines: Vec<Line>,
}

/// So many things of a kind fared alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    #[serde(serialize_with = "kind_key")]
    pub kind: Option<Kind>,
    /// The key of the words.
    pub text: String,
    pub count: usize,
}

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum ParcelProblem {
    #[error("no such file: {0}")]
    Bad(#[from] BadParcel),
    /// No device of this server has made it, or somebody has changed it.
    #[error("the file does not open")]
    Forged,
    /// Who is ended hands over their own only.
    #[error("the file is another device's")]
    Foreign,
    #[error("this server has no vault")]
    NoVault,
    /// More of an ended phone's than is kept, or than is taken in a day: nothing is lost, the rest comes later.
    #[error("so much of this user's waits already")]
    Full,
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl From<StoreError> for ParcelProblem {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl ParcelProblem {
    /// The end of the words' key.
    pub fn key(&self) -> &'static str {
        match self {
            ParcelProblem::Bad(BadParcel::Foreign) => "foreign",
            ParcelProblem::Bad(BadParcel::Newer) => "newer",
            ParcelProblem::Bad(BadParcel::Broken) | ParcelProblem::Forged | ParcelProblem::Foreign => "forged",
            ParcelProblem::Full => "full",
            ParcelProblem::NoVault | ParcelProblem::Hub(_) => "failed",
        }
    }
}

/// Takes a file. `own`: the only device whose file is taken, where that is not anyone's.
///
/// # Errors
/// When it is no file of a device of this server, whole and unchanged: then nothing of it was stored. When the server
/// fails: what was stored before is known when the file comes again.
pub async fn take(
    hub: &Hub,
    blobs: &Blobs,
    bytes: &[u8],
    by: Doer,
    own: Option<DeviceId>,
    now_ms: i64,
) -> Result<Taken, ParcelProblem> {
    let parcel = Parcel::decode(bytes)?;
    if own.is_some_and(|own| own != parcel.device) {
        return Err(ParcelProblem::Foreign);
    }
    let contents = open(hub, &parcel)?;
    let messages = messages(&contents)?;
    let device = hub.store().device(parcel.device).await?.filter(|device| device.kind == DeviceKind::Phone);
    let device = device.ok_or(ParcelProblem::Forged)?;
    let user = hub.store().user(device.user).await?.ok_or(ParcelProblem::Forged)?;
    let ended = user.locked || device.is_ended();
    // Before anything of it is stored: whatever fails or breaks off then, who carried it is noted.
    let subject = format!("{} {}", device.id.0, user.login);
    let things = messages.iter().map(things_in).sum::<usize>() + contents.files.len();
    hub.store().audit(&[NewAudit::of(by, Act::ParcelTake, &subject, &things.to_string(), now_ms)]).await?;
    let person = &user.person;
    let mut taking = Taking { hub, blobs, device: &device, person, ended, now_ms, fared: BTreeMap::new() };
    for message in messages {
        taking.message(message).await?;
    }
    for file in contents.files {
        taking.file(file).await?;
    }
    let lines = taking.lines();
    Ok(Taken { name: user.person.name, label: device.label, made_ms: contents.made_ms, ended, lines })
}

fn open(hub: &Hub, parcel: &Parcel) -> Result<ParcelContents, ParcelProblem> {
    let plain = hub.vault().ok_or(ParcelProblem::NoVault)?.open_parcel(parcel).map_err(|_| ParcelProblem::Forged)?;
    ParcelContents::decode(&plain).map_err(|_| ParcelProblem::Bad(BadParcel::Broken))
}

/// All messages, each of as many operations as an exchange may have, before any of them is stored.
fn messages(contents: &ParcelContents) -> Result<Vec<Request>, ParcelProblem> {
    let mut messages = Vec::new();
    for message in &contents.messages {
        let mut request = Request::decode(message).map_err(|_| ParcelProblem::Bad(BadParcel::Broken))?;
        let (mut part, mut operations) = (Vec::new(), 0);
        for change in std::mem::take(&mut request.changes) {
            let claimed = operations_claimed(&change.bytes);
            if operations + claimed > EXCHANGE_OPS_MAX && !part.is_empty() {
                messages.push(Request { changes: std::mem::take(&mut part), ..Request::default() });
                operations = 0;
            }
            operations += claimed;
            part.push(change);
        }
        messages.push(Request { changes: part, ..request });
    }
    Ok(messages)
}

fn things_in(message: &Request) -> usize {
    let sealed = message.sealed.as_ref().map_or(0, |sealed| sealed.writes.len());
    message.changes.len() + message.requests.len() + sealed
}

struct Taking<'a> {
    hub: &'a Hub,
    blobs: &'a Blobs,
    device: &'a Device,
    person: &'a Person,
    ended: bool,
    now_ms: i64,
    /// How many things of a kind had which words.
    fared: BTreeMap<(Option<u8>, String), usize>,
}

impl Taking<'_> {
    async fn message(&mut self, message: Request) -> Result<(), ParcelProblem> {
        let hashes: Vec<ChangeHash> = message.changes.iter().map(|change| change.hash).collect();
        let changes: Vec<u8> = message.changes.iter().map(|change| change.kind).collect();
        let requests: Vec<u8> = message.requests.iter().map(|request| request.kind).collect();
        let sealed = message.sealed.as_ref().map_or(0, |sealed| sealed.writes.len());
        let carried = self.hub.carry(self.device, self.person, message, self.ended, self.now_ms).await?;
        let Carried { answers, sealed: outcomes } = carried;
        self.lie_here(&hashes, &answers.outcomes).await?;
        for (kind, outcome) in changes.into_iter().zip(answers.outcomes) {
            self.note(Some(kind), of_change(&outcome, self.now_ms));
        }
        for (kind, verdict) in requests.into_iter().zip(answers.verdicts) {
            self.note(Some(kind), of_request(&verdict, self.now_ms));
        }
        for place in 0..sealed {
            let outcome = outcomes.get(place).and_then(Option::as_ref);
            self.note(None, outcome.map_or_else(|| "refused.ended".into(), of_sealed));
        }
        Ok(())
    }

    /// An ended phone keeps nothing once it has handed this over, so each change must lie in quarantine, where one
    /// user's have their bounds.
    async fn lie_here(&self, hashes: &[ChangeHash], outcomes: &[Outcome]) -> Result<(), ParcelProblem> {
        let kept = |outcome: &Outcome| match outcome {
            Outcome::Refused(refused) => refused.reason != RefusalReason::Founded,
            _ => false,
        };
        let refused = hashes.iter().zip(outcomes).filter(|(_, outcome)| kept(outcome)).map(|(hash, _)| *hash);
        let refused: Vec<ChangeHash> = refused.collect::<BTreeSet<_>>().into_iter().collect();
        let here = !self.ended || self.hub.store().count_refused(self.person.user, &refused).await? == refused.len();
        if here { Ok(()) } else { Err(ParcelProblem::Full) }
    }

    async fn file(&mut self, file: ParcelFile) -> Result<(), ParcelProblem> {
        let record = file.record;
        let taken = match self.take_file(&file).await {
            Err(BlobError::Refused(Refusal::Unnamed)) if self.ended => {
                self.blobs.take_apart(self.hub, self.person.user, file, self.now_ms).await.map(|()| "parcel.file_apart")
            }
            taken => taken.map(|()| "parcel.file"),
        };
        let text = match taken {
            Ok(text) => text.to_owned(),
            Err(BlobError::Refused(Refusal::DayFull)) if self.ended => return Err(ParcelProblem::Full),
            Err(BlobError::Refused(refusal)) => format!("file.{}", refusal.key()),
            Err(BlobError::Offset { .. }) => format!("file.{}", Refusal::Offset.key()),
            Err(BlobError::Hub(error)) => return Err(error.into()),
            Err(BlobError::Store(error)) => return Err(error.into()),
            Err(BlobError::Objects(error)) => return Err(StoreError(error.into()).into()),
        };
        let store = self.hub.store();
        let kind = match store.titles(&[record]).await?.get(&record) {
            Some((kind, _)) => Some(*kind as u8),
            // Only refused changes say what it is.
            None => store.refusals_of(self.person.user, record).await?.first().map(|refusal| refusal.kind),
        };
        self.note(kind, text);
        Ok(())
    }

    async fn take_file(&self, ParcelFile { record, preview, original }: &ParcelFile) -> Result<(), BlobError> {
        let (record, hash) = (*record, BlobHash::of(original));
        if let Some(preview) = preview.clone() {
            let address: (RecordId, BlobHash) = (record, hash);
            self.blobs.take_preview(self.hub, self.person, address, preview.into(), self.now_ms).await?;
        }
        // Asks first: some of it may have come from the phone itself.
        let (of, mut bytes, mut at) = (original.len() as u64, Bytes::new(), 0);
        while at < of {
            let part = NewPart { record, hash, device: self.device.id, at, of, bytes };
            at = self.blobs.take(self.hub, self.person, part, self.now_ms).await?;
            let begin = usize::try_from(at).unwrap_or(original.len());
            let rest = original.get(begin..).unwrap_or_default();
            bytes = rest[..rest.len().min(BLOB_PART_BYTES_MAX)].to_vec().into();
        }
        Ok(())
    }

    fn note(&mut self, kind: Option<u8>, text: String) {
        *self.fared.entry((kind, text)).or_default() += 1;
    }

    fn lines(self) -> Vec<Line> {
        let fared = self.fared.into_iter();
        fared.map(|((kind, text), count)| Line { kind: kind.and_then(Kind::from_number), text, count }).collect()
    }
}

fn of_change(outcome: &Outcome, now_ms: i64) -> String {
    match outcome {
        Outcome::Received { received_ms, .. } if *received_ms == now_ms => "parcel.received".into(),
        Outcome::Received { .. } => "parcel.known".into(),
        Outcome::Refused(refused) => refused.reason.text_key(),
        Outcome::Missing => "refused.missing".into(),
    }
}

fn of_request(verdict: &Verdict, now_ms: i64) -> String {
    match verdict {
        Verdict::Accepted { received_ms, .. } if *received_ms == now_ms => "parcel.acted".into(),
        Verdict::Accepted { .. } => "parcel.known".into(),
        Verdict::Returned { why } => read_returned(why).reason.text_key(),
        Verdict::Missing => "refused.missing".into(),
    }
}

fn of_sealed(outcome: &SealedOutcome) -> String {
    match outcome {
        SealedOutcome::Stored { .. } => "parcel.sealed".into(),
        SealedOutcome::Deleted(_) => "parcel.sealed_deleted".into(),
        SealedOutcome::Conflict { .. } => "parcel.sealed_conflict".into(),
        SealedOutcome::Refused(refusal) => refusal.text_key().into(),
        SealedOutcome::Waiting => "refused.missing".into(),
    }
}

fn kind_key<S: Serializer>(kind: &Option<Kind>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.map(Kind::key).serialize(serializer)
}
