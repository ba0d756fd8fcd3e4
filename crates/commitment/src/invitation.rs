//! Whom the three policies of balancing invite to the full stage, and why not the others.
//!
//! A limit is what may be requested for each unit that is committed, in ten-thousandths (30,000 is three to one). It is
//! compared on whole cents. Proposals of equal total are treated alike, whatever the policy: the order of their codes
//! decides nothing, and where equals fit only one beside the other the committee has to say which.

use std::collections::{BTreeMap, BTreeSet};

use call::{BalancingPolicy, Score};
use kernel::Amount;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// The units of a limit in one to one.
pub const ONE_TO_ONE: i64 = 10_000;

/// A ranked proposal with what it asks of each funder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its total; the candidates stand best first.
    pub total: Score,
    /// Whether the panel recommends it; else no policy invites it.
    pub recommended: bool,
    /// What it asks, by the funders' codes.
    pub requests: BTreeMap<String, Amount>,
}

/// Why a policy leaves a proposal out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LeftOutBecause {
    /// The panel does not recommend it.
    NotRecommended,
    /// With it a limit is broken.
    BreaksLimit,
    /// It would fit, but not beside others of the same total: these are invited together or not at all.
    AmongEquals,
    /// The list was cut above it.
    BelowTheCut,
}

/// A limit that is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitBroken {
    /// Code of the funder; none where the limit is one on all together.
    pub funder: Option<String>,
    /// What would be requested with the proposal and those of the same total.
    pub requested: Amount,
    /// What may be.
    pub most: Amount,
}

/// What a policy does with a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It invites it.
    Invited,
    /// It leaves it out: why, and for which broken limits.
    LeftOut(LeftOutBecause, Vec<LimitBroken>),
}

impl Fate {
    /// Whether it is invited.
    pub fn invited(&self) -> bool {
        *self == Fate::Invited
    }
}

/// What a policy does with each of the candidates, in their order.
pub fn invite(
    policy: BalancingPolicy,
    candidates: &[Candidate],
    commitments: &BTreeMap<String, Amount>,
    limit: i64,
) -> Vec<Fate> {
    let mut walk = Walk::new(policy, commitments, limit);
    let mut fates = Vec::with_capacity(candidates.len());
    for group in candidates.chunk_by(|a, b| a.total == b.total) {
        fates.extend(walk.group(group));
    }
    fates
}

/// One walk down the ranking. What is asked and what may be asked stands under the code of each funder, or all of it
/// under none.
struct Walk {
    policy: BalancingPolicy,
    most: BTreeMap<Option<String>, i128>,
    asked: BTreeMap<Option<String>, i128>,
    cut: bool,
}

type Sums = BTreeMap<Option<String>, i128>;

impl Walk {
    fn new(policy: BalancingPolicy, commitments: &BTreeMap<String, Amount>, limit: i64) -> Walk {
        let allowed = |cents: i128| cents * i128::from(limit) / i128::from(ONE_TO_ONE);
        let most = match policy {
            BalancingPolicy::Aggregate => {
                let all = commitments.values().map(|one| i128::from(one.0)).sum();
                BTreeMap::from([(None, allowed(all))])
            }
            BalancingPolicy::PerFunderCut | BalancingPolicy::PerFunderWithGaps => commitments
                .iter()
                .map(|(code, one)| (Some(code.clone()), allowed(i128::from(one.0))))
                .collect(),
        };
        Walk {
            policy,
            most,
            asked: BTreeMap::new(),
            cut: false,
        }
    }

    fn group(&mut self, group: &[Candidate]) -> Vec<Fate> {
        let mut fates: Vec<Option<Fate>> = group.iter().map(|one| self.out_of_it(one)).collect();
        let open = |fates: &[Option<Fate>]| -> Vec<usize> {
            (0..group.len()).filter(|at| fates[*at].is_none()).collect()
        };
        if self.policy == BalancingPolicy::PerFunderWithGaps {
            // Who does not fit alone takes no room from the equals that do.
            for at in open(&fates) {
                let broken = self.broken(&self.sums([&group[at]]));
                if !broken.is_empty() {
                    let told = self.told(&broken);
                    fates[at] = Some(Fate::LeftOut(LeftOutBecause::BreaksLimit, told));
                }
            }
        }
        let together = self.sums(open(&fates).into_iter().map(|at| &group[at]));
        let broken = self.broken(&together);
        let gaps = self.policy == BalancingPolicy::PerFunderWithGaps;
        for at in open(&fates) {
            let own = self.sums([&group[at]]);
            let concerned: Sums = broken
                .iter()
                .filter(|(of, _)| !gaps || own.get(*of).is_some_and(|asked| *asked > 0))
                .map(|(of, sum)| (of.clone(), *sum))
                .collect();
            fates[at] = Some(if concerned.is_empty() {
                Fate::Invited
            } else {
                let alone = self.broken(&own).is_empty();
                let because = if alone {
                    LeftOutBecause::AmongEquals
                } else {
                    LeftOutBecause::BreaksLimit
                };
                Fate::LeftOut(because, self.told(&concerned))
            });
        }
        self.cut |= !gaps && !broken.is_empty();
        let fates: Vec<Fate> = fates.into_iter().flatten().collect();
        let invited = group.iter().zip(&fates).filter(|(_, fate)| fate.invited());
        for (of, sum) in self.sums(invited.map(|(one, _)| one)) {
            *self.asked.entry(of).or_default() += sum;
        }
        fates
    }

    /// Whether a candidate is out of it whatever the money says.
    fn out_of_it(&self, one: &Candidate) -> Option<Fate> {
        let because = if !one.recommended {
            LeftOutBecause::NotRecommended
        } else if self.cut {
            LeftOutBecause::BelowTheCut
        } else {
            return None;
        };
        Some(Fate::LeftOut(because, Vec::new()))
    }

    /// What these ask, under what the limits are on.
    fn sums<'a>(&self, candidates: impl IntoIterator<Item = &'a Candidate>) -> Sums {
        let mut sums = Sums::new();
        for one in candidates {
            for (code, amount) in &one.requests {
                let of = match self.policy {
                    BalancingPolicy::Aggregate => None,
                    _ => Some(code.clone()),
                };
                *sums.entry(of).or_default() += i128::from(amount.0);
            }
        }
        sums
    }

    /// The limits that are broken when these sums come on top of what is asked, with what is asked then.
    fn broken(&self, on_top: &Sums) -> Sums {
        let with = on_top.iter().map(|(of, sum)| {
            let asked = self.asked.get(of).copied().unwrap_or_default();
            (of, *sum, asked + sum)
        });
        with.filter(|(of, sum, with)| {
            *sum > 0 && *with > self.most.get(*of).copied().unwrap_or_default()
        })
        .map(|(of, _, with)| (of.clone(), with))
        .collect()
    }

    fn told(&self, broken: &Sums) -> Vec<LimitBroken> {
        let amount = |cents: i128| Amount(i64::try_from(cents).unwrap_or(i64::MAX));
        let told = broken.iter().map(|(of, with)| LimitBroken {
            funder: of.clone(),
            requested: amount(*with),
            most: amount(self.most.get(of).copied().unwrap_or_default()),
        });
        told.collect()
    }
}

/// Where the committee's choice is another than the policy's: the places of the candidates in whose fate they differ.
pub fn deviations(fates: &[Fate], chosen: &BTreeSet<usize>) -> BTreeSet<usize> {
    let differs =
        |(at, fate): (usize, &Fate)| (fate.invited() != chosen.contains(&at)).then_some(at);
    fates.iter().enumerate().filter_map(differs).collect()
}
