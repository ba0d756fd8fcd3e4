//! The evaluation as its viewers see it.

pub mod affinity;
pub mod change;
pub mod conflict;
pub mod conformity;
pub mod consensus;
pub mod disagreement;
pub mod discussion;
pub mod ethics;
pub mod expert;
pub mod meeting;
pub mod named;
pub mod own_conflict;
pub mod progress;
pub mod publication;
pub mod ranking;
pub mod rapporteur;
pub mod rebuttal;
#[expect(clippy::module_inception, reason = "the thing is called review")]
pub mod review;
pub mod statistics;
pub mod summary;

use std::collections::BTreeSet;

use ::call::StageState;
use access::Worn;
use uuid::Uuid;

use crate::review::{conflict as conflicts, expert as experts};
use crate::{Conn, StoreError};

/// How much of an evaluation somebody sees. Each sees what those before it see, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Nothing but what is their own.
    Nothing,
    /// Results, once the panel has adopted them: the steering committee and the funders.
    Results,
    /// The panel's desk: what is ready for the panel, with names.
    Panel,
    /// All that is handed in: panel chair and observer.
    Everything,
    /// And how people are reached: the secretariat.
    Office,
}

/// What somebody sees of the evaluation of a call.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Who looks.
    pub account: Option<Uuid>,
    /// How deep.
    pub depth: Depth,
    /// The proposals on which they see nothing: a conflict of interest stands, or they apply with them.
    pub walled: BTreeSet<Uuid>,
    /// Whether they see whom applicants ask to keep from reviewing.
    pub named: bool,
}

impl Sight {
    /// Whether nothing stands between the viewer and the proposal.
    pub fn open(&self, proposal: Uuid) -> bool {
        !self.walled.contains(&proposal)
    }
}

/// What an account that wears `roles` in a call sees of its evaluation. A panel member sees as one only
/// after declaring conflicts as an expert of the call.
pub async fn sight(
    conn: &mut Conn,
    account: Option<Uuid>,
    roles: &[Worn],
    call: Uuid,
) -> Result<Sight, StoreError> {
    let mut depth = roles.iter().map(|role| depth(*role)).max();
    if depth == Some(Depth::Panel) {
        let own = match account {
            Some(account) => experts::of_account(conn, account, call).await?,
            None => None,
        };
        let declared = own.map(|row| row.may_read()).transpose()?.unwrap_or(false);
        if !declared {
            let others = roles.iter().filter(|role| **role != Worn::PanelMember);
            depth = others.map(|role| self::depth(*role)).max();
        }
    }
    Ok(Sight {
        account,
        depth: depth.unwrap_or(Depth::Nothing),
        walled: conflicts::walled(conn, account, call).await?,
        named: roles
            .iter()
            .any(|role| matches!(role, Worn::Secretariat | Worn::Observer)),
    })
}

fn depth(role: Worn) -> Depth {
    match role {
        Worn::Secretariat => Depth::Office,
        Worn::PanelChair | Worn::Observer => Depth::Everything,
        Worn::PanelMember => Depth::Panel,
        Worn::CscRepresentative | Worn::CscChair | Worn::ContactPerson | Worn::Signatory => {
            Depth::Results
        }
        _ => Depth::Nothing,
    }
}

/// Whether the panel has adopted its results at a stage in this state.
pub fn after_panel(state: StageState) -> bool {
    matches!(
        state,
        StageState::Ranked | StageState::Decided | StageState::Communicated
    )
}
