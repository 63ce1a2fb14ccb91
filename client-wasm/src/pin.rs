//! A PIN before an account (PIN 锁): what lies on the phone is locked with a key, and that key with the PIN.
//!
//! The key is there twice: locked with the PIN, and locked with what this device and the server share, so that who has
//! forgotten the PIN signs in once more, with a network, and has lost nothing. Setting a PIN, or taking it away, copies the
//! account into a new database, locked or not; the list of accounts goes from one to the other in one transaction.

use js_sys::{Array, Uint8Array};
use lianxin_shared::{
    id::{DeviceId, UserId, parse_hex},
    json::{FromObject, Object, Unfit},
};
use serde::Serialize;

use crate::{
    accounts::Accounts,
    api::Problem,
    browser::now_ms,
    crypt::{self, Key},
    engine::{self, Engine},
    files::{from_base64, to_base64},
    storage::{Credentials, Storage},
};

const PIN_DIGITS_MIN: usize = 6;
/// So that a try takes a good part of a second on the phone that is tried on.
const ROUNDS: u32 = 300_000;
/// Wrong tries that cost no time.
const FREE_MISSES: u32 = 4;
const FIRST_WAIT_MS: i64 = 30 * 1_000;
const WAIT_MS_MAX: i64 = 60 * 60 * 1_000;

/// What stands before an account's database, as it lies in the list of accounts. Bytes are in Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PinLock {
    salt: String,
    rounds: u32,
    /// The database's key, locked with the PIN's.
    by_pin: String,
    /// The same, locked with what the server shares with `device`.
    by_server: String,
    pub(crate) device: DeviceId,
    /// Wrong tries in a row.
    misses: u32,
    not_before_ms: i64,
}

impl FromObject for PinLock {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self {
            salt: object.text("salt")?,
            rounds: object.counted("rounds")?,
            by_pin: object.text("by_pin")?,
            by_server: object.text("by_server")?,
            device: DeviceId(object.number("device")?),
            misses: object.counted("misses")?,
            not_before_ms: object.number("not_before_ms")?,
        })
    }
}

impl PinLock {
    /// `None` where the browser cannot lock anything.
    async fn new(pin: &str, key: &Key, device: DeviceId, shared: &Key) -> Option<Self> {
        let salt = crypt::new_key().ok()?;
        let by_pin = crypt::with_pin(pin, &salt, ROUNDS, false, key).await?;
        let by_server = crypt::lock_all(shared, &Array::of1(&Uint8Array::from(key.as_slice()))).await?;
        Some(Self {
            salt: to_base64(&salt),
            rounds: ROUNDS,
            by_pin: to_base64(&by_pin),
            by_server: to_base64(&Uint8Array::new(&by_server.get(0)).to_vec()),
            device,
            misses: 0,
            not_before_ms: 0,
        })
    }

    async fn open(&self, pin: &str) -> Option<Key> {
        let (salt, locked) = (from_base64(&self.salt)?, from_base64(&self.by_pin)?);
        crypt::with_pin(pin, &salt, self.rounds, true, &locked).await?.try_into().ok()
    }

    /// With what the server said at a sign-in.
    pub(crate) async fn open_with_shared(&self, shared: &str) -> Option<Key> {
        let locked = from_base64(&self.by_server)?;
        let opened = crypt::open_all(&parse_hex(shared)?, &Array::of1(&Uint8Array::from(locked.as_slice()))).await?;
        Uint8Array::new(&opened.get(0)).to_vec().try_into().ok()
    }

    /// How long nobody may try. A clock that was set back makes nobody wait longer than the pause itself.
    fn wait_ms(&self, now_ms: i64) -> i64 {
        (self.not_before_ms - now_ms).clamp(0, pause_ms(self.misses))
    }

    fn missed(self, now_ms: i64) -> Self {
        let misses = self.misses.saturating_add(1);
        Self { misses, not_before_ms: now_ms + pause_ms(misses), ..self }
    }

    /// After the right PIN, or the password.
    pub(crate) fn met(self) -> Self {
        Self { misses: 0, not_before_ms: 0, ..self }
    }
}

/// After so many wrong tries in a row: none, then half a minute, and twice as long each time.
fn pause_ms(misses: u32) -> i64 {
    match misses.checked_sub(FREE_MISSES + 1) {
        None => 0,
        Some(more) => FIRST_WAIT_MS.checked_shl(more.min(16)).unwrap_or(WAIT_MS_MAX).min(WAIT_MS_MAX),
    }
}

impl Engine {
    /// Puts a PIN before the open account, or another one in place of it. Returns when all that lies here is locked.
    pub(crate) async fn set_pin(&self, pin: &str) -> Result<(), Problem> {
        if pin.len() < PIN_DIGITS_MIN || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Problem::of("pin.short"));
        }
        let _turn = self.take_turn().await?;
        let (user, device, shared) = {
            let state = self.state.borrow();
            let shared = |of: &Credentials| Some((of.user, of.device, parse_hex(of.parcel_key.as_deref()?)?));
            state.credentials.as_ref().and_then(shared).ok_or_else(|| Problem::of("pin.no_key"))?
        };
        let no_randomness = |_| Problem::of("engine.start");
        let (key, is_new) = match self.storage.key() {
            Some(key) => (key, false),
            None => (crypt::new_key().map_err(no_randomness)?, true),
        };
        let lock = PinLock::new(pin, &key, device, &shared).await.ok_or_else(|| Problem::of("parcel.insecure"))?;
        if !is_new {
            let accounts = self.accounts.borrow().clone();
            return self.keep_accounts(accounts.locking(user, Some(lock))).await;
        }
        if self.state.borrow().drafts_key.is_none() {
            let key = crypt::new_key().map_err(no_randomness)?;
            self.storage.write_drafts_key(&key).await?;
        }
        self.move_under(Some((key, lock))).await
    }

    /// Takes the PIN away. Returns when what lies here can be read without one.
    pub(crate) async fn drop_pin(&self) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        if self.storage.key().is_none() { Ok(()) } else { self.move_under(None).await }
    }

    /// Moves the open account into a database of another lock. The caller holds the turn.
    async fn move_under(&self, lock: Option<(Key, PinLock)>) -> Result<(), Problem> {
        let accounts = self.left(true);
        let (key, lock) = lock.unzip();
        let database = accounts.new_database(now_ms());
        // Should this page be killed on the way, the next start deletes the half.
        self.keep_accounts(accounts.clone().dooming(&database)).await?;
        let moved = async {
            let storage = Storage::open(&database, key).await?;
            self.storage.copy_into(&storage).await?;
            let opened = engine::open(&storage).await?;
            self.go_on_with(storage, opened, accounts.moving(&database, lock)).await
        };
        let moved = moved.await;
        self.sweep().await;
        moved
    }

    /// The key of an account's database, for its PIN.
    pub(crate) async fn key_by_pin(&self, user: UserId, pin: &str) -> Result<Option<Key>, Problem> {
        let accounts = self.accounts.borrow().clone();
        let Some(lock) = accounts.lock_of(user).cloned() else { return Ok(None) };
        let now = now_ms();
        let wait_ms = lock.wait_ms(now);
        if wait_ms > 0 {
            let seconds = u32::try_from(wait_ms / 1_000 + 1).ok();
            return Err(Problem { seconds, ..Problem::of("sign_in.wait") });
        }
        // Counted before it is known: a page that is killed meanwhile has had its try.
        self.keep_accounts(accounts.clone().locking(user, Some(lock.clone().missed(now)))).await?;
        let key = lock.open(pin).await.ok_or_else(|| Problem::of("sign_in.pin_wrong"))?;
        self.keep_accounts(accounts.locking(user, Some(lock.met()))).await?;
        Ok(Some(key))
    }

    /// Hides the open account behind its PIN on all its screens; it goes on working and exchanging.
    pub(crate) fn shut(&self) {
        self.shut.set(self.accounts.borrow().behind_pin().is_some());
        self.tell_status();
    }

    /// Shows it again.
    pub(crate) async fn unlock(&self, pin: &str) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let user = self.accounts.borrow().behind_pin();
        if let Some(user) = user {
            self.key_by_pin(user, pin).await?;
        }
        self.shut.set(false);
        self.tell_status();
        Ok(())
    }

    /// Deletes databases that nobody needs any more.
    pub(crate) async fn sweep(&self) {
        let mut left = Vec::new();
        let accounts = self.accounts.borrow().clone();
        for name in &accounts.doomed {
            if Storage::delete(name).await.is_err() {
                left.push(name.clone());
            }
        }
        if left != accounts.doomed {
            // Where the list cannot be written, they are deleted once more.
            let _ = self.keep_accounts(accounts.with_doomed(left)).await;
        }
    }

    /// Makes the list durable, then believes it.
    async fn keep_accounts(&self, accounts: Accounts) -> Result<(), Problem> {
        accounts.write().await?;
        self.accounts.replace(accounts);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn lock() -> PinLock {
        let text = String::new;
        PinLock {
            salt: text(),
            rounds: 1,
            by_pin: text(),
            by_server: text(),
            device: DeviceId(1),
            misses: 0,
            not_before_ms: 0,
        }
    }

    #[test]
    fn each_wrong_try_costs_more_and_none_is_for_ever() {
        let pauses: Vec<i64> = (0..=14).map(|misses| pause_ms(misses) / 1_000).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        assert_eq!(pause_ms(u32::MAX), WAIT_MS_MAX);
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_out_for_long() {
        let fresh = PinLock { misses: 4, ..lock() };
        assert_eq!(fresh.wait_ms(1), 0);
        let missed = fresh.missed(1_000_000);
        assert_eq!((missed.wait_ms(1_000_000), missed.wait_ms(1_020_000)), (30_000, 10_000));
        assert_eq!((missed.wait_ms(0), missed.wait_ms(1_030_000)), (30_000, 0));
        assert_eq!(missed.clone().met().wait_ms(1_000_000), 0);
        let read = Object::read(lianxin_shared::json::write(&missed).as_bytes());
        assert_eq!(PinLock::take_from(&mut read.unwrap()), Ok(missed));
    }
}
