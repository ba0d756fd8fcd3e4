//! What the partners ask, and whether their funders' terms allow it.

use call::terms::{Ask, Request};
use kernel::{Amount, Finding, MoneyFault};

use crate::check::{CheckContext, Findings, FunderTerms};
use crate::content::{Content, Partner, PartnerRole};

/// Checks each budget, then what each funder is asked for against its terms.
pub(crate) fn check(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    let mut countable = true;
    for (at, partner) in content.partners.iter().enumerate() {
        let pointer = format!("/partners/{at}/budget");
        countable &= budget(partner, &pointer, context, found);
        years(partner, &pointer, content, found);
    }
    // Terms say nothing sensible about amounts below nothing or beyond all counting.
    if countable && let Err(why) = terms(content, context, found) {
        let pointer = "/partners";
        found
            .faults
            .add(pointer, "amount_too_large", why.to_string());
    }
}

/// Whether the amounts can be counted.
pub(crate) fn budget(
    partner: &Partner,
    pointer: &str,
    context: &CheckContext<'_>,
    found: &mut Findings,
) -> bool {
    let mut countable = true;
    let own = (
        pointer.replace("/budget", "/own_contribution"),
        partner.own_contribution,
    );
    let costs = partner.budget.iter().flat_map(|(category, years)| {
        let at = move |year| format!("{pointer}/{category}/{year}");
        years
            .iter()
            .enumerate()
            .map(move |(year, cost)| (at(year), *cost))
    });
    for (at, amount) in costs.chain([own.clone()]) {
        let negative = amount < Amount::ZERO;
        countable &= !negative;
        found.faults.require(
            !negative,
            at,
            "amount_negative",
            format!(
                "{amount} {} is less than nothing; give zero or more",
                context.currency()
            ),
        );
    }
    let requested = match partner.requested() {
        Ok(requested) => requested,
        Err(why) => {
            found
                .faults
                .add(pointer, "amount_too_large", why.to_string());
            return false;
        }
    };
    found.faults.require(
        requested >= Amount::ZERO,
        own.0,
        "own_contribution_too_large",
        format!(
            "the partner pays {} {} of its costs itself, which is more than they are; correct one of \
             them",
            own.1,
            context.currency()
        ),
    );
    if let Some(funder) = partner.funder() {
        found.faults.require(
            requested != Amount::ZERO,
            pointer,
            "budget_empty",
            format!(
                "this partner asks {requested} {} of {funder}; fill in its costs, or say that it brings \
                 its own means",
                context.currency()
            ),
        );
    }
    countable
}

/// The project has as many years as its months begin.
fn years(partner: &Partner, pointer: &str, content: &Content, found: &mut Findings) {
    let (Some(months), Some(most)) = (content.duration_months, content.years()) else {
        return;
    };
    for (category, years) in &partner.budget {
        found.faults.require(
            years.len() <= most,
            format!("{pointer}/{category}"),
            "year_beyond_the_project",
            format!(
                "costs in {} years, the project lasts {months} months; give at most {most} amounts, one \
                 for each year",
                years.len()
            ),
        );
    }
}

fn terms(
    content: &Content,
    context: &CheckContext<'_>,
    found: &mut Findings,
) -> Result<(), MoneyFault> {
    let sums = content
        .partners
        .iter()
        .map(Partner::requested)
        .collect::<Result<Vec<_>, _>>()?;
    let project_total = Amount::sum(sums)?;
    for funder in context.funders {
        let Some(request) = request(content, funder, project_total)? else {
            continue;
        };
        let words = context.rules.words();
        let findings = funder.terms.check(&request, context.currency(), words)?;
        for finding in findings {
            found.add(named(finding, funder));
        }
    }
    Ok(())
}

/// What all partners of a funder ask in the proposal; nothing where it has none.
fn request(
    content: &Content,
    funder: &FunderTerms,
    project_total: Amount,
) -> Result<Option<Request>, MoneyFault> {
    let mut request = Request {
        project_total,
        months: content.duration_months.map(u32::from),
        ..Request::default()
    };
    for (at, partner) in content.partners.iter().enumerate() {
        if partner.funder() != Some(&funder.key) {
            continue;
        }
        // One partner's co-funding is the request's: a funder's terms speak of the whole of it.
        request.cofunded = match (request.cofunded, partner.cofunded) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (before, said) => said.or(before),
        };
        request.asks.push(Ask {
            at,
            coordinator: partner.role == PartnerRole::Coordinator,
            entity: partner.entity,
            modules: partner.modules.clone(),
            costs: partner.costs_by_category()?,
            requested: partner.requested()?,
        });
    }
    Ok((!request.asks.is_empty()).then_some(request))
}

/// The finding with the funder whose terms it is about, since a proposal asks several.
fn named(finding: Finding, funder: &FunderTerms) -> Finding {
    Finding {
        found: format!("{}: {}", funder.key, finding.found),
        ..finding
    }
}
