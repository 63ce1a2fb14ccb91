//! The vault: encrypts sealed personal records, each under a key of its own.
//!
//! A record's key is random, new with each version, and stored wrapped by the *master key*, which lies
//! outside the database. So a copy of the database alone opens nothing, and destroying a wrapped key
//! destroys the record wherever the database's pages may still be. XChaCha20-Poly1305 both times: its
//! nonces may be random. Record and version are authenticated with the contents, so that a row cannot
//! be put in the place of another.

mod deletions;
mod master;
mod parcel;

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};
use lianxin_shared::{id::SealedId, sealed::Packed};
use rand::RngExt;

pub use deletions::DeletionList;
pub use master::{MasterId, MasterKey};
pub use parcel::ParcelKey;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

pub type Nonce = [u8; NONCE_BYTES];

/// A record's contents as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    pub nonce: Nonce,
    pub ciphertext: Vec<u8>,
    pub key: WrappedKey,
}

/// A record's own key, which only the master key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    pub master: MasterId,
    pub nonce: Nonce,
    pub wrapped: Vec<u8>,
}

/// The stored bytes are not what this vault's master key has made for this record and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed record cannot be opened with this master key")]
pub struct CannotOpen;

/// Encrypts and opens, and remembers what was deleted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    master: MasterKey,
    deletions: DeletionList,
}

impl Vault {
    pub fn new(master: MasterKey, deletions: DeletionList) -> Self {
        Self { master, deletions }
    }

    pub fn master(&self) -> MasterId {
        self.master.id()
    }

    pub fn deletions(&self) -> &DeletionList {
        &self.deletions
    }

    /// # Errors
    /// Never for contents within their bounds.
    pub fn encrypt(&self, id: SealedId, version: u64, contents: &Packed) -> Result<Encrypted, CannotOpen> {
        let key: [u8; KEY_BYTES] = rand::rng().random();
        let (nonce, ciphertext) = encrypt(&key, &contents.0, &of_contents(id, version))?;
        let (key_nonce, wrapped) = encrypt(self.master.secret(), &key, &of_key(id))?;
        let key = WrappedKey { master: self.master.id(), nonce: key_nonce, wrapped };
        Ok(Encrypted { nonce, ciphertext, key })
    }

    /// # Errors
    /// When the bytes were not made by this vault for this record and version.
    pub fn decrypt(&self, id: SealedId, version: u64, stored: &Encrypted) -> Result<Packed, CannotOpen> {
        if stored.key.master != self.master.id() {
            return Err(CannotOpen);
        }
        let key = decrypt(self.master.secret(), &stored.key.nonce, &stored.key.wrapped, &of_key(id))?;
        let key: [u8; KEY_BYTES] = key.try_into().map_err(|_| CannotOpen)?;
        decrypt(&key, &stored.nonce, &stored.ciphertext, &of_contents(id, version)).map(Packed)
    }
}

fn encrypt(key: &[u8; KEY_BYTES], plain: &[u8], about: &[u8]) -> Result<(Nonce, Vec<u8>), CannotOpen> {
    let nonce: Nonce = rand::rng().random();
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let ciphertext = cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: about }).map_err(|_| CannotOpen)?;
    Ok((nonce, ciphertext))
}

fn decrypt(key: &[u8; KEY_BYTES], nonce: &Nonce, ciphertext: &[u8], about: &[u8]) -> Result<Vec<u8>, CannotOpen> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.decrypt(&(*nonce).into(), Payload { msg: ciphertext, aad: about }).map_err(|_| CannotOpen)
}

fn of_contents(id: SealedId, version: u64) -> Vec<u8> {
    [b"lianxin/sealed/1".as_slice(), &id.0, &version.to_be_bytes()].concat()
}

fn of_key(id: SealedId) -> Vec<u8> {
    [b"lianxin/sealed-key/1".as_slice(), &id.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SealedId = SealedId([7; 16]);

    fn vault(byte: u8) -> Vault {
        Vault::new(MasterKey::from_bytes([byte; KEY_BYTES]), DeletionList::in_memory())
    }

    #[test]
    fn what_is_encrypted_opens_again_and_shows_nothing() {
        let plain = Packed("张德财 13800001234".into());
        let stored = vault(1).encrypt(ID, 3, &plain).unwrap();
        assert_eq!(vault(1).decrypt(ID, 3, &stored), Ok(plain.clone()));
        assert!(!stored.ciphertext.windows(3).any(|window| plain.0.windows(3).any(|other| other == window)));
        let again = vault(1).encrypt(ID, 3, &plain).unwrap();
        assert!(again.key.wrapped != stored.key.wrapped && again.ciphertext != stored.ciphertext);
    }

    #[test]
    fn nothing_else_opens_it() {
        let stored = vault(1).encrypt(ID, 3, &Packed(vec![1, 2, 3])).unwrap();
        assert_eq!(vault(2).decrypt(ID, 3, &stored), Err(CannotOpen), "another master key");
        assert_eq!(vault(1).decrypt(SealedId([8; 16]), 3, &stored), Err(CannotOpen), "in another record's place");
        assert_eq!(vault(1).decrypt(ID, 2, &stored), Err(CannotOpen), "as another version");
        let mut changed = stored.clone();
        changed.ciphertext[0] ^= 1;
        assert_eq!(vault(1).decrypt(ID, 3, &changed), Err(CannotOpen));
        let other = vault(1).encrypt(ID, 3, &Packed(vec![1, 2, 3])).unwrap();
        assert_eq!(vault(1).decrypt(ID, 3, &Encrypted { key: other.key, ..stored }), Err(CannotOpen));
    }

    #[test]
    fn the_master_key_is_never_shown() {
        assert!(!format!("{:?}", vault(0xab)).contains("171"));
    }
}
