use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;
use rstest::rstest;
use strum::IntoEnumIterator;

fn person(name: &str, email: &str, orcid: &str) -> Person {
    let orcid = (!orcid.is_empty()).then(|| orcid.to_owned());
    Person {
        name: name.into(),
        email: email.into(),
        orcid,
    }
}

fn place(name: &str, ror: &str) -> Organisation {
    let ror = (!ror.is_empty()).then(|| ror.to_owned());
    Organisation {
        name: name.into(),
        ror,
        department: String::new(),
    }
}

fn expert() -> ExpertFacts {
    ExpertFacts {
        person: person(
            "Zoë Müller",
            "zoe.muller@uni-nord.example",
            "0000-0002-1825-0097",
        ),
        organisations: vec![place("Universität Nord", "https://ror.org/00x0x0x00")],
        companions: vec![],
    }
}

fn kinds(proposal: ProposalFacts) -> Vec<ConflictKind> {
    detect(&expert(), &proposal)
        .into_iter()
        .map(|c| c.kind)
        .collect()
}

fn with_person(someone: Person) -> Vec<ConflictKind> {
    kinds(ProposalFacts {
        people: vec![someone],
        ..ProposalFacts::default()
    })
}

fn with_place(somewhere: Organisation) -> Vec<ConflictKind> {
    kinds(ProposalFacts {
        organisations: vec![somewhere],
        ..ProposalFacts::default()
    })
}

#[rstest]
#[case(
    "A. Other",
    "a@elsewhere.example",
    "https://orcid.org/0000-0002-1825-0097"
)]
#[case("A. Other", " Zoe.Muller@Uni-Nord.Example ", "")]
fn an_orcid_or_an_address_is_the_person(#[case] n: &str, #[case] e: &str, #[case] o: &str) {
    assert!(with_person(person(n, e, o)).contains(&ConflictKind::PersonListed));
}

#[rstest]
#[case("Müller, Zoe")]
#[case("Prof. Dr. ZOË  MULLER")]
fn a_name_alone_is_only_possible(#[case] name: &str) {
    let found = with_person(person(name, "z@elsewhere.example", ""));
    assert_eq!(found, [ConflictKind::SameName]);
    assert_eq!(found[0].certainty(), Certainty::Possible);
}

#[test]
fn two_orcids_are_two_people_of_one_name() {
    let namesake = person("Zoë Müller", "z@elsewhere.example", "0000-0001-0000-0000");
    assert_eq!(with_person(namesake), []);
}

#[test]
fn an_applicant_of_another_proposal_is_an_applicant_of_the_call() {
    let found = kinds(ProposalFacts {
        applicants: vec![expert().person],
        ..ProposalFacts::default()
    });
    assert_eq!(found, [ConflictKind::Applicant]);
}

#[rstest]
#[case("Anything", "00X0x0x00", &[ConflictKind::SameInstitution])]
#[case("UNIVERSITAT  NORD", "", &[ConflictKind::SameInstitution])]
#[case("Universität Nord", "00y0y0y00", &[])]
#[case("Klinikum der Universität Nord", "", &[ConflictKind::ParentOrganisation])]
#[case("Klinikum der Universität Nord", "00y0y0y00", &[ConflictKind::ParentOrganisation])]
#[case("Universität Nordhausen", "", &[])]
#[case("Nord", "", &[])]
#[case("", "", &[])]
fn institutions(#[case] name: &str, #[case] ror: &str, #[case] expected: &[ConflictKind]) {
    assert_eq!(with_place(place(name, ror)), expected);
}

#[rstest]
#[case("b@uni-nord.example", true)]
#[case("b@med.uni-nord.example", true)]
#[case("b@not-uni-nord.example", false)]
#[case("b@example", false)]
#[case("", false)]
fn domains(#[case] email: &str, #[case] met: bool) {
    let found = with_person(person("B. Other", email, ""));
    assert_eq!(
        found,
        if met {
            vec![ConflictKind::EmailDomain]
        } else {
            vec![]
        }
    );
}

#[test]
fn a_public_mail_host_says_nothing() {
    let expert = ExpertFacts {
        person: person("A", "a@gmail.com", ""),
        ..expert()
    };
    let people = vec![person("B", "b@gmail.com", "")];
    let proposal = ProposalFacts {
        people,
        ..ProposalFacts::default()
    };
    assert_eq!(detect(&expert, &proposal), []);
}

#[test]
fn missing_facts_agree_with_nothing() {
    let nobody = ExpertFacts {
        person: person("", "", ""),
        organisations: vec![place("", "")],
        companions: vec![],
    };
    let proposal = ProposalFacts {
        people: vec![person("", "", "")],
        organisations: vec![place("", "")],
        applicants: vec![person("", "", "")],
        named: vec![Named::default()],
    };
    assert_eq!(detect(&nobody, &proposal), []);
}

#[test]
fn what_people_declare_is_certain_and_what_names_suggest_is_not() {
    let certain: Vec<_> = ConflictKind::iter()
        .filter(|k| k.certainty() == Certainty::Certain)
        .collect();
    use ConflictKind::*;
    assert_eq!(
        certain,
        [
            Applicant,
            PersonListed,
            SameInstitution,
            Declared,
            NamedByApplicants
        ]
    );
}

#[rstest]
#[case("Oncology", "ONCOLOGY", ConflictKind::SameInstitution)]
#[case("Oncology", "", ConflictKind::SameInstitution)]
#[case("", "Law", ConflictKind::SameInstitution)]
#[case("Oncology", "Law", ConflictKind::ParentOrganisation)]
fn departments(#[case] mine: &str, #[case] theirs: &str, #[case] kind: ConflictKind) {
    let at = |department: &str| Organisation {
        department: department.to_owned(),
        ..place("Universität Nord", "00x0x0x00")
    };
    let expert = ExpertFacts {
        organisations: vec![place("Institute Elsewhere", ""), at(mine)],
        ..expert()
    };
    let proposal = ProposalFacts {
        organisations: vec![at(theirs)],
        ..ProposalFacts::default()
    };
    let found: Vec<_> = find(&expert, &proposal)
        .into_iter()
        .map(|c| c.kind)
        .collect();
    assert_eq!(found, [kind]);
}

#[rstest]
#[case("Z. Müller", "", "", ConflictKind::SameName)]
#[case("Z. Müller", "", "Universität Nord", ConflictKind::NamedByApplicants)]
#[case("Z. Müller", "", "Universität Süd", ConflictKind::SameName)]
#[case(
    "Whoever",
    "zoe.muller@uni-nord.example",
    "",
    ConflictKind::NamedByApplicants
)]
fn whom_the_applicants_name(
    #[case] name: &str,
    #[case] email: &str,
    #[case] organisation: &str,
    #[case] kind: ConflictKind,
) {
    let proposal = ProposalFacts {
        named: vec![Named {
            person: person(name, email, ""),
            organisation: place(organisation, ""),
        }],
        ..ProposalFacts::default()
    };
    assert_eq!(kinds(proposal), [kind]);
}

fn with_companion(title: &str, year: i32) -> (ExpertFacts, ProposalFacts) {
    let works = Works::new(
        vec![Work {
            kind: WorkKind::Proposal,
            title: title.to_owned(),
            year,
            people: vec![person("Z. Müller", "", ""), person("B. Other", "", "")],
        }],
        &call::ConflictRules::default(),
        2026,
    );
    let expert = ExpertFacts {
        companions: works.companions(&expert().person),
        ..expert()
    };
    let proposal = ProposalFacts {
        people: vec![person("Bea Other", "b@elsewhere.example", "")],
        ..ProposalFacts::default()
    };
    (expert, proposal)
}

#[test]
fn a_dismissed_alarm_does_not_return_and_a_new_fact_asks_again() {
    let (expert, proposal) = with_companion("P-001", 2024);
    let found = find(&expert, &proposal);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, ConflictKind::JointProposal);
    let standing = |found: Vec<Conflict>, decided: &BTreeMap<Key, Verdict>| -> Vec<Standing> {
        let settled = settle(&expert.person, found, decided);
        settled.into_iter().map(|one| one.standing).collect()
    };
    let mut decided = BTreeMap::new();
    assert_eq!(standing(found.clone(), &decided), [Standing::Waits]);
    let key = Key::of(&expert.person, &found[0]);
    let verdict = |stands| Verdict {
        stands,
        because: "known".to_owned(),
    };
    decided.insert(key.clone(), verdict(false));
    assert_eq!(
        standing(find(&expert, &proposal), &decided),
        [Standing::Dismissed]
    );
    let (later, _) = with_companion("P-017", 2025);
    assert_eq!(
        standing(find(&later, &proposal), &decided),
        [Standing::Waits]
    );
    decided.insert(key, verdict(true));
    assert_eq!(standing(found, &decided), [Standing::Stands]);
}

#[test]
fn a_false_alarm_of_other_calls_is_one_that_nobody_upheld() {
    let (expert, proposal) = with_companion("P-001", 2024);
    let (later, _) = with_companion("P-017", 2025);
    let key = |facts: &ExpertFacts| Key::of(&facts.person, &find(facts, &proposal)[0]);
    let past = |key: Key, stands, id| Past {
        key,
        stands,
        conflict: uuid::Uuid::from_u128(id),
    };
    let (one, other) = (key(&expert), key(&later));
    let known = [
        past(one.clone(), false, 3),
        past(other.clone(), false, 2),
        past(one.clone(), false, 1),
    ];
    let found = false_alarms(&known);
    assert_eq!(found[&one], uuid::Uuid::from_u128(3));
    assert_eq!(found.len(), 2);
    let found = false_alarms(&[&known[..], &[past(one, true, 0)]].concat());
    assert_eq!(found.into_keys().collect::<Vec<_>>(), [other]);
}

#[test]
fn a_verdict_on_two_departments_says_nothing_of_a_third() {
    let at = |department: &str| Organisation {
        department: department.to_owned(),
        ..place("Universität Nord", "00x0x0x00")
    };
    let about = |mine: &str| {
        let expert = ExpertFacts {
            organisations: vec![at(mine)],
            ..expert()
        };
        let proposal = ProposalFacts {
            organisations: vec![at("Oncology")],
            ..ProposalFacts::default()
        };
        find(&expert, &proposal)[0].about.clone()
    };
    assert_eq!(about("Law"), about(" LAW"));
    assert_ne!(about("Law"), about("Cell biology"));
}

#[test]
fn no_verdict_lifts_a_certain_conflict() {
    let proposal = ProposalFacts {
        organisations: vec![place("Universität Nord", "")],
        ..ProposalFacts::default()
    };
    let expert = expert();
    let found = find(&expert, &proposal);
    let key = Key::of(&expert.person, &found[0]);
    let verdict = Verdict {
        stands: false,
        because: "We like each other.".to_owned(),
    };
    let settled = settle(&expert.person, found, &[(key, verdict)].into());
    assert_eq!(settled[0].standing, Standing::Stands);
    assert_eq!(settled[0].because, None);
}

#[test]
fn a_second_fact_of_a_kind_is_not_hidden_by_the_first() {
    let people = vec![
        person("B. Other", "b@uni-nord.example", ""),
        person("C. Another", "c@uni-nord.example", ""),
    ];
    let proposal = ProposalFacts {
        people,
        ..ProposalFacts::default()
    };
    assert_eq!(find(&expert(), &proposal).len(), 2);
    assert_eq!(detect(&expert(), &proposal).len(), 1);
}

fn some_person() -> impl Strategy<Value = Person> {
    ("[AB]. [XY]", 0..5_u8, proptest::option::of(0..3_u8)).prop_map(|(name, mail, orcid)| Person {
        name,
        email: match mail {
            0 => String::new(),
            1 => "a@gmail.com".to_owned(),
            n => format!("{n}@uni-{}.example", n % 2),
        },
        orcid: orcid.map(|id| id.to_string()),
    })
}

fn some_place() -> impl Strategy<Value = Organisation> {
    (
        "(Uni |Klinik der Uni )[XY]",
        proptest::option::of(0..2_u8),
        "[D]?",
    )
        .prop_map(|(name, ror, department)| Organisation {
            name,
            ror: ror.map(|id| id.to_string()),
            department,
        })
}

proptest! {
    #[test]
    fn all_together_find_what_pairs_find(
        experts in proptest::collection::vec((some_person(), proptest::collection::vec(some_place(), 0..2)), 1..4),
        proposals in proptest::collection::vec(
            (proptest::collection::vec(some_person(), 0..3), proptest::collection::vec(some_place(), 0..3)), 1..4),
        shared in proptest::collection::vec(some_person(), 0..4),
    ) {
        let works = vec![Work { kind: WorkKind::Publication, title: "T".to_owned(), year: 2026, people: shared }];
        let works = Works::new(works, &call::ConflictRules::default(), 2026);
        let experts: Vec<ExpertFacts> = experts.into_iter().map(|(person, organisations)| ExpertFacts {
            companions: works.companions(&person), person, organisations,
        }).collect();
        let applicants: Vec<Person> = proposals.iter().flat_map(|(people, _)| people.clone()).collect();
        let proposals: Vec<ProposalFacts> = proposals.into_iter().map(|(people, organisations)| ProposalFacts {
            people, organisations, applicants: applicants.clone(), named: vec![],
        }).collect();
        let mut pairs = Vec::new();
        for (expert, mine) in experts.iter().enumerate() {
            for (proposal, theirs) in proposals.iter().enumerate() {
                let found = find(mine, theirs);
                let keys: std::collections::BTreeSet<Key> =
                    found.iter().map(|one| Key::of(&mine.person, one)).collect();
                prop_assert_eq!(keys.len(), found.len(), "each key once");
                pairs.extend(found.into_iter().map(|conflict| Found { expert, proposal, conflict }));
            }
        }
        prop_assert_eq!(find_among(&experts, &proposals, &applicants), pairs);
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(
        mine in some_person(), mut people in proptest::collection::vec(some_person(), 0..4),
    ) {
        let expert = ExpertFacts { person: mine, ..ExpertFacts::default() };
        let keys = |people: &[Person]| -> Vec<Key> {
            let proposal = ProposalFacts { people: people.to_vec(), ..ProposalFacts::default() };
            find(&expert, &proposal).iter().map(|one| Key::of(&expert.person, one)).collect()
        };
        let before = keys(&people);
        people.reverse();
        prop_assert_eq!(keys(&people), before);
    }
}
