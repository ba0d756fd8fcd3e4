//! What a viewer may read: every representation is decided here once, and lists, filters, counts,
//! ETags and exports are computed from nothing else.

pub mod access;
pub mod agenda;
pub mod audit;
pub mod call;
pub mod commitment;
pub mod coverage;
pub mod dates;
pub mod document;
pub mod file;
pub mod intake;
pub mod interest;
pub mod publication;
pub mod review;
pub mod tasks;
