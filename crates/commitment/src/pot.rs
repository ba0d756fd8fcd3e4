//! The exact rules of the money: whether what is requested can be paid, in whole numbers.

use std::cmp::Ordering;

use call::{EuBase, EuShare};

use crate::SelectionInput;

/// What may be spent, and how the EU's money is shared.
#[derive(Debug, Clone)]
pub(crate) struct Pot {
    /// National commitments by funder, in cents.
    pub(crate) commitments: Vec<i64>,
    /// Whether a funder earns and receives EU money; nobody does where there is none.
    pub(crate) eligible: Vec<bool>,
    /// What may be requested of a funder whatever the others do: its commitment without EU money, what its
    /// cap allows with it, and no more than is decided of one that refuses anything new.
    pub(crate) limits: Vec<i64>,
    /// Of those that refuse anything new: what is requested by what is decided, and the commitment they said it of. Who
    /// raises that pays for more again.
    pub(crate) barred: Vec<Option<(i64, i64)>>,
    pub(crate) eu: Option<Eu>,
}

/// The EU's money. Fractions are numerator and denominator.
#[derive(Debug, Clone)]
pub(crate) struct Eu {
    pub(crate) rate: (i128, i128),
    pub(crate) ceiling: i128,
    pub(crate) gap: (i128, i128),
    pub(crate) cap: Option<(i128, i128)>,
    pub(crate) planned: bool,
    pub(crate) by_request: bool,
    /// Sum of the eligible funders' commitments.
    pub(crate) committed: i128,
}

/// How the EU's money stands for a total of requests: everything times `unit` is a whole number.
pub(crate) struct Scale {
    pub(crate) unit: i128,
    /// The money that is shared (planned or earned), times the rate's denominator.
    pub(crate) base: i128,
    /// What the shares are parts of.
    pub(crate) whole: i128,
}

/// A gap need in cents, exactly: `cents` and `part / unit`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    pub(crate) cents: i128,
    part: i128,
    unit: i128,
}

impl Need {
    pub(crate) const NOTHING: Need = Need {
        cents: 0,
        part: 0,
        unit: 1,
    };

    fn new(scaled: i128, unit: i128) -> Self {
        Need {
            cents: scaled / unit,
            part: scaled % unit,
            unit,
        }
    }

    /// Whole cents that are enough.
    pub(crate) fn up(self) -> i128 {
        self.cents + i128::from(self.part > 0)
    }

    /// To the nearest cent, for print.
    pub(crate) fn nearest(self) -> i64 {
        let up = i128::from(2 * self.part >= self.unit);
        i64::try_from(self.cents + up).unwrap_or(i64::MAX)
    }
}

impl PartialEq for Need {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Need {}

impl PartialOrd for Need {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Need {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = || (self.part * other.unit).cmp(&(other.part * self.unit));
        self.cents.cmp(&other.cents).then_with(parts)
    }
}

impl Pot {
    /// The pot of a checked input.
    pub(crate) fn new(input: &SelectionInput) -> Self {
        let convention = input.convention;
        let eu = input.eu.as_ref().map(|eu| Eu {
            rate: eu.rate.lowest(),
            ceiling: i128::from(eu.ceiling.0),
            gap: input.gap_share.unwrap_or_default().lowest(),
            cap: input.cap.map(|cap| cap.lowest()),
            planned: convention.is_some_and(|one| one.base == EuBase::Planned),
            by_request: convention.is_some_and(|one| one.share == EuShare::ByRequest),
            committed: 0,
        });
        let funders = &input.funders;
        let mut pot = Self {
            commitments: Vec::new(),
            eligible: funders
                .iter()
                .map(|funder| eu.is_some() && funder.eu_eligible)
                .collect(),
            limits: Vec::new(),
            barred: funders
                .iter()
                .map(|one| Some((input.no_more.get(&one.code)?.0, one.commitment.0)))
                .collect(),
            eu,
        };
        pot.commit(funders.iter().map(|funder| funder.commitment.0).collect());
        pot
    }

    /// The same rules over other commitments.
    pub(crate) fn with(&self, commitments: Vec<i64>) -> Self {
        let mut pot = self.clone();
        pot.commit(commitments);
        pot
    }

    fn commit(&mut self, commitments: Vec<i64>) {
        let limit = |(own, eligible): (&i64, &bool)| match self.eu.as_ref().map(|eu| eu.cap) {
            Some(None) if *eligible => i64::MAX,
            Some(Some((times, by))) if *eligible => {
                let most = i128::from(*own) * (by + times) / by;
                i64::try_from(most).unwrap_or(i64::MAX)
            }
            _ => *own,
        };
        self.limits = commitments.iter().zip(&self.eligible).map(limit).collect();
        for (funder, barred) in self.barred.iter().enumerate() {
            if let Some((decided, before)) = barred {
                let most = decided.saturating_add((commitments[funder] - before).max(0));
                self.limits[funder] = self.limits[funder].min(most);
            }
        }
        let eligible = commitments.iter().zip(&self.eligible).filter(|one| *one.1);
        let committed = eligible.map(|(own, _)| i128::from(*own)).sum();
        if let Some(eu) = &mut self.eu {
            eu.committed = committed;
        }
        self.commitments = commitments;
    }

    /// The eligible funders' part of what is requested.
    pub(crate) fn total(&self, requested: &[i64]) -> i128 {
        // The check of the input has added everything up, so the sum fits; without a branch it is fast.
        let eligible = requested.iter().zip(&self.eligible);
        let sum: i64 = eligible.map(|(asked, is)| asked * i64::from(*is)).sum();
        i128::from(sum)
    }

    /// Whether what is requested of each funder can be paid.
    pub(crate) fn fits(&self, requested: &[i64]) -> bool {
        self.within_limits(requested)
            && self.eu.as_ref().is_none_or(|eu| {
                let total = self.total(requested);
                let scale = eu.scale(total);
                self.scaled_need(eu, &scale, requested, requested) <= eu.gap_money(&scale)
                    && self.is_earned(eu, requested, total)
            })
    }

    /// Whether no set can be paid that asks at least `low` of each funder and at most `total` of the
    /// eligible ones: sound, and cheap enough to leave a whole group of equals aside.
    ///
    /// A larger total earns more; a smaller one leaves a larger part of a share by request; a funder's need
    /// rises with what is asked of it under every convention.
    pub(crate) fn hopeless(&self, low: &[i64], total: i128) -> bool {
        if !self.within_limits(low) {
            return true;
        }
        self.eu.as_ref().is_some_and(|eu| {
            let rich = eu.scale(total);
            let low_total = self.total(low);
            let need = if eu.by_request {
                let scale = eu.scale(low_total);
                // The two scales differ; whole cents rounded in favour of hope.
                let need = self.scaled_need(eu, &scale, low, low) / scale.unit;
                need * rich.unit
            } else {
                self.scaled_need(eu, &rich, low, low)
            };
            need > eu.gap_money(&rich) || !self.is_earned(eu, low, total)
        })
    }

    /// What funders need of the gap-filling money.
    pub(crate) fn need(&self, requested: &[i64]) -> Need {
        let Some(eu) = &self.eu else {
            return Need::NOTHING;
        };
        let scale = eu.scale(self.total(requested));
        Need::new(
            self.scaled_need(eu, &scale, requested, requested),
            scale.unit,
        )
    }

    /// What the EU pays, in whole cents.
    pub(crate) fn contribution(&self, requested: &[i64]) -> i64 {
        let paid = self
            .eu
            .as_ref()
            .map_or(0, |eu| eu.earned(self.total(requested)) / eu.rate.1);
        i64::try_from(paid).unwrap_or(i64::MAX)
    }

    pub(crate) fn within_limits(&self, requested: &[i64]) -> bool {
        requested
            .iter()
            .zip(&self.limits)
            .all(|(asked, limit)| asked <= limit)
    }

    /// What a funder is asked beyond its own money and its proportional part, times the unit; below zero
    /// where it has money left.
    pub(crate) fn excess(
        &self,
        eu: &Eu,
        scale: &Scale,
        requested: i64,
        weight: i64,
        funder: usize,
    ) -> i128 {
        let beyond = i128::from(requested) - i128::from(self.commitments[funder]);
        beyond * scale.unit - self.proportional(eu, scale, weight, funder)
    }

    /// The proportional part of a funder, times the unit.
    pub(crate) fn proportional(&self, eu: &Eu, scale: &Scale, weight: i64, funder: usize) -> i128 {
        let weight = if eu.by_request {
            weight
        } else {
            self.commitments[funder]
        };
        eu.proportional() * scale.base * i128::from(weight)
    }

    fn scaled_need(&self, eu: &Eu, scale: &Scale, requested: &[i64], weights: &[i64]) -> i128 {
        let mut need = 0;
        for funder in 0..requested.len() {
            if self.eligible[funder] && requested[funder] > self.commitments[funder] {
                let excess = self.excess(eu, scale, requested[funder], weights[funder], funder);
                need += excess.max(0);
            }
        }
        need
    }

    /// Under the planned convention, whether the EU will pay what the funders lack: it pays only what is
    /// earned.
    pub(crate) fn is_earned(&self, eu: &Eu, requested: &[i64], total: i128) -> bool {
        !eu.planned || self.lacking(requested) * eu.rate.1 <= eu.earned(total)
    }

    /// What is asked of the eligible funders beyond their own money.
    pub(crate) fn lacking(&self, requested: &[i64]) -> i128 {
        let own = self.commitments.iter().zip(&self.eligible);
        let sum: i64 = requested
            .iter()
            .zip(own)
            .map(|(asked, (own, eligible))| (asked - own).max(0) * i64::from(*eligible))
            .sum();
        i128::from(sum)
    }
}

impl Eu {
    /// What is earned on a total, times the rate's denominator.
    pub(crate) fn earned(&self, total: i128) -> i128 {
        (self.ceiling * self.rate.1).min(self.rate.0 * total)
    }

    /// The part that is shared in proportion, as a numerator over the gap share's denominator.
    pub(crate) fn proportional(&self) -> i128 {
        self.gap.1 - self.gap.0
    }

    pub(crate) fn scale(&self, total: i128) -> Scale {
        let whole = if self.by_request {
            total
        } else {
            self.committed
        };
        // Nothing committed or requested: there are no shares, and the funders' weights are nothing too.
        let whole = whole.max(1);
        Scale {
            unit: self.gap.1 * self.rate.1 * whole,
            base: if self.planned {
                self.ceiling * self.rate.1
            } else {
                self.earned(total)
            },
            whole,
        }
    }

    /// The money that fills gaps, times the scale's unit.
    pub(crate) fn gap_money(&self, scale: &Scale) -> i128 {
        self.gap.0 * scale.base * scale.whole
    }
}
