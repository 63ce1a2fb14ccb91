//! Every committed input of every fuzz target, without a fuzzer: what once went wrong stays mended.

use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

use lianxin_fuzz::{TARGETS, Target, corpus_folder, seeds::seeds};
use lianxin_tests::fuzz_http;

/// How long one input may take, in a debug build on a busy machine. The fuzzer itself is stricter.
const INPUT_TIME_MAX: Duration = Duration::from_secs(20);
/// The corpus is part of every checkout.
const CORPUS_BYTES_MAX: u64 = 2 * 1024 * 1024;
const INPUT_BYTES_MAX: u64 = 64 * 1024;

fn targets() -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().chain([&fuzz_http::TARGET])
}

#[test]
fn no_input_of_the_corpus_breaks_its_target() {
    let replay = |target: &'static Target| {
        let inputs = target.corpus();
        assert!(!inputs.is_empty(), "{} has no corpus", target.name);
        for (name, bytes) in inputs {
            let start = Instant::now();
            let held = std::panic::catch_unwind(|| (target.run)(&bytes));
            assert!(held.is_ok(), "tests/fuzz/corpus/{}/{name} breaks its target", target.name);
            assert!(start.elapsed() < INPUT_TIME_MAX, "tests/fuzz/corpus/{}/{name} takes too long", target.name);
        }
    };
    thread::scope(|scope| targets().for_each(|target| drop(scope.spawn(move || replay(target)))));
}

#[test]
fn the_corpus_begins_with_what_is_sent_today() {
    for seed in seeds() {
        let path = corpus_folder().join(seed.target).join(&seed.name);
        let kept = fs::read(&path).unwrap_or_default();
        assert!(kept == seed.bytes, "{}: `cargo xtask fuzz --seeds` writes it anew", path.display());
    }
}

#[test]
fn the_corpus_is_small_and_belongs_to_targets() {
    let names: BTreeSet<String> = targets().map(|target| target.name.to_owned()).collect();
    let mut bytes = 0;
    for folder in fs::read_dir(corpus_folder()).unwrap().map(Result::unwrap) {
        let target = folder.file_name().to_string_lossy().into_owned();
        assert!(names.contains(&target), "{target} is no target");
        for input in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let length = input.metadata().unwrap().len();
            assert!(length <= INPUT_BYTES_MAX, "{target}/{} is too large", input.file_name().display());
            bytes += length;
        }
    }
    assert!(bytes <= CORPUS_BYTES_MAX, "{bytes} bytes of corpus");
}
