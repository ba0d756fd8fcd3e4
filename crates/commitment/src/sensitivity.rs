//! What another gap share or raised commitments would change.

use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};

use crate::list::List;
use crate::pot::Pot;
use crate::walk::walk;
use crate::{Fraction, SelectionInput, rules};

/// A raise of commitments to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// Code of the funder that raises its commitment; all do when it is left out.
    #[serde(default)]
    pub funder: Option<String>,
    /// By which part of the commitment, rounded down to the cent.
    pub by: Fraction,
}

/// The selection at one point of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Point {
    /// The part of the EU money that fills gaps; none without EU money.
    pub gap_share: Option<Fraction>,
    /// The raise that was tried.
    pub raise: Raise,
    /// How many projects are funded.
    pub projects: u32,
    /// No legal set that can be paid has more.
    pub bound: u32,
    /// What the EU pays.
    pub eu_contribution: Amount,
    /// Codes of what is funded here and not in the selection, in ranking order.
    pub gained: Vec<String>,
    /// Codes of what is funded in the selection and not here, in ranking order.
    pub lost: Vec<String>,
}

/// Selects at each gap share with each raise, and compares with the selection of the input itself. Without
/// EU money `gap_shares` is empty.
///
/// Faults: those of the input; a share outside 0..1, a share without EU money, a raise below nothing or of
/// an unknown funder.
pub fn sensitivity(
    input: &SelectionInput,
    gap_shares: &[Fraction],
    raises: &[Raise],
) -> Result<Vec<Point>, Faults> {
    input.check().or(())?;
    check(input, gap_shares, raises).or(())?;
    let topics = input.by_topic();
    if topics.is_empty() {
        return Ok(alone(input, gap_shares, raises));
    }
    let each: Vec<Vec<Point>> = topics
        .iter()
        .map(|(_, topic)| alone(topic, gap_shares, raises))
        .collect();
    let whole = raises.iter().enumerate().map(|(at, raise)| {
        let mut whole = Point::without(raise);
        for one in each.iter().filter_map(|points| points.get(at)) {
            whole.add(one);
        }
        whole
    });
    Ok(whole.collect())
}

impl Point {
    /// A point of no topic yet; topics with money of their own have no EU money.
    fn without(raise: &Raise) -> Self {
        Self {
            gap_share: None,
            raise: raise.clone(),
            projects: 0,
            bound: 0,
            eu_contribution: Amount::ZERO,
            gained: Vec::new(),
            lost: Vec::new(),
        }
    }

    fn add(&mut self, topic: &Self) {
        self.projects += topic.projects;
        self.bound += topic.bound;
        self.gained.extend_from_slice(&topic.gained);
        self.lost.extend_from_slice(&topic.lost);
    }
}

/// The same of one list with one commitment of each funder.
fn alone(input: &SelectionInput, gap_shares: &[Fraction], raises: &[Raise]) -> Vec<Point> {
    let list = List::new(input);
    let base = walk(&list, &Pot::new(input)).selected();
    let own = [input.gap_share];
    let shares: Vec<Option<Fraction>> = gap_shares.iter().copied().map(Some).collect();
    let shares = if shares.is_empty() { &own[..] } else { &shares };
    let mut points = Vec::new();
    for share in shares {
        let mut varied = SelectionInput {
            gap_share: *share,
            ..input.clone_without_proposals()
        };
        for raise in raises {
            raised(input, raise, &mut varied);
            let pot = Pot::new(&varied);
            let found = walk(&list, &pot);
            let selected = found.selected();
            let eu = pot.contribution(&list.requested(selected.iter().copied()));
            let without = |all: &[usize], less: &[usize]| -> Vec<String> {
                let kept: Vec<usize> = all
                    .iter()
                    .filter(|one| less.binary_search(one).is_err())
                    .copied()
                    .collect();
                list.codes(&kept)
            };
            points.push(Point {
                gap_share: input.eu.map(|_| share.unwrap_or_default()),
                raise: raise.clone(),
                projects: u32::try_from(selected.len()).unwrap_or(u32::MAX),
                bound: u32::try_from(found.bound).unwrap_or(u32::MAX),
                eu_contribution: Amount(eu),
                gained: without(&selected, &base),
                lost: without(&base, &selected),
            });
        }
    }
    points
}

fn raised(input: &SelectionInput, raise: &Raise, varied: &mut SelectionInput) {
    for (funder, to) in input.funders.iter().zip(&mut varied.funders) {
        let concerned = raise
            .funder
            .as_ref()
            .is_none_or(|code| *code == funder.code);
        let (part, of) = raise.by.lowest();
        let more = i128::from(funder.commitment.0) * part / of * i128::from(concerned);
        let sum = i128::from(funder.commitment.0) + more;
        to.commitment = Amount(i64::try_from(sum).unwrap_or(i64::MAX));
    }
}

fn check(input: &SelectionInput, gap_shares: &[Fraction], raises: &[Raise]) -> Faults {
    let mut faults = Faults::default();
    for (place, raise) in raises.iter().enumerate() {
        let known = |code: &String| input.funders.iter().any(|funder| funder.code == *code);
        if !raise.funder.as_ref().is_none_or(known) {
            let detail = "not among the funders; add it or correct the code";
            faults.add(format!("/raises/{place}/funder"), "funder_unknown", detail);
        }
        if !(0..=1_000 * Fraction::WHOLE.0).contains(&raise.by.0) {
            let detail = format!("a raise by {} of the commitment; give 0 to 1000", raise.by);
            faults.add(format!("/raises/{place}/by"), "share", detail);
        }
    }
    for (place, share) in gap_shares.iter().enumerate() {
        let pointer = format!("/gap_shares/{place}");
        if input.eu.is_none() {
            faults.add(
                pointer,
                "eu_missing",
                "there is no EU money to fill gaps; leave it out",
            );
        } else if !share.is_part() {
            let detail = format!("{share} of the EU money fill gaps; give 0 to 1");
            faults.add(pointer, "share", detail);
        }
    }
    // The finest share and the largest raise together must still be exact.
    let mut extreme = input.clone();
    for raise in raises {
        let mut one = input.clone_without_proposals();
        raised(input, raise, &mut one);
        for (to, from) in extreme.funders.iter_mut().zip(&one.funders) {
            to.commitment = to.commitment.max(from.commitment);
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    for share in gap_shares {
        extreme.gap_share = Some(*share);
        faults.0.extend(rules::check(&extreme).0);
    }
    let whole = Amount::sum(extreme.funders.iter().map(|one| one.commitment));
    faults.require(
        whole.is_ok(),
        "/raises",
        "amount_too_large",
        "the raised commitments add up to more than can be kept exactly; try smaller ones",
    );
    faults
}
