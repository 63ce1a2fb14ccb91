//! What a file is, by its content and by nothing else.

use std::io::Cursor;

use exif::{In, Tag};
use lianxin_shared::{blob::Refusal, limits::PREVIEW_BYTES_MAX};

/// The word for a position in the other kind of metadata (XMP), which is text inside the file.
const POSITION_IN_XMP: &[u8] = b"GPSLatitude";

/// The media type of a photo or a recording.
///
/// # Errors
/// When it is neither, or a photo that tells where it was taken.
pub(super) fn checked(bytes: &[u8]) -> Result<&'static str, Refusal> {
    match media_type(bytes) {
        Some(mime) if mime.starts_with("audio/") => Ok(mime),
        Some(_) if tells_where(bytes) => Err(Refusal::Located),
        Some(mime) => Ok(mime),
        None => Err(Refusal::ForeignType),
    }
}

/// The media type of a photo's preview.
///
/// # Errors
/// When it is no photo, larger than a preview, or tells where it was taken.
pub(super) fn checked_preview(bytes: &[u8]) -> Result<&'static str, Refusal> {
    if bytes.len() > PREVIEW_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    checked(bytes).and_then(|mime| if mime.starts_with("image/") { Ok(mime) } else { Err(Refusal::ForeignType) })
}

/// Browsers record into containers that may hold pictures as well; here they are recordings.
pub(super) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match infer::get(bytes)?.mime_type() {
        "image/jpeg" => Some("image/jpeg"),
        "image/png" => Some("image/png"),
        "image/webp" => Some("image/webp"),
        "video/webm" | "video/x-matroska" => Some("audio/webm"),
        "video/mp4" | "audio/m4a" | "audio/mp4" | "video/x-m4v" => Some("audio/mp4"),
        "audio/ogg" | "application/ogg" | "video/ogg" => Some("audio/ogg"),
        "audio/mpeg" => Some("audio/mpeg"),
        "audio/aac" => Some("audio/aac"),
        _ => None,
    }
}

/// Metadata that cannot be read tells nobody anything.
fn tells_where(bytes: &[u8]) -> bool {
    let read = exif::Reader::new().read_from_container(&mut Cursor::new(bytes));
    let in_exif = read.is_ok_and(|exif| {
        [Tag::GPSLatitude, Tag::GPSLongitude, Tag::GPSDestLatitude]
            .iter()
            .any(|tag| exif.get_field(*tag, In::PRIMARY).is_some())
    });
    in_exif || bytes.windows(POSITION_IN_XMP.len()).any(|window| window == POSITION_IN_XMP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG's beginning with one EXIF segment that has a GPS directory with a latitude.
    fn located() -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
        // One entry: the GPS directory is at 26.
        tiff.extend(b"\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0");
        // In it one entry: a latitude of three ratios, at 44.
        tiff.extend(b"\0\x01\0\x02\0\x05\0\0\0\x03\0\0\0\x2c\0\0\0\0");
        tiff.extend([0, 0, 0, 27, 0, 0, 0, 1, 0, 0, 0, 53, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 1]);
        let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1];
        jpeg.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
        jpeg.extend(b"Exif\0\0");
        jpeg.extend(tiff);
        jpeg.extend([0xff, 0xd9]);
        jpeg
    }

    #[test]
    fn a_photo_that_tells_where_is_refused() {
        assert_eq!(checked(&located()), Err(Refusal::Located));
        let xmp = [&[0xff, 0xd8, 0xff, 0xe0, 0, 2][..], b"<x exif:GPSLatitude='27,53N'/>"].concat();
        assert_eq!(checked(&xmp), Err(Refusal::Located));
        assert_eq!(checked(&[0xff, 0xd8, 0xff, 0xe0, 0, 2, 0xff, 0xd9]), Ok("image/jpeg"));
    }

    #[test]
    fn only_photos_and_recordings_are_taken() {
        for (bytes, mime) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0", "audio/ogg"),
            (b"ID3\x03\0\0\0\0\0\0", "audio/mpeg"),
            (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4"),
        ] {
            assert_eq!(checked(bytes), Ok(mime));
        }
        let mut webm = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm".to_vec();
        webm.resize(300, 0);
        assert_eq!(checked(&webm), Ok("audio/webm"));
        let foreign: [&[u8]; 6] =
            [b"", b"<svg onload=alert(1)>", b"<!DOCTYPE html><script>", b"%PDF-1.7", b"PK\x03\x04", b"GIF89a"];
        for bytes in foreign {
            assert_eq!(checked(bytes), Err(Refusal::ForeignType));
        }
        assert_eq!(checked_preview(b"OggS\0\x02\0\0\0\0\0\0\0\0"), Err(Refusal::ForeignType));
        assert_eq!(checked_preview(&[0xff; PREVIEW_BYTES_MAX + 1]), Err(Refusal::TooLarge));
    }
}
