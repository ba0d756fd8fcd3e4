//! Submitted versions: their bytes, their hash, their differences, and whether they came in time.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{Deadline, token};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::canonical;
use crate::content::Content;

/// The canonical JSON (RFC 8785) of the content: what is kept of a submitted version, and hashed.
pub fn canonical(content: &Content) -> Vec<u8> {
    canonical::bytes(content)
}

/// SHA-256 of [`canonical`], in 64 small hexadecimal digits.
pub fn content_sha256(content: &Content) -> String {
    hex::encode(Sha256::digest(canonical(content)))
}

/// JSON pointers of what differs, in the order of the document. List items are compared by position.
pub fn changes(before: &Content, after: &Content) -> Vec<String> {
    let (before, after) = (canonical::value(before), canonical::value(after));
    let mut found = Vec::new();
    compare("", &before, &after, &|_, _, _| true, &mut found);
    found
}

/// Whether the two lists at a pointer are compared item by item, or are one field.
pub(crate) type ByPlace<'a> = &'a dyn Fn(&str, &[Value], &[Value]) -> bool;

/// The walk behind [`changes`]. `by_place` says which lists are compared item by item.
pub(crate) fn compare(
    at: &str,
    before: &Value,
    after: &Value,
    by_place: ByPlace<'_>,
    found: &mut Vec<String>,
) {
    let mut both = |pointer: String, old: Option<&Value>, new: Option<&Value>| match (old, new) {
        (Some(old), Some(new)) => compare(&pointer, old, new, by_place, found),
        _ => found.push(pointer),
    };
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let gone = old.keys().filter(|key| !new.contains_key(*key));
            for key in new.keys().chain(gone) {
                let pointer = format!("{at}/{}", token(key));
                both(pointer, old.get(key), new.get(key));
            }
        }
        (Value::Array(old), Value::Array(new)) if by_place(at, old, new) => {
            for place in 0..old.len().max(new.len()) {
                both(format!("{at}/{place}"), old.get(place), new.get(place));
            }
        }
        _ if before != after => found.push(at.to_owned()),
        _ => {}
    }
}

/// The submission arrived when the deadline had passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the submission was complete at {}, the deadline was {} ({}); what was submitted before it stays valid",
    .arrived.to_rfc3339_opts(SecondsFormat::Micros, true),
    .deadline.at.to_rfc3339_opts(SecondsFormat::Secs, true),
    .deadline.label
)]
pub struct Late {
    /// When the request was complete at the server.
    pub arrived: DateTime<Utc>,
    /// The deadline it missed.
    pub deadline: Deadline,
}

/// Whether what was complete at the server at `arrived` is in time; the instant itself is too late.
pub fn in_time(arrived: DateTime<Utc>, deadline: &Deadline) -> Result<(), Late> {
    if deadline.met_by(arrived) {
        Ok(())
    } else {
        Err(Late {
            arrived,
            deadline: deadline.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{CostCategory, Funding, PartnerRole};
    use crate::sample;
    use kernel::Amount;
    use proptest::prelude::*;
    use rstest::rstest;

    proptest! {
        #[test]
        fn the_hash_is_that_of_the_content_however_the_json_was_written(content in sample::any()) {
            let read: Content = serde_json::from_slice(&serde_json::to_vec_pretty(&content).unwrap()).unwrap();
            prop_assert_eq!(&read, &content);
            let canonical: Content = serde_json::from_slice(&canonical(&content)).unwrap();
            prop_assert_eq!(&canonical, &content);
            prop_assert_eq!(content_sha256(&read), content_sha256(&content));
            prop_assert!(changes(&read, &content).is_empty());
        }

        #[test]
        fn two_contents_have_one_hash_only_when_they_are_equal(one in sample::any(), other in sample::any()) {
            prop_assert_eq!(one == other, content_sha256(&one) == content_sha256(&other));
            prop_assert_eq!(one == other, changes(&one, &other).is_empty());
        }
    }

    #[rstest]
    #[case("/acronym", |c: &mut Content| c.acronym.push('x'))]
    #[case("/title", |c: &mut Content| c.title.push(' '))]
    #[case("/abstract", |c: &mut Content| c.abstract_text.push('x'))]
    #[case("/keywords/1", |c: &mut Content| c.keywords.push("x".into()))]
    #[case("/duration_months", |c: &mut Content| c.duration_months = None)]
    #[case("/texts/a~1b", |c: &mut Content| { c.texts.insert("a/b".into(), String::new()); })]
    #[case("/texts/work", |c: &mut Content| { c.texts.remove("work"); })]
    #[case("/annexes/cv", |c: &mut Content| { c.annexes.insert("cv".into(), crate::Annex::default()); })]
    #[case("/partners/2", |c: &mut Content| { c.partners.pop(); })]
    #[case("/partners/1/id", |c: &mut Content| c.partners[1].id = uuid::Uuid::from_u128(9))]
    #[case("/partners/1/role", |c: &mut Content| c.partners[1].role = PartnerRole::Coordinator)]
    #[case("/partners/1/organisation", |c: &mut Content| c.partners[1].organisation.clear())]
    #[case("/partners/1/department", |c: &mut Content| c.partners[1].department = Some("x".into()))]
    #[case("/partners/1/ror", |c: &mut Content| c.partners[1].ror = Some(String::new()))]
    #[case("/partners/1/country", |c: &mut Content| c.partners[1].country = None)]
    #[case("/partners/1/region", |c: &mut Content| c.partners[1].region = Some("x".into()))]
    #[case("/partners/1/principal_investigator/name", |c: &mut Content| c.partners[1].principal_investigator.name.push('x'))]
    #[case("/partners/1/principal_investigator/email", |c: &mut Content| c.partners[1].principal_investigator.email.push('x'))]
    #[case("/partners/1/principal_investigator/orcid", |c: &mut Content| c.partners[1].principal_investigator.orcid = Some("x".into()))]
    #[case("/partners/1/principal_investigator/career_stage", |c: &mut Content| c.partners[1].principal_investigator.career_stage = Some(crate::CareerStage::R2))]
    #[case("/partners/1/funding/funder", |c: &mut Content| c.partners[1].funding = Funding::Funder { funder: "x".into() })]
    #[case("/partners/1/budget/personnel/0", |c: &mut Content| { c.partners[1].budget.insert(CostCategory::Personnel, vec![]); })]
    #[case("/partners/1/budget/personnel/1", |c: &mut Content| { c.partners[1].budget.get_mut(&CostCategory::Personnel).unwrap().push(Amount(1)); })]
    #[case("/partners/1/own_contribution", |c: &mut Content| c.partners[1].own_contribution = Amount(1))]
    fn each_field_is_in_the_hash_and_named_when_it_changes(
        #[case] pointer: &str,
        #[case] change: fn(&mut Content),
    ) {
        let before = sample::content();
        let mut after = before.clone();
        change(&mut after);
        assert_ne!(content_sha256(&before), content_sha256(&after));
        assert_eq!(changes(&before, &after), [pointer]);
    }

    #[test]
    fn a_microsecond_before_is_in_time_and_the_instant_is_not() {
        let deadline = Deadline::at_local(
            "2024-03-05T17:00:00".parse().unwrap(),
            chrono_tz::Tz::Europe__Berlin,
        )
        .unwrap();
        assert_eq!(
            in_time(deadline.at - chrono::Duration::microseconds(1), &deadline),
            Ok(())
        );
        let late = in_time(deadline.at, &deadline).unwrap_err().to_string();
        assert!(late.contains("2024-03-05T16:00:00.000000Z"), "{late}");
        assert!(late.contains("5 March 2024, 17:00 CET"), "{late}");
    }
}
