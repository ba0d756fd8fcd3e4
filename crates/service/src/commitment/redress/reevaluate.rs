use access::Action;
use call::{RankingLists, Score};
use commitment::letter::LetterOutcome;
use commitment::redress::{self as domain, REDRESS, RedressEvent};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use review::{Consensus, RANKING, RankingEvent, RankingInput, check_topics};
use serde_json::{Value, json};
use store::call::{self as calls, StageRow};
use store::commitment::redress as rows;
use store::outcome::{self, Standing};
use store::review::consensus::{self, ConsensusRow};
use store::review::ranking::{self, RankingRow};
use store::view::commitment::RedressView;
use uuid::Uuid;

use super::{Step, again, held, names_nobody, stage_rules, tell_next};
use crate::review::{ranked, ranking_fingerprint, ranking_input};
use crate::{Answer, Context, Problem, Service, Tx};

/// Records what the panel agrees on after redress was upheld, and adopts the next version of the ranking list with it.
/// The version before is kept as it was, and what was agreed on before is kept with the request. The coordinator hears
/// of it by the letter that settles the request, and by nothing before.
pub async fn reevaluate_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Consensus,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::ReevaluateProposal, &held.object).await?;
        held.precondition(tx)?;
        let state = REDRESS.apply(held.row().state()?, RedressEvent::Reevaluate)?;
        let stage = calls::lock_stage(tx.conn(), held.filed.stage).await?;
        let standing = outcome::lock(tx.conn(), held.proposal.id, stage.id).await?;
        let judged = again_judged(&standing)?;
        let rules = stage_rules(&held.call, stage.number)?.evaluation;
        let mut faults = input.check(&rules);
        names_nobody(tx, held.call.id, "/comment", &input.comment, &mut faults).await?;
        faults.or(())?;
        let before = consensus::find(tx.conn(), standing.proposal_stage).await?;
        let before =
            before.ok_or_else(|| Problem::internal("an evaluated proposal has no consensus"))?;
        let agreed = ConsensusRow {
            scores: serde_json::to_value(&input.scores).map_err(Problem::internal)?,
            total: input.total(&rules).0,
            above_thresholds: input.passes_thresholds(&rules),
            rating: input.rating.to_string(),
            comment: input.comment.trim().to_owned(),
            recorded_by: permit.account().ok_or_else(Problem::not_found)?,
            version: before.version + 1,
            ..before.clone()
        };
        consensus::record(tx.conn(), &permit, &agreed).await?;
        outcome::advance(tx.conn(), &permit, &standing, judged).await?;
        let list = ranking::adopted(tx.conn(), stage.id).await?;
        let list = list.ok_or_else(|| Problem::internal("a stage with letters has no ranking"))?;
        RANKING.apply(list.state()?, RankingEvent::Revise)?;
        let ranked = ranked(input_again(tx, &stage).await?);
        if rules.ranking == RankingLists::PerTopic {
            check_topics(&ranked.entries).or(())?;
        }
        let next = RankingRow {
            id: kernel::id::new(),
            call_id: stage.call_id,
            stage_id: stage.id,
            number: list.number + 1,
            state: RANKING
                .apply(RANKING.start, RankingEvent::Adopt)?
                .to_string(),
            input: serde_json::to_value(&ranked.input).map_err(Problem::internal)?,
            entries: serde_json::to_value(&ranked.entries).map_err(Problem::internal)?,
            adopted_by: permit.account(),
            adopted_at: Some(tx.now().await?),
            version: 1,
        };
        let kept = kept(&before);
        rows::rank_again(tx.conn(), &permit, held.row(), state, &list, &next, &kept).await?;
        let detail = json!({
            "proposal": held.proposal.id, "stage": stage.number, "state": state,
            "total": Score(agreed.total), "rating": agreed.rating, "ranking_list": next.number,
            "list": next.id, "sha256": ranking_fingerprint(&ranked).map_err(Problem::internal)?,
        });
        tx.audit(&permit, Some(held.row().version + 1), None, detail)
            .await?;
        tell_next(tx, &held.call, &held.proposal, Step::Settle).await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// The state of a proposal that the panel judges again.
fn again_judged(standing: &Standing) -> Result<ProposalState, Problem> {
    let told: Option<LetterOutcome> = standing
        .released
        .and_then(|released| released.to_string().parse().ok());
    match told {
        Some(told) if domain::can_be_judged_again(told) => {
            Ok(PROPOSAL.apply(standing.state, ProposalEvent::Reevaluate)?)
        }
        Some(LetterOutcome::Ineligible) => Err(Problem::state(
            "The proposal was found ineligible and has no scores: settle the request, and have it evaluated by the \
             same rules as others.",
        )),
        _ => Err(Problem::state(format!(
            "The proposal is '{}' by now; there is nothing to judge again.",
            standing.state
        ))),
    }
}

/// What the list over all that takes part by now is computed from.
async fn input_again(tx: &mut Tx, stage: &StageRow) -> Result<RankingInput, Problem> {
    use ProposalState::{Excluded, Ineligible, Withdrawn};
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let agreed = consensus::of_stage(tx.conn(), stage.id).await?;
    let mut judged = Vec::new();
    for row in &agreed {
        let own = |one: &&Standing| one.proposal_stage == row.proposal_stage_id;
        let standing = standings.iter().find(own);
        let takes_part = |one: &&Standing| !matches!(one.state, Withdrawn | Excluded | Ineligible);
        if let Some(standing) = standing.filter(takes_part) {
            judged.push((standing, row));
        }
    }
    ranking_input(tx, stage, &judged).await
}

/// What the panel had agreed on, as it is kept.
fn kept(before: &ConsensusRow) -> Value {
    json!({
        "scores": before.scores, "total": Score(before.total), "rating": before.rating,
        "comment": before.comment, "recorded_by": before.recorded_by, "version": before.version,
    })
}
