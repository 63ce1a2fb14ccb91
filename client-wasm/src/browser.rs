//! The few things that the engine takes from the worker's surroundings: clock, timers, randomness, events.

use js_sys::{ArrayBuffer, Date, Function, Promise, Reflect, Uint8Array};
use lianxin_shared::id::Actor;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{Response, WorkerGlobalScope, WorkerNavigator};

#[wasm_bindgen]
extern "C" {
    /// web-sys takes it for unstable; every browser that has what the app needs besides, has it.
    type CompressionStream;

    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;
}

pub(crate) fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds since 1970 by this phone's clock, which may be wrong.
pub(crate) fn now_ms() -> i64 {
    Date::now() as i64
}

/// Which day it is where the phone is: days since 1970.
pub(crate) fn today() -> i64 {
    // Minutes that the clock here is behind UTC.
    let behind = Date::new_0().get_timezone_offset() as i64;
    (now_ms() - behind * 60_000).div_euclid(24 * 60 * 60 * 1_000)
}

/// Timers of a page that nobody sees may fire much later than asked.
pub(crate) async fn sleep(ms: i64) {
    let ms = i32::try_from(ms).unwrap_or(i32::MAX);
    let promise = Promise::new(&mut |resolve: Function, _| {
        // A worker without timers does not exist; if it did, the promise would wait for ever.
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = promise.await;
}

/// A new session's name: nobody ever has it again.
///
/// # Errors
/// When the browser has no source of randomness.
pub(crate) fn new_session() -> Result<Actor, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Actor(bytes))
}

/// For jitter only: a browser without randomness gets none.
pub(crate) fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

/// Listens to an event of the worker for as long as the worker lives.
pub(crate) fn on(event: &str, heard: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(heard);
    let _ = scope().add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Listens to changes of the kind of network, where the browser tells of them.
pub(crate) fn on_connection(heard: impl FnMut() + 'static) {
    let connection = Reflect::get(&navigator(), &JsValue::from_str("connection")).ok().filter(JsValue::is_object);
    let Some(connection) = connection else { return };
    let closure = Closure::<dyn FnMut()>::new(heard);
    let connection: web_sys::EventTarget = connection.unchecked_into();
    let _ = connection.add_event_listener_with_callback("change", closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The beginning of the browser's own name, for the list of devices.
pub(crate) fn user_agent() -> String {
    navigator().user_agent().unwrap_or_default()
}

/// Whether the browser has promised to keep the data. `None` where it cannot be asked.
///
/// Browsers let only a page ask for the promise (`persist()`); a worker can see whether it was given.
pub(crate) async fn is_persistent() -> Option<bool> {
    // Missing where the page is not served securely.
    let storage = Reflect::get(&navigator(), &JsValue::from_str("storage")).ok().filter(JsValue::is_object)?;
    let storage: web_sys::StorageManager = storage.unchecked_into();
    storage.persisted().ok()?.await.ok()?.as_bool()
}

/// How many bytes the last answer from this address took on the wire: the browser has unpacked it before
/// anybody could count. `None` where the browser does not tell.
pub(crate) fn encoded_bytes(url: &str) -> Option<u64> {
    let performance = scope().performance()?;
    let last = performance.get_entries_by_name_with_entry_type(url, "resource").pop();
    // Else the browser's list would be full after some hundred exchanges.
    performance.clear_resource_timings();
    let bytes = Reflect::get(&last, &JsValue::from_str("encodedBodySize")).ok()?.as_f64()?;
    Some(bytes as u64)
}

/// The bytes compressed by the browser, whose compressor nobody has to download. `None` where it has none.
pub(crate) async fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let compressor = CompressionStream::new("gzip").ok()?;
    let plain = Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes))).ok()?.body()?;
    let packed = Response::new_with_opt_readable_stream(Some(&plain.pipe_through(compressor.unchecked_ref()))).ok()?;
    let buffer: ArrayBuffer = packed.array_buffer().ok()?.await.ok()?.dyn_into().ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

pub(crate) fn navigator() -> WorkerNavigator {
    scope().navigator()
}
