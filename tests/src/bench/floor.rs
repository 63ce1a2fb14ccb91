//! What the same records cost at least: their JSON lines, all together, through a good compressor.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::workload::Entry;

/// As strong as zstd is used on a wire.
const ZSTD_LEVEL: i32 = 19;

/// The records' lines as they stand in the file.
pub(super) fn lines<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<u8> {
    entries.into_iter().flat_map(|entry| [entry.json.as_bytes(), b"\n"].concat()).collect()
}

/// Bytes after `gzip -9`.
pub(super) fn gzip_9(bytes: &[u8]) -> usize {
    gzip(bytes).len()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory does not fail to be written")
}

/// Bytes after `zstd -19`.
pub(super) fn zstd_19(bytes: &[u8]) -> usize {
    zstd::bulk::compress(bytes, ZSTD_LEVEL).expect("memory does not fail to be written").len()
}
