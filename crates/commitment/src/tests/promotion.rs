//! A scenario becomes a selection only as far as it is so.

use call::RankingRule;

use super::cofunded::{PLANNED, cofunded};
use super::scene::{thousand, w2};
use crate::{OtherCommitment, Overrides, select};

#[test]
fn what_is_so_by_now_is_proposed_and_what_is_not_is_told() {
    let call = w2(RankingRule::WithGaps);
    let overrides = Overrides {
        commitments: vec![OtherCommitment {
            funder: "DD".to_owned(),
            topic: None,
            amount: thousand(900),
        }],
        excluded: vec!["P02".to_owned()],
        ..Overrides::default()
    };
    let scenario = overrides.apply(&call).unwrap();
    let told = |now| -> Vec<String> {
        let faults = overrides.promote(&scenario, now).unwrap_err().0;
        faults
            .into_iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect()
    };
    assert_eq!(
        told(&call),
        [
            "/overrides/commitments/0/amount not_pledged",
            "/overrides/excluded/0 on_the_list"
        ]
    );
    let mut so = call.clone();
    so.funders[3].commitment = thousand(1000);
    so.proposals[1].withdrawn = true;
    assert_eq!(overrides.promote(&scenario, &so).unwrap(), scenario);

    let mut moved = so.clone();
    moved.funders[0].commitment = thousand(1);
    moved.proposals[0].requests.clear();
    moved.proposals[2].withdrawn = true;
    moved.proposals.pop();
    moved.gap_share = Some("0.5".parse().unwrap());
    assert_eq!(
        told(&moved),
        [
            "/input moved",
            "/input/funders/AA moved",
            "/input/proposals/P01 moved",
            "/input/proposals/P03 moved",
            "/input/proposals/P10 moved",
        ]
    );
}

/// Nine projects are decided with a scenario where all EU money fills gaps and AA spends less than it pledged; one of them
/// withdraws.
#[test]
fn what_was_decided_with_a_scenario_holds_in_what_amends_it() {
    let call = cofunded(PLANNED, "0");
    let overrides = Overrides {
        commitments: vec![OtherCommitment {
            funder: "AA".to_owned(),
            topic: None,
            amount: thousand(2600),
        }],
        gap_share: Some("1".parse().unwrap()),
        excluded: Vec::new(),
    };
    let scenario = overrides.apply(&call).unwrap();
    let decided = select(&overrides.promote(&scenario, &call).unwrap()).unwrap();
    assert_eq!(decided.selected.len(), 9);
    let mut now = call.clone();
    now.proposals[8].withdrawn = true;
    now.kept = decided.selected[..8].to_vec();
    // By the rules of the call alone what is kept cannot be paid.
    assert_eq!(select(&now).unwrap_err().0[0].code, "not_payable");
    let mut anew = now.clone();
    overrides.carry(&mut now, &[]);
    assert_eq!(now.gap_share, scenario.gap_share);
    assert_eq!(now.funders, scenario.funders);
    let amended = select(&now).unwrap();
    assert_eq!(amended.selected[..8], decided.selected[..8]);
    assert_eq!(amended.selected[8..], ["P10"]);

    // Who pledged anew spends that, and nobody spends more than is pledged.
    overrides.carry(&mut anew, &["AA".to_owned()]);
    assert_eq!(anew.funders, call.funders);
    let mut less = call.clone();
    less.funders[0].commitment = thousand(2000);
    overrides.carry(&mut less, &[]);
    assert_eq!(less.funders[0].commitment, thousand(2000));
    // Without EU money there are no gaps to fill.
    let mut virtual_pot = w2(RankingRule::WithGaps);
    overrides.carry(&mut virtual_pot, &[]);
    assert_eq!(virtual_pot.gap_share, None);
}
