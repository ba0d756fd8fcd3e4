//! Conditions of an invitation: read by the consortium and those who set them, noted as met by the secretariat.

use access::Action;
use call::StageState;
use intake::{Content, Partner};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::intake::{self as rows, ProposalRow};
use store::view::intake::{self as view, ConditionView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::part_of;
use crate::{Answer, Context, Problem, Service, Tx};

/// The conditions of a proposal's invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Conditions {
    /// In the order of the letter; none where it was invited without.
    pub items: Vec<ConditionView>,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionInput {
    /// Whether it is.
    pub met: bool,
    /// By what it is met; the consortium reads it.
    #[serde(default)]
    pub because: String,
}

/// The conditions of the proposal's invitation, and which are met. The coordinator reads them once the letters are
/// out.
pub async fn read_conditions(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Conditions>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let object = part_of(tx, &proposal, "condition", id).await?;
        tx.permit(Action::ReadConditions, &object).await?;
        conditions(tx, &proposal).await
    };
    service.read(context, work).await
}

/// Notes that a condition is met, or that it is not after all, until the full proposals are reviewed. What the full
/// proposal shows by itself needs no note.
pub async fn settle_condition(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: ConditionInput,
) -> Result<Answer<Conditions>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let (found, told) = rows::conditions_told(tx.conn(), id).await?;
        let row = found.into_iter().find(|row| row.number == number);
        let row = row.ok_or_else(Problem::not_found)?;
        let invited_from = rows::stage_of(tx.conn(), row.proposal_stage_id).await?;
        let invited_from = calls::find_stage(tx.conn(), invited_from).await?;
        let full = calls::stage(tx.conn(), row.call_id, invited_from.number + 1).await?;
        let full = calls::hold_stage(tx.conn(), full.id).await?;
        rows::lock_conditions(tx.conn(), row.proposal_stage_id).await?;
        let mut object = part_of(tx, &proposal, "condition", row.id).await?;
        // Before the letters the coordinator learns of no condition, by a refusal neither.
        object.coordinator = object.coordinator.filter(|_| told);
        let permit = tx.permit(Action::SettleCondition, &object).await?;
        let current = conditions(tx, &proposal).await?;
        tx.precondition(&current)?;
        use StageState::{Checking, Closed, Open, Planned};
        if !matches!(full.state()?, Planned | Open | Closed | Checking) {
            return Err(Problem::state(format!(
                "The full proposals are '{}'; what their invitations asked for is noted until the reviews begin.",
                full.state
            )));
        }
        let mut faults = Faults::default();
        faults.require(
            !input.met || !input.because.trim().is_empty(),
            "/because",
            "required",
            "say by what the condition is met, for the consortium and the steering committee",
        );
        faults.or(())?;
        let because = Some(input.because.trim()).filter(|_| input.met);
        rows::tick_condition(tx.conn(), &permit, &row, because).await?;
        let detail = json!({ "proposal": id, "condition": number, "met": input.met });
        tx.audit(&permit, None, because, detail).await?;
        conditions(tx, &proposal).await
    };
    service.write(context, work).await
}

/// As the actor sees them: the coordinator over the own draft, everybody else over what a deadline has disclosed.
async fn conditions(tx: &mut Tx, proposal: &ProposalRow) -> Result<Conditions, Problem> {
    let own = tx.context.actor.account() == Some(proposal.coordinator_id);
    let disclosed = rows::disclosed_stage(tx.conn(), proposal.id).await?;
    // Before the first deadline nobody but the consortium knows of the proposal.
    if disclosed.is_none() && !own {
        return Err(Problem::not_found());
    }
    let (found, told) = rows::conditions_told(tx.conn(), proposal.id).await?;
    let Some(invited) = found.first().map(|row| row.proposal_stage_id) else {
        return Ok(Conditions { items: Vec::new() });
    };
    if own && !told {
        return Ok(Conditions { items: Vec::new() });
    }
    let full = match own {
        true => Some(rows::current_stage(tx.conn(), proposal.id).await?),
        false => disclosed,
    };
    let full = match full {
        Some((row, stage)) if calls::find_stage(tx.conn(), stage).await?.number > 1 => {
            let content = match own {
                true => rows::draft(tx.conn(), row).await?.0,
                false => rows::counting_content(tx.conn(), row).await?,
            };
            Some(partners(content)?)
        }
        _ => None,
    };
    let before = rows::counting_content(tx.conn(), invited).await?;
    let (before, now) = (partners(before)?, tx.now().await?);
    let items = view::condition_views(found, &before, full.as_deref(), now)?;
    Ok(Conditions { items })
}

fn partners(content: serde_json::Value) -> Result<Vec<Partner>, Problem> {
    Ok(store::text::document::<Content>(content)?.partners)
}
