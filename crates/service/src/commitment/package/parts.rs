//! The parts of the Commission's package, as tables: the same in the workbook, in CSV and in the document.

use std::collections::HashMap;

use commitment::LineState;
use intake::{Funding, Partner};
use kernel::{Amount, Cell, Sheet};
use review::RankingState;
use store::commitment::package::PackedProposal;
use store::view::commitment::Package;

use crate::Problem;

/// A part of the package.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Name of its file and sheet.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Whether its rows say much: the document sets them one below the other.
    pub records: bool,
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// As many cells as columns each.
    pub rows: Vec<Vec<Cell>>,
}

impl Part {
    /// The part as a sheet of a workbook.
    pub fn sheet(&self) -> Sheet {
        Sheet {
            name: self.key.to_owned(),
            rows: self.lines().collect(),
        }
    }

    /// Heading and rows.
    pub fn lines(&self) -> impl Iterator<Item = Vec<Cell>> {
        let heading = self.columns.iter().map(|name| Cell::from(*name));
        std::iter::once(heading.collect()).chain(self.rows.iter().cloned())
    }
}

/// All parts, in the order in which the Commission asks for them.
pub(super) fn parts(package: &Package) -> Result<Vec<Part>, Problem> {
    Ok(vec![
        rankings(package),
        conformity(package)?,
        selection(package)?,
        commitments(package),
        participants(package)?,
        investigators(package),
        abstracts(package),
    ])
}

/// Columns of the ranking lists; the last one only where one of them is per topic, whose positions count within it.
static RANKING_COLUMNS: [&str; 11] = [
    "stage",
    "version",
    "in_force",
    "redress_of",
    "position",
    "proposal",
    "acronym",
    "title",
    "total",
    "advice",
    "topic",
];

fn rankings(package: &Package) -> Part {
    let titles: HashMap<&str, &PackedProposal> = package
        .proposals
        .iter()
        .map(|one| (one.number.as_str(), one))
        .collect();
    let mut all = package.rankings.iter().flat_map(|list| &list.entries);
    let per_topic = all.any(|entry| entry.topic.is_some());
    let mut rows = Vec::new();
    for list in &package.rankings {
        for entry in &list.entries {
            let told = titles.get(entry.number.as_str()).map(|one| &one.content);
            let mut row = vec![
                number(list.stage),
                number(list.number),
                yes_no(list.state == RankingState::Adopted),
                text(&list.because_of),
                number(entry.position),
                entry.number.clone().into(),
                told.map_or("".into(), |one| one.acronym.clone().into()),
                told.map_or("".into(), |one| one.title.clone().into()),
                Cell::Number(entry.total.to_string()),
                entry.rating.to_string().into(),
            ];
            if per_topic {
                row.push(text(&entry.topic));
            }
            rows.push(row);
        }
    }
    Part {
        key: "ranking_lists",
        title: "Ranking lists",
        records: false,
        columns: &RANKING_COLUMNS[..RANKING_COLUMNS.len() - usize::from(!per_topic)],
        rows,
    }
}

fn conformity(package: &Package) -> Result<Part, Problem> {
    let mut rows = Vec::new();
    for (stage, row) in &package.conformity {
        let report = row.report()?;
        let filed = row.filed_at.map(|at| at.to_rfc3339());
        rows.push(vec![
            format!("Stage {stage}").into(),
            report
                .conclusion
                .map_or("".into(), |one| one.to_string().into()),
            report.findings.into(),
            report.recommendations.into(),
            text(&filed),
            text(&row.sha256),
        ]);
    }
    Ok(Part {
        key: "conformity_report",
        title: "Conformity report of the independent observer",
        records: true,
        columns: &[
            "stage",
            "conclusion",
            "findings",
            "recommendations",
            "filed_at",
            "sha256",
        ],
        rows,
    })
}

fn selection(package: &Package) -> Result<Part, Problem> {
    let mut rows = Vec::new();
    for (place, code) in (1..).zip(&package.selection.selected) {
        let told = package.proposals.iter().find(|one| one.number == *code);
        let content = told.map(|one| &one.content);
        let coordinator = content.and_then(|one| one.coordinator());
        let of = |say: fn(&Partner) -> String| Cell::Text(coordinator.map(say).unwrap_or_default());
        let lines = package.selection.lines.iter();
        let own = lines.flat_map(|line| line.projects.iter().filter(|one| one.number == *code));
        let (mut requested, mut eu, mut national) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
        for project in own {
            requested = added(requested, project.requested)?;
            eu = added(eu, project.eu)?;
            national = added(national, project.national)?;
        }
        rows.push(vec![
            number(place),
            code.clone().into(),
            content.map_or("".into(), |one| one.acronym.clone().into()),
            content.map_or("".into(), |one| one.title.clone().into()),
            of(|one| one.principal_investigator.name.clone()),
            of(|one| one.organisation.clone()),
            of(country),
            amount(requested),
            amount(eu),
            amount(national),
        ]);
    }
    Ok(Part {
        key: "selection_list",
        title: "Joint selection list",
        records: false,
        columns: &[
            "place",
            "proposal",
            "acronym",
            "title",
            "coordinator",
            "organisation",
            "country",
            "requested",
            "eu",
            "national",
        ],
        rows,
    })
}

fn added(sum: Amount, more: Amount) -> Result<Amount, Problem> {
    sum.checked_add(more).map_err(Problem::internal)
}

fn commitments(package: &Package) -> Part {
    let row = |funder: &store::commitment::balance::Funder| {
        let lines = &package.selection.lines;
        let line = lines.iter().find(|line| line.organisation == funder.key);
        let paid = |say: fn(&store::view::commitment::LineView) -> Amount| {
            amount(line.map_or(Amount::ZERO, say))
        };
        let answer = line.map(|line| match line.state {
            LineState::Accepted => "available".to_owned(),
            other => other.to_string(),
        });
        let answered = line.and_then(|line| line.answered_at.map(|at| at.to_rfc3339()));
        vec![
            funder.key.clone().into(),
            line.map_or("".into(), |line| line.name.clone().into()),
            amount(funder.commitment),
            paid(|line| line.requested),
            paid(|line| line.eu),
            paid(|line| line.national),
            line.map_or("".into(), |line| line.currency.to_string().into()),
            text(&answer),
            text(&answered),
        ]
    };
    Part {
        key: "commitments",
        title: "Commitments on availability of funds",
        records: false,
        columns: &[
            "funder",
            "name",
            "committed",
            "requested",
            "eu",
            "national",
            "currency",
            "funds",
            "answered_at",
        ],
        rows: package.funders.iter().map(row).collect(),
    }
}

/// The partners of all proposals that are told of, with their places in the consortium.
fn partners(package: &Package) -> impl Iterator<Item = (&PackedProposal, usize, &Partner)> {
    package.proposals.iter().flat_map(|one| {
        let placed = (1..).zip(&one.content.partners);
        placed.map(move |(place, partner)| (one, place, partner))
    })
}

fn participants(package: &Package) -> Result<Part, Problem> {
    let mut rows = Vec::new();
    for (proposal, place, partner) in partners(package) {
        let means = match &partner.funding {
            Funding::Own { means } => means.as_str(),
            Funding::Funder { .. } | Funding::Undecided {} => "",
        };
        let named = |name: Option<String>| Cell::Text(name.unwrap_or_default());
        rows.push(vec![
            proposal.number.clone().into(),
            proposal.state.to_string().into(),
            number(place),
            partner.role.to_string().into(),
            partner.organisation.clone().into(),
            text(&partner.ror),
            country(partner).into(),
            text(&partner.region),
            named(partner.sector.map(|one| one.to_string())),
            named(partner.entity.map(|one| one.to_string())),
            partner.funder().unwrap_or_default().into(),
            means.into(),
            amount(partner.requested().map_err(Problem::internal)?),
        ]);
    }
    Ok(Part {
        key: "participants",
        title: "Participants",
        records: false,
        columns: &[
            "proposal",
            "outcome",
            "partner",
            "role",
            "organisation",
            "ror",
            "country",
            "region",
            "sector",
            "entity",
            "funder",
            "own_means",
            "requested",
        ],
        rows,
    })
}

fn investigators(package: &Package) -> Part {
    let row = |(proposal, place, partner): (&PackedProposal, usize, &Partner)| {
        let person = &partner.principal_investigator;
        vec![
            proposal.number.clone().into(),
            number(place),
            person.name.clone().into(),
            person.email.clone().into(),
            text(&person.orcid),
            partner.organisation.clone().into(),
            country(partner).into(),
            yes_no(person.early_career),
            Cell::Text(
                person
                    .career_stage
                    .map(|one| one.to_string())
                    .unwrap_or_default(),
            ),
        ]
    };
    Part {
        key: "principal_investigators",
        title: "Principal investigators",
        records: false,
        columns: &[
            "proposal",
            "partner",
            "name",
            "email",
            "orcid",
            "organisation",
            "country",
            "early_career",
            "career_stage",
        ],
        rows: partners(package).map(row).collect(),
    }
}

fn abstracts(package: &Package) -> Part {
    let row = |one: &PackedProposal| {
        let content = &one.content;
        vec![
            one.number.clone().into(),
            number(one.stage),
            one.state.to_string().into(),
            content.acronym.clone().into(),
            content.title.clone().into(),
            content.keywords.join("; ").into(),
            content.duration_months.map_or("".into(), number),
            content.abstract_text.clone().into(),
        ]
    };
    Part {
        key: "abstracts",
        title: "Abstracts",
        records: true,
        columns: &[
            "proposal",
            "stage",
            "outcome",
            "acronym",
            "title",
            "keywords",
            "duration_months",
            "abstract",
        ],
        rows: package.proposals.iter().map(row).collect(),
    }
}

fn country(partner: &Partner) -> String {
    let country = partner.country.map(|country| country.to_string());
    country.unwrap_or_default()
}

fn number<T: ToString>(number: T) -> Cell {
    Cell::Number(number.to_string())
}

fn amount(amount: Amount) -> Cell {
    Cell::Number(amount.to_string())
}

fn text(text: &Option<String>) -> Cell {
    Cell::Text(text.clone().unwrap_or_default())
}

fn yes_no(answer: bool) -> Cell {
    Cell::from(if answer { "yes" } else { "no" })
}
