use std::collections::HashSet;

use kernel::Finding;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// A file that a proposal carries at a stage: an annex, or a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnexSlot {
    /// Stable name, such as `letters_of_intent`.
    pub key: String,
    /// Shown to applicants and reviewers.
    pub title: String,
    /// Whether a proposal without it cannot be submitted.
    #[serde(default = "yes")]
    pub required: bool,
    /// What kinds of file are taken; PDF where nothing is said.
    #[serde(default = "only_pdf")]
    pub kinds: Vec<AnnexKind>,
    /// The most pages of a PDF.
    #[serde(default)]
    pub pages_max: Option<u32>,
    /// The largest file, in bytes, where less is allowed than the installation takes.
    #[serde(default)]
    pub bytes_max: Option<u64>,
}

/// A kind of file.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AnnexKind {
    /// PDF.
    Pdf,
    /// A picture: PNG or JPEG.
    Image,
}

fn yes() -> bool {
    true
}

fn only_pdf() -> Vec<AnnexKind> {
    vec![AnnexKind::Pdf]
}

impl AnnexKind {
    /// The kind of a media type, where such files are taken.
    pub fn of(media_type: &str) -> Option<AnnexKind> {
        match media_type {
            "application/pdf" => Some(AnnexKind::Pdf),
            "image/png" | "image/jpeg" => Some(AnnexKind::Image),
            _ => None,
        }
    }
}

/// All faults of a stage's slots, with pointers from their list.
pub(crate) fn validate(slots: &[AnnexSlot]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut keys = HashSet::new();
    for (at, slot) in slots.iter().enumerate() {
        let mut require = |holds: bool, field: &str, code: &str, what: &str, allowed: &str| {
            if !holds {
                found.push(Finding::fault(
                    format!("/{at}/{field}"),
                    code,
                    what,
                    allowed,
                ));
            }
        };
        require(
            is_key(&slot.key) && keys.insert(&slot.key),
            "key",
            "key",
            "the key is none, or stands at an earlier annex",
            "give each annex 1 to 40 small letters, digits and '_' of its own",
        );
        let title = slot.title.trim();
        require(
            !title.is_empty(),
            "title",
            "required",
            "the title is empty",
            "give one",
        );
        let kinds: HashSet<_> = slot.kinds.iter().collect();
        require(
            !kinds.is_empty() && kinds.len() == slot.kinds.len(),
            "kinds",
            "kinds",
            "no kind of file is taken, or one is named twice",
            "name pdf, image or both, once",
        );
        let paged = slot.kinds.contains(&AnnexKind::Pdf);
        require(
            slot.pages_max
                .is_none_or(|most| paged && (1..=1_000).contains(&most)),
            "pages_max",
            "pages_max",
            "the limit in pages does not fit",
            "a PDF has 1 to 1000 pages; a picture has no limit in pages",
        );
        require(
            slot.bytes_max
                .is_none_or(|most| (1_000..=1_000_000_000).contains(&most)),
            "bytes_max",
            "bytes_max",
            "the limit in bytes does not fit",
            "a file has 1000 to 1000000000 bytes",
        );
    }
    found
}

/// A key stands in pointers and in the names of files.
fn is_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(key: &str) -> AnnexSlot {
        AnnexSlot {
            key: key.into(),
            title: "Letters of intent".into(),
            required: true,
            kinds: only_pdf(),
            pages_max: Some(5),
            bytes_max: Some(5_000_000),
        }
    }

    #[test]
    fn what_is_usual_need_not_be_written() {
        let read: AnnexSlot = serde_json::from_str(r#"{"key":"cv","title":"CVs"}"#).unwrap();
        assert!(read.required && read.kinds == [AnnexKind::Pdf]);
        assert_eq!(validate(&[read, slot("letters")]), []);
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let mut twice = slot("cv");
        twice.title = " ".into();
        twice.kinds = vec![AnnexKind::Image, AnnexKind::Image];
        twice.bytes_max = Some(0);
        let mut spelt = slot("Ab/c");
        spelt.kinds.clear();
        let found = validate(&[slot("cv"), twice, spelt]);
        let pointers: Vec<&str> = found.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/1/key",
                "/1/title",
                "/1/kinds",
                "/1/pages_max",
                "/1/bytes_max",
                "/2/key",
                "/2/kinds",
                "/2/pages_max"
            ]
        );
    }
}
