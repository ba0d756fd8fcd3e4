//! What is missing where requests cannot be paid, and the least national money that would pay them.

use crate::pot::{Eu, Pot, Scale};
use crate::selection::Reason;

/// What keeps requests from being paid.
pub(crate) struct Missing {
    /// The first rule that is broken; none where the requests can be paid.
    pub(crate) reason: Option<Reason>,
    /// What each funder lacks by the rules that are broken, in cents, rounded up.
    pub(crate) lacks: Vec<i64>,
    /// By how much each funder would have to raise its commitment: the least sum of whole cents that pays
    /// the requests, the proportional parts held as they are.
    pub(crate) raises: Vec<i64>,
}

fn up(numerator: i128, denominator: i128) -> i128 {
    -(-numerator).div_euclid(denominator)
}

fn cents(exact: i128) -> i64 {
    i64::try_from(exact).unwrap_or(i64::MAX)
}

/// Looks for what is missing. Where any of several funders could help, those with `asked` above zero and
/// among them the neediest come first, so that as few as can be are named.
pub(crate) fn missing(
    pot: &Pot,
    requested: &[i64],
    asked: &[i64],
    proportional: &mut Proportional,
) -> Missing {
    let count = requested.len();
    let mut lacks = vec![0i64; count];
    let mut raises = vec![0i64; count];
    let (mut at_funder, mut at_cap) = (false, false);
    for funder in 0..count {
        if requested[funder] <= pot.limits[funder] {
            continue;
        }
        let cap = pot
            .eu
            .as_ref()
            .and_then(|eu| eu.cap)
            .filter(|_| pot.eligible[funder] && pot.barred[funder].is_none());
        let own = match cap {
            Some((times, by)) => up(i128::from(requested[funder]) * by, by + times),
            None => i128::from(requested[funder]),
        };
        lacks[funder] = match pot.barred[funder] {
            // It has the money, and says no to anything new.
            Some(_) => requested[funder] - pot.limits[funder],
            None => cents(own) - pot.commitments[funder],
        };
        raises[funder] = lacks[funder];
        at_cap |= cap.is_some();
        at_funder |= cap.is_none();
    }
    let (mut in_gap, mut in_earned) = (false, false);
    if let Some(eu) = &pot.eu {
        let total = pot.total(requested);
        let scale = eu.scale(total);
        let parts = proportional.of(pot, eu, &scale, requested);
        let excess = |funder: usize| {
            let beyond = requested[funder] - pot.commitments[funder];
            Excess::new(funder, beyond, parts[funder], scale.unit)
        };
        // Who has money left lacks none.
        let eligible = (0..count).filter(|funder| {
            pot.eligible[*funder] && requested[*funder] > pot.commitments[*funder]
        });
        let excess_of = eligible.map(excess);
        let mut excess = Vec::with_capacity(count);
        excess.extend(excess_of);
        let money = eu.gap_money(&scale);
        let need = |excess: &[Excess]| {
            let cents: i64 = excess.iter().map(|one| one.cents).sum();
            i128::from(cents) * scale.unit + excess.iter().map(|one| one.part).sum::<i128>()
        };
        in_gap = need(&excess) > money;
        in_earned = !pot.is_earned(eu, requested, total);
        for one in &mut excess {
            let beyond = requested[one.funder] - pot.commitments[one.funder];
            if in_gap {
                lacks[one.funder] = lacks[one.funder].max(one.up());
            } else if in_earned {
                lacks[one.funder] = lacks[one.funder].max(beyond);
            }
            one.raise(raises[one.funder]);
        }
        if in_gap && money == 0 {
            for one in &excess {
                raises[one.funder] += one.up();
            }
        } else if in_gap {
            let rest = need(&excess) - money;
            fill_gaps(&mut excess, rest, scale.unit, asked, &mut raises);
        }
        if in_earned {
            let paid = eu.earned(total) / eu.rate.1;
            let lacking = excess.iter().map(|one| one.funder);
            replace_unearned(pot, requested, lacking, paid, asked, &mut raises);
        }
    }
    let no_gap_money = pot.eu.as_ref().is_some_and(|eu| eu.gap.0 == 0);
    let broken = [
        (at_funder || (in_gap && no_gap_money), Reason::Funder),
        (in_gap, Reason::Gap),
        (in_earned, Reason::EuEarned),
        (at_cap, Reason::Cap),
    ];
    Missing {
        reason: broken.into_iter().find(|one| one.0).map(|one| one.1),
        lacks,
        raises,
    }
}

/// The proportional parts of all funders: whole cents, and a part of one times the scale's unit. They are the
/// same for one proposal after the other where the money that is shared is, and are divided out but once.
#[derive(Default)]
pub(crate) struct Proportional {
    base: Option<i128>,
    parts: Vec<(i64, i128)>,
}

impl Proportional {
    fn of(&mut self, pot: &Pot, eu: &Eu, scale: &Scale, requested: &[i64]) -> &[(i64, i128)] {
        if eu.by_request || self.base != Some(scale.base) {
            let part = |funder: usize| {
                let scaled = pot.proportional(eu, scale, requested[funder], funder);
                let whole = scaled / scale.unit;
                (cents(whole), scaled - whole * scale.unit)
            };
            self.parts.clear();
            self.parts.extend((0..requested.len()).map(part));
            self.base = Some(scale.base);
        }
        &self.parts
    }
}

/// What a funder is asked beyond its own money and its proportional part: whole cents, and a part of one
/// times the scale's unit.
struct Excess {
    funder: usize,
    cents: i64,
    part: i128,
}

impl Excess {
    fn new(funder: usize, beyond: i64, (whole, part): (i64, i128), unit: i128) -> Self {
        let broken = part > 0;
        let cents = beyond - whole - i64::from(broken);
        let part = if broken && cents >= 0 { unit - part } else { 0 };
        Self {
            funder,
            cents: cents.max(0),
            part,
        }
    }

    fn up(&self) -> i64 {
        self.cents + i64::from(self.part > 0)
    }

    /// A raise of as many cents takes this much away.
    fn raise(&mut self, cents: i64) {
        if cents > self.cents {
            self.part = 0;
        }
        self.cents = (self.cents - cents).max(0);
    }
}

/// Raises commitments until the excesses are within the gap money, of which `rest` is missing: whole cents
/// first, then the broken ones, the largest in front, so that the sum is the least.
fn fill_gaps(excess: &mut [Excess], rest: i128, unit: i128, asked: &[i64], raises: &mut [i64]) {
    let (mut open, mut part) = (cents(rest.div_euclid(unit)), rest.rem_euclid(unit));
    // One number to sort by, since this is done for every proposal: of whom something is asked in front,
    // then by falling excess.
    let class = |one: &Excess| u64::from(asked[one.funder] == 0) << 63;
    let key = |one: &Excess| class(one) | (i64::MAX - one.cents).unsigned_abs();
    let mut order: Vec<(u64, usize)> = excess.iter().map(key).zip(0..).collect();
    order.sort_unstable();
    for (_, place) in &order {
        let one = &mut excess[*place];
        let more = one.cents.min(open + i64::from(part > 0)).max(0);
        raises[one.funder] += more;
        one.cents -= more;
        open -= more;
    }
    if open < 0 || (open == 0 && part == 0) {
        return;
    }
    part += i128::from(open) * unit;
    order.sort_by_key(|(_, place)| (-excess[*place].part, asked[excess[*place].funder] == 0));
    for (_, place) in order {
        let one = &excess[place];
        if part > 0 {
            raises[one.funder] += 1;
            part -= if one.cents > 0 { unit } else { one.part };
        }
    }
}

/// Raises commitments until the funders lack no more than the EU pays; those that raise theirs anyway come
/// first.
fn replace_unearned(
    pot: &Pot,
    requested: &[i64],
    lacking: impl Iterator<Item = usize> + Clone,
    paid: i128,
    asked: &[i64],
    raises: &mut [i64],
) {
    let beyond =
        |funder: usize| (requested[funder] - pot.commitments[funder] - raises[funder]).max(0);
    let sum: i64 = lacking.clone().map(beyond).sum();
    let mut rest = cents(i128::from(sum) - paid);
    if rest <= 0 {
        return;
    }
    let mut lacking: Vec<(bool, bool, i64, usize)> = lacking
        .map(|funder| {
            (
                raises[funder] == 0,
                asked[funder] == 0,
                -beyond(funder),
                funder,
            )
        })
        .collect();
    lacking.sort_unstable();
    for (_, _, less, funder) in lacking {
        let more = rest.min(-less);
        raises[funder] += more;
        rest -= more;
    }
}
