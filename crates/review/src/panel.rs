//! The panel's meeting: who presents which proposal, and what is said on it.

use std::collections::BTreeSet;

use kernel::Faults;
use uuid::Uuid;

use crate::ExpertRole;

/// The most rapporteurs of one proposal.
pub const MOST_RAPPORTEURS: usize = 3;

/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 10_000;

/// An expert of the call, towards one proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    /// The expert.
    pub expert: Uuid,
    /// What the expert does in the evaluation.
    pub role: ExpertRole,
    /// Whether the expert signed the confidentiality and declared conflicts.
    pub ready: bool,
    /// Whether a conflict of interest with the proposal stands.
    pub conflicted: bool,
}

/// Whether these may be the rapporteurs of a proposal, the first of them leading: each sits on the panel, may read it and has no conflict
/// of interest with it. None takes back who was named before.
pub fn check_rapporteurs(named: &[Uuid], experts: &[Sitting]) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        named.len() <= MOST_RAPPORTEURS,
        "/experts",
        "count",
        format!("a proposal has at most {MOST_RAPPORTEURS} rapporteurs; name fewer"),
    );
    let mut seen = BTreeSet::new();
    for (at, id) in named.iter().enumerate() {
        let pointer = format!("/experts/{at}");
        let known = experts.iter().find(|one| one.expert == *id);
        let fault = match known {
            _ if !seen.insert(*id) => {
                Some(("named_twice", "the expert is named twice; take one out"))
            }
            Some(one) if one.conflicted => Some((
                "conflict_of_interest",
                "the expert has a conflict of interest with the proposal; name another one",
            )),
            Some(one) if one.ready && one.role.sits_on_panel() => None,
            _ => Some((
                "not_on_panel",
                "nobody with this id sits on the panel, has signed and has declared; name who has",
            )),
        };
        if let Some((code, detail)) = fault {
            faults.add(pointer, code, detail);
        }
    }
    faults
}

/// Whether a message says something, and not too much.
pub fn check_message(text: &str) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        !text.trim().is_empty(),
        "/text",
        "required",
        "say something",
    );
    let length = text.chars().count();
    faults.require(
        length <= LONGEST_MESSAGE,
        "/text",
        "text_long",
        format!("{length} characters are given, at most {LONGEST_MESSAGE} are allowed; shorten it"),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sitting(id: u128, role: ExpertRole, ready: bool, conflicted: bool) -> Sitting {
        Sitting {
            expert: Uuid::from_u128(id),
            role,
            ready,
            conflicted,
        }
    }

    #[test]
    fn rapporteurs_sit_on_the_panel_and_have_no_conflict() {
        let experts = [
            sitting(1, ExpertRole::Rapporteur, true, false),
            sitting(2, ExpertRole::PanelMember, true, false),
            sitting(3, ExpertRole::Chair, true, true),
            sitting(4, ExpertRole::RemoteReviewer, true, false),
            sitting(5, ExpertRole::PanelMember, false, false),
        ];
        let check = |ids: &[u128]| -> Vec<(String, String)> {
            let named: Vec<Uuid> = ids.iter().map(|id| Uuid::from_u128(*id)).collect();
            let faults = check_rapporteurs(&named, &experts).0.into_iter();
            faults.map(|fault| (fault.pointer, fault.code)).collect()
        };
        assert!(check(&[2, 1]).is_empty());
        assert!(check(&[]).is_empty());
        let expected = [
            ("/experts", "count"),
            ("/experts/0", "conflict_of_interest"),
            ("/experts/1", "not_on_panel"),
            ("/experts/2", "not_on_panel"),
            ("/experts/3", "not_on_panel"),
            ("/experts/4", "named_twice"),
        ];
        assert_eq!(
            check(&[3, 4, 5, 6, 3]),
            expected.map(|(at, code)| (at.to_owned(), code.to_owned()))
        );
    }

    #[test]
    fn a_message_says_something() {
        assert!(check_message("Is the budget sound?").is_empty());
        assert_eq!(check_message(" \n").0.len(), 1);
        assert_eq!(check_message(&"x".repeat(10_001)).0.len(), 1);
    }
}
