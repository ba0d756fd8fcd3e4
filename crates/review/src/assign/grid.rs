//! The assignment in numbers: rows are proposals, columns experts.

/// The affinity of a pair that may not be.
pub const CLOSED: i32 = -(1 << 30);

/// The greatest affinity: one whole, in millionths.
pub const MOST: i32 = 1_000_000;

/// How many of a group's experts one proposal must and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nest {
    /// The proposal's row.
    pub row: u32,
    /// The group.
    pub group: u32,
    /// The least number.
    pub least: u32,
    /// The greatest number.
    pub most: u32,
}

/// An assignment problem by numbers, for callers that hold a large matrix; [`super::Problem`] is the
/// same by ids. Of size rows times columns there is the affinity alone, and nothing copies it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// How many experts each proposal gets.
    pub need: Vec<u32>,
    /// The least load of each expert.
    pub least: Vec<u32>,
    /// The greatest load of each expert, not below the least.
    pub most: Vec<u32>,
    /// Millionths, row by row, 0 to [`MOST`]; [`CLOSED`] where a pair may not be.
    pub affinity: Vec<i32>,
    /// The group of each expert, from 0 on; empty where nothing is said of groups.
    pub group: Vec<u32>,
    /// Limits of a proposal in a group, by row and group, each at most once. Where there is none the
    /// proposal may have any number of the group.
    pub nests: Vec<Nest>,
    /// Least and greatest load of each group together; empty where groups have none.
    pub group_load: Vec<[u32; 2]>,
}

impl Grid {
    /// How many experts there are.
    pub fn columns(&self) -> usize {
        self.most.len()
    }

    /// The affinities of a proposal with all experts.
    pub fn row(&self, row: usize) -> &[i32] {
        &self.affinity[row * self.columns()..][..self.columns()]
    }

    /// The affinity of a pair.
    pub fn value(&self, row: usize, column: usize) -> i32 {
        self.affinity[row * self.columns() + column]
    }

    /// The sums of the proposals' affinities.
    pub fn sums(&self, pairs: &[(u32, u32)]) -> Vec<i64> {
        let mut sums = vec![0; self.need.len()];
        for (row, column) in pairs {
            sums[*row as usize] += i64::from(self.value(*row as usize, *column as usize));
        }
        sums
    }
}
