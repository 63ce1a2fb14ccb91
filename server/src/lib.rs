//! The server of Lianxin.
