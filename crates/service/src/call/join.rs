//! Further funders ask to join a call. Taking one up is adding it as a funder.

use access::{Action, Object};
use call::{CALL, CallEvent};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::interest::{self as rows, JoinRequestRow};
use store::view::interest::{self as view, JoinRequestView, JoinState};
use store::{agenda, call as calls};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Reason, amount_above_nothing, given};
use crate::{Answer, Context, Problem, Service, Tx};

/// A request to join a call as a funder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinInput {
    /// Key of the organisation.
    #[schema(example = "SE-VINNOVA")]
    pub organisation: String,
    /// What it might commit, in the call's currency; no promise.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// What it says about it.
    #[serde(default)]
    pub remark: String,
}

/// Requests to join a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JoinRequests {
    /// Oldest first.
    pub items: Vec<JoinRequestView>,
}

/// Asks for an organisation to join a call as a funder. Members know of a call from its idea on.
pub async fn ask_to_join(
    service: &Service,
    context: Context,
    id: Uuid,
    input: JoinInput,
) -> Result<Answer<JoinRequestView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let key = input.organisation.trim();
        let organisation = agenda::organisation_id(tx.conn(), key).await?;
        let row = JoinRequestRow {
            id: kernel::id::new(),
            call_id: id,
            organisation_id: organisation.unwrap_or_default(),
            amount: input.amount.map(|amount| amount.0),
            remark: input.remark.trim().to_owned(),
            asked_by: tx.context.actor.account(),
            version: 1,
        };
        let permit = tx
            .permit(Action::AskToJoin, &row.object(call.is_published()))
            .await?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        let mut faults = Faults::default();
        amount_above_nothing(input.amount, "/amount", &mut faults);
        faults.or(())?;
        rows::ask_to_join(tx.conn(), &permit, &row)
            .await
            .map_err(|error| match error {
                store::StoreError::Exists(_) => Problem::invalid(
                    "/organisation",
                    "taken",
                    "this organisation has asked already",
                ),
                other => other.into(),
            })?;
        let detail = json!({ "organisation": key, "amount": input.amount });
        tx.audit(&permit, Some(1), None, detail).await?;
        one(tx, &row).await
    };
    service.write(context, work).await
}

async fn one(tx: &mut Tx, row: &JoinRequestRow) -> Result<JoinRequestView, Problem> {
    let requests = view::join_requests(tx.conn(), row.call_id, None).await?;
    requests
        .into_iter()
        .find(|request| request.id == row.id)
        .ok_or_else(Problem::not_found)
}

/// The requests to join a call: all for those who run it, the own ones for a member.
pub async fn list_join_requests(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<JoinRequests>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let object = Object {
            public: call.is_published(),
            ..Object::of_call("join_request", id, id)
        };
        tx.permit(Action::ReadJoinRequests, &object).await?;
        let only = (!tx.wears_a_role(&call.object())).then(|| spoken_for(tx));
        let items = view::join_requests(tx.conn(), id, only.as_deref()).await?;
        Ok(JoinRequests { items })
    };
    service.read(context, work).await
}

/// The organisations the actor speaks for as a member.
fn spoken_for(tx: &Tx) -> Vec<Uuid> {
    match &tx.context.actor {
        access::Actor::Person(person) => person
            .grants
            .iter()
            .filter(|grant| grant.role == access::Role::MemberRepresentative)
            .filter_map(|grant| grant.organisation)
            .collect(),
        access::Actor::Public | access::Actor::System(_) => Vec::new(),
    }
}

/// Declines that an organisation joins a call.
pub async fn decline_join_request(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<JoinRequestView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock_request(tx.conn(), id).await?;
        let call = calls::find(tx.conn(), row.call_id).await?;
        let permit = tx
            .permit(Action::DeclineJoinRequest, &row.object(false))
            .await?;
        let current = one(tx, &row).await?;
        tx.precondition(&current)?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        if current.state != JoinState::Asked {
            return Err(Problem::state(format!(
                "The request is '{}'.",
                current.state
            )));
        }
        let reason = given(&input.reason)?;
        rows::decline(tx.conn(), &permit, &row, reason).await?;
        let version = Some(row.version + 1);
        tx.audit(&permit, version, Some(reason), json!({})).await?;
        one(tx, &row).await
    };
    service.write(context, work).await
}
