//! What the decision hands to the Commission: the joint selection list and the funders' commitments.

use intake::Partner;
use kernel::{Amount, Cell};
use store::view::commitment::{Package, SignedDocument};

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

/// What each funder signed, and beside it what the selection asks of it: accepting a line is a click, and binds no
/// ministry.
pub(super) fn commitments(package: &Package) -> Part {
    let row = |funder: &store::commitment::balance::Funder| {
        let lines = &package.selection.lines;
        let line = lines.iter().find(|line| line.organisation == funder.key);
        let paid = |say: fn(&store::view::commitment::LineView) -> Amount| {
            amount(line.map_or(Amount::ZERO, say))
        };
        let answered = line.and_then(|line| line.answered_at.map(|at| at.to_rfc3339()));
        let commitment = package.commitments.get(&funder.participation);
        let signed = commitment.and_then(|one| one.signed());
        let of = |say: fn(&SignedDocument) -> String| text(&signed.map(say));
        let available = commitment.and_then(|one| one.available);
        vec![
            funder.key.clone().into(),
            funder.name.clone().into(),
            amount(commitment.map_or(funder.commitment, |one| one.amount)),
            available.map_or("".into(), amount),
            of(|one| one.signed_by.clone()),
            of(|one| one.signed_as.clone()),
            of(|one| one.signed_on.to_string()),
            of(|one| one.sha256.clone()),
            paid(|line| line.requested),
            paid(|line| line.eu),
            paid(|line| line.national),
            package.selection.input.currency.to_string().into(),
            text(&line.map(|line| line.state.to_string())),
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
            "indicative",
            "available",
            "signed_by",
            "signed_as",
            "signed_on",
            "sha256",
            "requested",
            "eu",
            "national",
            "currency",
            "line",
            "answered_at",
        ],
        rows: package.funders.iter().map(row).collect(),
    }
}
