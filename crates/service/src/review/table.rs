//! Tables that come as CSV.

use kernel::Code;
use sha2::{Digest, Sha256};

use crate::Problem;
use crate::call::SentFile;

/// The media type.
const CSV: &str = "text/csv";

/// The text of a table; a spreadsheet's mark of the encoding is left out.
pub(super) fn text(file: &SentFile) -> Result<&str, Problem> {
    let kind = file.content_type.split(';').next().unwrap_or_default();
    if kind.trim() != CSV {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("Send the table as {CSV}."),
        ));
    }
    let text = std::str::from_utf8(&file.content).map_err(|error| {
        let before = &file.content[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let remedy = "the line is not in UTF-8; save the table as CSV UTF-8";
        Problem::invalid(&format!("/lines/{line}"), "not_utf8", remedy)
    })?;
    if text.contains('\0') {
        let remedy = "holds the character U+0000, which is no text; take it out";
        return Err(Problem::invalid("/lines", "character_forbidden", remedy));
    }
    Ok(text.trim_start_matches('\u{feff}'))
}

/// What the audit trail knows the table by.
pub(super) fn sha256(file: &SentFile) -> String {
    hex::encode(Sha256::digest(&file.content))
}
