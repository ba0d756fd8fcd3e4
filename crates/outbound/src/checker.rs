//! Uploaded files, looked at in a process of its own for each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use kernel::Fault;
use service::ports::{Deed, FileChecker, FileFault, Verdict};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::parts::FolderParts;

/// The longest verdict, in bytes.
const LONGEST: u64 = 64 * 1024;

/// How many files are looked at at once.
const AT_ONCE: usize = 2;

/// Starts a program for each file: it is given the file, how many bytes of memory and how many seconds of a
/// processor it may take, as `filecheck::main` does.
pub struct ChildChecker {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: filecheck::Limits,
    parts: FolderParts,
    permits: Semaphore,
}

impl ChildChecker {
    /// `arguments` come before the file.
    pub fn new(
        program: PathBuf,
        arguments: Vec<OsString>,
        limits: filecheck::Limits,
        parts: FolderParts,
    ) -> ChildChecker {
        ChildChecker {
            program,
            arguments,
            limits,
            parts,
            permits: Semaphore::new(AT_ONCE),
        }
    }

    async fn ask(&self, part: Uuid) -> Result<Verdict, FileFault> {
        let _permit = self.permits.acquire().await.map_err(|e| fault(&e))?;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .arg(self.parts.path(part))
            .arg(self.limits.memory.to_string())
            .arg(self.limits.seconds.to_string())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| fault(&format!("{}: {error}", self.program.display())))?;
        let said = child.stdout.take();
        let mut said = said
            .ok_or_else(|| fault(&"no standard output"))?
            .take(LONGEST);
        let mut text = Vec::new();
        // A process that waits takes no time of a processor, so the clock on the wall counts too.
        let patience = Duration::from_secs(self.limits.seconds * 2);
        let ended = tokio::time::timeout(patience, async {
            said.read_to_end(&mut text).await?;
            child.wait().await
        });
        match ended.await {
            Ok(Ok(status)) if status.success() => verdict(&text),
            Ok(Ok(_)) => Ok(too_hard()),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => {
                child.kill().await.map_err(|error| fault(&error))?;
                Ok(too_hard())
            }
        }
    }
}

fn fault(error: &dyn std::fmt::Display) -> FileFault {
    FileFault(error.to_string())
}

fn verdict(text: &[u8]) -> Result<Verdict, FileFault> {
    let said = serde_json::from_slice(text).map_err(|error| fault(&error))?;
    Ok(match said {
        filecheck::Verdict::Sound { media_type, pages } => Verdict::Sound {
            media_type,
            pages: pages
                .map(i32::try_from)
                .transpose()
                .map_err(|e| fault(&e))?,
        },
        filecheck::Verdict::Refused { code, detail } => {
            Verdict::Refused(Fault::new("/file", &code, detail))
        }
    })
}

/// The answer about a file that its reader does not survive.
fn too_hard() -> Verdict {
    Verdict::Refused(Fault::new(
        "/file",
        "file_too_hard",
        "the file cannot be read with the memory and time that there are for it; save or print it anew, simpler \
         or in parts",
    ))
}

impl FileChecker for ChildChecker {
    fn check(&self, part: Uuid) -> Deed<'_, Verdict, FileFault> {
        Box::pin(self.ask(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker(script: &str) -> (tempfile::TempDir, ChildChecker) {
        let folder = tempfile::tempdir().unwrap();
        let parts = FolderParts::new(folder.path()).unwrap();
        let limits = filecheck::Limits {
            memory: 1 << 29,
            seconds: 1,
        };
        let arguments = vec!["-c".into(), script.into()];
        let checker = ChildChecker::new("/bin/sh".into(), arguments, limits, parts);
        (folder, checker)
    }

    #[tokio::test]
    async fn a_reader_that_crashes_or_hangs_refuses_its_file() {
        for script in ["kill -9 $$", "exit 1", "sleep 60"] {
            let (_folder, checker) = checker(script);
            let found = checker.check(Uuid::nil()).await.unwrap();
            assert_eq!(found, too_hard(), "{script}");
        }
    }

    #[tokio::test]
    async fn a_verdict_is_taken_over_and_nonsense_is_a_fault() {
        let (_folder, sound) =
            checker(r#"echo '{"sound":{"media_type":"image/png","pages":null}}'"#);
        let expected = Verdict::Sound {
            media_type: "image/png".into(),
            pages: None,
        };
        assert_eq!(sound.check(Uuid::nil()).await.unwrap(), expected);
        let (_folder, nonsense) = checker("echo yes");
        assert!(nonsense.check(Uuid::nil()).await.is_err());
    }
}
