//! What meets bytes from outside, as functions that a fuzzer can drive: each takes any bytes, and panics only where
//! something is wrong.
//!
//! `cargo xtask fuzz` drives them by coverage. The committed corpus, `tests/fuzz/corpus/TARGET/`, is replayed by the suite
//! `corpus`; it begins with real messages ([`seeds`]) and holds what once went wrong.

mod http;
mod phone;
mod record;
pub mod seeds;
mod wire;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One decoder.
pub struct Target {
    pub name: &'static str,
    run: fn(&[u8]),
}

pub const TARGETS: [Target; 8] = [
    // What the server reads from phones.
    Target { name: "request", run: wire::request },
    Target { name: "change", run: record::change },
    Target { name: "record", run: record::records_of_a_request },
    Target { name: "http", run: http::any_request },
    // What the phone reads from the server, and from its own storage.
    Target { name: "answer", run: wire::answer },
    Target { name: "receive", run: phone::receive },
    Target { name: "stored", run: phone::open_stored },
    Target { name: "signal", run: phone::live_signal },
];

impl Target {
    pub fn run(&self, bytes: &[u8]) {
        (self.run)(bytes);
    }

    /// The committed inputs of this target, by name.
    pub fn corpus(&self) -> Vec<(String, Vec<u8>)> {
        let folder = corpus_folder().join(self.name);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let read = |entry: fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        };
        let mut inputs: Vec<_> = entries.map(|entry| read(entry.unwrap())).collect();
        inputs.sort();
        inputs
    }
}

pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Where the committed corpus is.
pub fn corpus_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}
