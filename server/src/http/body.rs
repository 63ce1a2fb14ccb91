//! What stands between a body and its meaning: a request's encoding, undone within a bound, and an answer's.

use std::io::Read;

use axum::http::{HeaderMap, header};
use flate2::bufread::GzDecoder;
use lianxin_shared::wire::ExchangeError;

/// The `Content-Encoding` of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// # Errors
    /// `Malformed` for one that the protocol does not use.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ExchangeError> {
        match headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes()) {
            None | Some(b"identity") => Ok(Encoding::Identity),
            Some(b"gzip") => Ok(Encoding::Gzip),
            Some(_) => Err(ExchangeError::Malformed),
        }
    }

    /// The body without it; never more in memory than `bytes_max`, whatever the bytes claim to become.
    ///
    /// # Errors
    /// `TooLarge` when it becomes more, `Malformed` when it is not what the encoding says.
    pub(super) fn undo(self, bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, ExchangeError> {
        match self {
            Encoding::Identity if bytes.len() > bytes_max => Err(ExchangeError::TooLarge),
            Encoding::Identity => Ok(bytes.to_vec()),
            Encoding::Gzip => gunzip(bytes, bytes_max),
        }
    }
}

/// zstd's step for answers: a village waits longer for a byte than the server for a core.
const ZSTD_LEVEL: i32 = 12;
/// Answers up to here are packed in less time than another thread takes to wake, in bytes.
const PACKED_AT_ONCE_MAX: usize = 16 * 1024;

/// An answer for those who take zstd, as browsers do; `None` for others, whose answers are compressed
/// while they stream, and where it makes nothing smaller. Packed at once its size is known: the
/// tables are no larger than the answer (while streaming, preparing them cost more than an idle
/// exchange's whole rest), and it goes out without chunks.
pub(super) async fn packed(headers: &HeaderMap, answer: &[u8]) -> Option<Vec<u8>> {
    if !takes_zstd(headers) {
        return None;
    }
    let pack = |answer: &[u8]| zstd::bulk::compress(answer, ZSTD_LEVEL).ok();
    let packed = if answer.len() <= PACKED_AT_ONCE_MAX {
        pack(answer)
    } else {
        let answer = answer.to_vec();
        tokio::task::spawn_blocking(move || pack(&answer)).await.ok().flatten()
    };
    packed.filter(|packed| packed.len() < answer.len())
}

fn takes_zstd(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|item| {
        let (name, parameter) = item.split_once(';').unwrap_or((item, ""));
        let refused = parameter.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("zstd") && !refused
    })
}

fn gunzip(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, ExchangeError> {
    let mut decoder = GzDecoder::new(bytes);
    let mut inflated = Vec::new();
    let read = decoder.by_ref().take(bytes_max as u64 + 1).read_to_end(&mut inflated);
    read.map_err(|_| ExchangeError::Malformed)?;
    if inflated.len() > bytes_max {
        return Err(ExchangeError::TooLarge);
    }
    if decoder.into_inner().is_empty() { Ok(inflated) } else { Err(ExchangeError::Malformed) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::HeaderValue;
    use flate2::{Compression, write::GzEncoder};
    use lianxin_shared::limits::EXCHANGE_BYTES_MAX;

    use super::*;

    fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        Encoding::Gzip.undo(bytes, EXCHANGE_BYTES_MAX)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_undone_and_bounded() {
        assert_eq!(gunzip(&gzip(b"abc")), Ok(b"abc".to_vec()));
        assert_eq!(gunzip(&gzip(&vec![0; EXCHANGE_BYTES_MAX + 1])), Err(ExchangeError::TooLarge));
        assert_eq!(gunzip(&gzip(&vec![0; EXCHANGE_BYTES_MAX])).map(|bytes| bytes.len()), Ok(EXCHANGE_BYTES_MAX));
    }

    #[tokio::test]
    async fn answers_are_packed_for_those_who_take_it_and_only_if_that_helps() {
        let accepting =
            |value: &'static str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        for size in [1_000, 2 * PACKED_AT_ONCE_MAX] {
            let packed = packed(&accepting("gzip, deflate, br, zstd"), &vec![7; size]).await.unwrap();
            assert_eq!(zstd::bulk::decompress(&packed, size).unwrap(), vec![7; size]);
        }
        for refusing in ["gzip, br", "zstd;q=0", "zstd;q=0.0, br", "identity"] {
            assert_eq!(packed(&accepting(refusing), &[7; 1_000]).await, None, "{refusing}");
        }
        assert_eq!(packed(&accepting("zstd"), b"short").await, None);
    }

    #[test]
    fn half_a_gzip_and_more_than_one_are_refused() {
        let whole = gzip(b"abcdefgh");
        assert_eq!(gunzip(&whole[..whole.len() - 1]), Err(ExchangeError::Malformed));
        assert_eq!(gunzip(&[&whole[..], b"x"].concat()), Err(ExchangeError::Malformed));
        assert_eq!(gunzip(b"not gzip"), Err(ExchangeError::Malformed));
    }
}
