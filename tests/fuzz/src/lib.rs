//! What meets bytes from outside, as functions that a fuzzer can drive: each takes any bytes, and panics only where
//! something is wrong.
//!
//! `cargo xtask fuzz` drives them by coverage. The committed corpus, `corpus/TARGET/`, is replayed by the suite `corpus`;
//! it begins with real messages ([`seeds`]) and holds what once went wrong. The target `http` needs the whole server and
//! is in `lianxin-tests`; these need the core alone, and so are built in a minute.
#![expect(clippy::unwrap_used, reason = "a panic is the finding")]

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
    pub run: fn(&[u8]),
}

pub static TARGETS: [Target; 8] = [
    // What the server reads from phones.
    Target { name: "request", run: wire::request },
    Target { name: "change", run: record::change },
    Target { name: "record", run: record::records_of_a_request },
    Target { name: "parcel", run: wire::parcel },
    // What the phone reads from the server, and from its own storage.
    Target { name: "answer", run: wire::answer },
    Target { name: "receive", run: phone::receive },
    Target { name: "stored", run: phone::open_stored },
    Target { name: "signal", run: phone::live_signal },
];

impl Target {
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

/// Where the committed corpus is.
pub fn corpus_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// For a fuzzer's start. libFuzzer's own hook ends the program at the first panic; but a panic of the merge engine that is
/// caught where it happens is no finding. One that gets out of a target still ends the program. Where single inputs are
/// run again (no `-max_total_time`), every panic is told.
pub fn let_caught_panics_pass() {
    drop(std::panic::take_hook());
    if std::env::args().any(|argument| argument.starts_with("-max_total_time")) {
        std::panic::set_hook(Box::new(|_| {}));
    }
}
