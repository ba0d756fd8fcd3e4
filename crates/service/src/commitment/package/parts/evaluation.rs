//! What the evaluation hands to the Commission: the ranking lists and the observer's report.

use std::collections::HashMap;

use kernel::Cell;
use review::RankingState;
use store::commitment::package::PackedProposal;
use store::view::commitment::Package;

use super::{Part, number, text, yes_no};
use crate::Problem;

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

pub(super) fn rankings(package: &Package) -> Part {
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

pub(super) fn conformity(package: &Package) -> Result<Part, Problem> {
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
