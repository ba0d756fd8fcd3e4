//! The evaluation: experts, conflicts of interest, reviews, consensus, ranking lists. The tables of the
//! schema `sealed` that hold them are read here, in `outcome` and in the views, and nowhere else.

pub mod affinity;
pub mod conflict;
pub mod conformity;
pub mod consensus;
pub mod declaration;
pub mod discussion;
pub mod ethics;
pub mod expert;
pub mod facts;
pub mod meeting;
pub mod named;
pub mod naming;
pub mod own_conflict;
pub mod panel;
pub mod progress;
pub mod publication;
pub mod ranking;
pub mod rapporteur;
pub mod rebuttal;
pub mod record;
pub mod remembered;
#[expect(clippy::module_inception, reason = "the table is called review")]
pub mod review;
pub mod since;
pub mod statistics;
pub mod summary;
pub mod wearer;
