//! The engine: `shared::device` between the phone's disk, the network and the view.
//!
//! One rule holds it together: **store first, then believe**. An operation is prepared, its writes are
//! made durable in one transaction, and only then does the device know of it, the view hear of it, the
//! call return. Whoever prepares holds the *turn*, so operations do not overlap; the network is awaited
//! without it, so a person's edit never waits for a slow line.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use futures_util::lock::Mutex;
use js_sys::{Function, futures::spawn_local};
use lianxin_shared::{
    device::{Command, Device, Filing, Filter, Prepared, Seal, Store},
    id::{EventId, Position, RecordId, SealedId, SpaceId, UserId},
    json,
};
use wasm_bindgen::JsValue;

use crate::{
    accounts::Accounts,
    api::{Answered, Edited, Event, Problem},
    browser::{self, now_ms, today},
    crypt::Key,
    live::Live,
    network::{Carries, Network, Traffic},
    pages::Pages,
    pin::PinLock,
    schedule::{Schedule, Wish},
    sign_in,
    status::{Phase, Status},
    storage::{Credentials, Storage, StorageError, Stored},
    sync,
};

/// After an edit, so that what a person does in one go travels together.
const EDIT_PAUSE_MS: i64 = 500;
/// How far back records come by themselves on a slow link.
const OLDER_ON_SLOW_LINK_MS: i64 = 60 * 24 * 60 * 60 * 1_000;
/// An exchange in which nothing has moved for so long does not keep a person waiting who asks for one, nor
/// a network that has come back.
const STILL_MS_ON_ASKING: i64 = 5_000;

pub(crate) struct Engine {
    post: Function,
    pub(crate) storage: Storage,
    pub(crate) network: Network,
    /// Held while an operation is prepared, stored and believed.
    pub(crate) turn: Mutex<()>,
    /// Held by the one exchange under way.
    pub(crate) line: Mutex<()>,
    pub(crate) schedule: Schedule,
    pub(crate) live: Live,
    pub(crate) state: RefCell<State>,
    pub(crate) accounts: RefCell<Accounts>,
    /// The open account's screens are hidden behind its PIN.
    pub(crate) shut: Cell<bool>,
    /// Changes with the account and when everything was read anew: an answer to an exchange from before
    /// speaks of cursors that no longer are.
    pub(crate) era: Cell<u32>,
    /// The server takes no more files before.
    pub(crate) files_not_before_ms: Cell<i64>,
    /// Older records are fetched on a slow link, too.
    wants_older: Cell<bool>,
    told: RefCell<Option<Status>>,
}

/// What the engine believes. Never borrowed across an `await`.
pub(crate) struct State {
    pub(crate) device: Device,
    pub(crate) credentials: Option<Credentials>,
    /// Staff have ended this phone, and it keeps nothing.
    ended: bool,
    /// What the view locks drafts with.
    pub(crate) drafts_key: Option<Key>,
    pub(crate) phase: Phase,
    pub(crate) pages: Pages,
    persistent: Option<bool>,
}

impl Engine {
    /// Opens what is stored and begins to listen and to exchange.
    ///
    /// # Errors
    /// With what the view says when there can be no engine.
    pub(crate) async fn start(post: Function) -> Result<Rc<Self>, Problem> {
        let accounts = Accounts::read().await?;
        let (storage, Opened { device, credentials, ended, drafts_key }) =
            open_database(accounts.current(), None).await?;
        let (phase, pages, persistent) = (Phase::default(), Pages::default(), None);
        let engine = Rc::new(Self {
            post,
            storage,
            network: Network::default(),
            turn: Mutex::default(),
            line: Mutex::default(),
            schedule: Schedule::default(),
            live: Live::default(),
            state: RefCell::new(State { device, credentials, ended, drafts_key, phase, pages, persistent }),
            accounts: RefCell::new(accounts),
            shut: Cell::default(),
            era: Cell::default(),
            files_not_before_ms: Cell::new(i64::MIN),
            wants_older: Cell::default(),
            told: RefCell::default(),
        });
        engine.listen_to_network();
        spawn_local(sync::run(engine.clone()));
        spawn_local(Live::run(engine.clone()));
        engine.look_whether_persistent();
        engine.tell_status();
        engine.tell(&Event::Ready);
        engine.schedule.ask(Wish::Now);
        engine.sweep().await;
        engine.drop_forgotten_files().await;
        Ok(engine)
    }

    /// Not every browser tells workers of the network; the page then asks for an exchange (`sync_now`).
    fn listen_to_network(self: &Rc<Self>) {
        let engine = self.clone();
        browser::on("online", move || {
            engine.live.set_online(true);
            engine.sync_now();
        });
        let engine = self.clone();
        browser::on_connection(move || engine.schedule.ask(Wish::At(now_ms())));
        let engine = self.clone();
        // An open stream would stay open, and silent, for ever.
        browser::on("offline", move || engine.live.set_online(false));
    }

    /// Whether someone looks at the app.
    pub(crate) fn seen(&self, visible: bool) {
        if self.live.set_visible(visible) && visible {
            self.sync_now();
        }
    }

    pub(crate) fn account(&self) -> Answered {
        Ok(json::write(&self.state.borrow().device.account()))
    }

    pub(crate) fn list(&self, filter: &Filter) -> String {
        json::write(&self.state.borrow().device.list(filter))
    }

    pub(crate) async fn record(&self, id: RecordId) -> Answered {
        let _turn = self.take_turn().await?;
        let document = self.document(id).await?.ok_or_else(|| Problem::of("record.unknown"))?;
        let events = self.case(id).await?;
        let state = self.state.borrow();
        match state.device.view(id, &document, events.as_deref()) {
            Ok(Some(view)) => Ok(json::write(&view)),
            Ok(None) => Err(Problem::of("record.unknown")),
            Err(_) => Err(Problem::of("record.unreadable")),
        }
    }

    /// Returns when the change and its place in the outbox are durable.
    pub(crate) async fn edit(self: &Rc<Self>, command: &Command) -> Result<Edited, Problem> {
        let edited = {
            let _turn = self.take_turn().await?;
            let document = match command.record() {
                Some(id) => self.document(id).await?,
                None => None,
            };
            let prepared = self.state.borrow().device.prepare_edit(command, document.as_deref(), now_ms());
            let (id, prepared) = prepared?;
            self.store(prepared).await?;
            Edited { id, state: self.state.borrow().device.state(id) }
        };
        self.schedule.ask(Wish::At(now_ms() + EDIT_PAUSE_MS));
        if self.state.borrow().persistent != Some(true) {
            self.look_whether_persistent();
        }
        Ok(edited)
    }

    /// Returns when the request is durable: the server's answer comes with an exchange.
    pub(crate) async fn act(self: &Rc<Self>, filing: &Filing) -> Result<EventId, Problem> {
        let id = {
            let _turn = self.take_turn().await?;
            let document = self.document(filing.record).await?;
            let prepared = self.state.borrow().device.prepare_request(filing, document.as_deref(), now_ms());
            let (id, prepared) = prepared?;
            self.store(prepared).await?;
            id
        };
        self.schedule.ask(Wish::At(now_ms() + EDIT_PAUSE_MS));
        Ok(id)
    }

    /// Lets a returned request go.
    pub(crate) async fn dismiss(&self, id: EventId) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let prepared = self.state.borrow().device.prepare_dismiss(id);
        if let Some(prepared) = prepared {
            self.store(prepared).await?;
        }
        Ok(())
    }

    pub(crate) fn sealed(&self, voice: RecordId) -> String {
        json::write(&self.state.borrow().device.sealed(voice))
    }

    /// Returns when the sealed record is durable on this phone.
    pub(crate) async fn seal(self: &Rc<Self>, seal: &Seal) -> Result<SealedId, Problem> {
        let id = {
            let _turn = self.take_turn().await?;
            let (id, prepared) = self.state.borrow().device.prepare_seal(seal)?;
            self.store(prepared).await?;
            id
        };
        self.schedule.ask(Wish::At(now_ms() + EDIT_PAUSE_MS));
        Ok(id)
    }

    /// Returns when nothing of the sealed record is on this phone any more; the server hears of it.
    pub(crate) async fn unseal(self: &Rc<Self>, id: SealedId) -> Result<(), Problem> {
        {
            let _turn = self.take_turn().await?;
            let prepared = self.state.borrow().device.prepare_unseal(id)?;
            self.store(prepared).await?;
        }
        self.schedule.ask(Wish::At(now_ms() + EDIT_PAUSE_MS));
        Ok(())
    }

    pub(crate) async fn slip_number(&self) -> Result<String, Problem> {
        let _turn = self.take_turn().await?;
        let (number, prepared) = self.state.borrow().device.prepare_slip_number(now_ms());
        self.store(prepared).await?;
        Ok(number)
    }

    /// The user has read a notice.
    pub(crate) async fn put_away(&self, what: &str) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let prepared = self.state.borrow().device.prepare_put_away(what);
        Ok(self.store(prepared).await?)
    }

    /// Offers once more what the server has refused of a record.
    pub(crate) async fn offer_again(&self, id: RecordId) -> Result<(), Problem> {
        {
            let _turn = self.take_turn().await?;
            let document = self.document(id).await?.ok_or_else(|| Problem::of("record.unknown"))?;
            let prepared = self.state.borrow().device.prepare_offer_again(id, &document);
            self.store(prepared.map_err(|_| Problem::of("record.unreadable"))?).await?;
        }
        self.sync_now();
        Ok(())
    }

    pub(crate) fn sync_now(&self) {
        self.live.retry();
        self.network.give_up_if_still(STILL_MS_ON_ASKING);
        self.schedule.ask(Wish::Now);
    }

    /// Returns with the account when its rights and the first page of its records are stored.
    pub(crate) async fn sign_in(self: &Rc<Self>, login: &str, password: &str) -> Answered {
        let label = sign_in::device_label(&browser::user_agent());
        let locked = self.accounts.borrow().locked_devices();
        let body = json::write(&sign_in::Attempt { login, password, device_label: &label, locked: &locked });
        let reply = self.network.post(sign_in::PATH, None, Carries::Json, body.as_bytes()).await;
        self.tell_status();
        let sign_in::Welcomed { credentials, left_behind, opens } = sign_in::read(reply.as_ref().ok())?;
        {
            let _turn = self.take_turn().await?;
            let accounts = self.left(true);
            let database = accounts.database_of(credentials.user);
            let lock = accounts.lock_of(credentials.user).cloned();
            let key = match &lock {
                None => None,
                Some(_) if database == accounts.current() => self.storage.key(),
                Some(lock) => {
                    let key = lock.open_with_shared(&opens.unwrap_or_default()).await;
                    Some(key.ok_or_else(|| Problem::of("sign_in.pin"))?)
                }
            };
            // Who knows the password need not wait for the PIN.
            let accounts = accounts.locking(credentials.user, lock.map(PinLock::met));
            // Their own is read anew too: what is stored is all there is.
            let (storage, mut opened) = open_database(&database, key).await?;
            let prepared = opened.device.prepare_sign_in_after(credentials.device, &left_behind);
            storage.write(&prepared.writes, Some(&credentials)).await?;
            opened.device.commit(prepared);
            // Before the view hears of it: at a mark of an ended phone it lets the drafts of whom it shows go.
            (opened.credentials, opened.ended) = (Some(credentials), false);
            self.go_on_with(storage, opened, accounts.opening(&database)).await?;
        }
        sync::first(self).await?;
        self.look_whether_persistent();
        self.account()
    }

    /// The accounts of this phone that are not open.
    pub(crate) fn others(&self) -> String {
        json::write(&self.accounts.borrow().shown())
    }

    /// Opens another account of this phone that is signed in.
    pub(crate) async fn switch(&self, user: UserId, pin: &str) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let is_openable = self.accounts.borrow().is_openable(user);
        if !is_openable {
            return Err(Problem::of("sign_in.closed"));
        }
        let key = self.key_by_pin(user, pin).await?;
        let accounts = self.left(true);
        let database = accounts.database_of(user);
        let (storage, opened) = open_database(&database, key).await?;
        self.go_on_with(storage, opened, accounts.opening(&database)).await
    }

    /// The list with the open account as it is left.
    pub(crate) fn left(&self, open: bool) -> Accounts {
        let accounts = self.accounts.borrow().clone();
        let state = self.state.borrow();
        let named = state.credentials.as_ref().map(|credentials| (credentials.user, credentials.name.clone()));
        let named = named.or_else(|| state.device.account().map(|account| (account.user, account.name)));
        match named {
            Some((user, name)) => {
                accounts.leaving(user, &name, open, state.device.unsent() + state.device.unsent_files().0)
            }
            None => accounts,
        }
    }

    /// Goes on with another account's database.
    pub(crate) async fn go_on_with(&self, storage: Storage, opened: Opened, accounts: Accounts) -> Result<(), Problem> {
        accounts.write().await?;
        self.storage.become_other(storage);
        self.begin_anew(opened, accounts);
        Ok(())
    }

    /// Everything is of another account, or of nobody, from here on. What was under way for the one before is of another era.
    fn begin_anew(&self, opened: Opened, accounts: Accounts) {
        self.accounts.replace(accounts);
        self.era.set(self.era.get() + 1);
        self.believe(opened);
        self.state.borrow_mut().phase = Phase::Idle;
        self.shut.set(false);
        self.network.give_up_if_still(0);
        self.live.retry();
        self.tell_status();
        self.schedule.ask(Wish::Now);
    }

    fn believe(&self, Opened { device, credentials, ended, drafts_key }: Opened) {
        let mut state = self.state.borrow_mut();
        (state.device, state.credentials, state.ended, state.drafts_key) = (device, credentials, ended, drafts_key);
    }

    /// Ends the session. With `keep` what is here stays, closed until its person signs in again; without, nothing does.
    pub(crate) async fn sign_out(self: &Rc<Self>, keep: bool, discard: bool) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let unsent = {
            let device = &self.state.borrow().device;
            device.unsent() > 0 || device.unsent_files().0 > 0
        };
        if unsent && !discard && !keep {
            return Err(Problem::of("sign_out.unsent"));
        }
        let token = self.token();
        if keep {
            self.close().await?;
        } else {
            self.forget(false).await?;
        }
        if let Some(token) = token {
            self.end_token(token);
        }
        Ok(())
    }

    /// The account stays on the phone, closed. The caller holds the turn.
    async fn close(&self) -> Result<(), Problem> {
        let accounts = self.left(false).opening_none();
        let (storage, opened) = open_database(accounts.current(), None).await?;
        self.storage.drop_credentials().await?;
        self.go_on_with(storage, opened, accounts).await
    }

    /// Nothing of the account stays here. The caller holds the turn.
    pub(crate) async fn forget(&self, ended: bool) -> Result<(), Problem> {
        let session = browser::new_session().map_err(|_| Problem::of("engine.start"))?;
        let device = Device::open(session, []).map_err(|_| Problem::of("storage.corrupt"))?;
        let accounts = self.accounts.borrow().clone().removing();
        // The records last: where the list cannot be written, they are all here still.
        accounts.write().await?;
        self.storage.clear(ended).await?;
        self.begin_anew(Opened { device, credentials: None, ended, drafts_key: None }, accounts);
        Ok(())
    }

    /// Tells the server that a token is no longer used; without a network it stays valid until staff end it.
    fn end_token(self: &Rc<Self>, token: String) {
        let engine = self.clone();
        spawn_local(async move {
            let _ = engine.network.post(sign_in::SIGN_OUT_PATH, Some(&token), Carries::Nothing, &[]).await;
        });
    }

    /// Whether the rights of someone are here: without them nothing can be recorded.
    pub(crate) fn has_account(&self) -> bool {
        self.state.borrow().device.account().is_some()
    }

    /// Waits for the turn. If someone else has closed the database meanwhile, what is stored now is what is true.
    pub(crate) async fn take_turn(&self) -> Result<futures_util::lock::MutexGuard<'_, ()>, Problem> {
        let turn = self.turn.lock().await;
        if self.storage.is_lost() {
            self.storage.reopen().await?;
            self.believe(open(&self.storage).await?);
            self.era.set(self.era.get() + 1);
            self.tell_status();
            self.tell(&Event::Ready);
        }
        Ok(turn)
    }

    async fn document(&self, id: RecordId) -> Result<Option<Vec<u8>>, StorageError> {
        if !self.state.borrow().device.has(id) {
            return Ok(None);
        }
        Ok(self.documents(&[id]).await?.pop().flatten())
    }

    /// The stored events of a record's case.
    async fn case(&self, id: RecordId) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.storage.entries(Store::Cases, &[id]).await?.pop().flatten())
    }

    pub(crate) async fn documents(&self, ids: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.storage.entries(Store::Docs, ids).await
    }

    pub(crate) async fn cases(&self, ids: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.storage.entries(Store::Cases, ids).await
    }

    /// Makes an operation durable, then believes and tells it. The caller holds the turn.
    pub(crate) async fn store(&self, prepared: Prepared) -> Result<(), StorageError> {
        self.storage.write(&prepared.writes, None).await?;
        let changed = prepared.changed.clone();
        self.state.borrow_mut().device.commit(prepared);
        self.tell_changed(&changed);
        Ok(())
    }

    pub(crate) fn tell_changed(&self, ids: &[RecordId]) {
        if !ids.is_empty() {
            self.tell(&Event::Changed { ids });
        }
        self.tell_status();
    }

    pub(crate) fn status(&self) -> Status {
        let state = self.state.borrow();
        let kept_back = self.older_since(&state) > i64::MIN;
        let lock = self.accounts.borrow().lock(self.shut.get());
        Status::of(&state.device, state.phase, state.persistent, today(), kept_back).ended(state.ended).locked(lock)
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.state.borrow_mut().phase = phase;
        self.tell_status();
    }

    /// Tells the status if it has changed.
    pub(crate) fn tell_status(&self) {
        let status = self.status();
        if self.told.borrow().as_ref() == Some(&status) {
            return;
        }
        self.tell(&Event::Status { status: &status });
        self.told.replace(Some(status));
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        // A view that has gone away hears nothing; the data does not depend on it.
        let _ = self.post.call1(&JsValue::NULL, &JsValue::from_str(&json::write(event)));
    }

    pub(crate) fn look_whether_persistent(self: &Rc<Self>) {
        let engine = self.clone();
        spawn_local(async move {
            let persistent = browser::is_persistent().await;
            engine.state.borrow_mut().persistent = persistent;
            engine.tell_status();
        });
    }

    /// Whether there is someone to exchange for, whom the server does not turn away.
    pub(crate) fn may_exchange(&self) -> bool {
        let state = self.state.borrow();
        state.credentials.is_some() && !matches!(state.phase, Phase::SignInNeeded { .. })
    }

    /// How far back older records are fetched: on a slow link, of the last weeks, unless the person wants all.
    pub(crate) fn older_since(&self, state: &State) -> i64 {
        if state.pages.are_slow() && !self.wants_older.get() { now_ms() - OLDER_ON_SLOW_LINK_MS } else { i64::MIN }
    }

    /// The person wants all records, whatever the link.
    pub(crate) fn load_older(&self) {
        self.wants_older.set(true);
        self.tell_status();
        self.sync_now();
    }

    /// Bytes that have travelled since the last time.
    pub(crate) fn count_traffic(&self) {
        let Traffic { up, down } = self.network.take_traffic();
        self.state.borrow_mut().device.count_traffic(today(), up, down);
    }

    /// Notes what a live signal says of a space.
    pub(crate) fn hear(&self, space: SpaceId, position: u64) {
        self.state.borrow_mut().device.hear(space, Position(position));
    }

    /// Whether a live signal says anything new.
    pub(crate) fn is_behind(&self, space: SpaceId, position: u64) -> bool {
        position > self.state.borrow().device.position(space).0
    }
}

/// What an engine finds.
pub(crate) struct Opened {
    device: Device,
    credentials: Option<Credentials>,
    ended: bool,
    drafts_key: Option<Key>,
}

async fn open_database(name: &str, key: Option<Key>) -> Result<(Storage, Opened), Problem> {
    let storage = Storage::open(name, key).await?;
    let opened = open(&storage).await?;
    Ok((storage, opened))
}

pub(crate) async fn open(storage: &Storage) -> Result<Opened, Problem> {
    let Stored { entries, credentials, ended, drafts_key } = storage.load().await?;
    let session = browser::new_session().map_err(|_| Problem::of("engine.start"))?;
    // Nothing is deleted: another version of the app may be able to read it.
    let device = Device::open(session, entries).map_err(|_| Problem::of("storage.corrupt"))?;
    Ok(Opened { device, credentials, ended, drafts_key })
}
