//! The letter to a coordinator: the outcome, its reasons, the evaluation summary, the way to redress.
//! It never names a funder or a reviewer.

use call::Score;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a letter tells; the names are those of the proposal's states.
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
pub enum LetterOutcome {
    /// It was not evaluated.
    Ineligible,
    /// Invited to the full stage.
    Invited,
    /// Invited under a condition.
    InvitedWithConditions,
    /// Not invited.
    NotInvited,
    /// Selected for funding.
    Selected,
    /// Recommended, but the budget does not suffice; funded should money become free.
    Reserve,
    /// Not recommended.
    NotFunded,
}

impl LetterOutcome {
    /// Whether what is granted may hang on a condition, which the letter says then.
    pub fn may_have_a_condition(self) -> bool {
        matches!(
            self,
            LetterOutcome::InvitedWithConditions | LetterOutcome::Selected
        )
    }

    /// Whether money alone was missing.
    pub fn insufficient_budget(self) -> bool {
        self == LetterOutcome::Reserve
    }
}

/// What one reviewer says to the applicants. Who hands it in gives it its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Who says it, without a name.
    pub label: String,
    /// Title of each criterion with the comment on it.
    pub comments: Vec<(String, String)>,
}

/// How redress is asked for.
#[derive(Debug, Clone, Copy)]
pub struct WayToRedress<'a> {
    /// Days within which.
    pub days: u32,
    /// The last of them.
    pub last_day: &'a str,
    /// The grounds, in the words of the call.
    pub grounds: &'a [String],
}

/// What goes into a letter.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Title and code of the call.
    pub call: &'a str,
    /// Whether nothing of it is real.
    pub rehearsal: bool,
    /// The proposal's number and acronym.
    pub proposal: &'a str,
    /// Name of the coordinator.
    pub name: &'a str,
    /// What happened.
    pub outcome: LetterOutcome,
    /// Until when a full proposal can be submitted, for those invited.
    pub deadline: &'a str,
    /// The condition of what is granted.
    pub condition: Option<&'a str>,
    /// Why it is ineligible.
    pub reasons: &'a [String],
    /// The evaluation summary report as text, where there is one; scores, comment and advice then stand in it.
    pub report: Option<&'a str>,
    /// Title of each criterion with its score, of the panel's consensus.
    pub scores: &'a [(String, Score)],
    /// The total of the consensus.
    pub total: Option<Score>,
    /// The panel's reasons.
    pub comment: &'a str,
    /// What the reviewers say, where the call has it told.
    pub advice: &'a [Advice],
    /// Whether ethics experts refused it, which is why it is not funded then.
    pub refused_by_ethics: bool,
    /// How redress is asked for, where it is open.
    pub redress: Option<WayToRedress<'a>>,
}

impl Letter<'_> {
    /// The text.
    pub fn body(&self) -> String {
        let mut parts = Vec::new();
        if self.rehearsal {
            parts.push("REHEARSAL: nothing in this letter is real.".to_owned());
        }
        parts.push(format!("{}\nProposal {}", self.call, self.proposal));
        parts.push(format!("Dear {},", self.name));
        parts.push(match self.outcome {
            LetterOutcome::NotFunded if self.refused_by_ethics => {
                "We regret that your proposal is not selected for funding: the ethics assessment refused it."
                    .to_owned()
            }
            outcome => verdict(outcome, self.deadline),
        });
        if let Some(condition) = self.condition {
            let what = match self.outcome {
                LetterOutcome::Selected => "funding",
                _ => "invitation",
            };
            parts.push(format!("The {what} has a condition: {condition}"));
        }
        if !self.reasons.is_empty() {
            parts.push(format!("Reasons:\n{}", list(self.reasons)));
        }
        parts.extend(self.report.map(|report| report.trim().to_owned()));
        let total = self.total;
        parts.extend(total.map(|total| evaluation(self.scores, total, self.comment)));
        parts.extend(self.advice.iter().map(advice));
        parts.extend(self.redress.map(|way| way.words()));
        parts.join("\n\n") + "\n"
    }
}

impl WayToRedress<'_> {
    fn words(&self) -> String {
        let (days, last) = (self.days, self.last_day);
        let mut words = format!(
            "If you hold that the procedure was not followed, you may ask for redress within {days} days \
             of this letter, that is until {last}. The judgement of the panel itself is not open to redress."
        );
        if !self.grounds.is_empty() {
            words += &format!("\nGrounds for redress:\n{}", list(self.grounds));
        }
        words
    }
}

/// The outcome in a sentence; `deadline` is the one for full proposals.
pub(crate) fn verdict(outcome: LetterOutcome, deadline: &str) -> String {
    use LetterOutcome::*;
    match outcome {
        Ineligible => "Your proposal was found ineligible and was not evaluated.".to_owned(),
        Invited | InvitedWithConditions => format!(
            "We are pleased to invite your consortium to submit a full proposal, by {deadline}."
        ),
        NotInvited => {
            "We regret that your consortium is not invited to submit a full proposal.".to_owned()
        }
        Selected => {
            "We are pleased to tell you that your proposal is selected for funding. The grants \
            themselves are made by the funders of your partners, who will turn to them."
                .to_owned()
        }
        Reserve => "We regret that your proposal is not selected for funding, although the panel \
            recommends it. Reason: insufficient budget. Should money become free, it may still be \
            funded; we would tell you at once."
            .to_owned(),
        NotFunded => {
            "We regret that your proposal is not selected for funding: the panel does not \
            recommend it."
                .to_owned()
        }
    }
}

/// The scores of the panel with their total, and its reasons.
pub(crate) fn evaluation(scores: &[(String, Score)], total: Score, comment: &str) -> String {
    let mut lines = vec!["Evaluation summary".to_owned()];
    for (criterion, score) in scores {
        lines.push(format!("  {criterion}: {score}"));
    }
    lines.push(format!("  Total: {total}"));
    if !comment.trim().is_empty() {
        lines.push(format!("\n{}", comment.trim()));
    }
    lines.join("\n")
}

fn advice(of: &Advice) -> String {
    let mut lines = vec![format!("Comments of {}", of.label)];
    for (criterion, comment) in &of.comments {
        lines.push(format!("  {criterion}\n{}", comment.trim()));
    }
    lines.join("\n")
}

fn list(items: &[String]) -> String {
    let lines: Vec<String> = items.iter().map(|item| format!("  - {item}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(label: &str, criterion: &str, comment: &str) -> Advice {
        Advice {
            label: label.to_owned(),
            comments: vec![(criterion.to_owned(), comment.to_owned())],
        }
    }

    #[test]
    fn a_letter_says_what_money_means_and_no_more() {
        let scores = [("Excellence".to_owned(), Score(450))];
        let grounds = ["A step was left out".to_owned()];
        let letter = Letter {
            call: "Clinical tools (JTC2031)",
            rehearsal: true,
            proposal: "P-007 HEART",
            name: "Ada",
            outcome: LetterOutcome::Reserve,
            deadline: "",
            condition: None,
            reasons: &[],
            report: None,
            scores: &scores,
            total: Some(Score(1350)),
            comment: "Sound.",
            advice: &[
                said("Reviewer 1", "Impact", "One"),
                said("Reviewer 2", "Excellence", "Two"),
            ],
            refused_by_ethics: false,
            redress: Some(WayToRedress {
                days: 14,
                last_day: "1 August 2031",
                grounds: &grounds,
            }),
        };
        let body = letter.body();
        for part in [
            "REHEARSAL",
            "insufficient budget",
            "Excellence: 4.5",
            "Total: 13.5",
            "Sound.",
            "until 1 August 2031",
            "Grounds for redress:\n  - A step was left out",
            "Comments of Reviewer 1\n  Impact\nOne\n\nComments of Reviewer 2\n  Excellence\nTwo",
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
        let ineligible = Letter {
            outcome: LetterOutcome::Ineligible,
            reasons: &["Too late".to_owned()],
            total: None,
            advice: &[],
            rehearsal: false,
            ..letter
        };
        let body = ineligible.body();
        assert!(body.contains("- Too late") && !body.contains("Total"));
        assert!(!body.contains("REHEARSAL") && !body.contains("budget"));
        let reported = Letter {
            report: Some("EVALUATION SUMMARY REPORT\nSound.\n"),
            total: None,
            advice: &[],
            ..letter
        };
        let body = reported.body();
        assert!(
            body.contains("EVALUATION SUMMARY REPORT\nSound.\n\nIf you hold"),
            "{body}"
        );
        let granted = Letter {
            outcome: LetterOutcome::Selected,
            condition: Some("to be dropped or replaced: Lab X"),
            redress: None,
            ..letter
        };
        let body = granted.body();
        assert!(body.contains("The funding has a condition: to be dropped or replaced: Lab X"));
        assert!(!body.contains("redress"), "{body}");
        let refused = Letter {
            outcome: LetterOutcome::NotFunded,
            refused_by_ethics: true,
            ..letter
        };
        let body = refused.body();
        assert!(
            body.contains("the ethics assessment refused it") && !body.contains("panel does not")
        );
        assert!(
            body.contains("redress") && !body.contains("budget"),
            "{body}"
        );
    }
}
