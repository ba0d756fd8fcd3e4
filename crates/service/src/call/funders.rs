//! The funders of a call.

use access::Action;
use call::{CALL, CallEvent, Terms};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda;
use store::call::{self as rows, CallRow, ParticipationRow};
use store::commitment::selection as selections;
use store::view::call::{self as view, FunderView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::version::publish;
use super::{breakage, given, terms, visible};
use crate::{Answer, Context, Problem, Service, Tx};

/// A funder joining a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunderInput {
    /// Key of the organisation.
    #[schema(example = "DE-BMBF")]
    pub organisation: String,
    /// On which terms it takes part; left out, without limits.
    #[serde(default)]
    pub terms: Terms,
}

/// A funder leaving a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// Why, for the public log of changes.
    pub reason: String,
    /// Whether to go on although it breaks something; a dry run says what.
    #[serde(default)]
    pub despite_breaking: bool,
}

/// The funders of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Funders {
    /// By key.
    pub items: Vec<FunderView>,
}

/// Adds a funder to a call.
pub async fn add_funder(
    service: &Service,
    context: Context,
    id: Uuid,
    input: FunderInput,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::ManageFunders, &row.object()).await?;
        CALL.apply(row.state()?, CallEvent::Amend)?;
        let organisation = organisation(tx, &input.organisation).await?;
        terms::faults(&row.rules()?, &input.terms).or(())?;
        let participation = ParticipationRow {
            id: kernel::id::new(),
            call_id: id,
            organisation_id: organisation,
            commitment: 0,
            decided: 0,
            available: None,
            terms: serde_json::to_value(&input.terms).map_err(Problem::internal)?,
            version: 1,
            joined: None,
            left_at: None,
        };
        rows::add_participation(tx.conn(), &permit, &participation)
            .await
            .map_err(|error| match error {
                store::StoreError::Exists(_) => Problem::invalid(
                    "/organisation",
                    "taken",
                    "this organisation takes part already",
                ),
                other => other.into(),
            })?;
        let change = format!("{} joins as a funder", input.organisation);
        publish(tx, &permit, id, &change, "").await?;
        tx.audit(
            &permit,
            None,
            None,
            json!({ "organisation": input.organisation }),
        )
        .await?;
        funders(tx, id, true).await
    };
    service.write(context, work).await
}

/// Lets a funder leave a call; its pledges stay on file. What that breaks is listed first: without
/// `despite_breaking` it is refused. A funder of a final selection stays.
pub async fn remove_funder(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    input: Leaving,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row) = lock_funder(tx, id, &key).await?;
        if row.left_at.is_some() {
            return Err(Problem::not_found());
        }
        let permit = tx.permit(Action::ManageFunders, &call.object()).await?;
        let current = funders(tx, id, true).await?;
        tx.precondition(&current)?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        let reason = given(&input.reason)?;
        if row.decided > 0 {
            return Err(Problem::state(
                "A final selection binds money of this funder; amend the selection first.",
            ));
        }
        if let Some(decided) = selections::in_force(tx.conn(), id).await? {
            let lines = selections::lines(tx.conn(), decided.id).await?;
            if lines.iter().any(|line| line.participation == row.id) {
                return Err(Problem::state(
                    "The final selection has a line of this funder, if only of EU money; amend the selection first.",
                ));
            }
        }
        let broken = breakage::of_leaving(tx, &call, &key).await?;
        breakage::refuse(broken, input.despite_breaking)?;
        rows::end_participation(tx.conn(), &permit, &row).await?;
        let change = format!("{key} leaves as a funder");
        publish(tx, &permit, id, &change, reason).await?;
        let detail = json!({ "organisation": key });
        tx.audit(&permit, None, Some(reason), detail).await?;
        funders(tx, id, true).await
    };
    service.write(context, work).await
}

/// The call and a funder's part in it, both locked: the call first, as a decision locks them, else the two
/// wait for each other.
pub(crate) async fn lock_funder(
    tx: &mut Tx,
    id: Uuid,
    key: &str,
) -> Result<(CallRow, ParticipationRow), Problem> {
    let call = rows::lock(tx.conn(), id).await?;
    let organisation = agenda::organisation_id(tx.conn(), key)
        .await?
        .ok_or_else(Problem::not_found)?;
    let row = rows::lock_participation(tx.conn(), id, organisation).await?;
    Ok((call, row))
}

/// The funders of a call, with their commitments for those who may see them.
pub(crate) async fn funders(
    tx: &mut Tx,
    id: Uuid,
    with_commitments: bool,
) -> Result<Funders, Problem> {
    let items = view::funders(tx.conn(), id, with_commitments).await?;
    Ok(Funders { items })
}

async fn organisation(tx: &mut Tx, key: &str) -> Result<Uuid, Problem> {
    agenda::organisation_id(tx.conn(), key)
        .await?
        .ok_or_else(|| {
            Problem::invalid(
                "/organisation",
                "unknown_organisation",
                format!("there is no organisation '{key}'; GET /api/v1/organisations lists them"),
            )
        })
}

/// The funders of a call.
pub async fn list_funders(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let object = row.object();
        let with_commitments =
            access::decide(&tx.context.actor, Action::ReadCommitments, &object).is_ok();
        funders(tx, id, with_commitments).await
    };
    service.read(context, work).await
}
