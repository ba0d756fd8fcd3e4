use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// Sums, then counts, of a list or a table with so many rows and columns.
#[derive(Clone, Copy)]
enum Shape {
    List(usize),
    Table(usize, usize),
}

impl Shape {
    fn counts(self) -> usize {
        match self {
            Shape::List(items) => items,
            Shape::Table(rows, columns) => rows * columns,
        }
    }

    fn sums(self) -> usize {
        match self {
            Shape::List(_) => 1,
            Shape::Table(rows, columns) => 1 + rows + columns,
        }
    }

    fn with_sums(self, counts: &[u32]) -> Vec<u32> {
        let mut all = vec![counts.iter().sum()];
        if let Shape::Table(rows, columns) = self {
            let row = |at: usize| -> u32 { counts[at * columns..(at + 1) * columns].iter().sum() };
            let column =
                |at: usize| -> u32 { (0..rows).map(|row| counts[row * columns + at]).sum() };
            all.extend((0..rows).map(row));
            all.extend((0..columns).map(column));
        }
        all.extend(counts);
        all
    }

    fn hidden(self, counts: &[u32], least: u32) -> Vec<Option<u32>> {
        match self {
            Shape::List(_) => list(counts, least),
            Shape::Table(_, columns) => {
                let rows: Vec<Vec<u32>> = counts.chunks(columns).map(<[u32]>::to_vec).collect();
                table(&rows, columns, least)
            }
        }
    }
}

/// How many values each entry can have, by trying everything that shows the same: an independent and slow
/// way to see what can be computed. Counts go up to two more than the largest there is.
fn possible(shape: Shape, counts: &[u32], shown: &[Option<u32>]) -> Vec<usize> {
    let truth = shape.with_sums(counts);
    let hides_zero = |all: &[u32]| shown.iter().zip(all).any(|(s, v)| s.is_none() && *v == 0);
    let sums_occur = |all: &[u32]| all[..shape.sums()].iter().all(|sum| *sum > 0);
    let most = counts.iter().max().unwrap_or(&0) + 2;
    let mut found = vec![std::collections::BTreeSet::new(); shown.len()];
    let mut tried = vec![0; shape.counts()];
    loop {
        let all = shape.with_sums(&tried);
        let agrees = shown
            .iter()
            .zip(&all)
            .all(|(s, v)| s.is_none_or(|s| s == *v));
        let known =
            (hides_zero(&truth) || !hides_zero(&all)) && (!sums_occur(&truth) || sums_occur(&all));
        if agrees && known {
            for (found, value) in found.iter_mut().zip(&all) {
                found.insert(*value);
            }
        }
        let Some(place) = tried.iter().position(|value| *value < most) else {
            return found.into_iter().map(|values| values.len()).collect();
        };
        tried[place] += 1;
        tried[..place].fill(0);
    }
}

/// Entries that are small and can be computed.
fn leaks(shape: Shape, counts: &[u32], shown: &[Option<u32>], least: u32) -> usize {
    let truth = shape.with_sums(counts);
    let possible = possible(shape, counts, shown);
    let small = truth
        .iter()
        .zip(possible)
        .filter(|(value, _)| (1..least).contains(*value));
    small.filter(|(_, possible)| *possible < 2).count()
}

#[rstest]
#[case(&[9, 8, 7], 5, &[Some(24), Some(9), Some(8), Some(7)])]
#[case(&[9, 8, 2], 5, &[Some(19), Some(9), None, None])]
#[case(&[9, 3, 2], 5, &[Some(14), Some(9), None, None])]
#[case(&[9, 1, 1], 5, &[Some(11), None, None, None])] // 2 of two hidden ones would be 1 and 1
#[case(&[9, 2, 0], 5, &[Some(11), None, None, Some(0)])]
#[case(&[2], 5, &[None, None])]
#[case(&[6], 5, &[Some(6), Some(6)])]
#[case(&[0, 0], 5, &[Some(0), Some(0), Some(0)])]
#[case(&[1, 1], 1, &[Some(2), Some(1), Some(1)])]
fn lists(#[case] counts: &[u32], #[case] least: u32, #[case] expected: &[Option<u32>]) {
    assert_eq!(list(counts, least), expected);
}

#[test]
fn a_table_hides_a_cycle() {
    let shown = table(&[vec![9, 2], vec![8, 7], vec![20, 30]], 2, 5);
    let cells = &shown[6..];
    assert_eq!(cells, [None, None, None, None, Some(20), Some(30)]);
    assert!(shown[..6].iter().all(Option::is_some), "sums stay");
}

#[test]
fn hiding_small_counts_alone_is_caught() {
    for (shape, counts) in [
        (Shape::List(3), vec![6, 5, 1]),
        (Shape::List(3), vec![6, 1, 1]),
        (Shape::Table(2, 2), vec![6, 1, 5, 5]),
    ] {
        let naive: Vec<_> = shape
            .with_sums(&counts)
            .into_iter()
            .map(|v| (v >= 4).then_some(v))
            .collect();
        assert!(leaks(shape, &counts, &naive, 4) > 0);
        assert_eq!(leaks(shape, &counts, &shape.hidden(&counts, 4), 4), 0);
    }
}

fn safe(shape: Shape, counts: &[u32], least: u32) -> Result<(), TestCaseError> {
    let shown = shape.hidden(counts, least);
    let truth = shape.with_sums(counts);
    for (shown, value) in shown.iter().zip(&truth) {
        prop_assert!(
            shown.is_none() || !(1..least).contains(value),
            "a small count is shown"
        );
        prop_assert!(
            shown.is_none_or(|shown| shown == *value),
            "nothing is falsified"
        );
    }
    if truth.iter().all(|value| !(1..least).contains(value)) {
        prop_assert!(
            shown.iter().all(Option::is_some),
            "nothing is hidden without need"
        );
    }
    prop_assert_eq!(
        leaks(shape, counts, &shown, least),
        0,
        "{:?} shown as {:?}",
        counts,
        shown
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_small_can_be_computed_from_a_list(counts in proptest::collection::vec(0..6_u32, 1..5), least in 1..5_u32) {
        safe(Shape::List(counts.len()), &counts, least)?;
    }

    #[test]
    fn nothing_small_can_be_computed_from_a_table(counts in proptest::collection::vec(0..6_u32, 4), least in 1..5_u32) {
        safe(Shape::Table(2, 2), &counts, least)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn nor_from_a_longer_one(counts in proptest::collection::vec(0..4_u32, 6), least in 2..4_u32) {
        safe(Shape::Table(3, 2), &counts, least)?;
    }
}
