//! Conflicts of interest of the secretariat, the chairs, the committee and the funders.

use ::review::ExpertState;
use access::{Action, Object};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::outcome;
use store::review::own_conflict::{self as rows, OwnConflictRow};
use store::review::{expert as experts, facts};
use store::view::review::own_conflict::{self as view, OwnConflictView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::detection;
use crate::{Answer, Context, Problem, Service, Tx};

/// A conflict that somebody with a role in the call has.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnConflict {
    /// The proposal.
    pub proposal: Uuid,
    /// What it rests on.
    pub reason: String,
    /// The account of who has it; left out: the own. Only the secretariat notes one of somebody else.
    #[serde(default)]
    pub account: Option<Uuid>,
}

/// Conflicts of people with a role in the call: declared of themselves, noted by the secretariat, or detected.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnConflicts {
    /// By the proposals' numbers.
    pub items: Vec<OwnConflictView>,
}

/// What is on file: all of it for secretariat and observer, the own for everybody else.
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

pub(super) async fn list(tx: &mut Tx, call: &calls::CallRow) -> Result<OwnConflicts, Problem> {
    let sight = super::sight(tx, &call.object()).await?;
    Ok(OwnConflicts {
        items: view::own_conflicts(tx.conn(), call.id, &sight).await?,
    })
}

/// Declares a conflict of one's own, or notes one of somebody else. It stands at once, and until the secretariat takes it
/// back as an error: who has it sees nothing of the proposal any more.
pub async fn declare_own_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: OwnConflict,
) -> Result<Answer<OwnConflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let actor = tx.context.actor.account();
        let other = input.account.filter(|account| Some(*account) != actor);
        let permit = if other.is_some() {
            let object = Object {
                conflicted: outcome::conflicted(tx.conn(), actor, input.proposal).await?,
                ..call.object()
            };
            tx.permit(Action::NoteConflict, &object).await?
        } else {
            tx.permit(Action::DeclareOwnConflict, &call.object())
                .await?
        };
        // Whether the panel is asked if it stands by a consensus depends on it: no list is adopted meanwhile.
        detection::hold_stages(tx, id).await?;
        let own = permit.account().ok_or_else(Problem::not_found)?;
        let account = other.unwrap_or(own);
        // Who was asked and declined, or has not answered, has no declaration to make there.
        if let Some(expert) = experts::of_account(tx.conn(), account, id).await?
            && expert.state()? == ExpertState::Contracted
        {
            return Err(Problem::state(match other {
                Some(_) => {
                    "The person is an expert of the call; note the conflict there (POST /calls/{call}/conflicts)."
                }
                None => {
                    "You are an expert of the call; declare the conflict there (PUT /experts/{expert}/declaration)."
                }
            }));
        }
        let mut faults = Faults::default();
        faults.require(
            rows::wears_a_role(tx.conn(), account, id).await?,
            "/account",
            "unknown_account",
            "nobody with this account has a role in the call",
        );
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
        let source = other.map_or("declared", |_| "secretariat");
        let row = OwnConflictRow::entered(account, input.proposal, id, source, &input.reason);
        rows::enter(tx.conn(), &permit, &row).await?;
        let mut detail = json!({ "proposal": input.proposal });
        if let Some(other) = other {
            detail["account"] = json!(other);
        }
        tx.audit(&permit, None, Some(input.reason.trim()), detail)
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}
