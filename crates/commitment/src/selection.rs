use std::cell::Cell;

use compact_str::CompactString;
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::list::List;
use crate::pot::Pot;
use crate::settle::settle;
use crate::topic::{TopicSelection, together};
use crate::walk::{Tie, Walk, walk, ways};
use crate::why::{Outcome, RERUNS};
use crate::{Convention, Fraction, ProposalInput, SelectionInput};

/// What is funded, what is not, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Selection {
    /// Codes of the funded proposals, in ranking order.
    pub selected: Vec<String>,
    /// All equally good selections, `selected` first: with gaps all that the walk leads to, whatever is chosen within
    /// its groups of equals, the first hundred of them.
    pub equally_good: Vec<Vec<String>>,
    /// Whether there may be more equally good selections than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_equally_good: bool,
    /// Groups of equal score with several equally good choices: the steering committee decides.
    pub ties: Vec<Tie>,
    /// No legal set that can be paid has more projects than this: as many as are selected, unless a group of
    /// equals was so large that its search was ended.
    #[serde(default)]
    pub bound: u32,
    /// By which convention the EU's money was shared.
    #[serde(default)]
    pub convention: Option<Convention>,
    /// The part of the EU's money that filled gaps.
    #[serde(default)]
    pub gap_share: Option<Fraction>,
    /// What the EU pays for the selected projects.
    #[serde(default)]
    pub eu_contribution: Amount,
    /// What the funders need of the gap-filling money, to the nearest cent.
    #[serde(default)]
    pub gap_need: Amount,
    /// The money of each funder, in the order of the input.
    pub funders: Vec<FunderResult>,
    /// What is not funded, in ranking order.
    pub not_funded: Vec<NotFunded>,
    /// The selection of each topic, where topics have money of their own: all the above is these one after the other,
    /// and the funders' money their sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicSelection>,
}

impl Selection {
    /// Whether it is proven that no legal set has more projects.
    pub fn is_proven(&self) -> bool {
        self.bound as usize <= self.selected.len()
    }

    /// Whether another selection is as good, or may be better: then the committee says why it takes this one.
    pub fn is_open(&self) -> bool {
        !self.ties.is_empty() || !self.is_proven()
    }

    /// Codes of what is not funded and could be if there were more money, in ranking order.
    pub fn reserve(&self) -> Vec<String> {
        let waits =
            |one: &&NotFunded| !matches!(one.reason, Reason::NotRecommended | Reason::Withdrawn);
        let waiting = self.not_funded.iter().filter(waits);
        waiting.map(|one| one.code.clone()).collect()
    }
}

/// What a funder is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FunderResult {
    /// Its code.
    pub funder: String,
    /// What the selected projects' partners would get of it.
    pub requested: Amount,
    /// What of that is EU money.
    #[serde(default)]
    pub eu: Amount,
    /// What of that is its national money; without EU money all of it.
    pub national: Amount,
    /// Its EU money less what the EU formally reimburses it, which is in proportion to what is requested:
    /// what it gets of the other funders, below zero where it gives. All transfers sum to nothing.
    #[serde(default)]
    pub transfer: Amount,
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
    /// binding ranking beside everything ranked above it, and each time beside its funded equals. Below the
    /// line these are all that lack money, else those of which it asks some.
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
    /// It is not recommended for funding: the panel does not recommend it, or its ethics were refused.
    NotRecommended,
    /// Its coordinator withdrew it.
    Withdrawn,
    /// A funder has too little left for it, and no gap-filling money helps.
    Funder,
    /// The gap-filling money does not reach for what its funders lack.
    Gap,
    /// The EU would have to pay more than the projects earn.
    EuEarned,
    /// A funder would get more EU money than its cap allows.
    Cap,
    /// It could be paid, but not together with its equals.
    Tie,
    /// The ranking binds, and something better is not funded.
    BelowLine,
}

/// Money that a funder lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shortfall {
    /// Code of the funder. Kept in place: the explanations of a long list name the same few codes a hundred
    /// thousand times.
    #[schema(value_type = String)]
    pub funder: CompactString,
    /// What it lacks beyond its own money and its proportional part, rounded up to the cent.
    pub shortfall: Amount,
}

/// The least additional national money that pays a proposal beside everything above it (with gaps:
/// beside everything selected), the proportional parts of the EU money held as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdditionalNational {
    /// How much in all.
    pub amount: Amount,
    /// Codes of the funders that would have to raise their commitments.
    #[schema(value_type = Vec<String>)]
    pub at: Vec<CompactString>,
    /// By how much each of them.
    #[serde(default)]
    pub parts: Vec<Amount>,
    /// Whether the selection, run again with exactly that money, funds it. It need not: a proposal ranked
    /// no lower may take the money first, or the others' parts of the EU's money shrink. Nor is it where groups of equals are so large that not all were run again.
    pub confirmed: bool,
}

/// Selects the proposals to be funded: of each topic by itself where topics have money of their own.
///
/// Faults: all of the input's content at once; that what was decided before cannot be paid any more.
pub fn select(input: &SelectionInput) -> Result<Selection, Faults> {
    input.check().or(())?;
    let topics = input.by_topic();
    if topics.is_empty() {
        return alone(input);
    }
    let of_topic = |(topic, input): (String, SelectionInput)| {
        let result = alone(&input)?;
        Ok::<_, Faults>(TopicSelection { topic, result })
    };
    let topics = topics
        .into_iter()
        .map(of_topic)
        .collect::<Result<Vec<_>, Faults>>()?;
    Ok(together(input, topics))
}

/// Selects of one list with one commitment of each funder.
fn alone(input: &SelectionInput) -> Result<Selection, Faults> {
    let list = List::new(input);
    let pot = Pot::new(input);
    let walk = walk(&list, &pot);
    let selected = walk.selected();
    let kept = (0..list.kept).all(|place| selected.contains(&place));
    let mut faults = Faults::default();
    faults.require(
        kept,
        "/kept",
        "not_payable",
        "what was decided before cannot all be paid any more; raise commitments, or leave out what was withdrawn",
    );
    faults.or(())?;
    let (equally_good, more_equally_good) = ways(&list, &pot, &walk);
    let requested = list.requested(selected.iter().copied());
    let codes: Vec<&str> = input.funders.iter().map(|one| one.code.as_str()).collect();
    let funders = settled(&pot, &requested, &codes);
    Ok(Selection {
        selected: list.codes_by_rank(&selected),
        equally_good: equally_good
            .iter()
            .map(|set| list.codes_by_rank(set))
            .collect(),
        more_equally_good,
        ties: walk.ties.clone(),
        bound: u32::try_from(walk.bound).unwrap_or(u32::MAX),
        convention: input.convention,
        gap_share: input.eu.map(|_| input.gap_share.unwrap_or_default()),
        // Not one cent more is paid than the funders receive.
        eu_contribution: Amount(funders.iter().map(|one| one.eu.0).sum()),
        gap_need: Amount(pot.need(&requested).nearest()),
        funders,
        not_funded: not_funded(input, &list, &pot, &walk, &requested, &codes),
        topics: Vec::new(),
    })
}

/// The money of each funder for what is requested of it.
pub(crate) fn settled(pot: &Pot, requested: &[i64], codes: &[&str]) -> Vec<FunderResult> {
    let settled = settle(pot, requested, codes);
    settled
        .iter()
        .enumerate()
        .map(|(funder, settled)| {
            let national = requested[funder] - settled.eu;
            FunderResult {
                funder: codes[funder].to_owned(),
                requested: Amount(requested[funder]),
                eu: Amount(settled.eu),
                national: Amount(national),
                transfer: Amount(settled.transfer),
                left: Amount(pot.commitments[funder] - national),
            }
        })
        .collect()
}

fn not_funded(
    input: &SelectionInput,
    list: &List,
    pot: &Pot,
    walk: &Walk,
    requested: &[i64],
    codes: &[&str],
) -> Vec<NotFunded> {
    let outcome = Outcome {
        list,
        pot,
        walk,
        codes: codes.iter().copied().map(CompactString::from).collect(),
        requested,
        reruns: Cell::new(RERUNS),
    };
    let on_list = outcome.not_funded().into_iter();
    let mut all: Vec<(&ProposalInput, NotFunded)> = on_list
        .map(|(place, one)| (list.proposals[place], one))
        .collect();
    let off_list = input.proposals.iter().filter(|one| !one.is_listed());
    all.extend(off_list.map(|one| (one, off_the_list(one))));
    all.sort_by(|(a, _), (b, _)| b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
    all.into_iter().map(|(_, one)| one).collect()
}

fn off_the_list(one: &ProposalInput) -> NotFunded {
    NotFunded {
        code: one.code.clone(),
        reason: if one.withdrawn {
            Reason::Withdrawn
        } else {
            Reason::NotRecommended
        },
        blocked_by: Vec::new(),
        additional_national: None,
    }
}
