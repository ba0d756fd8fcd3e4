//! A request for redress as it is filed.

use access::Action;
use call::{redress_closes_at, redress_last_day};
use commitment::redress::{self as domain, REDRESS};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::commitment::redress::{self as rows, RedressRow};
use store::intake as proposals;
use store::view::commitment::{RedressView, redress_view};
use utoipa::ToSchema;
use uuid::Uuid;

use super::tell::{Step, tell_next};
use super::{object, stage_rules};
use crate::{Answer, Context, Problem, Service, Tx};

/// A request for redress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressInput {
    /// The ground, by its key in the rules of the call.
    #[schema(example = "rules_not_followed")]
    pub ground: String,
    /// What of the procedure was not followed.
    pub reasons: String,
}

/// Asks for redress for the own proposal, after the letter of a stage: once, on a ground of the call, and in the window
/// that the letter names.
pub async fn file_redress(
    service: &Service,
    context: Context,
    proposal: Uuid,
    number: i32,
    input: RedressInput,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let object = object(tx, &known, proposal).await?;
        let permit = tx.permit(Action::FileRedress, &object).await?;
        let call = calls::find(tx.conn(), known.call_id).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        // Before the letters the answer is the same whatever is decided.
        let told = rows::told(tx.conn(), proposal, stage.id).await?;
        let told = told.ok_or_else(|| {
            Problem::state("Redress is asked for after the letters of the stage, and there is none on this proposal.")
        })?;
        if !domain::is_open_to(told.outcome) {
            return Err(Problem::state(
                "The proposal has what it asked for at this stage; there is nothing to redress.",
            ));
        }
        let filed = rows::list(tx.conn(), call.id, Some(proposal)).await?;
        if filed.iter().any(|one| one.stage == stage.id) {
            return Err(Problem::state(
                "Redress was asked for after this stage already; a proposal has one request for each stage.",
            ));
        }
        let rules = stage_rules(&call, number)?;
        let days = call.rules()?.redress_days(&rules);
        let zone = stage.deadline()?.zone;
        let closes_at = redress_closes_at(told.released_at, days, zone);
        if tx.arrived_at(closes_at).await? >= closes_at {
            let last = redress_last_day(closes_at, zone);
            return Err(Problem::new(
                Code::DeadlinePassed,
                format!("Too late: redress could be asked for until {last}."),
            ));
        }
        domain::check(&rules.redress, &input.ground, &input.reasons).or(())?;
        let row = RedressRow {
            id: kernel::id::new(),
            call_id: call.id,
            proposal_stage_id: told.proposal_stage,
            state: REDRESS.start.to_string(),
            ground: input.ground,
            reasons: input.reasons.trim().to_owned(),
            filed_by: permit.account().ok_or_else(Problem::not_found)?,
            filed_at: tx.now().await?,
            checked_because: None,
            checked_at: None,
            followed: None,
            finding: None,
            found_at: None,
            decided_because: None,
            decided_at: None,
            ranking_list_id: None,
            version: 1,
        };
        rows::file(tx.conn(), &permit, proposal, &row).await?;
        let detail = json!({ "redress": row.id, "stage": number, "ground": row.ground });
        tx.audit(&permit, None, None, detail).await?;
        tell_next(tx, &call, &known, Step::Check).await?;
        let filed = rows::find(tx.conn(), row.id).await?;
        Ok(redress_view(filed, false)?)
    };
    service.write(context, work).await
}
