//! Linear conditions that every payable subset of a group meets: what a search is pruned with.
//!
//! A gap need is a sum of `max(0, excess)` over funders, so the plain sum of the excesses over *any* set of
//! funders is at most the need. What the EU pays is at most its ceiling, and at most the rate times the
//! total. Each choice of funders and of one of the two bounds gives a condition that is linear in the
//! projects, where a project that earns more than it costs weighs less than nothing.

use crate::pot::{Eu, Pot};

/// Groups of at most so many are searched with the broad conditions alone.
const SMALL: usize = 8;

/// In every payable subset the weights sum to `room` at most. Where the gap need itself is bounded by `n`
/// cents instead of by the gap money, the room is `need_room + n * unit`.
pub(crate) struct Column {
    pub(crate) weights: Vec<i128>,
    pub(crate) room: i128,
    pub(crate) bound: Option<NeedBound>,
}

/// The same weights against a bound of the gap need.
pub(crate) struct NeedBound {
    pub(crate) room: i128,
    pub(crate) unit: i128,
}

/// What a group's members ask, beside what is funded above them.
pub(crate) struct Members<'a> {
    pub(crate) pot: &'a Pot,
    pub(crate) base: &'a [i64],
    pub(crate) items: &'a [&'a [i64]],
}

impl Members<'_> {
    /// What is asked of each funder when all are funded.
    pub(crate) fn all(&self) -> Vec<i64> {
        let mut all = self.base.to_vec();
        for item in self.items {
            add(&mut all, item);
        }
        all
    }

    /// The conditions worth checking, the broadest in front.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let all = self.all();
        let limited: Vec<usize> = (0..all.len())
            .filter(|funder| all[*funder] > self.pot.limits[*funder])
            .collect();
        let mut columns: Vec<Column> = limited.iter().map(|funder| self.limit(*funder)).collect();
        if let Some(eu) = &self.pot.eu {
            for set in self.funder_sets(eu, &all) {
                columns.extend(self.shared(eu, &set));
            }
        }
        columns.extend(joint(&columns));
        columns.reverse();
        columns
    }

    /// The hard limit of one funder.
    fn limit(&self, funder: usize) -> Column {
        Column {
            weights: self
                .items
                .iter()
                .map(|item| i128::from(item[funder]))
                .collect(),
            room: i128::from(self.pot.limits[funder]) - i128::from(self.base[funder]),
            bound: None,
        }
    }

    /// Each funder that could lack money, and those that lack some when a part of the group is funded.
    fn funder_sets(&self, eu: &Eu, all: &[i64]) -> Vec<Vec<usize>> {
        let lacking = |asked: &[i64]| -> Vec<usize> {
            let scale = eu.scale(self.pot.total(asked));
            (0..asked.len())
                .filter(|funder| {
                    let asked = asked[*funder];
                    self.pot.eligible[*funder]
                        && self.pot.excess(eu, &scale, asked, asked, *funder) > 0
                })
                .collect()
        };
        let possible: Vec<usize> = (0..all.len())
            .filter(|funder| {
                self.pot.eligible[*funder] && all[*funder] > self.pot.commitments[*funder]
            })
            .collect();
        // A small group is searched sooner than the conditions of each funder are written down.
        let single = possible.iter().filter(|_| self.items.len() > SMALL);
        let mut sets: Vec<Vec<usize>> = single.map(|funder| vec![*funder]).collect();
        let mut broad = vec![possible];
        for eighths in (1..=8).rev() {
            let part: Vec<i64> = self
                .base
                .iter()
                .zip(all)
                .map(|(low, high)| low + ((high - low) / 8).saturating_mul(eighths))
                .collect();
            broad.push(lacking(&part));
        }
        broad.dedup();
        broad.retain(|set| set.len() > 1);
        sets.extend(broad);
        sets
    }

    /// The conditions over the gap need of a set of eligible funders.
    fn shared(&self, eu: &Eu, set: &[usize]) -> Vec<Column> {
        let asked = |row: &[i64]| -> i128 { set.iter().map(|f| i128::from(row[*f])).sum() };
        let own = asked(&self.pot.commitments);
        let (p, q) = eu.rate;
        let (gap, of) = eu.gap;
        let proportional = eu.proportional();
        let total = |row: &[i64]| self.pot.total(row);
        // requested * per_asked - total * per_total <= own part and bound
        let column = |per_asked: i128, per_total: i128, room: i128, bound: Option<(i128, i128)>| {
            let weight = |row: &[i64]| asked(row) * per_asked - total(row) * per_total;
            let used = weight(self.base);
            Column {
                weights: self.items.iter().map(|item| weight(item)).collect(),
                room: room - used,
                bound: bound.map(|(room, unit)| NeedBound {
                    room: room - used,
                    unit,
                }),
            }
        };
        if eu.by_request {
            let total_low = total(self.base);
            let earning = of * q - proportional * p;
            let mut columns = vec![
                column(earning, gap * p, own * of * q, None),
                column(
                    earning,
                    0,
                    own * of * q + gap * eu.ceiling * q,
                    Some((own * of * q, of * q)),
                ),
            ];
            if eu.ceiling * q < p * total_low {
                // The ceiling is reached above the group already: shares can only shrink.
                let earning = of * total_low - proportional * eu.ceiling;
                let room = own * of * total_low;
                columns.push(column(
                    earning,
                    0,
                    room + gap * eu.ceiling * total_low,
                    Some((room, of * total_low)),
                ));
            }
            return columns;
        }
        let whole = eu.committed.max(1);
        if eu.planned {
            let unit = of * whole;
            let fixed = own * unit + proportional * eu.ceiling * own;
            return vec![
                column(q, p, own * q, None),
                column(
                    unit,
                    0,
                    fixed + gap * eu.ceiling * whole,
                    Some((fixed, unit)),
                ),
            ];
        }
        // Of each euro earned the set gets its proportional part and at most all gap money.
        let unit = of * whole;
        let (part, most) = (proportional * own, proportional * own + gap * whole);
        vec![
            column(unit * q, most * p, own * unit * q, None),
            column(
                unit * q,
                part * p,
                own * unit * q + gap * whole * eu.ceiling * q,
                Some((own * unit * q, unit * q)),
            ),
            column(
                unit,
                0,
                own * unit + most * eu.ceiling,
                Some((own * unit + part * eu.ceiling, unit)),
            ),
        ]
    }
}

/// One column that joins the hard limits, each as a part of its room, rounded down: implied by the others,
/// and a better bound where many funders are short.
fn joint(limits: &[Column]) -> Option<Column> {
    const UNIT: i128 = 1_000_000_000;
    let hard: Vec<&Column> = limits
        .iter()
        .filter(|column| column.room > 0 && column.weights.iter().all(|weight| *weight >= 0))
        .collect();
    let members = hard.first()?.weights.len();
    let part = |column: &&Column, item: usize| {
        (column.weights[item] / divisor(column)) * UNIT / (column.room / divisor(column) + 1)
    };
    Some(Column {
        weights: (0..members)
            .map(|item| hard.iter().map(|column| part(column, item)).sum())
            .collect(),
        room: UNIT * i128::try_from(hard.len()).unwrap_or(i128::MAX),
        bound: None,
    })
}

/// Keeps the products of the joint column small.
fn divisor(column: &Column) -> i128 {
    (column.room >> 80).max(1)
}

pub(crate) fn add(sums: &mut [i64], row: &[i64]) {
    for (sum, asked) in sums.iter_mut().zip(row) {
        *sum += asked;
    }
}
