//! What a ranking list is computed from: over all proposals of a stage, or per topic where its rules say so.

use std::collections::BTreeMap;

use ::review::{Agreed, RANKING, Ranked, RankingEvent, RankingInput};
use access::Permit;
use call::Score;
use sha2::{Digest, Sha256};
use store::call::{self as calls, StageRow};
use store::outcome::Standing;
use store::review::consensus::ConsensusRow;
use store::review::ranking::{self as rows, RankingRow};

use super::evaluation;
use crate::{Problem, Tx};

/// What a stage's ranking list over these proposals is computed from. What stands in no topic, because the rules were
/// changed since it was submitted, stands there without one.
pub(crate) async fn ranking_input(
    tx: &mut Tx,
    stage: &StageRow,
    judged: &[(&Standing, &ConsensusRow)],
) -> Result<RankingInput, Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let (rules, scoring) = (call.rules()?, evaluation(&call, stage.number)?);
    let per_topic = rules.ranks_per_topic(stage.number);
    let mut modules = BTreeMap::new();
    if per_topic {
        modules = rows::modules(tx.conn(), stage.id).await?;
    }
    let mut proposals = Vec::new();
    for (standing, row) in judged {
        let chosen = modules.get(&standing.proposal);
        let agreed = row.consensus()?;
        proposals.push(Agreed {
            proposal: standing.proposal,
            number: standing.number.clone(),
            topic: chosen
                .and_then(|chosen| rules.topic_of(chosen))
                .map(str::to_owned),
            scores: agreed.scores,
            total: Score(row.total),
            above_thresholds: row.above_thresholds,
            rating: agreed.rating,
        });
    }
    Ok(RankingInput {
        stage: stage.number,
        criteria: scoring.criteria,
        threshold_total: scoring.threshold_total,
        topics: per_topic.then_some(rules.topics),
        proposals,
    })
}

/// The list with what it is computed from.
pub(crate) fn ranked(input: RankingInput) -> Ranked {
    Ranked {
        entries: input.entries(),
        input,
    }
}

/// A version of a stage's ranking list as it is adopted.
pub(crate) async fn adopted_row(
    tx: &mut Tx,
    permit: &Permit,
    (stage, number): (&StageRow, i32),
    list: &Ranked,
) -> Result<RankingRow, Problem> {
    let state = RANKING.apply(RANKING.start, RankingEvent::Adopt)?;
    Ok(RankingRow {
        id: kernel::id::new(),
        call_id: stage.call_id,
        stage_id: stage.id,
        number,
        state: state.to_string(),
        input: serde_json::to_value(&list.input).map_err(Problem::internal)?,
        entries: serde_json::to_value(&list.entries).map_err(Problem::internal)?,
        adopted_by: permit.account(),
        adopted_at: Some(tx.now().await?),
        reason: None,
        corrected: None,
        version: 1,
    })
}

/// What the audit trail knows a list by: SHA-256 over what it was computed from and its lines.
pub fn fingerprint(list: &Ranked) -> Result<String, serde_json::Error> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(list)?)))
}
