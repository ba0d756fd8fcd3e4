#![doc = include_str!("../README.md")]

mod balance;
mod commitment;
pub mod explain;
mod input;
mod lifecycle;
mod list;
mod selection;
mod subset;
mod walk;

pub use balance::{Balance, BalanceLine, balance};
pub use commitment::check_change;
pub use input::{FunderInput, ProposalInput, Rating, SelectionInput};
pub use lifecycle::{LINE, LineEvent, LineState, SELECTION, SelectionEvent, SelectionState};
pub use selection::{
    AdditionalNational, FunderResult, NotFunded, Reason, Selection, Shortfall, select,
};
pub use walk::Tie;

#[cfg(test)]
mod tests;
