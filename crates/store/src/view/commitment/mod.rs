//! Balance, invitations, selection, letters and funded projects as their viewers see them.

mod decision;
mod letter;
mod selection;

pub use decision::{FundedProject, FundedProjects, InvitationView, InvitationsView, invitations};
pub use decision::{Planned, funded};
pub use letter::{LetterView, Letters, of_proposal, of_stage};
pub use selection::{LineProject, LineView, SelectionView, line, selection};
