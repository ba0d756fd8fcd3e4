//! Requests of a consortium for an exception to a rule of the call, decided by the steering committee.

use kernel::{Faults, LifeCycle};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::check::Findings;
use crate::query::words;

/// Where a request stands.
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
pub enum WaiverState {
    /// The steering committee is to decide.
    Waiting,
    /// The rule does not stand in the way of this proposal.
    Granted,
    /// It does.
    Refused,
}

/// What can happen to a request.
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
pub enum WaiverEvent {
    /// The committee grants it.
    Grant,
    /// The committee refuses it.
    Refuse,
}

/// A request is decided once; another one may be made.
pub static WAIVER: LifeCycle<WaiverState, WaiverEvent> = {
    use WaiverEvent::*;
    use WaiverState::*;
    LifeCycle {
        name: "waiver",
        start: Waiting,
        rows: &[(Waiting, Grant, Granted), (Waiting, Refuse, Refused)],
    }
};

/// What a member of the committee holds of a request.
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
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stand {
    /// To be granted.
    For,
    /// To be refused.
    Against,
    /// Neither.
    Abstains,
}

/// The rules that the committee may waive, by the codes of their findings: who proposes together and what changes
/// between the stages. That a proposal is whole, and its money countable, nobody can waive.
const WAIVABLE: [&str; 22] = [
    "partners_too_few",
    "partners_too_many",
    "countries_too_few",
    "member_or_associated_too_few",
    "own_funded_too_many",
    "own_funded_needs_funded",
    "country_too_often",
    "funder_too_often",
    "sectors_too_few",
    "sector_missing",
    "coordinator_not_funded",
    "coordinator_country",
    "coordinator_sector",
    "coordinates_too_many",
    "coordinator_changed",
    "partner_added",
    "partner_dropped",
    "partner_replaced",
    "funder_changed",
    "country_changed",
    "partner_unconfirmed",
    "condition_unmet",
];

/// What is wrong with a request.
pub fn check(rule: &str, reasons: &str) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        WAIVABLE.contains(&rule),
        "/rule",
        "rule_not_waivable",
        format!(
            "'{rule}' is no rule that the steering committee may waive; take one of: {}",
            WAIVABLE.join(", ")
        ),
    );
    words("/reasons", reasons, &mut faults);
    faults
}

/// Takes out what was found by rules that are waived for the proposal.
pub(crate) fn lift(found: &mut Findings, waived: &[String]) {
    if waived.is_empty() {
        return;
    }
    for side in [&mut found.faults, &mut found.doubts] {
        side.0.retain(|one| !waived.contains(&one.code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CheckContext, sample};

    #[test]
    fn what_is_waived_is_not_found_and_nothing_else_is_lifted() {
        let (rules, funders) = (sample::rules(), sample::funders());
        let waived = ["partners_too_few".to_owned()];
        let mut context = CheckContext::new(&rules, &rules.stages[0], &funders);
        let mut content = sample::content();
        content.partners.truncate(2);
        let codes = |context: &CheckContext<'_>| {
            let found = crate::check(&content, context).faults.0;
            found.into_iter().map(|one| one.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&context), ["partners_too_few", "countries_too_few"]);
        context.waived = &waived;
        assert_eq!(codes(&context), ["countries_too_few"]);
    }

    #[test]
    fn only_what_can_be_waived_is_asked_for() {
        assert!(check("coordinator_changed", "She retired").is_empty());
        let faults = check("title_missing", " ").0;
        let codes: Vec<&str> = faults.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["rule_not_waivable", "required"]);
    }
}
