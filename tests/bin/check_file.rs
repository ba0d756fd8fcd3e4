//! Looks at one uploaded file for the servers under test, as `jtc check-file` does for the real one.

use std::path::Path;
use std::process::ExitCode;

use confined::Limits;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, memory, seconds] = &arguments[..] else {
        return ExitCode::FAILURE;
    };
    match Limits::read(memory, seconds) {
        Some(limits) => filecheck::main(Path::new(file), limits),
        None => ExitCode::FAILURE,
    }
}
