//! Where reviewers disagree, and who scores high or low overall: pointed out to the panel, which decides.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use call::{DisagreementRules, EvaluationRules, Score};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A released review, as far as its scores go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// The proposal.
    pub proposal: Uuid,
    /// Its reviewer.
    pub expert: Uuid,
    /// The scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
}

/// Reviews of one proposal that lie far apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Disagreement {
    /// The proposal.
    pub proposal: Uuid,
    /// The key of the criterion; none for the weighted total.
    pub criterion: Option<String>,
    /// The lowest score.
    pub lowest: Score,
    /// The highest score.
    pub highest: Score,
    /// Who stands alone: the one reviewer without whom the others would agree. None where fewer than three
    /// scored, where two are as far off, or where the others disagree as well.
    pub alone: Option<Uuid>,
}

/// How an expert scores against the others on the same proposals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Leaning {
    /// The expert.
    pub expert: Uuid,
    /// How many of the expert's proposals somebody else scored too.
    pub proposals: usize,
    /// By how much the expert scores higher than the mean of the others, on the mean over these proposals and
    /// on the scale of one criterion; negative where lower. Rounded to a hundredth.
    pub mean: Score,
    /// Whether the panel is told: it is at least what the rules say, on at least [`LEAST_PROPOSALS`].
    pub striking: bool,
}

/// On fewer proposals nobody is said to score high or low.
pub const LEAST_PROPOSALS: usize = 3;

/// The disagreements that the rules point out, by proposal, the total first. The caller gives released
/// reviews alone; one that lacks a score is left out of the total.
pub fn disagreements(rules: &EvaluationRules, reviews: &[Scored]) -> Vec<Disagreement> {
    let apart = i64::from(DisagreementRules::points(rules.disagreement.apart, rules.scale_max).0);
    let mut found = Vec::new();
    for (proposal, reviews) in by_proposal(reviews) {
        let totals: Vec<(Uuid, Score)> = reviews
            .iter()
            .filter_map(|one| Some((one.expert, total(rules, one)?)))
            .collect();
        found.extend(disagreement(proposal, None, totals, apart * weights(rules)));
        for criterion in &rules.criteria {
            let scores = reviews.iter();
            let scores =
                scores.filter_map(|one| Some((one.expert, *one.scores.get(&criterion.key)?)));
            found.extend(disagreement(
                proposal,
                Some(&criterion.key),
                scores.collect(),
                apart,
            ));
        }
    }
    found
}

fn disagreement(
    proposal: Uuid,
    criterion: Option<&String>,
    mut scores: Vec<(Uuid, Score)>,
    apart: i64,
) -> Option<Disagreement> {
    scores.sort_by_key(|(expert, score)| (*score, *expert));
    let spread = |scores: &[(Uuid, Score)]| match scores {
        [(_, low), .., (_, high)] => i64::from(high.0) - i64::from(low.0),
        _ => 0,
    };
    if spread(&scores) < apart {
        return None;
    }
    let alone = match scores.as_slice() {
        [lowest, others @ .., highest] if !others.is_empty() => {
            let without_lowest = spread(scores.get(1..)?) < apart;
            let without_highest = spread(scores.get(..scores.len() - 1)?) < apart;
            match (without_lowest, without_highest) {
                (true, false) => Some(lowest.0),
                (false, true) => Some(highest.0),
                _ => None,
            }
        }
        _ => None,
    };
    Some(Disagreement {
        proposal,
        criterion: criterion.cloned(),
        lowest: scores.first()?.1,
        highest: scores.last()?.1,
        alone,
    })
}

/// How each expert scores against the others on the same proposals, by expert; who shares no proposal with
/// anybody is left out.
///
/// The others may lean themselves, so this is a hint to look, and never a correction: scores are not
/// changed by it.
pub fn leanings(rules: &EvaluationRules, reviews: &[Scored]) -> Vec<Leaning> {
    let mut differences: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for reviews in by_proposal(reviews).into_values() {
        let totals: Vec<(Uuid, i64)> = reviews
            .iter()
            .filter_map(|one| Some((one.expert, i64::from(total(rules, one)?.0))))
            .collect();
        let sum: i64 = totals.iter().map(|(_, total)| total).sum();
        let others = i64::try_from(totals.len()).unwrap_or(i64::MAX) - 1;
        if others > 0 {
            for (expert, own) in totals {
                // Own total less the mean of the others, in millionths of a hundredth.
                let difference = rounded(1_000_000 * (own * others - (sum - own)), others);
                differences.entry(expert).or_default().push(difference);
            }
        }
    }
    let striking = DisagreementRules::points(rules.disagreement.leaning, rules.scale_max).0;
    let lean = |(expert, differences): (Uuid, Vec<i64>)| {
        let count = i64::try_from(differences.len()).unwrap_or(i64::MAX);
        let parts = count * weights(rules) * 1_000_000;
        let mean = i32::try_from(rounded(differences.iter().sum(), parts)).unwrap_or(i32::MAX);
        Leaning {
            expert,
            proposals: differences.len(),
            mean: Score(mean),
            striking: differences.len() >= LEAST_PROPOSALS && mean.abs() >= striking,
        }
    };
    differences.into_iter().map(lean).collect()
}

fn by_proposal(reviews: &[Scored]) -> BTreeMap<Uuid, Vec<&Scored>> {
    let mut sorted: BTreeMap<Uuid, Vec<&Scored>> = BTreeMap::new();
    for review in reviews {
        sorted.entry(review.proposal).or_default().push(review);
    }
    sorted
}

/// The weighted total of a review that scored every criterion.
fn total(rules: &EvaluationRules, review: &Scored) -> Option<Score> {
    let scores = rules
        .criteria
        .iter()
        .map(|one| review.scores.get(&one.key).copied());
    Some(rules.total(&scores.collect::<Option<Vec<Score>>>()?))
}

fn weights(rules: &EvaluationRules) -> i64 {
    let sum: i64 = rules.criteria.iter().map(|one| i64::from(one.weight)).sum();
    sum.max(1)
}

/// The quotient by a positive number, rounded to the nearest whole and half away from zero.
fn rounded(number: i64, by: i64) -> i64 {
    let half = by / 2;
    if number < 0 {
        -((-number + half) / by)
    } else {
        (number + half) / by
    }
}
