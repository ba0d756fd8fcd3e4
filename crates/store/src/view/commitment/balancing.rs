//! The balance of the first stage: what is asked, what is committed, and whom each policy would invite.

use std::collections::BTreeSet;

use ::commitment::{Balance, Fate, LeftOutBecause, LimitBroken};
use call::{BalancingPolicy, Score};
use kernel::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::invitation::RankedEntry;

/// Requested against committed as the eligible proposals of a stage stand, and what each policy makes of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BalancingView {
    /// Number of the stage.
    pub stage: i32,
    /// What may be requested for each committed unit: the limit of all policies below.
    #[schema(example = "3.00")]
    pub limit_ratio: String,
    /// The policy that the call's rules name; null where they name none.
    pub policy: Option<BalancingPolicy>,
    /// How many proposals are eligible.
    pub eligible: usize,
    /// What the eligible proposals ask. The ratio is the factor of oversubscription.
    pub balance: Balance,
    /// Keys of the funders that could not spend their money if everything eligible were funded.
    pub cannot_spend: Vec<String>,
    /// What each policy does; empty before the panel has adopted the ranking list.
    pub policies: Vec<PolicyView>,
}

/// Whom a policy would invite.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PolicyView {
    /// The policy.
    pub policy: BalancingPolicy,
    /// Those invited, in ranking order.
    pub invited: Vec<PlannedInvitation>,
    /// Those left out, in ranking order.
    pub left_out: Vec<PlannedInvitation>,
    /// What those invited ask.
    pub balance: Balance,
    /// Keys of the funders that could not spend their money if all invited were funded: whose applicants are
    /// under-represented, and who might be named for adding a partner.
    pub cannot_spend: Vec<String>,
}

/// A ranked proposal as a policy sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlannedInvitation {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Key of the topic of whose money it is paid, where topics have money of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Its place on the ranking list, or on that of its topic; equal totals share it.
    pub position: u32,
    /// Its total.
    pub total: Score,
    /// What it asks of all funders.
    pub requested: Amount,
    /// Why it is left out.
    pub because: Option<LeftOutBecause>,
    /// The limits that are broken with it.
    pub broken: Vec<LimitBroken>,
}

impl PlannedInvitation {
    fn new(entry: &RankedEntry, requested: Amount, fate: &Fate) -> PlannedInvitation {
        let (because, broken) = match fate {
            Fate::Invited => (None, Vec::new()),
            Fate::LeftOut(because, broken) => (Some(*because), broken.clone()),
        };
        PlannedInvitation {
            proposal: entry.proposal,
            number: entry.number.clone(),
            topic: entry.topic.clone(),
            position: entry.position,
            total: entry.total,
            requested,
            because,
            broken,
        }
    }
}

/// What a policy does with ranked proposals and what they ask; `balance` is that of those it invites. The lines of
/// those that are `walled` off are left out; the sums are of all.
pub fn balancing(
    policy: BalancingPolicy,
    ranked: &[(&RankedEntry, Amount)],
    fates: &[Fate],
    balance: Balance,
    walled: &BTreeSet<Uuid>,
) -> PolicyView {
    let all = ranked.iter().zip(fates);
    let all = all.filter(|((entry, _), _)| !walled.contains(&entry.proposal));
    let lines =
        all.map(|((entry, requested), fate)| PlannedInvitation::new(entry, *requested, fate));
    let (invited, left_out) = lines.partition(|one| one.because.is_none());
    PolicyView {
        policy,
        invited,
        left_out,
        cannot_spend: balance.cannot_spend(),
        balance,
    }
}
