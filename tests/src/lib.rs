//! The harness of the suites that need more than one crate.
//!
//! [`world`] is a whole district in one process, from one seed. [`office`] is a small one behind the
//! server's router, [`handset`] a phone for it. The rest drives the real thing: the server's program
//! ([`server`]), a line that can be cut ([`link`]), and Chromium ([`browser`]). [`bench`] measures it.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

pub mod bench;
pub mod browser;
pub mod disk;
pub mod district;
pub mod forge;
pub mod fuzz_http;
pub mod handset;
pub mod link;
pub mod office;
pub mod postgres;
pub mod scratch;
pub mod server;
pub mod wait;
pub mod world;
