//! One partner's part of a proposal: who sees how much of the others', whether it was confirmed as it stands,
//! and when somebody else takes its place.

use std::collections::BTreeMap;

use kernel::Amount;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::canonical;
use crate::content::{Content, Partner};

/// How much of a proposal somebody reads: the whole text always, of the budgets all or some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reading {
    /// Everything.
    #[default]
    Whole,
    /// The budgets of these partners alone.
    Parts(Vec<Uuid>),
}

impl Reading {
    /// Whether the budget of this partner is read.
    pub fn shows(&self, partner: Uuid) -> bool {
        match self {
            Reading::Whole => true,
            Reading::Parts(parts) => parts.contains(&partner),
        }
    }

    /// The content as it is read.
    pub fn of(&self, mut content: Content) -> Content {
        let partners = content.partners.into_iter();
        content.partners = partners.map(|one| self.of_partner(one)).collect();
        content
    }

    /// A partner as it is read.
    pub fn of_partner(&self, mut partner: Partner) -> Partner {
        if !self.shows(partner.id) {
            hide_budget(&mut partner);
        }
        partner
    }
}

/// Takes out what a partner's budget says. What a partner asks for, and of whom, is in the text.
fn hide_budget(partner: &mut Partner) {
    partner.budget = BTreeMap::new();
    partner.own_contribution = Amount::ZERO;
}

/// SHA-256 of what a part says, in 64 small hexadecimal digits: it was confirmed as it stands when the hash
/// is still the same.
pub fn sha256(partner: &Partner) -> String {
    hex::encode(Sha256::digest(canonical::bytes(partner)))
}

/// Whether somebody else takes the partner's place: another investigator, by the address or the ORCID iD, or
/// another organisation, by the ROR identifier or the name. What was not said before is filled in by nobody else.
pub fn replaced(before: &Partner, after: &Partner) -> bool {
    let (old, new) = (
        &before.principal_investigator,
        &after.principal_investigator,
    );
    let ror = (before.ror.as_deref(), after.ror.as_deref());
    let other_organisation = match ror {
        (Some(old), Some(new)) => differ(old, new),
        _ => differ(&before.organisation, &after.organisation),
    };
    let orcid = |text: &Option<String>| text.clone().unwrap_or_default();
    other_organisation
        || differ(&old.email, &new.email)
        || differ(&orcid(&old.orcid), &orcid(&new.orcid)) && new.orcid.is_some()
}

/// Case and white space around make no difference.
fn differ(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim().to_lowercase(), after.trim().to_lowercase());
    !before.is_empty() && before != after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use kernel::Amount;
    use rstest::rstest;

    #[test]
    fn a_partner_reads_the_whole_text_and_its_own_budget() {
        let whole = sample::content();
        let own = whole.partners[1].id;
        let shown = Reading::Parts(vec![own]).of(whole.clone());
        assert_eq!(shown.partners[1], whole.partners[1]);
        for at in [0, 2] {
            assert!(shown.partners[at].budget.is_empty());
            assert_eq!(shown.partners[at].funding, whole.partners[at].funding);
        }
        assert_eq!(shown.texts, whole.texts);
        assert_eq!(Reading::Whole.of(whole.clone()), whole);
    }

    #[rstest]
    #[case(false, |p: &mut Partner| p.budget.values_mut().for_each(|years| *years = vec![Amount(1)]))]
    #[case(false, |p: &mut Partner| p.principal_investigator.name.push_str(" Jr."))]
    #[case(false, |p: &mut Partner| p.principal_investigator.email = " PI2@example.org".into())]
    #[case(false, |p: &mut Partner| p.principal_investigator.orcid = Some("0000-0002-1825-0097".into()))]
    #[case(false, |p: &mut Partner| p.organisation.push_str(", Faculty of Medicine"))]
    #[case(true, |p: &mut Partner| { p.ror = None; p.organisation.push_str(" of Elsewhere"); })]
    #[case(true, |p: &mut Partner| p.ror = Some("05dxps055".into()))]
    #[case(true, |p: &mut Partner| p.principal_investigator.email = "successor@example.org".into())]
    fn a_place_is_taken_by_somebody_else(#[case] other: bool, #[case] change: fn(&mut Partner)) {
        let before = sample::partner(2, "FR-ANR");
        let mut after = before.clone();
        change(&mut after);
        assert_eq!(replaced(&before, &after), other);
        assert_ne!(sha256(&before), sha256(&after));
    }

    #[test]
    fn an_empty_place_is_filled_by_nobody_else() {
        let after = sample::partner(2, "FR-ANR");
        let mut before = after.clone();
        before.organisation.clear();
        before.ror = None;
        before.principal_investigator = crate::Person::default();
        assert!(!replaced(&before, &after));
        let mut orcid = after.clone();
        orcid.principal_investigator.orcid = Some("0000-0002-1825-0097".into());
        let mut other = after;
        other.principal_investigator.orcid = Some("0000-0001-5109-3700".into());
        assert!(replaced(&orcid, &other));
    }
}
