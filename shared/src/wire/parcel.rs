//! What a phone had not sent, as one file (手机文件) that somebody else may carry to the server.
//!
//! The contents are encrypted, and authenticated with the head, under a key that only this device session and the
//! server know: who carries the file can neither read nor change it. Encrypting is the shell's work.

use super::codec::{BadBytes, Reader, Writer};
use crate::{
    id::{DeviceId, RecordId},
    limits::{BLOB_BYTES_MAX, EXCHANGE_BYTES_MAX, PARCEL_BYTES_MAX, PREVIEW_BYTES_MAX},
};

/// What every file of this kind begins with.
const MAGIC: [u8; 4] = *b"LXPK";
/// The byte behind it.
const VERSION: u8 = 1;
/// Bytes of the nonce of AES-256-GCM.
pub const PARCEL_NONCE_BYTES: usize = 12;

mod tag {
    pub(super) const MESSAGE: u64 = 1;
    pub(super) const FILE: u64 = 2;
}

/// The file: whose it is, and what only the server opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub device: DeviceId,
    /// Never the same twice for one device.
    pub nonce: [u8; PARCEL_NONCE_BYTES],
    /// [`ParcelContents`], encrypted.
    pub locked: Vec<u8>,
}

/// What is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParcelContents {
    /// When it was made, by the device's clock, in milliseconds since 1970.
    pub made_ms: i64,
    /// Requests as they go to the server, in their order.
    pub messages: Vec<Vec<u8>>,
    pub files: Vec<ParcelFile>,
}

/// A photo or recording of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelFile {
    pub record: RecordId,
    pub preview: Option<Vec<u8>>,
    pub original: Vec<u8>,
}

/// Why bytes are no such file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadParcel {
    #[error("another kind of file")]
    Foreign,
    #[error("made by a newer app")]
    Newer,
    #[error("cut short or too long")]
    Broken,
}

impl Parcel {
    /// What stands before the contents, authenticated with them.
    pub fn head(device: DeviceId, nonce: &[u8; PARCEL_NONCE_BYTES]) -> Vec<u8> {
        let mut w = Writer::default();
        w.fixed(&MAGIC);
        w.byte(VERSION);
        w.signed(device.0);
        w.fixed(nonce);
        w.finish()
    }

    pub fn encode(&self) -> Vec<u8> {
        [&Self::head(self.device, &self.nonce)[..], &self.locked].concat()
    }

    /// # Errors
    /// When the bytes are no such file, or more than one may have.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadParcel> {
        let mut r = Reader::new(bytes);
        if r.fixed() != Ok(MAGIC) {
            return Err(BadParcel::Foreign);
        }
        match r.byte() {
            Ok(VERSION) => {}
            Ok(_) => return Err(BadParcel::Newer),
            Err(_) => return Err(BadParcel::Broken),
        }
        let mut read = || Ok::<_, BadBytes>((DeviceId(r.signed()?), r.fixed()?));
        let (device, nonce) = read().map_err(|_| BadParcel::Broken)?;
        let locked = r.rest().to_vec();
        if bytes.len() > PARCEL_BYTES_MAX { Err(BadParcel::Broken) } else { Ok(Self { device, nonce, locked }) }
    }
}

impl ParcelContents {
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.signed(self.made_ms);
        for message in &self.messages {
            w.section(tag::MESSAGE, |w| w.fixed(message));
        }
        for ParcelFile { record, preview, original } in &self.files {
            w.section(tag::FILE, |w| {
                w.fixed(&record.0);
                w.list(preview.as_slice(), |w, preview| w.bytes(preview));
                w.fixed(original);
            });
        }
        w.finish()
    }

    /// # Errors
    /// When the bytes are no such contents. Sections of a newer app are passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut r = Reader::new(bytes);
        let mut contents = ParcelContents { made_ms: r.signed()?, ..ParcelContents::default() };
        while !r.is_empty() {
            let (tag, mut r) = r.section()?;
            match tag {
                tag::MESSAGE => contents.messages.push(at_most(r.rest(), EXCHANGE_BYTES_MAX)?),
                tag::FILE => contents.files.push(ParcelFile {
                    record: RecordId(r.fixed()?),
                    preview: r.list(1, |r| Ok(r.bytes(PREVIEW_BYTES_MAX)?.to_vec()))?.pop(),
                    original: at_most(r.rest(), BLOB_BYTES_MAX)?,
                }),
                _ => {}
            }
        }
        Ok(contents)
    }
}

fn at_most(bytes: &[u8], max: usize) -> Result<Vec<u8>, BadBytes> {
    if bytes.len() > max { Err(BadBytes("too long")) } else { Ok(bytes.to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> ParcelContents {
        let file = |preview| ParcelFile { record: RecordId([0xab; 16]), preview, original: vec![0xff, 0xd8, 0xff] };
        ParcelContents {
            made_ms: 1_767_225_600_000,
            messages: vec![vec![1, 1, 2], Vec::new()],
            files: vec![file(Some(vec![0xff])), file(None)],
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Files on sticks and in mailboxes hold these bytes.
    #[test]
    fn the_form_of_the_file_never_changes() {
        let parcel = Parcel { device: DeviceId(7), nonce: [0x11; PARCEL_NONCE_BYTES], locked: contents().encode() };
        assert_eq!(hex(&parcel.encode()), include_str!("../../golden/parcel.v1.hex").trim_end());
        assert_eq!(Parcel::decode(&parcel.encode()), Ok(parcel.clone()));
        assert_eq!(ParcelContents::decode(&parcel.locked), Ok(contents()));
    }

    #[test]
    fn what_is_no_such_file_says_why() {
        let whole = Parcel { device: DeviceId(7), nonce: [0; PARCEL_NONCE_BYTES], locked: Vec::new() }.encode();
        assert_eq!(Parcel::decode(b"\xff\xd8\xff\xe0"), Err(BadParcel::Foreign));
        assert_eq!(Parcel::decode(b""), Err(BadParcel::Foreign));
        assert_eq!(Parcel::decode(&whole[..whole.len() - 1]), Err(BadParcel::Broken));
        assert_eq!(Parcel::decode(&[&MAGIC[..], &[VERSION + 1]].concat()), Err(BadParcel::Newer));
        assert_eq!(Parcel::decode(&[&whole[..], &vec![0; PARCEL_BYTES_MAX]].concat()), Err(BadParcel::Broken));
    }

    #[test]
    fn sections_of_a_newer_app_are_passed_over_and_cut_ones_refused() {
        let bytes = contents().encode();
        assert_eq!(ParcelContents::decode(&[&bytes[..], &[9, 1, 0]].concat()), Ok(contents()));
        assert!(ParcelContents::decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
