//! Withdrawing a conflict of interest that the secretariat noted by mistake.

use std::collections::BTreeSet;

use access::{Action, Object};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::outcome;
use store::review::conflict::{self as rows, ConflictRow};
use store::review::expert as experts;
use store::view::review::conflict::{self as view, ConflictView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{detection, given, rapporteur};
use crate::{Answer, Context, Problem, Service, Tx};

/// Why a conflict that the secretariat noted is none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Why.
    pub reason: String,
    /// The version that was read; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
}

/// Withdraws a conflict that the secretariat itself noted: it keeps the expert from nothing any more, and the pair may be
/// assigned again. Reviews that it ended stay ended, on file as they were; who was to present the proposal to the panel is
/// told of doing so again. What experts declared, or applicants, or what was found, is nobody's slip, and stays.
pub async fn withdraw_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Withdrawal,
) -> Result<Answer<ConflictView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = rows::find(tx.conn(), id).await?;
        detection::hold_stages(tx, seen.call_id).await?;
        let expert = experts::lock(tx.conn(), seen.expert_id).await?;
        let row = rows::lock(tx.conn(), id).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: outcome::conflicted(tx.conn(), actor, row.proposal_id).await?,
            ..Object::of_call("conflict", row.id, row.call_id)
        };
        let permit = tx.permit(Action::WithdrawConflict, &object).await?;
        if input.version.is_some_and(|read| read != row.version) {
            return Err(Problem::new(
                Code::StaleVersion,
                "Somebody judged the conflict meanwhile; read it again, and withdraw it then.",
            ));
        }
        withdrawable(&row)?;
        let reason = given(&input.reason)?;
        let pair = BTreeSet::from([(row.expert_id, row.proposal_id)]);
        let presented = rapporteur::presented(tx, &pair).await?;
        rows::withdraw(tx.conn(), &permit, &row).await?;
        rapporteur::tell_since(tx, row.call_id, &pair, &presented).await?;
        let detail = json!({ "kind": row.kind });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        let row = rows::find(tx.conn(), id).await?;
        let proposal = store::intake::find(tx.conn(), row.proposal_id).await?;
        Ok(view::conflict(&row, &expert.name, &proposal.number)?)
    };
    service.write(context, work).await
}

/// Refuses what is not the secretariat's to withdraw, or is withdrawn.
fn withdrawable(row: &ConflictRow) -> Result<(), Problem> {
    if row.source != rows::NOTED {
        return Err(Problem::state(
            "Only what the secretariat noted itself is withdrawn; a possible conflict is judged (POST \
             /conflicts/{conflict}/judge), and one that was declared stays.",
        ));
    }
    if row.is_taken_back() {
        return Err(Problem::state("The conflict is withdrawn already."));
    }
    Ok(())
}
