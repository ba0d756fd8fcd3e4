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
pub mod record;
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

/// What an account that wears `roles` in a call sees of its evaluation, at a stage or in what belongs to none. Chair and
/// member of the panel see as such only after declaring conflicts as experts of the call, for that stage or for any.
pub async fn sight(
    conn: &mut Conn,
    account: Option<Uuid>,
    roles: &[Worn],
    call: Uuid,
    stage: Option<i32>,
) -> Result<Sight, StoreError> {
    let sits = |role: Worn| matches!(role, Worn::PanelChair | Worn::PanelMember);
    let deepest = |seated: bool| {
        let roles = roles.iter().filter(|role| seated || !sits(**role));
        let depths = roles.map(|role| depth(*role));
        depths.max().unwrap_or(Depth::Nothing)
    };
    let (seated, besides) = (deepest(true), deepest(false));
    let open = seated == besides || has_declared(conn, account, roles, call, stage).await?;
    let depth = if open { seated } else { besides };
    Ok(Sight {
        account,
        depth,
        walled: conflicts::walled(conn, account, call).await?,
        named: roles
            .iter()
            .any(|role| matches!(role, Worn::Secretariat | Worn::Observer)),
    })
}

/// Whether the panel's papers are open to an account with a seat on it. Who chairs by the role alone, without being an
/// expert of the call, has nothing to declare as one.
async fn has_declared(
    conn: &mut Conn,
    account: Option<Uuid>,
    roles: &[Worn],
    call: Uuid,
    stage: Option<i32>,
) -> Result<bool, StoreError> {
    let own = match account {
        Some(account) => experts::of_account(conn, account, call).await?,
        None => None,
    };
    match own {
        Some(row) if row.has_accepted()? => match stage {
            Some(stage) => row.may_read(stage),
            None => row.may_read_any(),
        },
        _ => Ok(roles.contains(&Worn::PanelChair)),
    }
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
