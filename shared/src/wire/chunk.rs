//! Automerge changes without what the receiver can work out again.
//!
//! A change chunk is `magic(4) checksum(4) type(1) length contents`. The checksum is the beginning
//! of the change's SHA-256, hence four bytes that no compressor can shorten; the rest is constant.
//! The wire carries the contents alone.

use sha2::{Digest, Sha256};

use super::codec::{BadBytes, Writer};
use crate::id::ChangeHash;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM_BYTES: usize = 4;
const CHANGE_CHUNK: u8 = 1;

/// The contents of a change chunk.
///
/// # Errors
/// When the bytes are no uncompressed change chunk.
pub fn pack(chunk: &[u8]) -> Result<&[u8], BadBytes> {
    let rest = chunk.strip_prefix(&MAGIC).ok_or(BadBytes("no change chunk"))?;
    let rest = rest.get(CHECKSUM_BYTES..).ok_or(BadBytes("no change chunk"))?;
    let rest = rest.strip_prefix(&[CHANGE_CHUNK]).ok_or(BadBytes("no plain change chunk"))?;
    let length_bytes = rest.iter().position(|byte| byte & 0x80 == 0).ok_or(BadBytes("no change chunk"))? + 1;
    Ok(&rest[length_bytes..])
}

/// The change chunk with these contents, and its hash.
pub fn unpack(contents: &[u8]) -> (ChangeHash, Vec<u8>) {
    let mut body = Writer::default();
    body.byte(CHANGE_CHUNK);
    body.bytes(contents);
    let body = body.finish();
    let hash: [u8; 32] = Sha256::digest(&body).into();
    let mut chunk = Vec::with_capacity(MAGIC.len() + CHECKSUM_BYTES + body.len());
    chunk.extend_from_slice(&MAGIC);
    chunk.extend_from_slice(&hash[..CHECKSUM_BYTES]);
    chunk.extend_from_slice(&body);
    (ChangeHash(hash), chunk)
}
