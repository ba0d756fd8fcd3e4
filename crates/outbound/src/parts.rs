//! What has come of files that are still uploaded, as files in a folder.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use service::ports::{Deed, FileFault, FileStream, Parts, Written};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

/// After so long without a byte the sender is taken to be gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes are read at once.
const PIECE: usize = 64 * 1024;

/// Parts as `<id>.part` in one folder.
#[derive(Debug, Clone)]
pub struct FolderParts {
    folder: PathBuf,
}

impl FolderParts {
    /// The folder is made where it is missing, for the owner's eyes alone.
    pub fn new(folder: &Path) -> Result<FolderParts, FileFault> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(fault)?;
        Ok(FolderParts {
            folder: folder.to_owned(),
        })
    }

    /// Where a part is.
    pub fn path(&self, part: Uuid) -> PathBuf {
        self.folder.join(format!("{part}.part"))
    }

    async fn append(
        &self,
        part: Uuid,
        from: u64,
        most: u64,
        mut bytes: Receiver<Bytes>,
    ) -> io::Result<Written> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path(part))
            .await?;
        if file.metadata().await?.len() < from {
            let lost = "less of the file is there than was acknowledged";
            return Err(io::Error::other(lost));
        }
        // What an earlier request wrote and nobody acknowledged is not part of the file.
        file.set_len(from).await?;
        file.seek(io::SeekFrom::Start(from)).await?;
        let mut until = from;
        while let Ok(Some(piece)) = tokio::time::timeout(PATIENCE, bytes.recv()).await {
            let next = until + piece.len() as u64;
            if next > most {
                return Ok(Written {
                    until: from,
                    too_many: true,
                });
            }
            file.write_all(&piece).await?;
            until = next;
        }
        file.flush().await?;
        file.sync_all().await?;
        if from == 0 {
            File::open(&self.folder).await?.sync_all().await?;
        }
        Ok(Written {
            until,
            too_many: false,
        })
    }
}

fn fault(error: io::Error) -> FileFault {
    FileFault(error.to_string())
}

/// The bytes of a file, piece by piece.
async fn stream(path: &Path) -> io::Result<FileStream> {
    let file = File::open(path).await?;
    let pieces = futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let count = file.read(&mut piece).await.map_err(fault)?;
        piece.truncate(count);
        Ok((count > 0).then_some((Bytes::from(piece), file)))
    });
    Ok(Box::pin(pieces))
}

impl Parts for FolderParts {
    fn write(
        &self,
        part: Uuid,
        from: u64,
        most: u64,
        bytes: Receiver<Bytes>,
    ) -> Deed<'_, Written, FileFault> {
        Box::pin(async move { self.append(part, from, most, bytes).await.map_err(fault) })
    }

    fn read(&self, part: Uuid) -> Deed<'_, FileStream, FileFault> {
        Box::pin(async move { stream(&self.path(part)).await.map_err(fault) })
    }

    fn discard(&self, part: Uuid) -> Deed<'_, (), FileFault> {
        Box::pin(async move {
            match fs::remove_file(self.path(part)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(error)),
                Ok(()) | Err(_) => Ok(()),
            }
        })
    }

    fn list(&self) -> Deed<'_, Vec<Uuid>, FileFault> {
        Box::pin(async move {
            let mut entries = fs::read_dir(&self.folder).await.map_err(fault)?;
            let mut found = Vec::new();
            while let Some(entry) = entries.next_entry().await.map_err(fault)? {
                let name = entry.file_name();
                let id = name.to_str().and_then(|name| name.strip_suffix(".part"));
                found.extend(id.and_then(|id| id.parse::<Uuid>().ok()));
            }
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;
    use tokio::sync::mpsc::channel;

    async fn write(
        parts: &FolderParts,
        part: Uuid,
        from: u64,
        pieces: &[&'static [u8]],
    ) -> Result<Written, FileFault> {
        let (send, receive) = channel(8);
        for piece in pieces {
            send.send(Bytes::from_static(piece)).await.unwrap();
        }
        drop(send);
        parts.write(part, from, 8, receive).await
    }

    #[tokio::test]
    async fn a_part_grows_from_where_it_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let parts = FolderParts::new(folder.path()).unwrap();
        let part = Uuid::from_u128(7);
        let sound = |until| Written {
            until,
            too_many: false,
        };
        assert_eq!(
            write(&parts, part, 0, &[b"ab", b"cd"]).await.unwrap(),
            sound(4)
        );
        // The four bytes were never acknowledged: the sender begins anew.
        assert_eq!(write(&parts, part, 0, &[b"ABCDE"]).await.unwrap(), sound(5));
        let large = write(&parts, part, 5, &[b"FGH", b"I"]).await.unwrap();
        assert_eq!(
            large,
            Written {
                until: 5,
                too_many: true
            }
        );
        assert_eq!(write(&parts, part, 5, &[b"FGH"]).await.unwrap(), sound(8));
        let bytes: Vec<Bytes> = parts.read(part).await.unwrap().try_collect().await.unwrap();
        assert_eq!(bytes.concat(), b"ABCDEFGH");
        assert_eq!(parts.list().await.unwrap(), [part]);
        parts.discard(part).await.unwrap();
        parts.discard(part).await.unwrap();
        assert!(write(&parts, part, 3, &[b"x"]).await.is_err());
    }
}
