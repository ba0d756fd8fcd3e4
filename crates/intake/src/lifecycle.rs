//! The tables of a proposal at one stage, and of a partner's eligibility.

use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::eligibility::PartnerVerdict;

/// Where a proposal stands at one stage.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProposalState {
    /// Never submitted.
    Draft,
    /// What is written is what was submitted.
    Submitted,
    /// Submitted, and written on since; the submitted version counts.
    EditedSince,
    /// The deadline has passed; the last submitted version counts.
    Locked,
    /// The deadline has passed, and nothing was ever submitted.
    Lapsed,
    /// Formal check and all funders agree.
    Eligible,
    /// Partners must be dropped or replaced, which the rules of the consortium allow.
    Conditional,
    /// Cannot be funded.
    Ineligible,
    /// Its scores are final.
    Evaluated,
    /// May hand in a full proposal.
    Invited,
    /// May hand in a full proposal that meets conditions.
    InvitedWithConditions,
    /// May not hand in a full proposal.
    NotInvited,
    /// The panel recommends it.
    Recommended,
    /// The panel recommends it should the money suffice.
    RecommendedIfFundsAllow,
    /// The panel does not recommend it.
    NotRecommended,
    /// Will be funded.
    Selected,
    /// Will be funded should money become free.
    Reserve,
    /// Will not be funded.
    NotFunded,
    /// Taken back by its coordinator.
    Withdrawn,
    /// Excluded by the call steering committee, with a reason.
    Excluded,
}

impl ProposalState {
    /// Whether the consortium still writes it: no deadline has closed it.
    pub fn is_written(self) -> bool {
        use ProposalState::{Draft, EditedSince, Submitted};
        matches!(self, Draft | Submitted | EditedSince)
    }

    /// The state as far as the panel hears of it, which evaluates and does not decide: up to its own
    /// part, after which everything is `evaluated`.
    pub fn in_evaluation(self) -> ProposalState {
        use ProposalState::{Conditional, Eligible, Evaluated, Excluded, Ineligible, Locked};
        match self {
            Locked | Eligible | Conditional | Ineligible | Excluded => self,
            _ => Evaluated,
        }
    }
}

/// What can happen to a proposal.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProposalEvent {
    /// The consortium changes the content.
    Edit,
    /// The coordinator submits the content as it stands.
    Submit,
    /// The stage closes over a proposal that was submitted.
    CloseLocked,
    /// The stage closes over one that never was.
    CloseLapsed,
    /// An individual exception to the deadline opens it again, as it was last saved.
    Reopen,
    /// The same, and it was written on since it was last submitted.
    ReopenEdited,
    /// The verdicts make it eligible.
    FindEligible,
    /// The verdicts ask for partners to be dropped or replaced.
    FindConditional,
    /// The verdicts make it ineligible.
    FindIneligible,
    /// Its consortium is changed, and not all verdicts on it are given any more.
    Recheck,
    /// The ranking list that holds it is adopted.
    Evaluate,
    /// The committee invites it.
    Invite,
    /// The committee invites it under conditions.
    InviteWithConditions,
    /// The committee does not invite it.
    DoNotInvite,
    /// The panel recommends it.
    Recommend,
    /// The panel recommends it should the money suffice.
    RecommendIfFundsAllow,
    /// The panel does not recommend it.
    DoNotRecommend,
    /// The decision funds it.
    Select,
    /// The decision holds it in reserve.
    HoldInReserve,
    /// The decision does not fund it.
    DoNotFund,
    /// A funder of it defaulted, and what the others pay does not carry it.
    LoseFunding,
    /// The panel judges it again: redress was upheld, or its consensus was recorded wrong.
    Reevaluate,
    /// The coordinator takes it back.
    Withdraw,
    /// The coordinator undoes that before the deadline: it is the draft that it was.
    ReinstateDraft,
    /// The same, and it is submitted as it stands.
    Reinstate,
    /// The same, and it was written on since it was last submitted.
    ReinstateEdited,
    /// The committee excludes it.
    Exclude,
}

impl ProposalEvent {
    /// How a withdrawal is undone: what was submitted stays submitted, and `edited` says whether it was written
    /// on since.
    pub fn undoing_withdrawal(submitted: bool, edited: bool) -> ProposalEvent {
        match (submitted, edited) {
            (false, _) => ProposalEvent::ReinstateDraft,
            (true, false) => ProposalEvent::Reinstate,
            (true, true) => ProposalEvent::ReinstateEdited,
        }
    }
}

/// A proposal at one stage. Invitations end a stage that another follows, recommendations the last.
///
/// A verdict may be revised until the evaluation, and redress can make an ineligible proposal eligible
/// again; a change of the consortium opens verdicts anew. What the deadline closed opens again by an individual exception alone, before anybody judged it; a
/// withdrawal is undone before the deadline alone. A conditional proposal is evaluated beside the others, since
/// its repair comes with the next stage's content. What the panel advises it may correct until that is decided on.
/// What is selected stays so, unless a funder of it defaults or ethics experts refuse it. What was never submitted is not the committee's to exclude.
pub static PROPOSAL: LifeCycle<ProposalState, ProposalEvent> = {
    use ProposalEvent::*;
    use ProposalState::*;
    LifeCycle {
        name: "proposal",
        start: Draft,
        rows: &[
            (Draft, Edit, Draft),
            (Draft, Submit, Submitted),
            (Submitted, Edit, EditedSince),
            (EditedSince, Edit, EditedSince),
            (EditedSince, Submit, Submitted),
            (Draft, CloseLapsed, Lapsed),
            (Submitted, CloseLocked, Locked),
            (EditedSince, CloseLocked, Locked),
            (Lapsed, Reopen, Draft),
            (Locked, Reopen, Submitted),
            (Locked, ReopenEdited, EditedSince),
            (Locked, FindEligible, Eligible),
            (Locked, FindConditional, Conditional),
            (Locked, FindIneligible, Ineligible),
            (Eligible, FindConditional, Conditional),
            (Eligible, FindIneligible, Ineligible),
            (Conditional, FindEligible, Eligible),
            (Conditional, FindIneligible, Ineligible),
            (Ineligible, FindEligible, Eligible),
            (Ineligible, FindConditional, Conditional),
            (Eligible, Recheck, Locked),
            (Conditional, Recheck, Locked),
            (Ineligible, Recheck, Locked),
            (Eligible, Evaluate, Evaluated),
            (Conditional, Evaluate, Evaluated),
            (Evaluated, Invite, Invited),
            (Evaluated, InviteWithConditions, InvitedWithConditions),
            (Evaluated, DoNotInvite, NotInvited),
            (Evaluated, Recommend, Recommended),
            (Evaluated, RecommendIfFundsAllow, RecommendedIfFundsAllow),
            (Evaluated, DoNotRecommend, NotRecommended),
            (Recommended, Select, Selected),
            (Recommended, HoldInReserve, Reserve),
            (Recommended, DoNotFund, NotFunded),
            (RecommendedIfFundsAllow, Select, Selected),
            (RecommendedIfFundsAllow, HoldInReserve, Reserve),
            (RecommendedIfFundsAllow, DoNotFund, NotFunded),
            (NotRecommended, DoNotFund, NotFunded),
            (Selected, LoseFunding, Reserve),
            (Selected, DoNotFund, NotFunded),
            (Reserve, Select, Selected),
            (Reserve, DoNotFund, NotFunded),
            (Recommended, Reevaluate, Evaluated),
            (RecommendedIfFundsAllow, Reevaluate, Evaluated),
            (NotRecommended, Reevaluate, Evaluated),
            (NotInvited, Reevaluate, Evaluated),
            (Reserve, Reevaluate, Evaluated),
            (NotFunded, Reevaluate, Evaluated),
            (Draft, Withdraw, Withdrawn),
            (Submitted, Withdraw, Withdrawn),
            (EditedSince, Withdraw, Withdrawn),
            (Locked, Withdraw, Withdrawn),
            (Eligible, Withdraw, Withdrawn),
            (Conditional, Withdraw, Withdrawn),
            (Ineligible, Withdraw, Withdrawn),
            (Evaluated, Withdraw, Withdrawn),
            (Invited, Withdraw, Withdrawn),
            (InvitedWithConditions, Withdraw, Withdrawn),
            (NotInvited, Withdraw, Withdrawn),
            (Recommended, Withdraw, Withdrawn),
            (RecommendedIfFundsAllow, Withdraw, Withdrawn),
            (NotRecommended, Withdraw, Withdrawn),
            (Selected, Withdraw, Withdrawn),
            (Reserve, Withdraw, Withdrawn),
            (NotFunded, Withdraw, Withdrawn),
            (Withdrawn, ReinstateDraft, Draft),
            (Withdrawn, Reinstate, Submitted),
            (Withdrawn, ReinstateEdited, EditedSince),
            (Submitted, Exclude, Excluded),
            (EditedSince, Exclude, Excluded),
            (Locked, Exclude, Excluded),
            (Eligible, Exclude, Excluded),
            (Conditional, Exclude, Excluded),
            (Ineligible, Exclude, Excluded),
            (Evaluated, Exclude, Excluded),
            (Invited, Exclude, Excluded),
            (InvitedWithConditions, Exclude, Excluded),
            (Recommended, Exclude, Excluded),
            (RecommendedIfFundsAllow, Exclude, Excluded),
            (Selected, Exclude, Excluded),
            (Reserve, Exclude, Excluded),
        ],
    }
};

/// What can happen to a partner's eligibility.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EligibilityEvent {
    /// The funder asks the partner something.
    Query,
    /// The partner answers.
    Answer,
    /// The funder would pay.
    FindEligible,
    /// The funder would pay under conditions.
    FindWithConditions,
    /// The funder would not pay, by a rule it names.
    FindIneligible,
    /// The verdict is taken back with a reason, and a new one is due.
    Revise,
}

/// The eligibility of one partner with its funder at one stage.
///
/// A funder may decide while its question is open: an answer that never comes must not hold up the call.
pub static ELIGIBILITY: LifeCycle<PartnerVerdict, EligibilityEvent> = {
    use EligibilityEvent::*;
    use PartnerVerdict::*;
    LifeCycle {
        name: "eligibility",
        start: Open,
        rows: &[
            (Open, Query, Asked),
            (Asked, Answer, Open),
            (Open, FindEligible, Eligible),
            (Open, FindWithConditions, EligibleWithConditions),
            (Open, FindIneligible, Ineligible),
            (Asked, FindEligible, Eligible),
            (Asked, FindWithConditions, EligibleWithConditions),
            (Asked, FindIneligible, Ineligible),
            (Eligible, Revise, Open),
            (EligibleWithConditions, Revise, Open),
            (Ineligible, Revise, Open),
        ],
    }
};

#[cfg(test)]
mod tests;
