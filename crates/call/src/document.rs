//! The documents of a call: what they are, and which files are taken.

use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a document of a call is for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentKind {
    /// The text of the call.
    CallText,
    /// Guidelines for applicants.
    Guidelines,
    /// Rules of one funder, beside those of the call.
    NationalAnnex,
    /// A template that applicants write their proposal into.
    Template,
    /// A form that applicants or partners fill in.
    Form,
    /// The Commission's own form, which goes unchanged into its package on the call.
    CommissionTemplate,
    /// Anything else.
    Other,
}

/// The kinds of file that are taken, by their media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumIter, EnumString, IntoStaticStr)]
pub enum DocumentFormat {
    /// PDF.
    #[strum(serialize = "application/pdf")]
    Pdf,
    /// Text.
    #[strum(serialize = "text/plain")]
    Text,
    /// Markdown (RFC 7763).
    #[strum(serialize = "text/markdown")]
    Markdown,
    /// Word.
    #[strum(serialize = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// Excel.
    #[strum(serialize = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
}

/// The largest document, in bytes.
pub const LARGEST_DOCUMENT: usize = 10 * 1024 * 1024;

/// How far from its end a PDF says that it ends.
const PDF_TAIL: usize = 1024;

impl DocumentFormat {
    /// The format of a `Content-Type`; what follows the media type is not looked at.
    pub fn of(content_type: &str) -> Option<DocumentFormat> {
        let media_type = content_type.split(';').next().unwrap_or_default();
        media_type.trim().to_ascii_lowercase().parse().ok()
    }

    /// What a file of this format is usually named with.
    pub fn extension(self) -> &'static str {
        match self {
            DocumentFormat::Pdf => "pdf",
            DocumentFormat::Text => "txt",
            DocumentFormat::Markdown => "md",
            DocumentFormat::Docx => "docx",
            DocumentFormat::Xlsx => "xlsx",
        }
    }

    /// Whether it is plain text, whose encoding is UTF-8.
    pub fn is_text(self) -> bool {
        matches!(self, DocumentFormat::Text | DocumentFormat::Markdown)
    }

    /// Whether the bytes are what the format says, as far as its frame shows it.
    fn holds(self, content: &[u8]) -> bool {
        let has = |part: &[u8]| content.windows(part.len()).any(|bytes| bytes == part);
        match self {
            DocumentFormat::Pdf => {
                let tail = &content[content.len().saturating_sub(PDF_TAIL)..];
                content.starts_with(b"%PDF-") && tail.windows(5).any(|bytes| bytes == b"%%EOF")
            }
            DocumentFormat::Text | DocumentFormat::Markdown => {
                std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0'))
            }
            // Both are archives; the names in an archive are not compressed.
            DocumentFormat::Docx => content.starts_with(b"PK\x03\x04") && has(b"word/document.xml"),
            DocumentFormat::Xlsx => content.starts_with(b"PK\x03\x04") && has(b"xl/workbook.xml"),
        }
    }
}

/// What is wrong with a document: its key, its title, its bytes.
pub fn check_document(key: &str, title: &str, format: DocumentFormat, content: &[u8]) -> Faults {
    let mut faults = Faults::default();
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    faults.require(
        (1..=64).contains(&key.len()) && key.chars().all(word) && !key.starts_with('-'),
        "/key",
        "key",
        "name the document with 1 to 64 of a-z, 0-9 and hyphens, such as guidelines",
    );
    faults.require(
        (1..=200).contains(&title.trim().chars().count()),
        "/title",
        "required",
        "give the document a title of 1 to 200 characters (?title=)",
    );
    faults.require(
        !content.is_empty(),
        "",
        "empty",
        "send the document's bytes as the body",
    );
    faults.require(
        content.is_empty() || format.holds(content),
        "",
        "other_format",
        format!(
            "the Content-Type says {format}, and the bytes are none; send the file as it is with its own type"
        ),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn codes(key: &str, title: &str, format: &str, content: &[u8]) -> Vec<String> {
        let format = DocumentFormat::of(format).unwrap();
        let faults = check_document(key, title, format, content).0;
        faults.into_iter().map(|fault| fault.code).collect()
    }

    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    #[rstest]
    #[case("application/pdf", b"%PDF-1.7\n...\n%%EOF\n", true)]
    #[case("application/pdf", b"%PDF-1.7\n cut off", false)]
    #[case("application/pdf", b"<html></html>", false)]
    #[case("Text/Plain; charset=utf-8", "Fünf".as_bytes(), true)]
    #[case("text/markdown", b"# Heading", true)]
    #[case("text/plain", b"F\xfcnf", false)]
    #[case("text/plain", b"a\0b", false)]
    #[case(DOCX, b"PK\x03\x04....word/document.xml", true)]
    #[case(XLSX, b"PK\x03\x04....word/document.xml", false)]
    #[case(XLSX, b"PK\x03\x04....xl/workbook.xml", true)]
    #[case(DOCX, b"word/document.xml", false)]
    fn bytes_are_what_their_type_says(
        #[case] format: &str,
        #[case] content: &[u8],
        #[case] fits: bool,
    ) {
        let expected: &[&str] = if fits { &[] } else { &["other_format"] };
        assert_eq!(codes("guidelines", "Guidelines", format, content), expected);
    }

    #[test]
    fn all_faults_are_named_at_once() {
        assert_eq!(
            codes("Über", " ", "text/plain", b""),
            ["key", "required", "empty"]
        );
        assert_eq!(codes("-a", "A", "text/plain", b"x"), ["key"]);
        assert_eq!(DocumentFormat::of("text/html"), None);
        assert_eq!(DocumentFormat::of("image/svg+xml"), None);
    }
}
