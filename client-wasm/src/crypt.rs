//! The browser's own encryption (WebCrypto): AES-256-GCM. None of ours is downloaded.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &str,
        extractable: bool,
        uses: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn encrypt(algorithm: &Object, key: &JsValue, plain: &Uint8Array) -> Result<Promise, JsValue>;
}

const ALGORITHM: &str = "AES-GCM";

/// Encrypts, and authenticates `head` with it. `None` where the browser cannot: a page that did not come securely.
pub(crate) async fn lock(key: &[u8], nonce: &[u8], head: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let uses = Array::of1(&"encrypt".into());
    let key = import_key("raw", &Uint8Array::from(key), ALGORITHM, false, &uses).ok()?.await.ok()?;
    let algorithm = Object::new();
    let parts = [("name", ALGORITHM.into()), ("iv", bytes(nonce)), ("additionalData", bytes(head))];
    for (name, value) in parts {
        Reflect::set(&algorithm, &name.into(), &value).ok()?;
    }
    let locked = encrypt(&algorithm, &key, &Uint8Array::from(plain)).ok()?.await.ok()?;
    Some(Uint8Array::new(&locked).to_vec())
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).unchecked_into()
}
