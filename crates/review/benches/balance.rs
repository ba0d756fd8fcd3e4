//! Gender beside country: the assignment under limits that cross partitions.

mod instances;

use std::collections::BTreeSet;
use std::time::Instant;

use instances::grid;
use review::assign::{
    Balance, ExpertNode, Limits, Objective, Problem, ProposalNode, assign_balanced_for,
};
use uuid::Uuid;

/// Proposals, experts, least and greatest load; three reviewers each.
const SIZES: [(usize, usize, u32, u32); 4] = [
    (60, 40, 0, 6),
    (150, 100, 0, 6),
    (283, 120, 0, 9),
    (526, 596, 0, 6),
];

fn main() {
    println!("| instance | asked | took | answer | bound | gap |");
    println!("|---|---|---|---|---|---|");
    for shape in ["uniform", "topics"] {
        for size in SIZES {
            let (rows, columns, ..) = size;
            let problem = problem(shape, size);
            for (asked, women, objective) in [
                ("total", 1, Objective::Total),
                ("fair", 1, Objective::Fair),
                ("too many women", 2, Objective::Total),
            ] {
                let balances = balances(columns, women);
                let start = Instant::now();
                let found = assign_balanced_for(&problem, &balances, objective);
                let took = start.elapsed().as_millis();
                let answer = match found {
                    Ok(Some(found)) => {
                        let value =
                            [found.total, found.worst][usize::from(objective == Objective::Fair)];
                        let gap = 100.0 * found.gap as f64 / found.bound.max(1) as f64;
                        format!("{value} | {} | {gap:.3} %", found.bound)
                    }
                    Ok(None) => "undecided | |".to_owned(),
                    Err(why) => {
                        let changes: u32 = why.changes.iter().map(|change| change.by).sum();
                        let short = why.shortages.len();
                        format!("{short} shortages, {changes} changes | |")
                    }
                };
                println!("| {shape} {rows} x {columns} | {asked} | {took} ms | {answer} |");
            }
        }
    }
}

fn problem(shape: &str, size: (usize, usize, u32, u32)) -> Problem {
    let grid = grid(shape, size);
    let id = |kind, n: usize| Uuid::from_u64_pair(kind, n as u64);
    Problem {
        proposals: (0..grid.need.len())
            .map(|n| ProposalNode {
                id: id(1, n),
                reviewers: 3,
            })
            .collect(),
        experts: (0..grid.columns())
            .map(|n| ExpertNode {
                id: id(2, n),
                min_load: grid.least[n] as u16,
                max_load: grid.most[n] as u16,
            })
            .collect(),
        affinity: grid
            .affinity
            .iter()
            .map(|value| i64::from(*value))
            .collect(),
        // One pair in eleven is in conflict.
        forbidden: (0..grid.need.len())
            .flat_map(|p| (0..grid.columns()).map(move |e| (p, e)))
            .filter(|(p, e)| (p * 5 + e * 3) % 11 == 0)
            .map(|(p, e)| (id(1, p), id(2, e)))
            .collect(),
        kept: BTreeSet::new(),
        partition: None,
    }
}

/// Two in five experts are women; twelve countries, the first with many experts.
fn balances(columns: usize, women: u16) -> Vec<Balance> {
    let of = |is: &dyn Fn(usize) -> bool| {
        let members = (0..columns).filter(|n| is(*n));
        members.map(|n| Uuid::from_u64_pair(2, n as u64)).collect()
    };
    let balance = |name: &str, members, least, most| Balance {
        name: name.to_owned(),
        members,
        per_proposal: Limits { least, most },
    };
    vec![
        balance("woman", of(&|n| n % 5 < 2), women, None),
        balance("man", of(&|n| n % 5 >= 2), 1, None),
        balance("DE", of(&|n| n * 7 % 12 < 3), 0, Some(1)),
        balance(
            "FR",
            of(&|n| n * 7 % 12 == 3 || n * 7 % 12 == 4),
            0,
            Some(1),
        ),
    ]
}
