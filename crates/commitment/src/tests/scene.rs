//! The worked case of ten proposals and four funders: our reading of ERA-LEARN's funding modes.

use call::{RankingRule, Score};
use kernel::{Amount, Currency};

use crate::{FunderInput, ProposalInput, Rating, SelectionInput};

/// Thousands of EUR.
pub(super) fn thousand(amount: i64) -> Amount {
    Amount(amount * 100_000)
}

pub(super) fn proposal(code: &str, score: i32, requests: &[(&str, i64)]) -> ProposalInput {
    ProposalInput {
        code: code.to_owned(),
        score: Score(score),
        topic: None,
        rating: Rating::Recommended,
        withdrawn: false,
        requests: requests
            .iter()
            .map(|(f, amount)| ((*f).to_owned(), thousand(*amount)))
            .collect(),
    }
}

/// Ten proposals, four funders.
pub(super) fn w2(ranking_rule: RankingRule) -> SelectionInput {
    let funder = |code: &str, amount| FunderInput {
        code: code.to_owned(),
        commitment: thousand(amount),
        eu_eligible: true,
        topics: Default::default(),
    };
    SelectionInput {
        currency: Currency::EUR,
        ranking_rule,
        eu: None,
        convention: None,
        gap_share: None,
        cap: None,
        kept: Vec::new(),
        no_more: Default::default(),
        chosen: Vec::new(),
        funders: vec![
            funder("AA", 2680),
            funder("BB", 2010),
            funder("CC", 1340),
            funder("DD", 670),
        ],
        proposals: vec![
            proposal("P01", 1450, &[("AA", 400), ("BB", 300), ("DD", 300)]),
            proposal("P02", 1400, &[("AA", 400), ("CC", 300), ("DD", 300)]),
            proposal("P03", 1350, &[("BB", 400), ("CC", 300), ("DD", 300)]),
            proposal("P04", 1300, &[("AA", 500), ("BB", 300), ("DD", 300)]),
            proposal("P05", 1250, &[("AA", 500), ("BB", 500)]),
            proposal("P06", 1200, &[("AA", 400), ("BB", 400), ("CC", 300)]),
            proposal("P07", 1150, &[("AA", 400), ("CC", 400), ("DD", 300)]),
            proposal("P08", 1100, &[("AA", 300), ("BB", 500), ("CC", 300)]),
            proposal("P09", 1050, &[("AA", 500), ("CC", 500)]),
            proposal("P10", 1000, &[("AA", 500), ("BB", 400)]),
        ],
    }
}
