//! An expert drops out: others take over what is not handed in.

use std::collections::{BTreeMap, BTreeSet};

use ::review::assign::{Problem as Puzzle, reassign};
use ::review::{Loads, REVIEW, ReviewEvent};
use access::{Action, Permit};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts;
use store::review::review as reviews;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Change, Reassigned, laid, movable, under_review};
use crate::call::given;
use crate::review::assignment::PairInput;
use crate::review::desk::{Desk, Table};
use crate::review::stage_or_current;
use crate::review::wishes::{AssignInput, Places};
use crate::{Answer, Context, Problem, Service, Tx};

/// Why an expert drops out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropOut {
    /// Why.
    pub reason: String,
    /// Whether a place for which nobody is to be had is left open; else nothing is changed, and the answer says who is
    /// short of whom.
    #[serde(default)]
    pub leave_open: bool,
}

/// Takes an expert who drops out off all reviews that are not handed in, and finds others for each of them, with as few
/// changes of all other pairs as the limits allow. What is handed in stays, and the expert gets nothing more.
pub async fn replace_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    number: Option<i32>,
    input: DropOut,
) -> Result<Answer<Reassigned>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = experts::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::ReplaceReviewer, &seen.object()).await?;
        let stage = stage_or_current(tx, seen.call_id, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        under_review(&stage).map_err(or_leaves_the_panel)?;
        let reason = given(&input.reason)?.to_owned();
        let call = calls::find(tx.conn(), seen.call_id).await?;
        let table = laid(tx, &permit, &stage).await?;
        let Some(leaving) = table.experts.iter().find(|row| row.id == id) else {
            return Err(Problem::state(
                "This expert has not accepted, or has not declared conflicts of interest, and so has no reviews to \
                 pass on.",
            ));
        };
        let left = Left {
            leaving: id,
            to: None,
            leave_open: input.leave_open,
        };
        let (answer, audited) = pass_on(tx, &permit, (&call, &stage), &table, left).await?;
        let loads = Loads::left(&held(tx, leaving).await?);
        experts::set_load(tx.conn(), &permit, leaving, &loads).await?;
        let detail = json!({
            "reassigned": audited, "max_load": loads.max_load, "stage_loads": loads.stage_loads,
        });
        tx.audit(&permit, Some(leaving.version + 1), Some(&reason), detail)
            .await?;
        Ok(answer)
    };
    service.write(context, work).await
}

/// Why reviews are not passed on any more, and what an expert who drops out of the panel has instead.
fn or_leaves_the_panel(problem: Problem) -> Problem {
    let detail = format!(
        "{} Who drops out of the panel gives the place to a substitute, without reviews (POST \
         /experts/{{expert}}/call-up), or has the role in the call ended (DELETE /roles/{{role}}).",
        problem.detail
    );
    Problem { detail, ..problem }
}

/// What an expert who drops out leaves behind.
pub(in crate::review) struct Left {
    /// Who drops out.
    pub leaving: Uuid,
    /// Who gets as much of it as nothing speaks against, before all others.
    pub to: Option<Uuid>,
    /// Whether a place for which nobody is to be had is left open.
    pub leave_open: bool,
}

/// Takes an expert off all reviews that are not handed in, finds others for them and tells everybody concerned. Answers
/// what changed, also as the audit trail keeps it. The caller has laid the table with the permit to replace.
pub(in crate::review) async fn pass_on(
    tx: &mut Tx,
    permit: &Permit,
    (call, stage): (&CallRow, &StageRow),
    table: &Table,
    left: Left,
) -> Result<(Reassigned, serde_json::Value), Problem> {
    let id = left.leaving;
    let sight = crate::review::sight_at(tx, &stage.object(), stage.number).await?;
    let mut movable = movable(table, false)?;
    movable.retain(|pair| pair.1 != id);
    let own = table.reviews.iter().filter(|row| row.expert_id == id);
    let mut passed = Vec::new();
    for row in own {
        let pair = (row.proposal_id, id);
        if table.held.contains(&pair) && REVIEW.apply(row.state()?, ReviewEvent::Replace).is_ok() {
            movable.insert(pair);
            passed.push(row.proposal_id);
        }
    }
    let keep = match left.to {
        Some(to) => taken_over(table, to, passed),
        None => Vec::new(),
    };
    let wishes = AssignInput {
        keep,
        ..AssignInput::default()
    };
    let mut fewer = wishes.clone();
    let mut desk = Desk {
        table,
        wishes: &wishes,
        usual: None,
        movable,
        leaving: Some(id),
        substitutes: true,
    };
    if left.leave_open {
        let (puzzle, before) = (desk.puzzle()?, table.held.clone());
        let compute = move || left_open(puzzle, &before, id);
        fewer.reviewers = tokio::task::spawn_blocking(compute)
            .await
            .map_err(Problem::internal)?;
        desk.wishes = &fewer;
    }
    let change = Change {
        permit,
        call,
        stage,
        sight: &sight,
    };
    change.carry_out(tx, &desk).await
}

/// The pairs by which `to` takes proposals over: without a conflict of interest, a proposal that the expert had before,
/// or more of them than agreed on.
fn taken_over(table: &Table, to: Uuid, mut proposals: Vec<Uuid>) -> Vec<PairInput> {
    let most = usize::from(table.load(to));
    let held = table.held.iter().filter(|pair| pair.1 == to).count();
    proposals.sort_unstable();
    let pairs = proposals.into_iter().map(|proposal| (proposal, to));
    pairs
        .filter(|pair| !table.against.contains(pair))
        .filter(|pair| !table.had.contains(pair) && !table.held.contains(pair))
        .take(most.saturating_sub(held))
        .map(|pair| PairInput::of(&pair))
        .collect()
}

/// The proposals that stay without somebody in the place of the expert who leaves, with how many reviewers they keep: one
/// place after the other is given up until all others can be filled.
fn left_open(mut puzzle: Puzzle, before: &BTreeSet<(Uuid, Uuid)>, leaving: Uuid) -> Vec<Places> {
    let mut fewer = BTreeMap::new();
    while let Err(why) = reassign(&puzzle, before) {
        let short = why.short_proposals();
        let left = puzzle.proposals.iter_mut().find(|one| {
            let pair = (one.id, leaving);
            short.contains(&one.id)
                && before.contains(&pair)
                && !puzzle.kept.contains(&pair)
                && !fewer.contains_key(&one.id)
        });
        let Some(left) = left else { break };
        left.reviewers = left.reviewers.saturating_sub(1);
        fewer.insert(left.id, left.reviewers);
    }
    let fewer = fewer.into_iter();
    fewer
        .map(|(proposal, reviewers)| Places {
            proposal,
            reviewers,
        })
        .collect()
}

/// How many reviews an expert still has at each stage of the call, by its number. What fell out of the evaluation is no load
/// any more.
pub(in crate::review) async fn held(
    tx: &mut Tx,
    expert: &ExpertRow,
) -> Result<BTreeMap<i32, i32>, Problem> {
    let own = reviews::of_experts(tx.conn(), &[expert.id]).await?;
    let mut held = BTreeMap::new();
    for stage in calls::stages(tx.conn(), expert.call_id).await? {
        let taking_part = facts::taking_part(tx.conn(), stage.id).await?;
        let mut load = 0;
        for row in own.iter().filter(|row| row.stage_id == stage.id) {
            let counts = row.state()?.holds_a_place() && taking_part.contains(&row.proposal_id);
            load += i32::from(counts);
        }
        held.insert(stage.number, load);
    }
    Ok(held)
}
