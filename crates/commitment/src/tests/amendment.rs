//! Amendments: what was decided stays, and the walk goes on with what is left.

use call::RankingRule;
use kernel::Currency;

use super::scene::{thousand, w2};
use crate::{
    Before, Cause, Selection, SelectionInput, SelectionState, asks_the_same, difference, offline,
    select,
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
        defaulted: &[],
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

#[test]
fn who_refuses_anything_new_goes_on_to_pay_for_what_is_decided() {
    let convention = crate::Convention {
        base: call::EuBase::Planned,
        share: call::EuShare::ByCommitment,
    };
    let input = super::cofunded::cofunded(convention, "0");
    let result = select(&input).unwrap();
    let mut now = input.decided(&result);
    now.funders[3].commitment = thousand(900);
    let richer = select(&now).unwrap();
    let new: Vec<&String> = richer
        .selected
        .iter()
        .filter(|code| !result.selected.contains(code))
        .collect();
    assert!(new.iter().all(|code| now.asks(code, &["AA".into()])));
    assert!(!new.is_empty(), "{:?}", richer.selected);

    // Its commitment cut to what it pays is a smaller weight, and then not even that can be paid.
    let mut cut = now.clone();
    cut.funders[0].commitment = result.funders[0].national;
    assert_eq!(select(&cut).unwrap_err().0[0].code, "not_payable");

    now.bar(&["AA".to_owned()]);
    let without = select(&now).unwrap();
    assert_eq!(without.selected, result.selected);
    assert_eq!(without.funders[0].requested, result.funders[0].requested);
    let first = &without.not_funded[0];
    assert_eq!(first.blocked_by[0].funder.as_str(), "AA");
    let read = offline::read(&serde_json::to_string(&now).unwrap()).unwrap();
    assert_eq!(read, now);
}

#[test]
fn what_ethics_refuse_is_not_kept() {
    let (input, result, now) = after_p02(RankingRule::WithGaps);
    let decided = before(&input, &result);
    let early = Cause::Ethics.check(decided, &now).0;
    assert_eq!(early[0].code, "nothing_refused_by_ethics");
    let mut now = input.clone();
    now.proposals[0].rating = crate::Rating::NotRecommended;
    now.kept = decided.kept(&now);
    assert_eq!(now.kept, ["P02", "P05", "P06", "P08"]);
    assert!(Cause::Ethics.check(decided, &now).is_empty());
    assert!(!select(&now).unwrap().selected.contains(&"P01".to_owned()));
}

#[test]
fn who_defaults_takes_its_projects_along_unless_they_go_on_without_its_money() {
    let input = w2(RankingRule::WithGaps);
    let result = select(&input).unwrap();
    assert_eq!(result.selected, ["P01", "P02", "P05", "P06", "P08"]);
    let gone = ["DD".to_owned()];
    let decided = Before {
        defaulted: &gone,
        ..before(&input, &result)
    };
    let mut now = input.clone();
    now.funders[3].commitment = thousand(0);
    // P02 goes on with means of its own, P01 does not.
    now.proposals[1].requests.remove("DD");
    now.kept = decided.kept(&now);
    assert_eq!(now.kept, ["P02", "P05", "P06", "P08"]);
    assert!(Cause::Default.check(decided, &now).is_empty());
    let early = Cause::Default.check(before(&input, &result), &now).0;
    assert_eq!(early[0].code, "nobody_defaulted");
    let after = select(&now).unwrap();
    assert!(!after.selected.contains(&"P01".to_owned()));
    assert!(now.kept.iter().all(|code| after.selected.contains(code)));
    let line = |of: &Selection| of.funders[3].requested;
    assert_eq!((line(&result), line(&after)), (thousand(600), thousand(0)));
}

#[test]
fn a_line_is_the_same_only_for_the_same_projects() {
    let (input, result, now) = after_p02(RankingRule::WithGaps);
    let again = select(&now).unwrap();
    let same = |funder: &str| asks_the_same(funder, (&input, &result), (&now, &again));
    // DD pays 600 as before, and for P04 where it was for P02.
    assert_eq!(result.funders[3].national, again.funders[3].national);
    assert_eq!(["AA", "BB", "CC", "DD"].map(same), [false; 4]);
    assert!(asks_the_same("DD", (&input, &result), (&input, &result)));
}

#[test]
fn what_is_decided_stays_whatever_is_tried() {
    for rule in [RankingRule::WithGaps, RankingRule::Binding] {
        let input = w2(rule);
        let result = select(&input).unwrap();
        let mut decided = input.decided(&result);
        assert_eq!(select(&decided).unwrap().selected, result.selected);
        // Something better comes to the list, and takes nobody's money.
        decided.proposals[2].score = call::Score(1500);
        let more = [crate::Raise {
            funder: None,
            by: "0.2".parse().unwrap(),
        }];
        let points = crate::sensitivity(&decided, &[], &more).unwrap();
        assert_eq!(points[0].lost, Vec::<String>::new());
        let what_if = crate::without_ranking(&decided, 1.0).unwrap();
        let stays = |code: &String| what_if.would_fund.contains(code);
        assert!(result.selected.iter().all(stays));
    }
}
