//! The ranking list: what the consensus adds up to, and its adoption by the panel.

use std::collections::BTreeMap;

use ::review::ethics::Before;
use ::review::{RankingInput, Rating};
use access::{Action, Object};
use call::{STAGE, StageEvent, StageKind};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::outcome;
use store::review::ranking as rows;
use store::review::{consensus, facts};
use store::view::review::Depth;
use store::view::review::ranking::{self as view, RankingView};
use store::view::review::review::Surroundings;
use uuid::Uuid;

use super::adoption::{Adoption, JudgedRow};
use super::ethics::is_done;
use super::evaluation;
use super::freezing::Reports;
use super::release::{DespiteFindings, places};
use super::topics::{adopted_row, fingerprint, ranked, ranking_input};
use super::window::{Awaited, replies_are_in};
use crate::{Answer, Context, Problem, Service, Tx};

/// The ranking list of a stage. Before it is adopted the panel, the secretariat and the observer see
/// what it would be; the panel sees it only after declaring conflicts of interest for the stage.
pub async fn read_ranking(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<RankingView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadRanking, &object(&stage)).await?;
        shown(tx, &stage).await
    };
    service.read(context, work).await
}

pub(super) fn object(stage: &StageRow) -> Object {
    Object::of_call("ranking_list", stage.id, stage.call_id)
}

pub(super) async fn shown(tx: &mut Tx, stage: &StageRow) -> Result<RankingView, Problem> {
    let sight = super::sight_at(tx, &object(stage), stage.number).await?;
    // Who sits on the panel and has not declared for the stage sees nothing of it, whatever has become of it.
    if sight.depth < Depth::Results {
        return Err(Problem::not_found());
    }
    if let Some(row) = rows::adopted(tx.conn(), stage.id).await? {
        return Ok(view::adopted(stage.number, &row, &sight)?);
    }
    if sight.depth < Depth::Panel {
        return Err(Problem::not_found());
    }
    let judged = judged(tx, stage).await?;
    let mut entries = list_input(tx, stage, &judged).await?.entries();
    if sight.depth == Depth::Panel {
        let around = Surroundings::of(tx.conn(), stage, None).await?;
        entries.retain(|entry| around.at_panel(entry.proposal));
    }
    Ok(view::draft(stage.number, entries, &sight))
}

/// The proposals of a stage that take part, with what the panel agreed on for them.
pub(super) async fn judged(tx: &mut Tx, stage: &StageRow) -> Result<Vec<JudgedRow>, Problem> {
    let mut agreed = consensus::of_stage(tx.conn(), stage.id).await?;
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    Ok(standings
        .into_iter()
        .filter(|standing| facts::takes_part(standing.state))
        .map(|standing| {
            let at = agreed
                .iter()
                .position(|row| row.proposal_stage_id == standing.proposal_stage);
            let row = at.map(|at| agreed.swap_remove(at));
            (standing, row)
        })
        .collect())
}

/// What the list is computed from: all that the panel agreed on.
pub(super) async fn list_input(
    tx: &mut Tx,
    stage: &StageRow,
    judged: &[JudgedRow],
) -> Result<RankingInput, Problem> {
    let agreed = judged.iter();
    let agreed: Vec<_> = agreed
        .filter_map(|(standing, row)| Some((standing, row.as_ref()?)))
        .collect();
    ranking_input(tx, stage, &agreed).await
}

/// Adopts the ranking list for the panel: from now on it is frozen, and with it the evaluation summary reports. At the
/// full stage each proposal is recommended, recommended if funds allow, or not.
pub async fn adopt_ranking(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: DespiteFindings,
) -> Result<Answer<RankingView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::AdoptRanking, &object(&stage)).await?;
        super::require_declared(tx, &object(&stage), number).await?;
        let current = shown(tx, &stage).await?;
        tx.precondition(&current)?;
        let next = STAGE.apply(stage.state()?, StageEvent::Rank)?;
        let call = calls::find(tx.conn(), stage.call_id).await?;
        let rules = evaluation(&call, stage.number)?;
        replies_are_in(tx, &stage, &rules, Awaited::All).await?;
        is_done(tx, &stage, &rules, Before::Ranking).await?;
        let judged = judged(tx, &stage).await?;
        let reports = Reports::of(tx, &stage).await?;
        let list = ranked(list_input(tx, &stage, &judged).await?);
        let sight = super::sight_at(tx, &object(&stage), stage.number).await?;
        let adoption = Adoption {
            stage: &stage,
            rules: &rules,
            judged: &judged,
            entries: &list.entries,
            reports: &reports,
            sight: &sight,
            again: &BTreeMap::new(),
            reason: "",
        };
        let despite = places(&adoption.check(tx, input.despite_findings).await?);
        list.input.check().or(())?;
        let row = adopted_row(tx, &permit, (&stage, 1), &list).await?;
        rows::insert(tx.conn(), &permit, &row).await?;
        let frozen = reports
            .freeze(tx, &permit, (&stage, &rules), &judged)
            .await?;
        calls::set_stage_state(tx.conn(), &permit, &stage, next).await?;
        if stage.kind == StageKind::FullProposal.to_string() {
            recommend(tx, &permit, &judged).await?;
        }
        let detail = json!({
            "number": row.number, "entries": list.entries.len(), "summaries": frozen, "despite": despite,
            "list": row.id, "sha256": fingerprint(&list).map_err(Problem::internal)?,
        });
        tx.audit(&permit, Some(row.version), None, detail).await?;
        Ok(view::adopted(stage.number, &row, &sight)?)
    };
    service.write(context, work).await
}

/// Makes the ratings the proposals' outcomes.
pub(super) async fn recommend(
    tx: &mut Tx,
    permit: &access::Permit,
    judged: &[JudgedRow],
) -> Result<(), Problem> {
    for (standing, row) in judged {
        let Some(row) = row else { continue };
        if standing.state != ProposalState::Evaluated {
            continue;
        }
        let event = match row.rating()? {
            _ if !row.above_thresholds => ProposalEvent::DoNotRecommend,
            Rating::Recommended => ProposalEvent::Recommend,
            Rating::RecommendedIfFundsAllow => ProposalEvent::RecommendIfFundsAllow,
            Rating::NotRecommended => ProposalEvent::DoNotRecommend,
        };
        let state = PROPOSAL.apply(standing.state, event)?;
        outcome::advance(tx.conn(), permit, standing, state).await?;
    }
    Ok(())
}
