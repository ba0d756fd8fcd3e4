use std::collections::{BTreeSet, HashMap, HashSet};

use ::commitment::Balance;
use call::{BalancingPolicy, Score};
use intake::ProposalState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::deviation::{Deviation, InvitationDecision};
use crate::commitment::invitation::RankedEntry;
use crate::outcome::Standing;

/// Who is invited to the full stage, and who is not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationsView {
    /// Number of the stage.
    pub stage: i32,
    /// Whether the steering committee has decided; before, it is a proposal.
    pub decided: bool,
    /// The policy that a proposal was made by, or that the committee started from; null where it went by none.
    pub policy: Option<BalancingPolicy>,
    /// The limit of requested by committed that goes with it.
    pub limit_ratio: Option<String>,
    /// Where the decision stands, or why it is so.
    pub reason: Option<String>,
    /// Where the committee decided otherwise than the policy.
    pub deviations: Vec<DeviationView>,
    /// Those invited, in ranking order.
    pub invited: Vec<InvitationView>,
    /// Those evaluated and not invited, in ranking order, then those off the list.
    pub left_out: Vec<InvitationView>,
    /// Keys of the funders that the committee named under-represented at the invitation.
    pub under_represented: Vec<String>,
    /// What those invited ask, against what is committed.
    pub balance: Balance,
}

/// One proposal before the full stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposalInvitation)]
pub struct InvitationView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Key of the topic of whose money it is paid, where topics have money of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Its place on the ranking list, or on that of its topic; none off the list.
    pub position: Option<u32>,
    /// Its total; none off the list.
    pub total: Option<Score>,
    /// The condition of the invitation.
    pub condition: Option<String>,
}

/// A proposal on which the committee decided otherwise than the policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = InvitationDeviation)]
pub struct DeviationView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Whether it is invited.
    pub invited: bool,
    /// Why.
    pub reason: String,
}

/// A proposal of whom to invite.
pub struct Planned {
    /// By which policy.
    pub policy: BalancingPolicy,
    /// The limit, as given.
    pub limit_ratio: String,
    /// Whom it invites.
    pub invited: HashSet<Uuid>,
}

impl InvitationsView {
    /// The view without what it says of these proposals. The sums are of all.
    pub fn without(mut self, proposals: &BTreeSet<Uuid>) -> InvitationsView {
        self.invited
            .retain(|one| !proposals.contains(&one.proposal));
        self.left_out
            .retain(|one| !proposals.contains(&one.proposal));
        self.deviations
            .retain(|one| !proposals.contains(&one.proposal));
        self
    }

    /// The view with how the committee decided; `limit_ratio` is the limit of its policy, in words.
    pub fn decided_so(
        &mut self,
        decision: InvitationDecision,
        limit_ratio: Option<String>,
        deviations: Vec<Deviation>,
        standings: &[Standing],
    ) {
        self.policy = decision.policy.map(|(policy, _)| policy);
        self.limit_ratio = limit_ratio;
        self.reason = Some(decision.reason);
        let number = |proposal: Uuid| {
            let found = standings.iter().find(|one| one.proposal == proposal);
            found.map(|one| one.number.clone()).unwrap_or_default()
        };
        let mut told: Vec<DeviationView> = deviations
            .into_iter()
            .map(|one| DeviationView {
                proposal: one.proposal,
                number: number(one.proposal),
                invited: one.invited,
                reason: one.reason,
            })
            .collect();
        told.sort_by(|a, b| a.number.cmp(&b.number));
        self.deviations = told;
    }
}

/// Who is invited: as decided, or as planned.
pub fn invitations(
    stage: i32,
    standings: &[Standing],
    ranking: &[RankedEntry],
    conditions: &HashMap<Uuid, String>,
    planned: Option<Planned>,
    balance: Balance,
) -> InvitationsView {
    use ProposalState::{Evaluated, Invited, InvitedWithConditions, NotInvited};
    let on_list = ranking.iter().filter_map(|entry| {
        let standing = standings
            .iter()
            .find(|one| one.proposal == entry.proposal)?;
        Some((standing, Some(entry)))
    });
    let off_list = standings
        .iter()
        .filter(|one| !ranking.iter().any(|entry| entry.proposal == one.proposal))
        .map(|one| (one, None));
    let mut view = InvitationsView {
        stage,
        decided: planned.is_none(),
        policy: planned.as_ref().map(|plan| plan.policy),
        limit_ratio: planned.as_ref().map(|plan| plan.limit_ratio.clone()),
        reason: None,
        deviations: Vec::new(),
        invited: Vec::new(),
        left_out: Vec::new(),
        under_represented: Vec::new(),
        balance,
    };
    for (standing, entry) in on_list.chain(off_list) {
        let one = InvitationView {
            proposal: standing.proposal,
            number: standing.number.clone(),
            topic: entry.and_then(|entry| entry.topic.clone()),
            position: entry.map(|entry| entry.position),
            total: entry.map(|entry| entry.total),
            condition: conditions.get(&standing.proposal_stage).cloned(),
        };
        match (standing.state, &planned) {
            (Invited | InvitedWithConditions, _) => view.invited.push(one),
            (NotInvited, _) => view.left_out.push(one),
            (Evaluated, Some(plan)) if plan.invited.contains(&standing.proposal) => {
                view.invited.push(one);
            }
            (Evaluated, _) => view.left_out.push(one),
            _ => {}
        }
    }
    view
}
