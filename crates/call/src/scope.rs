use kernel::{Country, CountryGroup, Finding};

use crate::{ActionItem, Scope};

/// Countries of Europe that are no member states of the EU (the members of the Council of Europe and
/// those that were). Israel, Canada and others may be associated to the EU's programme, and lie elsewhere.
const EUROPE_BESIDE_THE_EU: [&str; 22] = [
    "AD", "AL", "AM", "AZ", "BA", "BY", "CH", "FO", "GB", "GE", "IS", "LI", "MC", "MD", "ME", "MK",
    "NO", "RS", "RU", "SM", "TR", "UA",
];

/// Whether a country lies in Europe, as the agenda's scope E means it.
pub fn in_europe(country: Country) -> bool {
    country.group() == CountryGroup::MemberState || EUROPE_BESIDE_THE_EU.contains(&country.code())
}

/// Doubts about the scope of a call that is mapped to these items, each with where the call says so, and
/// funded from these countries.
///
/// They are doubts and no faults: the plan's scopes are an estimate of the level at which an item is
/// worked on, and a call may well go beyond it.
pub fn scope_doubts(items: &[(String, ActionItem)], funders: &[(String, Country)]) -> Vec<Finding> {
    let outside: Vec<&str> = funders
        .iter()
        .filter(|(_, country)| !in_europe(*country))
        .map(|(key, _)| key.as_str())
        .collect();
    let mut found = Vec::new();
    for (pointer, item) in items {
        let scopes: Vec<String> = item.scopes.iter().map(ToString::to_string).collect();
        let scopes = scopes.join(", ");
        if !item.scopes.contains(&Scope::European) {
            found.push(Finding::doubt(
                pointer,
                "scope_not_european",
                format!("{} is to be worked at on the levels {scopes}", item.number),
                "a transnational call serves items of scope E; say in the call how it serves this one",
            ));
        }
        if !outside.is_empty() && !item.scopes.contains(&Scope::International) {
            found.push(Finding::doubt(
                pointer,
                "scope_not_international",
                format!(
                    "{} has the levels {scopes}, and {} fund from outside Europe",
                    item.number,
                    outside.join(", ")
                ),
                "a call with funders from outside Europe serves items of scope I",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: &str, scopes: Vec<Scope>) -> ActionItem {
        ActionItem {
            number: number.to_owned(),
            part: crate::Part::A,
            category: String::new(),
            title: String::new(),
            summary: String::new(),
            time_frames: Vec::new(),
            scopes,
        }
    }

    #[test]
    fn scopes_that_do_not_fit_are_doubts() {
        let items = [
            ("/0".to_owned(), item("A.1", vec![Scope::European])),
            ("/1".to_owned(), item("A.19", vec![Scope::International])),
        ];
        let funder = |key: &str| (key.to_owned(), key[..2].parse().unwrap());
        let codes = |funders: &[(String, Country)]| -> Vec<String> {
            let found = scope_doubts(&items, funders);
            assert!(found.iter().all(|finding| !finding.is_fault()));
            found.into_iter().map(|finding| finding.code).collect()
        };
        assert_eq!(
            codes(&[funder("DE-BMBF"), funder("TR-TUBITAK")]),
            ["scope_not_european"]
        );
        assert_eq!(
            codes(&[funder("DE-BMBF"), funder("CA-CIHR")]),
            ["scope_not_international", "scope_not_european"]
        );
    }
}
