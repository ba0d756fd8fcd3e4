use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A score or a total of scores, in hundredths of a point; a decimal string in JSON (`"14.5"`).
///
/// Whole hundredths keep sums and ties exact: 14.5 equals 14.50 and nothing else.
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
#[schema(value_type = String, example = "4.5")]
pub struct Score(pub i32);

/// The text is no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a score; give digits with at most two decimal places, such as 4.5")]
pub struct NotAScore(pub String);

impl FromStr for Score {
    type Err = NotAScore;
    fn from_str(text: &str) -> Result<Self, NotAScore> {
        let fault = || NotAScore(text.to_owned());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
            return Err(fault());
        }
        format!("{whole}{fraction:0<2}")
            .parse()
            .map(Score)
            .map_err(|_| fault())
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match rest % 10 {
            0 => write!(f, "{sign}{whole}.{}", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}

impl TryFrom<String> for Score {
    type Error = NotAScore;
    fn try_from(text: String) -> Result<Self, NotAScore> {
        text.parse()
    }
}

impl From<Score> for String {
    fn from(score: Score) -> String {
        score.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("4.5", 450, "4.5")]
    #[case("4.50", 450, "4.5")]
    #[case("5", 500, "5.0")]
    #[case("14.25", 1425, "14.25")]
    #[case("0.05", 5, "0.05")]
    fn reads_and_prints(#[case] text: &str, #[case] hundredths: i32, #[case] printed: &str) {
        assert_eq!(text.parse(), Ok(Score(hundredths)));
        assert_eq!(Score(hundredths).to_string(), printed);
    }

    #[rstest]
    #[case("")]
    #[case("-1")]
    #[case("+1")]
    #[case("1.")]
    #[case(".5")]
    #[case("4.555")]
    #[case("4,5")]
    #[case("99999999999")]
    fn refuses_what_is_no_score(#[case] text: &str) {
        assert!(text.parse::<Score>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(hundredths in 0..i32::MAX) {
            proptest::prop_assert_eq!(Score(hundredths).to_string().parse(), Ok(Score(hundredths)));
        }
    }
}
