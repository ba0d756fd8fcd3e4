//! Identifiers that people copy by hand, and their check digits.

/// The identifier without the address that may stand before it, and without the spaces around it.
pub fn bare(id: &str) -> &str {
    id.trim().rsplit('/').next().unwrap_or_default().trim()
}

/// Whether the text is a ROR identifier: nine characters beginning with 0, of which the last two are
/// check digits (ISO/IEC 7064, MOD 97-10, over the base-32 number before them). The address
/// `https://ror.org/...` is read too.
pub fn is_ror(text: &str) -> bool {
    let id = text.strip_prefix("https://ror.org/").unwrap_or(text);
    let Some((number, digits)) = id.split_at_checked(7) else {
        return false;
    };
    let well_formed =
        id.starts_with('0') && digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
    let decoded = number.chars().try_fold(0u64, |sum, symbol| {
        base32(symbol).map(|place| sum * 32 + place)
    });
    match (well_formed, decoded, digits.parse::<u64>()) {
        (true, Some(number), Ok(digits)) => 98 - number * 100 % 97 == digits,
        _ => false,
    }
}

/// Crockford's alphabet in small letters, which leaves out i, l, o and u.
fn base32(symbol: char) -> Option<u64> {
    "0123456789abcdefghjkmnpqrstvwxyz"
        .chars()
        .zip(0..)
        .find_map(|(known, place)| (known == symbol).then_some(place))
}

/// Whether the text is an ORCID iD: four groups of four digits, the last a check character
/// (ISO/IEC 7064, MOD 11-2). The address `https://orcid.org/...` is read too.
pub fn is_orcid(text: &str) -> bool {
    let id = text.strip_prefix("https://orcid.org/").unwrap_or(text);
    let grouped = id.len() == 19
        && id.chars().enumerate().all(|(at, symbol)| match at {
            4 | 9 | 14 => symbol == '-',
            18 => symbol.is_ascii_digit() || symbol == 'X',
            _ => symbol.is_ascii_digit(),
        });
    if !grouped {
        return false;
    }
    let digits: Vec<u32> = id
        .chars()
        .filter(|symbol| *symbol != '-')
        .filter_map(|symbol| {
            if symbol == 'X' {
                Some(10)
            } else {
                symbol.to_digit(10)
            }
        })
        .collect();
    let Some((check, number)) = digits.split_last() else {
        return false;
    };
    let sum = number.iter().fold(0, |sum, digit| (sum + digit) * 2 % 11);
    (12 - sum) % 11 == *check
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("03yrm5c26")]
    #[case("https://ror.org/05dxps055")]
    #[case("042nb2s44")]
    #[case("03vek6s52")]
    #[case("00f54p054")]
    fn ror_of_real_organisations(#[case] text: &str) {
        assert!(is_ror(text));
    }

    #[rstest]
    #[case("")]
    #[case("03yrm5c25")]
    #[case("03yrm5c2")]
    #[case("03yrm5c266")]
    #[case("13yrm5c26")]
    #[case("03yrm5i26")]
    #[case("03YRM5C26")]
    #[case("03yrm5é26")]
    #[case("http://ror.org/03yrm5c26")]
    fn what_is_no_ror(#[case] text: &str) {
        assert!(!is_ror(text));
    }

    #[rstest]
    #[case("0000-0002-1825-0097")]
    #[case("0000-0001-5109-3700")]
    #[case("https://orcid.org/0000-0002-1694-233X")]
    fn orcid_of_real_people(#[case] text: &str) {
        assert!(is_orcid(text));
    }

    #[rstest]
    #[case("")]
    #[case("0000-0002-1825-0098")]
    #[case("0000-0002-1825-009")]
    #[case("0000000218250097")]
    #[case("0000-0002-1694-233x")]
    #[case("X000-0002-1825-0097")]
    #[case("0000-0002-1825-00é")]
    fn what_is_no_orcid(#[case] text: &str) {
        assert!(!is_orcid(text));
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(at in 0usize..19, digit in 0u32..10) {
            let right = "0000-0002-1825-0097";
            let wrong: String = right.chars().enumerate()
                .map(|(place, symbol)| if place == at && symbol != '-' { char::from_digit(digit, 10).unwrap() } else { symbol })
                .collect();
            proptest::prop_assert_eq!(is_orcid(&wrong), wrong == right);
        }
    }
}
