//! What somebody asks of an assignment.

use std::collections::{BTreeMap, BTreeSet};

use ::review::assign::Objective;
use ::review::{ExpertRole, Gender};
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use store::review::expert::ExpertRow;
use store::view::review::Sight;
use utoipa::ToSchema;
use uuid::Uuid;

use super::assignment::PairInput;
use super::desk::Table;
use super::grouping::Grouping;
use crate::Problem;

/// How to assign. What is left out is as the rules of the stage say, or sets no limit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AssignInput {
    /// Reviewers of each proposal; left out: as the rules of the stage say.
    pub per_proposal: Option<u16>,
    /// Proposals that get another number of reviewers.
    pub reviewers: Vec<Places>,
    /// The fewest proposals of each expert, as far as the expert's own limit goes.
    pub min_load: u16,
    /// Experts who get another least number of proposals than all others.
    pub min_loads: Vec<LeastLoad>,
    /// The most proposals of each expert, below the expert's own limit.
    pub max_load: Option<u16>,
    /// What to be best in.
    pub objective: BestIn,
    /// Pairs that must be, beside those that stand already.
    pub keep: Vec<PairInput>,
    /// Pairs that must not be, beside those with a conflict of interest.
    pub forbid: Vec<PairInput>,
    /// Limits for experts of one country or organisation.
    pub caps: Option<Caps>,
    /// Balances in each proposal.
    pub balance: Vec<BalanceInput>,
    /// The `fingerprint` of a dry run: refused when the assignment would be another one by now.
    pub as_proposed: Option<String>,
}

/// How many reviewers one proposal gets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// The proposal.
    pub proposal: Uuid,
    /// How many reviewers, 1 to 10.
    pub reviewers: u16,
}

/// The fewest proposals of one expert.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeastLoad {
    /// The expert.
    pub expert: Uuid,
    /// At least so many proposals, up to the expert's own limit; 0: none.
    pub min_load: u16,
}

/// What an assignment is to be best in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BestIn {
    /// The greatest affinity of all pairs together.
    #[default]
    Total,
    /// The greatest affinity of the worst-served proposal, then of all pairs together.
    Fair,
}

impl From<BestIn> for Objective {
    fn from(best: BestIn) -> Objective {
        match best {
            BestIn::Total => Objective::Total,
            BestIn::Fair => Objective::Fair,
        }
    }
}

/// Limits for experts who count together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Who count together. Experts of whom it is not known count for themselves.
    pub by: GroupBy,
    /// The most of them in one proposal.
    #[serde(default)]
    pub per_proposal: Option<u16>,
    /// The most reviews of all of them together.
    #[serde(default)]
    pub load: Option<u16>,
    /// Of which of them there are to be some at least.
    #[serde(default)]
    pub least: Vec<LeastOf>,
}

/// The least of the experts who count together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeastOf {
    /// Whom: the two letters of a country; or an organisation by its ROR, or by its name.
    pub of: String,
    /// At least so many of them in each proposal.
    #[serde(default)]
    pub per_proposal: u16,
    /// At least so many reviews of all of them together.
    #[serde(default)]
    pub load: u16,
}

/// What experts have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The country.
    Country,
    /// The organisation, by its ROR or else its name.
    Organisation,
}

/// How many of a proposal's reviewers are of one gender or country.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BalanceInput {
    /// What is counted.
    pub by: BalanceBy,
    /// Whom: `woman`, `man`, `non_binary`, or the two letters of a country.
    pub value: String,
    /// At least so many.
    #[serde(default)]
    pub least: u16,
    /// At most so many; left out: any number.
    #[serde(default)]
    pub most: Option<u16>,
}

/// What is balanced in each proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalanceBy {
    /// The gender, as the expert gives it.
    Gender,
    /// The country.
    Country,
}

/// The most entries of a list of wishes about pairs and proposals.
const MOST_WISHES: usize = 5_000;
/// The most balances: each makes the search longer.
const MOST_BALANCES: usize = 8;
/// The most groups with a least number.
const MOST_LEAST: usize = 50;

impl Caps {
    /// All that is wrong with them.
    fn check(&self, table: &Table, faults: &mut Faults) {
        let some = self.per_proposal.is_some() || self.load.is_some() || !self.least.is_empty();
        faults.require(
            some && self.per_proposal.is_none_or(|most| most > 0)
                && self.load.is_none_or(|most| most > 0),
            "/caps",
            "out_of_range",
            "give the most in one proposal, the most reviews of all together, or both, each from 1 on, or of whom there \
             are to be some at least",
        );
        faults.require(
            self.least.len() <= MOST_LEAST,
            "/caps/least",
            "too_many",
            format!("give a least number of at most {MOST_LEAST} countries or organisations"),
        );
        let grouping = Grouping::of(&table.experts, self.by);
        let mut seen = BTreeSet::new();
        for (at, one) in self.least.iter().enumerate().take(MOST_LEAST) {
            let meant = grouping.find(&one.of);
            faults.require(
                meant.is_some_and(|group| seen.insert(group)),
                format!("/caps/least/{at}/of"),
                "unknown_value",
                "no expert who may be asked is of it, several organisations are called so, or it is named twice; give \
                 the two letters of a country, or the ROR of an organisation, or its name if it has none",
            );
            let below = |least: u16, most: Option<u16>| most.is_none_or(|most| least <= most);
            faults.require(
                (one.per_proposal > 0 || one.load > 0)
                    && one.per_proposal <= 10
                    && below(one.per_proposal, self.per_proposal)
                    && below(one.load, self.load),
                format!("/caps/least/{at}"),
                "out_of_range",
                "give the least in each proposal, up to 10, the least of all together, or both, neither above the most",
            );
        }
    }
}

impl AssignInput {
    /// All that is wrong with the wishes, by field. Pairs of `movable` stand and may be given up.
    pub(super) fn check(
        &self,
        table: &Table,
        sight: &Sight,
        movable: &BTreeSet<(Uuid, Uuid)>,
    ) -> Result<(), Problem> {
        let mut faults = Faults::default();
        self.figures(&mut faults);
        let open: BTreeSet<Uuid> = table.open(sight).collect();
        let mut seen = BTreeSet::new();
        for (at, one) in self.reviewers.iter().enumerate() {
            faults.require(
                open.contains(&one.proposal) && seen.insert(one.proposal),
                format!("/reviewers/{at}/proposal"),
                "unknown_proposal",
                "no eligible proposal of the stage has this id, or it is named twice",
            );
            faults.require(
                (1..=10).contains(&one.reviewers),
                format!("/reviewers/{at}/reviewers"),
                "out_of_range",
                "give each proposal 1 to 10 reviewers",
            );
        }
        self.loads(table, &mut faults);
        self.pairs(table, &open, movable, &mut faults);
        if let Some(caps) = &self.caps {
            caps.check(table, &mut faults);
        }
        self.balances(&mut faults);
        Ok(faults.or(())?)
    }

    /// The fewest proposals of an expert.
    pub(super) fn least_load(&self, expert: Uuid) -> u16 {
        let mut own = self.min_loads.iter().filter(|one| one.expert == expert);
        own.next().map_or(self.min_load, |one| one.min_load)
    }

    fn figures(&self, faults: &mut Faults) {
        let number = |number: Option<u16>, most| number.is_none_or(|n| (1..=most).contains(&n));
        faults.require(
            number(self.per_proposal, 10),
            "/per_proposal",
            "out_of_range",
            "give each proposal 1 to 10 reviewers",
        );
        faults.require(
            number(self.max_load, 100),
            "/max_load",
            "out_of_range",
            "give each expert 1 to 100 proposals, or leave it out",
        );
        faults.require(
            self.min_load <= self.max_load.unwrap_or(100),
            "/min_load",
            "out_of_range",
            "the least load is above the greatest; lower the one or raise the other",
        );
        let long = [
            self.reviewers.len(),
            self.min_loads.len(),
            self.keep.len(),
            self.forbid.len(),
        ];
        faults.require(
            long.iter().all(|entries| *entries <= MOST_WISHES),
            "",
            "too_many",
            format!("give at most {MOST_WISHES} entries of a list"),
        );
    }

    /// Experts with a least load of their own: one that is out of reach is a mistake, and not silently less.
    fn loads(&self, table: &Table, faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        for (at, one) in self.min_loads.iter().enumerate() {
            let asked = |row: &&ExpertRow| {
                row.id == one.expert && row.role().is_ok_and(|role| role != ExpertRole::Substitute)
            };
            let row = table.experts.iter().find(asked);
            faults.require(
                row.is_some() && seen.insert(one.expert),
                format!("/min_loads/{at}/expert"),
                "unknown_expert",
                "the call has no such expert, this one has not accepted and declared conflicts of interest or is a \
                 substitute, or is named twice",
            );
            let own = row.map_or(u16::MAX, |row| table.load(row.id));
            faults.require(
                one.min_load <= own.min(self.max_load.unwrap_or(u16::MAX)),
                format!("/min_loads/{at}/min_load"),
                "out_of_range",
                "the least load is above the greatest of this expert; lower the one or raise the other",
            );
        }
    }

    fn pairs(
        &self,
        table: &Table,
        open: &BTreeSet<Uuid>,
        movable: &BTreeSet<(Uuid, Uuid)>,
        faults: &mut Faults,
    ) {
        let lists = [("keep", &self.keep), ("forbid", &self.forbid)];
        for (list, pairs) in lists {
            for (at, pair) in pairs.iter().enumerate() {
                faults.require(
                    open.contains(&pair.proposal),
                    format!("/{list}/{at}/proposal"),
                    "unknown_proposal",
                    "no eligible proposal of the stage has this id",
                );
                faults.require(
                    table.experts.iter().any(|row| row.id == pair.expert),
                    format!("/{list}/{at}/expert"),
                    "unknown_expert",
                    "the call has no such expert, or this one has not accepted and declared conflicts of interest",
                );
            }
        }
        let forbidden: BTreeSet<(Uuid, Uuid)> = self.forbid.iter().map(PairInput::pair).collect();
        let mut load: BTreeMap<Uuid, u16> = BTreeMap::new();
        for (_, expert) in &table.held {
            *load.entry(*expert).or_default() += 1;
        }
        for (at, wish) in self.keep.iter().enumerate() {
            let pair = wish.pair();
            if table.held.contains(&pair) || !open.contains(&pair.0) {
                continue;
            }
            let at = format!("/keep/{at}");
            faults.require(
                !table.against.contains(&pair),
                at.clone(),
                "conflict_of_interest",
                "a conflict of interest stands between the two, or waits for a verdict; choose another expert, or \
                 judge it first",
            );
            faults.require(
                !table.had.contains(&pair),
                at.clone(),
                "had_it",
                "this expert had this proposal before; choose another one",
            );
            faults.require(
                !forbidden.contains(&pair),
                at.clone(),
                "contradiction",
                "the pair is forbidden too; take it out of one of the lists",
            );
            let load = load.entry(pair.1).or_default();
            *load += 1;
            let own = table.experts.iter().find(|row| row.id == pair.1);
            faults.require(
                own.is_none_or(|row| *load <= table.load(row.id)),
                at,
                "full",
                "this expert would have more proposals than agreed on; choose another one",
            );
        }
        for (at, wish) in self.forbid.iter().enumerate() {
            let pair = wish.pair();
            faults.require(
                !open.contains(&pair.0) || !table.held.contains(&pair) || movable.contains(&pair),
                format!("/forbid/{at}"),
                "at_work",
                "the expert has this proposal already; replace the review instead",
            );
        }
    }

    fn balances(&self, faults: &mut Faults) {
        faults.require(
            self.balance.len() <= MOST_BALANCES,
            "/balance",
            "too_many",
            format!("give at most {MOST_BALANCES} balances"),
        );
        for (at, one) in self.balance.iter().enumerate() {
            let known = match one.by {
                BalanceBy::Gender => one.value.parse::<Gender>().is_ok(),
                BalanceBy::Country => one.value.parse::<Country>().is_ok(),
            };
            faults.require(
                known,
                format!("/balance/{at}/value"),
                "unknown_value",
                "give woman, man or non_binary, or the two capital letters of a country",
            );
            faults.require(
                one.most.is_none_or(|most| one.least <= most)
                    && (one.least > 0 || one.most.is_some()),
                format!("/balance/{at}"),
                "out_of_range",
                "give the least, the most, or both, the least not above the most",
            );
        }
    }
}
