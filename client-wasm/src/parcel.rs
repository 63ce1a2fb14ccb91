//! What waits on this phone, as a file that somebody else carries (手机文件); files that this phone carries; and a phone
//! that staff have ended: it hands over what it had not sent and keeps nothing.

use std::rc::Rc;

use lianxin_shared::{
    device::{Part, Store, Upload},
    id::{BlobHash, parse_hex},
    json::Object,
    limits::{PARCEL_BYTES_MAX, PREVIEW_BYTES_MAX, UPLOAD_PAGE_BYTES},
    wire::{PARCEL_NONCE_BYTES, Parcel, ParcelContents, ParcelFile},
};
use serde::Serialize;

use crate::{
    api::{Answered, Problem},
    browser::now_ms,
    crypt,
    engine::Engine,
    files::{self, from_base64, to_base64},
    network::{Carries, Reply},
    storage::{Credentials, StorageError},
    sync::{APP_VERSION, Stop},
    verdict::{self, ErrorBody, Failure},
};

const PATH: &str = "/api/v1/parcels";
/// Of the file's bytes, what is no contents.
const AROUND_BYTES: usize = 64 * 1024;
/// Smaller files of an ended phone are not tried where a gateway takes none.
const ROOM_BYTES_MIN: usize = 2 * UPLOAD_PAGE_BYTES;

/// A file, as the view saves it.
#[derive(Serialize)]
pub(crate) struct Packed {
    /// Base64.
    file: String,
    /// Photos and recordings that did not fit.
    left: usize,
}

impl Engine {
    /// All that waits here, so that somebody else can carry it. It waits here all the same.
    pub(crate) async fn pack(&self) -> Result<Packed, Problem> {
        let _turn = self.take_turn().await?;
        let mut contents = self.messages(now_ms());
        let left = self.add_files(&mut contents, PARCEL_BYTES_MAX).await?;
        Ok(Packed { file: to_base64(&self.locked(&contents).await?), left })
    }

    /// Hands over a file from another phone; what became of it, in the server's own words.
    pub(crate) async fn carry(&self, file: &str) -> Answered {
        let file = from_base64(file).ok_or_else(|| Problem::of("parcel.bad.foreign"))?;
        let token = self.token().ok_or_else(|| Problem::of("parcel.bad.signed_out"))?;
        let reply = self.network.post(PATH, Some(&token), Carries::Nothing, &file).await;
        self.count_traffic();
        read(reply.ok())
    }

    /// All that waits, without photos and recordings.
    fn messages(&self, made_ms: i64) -> ParcelContents {
        let messages = self.state.borrow().device.unsent_messages(made_ms, APP_VERSION);
        ParcelContents { made_ms, messages, files: Vec::new() }
    }

    /// Adds photos and recordings up to a length of the file; how many stay.
    async fn add_files(&self, contents: &mut ParcelContents, room: usize) -> Result<usize, StorageError> {
        let files: Vec<_> = self.state.borrow().device.undelivered_files().collect();
        let mut left = 0;
        for (record, hash, bytes) in files {
            if !fits(contents, bytes, room) {
                left += 1;
                continue;
            }
            let key = hash.to_string();
            let Some(original) = self.storage.bytes(Store::Blobs, &key).await? else { continue };
            let preview = self.storage.bytes(Store::Previews, &key).await?;
            contents.files.push(ParcelFile { record, preview, original });
        }
        Ok(left)
    }

    async fn locked(&self, contents: &ParcelContents) -> Result<Vec<u8>, Problem> {
        let key = {
            let state = self.state.borrow();
            let key = |of: &Credentials| Some((of.device, parse_hex(of.parcel_key.as_deref()?)?));
            state.credentials.as_ref().and_then(key)
        };
        let (device, key) = key.ok_or_else(|| Problem::of("parcel.no_key"))?;
        let mut nonce = [0; PARCEL_NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Problem::of("engine.start"))?;
        let locked = crypt::lock(&key, &nonce, &Parcel::head(device, &nonce), &contents.encode()).await;
        let locked = locked.ok_or_else(|| Problem::of("parcel.insecure"))?;
        Ok(Parcel { device, nonce, locked }.encode())
    }
}

/// Whether a photo or recording of this length has room beside what is in the file, whatever its preview.
fn fits(contents: &ParcelContents, bytes: u64, room: usize) -> bool {
    let messages = contents.messages.iter().map(Vec::len);
    let files = contents.files.iter().map(|file| file.original.len() + file.preview.as_ref().map_or(0, Vec::len));
    let there = AROUND_BYTES + messages.chain(files).sum::<usize>() + PREVIEW_BYTES_MAX;
    there as u64 + bytes <= room as u64
}

/// Reads the answer to a file; `None` when nobody answered.
fn read(reply: Option<Reply>) -> Answered {
    let Some(Reply { status, body }) = reply else { return Err(Problem::of("parcel.bad.network")) };
    Err(Problem::of(match status {
        200 => return String::from_utf8(body).map_err(|_| Problem::of("parcel.bad.network")),
        422 if ErrorBody::read(&body).is_some_and(|said| said.error == "newer") => "parcel.bad.newer",
        422 => "parcel.bad.foreign",
        _ => match verdict::of_error(status, &body) {
            Failure::Network => "parcel.bad.network",
            Failure::Smaller => "parcel.bad.too_large",
            Failure::SignInNeeded { .. } => "parcel.bad.signed_out",
            Failure::Server { .. } | Failure::UpdateNeeded => "parcel.bad.server",
        },
    }))
}

/// Staff have ended this phone or the account: what it had not sent goes to the server, where it lies apart, and nothing
/// of the account stays here. In as many files as that takes; the server has each before the next, so that a cut costs
/// one.
pub(crate) async fn leave(engine: &Rc<Engine>) -> Result<(), Stop> {
    let era = engine.era.get();
    let (made_ms, mut room, mut handed_over) = (now_ms(), PARCEL_BYTES_MAX, Vec::new());
    loop {
        let turn = engine.take_turn().await.map_err(Stop::Storage)?;
        if engine.era.get() != era {
            return Err(Stop::Overtaken);
        }
        let mut contents = engine.messages(made_ms);
        contents.messages.retain(|message| !handed_over.contains(message));
        while contents.messages.len() > 1 && !fits(&contents, 0, room) {
            contents.messages.pop();
        }
        engine.add_files(&mut contents, room).await?;
        if contents.messages.is_empty() && contents.files.is_empty() {
            return engine.forget(true).await.map_err(Stop::Storage);
        }
        drop(turn);
        // What cannot be locked stays here, and its person hears that the phone has been ended.
        let file = engine.locked(&contents).await.map_err(|_| Failure::SignInNeeded { revoked: true })?;
        let token = engine.token().ok_or(Stop::Overtaken)?;
        let reply = engine.network.post(PATH, Some(&token), Carries::Nothing, &file).await;
        let Reply { status, body } = reply.map_err(|_| Failure::Network)?;
        // A page of somebody else's is no receipt.
        if status != 200 || Object::read(&body).is_err() {
            match verdict::of_error(status, &body) {
                Failure::Smaller if room > ROOM_BYTES_MIN => room /= 2,
                failure => return Err(failure.into()),
            }
            continue;
        }
        handed_over.append(&mut contents.messages);
        for ParcelFile { record, original, .. } in contents.files {
            let (hash, bytes) = (BlobHash::of(&original), 0);
            let upload = Upload { hash, record, what: Part::Original, bytes };
            files::store(engine, |device| device.prepare_delivered(upload)).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use lianxin_shared::id::{DeviceId, RecordId};

    use super::*;

    fn problem(status: u16, body: &str) -> Problem {
        read(Some(Reply { status, body: body.into() })).unwrap_err()
    }

    #[test]
    fn each_answer_has_its_words() {
        assert_eq!(read(None), Err(Problem::of("parcel.bad.network")));
        assert_eq!(read(Some(Reply { status: 200, body: b"{}".to_vec() })), Ok("{}".into()));
        assert_eq!(problem(422, r#"{"error":"newer"}"#).text, "parcel.bad.newer");
        assert_eq!(problem(422, r#"{"error":"broken"}"#).text, "parcel.bad.foreign");
        assert_eq!(problem(401, r#"{"error":"signed_out"}"#).text, "parcel.bad.signed_out");
        assert_eq!(problem(403, r#"{"error":"revoked"}"#).text, "parcel.bad.signed_out");
        assert_eq!(problem(403, "<html>pay for Wi-Fi</html>").text, "parcel.bad.network");
        assert_eq!(problem(413, "<html>").text, "parcel.bad.too_large");
        assert_eq!(problem(429, r#"{"error":"too_many"}"#).text, "parcel.bad.server");
        assert_eq!(problem(502, "<html>").text, "parcel.bad.server");
    }

    #[test]
    fn photos_that_have_room_make_no_file_that_is_too_long() {
        let photo = ParcelFile {
            record: RecordId([1; 16]),
            preview: Some(vec![0; PREVIEW_BYTES_MAX]),
            original: vec![0; 2 * PREVIEW_BYTES_MAX],
        };
        let messages = vec![vec![0; PREVIEW_BYTES_MAX]];
        let mut contents = ParcelContents { made_ms: 0, messages, files: Vec::new() };
        while fits(&contents, photo.original.len() as u64, PARCEL_BYTES_MAX) {
            contents.files.push(photo.clone());
        }
        let parcel = |contents: &ParcelContents| {
            let parcel = Parcel { device: DeviceId(1), nonce: [0; PARCEL_NONCE_BYTES], locked: contents.encode() };
            parcel.encode().len()
        };
        assert!(parcel(&contents) <= PARCEL_BYTES_MAX);
        contents.files.extend(vec![photo; 1 + AROUND_BYTES / PREVIEW_BYTES_MAX]);
        assert!(parcel(&contents) > PARCEL_BYTES_MAX, "there was room for more");
    }
}
