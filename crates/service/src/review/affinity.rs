//! Affinities of experts and proposals: seeing why they are what they are, and bringing in those of others.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use ::review::affinity::{GivenAffinity, parse_affinities};
use access::{Action, Object};
use call::StageState;
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::outcome;
use store::review::affinity as rows;
use store::review::conflict as conflicts;
use store::review::expert as experts;
use store::review::facts;
use store::view::review::affinity::{self as view, AffinityView, ExpertFit, ImportedAffinity};
use uuid::Uuid;

use super::fit::{Asked, Fit};
use super::table;
use crate::call::SentFile;
use crate::{Answer, Context, Problem, Service, Tx};

/// How many experts are shown for a proposal.
const BEST: usize = 10;

/// Which experts fit a proposal best, or how well one of them does, and why.
pub async fn read_affinity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    proposal: Uuid,
    expert: Option<Uuid>,
) -> Result<Answer<AffinityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: outcome::conflicted(tx.conn(), actor, proposal).await?,
            ..stage.object()
        };
        tx.permit(Action::ReadAffinity, &object).await?;
        super::require_declared(tx, &object, number).await?;
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        let candidates = facts::candidates(tx.conn(), stage.id).await?;
        let Some(candidate) = candidates
            .iter()
            .find(|one| one.standing.proposal == proposal)
        else {
            return Err(Problem::not_found());
        };
        let mut ready = Vec::new();
        for row in experts::of_call(tx.conn(), call).await? {
            if row.may_read(number)? {
                ready.push(row);
            }
        }
        let fit = Fit::of(tx, &stage, &candidates, &ready, Asked::Some).await?;
        let mut shown: Vec<(i64, &experts::ExpertRow)> = ready
            .iter()
            .filter(|row| expert.is_none_or(|id| id == row.id))
            .map(|row| (fit.value(proposal, row.id), row))
            .collect();
        if expert.is_some() && shown.is_empty() {
            return Err(Problem::not_found());
        }
        shown.sort_by_key(|(value, row)| (Reverse(*value), row.id));
        shown.truncate(BEST);
        let told = shown.into_iter().filter_map(|(affinity, row)| {
            Some(ExpertFit {
                expert: row.id,
                name: row.name.clone(),
                affinity,
                imported: fit.imported(proposal, row.id),
                computed: fit.explain(proposal, row.id)?,
                conflicted: None,
            })
        });
        let told: Vec<ExpertFit> = told.collect();
        let forbidden: BTreeSet<Uuid> = conflicts::of_call(tx.conn(), call)
            .await?
            .into_iter()
            .filter(|row| row.proposal_id == proposal && row.forbids())
            .map(|row| row.expert_id)
            .collect();
        let named = (proposal, candidate.standing.number.as_str());
        Ok(view::explained(named, number, told, &forbidden, &sight))
    };
    service.read(context, work).await
}

/// What was imported for a stage.
pub async fn read_imported_affinity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ImportedAffinity>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadAffinity, &stage.object()).await?;
        super::require_declared(tx, &stage.object(), number).await?;
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        Ok(view::imported(tx.conn(), &stage, &sight).await?)
    };
    service.read(context, work).await
}

/// Takes a CSV table of affinities in, in the place of the one before: all or nothing, faults with their lines. A pair
/// of the table has its affinity from now on, all others the computed one; who is assigned already stays. On proposals
/// with which the actor has a conflict of interest nothing is changed.
pub async fn import_affinity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    file: SentFile,
) -> Result<Answer<ImportedAffinity>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::ImportAffinity, &stage.object()).await?;
        in_time(&stage)?;
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        let candidates = facts::candidates(tx.conn(), stage.id).await?;
        let open = candidates.iter().map(|one| &one.standing);
        let proposals: BTreeMap<String, Uuid> = open
            .filter(|one| sight.open(one.proposal))
            .map(|one| (one.number.to_lowercase(), one.proposal))
            .collect();
        let people = experts::of_call(tx.conn(), call).await?.into_iter();
        let people: BTreeMap<String, Uuid> = people
            .map(|row| (row.email.to_lowercase(), row.id))
            .collect();
        let given = parse_affinities(table::text(&file)?, &proposals, &people)?;
        let before = rows::replace(tx.conn(), &permit, &stage, &sight.walled, &given).await?;
        let detail =
            json!({ "table_sha256": table::sha256(&file), "pairs": given.len(), "before": before });
        tx.audit(&permit, None, None, detail).await?;
        Ok(view::imported(tx.conn(), &stage, &sight).await?)
    };
    service.write(context, work).await
}

fn in_time(stage: &StageRow) -> Result<(), Problem> {
    if matches!(
        stage.state()?,
        StageState::Closed | StageState::Checking | StageState::Reviewing
    ) {
        return Ok(());
    }
    Err(Problem::state(format!(
        "Affinities are brought in and taken back after the deadline and until the reviews are handed in, and the stage is \
         '{}'.",
        stage.state
    )))
}

/// Takes all imported affinities of a stage back: every affinity is computed again.
pub async fn take_back_affinity(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ImportedAffinity>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::ImportAffinity, &stage.object()).await?;
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        let current = view::imported(tx.conn(), &stage, &sight).await?;
        tx.precondition(&current)?;
        in_time(&stage)?;
        let none: &[GivenAffinity] = &[];
        let before = rows::replace(tx.conn(), &permit, &stage, &sight.walled, none).await?;
        let detail = json!({ "pairs": 0, "before": before });
        tx.audit(&permit, None, None, detail).await?;
        Ok(view::imported(tx.conn(), &stage, &sight).await?)
    };
    service.write(context, work).await
}
