//! The selections of a record as files for `jtc select`: `selection-N.json` is what number N was computed from,
//! `selection-N.answer.json` what was computed. Where topics have money of their own there are two files for each:
//! `selection-N.1-care.json` and so on, since each is computed by itself.

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
    kept: Vec<String>,
    selected: Vec<String>,
    parts: Vec<Part>,
}

/// A selection, or its part for one topic, as `jtc select` reads and answers it.
struct Part {
    /// The name of its files, without their endings.
    name: String,
    input: SelectionInput,
    answer: Answer,
}

/// The parts of a selection: one, or one for each topic with money of its own.
fn parts(number: i64, input: &SelectionInput, result: &Selection) -> Result<Vec<Part>> {
    let topics = input.by_topic();
    if topics.is_empty() {
        return Ok(vec![Part {
            name: format!("selection-{number}"),
            input: input.clone(),
            answer: Answer::from(result),
        }]);
    }
    let topics = topics.into_iter().enumerate();
    topics
        .map(|(at, (topic, input))| {
            let own = result.topics.iter().find(|one| one.topic == topic);
            let own = own.with_context(|| format!("selection {number} leaves out '{topic}'"))?;
            Ok(Part {
                name: format!("selection-{number}.{}-{topic}", at + 1),
                input,
                answer: Answer::from(&own.result),
            })
        })
        .collect()
}

fn known(record: &Value) -> Result<Vec<Known>> {
    let selections = record["selections"].as_array().into_iter().flatten();
    selections
        .map(|one| {
            let number = one["number"]
                .as_i64()
                .context("a selection has no number")?;
            let input: SelectionInput = serde_json::from_value(one["input"].clone())
                .with_context(|| format!("the input of selection {number}"))?;
            let result: Selection = serde_json::from_value(one["result"].clone())
                .with_context(|| format!("the result of selection {number}"))?;
            Ok(Known {
                number,
                id: one["id"].as_str().unwrap_or_default().to_owned(),
                amends: one["amends"].as_str().map(str::to_owned),
                parts: parts(number, &input, &result)?,
                kept: input.kept,
                selected: result.selected,
            })
        })
        .collect()
}

/// Writes the selections of a record into a folder, which is made where there is none.
pub fn write(record: &Value, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for one in known(record)?.into_iter().flat_map(|one| one.parts) {
        let files = [
            ("json", serde_json::to_string_pretty(&one.input)?),
            ("answer.json", serde_json::to_string_pretty(&one.answer)?),
        ];
        for (ending, text) in files {
            let path = folder.join(format!("{}.{ending}", one.name));
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

/// An amendment keeps projects of the selection that it amends, and funds all that it keeps.
fn check_kept(one: &Known, all: &[Known]) -> Result<()> {
    let Some(id) = &one.amends else {
        anyhow::ensure!(one.kept.is_empty(), "keeps what nothing before it decided");
        return Ok(());
    };
    let before = all
        .iter()
        .find(|other| other.id == *id && other.number < one.number);
    let before = before.context("amends none of the selections before it")?;
    for code in &one.kept {
        let number = before.number;
        anyhow::ensure!(
            before.selected.contains(code),
            "keeps {code}, which selection {number} does not fund"
        );
        anyhow::ensure!(
            one.selected.contains(code),
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
        for part in &one.parts {
            let path = folder.join(format!("{}.json", part.name));
            if let Err(fault) = check_one(part, &path) {
                faults.push(format!("{}: {fault:#}", path.display()));
            }
        }
        if let Err(fault) = check_kept(one, &all) {
            faults.push(format!("selection {}: {fault:#}", one.number));
        }
    }
    (all.len(), faults)
}

fn check_one(one: &Part, path: &Path) -> Result<()> {
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
