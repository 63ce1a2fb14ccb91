//! The end of mandates (任期届满、资格终止): on the day after the last one, the posts that rest on a mandate end with it, and
//! what their deputies left where nobody else reads is handed over to the office.
//!
//! Nobody has to do anything for it: [`Hub::end_mandates`] runs every day, and [`follow`] whenever a mandate or a term is
//! written. Both may run twice, and on several servers at once.

use std::collections::{BTreeSet, HashMap};

use lianxin_shared::{
    case::{Date, HANDED_OVER, mandate},
    id::{EventId, RecordId, SpaceId, UserId},
    rights::{self, Person, Space, SpaceKind, Stage},
    schema::Kind,
};

use super::{
    Hub, HubError,
    decide::{Left, Submission},
    party,
    read::{contents_of, former_posts, space_in},
    writer::{Sent, Writer},
};
use crate::store::{Act, Device, Doer, LedgerKey, LedgerQuery, LedgerRow, NewAudit, Store};

/// Terms that are looked at. A district and its towns have some dozens.
const TERMS_MAX: u32 = 1000;
/// Drafts that are looked at in one piece.
const DRAFTS_PER_PIECE: u32 = 500;

/// Which mandates are over on a day.
pub(super) struct Mandates<'a> {
    store: &'a dyn Store,
    today: Date,
    /// The last days of terms, by congress and term; read when first asked for.
    terms: Option<HashMap<(String, String), Date>>,
    known: HashMap<RecordId, bool>,
}

impl<'a> Mandates<'a> {
    pub(super) fn on(store: &'a dyn Store, today: Date) -> Self {
        Self { store, today, terms: None, known: HashMap::new() }
    }

    /// A mandate that is not on record is not known to be over.
    pub(super) async fn is_over(&mut self, id: RecordId) -> Result<bool, HubError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let over = self.look(id).await?;
        self.known.insert(id, over);
        Ok(over)
    }

    async fn look(&mut self, id: RecordId) -> Result<bool, HubError> {
        let Some(stored) = self.store.record(id).await?.filter(|stored| stored.kind == Kind::Mandate) else {
            return Ok(false);
        };
        let Some(held) = contents_of(&stored, id) else { return Ok(false) };
        let row = self.store.case_rows(&[id]).await?.remove(&id).unwrap_or_default();
        let spaces = self.store.spaces().await?;
        let lies_in = space_in(&spaces, stored.space);
        let congress = lies_in.and_then(|space| mandate::congress(&held, space));
        let term_ends = match congress {
            Some(congress) => self.terms().await?.get(&(congress.0, held.text("term").to_owned())).copied(),
            None => None,
        };
        Ok(mandate::is_over(&held, &row.state, term_ends, self.today))
    }

    async fn terms(&mut self) -> Result<&HashMap<(String, String), Date>, HubError> {
        if self.terms.is_none() {
            self.terms = Some(terms(self.store).await?);
        }
        Ok(self.terms.get_or_insert_default())
    }
}

async fn terms(store: &dyn Store) -> Result<HashMap<(String, String), Date>, HubError> {
    let spaces = store.spaces().await?;
    let open: HashMap<SpaceId, &Space> =
        spaces.iter().filter(|space| space.kind.holds(Kind::Term)).map(|space| (space.id, space)).collect();
    let query = LedgerQuery::of(Kind::Term, open.keys().copied().collect());
    let mut ends = HashMap::new();
    for row in store.ledger(&query, None, TERMS_MAX).await? {
        let (Some(stored), Some(space)) = (store.record(row.id).await?, open.get(&row.space)) else { continue };
        let end = contents_of(&stored, row.id).and_then(|term| mandate::end_of_term(&term, space));
        if let Some((term, last)) = end {
            ends.insert((space.unit.0.clone(), term), last);
        }
    }
    Ok(ends)
}

impl Hub {
    /// Ends the posts of mandates that are over, and hands over what former deputies have left unread. How many posts ended.
    ///
    /// # Errors
    /// When the store fails; what was done by then stands, and the next time does the rest.
    pub async fn end_mandates(&self, now_ms: i64) -> Result<usize, HubError> {
        let ended = end_all(&self.writer, now_ms).await?;
        // Also where a server stopped between the two.
        for user in self.store.users().await? {
            hand_over_left(&self.writer, user.person, now_ms).await?;
        }
        Ok(ended)
    }

    /// Whether a mandate is over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_mandate_over(&self, mandate: RecordId, now_ms: i64) -> Result<bool, HubError> {
        Mandates::on(&*self.store, Date::at(now_ms)).is_over(mandate).await
    }
}

/// A mandate or a term was written: what follows from it for posts. `touched` are the mandates; of a term, all.
pub(super) async fn follow(writer: &Writer, touched: &Touched, now_ms: i64) -> Result<(), HubError> {
    if touched.terms {
        return end_all(writer, now_ms).await.map(drop);
    }
    let mut mandates = Mandates::on(&*writer.store, Date::at(now_ms));
    for mandate in &touched.mandates {
        if mandates.is_over(*mandate).await? {
            end(writer, *mandate, now_ms).await?;
        }
    }
    Ok(())
}

/// What was written of mandates and terms.
#[derive(Default)]
pub(super) struct Touched {
    mandates: BTreeSet<RecordId>,
    terms: bool,
}

impl Touched {
    pub(super) fn by(sent: &Sent) -> Self {
        let changes = sent.changes.iter().map(|change| (change.kind, change.record));
        let requests = sent.requests.iter().map(|request| (request.kind, request.case));
        let mut touched = Self::default();
        for (kind, record) in changes.chain(requests) {
            match Kind::from_number(kind) {
                Some(Kind::Mandate) => drop(touched.mandates.insert(record)),
                Some(Kind::Term) => touched.terms = true,
                _ => {}
            }
        }
        touched
    }

    pub(super) fn is_empty(&self) -> bool {
        self.mandates.is_empty() && !self.terms
    }
}

async fn end_all(writer: &Writer, now_ms: i64) -> Result<usize, HubError> {
    let users = writer.store.users().await?;
    let held: BTreeSet<RecordId> = users.iter().flat_map(|user| user.person.mandates()).collect();
    let mut mandates = Mandates::on(&*writer.store, Date::at(now_ms));
    let mut ended = 0;
    for mandate in held {
        if mandates.is_over(mandate).await? {
            ended += end(writer, mandate, now_ms).await?;
        }
    }
    Ok(ended)
}

/// Ends the posts that rest on a mandate.
async fn end(writer: &Writer, mandate: RecordId, now_ms: i64) -> Result<usize, HubError> {
    let taken = writer.store.take_posts(mandate, now_ms).await?;
    for user in &taken {
        let Some(user) = writer.store.user(*user).await? else { continue };
        let noted = NewAudit::of(Doer::SERVER, Act::MandateEnd, &user.login, &mandate.to_string(), now_ms);
        writer.store.audit(&[noted]).await?;
        hand_over_left(writer, user.person, now_ms).await?;
    }
    Ok(taken.len())
}

/// Hands over the drafts of mandates that were taken away from a person, where nobody goes on with them by oneself: in the
/// mandate's own space, in a case with co-signers that was never handed in, in one that was returned to be amended. What is
/// no draft of something that is handed in stays, and stays private.
pub(super) async fn hand_over_left(writer: &Writer, person: Person, now_ms: i64) -> Result<(), HubError> {
    let store = &*writer.store;
    let former = former_posts(store, &person).await?;
    if former.is_empty() {
        return Ok(());
    }
    let spaces = store.spaces().await?;
    let is_left = |space: &&Space| {
        let owner = space.owner().filter(|_| matches!(space.kind, SpaceKind::Private | SpaceKind::Case));
        owner.is_some_and(|owner| rights::taken_away(&person, &former, owner, space).is_some())
    };
    let left: Vec<SpaceId> = spaces.iter().filter(is_left).map(|space| space.id).collect();
    let drafts = drafts_in(store, left).await?;
    if drafts.is_empty() {
        return Ok(());
    }
    let Some(device) = last_device(store, person.user).await? else { return Ok(()) };
    // Whatever else the person is by now, this is done as the deputy of then.
    let person = Person { posts: Vec::new(), ..person };
    writer.put(Submission { left: drafts, ..Submission::of(device.id, person, former, now_ms) }).await.map(drop)
}

/// The drafts in these spaces of what is handed in.
async fn drafts_in(store: &dyn Store, spaces: Vec<SpaceId>) -> Result<Vec<Left>, HubError> {
    let mut drafts = Vec::new();
    if spaces.is_empty() {
        return Ok(drafts);
    }
    for kind in Kind::ALL.into_iter().filter(|kind| party::has_own_space(*kind)) {
        let query = LedgerQuery::of(kind, spaces.clone());
        let mut after = None;
        loop {
            let rows = store.ledger(&query, after.take(), DRAFTS_PER_PIECE).await?;
            let states = store.case_rows(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
            let is_open = |row: &&LedgerRow| {
                let state = states.get(&row.id).map_or("", |case| case.state.as_str());
                state != HANDED_OVER && Stage::of_state(state) == Stage::Draft
            };
            let open = rows.iter().filter(is_open);
            drafts.extend(open.map(|row| Left { record: row.id, space: row.space, id: EventId(rand::random()) }));
            match rows.last().filter(|_| rows.len() == DRAFTS_PER_PIECE as usize) {
                Some(last) => after = Some(LedgerKey { date: last.summary.date.clone(), id: last.id }),
                None => break,
            }
        }
    }
    Ok(drafts)
}

/// Events name a device. A draft came from one of its deputy's.
async fn last_device(store: &dyn Store, user: UserId) -> Result<Option<Device>, HubError> {
    let devices = store.devices().await?.into_iter().filter(|device| device.user == user);
    Ok(devices.max_by_key(|device| device.last_seen_ms))
}
