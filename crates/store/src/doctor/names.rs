//! Names in the database are those that the code knows: the lists are the code's own.

use std::borrow::Cow;
use std::fmt::Display;

use access::{Notice, Role};
use strum::IntoEnumIterator;

use super::Invariant;

/// The names of an enumeration as a list in SQL.
fn list<T: IntoEnumIterator + Display>(among: impl Fn(&T) -> bool) -> String {
    let names = T::iter().filter(among).map(|name| format!("'{name}'"));
    names.collect::<Vec<_>>().join(", ")
}

fn known<T: IntoEnumIterator + Display>(
    name: &'static str,
    says: &'static str,
    table: &str,
    key: &str,
    column: &str,
) -> Invariant {
    let names = list::<T>(|_| true);
    Invariant {
        name,
        says,
        query: Cow::Owned(format!(
            "select {key} from {table} where {column} not in ({names})"
        )),
    }
}

pub(super) fn invariants() -> Vec<Invariant> {
    let call = known::<::call::CallState>(
        "call_state_is_known",
        "a call is in one of the states of its life cycle",
        "call",
        "id",
        "state",
    );
    let stage = known::<::call::StageState>(
        "stage_state_is_known",
        "a stage is in one of the states of its life cycle",
        "stage",
        "id",
        "state",
    );
    let content = known::<intake::ProposalState>(
        "proposal_state_is_known",
        "a proposal is in one of the states of its life cycle",
        "proposal_stage",
        "id",
        "state",
    );
    let outcome = known::<intake::ProposalState>(
        "outcome_is_known",
        "an outcome is one of the states of a proposal's life cycle",
        "sealed.outcome",
        "proposal_stage_id",
        "state",
    );
    let verdict = known::<intake::PartnerVerdict>(
        "verdict_is_known",
        "a verdict on a partner is one of those there are",
        "eligibility",
        "partner_row_id",
        "state",
    );
    let change = known::<intake::ChangeKind>(
        "change_is_known",
        "a change to a consortium is of one of the kinds there are",
        "consortium_change",
        "id",
        "kind",
    );
    let demand = known::<intake::DemandKind>(
        "demand_is_known",
        "a condition of an invitation demands one of the things there are",
        "sealed.invitation_condition",
        "id",
        "demand ->> 'kind'",
    );
    let waiver = known::<intake::WaiverState>(
        "waiver_state_is_known",
        "a request for an exception waits, is granted or refused",
        "waiver",
        "id",
        "state",
    );
    let stand = known::<intake::Stand>(
        "stand_is_known",
        "a member of the committee is for a request, against it, or abstains",
        "sealed.waiver_stand",
        "waiver_id",
        "stand",
    );
    let redress = known::<::commitment::redress::RedressState>(
        "redress_state_is_known",
        "a request for redress is in one of the states of its life cycle",
        "sealed.redress",
        "id",
        "state",
    );
    let query = known::<intake::QueryState>(
        "query_state_is_known",
        "a question to an applicant waits, is answered or closed",
        "query",
        "id",
        "state",
    );
    let expert = known::<::review::ExpertState>(
        "expert_state_is_known",
        "an expert is in one of the states of its life cycle",
        "sealed.expert",
        "id",
        "state",
    );
    let gender = known::<::review::Gender>(
        "expert_gender_is_known",
        "an expert's gender, where it is given, is one of those there are",
        "sealed.expert",
        "id",
        "gender",
    );
    let conflict = known::<::review::ConflictKind>(
        "conflict_kind_is_known",
        "a conflict of interest is of one of the kinds there are",
        "(select id, kind from sealed.conflict union all select proposal_id, kind from sealed.own_conflict) c",
        "id",
        "kind",
    );
    let review = known::<::review::ReviewState>(
        "review_state_is_known",
        "a review is in one of the states of its life cycle",
        "sealed.review",
        "id",
        "state",
    );
    let ethics = known::<::review::EthicsState>(
        "ethics_state_is_known",
        "an ethics assessment is in one of the states of its life cycle",
        "sealed.ethics_assessment",
        "proposal_stage_id",
        "state",
    );
    let rebuttal = known::<::review::RebuttalState>(
        "rebuttal_state_is_known",
        "a reply to reviews is in one of the states of its life cycle",
        "sealed.rebuttal",
        "proposal_stage_id",
        "state",
    );
    let summary = known::<::review::SummaryState>(
        "summary_state_is_known",
        "an evaluation summary report is in one of the states of its life cycle",
        "sealed.summary_report",
        "proposal_stage_id",
        "state",
    );
    let conformity = known::<::review::ConformityState>(
        "conformity_state_is_known",
        "a conformity report is a draft or filed",
        "sealed.conformity_report",
        "stage_id",
        "state",
    );
    let conclusion = known::<::review::Conclusion>(
        "conclusion_is_known",
        "a conformity report concludes in one of the ways there are",
        "sealed.conformity_report",
        "stage_id",
        "conclusion",
    );
    let selection = known::<commitment::SelectionState>(
        "selection_state_is_known",
        "a selection is in one of the states of its life cycle",
        "sealed.selection",
        "id",
        "state",
    );
    let line = known::<commitment::LineState>(
        "line_state_is_known",
        "a line of a selection is open, accepted or refused",
        "sealed.selection_line",
        "id",
        "state",
    );
    let cause = known::<commitment::Cause>(
        "amendment_cause_is_known",
        "a selection amends another for one of the causes there are",
        "sealed.selection",
        "id",
        "cause",
    );
    let commitment = known::<commitment::CommitmentKind>(
        "commitment_kind_is_known",
        "a commitment is indicative or on availability of funds",
        "commitment",
        "id",
        "kind",
    );
    let policy = known::<::call::BalancingPolicy>(
        "balancing_policy_is_known",
        "the policy of an invitation is one of those there are",
        "sealed.invitation_decision",
        "stage_id",
        "policy",
    );
    let visibility = known::<commitment::Visibility>(
        "scenario_visibility_is_known",
        "a scenario is private, the secretariat's or shared",
        "sealed.scenario",
        "id",
        "visibility",
    );
    let document = known::<::call::DocumentKind>(
        "document_kind_is_known",
        "a document of a call is of one of the kinds there are",
        "call_document",
        "id",
        "kind",
    );
    let role = known::<Role>(
        "role_is_known",
        "a role is one of those that the policy knows",
        "(select id, role from role_grant union all select id, role from invitation) r",
        "id",
        "role",
    );
    let notice = Invariant {
        name: "notice_can_be_done_without",
        says: "what somebody does without are kinds of mails that are not always sent",
        query: Cow::Owned(format!(
            "select account_id from notice_off where kind not in ({})",
            list::<Notice>(|kind| kind.is_switchable())
        )),
    };
    vec![
        notice,
        call,
        stage,
        content,
        outcome,
        verdict,
        change,
        demand,
        waiver,
        stand,
        redress,
        query,
        expert,
        gender,
        conflict,
        review,
        rebuttal,
        ethics,
        summary,
        conformity,
        conclusion,
        selection,
        line,
        cause,
        commitment,
        policy,
        visibility,
        document,
        role,
        role_has_its_reach(),
    ]
}

/// Roles of the installation name no call, all others name one, and a funder's name their organisation.
fn role_has_its_reach() -> Invariant {
    let wide = list::<Role>(|role| role.is_installation_wide());
    let funders = list::<Role>(|role| role.speaks_for_an_organisation());
    Invariant {
        name: "role_has_its_reach",
        says: "a role of the installation names no call, every other one names one, and a funder's its organisation",
        query: Cow::Owned(format!(
            "select id from (select id, role, call_id, organisation_id from role_grant
                             union all select id, role, call_id, organisation_id from invitation) r
             where (role in ({wide})) <> (call_id is null) or (role in ({funders})) <> (organisation_id is not null)"
        )),
    }
}
