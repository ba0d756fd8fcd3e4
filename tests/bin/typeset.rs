//! Sets one document for the servers under test, as `jtc typeset` does for the real one.

use std::process::ExitCode;

use confined::Limits;

#[allow(
    clippy::disallowed_methods,
    reason = "a program is told by its arguments what to do"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [memory, seconds] = &arguments[..] else {
        return ExitCode::FAILURE;
    };
    match Limits::read(memory, seconds) {
        Some(limits) => typeset::main(limits),
        None => ExitCode::FAILURE,
    }
}
