//! What an assignment is computed from: experts, proposals, conflicts and reviews of a stage, as the solver reads them.

use std::collections::{BTreeMap, BTreeSet};

use ::review::ExpertRole;
use ::review::assign::{
    Assignment, Balance, ExpertNode, Group, Infeasible, Limits, Objective, Partition,
    Problem as Puzzle, ProposalNode, assign_balanced_for, assign_for,
};
use access::Permit;
use kernel::Country;
use store::call::StageRow;
use store::outcome;
use store::review::conflict::{self as conflicts, ConflictRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::Sight;
use uuid::Uuid;

use super::fit::{Asked, Fit};
use super::grouping::Grouping;
use super::wishes::{AssignInput, BalanceBy};
use super::{detection, walls};
use crate::{Problem, Tx};

/// Everything about a stage that decides who may review what. Pairs are (proposal, expert).
pub(super) struct Table {
    /// The proposals that get reviewers.
    pub candidates: Vec<Candidate>,
    /// The experts who may read.
    pub experts: Vec<ExpertRow>,
    /// The most proposals of each of them at the stage.
    pub loads: BTreeMap<Uuid, u16>,
    /// The conflicts of the call.
    pub conflicts: Vec<ConflictRow>,
    /// All reviews of the stage.
    pub reviews: Vec<ReviewRow>,
    /// Pairs that stand.
    pub held: BTreeSet<(Uuid, Uuid)>,
    /// Pairs that stood once; nobody gets a proposal twice. Those that a conflict of interest ended are left out: as long as
    /// it is one, the conflict forbids them.
    pub had: BTreeSet<(Uuid, Uuid)>,
    /// Pairs with a conflict of interest that stands, or waits for a verdict.
    pub against: BTreeSet<(Uuid, Uuid)>,
    /// How well they fit.
    pub fit: Fit,
}

/// Reads everything, and looks for conflicts that nobody looked for yet: an assignment never rests on an earlier
/// search. With a permit the experts are locked, so that no conflict comes between, and what is found is put on
/// file; without one nothing is written, for what only asks.
pub(super) async fn lay(
    tx: &mut Tx,
    stage: &StageRow,
    permit: Option<&Permit>,
) -> Result<Table, Problem> {
    let call = stage.call_id;
    let all = match permit {
        Some(_) => experts::lock_of_call(tx.conn(), call).await?,
        None => experts::of_call(tx.conn(), call).await?,
    };
    let known = detection::accepted(&all)?;
    let (mut ready, mut loads) = (Vec::new(), BTreeMap::new());
    for row in all {
        if row.may_read(stage.number)? {
            let load = u16::try_from(row.load_at(stage.number)?).unwrap_or(0);
            loads.insert(row.id, load);
            ready.push(row);
        }
    }
    let everybody = facts::candidates(tx.conn(), stage.id).await?;
    let new = detection::look(tx, stage, &known, &everybody, &everybody).await?;
    if let Some(permit) = permit {
        detection::put_on_file(tx, permit, &new).await?;
        walls::put_up(tx, permit, &everybody).await?;
    }
    let fit = Fit::of(tx, stage, &everybody, &ready, Asked::All).await?;
    let mut on_file = conflicts::of_call(tx.conn(), call).await?;
    if permit.is_none() {
        on_file.extend(new);
    }
    let candidates = everybody.into_iter();
    let mut against: BTreeSet<(Uuid, Uuid)> = on_file
        .iter()
        .filter(|row| row.forbids())
        .map(|row| (row.proposal_id, row.expert_id))
        .collect();
    // Who declared a conflict in another role has it as an expert, too.
    for (account, proposal) in outcome::walls(tx.conn(), call).await? {
        let same = ready.iter().filter(|row| row.account_id == Some(account));
        against.extend(same.map(|row| (proposal, row.id)));
    }
    let mut table = Table {
        candidates: candidates
            .filter(|one| facts::is_reviewed(one.standing.state))
            .collect(),
        experts: ready,
        loads,
        against,
        conflicts: on_file,
        reviews: reviews::of_stage(tx.conn(), stage.id).await?,
        held: BTreeSet::new(),
        had: BTreeSet::new(),
        fit,
    };
    table.sort_pairs()?;
    Ok(table)
}

impl Table {
    fn sort_pairs(&mut self) -> Result<(), Problem> {
        let proposals: BTreeSet<Uuid> = self.proposals().collect();
        let experts: BTreeSet<Uuid> = self.experts.iter().map(|row| row.id).collect();
        for row in &self.reviews {
            let pair = (row.proposal_id, row.expert_id);
            let here = proposals.contains(&pair.0) && experts.contains(&pair.1);
            let state = row.state()?;
            if here && state.holds_a_place() {
                self.held.insert(pair);
            } else if !state.ended_by_conflict() {
                self.had.insert(pair);
            }
        }
        Ok(())
    }

    /// The proposals that get reviewers.
    pub fn proposals(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.candidates.iter().map(|one| one.standing.proposal)
    }

    /// Those of which the viewer may know.
    pub fn open<'a>(&'a self, sight: &'a Sight) -> impl Iterator<Item = Uuid> + 'a {
        self.proposals().filter(|proposal| sight.open(*proposal))
    }

    /// What proposals and experts are called, for a viewer.
    pub fn names(&self, sight: &Sight) -> BTreeMap<Uuid, String> {
        let experts = self.experts.iter().map(|row| (row.id, row.name.clone()));
        let proposals = self.candidates.iter().map(|one| {
            let proposal = one.standing.proposal;
            let name = if sight.open(proposal) {
                one.standing.number.clone()
            } else {
                "a proposal".to_owned()
            };
            (proposal, name)
        });
        experts.chain(proposals).collect()
    }

    /// How many possible conflicts wait for a verdict; their pairs are left out.
    pub fn waiting(&self) -> usize {
        self.conflicts.iter().filter(|row| row.waits()).count()
    }

    /// The most proposals of an expert at the stage; none for whom the call does not know.
    pub fn load(&self, expert: Uuid) -> u16 {
        self.loads.get(&expert).copied().unwrap_or_default()
    }

    /// How many reviewers a proposal has now.
    pub fn now(&self, proposal: Uuid) -> u16 {
        let held = self.held.iter().filter(|pair| pair.0 == proposal).count();
        u16::try_from(held).unwrap_or(u16::MAX)
    }
}

/// What is asked of the solver, over a table.
pub(super) struct Desk<'a> {
    pub table: &'a Table,
    pub wishes: &'a AssignInput,
    /// Reviewers of each proposal of which the wishes say nothing; none: as many as it has now.
    pub usual: Option<u16>,
    /// Pairs that stand and may be given up.
    pub movable: BTreeSet<(Uuid, Uuid)>,
    /// An expert who gets nothing more.
    pub leaving: Option<Uuid>,
    /// Whether substitutes are asked too: they take only places that others leave.
    pub substitutes: bool,
}

impl Desk<'_> {
    /// The table as the solver reads it. No pair with a conflict of interest is open in it; one that is at work stays
    /// even while a possible conflict waits for its verdict.
    pub fn puzzle(&self) -> Result<Puzzle, Problem> {
        let table = self.table;
        let mut forbidden: BTreeSet<(Uuid, Uuid)> =
            table.against.difference(&table.held).copied().collect();
        forbidden.extend(&table.had);
        forbidden.extend(self.wishes.forbid.iter().map(|wish| wish.pair()));
        let mut kept: BTreeSet<(Uuid, Uuid)> =
            table.held.difference(&self.movable).copied().collect();
        kept.extend(self.wishes.keep.iter().map(|wish| wish.pair()));
        if let Some(leaving) = self.leaving {
            let all = table.proposals().map(|proposal| (proposal, leaving));
            forbidden.extend(all.filter(|pair| !kept.contains(pair)));
        }
        let mut experts = Vec::new();
        for row in &table.experts {
            let works = kept
                .iter()
                .chain(&self.movable)
                .any(|pair| pair.1 == row.id);
            let substitute = row.role()? == ExpertRole::Substitute;
            let asked = self.substitutes || !substitute;
            if !asked && !works {
                continue;
            }
            let own = table.load(row.id);
            let most = self.wishes.max_load.map_or(own, |most| most.min(own));
            let max_load = if asked && self.leaving != Some(row.id) {
                most
            } else {
                0
            };
            // A substitute takes only places that others leave.
            let least = if substitute {
                0
            } else {
                self.wishes.least_load(row.id)
            };
            experts.push(ExpertNode {
                id: row.id,
                min_load: least.min(max_load),
                max_load,
            });
        }
        let proposals: Vec<ProposalNode> = table
            .proposals()
            .map(|id| ProposalNode {
                id,
                reviewers: self.reviewers(id),
            })
            .collect();
        let pairs = proposals.iter().flat_map(|one| {
            let experts = experts.iter();
            experts.map(|expert| table.fit.value(one.id, expert.id))
        });
        Ok(Puzzle {
            affinity: pairs.collect(),
            proposals,
            experts,
            forbidden,
            kept,
            partition: self.partition(),
        })
    }

    fn reviewers(&self, proposal: Uuid) -> u16 {
        let asked = self.wishes.reviewers.iter();
        let mut asked = asked.filter(|one| one.proposal == proposal);
        match asked.next() {
            Some(one) => one.reviewers,
            None => self.usual.unwrap_or_else(|| self.table.now(proposal)),
        }
    }

    /// The limits by country or organisation.
    fn partition(&self) -> Option<Partition> {
        let caps = self.wishes.caps.as_ref()?;
        let limits = |most| Limits { least: 0, most };
        let grouping = Grouping::of(&self.table.experts, caps.by);
        let groups = grouping.names().map(|name| Group {
            name: name.to_owned(),
            per_proposal: limits(caps.per_proposal),
            load: limits(caps.load),
        });
        let mut groups: Vec<Group> = groups.collect();
        for least in &caps.least {
            let meant = grouping.find(&least.of);
            if let Some(group) = meant.and_then(|number| groups.get_mut(number)) {
                group.per_proposal.least = least.per_proposal;
                group.load.least = least.load;
            }
        }
        Some(Partition {
            groups,
            member: grouping.member,
        })
    }

    /// The balances by gender or country.
    pub fn balances(&self) -> Vec<Balance> {
        let wishes = self.wishes.balance.iter();
        wishes
            .map(|wish| {
                let country = wish.value.parse::<Country>().ok();
                let of = |row: &&ExpertRow| match wish.by {
                    BalanceBy::Gender => row.gender.as_deref() == Some(wish.value.as_str()),
                    BalanceBy::Country => {
                        let code = country.as_ref().map(Country::code);
                        code.is_some() && row.country.as_deref() == code
                    }
                };
                let members = self.table.experts.iter().filter(of);
                Balance {
                    name: wish.value.clone(),
                    members: members.map(|row| row.id).collect(),
                    per_proposal: Limits {
                        least: wish.least,
                        most: wish.most,
                    },
                }
            })
            .collect()
    }
}

/// The assignment that is best in the objective; none where it was given up to prove that none keeps the balances. It is looked over once more
/// by rules that do not know how it was found.
pub(super) fn solve(
    puzzle: &Puzzle,
    balances: &[Balance],
    objective: Objective,
) -> Result<Option<Assignment>, Infeasible> {
    if balances.is_empty() {
        assign_for(puzzle, objective).map(Some)
    } else {
        assign_balanced_for(puzzle, balances, objective)
    }
}
