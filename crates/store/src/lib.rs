#![doc = include_str!("../README.md")]

pub mod access;
pub mod agenda;
pub mod audit;
pub mod call;
pub mod cluster;
pub mod commitment;
pub mod db;
pub mod doctor;
pub mod document;
mod error;
pub mod idempotency;
pub mod intake;
pub mod interest;
pub mod migrate;
pub mod outbox;
pub mod outcome;
pub mod publication;
pub mod restore;
pub mod review;
pub mod schema;
pub mod script;
mod statement;
pub mod text;
pub mod view;

pub use db::{Conn, Db};
pub use error::StoreError;
