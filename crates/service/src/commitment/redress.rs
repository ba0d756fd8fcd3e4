//! Redress after the letters: filed by the coordinator, checked by the secretariat, examined by the independent
//! observer, decided by the steering committee.

mod decide;
mod file;
mod names;
mod read;
mod reevaluate;
mod settle;
mod tell;

use access::Object;
use call::StageRules;
use commitment::redress::RedressState;
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::commitment::redress::{self as rows, FiledRedress, RedressRow};
use store::intake::{self as proposals, ProposalRow};
use store::outcome;
use store::review::conflict as conflicts;
use store::view::commitment::{RedressView, redress_view};
use uuid::Uuid;

use crate::{Problem, Tx};

pub use decide::{
    RedressCheck, RedressDecision, RedressFinding, check_redress, decide_redress, examine_redress,
};
pub use file::{RedressInput, file_redress};
pub use read::{RedressList, list_call_redress, list_redress, read_redress};
pub use reevaluate::{Reevaluation, reevaluate_proposal};
pub use settle::{SettleInput, settle_redress};

/// A request, locked, with what surrounds it.
struct Held {
    filed: FiledRedress,
    proposal: ProposalRow,
    call: CallRow,
    object: Object,
}

async fn held(tx: &mut Tx, id: Uuid) -> Result<Held, Problem> {
    let filed = rows::lock(tx.conn(), id).await?;
    let proposal = proposals::find(tx.conn(), filed.proposal).await?;
    // Whatever other role is worn, nobody acts on the own request.
    let account = tx.context.actor.account();
    let walled = conflicts::walled(tx.conn(), account, proposal.call_id).await?;
    let object = Object {
        conflicted: walled.contains(&proposal.id),
        ..object(tx, &proposal, id).await?
    };
    Ok(Held {
        call: calls::find(tx.conn(), filed.row.call_id).await?,
        object,
        filed,
        proposal,
    })
}

impl Held {
    fn row(&self) -> &RedressRow {
        &self.filed.row
    }

    fn precondition(&self, tx: &mut Tx) -> Result<(), Problem> {
        let current = redress_view(self.filed.clone(), true)?;
        tx.precondition(&current)
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        permit: &access::Permit,
        because: Option<&str>,
        (state, despite_names): (RedressState, Option<String>),
    ) -> Result<(), Problem> {
        let mut detail = json!({ "proposal": self.proposal.id, "stage": self.filed.stage_number, "state": state });
        if let Some(why) = despite_names {
            detail["despite_names"] = json!(why);
        }
        let because = because.map(str::trim);
        tx.audit(permit, Some(self.row().version + 1), because, detail)
            .await?;
        Ok(())
    }
}

/// The request as those who decide see it now.
async fn again(tx: &mut Tx, id: Uuid) -> Result<RedressView, Problem> {
    let filed = rows::find(tx.conn(), id).await?;
    Ok(redress_view(filed, true)?)
}

/// What hangs on a proposal as the policy sees it. The coordinator keeps the own request, whatever conflict is on
/// record.
async fn object(tx: &mut Tx, proposal: &ProposalRow, id: Uuid) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let own = account == Some(proposal.coordinator_id);
    let conflicted = outcome::conflicted(tx.conn(), account, proposal.id).await?;
    Ok(Object {
        coordinator: Some(proposal.coordinator_id),
        conflicted: conflicted && !own,
        ..Object::of_call("redress", id, proposal.call_id)
    })
}

/// The rules of a stage.
fn stage_rules(call: &CallRow, number: i32) -> Result<StageRules, Problem> {
    let index = usize::try_from(number - 1).unwrap_or_default();
    let rules = call.rules()?.stages.into_iter().nth(index);
    rules.ok_or_else(|| Problem::internal(format!("the rules have no stage {number}")))
}
