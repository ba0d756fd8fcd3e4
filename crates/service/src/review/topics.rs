//! Ranking lists over all proposals of a stage, or per topic where its rules say so.

use ::review::{Candidate, Entry, rank, rank_by_topic};
use store::call::{self as calls, StageRow};
use store::review::ranking as rows;

use crate::{Problem, Tx};

/// The lines of a stage's ranking list over these candidates. What stands in no topic, because the rules were changed
/// since it was submitted, stands there without one.
pub(crate) async fn ranked(
    tx: &mut Tx,
    stage: &StageRow,
    candidates: Vec<Candidate>,
) -> Result<Vec<Entry>, Problem> {
    let rules = calls::find(tx.conn(), stage.call_id).await?.rules()?;
    if !rules.ranks_per_topic(stage.number) {
        return Ok(rank(candidates));
    }
    let modules = rows::modules(tx.conn(), stage.id).await?;
    let within = candidates.into_iter().map(|candidate| {
        let chosen = modules.get(&candidate.proposal);
        let topic = chosen.and_then(|chosen| rules.topic_of(chosen));
        (topic.map(str::to_owned), candidate)
    });
    Ok(rank_by_topic(&rules.topics, within.collect()))
}
