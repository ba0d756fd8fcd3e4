//! The letter to a coordinator: the outcome, its reasons, the evaluation summary, the way to redress.
//! It never names a funder or a reviewer.

use call::Score;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

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
    /// Whether money alone was missing.
    pub fn insufficient_budget(self) -> bool {
        self == LetterOutcome::Reserve
    }
}

/// What one reviewer says to the applicants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Who says it, without a name.
    pub label: String,
    /// Title of each criterion with the comment on it.
    pub comments: Vec<(String, String)>,
}

/// The advice of reviews, given by their ids, under labels that stay the same however often they are made. The
/// labels' order is that of the ids' random end: neither when somebody was asked nor who it is follows from it, and
/// one reviewer's labels on two proposals have nothing to do with each other.
pub fn labelled(mut reviews: Vec<(Uuid, Vec<(String, String)>)>) -> Vec<Advice> {
    reviews.sort_by_key(|(id, _)| {
        let [.., a, b, c, d] = *id.as_bytes();
        ([a, b, c, d], *id)
    });
    reviews
        .into_iter()
        .zip(1..)
        .map(|((_, comments), number)| Advice {
            label: format!("Reviewer {number}"),
            comments,
        })
        .collect()
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
    /// The condition of an invitation.
    pub condition: Option<&'a str>,
    /// Why it is ineligible.
    pub reasons: &'a [String],
    /// Title of each criterion with its score, of the panel's consensus.
    pub scores: &'a [(String, Score)],
    /// The total of the consensus.
    pub total: Option<Score>,
    /// The panel's reasons.
    pub comment: &'a str,
    /// What the reviewers say, where the call has it told.
    pub advice: &'a [Advice],
    /// Days within which redress may be asked for, and the last day of them.
    pub redress: (u32, &'a str),
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
        parts.push(self.verdict());
        if let Some(condition) = self.condition {
            parts.push(format!("The invitation has a condition: {condition}"));
        }
        if !self.reasons.is_empty() {
            parts.push(format!("Reasons:\n{}", list(self.reasons)));
        }
        parts.extend(self.summary());
        parts.extend(self.advice.iter().map(advice));
        let (days, last) = self.redress;
        parts.push(format!(
            "If you hold that the procedure was not followed, you may ask for redress within {days} days \
             of this letter, that is until {last}. The judgement of the panel itself is not open to redress."
        ));
        parts.join("\n\n") + "\n"
    }

    fn verdict(&self) -> String {
        use LetterOutcome::*;
        match self.outcome {
            Ineligible => "Your proposal was found ineligible and was not evaluated.".to_owned(),
            Invited | InvitedWithConditions => format!(
                "We are pleased to invite your consortium to submit a full proposal, by {}.",
                self.deadline
            ),
            NotInvited => {
                "We regret that your consortium is not invited to submit a full proposal.".to_owned()
            }
            Selected => "We are pleased to tell you that your proposal is selected for funding. The grants \
                themselves are made by the funders of your partners, who will turn to them."
                .to_owned(),
            Reserve => "We regret that your proposal is not selected for funding, although the panel \
                recommends it. Reason: insufficient budget. Should money become free, it may still be \
                funded; we would tell you at once."
                .to_owned(),
            NotFunded => "We regret that your proposal is not selected for funding: the panel does not \
                recommend it."
                .to_owned(),
        }
    }

    fn summary(&self) -> Option<String> {
        let total = self.total?;
        let mut lines = vec!["Evaluation summary".to_owned()];
        for (criterion, score) in self.scores {
            lines.push(format!("  {criterion}: {score}"));
        }
        lines.push(format!("  Total: {total}"));
        if !self.comment.trim().is_empty() {
            lines.push(format!("\n{}", self.comment.trim()));
        }
        Some(lines.join("\n"))
    }
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

    #[test]
    fn a_letter_says_what_money_means_and_no_more() {
        let scores = [("Excellence".to_owned(), Score(450))];
        let letter = Letter {
            call: "Clinical tools (JTC2031)",
            rehearsal: true,
            proposal: "P-007 HEART",
            name: "Ada",
            outcome: LetterOutcome::Reserve,
            deadline: "",
            condition: None,
            reasons: &[],
            scores: &scores,
            total: Some(Score(1350)),
            comment: "Sound.",
            advice: &labelled(vec![
                (
                    Uuid::from_u128(2),
                    vec![("Excellence".to_owned(), "Two".to_owned())],
                ),
                (
                    Uuid::from_u128(1 << 80 | 1),
                    vec![("Impact".to_owned(), "One".to_owned())],
                ),
            ]),
            redress: (14, "1 August 2031"),
        };
        let body = letter.body();
        for part in [
            "REHEARSAL",
            "insufficient budget",
            "Excellence: 4.5",
            "Total: 13.5",
            "Sound.",
            "until 1 August 2031",
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
    }
}
