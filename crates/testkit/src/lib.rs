//! Test support.

pub mod smtp_sink;
