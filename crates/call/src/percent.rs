use std::fmt;
use std::str::FromStr;

use kernel::decimal;
use serde::{Deserialize, Serialize};

/// A share in hundredths of a percent; a decimal string in JSON (`"33"`, `"33.34"`).
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
#[schema(value_type = String, example = "33.34")]
pub struct Percent(pub i32);

/// The text is no percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a percentage; give digits with at most two decimal places, such as 33.34")]
pub struct NotAPercent(pub String);

impl Percent {
    /// All of it.
    pub const WHOLE: Percent = Percent(10_000);

    /// Whether it lies between nothing and the whole, both included.
    pub fn is_part(self) -> bool {
        (0..=Self::WHOLE.0).contains(&self.0)
    }
}

impl FromStr for Percent {
    type Err = NotAPercent;
    fn from_str(text: &str) -> Result<Self, NotAPercent> {
        decimal::parse(text, 2)
            .ok()
            .and_then(|hundredths| i32::try_from(hundredths).ok())
            .map(Percent)
            .ok_or_else(|| NotAPercent(text.to_owned()))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::print_short(i64::from(self.0), 2))
    }
}

impl TryFrom<String> for Percent {
    type Error = NotAPercent;
    fn try_from(text: String) -> Result<Self, NotAPercent> {
        text.parse()
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> String {
        percent.to_string()
    }
}

/// Units of a funder's currency for one unit of the call's, in millionths; a decimal string in JSON
/// (`"4.4373"` zloty for a euro).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "4.4373")]
pub struct Rate(i64);

/// The text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a rate; give a number above 0 with at most six decimal places, such as 4.4373"
)]
pub struct NotARate(pub String);

impl Rate {
    /// One unit is one unit.
    pub const ONE: Rate = Rate(1_000_000);

    /// The millionths.
    pub fn millionths(self) -> i64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = NotARate;
    fn from_str(text: &str) -> Result<Self, NotARate> {
        decimal::parse(text, 6)
            .ok()
            .filter(|millionths| (1..=1_000_000_000_000).contains(millionths))
            .map(Rate)
            .ok_or_else(|| NotARate(text.to_owned()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::print_short(self.0, 6))
    }
}

impl TryFrom<String> for Rate {
    type Error = NotARate;
    fn try_from(text: String) -> Result<Self, NotARate> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_decimal_strings() {
        assert_eq!("33.34".parse(), Ok(Percent(3334)));
        assert_eq!(Percent(3300).to_string(), "33");
        assert!("33.345".parse::<Percent>().is_err());
        assert!("33 %".parse::<Percent>().is_err());
        let rate: Rate = "4.4373".parse().unwrap();
        assert_eq!(
            (rate.millionths(), rate.to_string()),
            (4_437_300, "4.4373".to_owned())
        );
        for bad in ["0", "-1", "4.43735001", "1e3", "1000001"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}
