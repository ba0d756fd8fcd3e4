//! Commitments, balance, invitations, scenarios, selection, letters and funded projects as their viewers see them.

mod balancing;
mod decision;
mod defaulting;
mod funded;
mod letter;
mod outlook;
mod package;
mod pledge;
mod redress;
mod scenario;
mod selection;

pub use balancing::{BalancingView, PlannedInvitation, PolicyView, balancing};
pub use decision::{DeviationView, InvitationView, InvitationsView, Planned, invitations};
pub use defaulting::{DefaultView, DefaultedProject, WayOn, default_view, shortages};
pub use funded::{Award, FundedProject, FundedProjects, PanelExpert, funded};
pub use letter::{LetterView, Letters, of_proposal, of_stage};
pub use outlook::{OutlookView, SensitivityView, WhatIfView};
pub use package::{Package, package};
pub use pledge::{
    CommitmentView, Commitments, FreezeView, FunderCommitment, OwnMoneyView, PledgeView,
    SignedDocument, TopicCommitment, UnfreezingView, commitments, whole,
};
pub use redress::{RedressInside, RedressView, redress_view, redress_views};
pub use scenario::{
    ScenarioComparison, ScenarioSummary, ScenarioView, Scenarios, scenario, scenario_summary,
};
pub use selection::{
    LineProject, LineView, SelectionSummary, SelectionView, Selections, line, selection,
    selection_summary,
};
