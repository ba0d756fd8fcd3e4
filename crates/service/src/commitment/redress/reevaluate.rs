use std::collections::BTreeMap;

use access::Action;
use call::{RankingLists, Score};
use commitment::letter::LetterOutcome;
use commitment::redress::{self as domain, REDRESS, RedressEvent};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use kernel::{Code, Faults};
use review::{Consensus, RANKING, RankingEvent, RankingInput, Rating, ReviewState, check_topics};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::commitment::redress as rows;
use store::outcome::{self, Standing};
use store::review::consensus::{self, ConsensusRow};
use store::review::ranking;
use store::review::review as reviews;
use store::view::commitment::RedressView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::names::{ForCoordinator, names_nobody};
use super::tell::{Step, tell_next};
use super::{again, held, stage_rules};
use crate::review::{
    adopted_row, for_the_panel, ranked, ranking_fingerprint, ranking_input, require_declared,
};
use crate::{Answer, Context, Problem, Service, Tx};

/// What the panel agrees on after redress was upheld.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reevaluation {
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// The reasons, as the letter gives them.
    pub comment: String,
    /// The advice.
    pub rating: Rating,
    /// Why the reasons name nobody, where a word of them is also the name of an expert of the call. The audit trail
    /// keeps it.
    #[serde(default)]
    pub despite_names: String,
}

/// Records what the panel agrees on after redress was upheld, and adopts the next version of the ranking list with it.
/// The version before is kept as it was, and what was agreed on before is kept with the request. The coordinator hears
/// of it by the letter that settles the request, and by nothing before.
pub async fn reevaluate_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reevaluation,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::ReevaluateProposal, &held.object).await;
        let permit = permit.map_err(who_else)?;
        for_the_panel(tx, &held.object, held.proposal.id, ONLY_THE_CHAIR).await?;
        held.precondition(tx)?;
        let state = REDRESS.apply(held.row().state()?, RedressEvent::Reevaluate)?;
        let stage = calls::lock_stage(tx.conn(), held.filed.stage).await?;
        require_declared(tx, &held.object, stage.number).await?;
        let standing = outcome::lock(tx.conn(), held.proposal.id, stage.id).await?;
        let judged = again_judged(&standing)?;
        let rules = stage_rules(&held.call, stage.number)?.evaluation;
        let before = consensus::find(tx.conn(), standing.proposal_stage).await?;
        let why = input.despite_names;
        let input = Consensus {
            scores: input.scores,
            comment: input.comment,
            rating: input.rating,
        };
        let mut faults = input.check(&rules);
        reviewed(tx, &standing, &stage, before.as_ref(), &mut faults).await?;
        let text = ForCoordinator {
            pointer: "/comment",
            text: &input.comment,
            despite_names: &why,
        };
        let despite = names_nobody(tx, held.call.id, text, &mut faults).await?;
        faults.or(())?;
        let agreed = ConsensusRow {
            proposal_stage_id: standing.proposal_stage,
            call_id: stage.call_id,
            scores: serde_json::to_value(&input.scores).map_err(Problem::internal)?,
            total: input.total(&rules).0,
            above_thresholds: input.passes_thresholds(&rules),
            rating: input.rating.to_string(),
            comment: input.comment.trim().to_owned(),
            recorded_by: permit.account().ok_or_else(Problem::not_found)?,
            version: before.as_ref().map_or(1, |before| before.version + 1),
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
        ranked.input.check().or(())?;
        let next = adopted_row(tx, &permit, (&stage, list.number + 1), &ranked).await?;
        let kept = before.as_ref().map(ConsensusRow::kept);
        let lists = (&list, &next);
        rows::rank_again(tx.conn(), &permit, held.row(), state, lists, kept.as_ref()).await?;
        let detail = json!({
            "proposal": held.proposal.id, "stage": stage.number, "state": state,
            "total": Score(agreed.total), "rating": agreed.rating, "ranking_list": next.number,
            "list": next.id, "sha256": ranking_fingerprint(&ranked).map_err(Problem::internal)?,
            "despite_names": despite,
        });
        tx.audit(&permit, Some(held.row().version + 1), None, detail)
            .await?;
        tell_next(tx, &held.call, &held.proposal, Step::Settle).await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Why the secretariat does not record it.
const ONLY_THE_CHAIR: &str = "The chair of the panel records what the panel agrees on; the secretariat does where every \
                              chair has a conflict of interest.";

/// Tells who is kept from it by a conflict of interest, who does it instead.
fn who_else(denied: Problem) -> Problem {
    match denied.code {
        Code::ConflictOfInterest => Problem::new(
            Code::ConflictOfInterest,
            "A conflict of interest with this proposal is on record: another chair of the panel records what the panel \
             agrees on, or the secretariat where every chair has one.",
        ),
        _ => denied,
    }
}

/// The state of a proposal that the panel judges again, or for the first time where it was found ineligible and is not
/// any more.
fn again_judged(standing: &Standing) -> Result<ProposalState, Problem> {
    let told: Option<LetterOutcome> = standing
        .released
        .and_then(|released| released.to_string().parse().ok());
    let event = match told {
        Some(told) if domain::can_be_judged_again(told) => ProposalEvent::Reevaluate,
        Some(LetterOutcome::Ineligible) if standing.state == ProposalState::Ineligible => {
            return Err(Problem::state(
                "The proposal was found ineligible: the verdicts that redress was about are revised first, then \
                 reviewers are assigned to it, and then the panel judges it.",
            ));
        }
        Some(LetterOutcome::Ineligible) => ProposalEvent::Evaluate,
        // Where it stands by now is told by its next letter, and by no refusal.
        _ => {
            return Err(Problem::state(
                "What the letter on the proposal told is no outcome that the panel judges again.",
            ));
        }
    };
    Ok(PROPOSAL.apply(standing.state, event)?)
}

/// What was never judged is judged by the same rules as all others: from released reviews.
async fn reviewed(
    tx: &mut Tx,
    standing: &Standing,
    stage: &StageRow,
    before: Option<&ConsensusRow>,
    faults: &mut Faults,
) -> Result<(), Problem> {
    if before.is_some() {
        return Ok(());
    }
    let places = reviews::places(tx.conn(), stage.id, Some(standing.proposal)).await?;
    faults.require(
        places
            .iter()
            .any(|place| place.state == ReviewState::Released),
        "",
        "no_review_released",
        "no review of this proposal is released; the panel starts from released reviews",
    );
    Ok(())
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
