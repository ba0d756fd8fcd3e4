//! A proposal that breaks no rule, for the tests to spoil; and any proposal, for the properties.

use std::collections::{BTreeMap, BTreeSet};

use call::terms::{Ceiling, CeilingScope, Condition, Consequence, EntityType, Period, Terms};
use call::{ConsortiumRules, Rules, Sector, StageRules, TextSection};
use kernel::{Amount, Country};
use proptest::bool::ANY as any_bool;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::Annex;
use crate::check::FunderTerms;
use crate::content::{CareerStage, Content, CostCategory, Funding, Partner, PartnerRole, Person};

const FUNDERS: [(&str, &str, Option<&str>); 6] = [
    ("DE-BMBF", "DE", None),
    ("FR-ANR", "FR", None),
    ("ES-ISCIII", "ES", None),
    ("ES-CAT", "ES", Some("Catalonia")),
    ("CA-CIHR", "CA", None),
    ("EG-ASRT", "EG", None),
];

/// The usual rules, with the stage below as the first.
pub(crate) fn rules() -> Rules {
    let mut rules = Rules::default_two_stage();
    rules.stages[0] = stage();
    rules
}

/// At most 250 characters of work, which are required, and 10 of remarks, which are not.
pub(crate) fn stage() -> StageRules {
    let text = |key: &str, max_characters, required| TextSection {
        max_characters: Some(max_characters),
        required,
        ..TextSection::required(key, &key.to_uppercase())
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
            terms: Terms {
                ceilings: vec![ceiling(CeilingScope::Partner, 30_000_000)],
                ..Terms::default()
            },
        })
        .collect()
}

/// A limit that cuts what is paid.
pub(crate) fn ceiling(scope: CeilingScope, cents: i64) -> Ceiling {
    Ceiling {
        scope,
        max: Some(Amount(cents)),
        min: None,
        per: Period::Total,
        months_max: None,
        when: Condition::default(),
        consequence: Consequence::Cut,
        source: None,
    }
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
        department: None,
        ror: Some("03yrm5c26".into()),
        country: funder[..2].parse().ok(),
        region: None,
        sector: None,
        entity: None,
        modules: BTreeSet::new(),
        cofunded: None,
        principal_investigator: Person {
            name: format!("Person {number}"),
            email: format!("pi{number}@example.org"),
            ..Person::default()
        },
        funding: Funding::Funder {
            funder: funder.into(),
        },
        budget: [
            (CostCategory::Personnel, vec![Amount(20_000_000)]),
            (CostCategory::Travel, vec![Amount(500_000)]),
        ]
        .into(),
        own_contribution: Amount::ZERO,
    }
}

pub(crate) fn content() -> Content {
    Content {
        acronym: "PRECISE".into(),
        title: "A rehearsal".into(),
        abstract_text: "What it is about.".into(),
        keywords: vec!["genomics".into()],
        duration_months: Some(36),
        modules: BTreeSet::new(),
        answers: BTreeMap::new(),
        partners: vec![
            partner(1, "DE-BMBF"),
            partner(2, "FR-ANR"),
            partner(3, "ES-ISCIII"),
        ],
        texts: [("work".to_owned(), "What we will do.".to_owned())].into(),
        annexes: BTreeMap::new(),
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
        btree_set(".{0,4}", 0..3),
        btree_map(".{0,4}", any_bool, 0..3),
        btree_map(".{0,4}", any_annex(), 0..3),
    )
        .prop_map(
            |(words, keywords, duration_months, partners, texts, modules, answers, annexes)| {
                let (acronym, title, abstract_text) = words;
                Content {
                    acronym,
                    title,
                    abstract_text,
                    keywords,
                    duration_months,
                    modules,
                    answers,
                    partners,
                    texts,
                    annexes,
                }
            },
        )
}

fn any_annex() -> impl Strategy<Value = Annex> {
    (".{0,4}", ".{0,4}", 0u64..9, option::of(0u32..9)).prop_map(|(file, name, bytes, pages)| {
        Annex {
            file,
            name,
            bytes,
            pages,
            media_type: "application/pdf".into(),
        }
    })
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
        (
            ".{0,4}",
            option::of(".{0,4}"),
            option::of(".{0,4}"),
            option::of(".{0,4}"),
        ),
        option::of(country),
        (".{0,4}", ".{0,4}", option::of(".{0,4}"), any_bool),
        funding,
        (
            btree_map(category, vec(any_amount(), 0..3), 0..3),
            any_amount(),
        ),
        (
            option::of(Just(Sector::Private)),
            option::of(Just(EntityType::Sme)),
            btree_set(".{0,4}", 0..3),
            option::of(any_bool),
        ),
    )
        .prop_map(
            |(id, role, words, country, person, funding, budget, kinds)| {
                let (organisation, department, ror, region) = words;
                let (name, email, orcid, early_career) = person;
                let (sector, entity, modules, cofunded) = kinds;
                let (budget, own_contribution) = budget;
                Partner {
                    id: Uuid::from_u128(id),
                    role,
                    organisation,
                    department,
                    ror,
                    country: country.map(|code| code.parse::<Country>().unwrap()),
                    region,
                    sector,
                    entity,
                    modules,
                    cofunded,
                    principal_investigator: Person {
                        name,
                        email,
                        orcid,
                        early_career,
                        career_stage: early_career.then_some(CareerStage::R1),
                    },
                    funding,
                    budget,
                    own_contribution,
                }
            },
        )
}

fn any_amount() -> impl Strategy<Value = Amount> {
    (-i64::MAX..i64::MAX).prop_map(Amount)
}

fn any_role() -> impl Strategy<Value = PartnerRole> {
    prop_oneof![Just(PartnerRole::Coordinator), Just(PartnerRole::Partner)]
}
