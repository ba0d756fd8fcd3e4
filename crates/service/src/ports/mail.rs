//! Mails on their way out.

use super::Deed;

/// A mail ready to be rendered: what the outbox holds.
///
/// It has no `Debug` on purpose: the context carries links that log somebody in.
pub struct OutgoingMail {
    /// Id of the row in the outbox; a mail that is sent again keeps it.
    pub id: uuid::Uuid,
    /// Address of the recipient, without a name.
    pub to: String,
    /// Name of a template of `config/mail`, without the extension.
    pub template: String,
    /// The template's variables; `config/mail/README.md` lists them.
    pub context: serde_json::Value,
    /// The Message-ID header. The same at every try, so that a mail that arrived
    /// although its acknowledgement was lost is recognised by the reader's programme.
    pub message_id: String,
}

/// Why a mail was not handed over. The texts carry no address and no content of the mail.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// Try again later: the server is away, busy, or does not let us in.
    #[error("not sent for now: {0}")]
    Transient(String),
    /// Never will succeed: the address is refused, or the template is broken.
    #[error("cannot be sent: {0}")]
    Permanent(String),
}

/// Hands mails over to whoever delivers them.
pub trait Mailer: Send + Sync {
    /// Returns when the mail is safely with the next carrier. It may be called again with the same mail.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Deed<'a, (), MailFault>;
}
