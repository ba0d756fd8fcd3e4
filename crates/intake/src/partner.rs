//! The rules over one partner.

use std::collections::HashMap;

use kernel::Faults;
use uuid::Uuid;

use crate::check::{CheckContext, Findings};
use crate::content::{Content, Funding, Partner};
use crate::identifiers::{is_orcid, is_ror};

/// Checks each partner, and that no two are the same.
pub(crate) fn check(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    for (at, partner) in content.partners.iter().enumerate() {
        let at = format!("/partners/{at}");
        who(partner, &at, &mut found.faults);
        funding(partner, &at, context, found);
    }
    repeated(content, &mut found.faults);
}

fn who(partner: &Partner, at: &str, faults: &mut Faults) {
    let person = &partner.principal_investigator;
    let missing = [
        (
            partner.organisation.trim().is_empty(),
            "organisation",
            "organisation_missing",
            "organisation",
        ),
        (
            partner.country.is_none(),
            "country",
            "country_missing",
            "country",
        ),
        (
            person.name.trim().is_empty(),
            "principal_investigator/name",
            "name_missing",
            "principal investigator's name",
        ),
    ];
    for (is_missing, field, code, what) in missing {
        faults.require(
            !is_missing,
            format!("{at}/{field}"),
            code,
            format!("this partner's {what} is missing; give it"),
        );
    }
    faults.require(
        plausible_email(&person.email),
        format!("{at}/principal_investigator/email"),
        "email_implausible",
        format!(
            "'{}' is no e-mail address; give one such as name@example.org",
            person.email
        ),
    );
    if let Some(ror) = partner.ror.as_deref().filter(|ror| !is_ror(ror)) {
        faults.add(
            format!("{at}/ror"),
            "ror_wrong",
            format!("'{ror}' is no ROR identifier (its check digits do not fit); copy it from ror.org, or leave it out"),
        );
    }
    if let Some(orcid) = person.orcid.as_deref().filter(|orcid| !is_orcid(orcid)) {
        faults.add(
            format!("{at}/principal_investigator/orcid"),
            "orcid_wrong",
            format!("'{orcid}' is no ORCID iD (its check digit does not fit); copy it from orcid.org, or leave it out"),
        );
    }
}

/// One `@` with something before it, a domain with a dot behind it, no white space, at most 254
/// characters (RFC 5321). Whether it exists only a mail can tell.
pub(crate) fn plausible_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = domain.split('.').collect::<Vec<_>>();
    !name.is_empty()
        && text.chars().count() <= 254
        && !domain.contains('@')
        && labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty())
        && !text
            .chars()
            .any(|symbol| symbol.is_whitespace() || symbol.is_control())
}

fn funding(partner: &Partner, at: &str, context: &CheckContext<'_>, found: &mut Findings) {
    let pointer = format!("{at}/funding");
    match &partner.funding {
        Funding::Undecided {} => found.faults.add(
            pointer,
            "funder_missing",
            format!(
                "this partner has no funder; choose one of {}, or say that it brings its own means",
                context.funders_for(partner.country)
            ),
        ),
        Funding::Own { means } => {
            found.faults.require(
                !means.trim().is_empty(),
                format!("{pointer}/means"),
                "means_missing",
                "this partner brings its own means, but does not say which; describe them",
            );
        }
        Funding::Funder { funder } => {
            let Some(terms) = context.funders.iter().find(|terms| terms.key == *funder) else {
                found.faults.add(
                    format!("{pointer}/funder"),
                    "funder_unknown",
                    format!(
                        "'{funder}' is no funder of this call; choose one of {}",
                        context.funders_for(partner.country)
                    ),
                );
                return;
            };
            if let Some(country) = partner.country.filter(|country| *country != terms.country) {
                found.faults.add(
                    format!("{pointer}/funder"),
                    "funder_of_another_country",
                    format!(
                        "{} pays partners in {}, this one works in {}; choose one of {}",
                        terms.name,
                        terms.country.name(),
                        country.name(),
                        context.funders_for(Some(country))
                    ),
                );
            } else if let Some(region) = &terms.region
                && folded(partner.region.as_deref().unwrap_or_default()) != folded(region)
            {
                found.doubts.add(
                    format!("{at}/region"),
                    "funder_of_another_region",
                    format!(
                        "{} pays partners in {region}, this one names '{}'; correct the region, or ask \
                         the funder whether it would pay",
                        terms.name,
                        partner.region.as_deref().unwrap_or_default()
                    ),
                );
            }
        }
    }
}

/// Names and addresses are compared without regard to case and to white space around them.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Faults at the later of two partners that share an id or a principal investigator. One walk over the
/// list, since a client may send a very long one.
fn repeated(content: &Content, faults: &mut Faults) {
    let mut ids: HashMap<Uuid, usize> = HashMap::new();
    let mut people: HashMap<(&str, String), usize> = HashMap::new();
    for (at, partner) in content.partners.iter().enumerate() {
        let first = *ids.entry(partner.id).or_insert(at);
        faults.require(
            first == at,
            format!("/partners/{at}/id"),
            "partner_id_repeated",
            format!(
                "partner {first} has the id {} already; give each its own",
                partner.id
            ),
        );
        let mut shared = None;
        for (what, mark) in marks(partner) {
            let first = *people.entry((what, mark)).or_insert(at);
            shared = shared.or((first != at).then_some((what, first)));
        }
        if let Some((what, first)) = shared {
            faults.add(
                format!("/partners/{at}/principal_investigator"),
                "principal_investigator_repeated",
                format!(
                    "the principal investigator has the {what} of partner {first}'s; one person \
                     leads one partner: join the two, or name somebody else"
                ),
            );
        }
    }
}

/// What tells one principal investigator from another. A name alone does not: many people share one.
fn marks(partner: &Partner) -> Vec<(&'static str, String)> {
    let person = &partner.principal_investigator;
    let mut marks = Vec::new();
    if let Some(orcid) = &person.orcid {
        let bare = orcid.strip_prefix("https://orcid.org/").unwrap_or(orcid);
        marks.push(("ORCID iD", folded(bare)));
    }
    if !person.email.trim().is_empty() {
        marks.push(("e-mail address", folded(&person.email)));
    }
    if !person.name.trim().is_empty() && !partner.organisation.trim().is_empty() {
        let both = format!(
            "{}\n{}",
            folded(&person.name),
            folded(&partner.organisation)
        );
        marks.push(("name and organisation", both));
    }
    marks
}
