#![doc = include_str!("../README.md")]

mod app;
mod client;
pub mod database;
mod figure;
mod files;
pub mod sample;
pub mod smtp_sink;
mod wire;

pub use app::TestApp;
pub use client::{Client, Reply, Request};
pub use figure::{figure, whole_run};
