//! Files with what a phone had not sent (手机文件): the key of each device, and opening what it has locked.
//!
//! A device's key is derived from the master key, so nothing of it is in the database: who has a copy of that can
//! neither read such a file nor write one in a deputy's name. AES-256-GCM, because browsers have it.

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use lianxin_shared::{id::DeviceId, wire::Parcel};
use sha2::Sha256;

use super::{CannotOpen, KEY_BYTES, Vault};

/// The key that one device and the server share. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ParcelKey([u8; KEY_BYTES]);

impl ParcelKey {
    /// As the device gets it: 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for ParcelKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ParcelKey(…)")
    }
}

impl Vault {
    /// # Errors
    /// Never: the length asked for is one that there is.
    pub fn parcel_key(&self, device: DeviceId) -> Result<ParcelKey, CannotOpen> {
        let about = [b"lianxin/parcel/1".as_slice(), &device.0.to_be_bytes()].concat();
        let mut key = [0; KEY_BYTES];
        Hkdf::<Sha256>::new(None, self.master.secret()).expand(&about, &mut key).map_err(|_| CannotOpen)?;
        Ok(ParcelKey(key))
    }

    /// What a device has locked.
    ///
    /// # Errors
    /// When it was not this device, or somebody has changed a byte.
    pub fn open_parcel(&self, parcel: &Parcel) -> Result<Vec<u8>, CannotOpen> {
        let cipher = Aes256Gcm::new(&self.parcel_key(parcel.device)?.0.into());
        let head = Parcel::head(parcel.device, &parcel.nonce);
        let payload = Payload { msg: &parcel.locked, aad: &head };
        cipher.decrypt(&parcel.nonce.into(), payload).map_err(|_| CannotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{DeletionList, MasterKey};

    fn vault(byte: u8) -> Vault {
        Vault::new(MasterKey::from_bytes([byte; KEY_BYTES]), DeletionList::in_memory())
    }

    #[test]
    fn each_device_of_each_server_has_a_key_of_its_own_that_is_never_shown() {
        let key = |vault: &Vault, device| vault.parcel_key(DeviceId(device)).unwrap();
        assert_eq!(key(&vault(1), 7), key(&vault(1), 7));
        assert_ne!(key(&vault(1), 7), key(&vault(1), 8));
        assert_ne!(key(&vault(1), 7), key(&vault(2), 7));
        assert_eq!(key(&vault(1), 7).secret().len(), 2 * KEY_BYTES);
        assert_eq!(format!("{:?}", key(&vault(1), 7)), "ParcelKey(…)");
    }

    #[test]
    fn only_what_the_device_has_locked_opens() {
        let (device, nonce) = (DeviceId(7), [3; 12]);
        let cipher = Aes256Gcm::new(&vault(1).parcel_key(device).unwrap().0.into());
        let head = Parcel::head(device, &nonce);
        let locked = cipher.encrypt(&nonce.into(), Payload { msg: b"abc", aad: &head }).unwrap();
        let parcel = Parcel { device, nonce, locked };
        assert_eq!(vault(1).open_parcel(&parcel), Ok(b"abc".to_vec()));
        assert_eq!(vault(2).open_parcel(&parcel), Err(CannotOpen), "another server");
        assert_eq!(vault(1).open_parcel(&Parcel { device: DeviceId(8), ..parcel.clone() }), Err(CannotOpen));
        let mut changed = parcel;
        changed.locked[0] ^= 1;
        assert_eq!(vault(1).open_parcel(&changed), Err(CannotOpen));
    }
}
