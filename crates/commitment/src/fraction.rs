use std::fmt;
use std::str::FromStr;

use kernel::decimal;
use serde::{Deserialize, Serialize};

/// Places that a fraction is kept to.
const PLACES: u32 = 6;
const WHOLE: i64 = 1_000_000;

/// A part of something, in millionths; a decimal string in JSON (`"0.33"` is 33 %).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "0.33")]
pub struct Fraction(pub i64);

/// The text is no fraction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAFraction(pub String);

impl fmt::Display for NotAFraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a share; give digits with at most {PLACES} decimal places, such as 0.33",
            self.0
        )
    }
}

impl std::error::Error for NotAFraction {}

impl Fraction {
    /// All of it.
    pub const WHOLE: Fraction = Fraction(WHOLE);

    /// Hundredths of a percent, as the rules of a call keep their shares.
    pub fn from_percent(percent: call::Percent) -> Self {
        Fraction(i64::from(percent.0) * (WHOLE / i64::from(call::Percent::WHOLE.0)))
    }

    /// Whether it lies between nothing and the whole, both included.
    pub fn is_part(self) -> bool {
        (0..=WHOLE).contains(&self.0)
    }

    /// Numerator and denominator without a common divisor: figures stay as small as they can.
    pub(crate) fn lowest(self) -> (i128, i128) {
        let (mut a, mut b) = (self.0.unsigned_abs(), WHOLE.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::from(a.max(1));
        (i128::from(self.0) / divisor, i128::from(WHOLE) / divisor)
    }
}

impl FromStr for Fraction {
    type Err = NotAFraction;
    fn from_str(text: &str) -> Result<Self, NotAFraction> {
        decimal::parse(text, PLACES)
            .map(Fraction)
            .map_err(|_| NotAFraction(text.to_owned()))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::print_short(self.0, PLACES))
    }
}

impl TryFrom<String> for Fraction {
    type Error = NotAFraction;
    fn try_from(text: String) -> Result<Self, NotAFraction> {
        text.parse()
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> String {
        fraction.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_decimal_strings_and_exact() {
        let third: Fraction = "0.33".parse().unwrap();
        assert_eq!(
            (third.lowest(), third.to_string()),
            ((33, 100), "0.33".to_owned())
        );
        assert_eq!("2".parse::<Fraction>().unwrap().lowest(), (2, 1));
        assert_eq!(Fraction(0).lowest(), (0, 1));
        assert_eq!(Fraction::from_percent(call::Percent(3300)), third);
        assert!("33 %".parse::<Fraction>().is_err() && "0.1234567".parse::<Fraction>().is_err());
    }
}
