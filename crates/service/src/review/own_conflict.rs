//! Conflicts of interest of the secretariat, the chairs, the committee and the funders.

use ::review::ExpertState;
use access::Action;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::review::{expert as experts, facts, own_conflict as rows};
use store::view::review::own_conflict::{self as view, OwnConflictView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// A conflict that somebody with a role in the call has.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnConflict {
    /// The proposal.
    pub proposal: Uuid,
    /// What it rests on.
    pub reason: String,
}

/// Conflicts that people with a role in the call declared of themselves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnConflicts {
    /// By the proposals' numbers.
    pub items: Vec<OwnConflictView>,
}

/// What was declared: all of it for secretariat and observer, the own for everybody else.
pub async fn read_own_conflicts(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<OwnConflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        tx.permit(Action::ReadOwnConflicts, &call.object()).await?;
        list(tx, &call).await
    };
    service.read(context, work).await
}

async fn list(tx: &mut Tx, call: &calls::CallRow) -> Result<OwnConflicts, Problem> {
    let sight = super::sight(tx, &call.object()).await?;
    Ok(OwnConflicts {
        items: view::own_conflicts(tx.conn(), call.id, &sight).await?,
    })
}

/// Declares a conflict of one's own. It stands at once and for good: nothing of the proposal is seen any more.
pub async fn declare_own_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: OwnConflict,
) -> Result<Answer<OwnConflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx
            .permit(Action::DeclareOwnConflict, &call.object())
            .await?;
        // Who was asked and declined, or has not answered, has no declaration to make there.
        if let Some(account) = permit.account()
            && let Some(expert) = experts::of_account(tx.conn(), account, id).await?
            && expert.state()? == ExpertState::Contracted
        {
            return Err(Problem::state(
                "You are an expert of the call; declare the conflict there (PUT /experts/{expert}/declaration).",
            ));
        }
        let mut faults = Faults::default();
        // Of those past their deadline: that a draft exists is nobody's to know.
        let known = facts::disclosed(tx.conn(), id).await?;
        faults.require(
            known.contains(&input.proposal),
            "/proposal",
            "unknown_proposal",
            "the call has no such proposal past its deadline",
        );
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say what it rests on",
        );
        faults.or(())?;
        rows::declare(tx.conn(), &permit, id, input.proposal, &input.reason).await?;
        let detail = json!({ "proposal": input.proposal });
        tx.audit(&permit, None, Some(input.reason.trim()), detail)
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}
