//! Amendments: what was decided stays, and the walk goes on with what is left.

use call::RankingRule;
use kernel::Currency;

use super::scene::{thousand, w2};
use crate::{
    Before, Cause, Selection, SelectionInput, SelectionState, difference, offline, select,
};

/// The worked case, and the same after P02 was withdrawn with what was funded kept.
fn after_p02(rule: RankingRule) -> (SelectionInput, Selection, SelectionInput) {
    let input = w2(rule);
    let result = select(&input).unwrap();
    let mut now = input.clone();
    now.proposals[1].withdrawn = true;
    now.kept = before(&input, &result).kept(&now);
    (input, result, now)
}

fn before<'a>(input: &'a SelectionInput, result: &'a Selection) -> Before<'a> {
    Before {
        state: SelectionState::Final,
        input,
        result,
        refused: false,
    }
}

#[test]
fn what_was_decided_stays_though_something_better_could_be_paid() {
    let (_, result, mut now) = after_p02(RankingRule::WithGaps);
    assert_eq!(now.kept, ["P01", "P05", "P06", "P08"]);
    let again = select(&now).unwrap();
    assert_eq!(again.selected, ["P01", "P04", "P05", "P06", "P08", "P09"]);
    let left: Vec<_> = again.funders.iter().map(|one| one.left).collect();
    assert_eq!(left, [80, 10, 240, 70].map(thousand));
    let read = offline::read(&serde_json::to_string(&now).unwrap()).unwrap();
    assert_eq!(read, now);
    let change = difference(1, &result, &again, Currency::EUR);
    assert_eq!(
        (change.gained, change.lost),
        (vec!["P04".into(), "P09".into()], vec!["P02".to_owned()])
    );
    assert_eq!(
        change.explanation[..2],
        [
            "Of what selection 1 funds stays P01, P05, P06 and P08; added is P04 and P09; gone is P02.",
            "AA pays 600000.00 EUR more than before.",
        ]
    );
    assert_eq!(change.funders.len(), 3);
    // Decided anew P03 would come first.
    now.kept.clear();
    assert!(select(&now).unwrap().selected.contains(&"P03".to_owned()));
}

#[test]
fn a_binding_ranking_binds_the_reserve_list() {
    let (_, _, now) = after_p02(RankingRule::Binding);
    assert_eq!(now.kept, ["P01"]);
    assert_eq!(select(&now).unwrap().selected, ["P01", "P03"]);
}

#[test]
fn what_cannot_be_kept_is_told() {
    for rule in [RankingRule::WithGaps, RankingRule::Binding] {
        let (_, _, mut now) = after_p02(rule);
        now.funders[3].commitment = thousand(200);
        let faults = select(&now).unwrap_err().0;
        assert_eq!(
            (faults[0].pointer.as_str(), faults[0].code.as_str()),
            ("/kept", "not_payable")
        );
        now.kept = vec!["P02".into(), "P03".into(), "P03".into()];
        let faults = select(&now).unwrap_err().0;
        let places: Vec<&str> = faults.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(places, ["/kept/0", "/kept/2"]);
    }
}

#[test]
fn each_cause_has_to_be_there() {
    let (input, result, now) = after_p02(RankingRule::WithGaps);
    let code = |cause: Cause, before: Before, now: &SelectionInput| -> Option<String> {
        cause.check(before, now).0.pop().map(|fault| fault.code)
    };
    let decided = before(&input, &result);
    assert_eq!(code(Cause::Withdrawal, decided, &now), None);
    assert_eq!(
        code(Cause::Withdrawal, decided, &input),
        Some("nothing_withdrawn".into())
    );
    assert_eq!(
        code(Cause::MoreMoney, decided, &now),
        Some("no_more_money".into())
    );
    let mut richer = input.clone();
    richer.funders[2].commitment = thousand(1341);
    assert_eq!(code(Cause::MoreMoney, decided, &richer), None);
    assert_eq!(
        code(Cause::Refusal, decided, &now),
        Some("nothing_refused".into())
    );
    let refused = Before {
        state: SelectionState::Confirmed,
        refused: true,
        ..decided
    };
    assert_eq!(code(Cause::Refusal, refused, &now), None);
    assert_eq!(
        code(Cause::Withdrawal, refused, &now),
        Some("not_final".into())
    );
    assert_eq!(refused.kept(&now), Vec::<String>::new());
    assert_eq!(
        code(Cause::Redress, decided, &now),
        Some("same_ranking".into())
    );
    let mut revised = now.clone();
    revised.proposals[9].score = call::Score(1350);
    assert_eq!(code(Cause::Redress, decided, &revised), None);
}
