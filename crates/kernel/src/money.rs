use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{self, DecimalFault};

/// An ISO 4217 currency code.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "EUR")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro, in which a call's totals are kept.
    pub const EUR: Currency = Currency(*b"EUR");

    /// The code, three capital letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimal places one unit has: 2 for all but the few of ISO 4217 listed here.
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"ISK" | b"CLP" | b"VND" => 0,
            b"BHD" | b"JOD" | b"KWD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyFault;
    fn from_str(text: &str) -> Result<Self, MoneyFault> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|l| l.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyFault::Currency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyFault;
    fn try_from(text: String) -> Result<Self, MoneyFault> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What can be wrong with an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    /// Not a currency code.
    #[error("'{0}' is not a currency; give the three capital letters of ISO 4217, such as EUR")]
    Currency(String),
    /// Not a decimal amount.
    #[error(
        "'{0}' is not an amount; give digits with at most {1} decimal places, such as 250000.00"
    )]
    Amount(String, u32),
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added; convert one of them with the call's fixed rate first")]
    Mixed(Currency, Currency),
    /// Beyond 92 quadrillion.
    #[error("the amount is too large to be kept exactly")]
    TooLarge,
}

/// An amount in minor units (cents) of a currency that its context names; a decimal string in JSON.
///
/// It has two decimal places in JSON; [`Money`] carries its own currency and that currency's places.
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
#[schema(value_type = String, example = "250000.00")]
pub struct Amount(pub i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// The sum, unless it is too large.
    pub fn checked_add(self, other: Amount) -> Result<Amount, MoneyFault> {
        self.0
            .checked_add(other.0)
            .map(Amount)
            .ok_or(MoneyFault::TooLarge)
    }

    /// The difference, unless it is too large.
    pub fn checked_sub(self, other: Amount) -> Result<Amount, MoneyFault> {
        self.0
            .checked_sub(other.0)
            .map(Amount)
            .ok_or(MoneyFault::TooLarge)
    }

    /// The sum of many amounts, unless it is too large.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MoneyFault> {
        amounts
            .into_iter()
            .try_fold(Amount::ZERO, Amount::checked_add)
    }
}

impl FromStr for Amount {
    type Err = MoneyFault;
    fn from_str(text: &str) -> Result<Self, MoneyFault> {
        parse_minor(text, 2).map(Amount)
    }
}

impl TryFrom<String> for Amount {
    type Error = MoneyFault;
    fn try_from(text: String) -> Result<Self, MoneyFault> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::print(self.0, 2))
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "MoneyText", into = "MoneyText")]
pub struct Money {
    /// Minor units: cents for EUR, whole units for JPY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyText {
    amount: String,
    currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a decimal string with no more places than the currency has.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyFault> {
        parse_minor(amount, currency.decimals()).map(|minor| Self { minor, currency })
    }

    /// The sum, for equal currencies.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyFault> {
        if self.currency != other.currency {
            return Err(MoneyFault::Mixed(self.currency, other.currency));
        }
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyFault::TooLarge)?;
        Ok(Money { minor, ..self })
    }

    /// The amount without its currency, as a decimal string.
    pub fn amount(&self) -> String {
        decimal::print(self.minor, self.currency.decimals())
    }
}

impl TryFrom<MoneyText> for Money {
    type Error = MoneyFault;
    fn try_from(text: MoneyText) -> Result<Self, MoneyFault> {
        Money::parse(&text.amount, text.currency)
    }
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency,
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

fn parse_minor(text: &str, places: u32) -> Result<i64, MoneyFault> {
    decimal::parse(text, places).map_err(|fault| match fault {
        DecimalFault::Form => MoneyFault::Amount(text.to_owned(), places),
        DecimalFault::TooLarge => MoneyFault::TooLarge,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("250000", 25_000_000)]
    #[case("0.5", 50)]
    #[case("-3.07", -307)]
    #[case("0.00", 0)]
    fn reads_amounts(#[case] text: &str, #[case] minor: i64) {
        assert_eq!(text.parse::<Amount>(), Ok(Amount(minor)));
    }

    #[rstest]
    #[case("")]
    #[case("1,000")]
    #[case("1.005")]
    #[case("1.")]
    #[case(".5")]
    #[case("1e6")]
    #[case("--1")]
    #[case("+1")]
    #[case("99999999999999999999")]
    fn refuses_what_is_no_amount(#[case] text: &str) {
        assert!(text.parse::<Amount>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(minor in -i64::MAX..i64::MAX) {
            proptest::prop_assert_eq!(Amount(minor).to_string().parse(), Ok(Amount(minor)));
        }
    }

    #[test]
    fn currencies_keep_their_places_and_do_not_mix() {
        let yen = Money::parse("1500", "JPY".parse().unwrap()).unwrap();
        assert_eq!(yen.to_string(), "1500 JPY");
        assert!(Money::parse("1.5", yen.currency).is_err());
        assert!(yen.checked_add(Money::new(1, Currency::EUR)).is_err());
    }
}
