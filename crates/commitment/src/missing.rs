//! What is missing where requests cannot be paid, and the least national money that would pay them.

use crate::pot::Pot;
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
pub(crate) fn missing(pot: &Pot, requested: &[i64], asked: &[i64]) -> Missing {
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
            .filter(|_| pot.eligible[funder]);
        let own = match cap {
            Some((times, by)) => up(i128::from(requested[funder]) * by, by + times),
            None => i128::from(requested[funder]),
        };
        lacks[funder] = cents(own) - pot.commitments[funder];
        raises[funder] = lacks[funder];
        at_cap |= cap.is_some();
        at_funder |= cap.is_none();
    }
    let (mut in_gap, mut in_earned) = (false, false);
    if let Some(eu) = &pot.eu {
        let total = pot.total(requested);
        let scale = eu.scale(total);
        let eligible: Vec<usize> = (0..count).filter(|funder| pot.eligible[*funder]).collect();
        let excess = |funder: &usize| {
            let asked = requested[*funder];
            Excess::new(
                *funder,
                pot.excess(eu, &scale, asked, asked, *funder).max(0),
                scale.unit,
            )
        };
        let mut excess: Vec<Excess> = eligible.iter().map(excess).collect();
        let money = eu.gap_money(&scale);
        let need = |excess: &[Excess]| {
            let cents: i128 = excess.iter().map(|one| one.cents).sum();
            cents * scale.unit + excess.iter().map(|one| one.part).sum::<i128>()
        };
        in_gap = need(&excess) > money;
        in_earned = !pot.is_earned(eu, requested, total);
        for one in &mut excess {
            let beyond = (requested[one.funder] - pot.commitments[one.funder]).max(0);
            if in_gap {
                lacks[one.funder] = lacks[one.funder].max(cents(one.up()));
            } else if in_earned {
                lacks[one.funder] = lacks[one.funder].max(beyond);
            }
            one.raise(i128::from(raises[one.funder]));
        }
        if in_gap {
            let rest = need(&excess) - money;
            fill_gaps(&mut excess, rest, scale.unit, asked, &mut raises);
        }
        if in_earned {
            let paid = eu.earned(total) / eu.rate.1;
            replace_unearned(pot, requested, &eligible, paid, asked, &mut raises);
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

/// What a funder is asked beyond its own money and its proportional part: whole cents, and a part of one
/// times the scale's unit.
struct Excess {
    funder: usize,
    cents: i128,
    part: i128,
}

impl Excess {
    fn new(funder: usize, scaled: i128, unit: i128) -> Self {
        let cents = scaled / unit;
        Self {
            funder,
            cents,
            part: scaled - cents * unit,
        }
    }

    fn up(&self) -> i128 {
        self.cents + i128::from(self.part > 0)
    }

    /// A raise of as many cents takes this much away.
    fn raise(&mut self, cents: i128) {
        if cents > self.cents {
            self.part = 0;
        }
        self.cents = (self.cents - cents).max(0);
    }
}

/// Raises commitments until the excesses are within the gap money, of which `rest` is missing: whole cents
/// first, then the broken ones, the largest in front, so that the sum is the least.
fn fill_gaps(excess: &mut [Excess], rest: i128, unit: i128, asked: &[i64], raises: &mut [i64]) {
    let (mut open, mut part) = (rest.div_euclid(unit), rest.rem_euclid(unit));
    excess.sort_unstable_by_key(|one| (asked[one.funder] == 0, -one.cents, one.funder));
    for one in excess.iter_mut() {
        let more = one.cents.min(open + i128::from(part > 0)).max(0);
        raises[one.funder] += cents(more);
        one.cents -= more;
        open -= more;
    }
    if open < 0 || (open == 0 && part == 0) {
        return;
    }
    part += open * unit;
    excess.sort_by_key(|one| (-one.part, asked[one.funder] == 0));
    for one in excess.iter() {
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
    eligible: &[usize],
    paid: i128,
    asked: &[i64],
    raises: &mut [i64],
) {
    let mut lacking: Vec<(usize, i64)> = eligible
        .iter()
        .map(|funder| {
            (
                *funder,
                requested[*funder] - pot.commitments[*funder] - raises[*funder],
            )
        })
        .filter(|(_, beyond)| *beyond > 0)
        .collect();
    lacking.sort_by_key(|(funder, beyond)| (raises[*funder] == 0, asked[*funder] == 0, -beyond));
    let mut rest = lacking.iter().map(|one| i128::from(one.1)).sum::<i128>() - paid;
    for (funder, beyond) in lacking {
        let more = beyond.min(cents(rest.max(0)));
        raises[funder] += more;
        rest -= i128::from(more);
    }
}
