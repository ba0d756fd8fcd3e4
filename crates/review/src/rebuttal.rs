//! The applicants' reply to the released reviews, before the panel meets.
//!
//! All principal investigators of a consortium read the released reviews, its coordinator writes, and the
//! panel reads application, reviews and reply. A call without [`RebuttalRules`] at a stage has none there.

mod again;
mod lifecycle;

use std::collections::{BTreeMap, BTreeSet};

use call::{LimitOf, RebuttalRules};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Faults, token};
use serde::{Deserialize, Serialize};

pub use again::check_time_again;
pub use lifecycle::{REBUTTAL, RebuttalEvent, RebuttalState};

/// When a reply may be written: from the first moment on, and before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The reviews are released to the applicants.
    pub opens: DateTime<Utc>,
    /// What is complete at the server before it counts.
    pub closes: DateTime<Utc>,
}

impl Window {
    /// The window that the rules give when the reviews are released: so many days of 24 hours.
    pub fn of(rules: &RebuttalRules, released: DateTime<Utc>) -> Self {
        Self {
            opens: released,
            closes: released + TimeDelta::days(i64::from(rules.days)),
        }
    }

    /// Whether a reply that is complete at this moment counts.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.opens <= at && at < self.closes
    }

    /// Whether the window that people chose keeps what the rules promise. A longer one harms nobody; an
    /// hour is left to clocks that are put forward meanwhile.
    pub fn check(&self, rules: &RebuttalRules) -> Faults {
        let mut faults = Faults::default();
        let promised = TimeDelta::days(i64::from(rules.days)) - TimeDelta::hours(1);
        faults.require(
            self.closes - self.opens >= promised,
            "/closes",
            "window_short",
            format!(
                "the rules of the call promise {} days to answer; close later",
                rules.days
            ),
        );
        faults
    }
}

/// What the coordinator replies. A reply has a part to all reviews, parts to single ones, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// To all reviews together.
    pub to_all: String,
    /// To one review each, by the label of its reviewer.
    pub to_reviews: BTreeMap<String, String>,
}

impl Reply {
    /// Whether the reply may be submitted: it says something, answers released reviews only, and keeps the
    /// limits. `labels` are those of the proposal's released reviews. A draft needs no check.
    pub fn check(&self, rules: &RebuttalRules, labels: &BTreeSet<String>) -> Faults {
        let mut faults = Faults::default();
        let parts = self.parts();
        faults.require(
            parts.iter().any(|(_, text)| !text.trim().is_empty()),
            "/to_all",
            "reply_empty",
            "the reply says nothing; write it, or let the window pass",
        );
        for label in self.to_reviews.keys() {
            faults.require(
                labels.contains(label),
                format!("/to_reviews/{}", token(label)),
                "review_unknown",
                format!("no released review of the proposal is '{label}'; take the part out"),
            );
        }
        match rules.limit_of {
            LimitOf::EachPart => {
                for (pointer, text) in &parts {
                    within(rules, Length::of(text), pointer, &mut faults);
                }
            }
            LimitOf::WholeReply => {
                let whole = parts.iter().map(|(_, text)| Length::of(text));
                within(
                    rules,
                    whole.fold(Length::default(), Length::and),
                    "",
                    &mut faults,
                );
            }
        }
        faults
    }

    /// All parts, with their JSON pointers.
    fn parts(&self) -> Vec<(String, &str)> {
        let single = self
            .to_reviews
            .iter()
            .map(|(label, text)| (format!("/to_reviews/{}", token(label)), text.as_str()));
        std::iter::once(("/to_all".to_owned(), self.to_all.as_str()))
            .chain(single)
            .collect()
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Length {
    characters: usize,
    words: usize,
}

impl Length {
    fn of(text: &str) -> Self {
        Self {
            characters: text.chars().count(),
            words: text.split_whitespace().count(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            characters: self.characters + other.characters,
            words: self.words + other.words,
        }
    }
}

fn within(rules: &RebuttalRules, length: Length, pointer: &str, faults: &mut Faults) {
    for (most, found, unit) in [
        (rules.max_characters, length.characters, "characters"),
        (rules.max_words, length.words, "words"),
    ] {
        if let Some(most) = most {
            faults.require(
                found <= usize::try_from(most).unwrap_or(usize::MAX),
                pointer,
                "reply_long",
                format!("{found} {unit} are given, at most {most} are allowed; shorten it"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(limit_of: LimitOf) -> RebuttalRules {
        RebuttalRules {
            days: 7,
            max_characters: Some(20),
            max_words: Some(3),
            limit_of,
        }
    }

    fn reply(to_all: &str, to_reviews: &[(&str, &str)]) -> Reply {
        let owned = |(label, text): &(&str, &str)| ((*label).to_owned(), (*text).to_owned());
        Reply {
            to_all: to_all.to_owned(),
            to_reviews: to_reviews.iter().map(owned).collect(),
        }
    }

    fn found(limit_of: LimitOf, reply: &Reply) -> Vec<(String, String)> {
        let labels = ["Reviewer 1", "Reviewer 2"].map(str::to_owned).into();
        let faults = reply.check(&rules(limit_of), &labels);
        faults.0.into_iter().map(|f| (f.pointer, f.code)).collect()
    }

    #[test]
    fn limits_are_of_the_whole_or_of_each_part() {
        let two = reply("We agree.", &[("Reviewer 1", "No, we have.")]);
        assert_eq!(found(LimitOf::EachPart, &two), []);
        let whole = found(LimitOf::WholeReply, &two);
        assert_eq!(whole, vec![(String::new(), "reply_long".to_owned()); 2]);
    }

    #[test]
    fn the_limit_itself_is_allowed_and_letters_are_counted_not_bytes() {
        assert_eq!(
            found(LimitOf::WholeReply, &reply("ßßßßßßßßßßßßßßßßßßßß", &[])),
            []
        );
        assert_eq!(
            found(LimitOf::WholeReply, &reply("ßßßßßßßßßßßßßßßßßßßßa", &[])).len(),
            1
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let bad = reply(
            "a b c d",
            &[("Reviewer 3", "far too long for any limit of these")],
        );
        let codes = found(LimitOf::EachPart, &bad);
        let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(
            codes,
            [
                at("/to_reviews/Reviewer 3", "review_unknown"),
                at("/to_all", "reply_long"),
                at("/to_reviews/Reviewer 3", "reply_long"),
                at("/to_reviews/Reviewer 3", "reply_long"),
            ]
        );
        let empty = found(LimitOf::EachPart, &reply(" \n", &[("Reviewer 1", "\t")]));
        assert_eq!(empty, [at("/to_all", "reply_empty")]);
    }

    #[test]
    fn the_last_moment_is_outside() {
        let released = DateTime::UNIX_EPOCH;
        let window = Window::of(&rules(LimitOf::WholeReply), released);
        assert_eq!(window.closes - window.opens, TimeDelta::days(7));
        assert!(window.is_open(released));
        assert!(!window.is_open(released - TimeDelta::nanoseconds(1)));
        assert!(window.is_open(window.closes - TimeDelta::nanoseconds(1)));
        assert!(!window.is_open(window.closes));
        assert!(window.check(&rules(LimitOf::WholeReply)).is_empty());
        let spring = Window {
            closes: window.closes - TimeDelta::hours(1),
            ..window
        };
        assert!(spring.check(&rules(LimitOf::WholeReply)).is_empty());
        let short = Window {
            closes: window.closes - TimeDelta::hours(2),
            ..window
        };
        assert_eq!(short.check(&rules(LimitOf::WholeReply)).0.len(), 1);
    }

    proptest! {
        #[test]
        fn what_keeps_the_limit_in_all_keeps_it_in_each_part(
            to_all in ".{0,12}", first in ".{0,12}", second in ".{0,12}",
        ) {
            let reply = reply(&to_all, &[("Reviewer 1", &first), ("Reviewer 2", &second)]);
            if found(LimitOf::WholeReply, &reply).is_empty() {
                prop_assert_eq!(found(LimitOf::EachPart, &reply), vec![]);
            }
        }
    }
}
