//! Benchmarks on the real thing: the server's program, HTTP, the phone's engine with a store of its own.
//!
//! Each command prints one line of JSON per result, beside it what the same records cost at least
//! ([`floor`]) and what the design allows. What counts: bytes, round trips, and CPU seconds of the
//! server's process; seconds by the clock are worth what the machine's other work leaves of them.
//!
//! [`workload`] makes records of a file, [`people`] those who write them. [`phone`] behaves like the
//! app: what it decides about pages, failures and pauses is the app's own source.

pub mod console;
pub mod devices;
pub mod growth;
pub mod merge;
pub mod screen;
pub mod wire;

mod app;
mod bare;
mod crowd;
mod floor;
mod http;
mod invent;
mod line;
mod people;
mod phone;
mod report;
mod stock;
mod usage;
mod workload;
