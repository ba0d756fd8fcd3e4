//! Branch and bound over the subsets of one size.

use std::cmp::Ordering;

use crate::column::{Column, Members, add};
use crate::pot::Need;

/// Equally good answers that are kept; a tie of many equals can have millions.
pub(crate) const ANSWERS_MAX: usize = 1_000;
/// Cells of the tables of bounds, some 64 MB.
const CELLS_MAX: usize = 4_000_000;

/// Steps that may still be taken: the same on every machine, so that an answer can be computed again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps(pub(crate) u64);

/// A search through the subsets of `size` members.
pub(crate) struct Search<'a> {
    members: &'a Members<'a>,
    columns: &'a [Column],
    /// Members in the order in which they are decided.
    order: Vec<usize>,
    /// `least[depth][column][k]`: the least weight of `k` of the members from `depth` on.
    least: Vec<Vec<Vec<i128>>>,
    /// The room of each column, narrowed by the best need that is known.
    rooms: Vec<i128>,
    steps: u64,
    /// Whether the steps ended before the search.
    pub(crate) ended: bool,
    /// The smallest gap need found, and the sets that have it.
    pub(crate) best: Option<Need>,
    pub(crate) answers: Vec<Vec<usize>>,
    /// Whether there are more answers than were kept.
    pub(crate) more: bool,
    keep: usize,
}

impl<'a> Search<'a> {
    pub(crate) fn new(members: &'a Members<'a>, columns: &'a [Column], order: Vec<usize>) -> Self {
        let cells = (order.len() * order.len()).max(1);
        let bounded = columns.len().min((CELLS_MAX / cells).max(1));
        let least = (0..order.len())
            .map(|depth| {
                let rest = &order[depth..];
                columns[..bounded]
                    .iter()
                    .map(|column| least_sums(rest.iter().map(|item| column.weights[*item])))
                    .collect()
            })
            .collect();
        Self {
            members,
            columns,
            order,
            least,
            rooms: Vec::new(),
            steps: 0,
            ended: false,
            best: None,
            answers: Vec::new(),
            more: false,
            keep: 1,
        }
    }

    /// Finds one subset of `size` with the smallest gap need.
    pub(crate) fn smallest(&mut self, size: usize, steps: &mut Steps) {
        self.best = None;
        self.run(size, 1, steps);
    }

    /// Finds all subsets of `size` whose gap need is `need`, the alphabetically first in front when the
    /// order is that of the codes; only the first thousand are kept.
    pub(crate) fn all(&mut self, size: usize, need: Need, steps: &mut Steps) {
        self.best = Some(need);
        self.run(size, ANSWERS_MAX, steps);
    }

    fn run(&mut self, size: usize, keep: usize, steps: &mut Steps) {
        self.answers.clear();
        self.ended = false;
        self.more = false;
        self.keep = keep;
        self.steps = steps.0;
        self.narrow();
        let mut used = vec![0; self.columns.len()];
        self.descend(0, size, &mut used, &mut Vec::new());
        steps.0 = self.steps;
    }

    fn narrow(&mut self) {
        let best = self.best.map(Need::up);
        let room = |column: &Column| match (&column.bound, best) {
            (Some(bound), Some(best)) => column.room.min(bound.room + best * bound.unit),
            _ => column.room,
        };
        self.rooms = self.columns.iter().map(room).collect();
    }

    /// Whether a subset of `size` is not ruled out at once.
    pub(crate) fn may_exist(&mut self, size: usize) -> bool {
        self.best = None;
        self.narrow();
        self.possible(0, size, &vec![0; self.columns.len()])
    }

    /// Whether `needed` more members from `depth` on are not ruled out.
    fn possible(&self, depth: usize, needed: usize, used: &[i128]) -> bool {
        needed == 0
            || (needed <= self.order.len() - depth
                && self.least[depth]
                    .iter()
                    .zip(&self.rooms)
                    .zip(used)
                    .all(|((least, room), used)| used + least[needed] <= *room))
    }

    fn descend(&mut self, depth: usize, needed: usize, used: &mut [i128], taken: &mut Vec<usize>) {
        if needed == 0 {
            self.judge(used, taken);
            return;
        }
        if self.finished() || !self.possible(depth, needed, used) {
            return;
        }
        if self.steps == 0 {
            self.ended = true;
            return;
        }
        self.steps -= 1;
        let item = self.order[depth];
        for (sum, column) in used.iter_mut().zip(self.columns) {
            *sum += column.weights[item];
        }
        taken.push(item);
        self.descend(depth + 1, needed - 1, used, taken);
        taken.pop();
        for (sum, column) in used.iter_mut().zip(self.columns) {
            *sum -= column.weights[item];
        }
        self.descend(depth + 1, needed, used, taken);
    }

    /// Nothing better can come: one set was looked for and it needs nothing, or enough are kept.
    fn finished(&self) -> bool {
        self.ended
            || self.more
            || (self.keep == 1 && !self.answers.is_empty() && self.best == Some(Need::NOTHING))
    }

    fn judge(&mut self, used: &[i128], taken: &[usize]) {
        let within = self.rooms.iter().zip(used).all(|(room, used)| used <= room);
        if self.finished() || !within {
            return;
        }
        let mut requested = self.members.base.to_vec();
        for item in taken {
            add(&mut requested, self.members.items[*item]);
        }
        if !self.members.pot.fits(&requested) {
            return;
        }
        let need = self.members.pot.need(&requested);
        match self.best.map(|best| need.cmp(&best)) {
            Some(Ordering::Greater) => return,
            Some(Ordering::Equal) if self.answers.len() == self.keep => {
                self.more = self.keep > 1;
                return;
            }
            Some(Ordering::Equal) => {}
            None | Some(Ordering::Less) => {
                self.answers.clear();
                self.best = Some(need);
                self.narrow();
            }
        }
        let mut answer = taken.to_vec();
        answer.sort_unstable();
        self.answers.push(answer);
    }
}

/// The sums of the least weights: of none, of one, of two ...
pub(crate) fn least_sums(weights: impl Iterator<Item = i128>) -> Vec<i128> {
    let mut sorted: Vec<i128> = weights.collect();
    sorted.sort_unstable();
    let mut sums = Vec::with_capacity(sorted.len() + 1);
    let mut sum = 0;
    sums.push(sum);
    for weight in sorted {
        sum += weight;
        sums.push(sum);
    }
    sums
}
