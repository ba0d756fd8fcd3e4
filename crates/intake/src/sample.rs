//! A proposal that breaks no rule, for the tests to spoil; and any proposal, for the properties.

use std::collections::BTreeMap;

use call::{ConsortiumRules, Rules, StageRules, TextSection};
use kernel::{Amount, Country};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::check::FunderTerms;
use crate::content::{Content, CostCategory, Funding, Partner, PartnerRole, Person};

const FUNDERS: [(&str, &str, Option<&str>); 6] = [
    ("DE-BMBF", "DE", None),
    ("FR-ANR", "FR", None),
    ("ES-ISCIII", "ES", None),
    ("ES-CAT", "ES", Some("Catalonia")),
    ("CA-CIHR", "CA", None),
    ("EG-ASRT", "EG", None),
];

/// At most 250 characters of work, which are required, and 10 of remarks, which are not.
pub(crate) fn stage() -> StageRules {
    let text = |key: &str, max_characters, required| TextSection {
        key: key.into(),
        title: key.to_uppercase(),
        max_characters,
        required,
    };
    let mut stage = Rules::default_two_stage().stages.remove(0);
    stage.texts = vec![text("work", 250, true), text("remarks", 10, false)];
    stage.consortium = consortium_rules();
    stage
}

pub(crate) fn consortium_rules() -> ConsortiumRules {
    ConsortiumRules::default()
}

pub(crate) fn funders() -> Vec<FunderTerms> {
    FUNDERS
        .into_iter()
        .map(|(key, code, region)| FunderTerms {
            key: key.into(),
            name: format!("Funder {key}"),
            country: code.parse().unwrap(),
            region: region.map(str::to_owned),
            max_per_partner: Some(Amount(30_000_000)),
        })
        .collect()
}

pub(crate) fn partner(number: u128, funder: &str) -> Partner {
    Partner {
        id: Uuid::from_u128(number),
        role: if number == 1 {
            PartnerRole::Coordinator
        } else {
            PartnerRole::Partner
        },
        organisation: format!("University {number}"),
        ror: Some("03yrm5c26".into()),
        country: funder[..2].parse().ok(),
        region: None,
        principal_investigator: Person {
            name: format!("Person {number}"),
            email: format!("pi{number}@example.org"),
            orcid: None,
        },
        funding: Funding::Funder {
            funder: funder.into(),
        },
        budget: [
            (CostCategory::Personnel, Amount(20_000_000)),
            (CostCategory::Travel, Amount(500_000)),
        ]
        .into(),
    }
}

pub(crate) fn content() -> Content {
    Content {
        acronym: "PRECISE".into(),
        title: "A rehearsal".into(),
        abstract_text: "What it is about.".into(),
        keywords: vec!["genomics".into()],
        duration_months: Some(36),
        partners: vec![
            partner(1, "DE-BMBF"),
            partner(2, "FR-ANR"),
            partner(3, "ES-ISCIII"),
        ],
        texts: [("work".to_owned(), "What we will do.".to_owned())].into(),
    }
}

/// Any content at all, drafts and nonsense included.
pub(crate) fn any() -> impl Strategy<Value = Content> {
    (
        (".{0,6}", ".{0,6}", ".{0,6}"),
        vec(".{0,4}", 0..3),
        option::of(any_u16()),
        vec(any_partner(), 0..3),
        btree_map(".{0,4}", ".{0,6}", 0..3),
    )
        .prop_map(
            |((acronym, title, abstract_text), keywords, duration_months, partners, texts)| {
                Content {
                    acronym,
                    title,
                    abstract_text,
                    keywords,
                    duration_months,
                    partners,
                    texts,
                }
            },
        )
}

fn any_u16() -> impl Strategy<Value = u16> {
    0..=u16::MAX
}

fn any_partner() -> impl Strategy<Value = Partner> {
    let funding = prop_oneof![
        ".{0,4}".prop_map(|funder| Funding::Funder { funder }),
        ".{0,4}".prop_map(|means| Funding::Own { means }),
        Just(Funding::Undecided {}),
    ];
    let category = proptest::sample::select(vec![
        CostCategory::Personnel,
        CostCategory::OtherDirect,
        CostCategory::Overheads,
    ]);
    let country = proptest::sample::select(vec!["DE", "FR", "EG"]);
    (
        0u128..4,
        any_role(),
        (".{0,4}", option::of(".{0,4}"), option::of(".{0,4}")),
        option::of(country),
        (".{0,4}", ".{0,4}", option::of(".{0,4}")),
        funding,
        btree_map(category, -i64::MAX..i64::MAX, 0..3),
    )
        .prop_map(
            |(id, role, (organisation, ror, region), country, person, funding, budget)| {
                let (name, email, orcid) = person;
                Partner {
                    id: Uuid::from_u128(id),
                    role,
                    organisation,
                    ror,
                    country: country.map(|code| code.parse::<Country>().unwrap()),
                    region,
                    principal_investigator: Person { name, email, orcid },
                    funding,
                    budget: budget
                        .into_iter()
                        .map(|(k, v)| (k, Amount(v)))
                        .collect::<BTreeMap<_, _>>(),
                }
            },
        )
}

fn any_role() -> impl Strategy<Value = PartnerRole> {
    prop_oneof![Just(PartnerRole::Coordinator), Just(PartnerRole::Partner)]
}
