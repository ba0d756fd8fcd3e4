//! The rehearsal reads its mail like everybody: from the files that the server writes.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// All mails of the rehearsal, by recipient.
pub struct Mailbox {
    folder: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    files: HashSet<String>,
    tokens: HashMap<(String, String), Vec<String>>,
}

impl Mailbox {
    /// The mails in a folder.
    pub fn new(folder: PathBuf) -> Mailbox {
        Mailbox {
            folder,
            seen: Mutex::default(),
        }
    }

    /// The one-time token of the next mail to `recipient` with a link of this kind.
    pub async fn token(&self, recipient: &str, kind: &str) -> Result<String> {
        let started = Instant::now();
        let key = (recipient.to_lowercase(), kind.to_owned());
        while started.elapsed() < Duration::from_secs(60) {
            if let Some(token) = self.take(&key)? {
                return Ok(token);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("no mail with a link of the kind '{kind}' came for {recipient}");
    }

    fn take(&self, key: &(String, String)) -> Result<Option<String>> {
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let waiting = |seen: &mut Seen| {
            let tokens = seen.tokens.get_mut(key)?;
            (!tokens.is_empty()).then(|| tokens.remove(0))
        };
        if let Some(token) = waiting(&mut seen) {
            return Ok(Some(token));
        }
        self.read_new(&mut seen)?;
        Ok(waiting(&mut seen))
    }

    fn read_new(&self, seen: &mut Seen) -> Result<()> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".eml") || seen.files.contains(&name) {
                continue;
            }
            let text = std::fs::read_to_string(entry.path())?;
            seen.files.insert(name);
            if let (Some(to), Some((kind, token))) = (recipient(&text), link(&text)) {
                seen.tokens.entry((to, kind)).or_default().push(token);
            }
        }
        Ok(())
    }
}

fn recipient(mail: &str) -> Option<String> {
    let line = mail.lines().find_map(|line| line.strip_prefix("To: "))?;
    Some(line.trim().trim_matches(['<', '>']).to_lowercase())
}

/// Kind and token of the first `/link/<kind>?token=<token>` of a mail.
fn link(mail: &str) -> Option<(String, String)> {
    let (_, rest) = mail.split_once("/link/")?;
    let (kind, rest) = rest.split_once("?token=")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    Some((
        kind.to_owned(),
        rest[..end.unwrap_or(rest.len())].to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_recipient_and_link() {
        let mail =
            "From: JTC\nTo: <Ann@example.org>\n\nSee http://h:1/link/login?token=ab-c_1\nBye";
        assert_eq!(recipient(mail).as_deref(), Some("ann@example.org"));
        assert_eq!(link(mail), Some(("login".into(), "ab-c_1".into())));
    }
}
