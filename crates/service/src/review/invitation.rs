//! An expert's answer to the invitation, and the expert's desk.

use std::collections::BTreeMap;

use ::review::{EXPERT, ExpertEvent, ExpertRole};
use access::{Action, Object, Role};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::review::expert as rows;
use store::review::wearer;
use store::view::review::expert::{self as view, DeskView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::given;
use crate::call::Reason;
use crate::{Answer, Context, Problem, Service, Tx};

/// Yes to the invitation and to its rules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The expert keeps everything confidential and follows the rules of the evaluation: must be true.
    pub confidentiality: bool,
    /// The most proposals at single stages, by the number of the stage, where the expert takes fewer than was asked for.
    #[serde(default)]
    #[schema(example = json!({"2": 4}))]
    pub stage_loads: BTreeMap<String, i32>,
}

/// What somebody is as an expert, in all calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Desks {
    /// Newest first.
    pub items: Vec<DeskView>,
}

/// Everything the person is as an expert.
pub async fn list_my_experts(
    service: &Service,
    context: Context,
) -> Result<Answer<Desks>, Problem> {
    let work = async move |tx: &mut Tx| desks(tx).await;
    service.read(context, work).await
}

async fn desks(tx: &mut Tx) -> Result<Desks, Problem> {
    let account = own_account(tx).await?;
    let mut items = view::desks(tx.conn(), account).await?;
    if let Some(call) = tx.context.actor.desk() {
        items.retain(|desk| desk.call == call);
    }
    Ok(Desks { items })
}

/// The account of the person who asks about their own things.
pub(super) async fn own_account(tx: &mut Tx) -> Result<Uuid, Problem> {
    let account = tx.context.actor.account();
    let own = Object {
        owner: account,
        ..Object::new("account", account.unwrap_or_default())
    };
    tx.permit(Action::ReadDesk, &own).await?;
    account.ok_or_else(Problem::not_found)
}

/// The role in the call that a seat on the panel brings.
pub(super) fn seat(role: ExpertRole) -> Option<Role> {
    match role {
        ExpertRole::Chair => Some(Role::PanelChair),
        ExpertRole::Rapporteur | ExpertRole::PanelMember => Some(Role::PanelMember),
        ExpertRole::RemoteReviewer | ExpertRole::PatientReviewer | ExpertRole::Substitute => None,
    }
}

/// Accepts the invitation and signs the confidentiality, in one deed. A seat on the panel brings its
/// role in the call.
pub async fn accept_invitation(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Acceptance,
) -> Result<Answer<Desks>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = rows::find(tx.conn(), id).await?;
        // The loads are those of the stages there are: a draft that drops one is rewritten before this or after it.
        calls::hold(tx.conn(), seen.call_id).await?;
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::AnswerInvitation, &row.object()).await?;
        if applies(tx, &row).await? {
            return Err(Problem::new(
                Code::ConflictOfInterest,
                "You apply in this call with the account you log in with, and no applicant sits on its panel; decline the \
                 invitation.",
            ));
        }
        let accepted = EXPERT.apply(row.state()?, ExpertEvent::Accept)?;
        let contracted = EXPERT.apply(accepted, ExpertEvent::Contract)?;
        if !input.confidentiality {
            return Err(Problem::invalid(
                "/confidentiality",
                "required",
                "an expert keeps everything confidential; say true, or decline",
            ));
        }
        let stages = calls::stages(tx.conn(), row.call_id).await?;
        let stages: Vec<i32> = stages.iter().map(|stage| stage.number).collect();
        let loads = row.loads()?.accepted(input.stage_loads, &stages)?;
        rows::accept(tx.conn(), &permit, &row, contracted, &loads).await?;
        let seat = seat(row.role()?);
        if let Some(role) = seat {
            store::access::grant_panel_seat(tx.conn(), &permit, id, role).await?;
        }
        let detail = json!({ "state": contracted, "seat": seat, "stage_loads": loads.stage_loads });
        tx.audit(&permit, Some(row.version + 1), None, detail)
            .await?;
        desks_of(tx, &row).await
    };
    service.write(context, work).await
}

/// Whether the invited account coordinates a proposal of the call, or writes a partner's part of one.
async fn applies(tx: &mut Tx, row: &rows::ExpertRow) -> Result<bool, Problem> {
    let applying = wearer::applying(tx.conn(), row.call_id).await?;
    Ok(applying
        .iter()
        .any(|one| row.account_id == Some(one.account)))
}

/// Declines the invitation.
pub async fn decline_invitation(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<Desks>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::AnswerInvitation, &row.object()).await?;
        let state = EXPERT.apply(row.state()?, ExpertEvent::Decline)?;
        let reason = given(&input.reason)?;
        rows::set_state(tx.conn(), &permit, &row, state, Some(reason)).await?;
        let detail = json!({ "state": state });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        desks_of(tx, &row).await
    };
    service.write(context, work).await
}

async fn desks_of(tx: &mut Tx, row: &rows::ExpertRow) -> Result<Desks, Problem> {
    let account = row.account_id.unwrap_or_default();
    let mut items = view::desks(tx.conn(), account).await?;
    if let Some(call) = tx.context.actor.desk() {
        items.retain(|desk| desk.call == call);
    }
    Ok(Desks { items })
}
