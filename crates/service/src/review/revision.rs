//! What was recorded wrong and is found after the adoption of the ranking list, before anything is decided on it: the
//! chair of the panel corrects the consensus, and the next version of the list takes the place of the one before.

use std::collections::BTreeMap;

use ::review::ethics::Before;
use ::review::summary::SummaryDraft;
use ::review::{RANKING, RankingEvent, Rating};
use access::{Action, Object};
use call::{EvaluationRules, Score, StageKind, StageState};
use commitment::SelectionState;
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::commitment::selection as selections;
use store::outcome;
use store::review::consensus as agreed;
use store::review::ranking::{self as rows, RankingRow};
use store::view::review::after_panel;
use store::view::review::ranking::{self as view, RankingView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::adoption::Adoption;
use super::consensus::{ConsensusOn, Step, checked, row, save};
use super::ethics::is_done;
use super::freezing::{Reports, freeze_again};
use super::ranking::{judged, list_input, object, recommend, shown};
use super::release::places;
use super::topics::{adopted_row, fingerprint, ranked};
use super::{evaluation, require_declared, sight_at};
use crate::{Answer, Context, Problem, Service, Tx};

/// What was recorded wrong, as the panel agreed on it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingRevision {
    /// One entry for each proposal, at most 500.
    pub consensus: Vec<CorrectedConsensus>,
    /// What was recorded wrong, and where that shows. Whoever may read the list and know of these proposals reads it.
    pub reason: String,
    /// Whether it is done although something was found in the texts, as the name of somebody of the panel.
    #[serde(default)]
    pub despite_findings: bool,
}

/// What the panel agreed on for a proposal of which something else was recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedConsensus {
    /// The proposal.
    pub proposal: Uuid,
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// The advice.
    pub rating: Rating,
    /// The reasons, as the letter gives them.
    pub comment: String,
    /// The version that it takes the place of; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
    /// What the evaluation summary report says on each criterion, by its key; left out: what it said before.
    #[serde(default)]
    pub texts: Option<BTreeMap<String, String>>,
}

impl CorrectedConsensus {
    fn on(&self) -> ConsensusOn {
        ConsensusOn {
            proposal: self.proposal,
            scores: self.scores.clone(),
            rating: self.rating,
            comment: self.comment.clone(),
            version: self.version,
        }
    }
}

/// Corrects what was recorded wrong and adopts the next version of the ranking list, by the same checks as the first.
/// The version before is kept as it was, and with the new one what it corrects.
pub async fn revise_ranking(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: RankingRevision,
) -> Result<Answer<RankingView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::ReviseRanking, &object(&stage)).await?;
        require_declared(tx, &object(&stage), number).await?;
        let current = shown(tx, &stage).await?;
        tx.precondition(&current)?;
        is_adopted(&stage)?;
        let before = rows::adopted(tx.conn(), stage.id).await?;
        let before = before.ok_or_else(|| Problem::internal("a ranked stage has no list"))?;
        RANKING.apply(before.state()?, RankingEvent::Revise)?;
        let call = calls::find(tx.conn(), stage.call_id).await?;
        let rules = evaluation(&call, stage.number)?;
        is_done(tx, &stage, &rules, Before::Ranking).await?;
        let reason = input.reason.trim();
        let consensus: Vec<ConsensusOn> =
            input.consensus.iter().map(CorrectedConsensus::on).collect();
        let faults = worded(&input, &rules);
        // Where all is decided that is said of all, and not of each proposal.
        let step: Step = match stage.state()? {
            StageState::Ranked => judged_again,
            _ => Ok,
        };
        let mut corrected = Vec::new();
        let checked = checked(tx, &stage, &rules, (&consensus, step), faults).await?;
        // Only now: what the committee decides is no panel's to know before the letters, unless it has something to correct.
        is_open(tx, &stage).await?;
        for (standing, consensus, version) in checked {
            let of_it = Object::of_call("consensus", standing.proposal, stage.call_id);
            let permit = tx.permit(Action::ReviseRanking, &of_it).await?;
            // Read again under the lock: a withdrawal may have come between.
            let standing = outcome::lock(tx.conn(), standing.proposal, stage.id).await?;
            let state = judged_again(standing.state)?;
            let former = agreed::find(tx.conn(), standing.proposal_stage).await?;
            let former = former.ok_or_else(|| Problem::internal("judged without a consensus"))?;
            let mut kept = former.kept();
            kept["proposal"] = json!(standing.proposal);
            kept["number"] = json!(standing.number);
            corrected.push(kept);
            let row = row(&permit, &standing, &rules, &consensus, version)?;
            save(tx, &permit, &standing, (state, &row), Some(reason)).await?;
        }
        let mut judged = judged(tx, &stage).await?;
        // What was found eligible since the list was adopted is judged after redress.
        judged.retain(|(_, agreed)| agreed.is_some());
        let reports = Reports::of(tx, &stage).await?;
        let again = again(&input);
        let list = ranked(list_input(tx, &stage, &judged).await?);
        let sight = sight_at(tx, &object(&stage), stage.number).await?;
        let adoption = Adoption {
            stage: &stage,
            rules: &rules,
            judged: &judged,
            entries: &list.entries,
            reports: &reports,
            sight: &sight,
            again: &again,
            reason,
        };
        let despite = places(&adoption.check(tx, input.despite_findings).await?);
        list.input.check().or(())?;
        if stage.kind == StageKind::FullProposal.to_string() {
            recommend(tx, &permit, &judged).await?;
        }
        for one in &input.consensus {
            let of_it = judged.iter().find(|(it, _)| it.proposal == one.proposal);
            if let Some((standing, _)) = of_it {
                let texts = match &one.texts {
                    Some(texts) => texts.clone(),
                    None => reports.texts(standing.proposal_stage)?,
                };
                freeze_again(tx, &permit, (&stage, &rules), standing, &texts).await?;
            }
        }
        let next = RankingRow {
            reason: Some(reason.to_owned()),
            corrected: Some(json!(corrected)),
            ..adopted_row(tx, &permit, (&stage, before.number + 1), &list).await?
        };
        rows::succeed(tx.conn(), &permit, &before, &next).await?;
        let detail = json!({
            "number": next.number, "entries": list.entries.len(), "corrected": corrected.len(),
            "despite": despite, "list": next.id,
            "sha256": fingerprint(&list).map_err(Problem::internal)?,
        });
        tx.audit(&permit, Some(next.version), Some(reason), detail)
            .await?;
        Ok(view::adopted(stage.number, &next, &sight)?)
    };
    service.write(context, work).await
}

/// Refuses where the list is not adopted.
fn is_adopted(stage: &StageRow) -> Result<(), Problem> {
    if after_panel(stage.state()?) {
        return Ok(());
    }
    Err(Problem::state(format!(
        "The ranking list is not adopted yet, the stage is '{}'; record the consensus again (PUT \
         /proposals/{{proposal}}/consensus).",
        stage.state
    )))
}

/// Refuses where something is decided on the list that has to be undone first.
async fn is_open(tx: &mut Tx, stage: &StageRow) -> Result<(), Problem> {
    if stage.state()? != StageState::Ranked {
        return Err(Problem::state(
            "The steering committee has decided on the ranking list, so the list stays as it is. What is wrong in it is put \
             right after the letters, by the coordinator's request for redress (POST \
             /proposals/{proposal}/stages/{stage}/redress).",
        ));
    }
    let selection = selections::latest(tx.conn(), stage.call_id).await?;
    let state = selection.filter(|one| one.stage_id == stage.id);
    let state = state.map(|one| one.state()).transpose()?;
    if matches!(
        state,
        Some(SelectionState::Adopted | SelectionState::Confirmed)
    ) {
        return Err(Problem::state(
            "The steering committee has adopted a selection that rests on the ranking list. The secretariat proposes \
             another one first (POST /calls/{call}/selection), which takes that back; then the list can be corrected, \
             and the selection is proposed anew.",
        ));
    }
    Ok(())
}

/// The state in which a proposal is judged again; the last stage has advised on it already.
fn judged_again(state: ProposalState) -> Result<ProposalState, Problem> {
    if state == ProposalState::Evaluated {
        return Ok(state);
    }
    Ok(PROPOSAL.apply(state, ProposalEvent::Reevaluate)?)
}

/// What is wrong with the reason and the texts on criteria.
fn worded(input: &RankingRevision, rules: &EvaluationRules) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        !input.reason.trim().is_empty(),
        "/reason",
        "required",
        "say what was recorded wrong, and where that shows",
    );
    for (index, one) in input.consensus.iter().enumerate() {
        let Some(draft) = draft(one) else { continue };
        let mut found = draft.check(rules);
        found.0.extend(draft.check_complete(rules).0);
        for fault in found.0 {
            let place = fault.pointer.replacen("/comments", "/texts", 1);
            let pointer = format!("/consensus/{index}{place}");
            faults.add(pointer, &fault.code, fault.detail);
        }
    }
    faults
}

/// The texts on criteria that are given anew.
fn draft(one: &CorrectedConsensus) -> Option<SummaryDraft> {
    let comments = one.texts.clone()?;
    Some(SummaryDraft {
        comments,
        ..SummaryDraft::default()
    })
}

/// By proposal what somebody has to look at beside the reasons: the texts that are given anew.
fn again(input: &RankingRevision) -> BTreeMap<Uuid, SummaryDraft> {
    let all = input.consensus.iter();
    all.map(|one| (one.proposal, draft(one).unwrap_or_default()))
        .collect()
}
