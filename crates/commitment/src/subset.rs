//! The largest subset of a group of equals that can be paid: exact, by branch and bound.

/// Equally good answers that are kept; a tie of many equals can have millions.
pub(crate) const ANSWERS_MAX: usize = 1_000;
/// Steps of one search. Groups of two dozen stay far below; what does not end is reported with its bound.
const STEPS_MAX: u64 = 500_000;
/// Cells of the tables of bounds, some 64 MB.
const CELLS_MAX: usize = 8_000_000;
/// The unit in which each funder's left money is counted in the joint column.
const UNIT: i128 = 1_000_000_000;

/// The largest subsets that can be paid.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Largest {
    /// All of them (the first thousand), each in rising order, the alphabetically first in front.
    pub(crate) answers: Vec<Vec<usize>>,
    /// Whether there may be more than are kept.
    pub(crate) more: bool,
    /// No subset has more members than this; equal to the answers' size when that is proven.
    pub(crate) bound: usize,
}

/// Finds the largest subsets of `items` (cents asked of each funder, none negative; items in order of
/// their codes) that can be paid from `left` (cents per funder, none negative).
pub(crate) fn largest(items: &[&[i64]], left: &[i64]) -> Largest {
    let mut candidates: Vec<usize> = (0..items.len())
        .filter(|item| {
            items[*item]
                .iter()
                .zip(left)
                .all(|(asked, rest)| asked <= rest)
        })
        .collect();
    let asked = |funder: usize| -> i64 { candidates.iter().map(|i| items[*i][funder]).sum() };
    let contested: Vec<usize> = (0..left.len()).filter(|f| asked(*f) > left[*f]).collect();
    // Whoever asks nothing of a contested funder is paid in any case.
    let free: Vec<usize> = candidates
        .extract_if(.., |item| {
            contested.iter().all(|funder| items[*item][*funder] == 0)
        })
        .collect();
    let columns = Columns::new(items, &candidates, left, &contested);

    let mut by_size: Vec<usize> = (0..candidates.len()).collect();
    by_size.sort_by_key(|item| columns.asked[*item][0]);
    let mut first = Search::new(&columns, by_size);
    first.improve(0, &mut columns.left.clone(), &mut Vec::new());
    let mut found = first.best.clone();
    found.sort_unstable();
    let bound = if first.exhausted {
        columns.root_bound().max(found.len())
    } else {
        found.len()
    };

    let mut second = Search::new(&columns, (0..candidates.len()).collect());
    second.collect(0, found.len(), &mut columns.left.clone(), &mut Vec::new());
    let more = second.exhausted || first.exhausted;
    let mut answers = second.answers;
    if answers.is_empty() {
        answers.push(found);
    }
    let answers = answers
        .into_iter()
        .map(|answer| {
            let mut whole: Vec<usize> = answer.into_iter().map(|item| candidates[item]).collect();
            whole.extend(&free);
            whole.sort_unstable();
            whole
        })
        .collect();
    Largest {
        answers,
        more,
        bound: bound + free.len(),
    }
}

/// The contested part of the problem. Column 0 joins all contested funders: what an item asks of
/// each, as a part of what is left there, rounded down. It is implied by the others, never wrong, and
/// bounds better than any single one where many funders are short.
struct Columns {
    asked: Vec<Vec<i64>>,
    left: Vec<i64>,
}

impl Columns {
    fn new(items: &[&[i64]], candidates: &[usize], left: &[i64], contested: &[usize]) -> Self {
        let part = |cents: i64, of: i64| -> i64 {
            let part = i128::from(cents) * UNIT / i128::from(of.max(1));
            i64::try_from(part).unwrap_or(i64::MAX)
        };
        let asked = candidates
            .iter()
            .map(|item| {
                let of = |funder: &usize| items[*item][*funder];
                let joint = contested
                    .iter()
                    .map(|funder| part(of(funder), left[*funder]))
                    .sum();
                std::iter::once(joint)
                    .chain(contested.iter().map(of))
                    .collect()
            })
            .collect();
        let unit = i64::try_from(UNIT).unwrap_or(i64::MAX);
        let joint = unit.saturating_mul(i64::try_from(contested.len()).unwrap_or(i64::MAX));
        let left = std::iter::once(joint)
            .chain(contested.iter().map(|f| left[*f]))
            .collect();
        Self { asked, left }
    }

    /// How many items any single column would allow.
    fn root_bound(&self) -> usize {
        let fit = |column: usize| {
            let mut asked: Vec<i64> = self.asked.iter().map(|item| item[column]).collect();
            asked.sort_unstable();
            let mut rest = self.left[column];
            let paid = asked.iter().take_while(|cents| {
                rest = rest.saturating_sub(**cents);
                rest >= 0
            });
            paid.count()
        };
        (0..self.left.len())
            .map(fit)
            .min()
            .unwrap_or(self.asked.len())
    }
}

struct Search<'a> {
    columns: &'a Columns,
    /// Items in the order in which they are decided.
    order: Vec<usize>,
    /// `least[depth][column][k]`: the least that `k` of the items from `depth` on ask of a column.
    least: Vec<Vec<Vec<i64>>>,
    steps: u64,
    exhausted: bool,
    best: Vec<usize>,
    answers: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(columns: &'a Columns, order: Vec<usize>) -> Self {
        let cells = (order.len() * order.len()).max(1);
        let bounded = columns.left.len().min((CELLS_MAX / cells).max(1));
        let least = (0..order.len())
            .map(|depth| {
                (0..bounded)
                    .map(|column| {
                        let mut asked: Vec<i64> = order[depth..]
                            .iter()
                            .map(|item| columns.asked[*item][column])
                            .collect();
                        asked.sort_unstable();
                        let sums = asked.iter().scan(0i64, |sum, cents| {
                            *sum = sum.saturating_add(*cents);
                            Some(*sum)
                        });
                        std::iter::once(0).chain(sums).collect()
                    })
                    .collect()
            })
            .collect();
        Self {
            columns,
            order,
            least,
            steps: 0,
            exhausted: false,
            best: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Whether `needed` more items from `depth` on are not ruled out.
    fn possible(&self, depth: usize, needed: usize, left: &[i64]) -> bool {
        needed == 0
            || (needed <= self.order.len() - depth
                && self.least[depth]
                    .iter()
                    .zip(left)
                    .all(|(least, rest)| least[needed] <= *rest))
    }

    fn step(&mut self) -> bool {
        self.steps += 1;
        self.exhausted |= self.steps > STEPS_MAX;
        !self.exhausted
    }

    /// Searches for a larger subset than the best so far, from `depth` on.
    fn improve(&mut self, depth: usize, left: &mut [i64], taken: &mut Vec<usize>) {
        if taken.len() > self.best.len() {
            self.best.clone_from(taken);
        }
        let needed = self.best.len() + 1 - taken.len();
        if depth == self.order.len() || !self.possible(depth, needed, left) || !self.step() {
            return;
        }
        let item = self.order[depth];
        if self.take(item, left) {
            taken.push(item);
            self.improve(depth + 1, left, taken);
            taken.pop();
        }
        self.give_back(item, left);
        self.improve(depth + 1, left, taken);
    }

    /// Collects the subsets of exactly `size` items, the alphabetically first in front.
    fn collect(&mut self, depth: usize, size: usize, left: &mut [i64], taken: &mut Vec<usize>) {
        if taken.len() == size {
            if self.answers.len() == ANSWERS_MAX {
                self.exhausted = true;
            } else {
                self.answers.push(taken.clone());
            }
            return;
        }
        let needed = size - taken.len();
        if depth == self.order.len() || !self.possible(depth, needed, left) || !self.step() {
            return;
        }
        let item = self.order[depth];
        if self.take(item, left) {
            taken.push(item);
            self.collect(depth + 1, size, left, taken);
            taken.pop();
        }
        self.give_back(item, left);
        self.collect(depth + 1, size, left, taken);
    }

    /// Pays the item, and says whether the money was enough.
    fn take(&self, item: usize, left: &mut [i64]) -> bool {
        let mut enough = true;
        for (rest, asked) in left.iter_mut().zip(&self.columns.asked[item]) {
            *rest -= asked;
            enough &= *rest >= 0;
        }
        enough
    }

    fn give_back(&self, item: usize, left: &mut [i64]) {
        for (rest, asked) in left.iter_mut().zip(&self.columns.asked[item]) {
            *rest += asked;
        }
    }
}
