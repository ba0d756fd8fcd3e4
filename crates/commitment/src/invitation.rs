use call::Score;
use kernel::Amount;

/// A ranked proposal with all that it asks of the funders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Its total.
    pub total: Score,
    /// What it asks of all funders.
    pub requested: Amount,
}

/// How many of `ranked` (best first) to invite, so that requested by `committed` in aggregate stays at
/// or under `limit` hundredths. Equal totals are invited together or not at all, and the first group
/// that breaks the limit ends the list.
pub fn how_many(ranked: &[Ranked], committed: Amount, limit: i64) -> usize {
    let most = i128::from(committed.0) * i128::from(limit);
    let mut asked = 0i128;
    let mut count = 0;
    for group in ranked.chunk_by(|a, b| a.total == b.total) {
        asked += group
            .iter()
            .map(|one| i128::from(one.requested.0) * 100)
            .sum::<i128>();
        if asked > most {
            break;
        }
        count += group.len();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(list: &[(i32, i64)]) -> Vec<Ranked> {
        list.iter()
            .map(|(total, requested)| Ranked {
                total: Score(*total),
                requested: Amount(*requested),
            })
            .collect()
    }

    #[test]
    fn down_the_ranking_to_the_limit_and_no_tie_is_parted() {
        let list = ranked(&[(1400, 100), (1300, 100), (1300, 100), (1200, 1)]);
        let count = |limit| how_many(&list, Amount(100), limit);
        assert_eq!(count(300), 3);
        assert_eq!(count(299), 1);
        assert_eq!(count(301), 4);
        assert_eq!(count(99), 0);
        assert_eq!(how_many(&list, Amount(0), 300), 0);
    }
}
