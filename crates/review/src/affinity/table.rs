//! Affinities from a table that somebody else made.

use std::collections::{BTreeMap, HashMap};

use call::table;
use kernel::Faults;
use uuid::Uuid;

use crate::offline::millionths;

/// The affinity that a table gives a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenAffinity {
    /// The proposal.
    pub proposal: Uuid,
    /// The expert.
    pub expert: Uuid,
    /// Millionths.
    pub millionths: i32,
}

/// Reads CSV with the heading `proposal,reviewer,affinity`, as `jtc assign` takes it: a proposal's number, an
/// expert's e-mail address, and a number from 0 to 1 with at most six decimals. `proposals` and `experts` are those
/// that may be named, by number and address in small letters.
///
/// Faults: all of the table at once, each at its line and column, such as `/lines/7/affinity`.
pub fn parse_affinities(
    csv_text: &str,
    proposals: &BTreeMap<String, Uuid>,
    experts: &BTreeMap<String, Uuid>,
) -> Result<Vec<GivenAffinity>, Faults> {
    let mut faults = Faults::default();
    let mut found = Vec::new();
    let mut earlier: HashMap<(Uuid, Uuid), u64> = HashMap::new();
    let columns = ["proposal", "reviewer", "affinity"];
    for line in table::read(csv_text, &columns, &[], &mut faults) {
        let number = line.required("proposal", &mut faults);
        let proposal = proposals.get(&number.to_lowercase()).copied();
        faults.require(
            number.is_empty() || proposal.is_some(),
            line.pointer("proposal"),
            "unknown_proposal",
            format!("no proposal of the stage has the number '{number}'; correct it"),
        );
        let address = line.required("reviewer", &mut faults);
        let expert = experts.get(&address.to_lowercase()).copied();
        faults.require(
            address.is_empty() || expert.is_some(),
            line.pointer("reviewer"),
            "unknown_expert",
            format!("no expert of the call has the e-mail address '{address}'; nominate the expert, or correct it"),
        );
        let cell = line.required("affinity", &mut faults);
        let value = millionths(&cell);
        faults.require(
            cell.is_empty() || value.is_some(),
            line.pointer("affinity"),
            "affinity",
            format!("'{cell}' is no number from 0 to 1 with at most 6 decimals, such as 0.25"),
        );
        let (Some(proposal), Some(expert)) = (proposal, expert) else {
            continue;
        };
        if let Some(before) = earlier.insert((proposal, expert), line.number()) {
            faults.add(
                line.pointer("reviewer"),
                "pair_twice",
                format!("the pair stands in line {before} too; keep one line for each pair"),
            );
        }
        found.push(GivenAffinity {
            proposal,
            expert,
            millionths: value.unwrap_or_default(),
        });
    }
    faults.require(
        !faults.is_empty() || !found.is_empty(),
        "/lines",
        "empty",
        "the table has no line below its heading; to have all affinities computed again, take the table back",
    );
    faults.or(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[&str]) -> BTreeMap<String, Uuid> {
        let named = names.iter().zip(1..);
        named
            .map(|(name, id)| ((*name).to_owned(), Uuid::from_u128(id)))
            .collect()
    }

    fn parse(text: &str) -> Result<Vec<GivenAffinity>, Vec<(String, String)>> {
        let (proposals, experts) = (known(&["p-1", "p-2"]), known(&["a@b.example"]));
        let told = |faults: Faults| {
            let faults = faults.0.into_iter();
            faults.map(|fault| (fault.pointer, fault.code)).collect()
        };
        parse_affinities(text, &proposals, &experts).map_err(told)
    }

    #[test]
    fn numbers_and_addresses_are_read_in_any_case_and_order_of_columns() {
        let read = parse("reviewer,affinity,proposal\nA@b.example,0.25,P-1\na@B.example,1,p-2\n");
        let read = read.unwrap();
        let told: Vec<_> = read.iter().map(|one| one.millionths).collect();
        assert_eq!(told, [250_000, 1_000_000]);
        assert_ne!(read[0].proposal, read[1].proposal);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let faults = parse(
            "proposal,reviewer,affinity\nP-9,x@b.example,2\n,,\nP-1,a@b.example,0.5\nP-1,a@b.example,0.5\n",
        );
        let faults = faults.unwrap_err();
        let told: Vec<_> = faults
            .iter()
            .map(|(pointer, code)| format!("{pointer} {code}"))
            .collect();
        assert_eq!(
            told,
            [
                "/lines/2/proposal unknown_proposal",
                "/lines/2/reviewer unknown_expert",
                "/lines/2/affinity affinity",
                "/lines/3/proposal required",
                "/lines/3/reviewer required",
                "/lines/3/affinity required",
                "/lines/5/reviewer pair_twice",
            ]
        );
    }

    #[test]
    fn a_table_without_lines_is_a_fault() {
        let faults = parse("proposal,reviewer,affinity\n").unwrap_err();
        assert_eq!(faults, [("/lines".to_owned(), "empty".to_owned())]);
    }
}
