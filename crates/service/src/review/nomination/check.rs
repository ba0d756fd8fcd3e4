//! What is wrong with nominations, each by itself and beside the call.

use std::collections::BTreeSet;

use ::review::{Affiliation, Loads, check_affiliations};
use call::{Module, Rules};
use kernel::Faults;
use kernel::identifiers::{is_orcid, is_ror};
use store::call::{self as calls, CallRow};
use store::review::expert::{self as rows, ExpertRow};
use store::review::facts;

use super::{MOST_AT_ONCE, Nomination};
use crate::{Problem, Tx};

/// The modules that can be chosen: all but those that are areas of others.
pub(super) fn choosable(modules: &[Module]) -> Vec<&str> {
    let area = |key: &str| modules.iter().any(|one| one.within.as_deref() == Some(key));
    let keys = modules.iter().map(|one| one.key.as_str());
    keys.filter(|key| !area(key)).collect()
}

pub(in crate::review) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// An ORCID iD without the address it is often written as.
fn bare(orcid: &str) -> String {
    let orcid = folded(orcid);
    orcid
        .rsplit_once("orcid.org/")
        .map_or(orcid.clone(), |(_, id)| id.to_owned())
}

/// What is wrong with each, and with all beside the call: `at` points to a field of one.
pub(super) async fn check(
    tx: &mut Tx,
    call: &CallRow,
    experts: &[Nomination],
    all: &str,
    at: &(impl Fn(usize, &str) -> String + Sync),
) -> Result<(), Problem> {
    let mut faults = Faults::default();
    faults.require(
        (1..=MOST_AT_ONCE).contains(&experts.len()),
        all,
        "count",
        format!("nominate 1 to {MOST_AT_ONCE} experts at once"),
    );
    let known = rows::of_call(tx.conn(), call.id).await?;
    let mut around = Around::of(tx, call, &known).await?;
    for (index, one) in experts.iter().enumerate() {
        around.check(one, &|field: &str| at(index, field), &mut faults);
    }
    Ok(faults.or(())?)
}

/// What an expert of a call is held against: its modules, who applies in it, and who its other experts are.
pub(in crate::review) struct Around {
    rules: Rules,
    stages: Vec<i32>,
    applicants: BTreeSet<String>,
    applying_orcids: BTreeSet<String>,
    emails: BTreeSet<String>,
    orcids: BTreeSet<String>,
}

impl Around {
    /// What an expert of the call is held against beside these other ones.
    pub(in crate::review) async fn of(
        tx: &mut Tx,
        call: &CallRow,
        others: &[ExpertRow],
    ) -> Result<Around, Problem> {
        let (mut emails, mut orcids) = (BTreeSet::new(), BTreeSet::new());
        for row in others {
            emails.insert(folded(&row.email));
            orcids.extend(row.orcid.as_deref().map(bare));
        }
        let applicants = facts::applicants(tx.conn(), call.id).await?;
        let stages = calls::stages(tx.conn(), call.id).await?;
        Ok(Around {
            rules: call.rules()?,
            stages: stages.iter().map(|stage| stage.number).collect(),
            applying_orcids: applicants
                .iter()
                .filter_map(|one| one.orcid.as_deref().map(bare))
                .collect(),
            // An address that nobody confirmed is left empty, and says nothing.
            applicants: applicants
                .iter()
                .map(|one| folded(&one.email))
                .filter(|email| !email.is_empty())
                .collect(),
            emails,
            orcids,
        })
    }

    /// Somebody who accepted is on record as who it is, even where it turns out that the person applies: the search for
    /// conflicts keeps the person from all proposals then, and a record that is wrong would not.
    pub(in crate::review) fn admit_applicants(&mut self) {
        self.applicants.clear();
        self.applying_orcids.clear();
    }

    /// What is wrong with one; from then on it is one of the others.
    pub(in crate::review) fn check(
        &mut self,
        one: &Nomination,
        at: &impl Fn(&str) -> String,
        faults: &mut Faults,
    ) {
        check_one(one, (&self.rules, &self.stages), at, faults);
        faults.require(
            self.emails.insert(folded(&one.email)),
            at("email"),
            "taken",
            "an expert of this call has this address already; leave one of them out",
        );
        let refused = "this person applies in the call, and no applicant sits on its panel; \
                       nominate somebody else";
        faults.require(
            !self.applicants.contains(&folded(&one.email)),
            at("email"),
            "applicant",
            refused,
        );
        let orcid = one.orcid.as_deref().map(bare);
        let applies = orcid.as_ref();
        let applies = applies.is_some_and(|orcid| self.applying_orcids.contains(orcid));
        faults.require(!applies, at("orcid"), "applicant", refused);
        // The same person twice would review under two names, and a conflict of one would not bind the other.
        faults.require(
            orcid.is_none_or(|orcid| self.orcids.insert(orcid)),
            at("orcid"),
            "taken",
            "an expert of this call has this ORCID iD already; leave one of them out",
        );
    }
}

/// What is wrong with one, whatever the call knows already.
fn check_one(
    one: &Nomination,
    (rules, stages): (&Rules, &[i32]),
    at: &impl Fn(&str) -> String,
    faults: &mut Faults,
) {
    for (field, text) in [("name", &one.name), ("organisation", &one.organisation)] {
        faults.require(
            !text.trim().is_empty(),
            at(field),
            "required",
            "give at least one character",
        );
    }
    let plausible = one
        .email
        .trim()
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    faults.require(
        plausible,
        at("email"),
        "email_implausible",
        "give an e-mail address such as name@example.org",
    );
    faults.require(
        one.orcid.as_deref().is_none_or(is_orcid),
        at("orcid"),
        "orcid",
        "it is no ORCID iD; copy it whole, such as 0000-0002-1825-0097, or leave it out",
    );
    faults.require(
        one.ror.as_deref().is_none_or(is_ror),
        at("ror"),
        "ror",
        "it is no ROR id; copy it from ror.org, such as 03yrm5c26, or leave it out",
    );
    check_places_and_languages(&one.affiliations, &one.languages, at, faults);
    let modules = choosable(&rules.modules);
    let unknown = one
        .modules
        .iter()
        .find(|key| !modules.contains(&key.as_str()));
    if let Some(unknown) = unknown {
        faults.add(
            at("modules"),
            "module_unknown",
            format!("the call has no module '{unknown}' to choose; take it out"),
        );
    }
    let loads = Loads {
        max_load: one.max_load,
        stage_loads: one.stage_loads.clone(),
    };
    loads.check(stages, at, faults);
}

/// What is wrong with other and former places of work, and with languages.
pub(in crate::review) fn check_places_and_languages(
    places: &[Affiliation],
    languages: &[String],
    at: &impl Fn(&str) -> String,
    faults: &mut Faults,
) {
    check_affiliations(&at("affiliations"), places, faults);
    let two_letters =
        |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    faults.require(
        languages.iter().all(two_letters),
        at("languages"),
        "language",
        "give each language by its two letters of ISO 639-1, such as en",
    );
}
