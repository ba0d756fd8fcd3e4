#![doc = include_str!("../README.md")]

pub mod api;
mod ask;
mod feeds;
mod frame;
mod limits;
mod links;
mod pages;
mod problem;
mod receipt;
mod reply;
mod server;
mod stream;

pub use ask::{Ask, Body, FileBody, NoBody, PublicAsk, SESSION_COOKIE};
pub use limits::{Limits, Rate};
pub use problem::{ProblemDocument, Problems};
pub use reply::{Download, Reply};
pub use server::{Server, Settings};
pub use stream::{FileDownload, Stream};
