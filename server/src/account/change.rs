//! What is done to an account: made, shut out, given another password; by the console and the command line alike. Each is
//! in the audit log.

use lianxin_shared::{limits::LABEL_CHARS_MAX, rights::Post};

use super::{
    password::{PasswordError, generate_password, hash_password},
    sign_in::{Accounts, SignInError},
};
use crate::store::{Act, Doer, NewAudit, NewUser, StoreError, User};

/// Why an account was not made, or a password not set.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("the login is empty, too long, or holds blanks")]
    BadLogin,
    #[error("the name is empty or too long")]
    BadName,
    #[error("the login is taken")]
    Taken,
    #[error("the new password is the old one")]
    Same,
    /// The present password was wrong, or it is too early to ask.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Makes an account with this password; the same login is never there twice.
    ///
    /// # Errors
    /// When login, name or password are not taken, or the store fails.
    pub async fn create(
        &self,
        by: Doer,
        (login, name): (&str, &str),
        posts: Vec<Post>,
        password: &str,
        now_ms: i64,
    ) -> Result<User, ChangeError> {
        let (login, name) = (login.trim(), name.trim());
        let fits = |text: &str| !text.is_empty() && text.chars().count() <= LABEL_CHARS_MAX;
        if !fits(login) || login.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ChangeError::BadLogin);
        }
        if !fits(name) || name.contains(char::is_control) {
            return Err(ChangeError::BadName);
        }
        let password_hash = hashed(password).await?;
        let new = NewUser { login: login.into(), name: name.into(), password_hash, posts };
        let id = self.store.create_user(new).await?.ok_or(ChangeError::Taken)?;
        let user = self.store.user(id).await?.ok_or(ChangeError::Taken)?;
        self.note(by, Act::UserAdd, &user, now_ms).await?;
        Ok(user)
    }

    /// Sets a password that is made up, for one time: with it the person can set their own and do nothing else.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_one_time_password(&self, by: Doer, user: &User, now_ms: i64) -> Result<String, ChangeError> {
        let password = generate_password();
        self.store.set_must_change(user.person.user, true).await?;
        self.set(by, user, &password, now_ms).await?;
        Ok(password)
    }

    /// Sets another password. Failed sign-ins are forgotten, devices stay signed in.
    ///
    /// # Errors
    /// When the password is not taken, or the store fails.
    pub async fn set_password(&self, by: Doer, user: &User, password: &str, now_ms: i64) -> Result<(), ChangeError> {
        self.set(by, user, password, now_ms).await?;
        Ok(self.store.set_must_change(user.person.user, false).await?)
    }

    /// Somebody sets their own password, with the present one.
    ///
    /// # Errors
    /// When the present password is wrong, the new one is not taken, or the store fails.
    pub async fn change_own_password(
        &self,
        (login, present): (&str, &str),
        password: &str,
        now_ms: i64,
    ) -> Result<(), ChangeError> {
        let user = self.who_knows(login, present, now_ms).await?;
        if present == password {
            return Err(ChangeError::Same);
        }
        let by = Doer { user: Some(user.person.user), device: None };
        self.set_password(by, &user, password, now_ms).await
    }

    async fn set(&self, by: Doer, user: &User, password: &str, now_ms: i64) -> Result<(), ChangeError> {
        let hash = hashed(password).await?;
        self.store.set_password(user.person.user, &hash).await?;
        self.store.clear_failures(&user.login).await?;
        Ok(self.note(by, Act::UserPassword, user, now_ms).await?)
    }

    /// Shuts an account out, or lets it in again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_locked(&self, by: Doer, user: &User, locked: bool, now_ms: i64) -> Result<(), StoreError> {
        self.store.set_locked(user.person.user, locked).await?;
        self.note(by, if locked { Act::UserLock } else { Act::UserUnlock }, user, now_ms).await
    }

    async fn note(&self, by: Doer, act: Act, user: &User, now_ms: i64) -> Result<(), StoreError> {
        self.store.audit(&[NewAudit::of(by, act, &user.login, "", now_ms)]).await.map(drop)
    }
}

/// Not on a thread that others wait for.
async fn hashed(password: &str) -> Result<String, PasswordError> {
    let text = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || hash_password(&text)).await;
    hash.map_err(|error| PasswordError::Hashing(error.to_string()))?
}
