//! Decimal numbers kept as whole numbers: the one way in which amounts, percentages and rates are read
//! and printed, so that nothing about money ever passes through a floating-point number.

/// Why a text is no decimal number of the places asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalFault {
    /// Not digits with an optional sign and fraction, or a fraction with too many places.
    Form,
    /// Beyond what 64 bits keep.
    TooLarge,
}

/// Reads a decimal number as a whole number of its last place: `"4.5"` with two places is 450.
///
/// # Errors
///
/// [`DecimalFault::Form`] for anything but `-`, digits, and a point with at most `places` digits;
/// [`DecimalFault::TooLarge`] where 64 bits do not hold it.
pub fn parse(text: &str, places: u32) -> Result<i64, DecimalFault> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point_without_digits = digits.contains('.') && fraction.is_empty();
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || point_without_digits || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalFault::Form);
    }
    let padding = (places as usize)
        .checked_sub(fraction.len())
        .ok_or(DecimalFault::Form)?;
    let joined = format!("{whole}{fraction}{}", "0".repeat(padding));
    let size: i64 = joined.parse().map_err(|_| DecimalFault::TooLarge)?;
    Ok(sign * size)
}

/// Prints a whole number of last places with its point: 450 with two places is `4.50`.
pub fn print(value: i64, places: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    if places == 0 {
        return format!("{sign}{size}");
    }
    let unit = 10u64.pow(places);
    format!(
        "{sign}{}.{:0width$}",
        size / unit,
        size % unit,
        width = places as usize
    )
}

/// As [`print()`], without the zeros that say nothing: 450 with two places is `4.5`, and 400 is `4`.
pub fn print_short(value: i64, places: u32) -> String {
    let long = print(value, places);
    if places == 0 {
        return long;
    }
    long.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_drops_only_zeros_behind_the_point() {
        assert_eq!(print_short(1_000, 2), "10");
        assert_eq!(print_short(1_050, 2), "10.5");
        assert_eq!(print_short(-5, 2), "-0.05");
        assert_eq!(print_short(100, 0), "100");
    }

    proptest::proptest! {
        #[test]
        fn both_forms_read_back(value in -i64::MAX..i64::MAX, places in 0u32..7) {
            proptest::prop_assert_eq!(parse(&print(value, places), places), Ok(value));
            proptest::prop_assert_eq!(parse(&print_short(value, places), places), Ok(value));
        }
    }
}
