use std::collections::{BTreeMap, BTreeSet, HashMap};

use call::{Rules, StageRules};
use kernel::{Amount, Faults, Sheet};
use uuid::Uuid;

use super::cells::{amount, funding, person};
use super::grid::{Grid, Row};
use super::{BUDGETS, PARTNERS, PROPOSALS, TOLD, VERDICTS, keys};
use crate::check::FunderTerms;
use crate::content::{Content, CostCategory, Partner, PartnerRole, Person};
use crate::eligibility::{FormalVerdict, PartnerVerdict, Ruling, check_formal, check_verdict};
use crate::identifiers::is_ror;

/// How many faults are told at once; who has more has one of few kinds.
const TOLD_AT_ONCE: usize = 500;

/// What imported proposals are measured by.
#[derive(Debug, Clone, Copy)]
pub struct ImportContext<'a> {
    /// The rules of the call.
    pub rules: &'a Rules,
    /// The rules of the stage.
    pub stage: &'a StageRules,
    /// The funders of the call.
    pub funders: &'a [FunderTerms],
    /// The codes of those that came in already.
    pub taken: &'a BTreeSet<String>,
    /// How many proposals are brought in at once.
    pub at_most: usize,
}

/// A proposal that comes in, with its verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedProposal {
    /// Its code in the system it comes from.
    pub code: String,
    /// What it says.
    pub content: Content,
    /// The verdicts that were given on it.
    pub verdicts: Vec<ImportedVerdict>,
}

impl ImportedProposal {
    /// Who coordinates it; what was read without faults has one each.
    pub fn coordinator(&self) -> Option<&Person> {
        let coordinator = self.content.coordinator()?;
        Some(&coordinator.principal_investigator)
    }
}

/// A verdict that was given elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedVerdict {
    /// The formal check, with its reason.
    Formal(FormalVerdict, String),
    /// On a partner.
    Partner(Uuid, Ruling),
}

/// Reads the sheets, or tells all their faults, each with sheet, row and column. `new_id` gives partners their ids.
///
/// What is asked for is what a system needs to carry a proposal on; whether it keeps the rules of the stage was decided
/// where it was submitted.
pub fn read(
    sheets: &[Sheet],
    context: &ImportContext<'_>,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<Vec<ImportedProposal>, Faults> {
    let mut faults = Faults::default();
    let own = keys(context.rules, context.stage);
    let known = |column: &str| TOLD.contains(&column) || own.iter().any(|key| key == column);
    let nothing = |_: &str| false;
    let proposals = Grid::open(sheets, "proposals", &PROPOSALS, known, &mut faults);
    let partners = Grid::open(sheets, "partners", &PARTNERS, nothing, &mut faults);
    let budgets = Grid::open(sheets, "budgets", &BUDGETS, nothing, &mut faults);
    let verdicts = Grid::open(sheets, "verdicts", &VERDICTS, nothing, &mut faults);
    let (Some(proposals), Some(partners), Some(budgets), Some(verdicts)) =
        (proposals, partners, budgets, verdicts)
    else {
        return Err(faults);
    };
    // Rows under a heading that is not understood would be one fault each.
    faults.or(())?;
    let mut coming = Coming {
        context,
        faults: Faults::default(),
        proposals: Vec::new(),
        places: HashMap::new(),
    };
    proposals.rows().for_each(|row| coming.proposal(row));
    partners
        .rows()
        .for_each(|row| coming.partner(row, new_id()));
    budgets.rows().for_each(|row| coming.budget(row));
    coming.whole();
    verdicts.rows().for_each(|row| coming.verdict(row));
    coming.done()
}

/// A proposal of which the sheets have told so far.
struct Draft<'a> {
    row: Row<'a>,
    code: &'a str,
    content: Content,
    /// Partners by the numbers that the sheets give them, with their rows.
    partners: BTreeMap<u16, (Row<'a>, Partner)>,
    costs: BTreeSet<(u16, CostCategory, u8)>,
    verdicts: Vec<ImportedVerdict>,
    judged: BTreeSet<Option<u16>>,
}

struct Coming<'a> {
    context: &'a ImportContext<'a>,
    faults: Faults,
    proposals: Vec<Draft<'a>>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Coming<'a> {
    fn proposal(&mut self, row: Row<'a>) {
        let faults = &mut self.faults;
        let code = row.needed("proposal", faults);
        if let Some(first) = self.places.get(code).filter(|_| !code.is_empty()) {
            let before = self.proposals[*first].row.text("title");
            let detail =
                format_args!("'{code}' is there already ('{before}'); give each proposal once");
            row.fault("proposal", "proposal_repeated", detail, faults);
            return;
        }
        if self.context.taken.contains(code) {
            let detail = format_args!("'{code}' came in already; take its rows out of all sheets");
            row.fault("proposal", "proposal_taken", detail, faults);
        }
        let mut content = Content {
            acronym: row.needed("acronym", faults).to_owned(),
            title: row.needed("title", faults).to_owned(),
            abstract_text: row.text("abstract").to_owned(),
            keywords: row.list("keywords").collect(),
            duration_months: row.parsed("duration_months", "whole months, such as 36", faults),
            modules: row.list("modules").collect(),
            ..Content::default()
        };
        let chosen = content.modules.clone();
        self.modules(&row, &chosen);
        for (key, text) in row.prefixed("text.").filter(|(_, text)| !text.is_empty()) {
            content.texts.insert(key.to_owned(), text.to_owned());
        }
        for question in &self.context.rules.questions {
            let column = format!("answer.{}", question.key);
            if let Some(answer) = row.yes_no(&column, &mut self.faults) {
                content.answers.insert(question.key.clone(), answer);
            }
        }
        self.places.insert(code, self.proposals.len());
        self.proposals.push(Draft {
            row,
            code,
            content,
            partners: BTreeMap::new(),
            costs: BTreeSet::new(),
            verdicts: Vec::new(),
            judged: BTreeSet::new(),
        });
    }

    fn modules(&mut self, row: &Row<'_>, chosen: &BTreeSet<String>) {
        let words = self.context.rules.words();
        for module in chosen.iter().filter(|module| !words.knows(module)) {
            let choices = words.choices().join(", ");
            let detail =
                format_args!("'{module}' is no module of the call; choose among: {choices}");
            row.fault("modules", "module_unknown", detail, &mut self.faults);
        }
    }

    /// The proposal that a row of another sheet belongs to.
    fn of(&mut self, row: &Row<'a>) -> Option<usize> {
        let code = row.needed("proposal", &mut self.faults);
        let place = self.places.get(code).copied();
        if place.is_none() && !code.is_empty() {
            let detail = format_args!(
                "the sheet proposals has no '{code}'; add it there, or correct the code"
            );
            row.fault("proposal", "proposal_unknown", detail, &mut self.faults);
        }
        place
    }

    /// The number of a partner that is there.
    fn partner_of(&mut self, row: &Row<'a>, place: usize) -> Option<u16> {
        let number: u16 = row.parsed(
            "partner",
            "the number of a partner, such as 1",
            &mut self.faults,
        )?;
        let there = self.proposals[place].partners.contains_key(&number);
        if !there {
            let detail = format_args!(
                "the sheet partners has no partner {number} of this proposal; add it there, or correct the number"
            );
            row.fault("partner", "partner_unknown", detail, &mut self.faults);
        }
        there.then_some(number)
    }

    fn partner(&mut self, row: Row<'a>, id: Uuid) {
        let place = self.of(&row);
        let number: Option<u16> = row.parsed("partner", "a number from 1", &mut self.faults);
        row.needed("partner", &mut self.faults);
        let faults = &mut self.faults;
        row.needed("role", faults);
        row.needed("country", faults);
        let role: Option<PartnerRole> = row.parsed("role", "coordinator or partner", faults);
        let partner = Partner {
            id,
            role: role.unwrap_or_default(),
            organisation: row.needed("organisation", faults).to_owned(),
            department: row.filled("department"),
            ror: row.filled("ror"),
            country: row.parsed("country", "two letters of ISO 3166-1, such as DE", faults),
            region: row.filled("region"),
            sector: row.parsed("sector", "one of academia, clinical_public_health, private, patient_organisation, regulator, hta_body, or nothing", faults),
            entity: row.parsed("entity", "a type of institution as the API names it, or nothing", faults),
            modules: row.list("modules").collect(),
            cofunded: row.yes_no("cofunded", faults),
            principal_investigator: person(&row, faults),
            funding: funding(&row, self.context.funders, faults),
            budget: BTreeMap::new(),
            own_contribution: amount(&row, "own_contribution", faults).unwrap_or_default(),
        };
        if let Some(ror) = partner.ror.as_deref().filter(|ror| !is_ror(ror)) {
            let detail = format_args!(
                "'{ror}' is no ROR identifier (its check digits do not fit); copy it from ror.org, or leave it out"
            );
            row.fault("ror", "ror_wrong", detail, faults);
        }
        self.modules(&row, &partner.modules);
        let (Some(place), Some(number)) = (place, number) else {
            return;
        };
        let there = &mut self.proposals[place].partners;
        if there.contains_key(&number) {
            let detail = format_args!(
                "partner {number} of this proposal is there already; number them 1, 2, 3"
            );
            row.fault("partner", "partner_repeated", detail, &mut self.faults);
            return;
        }
        there.insert(number, (row, partner));
    }

    fn budget(&mut self, row: Row<'a>) {
        let place = self.of(&row);
        row.needed("partner", &mut self.faults);
        let partner = place.and_then(|place| self.partner_of(&row, place));
        let faults = &mut self.faults;
        row.needed("category", faults);
        row.needed("year", faults);
        row.needed("amount", faults);
        let category: Option<CostCategory> = row.parsed(
            "category",
            "personnel, consumables, equipment, travel, subcontracting, other_direct or overheads",
            faults,
        );
        let year: Option<u8> = row.parsed("year", "a year of the project, 1 to 10", faults);
        let year = year.filter(|year| {
            let fits = (1..=10).contains(year);
            if !fits {
                row.fault(
                    "year",
                    "cell_unreadable",
                    "a year of the project is 1 to 10; correct it",
                    faults,
                );
            }
            fits
        });
        let cost = amount(&row, "amount", faults);
        let (Some(place), Some(partner), Some(category), Some(year), Some(cost)) =
            (place, partner, category, year, cost)
        else {
            return;
        };
        let draft = &mut self.proposals[place];
        if !draft.costs.insert((partner, category, year)) {
            let detail = "this category and year of the partner is there already; join the amounts";
            row.fault("year", "cost_repeated", detail, &mut self.faults);
            return;
        }
        if let Some((_, partner)) = draft.partners.get_mut(&partner) {
            let years = partner.budget.entry(category).or_default();
            let at = usize::from(year);
            years.resize(years.len().max(at), Amount::ZERO);
            years[at - 1] = cost;
        }
    }

    /// What each proposal must be as a whole.
    fn whole(&mut self) {
        let faults = &mut self.faults;
        for draft in &self.proposals {
            let partners = draft.partners.values();
            let leading = partners
                .clone()
                .filter(|(_, partner)| partner.coordinates())
                .count();
            if leading != 1 {
                let detail = format_args!(
                    "the sheet partners has {leading} coordinators of '{}'; name one",
                    draft.code
                );
                draft
                    .row
                    .fault("proposal", "coordinator_missing", detail, faults);
            }
            for (row, partner) in partners {
                let asked = partner.requested();
                let fits =
                    asked.is_ok_and(|asked| asked >= Amount::ZERO) && partner.costs().is_ok();
                if !fits {
                    let detail = "the partner pays more of its costs itself than they are, or they are too large to be kept; correct its rows in budgets";
                    row.fault("own_contribution", "amount_wrong", detail, faults);
                }
            }
        }
        let (there, most) = (self.proposals.len(), self.context.at_most);
        if there == 0 || there > most {
            let detail = format!("proposals: {there} rows; bring in 1 to {most} at once");
            self.faults.add("/proposals", "number", detail);
        }
    }

    fn verdict(&mut self, row: Row<'a>) {
        let Some(place) = self.of(&row) else { return };
        row.needed("verdict", &mut self.faults);
        let of_partner = !row.text("partner").is_empty();
        let number = match of_partner {
            true => match self.partner_of(&row, place) {
                Some(number) => Some(number),
                None => return,
            },
            false => None,
        };
        let draft = &mut self.proposals[place];
        if !draft.judged.insert(number) {
            let detail = "this verdict is there already; give each once";
            row.fault("partner", "verdict_repeated", detail, &mut self.faults);
            return;
        }
        let faults = &mut self.faults;
        let reason = row.text("reason").to_owned();
        let found = match number.and_then(|number| draft.partners.get(&number)) {
            None => {
                let form = "eligible or ineligible";
                let Some(verdict) = row.parsed("verdict", form, faults) else {
                    return;
                };
                let found = check_formal(verdict, &reason);
                draft
                    .verdicts
                    .push(ImportedVerdict::Formal(verdict, reason));
                found
            }
            Some((_, partner)) => {
                let form = "eligible, eligible_with_conditions or ineligible";
                let verdict: Option<PartnerVerdict> = row.parsed("verdict", form, faults);
                let Some(verdict) = verdict else { return };
                let ruling = Ruling {
                    verdict,
                    fundable: amount(&row, "fundable", faults),
                    rule: row.text("rule").to_owned(),
                    reason,
                };
                let asked = partner.requested().unwrap_or_default();
                let found = check_verdict(&ruling, partner.funder().is_none(), asked);
                draft
                    .verdicts
                    .push(ImportedVerdict::Partner(partner.id, ruling));
                found
            }
        };
        for fault in found.0 {
            let column = fault.pointer.trim_start_matches('/').to_owned();
            row.fault(&column, &fault.code, fault.detail, faults);
        }
    }

    fn done(mut self) -> Result<Vec<ImportedProposal>, Faults> {
        let more = self.faults.0.len().saturating_sub(TOLD_AT_ONCE);
        if more > 0 {
            self.faults.0.truncate(TOLD_AT_ONCE);
            let detail = format!("{more} more faults are not listed; correct these first");
            self.faults.add("", "more_faults", detail);
        }
        self.faults.or(())?;
        let whole = |draft: Draft| ImportedProposal {
            code: draft.code.to_owned(),
            content: Content {
                partners: draft.partners.into_values().map(|(_, one)| one).collect(),
                ..draft.content
            },
            verdicts: draft.verdicts,
        };
        Ok(self.proposals.into_iter().map(whole).collect())
    }
}
