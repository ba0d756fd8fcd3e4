//! Who worked with whom.

use std::collections::BTreeMap;

use call::ConflictRules;

use super::identity::{Known, Register};
use super::{Companion, Person, Work, WorkKind};

/// Publications of imported lists and proposals of this installation, as far as the call's rules count
/// them, so indexed that an expert's are found at once.
#[derive(Debug)]
pub struct Works {
    works: Vec<Work>,
    register: Register,
    /// Of each entry of the register: its work, and its place in it.
    entries: Vec<(usize, usize)>,
}

impl Works {
    /// Keeps the works of the years that count: `this_year` and as many before it as the rules say.
    pub fn new(works: Vec<Work>, rules: &ConflictRules, this_year: i32) -> Self {
        let first = this_year.saturating_sub(i32::try_from(rules.years).unwrap_or(i32::MAX));
        let works: Vec<Work> = works
            .into_iter()
            .filter(|work| work.year >= first)
            .collect();
        let entries = works.iter().enumerate();
        let entries =
            entries.flat_map(|(at, work)| (0..work.people.len()).map(move |who| (at, who)));
        Self {
            register: Register::of(works.iter().flat_map(|work| &work.people)),
            entries: entries.collect(),
            works,
        }
    }

    /// With whom `person` made any of them, each once for each kind of work, with the latest. Names alone
    /// count, as most lists have nothing else: the conflict that comes of it is a possible one.
    pub fn companions(&self, person: &Person) -> Vec<Companion> {
        let me = Known::of(person);
        let mut found: BTreeMap<(WorkKind, String), Companion> = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for (entry, _) in self.register.alike(&me) {
            // A work that has two namesakes of the expert is one work.
            if let Some((work, who)) = self.entries.get(entry)
                && seen.insert(*work, ()).is_none()
                && let Some(work) = self.works.get(*work)
            {
                gather(work, *who, &mut found);
            }
        }
        found.into_values().collect()
    }
}

fn gather(work: &Work, me: usize, found: &mut BTreeMap<(WorkKind, String), Companion>) {
    let others = work.people.iter().enumerate().filter(|(at, _)| *at != me);
    for (_, other) in others {
        let companion = found
            .entry((work.kind, Known::of(other).key()))
            .or_insert_with(|| Companion {
                person: other.clone(),
                kind: work.kind,
                title: String::new(),
                year: i32::MIN,
                count: 0,
            });
        companion.count += 1;
        if (work.year, &work.title) > (companion.year, &companion.title) {
            companion.year = work.year;
            companion.title.clone_from(&work.title);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person {
            name: name.to_owned(),
            ..Person::default()
        }
    }

    fn work(title: &str, year: i32, people: &[&str]) -> Work {
        Work {
            kind: WorkKind::Publication,
            title: title.to_owned(),
            year,
            people: people.iter().map(|name| person(name)).collect(),
        }
    }

    #[test]
    fn only_the_years_that_count_and_the_latest_of_them() {
        let works = vec![
            work("Old", 2018, &["Z. Müller", "A. Old"]),
            work("First", 2019, &["Z. Müller", "B. New"]),
            work("Latest", 2022, &["B. New", "Zoë Müller"]),
            work("Strange", 2023, &["B. New", "C. Other"]),
        ];
        let works = Works::new(works, &ConflictRules::default(), 2024);
        let found = works.companions(&person("Zoë Müller"));
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.person.name.as_str(),
                    one.title.as_str(),
                    one.year,
                    one.count,
                )
            })
            .collect();
        assert_eq!(told, [("B. New", "Latest", 2022, 2)]);
        assert_eq!(works.companions(&person("Nobody Else")), []);
    }
}
