//! On which terms a funder takes part in a call.

mod annex;
mod ceiling;
mod check;
mod cost;
mod document;
mod entity;
mod validate;

#[cfg(test)]
mod tests;

use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};

pub use ceiling::{Ceiling, CeilingScope, Condition, Consequence, CountRule, Period};
pub use check::{Ask, Request};
pub use cost::{CostCategory, CostTerms, OverheadTerms};
pub use document::{Due, NationalDocument};
pub use entity::{EntityTerms, EntityType};

use crate::Rate;

/// What a funder pays for, and to whom. Everything that is left out sets no limit.
///
/// Amounts are in the funder's own currency, which a fixed rate ties to the call's: what an applicant
/// asks is compared exactly, to the cent, without rounding either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// Whether the funder earns and receives EU money in this call: it is a beneficiary of the co-fund
    /// grant, or affiliated to one, and of a member state or an associated country.
    pub eu_money: bool,
    /// Currency of all amounts below; left out, the call's.
    pub currency: Option<Currency>,
    /// Units of that currency for one unit of the call's, as published (4.4373 PLN for a euro in 2021).
    pub rate: Option<Rate>,
    /// The most and least amounts.
    pub ceilings: Vec<Ceiling>,
    /// How many of its applicants may take part in one proposal.
    pub counts: Vec<CountRule>,
    /// How many projects the funder expects to pay.
    pub projects: Option<ProjectCount>,
    /// Types of institution: whether they may apply, at which rate, and with whom.
    pub entities: Vec<EntityTerms>,
    /// Whether types of institution that are not named above may apply.
    pub other_entities: bool,
    /// Categories of cost with a rule of their own.
    pub costs: Vec<CostTerms>,
    /// The rule on overheads.
    pub overheads: Option<OverheadTerms>,
    /// Modules and areas that the funder does not pay work in.
    pub modules_not_funded: Vec<String>,
    /// What it demands beside the proposal.
    pub documents: Vec<NationalDocument>,
    /// Whom applicants may ask.
    pub contacts: Vec<Contact>,
    /// What no rule above can say, for the national annex.
    pub text: String,
}

/// How many projects a funder expects to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectCount {
    /// The fewest.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// The most when EU money comes on top.
    #[serde(default)]
    pub max_with_eu_money: Option<u32>,
}

/// A national or regional contact person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
}

/// A funder's part in a call, as the call file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Participation {
    /// Key of the organisation, such as `DE-BMBF`.
    #[schema(example = "DE-BMBF")]
    pub organisation: String,
    /// What it means to commit, in the call's currency. Not binding; the formal commitment is signed
    /// after the selection.
    #[serde(default)]
    pub commitment: Option<Amount>,
    /// From when, where it joined after the launch (`2019-01-18`).
    #[serde(default)]
    pub joined: Option<chrono::NaiveDate>,
    /// Its terms.
    #[serde(default)]
    pub terms: Terms,
}

impl Terms {
    /// An amount of the call's currency in the funder's own, rounded to the cent, where that is another one:
    /// `909648.72 PLN`. For people to read; what is compared is not rounded.
    pub fn converted(&self, amount: Amount, call_currency: Currency) -> Option<String> {
        let currency = self.currency.filter(|own| *own != call_currency)?;
        let one = i128::from(Rate::ONE.millionths());
        let exact = i128::from(amount.0) * i128::from(self.rate?.millionths());
        let cents = i64::try_from((exact + one / 2).div_euclid(one)).ok()?;
        Some(format!("{} {currency}", Amount(cents)))
    }

    /// What an amount in the funder's own currency is in the call's at the fixed rate, rounded down to the cent so that
    /// no more is promised than was; with that currency and its rate. None where the terms name no other currency, or
    /// no rate.
    pub fn in_call_currency(
        &self,
        own: Amount,
        call_currency: Currency,
    ) -> Option<(Amount, Currency, Rate)> {
        let currency = self.currency.filter(|own| *own != call_currency)?;
        let rate = self.rate?;
        let exact = i128::from(own.0) * i128::from(Rate::ONE.millionths());
        let cents = i64::try_from(exact.div_euclid(i128::from(rate.millionths()))).ok()?;
        Some((Amount(cents), currency, rate))
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            eu_money: false,
            currency: None,
            rate: None,
            ceilings: Vec::new(),
            counts: Vec::new(),
            projects: None,
            entities: Vec::new(),
            other_entities: true,
            costs: Vec::new(),
            overheads: None,
            modules_not_funded: Vec::new(),
            documents: Vec::new(),
            contacts: Vec::new(),
            text: String::new(),
        }
    }
}
