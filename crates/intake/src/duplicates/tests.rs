use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::content::{PartnerRole, Person};
use crate::sample;

fn person(name: &str, email: &str, orcid: Option<&str>) -> Person {
    Person {
        name: name.into(),
        email: email.into(),
        orcid: orcid.map(str::to_owned),
        ..Person::default()
    }
}

/// A proposal of a title, with these people, of whom the first coordinates.
fn proposal(title: &str, people: &[Person]) -> Content {
    let mut content = sample::content();
    content.title = title.into();
    content.acronym = title.into();
    content.partners = (0..)
        .zip(people)
        .map(|(at, person)| {
            let mut partner = sample::partner(at, "DE-BMBF");
            partner.role = match at {
                0 => PartnerRole::Coordinator,
                _ => PartnerRole::Partner,
            };
            partner.principal_investigator = person.clone();
            partner
        })
        .collect();
    content
}

fn look(contents: &[Content], at_most: Option<u32>) -> Vec<Likenesses> {
    let numbers: Vec<String> = (1..=contents.len()).map(|at| format!("P-{at}")).collect();
    let among: Vec<_> = (1..)
        .zip(contents.iter().zip(&numbers))
        .map(|(id, (content, number))| Candidate {
            id: Uuid::from_u128(id),
            number,
            content,
        })
        .collect();
    likenesses(&among, at_most)
}

fn kinds(found: &[Likenesses]) -> Vec<(Likeness, Vec<&str>)> {
    let told = found.iter().map(|one| {
        let numbers = one.proposals.iter().map(|one| one.number.as_str());
        (one.likeness, numbers.collect())
    });
    told.collect()
}

#[test]
fn one_title_in_another_writing_is_found() {
    let (ada, bob) = (
        person("Ada", "a@x.org", None),
        person("Bob", "b@x.org", None),
    );
    let found = look(
        &[
            proposal("Précise dosing: by genotype", &[ada]),
            proposal("PRECISE DOSING BY GENOTYPE", &[bob]),
        ],
        Some(1),
    );
    let both = vec!["P-1", "P-2"];
    assert_eq!(
        kinds(&found),
        [(Likeness::Title, both.clone()), (Likeness::Acronym, both)]
    );
    assert_eq!(found[0].what, "Précise dosing: by genotype");
}

#[rstest]
#[case(Some(1), Likeness::TooManyCoordinated)]
#[case(Some(2), Likeness::Coordinator)]
#[case(None, Likeness::Coordinator)]
fn who_coordinates_two_is_told_by_the_calls_limit(
    #[case] at_most: Option<u32>,
    #[case] expected: Likeness,
) {
    let ada = person("Ada", "a@x.org", Some("0000-0002-1825-0097"));
    let also = person(
        "A. Lovelace",
        "ada@y.org",
        Some("https://orcid.org/0000-0002-1825-0097"),
    );
    let found = look(
        &[proposal("One", &[ada]), proposal("Two", &[also])],
        at_most,
    );
    assert_eq!(kinds(&found), [(expected, vec!["P-1", "P-2"])]);
    assert!(
        found[0]
            .known_by
            .iter()
            .any(|mark| mark.contains("0000-0002-1825-0097"))
    );
}

#[test]
fn a_person_is_followed_from_mark_to_mark_and_a_name_alone_is_nobody() {
    let cleo = person("Cleo Müller", "cleo@x.org", None);
    let both = person("CLEO MULLER", "Cleo@X.org", Some("0000-0002-1825-0097"));
    let orcid = person("C. Smith", "smith@y.org", Some("0000-0002-1825-0097"));
    let namesake = person("Cleo Müller", "other@z.org", None);
    let other = |at: usize| person("Other", &format!("o{at}@x.org"), None);
    let found = look(
        &[
            proposal("One", &[other(1), cleo]),
            proposal("Two", &[other(2), both]),
            proposal("Three", &[orcid]),
            proposal("Four", &[other(4), namesake]),
        ],
        Some(1),
    );
    let three = vec!["P-1", "P-2", "P-3"];
    assert_eq!(kinds(&found), [(Likeness::Investigator, three)]);
}

#[test]
fn what_is_not_written_yet_is_like_nothing() {
    let nobody = Person::default();
    let empty = proposal(" ", &[nobody.clone(), nobody]);
    assert_eq!(look(&[empty.clone(), empty], Some(1)), []);
}

fn any_person() -> impl Strategy<Value = Person> {
    let orcids = prop::sample::select(vec![
        None,
        Some("0000-0002-1825-0097"),
        Some("0000-0001-5109-3700"),
    ]);
    ("[A-C]", "[a-c]@x.org", orcids).prop_map(|(name, email, orcid)| person(&name, &email, orcid))
}

fn some() -> impl Strategy<Value = Vec<Content>> {
    let one = ("[A-D]{1,2}", prop::collection::vec(any_person(), 0..4))
        .prop_map(|(title, people)| proposal(&title, &people));
    prop::collection::vec(one, 0..7)
}

proptest! {
    /// Whoever shares a mark is in one group, and groups hold each proposal once, at least two of them.
    #[test]
    fn groups_are_of_several_and_everybody_is_found(contents in some(), at_most in prop::option::of(1u32..3)) {
        let found = look(&contents, at_most);
        for group in &found {
            let ids: BTreeSet<Uuid> = group.proposals.iter().map(|one| one.proposal).collect();
            prop_assert!(ids.len() > 1);
            prop_assert_eq!(ids.len(), group.proposals.len());
        }
        let together = |a: usize, b: usize, kinds: &[Likeness]| found.iter().any(|group| {
            let is_in = |at: usize| group.proposals.iter().any(|one| one.proposal == Uuid::from_u128(at as u128 + 1));
            kinds.contains(&group.likeness) && is_in(a) && is_in(b)
        });
        use Likeness::*;
        for a in 0..contents.len() {
            for b in 0..a {
                let (one, other) = (&contents[a], &contents[b]);
                prop_assert_eq!(together(a, b, &[Title]), folded(&one.title) == folded(&other.title));
                for x in &one.partners {
                    for y in &other.partners {
                        if marks(x).iter().any(|mark| marks(y).contains(mark)) {
                            prop_assert!(together(a, b, &[Investigator, Coordinator, TooManyCoordinated]));
                        }
                    }
                }
            }
        }
    }

    /// The order in which proposals come decides nothing but their numbers.
    #[test]
    fn order_does_not_matter(contents in some()) {
        let numbers: Vec<String> = (0..contents.len()).map(|at| format!("P-{at}")).collect();
        let mut among: Vec<Candidate> = (0..).zip(contents.iter().zip(&numbers))
            .map(|(id, (content, number))| Candidate { id: Uuid::from_u128(id), number, content })
            .collect();
        let found = likenesses(&among, Some(1));
        among.reverse();
        prop_assert_eq!(likenesses(&among, Some(1)), found);
    }
}
