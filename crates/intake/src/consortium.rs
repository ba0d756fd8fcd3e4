//! The rules over all partners of a proposal. They run at each submission, and again over the partners
//! that remain when one is found ineligible. The rules themselves are the call's.

use call::Member;
use call::terms::EntityType;
use uuid::Uuid;

use crate::content::Partner;

impl From<&Partner> for Member {
    fn from(partner: &Partner) -> Self {
        Self {
            key: partner.id.to_string(),
            name: partner.organisation.clone(),
            coordinator: partner.coordinates(),
            country: partner.country,
            funder: partner.funder().map(str::to_owned),
            own_funded: partner.own_funded(),
            sector: partner.sector,
            early_career: partner.principal_investigator.early_career,
            sme: partner.entity == Some(EntityType::Sme),
            found_ineligible: false,
        }
    }
}

/// The partners as the rules of the call see them.
pub fn members(partners: &[Partner]) -> Vec<Member> {
    partners.iter().map(Member::from).collect()
}

/// The partners as they were invited, with the verdicts of the stage before: those in `ineligible` may
/// be left out or replaced.
pub fn invited_members(partners: &[Partner], ineligible: &[Uuid]) -> Vec<Member> {
    let member = |partner: &Partner| Member {
        found_ineligible: ineligible.contains(&partner.id),
        ..Member::from(partner)
    };
    partners.iter().map(member).collect()
}
