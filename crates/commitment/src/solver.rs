//! The solvers of the what-if, behind one question. What they answer is in floating point, and is checked exactly
//! by whoever asks.

use good_lp::variable::UnsolvedProblem;
use good_lp::{
    Constraint, Solution, SolutionStatus, SolverModel, Variable, WithMipGap, WithTimeLimit, microlp,
};

/// A solver of linear programmes in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Solver {
    /// Of Rust, always there.
    #[cfg_attr(
        feature = "cbc",
        allow(dead_code, reason = "the tests hold the two against each other")
    )]
    #[cfg_attr(not(feature = "cbc"), default)]
    Microlp,
    /// COIN-OR's, a library of the system. It works on one problem at a time: a second one waits.
    #[cfg(feature = "cbc")]
    #[default]
    Cbc,
}

/// What a solver found in its time.
pub(crate) struct Found {
    /// Whether each of the variables asked for is taken.
    pub(crate) taken: Vec<bool>,
    /// Whether the solver holds it to be the best.
    pub(crate) optimal: bool,
    /// What no answer exceeds, where the solver says it.
    pub(crate) bound: Option<f64>,
}

impl Solver {
    /// Solves a problem whose goal is a number of things, `most` at most, for at most about `seconds`; `None`
    /// where that brought no answer.
    pub(crate) fn solve(
        self,
        problem: UnsolvedProblem,
        rows: Vec<Constraint>,
        asked: &[Variable],
        [seconds, most]: [f64; 2],
    ) -> Option<Found> {
        match self {
            Self::Microlp => {
                let solution = run(problem.using(microlp), rows, [seconds, most])?;
                let found = Found::of(&solution, asked);
                let bound = solution.into_inner().stats().best_bound;
                Some(Found { bound, ..found })
            }
            #[cfg(feature = "cbc")]
            Self::Cbc => {
                let mut model = problem.using(good_lp::coin_cbc);
                // By itself it counts the time of all threads of the process.
                model.set_parameter("timeMode", "elapsed");
                let solution = run(model, rows, [seconds, most])?;
                let bound = Some(solution.model().best_possible_value());
                Some(Found {
                    bound: bound.filter(|bound| bound.is_finite()),
                    ..Found::of(&solution, asked)
                })
            }
        }
    }
}

fn run<M: SolverModel + WithTimeLimit + WithMipGap>(
    model: M,
    rows: Vec<Constraint>,
    [seconds, most]: [f64; 2],
) -> Option<M::Solution> {
    // What is counted is whole: within less than one of the bound nothing is better.
    #[allow(clippy::cast_possible_truncation, reason = "a share, rounded")]
    let gap = (0.9 / most.max(1.0)) as f32;
    let model = model.with_time_limit(seconds).with_mip_gap(gap).ok()?;
    let model = rows.into_iter().fold(model, |model, row| model.with(row));
    model.solve().ok()
}

impl Found {
    fn of(solution: &impl Solution, asked: &[Variable]) -> Self {
        Self {
            taken: asked.iter().map(|one| solution.value(*one) > 0.5).collect(),
            optimal: matches!(solution.status(), SolutionStatus::Optimal),
            bound: None,
        }
    }
}
