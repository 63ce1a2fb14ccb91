//! The browser's own encryption, AES-256-GCM, as the worker calls it (`view/src/lock.ts`): none of ours is downloaded.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

const KEY_BYTES: usize = 32;

pub(crate) type Key = [u8; KEY_BYTES];

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = lianxinLock)]
    fn worker_locks(key: &[u8], nonce: &[u8], head: &[u8], plain: &[u8]) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = lianxinLockAll)]
    fn worker_locks_all(key: &[u8], plain: &Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = lianxinOpenAll)]
    fn worker_opens_all(key: &[u8], locked: &Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = lianxinPin)]
    fn worker_tries(pin: &str, salt: &[u8], rounds: u32, open: bool, bytes: &[u8]) -> Result<Promise, JsValue>;
}

/// A key that nobody ever has again.
///
/// # Errors
/// When the browser has no source of randomness.
pub(crate) fn new_key() -> Result<Key, getrandom::Error> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key)?;
    Ok(key)
}

/// Encrypts, and authenticates `head` with it. `None` where the browser cannot: a page that did not come securely.
pub(crate) async fn lock(key: &Key, nonce: &[u8], head: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let locked = worker_locks(key, nonce, head, plain).ok()?.await.ok()?;
    Some(Uint8Array::new(&locked).to_vec())
}

/// Encrypts each of the bytes under a nonce of its own, which goes before them. What is not bytes stays as it is.
/// `None` where the browser cannot.
pub(crate) async fn lock_all(key: &Key, plain: &Array) -> Option<Array> {
    Some(worker_locks_all(key, plain).ok()?.await.ok()?.into())
}

/// Opens what [`lock_all`] has locked; `None` where one of them was locked with another key, or somebody has changed it.
pub(crate) async fn open_all(key: &Key, locked: &Array) -> Option<Array> {
    Some(worker_opens_all(key, locked).ok()?.await.ok()?.into())
}

/// Locks bytes with what a PIN stands for, or opens them: PBKDF2 with SHA-256, so that each try takes a while.
pub(crate) async fn with_pin(pin: &str, salt: &[u8], rounds: u32, open: bool, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(Uint8Array::new(&worker_tries(pin, salt, rounds, open, bytes).ok()?.await.ok()?).to_vec())
}
