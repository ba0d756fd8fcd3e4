#![doc = include_str!("../README.md")]

mod adoption;
mod award;
mod balance;
mod column;
mod commitment;
mod edge;
pub mod explain;
mod fraction;
mod input;
mod invitation;
pub mod letter;
mod lifecycle;
mod list;
mod missing;
pub mod offline;
mod optimum;
mod outlook;
mod pot;
pub mod redress;
mod rules;
mod scenario;
mod search;
mod selection;
mod sensitivity;
mod settle;
mod walk;
mod why;

pub use adoption::{Adoption, Procedure};
pub use award::{Award, awards};
pub use balance::{Balance, BalanceLine, balance};
pub use commitment::check_change;
pub use fraction::{Fraction, NotAFraction};
pub use input::{Convention, EuInput, FunderInput, ProposalInput, Rating, SelectionInput};
pub use invitation::{Ranked, how_many};
pub use lifecycle::{LINE, LineEvent, LineState, SELECTION, SelectionEvent, SelectionState};
pub use optimum::{WhatIf, eu_lost_to_gaps, without_ranking};
pub use outlook::{Bottleneck, OneMore, Outlook, outlook};
pub use scenario::{Comparison, FunderComparison, OtherCommitment, Overrides, Visibility, compare};
pub use selection::{
    AdditionalNational, FunderResult, NotFunded, Reason, Selection, Shortfall, select,
};
pub use sensitivity::{Point, Raise, sensitivity};
pub use walk::Tie;

#[cfg(test)]
mod tests;
