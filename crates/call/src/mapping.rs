use std::collections::HashSet;

use kernel::Faults;

/// The whole of a call's money: 100.00 %, in hundredths of a percent.
pub const WHOLE: i32 = 10_000;

/// Checks how a call's money is apportioned to action items: each item once, each share (in
/// hundredths of a percent) above nothing, and exactly 100.00 % in all.
///
/// A call may serve several items, and no euro is counted twice (the habit of the UK's Health
/// Research Classification System).
pub fn check_mapping(shares: &[(String, i32)]) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        !shares.is_empty(),
        "",
        "mapping_empty",
        "name at least one action item",
    );
    let mut seen = HashSet::new();
    for (index, (item, share)) in shares.iter().enumerate() {
        faults.require(
            seen.insert(item),
            format!("/{index}/item"),
            "item_twice",
            format!("{item} is named twice; add the two shares into one"),
        );
        faults.require(
            (1..=WHOLE).contains(share),
            format!("/{index}/share"),
            "share",
            "a share lies between 0.01 and 100.00 percent; leave out an item without one",
        );
    }
    let sum: i64 = shares.iter().map(|(_, share)| i64::from(*share)).sum();
    faults.require(
        shares.is_empty() || sum == i64::from(WHOLE),
        "",
        "shares_sum",
        format!(
            "the shares add up to {} percent; they must add up to exactly 100.00",
            percent(sum)
        ),
    );
    faults
}

fn percent(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Equal shares for `items` items, in hundredths of a percent; the first ones take the hundredths
/// that do not divide, so that the sum is exactly 100.00 %. At most 10,000 items have a share.
pub fn equal_shares(items: usize) -> Vec<i32> {
    let Ok(count @ 1..) = i32::try_from(items) else {
        return Vec::new();
    };
    (0..count)
        .map(|index| WHOLE / count + i32::from(index < WHOLE % count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn equal_shares_pass_the_check(items in 1usize..200) {
            let shares: Vec<(String, i32)> = equal_shares(items)
                .into_iter()
                .enumerate()
                .map(|(index, share)| (format!("A.{index}"), share))
                .collect();
            proptest::prop_assert_eq!(shares.len(), items);
            proptest::prop_assert!(check_mapping(&shares).is_empty());
        }
    }

    #[test]
    fn a_hundredth_too_much_is_a_fault() {
        assert_eq!(equal_shares(3), [3334, 3333, 3333]);
        assert!(equal_shares(0).is_empty());
        let shares = vec![("A.1".to_owned(), 5001), ("A.1".to_owned(), 5000)];
        let codes: Vec<String> = check_mapping(&shares)
            .0
            .into_iter()
            .map(|f| f.code)
            .collect();
        assert_eq!(codes, ["item_twice", "shares_sum"]);
        assert_eq!(check_mapping(&[]).0[0].code, "mapping_empty");
    }
}
