//! Equally good selections, and the criteria by which the call chooses among them.

use std::collections::BTreeMap;

use call::{Rules, Score};
use commitment::{Selection, SelectionInput};
use store::call::StageRow;
use store::outcome;
use store::review::consensus;

use crate::{Problem, Tx};

/// Selects where it keeps nobody waiting; of equally good sets the one that the call's criteria put first.
pub(super) async fn selected_by(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
    input: SelectionInput,
) -> Result<(SelectionInput, Selection), Problem> {
    let criteria = rules.funding.ties.clone();
    let scores = match criteria.is_empty() {
        true => BTreeMap::new(),
        false => scores(tx, stage, rules).await?,
    };
    tokio::task::spawn_blocking(move || commitment::select_by(input, &criteria, &scores))
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::from)
}

/// What the panel agreed on for the first and the second criterion, by the proposals' numbers.
async fn scores(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
) -> Result<BTreeMap<String, [Score; 2]>, Problem> {
    let index = usize::try_from(stage.number - 1).map_err(Problem::internal)?;
    let own = rules.stages.get(index);
    let criteria = own.map_or(&[][..], |own| own.evaluation.criteria.as_slice());
    let agreed = consensus::of_stage(tx.conn(), stage.id).await?;
    let mut found = BTreeMap::new();
    for standing in outcome::standings(tx.conn(), stage.id).await? {
        let row = agreed
            .iter()
            .find(|one| one.proposal_stage_id == standing.proposal_stage);
        let Some(row) = row else { continue };
        let scores: BTreeMap<String, Score> = store::text::document(row.scores.clone())?;
        let of = |place: usize| -> Score {
            let score = criteria.get(place).and_then(|one| scores.get(&one.key));
            score.copied().unwrap_or_default()
        };
        found.insert(standing.number, [of(0), of(1)]);
    }
    Ok(found)
}
