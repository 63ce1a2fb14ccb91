//! Who is there: signing in with a password, and being known by a token.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use lianxin_shared::{limits::LABEL_CHARS_MAX, rights::Person};
use tokio::sync::{Mutex, Semaphore};

use super::{
    password::{self, PASSWORD_BYTES_MAX},
    throttle::{self, FORGET_AFTER_MS},
    token::Token,
};
use crate::store::{Act, Device, DeviceKind, Doer, NewAudit, NewDevice, Store, StoreError, User};

/// Passwords that are checked at the same time: each takes 19 MiB and a core.
const CHECKS_AT_ONCE: usize = 2;
/// Passwords that may wait for their turn.
const CHECKS_WAITING_MAX: usize = 64;
/// Logins are looked at one after the other in so many rows.
const ROWS: usize = 64;
/// Times that a failure is noted anew when another server noted one meanwhile.
const NOTING_TRIES: usize = 8;

/// Signs people in and knows them again.
#[derive(Clone)]
pub struct Accounts {
    pub(super) store: Arc<dyn Store>,
    checks: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Tries of one login wait in one row: guesses in parallel count one after the other, and
    /// someone who opens two windows is not taken for a guesser.
    rows: Arc<[Mutex<()>]>,
}

/// What someone presents.
#[derive(Debug)]
pub struct SignIn<'a> {
    pub login: &'a str,
    pub password: &'a str,
    pub kind: DeviceKind,
    /// For the list of devices: what the device calls itself.
    pub label: &'a str,
}

/// Someone who has come in.
#[derive(Debug)]
pub struct SignedIn {
    pub token: Token,
    pub device: Device,
    pub person: Person,
}

/// Why someone has not come in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login or password; which of the two is not told.
    #[error("wrong login or password")]
    Wrong,
    #[error("the account is locked")]
    Locked,
    /// The password was for one time.
    #[error("the person has to set a password of their own first")]
    MustChange,
    #[error("wait {seconds} s before the next try")]
    Wait { seconds: i64 },
    #[error("too many people sign in at once")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Someone known by a token.
#[derive(Debug, Clone)]
pub struct Authenticated {
    pub device: Device,
    pub person: Person,
    /// The password was for one time, and the person has not set their own.
    pub must_change: bool,
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoEntry {
    #[error("no such token")]
    SignedOut,
    #[error("the device was revoked or its user locked")]
    Revoked,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    pub fn new(store: Arc<dyn Store>) -> Self {
        let checks = Arc::new(Semaphore::new(CHECKS_AT_ONCE));
        let queue = Arc::new(Semaphore::new(CHECKS_AT_ONCE + CHECKS_WAITING_MAX));
        let rows = (0..ROWS).map(|_| Mutex::new(())).collect();
        Self { store, checks, queue, rows }
    }

    /// Checks the password and makes a device of this kind.
    ///
    /// # Errors
    /// When the person is not let in; the reason is fit to be told.
    pub async fn sign_in(&self, attempt: SignIn<'_>, now_ms: i64) -> Result<SignedIn, SignInError> {
        let user = self.who_knows(attempt.login, attempt.password, now_ms).await?;
        // The console leads to where the password is set.
        if user.must_change && attempt.kind == DeviceKind::Phone {
            return Err(SignInError::MustChange);
        }
        self.create_device(user, &attempt, now_ms).await
    }

    /// Who has this login and password, and is not shut out.
    pub(super) async fn who_knows(&self, login: &str, password: &str, now_ms: i64) -> Result<User, SignInError> {
        let login = login.trim();
        // What can be no login is not worth a look, nor a row in the table of failures.
        let impossible =
            login.is_empty() || login.chars().count() > LABEL_CHARS_MAX || login.contains(char::is_control);
        if impossible || password.len() > PASSWORD_BYTES_MAX {
            return Err(SignInError::Wrong);
        }
        let _place = self.queue.try_acquire().map_err(|_| SignInError::Busy)?;
        let user = self.known(login, password, now_ms).await?;
        if user.locked { Err(SignInError::Locked) } else { Ok(user) }
    }

    /// The user with this login and password, if it is not too early to ask.
    async fn known(&self, login: &str, password: &str, now_ms: i64) -> Result<User, SignInError> {
        let _row = self.row(login).lock().await;
        let failures = self.store.failures(login).await?;
        let wait_ms = throttle::wait_ms(failures, now_ms);
        if wait_ms > 0 {
            return Err(SignInError::Wait { seconds: (wait_ms + 999) / 1000 });
        }
        let user = self.store.user_by_login(login).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.is_right(password.to_owned(), hash).await;
        let user = match user {
            Some(user) if right => user,
            tried => {
                self.note_failure(login, now_ms).await?;
                if let Some(user) = tried {
                    self.tell_failure(user, now_ms).await?;
                }
                return Err(SignInError::Wrong);
            }
        };
        if failures.count > 0 {
            self.store.clear_failures(login).await?;
        }
        Ok(user)
    }

    fn row(&self, login: &str) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        login.hash(&mut hasher);
        &self.rows[hasher.finish() as usize % ROWS]
    }

    async fn note_failure(&self, login: &str, now_ms: i64) -> Result<(), StoreError> {
        for _ in 0..NOTING_TRIES {
            let before = self.store.failures(login).await?;
            if self.store.note_failure(login, before, throttle::one_more(before, now_ms)).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Wrong passwords for logins that there are stand in the audit log; invented names would only fill it.
    async fn tell_failure(&self, user: User, now_ms: i64) -> Result<(), StoreError> {
        let failed = NewAudit::of(Doer::SERVER, Act::SignInFailed, &user.login, "", now_ms);
        self.store.audit(&[failed]).await.map(drop)
    }

    async fn is_right(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_turn) = self.checks.acquire().await else { return false };
        let check = move || password::is_right(&password, hash.as_deref());
        tokio::task::spawn_blocking(check).await.unwrap_or(false)
    }

    async fn create_device(&self, user: User, attempt: &SignIn<'_>, now_ms: i64) -> Result<SignedIn, SignInError> {
        let token = Token::random();
        let label: String = attempt.label.chars().filter(|c| !c.is_control()).take(LABEL_CHARS_MAX).collect();
        let new =
            NewDevice { user: user.person.user, kind: attempt.kind, label: &label, token_hash: &token.hash(), now_ms };
        let id = self.store.create_device(new).await?;
        let device = Device {
            id,
            user: user.person.user,
            kind: attempt.kind,
            label,
            created_ms: now_ms,
            last_seen_ms: now_ms,
            revoked_ms: None,
            signed_out: false,
            app_version: String::new(),
            unsent: 0,
            clock_offset_ms: 0,
        };
        self.store.audit(&[NewAudit::of(Doer::of(&device), Act::SignIn, &user.login, "", now_ms)]).await?;
        Ok(SignedIn { token, device, person: user.person })
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// When the token opens nothing.
    pub async fn authenticate(&self, token: &Token) -> Result<Authenticated, NoEntry> {
        let (known, ended) = self.holder(token).await?;
        if ended { Err(NoEntry::Revoked) } else { Ok(known) }
    }

    /// Whose token this is, and whether staff have ended the device or the account: then it opens nothing, but what the
    /// device had not sent may still be handed over.
    ///
    /// # Errors
    /// When nobody is signed in by it.
    pub async fn holder(&self, token: &Token) -> Result<(Authenticated, bool), NoEntry> {
        let device = self.store.device_by_token(&token.hash()).await?.ok_or(NoEntry::SignedOut)?;
        if device.signed_out {
            return Err(NoEntry::SignedOut);
        }
        let user = self.store.user(device.user).await?.ok_or(NoEntry::SignedOut)?;
        let ended = user.locked || device.is_ended();
        Ok((Authenticated { device, person: user.person, must_change: user.must_change }, ended))
    }

    /// Ends a device's token.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, device: &Device, now_ms: i64) -> Result<(), StoreError> {
        self.store.sign_out(device.id, now_ms).await
    }

    /// Forgets failed sign-ins of yesterday; to be called now and then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_failures(&self, now_ms: i64) -> Result<(), StoreError> {
        self.store.forget_failures(now_ms.saturating_sub(FORGET_AFTER_MS)).await
    }
}
