//! Requests to the server, patient and honest about what moved.
//!
//! XMLHttpRequest and not fetch: it alone tells while a body is on its way up, so a slow link can be
//! told from a dead one. There is no time limit that assumes a speed: a request is given up only when
//! no byte has moved for long.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use futures_util::future::{Either, select};
use js_sys::{ArrayBuffer, Function, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use crate::browser::{self, now_ms, sleep};

/// No byte for so long: the connection is dead. Long enough for a server that is busy.
const STILL_MS_MAX: i64 = 60_000;
/// How often that is looked at.
const LOOK_EVERY_MS: i64 = 5_000;

/// Bytes of bodies as they travelled, until somebody counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) up: u64,
    pub(crate) down: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    Exchange,
    /// Of a file: compressed already.
    Part,
    Json,
    Nothing,
}

/// What came back, from whomever.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// No reply came.
#[derive(Debug)]
pub(crate) struct NoReply;

#[derive(Default)]
pub(crate) struct Network {
    traffic: Cell<Traffic>,
    /// The exchange or the part under way and when its last byte moved.
    under_way: RefCell<Option<(XmlHttpRequest, Rc<Cell<i64>>)>>,
}

impl Network {
    /// What has travelled since the last time.
    pub(crate) fn take_traffic(&self) -> Traffic {
        self.traffic.take()
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        carries: Carries,
        body: &[u8],
    ) -> Result<Reply, NoReply> {
        self.request(Method::Post, path, token, carries, body).await
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        carries: Carries,
        body: &[u8],
    ) -> Result<Reply, NoReply> {
        let compressed = if carries == Carries::Exchange { compressed(body).await } else { None };
        let request = prepare(method, path, token, carries, compressed.is_some()).map_err(|_| NoReply)?;
        let moved_ms = Rc::new(Cell::new(now_ms()));
        let sent = Rc::new(Cell::new(0));
        let watching = watch(&request, &moved_ms, &sent);
        let of_the_loop = matches!(carries, Carries::Exchange | Carries::Part);
        if of_the_loop {
            self.under_way.replace(Some((request.clone(), moved_ms.clone())));
        }
        let body = compressed.as_deref().unwrap_or(body);
        let result = finish(&request, body, &moved_ms).await;
        if of_the_loop {
            self.under_way.replace(None);
        }
        request.set_onprogress(None);
        drop(watching);
        self.count(&request, result.as_ref().ok(), body.len(), sent.get());
        result
    }

    /// Gives up the exchange under way if no byte has moved for `still_ms`: a new network, or a person
    /// who asks, should not wait for a connection that has died.
    pub(crate) fn give_up_if_still(&self, still_ms: i64) {
        let under_way = self.under_way.borrow();
        if let Some((request, moved_ms)) = under_way.as_ref()
            && now_ms() - moved_ms.get() >= still_ms
        {
            let _ = request.abort();
        }
    }

    fn count(&self, request: &XmlHttpRequest, reply: Option<&Reply>, body: usize, sent: u64) {
        let mut traffic = self.traffic.get();
        traffic.up += if reply.is_some() { body as u64 } else { sent };
        if let Some(reply) = reply {
            traffic.down += browser::encoded_bytes(&request.response_url()).unwrap_or(reply.body.len() as u64);
        }
        self.traffic.set(traffic);
    }
}

fn prepare(
    method: Method,
    path: &str,
    token: Option<&str>,
    carries: Carries,
    compressed: bool,
) -> Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    let method = if method == Method::Get { "GET" } else { "POST" };
    request.open_with_async(method, path, true)?;
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    if let Some(token) = token {
        request.set_request_header("Authorization", &format!("Bearer {token}"))?;
    }
    match carries {
        Carries::Exchange | Carries::Part => request.set_request_header("Content-Type", "application/octet-stream")?,
        Carries::Json => request.set_request_header("Content-Type", "application/json")?,
        Carries::Nothing => {}
    }
    if compressed {
        request.set_request_header("Content-Encoding", "gzip")?;
    }
    Ok(request)
}

/// Notes whenever a byte has moved, and how many have gone up.
fn watch(request: &XmlHttpRequest, moved_ms: &Rc<Cell<i64>>, sent: &Rc<Cell<u64>>) -> [Closure<dyn FnMut(JsValue)>; 2] {
    let down = Closure::<dyn FnMut(JsValue)>::new({
        let moved_ms = moved_ms.clone();
        move |_| moved_ms.set(now_ms())
    });
    let up = Closure::<dyn FnMut(JsValue)>::new({
        let (moved_ms, sent) = (moved_ms.clone(), sent.clone());
        move |event: JsValue| {
            moved_ms.set(now_ms());
            sent.set(event.unchecked_ref::<ProgressEvent>().loaded() as u64);
        }
    });
    request.set_onprogress(Some(down.as_ref().unchecked_ref()));
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(up.as_ref().unchecked_ref()));
        upload.set_onload(Some(up.as_ref().unchecked_ref()));
    }
    [down, up]
}

async fn finish(request: &XmlHttpRequest, body: &[u8], moved_ms: &Cell<i64>) -> Result<Reply, NoReply> {
    let ended = Promise::new(&mut |resolve: Function, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_js_u8_array(Some(&Uint8Array::from(body))).map_err(|_| NoReply)?;
    let mut ended = std::pin::pin!(async move { drop(ended.await) });
    loop {
        let look = std::pin::pin!(sleep(LOOK_EVERY_MS));
        match select(ended.as_mut(), look).await {
            Either::Left(_) => break,
            // `loadend` follows.
            Either::Right(_) if now_ms() - moved_ms.get() > STILL_MS_MAX => drop(request.abort()),
            Either::Right(_) => {}
        }
    }
    let status = request.status().map_err(|_| NoReply)?;
    if status == 0 {
        return Err(NoReply);
    }
    let body = request.response().map_err(|_| NoReply)?;
    let body = body.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec());
    Ok(Reply { status, body: body.unwrap_or_default() })
}

/// The body compressed, if that makes it smaller and the browser can.
async fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    browser::gzip(body).await.filter(|compressed| compressed.len() < body.len())
}
