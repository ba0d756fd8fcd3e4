//! Files that commands without a database are given.

use std::path::Path;

/// The bytes of a file; what is at fault with it, where it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What was read of a file as text; where it is none, the line and the remedy.
pub fn text(path: &Path, bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(valid);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        format!(
            "{}, line {line}: not UTF-8; save the file as UTF-8",
            path.display()
        )
    })
}
