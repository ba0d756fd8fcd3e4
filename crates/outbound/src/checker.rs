//! Uploaded files, looked at in a process of its own for each.

use kernel::Fault;
use service::ports::{Deed, FileChecker, FileFault, Verdict};
use uuid::Uuid;

use crate::child::{Ended, Program};
use crate::parts::FolderParts;

/// The longest verdict, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Starts a program for each file, which is given the file and does as `filecheck::main` does.
pub struct ChildChecker {
    program: Program,
    parts: FolderParts,
}

impl ChildChecker {
    /// Over the parts in a folder.
    pub fn new(program: Program, parts: FolderParts) -> ChildChecker {
        ChildChecker { program, parts }
    }

    async fn ask(&self, part: Uuid) -> Result<Verdict, FileFault> {
        let file = self.parts.path(part).into_os_string();
        let ended = self.program.run(Some(file), &[], LONGEST).await;
        match ended.map_err(|error| fault(&error))? {
            Ended::Answered(text) => verdict(&text),
            Ended::Died => Ok(too_hard()),
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
    use confined::Limits;

    use super::*;

    fn checker(script: &str) -> (tempfile::TempDir, ChildChecker) {
        let folder = tempfile::tempdir().unwrap();
        let parts = FolderParts::new(folder.path()).unwrap();
        let limits = Limits {
            memory: 1 << 29,
            seconds: 1,
        };
        let arguments = vec!["-c".into(), script.into()];
        let program = Program::new("/bin/sh".into(), arguments, limits);
        let checker = ChildChecker::new(program, parts);
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
