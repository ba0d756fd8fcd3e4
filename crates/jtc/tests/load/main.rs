//! The real binary on a real private PostgreSQL, under load: killed, robbed of its database, stormed at a
//! deadline. Whatever was acknowledged must be there afterwards, and once.
//!
//! `server` runs the binary, `scene` makes the people and the call, `ledger` keeps what they were told,
//! `writer` tells how they go on when no answer comes, and `check` compares the ledger with the database. `peak`
//! measures, beside `pgbench`, which plays what `replay` makes of the log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod check;
mod ledger;
mod peak;
mod plant;
mod postgres_kills;
mod replay;
mod scene;
mod server;
mod server_kills;
mod storm;
mod writer;
