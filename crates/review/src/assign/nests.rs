//! Whether a proposal's experts keep its limits in the groups.

use super::grid::Grid;

/// Whether the row may have exactly these columns, as far as its nests say.
pub(super) fn allow(grid: &Grid, row: usize, columns: impl Iterator<Item = u32> + Clone) -> bool {
    let from = grid.nests.partition_point(|nest| (nest.row as usize) < row);
    let nests = grid.nests[from..].iter();
    nests
        .take_while(|nest| nest.row as usize == row)
        .all(|nest| {
            let of = |column: &u32| grid.group[*column as usize] == nest.group;
            let has = columns.clone().filter(of).count() as u32;
            has >= nest.least && has <= nest.most
        })
}
