//! Experts: approving, inviting.

use ::review::{EXPERT, ExpertEvent, ExpertState};
use access::Action;
use chrono::TimeDelta;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::review::expert::{self as rows, ExpertRow};
use store::view::review::expert::{self as view, ExpertView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ChosenExperts, TIME_TO_ANSWER, call_words, day};
use crate::{Answer, Context, Problem, Service, Tx};

/// The experts of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Experts {
    /// In the order of their nomination.
    pub items: Vec<ExpertView>,
}

/// How long the link of an invitation works.
const LINK: TimeDelta = TimeDelta::days(60);

/// The experts of a call.
pub async fn read_experts(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        tx.permit(Action::ReadExperts, &call.object()).await?;
        list(tx, &call).await
    };
    service.read(context, work).await
}

pub(super) async fn list(tx: &mut Tx, call: &CallRow) -> Result<Experts, Problem> {
    let sight = super::sight(tx, &call.object()).await?;
    Ok(Experts {
        items: view::experts(tx.conn(), call.id, &sight).await?,
    })
}

/// The experts that `chosen` names or, when it names none, all in the state.
async fn chosen(
    tx: &mut Tx,
    call: Uuid,
    chosen: &ChosenExperts,
    state: ExpertState,
) -> Result<Vec<ExpertRow>, Problem> {
    let all = rows::lock_of_call(tx.conn(), call).await?;
    let Some(ids) = &chosen.experts else {
        let name = state.to_string();
        return Ok(all.into_iter().filter(|row| row.state == name).collect());
    };
    let mut faults = Faults::default();
    for (index, id) in ids.iter().enumerate() {
        faults.require(
            all.iter().any(|row| row.id == *id),
            format!("/experts/{index}"),
            "unknown_expert",
            "the call has no such expert; GET /calls/{call}/experts lists them",
        );
    }
    faults.or(())?;
    Ok(all
        .into_iter()
        .filter(|row| ids.contains(&row.id))
        .collect())
}

/// Approves nominated experts for the panel: those named, or all.
pub async fn approve_panel(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ChosenExperts,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::ApprovePanel, &call.object()).await?;
        let nominated = chosen(tx, id, &input, ExpertState::Nominated).await?;
        for row in &nominated {
            let state = EXPERT.apply(row.state()?, ExpertEvent::Approve)?;
            rows::set_state(tx.conn(), &permit, row, state, None).await?;
        }
        let ids: Vec<Uuid> = nominated.iter().map(|row| row.id).collect();
        tx.audit(&permit, None, None, json!({ "experts": ids }))
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}

/// Invites approved experts by mail: those named, or all. Who has no account gets one.
pub async fn invite_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ChosenExperts,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::InviteExpert, &call.object()).await?;
        let approved = chosen(tx, id, &input, ExpertState::Approved).await?;
        let now = tx.now().await?;
        for row in &approved {
            let state = EXPERT.apply(row.state()?, ExpertEvent::Invite)?;
            let account =
                store::access::find_or_make_account(tx.conn(), &permit, &row.email, &row.name)
                    .await?;
            rows::connect(tx.conn(), &permit, row, account).await?;
            rows::set_state(tx.conn(), &permit, row, state, None).await?;
            let secret = store::access::issue_desk_link(tx.conn(), &permit, account, LINK).await?;
            let letter = json!({
                "name": row.name, "call": call_words(&call),
                "reply_by": day(now + TIME_TO_ANSWER),
                "link": tx.service.link("expert", &secret),
            });
            tx.mail(Some(&call), &row.email, "expert_invitation", letter)
                .await?;
        }
        let ids: Vec<Uuid> = approved.iter().map(|row| row.id).collect();
        tx.audit(&permit, None, None, json!({ "experts": ids }))
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}
