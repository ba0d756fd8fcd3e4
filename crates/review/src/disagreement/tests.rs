use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn scored(proposal: u128, expert: u128, scores: [i32; 3]) -> Scored {
    let keys = ["excellence", "impact", "implementation"].map(str::to_owned);
    Scored {
        proposal: id(proposal),
        expert: id(expert),
        scores: keys.into_iter().zip(scores.map(Score)).collect(),
    }
}

/// Reviews of one proposal by experts 1, 2, ... that differ in their impact alone.
fn impacts(scores: &[i32]) -> Vec<Scored> {
    let numbered = scores.iter().zip(1..);
    numbered
        .map(|(score, expert)| scored(1, expert, [300, *score, 300]))
        .collect()
}

#[rstest]
#[case(&[300, 350, 400], None)]
#[case(&[300, 400, 450], Some(None))] // without either end the rest agrees
#[case(&[100, 300, 400], Some(Some(1)))]
#[case(&[300, 400, 100], Some(Some(3)))]
#[case(&[500, 250, 250, 300], Some(Some(1)))]
#[case(&[100, 100, 400, 400], Some(None))] // two camps
#[case(&[100, 400], Some(None))] // two alone have nobody to agree with
#[case(&[0, 200, 500], Some(None))] // all disagree
#[case(&[500], None)]
#[case(&[], None)]
fn who_stands_alone(#[case] scores: &[i32], #[case] expected: Option<Option<u128>>) {
    let found = disagreements(&EvaluationRules::default(), &impacts(scores));
    let of_impact = found
        .iter()
        .find(|one| one.criterion.as_deref() == Some("impact"));
    assert_eq!(
        of_impact.map(|one| one.alone),
        expected.map(|who| who.map(id))
    );
}

#[test]
fn the_total_is_measured_by_its_weights() {
    let mut rules = EvaluationRules::default();
    rules.criteria[1].weight = 2;
    // Totals of 12 and 6 on 4 weights lie one and a half points apart.
    let reviews = [scored(1, 1, [300, 300, 300]), scored(1, 2, [200, 50, 300])];
    let found = disagreements(&rules, &reviews);
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.criterion.as_deref(), one.lowest.0, one.highest.0))
        .collect();
    assert_eq!(told, [(None, 600, 1200), (Some("impact"), 50, 300)]);
}

#[test]
fn who_scores_high_on_the_same_proposals_is_told() {
    // Expert 1 gives a point and a half more in each criterion than the two others do on the mean.
    let mut reviews = Vec::new();
    for proposal in 1..=3 {
        reviews.push(scored(proposal, 1, [450, 450, 450]));
        reviews.push(scored(proposal, 2, [250, 250, 250]));
        reviews.push(scored(proposal, 3, [350, 350, 350]));
    }
    reviews.push(scored(9, 4, [500, 500, 500]));
    let found = leanings(&EvaluationRules::default(), &reviews);
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.expert, one.proposals, one.mean.0, one.striking))
        .collect();
    assert_eq!(
        told,
        [
            (id(1), 3, 150, true),
            (id(2), 3, -150, true),
            (id(3), 3, 0, false)
        ]
    );
    let two: Vec<Scored> = reviews
        .into_iter()
        .filter(|one| one.proposal != id(3))
        .collect();
    assert!(
        leanings(&EvaluationRules::default(), &two)
            .iter()
            .all(|one| !one.striking)
    );
}

proptest! {
    /// By floating-point means over each expert's proposals, written anew.
    #[test]
    fn leanings_are_the_mean_differences(
        given in proptest::collection::btree_map((1..6_u128, 1..5_u128), [0..=10_i32, 0..=10, 0..=10], 0..20),
    ) {
        let rules = EvaluationRules::default();
        let reviews: Vec<Scored> = given.iter()
            .map(|((proposal, expert), steps)| scored(*proposal, *expert, steps.map(|step| step * 50)))
            .collect();
        let sum = |one: &Scored| one.scores.values().map(|score| f64::from(score.0)).sum::<f64>();
        for found in leanings(&rules, &reviews) {
            let mut differences = Vec::new();
            for own in reviews.iter().filter(|one| one.expert == found.expert) {
                let others: Vec<f64> = reviews.iter()
                    .filter(|one| one.proposal == own.proposal && one.expert != own.expert)
                    .map(sum).collect();
                if !others.is_empty() {
                    differences.push(sum(own) - others.iter().sum::<f64>() / others.len() as f64);
                }
            }
            let mean = differences.iter().sum::<f64>() / differences.len() as f64 / 3.0;
            prop_assert_eq!(found.proposals, differences.len());
            prop_assert!((f64::from(found.mean.0) - mean).abs() <= 0.500_01, "{} {}", found.mean.0, mean);
        }
    }

    /// By trying each reviewer as the one who stands alone.
    #[test]
    fn the_one_alone_is_the_only_one_without_whom_they_agree(steps in proptest::collection::vec(0..=10_i32, 0..7)) {
        let scores: Vec<i32> = steps.iter().map(|step| step * 50).collect();
        let spread = |left_out: Option<usize>| {
            let kept = scores.iter().enumerate().filter(|(at, _)| Some(*at) != left_out).map(|(_, score)| *score);
            kept.clone().max().unwrap_or(0) - kept.min().unwrap_or(0)
        };
        let lone: Vec<usize> = (0..scores.len()).filter(|at| spread(Some(*at)) < 150).collect();
        let found = disagreements(&EvaluationRules::default(), &impacts(&scores));
        let found = found.iter().find(|one| one.criterion.is_some());
        prop_assert_eq!(found.is_some(), spread(None) >= 150);
        let expected = match lone[..] {
            [one] if scores.len() >= 3 => Some(id(one as u128 + 1)),
            _ => None,
        };
        prop_assert_eq!(found.and_then(|one| one.alone), expected.filter(|_| spread(None) >= 150));
    }
}
