//! Bodies from outside: read whole, bounded before and after inflating.

use std::{io::Read, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use flate2::bufread::GzDecoder;
use lianxin_shared::{limits::EXCHANGE_BYTES_MAX, wire::ExchangeError};

/// How long a body may take: 200 KB at 8 kbit/s.
const BODY_TIMEOUT: Duration = Duration::from_secs(240);

/// The body as it came, bounded.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, ExchangeError> {
    let read = tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, EXCHANGE_BYTES_MAX));
    match read.await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) if is_too_long(&error) => Err(ExchangeError::TooLarge),
        // The connection broke or slept: nobody is there to read the answer.
        Ok(Err(_)) | Err(_) => Err(ExchangeError::Malformed),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// The body without its `Content-Encoding`.
pub(super) fn inflate(headers: &HeaderMap, bytes: Vec<u8>) -> Result<Vec<u8>, ExchangeError> {
    match headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes()) {
        None | Some(b"identity") => Ok(bytes),
        Some(b"gzip") => gunzip(&bytes),
        Some(_) => Err(ExchangeError::Malformed),
    }
}

/// Never more in memory than the limit, whatever the bytes claim to become.
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let mut decoder = GzDecoder::new(bytes);
    let mut inflated = Vec::new();
    let read = decoder.by_ref().take(EXCHANGE_BYTES_MAX as u64 + 1).read_to_end(&mut inflated);
    read.map_err(|_| ExchangeError::Malformed)?;
    if inflated.len() > EXCHANGE_BYTES_MAX {
        return Err(ExchangeError::TooLarge);
    }
    if decoder.into_inner().is_empty() { Ok(inflated) } else { Err(ExchangeError::Malformed) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

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

    #[test]
    fn half_a_gzip_and_more_than_one_are_refused() {
        let whole = gzip(b"abcdefgh");
        assert_eq!(gunzip(&whole[..whole.len() - 1]), Err(ExchangeError::Malformed));
        assert_eq!(gunzip(&[&whole[..], b"x"].concat()), Err(ExchangeError::Malformed));
        assert_eq!(gunzip(b"not gzip"), Err(ExchangeError::Malformed));
    }
}
