//! libFuzzer around one target, which `LIANXIN_FUZZ_TARGET` names. `cargo xtask fuzz` builds it with coverage and runs it.
#![no_main]

use std::sync::LazyLock;

use lianxin_fuzz::{TARGETS, Target, let_caught_panics_pass};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("LIANXIN_FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    target.unwrap_or_else(|| panic!("LIANXIN_FUZZ_TARGET={name:?} is no target"))
});

libfuzzer_sys::fuzz_target!(init: let_caught_panics_pass(), |bytes: &[u8]| (TARGET.run)(bytes));
