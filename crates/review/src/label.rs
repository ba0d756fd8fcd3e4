/// The label under which others read a review: `Reviewer 1` and so on.
///
/// The number is given with the release and kept: the next one of the proposal, and among several that are released
/// together any. So it tells what a release tells, and neither when somebody was asked nor who it is; and one
/// reviewer's labels on two proposals have nothing to do with each other.
pub fn label(number: i32) -> String {
    format!("Reviewer {number}")
}

/// The reviews of one proposal that are told to its applicants, each with its number, in their order and under the
/// labels that they have in reply, report and letter.
///
/// What ended before it was told leaves no gap, as that would tell of it. The labels stay all the same: what was told
/// stays told, and what is told later has a later number.
pub fn labelled<T>(told: impl IntoIterator<Item = (i32, T)>) -> Vec<(String, T)> {
    let mut told: Vec<(i32, T)> = told.into_iter().collect();
    told.sort_by_key(|(number, _)| *number);
    let placed = told.into_iter().zip(1..);
    placed
        .map(|((_, review), place)| (label(place), review))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_are_told_by_their_numbers_and_the_tenth_after_the_ninth() {
        let found = labelled((1..=10).rev().map(|number| (number, number)));
        let expected: Vec<(String, i32)> = (1..=10)
            .map(|number| (format!("Reviewer {number}"), number))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_was_never_told_leaves_no_gap_and_what_comes_later_moves_nobody() {
        let before = labelled([(3, "c"), (1, "a")]);
        assert_eq!(
            before,
            [
                ("Reviewer 1".to_owned(), "a"),
                ("Reviewer 2".to_owned(), "c")
            ]
        );
        let after = labelled([(4, "d"), (1, "a"), (3, "c")]);
        assert_eq!(after[..2], before);
        assert_eq!(after[2], ("Reviewer 3".to_owned(), "d"));
    }
}
