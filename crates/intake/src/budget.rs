//! What a proposal asks of whom.

use std::collections::BTreeMap;

use kernel::{Amount, MoneyFault};

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
            partner.budget = [(CostCategory::Personnel, Amount(i64::MAX / 2))].into();
        }
        assert_eq!(requested(&content), Err(MoneyFault::TooLarge));
    }
}
