use std::collections::BTreeMap;

use uuid::Uuid;

/// The labels under which applicants and other reviewers read the reviews of one proposal, by the reviews'
/// ids: `Reviewer 1` and so on.
///
/// They stay the same however often they are made of the same reviews, and are those of the letters. Their
/// order is that of the ids' random end: neither when somebody was asked nor who it is follows from it, and
/// one reviewer's labels on two proposals have nothing to do with each other. The caller gives all reviews
/// that were ever released, so that no label changes hands when one is voided later.
pub fn labels(reviews: impl IntoIterator<Item = Uuid>) -> BTreeMap<Uuid, String> {
    let mut reviews: Vec<Uuid> = reviews.into_iter().collect();
    reviews.sort_by_key(|id| {
        let [.., a, b, c, d] = *id.as_bytes();
        ([a, b, c, d], *id)
    });
    reviews.dedup();
    let numbered = reviews.into_iter().zip(1..);
    numbered
        .map(|(id, number)| (id, format!("Reviewer {number}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_time_nor_order_shows_in_the_labels() {
        let early = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0009);
        let late = Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0001);
        let found = labels([early, late, early]);
        assert_eq!(found, labels([late, early]));
        assert_eq!(found[&late], "Reviewer 1");
        assert_eq!(found[&early], "Reviewer 2");
    }
}
