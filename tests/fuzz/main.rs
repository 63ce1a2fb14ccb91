//! libFuzzer around one target: `fuzz TARGET [options of libFuzzer] [folders]`.
//!
//! `cargo xtask fuzz` builds it with coverage and runs it. The targets are in `tests/src/fuzz`.
#![no_main]
#![expect(unsafe_code, reason = "libFuzzer calls a C function of this program")]

use std::sync::LazyLock;

use lianxin_tests::fuzz::{self, Target};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("LIANXIN_FUZZ_TARGET").unwrap_or_default();
    fuzz::target(&name).unwrap_or_else(|| panic!("LIANXIN_FUZZ_TARGET={name:?} is no target"))
});

libfuzzer_sys::fuzz_target!(
    init: {
        // libFuzzer's own hook ends the program at the first panic. Panics of the merge engine that are caught where
        // they happen are no findings; one that gets out of a target still ends the program.
        std::panic::set_hook(Box::new(|_| {}));
        LazyLock::force(&TARGET);
    },
    |bytes: &[u8]| TARGET.run(bytes)
);
