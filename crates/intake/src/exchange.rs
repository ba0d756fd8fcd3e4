//! Proposals as tables that people carry from one system to another: what goes out, and what comes in.

mod cells;
mod grid;
mod import;
mod template;

use call::{Rules, StageRules};
use kernel::{Amount, Cell, Sheet};
use uuid::Uuid;

use crate::budget;
use crate::content::{Content, Funding, Partner};
use crate::eligibility::{FormalVerdict, Ruling};
use crate::lifecycle::ProposalState;

pub use import::{ImportContext, ImportedProposal, ImportedVerdict, read};
pub use template::template;

/// The sheets of a workbook that is read.
pub const SHEETS: [&str; 4] = ["proposals", "partners", "budgets", "verdicts"];

const PROPOSALS: [&str; 7] = [
    "proposal",
    "acronym",
    "title",
    "abstract",
    "keywords",
    "duration_months",
    "modules",
];

/// What a workbook that went out says besides; it is not read again.
const TOLD: [&str; 4] = ["stage", "state", "submitted_version", "requested"];

const PARTNERS: [&str; 20] = [
    "proposal",
    "partner",
    "role",
    "organisation",
    "department",
    "ror",
    "country",
    "region",
    "sector",
    "entity",
    "modules",
    "cofunded",
    "investigator",
    "email",
    "orcid",
    "early_career",
    "career_stage",
    "funder",
    "own_means",
    "own_contribution",
];

const BUDGETS: [&str; 5] = ["proposal", "partner", "category", "year", "amount"];

const VERDICTS: [&str; 6] = [
    "proposal", "partner", "verdict", "fundable", "rule", "reason",
];

/// The columns of an overview: a proposal a line.
const OVERVIEW: [&str; 16] = [
    "proposal",
    "stage",
    "state",
    "submitted_version",
    "acronym",
    "title",
    "keywords",
    "duration_months",
    "modules",
    "coordinator",
    "organisation",
    "country",
    "partners",
    "countries",
    "funders",
    "requested",
];

/// A proposal as it goes out.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Its number in the call.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where it stands, as far as the reader may know.
    pub state: ProposalState,
    /// The version that counts.
    pub submitted_version: i32,
    /// What it says.
    pub content: Content,
    /// The formal check.
    pub formal: (FormalVerdict, String),
    /// The verdicts on its partners.
    pub verdicts: Vec<(Uuid, Ruling)>,
}

/// The heading of the overview.
pub fn overview_heading() -> Vec<Cell> {
    heading(&OVERVIEW)
}

/// A proposal as a line of the overview.
pub fn overview(one: &Exported) -> Vec<Cell> {
    let content = &one.content;
    let coordinator = content.coordinator();
    let of = |text: fn(&Partner) -> String| Cell::Text(coordinator.map(text).unwrap_or_default());
    let distinct = |text: fn(&Partner) -> Option<String>| {
        let mut all: Vec<String> = content.partners.iter().filter_map(text).collect();
        all.sort();
        all.dedup();
        list(&all)
    };
    vec![
        one.number.clone().into(),
        number(one.stage),
        one.state.to_string().into(),
        number(one.submitted_version),
        content.acronym.clone().into(),
        content.title.clone().into(),
        list(&content.keywords),
        content.duration_months.map_or("".into(), number),
        list(&content.modules),
        of(|one| one.principal_investigator.name.clone()),
        of(|one| one.organisation.clone()),
        of(|one| {
            one.country
                .map(|country| country.to_string())
                .unwrap_or_default()
        }),
        number(content.partners.len()),
        distinct(|one| one.country.map(|country| country.to_string())),
        distinct(|one| one.funder().map(str::to_owned)),
        budget::requested(content).map_or("".into(), amount),
    ]
}

/// The sheets of a workbook to which the proposals of a stage with these rules are added.
pub fn sheets(rules: &Rules, stage: &StageRules) -> Vec<Sheet> {
    empty_sheets(rules, stage, &TOLD)
}

/// Adds a proposal to such sheets.
pub fn add(sheets: &mut [Sheet], one: &Exported, rules: &Rules, stage: &StageRules) {
    let [proposals, partners, budgets, verdicts] = sheets else {
        return;
    };
    proposals.rows.push(proposal_row(one, rules, stage));
    for (place, partner) in (1..).zip(&one.content.partners) {
        partners.rows.push(partner_row(&one.number, place, partner));
        budget_rows(&one.number, place, partner, &mut budgets.rows);
    }
    verdict_rows(one, &mut verdicts.rows);
}

/// The sheets with nothing but their headings.
fn empty_sheets(rules: &Rules, stage: &StageRules, told: &[&str]) -> Vec<Sheet> {
    let mut proposals = heading(&PROPOSALS);
    proposals.extend(keys(rules, stage).into_iter().map(Cell::Text));
    proposals.extend(heading(told));
    let headings = [
        proposals,
        heading(&PARTNERS),
        heading(&BUDGETS),
        heading(&VERDICTS),
    ];
    let sheet = |(name, heading): (&str, Vec<Cell>)| Sheet {
        name: name.to_owned(),
        rows: vec![heading],
    };
    SHEETS.into_iter().zip(headings).map(sheet).collect()
}

/// The columns of what this stage asks for: its texts, and the call's questions.
fn keys(rules: &Rules, stage: &StageRules) -> Vec<String> {
    let texts = stage.texts.iter().map(|text| format!("text.{}", text.key));
    let answers = rules
        .questions
        .iter()
        .map(|one| format!("answer.{}", one.key));
    texts.chain(answers).collect()
}

fn proposal_row(one: &Exported, rules: &Rules, stage: &StageRules) -> Vec<Cell> {
    let content = &one.content;
    let mut row: Vec<Cell> = vec![
        one.number.clone().into(),
        content.acronym.clone().into(),
        content.title.clone().into(),
        content.abstract_text.clone().into(),
        list(&content.keywords),
        content.duration_months.map_or("".into(), number),
        list(&content.modules),
    ];
    let texts = stage.texts.iter();
    row.extend(
        texts.map(|text| Cell::Text(content.texts.get(&text.key).cloned().unwrap_or_default())),
    );
    let answers = rules.questions.iter();
    row.extend(answers.map(|one| yes_no(content.answers.get(&one.key).copied())));
    row.extend([
        number(one.stage),
        one.state.to_string().into(),
        number(one.submitted_version),
        budget::requested(content).map_or("".into(), amount),
    ]);
    row
}

fn partner_row(proposal: &str, place: usize, partner: &Partner) -> Vec<Cell> {
    let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default());
    let named = |name: Option<String>| Cell::Text(name.unwrap_or_default());
    let person = &partner.principal_investigator;
    let (funder, means) = match &partner.funding {
        Funding::Funder { funder } => (funder.as_str(), ""),
        Funding::Own { means } => ("", means.as_str()),
        Funding::Undecided {} => ("", ""),
    };
    vec![
        proposal.into(),
        number(place),
        partner.role.to_string().into(),
        partner.organisation.clone().into(),
        text(&partner.department),
        text(&partner.ror),
        named(partner.country.map(|country| country.to_string())),
        text(&partner.region),
        named(partner.sector.map(|sector| sector.to_string())),
        named(partner.entity.map(|entity| entity.to_string())),
        list(&partner.modules),
        yes_no(partner.cofunded),
        person.name.clone().into(),
        person.email.clone().into(),
        text(&person.orcid),
        yes_no(Some(person.early_career)),
        named(person.career_stage.map(|stage| stage.to_string())),
        funder.into(),
        means.into(),
        amount(partner.own_contribution),
    ]
}

fn budget_rows(proposal: &str, place: usize, partner: &Partner, rows: &mut Vec<Vec<Cell>>) {
    for (category, years) in &partner.budget {
        for (year, cost) in (1..).zip(years) {
            rows.push(vec![
                proposal.into(),
                number(place),
                category.to_string().into(),
                number::<usize>(year),
                amount(*cost),
            ]);
        }
    }
}

fn verdict_rows(one: &Exported, rows: &mut Vec<Vec<Cell>>) {
    let (formal, reason) = &one.formal;
    if *formal != FormalVerdict::Open {
        rows.push(vec![
            one.number.clone().into(),
            "".into(),
            formal.to_string().into(),
            "".into(),
            "".into(),
            reason.clone().into(),
        ]);
    }
    let given = one.verdicts.iter();
    for (partner, ruling) in given.filter(|(_, ruling)| ruling.verdict.given()) {
        let partners = &one.content.partners;
        let place = partners.iter().position(|one| one.id == *partner);
        rows.push(vec![
            one.number.clone().into(),
            place.map_or("".into(), |place| number(place + 1)),
            ruling.verdict.to_string().into(),
            ruling.fundable.map_or("".into(), amount),
            ruling.rule.clone().into(),
            ruling.reason.clone().into(),
        ]);
    }
}

fn heading(columns: &[&str]) -> Vec<Cell> {
    columns.iter().map(|column| Cell::from(*column)).collect()
}

fn number<T: ToString>(number: T) -> Cell {
    Cell::Number(number.to_string())
}

fn amount(amount: Amount) -> Cell {
    Cell::Number(amount.to_string())
}

fn yes_no(answer: Option<bool>) -> Cell {
    Cell::from(match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    })
}

fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> Cell {
    let items: Vec<&str> = items.into_iter().map(String::as_str).collect();
    Cell::Text(items.join("; "))
}

#[cfg(test)]
mod tests;
