//! The process that sets a document: limits first, then an order from standard input, a PDF to standard output.

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;

use confined::Limits;

use crate::{Order, set};

/// Confines the process that calls it, reads an order and prints the PDF.
pub fn main(limits: Limits) -> ExitCode {
    match run(limits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(limits: Limits) -> Result<(), Box<dyn std::error::Error>> {
    limits.confine()?;
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    let order: Order = serde_json::from_slice(&line)?;
    let mut files = BTreeMap::new();
    for (name, length) in &order.files {
        let mut bytes = vec![0; *length];
        input.read_exact(&mut bytes)?;
        files.insert(name.clone(), bytes);
    }
    std::io::stdout().write_all(&set(&order, files)?)?;
    Ok(())
}
