#![doc = include_str!("../README.md")]

mod adoption;
mod amendment;
mod award;
mod balance;
mod column;
mod commitment;
mod division;
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
mod outdated;
mod outlook;
mod pot;
mod promotion;
pub mod redress;
mod rules;
mod scenario;
mod search;
mod selection;
mod sensitivity;
mod settle;
mod solver;
mod ties;
mod topic;
mod walk;
mod why;

pub use adoption::{Adoption, Measure, MemberVote, Procedure, Vote};
pub use amendment::{Before, Cause, Difference, asks_the_same, difference};
pub use award::{Award, awards};
pub use balance::{Balance, BalanceLine, TopicBalance, balance};
pub use commitment::{CommitmentKind, Committed, Freeze, Pledge};
pub use division::{check_division, divide};
pub use fraction::{Fraction, NotAFraction};
pub use input::{Convention, EuInput, FunderInput, ProposalInput, Rating, SelectionInput};
pub use invitation::{
    Candidate, Fate, LeftOutBecause, LimitBroken, ONE_TO_ONE, deviations, invite,
};
pub use lifecycle::{LINE, LineEvent, LineState, SELECTION, SelectionEvent, SelectionState};
pub use optimum::{WhatIf, eu_lost_to_gaps, without_ranking};
pub use outlook::{Bottleneck, OneMore, Outlook, outlook};
pub use scenario::{Comparison, FunderComparison, OtherCommitment, Overrides, Visibility, compare};
pub use selection::{
    AdditionalNational, FunderResult, NotFunded, Reason, Selection, Shortfall, select,
};
pub use sensitivity::{Point, Raise, sensitivity};
pub use ties::select_by;
pub use topic::TopicSelection;
pub use walk::{Tie, WAYS_MAX};

/// Name and version of what computes selections, kept with each of them.
pub const ENGINE: &str = concat!("commitment ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests;
