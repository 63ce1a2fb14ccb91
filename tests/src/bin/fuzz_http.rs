//! libFuzzer around the target `http`, which needs the whole server (`lianxin-fuzz` has the others).
#![no_main]

use lianxin_fuzz::let_caught_panics_pass;
use lianxin_tests::fuzz_http::TARGET;

libfuzzer_sys::fuzz_target!(init: let_caught_panics_pass(), |bytes: &[u8]| (TARGET.run)(bytes));
