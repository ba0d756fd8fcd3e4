//! Fair assignments of problems too large to try everything.

use good_lp::{
    Expression, ResolutionError, Solution, SolverModel, constraint, variable, variables,
};

use super::oracle::figure;
use super::*;

/// Affinities each on their own, such where all want the same experts, and such with many zeros besides.
/// Without spare loads every expert is needed to the last.
fn random(dice: &mut Dice, need: u32, (rows, columns): (usize, usize), spare: u32) -> Grid {
    let most = (need * rows as u32).div_ceil(columns as u32) + spare;
    let liked: Vec<u64> = (0..columns).map(|_| dice.roll(400_001)).collect();
    let shape = dice.roll(3);
    let mut affinity = Vec::new();
    for _ in 0..rows {
        for liked in &liked {
            let value = match shape {
                0 => dice.roll(1_000_001),
                1 => liked + dice.roll(600_000),
                _ if dice.percent(70) => 0,
                _ => liked + dice.roll(600_000),
            };
            affinity.push(if dice.percent(5) {
                CLOSED
            } else {
                value as i32
            });
        }
    }
    Grid {
        need: vec![need; rows],
        least: vec![0; columns],
        most: vec![most; columns],
        affinity,
        ..Grid::default()
    }
}

/// The highest worst proposal by another library's branching; `None` where there is no assignment.
fn highest(grid: &Grid) -> Option<i64> {
    branch(grid, None)
}

/// The greatest total at a floor, the same way.
fn greatest_at(grid: &Grid, floor: i64) -> Option<i64> {
    branch(grid, Some(floor))
}

fn branch(grid: &Grid, floor: Option<i64>) -> Option<i64> {
    let mut vars = variables!();
    let worst = match floor {
        None => vars.add(variable().min(0.0)),
        Some(floor) => {
            let floor = floor as f64 / 1000.0;
            vars.add(variable().min(floor).max(floor))
        }
    };
    let mut total = Expression::from(0);
    let mut by_row = vec![(Expression::from(0), Expression::from(0)); grid.need.len()];
    let mut by_column = vec![Expression::from(0); grid.columns()];
    for (at, value) in grid.affinity.iter().enumerate() {
        if *value != CLOSED {
            let x = vars.add(variable().binary());
            let (row, column) = (at / grid.columns(), at % grid.columns());
            by_row[row].0 += x;
            by_row[row].1 += x * f64::from(*value) / 1000.0;
            by_column[column] += x;
            total += x * f64::from(*value) / 1000.0;
        }
    }
    let aim = match floor {
        None => Expression::from(worst),
        Some(_) => total.clone(),
    };
    let mut model = vars.maximise(aim).using(good_lp::microlp);
    for ((count, sum), need) in by_row.into_iter().zip(&grid.need) {
        model = model.with(constraint!(count == f64::from(*need)));
        model = model.with(constraint!(sum >= worst));
    }
    for (sum, most) in by_column.into_iter().zip(&grid.most) {
        model = model.with(constraint!(sum <= f64::from(*most)));
    }
    match model.solve() {
        Ok(solution) => {
            let value = match floor {
                None => solution.value(worst),
                Some(_) => solution.eval(&total),
            };
            Some((value * 1000.0).round() as i64)
        }
        Err(ResolutionError::Infeasible) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn no_assignment_passes_the_bound_and_few_pass_what_is_found() {
    let mut dice = Dice(599);
    let (mut all, mut highest_found, mut widest) = (0, 0, 0.0_f64);
    for round in 0..figure(300) {
        let size = (5 + dice.roll(4) as usize, 4 + dice.roll(3) as usize);
        let spare = dice.roll(2) as u32;
        let grid = random(&mut dice, 2, size, spare);
        let (Some(found), Some(exact)) = (fair(&grid), highest(&grid)) else {
            continue;
        };
        // The other library reckons with tolerances.
        assert!(
            found.value <= exact + 5 && exact <= found.bound + 5,
            "round {round}: {} {exact} {}",
            found.value,
            found.bound
        );
        all += 1;
        highest_found += u32::from(found.value + 5 >= exact);
        widest = widest.max(1.0 - found.value as f64 / exact.max(1) as f64);
    }
    println!("{all} instances, {highest_found} at the highest, widest distance {widest:.6}");
    assert!(
        all >= figure(200) && highest_found * 10 >= all * 9,
        "{highest_found} of {all}"
    );
}

#[test]
fn the_total_of_small_grids_is_the_greatest_and_no_bound_is_below_it() {
    let mut dice = Dice(602);
    let mut all = 0;
    for round in 0..figure(200) {
        let size = (5 + dice.roll(4) as usize, 4 + dice.roll(3) as usize);
        let spare = dice.roll(2) as u32;
        let mut grid = random(&mut dice, 2, size, spare);
        if dice.percent(40) {
            grid.least.fill(1);
        }
        let Some(found) = fair(&grid) else { continue };
        // A little below the floor, for the other library's tolerances.
        let Some(exact) = greatest_at(&grid, found.value - 2) else {
            panic!("round {round}: no assignment");
        };
        assert!(found.total_bound + 10 >= exact, "round {round}: {exact}");
        assert_eq!(found.total, found.total_bound, "round {round}");
        assert_eq!(found.value, found.bound, "round {round}");
        // The same bounds without going through everything.
        let soon = crate::assign::fair::fair_soon(&grid, &vec![0; grid.need.len()]).unwrap();
        let closer = close_bound(&grid, found.value);
        assert!(soon.value <= found.value && soon.bound >= found.bound);
        assert!(closer + 10 >= exact, "round {round}: {closer} {exact}");
        all += 1;
    }
    assert!(all >= figure(150), "{all}");
}

/// What prices of the loads alone prove of the total, from none on.
fn close_bound(grid: &Grid, floor: i64) -> i64 {
    let base = vec![0; grid.need.len()];
    let prices = vec![0; grid.columns()];
    let mut priced = crate::assign::total::Priced::of(grid, &base, floor, prices);
    priced.lower(i64::MAX, 0)
}

#[test]
fn the_worst_proposal_is_near_the_bound_and_the_total_near_its_own() {
    let mut dice = Dice(600);
    // (rows, columns, how often, whether loads may be spared); the large ones in a whole run alone.
    let sizes = [
        (20, 20, 6, false),
        (30, 18, 6, false),
        (60, 40, 12, true),
        (150, 90, 3, true),
        (283, 120, figure(9), true),
        (400, 300, figure(9), true),
        (600, 360, figure(9), true),
        (600, 600, figure(9), true),
    ];
    let (mut widest, mut widest_total, mut all) = (0.0_f64, 0.0_f64, 0);
    for (rows, columns, times, spare) in sizes {
        for time in 0..times {
            let grid = random(
                &mut dice,
                3,
                (rows, columns),
                if spare { time % 3 } else { 0 },
            );
            let Some(found) = fair(&grid) else { continue };
            let sums = grid.sums(&found.pairs);
            assert_eq!(sums.iter().min(), Some(&found.value));
            assert_eq!(sums.iter().sum::<i64>(), found.total);
            assert!(found.bound >= found.value && found.total_bound >= found.total);
            let gap = 1.0 - found.value as f64 / found.bound.max(1) as f64;
            let gap_of_total = 1.0 - found.total as f64 / found.total_bound.max(1) as f64;
            println!(
                "{rows} x {columns}: worst {} of {}, gap {:.4} %, total {} of {}, gap {:.4} %",
                found.value,
                found.bound,
                100.0 * gap,
                found.total,
                found.total_bound,
                100.0 * gap_of_total
            );
            widest = widest.max(gap);
            widest_total = widest_total.max(gap_of_total);
            all += 1;
        }
    }
    println!(
        "{all} instances, widest gap of the worst {widest:.6}, of the total {widest_total:.6}"
    );
    assert!(widest <= 0.005, "{widest}");
    assert!(widest_total <= 0.01, "{widest_total}");
}

#[test]
fn whatever_the_rules_fair_keeps_them_and_is_no_worse_for_the_worst() {
    let mut dice = Dice(601);
    let mut solved = 0;
    for round in 0..figure(2000) {
        let problem = small(&mut dice);
        let fair = assign_for(&problem, Objective::Fair);
        match (assign(&problem), fair) {
            (Ok(best), Ok(fair)) => {
                assert_eq!(
                    keeps_rules(&problem, &fair),
                    Ok(()),
                    "round {round}: {problem:?}"
                );
                assert!(
                    fair.worst >= best.worst && fair.total <= best.total,
                    "round {round}: {problem:?}"
                );
                assert_eq!(fair.gap, fair.bound - fair.worst);
                assert!(fair.gap >= 0, "round {round}: {problem:?}");
                solved += 1;
            }
            (Err(_), Err(_)) => {}
            (one, other) => panic!("round {round}: {one:?} {other:?}"),
        }
    }
    assert!(solved >= figure(500), "{solved}");
}
