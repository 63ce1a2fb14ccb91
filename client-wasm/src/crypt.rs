//! The browser's own encryption, AES-256-GCM, as the worker calls it (`view/src/lock.ts`): none of ours is downloaded.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

const KEY_BYTES: usize = 32;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = lianxinLock)]
    fn worker_locks(key: &[u8], nonce: &[u8], head: &[u8], plain: &[u8]) -> Result<Promise, JsValue>;
}

/// Encrypts, and authenticates `head` with it. `None` where the browser cannot: a page that did not come securely.
pub(crate) async fn lock(key: &[u8; KEY_BYTES], nonce: &[u8], head: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let locked = worker_locks(key, nonce, head, plain).ok()?.await.ok()?;
    Some(Uint8Array::new(&locked).to_vec())
}
