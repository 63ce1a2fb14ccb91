//! The master key: given by the operator, or made at the first start and kept in a file of the data
//! folder that nobody else may read. It is not in the database, so it is not in the database's backup:
//! whoever keeps the two together has undone the separation.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, ensure};
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::KEY_BYTES;

/// The file's name in the data folder.
const FILE: &str = "sealed-master.key";
/// Readable by its owner alone.
const MODE: u32 = 0o600;

/// Opens every sealed record's key. `Debug` does not show it.
#[derive(Clone)]
pub struct MasterKey([u8; KEY_BYTES]);

/// Which master key has wrapped a key: so that a wrong one is found at start, not at the first opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MasterId(pub [u8; 16]);

impl TryFrom<&[u8]> for MasterId {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl MasterKey {
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// A key as 64 hexadecimal digits, as an operator gives it.
    ///
    /// # Errors
    /// When the text is something else; it is not repeated in the error.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        ensure!(text.len() == 2 * KEY_BYTES && text.is_ascii(), "the master key must be 64 hexadecimal digits");
        let mut bytes = [0; KEY_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(pair, 16).ok().context("the master key must be 64 hexadecimal digits")?;
        }
        Ok(Self(bytes))
    }

    /// The key in the data folder, made if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds no key.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).with_context(|| format!("the file {}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Self::make(&path).with_context(|| format!("making the file {}", path.display()))
            }
            Err(error) => Err(error).with_context(|| format!("the file {}", path.display())),
        }
    }

    fn make(path: &Path) -> anyhow::Result<Self> {
        let key = Self(rand::rng().random());
        let text: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        // Complete under another name first: a half-written key would be taken for the key.
        let draft = path.with_extension("key.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&draft)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        // A second server that starts at the same moment must not replace the first one's.
        fs::hard_link(&draft, path)?;
        fs::remove_file(&draft)?;
        if let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(key)
    }

    pub fn id(&self) -> MasterId {
        let hash = Sha256::new().chain_update(b"lianxin/sealed-master/1").chain_update(self.0).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        MasterId(id)
    }

    pub(super) fn secret(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_keeps_its_key_and_nobody_else_reads_it() {
        let folder = std::env::temp_dir().join(format!("lianxin-master-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let made = MasterKey::of_folder(&folder).unwrap();
        assert_eq!(MasterKey::of_folder(&folder).unwrap().0, made.0);
        assert_eq!(fs::metadata(folder.join(FILE)).unwrap().permissions().mode() & 0o777, MODE);
        fs::write(folder.join(FILE), "half a key").unwrap();
        assert!(MasterKey::of_folder(&folder).is_err(), "a broken file is not replaced");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_key_is_read_as_it_is_given() {
        assert_eq!(MasterKey::parse(&"ab".repeat(32)).unwrap().0, [0xab; 32]);
        for text in ["", "abc", &"zz".repeat(32), &"é".repeat(32)] {
            let error = MasterKey::parse(text).unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text));
        }
    }
}
