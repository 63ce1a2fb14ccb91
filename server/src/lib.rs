//! The server of Lianxin: accepts, checks, stores, merges and shows what phones and staff send.
//!
//! `http → hub → store`, never back. The modules stand in reading order.

pub mod account;
pub mod blob;
pub mod clock;
pub mod config;
pub mod console;
pub mod demo;
pub mod http;
pub mod hub;
pub mod parcel;
pub mod store;
pub mod vault;

pub use http::{AppState, app, serve};
