#![doc = include_str!("../README.md")]

mod annex;
mod canonical;
mod choice;
mod form;
mod money;
mod partner;

pub mod budget;
pub mod change;
pub mod check;
pub mod condition;
pub mod consortium;
pub mod content;
pub mod defaulted;
pub mod document;
pub mod duplicates;
pub mod eligibility;
pub mod exception;
pub mod exchange;
pub mod figures;
pub mod lifecycle;
pub mod merge;
pub mod overview;
pub mod part;
pub mod query;
pub mod receipt;
pub mod search;
pub mod submission;
pub mod waiver;

#[cfg(test)]
mod sample;

pub use annex::Annex;
pub use change::{Change, ChangeKind, PartnerChange};
pub use check::{CheckContext, Findings, FunderTerms, Invited, check};
pub use condition::{Condition, Demand, DemandKind};
pub use content::{CareerStage, Content, CostCategory, Funding, Partner, PartnerRole, Person};
pub use defaulted::{GoesOn, Shortage};
pub use eligibility::{FormalVerdict, Outcome, PartnerState, PartnerVerdict, Ruling};
pub use kernel::identifiers;
pub use lifecycle::{ELIGIBILITY, EligibilityEvent, PROPOSAL, ProposalEvent, ProposalState};
pub use merge::Merge;
pub use part::Reading;
pub use query::{QUERY, QueryEvent, QueryState};
pub use receipt::{Receipt, SignedReceipt};
pub use waiver::{Stand, WAIVER, WaiverEvent, WaiverState};
