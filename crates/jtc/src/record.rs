//! A call's record: written from the database, checked without one.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use commitment::{Selection, SelectionInput};
use intake::SignedReceipt;
use serde_json::Value;
use service::Service;
use uuid::Uuid;

use crate::config::Config;
use crate::server::{offline, plain};
use crate::{archive, selections};

/// Runs `jtc export CALL`.
pub fn export(
    config: &Config,
    code: &str,
    submissions: Option<&Path>,
    selections: Option<&Path>,
) -> Result<ExitCode> {
    let (document, now) = offline(config, async |service| {
        let call = service::call::by_code(&service, code)
            .await
            .map_err(plain)?;
        // The record first: what is submitted in between is in the folder only, which is no fault.
        let document = service::audit::export(&service, call)
            .await
            .map_err(plain)?;
        if let Some(folder) = submissions {
            archive::write(&service, call, folder).await?;
        }
        let now = match selections {
            Some(_) => undecided(&service, call).await,
            None => None,
        };
        Ok((document, now))
    })?;
    if let Some(folder) = selections {
        selections::write(&document, now.as_ref(), folder)?;
    }
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}

/// What the call would select now. That it cannot be computed, as while a verdict is missing, is no fault of the record.
async fn undecided(service: &Service, call: Uuid) -> Option<(SelectionInput, Selection)> {
    match service::commitment::undecided(service, call).await {
        Ok(now) => now,
        Err(problem) => {
            let why = plain(problem);
            eprintln!("What the call would select now is not written: {why:#}");
            None
        }
    }
}

fn read(file: &Path) -> Result<Value> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON document", file.display()))
}

/// Runs `jtc verify FILE`.
pub fn verify(
    file: &Path,
    key: Option<&str>,
    heads: Option<&Path>,
    submissions: Option<&Path>,
    selections: Option<&Path>,
) -> Result<ExitCode> {
    let document = read(file)?;
    if document.get("signature").is_some() && document.get("receipt").is_some() {
        return verify_receipt(document, key, submissions);
    }
    let kept = match heads {
        Some(heads) => service::audit::kept_heads(&read(heads)?)
            .with_context(|| format!("{} holds no audit heads", heads.display()))?,
        None => Vec::new(),
    };
    let verification = service::audit::verify_export_with(&document, &kept);
    let checked = &verification.checked;
    println!(
        "{} audit rows ({} not yet sealed), {} links, {} signed heads, {} receipts, {} ranking lists, {} selections checked",
        checked.rows,
        checked.unsealed,
        checked.links,
        checked.heads,
        checked.receipts,
        checked.rankings,
        checked.selections
    );
    if checked.scenarios > 0 {
        println!("{} shared scenarios checked", checked.scenarios);
    }
    for fault in &verification.faults {
        println!("FAULT: {fault}");
    }
    if let Some(last) = kept.iter().map(|head| head.seq).max() {
        println!("{} heads kept outside, up to row {last}", kept.len());
    }
    // A receipt that is none was named above.
    let receipts = document["receipts"].as_array().into_iter().flatten();
    let receipts = receipts.filter_map(|receipt| serde_json::from_value(receipt.clone()).ok());
    let kept = verify_submissions(&receipts.collect::<Vec<_>>(), submissions);
    let computed = verify_selections(&document, selections);
    if kept && computed && verification.faults.is_empty() {
        println!("The record is whole and signed by the key it names.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Whether what was submitted is there and unchanged, where a folder is given.
fn verify_submissions(receipts: &[SignedReceipt], folder: Option<&Path>) -> bool {
    let Some(folder) = folder else {
        return true;
    };
    let archive = archive::check(receipts, folder);
    let (versions, files) = (archive.versions.len(), archive.files.len());
    println!("{versions} submitted versions and {files} files of them checked");
    for fault in &archive.faults {
        println!("FAULT: {fault}");
    }
    archive.faults.is_empty()
}

/// Whether the selections in a folder are the record's and compute to the same, where one is given.
fn verify_selections(record: &Value, folder: Option<&Path>) -> bool {
    let Some(folder) = folder else {
        return true;
    };
    let found = selections::check(record, folder);
    println!(
        "{} selections of the folder computed again",
        found.selections
    );
    if found.scenarios + found.now > 0 {
        println!(
            "{} shared scenarios of the folder and {} files of what was not proposed computed again",
            found.scenarios, found.now
        );
    }
    for fault in &found.faults {
        println!("FAULT: {fault}");
    }
    found.faults.is_empty()
}

fn verify_receipt(
    document: Value,
    key: Option<&str>,
    submissions: Option<&Path>,
) -> Result<ExitCode> {
    let receipt = serde_json::from_value(document).context("this is not a receipt of ours")?;
    let Some(key) = key else {
        bail!(
            "give the installation's public key with --key; GET /api/v1/installation/key shows it"
        );
    };
    let key = hex::decode(key)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .context("--key needs 64 hexadecimal digits")?;
    let kept = verify_submissions(std::slice::from_ref(&receipt), submissions);
    if !service::audit::verify_receipt(&key, &receipt) {
        println!("FAULT: the signature does not fit the receipt and the key.");
        return Ok(ExitCode::FAILURE);
    }
    println!("The receipt is genuine.");
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
