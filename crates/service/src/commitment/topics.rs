//! Topics with money of their own: the ranking that the money goes down, and the topic that a proposal stands in.

use std::collections::HashMap;

use call::Rules;
use store::call::StageRow;
use store::commitment::invitation::{self, RankedEntry};
use store::outcome::Standing;
use store::review::ranking;
use uuid::Uuid;

use crate::{Problem, Tx};

/// The adopted ranking that money goes down, if there is one: lists by topic one after the other where each topic has
/// money of its own, else merged into one.
pub(super) async fn adopted(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
) -> Result<Option<Vec<RankedEntry>>, Problem> {
    let adopted = if rules.funded_topics().is_empty() {
        invitation::adopted_ranking(tx.conn(), stage.id).await?
    } else {
        invitation::adopted_lists(tx.conn(), stage.id).await?
    };
    Ok(adopted)
}

/// The same, where it has to be there.
pub(super) async fn ranking(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
) -> Result<Vec<RankedEntry>, Problem> {
    adopted(tx, stage, rules)
        .await?
        .ok_or_else(|| Problem::state("The panel has not adopted the ranking list yet."))
}

/// The topics that have money of their own, and which of them the proposals of a stage stand in.
#[derive(Default)]
pub(super) struct FundedTopics {
    /// Their keys, in the call's order; none where all topics share the money.
    pub keys: Vec<String>,
    of: HashMap<Uuid, String>,
}

impl FundedTopics {
    /// Reads them.
    pub(super) async fn of(
        tx: &mut Tx,
        stage: &StageRow,
        rules: &Rules,
        standings: &[Standing],
    ) -> Result<FundedTopics, Problem> {
        let keys: Vec<String> = rules
            .funded_topics()
            .into_iter()
            .map(str::to_owned)
            .collect();
        if keys.is_empty() {
            return Ok(FundedTopics::default());
        }
        let modules = ranking::modules(tx.conn(), stage.id).await?;
        let of = standings.iter().filter_map(|one| {
            let topic = rules.topic_of(modules.get(&one.proposal)?)?;
            Some((one.proposal_stage, topic.to_owned()))
        });
        Ok(FundedTopics {
            keys,
            of: of.collect(),
        })
    }

    /// The topic of a proposal, by its row in the stage.
    pub(super) fn topic(&self, proposal_stage: Uuid) -> Option<&str> {
        self.of.get(&proposal_stage).map(String::as_str)
    }
}
