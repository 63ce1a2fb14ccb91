//! The engine of the phone app. It runs in a module worker, so that the screen never waits for it.
//!
//! How `view/src/worker.ts` uses it:
//!
//! ```ts
//! import init, { fail, start } from "../generated/engine.js";
//!
//! await init({ module_or_path: __ENGINE_URL__ });
//! // `post` gets every event of api.ts as JSON. `start` rejects after it has posted { event: "failed" }.
//! const engine = await start((json: string) => broadcast(JSON.parse(json)));
//! // Every call, in any order, any number at once; the answer is `Answer<…>` as JSON. Never rejects.
//! port.postMessage({ id, answer: JSON.parse(await engine.call(name, JSON.stringify(args))) });
//! // When the browser reports a trap, which is how a panic of a released engine looks.
//! fail(event.message);
//! // Whether any page of the app is visible; without it the engine believes that one is.
//! engine.seen(visible);
//! ```
//!
//! Only one engine may run per origin: the worker holds a Web Lock for its life before it calls `start`,
//! and the workers of other tabs pass their calls on. After `{ event: "failed" }` the instance is dead
//! and the worker is to be replaced. The *page* calls `navigator.storage.persist()` (a worker may not);
//! the engine reports the answer.
//!
//! Modules in reading order: `api` (calls and events), `engine` (one operation at a time, stored before
//! believed), `accounts` (several on one phone), `pin` (what stands before one), `storage`, `network`, `sync` (the loop), `files` (photos and recordings),
//! `parcel` (files that others carry) and `live`; `browser` and `crypt` are what they take from the
//! worker's surroundings; `schedule`, `backoff`, `pages`, `verdict`, `status`, `sign_in`, `sse` and
//! `notify` are pure, with their tests.

mod accounts;
mod api;
mod backoff;
mod browser;
mod crypt;
mod engine;
mod files;
mod live;
mod network;
mod notify;
mod pages;
mod parcel;
mod pin;
mod schedule;
mod sign_in;
mod sse;
mod status;
mod storage;
mod sync;
mod verdict;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Function, Promise, futures::future_to_promise};
use lianxin_shared::json;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

thread_local! {
    /// For the panic hook, which can carry nothing of the browser's with it.
    static POST: RefCell<Option<Function>> = const { RefCell::new(None) };
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

/// After a panic the browser still wakes what was waiting here, and another window may have an engine of
/// its own on the same data by then. So this one writes nothing any more.
pub(crate) fn has_failed() -> bool {
    FAILED.get()
}

/// The running engine.
#[wasm_bindgen]
pub struct Engine(Rc<engine::Engine>);

/// Starts the engine on what is stored on this phone.
#[wasm_bindgen(unchecked_return_type = "Promise<Engine>")]
pub fn start(#[wasm_bindgen(unchecked_param_type = "(event: string) => void")] post: Function) -> Promise {
    POST.with(|kept| kept.replace(Some(post.clone())));
    // A released engine stops at once and composes no message: that would be a tenth of its download.
    if cfg!(debug_assertions) {
        std::panic::set_hook(Box::new(|info| tell_failed(&info.to_string())));
    }
    future_to_promise(async move {
        match engine::Engine::start(post).await {
            Ok(engine) => Ok(Engine(engine).into()),
            Err(problem) => {
                tell_failed(&problem.text);
                Err(JsValue::from_str(&problem.text))
            }
        }
    })
}

#[wasm_bindgen]
impl Engine {
    /// A call of `api.ts`: its name and its arguments as JSON; the answer as JSON.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn call(&self, name: String, args: String) -> Promise {
        let engine = self.0.clone();
        future_to_promise(async move { Ok(api::answer(&engine, &name, &args).await.into()) })
    }

    /// Whether someone looks at the app.
    pub fn seen(&self, visible: bool) {
        self.0.seen(visible);
    }
}

/// The worker says that the browser has reported a trap: after a panic nothing of this instance is to be trusted.
#[wasm_bindgen]
pub fn fail(text: &str) {
    if !has_failed() {
        tell_failed(text);
    }
}

/// Whatever was answered as saved is stored; what was not answered is still in its form.
fn tell_failed(text: &str) {
    FAILED.set(true);
    let json = json::write(&api::Event::Failed { text });
    POST.with(|post| {
        if let Some(post) = post.borrow().as_ref() {
            let _ = post.call1(&JsValue::NULL, &JsValue::from_str(&json));
        }
    });
}
