use std::collections::HashSet;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use kernel::Finding;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// How applicants of a stage ask for redress after its letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RedressRules {
    /// Days within which redress may be asked for, counted from the letters; left out: as in the whole call.
    pub days: Option<u32>,
    /// The most characters of the reasons.
    pub max_characters: u32,
    /// On what grounds redress may be asked for.
    pub grounds: Vec<RedressGround>,
}

/// A ground on which redress may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressGround {
    /// Stable name, such as `rules_not_followed`.
    pub key: String,
    /// Shown to applicants, in the letter too.
    pub title: String,
    /// What of the procedure it is about.
    pub about: ProcedurePart,
}

/// A part of the procedure. The judgement of the panel is none of them: what is not here is no ground.
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
pub enum ProcedurePart {
    /// The check of form and eligibility.
    Eligibility,
    /// Conflicts of interest of those who evaluated.
    Conflicts,
    /// Which criteria, weights and thresholds were applied.
    Criteria,
    /// What of the proposal was before those who evaluated.
    Documents,
    /// The steps that the call text prescribes, and their order.
    Steps,
    /// Who learned what.
    Confidentiality,
}

/// The longest reasons that a call may take.
const MOST_CHARACTERS: u32 = 50_000;

impl Default for RedressRules {
    fn default() -> Self {
        let ground = |key: &str, title: &str, about| RedressGround {
            key: key.to_owned(),
            title: title.to_owned(),
            about,
        };
        Self {
            days: None,
            max_characters: 5_000,
            grounds: vec![
                ground(
                    "eligibility_rule",
                    "A rule of eligibility was applied wrongly",
                    ProcedurePart::Eligibility,
                ),
                ground(
                    "conflict_of_interest",
                    "Somebody with a conflict of interest took part in the evaluation",
                    ProcedurePart::Conflicts,
                ),
                ground(
                    "other_criteria",
                    "Other criteria, weights or thresholds were applied than those published",
                    ProcedurePart::Criteria,
                ),
                ground(
                    "content_missing",
                    "A part of the submitted proposal was not before those who evaluated it",
                    ProcedurePart::Documents,
                ),
                ground(
                    "rules_not_followed",
                    "The procedure of the call text was not followed",
                    ProcedurePart::Steps,
                ),
            ],
        }
    }
}

impl RedressRules {
    /// The ground with this key.
    pub fn ground(&self, key: &str) -> Option<&RedressGround> {
        self.grounds.iter().find(|ground| ground.key == key)
    }

    /// All faults and doubts, with pointers from their root.
    pub(crate) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut require =
            |holds: bool, pointer: String, code: &str, what: String, allowed: &str| {
                if !holds {
                    found.push(Finding::fault(pointer, code, what, allowed));
                }
            };
        require(
            self.days.is_none_or(|days| (1..=90).contains(&days)),
            "/days".to_owned(),
            "redress_days",
            format!("{} days", self.days.unwrap_or_default()),
            "the window for redress lasts 1 to 90 days; 5 to 30 are usual",
        );
        require(
            (200..=MOST_CHARACTERS).contains(&self.max_characters),
            "/max_characters".to_owned(),
            "max_characters",
            format!("{} characters", self.max_characters),
            "reasons have a limit of 200 to 50000 characters",
        );
        require(
            (1..=20).contains(&self.grounds.len()),
            "/grounds".to_owned(),
            "grounds",
            format!("{} grounds", self.grounds.len()),
            "give 1 to 20 grounds, or leave them out for the usual ones",
        );
        let mut keys = HashSet::new();
        for (at, ground) in self.grounds.iter().enumerate() {
            require(
                is_key(&ground.key) && keys.insert(&ground.key),
                format!("/grounds/{at}/key"),
                "key",
                format!("'{}' is no key, or stands at an earlier ground", ground.key),
                "give each ground 1 to 40 small letters, digits and '_' of its own",
            );
            let length = ground.title.trim().chars().count();
            require(
                (1..=200).contains(&length),
                format!("/grounds/{at}/title"),
                "title",
                format!("{length} characters"),
                "say the ground in 1 to 200 characters",
            );
        }
        found.extend(self.doubts());
        found
    }

    /// A ground whose title speaks of merit, whatever part of the procedure it names.
    fn doubts(&self) -> impl Iterator<Item = Finding> {
        let grounds = self.grounds.iter().enumerate();
        grounds.filter_map(|(at, ground)| {
            let title = ground.title.to_lowercase();
            let word = MERIT.into_iter().find(|word| title.contains(word))?;
            Some(Finding::doubt(
                format!("/grounds/{at}/title"),
                "ground_of_merit",
                format!("the ground speaks of '{word}'"),
                "redress is about the procedure; the judgement of the panel is not open to it: word the ground so",
            ))
        })
    }
}

/// When the window closes that letters released at an instant open: at the end of its last day, in the zone of the
/// stage. A letter names that day.
pub fn redress_closes_at(released_at: DateTime<Utc>, days: u32, zone: Tz) -> DateTime<Utc> {
    let day = released_at.with_timezone(&zone).date_naive();
    let next = day.checked_add_days(Days::new(u64::from(days) + 1));
    let midnight = next.map(|day| zone.from_local_datetime(&day.and_time(NaiveTime::MIN)));
    // Where the clocks jump over midnight, the same instant so many days later does.
    midnight.and_then(|found| found.earliest()).map_or_else(
        || released_at + TimeDelta::days(i64::from(days) + 1),
        |found| found.to_utc(),
    )
}

/// The last day of a window that closes then, as letters write it.
pub fn redress_last_day(closes_at: DateTime<Utc>, zone: Tz) -> String {
    let last = closes_at.with_timezone(&zone) - TimeDelta::seconds(1);
    last.format("%-d %B %Y").to_string()
}

/// What a ground over the judgement itself would be worded with.
const MERIT: [&str; 5] = [
    "scientific",
    "judgement",
    "judgment",
    "score too low",
    "merit",
];

fn is_key(key: &str) -> bool {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=40).contains(&key.len()) && key.chars().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Severity;

    #[test]
    fn the_last_day_counts_to_its_end() {
        let zone: Tz = "Europe/Paris".parse().unwrap();
        let released: DateTime<Utc> = "2031-07-18T22:30:00Z".parse().unwrap();
        let closes = redress_closes_at(released, 14, zone);
        assert_eq!(closes.to_rfc3339(), "2031-08-02T22:00:00+00:00");
        assert_eq!(redress_last_day(closes, zone), "2 August 2031");
    }

    #[test]
    fn the_usual_grounds_are_of_procedure_alone() {
        assert_eq!(RedressRules::default().validate(), []);
        let rules: RedressRules = serde_json::from_str("{}").unwrap();
        assert_eq!(rules, RedressRules::default());
        let judged = r#"{"grounds":[{"key":"a","title":"A","about":"judgement"}]}"#;
        assert!(serde_json::from_str::<RedressRules>(judged).is_err());
    }

    #[test]
    fn each_fault_has_its_place_and_merit_is_doubted() {
        let ground = |key: &str, title: &str| RedressGround {
            key: key.to_owned(),
            title: title.to_owned(),
            about: ProcedurePart::Steps,
        };
        let rules = RedressRules {
            days: Some(91),
            max_characters: 1,
            grounds: vec![
                ground("a", "The scientific judgement was wrong"),
                ground("a", " "),
            ],
        };
        let found = rules.validate();
        let at: Vec<(&str, Severity)> = found
            .iter()
            .map(|one| (one.pointer.as_str(), one.severity))
            .collect();
        assert_eq!(
            at,
            [
                ("/days", Severity::Fault),
                ("/max_characters", Severity::Fault),
                ("/grounds/1/key", Severity::Fault),
                ("/grounds/1/title", Severity::Fault),
                ("/grounds/0/title", Severity::Doubt),
            ]
        );
    }
}
