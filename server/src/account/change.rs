//! What is done to an account from outside, by the console and the command line alike; each is in the audit log.

use super::{
    password::{PasswordError, hash_password},
    sign_in::Accounts,
};
use crate::store::{Act, Doer, NewAudit, StoreError, User};

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Sets another password. Failed sign-ins are forgotten, devices stay signed in.
    ///
    /// # Errors
    /// When the password is not taken, or the store fails.
    pub async fn set_password(&self, by: Doer, user: &User, password: &str, now_ms: i64) -> Result<(), ChangeError> {
        let text = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || hash_password(&text)).await;
        let hash = hash.map_err(|error| PasswordError::Hashing(error.to_string()))??;
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
