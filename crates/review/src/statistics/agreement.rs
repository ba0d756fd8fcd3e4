//! How far experts agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::disagreement::Scored;

/// Krippendorff's alpha, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Agreement {
    /// Alpha in thousandths, rounded to the nearest: 1000 is full agreement, 0 what chance gives, less is
    /// systematic disagreement.
    pub alpha_thousandths: i32,
    /// Proposals with at least two scores.
    pub units: usize,
    /// Scores of these.
    pub values: usize,
}

/// The agreement of released reviews in one criterion.
pub fn agreement(reviews: &[Scored], criterion: &str) -> Option<Agreement> {
    let mut units: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for review in reviews {
        if let Some(score) = review.scores.get(criterion) {
            units.entry(review.proposal).or_default().push(score.0);
        }
    }
    krippendorff_alpha(&units.into_values().collect::<Vec<_>>())
}

/// Krippendorff's alpha for interval data (K. Krippendorff, *Computing Krippendorff's Alpha-Reliability*,
/// 2011). Each unit is a proposal with the scores it has; who gave them does not matter, and missing ones
/// are simply not there. Units with fewer than two are left out.
///
/// None where it is not defined: no unit has two scores, or all scores are the same. Exact on whole
/// numbers until it is rounded.
pub fn krippendorff_alpha(units: &[Vec<i32>]) -> Option<Agreement> {
    let paired: Vec<&Vec<i32>> = units.iter().filter(|unit| unit.len() >= 2).collect();
    let all: Vec<i128> = paired
        .iter()
        .flat_map(|unit| unit.iter())
        .map(|v| i128::from(*v))
        .collect();
    let count = i128::try_from(all.len()).ok()?;
    let expected = squared_differences(&all);
    if expected == 0 {
        return None;
    }
    // Within a unit of m scores, squared differences count 1 / (m - 1): summed by m, so that they stay whole.
    let mut observed: BTreeMap<i128, i128> = BTreeMap::new();
    for unit in &paired {
        let values: Vec<i128> = unit.iter().map(|value| i128::from(*value)).collect();
        let others = i128::try_from(values.len()).ok()? - 1;
        *observed.entry(others).or_default() += squared_differences(&values);
    }
    let common = observed.keys().try_fold(1_i128, |product, m| {
        product.checked_mul(m / gcd(product, *m))
    })?;
    let mut sum = 0_i128;
    for (others, differences) in observed {
        sum = sum.checked_add(differences.checked_mul(common / others)?)?;
    }
    // alpha = 1 - (n - 1) * sum / common / expected
    let whole = common.checked_mul(expected)?;
    let lost = (count - 1).checked_mul(sum)?;
    let thousandths = (whole - lost).checked_mul(1000)?;
    let rounded = (2 * thousandths + whole).div_euclid(2 * whole);
    Some(Agreement {
        alpha_thousandths: i32::try_from(rounded).ok()?,
        units: paired.len(),
        values: all.len(),
    })
}

/// The squared differences of all pairs: n times the sum of squares less the square of the sum.
fn squared_differences(values: &[i128]) -> i128 {
    let count = i128::try_from(values.len()).unwrap_or(0);
    let sum: i128 = values.iter().sum();
    count * values.iter().map(|value| value * value).sum::<i128>() - sum * sum
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Units from a table of observers as it is printed: `.` is missing.
    fn units(rows: &[&str]) -> Vec<Vec<i32>> {
        let rows: Vec<Vec<Option<i32>>> = rows
            .iter()
            .map(|row| {
                row.split_whitespace()
                    .map(|cell| cell.parse().ok())
                    .collect()
            })
            .collect();
        (0..rows[0].len())
            .map(|at| rows.iter().filter_map(|row| row[at]).collect())
            .collect()
    }

    #[test]
    fn the_worked_example_of_four_observers() {
        // Krippendorff 2011, section D: four observers, twelve units, missing data; interval 0.849.
        let found = krippendorff_alpha(&units(&[
            "1 2 3 3 2 1 4 1 2 . . .",
            "1 2 3 3 2 2 4 1 2 5 . 3",
            ". 3 3 3 2 3 4 2 2 5 1 .",
            "1 2 3 3 2 4 4 1 2 5 1 .",
        ]));
        let expected = Agreement {
            alpha_thousandths: 849,
            units: 11,
            values: 40,
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn the_worked_example_of_three_coders() {
        // The example of three coders and fifteen units that encyclopedias give; interval 0.811.
        let found = krippendorff_alpha(&units(&[
            ". . . . . 3 4 1 2 1 1 3 3 . 3",
            "1 . 2 1 3 3 4 3 . . . . . . .",
            ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
        ]));
        assert_eq!(
            found.map(|one| (one.alpha_thousandths, one.values)),
            Some((811, 26))
        );
    }

    #[test]
    fn reviews_are_units_by_their_proposal() {
        let scored = |proposal: u128, expert: u128, impact: i32| Scored {
            proposal: Uuid::from_u128(proposal),
            expert: Uuid::from_u128(expert),
            scores: [("impact".to_owned(), call::Score(impact))].into(),
        };
        let reviews = [
            scored(1, 1, 300),
            scored(2, 1, 450),
            scored(1, 2, 350),
            scored(2, 3, 450),
            scored(3, 2, 100),
        ];
        let expected = krippendorff_alpha(&[vec![300, 350], vec![450, 450], vec![100]]);
        assert_eq!(agreement(&reviews, "impact"), expected);
        assert!(expected.is_some_and(|one| one.units == 2));
        assert_eq!(agreement(&reviews, "excellence"), None);
    }

    #[test]
    fn full_agreement_chance_and_what_is_not_defined() {
        let alpha = |units: &[Vec<i32>]| krippendorff_alpha(units).map(|one| one.alpha_thousandths);
        assert_eq!(alpha(&[vec![1, 1], vec![5, 5, 5]]), Some(1000));
        assert_eq!(alpha(&[vec![0, 100], vec![0, 100]]), Some(-500));
        assert_eq!(alpha(&[vec![3, 3], vec![3, 3]]), None);
        assert_eq!(alpha(&[vec![1], vec![2], vec![]]), None);
        assert_eq!(alpha(&[]), None);
    }

    /// By the matrix of coincidences, as the definition has it.
    fn by_coincidences(units: &[Vec<i32>]) -> f64 {
        let mut coincidences: BTreeMap<(i32, i32), f64> = BTreeMap::new();
        for unit in units.iter().filter(|unit| unit.len() >= 2) {
            for (i, a) in unit.iter().enumerate() {
                for (j, b) in unit.iter().enumerate() {
                    if i != j {
                        *coincidences.entry((*a, *b)).or_default() += 1.0 / (unit.len() - 1) as f64;
                    }
                }
            }
        }
        let mut of_value: BTreeMap<i32, f64> = BTreeMap::new();
        for ((a, _), often) in &coincidences {
            *of_value.entry(*a).or_default() += often;
        }
        let n: f64 = of_value.values().sum();
        let distance = |a: i32, b: i32| f64::from(a - b).powi(2);
        let observed: f64 = coincidences
            .iter()
            .map(|((a, b), often)| often * distance(*a, *b))
            .sum();
        let mut expected = 0.0;
        for (a, often_a) in &of_value {
            for (b, often_b) in &of_value {
                expected += often_a * often_b * distance(*a, *b);
            }
        }
        1.0 - (n - 1.0) * observed / expected
    }

    proptest! {
        #[test]
        fn it_is_what_the_definition_says(
            units in proptest::collection::vec(proptest::collection::vec(0..=10_i32, 0..6), 0..12),
        ) {
            let units: Vec<Vec<i32>> = units.into_iter()
                .map(|unit| unit.into_iter().map(|step| step * 50).collect()).collect();
            if let Some(found) = krippendorff_alpha(&units) {
                let slow = by_coincidences(&units) * 1000.0;
                prop_assert!((f64::from(found.alpha_thousandths) - slow).abs() <= 0.500_001);
            }
        }
    }
}
