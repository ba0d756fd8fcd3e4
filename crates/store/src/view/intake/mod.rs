//! Proposals as their viewers see them. `gate` decides which and how much; everything else here is
//! computed from what it lets through.

mod eligibility;
mod exception;
mod file;
mod gate;
mod proposal;
mod query;
mod waiting;

pub use eligibility::{
    EligibilityView, FormalView, PartnerEligibility, eligibilities, eligibility_page,
};
pub use exception::{ExceptionView, OwnException, exceptions};
pub use file::{FileView, UploadState, UploadView, readable_file, upload_view};
pub use gate::{Depth, Seen, Viewer, assigned, seen};
pub use proposal::{
    PartnerSums, ProposalStageView, ProposalSummary, ProposalView, StageCounts, counts, proposal,
    summaries,
};
pub use query::{QueryView, query_views};
pub use waiting::{FunderWaiting, PartnerWaiting, ProposalWaiting, WaitingView, waiting};
