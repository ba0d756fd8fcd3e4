//! Substitutes: who takes the place that an expert leaves, and what both are afterwards.

use kernel::Faults;

use crate::ExpertRole;

/// An expert who is to take a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standby {
    /// What the expert does in the evaluation now.
    pub role: ExpertRole,
    /// Whether the expert signed the confidentiality and declared conflicts.
    pub ready: bool,
}

/// Whether the place of an expert in this role is taken by the one who stands by; there is nobody where the call has no
/// expert of that id.
pub fn check_call_up(leaving: ExpertRole, standby: Option<Standby>) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        leaving != ExpertRole::Substitute,
        "",
        "no_place",
        "this expert is a substitute and has no place to leave; name the expert who drops out",
    );
    let fault = match standby {
        Some(one) if one.role == ExpertRole::Substitute && one.ready => None,
        Some(one) if one.role == ExpertRole::Substitute => Some((
            "not_ready",
            "this expert has not accepted, or has not declared conflicts of interest; wait for both",
        )),
        _ => Some((
            "not_a_substitute",
            "no substitute of the call has this id; choose one whose role is substitute",
        )),
    };
    if let Some((code, detail)) = fault {
        faults.add("/substitute", code, detail);
    }
    faults
}

/// What an expert is whose place was taken. Who sat on the panel meets it no more, and goes on with what is still the
/// expert's own from afar.
pub fn left_with(role: ExpertRole) -> ExpertRole {
    if role.sits_on_panel() {
        ExpertRole::RemoteReviewer
    } else {
        role
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    fn codes(faults: Faults) -> Vec<String> {
        faults.0.into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn only_a_substitute_who_is_ready_takes_a_place() {
        for role in ExpertRole::iter() {
            for ready in [true, false] {
                let found = codes(check_call_up(
                    ExpertRole::PanelMember,
                    Some(Standby { role, ready }),
                ));
                let expected: &[&str] = match (role, ready) {
                    (ExpertRole::Substitute, true) => &[],
                    (ExpertRole::Substitute, false) => &["not_ready"],
                    _ => &["not_a_substitute"],
                };
                assert_eq!(found, expected, "{role}");
            }
        }
        let nobody = codes(check_call_up(ExpertRole::Substitute, None));
        assert_eq!(nobody, ["no_place", "not_a_substitute"]);
    }

    #[test]
    fn who_leaves_the_panel_does_not_meet_it() {
        for role in ExpertRole::iter() {
            assert!(!left_with(role).sits_on_panel());
        }
        assert_eq!(
            left_with(ExpertRole::PatientReviewer),
            ExpertRole::PatientReviewer
        );
    }
}
