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
    let (mut in_gap, mut in_earned, mut no_gap_money) = (false, false, false);
    if let Some(eu) = &pot.eu {
        let total = pot.total(requested);
        let scale = eu.scale(total);
        let excess = |funder: usize, raise: i64| -> i128 {
            let asked = requested[funder];
            let excess = pot.excess(eu, &scale, asked, asked, funder);
            (excess - i128::from(raise) * scale.unit).max(0)
        };
        let eligible: Vec<usize> = (0..count).filter(|funder| pot.eligible[*funder]).collect();
        let money = eu.gap_money(&scale);
        no_gap_money = eu.gap.0 == 0;
        in_gap = eligible
            .iter()
            .map(|funder| excess(*funder, 0))
            .sum::<i128>()
            > money;
        in_earned = !pot.is_earned(eu, requested, total);
        for funder in &eligible {
            let beyond = (requested[*funder] - pot.commitments[*funder]).max(0);
            if in_gap {
                let lack = cents(up(excess(*funder, 0), scale.unit));
                lacks[*funder] = lacks[*funder].max(lack);
            } else if in_earned {
                lacks[*funder] = lacks[*funder].max(beyond);
            }
        }
        let mut helpers = eligible.clone();
        helpers.sort_by_key(|funder| (asked[*funder] == 0, -excess(*funder, raises[*funder])));
        let rest = |raises: &[i64]| {
            let need = eligible
                .iter()
                .map(|funder| excess(*funder, raises[*funder]));
            need.sum::<i128>() - money
        };
        // Whole cents first, then the broken ones, the largest in front: so the sum is the least.
        for funder in &helpers {
            let open = up(rest(&raises), scale.unit).max(0);
            let own = excess(*funder, raises[*funder]) / scale.unit;
            raises[*funder] += cents(own.min(open));
        }
        helpers.sort_by_key(|funder| (-excess(*funder, raises[*funder]), asked[*funder] == 0));
        for funder in &helpers {
            if rest(&raises) > 0 {
                raises[*funder] += 1;
            }
        }
        // What the EU does not pay because it is not earned, the funders would have to.
        helpers.sort_by_key(|funder| {
            let beyond = requested[*funder] - pot.commitments[*funder] - raises[*funder];
            (raises[*funder] == 0, asked[*funder] == 0, -beyond)
        });
        let lacking = |raises: &[i64], funder: usize| {
            (requested[funder] - pot.commitments[funder] - raises[funder]).max(0)
        };
        for funder in &helpers {
            if !eu.planned {
                break;
            }
            let whole: i128 = eligible
                .iter()
                .map(|one| i128::from(lacking(&raises, *one)))
                .sum();
            let open = up(whole * eu.rate.1 - eu.earned(total), eu.rate.1).max(0);
            raises[*funder] += lacking(&raises, *funder).min(cents(open));
        }
    }
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
