//! The selections of a record as files for `jtc select`: `selection-N.json` is what number N was computed from,
//! `selection-N.answer.json` what was computed. Where topics have money of their own there are two files for each:
//! `selection-N.1-care.json` and so on, since each is computed by itself. `scenario-N.json` is the same of each
//! scenario that is shared, oldest first, and `now.json` of a call that is ranked and of which nothing was proposed yet;
//! that one is on no record.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use commitment::offline::{self, Answer};
use commitment::{Selection, SelectionInput};
use serde_json::Value;

/// The name of the files of what the call would select now.
const NOW: &str = "now";

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
fn parts(name: &str, input: &SelectionInput, result: &Selection) -> Result<Vec<Part>> {
    let topics = input.by_topic();
    if topics.is_empty() {
        return Ok(vec![Part {
            name: name.to_owned(),
            input: input.clone(),
            answer: Answer::from(result),
        }]);
    }
    let topics = topics.into_iter().enumerate();
    topics
        .map(|(at, (topic, input))| {
            let own = result.topics.iter().find(|one| one.topic == topic);
            let own = own.with_context(|| format!("{name} leaves out '{topic}'"))?;
            Ok(Part {
                name: format!("{name}.{}-{topic}", at + 1),
                input,
                answer: Answer::from(&own.result),
            })
        })
        .collect()
}

/// What something of the record was computed from, and what was computed.
fn stored(name: &str, one: &Value) -> Result<(SelectionInput, Selection)> {
    let input = serde_json::from_value::<SelectionInput>(one["input"].clone());
    let result = serde_json::from_value::<Selection>(one["result"].clone());
    Ok((
        input.with_context(|| format!("the input of {name}"))?,
        result.with_context(|| format!("the result of {name}"))?,
    ))
}

/// The shared scenarios of a record, which have none where it was not taken out by the operator.
fn scenarios(record: &Value) -> Result<Vec<Vec<Part>>> {
    let scenarios = record["scenarios"].as_array().into_iter().flatten();
    scenarios
        .enumerate()
        .map(|(at, one)| {
            let name = format!("scenario-{}", at + 1);
            let (input, result) = stored(&name, one)?;
            parts(&name, &input, &result)
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
            let name = format!("selection-{number}");
            let (input, result) = stored(&name, one)?;
            Ok(Known {
                number,
                id: one["id"].as_str().unwrap_or_default().to_owned(),
                amends: one["amends"].as_str().map(str::to_owned),
                parts: parts(&name, &input, &result)?,
                kept: input.kept,
                selected: result.selected,
            })
        })
        .collect()
}

/// Writes the selections and the scenarios of a record into a folder, which is made where there is none, and beside them
/// what the call would select now, where that is given.
pub fn write(
    record: &Value,
    now: Option<&(SelectionInput, Selection)>,
    folder: &Path,
) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut all: Vec<Part> = known(record)?
        .into_iter()
        .flat_map(|one| one.parts)
        .collect();
    all.extend(scenarios(record)?.into_iter().flatten());
    if let Some((input, result)) = now {
        all.extend(parts(NOW, input, result)?);
    }
    for one in all {
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

/// What was found in a folder.
#[derive(Default)]
pub struct Checked {
    /// How many selections were computed again.
    pub selections: usize,
    /// How many shared scenarios.
    pub scenarios: usize,
    /// How many files of what was not proposed yet.
    pub now: usize,
    /// A sentence for each thing that is wrong.
    pub faults: Vec<String>,
}

impl Checked {
    fn look(&mut self, path: &Path, found: Result<()>) {
        if let Err(fault) = found {
            self.faults.push(format!("{}: {fault:#}", path.display()));
        }
    }
}

/// Checks a folder that [`write`] made, beside the record: each selection and each scenario is read as `jtc select`
/// reads it, and computed again. What was not proposed is held against the answer beside it alone.
pub fn check(record: &Value, folder: &Path) -> Checked {
    let mut checked = Checked::default();
    let read = known(record).and_then(|all| Ok((all, scenarios(record)?)));
    let (all, scenarios) = match read {
        Ok(read) => read,
        Err(fault) => {
            checked.faults.push(format!("{fault:#}"));
            return checked;
        }
    };
    checked.selections = all.len();
    checked.scenarios = scenarios.len();
    for one in &all {
        if let Err(fault) = check_kept(one, &all) {
            let fault = format!("selection {}: {fault:#}", one.number);
            checked.faults.push(fault);
        }
    }
    let selections = all.iter().flat_map(|one| &one.parts);
    for part in selections.chain(scenarios.iter().flatten()) {
        let path = folder.join(format!("{}.json", part.name));
        checked.look(&path, check_one(part, &path));
    }
    for path in undecided(folder) {
        checked.now += 1;
        checked.look(&path, check_undecided(&path));
    }
    checked
}

/// The files of what was not proposed yet, in a folder.
fn undecided(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter(|name| name.starts_with(&format!("{NOW}.")) && name.ends_with(".json"))
        .filter(|name| !name.ends_with(".answer.json"))
        .collect();
    names.sort();
    names.into_iter().map(|name| folder.join(name)).collect()
}

fn check_one(one: &Part, path: &Path) -> Result<()> {
    let input = input_in(path)?;
    anyhow::ensure!(input == one.input, "is not what the record computed from");
    anyhow::ensure!(
        computed(&input)? == one.answer,
        "computes to another answer than the record's"
    );
    anyhow::ensure!(
        answer_beside(path)? == one.answer,
        "its answer is not the record's"
    );
    Ok(())
}

fn check_undecided(path: &Path) -> Result<()> {
    let again = computed(&input_in(path)?)?;
    anyhow::ensure!(
        answer_beside(path)? == again,
        "computes to another answer than the one beside it"
    );
    Ok(())
}

fn input_in(path: &Path) -> Result<SelectionInput> {
    let text = std::fs::read_to_string(path).context("cannot be read")?;
    offline::read(&text).map_err(|faults| {
        let found: Vec<&str> = faults.0.iter().map(|one| one.detail.as_str()).collect();
        anyhow::anyhow!("is no input of a selection: {}", found.join("; "))
    })
}

fn computed(input: &SelectionInput) -> Result<Answer> {
    let again = commitment::select(input)
        .map_err(|faults| anyhow::anyhow!("has {} faults", faults.0.len()))?;
    Ok(Answer::from(&again))
}

fn answer_beside(path: &Path) -> Result<Answer> {
    let beside = path.with_extension("answer.json");
    let text = std::fs::read_to_string(&beside).context("its answer cannot be read")?;
    serde_json::from_str(&text).context("its answer is none")
}
