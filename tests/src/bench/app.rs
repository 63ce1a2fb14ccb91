//! The app's own rules about pages, failures and pauses, from the app's own sources: the app itself
//! is for browsers only.

#[path = "../../../client-wasm/src/backoff.rs"]
pub(super) mod backoff;
#[cfg_attr(not(test), expect(dead_code, reason = "here everything is fetched, however slow the link"))]
#[path = "../../../client-wasm/src/pages.rs"]
pub(super) mod pages;
#[path = "../../../client-wasm/src/verdict.rs"]
pub(super) mod verdict;
