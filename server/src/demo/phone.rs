//! A virtual phone: the real device core with its storage in memory, exchanging with the hub in
//! this process. So the demo set passes every check that a real phone's data passes.

use std::collections::HashMap;

use anyhow::{Context, bail};
use jiff::civil::Date;
use lianxin_shared::{
    case::Act,
    device::{Command, DayKey, Device, Filing, Prepared, Seal, Store, Target},
    id::{Actor, RecordId, SpaceId},
    limits::DOWNLOAD_PAGE_BYTES_MAX,
    record::{self, Edit, Op, Record},
    rights::Person,
    schema::Kind,
    sealed::{Contents, SealedOutcome},
    wire::{Answer, Outcome, Request, Verdict},
};

use super::{
    calendar::{days_between, ms},
    chance::{Chance, sixteen_bytes},
    docket::Clerk,
};
use crate::{
    hub::Hub,
    store::{self, DeviceKind, NewDevice},
};

/// What the list of devices shows.
pub(super) const APP_VERSION: &str = "0.1.0";
const LABELS: [&str; 6] = ["华为畅享 20e", "红米 Note 11", "荣耀 Play 6T", "vivo Y32", "OPPO A57", "华为 nova 9"];
/// The evening exchange, when the day's records are done.
const SYNC_AT: (i8, i8) = (22, 40);
/// Days of records that gather on a phone before it hands them in. Real phones hand in at every signal;
/// here each exchange costs loading time.
const LAG_DAYS: (i64, i64) = (14, 45);
/// Exchanges after which a phone that still has something to do is stuck.
const ROUNDS_MAX: usize = 64;

/// Whether a phone fetches what others wrote. One that only hands in does not need to, which saves
/// most of the loading time; the others see and continue their colleagues' records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receives {
    Nothing,
    Everything,
}

/// A record that was handed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived {
    pub(super) kind: Kind,
    pub(super) record: RecordId,
    pub(super) day: Date,
}

pub(super) struct Phone {
    device: Device,
    row: store::Device,
    person: Person,
    docs: HashMap<RecordId, Vec<u8>>,
    cases: HashMap<RecordId, Vec<u8>>,
    pub(super) receives: Receives,
    /// Handed in (提交) since the last exchange.
    handed_in: Vec<(Kind, RecordId)>,
    /// What was handed in, with the day on which it reached the server.
    pub(super) arrived: Vec<Arrived>,
    /// How many days of records its holder lets gather before there is signal again.
    lag_days: i64,
    synced: Date,
}

impl Phone {
    /// A person's phone, signed in. `login` is what the session's actor is derived from.
    pub(super) async fn sign_in(hub: &Hub, person: Person, login: &str, day: Date) -> anyhow::Result<Self> {
        let mut chance = Chance::of(&format!("phone {login}"));
        let label = *chance.pick(&LABELS);
        let new = NewDevice {
            user: person.user,
            kind: DeviceKind::Phone,
            label,
            token_hash: &no_token(person.user.0),
            now_ms: ms(day, 8, 0),
        };
        let id = hub.store().create_device(new).await?;
        let row = hub.store().device_by_token(new.token_hash).await?.context("the new device is missing")?;
        let device = Device::open(Actor(sixteen_bytes(&format!("session {login}"))), [])?;
        let lag_days = chance.between(LAG_DAYS.0, LAG_DAYS.1);
        let receives = Receives::Nothing;
        let (docs, cases) = (HashMap::new(), HashMap::new());
        let (handed_in, arrived) = (Vec::new(), Vec::new());
        let mut phone = Self { device, row, person, docs, cases, receives, handed_in, arrived, lag_days, synced: day };
        let signed_in = phone.device.prepare_sign_in(id);
        phone.store(signed_in);
        phone.exchange(hub, ms(day, 8, 5)).await?;
        Ok(phone)
    }

    /// An office's: it hands in every evening.
    pub(super) fn on_a_line(mut self) -> Self {
        self.lag_days = 0;
        self
    }

    /// Creates a record.
    pub(super) fn create(&mut self, kind: Kind, space: SpaceId, edits: Vec<Edit>, at: i64) -> anyhow::Result<RecordId> {
        self.write(Target::New { new: kind, space }, edits, at)
    }

    /// Opens a station's reception day, creating it where this phone does not have it yet.
    pub(super) fn reception_day(
        &mut self,
        station: RecordId,
        day: Date,
        space: SpaceId,
        edits: Vec<Edit>,
        at: i64,
    ) -> anyhow::Result<RecordId> {
        let reception_day = DayKey { station, date: day.to_string() };
        self.write(Target::ReceptionDay { reception_day, space }, edits, at)
    }

    /// Edits a record that the phone holds.
    pub(super) fn edit(&mut self, record: RecordId, edits: Vec<Edit>, at: i64) -> anyhow::Result<()> {
        self.write(Target::Existing { record }, edits, at).map(drop)
    }

    /// The next slip number (回执号).
    pub(super) fn slip_number(&mut self, day: Date) -> String {
        let (number, prepared) = self.device.prepare_slip_number(ms(day, 8, 0));
        self.store(prepared);
        number
    }

    fn write(&mut self, target: Target, edits: Vec<Edit>, at: i64) -> anyhow::Result<RecordId> {
        let command = Command { target, base: None, edits };
        let doc = command.record().and_then(|id| self.docs.get(&id)).map(Vec::as_slice);
        let (id, prepared) = self
            .device
            .prepare_edit(&command, doc, at)
            .with_context(|| format!("{} writes {:?}", self.person.name, command.target))?;
        self.store(prepared);
        Ok(id)
    }

    /// Hands a record in (提交): it goes with the next exchange.
    pub(super) fn hand_in(&mut self, kind: Kind, record: RecordId, at: i64) -> anyhow::Result<()> {
        self.submit(kind, record, None, at)
    }

    /// Hands in a voice, perhaps one that raises another again (再次反映).
    pub(super) fn hand_in_voice(&mut self, record: RecordId, again: Option<RecordId>, at: i64) -> anyhow::Result<()> {
        self.submit(Kind::Voice, record, again, at)
    }

    fn submit(&mut self, kind: Kind, record: RecordId, again: Option<RecordId>, at: i64) -> anyhow::Result<()> {
        let act = Act::Submit { text: None, declared: true, again };
        let act = serde_json::from_value(serde_json::to_value(act)?)?;
        let filing = Filing { record, act, proxy: None, replaces: None };
        let doc = self.docs.get(&record).map(Vec::as_slice);
        let (_, prepared) = self
            .device
            .prepare_request(&filing, doc, at)
            .with_context(|| format!("{} hands in a {}", self.person.name, kind.key()))?;
        self.store(prepared);
        self.handed_in.push((kind, record));
        Ok(())
    }

    /// Seals whom a voice of this phone is from (E19).
    pub(super) fn seal(&mut self, voice: RecordId, contents: Contents) -> anyhow::Result<()> {
        let seal = Seal { id: None, voice, contents };
        let (_, prepared) = self.device.prepare_seal(&seal).with_context(|| format!("{} seals", self.person.name))?;
        self.store(prepared);
        Ok(())
    }

    /// What a record that this phone holds says.
    pub(super) fn contents(&self, kind: Kind, record: RecordId) -> anyhow::Result<record::Contents> {
        let doc = self.docs.get(&record).context("a record of this phone")?;
        Ok(Record::of_stored(kind, record, doc)?.read())
    }

    /// Its holder, at a desk.
    pub(super) fn clerk(&self) -> Clerk {
        Clerk { device: self.row.clone(), person: self.person.clone() }
    }

    /// Exchanges in the evening of a day if it is time to.
    pub(super) async fn sync_if_due(&mut self, hub: &Hub, day: Date) -> anyhow::Result<()> {
        if self.device.unsent() > 0 && days_between(self.synced, day) >= self.lag_days {
            self.sync(hub, day).await?;
        }
        Ok(())
    }

    /// Exchanges in the evening of a day until everything is handed in and, where the phone
    /// receives, fetched.
    pub(super) async fn sync(&mut self, hub: &Hub, day: Date) -> anyhow::Result<()> {
        self.synced = day;
        for _ in 0..ROUNDS_MAX {
            let more = self.exchange(hub, ms(day, SYNC_AT.0, SYNC_AT.1)).await?;
            let fetched = self.receives == Receives::Nothing || !more;
            if self.device.unsent() == 0 && fetched {
                self.arrived.extend(self.handed_in.drain(..).map(|(kind, record)| Arrived { kind, record, day }));
                return Ok(());
            }
        }
        bail!("the phone of {} does not come to rest", self.person.name)
    }

    /// One exchange; whether the server has more. The demo set's own changes must all be accepted.
    async fn exchange(&mut self, hub: &Hub, at: i64) -> anyhow::Result<bool> {
        let bytes_max = match self.receives {
            Receives::Nothing => 0,
            Receives::Everything => DOWNLOAD_PAGE_BYTES_MAX as u64,
        };
        let exchange = self.device.exchange(at, APP_VERSION, bytes_max);
        let request = Request::decode(&exchange.body).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
        let answer: Answer = hub.exchange(&self.row, &self.person, request, at).await?;
        for receipt in &answer.receipts {
            if !matches!(receipt.outcome, Outcome::Received { .. }) {
                bail!("a change of {} was not taken: {:?}", self.person.name, receipt.outcome);
            }
        }
        for outcome in answer.sealed.iter().flat_map(|sealed| &sealed.outcomes) {
            if !matches!(outcome, SealedOutcome::Stored { .. }) {
                bail!("what {} sealed was not taken: {outcome:?}", self.person.name);
            }
        }
        for verdict in &answer.verdicts {
            if !matches!(verdict, Verdict::Accepted { .. }) {
                bail!("what {} handed in was not taken: {verdict:?}", self.person.name);
            }
        }
        let needed = self.device.records_needed(&answer).into_iter();
        let docs = needed.filter_map(|id| Some((id, self.docs.get(&id)?.clone()))).collect();
        let needed = self.device.cases_needed(&answer).into_iter();
        let cases = needed.filter_map(|id| Some((id, self.cases.get(&id)?.clone()))).collect();
        let prepared = self.device.prepare_receive(&exchange, &answer, &docs, &cases, at)?;
        self.store(prepared);
        Ok(answer.hello.more)
    }

    /// Of the device's stores only documents and cases are read again: it is never opened a second time.
    fn store(&mut self, prepared: Prepared) {
        for write in &prepared.writes {
            let stored = match write.store {
                Store::Docs => &mut self.docs,
                Store::Cases => &mut self.cases,
                _ => continue,
            };
            let Ok(id) = write.key.parse() else { continue };
            match &write.value {
                Some(value) => stored.insert(id, value.clone()),
                None => stored.remove(&id),
            };
        }
        self.device.commit(prepared);
    }
}

/// Unique, and the hash of no token that anybody knows: nobody can come as this device.
fn no_token(user: i64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[24..].copy_from_slice(&user.to_be_bytes());
    hash
}

/// Adds a number to a tally.
pub(super) fn increment(field: &str, by: i64) -> Edit {
    Edit { field: field.into(), op: Op::Increment { by } }
}

pub(super) fn append(field: &str, text: impl Into<String>) -> Edit {
    Edit { field: field.into(), op: Op::Append { text: text.into() } }
}

pub(super) fn mark(field: &str) -> Edit {
    Edit { field: field.into(), op: Op::Mark }
}

pub(super) fn add_all<T: ToString>(field: &str, elements: impl IntoIterator<Item = T>) -> Vec<Edit> {
    elements.into_iter().map(|element| Edit::add(field, element)).collect()
}
