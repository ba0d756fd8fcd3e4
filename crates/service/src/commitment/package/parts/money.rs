//! What the decision hands to the Commission: the joint selection list and the funders' commitments.

use commitment::LineState;
use intake::Partner;
use kernel::{Amount, Cell};
use store::view::commitment::Package;

use super::{Part, amount, country, number, text};
use crate::Problem;

pub(super) fn selection(package: &Package) -> Result<Part, Problem> {
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

pub(super) fn commitments(package: &Package) -> Part {
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
