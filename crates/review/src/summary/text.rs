use std::fmt::Write;

use crate::summary::Summary;
use crate::{EthicsOutcome, Rating};

/// The report as plain text, for a letter and for reading.
pub fn as_text(report: &Summary) -> String {
    let heading = &report.heading;
    let mut text = format!(
        "EVALUATION SUMMARY REPORT\n{}\n{} {}\n{}\n\n",
        heading.call, heading.number, heading.acronym, heading.title
    );
    for one in &report.criteria {
        let score = one.score.map_or("-".to_owned(), |score| score.to_string());
        let weight = match one.weight {
            1 => String::new(),
            times => format!(", counts {times} times"),
        };
        add(
            &mut text,
            &format!("{}: {score} of {}{weight}", one.title, one.best),
        );
        if !one.comment.trim().is_empty() {
            add(&mut text, &format!("{}\n", one.comment.trim()));
        }
    }
    add(
        &mut text,
        &format!(
            "Total: {} of {} (threshold {})",
            report.total, report.best_total, report.threshold_total
        ),
    );
    let rating = match report.rating {
        Rating::Recommended => "recommended for funding",
        Rating::RecommendedIfFundsAllow => "recommended for funding if funds allow",
        Rating::NotRecommended => "not recommended for funding",
    };
    add(&mut text, &format!("The panel's advice: {rating}"));
    if !report.comment.trim().is_empty() {
        add(&mut text, &format!("\n{}", report.comment.trim()));
    }
    if let Some(ethics) = &report.ethics {
        let outcome = match ethics.outcome {
            EthicsOutcome::Clear => "nothing stands in the way",
            EthicsOutcome::Conditions => "it may be funded on conditions",
            EthicsOutcome::Refused => "it may not be funded",
        };
        add(&mut text, &format!("\nEthics: {outcome}"));
        for condition in &ethics.conditions {
            add(&mut text, &format!("- {}", condition.trim()));
        }
        if !ethics.comment.trim().is_empty() {
            add(&mut text, ethics.comment.trim());
        }
    }
    for review in &report.reviews {
        add(&mut text, &format!("\nComments of {}", review.label));
        for (criterion, comment) in &review.comments {
            add(&mut text, &format!("{criterion}\n{}", comment.trim()));
        }
    }
    text
}

fn add(text: &mut String, line: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ethics::Assessment;
    use crate::summary::{CriterionLine, Heading, ReviewLine};
    use call::Score;

    #[test]
    fn it_reads_from_the_criteria_to_the_reviews() {
        let report = Summary {
            heading: Heading {
                call: "JTC 2026".to_owned(),
                number: "P-001".to_owned(),
                acronym: "ACRO".to_owned(),
                title: "A title".to_owned(),
            },
            criteria: vec![CriterionLine {
                title: "Impact".to_owned(),
                score: Some(Score(450)),
                best: Score(500),
                weight: 2,
                threshold: Score(300),
                comment: " Convincing. ".to_owned(),
            }],
            total: Score(900),
            best_total: Score(1000),
            threshold_total: Score(600),
            passes: true,
            rating: Rating::RecommendedIfFundsAllow,
            comment: "Sound throughout.".to_owned(),
            ethics: Some(Assessment {
                outcome: EthicsOutcome::Conditions,
                conditions: vec!["Ask the board.".to_owned()],
                comment: "Children take part.".to_owned(),
            }),
            reviews: vec![ReviewLine {
                label: "Reviewer 1".to_owned(),
                comments: vec![("Impact".to_owned(), "Good.".to_owned())],
            }],
        };
        assert_eq!(
            as_text(&report),
            "EVALUATION SUMMARY REPORT\nJTC 2026\nP-001 ACRO\nA title\n\n\
             Impact: 4.5 of 5.0, counts 2 times\nConvincing.\n\n\
             Total: 9.0 of 10.0 (threshold 6.0)\n\
             The panel's advice: recommended for funding if funds allow\n\n\
             Sound throughout.\n\n\
             Ethics: it may be funded on conditions\n- Ask the board.\nChildren take part.\n\n\
             Comments of Reviewer 1\nImpact\nGood.\n"
        );
    }
}
