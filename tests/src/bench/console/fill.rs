//! Many years of a district: the demo district, with its activities, voices and suggestions copied under new ids, cases,
//! events and spaces of cases among them, in the demo's own proportion. Past the hub, so that a million takes minutes.

use std::{collections::HashMap, sync::Arc};

use lianxin_server::{
    clock::Clock,
    demo,
    http::AppState,
    store::{
        CaseSpace, Decision, LedgerKey, LedgerQuery, NewEvent, NewLogEntry, OpenedSpace, Snapshot, Store, StoredCase,
        StoredRecord, WritePlan,
    },
    vault::MasterKey,
};
use lianxin_shared::{
    case::{Case, Event},
    id::{Actor, ChangeHash, DeviceId, EventId, Position, RecordId, SpaceId, UserId},
    rights::{Space, SpaceKind},
    schema::Kind,
    summary::Summary,
    wire::SentEvent,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{office::sealing, scratch::Scratch};

/// What is copied.
pub(super) const KINDS: [Kind; 3] = [Kind::Activity, Kind::Voice, Kind::Suggestion];
/// Years that the copies are spread over, the last of them the demo's own.
const YEARS: usize = 10;
/// Copies in one transaction.
const COPIES_AT_ONCE: usize = 500;
/// Rows of one page of what is copied.
const PAGE: u32 = 500;
const SEED: u64 = 2026;
/// Characters that a search finds in few records: every copy has some of its own.
const RARE: std::ops::Range<u32> = 0x5e00..0x7e00;
const RARE_CHARS: usize = 6;

/// A record that is copied, with all that lies beside it.
struct Model {
    stored: StoredRecord,
    change: Vec<u8>,
    case: Option<StoredCase>,
    events: Vec<SentEvent>,
    /// Where copies are entered; they move on into the space of their case, as this one did.
    desk: SpaceId,
    opens: Option<Space>,
}

/// Loads the demo district into an empty database and copies its records until so many are there.
///
/// # Errors
/// When the store fails.
pub(super) async fn fill(store: &Arc<dyn Store>, records: usize, device: DeviceId, user: UserId) -> anyhow::Result<()> {
    let models = models(&**store).await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut by_desk: HashMap<SpaceId, Vec<Arc<Model>>> = HashMap::new();
    let mut left = records.saturating_sub(models.len());
    for round in 0.. {
        // What an earlier year has left open is no longer there.
        let years_ago = round % YEARS;
        for model in models.iter().filter(|model| years_ago == 0 || model.is_settled()) {
            if left == 0 {
                break;
            }
            left -= 1;
            let waiting = by_desk.entry(model.desk).or_default();
            waiting.push(model.clone());
            if waiting.len() == COPIES_AT_ONCE {
                let copied = std::mem::take(waiting);
                write(&**store, copied, years_ago, device, user, chance.random()).await?;
            }
        }
        for copied in by_desk.values_mut().map(std::mem::take).filter(|copied| !copied.is_empty()) {
            write(&**store, copied, years_ago, device, user, chance.random()).await?;
        }
        if left == 0 {
            break;
        }
    }
    Ok(())
}

/// The demo district in an empty database; what has to be beside the database is in this folder.
///
/// # Errors
/// When it cannot be loaded.
pub(super) async fn lay(store: &Arc<dyn Store>, data: &Scratch) -> anyhow::Result<()> {
    let sealing = sealing(MasterKey::of_folder(data.path())?, data.path());
    let state = AppState::new(store.clone(), Clock::system(), None).with_sealing(sealing);
    demo::load_into(&state, demo::as_of(jiff::Zoned::now().date())).await?;
    state.hub.stop().await;
    Ok(())
}

impl Model {
    fn is_settled(&self) -> bool {
        self.case.as_ref().is_some_and(|case| case.row.dues.is_empty())
    }
}

async fn models(store: &dyn Store) -> anyhow::Result<Vec<Arc<Model>>> {
    let spaces = store.spaces().await?;
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id).collect();
    let mut models = Vec::new();
    for kind in KINDS {
        let (query, mut after) = (LedgerQuery::of(kind, ids.clone()), None);
        loop {
            let page = store.ledger(&query, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(LedgerKey { date: last.summary.date.clone(), id: last.id });
            for row in &page {
                models.extend(model(store, &spaces, row.id).await?.map(Arc::new));
            }
        }
    }
    Ok(models)
}

async fn model(store: &dyn Store, spaces: &[Space], id: RecordId) -> anyhow::Result<Option<Model>> {
    let Some(stored) = store.record(id).await? else { return Ok(None) };
    let mut changes = store.changes_of(&[id]).await?.remove(&id).unwrap_or_default();
    let events = store.case_events(id).await?;
    let read: Vec<Event> = events.iter().filter_map(SentEvent::read).collect();
    let case = (!read.is_empty()).then(|| {
        let case = Case::of(stored.kind, &read);
        StoredCase { kind: stored.kind, space: stored.space, row: case.row(), measures: case.measures() }
    });
    let lies_in = spaces.iter().find(|space| space.id == stored.space).cloned();
    let own_case = lies_in.filter(|space| matches!(space.kind, SpaceKind::Case | SpaceKind::Private));
    let desk = match &own_case {
        Some(own) => spaces.iter().find(|space| space.kind == SpaceKind::Station && own.unit.within(&space.unit)),
        None => spaces.iter().find(|space| space.id == stored.space),
    };
    let Some(desk) = desk.map(|space| space.id) else { return Ok(None) };
    let change = changes.pop().map(|change| change.bytes).unwrap_or_default();
    let opens = own_case.filter(|space| space.kind == SpaceKind::Case);
    Ok(Some(Model { stored, change, case, events, desk, opens }))
}

async fn write(
    store: &dyn Store,
    models: Vec<Arc<Model>>,
    years_ago: usize,
    device: DeviceId,
    user: UserId,
    seed: u64,
) -> anyhow::Result<()> {
    let space = models[0].desk;
    let plan = WritePlan { spaces: vec![space], ..WritePlan::default() };
    let decide = move |snapshot: Snapshot| {
        let end = snapshot.spaces.get(&space).map_or(Position(0), |(_, end)| *end);
        let mut copying = Copying {
            chance: StdRng::seed_from_u64(seed),
            space,
            end,
            device,
            user,
            session: Actor([0; 16]),
            years_ago,
            decision: Decision::default(),
        };
        copying.session = Actor(copying.chance.random());
        copying.decision.actors.push((copying.session, device));
        models.iter().for_each(|model| copying.copy(model));
        copying.decision
    };
    store.write(plan, Box::new(decide)).await?;
    Ok(())
}

/// One transaction of copies.
struct Copying {
    chance: StdRng,
    space: SpaceId,
    end: Position,
    device: DeviceId,
    user: UserId,
    session: Actor,
    years_ago: usize,
    decision: Decision,
}

impl Copying {
    fn copy(&mut self, model: &Model) {
        let id = RecordId(self.chance.random());
        let (space, created_ms) = (self.space, model.stored.created_ms);
        let change = NewLogEntry {
            space,
            position: self.next(),
            record: id,
            kind: model.stored.kind,
            hash: ChangeHash(self.chance.random()),
            actor: self.session,
            device: self.device,
            device_time_ms: created_ms,
            received_ms: created_ms,
            bytes: model.change.clone(),
        };
        self.decision.changes.push(change);
        let summary = self.summary(&model.stored.summary);
        self.decision.records.push((id, StoredRecord { space, summary, ..model.stored.clone() }));
        for event in &model.events {
            let (position, event_id) = (self.next(), EventId(self.chance.random()));
            let event = SentEvent { space, position, case: id, id: event_id, ..event.clone() };
            self.decision.events.push(NewEvent { event, user: self.user, device: self.device });
        }
        self.decision.cases.extend(model.case.clone().map(|case| (id, StoredCase { space, ..case })));
        self.decision.case_spaces.extend(model.opens.clone().map(|own| CaseSpace {
            record: id,
            opens: Some(OpenedSpace { from: space, unit: own.unit, name: own.name }),
            parties: own.parties,
        }));
    }

    fn next(&mut self) -> Position {
        self.end.0 += 1;
        self.end
    }

    /// Of another year, and with words that few others have.
    fn summary(&mut self, of: &Summary) -> Summary {
        let rare: String = (0..RARE_CHARS).filter_map(|_| char::from_u32(self.chance.random_range(RARE))).collect();
        let year = of.date.get(..4).and_then(|year| year.parse::<usize>().ok());
        let date = year.map_or_else(
            || of.date.clone(),
            |year| format!("{}{}", year - self.years_ago, of.date.get(4..).unwrap_or_default()),
        );
        Summary { date, search: format!("{} {rare}", of.search), ..of.clone() }
    }
}
