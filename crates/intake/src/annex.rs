//! The files of a proposal: whether they are those that the stage asks for.

use call::{AnnexKind, AnnexSlot};
use kernel::{Faults, token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::Content;

/// A file of the proposal: an annex, or a figure. Who writes names the file; the rest is filled in from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    /// SHA-256 of the file, which was uploaded to this proposal before, in hexadecimal.
    pub file: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// How large it is.
    #[serde(default)]
    pub bytes: u64,
    /// How many pages a PDF has.
    #[serde(default)]
    pub pages: Option<u32>,
    /// What kind of file it is, such as `application/pdf`.
    #[serde(default)]
    pub media_type: String,
}

/// Checks the files against the stage's slots.
pub(crate) fn check(content: &Content, slots: &[AnnexSlot], faults: &mut Faults) {
    for slot in slots {
        let pointer = format!("/annexes/{}", token(&slot.key));
        match content.annexes.get(&slot.key) {
            Some(annex) => fits(annex, slot, &pointer, faults),
            None => faults.require(
                !slot.required,
                pointer,
                "annex_missing",
                format!(
                    "'{}' is missing; this stage requires it: upload it and name it here",
                    slot.title
                ),
            ),
        }
    }
    let known: Vec<&str> = slots.iter().map(|slot| slot.key.as_str()).collect();
    for key in content.annexes.keys() {
        faults.require(
            known.contains(&key.as_str()),
            format!("/annexes/{}", token(key)),
            "annex_unknown",
            match known.is_empty() {
                true => format!("'{key}' is no annex of this stage, which has none; take it out"),
                false => format!(
                    "'{key}' is no annex of this stage; it has {}: move the file, or take it out",
                    known.join(", ")
                ),
            },
        );
    }
}

fn fits(annex: &Annex, slot: &AnnexSlot, pointer: &str, faults: &mut Faults) {
    let kind = AnnexKind::of(&annex.media_type);
    let kinds: Vec<String> = slot.kinds.iter().map(ToString::to_string).collect();
    faults.require(
        kind.is_some_and(|kind| slot.kinds.contains(&kind)),
        pointer,
        "annex_kind",
        format!(
            "'{}' is {}; here goes {}: upload it as such",
            annex.name,
            annex.media_type,
            kinds.join(" or ")
        ),
    );
    if let (Some(pages), Some(most)) = (annex.pages, slot.pages_max) {
        faults.require(
            pages <= most,
            pointer,
            "annex_too_long",
            format!(
                "'{}' has {pages} pages; at most {most} are allowed: shorten it",
                annex.name
            ),
        );
    }
    if let Some(most) = slot.bytes_max {
        let bytes = annex.bytes;
        faults.require(
            bytes <= most,
            pointer,
            "annex_too_large",
            format!(
                "'{}' has {bytes} bytes; at most {most} are allowed: save it smaller",
                annex.name
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn slot(key: &str, required: bool) -> AnnexSlot {
        AnnexSlot {
            key: key.into(),
            title: key.to_uppercase(),
            required,
            kinds: vec![AnnexKind::Pdf],
            pages_max: Some(2),
            bytes_max: Some(1_000),
        }
    }

    #[test]
    fn the_files_are_those_that_the_stage_asks_for() {
        let slots = [slot("letters", true), slot("cv", true), slot("more", false)];
        let mut content = sample::content();
        let sound = Annex {
            file: "ab".repeat(32),
            name: "cv.pdf".into(),
            bytes: 1_000,
            pages: Some(2),
            media_type: "application/pdf".into(),
        };
        let large = Annex {
            bytes: 1_001,
            pages: Some(3),
            ..sound.clone()
        };
        let picture = Annex {
            pages: None,
            media_type: "image/png".into(),
            ..sound.clone()
        };
        content.annexes = [
            ("cv".to_owned(), large),
            ("more".to_owned(), picture),
            ("a/b".to_owned(), sound),
        ]
        .into();
        let mut faults = Faults::default();
        check(&content, &slots, &mut faults);
        let found: Vec<_> = faults
            .0
            .iter()
            .map(|one| (one.pointer.as_str(), one.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("/annexes/letters", "annex_missing"),
                ("/annexes/cv", "annex_too_long"),
                ("/annexes/cv", "annex_too_large"),
                ("/annexes/more", "annex_kind"),
                ("/annexes/a~1b", "annex_unknown"),
            ]
        );
    }
}
