//! Mails to a real server.

use std::future::Future;
use std::pin::Pin;

use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use service::ports::{MailFault, Mailer, OutgoingMail};

use crate::mail::{Letterhead, SettingFault, Writing};

/// Hands mails to an SMTP server, over connections that are kept for a while.
pub struct SmtpMailer {
    letterhead: Letterhead,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpMailer {
    /// `url` and `from` are `mail.smtp_url` and `mail.from`. No connection is made yet, so a server
    /// that is away does not keep the application from starting.
    ///
    /// To be called inside a tokio runtime: the idle connections are closed by a task of it.
    pub fn new(url: &str, from: &str) -> Result<Self, SettingFault> {
        let tls = url.starts_with("smtps://") || url.contains("tls=required");
        if url.contains('@') && !tls {
            return Err(SettingFault::BarePassword);
        }
        Ok(Self {
            letterhead: Letterhead::new(from)?,
            transport: AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                .map_err(SettingFault::Url)?
                .build(),
        })
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(
        &'a self,
        mail: &'a OutgoingMail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailFault>> + Send + 'a>> {
        Box::pin(async move {
            let message = self.letterhead.compose(mail, Writing::Wire)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(fault(&error)),
            }
        })
    }
}

/// A permanent answer condemns the mail, unless it was given to us and not to the mail: a password
/// that expired must not turn a night's mails into dead letters.
fn fault(error: &Error) -> MailFault {
    let about_us = [
        530, // authentication required
        534, // mechanism too weak
        535, // credentials invalid
        538, // encryption required
    ];
    match error.status() {
        // The server's words may repeat the recipient's address, so only the number is told.
        Some(code) => {
            let told = format!("the server answered {code}");
            if error.is_permanent() && !about_us.contains(&u16::from(code)) {
                MailFault::Permanent(told)
            } else {
                MailFault::Transient(told)
            }
        }
        None => MailFault::Transient(error.to_string()),
    }
}
