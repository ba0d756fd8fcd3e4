use std::collections::{BTreeMap, BTreeSet};

use call::{EvaluationRules, Score};
use chrono::TimeDelta;
use kernel::Country;
use serde::{Deserialize, Serialize};

use super::{CrossTable, Distribution};
use crate::Marks;
use crate::expert::Gender;

/// Experts by country and gender, countries in the order of their codes; `unknown` for what an expert does
/// not say. Counts below `least` are hidden.
pub fn experts_by(experts: &[(Option<Country>, Option<Gender>)], least: u32) -> CrossTable {
    let named = |country: &Option<Country>, gender: &Option<Gender>| {
        let country = country.map_or("unknown".to_owned(), |country| country.to_string());
        let gender = gender.map_or("unknown".to_owned(), |gender| gender.to_string());
        (country, gender)
    };
    let mut counted: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (country, gender) in experts {
        *counted.entry(named(country, gender)).or_default() += 1;
    }
    let rows: BTreeSet<String> = counted.keys().map(|(country, _)| country.clone()).collect();
    let columns: BTreeSet<String> = counted.keys().map(|(_, gender)| gender.clone()).collect();
    let cells: Vec<Vec<u32>> = rows
        .iter()
        .map(|row| {
            let count = |column: &String| counted.get(&(row.clone(), column.clone())).copied();
            columns
                .iter()
                .map(|column| count(column).unwrap_or(0))
                .collect()
        })
        .collect();
    CrossTable::of(
        rows.into_iter().collect(),
        columns.into_iter().collect(),
        &cells,
        least,
    )
}

/// How many experts have how many reviews, from none to the most that anybody has.
pub fn load(reviews_of_each: &[usize], least: u32) -> Distribution {
    let most = reviews_of_each.iter().max().copied();
    let counted = most.map_or(0..0, |most| 0..most + 1).map(|load| {
        let experts = reviews_of_each.iter().filter(|one| **one == load).count();
        (load.to_string(), u32::try_from(experts).unwrap_or(u32::MAX))
    });
    Distribution::of(counted.collect(), least)
}

/// How often each score of the scale was given in a criterion, from 0 to the best.
pub fn scores_given(
    rules: &EvaluationRules,
    criterion: &str,
    reviews: &[Marks],
    least: u32,
) -> Distribution {
    let given: Vec<Score> = reviews
        .iter()
        .filter_map(|marks| Some(marks.get(criterion)?.score))
        .collect();
    let step = rules.step.0.max(1);
    let scale = (0..=rules.scale_max.0 / step).map(|steps| Score(steps * step));
    let counted = scale.map(|score| {
        let often = given.iter().filter(|one| **one == score).count();
        (score.to_string(), u32::try_from(often).unwrap_or(u32::MAX))
    });
    Distribution::of(counted.collect(), least)
}

/// How long reviewers took, from being asked to handing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimeTaken {
    /// How many reviews.
    pub reviews: u32,
    /// A quarter of them took no longer than so many hours.
    pub lower_quartile_hours: i64,
    /// Half of them.
    pub median_hours: i64,
    /// Three quarters of them.
    pub upper_quartile_hours: i64,
}

/// The quartiles of the times taken, by the nearest rank, in hours begun; none for fewer than `least`
/// reviews. The shortest and the longest belong to single persons and are not told: of four or fewer the lower quartile
/// is the shortest.
pub fn time_taken(mut times: Vec<TimeDelta>, least: u32) -> Option<TimeTaken> {
    times.sort();
    let reviews = u32::try_from(times.len())
        .ok()
        .filter(|count| *count >= least.max(5))?;
    let quartile = |quarters: usize| {
        let rank = (times.len() * quarters).div_ceil(4);
        let seconds = times.get(rank.checked_sub(1)?)?.num_seconds();
        Some((seconds + 3599).div_euclid(3600))
    };
    Some(TimeTaken {
        reviews,
        lower_quartile_hours: quartile(1)?,
        median_hours: quartile(2)?,
        upper_quartile_hours: quartile(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mark;

    fn experts(
        code: &str,
        gender: Option<Gender>,
        count: usize,
    ) -> Vec<(Option<Country>, Option<Gender>)> {
        vec![(code.parse().ok(), gender); count]
    }

    #[test]
    fn a_country_with_few_experts_is_hidden_with_another() {
        let all = [
            experts("DE", Some(Gender::Woman), 8),
            experts("DE", Some(Gender::Man), 7),
            experts("FR", Some(Gender::Woman), 6),
            experts("FR", Some(Gender::Man), 9),
            experts("SE", Some(Gender::Woman), 12),
            experts("SE", Some(Gender::Man), 2),
            experts("", None, 5),
        ]
        .concat();
        let table = experts_by(&all, 5);
        assert_eq!(table.rows, ["DE", "FR", "SE", "unknown"]);
        assert_eq!(table.columns, ["man", "unknown", "woman"]);
        assert_eq!(table.total, Some(49));
        assert_eq!(table.cells[2], [None, Some(0), None]);
        assert_eq!(table.row_totals, [Some(15), Some(15), Some(14), Some(5)]);
        let hidden = table
            .cells
            .iter()
            .flatten()
            .filter(|cell| cell.is_none())
            .count();
        assert_eq!(hidden, 4, "one cycle");
    }

    #[test]
    fn loads_and_scores_are_counted_from_none_to_the_most() {
        let loads = load(&[0, 2, 2, 3], 1);
        let items: Vec<_> = loads
            .items
            .iter()
            .map(|(load, count)| (load.as_str(), *count))
            .collect();
        assert_eq!(
            items,
            [
                ("0", Some(1)),
                ("1", Some(0)),
                ("2", Some(2)),
                ("3", Some(1))
            ]
        );
        assert_eq!(load(&[], 1).items, []);
        let mark = |score| {
            let mark = Mark {
                score: Score(score),
                comment: String::new(),
            };
            Marks::from([("impact".to_owned(), mark)])
        };
        let reviews = vec![mark(450), mark(450), mark(500), Marks::new()];
        let scores = scores_given(&EvaluationRules::default(), "impact", &reviews, 1);
        assert_eq!(scores.items.len(), 11);
        assert_eq!(scores.items[9], ("4.5".to_owned(), Some(2)));
        assert_eq!(scores.total, Some(3));
    }

    #[test]
    fn quartiles_are_nearest_ranks_in_hours_begun() {
        let hours = |list: &[i64]| {
            list.iter()
                .map(|h| TimeDelta::hours(*h))
                .collect::<Vec<_>>()
        };
        let told = |one: TimeTaken| {
            (
                one.lower_quartile_hours,
                one.median_hours,
                one.upper_quartile_hours,
            )
        };
        assert_eq!(
            time_taken(hours(&[40, 10, 30, 20]), 4),
            None,
            "the shortest"
        );
        assert_eq!(
            time_taken(hours(&[5, 1, 4, 2, 3]), 5).map(told),
            Some((2, 3, 4))
        );
        assert_eq!(
            time_taken(vec![TimeDelta::seconds(3601); 5], 1).map(told),
            Some((2, 2, 2))
        );
        assert_eq!(time_taken(hours(&[1, 2, 3, 4, 5]), 6), None);
        assert_eq!(time_taken(vec![], 0), None);
    }
}
