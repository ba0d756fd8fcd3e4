//! The selections of a record as files for `jtc select`: `selection-N.json` is what number N was computed from,
//! `selection-N.answer.json` what was computed.

use std::path::Path;

use anyhow::{Context as _, Result};
use commitment::offline::{self, Answer};
use commitment::{Selection, SelectionInput};
use serde_json::Value;

/// What is known of a selection of a record.
struct Known {
    number: i64,
    id: String,
    /// The id of the one that it amends.
    amends: Option<String>,
    input: SelectionInput,
    answer: Answer,
}

fn known(record: &Value) -> Result<Vec<Known>> {
    let selections = record["selections"].as_array().into_iter().flatten();
    selections
        .map(|one| {
            let number = one["number"]
                .as_i64()
                .context("a selection has no number")?;
            let input = serde_json::from_value(one["input"].clone())
                .with_context(|| format!("the input of selection {number}"))?;
            let result: Selection = serde_json::from_value(one["result"].clone())
                .with_context(|| format!("the result of selection {number}"))?;
            Ok(Known {
                number,
                id: one["id"].as_str().unwrap_or_default().to_owned(),
                amends: one["amends"].as_str().map(str::to_owned),
                input,
                answer: Answer::from(&result),
            })
        })
        .collect()
}

/// Writes the selections of a record into a folder, which is made where there is none.
pub fn write(record: &Value, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for one in known(record)? {
        let files = [
            ("json", serde_json::to_string_pretty(&one.input)?),
            ("answer.json", serde_json::to_string_pretty(&one.answer)?),
        ];
        for (ending, text) in files {
            let path = folder.join(format!("selection-{}.{ending}", one.number));
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

/// An amendment keeps projects of the selection that it amends, and funds all that it keeps.
fn check_kept(one: &Known, all: &[Known]) -> Result<()> {
    let Some(id) = &one.amends else {
        anyhow::ensure!(
            one.input.kept.is_empty(),
            "keeps what nothing before it decided"
        );
        return Ok(());
    };
    let before = all
        .iter()
        .find(|other| other.id == *id && other.number < one.number);
    let before = before.context("amends none of the selections before it")?;
    for code in &one.input.kept {
        let number = before.number;
        anyhow::ensure!(
            before.answer.selected.contains(code),
            "keeps {code}, which selection {number} does not fund"
        );
        anyhow::ensure!(
            one.answer.selected.contains(code),
            "keeps {code} and does not fund it"
        );
    }
    Ok(())
}

/// What is wrong with a folder that [`write`] made, beside the record: each selection is read as `jtc select`
/// reads it, and computed again.
pub fn check(record: &Value, folder: &Path) -> (usize, Vec<String>) {
    let all = match known(record) {
        Ok(all) => all,
        Err(fault) => return (0, vec![format!("{fault:#}")]),
    };
    let mut faults = Vec::new();
    for one in &all {
        let path = folder.join(format!("selection-{}.json", one.number));
        if let Err(fault) = check_one(one, &path) {
            faults.push(format!("{}: {fault:#}", path.display()));
        }
        if let Err(fault) = check_kept(one, &all) {
            faults.push(format!("{}: {fault:#}", path.display()));
        }
    }
    (all.len(), faults)
}

fn check_one(one: &Known, path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).context("cannot be read")?;
    let input = offline::read(&text).map_err(|faults| {
        let found: Vec<&str> = faults.0.iter().map(|one| one.detail.as_str()).collect();
        anyhow::anyhow!("is no input of a selection: {}", found.join("; "))
    })?;
    anyhow::ensure!(input == one.input, "is not what the record computed from");
    let again = commitment::select(&input)
        .map_err(|faults| anyhow::anyhow!("has {} faults", faults.0.len()))?;
    anyhow::ensure!(
        Answer::from(&again) == one.answer,
        "computes to another answer than the record's"
    );
    let beside = path.with_extension("answer.json");
    let text = std::fs::read_to_string(&beside).context("its answer cannot be read")?;
    let answer: Answer = serde_json::from_str(&text).context("its answer is none")?;
    anyhow::ensure!(answer == one.answer, "its answer is not the record's");
    Ok(())
}
