//! A proposal as one document, ready to be set as a PDF: the same for the consortium, its funders and its
//! reviewers. Nothing is in it that is not in the content, the rules of the stage or the funders' terms.

use std::collections::BTreeMap;

use call::AnnexKind;
use kernel::{Amount, Currency};
use serde::Serialize;

use crate::budget::{self, FunderSum};
use crate::check::{CheckContext, FunderTerms};
use crate::content::{Content, Funding, Partner};
use crate::{choice, submission};

/// Which version of which proposal a document is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The call as people know it.
    pub call: String,
    /// Pre-proposal or full proposal.
    pub stage: String,
    /// Number of the proposal in the call.
    pub number: String,
    /// The submitted version; none for a draft.
    pub version: Option<i32>,
    /// Whether nothing of it is kept from the reader. The hash of a whole would confirm guesses at what is kept back.
    pub whole: bool,
    /// Whether nothing in it is real.
    pub rehearsal: bool,
}

/// What the template `proposal` of `config/pdf` is filled with. Amounts are decimal numbers in the currency of
/// the call, as text; pairs are what stands on the left and on the right.
#[derive(Debug, Clone, Serialize)]
#[allow(
    missing_docs,
    reason = "the names are what the template prints under them"
)]
pub struct Document {
    pub call: String,
    pub stage: String,
    pub number: String,
    pub version: Option<i32>,
    /// SHA-256 of the content, which receipts carry too.
    pub sha256: Option<String>,
    pub rehearsal: bool,
    pub acronym: String,
    pub title: String,
    #[serde(rename = "abstract")]
    pub abstract_text: String,
    pub coordinator: String,
    pub duration: String,
    pub keywords: Vec<String>,
    pub requested: String,
    pub currency: String,
    /// Key and title.
    pub modules: Vec<(String, String)>,
    /// Question and answer.
    pub answers: Vec<(String, String)>,
    pub partners: Vec<PartnerPage>,
    pub funders: Vec<FunderSum>,
    /// Title and text.
    pub texts: Vec<(String, String)>,
    pub figures: Vec<Attached>,
    pub annexes: Vec<Attached>,
}

/// A file that is set in the document.
#[derive(Debug, Clone, Serialize)]
#[allow(
    missing_docs,
    reason = "the names are what the template prints under them"
)]
pub struct Attached {
    pub title: String,
    /// Its SHA-256.
    pub file: String,
    /// Pages of a PDF; none of a figure.
    pub pages: u32,
}

/// What the document says of a partner.
#[derive(Debug, Clone, Serialize)]
#[allow(
    missing_docs,
    reason = "the names are what the template prints under them"
)]
pub struct PartnerPage {
    /// From 1.
    pub number: usize,
    pub organisation: String,
    pub country: String,
    pub investigator: String,
    pub funder: String,
    pub requested: String,
    pub facts: Vec<(&'static str, String)>,
    /// Years of the project.
    pub years: usize,
    pub budget: Vec<CostRow>,
    pub sums: Vec<(&'static str, String)>,
}

/// Costs of one category.
#[derive(Debug, Clone, Serialize)]
#[allow(
    missing_docs,
    reason = "the names are what the template prints under them"
)]
pub struct CostRow {
    pub category: String,
    /// One for each year.
    pub amounts: Vec<String>,
    pub total: String,
}

/// The document of a proposal. Sums that are too large to be kept exactly are left empty, as the check says.
pub fn document(heading: Heading, content: &Content, context: &CheckContext<'_>) -> Document {
    let currency = context.currency();
    let coordinator = content.coordinator();
    let asked = budget::requested(content).ok();
    Document {
        call: heading.call,
        stage: heading.stage,
        number: heading.number,
        version: heading.version,
        sha256: heading.whole.then(|| submission::content_sha256(content)),
        rehearsal: heading.rehearsal,
        acronym: content.acronym.clone(),
        title: content.title.clone(),
        abstract_text: content.abstract_text.clone(),
        coordinator: coordinator.map_or(String::new(), |one| {
            format!("{}, {}", one.principal_investigator.name, one.organisation)
        }),
        duration: content
            .duration_months
            .map_or(String::new(), |months| format!("{months} months")),
        keywords: content.keywords.clone(),
        requested: asked.map_or(String::new(), |sum| format!("{sum} {currency}")),
        currency: currency.to_string(),
        modules: modules(content, context),
        answers: answers(content, context),
        partners: (1..)
            .zip(&content.partners)
            .map(|(number, partner)| {
                partner_page(number, partner, content, context.funders, currency)
            })
            .collect(),
        funders: budget::sums(content, context),
        texts: texts(content, context),
        figures: attached(content, context, AnnexKind::Image),
        annexes: attached(content, context, AnnexKind::Pdf),
    }
}

fn attached(content: &Content, context: &CheckContext<'_>, kind: AnnexKind) -> Vec<Attached> {
    let slots = context.stage.annexes.iter();
    slots
        .filter_map(|slot| {
            let annex = content.annexes.get(&slot.key)?;
            let fits = AnnexKind::of(&annex.media_type) == Some(kind);
            fits.then(|| Attached {
                title: slot.title.clone(),
                file: annex.file.clone(),
                pages: annex.pages.unwrap_or_default(),
            })
        })
        .collect()
}

fn modules(content: &Content, context: &CheckContext<'_>) -> Vec<(String, String)> {
    let modules = context.rules.modules.iter();
    modules
        .filter(|module| content.modules.contains(&module.key))
        .map(|module| (module.key.clone(), module.title.clone()))
        .collect()
}

fn answers(content: &Content, context: &CheckContext<'_>) -> Vec<(String, String)> {
    let questions = context.rules.questions.iter();
    questions
        .filter_map(|question| {
            let yes = content.answers.get(&question.key)?;
            let answer = if *yes { "yes" } else { "no" };
            Some((question.title.clone(), answer.to_owned()))
        })
        .collect()
}

fn texts(content: &Content, context: &CheckContext<'_>) -> Vec<(String, String)> {
    let chosen = choice::chosen(content, context.rules.words());
    let sections = context.stage.texts.iter();
    sections
        .filter(|section| section.asked(&chosen, context.rules.words()))
        .filter_map(|section| {
            let text = content.texts.get(&section.key)?;
            (!text.trim().is_empty()).then(|| (section.title.clone(), text.clone()))
        })
        .collect()
}

fn named(key: &str, funders: &[FunderTerms]) -> String {
    match funders.iter().find(|funder| funder.key == key) {
        Some(funder) => format!("{} ({key})", funder.name),
        None => key.to_owned(),
    }
}

fn partner_page(
    number: usize,
    partner: &Partner,
    content: &Content,
    funders: &[FunderTerms],
    currency: Currency,
) -> PartnerPage {
    let person = &partner.principal_investigator;
    let country = partner.country.map_or("", |country| country.name());
    let requested = partner.requested().ok();
    let written = |amount: Option<Amount>| {
        amount.map_or(String::new(), |amount| format!("{amount} {currency}"))
    };
    let orcid = person.orcid.clone().unwrap_or_default();
    let early = if person.early_career { "yes" } else { "" };
    let modules: Vec<&str> = partner.modules.iter().map(String::as_str).collect();
    let funding = match &partner.funding {
        Funding::Funder { funder } => named(funder, funders),
        Funding::Own { means } => format!("Own means: {means}"),
        Funding::Undecided {} => String::new(),
    };
    let terms = funders
        .iter()
        .find(|one| Some(one.key.as_str()) == partner.funder());
    let converted = terms
        .zip(requested)
        .and_then(|(funder, sum)| funder.terms.converted(sum, currency));
    let facts = [
        ("Role", partner.role.to_string()),
        ("Country", country.to_owned()),
        ("Region", partner.region.clone().unwrap_or_default()),
        ("Department", partner.department.clone().unwrap_or_default()),
        ("ROR", partner.ror.clone().unwrap_or_default()),
        (
            "Type",
            partner
                .entity
                .map_or(String::new(), |entity| entity.to_string()),
        ),
        (
            "Sector",
            partner
                .sector
                .map_or(String::new(), |sector| sector.to_string()),
        ),
        ("Modules", modules.join(", ")),
        ("Principal investigator", person.name.clone()),
        ("E-mail", person.email.clone()),
        ("ORCID iD", orcid),
        ("Early career", early.to_owned()),
        ("Funding", funding),
    ];
    let sums = [
        ("All costs", written(partner.costs().ok())),
        (
            "Paid by itself",
            match partner.own_contribution {
                Amount::ZERO => String::new(),
                own => written(Some(own)),
            },
        ),
        (
            "Requested",
            match partner.funder() {
                Some(_) => written(requested),
                None => String::new(),
            },
        ),
        ("In the funder's currency", converted.unwrap_or_default()),
    ];
    let years = years(partner, content);
    PartnerPage {
        number,
        organisation: partner.organisation.clone(),
        country: country.to_owned(),
        investigator: person.name.clone(),
        funder: partner.funder().unwrap_or("own means").to_owned(),
        requested: requested.map_or(String::new(), |sum| sum.to_string()),
        facts: filled(facts),
        years,
        budget: costs(partner, years),
        sums: filled(sums),
    }
}

fn filled<const N: usize>(pairs: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    let pairs = pairs.into_iter();
    pairs.filter(|(_, text)| !text.trim().is_empty()).collect()
}

/// As many as the project lasts, and as costs were given for.
fn years(partner: &Partner, content: &Content) -> usize {
    let lasting = content.years().unwrap_or(1);
    let given = partner.budget.values().map(Vec::len).max();
    given.unwrap_or_default().max(lasting).min(10)
}

fn costs(partner: &Partner, years: usize) -> Vec<CostRow> {
    let row = |category: String, amounts: &[Amount]| CostRow {
        category,
        amounts: (0..years)
            .map(|year| amounts.get(year).copied().unwrap_or_default().to_string())
            .collect(),
        total: Amount::sum(amounts.iter().copied()).map_or(String::new(), |sum| sum.to_string()),
    };
    let mut all: BTreeMap<usize, Amount> = BTreeMap::new();
    let mut rows: Vec<CostRow> = Vec::new();
    for (category, amounts) in &partner.budget {
        for (year, amount) in amounts.iter().enumerate() {
            let sum = all.entry(year).or_default();
            *sum = sum.checked_add(*amount).unwrap_or(*sum);
        }
        rows.push(row(category.to_string().replace('_', " "), amounts));
    }
    if rows.len() > 1 {
        rows.push(row(
            "all".to_owned(),
            &all.into_values().collect::<Vec<_>>(),
        ));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::CostCategory;
    use crate::sample;

    #[test]
    fn it_says_what_the_content_says_and_leaves_out_what_is_not_asked() {
        let mut rules = sample::rules();
        rules.stages[0].texts[1].asked_if = Some("not clinical".parse().unwrap());
        rules.questions = vec![call::Question {
            key: "clinical".into(),
            title: "Is it clinical?".into(),
        }];
        let mut funders = sample::funders();
        funders[0].terms.currency = Some("PLN".parse().unwrap());
        funders[0].terms.rate = Some("4.4373".parse().unwrap());
        let context = CheckContext::new(&rules, &rules.stages[0], &funders);
        let mut content = sample::content();
        content.answers = [("clinical".to_owned(), true)].into();
        content.texts.insert("remarks".into(), "Not asked.".into());
        let travel = content.partners[0].budget.entry(CostCategory::Travel);
        travel.or_default().push(Amount(50));
        let heading = Heading {
            call: "JTC2026 A call".into(),
            stage: "Pre-proposal".into(),
            number: "JTC2026-001".into(),
            whole: true,
            version: None,
            rehearsal: false,
        };
        let of_partner = Heading {
            whole: false,
            ..heading.clone()
        };
        assert_eq!(super::document(of_partner, &content, &context).sha256, None);
        let document = document(heading, &content, &context);
        assert_eq!(document.texts, [("WORK".into(), "What we will do.".into())]);
        assert_eq!(document.answers, [("Is it clinical?".into(), "yes".into())]);
        assert_eq!(document.sha256, Some(submission::content_sha256(&content)));
        let first = &document.partners[0];
        assert_eq!(first.years, 3);
        let rows = first.budget.iter().map(|row| {
            (
                row.category.as_str(),
                row.amounts.join(" "),
                row.total.as_str(),
            )
        });
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                ("personnel", "200000.00 0.00 0.00".to_owned(), "200000.00"),
                ("travel", "5000.00 0.50 0.00".to_owned(), "5000.50"),
                ("all", "205000.00 0.50 0.00".to_owned(), "205000.50"),
            ]
        );
        // 205000.50 EUR at 4.4373 are 909648.71865 PLN.
        assert_eq!(
            document.funders[0].converted.as_deref(),
            Some("909648.72 PLN")
        );
        assert_eq!(document.funders[1].converted, None);
    }
}
