//! Assigning reviewers to all proposals of a stage at once.

use std::collections::{BTreeMap, BTreeSet};

use ::review::assign::{Assignment, ExpertNode, Infeasible, Problem as Puzzle, ProposalNode};
use ::review::{ExpertRole, affinity};
use access::{Action, Permit};
use call::{STAGE, StageEvent, StageState};
use kernel::{Code, Fault};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::review::conflict::{self as conflicts, ConflictRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::Sight;
use store::view::review::review::{self as view, AssignmentView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{DAYS_TO_REVIEW, call_words, day, detection, evaluation, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

/// How to assign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignInput {
    /// Reviewers of each proposal; left out: as the rules of the stage say.
    #[serde(default)]
    pub per_proposal: Option<u16>,
    /// The most proposals of each expert, below the expert's own limit.
    #[serde(default)]
    pub max_load: Option<u16>,
}

/// The assignment as it stands now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assigned {
    /// How many reviews are new.
    pub new: usize,
    /// How many possible conflicts wait for a verdict; their pairs were left out.
    pub waiting: usize,
    /// Affinity of all pairs together, in millionths.
    pub total: i64,
    /// Affinity of the worst-served proposal's pairs, in millionths.
    pub worst: i64,
    /// Who reviews what.
    pub pairs: Vec<AssignmentView>,
}

/// What the assignment is computed from.
struct Table {
    candidates: Vec<Candidate>,
    experts: Vec<ExpertRow>,
    conflicts: Vec<ConflictRow>,
    reviews: Vec<ReviewRow>,
}

/// Gives every eligible proposal its reviewers, of the greatest total affinity that conflicts and loads
/// allow. Reviews that are under way stay. The first assignment begins the review.
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
        let rules = evaluation(&call, number)?;
        let usual = u16::try_from(rules.reviewers_per_proposal).unwrap_or(u16::MAX);
        let per_proposal = input.per_proposal.unwrap_or(usual);
        check(&input, per_proposal)?;
        begin(tx, &permit, &stage).await?;
        let table = table(tx, &permit, &stage).await?;
        let sight = super::sight(tx, &stage.object()).await?;
        let puzzle = puzzle(&table, per_proposal, input.max_load)?;
        let assignment = tokio::task::spawn_blocking(move || ::review::assign::assign(&puzzle))
            .await
            .map_err(Problem::internal)?
            .map_err(|why| infeasible(&why, &table, &sight))?;
        let new = write(tx, &permit, &stage, &assignment).await?;
        tell(tx, &call, &stage, &table, &new).await?;
        let detail = json!({ "reviews": new.len(), "total": assignment.total });
        tx.audit(&permit, Some(stage.version + 1), None, detail)
            .await?;
        Ok(Assigned {
            new: new.len(),
            waiting: table.conflicts.iter().filter(|row| row.waits()).count(),
            total: assignment.total,
            worst: assignment.worst,
            pairs: view::assignments(tx.conn(), &stage, &sight).await?,
        })
    };
    service.write(context, work).await
}

fn check(input: &AssignInput, per_proposal: u16) -> Result<(), Problem> {
    let mut faults = kernel::Faults::default();
    faults.require(
        (1..=10).contains(&per_proposal),
        "/per_proposal",
        "out_of_range",
        "give each proposal 1 to 10 reviewers",
    );
    faults.require(
        input.max_load.is_none_or(|load| (1..=100).contains(&load)),
        "/max_load",
        "out_of_range",
        "give each expert 1 to 100 proposals, or leave it out",
    );
    Ok(faults.or(())?)
}

/// Reads and locks everything, and looks for conflicts that nobody looked for yet: the assignment never
/// rests on an earlier search.
async fn table(tx: &mut Tx, permit: &Permit, stage: &StageRow) -> Result<Table, Problem> {
    let call = stage.call_id;
    let all = experts::lock_of_call(tx.conn(), call).await?;
    let mut ready = Vec::new();
    for row in all {
        if row.may_read()? {
            ready.push(row);
        }
    }
    let everybody = facts::candidates(tx.conn(), stage.id).await?;
    let new = detection::look(tx, stage, &ready, &everybody, &everybody).await?;
    detection::put_on_file(tx, permit, &new).await?;
    let candidates = everybody.into_iter();
    Ok(Table {
        candidates: candidates
            .filter(|one| facts::is_reviewed(one.standing.state))
            .collect(),
        experts: ready,
        conflicts: conflicts::of_call(tx.conn(), call).await?,
        reviews: reviews::of_stage(tx.conn(), stage.id).await?,
    })
}

/// The table as the solver reads it. Substitutes take only places that others leave.
fn puzzle(table: &Table, per_proposal: u16, most: Option<u16>) -> Result<Puzzle, Problem> {
    let proposals: BTreeSet<Uuid> = table
        .candidates
        .iter()
        .map(|one| one.standing.proposal)
        .collect();
    let mut kept = BTreeSet::new();
    let mut forbidden: BTreeSet<(Uuid, Uuid)> = table
        .conflicts
        .iter()
        .filter(|row| row.forbids())
        .map(|row| (row.proposal_id, row.expert_id))
        .collect();
    for row in &table.reviews {
        let pair = (row.proposal_id, row.expert_id);
        let here = proposals.contains(&pair.0) && table.experts.iter().any(|e| e.id == pair.1);
        if here && row.state()?.holds_a_place() {
            // A pair at work stays, even while a possible conflict waits for its verdict.
            forbidden.remove(&pair);
            kept.insert(pair);
        } else {
            forbidden.insert(pair);
        }
    }
    let mut nodes = Vec::new();
    let mut at_work = Vec::new();
    for row in &table.experts {
        let works = kept.iter().any(|(_, expert)| *expert == row.id);
        if row.role()? == ExpertRole::Substitute && !works {
            continue;
        }
        let own = u16::try_from(row.max_load).unwrap_or(0);
        let full = row.role()? == ExpertRole::Substitute;
        nodes.push(ExpertNode {
            id: row.id,
            min_load: 0,
            max_load: if full {
                0
            } else {
                most.map_or(own, |most| most.min(own))
            },
        });
        at_work.push(row);
    }
    let table_of_affinity = table.candidates.iter().flat_map(|candidate| {
        at_work
            .iter()
            .map(|row| affinity(&row.keywords, &candidate.content.keywords).millionths)
    });
    Ok(Puzzle {
        proposals: table
            .candidates
            .iter()
            .map(|one| ProposalNode {
                id: one.standing.proposal,
                reviewers: per_proposal,
            })
            .collect(),
        affinity: table_of_affinity.collect(),
        experts: nodes,
        forbidden,
        kept,
        partition: None,
    })
}

/// Why there is no assignment, one entry for each reason.
fn infeasible(why: &Infeasible, table: &Table, sight: &Sight) -> Problem {
    let mut names: BTreeMap<Uuid, String> = table
        .experts
        .iter()
        .map(|row| (row.id, row.name.clone()))
        .collect();
    for one in &table.candidates {
        let proposal = one.standing.proposal;
        let name = if sight.open(proposal) {
            one.standing.number.clone()
        } else {
            "a proposal".to_owned()
        };
        names.insert(proposal, name);
    }
    let sentences = why.sentences(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    Problem {
        errors: sentences
            .into_iter()
            .map(|sentence| Fault::new("", "infeasible", sentence))
            .collect(),
        ..Problem::new(
            Code::StateConflict,
            "There is no assignment: some proposals cannot get their reviewers. Each entry of errors \
             names who is short of whom. Invite more experts, raise their loads, ask for fewer \
             reviewers, or judge the possible conflicts that wait.",
        )
    }
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

async fn write(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    assignment: &Assignment,
) -> Result<Vec<ReviewRow>, Problem> {
    let new: Vec<ReviewRow> = assignment
        .pairs
        .iter()
        .filter(|pair| !pair.kept)
        .map(|pair| {
            ReviewRow::asked(
                stage.call_id,
                stage.id,
                pair.proposal,
                pair.expert,
                pair.affinity,
            )
        })
        .collect();
    reviews::insert(tx.conn(), permit, &new).await?;
    Ok(new)
}

/// One mail to each expert with something new, naming all of it.
async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    table: &Table,
    new: &[ReviewRow],
) -> Result<(), Problem> {
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
            tell_one(tx, call, stage, expert, &numbers).await?;
        }
    }
    Ok(())
}

/// Tells an expert which proposals are new on the desk.
pub(super) async fn tell_one(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    expert: &ExpertRow,
    numbers: &[&str],
) -> Result<(), Problem> {
    let due = day(tx.now().await?, DAYS_TO_REVIEW);
    let public_url = tx.service.settings().public_url.clone();
    let letter = json!({
        "name": expert.name, "call": call_words(call), "stage": stage_words(stage),
        "proposals": numbers, "due": due, "link": format!("{public_url}/me/reviews"),
    });
    tx.mail(Some(call), &expert.email, "review_assigned", letter)
        .await
}
