//! Lianxin's record model, rights, wire format and sync logic.
//!
//! Pure by construction: no I/O, no async, no clock, no randomness. Time, random bytes and stored
//! bytes are arguments, so that phone and server agree and a whole world replays from one seed.
//! `ARCHITECTURE.md` beside this crate tells the story; the modules stand in reading order.

pub mod alike;
pub mod blob;
pub mod case;
pub mod check;
pub mod device;
pub mod id;
pub mod json;
pub mod limits;
pub mod record;
pub mod rights;
pub mod schema;
pub mod sealed;
pub mod sorted;
pub mod summary;
pub mod text;
pub mod wire;
