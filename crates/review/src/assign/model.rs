//! The rows of a linear programme over experts of each class in each proposal.

use good_lp::{Constraint, Expression, ProblemVariables, constraint, variable};

use super::classes::Classes;
use super::grid::Grid;

/// The rows of the programme while they are gathered.
pub(super) struct Model {
    pub variables: ProblemVariables,
    pub rows: Vec<Constraint>,
    /// Whether limits may be moved.
    pub elastic: bool,
    pub cost: Expression,
}

/// What a move costs: all alike but for the choice between equals. A rule of a proposal is moved first,
/// then the load of an expert, that of a group, and last a proposal is left with fewer reviewers.
pub(super) const COST: f64 = 1e5;
/// What the load of an expert costs.
pub(super) const LOAD: f64 = COST + 1.0;

impl Model {
    pub fn new(elastic: bool) -> Self {
        Self {
            variables: ProblemVariables::new(),
            rows: Vec::new(),
            elastic,
            cost: Expression::default(),
        }
    }

    /// The rules of the rows and the loads of groups, by the number of each class in each row.
    pub fn keep(&mut self, grid: &Grid, classes: &Classes, cells: &[Vec<Expression>]) {
        for (row, cells) in cells.iter().enumerate() {
            for (at, rule) in classes.rules.iter().enumerate() {
                let of = cells.iter().zip(&classes.within);
                let of = of.filter(|(_, within)| within[at]);
                let sum = of.map(|(sum, _)| sum.clone()).sum();
                self.within(sum, rule.limits[row], grid.need[row], COST);
            }
            let need = grid.need[row];
            let all = cells.iter().cloned().sum::<Expression>() + self.short(need, COST + 3.0);
            self.rows.push(constraint!(all == f64::from(need)));
        }
        for (group, limits) in grid.group_load.iter().enumerate() {
            let of = cells
                .iter()
                .flat_map(|cells| cells.iter().zip(&classes.group));
            let of = of.filter(|(_, of)| **of as usize == group);
            let sum = of.map(|(sum, _)| sum.clone()).sum();
            self.within(sum, *limits, u32::MAX, COST + 2.0);
        }
    }

    /// The sum, which can come to `reach` at most, is within the limits, or they are moved at this cost.
    pub fn within(&mut self, sum: Expression, [least, most]: [u32; 2], reach: u32, cost: f64) {
        if least == most && !self.elastic {
            self.rows.push(constraint!(sum == f64::from(least)));
            return;
        }
        if least > 0 {
            let low = sum.clone() + self.short(least, cost);
            self.rows.push(constraint!(low >= f64::from(least)));
        }
        if most < reach {
            let high = sum - self.short(u32::MAX, cost);
            self.rows.push(constraint!(high <= f64::from(most)));
        }
    }

    /// By how much a limit is moved: by nothing where none may be.
    pub fn short(&mut self, most: u32, cost: f64) -> Expression {
        if !self.elastic {
            return Expression::default();
        }
        let by = self.variables.add(variable().min(0).max(most));
        self.cost += cost * by;
        by.into()
    }
}
