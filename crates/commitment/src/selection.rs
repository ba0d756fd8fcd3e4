use call::RankingRule;
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::list::List;
use crate::walk::{Tie, Walk, walk};
use crate::{ProposalInput, SelectionInput};

/// What is funded, what is not, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Selection {
    /// Codes of the funded proposals, in ranking order.
    pub selected: Vec<String>,
    /// All equally good selections of a binding ranking, `selected` first. With gaps the walk leads to
    /// one selection, and the choices within its groups are in `ties`.
    pub equally_good: Vec<Vec<String>>,
    /// Groups of equal score with several equally good choices: the steering committee decides.
    pub ties: Vec<Tie>,
    /// The money of each funder, in the order of the input.
    pub funders: Vec<FunderResult>,
    /// What is not funded, in ranking order.
    pub not_funded: Vec<NotFunded>,
}

/// What a funder is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FunderResult {
    /// Its code.
    pub funder: String,
    /// What the selected projects' partners would get of it.
    pub requested: Amount,
    /// What of that is its national money; without EU money all of it.
    pub national: Amount,
    /// What is left of its commitment.
    pub left: Amount,
}

/// A proposal that is not funded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotFunded {
    /// Its code.
    pub code: String,
    /// Why.
    pub reason: Reason,
    /// The funders that lack money for it: with gaps beside what was funded down to its group, with a
    /// binding ranking beside everything ranked above it, and each time beside its funded equals.
    pub blocked_by: Vec<Shortfall>,
    /// What would fund it; none for what is not on the list.
    pub additional_national: Option<AdditionalNational>,
}

/// Why a proposal is not funded.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schema(as = NotFundedReason)]
pub enum Reason {
    /// The panel does not recommend it.
    NotRecommended,
    /// Its coordinator withdrew it.
    Withdrawn,
    /// When its turn came, a funder had too little left.
    Funder,
    /// It could be paid, but the ranking binds and something better is not funded.
    Gap,
    /// It could be paid, but not together with its equals.
    Tie,
    /// The ranking binds, something better is not funded, and it could not be paid either.
    BelowLine,
}

/// Money that a funder lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shortfall {
    /// Code of the funder.
    pub funder: String,
    /// What it lacks.
    pub shortfall: Amount,
}

/// The least additional national money that pays a proposal beside everything above it (with gaps:
/// beside everything selected).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdditionalNational {
    /// How much in all.
    pub amount: Amount,
    /// Codes of the funders that would have to raise their commitments.
    pub at: Vec<String>,
    /// Whether the selection, run again with exactly that money, funds it. It need not: a proposal ranked
    /// no lower may take the money first.
    pub confirmed: bool,
}

/// Selects the proposals to be funded by a virtual common pot without EU money: no funder pays more
/// than its commitment.
///
/// Faults: all of the input's content at once.
pub fn select(input: &SelectionInput) -> Result<Selection, Faults> {
    input.check().or(())?;
    let list = List::new(input);
    let commitments: Vec<i64> = input
        .funders
        .iter()
        .map(|funder| funder.commitment.0)
        .collect();
    let walk = walk(&list, &commitments);
    let selected = walk.selected();
    let left = list.less(&commitments, selected.iter().copied());
    let funders = input
        .funders
        .iter()
        .zip(&left)
        .map(|(funder, rest)| FunderResult {
            funder: funder.code.clone(),
            requested: Amount(funder.commitment.0 - rest),
            national: Amount(funder.commitment.0 - rest),
            left: Amount(*rest),
        });
    Ok(Selection {
        selected: list.codes(&selected),
        equally_good: walk
            .equally_good
            .iter()
            .map(|set| list.codes(set))
            .collect(),
        ties: walk.ties.clone(),
        funders: funders.collect(),
        not_funded: Outcome {
            input,
            list: &list,
            commitments,
            walk: &walk,
            left,
        }
        .not_funded(),
    })
}

/// A finished walk, to be asked why.
struct Outcome<'a> {
    input: &'a SelectionInput,
    list: &'a List<'a>,
    commitments: Vec<i64>,
    walk: &'a Walk,
    /// What each funder has left after all that is selected, in cents.
    left: Vec<i64>,
}

impl Outcome<'_> {
    fn not_funded(&self) -> Vec<NotFunded> {
        let off_list = self
            .input
            .proposals
            .iter()
            .filter(|one| !one.is_listed())
            .map(|one| {
                let reason = if one.withdrawn {
                    Reason::Withdrawn
                } else {
                    Reason::NotRecommended
                };
                let code = one.code.clone();
                (
                    one,
                    NotFunded {
                        code,
                        reason,
                        blocked_by: Vec::new(),
                        additional_national: None,
                    },
                )
            });
        let on_list = (0..self.list.groups.len()).flat_map(|group| {
            let open = self.list.groups[group].clone();
            open.filter(move |place| !self.walk.chosen[group].contains(place))
                .map(move |place| (self.list.proposals[place], self.explain(group, place)))
        });
        let mut all: Vec<(&ProposalInput, NotFunded)> = on_list.chain(off_list).collect();
        all.sort_by(|(a, _), (b, _)| b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
        all.into_iter().map(|(_, one)| one).collect()
    }

    fn explain(&self, group: usize, place: usize) -> NotFunded {
        let with_gaps = self.list.rule == RankingRule::WithGaps;
        let funded_above = self.walk.chosen[..group].concat();
        let above: Vec<usize> = if with_gaps {
            funded_above.clone()
        } else {
            (0..self.list.groups[group].start).collect()
        };
        let below_the_line = above.len() > funded_above.len();
        let reason = if below_the_line {
            if self.list.fits(place, &self.left) {
                Reason::Gap
            } else {
                Reason::BelowLine
            }
        } else {
            let left = self.list.less(&self.commitments, funded_above);
            if self.list.fits(place, &left) {
                Reason::Tie
            } else {
                Reason::Funder
            }
        };
        let equals = self.walk.chosen[group].iter().copied();
        let lacking = self.list.less(
            &self.commitments,
            above.into_iter().chain(equals).chain([place]),
        );
        let needed = if with_gaps {
            self.list.less(&self.left, [place])
        } else {
            lacking.clone()
        };
        NotFunded {
            code: self.list.proposals[place].code.clone(),
            reason,
            blocked_by: self.shortfalls(&lacking),
            additional_national: Some(self.additional(place, &needed)),
        }
    }

    fn shortfalls(&self, left: &[i64]) -> Vec<Shortfall> {
        self.input
            .funders
            .iter()
            .zip(left)
            .filter(|(_, rest)| **rest < 0)
            .map(|(funder, rest)| Shortfall {
                funder: funder.code.clone(),
                shortfall: Amount(-rest),
            })
            .collect()
    }

    fn additional(&self, place: usize, left: &[i64]) -> AdditionalNational {
        let raised: Vec<i64> = self
            .commitments
            .iter()
            .zip(left)
            .map(|(own, rest)| own - rest.min(&0))
            .collect();
        AdditionalNational {
            // Not more than everything asked, which the check of the input has added up.
            amount: Amount(left.iter().map(|rest| -rest.min(&0)).sum()),
            at: self
                .shortfalls(left)
                .into_iter()
                .map(|one| one.funder)
                .collect(),
            confirmed: walk(self.list, &raised).selected().contains(&place),
        }
    }
}
