//! The end of an expert's seat on the panel. The role in the call says who sits there: where it ends, the expert's place ends
//! with it, so that nobody is convened, named or asked to present who reads nothing there any more.

use ::review::{ExpertState, left_with};
use access::{Permit, Role};
use serde_json::{Value, json};
use store::access::GrantRow;
use store::call::StageRow;
use store::outcome;
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts;
use store::review::rapporteur as rapporteurs;
use uuid::Uuid;

use super::invitation::seat;
use super::{rapporteur, substitute};
use crate::{Problem, Tx};

/// An expert's seat on the panel.
pub(crate) struct Seat {
    expert: ExpertRow,
    /// The stage that is being evaluated, if any.
    stage: Option<StageRow>,
}

/// The seat that goes with a role in a call, where its holder has it as an expert: locked, with the stage that is being
/// evaluated. Everybody locks stage, experts, roles in this order, so that nobody waits in a circle.
pub(crate) async fn of_role(tx: &mut Tx, held: &GrantRow) -> Result<Option<Seat>, Problem> {
    let role = held.role()?;
    let Some(call) = held.call_id else {
        return Ok(None);
    };
    if !matches!(role, Role::PanelChair | Role::PanelMember) {
        return Ok(None);
    }
    let stage = substitute::evaluated(tx, call).await?;
    for expert in experts::lock_of_call(tx.conn(), call).await? {
        let own = expert.account_id == Some(held.account_id);
        // Who chairs by a role alone, and is a member as an expert, stays one.
        if own && expert.state()? == ExpertState::Contracted && seat(expert.role()?) == Some(role) {
            return Ok(Some(Seat { expert, stage }));
        }
    }
    Ok(None)
}

/// Ends a seat with the role that it goes with: the expert keeps the own reviews and meets the panel no more, and presents
/// nothing to it, of which the expert is told. `because` is what the permit is for. Answers what the audit trail keeps.
pub(crate) async fn end(
    tx: &mut Tx,
    permit: &Permit,
    because: Uuid,
    Seat { expert, stage }: Seat,
) -> Result<Value, Problem> {
    let presented = match &stage {
        Some(stage) => drop_rapporteurships(tx, permit, stage, &expert).await?,
        None => Vec::new(),
    };
    let role = left_with(expert.role()?);
    experts::leave_panel(tx.conn(), permit, because, &expert, role).await?;
    Ok(json!({ "expert": expert.id, "role": role, "presented": presented }))
}

/// The expert presents nothing at the stage any more; whoever helped to present it goes on, and leads where nobody else does.
async fn drop_rapporteurships(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    expert: &ExpertRow,
) -> Result<Vec<Uuid>, Problem> {
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let mut presented = Vec::new();
    for (row, mut present) in rapporteurs::of_expert(tx.conn(), stage.id, expert.id).await? {
        let standing = standings.iter().find(|one| one.proposal_stage == row);
        let standing = standing.ok_or_else(|| Problem::internal("a rapporteur of no proposal"))?;
        let before = rapporteurs::of_proposal(tx.conn(), row).await?;
        let before: Vec<Uuid> = before.iter().map(|one| one.expert).collect();
        let mut named = before.clone();
        named.retain(|one| *one != expert.id);
        present.retain(|one| *one != expert.id);
        let at = (standing.proposal, row);
        rapporteurs::name(tx.conn(), permit, at, &present).await?;
        if facts::takes_part(standing.state) {
            let about = (stage, standing.number.as_str());
            rapporteur::tell(tx, about, &before, &named).await?;
        }
        presented.push(standing.proposal);
    }
    Ok(presented)
}
