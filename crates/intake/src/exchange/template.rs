use call::{Rules, StageRules};
use kernel::{Cell, Sheet};

use super::empty_sheets;
use crate::check::FunderTerms;

/// What people have to know who fill it in.
const NOTES: [&str; 12] = [
    "Fill in the sheets from their second row on. The names of sheets and columns stay as they are; their order does not matter.",
    "proposals: one row each. 'proposal' is its code in the system it comes from, and ties the sheets together; here it gets a number of its own.",
    "proposals: keywords and modules are lists with a semicolon between two. Questions (answer.*) are answered yes or no.",
    "partners: one row each; 'partner' numbers them within their proposal, from 1, in the order in which they are to stand.",
    "partners: 'role' is coordinator or partner; each proposal has one coordinator, whose name and e-mail address become its account.",
    "partners: 'country' is the two letters of ISO 3166-1, such as DE.",
    "partners: 'funder' is the key of a funder of the call, listed below; who brings its own means says in 'own_means' which, and has no funder.",
    "partners: 'own_contribution' is what the partner pays of its costs itself; it asks its funder for the rest.",
    "budgets: one row for each amount; 'category' is personnel, consumables, equipment, travel, subcontracting, other_direct or overheads; 'year' counts the years of the project from 1; amounts are in the currency of the call.",
    "verdicts: without 'partner' the formal check (eligible or ineligible), with it the verdict on that partner (eligible, eligible_with_conditions or ineligible). A sheet without rows brings none.",
    "verdicts: 'fundable' is what the funder would pay of an eligible partner's request; an ineligible partner breaks a 'rule', and 'reason' says why.",
    "Files and annexes are not brought in this way.",
];

/// A workbook to be filled in for a stage of a call, with these funders.
pub fn template(rules: &Rules, stage: &StageRules, funders: &[FunderTerms]) -> Vec<Sheet> {
    let mut sheets = empty_sheets(rules, stage, &[]);
    let mut notes: Vec<Vec<Cell>> = vec![vec!["notes".into(), "funder".into(), "country".into()]];
    notes.extend(NOTES.iter().map(|note| vec![Cell::from(*note)]));
    for funder in funders {
        let (key, country) = (funder.key.as_str(), funder.country.to_string());
        notes.push(vec![funder.name.clone().into(), key.into(), country.into()]);
    }
    sheets.push(Sheet {
        name: "notes".to_owned(),
        rows: notes,
    });
    sheets
}
