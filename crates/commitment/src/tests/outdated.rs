//! What a selection under way is looked at for again, before it goes on.

use call::RankingRule;

use super::scene::{thousand, w2};
use crate::{Fraction, Rating, SelectionInput, select};

fn places(now: impl FnOnce(&mut SelectionInput)) -> Vec<String> {
    let input = w2(RankingRule::WithGaps);
    let selection = select(&input).unwrap();
    assert_eq!(selection.selected, ["P01", "P02", "P05", "P06", "P08"]);
    let mut moved = input.clone();
    now(&mut moved);
    let found = input.outdated(&selection, &moved).0.into_iter();
    found.map(|fault| fault.pointer).collect()
}

#[test]
fn what_is_funded_and_who_pays_is_looked_at_again() {
    assert_eq!(places(|_| ()), Vec::<String>::new());
    let left = places(|now| now.funders[0].commitment = thousand(0));
    assert_eq!(left, ["/input/funders/AA"]);
    let eligible = places(|now| now.funders[1].eu_eligible = !now.funders[1].eu_eligible);
    assert_eq!(eligible, ["/input/funders/BB"]);
    let rules = places(|now| now.cap = Some(Fraction(2_000_000)));
    assert_eq!(rules, ["/input"]);
    let gone = places(|now| {
        now.proposals[0].withdrawn = true;
        now.proposals[1].rating = Rating::NotRecommended;
        now.proposals[4].requests.insert("AA".into(), thousand(1));
    });
    let listed = ["P01", "P02", "P05"].map(|code| format!("/input/proposals/{code}"));
    assert_eq!(gone, listed);
}

#[test]
fn what_concerns_nobody_who_is_funded_hinders_nobody() {
    let nothing = places(|now| {
        now.funders[0].commitment = thousand(9_000);
        now.proposals[2].withdrawn = true;
        now.proposals[3].rating = Rating::NotRecommended;
        now.proposals[6].requests.clear();
    });
    assert_eq!(nothing, Vec::<String>::new());
}
