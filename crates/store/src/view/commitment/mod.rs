//! Balance, invitations, scenarios, selection, letters and funded projects as their viewers see them.

mod decision;
mod funded;
mod letter;
mod outlook;
mod package;
mod redress;
mod scenario;
mod selection;

pub use decision::{InvitationView, InvitationsView, Planned, invitations};
pub use funded::{Award, FundedProject, FundedProjects, funded};
pub use letter::{LetterView, Letters, of_proposal, of_stage};
pub use outlook::{OutlookView, SensitivityView, WhatIfView};
pub use package::{Package, package, stands_apart};
pub use redress::{RedressInside, RedressView, redress_view, redress_views};
pub use scenario::{
    ScenarioComparison, ScenarioSummary, ScenarioView, Scenarios, scenario, scenario_summary,
};
pub use selection::{LineProject, LineView, SelectionView, line, selection};
