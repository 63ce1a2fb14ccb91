//! What waits on this phone, as a file that somebody else carries (手机文件); files that this phone carries; and a phone
//! that staff have ended: it hands over what it had not sent and keeps nothing.

use std::rc::Rc;

use lianxin_shared::{
    device::Store,
    json::Object,
    limits::PARCEL_BYTES_MAX,
    wire::{PARCEL_NONCE_BYTES, Parcel, ParcelContents, ParcelFile},
};
use serde::Serialize;

use crate::{
    api::{Answered, Problem},
    browser::now_ms,
    crypt,
    engine::Engine,
    files::{from_base64, to_base64},
    network::{Carries, Reply},
    storage::Credentials,
    sync::{APP_VERSION, Stop},
    verdict::{self, ErrorBody, Failure},
};

const PATH: &str = "/api/v1/parcels";
/// Of the file's bytes, what is no contents.
const AROUND_BYTES: usize = 64 * 1024;

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
        let (contents, left) = self.waiting().await?;
        Ok(Packed { file: to_base64(&self.locked(&contents).await?), left })
    }

    /// Hands over a file from another phone; what became of it, in the server's own words.
    pub(crate) async fn carry(&self, file: &str) -> Answered {
        let file = from_base64(file).ok_or_else(|| Problem::of("parcel.bad.foreign"))?;
        let token = self.token().ok_or_else(|| Problem::of("parcel.bad.signed_out"))?;
        let reply = self.network.post(PATH, Some(&token), Carries::Nothing, &file).await;
        self.count_traffic();
        match reply {
            Ok(Reply { status: 200, body }) => String::from_utf8(body).map_err(|_| Problem::of("parcel.bad.network")),
            Ok(Reply { status: 422, body }) => {
                let said = ErrorBody::read(&body).map(|said| said.error).unwrap_or_default();
                Err(Problem::of(if said == "newer" { "parcel.bad.newer" } else { "parcel.bad.foreign" }))
            }
            _ => Err(Problem::of("parcel.bad.network")),
        }
    }

    /// What waits, up to a file's length, and how many photos and recordings stay.
    async fn waiting(&self) -> Result<(ParcelContents, usize), Problem> {
        let made_ms = now_ms();
        let (messages, files) = {
            let device = &self.state.borrow().device;
            (device.unsent_messages(made_ms, APP_VERSION), device.undelivered_files())
        };
        let mut room = PARCEL_BYTES_MAX.saturating_sub(AROUND_BYTES + messages.iter().map(Vec::len).sum::<usize>());
        let mut contents = ParcelContents { made_ms, messages, files: Vec::new() };
        let mut left = 0;
        for (record, hash) in files {
            let Some(original) = self.storage.bytes(Store::Blobs, &hash.to_string()).await? else { continue };
            if original.len() > room {
                left += 1;
                continue;
            }
            room -= original.len();
            let preview = self.storage.bytes(Store::Previews, &hash.to_string()).await?;
            contents.files.push(ParcelFile { record, preview, original });
        }
        Ok((contents, left))
    }

    async fn locked(&self, contents: &ParcelContents) -> Result<Vec<u8>, Problem> {
        let credentials = self.state.borrow().credentials.clone();
        let key = credentials.as_ref().and_then(|credentials| Some((credentials.device, key_of(credentials)?)));
        let (device, key) = key.ok_or_else(|| Problem::of("parcel.no_key"))?;
        let mut nonce = [0; PARCEL_NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Problem::of("engine.start"))?;
        let locked = crypt::lock(&key, &nonce, &Parcel::head(device, &nonce), &contents.encode()).await;
        let locked = locked.ok_or_else(|| Problem::of("parcel.insecure"))?;
        Ok(Parcel { device, nonce, locked }.encode())
    }
}

/// Staff have ended this phone or the account: what it had not sent goes to the server, where it lies apart, and nothing
/// of the account stays here.
pub(crate) async fn leave(engine: &Rc<Engine>) -> Result<(), Stop> {
    let era = engine.era.get();
    let (contents, _) = engine.waiting().await.map_err(Stop::Storage)?;
    if !contents.messages.is_empty() {
        let file = engine.locked(&contents).await.map_err(Stop::Storage)?;
        let token = engine.token().ok_or(Stop::Overtaken)?;
        let reply = engine.network.post(PATH, Some(&token), Carries::Nothing, &file).await;
        let Reply { status, body } = reply.map_err(|_| Failure::Network)?;
        // A page of somebody else's is no receipt.
        if status != 200 || Object::read(&body).is_err() {
            return Err(verdict::of_error(status, &body).into());
        }
    }
    let _turn = engine.take_turn().await.map_err(Stop::Storage)?;
    // What was written meanwhile goes first.
    let now = engine.state.borrow().device.unsent_messages(contents.made_ms, APP_VERSION);
    if engine.era.get() != era || now != contents.messages {
        return Err(Stop::Overtaken);
    }
    engine.forget(true).await.map_err(Stop::Storage)?;
    Ok(())
}

fn key_of(credentials: &Credentials) -> Option<Vec<u8>> {
    let text = credentials.parcel_key.as_deref()?;
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}
