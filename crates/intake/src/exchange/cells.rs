use kernel::{Amount, Faults};

use super::grid::Row;
use crate::check::FunderTerms;
use crate::content::{Funding, Person};
use crate::identifiers::is_orcid;
use crate::partner::plausible_email;

/// The principal investigator of a partner.
pub(super) fn person(row: &Row<'_>, faults: &mut Faults) -> Person {
    let email = row.needed("email", faults);
    if !email.is_empty() && !plausible_email(email) {
        let detail =
            format_args!("'{email}' is no e-mail address; give one such as name@example.org");
        row.fault("email", "email_implausible", detail, faults);
    }
    let orcid = row.filled("orcid");
    if let Some(orcid) = orcid.as_deref().filter(|orcid| !is_orcid(orcid)) {
        let detail = format_args!(
            "'{orcid}' is no ORCID iD (its check digit does not fit); copy it from orcid.org, or leave it out"
        );
        row.fault("orcid", "orcid_wrong", detail, faults);
    }
    Person {
        name: row.needed("investigator", faults).to_owned(),
        email: email.to_owned(),
        orcid,
        early_career: row.yes_no("early_career", faults).unwrap_or_default(),
        career_stage: row.parsed("career_stage", "R1, R2, R3 or R4, or nothing", faults),
    }
}

/// Where the partner's money comes from.
pub(super) fn funding(row: &Row<'_>, funders: &[FunderTerms], faults: &mut Faults) -> Funding {
    let (funder, means) = (row.text("funder"), row.text("own_means"));
    match (funder.is_empty(), means.is_empty()) {
        (true, false) => Funding::Own {
            means: means.to_owned(),
        },
        (false, true) => {
            if !funders.iter().any(|known| known.key == funder) {
                let keys: Vec<&str> = funders.iter().map(|one| one.key.as_str()).collect();
                let keys = keys.join(", ");
                let detail =
                    format_args!("'{funder}' is no funder of this call; choose one of {keys}");
                row.fault("funder", "funder_unknown", detail, faults);
            }
            Funding::Funder {
                funder: funder.to_owned(),
            }
        }
        (true, true) => {
            let detail = "the partner asks no funder and brings no means; fill in the key of a funder, or own_means";
            row.fault("funder", "funder_missing", detail, faults);
            Funding::default()
        }
        (false, false) => {
            let detail =
                "the partner asks a funder and brings its own means; leave one of them out";
            row.fault("own_means", "funding_twice", detail, faults);
            Funding::default()
        }
    }
}

/// An amount of at least nothing, where one is given.
pub(super) fn amount(row: &Row<'_>, column: &str, faults: &mut Faults) -> Option<Amount> {
    let form = "an amount with at most two decimal places, such as 250000.00";
    let amount: Amount = row.parsed(column, form, faults)?;
    if amount < Amount::ZERO {
        row.fault(
            column,
            "amount_negative",
            "this is less than nothing; give zero or more",
            faults,
        );
    }
    Some(amount)
}
