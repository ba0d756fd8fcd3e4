//! Changing who reviews what after something changed, with as few changes as possible.

mod dropout;

use std::collections::BTreeSet;

use ::review::assign::reassign;
use ::review::{REVIEW, ReviewEvent, ReviewState};
use access::{Action, Permit};
use call::StageState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::review::expert as experts;
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::Sight;
use store::view::review::change::{self as view, MovedPair};
use utoipa::ToSchema;
use uuid::Uuid;

use super::assign::{Figures, figures, tell, usual, write};
use super::assignment::PairInput;
use super::desk::{self, Desk, Table};
use super::review::remember_told;
use super::wishes::{AssignInput, Caps, LeastLoad, Places};
use super::{call_words, given, infeasible, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};
pub use dropout::{DropOut, replace_expert};
pub(super) use dropout::{Left, held, pass_on};

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
    /// The fewest proposals of each expert, as far as the expert's own limit goes; none of substitutes.
    #[serde(default)]
    pub min_load: u16,
    /// Experts who get another least number of proposals than all others.
    #[serde(default)]
    pub min_loads: Vec<LeastLoad>,
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
        let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
        let movable = movable(&table, input.accepted)?;
        let wishes = AssignInput {
            per_proposal: input.per_proposal,
            reviewers: input.reviewers,
            min_load: input.min_load,
            min_loads: input.min_loads,
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

pub(super) fn under_review(stage: &StageRow) -> Result<(), Problem> {
    if stage.state()? == StageState::Reviewing {
        return Ok(());
    }
    Err(Problem::state(format!(
        "Who reviews what is changed while the stage is 'reviewing', and it is '{}'. Until the panel adopts its results, and \
         of a proposal that it judges anew after redress, a review that is not submitted is given to another expert (POST \
         /reviews/{{review}}/replace), and one is assigned where a conflict of interest left no released review, or after \
         redress (POST /calls/{{call}}/stages/{{stage}}/assignments).",
        stage.state
    )))
}

/// The table, with the experts and the reviews locked: nobody begins a review that is being given up.
pub(super) async fn laid(tx: &mut Tx, permit: &Permit, stage: &StageRow) -> Result<Table, Problem> {
    experts::lock_of_call(tx.conn(), stage.call_id).await?;
    reviews::lock_of_stage(tx.conn(), stage.id).await?;
    remember_told(tx, permit, stage).await?;
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
        let mut given_up: Vec<&ReviewRow> = Vec::new();
        for row in &table.reviews {
            let before = row.state()?;
            // One of the same pair that a conflict of interest ended before is over already.
            if before.holds_a_place() && gone.contains(&(row.proposal_id, row.expert_id)) {
                let state = REVIEW.apply(before, ReviewEvent::Replace)?;
                reviews::set_state(tx.conn(), self.permit, row, state, None).await?;
                given_up.push(row);
            }
        }
        let new = write(tx, self.permit, self.stage, table, &found.added).await?;
        self.tell_gone(tx, table, &given_up).await?;
        tell(tx, self.call, self.stage, table, &new).await?;
        let replaced: Vec<Uuid> = given_up.iter().map(|row| row.id).collect();
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
