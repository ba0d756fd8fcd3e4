//! Proposals as their viewers see them. `gate` decides which and how much; everything else here is
//! computed from what it lets through.

mod change;
mod condition;
mod eligibility;
mod exception;
mod export;
mod figures;
mod file;
mod gate;
mod history;
mod list;
mod membership;
mod proposal;
mod query;
mod waiting;
mod waiver;

pub use change::ChangeView;
pub use condition::{ConditionView, condition_views};
pub use eligibility::{
    EligibilityView, FormalView, PartnerEligibility, eligibilities, eligibility_page,
};
pub use exception::{ExceptionView, OwnException, exceptions};
pub use export::{Outgoing, exported, outgoing, outgoing_views};
pub use figures::{StageCounts, counts};
pub use file::{FileView, UploadState, UploadView, readable_file, upload_view};
pub use gate::{Depth, Seen, Viewer, assigned, seen};
pub use history::{DraftContent, DraftDifference, DraftVersion, draft_version, history};
pub use list::{ListFilter, ProposalSummary, Sort, on_record, summaries};
pub use membership::{PartnerSeat, SeatInvitation, SeatMember, confirmed_partners, partner_seats};
pub use proposal::{PartnerSums, ProposalStageView, ProposalView, proposal};
pub use query::{QueryView, query_views};
pub use waiting::{FunderWaiting, PartnerWaiting, ProposalWaiting, WaitingView, waiting};
pub use waiver::{StandView, WaiverInside, WaiverView, waiver_views};
