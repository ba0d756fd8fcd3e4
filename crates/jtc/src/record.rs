//! A call's record: written from the database, checked without one.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::config::Config;
use crate::server::{offline, plain};

/// Runs `jtc export CALL`.
pub fn export(config: &Config, code: &str) -> Result<ExitCode> {
    let document = offline(config, async |service| {
        let call = service::call::by_code(&service, code)
            .await
            .map_err(plain)?;
        service::audit::export(&service, call).await.map_err(plain)
    })?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Value> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON document", file.display()))
}

/// Runs `jtc verify FILE`.
pub fn verify(file: &Path, key: Option<&str>, heads: Option<&Path>) -> Result<ExitCode> {
    let document = read(file)?;
    if document.get("signature").is_some() && document.get("receipt").is_some() {
        return verify_receipt(document, key);
    }
    let kept = match heads {
        Some(heads) => service::audit::kept_heads(&read(heads)?)
            .with_context(|| format!("{} holds no audit heads", heads.display()))?,
        None => Vec::new(),
    };
    let verification = service::audit::verify_export_with(&document, &kept);
    let checked = &verification.checked;
    println!(
        "{} audit rows ({} not yet sealed), {} links, {} signed heads, {} receipts, {} selections checked",
        checked.rows,
        checked.unsealed,
        checked.links,
        checked.heads,
        checked.receipts,
        checked.selections
    );
    for fault in &verification.faults {
        println!("FAULT: {fault}");
    }
    if let Some(last) = kept.iter().map(|head| head.seq).max() {
        println!("{} heads kept outside, up to row {last}", kept.len());
    }
    if verification.faults.is_empty() {
        println!("The record is whole and signed by the key it names.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn verify_receipt(document: Value, key: Option<&str>) -> Result<ExitCode> {
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
    if service::audit::verify_receipt(&key, &receipt) {
        println!("The receipt is genuine.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("FAULT: the signature does not fit the receipt and the key.");
    Ok(ExitCode::FAILURE)
}
