//! Changing who reviews what after something changed, with as few changes as possible.

use std::collections::{BTreeMap, BTreeSet};

use ::review::assign::{Problem as Puzzle, reassign};
use ::review::{REVIEW, ReviewEvent, ReviewState};
use access::{Action, Permit};
use call::StageState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::Sight;
use store::view::review::change::{self as view, MovedPair};
use utoipa::ToSchema;
use uuid::Uuid;

use super::assign::{Figures, figures, tell, usual, write};
use super::assignment::PairInput;
use super::desk::{self, Desk, Table};
use super::wishes::{AssignInput, Caps, Places};
use super::{call_words, given, infeasible, stage_or_current, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

/// What changed, and what may be given up for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignInput {
    /// Why.
    pub reason: String,
    /// Reviewers of each proposal; left out: as the rules of the stage say.
    #[serde(default)]
    pub per_proposal: Option<u16>,
    /// Proposals that get another number of reviewers.
    #[serde(default)]
    pub reviewers: Vec<Places>,
    /// The most proposals of each expert, below the expert's own limit.
    #[serde(default)]
    pub max_load: Option<u16>,
    /// Pairs that must not be; one that stands is given up, unless the expert is at work on it.
    #[serde(default)]
    pub forbid: Vec<PairInput>,
    /// Limits for experts of one country or organisation.
    #[serde(default)]
    pub caps: Option<Caps>,
    /// Whether reviews that experts have accepted may be given up too. Those that are begun always stay.
    #[serde(default)]
    pub accepted: bool,
}

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

/// What a re-assignment changes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reassigned {
    /// Pairs that are given up, by number and name.
    pub dropped: Vec<MovedPair>,
    /// Pairs that are new, by number and name.
    pub added: Vec<MovedPair>,
    /// How many possible conflicts wait for a verdict; their pairs were left out.
    pub waiting: usize,
    /// What the assignment comes to. The bound is that of the total among all with as few changes.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Assigns anew with as few changes of what stands as the limits allow, and of those assignments the best.
/// Substitutes are asked too. Nobody is taken off a review that is begun.
pub async fn reassign_reviewers(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: ReassignInput,
) -> Result<Answer<Reassigned>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::AssignReviewers, &stage.object()).await?;
        under_review(&stage)?;
        let reason = given(&input.reason)?.to_owned();
        let call = calls::find(tx.conn(), call).await?;
        let table = laid(tx, &permit, &stage).await?;
        let sight = super::sight(tx, &stage.object()).await?;
        let movable = movable(&table, input.accepted)?;
        let wishes = AssignInput {
            per_proposal: input.per_proposal,
            reviewers: input.reviewers,
            max_load: input.max_load,
            forbid: input.forbid,
            caps: input.caps,
            ..AssignInput::default()
        };
        wishes.check(&table, &sight, &movable)?;
        let desk = Desk {
            table: &table,
            wishes: &wishes,
            usual: Some(usual(&call, number, wishes.per_proposal)?),
            movable,
            leaving: None,
            substitutes: true,
        };
        let change = Change {
            permit: &permit,
            call: &call,
            stage: &stage,
            sight: &sight,
        };
        let (answer, audited) = change.carry_out(tx, &desk).await?;
        let detail = json!({ "reassigned": audited, "wishes": wishes });
        tx.audit(&permit, None, Some(&reason), detail).await?;
        Ok(answer)
    };
    service.write(context, work).await
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
        under_review(&stage)?;
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
        let load = most_held(tx, leaving).await?;
        experts::set_load(tx.conn(), &permit, leaving, load).await?;
        let detail = json!({ "reassigned": audited, "max_load": load });
        tx.audit(&permit, Some(leaving.version + 1), Some(&reason), detail)
            .await?;
        Ok(answer)
    };
    service.write(context, work).await
}

/// What an expert who drops out leaves behind.
pub(super) struct Left {
    /// Who drops out.
    pub leaving: Uuid,
    /// Who gets as much of it as nothing speaks against, before all others.
    pub to: Option<Uuid>,
    /// Whether a place for which nobody is to be had is left open.
    pub leave_open: bool,
}

/// Takes an expert off all reviews that are not handed in, finds others for them and tells everybody concerned. Answers
/// what changed, also as the audit trail keeps it. The caller has laid the table with the permit to replace.
pub(super) async fn pass_on(
    tx: &mut Tx,
    permit: &Permit,
    (call, stage): (&CallRow, &StageRow),
    table: &Table,
    left: Left,
) -> Result<(Reassigned, serde_json::Value), Problem> {
    let id = left.leaving;
    let sight = super::sight(tx, &stage.object()).await?;
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
    let most = table.experts.iter().find(|row| row.id == to);
    let most = most.and_then(|row| usize::try_from(row.max_load).ok());
    let held = table.held.iter().filter(|pair| pair.1 == to).count();
    proposals.sort_unstable();
    let pairs = proposals.into_iter().map(|proposal| (proposal, to));
    pairs
        .filter(|pair| !table.against.contains(pair))
        .filter(|pair| !table.had.contains(pair) && !table.held.contains(pair))
        .take(most.unwrap_or_default().saturating_sub(held))
        .map(|pair| PairInput::of(&pair))
        .collect()
}

pub(super) fn under_review(stage: &StageRow) -> Result<(), Problem> {
    if stage.state()? == StageState::Reviewing {
        return Ok(());
    }
    Err(Problem::state(format!(
        "Who reviews what is changed while the stage is 'reviewing', and it is '{}'.",
        stage.state
    )))
}

/// The table, with the experts and the reviews locked: nobody begins a review that is being given up.
pub(super) async fn laid(tx: &mut Tx, permit: &Permit, stage: &StageRow) -> Result<Table, Problem> {
    experts::lock_of_call(tx.conn(), stage.call_id).await?;
    reviews::lock_of_stage(tx.conn(), stage.id).await?;
    desk::lay(tx, stage, Some(permit)).await
}

/// Pairs that may be given up: the expert was asked, or has accepted.
fn movable(table: &Table, accepted: bool) -> Result<BTreeSet<(Uuid, Uuid)>, Problem> {
    let mut movable = BTreeSet::new();
    for row in &table.reviews {
        let pair = (row.proposal_id, row.expert_id);
        let may = match row.state()? {
            ReviewState::Proposed | ReviewState::Invited => true,
            ReviewState::Accepted => accepted,
            _ => false,
        };
        if may && table.held.contains(&pair) {
            movable.insert(pair);
        }
    }
    Ok(movable)
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

/// The most reviews that an expert still has at one stage.
pub(super) async fn most_held(tx: &mut Tx, expert: &ExpertRow) -> Result<i32, Problem> {
    let mut held: BTreeMap<Uuid, i32> = BTreeMap::new();
    for row in reviews::of_experts(tx.conn(), &[expert.id]).await? {
        *held.entry(row.stage_id).or_default() += i32::from(row.state()?.holds_a_place());
    }
    Ok(held.into_values().max().unwrap_or_default())
}

/// What surrounds a change.
struct Change<'a> {
    permit: &'a Permit,
    call: &'a CallRow,
    stage: &'a StageRow,
    sight: &'a Sight,
}

impl Change<'_> {
    /// Finds the change, makes it and tells everybody concerned. Answers it also as the audit trail keeps it.
    async fn carry_out(
        &self,
        tx: &mut Tx,
        desk: &Desk<'_>,
    ) -> Result<(Reassigned, serde_json::Value), Problem> {
        let table = desk.table;
        let (puzzle, before) = (desk.puzzle()?, table.held.clone());
        let compute = move || reassign(&puzzle, &before);
        let found = tokio::task::spawn_blocking(compute)
            .await
            .map_err(Problem::internal)?
            .map_err(|why| infeasible::problem(&why, table, self.sight))?;
        let gone: BTreeSet<(Uuid, Uuid)> = found.dropped.iter().copied().collect();
        let gone: Vec<&ReviewRow> = table
            .reviews
            .iter()
            .filter(|row| gone.contains(&(row.proposal_id, row.expert_id)))
            .collect();
        for row in &gone {
            let state = REVIEW.apply(row.state()?, ReviewEvent::Replace)?;
            reviews::set_state(tx.conn(), self.permit, row, state, None).await?;
        }
        let new = write(tx, self.permit, self.stage, table, &found.added).await?;
        self.tell_gone(tx, table, &gone).await?;
        tell(tx, self.call, self.stage, table, &new).await?;
        let replaced: Vec<Uuid> = gone.iter().map(|row| row.id).collect();
        let added: Vec<Uuid> = new.iter().map(|row| row.id).collect();
        let audited =
            json!({ "replaced": replaced, "new": added, "total": found.assignment.total });
        let call = self.call.id;
        let answer = Reassigned {
            dropped: view::moved(tx.conn(), call, &found.dropped, self.sight).await?,
            added: view::moved(tx.conn(), call, &found.added, self.sight).await?,
            waiting: table.waiting(),
            figures: figures(&found.assignment, table, self.sight),
        };
        Ok((answer, audited))
    }

    /// One mail to each expert from whom something is taken.
    async fn tell_gone(
        &self,
        tx: &mut Tx,
        table: &Table,
        gone: &[&ReviewRow],
    ) -> Result<(), Problem> {
        let link = format!("{}/me/reviews", tx.service.settings().public_url);
        for expert in &table.experts {
            let numbers: Vec<&str> = table
                .candidates
                .iter()
                .filter(|one| {
                    gone.iter().any(|row| {
                        row.expert_id == expert.id && row.proposal_id == one.standing.proposal
                    })
                })
                .map(|one| one.standing.number.as_str())
                .collect();
            if numbers.is_empty() {
                continue;
            }
            let letter = json!({
                "name": expert.name, "call": call_words(self.call), "stage": stage_words(self.stage),
                "proposals": numbers, "link": link,
            });
            tx.mail(Some(self.call), &expert.email, "review_passed_on", letter)
                .await?;
        }
        Ok(())
    }
}
