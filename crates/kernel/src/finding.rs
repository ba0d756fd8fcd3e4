use serde::{Deserialize, Serialize};

use crate::{Fault, Faults};

/// How much a finding weighs.
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
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It stands in the way.
    Fault,
    /// It does not, but people should look at it.
    Doubt,
}

/// What a check of a rule found: which rule, where, what was found, what is allowed, and where the
/// call text says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// Fault or doubt.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into what was checked; it names the partner where a partner is meant.
    pub pointer: String,
    /// Name of the rule (`snake_case`, stable).
    pub code: String,
    /// What was found.
    pub found: String,
    /// What is allowed, and the remedy.
    pub allowed: String,
    /// Where the call text says so, as far as the call names the place.
    pub source: Option<String>,
}

impl Finding {
    /// A finding that stands in the way.
    pub fn fault(
        pointer: impl Into<String>,
        code: &str,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Fault,
            pointer: pointer.into(),
            code: code.to_owned(),
            found: found.into(),
            allowed: allowed.into(),
            source: None,
        }
    }

    /// A finding for people to look at.
    pub fn doubt(
        pointer: impl Into<String>,
        code: &str,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Doubt,
            ..Self::fault(pointer, code, found, allowed)
        }
    }

    /// The same, with the place of the call text that says so.
    pub fn said_in(self, source: Option<&str>) -> Self {
        Self {
            source: source.map(str::to_owned),
            ..self
        }
    }

    /// The same in a document that holds the checked one at `pointer`.
    pub fn below(self, pointer: &str) -> Self {
        Self {
            pointer: format!("{pointer}{}", self.pointer),
            ..self
        }
    }

    /// Whether it stands in the way.
    pub fn is_fault(&self) -> bool {
        self.severity == Severity::Fault
    }

    /// What was found, what is allowed and where that is said, in one sentence.
    pub fn detail(&self) -> String {
        let parts = [self.found.as_str(), self.allowed.as_str()];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        match &self.source {
            Some(source) => format!("{} ({source})", said.join("; ")),
            None => said.join("; "),
        }
    }
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        let (found, allowed) = match fault.detail.split_once("; ") {
            Some((found, allowed)) => (found.to_owned(), allowed.to_owned()),
            None => (fault.detail, String::new()),
        };
        Self::fault(fault.pointer, &fault.code, found, allowed)
    }
}

impl From<Finding> for Fault {
    fn from(finding: Finding) -> Self {
        Fault::new(finding.pointer.clone(), &finding.code, finding.detail())
    }
}

/// The faults among findings; the doubts are left out.
pub fn faults(findings: impl IntoIterator<Item = Finding>) -> Faults {
    let faults = findings.into_iter().filter(Finding::is_fault);
    Faults(faults.map(Fault::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_everything_in_one_sentence() {
        let finding = Finding::fault(
            "/partners",
            "partners_too_many",
            "7 partners",
            "at most 6 may",
        );
        let doubt = Finding::doubt("", "sector", "no sector", "name it");
        assert_eq!(finding.detail(), "7 partners; at most 6 may");
        let said = finding
            .clone()
            .said_in(Some("call text, 4"))
            .below("/rules");
        assert_eq!(said.detail(), "7 partners; at most 6 may (call text, 4)");
        assert_eq!(said.pointer, "/rules/partners");
        let faults = faults([finding, doubt]);
        assert_eq!(faults.0.len(), 1, "{faults:?}");
    }
}
