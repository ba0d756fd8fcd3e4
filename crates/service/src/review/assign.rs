//! Assigning reviewers to all proposals of a stage at once.

use std::collections::BTreeSet;

use ::review::assign::Assignment;
use access::{Action, Permit};
use call::{STAGE, StageEvent, StageState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::review::expert::ExpertRow;
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::Sight;
use store::view::review::review::{self as view, AssignmentView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::desk::{self, Desk, Table, solve};
use super::review::remember_told;
use super::wishes::AssignInput;
use super::{call_words, day, evaluation, infeasible, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

/// The assignment as it stands now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assigned {
    /// How many reviews are new.
    pub new: usize,
    /// How many possible conflicts wait for a verdict; their pairs were left out.
    pub waiting: usize,
    /// What it comes to.
    #[serde(flatten)]
    pub figures: Figures,
    /// What the assignment is known by: to be sent as `as_proposed`, so that what a dry run showed is done, or nothing.
    pub fingerprint: String,
    /// Who reviews what.
    pub pairs: Vec<AssignmentView>,
}

/// How good an assignment is, in millionths.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// Affinity of all pairs together.
    pub total: i64,
    /// Affinity of the worst-served proposal's pairs.
    pub worst: i64,
    /// The number of the worst-served proposal; left out where you may not know of it.
    pub worst_proposal: Option<String>,
    /// What no assignment can exceed: in the total, or for `fair` in the affinity of the worst-served proposal.
    pub bound: i64,
    /// How far from the bound this one is.
    pub gap: i64,
}

/// Gives every eligible proposal its reviewers, as the wishes say and as conflicts and loads allow. Reviews that are
/// under way stay. The first assignment begins the review.
pub async fn assign_reviewers(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: AssignInput,
) -> Result<Answer<Assigned>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::AssignReviewers, &stage.object()).await?;
        let call = calls::find(tx.conn(), call).await?;
        begin(tx, &permit, &stage).await?;
        remember_told(tx, &permit, &stage).await?;
        let table = desk::lay(tx, &stage, Some(&permit)).await?;
        let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
        input.check(&table, &sight, &BTreeSet::new())?;
        let desk = Desk {
            table: &table,
            wishes: &input,
            usual: Some(usual(&call, number, input.per_proposal)?),
            movable: BTreeSet::new(),
            leaving: None,
            substitutes: false,
        };
        let (puzzle, balances) = (desk.puzzle()?, desk.balances());
        let objective = input.objective.into();
        let compute = move || solve(&puzzle, &balances, objective);
        let assignment = tokio::task::spawn_blocking(compute)
            .await
            .map_err(Problem::internal)?
            .map_err(|why| infeasible::problem(&why, &table, &sight))?
            .ok_or_else(infeasible::unbalanced)?;
        let fingerprint = fingerprint(tx, &assignment)?;
        if input
            .as_proposed
            .as_ref()
            .is_some_and(|it| *it != fingerprint)
        {
            return Err(Problem::state(
                "The assignment would be another one than the one proposed: experts, proposals, conflicts, reviews or \
                 affinities changed since, or the wishes are others. Nothing was assigned; make a dry run again.",
            ));
        }
        let pairs = assignment.pairs.iter();
        let pairs: Vec<_> = pairs.map(|pair| (pair.proposal, pair.expert)).collect();
        let new = write(tx, &permit, &stage, &table, &pairs).await?;
        tell(tx, &call, &stage, &table, &new).await?;
        let detail = json!({ "reviews": new.len(), "total": assignment.total, "wishes": input });
        tx.audit(&permit, Some(stage.version + 1), None, detail)
            .await?;
        Ok(Assigned {
            new: new.len(),
            waiting: table.waiting(),
            figures: figures(&assignment, &table, &sight),
            fingerprint,
            pairs: view::assignments(tx.conn(), &stage, &sight).await?,
        })
    };
    service.write(context, work).await
}

/// How many reviewers each proposal gets, where nothing else is said of it.
pub(super) fn usual(call: &CallRow, stage: i32, asked: Option<u16>) -> Result<u16, Problem> {
    let rules = evaluation(call, stage)?;
    let usual = u16::try_from(rules.reviewers_per_proposal).unwrap_or(u16::MAX);
    Ok(asked.unwrap_or(usual))
}

/// What an assignment comes to, for a viewer.
pub(super) fn figures(assignment: &Assignment, table: &Table, sight: &Sight) -> Figures {
    let worst = assignment.worst_proposal.filter(|id| sight.open(*id));
    Figures {
        total: assignment.total,
        worst: assignment.worst,
        worst_proposal: worst.and_then(|id| table.names(sight).remove(&id)),
        bound: assignment.bound,
        gap: assignment.gap,
    }
}

/// The same for the same pairs, and for no others. Made with a key of the server: else who may not know of a proposal
/// could try out who reviews it.
fn fingerprint(tx: &Tx, assignment: &Assignment) -> Result<String, Problem> {
    let pairs = assignment.pairs.iter();
    let pairs: Vec<_> = pairs.map(|pair| (pair.proposal, pair.expert)).collect();
    let tag = tx.service.etag(&("assignment", pairs))?;
    Ok(tag.trim_matches('"').to_owned())
}

/// The first assignment moves the stage on, once the last exception to its deadline is over.
async fn begin(tx: &mut Tx, permit: &Permit, stage: &StageRow) -> Result<(), Problem> {
    if stage.state()? != StageState::Reviewing {
        let state = STAGE.apply(stage.state()?, StageEvent::Review)?;
        if store::intake::any_open(tx.conn(), stage.id).await? {
            return Err(Problem::state(
                "An individual exception to the deadline still runs; reviewers are assigned when it is over.",
            ));
        }
        calls::set_stage_state(tx.conn(), permit, stage, state).await?;
    }
    Ok(())
}

/// Writes a review for each of the pairs that has none. A pair with a conflict of interest would be a fault of the
/// solver, and nothing is written then.
pub(super) async fn write(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    table: &Table,
    pairs: &[(Uuid, Uuid)],
) -> Result<Vec<ReviewRow>, Problem> {
    let mut new = Vec::new();
    for (proposal, expert) in pairs {
        let pair = (*proposal, *expert);
        if table.held.contains(&pair) {
            continue;
        }
        if table.against.contains(&pair) {
            return Err(Problem::internal(
                "the solver paired an expert and a proposal between which a conflict is on file",
            ));
        }
        let fit = table.fit.value(pair.0, pair.1);
        new.push(ReviewRow::asked(
            stage.call_id,
            stage.id,
            pair.0,
            pair.1,
            fit,
        ));
    }
    reviews::insert(tx.conn(), permit, &new).await?;
    Ok(new)
}

/// One mail to each expert with something new, naming all of it.
pub(super) async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    table: &Table,
    new: &[ReviewRow],
) -> Result<(), Problem> {
    let Some(first) = new.first() else {
        return Ok(());
    };
    // All were written at one moment.
    let due = reviews::due_at(tx.conn(), first.id).await?;
    for expert in &table.experts {
        let numbers: Vec<&str> = table
            .candidates
            .iter()
            .filter(|one| {
                new.iter().any(|row| {
                    row.expert_id == expert.id && row.proposal_id == one.standing.proposal
                })
            })
            .map(|one| one.standing.number.as_str())
            .collect();
        if !numbers.is_empty() {
            tell_one(tx, call, stage, expert, &numbers, due).await?;
        }
    }
    Ok(())
}

/// Tells an expert which proposals are new on the desk, and until when their reviews are due.
pub(super) async fn tell_one(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    expert: &ExpertRow,
    numbers: &[&str],
    due: DateTime<Utc>,
) -> Result<(), Problem> {
    let public_url = tx.service.settings().public_url.clone();
    let letter = json!({
        "name": expert.name, "call": call_words(call), "stage": stage_words(stage),
        "proposals": numbers, "due": day(due), "link": format!("{public_url}/me/reviews"),
    });
    tx.mail(Some(call), &expert.email, "review_assigned", letter)
        .await
}
