//! Publications from an imported list.

use std::collections::BTreeMap;

use call::table;
use kernel::Faults;

use super::{Person, Work, WorkKind};

const REQUIRED: [&str; 4] = ["work", "title", "year", "name"];
const OPTIONAL: [&str; 2] = ["orcid", "email"];

/// Reads who published together from CSV with a heading, one line for each author: `work` (a DOI or any
/// other id; lines that have the same are one publication), `title`, `year`, `name` (initials with a point or
/// a space between them), and, where they are known, `orcid` and `email`.
///
/// Faults: all of the file at once, each at its line and column, such as `/lines/7/year`.
pub fn parse_publications(csv_text: &str) -> Result<Vec<Work>, Faults> {
    let mut faults = Faults::default();
    let mut works: BTreeMap<String, Work> = BTreeMap::new();
    for line in table::read(csv_text, &REQUIRED, &OPTIONAL, &mut faults) {
        let id = line.required("work", &mut faults).to_lowercase();
        let title = line.required("title", &mut faults);
        let cell = line.required("year", &mut faults);
        let year = cell.parse().ok().filter(|year| (1900..2200).contains(year));
        faults.require(
            cell.is_empty() || year.is_some(),
            line.pointer("year"),
            "year",
            format!("'{cell}' is no year; give four digits"),
        );
        let author = Person::of_line(&line, line.cell("email").to_owned(), &mut faults);
        let year = year.unwrap_or_default();
        let work = works.entry(id).or_insert_with(|| Work {
            kind: WorkKind::Publication,
            title: title.clone(),
            year,
            people: Vec::new(),
        });
        faults.require(
            work.title == title && work.year == year,
            line.pointer("work"),
            "work_differs",
            "an earlier line has the same work with another title or year; make them the same",
        );
        work.people.push(author);
    }
    faults.or(works.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_work_are_one_publication() {
        let text = "work,title,year,name,orcid\n\
            10.1/A,On genes,2024,\"Müller, Z.\",0000-0002-1825-0097\n\
            10.1/b,On cells,2023,B. Other,\n\
            10.1/a,On genes,2024,B. Other,\n";
        let works = parse_publications(text).unwrap();
        let told: Vec<_> = works
            .iter()
            .map(|one| (one.title.as_str(), one.year, one.people.len()))
            .collect();
        assert_eq!(told, [("On genes", 2024, 2), ("On cells", 2023, 1)]);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "work,title,year,name,orcid\n\
            a,On genes,2024,A,\n\
            a,On cells,24,,0000\n";
        let faults = parse_publications(text).unwrap_err();
        let told: Vec<_> = faults
            .0
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("/lines/3/year", "year"),
                ("/lines/3/orcid", "orcid"),
                ("/lines/3/name", "required"),
                ("/lines/3/work", "work_differs"),
            ]
        );
    }
}
