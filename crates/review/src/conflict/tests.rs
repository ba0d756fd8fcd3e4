use super::*;
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
    }
}

fn expert() -> ExpertFacts {
    ExpertFacts {
        person: person(
            "Zoë Müller",
            "zoe.muller@uni-nord.example",
            "0000-0002-1825-0097",
        ),
        organisation: place("Universität Nord", "https://ror.org/00x0x0x00"),
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
        organisations: vec![],
        applicants: vec![],
    })
}

fn with_place(somewhere: Organisation) -> Vec<ConflictKind> {
    kinds(ProposalFacts {
        people: vec![],
        organisations: vec![somewhere],
        applicants: vec![],
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
        people: vec![],
        organisations: vec![],
        applicants: vec![expert().person],
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
        organisations: vec![],
        applicants: vec![],
    };
    assert_eq!(detect(&expert, &proposal), []);
}

#[test]
fn missing_facts_agree_with_nothing() {
    let nobody = ExpertFacts {
        person: person("", "", ""),
        organisation: place("", ""),
    };
    let proposal = ProposalFacts {
        people: vec![person("", "", "")],
        organisations: vec![place("", "")],
        applicants: vec![person("", "", "")],
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
        [Applicant, PersonListed, SameInstitution, Declared]
    );
}
