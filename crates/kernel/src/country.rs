use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A country by its ISO 3166-1 alpha-2 code. The EU's own `EL` and `UK` are read as `GR` and `GB`.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "DE")]
pub struct Country([u8; 2]);

/// The text names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a country; give its two capital letters of ISO 3166-1, such as DE")]
pub struct NotACountry(pub String);

/// How the EU programme sees a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountryGroup {
    /// Member state of the European Union.
    MemberState,
    /// Associated to Horizon Europe.
    Associated,
    /// Any other.
    Third,
}

/// Member states of the European Union since 1 February 2020.
const MEMBER_STATES: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Associated to Horizon Europe Pillar II (the Commission's list of 2025); a call of another year
/// names its own groups in its rules.
const ASSOCIATED: [&str; 19] = [
    "AL", "AM", "BA", "CA", "CH", "FO", "GB", "GE", "IL", "IS", "KR", "MD", "ME", "MK", "NO", "NZ",
    "RS", "TR", "UA",
];

impl Country {
    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }

    /// The country's short English name (ISO 3166-1).
    pub fn name(&self) -> &'static str {
        celes::Country::from_alpha2(self.code()).map_or("unknown", |c| c.long_name)
    }

    /// The group the country belongs to.
    pub fn group(&self) -> CountryGroup {
        if MEMBER_STATES.contains(&self.code()) {
            CountryGroup::MemberState
        } else if ASSOCIATED.contains(&self.code()) {
            CountryGroup::Associated
        } else {
            CountryGroup::Third
        }
    }
}

impl FromStr for Country {
    type Err = NotACountry;
    fn from_str(text: &str) -> Result<Self, NotACountry> {
        let code = match text {
            "EL" => "GR",
            "UK" => "GB",
            other => other,
        };
        let not = || NotACountry(text.to_owned());
        let found = celes::Country::from_alpha2(code).map_err(|_| not())?;
        match found.alpha2.as_bytes() {
            [a, b] if found.alpha2 == code => Ok(Self([*a, *b])),
            _ => Err(not()),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = NotACountry;
    fn try_from(text: String) -> Result<Self, NotACountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.code().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_codes_and_the_two_of_the_eu() {
        assert_eq!("EL".parse::<Country>().unwrap().code(), "GR");
        assert_eq!("UK".parse::<Country>().unwrap().code(), "GB");
        for bad in ["", "de", "XX", "DEU", "EU"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
    }

    #[test]
    fn each_listed_country_is_one() {
        for code in MEMBER_STATES {
            assert_eq!(
                code.parse::<Country>().unwrap().group(),
                CountryGroup::MemberState
            );
        }
        for code in ASSOCIATED {
            assert_eq!(
                code.parse::<Country>().unwrap().group(),
                CountryGroup::Associated
            );
        }
        assert_eq!(
            "EG".parse::<Country>().unwrap().group(),
            CountryGroup::Third
        );
    }
}
