//! Whether two entries are one person.

use std::collections::{BTreeSet, HashMap};

use super::Person;
use super::mail::{address, domain};
use crate::fold::words;

/// What tells a person, made ready for comparing.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) domain: Option<String>,
    orcid: Option<String>,
    mail: String,
    /// Without titles, in an order of their own: surname first or last is the same.
    words: Vec<String>,
}

/// How two entries are alike, surest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alike {
    /// One ORCID iD.
    Orcid(String),
    /// One e-mail address.
    Mail,
    /// One name, and no identifier that decides.
    Name,
}

impl Known {
    pub(super) fn of(person: &Person) -> Self {
        let mut words = words(&person.name);
        words.retain(|word| !["dr", "prof", "professor", "phd", "md"].contains(&word.as_str()));
        words.sort();
        Self {
            name: person.name.clone(),
            domain: domain(&person.email),
            orcid: identifier(person.orcid.as_deref(), "orcid.org/"),
            mail: address(&person.email),
            words,
        }
    }

    /// A person's stable name in the memory of verdicts: the address, else the ORCID iD, else the words
    /// of the name.
    pub(super) fn key(&self) -> String {
        match &self.orcid {
            _ if !self.mail.is_empty() => format!("mail {}", self.mail),
            Some(orcid) => format!("orcid {orcid}"),
            None => format!("name {}", self.words.join(" ")),
        }
    }

    /// How `self` and `other` are alike. Missing facts agree with nothing, and two different ORCID iDs
    /// are two people of one name.
    pub(super) fn alike(&self, other: &Self) -> Option<Alike> {
        if let Some(id) = self
            .orcid
            .as_ref()
            .filter(|id| other.orcid.as_ref() == Some(id))
        {
            return Some(Alike::Orcid(id.clone()));
        }
        if !self.mail.is_empty() && self.mail == other.mail {
            return Some(Alike::Mail);
        }
        let decided = self.orcid.is_some() && other.orcid.is_some();
        (!decided && names_agree(&self.words, &other.words)).then_some(Alike::Name)
    }
}

/// Whether two names may be one person's: at least one whole word is the same, initials stand for words
/// ("Z. Müller"), and one of the two may have more words where two whole words are the same ("María García"
/// and "María García López"). Both are sorted.
fn names_agree(a: &[String], b: &[String]) -> bool {
    if !a.iter().any(|word| !is_initial(word) && b.contains(word)) {
        return false;
    }
    let (mut rest_a, mut rest_b) = (Vec::new(), b.to_vec());
    let mut same = 0;
    for word in a {
        match rest_b.iter().position(|other| other == word) {
            Some(at) => {
                rest_b.remove(at);
                same += usize::from(!is_initial(word));
            }
            None => rest_a.push(word.clone()),
        }
    }
    pair_initials(&mut rest_a, &mut rest_b);
    pair_initials(&mut rest_b, &mut rest_a);
    let more_words = rest_a.iter().chain(&rest_b).any(|word| !is_initial(word));
    (rest_a.is_empty() || rest_b.is_empty()) && same >= if more_words { 2 } else { 1 }
}

/// Takes out the initials of `from` with a word of `of` each that they may stand for.
fn pair_initials(from: &mut Vec<String>, of: &mut Vec<String>) {
    from.retain(|initial| {
        let stands_for = |word: &String| is_initial(initial) && word.starts_with(initial.as_str());
        let found = of.iter().position(stands_for);
        found.map(|at| of.remove(at)).is_none()
    });
}

fn is_initial(word: &str) -> bool {
    word.chars().nth(1).is_none()
}

/// An identifier without the address it is often written as; empty means none.
pub(super) fn identifier(text: Option<&str>, site: &str) -> Option<String> {
    let text = text?.trim().to_lowercase();
    let bare = text.rsplit_once(site).map_or(text.as_str(), |(_, id)| id);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Many people, so indexed that those alike are found without looking at all.
#[derive(Debug, Default)]
pub(super) struct Register {
    pub(super) people: Vec<Known>,
    by_identifier: HashMap<String, Vec<usize>>,
    by_word: HashMap<String, Vec<usize>>,
}

impl Register {
    pub(super) fn of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Self {
        let mut register = Self::default();
        for (at, person) in people.into_iter().map(Known::of).enumerate() {
            for id in person.identifiers() {
                register
                    .by_identifier
                    .entry(id.clone())
                    .or_default()
                    .push(at);
            }
            for word in person.words.iter().filter(|word| !is_initial(word)) {
                register.by_word.entry(word.clone()).or_default().push(at);
            }
            register.people.push(person);
        }
        register
    }

    /// Those alike, in the order of the register.
    pub(super) fn alike(&self, who: &Known) -> Vec<(usize, Alike)> {
        let ids = who.identifiers();
        let by_identifier = ids.filter_map(|id| self.by_identifier.get(id));
        let by_word = who.words.iter().filter_map(|word| self.by_word.get(word));
        let near: BTreeSet<usize> = by_identifier.chain(by_word).flatten().copied().collect();
        near.into_iter()
            .filter_map(|at| Some((at, self.people.get(at)?.alike(who)?)))
            .collect()
    }
}

impl Known {
    fn identifiers(&self) -> impl Iterator<Item = &String> {
        let mail = Some(&self.mail).filter(|mail| !mail.is_empty());
        self.orcid.iter().chain(mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn known(name: &str) -> Known {
        Known::of(&Person {
            name: name.to_owned(),
            ..Person::default()
        })
    }

    #[rstest]
    #[case("Müller, Zoe", "Prof. Dr. ZOË  MULLER", true)]
    #[case("Z. Müller", "Zoë Müller", true)]
    #[case("Z. A. Müller", "Zoë Müller", true)]
    #[case("Zoë Anna Müller", "Zoë Müller", true)]
    #[case("María García", "García López, María", true)]
    #[case("Anna Maria Rossi", "Anna Maria Bianchi", false)]
    #[case("A. Müller", "Zoë Müller", false)]
    #[case("Müller", "Zoë Müller", false)]
    #[case("Z. M.", "Z. M.", false)]
    #[case("", "", false)]
    fn names(#[case] a: &str, #[case] b: &str, #[case] agree: bool) {
        assert_eq!(known(a).alike(&known(b)).is_some(), agree);
    }

    proptest! {
        #[test]
        fn a_register_finds_what_comparing_all_finds_and_liking_is_mutual(
            names in proptest::collection::vec("[abc]{1,2}( [abc]{1,2}){0,2}", 1..12),
            ids in proptest::collection::vec(proptest::option::of(0..3_u8), 12),
        ) {
            let people: Vec<Person> = names.iter().zip(&ids).map(|(name, id)| Person {
                name: name.clone(),
                email: id.filter(|id| *id == 2).map_or(String::new(), |_| "a@b.example".to_owned()),
                orcid: id.filter(|id| *id < 2).map(|id| id.to_string()),
            }).collect();
            let register = Register::of(&people);
            for one in &people {
                let one = Known::of(one);
                let all: Vec<_> = people.iter().enumerate()
                    .filter_map(|(at, other)| Some((at, Known::of(other).alike(&one)?)))
                    .collect();
                for (at, alike) in &all {
                    let back = one.alike(&Known::of(&people[*at]));
                    prop_assert_eq!(back.as_ref(), Some(alike));
                }
                prop_assert_eq!(register.alike(&one), all);
            }
        }
    }
}
