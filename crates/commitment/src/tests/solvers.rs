//! The solvers of the what-if on the same calls.

use proptest::prelude::*;

use super::instance::{self, cases};
use crate::optimum::without_ranking_by;
use crate::search::Steps;
use crate::select;
use crate::solver::Solver;

/// All that are there: CBC with the feature `cbc` alone.
const SOLVERS: &[Solver] = &[
    Solver::Microlp,
    #[cfg(feature = "cbc")]
    Solver::Cbc,
];

proptest! {
    #![proptest_config(cases())]

    /// Even when the exact search before them has no step to take.
    #[test]
    fn each_solver_finds_the_largest_payable_set(input in instance::cofunded()) {
        let mut one_group = input.clone();
        one_group.proposals.iter_mut().for_each(|one| one.score = call::Score(100));
        let largest = select(&one_group).unwrap().selected.len();
        for solver in SOLVERS {
            let found = without_ranking_by(&input, 5.0, Steps(0), *solver).unwrap();
            prop_assert!(found.would_fund.len() <= largest, "{:?}: {:?}", solver, found);
            prop_assert!(found.bound as usize >= largest, "{:?}: {:?}", solver, found);
        }
    }
}
