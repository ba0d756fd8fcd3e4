//! What holds in every settlement, whatever is selected.

use call::RankingRule;
use kernel::Amount;
use proptest::prelude::*;

use super::instance::{cases, cofunded, virtual_pot};
use crate::{Selection, SelectionInput, select};

fn check(input: &SelectionInput, answer: &Selection) -> Result<(), TestCaseError> {
    let mut transfers = 0;
    let mut paid = 0;
    for (funder, money) in input.funders.iter().zip(&answer.funders) {
        let asked = |code: &String| {
            let one = input.proposals.iter().find(|one| one.code == *code);
            let amount = one.and_then(|one| one.requests.get(&funder.code));
            amount.map_or(0, |amount| amount.0)
        };
        prop_assert_eq!(
            money.requested.0,
            answer.selected.iter().map(asked).sum::<i64>()
        );
        prop_assert!(Amount::ZERO <= money.eu && money.eu <= money.requested);
        prop_assert!(money.national <= funder.commitment);
        prop_assert_eq!(money.eu.0 + money.national.0, money.requested.0);
        prop_assert_eq!(money.national.0 + money.left.0, funder.commitment.0);
        if input.eu.is_none() || !funder.eu_eligible {
            prop_assert_eq!((money.eu, money.transfer), (Amount::ZERO, Amount::ZERO));
        }
        if let Some(cap) = input.cap {
            prop_assert!(
                i128::from(money.eu.0) * 1_000_000
                    <= i128::from(money.national.0) * i128::from(cap.0)
            );
        }
        transfers += money.transfer.0;
        paid += money.eu.0;
    }
    prop_assert_eq!(transfers, 0);
    prop_assert_eq!(paid, answer.eu_contribution.0);
    prop_assert!(
        input
            .eu
            .is_none_or(|eu| answer.eu_contribution <= eu.ceiling)
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_euro_of_a_cofunded_call_is_accounted_for(input in cofunded()) {
        check(&input, &select(&input).unwrap())?;
    }

    #[test]
    fn every_euro_of_a_virtual_pot_is_accounted_for(input in virtual_pot(RankingRule::WithGaps)) {
        check(&input, &select(&input).unwrap())?;
    }
}
