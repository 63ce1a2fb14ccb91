//! Photos and recordings: kept when they are taken, delivered after all records, shown when asked for.
//!
//! What goes next, and what the network allows, is `shared::device`'s to say; how far a file has got is the server's.
//! A part goes out at the byte where the server's copy ends, as large as the pages of exchanges are; whatever is wanted
//! of the records goes before the next part.

use std::rc::Rc;

use js_sys::{JsString, Reflect};
use lianxin_shared::{
    blob::Refusal,
    device::{Allowed, DataUse, Part, Prepared, Store, Upload},
    id::{BlobHash, RecordId},
    limits::{BLOB_PART_BYTES_MAX, PREVIEW_BYTES_MAX},
};
use wasm_bindgen::JsValue;

use crate::{
    api::Problem,
    browser::{self, now_ms},
    engine::Engine,
    network::{Carries, Method, Reply},
    pages::Carried,
    schedule::Wish,
    sync::Stop,
    verdict::{self, ErrorBody, Failure},
};

/// A day that is full, and a record that the server does not know yet, are tried again after so long.
const PAUSE_MS: i64 = 60 * 60_000;
/// Parts of one file that the server threw away because they were not its bytes, before it is given up.
const WRONG_MAX: u32 = 3;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Engine {
    /// Returns with the hash when the file is durable on this phone.
    pub(crate) async fn keep_file(&self, original: &str, preview: Option<&str>) -> Result<BlobHash, Problem> {
        let bad = || Problem::of("file.bad");
        let original = from_base64(original).ok_or_else(bad)?;
        let preview = preview.map(|preview| from_base64(preview).ok_or_else(bad)).transpose()?;
        let _turn = self.take_turn().await?;
        let prepared = self.state.borrow().device.prepare_keep(original, preview, now_ms());
        let (hash, prepared) = prepared.map_err(|_| bad())?;
        self.store(prepared).await?;
        Ok(hash)
    }

    /// A form does without a file that it has kept.
    pub(crate) async fn drop_file(&self, hash: BlobHash) -> Result<(), Problem> {
        let _turn = self.take_turn().await?;
        let prepared = self.state.borrow().device.prepare_drop(hash);
        Ok(self.store(prepared).await?)
    }

    /// Lets go what forms kept that nobody came back to.
    pub(crate) async fn drop_forgotten_files(&self) {
        let forgotten = self.state.borrow().device.forgotten_files(now_ms());
        for hash in forgotten {
            // Tried again at the next start.
            let _ = self.drop_file(hash).await;
        }
    }

    /// A file, or a photo's preview, as base64: from this phone, or from the server.
    pub(crate) async fn file(&self, record: Option<RecordId>, hash: BlobHash, part: Part) -> Result<String, Problem> {
        let store = match part {
            Part::Original => Store::Blobs,
            Part::Preview => Store::Previews,
        };
        if let Some(bytes) = self.storage.bytes(store, &hash.to_string()).await? {
            return Ok(to_base64(&bytes));
        }
        let record = record.ok_or_else(|| Problem::of("file.not_here"))?;
        let token = self.token().ok_or_else(|| Problem::of("file.not_here"))?;
        let (path, era) = (path(record, hash, part), self.era.get());
        let reply = self.network.request(Method::Get, &path, Some(&token), Carries::Nothing, &[]).await;
        self.count_traffic();
        self.tell_status();
        let Ok(Reply { status, body }) = reply else { return Err(Problem::of("file.no_signal")) };
        // What answers with something else is not the server.
        let ours = match part {
            Part::Original => BlobHash::of(&body) == hash,
            // JPEG, PNG or WebP; a captive portal's page begins with a bracket.
            Part::Preview => matches!(body.first(), Some(0xff | 0x89 | b'R')) && body.len() <= PREVIEW_BYTES_MAX,
        };
        if status != 200 || !ours {
            return Err(Problem::of(if status == 404 { "file.not_arrived" } else { "file.no_signal" }));
        }
        if part == Part::Preview {
            let _turn = self.take_turn().await?;
            if self.era.get() != era {
                return Err(Problem::of("file.no_signal"));
            }
            self.storage.write(&[lianxin_shared::device::preview_write(hash, body.clone())], None).await?;
        }
        Ok(to_base64(&body))
    }

    pub(crate) async fn set_data_use(self: &Rc<Self>, data_use: DataUse) -> Result<(), Problem> {
        {
            let _turn = self.take_turn().await?;
            let prepared = self.state.borrow().device.prepare_data_use(data_use);
            self.store(prepared).await?;
        }
        self.schedule.ask(Wish::Now);
        Ok(())
    }

    /// What may travel now. Where the browser does not tell what kind of network it has, "on Wi-Fi only" holds
    /// originals back until the person lets them go.
    fn allowed(&self) -> Allowed {
        let data_use = self.state.borrow().device.data_use();
        match data_use {
            DataUse { text_only: true, .. } => Allowed::Nothing,
            DataUse { wifi_only: true, .. } if !on_wifi() => Allowed::Previews,
            _ => Allowed::Everything,
        }
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.state.borrow().credentials.as_ref().map(|credentials| credentials.token.clone())
    }
}

/// Delivers files until none is left that may go, or something is wanted of the records.
pub(crate) async fn deliver(engine: &Engine) -> Result<(), Stop> {
    let mut wrong = 0;
    while engine.schedule.due_ms().is_none_or(|due| due > now_ms()) && engine.files_not_before_ms.get() <= now_ms() {
        let allowed = engine.allowed();
        let Some(upload) = engine.state.borrow().device.next_upload(allowed) else { return Ok(()) };
        let sent = match upload.what {
            Part::Preview => send_preview(engine, upload).await?,
            Part::Original => send_part(engine, upload).await?,
        };
        match sent {
            Sent::Has(at) if at >= upload.bytes => {
                store(engine, |device| device.prepare_delivered(upload)).await?;
                engine.state.borrow_mut().device.forget_progress(upload.hash);
            }
            Sent::Has(at) => {
                engine.state.borrow_mut().device.note_progress(upload.hash, at);
                engine.tell_changed(&[upload.record]);
            }
            Sent::Refused(Refusal::WrongHash) if wrong < WRONG_MAX => {
                wrong += 1;
                engine.state.borrow_mut().device.forget_progress(upload.hash);
            }
            Sent::Refused(Refusal::DayFull) => engine.files_not_before_ms.set(now_ms() + PAUSE_MS),
            Sent::Refused(why) => store(engine, |device| device.prepare_file_refused(upload, why)).await?,
        }
    }
    Ok(())
}

/// What came of one request.
enum Sent {
    /// The server has so many bytes of it.
    Has(u64),
    Refused(Refusal),
}

async fn send_preview(engine: &Engine, upload: Upload) -> Result<Sent, Stop> {
    match engine.storage.bytes(Store::Previews, &upload.hash.to_string()).await? {
        Some(preview) => match post(engine, &path(upload.record, upload.hash, Part::Preview), &preview).await? {
            Sent::Has(_) => Ok(Sent::Has(upload.bytes)),
            refused => Ok(refused),
        },
        // It is lost with part of the storage; the original may still be there.
        None => Ok(Sent::Has(upload.bytes)),
    }
}

async fn send_part(engine: &Engine, upload: Upload) -> Result<Sent, Stop> {
    let path = path(upload.record, upload.hash, Part::Original);
    let known = engine.state.borrow().device.progress(upload.hash);
    let Some(at) = known else {
        return post(engine, &format!("{path}?at=0&of={}", upload.bytes), &[]).await;
    };
    let Some(bytes) = engine.storage.bytes(Store::Blobs, &upload.hash.to_string()).await? else {
        return Ok(Sent::Refused(Refusal::WrongHash));
    };
    let page = engine.state.borrow().pages.upload.min(BLOB_PART_BYTES_MAX);
    let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let part = &bytes[from..bytes.len().min(from + page)];
    let began_ms = now_ms();
    let sent = post(engine, &format!("{path}?at={from}&of={}", upload.bytes), part).await;
    let mut state = engine.state.borrow_mut();
    match &sent {
        Ok(_) => {
            let carried = Carried { up: part.len(), down: 0, network_ms: now_ms() - began_ms, merging_ms: 0 };
            state.pages.went_well(carried);
        }
        // How much of it has arrived only the server knows.
        Err(_) => {
            state.device.forget_progress(upload.hash);
            state.pages.broke_off();
        }
    }
    sent
}

async fn post(engine: &Engine, path: &str, body: &[u8]) -> Result<Sent, Stop> {
    let era = engine.era.get();
    let token = engine.token().ok_or(Stop::Overtaken)?;
    let reply = engine.network.request(Method::Post, path, Some(&token), Carries::Part, body).await;
    engine.count_traffic();
    if engine.era.get() != era {
        return Err(Stop::Overtaken);
    }
    let Reply { status, body } = reply.map_err(|_| Failure::Network)?;
    match of_part(status, &body)? {
        (Some(Refusal::Offset) | None, Some(at)) => Ok(Sent::Has(at)),
        (Some(refusal), _) => Ok(Sent::Refused(refusal)),
        (None, None) => Err(Failure::Network.into()),
    }
}

pub(crate) async fn store(
    engine: &Engine,
    prepare: impl FnOnce(&lianxin_shared::device::Device) -> Prepared,
) -> Result<(), Stop> {
    let _turn = engine.take_turn().await.map_err(Stop::Storage)?;
    let prepared = prepare(&engine.state.borrow().device);
    engine.store(prepared).await?;
    Ok(())
}

/// Reads the answer to a part of a file: why it was not taken, and how many bytes are there.
fn of_part(status: u16, body: &[u8]) -> Result<(Option<Refusal>, Option<u64>), Failure> {
    let said = ErrorBody::read(body);
    match said.as_ref().map(|said| (said.at, Refusal::from_key(&said.error))) {
        Some((Some(at), None)) if status == 200 => Ok((None, Some(at))),
        Some((at, Some(refusal))) => Ok((Some(refusal), at)),
        _ if status == 200 => Err(Failure::Network),
        _ => Err(verdict::of_error(status, body)),
    }
}

fn path(record: RecordId, hash: BlobHash, part: Part) -> String {
    let end = if part == Part::Preview { "/preview" } else { "" };
    format!("/api/v1/files/{record}/{hash}{end}")
}

fn on_wifi() -> bool {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &JsString::from(name)).unwrap_or_default();
    let connection = field(&browser::navigator(), "connection");
    connection.is_object() && matches!(field(&connection, "type").as_string().as_deref(), Some("wifi" | "ethernet"))
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (three >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= chunk.len() { ALPHABET[sextet] as char } else { '=' });
        }
    }
    text
}

pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut four = 0_u32;
        for byte in chunk {
            four = four << 6 | ALPHABET.iter().position(|known| known == byte)? as u32;
        }
        let three = (four << (6 * (4 - chunk.len()))).to_be_bytes();
        bytes.extend_from_slice(&three[1..chunk.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_back() {
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"foob", "Zm9vYg==")]
        {
            assert_eq!((to_base64(bytes), from_base64(text).as_deref()), (text.to_owned(), Some(bytes)));
        }
        assert_eq!(from_base64("Zm9!"), None);
    }
}
