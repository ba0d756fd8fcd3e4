//! Which node of the network stands for what.
//!
//! ```text
//! proposal -> (proposal in a group) -> expert -> (group) -> root
//! ```

use super::grid::{Grid, Nest};

/// The numbers of the nodes. The root is 0.
#[derive(Clone)]
pub(super) struct Layout {
    experts: usize,
    first_group: usize,
    first_row: usize,
    first_nest: usize,
    /// For each row where its nests begin; one entry more at the end.
    nests: Vec<u32>,
    /// How many nodes there are.
    pub nodes: usize,
}

impl Layout {
    pub fn of(grid: &Grid) -> Self {
        let rows = grid.need.len();
        let mut nests = vec![0_u32; rows + 1];
        for nest in &grid.nests {
            nests[nest.row as usize + 1] += 1;
        }
        for row in 0..rows {
            nests[row + 1] += nests[row];
        }
        let first_group = 1 + grid.columns();
        let first_row = first_group + grid.group_load.len();
        let first_nest = first_row + rows;
        Self {
            experts: grid.columns(),
            first_group,
            first_row,
            first_nest,
            nests,
            nodes: first_nest + grid.nests.len(),
        }
    }

    pub fn expert(&self, column: usize) -> u32 {
        1 + column as u32
    }

    /// The arc of an expert's load; those of the groups follow.
    pub fn load_arc(&self, column: usize) -> u32 {
        (self.nodes + column) as u32
    }

    /// The arc of a group's load; those of the nests follow.
    pub fn group_arc(&self, group: usize) -> u32 {
        (self.nodes + self.experts + group) as u32
    }

    /// The arc into a nest; those of the pairs follow.
    pub fn nest_arc(&self, nest: usize) -> u32 {
        (self.nodes + self.first_row - 1 + nest) as u32
    }

    /// The first arc of a pair.
    pub fn first_pair(&self) -> usize {
        self.nodes + self.first_row - 1 + (self.nodes - self.first_nest)
    }

    pub fn group(&self, group: usize) -> u32 {
        (self.first_group + group) as u32
    }

    pub fn row(&self, row: usize) -> u32 {
        (self.first_row + row) as u32
    }

    pub fn nest(&self, nest: usize) -> u32 {
        (self.first_nest + nest) as u32
    }

    /// The numbers of a row's nests.
    pub fn nests(&self, row: usize) -> std::ops::Range<usize> {
        self.nests[row] as usize..self.nests[row + 1] as usize
    }

    /// The nest through which the row must take the expert, if it has one.
    pub fn nest_of(&self, grid: &Grid, row: usize, column: usize) -> Option<usize> {
        let range = self.nests(row);
        if range.is_empty() {
            return None;
        }
        let group = grid.group.get(column)?;
        let is = |at: &usize| grid.nests[*at].group == *group;
        range.into_iter().find(is)
    }

    /// The node from which the arc of a pair leaves.
    pub fn tail(&self, grid: &Grid, row: usize, column: usize) -> u32 {
        match self.nest_of(grid, row, column) {
            Some(nest) => self.nest(nest),
            None => self.row(row),
        }
    }

    /// The row and the column of a pair's arc.
    pub fn pair(&self, grid: &Grid, from: u32, to: u32) -> (u32, u32) {
        let at = from as usize;
        let row = match at.checked_sub(self.first_nest) {
            Some(nest) => grid.nests[nest].row,
            None => (at - self.first_row) as u32,
        };
        (row, to - 1)
    }

    /// What each node sends, once the least loads are taken as sent. The root's entry is 0.
    pub fn supply(&self, grid: &Grid) -> Vec<i64> {
        let mut supply = vec![0_i64; self.nodes];
        for (column, least) in grid.least.iter().enumerate() {
            let least = i64::from(*least);
            supply[self.expert(column) as usize] -= least;
            if !grid.group_load.is_empty() {
                supply[self.group(grid.group[column] as usize) as usize] += least;
            }
        }
        for (group, [least, _]) in grid.group_load.iter().enumerate() {
            supply[self.group(group) as usize] -= i64::from(*least);
        }
        for (row, need) in grid.need.iter().enumerate() {
            supply[self.row(row) as usize] += i64::from(*need);
        }
        for (at, Nest { row, least, .. }) in grid.nests.iter().enumerate() {
            supply[self.row(*row as usize) as usize] -= i64::from(*least);
            supply[self.nest(at) as usize] += i64::from(*least);
        }
        supply
    }
}
