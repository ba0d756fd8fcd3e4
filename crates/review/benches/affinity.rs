//! The affinities of 600 proposals and 600 experts, and the conflicts of interest between them.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;

use call::{AffinityWeights, ConflictRules};
use criterion::{Criterion, criterion_group, criterion_main};
use review::affinity::{Matcher, Profile};
use review::conflict::{
    ExpertFacts, Organisation, Person, ProposalFacts, Work, WorkKind, Works, find_among,
};

struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }

    /// A word of 6,000, small numbers far more often than large ones, as words are.
    fn word(&mut self) -> String {
        let (a, b) = (self.below(6_000), self.below(6_000));
        let mut number = a * b / 6_000;
        let mut word = String::new();
        for _ in 0..4 {
            let at = usize::try_from(number % 14).unwrap_or(0);
            word.push_str(
                [
                    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti",
                    "vo",
                ][at],
            );
            number /= 14;
        }
        word
    }

    fn words(&mut self, count: u64) -> Vec<String> {
        (0..count).map(|_| self.word()).collect()
    }

    fn profile(&mut self) -> Profile {
        Profile {
            keywords: self.words(8),
            modules: (0..3).map(|_| self.below(8).to_string()).collect(),
            text: self.words(300).join(" "),
        }
    }

    fn person(&mut self) -> Person {
        let (first, last) = (self.below(300), self.below(3_000));
        Person {
            name: format!("First{first} Last{last}"),
            email: format!("first{first}.last{last}@uni{}.example", self.below(400)),
            orcid: None,
        }
    }

    fn place(&mut self) -> Organisation {
        Organisation {
            name: format!("University of Town{}", self.below(400)),
            ror: None,
            department: format!("Institute {}", self.below(20)),
        }
    }
}

fn affinities(criterion: &mut Criterion) {
    let mut dice = Dice(7);
    let proposals: Vec<Profile> = (0..600).map(|_| dice.profile()).collect();
    let experts: Vec<Profile> = (0..600).map(|_| dice.profile()).collect();
    criterion.bench_function("affinities 600 x 600", |bencher| {
        bencher.iter(|| {
            let weights = AffinityWeights::default();
            Matcher::new(weights, black_box(&proposals), black_box(&experts)).matrix()
        });
    });
}

fn conflicts(criterion: &mut Criterion) {
    let mut dice = Dice(11);
    let experts: Vec<(Person, Organisation)> =
        (0..600).map(|_| (dice.person(), dice.place())).collect();
    let mut works: Vec<Work> = (0..20_000)
        .map(|number| Work {
            kind: WorkKind::Publication,
            title: format!("Work {number}"),
            year: 2024,
            people: (0..6).map(|_| dice.person()).collect(),
        })
        .collect();
    for (number, work) in works.iter_mut().enumerate() {
        if let Some(first) = work.people.first_mut() {
            first.clone_from(&experts[number % 600].0);
        }
    }
    let works = Works::new(works, &ConflictRules::default(), 2026);
    let proposals: Vec<ProposalFacts> = (0..600)
        .map(|_| ProposalFacts {
            people: (0..7).map(|_| dice.person()).collect(),
            organisations: (0..6).map(|_| dice.place()).collect(),
            ..ProposalFacts::default()
        })
        .collect();
    let applicants: Vec<Person> = proposals
        .iter()
        .flat_map(|one| one.people.clone())
        .collect();
    criterion.bench_function("conflicts 600 x 600", |bencher| {
        bencher.iter(|| {
            let facts = experts.iter().map(|(person, organisation)| ExpertFacts {
                person: person.clone(),
                organisations: vec![organisation.clone()],
                companions: works.companions(person),
            });
            let facts: Vec<ExpertFacts> = facts.collect();
            find_among(black_box(&facts), black_box(&proposals), &applicants)
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = affinities, conflicts
}
criterion_main!(benches);
