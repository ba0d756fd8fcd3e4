//! Programs that are started for one piece of work over bytes of strangers, and confine themselves.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use confined::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// How many run at once, and how many more may wait.
const AT_ONCE: usize = 2;
const QUEUE: usize = 30;

/// A program with its first arguments and the limits it is told in its last two.
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    permits: Semaphore,
    queue: Semaphore,
}

/// What became of a piece of work.
pub(crate) enum Ended {
    /// The program answered.
    Answered(Vec<u8>),
    /// It did not survive its work, or took too long for it.
    Died,
}

impl Program {
    /// `arguments` come before all others.
    pub fn new(path: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Program {
        Program {
            path,
            arguments,
            limits,
            permits: Semaphore::new(AT_ONCE),
            queue: Semaphore::new(AT_ONCE + QUEUE),
        }
    }

    /// Whether so many wait that one more should come again later.
    pub(crate) fn is_busy(&self) -> bool {
        self.queue.available_permits() == 0
    }

    /// Starts the program with one more argument where there is one, gives it `input` and takes at most `longest`
    /// bytes of its answer.
    pub(crate) async fn run(
        &self,
        argument: Option<OsString>,
        input: &[u8],
        longest: u64,
    ) -> io::Result<Ended> {
        let _place = self.queue.acquire().await.map_err(io::Error::other)?;
        let _permit = self.permits.acquire().await.map_err(io::Error::other)?;
        let mut child = Command::new(&self.path)
            .args(&self.arguments)
            .args(argument)
            .args(self.limits.arguments())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|why| io::Error::other(format!("{}: {why}", self.path.display())))?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let (mut to, from) = ends.ok_or_else(|| io::Error::other("a child without pipes"))?;
        let mut from = from.take(longest);
        let mut answer = Vec::new();
        let talk = async {
            let tell = async {
                // A child that dies at its work does not read to the end; its exit tells.
                let _ = to.write_all(input).await;
                drop(to);
            };
            let (_, heard) = tokio::join!(tell, from.read_to_end(&mut answer));
            heard?;
            child.wait().await
        };
        // A process that waits takes no time of a processor, so the clock on the wall counts too.
        let patience = Duration::from_secs(self.limits.seconds * 2);
        let ended = tokio::time::timeout(patience, talk).await;
        match ended {
            Ok(status) => Ok(match status?.success() {
                true => Ended::Answered(answer),
                false => Ended::Died,
            }),
            Err(_) => {
                child.kill().await?;
                Ok(Ended::Died)
            }
        }
    }
}
