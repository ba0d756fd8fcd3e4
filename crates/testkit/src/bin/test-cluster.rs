//! Starts and stops the cluster of one test run: `test-cluster start|stop FOLDER`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use testkit::database;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, folder] = &arguments[..] else {
        bail!("usage: test-cluster start|stop FOLDER");
    };
    match verb.as_str() {
        "start" => start(folder),
        "stop" => stop(folder),
        other => bail!("'{other}' is neither start nor stop"),
    }
}

fn start(folder: &str) -> Result<()> {
    let folder = Path::new(folder).canonicalize()?;
    let cluster = database::cluster_in(&folder)?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(database::template(&cluster))?;
    println!("export {}={}", database::VARIABLE, folder.display());
    Ok(())
}

fn stop(folder: &str) -> Result<()> {
    let folder = Path::new(folder).canonicalize().context("no such folder")?;
    Ok(database::cluster_in(&folder)?.discard()?)
}
