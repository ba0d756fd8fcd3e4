//! Where the words of a review do not fit its scores: doubts for the secretariat, which releases reviews.

use std::collections::BTreeMap;

use call::{Criterion, EvaluationRules};
use kernel::Finding;

use crate::fold::{fold, words};
use crate::scores::{Mark, Marks, pointer};

/// Reasons for a score that turns a proposal down, and what is said on two criteria alike, are looked at from so
/// many words on.
const FEW_WORDS: usize = 6;

/// What people write where they have nothing to say, as [`fold`] makes it.
const NOTHING: [&str; 9] = ["", "a", "n a", "na", "nil", "no comment", "none", "ok", "x"];

const PRAISE: [&str; 8] = [
    "convincing",
    "excellent",
    "exceptional",
    "flawless",
    "impressive",
    "outstanding",
    "superb",
    "thorough",
];

const BLAME: [&str; 10] = [
    "fails",
    "flawed",
    "inadequate",
    "insufficient",
    "lacks",
    "poor",
    "unclear",
    "unconvincing",
    "unrealistic",
    "weak",
];

/// Words that turn the next two into their opposite.
const NOT: [&str; 6] = ["hardly", "no", "not", "never", "nothing", "without"];

/// Comments that say nothing, say little where a score turns the proposal down, stand on two criteria alike, or only
/// praise a low score or blame a high one. Pointers are such as `/scores/impact/comment`.
///
/// Doubts only, for people who read the text; words of praise and blame are English ones.
pub fn coherence_doubts(rules: &EvaluationRules, marks: &Marks) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut said: BTreeMap<String, &str> = BTreeMap::new();
    for criterion in &rules.criteria {
        let Some(mark) = marks.get(&criterion.key) else {
            continue;
        };
        let mut doubt = |code: &str, what: String, allowed: &str| {
            let pointer = format!("{}/comment", pointer(&criterion.key));
            found.push(Finding::doubt(pointer, code, what, allowed));
        };
        let text = fold(&mark.comment);
        let many = text.split_whitespace().count();
        if NOTHING.contains(&text.as_str()) {
            let what = "the comment says nothing".to_owned();
            doubt(
                "comment_empty",
                what,
                "applicants read the reasons; return the review for them",
            );
        } else if many < FEW_WORDS && mark.score < criterion.threshold {
            let what = format!(
                "{} is below the threshold of {}, and the reasons are {many} words",
                mark.score, criterion.threshold
            );
            doubt(
                "comment_short",
                what,
                "who is turned down reads why; return the review for more, or release it if they suffice",
            );
        }
        if let Some((what, allowed)) = contradiction(rules, criterion, mark) {
            doubt("comment_contradicts", what, allowed);
        }
        if many >= FEW_WORDS
            && let Some(other) = said.insert(text, &criterion.title)
        {
            let what = format!("the same is said on {other}");
            doubt(
                "comment_repeated",
                what,
                "each score has its own reasons; return the review, or release it if they are the same",
            );
        }
    }
    found
}

fn contradiction(
    rules: &EvaluationRules,
    criterion: &Criterion,
    mark: &Mark,
) -> Option<(String, &'static str)> {
    let (praise, blame) = tone(&mark.comment);
    let score = mark.score;
    let allowed = "ask the reviewer which of the two is meant, or release it if they fit";
    if praise && !blame && score < criterion.threshold {
        let what = format!("the comment praises, and the score {score} is below the threshold");
        return Some((what, allowed));
    }
    // From four fifths of the scale on.
    let high = i64::from(score.0) * 5 >= i64::from(rules.scale_max.0) * 4;
    let what = format!("the comment blames, and the score {score} is one of the best");
    (blame && !praise && high).then_some((what, allowed))
}

/// Whether a text praises, and whether it blames.
fn tone(text: &str) -> (bool, bool) {
    let said = words(text);
    let (mut praises, mut blames) = (false, false);
    for (at, word) in said.iter().enumerate() {
        let before = &said[at.saturating_sub(2)..at];
        let turned = before.iter().any(|one| NOT.contains(&one.as_str()));
        let (praise, blame) = (
            PRAISE.contains(&word.as_str()),
            BLAME.contains(&word.as_str()),
        );
        praises |= praise && !turned || blame && turned;
        blames |= blame && !turned || praise && turned;
    }
    (praises, blames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use call::Score;
    use rstest::rstest;

    fn codes(marks: &[(&str, i32, &str)]) -> Vec<String> {
        let marks = marks.iter().map(|(key, score, comment)| {
            let mark = Mark {
                score: Score(*score),
                comment: (*comment).to_owned(),
            };
            ((*key).to_owned(), mark)
        });
        let found = coherence_doubts(&EvaluationRules::default(), &marks.collect());
        assert!(found.iter().all(|one| !one.is_fault()));
        found.into_iter().map(|one| one.code).collect()
    }

    #[rstest]
    #[case(450, "Sound.", &[])]
    #[case(450, " - ", &["comment_empty"])]
    #[case(450, "N/A", &["comment_empty"])]
    #[case(250, "Too little is said.", &["comment_short"])]
    #[case(250, "The budget does not say who pays for travel.", &[])]
    #[case(100, "An outstanding idea by a team that knows the field", &["comment_contradicts"])]
    #[case(100, "An outstanding idea, but the plan is unrealistic", &[])]
    #[case(500, "The plan is weak", &["comment_contradicts"])]
    #[case(500, "The plan is not weak", &[])]
    #[case(500, "The plan is hardly very convincing", &["comment_contradicts"])]
    #[case(350, "The plan is weak", &[])]
    fn words_that_do_not_fit_their_score(
        #[case] score: i32,
        #[case] comment: &str,
        #[case] expected: &[&str],
    ) {
        assert_eq!(codes(&[("impact", score, comment)]), expected);
    }

    #[test]
    fn what_is_said_twice_is_found_and_short_words_may_be() {
        let long = "All that is asked for is there.";
        let twice = codes(&[
            ("excellence", 400, long),
            ("impact", 350, "all that is asked for, is there"),
        ]);
        assert_eq!(twice, ["comment_repeated"]);
        let short = [("excellence", 400, "Sound."), ("impact", 350, "Sound.")];
        assert!(codes(&short).is_empty());
    }
}
