#![doc = include_str!("../README.md")]

mod app;
mod client;
pub mod database;
pub mod smtp_sink;

pub use app::TestApp;
pub use client::{Client, Reply, Request};
