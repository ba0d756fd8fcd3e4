//! The conformity report: what the independent observer finds on how a stage was evaluated. Drafted by the observer
//! alone, then filed for good.

use kernel::{Faults, LifeCycle};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where a conformity report stands.
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
pub enum ConformityState {
    /// Being written; the observer alone reads it.
    Draft,
    /// Final.
    Filed,
}

/// What happens to a conformity report.
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
pub enum ConformityEvent {
    /// The observer writes.
    Write,
    /// The observer files it.
    File,
}

/// The life of a conformity report.
pub static CONFORMITY: LifeCycle<ConformityState, ConformityEvent> = LifeCycle {
    name: "conformity report",
    start: ConformityState::Draft,
    rows: &[
        (
            ConformityState::Draft,
            ConformityEvent::Write,
            ConformityState::Draft,
        ),
        (
            ConformityState::Draft,
            ConformityEvent::File,
            ConformityState::Filed,
        ),
    ],
};

/// What the observer holds of the evaluation in all.
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
pub enum Conclusion {
    /// It kept the rules of the call.
    Conforms,
    /// It kept them in what matters; the findings say where not.
    ConformsWithRemarks,
    /// It did not keep them.
    DoesNotConform,
}

/// What a conformity report says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConformityReport {
    /// What comes of it in all; a draft may leave it out.
    pub conclusion: Option<Conclusion>,
    /// What was observed: procedure, fairness, confidentiality, conflicts of interest.
    pub findings: String,
    /// What should be done, or done otherwise in the next call.
    pub recommendations: String,
}

/// The longest part, in characters.
const LONGEST: usize = 100_000;

impl ConformityReport {
    /// Whether it may be saved as a draft.
    pub fn check_draft(&self) -> Faults {
        let mut faults = Faults::default();
        for (at, text) in [
            ("/findings", &self.findings),
            ("/recommendations", &self.recommendations),
        ] {
            let length = text.chars().count();
            faults.require(
                length <= LONGEST,
                at,
                "text_long",
                format!("{length} characters are given, at most {LONGEST} are allowed; shorten it"),
            );
        }
        faults
    }

    /// Whether it may be filed: it concludes, says what was found, and recommends something where not all was well.
    pub fn check(&self) -> Faults {
        let mut faults = self.check_draft();
        faults.require(
            self.conclusion.is_some(),
            "/conclusion",
            "required",
            "say whether the evaluation kept the rules",
        );
        faults.require(
            !self.findings.trim().is_empty(),
            "/findings",
            "required",
            "say what was observed",
        );
        faults.require(
            matches!(self.conclusion, None | Some(Conclusion::Conforms))
                || !self.recommendations.trim().is_empty(),
            "/recommendations",
            "required",
            "not all was as the rules say; recommend what should be done",
        );
        faults
    }

    /// What is hashed when it is filed: conclusion, findings, recommendations, with an end of line between them.
    pub fn hashed(&self) -> String {
        let conclusion = self
            .conclusion
            .map(|one| one.to_string())
            .unwrap_or_default();
        [conclusion.as_str(), &self.findings, &self.recommendations].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(conclusion: Option<Conclusion>, findings: &str, advice: &str) -> ConformityReport {
        ConformityReport {
            conclusion,
            findings: findings.to_owned(),
            recommendations: advice.to_owned(),
        }
    }

    #[test]
    fn what_is_filed_concludes_and_says_why() {
        let pointers = |one: &ConformityReport| -> Vec<String> {
            let faults = one.check().0.into_iter();
            faults.map(|fault| fault.pointer).collect()
        };
        assert!(pointers(&report(Some(Conclusion::Conforms), "Fair.", "")).is_empty());
        assert_eq!(
            pointers(&report(None, " ", "")),
            ["/conclusion", "/findings"]
        );
        let remarks = report(Some(Conclusion::ConformsWithRemarks), "Hurried.", "");
        assert_eq!(pointers(&remarks), ["/recommendations"]);
        assert!(remarks.check_draft().is_empty());
        assert_eq!(remarks.hashed(), "conforms_with_remarks\nHurried.\n");
    }

    #[test]
    fn a_filed_report_is_final() {
        let filed = ConformityState::Filed;
        assert!(CONFORMITY.rows.iter().all(|(from, ..)| *from != filed));
    }
}
