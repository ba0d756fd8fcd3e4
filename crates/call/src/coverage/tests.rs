use proptest::prelude::*;

use super::*;
use crate::{Part, Scope};

fn item(number: &str, time_frames: Vec<TimeFrame>) -> ActionItem {
    ActionItem {
        number: number.to_owned(),
        part: Part::A,
        category: "Data".to_owned(),
        title: number.to_owned(),
        summary: String::new(),
        time_frames,
        scopes: vec![Scope::European],
    }
}

fn agenda() -> Vec<ActionItem> {
    use TimeFrame::{Long, Medium, Short};
    vec![
        item("A.1", vec![Short]),
        item("A.2", vec![Medium, Long]),
        item("A.3", vec![Long, Medium]),
        item("A.4", vec![Short, Medium]),
    ]
}

fn sum(funder: &str, amount: i64) -> FunderSum {
    FunderSum {
        funder: funder.to_owned(),
        amount: Amount(amount),
    }
}

fn weights(items: &[(&str, u64)]) -> Weights {
    items
        .iter()
        .map(|(item, w)| ((*item).to_owned(), *w))
        .collect()
}

fn call(code: &str, year: i32, items: &[(&str, u64)], commitments: Vec<FunderSum>) -> CoveredCall {
    CoveredCall {
        code: code.to_owned(),
        year,
        items: weights(items),
        commitments,
        projects: Vec::new(),
    }
}

#[test]
fn each_item_says_who_serves_it_with_what_and_when() {
    let mut first = call(
        "JTC2018",
        2018,
        &[("A.1", 1), ("A.2", 1)],
        vec![sum("DE-BMBF", 101)],
    );
    first.projects = vec![CoveredProject {
        code: "P01".to_owned(),
        items: weights(&[("A.2", 1)]),
        basis: Basis::Decided,
        awards: vec![sum("DE-BMBF", 60), sum("FR-ANR", 7)],
        countries: ["DE", "FR", "IT"].map(|code| code.parse().unwrap()).into(),
    }];
    // A.3's first frame is M, 2022 to 2024, though the agenda lists L before it.
    let late = call(
        "JTC2025",
        2025,
        &[("A.3", 1), ("A.1", 3)],
        vec![sum("FR-ANR", 100)],
    );
    let elsewhere = call("JTC2026", 2026, &[], vec![sum("FR-ANR", 55)]);
    let found = coverage(2017, &agenda(), &[first, late, elsewhere]).unwrap();

    let committed: Vec<i64> = found.items.iter().map(|item| item.committed.0).collect();
    assert_eq!(committed, [51 + 75, 50, 25, 0]);
    assert_eq!(found.unmapped, Amount(55));
    assert_eq!(
        found.items[1].awarded,
        [(Basis::Decided, Amount(67))].into()
    );
    assert_eq!(found.items[1].projects, ["JTC2018/P01"]);
    assert_eq!(found.items[1].countries.len(), 3);
    assert_eq!(found.items[0].calls, ["JTC2018", "JTC2025"]);
    let taken: Vec<TakenUp> = found.items.iter().map(|item| item.taken_up).collect();
    use TakenUp::{InTime, Later, NotYet};
    assert_eq!(taken, [InTime, InTime, Later, NotYet]);
    assert_eq!(found.unserved(), ["A.4"]);
}

#[test]
fn an_item_that_the_agenda_does_not_have_loses_no_cent() {
    let odd = call(
        "X",
        2018,
        &[("A.1", 1), ("Z.9", 2)],
        vec![sum("DE-BMBF", 100)],
    );
    let found = coverage(2017, &agenda(), &[odd]).unwrap();
    assert_eq!(
        (found.items[0].committed, found.unmapped),
        (Amount(33), Amount(67))
    );
}

#[test]
fn a_member_reports_its_calls_money_and_projects_of_the_year() {
    let mut one = call(
        "JTC2018",
        2018,
        &[("A.1", 1), ("A.2", 2)],
        vec![sum("DE-BMBF", 100), sum("FR-ANR", 9)],
    );
    one.projects = vec![CoveredProject {
        code: "P01".to_owned(),
        items: Weights::new(),
        basis: Basis::Granted,
        awards: vec![sum("DE-BMBF", 60)],
        countries: BTreeSet::new(),
    }];
    let other_year = call("JTC2019", 2019, &[("A.1", 1)], vec![sum("DE-BMBF", 1)]);
    let report = member_report("DE-BMBF", 2018, &[one, other_year]).unwrap();
    assert_eq!(report.calls, ["JTC2018"]);
    assert_eq!(report.committed, Amount(100));
    assert_eq!(report.projects, ["JTC2018/P01"]);
    let items: Vec<(Option<&str>, i64)> = report
        .items
        .iter()
        .map(|line| (line.item.as_deref(), line.committed.0))
        .collect();
    assert_eq!(items, [(Some("A.1"), 33), (Some("A.2"), 67), (None, 0)]);
    assert_eq!(
        report.items[2].awarded,
        [(Basis::Granted, Amount(60))].into()
    );
}

fn any_weights() -> impl Strategy<Value = Weights> {
    prop::collection::vec((1usize..7, 0u64..20_000), 0..5).prop_map(|items| {
        let items = items
            .into_iter()
            .map(|(n, weight)| (format!("A.{n}"), weight));
        items.collect()
    })
}

fn any_sums() -> impl Strategy<Value = Vec<FunderSum>> {
    let funder = prop::sample::select(vec!["DE-BMBF", "FR-ANR", "IT-MOH"]);
    prop::collection::vec((funder, 0i64..5_000_000_000), 0..5).prop_map(|sums| {
        sums.into_iter()
            .map(|(funder, amount)| sum(funder, amount))
            .collect()
    })
}

fn any_call() -> impl Strategy<Value = CoveredCall> {
    let basis = prop::sample::select(vec![Basis::Requested, Basis::Decided, Basis::Granted]);
    let project =
        (any_weights(), basis, any_sums()).prop_map(|(items, basis, awards)| CoveredProject {
            code: "P".to_owned(),
            items,
            basis,
            awards,
            countries: BTreeSet::new(),
        });
    let projects = prop::collection::vec(project, 0..4);
    (any_weights(), 2018i32..2026, any_sums(), projects).prop_map(
        |(items, year, commitments, projects)| CoveredCall {
            code: "C".to_owned(),
            year,
            items,
            commitments,
            projects,
        },
    )
}

fn total<'a>(sums: impl Iterator<Item = &'a FunderSum>) -> i64 {
    sums.map(|sum| sum.amount.0).sum()
}

fn of_all_bases(awarded: &BTreeMap<Basis, Amount>) -> i64 {
    awarded.values().map(|amount| amount.0).sum()
}

proptest! {
    #[test]
    fn coverage_and_reports_add_up_to_commitments_and_awards(calls in prop::collection::vec(any_call(), 0..5)) {
        let found = coverage(2017, &agenda(), &calls).unwrap();
        let committed: i64 = found.items.iter().map(|item| item.committed.0).sum();
        let pledged = total(calls.iter().flat_map(|call| &call.commitments));
        prop_assert_eq!(committed + found.unmapped.0, pledged);

        let projects = || calls.iter().flat_map(|call| &call.projects);
        let paid = total(projects().flat_map(|project| &project.awards));
        let awarded: i64 = found.items.iter().map(|item| of_all_bases(&item.awarded)).sum();
        prop_assert_eq!(awarded + of_all_bases(&found.unclassified), paid);

        let mut by_members = (0, 0);
        for member in ["DE-BMBF", "FR-ANR", "IT-MOH"] {
            for year in 2018..2026 {
                let report = member_report(member, year, &calls).unwrap();
                let parts: i64 = report.items.iter().map(|line| line.committed.0).sum();
                prop_assert_eq!(parts, report.committed.0);
                by_members.0 += report.committed.0;
                by_members.1 += of_all_bases(&report.awarded);
            }
        }
        prop_assert_eq!(by_members, (pledged, paid));
    }
}

/// Rounding each part by itself is the fault that largest remainders are there for: it must be seen.
#[test]
fn a_planted_rounding_is_seen() {
    let amount = 100;
    let rounded: i64 = [1, 1, 1]
        .map(|weight: i64| amount * weight / 3)
        .iter()
        .sum();
    assert_ne!(rounded, amount);
    let exact = apportion(Amount(amount), &[1, 1, 1]).unwrap();
    assert_eq!(Amount::sum(exact), Ok(Amount(amount)));
}
