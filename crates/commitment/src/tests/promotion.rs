//! A scenario becomes a selection only as far as it is so.

use call::RankingRule;

use super::scene::{thousand, w2};
use crate::{OtherCommitment, Overrides};

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
