//! Kinds of mails, and which of them a person may do without.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// A kind of mail.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Notice {
    /// The own address, password, links to log in.
    Account,
    /// The own roles, and invitations to them.
    Role,
    /// A proposal is not submitted, or a part not confirmed, a week or a day before the deadline.
    Reminder,
    /// The same, three hours before; and a condition of an invitation is due.
    LastReminder,
    /// A deadline moved.
    DeadlineMoved,
    /// An individual exception to a deadline.
    DeadlineException,
    /// What was submitted, with its receipt.
    Receipt,
    /// Who joined or left the own proposal.
    Partners,
    /// Proposals taken back or brought back, for the secretariat.
    ProposalNews,
    /// A question to an applicant, and that it is overdue.
    Query,
    /// How such a question was settled.
    QuerySettled,
    /// A consortium was changed while its eligibility was checked.
    ConsortiumChanged,
    /// The own question about a call was answered.
    QuestionAnswered,
    /// What a funder, a reviewer, a panel or the steering committee found or decided.
    Outcome,
    /// The work of an expert.
    Review,
    /// What becomes of funders' commitments: unfrozen, signed, not paid any more.
    Commitments,
    /// A decision that waits for oneself.
    Decision,
}

impl Notice {
    /// The kind of the mail with this template.
    pub fn of_template(name: &str) -> Option<Notice> {
        use Notice::*;
        Some(match name {
            "change_email" | "confirm_email" | "email_changed" | "email_taken" | "login_link"
            | "password_reset" => Account,
            // The link in an invitation is nowhere else.
            "role_granted" | "role_handed_over" | "role_invitation" | "partner_invitation" => Role,
            "reminder" | "confirm_part" => Reminder,
            "last_reminder" | "condition_due" => LastReminder,
            "deadline_moved" => DeadlineMoved,
            "deadline_exception" => DeadlineException,
            "submission_receipt" | "proposal_imported" => Receipt,
            "partner_joined" | "partner_left" | "partner_removed" => Partners,
            "proposal_withdrawn" | "proposal_reinstated" => ProposalNews,
            "partner_query" | "query_overdue" => Query,
            "query_settled" => QuerySettled,
            "consortium_changed" => ConsortiumChanged,
            "question_answered" => QuestionAnswered,
            "eligibility_outcome"
            | "stage_outcome"
            | "waiver_decided"
            | "rebuttal_open"
            | "reviews_released"
            | "redress_decided" => Outcome,
            "expert_invitation"
            | "declare_conflicts"
            | "review_assigned"
            | "review_passed_on"
            | "review_due"
            | "review_returned"
            | "panel_convened"
            | "ethics_assigned"
            | "ethics_passed_on"
            | "rapporteur_named"
            | "rapporteur_released"
            | "substitute_called_up"
            | "expert_relieved" => Review,
            "commitment_news" => Commitments,
            "selection_to_confirm" | "line_to_accept" | "waiver_asked" | "redress_waits" => {
                Decision
            }
            _ => return None,
        })
    }

    /// Whether a person may do without it: not what is the last chance, what binds, or what keeps an account safe.
    pub fn is_switchable(self) -> bool {
        use Notice::*;
        matches!(
            self,
            Reminder
                | DeadlineMoved
                | Partners
                | ProposalNews
                | QuerySettled
                | QuestionAnswered
                | Commitments
        )
    }

    /// What it is about, in plain words.
    pub fn about(self) -> &'static str {
        use Notice::*;
        match self {
            Account => "Your address, your password, links to log in",
            Role => "Your roles, and invitations to them",
            Reminder => {
                "Your proposal is not submitted, or your part not confirmed, a week or a day before the deadline"
            }
            LastReminder => {
                "Three hours before the deadline your proposal is not submitted as it stands; a condition is due"
            }
            DeadlineMoved => "A deadline moved; the call's page says so too",
            DeadlineException => "An individual exception to a deadline",
            Receipt => "What you submitted, with its receipt",
            Partners => "Who joined or left your proposal",
            ProposalNews => "Proposals taken back or brought back",
            Query => "A question to an applicant, and that its answer is overdue",
            QuerySettled => "How a question to an applicant was settled",
            ConsortiumChanged => "A consortium was changed while its eligibility was checked",
            QuestionAnswered => "Your question about a call was answered",
            Outcome => "The outcome of your proposal",
            Review => "Your work as an expert",
            Commitments => {
                "What becomes of funders' commitments: unfrozen, signed, not paid any more"
            }
            Decision => "A decision that waits for you",
        }
    }

    /// Names of the kinds that a person may do without.
    pub fn switchable() -> String {
        let names = Notice::iter().filter(|kind| kind.is_switchable());
        let names: Vec<&str> = names.map(Into::into).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_binds_is_always_sent() {
        for kind in [
            Notice::Account,
            Notice::LastReminder,
            Notice::Outcome,
            Notice::Receipt,
            Notice::Decision,
        ] {
            assert!(!kind.is_switchable(), "{kind}");
        }
        assert_eq!(
            Notice::switchable(),
            "reminder, deadline_moved, partners, proposal_news, query_settled, question_answered, commitments"
        );
        assert_eq!(Notice::of_template("unheard_of"), None);
    }
}
