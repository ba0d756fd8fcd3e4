//! Whom applicants ask to keep from reviewing their proposal.

use call::ConflictRules;
use kernel::Faults;

use super::Named;
use super::identity::Known;

/// Whether the persons may be named: no more than the call allows, each once and so that it is clear who
/// is meant. Pointers are such as `/persons/0/name`.
pub fn check_named(rules: &ConflictRules, named: &[Named]) -> Faults {
    let mut faults = Faults::default();
    let most = usize::try_from(rules.named_max).unwrap_or(usize::MAX);
    faults.require(
        named.len() <= most,
        "/persons",
        "persons_too_many",
        format!(
            "{} persons are named, the call allows {most}; take some out",
            named.len()
        ),
    );
    for (index, one) in named.iter().enumerate() {
        let filled = |text: &str| !text.trim().is_empty();
        let at = |field: &str| format!("/persons/{index}/{field}");
        faults.require(
            filled(&one.person.name),
            at("name"),
            "required",
            "give the person's name",
        );
        faults.require(
            filled(&one.person.email)
                || one.person.orcid.as_deref().is_some_and(filled)
                || filled(&one.organisation.name),
            at("organisation"),
            "person_unclear",
            "a name alone keeps nobody away; say where the person works, or give e-mail address or ORCID iD",
        );
        let who = Known::of(&one.person);
        let twice = named
            .iter()
            .take(index)
            .any(|other| other == one || Known::of(&other.person).key() == who.key());
        faults.require(
            !twice,
            at("name"),
            "person_twice",
            "the person is named before; take one entry out",
        );
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::{Organisation, Person};
    use super::*;

    fn named(name: &str, email: &str, organisation: &str) -> Named {
        Named {
            person: Person {
                name: name.to_owned(),
                email: email.to_owned(),
                orcid: None,
            },
            organisation: Organisation {
                name: organisation.to_owned(),
                ..Organisation::default()
            },
        }
    }

    #[test]
    fn the_limit_is_kept_and_each_person_is_clear() {
        let three = [
            named("A. One", "a@one.example", ""),
            named("B. Two", "", "Institute Two"),
            named("C. Three", "c@three.example", ""),
        ];
        assert!(check_named(&ConflictRules::default(), &three).is_empty());
        let four = [
            &three[..],
            &[named("", "", ""), named("One, A.", "A@One.example", "")],
        ]
        .concat();
        let faults = check_named(&ConflictRules::default(), &four);
        let codes: Vec<_> = faults
            .0
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            codes,
            [
                ("/persons", "persons_too_many"),
                ("/persons/3/name", "required"),
                ("/persons/3/organisation", "person_unclear"),
                ("/persons/4/name", "person_twice"),
            ]
        );
    }
}
