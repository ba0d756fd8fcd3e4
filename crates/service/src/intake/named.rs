//! Persons whom applicants ask to keep from reviewing their proposal, within the limit of the call.

use access::Action;
use review::conflict::{Named, check_named};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::intake as rows;
use store::review::named;
use store::view::review::named::{self as view, NamedPerson, NamedPersonsView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::read::rules_of;
use super::{hold, part_of};
use crate::{Answer, Context, Problem, Service, Tx};

/// Whom the applicants ask to keep from reviewing; an empty list takes the wish back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPersons {
    /// The persons, each with a name, and with an organisation, an e-mail address or an ORCID iD.
    pub persons: Vec<NamedPerson>,
}

/// Whom the applicants name: for the coordinator, and after the deadline for the secretariat and the observer.
pub async fn read_named_persons(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<NamedPersonsView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let object = part_of(tx, &proposal, "named_persons", id).await?;
        tx.permit(Action::ReadNamedPersons, &object).await?;
        let own = tx.context.actor.account() == Some(proposal.coordinator_id);
        if !own && rows::disclosed_stage(tx.conn(), id).await?.is_none() {
            return Err(Problem::not_found());
        }
        Ok(view::named_persons(tx.conn(), id).await?)
    };
    service.read(context, work).await
}

/// Names the persons, in the place of those named before, while the proposal is written.
pub async fn name_persons(
    service: &Service,
    context: Context,
    id: Uuid,
    input: NamedPersons,
) -> Result<Answer<NamedPersonsView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = part_of(tx, &held.proposal, "named_persons", id).await?;
        let permit = tx.permit(Action::NamePersons, &object).await?;
        let before = view::named_persons(tx.conn(), id).await?;
        tx.precondition(&before)?;
        held.check_in_time(tx).await?;
        if !held.content.state()?.is_written() {
            return Err(Problem::state(
                "The proposal is not written any more; persons are named before the deadline.",
            ));
        }
        let persons: Vec<Named> = input.persons.into_iter().map(Named::from).collect();
        let rules = held.call.rules()?;
        let limits = rules_of(&rules, held.stage.number)?.evaluation.conflicts;
        check_named(&limits, &persons).or(())?;
        named::set(tx.conn(), &permit, held.call.id, id, &persons).await?;
        let detail = json!({ "persons": persons.len() });
        tx.audit(&permit, None, None, detail).await?;
        Ok(view::named_persons(tx.conn(), id).await?)
    };
    service.write(context, work).await
}
