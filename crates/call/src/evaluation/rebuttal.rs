use kernel::Finding;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// The answer of the applicants to the reviews (a sister calls' step that EP PerMed has too): the stage
/// whose rules have it lets the coordinator reply before the panel meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RebuttalRules {
    /// Days between the release of the reviews and the last moment to answer.
    pub days: u32,
    /// The most characters (Unicode scalar values, white space included; 6,000 in one call).
    #[serde(default)]
    pub max_characters: Option<u32>,
    /// The most words: runs of anything but white space.
    #[serde(default)]
    pub max_words: Option<u32>,
    /// What the limits are of.
    #[serde(default)]
    pub limit_of: LimitOf,
}

/// What the limits of a reply are of.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum LimitOf {
    /// All parts of the reply together.
    #[default]
    WholeReply,
    /// Each part: the answer to one review, or the part to all of them.
    EachPart,
}

impl RebuttalRules {
    /// All faults, with pointers from the rules themselves.
    pub(super) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if !(1..=60).contains(&self.days) {
            found.push(Finding::fault(
                "/days",
                "rebuttal_days",
                format!("{} days", self.days),
                "a rebuttal is open for 1 to 60 days",
            ));
        }
        for (field, limit) in [
            ("max_characters", self.max_characters),
            ("max_words", self.max_words),
        ] {
            if limit.is_some_and(|limit| !(1..=200_000).contains(&limit)) {
                found.push(Finding::fault(
                    format!("/{field}"),
                    "limit",
                    "the limit is none",
                    "give 1 to 200000, or leave it out",
                ));
            }
        }
        if self.max_characters.is_none() && self.max_words.is_none() {
            found.push(Finding::fault(
                "/max_characters",
                "limit_missing",
                "the reply has no limit",
                "give max_characters or max_words",
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_short_and_every_fault_has_its_place() {
        let usual: RebuttalRules =
            serde_json::from_str(r#"{"days": 7, "max_characters": 6000}"#).unwrap();
        assert_eq!(usual.validate(), []);
        assert_eq!(usual.limit_of, LimitOf::WholeReply);
        let places = |rules: RebuttalRules| -> Vec<String> {
            rules.validate().into_iter().map(|f| f.pointer).collect()
        };
        let none = RebuttalRules {
            days: 0,
            max_characters: None,
            ..usual.clone()
        };
        assert_eq!(places(none), ["/days", "/max_characters"]);
        let empty = RebuttalRules {
            max_words: Some(0),
            ..usual
        };
        assert_eq!(places(empty), ["/max_words"]);
    }
}
