//! Mails as files, where no server is configured.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;

use service::ports::{MailFault, Mailer, OutgoingMail};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::mail::{Letterhead, SettingFault, Writing};

/// Writes each mail as `<id>.eml` into a folder.
pub struct FileMailer {
    letterhead: Letterhead,
    folder: PathBuf,
}

impl FileMailer {
    /// `folder` is made with the first mail; `from` is `mail.from`.
    pub fn new(folder: impl Into<PathBuf>, from: &str) -> Result<Self, SettingFault> {
        Ok(Self {
            letterhead: Letterhead::new(from)?,
            folder: folder.into(),
        })
    }

    /// Written under another name first, so that whoever watches the folder never reads half a mail.
    /// For the owner's eyes alone: the links in it log people in.
    async fn write(&self, id: uuid::Uuid, text: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .await?;
        let unfinished = self.folder.join(format!("{id}.part"));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .await?;
        file.write_all(text).await?;
        file.sync_all().await?;
        fs::rename(&unfinished, self.folder.join(format!("{id}.eml"))).await
    }
}

impl Mailer for FileMailer {
    fn send<'a>(
        &'a self,
        mail: &'a OutgoingMail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailFault>> + Send + 'a>> {
        Box::pin(async move {
            let message = self.letterhead.compose(mail, Writing::Readable)?;
            self.write(mail.id, &message.formatted())
                .await
                .map_err(|fault| MailFault::Transient(format!("mail folder: {fault}")))
        })
    }
}
