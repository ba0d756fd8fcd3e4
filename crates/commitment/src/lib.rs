#![doc = include_str!("../README.md")]

mod adoption;
mod balance;
mod commitment;
pub mod explain;
mod input;
mod invitation;
pub mod letter;
mod lifecycle;
mod list;
mod selection;
mod subset;
mod walk;

pub use adoption::{Adoption, Procedure};
pub use balance::{Balance, BalanceLine, balance};
pub use commitment::check_change;
pub use input::{FunderInput, ProposalInput, Rating, SelectionInput};
pub use invitation::{Ranked, how_many};
pub use lifecycle::{LINE, LineEvent, LineState, SELECTION, SelectionEvent, SelectionState};
pub use selection::{
    AdditionalNational, FunderResult, NotFunded, Reason, Selection, Shortfall, select,
};
pub use walk::Tie;

#[cfg(test)]
mod tests;
