//! Looks at one uploaded file for the servers under test, as `jtc check-file` does for the real one.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, memory, seconds] = &arguments[..] else {
        return ExitCode::FAILURE;
    };
    let (Ok(memory), Ok(seconds)) = (memory.parse(), seconds.parse()) else {
        return ExitCode::FAILURE;
    };
    filecheck::main(Path::new(file), filecheck::Limits { memory, seconds })
}
