use kernel::{Amount, Faults};

/// Whether a funder may change its commitment from `current` to `new`, and by how much it rises
/// (negative when it falls).
///
/// Faults: less than nothing, or less than `already_decided`, the money of decided selections that
/// this funder is to pay.
pub fn check_change(
    current: Amount,
    new: Amount,
    already_decided: Amount,
) -> Result<Amount, Faults> {
    let mut faults = Faults::default();
    faults.require(
        new >= Amount::ZERO,
        "/amount",
        "amount_negative",
        format!("{new} is less than nothing; give an amount from 0.00"),
    );
    faults.require(
        new >= already_decided,
        "/amount",
        "below_decided",
        format!("{already_decided} is decided already; commit at least that, not {new}"),
    );
    let rise = new.0.checked_sub(current.0);
    faults.require(
        rise.is_some(),
        "/amount",
        "amount_too_large",
        "the amount is too large",
    );
    faults.or(Amount(rise.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_below_what_is_decided() {
        let change = |new| check_change(Amount(100), Amount(new), Amount(80));
        assert_eq!(change(150), Ok(Amount(50)));
        assert_eq!(change(80), Ok(Amount(-20)));
        assert_eq!(change(79).unwrap_err().0[0].code, "below_decided");
        assert_eq!(change(-1).unwrap_err().0.len(), 2);
    }
}
