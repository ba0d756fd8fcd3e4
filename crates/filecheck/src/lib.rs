#![doc = include_str!("../README.md")]

mod image_file;
mod pdf;
mod process;

pub use process::main;

use serde::{Deserialize, Serialize};

/// What came of looking at a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A file that is taken.
    Sound {
        /// `application/pdf`, `image/png` or `image/jpeg`, by what is in it.
        media_type: String,
        /// How many pages a PDF has.
        pages: Option<u32>,
    },
    /// A file that is not.
    Refused {
        /// Name of the rule, such as `file_encrypted`.
        code: String,
        /// What is wrong, and how to mend it.
        detail: String,
    },
}

impl Verdict {
    fn refused(code: &str, detail: impl Into<String>) -> Verdict {
        Verdict::Refused {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

/// Looks at the bytes of a whole file. It may take as much time and memory as the file asks for, and may
/// panic: [`main`] is what confines it.
pub fn examine(bytes: &[u8]) -> Verdict {
    match infer::get(bytes).map(|kind| kind.mime_type()) {
        Some("application/pdf") => pdf::examine(bytes),
        Some(kind @ ("image/png" | "image/jpeg")) => image_file::examine(bytes, kind),
        other => Verdict::refused(
            "file_kind",
            format!(
                "the file is {}; only PDF, PNG and JPEG are taken: save or print it as one of these",
                other.unwrap_or("of a kind that is not known")
            ),
        ),
    }
}

#[cfg(test)]
mod tests;
