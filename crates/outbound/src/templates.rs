//! The texts of `config/mail`, compiled in and checked.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};
use service::ports::{MailFault, OutgoingMail};

/// Goes around every mail.
const LAYOUT: (&str, &str) = ("layout", include_str!("../../../config/mail/layout.txt"));

/// Name and source of every mail; a test holds the list against the folder.
const MAILS: &[(&str, &str)] = &[
    (
        "change_email",
        include_str!("../../../config/mail/change_email.txt"),
    ),
    (
        "commitment_news",
        include_str!("../../../config/mail/commitment_news.txt"),
    ),
    (
        "condition_due",
        include_str!("../../../config/mail/condition_due.txt"),
    ),
    (
        "confirm_email",
        include_str!("../../../config/mail/confirm_email.txt"),
    ),
    (
        "confirm_part",
        include_str!("../../../config/mail/confirm_part.txt"),
    ),
    (
        "consortium_changed",
        include_str!("../../../config/mail/consortium_changed.txt"),
    ),
    (
        "deadline_exception",
        include_str!("../../../config/mail/deadline_exception.txt"),
    ),
    (
        "deadline_moved",
        include_str!("../../../config/mail/deadline_moved.txt"),
    ),
    (
        "declare_conflicts",
        include_str!("../../../config/mail/declare_conflicts.txt"),
    ),
    (
        "eligibility_outcome",
        include_str!("../../../config/mail/eligibility_outcome.txt"),
    ),
    (
        "email_changed",
        include_str!("../../../config/mail/email_changed.txt"),
    ),
    (
        "email_taken",
        include_str!("../../../config/mail/email_taken.txt"),
    ),
    (
        "expert_invitation",
        include_str!("../../../config/mail/expert_invitation.txt"),
    ),
    (
        "ethics_assigned",
        include_str!("../../../config/mail/ethics_assigned.txt"),
    ),
    (
        "ethics_passed_on",
        include_str!("../../../config/mail/ethics_passed_on.txt"),
    ),
    (
        "expert_relieved",
        include_str!("../../../config/mail/expert_relieved.txt"),
    ),
    (
        "last_reminder",
        include_str!("../../../config/mail/last_reminder.txt"),
    ),
    (
        "line_to_accept",
        include_str!("../../../config/mail/line_to_accept.txt"),
    ),
    (
        "login_link",
        include_str!("../../../config/mail/login_link.txt"),
    ),
    (
        "panel_convened",
        include_str!("../../../config/mail/panel_convened.txt"),
    ),
    (
        "partner_invitation",
        include_str!("../../../config/mail/partner_invitation.txt"),
    ),
    (
        "partner_joined",
        include_str!("../../../config/mail/partner_joined.txt"),
    ),
    (
        "partner_left",
        include_str!("../../../config/mail/partner_left.txt"),
    ),
    (
        "partner_removed",
        include_str!("../../../config/mail/partner_removed.txt"),
    ),
    (
        "partner_query",
        include_str!("../../../config/mail/partner_query.txt"),
    ),
    (
        "password_reset",
        include_str!("../../../config/mail/password_reset.txt"),
    ),
    (
        "query_overdue",
        include_str!("../../../config/mail/query_overdue.txt"),
    ),
    (
        "query_settled",
        include_str!("../../../config/mail/query_settled.txt"),
    ),
    (
        "question_answered",
        include_str!("../../../config/mail/question_answered.txt"),
    ),
    (
        "proposal_imported",
        include_str!("../../../config/mail/proposal_imported.txt"),
    ),
    (
        "proposal_reinstated",
        include_str!("../../../config/mail/proposal_reinstated.txt"),
    ),
    (
        "proposal_withdrawn",
        include_str!("../../../config/mail/proposal_withdrawn.txt"),
    ),
    (
        "rapporteur_named",
        include_str!("../../../config/mail/rapporteur_named.txt"),
    ),
    (
        "rapporteur_released",
        include_str!("../../../config/mail/rapporteur_released.txt"),
    ),
    (
        "rebuttal_open",
        include_str!("../../../config/mail/rebuttal_open.txt"),
    ),
    (
        "reminder",
        include_str!("../../../config/mail/reminder.txt"),
    ),
    (
        "review_assigned",
        include_str!("../../../config/mail/review_assigned.txt"),
    ),
    (
        "review_passed_on",
        include_str!("../../../config/mail/review_passed_on.txt"),
    ),
    (
        "review_due",
        include_str!("../../../config/mail/review_due.txt"),
    ),
    (
        "review_returned",
        include_str!("../../../config/mail/review_returned.txt"),
    ),
    (
        "reviews_released",
        include_str!("../../../config/mail/reviews_released.txt"),
    ),
    (
        "redress_decided",
        include_str!("../../../config/mail/redress_decided.txt"),
    ),
    (
        "redress_waits",
        include_str!("../../../config/mail/redress_waits.txt"),
    ),
    (
        "role_granted",
        include_str!("../../../config/mail/role_granted.txt"),
    ),
    (
        "role_handed_over",
        include_str!("../../../config/mail/role_handed_over.txt"),
    ),
    (
        "role_invitation",
        include_str!("../../../config/mail/role_invitation.txt"),
    ),
    (
        "selection_to_confirm",
        include_str!("../../../config/mail/selection_to_confirm.txt"),
    ),
    (
        "stage_outcome",
        include_str!("../../../config/mail/stage_outcome.txt"),
    ),
    (
        "substitute_called_up",
        include_str!("../../../config/mail/substitute_called_up.txt"),
    ),
    (
        "submission_receipt",
        include_str!("../../../config/mail/submission_receipt.txt"),
    ),
    (
        "waiver_asked",
        include_str!("../../../config/mail/waiver_asked.txt"),
    ),
    (
        "waiver_decided",
        include_str!("../../../config/mail/waiver_decided.txt"),
    ),
];

/// A rendered mail.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub subject: String,
    /// Lines ended by `\n`.
    pub body: String,
}

/// All mails, ready to be rendered.
pub struct Templates {
    environment: Environment<'static>,
    sender: String,
}

impl Templates {
    /// `sender` is the name that stands at the foot of each mail. Fails when a template does not parse.
    pub fn new(sender: &str) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        for (name, source) in MAILS.iter().chain([&LAYOUT]) {
            // Parted before rendering: so no value, however many lines it has, ends the subject
            // and begins the text.
            let (subject, body) = source
                .strip_prefix("Subject: ")
                .and_then(|rest| rest.split_once("\n\n"))
                .ok_or_else(|| {
                    Error::new(
                        ErrorKind::SyntaxError,
                        format!("{name}: a mail begins with its subject and an empty line"),
                    )
                })?;
            environment.add_template_owned(format!("{name}.subject"), subject)?;
            environment.add_template_owned(format!("{name}.body"), body)?;
        }
        Ok(Self {
            environment,
            sender: sender.to_owned(),
        })
    }

    /// Renders the mail in its layout. Permanent when the template is unknown, or a variable it uses is missing.
    pub fn render(&self, mail: &OutgoingMail) -> Result<Text, MailFault> {
        let given = Value::from(Serde(&mail.context));
        let inner = self.text(&mail.template, given.clone())?;
        let frame = context! {
            sender => self.sender.as_str(),
            subject => inner.subject,
            body => inner.body,
            ..given
        };
        self.text(LAYOUT.0, frame)
    }

    fn text(&self, name: &str, context: Value) -> Result<Text, MailFault> {
        let render = |part: &str| {
            self.environment
                .get_template(&format!("{name}.{part}"))
                .and_then(|template| template.render(context.clone()))
                .map_err(|fault| MailFault::Permanent(format!("mail {name}: {fault}")))
        };
        Ok(Text {
            subject: one_line(&render("subject")?),
            body: plain_lines(&render("body")?),
        })
    }
}

/// A line break in a subject would be refused, or fold the header: it becomes a space.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Lines ended by `\n` alone and no other control characters, whatever a form has sent: a bare CR
/// in a mail is read as the end of a line by some servers and not by others.
fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

#[cfg(test)]
mod tests;
