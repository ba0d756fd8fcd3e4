#![doc = include_str!("../README.md")]

mod affinity;
pub mod assign;
pub mod conflict;
mod consensus;
mod expert;
mod fold;
mod lifecycle;
mod ranking;
mod scores;

pub use affinity::{Affinity, WHOLE, affinity};
pub use conflict::{Certainty, Conflict, ConflictKind};
pub use consensus::{Consensus, Rating, suggest};
pub use expert::ExpertRole;
pub use lifecycle::{
    EXPERT, ExpertEvent, ExpertState, RANKING, REVIEW, RankingEvent, RankingState, ReviewEvent,
    ReviewState,
};
pub use ranking::{Candidate, Entry, Judged, check_adoption, rank};
pub use scores::{Mark, Marks, check_marks};
