//! Whether the ranking lists of an export are what their inputs make, and those that the panel adopted.

use std::collections::BTreeMap;

use ::review::{Ranked, RankingState};
use uuid::Uuid;

use super::export::{Export, ExportedRanking};
use crate::review::ranking_fingerprint;

/// A sentence for each thing that is wrong.
pub(super) fn faults(export: &Export) -> Vec<String> {
    let mut faults = Vec::new();
    let mut last: BTreeMap<i32, &ExportedRanking> = BTreeMap::new();
    for one in &export.rankings {
        let place = format!("ranking list {} of stage {}", one.number, one.stage);
        match serde_json::from_value::<Ranked>(one.list.clone()) {
            Ok(list) => {
                let found = against(export, one, &list).into_iter();
                faults.extend(found.map(|fault| format!("{place} {fault}")));
            }
            Err(error) => faults.push(format!("{place} cannot be read: {error}")),
        }
        let before = last.insert(one.stage, one);
        if before.map_or(0, |before| before.number) + 1 != one.number {
            faults.push(format!("{place} does not follow the one before"));
        }
        if before.is_some_and(|before| before.state != RankingState::Revised) {
            faults.push(format!("{place} follows one that was not revised"));
        }
    }
    for one in last.values() {
        if one.state != RankingState::Adopted {
            let (number, stage) = (one.number, one.stage);
            faults.push(format!(
                "ranking list {number} of stage {stage} is the last one, and not in force"
            ));
        }
    }
    for id in adopted(export) {
        if export.rankings.iter().all(|one| one.id != id) {
            faults.push(format!("the ranking list {id} was adopted and is missing"));
        }
    }
    faults
}

/// What is wrong with one list. What the panel agreed on is summed up again, and the list made of it anew.
fn against(export: &Export, one: &ExportedRanking, list: &Ranked) -> Vec<String> {
    let mut faults = Vec::new();
    if list.input.stage != one.stage {
        faults.push("was computed for another stage".to_owned());
    }
    let outdated = list.input.check().0.into_iter();
    faults.extend(outdated.map(|fault| format!("rests on a wrong total: {}", fault.detail)));
    if list.input.entries() != list.entries {
        faults.push("computes to another list".to_owned());
    }
    let (id, print) = (one.id.to_string(), ranking_fingerprint(list));
    let print = print.unwrap_or_default();
    let known = export
        .rows
        .iter()
        .any(|row| row.detail["list"] == id.as_str() && row.detail["sha256"] == print.as_str());
    if !known {
        faults.push("is not the one that the audit knows".to_owned());
    }
    faults
}

/// The lists that the panel adopted, as the audit says.
fn adopted(export: &Export) -> impl Iterator<Item = Uuid> + '_ {
    let deeds = ["adopt_ranking", "revise_ranking", "reevaluate_proposal"];
    let rows = export.rows.iter();
    rows.filter(move |row| deeds.contains(&row.action.as_str()))
        .filter_map(|row| row.detail["list"].as_str()?.parse().ok())
}
