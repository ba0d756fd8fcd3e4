use std::collections::HashSet;

use kernel::identifiers::{bare, is_ror};
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::table;

/// An organisation, whatever it does in a call: a ministry, an agency, a council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Stable short key: country code, hyphen, short name, such as `DE-BMBF`.
    pub key: String,
    /// Its country; the European Commission has none.
    pub country: Option<Country>,
    /// English name.
    pub name: String,
    /// Name in its own language.
    pub native_name: Option<String>,
    /// Short name in use.
    pub acronym: Option<String>,
    /// Region it acts for, where it is not the whole country.
    pub region: Option<String>,
    /// ROR id, without `https://ror.org/`.
    pub ror: Option<String>,
}

/// A ROR id as an organisation keeps it, without the address before it; an empty one is none.
///
/// Faults: check digits that do not fit, at `pointer`.
pub fn kept_ror(pointer: &str, given: Option<&str>, faults: &mut Faults) -> Option<String> {
    let given = given.map(str::trim).filter(|given| !given.is_empty())?;
    faults.require(
        is_ror(given),
        pointer,
        "ror",
        "it is no ROR id; copy it from ror.org, such as 03yrm5c26, or leave it out",
    );
    Some(bare(given).to_owned())
}

/// How an organisation belongs to ICPerMed. Not the same as funding a call.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Membership {
    /// Member.
    Member,
    /// Member for a region.
    RegionalMember,
    /// Has observer status (not the independent observer of a call).
    ObserverStatus,
}

/// An organisation of a membership list, with its membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOrganisation {
    /// The organisation.
    pub organisation: Organisation,
    /// Its membership by that list.
    pub membership: Membership,
}

/// How many organisations of each membership a list is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipExpectation {
    /// Members.
    pub member: usize,
    /// Regional members.
    pub regional_member: usize,
    /// With observer status.
    pub observer_status: usize,
}

impl MembershipExpectation {
    /// The annex of the ICPerMed Action Plan, March 2017.
    pub const ICPERMED_2017: Self = Self {
        member: 29,
        regional_member: 3,
        observer_status: 4,
    };
}

const COLUMNS: [&str; 8] = [
    "key",
    "country_code",
    "country",
    "organisation",
    "native_name",
    "acronym",
    "acronym_source",
    "membership",
];

/// Reads a membership list from CSV with the columns `key`, `country_code` (`EU` for the European
/// Commission), `country` (for the reader; the code decides), `organisation`, `native_name`,
/// `acronym`, `acronym_source` (`annex` or `added`), `membership` and, where it has them, `region` and `ror`.
///
/// Faults: all of the file at once, each at its line, and counts other than expected.
pub fn parse_organisations(
    csv_text: &str,
    expected: &MembershipExpectation,
) -> Result<Vec<ListedOrganisation>, Faults> {
    let mut faults = Faults::default();
    let (mut keys, mut rors) = (HashSet::new(), HashSet::new());
    let mut listed = Vec::new();
    for line in table::read(csv_text, &COLUMNS, &["region", "ror"], &mut faults) {
        let key = line.required("key", &mut faults);
        let code = line.required("country_code", &mut faults);
        let name = line.required("organisation", &mut faults);
        faults.require(
            key.is_empty() || keys.insert(key.clone()),
            line.pointer("key"),
            "key_twice",
            format!("{key} stands in an earlier line; each organisation has its own key"),
        );
        faults.require(
            key.is_empty()
                || key
                    .strip_prefix(&code)
                    .is_some_and(|rest| rest.starts_with('-')),
            line.pointer("key"),
            "key_country",
            format!("'{key}' must begin with its country code and a hyphen: '{code}-'"),
        );
        let country = match code.as_str() {
            "EU" | "" => None,
            code => code
                .parse::<Country>()
                .map_err(|error| {
                    faults.add(line.pointer("country_code"), "country", error.to_string());
                })
                .ok(),
        };
        let acronym = line.filled("acronym");
        let source = line.cell("acronym_source");
        faults.require(
            if acronym.is_some() {
                ["annex", "added"].contains(&source)
            } else {
                source.is_empty()
            },
            line.pointer("acronym_source"),
            "acronym_source",
            "an acronym comes from the 'annex' or was 'added'; without an acronym leave it empty",
        );
        let ror = line.filled("ror");
        let ror = kept_ror(&line.pointer("ror"), ror.as_deref(), &mut faults);
        faults.require(
            ror.as_ref().is_none_or(|ror| rors.insert(ror.clone())),
            line.pointer("ror"),
            "ror_twice",
            "the ROR id stands in an earlier line; each organisation has its own",
        );
        let word = line.required("membership", &mut faults);
        let Ok(membership) = word.replace(' ', "_").parse() else {
            faults.require(
                word.is_empty(),
                line.pointer("membership"),
                "value_unknown",
                format!("'{word}' is not known; write member, regional member or observer status"),
            );
            continue;
        };
        let organisation = Organisation {
            key,
            country,
            name,
            native_name: line.filled("native_name"),
            acronym,
            region: line.filled("region"),
            ror,
        };
        listed.push(ListedOrganisation {
            organisation,
            membership,
        });
    }
    if faults.is_empty() {
        check_counts(&listed, expected, &mut faults);
    }
    faults.or(listed)
}

fn check_counts(
    listed: &[ListedOrganisation],
    expected: &MembershipExpectation,
    faults: &mut Faults,
) {
    for (membership, expected) in [
        (Membership::Member, expected.member),
        (Membership::RegionalMember, expected.regional_member),
        (Membership::ObserverStatus, expected.observer_status),
    ] {
        let found = listed
            .iter()
            .filter(|one| one.membership == membership)
            .count();
        faults.require(
            found == expected,
            "/lines",
            "count",
            format!("{found} lines say {membership}, {expected} are expected; complete the list"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "key,country_code,country,organisation,native_name,acronym,acronym_source,membership,region\n";

    #[test]
    fn reads_a_list_and_checks_its_counts() {
        let text = HEADING.to_owned()
            + "FI-AKA,FI,Finland,Academy of Finland,Suomen Akatemia,AKA,added,member,\n"
            + "EU-EC,EU,European Commission,European Commission,,EC,added,observer status,\n"
            + "IT-FRRB,IT,Italy,Foundation for Biomedical Research,,FRRB,added,regional member,Lombardy\n";
        let expected = MembershipExpectation {
            member: 1,
            regional_member: 1,
            observer_status: 1,
        };
        let list = parse_organisations(&text, &expected).unwrap();
        assert_eq!(
            list[0].organisation.native_name.as_deref(),
            Some("Suomen Akatemia")
        );
        assert_eq!(list[1].organisation.country, None);
        assert_eq!(list[2].organisation.region.as_deref(), Some("Lombardy"));
        assert_eq!(
            list[2].organisation.ror, None,
            "the list need not have the column"
        );
        let faults = parse_organisations(&text, &MembershipExpectation::ICPERMED_2017).unwrap_err();
        assert_eq!(faults.0.len(), 3);
    }

    #[test]
    fn a_list_may_have_ror_ids() {
        let line = |key: &str, ror: &str| format!("{key},FI,Finland,Name,,,,member,,{ror}\n");
        let read = |lines: &[String]| {
            let text = HEADING.trim_end().to_owned() + ",ror\n" + &lines.concat();
            let expected = MembershipExpectation {
                member: lines.len(),
                regional_member: 0,
                observer_status: 0,
            };
            parse_organisations(&text, &expected)
        };
        let list = read(&[line("FI-A", "https://ror.org/05dxps055"), line("FI-B", "")]);
        let list = list.unwrap();
        assert_eq!(list[0].organisation.ror.as_deref(), Some("05dxps055"));
        assert_eq!(list[1].organisation.ror, None);
        let wrong = read(&[
            line("FI-A", "05dxps055"),
            line("FI-B", "https://ror.org/05dxps055"),
            line("FI-C", "05dxps056"),
        ]);
        let wrong = wrong.unwrap_err();
        let places: Vec<(&str, &str)> = wrong
            .0
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            places,
            [("/lines/3/ror", "ror_twice"), ("/lines/4/ror", "ror")]
        );
    }

    #[test]
    fn names_every_fault_with_its_line() {
        let text = HEADING.to_owned()
            + "FI-AKA,FI,Finland,Academy of Finland,,AKA,,member,\n"
            + "FI-AKA,DE,Germany,,,,,guest,\n"
            + "XX-Y,XX,Nowhere,Name,,,,member,\n";
        let expected = MembershipExpectation {
            member: 1,
            regional_member: 1,
            observer_status: 1,
        };
        let faults = parse_organisations(&text, &expected).unwrap_err();
        let places: Vec<(&str, &str)> = faults
            .0
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                ("/lines/2/acronym_source", "acronym_source"),
                ("/lines/3/organisation", "required"),
                ("/lines/3/key", "key_twice"),
                ("/lines/3/key", "key_country"),
                ("/lines/3/membership", "value_unknown"),
                ("/lines/4/country_code", "country"),
            ]
        );
    }
}
