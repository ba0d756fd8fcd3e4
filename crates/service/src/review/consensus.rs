//! The panel's consensus on each proposal.

use std::collections::{BTreeMap, BTreeSet};

use ::review::{Consensus, Rating, ReviewState};
use access::{Action, Object};
use call::{EvaluationRules, Score, StageState};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::outcome::{self, Standing};
use store::review::consensus::{self as rows, ConsensusRow};
use store::review::facts;
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::consensus::{self as view, ConsensusLine};
use store::view::review::{Depth, after_panel};
use utoipa::ToSchema;
use uuid::Uuid;

use super::convening::convened;
use super::window::{Awaited, replies_are_in};
use super::{evaluation, is_walled, require_declared, stage_or_current};
use crate::{Answer, Context, Problem, Service, Tx};

/// Consensus on many proposals, at most 500 at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsensusList {
    /// One entry for each proposal.
    pub consensus: Vec<ConsensusOn>,
}

/// Consensus on one proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsensusOn {
    /// The proposal.
    pub proposal: Uuid,
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// The advice.
    pub rating: Rating,
    /// The reasons, as the letter gives them.
    pub comment: String,
    /// The version that it takes the place of, 0 where there is none yet; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
}

/// The panel's desk.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsensusLines {
    /// By number.
    pub items: Vec<ConsensusLine>,
}

const MOST_AT_ONCE: usize = 500;

/// The panel's desk at a stage: proposals, suggested scores, and what was agreed on.
pub async fn read_consensus(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ConsensusLines>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call("consensus", stage.id, call);
        tx.permit(Action::ReadConsensus, &object).await?;
        let sight = super::sight_at(tx, &object, number).await?;
        if sight.depth == Depth::Results && !after_panel(stage.state()?) {
            return Err(Problem::not_found());
        }
        lines(tx, &stage, &object).await
    };
    service.read(context, work).await
}

async fn lines(tx: &mut Tx, stage: &StageRow, object: &Object) -> Result<ConsensusLines, Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let rules = evaluation(&call, stage.number)?;
    let sight = super::sight_at(tx, object, stage.number).await?;
    Ok(ConsensusLines {
        items: view::lines(tx.conn(), stage, &rules, &sight).await?,
    })
}

/// A proposal on the panel's desk, as the policy sees it.
async fn object(tx: &mut Tx, proposal: &store::intake::ProposalRow) -> Result<Object, Problem> {
    Ok(Object {
        conflicted: is_walled(tx, proposal).await?,
        ..Object::of_call("consensus", proposal.id, proposal.call_id)
    })
}

/// One proposal on the panel's desk.
pub async fn read_proposal_consensus(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<ConsensusLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = store::intake::find(tx.conn(), proposal).await?;
        let object = object(tx, &known).await?;
        tx.permit(Action::ReadConsensus, &object).await?;
        let stage = stage_or_current(tx, known.call_id, stage).await?;
        let of_it = lines(tx, &stage, &object).await?.items.into_iter();
        of_it
            .into_iter()
            .find(|line| line.proposal == proposal)
            .ok_or_else(Problem::not_found)
    };
    service.read(context, work).await
}

/// Records the consensus on one proposal, or changes it until the ranking is adopted.
pub async fn record_consensus(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: Consensus,
) -> Result<Answer<ConsensusLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = store::intake::find(tx.conn(), proposal).await?;
        let object = object(tx, &known).await?;
        let permit = tx.permit(Action::RecordConsensus, &object).await?;
        let stage = stage_or_current(tx, known.call_id, stage).await?;
        require_declared(tx, &object, stage.number).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let standing = outcome::lock(tx.conn(), proposal, stage.id).await?;
        let call = calls::find(tx.conn(), stage.call_id).await?;
        let rules = evaluation(&call, stage.number)?;
        let written = reviews::of_proposal(tx.conn(), proposal, stage.id).await?;
        let before = rows::find(tx.conn(), standing.proposal_stage).await?;
        let mut current = [view::line(&rules, &standing, &written, before.as_ref())?];
        let sight = super::sight_at(tx, &object, stage.number).await?;
        view::mark(tx.conn(), &stage, &sight, &mut current).await?;
        let [current] = current;
        tx.precondition(&current)?;
        discussed(&stage)?;
        replies_are_in(tx, &stage, &rules, Awaited::Of(&[proposal])).await?;
        convened(&stage, &rules)?;
        let state = judged(standing.state)?;
        let mut faults = input.check(&rules);
        require_released(&mut faults, "", &written)?;
        faults.or(())?;
        let version = before.map_or(1, |row| row.version + 1);
        let row = row(&permit, &standing, &rules, &input, version)?;
        save(tx, &permit, &standing, (state, &row), None).await?;
        let standing = outcome::lock(tx.conn(), proposal, stage.id).await?;
        Ok(view::line(&rules, &standing, &written, Some(&row))?)
    };
    service.write(context, work).await
}

/// Records the consensus on many proposals: all, or none when one is wrong, with every fault named.
pub async fn record_consensus_list(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: ConsensusList,
) -> Result<Answer<ConsensusLines>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let of_stage = Object::of_call("consensus", stage.id, call);
        tx.permit(Action::RecordConsensus, &of_stage).await?;
        require_declared(tx, &of_stage, number).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        discussed(&stage)?;
        let call = calls::find(tx.conn(), stage.call_id).await?;
        let rules = evaluation(&call, stage.number)?;
        let sight = super::sight_at(tx, &of_stage, number).await?;
        let named = input.consensus.iter().map(|one| one.proposal);
        let named: Vec<Uuid> = named.filter(|one| sight.open(*one)).collect();
        replies_are_in(tx, &stage, &rules, Awaited::Of(&named)).await?;
        convened(&stage, &rules)?;
        let faults = Faults::default();
        let sound = checked(tx, &stage, &rules, (&input.consensus, judged), faults).await?;
        for (standing, consensus, version) in sound {
            let object = Object::of_call("consensus", standing.proposal, call.id);
            let permit = tx.permit(Action::RecordConsensus, &object).await?;
            // Read again under the lock: a withdrawal may have come between.
            let standing = outcome::lock(tx.conn(), standing.proposal, stage.id).await?;
            let state = judged(standing.state)?;
            let row = row(&permit, &standing, &rules, &consensus, version)?;
            save(tx, &permit, &standing, (state, &row), None).await?;
        }
        lines(tx, &stage, &of_stage).await
    };
    service.write(context, work).await
}

/// The state of a proposal once its consensus is recorded, or why it cannot be.
pub(super) type Step = fn(ProposalState) -> Result<ProposalState, Problem>;

/// Every entry with its proposal and the version it makes, in the order of the proposals' ids, in which
/// everybody locks them; or all faults, beside those found already. Where the list is adopted, `step` tells what
/// becomes of a proposal whose consensus is corrected, which then rests on what it rested on.
pub(super) async fn checked(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &EvaluationRules,
    (input, step): (&[ConsensusOn], Step),
    mut faults: Faults,
) -> Result<Vec<(Standing, Consensus, i32)>, Problem> {
    let object = Object::of_call("consensus", stage.id, stage.call_id);
    let sight = super::sight_at(tx, &object, stage.number).await?;
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let before = rows::of_stage(tx.conn(), stage.id).await?;
    let mut written: BTreeMap<Uuid, Vec<ReviewRow>> = BTreeMap::new();
    for row in reviews::of_stage(tx.conn(), stage.id).await? {
        written.entry(row.proposal_id).or_default().push(row);
    }
    let adopted = after_panel(stage.state()?);
    faults.require(
        (1..=MOST_AT_ONCE).contains(&input.len()),
        "/consensus",
        "count",
        format!("give 1 to {MOST_AT_ONCE} entries at once"),
    );
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for (index, one) in input.iter().enumerate() {
        let at = format!("/consensus/{index}");
        let standing = standings
            .iter()
            .find(|standing| standing.proposal == one.proposal)
            .filter(|standing| sight.open(standing.proposal) && facts::takes_part(standing.state));
        let Some(standing) = standing.filter(|_| seen.insert(one.proposal)) else {
            faults.add(
                format!("{at}/proposal"),
                "unknown_proposal",
                "the stage has no such proposal, or it is named twice",
            );
            continue;
        };
        if let Err(problem) = step(standing.state) {
            faults.add(format!("{at}/proposal"), "state", problem.detail);
        }
        let consensus = Consensus {
            scores: one.scores.clone(),
            comment: one.comment.clone(),
            rating: one.rating,
        };
        for fault in consensus.check(rules).0 {
            let pointer = format!("{at}{}", fault.pointer);
            faults.add(pointer, &fault.code, fault.detail);
        }
        let of_it = written.get(&one.proposal).map_or(&[][..], Vec::as_slice);
        if !adopted {
            require_released(&mut faults, &at, of_it)?;
        }
        let now = before
            .iter()
            .find(|row| row.proposal_stage_id == standing.proposal_stage)
            .map_or(0, |row| row.version);
        faults.require(
            one.version.is_none_or(|read| read == now),
            format!("{at}/version"),
            "stale_version",
            format!(
                "the consensus is at version {now}; read it again, and send what it is to be then"
            ),
        );
        let version = now + 1;
        entries.push((standing.clone(), consensus, version));
    }
    entries.sort_by_key(|(standing, _, _)| standing.proposal);
    Ok(faults.or(entries)?)
}

/// The panel starts from released reviews, and from all of them: what is agreed before can follow nobody's draft, and
/// nobody's draft what is agreed.
fn require_released(faults: &mut Faults, at: &str, written: &[ReviewRow]) -> Result<(), Problem> {
    let mut released = false;
    for row in written {
        released |= row.state()? == ReviewState::Released;
    }
    faults.require(
        released,
        at,
        "no_review_released",
        "no review of this proposal is released, and the panel starts from released reviews; release one, or, where a \
         conflict of interest voided all, assign an expert (POST /calls/{call}/stages/{stage}/assignments)",
    );
    faults.require(
        !released || view::is_ready(written)?,
        at,
        "review_open",
        "not all reviews of this proposal are released; release them, or have late experts replaced, first",
    );
    Ok(())
}

/// Consensus is found from the first reviews on, until the ranking is adopted.
fn discussed(stage: &StageRow) -> Result<(), Problem> {
    use StageState::{Panel, Rebuttal, Reviewing};
    let remedy = match stage.state()? {
        Reviewing | Rebuttal | Panel => return Ok(()),
        state if after_panel(state) => {
            " What was recorded wrong the chair of the panel corrects with the next version of the list, as long as \
             nothing is decided on it (POST /calls/{call}/stages/{stage}/ranking/revise)."
        }
        _ => "",
    };
    Err(Problem::state(format!(
        "Consensus is recorded between the assignment of reviewers and the adoption of the ranking; \
         the stage is '{}'.{remedy}",
        stage.state
    )))
}

/// The state of a proposal once its consensus is recorded.
fn judged(state: ProposalState) -> Result<ProposalState, Problem> {
    if state == ProposalState::Evaluated {
        return Ok(state);
    }
    Ok(PROPOSAL.apply(state, ProposalEvent::Evaluate)?)
}

pub(super) fn row(
    permit: &access::Permit,
    standing: &Standing,
    rules: &EvaluationRules,
    consensus: &Consensus,
    version: i32,
) -> Result<ConsensusRow, Problem> {
    let (Some(call), Some(account)) = (permit.call(), permit.account()) else {
        return Err(Problem::internal(
            "a consensus is recorded by a person in a call",
        ));
    };
    Ok(ConsensusRow {
        proposal_stage_id: standing.proposal_stage,
        call_id: call,
        scores: serde_json::to_value(&consensus.scores).map_err(Problem::internal)?,
        total: consensus.total(rules).0,
        above_thresholds: consensus.passes_thresholds(rules),
        rating: consensus.rating.to_string(),
        comment: consensus.comment.trim().to_owned(),
        recorded_by: account,
        version,
    })
}

/// Saves a consensus with the state that the proposal has with it, and why, where it is a correction.
pub(super) async fn save(
    tx: &mut Tx,
    permit: &access::Permit,
    standing: &Standing,
    (state, row): (ProposalState, &ConsensusRow),
    reason: Option<&str>,
) -> Result<(), Problem> {
    rows::record(tx.conn(), permit, row).await?;
    super::summary::reopen(tx, permit, row.proposal_stage_id).await?;
    if state != standing.state {
        outcome::advance(tx.conn(), permit, standing, state).await?;
    }
    let detail = json!({ "total": Score(row.total), "rating": row.rating });
    tx.audit(permit, Some(row.version), reason, detail).await?;
    Ok(())
}
