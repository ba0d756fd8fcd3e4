//! The fair assignment: how far the worst proposal is from what can be reached at all, the total at that
//! floor, and the worst proposal of one iteration of PeerReview4All (Stelmakh, Shah, Singh 2018). Ends with 1 where
//! that is better than ours.

mod instances;

use std::process::ExitCode;
use std::time::Instant;

use instances::grid;
use review::assign::{CLOSED, Grid, fair, greatest};

/// Proposals, experts, least and greatest load; three reviewers each.
const SIZES: [(usize, usize, u32, u32); 6] = [
    (283, 120, 0, 8),
    (526, 596, 0, 6),
    (600, 600, 0, 3),
    (600, 600, 3, 3),
    (2623, 1373, 0, 6),
    (5062, 2840, 0, 6),
];

fn main() -> ExitCode {
    let mut never_worse = true;
    println!(
        "| instance, loads | took | worst | bound | gap | PeerReview4All | total | bound of the total at that floor |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for shape in ["uniform", "topics"] {
        for size in SIZES {
            let grid = grid(shape, size);
            let start = Instant::now();
            let Some(found) = fair(&grid) else { continue };
            let took = start.elapsed().as_millis();
            let gap = 100.0 * (found.bound - found.value) as f64 / found.bound.max(1) as f64;
            let (rows, columns, least, most) = size;
            let other = peer_review_for_all(&grid);
            never_worse &= found.value >= other;
            println!(
                "| {shape} {rows} x {columns}, {least} to {most} | {took} ms | {} | {} | {gap:.3} % | {other} | {} | {} |",
                found.value, found.bound, found.total, found.total_bound
            );
        }
    }
    match never_worse {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The worst proposal of its first iteration: for each number of reviewers, the highest threshold at
/// which every proposal gets so many at or above it, by bisection; the others by greatest total; of all
/// these the best. It knows no least loads.
fn peer_review_for_all(grid: &Grid) -> i64 {
    let need = grid.need.first().copied().unwrap_or(0);
    let candidate = |first: u32| {
        let above = |threshold: i32| {
            let cut = |value: &i32| if *value < threshold { CLOSED } else { *value };
            let cut = Grid {
                need: vec![first; grid.need.len()],
                least: vec![0; grid.columns()],
                most: grid.most.clone(),
                affinity: grid.affinity.iter().map(cut).collect(),
                ..Grid::default()
            };
            greatest(&cut).map(|found| found.pairs)
        };
        let (mut low, mut high) = (0, 1_000_001);
        while high - low > 500 {
            let middle = (low + high) / 2;
            match above(middle) {
                Some(_) => low = middle,
                None => high = middle,
            }
        }
        let mut pairs = above(low)?;
        let mut rest = grid.clone();
        rest.least.fill(0);
        for (row, column) in &pairs {
            rest.need[*row as usize] -= 1;
            rest.most[*column as usize] -= 1;
            rest.affinity[*row as usize * grid.columns() + *column as usize] = CLOSED;
        }
        pairs.extend(greatest(&rest)?.pairs);
        grid.sums(&pairs).into_iter().min()
    };
    (1..=need).filter_map(candidate).max().unwrap_or(0)
}
