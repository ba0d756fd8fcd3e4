//! The figures of an evaluation.

use ::call::EvaluationRules;
use ::review::disagreement::Scored;
use ::review::statistics::{
    Agreement, CrossTable, Distribution, TimeTaken, agreement, experts_by, load, scores_given,
    time_taken,
};
use ::review::{ExpertState, Marks, ReviewState};
use kernel::Country;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Depth, Sight, after_panel};
use crate::call::StageRow;
use crate::review::expert::{self as experts, ExpertRow};
use crate::review::review::{self as rows, ReviewRow};
use crate::review::statistics::times;
use crate::{Conn, StoreError, text};

/// Counts from 1 to below this are hidden, as in the figures of a running stage.
const LEAST: u32 = 3;

/// Figures of the evaluation of a stage. Counts that are hidden are small, or protect small ones.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatisticsView {
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Counts from 1 to below this are hidden.
    pub hidden_below: u32,
    /// The experts who signed, by country and gender. Before the panel has adopted its results for secretariat and
    /// observer alone, who know the gender of each.
    pub experts: Option<CrossTable>,
    /// How many experts have how many reviews; left out for funders, who do not know who reviews what.
    pub load: Option<Distribution>,
    /// How long reviewers took, from the assignment to handing in; left out as the load is, or for too few.
    pub time_taken: Option<TimeTaken>,
    /// The criteria, in their order.
    pub criteria: Vec<CriterionStatistics>,
}

/// Figures of one criterion, over the released reviews.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CriterionStatistics {
    /// Its key.
    #[schema(example = "impact")]
    pub key: String,
    /// Its title.
    pub title: String,
    /// How far the reviewers of the same proposal agree; none where no proposal has two scores, or all are the same.
    pub agreement: Option<Agreement>,
    /// How often each score of the scale was given.
    pub scores: Distribution,
}

/// The figures of a stage as somebody sees them; none before there are any for them: funders hear after the panel.
///
/// Proposals on which a conflict of interest closes the viewer's eyes are not counted, since who knows all the others
/// could take them off the sum.
pub async fn statistics(
    conn: &mut Conn,
    stage: &StageRow,
    rules: &EvaluationRules,
    sight: &Sight,
) -> Result<Option<StatisticsView>, StoreError> {
    let over = after_panel(stage.state()?);
    let inside = sight.depth >= Depth::Everything;
    if !inside && (!over || sight.depth < Depth::Results) {
        return Ok(None);
    }
    let mut contracted = Vec::new();
    for expert in experts::of_call(conn, stage.call_id).await? {
        if expert.state()? == ExpertState::Contracted {
            contracted.push(expert);
        }
    }
    let reviews = rows::of_stage(conn, stage.id).await?;
    let seen = reviews
        .into_iter()
        .filter(|row| sight.open(row.proposal_id));
    let reviews: Vec<ReviewRow> = seen.collect();
    let taken = times(conn, stage.id).await?.into_iter();
    let taken = taken.filter(|(proposal, _)| sight.open(*proposal));
    let time_taken = time_taken(taken.map(|(_, time)| time).collect(), LEAST);
    let genders = sight.named || over;
    Ok(Some(StatisticsView {
        stage: stage.number,
        hidden_below: LEAST,
        experts: genders.then(|| by_country(&contracted)).transpose()?,
        load: inside
            .then(|| loads(&contracted, &reviews, stage.number))
            .transpose()?,
        time_taken: time_taken.filter(|_| inside),
        criteria: criteria(rules, &reviews)?,
    }))
}

fn by_country(experts: &[ExpertRow]) -> Result<CrossTable, StoreError> {
    let mut people = Vec::new();
    for expert in experts {
        let country: Option<Country> = expert.country.as_deref().map(text::name).transpose()?;
        people.push((country, expert.gender()?));
    }
    Ok(experts_by(&people, LEAST))
}

/// Of those who may have reviews at the stage at all.
fn loads(
    experts: &[ExpertRow],
    reviews: &[ReviewRow],
    stage: i32,
) -> Result<Distribution, StoreError> {
    let mut busy: Vec<Uuid> = Vec::new();
    for row in reviews {
        if row.state()?.holds_a_place() {
            busy.push(row.expert_id);
        }
    }
    let mut loads = Vec::new();
    for one in experts {
        if one.load_at(stage)? > 0 {
            loads.push(busy.iter().filter(|id| **id == one.id).count());
        }
    }
    Ok(load(&loads, LEAST))
}

fn criteria(
    rules: &EvaluationRules,
    reviews: &[ReviewRow],
) -> Result<Vec<CriterionStatistics>, StoreError> {
    let (mut given, mut scored): (Vec<Marks>, Vec<Scored>) = (Vec::new(), Vec::new());
    for row in reviews {
        if row.state()? == ReviewState::Released {
            let marks = row.marks()?;
            let scores = marks.iter();
            scored.push(Scored {
                proposal: row.proposal_id,
                expert: row.expert_id,
                scores: scores
                    .map(|(key, mark)| (key.clone(), mark.score))
                    .collect(),
            });
            given.push(marks);
        }
    }
    let of = |criterion: &::call::Criterion| CriterionStatistics {
        key: criterion.key.clone(),
        title: criterion.title.clone(),
        agreement: agreement(&scored, &criterion.key),
        scores: scores_given(rules, &criterion.key, &given, LEAST),
    };
    Ok(rules.criteria.iter().map(of).collect())
}
