//! The rules over all partners of a proposal. They run at each submission, and again over the partners
//! that remain when one is found ineligible. The rules themselves are the call's.

use call::Member;

use crate::content::{Partner, PartnerRole};

impl From<&Partner> for Member {
    fn from(partner: &Partner) -> Self {
        Self {
            key: partner.id.to_string(),
            name: partner.organisation.clone(),
            coordinator: partner.role == PartnerRole::Coordinator,
            country: partner.country,
            funder: partner.funder().map(str::to_owned),
            own_funded: partner.own_funded(),
            ..Self::default()
        }
    }
}

/// The partners as the rules of the call see them.
pub fn members(partners: &[Partner]) -> Vec<Member> {
    partners.iter().map(Member::from).collect()
}
