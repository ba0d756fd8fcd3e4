//! The policies of the first stage on the worked cases: without EU money, and with a limit of one to one, they are
//! what a selection of the same list is.

use std::collections::{BTreeMap, BTreeSet};

use call::{BalancingPolicy, Score};
use kernel::Amount;

use crate::{Candidate, Fate, LeftOutBecause, ONE_TO_ONE, deviations, invite};
use BalancingPolicy::{Aggregate, PerFunderCut, PerFunderWithGaps};

/// A total in hundredths and what is asked of AA, BB, CC and DD, in thousands.
type Row = (i32, [i64; 4]);

const W2: [Row; 10] = [
    (1450, [400, 300, 0, 300]),
    (1400, [400, 0, 300, 300]),
    (1350, [0, 400, 300, 300]),
    (1300, [500, 300, 0, 300]),
    (1250, [500, 500, 0, 0]),
    (1200, [400, 400, 300, 0]),
    (1150, [400, 0, 400, 300]),
    (1100, [300, 500, 300, 0]),
    (1050, [500, 0, 500, 0]),
    (1000, [500, 400, 0, 0]),
];

/// W4: P01 to P08 of W2, then three equals.
const EQUALS: [Row; 3] = [
    (1050, [500, 400, 500, 0]),
    (1050, [300, 0, 300, 0]),
    (1050, [0, 300, 0, 200]),
];

const CODES: [&str; 4] = ["AA", "BB", "CC", "DD"];

fn candidates(rows: &[Row]) -> Vec<Candidate> {
    let one = |(total, asked): &Row| {
        let asked = CODES.iter().zip(asked).filter(|(_, asked)| **asked > 0);
        Candidate {
            total: Score(*total),
            recommended: true,
            requests: asked
                .map(|(code, asked)| ((*code).to_owned(), Amount(asked * 100_000)))
                .collect(),
        }
    };
    rows.iter().map(one).collect()
}

fn commitments() -> BTreeMap<String, Amount> {
    let thousands = [2_680, 2_010, 1_340, 670];
    let each = CODES.iter().zip(thousands);
    each.map(|(code, money)| ((*code).to_owned(), Amount(money * 100_000)))
        .collect()
}

fn fates(policy: BalancingPolicy, rows: &[Row], hundredths: i64) -> Vec<Fate> {
    let limit = hundredths * ONE_TO_ONE / 100;
    invite(policy, &candidates(rows), &commitments(), limit)
}

/// The ranks of those invited.
fn invited(fates: &[Fate]) -> Vec<usize> {
    let ranks = (1..).zip(fates);
    ranks
        .filter(|(_, fate)| fate.invited())
        .map(|(rank, _)| rank)
        .collect()
}

fn because(fate: &Fate) -> (LeftOutBecause, Vec<(String, i64)>) {
    let Fate::LeftOut(because, broken) = fate else {
        panic!("it is invited");
    };
    let broken = broken.iter().map(|one| {
        let over = (one.requested.0 - one.most.0) / 100_000;
        (one.funder.clone().unwrap_or_default(), over)
    });
    (*because, broken.collect())
}

#[test]
fn one_to_one_is_what_a_selection_without_eu_money_funds() {
    let cut = fates(PerFunderCut, &W2, 100);
    assert_eq!(invited(&cut), [1, 2]);
    assert_eq!(
        because(&cut[2]),
        (LeftOutBecause::BreaksLimit, vec![("DD".to_owned(), 230)])
    );
    assert_eq!(because(&cut[3]), (LeftOutBecause::BelowTheCut, vec![]));
    let gaps = fates(PerFunderWithGaps, &W2, 100);
    assert_eq!(invited(&gaps), [1, 2, 5, 6, 8]);
    assert_eq!(
        because(&gaps[8]),
        (LeftOutBecause::BreaksLimit, vec![("CC".to_owned(), 60)])
    );
    assert_eq!(
        because(&gaps[9]),
        (LeftOutBecause::BreaksLimit, vec![("BB".to_owned(), 90)])
    );
    // 6,200 of 6,700 with six, 7,300 with seven.
    let all = fates(Aggregate, &W2, 100);
    assert_eq!(invited(&all), [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        because(&all[6]),
        (LeftOutBecause::BreaksLimit, vec![(String::new(), 600)])
    );
}

#[test]
fn three_to_one_leaves_nobody_out_and_one_and_a_half_those_of_the_smallest_funder() {
    for policy in [Aggregate, PerFunderCut, PerFunderWithGaps] {
        assert_eq!(invited(&fates(policy, &W2, 300)).len(), 10, "{policy}");
    }
    // DD may be asked 1,005: P01 to P03 ask 900 of it.
    assert_eq!(invited(&fates(PerFunderCut, &W2, 150)), [1, 2, 3]);
    assert_eq!(
        invited(&fates(PerFunderWithGaps, &W2, 150)),
        [1, 2, 3, 5, 6, 8, 9, 10]
    );
    assert_eq!(invited(&fates(Aggregate, &W2, 150)).len(), 9);
}

#[test]
fn equals_are_treated_alike() {
    let rows = [&W2[..8], &EQUALS[..]].concat();
    // X1 and X3 do not fit alone, so that X2 does, whatever they ask.
    let gaps = fates(PerFunderWithGaps, &rows, 100);
    assert_eq!(invited(&gaps), [1, 2, 5, 6, 8, 10]);
    // Each fits, and not both: the committee has to say which. Who asks others is invited.
    let rows = [
        (1000, [0, 0, 0, 400]),
        (1000, [0, 0, 0, 400]),
        (1000, [100, 0, 0, 0]),
        (900, [0, 0, 0, 300]),
    ];
    let gaps = fates(PerFunderWithGaps, &rows, 100);
    assert_eq!(invited(&gaps), [3, 4]);
    assert_eq!(
        because(&gaps[0]),
        (LeftOutBecause::AmongEquals, vec![("DD".to_owned(), 130)])
    );
    let cut = fates(PerFunderCut, &rows, 100);
    assert_eq!(invited(&cut), [0; 0]);
    assert_eq!(because(&cut[2]).0, LeftOutBecause::AmongEquals);
    // In aggregate all of them fit.
    assert_eq!(invited(&fates(Aggregate, &rows, 100)).len(), 4);
    let all = fates(Aggregate, &rows, 12);
    assert_eq!(
        (invited(&all).len(), because(&all[0]).0),
        (0, LeftOutBecause::AmongEquals)
    );
}

#[test]
fn who_is_not_recommended_takes_no_money_and_who_commits_nothing_is_not_asked() {
    let mut list = candidates(&W2[..3]);
    list[1].recommended = false;
    let limit = ONE_TO_ONE;
    let found = invite(PerFunderCut, &list, &commitments(), limit);
    assert_eq!(invited(&found), [1, 3]);
    assert_eq!(because(&found[1]).0, LeftOutBecause::NotRecommended);
    let mut money = commitments();
    money.remove("DD");
    let found = invite(PerFunderWithGaps, &list, &money, limit);
    assert_eq!(invited(&found), [0; 0]);
}

#[test]
fn amounts_up_to_the_largest_are_compared_exactly() {
    let huge = |asked: i64| Candidate {
        total: Score(1),
        recommended: true,
        requests: BTreeMap::from([("AA".to_owned(), Amount(asked))]),
    };
    let money = BTreeMap::from([("AA".to_owned(), Amount(i64::MAX))]);
    let both = [huge(i64::MAX), huge(i64::MAX)];
    let found = |limit| invited(&invite(PerFunderCut, &both, &money, limit)).len();
    assert_eq!((found(2 * ONE_TO_ONE), found(2 * ONE_TO_ONE - 1)), (2, 0));
}

#[test]
fn what_the_committee_decides_otherwise_is_found() {
    let gaps = fates(PerFunderWithGaps, &W2, 100);
    let chosen = BTreeSet::from([0, 1, 2, 4, 5]);
    assert_eq!(deviations(&gaps, &chosen), BTreeSet::from([2, 7]));
}
