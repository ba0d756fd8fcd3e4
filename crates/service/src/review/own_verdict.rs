//! Verdicts of the secretariat on conflicts of interest of people with a role in a call.

use ::review::ConflictKind;
use access::{Action, Object};
use kernel::{Code, Faults};
use serde_json::json;
use store::call as calls;
use store::outcome;
use store::review::own_conflict::{self as rows, OwnConflictRow};
use store::review::{expert as experts, wearer};
use uuid::Uuid;

use super::conflict::Verdict;
use super::own_conflict::{OwnConflicts, list};
use super::{detection, rapporteur, walls};
use crate::{Answer, Context, Problem, Service, Tx};

/// Why a verdict against what accounts show is refused.
const CERTAIN: &str = "the person applies in the call with this account, and as long as that is so the conflict stands; \
                       somebody else acts there";

/// Takes back a conflict that rests on an error, or lets it stand after all. Nobody judges the own one. What was found and
/// dismissed is not found again as long as it rests on the same.
pub async fn judge_own_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Verdict,
) -> Result<Answer<OwnConflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = rows::find(tx.conn(), id).await?;
        // Before all else, in the order in which everybody locks: no list is adopted before the verdict is on file.
        detection::hold_stages(tx, known.call_id).await?;
        if input.stands {
            // Whoever is an expert, too, loses the review.
            experts::lock_of_call(tx.conn(), known.call_id).await?;
        }
        let row = rows::lock(tx.conn(), id).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: actor == Some(row.account_id)
                || outcome::conflicted(tx.conn(), actor, row.proposal_id).await?,
            ..row.object()
        };
        let permit = tx.permit(Action::JudgeConflict, &object).await?;
        if input.version.is_some_and(|read| read != row.version) {
            return Err(Problem::new(
                Code::StaleVersion,
                "Somebody judged the conflict meanwhile; read it again, and judge it then.",
            ));
        }
        let reason = input.reason.trim();
        let mut faults = Faults::default();
        faults.require(
            input.stands || !is_certain(tx, &row).await?,
            "/stands",
            "certain",
            CERTAIN,
        );
        faults.require(!reason.is_empty(), "/reason", "required", "say why");
        faults.or(())?;
        let pairs = walls::pairs(tx, row.call_id, std::slice::from_ref(&row)).await?;
        let presented = rapporteur::presented(tx, &pairs).await?;
        rows::judge(tx.conn(), &permit, &row, input.stands, reason).await?;
        rapporteur::tell_since(tx, row.call_id, &pairs, &presented).await?;
        if input.stands {
            detection::take_effect(tx, &permit, &pairs).await?;
        }
        let detail = json!({
            "account": row.account_id, "proposal": row.proposal_id, "kind": row.kind, "stands": input.stands,
        });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        let call = calls::find(tx.conn(), row.call_id).await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}

/// Whether the account itself applies: with this proposal, or, where that is what keeps it off, with a rival.
async fn is_certain(tx: &mut Tx, row: &OwnConflictRow) -> Result<bool, Problem> {
    let rival = row.kind()? == ConflictKind::Applicant;
    let applying = wearer::applying(tx.conn(), row.call_id).await?;
    let mut own = applying.iter().filter(|one| one.account == row.account_id);
    Ok(own.any(|one| rival || one.proposal == row.proposal_id))
}
