//! Exchanges of reviewers that lift a proposal without letting another fall below a floor.

use std::collections::VecDeque;

use super::grid::{CLOSED, Grid};

/// An assignment that is being improved.
#[derive(Clone)]
pub(super) struct Chains<'a> {
    grid: &'a Grid,
    /// The columns of each row that an exchange may bring in.
    choice: &'a [Vec<u32>],
    rows: Vec<Vec<u32>>,
    experts: Vec<Vec<u32>>,
    group_load: Vec<u32>,
    /// What each proposal has, kept pairs counted.
    pub sums: Vec<i64>,
}

/// How an expert was reached: a row would give up one expert for this one.
#[derive(Clone, Copy)]
struct Step {
    row: u32,
    out: u32,
    /// The expert whom the chain sets free in its first step.
    freed: u32,
    first: bool,
}

impl<'a> Chains<'a> {
    pub fn of(grid: &'a Grid, choice: &'a [Vec<u32>], base: &[i64], pairs: &[(u32, u32)]) -> Self {
        let mut chains = Self {
            grid,
            choice,
            rows: vec![Vec::new(); grid.need.len()],
            experts: vec![Vec::new(); grid.columns()],
            group_load: vec![0; grid.group_load.len()],
            sums: base.to_vec(),
        };
        for (row, column) in pairs {
            chains.rows[*row as usize].push(*column);
            chains.experts[*column as usize].push(*row);
            chains.sums[*row as usize] += chains.value(*row, *column);
            if !grid.group_load.is_empty() {
                chains.group_load[grid.group[*column as usize] as usize] += 1;
            }
        }
        chains
    }

    pub fn pairs(&self) -> Vec<(u32, u32)> {
        let rows = self.rows.iter().zip(0..);
        let mut pairs: Vec<(u32, u32)> = rows
            .flat_map(|(columns, row)| columns.iter().map(move |column| (row, *column)))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    pub fn worst(&self) -> i64 {
        self.sums.iter().min().copied().unwrap_or(0)
    }

    pub fn total(&self) -> i64 {
        self.sums.iter().sum()
    }

    /// Lifts the worst proposals as long as a chain of exchanges does, at most to `most`; answers the
    /// floor that is reached.
    pub fn lift_worst(&mut self, most: i64) -> i64 {
        // Each exchange lifts the worst proposal and leaves no other as low, so that it ends; that it
        // ends soon is what the count is for.
        for _ in 0..20 * self.sums.len() {
            let worst = (0..self.sums.len()).min_by_key(|row| (self.sums[*row], *row));
            let Some(row) = worst.filter(|row| self.sums[*row] < most) else {
                return self.worst();
            };
            let (mut low, mut high) = (self.sums[row], most);
            let mut chain = self.chain(row as u32, high);
            while chain.is_none() && high - low > 1 {
                let middle = low + (high - low) / 2;
                match self.chain(row as u32, middle) {
                    Some(found) if high - low < 2000 => chain = Some(found),
                    Some(_) => low = middle,
                    None => high = middle,
                }
            }
            let chain = chain.or_else(|| self.chain(row as u32, low.max(self.sums[row] + 1)));
            match chain {
                Some(chain) => self.apply(&chain),
                None => break,
            }
        }
        self.worst()
    }

    /// Lifts every proposal to the floor; whether it came off.
    pub fn lift_all(&mut self, floor: i64) -> bool {
        for row in 0..self.sums.len() {
            if self.sums[row] < floor {
                match self.chain(row as u32, floor) {
                    Some(chain) => self.apply(&chain),
                    None => return false,
                }
            }
        }
        true
    }

    /// Exchanges that raise the sum of all, with every proposal at the floor or above, until a pass
    /// finds none: an expert with room for another, or two proposals swapping experts.
    pub fn raise_total(&mut self, floor: i64) {
        let mut changed = true;
        while changed {
            changed = false;
            for row in 0..self.rows.len() as u32 {
                while let Some(moves) = self.better(row, floor) {
                    self.apply(&moves);
                    changed = true;
                }
            }
        }
    }

    fn better(&self, row: u32, floor: i64) -> Option<Vec<(u32, u32, u32)>> {
        let choice: &[u32] = &self.choice[row as usize];
        for out in &self.rows[row as usize] {
            for new in choice {
                let Some(sum) = self.after(row, *out, *new).filter(|sum| *sum >= floor) else {
                    continue;
                };
                let gain = sum - self.sums[row as usize];
                if gain > 0 && self.ends(*out, *new) {
                    return Some(vec![(row, *out, *new)]);
                }
                for other in &self.experts[*new as usize] {
                    let back = self.after(*other, *new, *out).filter(|sum| *sum >= floor);
                    if back.is_some_and(|sum| gain + sum - self.sums[*other as usize] > 0) {
                        return Some(vec![(row, *out, *new), (*other, *new, *out)]);
                    }
                }
            }
        }
        None
    }

    fn value(&self, row: u32, column: u32) -> i64 {
        i64::from(self.grid.value(row as usize, column as usize))
    }

    /// The row's sum after the exchange, if the row may make it.
    fn after(&self, row: u32, out: u32, new: u32) -> Option<i64> {
        let value = self.grid.value(row as usize, new as usize);
        if value == CLOSED || self.rows[row as usize].contains(&new) {
            return None;
        }
        let sum = self.sums[row as usize] - self.value(row, out) + i64::from(value);
        self.nests_allow(row, out, new).then_some(sum)
    }

    fn nests_allow(&self, row: u32, out: u32, new: u32) -> bool {
        let group = &self.grid.group;
        if self.grid.nests.is_empty() || group[out as usize] == group[new as usize] {
            return true;
        }
        let from = self.grid.nests.partition_point(|nest| nest.row < row);
        let nests = self.grid.nests[from..]
            .iter()
            .take_while(|nest| nest.row == row);
        nests.into_iter().all(|nest| {
            let of = |column: &u32| group[*column as usize] == nest.group;
            let has = self.rows[row as usize]
                .iter()
                .filter(|column| of(column))
                .count() as u32;
            let then = has + u32::from(of(&new)) - u32::from(of(&out));
            then >= nest.least && then <= nest.most
        })
    }

    /// Whether one expert may have one pair fewer and the other one more.
    fn ends(&self, freed: u32, last: u32) -> bool {
        let grid = self.grid;
        let load = |column: u32| self.experts[column as usize].len() as u32;
        let experts =
            load(freed) > grid.least[freed as usize] && load(last) < grid.most[last as usize];
        experts
            && (grid.group_load.is_empty() || {
                let (from, to) = (
                    grid.group[freed as usize] as usize,
                    grid.group[last as usize] as usize,
                );
                from == to
                    || (self.group_load[from] > grid.group_load[from][0]
                        && self.group_load[to] < grid.group_load[to][1])
            })
    }

    /// The exchanges, the fewest, after which the row and all others touched are at the floor or above.
    fn chain(&self, start: u32, floor: i64) -> Option<Vec<(u32, u32, u32)>> {
        let mut reached: Vec<Option<Step>> = vec![None; self.grid.columns()];
        let mut queue = VecDeque::new();
        let mut frontier = vec![(start, None)];
        loop {
            for (row, from) in frontier.drain(..) {
                let outs = match &from {
                    Some(expert) => std::slice::from_ref(expert),
                    None => &self.rows[row as usize][..],
                };
                for out in outs {
                    for new in &self.choice[row as usize] {
                        let freed = match from {
                            Some(expert) => reached[expert as usize]?.freed,
                            None => *out,
                        };
                        if reached[*new as usize].is_some() && *new != freed {
                            continue;
                        }
                        if self.after(row, *out, *new).is_none_or(|sum| sum < floor) {
                            continue;
                        }
                        let first = from.is_none();
                        let step = Step {
                            row,
                            out: *out,
                            freed,
                            first,
                        };
                        if (*new == freed && !first) || self.ends(freed, *new) {
                            return Some(way(&reached, step, *new));
                        }
                        if reached[*new as usize].is_none() {
                            reached[*new as usize] = Some(step);
                            queue.push_back(*new);
                        }
                    }
                }
            }
            let expert = queue.pop_front()?;
            let on_way = rows_on_way(&reached, expert);
            let rows = self.experts[expert as usize].iter();
            frontier.extend(
                rows.filter(|row| !on_way.contains(row))
                    .map(|row| (*row, Some(expert))),
            );
        }
    }

    fn apply(&mut self, moves: &[(u32, u32, u32)]) {
        for (row, out, new) in moves {
            let gain = self.value(*row, *new) - self.value(*row, *out);
            self.sums[*row as usize] += gain;
            self.rows[*row as usize].retain(|column| column != out);
            self.rows[*row as usize].push(*new);
            self.experts[*out as usize].retain(|other| other != row);
            self.experts[*new as usize].push(*row);
            if !self.grid.group_load.is_empty() {
                let group = |column: u32| self.grid.group[column as usize] as usize;
                self.group_load[group(*out)] -= 1;
                self.group_load[group(*new)] += 1;
            }
        }
    }
}

/// The exchanges on the way to a last one, which brings in `new`.
fn way(reached: &[Option<Step>], last: Step, new: u32) -> Vec<(u32, u32, u32)> {
    let (mut step, mut new) = (Some(last), new);
    let mut moves = Vec::new();
    while let Some(at) = step {
        moves.push((at.row, at.out, new));
        new = at.out;
        step = if at.first {
            None
        } else {
            reached[new as usize]
        };
    }
    moves
}

fn rows_on_way(reached: &[Option<Step>], expert: u32) -> Vec<u32> {
    let mut rows = Vec::new();
    let mut step = reached[expert as usize];
    while let Some(at) = step {
        rows.push(at.row);
        step = if at.first {
            None
        } else {
            reached[at.out as usize]
        };
    }
    rows
}
