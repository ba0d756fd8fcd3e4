//! Whole files under their hash: in a local folder, or in a bucket of S3.

use std::path::Path;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use service::ports::{Deed, FileFault, FileStore, FileStream, Kept};

/// How many bytes are written at once. S3 takes no part that is smaller, but for the last.
const PIECE: usize = 5 * 1024 * 1024;

/// A file store over any object store.
pub struct ObjectFiles {
    objects: Arc<dyn ObjectStore>,
}

impl ObjectFiles {
    /// Files in a folder, which is made where it is missing. A file counts as kept when it and the folder
    /// that names it are on the disk.
    pub fn in_folder(folder: &Path) -> Result<ObjectFiles, FileFault> {
        std::fs::create_dir_all(folder).map_err(|error| fault(&error))?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| fault(&error))?;
        Ok(ObjectFiles {
            objects: Arc::new(objects.with_fsync(true)),
        })
    }

    /// Files in any object store that keeps what it has acknowledged.
    #[cfg(feature = "s3")]
    pub(crate) fn over(objects: impl ObjectStore) -> ObjectFiles {
        ObjectFiles {
            objects: Arc::new(objects),
        }
    }

    async fn write(&self, key: &Key, mut bytes: FileStream) -> Result<(), FileFault> {
        let upload = self
            .objects
            .put_multipart(key)
            .await
            .map_err(|e| fault(&e))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE);
        while let Some(piece) = bytes.next().await {
            match piece {
                Ok(piece) => upload.write(&piece),
                Err(broken) => {
                    // What was written under no name yet goes; if that fails too, the first fault says more.
                    let _ = upload.abort().await;
                    return Err(broken);
                }
            }
            upload.wait_for_capacity(1).await.map_err(|e| fault(&e))?;
        }
        upload.finish().await.map_err(|error| fault(&error))?;
        Ok(())
    }
}

fn fault(error: &dyn std::fmt::Display) -> FileFault {
    FileFault(error.to_string())
}

/// A folder for each first byte, so that none grows too large.
fn key(sha256: &str) -> Result<Key, FileFault> {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if sha256.len() != 64 || !sha256.bytes().all(hex) {
        return Err(FileFault("a name that is no hash".to_owned()));
    }
    Ok(Key::from(format!("{}/{sha256}", &sha256[..2])))
}

impl FileStore for ObjectFiles {
    fn put<'a>(&'a self, sha256: &'a str, bytes: FileStream) -> Deed<'a, (), FileFault> {
        Box::pin(async move {
            if self.has(sha256).await? {
                return Ok(());
            }
            self.write(&key(sha256)?, bytes).await
        })
    }

    fn get<'a>(&'a self, sha256: &'a str) -> Deed<'a, Option<FileStream>, FileFault> {
        Box::pin(async move {
            match self.objects.get(&key(sha256)?).await {
                Ok(found) => {
                    let bytes = found.into_stream().map_err(|error| fault(&error));
                    Ok(Some(Box::pin(bytes) as FileStream))
                }
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(fault(&error)),
            }
        })
    }

    fn has<'a>(&'a self, sha256: &'a str) -> Deed<'a, bool, FileFault> {
        Box::pin(async move {
            match self.objects.head(&key(sha256)?).await {
                Ok(_) => Ok(true),
                Err(object_store::Error::NotFound { .. }) => Ok(false),
                Err(error) => Err(fault(&error)),
            }
        })
    }

    fn delete<'a>(&'a self, sha256: &'a str) -> Deed<'a, (), FileFault> {
        Box::pin(async move {
            match self.objects.delete(&key(sha256)?).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(fault(&error)),
            }
        })
    }

    fn list(&self) -> Deed<'_, Vec<Kept>, FileFault> {
        Box::pin(async move {
            let mut found = self.objects.list(None);
            let mut kept = Vec::new();
            while let Some(object) = found.next().await {
                let object = object.map_err(|error| fault(&error))?;
                let name = object.location.filename().unwrap_or_default();
                if key(name).is_ok_and(|key| key == object.location) {
                    kept.push(Kept {
                        sha256: name.to_owned(),
                        since: object.last_modified,
                    });
                }
            }
            Ok(kept)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(pieces: Vec<&'static [u8]>) -> FileStream {
        Box::pin(futures::stream::iter(
            pieces.into_iter().map(|piece| Ok(piece.into())),
        ))
    }

    async fn whole(stream: FileStream) -> Vec<u8> {
        let pieces: Vec<bytes::Bytes> = stream.try_collect().await.unwrap();
        pieces.concat()
    }

    #[tokio::test]
    async fn a_file_is_kept_found_listed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(folder.path()).unwrap();
        let (one, other) = ("ab".repeat(32), "cd".repeat(32));
        assert!(!files.has(&one).await.unwrap());
        files
            .put(&one, stream(vec![b"to", b"gether"]))
            .await
            .unwrap();
        files.put(&one, stream(vec![b"again"])).await.unwrap();
        files.put(&other, stream(vec![])).await.unwrap();
        let found = files.get(&one).await.unwrap().unwrap();
        assert_eq!(whole(found).await, b"together");
        let mut names: Vec<String> = files
            .list()
            .await
            .unwrap()
            .into_iter()
            .map(|k| k.sha256)
            .collect();
        names.sort();
        assert_eq!(names, [one.clone(), other]);
        files.delete(&one).await.unwrap();
        files.delete(&one).await.unwrap();
        assert!(files.get(&one).await.unwrap().is_none());
        assert!(files.has("../../etc/passwd").await.is_err());
    }

    #[tokio::test]
    async fn what_breaks_off_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(folder.path()).unwrap();
        let hash = "ab".repeat(32);
        let broken = [Ok(b"half".as_slice().into()), Err(FileFault("gone".into()))];
        let broken: FileStream = Box::pin(futures::stream::iter(broken));
        assert!(files.put(&hash, broken).await.is_err());
        assert!(!files.has(&hash).await.unwrap());
    }
}
