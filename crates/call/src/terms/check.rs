//! Whether what a funder's applicants ask in one proposal is within its terms.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Amount, Currency, Finding, MoneyFault};

use super::ceiling::{Ceiling, CeilingScope, Consequence, Period};
use super::{CostCategory, EntityTerms, EntityType, OverheadTerms, Terms};
use crate::{Rate, Vocabulary};

/// What one partner asks of its funder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Its place in the proposal, from 0.
    pub at: usize,
    /// Whether it coordinates.
    pub coordinator: bool,
    /// Type of its institution, once it is said.
    pub entity: Option<EntityType>,
    /// The modules it works in.
    pub modules: BTreeSet<String>,
    /// Its costs, in the call's currency.
    pub costs: BTreeMap<CostCategory, Amount>,
    /// What it asks of the funder, in the call's currency.
    pub requested: Amount,
}

/// What all partners of one funder ask in one proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The partners of this funder.
    pub asks: Vec<Ask>,
    /// What the whole project asks of all its funders, in the call's currency.
    pub project_total: Amount,
    /// The project's duration, once it is said.
    pub months: Option<u32>,
    /// Whether the project has further funding, as the funder means it; once it is said.
    pub cofunded: Option<bool>,
}

impl Terms {
    /// Everything in the request that is outside the terms, with pointers into the proposal. A breach
    /// that only cuts what is paid, or whose condition the proposal leaves open, is a doubt.
    ///
    /// # Errors
    ///
    /// [`MoneyFault::TooLarge`] where a sum exceeds 64 bits.
    pub fn check(
        &self,
        request: &Request,
        call_currency: Currency,
        words: Vocabulary<'_>,
    ) -> Result<Vec<Finding>, MoneyFault> {
        let mut found = Vec::new();
        self.counts(request, &mut found);
        let scale = Scale {
            currency: self.currency.unwrap_or(call_currency),
            rate: self.rate.unwrap_or(Rate::ONE),
            months: request.months,
        };
        for ceiling in &self.ceilings {
            self.ceiling(ceiling, request, &scale, &mut found)?;
        }
        for ask in &request.asks {
            self.entity(ask, request, &mut found)?;
            self.costs(ask, &scale, &mut found)?;
            self.modules(ask, words, &mut found);
        }
        Ok(found)
    }

    fn counts(&self, request: &Request, found: &mut Vec<Finding>) {
        let there = request.asks.len();
        for rule in &self.counts {
            let Some(first_too_many) = usize::try_from(rule.max)
                .ok()
                .and_then(|max| request.asks.get(max))
            else {
                continue;
            };
            let finding = |severity: fn(String, &str, String, String) -> Finding| {
                severity(
                    format!("/partners/{}/funding", first_too_many.at),
                    "applicants_too_many",
                    format!("{there} partners ask money of this funder"),
                    format!("at most {} may{}", rule.max, rule.when.in_words()),
                )
                .said_in(rule.source.as_deref())
            };
            match rule.when.holds(request) {
                Some(true) => found.push(finding(Finding::fault)),
                Some(false) => {}
                None => found.push(finding(Finding::doubt)),
            }
        }
    }

    fn ceiling(
        &self,
        ceiling: &Ceiling,
        request: &Request,
        scale: &Scale,
        found: &mut Vec<Finding>,
    ) -> Result<(), MoneyFault> {
        let sure = match ceiling.when.holds(request) {
            Some(false) => return Ok(()),
            holds => holds == Some(true),
        };
        let for_coordinators = |other: &Ceiling| {
            other.scope == CeilingScope::Coordinator && other.when.holds(request) != Some(false)
        };
        let own_limit = self.ceilings.iter().any(for_coordinators);
        let asked: Vec<(String, Amount)> = match ceiling.scope {
            CeilingScope::Partner | CeilingScope::Coordinator => request
                .asks
                .iter()
                .filter(|ask| match ceiling.scope {
                    CeilingScope::Coordinator => ask.coordinator,
                    _ => !ask.coordinator || !own_limit,
                })
                .map(|ask| (format!("/partners/{}/budget", ask.at), ask.requested))
                .collect(),
            CeilingScope::PartnersInProposal => {
                let sum = Amount::sum(request.asks.iter().map(|ask| ask.requested))?;
                let first = request.asks.first();
                first
                    .map(|ask| (format!("/partners/{}/budget", ask.at), sum))
                    .into_iter()
                    .collect()
            }
            CeilingScope::Project => vec![("/partners".to_owned(), request.project_total)],
        };
        for (pointer, amount) in asked {
            let Some(code) = scale.breach(ceiling, amount) else {
                continue;
            };
            let what = format!("{} asked", scale.print(amount, code == "ceiling_exceeded"));
            let allowed = ceiling.in_words(scale.currency);
            let finding = if sure && ceiling.consequence == Consequence::Ineligible {
                Finding::fault(pointer, code, what, allowed)
            } else if sure {
                Finding::doubt(
                    pointer,
                    code,
                    what,
                    format!("{allowed}; the funder pays no more than is allowed"),
                )
            } else {
                Finding::doubt(
                    pointer,
                    code,
                    what,
                    format!("{allowed}; the proposal does not say whether this applies"),
                )
            };
            found.push(finding.said_in(ceiling.source.as_deref()));
        }
        Ok(())
    }

    fn entity(
        &self,
        ask: &Ask,
        request: &Request,
        found: &mut Vec<Finding>,
    ) -> Result<(), MoneyFault> {
        let Some(entity) = ask.entity else {
            if !self.entities.is_empty() || !self.other_entities {
                found.push(Finding::doubt(
                    format!("/partners/{}", ask.at),
                    "entity_missing",
                    "the type of institution is not said",
                    "this funder does not pay all types alike; name it",
                ));
            }
            return Ok(());
        };
        let pointer = format!("/partners/{}/entity", ask.at);
        let named = self.entities.iter().find(|terms| terms.entity == entity);
        let source = named.and_then(|terms| terms.source.as_deref());
        if !named.map_or(self.other_entities, |terms| terms.eligible) {
            let instead = named.and_then(|terms| terms.instead.as_deref());
            let allowed = match instead {
                Some(other) => {
                    format!("this funder does not pay {entity}; apply to {other} instead")
                }
                None => format!("this funder does not pay {entity}"),
            };
            found.push(
                Finding::fault(
                    pointer,
                    "entity_not_eligible",
                    format!("the partner is {entity}"),
                    allowed,
                )
                .said_in(source),
            );
            return Ok(());
        }
        let Some(terms) = named else { return Ok(()) };
        if let Some(finding) = companion_missing(terms, ask, request) {
            found.push(finding.said_in(source));
        }
        let Some(rate) = terms.rate else {
            return Ok(());
        };
        let costs = Amount::sum(ask.costs.values().copied())?;
        if i128::from(ask.requested.0) * 10_000 > i128::from(costs.0) * i128::from(rate.0) {
            let (at, code) = (format!("/partners/{}/budget", ask.at), "rate_exceeded");
            let what = format!("{} asked of costs of {costs}", ask.requested);
            let allowed = format!("this funder pays at most {rate} % of the costs of {entity}");
            let finding = severe(terms.rate_consequence, at, code, what, allowed);
            found.push(finding.said_in(source));
        }
        Ok(())
    }

    fn costs(&self, ask: &Ask, scale: &Scale, found: &mut Vec<Finding>) -> Result<(), MoneyFault> {
        let all = Amount::sum(ask.costs.values().copied())?;
        for rule in &self.costs {
            let cost = ask.costs.get(&rule.category).copied().unwrap_or_default();
            let pointer = format!("/partners/{}/budget/{}", ask.at, rule.category);
            let mut add = |code: &str, allowed: String| {
                let what = format!("{} for {}", scale.print(cost, true), rule.category);
                let finding = severe(rule.consequence, pointer.clone(), code, what, allowed);
                found.push(finding.said_in(rule.source.as_deref()));
            };
            if cost.0 > 0 && !rule.eligible {
                add(
                    "category_not_eligible",
                    format!("this funder does not pay {}", rule.category),
                );
                continue;
            }
            if let Some(max) = rule.max.filter(|max| scale.exceeds(cost, *max, 1, 1)) {
                add(
                    "category_too_much",
                    format!("at most {max} {}", scale.currency),
                );
            }
            if let Some(share) = rule.share_max
                && i128::from(cost.0) * 10_000 > i128::from(all.0) * i128::from(share.0)
            {
                add(
                    "category_too_much",
                    format!("at most {share} % of all costs"),
                );
            }
        }
        if let Some(rule) = &self.overheads {
            found.extend(overheads(rule, ask)?);
        }
        Ok(())
    }

    fn modules(&self, ask: &Ask, words: Vocabulary<'_>, found: &mut Vec<Finding>) {
        let refused: BTreeSet<&str> = self
            .modules_not_funded
            .iter()
            .flat_map(|name| words.leaves(name))
            .collect();
        for module in ask
            .modules
            .iter()
            .filter(|module| refused.contains(module.as_str()))
        {
            found.push(Finding::fault(
                format!("/partners/{}/modules", ask.at),
                "module_not_funded",
                format!("the partner works in {module}"),
                format!(
                    "this funder pays no work in {}",
                    self.modules_not_funded.join(", ")
                ),
            ));
        }
    }
}

fn severe(
    consequence: Consequence,
    pointer: String,
    code: &str,
    found: String,
    allowed: String,
) -> Finding {
    match consequence {
        Consequence::Ineligible => Finding::fault(pointer, code, found, allowed),
        Consequence::Cut => Finding::doubt(pointer, code, found, allowed),
    }
}

fn companion_missing(terms: &EntityTerms, ask: &Ask, request: &Request) -> Option<Finding> {
    if terms.only_with.is_empty() {
        return None;
    }
    let others = || request.asks.iter().filter(|other| other.at != ask.at);
    let accompanied = others().any(|other| {
        let fits = |entity| terms.only_with.contains(&entity);
        other.entity.is_some_and(fits)
    });
    if accompanied {
        return None;
    }
    let names: Vec<String> = terms.only_with.iter().map(ToString::to_string).collect();
    let pointer = format!("/partners/{}/entity", ask.at);
    let what = format!(
        "{} without a partner of type {}",
        terms.entity,
        names.join(" or ")
    );
    let allowed = "this funder pays it only together with one".to_owned();
    // Partners whose type is not said yet may be what is missing.
    let open = others().any(|other| other.entity.is_none());
    Some(match open {
        true => Finding::doubt(pointer, "entity_needs_companion", what, allowed),
        false => Finding::fault(pointer, "entity_needs_companion", what, allowed),
    })
}

fn overheads(rule: &OverheadTerms, ask: &Ask) -> Result<Option<Finding>, MoneyFault> {
    let counts = |category: &CostCategory| {
        *category != CostCategory::Overheads && !rule.without.contains(category)
    };
    let base = ask.costs.iter().filter(|(category, _)| counts(category));
    let base = Amount::sum(base.map(|(_, cost)| *cost))?;
    let asked = ask
        .costs
        .get(&CostCategory::Overheads)
        .copied()
        .unwrap_or_default();
    let (asked_exact, most_exact) = (
        i128::from(asked.0) * 10_000,
        i128::from(base.0) * i128::from(rule.share_max.0),
    );
    let within = if rule.flat {
        (asked_exact - most_exact).abs() < 10_000
    } else {
        asked_exact <= most_exact
    };
    if within {
        return Ok(None);
    }
    let pointer = format!("/partners/{}/budget/overheads", ask.at);
    let how = if rule.flat {
        "a flat rate of"
    } else {
        "at most"
    };
    let what = format!("{asked} of overheads on {base} of direct costs that count");
    let allowed = format!("{how} {} % of them", rule.share_max);
    let finding = severe(rule.consequence, pointer, "overheads", what, allowed);
    Ok(Some(finding.said_in(rule.source.as_deref())))
}

/// What it takes to compare an amount of the call's currency with one of the funder's.
struct Scale {
    currency: Currency,
    rate: Rate,
    months: Option<u32>,
}

impl Scale {
    /// The code of the rule that an amount breaks. Without a duration a yearly limit is not compared.
    fn breach(&self, ceiling: &Ceiling, amount: Amount) -> Option<&'static str> {
        let (months, year) = match ceiling.per {
            Period::Total => (1, 1),
            Period::Year => {
                let months = self.months?;
                (
                    ceiling.months_max.map_or(months, |most| months.min(most)),
                    12,
                )
            }
        };
        if ceiling
            .max
            .is_some_and(|max| self.exceeds(amount, max, months, year))
        {
            return Some("ceiling_exceeded");
        }
        let short = |min: Amount| self.converted(amount, year) < Self::limit(min, months);
        ceiling.min.is_some_and(short).then_some("minimum_missed")
    }

    fn exceeds(&self, amount: Amount, max: Amount, months: u32, year: u32) -> bool {
        self.converted(amount, year) > Self::limit(max, months)
    }

    /// The amount in millionths of the funder's cents, times the months of a year: whole numbers that
    /// compare with [`Scale::limit`] exactly.
    fn converted(&self, amount: Amount, year: u32) -> i128 {
        i128::from(amount.0) * i128::from(self.rate.millionths()) * i128::from(year)
    }

    fn limit(limit: Amount, months: u32) -> i128 {
        i128::from(limit.0) * i128::from(Rate::ONE.millionths()) * i128::from(months)
    }

    /// The amount in the funder's currency, to the cent: up where it is too much, down where too little,
    /// so that what is printed is seen to break the limit.
    fn print(&self, amount: Amount, up: bool) -> String {
        let exact = self.converted(amount, 1);
        let one = i128::from(Rate::ONE.millionths());
        let cents = exact.div_euclid(one) + i128::from(up && exact.rem_euclid(one) > 0);
        let converted = Amount(i64::try_from(cents).unwrap_or(i64::MAX));
        format!("{converted} {}", self.currency)
    }
}
