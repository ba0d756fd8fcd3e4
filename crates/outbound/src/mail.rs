//! From the outbox's row to a message.

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, SinglePart};
use service::ports::{MailFault, OutgoingMail};

pub use crate::templates::{Templates, Text};

/// A setting of `[mail]` that cannot be used. Found at the start, never when a mail is due.
#[derive(Debug, thiserror::Error)]
pub enum SettingFault {
    /// `mail.from` is no address.
    #[error("mail.from must read \"name@host\" or \"Name <name@host>\": {0}")]
    From(#[from] lettre::address::AddressError),
    /// `mail.smtp_url` cannot be read. The text leaves the URL out, which holds a password.
    #[error(
        "mail.smtp_url must read smtp://user:password@host:587?tls=required or smtps://user:password@host: {0}"
    )]
    Url(lettre::transport::smtp::Error),
    /// The password would cross the network readable.
    #[error("mail.smtp_url has a password but no TLS: add ?tls=required or use smtps://")]
    BarePassword,
    /// A template does not parse; the tests make this impossible for the ones compiled in.
    #[error("a mail template is broken: {0}")]
    Template(#[from] minijinja::Error),
}

/// Bytes a line of a mail may have at most, without its end: RFC 5322, 2.1.1.
const LINE: usize = 998;

/// How the bytes of the text are written.
pub(crate) enum Writing {
    /// ASCII for the wire: as it is, or quoted-printable or base64 where need be.
    Wire,
    /// UTF-8 where the lines are short enough, so that a file can be read, and a link be clicked, as it is.
    Readable,
}

/// Who writes, and in which words.
pub(crate) struct Letterhead {
    from: Mailbox,
    templates: Templates,
}

impl Letterhead {
    /// `from` is an address, or a name and an address; the name signs the mails.
    pub(crate) fn new(from: &str) -> Result<Self, SettingFault> {
        let from: Mailbox = from.parse()?;
        let sender = from.name.clone().unwrap_or_else(|| from.email.to_string());
        Ok(Self {
            from,
            templates: Templates::new(&sender)?,
        })
    }

    /// Every fault here is permanent: no retry mends an address or a template.
    pub(crate) fn compose(
        &self,
        mail: &OutgoingMail,
        writing: Writing,
    ) -> Result<Message, MailFault> {
        let to = mail.to.parse().map_err(|fault| {
            MailFault::Permanent(format!("the recipient's address is malformed: {fault}"))
        })?;
        let text = self.templates.render(mail)?;
        let body = match writing {
            Writing::Readable if text.body.lines().all(|line| line.len() <= LINE) => {
                let crlf = text.body.replace('\n', "\r\n").into_bytes();
                Body::dangerous_pre_encoded(crlf, ContentTransferEncoding::EightBit)
            }
            _ => Body::new(text.body),
        };
        // Keeps automatic replies ("I am on holiday") from answering: RFC 3834.
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(bracketed(&mail.message_id)))
            .raw_header(automatic)
            .subject(text.subject)
            .singlepart(
                SinglePart::builder()
                    .header(ContentType::TEXT_PLAIN)
                    .body(body),
            )
            .map_err(|fault| MailFault::Permanent(fault.to_string()))
    }
}

/// RFC 5322 wants a Message-ID in angle brackets.
fn bracketed(id: &str) -> String {
    if id.starts_with('<') && id.ends_with('>') {
        id.to_owned()
    } else {
        format!("<{id}>")
    }
}
