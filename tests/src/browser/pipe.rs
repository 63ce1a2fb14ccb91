//! The DevTools protocol over a pipe: JSON messages that end with a zero byte.
//!
//! A pipe instead of a socket, because there is no port to find and no one else can connect; and
//! these hundred lines instead of a crate, because a crate with the whole protocol takes longer to
//! compile than all our tests.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    process::{ChildStdin, ChildStdout},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use serde_json::{Value, json};

use crate::wait::PATIENCE;

/// A connection to one browser.
#[derive(Clone)]
pub(super) struct Pipe(Arc<Shared>);

struct Shared {
    to: Mutex<ChildStdin>,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, mpsc::Sender<Value>>>,
    /// What consoles said and which errors nobody caught, of pages and workers alike.
    said: Mutex<Vec<String>>,
}

/// The browser is gone, or says no.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl Pipe {
    pub(super) fn new(to: ChildStdin, from: ChildStdout) -> Self {
        let shared =
            Shared { to: Mutex::new(to), next: AtomicU64::new(1), waiting: Mutex::default(), said: Mutex::default() };
        let pipe = Pipe(Arc::new(shared));
        let reading = pipe.clone();
        thread::spawn(move || reading.read(from));
        pipe
    }

    /// Calls a method, in a session or of the browser itself, and waits for the answer.
    pub(super) fn call(&self, session: Option<&str>, method: &str, params: Value) -> Result<Value, Failed> {
        let (answer, answered) = mpsc::channel();
        self.send(session, method, params, Some(answer))?;
        let answer = answered.recv_timeout(PATIENCE).map_err(|_| Failed(format!("no answer to {method}")))?;
        match answer.get("error") {
            Some(error) => Err(Failed(format!("{method}: {error}"))),
            None => Ok(answer["result"].clone()),
        }
    }

    pub(super) fn said(&self) -> Vec<String> {
        self.0.said.lock().unwrap().clone()
    }

    fn send(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        answer: Option<mpsc::Sender<Value>>,
    ) -> Result<(), Failed> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        if let Some(answer) = answer {
            self.0.waiting.lock().unwrap().insert(id, answer);
        }
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.0.to.lock().unwrap().write_all(&bytes).map_err(|_| Failed("the browser is gone".into()))
    }

    fn read(&self, from: impl Read) {
        let mut from = BufReader::new(from);
        loop {
            let mut bytes = Vec::new();
            if !matches!(from.read_until(0, &mut bytes), Ok(1..)) {
                // Whoever waits hears it: the senders are dropped.
                self.0.waiting.lock().unwrap().clear();
                return;
            }
            bytes.pop();
            let Ok(message) = serde_json::from_slice::<Value>(&bytes) else { continue };
            match message["id"].as_u64() {
                Some(id) => {
                    if let Some(answer) = self.0.waiting.lock().unwrap().remove(&id) {
                        let _ = answer.send(message);
                    }
                }
                None => self.event(&message),
            }
        }
    }

    fn event(&self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            // Workers of a page announce themselves in the page's session.
            Some("Target.attachedToTarget") => self.listen_to(params["sessionId"].as_str()),
            Some("Runtime.consoleAPICalled") => {
                let words = params["args"].as_array().into_iter().flatten().map(|arg| match &arg["value"] {
                    Value::String(text) => text.clone(),
                    Value::Null => arg["description"].as_str().unwrap_or_default().to_owned(),
                    other => other.to_string(),
                });
                let words: Vec<String> = words.collect();
                self.note(format!("{}: {}", params["type"].as_str().unwrap_or_default(), words.join(" ")));
            }
            Some("Runtime.exceptionThrown") => {
                let details = &params["exceptionDetails"];
                let what = details["exception"]["description"].as_str().or(details["text"].as_str());
                self.note(format!("uncaught: {}", what.unwrap_or_default()));
            }
            _ => {}
        }
    }

    /// Nobody waits for these: an answer cannot be read inside the reading thread.
    fn listen_to(&self, session: Option<&str>) {
        for (method, params) in [("Runtime.enable", json!({})), ("Target.setAutoAttach", attach_to_workers())] {
            let _ = self.send(session, method, params, None);
        }
    }

    fn note(&self, line: String) {
        self.0.said.lock().unwrap().push(line);
    }
}

pub(super) fn attach_to_workers() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true })
}
