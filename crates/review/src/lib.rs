#![doc = include_str!("../README.md")]

mod affiliation;
pub mod affinity;
mod anonymity;
pub mod assign;
mod coherence;
pub mod conflict;
pub mod conformity;
mod consensus;
pub mod disagreement;
pub mod ethics;
mod expert;
mod fold;
pub mod form;
mod label;
mod lifecycle;
mod load;
mod meeting;
pub mod offline;
pub mod panel;
mod ranking;
pub mod rebuttal;
pub mod recall;
pub mod roster;
mod scores;
pub mod statistics;
mod substitute;
pub mod summary;

pub use affiliation::{Affiliation, check_affiliations};
pub use affinity::{Affinity, WHOLE, affinity};
pub use anonymity::{identity_doubts, names_in_full};
pub use coherence::coherence_doubts;
pub use conflict::{Certainty, Conflict, ConflictKind};
pub use conformity::{CONFORMITY, Conclusion, ConformityEvent, ConformityState};
pub use consensus::{Consensus, Rating, suggest};
pub use disagreement::{disagreements, leanings};
pub use ethics::{ETHICS, EthicsEvent, EthicsOutcome, EthicsState};
pub use expert::{Duties, ExpertRole, Gender};
pub use label::{label, labelled};
pub use lifecycle::{
    EXPERT, ExpertEvent, ExpertState, RANKING, REVIEW, RankingEvent, RankingState, ReviewEvent,
    ReviewState,
};
pub use load::{Loads, MOST_LOAD};
pub use meeting::Meeting;
pub use ranking::{
    Agreed, Candidate, Entry, Judged, Ranked, RankingInput, check_adoption, check_topics, merged,
    rank, rank_by_topic, recounted,
};
pub use rebuttal::{REBUTTAL, RebuttalEvent, RebuttalState};
pub use roster::{RosterLine, parse_roster};
pub use scores::{Mark, Marks, check_marks};
pub use substitute::{Standby, check_call_up, left_with};
pub use summary::{SUMMARY, SummaryEvent, SummaryState, summary};
