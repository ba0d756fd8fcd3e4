//! What the proposals hand to the Commission: participants, principal investigators, abstracts.

use intake::{Funding, Partner};
use kernel::Cell;
use store::commitment::package::PackedProposal;
use store::view::commitment::Package;

use super::{Part, amount, country, number, text, yes_no};
use crate::Problem;

/// The partners of all proposals that are told of, with their places in the consortium.
fn partners(package: &Package) -> impl Iterator<Item = (&PackedProposal, usize, &Partner)> {
    package.proposals.iter().flat_map(|one| {
        let placed = (1..).zip(&one.content.partners);
        placed.map(move |(place, partner)| (one, place, partner))
    })
}

pub(super) fn participants(package: &Package) -> Result<Part, Problem> {
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
            text(&partner.department),
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
            "department",
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

pub(super) fn investigators(package: &Package) -> Part {
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

pub(super) fn abstracts(package: &Package) -> Part {
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
