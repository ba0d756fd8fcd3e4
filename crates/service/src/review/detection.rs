//! Looking for conflicts of interest, and what one that stands does at once.

use std::collections::BTreeSet;

use ::review::conflict::{Conflict, ExpertFacts, Person, ProposalFacts, detect};
use ::review::{Certainty, REVIEW, ReviewEvent};
use access::Permit;
use serde_json::json;
use store::call::StageRow;
use store::review::conflict::{self as rows, ConflictRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::review::review as reviews;
use uuid::Uuid;

use crate::{Problem, Tx};

/// A conflict between two that nobody knew of.
type Found = (Uuid, Uuid, Conflict);

/// The conflicts between `experts` and `candidates` that are not on file yet: certain ones stand, the
/// others wait for a verdict. `all` are the candidates of the whole stage, whose people all apply.
pub(super) async fn look(
    tx: &mut Tx,
    call: Uuid,
    experts: &[ExpertRow],
    candidates: &[Candidate],
    all: &[Candidate],
) -> Result<Vec<ConflictRow>, Problem> {
    let on_file: BTreeSet<(Uuid, Uuid, String)> = rows::of_call(tx.conn(), call)
        .await?
        .into_iter()
        .map(|row| (row.expert_id, row.proposal_id, row.kind))
        .collect();
    let people: Vec<(Uuid, ExpertFacts)> =
        experts.iter().map(|row| (row.id, row.facts())).collect();
    let proposals: Vec<(Uuid, ProposalFacts)> = candidates
        .iter()
        .map(|one| {
            let facts = ProposalFacts {
                people: one.people(),
                organisations: one.organisations(),
                ..ProposalFacts::default()
            };
            (one.standing.proposal, facts)
        })
        .collect();
    let applicants: Vec<Person> = all.iter().flat_map(Candidate::people).collect();
    // Comparing names of hundreds of people takes a second of a processor, not of the database's thread.
    let found = tokio::task::spawn_blocking(move || compare(&people, proposals, &applicants))
        .await
        .map_err(Problem::internal)?;
    let new = found
        .into_iter()
        .filter(|(expert, proposal, conflict)| {
            !on_file.contains(&(*expert, *proposal, conflict.kind.to_string()))
        })
        .map(|(expert, proposal, conflict)| {
            let certain = conflict.kind.certainty() == Certainty::Certain;
            ConflictRow {
                id: kernel::id::new(),
                call_id: call,
                expert_id: expert,
                proposal_id: proposal,
                kind: conflict.kind.to_string(),
                certain,
                evidence: conflict.evidence,
                source: "detected".to_owned(),
                standing: certain,
                judged_because: None,
                version: 1,
            }
        });
    Ok(new.collect())
}

/// Looks between a proposal whose consortium was changed and everybody who may read it: who came in may be known to
/// somebody of the panel.
pub(crate) async fn look_again(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    proposal: Uuid,
) -> Result<(), Problem> {
    let mut ready = Vec::new();
    for row in experts::lock_of_call(tx.conn(), stage.call_id).await? {
        if row.may_read()? {
            ready.push(row);
        }
    }
    if ready.is_empty() {
        return Ok(());
    }
    let all = facts::candidates(tx.conn(), stage.id).await?;
    let changed = all.iter().filter(|one| one.standing.proposal == proposal);
    let changed: Vec<Candidate> = changed.cloned().collect();
    let new = look(tx, stage.call_id, &ready, &changed, &all).await?;
    put_on_file(tx, permit, &new).await?;
    Ok(())
}

fn compare(
    experts: &[(Uuid, ExpertFacts)],
    mut proposals: Vec<(Uuid, ProposalFacts)>,
    applicants: &[Person],
) -> Vec<Found> {
    let mut found = Vec::new();
    for (expert, facts) in experts {
        // Those of the call's applicants who could be the expert, found once and not per proposal.
        let alike: Vec<Person> = applicants
            .iter()
            .filter(|person| {
                let alone = ProposalFacts {
                    applicants: vec![(*person).clone()],
                    ..ProposalFacts::default()
                };
                !detect(facts, &alone).is_empty()
            })
            .cloned()
            .collect();
        for (proposal, about) in &mut proposals {
            about.applicants.clone_from(&alike);
            let conflicts = detect(facts, about).into_iter();
            found.extend(conflicts.map(|conflict| (*expert, *proposal, conflict)));
        }
    }
    found
}

/// Writes conflicts; those that stand end the reviews of their pairs at once. The caller has locked
/// the experts. Answers how many reviews ended.
pub(super) async fn put_on_file(
    tx: &mut Tx,
    permit: &Permit,
    new: &[ConflictRow],
) -> Result<usize, Problem> {
    rows::insert(tx.conn(), permit, new).await?;
    let standing: BTreeSet<(Uuid, Uuid)> = new
        .iter()
        .filter(|row| row.standing)
        .map(|row| (row.expert_id, row.proposal_id))
        .collect();
    take_effect(tx, permit, &standing).await
}

/// Ends the reviews of (expert, proposal) pairs between which a conflict stands: not yet submitted ones
/// as conflicted, submitted ones as voided.
pub(super) async fn take_effect(
    tx: &mut Tx,
    permit: &Permit,
    pairs: &BTreeSet<(Uuid, Uuid)>,
) -> Result<usize, Problem> {
    let experts: BTreeSet<Uuid> = pairs.iter().map(|(expert, _)| *expert).collect();
    let experts: Vec<Uuid> = experts.into_iter().collect();
    let assigned: BTreeSet<(Uuid, Uuid)> = reviews::of_experts(tx.conn(), &experts)
        .await?
        .into_iter()
        .map(|row| (row.expert_id, row.proposal_id))
        .filter(|pair| pairs.contains(pair))
        .collect();
    let mut ended = Vec::new();
    for (expert, proposal) in assigned {
        for row in reviews::lock_pair(tx.conn(), expert, proposal).await? {
            let state = row.state()?;
            if !state.holds_a_place() {
                continue;
            }
            let state = REVIEW.apply(state, ReviewEvent::FindConflict)?;
            reviews::set_state(tx.conn(), permit, &row, state, None).await?;
            ended.push(json!({ "review": row.id, "state": state }));
        }
    }
    if !ended.is_empty() {
        tx.audit(permit, None, None, json!({ "reviews_ended": ended }))
            .await?;
    }
    Ok(ended.len())
}
