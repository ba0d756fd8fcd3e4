//! What a proposal asks of whom.

use std::collections::BTreeMap;

use kernel::{Amount, MoneyFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::check::CheckContext;
use crate::content::Content;

/// What is asked of each funder, by its key in the call; in the currency of the call.
pub fn per_funder(content: &Content) -> Result<BTreeMap<&str, Amount>, MoneyFault> {
    let mut asked = BTreeMap::new();
    for partner in &content.partners {
        if let Some(funder) = partner.funder() {
            let sum: &mut Amount = asked.entry(funder).or_default();
            *sum = sum.checked_add(partner.requested()?)?;
        }
    }
    Ok(asked)
}

/// What is asked of all funders together; the means of own-funded partners are not in it.
pub fn requested(content: &Content) -> Result<Amount, MoneyFault> {
    Amount::sum(per_funder(content)?.into_values())
}

/// What the proposal asks of one funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FunderSum {
    /// Key of the funder in the call.
    #[schema(example = "PL-NCBR")]
    pub funder: String,
    /// Its name; the key where the call has no such funder.
    pub name: String,
    /// How many partners ask it.
    pub partners: usize,
    /// What they ask together, in the currency of the call.
    pub requested: Amount,
    /// The same in the funder's own currency, where that is another, rounded to the cent.
    #[schema(example = "909648.72 PLN")]
    pub converted: Option<String>,
}

/// What is asked of each funder, in the order of their keys; nothing when a sum is too large.
pub fn sums(content: &Content, context: &CheckContext<'_>) -> Vec<FunderSum> {
    let sum = |(key, requested): (&str, Amount)| {
        let funder = context.funders.iter().find(|funder| funder.key == key);
        let asking = content
            .partners
            .iter()
            .filter(|one| one.funder() == Some(key));
        FunderSum {
            funder: key.to_owned(),
            name: funder.map_or(key, |funder| &funder.name).to_owned(),
            partners: asking.count(),
            requested,
            converted: funder
                .and_then(|funder| funder.terms.converted(requested, context.currency())),
        }
    };
    let asked = per_funder(content).unwrap_or_default();
    asked.into_iter().map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{CostCategory, Funding};
    use crate::sample;

    #[test]
    fn two_partners_of_one_funder_are_summed_and_own_means_left_out() {
        let mut content = sample::content();
        content.partners[1].funding = Funding::Funder {
            funder: "DE-BMBF".into(),
        };
        content.partners[2].funding = Funding::Own {
            means: "hospital budget".into(),
        };
        let each = content.partners[0].requested().unwrap();
        let both = each.checked_add(each).unwrap();
        assert_eq!(per_funder(&content).unwrap(), [("DE-BMBF", both)].into());
        assert_eq!(requested(&content), Ok(both));
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let mut content = sample::content();
        for partner in &mut content.partners {
            partner.budget = [(CostCategory::Personnel, vec![Amount(i64::MAX / 2)])].into();
        }
        assert_eq!(requested(&content), Err(MoneyFault::TooLarge));
    }
}
