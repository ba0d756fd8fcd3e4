//! The commitments of a call together, and unfreezing one of them.

use access::Action;
use call::CallState;
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::commitment::unfreezing;
use store::view::commitment::{Commitments, FreezeView, whole};
use uuid::Uuid;

use super::tell::{Commitment, tell};
use crate::call::{Reason, freeze, funders, given, lock_funder};
use crate::{Answer, Context, Problem, Service, Tx};

/// What the funders of a call commit, for the whole steering committee.
pub async fn read_commitments(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Commitments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadCommitments, &row.object()).await?;
        all(tx, &row).await
    };
    service.read(context, work).await
}

async fn all(tx: &mut Tx, call: &CallRow) -> Result<Commitments, Problem> {
    let rules = call.rules()?;
    let now = tx.now().await?;
    let (frozen, from) = freeze(call, &rules, now)?;
    let freeze = FreezeView {
        from,
        frozen,
        after_freeze: rules.funding.commitments.after_freeze,
    };
    let funders = funders(tx, call.id, true).await?;
    whole(rules.funding.currency, freeze, funders.items).map_err(Problem::internal)
}

/// The name of a funder, or its key where it has left.
fn name_of<'a>(all: &'a Commitments, key: &'a str) -> &'a str {
    let found = all.funders.iter().find(|one| one.organisation == key);
    found.map_or(key, |one| one.name.as_str())
}

/// Lets a funder change its commitment once although the budget is frozen.
pub async fn unfreeze_commitment(
    service: &Service,
    context: Context,
    call: Uuid,
    key: String,
    input: Reason,
) -> Result<Answer<Commitments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row) = lock_funder(tx, call, &key).await?;
        let permit = tx.permit(Action::UnfreezeCommitment, &row.object()).await?;
        let current = all(tx, &call).await?;
        tx.precondition(&current)?;
        if row.left_at.is_some() {
            return Err(Problem::not_found());
        }
        let state = call.state()?;
        if matches!(state, CallState::Cancelled | CallState::Closed) {
            return Err(Problem::state(format!("The call is '{state}'.")));
        }
        let reason = given(&input.reason)?;
        if !current.freeze.frozen {
            return Err(Problem::state(
                "The budget is not frozen: the funder can change its commitment as it is.",
            ));
        }
        if unfreezing::open(tx.conn(), &row).await?.is_some() {
            return Err(Problem::state(
                "The commitment is unfrozen already, and the funder has not changed it yet.",
            ));
        }
        unfreezing::grant(tx.conn(), &permit, &row, reason).await?;
        let detail = json!({ "organisation": key });
        tx.audit(&permit, None, Some(reason), detail).await?;
        let name = name_of(&current, &key).to_owned();
        let funder = (row.organisation_id, name.as_str());
        tell(tx, &call, funder, Commitment::Unfrozen, reason).await?;
        all(tx, &call).await
    };
    service.write(context, work).await
}
